/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last snapshots of a live process, so that one can step back to what just flew by: as many as
 * have room. */
#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

#define HISTORY_BYTES ((size_t)8 << 20)

struct kept {
	struct snapshot *snapshot;
	uint64_t serial; /* the caller's number of it */
	size_t bytes;    /* that it does not share with the one before */
};

struct history {
	struct kept *kept; /* the oldest first */
	size_t n, cap;
	size_t bytes;      /* of all together */
	size_t dropped;    /* how many were dropped since the beginning */
};

/* Keep one more, of which a reference is taken, and drop the oldest while they take more than most
 * bytes together; the newest always stays. */
void history_add(struct history *h, struct snapshot *s, uint64_t serial, size_t most);
void history_clear(struct history *h);

#endif
