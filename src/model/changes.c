/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/changes_data.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "model/frames_moved.h"
#include "model/pairs.h"

/* Which old mappings a new one was. */
struct ancestry {
	uint32_t first; /* number of the first of them */
	uint32_t n;
	uint8_t was_perms;
	bool perms;     /* one of them had other permissions */
};

struct making {
	const struct snapshot *old, *new;
	const struct changes_options *o;
	struct changes *c;
	struct ancestry *ancestry; /* of each new mapping */
	struct heirs {
		uint64_t bytes;    /* that new mappings have of it */
		uint32_t n, first; /* how many these are, and the first of them */
	} *heirs;                  /* of each old mapping */
	struct change_pages **row;   /* of each new mapping, NULL: no change */
	struct change_pages now;     /* of the mapping that is being walked */
	struct frames_moved *frames; /* NULL: not to be told */
	size_t near;                 /* of an old mapping: the new one that its last match was */
};

static bool in_ram(enum page_state s)
{
	return s == PAGE_ANON || s == PAGE_FILE || s == PAGE_MOVING;
}

static struct change_side side_of(const struct snapshot *s, enum page_state state, bool huge)
{
	const struct page_known *k = &snapshot_info(s)->known;

	return (struct change_side){ .state = state,
		.huge = huge,
		.huge_known = k->huge,
		.zero_known = k->zero,
		.guard_known = k->guard };
}

/* What happened to the pages of a pair, without regard to frames. */
static enum change change_of_pair(const struct making *m, const struct pair *p)
{
	struct change_side was = side_of(m->old, p->was, p->was_huge);
	struct change_side is = side_of(m->new, p->is, p->is_huge);
	const struct vma *v = p->new != PAIR_NONE ? snapshot_vma(m->new, p->new)
						  : snapshot_vma(m->old, p->old);

	return change_of(&was, &is, vma_cow_possible(v));
}

/* Of one that is new or gone as a whole, or in part. */
static void add_counts(struct change_pages *row, enum change change, enum page_state was,
	enum page_state is, uint64_t pages)
{
	if (change == CHANGE_NONE) {
		row->r.unknown += was != is ? pages : 0;
		return;
	}
	row->r.n.of[change] += pages;
	row->r.rss += (in_ram(is) - in_ram(was)) * (int64_t)pages;
	row->r.swap += ((is == PAGE_SWAP) - (was == PAGE_SWAP)) * (int64_t)pages;
}

static void add_span(struct change_pages *row, uint64_t first, uint64_t pages, enum change change)
{
	struct change_span *last = row->n ? &row->span[row->n - 1] : NULL;

	if (last && last->end == first && last->change == change) {
		last->end = first + pages;
		return;
	}
	row->span = mem_grow(row->span, row->n, &row->cap, sizeof(*row->span));
	row->span[row->n].first = first;
	row->span[row->n].end = first + pages;
	row->span[row->n++].change = (uint8_t)change;
}

/* Pages of the mapping that is being walked, once it is known what happened to them. */
static void take(void *ctx, const struct pair *p, enum change change)
{
	struct making *m = ctx;

	add_counts(&m->now, change, p->was, p->is, p->pages);
	if (change != CHANGE_NONE && m->o->keep_pages)
		add_span(&m->now, p->new_first, p->pages, change);
}

static bool is_cancelled(const struct making *m)
{
	return m->o->cancel && atomic_load_explicit(m->o->cancel, memory_order_relaxed);
}

static void take_new(void *ctx, const struct pair *p)
{
	struct making *m = ctx;
	enum change change;

	/* A mapping may have millions of runs. */
	if (is_cancelled(m))
		return;
	change = change_of_pair(m, p);
	if (p->old == PAIR_NONE && !snapshot_info(m->old)->complete) {
		/* It may be missing from a file that was cut. */
		m->now.r.unknown += p->pages;
		return;
	}
	if (p->old == PAIR_NONE)
		m->now.r.gained += p->pages;
	if (m->frames)
		frames_moved_add(m->frames, p, change);
	else
		take(m, p, change);
}

static void match(void *ctx, size_t old, size_t new)
{
	struct making *m = ctx;
	const struct vma *was = snapshot_vma(m->old, old), *is = snapshot_vma(m->new, new);
	struct ancestry *a = &m->ancestry[new];
	struct heirs *h = &m->heirs[old];

	if (!h->n++)
		h->first = (uint32_t)new;
	h->bytes += (was->end < is->end ? was->end : is->end) -
		(was->start > is->start ? was->start : is->start);
	if (!a->n++)
		a->first = (uint32_t)old;
	if (a->n == 1 || (!a->perms && was->perms != is->perms))
		a->was_perms = was->perms;
	a->perms |= was->perms != is->perms;
}

