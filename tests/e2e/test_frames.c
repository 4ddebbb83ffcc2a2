/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of page frames against the kpage files read here, the cgroup's directory, smaps and
 * numa_maps; and with fewer rights: PFNs take another one than the kpage files. */
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
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "e2e/screen_help.h"
#include "model/page.h"

static const char *const recipes[] = { "anon", "zero", "fork", "file", "file-cow", "file-shared",
	"file-twice", "shared-anon", "memfd", "mlock", "lazyfree", "droppable", "ksm", "thp", "thp-pte",
	"thp-fork", "thp-lazyfree", "mthp", "hugezero", "hugetlb-private", "hugetlb-shared", "swap",
	"vdso", NULL };

static struct fixture *all;
static pid_t owner; /* of all regions */
static uint64_t page_size;
static bool told; /* PFNs and the kpage files */

static int start(void **state)
{
	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	all = fixture_start(recipes);
	owner = all ? fixture_pid(all) : 0;
	told = !geteuid() && !access("/proc/kpagecgroup", R_OK);
	(void)state;
	return all ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	return fixture_stop(all);
}

static void needs_rights(void)
{
	if (told)
		return;
	print_message("PFNs and the kpage files are root's\n");
	skip();
}

static uint64_t word_of(const char *path, uint64_t index)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t word = 0;

	if (fd < 0 || pread(fd, &word, 8, (off_t)(index * 8)) != 8)
		fail_msg("cannot read %s", path);
	close(fd);
	return word;
}

static uint64_t entry_at(uint64_t address)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)owner);
	return word_of(path, address / page_size);
}

/* The rows of a region. */
static struct table pages_of(const struct fixture_region *r, const char *format)
{
	char range[64];

	snprintf(range, sizeof(range), "%" PRIx64 "+%" PRIu64, r->address, r->pages * page_size);
	return table_of(PRINT(owner, "--pages", range, "-f", format));
}

/* Flags that stay as they are while nobody touches the pages. */
#define STEADY                                                                                     \
	(UINT64_C(1) << KPF_ANON | UINT64_C(1) << KPF_COMPOUND_HEAD |                              \
		UINT64_C(1) << KPF_COMPOUND_TAIL | UINT64_C(1) << KPF_HUGE | UINT64_C(1) << KPF_THP | \
		UINT64_C(1) << KPF_ZERO_PAGE | UINT64_C(1) << KPF_MMAP)

static bool is_root_of_memory(const char *dir)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/memory.stat", dir);
	return !access(path, F_OK);
}

static void check_cgroup(const char *text, uint64_t inode)
{
	static const char *const mounts[] = { "/sys/fs/cgroup/memory", "/sys/fs/cgroup" };
	char path[4096];
	struct stat st;
	size_t i;

	if (*text != '/') {
		/* A cgroup that is not in the tree, or none. */
		assert_int_equal(strtoull(text, NULL, 10), inode);
		return;
	}
	for (i = 0; i < 2 && !is_root_of_memory(mounts[i]); i++)
		;
	assert_true(i < 2);
	snprintf(path, sizeof(path), "%s%s", mounts[i], text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_ino, inode);
}

static void check_row(const struct table *t, size_t row, const struct fixture_region *r)
{
	uint64_t address = cell_hex(t, row, "address"), entry = cell_hex(t, row, "entry"), pfn, flags;
	uint64_t count, cgroup;

	if (!(entry & ENTRY_PRESENT)) {
		assert_string_equal(cell(t, row, "kpageflags"), "");
		assert_string_equal(cell(t, row, "mapcount"), "");
		assert_string_equal(cell(t, row, "cgroup"), "");
		assert_string_equal(cell(t, row, "node"), "");
		return;
	}
	pfn = entry & ENTRY_PFN_MASK;
	flags = word_of("/proc/kpageflags", pfn);
	count = word_of("/proc/kpagecount", pfn);
	cgroup = word_of("/proc/kpagecgroup", pfn);
	/* Others start and end, and the kernel moves pages. */
	if ((entry_at(address) ^ entry) & ENTRY_PFN_MASK || !strcmp(r->name, "vdso"))
		return;
	if (strlen(cell(t, row, "kpageflags")) != 16)
		fail_msg("%s: kpageflags '%s'", r->name, cell(t, row, "kpageflags"));
	if ((cell_hex(t, row, "kpageflags") ^ flags) & STEADY)
		fail_msg("%s: kpageflags %s, not %016" PRIx64, r->name, cell(t, row, "kpageflags"), flags);
	assert_int_equal(strtoull(cell(t, row, "mapcount"), NULL, 10), count);
	check_cgroup(cell(t, row, "cgroup"), cgroup);
}

