/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/model: mappings, snapshots and questions to them, comparison, the checkpoint set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "helpers.h"
#include "model/checkpoint.h"
#include "model/describe.h"
#include "model/diff.h"
#include "model/pageset.h"
#include "model/query.h"
#include "model/snapshot.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* --- vma --- */

static void kinds_follow_from_maps(void **state)
{
	static const struct {
		const char *name;
		uint64_t inode;
		bool shared, deleted;
		enum vma_kind want;
		bool object; /* behind it, once the kind is known */
	} rows[] = {
		{ "", 0, false, false, VMA_ANON, false },
		{ "", 0, true, false, VMA_SHMEM, false },
		{ "[heap]", 0, false, false, VMA_HEAP, false },
		{ "[stack]", 0, false, false, VMA_STACK, false },
		{ "[stack:1234]", 0, false, false, VMA_STACK, false },
		{ "[anon:glibc: malloc]", 0, false, false, VMA_ANON, false },
		{ "[anon_shmem:x]", 12, true, false, VMA_SHMEM, true },
		{ "[vdso]", 0, false, false, VMA_SPECIAL, false },
		{ "[vvar]", 0, false, false, VMA_SPECIAL, false },
		{ "[vvar_vclock]", 0, false, false, VMA_SPECIAL, false },
		{ "[vsyscall]", 0, false, false, VMA_SPECIAL, false },
		{ "[uprobes]", 0, false, false, VMA_SPECIAL, false },
		{ "[heap", 0, false, false, VMA_SPECIAL, false },
		{ "/dev/zero", 9, false, false, VMA_ANON, false },
		{ "/dev/zero", 9, true, true, VMA_SHMEM, true },
		{ "/dev/zero0", 9, false, false, VMA_DEVICE, true },
		{ "/anon_hugepage", 9, false, true, VMA_HUGETLB, false },
		{ "/anon_hugepage", 9, true, true, VMA_HUGETLB, true },
		{ "/anon_hugepage", 9, false, false, VMA_FILE, true },
		{ "/memfd:x", 9, true, true, VMA_SHMEM, true },
		{ "/memfd:x", 9, false, true, VMA_SHMEM, true },
		{ "/SYSV0000002a", 9, true, true, VMA_SHMEM, true },
		{ "/dev/shm/x", 9, true, false, VMA_SHMEM, true },
		{ "/dev/shmx", 9, true, false, VMA_DEVICE, true },
		{ "/dev/dri/card0", 9, true, false, VMA_DEVICE, true },
		{ "anon_inode:[perf_event]", 9, true, false, VMA_DEVICE, true },
		{ "socket:[77]", 9, true, false, VMA_DEVICE, true },
		{ "/[aio]", 9, true, true, VMA_DEVICE, true },
		{ "/sys/bus/pci/devices/0/resource0", 9, true, false, VMA_DEVICE, true },
		{ "/usr/bin/cat", 9, false, false, VMA_FILE, true },
		{ "/usr/bin/[heap]", 9, false, false, VMA_FILE, true },
		{ "/system/x", 9, false, false, VMA_FILE, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++) {
		struct vma v = { .name = rows[i].name,
			.inode = rows[i].inode,
			.deleted = rows[i].deleted,
			.perms = VMA_READ | (rows[i].shared ? VMA_SHARED : 0) };

		v.kind = (uint8_t)vma_guess_kind(&v);
		if (v.kind != rows[i].want)
			fail_msg("%s is %s", v.name, vma_kind_name((enum vma_kind)v.kind));
		if (vma_has_object(&v) != rows[i].object)
			fail_msg("%s: object", v.name);
		assert_int_equal(vma_cow_possible(&v), rows[i].object && !rows[i].shared);
	}
	for (i = 0; i < VMA_KINDS; i++)
		assert_int_equal(vma_kind_of_name(vma_kind_name((enum vma_kind)i)), i);
	assert_int_equal(vma_kind_of_name("files"), VMA_KINDS);
	assert_int_equal(vma_kind_of_name(""), VMA_KINDS);
}

static void permissions_round_trip(void **state)
{
	static const char *const bad[] = { "", "r", "rw-", "Rw-p", "rw-x", "wr-p", "rwx-", "----",
		"rw p" };
	struct vma v = { 0 };
	char buf[5];
	uint8_t perms;
	size_t i;

	(void)state;
	for (i = 0; i < 16; i++) {
		v.perms = (uint8_t)i;
		assert_true(vma_parse_perms(vma_perms(&v, buf), &perms));
		assert_int_equal(perms, i);
	}
	v.perms = VMA_READ | VMA_EXEC | VMA_SHARED;
	assert_string_equal(vma_perms(&v, buf), "r-xs");
	for (i = 0; i < LENGTH(bad); i++)
		assert_false(vma_parse_perms(bad[i], &perms));
}

static void the_same_mapping_is_recognized(void **state)
{
	const struct vma file = { .start = 0x10000, .end = 0x20000, .offset = 0x5000, .inode = 7,
		.dev_major = 8, .dev_minor = 1, .name = "/x", .perms = VMA_READ };
	const struct vma anon = { .start = 0x10000, .end = 0x20000, .name = "" };
	struct vma v;

	(void)state;
	/* How many of the two ways round say that they are the same. */
#define SAME(base, change) (v = (base), (change), vma_same(&(base), &v) + vma_same(&v, &(base)))
	assert_int_equal(SAME(file, v.deleted = true), 2);
	assert_int_equal(SAME(file, v.perms = VMA_READ | VMA_WRITE), 2);
	assert_int_equal(SAME(file, v.end = 0x11000), 2);
	assert_int_equal(SAME(file, (v.start = 0x12000, v.offset = 0x7000)), 2);
	assert_int_equal(SAME(file, v.name = "/renamed"), 2);
	assert_int_equal(SAME(file, v.start = 0x12000), 0); /* the same file, another part of it */
	assert_int_equal(SAME(file, v.offset = 0x6000), 0);
	assert_int_equal(SAME(file, v.perms = VMA_READ | VMA_SHARED), 0);
	assert_int_equal(SAME(file, v.inode = 8), 0);
	assert_int_equal(SAME(file, v.inode = 0), 0);
	assert_int_equal(SAME(file, v.dev_major = 9), 0);
	assert_int_equal(SAME(file, v.dev_minor = 9), 0);
	assert_int_equal(SAME(file, (v.start = 0x20000, v.end = 0x30000, v.offset = 0x15000)), 0);
	assert_int_equal(SAME(anon, (v.start = 0x8000, v.end = 0x10001)), 2);
	assert_int_equal(SAME(anon, (v.start = 0x8000, v.end = 0x10000)), 0);
	assert_int_equal(SAME(anon, v.name = "[heap]"), 0);
	assert_int_equal(SAME(anon, v.offset = 0x1000), 2); /* means nothing without a file */
#undef SAME
}

static void sums_of_a_mapping(void **state)
{
	struct snapshot *s =
		snapshot_of("0x400000 rw-p file  /x     A1 F2 S4 08 #16 m32 !64 ?128 .256\n"
			    "0x800000 rw-s file  /x     A1 F2 m4\n"
			    "0x900000 rw-p anon  -      A5\n"
			    "0xa00000 r--p special [vvar] ?4\n",
			NULL);

	(void)state;
	assert_int_equal(vma_cow(snapshot_vma(s, 0)), 1);
	assert_int_equal(vma_rss(snapshot_vma(s, 0)), 35);
	assert_int_equal(vma_cow(snapshot_vma(s, 1)), 0);
	assert_int_equal(vma_cow(snapshot_vma(s, 2)), 0);
	assert_int_equal(snapshot_cow(s), 1);
	assert_int_equal(snapshot_pages(s), 511 + 7 + 5 + 4);
	assert_int_equal(snapshot_totals(s)->state[PAGE_ANON], 7);
	assert_false(vma_is_opaque(snapshot_vma(s, 0)));
	assert_true(vma_is_opaque(snapshot_vma(s, 3)));
	snapshot_unref(s);
}

/* --- snapshot --- */

static void mappings_are_found_by_address(void **state)
{
	struct snapshot *s =
		snapshot_of("0x1000 rw-p anon - A1\n0x2000 rw-p anon - A2\n"
			    "0x8000 rw-p anon - A1\n0xffffffffff600000 --xp special [vsyscall] ?1",
			NULL);
	static const struct {
		uint64_t address;
		size_t at;
		bool holds;
	} rows[] = { { 0, 0, false }, { 0xfff, 0, false }, { 0x1000, 0, true }, { 0x1fff, 0, true },
		{ 0x2000, 1, true }, { 0x3fff, 1, true }, { 0x4000, 2, false },
		{ 0x7fff, 2, false }, { 0x8000, 2, true }, { 0x8fff, 2, true },
		{ 0x9000, 3, false }, { 0xffffffffff600fff, 3, true },
		{ 0xffffffffff601000, 4, false }, { UINT64_MAX, 4, false } };
	struct snapshot *none = snapshot_of("", NULL);
	size_t i, k;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++) {
		assert_int_equal(snapshot_find(s, rows[i].address), rows[i].at);
		for (k = 0; k <= 4; k++)
			assert_int_equal(snapshot_holds(s, k, rows[i].address),
				rows[i].holds && k == rows[i].at);
	}
	assert_int_equal(snapshot_page_of(s, snapshot_vma(s, 1), 0x3fff), 1);
	assert_int_equal(snapshot_address_of(s, snapshot_vma(s, 1), 1), 0x3000);
	assert_int_equal(snapshot_find(none, 0x1000), 0);
	assert_false(snapshot_holds(none, 0, 0x1000));
	snapshot_unref(s);
	snapshot_unref(none);
}

