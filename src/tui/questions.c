/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/questions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"

/* How often to say how far it is. */
#define PROGRESS_MS 200

/* An answer that is kept live may take a twentieth of the time. */
#define AGAIN_AFTER(took_ns) ((took_ns) * 20)

static void start(struct questions *q, const struct ask_about *about, struct view *v)
{
	if (q->asked) {
		ask_cancel(q->asked);
		q->next = q->dropped = true;
		return;
	}
	q->next = q->dropped = q->stopped = false;
	q->again_ns = 0;
	q->asked = ask_start(about);
	if (!q->asked)
		snprintf(v->message, sizeof(v->message), "no thread can be started");
}

static void set_report(struct questions *q, struct report *r)
{
	report_free(q->report);
	q->report = r;
}

void questions_ask(struct questions *q, const struct ask_about *about, struct view *v)
{
	set_report(q, NULL);
	start(q, about, v);
}

void questions_stop(struct questions *q, bool closed)
{
	q->again_ns = 0;
	q->next = false;
	q->stopped = true;
	if (!q->asked)
		return;
	ask_cancel(q->asked);
	q->dropped |= closed;
}

int questions_fd(const struct questions *q)
{
	return q->asked ? ask_fd(q->asked) : -1;
}

int questions_patience(const struct questions *q)
{
	return q->asked || q->again_ns ? PROGRESS_MS : -1;
}

static bool is_touched(const struct questions *q, const struct snapshot_info *process)
{
	size_t i;

	for (i = 0; i < q->touches; i++)
		if (q->touched[i].pid == process->pid &&
			q->touched[i].start_time == process->start_time)
			return true;
	return false;
}

static void note_touch(struct questions *q)
{
	const struct snapshot_info *process;

	if (!q->asked || !ask_touched(q->asked))
		return;
	process = ask_process(q->asked);
	if (is_touched(q, process))
		return;
	q->touched = mem_grow(q->touched, q->touches, &q->cap, sizeof(*q->touched));
	q->touched[q->touches++] = (struct touched){ process->pid, process->start_time };
}

/* Columns that even a small terminal has. */
#define WRAP 76

/* A sentence in as many lines as it takes. */
static void add_wrapped(struct report *r, const char *text)
{
	while (*text) {
		size_t n = strlen(text), cut = n;

		if (n > WRAP) {
			for (cut = WRAP; cut && text[cut] != ' '; cut--)
				;
			cut = cut ? cut : WRAP;
		}
		report_add(r, REPORT_WARNING, "%.*s", (int)cut, text);
		text += cut;
		text += strspn(text, " ");
	}
}

/* There is no answer: said where it would stand, or, where there was one before, in the line for
 * messages. */
static void note_no_answer(struct questions *q, const struct err *e, struct view *v)
{
	struct report *r;

	if (q->report) {
		snprintf(v->message, sizeof(v->message), "%.*s", VIEW_TEXT - 1, e->text);
		return;
	}
	r = report_new(false);
	add_wrapped(r, e->text);
	set_report(q, r);
}

static void plan_next(struct questions *q, uint64_t took_ns, double interval)
{
	uint64_t rest = AGAIN_AFTER(took_ns), least = (uint64_t)(interval * 1e9);

	q->again_ns = units_now_ns() + (rest > least ? rest : least);
}

void questions_take(struct questions *q, const struct ask_about *about, double interval,
	struct view *v)
{
	struct report *r = ask_take(q->asked);
	bool done = ask_is_done(q->asked);
	uint64_t took = ask_took_ns(q->asked);
	struct err e;

	/* What was handed over between the two is not to be lost. */
	if (done && !r)
		r = ask_take(q->asked);
	if (r && q->dropped)
		report_free(r);
	else if (r)
		set_report(q, r);
	if (!done)
		return;
	note_touch(q);
	if (ask_finish(q->asked, &e) < 0 && !q->dropped)
		note_no_answer(q, &e, v);
	q->asked = NULL;
	/* Fork families are watched, as long as they are looked at. */
	if (v->question == QUESTION_FAMILY && !q->dropped && !q->stopped)
		plan_next(q, took, interval);
	if (q->next)
		start(q, about, v);
}

void questions_tell(struct questions *q, const struct ask_about *about, struct view *v,
	struct scene *s)
{
	bool watched = v->screen == SCREEN_REPORT && !v->paused && !s->ended && s->snapshot;

	if (q->again_ns && watched && !q->asked && units_now_ns() >= q->again_ns)
		start(q, about, v);
	note_touch(q);
	s->touched = s->snapshot && is_touched(q, snapshot_info(s->snapshot));
	s->report = q->report;
	/* Not said of what is done within a moment. */
	s->working = q->asked && ask_took_ns(q->asked) > PROGRESS_MS * UINT64_C(1000000) ?
		ask_progress(q->working, q->asked) : NULL;
}

void questions_free(struct questions *q)
{
	struct err ignored;

	if (q->asked) {
		ask_cancel(q->asked);
		ask_finish(q->asked, &ignored);
	}
	report_free(q->report);
	free(q->touched);
}