/* The row of a new mapping, made if there is none. */
static struct change_pages *row_of(struct making *m, size_t j)
{
	if (!m->row[j]) {
		m->row[j] = mem_zero(1, sizeof(*m->row[j]));
		m->row[j]->r.vma = m->row[j]->r.place = j;
	}
	return m->row[j];
}

static int walk_new(struct making *m, struct err *e)
{
	struct pairs_visitor v = { take_new, match, m, m->frames != NULL };
	size_t j, at = 0;

	for (j = 0; j < snapshot_vmas(m->new); j++) {
		if (is_cancelled(m)) {
			err_set(e, "given up");
			e->code = ECANCELED;
			return -1;
		}
		pairs_of_new(m->old, m->new, j, &at, &v);
		if (m->frames && frames_moved_flush(m->frames, e) < 0)
			return -1;
		if (!change_counts_total(&m->now.r.n) && !m->now.r.gained) {
			m->c->sums.unknown += m->now.r.unknown;
			m->now.r.unknown = 0; /* nothing else was counted */
			continue;
		}
		/* The spans go with it: the next mapping has others. */
		*row_of(m, j) = m->now;
		m->row[j]->r.vma = m->row[j]->r.place = j;
		m->now = (struct change_pages){ 0 };
	}
	return 0;
}

static void match_old(void *ctx, size_t old, size_t new)
{
	struct making *m = ctx;

	(void)old;
	m->near = new;
}

static void take_old(void *ctx, const struct pair *p)
{
	struct making *m = ctx;
	struct change_pages *row = &m->now;

	if (!snapshot_info(m->new)->complete) {
		m->c->sums.unknown += p->pages;
		return;
	}
	/* What a mapping has lost counts with the piece before it, or behind it. */
	if (m->heirs[p->old].n)
		row = row_of(m, m->near != PAIR_NONE ? m->near : m->heirs[p->old].first);
	row->r.lost += p->pages;
	add_counts(row, change_of_pair(m, p), p->was, p->is, p->pages);
}

static void add_row(struct changes *c, struct change_pages *row)
{
	struct change_row *s = &c->sums;
	int i;

	c->row = mem_grow(c->row, c->n, &c->cap, sizeof(*c->row));
	c->row[c->n++] = row;
	c->mappings[row->r.what]++;
	for (i = 0; i < CHANGES; i++)
		s->n.of[i] += row->r.n.of[i];
	s->gained += row->r.gained;
	s->lost += row->r.lost;
	s->unknown += row->r.unknown;
	s->rss += row->r.rss;
	s->swap += row->r.swap;
}

/* What became of new mapping j. */
static enum vma_change change_of_vma(const struct making *m, size_t j)
{
	const struct ancestry *a = &m->ancestry[j];
	const struct change_pages *row = m->row[j];

	if (!a->n)
		return row && snapshot_info(m->old)->complete ? VMA_CHANGE_NEW : VMA_CHANGE_SAME;
	if (a->n > 1)
		return VMA_CHANGE_JOINED;
	if (m->heirs[a->first].n > 1)
		return VMA_CHANGE_SPLIT;
	if (!row || (!row->r.gained && !row->r.lost))
		return VMA_CHANGE_SAME;
	return row->r.gained >= row->r.lost ? VMA_CHANGE_GROWN : VMA_CHANGE_SHRUNK;
}

/* The mappings that are gone before new mapping j (or before the end), from *i on. */
static void add_gone(struct making *m, size_t j, size_t *i, size_t *at)
{
	const struct pairs_visitor v = { take_old, match_old, m, false };
	uint64_t upto = j < snapshot_vmas(m->new) ? snapshot_vma(m->new, j)->start : UINT64_MAX;
	struct changes *c = m->c;

	for (; *i < snapshot_vmas(m->old) && snapshot_vma(m->old, *i)->start <= upto; ++*i) {
		struct change_pages *row;

		if (m->heirs[*i].n || !snapshot_info(m->new)->complete)
			continue;
		m->now = (struct change_pages){ .r = { .vma = *i, .place = j, .what = VMA_CHANGE_GONE,
			.was_perms = snapshot_vma(m->old, *i)->perms } };
		pairs_only_old(m->old, m->new, *i, at, &v);
		row = mem_dup(&m->now, sizeof(m->now));
		c->gone = mem_grow(c->gone, c->n_gone, &c->gone_cap, sizeof(*c->gone));
		c->gone[c->n_gone++] = c->n;
		add_row(c, row);
	}
}

