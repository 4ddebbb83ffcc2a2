/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/group: which kind of memory a mapping is, sums, and objects mapped several times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "helpers.h"
#include "model/group.h"

struct row {
	const char *perms;
	enum vma_kind kind;
	const char *name;
	uint64_t inode, offset; /* bytes */
	const char *runs;
	enum group group;
};

/* Mappings with a gap between. */
static struct snapshot *snapshot_of_rows(const struct row *row, size_t n)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b = snapshot_builder_new(&info);
	uint64_t at = 0x10000;
	size_t i;

	for (i = 0; i < n; i++) {
		struct runs *runs = runs_of(row[i].runs);
		struct vma v = { .start = at, .end = at + runs_pages(runs) * 4096, .inode = row[i].inode,
			.offset = row[i].offset, .name = row[i].name, .kind = (uint8_t)row[i].kind,
			.page_size = 4096 };

		assert_true(vma_parse_perms(row[i].perms, &v.perms));
		at = v.end + 0x10000;
		snapshot_builder_add(b, &v, runs);
	}
	return snapshot_builder_finish(b);
}

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static const struct row rows[] = {
	{ "r--p", VMA_FILE, "/lib/a", 7, 0, "F3", GROUP_LIBRARY },
	{ "r-xp", VMA_FILE, "/lib/a", 7, 12288, "F3 .2", GROUP_LIBRARY },
	{ "rw-p", VMA_FILE, "/lib/a", 7, 32768, "A1", GROUP_LIBRARY },
	/* Of the same number on another device (helped by its name alone it would be a library). */
	{ "r--p", VMA_FILE, "/lib/a", 8, 0, "F1", GROUP_FILE },
	{ "rw-p", VMA_HEAP, "[heap]", 0, 0, ".4", GROUP_HEAP },
	{ "rw-p", VMA_ANON, "[anon: glibc: malloc arena]", 0, 0, ".1 A1", GROUP_HEAP },
	{ "rw-p", VMA_ANON, "[anon: glibc: pthread stack: 12]", 0, 0, "A1", GROUP_STACK },
	{ "rw-p", VMA_STACK, "[stack]", 0, 0, "A2 .1", GROUP_STACK },
	{ "rw-p", VMA_ANON, "", 0, 0, "A2 S1", GROUP_ANON },
	{ "---p", VMA_ANON, "", 0, 0, ".1000", GROUP_RESERVED },
	/* A mark, a zero page and what is not known are not nothing. */
	{ "---p", VMA_ANON, "", 0, 0, ".1 #1", GROUP_ANON },
	{ "rw-p", VMA_ANON, "", 0, 0, ".1 01", GROUP_ANON },
	{ "rw-p", VMA_ANON, "", 0, 0, ".1 ?1", GROUP_ANON },
	/* In shared memory, nothing in the page table may be something in swap. */
	{ "rw-s", VMA_SHMEM, "/dev/zero", 9, 0, ".4", GROUP_SHMEM },
	{ "r-xs", VMA_SHMEM, "/memfd:jit", 10, 0, "F1", GROUP_SHMEM },
	{ "r-xp", VMA_SHMEM, "/tmp/program", 11, 0, "F1", GROUP_LIBRARY },
	{ "rw-p", VMA_SHMEM, "/tmp/program", 11, 4096, "A1", GROUP_LIBRARY },
	{ "rw-s", VMA_SHMEM, "/tmp/data", 12, 0, "F1", GROUP_SHMEM },
	{ "rw-p", VMA_HUGETLB, "/anon_hugepage", 13, 0, "A512h", GROUP_HUGETLB },
	{ "rw-s", VMA_DEVICE, "/dev/dri/card0", 14, 0, "?4", GROUP_DEVICE },
	{ "r-xp", VMA_SPECIAL, "[vdso]", 0, 0, "F1 .1", GROUP_SPECIAL },
};

static void every_mapping_has_a_group(void **state)
{
	struct snapshot *s = snapshot_of_rows(rows, LENGTH(rows));
	uint8_t *of = groups_of(s);
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++)
		if (of[i] != rows[i].group)
			fail_msg("%zu %s: %s, not %s", i, rows[i].name, group_name((enum group)of[i]),
				group_name(rows[i].group));
	free(of);
	snapshot_unref(s);
}

