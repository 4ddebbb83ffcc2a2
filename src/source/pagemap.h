/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain reads of /proc/PID/pagemap: one 64-bit entry a page (pagemap.rst in the kernel's
 * Documentation/admin-guide/mm). */
#ifndef SOURCE_PAGEMAP_H
#define SOURCE_PAGEMAP_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "source/kernel.h"
#include "source/pace.h"

/* Read the entries of n pages from page number `page` on. Returns how many were read: fewer than n
 * where the address space ends, 0 when the process has gone (or for [vsyscall]); or -1 with e set.
 * The kernel takes the target's mmap_lock anew for each 512 entries (2 MiB with 4 KiB pages). */
ssize_t pagemap_read(int fd, const struct kernel *k, struct pace *pace, uint64_t page, uint64_t n,
	uint64_t *entries, struct err *e);

#endif
