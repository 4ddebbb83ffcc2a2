/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/checkpoint.h"

#include <string.h>

static bool named(const struct vma *v, const char *name)
{
	return !strncmp(v->name, name, strlen(name));
}

bool checkpoint_has(const struct vma *v, enum page_state state, bool droppable)
{
	/* Saved whole, whatever pagemap says. */
	if (named(v, "[vdso]") || named(v, "/[aio]"))
		return true;
	if (v->perms & VMA_SHARED || droppable || v->kind == VMA_SPECIAL)
		return false;
	switch (state) {
	case PAGE_ANON:
	case PAGE_SWAP:
	case PAGE_MOVING:
		return true;
	case PAGE_FILE:
		return !vma_has_object(v); /* else it can be read from the file again */
	default:
		return false;
	}
}

uint64_t checkpoint_pages(const struct vma *v, bool droppable)
{
	struct page_counts counts = vma_counts(v);
	uint64_t pages = 0;
	int state;

	if (counts.state[PAGE_UNKNOWN] && !(v->perms & VMA_SHARED) && !droppable &&
		v->kind != VMA_SPECIAL)
		return CHECKPOINT_UNKNOWN;

	for (state = 0; state < PAGE_STATES; state++)
		if (checkpoint_has(v, (enum page_state)state, droppable))
			pages += counts.state[state];
	return pages;
}

uint64_t checkpoint_sum(const uint64_t *pages, size_t n)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (pages[i] == CHECKPOINT_UNKNOWN)
			return CHECKPOINT_UNKNOWN;
		sum += pages[i];
	}
	return sum;
}
