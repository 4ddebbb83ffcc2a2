/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lenses: what the grid, the strips and the overview show of pages. Each sorts all pages into
 * classes, and a page is in exactly one of them. */
#ifndef VIEW_LENS_H
#define VIEW_LENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/pageset.h"
#include "model/snapshot.h"
#include "view/cells.h"

/* X(NAME, "name", "what it shows") */
#define LENS_LIST(X)                                                                               \
	X(STATE, "state", "the state of each page")						\
	X(SHARING, "sharing", "by how many page tables on the machine a page is mapped")	\
	X(SIZE, "page size", "what size of page, and of page table entry, maps it")		\
	X(FLAGS, "flags", "what the kernel notes of the page: the first of these that holds")	\
	X(NODE, "node", "the NUMA node whose memory it is in")					\
	X(CHECKPOINT, "checkpoint", "what a checkpointer must save of this process")		\
	X(AGE, "age", "how long ago the state was last seen to change")

enum lens {
#define X(id, name, what) LENS_##id,
	LENS_LIST(X)
#undef X
	LENSES
};

/* The classes of each lens but that of states, which has those of PAGE_STATE_LIST. First that of
 * pages where nothing is; the further down, the rarer (for L, and for marks).
 * X(NAME, letter, letter of a mixture, ROLE, "name", "meaning") */
#define SHARING_LIST(X)                                                                            \
	X(NONE, '.', ':', NONE, "not mapped", "no page is present")				\
	X(ONCE, '1', 'i', ANON, "once", "mapped once: only here")				\
	X(TWICE, '2', 'z', MOVING, "twice", "mapped twice")					\
	X(FEW, '3', 'e', SHMEM, "3-15", "mapped 3 to 15 times")					\
	X(MANY, 'M', 'm', FILE, "16+", "mapped 16 times or more")				\
	X(UNCOUNTED, '0', 'o', ZERO, "uncounted", "a page whose mappings are not counted: zero") \
	X(UNKNOWN, '?', '~', UNKNOWN, "unknown", "not known")

#define SIZE_LIST(X)                                                                               \
	X(NONE, '.', ':', NONE, "none", "no page is present")					\
	X(BASE, 'B', 'b', ANON, "base", "a page of the smallest size")				\
	X(PTES, 'T', 't', ZERO, "small", "no huge entry; of a large folio or not: not read")	\
	X(LARGE, 'L', 'l', SHMEM, "large", "a part of a large folio, but no huge entry")	\
	X(PMD, 'P', 'p', FILE, "PMD", "mapped by a PMD entry: a transparent huge page")		\
	X(HUGETLB, 'H', 'h', MOVING, "hugetlb", "a huge page of hugetlbfs")			\
	X(UNKNOWN, '?', '~', UNKNOWN, "unknown", "not known")

#define FLAGS_LIST(X)                                                                              \
	X(NONE, '.', ':', NONE, "none", "no page is present")					\
	X(OFF_LRU, 'N', 'n', MARKER, "off LRU", "on no LRU list: fresh, reserved, zero")	\
	X(INACTIVE, 'I', 'i', FILE, "inactive", "on the inactive list")				\
	X(REFERENCED, 'R', 'r', SHMEM, "referenced", "used since it was last looked at")	\
	X(ACTIVE, 'A', 'a', ANON, "active", "on the active list")				\
	X(KSM, 'K', 'k', ZERO, "KSM", "merged with equal pages")				\
	X(LAZYFREE, 'L', 'l', MARKER, "lazyfree", "MADV_FREE: may be dropped unless written since")\
	X(UNEVICTABLE, 'U', 'u', MARKER, "locked", "unevictable: mlock and the like")		\
	X(DIRTY, 'D', 'd', SWAP, "dirty", "differs from what is on disk or in swap")		\
	X(WRITEBACK, 'W', 'w', MOVING, "writeback", "being written to disk or swap")		\
	X(UNKNOWN, '?', '~', UNKNOWN, "unknown", "not known")

#define NODES_SHOWN 8
#define NODE_LIST(X)                                                                               \
	X(NONE, '.', ':', NONE, "none", "no page is present")					\
	X(0, '0', 'a', ANON, "node 0", "memory of node 0")					\
	X(1, '1', 'b', FILE, "node 1", "memory of node 1")					\
	X(2, '2', 'c', SHMEM, "node 2", "memory of node 2")					\
	X(3, '3', 'd', SWAP, "node 3", "memory of node 3")					\
	X(4, '4', 'e', ZERO, "node 4", "memory of node 4")					\
	X(5, '5', 'f', MOVING, "node 5", "memory of node 5")					\
	X(6, '6', 'g', MARKER, "node 6", "memory of node 6")					\
	X(7, '7', 'h', MARKER, "node 7", "memory of node 7")					\
	X(MORE, '+', '*', MARKER, "others", "memory of a node above 7")				\
	X(UNKNOWN, '?', '~', UNKNOWN, "unknown", "not known")

