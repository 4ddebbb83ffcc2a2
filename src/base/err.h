/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line that says what failed, for which process or file, and what to do about it. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

struct err {
	char text[512]; /* readable: no control characters, no newline at the end */
	int code;       /* the errno behind it, 0 where there is none */
};

/* Set the text. Both return -1, so that a function can end with them. The text is cleaned of
 * control characters here, because file and process names go into it. err_errno adds ": " and
 * strerror(errno). */
int err_set(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_errno(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
