/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How pages look in a cell: all of them are counted, at any zoom, and no rare one is hidden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "helpers.h"
#include "look_help.h"
#include "view/look.h"

/* Page for page: slow, and therefore to be believed. */
static struct page_counts count_slowly(const struct runs *r, uint64_t first, uint64_t end)
{
	struct page_counts c = { 0 };
	uint64_t page;

	for (page = first; page < end; page++) {
		size_t i = 0;

		while (runs_at(r, i).first + runs_at(r, i).pages <= page)
			i++;
		c.state[runs_at(r, i).state]++;
		c.huge += runs_at(r, i).huge;
	}
	return c;
}

/* Of states, the classes of a look are the states. */
static void assert_counts(const struct lens_counts *a, const struct page_counts *b)
{
	int i;

	for (i = 0; i < PAGE_STATES; i++)
		assert_int_equal(a->of[i], b->state[i]);
	assert_int_equal(a->huge, b->huge);
	assert_int_equal(a->unread, 0);
}

static void counts_every_page(void **state)
{
	int round, i;

	(void)state;
	for (round = 0; round < 20; round++) {
		char text[2048];
		struct snapshot *s;
		struct view v = { 0 };
		struct scene scene;
		const struct vma *vma;

		random_runs(text, sizeof(text), 1 + (unsigned)random_below(100), 9);
		s = one_mapping(0x400000, text);
		scene = scene_of(s, LETTERS);
		vma = snapshot_vma(s, 0);
		for (i = 0; i < 50; i++) {
			uint64_t all = runs_pages(vma->runs), first = random_below(all);
			uint64_t pages = 1 + random_below(all), end = first + pages;
			struct page_counts slow =
				count_slowly(vma->runs, first, end < all ? end : all);
			struct page_counts fast =
				runs_count(vma->runs, first, (end < all ? end : all) - first);
			/* What reaches beyond the end counts only what is there. */
			struct look l = look_at(&scene, &v, 0, first, pages);

			assert_counts(&l.counts, &slow);
			assert_counts(&l.counts, &fast);
			assert_false(l.outside);
		}
		snapshot_unref(s);
	}
}

/* A cell of `pages` pages with a single one in a rare state, in each way of drawing. */
static void check_single(uint64_t pages, char most, char rare, int where)
{
	uint64_t before = where == 0 ? 0 : where == 1 ? pages / 2 : pages - 1;
	enum role rare_role = (enum role)(ROLE_NONE + page_state_of_letter(rare));
	char text[128] = "";
	size_t len = 0;
	int mode;
	struct snapshot *s;

	if (before)
		len = (size_t)snprintf(text, sizeof(text), "%c%" PRIu64 " ", most, before);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "%c1 ", rare);
	if (before < pages - 1)
		snprintf(text + len, sizeof(text) - len, "%c%" PRIu64, most, pages - 1 - before);
	s = one_mapping(0x10000, text);
	for (mode = 0; mode < MODES; mode++) {
		struct scene scene = scene_of(s, mode);
		struct view v = { 0 };
		struct look l[4], whole = look_at(&scene, &v, 0, 0, pages);
		struct cell c = look_cell(&whole, &scene, mode == BLOCKS);
		int i, dot = before * 4 / pages >= 3 ? 3 : (int)(before * 4 / pages);

		assert_int_equal(whole.counts.of[page_state_of_letter(rare)], 1);
		if (mode == MONO) {
			assert_int_equal(c.ch, rare == 'S' ? 's' : rare == 'm' ? ';' : rare == '!' ? ',' : rare == '#' ? '%' : '~');
			continue;
		}
		assert_int_equal(c.bg, ink_of(rare_role, 0));
		assert_int_equal(c.ch, most == '.' ? ':' : most == 'A' ? 'a' : 'f');
		assert_int_equal(c.fg, ink_of(ROLE_ON_COLOUR, 0));
		if (mode != BLOCKS)
			continue;
		for (i = 0; i < 4; i++)
			l[i] = look_at(&scene, &v, 0, pages / 4 * (unsigned)i, pages / 4);
		assert_int_equal(l[dot].mixed, 1);
		c = look_quadrants(l, &scene, false);
		assert_int_equal(c.bg, ink_of(rare_role, 0));
	}
	snapshot_unref(s);
}

static void single_rare_page_is_never_hidden(void **state)
{
	static const uint64_t sizes[] = { 4096, UINT64_C(1) << 20, UINT64_C(1) << 40 };
	size_t i;
	int where;

	(void)state;
	for (i = 0; i < 3; i++) {
		for (where = 0; where < 3; where++) {
			check_single(sizes[i], 'A', 'S', where);
			check_single(sizes[i], '.', 'S', where);
			check_single(sizes[i], 'F', 'm', where);
			check_single(sizes[i], 'A', '!', where);
			check_single(sizes[i], '.', '#', where);
			check_single(sizes[i], 'A', '?', where);
		}
	}
}

