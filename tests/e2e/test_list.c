/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists and pages of processes whose pages are known: the fixture's by its record, all by smaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "fixture/fixture.h"
#include "helpers.h"

#define MOST_PAGES 8192 /* of a region that are looked at one by one */
#define PART       32   /* of each end of a long run in a longer region */

static struct fixture *fixture;
static pid_t pid;
static uint64_t page_size;

static bool known_state(const json_t *vma, const char *state)
{
	return lists_state(vma, state) >= 0;
}

/* As a sum can use it: what is not known was counted under another state. */
static uint64_t count_of(const json_t *vma, const char *state)
{
	return known_state(vma, state) ? (uint64_t)lists_state(vma, state) : 0;
}

static uint64_t total_of(const json_t *vma)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < LISTS_STATES; i++)
		sum += count_of(vma, lists_states[i]);
	return sum;
}

static struct table pages_of(const char *engine, uint64_t start, uint64_t pages)
{
	char range[64];
	struct table t;
	size_t i;

	snprintf(range, sizeof(range), "%" PRIx64 "+%" PRIu64, start, pages * page_size);
	t = table_of(PRINT(pid, "--pages", range, "-f", "csv", "--engine", engine));
	assert_int_equal(t.rows, pages + 1);
	for (i = 1; i < t.rows; i++)
		assert_int_equal(strtoull(cell(&t, i, "address"), NULL, 16),
			start + (i - 1) * page_size);
	return t;
}

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
	return !strcmp(claimed, "guard") && !lists_knows(list, "guard") && !strcmp(state, "unknown");
}

static void check_page(const json_t *list, const struct fixture_region *r,
	const struct fixture_run *run, const struct table *t, size_t row)
{
	const char *state = cell(t, row, "state"), *huge = "";

	if (run->state == '*')
		return;
	if (!agrees(list, name_of(run->state), state))
		fail_msg("%s, %s: %s, not %c", r->name, cell(t, row, "address"), state, run->state);
	if (!strchr("AF0", run->state))
		return;
	if (lists_knows(list, "huge"))
		huge = run->huge ? "1" : "0";
	assert_string_equal(cell(t, row, "cow"), run->cow ? "1" : "0");
	assert_string_equal(cell(t, row, "huge"), huge);
}

static void check_part(const json_t *list, const char *engine, const struct fixture_region *r,
	const struct fixture_run *run, uint64_t first)
{
	uint64_t left = run->first + run->count - first, n = left < PART ? left : PART, i;
	struct table t = pages_of(engine, r->address + first * page_size, n);

	for (i = 0; i < n; i++)
		check_page(list, r, run, &t, i + 1);
	table_free(&t);
}

static void check_pages(const json_t *list, const char *engine, const struct fixture_region *r)
{
	bool all = r->pages <= MOST_PAGES;
	struct fixture_run run = { 0 };
	struct table t = { 0 };
	uint64_t i;

	if (all)
		t = pages_of(engine, r->address, r->pages);
	while (fixture_next_run(r, &run)) {
		for (i = 0; all && i < run.count; i++)
			check_page(list, r, &run, &t, run.first + i + 1);
		if (all)
			continue;
		check_part(list, engine, r, &run, run.first);
		if (run.count > PART)
			check_part(list, engine, r, &run, run.first + run.count - PART);
	}
	table_free(&t);
}

/* The counts of a mapping that is one region of which everything is claimed. */
static void check_counts(const json_t *list, const struct fixture_region *r)
{
	const json_t *v = lists_vma(list, r->address);
	uint64_t claimed[LISTS_STATES] = { 0 }, huge = 0, cow = 0, i;
	struct fixture_run run = { 0 };

	assert_non_null(v);
	assert_true(lists_address(v, "end") >= r->address + r->pages * page_size);
	if (lists_address(v, "start") != r->address || lists_number(v, "pages") != (long long)r->pages)
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

		if (known_state(v, s) && strcmp(s, "unknown") &&
			(strcmp(s, "anon") || lists_knows(list, "zero")))
			assert_int_equal(lists_state(v, s), claimed[i]);
	}
}

static void against_record(const char *engine)
{
	json_t *list = lists_parse(PRINT(pid, "-J", "--engine", engine));
	size_t i;

	assert_string_equal(lists_text(list, "engine"), engine);
	assert_int_equal(lists_number(json_object_get(list, "process"), "pid"), pid);
	assert_true(fixture_count(fixture) > 10);
	for (i = 0; i < fixture_count(fixture); i++) {
		check_counts(list, fixture_at(fixture, i));
		check_pages(list, engine, fixture_at(fixture, i));
	}
	json_decref(list);
}

static void skip_without_scan(void)
{
	if (has_scan())
		return;
	print_message("this kernel has no PAGEMAP_SCAN\n");
	skip();
}

static void test_record_scan(void **state)
{
	(void)state;
	skip_without_scan();
	against_record("scan");
}

static void test_record_read(void **state)
{
	(void)state;
	against_record("read");
}

