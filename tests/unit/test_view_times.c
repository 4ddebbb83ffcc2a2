/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time on the screen: the bar, the title, the prompt, and that nothing is said of a past snapshot that
 * is only known of the newest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state_help.h"
#include "view/panes.h"
#include "view/timebar.h"
#include "view/times.h"

#define N 40

/* Snapshots every 2 s; what is in each is up to the test. */
static struct page_counts totals[N];
static struct moment moments[N];

static void make_moments(void)
{
	size_t i;

	for (i = 0; i < N; i++) {
		totals[i] = (struct page_counts){ { 0 }, 0 };
		moments[i] = (struct moment){ { 1795348800 + 2 * (time_t)i, 0 }, &totals[i], NULL };
	}
}

static struct scene replay_of(const struct snapshot *s, size_t n, size_t at)
{
	struct scene scene = scene_of(s);

	scene.moments = moments;
	scene.moment_count = n;
	scene.moment_at = at;
	scene.replay = true;
	return scene;
}

static char *bar(int w, int h, bool ascii, const struct scene *s)
{
	struct cells c = { .ascii = ascii };
	char *text;

	cells_resize(&c, w, h);
	timebar_draw(&c, (struct rect){ 0, 0, w, h }, s);
	text = cells_to_text(&c);
	cells_free(&c);
	return text;
}

static void assert_bar(int w, int h, bool ascii, const struct scene *s, const char *expected)
{
	char *text = bar(w, h, ascii, s);

	assert_string_equal(text, expected);
	free(text);
}

/* --- the bar --- */

static void levels(void **state)
{
	int i;

	(void)state;
	assert_int_equal(timebar_level(0, 0, 100, 8), 0);
	assert_int_equal(timebar_level(1, 0, 1000000, 8), 1);
	assert_int_equal(timebar_level(100, 100, 200, 8), 1);
	assert_int_equal(timebar_level(200, 100, 200, 8), 8);
	assert_int_equal(timebar_level(150, 150, 150, 8), 4);
	assert_int_equal(timebar_level(UINT64_MAX, 0, UINT64_MAX, 8), 8);
	for (i = 1; i <= 8; i++)
		assert_int_equal(timebar_level(99 + (uint64_t)i, 100, 107, 8), i);
}

static void it_plots_what_changes_most(void **state)
{
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct scene scene = replay_of(s, 8, 3);
	size_t i;

	(void)state;
	make_moments();
	for (i = 0; i < 8; i++) {
		totals[i].state[PAGE_ANON] = 100000 + i;
		totals[i].state[PAGE_SWAP] = 256 * i;
	}
	assert_bar(8, 1, false, &scene, " ▂▃▄▅▆▇█\n");
	assert_bar(8, 1, true, &scene, " :-==+*#\n");
	assert_bar(60, 2, true, &scene,
		" swap       :::::-----==========+++++*****##### 0-7.0M\n"
		" 12:00:00   t/T step   : go to a time   F newest   12:00:14\n");
	/* The swap of none is a blank; a column of several shows the most of them. */
	assert_bar(4, 1, true, &scene, ":=+#\n");
	scene.moment_count = 1;
	assert_bar(3, 2, true, &scene, "===\n 12\n");
	/* Three sums where there is room. */
	scene.moment_count = 8;
	for (i = 0; i < 8; i++)
		totals[i].state[PAGE_FILE] = 256;
	assert_bar(35, 4, true, &scene,
		" anon ..::--====++**## 390M-390M\n"
		" file ================ 1.0M\n"
		" swap   ::--====++**## 0-7.0M\n"
		" 12:00:00     t/T step    12:00:14\n");
	snapshot_unref(s);
}

static void the_shown_one_is_marked(void **state)
{
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct cells c = { 0 };
	size_t at;
	int x, w;

	(void)state;
	make_moments();
	for (w = 1; w <= 80; w++) {
		cells_resize(&c, w, 1);
		for (at = 0; at < N; at++) {
			struct scene scene = replay_of(s, N, at);
			int marked = 0;

			cells_clear(&c);
			timebar_draw(&c, (struct rect){ 0, 0, w, 1 }, &scene);
			for (x = 0; x < w; x++)
				marked += c.cell[x].attr & CELL_REVERSE ? 1 : 0;
			assert_in_range(marked, 1, 1 + w / N);
		}
	}
	cells_free(&c);
	snapshot_unref(s);
}

