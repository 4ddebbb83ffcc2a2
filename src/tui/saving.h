/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is being written to a file for the user, in a job: one thing at a time. */
#ifndef TUI_SAVING_H
#define TUI_SAVING_H

#include "source/job.h"
#include "source/live.h"
#include "view/state.h"

/* What is looked at. The texts live as long as it is. */
struct saving_from {
	struct snapshot *snapshot;  /* as shown */
	bool live;                  /* it is of a process that is there ... */
	struct live_options options; /* ... and can be opened like this, the kernel being known */
	const char *file;           /* or a file, NULL for a process */
	const char *theme;          /* for pictures; NULL: the default */
	bool ascii;                 /* names in ASCII alone */
};

struct saving {
	struct job *job;            /* NULL: nothing is written */
	struct saving_from from;
	enum choice choice;
	char range[64];             /* of pages: RANGE as in model/query.h */
	char path[VIEW_TEXT];
	char anew[64];              /* " (scanned anew at 14:12:33):" where it was for this, else "" */
	bool partial;               /* the process ended meanwhile */
	char progress[96];
};

/* Begin to write view->choice to view->prompt. A message for the user goes to the view. */
void saving_start(struct saving *s, const struct saving_from *from, struct view *v);
void saving_cancel(struct saving *s);

/* To poll for the end: a descriptor, or -1; and for how many ms at most, or -1. */
int saving_fd(const struct saving *s);
int saving_patience(const struct saving *s);
/* Bring the scene in line; and take note of the end, with a message, if it has come. */
void saving_tell(struct saving *s, struct view *v, struct scene *scene);

/* Before the program ends: wait until it is written. A signal on that signalfd(2) gives it up, as
 * does `hurry` if it may take long. Returns 0, or -1 with e set: it was not written (code
 * ECANCELED: given up). */
int saving_end(struct saving *s, int signals, bool hurry, struct err *e);

#endif
