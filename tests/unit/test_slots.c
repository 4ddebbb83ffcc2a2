/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/model/slots: how full the PMD-sized slots of a mapping are, and why they are not huge; with
 * pages of 4 KiB (512 a slot) and of 64 KiB (8192 a slot). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "helpers.h"
#include "model/slots.h"

static struct snapshot_info with_pages(uint32_t page_size, uint32_t pmd_size)
{
	struct snapshot_info info = info_for_tests();

	info.page_size = page_size;
	info.pmd_size = pmd_size;
	return info;
}

static void check(const struct snapshot_info *info, const char *text, const char *expected)
{
	struct snapshot *s = snapshot_of(text, info);
	struct slots n;
	char got[128];

	assert_true(slots_of(s, snapshot_vma(s, 0), &n));
	snprintf(got, sizeof(got),
		"whole %" PRIu64 " huge %" PRIu64 " full %" PRIu64 " most %" PRIu64 " half %" PRIu64
		" less %" PRIu64 " empty %" PRIu64 " unknown %" PRIu64 " cut %u",
		n.whole, n.of[SLOT_HUGE], n.of[SLOT_FULL], n.of[SLOT_MOST], n.of[SLOT_HALF],
		n.of[SLOT_LESS], n.of[SLOT_EMPTY], n.of[SLOT_UNKNOWN], n.cut);
	assert_string_equal(got, expected);
	snapshot_unref(s);
}

static void slots_are_as_full_as_they_are(void **state)
{
	struct snapshot_info small = with_pages(4096, 2 << 20), big = with_pages(65536, 512 << 20);

	(void)state;
	check(&small, "200000 rw-p anon - A512h A512 A511 .1 A384 S128 A383 .129 A256 0256 A255 .257 A1 "
		      ".511 .512 0512 S512\n",
		"whole 11 huge 1 full 1 most 2 half 2 less 2 empty 3 unknown 0 cut 0");
	/* Many at once, and runs that reach over ends of slots. */
	check(&small, "200000 rw-p anon - A5120h .5119 A2049\n",
		"whole 24 huge 10 full 4 most 0 half 0 less 1 empty 9 unknown 0 cut 0");
	/* The huge zero page is mapped huge. */
	check(&small, "200000 rw-p anon - 0512h\n",
		"whole 1 huge 1 full 0 most 0 half 0 less 0 empty 0 unknown 0 cut 0");
	check(&small, "200000 rw-p anon - A100 ?1 A411\n",
		"whole 1 huge 0 full 0 most 0 half 0 less 0 empty 0 unknown 1 cut 0");
	check(&big, "20000000 rw-p anon - A8192h A8191 S1 .8192\n",
		"whole 3 huge 1 full 0 most 1 half 0 less 0 empty 1 unknown 0 cut 0");
	/* A reservation of 16 TiB takes no longer than another. */
	check(&small, "100000000000 rw-p anon - .4294967296\n",
		"whole 8388608 huge 0 full 0 most 0 half 0 less 0 empty 8388608 unknown 0 cut 0");
}

static void slots_are_cut_by_the_ends(void **state)
{
	struct snapshot_info small = with_pages(4096, 2 << 20);

	(void)state;
	check(&small, "201000 rw-p anon - A511 A512 A1\n",
		"whole 1 huge 0 full 1 most 0 half 0 less 0 empty 0 unknown 0 cut 2");
	check(&small, "201000 rw-p anon - A100\n",
		"whole 0 huge 0 full 0 most 0 half 0 less 0 empty 0 unknown 0 cut 1");
	check(&small, "3ff000 rw-p anon - A2\n",
		"whole 0 huge 0 full 0 most 0 half 0 less 0 empty 0 unknown 0 cut 2");
}

/* Every slot counted page by page, for mappings made up. */
static void slots_add_up(void **state)
{
	struct snapshot_info info = with_pages(4096, 32768); /* 8 pages a slot */
	int round;

	(void)state;
	for (round = 0; round < 500; round++) {
		char text[1024];
		size_t len;
		uint64_t pages, page, slot[SLOT_KINDS] = { 0 }, first, cut = 0, whole = 0;
		struct snapshot *s;
		struct slots n;
		int i;

		len = (size_t)snprintf(text, sizeof(text), "%" PRIx64 " rw-p anon -",
			0x10000 + random_below(8) * 4096);
		for (i = 1 + (int)random_below(30); i > 0; i--)
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %c%" PRIu64 "%s",
				".A0S"[random_below(4)], 1 + random_below(20),
				random_below(3) ? "" : "h");
		snprintf(text + len, sizeof(text) - len, "\n");
		s = snapshot_of(text, &info);
		assert_true(slots_of(s, snapshot_vma(s, 0), &n));
		first = snapshot_vma(s, 0)->start / 4096;
		pages = snapshot_vma_pages(s, snapshot_vma(s, 0));
		for (page = first / 8 * 8; page < first + pages; page += 8) {
			unsigned huge = 0, full = 0, k;

			if (page < first || page + 8 > first + pages) {
				cut++;
				continue;
			}
			for (k = 0; k < 8; k++) {
				const struct runs *r = snapshot_vma(s, 0)->runs;
				struct run run = runs_at(r, runs_find(r, page + k - first));

				huge += run.huge && run.state != PAGE_NONE;
				full += run.state == PAGE_ANON;
			}
			whole++;
			slot[huge == 8    ? SLOT_HUGE
				: full == 8 ? SLOT_FULL
				: full >= 6 ? SLOT_MOST
				: full >= 4 ? SLOT_HALF
				: full      ? SLOT_LESS
					    : SLOT_EMPTY]++;
		}
		assert_int_equal(n.whole, whole);
		assert_int_equal(n.cut, cut);
		assert_memory_equal(n.of, slot, sizeof(slot));
		assert_int_equal(slots_partly(&n), slot[SLOT_MOST] + slot[SLOT_HALF] + slot[SLOT_LESS]);
		snapshot_unref(s);
	}
}

