/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One long job at a time, on a thread of its own, so that keys are answered meanwhile. */
#ifndef SOURCE_JOB_H
#define SOURCE_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/report.h"

struct job;

/* What a job sees of itself. */
struct job_control {
	atomic_bool cancel;      /* asked to stop: to be looked at every 10 ms at least */
	atomic_uint_fast64_t done, all; /* progress, in whatever the job counts; all 0: not known */
	_Atomic(struct report *) report; /* for job_publish() */
	int event;
};

/* From work(): this is what it has found so far. The report belongs to the job from now on, and
 * takes the place of one that was not taken yet. */
void job_publish(struct job_control *c, struct report *r);
/* The newest report, once; NULL if there is none. The caller's. */
struct report *job_take(struct job *j);

/* Run work(ctx, control, e) on a thread. It returns 0, or -1 with e set. ctx is the caller's and
 * must stay until the job is finished. NULL if no thread can be had. */
struct job *job_start(int (*work)(void *ctx, struct job_control *c, struct err *e), void *ctx);

/* Readable when the job has published something or has finished (eventfd(2)); job_take() makes it
 * unreadable. */
int job_fd(const struct job *j);
/* What the job says of its progress; *all 0: not known. */
void job_progress(const struct job *j, uint64_t *done, uint64_t *all);
bool job_is_done(const struct job *j);
void job_cancel(struct job *j);

/* Wait for the end and free it, with a report that was not taken. Returns what work() did, with e
 * set as it did. */
int job_finish(struct job *j, struct err *e);

#endif
