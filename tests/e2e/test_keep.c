/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept is what there was: a file of a stopped process prints as the process does; recordings
 * from the command line; and no half of a file, whatever happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "e2e/cli_help.h"
#include "e2e/target.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "source/store.h"

/* A process with every kind of page that this machine can make, stopped. */
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
	return cli_start(state);
}

static int stop(void **state)
{
	kill(fixture_pid(all), SIGCONT);
	return cli_stop(state) | fixture_stop(all);
}

/* A file below scratch(); lives until the next but seven. */
static const char *place(const char *name)
{
	static char paths[8][512];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s", scratch(name));
	return path;
}

/* The next line of a text, without its newline; NULL at the end. */
static const char *next_line(const char **at, size_t *len)
{
	const char *line = *at;

	if (!*line)
		return NULL;
	*len = strcspn(line, "\n");
	*at = line + *len + (line[*len] == '\n');
	return line;
}

/* Hide when it was, which is in the first line of JSON. */
static void hide_time(char *text)
{
	char *at = strstr(text, "\"time\": \"");

	if (at && at - text < 4000)
		memset(at + 9, '-', strcspn(at + 9, "\""));
}

/* How much of a line to compare: of the CSV of a page of a file, not what is told of its frame, which
 * others map too. How many do changes all the time. */
static size_t own_part(const char *line, size_t len)
{
	int commas = 0;
	size_t i;

	if (!memmem(line, len, ",file,", 6))
		return len;
	for (i = 0; i < len && commas < 12; i++)
		commas += line[i] == ',';
	return i;
}

static size_t lines, moved; /* compared in a test, and not, as they were not the same before and after */

/* own: see own_part(). Whether what is printed of the file is what was printed of the process before and after it was
 * saved. Lines that were not the same then (how many map a page of libc, on a machine where others
 * begin and end) are not looked at. */
static void check_same(
	struct result *before, struct result *file, struct result *after, bool own)
{
	const char *a = before->out, *b = after->out, *f = file->out, *la, *lb, *lf;
	size_t na, nb = 0, nf = 0;

	assert_int_equal(before->status, 0);
	assert_int_equal(after->status, 0);
	if (file->status)
		fail_msg("%s", file->err);
	hide_time(before->out);
	hide_time(after->out);
	hide_time(file->out);
	while ((la = next_line(&a, &na))) {
		lb = next_line(&b, &nb);
		lf = next_line(&f, &nf);
		assert_true(lb && lf);
		lines++;
		if (own) {
			na = own_part(la, na);
			nb = own_part(lb, nb);
			nf = own_part(lf, nf);
		}
		if (na != nb || memcmp(la, lb, na) != 0)
			moved++;
		else if (na != nf || memcmp(la, lf, na) != 0)
			fail_msg("live \"%.*s\", file \"%.*s\"", (int)na, la, (int)nf, lf);
	}
	assert_null(next_line(&f, &nf));
	result_free(before);
	result_free(file);
	result_free(after);
}

/* Save the process with these options to the file, and compare what is printed of it in all formats
 * with more options. */
static void check_prints_same(const char *option, const char *keep, const char *file)
{
	static const char *const formats[] = { "text", "json", "csv" };
	size_t i;

	for (i = 0; i < 3; i++) {
		struct result before = RUN(option, "-f", formats[i], all_pid), kept, after;

		PRINTS("", "-s", file, "--force", keep, all_pid);
		kept = RUN(option, "-f", formats[i], file);
		after = RUN(option, "-f", formats[i], all_pid);
		check_same(&before, &kept, &after, false);
	}
}

/* What is printed of so many regions is compared with one file. */
#define REGIONS 12

