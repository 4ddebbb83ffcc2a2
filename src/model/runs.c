/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/runs.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A run: 48 bits of its first page, and a byte for `huge` and the state. Its length is the distance
 * to the next one. Packed, because a mapping can have a run for each page. */
struct packed_run {
	uint32_t low;
	uint16_t high;
	uint8_t kind;
} __attribute__((packed));

struct runs {
	atomic_uint refs;
	size_t n;
	uint64_t pages;
	struct page_counts *before; /* [i]: sums of all runs before run i * RUNS_STRIDE */
	struct packed_run run[];
};

#define HUGE_FLAG 0x80

static uint64_t first_of(const struct packed_run *run)
{
	return (uint64_t)run->high << 32 | run->low;
}

struct runs *runs_ref(struct runs *r)
{
	atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
	return r;
}

void runs_unref(struct runs *r)
{
	if (r && atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) == 1) {
		free(r->before);
		free(r);
	}
}

size_t runs_length(const struct runs *r)
{
	return r->n;
}

uint64_t runs_pages(const struct runs *r)
{
	return r->pages;
}

struct run runs_at(const struct runs *r, size_t i)
{
	uint64_t first = first_of(&r->run[i]);
	uint64_t next = i + 1 < r->n ? first_of(&r->run[i + 1]) : r->pages;

	return (struct run){
		.first = first,
		.pages = next - first,
		.state = (enum page_state)(r->run[i].kind & ~HUGE_FLAG),
		.huge = r->run[i].kind & HUGE_FLAG,
	};
}

size_t runs_find(const struct runs *r, uint64_t page)
{
	size_t lo = 0, hi = r->n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (first_of(&r->run[mid]) <= page)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static void add_run(struct page_counts *c, const struct run *run, uint64_t pages)
{
	c->state[run->state] += pages;
	if (run->huge)
		c->huge += pages;
}

/* Counts of all pages before `page`. */
static struct page_counts count_before(const struct runs *r, uint64_t page)
{
	struct page_counts c = { 0 };
	size_t i, end;

	if (!page)
		return c;
	end = runs_find(r, page - 1);
	if (r->before)
		c = r->before[end / RUNS_STRIDE];
	for (i = end / RUNS_STRIDE * RUNS_STRIDE; i <= end; i++) {
		struct run run = runs_at(r, i);

		add_run(&c, &run, i < end ? run.pages : page - run.first);
	}
	return c;
}

struct page_counts runs_count(const struct runs *r, uint64_t first, uint64_t pages)
{
	struct page_counts c = { 0 }, upto;
	size_t i;
	int s;

	if (!pages)
		return c;
	/* Most ranges asked for lie within a run or two: no need for the sums then. */
	i = runs_find(r, first);
	for (int few = 0; few < 4 && pages; few++, i++) {
		struct run run = runs_at(r, i);
		uint64_t part = run.first + run.pages - first;

		part = part < pages ? part : pages;
		add_run(&c, &run, part);
		first += part;
		pages -= part;
	}
	if (!pages)
		return c;
	upto = count_before(r, first + pages);
	page_counts_add(&c, &upto);
	upto = count_before(r, first);
	for (s = 0; s < PAGE_STATES; s++)
		c.state[s] -= upto.state[s];
	c.huge -= upto.huge;
	return c;
}

struct page_counts runs_total(const struct runs *r)
{
	return count_before(r, r->pages);
}

size_t runs_bytes(const struct runs *r)
{
	return sizeof(*r) + r->n * sizeof(*r->run) +
		(r->before ? (r->n / RUNS_STRIDE + 1) * sizeof(*r->before) : 0);
}

bool runs_equal(const struct runs *a, const struct runs *b)
{
	if (a == b)
		return true;
	return a->n == b->n && a->pages == b->pages &&
		!memcmp(a->run, b->run, a->n * sizeof(*a->run));
}

static void make_room(struct runs_builder *b)
{
	b->cap = b->cap ? b->cap * 2 : 8;
	b->runs = mem_resize(b->runs, 1, sizeof(*b->runs) + b->cap * sizeof(*b->runs->run));
}

static inline void append(struct runs_builder *b, uint64_t pages, uint8_t kind)
{
	if (!pages)
		return;
	if (!b->n || b->last != kind) {
		if (b->n == b->cap)
			make_room(b);
		b->runs->run[b->n++] = (struct packed_run){
			.low = (uint32_t)b->pages,
			.high = (uint16_t)(b->pages >> 32),
			.kind = kind,
		};
		b->last = kind;
	}
	b->pages += pages;
}

void runs_builder_add(struct runs_builder *b, uint64_t pages, enum page_state state, bool huge)
{
	append(b, pages, (uint8_t)((huge ? HUGE_FLAG : 0) | state));
}

void runs_builder_put(struct runs_builder *b, uint64_t first, uint64_t pages,
	enum page_state state, bool huge)
{
	if (first > b->pages)
		append(b, first - b->pages, PAGE_NONE);
	append(b, pages, (uint8_t)((huge ? HUGE_FLAG : 0) | state));
}

/* Say of r, whose runs are there, how many they are, and sum them up. */
static struct runs *complete(struct runs *r, const struct runs_builder *b)
{
	struct page_counts sum = { 0 };
	uint64_t first = 0, next;
	size_t i;

	atomic_init(&r->refs, 1);
	r->n = b->n;
	r->pages = b->pages;
	r->before = NULL;
	if (r->n <= RUNS_STRIDE)
		return r;
	r->before = mem_zero(r->n / RUNS_STRIDE + 1, sizeof(*r->before));
	for (i = 0; i < r->n; i++, first = next) {
		uint8_t kind = r->run[i].kind;

		next = i + 1 < r->n ? first_of(&r->run[i + 1]) : r->pages;
		if (i % RUNS_STRIDE == 0)
			r->before[i / RUNS_STRIDE] = sum;
		sum.state[kind & ~HUGE_FLAG] += next - first;
		sum.huge += kind & HUGE_FLAG ? next - first : 0;
	}
	return r;
}

struct runs *runs_builder_peek(const struct runs_builder *b)
{
	struct runs *r = mem_alloc(sizeof(*r) + b->n * sizeof(*r->run));

	if (b->n)
		memcpy(r->run, b->runs->run, b->n * sizeof(*r->run));
	return complete(r, b);
}

struct runs *runs_builder_finish(struct runs_builder *b)
{
	struct runs *r;

	if (b->n <= RUNS_STRIDE) {
		r = runs_builder_peek(b);
	} else {
		/* Many are handed over, because to copy them costs as much as to find them. */
		r = mem_resize(b->runs, 1, sizeof(*r) + b->n * sizeof(*r->run));
		complete(r, b);
		b->runs = NULL;
		b->cap = 0;
	}
	b->n = 0;
	b->pages = 0;
	return r;
}

void runs_builder_free(struct runs_builder *b)
{
	free(b->runs);
	*b = (struct runs_builder){ 0 };
}
