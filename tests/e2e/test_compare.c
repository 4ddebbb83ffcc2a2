/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --diff says of a process that does something known between two looks at it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "e2e/target.h"
#include "e2e/tui.h"
#include "helpers.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define RUN(...) run_program((const char *const[]){ pmview_path(), __VA_ARGS__, NULL })
#define PAGES 9
#define APART 64

/* What the process does with each part of its memory, which all have PAGES pages but THP. */
enum part { FAULTED, FREED, ZERO, COPIED, SWAPPED, SPLIT, GROWN, GONE, MOVED, NEW, THP, PARTS };

/* Shared with it. */
static struct parts {
	char *at[PARTS];
	bool swapped, huge;
	bool moved;         /* the first page of MOVED has another frame */
} *parts;

static size_t page, pmd;

static char *part(enum part p)
{
	return parts->at[p];
}

static void write_page(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((volatile char *)p)[i * page] = 1;
}

static void read_pages(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)((const volatile char *)p)[i * page];
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static long smaps_huge(const char *at)
{
	struct smaps *m;
	size_t n = smaps_read(getpid(), &m), i;
	long kb = 0;

	for (i = 0; i < n; i++)
		if (m[i].start == (uintptr_t)at)
			kb = m[i].huge;
	free(m);
	return kb;
}

/* Apart from one another, with inaccessible memory between them. */
static void prepare(void)
{
	char *all = mmap(NULL, PARTS * APART * page + 3 * pmd, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int fd = memfd_create("file", MFD_CLOEXEC), i;

	for (i = 0; i < PARTS; i++) {
		parts->at[i] = all + (size_t)i * APART * page + page;
		if (i < NEW && i != COPIED && i != THP)
			mprotect(parts->at[i], PAGES * page, PROT_READ | PROT_WRITE);
	}
	madvise(all, PARTS * APART * page, MADV_NOHUGEPAGE);
	write_page(part(FREED), PAGES);
	read_pages(part(ZERO), PAGES);
	if (ftruncate(fd, (off_t)(PAGES * page)))
		_exit(123);
	mmap(part(COPIED), PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0);
	for (i = 0; i < PAGES; i++)
		if (pwrite(fd, "x", 1, (off_t)(i * (int)page)) != 1)
			_exit(123);
	read_pages(part(COPIED), PAGES);
	write_page(part(SWAPPED), PAGES);
	write_page(part(SPLIT), PAGES);
	write_page(part(GROWN), PAGES);
	write_page(part(GONE), PAGES);
	write_page(part(MOVED), PAGES);
	/* Beside other memory it would be joined to it. */
	munmap(part(GROWN) + PAGES * page, 8 * page);
	if (!pmd)
		return;
	parts->at[THP] = (char *)(((uintptr_t)part(THP) + 2 * pmd - 1) / pmd * pmd);
	mprotect(part(THP), pmd, PROT_READ | PROT_WRITE);
	madvise(part(THP), pmd, MADV_HUGEPAGE);
	write_page(part(THP), pmd / page);
	parts->huge = smaps_huge(part(THP)) * 1024 == (long)pmd;
}

static bool swaps_out(char *p, size_t n)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), tries;
	uint64_t entry[PAGES];
	size_t i = 0;

	for (tries = 0; tries < 2000; tries++, nap()) {
		if (madvise(p, n * page, MADV_PAGEOUT) ||
			pread(fd, entry, n * 8, (off_t)((uintptr_t)p / page * 8)) != (ssize_t)(n * 8))
			break;
		for (i = 0; i < n && entry[i] >> 62 == 1; i++)
			;
		if (i == n)
			break;
	}
	close(fd);
	return tries < 2000 && i == n;
}

static bool swap_is_on(void)
{
	char *swaps = read_file("/proc/swaps", NULL);
	bool on = swaps && strchr(swaps, '\n') && strchr(swaps, '\n')[1];

	free(swaps);
	return on;
}

static uint64_t frame_of(const char *p)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	if (pread(fd, &entry, 8, (off_t)((uintptr_t)p / page * 8)) != 8)
		entry = 0;
	close(fd);
	return entry & ((UINT64_C(1) << 55) - 1);
}

/* Give the page up and take it anew; another one takes the frame that it had. */
static void move_page(char *p)
{
	uint64_t was = frame_of(p), is;

	madvise(p, page, MADV_DONTNEED);
	write_page(part(FAULTED), 5);
	write_page(p, 1);
	is = frame_of(p);
	parts->moved = was && is && is != was;
}

