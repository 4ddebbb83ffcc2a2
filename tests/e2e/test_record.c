/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every page of the fixture against its record, by both engines, in three situations: as we are, as a
 * user without privileges who looks at a process of their own, and as root without CAP_SYS_ADMIN. What
 * the kernel says beside the page tables is the second judge: smaps, pagemap, kpageflags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <inttypes.h>
#include <linux/kernel-page-flags.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "model/page.h"

static struct situation {
	uid_t reader;
	struct fixture *fixture;
} situations[] = { { 0, NULL }, { FIXTURE_NOBODY, NULL }, { RUN_WITHOUT_SYS_ADMIN, NULL } };

/* Where the test that runs is. */
static struct fixture *fixture;
static uid_t reader;
static pid_t pid;
static bool pfn_shown;

static uint64_t page_size;
static bool scan_here;
static struct utsname kernel;

/* The entry of a page of our own that was just written. */
static uint64_t own_entry(void)
{
	volatile char *p = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	assert_true(p != MAP_FAILED && fd >= 0);
	*p = 1;
	assert_int_equal(pread(fd, &entry, 8, (off_t)((uintptr_t)p / page_size * 8)), 8);
	munmap((void *)p, page_size);
	close(fd);
	assert_true(entry & ENTRY_PRESENT);
	return entry;
}

static void enter(void **state)
{
	const struct situation *s = *state;

	if (!s->fixture) {
		print_message("only root can take other privileges\n");
		skip();
	}
	fixture = s->fixture;
	reader = s->reader;
	pid = fixture_pid(fixture);
	pfn_shown = !reader && own_entry() & ENTRY_PFN_MASK;
}

static json_t *list_by(const char *engine)
{
	return lists_parse(PRINT_AS(reader, pid, "-J", "--engine", engine));
}

/* Every page that is not none, a row each in the order of addresses. */
static struct table all_pages(const char *engine)
{
	struct table t =
		table_of(PRINT_AS(reader, pid, "--pages=all", "-f", "csv", "--engine", engine));
	size_t i;

	for (i = 2; i < t.rows; i++)
		assert_true(cell_hex(&t, i, "address") > cell_hex(&t, i - 1, "address"));
	return t;
}

static void need_scan(void)
{
	if (scan_here)
		return;
	print_message("this kernel has no PAGEMAP_SCAN\n");
	skip();
}

static void need_reads(void)
{
	if (reads_are_cheap(pid))
		return;
	print_message("the process reserves too much for plain reads\n");
	skip();
}

/* --- against the record -------------------------------------------------------------------- */

static const char *name_of(char letter)
{
	static const char letters[] = ".AFS0#m!?";

	return lists_states[strchr(letters, letter) - letters];
}

/* Whether the state printed is what this claim looks like with what could be known. */
static bool agrees(const json_t *list, const char *claimed, const char *state)
{
	if (!strcmp(claimed, state))
		return true;
	if (!strcmp(claimed, "zero") && !lists_knows(list, "zero"))
		return !strcmp(state, "anon");
	if (!strcmp(claimed, "swap") || !strcmp(claimed, "marker"))
		return !lists_knows(list, "swap_kind") && !strcmp(state, "unknown");
	return !strcmp(claimed, "guard") && !lists_knows(list, "guard") &&
		!strcmp(state, "unknown");
}

static void check_page(const json_t *list, const char *region, const struct fixture_run *run,
	const struct table *t, size_t row)
{
	const char *state = cell(t, row, "state"), *huge = "";

	if (!agrees(list, name_of(run->state), state))
		fail_msg("%s, %s: %s, not %c", region, cell(t, row, "address"), state, run->state);
	if (!strchr("AF0", run->state))
		return;
	if (lists_knows(list, "huge"))
		huge = run->huge ? "1" : "0";
	assert_string_equal(cell(t, row, "cow"), run->cow ? "1" : "0");
	assert_string_equal(cell(t, row, "huge"), huge);
}

/* Shared pages in swap: nothing, or what was found out by other means. */
static void check_swapped(const char *region, const struct table *t, size_t row, size_t end)
{
	for (; row < end; row++)
		if (strcmp(cell(t, row, "state"), "swap"))
			fail_msg("%s, %s: %s, not swap", region, cell(t, row, "address"),
				cell(t, row, "state"));
}

