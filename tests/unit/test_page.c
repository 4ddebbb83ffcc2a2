/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a raw pagemap entry says. The words were read on Linux 6.18 unless a row says otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/page.h"
#include "model/vma.h"

#define ZERO_PFN 0x3b34
#define NO_HINTS { .pfn_known = true, .zero_pfn = ZERO_PFN, .swap = { 31 } }

/* Mappings a page can be in. */
static const struct page_hints anon = NO_HINTS;
static const struct page_hints file_private = {
	.object = true, .pfn_known = true, .zero_pfn = ZERO_PFN, .swap = { 31 }
};
static const struct page_hints file_shared = { .object = true, .shared = true, .pfn_known = true,
	.zero_pfn = ZERO_PFN, .swap = { 31 } };
static const struct page_hints special = { .special = true, .pfn_known = true, .zero_pfn = ZERO_PFN,
	.swap = { 31 } };
static const struct page_hints huge_private = { .hugetlb = true, .pfn_known = true,
	.zero_pfn = ZERO_PFN, .swap = { 31 } };
static const struct page_hints huge_shared = { .hugetlb = true, .object = true, .shared = true,
	.pfn_known = true, .zero_pfn = ZERO_PFN, .swap = { 31 } };
static const struct page_hints old_anon = {
	.pfn_known = true, .zero_pfn = ZERO_PFN, .swap = { 30 }
};
static const struct page_hints hidden_anon = { .swap = { 31 } };
static const struct page_hints hidden_private = { .object = true, .swap = { 31 } };
static const struct page_hints hidden_shared = { .object = true, .shared = true, .swap = { 31 } };

