/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of shared memory that the page table does not hold: what is asked of the object, what is
 * printed and drawn of the answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "golden.h"
#include "helpers.h"
#include "model/entries.h"
#include "output/pages.h"
#include "view/panes.h"

#define TIB (UINT64_C(1) << 40)

/* An object that answers by its pages: S at 100 to 199 and each even page from 1000 to 1999, C
 * at 5 and the odd ones there, a hole elsewhere. */
static enum absent object_at(uint64_t page)
{
	if ((page >= 100 && page < 200) || (page >= 1000 && page < 2000 && !(page & 1)))
		return ABSENT_SWAPPED;
	return page == 5 || (page >= 1000 && page < 2000) ? ABSENT_CACHED : ABSENT_HOLE;
}

static struct {
	size_t asked;      /* how often */
	uint64_t first, n; /* about what, the last time */
} object;

static size_t answer(void *ctx, const struct vma *v, uint64_t first, uint64_t n,
	struct absent_run *run, size_t most)
{
	uint64_t known = first < 2000 ? (2000 - first < n ? 2000 - first : n) : 0, i;
	size_t runs = 0;

	(void)ctx;
	assert_int_equal(v->kind, VMA_SHMEM);
	assert_true(n > 0);
	object.asked++;
	object.first = first;
	object.n = n;
	for (i = 0; i < known; i++) {
		if (runs && run[runs - 1].kind == object_at(first + i))
			run[runs - 1].pages++;
		else if (runs == most)
			return runs;
		else
			run[runs++] = (struct absent_run){ 1, object_at(first + i) };
	}
	if (known == n)
		return runs;
	if (runs && run[runs - 1].kind == ABSENT_HOLE)
		run[runs - 1].pages += n - known;
	else if (runs < most)
		run[runs++] = (struct absent_run){ n - known, ABSENT_HOLE };
	return runs;
}

/* Of mapping 0x7f..., all is empty but pages 3 (file), 4 (a uffd-wp marker) and 150 (file). */
static uint64_t entries_read;

static ssize_t read_empty(void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e)
{
	uint64_t i;

	(void)ctx;
	(void)e;
	entries_read += n;
	for (i = 0; i < n; i++) {
		uint64_t p = page + i - 0x7f0000000;

		entries[i] = p == 3 || p == 150 ? ENTRY_PRESENT | ENTRY_FILE | 77
			: p == 4                ? ENTRY_SWAP | ENTRY_UFFD_WP | 1 << 5 | 31
						: p == 6 ? ENTRY_SOFT_DIRTY : 0;
	}
	return (ssize_t)n;
}

static const struct entry_reader reader = { .read = read_empty, .absent = answer };
static const struct entry_reader no_object = { .read = read_empty };

static void only_empty_entries_are_asked_about(void **state)
{
	struct snapshot *s = snapshot_of("7f0000000000 rw-s shmem /memfd:x F4 .4000\n"
					 "7f8000000000 rw-s file /x .4000\n"
					 "7f9000000000 rw-p shmem /memfd:x .8\n", NULL);
	const struct vma *v = snapshot_vma(s, 0);
	uint64_t entry[ENTRY_CHUNK], i;
	uint8_t kind[ENTRY_CHUNK];

	(void)state;
	assert_true(entry_is_absent(v, 0));
	assert_true(entry_is_absent(snapshot_vma(s, 2), 0));
	assert_true(entry_is_absent(v, ENTRY_SOFT_DIRTY));
	assert_false(entry_is_absent(v, ENTRY_PRESENT));
	assert_false(entry_is_absent(v, ENTRY_SWAP));
	assert_false(entry_is_absent(snapshot_vma(s, 1), 0));

	/* More runs than one answer holds. */
	read_empty(NULL, 0x7f0000000, 4000, entry, NULL);
	entries_absent(&reader, v, 0, 4000, entry, kind);
	assert_true(object.asked > 1);
	for (i = 0; i < 4000; i++)
		if (entry_is_absent(v, entry[i]))
			assert_int_equal(kind[i], object_at(i));

	/* From the first empty entry to the last. */
	for (i = 0; i < 8; i++)
		entry[i] = i == 2 || i == 5 ? 0 : ENTRY_PRESENT;
	object.asked = 0;
	entries_absent(&reader, v, 98, 8, entry, kind);
	assert_int_equal(object.asked, 1);
	assert_int_equal(object.first, 100);
	assert_int_equal(object.n, 4);
	assert_int_equal(kind[2], ABSENT_SWAPPED);
	entry[2] = entry[5] = ENTRY_PRESENT;
	entries_absent(&reader, v, 98, 8, entry, kind);
	entries_absent(&reader, snapshot_vma(s, 1), 0, 1, (const uint64_t[]){ 0 }, kind);
	assert_int_equal(object.asked, 1);

	entry[0] = 0;
	entries_absent(&no_object, v, 100, 1, entry, kind);
	assert_int_equal(kind[0], ABSENT_UNKNOWN);
	snapshot_unref(s);
}

