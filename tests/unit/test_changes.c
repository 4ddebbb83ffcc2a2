/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/model/change, changes, frames_moved: what happened to each page and mapping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "model/changes.h"
#include "model/query.h"
#include "pairs_help.h"

#define PRESENT(pfn) (ENTRY_PRESENT | (uint64_t)(pfn))

static struct change_side side(enum page_state state)
{
	return (struct change_side){
		.state = state, .huge_known = true, .zero_known = true, .guard_known = true
	};
}

/* --- one page --- */

static bool empty(enum page_state s)
{
	return s == PAGE_NONE || s == PAGE_GUARD || s == PAGE_MARKER;
}

/* The rules in sentences, where change.c has a table. */
static char by_rule(enum page_state was, enum page_state is)
{
	if (was == PAGE_UNKNOWN || is == PAGE_UNKNOWN || was == is)
		return '.';
	if (is == PAGE_SWAP)
		return 's';
	if (is == PAGE_MARKER)
		return 'o';
	if (is == PAGE_NONE || is == PAGE_GUARD)
		return empty(was) ? 'o' : '-';
	if (empty(was))
		return '+';
	if (is == PAGE_ANON && was == PAGE_FILE)
		return 'c';
	if (is == PAGE_ANON && was == PAGE_SWAP)
		return 'a';
	if (is == PAGE_ANON && was == PAGE_ZERO)
		return 'z';
	return 'o';
}

static void every_pair_of_states(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a < PAGE_STATES; a++) {
		for (b = 0; b < PAGE_STATES; b++) {
			struct change_side was = side((enum page_state)a);
			struct change_side is = side((enum page_state)b);
			char found = change_letter(change_of(&was, &is, true));
			char want = by_rule((enum page_state)a, (enum page_state)b);

			if (found != want)
				fail_msg("from %s to %s: '%c', not '%c'",
					page_state_name((enum page_state)a),
					page_state_name((enum page_state)b), found, want);
			/* Where no copy can be, that is not what it was. */
			if (want == 'c')
				assert_int_equal(change_of(&was, &is, false), CHANGE_OTHER);
			else
				assert_int_equal(change_letter(change_of(&was, &is, false)), want);
			/* Neither entry nor frame matters where the state is another one. */
			was.huge = true;
			was.pfn = 1;
			is.pfn = 2;
			if (a != b)
				assert_int_equal(change_letter(change_of(&was, &is, true)), want);
		}
	}
}

static void huge_and_frames(void **state)
{
	struct change_side was = side(PAGE_ANON), is = side(PAGE_ANON);

	(void)state;
	is.huge = true;
	assert_int_equal(change_of(&was, &is, false), CHANGE_HUGE);
	assert_int_equal(change_of(&is, &was, false), CHANGE_SPLIT);
	/* A huge page is made in another frame: it has become huge. */
	was.pfn = 7;
	is.pfn = 8;
	assert_int_equal(change_of(&was, &is, false), CHANGE_HUGE);
	is.huge_known = false;
	assert_int_equal(change_of(&was, &is, false), CHANGE_FRAME);
	is.pfn = 7;
	assert_int_equal(change_of(&was, &is, false), CHANGE_NONE);
	is.pfn = 0;
	assert_int_equal(change_of(&was, &is, false), CHANGE_NONE);
	was.state = is.state = PAGE_UNKNOWN;
	is.pfn = 9;
	assert_int_equal(change_of(&was, &is, false), CHANGE_NONE);
}

