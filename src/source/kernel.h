/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this kernel offers to this user, found out by trying it on our own memory (about 1 ms). */
#ifndef SOURCE_KERNEL_H
#define SOURCE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/page.h"
#include "model/snapshot.h"

struct kernel {
	char release[65];        /* uname(2) */
	char host[65];
	char boot_id[40];        /* "" if it cannot be read */
	uint32_t page_size;      /* bytes */
	uint32_t pmd_size; /* bytes; 0 if the kernel has no transparent huge pages to tell it */
	bool scan;               /* PAGEMAP_SCAN, Linux 6.7 */
	bool scan_guard;         /* ... with the category for guard markers, Linux 6.16 */
	bool map_query;          /* PROCMAP_QUERY, Linux 6.11 */
	bool maps_unlocked;      /* reading maps leaves the mmap_lock alone (not yet in 6.12, in 6.18) */
	bool old_layout;         /* before Linux 4.3: bits 55-60 are the page shift */
	bool exclusive;          /* bit 56, Linux 4.3 */
	bool pfn; /* PFNs are shown to us (CAP_SYS_ADMIN in the initial user namespace) */
	bool soft_dirty;
	bool huge_zero_bit;      /* bit 61 tells the huge zero page (Linux 6.11 to 7.2) */
	bool exact_vm_swap;      /* VmSwap is exact */
	bool guards;             /* there are guard markers (MADV_GUARD_INSTALL, Linux 6.13) */
	bool guard_bit;          /* bit 58 tells them (Linux 6.15) */
	uint64_t zero_pfn;       /* 0 if not known */
	uint64_t max_map_count;  /* 0 if not known */
	struct swap_layout swap;
};

/* Entries of pages of our own whose state is certain. */
struct kernel_words {
	uint64_t untouched, written;
	uint64_t read;           /* anonymous memory that was only read: the zero page */
	bool guards;             /* MADV_GUARD_INSTALL was accepted ... */
	uint64_t guard;          /* ... and this is such a page */
};

/* From those words to the layout of entries and what is told to us: everything of k that a release
 * number would only suggest, because distributions carry changes back. k->page_size and k->swap are
 * set before. */
void kernel_judge(struct kernel *k, const struct kernel_words *w);

/* What a snapshot by that engine can know; swap_kind is as without a proof for hidden entries. */
struct page_known kernel_known(const struct kernel *k, enum engine engine);

/* Fill k. Returns 0, or -1 with e set where even our own pagemap
 * cannot be read. */
int kernel_probe(struct kernel *k, struct err *e);

#endif
