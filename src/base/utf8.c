/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"

#include <stdbool.h>
#include <stdlib.h>
#include <wchar.h>

size_t utf8_decode(const char *s, size_t n, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *b = (const unsigned char *)s;
	size_t len, i;
	uint32_t v;

	*c = b[0];
	if (b[0] < 0x80)
		return 1;
	*c = UTF8_BAD;
	if (b[0] >= 0xf0 && b[0] < 0xf5)
		len = 4, v = b[0] & 0x07;
	else if (b[0] >= 0xe0 && b[0] < 0xf0)
		len = 3, v = b[0] & 0x0f;
	else if (b[0] >= 0xc2 && b[0] < 0xe0)
		len = 2, v = b[0] & 0x1f;
	else
		return 1;
	if (n < len)
		return 1;
	for (i = 1; i < len; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 1;
		v = v << 6 | (b[i] & 0x3f);
	}
	if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return 1;
	*c = v;
	return len;
}

void utf8_add(struct str *t, uint32_t c)
{
	char b[4];
	size_t n;

	if (c < 0x80) {
		b[0] = (char)c;
		n = 1;
	} else if (c < 0x800) {
		b[0] = (char)(0xc0 | c >> 6);
		b[1] = (char)(0x80 | (c & 0x3f));
		n = 2;
	} else if (c < 0x10000) {
		b[0] = (char)(0xe0 | c >> 12);
		b[1] = (char)(0x80 | (c >> 6 & 0x3f));
		b[2] = (char)(0x80 | (c & 0x3f));
		n = 3;
	} else {
		b[0] = (char)(0xf0 | c >> 18);
		b[1] = (char)(0x80 | (c >> 12 & 0x3f));
		b[2] = (char)(0x80 | (c >> 6 & 0x3f));
		b[3] = (char)(0x80 | (c & 0x3f));
		n = 4;
	}
	str_addn(t, b, n);
}

int utf8_width(uint32_t c)
{
	int w;

	if (c < 0x7f)
		return 1;
	w = wcwidth((wchar_t)c);
	return w < 0 ? 1 : w;
}

int utf8_safe(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return 0;
	if (c == 0x200e || c == 0x200f || c == 0x061c || c == 0xfeff)
		return 0;
	if ((c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
		return 0;
	return c <= 0x10ffff;
}

void utf8_readable(struct str *t, const char *s, size_t n, unsigned flags)
{
	size_t i = 0, len, k;
	uint32_t c;

	while (i < n) {
		len = utf8_decode(s + i, n - i, &c);
		if (c == '\\' && !(flags & UTF8_KEEP_BACKSLASH))
			str_add(t, "\\\\");
		else if (c == UTF8_BAD || !utf8_safe(c) || (c > 0x7e && flags & UTF8_ASCII))
			for (k = 0; k < len; k++)
				str_addf(t, "\\x%02x", (unsigned char)s[i + k]);
		else
			str_addn(t, s + i, len);
		i += len;
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

void utf8_unreadable(struct str *t, const char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		if (s[i] == '\\' && i + 1 < n && s[i + 1] == '\\') {
			str_addc(t, '\\');
			i += 2;
		} else if (s[i] == '\\' && i + 3 < n && s[i + 1] == 'x' &&
			hex_digit(s[i + 2]) >= 0 && hex_digit(s[i + 3]) >= 0) {
			str_addc(t, (char)(hex_digit(s[i + 2]) << 4 | hex_digit(s[i + 3])));
			i += 4;
		} else {
			str_addc(t, s[i++]);
		}
	}
}
