/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the members of a family have in common: their entries, compared address by address. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/family.h"
#include "model/query.h"

/* --- which pages are own ------------------------------------------------------------------- */

static bool may_be_own(enum page_state s)
{
	return s == PAGE_ANON || s == PAGE_SWAP || s == PAGE_MOVING;
}

/* How far a member was looked at: a run of own pages, and the first page of it (address / page
 * size) that was not yet. */
struct cursor {
	size_t vma, run;
	uint64_t page;
	bool done; /* there is nothing more */
};

static const struct vma *vma_at(const struct family_member *m, const struct cursor *c)
{
	return snapshot_vma(m->snapshot, c->vma);
}

static uint64_t page_size_of(const struct family_member *m)
{
	return snapshot_info(m->snapshot)->page_size;
}

/* The run the cursor is at, in pages from address 0. */
static struct run run_at(const struct family_member *m, const struct cursor *c)
{
	const struct vma *v = vma_at(m, c);
	struct run run = runs_at(v->runs, c->run);

	run.first += v->start / page_size_of(m);
	return run;
}

/* Move on to the first run from here on that has own pages. */
static void seek(const struct family_member *m, struct cursor *c)
{
	for (; c->vma < snapshot_vmas(m->snapshot); c->vma++, c->run = 0) {
		const struct vma *v = vma_at(m, c);

		for (; !(v->perms & VMA_SHARED) && c->run < runs_length(v->runs); c->run++) {
			if (!may_be_own(runs_at(v->runs, c->run).state))
				continue;
			c->page = run_at(m, c).first;
			return;
		}
	}
	c->done = true;
}

/* --- what they are ------------------------------------------------------------------------- */

/* Addresses are looked at from the lowest up, in segments in which no member's mapping ends or
 * begins. The pages of a member in one are a row. */
struct row {
	size_t member;
	const struct vma *vma;
	struct family_mapping *mapping;
	uint64_t *key;   /* of each page: PFN, or swap type and slot, with the bit that tells which;
	                  * 0 where there is no own page */
	uint8_t *found;  /* of each page: its state in the snapshot, PAGE_NONE if it is not own */
	size_t like;     /* the first row of those whose mapping is the same one */
	bool child_has, child_copied; /* of one page: a child has it, or has another one */
};

struct sweep {
	struct family *f;
	const struct family_watch *w;
	struct err *e;
	struct cursor *cursor; /* by member */
	size_t *row_of;        /* by member; FAMILY_NONE if it has no row */
	struct row *row;
	size_t rows;
	uint64_t first, pages; /* of the segment */
	uint64_t chunk;        /* pages of a segment at most */
	uint64_t done, all;
	uint64_t *entry;       /* a chunk */
	uint64_t *key;         /* for the rows: a chunk each */
	uint8_t *found;
	struct holder *holder; /* room for one a row */
};

static int set_given_up(struct err *e)
{
	err_set(e, "looking at the family was given up");
	e->code = ECANCELED;
	return -1;
}

static bool go_on(struct sweep *s)
{
	if (!s->w || s->w->go_on(s->w->ctx, s->done, s->all))
		return true;
	set_given_up(s->e);
	return false;
}

#define KEY_BITS (ENTRY_PRESENT | ENTRY_SWAP | ENTRY_PFN_MASK)

/* The state of a page as it is now; one that moves is looked at twice. */
static enum page_state state_now(const struct family_member *m, const struct vma *v, uint64_t page,
	uint64_t *entry, enum page_state found)
{
	enum page_state state = query_state(m->snapshot, v, *entry, found);
	struct err ignored;

	if (state == PAGE_MOVING && m->reader.read(m->reader.ctx, page, 1, entry, &ignored) == 1)
		state = query_state(m->snapshot, v, *entry, found);
	return state;
}

