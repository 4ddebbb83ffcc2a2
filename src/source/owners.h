/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Find every page of every process that is the same page frame, or in the same swap slot. */
#ifndef SOURCE_OWNERS_H
#define SOURCE_OWNERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "model/owners.h"
#include "source/job.h"
#include "source/kernel.h"

struct owners_query {
	const char *proc;            /* which procfs, such as "/proc" */
	const struct kernel *kernel; /* what was found out before (kernel_probe()); NULL: find out */
	pid_t pid;                   /* the page at address of this process; */
	uint64_t address;            /* any byte of it */
	uint64_t pfn;                /* or, with pid 0, this page frame */
	bool plain;                  /* do not use PAGEMAP_SCAN */
	bool withhold;               /* do not give out PFNs, swap types and slots */
};

/* Search. Where the page can be expected comes first: a page of a file or of shared memory at its
 * offset in the mappings of the same object, a private one at the same address in the process's
 * relatives; then all processes. It ends as soon as as many are found as kpagecount says there are,
 * and reading that and all that was found again agrees. What was found is from that second look;
 * where the page asked about has moved by then, the search begins anew, twice at most.
 *
 * c (may be NULL): progress in processes, and cancel. found (may be NULL) is called when there is
 * more to show, every 50 ms at most; so_far is only good during the call. Page tables are read at
 * the pace of source/pace.h, and nothing is changed or stopped.
 *
 * Returns 0 with *out (owners_free()), also when cancelled; or -1 with e set: no such process or
 * page, no permission to look at it, PFNs are hidden from us; code ECANCELED: cancelled before
 * it was clear what to look for. Processes that cannot be looked at or
 * end meanwhile are counted in *out. */
int owners_find(const struct owners_query *q, struct job_control *c,
	void (*found)(void *ctx, const struct owners *so_far), void *ctx, struct owners *out,
	struct err *e);

#endif
