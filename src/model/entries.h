/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw pagemap entries, which are never part of a snapshot: whoever prints or draws them is handed a
 * reader and takes a chunk at a time. */
#ifndef MODEL_ENTRIES_H
#define MODEL_ENTRIES_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct entry_reader {
	/* Read the entries of n pages from page number `page` (address / page size) on, which must
	 * lie in one mapping. Returns how many were read, fewer than n only where the process has
	 * ended or changed, or -1 with e set. */
	ssize_t (*read)(void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e);
	void *ctx;
};

/* How many entries to ask for at a time: a chunk of 32 KiB, read within about 0.1 ms. */
#define ENTRY_CHUNK 4096

#endif
