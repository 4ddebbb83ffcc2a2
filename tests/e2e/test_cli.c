/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: each option, each error a newcomer makes, and what needs no privilege. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "e2e/cli_help.h"
#include "e2e/lists.h"
#include "e2e/tui.h"
#include "fixture/fixture.h"
#include "helpers.h"

static unsigned long page;

/* --- options ------------------------------------------------------------------------------- */

static void test_help(void **state)
{
	static const char *const options[] = { "-h", "-?", "--help" };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		char *out = good(RUN(options[i]));

		assert_non_null(strstr(out, "Usage: pmview"));
		assert_non_null(strstr(out, "--checkpoint"));
		free(out);
	}
	PRINTS("--pages", "--usage");
	PRINTS("pmview ", "-V");
	PRINTS("PAGEMAP_SCAN", "--version");
	PRINTS("okabe-ito", "--list-themes");
}

static void test_targets(void **state)
{
	char *list = good(RUN("-l", pid)), *same, arg[32];

	(void)state;
	assert_int_equal(strncmp(list, "START", 5), 0);
	/* Not to a terminal, it is the list that is printed. */
	same = good(RUN(pid));
	assert_string_equal(same, list);
	free(same);
	snprintf(arg, sizeof(arg), "--pid=%s", pid);
	same = good(RUN(arg));
	assert_string_equal(same, list);
	free(same);
	same = good(RUN("-p", pid, "--list", "--proc=/proc", "-i", "0.5", "--color=never",
		"-t", "light"));
	assert_string_equal(same, list);
	free(same);
	free(list);
}

static void test_formats(void **state)
{
	(void)state;
	PRINTS("START", "-f", "text", pid);
	PRINTS("start,end,perms,", "--format=csv", pid);
	PRINTS("{\"format\": \"pmview-list\", \"version\": 1,", "--format=json", pid);
	PRINTS("{\"format\": \"pmview-list\", \"version\": 1,", "-J", pid);
	if (reads_are_cheap(fixture_pid(fixture)))
		PRINTS("\"engine\": \"read\"", "-J", "--engine=read", pid);
	PRINTS("\"engine\": ", "-J", "--engine=auto", pid);
	PRINTS("CHKPT", "--checkpoint", pid);
	PRINTS("present      1", "-d", "0x8600000000012345");
	PRINTS("0x12345", "--decode=8600000000012345");
}

static size_t lines(char *text)
{
	size_t n = 0, i;

	for (i = 0; text[i]; i++)
		n += text[i] == '\n';
	free(text);
	return n;
}

/* Each form of a range, by the rows it gives. */
static void test_ranges(void **state)
{
	const struct fixture_region *r = fixture_region(fixture, "anon");
	char range[80], first[32], *out;

	(void)state;
	assert_int_equal(r->pages, 8);
	snprintf(first, sizeof(first), "\n%016" PRIx64 " ", r->address);
	snprintf(range, sizeof(range), "%" PRIx64, r->address);
	PRINTS(first, "-P", range, pid);
	assert_int_equal(lines(good(RUN("-P", range, pid))), 2);
	/* An address in the middle of a page is the page. */
	snprintf(range, sizeof(range), "0x%" PRIX64, r->address + page / 2);
	PRINTS(first, "-P", range, pid);
	snprintf(range, sizeof(range), "0x%" PRIx64 "-%" PRIx64, r->address, r->address + 3 * page);
	assert_int_equal(lines(good(RUN("-P", range, pid))), 1 + 3);
	snprintf(range, sizeof(range), "%" PRIx64 "+%lu", r->address, 8 * page);
	assert_int_equal(lines(good(RUN("-P", range, pid))), 1 + 8);
	snprintf(range, sizeof(range), "%" PRIx64 "+%luK", r->address + page, 4 * page / 1024);
	assert_int_equal(lines(good(RUN("-P", range, "-f", "csv", pid))), 1 + 4);
	/* Over its end: only what is mapped. */
	snprintf(range, sizeof(range), "%" PRIx64 "+0x%lx", r->address + 6 * page, 4 * page);
	assert_int_equal(lines(good(RUN("--pages", range, pid))), 1 + 2);
	out = good(RUN("--pages=[stack]", "-J", pid));
	assert_non_null(strstr(out, "\"state\": \"anon\""));
	free(out);
	assert_true(lines(good(RUN("--pages=all", pid))) > 8);
}

