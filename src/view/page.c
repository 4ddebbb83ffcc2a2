/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page under the cursor: in a line below the grid, and on a screen of its own. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/units.h"
#include "model/query.h"
#include "view/look.h"
#include "view/panes.h"

struct page {
	const struct vma *vma;
	uint64_t index, address, entry;
	struct run run;
	bool have_entry;
	bool absent;         /* of shared memory, and not in the page table */
	enum absent kind;    /* what became of it then */
	enum page_state state;
};

static bool find_page(struct page *p, const struct view *v, const struct scene *s)
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
	if (p->have_entry)
		p->state = query_state(s->snapshot, p->vma, p->entry, p->run.state);
	/* What is not read yet is what the scan found; what is in a file will never be known. */
	p->absent = p->state == PAGE_NONE && entry_is_absent(p->vma, p->entry) &&
		(p->have_entry || s->file || s->ended);
	p->kind = p->have_entry ? pageset_absent(s->pages, p->address / size) : ABSENT_UNKNOWN;
	if (p->absent)
		p->state = absent_state(p->kind);
	return true;
}

/* Why there is no PFN or slot to be shown. */
static const char *no_pfn(const struct scene *s)
{
	return snapshot_info(s->snapshot)->pfn_withheld ? "withheld (--no-pfn)"
							: "hidden (needs CAP_SYS_ADMIN)";
}

static void describe_entry(struct str *t, const struct page *p, const struct scene *s)
{
	const struct page_known *known = &snapshot_info(s->snapshot)->known;

	if (p->entry & ENTRY_PRESENT && known->pfn)
		str_addf(t, "  PFN 0x%" PRIx64, entry_pfn(p->entry));
	else if (p->entry & ENTRY_PRESENT)
		str_addf(t, "  PFN %s", no_pfn(s));
	else if (p->entry & ENTRY_SWAP && known->pfn && p->state == PAGE_SWAP)
		str_addf(t, "  type %u slot 0x%" PRIx64, entry_swap_type(p->entry),
			entry_swap_offset(p->entry));
	else if (p->entry & ENTRY_SWAP && p->state == PAGE_SWAP)
		str_addf(t, "  slot %s", no_pfn(s));
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
		return s->file || s->ended ? "may be swapped"
					   : "may be swapped (not allowed to ask)";
	}
}

