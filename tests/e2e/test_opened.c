/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An opened file looks as the process does that it is of: pages, frames, lenses; and says what it
 * lacks. */
#include "e2e/screen_help.h"

#include <inttypes.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fixture *all;
static char all_pid[16];

static int start(void **state)
{
	(void)state;
	all = fixture_start((const char *const[]){ "all", NULL });
	if (!all || !fixture_pid(all))
		return -1;
	process_stop(fixture_pid(all));
	snprintf(all_pid, sizeof(all_pid), "%d", (int)fixture_pid(all));
	return screen_start(state);
}

static int stop(void **state)
{
	kill(fixture_pid(all), SIGCONT);
	return screen_stop(state) | fixture_stop(all);
}

static void keep(const char *file, const char *how)
{
	struct result r = run_program(
		(const char *const[]){ pmview_path(), "-s", file, "--force", how, all_pid, NULL });

	if (r.status)
		fail_msg("%s", r.err);
	result_free(&r);
}

static bool told_frames(void)
{
	struct result r = run_program((const char *const[]){ pmview_path(), "-P", "all", "-f", "csv", all_pid, NULL });
	bool told = strstr(r.out, ",Normal,") || strstr(r.out, ",DMA32,");

	result_free(&r);
	return told;
}

struct same {
	struct tui *file;
	int from, to; /* rows */
};

/* Whether rows are the same on both screens. What others do to the page meanwhile (idle) changes its
 * flags: those two rows may differ. */
static bool is_same(struct tui *live, void *arg)
{
	const struct same *s = arg;
	char row[512];
	int i;

	tui_wait_quiet(s->file, 20);
	for (i = s->from; i <= s->to; i++) {
		snprintf(row, sizeof(row), "%s", tui_row(live, i));
		if (strcmp(row, tui_row(s->file, i)) != 0 && !strstr(row, "kpageflags") &&
			!strstr(row, "idle"))
			return false;
	}
	return true;
}

static void expect_same(struct tui *live, struct tui *file, int from, int to)
{
	struct same s = { file, from, to };
	int i;

	if (tui_wait(live, is_same, &s))
		return;
	for (i = from; i <= to; i++)
		print_message("%-80s|%s\n", tui_row(live, i), tui_row(file, i));
	fail_msg("the file does not look as the process does");
}

static void both(struct tui *live, struct tui *file, const char *keys)
{
	tui_key(live, keys);
	tui_key(file, keys);
}

static void pages_look_the_same(void **state)
{
	const char *path = scratch("opened.pmv");
	struct tui *live, *file;
	size_t k;

	(void)state;
	if (!told_frames()) {
		print_message("page frames are not told to this user\n");
		skip();
	}
	keep(path, "--keep=full");
	live = START(.target = all_pid, .options = { "--ascii" });
	file = START(.target = path, .options = { "--ascii" });
	tui_expect_text(live, "LIVE");
	tui_expect_text(file, "SNAPSHOT");
	/* Into the grid, and the page. */
	both(live, file, "\r\r");
	for (k = 0; k < fixture_count(all); k++) {
		const struct fixture_region *r = fixture_at(all, k);
		char keys[40], address[40];

		/* The kernel's own pages are mapped by everybody, more or fewer times. */
		if (strstr(r->name, "vdso") || strstr(r->name, "vvar"))
			continue;
		snprintf(keys, sizeof(keys), ":%" PRIx64 "\r", r->address);
		snprintf(address, sizeof(address), "address %016" PRIx64, r->address);
		both(live, file, keys);
		tui_expect_text(live, address);
		tui_expect_text(file, address);
		tui_expect_no_text(file, "being read");
		/* Of long empty stretches entries are not kept. */
		if (r->pages > 4096)
			tui_expect_text(file, "the file does not have the entry");
		else
			expect_same(live, file, 1, 15); /* below it is history */
	}
	quit(live, "Q");
	quit(file, "Q");
}

static void lenses_look_the_same(void **state)
{
	static const char *const lenses[] = { "sharing", "page size", "flags", "node", "checkpoint" };
	static const char *const regions[] = { "anon", "file-cow", "fork-shared", "thp" };
	const char *path = scratch("lenses.pmv");
	struct tui *live, *file;
	size_t i, k;

	(void)state;
	if (!told_frames()) {
		print_message("page frames are not told to this user\n");
		skip();
	}
	{
		struct result r = run_program((const char *const[]){ pmview_path(), "-s", path, "--keep=full",
			"--checkpoint", all_pid, NULL });

		assert_int_equal(r.status, 0);
		result_free(&r);
	}
	live = START(.target = all_pid, .options = { "--ascii" });
	file = START(.target = path, .options = { "--ascii" });
	tui_expect_text(live, "LIVE");
	tui_expect_text(file, "SNAPSHOT");
	both(live, file, "\r");
	for (i = 0; i < sizeof(lenses) / sizeof(*lenses); i++) {
		both(live, file, "c");
		tui_expect_row(live, 1, lenses[i]);
		tui_expect_row(file, 1, lenses[i]);
		for (k = 0; k < sizeof(regions) / sizeof(*regions); k++) {
			const struct fixture_region *r = fixture_region(all, regions[k]);
			char keys[40], head[40];

			if (!r)
				continue;
			snprintf(keys, sizeof(keys), ":%" PRIx64 "\r", r->address);
			snprintf(head, sizeof(head), "> %" PRIx64 " ", r->address);
			both(live, file, keys);
			tui_expect_text(live, head);
			tui_expect_text(file, head);
			expect_same(live, file, 10, 21);
		}
	}
	quit(live, "Q");
	quit(file, "Q");
}