static void texts_are_copied(void **state)
{
	char comm[] = "comm", cmdline[] = "a\0b", name[] = "/name";
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b;
	struct snapshot *s;
	struct vma v = { .start = 0x1000, .end = 0x2000, .name = name, .inode = 1 };
	int i;

	(void)state;
	info.comm = comm;
	info.cmdline = cmdline;
	info.cmdline_len = sizeof(cmdline);
	info.host = NULL;
	b = snapshot_builder_new(&info);
	for (i = 0; i < 3; i++) {
		name[1] = i == 2 ? 'm' : 'n'; /* the second shares the first one's copy */
		snapshot_builder_add(b, &v, runs_of("A1"));
		v.start += 0x1000;
		v.end += 0x1000;
	}
	memset(comm, 'x', 4);
	memset(cmdline, 'x', 3);
	memset(name, 'x', 5);
	snapshot_builder_info(b)->complete = false;
	s = snapshot_ref(snapshot_builder_finish(b));
	snapshot_unref(s);
	assert_string_equal(snapshot_info(s)->comm, "comm");
	assert_memory_equal(snapshot_info(s)->cmdline, "a\0b", 4);
	assert_string_equal(snapshot_info(s)->host, "");
	assert_false(snapshot_info(s)->complete);
	assert_string_equal(snapshot_vma(s, 0)->name, "/name");
	assert_string_equal(snapshot_vma(s, 1)->name, "/name");
	assert_string_equal(snapshot_vma(s, 2)->name, "/mame");
	snapshot_unref(s);
	snapshot_builder_abandon(NULL);
	b = snapshot_builder_new(&info);
	v.name = "";
	snapshot_builder_add(b, &v, runs_of("A1"));
	snapshot_builder_abandon(b);
}

