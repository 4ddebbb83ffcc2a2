/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of shared memory that are not in the page table: swapped, cached, or never there. The
 * oracles are who made them so, and smaps. Where no swap area is active there are none that are
 * swapped. */
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
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "source/live.h"
#include "source/objects.h"
#include "source/sampler.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define SECONDS 20

static uint64_t page_size;

static bool swap_is_on(void)
{
	char *text = read_file("/proc/swaps", NULL), *second = text ? strchr(text, '\n') : NULL;
	bool on = second && second[1];

	free(text);
	return on;
}

/* Whether this process may look into map_files, tried without pmview. */
static bool may_ask(void)
{
	void *p = mmap(NULL, page_size, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", (long)p,
		(long)p + (long)page_size);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	munmap(p, page_size);
	return fd >= 0;
}

static bool need_permission(void)
{
	if (may_ask())
		return true;
	print_message("map_files may not be looked into here\n");
	return false;
}

/* --- a process that maps an object whose pages are known ------------------------------------ */

#define PAGES 600
#define SKIPPED 7 /* pages of the object before the mapping */

static struct {
	pid_t pid;
	char *shared, *private; /* both of the same object */
	char kind[PAGES + 1];   /* 'S' swapped, 'C' cached, '.' hole, 'M' mapped, 'P' copied too */
	uint64_t swapped;
} known;

static long own_swap(const char *at)
{
	struct smaps *m;
	size_t n = smaps_read(getpid(), &m), i;
	long kb = -1;

	for (i = 0; i < n; i++)
		if (m[i].start == (uintptr_t)at)
			kb = m[i].swap;
	free(m);
	return kb;
}

/* In the child: bring the pages where they belong. A store maps one page, a load its neighbours
 * too. */
static bool make_pages(int fd)
{
	time_t end = time(NULL) + SECONDS;
	uint64_t i;

	for (i = 0; i < PAGES; i++) {
		char *at = known.shared + i * page_size;

		if (known.kind[i] == 'C' || known.kind[i] == 'P') {
			if (pwrite(fd, "c", 1, (off_t)((SKIPPED + i) * page_size)) != 1)
				return false;
		} else if (known.kind[i] != '.') {
			*at = 1;
		}
	}
	while (own_swap(known.shared) != (long)(known.swapped * page_size / 1024)) {
		for (i = 0; i < PAGES; i++)
			if (known.kind[i] == 'S')
				madvise(known.shared + i * page_size, page_size, MADV_PAGEOUT);
		if (time(NULL) > end)
			return false;
	}
	for (i = 0; i < PAGES; i++)
		if (known.kind[i] == 'P')
			known.private[i * page_size] = 2;
	return true;
}

/* Runs of one kind and single pages, at random. */
static void choose_kinds(bool swap)
{
	uint64_t i, run = 0;
	char kind = '.';

	for (i = 0; i < PAGES; i++) {
		if (!run) {
			run = random_below(3) ? 1 + random_below(4) : 1 + random_below(70);
			kind = (swap ? "SC.MP" : "C.MP")[random_below(swap ? 5 : 4)];
		}
		run--;
		known.kind[i] = kind;
		known.swapped += kind == 'S';
	}
}

