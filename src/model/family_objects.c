/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What members of a family map of files and shared memory, each object once. */
#include <stdlib.h>

#include "base/mem.h"
#include "model/checkpoint.h"
#include "model/family.h"

/* One mapping of an object. */
struct use {
	size_t member;
	const struct vma *vma;
};

struct span {
	uint64_t first, end; /* pages of the object */
};

struct spans {
	struct span *span;
	size_t n, cap;
};

static bool is_shared_memory(const struct vma *v)
{
	return v->kind == VMA_SHMEM || v->kind == VMA_HUGETLB;
}

static int compare_uses(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order = vma_compare_objects(x->vma, y->vma);

	if (order)
		return order;
	if (x->member != y->member)
		return x->member < y->member ? -1 : 1;
	return x->vma->start < y->vma->start ? -1 : 1;
}

static int compare_sizes(const void *a, const void *b)
{
	const struct family_object *x = a, *y = b;

	if (x->pages != y->pages)
		return x->pages > y->pages ? -1 : 1;
	return vma_compare_objects(x->vma, y->vma);
}

static void add_span(struct spans *to, uint64_t first, uint64_t end)
{
	if (to->n && first <= to->span[to->n - 1].end) {
		if (end > to->span[to->n - 1].end)
			to->span[to->n - 1].end = end;
		return;
	}
	to->span = mem_grow(to->span, to->n, &to->cap, sizeof(*to->span));
	to->span[to->n++] = (struct span){ first, end };
}

/* The present pages of one mapping, in order. Returns how many. */
static uint64_t spans_of(const struct family *f, const struct vma *v, struct spans *out)
{
	uint64_t offset = v->offset / family_bytes(f, 1), pages = 0;
	size_t i;

	out->n = 0;
	for (i = 0; i < runs_length(v->runs); i++) {
		struct run run = runs_at(v->runs, i);

		if (run.state != PAGE_FILE)
			continue;
		add_span(out, offset + run.first, offset + run.first + run.pages);
		pages += run.pages;
	}
	return pages;
}

/* *sum becomes the union of it and more; room is used for it. */
static void unite(struct spans *sum, const struct spans *more, struct spans *room)
{
	struct spans old = *sum;
	size_t i = 0, k = 0;

	room->n = 0;
	while (i < sum->n || k < more->n) {
		const struct span *next;

		if (k == more->n || (i < sum->n && sum->span[i].first <= more->span[k].first))
			next = &sum->span[i++];
		else
			next = &more->span[k++];
		add_span(room, next->first, next->end);
	}
	*sum = *room;
	*room = old;
}

static uint64_t pages_in(const struct spans *s)
{
	uint64_t pages = 0;
	size_t i;

	for (i = 0; i < s->n; i++)
		pages += s->span[i].end - s->span[i].first;
	return pages;
}

/* The object of use[0..n). Returns false when given up. */
static bool object_of(const struct family *f, const struct family_watch *w, const struct use *use,
	size_t n, struct spans room[3], struct family_object *out)
{
	struct family_object o = { .vma = use[0].vma };
	size_t i;

	room[0].n = 0;
	for (i = 0; i < n; i++) {
		if (w && !w->go_on(w->ctx, 0, 0))
			return false;
		o.members += !i || use[i].member != use[i - 1].member;
		o.mapped += spans_of(f, use[i].vma, &room[1]);
		unite(&room[0], &room[1], &room[2]);
	}
	o.pages = pages_in(&room[0]);
	*out = o;
	return true;
}

/* All mappings of objects, and the sums of each member. Returns how many. */
static size_t find_uses(struct family *f, struct use **use)
{
	size_t n = 0, cap = 0, i, k;

	*use = NULL;
	for (i = 0; i < f->n; i++) {
		struct family_member *m = &f->member[i];

		m->file = m->shmem = 0;
		for (k = 0; k < snapshot_vmas(m->snapshot); k++) {
			const struct vma *v = snapshot_vma(m->snapshot, k);

			if (!vma_has_object(v))
				continue;
			*(is_shared_memory(v) ? &m->shmem : &m->file) +=
				vma_counts(v).state[PAGE_FILE];
			*use = mem_grow(*use, n, &cap, sizeof(**use));
			(*use)[n++] = (struct use){ i, v };
		}
	}
	return n;
}

bool family_count_objects(struct family *f, const struct family_watch *w)
{
	struct spans room[3] = { 0 };
	struct use *use;
	size_t n = find_uses(f, &use), i, same, cap = 0;
	bool done;

	free(f->object);
	f->object = NULL;
	f->objects = 0;
	f->files = f->file_pages = f->file_mapped = 0;
	if (n)
		qsort(use, n, sizeof(*use), compare_uses);
	for (i = 0; i < n; i += same) {
		struct family_object o;

		for (same = 1; i + same < n && !vma_compare_objects(use[i].vma, use[i + same].vma);
			same++)
			;
		if (!object_of(f, w, &use[i], same, room, &o))
			break;
		if (is_shared_memory(o.vma)) {
			f->object = mem_grow(f->object, f->objects, &cap, sizeof(*f->object));
			f->object[f->objects++] = o;
		} else {
			f->files++;
			f->file_pages += o.pages;
			f->file_mapped += o.mapped;
		}
	}
	done = i == n;
	if (f->objects)
		qsort(f->object, f->objects, sizeof(*f->object), compare_sizes);
	for (i = 0; i < 3; i++)
		free(room[i].span);
	free(use);
	return done;
}