static void what_a_side_cannot_tell_is_no_change(void **state)
{
	struct change_side was = side(PAGE_ANON), is = side(PAGE_ZERO);

	(void)state;
	assert_int_equal(change_of(&was, &is, false), CHANGE_OTHER);
	was.zero_known = false;
	assert_int_equal(change_of(&was, &is, false), CHANGE_NONE);
	assert_int_equal(change_of(&is, &was, false), CHANGE_NONE);
	/* It is the other side that does not know: anon is then not zero. */
	was.zero_known = true;
	is.zero_known = false;
	assert_int_equal(change_of(&was, &is, false), CHANGE_OTHER);
	was = side(PAGE_MARKER);
	is = side(PAGE_GUARD);
	assert_int_equal(change_of(&was, &is, false), CHANGE_OTHER);
	was.guard_known = false;
	assert_int_equal(change_of(&was, &is, false), CHANGE_NONE);
	was.state = PAGE_SWAP;
	assert_int_equal(change_of(&is, &was, false), CHANGE_NONE);
	was.state = PAGE_ANON;
	assert_int_equal(change_of(&was, &is, false), CHANGE_FREED);
}

static void kinds_have_letters_of_their_own(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a < CHANGES; a++)
		for (b = 0; b < a; b++)
			assert_int_not_equal(change_letter((enum change)a), change_letter((enum change)b));
}

/* --- mappings --- */

static struct changes *make(const struct snapshot *old, const struct snapshot *new)
{
	struct changes_options o = { .keep_pages = true };
	struct changes *c;
	struct err e;

	assert_int_equal(changes_make(&c, old, new, &o, &e), 0);
	return c;
}

/* A comparison as a text: a row a line, "what vma:+2-3 gained lost rss swap". */
static char *told(const char *old_text, const char *new_text)
{
	static char text[2048];
	struct snapshot *old = snapshot_of(old_text, NULL), *new = snapshot_of(new_text, NULL);
	struct changes *c = make(old, new);
	size_t i, len = 0;
	int k;

	*text = '\0';
	for (i = 0; i < changes_rows(c); i++) {
		const struct change_row *r = changes_row(c, i);

		len += (size_t)sprintf(text + len, "%s%s %zu", i ? "; " : "",
			vma_change_name(r->what), r->vma);
		for (k = CHANGE_NONE + 1; k < CHANGES; k++)
			if (r->n.of[k])
				len += (size_t)sprintf(text + len, " %c%" PRIu64,
					change_letter((enum change)k), r->n.of[k]);
		if (r->gained || r->lost)
			len += (size_t)sprintf(text + len, " by %" PRIu64 "/%" PRIu64, r->gained, r->lost);
		if (r->rss || r->swap)
			len += (size_t)sprintf(text + len, " rss%+" PRId64 " swap%+" PRId64, r->rss, r->swap);
		if (r->unknown)
			len += (size_t)sprintf(text + len, " ?%" PRIu64, r->unknown);
	}
	changes_free(c);
	snapshot_unref(old);
	snapshot_unref(new);
	return text;
}

