/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc/PID/smaps says of a mapping (proc(5), fs/proc/task_mmu.c). */
#ifndef MODEL_SMAPS_H
#define MODEL_SMAPS_H

#include <stdbool.h>
#include <stdint.h>

/* Its numbers, in the order of Linux 6.18. X(NAME, "name"). */
#define SMAPS_FIELD_LIST(X)                                                                        \
	X(PAGE_SIZE, "KernelPageSize")                                                             \
	X(RSS, "Rss")                                                                              \
	X(PSS, "Pss")                                                                              \
	X(SHARED_CLEAN, "Shared_Clean")                                                            \
	X(SHARED_DIRTY, "Shared_Dirty")                                                            \
	X(PRIVATE_CLEAN, "Private_Clean")                                                          \
	X(PRIVATE_DIRTY, "Private_Dirty")                                                          \
	X(REFERENCED, "Referenced")                                                                \
	X(ANONYMOUS, "Anonymous")                                                                  \
	X(KSM, "KSM")                                                                              \
	X(LAZYFREE, "LazyFree")                                                                    \
	X(ANON_HUGE, "AnonHugePages")                                                              \
	X(SHARED_HUGETLB, "Shared_Hugetlb")                                                        \
	X(PRIVATE_HUGETLB, "Private_Hugetlb")                                                      \
	X(SWAP, "Swap")                                                                            \
	X(SWAP_PSS, "SwapPss")                                                                     \
	X(LOCKED, "Locked")

enum smaps_field {
#define X(id, name) SMAPS_##id,
	SMAPS_FIELD_LIST(X)
#undef X
	SMAPS_FIELDS
};

/* Where reading it may hold the target up for longer than this at a time, that is said, or asked
 * about, before: it is what every other call keeps to. */
#define SMAPS_SAY_NS 500000

/* A mapping of the snapshot, which smaps is read after. */
struct vma_smaps {
	bool known;      /* smaps still had the mapping: else nothing below is known */
	bool droppable;  /* VmFlags dp: made with MAP_DROPPABLE (Linux 6.11) */
	bool io;         /* VmFlags io or pf: device memory and the like */
	bool mixed;      /* VmFlags mm: a driver's pages, or a file's without page cache (DAX) */
	bool swap_known; /* it had the same start and end there: its numbers are known */
	uint64_t swap;   /* Swap, in system pages; of shared memory the object's, in this range */
	uint64_t kb[SMAPS_FIELDS]; /* in kB, as they stand there; 0 for what this kernel lacks */
};

/* The sums over all that smaps lists, in kB, whether it is in the snapshot or not. */
struct smaps_sums {
	uint64_t kb[SMAPS_FIELDS];
};

#endif