static void check_pages(const json_t *list, const struct fixture_region *r, const struct table *t)
{
	struct fixture_run run = { 0 };
	uint64_t i;

	while (fixture_next_run(r, &run)) {
		uint64_t start = r->address + run.first * page_size;
		size_t row = row_of(t, start), end = row_of(t, start + run.count * page_size);

		if (run.state == '*')
			continue;
		if (run.swapped) {
			check_swapped(r->name, t, row, end);
			continue;
		}
		if (end - row != (run.state == '.' ? 0 : run.count))
			fail_msg("%s, pages %" PRIu64 " to %" PRIu64 ": %zu are not none", r->name,
				run.first, run.first + run.count - 1, end - row);
		for (i = 0; row < end; i++, row++) {
			assert_int_equal(cell_hex(t, row, "address"), start + i * page_size);
			check_page(list, r->name, &run, t, row);
		}
	}
}

/* The counts of a mapping that is one region of which everything is claimed. */
static void check_counts(const json_t *list, const struct fixture_region *r)
{
	const json_t *v = lists_vma(list, r->address);
	uint64_t claimed[LISTS_STATES] = { 0 }, huge = 0, cow = 0, i;
	struct fixture_run run = { 0 };

	assert_non_null(v);
	assert_true(lists_address(v, "end") >= r->address + r->pages * page_size);
	if (lists_address(v, "start") != r->address ||
		lists_number(v, "pages") != (long long)r->pages)
		return;
	while (fixture_next_run(r, &run)) {
		if (run.state == '*')
			return;
		for (i = 0; strcmp(lists_states[i], name_of(run.state)); i++)
			;
		claimed[i] += run.count;
		huge += run.huge ? run.count : 0;
		cow += run.cow ? run.count : 0;
	}
	assert_int_equal(lists_number(v, "cow"), cow);
	assert_int_equal(lists_number(v, "huge"), lists_knows(list, "huge") ? (long long)huge : -1);
	for (i = 0; i < LISTS_STATES; i++) {
		const char *s = lists_states[i];

		if (lists_has(v, s) && strcmp(s, "unknown") &&
			(strcmp(s, "anon") || lists_knows(list, "zero")))
			assert_int_equal(lists_state(v, s), claimed[i]);
	}
}

static void against_record(const char *engine)
{
	json_t *list = list_by(engine);
	struct table t = all_pages(engine);
	size_t i;

	assert_string_equal(lists_text(list, "engine"), engine);
	assert_int_equal(lists_number(json_object_get(list, "process"), "pid"), pid);
	assert_true(fixture_count(fixture) > 10);
	for (i = 0; i < fixture_count(fixture); i++) {
		check_counts(list, fixture_at(fixture, i));
		check_pages(list, fixture_at(fixture, i), &t);
	}
	table_free(&t);
	json_decref(list);
}

static void test_record_scan(void **state)
{
	enter(state);
	need_scan();
	against_record("scan");
}

static void test_record_read(void **state)
{
	enter(state);
	need_reads();
	against_record("read");
}

/* --- engine against engine ----------------------------------------------------------------- */

/* Counts that both engines know; of what makes a page unknown one may know more. */
static void same_counts(const json_t *scan, const json_t *a, const json_t *read, const json_t *b)
{
	bool zero = lists_knows(read, "zero") && lists_knows(scan, "zero");
	size_t i;

	assert_string_equal(lists_text(a, "start"), lists_text(b, "start"));
	assert_int_equal(lists_number(a, "cow"), lists_number(b, "cow"));
	/* Zero pages that reads cannot see are anon there; the huge one they can. */
	assert_in_range(lists_count(b, "anon") + lists_count(b, "zero"), lists_count(a, "anon"),
		lists_count(a, "anon") + lists_count(a, "zero"));
	if (lists_state(a, "unknown") != lists_state(b, "unknown"))
		return;
	for (i = 0; i < LISTS_STATES; i++)
		if (lists_has(a, lists_states[i]) && lists_has(b, lists_states[i]) &&
			(zero || strcmp(lists_states[i], "anon")))
			assert_int_equal(lists_state(a, lists_states[i]),
				lists_state(b, lists_states[i]));
}

