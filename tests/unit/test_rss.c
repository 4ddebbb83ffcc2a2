/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/rss: the kernel's numbers beside pmview's, on made-up ones; the brief; the working set; and how
 * they are printed (tests/data/golden). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "golden.h"
#include "helpers.h"
#include "model/brief.h"
#include "model/rss.h"
#include "model/wss.h"
#include "output/report.h"
#include "output/rss.h"

#define KIB 1024
#define PAGE 4096

/* --- made-up processes ---------------------------------------------------------------------- */

/* What smaps says of mapping i, and its sums, in pages. */
static void say(struct rss *r, size_t i, enum smaps_field f, uint64_t pages)
{
	if (!r->smaps)
		r->smaps = mem_zero(snapshot_vmas(r->snapshot), sizeof(*r->smaps));
	r->smaps[i].known = r->smaps[i].swap_known = true;
	r->smaps[i].kb[f] += pages * 4;
	r->smaps_sums.kb[f] += pages * 4;
}

/* All that smaps says of an ordinary mapping with these pages. */
static void say_plain(struct rss *r, size_t i, uint64_t anon, uint64_t file, uint64_t swap)
{
	say(r, i, SMAPS_RSS, anon + file);
	say(r, i, SMAPS_ANONYMOUS, anon);
	say(r, i, SMAPS_SWAP, swap);
}

static struct vma_frames *frames(struct rss *r)
{
	if (!r->frames)
		r->frames = mem_zero(snapshot_vmas(r->snapshot), sizeof(*r->frames));
	r->counts = r->flags = true;
	return r->frames;
}

/* Of status, in pages. */
static void status(struct rss *r, uint64_t anon, uint64_t file, uint64_t shmem, uint64_t swap)
{
	r->status = (struct rss_status){ .bytes = { [STATUS_VM_RSS] = (anon + file + shmem) * PAGE,
		[STATUS_RSS_ANON] = anon * PAGE, [STATUS_RSS_FILE] = file * PAGE,
		[STATUS_RSS_SHMEM] = shmem * PAGE, [STATUS_VM_SWAP] = swap * PAGE,
		[STATUS_HUGETLB] = 0 } };
}

static void finish(struct rss *r)
{
	struct snapshot *s = (struct snapshot *)r->snapshot;

	rss_free(r);
	snapshot_unref(s);
}

/* An item in pages, and that all of the line is explained. */
static void check_item(const struct rss *r, enum rss_line_id id, enum rss_item_id item, int pages)
{
	const struct rss_line *l = &r->line[id];
	int i;

	if (!l->certain || l->unexplained)
		fail_msg("%s: certain %d, unexplained %lld", rss_line_name(id), l->certain,
			(long long)l->unexplained);
	for (i = 0; i < RSS_ITEMS; i++)
		if (l->item[i] != (i == (int)item ? pages * PAGE : 0))
			fail_msg("%s: %s is %lld", rss_line_name(id),
				rss_item_name((enum rss_item_id)i), (long long)l->item[i]);
}
#define check_plain(r, id) check_item(r, id, RSS_ITEMS, 0)

static void nothing_to_explain(void **state)
{
	struct rss r = { .snapshot = snapshot_of("1000 r-xp file /a F3 .1\n"
						 "9000 rw-p anon - A4 02 S1 #1 .1\n"
						 "20000 rw-s shmem /memfd:x F2\n",
				 NULL) };
	int l;

	(void)state;
	status(&r, 4, 3, 2, 1);
	say_plain(&r, 0, 0, 3, 0);
	say_plain(&r, 1, 4, 0, 1);
	say_plain(&r, 2, 0, 2, 0);
	rss_reckon(&r);
	assert_int_equal(r.zero, 2 * PAGE);
	assert_int_equal(r.total.rss, 9 * PAGE);
	for (l = LINE_VM_RSS; l <= LINE_SWAP; l++)
		check_plain(&r, (enum rss_line_id)l);
	assert_int_equal(r.line[LINE_VM_RSS].pmview, 9 * PAGE);
	/* Nobody looked at the frames. */
	assert_int_equal(r.line[LINE_USS].pmview, RSS_UNKNOWN);
	assert_false(r.line[LINE_USS].certain);
	assert_int_equal(r.sum[GROUP_ANON].uss, RSS_UNKNOWN);
	assert_int_equal(r.sum[GROUP_ANON].swap, PAGE);
	finish(&r);
}

