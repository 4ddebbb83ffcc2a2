/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The comparison that DIFF shows: which snapshots are compared, and the result, made anew when the
 * snapshot shown or what it is compared with changes. */
#ifndef TUI_COMPARE_H
#define TUI_COMPARE_H

#include "model/changes.h"
#include "source/job.h"
#include "view/state.h"

struct compare {
	struct snapshot *last;  /* the one before the snapshot shown, in time; NULL: none */
	struct snapshot *mark;  /* NULL: none */
	struct changes *made;
	struct snapshot *old, *new; /* ... of these, or being made of them ... */
	const char *file;       /* ... with the entries that this keeps; NULL: without */
	struct job *job;        /* makes them, where that takes long ... */
	struct changes *making; /* ... and puts them here */
};

/* Another snapshot is about to be shown: this one was before it in time. NULL: there is none. */
void compare_before(struct compare *c, struct snapshot *last);

/* Mark the snapshot shown. A message says so. */
void compare_mark(struct compare *c, struct scene *s, struct snapshot *shown, struct view *v);

/* Bring the scene in line, with what the view asks for. shown: the snapshot of the scene. */
void compare_tell(struct compare *c, struct snapshot *shown, struct view *v, struct scene *s);

/* Readable when the job is done: then compare_tell() takes what it has made. -1 if there is none. */
int compare_fd(const struct compare *c);

/* Forget everything, as before another process; also to free it. */
void compare_forget(struct compare *c);

#endif