static void test_no_pfn(void **state)
{
	char range[32];
	struct table t;
	size_t i;

	(void)state;
	snprintf(range, sizeof(range), "%" PRIx64 "+%lu", fixture_region(fixture, "anon")->address,
		8 * page);
	t = table_of(good(RUN("--pages", range, "-f", "csv", "--no-pfn", pid)));
	for (i = 1; i < t.rows; i++) {
		assert_string_equal(cell(&t, i, "pfn"), "");
		assert_int_equal(cell_hex(&t, i, "entry") & ((UINT64_C(1) << 55) - 1), 0);
		assert_string_equal(cell(&t, i, "state"), "anon");
	}
	table_free(&t);
	PRINTS("\"pfn\": false", "-J", "--no-pfn", pid);
}

/* A copy of the program under a name that nothing else here has. */
/* How many mappings have this name, all of them deleted or none. */
static size_t count_named(pid_t of, const char *name, bool deleted)
{
	json_t *list = lists_parse(PRINT(of, "-J"));
	const json_t *v;
	size_t i, n = 0;

	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		if (strcmp(lists_text(v, "name"), name))
			continue;
		assert_int_equal(json_is_true(json_object_get(v, "deleted")), deleted);
		n++;
	}
	json_decref(list);
	return n;
}

/* A file whose name ends as the mark in maps does, while it is there and when it is gone. */
static void test_called_deleted(void **state)
{
	char *program = strdup(getenv("PMVIEW_MKPAGES")), *copy = strdup(scratch("x (deleted)"));
	char script[600];
	struct fixture *f;
	size_t n;

	(void)state;
	snprintf(script, sizeof(script), "cp '%s' \"$2\" && chmod 755 \"$2\"", program);
	free(good(shell(script, copy)));
	setenv("PMVIEW_MKPAGES", copy, 1);
	f = fixture_start((const char *const[]){ "anon", NULL });
	setenv("PMVIEW_MKPAGES", program, 1);
	assert_non_null(f);
	n = count_named(fixture_pid(f), copy, false);
	assert_true(n >= 2);
	assert_int_equal(unlink(copy), 0);
	assert_int_equal(count_named(fixture_pid(f), copy, true), n);
	assert_int_equal(fixture_stop(f), 0);
	free(program);
	free(copy);
}

static void test_by_name(void **state)
{
	static const char *const recipes[] = { "anon", "fork", NULL };
	const char *original = getenv("PMVIEW_MKPAGES");
	char name[16], script[600], expect[64], *program, *list;
	struct fixture *a, *b;
	struct result r;

	(void)state;
	assert_non_null(original);
	program = strdup(original);
	snprintf(name, sizeof(name), "pmvt%d", (int)getpid());
	snprintf(script, sizeof(script), "cp '%s' \"$2\" && chmod 755 \"$2\"", program);
	free(good(shell(script, scratch(name))));
	setenv("PMVIEW_MKPAGES", scratch(name), 1);
	a = fixture_start((const char *const[]){ "anon", NULL });
	setenv("PMVIEW_MKPAGES", program, 1);
	assert_non_null(a);
	snprintf(expect, sizeof(expect), "\"pid\": %d,", (int)fixture_pid(a));
	PRINTS(expect, "-J", name);
	assert_int_equal(fixture_stop(a), 0);
	FAILS("no process is called", name);

	/* A child of the same name: it is the parent that is meant, and a line says so. */
	setenv("PMVIEW_MKPAGES", scratch(name), 1);
	a = fixture_start(recipes);
	b = fixture_start((const char *const[]){ "zero", NULL });
	setenv("PMVIEW_MKPAGES", program, 1);
	assert_true(a && b && fixture_child(a));
	/* Several, of which none is the others' parent: all are named. */
	snprintf(expect, sizeof(expect), "%d", (int)fixture_pid(b));
	FAILS(expect, "-l", name);
	assert_int_equal(fixture_stop(b), 0);
	r = RUN("-J", name);
	check_line(r.err, "descend");
	assert_int_equal(r.status, 0);
	snprintf(expect, sizeof(expect), "\"pid\": %d,", (int)fixture_pid(a));
	list = strstr(r.out, expect);
	assert_non_null(list);
	result_free(&r);
	assert_int_equal(fixture_stop(a), 0);
	free(program);
}

