/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every page of a range, a row each, in constant memory: this file walks, text, json and csv print.
 */
#ifndef OUTPUT_PAGES_H
#define OUTPUT_PAGES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "model/checkpoint.h"
#include "model/entries.h"
#include "model/frame.h"
#include "model/query.h"
#include "model/snapshot.h"

/* A value that may not be known. */
struct maybe {
	bool known;
	uint64_t value;
};

struct page_row {
	uint64_t address;
	enum page_state state;
	bool pfn_withheld;   /* not given out because of --no-pfn */
	struct maybe entry, pfn, swap_type, swap_offset;
	struct maybe exclusive, soft_dirty, uffd_wp, huge, cow, checkpoint; /* 0 or 1 */
	/* Of the frame, or the slot. */
	bool changed;        /* the page, while it was looked at: nothing of it is known */
	struct maybe kpageflags, mapcount, node;
	struct maybe cgroup; /* an inode, 0 for none */
	const char *cgroup_path, *zone, *swap_area; /* bytes from outside; NULL: not known */
	const char *lazyfree; /* as frame_lazyfree() */
	bool ascii;          /* names go out as ASCII */
};

/* The columns between state and kpageflags, in order: X(member, kind), where a FLAG is 0 or 1. */
#define PAGE_COLUMNS(X)                                                                            \
	X(pfn, NUMBER) X(swap_type, NUMBER) X(swap_offset, NUMBER) X(exclusive, FLAG)              \
	X(soft_dirty, FLAG) X(uffd_wp, FLAG) X(huge, FLAG) X(cow, FLAG) X(checkpoint, FLAG)

typedef void page_printer(FILE *f, const struct page_row *row, uint64_t index);

struct pages_options {
	const struct query_range *range;
	const struct entry_reader *reader; /* NULL: a snapshot without entries */
	const struct vma_smaps *smaps; /* by mapping; NULL: the checkpoint column stays unknown */
	page_printer *print;
	const struct frame_reader *frames; /* NULL: nothing is to be told of frames */
	bool ascii;
	/* Called for every few thousand pages with those done so far; gives up (ECANCELED) when it
	 * returns false. May be NULL. */
	bool (*go_on)(void *ctx, uint64_t done);
	void *ctx;
};

/* Print the rows. Returns 1 when all was there, 0 when the process ended in the middle (what could
 * be read was printed), or -1 with e set: reading failed. */
int pages_print(FILE *f, const struct snapshot *s, const struct pages_options *o, struct err *e);

page_printer text_page, json_page, csv_page;
void text_pages_begin(FILE *f);
void csv_pages_begin(FILE *f);
void json_pages_begin(FILE *f, const struct snapshot *s, bool ascii);
void json_pages_end(FILE *f);

#endif
