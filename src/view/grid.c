/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "base/units.h"
#include "view/changed.h"
#include "view/look.h"
#include "view/panes.h"

static void heading(struct cells *c, struct rect r, const struct view *v, const struct scene *s,
	const struct vma *vma, const struct grid_shape *g)
{
	char size[PANE_SIZE], count[UNITS_COUNT_LEN], dot[UNITS_SIZE_LEN];
	unsigned attr = v->pane == PANE_GRID ? CELL_REVERSE : 0;
	ink head = ink_of(ROLE_HEADING, 0);
	struct str scale = { 0 }, extent = { 0 };
	int room, x;

	if (changed_shown(v, s) && v->zoom)
		str_addf(&scale, " changes, 1 cell=%s pages (%s) ",
			units_count(count, UINT64_C(1) << v->zoom), units_size(dot, g->dot_bytes));
	else if (changed_shown(v, s))
		str_add(&scale, " changes, 1 cell=1 page ");
	else if (lens_scale_words(&scale, v, s))
		str_addf(&scale, " 1 %s=%s pages ", g->dots > 1 ? "dot" : "cell",
			units_count(count, UINT64_C(1) << v->zoom));
	else if (v->zoom)
		str_addf(&scale, " 1 %s=%s pages (%s) %s ", g->dots > 1 ? "dot" : "cell",
			units_count(count, UINT64_C(1) << v->zoom), units_size(dot, g->dot_bytes),
			v->rare_first ? "rarest first" : "most first");
	else
		str_addf(&scale, " 1 cell=%s ", g->dots > 1 ? "4 pages" : "1 page");
	if (changed_shown(v, s) || !lens_extent_words(&extent, v, s, vma))
		str_addf(&extent, "  %" PRIx64 "-%" PRIx64 "  %s  %sp ", vma->start, vma->end,
			pane_size(size, s, true, runs_pages(vma->runs)),
			units_count(count, runs_pages(vma->runs)));
	/* The scale says what the picture means: it stands first, then the name, then the extent.
	 */
	room = r.w - (int)scale.len - 3;
	x = cells_text(c, r.x, r.y, r.w, head, attr, "-- ");
	x += cells_text_end(c, r.x + x, r.y,
		room - (room > 12 + (int)extent.len ? (int)extent.len : 0), head, attr,
		*vma->name ? vma->name : "[anon]");
	if (x + (int)extent.len + (int)scale.len <= r.w)
		x += cells_text(c, r.x + x, r.y, r.w - x, head, attr, str_text(&extent));
	else
		x += cells_text(c, r.x + x, r.y, r.w - x, head, attr, " ");
	for (; x < r.w - (int)scale.len; x++)
		cells_put(c, r.x + x, r.y,
			(struct cell){ .ch = '-', .fg = head, .attr = (uint8_t)attr });
	cells_text(c, r.x + x, r.y, r.w - x, head, attr, str_text(&scale));
	str_free(&scale);
	str_free(&extent);
}

static void scroll_bar(
	struct cells *c, struct rect r, const struct view *v, const struct grid_shape *g)
{
	uint64_t h = (uint64_t)r.h, top = (v->top - g->first_row) / g->row_bytes, from, to, y;

	if (g->rows <= h)
		return;
	/* Rows can be too many to be multiplied by the height: an approximation is good enough
	 * then. */
	from = g->rows < UINT64_MAX / h ? top * h / g->rows : top / (g->rows / h);
	to = from + (g->rows < UINT64_MAX / h ? h * h / g->rows : 0) + 1;
	if (to > h || top + h >= g->rows) {
		from = from + h - (to > h ? to : h);
		to = h;
	}
	for (y = 0; y < h; y++)
		cells_put(c, r.x + r.w - 1, r.y + (int)y,
			(struct cell){ .ch = y >= from && y < to ? '#' : '|',
				.fg = ink_of(ROLE_ADDRESS, 0) });
}