/* --- errors -------------------------------------------------------------------------------- */

static void test_bad_options(void **state)
{
	(void)state;
	FAILS("which process", "-l");
	FAILS("one process or file at a time", pid, "1");
	FAILS("one process or file at a time", "-p", pid, "1");
	FAILS("--nonsense", "--nonsense", pid);
	FAILS("-x", "-x", pid);
	FAILS("-p", "-p");
	FAILS("--format=xml", "--format=xml", pid);
	FAILS("--color=blue", "--color=blue", pid);
	FAILS("--engine=steam", "--engine=steam", pid);
	FAILS("--interval=0", "--interval=0", pid);
	FAILS("--interval=nan", "-i", "nan", pid);
	FAILS("--pid=x", "--pid=x");
	FAILS("--pid=0", "-p0");
	FAILS("--pid=-1", "--pid=-1");
	FAILS("--decode=junk", "--decode=junk");
	FAILS("--decode=", "--decode=");
	FAILS("--decode=0x112345678", "--decode=0x11234567812345678");
	FAILS("needs no process", "--decode=1", pid);
	FAILS("exclude each other", "--list", "--pages=all", pid);
	FAILS("--format", "--decode=1", "-J");
	FAILS("--output", "-s", "x.pmv", "-o", "y", pid);
	FAILS("/nonexistent", "--proc=/nonexistent", "-l", pid);
}

static void test_bad_pids(void **state)
{
	char dead[16], *stat = read_file("/proc/2/stat", NULL);
	siginfo_t si;
	pid_t child = fork();

	(void)state;
	if (!child)
		_exit(0);
	FAILS("0 is not a process id", "0");
	FAILS("-1", "-1");
	FAILS("is not a process id", "99999999999999999999999999");
	FAILS("is not a process id", "2147483648");
	FAILS("no process 2147483647", "-l", "2147483647");
	FAILS("no process is called 'no such name'", "no such name");
	FAILS("no process is called ''", "");
	assert_int_equal(waitid(P_PID, (id_t)child, &si, WEXITED | WNOWAIT), 0);
	snprintf(dead, sizeof(dead), "%d", (int)child);
	FAILS("zombie", "-l", dead);
	assert_int_equal(waitpid(child, NULL, 0), child);
	FAILS("no process ", "-l", dead);
	if (stat && strstr(stat, "(kthreadd)"))
		FAILS("kernel thread", "-l", "2");
	else
		print_message("process 2 is no kernel thread here\n");
	free(stat);
}

static void test_not_permitted(void **state)
{
	const char *argv[] = { pmview_path(), "-l", "1", NULL };
	char self[16];

	(void)state;
	snprintf(self, sizeof(self), "%d", (int)getpid());
	if (!getuid())
		argv[2] = self;
	if (getuid() && !access("/proc/1/pagemap", R_OK)) {
		print_message("everything here may be looked at\n");
		skip();
	}
	check_fails(run_program_as(getuid() ? 0 : FIXTURE_NOBODY, argv), "no permission");
}

static void test_bad_ranges(void **state)
{
	(void)state;
	FAILS("bad range", "--pages=", pid);
	FAILS("not a hexadecimal address", "--pages=1000-xyz", pid);
	FAILS("ends before it starts", "--pages=2000-1000", pid);
	FAILS("number of bytes", "--pages=1000+many", pid);
	FAILS("beyond the last address", "--pages=1000+0xffffffffffffffff", pid);
	FAILS("nothing mapped at 0x1000", "--pages=1000", pid);
	FAILS("nothing mapped at 0x1000", "--pages=1000", "-f", "csv", pid);
	FAILS("nothing mapped at 0x1000", "--pages=1000", "-J", pid);
	FAILS("no mapping called '[nothing]'", "--pages=[nothing]", pid);
}

/* What a terminal cannot show is said on stderr, before the screen is touched. */
static void on_terminal(const char *term, const char *theme, const char *words)
{
	char *argv[] = { (char *)pmview_path(), (char *)theme, pid, NULL };
	const char *const env[] = { term ? term : "TERM", NULL };
	const struct tui_options o = { .argv = argv, .env = env, .err = TUI_PIPE };
	struct tui *t = tui_start_with(&o);

	assert_non_null(t);
	assert_int_equal(tui_wait_exit(t), 2);
	check_line(tui_stderr(t), words);
	assert_int_equal(tui_bytes(t), 0);
	tui_free(t);
}