/* Counts that both engines know; of what makes a page unknown one may know more. */
static void same_counts(const json_t *scan, const json_t *a, const json_t *read, const json_t *b)
{
	bool zero = lists_knows(read, "zero") && lists_knows(scan, "zero");
	size_t i;

	assert_string_equal(lists_text(a, "start"), lists_text(b, "start"));
	assert_int_equal(lists_number(a, "cow"), lists_number(b, "cow"));
	assert_int_equal(count_of(a, "anon") + count_of(a, "zero"),
		count_of(b, "anon") + count_of(b, "zero"));
	if (lists_state(a, "unknown") != lists_state(b, "unknown"))
		return;
	for (i = 0; i < LISTS_STATES; i++)
		if (known_state(a, lists_states[i]) && known_state(b, lists_states[i]) &&
			(zero || strcmp(lists_states[i], "anon")))
			assert_int_equal(lists_state(a, lists_states[i]),
				lists_state(b, lists_states[i]));
}

static void test_engines_agree(void **state)
{
	json_t *scan, *read;
	const json_t *a;
	size_t i, k;

	(void)state;
	skip_without_scan();
	scan = lists_parse(PRINT(pid, "-J", "--engine=scan"));
	read = lists_parse(PRINT(pid, "-J", "--engine=read"));
	assert_false(lists_knows(read, "huge"));
	json_array_foreach(json_object_get(scan, "vmas"), i, a)
		same_counts(scan, a, read, json_array_get(json_object_get(read, "vmas"), i));
	for (i = 0; i < fixture_count(fixture); i++) {
		const struct fixture_region *r = fixture_at(fixture, i);
		uint64_t n = r->pages < MOST_PAGES ? r->pages : MOST_PAGES;
		struct table s = pages_of("scan", r->address, n), t;

		t = pages_of("read", r->address, n);
		for (k = 1; k < s.rows; k++) {
			const char *x = cell(&s, k, "state"), *y = cell(&t, k, "state");

			if (!agrees(scan, y, x) && !agrees(read, x, y) && strcmp(x, "unknown") &&
				strcmp(y, "unknown"))
				fail_msg("%s, page %zu: %s and %s", r->name, k - 1, x, y);
		}
		table_free(&s);
		table_free(&t);
	}
	json_decref(scan);
	json_decref(read);
}

/* --- the forms of the list ----------------------------------------------------------------- */

static void test_sums(void **state)
{
	json_t *list = lists_parse(PRINT(pid, "-J")), *totals = json_object_get(list, "totals");
	uint64_t pages = 0, cow = 0, huge = 0, sum[LISTS_STATES] = { 0 };
	const json_t *v;
	size_t i, k;

	(void)state;
	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		assert_int_equal(lists_number(v, "pages") * (long long)page_size,
			lists_address(v, "end") - lists_address(v, "start"));
		assert_int_equal(total_of(v), lists_number(v, "pages"));
		pages += (uint64_t)lists_number(v, "pages");
		cow += (uint64_t)lists_number(v, "cow");
		huge += lists_knows(list, "huge") ? (uint64_t)lists_number(v, "huge") : 0;
		for (k = 0; k < LISTS_STATES; k++)
			sum[k] += count_of(v, lists_states[k]);
		assert_int_equal(lists_number(v, "checkpoint"), -1);
	}
	assert_int_equal(lists_number(totals, "vmas"), i);
	assert_int_equal(lists_number(totals, "pages"), pages);
	assert_int_equal(lists_number(totals, "cow"), cow);
	assert_int_equal(lists_number(totals, "huge"),
		lists_knows(list, "huge") ? (long long)huge : -1);
	for (k = 0; k < LISTS_STATES; k++)
		assert_int_equal(count_of(totals, lists_states[k]), sum[k]);
	assert_int_equal(lists_number(totals, "checkpoint"), -1);
	json_decref(list);
}

/* A size as printed: exact, or the first digits of it; '-' is none and '?' not known (-1). */
static void check_size(const char *text, long long pages, bool exact)
{
	uint64_t bytes = (uint64_t)pages * page_size, unit = 1;
	char *end;
	double n = strtod(text, &end);

	if (pages <= 0) {
		assert_string_equal(text, pages ? "?" : "-");
		return;
	}
	if (exact) {
		assert_int_equal(strtoull(text, &end, 10), bytes);
		assert_string_equal(end, "");
		return;
	}
	while (*end && unit <= bytes) {
		static const char units[] = "KMGTPE";

		unit = UINT64_C(1) << 10 * (strchr(units, *end) - units + 1);
		assert_true(strchr(units, *end++) && !*end);
	}
	assert_true(n * (double)unit <= (double)bytes);
	assert_true((n + (strchr(text, '.') ? 0.1 : 1)) * (double)unit > (double)bytes);
}

