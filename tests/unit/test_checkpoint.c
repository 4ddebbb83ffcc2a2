/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/checkpoint: the pages to be saved, the shared objects, what would be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "helpers.h"
#include "model/checkpoint.h"

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static const char letters[] = ".AFS0#m!?";

static enum checkpoint of(const struct snapshot *s, struct vma_smaps m, char letter)
{
	return checkpoint_page(s, snapshot_vma(s, 0), &m, page_state_of_letter(letter));
}

/* For each kind of mapping the states that are saved, and those of which that is not known. */
static void the_checkpoint_set(void **state)
{
	static const struct vma_smaps plain = { .known = true }, lost = { 0 },
				      droppable = { .known = true, .droppable = true };
	static const struct {
		const char *line, *saved, *maybe;
		const struct vma_smaps *smaps;
	} rows[] = {
		{ "0x1000 rw-p anon -", "ASmF", "?", &plain },
		{ "0x1000 rw-p heap [heap]", "ASmF", "?", &plain },
		{ "0x1000 rw-p stack [stack]", "ASmF", "?", &plain },
		/* A page of the file that is being moved looks like a copy of it. */
		{ "0x1000 rw-p file /x", "AS", "m?", &plain },
		{ "0x1000 rw-p shmem /memfd:x", "AS", "m?", &plain },
		{ "0x1000 rw-s file /x", "", "", &plain },
		{ "0x1000 rw-s shmem /memfd:x", "", "", &plain },
		{ "0x1000 rw-s hugetlb /x", "", "", &plain },
		{ "0x1000 rw-p anon -", "", "", &droppable },
		{ "0x1000 r--p special [vvar]", "", "", &plain },
		{ "0x1000 r--p special [vvar_vclock]", "", "", &plain },
		{ "0x1000 --xp special [vsyscall]", "", "", &plain },
		{ "0x1000 --xp special [uprobes]", "", "", &plain },
		{ "0x1000 r-xp special [vdso]", "AFS0#m!?.", "", &plain },
		{ "0x1000 rw-s device /[aio]", "AFS0#m!?.", "", &plain },
		{ "0x1000 rw-s device /dev/x", "", "", &plain },
		/* Files can be called anything. */
		{ "0x1000 rw-s file /[aio]", "", "", &plain },
		{ "0x1000 rw-s file /[aio]/x", "", "", &plain },
		/* A mapping that was gone when smaps was read may have been droppable. */
		{ "0x1000 rw-p anon -", "", "ASmF?", &lost },
		{ "0x1000 rw-s shmem /memfd:x", "", "", &lost },
		{ "0x1000 r-xp special [vdso]", "AFS0#m!?.", "", &lost },
	};
	char line[128];
	size_t i, k;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++) {
		uint64_t sum = 0;
		struct snapshot *s;
		char all[256];

		snprintf(all, sizeof(all), "%s .1 A2 F4 S8 016 #32 m64 !128 ?256", rows[i].line);
		s = snapshot_of(all, NULL);
		assert_int_equal(checkpoint_pages(s, snapshot_vma(s, 0), rows[i].smaps) ==
				CHECKPOINT_UNKNOWN, *rows[i].maybe != '\0');
		snapshot_unref(s);
		snprintf(all, sizeof(all), "%s", rows[i].line);
		for (k = 0; letters[k]; k++) {
			enum checkpoint expected = CHECKPOINT_NO;

			if (strchr(rows[i].saved, letters[k]))
				expected = CHECKPOINT_YES;
			else if (strchr(rows[i].maybe, letters[k]))
				expected = CHECKPOINT_MAYBE;
			snprintf(line, sizeof(line), "%s %c7", rows[i].line, letters[k]);
			s = snapshot_of(line, NULL);
			if (of(s, *rows[i].smaps, letters[k]) != expected)
				fail_msg("%s: %c", rows[i].line, letters[k]);
			assert_int_equal(checkpoint_pages(s, snapshot_vma(s, 0), rows[i].smaps),
				expected == CHECKPOINT_MAYBE ? CHECKPOINT_UNKNOWN
					: expected == CHECKPOINT_YES ? 7 : 0);
			snapshot_unref(s);
			if (expected == CHECKPOINT_MAYBE)
				continue;
			/* And all that is known in one mapping. */
			snprintf(all + strlen(all), sizeof(all) - strlen(all),
				" %c%d", letters[k], 1 << k);
			sum += expected == CHECKPOINT_YES ? 1u << k : 0;
		}
		s = snapshot_of(all, NULL);
		assert_int_equal(checkpoint_pages(s, snapshot_vma(s, 0), rows[i].smaps), sum);
		snapshot_unref(s);
	}
}

