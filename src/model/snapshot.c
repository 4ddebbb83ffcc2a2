/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Names live in blocks that never move. Mappings of one file follow each other, so comparing with
 * the name before saves nearly all copies. */
struct name_block {
	struct name_block *next;
	char text[];
};

struct snapshot {
	atomic_uint refs;
	struct snapshot_info info;
	struct vma *vma;
	size_t n, cap;
	struct page_counts totals;
	uint64_t cow;
	struct name_block *names;
	size_t name_bytes;
};

struct snapshot_builder {
	struct snapshot s;
};

const char *engine_name(enum engine e)
{
	return e == ENGINE_SCAN ? "scan" : "read";
}

static const char *keep_bytes(struct snapshot *s, const char *text, size_t n)
{
	struct name_block *b = mem_alloc(sizeof(*b) + n + 1);

	if (n)
		memcpy(b->text, text, n);
	b->text[n] = '\0';
	b->next = s->names;
	s->names = b;
	s->name_bytes += sizeof(*b) + n + 1;
	return b->text;
}

static const char *keep(struct snapshot *s, const char *text)
{
	return text && *text ? keep_bytes(s, text, strlen(text)) : "";
}

struct snapshot_builder *snapshot_builder_new(const struct snapshot_info *info)
{
	struct snapshot_builder *b = mem_zero(1, sizeof(*b));
	struct snapshot *s = &b->s;

	s->info = *info;
	s->info.comm = keep(s, info->comm);
	s->info.cmdline = keep_bytes(s, info->cmdline, info->cmdline_len);
	s->info.cgroup = keep(s, info->cgroup);
	s->info.host = keep(s, info->host);
	s->info.kernel = keep(s, info->kernel);
	s->info.boot_id = keep(s, info->boot_id);
	s->info.note = keep(s, info->note);
	atomic_init(&s->refs, 1);
	return b;
}

struct snapshot_info *snapshot_builder_info(struct snapshot_builder *b)
{
	return &b->s.info;
}

void snapshot_builder_expect(struct snapshot_builder *b, size_t n)
{
	b->s.vma = mem_resize(b->s.vma, n, sizeof(*b->s.vma));
	b->s.cap = n;
}

void snapshot_builder_add(struct snapshot_builder *b, const struct vma *v, struct runs *runs)
{
	struct snapshot *s = &b->s;
	struct page_counts counts = runs_total(runs);
	struct vma *new;

	s->vma = mem_grow(s->vma, s->n, &s->cap, sizeof(*s->vma));
	new = &s->vma[s->n];
	*new = *v;
	if (s->n && !strcmp(new[-1].name, v->name))
		new->name = new[-1].name;
	else
		new->name = keep(s, v->name);
	new->runs = runs;
	page_counts_add(&s->totals, &counts);
	if (vma_cow_possible(new))
		s->cow += counts.state[PAGE_ANON];
	s->n++;
}

struct snapshot *snapshot_builder_finish(struct snapshot_builder *b)
{
	struct snapshot *s = mem_dup(&b->s, sizeof(b->s));

	if (s->n < s->cap)
		s->vma = mem_resize(s->vma, s->n, sizeof(*s->vma));
	free(b);
	return s;
}

static void release(struct snapshot *s)
{
	struct name_block *b, *next;
	size_t i;

	for (i = 0; i < s->n; i++)
		runs_unref(s->vma[i].runs);
	for (b = s->names; b; b = next) {
		next = b->next;
		free(b);
	}
	free(s->vma);
}

void snapshot_builder_abandon(struct snapshot_builder *b)
{
	if (!b)
		return;
	release(&b->s);
	free(b);
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
	atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

void snapshot_unref(struct snapshot *s)
{
	if (s && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1) {
		release(s);
		free(s);
	}
}

const struct snapshot_info *snapshot_info(const struct snapshot *s)
{
	return &s->info;
}

size_t snapshot_vmas(const struct snapshot *s)
{
	return s->n;
}

const struct vma *snapshot_vma(const struct snapshot *s, size_t i)
{
	return &s->vma[i];
}

size_t snapshot_find(const struct snapshot *s, uint64_t address)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->vma[mid].end <= address)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool snapshot_holds(const struct snapshot *s, size_t i, uint64_t address)
{
	return i < s->n && s->vma[i].start <= address && address < s->vma[i].end;
}

const struct page_counts *snapshot_totals(const struct snapshot *s)
{
	return &s->totals;
}

uint64_t snapshot_pages(const struct snapshot *s)
{
	return page_counts_total(&s->totals);
}

uint64_t snapshot_cow(const struct snapshot *s)
{
	return s->cow;
}

size_t snapshot_bytes(const struct snapshot *s, const struct snapshot *prev)
{
	size_t sum = sizeof(*s) + s->n * sizeof(*s->vma) + s->name_bytes, i, k = 0;

	for (i = 0; i < s->n; i++) {
		/* What is shared is so by mappings that overlap. */
		while (prev && k < prev->n && prev->vma[k].end <= s->vma[i].start)
			k++;
		if (!prev || k == prev->n || prev->vma[k].runs != s->vma[i].runs)
			sum += runs_bytes(s->vma[i].runs);
	}
	return sum;
}

uint64_t snapshot_vma_pages(const struct snapshot *s, const struct vma *v)
{
	return (v->end - v->start) / s->info.page_size;
}

uint64_t snapshot_page_of(const struct snapshot *s, const struct vma *v, uint64_t address)
{
	return (address - v->start) / s->info.page_size;
}

uint64_t snapshot_address_of(const struct snapshot *s, const struct vma *v, uint64_t page)
{
	return v->start + page * s->info.page_size;
}

bool snapshot_knows(const struct snapshot *s, enum page_state state)
{
	const struct page_known *k = &s->info.known;

	switch (state) {
	case PAGE_ZERO:
		return k->zero;
	case PAGE_GUARD:
		return k->guard;
	case PAGE_SWAP:
	case PAGE_MOVING:
	case PAGE_MARKER:
		return k->swap_kind;
	default:
		return true;
	}
}
