/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/replay.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "source/answer.h"

struct replay {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int event;
	atomic_bool leaving;  /* what is being read is not wanted any more */
	struct store *store;
	struct snapshot *now; /* the one that the store's readers are of */
	size_t index;         /* its number */

	/* Below: under the lock. */
	bool quit;
	bool wanted;          /* a snapshot is to be read: */
	size_t want;
	bool needs_new;       /* needs were not answered yet */
	struct needs needs;
	struct replayed news;
};

static void tell(struct replay *r)
{
	uint64_t one = 1;

	/* Cannot fail but for overflow, which means that it is readable anyway. */
	if (write(r->event, &one, sizeof(one)) < 0)
		return;
}

static unsigned what_is_kept(struct store *s)
{
	return (store_entries(s).read ? NEED_ENTRIES : 0) | (store_frames(s).read ? NEED_FRAMES : 0);
}

/* A copy of it; NULL: it is not kept. */
static struct vma_smaps *what_smaps_said(struct store *s, const struct snapshot *of)
{
	const struct vma_smaps *smaps = store_smaps(s);

	return smaps ? mem_dup(smaps, snapshot_vmas(of) * sizeof(*smaps)) : NULL;
}

/* Read what the screen needs. Called with the lock held, which is free meanwhile. */
static void answer(struct replay *r)
{
	struct needs n = r->needs;
	struct entry_reader entries;
	struct frame_reader frames;
	struct pageset *set;

	r->needs_new = false;
	if (!n.n)
		return;
	pthread_mutex_unlock(&r->lock);
	entries = store_entries(r->store);
	frames = store_frames(r->store);
	set = answer_needs(r->now, r->index + 1, &n, &entries, frames.read ? &frames : NULL);
	pthread_mutex_lock(&r->lock);
	pageset_unref(r->news.pages);
	r->news.pages = set;
	tell(r);
}

/* The snapshot before number i: the one that is there, if it is that. NULL: there is none. */
static struct snapshot *before(struct replay *r, size_t i)
{
	struct err ignored;

	if (!i)
		return NULL;
	return i - 1 == r->index ? snapshot_ref(r->now) : store_read(r->store, i - 1, &ignored);
}

/* Read the snapshot that is wanted, and the one before it to tell what changed. Called with the lock
 * held, which is free meanwhile. */
static void load(struct replay *r)
{
	struct snapshot *old, *new, *again;
	struct vma_smaps *smaps;
	struct diff *diff = NULL;
	size_t i = r->want;
	struct err e = { 0 }, ignored;

	r->wanted = false;
	pthread_mutex_unlock(&r->lock);
	old = before(r, i);
	new = store_read(r->store, i, &e);
	if (new && old)
		diff = diff_new(old, new);
	/* The readers are of what was read last: of what is shown, if there is nothing else. */
	smaps = new ? what_smaps_said(r->store, new) : NULL;
	again = new ? NULL : store_read(r->store, r->index, &ignored);
	snapshot_unref(again);
	pthread_mutex_lock(&r->lock);
	r->needs_new = true;
	if (new) {
		snapshot_unref(r->now);
		r->now = new;
		r->index = i;
		snapshot_unref(r->news.snapshot);
		snapshot_unref(r->news.before);
		diff_free(r->news.diff);
		r->news.before = old;
		free(r->news.smaps);
		r->news.smaps = smaps;
		r->news.snapshot = snapshot_ref(new);
		r->news.index = i;
		r->news.diff = diff;
		r->news.kept = what_is_kept(r->store);
		r->news.err = (struct err){ 0 };
	} else {
		snapshot_unref(old);
		r->news.err = e;
	}
}

static void *run(void *ctx)
{
	struct replay *r = ctx;

	pthread_mutex_lock(&r->lock);
	while (!r->quit) {
		if (r->wanted) {
			load(r);
			/* A picture and what it needs are told of together: nothing flickers. */
			if (!r->wanted)
				answer(r);
			tell(r);
		} else if (r->needs_new) {
			answer(r);
		} else {
			pthread_cond_wait(&r->wake, &r->lock);
		}
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

struct replay *replay_start(
	struct store *store, struct snapshot *first, size_t index, unsigned *kept)
{
	struct replay *r = mem_zero(1, sizeof(*r));

	r->store = store;
	store_cancel_by(store, &r->leaving);
	r->now = snapshot_ref(first);
	r->index = index;
	if (kept)
		*kept = what_is_kept(store);
	/* Once more, for what changed against the one before it. */
	r->wanted = index;
	r->want = index;
	r->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->wake, NULL);
	if (r->event >= 0 && !pthread_create(&r->thread, NULL, run, r))
		return r;
	if (r->event >= 0)
		close(r->event);
	store_cancel_by(store, NULL);
	snapshot_unref(r->now);
	free(r);
	return NULL;
}

void replay_stop(struct replay *r)
{
	if (!r)
		return;
	atomic_store(&r->leaving, true);
	pthread_mutex_lock(&r->lock);
	r->quit = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	store_cancel_by(r->store, NULL);
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
	close(r->event);
	snapshot_unref(r->now);
	snapshot_unref(r->news.snapshot);
	snapshot_unref(r->news.before);
	free(r->news.smaps);
	diff_free(r->news.diff);
	pageset_unref(r->news.pages);
	free(r);
}

int replay_fd(const struct replay *r)
{
	return r->event;
}

struct replayed replay_take(struct replay *r)
{
	struct replayed n;
	uint64_t count;

	if (read(r->event, &count, sizeof(count)) < 0)
		count = 0;
	pthread_mutex_lock(&r->lock);
	n = r->news;
	r->news = (struct replayed){ 0 };
	pthread_mutex_unlock(&r->lock);
	return n;
}

void replay_load(struct replay *r, size_t i)
{
	pthread_mutex_lock(&r->lock);
	r->want = i;
	r->wanted = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
}

void replay_need(struct replay *r, const struct needs *n)
{
	pthread_mutex_lock(&r->lock);
	if (!needs_equal(&r->needs, n)) {
		r->needs = *n;
		r->needs_new = true;
		pthread_cond_signal(&r->wake);
	}
	pthread_mutex_unlock(&r->lock);
}
