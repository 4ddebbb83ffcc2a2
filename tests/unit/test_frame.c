/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of page frames: flags in words, places in folios, runs of frames, swap areas, and pages
 * that change between the two looks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/frame.h"

#define P(pfn) (ENTRY_PRESENT | (uint64_t)(pfn))
#define S(type, slot) (ENTRY_SWAP | (uint64_t)(slot) << 5 | (type))

static void flags_are_named(void **state)
{
	struct str t = { 0 };

	(void)state;
	frame_flags_text(&t, 0x5868, " ");
	assert_string_equal(str_text(&t), "uptodate lru active mmap anon swapbacked");
	str_clear(&t);
	/* What no header names is kept, wherever it stands. */
	frame_flags_text(&t, UINT64_C(1) << 63 | UINT64_C(1) << 40 | UINT64_C(1) << 27 | 1, ",");
	assert_string_equal(str_text(&t), "locked,bit 27,bit 40,bit 63");
	str_clear(&t);
	frame_flags_text(&t, 0, ",");
	assert_string_equal(str_text(&t), "");
	str_free(&t);
}

static const char *lazy(uint64_t flags, unsigned known, enum vma_kind kind, const char *release)
{
	struct frame f = { .flags = flags, .known = (uint8_t)known };
	struct vma v = { .kind = (uint8_t)kind, .name = "" };
	const char *word = frame_lazyfree(&f, &v, release);

	return word ? word : "no";
}

static void lazyfree_is_told(void **state)
{
	const uint64_t mapped = FRAME_UPTODATE | FRAME_MMAP;

	(void)state;
	assert_string_equal(lazy(mapped | FRAME_ANON, FRAME_HAS_FLAGS, VMA_HEAP, "6.18"), "lazyfree");
	assert_string_equal(lazy(mapped | FRAME_ANON, FRAME_HAS_FLAGS, VMA_ANON, "6.10.9"), "lazyfree");
	assert_string_equal(lazy(mapped | FRAME_ANON, FRAME_HAS_FLAGS, VMA_ANON, "6.11"),
		"lazyfree or MAP_DROPPABLE");
	assert_string_equal(lazy(mapped | FRAME_ANON, FRAME_HAS_FLAGS, VMA_FILE, "6.18"), "lazyfree");
	assert_string_equal(lazy(mapped | FRAME_ANON | FRAME_SWAPBACKED, FRAME_HAS_FLAGS, VMA_ANON,
		"6.18"), "no");
	assert_string_equal(lazy(mapped, FRAME_HAS_FLAGS, VMA_FILE, "6.18"), "no");
	assert_string_equal(lazy(mapped | FRAME_ANON | FRAME_HUGETLB, FRAME_HAS_FLAGS, VMA_HUGETLB,
		"6.18"), "no");
	/* It was written since. */
	assert_string_equal(lazy(mapped | FRAME_ANON | FRAME_DIRTY, FRAME_HAS_FLAGS, VMA_HEAP, "6.18"),
		"no");
	/* Nothing is said of flags that were not read. */
	assert_string_equal(lazy(mapped | FRAME_ANON, FRAME_HAS_MAPCOUNT, VMA_HEAP, "6.18"), "no");
}

/* --- folios and runs --- */

#define WINDOW 64

static uint64_t entries[WINDOW];
static struct frame frames[WINDOW];

/* Pages from a text: H a head, T a tail, - neither, x a hole, ? flags unknown; PFNs count from pfn on,
 * and skip one behind a '|'. */
static struct frame_window window_of(const char *text, uint64_t pfn, uint64_t at)
{
	struct frame_window w = { .entries = entries, .frames = frames, .at = at };

	for (; *text; text++) {
		struct frame *f = &frames[w.n];

		if (*text == '|') {
			pfn++;
			continue;
		}
		entries[w.n] = *text == 'x' ? 0 : P(pfn);
		*f = (struct frame){ .known = *text == '?' || *text == 'x' ? 0 : FRAME_HAS_FLAGS };
		f->flags = FRAME_MMAP | (*text == 'H' || *text == 'T' ? FRAME_LARGE : 0) |
			(*text == 'H' ? FRAME_HEAD : *text == 'T' ? FRAME_TAIL : 0);
		pfn++;
		w.n++;
	}
	assert_true(w.n <= WINDOW);
	return w;
}

/* "5/16", "5+/16+"; + where it is at least. */
static const char *place_text(bool found, const struct frame_place *p)
{
	static char text[64];

	if (!found)
		return "none";
	snprintf(text, sizeof(text), "%d%s/%d%s", (int)p->index, p->index_least ? "+" : "",
		(int)p->pages, p->pages_least ? "+" : "");
	return text;
}

