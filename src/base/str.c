/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/str.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void reserve(struct str *t, size_t more)
{
	size_t need = t->len + more + 1;

	if (need <= t->cap)
		return;
	t->cap = need > 2 * t->cap ? need : 2 * t->cap;
	t->s = mem_resize(t->s, t->cap, 1);
}

void str_addn(struct str *t, const char *s, size_t n)
{
	reserve(t, n);
	if (n)
		memcpy(t->s + t->len, s, n);
	t->len += n;
	t->s[t->len] = '\0';
}

void str_add(struct str *t, const char *s)
{
	str_addn(t, s, strlen(s));
}

void str_addc(struct str *t, char c)
{
	str_addn(t, &c, 1);
}

void str_addv(struct str *t, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n > 0) {
		reserve(t, (size_t)n);
		vsnprintf(t->s + t->len, (size_t)n + 1, fmt, again);
		t->len += (size_t)n;
	}
	va_end(again);
}

void str_addf(struct str *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_addv(t, fmt, ap);
	va_end(ap);
}

static bool octal(char c)
{
	return c >= '0' && c <= '7';
}

void str_add_path(struct str *t, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] == '\\' && i + 3 < n && octal(s[i + 1]) && octal(s[i + 2]) &&
			octal(s[i + 3])) {
			str_addc(t, (char)((s[i + 1] - '0') << 6 | (s[i + 2] - '0') << 3 |
				(s[i + 3] - '0')));
			i += 3;
		} else {
			str_addc(t, s[i]);
		}
	}
}

void str_clear(struct str *t)
{
	t->len = 0;
	if (t->s)
		t->s[0] = '\0';
}

void str_free(struct str *t)
{
	free(t->s);
	*t = (struct str){ 0 };
}

const char *str_text(const struct str *t)
{
	return t->s ? t->s : "";
}

char *str_take(struct str *t)
{
	char *s = t->s ? t->s : mem_strdup("");

	*t = (struct str){ 0 };
	return s;
}
