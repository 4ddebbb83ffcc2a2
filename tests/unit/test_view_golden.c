/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole screens against those in tests/data/golden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "golden.h"
#include "helpers.h"
#include "view/panes.h"

#define PAGE UINT64_C(4096)

/* A server as one meets it: a program, a heap, shared memory, arenas, a guarded stack. */
#define SERVER                                                                                     \
	"55d2c8a00000 r--p file /usr/lib/postgresql/15/bin/postgres F40 .10 F60 .90\n"             \
	"55d2c8ac8000 r-xp file /usr/lib/postgresql/15/bin/postgres F700 .300 F400 .110\n"         \
	"55d2c90ae000 r--p file /usr/lib/postgresql/15/bin/postgres A12 F30\n"                     \
	"55d2c90d8000 rw-p file /usr/lib/postgresql/15/bin/postgres A40 .5 A8\n"                   \
	"55d2ca4e1000 rw-p heap [heap] A75 .12 A23 .26 05 .34 A19 .30 A7 S16 .17 A215 S1 A72 .26 " \
	"A101 "                                                                                    \
	"S12 .13 A81 S9 .200 A300 .4 A289\n"                                                       \
	"7f0e20000000 rw-s shmem /dev/zero F600 .20000 F3000 .70000 F512h\n"                       \
	"7f0f2b200000 rw-p anon [anon:arena] A5120h A9000 S4 .51412\n"                             \
	"7f0f3bc58000 r--p file /usr/lib/locale/locale-archive F40 .9000 F400 .44832\n"            \
	"7f0f48dff000 ---p anon - #1\n"                                                            \
	"7f0f48e00000 rw-p anon - .2000 A40 08\n"                                                  \
	"7f0f49600000 r-xp file /usr/lib/x86_64-linux-gnu/libc.so.6 F380\n"                        \
	"7f0f4977c000 rw-p file /usr/lib/x86_64-linux-gnu/libc.so.6 A2\n"                          \
	"7ffd1a3c2000 rw-p stack [stack] .26 A7\n"                                                 \
	"7ffd1a3f1000 r--p special [vvar] ?4\n"                                                    \
	"7ffd1a3f5000 r-xp special [vdso] F2\n"                                                    \
	"ffffffffff600000 --xp special [vsyscall] ?1\n"

#define HEAP UINT64_C(0x55d2ca4e1000)

static struct snapshot_info server_info(void)
{
	struct snapshot_info info = info_for_tests();

	info.comm = "postgres";
	info.pid = 12345;
	info.scan_ns = 3400000;
	info.scan_cpu_ns = 2100000;
	info.longest_call_ns = 210000;
	info.calls = 42;
	return info;
}

static struct snapshot *server(void)
{
	struct snapshot_info info = server_info();

	return snapshot_of(SERVER, &info);
}

static struct scene mono(const struct snapshot *s)
{
	return (struct scene){ .snapshot = s, .process = "postgres", .interval = 1, .every = 1 };
}

static struct scene coloured(const struct snapshot *s)
{
	return (struct scene){ .snapshot = s,
		.process = "postgres",
		.interval = 1,
		.utf8 = true,
		.colour = true,
		.shades = true };
}

/* The colours below the text: a letter for the role of each background. */
static void add_backgrounds(struct str *t, const struct cells *c)
{
	static const char letters[ROLE_COUNT + 1] = " .AFS0#m!?Hc@aothw";
	int x, y, last;

	str_add(t, "-- backgrounds\n");
	for (y = 0; y < c->h; y++) {
		for (last = c->w; last && !c->cell[y * c->w + last - 1].bg; last--)
			;
		for (x = 0; x < last; x++)
			str_addc(t, letters[ink_role(c->cell[y * c->w + x].bg)]);
		str_addc(t, '\n');
	}
}

