/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/compare.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tui/reopen.h"

/* Mappings, and runs of those that differ, that are compared within about 4 ms: more than that is a
 * job's work. */
#define AT_ONCE 20000

void compare_before(struct compare *c, struct snapshot *last)
{
	struct snapshot *was = c->last;

	/* What a first scan has found so far lacks pages that were there. */
	c->last = last && !snapshot_info(last)->scanning ? snapshot_ref(last) : NULL;
	snapshot_unref(was);
}

static void clock_of(char *buf, size_t size, const struct snapshot *s)
{
	struct tm tm;

	localtime_r(&snapshot_info(s)->time.tv_sec, &tm);
	strftime(buf, size, "%H:%M:%S", &tm);
}

void compare_mark(struct compare *c, struct scene *s, struct snapshot *shown, struct view *v)
{
	char clock[16];

	if (snapshot_info(shown)->scanning && !s->ended) {
		snprintf(v->message, sizeof(v->message),
			"the first scan is not done yet: mark when it is");
		return;
	}
	snapshot_unref(c->mark);
	c->mark = snapshot_ref(shown);
	s->has_mark = true; /* more keys may be waiting */
	clock_of(clock, sizeof(clock), shown);
	snprintf(v->message, sizeof(v->message), "marked what is shown, of %s%s", clock,
		v->against == AGAINST_NOTHING ? ": d compares with it"
			: v->against == AGAINST_LAST ? ": d twice compares with it" : "");
}

/* Why two snapshots cannot be compared, or NULL. */
static const char *why_not(const struct snapshot *old, const struct snapshot *new)
{
	const struct snapshot_info *a, *b = snapshot_info(new);
	struct err e;

	if (!old)
		return "there is none";
	a = snapshot_info(old);
	if (b->scanning)
		return "when the scan is done";
	if (changes_same_process(a, b, &e) < 0)
		return "that is another process";
	if (a->program != b->program)
		return "it has exec'd since";
	return a->page_size != b->page_size ? "pages of another size" : NULL;
}

/* Whether to compare them takes no time that a person could notice. */
static bool is_quick(const struct snapshot *old, const struct snapshot *new)
{
	size_t work = snapshot_vmas(old) + snapshot_vmas(new), i, k;

	for (i = 0; i < snapshot_vmas(new) && work < AT_ONCE; i++) {
		const struct vma *v = snapshot_vma(new, i);

		k = snapshot_find(old, v->start);
		if (k == snapshot_vmas(old) || snapshot_vma(old, k)->runs != v->runs)
			work += runs_length(v->runs) / 2;
	}
	for (i = 0; i < snapshot_vmas(old) && work < AT_ONCE; i++) {
		const struct vma *v = snapshot_vma(old, i);

		k = snapshot_find(new, v->start);
		if (k == snapshot_vmas(new) || snapshot_vma(new, k)->runs != v->runs)
			work += runs_length(v->runs) / 2;
	}
	return work < AT_ONCE;
}

static int make(void *ctx, struct job_control *control, struct err *e)
{
	struct changes_options o = { .keep_pages = true, .cancel = control ? &control->cancel : NULL };
	struct store *old = NULL, *new = NULL;
	struct entry_reader old_entries, new_entries;
	struct compare *c = ctx;
	int r;

	if (c->file) {
		old = reopen(c->file, c->old, NULL, e);
		new = old ? reopen(c->file, c->new, NULL, e) : NULL;
	}
	if (new) {
		old_entries = store_entries(old);
		new_entries = store_entries(new);
		o.old_entries = &old_entries;
		o.new_entries = &new_entries;
	}
	r = changes_make(&c->making, c->old, c->new, &o, e);
	store_close(old);
	store_close(new);
	return r < 0 ? -1 : 0;
}

/* Give up what is made, or being made. */
static void drop(struct compare *c)
{
	struct err ignored;

	if (c->job) {
		job_cancel(c->job);
		job_finish(c->job, &ignored);
		c->job = NULL;
	}
	changes_free(c->making);
	changes_free(c->made);
	snapshot_unref(c->old);
	snapshot_unref(c->new);
	c->making = c->made = NULL;
	c->old = c->new = NULL;
}

static void begin(struct compare *c, struct snapshot *old, struct snapshot *new, const char *file)
{
	struct err ignored;

	drop(c);
	c->old = snapshot_ref(old);
	c->new = snapshot_ref(new);
	c->file = file;
	if (file || !is_quick(old, new))
		c->job = job_start(make, c);
	if (c->job)
		return;
	c->file = NULL;
	make(c, NULL, &ignored); /* which reads nothing, so cannot fail */
	c->made = c->making;
	c->making = NULL;
}

static void take_job(struct compare *c)
{
	struct err ignored;

	if (!c->job || !job_is_done(c->job))
		return;
	job_finish(c->job, &ignored);
	c->job = NULL;
	c->made = c->making;
	c->making = NULL;
}

void compare_tell(struct compare *c, struct snapshot *shown, struct view *v, struct scene *s)
{
	struct snapshot *old = v->against == AGAINST_MARK ? c->mark : c->last;

	/* Of a file that was just opened it is still being read. */
	s->has_last = c->last || (s->file && s->moment_at);
	s->has_mark = c->mark;
	s->changes = NULL;
	s->changes_old = NULL;
	s->no_changes = NULL;
	if (!shown || !v->against) {
		drop(c);
		return;
	}
	if (!old && v->against == AGAINST_LAST && s->has_last) {
		drop(c);
		return;
	}
	s->no_changes = why_not(old, shown);
	if (s->no_changes) {
		drop(c);
		return;
	}
	if (c->old != old || c->new != shown)
		begin(c, old, shown, s->file && s->kept & NEED_ENTRIES ? s->file : NULL);
	take_job(c);
	s->changes = c->made;
	s->changes_old = c->old;
}

int compare_fd(const struct compare *c)
{
	return c->job ? job_fd(c->job) : -1;
}

void compare_forget(struct compare *c)
{
	drop(c);
	snapshot_unref(c->last);
	snapshot_unref(c->mark);
	*c = (struct compare){ 0 };
}
