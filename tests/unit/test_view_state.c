/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keys do to the view: moving, going in and back, closing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "helpers.h"
#include "state_help.h"
#include "view/state.h"

static void lists_move_by_mappings(void **state)
{
	static const struct {
		enum action a;
		size_t from, to;
	} cases[] = {
		{ ACTION_UP, 0, 0 },
		{ ACTION_UP, 5, 4 },
		{ ACTION_DOWN, 5, 6 },
		{ ACTION_DOWN, 29, 29 },
		{ ACTION_PAGE_DOWN, 0, 7 },
		{ ACTION_PAGE_DOWN, 25, 29 },
		{ ACTION_PAGE_UP, 20, 13 },
		{ ACTION_PAGE_UP, 3, 0 },
		{ ACTION_HALF_DOWN, 0, 4 },
		{ ACTION_HALF_UP, 10, 6 },
		{ ACTION_FIRST, 17, 0 },
		{ ACTION_LAST, 17, 29 },
		{ ACTION_PREV_VMA, 4, 3 },
		{ ACTION_NEXT_VMA, 4, 5 },
		{ ACTION_PREV_VMA, 0, 0 },
		{ ACTION_NEXT_VMA, 29, 29 },
		{ ACTION_LEFT, 9, 9 },
	};
	struct layout l = layout_make(80, 24);
	struct str text = { 0 };
	struct snapshot *s;
	struct scene scene;
	struct view v;
	size_t i, at;

	(void)state;
	for (i = 0; i < 30; i++)
		str_addf(&text, "%zx rw-p anon - A2\n", (i + 1) << 20);
	s = snapshot_of(str_text(&text), NULL);
	scene = scene_of(s);
	assert_int_equal(l.list.h, 7);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		start(&v, &scene, &l);
		v.cursor = snapshot_vma(s, cases[i].from)->start + PAGE;
		view_settle(&v, &scene, &l);
		assert_int_equal(view_apply(&v, cases[i].a, &scene, &l), 0);
		view_vma(&v, &scene, &at);
		assert_int_equal(at, cases[i].to);
		/* Another mapping is entered at its start; in the same one the cursor stays. */
		assert_int_equal(v.cursor,
			snapshot_vma(s, at)->start + (cases[i].from == cases[i].to ? PAGE : 0));
	}
	snapshot_unref(s);
	str_free(&text);
}

static void runs_end_with_the_mapping(void **state)
{
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct scene scene = scene_of(s);
	struct layout l = layout_make(80, 24);
	struct view v;
	int i;

	(void)state;
	start(&v, &scene, &l);
	view_key(&v, 'b', &scene, &l);
	assert_string_equal(v.message, "this is the first run of the mapping");
	for (i = 0; i < 3; i++) {
		view_key(&v, 'w', &scene, &l);
		assert_string_equal(v.message, "");
	}
	assert_int_equal(v.cursor, 0x400000 + 20 * PAGE);
	/* To its end, and no further. */
	for (i = 0; i < 2; i++) {
		view_key(&v, 'w', &scene, &l);
		assert_string_equal(v.message, "this is the last run of the mapping");
		assert_int_equal(v.cursor, 0x400000 + 39 * PAGE);
	}
	view_key(&v, 'b', &scene, &l);
	assert_string_equal(v.message, "");
	assert_int_equal(v.cursor, 0x400000 + 20 * PAGE);
	snapshot_unref(s);
}

