/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --rss, --brief and --wss on real processes. Of one that stands still every difference is explained;
 * the kernel's numbers are read here too, from smaps, smaps_rollup and status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "e2e/target.h"
#include "e2e/tui.h"
#include "fixture/fixture.h"
#include "helpers.h"

static long page_size;

/* --- oracles --------------------------------------------------------------------------------- */

/* The sum of all lines "key: n kB" of a file of the process, in bytes; behind the line that begins with
 * `from` alone, if that is given, up to the next one with such a name. -1: it cannot be read. */
static long long sum_of(pid_t pid, const char *file, const char *key, const char *from)
{
	char path[64];
	char *text, *line;
	long long sum = 0;
	size_t len = strlen(key);
	bool counts = !from;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	text = read_file(path, NULL);
	if (!text)
		return -1;
	for (line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		if (from && strspn(line, "0123456789abcdef") > 4)
			counts = !strncmp(line, from, strlen(from));
		else if (counts && !strncmp(line, key, len) && line[len] == ':')
			sum += strtoll(line + len + 1, NULL, 10) * 1024;
	}
	free(text);
	return sum;
}

static const json_t *line_of(const json_t *rss, const char *name)
{
	const json_t *l;
	size_t i;

	json_array_foreach(json_object_get(rss, "lines"), i, l)
		if (!strcmp(lists_text(l, "name"), name))
			return l;
	fail_msg("no line %s", name);
	return NULL;
}

/* The kernel's numbers are those of the files. */
static void check_kernel(const json_t *rss, pid_t pid)
{
	static const char *const status[] = { "VmRSS", "RssAnon", "RssFile", "RssShmem", "VmSwap",
		"HugetlbPages" };
	static const char *const smaps[] = { "Rss", "Anonymous", "Swap", "LazyFree" };
	size_t i;

	for (i = 0; i < sizeof(status) / sizeof(*status); i++)
		assert_int_equal(lists_number(line_of(rss, status[i]), "kernel"),
			sum_of(pid, "status", status[i], NULL));
	for (i = 0; i < sizeof(smaps) / sizeof(*smaps); i++)
		assert_int_equal(lists_number(line_of(rss, smaps[i]), "kernel"),
			sum_of(pid, "smaps_rollup", smaps[i], NULL));
}

/* Everything known is explained, or -1 for the lines that go by what other processes do too: who maps
 * the same libraries. known: how many lines must be. */
static bool is_explained(const json_t *rss, size_t known)
{
	const json_t *l, *item;
	size_t i, certain = 0;
	bool others = true;
	const char *key;

	json_array_foreach(json_object_get(rss, "lines"), i, l) {
		const json_t *rest = json_object_get(l, "unexplained");
		long long sum = 0;

		if (json_is_null(rest))
			continue;
		certain++;
		/* The parts add up. */
		json_object_foreach((json_t *)json_object_get(l, "explained"), key, item)
			sum += json_integer_value(item);
		assert_int_equal(lists_number(l, "kernel") - lists_number(l, "pmview"),
			sum + json_integer_value(rest));
		assert_int_equal(
			lists_number(l, "difference"), sum + json_integer_value(rest));
		if (!json_integer_value(rest))
			continue;
		if (strcmp(lists_text(l, "name"), "Private_*") && strcmp(lists_text(l, "name"), "Pss"))
			fail_msg("%s: %lld not explained", lists_text(l, "name"),
				(long long)json_integer_value(rest));
		others = false;
	}
	if (certain < known)
		fail_msg("%zu lines are certain, not %zu", certain, known);
	return others;
}

#define LINES 13

/* What is printed of a stopped process, with all of it explained. Other processes come and go, and
 * their mappings of libraries with them: tried again until they did not meanwhile. */
static json_t *explained(pid_t pid, uid_t uid, size_t known)
{
	json_t *rss;
	int i;

	for (i = 0; i < 50; i++) {
		rss = lists_parse(PRINT_AS(uid, pid, "--rss", "-J"));
		check_kernel(rss, pid);
		if (is_explained(rss, known))
			return rss;
		json_decref(rss);
	}
	fail_msg("USS and PSS never agreed with smaps");
	return NULL;
}