static void states_at_page_level(void **state)
{
	(void)state;
	assert_int_equal(absent_state(ABSENT_SWAPPED), PAGE_SWAP);
	assert_int_equal(absent_state(ABSENT_UNKNOWN), PAGE_UNKNOWN);
	assert_int_equal(absent_state(ABSENT_NOT_SWAPPED), PAGE_NONE);
	assert_int_equal(absent_state(ABSENT_CACHED), PAGE_NONE);
	assert_int_equal(absent_state(ABSENT_HOLE), PAGE_NONE);
}

/* --- printed --- */

static struct {
	uint64_t rows, swapped, unknown, saved, last;
} printed;

static void take_row(FILE *f, const struct page_row *row, uint64_t index)
{
	(void)f;
	assert_int_equal(index, printed.rows);
	printed.rows++;
	printed.last = row->address;
	printed.unknown += row->state == PAGE_UNKNOWN;
	printed.saved += row->checkpoint.known && row->checkpoint.value;
	if (row->state != PAGE_SWAP)
		return;
	printed.swapped++;
	assert_true(row->entry.known && !(row->entry.value & ~ENTRY_SOFT_DIRTY));
	assert_false(row->swap_type.known || row->swap_offset.known || row->pfn.known);
	assert_true(row->cow.known && !row->cow.value);
	assert_int_equal(object_at((row->address - 0x7f0000000000) / 4096), ABSENT_SWAPPED);
}

static void print_range(const struct snapshot *s, const char *range, const struct entry_reader *r)
{
	static const struct vma_smaps smaps[1] = { { .known = true } };
	struct query_range q;
	struct pages_options o = { .range = &q, .reader = r, .smaps = smaps, .print = take_row };
	struct err e;

	memset(&printed, 0, sizeof(printed));
	object.asked = 0;
	entries_read = 0;
	assert_int_equal(query_parse_range(range, &q, &e), 0);
	assert_int_equal(pages_print(NULL, s, &o, &e), 1);
}

static void swapped_shared_pages_are_printed(void **state)
{
	/* Page 10 was there when it was scanned, and is a hole now. */
	struct snapshot *s = snapshot_of(
		"7f0000000000 rw-p shmem /memfd:x .3 F1 !1 .5 F1 .139 F1 .1850\n", NULL);

	(void)state;
	print_range(s, "all", &reader);
	/* 99 of 100, the 150th is mapped; 500; and the three pages that are mapped. */
	assert_int_equal(printed.swapped, 99 + 500);
	assert_int_equal(printed.rows, 99 + 500 + 3);
	assert_int_equal(printed.last, 0x7f0000000000 + 1998 * 4096);
	/* They are the object's, also below a private mapping. */
	assert_int_equal(printed.saved, 0);
	print_range(s, "7f0000000000+4K", &reader);
	assert_int_equal(printed.rows, 1);
	assert_int_equal(printed.swapped, 0);
	print_range(s, "7f0000000000-7f00007d1000", &reader);
	assert_int_equal(printed.rows, 2001);
	assert_int_equal(printed.swapped, 99 + 500);
	assert_int_equal(printed.unknown, 0);
	snapshot_unref(s);
}

/* Nobody can be asked: unknown, but for what the page table holds. */
static void absent_pages_that_cannot_be_asked_about(void **state)
{
	struct snapshot *s = snapshot_of(
		"7f0000000000 rw-s shmem /memfd:x .3 F1 !1 .145 F1 .1850\n", NULL);

	(void)state;
	print_range(s, "all", &no_object);
	assert_int_equal(printed.rows, 2001);
	assert_int_equal(printed.unknown, 1998);
	/* A snapshot without entries. */
	print_range(s, "7f0000000000-7f00007d1000", NULL);
	assert_int_equal(printed.unknown, 1998);
	snapshot_unref(s);
}