/* Read pages [from, to) of the row, of which those that were found own count. */
static int read_part(struct sweep *s, struct row *r, uint64_t from, uint64_t to)
{
	struct family_member *m = &s->f->member[r->member];
	uint64_t i;
	ssize_t got;

	if (m->ended || from == to)
		return 0;
	got = m->reader.read(m->reader.ctx, from, to - from, s->entry, s->e);
	if (got < 0)
		return -1;
	m->ended = (uint64_t)got < to - from;
	for (i = 0; i < (uint64_t)got; i++) {
		uint64_t at = from - s->first + i;
		enum page_state state;

		if (r->found[at] == PAGE_NONE)
			continue;
		state = state_now(m, r->vma, from + i, &s->entry[i],
			(enum page_state)r->found[at]);
		if (state == PAGE_ANON || state == PAGE_SWAP)
			r->key[at] = s->entry[i] & KEY_BITS;
		m->moving += state == PAGE_MOVING;
	}
	return 0;
}

/* Gaps between own pages that are cheaper read than left out. */
#define GAP_MOST 64

/* Fill the row from the member's cursor, which moves behind the segment. */
static int read_row(struct sweep *s, struct row *r)
{
	const struct family_member *m = &s->f->member[r->member];
	struct cursor *c = &s->cursor[r->member];
	uint64_t end = s->first + s->pages, from = c->page, to = from;
	size_t vma = c->vma;

	memset(r->key, 0, s->pages * sizeof(*r->key));
	memset(r->found, PAGE_NONE, s->pages);
	while (!c->done && c->vma == vma && c->page < end) {
		struct run run = run_at(m, c);
		uint64_t behind = run.first + run.pages, part_end = behind < end ? behind : end;

		if (c->page - to > GAP_MOST) {
			if (read_part(s, r, from, to) < 0)
				return -1;
			from = c->page;
		}
		memset(r->found + (c->page - s->first), run.state, part_end - c->page);
		s->done += part_end - c->page;
		to = part_end;
		c->page = part_end;
		if (part_end == behind) {
			c->run++;
			seek(m, c);
		}
	}
	return read_part(s, r, from, to);
}

/* The counts of the mapping that the row is of. Rows come in order of addresses. */
static struct family_mapping *mapping_of(struct family_member *m, size_t vma)
{
	if (!m->mappings || m->mapping[m->mappings - 1].vma != vma) {
		m->mapping = mem_grow(
			m->mapping, m->mappings, &m->mappings_cap, sizeof(*m->mapping));
		m->mapping[m->mappings++] = (struct family_mapping){ .vma = vma };
	}
	return &m->mapping[m->mappings - 1];
}

/* --- comparing ----------------------------------------------------------------------------- */

struct holder {
	uint64_t key;
	struct row *row;
};

