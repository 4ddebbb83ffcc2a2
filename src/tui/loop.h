/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interactive front end: one loop over keys, signals and what the scanner has to say. */
#ifndef TUI_LOOP_H
#define TUI_LOOP_H

#include "base/err.h"
#include "model/snapshot.h"
#include "source/live.h"
#include "source/store.h"
#include "tui/term.h"

struct loop_options {
	struct term_options term;
	double interval;   /* seconds between scans */
	const char *file;  /* the snapshot's file, NULL for a live process ... */
	struct store *store; /* ... what was opened of it, and which of its snapshots is shown first: it
	                      * is the one that was read last */
	size_t index;
	const char *target;
	struct live_options live; /* how to open a process: the one that is looked at, or another one
	                           * that its user goes to */
};

/* Show a live process, which is closed in the end, or (live NULL) a snapshot, until its user quits.
 * Returns the exit status: 0,
 * or 128 + n when signal n ended it; or -1 with e set, the terminal untouched or given back. */
int loop_run(
	struct live *live, struct snapshot *snapshot, const struct loop_options *o, struct err *e);

#endif
