/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cursor is always on a page and on the screen: at any zoom and size, after any keys and
 * snapshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "helpers.h"
#include "state_help.h"
#include "view/panes.h"

/* What view_settle() promises. */
static void assert_settled(const struct view *v, const struct scene *s, const struct layout *l)
{
	const struct vma *vma;
	struct grid_shape g;
	uint64_t row, top;
	size_t at;

	assert_non_null(memchr(v->message, 0, VIEW_TEXT));
	assert_non_null(memchr(v->prompt, 0, VIEW_TEXT));
	assert_in_range(v->help_tab, 0, HELP_TABS - 1);
	vma = view_vma(v, s, &at);
	if (!s->snapshot || !snapshot_vmas(s->snapshot)) {
		assert_null(vma);
		return;
	}
	assert_non_null(vma);
	assert_true(snapshot_holds(s->snapshot, at, v->cursor));
	assert_int_equal(v->cursor % snapshot_info(s->snapshot)->page_size, 0);
	assert_true(view_page(v, s, vma) < runs_pages(vma->runs));
	assert_true(v->list_top <= at);
	if (l->list.h)
		assert_true(at < v->list_top + (size_t)l->list.h);
	if (l->list.h && v->list_top)
		assert_true(v->list_top + (size_t)l->list.h <= snapshot_vmas(s->snapshot));
	if (l->tiny)
		return;
	g = view_grid_shape(v, s, l, vma);
	assert_true(g.row_bytes > 0 && g.first_row % g.row_bytes == 0);
	assert_true(g.first_row <= vma->start && vma->start - g.first_row < g.row_bytes);
	assert_int_equal((v->top - g.first_row) % g.row_bytes, 0);
	row = (v->cursor - g.first_row) / g.row_bytes;
	top = (v->top - g.first_row) / g.row_bytes;
	assert_true(row < g.rows);
	assert_true(top <= row);
	if (l->grid.h)
		assert_true(row < top + (uint64_t)l->grid.h);
	if (top && l->grid.h)
		assert_true(top + (uint64_t)l->grid.h <= g.rows);
}

static void zoom_has_limits(void **state)
{
	static const int sizes[][2] = { { 80, 24 }, { 40, 10 }, { 160, 50 }, { 20, 4 } };
	struct snapshot *s = snapshot_of("400000 rw-p heap [heap] A2000 .5000\n"
					 "100000000000 rw-p anon - A5 .4294967000\n",
		NULL);
	struct scene scene = scene_of(s);
	size_t i, k;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct layout l = layout_make(sizes[i][0], sizes[i][1]);

		for (k = 0; k < 2; k++) {
			const struct vma *vma = snapshot_vma(s, k);
			struct view v;
			unsigned fit, n;

			start(&v, &scene, &l);
			v.pane = PANE_GRID;
			v.cursor = vma->end - PAGE;
			view_apply(&v, ACTION_ZOOM_FIT, &scene, &l);
			fit = v.zoom;
			assert_true(
				view_grid_shape(&v, &scene, &l, vma).rows <= (uint64_t)l.grid.h);
			assert_true(fit > 0);
			v.zoom--;
			assert_true(view_grid_shape(&v, &scene, &l, vma).rows > (uint64_t)l.grid.h);
			/* In to one page and no further; out to the whole and no further. */
			for (n = 0; n < 60; n++) {
				view_apply(&v, ACTION_ZOOM_IN, &scene, &l);
				assert_settled(&v, &scene, &l);
			}
			assert_int_equal(v.zoom, 0);
			for (n = 1; n < 60; n++) {
				view_apply(&v, ACTION_ZOOM_OUT, &scene, &l);
				assert_settled(&v, &scene, &l);
				assert_int_equal(v.zoom, n < fit ? n : fit);
			}
			view_apply(&v, ACTION_ZOOM_PAGE, &scene, &l);
			assert_int_equal(v.zoom, 0);
			assert_int_equal(v.cursor, vma->end - PAGE);
		}
	}
	snapshot_unref(s);
}

static void zoom_works_where_there_is_no_grid(void **state)
{
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct scene scene = scene_of(s);
	struct layout l = layout_make(10, 2);
	struct view v;

	(void)state;
	start(&v, &scene, &l);
	view_apply(&v, ACTION_ZOOM_FIT, &scene, &l);
	view_apply(&v, ACTION_ZOOM_OUT, &scene, &l);
	view_apply(&v, ACTION_ZOOM_IN, &scene, &l);
	assert_settled(&v, &scene, &l);
	snapshot_unref(s);
}