static const struct row {
	const char *what;
	uint64_t entry;
	const struct page_hints *hints;
	enum page_state want;
} rows[] = {
	{ "never touched", 0, &anon, PAGE_NONE },
	{ "only a soft-dirty mapping", 0x0080000000000000, &anon, PAGE_NONE },
	{ "only uffd-wp", 0x0200000000000000, &anon, PAGE_NONE },
	{ "guard bit without swap", 0x0400000000000000, &anon, PAGE_NONE },
	{ "file bit without present", 0x2000000000000000, &anon, PAGE_NONE },
	{ "the undefined bits", 0x1800000000000000, &anon, PAGE_NONE },

	{ "written", 0x8100000000012345, &anon, PAGE_ANON },
	{ "written, shared after fork", 0x8000000000012345, &anon, PAGE_ANON },
	{ "written, all flags", 0x9f80000000012345, &anon, PAGE_ANON },
	{ "written, PFN like a marker", 0x810000000000009f, &anon, PAGE_ANON },
	{ "read only: zero page", 0x8000000000003b34, &anon, PAGE_ZERO },
	{ "zero page, uffd-wp", 0x8200000000003b34, &anon, PAGE_ZERO },
	{ "zero page of a private file", 0x8000000000003b34, &file_private, PAGE_ZERO },
	{ "zero page with the file bit", 0xa000000000003b34, &file_private, PAGE_ZERO },
	{ "next to the zero page", 0x8000000000003b35, &anon, PAGE_ANON },
	{ "uffd-wp present", 0x8300000000012345, &anon, PAGE_ANON },
	{ "huge zero page carries bit 61", 0xa0000000003a2000, &anon, PAGE_ZERO },
	{ "KSM", 0x8000000000045678, &anon, PAGE_ANON },
	{ "private file, read", 0xa100000000012345, &file_private, PAGE_FILE },
	{ "private file, mapped elsewhere too", 0xa000000000012345, &file_private, PAGE_FILE },
	{ "private file, written", 0x8100000000012345, &file_private, PAGE_ANON },
	{ "shared file", 0xa100000000012345, &file_shared, PAGE_FILE },
	{ "shared memory mapped by a PMD before bit 61 was told", 0x8100000000012345, &file_shared,
		PAGE_FILE },
	{ "swapped shared memory", 0, &file_shared, PAGE_NONE },
	{ "hugetlb, untouched", 0, &huge_private, PAGE_NONE },
	{ "hugetlb, uffd-wp marker", 0x0200000000000000, &huge_private, PAGE_MARKER },
	{ "hugetlb, uffd-wp", 0x8300000000012345, &huge_private, PAGE_ANON },
	{ "uffd-wp bit alone, not hugetlb", 0x0200000000000000, &anon, PAGE_NONE },
	{ "hugetlb private", 0x8100000000012345, &huge_private, PAGE_ANON },
	{ "hugetlb private, bit 61", 0xa100000000012345, &huge_private, PAGE_FILE },
	{ "hugetlb shared", 0xa100000000012345, &huge_shared, PAGE_FILE },
	{ "[vdso]", 0xa000000000002860, &special, PAGE_FILE },

	{ "swapped, type 0", 0x4000000000000020, &anon, PAGE_SWAP },
	{ "swapped, type 1 offset 1", 0x4000000000000021, &anon, PAGE_SWAP },
	{ "swapped, offset 4", 0x4000000000000081, &anon, PAGE_SWAP },
	{ "swapped, largest offset", 0x407fffffffffffe0, &anon, PAGE_SWAP },
	{ "swapped copy of a file page", 0x4000000000000021, &file_private, PAGE_SWAP },
	{ "swapped, uffd-wp", 0x4200000000000022, &anon, PAGE_SWAP },
	{ "swapped, soft-dirty", 0x4080000000000021, &anon, PAGE_SWAP },
	{ "swapped, last type that may be a swap file", 0x4000000000000035, &anon, PAGE_SWAP },

	{ "guard, bit 58", 0x440000000000009f, &anon, PAGE_GUARD },
	{ "guard in a file", 0x440000000000009f, &file_private, PAGE_GUARD },
	{ "guard by its marker only (6.13)", 0x400000000000009f, &anon, PAGE_GUARD },
	{ "guard and uffd-wp in one marker", 0x40000000000000bf, &anon, PAGE_GUARD },
	{ "uffd-wp marker", 0x420000000000003f, &anon, PAGE_MARKER },
	{ "uffd-wp marker in shared memory", 0x420000000000003f, &file_shared, PAGE_MARKER },
	{ "poison marker", 0x400000000000005f, &anon, PAGE_MARKER },
	{ "marker of an unknown kind", 0x400000000000011f, &anon, PAGE_MARKER },
	{ "6.1: marker is type 30", 0x400000000000003e, &old_anon, PAGE_MARKER },
	{ "6.1: type 31 is a swap-in error", 0x400000000000003f, &old_anon, PAGE_MARKER },
	{ "6.1: a swap-in error is no guard", 0x400000000000009f, &old_anon, PAGE_MARKER },
	{ "6.1: type 29 is a device entry", 0x400000000000003d, &old_anon, PAGE_MOVING },
	{ "6.18: type 30 is a migration entry", 0x4000000000bc61de, &anon, PAGE_MOVING },
	{ "migration entry whose PFN looks like a guard", 0x400000000000009e, &anon, PAGE_MOVING },

	{ "hidden: written", 0x8100000000000000, &hidden_anon, PAGE_ANON },
	{ "hidden: zero page", 0x8000000000000000, &hidden_anon, PAGE_ANON },
	{ "hidden: huge zero page", 0xa000000000000000, &hidden_anon, PAGE_ZERO },
	{ "hidden: file page", 0xa100000000000000, &hidden_private, PAGE_FILE },
	{ "hidden: copy of a file page", 0x8100000000000000, &hidden_private, PAGE_ANON },
	{ "hidden: shared", 0xa000000000000000, &hidden_shared, PAGE_FILE },
	{ "hidden: guard", 0x4400000000000000, &hidden_anon, PAGE_GUARD },
	{ "hidden: swap or marker", 0x4000000000000000, &hidden_anon, PAGE_UNKNOWN },
	{ "hidden: uffd-wp, swap or marker", 0x4200000000000000, &hidden_anon, PAGE_UNKNOWN },
	{ "hidden: nothing", 0, &hidden_anon, PAGE_NONE },
};

static void entries_say_their_state(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum page_state s = entry_state(rows[i].entry, rows[i].hints);

		if (s != rows[i].want)
			fail_msg("%s: %s, not %s", rows[i].what, page_state_name(s),
				page_state_name(rows[i].want));
	}
}

