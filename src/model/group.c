/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *group_name(enum group g)
{
	static const char *const names[GROUPS] = {
#define X(id, name) [GROUP_##id] = name,
		GROUP_LIST(X)
#undef X
	};

	return names[g];
}

static bool starts(const struct vma *v, const char *with)
{
	return !strncmp(v->name, with, strlen(with));
}

/* Names that libraries give to their memory (PR_SET_VMA_ANON_NAME, Linux 5.17): glibc 2.39, Android's
 * libc. */
static const struct {
	const char *name;
	enum group group;
} named[] = {
	{ "[anon: glibc: malloc", GROUP_HEAP },
	{ "[anon:libc_malloc]", GROUP_HEAP },
	{ "[anon:scudo:", GROUP_HEAP },
	{ "[anon: glibc: pthread stack", GROUP_STACK },
	{ "[anon:stack_and_tls:", GROUP_STACK },
};

/* Whether the mapping is of a file that has a name of its own, on tmpfs too. */
static bool is_named_file(const struct vma *v)
{
	if (v->kind == VMA_FILE)
		return true;
	return v->kind == VMA_SHMEM && v->inode && v->name[0] == '/' && !starts(v, "/memfd:") &&
		!starts(v, "/SYSV") && !starts(v, "/secretmem") && strcmp(v->name, "/dev/zero") != 0;
}

static int compare_files(const void *a, const void *b)
{
	return vma_compare_objects(*(const struct vma *const *)a, *(const struct vma *const *)b);
}

/* Executable mappings of files, sorted by file. */
struct programs {
	const struct vma **vma;
	size_t n;
};

static struct programs find_programs(const struct snapshot *s)
{
	struct programs p = { mem_zero(snapshot_vmas(s) + 1, sizeof(*p.vma)), 0 };
	size_t i;

	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct vma *v = snapshot_vma(s, i);

		if (v->perms & VMA_EXEC && is_named_file(v))
			p.vma[p.n++] = v;
	}
	qsort(p.vma, p.n, sizeof(*p.vma), compare_files);
	return p;
}

static bool is_empty(const struct vma *v)
{
	struct page_counts c = vma_counts(v);

	return c.state[PAGE_NONE] == page_counts_total(&c);
}

static enum group group_of(const struct vma *v, const struct programs *p)
{
	size_t i;

	for (i = 0; v->kind == VMA_ANON && i < sizeof(named) / sizeof(*named); i++)
		if (starts(v, named[i].name))
			return named[i].group;
	switch (v->kind) {
	case VMA_HUGETLB:
		return GROUP_HUGETLB;
	case VMA_SPECIAL:
		return GROUP_SPECIAL;
	case VMA_DEVICE:
		return GROUP_DEVICE;
	case VMA_HEAP:
		return GROUP_HEAP;
	case VMA_STACK:
		return GROUP_STACK;
	case VMA_ANON:
		return is_empty(v) ? GROUP_RESERVED : GROUP_ANON;
	}
	if (is_named_file(v) && bsearch(&v, p->vma, p->n, sizeof(*p->vma), compare_files))
		return GROUP_LIBRARY;
	return v->kind == VMA_SHMEM ? GROUP_SHMEM : GROUP_FILE;
}

uint8_t *groups_of(const struct snapshot *s)
{
	uint8_t *of = mem_zero(snapshot_vmas(s) + 1, sizeof(*of));
	struct programs p = find_programs(s);
	size_t i;

	for (i = 0; i < snapshot_vmas(s); i++)
		of[i] = (uint8_t)group_of(snapshot_vma(s, i), &p);
	free(p.vma);
	return of;
}

void groups_sum(const struct snapshot *s, const uint8_t *of, struct group_sum sum[GROUPS])
{
	uint64_t most[GROUPS] = { 0 };
	size_t i;

	memset(sum, 0, GROUPS * sizeof(*sum));
	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct vma *v = snapshot_vma(s, i);
		struct page_counts c = vma_counts(v);
		struct group_sum *g = &sum[of[i]];

		if (!g->mappings++ || page_counts_rss(&c) > most[of[i]]) {
			g->largest = i;
			most[of[i]] = page_counts_rss(&c);
		}
		g->pages += snapshot_vma_pages(s, v);
		page_counts_add(&g->counts, &c);
	}
}