static void grids_move_by_dots_and_rows(void **state)
{
	/* A row has 64 cells; of 10 rows, from page 0x428 of the address space. */
	static const struct {
		enum action a;
		enum view_screen screen;
		unsigned zoom;
		uint64_t from, to;
	} cases[] = {
		{ ACTION_LEFT, SCREEN_MAIN, 0, 5, 4 },
		{ ACTION_LEFT, SCREEN_MAIN, 0, 0, 0 },
		{ ACTION_RIGHT, SCREEN_MAIN, 0, 5, 6 },
		{ ACTION_RIGHT, SCREEN_MAIN, 0, 1999, 1999 },
		{ ACTION_RIGHT, SCREEN_MAIN, 3, 5, 13 },
		{ ACTION_LEFT, SCREEN_MAIN, 3, 5, 0 },
		{ ACTION_RIGHT, SCREEN_MAIN, 3, 1995, 1999 },
		{ ACTION_RIGHT, SCREEN_PAGE, 3, 5, 6 },
		{ ACTION_LEFT, SCREEN_PAGE, 3, 5, 4 },
		{ ACTION_UP, SCREEN_MAIN, 0, 100, 36 },
		{ ACTION_UP, SCREEN_MAIN, 0, 36, 0 },
		{ ACTION_DOWN, SCREEN_MAIN, 0, 100, 164 },
		{ ACTION_DOWN, SCREEN_MAIN, 1, 100, 228 },
		{ ACTION_DOWN, SCREEN_MAIN, 0, 1990, 1999 },
		{ ACTION_PAGE_DOWN, SCREEN_MAIN, 0, 100, 740 },
		{ ACTION_PAGE_UP, SCREEN_MAIN, 0, 740, 100 },
		{ ACTION_HALF_DOWN, SCREEN_MAIN, 0, 100, 420 },
		{ ACTION_HALF_UP, SCREEN_MAIN, 0, 420, 100 },
		{ ACTION_FIRST, SCREEN_MAIN, 0, 777, 0 },
		{ ACTION_LAST, SCREEN_MAIN, 0, 777, 1999 },
		{ ACTION_LAST, SCREEN_PAGE, 2, 0, 1999 },
		{ ACTION_PAGE_UP, SCREEN_MAIN, 0, 30, 0 },
	};
	struct layout l = layout_make(80, 24);
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct scene scene = scene_of(s);
	size_t i;

	(void)state;
	assert_int_equal(l.row_cells, 64);
	assert_int_equal(l.grid.h, 10);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct view v;

		start(&v, &scene, &l);
		v.pane = PANE_GRID;
		v.screen = cases[i].screen;
		v.zoom = cases[i].zoom;
		v.cursor = 0x428000 + cases[i].from * PAGE;
		view_settle(&v, &scene, &l);
		assert_int_equal(view_apply(&v, cases[i].a, &scene, &l), 0);
		assert_int_equal((v.cursor - 0x428000) / PAGE, cases[i].to);
	}
	snapshot_unref(s);
}

static void runs_are_walked(void **state)
{
	/* F10 A5 S5 .20: runs begin at 0, 10, 15, 20; the last page is 39. */
	static const struct {
		enum action a;
		uint64_t from, to;
	} cases[] = {
		{ ACTION_NEXT_RUN, 0, 10 },
		{ ACTION_NEXT_RUN, 9, 10 },
		{ ACTION_NEXT_RUN, 10, 15 },
		{ ACTION_NEXT_RUN, 19, 20 },
		{ ACTION_NEXT_RUN, 20, 39 },
		{ ACTION_NEXT_RUN, 39, 39 },
		{ ACTION_PREV_RUN, 0, 0 },
		{ ACTION_PREV_RUN, 5, 0 },
		{ ACTION_PREV_RUN, 10, 0 },
		{ ACTION_PREV_RUN, 12, 10 },
		{ ACTION_PREV_RUN, 39, 20 },
		{ ACTION_PREV_RUN, 20, 15 },
	};
	struct layout l = layout_make(80, 24);
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct scene scene = scene_of(s);
	size_t i;
	int where;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (where = 0; where < 3; where++) {
			struct view v;

			start(&v, &scene, &l);
			v.pane = where ? PANE_GRID : PANE_LIST;
			v.screen = where == 2 ? SCREEN_PAGE : SCREEN_MAIN;
			v.cursor = 0x400000 + cases[i].from * PAGE;
			view_apply(&v, cases[i].a, &scene, &l);
			assert_int_equal((v.cursor - 0x400000) / PAGE, cases[i].to);
		}
	}
	snapshot_unref(s);
}

static unsigned press(struct view *v, uint32_t key, const struct scene *s, const struct layout *l)
{
	return view_key(v, key, s, l);
}

