/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/smaps, which walks the target's page tables under its mmap_lock for as long as that
 * takes: read only when its user asks for what nothing else tells. */
#ifndef SOURCE_SMAPS_H
#define SOURCE_SMAPS_H

#include <stdbool.h>

#include "base/err.h"
#include "model/snapshot.h"

/* Which mappings of the snapshot were made with MAP_DROPPABLE (VmFlags dp, Linux 6.11): one bool
 * each, to be freed by the caller, in *droppable. *took_ns: how long reading took. Returns 0, or -1
 * with e set. */
int smaps_droppable(const char *proc, const struct snapshot *s, bool **droppable, uint64_t *took_ns,
	struct err *e);

#endif