static void each_difference_has_a_name(void **state)
{
	struct rss r = { .snapshot = snapshot_of("200000 rw-p hugetlb /anon_hugepage A512h\n"
						 "800000 rw-p anon - A4\n"
						 "900000 rw-p file /a F2 m3\n"
						 "a00000 rw-s shmem /secretmem F5\n"
						 "b00000 rw-s shmem /memfd:x F1 .9\n"
						 "c00000 rw-s device /dev/dax0.0 F8\n"
						 "d00000 r-xp file /overlay/lib F6\n",
				 NULL) };
	struct vma_frames *f = frames(&r);

	(void)state;
	/* Two of the moving pages are copies; overlay's are of tmpfs; no struct page in DAX. */
	status(&r, 4 + 2, 2 + 1 + 5, 1 + 6, 0);
	r.status.bytes[STATUS_HUGETLB] = 512 * PAGE;
	say_plain(&r, 0, 0, 0, 0);
	say(&r, 0, SMAPS_PRIVATE_HUGETLB, 512);
	say_plain(&r, 1, 4, 0, 0);
	say_plain(&r, 2, 2, 3, 0);
	say_plain(&r, 3, 0, 5, 0);
	say_plain(&r, 4, 0, 1, 7);
	say_plain(&r, 5, 0, 0, 0);
	say_plain(&r, 6, 0, 6, 0);
	f[2].moving_anon = 2;
	f[2].moving_file = 1;
	f[2].not_swap_backed = 2;
	f[3].not_swap_backed = 5;
	f[4].swap_backed = 1;
	f[6].swap_backed = 6;
	rss_reckon(&r);
	assert_int_equal(r.line[LINE_VM_RSS].item[ITEM_HUGETLB], -512 * PAGE);
	assert_int_equal(r.line[LINE_VM_RSS].item[ITEM_DEVICE], -8 * PAGE);
	assert_true(r.line[LINE_VM_RSS].certain);
	assert_int_equal(r.line[LINE_VM_RSS].unexplained, 0);
	assert_int_equal(r.line[LINE_RSS].unexplained, 0);
	check_item(&r, LINE_RSS_ANON, ITEM_MOVING, 2);
	check_item(&r, LINE_ANONYMOUS, ITEM_MOVING, 2);
	assert_int_equal(r.line[LINE_RSS_FILE].item[ITEM_MOVING], PAGE);
	assert_int_equal(r.line[LINE_RSS_FILE].item[ITEM_SECRET], 5 * PAGE);
	assert_int_equal(r.line[LINE_RSS_FILE].item[ITEM_TMPFS], -6 * PAGE);
	assert_int_equal(r.line[LINE_RSS_FILE].item[ITEM_DEVICE], -8 * PAGE);
	assert_int_equal(r.line[LINE_RSS_FILE].unexplained, 0);
	assert_int_equal(r.line[LINE_RSS_SHMEM].item[ITEM_SECRET], -5 * PAGE);
	assert_int_equal(r.line[LINE_RSS_SHMEM].item[ITEM_TMPFS], 6 * PAGE);
	assert_int_equal(r.line[LINE_RSS_SHMEM].unexplained, 0);
	check_item(&r, LINE_SWAP, ITEM_SHMEM_SWAP, 7);
	check_plain(&r, LINE_VM_SWAP);
	check_plain(&r, LINE_HUGETLB);
	check_plain(&r, LINE_SMAPS_HUGETLB);
	finish(&r);
}

