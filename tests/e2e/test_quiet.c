/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * That no page of a process is moved, faulted in or marked as used by being looked at, and that the
 * process does not run for it: an idle one is described by everything that the kernel keeps of it,
 * looked at as often as in an hour, and described once more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/str.h"
#include "base/units.h"
#include "e2e/lists.h"
#include "e2e/tui.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "model/entries.h"
#include "source/live.h"

/* Not those that KSM looks at itself. What cannot be made here is left out. */
static const char *const recipes[] = { "anon:64", "untouched", "zero", "prot-none", "lazyfree",
	"fork", "stripes:2048", "mlock", "file", "file-cow", "file-shared", "shared-anon", "memfd",
	"memfd-private", "thp", "thp-pte", "thp-split", "thp-lazyfree", "hugezero", "hugetlb-private",
	"hugetlb-memfd", "guard", "uffd-wp", "uffd-async", "poison", "swap", "swap-mixed:64", "swap-back",
	"swap-wp", "swap-cow", "swap-thp", "shmem-swap", "droppable", "io-uring", "aio", NULL };

static struct fixture *fixture;
static pid_t pid;

/* --- what the kernel says of the process --------------------------------------------------- */

static char *proc_text(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return read_file(path, NULL);
}

/* But for the line that counts all signals queued for this user, in whichever process. */
static void add_status(struct str *to)
{
	char *text = proc_text("status"), *queued;

	assert_non_null(text);
	queued = strstr(text, "\nSigQ:");
	assert_non_null(queued);
	*queued = '\0';
	str_addf(to, "%s%s", text, strchrnul(queued + 1, '\n'));
	free(text);
}

/* Not every kernel has it. */
static void add_schedstat(struct str *to)
{
	char *text = proc_text("schedstat");

	if (text)
		str_addf(to, "schedstat %s", text);
	free(text);
}

/* Of stat the faults, and the time it ran: fields 10 to 15 after the name, which may be anything. */
static void add_stat(struct str *to)
{
	char *text = proc_text("stat");
	unsigned long f[6];

	assert_non_null(text);
	assert_int_equal(sscanf(strrchr(text, ')'), ") %*c %*d %*d %*d %*d %*d %*u %lu %lu %lu %lu %lu %lu",
		&f[0], &f[1], &f[2], &f[3], &f[4], &f[5]), 6);
	str_addf(to, "minflt %lu\ncminflt %lu\nmajflt %lu\ncmajflt %lu\nutime %lu\nstime %lu\n", f[0],
		f[1], f[2], f[3], f[4], f[5]);
	free(text);
}

static const struct fixture_region *region_of(uint64_t address)
{
	uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE);
	size_t i;

	for (i = 0; i < fixture_count(fixture); i++) {
		const struct fixture_region *r = fixture_at(fixture, i);

		if (address >= r->address && address < r->address + r->pages * size)
			return r;
	}
	return NULL;
}

/* Who else uses a library, and when a changed file is written to its disk, is not this process's doing:
 * lines of smaps that are left out of these mappings. */
static bool others_decide(const struct fixture_region *r, const char *line)
{
	bool use = !strncmp(line, "Pss", 3) || !strncmp(line, "Shared_", 7) ||
		!strncmp(line, "Private_", 8);

	if (r)
		return use && !strncmp(r->name, "file", 4);
	return use || !strncmp(line, "Referenced", 10) || !strncmp(line, "SwapPss", 7);
}

static void add_smaps(struct str *to)
{
	const struct fixture_region *r = NULL;
	char *text = proc_text("smaps"), *line, *rest;
	uint64_t start;

	assert_non_null(text);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "%" SCNx64 "-%*x ", &start) == 1 && strchr(line, '-'))
			r = region_of(start);
		if (!others_decide(r, line))
			str_addf(to, "%s\n", line);
	}
	free(text);
}

static void add_entries(struct str *to)
{
	uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE), k;
	char path[64];
	size_t i;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	for (i = 0; i < fixture_count(fixture); i++) {
		const struct fixture_region *r = fixture_at(fixture, i);
		uint64_t *entries = calloc(r->pages, 8);

		assert_int_equal(pread(fd, entries, r->pages * 8, (off_t)(r->address / size * 8)),
			r->pages * 8);
		for (k = 0; k < r->pages; k++)
			str_addf(to, "%s %" PRIu64 " %016" PRIx64 "\n", r->name, k, entries[k]);
		free(entries);
	}
	close(fd);
}

static char *describe(void)
{
	struct str s = { 0 };

	add_status(&s);
	add_schedstat(&s);
	add_stat(&s);
	add_smaps(&s);
	add_entries(&s);
	return str_take(&s);
}