static const char *folio(const char *text, uint64_t pfn, uint64_t at, uint64_t most)
{
	struct frame_window w = window_of(text, pfn, at);
	struct frame_place p;

	w.folio_most = most;
	return place_text(frames_folio(&w, &p), &p);
}

static void places_in_folios(void **state)
{
	(void)state;
	assert_string_equal(folio("---HTTTTTTT-", 0x15, 5, 0), "2/8");
	assert_string_equal(folio("---HTTTTTTT-", 0x15, 3, 0), "0/8");
	assert_string_equal(folio("---HTTTTTTT-", 0x15, 10, 0), "7/8");
	assert_string_equal(folio("---HTTTTTTT-", 0x15, 2, 0), "none");
	/* Another one behind it. */
	assert_string_equal(folio("HTTTHTTT-", 0x18, 2, 0), "2/4");
	assert_string_equal(folio("HTTTHTTT-", 0x18, 5, 0), "1/4");
	/* The window ends: its size is a power of two that holds what was seen. */
	assert_string_equal(folio("-HTTTT", 0x1f, 3, 0), "2/8+");
	assert_string_equal(folio("-HTTT", 0x1f, 1, 0), "0/4+");
	/* What comes behind is elsewhere in memory, or not known. */
	assert_string_equal(folio("HTTT|-", 0x20, 1, 0), "1/4+");
	assert_string_equal(folio("HTTTx", 0x20, 1, 0), "1/4+");
	assert_string_equal(folio("HTTT?", 0x20, 1, 0), "1/4+");
	/* The head was not seen: it is aligned, and before the first tail is one page more. */
	assert_string_equal(folio("TTT-", 0x35, 1, 0), "2+/4+");
	assert_string_equal(folio("TTTT-", 0x34, 0, 0), "4+/8+");
	assert_string_equal(folio("xTTT", 0x34, 2, 0), "2+/4+");
	assert_string_equal(folio("?TTT", 0x34, 2, 0), "2+/4+");
	assert_string_equal(folio("TT", 0x3f, 1, 0), "64+/128+");
	/* None is larger than a huge entry maps. */
	assert_string_equal(folio("TT", 0x3f, 1, 128), "64/128");
	assert_string_equal(folio("HTTTTTTT|H", 0x20, 3, 8), "3/8");
	/* A tail of the next is none of this one. */
	assert_string_equal(folio("-TTH", 0x31, 0, 0), "none");
	assert_string_equal(folio("HT-", 0x20, 1, 0), "1/2");
	/* Read while it was split: no folio has three pages. */
	assert_string_equal(folio("HTT-", 0x20, 1, 0), "1/4+");
}

static const char *run(const char *text, uint64_t at, bool begins, bool ends)
{
	struct frame_window w = window_of(text, 0x100, at);
	struct frame_place p;

	w.begins = begins;
	w.ends = ends;
	w.frames = NULL; /* entries suffice */
	return place_text(frames_run(&w, &p), &p);
}

static void runs_of_frames(void **state)
{
	(void)state;
	assert_string_equal(run("-|---|--", 2, false, false), "1/3");
	assert_string_equal(run("-|---|--", 0, false, false), "0+/1+");
	assert_string_equal(run("-|---|--", 0, true, false), "0/1");
	assert_string_equal(run("-|---|--", 5, true, false), "1/2+");
	assert_string_equal(run("-|---|--", 5, true, true), "1/2");
	assert_string_equal(run("x--x", 1, false, false), "0/2");
	assert_string_equal(run("x--x", 0, false, false), "none");
	assert_string_equal(run("----", 1, false, false), "1+/4+");
}

/* --- swap areas --- */

#define HEADING "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
#define BIG   "/dev/sda2                               partition\t8388604\t\t1024\t\t-2\n"
#define SMALL "/var/swap\\040file\\134                    file\t\t1020\t\t64\t\t-3\n"
#define IDLE  "/var/idle                               file\t\t8388604\t\t0\t\t-4\n"

/* The name of the area, or "-". Slots are of 4096 bytes. */
static const char *area(const char *text, unsigned type, uint64_t slot, uint32_t seen)
{
	static char name[64];
	struct swaps s;
	int i;

	swaps_parse(&s, text);
	i = swaps_find(&s, type, slot, seen | UINT32_C(1) << type, 4096);
	snprintf(name, sizeof(name), "%s", i < 0 ? "-" : s.area[i].name);
	swaps_free(&s);
	return name;
}

