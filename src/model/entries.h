/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw pagemap entries, which are never part of a snapshot: whoever prints or draws them is handed a
 * reader and takes a chunk at a time. */
#ifndef MODEL_ENTRIES_H
#define MODEL_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "model/page.h"
#include "model/vma.h"

/* What became of a page of shared memory that the page table does not hold: its entry is empty
 * whether it was swapped out, is in the page cache but not mapped here, or never was. The object
 * behind the mapping knows. */
enum absent {
	ABSENT_UNKNOWN,     /* it could not be asked */
	ABSENT_NOT_SWAPPED, /* it was not asked, but cannot be in swap: hole or cached */
	ABSENT_HOLE,
	ABSENT_CACHED,
	ABSENT_SWAPPED,
};

struct absent_run {
	uint64_t pages;
	enum absent kind;
};

struct entry_reader {
	/* Read the entries of n pages from page number `page` (address / page size) on, which must
	 * lie in one mapping. Returns how many were read, fewer than n only where the process has
	 * ended or changed, or -1 with e set. Of a file those that it lacks are ENTRY_UNKNOWN. */
	ssize_t (*read)(void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e);
	/* Ask the object behind shared-memory mapping v about n > 0 of its pages from page `first`
	 * (of the mapping) on. Fills in up to `most` > 0 runs, which cover those pages in order, or
	 * the first of them if there are more runs. Pages that are mapped count as cached. Returns
	 * how many runs, at least 1. NULL: it cannot be asked, which is ABSENT_UNKNOWN. */
	size_t (*absent)(void *ctx, const struct vma *v, uint64_t first, uint64_t n,
		struct absent_run *run, size_t most);
	void *ctx;
};

/* How many entries to ask for at a time: a chunk of 32 KiB, read within about 0.1 ms. */
#define ENTRY_CHUNK 4096

/* Whether the object must be asked about a page of mapping v with that entry. */
bool entry_is_absent(const struct vma *v, uint64_t entry);

/* What became of pages [first, first + n) of mapping v, n <= ENTRY_CHUNK, given their entries: one
 * enum absent for each in kind, of use where entry_is_absent(). */
void entries_absent(const struct entry_reader *r, const struct vma *v, uint64_t first, uint64_t n,
	const uint64_t *entries, uint8_t *kind);

/* The state at page level: swapped pages of shared memory are swap, though pagemap does not show
 * it; what could not be asked is unknown; else there is none. */
enum page_state absent_state(enum absent kind);

#endif
