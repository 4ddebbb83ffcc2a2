/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PAGEMAP_SCAN over a range of addresses, in slices short enough to leave the target alone. */
#ifndef SOURCE_SCAN_H
#define SOURCE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "source/pace.h"
#include "source/uapi.h"

/* The kernel, or a test's idea of it: as the ioctl, returns the number of regions or -1 with errno.
 */
typedef int scan_call(void *ctx, struct scan_arg *arg);

struct scanner {
	scan_call *call;
	void *ctx;               /* for call */
	struct pace *pace;
	uint64_t page_size;
	uint64_t max_span;       /* bytes of address space a call may cover at most; 0: no limit */
	uint64_t vec_len;        /* regions asked for at a time */
	uint64_t max_pages;      /* found by a call at most; adapted while scanning */
	uint64_t span;           /* bytes covered by a call; adapted while scanning */
};

/* A scanner for the pagemap at *fd. page_table_bytes: what the target's page tables take (VmPTE),
 * which bounds how long a walk over emptied tables can take; 0 if not known, or if not all that
 * costs time are tables. How many mappings a call covers is the caller's to bound. */
void scanner_init(struct scanner *s, int *fd, struct pace *pace, uint32_t page_size,
	uint64_t page_table_bytes);

/* Report every run of present or swap-like pages in [start, end), in order, each address at most
 * once: categories are those of return_mask (SCAN_...). The regions may cross VMA borders. found()
 * returns false to stop. Returns 0, or -1 with e set. */
int scanner_run(struct scanner *s, uint64_t start, uint64_t end, uint64_t return_mask,
	bool (*found)(void *ctx, const struct scan_region *r), void *found_ctx, struct err *e);

/* Whether the kernel tells anything about the page at the address: 0 for VM_PFNMAP mappings and
 * where nothing is mapped, 1 otherwise, -1 on other errors. */
int scanner_tells(struct scanner *s, uint64_t address);

#endif