/* How many lines root can be certain of; others cannot read the frames. */
static size_t lines_known(void)
{
	return geteuid() ? LINES - 3 : LINES;
}

/* --- programs -------------------------------------------------------------------------------- */

static pid_t program;

static void program_end(void)
{
	if (program <= 0)
		return;
	kill(program, SIGKILL);
	waitpid(program, NULL, 0);
	program = 0;
}

/* Start a program that says "ready" and then waits for its stdin, and stop it; skip where it is not
 * there. It ends with this process. */
static pid_t program_start(const char *const argv[])
{
	int in[2], out[2];
	char word[6] = "";
	ssize_t n, got = 0;
	siginfo_t si;

	assert_true(!pipe2(in, O_CLOEXEC) && !pipe2(out, O_CLOEXEC));
	program = fork();
	if (!program) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	while (got < 5 && (n = read(out[0], word + got, (size_t)(5 - got))) > 0)
		got += n;
	close(out[0]);
	/* The other end of its stdin is never closed: it would go on. */
	if (strcmp(word, "ready")) {
		close(in[1]);
		print_message("%s is not installed here, or did not start\n", argv[0]);
		program_end();
		skip();
	}
	kill(program, SIGSTOP);
	assert_int_equal(waitid(P_PID, (id_t)program, &si, WSTOPPED | WNOWAIT), 0);
	return program;
}

static void check_program(const char *const argv[])
{
	json_decref(explained(program_start(argv), 0, lines_known()));
	program_end();
}

static void test_shell(void **state)
{
	(void)state;
	check_program((const char *const[]){ "bash", "-c", "echo ready; read x", NULL });
}

static void test_python(void **state)
{
	(void)state;
	check_program((const char *const[]){ "python3", "-c",
		"import json, re, sys\nx = [str(i) for i in range(200000)]\n"
		"print('ready', flush=True)\nsys.stdin.read()", NULL });
}

static void test_node(void **state)
{
	(void)state;
	check_program((const char *const[]){ "node", "-e",
		"let x = Array.from({length: 100000}, (_, i) => 'a' + i);"
		"console.log('ready'); process.stdin.resume(); globalThis.x = x", NULL });
}

static int compare_words(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Different page frames behind all mappings with this device and inode, by their entries. */
static long long distinct_frames(pid_t pid, const json_t *object)
{
	const json_t *list = lists_parse(PRINT(pid, "-J")), *v;
	uint64_t *pfn = NULL, entry, address;
	size_t n = 0, cap = 0, i, k;
	long long distinct = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		if (strcmp(lists_text(v, "dev"), lists_text(object, "dev")) ||
			lists_number(v, "inode") != lists_number(object, "inode"))
			continue;
		for (address = lists_address(v, "start"); address < lists_address(v, "end");
			address += (uint64_t)page_size) {
			assert_int_equal(pread(fd, &entry, 8,
				(off_t)(address / (uint64_t)page_size * 8)), 8);
			if (!(entry >> 63))
				continue;
			if (n == cap) {
				cap = cap ? 2 * cap : 4096;
				pfn = realloc(pfn, cap * sizeof(*pfn));
				assert_non_null(pfn);
			}
			pfn[n++] = entry & ((UINT64_C(1) << 55) - 1);
		}
	}
	close(fd);
	qsort(pfn, n, sizeof(*pfn), compare_words);
	for (k = 0; k < n; k++)
		distinct += !k || pfn[k] != pfn[k - 1];
	free(pfn);
	json_decref((json_t *)list);
	return distinct * page_size;
}

