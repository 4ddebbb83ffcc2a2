/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every page of the fixture against its record, by both engines, in three situations. */
#include "e2e/situations.h"

#include <inttypes.h>

/* --- against the record -------------------------------------------------------------------- */

static const char *name_of(char letter)
{
	static const char letters[] = ".AFS0#m!?";

	return lists_states[strchr(letters, letter) - letters];
}

/* Whether the state printed is what this claim looks like with what could be known. */
static bool agrees(const json_t *list, const char *claimed, const char *state)
{
	if (!strcmp(claimed, state))
		return true;
	if (!strcmp(claimed, "zero") && !lists_knows(list, "zero"))
		return !strcmp(state, "anon");
	if (!strcmp(claimed, "swap") || !strcmp(claimed, "marker"))
		return !lists_knows(list, "swap_kind") && !strcmp(state, "unknown");
	return !strcmp(claimed, "guard") && !lists_knows(list, "guard") &&
		!strcmp(state, "unknown");
}

static void check_page(const json_t *list, const char *region, const struct fixture_run *run,
	const struct table *t, size_t row)
{
	const char *state = cell(t, row, "state"), *huge = "";

	if (!agrees(list, name_of(run->state), state))
		fail_msg("%s, %s: %s, not %c", region, cell(t, row, "address"), state, run->state);
	if (!strchr("AF0", run->state))
		return;
	if (lists_knows(list, "huge"))
		huge = run->huge ? "1" : "0";
	assert_string_equal(cell(t, row, "cow"), run->cow ? "1" : "0");
	assert_string_equal(cell(t, row, "huge"), huge);
}

/* Shared pages that are not in the page table, of which `swapped` are in swap: their object is asked,
 * and where that is not allowed, each may be in swap. */
static void check_absent(const json_t *list, const struct fixture_region *r, const struct table *t,
	size_t row, size_t end, uint64_t swapped)
{
	bool told = lists_knows(list, "pfn");

	if (told && end - row != swapped)
		fail_msg("%s: %zu of %" PRIu64 " are in swap", r->name, end - row, swapped);
	for (; row < end; row++) {
		const char *state = cell(t, row, "state");

		assert_string_equal(cell(t, row, "entry"), "0000000000000000");
		if (!(swapped && !strcmp(state, "swap")) && (told || strcmp(state, "unknown")))
			fail_msg("%s, %s: %s, not swap", r->name, cell(t, row, "address"), state);
	}
}

static void check_pages(const json_t *list, const struct fixture_region *r, const struct table *t)
{
	struct fixture_run run = { 0 };
	uint64_t i;

	while (fixture_next_run(r, &run)) {
		uint64_t start = r->address + run.first * page_size;
		size_t row = row_of(t, start), end = row_of(t, start + run.count * page_size);

		if (run.state == '*')
			continue;
		if (run.state == '.') {
			check_absent(list, r, t, row, end, run.swapped ? run.count : 0);
			continue;
		}
		if (end - row != run.count)
			fail_msg("%s, pages %" PRIu64 " to %" PRIu64 ": %zu are not none", r->name,
				run.first, run.first + run.count - 1, end - row);
		for (i = 0; row < end; i++, row++) {
			assert_int_equal(cell_hex(t, row, "address"), start + i * page_size);
			check_page(list, r->name, &run, t, row);
		}
	}
}

/* The counts of a mapping that is one region of which everything is claimed. */
static void check_counts(const json_t *list, const struct fixture_region *r)
{
	const json_t *v = lists_vma(list, r->address);
	uint64_t claimed[LISTS_STATES] = { 0 }, huge = 0, cow = 0, i;
	struct fixture_run run = { 0 };

	assert_non_null(v);
	assert_true(lists_address(v, "end") >= r->address + r->pages * page_size);
	if (lists_address(v, "start") != r->address ||
		lists_number(v, "pages") != (long long)r->pages)
		return;
	while (fixture_next_run(r, &run)) {
		if (run.state == '*')
			return;
		for (i = 0; strcmp(lists_states[i], name_of(run.state)); i++)
			;
		claimed[i] += run.count;
		huge += run.huge ? run.count : 0;
		cow += run.cow ? run.count : 0;
	}
	assert_int_equal(lists_number(v, "cow"), cow);
	assert_int_equal(lists_number(v, "huge"), lists_knows(list, "huge") ? (long long)huge : -1);
	for (i = 0; i < LISTS_STATES; i++) {
		const char *s = lists_states[i];

		if (lists_has(v, s) && strcmp(s, "unknown") &&
			(strcmp(s, "anon") || lists_knows(list, "zero")))
			assert_int_equal(lists_state(v, s), claimed[i]);
	}
}

static void against_record(const char *engine)
{
	json_t *list = list_by(engine);
	struct table t = all_pages(engine);
	size_t i;

	assert_string_equal(lists_text(list, "engine"), engine);
	assert_int_equal(lists_number(json_object_get(list, "process"), "pid"), pid);
	assert_true(fixture_count(fixture) > 10);
	for (i = 0; i < fixture_count(fixture); i++) {
		check_counts(list, fixture_at(fixture, i));
		check_pages(list, fixture_at(fixture, i), &t);
	}
	table_free(&t);
	json_decref(list);
}

