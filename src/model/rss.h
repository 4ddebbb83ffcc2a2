/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the RSS is: what the kernel counts of a process (/proc/PID/status, smaps) beside what
 * pmview counts in its page tables, with every difference explained to the page; and sums by kind
 * of memory. A value: source/rss.h gathers what goes into it. */
#ifndef MODEL_RSS_H
#define MODEL_RSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/frame.h"
#include "model/group.h"
#include "model/report.h"
#include "model/smaps.h"
#include "model/snapshot.h"

/* A number that is not known. */
#define RSS_UNKNOWN UINT64_MAX

/* The numbers of /proc/PID/status (proc(5)). X(NAME, "name"). */
#define RSS_STATUS_LIST(X)                                                                         \
	X(VM_RSS, "VmRSS")                                                                         \
	X(RSS_ANON, "RssAnon")                                                                     \
	X(RSS_FILE, "RssFile")                                                                     \
	X(RSS_SHMEM, "RssShmem")                                                                   \
	X(VM_SWAP, "VmSwap")                                                                       \
	X(HUGETLB, "HugetlbPages")

enum rss_status_field {
#define X(id, name) STATUS_##id,
	RSS_STATUS_LIST(X)
#undef X
	STATUS_FIELDS
};
const char *rss_status_name(enum rss_status_field f);

struct rss_status {
	uint64_t bytes[STATUS_FIELDS]; /* or RSS_UNKNOWN */
	/* Each of the kernel's counters may be off by this many bytes (VmRSS is the sum of three):
	 * per-thread counts before Linux 6.2, per-CPU counts from there to 6.15. 0: exact. */
	uint64_t slack;
};

/* What was found out about the frames behind a mapping's pages, in pages unless it says. Without
 * the right to read kpageflags and kpagecount, only `moving` is found. */
struct vma_frames {
	uint64_t counted;     /* pages of which the number of mappings is known ... */
	uint64_t changed;     /* ... and in RAM, but it is not: they changed while they were read, or
	                       * nothing is told of them */
	uint64_t once;        /* mapped once on the whole machine: the USS */
	uint64_t unmapped;    /* in our page table, though its frame counts no mapping */
	uint64_t pss;         /* sum of bytes << PSS_SHIFT / mappings, as smaps adds it up */
	uint64_t lazyfree;    /* anonymous, clean, and not to be swapped */
	uint64_t swap_backed; /* of a file or object, as shared memory and tmpfs are ... */
	uint64_t not_swap_backed; /* ... and as files are */
	uint64_t moving_anon, moving_file; /* on their way to another frame */
};
#define PSS_SHIFT 12

/* Add one page, by the entry that its frame was read for and the state that entry says. */
void vma_frames_add(struct vma_frames *to, enum page_state state, uint64_t entry,
	const struct frame *f, uint32_t page_size);

/* The lines of the table. X(NAME, "where", "name"). */
#define RSS_LINE_LIST(X)                                                                           \
	X(VM_RSS, "status", "VmRSS")                                                               \
	X(RSS_ANON, "status", "RssAnon")                                                           \
	X(RSS_FILE, "status", "RssFile")                                                           \
	X(RSS_SHMEM, "status", "RssShmem")                                                         \
	X(VM_SWAP, "status", "VmSwap")                                                             \
	X(HUGETLB, "status", "HugetlbPages")                                                       \
	X(RSS, "smaps", "Rss")                                                                     \
	X(ANONYMOUS, "smaps", "Anonymous")                                                         \
	X(SWAP, "smaps", "Swap")                                                                   \
	X(LAZYFREE, "smaps", "LazyFree")                                                           \
	X(SMAPS_HUGETLB, "smaps", "*_Hugetlb")                                                     \
	X(USS, "smaps", "Private_*")                                                               \
	X(PSS, "smaps", "Pss")

enum rss_line_id {
#define X(id, where, name) LINE_##id,
	RSS_LINE_LIST(X)
#undef X
	RSS_LINES
};