/* The heap of ZGC is mapped at several addresses. */
static void test_java(void **state)
{
	const char *source = scratch("Ready.java");
	const json_t *objects;
	FILE *f = fopen(source, "we");
	json_t *rss;

	(void)state;
	assert_non_null(f);
	fputs("public class Ready {\n"
	      "	static byte[][] x = new byte[64][];\n"
	      "	public static void main(String[] a) throws Exception {\n"
	      "		for (int i = 0; i < x.length; i++) x[i] = new byte[100000];\n"
	      "		System.out.println(\"ready\");\n"
	      "		System.in.read();\n"
	      "	}\n"
	      "}\n", f);
	assert_int_equal(fclose(f), 0);
	rss = explained(program_start((const char *const[]){ "java", "-XX:+UseZGC", "-Xmx128m",
		"-XX:-UsePerfData", source, NULL }), 0, lines_known());
	objects = json_object_get(rss, "objects");
	if (!json_array_size(objects)) {
		print_message("this java's ZGC maps its heap once\n");
		json_decref(rss);
		program_end();
		skip();
	}
	objects = json_array_get(objects, 0);
	assert_true(lists_number(objects, "mappings") > 1);
	assert_true(lists_number(objects, "distinct") < lists_number(objects, "rss"));
	if (!geteuid())
		assert_int_equal(
			lists_number(objects, "distinct"), distinct_frames(program, objects));
	json_decref(rss);
	program_end();
}

/* --- the fixture ----------------------------------------------------------------------------- */

static const json_t *group_of(const json_t *rss, const char *name)
{
	const json_t *g;
	size_t i;

	json_array_foreach(json_object_get(rss, "groups"), i, g)
		if (!strcmp(lists_text(g, "group"), name))
			return g;
	fail_msg("no group %s", name);
	return NULL;
}

static void test_fixture(void **state)
{
	struct fixture *f = fixture_start((const char *const[]){ "all", NULL });
	long long private, size = 0, rss_sum = 0, uss = 0;
	json_t *rss, *list;
	const json_t *g;
	size_t i;
	pid_t pid;

	(void)state;
	assert_non_null(f);
	pid = fixture_pid(f);
	process_stop(pid);
	/* Who is not root cannot tell swap from the markers that are there. */
	rss = explained(pid, 0, lines_known() - (geteuid() ? 2 : 0));
	/* The groups are all of it. */
	json_array_foreach(json_object_get(rss, "groups"), i, g) {
		size += lists_number(g, "size");
		rss_sum += lists_number(g, "rss");
		uss += lists_number(g, "uss");
	}
	list = lists_parse(PRINT(pid, "-J"));
	assert_int_equal(size,
		lists_number(json_object_get(list, "totals"), "pages") * page_size);
	assert_int_equal(rss_sum, lists_number(line_of(rss, "VmRSS"), "pmview"));
	private = sum_of(pid, "smaps", "Private_Clean", NULL) +
		sum_of(pid, "smaps", "Private_Dirty", NULL) +
		sum_of(pid, "smaps", "Private_Hugetlb", NULL);
	if (!geteuid()) {
		assert_int_equal(lists_number(line_of(rss, "Private_*"), "kernel"), private);
		assert_int_equal(lists_number(json_object_get(rss, "total"), "uss"), uss);
		assert_int_equal(uss, lists_number(line_of(rss, "Private_*"), "pmview"));
		/* Nobody else has a part in these. */
		g = group_of(rss, "shared memory");
		assert_int_equal(lists_number(g, "uss"), lists_number(g, "smaps_private"));
		assert_true(lists_number(g, "uss") > 0);
		g = group_of(rss, "anonymous");
		assert_int_equal(lists_number(g, "uss"), lists_number(g, "smaps_private"));
	}
	/* What each recipe is for is there: secret memory is file pages to the kernel. */
	if (fixture_region(f, "secretmem"))
		assert_int_equal(lists_number(json_object_get(line_of(rss, "RssFile"), "explained"),
			"secretmem"), 4 * page_size);
	if (fixture_region(f, "file-twice")) {
		g = json_array_get(json_object_get(rss, "objects"), 0);
		assert_int_equal(lists_number(g, "rss"), 2 * lists_number(g, "distinct"));
	}
	json_decref(rss);
	json_decref(list);
	kill(pid, SIGCONT);
	assert_int_equal(fixture_stop(f), 0);
}

/* Without the right to see PFNs, or to read the kpage files: what they tell is unknown, all else the
 * same. */