/* Where zero pages cannot be told they are counted as anon, and must not be saved. */
static void zero_pages_that_cannot_be_told(void **state)
{
	static const struct vma_smaps plain = { .known = true };
	struct snapshot_info info = info_for_tests();
	struct snapshot *s;

	(void)state;
	info.known.zero = false;
	s = snapshot_of("0x1000 rw-p anon - A5 .1", &info);
	assert_int_equal(checkpoint_pages(s, snapshot_vma(s, 0), &plain), CHECKPOINT_UNKNOWN);
	assert_int_equal(checkpoint_entry(s, snapshot_vma(s, 0), &plain, PAGE_ANON, ENTRY_PRESENT),
		CHECKPOINT_MAYBE);
	assert_int_equal(checkpoint_entry(s, snapshot_vma(s, 0), &plain, PAGE_ANON,
		ENTRY_PRESENT | ENTRY_EXCLUSIVE), CHECKPOINT_YES);
	snapshot_unref(s);
	s = snapshot_of("0x1000 rw-p anon - S5 .1", &info);
	assert_int_equal(checkpoint_pages(s, snapshot_vma(s, 0), &plain), 5);
	snapshot_unref(s);
}

static void moving_pages_of_files(void **state)
{
	static const struct vma_smaps plain = { .known = true }, lost = { 0 };
	struct snapshot *s = snapshot_of("0x1000 rw-p file /x m1", NULL);
	const struct vma *v = snapshot_vma(s, 0);
	uint64_t moving = ENTRY_SWAP | 30;

	(void)state;
	assert_int_equal(checkpoint_entry(s, v, &plain, PAGE_MOVING, moving), CHECKPOINT_YES);
	assert_int_equal(checkpoint_entry(s, v, &plain, PAGE_MOVING, moving | ENTRY_FILE),
		CHECKPOINT_NO);
	/* No entry could be read. */
	assert_int_equal(checkpoint_entry(s, v, &plain, PAGE_MOVING, 0), CHECKPOINT_MAYBE);
	assert_int_equal(checkpoint_entry(s, v, &lost, PAGE_MOVING, moving), CHECKPOINT_MAYBE);
	snapshot_unref(s);
}

/* --- objects --- */

static void add(struct snapshot_builder *b, uint64_t start, const char *name, uint64_t inode,
	uint32_t dev, enum vma_kind kind, uint8_t perms)
{
	struct vma v = { .start = start, .end = start + 0x4000, .name = name, .inode = inode,
		.dev_minor = dev, .kind = (uint8_t)kind, .perms = perms, .page_size = 4096,
		.deleted = true };

	snapshot_builder_add(b, &v, runs_of("F4"));
}

static void objects_are_saved_once(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b = snapshot_builder_new(&info);
	static const struct {
		uint64_t start;
		const char *kind;
		size_t mappings;
	} expected[] = { { 0x10000, "memfd", 3 }, { 0x20000, "shared-anon", 1 }, { 0x30000, "sysv", 2 },
		{ 0x50000, "tmpfs", 1 }, { 0x60000, "shared-anon", 1 }, { 0x70000, "hugetlb", 1 },
		{ 0xb0000, "memfd", 1 }, { 0xd0000, "secretmem", 1 } };
	struct checkpoint_set c;
	struct snapshot *s;
	size_t i;

	(void)state;
	add(b, 0x10000, "/memfd:x", 7, 1, VMA_SHMEM, VMA_SHARED);
	add(b, 0x20000, "/dev/zero", 8, 1, VMA_SHMEM, VMA_SHARED);
	/* A shmid is its "inode": it may be that of another object. */
	add(b, 0x30000, "/SYSV00000000", 7, 1, VMA_SHMEM, VMA_SHARED);
	add(b, 0x40000, "/SYSV00000000", 7, 1, VMA_SHMEM, VMA_SHARED);
	add(b, 0x50000, "/dev/shm/x", 7, 2, VMA_SHMEM, VMA_SHARED);
	add(b, 0x60000, "[anon_shmem:pool]", 9, 1, VMA_SHMEM, VMA_SHARED);
	add(b, 0x70000, "/anon_hugepage", 7, 3, VMA_HUGETLB, VMA_SHARED);
	/* Private huge pages only look like a file; files are saved nowhere. */
	add(b, 0x80000, "/anon_hugepage", 8, 3, VMA_HUGETLB, 0);
	add(b, 0x90000, "/usr/lib/x", 7, 4, VMA_FILE, VMA_SHARED);
	/* What a private mapping has not copied comes from the object. */
	add(b, 0xa0000, "/memfd:x", 7, 1, VMA_SHMEM, 0);
	add(b, 0xb0000, "/memfd:y", 10, 1, VMA_SHMEM, 0);
	add(b, 0xc0000, "/memfd:x", 7, 1, VMA_SHMEM, VMA_SHARED);
	add(b, 0xd0000, "/secretmem", 7, 9, VMA_SHMEM, VMA_SHARED);
	s = snapshot_builder_finish(b);
	checkpoint_set_init(&c, s, mem_zero(snapshot_vmas(s), sizeof(struct vma_smaps)));
	assert_int_equal(c.objects, LENGTH(expected));
	for (i = 0; i < c.objects; i++) {
		assert_int_equal(c.object[i].vma->start, expected[i].start);
		assert_string_equal(shared_object_kind(&c.object[i]), expected[i].kind);
		assert_int_equal(c.object[i].mappings, expected[i].mappings);
		assert_int_equal(c.object[i].pages, CHECKPOINT_UNKNOWN);
	}
	checkpoint_set_free(&c);
	snapshot_unref(s);
}