static void test_bad_terminal(void **state)
{
	(void)state;
	on_terminal("TERM=dumb", "-tdark", "TERM=dumb");
	on_terminal(NULL, "-tdark", "TERM is not set");
	on_terminal("TERM=", "-tdark", "TERM is not set");
	on_terminal("TERM=xterm-256color", "-tnonsense", "no theme 'nonsense'");
}

static void test_no_target(void **state)
{
	char *argv[] = { (char *)pmview_path(), NULL };
	const struct tui_options o = { .argv = argv, .err = TUI_PIPE };
	struct tui *t = tui_start_with(&o);

	(void)state;
	FAILS("which process", "-J");
	assert_non_null(t);
	assert_int_equal(tui_wait_exit(t), 2);
	check_line(tui_stderr(t), "which process");
	tui_free(t);
}

/* --- without privilege --------------------------------------------------------------------- */

static void test_unprivileged(void **state)
{
	uid_t uid = getuid() ? 0 : FIXTURE_NOBODY;
	const char *const recipes[] = { "anon", "zero", "file-cow", "guard", "thp", "memfd", NULL };
	struct fixture *f = uid ? fixture_start_as(uid, recipes) : fixture_start(recipes);
	char range[40], *text;
	pid_t own;
	json_t *list, *row;
	struct table t;
	size_t i;

	(void)state;
	assert_non_null(f);
	own = fixture_pid(f);
	snprintf(range, sizeof(range), "%" PRIx64 "+%lu", fixture_region(f, "anon")->address,
		4 * page);
	list = lists_parse(lists_print(uid, own, (const char *const[]){ "-J", NULL }));
	assert_false(lists_knows(list, "pfn"));
	assert_true(lists_knows(list, "swap_kind"));
	for (i = 0; i < fixture_count(f); i++) {
		const struct fixture_region *r = fixture_at(f, i);
		const json_t *v = lists_vma(list, r->address);

		assert_int_equal(lists_total(v), r->pages);
		assert_int_equal(lists_count(v, "unknown"), 0);
		assert_int_equal(lists_count(v, "swap"), 0);
	}
	json_decref(list);
	list = lists_parse(lists_print(uid, own, (const char *const[]){ "-P", range, "-J", NULL }));
	json_array_foreach(json_object_get(list, "pages"), i, row) {
		assert_int_equal(lists_number(row, "pfn"), -1);
		assert_true(json_is_true(json_object_get(row, "exclusive")));
		assert_string_equal(lists_text(row, "entry"), "8100000000000000");
	}
	assert_int_equal(i, 4);
	json_decref(list);
	t = table_of(lists_print(uid, own, (const char *const[]){ "-P", range, "-fcsv", NULL }));
	for (i = 1; i < t.rows; i++)
		assert_string_equal(cell(&t, i, "pfn"), "");
	table_free(&t);
	text = lists_print(uid, own, (const char *const[]){ "-P", range, NULL });
	assert_null(strstr(text, "0x"));
	assert_non_null(strstr(text,
		"8100000000000000 anon    hidden (needs CAP_SYS_ADMIN)     ?    ? ?       exclusive ? ?\n"));
	free(text);
	assert_int_equal(fixture_stop(f), 0);
}

/* ------------------------------------------------------------------------------------------- */

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_help), cmocka_unit_test(test_targets),
		cmocka_unit_test(test_formats), cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_no_pfn), cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_called_deleted),
		cmocka_unit_test(test_bad_options), cmocka_unit_test(test_bad_pids),
		cmocka_unit_test(test_not_permitted), cmocka_unit_test(test_bad_ranges),
		cmocka_unit_test_teardown(test_bad_terminal, tui_teardown),
		cmocka_unit_test_teardown(test_no_target, tui_teardown),
		cmocka_unit_test(test_unprivileged),
	};

	page = (unsigned long)sysconf(_SC_PAGESIZE);
	return cmocka_run_group_tests(tests, cli_start, cli_stop);
}
