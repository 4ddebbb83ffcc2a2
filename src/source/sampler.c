/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/sampler.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "source/answer.h"

/* pmview may take 5 % of a core at most, drawing included, and keep the process stopped for as much
 * of the time (--freeze): the interval stretches. Aimed at are 4.5 %, for what comes on top. */
#define REST_AFTER(cost_ns) ((cost_ns) * 1000 / 45)

struct sampler {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int event;
	struct live *live;
	struct snapshot *last;  /* the thread's own reference to the newest one that is complete */
	struct snapshot *shown; /* and to the newest one that was handed over, with that serial */
	uint64_t began, spent;  /* the last scan: when it began, the processor time used until then ... */
	uint64_t cost_ns;       /* ... what it took of that in this thread, with what the screen needs ... */
	uint64_t held_ns;       /* ... and for how long it held the process */
	uint64_t next;          /* when to scan again */
	uint64_t show;          /* the first scan: when to show what it has found so far */
	uint64_t interval_ns;

	/* Below: under the lock. */
	bool quit, paused, held, scanning, scan_now;
	bool needs_new;         /* needs were not answered yet */
	struct needs needs;
	uint64_t serial;        /* of the newest snapshot handed over or waiting */
	struct news news;
};

static void tell(struct sampler *s)
{
	uint64_t one = 1;

	/* Cannot fail but for overflow, which means that it is readable anyway. */
	if (write(s->event, &one, sizeof(one)) < 0)
		return;
}

/* Read what the screen needs, and hand it over. Called with the lock held, which is free meanwhile.
 */
static void answer(struct sampler *s)
{
	struct needs n = s->needs;
	uint64_t serial = s->serial;
	struct entry_reader entries = live_entries(s->live);
	struct frame_reader frames;
	struct pageset *set;

	s->needs_new = false;
	if (!n.n || !serial)
		return;
	pthread_mutex_unlock(&s->lock);
	/* Opens files the first time: only if they are wanted. */
	if (n.kinds & NEED_FRAMES)
		frames = live_frames(s->live);
	set = answer_needs(s->shown, serial, &n, &entries,
		n.kinds & NEED_FRAMES ? &frames : NULL);
	pthread_mutex_lock(&s->lock);
	pageset_unref(s->news.pages);
	s->news.pages = set;
	tell(s);
}

/* Makes the snapshot, which is taken, news. Called with the lock held. */
static void hand_over(struct sampler *s, struct snapshot *new)
{
	snapshot_unref(s->news.snapshot);
	s->news.snapshot = new;
	s->news.serial = ++s->serial;
	snapshot_unref(s->shown);
	s->shown = snapshot_ref(new);
}

/* How long the first scan may go on before what it has found so far is shown: then, and each time
 * it has taken twice as long, so that showing takes a small part of the time. */
#define SHOW_AFTER_NS 30000000

/* Hand over what the first scan has found so far. Called with the lock held, which is free
 * meanwhile. */
static void show_so_far(struct sampler *s)
{
	struct snapshot *new;
	struct err ignored;

	pthread_mutex_unlock(&s->lock);
	new = live_so_far(s->live, &ignored);
	pthread_mutex_lock(&s->lock);
	s->show = units_now_ns() * 2 - s->began;
	if (!new)
		return;
	hand_over(s, new);
	/* Entries are of one picture: those of this one are needed now. */
	s->needs_new = s->needs.n;
	tell(s);
}

/* Between the slices of a scan: whoever looks on is answered, and may leave. */
static bool between(void *ctx)
{
	struct sampler *s = ctx;
	bool go_on;

	pthread_mutex_lock(&s->lock);
	if (!s->last && units_now_ns() >= s->show)
		show_so_far(s);
	if (s->needs_new)
		answer(s);
	go_on = !s->quit && !s->held;
	pthread_mutex_unlock(&s->lock);
	return go_on;
}

/* When to scan again at the earliest. */
static uint64_t rested_at(const struct sampler *s)
{
	uint64_t cpu = units_process_cpu_ns() - s->spent;

	/* What follows from a scan is drawn elsewhere; but whoever holds a key down, and has all
	 * drawn again and again, shall not wait for ever for a new picture. */
	if (cpu > 2 * s->cost_ns)
		cpu = 2 * s->cost_ns;
	return s->began + REST_AFTER(cpu > s->held_ns ? cpu : s->held_ns);
}

static void plan_next(struct sampler *s)
{
	uint64_t rested = rested_at(s);

	s->next = s->began + s->interval_ns;
	if (s->next < rested)
		s->next = rested;
	s->news.interval = (double)(s->next - s->began) / 1e9;
}