static void unknown_where_the_snapshot_does_not_know(void **state)
{
	struct snapshot_info no_pmd = with_pages(4096, 0), no_huge = with_pages(4096, 2 << 20);
	struct snapshot_info all = with_pages(4096, 2 << 20);
	const struct snapshot_info *infos[] = { &no_pmd, &no_huge };
	struct snapshot *s;
	struct str t = { 0 };
	struct slots n;
	int i;

	(void)state;
	no_huge.known.huge = false;
	for (i = 0; i < 2; i++) {
		s = snapshot_of("200000 rw-p anon - A512\n", infos[i]);
		assert_false(slots_of(s, snapshot_vma(s, 0), &n));
		slot_words(&t, s, snapshot_vma(s, 0), 0x200000);
		assert_string_equal(str_text(&t), "");
		snapshot_unref(s);
	}
	s = snapshot_of("200000 r--p special [vvar] ?512\n", &all);
	assert_false(slots_of(s, snapshot_vma(s, 0), &n));
	snapshot_unref(s);
}

static void check_words(const char *text, uint64_t address, const char *expected)
{
	struct snapshot_info info = with_pages(4096, 2 << 20);
	struct snapshot *s = snapshot_of(text, &info);
	struct str t = { 0 };

	slot_words(&t, s, snapshot_vma(s, 0), address);
	assert_string_equal(str_text(&t), expected);
	str_free(&t);
	snapshot_unref(s);
}

static void words_say_why_it_is_not_huge(void **state)
{
	(void)state;
	check_words("200000 rw-p anon - A512h\n", 0x3ff000, "slot 200000: mapped huge");
	check_words("200000 rw-p anon - 0512h\n", 0x200000,
		"slot 200000: mapped huge (the huge zero page)");
	check_words("200000 rw-p anon - A512 A511 .1\n", 0x200000,
		"slot 200000: 512 of 512, not huge: khugepaged has not collapsed it, or THP is not enabled here");
	check_words("200000 rw-p anon - A512 A511 .1\n", 0x5ff000,
		"slot 400000: 511 of 512, not huge: 1 absent");
	check_words("200000 rw-p anon - A300 .100 S90 020 #2\n", 0x200000,
		"slot 200000: 300 of 512, not huge: 100 absent, 90 swapped, 20 zero, 2 guard");
	check_words("201000 rw-p anon - A511 A512\n", 0x201000,
		"slot 200000: 511 of 512, not huge: cut by the mapping's end");
	check_words("200000 rw-p anon - A512 A2\n", 0x401000,
		"slot 400000: 2 of 512, not huge: cut by the mapping's end");
}

static void a_file_must_lie_right(void **state)
{
	struct snapshot_info info = with_pages(4096, 2 << 20);
	struct snapshot *s = snapshot_of("200000 r--p file /x F512\n", &info);
	struct vma v = *snapshot_vma(s, 0);
	struct str t = { 0 };

	(void)state;
	v.offset = 0x1000;
	slot_words(&t, s, &v, 0x200000);
	assert_string_equal(str_text(&t),
		"slot 200000: 512 of 512, not huge: the file's offset is not aligned to it");
	str_clear(&t);
	v.offset = 0x400000;
	slot_words(&t, s, &v, 0x200000);
	assert_non_null(strstr(str_text(&t), "khugepaged"));
	str_free(&t);
	snapshot_unref(s);
}

static void check_share(const char *text, const char *expected)
{
	struct snapshot_info info = with_pages(4096, 2 << 20);
	struct snapshot *s = snapshot_of(text, &info);
	struct str t = { 0 };
	struct slots n;

	assert_true(slots_of(s, snapshot_vma(s, 0), &n));
	slots_words(&t, &n);
	assert_string_equal(str_text(&t), expected);
	str_free(&t);
	snapshot_unref(s);
}

static void the_share_is_of_what_is_there(void **state)
{
	(void)state;
	check_share("200000 rw-p anon - A512h A512 .1024\n", "huge 50%, 1 of 4 slots");
	check_share("200000 rw-p anon - A512h .512 0256 S256\n", "huge 66%, 1 of 3 slots");
	check_share("200000 rw-p anon - .512\n", "nothing there, 0 of 1 slot");
	check_share("201000 rw-p anon - A3\n", "huge 0%, no whole slot");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_are_as_full_as_they_are),
		cmocka_unit_test(slots_are_cut_by_the_ends),
		cmocka_unit_test(slots_add_up),
		cmocka_unit_test(unknown_where_the_snapshot_does_not_know),
		cmocka_unit_test(words_say_why_it_is_not_huge),
		cmocka_unit_test(a_file_must_lie_right),
		cmocka_unit_test(the_share_is_of_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