static void mappings_are_matched(void **state)
{
	(void)state;
	assert_string_equal(told("", ""), "");
	assert_string_equal(told("1000 rw-p anon - A9", "1000 rw-p anon - A9"), "");
	assert_string_equal(told("", "1000 rw-p anon - A2 .3 S1"), "new 0 +2 s1 by 6/0 rss+2 swap+1");
	assert_string_equal(told("", "1000 rw-p anon - .5"), "new 0 by 5/0");
	assert_string_equal(told("1000 rw-p anon - A2 .3 S1", ""), "gone 0 -3 by 0/6 rss-2 swap-1");
	assert_string_equal(told("5000 rw-p heap [heap] A4", "5000 rw-p heap [heap] A4 .2 A3"),
		"grown 0 +3 by 5/0 rss+3 swap+0");
	assert_string_equal(told("5000 rw-p heap [heap] A4 .2 A3", "5000 rw-p heap [heap] A3"),
		"shrunk 0 -4 by 0/6 rss-4 swap+0");
	assert_string_equal(told("5000 rw-p stack [stack] A4", "2000 rw-p stack [stack] .1 A6"),
		"grown 0 +2 by 3/0 rss+2 swap+0");
	/* Access changed, and nothing else. */
	assert_string_equal(told("5000 rw-p anon - A4", "5000 r--p anon - A4"), "same 0");
	assert_string_equal(told("1000 rw-p anon - A9",
				    "1000 rw-p anon - A3\n4000 r--p anon - A2 .1\n7000 rw-p anon - A3"),
		"split 0; split 1 -1 rss-1 swap+0; split 2");
	assert_string_equal(told("1000 rw-p anon - A3\n4000 r--p anon - A3\n7000 rw-p anon - A3",
				    "1000 rw-p anon - A3 S1 A5"),
		"joined 0 s1 rss-1 swap+1");
	/* A hole in the middle counts with the piece before it, one at the beginning with that behind. */
	assert_string_equal(told("1000 rw-p anon - A9", "1000 rw-p anon - A3\n7000 rw-p anon - A3"),
		"split 0 -3 by 0/3 rss-3 swap+0; split 1");
	assert_string_equal(told("1000 rw-p anon - A9",
				    "1000 rw-p anon - A3\n5000 r--p anon - A2\n8000 rw-p anon - A2"),
		"split 0 -1 by 0/1 rss-1 swap+0; split 1 -1 by 0/1 rss-1 swap+0; split 2");
	assert_string_equal(told("1000 rw-p anon - A9", "3000 rw-p anon - A7"),
		"shrunk 0 -2 by 0/2 rss-2 swap+0");
	/* Another kind of mapping at the same place: one is gone, one is new. */
	assert_string_equal(told("1000 rw-p anon - A9", "1000 rw-s anon - A9"),
		"gone 0 -9 by 0/9 rss-9 swap+0; new 0 +9 by 9/0 rss+9 swap+0");
	/* The gone ones stand where they were. */
	assert_string_equal(told("1000 rw-p anon a A1\n2000 rw-p anon b A1\n9000 rw-p anon c A1",
				    "3000 rw-p anon d A1\n5000 rw-p anon e A1"),
		"gone 0 -1 by 0/1 rss-1 swap+0; gone 1 -1 by 0/1 rss-1 swap+0; "
		"new 0 +1 by 1/0 rss+1 swap+0; new 1 +1 by 1/0 rss+1 swap+0; "
		"gone 2 -1 by 0/1 rss-1 swap+0");
}

static void pages_are_told(void **state)
{
	(void)state;
	assert_string_equal(
		told("1000 rw-p anon - A2 S2 01 A1 .2 A512h A512",
			"1000 rw-p anon - S1 A1 A1 S1 A1 .1 01 A1 A512 A512h"),
		"same 0 +2 -1 s1 a1 h512 t512 z1 rss+1 swap+0");
	assert_string_equal(told("1000 r--p file /lib F4", "1000 r--p file /lib F1 A2 .1"),
		"same 0 -1 c2 rss-1 swap+0");
	/* What is unknown is no change, but where there is one, it is said. */
	assert_string_equal(told("1000 rw-p anon - ?4", "1000 rw-p anon - A4"), "");
	assert_string_equal(told("1000 rw-p anon - ?4 A1", "1000 rw-p anon - A3 ?1 S1"),
		"same 0 s1 rss-1 swap+1 ?3");
}

static void what_was_cut_is_not_told(void **state)
{
	struct snapshot_info cut = info_for_tests();
	struct snapshot *whole = snapshot_of("1000 rw-p anon a A2\n5000 rw-p anon b A2", NULL), *part;
	struct changes *c;

	(void)state;
	cut.complete = false;
	part = snapshot_of("1000 rw-p anon a A2", &cut);
	c = make(whole, part);
	assert_int_equal(changes_rows(c), 0);
	assert_int_equal(changes_sums(c)->unknown, 2);
	assert_true(changes_in_part(c));
	changes_free(c);
	c = make(part, whole);
	assert_int_equal(changes_rows(c), 0);
	assert_int_equal(changes_sums(c)->unknown, 2);
	changes_free(c);
	snapshot_unref(whole);
	snapshot_unref(part);
}

