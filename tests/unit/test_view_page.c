/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of one page, with all that is told of its frame, against those in tests/data/golden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "helpers.h"
#include "view/panes.h"

#define PAGE    UINT64_C(4096)
#define HEAP    UINT64_C(0x55d2ca400000)
#define ARENA   UINT64_C(0x7f0f2b200000)
#define PROCESS                                                                                    \
	"55d2ca400000 rw-p heap [heap] A40 S8 .16 A100\n"                                          \
	"7f0f2b200000 rw-p anon - A1024h A64\n"                                                    \
	"7f0f40000000 rw-p hugetlb /anon_hugepage A512h\n"

/* A window of pages around the one that is looked at, all read. */
#define WINDOW 1024
static struct {
	uint64_t page, n;
	uint64_t entry[WINDOW];
	struct frame frame[WINDOW];
	struct pageset_content content;
} seen;

static const uint64_t anon_flags =
	FRAME_REFERENCED | FRAME_UPTODATE | FRAME_LRU | FRAME_MMAP | FRAME_ANON | FRAME_SWAPBACKED;

/* n present pages from `address` on, with consecutive PFNs, all of one kind. */
static void see(uint64_t address, uint64_t n, uint64_t pfn, uint64_t flags)
{
	uint64_t i;

	memset(&seen, 0, sizeof(seen));
	seen.page = address / PAGE;
	seen.n = n;
	for (i = 0; i < n; i++) {
		seen.entry[i] = ENTRY_PRESENT | ENTRY_EXCLUSIVE | (pfn + i);
		seen.frame[i] = (struct frame){ .flags = flags, .mapcount = 1, .cgroup = 5123,
			.zone = ZONE_NORMAL,
			.known = FRAME_HAS_FLAGS | FRAME_HAS_MAPCOUNT | FRAME_HAS_CGROUP };
	}
	seen.content.cgroup[0] = (struct cgroup_name){ 5123, "/system.slice/postgresql.service" };
	seen.content.cgroup[1] = (struct cgroup_name){ 77, NULL };
	seen.content.cgroups = 2;
}

static void forget_frames(int error)
{
	uint64_t i;
	int f;

	for (i = 0; i < seen.n; i++)
		seen.frame[i].known = 0;
	for (f = 0; f < FRAME_FILES; f++)
		seen.content.frame_error[f] = error;
}

struct how {
	int w, h;
	bool hidden, no_pfn, no_frames, line;
	const char *file, *ended;
};

static void check(const char *name, uint64_t address, const struct how *how)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s;
	struct scene scene = { .process = "postgres", .interval = 1, .every = 1, .serial = 7 };
	struct view v = { .glyphs = GLYPHS_LETTERS, .cursor = address, .pane = PANE_GRID,
		.screen = how->line ? SCREEN_MAIN : SCREEN_PAGE };
	int w = how->w ? how->w : 80, h = how->h ? how->h : 24;
	struct layout l = layout_make(w, h);
	struct cells c = { .ascii = true };
	struct needs needs = { 0 };
	uint64_t got[NEEDS_MAX] = { seen.n };
	struct pageset *p;
	char path[64], *text;

	info.kernel = "6.18.44";
	info.known.pfn = !how->hidden && !how->no_pfn;
	info.pfn_withheld = how->no_pfn;
	s = snapshot_of(PROCESS, &info);
	((struct vma *)snapshot_vma(s, 2))->page_size = 2 << 20;
	needs_add(&needs, NEED_ENTRIES | NEED_FRAMES, seen.page, seen.n);
	seen.content.entries = seen.entry;
	seen.content.frames = how->no_frames ? NULL : seen.frame;
	p = pageset_new(7, (struct timespec){ 0 }, &needs, got, &seen.content);
	scene.snapshot = s;
	scene.pages = how->file ? NULL : p;
	scene.file = how->file;
	scene.ended = how->ended;
	cells_resize(&c, w, h);
	view_settle(&v, &scene, &l);
	screen_draw(&c, &v, &scene);
	text = cells_to_text(&c);
	snprintf(path, sizeof(path), "frame-%s.txt", name);
	compare(path, text);
	free(text);
	cells_free(&c);
	pageset_unref(p);
	snapshot_unref(s);
}

static const struct how plain = { 0 };

