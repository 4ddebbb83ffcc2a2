/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/model/query: questions to a snapshot: ranges of it, and the state of a page now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "helpers.h"
#include "model/query.h"
#include "model/snapshot.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static void ranges_are_parsed(void **state)
{
	static const struct {
		const char *text;
		uint64_t start, end;
	} good[] = {
		{ "1000", 0x1000, 0x1001 }, { "0x7fff12345678", 0x7fff12345678, 0x7fff12345679 },
		{ "0", 0, 1 }, { "1000-3000", 0x1000, 0x3000 }, { "0x1000-0x1001", 0x1000, 0x1001 },
		{ "1000+8192", 0x1000, 0x3000 }, { "1000+0x10", 0x1000, 0x1010 },
		{ "1000+2M", 0x1000, 0x201000 }, { "1000+1KiB", 0x1000, 0x1400 },
		{ "0-ffffffffffffffff", 0, UINT64_MAX },
		{ "ffffffffff600000+4K", 0xffffffffff600000, 0xffffffffff601000 },
		{ "fffffffffffffffe+1", UINT64_MAX - 1, UINT64_MAX },
	};
	static const char *const names[] = { "[heap]", "/usr/lib/x86_64-linux-gnu/libc.so.6",
		"/lib/libstdc++.so", "[anon:a-b]", "-", "+", "0x", "all ", "All",
		"12345678901234567", "anon_inode:[x]", " 1000" };
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "START-END" },
		{ "1000-", "hexadecimal" },
		{ "1000-x", "hexadecimal" },
		{ "1000-2000-3000", "hexadecimal" },
		{ "1000-2000 ", "hexadecimal" },
		{ "1000+", "number of bytes" },
		{ "1000+x", "number of bytes" },
		{ "1000+-1", "number of bytes" },
		{ "1000+2P", "number of bytes" },
		{ "1000+99999999999999999999", "number of bytes" },
		{ "2000-1000", "before it starts" },
		{ "1000-1000", "before it starts" },
		{ "1000+0", "before it starts" },
		{ "fffffffffffff000+8192", "beyond the last address" },
		{ "1000+0xffffffffffffffff", "beyond the last address" },
	};
	struct query_range r;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(good); i++) {
		assert_int_equal(query_parse_range(good[i].text, &r, &e), 0);
		assert_false(r.all);
		assert_null(r.name);
		assert_int_equal(r.start, good[i].start);
		assert_int_equal(r.end, good[i].end);
	}
	for (i = 0; i < LENGTH(names); i++) {
		assert_int_equal(query_parse_range(names[i], &r, &e), 0);
		assert_false(r.all);
		assert_ptr_equal(r.name, names[i]);
	}
	assert_int_equal(query_parse_range("all", &r, &e), 0);
	assert_true(r.all);
	for (i = 0; i < LENGTH(bad); i++) {
		e.text[0] = '\0';
		assert_int_equal(query_parse_range(bad[i].text, &r, &e), -1);
		if (!strstr(e.text, bad[i].why) || !strstr(e.text, bad[i].text))
			fail_msg("'%s' is refused with '%s'", bad[i].text, e.text);
	}
}

static void ranges_choose_pages(void **state)
{
	struct snapshot *s = snapshot_of(
		"0x10000 rw-p anon - A4\n0xffffffffff600000 --xp special [vsyscall] ?1\n", NULL);
	static const struct {
		size_t vma;
		uint64_t start, end, first, pages;
	} rows[] = {
		{ 0, 0x10000, 0x14000, 0, 4 },
		{ 0, 0, UINT64_MAX, 0, 4 },
		{ 0, 0x10000, 0x10001, 0, 1 },
		{ 0, 0x10fff, 0x11000, 0, 1 },
		{ 0, 0x10fff, 0x11001, 0, 2 },
		{ 0, 0x11000, 0x13000, 1, 2 },
		{ 0, 0x12345, 0x12346, 2, 1 },
		{ 0, 0x13fff, 0x14000, 3, 1 },
		{ 0, 0x13fff, 0x20000, 3, 1 },
		{ 0, 0x100, 0x10001, 0, 1 },
		{ 0, 0, 0x10000, 0, 0 },
		{ 0, 0x14000, 0x15000, 0, 0 },
		{ 0, 0x20000, UINT64_MAX, 0, 0 },
		{ 0, 0xfff0, 0x10000, 0, 0 },
		{ 1, 0xffffffffff600000, 0xffffffffff600001, 0, 1 },
		{ 1, 0xffffffffff600fff, UINT64_MAX, 0, 1 },
		{ 1, 0, 0xffffffffff600001, 0, 1 },
		{ 1, 0, 0xffffffffff600000, 0, 0 },
		{ 1, 0xffffffffff601000, UINT64_MAX, 0, 0 },
	};
	uint64_t first, pages;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++) {
		struct query_range r = { .start = rows[i].start, .end = rows[i].end };
		bool in = query_range_pages(s, snapshot_vma(s, rows[i].vma), &r, &first, &pages);

		if (in != (rows[i].pages > 0) ||
			(in && (first != rows[i].first || pages != rows[i].pages)))
			fail_msg("row %zu: %d, %llu pages from %llu", i, in,
				(unsigned long long)pages, (unsigned long long)first);
	}
	snapshot_unref(s);
}