static void test_frames(void **state)
{
	size_t i, row, present = 0;

	(void)state;
	needs_rights();
	for (i = 0; i < fixture_count(all); i++) {
		const struct fixture_region *r = fixture_at(all, i);
		struct table t = pages_of(r, "csv");

		assert_int_equal(t.rows, r->pages + 1);
		for (row = 1; row < t.rows; row++) {
			/* Of a huge page some. */
			if (row < 40 || row % 67 == 0)
				check_row(&t, row, r);
			present += strcmp(cell(&t, row, "kpageflags"), "") != 0;
		}
		table_free(&t);
	}
	assert_true(present > 100);
}

/* The cgroup of what the process has touched is its own, as /proc has it. */
static void test_own_cgroup(void **state)
{
	struct table t;
	char path[64], *text, *line;

	(void)state;
	needs_rights();
	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)owner);
	text = read_file(path, NULL);
	line = strstr(text, ":memory:") ? strstr(text, ":memory:") + 8 : strstr(text, "0::") + 3;
	line[strcspn(line, "\n")] = '\0';
	t = pages_of(fixture_region(all, "anon"), "csv");
	if (*cell(&t, 1, "cgroup") == '/')
		assert_string_equal(cell(&t, 1, "cgroup"), line);
	table_free(&t);
	free(text);
}

/* "N0=8" of the mapping's line in numa_maps: pages by node. */
static void test_nodes(void **state)
{
	const struct fixture_region *r = fixture_region(all, "anon");
	char path[64], start[32], key[16], *text, *line, *at;
	unsigned counts[64] = { 0 }, node;
	struct table t;
	size_t row;

	(void)state;
	needs_rights();
	snprintf(path, sizeof(path), "/proc/%d/numa_maps", (int)owner);
	text = read_file(path, NULL);
	if (!text || !*text) {
		print_message("this kernel knows no NUMA nodes\n");
		free(text);
		skip();
	}
	t = pages_of(r, "csv");
	for (row = 1; row < t.rows; row++) {
		assert_true(*cell(&t, row, "node") && *cell(&t, row, "zone"));
		counts[strtoul(cell(&t, row, "node"), NULL, 10) % 64]++;
	}
	snprintf(start, sizeof(start), "%" PRIx64 " ", r->address);
	line = strstr(text, start);
	assert_non_null(line);
	line[strcspn(line, "\n")] = '\0';
	for (node = 0; node < 64; node++) {
		snprintf(key, sizeof(key), " N%u=", node);
		at = strstr(line, key);
		assert_int_equal(at ? strtoul(at + strlen(key), NULL, 10) : 0, counts[node]);
	}
	table_free(&t);
	free(text);
}

/* A field of the mapping in smaps, in pages; -1 if it has none. */
static long smaps_pages(uint64_t address, const char *field)
{
	char path[64], start[32], *text, *at;
	long pages = -1;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)owner);
	snprintf(start, sizeof(start), "%" PRIx64 "-", address);
	text = read_file(path, NULL);
	at = text ? strstr(text, start) : NULL;
	at = at ? strstr(at, field) : NULL;
	if (at)
		pages = strtol(at + strlen(field), NULL, 10) * 1024 / (long)page_size;
	free(text);
	return pages;
}

/* Lines of the region in text that have the word. */
static long lines_with(const struct fixture_region *r, const char *word)
{
	char range[64], *text, *line, *rest;
	long n = 0;

	snprintf(range, sizeof(range), "%" PRIx64 "+%" PRIu64, r->address, r->pages * page_size);
	text = PRINT(owner, "--pages", range);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		n += strstr(line, word) != NULL;
	free(text);
	return n;
}

static void test_words(void **state)
{
	static const struct {
		const char *region, *word, *field;
	} words[] = { { "lazyfree", "lazyfree", "LazyFree:" },
		{ "thp-lazyfree", "lazyfree", "LazyFree:" },
		{ "anon", "lazyfree", "LazyFree:" },
		{ "ksm", "ksm", "\nKSM:" },
		{ "anon", "ksm", "\nKSM:" },
		{ "mlock", "mlocked", "Locked:" },
		{ "anon", "mlocked", "Locked:" },
		{ "thp", "large-folio", "AnonHugePages:" },
		{ "anon", "large-folio", "AnonHugePages:" } };
	size_t i;

	(void)state;
	needs_rights();
	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		const struct fixture_region *r = fixture_region(all, words[i].region);
		long want = r ? smaps_pages(r->address, words[i].field) : -1, have = -2;
		int tries;

		if (want < 0) {
			print_message("%s: %s\n", words[i].region,
				r ? "smaps does not tell" : fixture_skip_reason(all, words[i].region));
			continue;
		}
		/* A page becomes lazyfree when the kernel gets round to it, maybe now. */
		for (tries = 0; tries < 10 && have != want; tries++) {
			want = smaps_pages(r->address, words[i].field);
			have = lines_with(r, words[i].word);
		}
		if (have != want)
			fail_msg("%s: %ld %s, not %ld", r->name, have, words[i].word, want);
	}
}