static void test_without_privilege(void **state)
{
	uid_t uid = geteuid() ? geteuid() : FIXTURE_NOBODY;
	struct fixture *f = geteuid()
		? fixture_start((const char *const[]){ "all", NULL })
		: fixture_start_as(uid, (const char *const[]){ "all", NULL });
	json_t *rss;

	(void)state;
	assert_non_null(f);
	process_stop(fixture_pid(f));
	/* Nor can swap be told from the markers that are there. */
	rss = explained(fixture_pid(f), geteuid() ? 0 : uid, LINES - 5);
	assert_true(json_is_null(json_object_get(line_of(rss, "Private_*"), "pmview")));
	assert_true(json_is_null(json_object_get(line_of(rss, "Pss"), "pmview")));
	assert_true(json_is_null(json_object_get(line_of(rss, "LazyFree"), "unexplained")));
	assert_true(json_is_null(json_object_get(group_of(rss, "anonymous"), "uss")));
	assert_true(lists_number(group_of(rss, "anonymous"), "smaps_private") > 0);
	json_decref(rss);
	kill(fixture_pid(f), SIGCONT);
	assert_int_equal(fixture_stop(f), 0);
}

/* PFNs are told, but the kpage files cannot be read: they take another right. */
static void test_without_kpage_files(void **state)
{
	struct fixture *f;
	char pid[16];
	struct result r;
	json_t *rss;

	(void)state;
	if (geteuid()) {
		print_message("only root can give one right alone\n");
		skip();
	}
	f = fixture_start_as(FIXTURE_NOBODY, (const char *const[]){ "anon", "lazyfree", NULL });
	assert_non_null(f);
	process_stop(fixture_pid(f));
	snprintf(pid, sizeof(pid), "%d", (int)fixture_pid(f));
	r = run_program((const char *const[]){ "setpriv", "--reuid=65534", "--regid=65534",
		"--clear-groups", "--inh-caps=+sys_admin", "--ambient-caps=+sys_admin", pmview_path(),
		"--rss", "-J", pid, NULL });
	if (r.status == 127) {
		print_message("no setpriv here\n");
		skip();
	}
	assert_int_equal(r.status, 0);
	free(r.err);
	rss = lists_parse(r.out);
	assert_true(lists_knows(rss, "pfn"));
	assert_true(is_explained(rss, LINES - 3));
	assert_true(json_is_null(json_object_get(line_of(rss, "Private_*"), "pmview")));
	assert_true(json_is_null(json_object_get(line_of(rss, "LazyFree"), "pmview")));
	assert_true(json_is_null(json_object_get(group_of(rss, "anonymous"), "uss")));
	json_decref(rss);
	kill(fixture_pid(f), SIGCONT);
	assert_int_equal(fixture_stop(f), 0);
}

/* --- a process that changes all the time ------------------------------------------------------ */

static void keeps_mapping(struct target *t)
{
	size_t bytes = 64 * (size_t)page_size, i;

	atomic_store(&t->running, 1);
	for (;;) {
		char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (i = 0; i < bytes; i += (size_t)page_size)
			p[i] = 1;
		munmap(p, bytes);
	}
}

/* Frozen, it is told as one that stands still. */
static void test_frozen(void **state)
{
	struct target *t = target_start(keeps_mapping, 1, 0);
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		json_t *rss = lists_parse(PRINT(t->pid, "--rss", "-J", "--freeze"));

		is_explained(rss, lines_known() - (geteuid() ? 0 : 2));
		assert_true(json_is_true(json_object_get(rss, "stood_still")));
		json_decref(rss);
	}
	target_end(t);
}

