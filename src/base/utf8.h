/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes from outside, made harmless: file names and process names can hold anything. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Decode one character of s[0..n), n > 0. Returns its length in bytes and sets *c; where the bytes
 * are not valid UTF-8 (overlong, surrogate, above U+10FFFF, cut) it returns 1 and sets *c to
 * UTF8_BAD. */
#define UTF8_BAD 0xffffffffu
size_t utf8_decode(const char *s, size_t n, uint32_t *c);

/* Append code point c as UTF-8. */
void utf8_add(struct str *t, uint32_t c);

/* Columns c takes on a terminal: 0 (combining), 1 or 2. Never negative. Uses the locale's
 * wcwidth(). */
int utf8_width(uint32_t c);

/* Whether c may go to a terminal or a text file as it is: not a control character (C0, DEL, C1),
 * not a bidi control, not a line or paragraph separator. */
int utf8_safe(uint32_t c);

enum {
	UTF8_KEEP_BACKSLASH = 1, /* do not double backslashes */
	UTF8_ASCII = 2,          /* characters above U+007E become \xNN too */
};

/* Append s[0..n) so that a person can read it and no terminal obeys it: bytes that are not valid
 * UTF-8 or not safe become \xNN, and a backslash becomes \\ so that this can be undone. */
void utf8_readable(struct str *t, const char *s, size_t n, unsigned flags);

/* Undo utf8_readable() without UTF8_KEEP_BACKSLASH: append the bytes. An escape of any other form
 * is kept as it stands. */
void utf8_unreadable(struct str *t, const char *s, size_t n);

#endif
