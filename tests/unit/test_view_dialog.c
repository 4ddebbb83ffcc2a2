/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The export dialog: what is chosen, and how the file is called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "view/panes.h"

static struct layout l;
static struct scene scene;
static struct view v;

static int start(void **state)
{
	(void)state;
	l = layout_make(80, 24);
	scene = (struct scene){
		.snapshot = snapshot_of("400000 r-xp file /usr/bin/x F4\n600000 rw-p heap [heap] A20\n", NULL),
		.process = "test",
		.interval = 1,
	};
	v = (struct view){ 0 };
	view_init(&v, &scene);
	v.cursor = 0x600000;
	view_settle(&v, &scene, &l);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	snapshot_unref((struct snapshot *)scene.snapshot);
	return 0;
}

static unsigned press(uint32_t key)
{
	return view_key(&v, key, &scene, &l);
}

static void assert_ends(const char *end)
{
	size_t n = strlen(v.prompt), k = strlen(end);

	if (n < k || strcmp(v.prompt + n - k, end))
		fail_msg("%s does not end in %s", v.prompt, end);
}

static void keys_choose(void **state)
{
	(void)state;
	assert_int_equal(press('e'), 0);
	assert_true(v.dialog && !v.prompting);
	assert_int_equal(v.choice, CHOICE_SKELETON);
	press(PKEY_UP);
	assert_int_equal(v.choice, CHOICE_SKELETON);
	press(PKEY_DOWN);
	assert_int_equal(v.choice, CHOICE_ENTRIES);
	press('n');
	assert_int_equal(v.choice, CHOICE_PAGES_CSV);
	press(PKEY_DOWN);
	assert_int_equal(v.choice, CHOICE_PAGES_CSV);
	press(PKEY_HOME);
	assert_int_equal(v.choice, CHOICE_SKELETON);
	press(PKEY_END);
	assert_int_equal(v.choice, CHOICE_PAGES_CSV);
	/* Keys that do something elsewhere do nothing here. */
	press('q');
	press('o');
	press(' ');
	assert_true(v.dialog);
	assert_string_not_equal(v.message, "");
	assert_int_equal(v.choice, CHOICE_PAGES_CSV);
	assert_int_equal(press(PKEY_ESC), 0);
	assert_false(v.dialog);
	/* F9 as well; it remembers. */
	press(PKEY_F1 + 8);
	assert_true(v.dialog);
	assert_int_equal(v.choice, CHOICE_PAGES_CSV);
	assert_ends("-pages.csv");
	assert_int_equal(press(PKEY_TAB), 0);
	assert_true(v.prompting);
	press(PKEY_TAB);
	assert_true(v.dialog && !v.prompting);
	press(PKEY_ENTER);
	assert_int_equal(press(PKEY_ENTER), FOLLOW_SAVE);
	assert_false(v.dialog || v.prompting);
	assert_ends("-pages.csv");
}

static void the_name_follows(void **state)
{
	static const char *const end[CHOICES] = { ".pmv", ".pmv", ".pmv", "-list.txt", "-list.json",
		"-list.csv", "-list.svg", "-600000.txt", "-600000.json", "-600000.csv", "-600000.svg",
		"-pages.txt", "-pages.json", "-pages.csv" };
	int i, k;

	(void)state;
	press('e');
	for (i = 0; i < CHOICES; i++) {
		for (k = 0; k < CHOICES; k++) {
			size_t len;

			press((uint32_t)('a' + i));
			assert_ends(end[i]);
			press((uint32_t)('a' + k));
			assert_ends(end[k]);
			/* Nothing piles up. */
			len = strlen(v.prompt) - strlen(end[k]);
			assert_memory_equal(v.prompt, "test-4242-", 10);
			assert_int_equal(len, strlen("test-4242-20260528-202640"));
		}
	}
	/* What its user has typed stays, with an ending of ours ... */
	press('a');
	press(PKEY_ENTER);
	press(PKEY_CTRL('u'));
	for (i = 0; i < 5; i++)
		press((uint32_t)"x.pmv"[i]);
	press(PKEY_TAB);
	press('f');
	assert_string_equal(v.prompt, "x-list.csv");
	/* ... and with one of theirs. */
	press(PKEY_ENTER);
	press('2');
	press(PKEY_TAB);
	press('g');
	assert_string_equal(v.prompt, "x-list.csv2");
	press(PKEY_ENTER);
	press(PKEY_CTRL('u'));
	press(PKEY_TAB);
	press('a');
	assert_string_equal(v.prompt, "");
}

/* An ending that has no room is left as it is. */
static void a_long_name_keeps_its_end(void **state)
{
	int i;

	(void)state;
	press('e');
	press(PKEY_ENTER);
	press(PKEY_CTRL('u'));
	for (i = 0; i < VIEW_TEXT - 5; i++)
		press('x');
	for (i = 0; i < 4; i++)
		press((uint32_t)".pmv"[i]);
	assert_int_equal(strlen(v.prompt), VIEW_TEXT - 1);
	press(PKEY_TAB);
	press('m');
	assert_int_equal(strlen(v.prompt), VIEW_TEXT - 1);
	assert_ends("x.pmv");
}