#define CHECKPOINT_LIST(X)                                                                         \
	X(NONE, '.', ':', NONE, "none", "nothing there")					\
	X(NOT, 'N', 'n', FILE, "not needed", "need not be saved: a file has it, or it is zero")	\
	X(OBJECT, 'O', 'o', SHMEM, "shared", "saved once with its object, not for a process")	\
	X(SAVE, 'S', 's', ANON, "save", "must be saved for this process")			\
	X(UNKNOWN, '?', '~', UNKNOWN, "unknown", "not known")

#define AGE_LIST(X)                                                                                \
	X(NONE, '.', ':', NONE, "none", "nothing there, and for as long")			\
	X(UNKNOWN, '?', '~', UNKNOWN, "unknown", "the state is not known")			\
	X(OLD, 'O', 'o', FILE, "older", "10 minutes or more, or not since the look began")	\
	X(TEN_MINUTES, 'T', 't', SHMEM, "<10 min", "less than 10 minutes")			\
	X(MINUTE, 'M', 'm', ZERO, "<1 min", "less than a minute")				\
	X(SECONDS, 'S', 's', ANON, "<10 s", "less than 10 seconds")				\
	X(NOW, 'N', 'n', SWAP, "just now", "changed in the last scan")

/* No lens has more classes. */
#define LENS_CLASSES 11
/* Class 0 of every lens. */
#define LENS_NONE    0

enum {
#define X(id, ...) SHARING_##id,
	SHARING_LIST(X) SHARING_CLASSES
#undef X
};
enum {
#define X(id, ...) SIZE_##id,
	SIZE_LIST(X) SIZE_CLASSES
#undef X
};
enum {
#define X(id, ...) FLAGS_##id,
	FLAGS_LIST(X) FLAGS_CLASSES
#undef X
};
enum {
#define X(id, ...) NODE_##id,
	NODE_LIST(X) NODE_CLASSES
#undef X
};
enum {
#define X(id, ...) CHECKPOINT_CLASS_##id,
	CHECKPOINT_LIST(X) CHECKPOINT_CLASSES
#undef X
};
enum {
#define X(id, ...) AGE_CLASS_##id,
	AGE_LIST(X) AGE_CLASSES
#undef X
};

struct lens_class {
	char letter, mixed;
	uint8_t role;   /* enum role */
	uint8_t rarity; /* 0: the rarest */
	bool lettered;  /* its colour is not its own: the letter stands in blocks too */
	const char *name, *meaning;
};

const char *lens_name(enum lens l);
const char *lens_what(enum lens l);
unsigned lens_classes(enum lens l);
const struct lens_class *lens_class(enum lens l, unsigned class);
/* The class of that rarity. */
unsigned lens_of_rarity(enum lens l, unsigned rarity);
/* How many of the rarest classes leave a mark in whatever cell they are. */
unsigned lens_marks(enum lens l);

struct scene;
struct view;

/* Pages by class. A cell in which one was not read says so, and nothing else. */
struct lens_counts {
	uint64_t of[LENS_CLASSES];
	uint64_t unread;
	uint64_t huge;  /* of them, mapped by a huge entry */
};
void lens_counts_add(struct lens_counts *to, const struct lens_counts *more);
uint64_t lens_counts_total(const struct lens_counts *c); /* without huge, which is of them */

/* Pages [first, first + pages) of mapping i, all of which lie in it, by the classes of the lens
 * that the view looks through. */
void lens_count(const struct view *v, const struct scene *s, size_t i, uint64_t first,
	uint64_t pages, struct lens_counts *c);
/* The same without page frames, which are read only of what is on screen: for strips and sums.
 * Those lenses that have no other classes show the states of pages there: returns which lens it
 * is. */
enum lens lens_count_roughly(const struct view *v, const struct scene *s, size_t i,
	uint64_t first, uint64_t pages, struct lens_counts *c);
enum lens lens_of_strips(enum lens l);

/* Sums over all mappings, as far as they are known without page frames. */
struct lens_sums {
	enum lens lens;
	struct lens_counts counts;
};
struct lens_sums lens_sum_up(const struct view *v, const struct scene *s);
/* Sums over the pages that the grid shows. */
struct lens_counts lens_on_screen(const struct view *v, const struct scene *s);

/* Whether the grid shows more pages than are read at a time. */
bool lens_is_too_far(const struct view *v, const struct scene *s);

/* Why page frames tell nothing here, and what would allow it: added to t, which may be NULL. False
 * if they tell. */
bool lens_is_denied(enum lens l, const struct scene *s, struct str *t);

/* Add what the lens needs to be read. */
void lens_needs(struct needs *n, const struct view *v, const struct scene *s);

/* The next lens, or the one before, that can show anything here; those left out are named in the
 * view's message. Returns what must follow (FOLLOW_...). */
unsigned lens_turn(struct view *v, const struct scene *s, bool back);

/* What mapping i must have saved, in pages: CHECKPOINT_UNKNOWN where that is not known. */
uint64_t lens_save(const struct scene *s, size_t i);

#endif
