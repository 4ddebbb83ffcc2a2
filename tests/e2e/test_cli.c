/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: each option, each error a newcomer makes, files, pipes and exit statuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "e2e/tui.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "source/store.h"

/* A stopped process: what is printed twice is the same. */
static struct fixture *fixture;
static char pid[16];
static unsigned long page;

/* --- running ------------------------------------------------------------------------------- */

#define RUN(...) run_program((const char *const[]){ pmview_path(), __VA_ARGS__, NULL })

/* In a shell, with pmview as $0 and the process as $1; path, if any, is $2. */
static struct result shell(const char *script, const char *path)
{
	return run_program((const char *const[]){ "sh", "-c", script, pmview_path(), pid, path, NULL });
}

/* One line for a person: "pmview: ...", with these words in it. */
static void check_line(const char *err, const char *words)
{
	const char *end = strchr(err, '\n');

	if (strncmp(err, "pmview: ", 8) || !end || end[1] || !strstr(err, words))
		fail_msg("not one line with \"%s\": \"%s\"", words, err);
}

static void check_fails(struct result r, const char *words)
{
	check_line(r.err, words);
	assert_string_equal(r.out, "");
	assert_int_equal(r.status, 2);
	result_free(&r);
}

#define FAILS(words, ...) check_fails(RUN(__VA_ARGS__), words)

/* What was printed; it must have gone well, with nothing on stderr. The caller frees it. */
static char *good(struct result r)
{
	assert_string_equal(r.err, "");
	assert_int_equal(r.status, 0);
	free(r.err);
	return r.out;
}

static void check_prints(struct result r, const char *words)
{
	char *out = good(r);

	if (!strstr(out, words))
		fail_msg("\"%s\" is not in: %s", words, out);
	free(out);
}

#define PRINTS(words, ...) check_prints(RUN(__VA_ARGS__), words)

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
	same = good(RUN("-p", pid, "--list", "--proc=/proc", "-i", "0.5", "--color=never", "-t", "light"));
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

/* --- files --------------------------------------------------------------------------------- */

static void test_foreign_files(void **state)
{
	static const char gzip[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x06\0\xc2\x41\x24\x35\x03\0\0";
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
			(const char *const[]){ pmview_path(), "-l", zstd, NULL }), "Permission denied");
	
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
	assert_int_equal(store_write(path, s, true, &e), 0);
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
	const char *file = place("list.txt"), *fifo = place("list.fifo");
	char *list = good(RUN("-l", pid));
	struct stat st;
	int fd, i;

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
	FAILS("", "-o", scratch(""), pid);
	assert_int_equal(files_like("list.txt"), 1);
	/* What is no file is written to, never replaced: think of /dev/null. */
	assert_int_equal(mkfifo(fifo, 0600), 0);
	fd = open(fifo, O_RDWR | O_NONBLOCK);
	assert_true(fd >= 0);
	check_prints(RUN("-l", "-o", fifo, pid), "");
	assert_int_equal(lstat(fifo, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	close(fd);
	free(list);
}

/* Every kind of output to a full disk is trouble, and said. */
static void test_full(void **state)
{
	static const char *const scripts[] = { "-l $1", "$1", "-J $1", "-f csv $1", "-s - $1",
		"--pages=all $1", "--pages=all -J $1", "--decode=1", "--list-themes", "-V", "--help",
		"--usage" };
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
	snprintf(range, sizeof(range), "%" PRIx64 "+%lu", fixture_region(f, "anon")->address, 4 * page);
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
	assert_non_null(strstr(text, "8100000000000000 anon    hidden (needs CAP_SYS_ADMIN) exclusive\n"));
	free(text);
	assert_int_equal(fixture_stop(f), 0);
}

/* ------------------------------------------------------------------------------------------- */

static int start(void **state)
{
	(void)state;
	page = (unsigned long)sysconf(_SC_PAGESIZE);
	fixture = fixture_start((const char *const[]){ "anon", "zero", "file-cow", "shared-anon",
		"names", "stripes:512", NULL });
	if (!fixture)
		return -1;
	process_stop(fixture_pid(fixture));
	snprintf(pid, sizeof(pid), "%d", (int)fixture_pid(fixture));
	return 0;
}

static int stop(void **state)
{
	(void)state;
	kill(fixture_pid(fixture), SIGCONT);
	return fixture_stop(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_help), cmocka_unit_test(test_targets),
		cmocka_unit_test(test_formats), cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_no_pfn), cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_bad_options), cmocka_unit_test(test_bad_pids),
		cmocka_unit_test(test_not_permitted), cmocka_unit_test(test_bad_ranges),
		cmocka_unit_test_teardown(test_bad_terminal, tui_teardown),
		cmocka_unit_test_teardown(test_no_target, tui_teardown),
		cmocka_unit_test(test_foreign_files), cmocka_unit_test(test_cut_file),
		cmocka_unit_test(test_output), cmocka_unit_test(test_full),
		cmocka_unit_test(test_snapshot), cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_unprivileged),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
