/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wander: a process that does to its address space what a seed says, and keeps a record of what
 * each page can be now. wander.c says what it prints, record.c keeps the record, act.c does things,
 * have.c finds what can be done here.
 *
 * The record is made from what was asked of the kernel and whether it was refused, not from what
 * the kernel shows. Only of MADV_PAGEOUT it cannot be known which pages go: those are looked up.
 */
#ifndef WANDER_H
#define WANDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All mappings are made in this one range, so that they lie side by side. */
#define HUGE		512		/* pages; also where this system's huge pages are others */
#define PAGES		((size_t)10 * HUGE)
#define OBJECT_PAGES	((size_t)2 * HUGE)

/* The states a page can be in: a set of these. */
#define STATES(X)	X(NONE, '.') X(ANON, 'A') X(FILE, 'F') X(SWAP, 'S') X(ZERO, '0') \
			X(GUARD, '#') X(MARKER, '!')
enum state_number {
#define X(name, letter) NUMBER_##name,
	STATES(X)
#undef X
};
enum {
#define X(name, letter) IS_##name = 1 << NUMBER_##name,
	STATES(X)
#undef X
};

/* What is mapped. X(NAME, shared, name of the kind, name of ours). */
#define WHATS(X)							\
	X(HOLE, false, "-", "hole")					\
	X(PLAIN, false, "anon", "plain")				\
	X(ADVISED, false, "anon", "advised-huge")			\
	X(DEV_ZERO, false, "anon", "dev-zero")				\
	X(DROPPABLE, false, "anon", "droppable")			\
	X(WATCHED, false, "anon", "uffd")				\
	X(FILE_PRIVATE, false, NULL, "file-private")			\
	X(FILE_SHARED, true, NULL, "file-shared")			\
	X(MEMFD_PRIVATE, false, "shmem", "memfd-private")		\
	X(MEMFD_SHARED, true, "shmem", "memfd-shared")			\
	X(SHARED_ANON, true, "shmem", "shared-anon")			\
	X(HUGETLB_PRIVATE, false, "hugetlb", "hugetlb-private")		\
	X(HUGETLB_SHARED, true, "hugetlb", "hugetlb-shared")
enum what {
#define X(name, shared, kind, ours) name,
	WHATS(X)
#undef X
	N_WHATS,
	FIRST_OF_OBJECT = FILE_PRIVATE,
	LAST_OF_OBJECT = SHARED_ANON,
};

/* The objects that are mapped: none, a file, two memfds, and shared anonymous ones. */
enum { NO_OBJECT, THE_FILE, MEMFD_1, MEMFD_2, FIRST_SHARED_ANON, N_OBJECTS = 12 };

struct object {
	int fd;				/* -1: shared anonymous memory has none */
	bool shmem;
	bool large;			/* may have large folios: pages come and go together */
	bool has[OBJECT_PAGES];		/* the page may exist: a neighbour's fault may map it too */
	bool left[OBJECT_PAGES];	/* it was asked to go to swap since it was last touched */
};

struct page {
	uint8_t may;			/* the states it can be in */
	uint8_t what;
	uint8_t prot;
	uint8_t object;
	uint16_t in_object;		/* page of the object */
	uint32_t mapping;		/* which mmap() made it */
	bool written : 1;		/* it is not all zeros */
	bool freed : 1;			/* MADV_FREE: may be dropped at any time */
	bool mixed : 1;			/* was part of a huge page: comes and goes with it */
	bool huge : 1;			/* mapped by a huge entry, certainly */
	bool poisoned : 1;		/* touching it would be fatal */
};

extern struct page pages[PAGES];
extern struct object objects[N_OBJECTS];
extern char *arena;

/* wander.c */
void cannot_have(const char *what, const char *why);	/* said in the record */

/* record.c */
bool is_shared(enum what what);
bool is_hugetlb(enum what what);
const char *name_of(enum what what);
size_t segment_end(size_t first);		/* pages of one mapping, of one access */
bool all_are(size_t first, size_t n, unsigned int states);

void recorded_read(size_t i);			/* page i was read, or written to */
void recorded_write(size_t i);
void recorded_dropped(size_t first, size_t n);	/* MADV_DONTNEED */
void recorded_freed(size_t first, size_t n);	/* MADV_FREE */
void recorded_paged_out(size_t first, size_t n);
void recorded_collapsed(size_t first, bool done, bool alone);
void recorded_punched(size_t object, size_t first, size_t n, bool copies_too);
void recorded_moved(size_t from, size_t to, size_t n, bool stays_mapped);
void recorded_split(size_t first, size_t n);	/* huge entries there may be none now */
void recorded_fork(void);
void recorded_gone(size_t first, size_t n);
void record_print(void);			/* on stdout */

/* have.c */
enum { GUARD_INSTALL = 102, DROPPABLE_FLAG = 8 };	/* madvise(2), mmap(2) */
void have_init(void);
extern bool have[N_WHATS];
extern bool turn_huge_off;			/* huge pages come unasked on this system */
extern int dev_zero, uffd;			/* -1 if there is none */

/* act.c */
/* Do what these five random numbers say, as step number `step`. */
void act(unsigned int step, const uint64_t random[5]);
void act_why(size_t page);			/* prints the latest things done to it */

#endif
