/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which device numbers are tmpfs or hugetlbfs, by /proc/PID/mountinfo: the files of these are
 * shared memory or huge pages, and their names do not show it. */
#ifndef SOURCE_MOUNTS_H
#define SOURCE_MOUNTS_H

#include <stddef.h>

#include "model/vma.h"

struct mounts {
	struct mount_dev {
		uint32_t major, minor;
		enum vma_kind kind; /* VMA_SHMEM or VMA_HUGETLB */
	} *dev;
	size_t n, cap;
};

/* Parse the text of a mountinfo file; other file systems are left out. */
void mounts_parse(struct mounts *m, const char *text);
void mounts_free(struct mounts *m);

/* The kind of a file mapping on that device: as found, or VMA_FILE. */
enum vma_kind mounts_kind(const struct mounts *m, uint32_t major, uint32_t minor);

#endif
