/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two snapshots of a process compared: what became of each mapping, and of each page. Everything
 * is by address: what was moved by mremap(2) has gone from one place and is new in another.
 * Contents are never compared. */
#ifndef MODEL_CHANGES_H
#define MODEL_CHANGES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/change.h"
#include "model/entries.h"
#include "model/snapshot.h"

/* What became of a mapping. X(NAME, mark, "name") */
#define VMA_CHANGE_LIST(X)                                                                         \
	X(SAME, ' ', "same")                                                                       \
	X(NEW, '+', "new")                                                                         \
	X(GONE, '-', "gone")                                                                       \
	X(GROWN, '>', "grown")                                                                     \
	X(SHRUNK, '<', "shrunk")                                                                   \
	X(SPLIT, ' ', "split")   /* one of the pieces that one old mapping has become */           \
	X(JOINED, ' ', "joined") /* of several old ones */

enum vma_change {
#define X(name, mark, text) VMA_CHANGE_##name,
	VMA_CHANGE_LIST(X)
#undef X
	VMA_CHANGES
};
const char *vma_change_name(enum vma_change c);
char vma_change_mark(enum vma_change c);

struct change_counts {
	uint64_t of[CHANGES]; /* in system pages; of[CHANGE_NONE] is not counted: 0 */
};
uint64_t change_counts_total(const struct change_counts *n);

/* A mapping with a change. What a shrunk one has lost counts with it. */
struct change_row {
	size_t vma;             /* its number in the new snapshot; of one that is gone, in the old */
	size_t place;           /* the same in the new one; of one that is gone, the one it stood before */
	enum vma_change what;
	uint8_t was_perms;      /* VMA_READ ... of a mapping that it was */
	struct change_counts n;
	uint64_t gained, lost;  /* pages of its size */
	uint64_t unknown;       /* pages of which nothing can be said, as one side does not know */
	int64_t rss, swap;      /* pages in RAM, and in swap, more than before: as far as known */
};

struct changes_options {
	/* Of both snapshots, for pages that are in another frame; either may be NULL. */
	const struct entry_reader *old_entries, *new_entries;
	bool keep_pages; /* for changes_count(), changes_at() and changes_next() */
	const atomic_bool *cancel; /* give up when it becomes true (looked at for each mapping):
				    * errno ECANCELED. May be NULL */
};

struct changes;

/* Compare. Both must have pages of the same size; they are only read, and may go away. With both
 * readers entries are read, ENTRY_CHUNK at a time, of pages that are present on both sides. Returns
 * 0; 1 where a process ended meanwhile, so that other frames were not told of all pages; -1 with e
 * set (cannot be without readers and cancel). Except for -1 *out is the caller's. */
int changes_make(struct changes **out, const struct snapshot *old, const struct snapshot *new,
	const struct changes_options *o, struct err *e);
void changes_free(struct changes *c); /* NULL is fine */

/* The mappings that have changed, by address; one that is gone stands before a new one at the same
 * address. */
size_t changes_rows(const struct changes *c);
const struct change_row *changes_row(const struct changes *c, size_t i);
/* The row of mapping j of the new snapshot, or the first one behind it. O(log rows). */
size_t changes_find(const struct changes *c, size_t j);
/* The same if it is its row, else NULL: it has not changed. */
const struct change_row *changes_of(const struct changes *c, size_t j);
/* The rows of mappings that are gone: how many, and the index of the i-th. */
size_t changes_gone(const struct changes *c);
size_t changes_gone_row(const struct changes *c, size_t i);

/* Sums over all rows, and how many mappings of each kind. */
const struct change_row *changes_sums(const struct changes *c);
size_t changes_mappings(const struct changes *c, enum vma_change what);

/* Why pages in other frames, or huge entries, are not told: a part of a sentence; NULL if they
 * are. */
const char *changes_no_frames(const struct changes *c);
const char *changes_no_huge(const struct changes *c);
/* A side is incomplete: what only the other one has is not told as new (or gone). */
bool changes_in_part(const struct changes *c);

/* Of pages [first, first + pages) of mapping j of the new snapshot. O(log spans). */
struct change_counts changes_count(
	const struct changes *c, size_t j, uint64_t first, uint64_t pages);
enum change changes_at(const struct changes *c, size_t j, uint64_t page);
/* The first page of the next stretch of pages changed in one way behind `page`, or before it (back).
 * False: there is none in the mapping. */
bool changes_next(const struct changes *c, size_t j, uint64_t page, bool back, uint64_t *first);

/* Whether two snapshots are of one process. 1: yes; 0: it looks so, but not all that tells was known
 * of both (then, as with -1, e says why); -1: no. */
int changes_same_process(
	const struct snapshot_info *old, const struct snapshot_info *new, struct err *e);

#endif