static void check_regions(size_t first, const char *format, const char *file)
{
	struct result r[3][REGIONS];
	char range[80];
	size_t when, k, n;

	for (when = 0; when < 3; when++) {
		if (when == 1)
			PRINTS("", "-s", file, "--force", "--keep=full", all_pid);
		for (n = 0, k = first; k < first + REGIONS && k < fixture_count(all); k++) {
			const struct fixture_region *region = fixture_at(all, k);

			/* Entries of long empty stretches are not kept; those of the kernel's are of
			 * everybody. */
			if (region->pages > 4096 || strstr(region->name, "vdso") || strstr(region->name, "vvar"))
				continue;
			snprintf(range, sizeof(range), "--pages=%" PRIx64 "+%" PRIu64, region->address,
				(region->pages < 1500 ? region->pages : 1500) * 4096);
			r[when][n++] = RUN(range, "-f", format, when == 1 ? file : all_pid);
		}
	}
	for (k = 0; k < n; k++)
		check_same(&r[0][k], &r[1][k], &r[2][k], false);
}

static void files_print_as_the_process_does(void **state)
{
	struct result before, kept, after;
	const char *file = place("all.pmv");
	/* Under a sanitizer each program takes long to start. */
	bool slow = getenv("PMVIEW_TEST_PATIENCE");
	size_t k;

	(void)state;
	check_prints_same("--list", "--keep=skeleton", file);
	check_prints_same("--list", "--keep=full", file);
	before = RUN("-P", "all", "-f", "csv", all_pid);
	PRINTS("", "-s", file, "--force", "--keep=full", all_pid);
	kept = RUN("-P", "all", "-f", "csv", file);
	after = RUN("-P", "all", "-f", "csv", all_pid);
	check_same(&before, &kept, &after, true);
	/* Of what is its own, all, and empty pages too. */
	for (k = 0; k < fixture_count(all) && !(k && slow); k += REGIONS)
		check_regions(k, "csv", file);
	check_regions(0, "text", file);
	check_regions(0, "json", file);
	assert_true(lines > (slow ? 500 : 3000) && moved < lines / 4);
}

/* Without the right to see PFNs, the same holds of what is left. */
static void so_do_those_of_an_ordinary_user(void **state)
{
	const char *file = place("user.pmv");
	struct fixture *f;
	char user_pid[16];
	struct result live, kept, after;
	FILE *out;

	(void)state;
	if (getuid()) {
		print_message("only root can become somebody else\n");
		skip();
	}
	f = fixture_start_as(FIXTURE_NOBODY, (const char *const[]){ "anon", "file-cow", "shared-anon", NULL });
	assert_non_null(f);
	process_stop(fixture_pid(f));
	snprintf(user_pid, sizeof(user_pid), "%d", (int)fixture_pid(f));
	live = run_program_as(FIXTURE_NOBODY,
		(const char *const[]){ pmview_path(), "-P", "all", "-f", "csv", user_pid, NULL });
	assert_int_equal(live.status, 0);
	kept = run_program_as(FIXTURE_NOBODY,
		(const char *const[]){ pmview_path(), "-s", "-", user_pid, NULL });
	assert_int_equal(kept.status, 0);
	out = fopen(file, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(kept.out, 1, kept.out_len, out), kept.out_len);
	fclose(out);
	result_free(&kept);
	kept = RUN("-P", "all", "-f", "csv", file);
	after = run_program_as(FIXTURE_NOBODY,
		(const char *const[]){ pmview_path(), "-P", "all", "-f", "csv", user_pid, NULL });
	check_same(&live, &kept, &after, true);
	live = run_program_as(FIXTURE_NOBODY,
		(const char *const[]){ pmview_path(), "-s", "/tmp/x.pmv", "--keep=full", user_pid, NULL });
	check_fails(live, "needs PFNs");
	kill(fixture_pid(f), SIGCONT);
	fixture_stop(f);
}

static void pfns_can_be_left_out(void **state)
{
	const char *file = place("full.pmv"), *away = place("away.pmv");
	struct result r, kept, after;

	(void)state;
	PRINTS("", "-s", file, "--keep=full", all_pid);
	FAILS("--no-pfn", "-s", away, "--keep=full", "--no-pfn", all_pid);
	PRINTS("", "-s", away, "--no-pfn", file);
	check_prints(RUN("-P", "all", away), "withheld");
	r = RUN("-P", "all", "-f", "csv", "--no-pfn", all_pid);
	kept = RUN("-P", "all", "-f", "csv", away);
	after = RUN("-P", "all", "-f", "csv", "--no-pfn", all_pid);
	check_same(&r, &kept, &after, true);
	/* Nor in the bytes of the file. */
	r = shell("zstdcat \"$2\" | grep -c -e pageframes -e zero_pfn -e '\"pfns\":\"told\"'", away);
	assert_string_equal(r.out, "0\n");
	result_free(&r);
	FAILS("no more than --keep=entries", "-s", place("more.pmv"), "--keep=full", away);
}

