/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last snapshots are kept as long as there is room, and what they share counts once; and which
 * one a person means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "model/history.h"
#include "model/moment.h"

/* --- room --- */

#define RUNS 1000

static struct runs *many_runs(int salt)
{
	struct runs_builder b = { 0 };
	struct runs *r;
	int i;

	for (i = 0; i < RUNS; i++)
		runs_builder_add(&b, 1 + (uint64_t)(i + salt) % 3, i % 2 ? PAGE_ANON : PAGE_NONE, false);
	r = runs_builder_finish(&b);
	runs_builder_free(&b);
	return r;
}

/* Two mappings: the first one's runs are given, the other's are made. */
static struct snapshot *with_runs(struct runs *first, int salt)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b = snapshot_builder_new(&info);
	struct runs *own = many_runs(salt);
	struct vma v = { .start = 0x100000, .page_size = 4096, .name = "" };

	v.end = v.start + runs_pages(first) * 4096;
	snapshot_builder_add(b, &v, runs_ref(first));
	v.start = 0x10000000;
	v.end = v.start + runs_pages(own) * 4096;
	snapshot_builder_add(b, &v, own);
	return snapshot_builder_finish(b);
}

static void what_is_shared_counts_once(void **state)
{
	struct runs *shared = many_runs(0);
	struct snapshot *a = with_runs(shared, 1), *b = with_runs(shared, 2);
	size_t alone = snapshot_bytes(a, NULL);

	(void)state;
	assert_true(runs_bytes(shared) >= RUNS * 7 && runs_bytes(shared) < RUNS * 16);
	assert_true(alone > 2 * runs_bytes(shared) && alone < 3 * runs_bytes(shared));
	assert_int_equal(snapshot_bytes(b, a), alone - runs_bytes(shared));
	/* Of itself it has nothing of its own but the mappings. */
	assert_int_equal(snapshot_bytes(a, a), alone - 2 * runs_bytes(shared));
	snapshot_unref(a);
	snapshot_unref(b);
	runs_unref(shared);
}

static void the_oldest_go(void **state)
{
	struct runs *shared = many_runs(0);
	struct history h = { 0 };
	size_t most = 0, sum, i;
	uint64_t serial;

	(void)state;
	for (serial = 1; serial <= 20; serial++) {
		struct snapshot *s = with_runs(shared, (int)serial);

		if (!most)
			most = snapshot_bytes(s, NULL) + 4 * (snapshot_bytes(s, s) + runs_bytes(shared));
		history_add(&h, s, serial, most);
		snapshot_unref(s);
		/* Five have room because they share a half. */
		assert_int_equal(h.n, serial < 5 ? serial : 5);
		assert_int_equal(h.dropped, serial - h.n);
		assert_int_equal(h.kept[h.n - 1].serial, serial);
		assert_int_equal(h.kept[0].serial, serial - h.n + 1);
		for (i = sum = 0; i < h.n; i++)
			sum += snapshot_bytes(
				h.kept[i].snapshot, i ? h.kept[i - 1].snapshot : NULL);
		assert_int_equal(h.bytes, sum);
		assert_true(h.bytes <= most);
	}
	history_clear(&h);
	assert_int_equal(h.n, 0);
	runs_unref(shared);
}

static void the_newest_stays(void **state)
{
	struct runs *r = many_runs(0);
	struct history h = { 0 };
	int i;

	(void)state;
	for (i = 1; i <= 3; i++) {
		struct snapshot *s = with_runs(r, i);

		history_add(&h, s, (uint64_t)i, 1);
		snapshot_unref(s);
		assert_int_equal(h.n, 1);
		assert_int_equal(h.kept[0].serial, i);
	}
	history_clear(&h);
	runs_unref(r);
}

/* --- moments --- */

/* Snapshots every 10 s from there on. */
static struct timespec every_ten(const void *ctx, size_t i)
{
	struct timespec t = *(const struct timespec *)ctx;

	t.tv_sec += 10 * (time_t)i;
	return t;
}

#define N 120
#define ERROR (-1)

static int find_of(time_t first, size_t n, const char *text)
{
	struct timespec t = { first, 250000000 };
	struct moment_wish w;
	struct err e;
	size_t i;

	if (moment_parse(text, &w, &e) < 0 || moment_find(&w, n, every_ten, &t, &i, &e) < 0) {
		assert_true(e.text[0] && !strchr(e.text, '\n'));
		return ERROR;
	}
	assert_true(i < n);
	return (int)i;
}

