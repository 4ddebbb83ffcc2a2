/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures, and the export dialog: every choice writes what the command line prints. */
#include "e2e/screen_help.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "view/dialog.h"

#define RUN(...) run_program((const char *const[]){ pmview_path(), __VA_ARGS__, NULL })

/* What was printed; it must have gone well. The caller frees it. */
static char *good(struct result r)
{
	assert_string_equal(r.err, "");
	assert_int_equal(r.status, 0);
	free(r.err);
	return r.out;
}

static void fails(struct result r, const char *words)
{
	char *end = strchr(r.err, '\n');

	if (!strstr(r.err, words) || !end || end[1])
		fail_msg("not one line with \"%s\": %s", words, r.err);
	assert_int_equal(r.status, 2);
	assert_string_equal(r.out, "");
	result_free(&r);
}

/* Digits of times become 0: two scans of a process that stands still differ in nothing else. */
static void forget_times(char *text)
{
	char *at, *c;

	for (at = strstr(text, "20"); at; at = strstr(at + 1, "20")) {
		unsigned y, mo, d, h, mi, s, ms;
		char zone;

		if (sscanf(at, "%4u-%2u-%2uT%2u:%2u:%2u.%3u%c", &y, &mo, &d, &h, &mi, &s, &ms, &zone) == 8 &&
			zone == 'Z')
			for (c = at; *c != 'Z'; c++)
				*c = *c >= '0' && *c <= '9' ? '0' : *c;
	}
}

/* --- the command line ------------------------------------------------------------------------ */

static void test_svg(void **state)
{
	char *list = good(RUN("-l", "-f", "svg", saved)), *part, *text, range[64];
	const char *file = scratch("picture.svg");

	(void)state;
	assert_int_equal(strncmp(list, "<?xml ", 6), 0);
	assert_non_null(strstr(list, "5 of 5 mappings"));
	assert_non_null(strstr(list, "test[4242] on host"));
	assert_non_null(strstr(list, "/dev/shm/\xe6\x97\xa5\\x1b[31m"));
	assert_non_null(strstr(list, "<title>400000-40c000: file 12 pages (48K)</title>"));
	text = good(RUN("--format=svg", saved));
	assert_string_equal(text, list);
	free(text);
	text = good(RUN("--pages=all", "-fsvg", saved));
	assert_string_equal(text, list);
	free(text);
	free(good(RUN("-fsvg", "-o", file, saved)));
	text = read_file(file, NULL);
	assert_non_null(text);
	assert_string_equal(text, list);
	free(text);
	text = good(RUN("-fsvg", "-t", "light", saved));
	assert_string_not_equal(text, list);
	assert_non_null(strstr(text, "#ffffff"));
	free(text);
	part = good(RUN("-fsvg", "-P", "[heap]", saved));
	assert_non_null(strstr(part, "1 of 5 mappings"));
	assert_non_null(strstr(part, "swap 1 page (4.0K)"));
	text = good(RUN("-fsvg", "-P", "600000-1600000", saved));
	assert_string_equal(text, part);
	free(text);
	snprintf(range, sizeof(range), "600000+2M");
	text = good(RUN("-fsvg", "-P", range, saved));
	assert_non_null(strstr(text, "anon 512 pages (2.0M)"));
	assert_non_null(strstr(text, "a part of 600000-1600000"));
	free(text);
	free(part);
	free(list);
	/* Pairs that make no sense. */
	fails(RUN("-fsvg", "--brief", saved), "--format=svg is a picture of --list or --pages");
	fails(RUN("-fsvg", "--rss", pid), "--format=svg is a picture of --list or --pages");
	fails(RUN("-fsvg", "--who=400000", pid), "--format=svg is a picture of --list or --pages");
	fails(RUN("-fsvg", "--family", pid), "--format=svg is a picture of --list or --pages");
	fails(RUN("-fsvg", "--wss=1", pid), "--format=svg is a picture of --list or --pages");
	fails(RUN("-fsvg", "--checkpoint", pid), "--checkpoint is not in a picture");
	fails(RUN("-fsvg", "-s", "x.pmv", pid), "--format goes with");
	fails(RUN("-fsvg", "-P", "[nope]", saved), "no mapping called '[nope]'");
	fails(RUN("-fsvg", "-P", "700000000000", saved), "nothing mapped at");
	fails(RUN("-fsvg", "-t", "nope", saved), "there is no theme 'nope'");
}

/* --- the dialog ------------------------------------------------------------------------------ */

static const char *const formats[] = { "text", "json", "csv", "svg" };

