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
	uint64_t pages = 0;
	int state;

	for (state = 0; state < PAGE_STATES; state++)
		if (checkpoint_has(v, (enum page_state)state, droppable))
			pages += v->counts.state[state];
	return pages;
}
