/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/diff.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/pairs.h"

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

static void add_pair(void *ctx, const struct pair *p)
{
	if (p->was != p->is && p->was != PAGE_UNKNOWN && p->is != PAGE_UNKNOWN)
		add_span(ctx, p->new_first, p->pages);
}

struct diff *diff_new(const struct snapshot *old, const struct snapshot *new)
{
	size_t n = snapshot_vmas(new), i, at = 0;
	struct diff *d = mem_zero(1, sizeof(*d) + n * sizeof(d->vma[0]));
	struct pairs_visitor v = { .pages = add_pair };

	d->n = n;
	for (i = 0; i < n; i++) {
		v.ctx = &d->vma[i];
		pairs_of_new(old, new, i, &at, &v);
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
