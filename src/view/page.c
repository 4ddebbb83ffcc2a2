/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page under the cursor, in a line below the grid. */
#include "view/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/units.h"
#include "model/query.h"
#include "view/changed.h"
#include "view/look.h"
#include "view/panes.h"

bool page_find(struct page *p, const struct view *v, const struct scene *s)
{
	uint64_t size;

	*p = (struct page){ .vma = view_vma(v, s, NULL) };
	if (!p->vma)
		return false;
	size = snapshot_info(s->snapshot)->page_size;
	p->index = view_page(v, s, p->vma);
	p->address = snapshot_address_of(s->snapshot, p->vma, p->index);
	p->run = runs_at(p->vma->runs, runs_find(p->vma->runs, p->index));
	p->state = p->run.state;
	/* An answer for an older snapshot is dropped. */
	p->have_entry = s->pages && pageset_serial(s->pages) == s->serial &&
		pageset_entry(s->pages, p->address / size, &p->entry);
	if (p->have_entry) {
		p->state = query_state(s->snapshot, p->vma, p->entry, p->run.state);
		pageset_window(s->pages, p->address / size, &p->window);
		p->window.begins = p->address - p->window.at * size <= p->vma->start;
		p->window.ends = p->address + (p->window.n - p->window.at) * size >= p->vma->end;
		p->window.folio_most = snapshot_info(s->snapshot)->pmd_size / size;
		p->frame = pageset_frame(s->pages, p->address / size);
	}
	p->missing = s->pages && pageset_serial(s->pages) == s->serial &&
		pageset_missing(s->pages, p->address / size);
	/* What is not read yet is what the scan found; what is not in a file will never be known. */
	p->absent = p->state == PAGE_NONE && entry_is_absent(p->vma, p->entry) &&
		(p->have_entry || page_no_entry(p, s, true));
	p->kind = p->have_entry ? pageset_absent(s->pages, p->address / size) : ABSENT_UNKNOWN;
	if (p->absent)
		p->state = absent_state(p->kind);
	return true;
}

const char *page_no_entry(const struct page *p, const struct scene *s, bool brief)
{
	if (s->past)
		return brief ? "no entry: of a past snapshot"
			     : "not read: entries are those of the newest snapshot (F follows it)";
	if (s->file && !(s->kept & NEED_ENTRIES))
		return brief ? "entry not kept"
			     : "this snapshot keeps no entries: --keep=entries does";
	if (s->file && p->missing)
		return brief ? "entry not kept" : "the file does not have the entry of this page";
	if (s->ended)
		return brief ? "entry was not read" : "was not read before the process ended";
	return NULL;
}

const char *page_no_frame(const struct scene *s)
{
	if (s->file && !(s->kept & NEED_FRAMES))
		return "not kept in this snapshot: --keep=full does";
	return s->ended ? "were not read before the process ended" : "are being read";
}

const char *page_no_pfn(const struct scene *s)
{
	return snapshot_info(s->snapshot)->pfn_withheld ? "withheld (--no-pfn)"
							: "hidden (needs CAP_SYS_ADMIN)";
}

bool page_has(const struct page *p, uint64_t flags)
{
	return p->frame && p->frame->known & FRAME_HAS_FLAGS && p->frame->flags & flags;
}

const char *page_lazyfree(const struct page *p, const struct scene *s)
{
	const char *kernel = snapshot_info(s->snapshot)->kernel;

	return p->frame ? frame_lazyfree(p->frame, p->vma, kernel) : NULL;
}

/* What the frame adds, as far as it is read. */
static void describe_frame(struct str *t, const struct page *p, const struct scene *s)
{
	const char *lazyfree = page_lazyfree(p, s);

	if (!p->frame)
		return;
	if (pageset_swap_name(s->pages, p->frame))
		str_addf(t, " in %s", pageset_swap_name(s->pages, p->frame));
	if (lazyfree)
		str_addf(t, "  %s", lazyfree);
	if (page_has(p, FRAME_KSM))
		str_add(t, "  ksm");
	if (page_has(p, FRAME_MLOCKED))
		str_add(t, "  mlocked");
}

