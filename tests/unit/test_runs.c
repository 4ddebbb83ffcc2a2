/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of equal state, and counting in them, against a naive array of pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "helpers.h"
#include "model/runs.h"

/* A page of the naive array: the state, plus 16 if huge. */
static struct runs *runs_from(const unsigned char *page, size_t n)
{
	struct runs_builder b = { 0 };
	struct runs *r;
	size_t i;

	for (i = 0; i < n; i++)
		runs_builder_add(&b, 1, (enum page_state)(page[i] & 15), page[i] & 16);
	r = runs_builder_finish(&b);
	runs_builder_free(&b);
	return r;
}

static void check_counts(const struct page_counts *got, const struct page_counts *want,
	uint64_t first, uint64_t pages)
{
	if (memcmp(got, want, sizeof(*got)) != 0)
		fail_msg("wrong counts of %llu pages from %llu on", (unsigned long long)pages,
			(unsigned long long)first);
}

static struct page_counts naive_count(const unsigned char *page, size_t first, size_t pages)
{
	struct page_counts c = { 0 };

	for (; pages; pages--, first++) {
		c.state[page[first] & 15]++;
		c.huge += page[first] >> 4;
	}
	return c;
}

static void check_range(const struct runs *r, const unsigned char *page, size_t first, size_t pages)
{
	struct page_counts got = runs_count(r, first, pages),
			   want = naive_count(page, first, pages);

	check_counts(&got, &want, first, pages);
}

static void assert_runs(struct runs *r, const char *want)
{
	struct page_counts total = runs_total(r);
	char *text = runs_text(r);

	assert_string_equal(text, want);
	if (runs_length(r)) {
		assert_int_equal(runs_at(r, 0).first, 0);
		assert_int_equal(page_counts_total(&total), runs_pages(r));
	}
	free(text);
	runs_unref(r);
}

static void equal_neighbours_become_one_run(void **state)
{
	struct runs_builder b = { 0 };

	(void)state;
	runs_builder_add(&b, 3, PAGE_ANON, false);
	runs_builder_add(&b, 0, PAGE_FILE, false); /* nothing: it must not part the two */
	runs_builder_add(&b, 4, PAGE_ANON, false);
	runs_builder_add(&b, 512, PAGE_ANON, true);
	runs_builder_add(&b, 512, PAGE_ANON, true);
	runs_builder_add(&b, 1, PAGE_ANON, false);
	runs_builder_add(&b, 1, PAGE_NONE, false);
	runs_builder_add(&b, 512, PAGE_NONE, true);
	runs_builder_add(&b, 1, PAGE_UNKNOWN, false);
	assert_int_equal(b.pages, 1546);
	assert_runs(runs_builder_finish(&b), "A7 A1024h A1 .1 .512h ?1");
	/* The builder begins anew: nothing is left of what it held. */
	runs_builder_add(&b, 2, PAGE_UNKNOWN, false);
	assert_runs(runs_builder_finish(&b), "?2");
	runs_builder_free(&b);
	runs_builder_free(&b);
}

static void no_pages_at_all(void **state)
{
	struct runs *r = runs_of("");
	struct page_counts c = runs_total(r);

	(void)state;
	assert_int_equal(runs_length(r), 0);
	assert_int_equal(runs_pages(r), 0);
	assert_int_equal(page_counts_total(&c), 0);
	c = runs_count(r, 0, 0);
	assert_int_equal(page_counts_total(&c) + c.huge, 0);
	runs_unref(r);
	runs_unref(NULL);
}

static void finds_the_run_of_a_page(void **state)
{
	struct runs *r = runs_of("A3 .1 F512h F2 .1000000");
	static const struct {
		uint64_t page;
		size_t run;
	} at[] = { { 0, 0 }, { 2, 0 }, { 3, 1 }, { 4, 2 }, { 515, 2 }, { 516, 3 }, { 517, 3 },
		{ 518, 4 }, { 1000517, 4 } };
	struct run run;
	size_t i;

	(void)state;
	assert_int_equal(runs_length(r), 5);
	assert_int_equal(runs_pages(r), 1000518);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		assert_int_equal(runs_find(r, at[i].page), at[i].run);
	run = runs_at(r, 0);
	assert_true(run.first == 0 && run.pages == 3 && run.state == PAGE_ANON && !run.huge);
	run = runs_at(r, 2);
	assert_true(run.first == 4 && run.pages == 512 && run.state == PAGE_FILE && run.huge);
	run = runs_at(r, 4);
	assert_true(
		run.first == 518 && run.pages == 1000000 && run.state == PAGE_NONE && !run.huge);
	runs_unref(r);
}

