/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which class each page is in, and how many are in each. */
#include "view/lens.h"

#include "model/ages.h"
#include "view/state.h"

/* Whether all that a lens tells are page frames. */
static bool of_frames(enum lens l)
{
	return lens_of_strips(l) != l;
}

/* --- page frames --- */

/* Whether pages in this state have an entry with a frame. */
static bool has_frame(enum page_state s)
{
	return s == PAGE_ANON || s == PAGE_FILE || s == PAGE_ZERO;
}

/* The file of /proc that the lens stands on, besides PFNs. FRAME_FILES: none. */
static enum frame_file file_of(enum lens l)
{
	return l == LENS_SHARING ? FRAME_FILE_MAPCOUNT
		: l == LENS_NODE ? FRAME_FILES
				 : FRAME_FILE_FLAGS;
}

static bool takes_frames(enum lens l)
{
	return of_frames(l) || l == LENS_SIZE;
}

bool lens_is_denied(enum lens l, const struct scene *s, struct str *t)
{
	const struct snapshot_info *info = snapshot_info(s->snapshot);
	enum frame_file f = file_of(l);
	int error = s->pages && f != FRAME_FILES ? pageset_frame_error(s->pages, f) : 0;

	if (!takes_frames(l) || (s->file && !(s->kept & NEED_FRAMES)))
		return false;
	if (!info->known.pfn && t)
		str_addf(t, "PFNs are %s", info->pfn_withheld ? "withheld (--no-pfn)"
							      : "hidden (needs CAP_SYS_ADMIN)");
	else if (error && t)
		str_addf(t, "/proc/%s cannot be read (needs CAP_DAC_READ_SEARCH)",
			frame_file_name(f));
	return !info->known.pfn || error;
}

/* The pages that the grid shows, counted from the start of their mapping. */
static uint64_t on_screen(
	const struct view *v, const struct scene *s, const struct vma *vma, uint64_t *first)
{
	uint64_t from = v->top > vma->start ? v->top : vma->start;
	uint64_t to = v->bottom < vma->end ? v->bottom : vma->end;

	if (to <= from)
		return 0;
	*first = snapshot_page_of(s->snapshot, vma, from);
	return (to - from) / snapshot_info(s->snapshot)->page_size;
}

bool lens_is_too_far(const struct view *v, const struct scene *s)
{
	const struct vma *vma = view_vma(v, s, NULL);
	uint64_t first;

	return takes_frames(v->lens) && vma && on_screen(v, s, vma, &first) > NEEDS_MAX_PAGES;
}

void lens_needs(struct needs *n, const struct view *v, const struct scene *s)
{
	const struct vma *vma = view_vma(v, s, NULL);
	uint64_t first, pages;

	if (!vma || !takes_frames(v->lens) || v->screen == SCREEN_PAGE ||
		!snapshot_info(s->snapshot)->known.pfn)
		return;
	pages = on_screen(v, s, vma, &first);
	/* Asking for a few is how one learns that it is denied. */
	if (pages > NEEDS_MAX_PAGES || lens_is_denied(v->lens, s, NULL))
		n->kinds |= NEED_FRAMES;
	else if (pages)
		needs_add(n, NEED_ENTRIES | NEED_FRAMES,
			vma->start / snapshot_info(s->snapshot)->page_size + first, pages);
}

static unsigned sharing_class(const struct frame *f)
{
	if (!(f->known & FRAME_HAS_MAPCOUNT))
		return SHARING_UNKNOWN;
	switch (f->mapcount) {
	case 0:
		return SHARING_UNCOUNTED;
	case 1:
		return SHARING_ONCE;
	case 2:
		return SHARING_TWICE;
	default:
		return f->mapcount < 16 ? SHARING_FEW : SHARING_MANY;
	}
}

static unsigned flags_class(const struct frame *f)
{
	if (!(f->known & FRAME_HAS_FLAGS))
		return FLAGS_UNKNOWN;
	if (f->flags & FRAME_WRITEBACK)
		return FLAGS_WRITEBACK;
	if (f->flags & FRAME_DIRTY)
		return FLAGS_DIRTY;
	if (f->flags & (FRAME_UNEVICTABLE | FRAME_MLOCKED))
		return FLAGS_UNEVICTABLE;
	if (frame_is_lazyfree(f))
		return FLAGS_LAZYFREE;
	if (f->flags & FRAME_KSM)
		return FLAGS_KSM;
	if (f->flags & FRAME_ACTIVE)
		return FLAGS_ACTIVE;
	if (f->flags & FRAME_REFERENCED)
		return FLAGS_REFERENCED;
	return f->flags & FRAME_LRU ? FLAGS_INACTIVE : FLAGS_OFF_LRU;
}