static void what_was_not_kept_is_said(void **state)
{
	const char *path = scratch("skeleton.pmv");
	const struct fixture_region *r = fixture_at(all, 0);
	char keys[40];
	struct tui *t;

	(void)state;
	keep(path, "--keep=skeleton");
	t = START(.target = path, .options = { "--ascii" });
	tui_expect_row(t, 0, "SNAPSHOT");
	tui_expect_row(t, 0, " on ");
	snprintf(keys, sizeof(keys), "\r\r:%" PRIx64 "\r", r->address);
	tui_key(t, keys);
	tui_expect_text(t, "--keep=entries");
	tui_expect_no_text(t, "being read");
	quit(t, "Q");
	keep(path, "--keep=entries");
	t = START(.target = path, .options = { "--ascii" });
	tui_expect_row(t, 0, "SNAPSHOT");
	tui_key(t, keys);
	tui_expect_text(t, "entry   0x");
	tui_expect_no_text(t, "being read");
	quit(t, "Q");
}

/* A file whose end is missing: that is the first thing said, and the title says of the last snapshot
 * that is left in part. */
static void what_is_damaged_is_said(void **state)
{
	const char *path = scratch("torn.pmv");
	struct store *s;
	struct tui *t;
	char line[100];
	size_t len;
	struct err e;
	char *file;

	(void)state;
	keep(path, "--keep=skeleton");
	file = read_file(path, &len);
	assert_non_null(file);
	free(file);
	assert_int_equal(truncate(path, (off_t)len * 2 / 3), 0);
	s = store_open(path, &e);
	assert_non_null(s);
	assert_non_null(store_damage(s));
	/* Without the folders that it is in. */
	assert_memory_equal(store_damage(s), path, strlen(path));
	snprintf(line, sizeof(line), " %.50s", strrchr(path, '/') + 1);
	snprintf(line + strlen(line), sizeof(line) - strlen(line), "%.30s", store_damage(s) + strlen(path));
	store_close(s);
	t = START(.target = path, .options = { "--ascii" });
	tui_expect_row(t, 0, "INCOMPLETE SNAPSHOT torn.pmv");
	tui_expect_row(t, 22, line);
	quit(t, "Q");
}

/* What is not to be given out is not given out by the export dialog either. */
static void withheld_pfns_are_not_exported(void **state)
{
	char path[512], to[512], script[600];
	struct result r;
	struct tui *t;

	(void)state;
	snprintf(path, sizeof(path), "%s", scratch("secret.pmv"));
	keep(path, "--keep=entries");
	snprintf(to, sizeof(to), "%s", scratch("given.pmv"));
	unlink(to);
	t = START(.target = path, .options = { "--ascii", "--no-pfn" });
	tui_expect_row(t, 0, "SNAPSHOT");
	tui_key(t, "eb\r\025");
	tui_expect_text(t, "save to:");
	tui_key(t, to);
	tui_key(t, "\r");
	tui_expect_text(t, "saved");
	quit(t, "q");
	snprintf(script, sizeof(script), "zstdcat %s | grep -c -e '\"pfns\":\"withheld\"'", to);
	r = run_program((const char *const[]){ "sh", "-c", script, NULL });
	assert_string_equal(r.out, "1\n");
	result_free(&r);
	r = run_program((const char *const[]){ pmview_path(), "-P", "all", "-f", "csv", to, NULL });
	assert_null(strstr(r.out, "Normal"));
	result_free(&r);
}

/* A recording with entries: pages in another frame are told, of any two of its snapshots. */
static void frames_are_compared(void **state)
{
	const char *path = scratch("moved.pmv");
	struct fixture *f = fixture_start((const char *const[]){ "anon:64", NULL });
	const struct fixture_region *r = fixture_region(f, "anon");
	char of[16], keys[40];
	struct tui *t;
	int i;

	(void)state;
	if (!told_frames()) {
		fixture_stop(f);
		print_message("page frames are not told to this user\n");
		skip();
	}
	snprintf(of, sizeof(of), "%d", (int)fixture_pid(f));
	unlink(path);
	for (i = 0; i < 2; i++) {
		struct result rec = run_program((const char *const[]){ pmview_path(), "-r", path, "-n", "1",
			"--keep=entries", of, NULL });

		assert_int_equal(rec.status, 0);
		result_free(&rec);
		/* Given up and touched anew, in another order: most get another frame. */
		if (i)
			break;
		assert_int_equal(fixture_command(f, "free 0x%" PRIx64 " 64", r->address), 0);
		assert_int_equal(fixture_command(f, "touch 0x%" PRIx64 " 32", r->address + 32 * 4096), 0);
		assert_int_equal(fixture_command(f, "touch 0x%" PRIx64 " 32", r->address), 0);
	}
	t = START(.target = path, .options = { "--ascii" });
	tui_expect_row(t, 0, "REPLAY");
	snprintf(keys, sizeof(keys), ":%" PRIx64 "\r", r->address);
	tui_key(t, keys);
	tui_key(t, "d");
	tui_expect_row(t, 0, "DIFF vs last");
	tui_expect_row(t, 1, "~ in another frame");
	quit(t, "Q");
	fixture_stop(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(pages_look_the_same, tui_teardown),
		cmocka_unit_test_teardown(lenses_look_the_same, tui_teardown),
		cmocka_unit_test_teardown(what_was_not_kept_is_said, tui_teardown),
		cmocka_unit_test_teardown(what_is_damaged_is_said, tui_teardown),
		cmocka_unit_test_teardown(withheld_pfns_are_not_exported, tui_teardown),
		cmocka_unit_test_teardown(frames_are_compared, tui_teardown),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
