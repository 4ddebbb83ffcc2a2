/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/recording.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "source/record.h"

struct recording {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int event;
	char *path;

	/* Below: under the lock. */
	struct snapshot *waiting;
	bool stop;
	struct recording_state state;
};

static void tell(struct recording *r)
{
	uint64_t one = 1;

	/* Cannot fail but for overflow, which means that it is readable anyway. */
	if (write(r->event, &one, sizeof(one)) < 0)
		return;
}

/* How many snapshots a file has already. */
static size_t count_whole(const char *path)
{
	struct stat st;
	struct err ignored;
	struct store *s = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? store_open(path, &ignored) : NULL;
	size_t n = 0, i;

	for (i = 0; s && i < store_count(s); i++)
		n += store_item(s, i)->whole;
	store_close(s);
	return n;
}

/* Write one snapshot; the first one opens the file, and sets *had to what that has. Returns as
 * recorder_add(). */
static int write_one(struct recorder **to, const char *path, const struct snapshot *s, size_t *had,
	struct err *e)
{
	if (!*to) {
		*had = count_whole(path);
		*to = recorder_open(path, s, false, e);
	}
	return *to ? recorder_add(*to, s, NULL, e) : -1;
}

static void *run(void *ctx)
{
	struct recording *r = ctx;
	struct recorder *to = NULL;
	struct err e = { 0 }, close_error = { 0 };
	int result = 0;
	size_t had = 0;

	pthread_mutex_lock(&r->lock);
	while (result >= 0) {
		struct snapshot *s = r->waiting;

		if (!s && r->stop)
			break;
		if (!s) {
			pthread_cond_wait(&r->wake, &r->lock);
			continue;
		}
		r->waiting = NULL;
		pthread_mutex_unlock(&r->lock);
		result = write_one(&to, r->path, s, &had, &e);
		snapshot_unref(s);
		pthread_mutex_lock(&r->lock);
		r->state.written += result >= 0;
		r->state.had = had;
		tell(r);
	}
	pthread_mutex_unlock(&r->lock);
	/* What was written before an error stays: its end is still to be put right. */
	if (recorder_close(to, &close_error) < 0 && result >= 0) {
		result = -1;
		e = close_error;
	}
	pthread_mutex_lock(&r->lock);
	if (result < 0)
		r->state.err = e;
	r->state.done = true;
	tell(r);
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

struct recording *recording_start(const char *path, struct snapshot *first, struct err *e)
{
	struct recording *r = mem_zero(1, sizeof(*r));

	r->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->path = mem_strdup(path);
	r->waiting = snapshot_ref(first);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->wake, NULL);
	if (r->event >= 0 && !pthread_create(&r->thread, NULL, run, r))
		return r;
	if (r->event >= 0)
		close(r->event);
	snapshot_unref(r->waiting);
	free(r->path);
	free(r);
	err_set(e, "cannot record: no thread can be started");
	return NULL;
}

void recording_add(struct recording *r, struct snapshot *s)
{
	pthread_mutex_lock(&r->lock);
	if (!r->state.done && !r->stop) {
		r->state.left_out += r->waiting != NULL;
		snapshot_unref(r->waiting);
		r->waiting = snapshot_ref(s);
		pthread_cond_signal(&r->wake);
	}
	pthread_mutex_unlock(&r->lock);
}

void recording_stop(struct recording *r)
{
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
}

int recording_fd(const struct recording *r)
{
	return r->event;
}

struct recording_state recording_take(struct recording *r)
{
	struct recording_state state;
	uint64_t count;

	if (read(r->event, &count, sizeof(count)) < 0)
		count = 0;
	pthread_mutex_lock(&r->lock);
	state = r->state;
	pthread_mutex_unlock(&r->lock);
	return state;
}

int recording_finish(struct recording *r, char *text, size_t size)
{
	const struct recording_state *s = &r->state;
	char bytes[UNITS_SIZE_LEN] = "?", left_out[48] = "";
	struct stat st;
	int result;

	recording_stop(r);
	pthread_join(r->thread, NULL);
	if (stat(r->path, &st) == 0)
		units_size(bytes, (uint64_t)st.st_size);
	if (s->left_out)
		snprintf(left_out, sizeof(left_out), ", %zu left out as it was slow", s->left_out);
	result = s->err.text[0] ? -1 : 0;
	if (result < 0 && s->written)
		snprintf(text, size, "recording ends after %zu: %s", s->written, s->err.text);
	else if (result < 0)
		snprintf(text, size, "%s", s->err.text);
	else
		snprintf(text, size, "recorded %zu snapshot%s%s, %s: %s", s->written,
			s->written == 1 ? "" : "s", left_out, bytes, r->path);
	snapshot_unref(r->waiting);
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
	close(r->event);
	free(r->path);
	free(r);
	return result;
}