static void other_processes(void **state)
{
	struct snapshot_info a = info_for_tests(), b;
	struct err e;

	(void)state;
	a.pid = 7;
	a.start_time = 70;
	a.boot_id = "x";
	b = a;
	assert_int_equal(changes_same_process(&a, &b, &e), 1);
	b.start_time = 71;
	assert_int_equal(changes_same_process(&a, &b, &e), -1);
	b.start_time = 0;
	assert_int_equal(changes_same_process(&a, &b, &e), 0);
	b = a;
	b.boot_id = "y";
	assert_int_equal(changes_same_process(&a, &b, &e), -1);
	b.boot_id = "";
	assert_int_equal(changes_same_process(&a, &b, &e), 0);
	b.pid = 8;
	assert_int_equal(changes_same_process(&a, &b, &e), -1);
	assert_non_null(strstr(e.text, "another process"));
}

/* --- frames --- */

struct made_up {
	uint64_t entry[80];  /* of pages 0 to 79 */
	uint64_t end;        /* pages from here on cannot be read: the process has ended */
	bool fails;
	uint64_t largest, reads, pages;
};

static ssize_t read_made_up(void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e)
{
	struct made_up *m = ctx;
	uint64_t i;

	m->reads++;
	m->pages += n;
	m->largest = n > m->largest ? n : m->largest;
	if (m->fails)
		return err_set(e, "cannot be read");
	for (i = 0; i < n && page + i < m->end; i++)
		entries[i] = page + i < 80 ? m->entry[page + i] : PRESENT(page + i);
	return (ssize_t)i;
}

static int make_with(struct changes **c, const struct snapshot *old, const struct snapshot *new,
	struct made_up *was, struct made_up *is, struct err *e)
{
	struct entry_reader a = { .read = read_made_up, .ctx = was };
	struct entry_reader b = { .read = read_made_up, .ctx = is };
	struct changes_options o = { &a, &b, true, NULL };

	return changes_make(c, old, new, &o, e);
}

static void frames_are_compared(void **state)
{
	struct made_up was = { .end = UINT64_MAX }, is = { .end = UINT64_MAX };
	struct snapshot *old = snapshot_of("1000 rw-p anon - A4 .2 A2 S1\n", NULL);
	struct snapshot *new = snapshot_of("1000 rw-p anon - A4 .1 A3 S1\n", NULL);
	struct changes *c;
	struct err e;
	int i;

	(void)state;
	for (i = 1; i < 10; i++)
		was.entry[i] = is.entry[i] = PRESENT(100 + i);
	is.entry[1] = ENTRY_UNKNOWN;            /* not kept */
	is.entry[2] = PRESENT(7);
	is.entry[3] = 0;                        /* freed since it was found: nothing is known */
	is.entry[4] = PRESENT(0);               /* hidden */
	is.entry[6] = PRESENT(8);               /* faulted in: its frame says no more */
	is.entry[8] = PRESENT(9) | ENTRY_FILE;  /* something else is there now */
	is.entry[9] = PRESENT(5);               /* not present when it was found */
	assert_int_equal(make_with(&c, old, new, &was, &is, &e), 0);
	assert_null(changes_no_frames(c));
	assert_int_equal(changes_sums(c)->n.of[CHANGE_FRAME], 1);
	assert_int_equal(changes_sums(c)->n.of[CHANGE_FAULTED_IN], 1);
	assert_int_equal(change_counts_total(&changes_sums(c)->n), 2);
	assert_int_equal(changes_at(c, 0, 1), CHANGE_FRAME);
	assert_int_equal(changes_at(c, 0, 5), CHANGE_FAULTED_IN);
	changes_free(c);
	/* The end of one: what was read before counts. */
	was.end = 3;
	assert_int_equal(make_with(&c, old, new, &was, &is, &e), 1);
	assert_int_equal(changes_sums(c)->n.of[CHANGE_FRAME], 1);
	changes_free(c);
	was.end = 2;
	assert_int_equal(make_with(&c, old, new, &was, &is, &e), 1);
	assert_int_equal(changes_sums(c)->n.of[CHANGE_FRAME], 0);
	changes_free(c);
	is.fails = true;
	assert_int_equal(make_with(&c, old, new, &was, &is, &e), -1);
	assert_string_equal(e.text, "cannot be read");
	snapshot_unref(old);
	snapshot_unref(new);
}

