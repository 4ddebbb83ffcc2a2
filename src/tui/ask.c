/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/units.h"
#include "model/family.h"
#include "model/owners.h"
#include "source/family.h"
#include "source/job.h"
#include "source/owners.h"
#include "source/rss.h"
#include "source/wss.h"

struct asked {
	struct ask_about about;
	struct job *job;
	uint64_t began_ns;
	atomic_bool touched;
};

/* To make a report of what was found so far may take a tenth of the time. */
struct telling {
	struct job_control *c;
	uint64_t next_ns;
};

static void publish_owners(void *ctx, const struct owners *so_far)
{
	struct telling *f = ctx;
	uint64_t began = units_now_ns();

	if (began < f->next_ns)
		return;
	job_publish(f->c, owners_report(so_far, false));
	f->next_ns = units_now_ns() + (units_now_ns() - began) * 9;
}

static int answer_owners(struct asked *a, struct job_control *c, struct err *e)
{
	const struct ask_about *about = &a->about;
	struct telling found = { .c = c };
	struct owners_query q = {
		.proc = about->live.proc,
		.kernel = about->live.kernel,
		.pid = snapshot_info(about->snapshot)->pid,
		.address = about->address,
		.plain = about->live.engine == LIVE_READ,
		.withhold = about->live.no_pfn,
	};
	struct owners o;

	if (owners_find(&q, c, publish_owners, &found, &o, e) < 0)
		return -1;
	job_publish(c, owners_report(&o, false));
	owners_free(&o);
	return 0;
}

static int answer_family(struct asked *a, struct job_control *c, struct err *e)
{
	const struct ask_about *about = &a->about;
	pid_t pid = snapshot_info(about->snapshot)->pid;
	struct family_query q = {
		.proc = about->live.proc,
		.pid = pid,
		.kernel = about->live.kernel,
		.engine = about->live.engine,
		.no_pfn = about->live.no_pfn,
	};
	struct family *f = family_read(&q, c, e);

	if (!f)
		return -1;
	job_publish(c, family_report(f, pid, false));
	family_free(f);
	return 0;
}

static bool goes_on(void *ctx)
{
	const struct job_control *c = ctx;

	return !atomic_load(&c->cancel);
}

/* Look at the process once more, beside the scanner, whose struct live is its own. NULL with e set:
 * also if another process has the PID by now. */
static struct live *look_again(const struct ask_about *about, struct job_control *c,
	struct snapshot **s, struct err *e)
{
	const struct snapshot_info *was = snapshot_info(about->snapshot);
	struct live *l = live_open(was->pid, &about->live, e);

	*s = l ? live_scan(l, NULL, goes_on, c, e) : NULL;
	if (*s && snapshot_info(*s)->start_time == was->start_time)
		return l;
	if (*s)
		err_set(e, "process %d has ended, and another one has its PID now", (int)was->pid);
	snapshot_unref(*s);
	live_close(l);
	return NULL;
}

static int answer_rss(struct asked *a, struct job_control *c, struct err *e)
{
	const struct ask_about *about = &a->about;
	struct snapshot *s;
	struct live *l = look_again(about, c, &s, e);
	struct rss rss = { 0 };
	int r;

	if (!l)
		return -1;
	r = rss_gather(about->live.proc, l, s, c, &rss, e);
	if (r == 0)
		job_publish(c, rss_report(&rss, false));
	rss_free(&rss);
	snapshot_unref(s);
	live_close(l);
	return r;
}

static int answer_wss(struct asked *a, struct job_control *c, struct err *e)
{
	const struct ask_about *about = &a->about;
	struct snapshot *s;
	struct live *l = look_again(about, c, &s, e);
	struct wss wss = { 0 };
	int r;

	if (!l)
		return -1;
	r = wss_measure(about->live.proc, l, s, about->seconds, c, &wss, &a->touched, e);
	if (r == 0)
		job_publish(c, wss_report(&wss, false));
	wss_free(&wss);
	snapshot_unref(s);
	live_close(l);
	return r;
}

static const struct {
	int (*answer)(struct asked *a, struct job_control *c, struct err *e);
	const char *counts; /* what the progress counts */
} questions[] = {
	[QUESTION_OWNERS] = { answer_owners, "processes" },
	[QUESTION_RSS] = { answer_rss, "pages" },
	[QUESTION_FAMILY] = { answer_family, "pages" },
	[QUESTION_WSS] = { answer_wss, "ms" },
};

static int work(void *ctx, struct job_control *c, struct err *e)
{
	struct asked *a = ctx;

	return questions[a->about.question].answer(a, c, e);
}

struct asked *ask_start(const struct ask_about *about)
{
	struct asked *a = mem_zero(1, sizeof(*a));

	a->about = *about;
	snapshot_ref(about->snapshot);
	a->began_ns = units_now_ns();
	a->job = job_start(work, a);
	if (a->job)
		return a;
	snapshot_unref(about->snapshot);
	free(a);
	return NULL;
}

void ask_cancel(struct asked *a)
{
	job_cancel(a->job);
}

int ask_fd(const struct asked *a)
{
	return job_fd(a->job);
}

struct report *ask_take(struct asked *a)
{
	return job_take(a->job);
}

bool ask_is_done(const struct asked *a)
{
	return job_is_done(a->job);
}

uint64_t ask_took_ns(const struct asked *a)
{
	return units_now_ns() - a->began_ns;
}

const char *ask_progress(char buf[ASK_PROGRESS], const struct asked *a)
{
	uint64_t done, all;

	job_progress(a->job, &done, &all);
	if (all)
		snprintf(buf, ASK_PROGRESS, "%" PRIu64 " of %" PRIu64 " %s, Esc stops it", done, all,
			questions[a->about.question].counts);
	else
		snprintf(buf, ASK_PROGRESS, "working for %.1f s, Esc stops it", (double)ask_took_ns(a) / 1e9);
	return buf;
}

const struct snapshot_info *ask_process(const struct asked *a)
{
	return snapshot_info(a->about.snapshot);
}

bool ask_touched(const struct asked *a)
{
	return atomic_load(&a->touched);
}

int ask_finish(struct asked *a, struct err *e)
{
	int r = job_finish(a->job, e);

	snapshot_unref(a->about.snapshot);
	free(a);
	return r;
}
