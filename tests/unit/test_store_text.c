/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The compact strings of .pmv files: what is written is parsed back, what is malformed is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "helpers.h"
#include "source/store_text.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define MANY 500

static void check_entries(const uint64_t *entry, const uint64_t *before, uint64_t n)
{
	struct str text = { 0 };
	struct entries_piece p;
	const char *at;
	uint64_t i = 0, k;
	int more;

	store_add_entries(&text, entry, before, n);
	at = str_text(&text);
	while ((more = store_next_entries(&at, &p)) > 0) {
		assert_true(i + p.n <= n);
		for (k = 0; k < p.n; k++, i++)
			assert_int_equal(p.same ? before[i] : p.word + k * p.step, entry[i]);
	}
	assert_int_equal(more, 0);
	assert_int_equal(i, n);
	str_free(&text);
}

static void entries_come_back(void **state)
{
	uint64_t entry[MANY], before[MANY], last = 5;
	int round, i;

	(void)state;
	random_seed(1);
	for (round = 0; round < 300; round++) {
		uint64_t n = 1 + random_below(MANY);

		for (i = 0; i < (int)n; i++) {
			uint64_t what = random_below(8);

			last = what < 2 ? last + 1
				: what < 4  ? last - 1
				: what < 5  ? last
				: what < 6  ? ENTRY_UNKNOWN
				: what < 7  ? 0
					    : random_below(UINT64_MAX);
			entry[i] = last;
			before[i] = random_below(2) ? last : random_below(2) ? ENTRY_UNKNOWN : 7;
		}
		check_entries(entry, NULL, n);
		check_entries(entry, before, n);
	}
}

static void entries_are_folded(void **state)
{
	static const uint64_t up[] = { 0x10, 0x11, 0x12, 0x20, 0x1f, 0, 0, 0, ENTRY_UNKNOWN, 0x12 },
			      was[] = { 0x10, 0x11, 0, 0x20, 0x1f, 0, 1, 2, 0, 0x12 };
	struct str text = { 0 };

	(void)state;
	store_add_entries(&text, up, NULL, LENGTH(up));
	assert_string_equal(str_text(&text), "10+3 20-2 0*3 ?1 12");
	str_clear(&text);
	store_add_entries(&text, up, was, LENGTH(up));
	assert_string_equal(str_text(&text), "=2 12 =3 0*2 ?1 =1");
	str_clear(&text);
	store_add_entries(&text, up, (const uint64_t[]){ 1, 0x11, 2 }, 3);
	assert_string_equal(str_text(&text), "10 =1 12");
	str_free(&text);
}

static void malformed_entries_are_seen(void **state)
{
	static const char *const bad[] = { "x", "1+", "1+0", "1*x", "1+2x", "=", "=0", "?", "?0", "1  2",
		" 1", "10000000000000000", "1+281474976710656", "=-1", "+2", "1+2+3", "=1*2", "1,2" };
	struct entries_piece p;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(bad); i++) {
		const char *at = bad[i];
		int more;

		while ((more = store_next_entries(&at, &p)) > 0)
			;
		if (more != -1)
			fail_msg("taken: %s", bad[i]);
	}
}

static void frames_come_back(void **state)
{
	struct frames_piece piece[MANY], back;
	int round, i;

	(void)state;
	random_seed(2);
	for (round = 0; round < 200; round++) {
		int n = 1 + (int)random_below(MANY);
		struct str text = { 0 };
		const char *at;

		for (i = 0; i < n; i++) {
			struct frame *f = &piece[i].told;

			piece[i].pfn = (i ? piece[i - 1].pfn + piece[i - 1].n : 0) + random_below(1000);
			piece[i].n = random_below(2) ? 1 : 1 + random_below(600);
			*f = (struct frame){ .node = -1 };
			if (i && random_below(2))
				*f = piece[i - 1].told;
			else if (random_below(8))
				*f = (struct frame){
					.flags = random_below(UINT64_MAX),
					.mapcount = random_below(9),
					.cgroup = random_below(UINT64_MAX),
					.known = 7,
					.node = (int16_t)random_below(INT16_MAX),
					.zone = (uint8_t)random_below(ZONES),
				};
			store_add_frames(&text, &piece[i], i ? &piece[i - 1] : NULL);
		}
		at = str_text(&text);
		back = (struct frames_piece){ .pfn = piece[0].pfn };
		for (i = 0; i < n; i++) {
			assert_int_equal(store_next_frames(&at, &back), 1);
			assert_int_equal(back.pfn, piece[i].pfn);
			assert_int_equal(back.n, piece[i].n);
			assert_true(frames_told_same(&back.told, &piece[i].told));
		}
		assert_int_equal(store_next_frames(&at, &back), 0);
		str_free(&text);
	}
}

static void malformed_frames_are_seen(void **state)
{
	static const char *const bad[] = { "x", "0+", "0+0", "0:", "0:1", "0:1,2,3,4", "0:1,2,3,ffff,DMA",
		"0:g,,,,", "80000000000000", "0 1  2", "0+281474976710655 7fffffffffffff", ":1,1,1,1,DMA" };
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(bad); i++) {
		struct frames_piece p = { .pfn = 0 };
		const char *at = bad[i];
		int more;

		while ((more = store_next_frames(&at, &p)) > 0)
			;
		if (more != -1)
			fail_msg("taken: %s", bad[i]);
	}
}

static void runs_and_absent_pages(void **state)
{
	static const struct run_piece runs[] = { { 212, PAGE_ANON, false, false },
		{ 3, PAGE_UNKNOWN, false, true }, { 512, PAGE_FILE, true, false } };
	static const struct absent_run absent[] = { { 4096, ABSENT_HOLE }, { 20, ABSENT_CACHED },
		{ 5, ABSENT_SWAPPED }, { 1, ABSENT_NOT_SWAPPED }, { 2, ABSENT_UNKNOWN } };
	struct str text = { 0 };
	struct run_piece r;
	struct absent_run a;
	const char *at;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(runs); i++)
		store_add_run(&text, &runs[i]);
	assert_string_equal(str_text(&text), "A212 =3 F512h");
	at = str_text(&text);
	for (i = 0; i < LENGTH(runs); i++) {
		assert_int_equal(store_next_run(&at, &r), 1);
		assert_true(r.pages == runs[i].pages && r.state == runs[i].state &&
			r.huge == runs[i].huge && r.same == runs[i].same);
	}
	assert_int_equal(store_next_run(&at, &r), 0);
	str_clear(&text);
	for (i = 0; i < LENGTH(absent); i++)
		store_add_absent(&text, &absent[i]);
	assert_string_equal(str_text(&text), "h4096 c20 s5 n1 ?2");
	at = str_text(&text);
	for (i = 0; i < LENGTH(absent); i++) {
		assert_int_equal(store_next_absent(&at, &a), 1);
		assert_true(a.pages == absent[i].pages && a.kind == absent[i].kind);
	}
	assert_int_equal(store_next_absent(&at, &a), 0);
	at = "=3h";
	assert_int_equal(store_next_run(&at, &r), -1);
	at = "x3";
	assert_int_equal(store_next_absent(&at, &a), -1);
	at = "h0";
	assert_int_equal(store_next_absent(&at, &a), -1);
	str_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_back),
		cmocka_unit_test(entries_are_folded),
		cmocka_unit_test(malformed_entries_are_seen),
		cmocka_unit_test(frames_come_back),
		cmocka_unit_test(malformed_frames_are_seen),
		cmocka_unit_test(runs_and_absent_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
