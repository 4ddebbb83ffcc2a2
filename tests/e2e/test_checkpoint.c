/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --checkpoint tells of processes whose memory is known: pages to save, shared objects,
 * refusals, and Swap as smaps has it. */
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
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "fixture/fixture.h"
#include "helpers.h"

static uint64_t page_size;

static void need_root(void)
{
	if (!geteuid())
		return;
	print_message("map_files may be looked into by root only\n");
	skip();
}

/* --- a process of our own ------------------------------------------------------------------ */

/* A copy of this process as it is now, stopped. It keeps what is mapped here. */
static pid_t copy_of_us(void)
{
	pid_t pid = fork();
	siginfo_t si;

	if (!pid) {
		/* Before it stops, or it would stay when a test fails. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		raise(SIGSTOP);
		for (;;)
			pause();
	}
	assert_int_equal(waitid(P_PID, (id_t)pid, &si, WSTOPPED | WNOWAIT), 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void *map(int fd, uint64_t pages, int sharing)
{
	void *p = mmap(NULL, pages * page_size, PROT_READ | PROT_WRITE,
		sharing | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

/* The object whose first mapping is there. */
static const json_t *object_at(const json_t *list, const void *at)
{
	const json_t *v = lists_vma(list, (uintptr_t)at), *o;
	size_t i;

	assert_non_null(v);
	json_array_foreach(json_object_get(list, "objects"), i, o) {
		/* A SysV segment may have the number of another object. */
		if (!strcmp(lists_text(o, "dev"), lists_text(v, "dev")) &&
			lists_number(o, "inode") == lists_number(v, "inode") &&
			!strcmp(lists_text(o, "name"), lists_text(v, "name")))
			return o;
	}
	return NULL;
}

static void check_object(
	const json_t *list, const void *at, const char *kind, int mappings, int pages)
{
	const json_t *o = object_at(list, at);

	assert_non_null(o);
	assert_string_equal(lists_text(o, "kind"), kind);
	assert_int_equal(lists_number(o, "mappings"), mappings);
	assert_int_equal(lists_number(o, "pages"), pages);
	/* Each process counts none of it. */
	assert_int_equal(lists_number(lists_vma(list, (uintptr_t)at), "checkpoint"), 0);
}

static void test_objects(void **state)
{
	int memfd = memfd_create("pool", MFD_CLOEXEC);
	int id = shmget(IPC_PRIVATE, 9 * page_size, 0600);
	int file = open("/dev/shm/pmview-test-object", O_RDWR | O_CREAT | O_CLOEXEC, 0600), i;
	char *anon = map(-1, 10, MAP_SHARED), *pool, *again, *copy, *sysv, *tmpfs;
	json_t *list;
	pid_t pid;

	(void)state;
	need_root();
	assert_true(memfd >= 0 && file >= 0 && id >= 0);
	unlink("/dev/shm/pmview-test-object");
	/* Five pages written, eight reserved: those hold no data yet. The object is larger than
	 * what is mapped of it, and ends within a page. */
	assert_int_equal(ftruncate(memfd, (off_t)(40 * page_size + 100)), 0);
	assert_int_equal(fallocate(memfd, 0, (off_t)(20 * page_size), (off_t)(8 * page_size)), 0);
	pool = map(memfd, 10, MAP_SHARED);
	again = map(memfd, 10, MAP_SHARED);
	copy = map(memfd, 10, MAP_PRIVATE);
	for (i = 0; i < 4; i++)
		pool[2 * (uint64_t)i * page_size] = 1;
	assert_int_equal(pwrite(memfd, "x", 1, (off_t)(40 * page_size)), 1);
	for (i = 0; i < 3; i++)
		anon[(uint64_t)i * page_size] = 1;
	sysv = shmat(id, NULL, 0);
	shmctl(id, IPC_RMID, NULL);
	sysv[0] = sysv[8 * page_size] = 1;
	assert_int_equal(ftruncate(file, (off_t)(6 * page_size)), 0);
	tmpfs = map(file, 6, MAP_SHARED);
	tmpfs[5 * page_size] = 1;
	pid = copy_of_us();
	list = lists_parse(PRINT(pid, "-J", "--checkpoint"));
	check_object(list, anon, "shared-anon", 1, 3);
	check_object(list, pool, "memfd", 3, 5);
	assert_ptr_equal(object_at(list, again), object_at(list, pool));
	assert_ptr_equal(object_at(list, copy), object_at(list, pool));
	check_object(list, sysv, "sysv", 1, 2);
	check_object(list, tmpfs, "tmpfs", 1, 1);
	lists_check_text(PRINT(pid, "--checkpoint"), list, false, true);
	lists_check_text(PRINT(pid, "--list", "--checkpoint", "--bytes"), list, true, true);
	json_decref(list);
	end(pid);
	munmap(anon, 10 * page_size);
	munmap(pool, 10 * page_size);
	munmap(again, 10 * page_size);
	munmap(copy, 10 * page_size);
	munmap(tmpfs, 6 * page_size);
	shmdt(sysv);
	close(memfd);
	close(file);
}

/* The ring of an io_setup(2) context is saved whole, though it is shared, and so is the vdso. */
static void test_saved_whole(void **state)
{
	unsigned long ring = 0;
	const json_t *v;
	json_t *list;
	size_t i, found = 0;
	pid_t pid;

	(void)state;
	if (syscall(SYS_io_setup, 64, &ring) < 0) {
		print_message("no io_setup(2) here\n");
		skip();
	}
	/* A ring is not inherited: this very process is looked at. */
	pid = getpid();
	list = lists_parse(PRINT(pid, "-J", "--checkpoint"));
	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		const char *name = lists_text(v, "name");

		if (strcmp(name, "/[aio]") && strcmp(name, "[vdso]"))
			continue;
		assert_int_equal(lists_number(v, "checkpoint"), lists_number(v, "pages"));
		found++;
	}
	assert_int_equal(found, 2);
	json_decref(list);
	syscall(SYS_io_destroy, ring);
}

/* --- the fixture's ------------------------------------------------------------------------- */

/* Pages of a region that a record in the fixture's letters claims to be in that state. */
static uint64_t claimed(const struct fixture_region *r, char letter)
{
	struct fixture_run run = { 0 };
	uint64_t pages = 0;

	while (fixture_next_run(r, &run))
		pages += run.state == letter ? run.count : 0;
	return pages;
}

static const json_t *refusal_at(
	const json_t *list, const char *reason, const struct fixture_region *r)
{
	const json_t *j;
	size_t i;

	json_array_foreach(json_object_get(list, "refusals"), i, j)
		if (!strcmp(lists_text(j, "reason"), reason) &&
			lists_address(j, "address") >= r->address &&
			lists_address(j, "address") < r->address + r->pages * page_size)
			return j;
	return NULL;
}

static struct fixture *start(const char *const recipes[])
{
	struct fixture *f = fixture_start(recipes);
	size_t i;

	assert_non_null(f);
	for (i = 0; recipes[i]; i++)
		if (fixture_skip_reason(f, recipes[i]))
			print_message("%s: %s\n", recipes[i], fixture_skip_reason(f, recipes[i]));
	return f;
}

/* What a checkpointer refuses: each recipe must be found, and nothing else. */
static void test_refusals(void **state)
{
	struct fixture *f = start((const char *const[]){ "anon", "guard", "poison", "uffd-wp",
		"perf-ring", "vvar", NULL });
	const struct fixture_region *poison = fixture_region(f, "poison"), *ring;
	json_t *list = lists_parse(PRINT(fixture_pid(f), "-J", "--checkpoint"));
	size_t all = json_array_size(json_object_get(list, "refusals")), expected = 0, uffds = 0, i;
	const json_t *j;
	char path[64], link[64];
	struct dirent *d;
	DIR *dir;

	(void)state;
	ring = fixture_region(f, "perf-ring");
	if (poison && lists_knows(list, "pfn")) {
		j = refusal_at(list, "poison", poison);
		assert_non_null(j);
		assert_true(json_is_true(json_object_get(j, "certain")));
		assert_int_equal(lists_number(j, "pages"), claimed(poison, '!'));
		expected++;
	} else if (!lists_knows(list, "pfn") && !lists_knows(list, "swap_kind")) {
		expected++; /* "may be" */
	}
	if (ring) {
		j = refusal_at(list, "io", ring);
		assert_non_null(j);
		assert_true(json_is_true(json_object_get(j, "certain")));
		assert_int_equal(lists_address(j, "address"), ring->address);
		assert_int_equal(lists_number(j, "pages"), ring->pages);
		expected++;
	}
	/* The descriptors, found by other means: by what they are to the one that has them. */
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)fixture_pid(f));
	dir = opendir(path);
	assert_non_null(dir);
	while ((d = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), d->d_name, link, sizeof(link) - 1);
		bool found = false;

		link[len > 0 ? len : 0] = '\0';
		if (!strstr(link, "[userfaultfd]"))
			continue;
		json_array_foreach(json_object_get(list, "refusals"), i, j)
			found |= lists_number(j, "fd") == atoi(d->d_name) &&
				!strcmp(lists_text(j, "reason"), "userfaultfd");
		assert_true(found);
		uffds++;
	}
	closedir(dir);
	assert_int_equal(all, expected + uffds);
	lists_check_text(PRINT(fixture_pid(f), "--checkpoint"), list, false, true);
	json_decref(list);
	fixture_stop(f);
}