static void check(const char *name, int w, int h, struct view v, const struct scene *s)
{
	struct layout l = view_layout(s, w, h);
	struct cells c = { .ascii = !s->utf8 };
	struct str t = { 0 };
	char *text, file[64];

	cells_resize(&c, w, h);
	view_settle(&v, s, &l);
	screen_draw(&c, &v, s);
	text = cells_to_text(&c);
	str_add(&t, text);
	if (s->colour)
		add_backgrounds(&t, &c);
	snprintf(file, sizeof(file), "%s.txt", name);
	compare(file, str_text(&t));
	free(text);
	str_free(&t);
	cells_free(&c);
}

static const struct view letters_view = {
	.glyphs = GLYPHS_LETTERS, .cursor = HEAP + 214 * PAGE, .pane = PANE_GRID
};
static const struct view blocks_view = {
	.glyphs = GLYPHS_BLOCKS, .cursor = HEAP + 214 * PAGE, .pane = PANE_GRID
};

static void main_screens(void **state)
{
	struct snapshot *s = server();
	struct scene plain = mono(s), colour = coloured(s);
	struct view v = letters_view;

	(void)state;
	check("main-80x24-mono", 80, 24, letters_view, &plain);
	check("main-80x24-blocks", 80, 24, blocks_view, &colour);
	check("main-80x24-letters", 80, 24, letters_view, &colour);
	check("main-160x50", 160, 50, letters_view, &plain);
	check("main-120x30", 120, 30, letters_view, &plain);
	check("main-40x10", 40, 10, letters_view, &plain);
	check("main-30x6", 30, 6, letters_view, &plain);
	check("main-15x3", 15, 3, letters_view, &plain);
	v.pane = PANE_LIST;
	v.cursor = UINT64_C(0x7f0e20000000);
	check("main-80x24-list", 80, 24, v, &plain);
	snapshot_unref(s);
}

static void zoomed_grids(void **state)
{
	struct snapshot *s = server();
	struct scene plain = mono(s), colour = coloured(s);
	struct view v = letters_view;

	(void)state;
	v.zoom = 4;
	check("zoom-80x24-mono", 80, 24, v, &plain);
	v.glyphs = GLYPHS_BLOCKS;
	v.zoom = 2;
	check("zoom-80x24-blocks", 80, 24, v, &colour);
	v.rare_first = true;
	v.glyphs = GLYPHS_LETTERS;
	v.zoom = 4;
	check("zoom-80x24-rare-first", 80, 24, v, &plain);
	/* Shared memory, far out. */
	v.rare_first = false;
	v.cursor = UINT64_C(0x7f0e20000000);
	v.zoom = 8;
	check("zoom-80x24-shared", 80, 24, v, &colour);
	check("zoom-40x10", 40, 10, v, &plain);
	snapshot_unref(s);
}

/* A pageset of one page. */
static struct pageset *page_with(uint64_t address, uint64_t page_size, uint64_t entry)
{
	struct needs needs = { 0 };
	uint64_t got[NEEDS_MAX] = { 1 };

	needs_add(&needs, NEED_ENTRIES, address / page_size, 1);
	return pageset_new(7, (struct timespec){ 0 }, &needs, got,
		&(struct pageset_content){ .entries = &entry });
}

static void check_page(const char *name, uint64_t entry, uint64_t address,
	const struct page_known *known, bool line)
{
	struct snapshot_info info = server_info();
	struct snapshot *s;
	struct scene scene;
	struct pageset *p = page_with(address, PAGE, entry);
	struct view v = letters_view;

	info.known = *known;
	s = snapshot_of(SERVER, &info);
	scene = mono(s);
	scene.pages = p;
	scene.serial = 7;
	v.cursor = address;
	v.screen = line ? SCREEN_MAIN : SCREEN_PAGE;
	check(name, 80, 24, v, &scene);
	pageset_unref(p);
	snapshot_unref(s);
}

