/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/entries.h"
#include "source/pagemap.h"

/* Mappings smaller than this are scanned together with their neighbours, asking for FILE if one of
 * them needs it: that costs less than another call. */
#define SMALL_PAGES 1024

/* Larger gaps between mappings are not scanned along: a process has one of terabytes between its
 * heap and its libraries, and a call covers a gigabyte at most. */
#define GAP_MOST (UINT64_C(64) << 20)

/* Mappings a call may cover: each costs the kernel a quarter of a microsecond, even an empty one,
 * and no other limit counts them. */
#define GROUP_MOST 512

/* More than this is mapped where it is worth knowing how large the page tables are. */
#define VAST (UINT64_C(16) << 30)

/* The size of the page tables, which bounds the cost of walking what is vast; 0 if it does not:
 * holes of hugetlb mappings are walked huge page by huge page, without any table. */
static uint64_t page_table_bytes(const struct walk *w)
{
	uint64_t mapped = 0, bytes = 0;
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (w->vma[i].kind == VMA_HUGETLB)
			return 0;
		mapped += w->vma[i].end - w->vma[i].start;
	}
	if (mapped > VAST)
		procfs_status_value(w->proc, "VmPTE", &bytes);
	return bytes;
}

void walk_init(struct walk *w, const struct kernel *k, const struct procfs *p, enum engine engine,
	int *pagemap, struct pace *pace, const struct vma *vma, size_t n)
{
	*w = (struct walk){
		.kernel = k,
		.proc = p,
		.engine = engine,
		.pagemap = pagemap,
		.pace = pace,
		.page_shift = (unsigned)__builtin_ctz(k->page_size),
		.vma = vma,
		.n = n,
		.runs = mem_zero(n, sizeof(*w->runs)),
	};
	scanner_init(&w->scanner, pagemap, pace, k->page_size, page_table_bytes(w));
}

void walk_free(struct walk *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		runs_unref(w->runs[i]);
	free(w->runs);
	runs_builder_free(&w->builder);
}

struct runs *walk_take(struct walk *w, size_t i)
{
	struct runs *r = w->runs[i];

	w->runs[i] = NULL;
	return r;
}

static const struct vma *current(const struct walk *w)
{
	return &w->vma[w->at];
}

/* Once or twice a region: a shift, because a division would be what a scan costs most. */
static uint64_t pages_of(const struct walk *w, uint64_t bytes)
{
	return bytes >> w->page_shift;
}

static void begin_vma(struct walk *w, size_t i)
{
	w->at = i;
	w->last_categories = 0; /* of no page that was found */
	if (i == w->n)
		return;
	w->hints = vma_hints(current(w));
	w->hints.pfn_known = w->kernel->pfn;
	w->hints.zero_pfn = w->kernel->zero_pfn;
	w->hints.swap = w->kernel->swap;
}

/* Everything up to `address` that was not reported holds nothing. */
static void fill_to(struct walk *w, uint64_t address)
{
	uint64_t page = pages_of(w, address - current(w)->start);

	if (page > w->builder.pages)
		runs_builder_add(&w->builder, page - w->builder.pages, PAGE_NONE, false);
}

/* Runs with one state replaced by another, and with pages of an unknown state added up to
 * `pages`. */
static struct runs *with_state(
	const struct runs *old, enum page_state from, enum page_state to, uint64_t pages)
{
	struct runs_builder b = { 0 };
	struct runs *new;
	size_t i;

	for (i = 0; i < runs_length(old); i++) {
		struct run run = runs_at(old, i);

		runs_builder_add(&b, run.pages, run.state == from ? to : run.state, run.huge);
	}
	runs_builder_add(&b, pages - b.pages, PAGE_UNKNOWN, false);
	new = runs_builder_finish(&b);
	runs_builder_free(&b);
	return new;
}

static void replace(struct walk *w, size_t i, enum page_state from, enum page_state to)
{
	struct runs *new = with_state(w->runs[i], from, to, runs_pages(w->runs[i]));

	runs_unref(w->runs[i]);
	w->runs[i] = new;
}

/* A mapping in which nothing was found may be one the kernel does not tell about (VM_PFNMAP:
 * [vvar], a perf ring, device memory). */
static bool is_opaque(struct walk *w, const struct vma *v, const struct runs *r)
{
	if (runs_length(r) != 1 || runs_at(r, 0).state != PAGE_NONE)
		return false;
	if (v->kind != VMA_SPECIAL && v->kind != VMA_DEVICE && v->kind != VMA_FILE)
		return false;
	if (w->engine == ENGINE_SCAN)
		return scanner_tells(&w->scanner, v->start) == 0;
	return v->kind != VMA_FILE;
}

