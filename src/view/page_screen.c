/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page under the cursor, on a screen of its own. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/units.h"
#include "view/changed.h"
#include "view/page.h"
#include "view/panes.h"
#include "view/times.h"

/* What became of a page of shared memory that is not in the page table. */
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
			: s->past  ? "swapped, cached or a hole: that is asked of the newest snapshot"
			: s->ended ? "swapped, cached or a hole: that was not read"
				   : "may be swapped (needs CAP_CHECKPOINT_RESTORE, Linux 6.5)";
	}
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

/* Rows from which on each bit has a line of its own, above all that is told of a frame. */
#define ROWS_FOR_BITS 28

/* "63 present 1   62 swap 0 ..." in two lines. */
static void bits_in_brief(struct lines *l, const struct page *p, bool soft_dirty)
{
	struct str t = { 0 };

#define X(n, name, one, zero)                                                                      \
	str_addf(&t, "%s%d %s %d", n == 63 ? " " : n == 58 ? "\n " : "   ", n, name,               \
		(int)(p->entry >> n & 1));
	ENTRY_BIT_LIST(X)
#undef X
	*strchr(t.s, '\n') = '\0';
	line(l, 0, "%s", t.s);
	line(l, 0, "%s%s", t.s + strlen(t.s) + 1, soft_dirty ? "" : " (not tracked here)");
	str_free(&t);
}

static void bits_lines(struct lines *l, const struct page *p, const struct scene *s)
{
	bool soft_dirty = snapshot_info(s->snapshot)->known.soft_dirty;

	rule(l, "bits");
	if (p->entry & ENTRY_PRESENT && l->r.h < ROWS_FOR_BITS) {
		bits_in_brief(l, p, soft_dirty);
		return;
	}
#define X(n, name, one, zero)                                                                      \
	line(l, 0, "  %d  %-12s %d  %s", n, name, (int)(p->entry >> n & 1),                        \
		p->entry >> n & 1 ? one : zero);
	ENTRY_BIT_LIST(X)
#undef X
	if (!soft_dirty)
		line(l, 0, "      (this kernel does not track soft-dirty: bit 55 says nothing)");
}

/* "#4 of 16", with "at least" where it may be more. */
static void add_place(struct str *t, const struct frame_place *p)
{
	char a[UNITS_COUNT_LEN], b[UNITS_COUNT_LEN];

	str_addf(t, "#%s%s of %s%s", units_count(a, p->index), p->index_least ? " or later" : "",
		p->pages_least ? "at least " : "", units_count(b, p->pages));
}

/* The pages around it that lie behind each other in memory. */
static void run_line(struct lines *l, const struct page *p, const struct scene *s)
{
	struct frame_place place;
	char pages[UNITS_COUNT_LEN];

	if (!frames_run(&p->window, &place))
		return;
	if (place.pages == 1 && !place.pages_least) {
		line(l, 0, " PFN run     this page alone");
		return;
	}
	line(l, 0, " PFN run     %s%s page%s of consecutive PFNs, from %" PRIx64 "%s",
		place.pages_least ? "at least " : "", units_count(pages, place.pages),
		place.pages == 1 ? "" : "s",
		p->address - place.index * snapshot_info(s->snapshot)->page_size,
		place.index_least ? " or before" : "");
}

/* The place in what is larger than a page: a huge entry by its address, else a folio by flags. */
static void folio_line(struct lines *l, const struct page *p, const struct scene *s)
{
	const struct snapshot_info *info = snapshot_info(s->snapshot);
	bool hugetlb = p->vma->kind == VMA_HUGETLB;
	uint64_t huge = hugetlb ? p->vma->page_size : info->pmd_size;
	struct frame_place place = { 0 };
	char size[UNITS_SIZE_LEN];
	struct str t = { 0 };
	const char *what = "folio";

	if (p->run.huge && p->state == p->run.state && huge) {
		what = hugetlb ? "hugetlb" : "huge page";
		place.index = p->address % huge / info->page_size;
		place.pages = huge / info->page_size;
	} else if (frames_folio(&p->window, &place)) {
		what = page_has(p, FRAME_HUGETLB) ? "hugetlb"
			: page_has(p, FRAME_LARGE) ? "large folio"
						   : "compound";
	}
	if (place.pages) {
		add_place(&t, &place);
		line(l, 0, " %-11s page %s, %s%s", what, str_text(&t),
			units_size(size, place.pages * info->page_size),
			place.pages_least ? " or more" : "");
	} else if (p->frame && p->frame->known & FRAME_HAS_FLAGS) {
		line(l, 0, " folio       a page of its own");
	}
	str_free(&t);
}