/* A file can claim anything: here one mapping of all addresses. */
static void the_largest_mapping_can_be_zoomed(void **state)
{
	struct snapshot *s = snapshot_of("0 rw-p anon - .4503599627370495\n", NULL);
	struct scene scene = scene_of(s);
	int w, h;

	(void)state;
	scene.utf8 = scene.colour = true;
	for (w = 20; w <= 200; w += 20) {
		for (h = 4; h <= 50; h++) {
			struct layout l = layout_make(w, h), wide = layout_make(200, h);
			struct view v;

			start(&v, &scene, &l);
			v.glyphs = GLYPHS_LETTERS;
			view_apply(&v, ACTION_ZOOM_FIT, &scene, &l);
			assert_settled(&v, &scene, &l);
			view_apply(&v, ACTION_GLYPHS, &scene, &l);
			assert_settled(&v, &scene, &l);
			view_settle(&v, &scene, &wide);
			assert_settled(&v, &scene, &wide);
		}
	}
	snapshot_unref(s);
}

static unsigned press(struct view *v, uint32_t key, const struct scene *s, const struct layout *l)
{
	unsigned follow = view_key(v, key, s, l);

	assert_settled(v, s, l);
	return follow;
}

static void needs_hold_the_cursor(void **state)
{
	struct snapshot *s = snapshot_of(THREE "7fff00000000 rw-p anon - A100000\n"
					       "ffffffffff600000 --xp special [vsyscall] ?1\n",
		NULL);
	struct scene scene = scene_of(s);
	struct layout l = layout_make(80, 24);
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct vma *vma = snapshot_vma(s, i);
		uint64_t pages = runs_pages(vma->runs);

		for (n = 0; n < 300; n++) {
			struct view v = { .cursor = vma->start + (n < 2 ? (uint64_t)n * (pages - 1)
									: random_below(pages)) *
									 PAGE,
				.zoom = (unsigned)random_below(9) };
			struct needs needs;

			view_settle(&v, &scene, &l);
			needs = view_needs(&v, &scene);
			assert_int_equal(needs.kinds, vma->kind == VMA_SHMEM
					? NEED_ENTRIES | NEED_ABSENT : NEED_ENTRIES);
			assert_int_equal(needs.n, 1);
			assert_true(needs.range[0].pages <= NEEDS_MAX_PAGES);
			assert_true(needs.range[0].first >= vma->start / PAGE);
			assert_true(needs.range[0].first + needs.range[0].pages <= vma->end / PAGE);
			assert_true(v.cursor / PAGE - needs.range[0].first < needs.range[0].pages);
			/* A step to either side is answered already. */
			if (v.cursor > vma->start)
				assert_true(v.cursor / PAGE > needs.range[0].first);
			if (v.cursor + PAGE < vma->end)
				assert_true(v.cursor / PAGE + 1 - needs.range[0].first <
					    needs.range[0].pages);
		}
	}
	scene.snapshot = NULL;
	assert_int_equal(view_needs(&(struct view){ 0 }, &scene).n, 0);
	snapshot_unref(s);
}

static void sixteen_tebibytes_are_like_sixteen_kibibytes(void **state)
{
	struct snapshot *s = snapshot_of("1000 r--p file /bin/x F5\n"
					 "100000003000 rw-p anon - A7 .4294967280 S9\n",
		NULL);
	struct scene scene = scene_of(s);
	const struct vma *vma = snapshot_vma(s, 1);
	struct layout l = layout_make(80, 24);
	struct cells c = { 0 };
	struct view v;
	char *text;

	(void)state;
	assert_int_equal(vma->end - vma->start, UINT64_C(16) << 40);
	cells_resize(&c, 80, 24);
	start(&v, &scene, &l);
	press(&v, ']', &scene, &l);
	press(&v, PKEY_TAB, &scene, &l);
	press(&v, 'G', &scene, &l);
	assert_int_equal(v.cursor, vma->end - PAGE);
	screen_draw(&c, &v, &scene);
	text = cells_to_text(&c);
	assert_non_null(strstr(text, "200000000000 SSS"));
	free(text);
	press(&v, PKEY_PGUP, &scene, &l);
	assert_int_equal(v.cursor, vma->end - PAGE - 640 * PAGE);
	press(&v, 'b', &scene, &l);
	press(&v, 'b', &scene, &l);
	assert_int_equal(v.cursor, vma->start);
	press(&v, 'w', &scene, &l);
	assert_int_equal(v.cursor, vma->start + 7 * PAGE);
	press(&v, '0', &scene, &l);
	press(&v, 'G', &scene, &l);
	screen_draw(&c, &v, &scene);
	cells_free(&c);
	snapshot_unref(s);
}

/* Any keys, any sizes, any snapshot after any other. */
#define SNAPSHOTS 7