static void it_has_any_size(void **state)
{
	struct snapshot *s = snapshot_of(THREE, NULL);
	int w, h;

	(void)state;
	make_moments();
	moments[N - 1].time.tv_sec += 200000; /* another day: longer captions */
	for (w = 1; w <= 200; w++)
		for (h = 1; h <= 5; h++) {
			struct scene scene = replay_of(s, N, (size_t)w % N);

			free(bar(w, h, w & 1, &scene));
		}
	snapshot_unref(s);
}

/* --- the title --- */

static const char *status(const struct scene *s)
{
	static char buf[128];
	struct str t = { 0 };

	times_status(&t, s, false);
	snprintf(buf, sizeof(buf), "%s", str_text(&t));
	str_free(&t);
	return buf;
}

static void the_title_says_when(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s;
	struct scene scene;

	(void)state;
	make_moments();
	info.time = moments[21].time;
	s = snapshot_of(THREE, &info);
	scene = replay_of(s, N, 21);
	scene.past = true;
	assert_string_equal(status(&scene), "REPLAY 22/40 12:00:42 (-36 s)");
	moments[N - 1].time.tv_nsec = 250000000;
	moments[N - 1].time.tv_sec = info.time.tv_sec + 1;
	assert_string_equal(status(&scene), "REPLAY 22/40 12:00:42 (-1.2 s)");
	scene.past = false;
	scene.file = "/tmp/a/pg.pmv";
	assert_string_equal(status(&scene), "REPLAY pg.pmv 22/40 12:00:42 (+42 s)");
	moments[0].time.tv_sec -= 3600;
	scene.file = "a-name-that-is-much-too-long.pmv";
	assert_string_equal(
		status(&scene), "REPLAY a-name-that-is-much-~ 22/40 12:00:42 (+61 min)");
	scene.file = "-";
	assert_string_equal(status(&scene), "REPLAY stdin 22/40 12:00:42 (+61 min)");
	snapshot_unref(s);
	info.complete = false;
	s = snapshot_of(THREE, &info);
	scene.snapshot = s;
	scene.file = "/tmp/mid.pmv";
	assert_string_equal(status(&scene), "REPLAY mid.pmv 22/40 INCOMPLETE 12:00:42");
	snapshot_unref(s);
}

/* --- the prompt --- */

static void places_to_go_to(void **state)
{
	static const char *const bad[] = { "", "xyz", "12:xx", "#0", "-", "#-", "7f0e2000g", "+1M",
		"50%", "[heap]", "10000000000000000" };
	struct go_to to;
	struct err e;
	size_t i;

	(void)state;
	assert_int_equal(times_parse("7f0e2000", &to, &e), 0);
	assert_int_equal(to.kind, GO_TO_ADDRESS);
	assert_int_equal(to.address, 0x7f0e2000);
	assert_int_equal(times_parse("0xffffffffff600000", &to, &e), 0);
	assert_int_equal(to.address, 0xffffffffff600000);
	assert_int_equal(times_parse("12", &to, &e), 0);
	assert_int_equal(to.kind, GO_TO_ADDRESS);
	assert_int_equal(times_parse("#12", &to, &e), 0);
	assert_int_equal(to.kind, GO_TO_MOMENT);
	assert_int_equal(to.moment.number, 12);
	assert_int_equal(times_parse("-3", &to, &e), 0);
	assert_int_equal(to.moment.number, -3);
	assert_int_equal(times_parse("12:01:43", &to, &e), 0);
	assert_int_equal(to.moment.kind, MOMENT_CLOCK);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(times_parse(bad[i], &to, &e), -1);
		assert_true(e.text[0] && !strchr(e.text, '\n'));
	}
}

static unsigned type(struct view *v, const char *keys, const struct scene *s)
{
	struct layout l = layout_make(80, 24);
	unsigned follow = 0;

	for (; *keys; keys++)
		follow = view_key(v, (uint32_t)*keys, s, &l);
	return follow;
}