/* --- rights -------------------------------------------------------------------------------- */

static void nothing_is_told_of_frames(char *csv, bool pfn)
{
	static const char *const columns[] = { "kpageflags", "mapcount", "cgroup" };
	struct table t = table_of(csv);
	size_t row, i;

	assert_int_equal(t.rows, 9);
	for (row = 1; row < t.rows; row++) {
		for (i = 0; i < 3; i++)
			assert_string_equal(cell(&t, row, columns[i]), "");
		/* Where a frame is follows from its PFN alone. */
		assert_int_equal(*cell(&t, row, "pfn") != '\0', pfn);
		assert_int_equal(*cell(&t, row, "node") != '\0', pfn);
	}
	table_free(&t);
}

static const char *range_of(const struct fixture_region *r)
{
	static char range[64];

	snprintf(range, sizeof(range), "%" PRIx64 "+%" PRIu64, r->address, r->pages * page_size);
	return range;
}

static void test_no_pfn(void **state)
{
	const char *range = range_of(fixture_region(all, "anon"));

	(void)state;
	nothing_is_told_of_frames(PRINT(owner, "--pages", range, "-f", "csv", "--no-pfn"), false);
}

static void test_without_sys_admin(void **state)
{
	const char *range = range_of(fixture_region(all, "anon"));

	(void)state;
	needs_rights();
	nothing_is_told_of_frames(
		PRINT_AS(RUN_WITHOUT_SYS_ADMIN, owner, "--pages", range, "-f", "csv"), false);
}

/* The screen of the first page of "anon", to that user, has these words. */
static void expect_screen(uid_t uid, struct fixture *f, const char *const words[])
{
	const struct fixture_region *r = fixture_region(f, "anon");
	char target[16];
	struct tui *t;

	snprintf(target, sizeof(target), "%d", (int)fixture_pid(f));
	t = START(.target = target, .uid = uid);
	go_to(t, target, r);
	tui_key(t, TUI_KEY_ENTER TUI_KEY_ENTER);
	for (; *words; words++)
		tui_expect_text(t, *words);
	quit(t, "Q");
}

static void test_nobody(void **state)
{
	struct fixture *f;

	(void)state;
	if (getuid()) {
		print_message("only root can become another user\n");
		skip();
	}
	f = fixture_start_as(FIXTURE_NOBODY, (const char *const[]){ "anon", NULL });
	assert_non_null(f);
	nothing_is_told_of_frames(PRINT_AS(FIXTURE_NOBODY, fixture_pid(f), "--pages",
		range_of(fixture_region(f, "anon")), "-f", "csv"), false);
	expect_screen(FIXTURE_NOBODY, f, (const char *const[]){
		"PFN         hidden (needs CAP_SYS_ADMIN)",
		"kpageflags  not allowed (a file of root's: needs CAP_DAC_READ_SEARCH)", NULL });
	assert_int_equal(fixture_stop(f), 0);
}

/* PFNs without the kpage files: the rights are two. */
static void test_sys_admin_alone(void **state)
{
	const char *argv[] = { "setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=+sys_admin",
		"--ambient-caps=+sys_admin", pmview_path(), "--pages", NULL, "-f", "csv", NULL, NULL };
	struct fixture *f;
	char target[16];
	struct result r;

	(void)state;
	needs_rights();
	f = fixture_start_as(FIXTURE_NOBODY, (const char *const[]){ "anon", NULL });
	assert_non_null(f);
	snprintf(target, sizeof(target), "%d", (int)fixture_pid(f));
	argv[7] = range_of(fixture_region(f, "anon"));
	argv[10] = target;
	r = run_program(argv);
	assert_string_equal(r.err, "");
	assert_int_equal(r.status, 0);
	nothing_is_told_of_frames(r.out, true);
	free(r.err);
	assert_int_equal(fixture_stop(f), 0);
}

static void test_page_screen(void **state)
{
	uint64_t entry = entry_at(fixture_region(all, "anon")->address), pfn = entry & ENTRY_PFN_MASK;
	char words[4][64];

	(void)state;
	needs_rights();
	snprintf(words[0], 64, "PFN         0x%" PRIx64 "   physical 0x%" PRIx64, pfn, pfn * page_size);
	snprintf(words[1], 64, "kpagecount  1 mapping: this one");
	snprintf(words[2], 64, "kpageflags  0x");
	expect_screen(0, all, (const char *const[]){ words[0], words[1], words[2], "cgroup      ",
		"node ", "zone ", "anon swapbacked", NULL });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_own_cgroup),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_no_pfn),
		cmocka_unit_test(test_without_sys_admin),
		cmocka_unit_test_teardown(test_nobody, tui_teardown),
		cmocka_unit_test(test_sys_admin_alone),
		cmocka_unit_test_teardown(test_page_screen, tui_teardown),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
