/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which snapshot is shown: of a live process the newest one, or one of those before that are kept;
 * or one of a file's. */
#ifndef TUI_TIMES_H
#define TUI_TIMES_H

#include "model/history.h"
#include "source/replay.h"
#include "source/sampler.h"
#include "view/state.h"

struct times {
	/* Of a live process: */
	struct history history;
	struct snapshot *newest, *before_newest; /* NULL: there was none */
	struct diff *newest_diff;
	uint64_t newest_serial;
	bool past;               /* another one than the newest is shown */

	/* Of a file: */
	struct replay *replay;
	const struct store *store; /* of which only the list of snapshots is looked at */
	unsigned kept;
	struct vma_smaps *smaps; /* of what is shown, by mapping; NULL: not kept */
	size_t wanted;           /* which one was asked for last */

	struct snapshot *shown, *before; /* the one before it in time; NULL: there is none */
	struct diff *diff;       /* of what is shown, against the one before it: ours if it is not
	                          * newest_diff */
	struct pageset *pages;
	uint64_t serial;         /* of what is shown */
	size_t at;               /* which of the moments it is */
	struct moment *moment;
	size_t moments, moment_cap;
};

/* Begin with snapshot number index of a file, which store_read() has just read. The store must stay
 * until times_free(), and belongs to it until then. Returns 0, or -1 with e set. */
int times_open(struct times *t, struct store *store, struct snapshot *first, size_t index,
	struct err *e);
void times_free(struct times *t);

/* Readable when a file has news; -1 for a live process, whose news comes from its sampler. */
int times_fd(const struct times *t);
/* Take it; what cannot be read is said to the user. */
void times_take(struct times *t, struct view *v);

/* A live process has a new snapshot, or a new answer to what the screen needs: they are taken out
 * of n. */
void times_add(struct times *t, struct news *n, struct view *v);
/* It is another process from now on. */
void times_forget(struct times *t);

/* Show another one: v->step. What it was not possible to do is said to the user. */
void times_step(struct times *t, struct view *v);

/* Read what the screen needs of a file. */
void times_need(struct times *t, const struct needs *n);

/* Bring the scene in line. */
void times_tell(struct times *t, struct scene *s);

#endif