static void describe_entry(struct str *t, const struct page *p, const struct scene *s)
{
	const struct page_known *known = &snapshot_info(s->snapshot)->known;

	if (p->entry & ENTRY_PRESENT && known->pfn)
		str_addf(t, "  PFN 0x%" PRIx64, entry_pfn(p->entry));
	else if (p->entry & ENTRY_PRESENT)
		str_addf(t, "  PFN %s", page_no_pfn(s));
	else if (p->entry & ENTRY_SWAP && known->pfn && p->state == PAGE_SWAP)
		str_addf(t, "  type %u slot 0x%" PRIx64, entry_swap_type(p->entry),
			entry_swap_offset(p->entry));
	else if (p->entry & ENTRY_SWAP && p->state == PAGE_SWAP)
		str_addf(t, "  slot %s", page_no_pfn(s));
	describe_frame(t, p, s);
	if (p->entry & ENTRY_PRESENT && known->exclusive && p->entry & ENTRY_EXCLUSIVE)
		str_add(t, "  excl");
	if (known->soft_dirty)
		str_addf(t, "  sd%d", !!(p->entry & ENTRY_SOFT_DIRTY));
	if (p->entry & ENTRY_UFFD_WP)
		str_add(t, "  uffd-wp");
}

/* What became of a page of shared memory that is not in the page table, in few words. */
static const char *absent_line(const struct page *p, const struct scene *s)
{
	switch (p->kind) {
	case ABSENT_SWAPPED:
		return "of shared memory, not in the page table";
	case ABSENT_CACHED:
		return "cached, not mapped here";
	case ABSENT_HOLE:
		return "hole";
	case ABSENT_NOT_SWAPPED:
		return "hole, or cached";
	default:
		return s->file || s->ended || s->past
			? "may be swapped"
			: "may be swapped (not allowed to ask)";
	}
}

/* All the pages of the dot under the cursor, by state. */
static void describe_counts(
	struct str *t, const struct page *p, const struct view *v, const struct scene *s)
{
	uint64_t bytes = (uint64_t)snapshot_info(s->snapshot)->page_size << v->zoom;
	uint64_t from = v->cursor / bytes * bytes, to = from + bytes;
	struct page_counts n;
	char count[UNITS_COUNT_LEN];
	int i;

	from = from > p->vma->start ? from : p->vma->start;
	to = to < p->vma->end && to > from ? to : p->vma->end;
	n = runs_count(p->vma->runs, snapshot_page_of(s->snapshot, p->vma, from),
		(to - from) / snapshot_info(s->snapshot)->page_size);
	str_addf(t, "  %s pages:", units_count(count, page_counts_total(&n)));
	for (i = 0; i < PAGE_STATES; i++)
		if (n.state[i])
			str_addf(t, " %c %s", page_state_letter((enum page_state)i),
				units_count(count, n.state[i]));
}

void page_line_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	struct str t = { 0 };
	struct page p;

	if (!r.h || !page_find(&p, v, s))
		return;
	str_addf(&t, " @%" PRIx64, p.address);
	if (r.w >= 60 && v->lens == LENS_STATE)
		str_addf(&t, " +0x%" PRIx64, p.address - p.vma->start);
	str_addf(&t, " #%" PRIu64, p.index);
	if (changed_shown(v, s)) {
		changed_page_words(&t, v, s);
	} else if (v->lens != LENS_STATE) {
		lens_page_words(&t, v, s);
	} else if (v->zoom) {
		describe_counts(&t, &p, v, s);
	} else {
		str_addf(&t, "  %c %s", page_state_letter(p.state), page_state_name(p.state));
		if (p.run.huge && p.state == p.run.state)
			str_add(&t, " huge");
		if (p.state == PAGE_ANON && vma_cow_possible(p.vma))
			str_add(&t, " cow");
		if (p.absent)
			str_addf(&t, "  %s", absent_line(&p, s));
		if (p.have_entry)
			describe_entry(&t, &p, s);
		else if (!vma_is_opaque(p.vma))
			str_addf(&t, "  %s", page_no_entry(&p, s, true) ? page_no_entry(&p, s, true)
								      : "entry is being read");
	}
	if (!changed_shown(v, s) &&
		diff_changed(s->diff, snapshot_find(s->snapshot, p.address), p.index, 1))
		str_add(&t, "  state changed");
	cells_text_cut(c, r.x, r.y, r.w, 0, 0, str_text(&t));
	str_free(&t);
}

