/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any size of terminal: panes fill it, none on top of another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "helpers.h"
#include "view/layout.h"

#define RECTS 10

typedef struct layout layout_maker(int w, int h);

static void rects_of(const struct layout *l, struct rect r[RECTS])
{
	const struct rect all[RECTS] = { l->title, l->legend, l->list_head, l->list, l->grid_head,
		l->grid, l->strip, l->times, l->page, l->footer };

	memcpy(r, all, sizeof(all));
}

static bool is_empty(struct rect r)
{
	return r.w <= 0 || r.h <= 0;
}

static bool overlap(struct rect a, struct rect b)
{
	return !is_empty(a) && !is_empty(b) && a.x < b.x + b.w && b.x < a.x + a.w &&
	       a.y < b.y + b.h && b.y < a.y + a.h;
}

static void panes_fill_the_screen_of(layout_maker *make)
{
	int w, h, i, k;

	for (w = 1; w <= 200; w++) {
		for (h = 1; h <= 80; h++) {
			struct layout l = make(w, h);
			struct rect r[RECTS];
			int area = 0;

			rects_of(&l, r);
			for (i = 0; i < RECTS; i++) {
				if (is_empty(r[i]))
					continue;
				assert_true(r[i].x >= 0 && r[i].y >= 0);
				assert_true(r[i].x + r[i].w <= w && r[i].y + r[i].h <= h);
				area += r[i].w * r[i].h;
				for (k = 0; k < i; k++)
					assert_false(overlap(r[i], r[k]));
			}
			assert_int_equal(l.tiny, w < 20 || h < 4);
			if (l.tiny)
				continue;
			/* Nothing is wasted but the line between left and right. */
			assert_int_equal(
				area, w * h - (l.side_by_side
						? l.page.y - l.times.h - l.list_head.y : 0));
			assert_int_equal(l.title.y, 0);
			assert_int_equal(l.page.h, 1);
			assert_true(l.list.h >= 1 && l.grid.h >= 1);
		}
	}
}

static void panes_fill_the_screen(void **state)
{
	(void)state;
	panes_fill_the_screen_of(layout_make);
	panes_fill_the_screen_of(layout_with_times);
}

static void panes_are_in_order_of(layout_maker *make)
{
	int w, h, i, y;

	for (w = 20; w <= 200; w++) {
		for (h = 4; h <= 80; h++) {
			struct layout l = make(w, h);
			struct rect r[RECTS];

			rects_of(&l, r);
			if (l.side_by_side) {
				assert_int_equal(l.list.x, 0);
				assert_int_equal(l.list.w + 1, l.grid.x);
				assert_int_equal(l.list_head.y, l.grid_head.y);
				assert_int_equal(l.list.y + l.list.h, l.page.y - l.times.h);
				assert_int_equal(l.grid.x + l.grid.w, w);
				continue;
			}
			for (y = i = 0; i < RECTS; i++) {
				if (!r[i].h)
					continue;
				assert_int_equal(r[i].y, y);
				assert_int_equal(r[i].w, w);
				y += r[i].h;
			}
			assert_int_equal(y, h);
		}
	}
}

static void panes_are_in_order(void **state)
{
	(void)state;
	panes_are_in_order_of(layout_make);
	panes_are_in_order_of(layout_with_times);
}

static void rows_of_the_grid_fit_of(layout_maker *make)
{
	int w, h;

	for (w = 20; w <= 200; w++) {
		for (h = 4; h <= 80; h++) {
			struct layout l = make(w, h);

			assert_true(l.address_digits == 12 || l.address_digits == 6);
			assert_true(l.row_cells >= 8 && l.row_cells <= 128);
			assert_int_equal(l.row_cells & (l.row_cells - 1), 0);
			assert_true(l.address_digits + 1 + l.row_cells + 1 <= l.grid.w);
			/* Twice as many would have no room. */
			if (l.row_cells < 64)
				assert_true(6 + 1 + 2 * l.row_cells + 1 > l.grid.w);
			/* With this much room addresses are whole. */
			if (l.grid.w >= 12 + 1 + 64 + 1)
				assert_int_equal(l.address_digits, 12);
		}
	}
	assert_int_equal(layout_make(80, 24).row_cells, 64);
	assert_int_equal(layout_make(40, 10).row_cells, 32);
}

static void rows_of_the_grid_fit(void **state)
{
	(void)state;
	rows_of_the_grid_fit_of(layout_make);
	rows_of_the_grid_fit_of(layout_with_times);
}

static void what_is_dropped_first(void **state)
{
	int h;

	(void)state;
	for (h = 4; h <= 80; h++) {
		struct layout l = layout_make(80, h), less = layout_make(80, h - 1);

		/* Overview, totals, list, footer: each goes only after the one before. */
		if (l.strip.h)
			assert_true(l.legend.h && l.list.h > 1 && l.footer.h);
		if (l.legend.h)
			assert_int_equal(l.footer.h, 1);
		if (l.list.h > 1)
			assert_int_equal(l.footer.h, 1);
		assert_true(less.list.h <= l.list.h);
		assert_true(less.strip.h <= l.strip.h && less.legend.h <= l.legend.h);
	}
	for (h = 24; h <= 80; h++) {
		assert_false(layout_make(119, h).side_by_side);
		assert_true(layout_make(120, h).side_by_side);
	}
	assert_true(layout_make(80, 24).strip.h && layout_make(80, 24).legend.h);
}

static void the_time_bar_takes_from_the_grid(void **state)
{
	int h;

	(void)state;
	for (h = 4; h <= 80; h++) {
		struct layout l = layout_with_times(80, h), without = layout_make(80, h);

		assert_int_equal(l.times.h, h < 12 ? 0 : h < 16 ? 1 : h < 32 ? 2 : 4);
		assert_int_equal(l.grid.h + l.times.h, without.grid.h);
		assert_int_equal(l.list.h, without.list.h);
		assert_int_equal(layout_middle(&l).h, l.page.y - 1 - l.times.h);
		assert_int_equal(layout_middle(&l).w, 80);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(panes_fill_the_screen),
		cmocka_unit_test(panes_are_in_order),
		cmocka_unit_test(rows_of_the_grid_fit),
		cmocka_unit_test(what_is_dropped_first),
		cmocka_unit_test(the_time_bar_takes_from_the_grid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