static void one_page(void **state)
{
	(void)state;
	see(HEAP, 40, 0x12c7f75, anon_flags);
	seen.entry[30] += 77;
	check("present", HEAP + 18 * PAGE, &plain);
	check("present-160x50", HEAP + 18 * PAGE, &(struct how){ .w = 160, .h = 50 });
	check("line", HEAP + 18 * PAGE, &(struct how){ .line = true });
	/* Where the window ends before the mapping does. */
	check("end-of-window", HEAP + 39 * PAGE, &plain);
	seen.entry[19] += 5;
	seen.entry[18] += 7;
	check("alone", HEAP + 18 * PAGE, &plain);
}

/* More flags than a page has, and some that no header names: all of it fits. */
static void much_to_say(void **state)
{
	(void)state;
	see(HEAP, 40, 0x12c7f75000, (anon_flags & ~FRAME_SWAPBACKED) | FRAME_LARGE | FRAME_TAIL |
		FRAME_MLOCKED | FRAME_UNEVICTABLE | FRAME_DIRTY | FRAME_ACTIVE | FRAME_LOCKED |
		FRAME_WRITEBACK | FRAME_KSM | FRAME_SWAPCACHE | FRAME_OWNER_2 | FRAME_OWNER_PRIVATE |
		FRAME_ARCH_2 | UINT64_C(1) << 40 | UINT64_C(1) << 63);
	seen.frame[18].mapcount = 1234;
	seen.frame[18].node = 123;
	check("all-flags", HEAP + 18 * PAGE, &plain);
}

static void words(void **state)
{
	(void)state;
	see(ARENA + 1024 * PAGE, 64, 0x5000, anon_flags & ~FRAME_SWAPBACKED);
	seen.frame[3].flags |= FRAME_KSM | FRAME_SWAPBACKED;
	seen.frame[3].mapcount = 32;
	seen.frame[4].flags |= FRAME_MLOCKED | FRAME_UNEVICTABLE | FRAME_SWAPBACKED;
	seen.frame[5].flags = FRAME_ZERO | FRAME_RESERVED;
	seen.frame[5].mapcount = 0;
	seen.frame[5].cgroup = 0;
	seen.frame[6].cgroup = 77;
	seen.frame[6].node = -1;
	seen.frame[6].zone = ZONE_UNKNOWN;
	check("droppable", ARENA + 1026 * PAGE, &plain);
	check("ksm", ARENA + 1027 * PAGE, &plain);
	check("mlocked", ARENA + 1028 * PAGE, &plain);
	check("zero", ARENA + 1029 * PAGE, &plain);
	check("little-known", ARENA + 1030 * PAGE, &plain);
	/* Another than those that were looked for. */
	seen.frame[6].cgroup = 78;
	check("many-cgroups", ARENA + 1030 * PAGE, &plain);
	check("line-ksm", ARENA + 1027 * PAGE, &(struct how){ .line = true });
	see(HEAP, 40, 0x5000, anon_flags & ~FRAME_SWAPBACKED);
	check("lazyfree", HEAP + 18 * PAGE, &plain);
}

static void huge_pages(void **state)
{
	uint64_t i;

	(void)state;
	see(ARENA, 1024, 0x80200, anon_flags | FRAME_LARGE | FRAME_TAIL);
	seen.frame[0].flags ^= FRAME_HEAD | FRAME_TAIL;
	seen.frame[512].flags ^= FRAME_HEAD | FRAME_TAIL;
	check("thp", ARENA + 519 * PAGE, &plain);
	check("thp-160x50", ARENA + 519 * PAGE, &(struct how){ .w = 160, .h = 50 });
	/* Folios of 16 pages, mapped by pages; only a part of the last was read. */
	see(ARENA + 1024 * PAGE, 60, 0x80200, anon_flags | FRAME_LARGE | FRAME_TAIL);
	for (i = 0; i < 64; i += 16)
		seen.frame[i].flags ^= FRAME_HEAD | FRAME_TAIL;
	check("large-folio", ARENA + 1045 * PAGE, &plain);
	check("large-folio-cut", ARENA + 1074 * PAGE, &plain);
	see(0x7f0f40000000, 512, 0x90000, FRAME_UPTODATE | FRAME_MMAP | FRAME_ANON | FRAME_HUGETLB | FRAME_TAIL);
	seen.frame[0].flags ^= FRAME_HEAD | FRAME_TAIL;
	check("hugetlb", 0x7f0f40000000 + 511 * PAGE, &plain);
}

