/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool starts(const struct vma *v, const char *name)
{
	return !strncmp(v->name, name, strlen(name));
}

/* Saved whole, whatever pagemap says: the vdso because its functions are linked anew when it is
 * restored, the ring of an io_setup(2) context because the kernel writes to it unseen. */
static bool saved_whole(const struct vma *v)
{
	return (v->kind == VMA_SPECIAL && !strcmp(v->name, "[vdso]")) ||
		(v->kind == VMA_DEVICE && !strcmp(v->name, "/[aio]"));
}

enum checkpoint checkpoint_page(const struct snapshot *s, const struct vma *v,
	const struct vma_smaps *m, enum page_state state)
{
	enum checkpoint saved = m->known ? CHECKPOINT_YES : CHECKPOINT_MAYBE;

	if (saved_whole(v))
		return CHECKPOINT_YES;
	if (v->perms & VMA_SHARED || v->kind == VMA_SPECIAL || (m->known && m->droppable))
		return CHECKPOINT_NO;
	switch (state) {
	case PAGE_ANON:
		/* Zero pages may be among them. */
		return snapshot_knows(s, PAGE_ZERO) ? saved : CHECKPOINT_MAYBE;
	case PAGE_SWAP:
		return saved;
	case PAGE_MOVING:
		/* It may be a page of the file. */
		return vma_has_object(v) ? CHECKPOINT_MAYBE : saved;
	case PAGE_FILE:
		/* It can be read from the file again. */
		return vma_has_object(v) ? CHECKPOINT_NO : saved;
	case PAGE_UNKNOWN:
		return CHECKPOINT_MAYBE;
	default:
		return CHECKPOINT_NO;
	}
}

enum checkpoint checkpoint_entry(const struct snapshot *s, const struct vma *v,
	const struct vma_smaps *m, enum page_state state, uint64_t entry)
{
	enum checkpoint c = checkpoint_page(s, v, m, state);

	if (c != CHECKPOINT_MAYBE || !m->known)
		return c;
	/* A zero page is never exclusive. */
	if (state == PAGE_ANON && snapshot_info(s)->known.exclusive && entry & ENTRY_EXCLUSIVE)
		return CHECKPOINT_YES;
	if (state == PAGE_MOVING && entry & ENTRY_SWAP)
		return entry & ENTRY_FILE ? CHECKPOINT_NO : CHECKPOINT_YES;
	return c;
}

uint64_t checkpoint_pages(
	const struct snapshot *s, const struct vma *v, const struct vma_smaps *m)
{
	struct page_counts counts = vma_counts(v);
	uint64_t pages = 0;
	int state;

	for (state = 0; state < PAGE_STATES; state++) {
		enum checkpoint c = checkpoint_page(s, v, m, (enum page_state)state);

		if (counts.state[state] && c == CHECKPOINT_MAYBE)
			return CHECKPOINT_UNKNOWN;
		pages += c == CHECKPOINT_YES ? counts.state[state] : 0;
	}
	return pages;
}

struct vma_smaps *vma_smaps_carry(
	const struct vma_smaps *m, const struct snapshot *old, const struct snapshot *new)
{
	struct vma_smaps *all = mem_zero(snapshot_vmas(new), sizeof(*all));
	size_t i, k, at = 0;

	for (i = 0; i < snapshot_vmas(new); i++) {
		const struct vma *v = snapshot_vma(new, i);

		while (at < snapshot_vmas(old) && snapshot_vma(old, at)->end <= v->start)
			at++;
		for (k = at; k < snapshot_vmas(old) && snapshot_vma(old, k)->start < v->end; k++) {
			if (!m[k].known || !vma_same(snapshot_vma(old, k), v))
				continue;
			all[i] = m[k];
			all[i].swap_known = false;
			break;
		}
	}
	return all;
}

bool checkpoint_needs_smaps(const struct snapshot *s)
{
	const char *kernel = snapshot_info(s)->kernel;

	return kernel_at_least(kernel, 6, 11) || !kernel_at_least(kernel, 1, 0);
}

