/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page under the cursor, and what is known of it: page.c draws it as a line, page_screen.c as a
 * screen. */
#ifndef VIEW_PAGE_H
#define VIEW_PAGE_H

#include "view/state.h"

struct page {
	const struct vma *vma;
	uint64_t index, address, entry;
	struct run run;
	bool have_entry;
	bool absent;         /* of shared memory, and not in the page table */
	enum absent kind;    /* what became of it then */
	bool missing;        /* its entry was asked for, and could not be read */
	enum page_state state;
	struct frame_window window; /* of use with have_entry */
	const struct frame *frame;  /* NULL: not read */
};

/* False if there is no mapping at all. */
bool page_find(struct page *p, const struct view *v, const struct scene *s);

/* Why its entry is not there, in words for a line or (brief) for a part of one; NULL: it is being
 * read. And the same of its frame, where there is an entry. */
const char *page_no_entry(const struct page *p, const struct scene *s, bool brief);
const char *page_no_frame(const struct scene *s);

/* Why there is no PFN or slot to be shown. */
const char *page_no_pfn(const struct scene *s);

/* That the kernel may drop the page, as frame_lazyfree(); NULL if not. */
const char *page_lazyfree(const struct page *p, const struct scene *s);

/* Whether its frame is known to have one of these flags. */
bool page_has(const struct page *p, uint64_t flags);

#endif
