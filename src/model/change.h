/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happened to one page between two looks at it: exactly one thing, or nothing. */
#ifndef MODEL_CHANGE_H
#define MODEL_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/page.h"

/* X(NAME, letter, "name", "words", "meaning") */
#define CHANGE_LIST(X)                                                                             \
	X(NONE, '.', "none", "no change", "the state is the same, or it is not known whether")     \
	X(FAULTED_IN, '+', "faulted_in", "faulted in", "nothing was mapped, now a page is")        \
	X(FREED, '-', "freed", "freed",                                                            \
		"nothing is there any more (file, shared: only unmapped)")          \
	X(SWAPPED_OUT, 's', "swapped_out", "swapped out", "it is in swap now")                     \
	X(SWAPPED_IN, 'a', "swapped_in", "swapped in", "it was in swap, now it is in RAM")         \
	X(FRAME, '~', "another_frame", "in another frame",                                         \
		"another PFN: migrated, or given up and faulted in again")                         \
	X(COPIED, 'c', "copied", "copied on write", "a page of a file, now an own copy of it")     \
	X(HUGE, 'h', "became_huge", "became huge", "it is mapped by a huge entry now")             \
	X(SPLIT, 't', "split", "split", "it was mapped by a huge entry, now by a small one")       \
	X(ZERO, 'z', "zero_written", "zero page written", "it was the zero page, now it is own memory") \
	X(OTHER, 'o', "other", "changed otherwise", "another state, by none of these ways")

enum change {
#define X(name, letter, text, words, meaning) CHANGE_##name,
	CHANGE_LIST(X)
#undef X
	CHANGES
};

char change_letter(enum change c);
const char *change_name(enum change c);  /* for programs: "faulted_in" */
const char *change_words(enum change c); /* "faulted in" */
const char *change_meaning(enum change c);

/* A page as one of two snapshots knows it. */
struct change_side {
	enum page_state state;
	bool huge;                               /* of use with huge_known */
	bool huge_known, zero_known, guard_known; /* as in struct page_known */
	uint64_t pfn;                            /* of a page that is present; 0: not known */
};

/* What happened. Another state comes first, then the size of its entry, then its frame. What is
 * unknown on either side is no change; that includes anon where zero pages are not told from it, and
 * swap and markers where guard markers are not. cow: an anonymous page of the mapping is a copy
 * (vma_cow_possible()). */
enum change change_of(const struct change_side *old, const struct change_side *new, bool cow);

#endif