/* Why one of the files tells nothing of this page. */
static const char *why_not(const struct page *p, const struct scene *s, enum frame_file f)
{
	int error = pageset_frame_error(s->pages, f);

	if (snapshot_info(s->snapshot)->pfn_withheld)
		return "withheld (--no-pfn)";
	if (error == EACCES)
		return "not allowed (a file of root's: needs CAP_DAC_READ_SEARCH)";
	if (error == ENOENT)
		return f == FRAME_FILE_CGROUP
			? "not there (a kernel without CONFIG_MEMCG?)"
			: "not there (a kernel without CONFIG_PROC_PAGE_MONITOR?)";
	if (error)
		return strerror(error);
	return entry_pfn(p->entry) ? "not told of this frame (device memory?)"
				   : "to be found by the PFN, which is hidden";
}

/* What the number of mappings means for this page. */
static const char *mapcount_words(const struct page *p)
{
	if (!p->frame->mapcount)
		return page_has(p, FRAME_ZERO) ? ": those of the zero page are not counted"
					       : ": the kernel does not count those of this page";
	/* The kernel does not tell how it is configured. */
	if (page_has(p, FRAME_HEAD | FRAME_TAIL))
		return " (its folio's average with CONFIG_NO_PAGE_MAPCOUNT)";
	return p->frame->mapcount == 1 ? ": this one" : " in all processes";
}

static void mapcount_line(struct lines *l, const struct page *p, const struct scene *s)
{
	char count[UNITS_COUNT_LEN];

	if (p->frame->known & FRAME_HAS_MAPCOUNT)
		line(l, 0, " kpagecount  %s mapping%s%s", units_count(count, p->frame->mapcount),
			p->frame->mapcount == 1 ? "" : "s", mapcount_words(p));
	else
		line(l, 0, " kpagecount  %s", why_not(p, s, FRAME_FILE_MAPCOUNT));
}

static void cgroup_line(struct lines *l, const struct page *p, const struct scene *s)
{
	bool looked;
	const char *path = pageset_cgroup(s->pages, p->frame->cgroup, &looked);

	if (!(p->frame->known & FRAME_HAS_CGROUP))
		line(l, 0, " kpagecgroup %s", why_not(p, s, FRAME_FILE_CGROUP));
	else if (!p->frame->cgroup)
		line(l, 0, " cgroup      none: charged to no memory cgroup");
	else if (path)
		line(l, 0, " cgroup      %s", path);
	else
		line(l, 0, " cgroup      inode %" PRIu64 ", whose path was not %s",
			p->frame->cgroup,
			looked ? "found" : "looked for: too many cgroups here");
}

