/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is printed of a snapshot: lists, pages and decoded entries, against texts somebody has looked
 * at (tests/data/golden). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "helpers.h"
#include "model/checkpoint.h"
#include "output/decode.h"
#include "output/list.h"
#include "output/pages.h"

#define PROCESS                                                            \
	"400000 r-xp file /usr/bin/a,\"b\" F3 .2\n"                        \
	"600000 rw-p file /usr/bin/a,\"b\" A2 F1\n"                        \
	"800000 rw-p heap [heap] A4 .1 S2 01 #1 m1 !1\n"                   \
	"7f0000000000 rw-p anon - A1024h .1000000\n"                    \
	"7f8000000000 rw-s shmem /memfd:x F10 .6\n"                        \
	"7ffff0000000 r--p special [vvar] ?4\n"

typedef void list_printer(FILE *f, const struct snapshot *s, const struct list_options *o);

static void check_list(const char *name, list_printer *print, const struct snapshot *s,
	const struct list_options *o)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	print(f, s, o);
	fclose(f);
	compare(name, text);
	free(text);
}

static void lists(void **state)
{
	struct snapshot *s = snapshot_of(PROCESS, NULL);
	struct shared_object objects[] = { { snapshot_vma(s, 4), 1, 12 },
		{ snapshot_vma(s, 4), 2, CHECKPOINT_UNKNOWN } };
	struct refusal refusals[] = { { REFUSES_IO, true, snapshot_vma(s, 5), 0x7ffff0000000, 4, -1 },
		{ REFUSES_POISON, true, snapshot_vma(s, 2), 0x80000a000, 1, -1 },
		{ REFUSES_USERFAULTFD, true, NULL, 0, 0, 5 },
		{ REFUSES_POISON, false, NULL, 0, 0, -1 } };
	uint64_t pages[6] = { 0, 2, 7, 1024, 0, CHECKPOINT_UNKNOWN };
	struct vma_smaps smaps[6] = { [2] = { .known = true, .swap_known = true, .swap = 2 },
		[4] = { .known = true, .swap_known = true, .swap = 5 },
		[5] = { .known = true, .swap_known = true } };
	struct checkpoint_set set = { smaps, pages, 1033, 7, objects, 2, refusals, 4, 0 };
	struct list_options plain = { 0 }, exact = { .exact = true }, with = { .checkpoint = &set };

	(void)state;
	check_list("list.txt", text_list, s, &plain);
	check_list("list-bytes.txt", text_list, s, &exact);
	check_list("list-checkpoint.txt", text_list, s, &with);
	check_list("list.json", json_list, s, &with);
	check_list("list.csv", csv_list, s, &with);
	snapshot_unref(s);
}

/* Nothing is 0 that is not known, and nothing exact that a cut file may have held more of. */
static void little_is_known(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct list_options plain = { 0 };
	struct snapshot *s;

	(void)state;
	info.known = (struct page_known){ .exclusive = true };
	s = snapshot_of(PROCESS, &info);
	check_list("list-unknown.txt", text_list, s, &plain);
	check_list("list-unknown.json", json_list, s, &plain);
	check_list("list-unknown.csv", csv_list, s, &plain);
	snapshot_unref(s);
	info = info_for_tests();
	info.complete = false;
	s = snapshot_of("400000 rw-p anon - A4 ?4\n", &info);
	check_list("list-cut.txt", text_list, s, &plain);
	snapshot_unref(s);
}

static void large_pages(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct list_options plain = { 0 };
	struct snapshot *s;

	(void)state;
	info.page_size = 65536;
	s = snapshot_of(PROCESS, &info);
	check_list("list-64k.txt", text_list, s, &plain);
	snapshot_unref(s);
}

/* One entry for each page from 0x800 on; ends after `least` of them. */
static uint64_t least;
/* Page 0x801 has moved by the second look. */
static bool moves;
static unsigned looks;

static ssize_t read_entries(void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e)
{
	static const uint64_t heap[] = { 0x8180000000012345, 0x8100000000012346, 0x8000000000012347,
		0x8300000000012348, 0, 0x4000000000000021, 0x4200000000000041, 0x8000000000000077,
		0x440000000000009f, 0x40000000000246be, 0x400000000000005f };
	uint64_t i;

	(void)ctx;
	(void)e;
	for (i = 0; i < n && page - 0x800 + i < least; i++)
		entries[i] = heap[page - 0x800 + i];
	if (moves && looks++ && page == 0x800 && n > 1)
		entries[1]++;
	return (ssize_t)i;
}

