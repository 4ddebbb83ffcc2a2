/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/pages.h"

#include <errno.h>

struct printing {
	FILE *f;
	const struct snapshot *s;
	const struct pages_options *o;
	uint64_t rows, done;     /* pages printed, and passed */
	bool cut;
	uint64_t cgroup;         /* the one of the row before ... */
	const char *cgroup_path; /* ... and its path: most pages have the same */
};

static struct maybe bit(bool known, uint64_t word)
{
	return (struct maybe){ known, word != 0 };
}

/* What is known of a page once its entry was read. */
struct page {
	uint64_t entry;
	enum absent absent;
	const struct frame *frame; /* NULL: not asked for */
};

static void describe_frame(struct printing *p, const struct vma *v, const struct frame *f,
	struct page_row *row)
{
	const struct frame_reader *r = p->o->frames;

	row->changed = f->known & FRAME_HAS_CHANGED;
	row->kpageflags = (struct maybe){ f->known & FRAME_HAS_FLAGS, f->flags };
	row->mapcount = (struct maybe){ f->known & FRAME_HAS_MAPCOUNT, f->mapcount };
	row->cgroup = (struct maybe){ f->known & FRAME_HAS_CGROUP, f->cgroup };
	if (row->cgroup.known && f->cgroup != p->cgroup) {
		p->cgroup = f->cgroup;
		p->cgroup_path = f->cgroup && r->cgroup ? r->cgroup(r->ctx, f->cgroup) : NULL;
	}
	if (row->cgroup.known)
		row->cgroup_path = p->cgroup_path;
	if (f->node >= 0)
		row->node = (struct maybe){ true, (uint64_t)f->node };
	if (f->zone)
		row->zone = zone_name((enum zone)f->zone);
	if (f->swap_area && r->swap_name)
		row->swap_area = r->swap_name(r->ctx, f->swap_area);
	row->lazyfree = frame_lazyfree(f, v, snapshot_info(p->s)->kernel);
}

/* page: NULL where no entry could be read. */
static void describe_row(struct printing *p, size_t vma, struct page_row *row,
	const struct run *run, const struct page *page)
{
	const struct vma *v = snapshot_vma(p->s, vma);
	const struct page_known *known = &snapshot_info(p->s)->known;
	enum page_state mapped = run->state; /* what the page table says */
	enum checkpoint saved;

	row->pfn_withheld = snapshot_info(p->s)->pfn_withheld;
	if (page) {
		uint64_t entry = page->entry;
		bool swap_like = !(entry & ENTRY_PRESENT) && entry & ENTRY_SWAP;

		mapped = query_state(p->s, v, entry, run->state);
		row->entry = (struct maybe){ true, entry };
		if (known->pfn && entry & ENTRY_PRESENT)
			row->pfn = (struct maybe){ true, entry_pfn(entry) };
		if (known->pfn && swap_like) {
			row->swap_type = (struct maybe){ true, entry_swap_type(entry) };
			row->swap_offset = (struct maybe){ true, entry_swap_offset(entry) };
		}
		row->exclusive = bit(known->exclusive, entry & ENTRY_EXCLUSIVE);
		row->soft_dirty = bit(known->soft_dirty, entry & ENTRY_SOFT_DIRTY);
		if (page->frame)
			describe_frame(p, v, page->frame, row);
		row->uffd_wp = bit(kernel_at_least(snapshot_info(p->s)->kernel, 5, 14),
			entry & ENTRY_UFFD_WP);
	}
	row->state = mapped;
	if (mapped == PAGE_NONE && entry_is_absent(v, page ? page->entry : 0))
		row->state = absent_state(page ? page->absent : ABSENT_UNKNOWN);
	/* `huge` is the scan's word: it holds as long as the page has not changed since. */
	row->huge = (struct maybe){ known->huge && mapped == run->state, run->huge };
	row->cow = bit(mapped != PAGE_UNKNOWN, mapped == PAGE_ANON && vma_cow_possible(v));
	if (!p->o->smaps)
		return;
	/* What only the object holds is saved with the object, not with the process. */
	saved = checkpoint_entry(p->s, v, &p->o->smaps[vma], mapped, page ? page->entry : 0);
	row->checkpoint = (struct maybe){ saved != CHECKPOINT_MAYBE, saved == CHECKPOINT_YES };
}

/* Read the entries of n pages, and their frames where those are to be told. */
static ssize_t read_pages(const struct pages_options *o, uint64_t page, uint64_t n, uint64_t *entry,
	struct frame *frame, struct err *e)
{
	if (o->frames)
		return frames_read(o->reader, o->frames, page, n, entry, frame, e);
	return o->reader->read(o->reader->ctx, page, n, entry, e);
}