/* The columns of a line from SIZE on. Returns what is behind them. */
static const char *check_columns(const char *at, const json_t *v, bool exact, bool checkpoint)
{
	static const char *const shown[] = { "swap", "anon", "file", "zero", "guard" };
	bool opaque = lists_state(v, "unknown") == lists_number(v, "pages");
	char word[8][32] = { "" };
	size_t i, n = checkpoint ? 8 : 7;
	int len;

	for (i = 0; i < n; i++, at += len)
		assert_int_equal(sscanf(at, " %31s%n", word[i], &len), 1);
	check_size(word[0], lists_number(v, "pages"), exact);
	check_size(word[1], opaque ? -1 : (long long)(count_of(v, "anon") + count_of(v, "file") +
		count_of(v, "moving")), exact);
	for (i = 0; i < 5; i++)
		check_size(word[i + 2], opaque ? -1 : lists_state(v, shown[i]), exact);
	if (checkpoint)
		check_size(word[7], lists_number(v, "checkpoint"), exact);
	return at;
}

/* Every line of a text list against the JSON. */
static void check_text(char *text, const json_t *list, bool exact, bool checkpoint)
{
	char *line, *rest, name[4096], start[20];
	const json_t *v;
	long long vmas;
	int at;
	size_t i;

	line = strtok_r(text, "\n", &rest);
	assert_non_null(strstr(line, "START"));
	assert_int_equal(!!strstr(line, "CHKPT"), checkpoint);
	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		const char *after;

		line = strtok_r(NULL, "\n", &rest);
		assert_non_null(line);
		snprintf(start, sizeof(start), "%016" PRIx64 " ", lists_address(v, "start"));
		assert_int_equal(strncmp(line, start, 17), 0);
		assert_int_equal(strtoull(line + 17, NULL, 16), lists_address(v, "end"));
		assert_int_equal(strncmp(line + 34, lists_text(v, "perms"), 4), 0);
		after = check_columns(line + 38, v, exact, checkpoint);
		snprintf(name, sizeof(name), "%s%s%s", *lists_text(v, "name") ? " " : "",
			lists_text(v, "name"),
			json_is_true(json_object_get(v, "deleted")) ? " (deleted)" : "");
		assert_string_equal(after, name);
	}
	line = strtok_r(NULL, "\n", &rest);
	assert_non_null(line);
	v = json_object_get(list, "totals");
	assert_int_equal(sscanf(line, "total %lld mappings%n", &vmas, &at), 1);
	assert_int_equal(vmas, lists_number(v, "vmas"));
	assert_string_equal(check_columns(line + at, v, exact, checkpoint), "");
	assert_null(strtok_r(NULL, "\n", &rest));
	free(text);
}

static void test_text(void **state)
{
	json_t *list = lists_parse(PRINT(pid, "-J"));

	(void)state;
	check_text(PRINT(pid, "-l"), list, false, false);
	check_text(PRINT(pid, "--list", "--bytes"), list, true, false);
	json_decref(list);
}

/* A CSV cell against a JSON member: "" and null, true and false, numbers, texts. */
static void same_value(const char *csv, const json_t *j)
{
	char number[32];

	if (json_is_string(j)) {
		assert_string_equal(csv, json_string_value(j));
	} else if (json_is_integer(j)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(j));
		assert_string_equal(csv, number);
	} else if (json_is_boolean(j) && strchr("01", *csv)) {
		assert_int_equal(*csv == '1', json_is_true(j));
	} else {
		assert_string_equal(csv, json_is_null(j) ? "" : json_is_true(j) ? "true" : "false");
	}
}

static void same_members(const struct table *t, size_t row, const json_t *object, size_t but)
{
	size_t n = 0;
	const char *key;
	const json_t *j;

	json_object_foreach((json_t *)object, key, j) {
		if (json_is_object(j))
			continue;
		same_value(cell(t, row, key), j);
		n++;
	}
	assert_int_equal(n + but, t->cols);
}

static void test_csv(void **state)
{
	json_t *list = lists_parse(PRINT(pid, "-J"));
	struct table t = table_of(PRINT(pid, "-f", "csv"));
	const json_t *v;
	size_t i, k;

	(void)state;
	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		same_members(&t, i + 1, v, LISTS_STATES);
		for (k = 0; k < LISTS_STATES; k++)
			same_value(cell(&t, i + 1, lists_states[k]),
				json_object_get(json_object_get(v, "states"), lists_states[k]));
	}
	assert_int_equal(t.rows, i + 1);
	table_free(&t);
	json_decref(list);
}

/* The pages of every region in both forms. */
static void test_pages_json(void **state)
{
	struct table t = table_of(PRINT(pid, "--pages=all", "--format=csv", "--checkpoint"));
	json_t *list = lists_parse(PRINT(pid, "--pages=all", "-J", "--checkpoint"));
	const json_t *page;
	size_t i;

	(void)state;
	assert_true(t.rows > 1000);
	json_array_foreach(json_object_get(list, "pages"), i, page) {
		same_members(&t, i + 1, page, 0);
		assert_string_not_equal(lists_text(page, "state"), "none");
	}
	assert_int_equal(t.rows, i + 1);
	table_free(&t);
	json_decref(list);
}