/* What old mappings have lost to no one. */
static void walk_old(struct making *m)
{
	const struct pairs_visitor visitor = { take_old, match_old, m, false };
	size_t i, at = 0;

	for (i = 0; i < snapshot_vmas(m->old); i++) {
		const struct vma *v = snapshot_vma(m->old, i);
		const struct heirs *h = &m->heirs[i];

		m->near = PAIR_NONE;
		if (h->bytes < v->end - v->start && (h->n || !snapshot_info(m->new)->complete))
			pairs_only_old(m->old, m->new, i, &at, &visitor);
	}
}

static void sum_up(struct change_pages *row)
{
	struct change_counts n = { { 0 } };
	size_t i;

	row->upto = row->n > CHANGES_STRIDE ? mem_alloc((row->n / CHANGES_STRIDE + 1) * sizeof(n)) : NULL;
	for (i = 0; row->upto && i < row->n; i++) {
		if (i % CHANGES_STRIDE == 0)
			row->upto[i / CHANGES_STRIDE] = n;
		n.of[row->span[i].change] += row->span[i].end - row->span[i].first;
	}
}

static void collect(struct making *m)
{
	size_t i = 0, j, at = 0;

	for (j = 0; j < snapshot_vmas(m->new); j++) {
		enum vma_change what = change_of_vma(m, j);
		const struct ancestry *a = &m->ancestry[j];
		uint8_t perms = snapshot_vma(m->new, j)->perms;
		struct change_pages *row;

		add_gone(m, j, &i, &at);
		/* A mapping that is new has a row even if it is empty: all its pages were gained. */
		if (what == VMA_CHANGE_SAME && !m->row[j] && !a->perms)
			continue;
		row = row_of(m, j);
		row->r.what = what;
		row->r.was_perms = a->n ? a->was_perms : perms;
		sum_up(row);
		add_row(m->c, row);
		m->row[j] = NULL;
	}
	add_gone(m, j, &i, &at);
}

static const char *why_no_frames(const struct making *m)
{
	const struct snapshot_info *old = snapshot_info(m->old), *new = snapshot_info(m->new);

	if (!m->o->old_entries || !m->o->old_entries->read)
		return "OLD keeps no entries";
	if (!m->o->new_entries || !m->o->new_entries->read)
		return "TARGET keeps no entries";
	if (!old->known.pfn)
		return old->pfn_withheld ? "PFNs were withheld from OLD" : "PFNs were hidden in OLD";
	if (!new->known.pfn)
		return new->pfn_withheld ? "PFNs are withheld (--no-pfn)"
					 : "PFNs are hidden (needs CAP_SYS_ADMIN)";
	return NULL;
}

static const char *why_no_huge(const struct making *m)
{
	if (!snapshot_info(m->old)->known.huge)
		return "OLD does not know them";
	return snapshot_info(m->new)->known.huge ? NULL : "TARGET does not tell (--engine=read, or before Linux 6.7)";
}

int changes_make(struct changes **out, const struct snapshot *old, const struct snapshot *new,
	const struct changes_options *o, struct err *e)
{
	size_t n_new = snapshot_vmas(new), n_old = snapshot_vmas(old), j;
	struct making m = { .old = old, .new = new, .o = o };
	int r;

	m.c = mem_zero(1, sizeof(*m.c));
	m.ancestry = mem_zero(n_new + 1, sizeof(*m.ancestry));
	m.heirs = mem_zero(n_old + 1, sizeof(*m.heirs));
	m.row = mem_zero(n_new + 1, sizeof(*m.row));
	m.c->no_frames = why_no_frames(&m);
	m.c->no_huge = why_no_huge(&m);
	m.c->in_part = !snapshot_info(old)->complete || !snapshot_info(new)->complete;
	if (!m.c->no_frames)
		m.frames = frames_moved_new(old, new, o->old_entries, o->new_entries, take, &m);
	r = walk_new(&m, e);
	if (r >= 0) {
		free(m.now.span);
		m.now = (struct change_pages){ 0 };
		walk_old(&m);
		collect(&m);
		r = m.frames && frames_moved_cut(m.frames);
	}
	for (j = 0; j < n_new; j++) {
		if (m.row[j]) /* not handed over: it failed */
			free(m.row[j]->span);
		free(m.row[j]);
	}
	free(m.now.span);
	frames_moved_free(m.frames);
	free(m.ancestry);
	free(m.heirs);
	free(m.row);
	if (r < 0)
		changes_free(m.c);
	else
		*out = m.c;
	return r;
}

void changes_free(struct changes *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->n; i++) {
		free(c->row[i]->span);
		free(c->row[i]->upto);
		free(c->row[i]);
	}
	free(c->row);
	free(c->gone);
	free(c);
}
