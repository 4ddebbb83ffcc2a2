/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One long job at a time, on a thread of its own, so that keys are answered meanwhile. */
#ifndef SOURCE_JOB_H
#define SOURCE_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct job;

/* What a job sees of itself. */
struct job_control {
	atomic_bool cancel;      /* asked to stop: to be looked at every 10 ms at least */
	atomic_uint_fast64_t done, all; /* progress, in whatever the job counts; all 0: not known */
};

/* Run work(ctx, control, e) on a thread. It returns 0, or -1 with e set. ctx is the caller's and
 * must stay until the job is finished. NULL if no thread can be had. */
struct job *job_start(int (*work)(void *ctx, struct job_control *c, struct err *e), void *ctx);

/* Readable when the job has finished (eventfd(2)). */
int job_fd(const struct job *j);
void job_cancel(struct job *j);

/* Wait for the end and free it. Returns what work() did, with e set as it did. */
int job_finish(struct job *j, struct err *e);

#endif