/* Why the kernel's number may differ from pmview's. X(NAME, "name", "in words"). */
#define RSS_ITEM_LIST(X)                                                                           \
	X(HUGETLB, "hugetlb", "hugetlb pages, which this leaves out")                              \
	X(ZERO, "zero", "zero pages, which plain reads of pagemap cannot tell from others")        \
	X(DEVICE, "device", "pages of devices and DAX files, which the kernel does not count")     \
	X(MOVING, "moving", "pages on their way to another frame, of this kind")                   \
	X(SECRET, "secretmem", "secret memory, which is file pages to the kernel")                 \
	X(TMPFS, "tmpfs", "pages of tmpfs below another file system (overlay)")                    \
	X(SHMEM_SWAP, "shmem_swap", "shared memory in swap, which no page table shows")            \
	X(REWRITTEN, "rewritten", "written again since MADV_FREE")                                 \
	X(UNMAPPED, "unmapped", "pages whose frames count no mapping")                             \
	X(CUT, "cut", "smaps cuts Pss of each mapping to a whole kB")                              \
	X(COUNTERS, "counters", "status is an approximation with this kernel")

enum rss_item_id {
#define X(id, name, words) ITEM_##id,
	RSS_ITEM_LIST(X)
#undef X
	RSS_ITEMS
};
const char *rss_item_name(enum rss_item_id i);
const char *rss_item_words(enum rss_item_id i);

/* kernel = pmview + the items + what is not explained; in bytes. */
struct rss_line {
	uint64_t kernel, pmview;     /* RSS_UNKNOWN: not told, or nobody could count it */
	int64_t item[RSS_ITEMS];     /* 0: has no part in this */
	bool certain;                /* both are known, and every item that may have a part */
	int64_t unexplained;         /* of use where certain */
};
const char *rss_line_where(enum rss_line_id l);
const char *rss_line_name(enum rss_line_id l);
/* Whether there is anything to tell: it is not 0 or unknown on both sides. */
bool rss_line_is_there(const struct rss_line *l);

/* Of a group of mappings, in bytes; RSS_UNKNOWN where it could not be known. RSS is in RAM as
 * everywhere in pmview (page_counts_rss()): with hugetlb pages, without zero pages. */
struct rss_sum {
	size_t mappings, largest; /* as in struct group_sum */
	uint64_t size, rss, swap;
	uint64_t uss, pss;        /* by the frames */
	uint64_t private;         /* Private_* of smaps, with hugetlb, and ... */
	uint64_t smaps_pss;       /* ... Pss, without: if smaps still has all of its mappings */
};

struct rss {
	/* The input. snapshot must stay; the arrays are by mapping, rss_free() frees them. */
	const struct snapshot *snapshot;
	struct rss_status status;
	struct vma_smaps *smaps;     /* NULL: not read */
	struct smaps_sums smaps_sums;
	struct vma_frames *frames;   /* NULL: not read */
	bool counts, flags;          /* mappings and flags of frames can be read here */
	/* Pages of shared memory in swap that smaps counts for the mapping, by its object;
	 * RSS_UNKNOWN where that could not be asked. NULL: not asked. */
	uint64_t *shmem_swap;
	uint64_t smaps_ns, frames_ns; /* how long reading took */
	uint64_t held_ns;            /* how long it stood still for all of this; 0: it did not */
	bool stands;                 /* it was stopped or frozen all the time */

	/* The result. */
	struct rss_line line[RSS_LINES];
	struct rss_sum sum[GROUPS], total;
	uint8_t *group;              /* of each mapping */
	struct mapped_object *object; /* mapped several times */
	size_t objects;
	uint64_t zero;               /* bytes of zero pages, which are in no RSS; or RSS_UNKNOWN */
	uint64_t changed;            /* pages in RAM that are in neither uss nor pss */
};

/* Fill in the result. */
void rss_reckon(struct rss *r);
void rss_free(struct rss *r);

/* The table, the groups and the objects, in 80 columns. */
struct report *rss_report(const struct rss *r, bool exact);

/* Private_* of one mapping, with hugetlb, in bytes. */
uint64_t smaps_private(const struct vma_smaps *m);

#endif
