/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole screen: what frames the panes, and which of them are shown. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/units.h"
#include "view/changed.h"
#include "view/look.h"
#include "view/panes.h"
#include "view/timebar.h"
#include "view/times.h"

static void clock_text(struct str *t, const struct scene *s)
{
	struct timespec when = snapshot_info(s->snapshot)->time;
	char buf[32];
	struct tm tm;

	localtime_r(&when.tv_sec, &tm);
	strftime(buf, sizeof(buf), s->file ? "%Y-%m-%d %H:%M:%S" : "%H:%M", &tm);
	str_add(t, buf);
}

/* What is said of the source: live, paused, ended, or a file. narrow: with what it is compared with
 * there is little room. */
static void status_text(struct str *t, const struct view *v, const struct scene *s, bool narrow)
{
	if (s->replay) {
		times_status(t, s, narrow);
	} else if (s->file) {
		str_add(t, snapshot_info(s->snapshot)->complete ? "SNAPSHOT " : "INCOMPLETE SNAPSHOT ");
		times_file(t, s, narrow);
		clock_text(t, s);
	} else if (s->ended) {
		str_add(t, s->ended);
	} else if (v->paused) {
		str_add(t, "PAUSED");
	} else if (snapshot_info(s->snapshot)->scanning) {
		str_addf(t, "SCANNING %u%%", snapshot_info(s->snapshot)->percent);
	} else {
		str_addf(t, "LIVE %gs", s->interval);
		if (s->slowed)
			str_add(t, " (slowed)");
	}
	if (s->freezes && !s->ended && !v->paused && !s->past)
		str_add(t, " FREEZES");
	if (!s->ended && snapshot_info(s->snapshot)->standing == STANDING_STOPPED)
		str_add(t, " STOPPED");
	if (!s->ended && snapshot_info(s->snapshot)->standing == STANDING_FROZEN)
		str_add(t, " FROZEN");
	if (s->recording)
		str_addf(t, "  REC %zu", s->recorded);
}

/* A sum over all mappings, as pane_size(); with a '+' where a cut file may have held more. */
static const char *total_size(
	char buf[PANE_SIZE], const struct scene *s, bool known, uint64_t pages)
{
	return pane_size_least(buf, s, known, !snapshot_info(s->snapshot)->complete, pages);
}

static uint64_t total_rss(const struct scene *s)
{
	return page_counts_rss(snapshot_totals(s->snapshot));
}

static void cost_text(struct str *t, const struct scan_cost *cost)
{
	char took[UNITS_DURATION_LEN];
	bool short_time = cost->ns < COST_LEAST_NS, cheap = cost->percent < COST_LEAST_PERCENT;

	str_addf(t, "scan %s%s, %" PRIu64 " calls, %s%.1f%% of a core", short_time ? "<" : "",
		units_duration(took, short_time ? COST_LEAST_NS : cost->ns), cost->calls,
		cheap ? "<" : "", cheap ? COST_LEAST_PERCENT : cost->percent);
}

/* Pieces from the left, the most needed first; one that has no room is left out. */
static void title_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	const struct snapshot_info *info = snapshot_info(s->snapshot);
	const struct page_counts *n = snapshot_totals(s->snapshot);
	struct str piece[12] = { 0 };
	char size[PANE_SIZE], took[UNITS_DURATION_LEN];
	int count = 0, x = 1, rss, i;
	bool room = true;

	/* Where much is to be said of the time, or of the file, our own name has to give way first. */
	str_addf(&piece[count++], "%s%s[%d]",
		r.w < 60 || (r.w < 100 && (s->file || (s->replay && v->against))) ? "" : "pmview  ",
		info->comm, (int)info->pid);
	status_text(&piece[count++], v, s, v->against && r.w < 100);
	if (v->against)
		changed_title(&piece[count++], v, s);
	if (s->file && *info->host)
		str_addf(&piece[count++], "on %.20s", info->host);
	rss = count;
	str_addf(&piece[count++], "rss %s", total_size(size, s, true, total_rss(s)));
	str_addf(&piece[count++], "swap %s",
		total_size(size, s, snapshot_knows(s->snapshot, PAGE_SWAP), n->state[PAGE_SWAP]));
	str_addf(&piece[count], "vmas %zu", snapshot_vmas(s->snapshot));
	if (info->max_map_count)
		str_addf(&piece[count], "/%" PRIu64, info->max_map_count);
	count++;
	/* What is said of a file or of the past has that already. */
	if (!info->complete && (!info->scanning || s->ended) && !s->file && !s->replay)
		str_add(&piece[count++], "INCOMPLETE");
	else if ((info->complete || info->scanning) && !s->freezes && !s->touched)
		str_add(&piece[count++], "RO");
	if (s->file)
		str_addf(&piece[count++], "scan %s", units_duration(took, info->scan_ns));
	else
		clock_text(&piece[count++], s);
	if (s->cost.ns && !s->file && !s->ended && !s->past)
		cost_text(&piece[count++], &s->cost);
	if (!info->known.pfn)
		str_addf(&piece[count++], "PFNs %s", info->pfn_withheld ? "withheld" : "hidden");
	for (i = 0; i < count; i++) {
		ink fg = ink_of(i ? ROLE_TEXT : ROLE_TITLE, 0);
		bool fits = !i || x + (int)piece[i].len <= r.w;

		/* Where there is no room for the RSS, the sums behind it are not told instead. */
		if (i == rss)
			room = fits;
		if (fits && (room || i > rss + 2))
			x += 2 + cells_text(c, r.x + x, r.y, r.w - x, fg, 0, str_text(&piece[i]));
		str_free(&piece[i]);
	}
}

