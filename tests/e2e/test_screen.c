/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole program in a terminal: on a process whose pages are known, and on snapshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "e2e/screen_help.h"
#include "e2e/tui.h"
#include "fixture/fixture.h"
#include "helpers.h"

/* The row of the grid in which an address is, and the first column of its cells. */
static int grid_row(struct tui *t, uint64_t row_address, int *col)
{
	char digits[16];
	int row;

	snprintf(digits, sizeof(digits), "%012" PRIx64 " ", row_address);
	for (row = tui_rows(t) - 1; row > 0; row--) {
		const char *text = tui_row(t, row);

		if (!strncmp(text, digits, 13)) {
			*col = 13;
			return row;
		}
	}
	return -1;
}

/* --- keys ---------------------------------------------------------------------------------- */

static void test_first_screen(void **state)
{
	struct tui *t = START(.options = { "--ascii" });
	int row, col;

	(void)state;
	tui_expect_row(t, 0, " test[4242]");
	tui_expect_row(t, 0, "SNAPSHOT");
	tui_expect_row(t, 1, "A anon 16M");
	tui_expect_row(t, 1, "F file 64K");
	tui_expect_row(t, 1, "S swap 4.0K");
	tui_expect_text(t, "START");
	tui_expect_row(t, 3, "> 000000400000");
	tui_expect_row(t, 3, "64K    48K      - r-xp [FFFFFFFFFFFF....] /usr/bin/prog");
	tui_expect_row(t, 4, "000000600000");
	tui_expect_row(t, 4, "[heap]");
	tui_expect_row(t, 6, "\\x97\\xa5\\x1b[31m");
	tui_expect_text(t, "-- /usr/bin/prog  400000-410000");
	tui_expect_text(t, "@400000 +0x0 #0  F file");
	tui_expect_row(t, 23, "?Help");
	assert_true(grid_row(t, 0x400000, &col) > 0);
	row = grid_row(t, 0x400000, &col);
	assert_non_null(strstr(tui_row(t, row), " FFFFFFFFFFFF...."));
	assert_true(tui_altscreen(t));
	assert_false(tui_cursor_visible(t));
	quit(t, "q");
}

static void test_moving(void **state)
{
	struct tui *t = START(.options = { "--ascii" });

	(void)state;
	tui_expect_row(t, 3, "> ");
	tui_key(t, "j");
	tui_expect_row(t, 4, "> ");
	tui_expect_text(t, "-- [heap]");
	tui_key(t, TUI_KEY_DOWN "j");
	tui_expect_row(t, 6, "> ");
	tui_key(t, TUI_KEY_UP);
	tui_expect_row(t, 5, "> 000002000000");
	tui_key(t, "k");
	tui_expect_row(t, 4, "> ");
	tui_key(t, TUI_KEY_END);
	tui_expect_row(t, 7, "> 7ff000000000");
	tui_key(t, "g");
	tui_expect_row(t, 3, "> ");
	/* In the grid the same keys move over pages. */
	tui_key(t, "]" TUI_KEY_TAB TUI_KEY_RIGHT);
	tui_expect_text(t, "@601000 +0x1000 #1");
	tui_key(t, "h");
	tui_expect_text(t, "@600000 +0x0 #0");
	tui_key(t, TUI_KEY_DOWN);
	tui_expect_text(t, "@640000 +0x40000 #64");
	tui_key(t, TUI_KEY_TAB TUI_KEY_DOWN);
	tui_expect_row(t, 5, "> ");
	tui_key(t, TUI_KEY_UP TUI_KEY_ENTER "ww");
	tui_expect_text(t, "@dd1000 +0x7d1000 #2001");
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_text(t, " of 4,096 (+0x7d1000)");
	tui_expect_text(t, "this snapshot keeps no entries");
	tui_key(t, "b");
	tui_expect_text(t, " state   S swap: swapped out");
	tui_key(t, TUI_KEY_LEFT);
	tui_expect_text(t, " of 4,096 (+0x7cf000)");
	tui_key(t, TUI_KEY_ESC);
	tui_expect_text(t, "@dcf000");
	/* Esc goes back to the list, and no further. */
	tui_key(t, TUI_KEY_ESC);
	tui_expect_text(t, "Tab,Enter grid");
	tui_key(t, TUI_KEY_ESC);
	tui_key(t, "!");
	tui_expect_text(t, "this key does nothing here: ? for help");
	tui_key(t, " ");
	tui_expect_text(t, "a snapshot stands still already");
	quit(t, "Q");
}

/* Whether the letter stands in a row of the grid. */
static bool in_grid(struct tui *t, void *letter)
{
	int row;

	for (row = 11; row < 21; row++)
		if (strlen(tui_row(t, row)) > 13 && strchr(tui_row(t, row) + 13, *(char *)letter))
			return true;
	return false;
}