/* PFNs and the kpage files take different rights. */
static void rights(void **state)
{
	uint64_t i;

	(void)state;
	see(HEAP, 40, 0x12c7f75, anon_flags);
	forget_frames(EACCES);
	check("kpage-denied", HEAP + 18 * PAGE, &plain);
	forget_frames(ENOENT);
	check("kpage-missing", HEAP + 18 * PAGE, &plain);
	for (i = 0; i < seen.n; i++) {
		seen.entry[i] &= ~ENTRY_PFN_MASK;
		seen.frame[i] = (struct frame){ .node = -1 };
	}
	forget_frames(0);
	check("pfn-hidden", HEAP + 18 * PAGE, &(struct how){ .hidden = true });
	forget_frames(EACCES);
	check("nobody", HEAP + 18 * PAGE, &(struct how){ .hidden = true });
	forget_frames(0);
	check("withheld", HEAP + 18 * PAGE, &(struct how){ .no_pfn = true });
	/* Device memory: the files can be read, but say nothing. */
	see(HEAP, 40, 0x12c7f75, 0);
	forget_frames(0);
	check("not-told", HEAP + 18 * PAGE, &plain);
}

static void swapped_pages(void **state)
{
	(void)state;
	see(HEAP, 48, 0x12c7f75, anon_flags);
	seen.entry[42] = ENTRY_SWAP | 0x1a2f3 << 5 | 1;
	seen.frame[42] = (struct frame){ .node = -1, .swap_area = 2 };
	seen.entry[43] = ENTRY_SWAP | 0x1a2f3 << 5 | 1;
	seen.frame[43] = (struct frame){ .node = -1 };
	seen.content.swap_name[1] = "/var/swap\nfile";
	check("swap-area", HEAP + 42 * PAGE, &plain);
	check("swap-area-unproved", HEAP + 43 * PAGE, &plain);
	check("line-swap-area", HEAP + 42 * PAGE, &(struct how){ .line = true });
}

static void pages_that_change(void **state)
{
	(void)state;
	see(HEAP, 48, 0x12c7f75, anon_flags);
	seen.frame[18] = (struct frame){ .node = -1, .known = FRAME_HAS_CHANGED };
	seen.frame[19] = seen.frame[18];
	seen.entry[19] = 0;
	check("changed", HEAP + 18 * PAGE, &plain);
	check("changed-gone", HEAP + 19 * PAGE, &plain);
}

/* Frames that are still to come, and those that never will. */
static void not_there(void **state)
{
	(void)state;
	see(HEAP, 48, 0x12c7f75, anon_flags);
	check("being-read", HEAP + 18 * PAGE, &(struct how){ .no_frames = true });
	check("ended", HEAP + 18 * PAGE, &(struct how){ .ended = "EXITED 12:04:11" });
	check("ended-before", HEAP + 18 * PAGE,
		&(struct how){ .no_frames = true, .ended = "EXITED 12:04:11" });
	check("file", HEAP + 18 * PAGE, &(struct how){ .file = "x.pmv" });
}

/* The needs of the page screen hold all of the largest folio, wherever the page is. */
static void check_needs(uint32_t page_size, uint64_t most)
{
	struct snapshot_info info = info_for_tests();
	uint64_t first = UINT64_C(0x7f0f20230000) / page_size, end = first + 64 + 40000, page;
	struct snapshot *s;
	struct scene scene = { 0 };

	info.page_size = page_size;
	info.pmd_size = (uint32_t)(most * page_size);
	s = snapshot_of("7f0f20230000 rw-p anon - A64 .40000\n", &info);
	scene.snapshot = s;
	for (page = first; page < end; page += 7) {
		struct view v = { .cursor = page * page_size, .screen = SCREEN_PAGE };
		struct needs n = view_needs(&v, &scene);
		uint64_t from = page / most * most, to = from + most;

		assert_int_equal(n.kinds, NEED_ENTRIES | NEED_FRAMES);
		assert_int_equal(n.n, 1);
		assert_true(n.range[0].first <= (from > first ? from : first));
		assert_true(n.range[0].first >= first);
		assert_true(n.range[0].first + n.range[0].pages >= (to < end ? to : end));
		assert_true(n.range[0].first + n.range[0].pages <= end);
		v.screen = SCREEN_MAIN;
		assert_int_equal(view_needs(&v, &scene).kinds, NEED_ENTRIES);
	}
	snapshot_unref(s);
}

static void needs_hold_the_folio(void **state)
{
	(void)state;
	check_needs(4096, 512);
	check_needs(65536, 8192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_page),
		cmocka_unit_test(much_to_say),
		cmocka_unit_test(words),
		cmocka_unit_test(huge_pages),
		cmocka_unit_test(rights),
		cmocka_unit_test(swapped_pages),
		cmocka_unit_test(pages_that_change),
		cmocka_unit_test(not_there),
		cmocka_unit_test(needs_hold_the_folio),
	};

	setenv("TZ", "UTC", 1);
	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
