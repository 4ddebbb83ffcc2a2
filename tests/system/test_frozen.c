/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that the cgroup freezer holds: in a cgroup of our own, which is removed again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "e2e/lists.h"
#include "e2e/target.h"
#include "e2e/tui.h"
#include "helpers.h"

struct freezer {
	const char *mount, *file, *freeze, *thaw, *state, *frozen;
};

static const struct freezer version1 = { "/sys/fs/cgroup/freezer", "freezer.state", "FROZEN", "THAWED",
	"freezer.state", "FROZEN" };
static const struct freezer version2 = { "/sys/fs/cgroup", "cgroup.freeze", "1", "0", "cgroup.events",
	"frozen 1" };
static const struct freezer version2_beside_1 = { "/sys/fs/cgroup/unified", "cgroup.freeze", "1", "0",
	"cgroup.events", "frozen 1" };

static char group[256];
static const struct freezer *freezer;

static bool write_file(const char *file, const char *text)
{
	char path[512];
	bool good;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", group, file);
	f = fopen(path, "we");
	if (!f)
		return false;
	good = fputs(text, f) >= 0;
	return !fclose(f) && good;
}

static bool is_frozen(void *ctx)
{
	char path[512], *text;
	bool is;

	snprintf(path, sizeof(path), "%s/%s", group, freezer->state);
	text = read_file(path, NULL);
	is = text && (strstr(text, freezer->frozen) != NULL) == *(bool *)ctx;
	free(text);
	return is;
}

static void set_frozen(bool frozen)
{
	assert_true(write_file(freezer->file, frozen ? freezer->freeze : freezer->thaw));
	assert_true(wait_until(is_frozen, &frozen));
}

static void check(const struct freezer *f)
{
	char pid[16], file[512];
	struct target *t;
	const char *argv[] = { pmview_path(), "-i", "0.1", pid, NULL };
	struct result r;
	struct tui *ui;
	uint64_t began;
	int i;

	freezer = f;
	snprintf(group, sizeof(group), "%s/pmview-test-%d", f->mount, (int)getpid());
	snprintf(file, sizeof(file), "%s/%s", group, f->file);
	if (mkdir(group, 0755) || access(file, W_OK)) {
		print_message("no freezer at %s: %s\n", f->mount, strerror(errno));
		rmdir(group);
		group[0] = '\0';
		skip();
	}
	t = target_start(target_counts, TARGET_THREADS, 0);
	snprintf(pid, sizeof(pid), "%d", (int)t->pid);
	assert_true(write_file("cgroup.procs", pid));
	ui = tui_start_with(&(struct tui_options){ .cols = 120, .argv = (char *const *)argv });
	assert_non_null(ui);
	tui_expect_row(ui, 0, "LIVE");
	assert_null(strstr(tui_row(ui, 0), "FROZEN"));
	set_frozen(true);
	tui_expect_row(ui, 0, " FROZEN");
	tui_expect_text(ui, "its cgroup was frozen: nothing changes until that is thawed");
	free(PRINT(t->pid, "-l"));
	free(PRINT(t->pid, "-Pall"));
	assert_int_equal(smaps_compare(t->pid), 1);
	/* To stop it is not needed; also where it was stopped before it was frozen, nothing hangs. */
	for (i = 0; i < 2; i++) {
		began = units_now_ns();
		r = run_program((const char *const[]){ pmview_path(), "--freeze", "-l", pid, NULL });
		assert_int_equal(r.status, 0);
		assert_string_equal(
			r.err, "pmview: its cgroup is frozen: it stands still because of that alone\n");
		result_free(&r);
		assert_true(units_now_ns() - began < 900000000);
		if (i)
			break;
		set_frozen(false);
		tui_expect_text(ui, "it runs again");
		process_stop(t->pid);
		set_frozen(true);
	}
	tui_key(ui, "Q");
	tui_expect_exit(ui, 0);
	tui_free(ui);
	set_frozen(false);
	kill(t->pid, SIGCONT);
	assert_true(target_runs_on(t));
	target_end(t);
}

static void test_version_1(void **state)
{
	(void)state;
	check(&version1);
}

static void test_version_2(void **state)
{
	(void)state;
	check(access("/sys/fs/cgroup/unified", F_OK) ? &version2 : &version2_beside_1);
}

static bool is_removed(void *ctx)
{
	(void)ctx;
	return !rmdir(group) || errno == ENOENT;
}

static int teardown(void **state)
{
	if (group[0])
		write_file(freezer->file, freezer->thaw);
	target_end_all();
	tui_teardown(state);
	return group[0] && !wait_until(is_removed, NULL) ? -1 : 0;
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_version_1), TEST(test_version_2) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
