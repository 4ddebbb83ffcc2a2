/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of the fixture's pages against what the kernel says beside the page tables: smaps, the
 * raw entries, kpageflags and kpagecount. In three situations. */
#include "e2e/situations.h"

#include <inttypes.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>

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
	{ "uffd-async", 0, "1", "0", "anon" }, { "uffd-shmem", 0, "0", "1", "shmem" },
	{ "poison", 2, "0", "0", "anon" }, { "io-uring", 0, "1", "0", "device" },
	{ "packet-ring", 0, "1", "0", "device" }, { "bpf-map", 0, "1", "0", "device" }, { "aio", 0, "1", "0", "device" },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EVERY_SITUATION(test_smaps),
		IN_EVERY_SITUATION(test_entries),
		IN_EVERY_SITUATION(test_attributes),
		{ "test_frames", test_frames, NULL, NULL, &situations[0] },
	};

	return cmocka_run_group_tests(tests, situations_start, situations_stop);
}
