/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/job.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

struct job {
	pthread_t thread;
	int result;
	atomic_bool done;
	int (*work)(void *ctx, struct job_control *c, struct err *e);
	void *ctx;
	struct job_control control;
	struct err err;
};

static void tell(const struct job_control *c)
{
	uint64_t one = 1;

	/* Cannot fail but for overflow, which means that it is readable anyway. */
	if (write(c->event, &one, sizeof(one)) < 0)
		return;
}

void job_publish(struct job_control *c, struct report *r)
{
	report_free(atomic_exchange(&c->report, r));
	tell(c);
}

struct report *job_take(struct job *j)
{
	uint64_t count;

	if (read(j->control.event, &count, sizeof(count)) < 0)
		return NULL; /* nothing new */
	return atomic_exchange(&j->control.report, NULL);
}

static void *run(void *arg)
{
	struct job *j = arg;

	j->result = j->work(j->ctx, &j->control, &j->err);
	atomic_store(&j->done, true);
	tell(&j->control);
	return NULL;
}

struct job *job_start(int (*work)(void *ctx, struct job_control *c, struct err *e), void *ctx)
{
	struct job *j = mem_zero(1, sizeof(*j));

	j->work = work;
	j->ctx = ctx;
	j->control.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (j->control.event >= 0 && !pthread_create(&j->thread, NULL, run, j))
		return j;
	if (j->control.event >= 0)
		close(j->control.event);
	free(j);
	return NULL;
}

int job_fd(const struct job *j)
{
	return j->control.event;
}

bool job_is_done(const struct job *j)
{
	return atomic_load(&j->done);
}

void job_cancel(struct job *j)
{
	atomic_store(&j->control.cancel, true);
}

void job_progress(const struct job *j, uint64_t *done, uint64_t *all)
{
	*done = atomic_load(&j->control.done);
	*all = atomic_load(&j->control.all);
}

int job_finish(struct job *j, struct err *e)
{
	int result;

	pthread_join(j->thread, NULL);
	result = j->result;
	*e = j->err;
	report_free(atomic_load(&j->control.report));
	close(j->control.event);
	free(j);
	return result;
}