static void same_page(const json_t *scan, const char *x, const json_t *read, const char *y)
{
	if (!agrees(scan, y, x) && !agrees(read, x, y) && strcmp(x, "unknown") &&
		strcmp(y, "unknown"))
		fail_msg("%s and %s", x, y);
}

static void test_engines_agree(void **state)
{
	json_t *scan, *read;
	struct table s, t;
	const json_t *a;
	size_t i, k;

	enter(state);
	need_scan();
	need_reads();
	scan = list_by("scan");
	read = list_by("read");
	json_array_foreach(json_object_get(scan, "vmas"), i, a)
		same_counts(scan, a, read, json_array_get(json_object_get(read, "vmas"), i));
	s = all_pages("scan");
	t = all_pages("read");
	for (i = k = 1; i < s.rows || k < t.rows;) {
		uint64_t x = i < s.rows ? cell_hex(&s, i, "address") : UINT64_MAX;
		uint64_t y = k < t.rows ? cell_hex(&t, k, "address") : UINT64_MAX;

		same_page(scan, x <= y ? cell(&s, i, "state") : "none", read,
			y <= x ? cell(&t, k, "state") : "none");
		i += x <= y;
		k += y <= x;
	}
	table_free(&s);
	table_free(&t);
	json_decref(scan);
	json_decref(read);
}

/* --- what is known ------------------------------------------------------------------------- */

static bool since(int major, int minor)
{
	return kernel_at_least(kernel.release, major, minor);
}

static void check_known(const char *engine)
{
	bool scan = !strcmp(engine, "scan"), pfn = pfn_shown;
	bool markers = fixture_region(fixture, "poison");
	json_t *list = list_by(engine);
	const json_t *v;
	size_t i;

	assert_int_equal(lists_knows(list, "pfn"), pfn);
	/* Reads know the small one by its PFN, and the huge one by bit 61. */
	assert_int_equal(lists_knows(list, "zero"), scan || (pfn && since(6, 11) && !since(7, 3)));
	assert_int_equal(lists_knows(list, "guard"), pfn || since(6, scan ? 16 : 15) || since(6, 15));
	assert_int_equal(lists_knows(list, "huge"), scan);
	/* Where they look the same as markers, and there are some, nobody knows. */
	assert_int_equal(lists_knows(list, "swap_kind"), pfn || !markers);
	assert_int_equal(lists_knows(list, "exclusive"), since(4, 3));
	assert_int_equal(lists_knows(list, "soft_dirty"), !!(own_entry() & ENTRY_SOFT_DIRTY));
	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		assert_int_equal(lists_has(v, "zero"), lists_knows(list, "zero"));
		assert_int_equal(lists_has(v, "guard"), lists_knows(list, "guard"));
		assert_int_equal(lists_has(v, "swap"), lists_knows(list, "swap_kind"));
		assert_int_equal(lists_has(v, "moving"), lists_knows(list, "swap_kind"));
		assert_int_equal(lists_has(v, "marker"), lists_knows(list, "swap_kind"));
		assert_int_equal(lists_number(v, "huge") >= 0, lists_knows(list, "huge"));
	}
	json_decref(list);
}

static void test_known_scan(void **state)
{
	enter(state);
	need_scan();
	check_known("scan");
}

static void test_known_read(void **state)
{
	enter(state);
	need_reads();
	check_known("read");
}

/* --- other judges -------------------------------------------------------------------------- */

static void smaps_agrees_with(const char *engine)
{
	json_t *list = list_by(engine);
	struct smaps *m;
	size_t n = smaps_read(pid, &m);

	assert_true(n > 10);
	assert_true(smaps_agree(m, n, list));
	free(m);
	json_decref(list);
}

static void test_smaps(void **state)
{
	enter(state);
	if (scan_here)
		smaps_agrees_with("scan");
	if (reads_are_cheap(pid))
		smaps_agrees_with("read");
}

static int open_of(const char *format, ...)
{
	char path[64];
	va_list ap;
	int fd;

	va_start(ap, format);
	vsnprintf(path, sizeof(path), format, ap);
	va_end(ap);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("cannot open %s", path);
	return fd;
}