static void test_zoom(void **state)
{
	struct tui *t = START(.options = { "--ascii", "--color=never" });
	char dot[32];
	int i;

	(void)state;
	tui_expect_row(t, 3, "> ");
	/* To the one page of 4096 that is in swap. */
	tui_key(t, "j" TUI_KEY_TAB "w");
	tui_expect_row(t, 22, "#2000  S swap");
	tui_expect_row(t, 10, "1 cell=1 page");
	tui_expect(t, in_grid, "S");
	tui_key(t, "-");
	tui_expect_row(t, 10, "1 cell=2 pages");
	tui_key(t, "+");
	tui_expect_row(t, 10, "1 cell=1 page");
	tui_key(t, "0");
	tui_expect_row(t, 10, "1 cell=8 pages");
	tui_expect_row(t, 22, "  8 pages: A 7 S 1");
	tui_key(t, "1");
	tui_expect_row(t, 10, "1 cell=1 page");
	for (i = 2; i <= 8; i *= 2) {
		tui_key(t, "-");
		snprintf(dot, sizeof(dot), "1 cell=%d pages", i);
		tui_expect_row(t, 10, dot);
		tui_expect_row(t, 22, "S 1");
		tui_expect(t, in_grid, "s");
		assert_non_null(strchr(tui_row(t, 21) + 14, 's'));
	}
	/* Further out than all of it there is nothing. */
	tui_key(t, "-");
	tui_key(t, TUI_KEY_TAB "j");
	tui_expect_text(t, "-- [anon]");
	tui_expect_row(t, 5, "[AAAAAAAA00#.....]");
	tui_expect_row(t, 10, "1 cell=8 pages");
	tui_expect_row(t, 22, "  8 pages: A 8");
	assert_true(tui_cell(t, 11, 13).ch == 'A' && strchr("#%gx", (int)tui_cell(t, 11, 14).ch));
	tui_key(t, "1");
	tui_expect_row(t, 11, " AAAAAAAA00#.....");
	quit(t, TUI_KEY_F10);
}

static void test_help(void **state)
{
	static const char *const tabs[] = { "MOVE", "nothing mapped", "A pagemap entry, 64 bits",
		"longest " };
	char key[2] = "1";
	struct tui *t = START(.rows = 24);
	int i;

	(void)state;
	tui_expect_row(t, 0, "SNAPSHOT");
	tui_key(t, "?");
	for (i = 0; i < 4; i++, key[0]++) {
		tui_expect_row(t, 0, "pmview help");
		tui_key(t, key);
		tui_expect_text(t, tabs[i]);
	}
	tui_key(t, TUI_KEY_TAB);
	tui_expect_text(t, tabs[0]);
	tui_key(t, TUI_KEY_ESC);
	tui_expect_row(t, 0, "SNAPSHOT");
	tui_key(t, TUI_KEY_F1 "2");
	tui_expect_text(t, tabs[1]);
	tui_key(t, "q");
	tui_expect_row(t, 0, "SNAPSHOT");
	quit(t, TUI_KEY_CTRL_C);
}

/* --- a process ----------------------------------------------------------------------------- */

static uint64_t read_entry(uint64_t address)
{
	char path[32];
	uint64_t entry, at = address / (uint64_t)sysconf(_SC_PAGESIZE) * 8;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/pagemap", pid);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &entry, 8, (off_t)at), 8);
	close(fd);
	return entry;
}

static void test_entry(void **state)
{
	const struct fixture_region *r = fixture_region(fixture, "anon");
	struct tui *t = START(.target = pid);
	char text[64];
	uint64_t entry;

	(void)state;
	go_to(t, pid, r);
	tui_key(t, TUI_KEY_TAB TUI_KEY_RIGHT TUI_KEY_ENTER);
	tui_expect_text(t, " of 8 (+0x1000)");
	entry = read_entry(r->address + (uint64_t)sysconf(_SC_PAGESIZE));
	snprintf(text, sizeof(text), " entry   0x%016" PRIx64, entry);
	tui_expect_text(t, text);
	tui_expect_text(t, " 63 present 1 ");
	snprintf(text, sizeof(text), "PFN         0x%" PRIx64, entry & ((UINT64_C(1) << 55) - 1));
	tui_expect_text(t, getuid() ? "PFN         hidden (needs CAP_SYS_ADMIN)" : text);
	quit(t, TUI_KEY_CTRL_C);
}

