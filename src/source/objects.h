/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The objects of shared memory behind mappings (shared anonymous, memfd, SysV, tmpfs), which
 * know of their pages what page tables do not. They are reached through /proc/PID/map_files
 * (proc(5)), which takes CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE. Nothing else there is ever
 * opened: a device could act on it. Reading touches no page. */
#ifndef SOURCE_OBJECTS_H
#define SOURCE_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/entries.h"
#include "model/vma.h"
#include "source/procfs.h"

/* As `absent` of struct entry_reader, by cachestat(2). Where it cannot be asked (no permission,
 * no such system call, the mapping is gone or another one) all is ABSENT_UNKNOWN, or
 * ABSENT_NOT_SWAPPED where no swap area is active or it is nothing that goes to swap. */
size_t objects_absent(const struct procfs *p, uint32_t page_size, const struct vma *v,
	uint64_t first, uint64_t n, struct absent_run *run, size_t most);

/* How many of n > 0 pages of mapping v from page `first` (of the mapping) on the object has in swap, by
 * one cachestat(2). False if it cannot be asked. */
bool objects_swapped(const struct procfs *p, uint32_t page_size, const struct vma *v,
	uint64_t first, uint64_t n, uint64_t *pages);

/* How many pages of data the whole object behind mapping v holds, in RAM and in swap, by
 * lseek(SEEK_DATA): what a checkpointer saves of it. The kernel locks the object against write(2),
 * truncate and fallocate meanwhile (about 9 ms a dense GiB), not against page faults. False if it
 * cannot be asked. */
bool objects_data(
	const struct procfs *p, uint32_t page_size, const struct vma *v, uint64_t *pages);

#endif