/* --- sums and refusals --- */

static void one_unknown_makes_the_sum_unknown(void **state)
{
	struct snapshot *s = snapshot_of(
		"0x1000 rw-p anon - A5\n0x10000 rw-p anon - A3 ?1\n", NULL);
	struct vma_smaps *m = mem_zero(2, sizeof(*m));
	struct checkpoint_set c;

	(void)state;
	m[0].known = m[1].known = true;
	checkpoint_set_init(&c, s, m);
	assert_int_equal(c.pages[0], 5);
	assert_int_equal(c.pages[1], CHECKPOINT_UNKNOWN);
	assert_int_equal(c.total, CHECKPOINT_UNKNOWN);
	checkpoint_set_free(&c);
	snapshot_unref(s);
	s = snapshot_of("0x1000 rw-p anon - A5\n0x10000 rw-p anon - A3 .1\n", NULL);
	m = mem_zero(2, sizeof(*m));
	m[0].known = m[1].known = true;
	checkpoint_set_init(&c, s, m);
	assert_int_equal(c.total, 8);
	checkpoint_set_free(&c);
	snapshot_unref(s);
}

static void device_memory_is_refused(void **state)
{
	struct snapshot *s = snapshot_of("0x10000 rw-s device /dev/x ?4\n"
					 "0x20000 rw-s file /x ?4\n"
					 "0x30000 rw-p file /x ?4\n"
					 "0x40000 r--p special [vvar] ?4\n"
					 "0x50000 rw-s device /dev/y ?4\n"
					 "0x60000 rw-s device /dev/z F4\n"
					 "0x70000 rw-p anon - A4\n", NULL);
	struct vma_smaps *m = mem_zero(7, sizeof(*m));
	struct checkpoint_set c;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		m[i] = (struct vma_smaps){ .known = true, .io = true };
	/* 4 to 6 were not in smaps: what cannot be looked into may be device memory. */
	checkpoint_set_init(&c, s, m);
	assert_int_equal(c.refusals, 3);
	assert_int_equal(c.refusal[0].address, 0x10000);
	assert_int_equal(c.refusal[0].pages, 4);
	assert_int_equal(c.refusal[0].fd, -1);
	assert_true(c.refusal[0].certain);
	assert_int_equal(c.refusal[1].address, 0x30000);
	assert_true(c.refusal[1].certain);
	assert_int_equal(c.refusal[2].address, 0x50000);
	assert_false(c.refusal[2].certain);
	for (i = 0; i < 3; i++)
		assert_int_equal(c.refusal[i].reason, REFUSES_IO);
	checkpoint_set_free(&c);
	snapshot_unref(s);
}

#define MARKER(what) (ENTRY_SWAP | (uint64_t)(what) << 5 | 31)

/* Every third page is poisoned, the others are of other kinds; from page 0x810 on all is. */
static ssize_t read_markers(void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e)
{
	static const uint64_t three[] = { MARKER(2), MARKER(1), ENTRY_SWAP | 2 << 5 | 1 };
	uint64_t i;

	(void)ctx;
	(void)e;
	for (i = 0; i < n; i++)
		entries[i] = page + i >= 0x810 ? MARKER(2) : three[(page + i) % 3];
	return (ssize_t)n;
}