static int start(void **state)
{
	int fd = memfd_create("known", MFD_CLOEXEC), told[2];
	char ready = 0;

	(void)state;
	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	random_seed(20);
	choose_kinds(swap_is_on());
	if (fd < 0 || ftruncate(fd, (off_t)((SKIPPED + PAGES) * page_size)) || pipe(told))
		return -1;
	known.shared = mmap(NULL, PAGES * page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		(off_t)(SKIPPED * page_size));
	known.private = mmap(NULL, PAGES * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd,
		(off_t)(SKIPPED * page_size));
	madvise(known.shared, PAGES * page_size, MADV_NOHUGEPAGE);
	madvise(known.private, PAGES * page_size, MADV_NOHUGEPAGE);
	known.pid = fork();
	if (!known.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ready = make_pages(fd);
		if (write(told[1], &ready, 1) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	close(told[1]);
	if (read(told[0], &ready, 1) != 1 || !ready) {
		print_message("the object could not be made\n");
		return -1;
	}
	close(told[0]);
	close(fd);
	munmap(known.shared, PAGES * page_size);
	munmap(known.private, PAGES * page_size);
	process_stop(known.pid);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	kill(known.pid, SIGKILL);
	return waitpid(known.pid, NULL, 0) == known.pid ? 0 : -1;
}

/* What --pages calls such a page. */
static const char *expected_state(char kind, bool private)
{
	if (kind == 'S')
		return "swap";
	return kind == 'P' && private ? "anon" : kind == 'M' && !private ? "file" : "none";
}

static void check_pages(const char *engine, bool private)
{
	char range[64], start_text[32];
	uint64_t i, at = (uintptr_t)(private ? known.private : known.shared), listed = 0;
	struct table t, all;

	snprintf(start_text, sizeof(start_text), "0x%" PRIx64, at);
	snprintf(range, sizeof(range), "%" PRIx64 "+%" PRIu64, at, PAGES * page_size);
	t = table_of(PRINT(known.pid, "--pages", range, "-f", "csv", "--engine", engine,
		"--checkpoint"));
	all = table_of(PRINT(known.pid, "--pages=all", "-f", "csv", "--engine", engine));
	assert_int_equal(t.rows, PAGES + 1);
	assert_string_equal(cell(&t, 1, "address"), start_text);
	for (i = 0; i < PAGES; i++) {
		const char *state = cell(&t, i + 1, "state");
		bool copy = private && known.kind[i] == 'P';

		if (strcmp(state, expected_state(known.kind[i], private)))
			fail_msg("page %" PRIu64 " (%c): %s", i, known.kind[i], state);
		assert_string_equal(cell(&t, i + 1, "cow"), copy ? "1" : "0");
		/* The object's pages are saved with the object. */
		assert_string_equal(cell(&t, i + 1, "checkpoint"), copy ? "1" : "0");
		if (!strcmp(state, "swap")) {
			assert_string_equal(cell(&t, i + 1, "entry"), "0000000000000000");
			assert_string_equal(cell(&t, i + 1, "swap_type"), "");
			assert_string_equal(cell(&t, i + 1, "swap_offset"), "");
		}
		/* "all" has it if it is there. */
		if (strcmp(state, "none")) {
			size_t row = row_of(&all, at + i * page_size);

			assert_int_equal(cell_hex(&all, row, "address"), at + i * page_size);
			assert_string_equal(cell(&all, row, "state"), state);
			listed++;
		}
	}
	assert_int_equal(row_of(&all, at + PAGES * page_size) - row_of(&all, at), listed);
	table_free(&t);
	table_free(&all);
}

static void test_each_page_is_told(void **state)
{
	struct smaps *m;
	size_t n, i, seen = 0;

	(void)state;
	if (!need_permission())
		skip();
	/* Not of a sanitizer's terabytes. */
	if (reads_are_cheap(known.pid)) {
		check_pages("read", false);
		check_pages("read", true);
	}
	if (has_scan()) {
		check_pages("scan", false);
		check_pages("scan", true);
	}
	/* What is called swap is what smaps calls Swap, of both. */
	n = smaps_read(known.pid, &m);
	for (i = 0; i < n; i++) {
		if (m[i].start != (uintptr_t)known.shared && m[i].start != (uintptr_t)known.private)
			continue;
		assert_int_equal(m[i].swap, known.swapped * page_size / 1024);
		seen++;
	}
	assert_int_equal(seen, 2);
	free(m);
}

/* What the object has of such a page. */
static enum absent in_object(char kind)
{
	return kind == 'S' ? ABSENT_SWAPPED : kind == '.' ? ABSENT_HOLE : ABSENT_CACHED;
}

/* Runs of the object as the reader has them, whatever number of them is asked for at a time. */
static void test_the_reader(void **state)
{
	struct live_options lo = { .proc = "/proc" };
	struct snapshot *s;
	struct entry_reader r;
	struct live *l;
	struct err e;
	size_t most, vma, runs, i;
	uint64_t at, k, n;

	(void)state;
	if (!need_permission())
		skip();
	l = live_open(known.pid, &lo, &e);
	assert_non_null(l);
	s = live_scan(l, NULL, NULL, NULL, &e);
	assert_non_null(s);
	r = live_entries(l);
	vma = snapshot_find(s, (uintptr_t)known.shared);
	for (most = 1; most < 200; most = most * 3 + 1) {
		for (at = 0; at < PAGES;) {
			struct absent_run run[200];

			n = 1 + random_below(PAGES - at);
			runs = r.absent(r.ctx, snapshot_vma(s, vma), at, n, run, most);
			assert_in_range(runs, 1, most);
			for (i = 0; i < runs; i++) {
				assert_true(run[i].pages > 0);
				assert_true(!i || run[i].kind != run[i - 1].kind);
				for (k = 0; k < run[i].pages; k++, n--, at++)
					assert_int_equal(run[i].kind, in_object(known.kind[at]));
			}
			/* All of it, or as many runs as were asked for. */
			assert_true(!n || (n < PAGES && runs == most));
		}
	}
	snapshot_unref(s);
	live_close(l);
}

/* What the interface is given. */
static void test_the_sampler(void **state)
{
	struct live_options lo = { .proc = "/proc" };
	struct needs needs = { 0 };
	struct pageset *set = NULL;
	struct sampler *sampler;
	struct live *l;
	struct err e;
	uint64_t first = (uintptr_t)known.private / page_size, i, entry;
	time_t end = time(NULL) + SECONDS;

	(void)state;
	if (!need_permission())
		skip();
	l = live_open(known.pid, &lo, &e);
	assert_non_null(l);
	sampler = sampler_start(l, 3600);
	needs_add(&needs, NEED_ENTRIES | NEED_ABSENT,
		(uintptr_t)known.shared / page_size + 100, 50);
	needs_add(&needs, NEED_ENTRIES | NEED_ABSENT, first + 200, 300);
	sampler_need(sampler, &needs);
	while (!set && time(NULL) < end) {
		struct pollfd p = { sampler_fd(sampler), POLLIN, 0 };
		struct news news;

		poll(&p, 1, 1000);
		news = sampler_take(sampler);
		snapshot_unref(news.snapshot);
		diff_free(news.diff);
		set = news.pages;
	}
	assert_non_null(set);
	for (i = 200; i < 500; i++) {
		assert_true(pageset_entry(set, first + i, &entry));
		assert_int_equal(!!(entry & ENTRY_PRESENT), known.kind[i] == 'P');
		if (!(entry & ENTRY_PRESENT))
			assert_int_equal(pageset_absent(set, first + i), in_object(known.kind[i]));
	}
	pageset_unref(set);
	sampler_stop(sampler);
	live_close(l);
}

/* Without the permission nothing is called none that may be swapped. */
static void test_without_permission(void **state)
{
	char range[64], pid[16];
	const char *argv[] = { "setpriv", "--bounding-set=-sys_admin,-checkpoint_restore",
		"--inh-caps=-sys_admin,-checkpoint_restore", pmview_path(), "--pages", range, "-f",
		"csv", pid, NULL };
	struct result r;
	struct table t;
	uint64_t i;

	(void)state;
	snprintf(range, sizeof(range), "%" PRIx64 "+%" PRIu64, (uint64_t)(uintptr_t)known.shared,
		PAGES * page_size);
	snprintf(pid, sizeof(pid), "%d", (int)known.pid);
	/* Who is not root has no such permission to begin with. */
	r = run_program(geteuid() ? argv + 3 : argv);
	assert_int_equal(r.status, 0);
	t = table_of(r.out);
	r.out = NULL;
	assert_int_equal(t.rows, PAGES + 1);
	for (i = 0; i < PAGES; i++) {
		const char *absent = swap_is_on() ? "unknown" : "none";

		if (geteuid() && may_ask())
			continue;
		assert_string_equal(
			cell(&t, i + 1, "state"), known.kind[i] == 'M' ? "file" : absent);
	}
	table_free(&t);
	result_free(&r);
}

/* --- the fixture's ------------------------------------------------------------------------- */

/* How many pages of the region that form of --pages has as swapped, somewhere. */
static uint64_t swapped_rows(struct fixture *f, const struct fixture_region *r, const char *format)
{
	static const struct {
		const char *format, *row;
	} forms[] = { { "csv", ",0000000000000000,swap,,,,0," },
		{ "text", " 0000000000000000 swap    ? " },
		{ "json", "\"0000000000000000\", \"state\": \"swap\", \"pfn\": null, "
			  "\"swap_type\": null, \"swap_offset\": null," } };
	char range[64], *text, *at;
	const char *row;
	uint64_t n = 0;
	size_t i;

	for (i = 0; strcmp(forms[i].format, format); i++)
		;
	row = forms[i].row;

	snprintf(range, sizeof(range), "%" PRIx64 "+%" PRIu64, r->address, r->pages * page_size);
	text = PRINT(fixture_pid(f), "--pages", range, "-f", format);
	for (at = text; (at = strstr(at, row)); at++)
		n++;
	free(text);
	return n;
}

static uint64_t smaps_swap(struct fixture *f, const struct fixture_region *r)
{
	struct smaps *m;
	size_t n = smaps_read(fixture_pid(f), &m), i;
	uint64_t pages = 0;

	for (i = 0; i < n; i++)
		if (m[i].start == r->address)
			pages = (uint64_t)m[i].swap * 1024 / page_size;
	free(m);
	return pages;
}

/* Shared anonymous memory, out and in again. */
static void test_out_and_in_again(void **state)
{
	struct fixture *f = fixture_start((const char *const[]){ "shmem-swap:64", NULL });
	const struct fixture_region *r = fixture_region(f, "shmem-swap");
	uint64_t at;

	(void)state;
	assert_non_null(f);
	if (!r || !need_permission()) {
		print_message("%s\n", r ? "" : fixture_skip_reason(f, "shmem-swap"));
		fixture_stop(f);
		skip();
	}
	assert_int_equal(swapped_rows(f, r, "csv"), 64);
	at = r->address + 10 * page_size;
	assert_int_equal(fixture_command(f, "touch 0x%" PRIx64 " 5", at), 0);
	assert_int_equal(smaps_swap(f, r), 59);
	assert_int_equal(swapped_rows(f, r, "csv"), 59);
	assert_int_equal(swapped_rows(f, r, "text"), 59);
	assert_int_equal(swapped_rows(f, r, "json"), 59);
	/* Unmapped they stay in the object. */
	assert_int_equal(fixture_command(f, "free 0x%" PRIx64 " 5", at), 0);
	assert_int_equal(swapped_rows(f, r, "csv"), 59);
	fixture_stop(f);
}

/* --- nothing else is opened ---------------------------------------------------------------- */

/* Ask for the pages of a file as if it were shared memory, and say whether that opened it. */
static bool asking_opens(const char *path, enum absent *kind)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), notify;
	struct absent_run run;
	struct procfs p;
	struct stat st;
	struct vma v;
	struct err e;
	char buf[4096];
	bool opened;
	void *at;

	assert_true(fd >= 0 && !ftruncate(fd, (off_t)page_size) && !fstat(fd, &st));
	at = mmap(NULL, page_size, PROT_READ, MAP_SHARED, fd, 0);
	notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	assert_true(inotify_add_watch(notify, path, IN_OPEN) >= 0);
	v = (struct vma){ .start = (uintptr_t)at, .end = (uintptr_t)at + page_size,
		.inode = st.st_ino,
		.dev_major = major(st.st_dev), .dev_minor = minor(st.st_dev), .name = path,
		.kind = VMA_SHMEM };
	assert_int_equal(procfs_open(&p, "/proc", getpid(), &e), 0);
	assert_int_equal(objects_absent(&p, (uint32_t)page_size, &v, 0, 1, &run, 1), 1);
	assert_int_equal(run.pages, 1);
	*kind = run.kind;
	opened = read(notify, buf, sizeof(buf)) > 0;
	procfs_close(&p);
	close(notify);
	close(fd);
	munmap(at, page_size);
	unlink(path);
	return opened;
}

static void test_only_shared_memory_is_opened(void **state)
{
	enum absent kind;

	(void)state;
	if (!need_permission())
		skip();
	assert_false(asking_opens("/var/tmp/pmview-test-file", &kind));
	assert_int_equal(kind, ABSENT_NOT_SWAPPED); /* it goes to its disk */
	/* But this is, which shows that the watch works. */
	assert_true(asking_opens("/dev/shm/pmview-test-file", &kind));
	assert_int_equal(kind, ABSENT_HOLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_page_is_told),
		cmocka_unit_test(test_the_reader),
		cmocka_unit_test(test_the_sampler),
		cmocka_unit_test(test_without_permission),
		cmocka_unit_test(test_out_and_in_again),
		cmocka_unit_test(test_only_shared_memory_is_opened),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