/* --- the brief -------------------------------------------------------------------------------- */

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void test_brief(void **state)
{
	struct fixture *f = fixture_start((const char *const[]){ "all", NULL });
	const char *file = scratch("brief.pmv");
	char path[256], pid_text[16];
	json_t *brief, *of_file, *status;
	struct result r;
	char *text;

	(void)state;
	assert_non_null(f);
	snprintf(path, sizeof(path), "%s", file);
	snprintf(pid_text, sizeof(pid_text), "%d", (int)fixture_pid(f));
	process_stop(fixture_pid(f));
	text = PRINT(fixture_pid(f), "--brief");
	assert_true(lines_of(text) <= 15);
	assert_non_null(strstr(text, pid_text));
	assert_non_null(strstr(text, "stopped by a signal"));
	free(text);
	brief = lists_parse(PRINT(fixture_pid(f), "-b", "-J"));
	status = json_object_get(brief, "status");
	assert_int_equal(lists_number(status, "VmRSS"),
		sum_of(fixture_pid(f), "status", "VmRSS", NULL));
	/* No hugetlb page is in VmRSS. */
	assert_int_equal(lists_number(brief, "rss"),
		lists_number(status, "VmRSS") + lists_number(status, "HugetlbPages"));
	/* The same of a file, but for what it does not hold. */
	r = run_program((const char *const[]){ pmview_path(), "-s", path, pid_text, NULL });
	assert_int_equal(r.status, 0);
	result_free(&r);
	r = run_program((const char *const[]){ pmview_path(), "-b", "-J", path, NULL });
	assert_int_equal(r.status, 0);
	assert_string_equal(r.err, "");
	of_file = lists_parse(r.out);
	free(r.err);
	assert_true(json_equal(
		json_object_get(of_file, "groups"), json_object_get(brief, "groups")));
	assert_int_equal(lists_number(of_file, "rss"), lists_number(brief, "rss"));
	assert_true(json_is_null(json_object_get(json_object_get(of_file, "status"), "VmRSS")));
	json_decref(of_file);
	json_decref(brief);
	kill(fixture_pid(f), SIGCONT);
	assert_int_equal(fixture_stop(f), 0);
}

/* What needs the live process says so. */
static void test_needs_the_process(void **state)
{
	static const char *const option[] = { "--rss", "--wss=1" };
	const char *file = scratch("needs.pmv");
	char path[256], pid[16];
	struct result r;
	size_t i;

	(void)state;
	snprintf(path, sizeof(path), "%s", file);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	r = run_program((const char *const[]){ pmview_path(), "-s", path, pid, NULL });
	assert_int_equal(r.status, 0);
	result_free(&r);
	for (i = 0; i < 2; i++) {
		r = run_program((const char *const[]){ pmview_path(), option[i], path, NULL });
		assert_int_equal(r.status, 2);
		assert_non_null(strstr(r.err, "needs the live process"));
		result_free(&r);
	}
}

/* --- the working set -------------------------------------------------------------------------- */

#define REGION 64 /* pages */
#define TOUCHED 23

/* A process whose region is there, but never was touched by itself: so no processor has it cached. It
 * touches TOUCHED pages when it is told to, says so, and waits. */
struct toucher {
	pid_t pid;
	char *region;
	int to, from;
};

static struct toucher toucher_start(void)
{
	struct toucher t;
	int to[2], from[2], i;
	char c;

