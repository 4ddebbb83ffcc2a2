/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is concluded from entries of our own pages, with words as kernels of each era give them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "source/kernel.h"

#define SHIFT12 UINT64_C(0x0600000000000000) /* a page shift of 12 in bits 55 to 60 */
#define SHIFT14 UINT64_C(0x0700000000000000)
#define SHIFT16 UINT64_C(0x0800000000000000)

static const struct row {
	const char *what;
	struct kernel_words words;
	uint32_t page_size;
	unsigned marker_type; /* as the release suggests */
	struct kernel want;
} rows[] = {
	{ "Linux 3.5, root",
		{ SHIFT12, SHIFT12 | UINT64_C(0x8000000000012345), SHIFT12 | UINT64_C(0x8000000000003b34),
			false, 0 },
		4096, 32, { .old_layout = true, .pfn = true, .zero_pfn = 0x3b34, .swap = { 32 } } },
	{ "Linux 3.10 with pages of 64 KiB",
		{ SHIFT16, SHIFT16 | UINT64_C(0x8000000000000777), SHIFT16 | UINT64_C(0x8000000000000012),
			false, 0 },
		65536, 32, { .old_layout = true, .pfn = true, .zero_pfn = 0x12, .swap = { 32 } } },
	{ "Linux 3.10 with pages of 16 KiB: their shift looks like bit 56",
		{ SHIFT14, SHIFT14 | UINT64_C(0x8000000000000777), SHIFT14 | UINT64_C(0x8000000000000012),
			false, 0 },
		16384, 32, { .old_layout = true, .pfn = true, .zero_pfn = 0x12, .swap = { 32 } } },
	{ "Linux 3.11 to 4.2 once soft-dirty bits were cleared: no bit 56 yet",
		{ UINT64_C(0x0080000000000000), UINT64_C(0x8080000000012345),
			UINT64_C(0x8080000000003b34), false, 0 },
		4096, 32, { .soft_dirty = true, .pfn = true, .zero_pfn = 0x3b34, .swap = { 32 } } },
	{ "Linux 4.3 to 6.12, root",
		{ UINT64_C(0x0080000000000000), UINT64_C(0x8180000000012345),
			UINT64_C(0x8080000000003b34), false, 0 },
		4096, 31,
		{ .soft_dirty = true, .exclusive = true, .pfn = true, .zero_pfn = 0x3b34,
			.swap = { 31 } } },
	{ "Linux 4.3 to 6.12, PFNs hidden",
		{ 0, UINT64_C(0x8180000000000000), UINT64_C(0x8080000000000000), false, 0 }, 4096, 31,
		{ .soft_dirty = true, .exclusive = true, .swap = { 31 } } },
	{ "Linux 6.13, root: guards, but no bit 58; the marker's type is seen",
		{ 0, UINT64_C(0x8100000000012345), UINT64_C(0x8000000000003b34), true,
			UINT64_C(0x400000000000009e) },
		4096, 31,
		{ .exclusive = true, .pfn = true, .zero_pfn = 0x3b34, .guards = true,
			.swap = { 30 } } },
	{ "Linux 6.13, PFNs hidden: a guard cannot be told",
		{ 0, UINT64_C(0x8100000000000000), UINT64_C(0x8000000000000000), true,
			UINT64_C(0x4000000000000000) },
		4096, 31, { .exclusive = true, .guards = true, .swap = { 31 } } },
	{ "Linux 6.18, root",
		{ 0, UINT64_C(0x8100000000012345), UINT64_C(0x8000000000003b34), true,
			UINT64_C(0x440000000000009f) },
		4096, 31,
		{ .exclusive = true, .pfn = true, .zero_pfn = 0x3b34, .guards = true, .guard_bit = true,
			.swap = { 31 } } },
	{ "Linux 6.18, PFNs hidden",
		{ 0, UINT64_C(0x8100000000000000), UINT64_C(0x8000000000000000), true,
			UINT64_C(0x4400000000000000) },
		4096, 31, { .exclusive = true, .guards = true, .guard_bit = true, .swap = { 31 } } },
	{ "a page that was swapped out before it was read says nothing",
		{ 0, UINT64_C(0x4000000000000021), UINT64_C(0x8000000000003b34), false, 0 }, 4096, 31,
		{ .swap = { 31 } } },
	{ "a read page that is no zero page",
		{ 0, UINT64_C(0x8100000000012345), UINT64_C(0x8100000000012346), false, 0 }, 4096, 31,
		{ .exclusive = true, .pfn = true, .swap = { 31 } } },
};