/* Entries, and frames, are not to be had, for that reason; all else is. */
static void check_denied(bool entries, bool frames, const char *why)
{
	struct cells c = { 0 };
	char *text, line[100];
	int i;

	cells_resize(&c, 80, 24);
	press('e');
	screen_draw(&c, &v, &scene);
	text = cells_to_text(&c);
	snprintf(line, sizeof(line), "b  snapshot, and raw entries (%s)\n", why);
	assert_int_equal(strstr(text, line) != NULL, entries);
	snprintf(line, sizeof(line), "c  snapshot, entries and page frames (%s)\n", why);
	assert_int_equal(strstr(text, line) != NULL, frames);
	free(text);
	for (i = 0; i < CHOICES; i++) {
		bool denied = (i == CHOICE_ENTRIES && entries) || (i == CHOICE_FULL && frames);

		press((uint32_t)('a' + i));
		/* The line of "save or export", and a blank one, are above the choices. */
		screen_draw(&c, &v, &scene);
		assert_int_equal(c.cell[(layout_middle(&l).y + 2 + i) * 80 + 5].attr & CELL_DIM,
			denied ? CELL_DIM : 0);
		press(PKEY_ENTER);
		assert_int_equal(v.prompting != PROMPT_NONE, !denied);
		assert_int_equal(strstr(v.message, why) != NULL, denied);
		if (v.prompting)
			press(PKEY_TAB);
	}
	press(PKEY_ESC);
	cells_free(&c);
}

static void what_is_gone_is_not_offered(void **state)
{
	(void)state;
	check_denied(false, false, "not");
	scene.past = true;
	check_denied(true, true, "of the newest scan alone");
	scene.ended = "EXITED 12:00:00";
	check_denied(true, true, "the process has ended");
	scene.ended = NULL;
	scene.past = false;
	scene.file = "x.pmv";
	check_denied(true, true, "not in this file");
	scene.kept = NEED_ENTRIES;
	check_denied(false, true, "not in this file");
	scene.kept = NEED_ENTRIES | NEED_FRAMES;
	check_denied(false, false, "not in this file");
}

/* A name that could not be written is there again, with what should go into it. */
static void what_was_not_written_comes_back(void **state)
{
	int i;

	(void)state;
	press('e');
	press('f');
	press(PKEY_ENTER);
	press(PKEY_CTRL('u'));
	for (i = 0; i < 6; i++)
		press((uint32_t)"mine.x"[i]);
	assert_int_equal(press(PKEY_ENTER), FOLLOW_SAVE);
	/* Another line is typed meanwhile. */
	press(':');
	press('7');
	press(PKEY_ESC);
	press('e');
	assert_int_equal(v.choice, CHOICE_LIST_CSV);
	assert_string_equal(v.prompt, "mine.x");
	/* And once more, whatever else was looked at. */
	press('a');
	press(PKEY_ESC);
	press('e');
	assert_int_equal(v.choice, CHOICE_LIST_CSV);
	assert_string_equal(v.prompt, "mine.x");
	press(PKEY_ESC);
	v.unsaved[0] = '\0';
	press('e');
	assert_int_equal(v.choice, CHOICE_LIST_CSV);
	assert_ends("-list.csv");
}

/* Of a message that has no room the path loses its beginning, and nothing else. */
static void paths_are_cut_at_their_beginning(void **state)
{
	struct cells c = { 0 };
	char *text;

	(void)state;
	snprintf(v.message, sizeof(v.message), "saved (scanned anew at 14:12:33): " MESSAGE_PATH
		"/var/tmp/a/very/long/path/that/has/no/room/here/test-4242-20260528-202640-pages.txt");
	cells_resize(&c, 80, 24);
	screen_draw(&c, &v, &scene);
	text = cells_to_text(&c);
	assert_non_null(strstr(text, " saved (scanned anew at 14:12:33): .."));
	assert_non_null(strstr(text, "-4242-20260528-202640-pages.txt\n"));
	free(text);
	cells_resize(&c, 160, 24);
	screen_draw(&c, &v, &scene);
	text = cells_to_text(&c);
	assert_non_null(strstr(text, " saved (scanned anew at 14:12:33): /var/tmp/a/very"));
	free(text);
	cells_free(&c);
}

/* Wherever there is a screen at all, the choice can be seen, and where the file goes. */
static void it_fits(void **state)
{
	static const int sizes[][2] = { { 160, 50 }, { 80, 24 }, { 80, 16 }, { 40, 10 }, { 20, 8 },
		{ 20, 4 } };
	struct cells c = { 0 };
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		l = layout_make(sizes[i][0], sizes[i][1]);
		cells_resize(&c, sizes[i][0], sizes[i][1]);
		press('e');
		for (k = 0; k < CHOICES; k++) {
			char *text, mark[] = "> a  ";

			press((uint32_t)('a' + k));
			screen_draw(&c, &v, &scene);
			text = cells_to_text(&c);
			mark[2] = (char)('a' + k);
			if (!strstr(text, mark) || !strstr(text, "into: "))
				fail_msg("at %dx%d choice %c is not seen:\n%s", sizes[i][0], sizes[i][1],
					'a' + k, text);
			free(text);
		}
		press(PKEY_ESC);
	}
	cells_free(&c);
}

/* Esc gives up what is being written before it does anything else, and the screen says how far it is. */
static void writing_can_be_given_up(void **state)
{
	struct cells c = { 0 };
	char *text;

	(void)state;
	v.pane = PANE_GRID;
	scene.exporting = "writing 12 %";
	cells_resize(&c, 80, 24);
	screen_draw(&c, &v, &scene);
	text = cells_to_text(&c);
	assert_non_null(strstr(text, "writing 12 %"));
	free(text);
	cells_free(&c);
	assert_int_equal(press(PKEY_ESC), FOLLOW_CANCEL);
	assert_int_equal(v.pane, PANE_GRID);
	scene.exporting = NULL;
	assert_int_equal(press(PKEY_ESC), 0);
	assert_int_equal(v.pane, PANE_LIST);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_choose),
		TEST(the_name_follows),
		TEST(a_long_name_keeps_its_end),
		TEST(what_is_gone_is_not_offered),
		TEST(what_was_not_written_comes_back),
		TEST(paths_are_cut_at_their_beginning),
		TEST(it_fits),
		TEST(writing_can_be_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
