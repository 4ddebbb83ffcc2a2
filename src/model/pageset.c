/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/pageset.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct pageset {
	atomic_uint refs;
	uint64_t serial;
	struct timespec when;
	size_t n;
	struct page_range range[NEEDS_MAX]; /* what was read */
	uint64_t at[NEEDS_MAX];             /* index of its first entry */
	uint8_t *absent;                    /* behind the entries, one for each; or NULL */
	uint64_t entry[];
};

void needs_add(struct needs *n, unsigned kinds, uint64_t first, uint64_t pages)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < n->n; i++)
		sum += n->range[i].pages;
	if (n->n == NEEDS_MAX || sum >= NEEDS_MAX_PAGES)
		return;
	if (pages > NEEDS_MAX_PAGES - sum)
		pages = NEEDS_MAX_PAGES - sum;
	n->kinds |= kinds;
	n->range[n->n++] = (struct page_range){ first, pages };
}

bool needs_equal(const struct needs *a, const struct needs *b)
{
	return a->kinds == b->kinds && a->n == b->n &&
		!memcmp(a->range, b->range, a->n * sizeof(a->range[0]));
}

struct pageset *pageset_new(uint64_t serial, struct timespec when, const struct needs *needs,
	const uint64_t got[NEEDS_MAX], const uint64_t *entries, const uint8_t *absent)
{
	uint64_t all = 0, from = 0;
	struct pageset *p;
	size_t i;

	for (i = 0; i < needs->n; i++)
		all += got[i];
	p = mem_zero(1, sizeof(*p) + all * (sizeof(uint64_t) + (absent ? 1 : 0)));
	atomic_init(&p->refs, 1);
	p->serial = serial;
	p->when = when;
	p->n = needs->n;
	p->absent = absent ? (uint8_t *)(p->entry + all) : NULL;
	all = 0;
	for (i = 0; i < needs->n; i++) {
		p->range[i] = (struct page_range){ needs->range[i].first, got[i] };
		p->at[i] = all;
		memcpy(p->entry + all, entries + from, got[i] * sizeof(uint64_t));
		if (absent)
			memcpy(p->absent + all, absent + from, got[i]);
		all += got[i];
		from += needs->range[i].pages;
	}
	return p;
}

struct pageset *pageset_ref(struct pageset *p)
{
	atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
	return p;
}

void pageset_unref(struct pageset *p)
{
	if (p && atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) == 1)
		free(p);
}

uint64_t pageset_serial(const struct pageset *p)
{
	return p->serial;
}

struct timespec pageset_time(const struct pageset *p)
{
	return p->when;
}

/* Where the page is in the set; false if it is not. */
static bool find(const struct pageset *p, uint64_t page, uint64_t *at)
{
	size_t i;

	if (!p)
		return false;
	for (i = 0; i < p->n; i++) {
		if (page - p->range[i].first < p->range[i].pages) {
			*at = p->at[i] + (page - p->range[i].first);
			return true;
		}
	}
	return false;
}

bool pageset_entry(const struct pageset *p, uint64_t page, uint64_t *entry)
{
	uint64_t at;

	if (!find(p, page, &at))
		return false;
	*entry = p->entry[at];
	return true;
}

enum absent pageset_absent(const struct pageset *p, uint64_t page)
{
	uint64_t at;

	if (!find(p, page, &at) || !p->absent)
		return ABSENT_UNKNOWN;
	return (enum absent)p->absent[at];
}
