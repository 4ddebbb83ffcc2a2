/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changed between two snapshots of a process: the pages whose state is another one. Contents
 * are never compared. Pages are matched by address within mappings that are the same (vma_same());
 * a page of a mapping that is new has changed if something is in it. Unknown is not a change. */
#ifndef MODEL_DIFF_H
#define MODEL_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

struct diff;

/* Both snapshots are only read; O(runs of the mappings that differ). */
struct diff *diff_new(const struct snapshot *old, const struct snapshot *new);
void diff_free(struct diff *d); /* NULL is fine */

/* Of mapping i of the new snapshot: changed pages in all, and whether one of [first, first + pages)
 * changed (pages counted from the mapping's start). d may be NULL: nothing changed. */
uint64_t diff_pages(const struct diff *d, size_t i);
bool diff_changed(const struct diff *d, size_t i, uint64_t first, uint64_t pages);

/* The same pages as spans of the mapping, in order and apart from each other. */
struct diff_span {
	uint64_t first, end; /* pages from the start of the mapping; end is the first one behind */
};
size_t diff_spans(const struct diff *d, size_t i, const struct diff_span **span);

/* Changed pages in all mappings. */
uint64_t diff_total(const struct diff *d);

#endif