/* The checkpoint set, page for page; what only the live process tells is unknown. */
static void what_a_checkpointer_must_save(void **state)
{
	const char *file = place("set.pmv"), *without = place("without.pmv");
	struct result live, kept;
	const char *a, *b, *la, *lb;
	size_t na, nb, rows = 0;

	(void)state;
	PRINTS("", "-s", file, "--checkpoint", all_pid);
	PRINTS("", "-s", without, all_pid);
	live = RUN("-l", "--checkpoint", "-f", "csv", all_pid);
	kept = RUN("-l", "--checkpoint", "-f", "csv", file);
	assert_int_equal(kept.status, 0);
	assert_string_equal(live.out, kept.out);
	result_free(&live);
	result_free(&kept);
	live = RUN("-P", "all", "--checkpoint", "-f", "csv", "--no-pfn", all_pid);
	kept = RUN("-P", "all", "--checkpoint", "-f", "csv", "--no-pfn", file);
	a = live.out;
	b = kept.out;
	while ((la = next_line(&a, &na)) && (lb = next_line(&b, &nb)))
		rows += na == nb && !memcmp(la, lb, na);
	assert_true(rows > 100);
	assert_string_equal(a, "");
	assert_string_equal(b, "");
	result_free(&live);
	result_free(&kept);
	kept = RUN("-l", "--checkpoint", file);
	assert_non_null(strstr(kept.out, "unknown  an open userfaultfd"));
	result_free(&kept);
	kept = RUN("-l", "--checkpoint", without);
	check_fails(kept, "save it with --checkpoint");
}

static void the_process_may_be_frozen(void **state)
{
	const char *file = place("frozen.pmv");
	struct target *t = target_start(target_counts, TARGET_THREADS, 0);
	char target_pid[16];
	struct result r;

	(void)state;
	snprintf(target_pid, sizeof(target_pid), "%d", (int)t->pid);
	r = RUN("-s", file, "--freeze", "--keep=full", target_pid);
	assert_int_equal(r.status, 0);
	result_free(&r);
	assert_true(target_runs_on(t));
	check_prints(RUN("-P", "all", "-f", "csv", file), "anon");
	r = shell("zstdcat \"$2\" | grep -c '\"held_ns\":[1-9]'", file);
	assert_string_equal(r.out, "1\n");
	result_free(&r);
	target_end(t);
}

/* --- recordings ------------------------------------------------------------------------------ */

static void a_recording_of_so_many(void **state)
{
	const char *file = place("rec.pmv"), *copy = place("copy.pmv");
	struct result r;
	char *list = good(RUN("-f", "csv", pid));

	(void)state;
	PRINTS("", "-r", file, "-n", "3", "-i", "0.1", pid);
	PRINTS("", "-r", file, "-n", "1", pid);
	check_prints(RUN("-f", "csv", file), list);
	check_prints(RUN("-f", "csv", "--at=1", file), list);
	check_prints(RUN("-f", "csv", "--at=-4", file), list);
	FAILS("there are 4", "--at=5", "-l", file);
	FAILS("counted from 1", "--at=0", "-l", file);
	FAILS("is a process", "--at=1", "-l", pid);
	FAILS("another process", "-r", file, "-n", "1", all_pid);
	PRINTS("", "-r", file, "-n", "1", "--force", all_pid);
	FAILS("there is 1", "--at=2", "-l", file);
	/* Of a file all is copied. */
	PRINTS("", "-r", file, "-n", "1", all_pid);
	PRINTS("", "-r", copy, "--no-pfn", file);
	FAILS("there are 2", "--at=3", "-l", copy);
	check_prints(RUN("-f", "csv", "--at=2", copy), "start,end");
	FAILS("--record", "-n", "1", "-l", pid);
	FAILS("is none", "-r", "-", pid);
	r = shell("zstdcat \"$2\" | grep -c '\"keep\":\"skeleton\"'", file);
	assert_string_equal(r.out, "2\n");
	result_free(&r);
	free(list);
}