static void test_nothing_is_refused(void **state)
{
	struct fixture *f = start(
		(const char *const[]){ "anon", "guard", "vvar", "file-shared", NULL });
	json_t *list = lists_parse(PRINT(fixture_pid(f), "-J", "--checkpoint"));

	(void)state;
	assert_int_equal(json_array_size(json_object_get(list, "refusals")), 0);
	assert_int_equal(json_array_size(json_object_get(list, "objects")), 0);
	json_decref(list);
	fixture_stop(f);
}

/* The set by hand, for regions that are mappings of their own. */
static void test_by_hand(void **state)
{
	static const struct {
		const char *recipe, *saved; /* letters of the record */
	} rows[] = { { "anon", "A" }, { "untouched", "A" }, { "zero", "A" }, { "prot-none", "A" },
		{ "droppable", "" }, { "file", "" }, { "file-cow", "A" }, { "file-shared", "" },
		{ "shared-anon", "" }, { "memfd", "" }, { "memfd-private", "A" }, { "guard", "A" },
		{ "swap", "S" }, { "shmem-swap", "" }, { "perf-ring", "" }, { "poison", "A" },
		{ "hugetlb-private", "A" }, { "hugetlb-shared", "" } };
	const char *recipes[sizeof(rows) / sizeof(*rows) + 1] = { NULL };
	const size_t n = sizeof(rows) / sizeof(*rows);
	struct fixture *f;
	json_t *list;
	size_t i, k, checked = 0;

	(void)state;
	for (i = 0; i < n; i++)
		recipes[i] = rows[i].recipe;
	f = start(recipes);
	list = lists_parse(PRINT(fixture_pid(f), "-J", "--checkpoint"));
	for (i = 0; i < n; i++) {
		const struct fixture_region *r = fixture_region(f, rows[i].recipe);
		const json_t *v = r ? lists_vma(list, r->address) : NULL;
		uint64_t pages = 0;

		if (!v || lists_address(v, "start") != r->address ||
			lists_number(v, "pages") != (long long)r->pages)
			continue;
		for (k = 0; rows[i].saved[k]; k++)
			pages += claimed(r, rows[i].saved[k]);
		/* Not known where swap and markers look the same. */
		if (lists_number(v, "checkpoint") != (long long)pages &&
			(lists_knows(list, "swap_kind") || lists_number(v, "checkpoint") != -1))
			fail_msg("%s: %lld, not %" PRIu64, r->name, lists_number(v, "checkpoint"),
				pages);
		checked++;
	}
	assert_true(checked > 8);
	json_decref(list);
	fixture_stop(f);
}

