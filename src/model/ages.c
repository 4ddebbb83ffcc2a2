/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/ages.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Times in tenths of a second since the look began, from 1 on; 0: not changed since. */
#define SECOND     10
#define FORGET     (600 * SECOND)
#define FORGET_ALL (FORGET + 60 * SECOND) /* not each second anew */

/* From page `first` on to that of the next run, or to the end of the mapping. Before the first run
 * nothing has changed. */
struct stamp {
	uint64_t first;
	uint32_t when;
};

struct stamps {
	struct stamp *at;
	size_t n, cap;
	uint32_t oldest; /* of those that are not 0 */
};

struct ages {
	struct timespec began;
	uint32_t now;
	size_t n;
	uint64_t *pages;       /* of each mapping */
	struct stamps *stamps; /* of each mapping */
};

/* Pages from `first` on changed then; what came before ends there. */
static void add(struct stamps *s, const struct ages *a, uint64_t first, uint32_t when)
{
	if (when && a->now - when >= FORGET)
		when = 0;
	if (s->n && s->at[s->n - 1].first == first)
		s->n--;
	if (s->n ? s->at[s->n - 1].when == when : !when)
		return;
	s->at = mem_grow(s->at, s->n, &s->cap, sizeof(*s->at));
	s->at[s->n++] = (struct stamp){ first, when };
	if (when && (!s->oldest || when < s->oldest))
		s->oldest = when;
}

/* Index of the run that holds the page; s->n if that is before the first one. */
static size_t find(const struct stamps *s, uint64_t page)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->at[mid].first <= page)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? lo - 1 : s->n;
}

/* Add what is known of pages [from, from + pages) of another mapping, as those from `first` on. */
static void add_part(struct stamps *s, const struct ages *a, uint64_t first,
	const struct stamps *other, uint64_t from, uint64_t pages)
{
	size_t i = find(other, from);

	add(s, a, first, i < other->n ? other->at[i].when : 0);
	for (i = i < other->n ? i + 1 : 0; i < other->n; i++) {
		if (other->at[i].first >= from + pages)
			break;
		if (other->at[i].first > from)
			add(s, a, first + (other->at[i].first - from), other->at[i].when);
	}
	add(s, a, first + pages, 0);
}

/* The same stamps, but that of the spans is now. */
static struct stamps stamp_spans(const struct stamps *s, const struct ages *a, uint64_t pages,
	const struct diff_span *span, size_t n)
{
	struct stamps out = { 0 };
	uint64_t page = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (span[i].first > page)
			add_part(&out, a, page, s, page, span[i].first - page);
		add(&out, a, span[i].first, a->now);
		page = span[i].end;
	}
	if (page < pages)
		add_part(&out, a, page, s, page, pages - page);
	return out;
}

/* What is known of mapping v from those of the old snapshot that are the same one, from *at on. */
static struct stamps inherit(struct ages *a, const struct snapshot *old, struct stamps *was,
	size_t at, const struct snapshot *new, const struct vma *v)
{
	struct stamps s = { 0 };

	for (; at < snapshot_vmas(old); at++) {
		const struct vma *o = snapshot_vma(old, at);
		uint64_t from, to;

		if (o->start >= v->end)
			break;
		if (!vma_same(o, v) || !was[at].n)
			continue;
		if (o->start == v->start && o->end == v->end &&
			(!was[at].oldest || a->now - was[at].oldest < FORGET_ALL)) {
			free(s.at);
			s = was[at];
			was[at] = (struct stamps){ 0 };
			return s;
		}
		from = o->start > v->start ? o->start : v->start;
		to = o->end < v->end ? o->end : v->end;
		add_part(&s, a, snapshot_page_of(new, v, from), &was[at],
			snapshot_page_of(old, o, from),
			(to - from) / snapshot_info(new)->page_size);
	}
	return s;
}

static uint32_t tenths_since(const struct timespec *began, const struct timespec *now)
{
	double t = (double)(now->tv_sec - began->tv_sec) * SECOND +
		(double)(now->tv_nsec - began->tv_nsec) / (1e9 / SECOND);

	return t < 0 ? 0 : t > UINT32_MAX - 2 ? UINT32_MAX - 2 : (uint32_t)t;
}

static void set_mappings(struct ages *a, const struct snapshot *s)
{
	size_t i;

	a->n = snapshot_vmas(s);
	a->pages = mem_resize(a->pages, a->n ? a->n : 1, sizeof(*a->pages));
	for (i = 0; i < a->n; i++)
		a->pages[i] = snapshot_vma_pages(s, snapshot_vma(s, i));
}

struct ages *ages_new(const struct snapshot *s)
{
	struct ages *a = mem_zero(1, sizeof(*a));

	a->began = snapshot_info(s)->time;
	a->now = 1;
	set_mappings(a, s);
	a->stamps = mem_zero(a->n, sizeof(*a->stamps));
	return a;
}

static void free_stamps(struct stamps *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(s[i].at);
	free(s);
}

void ages_free(struct ages *a)
{
	if (!a)
		return;
	free_stamps(a->stamps, a->n);
	free(a->pages);
	free(a);
}

void ages_update(struct ages *a, const struct snapshot *old, const struct snapshot *new,
	const struct diff *d)
{
	struct stamps *was = a->stamps;
	size_t n = snapshot_vmas(new), i, at = 0, before = a->n;
	uint32_t now = 1 + tenths_since(&a->began, &snapshot_info(new)->time);

	/* The clock may have been set back. Two scans are never at the same time. */
	a->now = now > a->now ? now : a->now + 1;
	set_mappings(a, new);
	a->stamps = mem_zero(n, sizeof(*a->stamps));
	for (i = 0; i < n; i++) {
		const struct vma *v = snapshot_vma(new, i);
		const struct diff_span *span;
		size_t spans = diff_spans(d, i, &span);
		struct stamps s;

		while (at < before && snapshot_vma(old, at)->end <= v->start)
			at++;
		s = inherit(a, old, was, at, new, v);
		a->stamps[i] = s;
		if (!spans)
			continue;
		a->stamps[i] = stamp_spans(&s, a, a->pages[i], span, spans);
		free(s.at);
	}
	free_stamps(was, before);
}

static enum age age_of(const struct ages *a, uint32_t when)
{
	uint32_t tenths = a->now - when;

	if (!when || tenths >= FORGET)
		return AGE_OLD;
	if (!tenths)
		return AGE_NOW;
	return tenths < 10 * SECOND ? AGE_SECONDS : tenths < 60 * SECOND ? AGE_MINUTE
									 : AGE_TEN_MINUTES;
}

struct age_run ages_at(const struct ages *a, size_t i, uint64_t page)
{
	const struct stamps *s = &a->stamps[i];
	size_t k = find(s, page), next = k < s->n ? k + 1 : 0;
	struct age_run r = { .end = next < s->n ? s->at[next].first : a->pages[i] };

	if (k == s->n)
		return r;
	r.first = s->at[k].first;
	r.age = age_of(a, s->at[k].when);
	return r;
}

struct timespec ages_began(const struct ages *a)
{
	return a->began;
}

size_t ages_runs(const struct ages *a)
{
	size_t i, sum = 0;

	for (i = 0; i < a->n; i++)
		sum += a->stamps[i].n;
	return sum;
}