/* All contents of up to five pages, all their ranges. */
static void counts_all_small_inputs(void **state)
{
	static const unsigned char kinds[] = { PAGE_NONE, PAGE_ANON, PAGE_ANON | 16, PAGE_UNKNOWN };
	unsigned char page[5];
	size_t n, i, first, pages;
	unsigned code, all;

	(void)state;
	for (n = 1, all = 4; n <= 5; n++, all *= 4) {
		for (code = 0; code < all; code++) {
			struct runs *r;

			for (i = 0; i < n; i++)
				page[i] = kinds[code >> 2 * i & 3];
			r = runs_from(page, n);
			for (i = 0; i < n; i++) {
				struct run run = runs_at(r, runs_find(r, i));

				assert_int_equal(run.state | run.huge << 4, page[i]);
				assert_true(run.first <= i && i < run.first + run.pages);
			}
			for (first = 0; first <= n; first++)
				for (pages = 0; pages <= n - first; pages++)
					check_range(r, page, first, pages);
			runs_unref(r);
		}
	}
}

/* Fill page[0..n) with runs of random length and state; returns how many runs. */
static size_t random_pages(unsigned char *page, size_t n, int longest)
{
	size_t i = 0, runs = 0;
	unsigned char last = 255;

	while (i < n) {
		unsigned char kind = (unsigned char)(rand() % PAGE_STATES | (rand() % 4 ? 0 : 16));
		int len = 1 + rand() % longest;

		if (kind == last)
			continue;
		last = kind;
		runs++;
		for (; len && i < n; len--)
			page[i++] = kind;
	}
	return runs;
}

static void counts_across_strides(void **state)
{
	enum { PAGES = 20000 };
	unsigned char *page = mem_alloc(PAGES);
	int round, i;

	(void)state;
	srand(1);
	for (round = 0; round < 4; round++) {
		size_t n = random_pages(page, PAGES, round < 3 ? 12 : 1), k;
		struct runs *r = runs_from(page, PAGES);
		struct page_counts got = runs_total(r), want = naive_count(page, 0, PAGES);

		assert_true(n > 3 * RUNS_STRIDE);
		assert_int_equal(runs_length(r), n);
		check_counts(&got, &want, 0, PAGES);
		for (i = 0; i < 20000; i++) {
			size_t first = (size_t)rand() % PAGES;

			check_range(r, page, first,
				(size_t)rand() % (i % 2 ? 50 : PAGES) % (PAGES - first + 1));
		}
		/* Where one block of sums ends and the next begins. */
		for (k = RUNS_STRIDE; k < n; k += RUNS_STRIDE) {
			size_t edge = runs_at(r, k).first, a, b;

			for (a = edge - 2; a <= edge + 2; a++) {
				check_range(r, page, 0, a);
				check_range(r, page, a, PAGES - a);
				for (b = 0; b < 200; b += 7)
					check_range(r, page, a, b < PAGES - a ? b : PAGES - a);
			}
		}
		runs_unref(r);
	}
	free(page);
}

/* Exactly one, two, ... blocks of sums, and one run more or less. */
static void counts_at_full_strides(void **state)
{
	unsigned char page[4 * RUNS_STRIDE + 1];
	size_t n, i;

	(void)state;
	for (i = 0; i < sizeof(page); i++)
		page[i] = i % 2 ? PAGE_ANON : PAGE_SWAP;
	for (n = RUNS_STRIDE - 1; n <= sizeof(page); n++) {
		struct runs *r;

		if ((n + 1) % RUNS_STRIDE > 2)
			continue;
		r = runs_from(page, n);
		assert_int_equal(runs_length(r), n);
		for (i = 0; i <= n; i++) {
			check_range(r, page, 0, i);
			check_range(r, page, i, n - i);
		}
		runs_unref(r);
	}
}