/* --- Swap of smaps ------------------------------------------------------------------------- */

static void test_smaps_swap(void **state)
{
	struct fixture *f = start((const char *const[]){ "anon", "swap", "swap-mixed",
		"shmem-swap", "memfd", NULL });
	pid_t pid = fixture_pid(f);
	json_t *list, *plain;
	struct table t;
	struct smaps *m;
	size_t n, i;
	long long sum = 0;
	const json_t *v;

	(void)state;
	process_stop(pid);
	list = lists_parse(PRINT(pid, "-J", "--checkpoint"));
	plain = lists_parse(PRINT(pid, "-J"));
	t = table_of(PRINT(pid, "-f", "csv", "--checkpoint"));
	n = smaps_read(pid, &m);
	assert_int_equal(n, json_array_size(json_object_get(list, "vmas")));
	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		long long pages = m[i].swap * 1024LL / (long long)page_size;
		char text[32];

		assert_int_equal(lists_address(v, "start"), m[i].start);
		assert_int_equal(lists_number(v, "smaps_swap"), pages);
		snprintf(text, sizeof(text), "%lld", pages);
		assert_string_equal(cell(&t, i + 1, "smaps_swap"), text);
		/* Who did not ask is not told. */
		assert_int_equal(lists_number(json_array_get(json_object_get(plain, "vmas"), i),
			"smaps_swap"), -1);
		sum += pages;
	}
	assert_int_equal(lists_number(json_object_get(list, "totals"), "smaps_swap"), sum);
	assert_int_equal(lists_number(json_object_get(plain, "totals"), "smaps_swap"), -1);
	assert_true(json_is_null(json_object_get(plain, "objects")));
	assert_true(json_is_null(json_object_get(plain, "refusals")));
	if (fixture_region(f, "shmem-swap")) {
		const struct fixture_region *r = fixture_region(f, "shmem-swap");

		v = lists_vma(list, r->address);
		assert_int_equal(lists_number(v, "smaps_swap"), r->pages);
		assert_int_equal(lists_state(v, "none"), r->pages); /* outside the states */
	}
	lists_check_text(PRINT(pid, "--checkpoint"), list, false, true);
	free(m);
	table_free(&t);
	json_decref(list);
	json_decref(plain);
	kill(pid, SIGCONT);
	fixture_stop(f);
}

