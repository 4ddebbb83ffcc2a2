/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/times.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

static void say(struct view *v, const char *text)
{
	snprintf(v->message, sizeof(v->message), "%s", text);
}

/* --- what is there --- */

static struct timespec time_of(const void *ctx, size_t i)
{
	const struct times *t = ctx;

	return t->moment[i].time;
}

static void list_moments(struct times *t)
{
	size_t n = t->store ? store_count(t->store) : t->history.n, i;

	for (t->moments = 0; t->moments < n; t->moments++) {
		struct moment *m;

		t->moment = mem_grow(
			t->moment, t->moments, &t->moment_cap, sizeof(*t->moment));
		m = &t->moment[t->moments];
		i = t->moments;
		if (t->store) {
			const struct store_item *item = store_item(t->store, i);

			*m = (struct moment){ item->time, &item->totals, NULL };
		} else {
			const struct snapshot *s = t->history.kept[i].snapshot;

			*m = (struct moment){ snapshot_info(s)->time, snapshot_totals(s), s };
		}
	}
}

static struct snapshot *ref(struct snapshot *s)
{
	return s ? snapshot_ref(s) : NULL;
}

/* Show this one from now on, which was behind another one. diff belongs to us then, unless it is that
 * of the newest. */
static void show(struct times *t, struct snapshot *s, struct snapshot *before, uint64_t serial,
	struct diff *diff)
{
	struct snapshot *shown = t->shown, *was = t->before;

	t->shown = ref(s);
	t->before = ref(before);
	snapshot_unref(shown);
	snapshot_unref(was);
	if (t->diff != t->newest_diff)
		diff_free(t->diff);
	t->diff = diff;
	t->serial = serial;
}

/* --- a live process --- */

static void show_newest(struct times *t)
{
	t->past = false;
	show(t, t->newest, t->before_newest, t->newest_serial, t->newest_diff);
	t->at = t->history.n ? t->history.n - 1 : 0;
}

/* Show number i of the history. */
static void show_kept(struct times *t, size_t i)
{
	const struct kept *k = &t->history.kept[i];
	struct diff *diff = NULL;

	if (i + 1 == t->history.n && k->snapshot == t->newest) {
		show_newest(t);
		return;
	}
	/* Nothing is left of what was before an exec, so nothing has changed. */
	if (i && snapshot_info(k->snapshot)->program == snapshot_info(k[-1].snapshot)->program)
		diff = diff_new(k[-1].snapshot, k->snapshot);
	t->past = true;
	show(t, k->snapshot, i ? k[-1].snapshot : NULL, k->serial, diff);
	t->at = i;
}

void times_add(struct times *t, struct news *n, struct view *v)
{
	size_t dropped = t->history.dropped;

	if (n->pages) {
		pageset_unref(t->pages);
		t->pages = n->pages;
		n->pages = NULL;
	}
	if (!n->snapshot)
		return;
	if (t->diff == t->newest_diff)
		t->diff = NULL;
	diff_free(t->newest_diff);
	t->newest_diff = n->diff;
	/* What a first scan has found so far lacks pages that were there. */
	snapshot_unref(t->before_newest);
	t->before_newest = t->newest && !snapshot_info(t->newest)->scanning ? snapshot_ref(t->newest) : NULL;
	snapshot_unref(t->newest);
	t->newest = n->snapshot;
	t->newest_serial = n->serial;
	n->snapshot = NULL;
	n->diff = NULL;
	/* What a scan has found so far is no snapshot to come back to. */
	if (!snapshot_info(t->newest)->scanning)
		history_add(&t->history, t->newest, t->newest_serial, HISTORY_BYTES);
	list_moments(t);
	dropped = t->history.dropped - dropped;
	if (!t->past) {
		show_newest(t);
	} else if (t->at >= dropped) {
		t->at -= dropped;
	} else {
		show_kept(t, 0);
		say(v, "the snapshot that was shown had to make room: this is the oldest one now");
	}
}

