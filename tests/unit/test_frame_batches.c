/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/model/frame: frames are read in batches of consecutive PFNs, upwards or downwards, and each
 * page gets its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "helpers.h"
#include "model/frame.h"

static unsigned reads;

/* Frames that say their own PFN. */
static void read_pfns(void *ctx, uint64_t pfn, uint64_t n, struct frame *f)
{
	uint64_t i;

	(void)ctx;
	reads++;
	for (i = 0; i < n; i++)
		f[i] = (struct frame){ .mapcount = pfn + i, .known = FRAME_HAS_MAPCOUNT };
}

static const struct frame_reader reader = { .read = read_pfns };

static void check(const uint64_t *pfn, uint64_t n, unsigned expected)
{
	uint64_t entries[256] = { 0 }, i;
	struct frame frames[256];

	for (i = 0; i < n; i++)
		entries[i] = pfn[i] ? ENTRY_PRESENT | pfn[i] : ENTRY_SWAP;
	reads = 0;
	frames_of_entries(&reader, entries, n, frames);
	for (i = 0; i < n; i++) {
		assert_int_equal(frames[i].known, pfn[i] ? FRAME_HAS_MAPCOUNT : 0);
		assert_int_equal(frames[i].mapcount, pfn[i]);
	}
	if (expected)
		assert_int_equal(reads, expected);
}

#define CHECK(expected, ...)                                                                       \
	check((const uint64_t[]){ __VA_ARGS__ },                                                   \
		sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t), expected)

static void batches(void **state)
{
	(void)state;
	CHECK(1, 5);
	CHECK(1, 5, 6, 7, 8);
	CHECK(1, 8, 7, 6, 5);
	CHECK(2, 5, 6, 9, 8, 7);
	CHECK(2, 9, 8, 7, 8, 9);
	CHECK(2, 5, 6, 0, 7);
	CHECK(1, 5, 5, 5, 5);
	CHECK(3, 4, 5, 6, 9, 9, 9, 6, 5);
	CHECK(3, 7, 7, 0, 7, 7, 8, 9);
	CHECK(2, 6, 5, 0, 4);
	CHECK(3, 5, 7, 9);
	/* Down to the last frame that is told, and no further. */
	CHECK(1, 3, 2, 1, 0);
}

static void each_page_gets_its_own(void **state)
{
	uint64_t pfn[256];
	int round, i;

	(void)state;
	for (round = 0; round < 500; round++) {
		uint64_t at = 1000;
		int step = 0;

		for (i = 0; i < 256; i++) {
			if (!random_below(5)) {
				at = 1000 + random_below(1000);
				step = (int)random_below(3) - 1;
			}
			at += (uint64_t)(int64_t)step;
			pfn[i] = random_below(20) ? at : 0;
		}
		check(pfn, 1 + random_below(256), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches),
		cmocka_unit_test(each_page_gets_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