static void random_keys_with(uint64_t from, struct snapshot *const s[SNAPSHOTS])
{
	struct scene scene = scene_of(s[1]);
	struct layout l = layout_make(80, 24);
	struct cells c = { 0 };
	struct view v;
	size_t bindings;
	int n;

	random_seed(from);
	for (bindings = 0; keymap_binding(bindings); bindings++)
		;
	scene.utf8 = scene.colour = scene.shades = from & 1;
	start(&v, &scene, &l);
	cells_resize(&c, 80, 24);
	for (n = 0; n < 10000; n++) {
		uint64_t what = random_below(100);
		uint32_t key = keymap_binding(random_below(bindings))->key;

		if (what < 2) {
			scene.snapshot = s[random_below(SNAPSHOTS)];
			view_settle(&v, &scene, &l);
		} else if (what < 4) {
			int w = 1 + (int)random_below(200), h = 1 + (int)random_below(80);

			/* Most often a size at which something can be seen. */
			l = layout_make(w, h);
			cells_resize(&c, w, h);
			view_settle(&v, &scene, &l);
		} else {
			if (what < 10)
				key = (uint32_t)random_below(PKEY_F10 + 3);
			/* A prompt would swallow nearly everything. */
			if (v.prompting && what > 60)
				key = PKEY_ESC;
			view_key(&v, key, &scene, &l);
		}
		assert_settled(&v, &scene, &l);
		if (n % 16 == 0)
			screen_draw(&c, &v, &scene);
	}
	cells_free(&c);
}

static void random_keys_keep_the_cursor(void **state)
{
	struct snapshot_info large = info_for_tests();
	struct snapshot *s[SNAPSHOTS];
	struct str text = { 0 };
	uint64_t i;

	(void)state;
	random_seed(5);
	for (i = 0; i < 2000; i++)
		str_addf(&text, "%" PRIx64 " rw-p anon - A%" PRIu64 " .1 S%" PRIu64 "\n",
			(i + 1) << 24, 1 + random_below(9), 1 + random_below(3000));
	large.page_size = 65536;
	s[0] = snapshot_of("555555000000 rw-p heap [heap] A100 S20 .5000 A3\n", NULL);
	s[1] = snapshot_of(THREE, NULL);
	s[2] = snapshot_of(str_text(&text), NULL);
	s[3] = snapshot_of("", NULL);
	s[4] = snapshot_of("7ffff0000000 rw-s shmem /memfd:x F3 .9\n"
			   "ffffffffff600000 --xp special [vsyscall] ?1\n",
		NULL);
	s[5] = snapshot_of("10000 rw-p anon - A1 .4294967296 S1\n", &large);
	s[6] = NULL; /* before the first scan */
	for (i = 1; i <= 8; i++)
		random_keys_with(i * 1000 + (i & 1), s);
	for (i = 0; i < SNAPSHOTS; i++)
		snapshot_unref(s[i]);
	str_free(&text);
}

/* The mapping under the cursor goes: the next one takes its place, or the last one. */
static void the_cursor_survives_its_mapping(void **state)
{
	struct layout l = layout_make(80, 24);
	struct snapshot *three = snapshot_of(THREE, NULL);
	struct snapshot *without =
		snapshot_of("300000 r--p file /y F4\n7ff000000000 rw-p stack [stack] A9\n", NULL);
	struct snapshot *below = snapshot_of("1000 r--p file /y F4\n", NULL);
	struct snapshot *shrunk = snapshot_of("428000 rw-p heap [heap] A3\n", NULL);
	struct scene scene = scene_of(three);
	struct view v;

	(void)state;
	start(&v, &scene, &l);
	v.cursor = 0x428000 + 1500 * PAGE;
	view_settle(&v, &scene, &l);
	scene.snapshot = shrunk;
	view_settle(&v, &scene, &l);
	assert_int_equal(v.cursor, 0x42a000);
	scene.snapshot = without;
	view_settle(&v, &scene, &l);
	assert_int_equal(v.cursor, UINT64_C(0x7ff000000000));
	scene.snapshot = below;
	view_settle(&v, &scene, &l);
	assert_int_equal(v.cursor, 0x4000);
	assert_settled(&v, &scene, &l);
	snapshot_unref(three);
	snapshot_unref(without);
	snapshot_unref(below);
	snapshot_unref(shrunk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zoom_has_limits),
		cmocka_unit_test(zoom_works_where_there_is_no_grid),
		cmocka_unit_test(the_largest_mapping_can_be_zoomed),
		cmocka_unit_test(needs_hold_the_cursor),
		cmocka_unit_test(sixteen_tebibytes_are_like_sixteen_kibibytes),
		cmocka_unit_test(random_keys_keep_the_cursor),
		cmocka_unit_test(the_cursor_survives_its_mapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