/* Open it, choose, and write to path. */
static void export(struct tui *t, enum choice c, const char *path)
{
	char letter[] = { (char)('a' + c), 0 };

	tui_key(t, "e");
	tui_expect_text(t, "save or export");
	tui_key(t, letter);
	tui_key(t, TUI_KEY_ENTER "\025");
	tui_expect_text(t, "save to:");
	tui_key(t, path);
	tui_expect_text(t, strrchr(path, '/'));
	tui_key(t, TUI_KEY_ENTER);
}

static const char *place_for(enum choice c)
{
	static char path[512];
	char name[32];

	snprintf(name, sizeof(name), "choice-%c", 'a' + c);
	snprintf(path, sizeof(path), "%s", scratch(name));
	return path;
}

/* option: what both were started with. */
static struct result printed(enum choice c, const char *target, const char *range, const char *option)
{
	const char *format = formats[choice_format(c)];

	if (choice_is_list(c))
		return RUN("-l", option, "-f", format, target);
	return RUN("-P", choice_is_mapping(c) ? range : "all", option, "-f", format, target);
}

/* Write one choice, and compare it with what the command line prints. */
static bool is_the_same(struct tui *t, enum choice c, const char *target, const char *range,
	const char *option)
{
	bool times = !strcmp(target, saved), same;
	const char *path = place_for(c);
	char *written, *text, said[600];

	unlink(path);
	export(t, c, path);
	/* What reads on in a process looks at it once more. */
	snprintf(said, sizeof(said), "%s%s",
		!times && choice_reads_on(c) ? "): " : "saved ", path);
	tui_expect_text(t, said);
	written = read_file(path, NULL);
	text = good(printed(c, target, range, option));
	assert_non_null(written);
	if (!times) {
		forget_times(written);
		forget_times(text);
	}
	same = !strcmp(written, text);
	free(written);
	free(text);
	unlink(path);
	return same;
}

/* From one choice up to another, which are no snapshots, of the mapping that the cursor is in. Of a
 * process it can take some tries: how many others map a page of libc changes all the time. */
static void check_choices(struct tui *t, enum choice from, enum choice to, const char *target,
	const char *range, const char *option)
{
	int i, tries;

	for (i = (int)from; i <= (int)to; i++) {
		for (tries = strcmp(target, saved) ? 10 : 1; tries; tries--) {
			if (is_the_same(t, (enum choice)i, target, range, option))
				break;
			/* The message of before must be gone. */
			tui_key(t, TUI_KEY_CTRL_L);
			tui_expect_no_text(t, "saved ");
		}
		if (!tries)
			fail_msg("choice %c is not what the command line prints", 'a' + i);
	}
}

/* The list of a file, as it is compared with another's. */
static char *list_of(const char *file)
{
	return good(RUN("-fcsv", file));
}

static void test_of_a_file(void **state)
{
	struct tui *t = START(.rows = 30, .cols = 200);
	char path[512], *a, *b;

	(void)state;
	tui_expect_text(t, "SNAPSHOT");
	tui_key(t, "j");
	tui_expect_text(t, "600000-1600000");
	check_choices(t, CHOICE_LIST_TEXT, CHOICE_PAGES_CSV, saved, "600000-1600000", "--color=auto");
	snprintf(path, sizeof(path), "%s", scratch("again.pmv"));
	export(t, CHOICE_SKELETON, path);
	tui_expect_text(t, "again.pmv");
	tui_expect_text(t, "saved ");
	a = list_of(saved);
	b = list_of(path);
	assert_string_equal(a, b);
	free(a);
	free(b);
	/* What was written is not proposed again. */
	tui_key(t, "e");
	tui_expect_row(t, 28, "into: test-4242-");
	tui_key(t, TUI_KEY_ESC);
	tui_expect_no_text(t, "save or export");
	/* It does not hold them. */
	tui_key(t, "eb\r");
	tui_expect_row(t, 28, "snapshot, and raw entries: not in this file");
	tui_key(t, TUI_KEY_ESC);
	tui_expect_no_text(t, "save or export");
	quit(t, "q");
}

