/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/frames_moved.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/query.h"

/* Runs are short: entries are read for many of them at a time, with what lies between, but not over
 * gaps of more pages than this. */
#define GAP_MOST 64

struct waiting {
	struct pair pair;
	enum change change;
};

struct frames_moved {
	const struct snapshot *old, *new;
	const struct entry_reader *old_entries, *new_entries;
	void (*take)(void *ctx, const struct pair *p, enum change change);
	void *ctx;
	struct waiting waiting[ENTRY_CHUNK];
	size_t n;
	uint64_t asked;     /* pages from the first that is asked about to the last, 0: none is */
	uint64_t from;      /* number of the first (address / page size) */
	uint64_t was[ENTRY_CHUNK], is[ENTRY_CHUNK];
	bool cut, failed;
	struct err err;
};

struct frames_moved *frames_moved_new(const struct snapshot *old, const struct snapshot *new,
	const struct entry_reader *old_entries, const struct entry_reader *new_entries,
	void (*take)(void *ctx, const struct pair *p, enum change change), void *ctx)
{
	struct frames_moved *f = mem_alloc(sizeof(*f));

	f->old = old;
	f->new = new;
	f->old_entries = old_entries;
	f->new_entries = new_entries;
	f->take = take;
	f->ctx = ctx;
	f->n = 0;
	f->asked = 0;
	f->cut = f->failed = false;
	return f;
}

void frames_moved_free(struct frames_moved *f)
{
	free(f);
}

bool frames_moved_cut(const struct frames_moved *f)
{
	return f->cut;
}

/* Whether frames can say more of these pages. */
static bool asks(const struct pair *p, enum change change)
{
	return change == CHANGE_NONE && p->was == p->is &&
		(p->is == PAGE_ANON || p->is == PAGE_FILE);
}

static uint64_t page_number(const struct frames_moved *f, const struct pair *p)
{
	return snapshot_vma(f->new, p->new)->start / snapshot_info(f->new)->page_size +
		p->new_first;
}

/* The frame of a page, 0 where its entry is not known, or does not say the state that the snapshot
 * found: then it has changed since. */
static uint64_t frame_of(
	const struct snapshot *s, size_t vma, uint64_t entry, enum page_state found)
{
	if (entry == ENTRY_UNKNOWN || !(entry & ENTRY_PRESENT) ||
		query_state(s, snapshot_vma(s, vma), entry, found) != found)
		return 0;
	return entry_pfn(entry);
}

static enum change change_of_frame(
	const struct frames_moved *f, const struct pair *p, uint64_t was, uint64_t is)
{
	struct change_side old = { .state = p->was, .pfn = frame_of(f->old, p->old, was, p->was) };
	struct change_side new = { .state = p->is, .pfn = frame_of(f->new, p->new, is, p->is) };

	return change_of(&old, &new, false);
}

/* Give out pages that were asked about, of which the first n entries are there. */
static void tell(struct frames_moved *f, struct pair p, uint64_t n)
{
	uint64_t at = page_number(f, &p) - f->from, pages = p.pages, i = 0;

	while (i < pages) {
		enum change change = CHANGE_NONE, other;
		uint64_t k = i;

		for (; k < pages; k++) {
			other = at + k < n ? change_of_frame(f, &p, f->was[at + k], f->is[at + k])
					   : CHANGE_NONE;
			if (k == i)
				change = other;
			else if (other != change)
				break;
		}
		p.pages = k - i;
		f->take(f->ctx, &p, change);
		p.old_first += p.pages;
		p.new_first += p.pages;
		i = k;
	}
}

static void give_out(struct frames_moved *f)
{
	ssize_t a, b;
	uint64_t n = 0;
	size_t i;

	if (f->asked && !f->cut && !f->failed) {
		a = f->old_entries->read(
			f->old_entries->ctx, f->from, f->asked, f->was, &f->err);
		b = a < 0 ? -1
			  : f->new_entries->read(f->new_entries->ctx, f->from, f->asked, f->is,
				    &f->err);
		f->failed = a < 0 || b < 0;
		n = f->failed ? 0 : (uint64_t)(a < b ? a : b);
		f->cut = !f->failed && n < f->asked;
	}
	for (i = 0; i < f->n; i++) {
		if (asks(&f->waiting[i].pair, f->waiting[i].change))
			tell(f, f->waiting[i].pair, n);
		else
			f->take(f->ctx, &f->waiting[i].pair, f->waiting[i].change);
	}
	f->n = 0;
	f->asked = 0;
}

static void wait_for_more(struct frames_moved *f, const struct pair *p, enum change change)
{
	if (f->n == ENTRY_CHUNK)
		give_out(f);
	f->waiting[f->n++] = (struct waiting){ *p, change };
}

void frames_moved_add(struct frames_moved *f, const struct pair *p, enum change change)
{
	struct pair part = *p;
	uint64_t left = p->pages, page;

	if (!asks(p, change)) {
		if (p->pages > GAP_MOST)
			give_out(f);
		wait_for_more(f, p, change);
		return;
	}
	while (left) {
		page = page_number(f, &part);
		if (f->n == ENTRY_CHUNK || (f->asked && page - f->from >= ENTRY_CHUNK))
			give_out(f);
		if (!f->asked)
			f->from = page;
		part.pages = f->from + ENTRY_CHUNK - page;
		part.pages = part.pages < left ? part.pages : left;
		f->asked = page + part.pages - f->from;
		wait_for_more(f, &part, change);
		left -= part.pages;
		part.old_first += part.pages;
		part.new_first += part.pages;
	}
}

int frames_moved_flush(struct frames_moved *f, struct err *e)
{
	give_out(f);
	if (f->failed)
		*e = f->err;
	return f->failed ? -1 : 0;
}
