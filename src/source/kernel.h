/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this kernel offers to this user, found out by trying it on our own memory (about 1 ms). */
#ifndef SOURCE_KERNEL_H
#define SOURCE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/page.h"

struct kernel {
	char release[65];        /* uname(2) */
	char host[65];
	char boot_id[40];        /* "" if it cannot be read */
	uint32_t page_size;      /* bytes */
	uint32_t pmd_size; /* bytes; 0 if the kernel has no transparent huge pages to tell it */
	bool scan;               /* PAGEMAP_SCAN, Linux 6.7 */
	bool scan_guard;         /* ... with the category for guard markers, Linux 6.16 */
	bool map_query;          /* PROCMAP_QUERY, Linux 6.11 */
	bool old_layout;         /* before Linux 4.3: bits 55-60 are the page shift */
	bool pfn; /* PFNs are shown to us (CAP_SYS_ADMIN in the initial user namespace) */
	bool soft_dirty;
	bool huge_zero_bit;      /* bit 61 tells the huge zero page (Linux 6.11 to 7.2) */
	bool exact_vm_swap;      /* VmSwap is exact */
	bool guard_bit;          /* bit 58 is told (Linux 6.15) */
	uint64_t zero_pfn;       /* 0 if not known */
	uint64_t max_map_count;  /* 0 if not known */
	struct swap_layout swap;
};

/* Fill k. Returns 0, or -1 with e set where even our own pagemap
 * cannot be read. */
int kernel_probe(struct kernel *k, struct err *e);

#endif