static uint64_t word_at(int fd, uint64_t index)
{
	uint64_t word = 0;

	assert_int_equal(pread(fd, &word, 8, (off_t)(index * 8)), 8);
	return word;
}

/* A cell that is a number, or empty if it cannot be known. */
static void check_number(const struct table *t, size_t row, const char *column, bool known,
	uint64_t want)
{
	const char *text = cell(t, row, column);

	if (!known)
		assert_string_equal(text, "");
	else
		assert_int_equal(strtoull(text, NULL, 0), want);
}

static void check_entry(const struct table *t, size_t row, uint64_t entry, bool pfn, bool soft_dirty)
{
	bool present = entry & ENTRY_PRESENT, swap = !present && entry & ENTRY_SWAP;

	if (!pfn)
		entry &= ~ENTRY_PFN_MASK;
	assert_int_equal(cell_hex(t, row, "entry"), entry);
	check_number(t, row, "exclusive", true, entry >> 56 & 1);
	check_number(t, row, "uffd_wp", since(5, 14), entry >> 57 & 1);
	check_number(t, row, "soft_dirty", soft_dirty, entry >> 55 & 1);
	check_number(t, row, "pfn", pfn && present, entry & ENTRY_PFN_MASK);
	check_number(t, row, "swap_type", pfn && swap, entry & 31);
	check_number(t, row, "swap_offset", pfn && swap, (entry & ENTRY_PFN_MASK) >> 5);
}

/* Pages that only the fixture has: of others bit 56 changes when somebody else starts or ends. */
static bool ours_alone(const struct fixture_region *r)
{
	return strcmp(r->name, "vdso") && strncmp(r->name, "vvar", 4) && strcmp(r->name, "vsyscall");
}

/* Calls back for each row of a region whose entry did not change while it was looked at. */
static void each_row(void (*check)(const struct table *t, size_t row, uint64_t entry,
	const struct fixture_region *r))
{
	int fd = open_of("/proc/%d/pagemap", (int)pid);
	struct table t = all_pages("auto");
	uint64_t checked = 0, moved = 0;
	size_t i, row;

	for (i = 0; i < fixture_count(fixture); i++) {
		const struct fixture_region *r = fixture_at(fixture, i);
		uint64_t end = r->address + r->pages * page_size;

		if (!ours_alone(r))
			continue;
		for (row = row_of(&t, r->address); row < t.rows; row++) {
			uint64_t page = cell_hex(&t, row, "address") / page_size, entry;

			if (page * page_size >= end)
				break;
			entry = word_at(fd, page);
			/* Compaction may have moved it since it was printed. */
			if (pfn_shown && (entry ^ cell_hex(&t, row, "entry")) & ENTRY_PFN_MASK) {
				moved++;
				continue;
			}
			check(&t, row, entry, r);
			checked++;
		}
	}
	assert_true(checked > 1000 && moved <= checked / 10);
	table_free(&t);
	close(fd);
}

static void check_row_entry(const struct table *t, size_t row, uint64_t entry,
	const struct fixture_region *r)
{
	static int soft_dirty = -1;

	(void)r;
	if (soft_dirty < 0)
		soft_dirty = !!(own_entry() & ENTRY_SOFT_DIRTY);
	check_entry(t, row, entry, pfn_shown, soft_dirty);
}

static void test_entries(void **state)
{
	enter(state);
	each_row(check_row_entry);
}

static bool kpf(uint64_t flags, int bit)
{
	return flags >> bit & 1;
}

static int kpageflags = -1, kpagecount = -1;

