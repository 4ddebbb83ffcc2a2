/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kind of memory that a mapping belongs to, for sums: what a person asks where the RSS is. */
#ifndef MODEL_GROUP_H
#define MODEL_GROUP_H

#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

/* Every mapping belongs to exactly one. X(NAME, "name"). */
#define GROUP_LIST(X)                                                                              \
	X(HEAP, "heap")            /* the brk heap, and what malloc(3) has named as its own */     \
	X(STACK, "stacks")         /* the main thread's, shadow stacks, those that are named so */ \
	X(ANON, "anonymous")       /* other private anonymous memory */                            \
	X(LIBRARY, "libraries")    /* a file of which some mapping is executable */                \
	X(FILE, "files")           /* other files */                                               \
	X(SHMEM, "shared memory")  /* anonymous, memfd, SysV, tmpfs without programs */            \
	X(HUGETLB, "hugetlb")      /* huge pages of hugetlbfs */                                   \
	X(DEVICE, "devices")       /* a device or a kernel object */                               \
	X(SPECIAL, "special")      /* made by the kernel: [vdso], [vvar] and the like */           \
	X(RESERVED, "reservations") /* private anonymous memory of which every page is none: no    \
				     * zero page, no marker */

enum group {
#define X(id, name) GROUP_##id,
	GROUP_LIST(X)
#undef X
	GROUPS
};

const char *group_name(enum group g);

/* The group of each mapping of the snapshot, by its number; to be freed by the caller. A
 * reservation is of the moment: memory that was written and given back (MADV_DONTNEED) looks like
 * one. O(mappings log mappings). */
uint8_t *groups_of(const struct snapshot *s);

struct group_sum {
	size_t mappings;
	uint64_t pages;            /* their size, in system pages */
	struct page_counts counts;
	size_t largest;            /* the mapping with most pages in RAM, of no use without mappings */
};

/* Sums over the mappings of each group; of: as groups_of() has it. */
void groups_sum(const struct snapshot *s, const uint8_t *of, struct group_sum sum[GROUPS]);

/* An object (file or shared memory) of which the process has the same pages in RAM at several
 * addresses: then RSS counts them several times. */
struct mapped_object {
	const struct vma *vma;  /* the first mapping of it; belongs to the snapshot */
	size_t index;           /* its number there */
	size_t mappings;        /* how many of this process */
	uint64_t entries;       /* pages of the object in RAM as page tables count them ... */
	uint64_t distinct;      /* ... and how many different ones these are */
};

/* Find them, by offsets and states alone; those whose entries are more than the distinct pages, in
 * order of the difference, largest first. Copies (anon) are distinct pages of their own, and not
 * counted here. Returns how many; *out is freed by the caller. O(n log n) in mappings and runs. */
size_t objects_mapped_again(const struct snapshot *s, struct mapped_object **out);

#endif
