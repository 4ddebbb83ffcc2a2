/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/times.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/units.h"

static void say(struct view *v, const char *text)
{
	snprintf(v->message, sizeof(v->message), "%s", text);
}

static unsigned step(struct view *v, enum step what)
{
	v->step = what;
	return FOLLOW_STEP;
}

unsigned times_resume(struct view *v)
{
	v->paused = false;
	return step(v, STEP_NEWEST) | FOLLOW_PAUSE;
}

static void propose_recording(struct view *v, const struct scene *s)
{
	char *end;

	v->prompting = PROMPT_RECORD;
	view_propose_name(v->prompt, sizeof(v->prompt) - 8, s->snapshot);
	end = strrchr(v->prompt, '.');
	snprintf(end, sizeof(v->prompt) - (size_t)(end - v->prompt), "-rec.pmv");
}

static unsigned record(struct view *v, const struct scene *s)
{
	if (s->recording)
		return FOLLOW_RECORD;
	if (s->file || s->ended)
		say(v, s->file ? "a file is no live process: there is nothing to record"
			       : "the process has ended: there is nothing to record");
	else if (s->snapshot && snapshot_info(s->snapshot)->scanning)
		say(v, "the first scan is not done yet: record when it is");
	else if (s->snapshot)
		propose_recording(v, s);
	return 0;
}

unsigned times_apply(struct view *v, enum action a, const struct scene *s)
{
	switch (a) {
	case ACTION_NEXT_SNAPSHOT:
		return step(v, STEP_NEXT);
	case ACTION_PREV_SNAPSHOT:
		return step(v, STEP_PREVIOUS);
	case ACTION_FOLLOW:
		return step(v, STEP_NEWEST);
	case ACTION_RECORD:
		return record(v, s);
	default:
		v->prompting = PROMPT_GO_TO;
		v->prompt[0] = '\0';
		return 0;
	}
}

int times_parse(const char *text, struct go_to *to, struct err *e)
{
	*to = (struct go_to){ .kind = GO_TO_ADDRESS };
	if (units_parse_hex(text, strlen(text), &to->address))
		return 0;
	to->kind = GO_TO_MOMENT;
	if (moment_parse(text, &to->moment, e) == 0)
		return 0;
	/* A number that cannot be is one all the same. */
	if (strchr("#-", *text) || strchr(text, ':'))
		return -1;
	return err_set(e,
		"'%.60s': an address such as 7f0e2000, a time such as 12:01:43, #3 or -3, please",
		text);
}

unsigned times_go_to(struct view *v, const struct scene *s)
{
	struct go_to to;
	struct err e;
	size_t i;

	if (times_parse(v->prompt, &to, &e) < 0) {
		snprintf(v->message, sizeof(v->message), "%.*s", VIEW_TEXT - 1, e.text);
		return 0;
	}
	if (to.kind == GO_TO_MOMENT) {
		v->moment = to.moment;
		return step(v, STEP_TO);
	}
	if (!s->snapshot || !snapshot_vmas(s->snapshot))
		return 0;
	i = snapshot_find(s->snapshot, to.address);
	if (!snapshot_holds(s->snapshot, i, to.address))
		say(v, i < snapshot_vmas(s->snapshot)
				? "nothing is mapped there: this is the next mapping"
				: "nothing is mapped there: this is the last mapping");
	v->cursor = to.address;
	return 0;
}

/* So many snapshots tell a history. */
#define HISTORY_LEAST 10

static struct cell letter_then(const struct snapshot *then, const struct vma *vma,
	uint64_t address, const struct scene *s)
{
	size_t i = snapshot_find(then, address);
	const struct vma *v;
	struct run run;

	if (!snapshot_holds(then, i, address) ||
		snapshot_info(then)->program != snapshot_info(s->snapshot)->program)
		return (struct cell){ .ch = ' ' };
	v = snapshot_vma(then, i);
	if (!vma_same(v, vma))
		return (struct cell){ .ch = ' ' };
	run = runs_at(v->runs, runs_find(v->runs, snapshot_page_of(then, v, address)));
	return (struct cell){ .ch = (uint32_t)page_state_letter(run.state) };
}

bool times_history_draw(struct cells *c, struct rect r, const struct vma *vma, uint64_t address,
	const struct scene *s)
{
	size_t w = r.w > 1 ? (size_t)r.w - 1 : 0, n = s->moment_count, first, end, i;

	if (n < HISTORY_LEAST || !w || !s->moments[0].snapshot)
		return false;
	/* The newest, or as many as leave the one that is shown on the screen. */
	first = n > w ? n - w : 0;
	first = s->moment_at < first ? s->moment_at : first;
	end = n - first < w ? n : first + w;
	for (i = first; i < end; i++) {
		struct cell cell = letter_then(s->moments[i].snapshot, vma, address, s);

		if (i == s->moment_at)
			cell.attr = CELL_REVERSE;
		cells_put(c, r.x + 1 + (int)(i - first), r.y, cell);
	}
	return true;
}

/* "+36 s", "-1.5 s", "+12 min". */
static void add_distance(struct str *t, struct timespec from, struct timespec to)
{
	double s = difftime(to.tv_sec, from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	double all = fabs(s);

	if (all < 9.95 && fabs(s - round(s)) >= 0.05)
		str_addf(t, "%+.1f s", s);
	else if (all < 600)
		str_addf(t, "%+.0f s", s);
	else if (all < 7200 * 5)
		str_addf(t, "%+.0f min", s / 60);
	else
		str_addf(t, "%+.1f h", s / 3600);
}

/* As much of a file's name as leaves room for the rest. */
#define NAME        20
#define NAME_NARROW 8

void times_file(struct str *t, const struct scene *s, bool narrow)
{
	const char *slash = strrchr(s->file, '/'), *name = slash ? slash + 1 : s->file;
	size_t n = strlen(name), most = narrow ? NAME_NARROW : NAME;

	if (!strcmp(s->file, "-"))
		str_add(t, "stdin ");
	else
		str_addf(t, "%.*s%s ", (int)most, name, n > most ? "~" : "");
}

void times_status(struct str *t, const struct scene *s, bool narrow)
{
	const struct snapshot_info *info = snapshot_info(s->snapshot);
	struct timespec now = info->time;
	size_t last = s->moment_count ? s->moment_count - 1 : 0;
	char clock[16];
	struct tm tm;

	str_add(t, "REPLAY ");
	if (s->file)
		times_file(t, s, narrow);
	localtime_r(&now.tv_sec, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	str_addf(t, "%zu/%zu %s%s", s->moment_at + 1, s->moment_count,
		info->complete ? "" : "INCOMPLETE ", clock);
	/* Where not all is known the room is for that. */
	if (!s->moment_count || !info->complete || narrow)
		return;
	str_add(t, " (");
	add_distance(t, s->moments[s->file ? 0 : last].time, now);
	str_addc(t, ')');
}
