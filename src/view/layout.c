/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/layout.h"

/* Take n rows from the top or the bottom of *r, as far as there are some. */
static struct rect take_top(struct rect *r, int n)
{
	struct rect t = *r;

	t.h = n < r->h ? n : r->h;
	r->y += t.h;
	r->h -= t.h;
	return t;
}

static struct rect take_bottom(struct rect *r, int n)
{
	struct rect t = *r;

	t.h = n < r->h ? n : r->h;
	t.y = r->y + r->h - t.h;
	r->h -= t.h;
	return t;
}

/* All columns of the list, with a name that can be told from others. */
#define LIST_WIDTH 72

/* The grid's columns: address, a blank, the cells, the scroll bar. */
#define GRID_WIDTH(cells) (12 + 1 + (cells) + 1)

static void fit_grid(struct layout *l)
{
	l->address_digits = l->grid.w >= GRID_WIDTH(16) ? 12 : 6;
	for (l->row_cells = 128; l->row_cells > 1; l->row_cells /= 2)
		if (l->address_digits + 1 + l->row_cells + 1 <= l->grid.w)
			break;
	/* Short addresses make room for twice the cells. */
	if (l->address_digits == 12 && l->row_cells < 64 &&
		6 + 1 + 2 * l->row_cells + 1 <= l->grid.w) {
		l->address_digits = 6;
		l->row_cells *= 2;
	}
}

static struct layout make(int w, int h, int times)
{
	struct layout l = { 0 };
	struct rect rest = { 0, 0, w, h }, left;
	int list_rows;

	if (w < LAYOUT_LEAST_W || h < LAYOUT_LEAST_H) {
		l.tiny = true;
		l.title = (struct rect){ 0, 0, w, h > 0 ? 1 : 0 };
		return l;
	}
	/* What is dropped first where rows are few: strip, legend, the list but one line, footer.
	 */
	l.title = take_top(&rest, 1);
	if (h >= 16)
		l.legend = take_top(&rest, 1);
	if (h >= 8)
		l.footer = take_bottom(&rest, 1);
	l.page = take_bottom(&rest, 1);
	l.times = take_bottom(&rest, times);
	l.side_by_side = w >= LAYOUT_WIDE && h >= 16;
	if (l.side_by_side) {
		int cells = 128;

		/* As many cells as leave the list its columns; what is over goes to the names. */
		while (cells > 16 && w - 1 - GRID_WIDTH(cells) < LIST_WIDTH)
			cells /= 2;
		left = rest;
		left.w = w - 1 - GRID_WIDTH(cells);
		rest.x = left.w + 1;
		rest.w = w - rest.x;
		l.list_head = take_top(&left, 1);
		l.list = left;
		l.grid_head = take_top(&rest, 1);
	} else {
		list_rows = h >= 24 ? 7 + (h - 24) / 3 : h >= 16 ? (h - 8) / 3 : 1;
		if (h >= 16)
			l.list_head = take_top(&rest, 1);
		l.list = take_top(&rest, list_rows);
		if (h >= 12)
			l.grid_head = take_top(&rest, 1);
	}
	if (h >= 20)
		l.strip = take_bottom(&rest, 1);
	l.grid = rest;
	fit_grid(&l);
	return l;
}

struct layout layout_make(int w, int h)
{
	return make(w, h, 0);
}

struct layout layout_with_times(int w, int h)
{
	return make(w, h, h >= 32 ? 4 : h >= 16 ? 2 : h >= 12);
}

struct rect layout_middle(const struct layout *l)
{
	int end = l->times.h ? l->times.y : l->page.y;

	return (struct rect){ 0, 1, l->page.w, end - 1 };
}