/* Equal runs that are shared must be looked into as well; and no read is larger than a chunk. */
static void frames_are_read_in_chunks(void **state)
{
	struct made_up was = { .end = UINT64_MAX }, is = { .end = UINT64_MAX };
	struct snapshot *old = snapshot_of("0 rw-p anon - A80 .1000 A20000\n", NULL), *new;
	struct snapshot_builder *b = snapshot_builder_new(snapshot_info(old));
	struct changes *c;
	struct err e;
	int i;

	(void)state;
	snapshot_builder_add(b, snapshot_vma(old, 0), runs_ref(snapshot_vma(old, 0)->runs));
	new = snapshot_builder_finish(b);
	for (i = 0; i < 80; i++) {
		was.entry[i] = PRESENT(i + 1);
		is.entry[i] = PRESENT(i + 1 + i % 2);
	}
	assert_int_equal(make_with(&c, old, new, &was, &is, &e), 0);
	assert_int_equal(changes_sums(c)->n.of[CHANGE_FRAME], 40);
	assert_true(was.largest <= ENTRY_CHUNK && is.largest <= ENTRY_CHUNK);
	assert_int_equal(was.reads, 1 + (20000 + ENTRY_CHUNK - 1) / ENTRY_CHUNK);
	assert_int_equal(is.reads, was.reads);
	/* Nothing was read over the hole. */
	assert_int_equal(was.pages, 80 + 20000);
	changes_free(c);
	c = make(old, new);
	assert_int_equal(changes_rows(c), 0);
	assert_string_equal(changes_no_frames(c), "OLD keeps no entries");
	changes_free(c);
	snapshot_unref(old);
	snapshot_unref(new);
}

static void what_cannot_be_told_is_said(void **state)
{
	struct made_up was = { .end = UINT64_MAX }, is = { .end = UINT64_MAX };
	struct snapshot_info little = info_for_tests();
	struct snapshot *old, *new = snapshot_of("1000 rw-p anon - A4h\n", NULL);
	struct changes *c;
	struct err e;

	(void)state;
	little.known.pfn = little.known.huge = false;
	old = snapshot_of("1000 rw-p anon - A4\n", &little);
	was.entry[1] = PRESENT(1);
	is.entry[1] = PRESENT(2);
	assert_int_equal(make_with(&c, old, new, &was, &is, &e), 0);
	assert_int_equal(changes_rows(c), 0);
	assert_non_null(strstr(changes_no_frames(c), "hidden in OLD"));
	assert_non_null(strstr(changes_no_huge(c), "OLD"));
	assert_int_equal(was.reads, 0);
	changes_free(c);
	assert_int_equal(make_with(&c, new, old, &was, &is, &e), 0);
	assert_int_equal(changes_rows(c), 0);
	assert_non_null(strstr(changes_no_frames(c), "CAP_SYS_ADMIN"));
	assert_non_null(strstr(changes_no_huge(c), "TARGET"));
	changes_free(c);
	snapshot_unref(old);
	snapshot_unref(new);
}

/* --- against a comparison page by page --- */

static const struct vma *vma_at(const struct snapshot *s, uint64_t page, size_t *i)
{
	*i = snapshot_find(s, page << 12);
	return snapshot_holds(s, *i, page << 12) ? snapshot_vma(s, *i) : NULL;
}

