/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/entries.h"

#include <string.h>

bool entry_is_absent(const struct vma *v, uint64_t entry)
{
	/* Bits 55 and 57 can be set in an empty entry too. */
	return v->kind == VMA_SHMEM && !(entry & (ENTRY_PRESENT | ENTRY_SWAP));
}

void entries_absent(const struct entry_reader *r, const struct vma *v, uint64_t first, uint64_t n,
	const uint64_t *entries, uint8_t *kind)
{
	struct absent_run run[64];
	uint64_t from = 0, to = n;

	memset(kind, ABSENT_UNKNOWN, n);
	while (from < to && !entry_is_absent(v, entries[from]))
		from++;
	while (to > from && !entry_is_absent(v, entries[to - 1]))
		to--;
	if (!r->absent)
		return;
	while (from < to) {
		size_t runs = r->absent(r->ctx, v, first + from, to - from, run,
			sizeof(run) / sizeof(*run)), i;

		for (i = 0; i < runs; from += run[i++].pages)
			memset(kind + from, (int)run[i].kind, run[i].pages);
	}
}

enum page_state absent_state(enum absent kind)
{
	switch (kind) {
	case ABSENT_SWAPPED:
		return PAGE_SWAP;
	case ABSENT_UNKNOWN:
		return PAGE_UNKNOWN;
	default:
		return PAGE_NONE;
	}
}