static void going_in_and_back(void **state)
{
	struct layout l = layout_make(80, 24);
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct scene scene = scene_of(s);
	struct view v;
	int i;

	(void)state;
	start(&v, &scene, &l);
	assert_int_equal(view_context(&v), CONTEXT_LIST);
	assert_int_equal(press(&v, PKEY_TAB, &scene, &l), 0);
	assert_int_equal(view_context(&v), CONTEXT_GRID);
	press(&v, PKEY_BACKTAB, &scene, &l);
	assert_int_equal(view_context(&v), CONTEXT_LIST);
	press(&v, PKEY_ENTER, &scene, &l);
	assert_int_equal(view_context(&v), CONTEXT_GRID);
	press(&v, PKEY_ENTER, &scene, &l);
	assert_int_equal(view_context(&v), CONTEXT_PAGE);
	press(&v, '?', &scene, &l);
	assert_int_equal(view_context(&v), CONTEXT_HELP);
	/* Further help keys turn its pages, and Esc leads back through all that was opened. */
	press(&v, '?', &scene, &l);
	assert_int_equal(v.help_tab, HELP_LEGEND);
	press(&v, PKEY_TAB, &scene, &l);
	assert_int_equal(v.help_tab, HELP_BITS);
	press(&v, PKEY_TAB, &scene, &l);
	assert_int_equal(v.help_tab, HELP_SCAN);
	press(&v, PKEY_F1, &scene, &l);
	assert_int_equal(v.help_tab, HELP_KEYS);
	press(&v, '3', &scene, &l);
	assert_int_equal(v.help_tab, HELP_BITS);
	assert_int_equal(press(&v, PKEY_ESC, &scene, &l), 0);
	assert_int_equal(view_context(&v), CONTEXT_PAGE);
	assert_int_equal(press(&v, PKEY_ESC, &scene, &l), 0);
	assert_int_equal(view_context(&v), CONTEXT_GRID);
	assert_int_equal(press(&v, PKEY_ESC, &scene, &l), 0);
	/* Behind the list is only the process that was left for this one, if any; Esc never quits. */
	for (i = 0; i < 5; i++)
		assert_int_equal(press(&v, PKEY_ESC, &scene, &l), FOLLOW_RETURN);
	assert_int_equal(view_context(&v), CONTEXT_LIST);
	/* l and right go in from the list, and move in the grid. */
	press(&v, 'l', &scene, &l);
	assert_int_equal(view_context(&v), CONTEXT_GRID);
	assert_int_equal(v.cursor, 0x400000);
	press(&v, 'l', &scene, &l);
	assert_int_equal(v.cursor, 0x401000);
	snapshot_unref(s);
}

static void closing_and_quitting(void **state)
{
	static const uint32_t quits[] = { 'Q', PKEY_F10, PKEY_CTRL('c') };
	struct layout l = layout_make(80, 24);
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct scene scene = scene_of(s);
	struct view v;
	size_t i;
	int where;

	(void)state;
	for (where = 0; where < 4; where++) {
		for (i = 0; i < 3; i++) {
			start(&v, &scene, &l);
			v.pane = where ? PANE_GRID : PANE_LIST;
			v.screen = where == 2	? SCREEN_PAGE
				   : where == 3 ? SCREEN_HELP
						: SCREEN_MAIN;
			assert_int_equal(press(&v, quits[i], &scene, &l), FOLLOW_QUIT);
		}
	}
	start(&v, &scene, &l);
	v.pane = PANE_GRID;
	press(&v, PKEY_ENTER, &scene, &l);
	press(&v, '?', &scene, &l);
	assert_int_equal(press(&v, 'q', &scene, &l), 0);
	assert_int_equal(v.screen, SCREEN_PAGE);
	assert_int_equal(press(&v, 'q', &scene, &l), 0);
	assert_int_equal(v.screen, SCREEN_MAIN);
	assert_int_equal(press(&v, 'q', &scene, &l), FOLLOW_QUIT);
	/* Before the first scan too. */
	scene.snapshot = NULL;
	start(&v, &scene, &l);
	assert_int_equal(press(&v, PKEY_ESC, &scene, &l), FOLLOW_RETURN);
	assert_int_equal(press(&v, 'q', &scene, &l), FOLLOW_QUIT);
	snapshot_unref(s);
}