static void page_screens(void **state)
{
	const struct page_known all = { true, true, true, true, true, true, true };
	struct page_known hidden = all;
	uint64_t present = ENTRY_PRESENT | ENTRY_EXCLUSIVE | ENTRY_SOFT_DIRTY | 0x12c7f75;
	uint64_t swapped = ENTRY_SWAP | 0x1a2f3 << 5;

	(void)state;
	hidden.pfn = false;
	hidden.soft_dirty = false;
	check_page("page-present", present, HEAP + 18 * PAGE, &all, false);
	check_page("page-swap", swapped, HEAP + 232 * PAGE, &all, false);
	check_page("page-hidden", present & ~ENTRY_PFN_MASK & ~ENTRY_SOFT_DIRTY, HEAP + 18 * PAGE,
		&hidden, false);
	check_page("page-copy", present, UINT64_C(0x55d2c90d8000), &all, false);
	check_page("page-huge", present & ~ENTRY_EXCLUSIVE, UINT64_C(0x7f0f2b200000), &all, false);
	check_page("page-unknown", 0, UINT64_C(0x7ffd1a3f1000), &all, false);
	check_page("line-present", present, HEAP + 18 * PAGE, &all, true);
	check_page("line-swap", swapped, HEAP + 232 * PAGE, &all, true);
	check_page("line-hidden", present & ~ENTRY_PFN_MASK & ~ENTRY_SOFT_DIRTY, HEAP + 18 * PAGE,
		&hidden, true);
}

static void page_not_read_yet(void **state)
{
	struct snapshot *s = server();
	struct scene scene = mono(s);
	/* An answer for another snapshot is none. */
	struct pageset *old = page_with(HEAP + 214 * PAGE, PAGE, ENTRY_PRESENT | 1);
	struct view v = letters_view;

	(void)state;
	scene.pages = old;
	scene.serial = 8;
	v.screen = SCREEN_PAGE;
	check("page-being-read", 80, 24, v, &scene);
	pageset_unref(old);
	snapshot_unref(s);
}

static void help_tabs(void **state)
{
	struct snapshot *s = server();
	struct scene plain = mono(s);
	struct view v = { .screen = SCREEN_HELP };

	(void)state;
	check("help-keys", 80, 24, v, &plain);
	v.help_tab = HELP_LEGEND;
	check("help-legend", 80, 24, v, &plain);
	v.help_tab = HELP_BITS;
	check("help-bits", 80, 24, v, &plain);
	v.help_tab = HELP_SCAN;
	plain.cost = (struct scan_cost){ 3400000, 42, 0.21, 0 };
	check("help-scan", 80, 24, v, &plain);
	snapshot_unref(s);
}

/* The title with the scan's cost, and while the first scan goes on. */
static void costs_and_progress(void **state)
{
	static const struct page_known little = { false, true, true, true, false, true, false };
	struct snapshot_info info = server_info();
	struct snapshot *s;
	struct scene scene;

	(void)state;
	info.known = little;
	s = snapshot_of(SERVER, &info);
	scene = mono(s);
	scene.cost = (struct scan_cost){ 3400000, 42, 0.21, 0 };
	check("cost-160x30", 160, 30, letters_view, &scene);
	snapshot_unref(s);
	info.complete = false;
	info.scanning = true;
	info.percent = 34;
	s = snapshot_of(SERVER, &info);
	scene = mono(s);
	check("scanning-80x24", 80, 24, letters_view, &scene);
	snapshot_unref(s);
}

static void large_pages(void **state)
{
	struct snapshot_info info = server_info();
	struct snapshot *s;
	struct scene plain;
	struct view v = letters_view;

	(void)state;
	info.comm = "java";
	info.page_size = 65536;
	info.pmd_size = 512 << 20;
	s = snapshot_of("aaaac0000000 r-xp file /usr/bin/java F3 .1 F8\n"
			"aaaae5470000 rw-p heap [heap] A30 .12 S7 A60 04 .9 A200\n"
			"fffe40000000 rw-p anon [anon:heap] A8192h .8192\n"
			"fffff7ff0000 rw-p stack [stack] A2\n",
		&info);
	plain = mono(s);
	v.cursor = UINT64_C(0xaaaae5470000) + 45 * 65536;
	check("main-64k-pages", 80, 24, v, &plain);
	snapshot_unref(s);
}