static struct change_side side_at(
	const struct snapshot *snap, const struct vma *v, uint64_t page, const struct made_up *m)
{
	struct run run = runs_at(v->runs, runs_find(v->runs, page - (v->start >> 12)));
	struct change_side s = side(run.state);

	s.huge = run.huge;
	/* Some states make no sense in some mappings: no entry can say them. */
	if (m && (run.state == PAGE_ANON || run.state == PAGE_FILE) &&
		query_state(snap, v, m->entry[page], run.state) == run.state)
		s.pfn = entry_pfn(m->entry[page]);
	return s;
}

static bool resident(enum page_state s)
{
	return s == PAGE_ANON || s == PAGE_FILE || s == PAGE_MOVING;
}

static void check_pages(const struct snapshot *old, const struct snapshot *new, struct made_up *was,
	struct made_up *is)
{
	uint64_t of[CHANGES] = { 0 }, page, first, next;
	int64_t rss = 0, swap = 0;
	size_t i, j, k;
	struct changes *c;
	struct err e;

	if (was)
		assert_int_equal(make_with(&c, old, new, was, is, &e), 0);
	else
		c = make(old, new);
	for (page = 0; page < 80; page++) {
		const struct vma *o = vma_at(old, page, &i), *n = vma_at(new, page, &j);
		struct change_side nothing = side(PAGE_NONE), a, b;
		bool match = o && n && vma_same(o, n);
		enum change change;

		if (n) {
			a = match ? side_at(old, o, page, was) : nothing;
			b = side_at(new, n, page, is);
			change = change_of(&a, &b, vma_cow_possible(n));
			assert_int_equal(changes_at(c, j, page - (n->start >> 12)), change);
			of[change]++;
			if (change != CHANGE_NONE) {
				rss += resident(b.state) - resident(a.state);
				swap += (b.state == PAGE_SWAP) - (a.state == PAGE_SWAP);
			}
		}
		if (o && !match) {
			a = side_at(old, o, page, was);
			change = change_of(&a, &nothing, false);
			of[change]++;
			if (change != CHANGE_NONE) {
				rss -= resident(a.state);
				swap -= a.state == PAGE_SWAP;
			}
		}
	}
	of[CHANGE_NONE] = 0;
	assert_memory_equal(of, changes_sums(c)->n.of, sizeof(of));
	assert_int_equal(changes_sums(c)->rss, rss);
	assert_int_equal(changes_sums(c)->swap, swap);
	for (j = 0; j < snapshot_vmas(new); j++) {
		uint64_t pages = snapshot_vma_pages(new, snapshot_vma(new, j));

		for (first = 0; first < pages; first++) {
			for (next = first; next <= pages; next++) {
				struct change_counts n = changes_count(c, j, first, next - first), m = { { 0 } };

				for (page = first; page < next; page++)
					m.of[changes_at(c, j, page)]++;
				m.of[CHANGE_NONE] = 0;
				assert_memory_equal(&n, &m, sizeof(n));
			}
		}
	}
	/* Rows are in order, found by their mappings, and sum up. */
	for (i = k = 0; i < changes_rows(c); i++) {
		const struct change_row *r = changes_row(c, i);

		assert_true(!i || changes_row(c, i - 1)->place <= r->place);
		if (r->what == VMA_CHANGE_GONE) {
			assert_int_equal(changes_gone_row(c, k++), i);
			continue;
		}
		assert_int_equal(changes_find(c, r->vma), i);
		assert_ptr_equal(changes_of(c, r->vma), r);
	}
	assert_int_equal(changes_gone(c), k);
	changes_free(c);
}