static void keys_go_there(void **state)
{
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct scene scene = scene_of(s);
	struct layout l = layout_make(80, 24);
	struct view v;

	(void)state;
	start(&v, &scene, &l);
	assert_int_equal(type(&v, "t", &scene), FOLLOW_STEP);
	assert_int_equal(v.step, STEP_NEXT);
	assert_int_equal(type(&v, ".", &scene), FOLLOW_STEP);
	assert_int_equal(v.step, STEP_NEXT);
	assert_int_equal(type(&v, "T", &scene), FOLLOW_STEP);
	assert_int_equal(v.step, STEP_PREVIOUS);
	assert_int_equal(type(&v, ",", &scene), FOLLOW_STEP);
	assert_int_equal(v.step, STEP_PREVIOUS);
	assert_int_equal(type(&v, "F", &scene), FOLLOW_STEP);
	assert_int_equal(v.step, STEP_NEWEST);
	assert_int_equal(type(&v, ":#2\r", &scene), FOLLOW_STEP);
	assert_int_equal(v.step, STEP_TO);
	assert_int_equal(v.moment.number, 2);
	assert_int_equal(type(&v, ":12:00\r", &scene), FOLLOW_STEP);
	assert_int_equal(v.moment.kind, MOMENT_CLOCK);
	/* An address is where the cursor is then. */
	assert_int_equal(type(&v, ":428000\r", &scene), 0);
	assert_int_equal(v.cursor, 0x428000);
	assert_string_equal(v.message, "");
	assert_int_equal(type(&v, ":7f0000000000\r", &scene), 0);
	view_settle(&v, &scene, &l);
	assert_int_equal(v.cursor, 0x7ff000000000);
	assert_non_null(strstr(v.message, "nothing is mapped there"));
	assert_int_equal(type(&v, ":ho\r", &scene), 0);
	assert_non_null(strstr(v.message, "'ho'"));
	assert_int_equal(v.cursor, 0x7ff000000000);
	snapshot_unref(s);
}

static void keys_record(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s = snapshot_of(THREE, NULL), *partial;
	struct scene scene = scene_of(s);
	struct layout l = layout_make(80, 24);
	struct view v;

	(void)state;
	start(&v, &scene, &l);
	assert_int_equal(type(&v, "x", &scene), 0);
	assert_int_equal(v.prompting, PROMPT_RECORD);
	assert_string_equal(v.prompt + strlen(v.prompt) - 8, "-rec.pmv");
	assert_int_equal(type(&v, "\r", &scene), FOLLOW_RECORD);
	scene.recording = true;
	assert_int_equal(type(&v, "x", &scene), FOLLOW_RECORD);
	assert_int_equal(v.prompting, PROMPT_NONE);
	scene.recording = false;
	/* What is not scanned yet would look as if it were not there. */
	info.scanning = true;
	partial = snapshot_of(THREE, &info);
	scene.snapshot = partial;
	assert_int_equal(type(&v, "x", &scene), 0);
	assert_int_equal(v.prompting, PROMPT_NONE);
	scene.snapshot = s;
	snapshot_unref(partial);
	scene.file = "x.pmv";
	assert_int_equal(type(&v, "x", &scene), 0);
	assert_int_equal(v.prompting, PROMPT_NONE);
	assert_non_null(strstr(v.message, "nothing to record"));
	snapshot_unref(s);
}

/* --- what is not known --- */

static void assert_says(const struct view *v, const struct scene *s, const char *text)
{
	struct cells c = { .ascii = true };
	char *screen;

	cells_resize(&c, 80, 24);
	screen_draw(&c, v, s);
	screen = cells_to_text(&c);
	if (!strstr(screen, text))
		fail_msg("'%s' is not on the screen:\n%s", text, screen);
	free(screen);
	cells_free(&c);
}

static char *title(const struct scene *s, int w, enum against against)
{
	struct view v = { .cursor = 0x400000, .against = against };
	struct cells c = { .ascii = true };
	char *text;

	cells_resize(&c, w, 24);
	screen_draw(&c, &v, s);
	text = cells_to_text(&c);
	*strchr(text, '\n') = '\0';
	cells_free(&c);
	return text;
}