struct checkpoint_saving checkpoint_saving(const struct snapshot *s, uint64_t save)
{
	const struct page_counts *n = snapshot_totals(s);
	struct checkpoint_saving c = { save, CHECKPOINT_UNKNOWN, 0 };

	if (snapshot_knows(s, PAGE_SWAP))
		c.of = page_counts_rss(n) + n->state[PAGE_SWAP];
	if (save != CHECKPOINT_UNKNOWN && c.of != CHECKPOINT_UNKNOWN && save < c.of)
		c.percent = (unsigned)((double)(c.of - save) * 100 / (double)c.of);
	return c;
}

/* --- objects --- */

const char *shared_object_kind(const struct shared_object *o)
{
	const struct vma *v = o->vma;

	if (v->kind == VMA_HUGETLB)
		return "hugetlb";
	if (vma_is_sysv(v))
		return "sysv";
	if (starts(v, "/memfd:"))
		return "memfd";
	if (!*v->name || starts(v, "/dev/zero") || starts(v, "[anon_shmem:"))
		return "shared-anon";
	if (!strcmp(v->name, "/secretmem") && v->deleted && !v->dev_major)
		return "secretmem";
	return "tmpfs";
}

/* Private mappings count too: what was not copied comes from the object. */
static bool maps_shared_object(const struct vma *v)
{
	return v->inode && (v->kind == VMA_SHMEM || (v->kind == VMA_HUGETLB && vma_has_object(v)));
}

static int compare_objects(const void *a, const void *b)
{
	return vma_compare_objects(((const struct shared_object *)a)->vma,
		((const struct shared_object *)b)->vma);
}

static int compare_first_mapping(const void *a, const void *b)
{
	const struct vma *x = ((const struct shared_object *)a)->vma;
	const struct vma *y = ((const struct shared_object *)b)->vma;

	return x->start < y->start ? -1 : 1;
}

static void find_objects(struct checkpoint_set *c, const struct snapshot *s)
{
	struct shared_object *all = mem_zero(snapshot_vmas(s), sizeof(*all));
	size_t n = 0, i, k = 0;

	for (i = 0; i < snapshot_vmas(s); i++)
		if (maps_shared_object(snapshot_vma(s, i)))
			all[n++] = (struct shared_object){ snapshot_vma(s, i), 1,
				CHECKPOINT_UNKNOWN };
	qsort(all, n, sizeof(*all), compare_objects);
	for (i = 0; i < n; i++) {
		if (!k || compare_objects(&all[k - 1], &all[i])) {
			all[k++] = all[i];
			continue;
		}
		all[k - 1].mappings++;
		if (all[i].vma->start < all[k - 1].vma->start)
			all[k - 1].vma = all[i].vma;
	}
	qsort(all, k, sizeof(*all), compare_first_mapping);
	c->object = all;
	c->objects = k;
}

/* --- refusals --- */

static const struct {
	const char *name, *meaning;
} reasons[] = {
#define X(id, text, what) [REFUSES_##id] = { text, what },
	REFUSAL_LIST(X)
#undef X
};

const char *refusal_name(enum refusal_reason r)
{
	return reasons[r].name;
}

const char *refusal_meaning(enum refusal_reason r)
{
	return reasons[r].meaning;
}

void checkpoint_refuse(struct checkpoint_set *c, struct refusal r)
{
	c->refusal = mem_grow(c->refusal, c->refusals, &c->refusals_cap, sizeof(*c->refusal));
	c->refusal[c->refusals++] = r;
}

/* CRIU leaves out [vvar] and [uprobes], and takes shared mappings of files for what they are. */
static bool io_is_fine(const struct vma *v)
{
	return v->kind == VMA_SPECIAL || (v->kind == VMA_FILE && v->perms & VMA_SHARED);
}