void times_forget(struct times *t)
{
	if (t->diff != t->newest_diff)
		diff_free(t->diff);
	diff_free(t->newest_diff);
	snapshot_unref(t->newest);
	snapshot_unref(t->before_newest);
	snapshot_unref(t->shown);
	snapshot_unref(t->before);
	pageset_unref(t->pages);
	history_clear(&t->history);
	free(t->moment);
	free(t->smaps);
	*t = (struct times){ 0 };
}

/* --- a file --- */

int times_open(struct times *t, struct store *store, struct snapshot *first, size_t index,
	struct err *e)
{
	t->store = store;
	/* The store is the thread's from then on. */
	if (store_smaps(store))
		t->smaps = mem_dup(store_smaps(store), snapshot_vmas(first) * sizeof(*t->smaps));
	t->replay = replay_start(store, first, index, &t->kept);
	if (!t->replay)
		return err_set(e, "no thread can be started to read the file");
	t->at = t->wanted = index;
	show(t, first, NULL, index + 1, NULL);
	list_moments(t);
	return 0;
}

void times_free(struct times *t)
{
	replay_stop(t->replay);
	times_forget(t);
}

int times_fd(const struct times *t)
{
	return t->replay ? replay_fd(t->replay) : -1;
}

void times_take(struct times *t, struct view *v)
{
	struct replayed n = replay_take(t->replay);

	if (n.snapshot) {
		t->at = n.index;
		t->kept = n.kept;
		free(t->smaps);
		t->smaps = n.smaps;
		show(t, n.snapshot, n.before, n.index + 1, n.diff);
		snapshot_unref(n.snapshot);
		snapshot_unref(n.before);
	}
	if (n.pages) {
		pageset_unref(t->pages);
		t->pages = n.pages;
	}
	if (n.err.text[0]) {
		t->wanted = t->at;
		snprintf(v->message, sizeof(v->message), "%.*s", VIEW_TEXT - 1, n.err.text);
	}
}

void times_need(struct times *t, const struct needs *n)
{
	if (t->replay)
		replay_need(t->replay, n);
}

/* --- steps --- */

/* Why there is no step from here; NULL if there is one. */
static const char *no_step(const struct times *t, enum step step, size_t at)
{
	bool first = step == STEP_PREVIOUS && !at;
	bool last = (step == STEP_NEXT || step == STEP_NEWEST) &&
		(t->store ? at + 1 >= t->moments : !t->past);

	if (t->moments < 2 && (t->store || !t->past))
		return t->store ? "the file holds this one snapshot"
			: step == STEP_TO || step == STEP_PREVIOUS
			? "no snapshot before this one is kept"
			: "this is the newest snapshot";
	if (first)
		return t->store ? "this is the first snapshot of the file"
				: "this is the oldest snapshot that is kept";
	if (last)
		return t->store ? "this is the last snapshot of the file"
				: "this is the newest snapshot";
	return NULL;
}

void times_step(struct times *t, struct view *v)
{
	size_t at = t->store ? t->wanted : t->at;
	const char *why = no_step(t, v->step, at);
	struct err e;

	if (!t->shown)
		return;
	if (why) {
		say(v, why);
		return;
	}
	switch (v->step) {
	case STEP_NEXT:
		at++;
		break;
	case STEP_PREVIOUS:
		at--;
		break;
	case STEP_NEWEST:
		at = t->moments - 1;
		break;
	case STEP_TO:
		if (moment_find(&v->moment, t->moments, time_of, t, &at, &e) < 0) {
			snprintf(v->message, sizeof(v->message), "%.*s", VIEW_TEXT - 1, e.text);
			return;
		}
	}
	if (t->store) {
		t->wanted = at;
		replay_load(t->replay, at);
	} else if (at + 1 >= t->moments) {
		show_newest(t);
	} else {
		show_kept(t, at);
	}
}

void times_tell(struct times *t, struct scene *s)
{
	s->snapshot = t->shown;
	s->diff = t->diff;
	s->serial = t->serial;
	s->pages = t->pages;
	s->moments = t->moment;
	s->moment_count = t->moments;
	s->moment_at = t->at;
	s->past = t->past;
	s->replay = t->past || (t->store && t->moments > 1);
	s->kept = t->kept;
	if (t->store)
		s->smaps = t->smaps;
}