static void what_could_not_be_known_is_said(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s;
	int zero, guard, swap, st;

	(void)state;
	for (zero = 0; zero < 2; zero++)
		for (guard = 0; guard < 2; guard++)
			for (swap = 0; swap < 2; swap++) {
				/* The others must not matter. */
				info.known = (struct page_known){ .pfn = !zero,
					.huge = !zero,
					.exclusive = !swap,
					.zero = zero,
					.guard = guard,
					.swap_kind = swap };
				s = snapshot_of("", &info);
				for (st = 0; st < PAGE_STATES; st++)
					assert_int_equal(snapshot_knows(s, (enum page_state)st),
						st == PAGE_ZERO        ? zero
							: st == PAGE_GUARD ? guard
							: st == PAGE_SWAP || st == PAGE_MOVING ||
								st == PAGE_MARKER
							? swap
							: 1);
				snapshot_unref(s);
			}
}

/* --- query --- */

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
		{ 0, PAGE_MOVING, 2, false, PAGE_MOVING }, /* hugetlb on its way reads as nothing */
		{ 0, PAGE_MOVING, 0, false, PAGE_NONE },
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
	info.known.pfn = true;
	s[0] = snapshot_of("0x10000 rw-p anon - A1\n", &info);
	assert_int_equal(query_state(s[0], snapshot_vma(s[0], 0), 0x400000000000003e, PAGE_SWAP),
		PAGE_MARKER);
	snapshot_unref(s[0]);
}

/* --- checkpoint --- */