static void poison_is_refused(void **state)
{
	static const struct entry_reader reader = { .read = read_markers };
	struct snapshot_info info = info_for_tests();
	struct checkpoint_set c = { 0 };
	struct snapshot *s;

	(void)state;
	s = snapshot_of("0x800000 rw-p anon - !3 A1 !1 A8\n0x810000 rw-p anon - A1 !2000\n"
			"0x1800000 rw-p anon - A8\n", &info);
	checkpoint_find_poison(&c, s, &reader);
	assert_int_equal(c.refusals, 2);
	/* 0x800 % 3 is 2: pages 0x801 and 0x804; 0x807 was no marker when it was scanned. */
	assert_int_equal(c.refusal[0].address, 0x801000);
	assert_int_equal(c.refusal[0].pages, 2);
	assert_int_equal(c.refusal[1].address, 0x811000);
	assert_int_equal(c.refusal[1].pages, 2000);
	assert_true(c.refusal[1].certain);
	assert_ptr_equal(c.refusal[1].vma, snapshot_vma(s, 1));
	checkpoint_set_free(&c);
	snapshot_unref(s);

	/* Markers are hidden with the PFNs; but where nothing looks like one, there is none. */
	info.known.pfn = info.known.swap_kind = false;
	s = snapshot_of("0x800000 rw-p anon - ?2\n", &info);
	checkpoint_find_poison(&c, s, &reader);
	assert_int_equal(c.refusals, 1);
	assert_false(c.refusal[0].certain);
	assert_null(c.refusal[0].vma);
	checkpoint_set_free(&c);
	snapshot_unref(s);
	info.known.swap_kind = true;
	s = snapshot_of("0x800000 rw-p anon - S2\n", &info);
	checkpoint_find_poison(&c, s, &reader);
	assert_int_equal(c.refusals, 0);
	checkpoint_set_free(&c);
	snapshot_unref(s);
}

/* What smaps said once holds for the mappings that it saw, wherever they are in later snapshots. */
static void smaps_is_carried_along(void **state)
{
	struct snapshot *old = snapshot_of("10000 rw-p anon - A4\n20000 rw-p anon - A4\n"
					   "30000 rw-s shmem /memfd:x F4\n", NULL);
	struct snapshot *new = snapshot_of("8000 rw-p anon - A4\n10000 rw-p anon - A2\n"
					   "22000 rw-p anon - A4\n30000 rw-s shmem /memfd:x F4\n"
					   "40000 rw-p anon - A1\n", NULL);
	struct vma_smaps was[3] = { { .known = true, .swap_known = true },
		{ .known = true, .droppable = true, .swap = 3, .swap_known = true }, { 0 } };
	struct vma_smaps *now = vma_smaps_carry(was, old, new);

	(void)state;
	assert_false(now[0].known);
	assert_true(now[1].known && !now[1].droppable);
	/* It has moved its ends: a number of then would not be true of it. */
	assert_true(now[2].known && now[2].droppable && !now[2].swap_known);
	assert_false(now[3].known);
	assert_false(now[4].known);
	free(now);
	snapshot_unref(old);
	snapshot_unref(new);
}

static void the_saving_is_against_all_that_is_there(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s = snapshot_of(
		"10000 rw-p anon - A30 S10 050 .100 #3\n80000 r-xp file /x F59 m1\n", &info);
	struct checkpoint_saving c = checkpoint_saving(s, 40);

	(void)state;
	assert_int_equal(c.of, 100);
	assert_int_equal(c.percent, 60);
	assert_int_equal(checkpoint_saving(s, 1).percent, 99);
	assert_int_equal(checkpoint_saving(s, 120).percent, 0);
	c = checkpoint_saving(s, CHECKPOINT_UNKNOWN);
	assert_int_equal(c.of, 100);
	assert_int_equal(c.percent, 0);
	snapshot_unref(s);
	info.known.swap_kind = false;
	s = snapshot_of("10000 rw-p anon - A30 S10\n", &info);
	assert_true(checkpoint_saving(s, 1).of == CHECKPOINT_UNKNOWN);
	snapshot_unref(s);
}

/* Nothing was droppable before Linux 6.11. */
static void smaps_is_needed_since_droppable(void **state)
{
	static const struct {
		const char *kernel;
		bool needs;
	} rows[] = { { "6.10.14", false }, { "6.11.0-rc1", true }, { "7.0", true },
		{ "5.15.0-100-generic", false }, { "", true } };
	struct snapshot_info info = info_for_tests();
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++) {
		struct snapshot *s;

		info.kernel = rows[i].kernel;
		s = snapshot_of("10000 rw-p anon - A3\n", &info);
		assert_int_equal(checkpoint_needs_smaps(s), rows[i].needs);
		snapshot_unref(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_checkpoint_set),
		cmocka_unit_test(zero_pages_that_cannot_be_told),
		cmocka_unit_test(moving_pages_of_files),
		cmocka_unit_test(smaps_is_carried_along),
		cmocka_unit_test(the_saving_is_against_all_that_is_there),
		cmocka_unit_test(smaps_is_needed_since_droppable),
		cmocka_unit_test(objects_are_saved_once),
		cmocka_unit_test(one_unknown_makes_the_sum_unknown),
		cmocka_unit_test(device_memory_is_refused),
		cmocka_unit_test(poison_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
