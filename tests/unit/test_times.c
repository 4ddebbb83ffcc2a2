/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which snapshot is shown while new ones come and keys are pressed; and what is recorded meanwhile. */
#include "store_help.h"

#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "tui/lenses.h"
#include "tui/recording.h"
#include "tui/times.h"

#define PATIENCE_MS 20000
#define START 1795348800

/* The n-th snapshot: n pages are there. */
static struct snapshot *number(int n)
{
	struct snapshot_info info = info_for_tests();
	char text[128];

	info.time = (struct timespec){ START + n, 0 };
	snprintf(text, sizeof(text), "600000 rw-p heap [heap] A%d .%d\n", n, 1000 - n);
	return snapshot_of(text, &info);
}

/* What the scanner says when it has made a snapshot. */
static void scanned(struct times *t, int n, struct view *v)
{
	struct news news = { .snapshot = number(n), .serial = (uint64_t)n };

	if (t->newest)
		news.diff = diff_new(t->newest, news.snapshot);
	times_add(t, &news, v);
	assert_null(news.snapshot);
	assert_null(news.diff);
}

static void step(struct times *t, enum step what, struct view *v)
{
	v->message[0] = '\0';
	v->step = what;
	times_step(t, v);
}

static void assert_shows(struct times *t, int n, bool past)
{
	struct scene s = { 0 };

	times_tell(t, &s);
	assert_int_equal(snapshot_totals(s.snapshot)->state[PAGE_ANON], n);
	assert_int_equal(s.serial, n);
	assert_int_equal(s.past, past);
	assert_int_equal(s.replay, past);
	assert_int_equal(s.moments[s.moment_at].totals->state[PAGE_ANON], n);
	assert_int_equal(s.moments[s.moment_at].time.tv_sec, START + n);
	/* One page came with each. */
	if (n > 1)
		assert_int_equal(diff_total(s.diff), 1);
	else
		assert_null(s.diff);
}

static void steps_of_a_live_process(void **state)
{
	struct times t = { 0 };
	struct view v = { 0 };
	int i;

	(void)state;
	step(&t, STEP_PREVIOUS, &v); /* nothing is there yet */
	scanned(&t, 1, &v);
	assert_shows(&t, 1, false);
	step(&t, STEP_PREVIOUS, &v);
	assert_non_null(strstr(v.message, "no snapshot before"));
	for (i = 2; i <= 5; i++)
		scanned(&t, i, &v);
	assert_shows(&t, 5, false);
	step(&t, STEP_NEXT, &v);
	assert_non_null(strstr(v.message, "newest"));
	step(&t, STEP_PREVIOUS, &v);
	assert_shows(&t, 4, true);
	assert_string_equal(v.message, "");
	/* Scanning goes on, what is shown stays. */
	scanned(&t, 6, &v);
	scanned(&t, 7, &v);
	assert_shows(&t, 4, true);
	step(&t, STEP_PREVIOUS, &v);
	step(&t, STEP_PREVIOUS, &v);
	step(&t, STEP_PREVIOUS, &v);
	assert_shows(&t, 1, true);
	step(&t, STEP_PREVIOUS, &v);
	assert_shows(&t, 1, true);
	assert_non_null(strstr(v.message, "oldest"));
	for (i = 2; i <= 6; i++) {
		step(&t, STEP_NEXT, &v);
		assert_shows(&t, i, true);
	}
	/* Beyond that is the newest, which is followed again. */
	step(&t, STEP_NEXT, &v);
	assert_shows(&t, 7, false);
	scanned(&t, 8, &v);
	assert_shows(&t, 8, false);
	step(&t, STEP_PREVIOUS, &v);
	step(&t, STEP_NEWEST, &v);
	assert_shows(&t, 8, false);
	v.moment = (struct moment_wish){ .kind = MOMENT_NUMBER, .number = 3 };
	step(&t, STEP_TO, &v);
	assert_shows(&t, 3, true);
	v.moment = (struct moment_wish){ .kind = MOMENT_NUMBER, .number = -1 };
	step(&t, STEP_TO, &v);
	assert_shows(&t, 8, false);
	v.moment = (struct moment_wish){ .kind = MOMENT_NUMBER, .number = 9 };
	step(&t, STEP_TO, &v);
	assert_shows(&t, 8, false);
	assert_non_null(strstr(v.message, "there is no snapshot 9"));
	times_free(&t);
}