static void sources(void **state)
{
	struct snapshot_info info = server_info();
	struct snapshot *s = server(), *partial;
	struct scene plain = mono(s);
	struct view v = letters_view;

	(void)state;
	plain.file = "postgres-12345.pmv";
	check("file-80x24", 80, 24, v, &plain);
	v.screen = SCREEN_PAGE;
	check("file-page", 80, 24, v, &plain);
	v.screen = SCREEN_MAIN;
	plain.file = NULL;
	plain.ended = "EXITED 12:04:11";
	snprintf(v.message, sizeof(v.message),
		"process 12345 (postgres) has ended: the last picture stays");
	check("exited-80x24", 80, 24, v, &plain);
	plain.ended = NULL;
	v.message[0] = '\0';
	v.paused = true;
	dialog_open(&v, &plain);
	check("dialog-80x24", 80, 24, v, &plain);
	v.prompting = PROMPT_SAVE;
	check("prompt-80x24", 80, 24, v, &plain);
	v.dialog = false;
	/* What could not be known is not 0. */
	info.known = (struct page_known){ 0 };
	info.complete = false;
	info.max_map_count = 0;
	partial = snapshot_of(SERVER, &info);
	plain = mono(partial);
	check("little-known-80x24", 80, 24, letters_view, &plain);
	snapshot_unref(partial);
	plain.snapshot = NULL;
	check("waiting-80x24", 80, 24, letters_view, &plain);
	snapshot_unref(s);
}

/* A process that is swapped out bit by bit, seen every 2 s. */
static void times(void **state)
{
	struct snapshot *s = server();
	struct page_counts totals[60] = { 0 };
	struct moment moments[60];
	struct scene scene = mono(s);
	struct view v = letters_view;
	time_t now = snapshot_info(s)->time.tv_sec;
	size_t i;

	(void)state;
	for (i = 0; i < 60; i++) {
		totals[i].state[PAGE_ANON] = 100000 - 500 * i;
		totals[i].state[PAGE_FILE] = 500000;
		totals[i].state[PAGE_SWAP] = 600 * i;
		moments[i] = (struct moment){ { now + 2 * ((time_t)i - 36), 0 }, &totals[i], NULL };
	}
	scene.moments = moments;
	scene.moment_count = 60;
	scene.moment_at = 36;
	scene.replay = scene.past = true;
	scene.recording = true;
	scene.recorded = 12;
	check("replay-80x24", 80, 24, v, &scene);
	scene.past = scene.recording = false;
	scene.file = "/var/tmp/pg.pmv";
	check("replay-file-130x36", 130, 36, v, &scene);
	v.screen = SCREEN_PAGE;
	check("replay-file-page", 80, 24, v, &scene);
	snapshot_unref(s);
}

static void changes(void **state)
{
	struct snapshot *old = snapshot_of("400000 rw-p heap [heap] A20 .40 S4 A200\n", NULL);
	struct snapshot *new = snapshot_of("400000 rw-p heap [heap] A24 .36 A4 S8 A192\n", NULL);
	struct diff *d = diff_new(old, new);
	struct scene colour = coloured(new);
	struct view v = {
		.glyphs = GLYPHS_BLOCKS, .pane = PANE_GRID, .cursor = 0x400000 + 61 * PAGE
	};

	(void)state;
	colour.diff = d;
	check("changes-80x24-blocks", 80, 24, v, &colour);
	diff_free(d);
	snapshot_unref(old);
	snapshot_unref(new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(main_screens),
		cmocka_unit_test(zoomed_grids),
		cmocka_unit_test(page_screens),
		cmocka_unit_test(page_not_read_yet),
		cmocka_unit_test(help_tabs),
		cmocka_unit_test(costs_and_progress),
		cmocka_unit_test(large_pages),
		cmocka_unit_test(sources),
		cmocka_unit_test(changes),
		cmocka_unit_test(times),
	};

	/* The clock in the title. */
	setenv("TZ", "UTC", 1);
	tzset();
	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