/* 2026-11-22 12:00:00 UTC. */
#define NOON 1795348800

static void moments_by_number(void **state)
{
	(void)state;
	assert_int_equal(find_of(NOON, N, "1"), 0);
	assert_int_equal(find_of(NOON, N, "#37"), 36);
	assert_int_equal(find_of(NOON, N, "120"), 119);
	assert_int_equal(find_of(NOON, N, "-1"), 119);
	assert_int_equal(find_of(NOON, N, "-120"), 0);
	assert_int_equal(find_of(NOON, N, "0"), ERROR);
	assert_int_equal(find_of(NOON, N, "121"), ERROR);
	assert_int_equal(find_of(NOON, N, "-121"), ERROR);
	assert_int_equal(find_of(NOON, N, "99999999999999999999"), ERROR);
}

static void moments_by_time(void **state)
{
	(void)state;
	setenv("TZ", "UTC-1", 1); /* an hour east of Greenwich */
	tzset();
	/* A snapshot of 13:00:00.25 is that of 13:00:00. */
	assert_int_equal(find_of(NOON, N, "13:00:00"), 0);
	assert_int_equal(find_of(NOON, N, "13:00:09"), 0);
	assert_int_equal(find_of(NOON, N, "13:00:10"), 1);
	assert_int_equal(find_of(NOON, N, "13:01"), 6);
	assert_int_equal(find_of(NOON, N, "13:30:00"), N - 1);
	assert_int_equal(find_of(NOON, N, "23:59:59"), N - 1);
	assert_int_equal(find_of(NOON, N, "12:59:59"), ERROR);
	assert_int_equal(find_of(NOON, N, "2026-11-22T13:00:20"), 2);
	assert_int_equal(find_of(NOON, N, "2026-11-22 13:00:20"), 2);
	assert_int_equal(find_of(NOON, N, "2026-11-22T13:00"), 0);
	assert_int_equal(find_of(NOON, N, "2026-11-22T12:00:20Z"), 2);
	assert_int_equal(find_of(NOON, N, "2026-11-22T12:00:20.2Z"), 1);
	assert_int_equal(find_of(NOON, N, "2026-11-22T12:00:20.3Z"), 2);
	assert_int_equal(find_of(NOON, N, "2026-11-22T14:30:20+02:30"), 2);
	assert_int_equal(find_of(NOON, N, "2026-11-22T07:00:20-0500"), 2);
	assert_int_equal(find_of(NOON, N, "2026-11-23T00:00:00Z"), N - 1);
	assert_int_equal(find_of(NOON, N, "2025-11-22T12:00:00Z"), ERROR);
	/* Over midnight (13 h after that noon plus one): the day follows from the clock. */
	assert_int_equal(find_of(NOON + 39000, N, "23:50:00"), 0);
	assert_int_equal(find_of(NOON + 39000, N, "23:55:05"), 30);
	assert_int_equal(find_of(NOON + 39000, N, "00:00:00"), 60);
	assert_int_equal(find_of(NOON + 39000, N, "00:05:00"), 90);
	assert_int_equal(find_of(NOON + 39000, N, "00:30:00"), N - 1);
	assert_int_equal(find_of(NOON + 39000, N, "23:49:59"), N - 1);
}

static void no_moments(void **state)
{
	static const char *const bad[] = { "", "#", "-", "--1", "1x", "x", "12:", "1:00:00",
		"24:00:00", "12:60:00", "12:00:61", "12:00:00x", "12:00:0", "2026-11-22",
		"2026-13-22T00:00", "2026-02-29T00:00", "2026-11-22T12:00:00Zx",
		"2026-11-22T12:00:00.Z", "2026-11-22T12:00:00+1", "2026-11-22X12:00" };
	struct moment_wish w;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (moment_parse(bad[i], &w, &e) == 0)
			fail_msg("'%s' was taken for a moment", bad[i]);
	assert_int_equal(moment_parse("2028-02-29T00:00Z", &w, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_shared_counts_once),
		cmocka_unit_test(the_oldest_go),
		cmocka_unit_test(the_newest_stays),
		cmocka_unit_test(moments_by_number),
		cmocka_unit_test(moments_by_time),
		cmocka_unit_test(no_moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
