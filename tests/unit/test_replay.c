/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots of a file are read on a thread of their own, with what was kept besides. */
#include "store_help.h"

#include <poll.h>
#include <string.h>

#include "source/record.h"
#include "source/replay.h"

#define PATIENCE_MS 20000

static struct replayed next(struct replay *r)
{
	struct pollfd p = { replay_fd(r), POLLIN, 0 };

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	return replay_take(r);
}

static void forget(struct replayed *n)
{
	snapshot_unref(n->snapshot);
	snapshot_unref(n->before);
	free(n->smaps);
	diff_free(n->diff);
	pageset_unref(n->pages);
}

/* Take news until a snapshot is among it, or its needs' answer (serial) is. */
static struct replayed until(struct replay *r, bool snapshot, uint64_t serial)
{
	struct replayed n = next(r);

	while (snapshot ? !n.snapshot : !n.pages || pageset_serial(n.pages) != serial) {
		forget(&n);
		n = next(r);
	}
	return n;
}

static const char *const steps[] = {
	"0x400000 r-xp file /bin/x F4\n0x600000 rw-p heap [heap] A4 .8\n",
	"0x400000 r-xp file /bin/x F4\n0x600000 rw-p heap [heap] A6 .6\n",
	"0x400000 r-xp file /bin/x F4\n0x600000 rw-p heap [heap] A6 S1 .5\n",
};
#define STEPS (sizeof(steps) / sizeof(*steps))

/* A recording of the three; as many of them as the file can hold are in it. */
static struct store *recording(const char *path)
{
	struct store *store;
	struct recorder *r = NULL;
	struct err e;
	size_t i;

	for (i = 0; i < STEPS; i++) {
		struct snapshot_info info = info_for_tests();
		struct snapshot *s;

		info.time.tv_sec += (time_t)i;
		s = snapshot_of(steps[i], &info);
		if (!r)
			r = recorder_open(path, s, true, &e);
		assert_non_null(r);
		assert_int_equal(recorder_add(r, s, NULL, &e), 0);
		snapshot_unref(s);
	}
	assert_int_equal(recorder_close(r, &e), 0);
	store = store_open(path, &e);
	assert_non_null(store);
	return store;
}

static void one_steps_through(void **state)
{
	struct store *store = recording(scratch("steps.pmv"));
	size_t n = store_count(store), i;
	struct snapshot *first;
	struct replayed got;
	struct replay *r;
	struct err e;

	(void)state;
	first = store_read(store, n - 1, &e);
	r = replay_start(store, first, n - 1, NULL);
	snapshot_unref(first);
	assert_non_null(r);
	for (i = n; i--;) {
		replay_load(r, i);
		do {
			got = until(r, true, 0);
			if (got.index != i)
				forget(&got);
		} while (got.index != i);
		assert_string_equal(got.err.text, "");
		if (n == STEPS)
			assert_int_equal(snapshot_totals(got.snapshot)->state[PAGE_ANON],
				i ? 6 : 4);
		/* What changed against the one before: two pages faulted in, one swapped out. */
		if (!i)
			assert_null(got.diff);
		else
			assert_int_equal(diff_total(got.diff), i == 1 ? 2 : 1);
		forget(&got);
	}
	replay_stop(r);
	store_close(store);
}

/* Needs are answered, whether or not entries were kept: nobody waits for ever. */
static void needs_are_answered(void **state)
{
	struct store *store = recording(scratch("needs.pmv"));
	size_t last = store_count(store) - 1;
	unsigned kept = 99;
	struct needs n = { 0 };
	struct snapshot *s;
	struct replayed got;
	struct replay *r;
	uint64_t entry;
	struct err e;

	(void)state;
	s = store_read(store, last, &e);
	r = replay_start(store, s, last, &kept);
	assert_non_null(r);
	assert_int_equal(kept, 0); /* the skeleton alone */
	needs_add(&n, NEED_ENTRIES, 0x600, 4);
	replay_need(r, &n);
	got = until(r, false, last + 1);
	assert_false(pageset_entry(got.pages, 0x600, &entry));
	assert_true(pageset_missing(got.pages, 0x603));
	forget(&got);
	snapshot_unref(s);
	replay_stop(r);
	store_close(store);
}

static ssize_t made_up(void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e)
{
	uint64_t i;

	(void)ctx, (void)e;
	for (i = 0; i < n; i++)
		entries[i] = ENTRY_PRESENT | (page + i);
	return (ssize_t)n;
}

/* Where the file keeps entries they are those that were read then. */
static void entries_that_were_kept(void **state)
{
	struct entry_reader reader = { .read = made_up };
	struct store_what what = { .keep = KEEP_ENTRIES, .entries = &reader };
	struct snapshot *s = snapshot_of(steps[0], NULL), *first;
	const char *path = scratch("entries.pmv");
	struct store *store;
	struct needs n = { 0 };
	struct replayed got;
	struct replay *r;
	unsigned kept;
	uint64_t entry;
	struct err e;

	(void)state;
	assert_int_equal(store_write(path, s, &what, true, &e), 0);
	store = store_open(path, &e);
	assert_non_null(store);
	first = store_read(store, 0, &e);
	r = replay_start(store, first, 0, &kept);
	assert_int_equal(kept, store_item(store, 0)->keep >= KEEP_ENTRIES ? NEED_ENTRIES : 0);
	needs_add(&n, NEED_ENTRIES | NEED_FRAMES, 0x600, 4);
	replay_need(r, &n);
	got = until(r, false, 1);
	if (kept) {
		assert_true(pageset_entry(got.pages, 0x603, &entry));
		assert_int_equal(entry & ENTRY_PFN_MASK, 0x603);
		assert_null(pageset_frame(got.pages, 0x603));
	}
	forget(&got);
	snapshot_unref(first);
	snapshot_unref(s);
	replay_stop(r);
	store_close(store);
}

/* It may be left at any time. */
static void it_stops_at_once(void **state)
{
	struct store *store = recording(scratch("stops.pmv"));
	struct snapshot *s;
	struct replay *r;
	struct err e;
	int i;

	(void)state;
	for (i = 0; i < 50; i++) {
		s = store_read(store, 0, &e);
		r = replay_start(store, s, 0, NULL);
		replay_load(r, store_count(store) - 1);
		snapshot_unref(s);
		replay_stop(r);
	}
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_steps_through),
		cmocka_unit_test(needs_are_answered),
		cmocka_unit_test(entries_that_were_kept),
		cmocka_unit_test(it_stops_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