/* Nothing was written yet: that is no good end. And the old file stays until something is. */
static void nothing_recorded_is_said(void **state)
{
	const char *file = place("nothing.pmv");
	char *before, *now;
	size_t before_len, now_len;
	pid_t child;
	int status;

	(void)state;
	PRINTS("", "-r", file, "-n", "2", "-i", "0.1", pid);
	before = read_file(file, &before_len);
	FAILS("needs PFNs", "-r", file, "-n", "1", "--force", "--keep=full", "--no-pfn", all_pid);
	now = read_file(file, &now_len);
	assert_int_equal(before_len, now_len);
	assert_memory_equal(before, now, now_len);
	FAILS("holds 2 snapshots", "-s", file, pid);
	/* A signal that was there before. */
	child = fork();
	if (!child) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		sigprocmask(SIG_BLOCK, &set, NULL);
		raise(SIGTERM);
		if (!freopen("/dev/null", "w", stderr))
			_exit(127);
		execl(pmview_path(), "pmview", "-r", place("none.pmv"), pid, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 2 << 8);
	assert_int_equal(access(place("none.pmv"), F_OK), -1);
	free(before);
	free(now);
}

/* Damage is not passed on as if all were well. */
static void damage_is_said_by_all(void **state)
{
	const char *file = place("whole.pmv"), *bad = place("bad.pmv"), *other = place("other.pmv");
	struct result r;
	char *bytes;
	size_t len;
	FILE *f;

	(void)state;
	PRINTS("", "-s", file, "--keep=full", all_pid);
	bytes = read_file(file, &len);
	bytes[len * 3 / 4] ^= 0x55; /* in the entries */
	f = fopen(bad, "w");
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
	free(bytes);
	r = RUN("-P", "all", bad);
	assert_int_equal(r.status, 3);
	check_line(r.err, "is damaged");
	result_free(&r);
	r = RUN("-D", file, bad);
	assert_int_equal(r.status, 3);
	check_line(r.err, "is damaged");
	result_free(&r);
	r = RUN("-D", bad, file);
	assert_int_equal(r.status, 3);
	check_line(r.err, "is damaged");
	result_free(&r);
	r = RUN("-s", other, bad);
	assert_int_equal(r.status, 3);
	check_line(r.err, "is damaged");
	result_free(&r);
	r = RUN("-l", other);
	assert_int_equal(r.status, 3);
	check_line(r.err, "is not complete");
	result_free(&r);
}

/* What is no snapshot is not copied to its end, however long it is. */
static void a_wrong_pipe_is_refused_at_once(void **state)
{
	(void)state;
	FAILS("is not a pmview snapshot", "-l", "/dev/zero");
	check_fails(shell("yes | $0 -l -", NULL), "is not a pmview snapshot");
	check_fails(shell("yes | zstd -q | $0 -l -", NULL), "is not a pmview snapshot");
	check_fails(shell("printf '' | $0 -l -", NULL), "is empty");
}

static pid_t start_recording(const char *file, const char *of)
{
	pid_t child = fork();

	if (!child) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(127);
		execl(pmview_path(), "pmview", "-r", file, "-i", "0.1", "--keep=full", of, NULL);
		_exit(127);
	}
	return child;
}

static bool has_two(void *ctx)
{
	struct err e;
	struct store *s = store_open(ctx, &e);
	size_t n = s ? store_count(s) : 0;

	store_close(s);
	return n >= 2;
}

/* Returns how pmview ended. */
static int end_by(const char *file, int sig, size_t *count, bool *damaged)
{
	pid_t child;
	struct store *s;
	struct err e;
	int status;

	unlink(file);
	child = start_recording(file, pid);
	assert_true(wait_until(has_two, (void *)file));
	kill(child, sig);
	assert_int_equal(waitpid(child, &status, 0), child);
	s = store_open(file, &e);
	assert_non_null(s);
	*count = store_count(s);
	*damaged = store_damage(s) != NULL;
	store_close(s);
	return status;
}