static void areas_are_named_where_proved(void **state)
{
	(void)state;
	assert_string_equal(area(HEADING, 0, 1, 0), "-");
	assert_string_equal(area("", 0, 1, 0), "-");
	/* A single one has every entry, whatever its type. */
	assert_string_equal(area(HEADING SMALL, 0, 1, 0), "/var/swap file\\");
	assert_string_equal(area(HEADING SMALL, 5, 255, 0), "/var/swap file\\");
	/* Two: the first line can be of type 0 or 1. */
	assert_string_equal(area(HEADING BIG SMALL, 0, 1, 0), "/dev/sda2");
	assert_string_equal(area(HEADING BIG SMALL, 1, 1, 0), "-");
	/* A slot beyond the end, of which 255 are good and a header names less than 1024 bad ones. */
	assert_string_equal(area(HEADING BIG SMALL, 1, 255, 0), "-");
	assert_string_equal(area(HEADING BIG SMALL, 1, 255 + 1024, 0), "-");
	assert_string_equal(area(HEADING BIG SMALL, 1, 255 + 1025, 0), "/dev/sda2");
	/* Nothing is in it. */
	assert_string_equal(area(HEADING BIG IDLE, 1, 7, 0), "/dev/sda2");
	assert_string_equal(area(HEADING IDLE BIG, 1, 7, 0), "/dev/sda2");
	/* An entry of another type that was seen takes one of the lines. */
	assert_string_equal(area(HEADING BIG SMALL, 1, 7, 1), "/var/swap file\\");
	assert_string_equal(area(HEADING BIG SMALL, 1, 7, 4), "/dev/sda2");
	assert_string_equal(area(HEADING BIG SMALL BIG, 3, 7, 1 << 1 | 1 << 2), "/dev/sda2");
	assert_string_equal(area(HEADING BIG SMALL BIG, 2, 7, 1 << 1), "-");
	/* Slot 0 is none: it is hidden. */
	assert_string_equal(area(HEADING BIG, 0, 0, 0), "-");
	assert_string_equal(area(HEADING BIG, 31, 1, 0), "/dev/sda2");
}

/* What is made up for a container, or is cut, proves nothing. */
static void lines_that_no_kernel_writes(void **state)
{
	(void)state;
	assert_string_equal(area(HEADING "none   virtual   1024   10   0\n", 0, 1, 0), "-");
	assert_string_equal(area(HEADING BIG "/x file 1024", 0, 1, 0), "-");
	assert_string_equal(area(HEADING BIG "\n", 0, 1, 0), "-");
	assert_string_equal(area(HEADING BIG "/x file 1024 1 -1", 0, 1, 0), "/dev/sda2");
}

/* --- two looks --- */

/* Entries as they are at each look, a frame reader that counts what it is asked, and swap areas. */
static struct {
	uint64_t entry[2][8];
	unsigned looks, batches, frames, areas;
	uint64_t least;      /* so many are read at the second look */
	const char *swaps;
} machine;

static ssize_t read_entries(void *ctx, uint64_t page, uint64_t n, uint64_t *e, struct err *err)
{
	(void)ctx;
	(void)err;
	assert_int_equal(page, 0x100);
	assert_true(machine.looks < 2);
	memcpy(e, machine.entry[machine.looks], n * 8);
	return (ssize_t)(machine.looks++ && machine.least ? machine.least : n);
}

static void read_frames(void *ctx, uint64_t pfn, uint64_t n, struct frame *f)
{
	uint64_t i;

	(void)ctx;
	/* They are read between the two looks. */
	assert_int_equal(machine.looks, 1);
	machine.batches++;
	for (i = 0; i < n; i++, machine.frames++)
		f[i] = (struct frame){ .flags = pfn + i, .known = FRAME_HAS_FLAGS };
}

static void read_swaps(void *ctx, struct swaps *s)
{
	size_t i;

	(void)ctx;
	assert_int_equal(machine.looks, 1);
	machine.areas++;
	swaps_parse(s, machine.swaps);
	for (i = 0; i < s->n; i++)
		s->area[i].id = (uint8_t)(i + 1);
}

static const struct entry_reader entry_reader = { .read = read_entries };
static const struct frame_reader frame_reader = {
	.read = read_frames, .swaps = read_swaps, .page_size = 4096
};

static void look(uint64_t n, const struct frame_reader *fr, uint64_t *e, struct frame *f)
{
	struct err err;

	memset(f, 0xff, n * sizeof(*f));
	assert_int_equal(frames_read(&entry_reader, fr, 0x100, n, e, f, &err), n);
}