static void change(void)
{
	move_page(part(MOVED));
	write_page(part(FAULTED), 5);
	madvise(part(FREED), 3 * page, MADV_DONTNEED);
	write_page(part(ZERO) + page, 2);
	write_page(part(COPIED), 2);
	parts->swapped = swap_is_on() && swaps_out(part(SWAPPED), 4);
	mprotect(part(SPLIT) + 3 * page, 3 * page, PROT_READ);
	mremap(part(GROWN), PAGES * page, (PAGES + 4) * page, 0);
	write_page(part(GROWN) + PAGES * page, 1);
	munmap(part(GONE), PAGES * page);
	/* Private, it would be a piece of the mapping that was there. */
	mmap(part(NEW), PAGES * page, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	write_page(part(NEW), 2);
	if (parts->huge)
		madvise(part(THP) + pmd - page, page, MADV_DONTNEED);
}

static void body(struct target *t)
{
	prepare();
	atomic_store(&t->running, 1);
	while (!atomic_load(&t->end[0]))
		nap();
	change();
	atomic_store(&t->running, 2);
	for (;;)
		pause();
}

static bool has_changed(void *ctx)
{
	return atomic_load(&((struct target *)ctx)->running) == 2;
}

static long long count(const json_t *vma, const char *change)
{
	return lists_number(json_object_get(vma, "changes"), change);
}

/* Just these, and no other change. */
static void check_part(const json_t *diff, enum part p, size_t skip, const char *what,
	const char *change, long long pages, long long rss)
{
	const json_t *vma = lists_vma(diff, (uintptr_t)part(p) + skip * page), *value;
	const char *key;

	if (!vma)
		fail_msg("part %d is not there", p);
	assert_string_equal(lists_text(vma, "what"), what);
	json_object_foreach(json_object_get((json_t *)(uintptr_t)vma, "changes"), key, value) {
		long long want = change && !strcmp(key, change) ? pages : 0;

		if (!json_is_null(value) && json_integer_value(value) != want)
			fail_msg("part %d: %s %lld, not %lld", p, key,
				(long long)json_integer_value(value), want);
	}
	assert_int_equal(json_integer_value(json_object_get(vma, "rss")), rss);
}

static json_t *diff_of(const char *old, const char *target, int status)
{
	struct result r = RUN("-D", old, "-J", target);
	json_t *j;

	assert_string_equal(r.err, "");
	assert_int_equal(r.status, status);
	free(r.err);
	j = lists_parse(r.out);
	assert_non_null(j);
	return j;
}

static void check_changes(const json_t *diff)
{
	const json_t *vma, *other;
	bool huge = json_is_true(json_object_get(diff, "huge_told"));

	check_part(diff, FAULTED, 0, "same", "faulted_in", 5, 5);
	check_part(diff, FREED, 0, "same", "freed", 3, -3);
	check_part(diff, COPIED, 0, "same", "copied", 2, 0);
	check_part(diff, NEW, 0, "new", "faulted_in", 2, 2);
	check_part(diff, GONE, 0, "gone", "freed", PAGES, -PAGES);
	check_part(diff, GROWN, 0, "grown", "faulted_in", 1, 1);
	check_part(diff, SPLIT, 0, "split", NULL, 0, 0);
	check_part(diff, SPLIT, 3, "split", NULL, 0, 0);
	check_part(diff, SPLIT, 6, "split", NULL, 0, 0);
	vma = lists_vma(diff, (uintptr_t)part(SPLIT) + 3 * page);
	assert_string_equal(lists_text(vma, "perms"), "r--p");
	assert_string_equal(lists_text(vma, "old_perms"), "rw-p");
	assert_int_equal(lists_number(lists_vma(diff, (uintptr_t)part(GROWN)), "gained"), 4);
	other = json_object_get(json_object_get(diff, "old"), "known");
	if (json_is_true(json_object_get(other, "zero")))
		check_part(diff, ZERO, 0, "same", "zero_written", 2, 2);
	if (parts->swapped)
		check_part(diff, SWAPPED, 0, "same", "swapped_out", 4, -4);
	else
		print_message("no swap, or nothing was swapped out: not tested\n");
	if (!parts->huge) {
		print_message("no transparent huge page was had: not tested\n");
		return;
	}
	vma = lists_vma(diff, (uintptr_t)part(THP));
	assert_non_null(vma);
	assert_int_equal(count(vma, "freed"), 1);
	assert_int_equal(count(vma, "split"), huge ? (long long)(pmd / page - 1) : -1);
}

static char *with_number(const char *path, const char *n)
{
	static char text[4096];

	snprintf(text, sizeof(text), "%s@%s", path, n);
	return text;
}

static void check_fails(struct result r, const char *words)
{
	if (r.status != 2 || *r.out || strncmp(r.err, "pmview: ", 8) || !strstr(r.err, words))
		fail_msg("status %d, not \"%s\": \"%s\"", r.status, words, r.err);
	result_free(&r);
}

/* Each form says the same; what there is is whole. */
static void check_forms(const char *old, const char *pid, const json_t *diff)
{
	struct result r = RUN("-D", old, pid);
	size_t rows = json_array_size(json_object_get(diff, "vmas"));
	const char *out = scratch("out.txt");
	char *whole;
	struct table t;
	uint64_t sum = 0;
	size_t i;

	assert_int_equal(r.status, 1);
	assert_non_null(strstr(r.out, "faulted in "));
	assert_non_null(strstr(r.out, "copied on write "));
	assert_non_null(strstr(r.out, "grown by "));
	assert_non_null(strstr(r.out, "not told: pages in another frame: OLD keeps no entries\n"));
	whole = strdup(r.out);
	result_free(&r);
	r = RUN("-D", old, "-o", out, pid);
	assert_int_equal(r.status, 1);
	assert_string_equal(r.out, "");
	result_free(&r);
	free(whole);
	whole = read_file(out, NULL);
	assert_non_null(strstr(whole, "copied on write "));
	free(whole);
	r = RUN("--diff", old, "--bytes", pid);
	assert_non_null(strstr(r.out, "+20480 "));
	result_free(&r);
	r = RUN("-D", old, "-f", "csv", pid);
	assert_int_equal(r.status, 1);
	t = table_of(strdup(r.out));
	result_free(&r);
	assert_int_equal(t.rows, rows + 1);
	for (i = 1; i < t.rows; i++)
		sum += strtoull(cell(&t, i, "faulted_in"), NULL, 10);
	assert_int_equal(sum, count(json_object_get(diff, "totals"), "faulted_in"));
	table_free(&t);
}

static void test_diff(void **state)
{
	char pid[16], *a = strdup(scratch("a.pmv")), *b = strdup(scratch("b.pmv"));
	char *cut = strdup(scratch("cut.pmv")), *bytes, *entries = strdup(scratch("entries.pmv"));
	struct target *t;
	int i;
	struct result r;
	json_t *diff;
	size_t len;
	FILE *f;

	(void)state;
	t = target_start(body, 1, 0);
	snprintf(pid, sizeof(pid), "%d", (int)t->pid);
	process_stop(t->pid);
	r = RUN("-s", a, "--keep=skeleton", pid);
	assert_int_equal(r.status, 0);
	result_free(&r);
	r = RUN("-s", entries, pid);
	assert_int_equal(r.status, 0);
	result_free(&r);
	/* It stands still. */
	diff = diff_of(a, pid, 0);
	assert_int_equal(json_array_size(json_object_get(diff, "vmas")), 0);
	json_decref(diff);
	r = RUN("-D", a, pid);
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(r.out, "\nno change\n"));
	result_free(&r);

	atomic_store(&t->end[0], true);
	kill(t->pid, SIGCONT);
	assert_true(wait_until(has_changed, t));
	process_stop(t->pid);
	diff = diff_of(a, pid, 1);
	check_changes(diff);
	check_forms(a, pid, diff);
	r = RUN("-s", b, pid);
	assert_int_equal(r.status, 0);
	result_free(&r);
	assert_null(lists_vma(diff, (uintptr_t)part(MOVED)));
	json_decref(diff);
	/* With the entries of both, live or kept, frames are told. */
	for (i = 0; parts->moved && i < 2; i++) {
		diff = diff_of(entries, i ? b : pid, 1);
		check_part(diff, MOVED, 0, "same", "another_frame", 1, 0);
		check_part(diff, FREED, 0, "same", "freed", 3, -3);
		json_decref(diff);
	}
	if (!parts->moved)
		print_message("frames are not told, or the page has the same: not tested\n");
	/* The same of two files, also by number; and from the later one to the earlier. */
	diff = diff_of(with_number(a, "1"), b, 1);
	check_changes(diff);
	json_decref(diff);
	diff = diff_of(with_number(a, "-1"), a, 0);
	json_decref(diff);
	diff = diff_of(b, a, 1);
	check_part(diff, FREED, 0, "same", "faulted_in", 3, 3);
	check_part(diff, GONE, 0, "new", "faulted_in", PAGES, PAGES);
	assert_string_equal(lists_text(lists_vma(diff, (uintptr_t)part(SPLIT)), "what"), "joined");
	json_decref(diff);

	/* A file that is cut: what is missing is unknown, and the status says so. */
	bytes = read_file(a, &len);
	f = fopen(cut, "we");
	assert_int_equal(fwrite(bytes, 1, len - 20, f), len - 20);
	fclose(f);
	free(bytes);
	r = RUN("-D", cut, pid);
	assert_int_equal(r.status, 3);
	assert_non_null(strstr(r.err, "is cut or damaged"));
	assert_non_null(strstr(r.out, "the other is incomplete"));
	result_free(&r);

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	check_fails(RUN("-D", a, pid), "OLD is of another process");
	check_fails(RUN("-D", scratch("none.pmv"), pid), "none.pmv");
	check_fails(RUN("-D", with_number(a, "7"), b), "7");
	check_fails(RUN("-D", a), "which process?");
	check_fails(RUN("-D", "-", "-"), "standard input");
	check_fails(RUN("-D", a, "-D", b, pid), "one snapshot");
	check_fails(RUN("-D", a, "-l", pid), "exclude each other");
	target_end(t);
	free(a);
	free(b);
	free(cut);
	free(entries);
}

