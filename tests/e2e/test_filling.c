/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scan that takes long shows what it has found so far: that must be true, and only grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

#include "e2e/lists.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "source/live.h"

#define MOST 64

struct watch {
	struct live *live;
	struct snapshot *part[MOST]; /* at every step-th pause */
	size_t n, step, pauses;
};

/* However long it takes, some of each time are kept. */
static void thin_out(struct watch *w)
{
	size_t i;

	for (i = 0; i < MOST; i++) {
		if (i % 2)
			snapshot_unref(w->part[i]);
		else
			w->part[i / 2] = w->part[i];
	}
	w->n = MOST / 2;
	w->step *= 2;
}

static bool between(void *ctx)
{
	struct watch *w = ctx;
	struct err e;

	if (w->n == MOST)
		thin_out(w);
	if (w->pauses++ % w->step == 0) {
		w->part[w->n] = live_so_far(w->live, &e);
		assert_non_null(w->part[w->n]);
		w->n++;
	}
	return true;
}

/* Every page of a mapping is as in the whole scan, or unknown. Returns how many are known. */
static uint64_t compare(const struct vma *part, const struct vma *whole)
{
	uint64_t known = 0, first;
	size_t i, j;

	assert_int_equal(part->start, whole->start);
	assert_int_equal(runs_pages(part->runs), runs_pages(whole->runs));
	for (i = 0; i < runs_length(part->runs); i++) {
		struct run a = runs_at(part->runs, i);

		if (a.state == PAGE_UNKNOWN)
			continue;
		known += a.pages;
		for (first = a.first, j = runs_find(whole->runs, first); first < a.first + a.pages; j++) {
			struct run b = runs_at(whole->runs, j);

			assert_int_equal(a.state, b.state);
			assert_int_equal(a.huge, b.huge);
			first = b.first + b.pages;
		}
	}
	return known;
}

static void check_engine(int engine)
{
	struct fixture *f = fixture_start((const char *const[]){ "anon:50000", "stripes:100000", NULL });
	struct live_options o = { .proc = "/proc", .engine = engine };
	struct watch w = { .step = 1 };
	struct snapshot *whole;
	uint64_t before = 0;
	bool divided = false; /* a mapping was seen that was known in part */
	unsigned percent = 0;
	struct err e;
	size_t i, k;

	assert_non_null(f);
	if (engine == LIVE_READ && !reads_are_cheap(fixture_pid(f))) {
		print_message("terabytes are reserved there: plain reads take too long\n");
		fixture_stop(f);
		skip();
	}
	w.live = live_open(fixture_pid(f), &o, &e);
	if (!w.live) {
		print_message("%s\n", e.text);
		fixture_stop(f);
		skip();
	}
	whole = live_scan(w.live, NULL, between, &w, &e);
	assert_non_null(whole);
	assert_true(snapshot_info(whole)->complete);
	assert_false(snapshot_info(whole)->scanning);
	assert_true(snapshot_info(whole)->calls >= w.n);
	assert_true(w.n > 3);
	for (i = 0; i < w.n; i++) {
		const struct snapshot_info *info = snapshot_info(w.part[i]);
		uint64_t known = 0;

		assert_true(info->scanning && !info->complete);
		assert_in_range(info->percent, percent, 100);
		percent = info->percent;
		assert_int_equal(snapshot_vmas(w.part[i]), snapshot_vmas(whole));
		for (k = 0; k < snapshot_vmas(whole); k++) {
			const struct vma *v = snapshot_vma(whole, k);
			uint64_t n = compare(snapshot_vma(w.part[i], k), v);

			known += n;
			divided |= n && n < runs_pages(v->runs);
		}
		assert_true(known >= before);
		assert_true(known < snapshot_pages(whole));
		before = known;
		snapshot_unref(w.part[i]);
	}
	assert_true(before > 0 && divided);
	snapshot_unref(whole);
	live_close(w.live);
	assert_int_equal(fixture_stop(f), 0);
}

static void what_the_scan_has_found_so_far(void **state)
{
	(void)state;
	check_engine(LIVE_SCAN);
}

static void what_plain_reads_have_found_so_far(void **state)
{
	(void)state;
	check_engine(LIVE_READ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_scan_has_found_so_far),
		cmocka_unit_test(what_plain_reads_have_found_so_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
