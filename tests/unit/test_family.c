/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/model/family: what made-up processes have in common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"
#include "family_help.h"

/* Pages as words: "7" has PFN 7, "s7" is slot 7 of swap area 1, "f7" a file page, "m" moves, "." is
 * nothing. */
static struct memory memory_of(uint64_t address, const char *words)
{
	struct memory m = { .first = address / 4096, .entry = mem_zero(64, 8) };

	for (; *words; words += strspn(words, " ")) {
		char *end;
		char kind = *words;
		uint64_t value = strtoull(words + (kind > '9'), &end, 10);

		if (kind == '.' || kind == 'm')
			end = (char *)words + 1;
		if (kind == '.')
			m.entry[m.n] = 0;
		else if (kind == 'm')
			m.entry[m.n] = MOVING_ENTRY;
		else if (kind == 's')
			m.entry[m.n] = ENTRY_SWAP | 1 | value << 5;
		else
			m.entry[m.n] = ENTRY_PRESENT | value | (kind == 'f' ? ENTRY_FILE : 0);
		m.n++;
		words = end;
	}
	return m;
}

#define ZERO 999

static size_t add(struct family *f, pid_t pid, pid_t ppid, const char *snapshot, struct memory *m)
{
	struct snapshot_info info = info_for_tests();

	info.pid = pid;
	info.zero_pfn = ZERO;
	return family_add(f, snapshot_of(snapshot, &info), ppid,
		(struct entry_reader){ .read = read_memory, .ctx = m });
}

/* own, private, copied, shared, swap */
static void check(const struct family *f, pid_t pid, uint64_t own, uint64_t private,
	uint64_t copied, uint64_t shared, uint64_t swap)
{
	const struct family_member *m = &f->member[family_find(f, pid)];

	if (m->own != own || m->private != private || m->copied != copied || m->shared != shared ||
		m->swap != swap)
		fail_msg("process %d: own %d private %d copied %d shared %d swap %d", (int)pid,
			(int)m->own, (int)m->private, (int)m->copied, (int)m->shared,
			(int)m->swap);
}

/* Of the first mapping: with the parent, with children. */
static void check_mapping(const struct family *f, pid_t pid, uint64_t shared_parent,
	uint64_t copied_parent, uint64_t shared_children, uint64_t copied_children, uint64_t lost)
{
	const struct family_mapping *m = &f->member[family_find(f, pid)].mapping[0];

	assert_int_equal(m->shared_parent, shared_parent);
	assert_int_equal(m->copied_parent, copied_parent);
	assert_int_equal(m->shared_children, shared_children);
	assert_int_equal(m->copied_children, copied_children);
	assert_int_equal(m->lost, lost);
}

#define HEAP(runs) "0x10000 rw-p heap [heap] " runs

/* A family of up to four, each with one heap. */
struct heap {
	pid_t pid, ppid;
	const char *runs, *words;
};

static struct memory memories[4];

static struct family *family_of(const struct heap *h, size_t n)
{
	struct family *f = family_new();
	char text[128];
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), HEAP("%s"), h[i].runs);
		memories[i] = memory_of(AT, h[i].words);
		add(f, h[i].pid, h[i].ppid, text, &memories[i]);
	}
	count(f);
	return f;
}

static void done(struct family *f, size_t n)
{
	family_free(f);
	while (n)
		free(memories[--n].entry);
}

/* --- by definition ------------------------------------------------------------------------- */

static void test_parent_and_child(void **state)
{
	/* Page 2 was copied, page 3 came with the fork and the child gave it back, page 4 is new in
	 * the parent, page 5 was written by both. */
	struct family *f = family_of((const struct heap[]){
		{ 10, 1, "A5 .1", "1 2 3 4 5" },
		{ 11, 10, "A2 .2 A2", "1 22 . . 55 6" },
	}, 2);

	(void)state;
	check(f, 10, 5, 4, 2, 1, 0);
	check(f, 11, 4, 3, 2, 1, 0);
	check_mapping(f, 10, 0, 0, 1, 2, 2);
	check_mapping(f, 11, 1, 2, 0, 0, 2);
	check_totals(f, 9, 8, 2, 0);
	assert_int_equal(f->member[1].parent, 0);
	assert_int_equal(f->member[0].parent, FAMILY_NONE);
	done(f, 2);
}