static int go_on(const struct printing *p, struct err *e)
{
	if (!p->o->go_on || p->o->go_on(p->o->ctx, p->done))
		return 0;
	err_set(e, "given up");
	e->code = ECANCELED;
	return -1;
}

/* Print pages [first, first + pages) of a mapping, all of one run. */
static int print_run(struct printing *p, size_t vma, const struct run *run, uint64_t first,
	uint64_t pages, struct err *e)
{
	const struct vma *v = snapshot_vma(p->s, vma);
	uint64_t size = snapshot_info(p->s)->page_size, entry[ENTRY_CHUNK], i;
	uint8_t absent[ENTRY_CHUNK];
	struct frame frame[ENTRY_CHUNK];

	while (pages && !p->cut) {
		uint64_t n = pages < ENTRY_CHUNK ? pages : ENTRY_CHUNK, got = 0;

		if (go_on(p, e) < 0)
			return -1;
		if (p->o->reader) {
			ssize_t r = read_pages(p->o, v->start / size + first, n, entry, frame, e);

			if (r < 0)
				return -1;
			got = (uint64_t)r;
			entries_absent(p->o->reader, v, first, got, entry, absent);
			/* Nothing can be read of [vsyscall], dead or alive. */
			if (got < n && run->state != PAGE_UNKNOWN) {
				p->cut = true;
				n = got;
			}
		}
		for (i = 0; i < n; i++) {
			struct page_row row = { .address = v->start + (first + i) * size,
				.ascii = p->o->ascii };
			struct page page = { 0 };

			if (i < got && entry[i] != ENTRY_UNKNOWN)
				page = (struct page){ entry[i], (enum absent)absent[i],
					p->o->frames ? &frame[i] : NULL };
			describe_row(p, vma, &row, run,
				i < got && entry[i] != ENTRY_UNKNOWN ? &page : NULL);
			if (!(p->o->range->all && row.state == PAGE_NONE))
				p->o->print(p->f, &row, p->rows++);
		}
		first += n;
		pages -= n;
		p->done += n;
	}
	return 0;
}

/* Print what "all" wants of a run in which nothing is mapped: of shared memory, what is swapped
 * or may be. Whole stretches are asked about at once, so that holes of terabytes cost nothing. */
static int print_empty(struct printing *p, size_t vma, const struct run *run, uint64_t first,
	uint64_t pages, struct err *e)
{
	const struct vma *v = snapshot_vma(p->s, vma);
	const struct entry_reader *r = p->o->reader;
	/* Pages to ask about at a time: many where all say the same, few where each says something
	 * else, because to be asked about the rest again costs the time of all of it. */
	uint64_t window = ENTRY_CHUNK;
	struct absent_run part[64];
	size_t n, i;

	if (!entry_is_absent(v, 0))
		return 0;
	if (!r || !r->absent)
		return print_run(p, vma, run, first, pages, e);
	while (pages && !p->cut) {
		if (go_on(p, e) < 0)
			return -1;
		n = r->absent(r->ctx, v, first, window < pages ? window : pages, part,
			sizeof(part) / sizeof(*part));
		if (n == 1)
			window *= 2;
		else if (n == sizeof(part) / sizeof(*part) && window > n)
			window /= 2;
		for (i = 0; i < n; i++) {
			if (absent_state(part[i].kind) != PAGE_NONE &&
				print_run(p, vma, run, first, part[i].pages, e) < 0)
				return -1;
			first += part[i].pages;
			pages -= part[i].pages;
		}
	}
	return 0;
}

int pages_print(FILE *f, const struct snapshot *s, const struct pages_options *o, struct err *e)
{
	struct printing p = { .f = f, .s = s, .o = o };
	size_t i, r;

	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct vma *v = snapshot_vma(s, i);
		uint64_t first, pages;
		int printed;

		if (!query_range_pages(s, v, o->range, &first, &pages))
			continue;
		for (r = runs_find(v->runs, first); pages && !p.cut; r++) {
			struct run run = runs_at(v->runs, r);
			uint64_t part = run.first + run.pages - first;

			part = part < pages ? part : pages;
			if (o->range->all && run.state == PAGE_NONE)
				printed = print_empty(&p, i, &run, first, part, e);
			else
				printed = print_run(&p, i, &run, first, part, e);
			if (printed < 0)
				return -1;
			first += part;
			pages -= part;
		}
	}
	return !p.cut;
}
