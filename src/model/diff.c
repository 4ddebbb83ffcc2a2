/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/diff.h"

#include <stdlib.h>

#include "base/mem.h"

struct vma_changes {
	struct diff_span *span;
	size_t n, cap;
	uint64_t pages;
};

struct diff {
	size_t n;
	uint64_t total;
	struct vma_changes vma[];
};

static void add_span(struct vma_changes *c, uint64_t first, uint64_t pages)
{
	c->pages += pages;
	if (c->n && c->span[c->n - 1].end == first) {
		c->span[c->n - 1].end += pages;
		return;
	}
	c->span = mem_grow(c->span, c->n, &c->cap, sizeof(*c->span));
	c->span[c->n++] = (struct diff_span){ first, first + pages };
}

/* Pages [first, first + pages) had no counterpart: those that hold something are changed. */
static void compare_with_nothing(struct vma_changes *c, const struct runs *new, uint64_t first,
	uint64_t pages)
{
	size_t i;

	if (!pages)
		return;
	for (i = runs_find(new, first); pages; i++) {
		struct run run = runs_at(new, i);
		uint64_t part = run.first + run.pages - first;

		part = part < pages ? part : pages;
		if (run.state != PAGE_NONE && run.state != PAGE_UNKNOWN)
			add_span(c, first, part);
		first += part;
		pages -= part;
	}
}

static bool differ(enum page_state a, enum page_state b)
{
	return a != b && a != PAGE_UNKNOWN && b != PAGE_UNKNOWN;
}

static void compare(struct vma_changes *c, const struct runs *old, uint64_t old_first,
	const struct runs *new, uint64_t first, uint64_t pages)
{
	size_t i = runs_find(old, old_first), j = runs_find(new, first);

	while (pages) {
		struct run a = runs_at(old, i), b = runs_at(new, j);
		uint64_t left_a = a.first + a.pages - old_first;
		uint64_t left_b = b.first + b.pages - first;
		uint64_t part = left_a < left_b ? left_a : left_b;

		part = part < pages ? part : pages;
		if (differ(a.state, b.state))
			add_span(c, first, part);
		if (part == left_a)
			i++;
		if (part == left_b)
			j++;
		old_first += part;
		first += part;
		pages -= part;
	}
}

/* Compare mapping v of new with all mappings of old that are the same one, from index *at on. */
static void compare_vma(struct vma_changes *c, const struct snapshot *old, size_t at,
	const struct snapshot *new, const struct vma *v)
{
	uint64_t done = v->start;

	for (; at < snapshot_vmas(old); at++) {
		const struct vma *o = snapshot_vma(old, at);
		uint64_t from, to;

		if (o->start >= v->end)
			break;
		if (!vma_same(o, v))
			continue;
		if (o->runs == v->runs && o->start == v->start)
			return;
		from = o->start > v->start ? o->start : v->start;
		to = o->end < v->end ? o->end : v->end;
		compare_with_nothing(c, v->runs, snapshot_page_of(new, v, done),
			(from - done) / snapshot_info(new)->page_size);
		compare(c, o->runs, snapshot_page_of(old, o, from), v->runs,
			snapshot_page_of(new, v, from),
			(to - from) / snapshot_info(new)->page_size);
		done = to;
	}
	compare_with_nothing(c, v->runs, snapshot_page_of(new, v, done),
		(v->end - done) / snapshot_info(new)->page_size);
}

struct diff *diff_new(const struct snapshot *old, const struct snapshot *new)
{
	size_t n = snapshot_vmas(new), i, at = 0;
	struct diff *d = mem_zero(1, sizeof(*d) + n * sizeof(d->vma[0]));

	d->n = n;
	for (i = 0; i < n; i++) {
		const struct vma *v = snapshot_vma(new, i);

		while (at < snapshot_vmas(old) && snapshot_vma(old, at)->end <= v->start)
			at++;
		compare_vma(&d->vma[i], old, at, new, v);
		d->total += d->vma[i].pages;
	}
	return d;
}

void diff_free(struct diff *d)
{
	size_t i;

	if (!d)
		return;
	for (i = 0; i < d->n; i++)
		free(d->vma[i].span);
	free(d);
}

uint64_t diff_pages(const struct diff *d, size_t i)
{
	return d ? d->vma[i].pages : 0;
}

bool diff_changed(const struct diff *d, size_t i, uint64_t first, uint64_t pages)
{
	const struct vma_changes *c;
	size_t lo = 0, hi;

	if (!d || !d->vma[i].n || !pages)
		return false;
	c = &d->vma[i];
	hi = c->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->span[mid].end <= first)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < c->n && c->span[lo].first < first + pages;
}

size_t diff_spans(const struct diff *d, size_t i, const struct diff_span **span)
{
	*span = d ? d->vma[i].span : NULL;
	return d ? d->vma[i].n : 0;
}

uint64_t diff_total(const struct diff *d)
{
	return d ? d->total : 0;
}
