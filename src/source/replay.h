/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread that reads the snapshots of a file, and the entries and frames that were kept with
 * them, so that whoever looks on does not wait. It alone uses the struct store. */
#ifndef SOURCE_REPLAY_H
#define SOURCE_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "model/diff.h"
#include "model/pageset.h"
#include "model/snapshot.h"
#include "source/store.h"

struct replay;

/* What is new since the last time; NULL where nothing is. It all belongs to the caller. */
struct replayed {
	struct snapshot *snapshot;
	size_t index;        /* which one of the file it is, from 0 */
	struct snapshot *before; /* the one before it; NULL for the first one, or where it is lost */
	struct diff *diff;   /* against that */
	struct vma_smaps *smaps; /* what smaps said, by mapping; NULL: that is not in the file */
	unsigned kept;       /* NEED_ENTRIES, NEED_FRAMES: what the file has of it besides */
	struct pageset *pages; /* its serial is the index + 1 */
	struct err err;      /* why the one that was asked for cannot be read; text "" if all is well.
	                      * What was read before it stays */
};

/* Begin with a snapshot that store_read() has just read: number index of the file. The store must
 * stay until replay_stop(), and belongs to the replay until then. kept, if not NULL, is set as
 * above. NULL if no thread can be had. */
struct replay *replay_start(
	struct store *store, struct snapshot *first, size_t index, unsigned *kept);
/* Waits for what is being read. NULL is fine. */
void replay_stop(struct replay *r);

/* Readable when there is news (eventfd(2)). */
int replay_fd(const struct replay *r);
struct replayed replay_take(struct replay *r);

/* Read snapshot i < store_count(). Of several wishes only the last one counts. */
void replay_load(struct replay *r, size_t i);
/* Which entries to read: now, and of each snapshot that is read. Copied. */
void replay_need(struct replay *r, const struct needs *n);

#endif