static void test_three_generations(void **state)
{
	/* The grandparent has copied page 1, of which the others share the old one; the child has
	 * copied page 2 after the grandchild was forked, so that the outer two share; page 3 is the
	 * grandchild's own; page 4 is everybody's. */
	struct family *f = family_of((const struct heap[]){
		{ 10, 1, "A4", "11 2 3 4" },
		{ 11, 10, "A4", "1 22 3 4" },
		{ 12, 11, "A4", "1 2 33 4" },
	}, 3);

	(void)state;
	check(f, 10, 4, 1, 3, 3, 0);
	check(f, 11, 4, 1, 3, 3, 0);
	check(f, 12, 4, 1, 3, 3, 0);
	check_mapping(f, 10, 0, 0, 2, 2, 3);
	check_mapping(f, 11, 2, 2, 2, 2, 3);
	check_mapping(f, 12, 2, 2, 0, 0, 3);
	check_totals(f, 12, 7, 3, 0);
	done(f, 3);
}

static void test_siblings(void **state)
{
	/* The parent has copied page 1 and has ended one relation by that; both children share.
	 * Page 2 was copied by each. One child was reparented, which changes no count but the
	 * parent's. */
	struct family *f = family_of((const struct heap[]){
		{ 10, 1, "A2", "11 2" },
		{ 11, 10, "A2", "1 22" },
		{ 12, 1, "A2", "1 222" },
	}, 3);

	(void)state;
	check(f, 10, 2, 2, 2, 0, 0);
	check(f, 11, 2, 1, 2, 1, 0);
	check(f, 12, 2, 1, 2, 1, 0);
	check_mapping(f, 10, 0, 0, 0, 2, 3);
	check_mapping(f, 11, 0, 2, 0, 0, 3);
	check_mapping(f, 12, 0, 0, 0, 0, 3);
	check_totals(f, 6, 5, 3, 0);
	assert_int_equal(f->member[2].parent, FAMILY_NONE);
	done(f, 3);
}

static void test_children_differ(void **state)
{
	/* Shared with one child, copied against the other: both are so of one page. */
	struct family *f = family_of((const struct heap[]){
		{ 10, 1, "A1", "1" },
		{ 11, 10, "A1", "1" },
		{ 12, 10, "A1", "2" },
	}, 3);

	(void)state;
	check(f, 10, 1, 0, 1, 1, 0);
	check(f, 12, 1, 1, 1, 0, 0);
	check_mapping(f, 10, 0, 0, 1, 1, 1);
	check_totals(f, 3, 2, 1, 0);
	done(f, 3);
}

static void test_swap(void **state)
{
	/* The same slot; different slots; one in RAM and the other in swap, which says nothing. A
	 * slot and a PFN of the same number are different things. */
	struct family *f = family_of((const struct heap[]){
		{ 10, 1, "S2 A2", "s1 s2 3 33" },
		{ 11, 10, "S4", "s1 s22 s3 s1" },
	}, 2);

	(void)state;
	check(f, 10, 4, 3, 1, 1, 2);
	check(f, 11, 4, 3, 1, 1, 4);
	check_mapping(f, 10, 0, 0, 1, 1, 1);
	check_mapping(f, 11, 1, 1, 0, 0, 1);
	check_totals(f, 8, 7, 1, 2);
	done(f, 2);
}