static void the_checkpoint_set(void **state)
{
	static const struct {
		const char *line, *saved; /* letters of the states that are saved */
		bool droppable;
	} rows[] = {
		{ "0x1000 rw-p anon -", "ASmF", false },
		{ "0x1000 rw-p heap [heap]", "ASmF", false },
		{ "0x1000 rw-p stack [stack]", "ASmF", false },
		{ "0x1000 rw-p file /x", "ASm", false },
		{ "0x1000 rw-p shmem /memfd:x", "ASm", false },
		{ "0x1000 rw-s file /x", "", false },
		{ "0x1000 rw-s shmem /memfd:x", "", false },
		{ "0x1000 rw-p anon -", "", true },
		{ "0x1000 r--p special [vvar]", "", false },
		{ "0x1000 r--p special [vvar_vclock]", "", false },
		{ "0x1000 --xp special [vsyscall]", "", false },
		{ "0x1000 --xp special [uprobes]", "", false },
		{ "0x1000 r-xp special [vdso]", "AFS0#m!?.", false },
		{ "0x1000 rw-s device /[aio]", "AFS0#m!?.", false },
		{ "0x1000 rw-s device /dev/x", "", false },
	};
	static const char letters[] = ".AFS0#m!?";
	char line[128];
	size_t i, k;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++) {
		struct snapshot *s;
		uint64_t pages = 0;

		snprintf(line, sizeof(line), "%s .1 A2 F4 S8 016 #32 m64 !128 ?256", rows[i].line);
		s = snapshot_of(line, NULL);
		for (k = 0; letters[k]; k++) {
			bool saved = strchr(rows[i].saved, letters[k]);

			if (checkpoint_has(snapshot_vma(s, 0), page_state_of_letter(letters[k]),
				    rows[i].droppable) != saved)
				fail_msg("%s: %c", rows[i].line, letters[k]);
			pages += saved ? 1u << k : 0;
		}
		assert_int_equal(checkpoint_pages(snapshot_vma(s, 0), rows[i].droppable), pages);
		snapshot_unref(s);
	}
}

/* --- pageset --- */

static void needs_have_limits(void **state)
{
	struct needs n = { 0 }, same;
	uint64_t i;

	(void)state;
	needs_add(&n, NEED_ENTRIES, 100, NEEDS_MAX_PAGES - 10);
	needs_add(&n, NEED_ENTRIES, 5, 20);
	assert_int_equal(n.n, 2);
	assert_int_equal(n.range[1].first, 5);
	assert_int_equal(n.range[1].pages, 10); /* what still fits */
	same = n;
	needs_add(&n, NEED_ENTRIES, 7, 1);
	assert_int_equal(n.n, 2);
	assert_true(needs_equal(&n, &same));
	same.range[1].pages--;
	assert_false(needs_equal(&n, &same));
	same = n;
	same.kinds = 0;
	assert_false(needs_equal(&n, &same));
	same = n;
	same.n = 1;
	assert_false(needs_equal(&n, &same));

	n = (struct needs){ 0 };
	needs_add(&n, NEED_ENTRIES, UINT64_MAX >> 12, UINT64_MAX);
	assert_int_equal(n.range[0].pages, NEEDS_MAX_PAGES);
	n = (struct needs){ 0 };
	for (i = 0; i < NEEDS_MAX + 3; i++)
		needs_add(&n, NEED_ENTRIES, 10 * i, 1);
	assert_int_equal(n.n, NEEDS_MAX);
	assert_int_equal(n.range[NEEDS_MAX - 1].first, 10 * (NEEDS_MAX - 1));
	/* What lies behind the ranges in use is not compared. */
	same = n;
	n.n = same.n = 3;
	same.range[5].first = 12345;
	assert_true(needs_equal(&n, &same));
}

static void pagesets_answer_only_what_was_read(void **state)
{
	const uint64_t got[NEEDS_MAX] = { 2, 0, 3 };
	struct needs n = { 0 };
	struct pageset *p;
	uint64_t entries[11], i, entry;

	(void)state;
	needs_add(&n, NEED_ENTRIES, 100, 4);
	needs_add(&n, NEED_ENTRIES, 200, 4);
	needs_add(&n, NEED_ENTRIES, 0xffffffffff600, 3);
	for (i = 0; i < 11; i++)
		entries[i] = 1000 + i;
	p = pageset_new(77, (struct timespec){ 5, 6 }, &n, got, entries);
	memset(entries, 0, sizeof(entries));
	assert_int_equal(pageset_serial(p), 77);
	assert_int_equal(pageset_time(p).tv_sec, 5);
	assert_true(pageset_entry(p, 100, &entry) && entry == 1000);
	assert_true(pageset_entry(p, 101, &entry) && entry == 1001);
	assert_true(pageset_entry(p, 0xffffffffff600, &entry) && entry == 1008);
	assert_true(pageset_entry(p, 0xffffffffff602, &entry) && entry == 1010);
	assert_false(pageset_entry(p, 99, &entry));
	assert_false(pageset_entry(p, 102, &entry));
	assert_false(pageset_entry(p, 200, &entry));
	assert_false(pageset_entry(p, 0xffffffffff603, &entry));
	assert_false(pageset_entry(NULL, 100, &entry));
	pageset_unref(pageset_ref(p));
	assert_true(pageset_entry(p, 100, &entry));
	pageset_unref(p);
	pageset_unref(NULL);
}