	t.region = mmap(NULL, (size_t)(REGION * page_size), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(t.region, MAP_FAILED);
	madvise(t.region, (size_t)(REGION * page_size), MADV_NOHUGEPAGE);
	assert_true(!pipe2(to, O_CLOEXEC) && !pipe2(from, O_CLOEXEC));
	t.pid = fork();
	if (!t.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* MADV_POPULATE_WRITE, Linux 5.14: an older header lacks it. */
		if (madvise(t.region, (size_t)(REGION * page_size), 23))
			_exit(77);
		c = 'r';
		if (write(from[1], &c, 1) != 1 || read(to[0], &c, 1) != 1)
			_exit(1);
		for (i = 0; i < TOUCHED; i++)
			((volatile char *)t.region)[2 * i * page_size] = 1;
		if (write(from[1], &c, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(to[0]);
	close(from[1]);
	t.to = to[1];
	t.from = from[0];
	if (read(t.from, &c, 1) != 1) {
		waitpid(t.pid, NULL, 0);
		print_message("no MADV_POPULATE_WRITE here (Linux 5.14)\n");
		skip();
	}
	return t;
}

static void toucher_end(struct toucher *t)
{
	kill(t->pid, SIGKILL);
	waitpid(t->pid, NULL, 0);
	close(t->to);
	close(t->from);
	munmap(t->region, (size_t)(REGION * page_size));
}

static long long referenced(const struct toucher *t)
{
	char from[32];

	snprintf(from, sizeof(from), "%" PRIxPTR "-", (uintptr_t)t->region);
	return sum_of(t->pid, "smaps", "Referenced", from);
}

static bool is_cleared(void *t)
{
	return !referenced(t);
}

static void test_working_set(void **state)
{
	struct toucher t = toucher_start();
	json_t *wss;
	const json_t *v;
	char pid[16], text[65536], c = 'g';
	size_t got = 0;
	int out[2], status;
	pid_t pmview;
	ssize_t n;

	(void)state;
	assert_int_equal(referenced(&t), REGION * page_size);
	snprintf(pid, sizeof(pid), "%d", (int)t.pid);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pmview = fork();
	if (!pmview) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out[1], STDOUT_FILENO);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		execl(pmview_path(), "pmview", "--wss=3", "--yes", "-J", pid, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	assert_true(wait_until(is_cleared, &t));
	assert_int_equal(write(t.to, &c, 1), 1);
	assert_int_equal(read(t.from, &c, 1), 1);
	while (got < sizeof(text) - 1 && (n = read(out[0], text + got, sizeof(text) - 1 - got)) > 0)
		got += (size_t)n;
	text[got] = '\0';
	close(out[0]);
	assert_int_equal(waitpid(pmview, &status, 0), pmview);
	assert_int_equal(status, 0);
	wss = lists_parse(strdup(text));
	v = lists_vma(wss, (uintptr_t)t.region);
	assert_non_null(v);
	assert_int_equal(lists_number(v, "referenced"), TOUCHED * page_size);
	assert_int_equal(lists_number(v, "rss"), REGION * page_size);
	assert_true(lists_number(wss, "referenced") >= TOUCHED * page_size);
	assert_true(lists_number(wss, "waited_ns") >= 3000000000LL);
	json_decref(wss);
	toucher_end(&t);
}

/* Nobody there to ask: nothing is done. */
static void test_asks_first(void **state)
{
	struct toucher t = toucher_start();
	char pid[16];
	struct result r;
	struct tui *tui;

	(void)state;
	snprintf(pid, sizeof(pid), "%d", (int)t.pid);
	r = run_program(
		(const char *const[]){ "setsid", "-w", pmview_path(), "--wss=0.1", pid, NULL });
	assert_int_equal(r.status, 2);
	assert_string_equal(r.out, "");
	assert_non_null(strstr(r.err, "--yes"));
	result_free(&r);
	assert_int_equal(referenced(&t), REGION * page_size);
	/* On a terminal it says what it does, and takes no for an answer ... */
	tui = tui_start(24, 100, NULL, (char *[]){ (char *)pmview_path(), "--wss=0.1", pid, NULL });
	assert_non_null(tui);
	assert_true(tui_wait_text(tui, "this clears the referenced bit"));
	assert_true(tui_wait_text(tui, "go on? [y/N]"));
	assert_int_equal(referenced(&t), REGION * page_size);
	tui_key(tui, "\r");
	assert_true(tui_wait_text(tui, "nothing of the process changed"));
	assert_int_equal(tui_wait_exit(tui), 2);
	assert_int_equal(referenced(&t), REGION * page_size);
	tui_free(tui);
	/* ... and yes. */
	tui = tui_start(50, 100, NULL, (char *[]){ (char *)pmview_path(), "--wss=0.1", pid, NULL });
	assert_non_null(tui);
	assert_true(tui_wait_text(tui, "go on? [y/N]"));
	tui_key(tui, "y\r");
	assert_true(tui_wait_text(tui, "clearing the referenced bits took"));
	assert_int_equal(tui_wait_exit(tui), 0);
	assert_int_equal(referenced(&t), 0);
	tui_free(tui);
	toucher_end(&t);
}

static int tidy(void **state)
{
	program_end();
	target_end_all();
	return tui_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_shell, tidy),
		cmocka_unit_test_teardown(test_python, tidy),
		cmocka_unit_test_teardown(test_node, tidy),
		cmocka_unit_test_teardown(test_java, tidy),
		cmocka_unit_test_teardown(test_fixture, tidy),
		cmocka_unit_test_teardown(test_without_privilege, tidy),
		cmocka_unit_test_teardown(test_without_kpage_files, tidy),
		cmocka_unit_test_teardown(test_frozen, tidy),
		cmocka_unit_test_teardown(test_brief, tidy),
		cmocka_unit_test_teardown(test_needs_the_process, tidy),
		cmocka_unit_test_teardown(test_working_set, tidy),
		cmocka_unit_test_teardown(test_asks_first, tidy),
	};

	page_size = sysconf(_SC_PAGESIZE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
