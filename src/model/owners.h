/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who maps a page: the answer, as far as it was found. */
#ifndef MODEL_OWNERS_H
#define MODEL_OWNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/entries.h"
#include "model/report.h"
#include "model/vma.h"

/* What was looked for. X(NAME, "name"). */
#define OWNERS_WHAT_LIST(X)                                                                        \
	X(FRAME, "frame")   /* entries with this PFN */                                            \
	X(SLOT, "swap")     /* entries with this swap type and slot */                             \
	X(OBJECT, "object") /* a page of shared memory that the asked process's page table does    \
	                     * not hold: mappings of the object that cover it */                   \
	X(ZERO, "zero")     /* the shared zero page, 4 KiB or huge: nobody's, not looked for */

enum owners_what {
#define X(id, name) OWNERS_##id,
	OWNERS_WHAT_LIST(X)
#undef X
};

/* How far the search went. X(NAME, "name"). */
#define OWNERS_END_LIST(X)                                                                         \
	X(SEARCHING, "searching")   /* it goes on */                                               \
	X(ALL_FOUND, "all_found")   /* as many as kpagecount says, and a second look agreed */     \
	X(EXHAUSTED, "exhausted")   /* everywhere it may look */                                   \
	X(CANCELLED, "cancelled")                                                                  \
	X(MOVED, "moved")           /* the page went from frame to frame meanwhile */

enum owners_end {
#define X(id, name) OWNERS_##id,
	OWNERS_END_LIST(X)
#undef X
};

/* One page of one process. */
struct owner {
	pid_t pid;
	pid_t same_as;   /* it shares all its memory with this one (vfork(2), CLONE_VM), whose line
	                  * counts; 0: it counts itself */
	char comm[65];   /* as the kernel has it: any byte */
	uint64_t address;
	uint64_t entry;  /* what the page table says; without PFN or slot where those are withheld */
	struct vma vma;  /* that the page lies in; its name is the owners' */
	bool asked;      /* the page that was asked about */
};

struct owners {
	enum owners_what what;
	enum owners_end end;
	pid_t pid;           /* whose page was asked about, 0: a PFN was */
	char comm[65];
	uint64_t address;
	uint64_t pfn;        /* FRAME and ZERO */
	unsigned swap_type;  /* SLOT */
	uint64_t swap_offset;
	bool withheld;       /* PFN and slot are not to be told */
	enum absent absent;  /* OBJECT: what became of the page, by the object behind it */
	bool flags_known, count_known, shared_known;
	uint64_t flags;      /* FRAME_... of model/frame.h */
	uint64_t count;      /* page-table mappings on the whole machine, by kpagecount */
	/* shared_known: whether processes share memory could be asked. */

	struct owner *owner;
	size_t n, cap;
	size_t processes;    /* looked at, as the search needed it */
	size_t denied;       /* that could not be: no permission */
	size_t unseen;       /* that could not be for another reason, unseen_error: an errno */
	int unseen_error;
	size_t ended;        /* that ended before or while they were */
};

const char *owners_what_name(enum owners_what w);
const char *owners_end_name(enum owners_end e);

void owners_free(struct owners *o); /* what it points to */

/* Whether there is one of that process and address among the first n. */
bool owners_has(const struct owners *o, size_t n, pid_t pid, uint64_t address);
/* Add a copy of w; those that share memory come behind the one they share it with. */
void owners_add(struct owners *o, const struct owner *w);
/* Take out number i, and those behind it who share the memory of its process at that address. */
void owners_drop(struct owners *o, size_t i);
/* In order of pid and address. */
void owners_sort(struct owners *o);

/* How many mappings were found: memory that several processes share counts once. */
size_t owners_found(const struct owners *o);

/* Whether nothing can be missing: as many were found as there must be; or, where there is no count,
 * every process was looked at. */
bool owners_complete(const struct owners *o);

/* "present", "swap" or, where the page table holds nothing, "none". */
const char *owner_entry_state(const struct owner *w);

/* The answer as lines: first how many were found, then what was looked for, then each. */
struct report *owners_report(const struct owners *o, bool exact);

#endif