/* --- describe --- */

/* What is read of v after it was written as a line of JSON. */
static void check_described(const struct vma *v)
{
	struct snapshot *s = snapshot_of("", NULL);
	struct vma counted = *v, back;
	json_t *j;
	struct err e;
	char *line, *name;

	counted.runs = runs_of("A1 .1");
	counted.counts = runs_total(counted.runs);
	j = describe_vma(s, &counted, NO_COUNT);
	line = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	assert_non_null(line);
	j = json_loads(line, 0, NULL);
	assert_non_null(j);
	if (describe_parse_vma(j, 4096, &back, &name, &e) < 0)
		fail_msg("%s: %s", e.text, line);
	assert_string_equal(name, v->name);
	assert_ptr_equal(back.name, name);
	assert_int_equal(back.start, v->start);
	assert_int_equal(back.end, v->end);
	assert_int_equal(back.offset, v->offset);
	assert_int_equal(back.inode, v->inode);
	assert_int_equal(back.dev_major, v->dev_major);
	assert_int_equal(back.dev_minor, v->dev_minor);
	assert_int_equal(back.perms, v->perms);
	assert_int_equal(back.kind, v->kind);
	assert_int_equal(back.deleted, v->deleted);
	assert_int_equal(back.page_size, v->page_size);
	free(name);
	free(line);
	json_decref(j);
	runs_unref(counted.runs);
	snapshot_unref(s);
}

static void mappings_are_described_and_read_back(void **state)
{
	static const char *const names[] = { "", "[heap]", "/a b", "/a\nb", "/\x1b[31m\a",
		"/\"quoted\"\\", "/\\x41", "/\\\\x41", "/\xff\xfe\x80", "/caf\xc3\xa9",
		"/\xe2\x80\xae", "/\xed\xa0\x80", "/\xf4\x90\x80\x80", "/\x7f", "/\xc2\x85",
		"/\xef\xbf\xbe", "/x (deleted)", "\\", "/\\u0041" };
	struct vma v = { .start = 0x7ffff0000000, .end = 0x7ffff0002000, .offset = 0x123456789000,
		.inode = 247134, .dev_major = 0xfe, .dev_minor = 0x12345, .page_size = 2 << 20 };
	char every[257];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(names); i++) {
		v.name = names[i];
		v.perms = i & 15;
		v.kind = (uint8_t)(i % VMA_KINDS);
		v.deleted = i & 1;
		check_described(&v);
	}
	for (i = 0; i < 255; i++)
		every[i] = (char)(i + 1);
	every[255] = '\0';
	v.name = every;
	check_described(&v);
	v.start = 0xffffffffff600000;
	v.end = 0xffffffffff601000;
	v.offset = INT64_MAX;
	v.inode = INT64_MAX;
	v.dev_major = v.dev_minor = UINT32_MAX;
	check_described(&v);
}

/* Network and overlay file systems give out inode numbers of all 64 bits. */
static void large_numbers_are_described_too(void **state)
{
	struct vma v = { .start = 0x10000,
		.end = 0x12000,
		.inode = 0x8000000000000001,
		.name = "/x",
		.page_size = 4096,
		.kind = VMA_FILE };

	(void)state;
	check_described(&v);
	v.inode = UINT64_MAX;
	v.offset = UINT64_MAX - 4095;
	check_described(&v);
}