static unsigned frame_class(enum lens l, const struct frame *f)
{
	switch (l) {
	case LENS_SHARING:
		return sharing_class(f);
	case LENS_FLAGS:
		return flags_class(f);
	case LENS_NODE:
		return f->node < 0               ? NODE_UNKNOWN
			: f->node >= NODES_SHOWN ? NODE_MORE
						 : NODE_0 + (unsigned)f->node;
	default:
		if (!(f->known & FRAME_HAS_FLAGS))
			return SIZE_PTES;
		return f->flags & FRAME_LARGE ? SIZE_LARGE : SIZE_BASE;
	}
}

static unsigned unknown_class(enum lens l)
{
	return l == LENS_STATE ? PAGE_UNKNOWN
		: l == LENS_AGE ? AGE_CLASS_UNKNOWN
				: lens_classes(l) - 1;
}

/* The pages of one run, of which the frames tell more: page by page, as far as they were read. */
static void count_frames(struct lens_counts *c, enum lens l, const struct scene *s,
	const struct run *run, uint64_t page, uint64_t pages)
{
	const struct pageset *set =
		s->pages && pageset_serial(s->pages) == s->serial ? s->pages : NULL;
	uint64_t entry, end = page + pages;

	for (; page < end; page++) {
		const struct frame *f = pageset_frame(set, page);

		if (f && pageset_entry(set, page, &entry) && !(entry & ENTRY_PRESENT))
			/* Some kernels and mappings tell of no page at all. */
			c->of[run->state == PAGE_UNKNOWN ? unknown_class(l) : LENS_NONE]++;
		else if (f)
			c->of[frame_class(l, f)]++;
		else if (run->state == PAGE_UNKNOWN)
			c->of[unknown_class(l)]++;
		else if (!has_frame(run->state))
			c->of[LENS_NONE]++;
		else if (l == LENS_SIZE)
			c->of[SIZE_PTES]++;
		else
			c->unread++;
	}
}

/* Pages of a mapping without a look at their frames; in the lenses that show nothing else, those
 * that have one count as `there`. */
static void count_states(struct lens_counts *c, enum lens l, const struct vma *vma,
	const struct page_counts *n, uint64_t *there)
{
	uint64_t present = n->state[PAGE_ANON] + n->state[PAGE_FILE] + n->state[PAGE_ZERO];
	uint64_t huge = n->huge < present ? n->huge : present;

	c->of[unknown_class(l)] += n->state[PAGE_UNKNOWN];
	c->of[LENS_NONE] += page_counts_total(n) - present - n->state[PAGE_UNKNOWN];
	if (l != LENS_SIZE) {
		*there += present;
	} else if (vma->kind == VMA_HUGETLB) {
		c->of[SIZE_HUGETLB] += present;
	} else {
		c->of[SIZE_PMD] += huge;
		c->of[SIZE_PTES] += present - huge;
	}
}

static void count_by_frames(struct lens_counts *c, const struct view *v, const struct scene *s,
	const struct vma *vma, uint64_t first, uint64_t pages)
{
	uint64_t page = vma->start / snapshot_info(s->snapshot)->page_size;
	bool denied = (s->file && !(s->kept & NEED_FRAMES)) || lens_is_denied(v->lens, s, NULL);
	struct page_counts n;
	size_t i;

	if (denied || lens_is_too_far(v, s) || (v->lens == LENS_SIZE && vma->kind == VMA_HUGETLB)) {
		n = runs_count(vma->runs, first, pages);
		count_states(c, v->lens, vma, &n,
			denied ? &c->of[unknown_class(v->lens)] : &c->unread);
		return;
	}
	for (i = runs_find(vma->runs, first); pages; i++) {
		struct run run = runs_at(vma->runs, i);
		uint64_t part = run.first + run.pages - first;

		part = part < pages ? part : pages;
		if (v->lens == LENS_SIZE && run.huge && has_frame(run.state))
			c->of[SIZE_PMD] += part;
		else
			count_frames(c, v->lens, s, &run, page + first, part);
		first += part;
		pages -= part;
	}
}

/* --- the checkpoint set --- */

static struct vma_smaps smaps_of(const struct scene *s, size_t i)
{
	if (s->smaps)
		return s->smaps[i];
	return (struct vma_smaps){ .known = !checkpoint_needs_smaps(s->snapshot) };
}

static unsigned checkpoint_class(const struct scene *s, const struct vma *vma,
	const struct vma_smaps *m, enum page_state state)
{
	switch (checkpoint_page(s->snapshot, vma, m, state)) {
	case CHECKPOINT_YES:
		return CHECKPOINT_CLASS_SAVE;
	case CHECKPOINT_MAYBE:
		return CHECKPOINT_CLASS_UNKNOWN;
	default:
		if (state == PAGE_NONE)
			return CHECKPOINT_CLASS_NONE;
		return vma->perms & VMA_SHARED && (vma->kind == VMA_SHMEM || vma->kind == VMA_HUGETLB)
			? CHECKPOINT_CLASS_OBJECT
			: CHECKPOINT_CLASS_NOT;
	}
}

