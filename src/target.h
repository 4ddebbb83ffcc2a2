/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command line names: a live process, or the snapshot in a file. */
#ifndef TARGET_H
#define TARGET_H

#include "base/err.h"
#include "options.h"
#include "source/live.h"
#include "source/store.h"

/* A live process, or a file; the other one is NULL. */
struct target {
	struct live *live;
	struct store *store;
	struct snapshot *snapshot;
	size_t index; /* which one of the file it is, from 0 */
};

/* Readers of what goes with the snapshot, live or kept. A function of theirs is NULL where nothing
 * can be read. */
struct entry_reader target_entries(const struct target *t);
struct frame_reader target_frames(const struct target *t);

/* How the options want processes opened. */
struct live_options target_live_options(const struct options *o);

/* The live process that is named, for an option that takes no file. Returns its pid, or -1 with e
 * set. */
pid_t target_pid(const struct options *o, const char *option, struct err *e);

/* Open it: a process is not yet looked at (t->snapshot is NULL), a file is read. Returns 0, or -1
 * with e set; target_close() is due in both cases. */
int target_open(const struct options *o, struct target *t, struct err *e);
void target_close(struct target *t);

#endif