static void impossible_mappings_are_refused(void **state)
{
	static const struct {
		const char *key, *value; /* value: JSON, NULL: taken away */
	} rows[] = {
		{ "start", NULL },
		{ "start", "4096" },
		{ "start", "\"1000\"" },
		{ "start", "\"0x1001\"" },
		{ "start", "\"0x3000\"" },
		{ "start", "\"0x4000\"" },
		{ "start", "\"0x\"" },
		{ "end", NULL },
		{ "end", "\"0x3001\"" },
		{ "end", "\"0x10000000000000000\"" },
		{ "perms", NULL },
		{ "perms", "\"rw-\"" },
		{ "perms", "\"rw-px\"" },
		{ "perms", "7" },
		{ "dev", NULL },
		{ "dev", "\"fe\"" },
		{ "dev", "\"fe:00:1\"" },
		{ "dev", "\"\"" },
		{ "offset", NULL },
		{ "offset", "1.5" },
		{ "offset", "\"x\"" },
		{ "inode", NULL },
		{ "inode", "true" },
		{ "deleted", NULL },
		{ "deleted", "0" },
		{ "page_size", NULL },
		{ "page_size", "4294967296" },
		{ "page_size", "-1" },
		{ "name", NULL },
		{ "name", "null" },
		{ "name", "7" },
		{ "kind", NULL },
		{ "kind", "[]" },
	};
	static const char good[] =
		"{\"start\":\"0x1000\",\"end\":\"0x3000\",\"perms\":\"rw-p\",\"offset\":0,"
		"\"dev\":\"fe:00\",\"inode\":5,\"kind\":\"novel\",\"deleted\":false,"
		"\"name\":\"/x\",\"page_size\":4096}";
	struct vma v;
	struct err e;
	char *name;
	size_t i;
	json_t *j = json_loads(good, 0, NULL);

	(void)state;
	assert_int_equal(describe_parse_vma(j, 4096, &v, &name, &e), 0);
	assert_int_equal(v.kind, VMA_FILE); /* a kind of the future */
	free(name);
	assert_int_equal(describe_parse_vma(j, 16384, &v, &name, &e), -1);
	assert_null(name);
	json_decref(j);
	for (i = 0; i < LENGTH(rows); i++) {
		j = json_loads(good, 0, NULL);
		if (rows[i].value)
			json_object_set_new(
				j, rows[i].key, json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
		else
			json_object_del(j, rows[i].key);
		e.text[0] = '\0';
		if (describe_parse_vma(j, 4096, &v, &name, &e) == 0)
			fail_msg("%s = %s is taken", rows[i].key,
				rows[i].value ? rows[i].value : "nothing");
		assert_null(name);
		assert_true(strlen(e.text) > 10);
		json_decref(j);
	}
	assert_int_equal(describe_parse_vma(NULL, 4096, &v, &name, &e), -1);
}

static void unknown_counts_are_null(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s;
	struct page_known known;
	struct err e;
	json_t *j;

	(void)state;
	info.known = (struct page_known){ .pfn = true, .guard = true };
	s = snapshot_of("0x1000 rw-p anon - A2 01 S3h #4", &info);
	j = describe_vma(s, snapshot_vma(s, 0), 17);
	assert_int_equal(json_integer_value(json_object_get(j, "checkpoint")), 17);
	assert_true(json_is_null(json_object_get(j, "huge")));
	json_decref(j);
	j = describe_states(s, snapshot_totals(s));
	assert_int_equal(json_object_size(j), PAGE_STATES);
	assert_true(json_is_null(json_object_get(j, "zero")));
	assert_true(json_is_null(json_object_get(j, "swap")));
	assert_true(json_is_null(json_object_get(j, "marker")));
	assert_true(json_is_null(json_object_get(j, "moving")));
	assert_int_equal(json_integer_value(json_object_get(j, "guard")), 4);
	assert_int_equal(json_integer_value(json_object_get(j, "anon")), 2);
	json_decref(j);
	j = describe_header(s, "f", 3);
	memset(&known, 0xff, sizeof(known));
	assert_int_equal(describe_parse_known(json_object_get(j, "known"), &known, &e), 0);
	assert_memory_equal(&known, &info.known, sizeof(known));
	json_object_del(json_object_get(j, "known"), "soft_dirty");
	assert_int_equal(describe_parse_known(json_object_get(j, "known"), &known, &e), -1);
	assert_non_null(strstr(e.text, "soft_dirty"));
	json_decref(j);
	snapshot_unref(s);
}

/* --- diff --- */

/* The page at an address of a snapshot: its state, or -1 where `like` has no counterpart. */
static int state_at(const struct snapshot *s, const struct vma *like, uint64_t address)
{
	size_t i = snapshot_find(s, address);
	const struct vma *v;

	if (!snapshot_holds(s, i, address))
		return -1;
	v = snapshot_vma(s, i);
	if (!vma_same(v, like))
		return -1;
	return (int)runs_at(v->runs, runs_find(v->runs, snapshot_page_of(s, v, address))).state;
}

static bool naive_changed(
	const struct snapshot *old, const struct snapshot *new, const struct vma *v, uint64_t page)
{
	uint64_t address = snapshot_address_of(new, v, page);
	int now = state_at(new, v, address), before = state_at(old, v, address);

	if (now == PAGE_UNKNOWN || before == PAGE_UNKNOWN)
		return false;
	return before < 0 ? now != PAGE_NONE : now != before;
}

static void check_diff(const struct snapshot *old, const struct snapshot *new)
{
	struct diff *d = diff_new(old, new);
	uint64_t first, end, pages, sum = 0;
	size_t i;

	for (i = 0; i < snapshot_vmas(new); i++) {
		const struct vma *v = snapshot_vma(new, i);
		uint64_t n = snapshot_vma_pages(new, v), in_vma = 0;

		for (first = 0; first < n; first++) {
			bool any = false;

			in_vma += naive_changed(old, new, v, first);
			for (end = first, pages = 1; end < n; end++, pages++) {
				any |= naive_changed(old, new, v, end);
				assert_int_equal(diff_changed(d, i, first, pages), any);
			}
		}
		assert_int_equal(diff_pages(d, i), in_vma);
		sum += in_vma;
	}
	assert_int_equal(diff_total(d), sum);
	diff_free(d);
}

static uint64_t changed(const char *old_text, const char *new_text)
{
	struct snapshot *old = snapshot_of(old_text, NULL), *new = snapshot_of(new_text, NULL);
	struct diff *d = diff_new(old, new);
	uint64_t total = diff_total(d);

	check_diff(old, new);
	diff_free(d);
	snapshot_unref(old);
	snapshot_unref(new);
	return total;
}

static void changes_are_counted(void **state)
{
	(void)state;
	assert_int_equal(changed("", ""), 0);
	assert_int_equal(changed("0x1000 rw-p anon - A2 .3 S1", "0x1000 rw-p anon - A2 .3 S1"), 0);
	assert_int_equal(
		changed("0x1000 rw-p anon - A2 .3 S1", "0x1000 rw-p anon - A1 .1 A2 .1 A1"), 4);
	/* A new mapping: what is in it. A mapping that has gone leaves nothing to count. */
	assert_int_equal(changed("", "0x1000 rw-p anon - A2 .3 ?1 S1"), 3);
	assert_int_equal(changed("0x1000 rw-p anon - A2 .3 S1", ""), 0);
	/* Huge is no state. */
	assert_int_equal(changed("0x1000 rw-p anon - A512", "0x1000 rw-p anon - A512h"), 0);
	/* Unknown is no change. */
	assert_int_equal(changed("0x1000 rw-p anon - A2 ?2 .1", "0x1000 rw-p anon - ?2 S2 A1"), 1);
	/* A heap grows upwards, a stack downwards. */
	assert_int_equal(
		changed("0x5000 rw-p heap [heap] A4", "0x5000 rw-p heap [heap] A4 .2 A3"), 3);
	assert_int_equal(
		changed("0x5000 rw-p heap [heap] A4 .2 A3", "0x5000 rw-p heap [heap] A3"), 0);
	assert_int_equal(
		changed("0x5000 rw-p stack [stack] A4", "0x2000 rw-p stack [stack] .1 A6"), 2);
	/* Split and joined by mprotect. */
	assert_int_equal(
		changed("0x1000 rw-p anon - A9",
			"0x1000 rw-p anon - A3\n0x4000 r--p anon - A2 .1\n0x7000 rw-p anon - A3"),
		1);
	assert_int_equal(
		changed("0x1000 rw-p anon - A3\n0x4000 r--p anon - A3\n0x7000 rw-p anon - A3",
			"0x1000 rw-p anon - A3 S1 A5"),
		1);
	/* Another kind of mapping at the same place is new. */
	assert_int_equal(changed("0x1000 rw-p anon - A9", "0x1000 rw-s anon - A9"), 9);
	assert_int_equal(changed("0x1000 rw-p anon - A9", "0x1000 rw-p heap [heap] A9"), 9);
	/* One of several below a new one is the same. */
	assert_int_equal(
		changed("0x1000 rw-p heap [heap] A2\n0x3000 rw-p anon - A2\n"
			"0x6000 rw-p heap [heap] A2",
			"0x1000 rw-p anon - A8"),
		6);
}

static void no_pages_have_not_changed(void **state)
{
	struct snapshot *old = snapshot_of("0x1000 rw-p anon - A9", NULL);
	struct snapshot *new = snapshot_of("0x1000 rw-p anon - A3 S3 A3", NULL);
	struct diff *d = diff_new(old, new);
	bool any = false;
	uint64_t page;

	(void)state;
	for (page = 0; page < 9; page++)
		any |= diff_changed(d, 0, page, 0);
	diff_free(d);
	snapshot_unref(old);
	snapshot_unref(new);
	assert_false(any);
}

static void nothing_to_compare_with_is_no_change(void **state)
{
	(void)state;
	assert_int_equal(diff_total(NULL), 0);
	assert_int_equal(diff_pages(NULL, 3), 0);
	assert_false(diff_changed(NULL, 3, 0, 100));
	diff_free(NULL);
}

static struct runs *random_runs(uint64_t pages)
{
	struct runs_builder b = { 0 };
	struct runs *r;

	while (b.pages < pages) {
		uint64_t n = 1 + (uint64_t)rand() % 3;

		runs_builder_add(&b, n < pages - b.pages ? n : pages - b.pages,
			(enum page_state)("\0\1\1\2\3\10"[rand() % 6]), !(rand() % 5));
	}
	r = runs_builder_finish(&b);
	runs_builder_free(&b);
	return r;
}

/* Mappings in 64 pages at random; some are those of old, with the same or other pages. */
static struct snapshot *random_snapshot(const struct snapshot *old)
{
	static const char *const names[] = { "", "", "[heap]", "/a" };
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b = snapshot_builder_new(&info);
	uint64_t at = (uint64_t)rand() % 4;

	while (at < 64) {
		struct vma v = {
			.start = at << 12, .page_size = 4096, .perms = rand() % 6 ? 3 : 11
		};
		size_t i = old ? snapshot_find(old, v.start) : 0;

		if (old && i < snapshot_vmas(old) && rand() % 2) {
			v = *snapshot_vma(old, i);
			v.start = v.start < at << 12 ? at << 12 : v.start;
			v.offset += v.start - snapshot_vma(old, i)->start;
			if (v.start == snapshot_vma(old, i)->start && rand() % 2) {
				snapshot_builder_add(b, &v, runs_ref(v.runs));
				at = v.end >> 12;
				continue;
			}
		} else {
			v.end = v.start + ((1 + (uint64_t)rand() % 9) << 12);
			v.name = names[rand() % 4];
			v.inode = *v.name == '/' ? 5 : 0;
			v.offset = rand() % 2 ? v.start : 0;
		}
		snapshot_builder_add(b, &v, random_runs((v.end - v.start) >> 12));
		at = (v.end >> 12) + (uint64_t)rand() % 3;
	}
	return snapshot_builder_finish(b);
}

static void random_changes(void **state)
{
	int i;

	(void)state;
	srand(1);
	for (i = 0; i < 1500; i++) {
		struct snapshot *old = random_snapshot(NULL), *new = random_snapshot(old);

		check_diff(old, new);
		check_diff(new, old);
		check_diff(new, new);
		snapshot_unref(old);
		snapshot_unref(new);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_follow_from_maps),
		cmocka_unit_test(permissions_round_trip),
		cmocka_unit_test(the_same_mapping_is_recognized),
		cmocka_unit_test(sums_of_a_mapping),
		cmocka_unit_test(mappings_are_found_by_address),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(what_could_not_be_known_is_said),
		cmocka_unit_test(ranges_are_parsed),
		cmocka_unit_test(ranges_choose_pages),
		cmocka_unit_test(names_choose_pages),
		cmocka_unit_test(entries_are_completed_by_the_snapshot),
		cmocka_unit_test(the_checkpoint_set),
		cmocka_unit_test(needs_have_limits),
		cmocka_unit_test(pagesets_answer_only_what_was_read),
		cmocka_unit_test(mappings_are_described_and_read_back),
		cmocka_unit_test(large_numbers_are_described_too),
		cmocka_unit_test(impossible_mappings_are_refused),
		cmocka_unit_test(unknown_counts_are_null),
		cmocka_unit_test(changes_are_counted),
		cmocka_unit_test(no_pages_have_not_changed),
		cmocka_unit_test(nothing_to_compare_with_is_no_change),
		cmocka_unit_test(random_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