/* --- objects mapped several times --- */

/* A run of pages of an object that are in RAM, as one mapping has them. */
struct extent {
	const struct vma *vma;
	uint64_t first, end; /* pages of the object */
};

struct extents {
	struct extent *at;
	size_t n, cap;
};

static int compare_extents(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;
	int by_file = vma_compare_objects(x->vma, y->vma);

	if (by_file)
		return by_file;
	return x->first < y->first ? -1 : x->first > y->first;
}

static void add_extents(struct extents *e, const struct snapshot *s, const struct vma *v)
{
	uint64_t offset = v->offset / snapshot_info(s)->page_size;
	size_t i;

	for (i = 0; i < runs_length(v->runs); i++) {
		struct run r = runs_at(v->runs, i);

		if (r.state != PAGE_FILE)
			continue;
		e->at = mem_grow(e->at, e->n, &e->cap, sizeof(*e->at));
		e->at[e->n++] = (struct extent){ v, offset + r.first, offset + r.first + r.pages };
	}
}

/* Count the extents of one object, from i on, into o. Returns the first one behind. */
static size_t count_object(const struct extents *e, size_t i, struct mapped_object *o)
{
	const struct vma *v = e->at[i].vma;
	uint64_t end = 0;

	*o = (struct mapped_object){ .vma = v };
	for (; i < e->n && !vma_compare_objects(v, e->at[i].vma); i++) {
		const struct extent *x = &e->at[i];

		o->entries += x->end - x->first;
		if (x->end > end) {
			o->distinct += x->end - (x->first > end ? x->first : end);
			end = x->end;
		}
	}
	return i;
}

/* A mapping of an object, and its number. */
struct numbered {
	const struct vma *vma;
	size_t index;
};

static int compare_numbered(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;
	int by_file = vma_compare_objects(x->vma, y->vma);

	return by_file ? by_file : (x->index > y->index) - (x->index < y->index);
}

/* Which mapping of the object is the first, and how many there are, given all mappings of objects in
 * order; from i on, as no object before has any behind. Returns where to go on. */
static size_t count_mappings(
	const struct numbered *m, size_t n, size_t i, struct mapped_object *o)
{
	size_t first;

	while (i < n && vma_compare_objects(m[i].vma, o->vma) < 0)
		i++;
	for (first = i; i < n && !vma_compare_objects(m[i].vma, o->vma); i++)
		;
	o->mappings = i - first;
	o->index = m[first].index;
	o->vma = m[first].vma;
	return i;
}

static int compare_repeats(const void *a, const void *b)
{
	const struct mapped_object *x = a, *y = b;
	uint64_t p = x->entries - x->distinct, q = y->entries - y->distinct;

	if (p != q)
		return p > q ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

size_t objects_mapped_again(const struct snapshot *s, struct mapped_object **out)
{
	struct numbered *m = mem_zero(snapshot_vmas(s) + 1, sizeof(*m));
	size_t i, mappings = 0, at = 0, n = 0, cap = 0;
	struct mapped_object o;
	struct extents e = { 0 };

	*out = NULL;
	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct vma *v = snapshot_vma(s, i);

		if (!vma_has_object(v))
			continue;
		m[mappings++] = (struct numbered){ v, i };
		add_extents(&e, s, v);
	}
	qsort(m, mappings, sizeof(*m), compare_numbered);
	if (e.n)
		qsort(e.at, e.n, sizeof(*e.at), compare_extents);
	for (i = 0; i < e.n;) {
		i = count_object(&e, i, &o);
		if (o.entries == o.distinct)
			continue;
		at = count_mappings(m, mappings, at, &o);
		*out = mem_grow(*out, n, &cap, sizeof(**out));
		(*out)[n++] = o;
	}
	free(e.at);
	free(m);
	if (n)
		qsort(*out, n, sizeof(**out), compare_repeats);
	return n;
}