/* Where the object says what it has in swap, it is not taken from smaps itself. */
static void the_object_knows_its_swap(void **state)
{
	struct rss r = { .snapshot = snapshot_of("1000 rw-s shmem /memfd:x F1 .9\n", NULL) };

	(void)state;
	status(&r, 0, 0, 1, 0);
	say_plain(&r, 0, 0, 1, 7);
	r.shmem_swap = mem_zero(1, sizeof(*r.shmem_swap));
	r.shmem_swap[0] = 6;
	rss_reckon(&r);
	assert_int_equal(r.line[LINE_SWAP].item[ITEM_SHMEM_SWAP], 6 * PAGE);
	assert_int_equal(r.line[LINE_SWAP].unexplained, PAGE);
	finish(&r);
}

/* Plain reads without PFNs count zero pages as anonymous; smaps tells how many they are. */
static void hidden_zero_pages(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct rss r;

	(void)state;
	info.known.zero = false;
	r = (struct rss){ .snapshot = snapshot_of("1000 rw-p anon - A9\n20000 rw-p anon - A2\n", &info) };
	status(&r, 7, 0, 0, 0);
	say_plain(&r, 0, 5, 0, 0);
	say_plain(&r, 1, 2, 0, 0);
	rss_reckon(&r);
	check_item(&r, LINE_VM_RSS, ITEM_ZERO, -4);
	check_item(&r, LINE_RSS_ANON, ITEM_ZERO, -4);
	check_item(&r, LINE_RSS, ITEM_ZERO, -4);
	assert_int_equal(r.zero, RSS_UNKNOWN);
	free(r.group);
	free(r.object);
	/* The mapping had changed when smaps was read: nobody knows. */
	r.smaps[0].swap_known = false;
	r.group = NULL;
	rss_reckon(&r);
	assert_false(r.line[LINE_VM_RSS].certain);
	assert_false(r.line[LINE_ANONYMOUS].certain);
	assert_true(r.line[LINE_RSS_FILE].certain);
	finish(&r);
}

static void what_is_hidden_leaves_doubt(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct rss r;

	(void)state;
	info.known.swap_kind = info.known.pfn = false;
	r = (struct rss){ .snapshot = snapshot_of("1000 rw-p anon - A3 ?2\n", &info) };
	status(&r, 3, 0, 0, 2);
	rss_reckon(&r);
	assert_false(r.line[LINE_VM_RSS].certain);
	assert_int_equal(r.line[LINE_VM_RSS].pmview, 3 * PAGE);
	assert_int_equal(r.line[LINE_VM_SWAP].pmview, RSS_UNKNOWN);
	assert_int_equal(r.line[LINE_RSS].kernel, RSS_UNKNOWN);
	/* smaps has as many in RAM: the hidden ones are not. */
	free(r.group);
	say_plain(&r, 0, 3, 0, 2);
	rss_reckon(&r);
	check_plain(&r, LINE_VM_RSS);
	check_plain(&r, LINE_RSS_ANON);
	assert_false(r.line[LINE_SWAP].certain);
	finish(&r);
	/* The kernel tells nothing of all of [vvar]: it is in no count. */
	r = (struct rss){ .snapshot = snapshot_of("1000 r--p special [vvar] ?4\n", NULL) };
	status(&r, 0, 0, 0, 0);
	rss_reckon(&r);
	check_plain(&r, LINE_VM_RSS);
	finish(&r);
	/* Part of the moving pages may be of the file. */
	r = (struct rss){ .snapshot = snapshot_of("1000 rw-p file /a m2\n", NULL) };
	status(&r, 1, 1, 0, 0);
	rss_reckon(&r);
	check_plain(&r, LINE_VM_RSS);
	assert_false(r.line[LINE_RSS_ANON].certain);
	finish(&r);
}

static void the_counters_may_be_off(void **state)
{
	struct rss r = { .snapshot = snapshot_of("1000 rw-p anon - A100\n", NULL) };

	(void)state;
	status(&r, 110, 0, 0, 0);
	r.status.slack = 10 * PAGE;
	r.status.bytes[STATUS_VM_RSS] = 130 * PAGE;
	rss_reckon(&r);
	check_item(&r, LINE_RSS_ANON, ITEM_COUNTERS, 10);
	check_item(&r, LINE_VM_RSS, ITEM_COUNTERS, 30);
	free(r.group);
	r.status.bytes[STATUS_RSS_ANON] += PAGE;
	rss_reckon(&r);
	assert_int_equal(r.line[LINE_RSS_ANON].unexplained, 11 * PAGE);
	assert_int_equal(r.line[LINE_RSS_ANON].item[ITEM_COUNTERS], 0);
	finish(&r);
}