static void test_not_own(void **state)
{
	/* Zero pages and file pages are nobody's own, whatever became of them since the scan; nor
	 * is what was none in the scan. */
	struct memory a = memory_of(AT, "999 f2 3 4 5"), b = memory_of(AT, "999 f2 . 4 5");
	struct family *f = family_new();

	(void)state;
	add(f, 10, 1, "0x10000 rw-p file /lib/x A5", &a);
	add(f, 11, 10, "0x10000 rw-p file /lib/x A4 .1", &b);
	count(f);
	check(f, 10, 3, 2, 0, 1, 0);
	check(f, 11, 1, 0, 0, 1, 0);
	check_totals(f, 4, 3, 0, 0);
	family_free(f);
	f = family_new();
	add(f, 10, 1, "0x10000 rw-s shmem - F5", &a);
	add(f, 11, 10, "0x10000 rw-s shmem - F5", &b);
	count(f);
	check_totals(f, 0, 0, 0, 0);
	assert_int_equal(f->member[0].mappings, 0);
	family_free(f);
	free(a.entry);
	free(b.entry);
}

static void test_other_mapping(void **state)
{
	/* The child has mapped something else there since; and its heap has grown. */
	struct memory a = memory_of(AT, "1 2 3"), b = memory_of(AT, "1 22 3 44");
	struct family *f = family_new();

	(void)state;
	add(f, 10, 1, "0x10000 rw-p heap [heap] A3", &a);
	add(f, 11, 10, "0x10000 rw-p anon [anon:x] A2\n0x12000 rw-p heap [heap] A2", &b);
	count(f);
	/* Even the same PFN: at that address it is another mapping's. */
	check(f, 10, 3, 2, 0, 1, 0);
	check(f, 11, 4, 3, 0, 1, 0);
	check_totals(f, 7, 6, 0, 0);
	assert_int_equal(f->member[1].mappings, 2);
	assert_int_equal(f->member[1].mapping[1].vma, 1);
	assert_int_equal(f->member[1].mapping[1].shared_parent, 1);
	assert_int_equal(f->member[1].mapping[0].private, 2);
	family_free(f);
	free(a.entry);
	free(b.entry);
}

static void test_moving(void **state)
{
	struct memory a = memory_of(AT, "1 m"), b = memory_of(AT, "m 2");
	struct family *f = family_new();

	(void)state;
	b.moved = ENTRY_PRESENT | 1;
	add(f, 10, 1, HEAP("A1 m1"), &a);
	add(f, 11, 10, HEAP("m1 A1"), &b);
	count(f);
	check(f, 10, 1, 0, 0, 1, 0);
	check(f, 11, 2, 1, 0, 1, 0);
	assert_int_equal(f->member[0].moving, 1);
	assert_int_equal(f->member[1].moving, 0);
	family_free(f);
	free(a.entry);
	free(b.entry);
}

static void test_hidden(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct family *f = family_new();
	struct report *r;
	size_t i;

	(void)state;
	info.known.pfn = false;
	info.known.swap_kind = false;
	info.pid = 10;
	/* Without a reader: no entry is read. */
	family_add(f, snapshot_of(HEAP("A3 .1"), &info), 1, (struct entry_reader){ 0 });
	info.known.swap_kind = true;
	info.pid = 11;
	family_add(f, snapshot_of(HEAP("A2 S1 ?1"), &info), 10, (struct entry_reader){ 0 });
	count(f);
	assert_false(f->sharing_known);
	assert_false(family_knows_own(&f->member[0]));
	assert_true(family_knows_own(&f->member[1]));
	assert_int_equal(f->member[1].own, 3);
	assert_int_equal(f->member[1].swap, 1);
	r = family_report(f, 11, false);
	for (i = 0; i < r->n; i++) {
		/* own, private, copied, shared, swap */
		if (r->line[i].pid == 10 && !r->line[i].address)
			assert_non_null(strstr(r->line[i].text, "?      ?      ?      ?      ?"));
		if (r->line[i].pid == 11 && !r->line[i].address)
			assert_non_null(strstr(r->line[i].text, "12K      ?      ?      ?   4.0K"));
		if (r->line[i].pid == 11 && r->line[i].address)
			assert_non_null(strstr(r->line[i].text, "12K      ?      ?      ?"));
		assert_null(strstr(r->line[i].text, "saves"));
	}
	assert_non_null(strstr(r->line[1].text, "CAP_SYS_ADMIN"));
	report_free(r);
	family_free(f);
}