/* Whether a state is in the legend: the rare ones only if there are some, and of the others, where
 * room is short, only those too. */
static bool in_legend(enum page_state state, const struct page_counts *n, bool short_of_room)
{
	bool rare = state == PAGE_MOVING || state == PAGE_MARKER || state == PAGE_UNKNOWN;

	return n->state[state] || (!rare && !short_of_room);
}

static void legend_draw(struct cells *c, struct rect r, const struct scene *s)
{
	static const enum page_state order[] = { PAGE_ANON, PAGE_FILE, PAGE_SWAP, PAGE_ZERO,
		PAGE_GUARD, PAGE_NONE, PAGE_MOVING, PAGE_MARKER, PAGE_UNKNOWN };
	const struct page_counts *n = snapshot_totals(s->snapshot);
	struct str text[PAGE_STATES] = { 0 };
	int x = 1, all = 1;
	char size[PANE_SIZE];
	size_t i;

	for (i = 0; i < PAGE_STATES; i++) {
		bool known = snapshot_knows(s->snapshot, order[i]);
		uint64_t pages = n->state[order[i]];

		/* Of what is missing all is unknown: that is not a least. */
		str_addf(&text[i], "%s %s", page_state_name(order[i]),
			order[i] == PAGE_UNKNOWN ? pane_size(size, s, known, pages)
						 : total_size(size, s, known, pages));
		if (in_legend(order[i], n, false))
			all += (int)text[i].len + 3;
	}
	for (i = 0; i < PAGE_STATES; i++) {
		if (in_legend(order[i], n, all - 1 > r.w) && x + 2 + (int)text[i].len <= r.w) {
			cells_put(c, r.x + x, r.y, look_swatch(LENS_STATE, order[i], s));
			x += 3 + cells_text(c, r.x + x + 2, r.y, r.w - x - 2, 0, 0, str_text(&text[i]));
		}
		str_free(&text[i]);
	}
}

/* Of a file there is nothing to ask, and nothing to pause. */
static const char *file_keys(const struct view *v, const struct scene *s)
{
	static const char *const one[] = {
		[CONTEXT_LIST] = " ?Help  Tab,Enter grid  +-zoom  0fit  c colour  m,d compare  e export  q quit",
		[CONTEXT_GRID] = " ?Help Tab list Enter page  b,w run  c colour  m,d compare  e export  q quit",
		[CONTEXT_PAGE] = " ?Help  Esc back  arrows page  b,w run  m,d compare  e export  q close",
	};
	static const char *const several[] = {
		[CONTEXT_LIST] = " ?Help  Tab,Enter grid  c colour  t,T step  m,d compare  e export  q quit",
		[CONTEXT_GRID] = " ?Help Tab list Enter page  b,w run  t,T step  m,d compare  e export  q quit",
		[CONTEXT_PAGE] = " ?Help  Esc back  b,w run  t,T step  m,d compare  e export  q close",
	};
	enum key_context at = view_context(v);

	if (!s->file || at > CONTEXT_PAGE)
		return NULL;
	return s->replay ? several[at] : one[at];
}

static void footer_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	static const char *const keys[] = {
		[CONTEXT_LIST] =
			" ?Help  Tab,Enter grid  +-zoom  0fit  c colour  R,P,W ask  Space pause  q quit",
		[CONTEXT_GRID] =
			" ?Help Tab list Enter page  +-zoom  b,w run  c colour  o who  Space pause q quit",
		[CONTEXT_PAGE] =
			" ?Help  Esc back  arrows page  b,w run  o who maps it  e save  q close",
		[CONTEXT_REPORT] =
			" ?Help  Up,Down line  Enter go there  Esc stop, back  q close  R rss  P family",
		[CONTEXT_HELP] = " 1 2 3 4 Tab  tabs   Esc back   q close   Q quit",
	};

	const char *text = file_keys(v, s) ? file_keys(v, s) : keys[view_context(v)];

	if (v->dialog)
		text = v->prompting ? " Enter write  Tab back  Esc leave  ^U empty"
				    : " Up,Down or letter  Enter name  Esc leave";
	else if (v->against && v->screen == SCREEN_MAIN)
		text = " ?Help  Tab,Enter grid  b,w change  d compare  m mark  z unchanged  q quit";
	else if (changed_shown(v, s) && v->screen == SCREEN_PAGE)
		text = " ?Help  Esc back  arrows page  b,w change  d compare  m mark  e save  q close";
	cells_text(c, r.x, r.y, r.w, ink_of(ROLE_ADDRESS, 0), 0, text);
}