static void random_pairs(void **state)
{
	struct made_up was = { .end = UINT64_MAX }, is = { .end = UINT64_MAX };
	int i, k;

	(void)state;
	srand(2);
	for (i = 0; i < 1500; i++) {
		struct snapshot *old = random_snapshot(NULL), *new = random_snapshot(old);

		check_pages(old, new, NULL, NULL);
		check_pages(new, old, NULL, NULL);
		/* Entries that say the states which were found. */
		for (k = 0; k < 80; k++) {
			size_t at;
			const struct vma *o = vma_at(old, (uint64_t)k, &at);
			const struct vma *n = vma_at(new, (uint64_t)k, &at);

			was.entry[k] = PRESENT(1 + rand() % 2);
			is.entry[k] = PRESENT(1 + rand() % 2);
			if (o && side_at(old, o, (uint64_t)k, NULL).state == PAGE_FILE)
				was.entry[k] |= ENTRY_FILE;
			if (n && side_at(new, n, (uint64_t)k, NULL).state == PAGE_FILE)
				is.entry[k] |= ENTRY_FILE;
		}
		check_pages(old, new, &was, &is);
		snapshot_unref(old);
		snapshot_unref(new);
	}
}

/* Many stretches in one mapping: counts are kept along them, and found from there. */
static void long_mappings(void **state)
{
	static const unsigned runs[] = { 63, 64, 65, 127, 128, 129, 1000 };
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(runs) / sizeof(*runs); k++) {
		struct runs_builder b = { 0 };
		struct snapshot_info info = info_for_tests();
		struct snapshot_builder *sb = snapshot_builder_new(&info);
		struct snapshot *old, *new;
		struct vma v = { .start = 0x1000, .page_size = 4096, .perms = 3, .name = "" };
		struct changes *c;
		uint64_t page = 0, first, want;
		unsigned i;

		for (i = 0; i < runs[k]; i++) {
			runs_builder_add(&b, 1, i % 2 ? PAGE_ANON : PAGE_SWAP, false);
			runs_builder_add(&b, 1, PAGE_NONE, false);
		}
		v.end = v.start + runs[k] * UINT64_C(8192);
		snapshot_builder_add(sb, &v, runs_builder_finish(&b));
		new = snapshot_builder_finish(sb);
		sb = snapshot_builder_new(&info);
		runs_builder_add(&b, runs[k] * 2, PAGE_NONE, false);
		snapshot_builder_add(sb, &v, runs_builder_finish(&b));
		old = snapshot_builder_finish(sb);
		runs_builder_free(&b);
		c = make(old, new);
		for (first = 0; first <= runs[k] * 2; first++) {
			struct change_counts n = changes_count(c, 0, first, runs[k] * 2 - first);
			struct change_counts m = changes_count(c, 0, 0, first);

			assert_int_equal(m.of[CHANGE_SWAPPED_OUT], (first + 3) / 4);
			assert_int_equal(m.of[CHANGE_FAULTED_IN], (first + 1) / 4);
			assert_int_equal(n.of[CHANGE_SWAPPED_OUT] + m.of[CHANGE_SWAPPED_OUT],
				(runs[k] + 1) / 2);
		}
		/* From change to change, and back. */
		for (want = 2; want < runs[k] * 2; want += 2) {
			assert_true(changes_next(c, 0, page, false, &page));
			assert_int_equal(page, want);
		}
		assert_false(changes_next(c, 0, page, false, &page));
		assert_true(changes_next(c, 0, page + 1, true, &page));
		while (want > 4) {
			want -= 2;
			assert_int_equal(page, want - 0);
			assert_true(changes_next(c, 0, page, true, &page));
		}
		changes_free(c);
		snapshot_unref(old);
		snapshot_unref(new);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_states),
		cmocka_unit_test(huge_and_frames),
		cmocka_unit_test(what_a_side_cannot_tell_is_no_change),
		cmocka_unit_test(kinds_have_letters_of_their_own),
		cmocka_unit_test(mappings_are_matched),
		cmocka_unit_test(pages_are_told),
		cmocka_unit_test(what_was_cut_is_not_told),
		cmocka_unit_test(other_processes),
		cmocka_unit_test(frames_are_compared),
		cmocka_unit_test(frames_are_read_in_chunks),
		cmocka_unit_test(what_cannot_be_told_is_said),
		cmocka_unit_test(random_pairs),
		cmocka_unit_test(long_mappings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