static void a_page_that_changes_has_no_frame(void **state)
{
	/* Stays; moves; is freed; comes; only its soft-dirty and exclusive bits change; its neighbour
	 * in memory stays. */
	static const uint64_t before[8] = { P(10), P(20), P(11), 0, P(40), P(41), S(0, 7), P(50) };
	static const uint64_t after[8] = { P(10), P(21), 0, P(30),
		P(40) | ENTRY_SOFT_DIRTY | ENTRY_EXCLUSIVE, P(41), P(60), S(0, 9) };
	static const bool changed[8] = { false, true, true, true, false, false, true, true };
	uint64_t e[8];
	struct frame f[8];
	int i;

	(void)state;
	memset(&machine, 0, sizeof(machine));
	memcpy(machine.entry[0], before, sizeof(before));
	memcpy(machine.entry[1], after, sizeof(after));
	machine.swaps = HEADING BIG;
	look(8, &frame_reader, e, f);
	assert_int_equal(machine.looks, 2);
	assert_int_equal(machine.batches, 5);
	assert_int_equal(machine.frames, 6);
	for (i = 0; i < 8; i++) {
		assert_int_equal(f[i].known, changed[i] ? FRAME_HAS_CHANGED : FRAME_HAS_FLAGS);
		assert_int_equal(f[i].flags, changed[i] ? 0 : before[i] & ENTRY_PFN_MASK);
		assert_int_equal(f[i].swap_area, 0);
		if (changed[i])
			assert_int_equal(e[i], after[i]);
	}
}

/* The process ends between the looks: what was not seen twice is not believed. */
static void a_process_that_ends_between(void **state)
{
	uint64_t e[3];
	struct frame f[3];

	(void)state;
	memset(&machine, 0, sizeof(machine));
	memcpy(machine.entry[0], (uint64_t[]){ P(1), P(2), P(3) }, 24);
	memcpy(machine.entry[1], (uint64_t[]){ P(1), P(2), P(3) }, 24);
	machine.least = 1;
	look(3, &frame_reader, e, f);
	assert_int_equal(f[0].known, FRAME_HAS_FLAGS);
	assert_int_equal(f[1].known, FRAME_HAS_CHANGED);
	assert_int_equal(f[2].known, FRAME_HAS_CHANGED);
	assert_int_equal(e[2], P(3));
}

static void nothing_to_ask_is_not_asked(void **state)
{
	static const struct frame_reader none = { 0 };
	uint64_t e[4];
	struct frame f[4];

	(void)state;
	/* Hidden PFNs and slots, a guard, a hole. */
	memset(&machine, 0, sizeof(machine));
	memcpy(machine.entry[0],
		(uint64_t[]){ P(0), S(0, 0), S(31, 4) | ENTRY_GUARD, 0 }, 32);
	look(4, &frame_reader, e, f);
	assert_int_equal(machine.looks, 1);
	assert_int_equal(machine.frames + machine.areas, 0);
	assert_int_equal(f[0].known, 0);
	assert_int_equal(f[0].node, -1);
	/* Nobody to ask. */
	memset(&machine, 0, sizeof(machine));
	memcpy(machine.entry[0], (uint64_t[]){ P(1), S(0, 1), P(3), 0 }, 32);
	look(4, &none, e, f);
	assert_int_equal(machine.looks, 1);
	assert_int_equal(f[0].known, 0);
}

static void swapped_pages_get_their_area(void **state)
{
	uint64_t e[6];
	struct frame f[6];

	(void)state;
	memset(&machine, 0, sizeof(machine));
	memcpy(machine.entry[0],
		(uint64_t[]){ S(0, 7), S(1, 7), S(30, 7), 0, S(1, 9) | ENTRY_UFFD_WP, S(31, 1) }, 48);
	memcpy(machine.entry[1], machine.entry[0], sizeof(machine.entry[0]));
	machine.swaps = HEADING BIG SMALL;
	look(6, &frame_reader, e, f);
	assert_int_equal(machine.areas, 1);
	assert_int_equal(f[0].swap_area, 1);
	assert_int_equal(f[1].swap_area, 2);
	/* Migration entries and markers are in no area. */
	assert_int_equal(f[2].swap_area, 0);
	assert_int_equal(f[4].swap_area, 2);
	assert_int_equal(f[5].swap_area, 0);
	/* The one of type 0 is gone at the second look: whether there is one is not known. */
	machine.looks = 0;
	machine.entry[1][0] = P(9);
	look(6, &frame_reader, e, f);
	assert_int_equal(f[0].known, FRAME_HAS_CHANGED);
	assert_int_equal(f[0].swap_area, 0);
	assert_int_equal(f[1].swap_area, 0);
	/* One that came only after the areas were read. */
	machine.looks = 0;
	machine.entry[1][0] = S(2, 9);
	look(6, &frame_reader, e, f);
	assert_int_equal(f[0].swap_area, 0);
	assert_int_equal(f[1].swap_area, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_are_named),
		cmocka_unit_test(lazyfree_is_told),
		cmocka_unit_test(places_in_folios),
		cmocka_unit_test(runs_of_frames),
		cmocka_unit_test(areas_are_named_where_proved),
		cmocka_unit_test(lines_that_no_kernel_writes),
		cmocka_unit_test(a_page_that_changes_has_no_frame),
		cmocka_unit_test(a_process_that_ends_between),
		cmocka_unit_test(nothing_to_ask_is_not_asked),
		cmocka_unit_test(swapped_pages_get_their_area),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
