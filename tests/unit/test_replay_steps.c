/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps through a file of several snapshots with entries: a made-up store takes the place of the one
 * that reads files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "source/replay.h"

#define PATIENCE_MS 20000
#define MADE_UP     5
#define BAD         3 /* this one cannot be read */

/* Snapshot i has i + 1 pages; its entries say "PFN i". */
struct store {
	size_t last;  /* the one that was read last */
	int reads;
	bool entries, frames;
};

struct snapshot *store_read(struct store *s, size_t i, struct err *e)
{
	char text[64];

	assert_true(i < MADE_UP);
	s->reads++;
	s->last = i;
	if (i == BAD) {
		s->last = SIZE_MAX;
		err_set(e, "number %d is damaged", BAD);
		return NULL;
	}
	snprintf(text, sizeof(text), "600000 rw-p heap [heap] A%zu .%zu\n", i + 1, 9 - i);
	return snapshot_of(text, NULL);
}

static ssize_t read_entries(void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e)
{
	const struct store *s = ctx;
	uint64_t i;

	(void)page, (void)e;
	assert_true(s->last < MADE_UP);
	for (i = 0; i < n; i++)
		entries[i] = ENTRY_PRESENT | s->last;
	return (ssize_t)n;
}

struct entry_reader store_entries(struct store *s)
{
	return (struct entry_reader){ .read = s->entries ? read_entries : NULL, .ctx = s };
}

static void read_frames(void *ctx, uint64_t pfn, uint64_t n, struct frame *f)
{
	(void)ctx;
	for (; n--; f++)
		*f = (struct frame){ .mapcount = pfn, .known = FRAME_HAS_MAPCOUNT, .node = -1 };
}

struct frame_reader store_frames(struct store *s)
{
	return (struct frame_reader){ .read = s->frames ? read_frames : NULL, .ctx = s,
		.page_size = 4096 };
}

/* Only of number 1 is it kept. */
const struct vma_smaps *store_smaps(const struct store *s)
{
	static const struct vma_smaps said = { .known = true };

	return s->last == 1 ? &said : NULL;
}

void store_cancel_by(struct store *s, const atomic_bool *cancel)
{
	(void)s, (void)cancel;
}

static struct replay *begin(struct store *s, size_t at, unsigned expected)
{
	struct err e;
	struct snapshot *first = store_read(s, at, &e);
	struct needs n = { 0 };
	unsigned kept;
	struct replay *r = replay_start(s, first, at, &kept);

	assert_non_null(r);
	assert_int_equal(kept, expected);
	snapshot_unref(first);
	needs_add(&n, NEED_ENTRIES | NEED_FRAMES, 0x600, 1);
	replay_need(r, &n);
	return r;
}

static void forget(struct replayed *n)
{
	snapshot_unref(n->snapshot);
	snapshot_unref(n->before);
	free(n->smaps);
	diff_free(n->diff);
	pageset_unref(n->pages);
}

static struct replayed next(struct replay *r)
{
	struct pollfd p = { replay_fd(r), POLLIN, 0 };

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	return replay_take(r);
}

/* Take news until that snapshot and the answer to what is needed of it are there. */
static void wait_for(struct replay *r, size_t index, bool together, struct replayed *got)
{
	struct replayed n = next(r);

	memset(got, 0, sizeof(*got));
	while (!got->snapshot || !got->pages) {
		if (n.snapshot && n.index == index) {
			*got = n;
			assert_true(!together || n.pages);
			n = (struct replayed){ 0 };
		} else if (got->snapshot && n.pages) {
			got->pages = n.pages;
			n.pages = NULL;
		}
		forget(&n);
		if (!got->snapshot || !got->pages)
			n = next(r);
	}
}

static void assert_got(struct replayed *got, size_t index, unsigned kept)
{
	uint64_t entry;

	assert_int_equal(snapshot_totals(got->snapshot)->state[PAGE_ANON], index + 1);
	assert_int_equal(got->kept, kept);
	/* One page came with each. */
	if (index) {
		assert_int_equal(diff_total(got->diff), 1);
		assert_int_equal(snapshot_totals(got->before)->state[PAGE_ANON], index);
	} else {
		assert_null(got->diff);
		assert_null(got->before);
	}
	assert_true(!got->smaps == (index != 1));
	assert_int_equal(pageset_serial(got->pages), index + 1);
	assert_true(pageset_entry(got->pages, 0x600, &entry));
	assert_int_equal(entry & ENTRY_PFN_MASK, index);
	if (kept & NEED_FRAMES)
		assert_int_equal(pageset_frame(got->pages, 0x600)->mapcount, index);
	else
		assert_null(pageset_frame(got->pages, 0x600));
	forget(got);
}

static void back_and_forth(void **state)
{
	static const size_t steps[] = { 1, 0, 1, 2, 0, 2, 1 };
	struct store s = { .entries = true, .frames = true };
	struct replay *r = begin(&s, 2, NEED_ENTRIES | NEED_FRAMES);
	struct replayed got;
	size_t i;

	(void)state;
	/* Of the first one that is shown it is still to be told what changed. */
	wait_for(r, 2, false, &got);
	assert_got(&got, 2, NEED_ENTRIES | NEED_FRAMES);
	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		replay_load(r, steps[i]);
		wait_for(r, steps[i], true, &got);
		assert_got(&got, steps[i], NEED_ENTRIES | NEED_FRAMES);
	}
	replay_stop(r);
	/* A step on takes one snapshot: the one before is there. */
	s.reads = 0;
	r = begin(&s, 0, NEED_ENTRIES | NEED_FRAMES);
	replay_load(r, 1);
	wait_for(r, 1, false, &got);
	assert_got(&got, 1, NEED_ENTRIES | NEED_FRAMES);
	replay_stop(r);
	assert_int_equal(s.reads, 2);
}

static void entries_without_frames(void **state)
{
	struct store s = { .entries = true };
	struct replay *r = begin(&s, 0, NEED_ENTRIES);
	struct replayed got;

	(void)state;
	replay_load(r, 1);
	wait_for(r, 1, false, &got);
	assert_got(&got, 1, NEED_ENTRIES);
	replay_stop(r);
}

/* What is shown stays, and so do its entries. */
static void one_is_damaged(void **state)
{
	struct store s = { .entries = true };
	struct replay *r = begin(&s, 1, NEED_ENTRIES);
	struct replayed got;
	uint64_t entry;

	(void)state;
	wait_for(r, 1, false, &got);
	forget(&got);
	replay_load(r, BAD);
	got = next(r);
	while (!got.err.text[0]) {
		forget(&got);
		got = next(r);
	}
	assert_string_equal(got.err.text, "number 3 is damaged");
	assert_null(got.snapshot);
	while (!got.pages)
		got = next(r);
	assert_int_equal(pageset_serial(got.pages), 2);
	assert_true(pageset_entry(got.pages, 0x600, &entry));
	assert_int_equal(entry & ENTRY_PFN_MASK, 1);
	forget(&got);
	/* The one behind it: there is nothing to compare it with. */
	replay_load(r, BAD + 1);
	wait_for(r, BAD + 1, false, &got);
	assert_null(got.diff);
	forget(&got);
	replay_stop(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(back_and_forth),
		cmocka_unit_test(entries_without_frames),
		cmocka_unit_test(one_is_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
