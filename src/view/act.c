/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What actions do to the view. */
#include <stdio.h>
#include <string.h>

#include "view/changed.h"
#include "view/lens.h"
#include "view/state.h"
#include "view/times.h"

/* A dot of so many bytes holds any address space, and a row of such dots does not overflow. */
#define DOT_MOST (UINT64_C(1) << 54)

static void say(struct view *v, const char *text)
{
	snprintf(v->message, sizeof(v->message), "%s", text);
}

static void fit_zoom(struct view *v, const struct scene *s, const struct layout *l)
{
	const struct vma *vma = view_vma(v, s, NULL);

	if (l->tiny || !vma)
		return;
	for (v->zoom = 0; (uint64_t)snapshot_info(s->snapshot)->page_size << v->zoom < DOT_MOST;
		v->zoom++)
		if (view_grid_shape(v, s, l, vma).rows <= (uint64_t)(l->grid.h > 0 ? l->grid.h : 1))
			break;
}

/* Move the cursor by rows of the list. */
static void move_list(struct view *v, const struct scene *s, int64_t by)
{
	size_t at, to = changed_step(v, s, by);

	view_vma(v, s, &at);
	if (to == at)
		return;
	v->cursor = snapshot_vma(s->snapshot, to)->start;
	v->top = 0;
}

/* Move the cursor by bytes within its mapping, stopping at its ends. */
static void move_bytes(
	struct view *v, const struct vma *vma, uint64_t bytes, bool back, uint64_t page_size)
{
	if (back)
		v->cursor = v->cursor - vma->start < bytes ? vma->start : v->cursor - bytes;
	else
		v->cursor = vma->end - page_size - v->cursor < bytes ? vma->end - page_size
								     : v->cursor + bytes;
}

static void move_run(struct view *v, const struct scene *s, const struct vma *vma, bool back)
{
	uint64_t page = view_page(v, s, vma);
	size_t i = runs_find(vma->runs, page);
	struct run run = runs_at(vma->runs, i);

	if (back && page == run.first && i) {
		run = runs_at(vma->runs, i - 1);
	} else if (!back && i + 1 < runs_length(vma->runs)) {
		run = runs_at(vma->runs, i + 1);
	} else if (!back) {
		run.first = run.first + run.pages - 1;
		say(v, "this is the last run of the mapping");
	} else if (page == run.first) {
		say(v, "this is the first run of the mapping");
	}
	v->cursor = snapshot_address_of(s->snapshot, vma, run.first);
}

static void move(struct view *v, enum action a, const struct scene *s, const struct layout *l)
{
	const struct vma *vma = view_vma(v, s, NULL);
	bool list = v->screen == SCREEN_MAIN && v->pane == PANE_LIST;
	uint64_t size, row, rows = (uint64_t)(l->grid.h > 1 ? l->grid.h : 1);
	int64_t lines = l->list.h > 1 ? l->list.h : 1;
	bool back =
		a == ACTION_UP || a == ACTION_LEFT || a == ACTION_PAGE_UP || a == ACTION_HALF_UP;
	int64_t sign = back ? -1 : 1;

	if (!vma)
		return;
	size = snapshot_info(s->snapshot)->page_size;
	row = l->tiny ? size : view_grid_shape(v, s, l, vma).row_bytes;
	switch (a) {
	case ACTION_UP:
	case ACTION_DOWN:
		if (list)
			move_list(v, s, sign);
		else
			move_bytes(v, vma, row, back, size);
		break;
	case ACTION_LEFT:
	case ACTION_RIGHT:
		if (!list)
			move_bytes(v, vma, v->screen == SCREEN_PAGE ? size : size << v->zoom, back,
				size);
		break;
	case ACTION_PAGE_UP:
	case ACTION_PAGE_DOWN:
		if (list)
			move_list(v, s, sign * lines);
		else
			move_bytes(v, vma, row * rows, back, size);
		break;
	case ACTION_HALF_UP:
	case ACTION_HALF_DOWN:
		if (list)
			move_list(v, s, sign * ((lines + 1) / 2));
		else
			move_bytes(v, vma, row * ((rows + 1) / 2), back, size);
		break;
	case ACTION_FIRST:
		if (list)
			move_list(v, s, INT32_MIN);
		else
			v->cursor = vma->start;
		break;
	case ACTION_LAST:
		if (list)
			move_list(v, s, INT32_MAX);
		else
			v->cursor = vma->end - size;
		break;
	case ACTION_PREV_VMA:
		move_list(v, s, -1);
		break;
	case ACTION_NEXT_VMA:
		move_list(v, s, 1);
		break;
	case ACTION_PREV_RUN:
	case ACTION_NEXT_RUN:
		if (changed_shown(v, s))
			changed_move(v, s, a == ACTION_PREV_RUN);
		else
			move_run(v, s, vma, a == ACTION_PREV_RUN);
		break;
	default:
		break;
	}
}

static unsigned close_topmost(struct view *v, bool may_quit, const struct scene *s)
{
	if (s->exporting && !may_quit && v->screen != SCREEN_HELP)
		return FOLLOW_CANCEL;
	if (v->screen == SCREEN_REPORT && s->working && !may_quit)
		return FOLLOW_STOP; /* what it has found so far stays */
	if (v->screen == SCREEN_REPORT) {
		v->screen = v->below_report;
		return FOLLOW_STOP;
	}
	if (v->screen == SCREEN_HELP)
		v->screen = v->below_help;
	else if (v->screen == SCREEN_PAGE)
		v->screen = SCREEN_MAIN;
	else if (may_quit)
		return FOLLOW_QUIT;
	else if (v->pane == PANE_LIST)
		return FOLLOW_RETURN;
	else
		v->pane = PANE_LIST;
	return 0;
}