/* Scan and make what came of it news. Called with the lock held, which is free meanwhile. */
static void scan(struct sampler *s)
{
	struct snapshot *new;
	struct diff *diff = NULL;
	struct err e = { 0 };

	s->began = units_now_ns();
	s->spent = units_process_cpu_ns();
	s->cost_ns = units_cpu_ns();
	s->show = s->began + SHOW_AFTER_NS;
	s->scanning = true;
	pthread_mutex_unlock(&s->lock);
	new = live_scan(s->live, s->last, between, s, &e);
	/* Nothing is left of what was before an exec, so nothing has changed. */
	if (new && s->last && snapshot_info(new)->program == snapshot_info(s->last)->program)
		diff = diff_new(s->last, new);
	pthread_mutex_lock(&s->lock);
	s->scanning = false;
	pthread_cond_broadcast(&s->wake);
	if (!new) {
		if (e.code != ECANCELED)
			s->news.err = e;
		/* Out of descriptors or memory, or between two execs: not the end. */
		s->news.ended = e.code == ESRCH || e.code == EACCES || e.code == EPERM ||
			e.code == EINVAL;
	} else {
		hand_over(s, snapshot_ref(new));
		diff_free(s->news.diff);
		s->news.diff = diff;
		s->news.err = (struct err){ 0 };
		snapshot_unref(s->last);
		s->last = new;
	}
	s->held_ns = new ? snapshot_info(new)->held_ns : 0;
}

static void wait_until(struct sampler *s, uint64_t when_ns)
{
	struct timespec t = { (time_t)(when_ns / 1000000000u), (long)(when_ns % 1000000000u) };

	pthread_cond_timedwait(&s->wake, &s->lock, &t);
}

static void *run(void *ctx)
{
	struct sampler *s = ctx;

	pthread_mutex_lock(&s->lock);
	while (!s->quit) {
		uint64_t now = units_now_ns(), rested = rested_at(s);
		bool due = !s->held && (s->scan_now || (!s->paused && now >= s->next));

		if (!s->news.ended && due && now >= rested) {
			s->scan_now = false;
			scan(s);
			/* A picture and what it needs are told of together: nothing flickers. */
			answer(s);
			s->cost_ns = units_cpu_ns() - s->cost_ns;
			plan_next(s);
			tell(s);
		} else if (s->needs_new) {
			answer(s);
		} else if (s->news.ended || s->held || (s->paused && !s->scan_now)) {
			pthread_cond_wait(&s->wake, &s->lock);
		} else {
			wait_until(s, s->scan_now || rested > s->next ? rested : s->next);
		}
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct sampler *sampler_start(struct live *l, double interval)
{
	struct sampler *s = mem_zero(1, sizeof(*s));
	pthread_condattr_t attr;

	s->live = l;
	s->interval_ns = (uint64_t)(interval * 1e9);
	s->news.interval = interval;
	s->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (s->event < 0 || pthread_create(&s->thread, NULL, run, s)) {
		if (s->event >= 0)
			close(s->event);
		free(s);
		return NULL;
	}
	return s;
}

void sampler_stop(struct sampler *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->quit = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	close(s->event);
	snapshot_unref(s->last);
	snapshot_unref(s->shown);
	snapshot_unref(s->news.snapshot);
	diff_free(s->news.diff);
	pageset_unref(s->news.pages);
	free(s);
}

int sampler_fd(const struct sampler *s)
{
	return s->event;
}

struct news sampler_take(struct sampler *s)
{
	struct news n;
	uint64_t count;

	if (read(s->event, &count, sizeof(count)) < 0)
		count = 0;
	pthread_mutex_lock(&s->lock);
	n = s->news;
	s->news.snapshot = NULL;
	s->news.diff = NULL;
	s->news.pages = NULL;
	/* What may pass is said once; the end is not news again either, but stays true. */
	if (!s->news.ended)
		s->news.err = (struct err){ 0 };
	pthread_mutex_unlock(&s->lock);
	return n;
}

void sampler_need(struct sampler *s, const struct needs *n)
{
	pthread_mutex_lock(&s->lock);
	if (!needs_equal(&s->needs, n)) {
		s->needs = *n;
		s->needs_new = true;
		pthread_cond_signal(&s->wake);
	}
	pthread_mutex_unlock(&s->lock);
}

void sampler_pause(struct sampler *s, bool paused)
{
	pthread_mutex_lock(&s->lock);
	s->paused = paused;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

void sampler_hold(struct sampler *s)
{
	pthread_mutex_lock(&s->lock);
	s->held = true;
	while (s->scanning)
		pthread_cond_wait(&s->wake, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

void sampler_go_on(struct sampler *s)
{
	pthread_mutex_lock(&s->lock);
	s->held = false;
	s->scan_now = !s->paused;
	pthread_cond_broadcast(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

void sampler_scan_now(struct sampler *s)
{
	pthread_mutex_lock(&s->lock);
	s->scan_now = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}