/* Cell k of the row at `address`, as far as it belongs to the mapping. */
static struct cell grid_cell(uint64_t address, size_t i, const struct view *v,
	const struct scene *s, const struct grid_shape *g, bool *has_cursor)
{
	const struct vma *vma = snapshot_vma(s->snapshot, i);
	uint64_t size = snapshot_info(s->snapshot)->page_size;
	struct look look[4];
	bool changed = changed_shown(v, s);
	struct cell cell = { .ch = ' ' };
	int d, cursor = -1;

	for (d = 0; d < g->dots; d++, address += g->dot_bytes) {
		/* Dots are aligned, the mapping need not be: only its own pages count. */
		uint64_t from = address > vma->start ? address : vma->start;
		uint64_t to = address + g->dot_bytes;

		if (to < address)
			to = UINT64_MAX; /* the last dot of all ends where addresses do */
		if (to <= vma->start || from >= vma->end)
			look[d] = look_outside();
		else if (changed)
			cell = changed_cell(s, i, (from - vma->start) / size, (to - from) / size);
		else
			look[d] = look_at(s, v, i, (from - vma->start) / size, (to - from) / size);
		if ((changed || !look[d].outside) && v->cursor >= from && v->cursor < to)
			cursor = d;
	}
	*has_cursor = cursor >= 0;
	if (changed)
		return cell;
	if (g->dots == 1)
		return look_cell(&look[0], s, false);
	if (cursor >= 0)
		return look_cursor(&look[cursor], cursor);
	return look_quadrants(look, s, v->rare_first);
}

static void grid_row(struct cells *c, int x, int y, uint64_t address, size_t i,
	const struct view *v, const struct scene *s, const struct layout *l,
	const struct grid_shape *g)
{
	char label[PANE_ADDRESS];
	int k;

	/* Where there is room for few digits, not those that are 0 in every row. */
	if (l->address_digits < 12)
		snprintf(label, sizeof(label), "%06x",
			(unsigned)(address >> __builtin_ctzll(g->row_bytes) / 4 * 4 & 0xffffff));
	else
		pane_address(label, address);
	cells_text(c, x, y, l->address_digits, ink_of(ROLE_ADDRESS, 0), 0, label);
	x += l->address_digits + 1;
	for (k = 0; k < g->cells; k++) {
		bool cursor;
		struct cell cell = grid_cell(
			address + (uint64_t)(k * g->dots) * g->dot_bytes, i, v, s, g, &cursor);

		/* A block shows its cursor by itself. */
		if (cursor && g->dots == 1)
			cell.attr |= CELL_REVERSE;
		cells_put(c, x + k, y, cell);
	}
}

void grid_draw(struct cells *c, const struct view *v, const struct scene *s, const struct layout *l)
{
	struct grid_shape g;
	size_t i;
	const struct vma *vma = view_vma(v, s, &i);
	uint64_t row;
	int y;

	if (!vma || !l->grid.h)
		return;
	g = view_grid_shape(v, s, l, vma);
	if (l->grid_head.h)
		heading(c, l->grid_head, v, s, vma, &g);
	row = (v->top - g.first_row) / g.row_bytes;
	for (y = 0; y < l->grid.h && row < g.rows; y++, row++)
		grid_row(c, l->grid.x, l->grid.y + y, g.first_row + row * g.row_bytes, i, v, s, l,
			&g);
	scroll_bar(c, l->grid, v, &g);
	if (l->strip.h) {
		int x = cells_text(c, l->strip.x, l->strip.y, l->strip.w, 0, 0, "   whole VMA [");
		int w = l->strip.w - x - 2;

		strip_draw(c, l->strip.x + x, l->strip.y, w > 1 ? w : 1, i, v, s);
		cells_text(c, l->strip.x + x + (w > 1 ? w : 1), l->strip.y, 1, 0, 0, "]");
	}
}
