/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes are related, by what the kernel says of them, and where it cannot be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "source/procs.h"

static struct proc_known marked(uint64_t code, uint64_t stack)
{
	return (struct proc_known){ .stat = { .start_code = code, .start_stack = stack } };
}

static void related(void **state)
{
	struct proc_known a = marked(0x55550000, 0x7ffd0000), b = a, code = a, stack = a;

	(void)state;
	code.stat.start_code += 0x1000;
	stack.stat.start_stack += 0x1000;
	b.pid = 7;
	assert_true(procs_related(&a, &a));
	assert_true(procs_related(&a, &b));
	assert_false(procs_related(&a, &code));
	assert_false(procs_related(&a, &stack));
	assert_false(procs_is_hidden(&a));
}

/* What is the same of all that are hidden, or in an exec, says nothing. */
static void unmarked(void **state)
{
	struct proc_known hidden = marked(1, 0), exec = marked(0, 0);

	(void)state;
	assert_true(procs_is_hidden(&hidden));
	assert_false(procs_is_hidden(&exec));
	assert_false(procs_related(&hidden, &hidden));
	assert_false(procs_related(&exec, &exec));
}

/* Put the one that was asked for first, then its relatives, the others as they were found. */
static void ordered(void **state)
{
	struct proc_known all[] = { marked(1, 0), marked(3, 4), marked(5, 6), marked(1, 0),
		marked(3, 4), marked(5, 6) };
	static const pid_t by_relation[] = { 5, 2, 1, 3, 4, 6 }, by_none[] = { 4, 5, 2, 1, 3, 6 };
	struct procs ps = { .p = all, .n = sizeof(all) / sizeof(*all) };
	size_t i;

	(void)state;
	for (i = 0; i < ps.n; i++)
		all[i].pid = (pid_t)i + 1;
	procs_order(&ps, 5);
	for (i = 0; i < ps.n; i++)
		assert_int_equal(all[i].pid, by_relation[i]);
	/* A hidden one brings no other along. */
	procs_order(&ps, 4);
	for (i = 0; i < ps.n; i++)
		assert_int_equal(all[i].pid, by_none[i]);
}

/* Of a procfs whose PIDs are not ours, kcmp(2) would be asked about others. */
static void not_told(void **state)
{
	struct procfs p = { .dir = -1, .pid = getpid() };
	struct procs ps;

	(void)state;
	procs_init(&ps, "/nonexistent");
	assert_int_equal(procs_shares(&ps, &p), -1);
	assert_int_equal(ps.memories, 0);
	procs_free(&ps);
}

/* Out of files: those that are there have not ended, and are listed as not looked at. */
static void no_files(void **state)
{
	struct rlimit all, none;
	struct proc_stat st;
	struct procs ps;
	struct procfs p;
	int own, fd;
	struct err e;

	(void)state;
	procs_init(&ps, "/proc");
	own = open("/proc", O_RDONLY | O_DIRECTORY);
	assert_true(own >= 0);
	assert_int_equal(procs_add(&ps, getpid(), &e), 0);
	assert_int_equal(procfs_open(&p, "/proc", getpid(), &e), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
	fd = dup(own);
	close(fd);
	/* One for the list, and one for /proc itself. */
	none = all;
	none.rlim_cur = (rlim_t)fd + 2;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_true(procs_list(&ps, NULL, NULL, &e) > 0);
	none.rlim_cur = (rlim_t)fd;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(procfs_look(&p, &st, &e), -1);
	assert_int_equal(e.code, EMFILE);
	assert_null(strstr(e.text, "ended"));
	procfs_close(&p);
	assert_int_equal(procs_open(&ps, &ps.p[0], &p, &st, &e), -1);
	assert_false(ps.p[0].ended);
	assert_int_equal(ps.p[0].error, EMFILE);
	setrlimit(RLIMIT_NOFILE, &all);
	assert_int_equal(ps.p[1].error, EMFILE);
	assert_int_equal(procs_open(&ps, &ps.p[0], &p, &st, &e), 0);
	assert_int_equal(ps.p[0].error, 0);
	procfs_close(&p);
	close(own);
	procs_free(&ps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(related),
		cmocka_unit_test(unmarked),
		cmocka_unit_test(ordered),
		cmocka_unit_test(not_told),
		cmocka_unit_test(no_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
