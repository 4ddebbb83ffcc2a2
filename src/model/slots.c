/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/slots.h"

#include <inttypes.h>

/* A slot while its runs are added up. */
struct filling {
	uint64_t pages, full, huge, unknown;
};

static bool fills(enum page_state s)
{
	return s == PAGE_ANON || s == PAGE_FILE || s == PAGE_MOVING;
}

static void fill(struct filling *f, const struct run *run, uint64_t pages)
{
	f->pages += pages;
	f->full += fills(run->state) ? pages : 0;
	f->huge += run->huge && run->state != PAGE_NONE ? pages : 0;
	f->unknown += run->state == PAGE_UNKNOWN ? pages : 0;
}

static enum slot_kind kind_of(const struct filling *f, uint64_t pages)
{
	if (f->huge == pages)
		return SLOT_HUGE;
	if (f->unknown)
		return SLOT_UNKNOWN;
	if (f->full == pages)
		return SLOT_FULL;
	if (f->full >= pages - pages / 4)
		return SLOT_MOST;
	if (f->full >= pages / 2)
		return SLOT_HALF;
	return f->full ? SLOT_LESS : SLOT_EMPTY;
}

static bool known(const struct snapshot *s, const struct vma *v)
{
	const struct snapshot_info *info = snapshot_info(s);

	return info->known.huge && info->pmd_size > info->page_size && !vma_is_opaque(v);
}

bool slots_of(const struct snapshot *s, const struct vma *v, struct slots *out)
{
	const struct snapshot_info *info = snapshot_info(s);
	struct filling f = { 0 };
	uint64_t first, into, n;
	struct slots sum = { 0 };
	size_t i;

	if (!known(s, v))
		return false;
	n = info->pmd_size / info->page_size;
	sum.pages = n;
	/* The part of a slot before the mapping does not count as filled. */
	first = v->start / info->page_size % n;
	into = first;
	for (i = 0; i < runs_length(v->runs); i++) {
		struct run run = runs_at(v->runs, i);
		uint64_t left = run.pages;

		sum.present += fills(run.state) || run.state == PAGE_ZERO ? run.pages : 0;
		sum.huge += run.huge && run.state != PAGE_NONE ? run.pages : 0;
		while (left) {
			uint64_t part = left < n - into ? left : n - into;

			if (!into && left >= n) {
				/* Whole slots in one run: all at once. */
				part = left / n * n;
				f = (struct filling){ 0 };
				fill(&f, &run, n);
				sum.of[kind_of(&f, n)] += part / n;
				sum.whole += part / n;
				f = (struct filling){ 0 };
				left -= part;
				continue;
			}
			fill(&f, &run, part);
			into += part;
			left -= part;
			if (into < n)
				continue;
			if (f.pages == n) {
				sum.of[kind_of(&f, n)]++;
				sum.whole++;
			} else {
				sum.cut++;
			}
			f = (struct filling){ 0 };
			into = 0;
		}
	}
	sum.cut += into != 0;
	*out = sum;
	return true;
}

bool slots_of_all(const struct snapshot *s, const struct vma *v, struct slots *out)
{
	return slots_of(s, v, out) && !out->of[SLOT_UNKNOWN];
}

uint64_t slots_partly(const struct slots *n)
{
	return n->of[SLOT_MOST] + n->of[SLOT_HALF] + n->of[SLOT_LESS];
}

void slots_words(struct str *t, const struct slots *n)
{
	if (!n->present)
		str_add(t, "nothing there");
	else
		str_addf(t, "huge %u%%", (unsigned)((double)n->huge * 100 / (double)n->present));
	if (n->whole)
		str_addf(t, ", %" PRIu64 " of %" PRIu64 " slot%s", n->of[SLOT_HUGE], n->whole,
			n->whole == 1 ? "" : "s");
	else
		str_add(t, ", no whole slot");
}

/* Whether a file's pages lie in the mapping as they would in a huge page: else no slot can be huge
 * (include/linux/huge_mm.h, thp_vma_suitable_order(), Linux 6.18). */
static bool lies_right(const struct vma *v, uint32_t pmd_size)
{
	return !vma_has_object(v) || (v->start - v->offset) % pmd_size == 0;
}

/* What keeps a slot from being full: "1 absent, 3 swapped". */
static void holes(struct str *t, const struct page_counts *n)
{
	static const struct {
		enum page_state state;
		const char *what;
	} kinds[] = { { PAGE_NONE, "absent" }, { PAGE_SWAP, "swapped" }, { PAGE_ZERO, "zero" },
		{ PAGE_GUARD, "guard" }, { PAGE_MARKER, "marked" }, { PAGE_UNKNOWN, "not known" } };
	const char *comma = "";
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!n->state[kinds[i].state])
			continue;
		str_addf(t, "%s%" PRIu64 " %s", comma, n->state[kinds[i].state], kinds[i].what);
		comma = ", ";
	}
}

void slot_words(struct str *t, const struct snapshot *s, const struct vma *v, uint64_t address)
{
	const struct snapshot_info *info = snapshot_info(s);
	uint64_t start, end, n, full;
	struct page_counts c;
	bool cut;

	if (!known(s, v))
		return;
	n = info->pmd_size / info->page_size;
	start = address / info->pmd_size * info->pmd_size;
	end = start + info->pmd_size;
	/* The last slot of all ends where addresses do. */
	cut = start < v->start || end > v->end || end < start;
	start = start < v->start ? v->start : start;
	end = end > v->end || end < start ? v->end : end;
	c = runs_count(v->runs, snapshot_page_of(s, v, start), (end - start) / info->page_size);
	full = c.state[PAGE_ANON] + c.state[PAGE_FILE] + c.state[PAGE_MOVING];
	str_addf(t, "slot %" PRIx64 ": ", address / info->pmd_size * info->pmd_size);
	if (c.huge == n) {
		str_add(t, "mapped huge");
		if (c.state[PAGE_ZERO] == n)
			str_add(t, " (the huge zero page)");
		return;
	}
	str_addf(t, "%" PRIu64 " of %" PRIu64 ", not huge: ", full, n);
	if (cut)
		str_add(t, "cut by the mapping's end");
	else if (!lies_right(v, info->pmd_size))
		str_add(t, "the file's offset is not aligned to it");
	else if (full < n)
		holes(t, &c);
	else
		str_add(t, "khugepaged has not collapsed it, or THP is not enabled here");
}
