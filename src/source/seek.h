/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Find the pages of a process whose pagemap entries are those looked for. */
#ifndef SOURCE_SEEK_H
#define SOURCE_SEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/entries.h"
#include "model/vma.h"
#include "source/kernel.h"
#include "source/pace.h"

struct seek {
	const struct kernel *kernel;
	struct pace *pace;
	uint64_t mask, value;   /* an entry matches when its bits of mask are value */
	bool swapped;           /* only swap-like entries can match: no others are read */
	bool plain;             /* do not use PAGEMAP_SCAN */
	bool (*may_hold)(void *ctx, const struct vma *v); /* whether to look there at all */
	void (*found)(void *ctx, uint64_t address, uint64_t entry);
	void *ctx;

	/* seek_run()'s own */
	int fd;
	uint64_t from, to;      /* addresses whose entries are still to be read */
	struct err err;
	bool failed;
	uint64_t entry[ENTRY_CHUNK];
};

/* Look at the pages of n mappings, in order of addresses, that are present or swapped. found() may
 * also be called for a page between two mappings that may hold it. Returns 0, also when the process
 * ends or the pace is cancelled; or -1 with e set. */
int seek_run(struct seek *s, int fd, const struct vma *v, size_t n, struct err *e);

#endif