/* An object of many terabytes costs a few questions, and no entries but those of its pages. */
static void holes_cost_nothing(void **state)
{
	char line[128];
	struct snapshot *s;

	(void)state;
	snprintf(line, sizeof(line), "7f0000000000 rw-s shmem /memfd:x .%" PRIu64 "\n",
		15 * TIB / 4096);
	s = snapshot_of(line, NULL);
	print_range(s, "all", &reader);
	/* One of them is mapped by now. */
	assert_int_equal(printed.swapped, 99 + 500);
	assert_int_equal(printed.rows, 100 + 500);
	assert_true(entries_read <= 100 + 500);
	assert_true(object.asked < 1000);
	snapshot_unref(s);
}

/* --- drawn --- */

static void check_drawn(const char *name, enum absent kind, bool file, bool line)
{
	struct needs needs = { 0 };
	uint64_t entry = 0, got[NEEDS_MAX] = { 1 };
	uint8_t absent = (uint8_t)kind;
	struct snapshot *s = snapshot_of("7f0000000000 rw-s shmem /memfd:pool F16 .1000\n", NULL);
	struct scene scene = { .snapshot = s, .process = "test", .interval = 1, .serial = 7 };
	struct view v = { .glyphs = GLYPHS_LETTERS, .cursor = 0x7f0000000000 + 20 * 4096,
		.pane = PANE_GRID, .screen = line ? SCREEN_MAIN : SCREEN_PAGE };
	struct layout l = layout_make(80, 24);
	struct cells c = { .ascii = true };
	char path[64], *text;

	needs_add(&needs, NEED_ENTRIES | NEED_ABSENT, v.cursor / 4096, 1);
	if (file)
		scene.file = "x.pmv";
	else
		scene.pages = pageset_new(7, (struct timespec){ 0 }, &needs, got,
			&(struct pageset_content){ .entries = &entry, .absent = &absent });
	cells_resize(&c, 80, 24);
	view_settle(&v, &scene, &l);
	screen_draw(&c, &v, &scene);
	text = cells_to_text(&c);
	snprintf(path, sizeof(path), "absent-%s.txt", name);
	compare(path, text);
	free(text);
	cells_free(&c);
	pageset_unref((struct pageset *)scene.pages);
	snapshot_unref(s);
}

/* Of shared memory more must be asked. */
static void needs_of_shared_memory(void **state)
{
	struct snapshot *s = snapshot_of("7f0000000000 rw-s shmem /memfd:x .8\n"
					 "7f8000000000 rw-s file /x .8\n", NULL);
	struct scene scene = { .snapshot = s };
	struct view v = { .cursor = 0x7f0000000000 };

	(void)state;
	assert_int_equal(view_needs(&v, &scene).kinds, NEED_ENTRIES | NEED_ABSENT);
	v.cursor = 0x7f8000000000;
	assert_int_equal(view_needs(&v, &scene).kinds, NEED_ENTRIES);
	snapshot_unref(s);
}

static void absent_pages_are_drawn(void **state)
{
	(void)state;
	check_drawn("swapped", ABSENT_SWAPPED, false, false);
	check_drawn("cached", ABSENT_CACHED, false, false);
	check_drawn("hole", ABSENT_HOLE, false, false);
	check_drawn("no-swap", ABSENT_NOT_SWAPPED, false, false);
	check_drawn("unknown", ABSENT_UNKNOWN, false, false);
	check_drawn("file", ABSENT_UNKNOWN, true, false);
	check_drawn("line-swapped", ABSENT_SWAPPED, false, true);
	check_drawn("line-unknown", ABSENT_UNKNOWN, false, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_empty_entries_are_asked_about),
		cmocka_unit_test(states_at_page_level),
		cmocka_unit_test(swapped_shared_pages_are_printed),
		cmocka_unit_test(absent_pages_that_cannot_be_asked_about),
		cmocka_unit_test(holes_cost_nothing),
		cmocka_unit_test(needs_of_shared_memory),
		cmocka_unit_test(absent_pages_are_drawn),
	};

	setenv("TZ", "UTC", 1);
	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
