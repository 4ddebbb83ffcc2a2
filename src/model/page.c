/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/page.h"

#include <stdio.h>

static const struct {
	const char *name, *meaning;
	char letter;
} states[PAGE_STATES] = {
#define X(id, l, text, what) [PAGE_##id] = { .name = text, .meaning = what, .letter = l },
	PAGE_STATE_LIST(X)
#undef X
};

const char *page_state_name(enum page_state s)
{
	return states[s].name;
}

char page_state_letter(enum page_state s)
{
	return states[s].letter;
}

const char *page_state_meaning(enum page_state s)
{
	return states[s].meaning;
}

enum page_state page_state_of_letter(char c)
{
	int s;

	for (s = 0; s < PAGE_STATES; s++)
		if (states[s].letter == c)
			break;
	return (enum page_state)s;
}

uint64_t entry_pfn(uint64_t entry)
{
	return entry & ENTRY_PFN_MASK;
}

unsigned entry_swap_type(uint64_t entry)
{
	return entry & 31;
}

uint64_t entry_swap_offset(uint64_t entry)
{
	return (entry & ENTRY_PFN_MASK) >> 5;
}

bool kernel_at_least(const char *release, int major, int minor)
{
	int x = 0, y = 0;

	sscanf(release, "%d.%d", &x, &y);
	return x > major || (x == major && y >= minor);
}

/* Types are five bits. */
#define NO_MARKER_TYPE 32

struct swap_layout swap_layout_of(const char *kernel_release)
{
	unsigned marker = NO_MARKER_TYPE;

	if (kernel_at_least(kernel_release, 6, 2))
		marker = 31;
	else if (kernel_at_least(kernel_release, 5, 19))
		marker = 30;
	return (struct swap_layout){ .marker_type = marker };
}

/* What a marker's offset says (include/linux/swapops.h). */
#define MARKER_GUARD 4

static enum page_state swap_entry_state(uint64_t entry, const struct page_hints *h)
{
	unsigned type = entry_swap_type(entry);

	if (entry & ENTRY_GUARD)
		return PAGE_GUARD;
	if (!h->pfn_known)
		return PAGE_UNKNOWN;
	if (type == h->swap.marker_type && entry_swap_offset(entry) & MARKER_GUARD)
		return PAGE_GUARD;
	if (type >= h->swap.marker_type)
		return PAGE_MARKER;
	if (type >= SWAP_TYPES_SURE)
		return PAGE_MOVING;
	return PAGE_SWAP;
}

enum page_state entry_state(uint64_t entry, const struct page_hints *h)
{
	if (entry & ENTRY_PRESENT) {
		if (h->pfn_known && h->zero_pfn && entry_pfn(entry) == h->zero_pfn)
			return PAGE_ZERO;
		if (h->shared)
			return PAGE_FILE;
		if (!(entry & ENTRY_FILE))
			return PAGE_ANON;
		/* Nothing but the huge zero page carries bit 61 in private anonymous memory. */
		return h->object || h->special || h->hugetlb ? PAGE_FILE : PAGE_ZERO;
	}
	if (entry & ENTRY_SWAP)
		return swap_entry_state(entry, h);
	/* A hugetlb entry that is not present does not set bit 62, whatever it is, but its uffd-wp
	 * marker shows (fs/proc/task_mmu.c, 6.18). */
	if (h->hugetlb && entry & ENTRY_UFFD_WP)
		return PAGE_MARKER;
	return PAGE_NONE;
}

void page_counts_add(struct page_counts *to, const struct page_counts *more)
{
	int s;

	for (s = 0; s < PAGE_STATES; s++)
		to->state[s] += more->state[s];
	to->huge += more->huge;
}

uint64_t page_counts_total(const struct page_counts *c)
{
	uint64_t sum = 0;
	int s;

	for (s = 0; s < PAGE_STATES; s++)
		sum += c->state[s];
	return sum;
}

uint64_t page_counts_rss(const struct page_counts *c)
{
	return c->state[PAGE_ANON] + c->state[PAGE_FILE] + c->state[PAGE_MOVING];
}
