/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/frame.h"

const char *frame_flag_name(unsigned bit)
{
	switch (bit) {
#define X(n, id, name)                                                                             \
	case n:                                                                                    \
		return name;
		FRAME_FLAG_LIST(X)
#undef X
	}
	return NULL;
}

const char *frame_file_name(enum frame_file f)
{
	static const char *const names[FRAME_FILES] = {
#define X(id, name) [FRAME_FILE_##id] = name,
		FRAME_FILE_LIST(X)
#undef X
	};

	return names[f];
}

const char *zone_name(enum zone z)
{
	static const char *const names[ZONES] = {
		[ZONE_UNKNOWN] = "",
#define X(id, name) [ZONE_##id] = name,
		ZONE_LIST(X)
#undef X
	};

	return names[z];
}

void frame_flags_text(struct str *t, uint64_t flags, const char *separator)
{
	const char *between = "";
	unsigned bit;

	for (bit = 0; bit < 64; bit++) {
		if (!(flags >> bit & 1))
			continue;
		str_add(t, between);
		if (frame_flag_name(bit))
			str_add(t, frame_flag_name(bit));
		else
			str_addf(t, "bit %u", bit);
		between = separator;
	}
}

bool frame_is_lazyfree(const struct frame *f)
{
	/* hugetlb pages are never SWAPBACKED. */
	return f->known & FRAME_HAS_FLAGS && f->flags & FRAME_ANON &&
		!(f->flags & (FRAME_SWAPBACKED | FRAME_HUGETLB | FRAME_DIRTY));
}

const char *frame_lazyfree(const struct frame *f, const struct vma *v, const char *kernel_release)
{
	if (!frame_is_lazyfree(f))
		return NULL;
	return v->kind == VMA_ANON && kernel_at_least(kernel_release, 6, 11)
		? "lazyfree or MAP_DROPPABLE"
		: "lazyfree";
}

static bool has_frame(uint64_t entry)
{
	return entry & ENTRY_PRESENT && entry != ENTRY_UNKNOWN && entry_pfn(entry);
}

/* Whether page i + 1 of the window lies right behind page i in physical memory. */
static bool is_followed(const struct frame_window *w, uint64_t i)
{
	return has_frame(w->entries[i]) && has_frame(w->entries[i + 1]) &&
		entry_pfn(w->entries[i]) + 1 == entry_pfn(w->entries[i + 1]);
}

bool frames_run(const struct frame_window *w, struct frame_place *p)
{
	uint64_t from = w->at, to = w->at;

	*p = (struct frame_place){ 0 };
	if (!has_frame(w->entries[w->at]))
		return false;
	while (from && is_followed(w, from - 1))
		from--;
	while (to + 1 < w->n && is_followed(w, to))
		to++;
	p->index = w->at - from;
	p->pages = to - from + 1;
	p->index_least = !from && !w->begins;
	p->pages_least = p->index_least || (to + 1 == w->n && !w->ends);
	return true;
}

/* Whether page i is known to have one of these flags, or none of them. */
static bool has(const struct frame_window *w, uint64_t i, uint64_t flags)
{
	return w->frames[i].known & FRAME_HAS_FLAGS && w->frames[i].flags & flags;
}

static bool has_none(const struct frame_window *w, uint64_t i, uint64_t flags)
{
	return w->frames[i].known & FRAME_HAS_FLAGS && !(w->frames[i].flags & flags);
}

bool frames_folio(const struct frame_window *w, struct frame_place *p)
{
	uint64_t from = w->at, to = w->at, pfn, first, last;
	unsigned order = 0;

	*p = (struct frame_place){ 0 };
	if (!w->frames || !has_frame(w->entries[w->at]) || !has(w, w->at, FRAME_HEAD | FRAME_TAIL))
		return false;
	while (from && has(w, from, FRAME_TAIL) && is_followed(w, from - 1) &&
		has(w, from - 1, FRAME_HEAD | FRAME_TAIL))
		from--;
	while (to + 1 < w->n && is_followed(w, to) && has(w, to + 1, FRAME_TAIL))
		to++;
	pfn = entry_pfn(w->entries[w->at]);
	first = pfn - (w->at - from);
	last = pfn + (to - w->at);
	p->index_least = !has(w, from, FRAME_HEAD);
	/* Before a tail comes another page of it, seen or not. */
	first -= p->index_least;
	while (first >> order != last >> order)
		order++;
	p->index = pfn - (first >> order << order);
	p->pages = UINT64_C(1) << order;
	p->pages_least = p->index_least || p->pages != last - first + 1 || to + 1 == w->n ||
		!is_followed(w, to) || !has_none(w, to + 1, FRAME_TAIL);
	if (p->pages == w->folio_most && has(w, w->at, FRAME_LARGE))
		p->index_least = p->pages_least = false;
	return true;
}