static void add_frame(struct vma_frames *to, enum page_state state, uint64_t flags, uint64_t mapcount)
{
	struct frame f = { .flags = flags, .mapcount = mapcount,
		.known = FRAME_HAS_FLAGS | FRAME_HAS_MAPCOUNT };

	vma_frames_add(to, state, ENTRY_PRESENT, &f, PAGE);
}

static void frames_tell(void **state)
{
	struct rss r = { .snapshot = snapshot_of("1000 rw-p anon - A8\n"
						 "20000 r--p file /a F2\n"
						 "200000 rw-p hugetlb /h A1h\n",
				 NULL) };
	struct vma_frames *f = frames(&r);
	struct frame none = { .known = FRAME_HAS_CHANGED };
	uint64_t pss;

	(void)state;
	add_frame(&f[0], PAGE_ANON, FRAME_ANON | FRAME_SWAPBACKED, 1);
	add_frame(&f[0], PAGE_ANON, FRAME_ANON | FRAME_SWAPBACKED, 3);
	add_frame(&f[0], PAGE_ANON, FRAME_ANON, 1); /* given back with MADV_FREE */
	add_frame(&f[0], PAGE_ANON, FRAME_ANON, 1); /* and written again: it does not show here ... */
	add_frame(&f[0], PAGE_ANON, FRAME_ANON | FRAME_DIRTY, 1); /* ... and here it does */
	add_frame(&f[1], PAGE_FILE, 0, 7);
	add_frame(&f[1], PAGE_FILE, FRAME_SWAPBACKED, 0);
	add_frame(&f[2], PAGE_ANON, FRAME_ANON | FRAME_HUGETLB, 1);
	add_frame(&f[0], PAGE_ZERO, FRAME_ZERO, 0); /* it is neither in RSS nor here */
	assert_int_equal(f[0].counted, 5);
	assert_int_equal(f[0].once, 4);
	assert_int_equal(f[0].lazyfree, 2);
	assert_int_equal(f[1].unmapped, 1);
	assert_int_equal(f[1].swap_backed, 1);
	assert_int_equal(f[1].not_swap_backed, 1);
	assert_int_equal(f[2].lazyfree, 0);
	vma_frames_add(&f[1], PAGE_MOVING, ENTRY_SWAP | ENTRY_FILE, &none, PAGE);
	vma_frames_add(&f[1], PAGE_MOVING, ENTRY_SWAP, &none, PAGE);
	assert_int_equal(f[1].moving_file, 1);
	assert_int_equal(f[1].moving_anon, 1);
	f[1].moving_anon = f[1].moving_file = 0;

	/* What smaps makes of them: 4 + 1/3 pages and 1/7 page, cut to kB. */
	say(&r, 0, SMAPS_PRIVATE_DIRTY, 3);
	say(&r, 0, SMAPS_PRIVATE_CLEAN, 1);
	say(&r, 0, SMAPS_SHARED_DIRTY, 1);
	say(&r, 0, SMAPS_LAZYFREE, 1);
	say(&r, 1, SMAPS_SHARED_CLEAN, 1);
	say(&r, 1, SMAPS_PRIVATE_CLEAN, 1);
	say(&r, 2, SMAPS_PRIVATE_HUGETLB, 1);
	r.smaps[0].kb[SMAPS_PSS] = 17;
	r.smaps[1].kb[SMAPS_PSS] = 0;
	r.smaps_sums.kb[SMAPS_PSS] = 17 + 4;
	rss_reckon(&r);
	check_item(&r, LINE_LAZYFREE, ITEM_REWRITTEN, -1);
	check_item(&r, LINE_USS, ITEM_UNMAPPED, 1);
	assert_int_equal(r.line[LINE_USS].pmview, 5 * PAGE);
	pss = 4 * PAGE + PAGE / 3 + PAGE / 7;
	assert_int_equal(r.line[LINE_PSS].pmview, pss + PAGE);
	assert_int_equal(r.line[LINE_PSS].item[ITEM_CUT], -(int64_t)(PAGE / 3 - KIB + PAGE / 7));
	assert_int_equal(r.line[LINE_PSS].unexplained, 0);
	assert_int_equal(r.sum[GROUP_ANON].uss, 4 * PAGE);
	assert_int_equal(r.sum[GROUP_ANON].private, 4 * PAGE);
	assert_int_equal(r.total.uss, 5 * PAGE);
	/* One that changed while it was read makes the sums doubtful. */
	free(r.group);
	vma_frames_add(&f[0], PAGE_ANON, ENTRY_PRESENT, &none, PAGE);
	rss_reckon(&r);
	assert_int_equal(r.changed, 1);
	assert_false(r.line[LINE_USS].certain);
	assert_false(r.line[LINE_PSS].certain);
	finish(&r);
}