static void every_swap_type_has_its_place(void **state)
{
	struct page_hints h = NO_HINTS;
	unsigned type;

	(void)state;
	for (h.swap.marker_type = 30; h.swap.marker_type <= 31; h.swap.marker_type++) {
		for (type = 0; type < 32; type++) {
			/* Offset 3: neither a guard marker nor nothing. */
			uint64_t entry = ENTRY_SWAP | 3 << 5 | type;
			enum page_state want = type < 22 ? PAGE_SWAP
				: type < h.swap.marker_type ? PAGE_MOVING
							    : PAGE_MARKER;

			if (entry_state(entry, &h) != want)
				fail_msg("type %u is %s", type,
					page_state_name(entry_state(entry, &h)));
			h.pfn_known = false;
			assert_int_equal(entry_state(entry, &h), PAGE_UNKNOWN);
			assert_int_equal(entry_state(entry | ENTRY_GUARD, &h), PAGE_GUARD);
			h.pfn_known = true;
			assert_int_equal(entry_state(entry | ENTRY_GUARD, &h), PAGE_GUARD);
			assert_int_equal(entry_state(entry | ENTRY_PRESENT, &h), PAGE_ANON);
		}
	}
}

/* An unknown zero page is 0, which must not make PFN 0 or a hidden PFN the zero page. */
static void an_unknown_zero_page_matches_nothing(void **state)
{
	struct page_hints h = { .pfn_known = true, .swap = { 31 } };

	(void)state;
	assert_int_equal(entry_state(ENTRY_PRESENT, &h), PAGE_ANON);
	h = (struct page_hints){ .pfn_known = false, .zero_pfn = ZERO_PFN, .swap = { 31 } };
	assert_int_equal(entry_state(ENTRY_PRESENT | ZERO_PFN, &h), PAGE_ANON);
	/* The PFN is compared whole, and without the bits above it. */
	h = (struct page_hints){ .pfn_known = true, .zero_pfn = ENTRY_PFN_MASK, .swap = { 31 } };
	assert_int_equal(
		entry_state(ENTRY_PRESENT | ENTRY_SOFT_DIRTY | ENTRY_PFN_MASK, &h), PAGE_ZERO);
	assert_int_equal(entry_state(ENTRY_PRESENT | ENTRY_PFN_MASK >> 1, &h), PAGE_ANON);
}

/* No word at all leads outside the nine states, and the first test that applies decides. */
static void random_words_have_one_state(void **state)
{
	const struct page_hints *const hints[] = { &anon, &file_private, &file_shared, &special,
		&huge_private, &huge_shared, &old_anon, &hidden_anon, &hidden_private,
		&hidden_shared };
	int i;

	(void)state;
	srand(1);
	for (i = 0; i < 200000; i++) {
		uint64_t e = (uint64_t)rand() << 40 ^ (uint64_t)rand() << 20 ^ (uint64_t)rand();
		const struct page_hints *h = hints[rand() % 10];
		enum page_state s = entry_state(e, h);
		bool right;

		if (e & ENTRY_PRESENT)
			right = s == PAGE_ANON || s == PAGE_FILE || s == PAGE_ZERO;
		else if (e & ENTRY_SWAP)
			right = s == PAGE_SWAP || s == PAGE_GUARD || s == PAGE_MOVING ||
				s == PAGE_MARKER || s == PAGE_UNKNOWN;
		else
			right = s == (h->hugetlb && e & ENTRY_UFFD_WP ? PAGE_MARKER : PAGE_NONE);
		if (!right)
			fail_msg("0x%llx is %s", (unsigned long long)e, page_state_name(s));
	}
}

static void fields_are_cut_out_of_the_word(void **state)
{
	(void)state;
	assert_int_equal(entry_pfn(UINT64_MAX), 0x7fffffffffffff);
	assert_int_equal(entry_pfn(0xff80000000000000), 0);
	assert_int_equal(entry_pfn(0x8180000000003b34), 0x3b34);
	assert_int_equal(entry_swap_type(0x40000000000000ff), 31);
	assert_int_equal(entry_swap_type(0xffffffffffffffe0), 0);
	assert_int_equal(entry_swap_offset(UINT64_MAX), 0x3ffffffffffff);
	assert_int_equal(entry_swap_offset(0xff8000000000001f), 0);
	assert_int_equal(entry_swap_offset(0x4000000000000021), 1);
}