static void assert_title(const struct scene *s, int w, const char *expected)
{
	char *text = title(s, w, AGAINST_NOTHING);

	assert_string_equal(text, expected);
	free(text);
}

static void files_say_which_they_are(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s, *part, *little;
	struct scene scene;

	(void)state;
	make_moments();
	s = snapshot_of(THREE, &info);
	info.complete = false;
	part = snapshot_of(THREE, &info);
	scene = scene_of(s);
	scene.file = "/var/tmp/x.pmv";
	assert_title(&scene, 80,
		" test[4242]  SNAPSHOT x.pmv 2026-05-28 20:26:40  on host  rss 7.8M  swap 20K  RO");
	assert_title(&scene, 110,
		" pmview  test[4242]  SNAPSHOT x.pmv 2026-05-28 20:26:40  on host  rss 7.8M  swap 20K  vmas 3/65530"
		"  RO");
	/* Where the RSS has no room the sums behind it are left out, too. */
	assert_title(&scene, 67, " test[4242]  SNAPSHOT x.pmv 2026-05-28 20:26:40  on host  rss 7.8M");
	assert_title(&scene, 65, " test[4242]  SNAPSHOT x.pmv 2026-05-28 20:26:40  on host  RO");
	info = info_for_tests();
	info.known = (struct page_known){ 0 };
	little = snapshot_of(THREE, &info);
	scene.snapshot = little;
	assert_title(&scene, 67, " test[4242]  SNAPSHOT x.pmv 2026-05-28 20:26:40  on host  rss 7.8M");
	assert_title(&scene, 65, " test[4242]  SNAPSHOT x.pmv 2026-05-28 20:26:40  on host  RO");
	scene.snapshot = part;
	assert_title(&scene, 80,
		" test[4242]  INCOMPLETE SNAPSHOT x.pmv 2026-05-28 20:26:40  on host  rss 7.8M+");
	scene = replay_of(part, N, 4);
	scene.file = "mid.pmv";
	assert_title(&scene, 60, " test[4242]  REPLAY mid.pmv 5/40 INCOMPLETE 20:26:40");
	snapshot_unref(s);
	snapshot_unref(part);
	snapshot_unref(little);
}

/* With what it is compared is seen in 80 columns, however long the name is. */
static void files_leave_room_for_comparison(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s, *part;
	struct scene scene;
	char *text;

	(void)state;
	make_moments();
	s = snapshot_of(THREE, &info);
	info.complete = false;
	part = snapshot_of(THREE, &info);
	scene = scene_of(s);
	scene.file = "postgres-12345-20260528-202640.pmv";
	text = title(&scene, 80, AGAINST_MARK);
	assert_non_null(strstr(text, "SNAPSHOT postgres~ 2026-05-28 20:26:40  DIFF vs mark: comparing ..."));
	free(text);
	scene = replay_of(part, N, 20);
	scene.file = "postgres-12345-20260528-202640-rec.pmv";
	/* "comparing ..." is longer by 6 than the time that comes to stand there. */
	text = title(&scene, 86, AGAINST_LAST);
	assert_non_null(strstr(text, "REPLAY postgres~ 21/40 INCOMPLETE 20:26:40  DIFF vs last: comparing"));
	free(text);
	scene.snapshot = s;
	text = title(&scene, 80, AGAINST_LAST);
	assert_non_null(strstr(text, "REPLAY postgres~ 21/40 20:26:40  DIFF vs last: comparing ..."));
	free(text);
	snapshot_unref(s);
	snapshot_unref(part);
}