static void words_of_each_era(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct kernel *want = &rows[i].want;
		struct kernel k = { .page_size = rows[i].page_size };

		k.swap.marker_type = rows[i].marker_type;
		kernel_judge(&k, &rows[i].words);
		if (k.old_layout != want->old_layout || k.pfn != want->pfn ||
			k.exclusive != want->exclusive || k.soft_dirty != want->soft_dirty ||
			k.zero_pfn != want->zero_pfn || k.guards != want->guards ||
			k.guard_bit != want->guard_bit ||
			k.swap.marker_type != want->swap.marker_type)
			fail_msg("%s: layout %d, PFNs %d, exclusive %d, soft-dirty %d, zero PFN %llx, "
				 "guards %d, bit 58 %d, marker type %u",
				rows[i].what, k.old_layout, k.pfn, k.exclusive, k.soft_dirty,
				(unsigned long long)k.zero_pfn, k.guards, k.guard_bit,
				k.swap.marker_type);
	}
}

/* What each engine can know with PFNs and without, kernel by kernel. */
static void what_can_be_known(void **state)
{
	const struct kernel old = { .old_layout = true, .pfn = true, .zero_pfn = 1 };
	const struct kernel hidden_6_14 = { .scan = true, .guards = true, .exclusive = true };
	const struct kernel hidden_6_18 = { .scan = true, .scan_guard = true, .guards = true,
		.guard_bit = true, .exclusive = true, .huge_zero_bit = true };
	const struct kernel root_6_18 = { .scan = true, .scan_guard = true, .guards = true,
		.guard_bit = true, .exclusive = true, .huge_zero_bit = true, .pfn = true,
		.zero_pfn = 0x3b34 };
	const struct kernel hidden_6_12 = { .scan = true, .exclusive = true };
	struct page_known known;

	(void)state;
	/* Where there are no guards every page is known not to be one. */
	assert_true(kernel_known(&hidden_6_12, ENGINE_SCAN).guard);

	known = kernel_known(&old, ENGINE_READ);
	assert_true(known.pfn && known.guard && known.swap_kind);
	assert_false(known.exclusive || known.soft_dirty || known.huge || known.zero);

	known = kernel_known(&hidden_6_14, ENGINE_SCAN);
	assert_true(known.zero && known.huge && known.exclusive);
	assert_false(known.guard || known.pfn || known.swap_kind);

	known = kernel_known(&hidden_6_18, ENGINE_SCAN);
	assert_true(known.zero && known.huge && known.guard);
	assert_false(known.pfn || known.swap_kind);
	known = kernel_known(&hidden_6_18, ENGINE_READ);
	assert_true(known.guard);
	assert_false(known.zero || known.huge);

	known = kernel_known(&root_6_18, ENGINE_READ);
	assert_true(known.zero && known.guard && known.pfn && known.swap_kind);
	assert_false(known.huge);
}

/* The probe of this very kernel agrees with what its own pages say by other means. */
static void probes_this_kernel(void **state)
{
	struct kernel k;
	struct err e;

	(void)state;
	if (kernel_probe(&k, &e) < 0) {
		print_message("%s\n", e.text);
		skip();
	}
	assert_false(k.old_layout); /* nothing older than 4.3 runs these tests */
	assert_true(k.exclusive);
	if (!k.guards)
		assert_false(k.guard_bit || kernel_at_least(k.release, 6, 13));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_each_era),
		cmocka_unit_test(what_can_be_known),
		cmocka_unit_test(probes_this_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
