/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recordings: one snapshot after another in a .pmv file. All but every 64th say only what changed
 * against the one before. */
#ifndef SOURCE_RECORD_H
#define SOURCE_RECORD_H

#include <stdbool.h>

#include "base/err.h"
#include "model/snapshot.h"
#include "source/store.h"

struct recorder;

/* Open path for a recording of the process that `of` is a snapshot of; the file is made, mode 0600,
 * with the first snapshot, if there is none. To one that is there it is added, after a torn end was cut off, if it is a .pmv
 * of the same process (PID, start time, boot id); with replace a .pmv of another one is begun anew.
 * NULL with e set. */
struct recorder *recorder_open(
	const char *path, const struct snapshot *of, bool replace, struct err *e);

/* Add a snapshot, and what goes with it; when this returns it is in the file. Returns 0, 1 as
 * store_write(), or -1 with e set: then the file is as it was before, and the next one may do
 * better. */
int recorder_add(struct recorder *r, const struct snapshot *s, const struct store_what *what,
	struct err *e);

/* How large the file is, in bytes. */
uint64_t recorder_size(const struct recorder *r);

/* Sync and close. Returns 0, or -1 with e set. NULL is fine. */
int recorder_close(struct recorder *r, struct err *e);

#endif
