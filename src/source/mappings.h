/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mappings of a live process: what maps says of them, and what has to be asked elsewhere. */
#ifndef SOURCE_MAPPINGS_H
#define SOURCE_MAPPINGS_H

#include <stddef.h>

#include "base/err.h"
#include "source/kernel.h"
#include "source/maps.h"
#include "source/mounts.h"
#include "source/pace.h"
#include "source/procfs.h"

/* Read them into m, which is used again: kind and page size too, and names as they are. The process
 * was looked at just now (procfs_look()). *lost: lines that could not be understood. Returns 0, also
 * when cancelled through the pace, or -1 with e set. */
int mappings_read(struct maps *m, struct procfs *p, const struct kernel *k,
	const struct mounts *mounts, struct pace *pace, size_t *lost, struct err *e);

/* In two steps, for whoever needs few of them complete: all as maps has them, of which kind and
 * page size are not set, looking at pace->between() about every 0.1 ms, because 60,000 mappings take
 * 40 ms; then one of these, which is still in m. */
int mappings_list(struct maps *m, struct procfs *p, const struct kernel *k, struct pace *pace,
	size_t *lost, struct err *e);
void mappings_complete(struct vma *v, struct procfs *p, const struct kernel *k,
	const struct mounts *mounts, struct pace *pace);

#endif