uint64_t lens_save(const struct scene *s, size_t i)
{
	struct vma_smaps m = smaps_of(s, i);

	return checkpoint_pages(s->snapshot, snapshot_vma(s->snapshot, i), &m);
}

static void count_checkpoint(struct lens_counts *c, const struct scene *s, size_t i,
	const struct page_counts *n)
{
	struct vma_smaps m = smaps_of(s, i);
	const struct vma *vma = snapshot_vma(s->snapshot, i);
	int state;

	for (state = 0; state < PAGE_STATES; state++)
		if (n->state[state])
			c->of[checkpoint_class(s, vma, &m, (enum page_state)state)] +=
				n->state[state];
}

/* --- ages --- */

static void count_ages(struct lens_counts *c, const struct scene *s, size_t i, uint64_t first,
	uint64_t pages)
{
	static const unsigned class_of[AGES] = {
		[AGE_OLD] = AGE_CLASS_OLD, [AGE_TEN_MINUTES] = AGE_CLASS_TEN_MINUTES,
		[AGE_MINUTE] = AGE_CLASS_MINUTE, [AGE_SECONDS] = AGE_CLASS_SECONDS,
		[AGE_NOW] = AGE_CLASS_NOW,
	};
	const struct runs *runs = snapshot_vma(s->snapshot, i)->runs;
	uint64_t end = first + pages, part;

	if (s->past) {
		c->unread += pages;
		return;
	}
	for (; first < end; first += part) {
		struct age_run r = s->ages ? ages_at(s->ages, i, first)
					   : (struct age_run){ .end = end };
		struct page_counts n;

		part = (r.end < end ? r.end : end) - first;
		if (r.age != AGE_OLD) {
			c->of[class_of[r.age]] += part;
			continue;
		}
		n = runs_count(runs, first, part);
		c->of[AGE_CLASS_NONE] += n.state[PAGE_NONE];
		c->of[AGE_CLASS_UNKNOWN] += n.state[PAGE_UNKNOWN];
		c->of[AGE_CLASS_OLD] += part - n.state[PAGE_NONE] - n.state[PAGE_UNKNOWN];
	}
}

/* --- counting --- */

static void count(enum lens l, const struct scene *s, size_t i, uint64_t first, uint64_t pages,
	struct lens_counts *c)
{
	const struct vma *vma = snapshot_vma(s->snapshot, i);
	struct page_counts n = runs_count(vma->runs, first, pages);
	int state;

	*c = (struct lens_counts){ .huge = n.huge };
	switch (l) {
	case LENS_CHECKPOINT:
		count_checkpoint(c, s, i, &n);
		break;
	case LENS_AGE:
		count_ages(c, s, i, first, pages);
		break;
	case LENS_SIZE:
		count_states(c, l, vma, &n, NULL);
		break;
	default:
		for (state = 0; state < PAGE_STATES; state++)
			c->of[state] = n.state[state];
	}
}

enum lens lens_count_roughly(const struct view *v, const struct scene *s, size_t i,
	uint64_t first, uint64_t pages, struct lens_counts *c)
{
	enum lens l = lens_of_strips(v->lens);

	count(l, s, i, first, pages, c);
	return l;
}

void lens_count(const struct view *v, const struct scene *s, size_t i, uint64_t first,
	uint64_t pages, struct lens_counts *c)
{
	const struct vma *vma = snapshot_vma(s->snapshot, i);

	if (!takes_frames(v->lens)) {
		count(v->lens, s, i, first, pages, c);
		return;
	}
	*c = (struct lens_counts){ .huge = runs_count(vma->runs, first, pages).huge };
	count_by_frames(c, v, s, vma, first, pages);
}

struct lens_sums lens_sum_up(const struct view *v, const struct scene *s)
{
	struct lens_sums sums = { .lens = v->lens };
	struct lens_counts c;
	size_t i;

	if (of_frames(v->lens) || v->lens == LENS_STATE || !s->snapshot)
		return sums;
	for (i = 0; i < snapshot_vmas(s->snapshot); i++) {
		count(v->lens, s, i, 0, runs_pages(snapshot_vma(s->snapshot, i)->runs), &c);
		lens_counts_add(&sums.counts, &c);
	}
	return sums;
}

struct lens_counts lens_on_screen(const struct view *v, const struct scene *s)
{
	struct lens_counts c = { 0 };
	uint64_t first, pages;
	size_t i;
	const struct vma *vma = view_vma(v, s, &i);

	pages = vma ? on_screen(v, s, vma, &first) : 0;
	if (pages)
		lens_count(v, s, i, first, pages, &c);
	return c;
}
