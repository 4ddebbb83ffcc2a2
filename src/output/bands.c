/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/bands.h"

#include <stdlib.h>

#include "base/mem.h"

/* Fewer rows of nothing are drawn as they are. */
#define FOLD_LEAST 3

struct parts parts_of(const struct snapshot *s, const struct query_range *range)
{
	struct parts p = { .s = s };
	size_t cap = 0, i;

	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct vma *v = snapshot_vma(s, i);
		struct part part = { .vma = i, .pages = snapshot_vma_pages(s, v), .before = p.pages };
		struct page_counts counts;

		if (range && !query_range_pages(s, v, range, &part.first, &part.pages))
			continue;
		counts = runs_count(v->runs, part.first, part.pages);
		page_counts_add(&p.counts, &counts);
		if (v->kind == VMA_SHMEM)
			p.shared_file += counts.state[PAGE_FILE];
		p.part = mem_grow(p.part, p.n, &cap, sizeof(*p.part));
		p.part[p.n++] = part;
		p.pages += part.pages;
	}
	return p;
}

void parts_free(struct parts *p)
{
	free(p->part);
	*p = (struct parts){ 0 };
}

/* The part of a place, and *page in its mapping. A band of one part counts in addresses. */
static const struct part *part_at(const struct band *b, uint64_t place, uint64_t *page)
{
	const struct part *part = &b->parts->part[b->from];
	size_t low = b->from, high = b->from + b->n;

	if (b->n == 1) {
		*page = part->first + (place - b->begin);
		return part;
	}
	place += part->before;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (b->parts->part[middle].before <= place)
			low = middle;
		else
			high = middle;
	}
	part = &b->parts->part[low];
	*page = part->first + (place - part->before);
	return part;
}

const struct vma *band_vma(const struct band *b, uint64_t place)
{
	uint64_t page;

	return snapshot_vma(b->parts->s, part_at(b, place, &page)->vma);
}

uint64_t band_address(const struct band *b, uint64_t place)
{
	uint64_t page;
	const struct part *part = part_at(b, place, &page);

	return snapshot_address_of(b->parts->s, snapshot_vma(b->parts->s, part->vma), page);
}

uint64_t band_address_end(const struct band *b, uint64_t place)
{
	return band_address(b, place - 1) + snapshot_info(b->parts->s)->page_size;
}

/* Until where the pages from `place` on are of one part. */
static uint64_t part_end(const struct part *part, uint64_t place, uint64_t page)
{
	return place + (part->first + part->pages - page);
}

struct page_counts band_counts(const struct band *b, uint64_t first, uint64_t end)
{
	struct page_counts sum = { 0 }, more;

	while (first < end) {
		uint64_t page, to;
		const struct part *part = part_at(b, first, &page);

		to = part_end(part, first, page);
		to = to < end ? to : end;
		more = runs_count(snapshot_vma(b->parts->s, part->vma)->runs, page, to - first);
		page_counts_add(&sum, &more);
		first = to;
	}
	return sum;
}

/* Until where nothing is mapped from `place` on. */
static uint64_t none_end(const struct band *b, uint64_t place)
{
	while (place < b->end) {
		uint64_t page, to;
		const struct part *part = part_at(b, place, &page);
		const struct runs *runs = snapshot_vma(b->parts->s, part->vma)->runs;
		struct run run = runs_at(runs, runs_find(runs, page));

		if (run.state != PAGE_NONE)
			break;
		to = part_end(part, place, page);
		place = run.first + run.pages < part->first + part->pages
			? place + (run.first + run.pages - page)
			: to;
		if (place < to)
			break; /* the next run is another state */
	}
	return place;
}

bool band_row(const struct band *b, struct band_row *r)
{
	unsigned shift = b->zoom + __builtin_ctz(BAND_CELLS);
	uint64_t none, rows;

	r->first = r->end ? r->end : b->begin;
	if (r->first >= b->end)
		return false;
	r->row = r->first >> shift;
	r->end = (r->row + 1) << shift < b->end ? (r->row + 1) << shift : b->end;
	r->folded = 0;
	none = none_end(b, r->first);
	if (none < r->end)
		return true;
	rows = none == b->end ? ((none - 1) >> shift) + 1 - r->row : (none >> shift) - r->row;
	if (rows < FOLD_LEAST)
		return true;
	r->folded = rows;
	r->end = (r->row + rows) << shift < b->end ? (r->row + rows) << shift : b->end;
	return true;
}

struct band band_of(const struct parts *p, size_t from, size_t n, uint64_t rows)
{
	const struct part *first = &p->part[from], *last = &p->part[from + n - 1];
	struct band b = { .parts = p, .from = from, .n = n };
	const struct vma *v = snapshot_vma(p->s, first->vma);

	if (n == 1)
		b.begin = v->start / snapshot_info(p->s)->page_size + first->first;
	b.end = b.begin + (last->before + last->pages - first->before);
	/* Page numbers have less than 64 bits: far enough out, all is in two rows. */
	for (b.zoom = 0; b.zoom < 52; b.zoom++) {
		struct band_row r = { 0 };
		uint64_t k = 0;

		while (k <= rows && band_row(&b, &r))
			k++;
		if (k <= rows)
			break;
	}
	return b;
}