static void finish_vma(struct walk *w)
{
	size_t i = w->at;

	fill_to(w, current(w)->end);
	w->runs[i] = runs_builder_finish(&w->builder);
	begin_vma(w, i + 1);
	if (is_opaque(w, &w->vma[i], w->runs[i]))
		replace(w, i, PAGE_NONE, PAGE_UNKNOWN);
}

/* The state an entry says, after a second look at a page that is being moved: a migration takes
 * microseconds. */
static enum page_state settled_state(struct walk *w, uint64_t page, uint64_t entry)
{
	enum page_state s = entry_state(entry, &w->hints);
	struct err ignored;

	if (s == PAGE_MOVING &&
		pagemap_read(*w->pagemap, w->kernel, w->pace, page, 1, &entry, &ignored) == 1)
		s = entry_state(entry, &w->hints);
	/* The scan found something that pagemap does not show: it may be moving, poisoned, or gone
	 * since. */
	if (w->hints.hugetlb && s == PAGE_NONE && w->engine == ENGINE_SCAN)
		return PAGE_UNKNOWN;
	if (s == PAGE_UNKNOWN) {
		w->unproved++;
		s = PAGE_SWAP;
	}
	return s;
}

/* Add the pages of [start, end) of the current mapping by their entries. Returns false when the
 * entries could not all be read (then the rest is unknown). */
static bool add_entries(struct walk *w, uint64_t start, uint64_t end)
{
	uint64_t page = pages_of(w, start), last = pages_of(w, end), chunk;
	uint64_t entry[ENTRY_CHUNK];

	for (; page < last && !w->pace->cancelled; page += chunk) {
		ssize_t got, i;

		chunk = last - page < ENTRY_CHUNK ? last - page : ENTRY_CHUNK;
		got = pagemap_read(*w->pagemap, w->kernel, w->pace, page, chunk, entry, &w->err);
		if (got < 0)
			w->failed = true;
		for (i = 0; i < got; i++)
			runs_builder_add(&w->builder, 1,
				settled_state(w, page + (uint64_t)i, entry[i]), false);
		if (got < (ssize_t)chunk) {
			runs_builder_add(&w->builder, last - page - (uint64_t)(got > 0 ? got : 0),
				PAGE_UNKNOWN, false);
			return false;
		}
	}
	return true;
}

/* Of pages that are present or guarded. Regions follow each other that say the same, every second
 * page of a gigabyte, so the last answer is kept. */
static enum page_state scanned_state(struct walk *w, uint64_t categories)
{
	/* Say it as an entry: one place decides what a page is. */
	uint64_t entry = (categories & SCAN_PRESENT ? ENTRY_PRESENT : 0) |
		(categories & SCAN_FILE ? ENTRY_FILE : 0);

	if (categories == w->last_categories)
		return w->last_state;
	w->last_categories = categories;
	if (!(categories & SCAN_PRESENT))
		w->last_state = PAGE_GUARD;
	else if (categories & SCAN_PFNZERO)
		w->last_state = PAGE_ZERO;
	else
		w->last_state = entry_state(entry, &w->hints);
	return w->last_state;
}

/* What the scan calls swapped can be a number of things, which only entries tell apart. */
static void add_swap_like(struct walk *w, uint64_t start, uint64_t end)
{
	fill_to(w, start);
	add_entries(w, start, end);
}

static void add_scanned(struct walk *w, const struct vma *v, uint64_t start, uint64_t end,
	uint64_t categories)
{
	if (categories & (SCAN_PRESENT | SCAN_GUARD))
		runs_builder_put(&w->builder, pages_of(w, start - v->start), pages_of(w, end - start),
			scanned_state(w, categories), categories & SCAN_HUGE);
	else
		add_swap_like(w, start, end);
}

/* A region that may lie in several mappings, or between them. */
static bool found_across(struct walk *w, const struct scan_region *r)
{
	uint64_t start = r->start, end;

	while (start < r->end && w->at < w->n) {
		const struct vma *v = current(w);

		if (v->end <= start) {
			finish_vma(w);
			continue;
		}
		if (v->start > start)
			start = v->start; /* mapped since maps was read */
		if (start >= r->end)
			break;
		end = r->end < v->end ? r->end : v->end;
		add_scanned(w, v, start, end, r->categories);
		start = end;
	}
	return !w->failed && !w->pace->cancelled;
}