/* The state by what the kernel says of the page frame itself. */
static void check_frame(const struct table *t, size_t row, uint64_t entry,
	const struct fixture_region *r)
{
	uint64_t pfn = entry & ENTRY_PFN_MASK, flags, count;
	const char *state = cell(t, row, "state");
	bool huge = !strcmp(cell(t, row, "huge"), "1");

	if (!(entry & ENTRY_PRESENT))
		return;
	flags = word_at(kpageflags, pfn);
	count = word_at(kpagecount, pfn);
	/* Taken over by another page in between, or a frame that the kernel says nothing of. */
	if (!flags || kpf(flags, KPF_BUDDY))
		return;
	if (kpf(flags, KPF_ZERO_PAGE) != !strcmp(state, "zero"))
		fail_msg("%s: %s, but KPF_ZERO_PAGE is %d", r->name, state, kpf(flags, KPF_ZERO_PAGE));
	if (kpf(flags, KPF_ANON) != !strcmp(state, "anon"))
		fail_msg("%s: %s, but KPF_ANON is %d", r->name, state, kpf(flags, KPF_ANON));
	if (huge && !kpf(flags, KPF_THP) && !kpf(flags, KPF_HUGE))
		fail_msg("%s is huge, but its frames are 0x%" PRIx64, r->name, flags);
	if (kpf(flags, KPF_HUGE) && scan_here && !huge)
		fail_msg("%s is not huge, but KPF_HUGE is", r->name);
	if (!strcmp(cell(t, row, "exclusive"), "1") != (count == 1))
		fail_msg("%s: exclusive %s, but mapped %" PRIu64 " times", r->name,
			cell(t, row, "exclusive"), count);
	if (!strcmp(r->name, "ksm"))
		assert_true(kpf(flags, KPF_KSM));
	if (!strcmp(r->name, "mthp"))
		assert_true(kpf(flags, KPF_THP));
}

static void test_frames(void **state)
{
	enter(state);
	if (!pfn_shown) {
		print_message("the kernel hides page frame numbers from us\n");
		skip();
	}
	kpageflags = open_of("/proc/kpageflags");
	kpagecount = open_of("/proc/kpagecount");
	each_row(check_frame);
	close(kpageflags);
	close(kpagecount);
}

/* What the record does not say of a page: of one page of each kind. */
static const struct {
	const char *region;
	uint64_t page;
	const char *exclusive, *uffd_wp, *kind;
} attributes[] = {
	{ "anon", 0, "1", "0", "anon" }, { "zero", 0, "0", "0", "anon" },
	{ "zero-written", 0, "1", "0", "anon" }, { "read-only", 0, "0", "0", "anon" },
	{ "mlock", 0, "1", "0", "anon" }, { "prot-none", 0, "1", "0", "anon" },
	{ "lazyfree", 0, "1", "0", "anon" }, { "droppable", 0, "1", "0", "anon" },
	{ "dev-zero", 0, "1", "0", "anon" }, { "ksm", 0, "0", "0", "anon" },
	{ "ksm-zero", 0, "0", "0", "anon" }, { "fork", 0, "1", "0", "anon" },
	{ "fork", 1, "0", "0", "anon" }, { "thp", 0, "1", "0", "anon" },
	{ "thp-pte", 0, "1", "0", "anon" }, { "thp-fork", 0, "0", "0", "anon" },
	{ "thp-lazyfree", 0, "1", "0", "anon" }, { "thp-split", 0, "1", "0", "anon" },
	{ "mthp", 0, "1", "0", "anon" }, { "hugezero", 0, "0", "0", "anon" },
	{ "hugetlb-private", 0, "1", "0", "hugetlb" }, { "hugetlb-shared", 0, "1", "0", "hugetlb" },
	{ "hugetlb-memfd", 0, "1", "0", "hugetlb" }, { "hugetlb-wp", 0, "1", "1", "hugetlb" },
	{ "file", 0, "1", "0", NULL }, { "file-cow", 0, "1", "0", NULL },
	{ "file-shared", 0, "1", "0", NULL }, { "file-twice-1", 0, "0", "0", NULL },
	{ "file-twice-2", 0, "0", "0", NULL }, { "shared-anon", 0, "1", "0", "shmem" },
	{ "shared-read", 0, "1", "0", "shmem" }, { "dev-zero-shared", 0, "1", "0", "shmem" },
	{ "sysv", 0, "1", "0", "shmem" }, { "secretmem", 0, "1", "0", "shmem" },
	{ "memfd", 0, "1", "0", "shmem" }, { "memfd-private", 0, "1", "0", "shmem" },
	{ "memfd-thp", 0, "1", "0", "shmem" }, { "swap", 0, "0", "0", "anon" },
	{ "swap-back", 0, "1", "0", "anon" }, { "swap-wp", 0, "0", "1", "anon" },
	{ "swap-cow", 0, "0", "0", "shmem" }, { "swap-thp", 0, "0", "0", "anon" },
	{ "shmem-swap-wp", 0, "0", "1", "shmem" }, { "guard", 4, "0", "0", "anon" },
	{ "guard-untouched", 0, "0", "0", "anon" }, { "uffd-wp", 0, "1", "1", "anon" },
	{ "uffd-wp", 4, "0", "1", "anon" }, { "uffd-wp", 7, "0", "1", "anon" },
	{ "uffd-shmem", 0, "0", "1", "shmem" }, { "poison", 2, "0", "0", "anon" },
	{ "io-uring", 0, "1", "0", "device" }, { "packet-ring", 0, "1", "0", "device" },
	{ "bpf-map", 0, "1", "0", "device" }, { "aio", 0, "1", "0", "device" },
};