/* How many of n entries, the first of which has a frame, have frames that follow each other: upwards
 * (step 1) or downwards (-1); or are of the same (0). */
static uint64_t in_a_row(const uint64_t *entries, uint64_t n, uint64_t step)
{
	uint64_t k = 1;

	while (k < n && has_frame(entries[k]) &&
		entry_pfn(entries[k]) == entry_pfn(entries[0]) + k * step)
		k++;
	return k;
}

static void reverse(struct frame *f, uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n / 2; i++) {
		struct frame other = f[i];

		f[i] = f[n - 1 - i];
		f[n - 1 - i] = other;
	}
}

bool frames_of_entries(
	const struct frame_reader *r, const uint64_t *entries, uint64_t n, struct frame *frames)
{
	bool any = false;
	uint64_t i, j, k;

	for (i = 0; i < n; i += k) {
		k = 1;
		frames[i] = (struct frame){ .node = -1 };
		if (!r->read || !has_frame(entries[i]))
			continue;
		/* Pages that are touched upwards are often given frames downwards, one by one from the
		 * end of a free block. */
		any = true;
		k = in_a_row(entries + i, n - i, 0);
		/* The zero page, or one merged by KSM. */
		if (k > 1) {
			r->read(r->ctx, entry_pfn(entries[i]), 1, frames + i);
			for (j = 1; j < k; j++)
				frames[i + j] = frames[i];
			continue;
		}
		k = in_a_row(entries + i, n - i, (uint64_t)-1);
		if (k > 1) {
			r->read(r->ctx, entry_pfn(entries[i]) - (k - 1), k, frames + i);
			reverse(frames + i, k);
			continue;
		}
		k = in_a_row(entries + i, n - i, 1);
		r->read(r->ctx, entry_pfn(entries[i]), k, frames + i);
	}
	return any;
}

/* Whether two entries are of the same page in the same state. Soft-dirty and exclusive change while
 * it stays. */
static bool same_page(uint64_t a, uint64_t b)
{
	const uint64_t changes = ENTRY_SOFT_DIRTY | ENTRY_EXCLUSIVE | ENTRY_UFFD_WP;

	return !((a ^ b) & ~changes);
}

/* Whether an entry is of a swap area, and tells which slot: a hidden one has 0. */
static bool has_slot(uint64_t entry)
{
	return !(entry & ENTRY_PRESENT) && entry & ENTRY_SWAP && !(entry & ENTRY_GUARD) &&
		entry_swap_type(entry) < SWAP_TYPES_SURE && entry_swap_offset(entry);
}

static bool any_slot(const uint64_t *entries, uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		if (has_slot(entries[i]))
			return true;
	return false;
}

/* Fill in the swap areas, given those that there were while the pages did not change. */
static void find_areas(const struct swaps *s, uint32_t page_size, const uint64_t *entries,
	uint64_t n, struct frame *frames)
{
	uint32_t seen = 0;
	uint64_t i;
	int area;

	for (i = 0; i < n; i++)
		if (has_slot(entries[i]) && !(frames[i].known & FRAME_HAS_CHANGED))
			seen |= UINT32_C(1) << entry_swap_type(entries[i]);
	for (i = 0; i < n; i++) {
		if (!has_slot(entries[i]) || frames[i].known & FRAME_HAS_CHANGED)
			continue;
		area = swaps_find(s, entry_swap_type(entries[i]), entry_swap_offset(entries[i]),
			seen, page_size);
		frames[i].swap_area = area < 0 ? 0 : s->area[area].id;
	}
}

ssize_t frames_read(const struct entry_reader *er, const struct frame_reader *fr, uint64_t page,
	uint64_t n, uint64_t *entries, struct frame *frames, struct err *e)
{
	ssize_t got = er->read(er->ctx, page, n, entries, e), again, i;
	struct swaps swaps = { 0 };
	uint64_t now[ENTRY_CHUNK];
	bool any, swapped;

	if (got <= 0)
		return got;
	any = frames_of_entries(fr, entries, (uint64_t)got, frames);
	swapped = fr->swaps && any_slot(entries, (uint64_t)got);
	if (!any && !swapped)
		return got;
	if (swapped)
		fr->swaps(fr->ctx, &swaps);
	again = er->read(er->ctx, page, (uint64_t)got, now, e);
	for (i = 0; i < got && again >= 0; i++) {
		if (i < again && same_page(entries[i], now[i]))
			continue;
		if (i < again)
			entries[i] = now[i];
		frames[i] = (struct frame){ .node = -1, .known = FRAME_HAS_CHANGED };
	}
	if (again >= 0)
		find_areas(&swaps, fr->page_size, entries, (uint64_t)got, frames);
	swaps_free(&swaps);
	return again < 0 ? -1 : got;
}