static void other_actions_say_what_follows(void **state)
{
	struct layout l = layout_make(80, 24);
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct scene scene = scene_of(s);
	struct view v;

	(void)state;
	start(&v, &scene, &l);
	assert_int_equal(press(&v, PKEY_F1 + 4, &scene, &l), FOLLOW_SCAN);
	assert_int_equal(press(&v, PKEY_CTRL('l'), &scene, &l), FOLLOW_REDRAW);
	assert_int_equal(press(&v, PKEY_CTRL('z'), &scene, &l), FOLLOW_SUSPEND);
	assert_int_equal(press(&v, ' ', &scene, &l), FOLLOW_PAUSE);
	assert_true(v.paused);
	assert_int_equal(press(&v, ' ', &scene, &l), FOLLOW_PAUSE);
	assert_false(v.paused);
	assert_int_equal(press(&v, 'L', &scene, &l), 0);
	assert_true(v.rare_first);
	assert_int_equal(press(&v, '~', &scene, &l), 0);
	assert_non_null(strstr(v.message, "? for help"));
	press(&v, 'j', &scene, &l);
	assert_string_equal(v.message, "");
	/* A file stands still, and says so. */
	scene.file = "x.pmv";
	assert_int_equal(press(&v, ' ', &scene, &l), 0);
	assert_false(v.paused);
	assert_string_not_equal(v.message, "");
	/* Blocks that cannot be drawn are not, and that is said. */
	assert_int_equal(v.glyphs, GLYPHS_LETTERS);
	press(&v, 'v', &scene, &l);
	assert_false(view_blocks(&v, &scene));
	assert_non_null(strstr(v.message, "UTF-8"));
	scene.utf8 = scene.colour = true;
	assert_true(view_blocks(&v, &scene));
	press(&v, 'v', &scene, &l);
	assert_false(view_blocks(&v, &scene));
	snapshot_unref(s);
}

static void assert_cost(const struct scan_cost *got, const struct scan_cost *want)
{
	assert_int_equal(got->ns, want->ns);
	assert_int_equal(got->calls, want->calls);
	assert_true(got->percent == want->percent);
	assert_int_equal(got->doubts, want->doubts);
}

/* A cost stays on the screen until it is wrong by a half or a third, in any of its parts. */
static void a_cost_settles(void **state)
{
	const struct scan_cost shown = { 10000000, 100, 0.5, 0 };
	const struct scan_cost same[] = { { 8000000, 100, 0.5, 0 }, { 14000000, 120, 0.4, 0 } };
	const struct scan_cost other[] = { { 6000000, 100, 0.5, 0 }, { 16000000, 100, 0.5, 0 },
		{ 10000000, 160, 0.5, 0 }, { 10000000, 100, 0.9, 0 }, { 10000000, 100, 0.3, 0 } };
	const struct scan_cost none = { 0 }, small = { 100000, 4, 0.01, 0 },
			       noisy = { 900000, 9, 0.09, 0 };
	struct scan_cost c;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(*same); i++) {
		c = view_settle_cost(&shown, &same[i]);
		assert_cost(&c, &shown);
	}
	for (i = 0; i < sizeof(other) / sizeof(*other); i++) {
		c = shown;
		for (k = 0; k < COST_DOUBTS; k++) {
			assert_int_equal(c.ns, shown.ns);
			assert_int_equal(c.calls, shown.calls);
			c = view_settle_cost(&c, &other[i]);
		}
		assert_cost(&c, &other[i]);
	}
	/* One that was about right ends the doubts. */
	c = view_settle_cost(&shown, &other[0]);
	c = view_settle_cost(&c, &other[0]);
	c = view_settle_cost(&c, &same[0]);
	c = view_settle_cost(&c, &other[0]);
	assert_int_equal(c.ns, shown.ns);
	c = view_settle_cost(&none, &shown);
	assert_cost(&c, &shown);
	c = view_settle_cost(&small, &noisy);
	assert_cost(&c, &small);
	c = view_settle_cost(&none, &small);
	assert_cost(&c, &small);
}

/* What is half scanned is not saved. */
static void no_saving_before_the_first_scan_is_done(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct layout l = layout_make(80, 24);
	struct scene scene = { .interval = 1 };
	struct view v = { 0 };

	(void)state;
	info.complete = false;
	info.scanning = true;
	scene.snapshot = snapshot_of("400000 r-xp file /x F2 ?2", &info);
	view_init(&v, &scene);
	press(&v, 'e', &scene, &l);
	assert_false(v.dialog);
	assert_non_null(strstr(v.message, "not done"));
	snapshot_unref((struct snapshot *)scene.snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_move_by_mappings),
		cmocka_unit_test(runs_end_with_the_mapping),
		cmocka_unit_test(grids_move_by_dots_and_rows),
		cmocka_unit_test(runs_are_walked),
		cmocka_unit_test(going_in_and_back),
		cmocka_unit_test(closing_and_quitting),
		cmocka_unit_test(other_actions_say_what_follows),
		cmocka_unit_test(a_cost_settles),
		cmocka_unit_test(no_saving_before_the_first_scan_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
