/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

__attribute__((format(printf, 3, 0)))
static void set(struct err *e, int code, const char *fmt, va_list ap)
{
	struct str raw = { 0 }, clean = { 0 };
	size_t len;

	str_addv(&raw, fmt, ap);
	if (code)
		str_addf(&raw, ": %s", strerror(code));
	utf8_readable(&clean, str_text(&raw), raw.len, UTF8_KEEP_BACKSLASH);
	/* Cut between characters, if it must be. */
	len = clean.len;
	if (len >= sizeof(e->text))
		for (len = sizeof(e->text) - 1; len && (clean.s[len] & 0xc0) == 0x80; len--)
			;
	snprintf(e->text, sizeof(e->text), "%.*s", (int)len, str_text(&clean));
	e->code = code;
	str_free(&raw);
	str_free(&clean);
}

int err_set(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(e, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int err_errno(struct err *e, const char *fmt, ...)
{
	int code = errno;
	va_list ap;

	va_start(ap, fmt);
	set(e, code, fmt, ap);
	va_end(ap);
	return -1;
}
