/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a screen needs is read through whatever reads: entries in chunks, frames, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "helpers.h"
#include "source/answer.h"

/* Page n has entry "present, PFN n"; pages from `end` on cannot be read. */
struct reading {
	uint64_t end;
	int calls, frame_calls;
};

static ssize_t read_entries(void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e)
{
	struct reading *r = ctx;
	uint64_t i;

	(void)e;
	r->calls++;
	assert_in_range(n, 1, ENTRY_CHUNK);
	for (i = 0; i < n && page + i < r->end; i++)
		entries[i] = ENTRY_PRESENT | (page + i);
	return (ssize_t)i;
}

static void read_frames(void *ctx, uint64_t pfn, uint64_t n, struct frame *f)
{
	struct reading *r = ctx;
	uint64_t i;

	r->frame_calls++;
	for (i = 0; i < n; i++)
		f[i] = (struct frame){ .mapcount = pfn + i, .cgroup = 7, .node = -1,
			.known = FRAME_HAS_MAPCOUNT | FRAME_HAS_CGROUP };
}

static const char *cgroup(void *ctx, uint64_t inode)
{
	(void)ctx;
	return inode == 7 ? "/seven" : NULL;
}

static struct snapshot *shown(void)
{
	return snapshot_of("0x1000000 rw-p anon - A10000\n", NULL);
}

static void entries_and_frames(void **state)
{
	struct reading r = { .end = 0x1000 + 5000 };
	struct entry_reader er = { .read = read_entries, .ctx = &r };
	struct frame_reader fr = { .read = read_frames, .cgroup = cgroup, .ctx = &r,
		.page_size = 4096, .error = { [FRAME_FILE_FLAGS] = EACCES } };
	struct snapshot *s = shown();
	struct needs n = { 0 };
	struct pageset *p;
	uint64_t entry;
	bool looked;

	(void)state;
	needs_add(&n, NEED_ENTRIES | NEED_FRAMES, 0x1000, 6000);
	p = answer_needs(s, 3, &n, &er, &fr);
	assert_int_equal(pageset_serial(p), 3);
	assert_true(pageset_entry(p, 0x1000 + 4999, &entry));
	assert_int_equal(entry, ENTRY_PRESENT | (0x1000 + 4999));
	assert_int_equal(pageset_frame(p, 0x1000 + 4999)->mapcount, 0x1000 + 4999);
	assert_string_equal(pageset_cgroup(p, 7, &looked), "/seven");
	assert_int_equal(pageset_frame_error(p, FRAME_FILE_FLAGS), EACCES);
	/* What could not be read is not in it, and that is told from what was not asked for. */
	assert_false(pageset_entry(p, 0x1000 + 5000, &entry));
	assert_true(pageset_missing(p, 0x1000 + 5000));
	assert_true(pageset_missing(p, 0x1000 + 5999));
	assert_false(pageset_missing(p, 0x1000 + 4999));
	assert_false(pageset_missing(p, 0x1000 + 6000));
	assert_false(pageset_missing(NULL, 0x1000));
	pageset_unref(p);
	snapshot_unref(s);
}

static void entries_alone(void **state)
{
	struct reading r = { .end = UINT64_MAX };
	struct entry_reader er = { .read = read_entries, .ctx = &r };
	struct frame_reader fr = { .read = read_frames, .ctx = &r, .page_size = 4096 };
	struct snapshot *s = shown();
	struct needs n = { 0 };
	struct pageset *p;
	uint64_t entry;

	(void)state;
	needs_add(&n, NEED_ENTRIES, 0x1000, 10);
	p = answer_needs(s, 1, &n, &er, &fr);
	assert_true(pageset_entry(p, 0x1009, &entry));
	assert_null(pageset_frame(p, 0x1009));
	pageset_unref(p);
	/* Frames are asked for, but there is nothing that reads them. */
	n.kinds |= NEED_FRAMES;
	p = answer_needs(s, 1, &n, &er, NULL);
	assert_true(pageset_entry(p, 0x1009, &entry));
	assert_null(pageset_frame(p, 0x1009));
	assert_int_equal(r.frame_calls, 0);
	pageset_unref(p);
	snapshot_unref(s);
}

static void nothing_kept(void **state)
{
	struct entry_reader er = { 0 };
	struct snapshot *s = shown();
	struct needs n = { 0 };
	struct pageset *p;
	uint64_t entry;

	(void)state;
	needs_add(&n, NEED_ENTRIES | NEED_FRAMES | NEED_ABSENT, 0x1000, 10);
	p = answer_needs(s, 1, &n, &er, NULL);
	assert_false(pageset_entry(p, 0x1000, &entry));
	assert_true(pageset_missing(p, 0x1000));
	pageset_unref(p);
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_and_frames),
		cmocka_unit_test(entries_alone),
		cmocka_unit_test(nothing_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
