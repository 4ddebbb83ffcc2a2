/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/base/newfile: files that are whole or absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/newfile.h"
#include "helpers.h"

/* File systems such as NFS refuse every flag of renameat2(). */
static bool no_rename_flags;

int renameat2(int old_dir, const char *old, int new_dir, const char *new, unsigned flags)
{
	if (flags && no_rename_flags) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_renameat2, old_dir, old, new_dir, new, flags);
}

/* How many files are in the directory of this test. */
static int files_there(void)
{
	DIR *d = opendir(scratch(""));
	struct dirent *entry;
	int n = 0;

	assert_non_null(d);
	while ((entry = readdir(d)))
		n += entry->d_name[0] != '.';
	closedir(d);
	return n;
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void assert_holds(const char *path, const char *want)
{
	char *text = read_file(path, NULL);

	assert_non_null(text);
	assert_string_equal(text, want);
	free(text);
}

static int clean(void **state)
{
	static const char *const names[] = { "new", "old", "link" };
	size_t i;

	(void)state;
	no_rename_flags = false;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(scratch(names[i]));
	return files_there() != 0;
}

static void a_new_file_appears_when_it_is_whole(void **state)
{
	char *path = mem_strdup(scratch("new"));
	struct newfile n;
	struct stat st;
	struct err e;
	mode_t mask = umask(027);

	(void)state;
	assert_int_equal(newfile_open(&n, path, 0666, false, &e), 0);
	fputs("all of it", n.f);
	fflush(n.f);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(newfile_commit(&n, &e), 0);
	assert_null(n.f);
	assert_holds(path, "all of it");
	assert_int_equal(files_there(), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(umask(mask), 027); /* it was only looked at */
	free(path);
}

static void an_abandoned_file_leaves_nothing(void **state)
{
	char *path = mem_strdup(scratch("old"));
	struct newfile n;
	struct err e;

	(void)state;
	put(path, "old");
	assert_int_equal(newfile_open(&n, path, 0600, true, &e), 0);
	fputs("new", n.f);
	fflush(n.f);
	newfile_abandon(&n);
	assert_int_equal(files_there(), 1);
	assert_holds(path, "old");
	free(path);
}

static void check_replacing(void)
{
	char *path = mem_strdup(scratch("old"));
	struct newfile n;
	struct err e;

	put(path, "old");
	assert_int_equal(newfile_open(&n, path, 0600, false, &e), 0);
	fputs("new", n.f);
	assert_int_equal(newfile_commit(&n, &e), -1);
	assert_non_null(strstr(e.text, path));
	assert_non_null(strstr(e.text, "exists already"));
	assert_holds(path, "old");
	assert_int_equal(files_there(), 1);

	assert_int_equal(newfile_open(&n, path, 0600, true, &e), 0);
	fputs("new", n.f);
	assert_int_equal(newfile_commit(&n, &e), 0);
	assert_holds(path, "new");
	assert_int_equal(files_there(), 1);

	unlink(path);
	assert_int_equal(newfile_open(&n, path, 0600, false, &e), 0);
	fputs("new", n.f);
	assert_int_equal(newfile_commit(&n, &e), 0);
	assert_holds(path, "new");
	assert_int_equal(files_there(), 1);
	free(path);
}

static void an_existing_file_is_replaced_only_if_that_was_asked(void **state)
{
	(void)state;
	check_replacing();
}

static void new_files_work_without_rename_flags(void **state)
{
	(void)state;
	no_rename_flags = true;
	check_replacing();
}

static void a_symbolic_link_is_replaced_not_followed(void **state)
{
	char *old = mem_strdup(scratch("old")), *link = mem_strdup(scratch("link"));
	struct newfile n;
	struct stat st;
	struct err e;

	(void)state;
	put(old, "old");
	assert_int_equal(symlink(old, link), 0);
	assert_int_equal(newfile_open(&n, link, 0600, true, &e), 0);
	fputs("new", n.f);
	assert_int_equal(newfile_commit(&n, &e), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_holds(old, "old");
	assert_holds(link, "new");
	free(old);
	free(link);
}

/* A limit on file sizes stands for a full disk. */
static void a_full_disk_leaves_what_was_there(void **state)
{
	struct rlimit limit, small;
	char *path = mem_strdup(scratch("old"));
	struct newfile n;
	struct err e;
	int i, r;

	(void)state;
	put(path, "old");
	assert_int_equal(newfile_open(&n, path, 0600, true, &e), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	small = limit;
	small.rlim_cur = 8192;
	setrlimit(RLIMIT_FSIZE, &small);
	for (i = 0; i < 20000; i++)
		fputc('x', n.f);
	r = newfile_commit(&n, &e);
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(r, -1);
	assert_non_null(strstr(e.text, path));
	assert_holds(path, "old");
	assert_int_equal(files_there(), 1);
	free(path);
}

static void a_place_that_is_not_there_is_an_error(void **state)
{
	struct newfile n;
	struct err e;

	(void)state;
	assert_int_equal(newfile_open(&n, scratch("missing/x"), 0600, true, &e), -1);
	assert_non_null(strstr(e.text, "missing/x"));
	assert_int_equal(e.code, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_new_file_appears_when_it_is_whole, clean),
		cmocka_unit_test_setup(an_abandoned_file_leaves_nothing, clean),
		cmocka_unit_test_setup(an_existing_file_is_replaced_only_if_that_was_asked, clean),
		cmocka_unit_test_setup(new_files_work_without_rename_flags, clean),
		cmocka_unit_test_setup(a_symbolic_link_is_replaced_not_followed, clean),
		cmocka_unit_test_setup(a_full_disk_leaves_what_was_there, clean),
		cmocka_unit_test_setup(a_place_that_is_not_there_is_an_error, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
