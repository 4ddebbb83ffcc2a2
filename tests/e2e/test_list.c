/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists and pages in all their forms, and against smaps; test_record.c has what each page is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "fixture/fixture.h"
#include "helpers.h"

static struct fixture *fixture;
static pid_t pid;
static uint64_t page_size;

/* --- the forms of the list ----------------------------------------------------------------- */

static void check_sums(const char *engine)
{
	json_t *list = lists_parse(PRINT(pid, "-J", "--engine", engine));
	const json_t *totals = json_object_get(list, "totals");
	uint64_t pages = 0, cow = 0, huge = 0, sum[LISTS_STATES] = { 0 };
	const json_t *v;
	size_t i, k;

	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		assert_int_equal(lists_number(v, "pages") * (long long)page_size,
			lists_address(v, "end") - lists_address(v, "start"));
		/* Of zero pages reads may see the huge one only, which is not a count. */
		if (lists_knows(list, "zero"))
			assert_int_equal(lists_total(v), lists_number(v, "pages"));
		else
			assert_in_range(lists_total(v), 0, lists_number(v, "pages"));
		pages += (uint64_t)lists_number(v, "pages");
		cow += (uint64_t)lists_number(v, "cow");
		huge += lists_knows(list, "huge") ? (uint64_t)lists_number(v, "huge") : 0;
		for (k = 0; k < LISTS_STATES; k++)
			sum[k] += lists_count(v, lists_states[k]);
		assert_int_equal(lists_number(v, "checkpoint"), -1);
	}
	assert_int_equal(lists_number(totals, "vmas"), i);
	assert_int_equal(lists_number(totals, "pages"), pages);
	assert_int_equal(lists_number(totals, "cow"), cow);
	assert_int_equal(lists_number(totals, "huge"),
		lists_knows(list, "huge") ? (long long)huge : -1);
	for (k = 0; k < LISTS_STATES; k++)
		assert_int_equal(lists_count(totals, lists_states[k]), sum[k]);
	assert_int_equal(lists_number(totals, "checkpoint"), -1);
	json_decref(list);
}

static void test_sums(void **state)
{
	(void)state;
	check_sums("auto");
	if (reads_are_cheap(pid))
		check_sums("read");
}

static void test_text(void **state)
{
	json_t *list = lists_parse(PRINT(pid, "-J"));

	(void)state;
	lists_check_text(PRINT(pid, "-l"), list, false, false);
	lists_check_text(PRINT(pid, "--list", "--bytes"), list, true, false);
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

/* Of a file page bit 56 and the number of mappings change when another process maps or unmaps the
 * page, stopped or not; and the flags of all pages when the kernel looks after them. */
static bool others_decide(const json_t *page, const char *key)
{
	const char *state = json_string_value(json_object_get(page, "state"));

	if (!strcmp(key, "kpageflags"))
		return true;
	return state && !strcmp(state, "file") &&
		(!strcmp(key, "entry") || !strcmp(key, "exclusive") || !strcmp(key, "mapcount"));
}

static void same_members(const struct table *t, size_t row, const json_t *object, size_t but)
{
	size_t n = 0;
	const char *key;
	const json_t *j;

	json_object_foreach((json_t *)object, key, j) {
		if (json_is_object(j) || !strcmp(key, "slots"))
			continue;
		if (!others_decide(object, key))
			same_value(cell(t, row, key), j);
		n++;
	}
	assert_int_equal(n + but, t->cols);
}

/* Members of a mapping's slots, which are columns of their own. */
static const char *const slots_names[] = { "huge", "full", "partly", "empty" };

static void test_csv(void **state)
{
	json_t *list = lists_parse(PRINT(pid, "-J"));
	struct table t = table_of(PRINT(pid, "-f", "csv"));
	const json_t *v;
	size_t i, k;

	(void)state;
	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		const json_t *slots = json_object_get(v, "slots");

		same_members(&t, i + 1, v, LISTS_STATES + 4);
		for (k = 0; k < LISTS_STATES; k++)
			same_value(cell(&t, i + 1, lists_states[k]),
				json_object_get(json_object_get(v, "states"), lists_states[k]));
		for (k = 0; k < 4; k++) {
			char name[16];

			snprintf(name, sizeof(name), "slots_%s", slots_names[k]);
			same_value(cell(&t, i + 1, name),
				json_is_null(slots) ? slots : json_object_get(slots, slots_names[k]));
		}
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
		if (!strcmp(lists_text(page, "state"), "unknown"))
			assert_int_equal(lists_number(page, "cow"), -1);
	}
	assert_int_equal(t.rows, i + 1);
	table_free(&t);
	json_decref(list);
}

