/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that grows. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stddef.h>

struct str {
	char *s; /* NULL while nothing was added; str_text() is never NULL */
	size_t len, cap;
};

void str_add(struct str *t, const char *s);
void str_addn(struct str *t, const char *s, size_t n);
void str_addc(struct str *t, char c);
void str_addf(struct str *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_addv(struct str *t, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Add a path as the kernel writes it into /proc/swaps and mountinfo, where blanks, newlines and
 * backslashes are \ooo: its bytes. */
void str_add_path(struct str *t, const char *s, size_t n);
void str_clear(struct str *t);
void str_free(struct str *t);

/* The text so far, zero-terminated; belongs to t until it changes. */
const char *str_text(const struct str *t);

/* Hand the text over: the caller frees it, t is empty again. */
char *str_take(struct str *t);

#endif