static void test_same_memory(void **state)
{
	struct memory a = memory_of(AT, "1 2"), b = memory_of(AT, "1 22");
	struct family *f = family_new();

	(void)state;
	add(f, 10, 1, HEAP("A2"), &a);
	family_add_same(f, 0, 20);
	/* Forked by the one that only shares the memory. */
	add(f, 11, 20, HEAP("A2"), &b);
	count(f);
	assert_int_equal(family_find(f, 20), 0);
	assert_int_equal(f->member[1].parent, 0);
	check(f, 11, 2, 1, 1, 1, 0);
	check_totals(f, 4, 3, 1, 0);
	family_free(f);
	free(a.entry);
	free(b.entry);
}

static void test_ended(void **state)
{
	/* The second read of it fails: there is a gap that is not read over. */
	struct memory a = memory_of(AT, "1 2"), b = memory_of(AT, "1 2");
	struct family *f = family_new();

	(void)state;
	b.ends_after = 1;
	add(f, 10, 1, HEAP("A2 .100 A1"), &a);
	add(f, 11, 10, HEAP("A2 .100 A1"), &b);
	count(f);
	assert_false(f->member[0].ended);
	assert_true(f->member[1].ended);
	check(f, 11, 2, 0, 0, 2, 0);
	family_drop(f, 1);
	count(f);
	assert_int_equal(f->n, 1);
	check(f, 10, 2, 2, 0, 0, 0);
	check_totals(f, 2, 2, 0, 0);
	family_free(f);
	free(a.entry);
	free(b.entry);
}

static bool gives_up(void *ctx, uint64_t at, uint64_t all)
{
	int *calls = ctx;

	assert_true(at <= all);
	return --*calls > 0;
}

static void test_given_up(void **state)
{
	struct heap h[] = { { 10, 1, "A3000", "1" }, { 11, 10, "A3000", "1" } };
	struct family *f = family_of(h, 2);
	struct family_watch w = { gives_up, NULL };
	int calls;
	struct err e;

	(void)state;
	for (calls = 1; calls < 8; calls++) {
		int left = calls;

		w.ctx = &left;
		e.code = 0;
		assert_int_equal(family_count(f, &w, &e), -1);
		assert_int_equal(e.code, ECANCELED);
		assert_int_equal(left, 0);
	}
	done(f, 2);
}

/* --- objects ------------------------------------------------------------------------------- */

static void test_objects(void **state)
{
	/* snapshot_of() numbers the files of each: the same lines are the same files. */
	struct family *f = family_new();
	struct memory none = { 0 };

	(void)state;
	add(f, 10, 1, "0x10000 r--p file /lib/a F4 .4\n0x20000 rw-s shmem /memfd:x F1 .1 F2\n"
		      "0x30000 rw-s shmem /memfd:y .4", &none);
	add(f, 11, 10, "0x10000 r--p file /lib/a .3 F3 .2\n0x50000 rw-s shmem /memfd:x .1 F2 .1\n",
		&none);
	count(f);
	assert_int_equal(f->files, 1);
	assert_int_equal(f->file_pages, 6);
	assert_int_equal(f->file_mapped, 7);
	assert_int_equal(f->objects, 2);
	/* The largest first, wherever it is mapped. */
	assert_string_equal(f->object[0].vma->name, "/memfd:x");
	assert_int_equal(f->object[0].pages, 4);
	assert_int_equal(f->object[0].mapped, 5);
	assert_int_equal(f->object[0].members, 2);
	assert_int_equal(f->object[1].pages, 0);
	assert_int_equal(f->object[1].members, 1);
	assert_int_equal(f->member[0].file, 4);
	assert_int_equal(f->member[0].shmem, 3);
	assert_int_equal(f->member[1].file, 3);
	assert_int_equal(f->member[1].shmem, 2);
	family_free(f);
}