/* The flags raw and by name, in as many lines as they take. */
static void flags_lines(struct lines *l, const struct page *p, const struct scene *s)
{
	struct str names = { 0 }, t = { 0 };
	char *name, *rest;

	if (!(p->frame->known & FRAME_HAS_FLAGS)) {
		line(l, 0, " kpageflags  %s", why_not(p, s, FRAME_FILE_FLAGS));
		return;
	}
	frame_flags_text(&names, p->frame->flags, ",");
	str_addf(&t, " kpageflags  0x%016" PRIx64 " ", p->frame->flags);
	for (name = strtok_r(names.s, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		if ((int)(t.len + 1 + strlen(name)) > l->r.w) {
			line(l, 0, "%s", str_text(&t));
			str_clear(&t);
			str_add(&t, "            ");
		}
		str_addf(&t, " %s", name);
	}
	line(l, 0, "%s", str_text(&t));
	str_free(&names);
	str_free(&t);
}

/* What the flags mean for whoever relies on the page. */
static void words_lines(struct lines *l, const struct page *p, const struct scene *s)
{
	const char *lazyfree = page_lazyfree(p, s);

	if (lazyfree)
		line(l, 0, " given to MADV_FREE%s: may be dropped unless written since",
			strchr(lazyfree, ' ') ? " (or MAP_DROPPABLE)" : "");
	if (page_has(p, FRAME_ZERO) && p->state != PAGE_ZERO)
		line(l, 0, " its flags say that it is the shared zero page");
	if (page_has(p, FRAME_KSM))
		line(l, 0, " merged by KSM: equal pages share this frame until one is written");
	if (page_has(p, FRAME_MLOCKED))
		line(l, 0, " mlocked: it is not reclaimed, and never swapped out");
}

static void frame_lines(struct lines *l, const struct page *p, const struct scene *s)
{
	const struct snapshot_info *info = snapshot_info(s->snapshot);
	struct str where = { 0 };

	rule(l, "frame");
	if (p->frame && p->frame->known & FRAME_HAS_CHANGED)
		line(l, ink_of(ROLE_WARNING, 0), " the page changed while it was looked at");
	if (!info->known.pfn) {
		line(l, 0, " PFN         %s", page_no_pfn(s));
	} else {
		if (p->frame && p->frame->node >= 0)
			str_addf(&where, "   node %d", p->frame->node);
		if (p->frame && p->frame->zone)
			str_addf(&where, "   zone %s", zone_name((enum zone)p->frame->zone));
		line(l, 0, " PFN         0x%" PRIx64 "   physical 0x%" PRIx64 "%s",
			entry_pfn(p->entry), entry_pfn(p->entry) * info->page_size,
			str_text(&where));
		str_free(&where);
		run_line(l, p, s);
	}
	folio_line(l, p, s);
	if (!p->frame) {
		line(l, 0, " kpageflags  %s", page_no_frame(s));
		return;
	}
	if (p->frame->known & FRAME_HAS_CHANGED)
		return;
	mapcount_line(l, p, s);
	cgroup_line(l, p, s);
	words_lines(l, p, s);
	flags_lines(l, p, s);
}

/* Of a page that is not present. */
static void slot_lines(struct lines *l, const struct page *p, const struct scene *s)
{
	bool known = snapshot_info(s->snapshot)->known.pfn, swap = p->state == PAGE_SWAP;
	const char *name = p->frame ? pageset_swap_name(s->pages, p->frame) : NULL;

	rule(l, "frame or slot");
	if (p->entry & ENTRY_SWAP && known) {
		line(l, 0, " swap type   %u   %s 0x%" PRIx64, entry_swap_type(p->entry),
			swap ? "slot" : "offset", entry_swap_offset(p->entry));
		if (swap && name)
			line(l, 0, " swap area   %s", name);
		else if (swap && p->frame)
			line(l, 0,
				" swap area   of type %u; /proc/swaps does not tell which that is",
				entry_swap_type(p->entry));
	} else if (p->entry & ENTRY_SWAP) {
		line(l, 0, " swap slot   %s", page_no_pfn(s));
	} else if (p->absent && p->kind == ABSENT_SWAPPED) {
		line(l, 0, " swap slot   not told of shared memory");
	} else {
		line(l, 0, " none: the page is not there");
	}
	if (p->frame && p->frame->known & FRAME_HAS_CHANGED)
		line(l, ink_of(ROLE_WARNING, 0), " the page changed while it was looked at");
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

/* What became of it, in a comparison. */
static void change_line(struct lines *l, const struct view *v, const struct scene *s)
{
	struct str words = { 0 };

	if (!changed_shown(v, s))
		return;
	changed_one_words(&words, v, s);
	line(l, 0, " change  %s", str_text(&words));
	str_free(&words);
}

void page_screen_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	struct lines l = { c, r, 0 };
	char perms[5], a[UNITS_COUNT_LEN], b[UNITS_COUNT_LEN], size[UNITS_SIZE_LEN],
		huge[UNITS_SIZE_LEN] = "";
	const struct snapshot_info *info = snapshot_info(s->snapshot);
	struct page p;

	if (!page_find(&p, v, s))
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
	change_line(&l, v, s);
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
	} else if (!p.have_entry) {
		const char *why = page_no_entry(&p, s, false);

		line(&l, 0, " entry   %s", why ? why : "is being read");
	} else {
		line(&l, 0, " entry   0x%016" PRIx64 "   pagemap offset 0x%" PRIx64, p.entry,
			p.address / info->page_size * 8);
		bits_lines(&l, &p, s);
		if (p.entry & ENTRY_PRESENT)
			frame_lines(&l, &p, s);
		else
			slot_lines(&l, &p, s);
	}
	/* With a line for its title, above the one for the keys. */
	if (l.y + 3 <= r.h &&
		times_history_draw(c, (struct rect){ r.x, r.y + l.y + 1, r.w, 1 }, p.vma,
			p.address, s))
		rule(&l, "history, newest right, 1 column = 1 snapshot (t/T step)");
	if (r.h > l.y)
		cells_text(c, r.x, r.y + r.h - 1, r.w, ink_of(ROLE_ADDRESS, 0), 0,
			changed_shown(v, s)
				? " Left/Right previous/next page   b/w previous/next change   [ ] mapping   Esc"
				: " Left/Right previous/next page   b/w previous/next run   [ ] mapping   Esc back");
}