static bool found(void *ctx, const struct scan_region *r)
{
	struct walk *w = ctx;
	const struct vma *v = current(w);

	/* Nearly always, and up to millions of times. */
	if (w->at < w->n && r->start >= v->start && r->end <= v->end && r->categories & SCAN_PRESENT) {
		add_scanned(w, v, r->start, r->end, r->categories);
		return true;
	}
	return found_across(w, r);
}

/* The kernel's half of the address space, where [vsyscall] is: PAGEMAP_SCAN refuses it (EFAULT). */
static bool beyond_user_space(const struct vma *v)
{
	return v->start >> 63;
}

/* Scan mappings from, from + 1, ... in one go, as far as they want the same. Returns how many. */
static size_t group_from(const struct walk *w, size_t from, bool *file)
{
	size_t i;
	bool decided = false;

	*file = false;
	for (i = from; i < w->n && i - from < GROUP_MOST; i++) {
		const struct vma *v = &w->vma[i];
		bool mixes = vma_mixes_file_and_anon(v);

		if (beyond_user_space(v) || (i > from && v->start - v[-1].end > GAP_MOST))
			break;
		if (pages_of(w, v->end - v->start) < SMALL_PAGES) {
			/* A small one goes along; if it wants FILE, so must all others before it be
			 * small. */
			if (mixes && decided && !*file)
				break;
			*file |= mixes;
			continue;
		}
		if ((decided || *file) && mixes != *file)
			break;
		decided = true;
		*file = mixes;
	}
	return i - from;
}

static int scan_all(struct walk *w, struct err *e)
{
	uint64_t mask = SCAN_PRESENT | SCAN_SWAPPED | SCAN_PFNZERO | SCAN_HUGE |
		(w->kernel->scan_guard ? SCAN_GUARD : 0);
	size_t from, n;
	bool file;

	for (from = 0; from < w->n && !w->pace->cancelled; from += n) {
		n = group_from(w, from, &file);
		if (!n)
			return 0;
		if (scanner_run(&w->scanner, w->vma[from].start, w->vma[from + n - 1].end,
			    mask | (file ? SCAN_FILE : 0), found, w, e) < 0)
			return -1;
		if (w->failed) {
			*e = w->err;
			return -1;
		}
		while (w->at < from + n)
			finish_vma(w);
	}
	return 0;
}

static int read_all(struct walk *w, struct err *e)
{
	while (w->at < w->n && !w->pace->cancelled) {
		add_entries(w, current(w)->start, current(w)->end);
		if (w->failed) {
			*e = w->err;
			return -1;
		}
		finish_vma(w);
	}
	return 0;
}

/* With hidden PFNs swap cannot be told from a marker page by page. But VmSwap counts the swap
 * entries of the process (MM_SWAPENTS; no markers): if it is as large as what was found, all of it
 * is swap. */
static void prove_swap(struct walk *w)
{
	uint64_t swap_bytes, pages;
	size_t i;

	w->swap_kind_known = true;
	if (!w->unproved)
		return;
	if (w->kernel->exact_vm_swap && procfs_status_value(w->proc, "VmSwap", &swap_bytes) &&
		pages_of(w, swap_bytes) == w->unproved)
		return;
	w->swap_kind_known = false;
	for (i = 0; i < w->n; i++) {
		pages = runs_total(w->runs[i]).state[PAGE_SWAP];
		if (pages)
			replace(w, i, PAGE_SWAP, PAGE_UNKNOWN);
	}
}

struct runs *walk_so_far(const struct walk *w, size_t i)
{
	static const struct runs_builder nothing;
	uint64_t pages = (w->vma[i].end - w->vma[i].start) / w->kernel->page_size;
	/* With hidden PFNs what is swap is not proved before the end. */
	enum page_state swap = w->unproved ? PAGE_UNKNOWN : PAGE_SWAP;
	struct runs *found, *r;

	if (i < w->at)
		found = runs_ref(w->runs[i]);
	else
		found = runs_builder_peek(i == w->at ? &w->builder : &nothing);
	if (i < w->at && !w->unproved)
		return found;
	r = with_state(found, PAGE_SWAP, swap, pages);
	runs_unref(found);
	return r;
}

int walk_run(struct walk *w, struct err *e)
{
	begin_vma(w, 0);
	if ((w->engine == ENGINE_SCAN ? scan_all(w, e) : read_all(w, e)) < 0)
		return -1;
	if (w->pace->cancelled)
		return 0;
	while (w->at < w->n)
		finish_vma(w);
	prove_swap(w);
	return 0;
}