static void signals_end_it_well(void **state)
{
	const char *file = place("signal.pmv");
	bool damaged;
	size_t n;

	(void)state;
	assert_int_equal(end_by(file, SIGINT, &n, &damaged), 0);
	assert_true(n >= 2 && !damaged);
	assert_int_equal(end_by(file, SIGTERM, &n, &damaged), 0);
	assert_true(n >= 2 && !damaged);
	assert_int_equal(WEXITSTATUS(end_by(file, SIGHUP, &n, &damaged)), 128 + SIGHUP);
	assert_true(n >= 2 && !damaged);
	/* kill -9 may tear the last one, and no more. */
	assert_true(WIFSIGNALED(end_by(file, SIGKILL, &n, &damaged)));
	assert_true(n >= 2);
	PRINTS("", "-r", file, "-n", "1", pid);
	{
		struct result r = RUN("-l", file);

		assert_int_equal(r.status, 0);
		result_free(&r);
	}
}

static void the_end_of_the_process_ends_it_well(void **state)
{
	const char *file = place("end.pmv");
	struct target *t = target_start(target_counts, TARGET_THREADS, 0);
	char target_pid[16];
	pid_t child;
	int status;

	(void)state;
	unlink(file);
	snprintf(target_pid, sizeof(target_pid), "%d", (int)t->pid);
	child = start_recording(file, target_pid);
	assert_true(wait_until(has_two, (void *)file));
	target_end(t);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	/* The last one may be a part, and says so. */
	PRINTS("", "-f", "csv", "--at=1", file);
}

/* --- places ---------------------------------------------------------------------------------- */

