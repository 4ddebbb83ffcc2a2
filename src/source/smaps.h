/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/smaps, which walks the target's page tables under its mmap_lock for as long as that
 * takes: read only when its user asks for what nothing else tells. */
#ifndef SOURCE_SMAPS_H
#define SOURCE_SMAPS_H

#include "base/err.h"
#include "model/checkpoint.h"
#include "model/snapshot.h"
#include "source/procfs.h"

/* What smaps says of each mapping of the snapshot: an array of them, to be freed by the caller.
 * Known of those that are still there. *swap: Swap of all that it lists, in system pages.
 * *took_ns: how long reading took. Returns NULL with e set if it could not be read. */
struct vma_smaps *smaps_read(struct procfs *p, const struct snapshot *s, uint64_t *swap,
	uint64_t *took_ns, struct err *e);

/* For how long about that will hold the target's mmap_lock: it looks at each page table entry that
 * holds a page, 105 ns each measured on Linux 6.18; a huge page is one. */
uint64_t smaps_estimate_ns(const struct snapshot *s);

#endif