/* --- names --------------------------------------------------------------------------------- */

static void clean_strings(const json_t *j)
{
	const json_t *v;
	const char *key;
	size_t i;

	if (json_is_string(j))
		assert_true(text_is_clean(json_string_value(j), json_string_length(j)));
	json_array_foreach(j, i, v)
		clean_strings(v);
	json_object_foreach((json_t *)j, key, v)
		clean_strings(v);
}

/* That the mapping's name ends as it should read. */
static void name_reads(const json_t *list, const char *region, const char *as)
{
	const struct fixture_region *r = fixture_region(fixture, region);
	const char *name;

	if (!r) {
		print_message("%s: %s\n", region, fixture_skip_reason(fixture, region));
		return;
	}
	name = lists_text(lists_vma(list, r->address), "name");
	assert_true(strlen(name) > strlen(as));
	assert_string_equal(name + strlen(name) - strlen(as), as);
}

static void test_names(void **state)
{
	char *text = PRINT(pid, "-l"), *csv = PRINT(pid, "-f", "csv"), *json = PRINT(pid, "-J");
	json_t *list;

	(void)state;
	assert_true(text_is_clean(text, strlen(text)));
	assert_true(text_is_clean(csv, strlen(csv)));
	assert_true(text_is_clean(json, strlen(json)));
	list = lists_parse(json);
	clean_strings(list);
	name_reads(list, "names-space", "/  two  spaces ");
	name_reads(list, "names-deleted", "/not really (deleted)");
	name_reads(list, "names-esc", "/esc\\x1b[31mred\\x1b]0;title\\x07\\x1b[2J");
	name_reads(list, "names-tab", "/tab\\x09here");
	name_reads(list, "names-utf8", "/not utf-8 \\xff\\xc0\\xaf");
	name_reads(list, "names-wide", "/日本語 e\xcc\x81");
	name_reads(list, "names-bidi", "/\\xe2\\x80\\xaecod.exe");
	name_reads(list, "names-csv", "/a,\"b\",'c',=1+1");
	json_decref(list);
	free(text);
	free(csv);
}

static void test_ascii(void **state)
{
	static const char *const formats[] = { "text", "csv", "json" };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		char *text = PRINT(pid, "--ascii", "-f", formats[i]), *at;

		for (at = text; *at; at++)
			if ((unsigned char)*at >= 0x7f)
				fail_msg("%s: byte 0x%02x in --ascii output", formats[i],
					(unsigned char)*at);
		free(text);
	}
}

/* --- the checkpoint set -------------------------------------------------------------------- */

static bool saved_whole(const json_t *v)
{
	return !strcmp(lists_text(v, "name"), "[vdso]") || !strcmp(lists_text(v, "name"), "/[aio]");
}

/* What a checkpointer must save of a page, by what is printed of it. */
static bool must_save(const json_t *v, bool droppable, const char *state, bool cow)
{
	if (saved_whole(v))
		return true;
	if (lists_text(v, "perms")[3] == 's' || droppable ||
		!strcmp(lists_text(v, "kind"), "special"))
		return false;
	return cow || !strcmp(state, "anon") || !strcmp(state, "swap") || !strcmp(state, "moving");
}