/* The beginning of the row with the cursor of the list. */
static const char *selected_row(struct tui *u)
{
	static char text[20];
	int row;

	for (row = 3; row < tui_rows(u) && *tui_row(u, row) != '>'; row++)
		;
	snprintf(text, sizeof(text), "%.15s", tui_row(u, row));
	return text;
}

static bool has_moved(struct tui *u, void *was)
{
	const char *now = selected_row(u);

	return *now == '>' && strcmp(now, was);
}

/* The same on a screen: marked before, compared after. */
static void test_screen(void **state)
{
	char pid[16], address[32];
	struct target *t = target_start(body, 1, 0);
	struct tui *u;
	int row, col, i;

	(void)state;
	snprintf(pid, sizeof(pid), "%d", (int)t->pid);
	/* With room for all that changes, also in what a sanitizer maps. */
	u = tui_start(80, 100, NULL,
		(char *[]){ (char *)(uintptr_t)pmview_path(), (char *)"-i", (char *)"0.2", pid, NULL });
	assert_non_null(u);
	tui_expect_text(u, "LIVE");
	tui_key(u, "m");
	tui_expect_text(u, "marked what is shown");
	tui_key(u, "d");
	tui_expect_text(u, "DIFF vs mark");
	tui_expect_text(u, "no change");
	atomic_store(&t->end[0], true);
	assert_true(wait_until(has_changed, t));
	tui_expect_text(u, "c 2 (");
	tui_expect_text(u, "~ ?");
	/* What has changed is listed, and what is gone. */
	snprintf(address, sizeof(address), "- %012" PRIx64, (uint64_t)(uintptr_t)part(GONE));
	tui_expect_text(u, address);
	snprintf(address, sizeof(address), "  %012" PRIx64, (uint64_t)(uintptr_t)part(COPIED));
	tui_expect_text(u, address);
	tui_expect_text(u, "[cc.......       ]");
	/* To it, and into it: from the first page, which is changed, there is none before. */
	snprintf(address, sizeof(address), ">  %012" PRIx64, (uint64_t)(uintptr_t)part(COPIED));
	for (i = 0; i < 40 && !tui_find(u, address, &row, &col); i++) {
		char *selected = strdup(selected_row(u));

		tui_key(u, "j");
		tui_expect(u, has_moved, selected);
		free(selected);
	}
	assert_true(i < 40);
	tui_key(u, TUI_KEY_ENTER);
	tui_expect_text(u, "c copied on write: anon, was file");
	tui_key(u, "d");
	tui_expect_text(u, "DIFF vs last");
	tui_key(u, "d");
	tui_expect_no_text(u, "DIFF");
	tui_expect_text(u, "compared with nothing");
	tui_key(u, "q");
	tui_expect_exit(u, 0);
	tui_free(u);
	target_end(t);
}

static int setup(void **state)
{
	char *size = read_file("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", NULL);

	(void)state;
	page = (size_t)sysconf(_SC_PAGESIZE);
	pmd = size ? (size_t)strtoul(size, NULL, 10) : 0;
	free(size);
	parts = mmap(NULL, sizeof(*parts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return parts == MAP_FAILED ? -1 : 0;
}

static int teardown(void **state)
{
	target_end_all();
	return tui_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_diff, teardown),
		cmocka_unit_test_teardown(test_screen, teardown),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