/* What cannot be done in a file is not offered there. */
static void files_have_keys_of_their_own(void **state)
{
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct scene one = scene_of(s), several = replay_of(s, N, 2);
	struct view v = { .cursor = 0x400000 };
	int i;

	(void)state;
	make_moments();
	one.file = several.file = "x.pmv";
	for (i = 0; i < 3; i++) {
		struct cells c = { .ascii = true };
		char *text, *keys;
		int k;

		v.screen = i == 2 ? SCREEN_PAGE : SCREEN_MAIN;
		v.pane = i ? PANE_GRID : PANE_LIST;
		cells_resize(&c, 80, 24);
		for (k = 0; k < 2; k++) {
			cells_clear(&c);
			screen_draw(&c, &v, k ? &several : &one);
			text = cells_to_text(&c);
			keys = strstr(text, " ?Help");
			assert_non_null(keys);
			assert_null(strstr(keys, "ask"));
			assert_null(strstr(keys, "o who"));
			assert_null(strstr(keys, "pause"));
			assert_non_null(strstr(keys, "m,d compare  e export"));
			assert_int_equal(strstr(keys, "t,T step") != NULL, k);
			free(text);
		}
		cells_free(&c);
	}
	snapshot_unref(s);
}

static void help_tells_of_the_file(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s;
	struct scene scene;
	struct vma_smaps smaps[3] = { 0 };
	struct view v = { .screen = SCREEN_HELP, .help_tab = HELP_SCAN };

	(void)state;
	make_moments();
	info.cmdline = "/bin/x\0-a\nb";
	info.cmdline_len = 12;
	s = snapshot_of(THREE, &info);
	scene = replay_of(s, N, 4);
	scene.file = "/var/tmp/mid.pmv";
	assert_says(&v, &scene, "path       /var/tmp/mid.pmv");
	assert_says(&v, &scene, "snapshot   5 of 40, of 2026-05-28 20:26:40");
	assert_says(&v, &scene, "host       host, Linux ");
	assert_says(&v, &scene, "command    /bin/x -a\\x0ab");
	assert_says(&v, &scene, "kept       states of pages (--keep=skeleton)");
	assert_says(&v, &scene, "not in this file: raw entries, page frames, what smaps says\n");
	scene.kept = NEED_ENTRIES;
	scene.smaps = smaps;
	assert_says(&v, &scene, "states and raw entries (--keep=entries)");
	assert_says(&v, &scene, "not in this file: page frames\n");
	scene.kept |= NEED_FRAMES;
	scene.smaps = NULL;
	assert_says(&v, &scene, "raw entries and page frames (--keep=full)");
	assert_says(&v, &scene, "not in this file: what smaps says\n");
	snapshot_unref(s);
}

static void nothing_is_read_of_the_past(void **state)
{
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct scene scene = replay_of(s, N, 3);
	struct layout l = view_layout(&scene, 80, 24);
	struct lens_counts n;
	struct view v;

	(void)state;
	make_moments();
	start(&v, &scene, &l);
	assert_int_equal(l.times.h, 2);
	assert_true(view_needs(&v, &scene).n > 0 || !scene.past);
	scene.past = true;
	assert_int_equal(view_needs(&v, &scene).n, 0);
	assert_says(&v, &scene, "REPLAY 4/40");
	assert_says(&v, &scene, "F file  no entry: of a past snapshot");
	assert_int_equal(type(&v, "o", &scene), 0);
	assert_non_null(strstr(v.message, "F follows the newest"));
	v.message[0] = '\0';
	v.screen = SCREEN_PAGE;
	assert_says(&v, &scene, "entry   not read: entries are those of the newest snapshot");
	v.screen = SCREEN_MAIN;
	/* Ages are those at the newest scan: none is told, not even "old". */
	v.lens = LENS_AGE;
	assert_says(&v, &scene, "age is told at the newest scan");
	lens_count(&v, &scene, 0, 0, 20, &n);
	assert_int_equal(n.unread, 20);
	/* Space goes on. */
	v.lens = LENS_STATE;
	v.paused = true;
	assert_int_equal(type(&v, " ", &scene), FOLLOW_STEP | FOLLOW_PAUSE);
	assert_int_equal(v.step, STEP_NEWEST);
	assert_false(v.paused);
	snapshot_unref(s);
}