/* The first line that differs is said on stderr. */
static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		const char *end = strchr(a, '\n'), *other = strchr(b, '\n');

		if (end - a != other - b || strncmp(a, b, (size_t)(end - a)))
			break;
		a = end + 1;
		b = other + 1;
	}
	if (!*a && !*b)
		return true;
	fprintf(stderr, "was: %.*s\nis:  %.*s\n", (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
	return false;
}

/* What else moves pages: compaction and reclaim, of the whole machine. */
static uint64_t disturbances(void)
{
	static const char *const counters[] = { "\npgmigrate_success ", "\npgscan_kswapd ",
		"\npgscan_direct ", "\ncompact_migrate_scanned " };
	char *text = read_file("/proc/vmstat", NULL), *at;
	uint64_t sum = 0;
	size_t i;

	assert_non_null(text);
	for (i = 0; i < 4; i++)
		if ((at = strstr(text, counters[i])))
			sum += strtoull(at + strlen(counters[i]), NULL, 10);
	free(text);
	return sum;
}

/* Each CPU keeps pages in lists of its own before they get where they belong (mm/swap.c); unmapping
 * something there empties them, so that this does not happen in the middle of a test. */
static void drain_cpus(void)
{
	cpu_set_t before, one;
	int cpu;

	if (sched_getaffinity(0, sizeof(before), &before) < 0)
		return;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		char *p;

		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (!CPU_ISSET(cpu, &before) || sched_setaffinity(0, sizeof(one), &one) < 0)
			continue;
		p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p != MAP_FAILED) {
			*p = 1;
			munmap(p, 4096);
		}
	}
	sched_setaffinity(0, sizeof(before), &before);
}

/* The process is idle when two descriptions, taken one after the other, are the same. */
static char *describe_idle(void)
{
	char *a = NULL, *b = NULL;
	int i;

	drain_cpus();
	for (i = 0; i < 50; i++) {
		free(a);
		a = b ? b : describe();
		b = describe();
		if (!strcmp(a, b)) {
			free(a);
			return b;
		}
	}
	same(a, b);
	fail_msg("the process is not idle, or reading /proc changes it");
	return NULL;
}

/* --- looking ------------------------------------------------------------------------------- */

#define LOOK_NS UINT64_C(700000000)

static void look_by_lists(void)
{
	static const char *const engines[] = { "--engine=scan", "--engine=read" };
	const char *const forms[][4] = { { "-l" }, { "-J" }, { "-P", "all", "-f", "csv" },
		{ "-s", scratch("quiet.pmv"), "--force" }, { "-l", "--checkpoint" } };
	uint64_t until = units_now_ns() + LOOK_NS;
	bool scan = has_scan(), read = reads_are_cheap(pid);
	uint64_t runs;
	size_t i, e;

	for (runs = 0; units_now_ns() < until;)
		for (i = 0; i < sizeof(forms) / sizeof(*forms); i++)
			for (e = !scan; e < 1u + read; e++) {
				const char *args[6] = { engines[e] };

				memcpy(args + 1, forms[i], sizeof(forms[i]));
				free(lists_print(0, pid, args));
				runs++;
			}
	print_message("pmview was run %" PRIu64 " times\n", runs);
	assert_true(runs >= 5);
}

/* As many scans as the interface makes in an hour at the default interval, without the pauses; fewer
 * where a sanitizer makes the process huge and pmview slow. */
#define SCANS   3600
#define SCAN_NS UINT64_C(5000000000)

static void scan_for_an_hour(bool by_scan)
{
	struct live_options o = { .proc = "/proc", .engine = by_scan ? LIVE_SCAN : LIVE_READ };
	uint64_t begun = units_now_ns(), entry[512];
	const struct fixture_region *r = fixture_region(fixture, "stripes");
	uint64_t page = r->address / (uint64_t)sysconf(_SC_PAGESIZE);
	struct entry_reader reader;
	struct snapshot *s = NULL;
	struct live *l;
	struct err e;
	int i;

	l = live_open(pid, &o, &e);
	assert_non_null(l);
	reader = live_entries(l);
	for (i = 0; i < SCANS && units_now_ns() - begun < SCAN_NS; i++) {
		struct snapshot *next = live_scan(l, s, NULL, NULL, &e);

		assert_non_null(next);
		snapshot_unref(s);
		s = next;
		assert_int_equal(reader.read(reader.ctx, page, 512, entry, &e), 512);
	}
	snapshot_unref(s);
	live_close(l);
	print_message("%d scans by the %s engine in %" PRIu64 " ms\n", i,
		by_scan ? "scan" : "read", (units_now_ns() - begun) / 1000000);
	assert_true(i >= 10);
}