static void test_checkpoint(void **state)
{
	json_t *list = lists_parse(PRINT(pid, "-J", "--checkpoint"));
	struct table t = table_of(PRINT(pid, "--pages=all", "-f", "csv", "--checkpoint"));
	uint64_t all = 0, shared = 0, clean = 0;
	struct smaps *m;
	size_t n = smaps_read(pid, &m), i, row = 1;
	bool all_known = true;
	const json_t *v;

	(void)state;
	lists_check_text(PRINT(pid, "-l", "--checkpoint"), list, false, true);
	assert_int_equal(n, json_array_size(json_object_get(list, "vmas")));
	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		uint64_t sum = 0;
		/* Without privileges what a swap-like page is may not be known: no sum then. */
		bool never = lists_text(v, "perms")[3] == 's' || m[i].droppable ||
			!strcmp(lists_text(v, "kind"), "special");
		bool known = !lists_count(v, "unknown") || never;

		for (; row < t.rows; row++) {
			const char *page = cell(&t, row, "state");
			const char *said = cell(&t, row, "checkpoint");
			bool cow = !strcmp(cell(&t, row, "cow"), "1");

			if (cell_hex(&t, row, "address") >= m[i].end)
				break;
			if (!strcmp(page, "unknown") && !saved_whole(v)) {
				assert_string_equal(said, never ? "0" : "");
				continue;
			}
			assert_string_equal(said,
				must_save(v, m[i].droppable, page, cow) ? "1" : "0");
			sum += *said == '1';
			shared += lists_text(v, "perms")[3] == 's' && !saved_whole(v);
			clean += *said == '0' && !strcmp(page, "file");
		}
		/* It is saved whole, but pages that are not there are not in "all". */
		if (saved_whole(v))
			sum += lists_count(v, "none");
		assert_int_equal(lists_number(v, "checkpoint"), known ? (long long)sum : -1);
		all += sum;
		all_known &= known;
	}
	assert_int_equal(lists_number(json_object_get(list, "totals"), "checkpoint"),
		all_known ? (long long)all : -1);
	/* Or nothing was shown. */
	assert_true(all && shared && clean);
	free(m);
	table_free(&t);
	json_decref(list);
}

/* --- against smaps ------------------------------------------------------------------------- */

static void test_smaps_fixture(void **state)
{
	(void)state;
	assert_int_equal(smaps_compare(pid), 1);
}

/* This process, which may not stand still while it reads, and a copy of it that does. */
static void test_smaps_self(void **state)
{
	pid_t copy = fork();
	int agree;

	(void)state;
	if (!copy) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	agree = smaps_compare(copy);
	kill(copy, SIGKILL);
	assert_int_equal(waitpid(copy, NULL, 0), copy);
	assert_int_equal(agree, 1);
	assert_int_not_equal(smaps_compare(getpid()), 0);
}

/* What others run here is not known: at least it is not prepared for this test. */
static void test_smaps_others(void **state)
{
	DIR *proc = opendir("/proc");
	int compared = 0, tried = 0;
	struct dirent *d;

	(void)state;
	assert_non_null(proc);
	while (compared < 5 && tried < 15 && (d = readdir(proc))) {
		pid_t other = (pid_t)atol(d->d_name);
		char path[64];
		struct smaps *m;
		int agree;

		snprintf(path, sizeof(path), "/proc/%.20s/pagemap", d->d_name);
		if (other <= 0 || other == getpid() || other == pid || access(path, R_OK) < 0 ||
			!smaps_read(other, &m))
			continue;
		free(m);
		tried++;
		agree = smaps_compare(other);
		if (!agree)
			fail_msg("process %d differs", (int)other);
		compared += agree > 0;
	}
	closedir(proc);
	if (compared)
		return;
	print_message("no process here may be read and stands still\n");
	skip();
}

/* --- the process --------------------------------------------------------------------------- */

static int start(void **state)
{
	(void)state;
	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	fixture = fixture_start((const char *const[]){ "all", NULL });
	if (!fixture || fixture_count(fixture) <= 10)
		return -1;
	/* Stopped, so that what is asked twice is the same. */
	pid = fixture_pid(fixture);
	process_stop(pid);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	kill(pid, SIGCONT);
	return fixture_stop(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_text), cmocka_unit_test(test_csv),
		cmocka_unit_test(test_pages_json), cmocka_unit_test(test_names),
		cmocka_unit_test(test_ascii), cmocka_unit_test(test_checkpoint),
		cmocka_unit_test(test_smaps_fixture), cmocka_unit_test(test_smaps_self),
		cmocka_unit_test(test_smaps_others),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