/* --- without privileges -------------------------------------------------------------------- */

static void test_little_permission(void **state)
{
	static const char *const recipes[] = { "memfd", "poison", NULL };
	uid_t uid = geteuid() ? 0 : FIXTURE_NOBODY;
	struct fixture *f = uid ? fixture_start_as(uid, recipes) : fixture_start(recipes);
	json_t *list;
	const json_t *j;
	size_t i, poison = 0;

	(void)state;
	assert_non_null(f);
	if (!fixture_region(f, "memfd")) {
		fixture_stop(f);
		skip();
	}
	list = lists_parse(lists_print(uid, fixture_pid(f),
		(const char *const[]){ "-J", "--checkpoint", NULL }));
	j = json_object_get(list, "objects");
	assert_int_equal(json_array_size(j), 1);
	assert_int_equal(lists_number(json_array_get(j, 0), "pages"), -1);
	json_array_foreach(json_object_get(list, "refusals"), i, j)
		if (!strcmp(lists_text(j, "reason"), "poison")) {
			assert_false(json_is_true(json_object_get(j, "certain")));
			assert_int_equal(lists_number(j, "pages"), -1);
			poison++;
		}
	assert_int_equal(poison, fixture_region(f, "poison") ? 1 : 0);
	json_decref(list);
	fixture_stop(f);
}

static int set_up(void **state)
{
	(void)state;
	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_saved_whole),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_nothing_is_refused),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_smaps_swap),
		cmocka_unit_test(test_little_permission),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
