/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel interfaces newer than the headers of the oldest system pmview builds on (Linux 6.1). */
#ifndef SOURCE_UAPI_H
#define SOURCE_UAPI_H

#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

/* PAGEMAP_SCAN, Linux 6.7, include/uapi/linux/fs.h: an ioctl on /proc/PID/pagemap. */
struct scan_region {
	uint64_t start, end, categories;
};

struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define SCAN_IOCTL _IOWR('f', 16, struct scan_arg)

enum {
	SCAN_FILE = 1 << 2,
	SCAN_PRESENT = 1 << 3,
	SCAN_SWAPPED = 1 << 4,
	SCAN_PFNZERO = 1 << 5,
	SCAN_HUGE = 1 << 6,
	SCAN_GUARD = 1 << 8, /* Linux 6.16 */
};

/* PROCMAP_QUERY, Linux 6.11, include/uapi/linux/fs.h: an ioctl on /proc/PID/maps. */
struct map_query {
	uint64_t size, query_flags, query_addr, vma_start, vma_end, vma_flags, vma_page_size;
	uint64_t vma_offset, inode;
	uint32_t dev_major, dev_minor, vma_name_size, build_id_size;
	uint64_t vma_name_addr, build_id_addr;
};

#define MAP_QUERY_IOCTL _IOWR('f', 17, struct map_query)

/* cachestat(2), Linux 6.5, include/uapi/linux/mman.h: pages of a range of a file. The number is
 * the same on all architectures but alpha. */
#ifdef SYS_cachestat
#define CACHESTAT_SYSCALL SYS_cachestat
#elif defined(__alpha__)
#define CACHESTAT_SYSCALL 561
#else
#define CACHESTAT_SYSCALL 451
#endif

struct cachestat_range {
	uint64_t off, len; /* bytes; a len of 0 would mean the whole file */
};

struct cachestat_counts {
	uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

_Static_assert(sizeof(struct scan_arg) == 96, "the kernel wants exactly this size");
_Static_assert(sizeof(struct map_query) == 104, "the kernel's size in Linux 6.11");

#endif