/* What was opened cannot be read again. */
static void test_file_is_gone(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *other;
	char path[512], file[512];
	struct tui *t;
	struct err e;
	int in = open(saved, O_RDONLY);

	(void)state;
	assert_true(in >= 0);
	t = START(.rows = 24, .cols = 200, .target = "-", .in = in);
	tui_expect_text(t, "SNAPSHOT");
	snprintf(path, sizeof(path), "%s", scratch("stdin-list.csv"));
	export(t, CHOICE_LIST_CSV, path);
	tui_expect_text(t, "saved ");
	snprintf(path, sizeof(path), "%s", scratch("stdin-pages.csv"));
	tui_key(t, "en\r");
	tui_expect_row(t, 22, "standard input cannot be read again");
	tui_key(t, TUI_KEY_ESC);
	tui_expect_text(t, "NAME");
	assert_int_equal(access(path, F_OK), -1);
	quit(t, "q");
	close(in);
	/* Another snapshot has its name now. */
	snprintf(file, sizeof(file), "%s", scratch("other.pmv"));
	other = snapshot_of(picture, NULL);
	assert_int_equal(store_write(file, other, NULL, true, &e), 0);
	snapshot_unref(other);
	t = START(.rows = 24, .cols = 200, .target = file);
	tui_expect_text(t, "SNAPSHOT");
	info.time.tv_sec++;
	other = snapshot_of(picture, &info);
	assert_int_equal(store_write(file, other, NULL, true, &e), 0);
	snapshot_unref(other);
	export(t, CHOICE_PAGES_CSV, path);
	tui_expect_text(t, "is not the file any more that was opened");
	assert_int_equal(access(path, F_OK), -1);
	quit(t, "q");
}

static void test_of_a_process(void **state)
{
	const struct fixture_region *r = fixture_region(fixture, "file-cow");
	struct tui *t = START(.rows = 30, .cols = 200, .target = pid);
	char range[64], path[512];
	const json_t *v;
	json_t *list = lists_parse(PRINT(fixture_pid(fixture), "-J"));
	int i;

	(void)state;
	assert_non_null(r);
	v = lists_vma(list, r->address);
	assert_non_null(v);
	snprintf(range, sizeof(range), "%s-%s", lists_text(v, "start") + 2, lists_text(v, "end") + 2);
	json_decref(list);
	go_to(t, pid, r);
	check_choices(t, CHOICE_LIST_TEXT, CHOICE_MAP_SVG, pid, range, "--color=auto");
	for (i = CHOICE_SKELETON; i <= CHOICE_FULL; i++) {
		char *kept, *live = PRINT(fixture_pid(fixture), "-fcsv"), *pages;
		char name[32];

		snprintf(name, sizeof(name), "kept-%c.pmv", 'a' + i);
		snprintf(path, sizeof(path), "%s", scratch(name));
		export(t, (enum choice)i, path);
		tui_expect_text(t, "saved ");
		tui_expect_text(t, name);
		if (i)
			tui_expect_text(t, "saved (scanned anew at ");
		kept = list_of(path);
		assert_string_equal(kept, live);
		free(kept);
		free(live);
		/* Where entries are in it they are those of the process. */
		pages = good(RUN("-P", range, "-fcsv", path));
		assert_non_null(strstr(pages, "anon"));
		free(pages);
	}
	quit(t, "q");
	/* Others map the pages of libraries, too, now more of them and now less: without frames. */
	t = START(.rows = 30, .cols = 200, .target = pid, .options = { "--no-pfn" });
	tui_expect_text(t, "LIVE");
	check_choices(t, CHOICE_PAGES_TEXT, CHOICE_PAGES_CSV, pid, NULL, "--no-pfn");
	quit(t, "q");
}

static void test_left_and_refused(void **state)
{
	struct tui *t = START(.rows = 24, .cols = 200);
	char path[512], *text;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s", scratch("left.csv"));
	tui_expect_text(t, "SNAPSHOT");
	/* Esc leaves, from the choice and from the name. */
	tui_key(t, TUI_KEY_F9);
	tui_expect_text(t, "save or export");
	tui_key(t, TUI_KEY_ESC);
	tui_expect_no_text(t, "save or export");
	tui_key(t, "ef" TUI_KEY_TAB "\025");
	tui_expect_text(t, "save to:");
	tui_key(t, path);
	tui_expect_text(t, "left.csv");
	tui_key(t, TUI_KEY_ESC);
	tui_expect_no_text(t, "save or export");
	assert_int_equal(access(path, F_OK), -1);
	/* What exists stays. */
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("mine\n", f);
	fclose(f);
	export(t, CHOICE_LIST_CSV, path);
	tui_expect_text(t, "exists already: e again, with another name");
	export(t, CHOICE_SKELETON, path);
	tui_expect_text(t, "exists already: e again, with another name");
	/* With the same name. */
	tui_key(t, "e");
	tui_expect_row(t, 22, "left.csv");
	tui_expect_text(t, "> a  snapshot");
	tui_key(t, TUI_KEY_ESC);
	tui_expect_no_text(t, "save or export");
	text = read_file(path, NULL);
	assert_string_equal(text, "mine\n");
	free(text);
	/* There is no place for it. */
	export(t, CHOICE_LIST_CSV, "/proc/left.csv");
	tui_expect_text(t, "cannot make a file in the directory of /proc/left.csv");
	export(t, CHOICE_PAGES_JSON, "/nonexistent/left.json");
	tui_expect_text(t, "No such file or directory");
	tui_key(t, "e\r\025-\r");
	tui_expect_text(t, "the screen is no place for it");
	quit(t, "q");
}