static void look_for_an_hour(void)
{
	if (has_scan())
		scan_for_an_hour(true);
	if (reads_are_cheap(pid))
		scan_for_an_hour(false);
}

/* How often a process has read anything. */
static uint64_t reads_of(pid_t process)
{
	char path[64], *text, *at;
	uint64_t n;

	snprintf(path, sizeof(path), "/proc/%d/io", (int)process);
	text = read_file(path, NULL);
	at = text ? strstr(text, "syscr: ") : NULL;
	n = at ? strtoull(at + 7, NULL, 10) : 0;
	free(text);
	return n;
}

/* Nothing need change on the screen: what it reads tells that it works. */
static void wait_for_reads(struct tui *t, uint64_t want)
{
	uint64_t until = units_now_ns() + (uint64_t)tui_deadline(t) * 1000000;

	while (reads_of(tui_pid(t)) < want) {
		assert_true(units_now_ns() < until);
		tui_expect_quiet(t, 1);
	}
}

/* A scan opens and reads maps and more: after so many reads there was at least one. */
#define READS_A_SCAN 20

/* The real thing: through the whole list, into the grids, and again and again. */
static void look_on_screen(void)
{
	static const char *const keys[] = { "j", TUI_KEY_F5, "j", TUI_KEY_F5, TUI_KEY_TAB, TUI_KEY_F5,
		TUI_KEY_DOWN, TUI_KEY_TAB };
	char target[16], *argv[] = { (char *)pmview_path(), "-i", "0.1", target, NULL };
	uint64_t begun = units_now_ns(), first, want;
	struct tui *t;
	size_t i;

	snprintf(target, sizeof(target), "%d", (int)pid);
	t = tui_start(50, 160, NULL, argv);
	assert_non_null(t);
	tui_expect_text(t, "LIVE");
	first = reads_of(tui_pid(t));
	if (!first) {
		print_message("this kernel does not count reads\n");
		tui_free(t);
		skip();
	}
	for (i = 0; i < 16 || units_now_ns() < begun + LOOK_NS; i++) {
		want = reads_of(tui_pid(t)) + READS_A_SCAN;
		tui_key(t, keys[i % 8]);
		wait_for_reads(t, want);
	}
	print_message("on screen: %zu keys, %" PRIu64 " reads, %" PRIu64 " ms\n", i,
		reads_of(tui_pid(t)) - first, (units_now_ns() - begun) / 1000000);
	tui_key(t, "q");
	tui_expect_exit(t, 0);
	tui_free(t);
}

/* Looks at an idle process, again with a new one where something else may have moved its pages. */
static void stays_the_same(void (*look)(void))
{
	bool unchanged = false, disturbed = true;
	int attempt;

	for (attempt = 0; !unchanged && disturbed && attempt < 5; attempt++) {
		char *before, *after;
		uint64_t others;

		fixture = fixture_start(recipes);
		assert_non_null(fixture);
		assert_true(fixture_count(fixture) > 10);
		pid = fixture_pid(fixture);
		before = describe_idle();
		others = disturbances();
		look();
		after = describe();
		disturbed = disturbances() != others;
		unchanged = same(before, after);
		free(before);
		free(after);
		fixture_stop(fixture);
	}
	assert_true(unchanged);
}

static void test_lists(void **state)
{
	(void)state;
	stays_the_same(look_by_lists);
}

static void test_an_hour(void **state)
{
	(void)state;
	stays_the_same(look_for_an_hour);
}

static void test_screen(void **state)
{
	(void)state;
	stays_the_same(look_on_screen);
}

/* That all this sees what it should: a process that is touched is not as it was. */
static void test_a_touch_is_seen(void **state)
{
	static const char *const commands[] = { "read", "touch", "free" };
	char *before, *after;
	size_t i;

	(void)state;
	fixture = fixture_start(recipes);
	assert_non_null(fixture);
	pid = fixture_pid(fixture);
	for (i = 0; i < 3; i++) {
		before = describe_idle();
		assert_int_equal(fixture_command(fixture, "%s 0x%" PRIx64 " 1", commands[i],
			fixture_region(fixture, "untouched")->address), 0);
		after = describe_idle();
		assert_string_not_equal(before, after);
		free(before);
		free(after);
	}
	fixture_stop(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_touch_is_seen),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_an_hour),
		cmocka_unit_test_teardown(test_screen, tui_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
