/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/lenses.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "source/gather.h"
#include "source/smaps.h"
#include "source/wss.h"

static void go_on_with_ages(struct lenses *l, const struct snapshot *old,
	const struct snapshot *new, const struct diff *d, bool in_row)
{
	struct diff *own = NULL;

	if (!old || !d) {
		/* Nothing is known of before: the look begins, or begins anew after an exec. */
		ages_free(l->ages);
		l->ages = ages_new(new);
		return;
	}
	/* A snapshot in between was never shown: what changed in it must not be missed. */
	if (!in_row)
		d = own = diff_new(old, new);
	ages_update(l->ages, old, new, d);
	diff_free(own);
}

void lenses_go_on(struct lenses *l, const struct snapshot *old, const struct snapshot *new,
	const struct diff *d, bool in_row)
{
	struct vma_smaps *was = l->smaps;

	go_on_with_ages(l, old, new, d, in_row);
	if (!was)
		return;
	l->smaps = snapshot_info(old)->program == snapshot_info(new)->program
		? vma_smaps_carry(was, old, new)
		: NULL;
	free(was);
}

static int read_smaps(void *ctx, struct job_control *control, struct err *e)
{
	struct lenses *l = ctx;
	struct checkpoint_set set;

	if (gather_checkpoint(l->proc, l->asked, NULL, false, &control->cancel, &set, &l->took_ns,
		    e) < 0)
		return -1;
	l->read = set.vma;
	set.vma = NULL;
	checkpoint_set_free(&set);
	return 0;
}

void lenses_read_smaps(struct lenses *l, struct snapshot *s, struct view *v)
{
	if (l->job)
		return;
	l->asked = snapshot_ref(s);
	l->job = job_start(read_smaps, l);
	if (l->job)
		return;
	snapshot_unref(l->asked);
	snprintf(v->message, sizeof(v->message), "smaps is not read: no thread can be started");
}

void lenses_take_smaps(struct lenses *l, const struct snapshot *shown, struct view *v)
{
	char took[UNITS_DURATION_LEN];
	struct err e;

	if (job_finish(l->job, &e) < 0) {
		snprintf(v->message, sizeof(v->message), "%.*s", VIEW_TEXT - 1, e.text);
	} else {
		free(l->smaps);
		l->smaps = NULL;
		if (snapshot_info(shown)->program == snapshot_info(l->asked)->program)
			l->smaps = vma_smaps_carry(l->read, l->asked, shown);
		free(l->read);
		l->read = NULL;
		snprintf(v->message, sizeof(v->message), "reading smaps took %s",
			units_duration(took, l->took_ns));
	}
	l->job = NULL;
	snapshot_unref(l->asked);
	l->sums_old = true;
}

void lenses_tell(struct lenses *l, const struct view *v, struct scene *s)
{
	if (!s->snapshot)
		return;
	/* Both are of the newest snapshot's mappings. */
	s->ages = s->past ? NULL : l->ages;
	if (!s->file)
		s->smaps = s->past ? NULL : l->smaps;
	s->smaps_reading = l->job;
	if (s->sums && l->summed == s->serial && l->sums.lens == v->lens && !l->sums_old)
		return;
	l->sums = lens_sum_up(v, s);
	s->smaps_ns = smaps_estimate_ns(s->snapshot);
	s->clearing_ns = wss_clear_estimate_ns(s->snapshot);
	l->summed = s->serial;
	l->sums_old = false;
	s->sums = &l->sums;
}

void lenses_free(struct lenses *l)
{
	struct err ignored;

	if (l->job) {
		job_cancel(l->job);
		job_finish(l->job, &ignored);
		snapshot_unref(l->asked);
		free(l->read);
	}
	ages_free(l->ages);
	free(l->smaps);
}