static int files_in(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void a_full_disk_leaves_what_was_there(void **state)
{
	const char *dir = place("small");
	char file[600], other[600];
	struct result r;
	struct stat before, after;

	(void)state;
	snprintf(file, sizeof(file), "%s/x.pmv", dir);
	snprintf(other, sizeof(other), "%s/y.pmv", dir);
	mkdir(dir, 0700);
	if (mount("none", dir, "tmpfs", 0, "size=8k") < 0) {
		print_message("no small file system can be mounted here\n");
		skip();
	}
	PRINTS("", "-s", file, "--keep=skeleton", pid);
	assert_int_equal(stat(file, &before), 0);
	r = RUN("-s", file, "--force", "--keep=full", all_pid);
	check_fails(r, "No space left");
	r = RUN("-s", other, "--keep=full", all_pid);
	check_fails(r, "No space left");
	assert_int_equal(files_in(dir), 1);
	/* A recording keeps the snapshots that had room. */
	r = RUN("-r", file, "-i", "0.1", "--keep=full", pid);
	assert_int_equal(r.status, 2);
	assert_non_null(strstr(r.err, "No space left"));
	result_free(&r);
	assert_int_equal(stat(file, &after), 0);
	assert_true(after.st_size >= before.st_size);
	r = RUN("-l", "--at=1", file);
	assert_int_equal(r.status, 0);
	result_free(&r);
	assert_int_equal(umount(dir), 0);
}

static void places_that_cannot_be_written(void **state)
{
	const char *dir = place("closed");
	char file[600], target_pid[16];
	struct fixture *f;

	(void)state;
	FAILS("cannot", "-r", "/proc/x.pmv", "-n", "1", pid);
	FAILS("cannot", "-s", "/proc/x.pmv", pid);
	if (getuid()) {
		print_message("only root can become somebody else\n");
		skip();
	}
	f = fixture_start_as(FIXTURE_NOBODY, (const char *const[]){ "anon", NULL });
	assert_non_null(f);
	snprintf(target_pid, sizeof(target_pid), "%d", (int)fixture_pid(f));
	mkdir(dir, 0755);
	snprintf(file, sizeof(file), "%s/x.pmv", dir);
	check_fails(run_program_as(FIXTURE_NOBODY, (const char *const[]){ pmview_path(), "-s", file,
		target_pid, NULL }), "Permission denied");
	check_fails(run_program_as(FIXTURE_NOBODY, (const char *const[]){ pmview_path(), "-r", file, "-n",
		"1", target_pid, NULL }), "Permission denied");
	assert_int_equal(files_in(dir), 0);
	/* A file of somebody else's. */
	PRINTS("", "-s", file, target_pid);
	assert_int_equal(chmod(dir, 0777), 0);
	check_fails(run_program_as(FIXTURE_NOBODY, (const char *const[]){ pmview_path(), "-r", file, "-n",
		"1", target_pid, NULL }), "");
	check_fails(run_program_as(FIXTURE_NOBODY, (const char *const[]){ pmview_path(), "-s", file,
		target_pid, NULL }), "");
	assert_int_equal(files_in(dir), 1);
	fixture_stop(f);
}

/* A target that takes some time to save. */
static void large(struct target *t)
{
	size_t size = 96 << 20, i;
	char *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	madvise(m, size, MADV_NOHUGEPAGE);
	for (i = 0; i < size; i += 4096)
		m[i] = 1;
	atomic_store(&t->running, 1);
	for (;;)
		pause();
}

static bool has_begun(void *ctx)
{
	return files_in(ctx) > 1;
}

/* Killed in the middle: the old file is there, whole, or the new one is. */
static void a_kill_leaves_the_old_file(void **state)
{
	const char *dir = place("killed");
	struct target *t = target_start(large, 1, 0);
	char file[600], target_pid[16], *before, *now;
	size_t before_len, now_len;
	int round, status, killed = 0;

	(void)state;
	snprintf(target_pid, sizeof(target_pid), "%d", (int)t->pid);
	mkdir(dir, 0700);
	snprintf(file, sizeof(file), "%s/x.pmv", dir);
	PRINTS("", "-s", file, "--keep=skeleton", target_pid);
	before = read_file(file, &before_len);
	for (round = 0; round < 5; round++) {
		pid_t child = fork();
		struct dirent *d;
		DIR *all_files;

		if (!child) {
			execl(pmview_path(), "pmview", "-s", file, "--force", "--keep=full", target_pid, NULL);
			_exit(127);
		}
		assert_true(wait_until(has_begun, (void *)dir));
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		killed += WIFSIGNALED(status);
		now = read_file(file, &now_len);
		assert_non_null(now);
		if (WIFSIGNALED(status) && now_len == before_len)
			assert_memory_equal(before, now, now_len);
		free(now);
		{
			struct result r = RUN("-l", file);

			assert_int_equal(r.status, 0);
			result_free(&r);
		}
		/* What it was writing is left beside. */
		all_files = opendir(dir);
		while ((d = readdir(all_files)))
			if (!strncmp(d->d_name, "x.pmv.", 6))
				unlinkat(dirfd(all_files), d->d_name, 0);
		closedir(all_files);
	}
	assert_true(killed > 0);
	free(before);
	target_end(t);
}

static void it_streams(void **state)
{
	struct result live = RUN("-P", "all", "-f", "csv", all_pid), kept, after;
	char script[100];

	(void)state;
	snprintf(script, sizeof(script), "$0 -s - --keep=full %s | $0 -P all -f csv -", all_pid);
	kept = shell(script, NULL);
	after = RUN("-P", "all", "-f", "csv", all_pid);
	check_same(&live, &kept, &after, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_print_as_the_process_does),
		cmocka_unit_test(so_do_those_of_an_ordinary_user),
		cmocka_unit_test(pfns_can_be_left_out),
		cmocka_unit_test(what_a_checkpointer_must_save),
		cmocka_unit_test(the_process_may_be_frozen),
		cmocka_unit_test(a_recording_of_so_many),
		cmocka_unit_test(nothing_recorded_is_said),
		cmocka_unit_test(damage_is_said_by_all),
		cmocka_unit_test(a_wrong_pipe_is_refused_at_once),
		cmocka_unit_test(signals_end_it_well),
		cmocka_unit_test(the_end_of_the_process_ends_it_well),
		cmocka_unit_test(a_full_disk_leaves_what_was_there),
		cmocka_unit_test(places_that_cannot_be_written),
		cmocka_unit_test(a_kill_leaves_the_old_file),
		cmocka_unit_test(it_streams),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