static void names_choose_pages(void **state)
{
	struct snapshot *s =
		snapshot_of("0x10000 rw-p file /a\\b\x1b A4\n0x20000 rw-p heap [heap] A2\n", NULL);
	static const struct {
		const char *name;
		bool in[2];
	} rows[] = { { "[heap]", { false, true } }, { "/a\\b\x1b", { true, false } },
		{ "/a\\\\b\\x1b", { true, false } }, { "/a", { false, false } },
		{ "[hea", { false, false } } };
	uint64_t first, pages;
	size_t i, k;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++) {
		struct query_range r = { .name = rows[i].name };

		for (k = 0; k < 2; k++) {
			assert_int_equal(
				query_range_pages(s, snapshot_vma(s, k), &r, &first, &pages),
				rows[i].in[k]);
			assert_int_equal(first, 0);
			assert_int_equal(pages, k ? 2 : 4);
		}
	}
	assert_true(query_range_pages(
		s, snapshot_vma(s, 1), &(struct query_range){ .all = true }, &first, &pages));
	assert_int_equal(pages, 2);
	snapshot_unref(s);
}

static void entries_are_completed_by_the_snapshot(void **state)
{
	static const struct {
		uint64_t entry;
		enum page_state found;
		int vma;
		bool hidden;
		enum page_state want;
	} rows[] = {
		{ 0x8100000000000000, PAGE_ANON, 0, true, PAGE_ANON },
		{ 0x8000000000000000, PAGE_ZERO, 0, true, PAGE_ZERO },
		{ 0x8100000000000000, PAGE_ZERO, 0, true, PAGE_ANON }, /* written since */
		{ 0x8000000000000000, PAGE_ANON, 0, true, PAGE_ANON },
		{ 0x8000000000000000, PAGE_ZERO, 1, true, PAGE_ZERO },
		{ 0x4000000000000000, PAGE_SWAP, 0, true, PAGE_SWAP },
		{ 0x4000000000000000, PAGE_MARKER, 0, true, PAGE_MARKER },
		{ 0x4000000000000000, PAGE_MOVING, 0, true, PAGE_MOVING },
		{ 0x4000000000000000, PAGE_ANON, 0, true,
			PAGE_UNKNOWN }, /* swapped since, or a marker */
		{ 0x4000000000000000, PAGE_UNKNOWN, 0, true, PAGE_UNKNOWN },
		{ 0x4400000000000000, PAGE_SWAP, 0, true, PAGE_GUARD },
		{ 0, PAGE_ANON, 0, true, PAGE_NONE }, { 0, PAGE_SWAP, 0, true, PAGE_NONE },
		{ 0, PAGE_UNKNOWN, 0, true, PAGE_UNKNOWN },
		{ 0, PAGE_UNKNOWN, 0, false, PAGE_UNKNOWN },
		{ 0x0200000000000000, PAGE_MARKER, 2, false, PAGE_MARKER },
		{ 0, PAGE_MARKER, 2, false, PAGE_NONE },
		{ 0, PAGE_UNKNOWN, 2, false, PAGE_UNKNOWN },
		{ 0, PAGE_MARKER, 0, false, PAGE_NONE },
		{ 0x8000000000000077, PAGE_NONE, 0, false, PAGE_ZERO },
		{ 0x8000000000000078, PAGE_NONE, 0, false, PAGE_ANON },
		{ 0x8000000000000077, PAGE_NONE, 0, true,
			PAGE_ANON }, /* nothing is known of PFNs then */
		{ 0x4000000000000021, PAGE_MARKER, 0, false, PAGE_SWAP },
		{ 0x400000000000003e, PAGE_SWAP, 0, false, PAGE_MOVING }, /* 6.18: type 30 */
	};
	struct snapshot_info info = info_for_tests();
	struct snapshot *s[2];
	size_t i;

	(void)state;
	info.zero_pfn = 0x77;
	for (i = 0; i < 2; i++) {
		info.known.pfn = !i;
		s[i] = snapshot_of("0x10000 rw-p anon - A1\n0x20000 rw-p file /x A1\n"
				   "0x30000 rw-p hugetlb /x A1\n", &info);
	}
	for (i = 0; i < LENGTH(rows); i++) {
		const struct snapshot *of = s[rows[i].hidden];
		enum page_state now = query_state(
			of, snapshot_vma(of, (size_t)rows[i].vma), rows[i].entry, rows[i].found);

		if (now != rows[i].want)
			fail_msg("row %zu: %s", i, page_state_name(now));
	}
	snapshot_unref(s[0]);
	snapshot_unref(s[1]);
	info.kernel = "6.1.0"; /* there type 30 is the marker */
	info.swap = swap_layout_of(info.kernel);
	info.known.pfn = true;
	s[0] = snapshot_of("0x10000 rw-p anon - A1\n", &info);
	assert_int_equal(query_state(s[0], snapshot_vma(s[0], 0), 0x400000000000003e, PAGE_SWAP),
		PAGE_MARKER);
	snapshot_unref(s[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_parsed),
		cmocka_unit_test(ranges_choose_pages),
		cmocka_unit_test(names_choose_pages),
		cmocka_unit_test(entries_are_completed_by_the_snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
