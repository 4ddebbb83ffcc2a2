/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --family of processes that forked from each other as this test told them to. They are a program
 * of their own, this one run anew, because all that a test forks is of the test's family. Oracles:
 * what each has written, kpagecount, smaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "e2e/target.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "source/family.h"

static uint64_t page_size;

/* --- the processes ------------------------------------------------------------------------- */

enum { ROOT, CHILD, GRANDCHILD, ORPHAN, EXECED, SAME, WHO };

#define PAGES 64

/* Shared by the test and all of them. */
struct tree {
	_Atomic pid_t pid[WHO];
	atomic_int ready;
	int alive;       /* their end of a socket, which the test never writes to */
	uint64_t region; /* PAGES pages, which the root wrote before it forked */
	uint64_t huge;   /* two huge pages' worth, likewise; the child has written one page */
	uint64_t shared; /* PAGES pages of shared memory: root and child have mapped some */
};

static struct tree *tree;
static int tree_fd;

/* They end by the socket, not by PR_SET_PDEATHSIG: that is lost with a parent and by setuid(). */
static _Noreturn void stay(int who)
{
	char c;

	atomic_store(&tree->pid[who], getpid());
	atomic_fetch_add(&tree->ready, 1);
	while (read(tree->alive, &c, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

static void end_with_test(void)
{
	char c;

	if (!recv(tree->alive, &c, 1, MSG_DONTWAIT))
		_exit(0);
}

static void write_pages(uint64_t region, int first, int end)
{
	for (; first < end; first++)
		((volatile char *)region)[(uint64_t)first * page_size] = 1; /* not read before */
}

static pid_t fork_here(void)
{
	pid_t pid = fork();

	if (pid < 0)
		_exit(121);
	return pid;
}

static void wait_for(int who)
{
	while (!atomic_load(&tree->pid[who])) {
		end_with_test();
		sched_yield();
	}
}

static int share_memory(void *unused)
{
	(void)unused;
	stay(SAME);
}

static void run_child(void)
{
	static char stack[65536];

	write_pages(tree->region, 0, 8);
	write_pages(tree->huge, 0, 1);
	write_pages(tree->shared, 4, 10);
	if (!fork_here()) {
		write_pages(tree->region, 4, 10);
		stay(GRANDCHILD);
	}
	wait_for(GRANDCHILD);
	if (clone(share_memory, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL) < 0)
		_exit(127);
	wait_for(SAME);
	stay(CHILD);
}

/* Fork one whose parent ends. */
static void run_orphan(void)
{
	pid_t between = fork_here();

	if (!between) {
		if (!fork_here()) {
			write_pages(tree->region, 20, 23);
			stay(ORPHAN);
		}
		_exit(0);
	}
	waitpid(between, NULL, 0);
	wait_for(ORPHAN);
}

static uint64_t map(uint64_t bytes, int sharing, int advice)
{
	/* Away from others, which it would be merged with. */
	char *p = mmap(NULL, bytes + 2 * page_size, PROT_NONE, sharing | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + page_size, bytes, PROT_READ | PROT_WRITE))
		_exit(123);
	madvise(p + page_size, bytes, advice);
	return (uintptr_t)p + page_size;
}

#define HUGE_BYTES (UINT64_C(4) << 20)

/* Children that end soon, some of them while they are looked at. */
static _Noreturn void run_churn(void)
{
	int i;

	atomic_store(&tree->pid[ROOT], getpid());
	atomic_fetch_add(&tree->ready, 1);
	for (;;) {
		end_with_test();
		for (i = 0; i < 8; i++)
			if (!fork_here()) {
				write_pages(tree->region, 0, PAGES);
				usleep(2000u * (unsigned)i);
				_exit(0);
			}
		for (i = 0; i < 8; i++)
			wait(NULL);
	}
}

static void run_tree(int fd, const char *what)
{
	uint64_t at;

	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	tree = mmap(NULL, sizeof(*tree), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (tree == MAP_FAILED)
		_exit(124);
	prctl(PR_SET_DUMPABLE, 1);
	tree->region = map(PAGES * page_size, MAP_PRIVATE, MADV_NOHUGEPAGE);
	write_pages(tree->region, 0, PAGES);
	if (!strcmp(what, "churn"))
		run_churn();
	if (!strcmp(what, "simple")) {
		if (!fork_here()) {
			if (setgroups(0, NULL) || setgid(FIXTURE_NOBODY) || setuid(FIXTURE_NOBODY))
				_exit(125);
			prctl(PR_SET_DUMPABLE, 1);
			stay(CHILD);
		}
		stay(ROOT);
	}
	tree->shared = map(PAGES * page_size, MAP_SHARED, MADV_NORMAL);
	write_pages(tree->shared, 0, 6);
	tree->huge = map(2 * HUGE_BYTES, MAP_PRIVATE, MADV_HUGEPAGE);
	at = (tree->huge + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
	tree->huge = at;
	write_pages(at, 0, (int)(HUGE_BYTES / page_size));
	if (!fork_here())
		run_child();
	wait_for(CHILD);
	run_orphan();
	if (!fork_here()) {
		char number[16];

		snprintf(number, sizeof(number), "%d", fd);
		execl("/proc/self/exe", "family", "execed", number, NULL);
		_exit(126);
	}
	write_pages(tree->region, 30, 35);
	stay(ROOT);
}

static pid_t started;
static int held = -1; /* the test's end of the socket: no other process may have it */

static bool is_ready(void *n)
{
	return atomic_load(&tree->ready) >= *(int *)n;
}

/* Start them as this user, 0 for no change, and wait until so many are ready. */
static void start(const char *what, uid_t uid, int ready)
{
	char number[16];
	int ends[2];

	memset(tree, 0, sizeof(*tree));
	snprintf(number, sizeof(number), "%d", tree_fd);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	held = ends[0];
	tree->alive = ends[1];
	started = fork();
	if (started)
		close(ends[1]);
	assert_true(started >= 0);
	if (!started) {
		fcntl(ends[1], F_SETFD, 0);
		if (uid && (setgroups(0, NULL) || setgid(uid) || setuid(uid)))
			_exit(120);
		execl("/proc/self/exe", "family", what, number, NULL);
		_exit(119);
	}
	assert_true(wait_until(is_ready, &ready));
}

/* End them, and wait for all: the socket hangs up when the last has closed it. */
static int stop(void **state)
{
	struct pollfd p = { .fd = held };
	bool ended = true;

	(void)state;
	if (started > 0) {
		kill(started, SIGKILL);
		waitpid(started, NULL, 0);
	}
	started = 0;
	if (held >= 0) {
		shutdown(held, SHUT_WR);
		ended = poll(&p, 1, 10000) > 0;
		close(held);
	}
	held = -1;
	if (!ended)
		print_error("not all of the family ended\n");
	return ended ? 0 : -1;
}

/* --- what is said of them ------------------------------------------------------------------ */

static pid_t pid_of(int who)
{
	return atomic_load(&tree->pid[who]);
}

static const json_t *process(const json_t *family, pid_t pid)
{
	const json_t *j;
	size_t i;

	json_array_foreach(json_object_get(family, "processes"), i, j)
		if (lists_number(j, "pid") == pid)
			return j;
	return NULL;
}

static const json_t *mapping(const json_t *family, uint64_t address)
{
	const json_t *j;
	size_t i;

	json_array_foreach(json_object_get(family, "mappings"), i, j)
		if (lists_address(j, "start") == address)
			return j;
	fail_msg("no mapping at %" PRIx64, address);
	return NULL;
}

static json_t *family_of(pid_t pid)
{
	return lists_parse(PRINT(pid, "--family", "-J"));
}

/* Of the region: own, private, shared, copied; with the parent, with children; lost. */
static void check_region(int who, const long long want[9])
{
	static const char *const names[] = { "own", "private", "shared", "copied", "shared_parent",
		"copied_parent", "shared_children", "copied_children", "lost" };
	json_t *family = family_of(pid_of(who));
	const json_t *m = mapping(family, tree->region);
	size_t i;

	for (i = 0; i < 9; i++)
		if (lists_number(m, names[i]) != want[i])
			fail_msg("%d: %s is %lld, not %lld", who, names[i],
				lists_number(m, names[i]), want[i]);
	json_decref(family);
}

static void need_root(void)
{
	if (!geteuid())
		return;
	print_message("what is shared is told to root alone\n");
	skip();
}

static void test_what_each_wrote(void **state)
{
	(void)state;
	need_root();
	start("tree", 0, WHO);
	/* 0-3: root and orphan | child and grandchild. 4-7: root, orphan | child | grandchild. 8-9:
	 * root, orphan, child | grandchild. 20-22: the orphan alone. 30-34: the root alone. */
	check_region(ROOT, (const long long[]){ 64, 5, 59, 18, 0, 0, 51, 13, 22 });
	check_region(CHILD, (const long long[]){ 64, 4, 60, 18, 51, 13, 58, 6, 22 });
	check_region(GRANDCHILD, (const long long[]){ 64, 6, 58, 18, 58, 6, 0, 0, 22 });
	check_region(ORPHAN, (const long long[]){ 64, 3, 61, 18, 0, 0, 0, 0, 22 });
}

static void test_who_belongs(void **state)
{
	json_t *family;
	const json_t *same;
	int who;

	(void)state;
	start("tree", 0, WHO);
	/* Whoever of them is asked about. */
	for (who = ROOT; who < EXECED; who++) {
		family = family_of(pid_of(who));
		assert_int_equal(json_array_size(json_object_get(family, "processes")), 4);
		assert_int_equal(
			lists_number(process(family, pid_of(CHILD)), "parent"), pid_of(ROOT));
		assert_int_equal(
			lists_number(process(family, pid_of(GRANDCHILD)), "parent"), pid_of(CHILD));
		assert_int_equal(lists_number(process(family, pid_of(ORPHAN)), "parent"), -1);
		assert_int_equal(lists_number(process(family, pid_of(ROOT)), "parent"), -1);
		same = json_object_get(process(family, pid_of(CHILD)), "same_memory");
		assert_int_equal(json_array_size(same), 1);
		assert_int_equal(json_integer_value(json_array_get(same, 0)), pid_of(SAME));
		json_decref(family);
	}
	/* The one that shares the child's memory stands for it when it is asked for: its parent is
	 * the child's. */
	family = family_of(pid_of(SAME));
	assert_int_equal(json_array_size(json_object_get(family, "processes")), 4);
	assert_non_null(process(family, pid_of(SAME)));
	assert_int_equal(lists_number(process(family, pid_of(SAME)), "parent"), pid_of(ROOT));
	assert_int_equal(lists_number(process(family, pid_of(GRANDCHILD)), "parent"), pid_of(SAME));
	json_decref(family);
	/* The one that has exec'd is alone. */
	family = family_of(pid_of(EXECED));
	assert_int_equal(json_array_size(json_object_get(family, "processes")), 1);
	assert_non_null(process(family, pid_of(EXECED)));
	json_decref(family);
}

/* --- other oracles ------------------------------------------------------------------------- */

/* Pages of the process that are anon, by how often their frames are mapped: once, more often. */
static void count_mapped(pid_t pid, uint64_t *once, uint64_t *more)
{
	struct table t = table_of(PRINT(pid, "--pages=all", "-f", "csv"));
	int fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	uint64_t mapped, pfn;
	size_t i;

	assert_true(fd >= 0);
	*once = *more = 0;
	for (i = 1; i < t.rows; i++) {
		if (strcmp(cell(&t, i, "state"), "anon") != 0)
			continue;
		pfn = strtoull(cell(&t, i, "pfn"), NULL, 10);
		assert_int_equal(pread(fd, &mapped, 8, (off_t)(pfn * 8)), 8);
		++*(mapped == 1 ? once : more);
	}
	close(fd);
	table_free(&t);
}

static void test_kpagecount(void **state)
{
	uint64_t once, more;
	json_t *family;
	int who;

	(void)state;
	need_root();
	start("tree", 0, WHO);
	family = family_of(pid_of(ROOT));
	for (who = ROOT; who < EXECED; who++) {
		const json_t *p = process(family, pid_of(who));

		count_mapped(pid_of(who), &once, &more);
		assert_int_equal(lists_number(p, "private"), once);
		assert_int_equal(lists_number(p, "shared"), more);
		assert_int_equal(lists_number(p, "own"), once + more);
		assert_int_equal(lists_number(p, "swap"), 0);
	}
	json_decref(family);
}

/* Pages that smaps has under these two keys for the mapping at the address. */
static long long smaps_pages(pid_t pid, uint64_t address, const char *a, const char *b)
{
	char path[64], line[512];
	long long kib = 0, n;
	bool here = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char key[64];
		uint64_t start;

		if (sscanf(line, "%" SCNx64 "-%*x %*s", &start) == 1 && strchr(line, '-'))
			here = start == address;
		else if (here && sscanf(line, "%63[^:]: %lld", key, &n) == 2 &&
			(!strcmp(key, a) || !strcmp(key, b)))
			kib += n;
	}
	fclose(f);
	return kib * 1024 / (long long)page_size;
}

static void test_smaps(void **state)
{
	int who;

	(void)state;
	need_root();
	start("tree", 0, WHO);
	for (who = ROOT; who < EXECED; who++) {
		json_t *family = family_of(pid_of(who));
		const json_t *m;
		size_t i, seen = 0;

		json_array_foreach(json_object_get(family, "mappings"), i, m) {
			uint64_t at = lists_address(m, "start");

			/* Of files smaps counts their own pages, too. */
			if (strcmp(lists_text(m, "kind"), "file") != 0) {
				assert_int_equal(lists_number(m, "private"),
					smaps_pages(pid_of(who), at, "Private_Clean",
						"Private_Dirty"));
				assert_int_equal(lists_number(m, "shared"),
					smaps_pages(pid_of(who), at, "Shared_Clean",
						"Shared_Dirty"));
				seen++;
			}
			assert_int_equal(lists_number(m, "own"),
				smaps_pages(pid_of(who), at, "Anonymous", ""));
		}
		/* Region, huge pages, stack. */
		assert_true(seen >= 3);
		json_decref(family);
	}
}

static void test_huge(void **state)
{
	long long pages = (long long)(HUGE_BYTES / page_size);
	json_t *family;
	const json_t *m;
	uint64_t start_of = 0;
	size_t i;

	(void)state;
	need_root();
	start("tree", 0, WHO);
	family = family_of(pid_of(ROOT));
	json_array_foreach(json_object_get(family, "mappings"), i, m)
		if (lists_address(m, "start") <= tree->huge && tree->huge < lists_address(m, "end"))
			start_of = lists_address(m, "start");
	assert_true(start_of);
	if (!smaps_pages(pid_of(ROOT), start_of, "AnonHugePages", "")) {
		json_decref(family);
		print_message("no huge pages were given\n");
		skip();
	}
	m = mapping(family, start_of);
	/* Only the page that was written is copied: the child's mapping of it was split. The orphan
	 * has the old one, too. */
	assert_int_equal(lists_number(m, "own"), pages);
	assert_int_equal(lists_number(m, "private"), 0);
	assert_int_equal(lists_number(m, "copied"), 1);
	assert_int_equal(lists_number(m, "copied_children"), 1);
	assert_int_equal(lists_number(m, "shared_children"), pages - 1);
	assert_int_equal(lists_number(m, "lost"), 1);
	json_decref(family);
}

static void test_objects(void **state)
{
	json_t *family, *list;
	const json_t *j, *found = NULL;
	const char *name;
	long long inode;
	size_t i;

	(void)state;
	start("tree", 0, WHO);
	list = lists_parse(PRINT(pid_of(ROOT), "--list", "-J"));
	inode = lists_number(lists_vma(list, tree->shared), "inode");
	name = lists_text(lists_vma(list, tree->shared), "name");
	family = family_of(pid_of(ROOT));
	json_array_foreach(json_object_get(family, "objects"), i, j)
		if (lists_number(j, "inode") == inode && !strcmp(lists_text(j, "name"), name))
			found = j;
	assert_non_null(found);
	/* The root has written 0-5 before it forked, the child 4-9 behind that. A fork does not
	 * copy the page tables of shared memory, so nobody else has any of it. */
	assert_int_equal(lists_number(found, "processes"), 4);
	assert_int_equal(lists_number(found, "pages"), 10);
	assert_int_equal(lists_number(found, "mapped"), 12);
	json_decref(family);
	json_decref(list);
}

/* --- privileges ---------------------------------------------------------------------------- */

/* What is shared is not known; what is own, is. */
static void check_hidden(uid_t uid)
{
	json_t *family = lists_parse(PRINT_AS(uid, pid_of(ROOT), "--family", "-J"));
	const json_t *m = mapping(family, tree->region), *p = process(family, pid_of(ROOT));
	char *text = PRINT_AS(uid, pid_of(ROOT), "--family");

	assert_false(json_is_true(json_object_get(family, "sharing_known")));
	assert_int_equal(json_array_size(json_object_get(family, "processes")), 4);
	assert_true(json_is_null(json_object_get(p, "private")));
	assert_true(json_is_null(json_object_get(p, "shared")));
	assert_true(json_is_null(json_object_get(p, "copied")));
	assert_true(json_is_null(json_object_get(json_object_get(family, "totals"), "saved")));
	assert_true(json_is_null(json_object_get(m, "lost")));
	if (has_scan())
		assert_int_equal(lists_number(m, "own"), PAGES);
	p = process(family, pid_of(CHILD));
	assert_int_equal(json_array_size(json_object_get(p, "same_memory")), 1);
	assert_non_null(strstr(text, "CAP_SYS_ADMIN"));
	assert_null(strstr(text, "saves"));
	free(text);
	json_decref(family);
}

static void test_nobody(void **state)
{
	(void)state;
	start("tree", geteuid() ? 0 : FIXTURE_NOBODY, WHO);
	check_hidden(geteuid() ? 0 : FIXTURE_NOBODY);
}

static void test_without_sys_admin(void **state)
{
	(void)state;
	need_root();
	start("tree", 0, WHO);
	check_hidden(RUN_WITHOUT_SYS_ADMIN);
}

static void test_no_pfn(void **state)
{
	char *text;

	(void)state;
	start("tree", 0, WHO);
	text = PRINT(pid_of(ROOT), "--family", "--no-pfn");
	assert_non_null(strstr(text, "withheld (--no-pfn)"));
	free(text);
}

static void test_parent_not_shown(void **state)
{
	char pid[16], parent[16];
	struct result r;
	json_t *family;
	const json_t *u;

	(void)state;
	need_root();
	start("simple", 0, 2);
	snprintf(pid, sizeof(pid), "%d", (int)pid_of(CHILD));
	snprintf(parent, sizeof(parent), "not counted: %d ", (int)pid_of(ROOT));
	/* The child is nobody's, its parent root's. */
	r = run_program_as(FIXTURE_NOBODY,
		(const char *const[]){ pmview_path(), "--family", pid, NULL });
	assert_int_equal(r.status, 3);
	assert_non_null(strstr(r.out, parent));
	result_free(&r);
	r = run_program_as(FIXTURE_NOBODY,
		(const char *const[]){ pmview_path(), "--family", "-J", pid, NULL });
	assert_int_equal(r.status, 3);
	family = lists_parse(strdup(r.out));
	u = json_array_get(json_object_get(family, "unseen"), 0);
	assert_int_equal(lists_number(u, "pid"), pid_of(ROOT));
	json_decref(family);
	result_free(&r);
	family = family_of(pid_of(CHILD));
	assert_int_equal(json_array_size(json_object_get(family, "unseen")), 0);
	assert_int_equal(json_array_size(json_object_get(family, "processes")), 2);
	json_decref(family);
}

/* --- while they come and go ----------------------------------------------------------------- */

static void test_churn(void **state)
{
	size_t i, k, others = 0, gone = 0;

	(void)state;
	need_root();
	start("churn", 0, 1);
	for (i = 0; i < 30 || (i < 1000 && !(others && gone)); i++) {
		json_t *family = family_of(pid_of(ROOT));
		const json_t *j;

		assert_int_equal(lists_number(mapping(family, tree->region), "own"), PAGES);
		json_array_foreach(json_object_get(family, "processes"), k, j)
			assert_int_equal(lists_number(j, "own"),
				lists_number(j, "private") + lists_number(j, "shared"));
		others += json_array_size(json_object_get(family, "processes")) - 1;
		gone += (size_t)lists_number(family, "ended");
		json_decref(family);
	}
	assert_true(others && gone);
}

static void test_given_up(void **state)
{
	struct family_query q = { .proc = "/proc" };
	struct job_control c = { 0 };
	struct family *f;
	struct err e;

	(void)state;
	start("tree", 0, WHO);
	q.pid = pid_of(ROOT);
	f = family_read(&q, &c, &e);
	assert_non_null(f);
	assert_int_equal(f->n, 4);
	/* All of it was looked at, where that was of use. */
	assert_true(atomic_load(&c.all));
	assert_int_equal(atomic_load(&c.done), f->sharing_known ? atomic_load(&c.all) : 0);
	family_free(f);
	atomic_store(&c.cancel, true);
	assert_null(family_read(&q, &c, &e));
	assert_int_equal(e.code, ECANCELED);
}

/* --- forms --------------------------------------------------------------------------------- */

static void test_forms(void **state)
{
	json_t *family;
	struct table t;
	char *text, row[64];
	size_t i;

	(void)state;
	start("tree", 0, WHO);
	family = family_of(pid_of(ROOT));
	t = table_of(PRINT(pid_of(ROOT), "--family", "-f", "csv"));
	assert_int_equal(t.rows, 5);
	for (i = 1; i < t.rows; i++) {
		static const char *const counts[] = { "own", "private", "copied", "shared", "swap",
			"file", "shmem", "ppid", "parent" };
		const json_t *p = process(family, (pid_t)atoi(cell(&t, i, "pid")));
		size_t k;

		for (k = 0; k < sizeof(counts) / sizeof(*counts); k++) {
			const char *c = cell(&t, i, counts[k]);

			assert_int_equal(*c ? atoll(c) : -1, lists_number(p, counts[k]));
		}
	}
	assert_string_equal(lists_text(family, "format"), "pmview-family");
	assert_int_equal(lists_number(family, "version"), 1);
	text = PRINT(pid_of(ROOT), "--family", "--bytes");
	snprintf(row, sizeof(row), "* %6d       - %15lld ", (int)pid_of(ROOT),
		lists_number(process(family, pid_of(ROOT)), "own") * (long long)page_size);
	assert_non_null(strstr(text, row));
	assert_true(text_is_clean(text, strlen(text)));
	free(text);
	/* All fits a terminal but the names of files. */
	text = PRINT(pid_of(ROOT), "--family");
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strcspn(line, "/") > 80)
			fail_msg("too wide: %s", line);
	free(text);
	table_free(&t);
	json_decref(family);
}

static void check_refused(const char *words, const char *const argv[])
{
	struct result r = run_program(argv);

	assert_int_equal(r.status, 2);
	assert_string_equal(r.out, "");
	if (!strstr(r.err, words))
		fail_msg("not \"%s\": %s", words, r.err);
	result_free(&r);
}

static void test_refused(void **state)
{
	char pid[16];

	(void)state;
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	check_refused("live process",
		(const char *const[]){ pmview_path(), "--family", "./x.pmv", NULL });
	check_refused("which process", (const char *const[]){ pmview_path(), "--family", NULL });
	check_refused("--freeze",
		(const char *const[]){ pmview_path(), "--family", "--freeze", pid, NULL });
	check_refused("exclude each other",
		(const char *const[]){ pmview_path(), "--family", "--list", pid, NULL });
	check_refused("no process 2147483647",
		(const char *const[]){ pmview_path(), "--family", "2147483647", NULL });
}

/* Processes that cannot be opened for want of files have not ended, nor are they no relatives; and
 * where it is the one that was asked for, that has not ended either. */
static void test_few_files(void **state)
{
	char pid[16], words[32];
	const char *argv[] = { "/bin/sh", "-c", "ulimit -n $0; exec \"$@\"", "9", pmview_path(),
		"--family", pid, NULL };
	struct result r;
	int few;

	(void)state;
	need_root();
	start("tree", 0, WHO);
	snprintf(pid, sizeof(pid), "%d", (int)tree->pid[ROOT]);
	r = run_program(argv);
	assert_int_equal(r.status, 3);
	snprintf(words, sizeof(words), "not counted: %d ", (int)tree->pid[GRANDCHILD]);
	assert_non_null(strstr(r.out, words));
	assert_non_null(strstr(r.out, strerror(EMFILE)));
	assert_null(strstr(r.out, "ended"));
	assert_null(strstr(r.out, "has no relatives"));
	result_free(&r);
	for (few = 5; few < 8; few++) {
		char files[2] = { (char)('0' + few), '\0' };

		argv[3] = files;
		r = run_program(argv);
		assert_true(r.status);
		if (!strstr(r.err, strerror(EMFILE)) && !strstr(r.out, strerror(EMFILE)))
			fail_msg("%d files: %s%s", few, r.out, r.err);
		assert_null(strstr(r.err, "ended"));
		result_free(&r);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_what_each_wrote, stop),
		cmocka_unit_test_teardown(test_who_belongs, stop),
		cmocka_unit_test_teardown(test_kpagecount, stop),
		cmocka_unit_test_teardown(test_smaps, stop),
		cmocka_unit_test_teardown(test_huge, stop),
		cmocka_unit_test_teardown(test_objects, stop),
		cmocka_unit_test_teardown(test_nobody, stop),
		cmocka_unit_test_teardown(test_without_sys_admin, stop),
		cmocka_unit_test_teardown(test_no_pfn, stop),
		cmocka_unit_test_teardown(test_parent_not_shown, stop),
		cmocka_unit_test_teardown(test_churn, stop),
		cmocka_unit_test_teardown(test_given_up, stop),
		cmocka_unit_test_teardown(test_forms, stop),
		cmocka_unit_test_teardown(test_few_files, stop),
		cmocka_unit_test(test_refused),
	};

	if (argc == 3 && !strcmp(argv[1], "execed")) {
		tree = mmap(NULL, sizeof(*tree), PROT_READ | PROT_WRITE, MAP_SHARED,
			atoi(argv[2]), 0);
		if (tree == MAP_FAILED)
			return 1;
		stay(EXECED);
	}
	if (argc == 3)
		run_tree(atoi(argv[2]), argv[1]);
	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	tree_fd = memfd_create("tree", 0);
	if (tree_fd < 0 || ftruncate(tree_fd, sizeof(*tree)))
		return 1;
	tree = mmap(NULL, sizeof(*tree), PROT_READ | PROT_WRITE, MAP_SHARED, tree_fd, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
