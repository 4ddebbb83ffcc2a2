/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/pages.h"

#include "model/checkpoint.h"

struct printing {
	FILE *f;
	const struct snapshot *s;
	const struct pages_options *o;
	uint64_t rows;
	bool cut;
};

static struct maybe bit(bool known, uint64_t word)
{
	return (struct maybe){ known, word != 0 };
}

static void describe_row(const struct printing *p, size_t vma, struct page_row *row,
	const struct run *run, const uint64_t *entry)
{
	const struct vma *v = snapshot_vma(p->s, vma);
	const struct page_known *known = &snapshot_info(p->s)->known;

	row->state = run->state;
	row->pfn_withheld = snapshot_info(p->s)->pfn_withheld;
	if (entry) {
		bool swap_like = !(*entry & ENTRY_PRESENT) && *entry & ENTRY_SWAP;

		row->state = query_state(p->s, v, *entry, run->state);
		row->entry = (struct maybe){ true, *entry };
		if (known->pfn && *entry & ENTRY_PRESENT)
			row->pfn = (struct maybe){ true, entry_pfn(*entry) };
		if (known->pfn && swap_like) {
			row->swap_type = (struct maybe){ true, entry_swap_type(*entry) };
			row->swap_offset = (struct maybe){ true, entry_swap_offset(*entry) };
		}
		row->exclusive = bit(known->exclusive, *entry & ENTRY_EXCLUSIVE);
		row->soft_dirty = bit(known->soft_dirty, *entry & ENTRY_SOFT_DIRTY);
		row->uffd_wp = bit(kernel_at_least(snapshot_info(p->s)->kernel, 5, 14),
			*entry & ENTRY_UFFD_WP);
	}
	/* `huge` is the scan's word: it holds as long as the page has not changed since. */
	row->huge = (struct maybe){ known->huge && row->state == run->state, run->huge };
	row->cow = bit(row->state != PAGE_UNKNOWN, row->state == PAGE_ANON && vma_cow_possible(v));
	if (p->o->droppable && row->state != PAGE_UNKNOWN)
		row->checkpoint = bit(true, checkpoint_has(v, row->state, p->o->droppable[vma]));
}

/* Print pages [first, first + pages) of a mapping, all of one run. */
static int print_run(struct printing *p, size_t vma, const struct run *run, uint64_t first,
	uint64_t pages, struct err *e)
{
	const struct vma *v = snapshot_vma(p->s, vma);
	uint64_t size = snapshot_info(p->s)->page_size, entry[ENTRY_CHUNK], i;

	while (pages && !p->cut) {
		uint64_t n = pages < ENTRY_CHUNK ? pages : ENTRY_CHUNK, got = 0;

		if (p->o->reader) {
			ssize_t r = p->o->reader->read(
				p->o->reader->ctx, v->start / size + first, n, entry, e);

			if (r < 0)
				return -1;
			got = (uint64_t)r;
			/* Nothing can be read of [vsyscall], dead or alive. */
			if (got < n && run->state != PAGE_UNKNOWN) {
				p->cut = true;
				n = got;
			}
		}
		for (i = 0; i < n; i++) {
			struct page_row row = { .address = v->start + (first + i) * size };

			describe_row(p, vma, &row, run, i < got ? &entry[i] : NULL);
			p->o->print(p->f, &row, p->rows++);
		}
		first += n;
		pages -= n;
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

		if (!query_range_pages(s, v, o->range, &first, &pages))
			continue;
		for (r = runs_find(v->runs, first); pages && !p.cut; r++) {
			struct run run = runs_at(v->runs, r);
			uint64_t part = run.first + run.pages - first;

			part = part < pages ? part : pages;
			if (!(o->range->all && run.state == PAGE_NONE) &&
				print_run(&p, i, &run, first, part, e) < 0)
				return -1;
			first += part;
			pages -= part;
		}
	}
	return !p.cut;
}
