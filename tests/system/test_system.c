/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What needs root and a prepared machine: swap, huge pages, KSM, and fewer privileges than root has.
 * tests/check-system prepares it; test_list is run there again, on all recipes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "model/page.h"

/* Start recipes as this user (0: as we are), none of which may be missing here. */
static struct fixture *start(uid_t uid, const char *const recipes[])
{
	struct fixture *f = uid ? fixture_start_as(uid, recipes) : fixture_start(recipes);
	size_t i;

	assert_non_null(f);
	for (i = 0; recipes[i]; i++)
		if (fixture_skip_reason(f, recipes[i]))
			fail_msg("%s: %s", recipes[i], fixture_skip_reason(f, recipes[i]));
	return f;
}

/* Every recipe, but for what no machine can hold still. */
static void test_nothing_is_missing(void **state)
{
	const char *program = getenv("PMVIEW_MKPAGES"), *argv[] = { program, "--list", NULL };
	struct fixture *f = fixture_start((const char *const[]){ "all", NULL });
	char *line, *rest, name[32];
	struct result r;
	int missing = 0;

	(void)state;
	assert_true(f && program);
	r = run_program(argv);
	for (line = strtok_r(r.out, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		assert_int_equal(sscanf(line, "%31s", name), 1);
		if (!strcmp(name, "moving") || !fixture_skip_reason(f, name))
			continue;
		print_message("%s: %s\n", name, fixture_skip_reason(f, name));
		missing++;
	}
	assert_int_equal(missing, 0);
	result_free(&r);
	fixture_stop(f);
}

/* Slots as pagemap has them, read here. */
static void test_swap_slots(void **state)
{
	struct fixture *f = start(0, (const char *const[]){ "swap", NULL });
	const struct fixture_region *r = fixture_region(f, "swap");
	uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE), i, entry;
	char path[64], range[64];
	struct table t;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)fixture_pid(f));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	snprintf(range, sizeof(range), "%" PRIx64 "+%" PRIu64, r->address, r->pages * size);
	t = table_of(PRINT(fixture_pid(f), "--pages", range, "-f", "csv"));
	assert_int_equal(t.rows, r->pages + 1);
	for (i = 0; i < r->pages; i++) {
		assert_int_equal(pread(fd, &entry, 8, (off_t)((r->address / size + i) * 8)), 8);
		assert_true(entry & ENTRY_SWAP);
		assert_string_equal(cell(&t, i + 1, "state"), "swap");
		assert_int_equal(strtoull(cell(&t, i + 1, "entry"), NULL, 16), entry);
		assert_int_equal(strtoull(cell(&t, i + 1, "swap_type"), NULL, 10), entry & 31);
		assert_int_equal(strtoull(cell(&t, i + 1, "swap_offset"), NULL, 10),
			(entry & ENTRY_PFN_MASK) >> 5);
		assert_string_equal(cell(&t, i + 1, "pfn"), "");
	}
	table_free(&t);
	close(fd);
	fixture_stop(f);
}

/* With hidden slots VmSwap proves that all of it is swap ... */
static void test_swap_proved_without_privilege(void **state)
{
	struct fixture *f = start(FIXTURE_NOBODY, (const char *const[]){ "swap", "guard", NULL });
	static const char *const engines[] = { "scan", "read" };
	size_t n = 1u + reads_are_cheap(fixture_pid(f)), i;

	(void)state;
	for (i = 0; i < n; i++) {
		json_t *list = lists_parse(lists_print(FIXTURE_NOBODY, fixture_pid(f),
			(const char *const[]){ "-J", "--engine", engines[i], NULL }));
		const json_t *v = lists_vma(list, fixture_region(f, "swap")->address);

		assert_false(lists_knows(list, "pfn"));
		assert_true(lists_knows(list, "swap_kind"));
		assert_int_equal(lists_state(v, "swap"), fixture_region(f, "swap")->pages);
		assert_int_equal(lists_state(v, "unknown"), 0);
		v = lists_vma(list, fixture_region(f, "guard")->address);
		assert_int_equal(lists_state(v, "guard"), 4);
		json_decref(list);
	}
	fixture_stop(f);
}

/* ... but not where there are markers besides: then nobody can tell which is which. */
static void test_swap_and_markers_without_privilege(void **state)
{
	struct fixture *f = start(FIXTURE_NOBODY, (const char *const[]){ "swap", "poison", NULL });
	json_t *list = lists_parse(lists_print(FIXTURE_NOBODY, fixture_pid(f),
		(const char *const[]){ "-J", NULL }));
	const json_t *v = lists_vma(list, fixture_region(f, "swap")->address);

	(void)state;
	assert_false(lists_knows(list, "swap_kind"));
	assert_int_equal(lists_state(v, "unknown"), fixture_region(f, "swap")->pages);
	assert_int_equal(lists_state(v, "swap"), -1);
	json_decref(list);
	fixture_stop(f);
}

/* Root without CAP_SYS_ADMIN may look, but is shown no PFN. */
static void test_root_without_sys_admin(void **state)
{
	struct fixture *f = start(0, (const char *const[]){ "anon", "swap", NULL });
	char range[64], *text;

	(void)state;
	snprintf(range, sizeof(range), "%" PRIx64, fixture_region(f, "anon")->address);
	text = PRINT_AS(RUN_WITHOUT_SYS_ADMIN, fixture_pid(f), "--pages", range);
	assert_non_null(strstr(text, " anon "));
	assert_non_null(strstr(text, "hidden (needs CAP_SYS_ADMIN)"));
	assert_null(strstr(text, "0x"));
	free(text);
	fixture_stop(f);
}

static void test_hugetlb(void **state)
{
	struct fixture *f = start(0, (const char *const[]){ "hugetlb-private", "hugetlb-shared", NULL });
	json_t *list = lists_parse(PRINT(fixture_pid(f), "-J"));
	static const char *const names[] = { "hugetlb-private", "hugetlb-shared" };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		const struct fixture_region *r = fixture_region(f, names[i]);
		const json_t *v = lists_vma(list, r->address);
		long long huge = r->pages / 2;

		assert_string_equal(lists_text(v, "kind"), "hugetlb");
		assert_int_equal(lists_number(v, "page_size"), huge * sysconf(_SC_PAGESIZE));
		assert_int_equal(lists_number(v, "huge"), huge);
		assert_int_equal(lists_state(v, i ? "file" : "anon"), huge);
		assert_int_equal(lists_number(v, "cow"), 0);
	}
	json_decref(list);
	fixture_stop(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_missing),
		cmocka_unit_test(test_swap_slots),
		cmocka_unit_test(test_swap_proved_without_privilege),
		cmocka_unit_test(test_swap_and_markers_without_privilege),
		cmocka_unit_test(test_root_without_sys_admin),
		cmocka_unit_test(test_hugetlb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
