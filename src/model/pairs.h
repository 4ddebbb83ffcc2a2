/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages of two snapshots side by side: by address, within mappings that are the same
 * (vma_same()). One old mapping can match several new ones, and the other way. */
#ifndef MODEL_PAIRS_H
#define MODEL_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

#define PAIR_NONE SIZE_MAX

/* Pages that are all in one state on either side. Where a side has no counterpart, its mapping is
 * PAIR_NONE, its state `none`. */
struct pair {
	size_t old, new;              /* numbers of the mappings */
	uint64_t old_first, new_first; /* pages from the start of each */
	uint64_t pages;
	enum page_state was, is;
	bool was_huge, is_huge;
};

struct pairs_visitor {
	/* Pages in the order of addresses. */
	void (*pages)(void *ctx, const struct pair *p);
	/* Two mappings match: before the pages that they have in common, and behind those that come
	 * before these. NULL: of no interest. */
	void (*match)(void *ctx, size_t old, size_t new);
	void *ctx;
	bool all; /* tell also of pages that are known to be in equal states by sharing their runs */
};

/* Tell of all pages of mapping j of new. *at is where to look in old, and is moved on: begin with 0
 * and call with growing j. O(runs of the mappings that differ). */
void pairs_of_new(const struct snapshot *old, const struct snapshot *new, size_t j, size_t *at,
	const struct pairs_visitor *v);

/* The same of mapping i of old, but only of those of its pages that have no counterpart in new. */
void pairs_only_old(const struct snapshot *old, const struct snapshot *new, size_t i, size_t *at,
	const struct pairs_visitor *v);

#endif
