/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Four dots in a cell, the cursor on one of them, and textures. */
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
	return (struct scene){ .snapshot = s,
		.colour = mode != MONO,
		.shades = mode != MONO,
		.utf8 = mode == BLOCKS,
		.process = "test",
		.interval = 1 };
}

static struct snapshot *one_mapping(uint64_t start, const char *runs)
{
	char text[4096];

	snprintf(text, sizeof(text), "%" PRIx64 " rw-p anon - %s\n", start, runs);
	return snapshot_of(text, NULL);
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
		{ ' ', 0 },
		{ 0x2580, 1 | 2 },
		{ 0x2584, 4 | 8 },
		{ 0x2588, 15 },
		{ 0x258c, 1 | 4 },
		{ 0x2590, 2 | 8 },
		{ 0x2596, 4 },
		{ 0x2597, 8 },
		{ 0x2598, 1 },
		{ 0x2599, 1 | 4 | 8 },
		{ 0x259a, 1 | 8 },
		{ 0x259b, 1 | 2 | 4 },
		{ 0x259c, 1 | 2 | 8 },
		{ 0x259d, 2 },
		{ 0x259e, 2 | 4 },
		{ 0x259f, 2 | 4 | 8 },
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
	struct look l[4] = { look_outside() };
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
