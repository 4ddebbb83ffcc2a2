/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/pairs.h"

/* Pages [first, first + pages) of mapping k of one snapshot have no counterpart. */
static void tell_alone(const struct snapshot *s, size_t k, bool is_new, uint64_t first,
	uint64_t pages, const struct pairs_visitor *v)
{
	const struct runs *runs = snapshot_vma(s, k)->runs;
	size_t i;

	if (!pages)
		return;
	for (i = runs_find(runs, first); pages; i++) {
		struct run run = runs_at(runs, i);
		uint64_t part = run.first + run.pages - first;
		struct pair p = { .old = PAIR_NONE, .new = PAIR_NONE };

		p.pages = part < pages ? part : pages;
		*(is_new ? &p.new : &p.old) = k;
		*(is_new ? &p.new_first : &p.old_first) = first;
		*(is_new ? &p.is : &p.was) = run.state;
		*(is_new ? &p.is_huge : &p.was_huge) = run.huge;
		v->pages(v->ctx, &p);
		first += p.pages;
		pages -= p.pages;
	}
}

/* p: the first page of each side, and how many. */
static void tell_both(const struct runs *old, const struct runs *new, struct pair p,
	const struct pairs_visitor *v)
{
	size_t i = runs_find(old, p.old_first), j = runs_find(new, p.new_first);
	uint64_t pages = p.pages;

	while (pages) {
		struct run a = runs_at(old, i), b = runs_at(new, j);
		uint64_t left_a = a.first + a.pages - p.old_first;
		uint64_t left_b = b.first + b.pages - p.new_first;

		p.pages = left_a < left_b ? left_a : left_b;
		p.pages = p.pages < pages ? p.pages : pages;
		p.was = a.state;
		p.was_huge = a.huge;
		p.is = b.state;
		p.is_huge = b.huge;
		v->pages(v->ctx, &p);
		if (p.pages == left_a)
			i++;
		if (p.pages == left_b)
			j++;
		p.old_first += p.pages;
		p.new_first += p.pages;
		pages -= p.pages;
	}
}

/* Mapping k of one snapshot (is_new: of new) against the other. */
static void walk(const struct snapshot *s, const struct snapshot *other, bool is_new, size_t k,
	size_t *at, const struct pairs_visitor *v)
{
	const struct vma *m = snapshot_vma(s, k);
	uint64_t size = snapshot_info(s)->page_size, done = m->start;
	size_t i;

	while (*at < snapshot_vmas(other) && snapshot_vma(other, *at)->end <= m->start)
		(*at)++;
	for (i = *at; i < snapshot_vmas(other); i++) {
		const struct vma *o = snapshot_vma(other, i);
		uint64_t from, to;

		if (o->start >= m->end)
			break;
		if (!vma_same(o, m))
			continue;
		from = o->start > m->start ? o->start : m->start;
		to = o->end < m->end ? o->end : m->end;
		tell_alone(s, k, is_new, (done - m->start) / size, (from - done) / size, v);
		if (v->match)
			v->match(v->ctx, is_new ? i : k, is_new ? k : i);
		if (is_new && (v->all || o->runs != m->runs || o->start != m->start))
			tell_both(o->runs, m->runs,
				(struct pair){ .old = i,
					.new = k,
					.old_first = (from - o->start) / size,
					.new_first = (from - m->start) / size,
					.pages = (to - from) / size },
				v);
		done = to;
	}
	tell_alone(s, k, is_new, (done - m->start) / size, (m->end - done) / size, v);
}

void pairs_of_new(const struct snapshot *old, const struct snapshot *new, size_t j, size_t *at,
	const struct pairs_visitor *v)
{
	walk(new, old, true, j, at, v);
}

void pairs_only_old(const struct snapshot *old, const struct snapshot *new, size_t i, size_t *at,
	const struct pairs_visitor *v)
{
	walk(old, new, false, i, at, v);
}