/* MAP_DROPPABLE memory has the flags of memory that was given back. */
static void droppable_is_not_lazyfree(void **state)
{
	struct rss r = { .snapshot = snapshot_of("1000 rw-p anon - A8\n", NULL) };

	(void)state;
	frames(&r)[0].lazyfree = 8;
	say_plain(&r, 0, 8, 0, 0);
	r.smaps[0].droppable = true;
	rss_reckon(&r);
	check_plain(&r, LINE_LAZYFREE);
	finish(&r);
}

/* --- the reports ------------------------------------------------------------------------------ */

static void compare_report(const char *name, struct report *r)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	text_report(f, r, true);
	fclose(f);
	report_free(r);
	compare(name, text);
	free(text);
}

static void compare_printed(
	const char *name, void (*print)(FILE *f, const void *answer), const void *answer)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	print(f, answer);
	fclose(f);
	compare(name, text);
	free(text);
}

static void print_json_rss(FILE *f, const void *r)
{
	json_rss(f, r, false);
}

static void print_csv_rss(FILE *f, const void *r)
{
	csv_rss(f, r);
}

static void print_json_brief(FILE *f, const void *b)
{
	json_brief(f, b, false);
}

static void print_json_wss(FILE *f, const void *w)
{
	json_wss(f, w, false);
}

#define PROCESS                                                                                    \
	"400000 r-xp file /usr/bin/a F300 .20\n"                                                   \
	"a00000 rw-p heap [heap] A4000 .96 S20\n"                                                  \
	"2000000 rw-s shmem /memfd:x\033[31m F200 .56\n"                                           \
	"3000000 rw-p anon - A2097152\n"                                                           \
	"300000000 ---p anon - .1000000\n"                                                         \
	"400000000 rwxp anon - A1 !2 02\n"                                                         \
	"7ffff0000000 r--p special [vvar] ?4\n"

static struct rss made_up(void)
{
	struct rss r = { .snapshot = snapshot_of(PROCESS, NULL), .smaps_ns = 221000000,
		.frames_ns = 412000000 };
	struct vma_frames *f = frames(&r);
	size_t i;

	for (i = 0; i < snapshot_vmas(r.snapshot); i++) {
		struct page_counts c = vma_counts(snapshot_vma(r.snapshot, i));

		say_plain(&r, i, c.state[PAGE_ANON], c.state[PAGE_FILE], c.state[PAGE_SWAP]);
		f[i].counted = page_counts_rss(&c);
		f[i].once = f[i].counted / 2;
		f[i].pss = f[i].counted * (PAGE << PSS_SHIFT) * 3 / 4 + i;
		say(&r, i, SMAPS_PRIVATE_DIRTY, f[i].once);
		r.smaps[i].kb[SMAPS_PSS] = f[i].pss >> PSS_SHIFT >> 10;
		r.smaps_sums.kb[SMAPS_PSS] += r.smaps[i].kb[SMAPS_PSS];
	}
	f[0].not_swap_backed = 300;
	f[2].swap_backed = 190;
	f[2].not_swap_backed = 10;
	say(&r, 2, SMAPS_SWAP, 8);
	status(&r, 4000 + 2097152 + 1, 310, 190, 20);
	/* It ran on. */
	r.status.bytes[STATUS_RSS_ANON] += 3 * PAGE;
	rss_reckon(&r);
	return r;
}