static void move_report(
	struct view *v, enum action a, const struct scene *s, const struct layout *l)
{
	size_t n = s->report ? s->report->n : 0, lines = (size_t)view_report_lines(l), by = 1;

	if (!n)
		return;
	v->report_moved = true;
	if (a == ACTION_PAGE_UP || a == ACTION_PAGE_DOWN)
		by = lines;
	else if (a == ACTION_HALF_UP || a == ACTION_HALF_DOWN)
		by = (lines + 1) / 2;
	else if (a == ACTION_FIRST || a == ACTION_LAST)
		by = n;
	if (a == ACTION_UP || a == ACTION_PAGE_UP || a == ACTION_HALF_UP || a == ACTION_FIRST)
		v->report_at -= by < v->report_at ? by : v->report_at;
	else
		v->report_at += by < n - 1 - v->report_at ? by : n - 1 - v->report_at;
}

static unsigned enter(struct view *v, const struct scene *s)
{
	const struct report_line *line;

	if (v->screen != SCREEN_REPORT) {
		if (v->pane == PANE_LIST)
			v->pane = PANE_GRID;
		else
			v->screen = SCREEN_PAGE;
		return 0;
	}
	line = view_report_line(v, s);
	if (line && line->pid)
		return FOLLOW_GO;
	say(v, "this line is about no place: Enter goes to processes and mappings");
	return 0;
}

unsigned view_apply(struct view *v, enum action a, const struct scene *s, const struct layout *l)
{
	unsigned follow = 0;

	switch (a) {
	case ACTION_NEXT_PANE:
		v->pane = v->pane == PANE_LIST ? PANE_GRID : PANE_LIST;
		break;
	case ACTION_ENTER:
		follow = enter(v, s);
		break;
	case ACTION_BACK:
		follow = close_topmost(v, false, s);
		break;
	case ACTION_CLOSE:
		follow = close_topmost(v, true, s);
		break;
	case ACTION_OWNERS:
		follow = view_ask(v, QUESTION_OWNERS, s);
		break;
	case ACTION_RSS:
		follow = view_ask(v, QUESTION_RSS, s);
		break;
	case ACTION_FAMILY:
		follow = view_ask(v, QUESTION_FAMILY, s);
		break;
	case ACTION_WSS:
		follow = view_ask(v, QUESTION_WSS, s);
		break;
	case ACTION_QUIT:
		return FOLLOW_QUIT;
	case ACTION_ZOOM_IN:
		if (!v->zoom)
			say(v, "a dot is one page already");
		v->zoom -= v->zoom > 0;
		break;
	case ACTION_ZOOM_OUT: {
		unsigned now = v->zoom;

		/* Further out than the whole mapping there is nothing to see. */
		fit_zoom(v, s, l);
		if (now >= v->zoom)
			say(v, "all of the mapping is shown already");
		v->zoom = now < v->zoom ? now + 1 : now;
		break;
	}
	case ACTION_ZOOM_FIT:
		fit_zoom(v, s, l);
		break;
	case ACTION_ZOOM_PAGE:
		v->zoom = 0;
		break;
	case ACTION_GLYPHS:
		v->glyphs = v->glyphs == GLYPHS_BLOCKS ? GLYPHS_LETTERS : GLYPHS_BLOCKS;
		if (v->glyphs == GLYPHS_BLOCKS && !(s->utf8 && s->colour))
			snprintf(v->message, sizeof(v->message),
				"blocks need colours and a UTF-8 locale: letters it is");
		break;
	case ACTION_MIXING:
		v->rare_first = !v->rare_first;
		break;
	case ACTION_LENS:
	case ACTION_LENS_BACK:
		follow = lens_turn(v, s, a == ACTION_LENS_BACK);
		break;
	case ACTION_NEXT_SNAPSHOT:
	case ACTION_PREV_SNAPSHOT:
	case ACTION_FOLLOW:
	case ACTION_GO_TO:
	case ACTION_RECORD:
		follow = times_apply(v, a, s);
		break;
	case ACTION_PAUSE:
		if (s->past) {
			follow = times_resume(v);
			break;
		}
		if (s->file || s->ended) {
			say(v, s->file ? "a snapshot stands still already" : "the process has ended");
			break;
		}
		v->paused = !v->paused;
		follow = FOLLOW_PAUSE;
		break;
	case ACTION_SCAN:
		if (s->file || s->ended)
			say(v, s->file ? "a snapshot stands still already" : "the process has ended");
		else
			follow = FOLLOW_SCAN | (s->past ? times_apply(v, ACTION_FOLLOW, s) : 0);
		break;
	case ACTION_MARK:
		return s->snapshot ? FOLLOW_MARK : 0;
	case ACTION_DIFF:
		changed_turn(v, s);
		break;
	case ACTION_UNCHANGED:
		changed_turn_unchanged(v, s);
		break;
	case ACTION_SAVE:
		if (!s->snapshot)
			break;
		if (snapshot_info(s->snapshot)->scanning && !s->ended) {
			say(v, "the first scan is not done yet: save when it is");
			break;
		}
		dialog_open(v, s);
		break;
	case ACTION_HELP:
		if (v->screen == SCREEN_HELP) {
			v->help_tab = (v->help_tab + 1) % HELP_TABS;
			break;
		}
		v->below_help = v->screen;
		v->screen = SCREEN_HELP;
		v->help_tab = HELP_KEYS;
		break;
	case ACTION_REDRAW:
		return FOLLOW_REDRAW;
	case ACTION_SUSPEND:
		return FOLLOW_SUSPEND;
	default:
		if (v->screen == SCREEN_REPORT)
			move_report(v, a, s, l);
		else
			move(v, a, s, l);
	}
	view_settle(v, s, l);
	return follow;
}
