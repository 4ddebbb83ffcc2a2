/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grid: each page of a mapping is in one dot of one cell, at any zoom, wherever the mapping
 * starts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>

#include "helpers.h"
#include "look_help.h"
#include "view/look.h"
#include "view/panes.h"

/* What the dot at an address must show, by plain arithmetic that cannot wrap. */
static struct look dot_at(const struct scene *scene, const struct view *v, uint64_t address,
	uint64_t bytes, bool *cursor)
{
	const struct vma *vma = snapshot_vma(scene->snapshot, 0);
	unsigned __int128 from = address, to = from + bytes;

	from = from > vma->start ? from : vma->start;
	to = to < vma->end ? to : vma->end;
	*cursor = from <= v->cursor && v->cursor < to;
	if (from >= to)
		return look_outside();
	return look_at(
		scene, v, 0, (uint64_t)(from - vma->start) / 4096, (uint64_t)(to - from) / 4096);
}

/* Draw all rows of the grid, and compare each cell with what its dots must show; all of them
 * together must be the mapping. */
static void check_grid(const struct snapshot *s, int mode, unsigned zoom)
{
	struct scene scene = scene_of(s, mode);
	struct view v = { .zoom = zoom, .glyphs = mode == BLOCKS ? GLYPHS_BLOCKS : GLYPHS_LETTERS };
	struct layout l = { .address_digits = 12, .row_cells = 16 };
	const struct vma *vma = snapshot_vma(s, 0);
	struct lens_counts sum = { 0 };
	struct page_counts counts;
	struct cells c = { 0 };
	struct grid_shape g;
	uint64_t row;
	int k, d, cursors = 0;

	v.cursor = vma->start + random_below(runs_pages(vma->runs)) * 4096;
	g = view_grid_shape(&v, &scene, &l, vma);
	assert_int_equal(g.row_bytes, (UINT64_C(4096) << zoom) * (mode == BLOCKS ? 64 : 16));
	assert_int_equal(g.first_row % g.row_bytes, 0);
	l.grid = (struct rect){ 0, 0, 40, (int)g.rows };
	v.top = g.first_row;
	cells_resize(&c, l.grid.w, l.grid.h);
	grid_draw(&c, &v, &scene, &l);
	for (row = 0; row < g.rows; row++) {
		for (k = 0; k < 16; k++) {
			const struct cell *drawn = &c.cell[row * 40 + 13 + (unsigned)k];
			uint64_t at = g.first_row + row * g.row_bytes +
				      (unsigned)(k * g.dots) * g.dot_bytes;
			struct cell expected;
			struct look look[4];
			int cursor = -1;

			for (d = 0; d < g.dots; d++) {
				bool here;

				look[d] = dot_at(&scene, &v, at + (unsigned)d * g.dot_bytes,
					g.dot_bytes, &here);
				lens_counts_add(&sum, &look[d].counts);
				if (here)
					cursor = d;
			}
			cursors += cursor >= 0;
			if (mode != BLOCKS) {
				expected = look_cell(&look[0], &scene, false);
				expected.attr |= cursor >= 0 ? CELL_REVERSE : 0;
			} else if (cursor >= 0) {
				expected = look_cursor(&look[cursor], cursor);
			} else {
				expected = look_quadrants(look, &scene, false);
			}
			assert_int_equal(drawn->ch, expected.ch);
			assert_int_equal(drawn->fg, expected.fg);
			assert_int_equal(drawn->bg, expected.bg);
			assert_int_equal(drawn->attr, expected.attr);
		}
	}
	counts = vma_counts(vma);
	for (d = 0; d < PAGE_STATES; d++)
		assert_int_equal(sum.of[d], counts.state[d]);
	assert_int_equal(sum.huge, counts.huge);
	assert_int_equal(cursors, 1);
	cells_free(&c);
}

static void grid_shows_every_page_once(void **state)
{
	int round, mode;
	unsigned zoom;

	(void)state;
	for (round = 0; round < 10; round++) {
		uint64_t start = (1 + random_below(UINT64_C(1) << 34)) * 4096;
		struct snapshot *s;
		char text[2048];

		random_runs(text, sizeof(text), 1 + (unsigned)random_below(60), round < 5 ? 3 : 40);
		s = one_mapping(start, text);
		for (mode = 0; mode < MODES; mode++)
			for (zoom = 0; zoom < 40; zoom++)
				check_grid(s, mode, zoom);
		snapshot_unref(s);
	}
}

/* A dot may end where the addresses do. */
static void grid_shows_the_last_mapping(void **state)
{
	struct snapshot *s = snapshot_of("ffffffffff600000 --xp special [vsyscall] ?1\n", NULL);
	int mode;
	unsigned zoom;

	(void)state;
	for (mode = 0; mode < MODES; mode++)
		for (zoom = 0; zoom < 40; zoom++)
			check_grid(s, mode, zoom);
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grid_shows_every_page_once),
		cmocka_unit_test(grid_shows_the_last_mapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
