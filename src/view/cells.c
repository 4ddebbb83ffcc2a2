/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/cells.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

const char *role_name(enum role r)
{
	static const char *const names[ROLE_COUNT] = {
#define X(id, name) [ROLE_##id] = name,
		ROLE_LIST(X)
#undef X
	};

	return names[r];
}

void cells_clear(struct cells *c)
{
	int i;

	for (i = 0; i < c->w * c->h; i++)
		c->cell[i] = (struct cell){ .ch = ' ' };
}

void cells_resize(struct cells *c, int w, int h)
{
	c->w = w > 0 ? w : 1;
	c->h = h > 0 ? h : 1;
	c->cell = mem_resize(c->cell, (size_t)c->w * (size_t)c->h, sizeof(*c->cell));
	cells_clear(c);
}

void cells_free(struct cells *c)
{
	free(c->cell);
	*c = (struct cells){ 0 };
}

void cells_put(struct cells *c, int x, int y, struct cell cell)
{
	if (x >= 0 && x < c->w && y >= 0 && y < c->h)
		c->cell[y * c->w + x] = cell;
}

/* Clean text, so that it is what can be seen. */
static void clean(const struct cells *c, struct str *out, const char *text)
{
	utf8_readable(out, text, strlen(text), UTF8_KEEP_BACKSLASH | (c->ascii ? UTF8_ASCII : 0));
}

static int put_clean(
	struct cells *c, int x, int y, int w, ink fg, unsigned attr, const char *s, size_t n)
{
	int at = 0, width;
	uint32_t ch;
	size_t i;

	for (i = 0; i < n;) {
		i += utf8_decode(s + i, n - i, &ch);
		width = utf8_width(ch);
		if (!width)
			continue;
		if (at + width > w || x + at + width > c->w)
			break;
		cells_put(c, x + at, y, (struct cell){ .ch = ch, .fg = fg, .attr = (uint8_t)attr });
		if (width == 2)
			cells_put(
				c, x + at + 1, y, (struct cell){ .fg = fg, .attr = (uint8_t)attr });
		at += width;
	}
	return at;
}

static int columns(const char *s, size_t n)
{
	int sum = 0;
	uint32_t ch;
	size_t i;

	for (i = 0; i < n;) {
		i += utf8_decode(s + i, n - i, &ch);
		sum += utf8_width(ch);
	}
	return sum;
}

int cells_text(struct cells *c, int x, int y, int w, ink fg, unsigned attr, const char *text)
{
	struct str s = { 0 };
	int n;

	clean(c, &s, text);
	n = put_clean(c, x, y, w, fg, attr, str_text(&s), s.len);
	str_free(&s);
	return n;
}

int cells_printf(struct cells *c, int x, int y, int w, ink fg, unsigned attr, const char *fmt, ...)
{
	struct str s = { 0 };
	va_list ap;
	int n;

	va_start(ap, fmt);
	str_addv(&s, fmt, ap);
	va_end(ap);
	n = cells_text(c, x, y, w, fg, attr, str_text(&s));
	str_free(&s);
	return n;
}

int cells_text_cut(struct cells *c, int x, int y, int w, ink fg, unsigned attr, const char *text)
{
	struct str s = { 0 };
	int n;

	clean(c, &s, text);
	n = put_clean(c, x, y, w, fg, attr, str_text(&s), s.len);
	if (w > 0 && columns(str_text(&s), s.len) > w) {
		cells_put(c, x + w - 1, y,
			(struct cell){ .ch = '~', .fg = fg, .attr = (uint8_t)attr });
		n = w;
	}
	str_free(&s);
	return n;
}

int cells_text_end(struct cells *c, int x, int y, int w, ink fg, unsigned attr, const char *text)
{
	struct str s = { 0 };
	size_t skip = 0;
	uint32_t ch;
	int n = 0, total;

	clean(c, &s, text);
	total = columns(str_text(&s), s.len);
	if (total > w && w > 2) {
		n = put_clean(c, x, y, 2, fg, attr, "..", 2);
		while (total > w - n) {
			skip += utf8_decode(s.s + skip, s.len - skip, &ch);
			total -= utf8_width(ch);
		}
	}
	n += put_clean(c, x + n, y, w - n, fg, attr, str_text(&s) + skip, s.len - skip);
	str_free(&s);
	return n;
}

void cells_attr(struct cells *c, int x, int y, int w, unsigned attr)
{
	int i;

	for (i = x; i < x + w; i++)
		if (i >= 0 && i < c->w && y >= 0 && y < c->h)
			c->cell[y * c->w + i].attr |= (uint8_t)attr;
}

char *cells_to_text(const struct cells *c)
{
	struct str s = { 0 };
	int x, y, last;

	for (y = 0; y < c->h; y++) {
		const struct cell *row = &c->cell[y * c->w];

		for (last = c->w; last > 0 && row[last - 1].ch == ' ' && !row[last - 1].bg; last--)
			;
		for (x = 0; x < last; x++)
			if (row[x].ch)
				utf8_add(&s, row[x].ch);
		str_addc(&s, '\n');
	}
	return str_take(&s);
}