static void files_say_what_they_keep(void **state)
{
	struct snapshot *s = snapshot_of(THREE, NULL);
	struct scene scene = scene_of(s);
	struct layout l = layout_make(80, 24);
	uint64_t got[NEEDS_MAX] = { 0 }, entry = ENTRY_PRESENT | 0x77;
	struct pageset_content content = { .entries = &entry };
	struct needs n = { 0 };
	struct pageset *p;
	struct view v;

	(void)state;
	scene.file = "x.pmv";
	scene.serial = 1;
	start(&v, &scene, &l);
	v.screen = SCREEN_PAGE;
	assert_int_equal(view_needs(&v, &scene).n, 0);
	assert_says(&v, &scene, "entry   this snapshot keeps no entries: --keep=entries does");
	scene.kept = NEED_ENTRIES;
	assert_true(view_needs(&v, &scene).n > 0);
	assert_says(&v, &scene, "entry   is being read");
	/* The first page is there, the one behind it is not in the file. */
	needs_add(&n, NEED_ENTRIES, 0x400, 2);
	got[0] = 1;
	p = pageset_new(1, (struct timespec){ 0 }, &n, got, &content);
	scene.pages = p;
	assert_says(&v, &scene, "PFN         0x77");
	assert_says(&v, &scene, "kpageflags  not kept in this snapshot: --keep=full does");
	v.cursor += 4096;
	assert_says(&v, &scene, "entry   the file does not have the entry of this page");
	v.screen = SCREEN_MAIN;
	assert_says(&v, &scene, "entry not kept");
	pageset_unref(p);
	snapshot_unref(s);
}

/* --- the history of a page --- */

static void a_page_has_a_history(void **state)
{
	static const char *const then[] = { "400000 rw-p anon - .4\n", "400000 rw-p anon - A4\n",
		"400000 rw-p anon - A1 S3\n", "500000 rw-p anon - A4\n",
		"400000 r-xp file /bin/x F4\n" };
	struct snapshot *s[12];
	struct scene scene;
	struct cells c = { .ascii = true };
	struct view v = { .cursor = 0x401000 };
	char *text;
	size_t i;

	(void)state;
	make_moments();
	for (i = 0; i < 12; i++) {
		s[i] = snapshot_of(then[i < 5 ? i : 1], NULL);
		moments[i].snapshot = s[i];
	}
	scene = replay_of(s[11], 12, 11);
	cells_resize(&c, 40, 1);
	assert_true(times_history_draw(&c, (struct rect){ 0, 0, 40, 1 },
		view_vma(&v, &scene, NULL), v.cursor, &scene));
	text = cells_to_text(&c);
	assert_string_equal(text, " .AS  AAAAAAA\n");
	free(text);
	assert_int_equal(c.cell[12].attr, CELL_REVERSE);
	assert_int_equal(c.cell[11].attr, 0);
	/* The newest where there is no room for all, but always the one that is shown. */
	cells_clear(&c);
	scene.moment_at = 1;
	assert_true(times_history_draw(&c, (struct rect){ 0, 0, 6, 1 },
		view_vma(&v, &scene, NULL), v.cursor, &scene));
	text = cells_to_text(&c);
	assert_string_equal(text, " AS  A\n");
	free(text);
	assert_int_equal(c.cell[1].attr, CELL_REVERSE);
	scene.moment_at = 11;
	v.screen = SCREEN_PAGE;
	assert_says(&v, &scene, "history, newest right");
	scene.moment_count = 9;
	scene.moment_at = 8;
	assert_false(times_history_draw(&c, (struct rect){ 0, 0, 40, 1 },
		view_vma(&v, &scene, NULL), v.cursor, &scene));
	cells_free(&c);
	for (i = 0; i < 12; i++)
		snapshot_unref(s[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels),
		cmocka_unit_test(it_plots_what_changes_most),
		cmocka_unit_test(the_shown_one_is_marked),
		cmocka_unit_test(it_has_any_size),
		cmocka_unit_test(the_title_says_when),
		cmocka_unit_test(files_say_which_they_are),
		cmocka_unit_test(files_leave_room_for_comparison),
		cmocka_unit_test(files_have_keys_of_their_own),
		cmocka_unit_test(help_tells_of_the_file),
		cmocka_unit_test(places_to_go_to),
		cmocka_unit_test(keys_go_there),
		cmocka_unit_test(keys_record),
		cmocka_unit_test(nothing_is_read_of_the_past),
		cmocka_unit_test(files_say_what_they_keep),
		cmocka_unit_test(a_page_has_a_history),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