static void reports(void **state)
{
	struct rss r = made_up();

	(void)state;
	compare_report("rss.txt", rss_report(&r, false));
	compare_report("rss-bytes.txt", rss_report(&r, true));
	compare_printed("rss.json", print_json_rss, &r);
	compare_printed("rss.csv", print_csv_rss, &r);
	finish(&r);
}

static void reports_of_little(void **state)
{
	struct rss r = { .snapshot = snapshot_of("1000 rw-p anon - A4 S1\n", NULL) };
	int i;

	(void)state;
	for (i = 0; i < STATUS_FIELDS; i++)
		r.status.bytes[i] = RSS_UNKNOWN;
	say_plain(&r, 0, 4, 0, 1);
	rss_reckon(&r);
	compare_report("rss-little.txt", rss_report(&r, false));
	finish(&r);
}

/* --- the brief -------------------------------------------------------------------------------- */

static void briefs(void **state)
{
	struct snapshot *s = snapshot_of(PROCESS, NULL);
	struct rss r = { .snapshot = s };
	struct brief b;

	(void)state;
	status(&r, 2101153, 310, 190, 20);
	brief_make(&b, s, &r.status);
	compare_report("brief.txt", brief_report(&b, false));
	compare_printed("brief.json", print_json_brief, &b);
	brief_make(&b, s, NULL);
	compare_report("brief-file.txt", brief_report(&b, true));
	snapshot_unref(s);
}

/* All groups, and all that can be odd: no line more than fifteen, and none that is too long but for
 * names. */
static void fifteen_lines_at_most(void **state)
{
	static const char kinds[][40] = { "rw-p anon - A1 S1 m1", "rw-p heap [heap] A1", "rw-p stack [stack] A1",
		"r-xp file /lib/a F1", "r--p file /b F1", "rw-s shmem /memfd:x F1",
		"rw-p hugetlb /h A1h", "rw-s device /dev/x F1", "r-xp special [vdso] F1",
		"---p anon - .1", "rwxp anon - A1 !1 ?1" };
	struct snapshot_info info = info_for_tests();
	size_t mask, n = sizeof(kinds) / sizeof(*kinds), i;

	(void)state;
	info.note = "the main thread has ended: looked at through thread 4243";
	info.standing = STANDING_STOPPED;
	info.complete = false;
	info.max_map_count = 2;
	for (mask = 0; mask < (size_t)1 << n; mask++) {
		char text[1024] = "";
		struct snapshot *s;
		struct report *r;
		struct brief b;

		for (i = 0; i < n; i++)
			if (mask >> i & 1)
				snprintf(text + strlen(text), sizeof(text) - strlen(text),
					"%zx0000 %s\n", i + 1, kinds[i]);
		s = snapshot_of(text, &info);
		brief_make(&b, s, NULL);
		r = brief_report(&b, mask & 1);
		assert_true(r->n <= BRIEF_LINES);
		for (i = 0; i < r->n; i++)
			assert_true(strlen(r->line[i].text) <= 80);
		report_free(r);
		snapshot_unref(s);
	}
}

static void only_what_is_odd(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s = snapshot_of("1000 r-xp file /a F1\n20000 rw-p anon - A1\n", &info);
	struct brief b;
	int o;

	(void)state;
	brief_make(&b, s, NULL);
	for (o = 0; o < ODDS; o++)
		assert_int_equal(b.odd[o], 0);
	snapshot_unref(s);
	/* Exactly 80 % of max_map_count is not yet more. */
	info.max_map_count = 10;
	s = snapshot_of("1000 rw-p anon - A1\n3000 rw-p anon - A1\n5000 rw-p anon - A1\n"
			"7000 rw-p anon - A1\n9000 rw-p anon - A1\nb000 rw-p anon - A1\n"
			"d000 rw-p anon - A1\nf000 rw-p anon - A1\n", &info);
	brief_make(&b, s, NULL);
	assert_int_equal(b.odd[ODD_MAPPINGS], 0);
	snapshot_unref(s);
	/* What is hidden is not said to be in swap. */
	info.known.swap_kind = false;
	info.max_map_count = 1;
	s = snapshot_of("1000 rw-p anon - A1 S3 ?1\n3000 rw-p anon - A1\n", &info);
	brief_make(&b, s, NULL);
	assert_int_equal(b.odd[ODD_SWAPPED], 0);
	assert_int_equal(b.odd[ODD_UNKNOWN], 1);
	assert_int_equal(b.odd[ODD_MAPPINGS], 1);
	snapshot_unref(s);
}