static int compare_holders(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static bool all_alike(const struct holder *h, size_t n)
{
	size_t i;

	for (i = 1; i < n && h[i].key == h[0].key; i++)
		;
	return i >= n;
}

/* Whether two pages can be compared at all. */
static bool same_kind(uint64_t a, uint64_t b)
{
	return !((a ^ b) & ENTRY_PRESENT);
}

/* What the holder's page is to that of its parent at the same address. */
static void compare_with_parent(struct sweep *s, const struct holder *h, uint64_t at)
{
	size_t parent = s->f->member[h->row->member].parent;
	struct row *p;

	if (parent == FAMILY_NONE || s->row_of[parent] == FAMILY_NONE)
		return;
	p = &s->row[s->row_of[parent]];
	if (p->like != h->row->like || !p->key[at])
		return;
	if (p->key[at] == h->key) {
		h->row->mapping->shared_parent++;
		p->child_has = true;
	} else if (same_kind(p->key[at], h->key)) {
		h->row->mapping->copied_parent++;
		p->child_copied = true;
	}
}

/* What all holders of one address are to each other. */
static void count_page(struct sweep *s, uint64_t at, struct holder *h, size_t n)
{
	uint64_t different[2] = { 0, 0 }, lost;
	struct family *f = s->f;
	size_t i, same;

	if (!all_alike(h, n))
		qsort(h, n, sizeof(*h), compare_holders);
	for (i = 0; i < n; i += same) {
		for (same = 1; i + same < n && h[i + same].key == h[i].key; same++)
			;
		different[!!(h[i].key & ENTRY_PRESENT)]++;
	}
	lost = (different[0] ? different[0] - 1 : 0) + (different[1] ? different[1] - 1 : 0);
	f->held += n;
	f->distinct += different[0] + different[1];
	f->lost += lost;
	f->mixed += different[0] && different[1];
	for (i = 0; i < n; i++)
		compare_with_parent(s, &h[i], at);
	for (i = 0; i < n; i++) {
		struct family_mapping *m = h[i].row->mapping;
		bool shared = (i && h[i - 1].key == h[i].key) ||
			(i + 1 < n && h[i + 1].key == h[i].key);

		m->own++;
		m->swap += !(h[i].key & ENTRY_PRESENT);
		m->shared += shared;
		m->private += !shared;
		m->copied += different[!!(h[i].key & ENTRY_PRESENT)] > 1;
		m->shared_children += h[i].row->child_has;
		m->copied_children += h[i].row->child_copied;
		m->lost += lost;
		h[i].row->child_has = h[i].row->child_copied = false;
	}
}

/* Compare rows [i, ...) of the same mapping. Returns false when given up. */
static bool compare_like(struct sweep *s, size_t like)
{
	size_t n, i;
	uint64_t at;

	for (at = 0; at < s->pages; at++) {
		n = 0;
		for (i = like; i < s->rows; i++)
			if (s->row[i].like == like && s->row[i].key[at])
				s->holder[n++] = (struct holder){ s->row[i].key[at], &s->row[i] };
		if (n)
			count_page(s, at, s->holder, n);
		if (at % 64 == 63 && !go_on(s))
			return false;
	}
	return true;
}

/* --- the sweep ----------------------------------------------------------------------------- */

/* Choose the next segment. Returns false if there is none. */
static bool next_segment(struct sweep *s)
{
	uint64_t first = UINT64_MAX, end;
	size_t i;

	for (i = 0; i < s->f->n; i++)
		if (!s->cursor[i].done && s->cursor[i].page < first)
			first = s->cursor[i].page;
	if (first == UINT64_MAX)
		return false;
	end = first + s->chunk;
	for (i = 0; i < s->f->n; i++) {
		const struct family_member *m = &s->f->member[i];
		uint64_t size = page_size_of(m), border;

		if (s->cursor[i].done)
			continue;
		border = vma_at(m, &s->cursor[i])->start / size;
		if (border <= first)
			border = vma_at(m, &s->cursor[i])->end / size;
		end = border < end ? border : end;
	}
	s->first = first;
	s->pages = end - first;
	return true;
}

/* Read all rows of the segment. */
static int read_rows(struct sweep *s)
{
	size_t i, k;

	s->rows = 0;
	for (i = 0; i < s->f->n; i++) {
		struct cursor *c = &s->cursor[i];
		struct row *r = &s->row[s->rows];

		s->row_of[i] = FAMILY_NONE;
		if (c->done || c->page >= s->first + s->pages)
			continue;
		*r = (struct row){
			.member = i,
			.vma = vma_at(&s->f->member[i], c),
			.mapping = mapping_of(&s->f->member[i], c->vma),
			.key = s->key + s->rows * s->chunk,
			.found = s->found + s->rows * s->chunk,
		};
		for (k = 0; k < s->rows; k++)
			if (s->row[k].like == k && vma_same(s->row[k].vma, r->vma))
				break;
		r->like = k;
		s->row_of[i] = s->rows++;
		if (read_row(s, r) < 0 || !go_on(s))
			return -1;
	}
	return 0;
}

static int sweep(struct sweep *s)
{
	size_t i;

	for (i = 0; i < s->f->n; i++)
		seek(&s->f->member[i], &s->cursor[i]);
	while (next_segment(s)) {
		if (read_rows(s) < 0)
			return -1;
		for (i = 0; i < s->rows; i++)
			if (s->row[i].like == i && !compare_like(s, i))
				return -1;
	}
	return 0;
}

/* --- around it ----------------------------------------------------------------------------- */

/* Own pages as the snapshot has them: all that is known without PFNs. */
static void count_runs(struct family_member *m)
{
	size_t i;

	for (i = 0; i < snapshot_vmas(m->snapshot); i++) {
		const struct vma *v = snapshot_vma(m->snapshot, i);
		struct page_counts c = vma_counts(v);
		struct family_mapping *map;

		if (v->perms & VMA_SHARED || !(c.state[PAGE_ANON] + c.state[PAGE_SWAP]))
			continue;
		map = mapping_of(m, i);
		map->own = c.state[PAGE_ANON] + c.state[PAGE_SWAP];
		map->swap = c.state[PAGE_SWAP];
	}
}

static void sum_up(struct family_member *m)
{
	size_t i;

	m->own = m->swap = m->private = m->shared = m->copied = 0;
	for (i = 0; i < m->mappings; i++) {
		const struct family_mapping *map = &m->mapping[i];

		m->own += map->own;
		m->swap += map->swap;
		m->private += map->private;
		m->shared += map->shared;
		m->copied += map->copied;
	}
}

/* Forget what was counted, find who is whose child. Returns how many pages may be own. */
static uint64_t prepare(struct family *f)
{
	uint64_t all = 0;
	size_t i;

	f->held = f->distinct = f->saved = f->lost = f->mixed = 0;
	f->sharing_known = true;
	for (i = 0; i < f->n; i++) {
		struct family_member *m = &f->member[i];
		const struct page_counts *c = snapshot_totals(m->snapshot);

		m->mappings = 0;
		m->moving = 0;
		m->parent = family_find(f, m->ppid);
		if (m->parent == i)
			m->parent = FAMILY_NONE;
		f->sharing_known &= snapshot_info(m->snapshot)->known.pfn;
		all += c->state[PAGE_ANON] + c->state[PAGE_SWAP] + c->state[PAGE_MOVING];
	}
	return all;
}

/* Segments get shorter where there are more members than this, so that memory is bounded. */
#define MEMBERS_FULL 128
#define CHUNK_LEAST  64

static uint64_t chunk_for(size_t members)
{
	uint64_t chunk = ENTRY_CHUNK;

	while (chunk > CHUNK_LEAST && chunk * members > ENTRY_CHUNK * MEMBERS_FULL)
		chunk /= 2;
	return chunk;
}

int family_count(struct family *f, const struct family_watch *w, struct err *e)
{
	uint64_t chunk = chunk_for(f->n), all = prepare(f);
	struct sweep s = { .f = f, .w = w, .e = e, .chunk = chunk, .all = all };
	size_t i;
	int r = 0;

	if (!family_count_objects(f, w))
		return set_given_up(e);
	if (f->sharing_known) {
		s.cursor = mem_zero(f->n, sizeof(*s.cursor));
		s.row_of = mem_zero(f->n, sizeof(*s.row_of));
		s.row = mem_zero(f->n, sizeof(*s.row));
		s.holder = mem_zero(f->n, sizeof(*s.holder));
		s.entry = mem_zero(chunk, sizeof(*s.entry));
		s.key = mem_zero(f->n * chunk, sizeof(*s.key));
		s.found = mem_zero(f->n, chunk);
		r = sweep(&s);
		free(s.cursor);
		free(s.row_of);
		free(s.row);
		free(s.holder);
		free(s.entry);
		free(s.key);
		free(s.found);
	}
	for (i = 0; i < f->n; i++) {
		if (!f->sharing_known)
			count_runs(&f->member[i]);
		sum_up(&f->member[i]);
		if (!f->sharing_known)
			f->held += f->member[i].own;
	}
	f->saved = f->sharing_known ? f->held - f->distinct : 0;
	return r;
}
