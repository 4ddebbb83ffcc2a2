/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/model: mappings, snapshots, sets of page entries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "helpers.h"
#include "model/pageset.h"
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
		{ "/secretmem", 9, true, true, VMA_SHMEM, true },
		{ "/secretmem", 9, true, false, VMA_FILE, true },
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
	uint8_t absent[11];

	(void)state;
	needs_add(&n, NEED_ENTRIES, 100, 4);
	needs_add(&n, NEED_ENTRIES, 200, 4);
	needs_add(&n, NEED_ENTRIES, 0xffffffffff600, 3);
	for (i = 0; i < 11; i++)
		entries[i] = 1000 + i;
	for (i = 0; i < 11; i++)
		absent[i] = (uint8_t)(i % (ABSENT_SWAPPED + 1));
	p = pageset_new(77, (struct timespec){ 5, 6 }, &n, got,
		&(struct pageset_content){ .entries = entries, .absent = absent });
	memset(entries, 0, sizeof(entries));
	memset(absent, 0, sizeof(absent));
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
	assert_int_equal(pageset_absent(p, 101), ABSENT_NOT_SWAPPED);
	assert_int_equal(pageset_absent(p, 0xffffffffff601), ABSENT_SWAPPED);
	assert_int_equal(pageset_absent(p, 0xffffffffff603), ABSENT_UNKNOWN);
	assert_int_equal(pageset_absent(NULL, 101), ABSENT_UNKNOWN);
	pageset_unref(pageset_ref(p));
	assert_true(pageset_entry(p, 100, &entry));
	pageset_unref(p);
	pageset_unref(NULL);
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
		cmocka_unit_test(needs_have_limits),
		cmocka_unit_test(pagesets_answer_only_what_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
