/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/smaps, which walks the target's page tables under its mmap_lock for as long as that
 * takes: read only when its user asks for what nothing else tells. */
#ifndef SOURCE_SMAPS_H
#define SOURCE_SMAPS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/smaps.h"
#include "model/snapshot.h"
#include "source/procfs.h"

/* What smaps says of each mapping of the snapshot: an array of them, to be freed by the caller.
 * Known of those that are still there. *sums: of all that it lists. *took_ns: how long reading
 * took, pauses (source/pace.h) included. cancel (may be NULL) is looked at between mappings; given up, it is an error (ECANCELED).
 * Returns NULL with e set if it could not be read. */
struct vma_smaps *smaps_read(struct procfs *p, const struct snapshot *s, const atomic_bool *cancel,
	struct smaps_sums *sums, uint64_t *took_ns, struct err *e);

/* Pages that smaps visits one by one: in RAM and mapped by an entry of their own, or in swap. A
 * huge page counts as one. */
uint64_t smaps_pages(const struct snapshot *s);

/* How long reading smaps will hold the target's mmap_lock in one go, at most. The kernel lets it go
 * only between calls, of which each returns SMAPS_READ bytes: a mapping or two. */
#define SMAPS_READ 1024
uint64_t smaps_estimate_ns(const struct snapshot *s);

/* The sentence to say before smaps is read, where it may stall the target for more than
 * SMAPS_SAY_NS at a time; else false. */
bool smaps_warning(char *text, size_t size, const struct snapshot *s);

#endif
