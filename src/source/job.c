/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/job.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

struct job {
	pthread_t thread;
	int event, result;
	int (*work)(void *ctx, struct job_control *c, struct err *e);
	void *ctx;
	struct job_control control;
	struct err err;
};

static void *run(void *arg)
{
	struct job *j = arg;
	uint64_t one = 1;

	j->result = j->work(j->ctx, &j->control, &j->err);
	if (write(j->event, &one, sizeof(one)) < 0)
		return NULL; /* cannot be: the first one always fits */
	return NULL;
}

struct job *job_start(int (*work)(void *ctx, struct job_control *c, struct err *e), void *ctx)
{
	struct job *j = mem_zero(1, sizeof(*j));

	j->work = work;
	j->ctx = ctx;
	j->event = eventfd(0, EFD_CLOEXEC);
	if (j->event >= 0 && !pthread_create(&j->thread, NULL, run, j))
		return j;
	if (j->event >= 0)
		close(j->event);
	free(j);
	return NULL;
}

int job_fd(const struct job *j)
{
	return j->event;
}

void job_cancel(struct job *j)
{
	atomic_store(&j->control.cancel, true);
}

int job_finish(struct job *j, struct err *e)
{
	int result;

	pthread_join(j->thread, NULL);
	result = j->result;
	*e = j->err;
	close(j->event);
	free(j);
	return result;
}
