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
#include "view/look.h"

enum { LETTERS, MONO, BLOCKS, MODES };

static struct scene scene_of(const struct snapshot *s, int mode)
{
	return (struct scene){ .snapshot = s, .colour = mode != MONO, .shades = mode != MONO,
		.utf8 = mode == BLOCKS, .process = "test", .interval = 1 };
}

static uint64_t seed = 1;

/* splitmix64: the same numbers on every machine. */
static uint64_t random_below(uint64_t n)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

static void random_runs(char *text, size_t size, unsigned runs, uint64_t longest)
{
	size_t len = 0;
	unsigned i;

	for (i = 0; i < runs && len + 32 < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%c%" PRIu64 "%s ",
			page_state_letter((enum page_state)random_below(PAGE_STATES)),
			1 + random_below(longest), random_below(4) ? "" : "h");
}

static struct snapshot *one_mapping(uint64_t start, const char *runs)
{
	char text[4096];

	snprintf(text, sizeof(text), "%" PRIx64 " rw-p anon - %s\n", start, runs);
	return snapshot_of(text, NULL);
}

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

static void assert_counts(const struct page_counts *a, const struct page_counts *b)
{
	assert_memory_equal(a, b, sizeof(*a));
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
			struct page_counts slow = count_slowly(vma->runs, first, end < all ? end : all);
			struct page_counts fast = runs_count(vma->runs, first,
				(end < all ? end : all) - first);
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

		assert_int_equal(whole.counts.state[page_state_of_letter(rare)], 1);
		if (mode == MONO) {
			assert_int_equal(c.ch, rare == 'S' ? 's' : rare);
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
	assert_int_equal(l.rare, PAGE_STATES);
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
	assert_true(look_at(&scene, &v, 0, 999, 1000).share > look_at(&scene, &v, 0, 1, 1000).share);
	snapshot_unref(s);
}

/* Four dots in reading order, each of one page. */
static struct cell quadrants_of(const char *runs, int mode, bool shades)
{
	struct snapshot *s = one_mapping(0x10000, runs);
	struct scene scene = scene_of(s, mode);
	struct view v = { 0 };
	struct look l[4];
	struct cell c;
	unsigned i;

	scene.shades = shades;
	for (i = 0; i < 4; i++)
		l[i] = look_at(&scene, &v, 0, i, 1);
	c = look_quadrants(l, &scene, false);
	snapshot_unref(s);
	return c;
}

static void quadrant_glyphs_say_which_dot(void **state)
{
	/* By Unicode's names, as bits: 1 upper left, 2 upper right, 4 lower left, 8 lower right. */
	static const struct {
		uint32_t ch;
		unsigned dots;
	} glyphs[] = {
		{ ' ', 0 }, { 0x2580, 1 | 2 }, { 0x2584, 4 | 8 }, { 0x2588, 15 }, { 0x258c, 1 | 4 },
		{ 0x2590, 2 | 8 }, { 0x2596, 4 }, { 0x2597, 8 }, { 0x2598, 1 }, { 0x2599, 1 | 4 | 8 },
		{ 0x259a, 1 | 8 }, { 0x259b, 1 | 2 | 4 }, { 0x259c, 1 | 2 | 8 }, { 0x259d, 2 },
		{ 0x259e, 2 | 4 }, { 0x259f, 2 | 4 | 8 },
	};
	unsigned mask, dots, i;

	(void)state;
	for (mask = 0; mask < 16; mask++) {
		char runs[32] = "";
		struct cell c;

		for (i = 0; i < 4; i++)
			strcat(runs, mask >> i & 1 ? "S1 " : "A1 ");
		c = quadrants_of(runs, BLOCKS, true);
		for (i = 0; glyphs[i].ch != c.ch; i++)
			assert_true(i + 1 < sizeof(glyphs) / sizeof(*glyphs));
		dots = glyphs[i].dots;
		for (i = 0; i < 4; i++)
			assert_int_equal(ink_role(dots >> i & 1 ? c.fg : c.bg),
				mask >> i & 1 ? ROLE_SWAP : ROLE_ANON);
		/* A uniform cell is a blank on its colour: half the bytes on the wire. */
		if (mask == 0 || mask == 15)
			assert_int_equal(c.ch, ' ');
	}
}

static void three_inks_are_a_letter(void **state)
{
	struct cell c = quadrants_of("A2 F1 .1", BLOCKS, true);

	(void)state;
	assert_int_equal(c.ch, 'a');
	assert_int_equal(c.bg, ink_of(ROLE_ANON, 3));
	c = quadrants_of("A1 F1 01 .1", BLOCKS, true);
	assert_true(c.ch < 0x7f && c.ch != ' ');
	/* Which of them is swap does not matter: it is marked. */
	c = quadrants_of("A2 F1 S1", BLOCKS, true);
	assert_int_equal(c.bg, ink_of(ROLE_SWAP, 0));
	c = quadrants_of("A1 F1 .1 S1", BLOCKS, true);
	assert_int_equal(ink_role(c.bg), ROLE_SWAP);
	/* Two are a glyph, whatever their order. */
	assert_true(quadrants_of("A1 F2 A1", BLOCKS, true).ch > 0x2500);
	assert_true(quadrants_of(".1 S3", BLOCKS, true).ch > 0x2500);
}

/* Without shades a mixture cannot be told from all: then it is a letter. */
static void mixtures_without_shades_are_letters(void **state)
{
	struct snapshot *s = one_mapping(0x10000, "A3 F1 A4 .1 A3");
	struct scene scene = scene_of(s, BLOCKS);
	struct view v = { 0 };
	struct look l = look_at(&scene, &v, 0, 0, 4);

	(void)state;
	assert_int_equal(look_cell(&l, &scene, true).ch, ' ');
	scene.shades = false;
	assert_int_equal(look_cell(&l, &scene, true).ch, 'a');
	l = look_at(&scene, &v, 0, 4, 4);
	assert_int_equal(look_cell(&l, &scene, true).ch, ' ');
	snapshot_unref(s);
}

static void cursor_is_on_its_dot(void **state)
{
	static const uint32_t one_dot[] = { 0x2598, 0x259d, 0x2596, 0x2597 };
	struct snapshot *s = one_mapping(0x10000, "A1 F1 S1 .1");
	static const enum role roles[] = { ROLE_ANON, ROLE_FILE, ROLE_SWAP, ROLE_NONE };
	struct scene scene = scene_of(s, BLOCKS);
	struct view v = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct look l = look_at(&scene, &v, 0, (uint64_t)i, 1);
		struct cell c = look_cursor(&l, i);

		assert_int_equal(c.ch, one_dot[i]);
		assert_int_equal(c.fg, ink_of(roles[i], 0));
		assert_int_equal(c.bg, ink_of(ROLE_CURSOR, 0));
	}
	snapshot_unref(s);
}