/* Of the first four frames; nothing is known of the zero page's. */
static void read_frames(void *ctx, uint64_t pfn, uint64_t n, struct frame *f)
{
	static const struct frame frames[] = {
		{ FRAME_UPTODATE | FRAME_LRU | FRAME_ANON | FRAME_SWAPBACKED | FRAME_MLOCKED |
			FRAME_UNEVICTABLE, 1, 5123, 0, ZONE_NORMAL, 7, 0 },
		{ FRAME_UPTODATE | FRAME_ANON | FRAME_LARGE | FRAME_TAIL | UINT64_C(1) << 40, 12, 77, 1,
			ZONE_MOVABLE, 7, 0 },
		{ FRAME_UPTODATE | FRAME_ANON | FRAME_KSM | FRAME_SWAPBACKED, 32, 0, -1, ZONE_UNKNOWN, 7,
			0 },
		{ .node = 0, .zone = ZONE_DMA32 },
	};
	uint64_t i;

	(void)ctx;
	for (i = 0; i < n; i++)
		f[i] = pfn - 0x12345 + i < 4 ? frames[pfn - 0x12345 + i] : (struct frame){ .node = -1 };
}

static const char *find_cgroup(void *ctx, uint64_t inode)
{
	(void)ctx;
	/* Names can hold anything. */
	return inode == 5123 ? "/a,\"b\"\n\xc3\xa9.slice" : NULL;
}

static void read_swaps(void *ctx, struct swaps *s)
{
	(void)ctx;
	swaps_parse(s, "Filename Type Size Used Priority\n/var/swap\\040file file 1024 8 -2\n");
	s->area[0].id = 3;
}

static const char *swap_name(void *ctx, unsigned id)
{
	(void)ctx;
	assert_int_equal(id, 3);
	return "/var/swap file";
}

static const struct frame_reader frame_reader = { .read = read_frames,
	.cgroup = find_cgroup,
	.swaps = read_swaps,
	.swap_name = swap_name,
	.page_size = 4096 };

enum { FRAMES = 1, ASCII = 2 };

static int check_frames(const char *name, page_printer *print, const struct snapshot *s, bool entries,
	unsigned how)
{
	static const struct entry_reader reader = { .read = read_entries };
	struct query_range range = { .name = "[heap]" };
	struct vma_smaps smaps[6];
	struct pages_options o = {
		.range = &range,
		.reader = entries ? &reader : NULL,
		.smaps = entries ? smaps : NULL,
		.print = print,
		.frames = how & FRAMES ? &frame_reader : NULL,
		.ascii = how & ASCII,
	};
	struct err e;
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int r;

	for (r = 0; r < 6; r++)
		smaps[r] = (struct vma_smaps){ .known = true };
	if (print == text_page)
		text_pages_begin(f);
	else if (print == csv_page)
		csv_pages_begin(f);
	else
		json_pages_begin(f, s, false);
	r = pages_print(f, s, &o, &e);
	if (print == json_page)
		json_pages_end(f);
	fclose(f);
	compare(name, text);
	free(text);
	return r;
}

static int check_pages(const char *name, page_printer *print, const struct snapshot *s, bool entries)
{
	return check_frames(name, print, s, entries, 0);
}

static void pages(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s;

	(void)state;
	info.zero_pfn = 0x77;
	s = snapshot_of(PROCESS, &info);
	least = 11;
	assert_int_equal(check_pages("pages.txt", text_page, s, true), 1);
	assert_int_equal(check_pages("pages.csv", csv_page, s, true), 1);
	assert_int_equal(check_pages("pages.json", json_page, s, true), 1);
	assert_int_equal(check_pages("pages-no-entries.csv", csv_page, s, false), 1);
	/* The process ends in the middle: what was read is printed. */
	least = 7;
	assert_int_equal(check_pages("pages-ended.csv", csv_page, s, true), 0);
	snapshot_unref(s);
}

static void frames(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s;

	(void)state;
	info.zero_pfn = 0x77;
	s = snapshot_of(PROCESS, &info);
	least = 11;
	check_frames("pages-frames.txt", text_page, s, true, FRAMES | ASCII);
	check_frames("pages-frames.csv", csv_page, s, true, FRAMES);
	check_frames("pages-frames.json", json_page, s, true, FRAMES);
	moves = true;
	looks = 0;
	check_frames("pages-changed.txt", text_page, s, true, FRAMES);
	looks = 0;
	check_frames("pages-changed.csv", csv_page, s, true, FRAMES);
	moves = false;
	snapshot_unref(s);
}

static void hidden_frames(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s;

	(void)state;
	info.known.pfn = false;
	s = snapshot_of(PROCESS, &info);
	least = 11;
	check_pages("pages-hidden.txt", text_page, s, true);
	snapshot_unref(s);
}

static void decoded(void **state)
{
	static const uint64_t entries[] = { 0x8600000000012345, 0, 0x4000000000000021, 0x440000000000009f,
		0x40000000000246be, 0xa180000000000000, 0x4000000000000000 };
	char *text;
	size_t len, i;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	for (i = 0; i < sizeof(entries) / sizeof(*entries); i++)
		text_decode(f, entries[i]);
	fclose(f);
	compare("decode.txt", text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(little_is_known),
		cmocka_unit_test(large_pages),
		cmocka_unit_test(pages),
		cmocka_unit_test(frames),
		cmocka_unit_test(hidden_frames),
		cmocka_unit_test(decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