static void sums_add_up(void **state)
{
	struct snapshot *s = snapshot_of_rows(rows, LENGTH(rows));
	uint8_t *of = groups_of(s);
	struct page_counts all = { 0 };
	struct group_sum sum[GROUPS];
	size_t mappings = 0;
	uint64_t pages = 0;
	int g;

	(void)state;
	groups_sum(s, of, sum);
	for (g = 0; g < GROUPS; g++) {
		page_counts_add(&all, &sum[g].counts);
		mappings += sum[g].mappings;
		pages += sum[g].pages;
	}
	assert_memory_equal(&all, snapshot_totals(s), sizeof(all));
	assert_int_equal(mappings, LENGTH(rows));
	assert_int_equal(pages, snapshot_pages(s));
	assert_int_equal(sum[GROUP_LIBRARY].mappings, 5);
	assert_int_equal(sum[GROUP_LIBRARY].counts.state[PAGE_FILE], 7);
	assert_int_equal(sum[GROUP_LIBRARY].largest, 0);
	assert_int_equal(sum[GROUP_STACK].largest, 7);
	assert_int_equal(sum[GROUP_RESERVED].pages, 1000);
	free(of);
	snapshot_unref(s);
}

static void objects_are_counted_once(void **state)
{
	static const struct row again[] = {
		/* Pages 0-3 and 6-7 of the object; then 2-7; then 20. The copy is no page of it. */
		{ "rw-s", VMA_SHMEM, "/memfd:heap", 5, 0, "F4 .2 F2", GROUP_SHMEM },
		{ "rw-s", VMA_SHMEM, "/memfd:heap", 5, 2 * 4096, "F6", GROUP_SHMEM },
		{ "rw-s", VMA_SHMEM, "/memfd:heap", 5, 20 * 4096, "F1", GROUP_SHMEM },
		{ "rw-p", VMA_SHMEM, "/memfd:heap", 5, 0, "A4", GROUP_SHMEM },
		/* A shmid can have the number of another object. */
		{ "rw-s", VMA_SHMEM, "/SYSV00000000", 5, 0, "F4", GROUP_SHMEM },
		/* Different pages of one file, and the same offsets of different files. */
		{ "r--p", VMA_FILE, "/a", 6, 0, "F4", GROUP_FILE },
		{ "r--p", VMA_FILE, "/a", 6, 4 * 4096, "F4", GROUP_FILE },
		{ "r--p", VMA_FILE, "/b", 7, 0, "F4", GROUP_FILE },
		/* Few pages twice: behind. */
		{ "r--p", VMA_FILE, "/c", 8, 0, "F2", GROUP_FILE },
		{ "r--s", VMA_FILE, "/c", 8, 4096, "F2", GROUP_FILE },
	};
	struct snapshot *s = snapshot_of_rows(again, LENGTH(again));
	struct mapped_object *o;

	(void)state;
	assert_int_equal(objects_mapped_again(s, &o), 2);
	assert_int_equal(o[0].index, 0);
	assert_ptr_equal(o[0].vma, snapshot_vma(s, 0));
	assert_int_equal(o[0].mappings, 4);
	assert_int_equal(o[0].entries, 13);
	assert_int_equal(o[0].distinct, 9);
	assert_int_equal(o[1].index, 8);
	assert_int_equal(o[1].entries, 4);
	assert_int_equal(o[1].distinct, 3);
	free(o);
	snapshot_unref(s);
	s = snapshot_of("", NULL);
	assert_int_equal(objects_mapped_again(s, &o), 0);
	assert_null(o);
	snapshot_unref(s);
}

/* Of many objects each is mapped twice: the time must not be that of each with each. */
static void many_objects(void **state)
{
	enum { OBJECTS = 30000 };
	struct row *row = calloc(2 * OBJECTS, sizeof(*row));
	struct mapped_object *o;
	struct snapshot *s;
	uint64_t began;
	size_t i, n;

	(void)state;
	assert_non_null(row);
	for (i = 0; i < 2 * OBJECTS; i++)
		row[i] = (struct row){ "rw-s", VMA_SHMEM, "/memfd:x", 1 + i % OBJECTS, 0, "F1",
			GROUP_SHMEM };
	s = snapshot_of_rows(row, 2 * OBJECTS);
	began = units_cpu_ns();
	n = objects_mapped_again(s, &o);
	assert_true(units_cpu_ns() - began < UINT64_C(2000000000));
	assert_int_equal(n, OBJECTS);
	for (i = 0; i < n; i++) {
		assert_int_equal(o[i].index, i);
		assert_ptr_equal(o[i].vma, snapshot_vma(s, i));
		assert_int_equal(o[i].mappings, 2);
	}
	free(o);
	free(row);
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mapping_has_a_group),
		cmocka_unit_test(sums_add_up),
		cmocka_unit_test(objects_are_counted_once),
		cmocka_unit_test(many_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