static void textures(void **state)
{
	struct snapshot *old = one_mapping(0x10000, "A4 #4 A8h A4 F4");
	struct snapshot *new = one_mapping(0x10000, "A4 #4 A8h A2 S1 A1 .4");
	struct diff *d = diff_new(old, new);
	struct view v = { 0 };
	struct look dot[4], l;
	struct scene letters = scene_of(new, LETTERS), blocks = scene_of(new, BLOCKS);
	struct cell c;
	int i;

	(void)state;
	letters.diff = blocks.diff = d;
	l = look_at(&letters, &v, 0, 0, 4);
	assert_int_equal(look_cell(&l, &letters, false).attr, 0);
	assert_int_equal(look_cell(&l, &blocks, true).ch, ' ');

	l = look_at(&letters, &v, 0, 4, 4);
	assert_int_equal(look_cell(&l, &letters, false).ch, '#');
	assert_int_equal(look_cell(&l, &blocks, true).ch, 'x');
	assert_int_equal(look_cell(&l, &blocks, true).bg, ink_of(ROLE_GUARD, 0));

	l = look_at(&letters, &v, 0, 8, 8);
	assert_int_equal(look_cell(&l, &letters, false).attr, CELL_BOLD);
	assert_int_equal(look_cell(&l, &letters, false).ch, 'A');
	c = look_cell(&l, &blocks, true);
	assert_int_equal(c.ch, 0x2500);
	assert_int_equal(c.bg, ink_of(ROLE_ANON, 0));
	assert_int_not_equal(c.fg, c.bg);
	/* Half of them is not huge. */
	l = look_at(&letters, &v, 0, 8, 12);
	assert_int_equal(look_cell(&l, &letters, false).attr & CELL_BOLD, 0);

	l = look_at(&letters, &v, 0, 16, 4);
	assert_true(l.changed);
	assert_true(look_cell(&l, &letters, false).attr & CELL_UNDERLINE);
	assert_true(look_cell(&l, &blocks, true).attr & CELL_UNDERLINE);
	l = look_at(&letters, &v, 0, 20, 4);
	c = look_cell(&l, &blocks, true);
	assert_int_equal(c.ch, 0x2591);
	assert_int_equal(c.bg, ink_of(ROLE_NONE, 0));

	/* One changed dot of four marks the cell. */
	for (i = 0; i < 4; i++)
		dot[i] = look_at(&blocks, &v, 0, 16 + (uint64_t)i, 1);
	assert_int_equal(look_quadrants(dot, &blocks, false).attr, CELL_UNDERLINE);
	for (i = 0; i < 4; i++)
		dot[i] = look_at(&blocks, &v, 0, 20 + (uint64_t)i, 1);
	assert_int_equal(look_quadrants(dot, &blocks, false).ch, 0x2591);
	diff_free(d);
	snapshot_unref(old);
	snapshot_unref(new);
}

