/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a mapping is mapped by huge entries, and where it is not and why, as far as a snapshot
 * tells: whether huge pages are enabled for a mapping it does not know. A slot is what one PMD entry
 * maps: PMD-sized and aligned. */
#ifndef MODEL_SLOTS_H
#define MODEL_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/snapshot.h"

/* How full a slot is: with pages that a huge page would take the place of, which are anon, file and
 * moving ones. X(NAME, "what"). */
#define SLOT_KIND_LIST(X)                                                                          \
	X(HUGE, "mapped huge") X(FULL, "full, but not huge") X(MOST, "three quarters or more")     \
	X(HALF, "half or more") X(LESS, "less") X(EMPTY, "empty")                                  \
	X(UNKNOWN, "not known")

enum slot_kind {
#define X(name, what) SLOT_##name,
	SLOT_KIND_LIST(X)
#undef X
	SLOT_KINDS
};

struct slots {
	uint64_t pages;          /* in a slot */
	uint64_t whole;          /* slots that lie wholly in the mapping ... */
	uint64_t of[SLOT_KINDS]; /* ... and how full they are */
	unsigned cut;            /* slots of which the mapping holds only a part: none is huge */
	uint64_t present, huge;  /* pages that are there, zero pages included; of these mapped huge */
};

/* Of a mapping, in O(runs). False, and *out is not set, where the snapshot does not know which
 * pages are mapped huge, how much a PMD entry maps, or anything about the mapping. */
bool slots_of(const struct snapshot *s, const struct vma *v, struct slots *out);

/* The same, but false too where pages of a slot are unknown. */
bool slots_of_all(const struct snapshot *s, const struct vma *v, struct slots *out);

/* Slots that hold something, but are neither huge nor full. */
uint64_t slots_partly(const struct slots *n);

/* "huge 37% of what is there, 12 of 32 slots". */
void slots_words(struct str *t, const struct slots *n);

/* The slot at an address of the mapping: "slot 7f0000200000: 511 of 512, not huge: 1 absent". Says
 * nothing where slots_of() returns false. */
void slot_words(struct str *t, const struct snapshot *s, const struct vma *v, uint64_t address);

#endif
