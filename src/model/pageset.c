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
	uint64_t asked[NEEDS_MAX];          /* of how many pages that were asked for */
	uint64_t at[NEEDS_MAX];             /* index of its first entry */
	uint64_t *entry;
	uint8_t *absent;                    /* one for each entry; NULL: not asked for */
	struct frame *frame;                /* likewise */
	int frame_error[FRAME_FILES];
	struct cgroup_name cgroup[PAGESET_CGROUPS]; /* the paths are ours */
	size_t cgroups;
	char *swap_name[SWAPS_MOST];
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

/* Of an array with an element for each page that was needed, those that were read. */
static void *keep(const void *array, size_t size, const struct needs *needs,
	const uint64_t got[NEEDS_MAX])
{
	const char *from = array;
	uint64_t all = 0;
	char *kept, *to;
	size_t i;

	if (!array)
		return NULL;
	for (i = 0; i < needs->n; i++)
		all += got[i];
	kept = to = mem_zero(all, size);
	for (i = 0; i < needs->n; i++) {
		memcpy(to, from, got[i] * size);
		to += got[i] * size;
		from += needs->range[i].pages * size;
	}
	return kept;
}

struct pageset *pageset_new(uint64_t serial, struct timespec when, const struct needs *needs,
	const uint64_t got[NEEDS_MAX], const struct pageset_content *content)
{
	struct pageset *p = mem_zero(1, sizeof(*p));
	uint64_t all = 0;
	size_t i;

	atomic_init(&p->refs, 1);
	p->serial = serial;
	p->when = when;
	p->n = needs->n;
	for (i = 0; i < needs->n; i++) {
		p->range[i] = (struct page_range){ needs->range[i].first, got[i] };
		p->asked[i] = needs->range[i].pages;
		p->at[i] = all;
		all += got[i];
	}
	p->entry = keep(content->entries, sizeof(*p->entry), needs, got);
	p->absent = keep(content->absent, sizeof(*p->absent), needs, got);
	p->frame = keep(content->frames, sizeof(*p->frame), needs, got);
	memcpy(p->frame_error, content->frame_error, sizeof(p->frame_error));
	p->cgroups = content->cgroups;
	for (i = 0; i < p->cgroups; i++) {
		const struct cgroup_name *c = &content->cgroup[i];

		p->cgroup[i].inode = c->inode;
		p->cgroup[i].path = c->path ? mem_strdup(c->path) : NULL;
	}
	for (i = 0; i < SWAPS_MOST; i++)
		if (content->swap_name[i])
			p->swap_name[i] = mem_strdup(content->swap_name[i]);
	return p;
}

struct pageset *pageset_ref(struct pageset *p)
{
	atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
	return p;
}

void pageset_unref(struct pageset *p)
{
	size_t i;

	if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (i = 0; i < p->cgroups; i++)
		free((char *)p->cgroup[i].path);
	for (i = 0; i < SWAPS_MOST; i++)
		free(p->swap_name[i]);
	free(p->entry);
	free(p->absent);
	free(p->frame);
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

/* The range that holds the page; p->n if none does. */
static size_t range_of(const struct pageset *p, uint64_t page)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (page - p->range[i].first < p->range[i].pages)
			break;
	return i;
}

/* Where the page is in the set; false if it is not. */
static bool find(const struct pageset *p, uint64_t page, uint64_t *at)
{
	size_t i = p ? range_of(p, page) : 0;

	if (!p || i == p->n)
		return false;
	*at = p->at[i] + (page - p->range[i].first);
	return true;
}

bool pageset_entry(const struct pageset *p, uint64_t page, uint64_t *entry)
{
	uint64_t at;

	if (!find(p, page, &at) || p->entry[at] == ENTRY_UNKNOWN)
		return false;
	*entry = p->entry[at];
	return true;
}

bool pageset_missing(const struct pageset *p, uint64_t page)
{
	uint64_t at;
	size_t i;

	if (!p)
		return false;
	if (find(p, page, &at))
		return p->entry[at] == ENTRY_UNKNOWN;
	for (i = 0; i < p->n; i++)
		if (page - p->range[i].first < p->asked[i])
			return true;
	return false;
}

enum absent pageset_absent(const struct pageset *p, uint64_t page)
{
	uint64_t at;

	if (!find(p, page, &at) || !p->absent)
		return ABSENT_UNKNOWN;
	return (enum absent)p->absent[at];
}

const struct frame *pageset_frame(const struct pageset *p, uint64_t page)
{
	uint64_t at;

	return find(p, page, &at) && p->frame ? &p->frame[at] : NULL;
}

int pageset_frame_error(const struct pageset *p, enum frame_file f)
{
	return p->frame_error[f];
}

const char *pageset_cgroup(const struct pageset *p, uint64_t inode, bool *looked)
{
	size_t i;

	for (i = 0; i < p->cgroups && p->cgroup[i].inode != inode; i++)
		;
	*looked = i < p->cgroups;
	return *looked ? p->cgroup[i].path : NULL;
}

const char *pageset_swap_name(const struct pageset *p, const struct frame *f)
{
	return f->swap_area && f->swap_area <= SWAPS_MOST ? p->swap_name[f->swap_area - 1] : NULL;
}

bool pageset_window(const struct pageset *p, uint64_t page, struct frame_window *w)
{
	size_t i = p ? range_of(p, page) : 0;

	*w = (struct frame_window){ 0 };
	if (!p || i == p->n)
		return false;
	w->entries = p->entry + p->at[i];
	w->frames = p->frame ? p->frame + p->at[i] : NULL;
	w->n = p->range[i].pages;
	w->at = page - p->range[i].first;
	return true;
}
