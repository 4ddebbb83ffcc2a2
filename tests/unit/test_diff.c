/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/model/diff: which pages of a snapshot are not what they were in an older one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>

#include "helpers.h"
#include "model/diff.h"
#include "model/snapshot.h"
#include "pairs_help.h"

/* The page at an address of a snapshot: its state, or -1 where `like` has no counterpart. */
static int state_at(const struct snapshot *s, const struct vma *like, uint64_t address)
{
	size_t i = snapshot_find(s, address);
	const struct vma *v;

	if (!snapshot_holds(s, i, address))
		return -1;
	v = snapshot_vma(s, i);
	if (!vma_same(v, like))
		return -1;
	return (int)runs_at(v->runs, runs_find(v->runs, snapshot_page_of(s, v, address))).state;
}

static bool naive_changed(
	const struct snapshot *old, const struct snapshot *new, const struct vma *v, uint64_t page)
{
	uint64_t address = snapshot_address_of(new, v, page);
	int now = state_at(new, v, address), before = state_at(old, v, address);

	if (now == PAGE_UNKNOWN || before == PAGE_UNKNOWN)
		return false;
	return before < 0 ? now != PAGE_NONE : now != before;
}

static void check_diff(const struct snapshot *old, const struct snapshot *new)
{
	struct diff *d = diff_new(old, new);
	uint64_t first, end, pages, sum = 0;
	size_t i;

	for (i = 0; i < snapshot_vmas(new); i++) {
		const struct vma *v = snapshot_vma(new, i);
		uint64_t n = snapshot_vma_pages(new, v), in_vma = 0;

		for (first = 0; first < n; first++) {
			bool any = false;

			in_vma += naive_changed(old, new, v, first);
			for (end = first, pages = 1; end < n; end++, pages++) {
				any |= naive_changed(old, new, v, end);
				assert_int_equal(diff_changed(d, i, first, pages), any);
			}
		}
		assert_int_equal(diff_pages(d, i), in_vma);
		sum += in_vma;
	}
	assert_int_equal(diff_total(d), sum);
	diff_free(d);
}

static uint64_t changed(const char *old_text, const char *new_text)
{
	struct snapshot *old = snapshot_of(old_text, NULL), *new = snapshot_of(new_text, NULL);
	struct diff *d = diff_new(old, new);
	uint64_t total = diff_total(d);

	check_diff(old, new);
	diff_free(d);
	snapshot_unref(old);
	snapshot_unref(new);
	return total;
}

static void changes_are_counted(void **state)
{
	(void)state;
	assert_int_equal(changed("", ""), 0);
	assert_int_equal(changed("0x1000 rw-p anon - A2 .3 S1", "0x1000 rw-p anon - A2 .3 S1"), 0);
	assert_int_equal(
		changed("0x1000 rw-p anon - A2 .3 S1", "0x1000 rw-p anon - A1 .1 A2 .1 A1"), 4);
	/* A new mapping: what is in it. A mapping that has gone leaves nothing to count. */
	assert_int_equal(changed("", "0x1000 rw-p anon - A2 .3 ?1 S1"), 3);
	assert_int_equal(changed("0x1000 rw-p anon - A2 .3 S1", ""), 0);
	/* Huge is no state. */
	assert_int_equal(changed("0x1000 rw-p anon - A512", "0x1000 rw-p anon - A512h"), 0);
	/* Unknown is no change. */
	assert_int_equal(changed("0x1000 rw-p anon - A2 ?2 .1", "0x1000 rw-p anon - ?2 S2 A1"), 1);
	/* A heap grows upwards, a stack downwards. */
	assert_int_equal(
		changed("0x5000 rw-p heap [heap] A4", "0x5000 rw-p heap [heap] A4 .2 A3"), 3);
	assert_int_equal(
		changed("0x5000 rw-p heap [heap] A4 .2 A3", "0x5000 rw-p heap [heap] A3"), 0);
	assert_int_equal(
		changed("0x5000 rw-p stack [stack] A4", "0x2000 rw-p stack [stack] .1 A6"), 2);
	/* Split and joined by mprotect. */
	assert_int_equal(
		changed("0x1000 rw-p anon - A9",
			"0x1000 rw-p anon - A3\n0x4000 r--p anon - A2 .1\n0x7000 rw-p anon - A3"),
		1);
	assert_int_equal(
		changed("0x1000 rw-p anon - A3\n0x4000 r--p anon - A3\n0x7000 rw-p anon - A3",
			"0x1000 rw-p anon - A3 S1 A5"),
		1);
	/* Another kind of mapping at the same place is new. */
	assert_int_equal(changed("0x1000 rw-p anon - A9", "0x1000 rw-s anon - A9"), 9);
	assert_int_equal(changed("0x1000 rw-p anon - A9", "0x1000 rw-p heap [heap] A9"), 9);
	/* One of several below a new one is the same. */
	assert_int_equal(
		changed("0x1000 rw-p heap [heap] A2\n0x3000 rw-p anon - A2\n"
			"0x6000 rw-p heap [heap] A2",
			"0x1000 rw-p anon - A8"),
		6);
}

static void no_pages_have_not_changed(void **state)
{
	struct snapshot *old = snapshot_of("0x1000 rw-p anon - A9", NULL);
	struct snapshot *new = snapshot_of("0x1000 rw-p anon - A3 S3 A3", NULL);
	struct diff *d = diff_new(old, new);
	bool any = false;
	uint64_t page;

	(void)state;
	for (page = 0; page < 9; page++)
		any |= diff_changed(d, 0, page, 0);
	diff_free(d);
	snapshot_unref(old);
	snapshot_unref(new);
	assert_false(any);
}

static void nothing_to_compare_with_is_no_change(void **state)
{
	(void)state;
	assert_int_equal(diff_total(NULL), 0);
	assert_int_equal(diff_pages(NULL, 3), 0);
	assert_false(diff_changed(NULL, 3, 0, 100));
	diff_free(NULL);
}

static void random_changes(void **state)
{
	int i;

	(void)state;
	srand(1);
	for (i = 0; i < 1500; i++) {
		struct snapshot *old = random_snapshot(NULL), *new = random_snapshot(old);

		check_diff(old, new);
		check_diff(new, old);
		check_diff(new, new);
		snapshot_unref(old);
		snapshot_unref(new);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_counted),
		cmocka_unit_test(no_pages_have_not_changed),
		cmocka_unit_test(nothing_to_compare_with_is_no_change),
		cmocka_unit_test(random_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
