/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to a live process that take more than a scan, answered by jobs as reports. */
#ifndef TUI_ASK_H
#define TUI_ASK_H

#include <stdbool.h>

#include "base/err.h"
#include "model/report.h"
#include "model/snapshot.h"
#include "source/live.h"
#include "view/state.h"

struct ask_about {
	enum question question;
	struct snapshot *snapshot;  /* of the process; a reference is taken */
	struct live_options live;   /* how to open processes; its texts and kernel must stay */
	uint64_t address;           /* of the page asked about */
	double seconds;             /* to watch for the working set */
};

struct asked;

/* NULL if no thread can be had. */
struct asked *ask_start(const struct ask_about *about);
/* Ask it to give up: it ends soon, with what it has found so far. */
void ask_cancel(struct asked *a);

/* Readable when there is news (job_fd()). */
int ask_fd(const struct asked *a);
/* The newest report, once, which is then the caller's; NULL if there is none. */
struct report *ask_take(struct asked *a);
bool ask_is_done(const struct asked *a);
/* How long it has been at it. */
uint64_t ask_took_ns(const struct asked *a);
/* How far it is, in words: "132 of 214 processes". Returns buf. */
#define ASK_PROGRESS 80
const char *ask_progress(char buf[ASK_PROGRESS], const struct asked *a);

/* The process asked about, and whether something of it was changed. */
const struct snapshot_info *ask_process(const struct asked *a);
bool ask_touched(const struct asked *a);

/* Wait for the end and free it. Returns 0, or -1 with e set: there is no answer, or it was given up
 * (code ECANCELED). */
int ask_finish(struct asked *a, struct err *e);

#endif