/* The rarest of several rare states leaves the mark. */
static void rarest_leaves_the_mark(void **state)
{
	struct snapshot *s = one_mapping(0x10000, "A100 #1 !1 m1 S1 ?1");
	struct scene scene = scene_of(s, LETTERS);
	struct view v = { 0 };
	static const enum page_state order[] = { PAGE_GUARD, PAGE_MARKER, PAGE_MOVING, PAGE_SWAP };
	struct look l;
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		l = look_at(&scene, &v, 0, 0, 101 + i);
		assert_int_equal(l.shown, PAGE_ANON);
		assert_int_equal(l.rare, order[i]);
	}
	/* What is shown needs no mark beside it. */
	l = look_at(&scene, &v, 0, 103, 1);
	assert_int_equal(l.shown, PAGE_SWAP);
	assert_int_equal(l.rare, LENS_CLASSES);
	snapshot_unref(s);
}

/* In letters alone a mark must not take the place of something rarer. */
static void swap_is_not_hidden_by_another_mark(void **state)
{
	static const char others[] = "m!#?";
	int i, mode;

	(void)state;
	for (i = 0; others[i]; i++) {
		char runs[32];
		struct snapshot *s;
		struct view v = { 0 };

		snprintf(runs, sizeof(runs), "S5 %c1", others[i]);
		s = one_mapping(0x10000, runs);
		for (mode = 0; mode < MODES; mode++) {
			struct scene scene = scene_of(s, mode);
			struct look l = look_at(&scene, &v, 0, 0, 6);

			assert_int_equal(look_cell(&l, &scene, mode == BLOCKS).ch, 's');
		}
		snapshot_unref(s);
	}
}

static char letter_of(const char *runs, bool rare_first)
{
	struct snapshot *s = one_mapping(0x10000, runs);
	struct scene scene = scene_of(s, LETTERS);
	struct view v = { .rare_first = rare_first };
	struct look l = look_at(&scene, &v, 0, 0, runs_pages(snapshot_vma(s, 0)->runs));

	snapshot_unref(s);
	return look_letter(&l);
}

static void case_says_whether_it_is_mixed(void **state)
{
	static const char letters[] = ".AFS0#m!?";
	char runs[16];
	int i;

	(void)state;
	for (i = 0; letters[i]; i++) {
		snprintf(runs, sizeof(runs), "%c1", letters[i]);
		assert_int_equal(letter_of(runs, false), letters[i]);
		snprintf(runs, sizeof(runs), "%c4096", letters[i]);
		assert_int_equal(letter_of(runs, false), letters[i]);
		assert_int_equal(letter_of(runs, true), letters[i]);
	}
	assert_int_equal(letter_of("A3 F1", false), 'a');
	assert_int_equal(letter_of("A1 F3", false), 'f');
	assert_int_equal(letter_of("A1 S3", false), 's');
	assert_int_equal(letter_of(".3 A1", false), ':');
	assert_int_equal(letter_of(".2 A3", false), 'a');
	assert_int_equal(letter_of(".3 A2", false), ':');
}

static void rare_first_shows_the_rarest(void **state)
{
	static const char order[] = "Sm!#?0AF.";
	char runs[64];
	int i, j;

	(void)state;
	for (i = 0; order[i]; i++) {
		for (j = i + 1; order[j]; j++) {
			struct snapshot *s;
			struct view v = { .rare_first = true };
			struct scene scene;
			struct look l;

			snprintf(runs, sizeof(runs), "%c999 %c1", order[j], order[i]);
			s = one_mapping(0x10000, runs);
			scene = scene_of(s, LETTERS);
			l = look_at(&scene, &v, 0, 0, 1000);
			assert_int_equal(l.shown, page_state_of_letter(order[i]));
			assert_true(l.mixed);
			v.rare_first = false;
			l = look_at(&scene, &v, 0, 0, 1000);
			assert_int_equal(l.shown, page_state_of_letter(order[j]));
			snapshot_unref(s);
		}
	}
}

static void share_grows_with_the_pages(void **state)
{
	struct snapshot *s = one_mapping(0x10000, ".1000 A1000");
	struct scene scene = scene_of(s, BLOCKS);
	struct view v = { .rare_first = true };
	unsigned last = 1, seen = 0, n;

	(void)state;
	for (n = 1; n < 1000; n++) {
		/* A window of 1000 pages with n anonymous ones in it. */
		struct look l = look_at(&scene, &v, 0, n, 1000);

		assert_int_equal(l.shown, PAGE_ANON);
		assert_in_range(l.share, 1, SHARES - 1);
		assert_true(l.share >= last);
		last = l.share;
		seen |= 1u << l.share;
		assert_int_equal(look_cell(&l, &scene, true).bg, ink_of(ROLE_ANON, l.share));
	}
	assert_int_equal(seen, 0x1e);
	assert_int_equal(look_at(&scene, &v, 0, 1000, 1000).share, 0);
	assert_true(
		look_at(&scene, &v, 0, 999, 1000).share > look_at(&scene, &v, 0, 1, 1000).share);
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_every_page),
		cmocka_unit_test(single_rare_page_is_never_hidden),
		cmocka_unit_test(rarest_leaves_the_mark),
		cmocka_unit_test(swap_is_not_hidden_by_another_mark),
		cmocka_unit_test(case_says_whether_it_is_mixed),
		cmocka_unit_test(rare_first_shows_the_rarest),
		cmocka_unit_test(share_grows_with_the_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