static void test_record_scan(void **state)
{
	enter(state);
	need_scan();
	against_record("scan");
}

static void test_record_read(void **state)
{
	enter(state);
	need_reads();
	against_record("read");
}

/* --- engine against engine ----------------------------------------------------------------- */

/* Counts that both engines know; of what makes a page unknown one may know more. */
static void same_counts(const json_t *scan, const json_t *a, const json_t *read, const json_t *b)
{
	bool zero = lists_knows(read, "zero") && lists_knows(scan, "zero");
	size_t i;

	assert_string_equal(lists_text(a, "start"), lists_text(b, "start"));
	assert_int_equal(lists_number(a, "cow"), lists_number(b, "cow"));
	/* Zero pages that reads cannot see are anon there; the huge one they can. */
	assert_in_range(lists_count(b, "anon") + lists_count(b, "zero"), lists_count(a, "anon"),
		lists_count(a, "anon") + lists_count(a, "zero"));
	if (lists_state(a, "unknown") != lists_state(b, "unknown"))
		return;
	for (i = 0; i < LISTS_STATES; i++)
		if (lists_has(a, lists_states[i]) && lists_has(b, lists_states[i]) &&
			(zero || strcmp(lists_states[i], "anon")))
			assert_int_equal(lists_state(a, lists_states[i]),
				lists_state(b, lists_states[i]));
}

static void same_page(const json_t *scan, const char *x, const json_t *read, const char *y)
{
	if (!agrees(scan, y, x) && !agrees(read, x, y) && strcmp(x, "unknown") &&
		strcmp(y, "unknown"))
		fail_msg("%s and %s", x, y);
}

static void test_engines_agree(void **state)
{
	json_t *scan, *read;
	struct table s, t;
	const json_t *a;
	size_t i, k;

	enter(state);
	need_scan();
	need_reads();
	scan = list_by("scan");
	read = list_by("read");
	json_array_foreach(json_object_get(scan, "vmas"), i, a)
		same_counts(scan, a, read, json_array_get(json_object_get(read, "vmas"), i));
	s = all_pages("scan");
	t = all_pages("read");
	for (i = k = 1; i < s.rows || k < t.rows;) {
		uint64_t x = i < s.rows ? cell_hex(&s, i, "address") : UINT64_MAX;
		uint64_t y = k < t.rows ? cell_hex(&t, k, "address") : UINT64_MAX;

		same_page(scan, x <= y ? cell(&s, i, "state") : "none", read,
			y <= x ? cell(&t, k, "state") : "none");
		i += x <= y;
		k += y <= x;
	}
	table_free(&s);
	table_free(&t);
	json_decref(scan);
	json_decref(read);
}

/* --- what is known ------------------------------------------------------------------------- */

static void check_known(const char *engine)
{
	bool scan = !strcmp(engine, "scan"), pfn = pfn_shown;
	bool markers = fixture_region(fixture, "poison");
	json_t *list = list_by(engine);
	const json_t *v;
	size_t i;

	assert_int_equal(lists_knows(list, "pfn"), pfn);
	/* Reads know the small one by its PFN, and the huge one by bit 61. */
	assert_int_equal(lists_knows(list, "zero"), scan || (pfn && since(6, 11) && !since(7, 3)));
	assert_int_equal(lists_knows(list, "guard"), pfn || since(6, scan ? 16 : 15) || since(6, 15));
	assert_int_equal(lists_knows(list, "huge"), scan);
	/* Where they look the same as markers, and there are some, nobody knows. */
	assert_int_equal(lists_knows(list, "swap_kind"), pfn || !markers);
	assert_int_equal(lists_knows(list, "exclusive"), since(4, 3));
	assert_int_equal(lists_knows(list, "soft_dirty"), !!(own_entry() & ENTRY_SOFT_DIRTY));
	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		assert_int_equal(lists_has(v, "zero"), lists_knows(list, "zero"));
		assert_int_equal(lists_has(v, "guard"), lists_knows(list, "guard"));
		assert_int_equal(lists_has(v, "swap"), lists_knows(list, "swap_kind"));
		assert_int_equal(lists_has(v, "moving"), lists_knows(list, "swap_kind"));
		assert_int_equal(lists_has(v, "marker"), lists_knows(list, "swap_kind"));
		assert_int_equal(lists_number(v, "huge") >= 0, lists_knows(list, "huge"));
	}
	json_decref(list);
}

static void test_known_scan(void **state)
{
	enter(state);
	need_scan();
	check_known("scan");
}

static void test_known_read(void **state)
{
	enter(state);
	need_reads();
	check_known("read");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EVERY_SITUATION(test_record_scan),
		IN_EVERY_SITUATION(test_record_read),
		IN_EVERY_SITUATION(test_engines_agree),
		IN_EVERY_SITUATION(test_known_scan),
		IN_EVERY_SITUATION(test_known_read),
	};

	return cmocka_run_group_tests(tests, situations_start, situations_stop);
}