/* Each takes a third of the room. */
static struct snapshot *large(int n)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b = snapshot_builder_new(&info);
	struct runs_builder rb = { 0 };
	struct vma v = { .start = 0x100000, .page_size = 4096, .name = "" };
	size_t i, runs = HISTORY_BYTES / 3 / 10;

	for (i = 0; i < runs; i++)
		runs_builder_add(&rb, 1 + (uint64_t)n, i % 2 ? PAGE_ANON : PAGE_NONE, false);
	v.end = v.start + rb.pages * 4096;
	snapshot_builder_add(b, &v, runs_builder_finish(&rb));
	runs_builder_free(&rb);
	return snapshot_builder_finish(b);
}

static void what_is_shown_may_have_to_go(void **state)
{
	struct times t = { 0 };
	struct view v = { 0 };
	struct scene s = { 0 };
	int i;

	(void)state;
	for (i = 1; i <= 12; i++) {
		struct news news = { .snapshot = large(i), .serial = (uint64_t)i };

		times_add(&t, &news, &v);
		assert_true(t.history.bytes <= HISTORY_BYTES);
		times_tell(&t, &s);
		assert_true(s.moment_at < s.moment_count);
		assert_ptr_equal(s.moments[s.moment_at].snapshot, s.snapshot);
		if (i == 3)
			step(&t, STEP_PREVIOUS, &v);
	}
	assert_true(s.past);
	assert_int_equal(s.moment_at, 0);
	assert_non_null(strstr(v.message, "had to make room"));
	times_free(&t);
}

/* An answer for what was shown before is not taken for one of what is shown. */
static void another_process_begins_anew(void **state)
{
	struct times t = { 0 };
	struct view v = { 0 };
	struct scene s = { 0 };

	(void)state;
	scanned(&t, 1, &v);
	scanned(&t, 2, &v);
	step(&t, STEP_PREVIOUS, &v);
	times_forget(&t);
	times_tell(&t, &s);
	assert_null(s.snapshot);
	assert_int_equal(s.moment_count, 0);
	assert_false(s.past);
	scanned(&t, 1, &v);
	assert_shows(&t, 1, false);
	times_free(&t);
}

/* What smaps said, and ages, are by mapping of the newest snapshot. */
static void lenses_are_of_the_newest(void **state)
{
	struct snapshot *s = number(1);
	struct lenses l = { .ages = ages_new(s), .smaps = mem_zero(1, sizeof(*l.smaps)) };
	struct scene scene = { .snapshot = s, .serial = 1 };
	struct view v = { 0 };

	(void)state;
	lenses_tell(&l, &v, &scene);
	assert_non_null(scene.ages);
	assert_non_null(scene.smaps);
	scene.past = true;
	lenses_tell(&l, &v, &scene);
	assert_null(scene.ages);
	assert_null(scene.smaps);
	lenses_free(&l);
	snapshot_unref(s);
}

static void a_file_of_one(void **state)
{
	struct times t = { 0 };
	struct view v = { 0 };
	struct scene s = { 0 };
	struct snapshot *one = small_snapshot();
	const char *path = scratch("one.pmv");
	struct store *store;
	struct snapshot *first;
	struct err e;

	(void)state;
	save(path, one);
	store = store_open(path, &e);
	first = store_read(store, 0, &e);
	assert_int_equal(times_open(&t, store, first, 0, &e), 0);
	snapshot_unref(first);
	times_tell(&t, &s);
	assert_false(s.replay || s.past);
	assert_int_equal(s.kept, 0);
	step(&t, STEP_PREVIOUS, &v);
	assert_non_null(strstr(v.message, "one snapshot"));
	step(&t, STEP_NEXT, &v);
	assert_non_null(strstr(v.message, "one snapshot"));
	times_free(&t);
	store_close(store);
	snapshot_unref(one);
}