static void test_attributes(void **state)
{
	struct table t;
	json_t *list;
	size_t i, row, found = 0;

	enter(state);
	t = all_pages("auto");
	list = list_by("auto");
	for (i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
		const struct fixture_region *r = fixture_region(fixture, attributes[i].region);
		const json_t *v;

		if (!r)
			continue;
		found++;
		row = row_of(&t, r->address + attributes[i].page * page_size);
		v = lists_vma(list, r->address);
		if (strcmp(cell(&t, row, "exclusive"), attributes[i].exclusive) ||
			(since(5, 14) && strcmp(cell(&t, row, "uffd_wp"), attributes[i].uffd_wp)))
			fail_msg("%s, page %" PRIu64 ": exclusive %s, uffd_wp %s", r->name,
				attributes[i].page, cell(&t, row, "exclusive"),
				cell(&t, row, "uffd_wp"));
		if (attributes[i].kind)
			assert_string_equal(lists_text(v, "kind"), attributes[i].kind);
	}
	assert_true(found > 20);
	/* The gap that the kernel keeps below a stack belongs to nothing. */
	if (fixture_region(fixture, "stack"))
		assert_null(lists_vma(list, fixture_region(fixture, "stack")->address - page_size));
	table_free(&t);
	json_decref(list);
}

/* --- the processes ------------------------------------------------------------------------- */

/* Stopped, so that what is asked twice is the same. */
static struct fixture *stopped(struct fixture *f)
{
	if (f)
		process_stop(fixture_pid(f));
	return f;
}

static int start(void **state)
{
	static const char *const all[] = { "all", NULL };

	(void)state;
	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	scan_here = has_scan();
	uname(&kernel);
	situations[0].fixture = stopped(fixture_start(all));
	if (geteuid() == 0) {
		situations[1].fixture = stopped(fixture_start_as(FIXTURE_NOBODY, all));
		situations[2].fixture = situations[0].fixture;
	}
	return situations[0].fixture && (geteuid() || situations[1].fixture) ? 0 : -1;
}

static int stop(void **state)
{
	int result = 0, i;

	(void)state;
	for (i = 0; i < 2; i++) {
		if (!situations[i].fixture)
			continue;
		kill(fixture_pid(situations[i].fixture), SIGCONT);
		result |= fixture_stop(situations[i].fixture);
	}
	return result;
}

#define IN_EVERY_SITUATION(test)                                                \
	{ #test, test, NULL, NULL, &situations[0] },                            \
	{ #test " of an unprivileged user", test, NULL, NULL, &situations[1] }, \
	{ #test " without CAP_SYS_ADMIN", test, NULL, NULL, &situations[2] }

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EVERY_SITUATION(test_record_scan),
		IN_EVERY_SITUATION(test_record_read),
		IN_EVERY_SITUATION(test_engines_agree),
		IN_EVERY_SITUATION(test_known_scan),
		IN_EVERY_SITUATION(test_known_read),
		IN_EVERY_SITUATION(test_smaps),
		IN_EVERY_SITUATION(test_entries),
		IN_EVERY_SITUATION(test_attributes),
		{ "test_frames", test_frames, NULL, NULL, &situations[0] },
	};

	return cmocka_run_group_tests(tests, start, stop);
}