static void enormous_runs(void **state)
{
	const uint64_t most = UINT64_C(1) << 40;
	struct runs *r = runs_of("A1 .1099511627776 S1 .1099511627776 F1");
	struct page_counts c;

	(void)state;
	assert_int_equal(runs_pages(r), 2 * most + 3);
	assert_int_equal(runs_find(r, most), 1);
	assert_int_equal(runs_find(r, most + 1), 2);
	assert_int_equal(runs_find(r, most + 2), 3);
	assert_int_equal(runs_find(r, 2 * most + 2), 4);
	c = runs_total(r);
	assert_int_equal(c.state[PAGE_NONE], 2 * most);
	assert_int_equal(page_counts_total(&c), 2 * most + 3);
	c = runs_count(r, 1, 2 * most + 1);
	assert_int_equal(c.state[PAGE_NONE], 2 * most);
	assert_int_equal(c.state[PAGE_SWAP], 1);
	assert_int_equal(page_counts_total(&c), 2 * most + 1);
	c = runs_count(r, most - 5, 10);
	assert_int_equal(c.state[PAGE_NONE], 9);
	assert_int_equal(c.state[PAGE_SWAP], 1);
	runs_unref(r);
	/* As many as there can be. */
	r = runs_of(".281474976710654 A1");
	assert_int_equal(runs_pages(r), RUNS_PAGES_MOST);
	assert_int_equal(runs_find(r, RUNS_PAGES_MOST - 1), 1);
	c = runs_count(r, 10, RUNS_PAGES_MOST - 10);
	assert_int_equal(c.state[PAGE_ANON], 1);
	assert_int_equal(c.state[PAGE_NONE], RUNS_PAGES_MOST - 11);
	runs_unref(r);
}

static void equality(void **state)
{
	static const char *const texts[] = { "", "A3", "A4", "F3", "A3h", "A3 .1", "A2 .2",
		"A3 .1 A1", ".3 A1" };
	struct runs *r[9], *twin;
	size_t i, j;

	(void)state;
	for (i = 0; i < 9; i++)
		r[i] = runs_of(texts[i]);
	for (i = 0; i < 9; i++) {
		for (j = 0; j < 9; j++)
			assert_int_equal(runs_equal(r[i], r[j]), i == j);
		twin = runs_of(texts[i]);
		assert_true(runs_equal(r[i], twin));
		runs_unref(twin);
	}
	/* Only the length of the last run differs, which no word of the array holds. */
	twin = runs_of("A3 .2");
	assert_false(runs_equal(r[5], twin));
	runs_unref(twin);
	for (i = 0; i < 9; i++)
		runs_unref(r[i]);
}

static void references_keep_runs_alive(void **state)
{
	struct runs *r = runs_of("A3 .1");

	(void)state;
	assert_ptr_equal(runs_ref(r), r);
	runs_unref(r);
	assert_int_equal(runs_pages(r), 4); /* asan would see it if this were freed */
	runs_unref(r);
}

static void huge_is_counted_beside_the_state(void **state)
{
	struct runs *r = runs_of("A512h A1 .512h F512h S1");
	struct page_counts c = runs_total(r);

	(void)state;
	assert_int_equal(c.huge, 1536);
	assert_int_equal(c.state[PAGE_ANON], 513);
	assert_int_equal(c.state[PAGE_NONE], 512);
	assert_int_equal(page_counts_total(&c), 1538);
	c = runs_count(r, 511, 3);
	assert_int_equal(c.huge, 2);
	c = runs_count(r, 512, 1);
	assert_int_equal(c.huge, 0);
	runs_unref(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_neighbours_become_one_run),
		cmocka_unit_test(no_pages_at_all),
		cmocka_unit_test(finds_the_run_of_a_page),
		cmocka_unit_test(counts_all_small_inputs),
		cmocka_unit_test(counts_across_strides),
		cmocka_unit_test(counts_at_full_strides),
		cmocka_unit_test(enormous_runs),
		cmocka_unit_test(equality),
		cmocka_unit_test(references_keep_runs_alive),
		cmocka_unit_test(huge_is_counted_beside_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