static void outside_is_blank(void **state)
{
	struct snapshot *s = one_mapping(0x10000, "A4");
	struct view v = { 0 };
	struct look l[4];
	struct cell c;
	int i, mode;

	(void)state;
	for (mode = 0; mode < MODES; mode++) {
		struct scene scene = scene_of(s, mode);

		for (i = 0; i < 4; i++)
			l[i] = look_at(&scene, &v, 0, 4 + (uint64_t)i, 1);
		assert_true(l[0].outside);
		c = look_cell(&l[0], &scene, mode == BLOCKS);
		assert_true(c.ch == ' ' && !c.bg && !c.attr);
		c = look_quadrants(l, &scene, false);
		assert_true(c.ch == ' ' && !c.bg && !c.attr);
		/* Dots outside are the terminal's own background. */
		l[3] = look_at(&scene, &v, 0, 3, 1);
		c = look_quadrants(l, &scene, false);
		assert_true(c.ch == 0x2597 && c.fg == ink_of(ROLE_ANON, 0) && !c.bg);
	}
	snapshot_unref(s);
}

/* Shared memory has its own hue, also in the cell in which a mapping begins. */
static void shared_memory_keeps_its_hue(void **state)
{
	struct snapshot *s = snapshot_of("10000 rw-s shmem /memfd:x F2 .1 F1\n", NULL);
	struct scene scene = scene_of(s, BLOCKS);
	struct view v = { 0 };
	struct look l[4] = { { .outside = true, .rare = PAGE_STATES } };
	struct cell c;
	int i;

	(void)state;
	l[1] = look_at(&scene, &v, 0, 0, 1);
	assert_int_equal(look_cell(&l[1], &scene, true).bg, ink_of(ROLE_SHMEM, 0));
	for (i = 1; i < 4; i++)
		l[i] = look_at(&scene, &v, 0, (uint64_t)i - 1, 1);
	c = look_quadrants(l, &scene, false);
	assert_int_equal(c.ch, 'f');
	assert_int_equal(ink_role(c.bg), ROLE_SHMEM);
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
		cmocka_unit_test(quadrant_glyphs_say_which_dot),
		cmocka_unit_test(three_inks_are_a_letter),
		cmocka_unit_test(mixtures_without_shades_are_letters),
		cmocka_unit_test(cursor_is_on_its_dot),
		cmocka_unit_test(textures),
		cmocka_unit_test(outside_is_blank),
		cmocka_unit_test(shared_memory_keeps_its_hue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