static void test_unprivileged(void **state)
{
	struct fixture *f;
	struct tui *t;
	char target[16];

	(void)state;
	if (getuid()) {
		print_message("only root can become another user; test_entry has shown it\n");
		skip();
	}
	f = fixture_start_as(FIXTURE_NOBODY, (const char *const[]){ "anon", NULL });
	assert_non_null(f);
	snprintf(target, sizeof(target), "%d", (int)fixture_pid(f));
	t = START(.target = target, .uid = FIXTURE_NOBODY);
	go_to(t, target, fixture_region(f, "anon"));
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_text(t, "PFN hidden (needs CAP_SYS_ADMIN)");
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_text(t, "entry   0x8100000000000000");
	tui_expect_text(t, "PFN         hidden (needs CAP_SYS_ADMIN)");
	quit(t, "Q");
	assert_int_equal(fixture_stop(f), 0);
}

/* Whether the region's first page is drawn as this letter, marked as changed or not. */
struct sight {
	uint64_t address;
	char letter;
	bool changed, either;
};

static bool sees(struct tui *t, void *arg)
{
	const struct sight *s = arg;
	uint64_t bytes = 64 * (uint64_t)sysconf(_SC_PAGESIZE), first = s->address / bytes * bytes;
	int col, row = grid_row(t, first, &col);
	struct tui_cell c;

	if (row < 0)
		return false;
	c = tui_cell(t, row, col + (int)((s->address - first) / (bytes / 64)));
	return c.ch == (uint32_t)s->letter && (s->either || c.underline == s->changed);
}

static void test_live(void **state)
{
	const char *const recipes[] = { "untouched:4", NULL };
	struct fixture *f = fixture_start(recipes);
	const struct fixture_region *r;
	struct sight sight;
	char target[16];
	struct tui *t;

	(void)state;
	assert_non_null(f);
	r = fixture_region(f, "untouched");
	snprintf(target, sizeof(target), "%d", (int)fixture_pid(f));
	t = START(.target = target, .options = { "--ascii", "-i", "1" });
	go_to(t, target, r);
	tui_expect_row(t, 0, "LIVE 1s");
	sight = (struct sight){ r->address, '.', false, false };
	tui_expect(t, sees, &sight);
	assert_int_equal(fixture_command(f, "touch 0x%" PRIx64 " 1", r->address), 0);
	/* By itself, marked as changed until the next scan. */
	sight = (struct sight){ r->address, 'A', true, false };
	tui_expect(t, sees, &sight);
	sight.changed = false;
	tui_expect(t, sees, &sight);
	tui_key(t, " ");
	tui_expect_row(t, 0, "PAUSED");
	assert_int_equal(fixture_command(f, "free 0x%" PRIx64 " 1", r->address), 0);
	tui_key(t, TUI_KEY_F5);
	sight = (struct sight){ r->address, '.', true, false };
	tui_expect(t, sees, &sight);
	tui_key(t, " ");
	tui_expect_row(t, 0, "LIVE 1s");
	assert_int_equal(fixture_command(f, "touch 0x%" PRIx64 " 1", r->address), 0);
	sight = (struct sight){ r->address, 'A', true, false };
	tui_expect(t, sees, &sight);
	assert_int_equal(fixture_stop(f), 0);
	tui_expect_row(t, 0, "EXITED ");
	tui_expect_text(t, "the last picture stays");
	tui_expect_no_text(t, "LIVE");
	tui_key(t, "kj");
	sight.either = true;
	tui_expect(t, sees, &sight);
	quit(t, "q");
}

static void test_save(void **state)
{
	char path[512], *live, *file;
	struct tui *t = START(.target = pid);
	struct result kept;
	size_t len;

	(void)state;
	snprintf(path, sizeof(path), "%s", scratch("kept.pmv"));
	tui_expect_row(t, 0, "LIVE");
	tui_key(t, "e");
	tui_expect_text(t, "into: mkpages-");
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_text(t, "save to: mkpages-");
	tui_key(t, "\025");
	tui_expect_no_text(t, "mkpages-");
	tui_key(t, path);
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_text(t, "saved ");
	/* What is there already is left alone. */
	file = read_file(path, &len);
	assert_non_null(file);
	free(file);
	tui_key(t, "e\r\025");
	tui_key(t, path);
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_text(t, "exists already");
	tui_key(t, "e");
	tui_expect_text(t, "save or export");
	tui_key(t, TUI_KEY_ESC);
	tui_expect_no_text(t, "save or export");
	quit(t, "q");
	live = PRINT(fixture_pid(fixture), "-fcsv");
	kept = run_program((const char *const[]){ pmview_path(), "-fcsv", path, NULL });
	assert_int_equal(kept.status, 0);
	assert_string_equal(kept.out, live);
	result_free(&kept);
	free(live);
}

/* ------------------------------------------------------------------------------------------- */

#define TEST(f) cmocka_unit_test_teardown(f, tui_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_screen), TEST(test_moving), TEST(test_zoom), TEST(test_help),
		TEST(test_entry), TEST(test_unprivileged), TEST(test_live), TEST(test_save),
	};

	return cmocka_run_group_tests(tests, screen_start, screen_stop);
}