static void markers_move_with_the_kernel(void **state)
{
	static const struct {
		const char *release;
		unsigned marker;
	} releases[] = {
		{ "6.1.0", 30 },
		{ "6.1.192-x", 30 },
		{ "6.1", 30 },
		{ "6.0.9", 30 },
		{ "5.19.17", 30 },
		{ "5.18.19", 32 }, /* before there were markers: no type at all */
		{ "4.18.0-553.el8_10.x86_64", 32 },
		{ "6.2", 31 },
		{ "6.2.0-rc1", 31 },
		{ "6.12.107", 31 },
		{ "6.18.44-x", 31 },
		{ "6.20", 31 },
		{ "7.0", 31 },
		{ "7.1.0", 31 },
		{ "10.0.1", 31 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(releases) / sizeof(releases[0]); i++)
		if (swap_layout_of(releases[i].release).marker_type != releases[i].marker)
			fail_msg("wrong marker type for %s", releases[i].release);
	/* Not even a number: nothing is called a marker then. */
	assert_int_equal(swap_layout_of("").marker_type, 32);
	assert_int_equal(swap_layout_of("custom").marker_type, 32);
}

static void letters_round_trip(void **state)
{
	int s, t, c, found = 0;

	(void)state;
	for (s = 0; s < PAGE_STATES; s++) {
		assert_int_equal(page_state_of_letter(page_state_letter((enum page_state)s)), s);
		assert_true(strlen(page_state_meaning((enum page_state)s)) > 3);
		for (t = 0; t < s; t++)
			assert_string_not_equal(page_state_name((enum page_state)s),
				page_state_name((enum page_state)t));
	}
	for (c = -128; c < 128; c++)
		found += page_state_of_letter((char)c) != PAGE_STATES;
	assert_int_equal(found, PAGE_STATES);
	assert_int_equal(page_state_of_letter('\0'), PAGE_STATES);
	/* Files hold these letters: they must never change. */
	assert_int_equal(page_state_of_letter('.'), PAGE_NONE);
	assert_int_equal(page_state_of_letter('A'), PAGE_ANON);
	assert_int_equal(page_state_of_letter('F'), PAGE_FILE);
	assert_int_equal(page_state_of_letter('S'), PAGE_SWAP);
	assert_int_equal(page_state_of_letter('0'), PAGE_ZERO);
	assert_int_equal(page_state_of_letter('#'), PAGE_GUARD);
	assert_int_equal(page_state_of_letter('m'), PAGE_MOVING);
	assert_int_equal(page_state_of_letter('!'), PAGE_MARKER);
	assert_int_equal(page_state_of_letter('?'), PAGE_UNKNOWN);
}

static void counts_add_up(void **state)
{
	struct page_counts a = { 0 }, b = { 0 };
	int s;

	(void)state;
	for (s = 0; s < PAGE_STATES; s++) {
		a.state[s] = 1u << s;
		b.state[s] = 1000;
	}
	a.huge = 7;
	b.huge = 5;
	assert_int_equal(page_counts_total(&a), 511); /* huge is no state of its own */
	page_counts_add(&a, &b);
	for (s = 0; s < PAGE_STATES; s++)
		assert_int_equal(a.state[s], 1000 + (1 << s));
	assert_int_equal(a.huge, 12);
	assert_int_equal(page_counts_total(&a), 9511);
}

/* The hints that entry_state() gets of real mappings. */
static void mappings_give_the_right_hints(void **state)
{
	struct vma v = { .kind = VMA_FILE, .inode = 7, .name = "/x", .perms = VMA_READ };
	struct page_hints h = vma_hints(&v);

	(void)state;
	assert_true(h.object && !h.shared && !h.special && !h.hugetlb);
	v.perms |= VMA_SHARED;
	assert_true(vma_hints(&v).shared);
	v = (struct vma){ .kind = VMA_SPECIAL, .name = "[vdso]" };
	assert_true(vma_hints(&v).special && !vma_hints(&v).object);
	v = (struct vma){
		.kind = VMA_HUGETLB, .inode = 3, .name = "/anon_hugepage", .deleted = true
	};
	assert_true(vma_hints(&v).hugetlb && !vma_hints(&v).object);
	v = (struct vma){ .kind = VMA_ANON, .inode = 5, .name = "/dev/zero" };
	assert_true(!vma_hints(&v).object && !vma_hints(&v).shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_say_their_state),
		cmocka_unit_test(every_swap_type_has_its_place),
		cmocka_unit_test(an_unknown_zero_page_matches_nothing),
		cmocka_unit_test(random_words_have_one_state),
		cmocka_unit_test(fields_are_cut_out_of_the_word),
		cmocka_unit_test(markers_move_with_the_kernel),
		cmocka_unit_test(letters_round_trip),
		cmocka_unit_test(counts_add_up),
		cmocka_unit_test(mappings_give_the_right_hints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
