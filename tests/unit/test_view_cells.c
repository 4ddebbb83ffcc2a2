/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text in cells: cleaned, as wide as it is, and cut where its place ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "view/cells.h"

#define WIDE "\xe4\xb8\xad" /* a character of two columns */

/* The text of a screen of one row. */
static void assert_row(const struct cells *c, const char *expected)
{
	char *text = cells_to_text(c);

	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, expected);
	free(text);
}

static void nothing_is_put_outside(void **state)
{
	struct cells c = { 0 };
	int i;

	(void)state;
	cells_resize(&c, 5, 3);
	for (i = -6; i < 12; i++) {
		cells_put(&c, -1, i, (struct cell){ .ch = 'x' });
		cells_put(&c, 5, i, (struct cell){ .ch = 'x' });
		cells_put(&c, i, -1, (struct cell){ .ch = 'x' });
		cells_put(&c, i, 3, (struct cell){ .ch = 'x' });
		cells_text(&c, -3, i, 2, 0, 0, "ab");
		cells_text(&c, 0, 3, 9, 0, 0, "ab");
		cells_attr(&c, 0, -1, 9, CELL_BOLD);
		cells_attr(&c, 5, 1, 9, CELL_BOLD);
		cells_attr(&c, 0, 3, 9, CELL_BOLD);
	}
	for (i = 0; i < 15; i++)
		assert_true(c.cell[i].ch == ' ' && !c.cell[i].attr);
	cells_free(&c);
}

static void text_is_cut_where_its_place_ends(void **state)
{
	struct cells c = { 0 };

	(void)state;
	cells_resize(&c, 10, 1);
	assert_int_equal(cells_text(&c, 2, 0, 4, 0, 0, "abcdef"), 4);
	assert_row(&c, "  abcd");
	cells_clear(&c);
	assert_int_equal(cells_text(&c, 7, 0, 20, 0, 0, "abcdef"), 3);
	assert_row(&c, "       abc");
	cells_clear(&c);
	assert_int_equal(cells_text(&c, 0, 0, 0, 0, 0, "abc"), 0);
	assert_int_equal(cells_text(&c, 0, 0, -5, 0, 0, "abc"), 0);
	assert_row(&c, "");
	cells_free(&c);
}

static void wide_characters_are_whole_or_not_there(void **state)
{
	struct cells c = { 0 };

	(void)state;
	cells_resize(&c, 6, 1);
	assert_int_equal(cells_text(&c, 0, 0, 6, 0, 0, WIDE WIDE WIDE WIDE), 6);
	assert_int_equal(c.cell[0].ch, 0x4e2d);
	assert_int_equal(c.cell[1].ch, 0);
	cells_clear(&c);
	assert_int_equal(cells_text(&c, 0, 0, 5, 0, 0, WIDE WIDE WIDE), 4);
	assert_int_equal(c.cell[4].ch, ' ');
	/* The screen ends before the place does. */
	cells_clear(&c);
	assert_int_equal(cells_text(&c, 5, 0, 9, 0, 0, WIDE), 0);
	assert_int_equal(c.cell[5].ch, ' ');
	/* A combining character has no column of its own. */
	assert_int_equal(cells_text(&c, 0, 0, 6, 0, 0, "e\xcc\x81x"), 2);
	assert_row(&c, "ex");
	cells_clear(&c);
	assert_int_equal(cells_text(&c, 0, 0, 6, 0, 0, "xe\xcc\x81"), 2);
	assert_int_equal(c.cell[2].ch, ' ');
	cells_free(&c);
}

static void names_keep_their_end(void **state)
{
	struct cells c = { 0 };
	int w;

	(void)state;
	cells_resize(&c, 20, 1);
	assert_int_equal(cells_text_end(&c, 0, 0, 11, 0, 0, "/usr/libc.so"), 11);
	assert_row(&c, "..r/libc.so");
	cells_clear(&c);
	assert_int_equal(cells_text_end(&c, 0, 0, 12, 0, 0, "/usr/libc.so"), 12);
	assert_row(&c, "/usr/libc.so");
	cells_clear(&c);
	/* Where half a character would remain, a column stays free. */
	assert_int_equal(cells_text_end(&c, 0, 0, 7, 0, 0, WIDE WIDE WIDE WIDE), 6);
	assert_row(&c, ".." WIDE WIDE);
	for (w = -3; w < 20; w++) {
		cells_clear(&c);
		assert_true(cells_text_end(&c, 0, 0, w, 0, 0, WIDE "/some/" WIDE "/where/") <=
			    (w > 0 ? w : 0));
		if (w >= 0)
			assert_int_equal(c.cell[w].ch, ' ');
	}
	cells_free(&c);
}

static void bytes_become_harmless(void **state)
{
	struct cells c = { 0 };

	(void)state;
	cells_resize(&c, 40, 1);
	cells_text(&c, 0, 0, 40, 0, 0, "a\x1b[1m\n\xff\xe2\x80\xae|");
	assert_row(&c, "a\\x1b[1m\\x0a\\xff\\xe2\\x80\\xae|");
	cells_clear(&c);
	cells_text(&c, 0, 0, 40, 0, 0, "\xc3\xa9 \\ " WIDE);
	assert_row(&c, "\xc3\xa9 \\ " WIDE);
	c.ascii = true;
	cells_clear(&c);
	cells_text(&c, 0, 0, 40, 0, 0, "\xc3\xa9 \\ " WIDE);
	assert_row(&c, "\\xc3\\xa9 \\ \\xe4\\xb8\\xad");
	cells_free(&c);
}

static void screens_are_never_empty(void **state)
{
	struct cells c = { 0 };

	(void)state;
	cells_resize(&c, 0, -3);
	assert_int_equal(c.w, 1);
	assert_int_equal(c.h, 1);
	cells_put(&c, 0, 0, (struct cell){ .ch = 'x' });
	/* What was on it is gone after a change of size. */
	cells_resize(&c, 3, 2);
	assert_row(&c, "");
	cells_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_put_outside),
		cmocka_unit_test(text_is_cut_where_its_place_ends),
		cmocka_unit_test(wide_characters_are_whole_or_not_there),
		cmocka_unit_test(names_keep_their_end),
		cmocka_unit_test(bytes_become_harmless),
		cmocka_unit_test(screens_are_never_empty),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