static void find_io(struct checkpoint_set *c, const struct snapshot *s)
{
	size_t i;

	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct vma *v = snapshot_vma(s, i);
		bool may_be = !c->vma[i].known && vma_is_opaque(v);

		if (!io_is_fine(v) && ((c->vma[i].known && c->vma[i].io) || may_be))
			checkpoint_refuse(c, (struct refusal){ .reason = REFUSES_IO,
				.certain = !may_be, .vma = v, .address = v->start,
				.pages = snapshot_vma_pages(s, v), .fd = -1 });
	}
}

/* What a marker's offset says (include/linux/swapops.h, PTE_MARKER_POISONED). */
#define MARKER_POISONED 2

/* Count the poison markers of a run of markers into r. */
static void poison_in_run(const struct snapshot *s, const struct entry_reader *reader,
	const struct run *run, struct refusal *r)
{
	unsigned marker = snapshot_info(s)->swap.marker_type;
	uint64_t size = snapshot_info(s)->page_size, entry[512], done = 0;
	struct err ignored;
	ssize_t got, i;

	while (done < run->pages) {
		uint64_t n = run->pages - done < 512 ? run->pages - done : 512;

		got = reader->read(reader->ctx, r->vma->start / size + run->first + done, n, entry,
			&ignored);
		for (i = 0; i < got; i++) {
			/* A file may lack it: then nobody can say. */
			if (entry[i] == ENTRY_UNKNOWN)
				r->certain = false;
			else if (entry[i] & ENTRY_PRESENT || !(entry[i] & ENTRY_SWAP) ||
				entry_swap_type(entry[i]) != marker ||
				!(entry_swap_offset(entry[i]) & MARKER_POISONED))
				continue;
			if (!r->pages++)
				r->address = r->vma->start +
					(run->first + done + (uint64_t)i) * size;
		}
		if (got < (ssize_t)n)
			return;
		done += n;
	}
}

void checkpoint_find_poison(
	struct checkpoint_set *c, const struct snapshot *s, const struct entry_reader *reader)
{
	size_t i, k;

	if (!snapshot_info(s)->known.pfn || (!reader && snapshot_totals(s)->state[PAGE_MARKER])) {
		/* What a marker is for is hidden. Where all that looks like swap is proved to be
		 * swap, there is none. */
		if (!snapshot_info(s)->known.swap_kind || snapshot_info(s)->known.pfn)
			checkpoint_refuse(c,
				(struct refusal){ .reason = REFUSES_POISON, .fd = -1 });
		return;
	}
	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct vma *v = snapshot_vma(s, i);
		struct refusal r = {
			.reason = REFUSES_POISON, .certain = true, .vma = v, .fd = -1
		};

		for (k = 0; k < runs_length(v->runs); k++) {
			struct run run = runs_at(v->runs, k);

			if (run.state == PAGE_MARKER)
				poison_in_run(s, reader, &run, &r);
		}
		/* Poison in hugetlb mappings does not show in their entries. */
		if (!r.pages && v->kind == VMA_HUGETLB && vma_counts(v).state[PAGE_UNKNOWN])
			r = (struct refusal){ .reason = REFUSES_POISON, .vma = v, .fd = -1,
				.address = v->start, .pages = vma_counts(v).state[PAGE_UNKNOWN] };
		if (r.pages)
			checkpoint_refuse(c, r);
	}
}

void checkpoint_set_init(struct checkpoint_set *c, const struct snapshot *s, struct vma_smaps *vma)
{
	size_t i, n = snapshot_vmas(s);

	*c = (struct checkpoint_set){ .vma = vma, .pages = mem_zero(n, sizeof(*c->pages)) };
	for (i = 0; i < n; i++) {
		c->pages[i] = checkpoint_pages(s, snapshot_vma(s, i), &vma[i]);
		if (c->pages[i] == CHECKPOINT_UNKNOWN)
			c->total = CHECKPOINT_UNKNOWN;
		else if (c->total != CHECKPOINT_UNKNOWN)
			c->total += c->pages[i];
	}
	find_objects(c, s);
	find_io(c, s);
}

void checkpoint_set_free(struct checkpoint_set *c)
{
	free(c->vma);
	free(c->pages);
	free(c->object);
	free(c->refusal);
	*c = (struct checkpoint_set){ 0 };
}
