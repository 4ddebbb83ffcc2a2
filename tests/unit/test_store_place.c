/* SPDX-License-Identifier: GPL-2.0-or-later */
/* .pmv files: where one is written, what is replaced and what is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "helpers.h"
#include "source/store.h"
#include "store_help.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static void check_kept(const char *path, bool replace, const char *why)
{
	struct snapshot *s = small_snapshot();
	struct err e = { .text = "" };
	int r = store_write(path, s, NULL, replace, &e);

	snapshot_unref(s);
	if (r == 0)
		fail_msg("%s was replaced", path);
	assert_non_null(strstr(e.text, why));
	assert_non_null(strstr(e.text, path));
}

static void foreign_files_are_left_alone(void **state)
{
	static const char *const texts[] = { "x", "\x28\xb5\x2f", "some notes\n",
		"{\"type\":\"header\"}\n" };
	char *path = mem_strdup(scratch("foreign")), *text;
	size_t i, n;

	(void)state;
	for (i = 0; i < LENGTH(texts); i++) {
		put(path, texts[i], strlen(texts[i]));
		check_kept(path, true, "no pmview snapshot");
		check_kept(path, false, "no pmview snapshot");
		text = read_file(path, &n);
		assert_int_equal(n, strlen(texts[i]));
		assert_memory_equal(text, texts[i], n);
		free(text);
	}
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	check_kept(path, true, "not a regular file");
	rmdir(path);
	assert_int_equal(mkfifo(path, 0600), 0); /* opening it would wait for ever */
	check_kept(path, true, "not a regular file");
	unlink(path);
	free(path);
}

/* Not everything that zstd has packed is ours: backup.tar.zst is not. */
static void foreign_zstd_files_are_left_alone(void **state)
{
	char *path = mem_strdup(scratch("backup.tar.zst"));
	struct str file = { 0 };

	(void)state;
	add_frame(&file, "precious", 8, true);
	put(path, file.s, file.len);
	check_kept(path, true, "no pmview snapshot");
	str_free(&file);
	free(path);
}

static void symbolic_links_are_refused(void **state)
{
	char *path = mem_strdup(scratch("target.pmv")), *link = mem_strdup(scratch("link.pmv"));
	struct snapshot *s = small_snapshot(), *back;

	(void)state;
	save(path, s);
	assert_int_equal(symlink(path, link), 0);
	check_kept(link, true, "not a regular file");
	back = load(link); /* reading through it is fine */
	assert_same(s, back);
	snapshot_unref(back);
	unlink(path);
	check_kept(link, true, "not a regular file"); /* dangling */
	unlink(link);
	snapshot_unref(s);
	free(path);
	free(link);
}

static void snapshots_are_replaced_if_that_was_asked(void **state)
{
	char *path = mem_strdup(scratch("mine.pmv"));
	struct snapshot *s = small_snapshot(), *other = snapshot_of("", NULL), *back;
	struct stat st;
	mode_t mask = umask(0);

	(void)state;
	save(path, s);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600); /* it may hold PFNs and file names */
	check_kept(path, false, "--force");
	back = load(path);
	assert_same(back, s);
	snapshot_unref(back);
	chmod(path, 0666);
	save(path, other);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	back = load(path);
	assert_same(back, other);
	snapshot_unref(back);
	umask(mask);
	snapshot_unref(s);
	snapshot_unref(other);
	free(path);
}

/* As mktemp(1) makes them: there is nothing to lose. */
static void empty_files_are_filled(void **state)
{
	char *path = mem_strdup(scratch("mktemp"));
	struct snapshot *s = small_snapshot(), *back;
	struct err e;

	(void)state;
	put(path, "", 0);
	assert_int_equal(store_write(path, s, NULL, false, &e), 0);
	back = load(path);
	assert_same(back, s);
	snapshot_unref(back);
	snapshot_unref(s);
	free(path);
}

static void places_that_cannot_be(void **state)
{
	char *file = mem_strdup(scratch("plain")), *path = mem_strdup(scratch("plain/x.pmv"));
	struct snapshot *s = small_snapshot();
	struct err e;

	(void)state;
	put(file, "x", 1);
	assert_int_equal(store_write(path, s, NULL, false, &e), -1);
	assert_null(strstr(e.text, "exists"));
	assert_int_equal(e.code, ENOTDIR);
	assert_int_equal(store_write(scratch("no/where.pmv"), s, NULL, false, &e), -1);
	assert_int_equal(e.code, ENOENT);
	snapshot_unref(s);
	free(file);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_files_are_left_alone),
		cmocka_unit_test(foreign_zstd_files_are_left_alone),
		cmocka_unit_test(symbolic_links_are_refused),
		cmocka_unit_test(snapshots_are_replaced_if_that_was_asked),
		cmocka_unit_test(empty_files_are_filled),
		cmocka_unit_test(places_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