/* The part of the RSS that is counted again decides: 1 page in 20 is not yet worth a word. */
static void what_is_counted_again_is_odd(void **state)
{
	static const struct {
		const char *again;
		uint64_t odd;
	} rows[] = { { "F1 .9", 0 }, { "F2 .8", 1 } };
	struct snapshot_info info = info_for_tests();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct snapshot_builder *b = snapshot_builder_new(&info);
		struct vma first = { .start = 0x10000, .end = 0x10000 + 20 * 4096, .inode = 7,
			.name = "/memfd:heap", .kind = VMA_SHMEM, .page_size = 4096,
			.perms = VMA_READ | VMA_SHARED };
		struct vma again = first;
		struct snapshot *s;
		struct brief brief;

		again.start = 0x100000;
		again.end = again.start + 10 * 4096;
		snapshot_builder_add(b, &first, runs_of("F19 .1"));
		snapshot_builder_add(b, &again, runs_of(rows[i].again));
		s = snapshot_builder_finish(b);
		brief_make(&brief, s, NULL);
		assert_int_equal(brief.odd[ODD_REPEATED], rows[i].odd);
		if (rows[i].odd)
			assert_int_equal(brief.first[ODD_REPEATED]->start, first.start);
		snapshot_unref(s);
	}
}

/* --- the working set -------------------------------------------------------------------------- */

static void working_set(void **state)
{
	struct wss w = { .snapshot = snapshot_of(PROCESS, NULL), .waited_ns = 10003000000,
		.clear_ns = 86000000, .smaps_ns = 221000000 };
	struct rss r = { .snapshot = w.snapshot };
	struct wss_sum sum[GROUPS];

	(void)state;
	say(&r, 0, SMAPS_RSS, 300);
	say(&r, 0, SMAPS_REFERENCED, 17);
	say(&r, 1, SMAPS_RSS, 4000);
	say(&r, 3, SMAPS_RSS, 2097152);
	say(&r, 3, SMAPS_REFERENCED, 1500000);
	say(&r, 5, SMAPS_RSS, 1);
	/* It had changed when smaps was read. */
	r.smaps[5].swap_known = false;
	w.smaps = r.smaps;
	w.sums = r.smaps_sums;
	w.group = groups_of(w.snapshot);
	wss_groups(&w, sum);
	assert_int_equal(sum[GROUP_LIBRARY].referenced, 17 * PAGE);
	assert_int_equal(sum[GROUP_ANON].referenced, UINT64_C(1500000) * PAGE);
	assert_int_equal(sum[GROUP_ANON].rss, UINT64_C(2097152) * PAGE);
	assert_int_equal(sum[GROUP_ANON].unknown, 1);
	compare_report("wss.txt", wss_report(&w, false));
	compare_printed("wss.json", print_json_wss, &w);
	wss_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_explain),
		cmocka_unit_test(each_difference_has_a_name),
		cmocka_unit_test(the_object_knows_its_swap),
		cmocka_unit_test(hidden_zero_pages),
		cmocka_unit_test(what_is_hidden_leaves_doubt),
		cmocka_unit_test(the_counters_may_be_off),
		cmocka_unit_test(frames_tell),
		cmocka_unit_test(droppable_is_not_lazyfree),
		cmocka_unit_test(reports),
		cmocka_unit_test(reports_of_little),
		cmocka_unit_test(briefs),
		cmocka_unit_test(fifteen_lines_at_most),
		cmocka_unit_test(only_what_is_odd),
		cmocka_unit_test(what_is_counted_again_is_odd),
		cmocka_unit_test(working_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