/* A path at the end of it loses its beginning where there is no room, and not what is before it. */
static void said_draw(struct cells *c, struct rect r, const char *message)
{
	ink fg = ink_of(ROLE_WARNING, 0);
	const char *path = strstr(message, MESSAGE_PATH);
	int x = cells_printf(c, r.x, r.y, r.w, fg, 0, " %.*s",
		path ? (int)(path - message) : VIEW_TEXT, message);

	if (path)
		cells_text_end(c, r.x + x, r.y, r.w - x, fg, 0, path + strlen(MESSAGE_PATH));
}

/* A line that was typed or said stands above the footer, instead of the page line. */
static bool message_draw(struct cells *c, struct rect r, const struct view *v)
{
	if (v->prompting) {
		static const char *const what[] = {
			[PROMPT_SAVE] = " save to: ",
			[PROMPT_WSS] = " working set: seconds to watch: ",
			[PROMPT_GO_TO] = " go to: ",
			[PROMPT_RECORD] = " record to: ",
		};
		int x = cells_text(
			c, r.x, r.y, r.w, ink_of(ROLE_HEADING, 0), 0, what[v->prompting]);

		x += cells_text_end(c, r.x + x, r.y, r.w - x - 1, 0, 0, v->prompt);
		cells_put(c, r.x + x, r.y, (struct cell){ .ch = ' ', .attr = CELL_REVERSE });
		return true;
	}
	if (v->dialog && !v->message[0]) {
		int x = cells_text(c, r.x, r.y, r.w, ink_of(ROLE_HEADING, 0), 0, " into: ");

		cells_text_end(c, r.x + x, r.y, r.w - x - 1, ink_of(ROLE_ADDRESS, 0), 0, v->prompt);
		return true;
	}
	if (v->asking) {
		cells_printf(c, r.x, r.y, r.w, ink_of(ROLE_WARNING, 0), 0, " %s", v->ask);
		return true;
	}
	if (!v->message[0])
		return false;
	said_draw(c, r, v->message);
	return true;
}

static void tiny_draw(struct cells *c, const struct view *v, const struct scene *s)
{
	const struct vma *vma = view_vma(v, s, NULL);
	char size[PANE_SIZE];

	cells_printf(c, 0, 0, c->w, 0, 0, "%s[%d] rss %s %s", snapshot_info(s->snapshot)->comm,
		(int)snapshot_info(s->snapshot)->pid,
		total_size(size, s, true, total_rss(s)), vma ? vma->name : "");
}

static void waiting_draw(struct cells *c, const struct scene *s)
{
	cells_printf(c, 1, 0, c->w - 1, ink_of(ROLE_TITLE, 0), 0, "pmview  %s", s->process);
	cells_text(c, 1, 2, c->w - 1, 0, 0, s->ended ? s->ended : "scanning ...   q quits");
}

static void main_draw(
	struct cells *c, const struct view *v, const struct scene *s, const struct layout *l)
{
	struct rect middle = layout_middle(l);
	int y;

	list_draw(c, v, s, l);
	grid_draw(c, v, s, l);
	for (y = l->list_head.y; l->side_by_side && y < middle.y + middle.h; y++)
		cells_put(
			c, l->list.w, y, (struct cell){ .ch = '|', .fg = ink_of(ROLE_ADDRESS, 0) });
}

void screen_draw(struct cells *c, const struct view *v, const struct scene *s)
{
	struct layout l = view_layout(s, c->w, c->h);
	struct rect all = { 0, 0, c->w, c->h }, middle = layout_middle(&l);

	cells_clear(c);
	if (!s->snapshot) {
		waiting_draw(c, s);
		return;
	}
	if (l.tiny) {
		if (!message_draw(c, l.title, v))
			tiny_draw(c, v, s);
		return;
	}
	footer_draw(c, l.footer, v, s);
	if (v->screen == SCREEN_HELP) {
		all.h -= l.footer.h;
		help_draw(c, all, v, s);
		return;
	}
	title_draw(c, l.title, v, s);
	if (v->dialog)
		dialog_draw(c, middle, v, s);
	else if (v->screen == SCREEN_PAGE)
		page_screen_draw(c, middle, v, s);
	else if (v->screen == SCREEN_REPORT)
		report_draw(c, middle, v, s);
	else
		main_draw(c, v, s, &l);
	if (v->screen == SCREEN_MAIN && l.legend.h && !v->dialog && changed_shown(v, s))
		changed_legend_draw(c, l.legend, s);
	else if (v->screen == SCREEN_MAIN && l.legend.h && !v->dialog && v->lens != LENS_STATE)
		lens_legend_draw(c, l.legend, v, s);
	else if (v->screen == SCREEN_MAIN && l.legend.h && !v->dialog)
		legend_draw(c, l.legend, s);
	if (l.times.h)
		timebar_draw(c, l.times, s);
	if (message_draw(c, l.page, v))
		return;
	if (s->exporting)
		cells_printf(c, l.page.x, l.page.y, l.page.w, ink_of(ROLE_WARNING, 0), 0, " %s", s->exporting);
	else if (v->screen == SCREEN_MAIN)
		page_line_draw(c, l.page, v, s);
}