/* --- the report ---------------------------------------------------------------------------- */

static void test_report(void **state)
{
	static const char *const want[] = {
		"3 processes, forked from each other without exec; private memory 28K",
		"sharing saves 20K; 12K lost to copying since the forks",
		"(copied, or written by both: that cannot be told apart)",
		"looked at for 1.5 s, while they went on: not of one instant",
		"not counted: 77 evil\\x1b: no permission",
		"what is private may be shared with these",
		"1 ended or exec'd meanwhile, and is left out",
		"",
		"     PID  PARENT    OWN   PRIV COPIED SHARED   SWAP   FILE COMMAND",
		"      10       -    16K   4.0K    12K    12K      -      - test --run",
		"*     11      10    16K   4.0K    12K    12K      -      - test --run",
		"      12      11    16K   4.0K    12K    12K      -      - test --run",
		"",
		"once for all         RAM  PROCS KIND        NAME",
		"                       -        file        0 files: pages that any has mapped",
		"",
		"by mapping of 11           PARENT PARENT  CHILD  CHILD",
		"START           OWN   PRIV SHARED COPIED SHARED COPIED   LOST NAME",
		"000000010000    16K   4.0K   8.0K   8.0K   8.0K   8.0K    12K [heap]",
		"",
		"2 other processes may not be asked what they run (CAP_SYS_PTRACE)",
	};
	struct family *f = family_of((const struct heap[]){
		{ 10, 1, "A4", "11 2 3 4" },
		{ 11, 10, "A4", "1 22 3 4" },
		{ 12, 11, "A4", "1 2 33 4" },
	}, 3);
	struct report *r;
	size_t i;

	(void)state;
	f->took_ns = 1500000000;
	f->same_known = true;
	f->hidden = 2;
	f->ended = 1;
	family_add_unseen(f, 77, "evil\033", "no permission");
	r = family_report(f, 11, false);
	assert_int_equal(r->n, sizeof(want) / sizeof(*want));
	for (i = 0; i < r->n; i++)
		assert_string_equal(r->line[i].text, want[i]);
	assert_int_equal(r->line[10].pid, 11);
	assert_int_equal(r->line[10].address, 0);
	assert_int_equal(r->line[18].pid, 11);
	assert_int_equal(r->line[18].address, AT);
	report_free(r);
	done(f, 3);
}

static void test_report_sorts(void **state)
{
	struct family *f = family_of((const struct heap[]){
		{ 10, 1, "A2", "1 2" },
		{ 11, 10, "A4", "1 2 3 4" },
		{ 12, 10, "A3", "1 2 33" },
	}, 3);
	struct report *r;
	pid_t want[] = { 11, 12, 10 };
	size_t i, n = 0;

	(void)state;
	f->same_known = true;
	r = family_report(f, 10, true);
	for (i = 0; i < r->n && n < 3; i++)
		if (r->line[i].pid)
			assert_int_equal(r->line[i].pid, want[n++]);
	assert_int_equal(n, 3);
	/* In numbers of bytes, behind the sentences and the headings. */
	assert_non_null(strstr(r->line[5].text, "OWN"));
	assert_non_null(strstr(r->line[6].text, "16384"));
	report_free(r);
	done(f, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parent_and_child),
		cmocka_unit_test(test_three_generations),
		cmocka_unit_test(test_siblings),
		cmocka_unit_test(test_children_differ),
		cmocka_unit_test(test_swap),
		cmocka_unit_test(test_not_own),
		cmocka_unit_test(test_other_mapping),
		cmocka_unit_test(test_moving),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_same_memory),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_report_sorts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