/* --- recording --- */

static struct recording_state wait_for(struct recording *r, size_t written)
{
	struct recording_state s = { 0 };

	while (s.written < written && !s.done) {
		struct pollfd p = { recording_fd(r), POLLIN, 0 };

		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		s = recording_take(r);
	}
	return s;
}

static void it_records(void **state)
{
	const char *path = scratch("rec.pmv");
	struct snapshot *s = number(1), *last;
	struct recording_state now;
	struct recording *r;
	char text[512];
	struct err e;
	int i;

	(void)state;
	r = recording_start(path, s, &e);
	snapshot_unref(s);
	assert_non_null(r);
	for (i = 2; i <= 5; i++) {
		wait_for(r, (size_t)i - 1);
		s = number(i);
		recording_add(r, s);
		snapshot_unref(s);
	}
	now = wait_for(r, 5);
	assert_int_equal(now.written, 5);
	assert_int_equal(now.left_out, 0);
	assert_int_equal(now.had, 0);
	assert_int_equal(recording_finish(r, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "recorded 5 snapshots, "));
	assert_non_null(strstr(text, path));
	last = load(path);
	assert_int_equal(snapshot_totals(last)->state[PAGE_ANON], 5);
	/* One more, behind those. */
	r = recording_start(path, last, &e);
	assert_non_null(r);
	now = wait_for(r, 1);
	assert_int_equal(now.written, 1);
	assert_int_equal(now.had, 5);
	assert_int_equal(recording_finish(r, text, sizeof(text)), 0);
	snapshot_unref(last);
}

/* However many come at once: each is written or counted, and the last one is written. */
static void nothing_waits_for_it(void **state)
{
	const char *path = scratch("fast.pmv");
	struct snapshot *s = number(1), *last;
	struct recording_state now;
	struct recording *r;
	char text[512];
	struct err e;
	int i;

	(void)state;
	r = recording_start(path, s, &e);
	snapshot_unref(s);
	for (i = 2; i <= 200; i++) {
		s = number(i);
		recording_add(r, s);
		snapshot_unref(s);
	}
	recording_stop(r);
	now = wait_for(r, 1000);
	assert_true(now.done);
	assert_int_equal(now.written + now.left_out, 200);
	assert_int_equal(recording_finish(r, text, sizeof(text)), 0);
	last = load(path);
	assert_int_equal(snapshot_totals(last)->state[PAGE_ANON], 200);
	snapshot_unref(last);
}

static void it_says_why_not(void **state)
{
	struct snapshot *s = number(1);
	struct recording_state now;
	struct recording *r;
	char text[512];
	struct err e;

	(void)state;
	r = recording_start("/nowhere/at/all/x.pmv", s, &e);
	assert_non_null(r);
	now = wait_for(r, 1);
	assert_true(now.done);
	assert_int_equal(now.written, 0);
	recording_add(r, s); /* no harm */
	assert_int_equal(recording_finish(r, text, sizeof(text)), -1);
	assert_non_null(strstr(text, "/nowhere/at/all/x.pmv"));
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_of_a_live_process),
		cmocka_unit_test(what_is_shown_may_have_to_go),
		cmocka_unit_test(another_process_begins_anew),
		cmocka_unit_test(lenses_are_of_the_newest),
		cmocka_unit_test(a_file_of_one),
		cmocka_unit_test(it_records),
		cmocka_unit_test(nothing_waits_for_it),
		cmocka_unit_test(it_says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