static void test_after_the_end(void **state)
{
	struct fixture *f = fixture_start((const char *const[]){ "anon", NULL });
	char target[16], path[512], *text;
	struct table pages;
	struct tui *t;
	size_t i, anon = 0;

	(void)state;
	assert_non_null(f);
	snprintf(target, sizeof(target), "%d", (int)fixture_pid(f));
	t = START(.rows = 24, .cols = 200, .target = target);
	tui_expect_text(t, "LIVE");
	tui_expect_text(t, "scan ");
	assert_int_equal(fixture_stop(f), 0);
	tui_expect_row(t, 0, "EXITED ");
	snprintf(path, sizeof(path), "%s", scratch("ended-list.csv"));
	export(t, CHOICE_LIST_CSV, path);
	tui_expect_text(t, "saved ");
	text = read_file(path, NULL);
	assert_non_null(text);
	assert_non_null(strstr(text, "[stack]"));
	free(text);
	/* The states are known, the entries are not. */
	snprintf(path, sizeof(path), "%s", scratch("ended-pages.csv"));
	export(t, CHOICE_PAGES_CSV, path);
	tui_expect_text(t, "ended-pages.csv");
	tui_expect_text(t, "saved ");
	pages = table_of(read_file(path, NULL));
	for (i = 1; i < pages.rows; i++) {
		assert_string_equal(cell(&pages, i, "entry"), "");
		anon += !strcmp(cell(&pages, i, "state"), "anon");
	}
	assert_true(anon > 0);
	table_free(&pages);
	tui_key(t, "eb\r");
	tui_expect_row(t, 22, "the process has ended");
	tui_key(t, TUI_KEY_ESC);
	tui_expect_no_text(t, "save or export");
	quit(t, "q");
}

static void test_given_up(void **state)
{
	pid_t large = process_large((size_t)1 << 30);
	char target[16], path[512];
	struct table pages;
	struct dirent *e;
	struct tui *t;
	DIR *d;

	(void)state;
	snprintf(target, sizeof(target), "%d", (int)large);
	snprintf(path, sizeof(path), "%s", scratch("large.json"));
	t = START(.rows = 24, .cols = 200, .target = target);
	tui_expect_text(t, "LIVE");
	export(t, CHOICE_PAGES_JSON, path);
	/* Keys are answered meanwhile. */
	tui_expect_text(t, " %   Esc gives it up");
	tui_key(t, "?");
	tui_expect_text(t, "pmview help");
	tui_key(t, "q");
	tui_expect_no_text(t, "pmview help");
	tui_key(t, TUI_KEY_ESC);
	tui_expect_text(t, "given up: nothing is written");
	d = opendir(scratch(""));
	assert_non_null(d);
	while ((e = readdir(d)))
		if (!strncmp(e->d_name, "large.json", 10))
			fail_msg("%s was left behind", e->d_name);
	closedir(d);
	/* A signal gives it up, too. */
	export(t, CHOICE_PAGES_JSON, path);
	tui_expect_text(t, " %   Esc gives it up");
	tui_signal(t, SIGTERM);
	tui_expect_exit(t, 128 + SIGTERM);
	assert_int_equal(access(path, F_OK), -1);
	tui_free(t);
	/* Who quits waits for what was asked for: it is whole. */
	t = START(.rows = 24, .cols = 200, .target = target);
	tui_expect_text(t, "LIVE");
	export(t, CHOICE_PAGES_CSV, path);
	tui_expect_text(t, " %   Esc gives it up");
	quit(t, "Q");
	pages = table_of(read_file(path, NULL));
	assert_true(pages.rows > 262144);
	table_free(&pages);
	process_end(large);
}

#define TEST(f) cmocka_unit_test_teardown(f, tui_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_svg), TEST(test_of_a_file), TEST(test_file_is_gone),
		TEST(test_of_a_process), TEST(test_left_and_refused), TEST(test_after_the_end),
		TEST(test_given_up),
	};

	return cmocka_run_group_tests(tests, screen_start, screen_stop);
}
