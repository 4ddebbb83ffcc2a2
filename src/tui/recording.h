/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recording while one looks: a thread that writes each new snapshot to a file, so that neither keys
 * nor scans wait for a disk. */
#ifndef TUI_RECORDING_H
#define TUI_RECORDING_H

#include "base/err.h"
#include "model/snapshot.h"

struct recording;

/* What has become of it. */
struct recording_state {
	size_t written;     /* snapshots that were written to the file ... */
	size_t had;         /* ... which had so many before */
	size_t left_out;    /* snapshots that came while the one before was still being written */
	bool done;          /* it has ended, by recording_stop() or by an error */
	struct err err;     /* that error; text "" if all went well */
};

/* Begin a recording at path with this snapshot. NULL with e set: no thread can be had; that the file
 * cannot be written is told by the state. */
struct recording *recording_start(const char *path, struct snapshot *first, struct err *e);

/* One more. Does not wait: of those that come while one is being written the last one counts. */
void recording_add(struct recording *r, struct snapshot *s);

/* Write what waits, and close the file: does not wait for that. */
void recording_stop(struct recording *r);

/* Readable when the state has changed (eventfd(2)); taking it makes it unreadable. */
int recording_fd(const struct recording *r);
struct recording_state recording_take(struct recording *r);

/* Stop, wait for the end, free it, and say in text what was recorded. Returns 0, or -1 where that
 * is an error. */
int recording_finish(struct recording *r, char *text, size_t size);

#endif