/* The same in full. */
static const char *absent_words(const struct page *p, const struct scene *s)
{
	switch (p->kind) {
	case ABSENT_SWAPPED:
		return "shared memory, swapped out: the page table does not show it";
	case ABSENT_CACHED:
		return "shared memory in the page cache, but not mapped here";
	case ABSENT_HOLE:
		return "a hole: the shared memory has no such page";
	case ABSENT_NOT_SWAPPED:
		return "a hole, or cached and not mapped here (not swapped)";
	default:
		return s->file   ? "swapped, cached or a hole: a file does not keep that"
			: s->ended ? "swapped, cached or a hole: that was not read"
				   : "may be swapped (needs CAP_CHECKPOINT_RESTORE, Linux 6.5)";
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

	if (!r.h || !find_page(&p, v, s))
		return;
	str_addf(&t, " @%" PRIx64, p.address);
	if (r.w >= 60 && v->lens == LENS_STATE)
		str_addf(&t, " +0x%" PRIx64, p.address - p.vma->start);
	str_addf(&t, " #%" PRIu64, p.index);
	if (v->lens != LENS_STATE) {
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
		else if (!s->file && !s->ended && !vma_is_opaque(p.vma))
			str_add(&t, "  entry is being read");
	}
	if (diff_changed(s->diff, snapshot_find(s->snapshot, p.address), p.index, 1))
		str_add(&t, "  state changed");
	cells_text_cut(c, r.x, r.y, r.w, 0, 0, str_text(&t));
	str_free(&t);
}

/* Draws line after line until the rectangle is full. */
struct lines {
	struct cells *c;
	struct rect r;
	int y;
};

static void line(struct lines *l, ink fg, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void line(struct lines *l, ink fg, const char *fmt, ...)
{
	struct str t = { 0 };
	va_list ap;

	va_start(ap, fmt);
	str_addv(&t, fmt, ap);
	va_end(ap);
	if (l->y < l->r.h)
		cells_text_cut(l->c, l->r.x, l->r.y + l->y++, l->r.w, fg, 0, str_text(&t));
	str_free(&t);
}

static void rule(struct lines *l, const char *title)
{
	int x, y = l->r.y + l->y;

	if (l->y >= l->r.h)
		return;
	line(l, ink_of(ROLE_HEADING, 0), "-- %s ", title);
	for (x = (int)strlen(title) + 4; x < l->r.w; x++)
		cells_put(l->c, l->r.x + x, y,
			(struct cell){ .ch = '-', .fg = ink_of(ROLE_HEADING, 0) });
}

static void entry_lines(struct lines *l, const struct page *p, const struct scene *s)
{
	const struct page_known *known = &snapshot_info(s->snapshot)->known;

	rule(l, "bits");
#define X(n, name, one, zero)                                                                      \
	line(l, 0, "  %d  %-12s %d  %s", n, name, (int)(p->entry >> n & 1),                        \
		p->entry >> n & 1 ? one : zero);
	ENTRY_BIT_LIST(X)
#undef X
	if (!known->soft_dirty)
		line(l, 0, "      (this kernel does not track soft-dirty: bit 55 says nothing)");
	rule(l, "frame or slot");
	if (p->entry & ENTRY_PRESENT && known->pfn)
		line(l, 0, " PFN         0x%" PRIx64 "   physical address 0x%" PRIx64,
			entry_pfn(p->entry),
			entry_pfn(p->entry) * snapshot_info(s->snapshot)->page_size);
	else if (p->entry & ENTRY_PRESENT)
		line(l, 0, " PFN         %s", no_pfn(s));
	else if (p->entry & ENTRY_SWAP && known->pfn)
		line(l, 0, " swap type   %u   %s 0x%" PRIx64, entry_swap_type(p->entry),
			p->state == PAGE_SWAP ? "slot" : "offset", entry_swap_offset(p->entry));
	else if (p->entry & ENTRY_SWAP)
		line(l, 0, " swap slot   %s", no_pfn(s));
	else if (p->absent && p->kind == ABSENT_SWAPPED)
		line(l, 0, " swap slot   not told of shared memory");
	else
		line(l, 0, " none: the page is not there");
}

/* The meaning of the state, for this very page where the mapping tells more. */
static const char *state_words(const struct page *p, const struct scene *s)
{
	if (p->absent)
		return absent_words(p, s);
	if (p->state == PAGE_ANON)
		return vma_cow_possible(p->vma)
			? "the process's own copy of a page of the file (cow)"
			: "anonymous memory, private to the process";
	if (p->state == PAGE_FILE && p->vma->kind == VMA_SHMEM)
		return "a page of shared memory";
	return page_state_meaning(p->state);
}

void page_screen_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	struct lines l = { c, r, 0 };
	char perms[5], a[UNITS_COUNT_LEN], b[UNITS_COUNT_LEN], size[UNITS_SIZE_LEN],
		huge[UNITS_SIZE_LEN] = "";
	const struct snapshot_info *info = snapshot_info(s->snapshot);
	struct page p;

	if (!find_page(&p, v, s))
		return;
	line(&l, 0, " address %016" PRIx64 "   VMA %" PRIx64 "-%" PRIx64 " %s", p.address,
		p.vma->start, p.vma->end, vma_perms(p.vma, perms));
	if (*p.vma->name) {
		line(&l, 0, " name");
		cells_text_end(c, r.x + 9, r.y + l.y - 1, r.w - 9, 0, 0, p.vma->name);
	}
	if (p.run.huge && p.state == p.run.state)
		units_size(huge, p.vma->kind == VMA_HUGETLB ? p.vma->page_size : info->pmd_size);
	line(&l, 0, " page    #%s of %s (+0x%" PRIx64 ")   %s%s%s", units_count(a, p.index),
		units_count(b, runs_pages(p.vma->runs)), p.address - p.vma->start,
		units_size(size, info->page_size), *huge ? ", mapped by a huge entry of " : "",
		huge);
	line(&l, 0, " state   %c %s: %s", page_state_letter(p.state), page_state_name(p.state),
		state_words(&p, s));
	if (p.state == p.run.state || (p.absent && p.run.state == PAGE_NONE))
		line(&l, 0, " run     %s page%s %s, from %" PRIx64,
			units_count(a, p.run.pages), p.run.pages == 1 ? "" : "s",
			p.absent ? "not in the page table" : "in this state",
			snapshot_address_of(s->snapshot, p.vma, p.run.first));
	else
		line(&l, 0, " run     the state has changed since the scan");
	if (vma_is_opaque(p.vma) && !(p.have_entry && p.entry)) {
		line(&l, 0,
			" entry   the kernel does not tell about pages of this mapping");
	} else if (s->file) {
		line(&l, 0,
			" entry   not in this file: it keeps the states of pages, not their entries");
	} else if (!p.have_entry) {
		line(&l, 0, " entry   %s",
			s->ended ? "was not read before the process ended" : "is being read");
	} else {
		line(&l, 0, " entry   0x%016" PRIx64 "   pagemap offset 0x%" PRIx64, p.entry,
			p.address / info->page_size * 8);
		entry_lines(&l, &p, s);
	}
	if (r.h > l.y + 1)
		cells_text(c, r.x, r.y + r.h - 1, r.w, ink_of(ROLE_ADDRESS, 0), 0,
			" Left/Right previous/next page   b/w previous/next run   [ ] mapping   Esc back");
}
