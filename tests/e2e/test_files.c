/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files, pipes and full disks: what is read as a snapshot, and where the output goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/cli_help.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "source/store.h"

/* A file below scratch(); lives until the next but three. */
static const char *place(const char *name)
{
	static char paths[4][512];
	static int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s", scratch(name));
	return path;
}

static void write_file(const char *path, const char *bytes, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static void check_file(const char *path, const char *content)
{
	char *text = read_file(path, NULL);

	assert_non_null(text);
	assert_string_equal(text, content);
	free(text);
}

/* How many files there are whose names begin like this: what was left behind counts. */
static int files_like(const char *start)
{
	DIR *d = opendir(scratch(""));
	struct dirent *e;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		n += !strncmp(e->d_name, start, strlen(start));
	closedir(d);
	return n;
}

/* --- files --------------------------------------------------------------------------------- */

static void test_foreign_files(void **state)
{
	static const char gzip[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x06\0"
				   "\xc2\x41\x24\x35\x03\0\0";
	const char *file = place("foreign"), *zstd = place("foreign.pmv");

	(void)state;
	FAILS("No such file", "-l", place("missing.pmv"));
	FAILS("No such file", "-l", "missing-one.pmv");
	FAILS("directory", "-l", scratch(""));
	write_file(file, "MemTotal: 4 kB\n", 15);
	FAILS("is not a pmview snapshot", "-l", file);
	write_file(file, gzip, sizeof(gzip) - 1);
	FAILS("is not a pmview snapshot", "-l", file);
	write_file(file, "", 0);
	FAILS("empty", "-l", file);
	/* A frame of zstd, whole, but of something else ("abc\n" stored). */
	write_file(zstd, "\x28\xb5\x2f\xfd\x20\x04\x21\0\0abc\n", 13);
	FAILS("is not a pmview snapshot", "-l", zstd);
	assert_int_equal(chmod(zstd, 0), 0);
	if (getuid())
		FAILS("Permission denied", "-l", zstd);
	else
		check_fails(run_program_as(FIXTURE_NOBODY,
			(const char *const[]){ pmview_path(), "-l", zstd, NULL }),
			"Permission denied");
}

/* A snapshot of more than one frame. */
static void write_large_snapshot(const char *path)
{
	char *text = malloc(200 * 3000), *at = text;
	struct snapshot *s;
	struct err e;
	int i, k;

	assert_non_null(text);
	for (i = 0; i < 200; i++) {
		at += sprintf(at, "0x%x000000 rw-p anon - ", 16 + i);
		for (k = 0; k < 300; k++)
			at += sprintf(at, "A%d .%d ", 1 + k * i % 7, 1 + (k + i) % 5);
		*at++ = '\n';
	}
	*at = '\0';
	s = snapshot_of(text, NULL);
	assert_int_equal(store_write(path, s, NULL, true, &e), 0);
	snapshot_unref(s);
	free(text);
}

static void test_cut_file(void **state)
{
	const char *whole = place("large.pmv"), *cut = place("cut.pmv");
	size_t len, keep, partial = 0;
	char *bytes, *list;

	(void)state;
	write_large_snapshot(whole);
	list = good(RUN("-l", whole));
	bytes = read_file(whole, &len);
	for (keep = 0; keep < len; keep += len / 23 + 1) {
		struct result r;

		write_file(cut, bytes, keep);
		r = RUN("-l", cut);
		check_line(r.err, cut);
		assert_int_equal(r.status, *r.out ? 3 : 2);
		if (*r.out) {
			assert_non_null(strstr(r.out, "mappings"));
			assert_string_not_equal(r.out, list);
			partial++;
		}
		result_free(&r);
	}
	assert_true(partial > 3);
	free(bytes);
	free(list);
}

static void test_output(void **state)
{
	const char *file = place("list.txt");
	char *list = good(RUN("-l", pid));
	struct stat st;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		PRINTS("", "-l", "-o", file, pid);
		check_file(file, list);
	}
	write_file(file, "precious", 8);
	FAILS("nothing mapped", "--pages=1000", "--output", file, pid);
	check_file(file, "precious");
	PRINTS("", "-J", "-o", file, pid);
	assert_int_equal(stat(file, &st), 0);
	assert_true(st.st_size > 9);
	FAILS("", "-o", place("missing/list"), pid);
	assert_int_equal(mkdir(place("list.dir"), 0700), 0);
	FAILS("list.dir", "-o", place("list.dir"), pid);
	assert_int_equal(files_like("list."), 2);
	free(list);
}

/* What is no file is written to, never replaced: think of /dev/null. */
static void test_output_to_fifo(void **state)
{
	const char *fifo = place("list.fifo");
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	fd = open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	PRINTS("", "-l", "-o", fifo, pid);
	assert_int_equal(lstat(fifo, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	close(fd);
}

/* Heeded or refused, but not taken and forgotten. */
static void test_output_of_decode(void **state)
{
	struct result r = RUN("--decode=1", "-o", place("decoded"));

	(void)state;
	assert_int_equal(files_like("decoded"), r.status ? 0 : 1);
	result_free(&r);
}

/* Every kind of output to a full disk is trouble, and said. */
static void test_full(void **state)
{
	static const char *const scripts[] = { "-l $1", "$1", "-J $1", "-f csv $1", "-s - $1",
		"--pages=all $1", "--pages=all -J $1", "--decode=1", "--list-themes", "-V",
		"--help", "--usage" };
	char script[80];
	size_t i;

	(void)state;
	if (access("/dev/full", W_OK) < 0) {
		print_message("there is no /dev/full\n");
		skip();
	}
	for (i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		struct result r;

		snprintf(script, sizeof(script), "exec $0 %s > /dev/full", scripts[i]);
		r = shell(script, NULL);
		if (r.status != 2)
			fail_msg("%s: status %d: %s", script, r.status, r.err);
		check_line(r.err, "No space left");
		result_free(&r);
	}
}

static void test_snapshot(void **state)
{
	const char *file = place("some.pmv"), *foreign = place("notes.txt");
	char *live = good(RUN("-f", "csv", pid));
	struct stat st;

	(void)state;
	PRINTS("", "-s", file, pid);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	check_prints(RUN("-f", "csv", file), live);
	FAILS("--force", "-s", file, pid);
	PRINTS("", "--snapshot", file, "--force", pid);
	check_prints(RUN("-f", "csv", file), live);
	write_file(foreign, "precious", 8);
	FAILS("left alone", "-s", foreign, pid);
	FAILS("left alone", "-s", foreign, "--force", pid);
	check_file(foreign, "precious");
	FAILS("not a regular file", "-s", scratch(""), "--force", pid);
	FAILS("", "-s", place("missing/x.pmv"), pid);
	assert_int_equal(files_like("some"), 1);
	assert_int_equal(files_like("notes"), 1);
	free(live);
}

static void test_pipe(void **state)
{
	static const char *const forms[] = { "-l", "-f csv" };
	char script[80], direct[80], *live;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		snprintf(script, sizeof(script), "$0 -s - $1 | $0 %s -", forms[i]);
		snprintf(direct, sizeof(direct), "$0 %s $1", forms[i]);
		live = good(shell(direct, NULL));
		check_prints(shell(script, NULL), live);
		free(live);
	}
}

/* ------------------------------------------------------------------------------------------- */

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_foreign_files), cmocka_unit_test(test_cut_file),
		cmocka_unit_test(test_output), cmocka_unit_test(test_output_to_fifo),
		cmocka_unit_test(test_output_of_decode), cmocka_unit_test(test_full),
		cmocka_unit_test(test_snapshot), cmocka_unit_test(test_pipe),
	};

	return cmocka_run_group_tests(tests, cli_start, cli_stop);
}
