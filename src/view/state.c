/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/state.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "view/changed.h"

void view_init(struct view *v, const struct scene *s)
{
	*v = (struct view){ .glyphs = s->utf8 ? GLYPHS_BLOCKS : GLYPHS_LETTERS };
}

bool view_blocks(const struct view *v, const struct scene *s)
{
	/* What happened is told by letters. */
	return v->glyphs == GLYPHS_BLOCKS && s->utf8 && s->colour && !changed_shown(v, s);
}

enum key_context view_context(const struct view *v)
{
	if (v->screen == SCREEN_HELP)
		return CONTEXT_HELP;
	if (v->screen == SCREEN_PAGE)
		return CONTEXT_PAGE;
	if (v->screen == SCREEN_REPORT)
		return CONTEXT_REPORT;
	return v->pane == PANE_LIST ? CONTEXT_LIST : CONTEXT_GRID;
}

const struct vma *view_vma(const struct view *v, const struct scene *s, size_t *index)
{
	size_t i, n = s->snapshot ? snapshot_vmas(s->snapshot) : 0;

	if (!n)
		return NULL;
	i = snapshot_find(s->snapshot, v->cursor);
	if (i == n)
		i = n - 1;
	if (index)
		*index = i;
	return snapshot_vma(s->snapshot, i);
}

uint64_t view_page(const struct view *v, const struct scene *s, const struct vma *vma)
{
	return snapshot_page_of(s->snapshot, vma, v->cursor);
}

struct layout view_layout(const struct scene *s, int w, int h)
{
	return s->replay ? layout_with_times(w, h) : layout_make(w, h);
}

struct grid_shape view_grid_shape(
	const struct view *v, const struct scene *s, const struct layout *l, const struct vma *vma)
{
	struct grid_shape g = { .cells = l->row_cells, .dots = view_blocks(v, s) ? 4 : 1 };

	g.dot_bytes = (uint64_t)snapshot_info(s->snapshot)->page_size << v->zoom;
	g.row_bytes = g.dot_bytes * (uint64_t)(g.cells * g.dots);
	g.first_row = vma->start / g.row_bytes * g.row_bytes;
	g.rows = (vma->end - 1) / g.row_bytes - vma->start / g.row_bytes + 1;
	return g;
}

const char *question_title(enum question q)
{
	static const char *const titles[] = {
#define X(id, title) [QUESTION_##id] = title,
		QUESTION_LIST(X)
#undef X
	};

	return titles[q];
}

int view_report_lines(const struct layout *l)
{
	/* Below the title and the report's own. */
	int lines = layout_middle(l).h - 1;

	return lines > 1 ? lines : 1;
}

const struct report_line *view_report_line(const struct view *v, const struct scene *s)
{
	return s->report && v->report_at < s->report->n ? &s->report->line[v->report_at] : NULL;
}

/* Bring the cursor of the report to a line of it, and that on the screen. */
static void settle_report(struct view *v, const struct scene *s, const struct layout *l)
{
	size_t n = s->report ? s->report->n : 0, lines = (size_t)view_report_lines(l);

	if (!n)
		return; /* the next answer may have as many lines as the one before */
	if (!v->report_moved) {
		for (v->report_at = 0; v->report_at < n && !s->report->line[v->report_at].pid;)
			v->report_at++;
		if (v->report_at >= lines)
			v->report_at = 0; /* what it begins with comes first */
	}
	if (v->report_at >= n)
		v->report_at = n - 1;
	if (v->report_at < v->report_top)
		v->report_top = v->report_at;
	if (v->report_at >= v->report_top + lines)
		v->report_top = v->report_at - lines + 1;
}

void view_settle(struct view *v, const struct scene *s, const struct layout *l)
{
	size_t at, lines = (size_t)(l->list.h > 0 ? l->list.h : 1);
	uint64_t rows = (uint64_t)(l->grid.h > 0 ? l->grid.h : 1), size, row, top;
	const struct vma *vma = view_vma(v, s, NULL);
	struct grid_shape g;
	size_t list = changed_lines(v, s);

	settle_report(v, s, l);
	if (!vma)
		return;
	size = snapshot_info(s->snapshot)->page_size;
	if (v->cursor < vma->start)
		v->cursor = vma->start;
	if (v->cursor >= vma->end)
		v->cursor = vma->end - size;
	v->cursor -= v->cursor % size;

	at = changed_line(v, s);
	if (at < v->list_top)
		v->list_top = at;
	if (at >= v->list_top + lines)
		v->list_top = at - lines + 1;
	if (v->list_top && v->list_top + lines > list)
		v->list_top = list > lines ? list - lines : 0;

	if (l->tiny)
		return;
	g = view_grid_shape(v, s, l, vma);
	row = (v->cursor - g.first_row) / g.row_bytes;
	top = v->top >= g.first_row ? (v->top - g.first_row) / g.row_bytes : 0;
	if (top + rows > g.rows)
		top = g.rows > rows ? g.rows - rows : 0;
	if (row < top)
		top = row;
	if (row >= top + rows)
		top = row - rows + 1;
	v->top = g.first_row + top * g.row_bytes;
	/* The last row of all ends where addresses do. */
	v->bottom = rows > (UINT64_MAX - v->top) / g.row_bytes ? UINT64_MAX
							       : v->top + rows * g.row_bytes;
}

void view_propose_name(char *buf, size_t size, const struct snapshot *s)
{
	const struct snapshot_info *i = snapshot_info(s);
	char comm[32], when[32];
	struct tm tm;
	size_t k;

	/* Only what is safe in any shell and file system. */
	for (k = 0; i->comm[k] && k < sizeof(comm) - 1; k++)
		comm[k] = isalnum((unsigned char)i->comm[k]) || strchr("._-", i->comm[k])
			? i->comm[k]
			: '_';
	comm[k] = '\0';
	if (!k)
		snprintf(comm, sizeof(comm), "process");
	if (comm[0] == '-' || comm[0] == '.')
		comm[0] = '_';
	localtime_r(&i->time.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y%m%d-%H%M%S", &tm);
	snprintf(buf, size, "%s-%d-%s.pmv", comm, (int)i->pid, when);
}

/* Entries around the cursor: so many that moving by a page or a row is answered at once. */
#define NEED_AROUND 512

struct needs view_needs(const struct view *v, const struct scene *s)
{
	const struct vma *vma = view_vma(v, s, NULL);
	struct needs n = { 0 };
	uint64_t page, begin, end, first, size, step = NEED_AROUND / 2, steps = 4;
	unsigned kinds;

	if (!vma || s->past || (s->file && !s->kept))
		return n;
	lens_needs(&n, v, s);
	size = snapshot_info(s->snapshot)->page_size;
	begin = vma->start / size;
	end = begin + snapshot_vma_pages(s->snapshot, vma);
	page = begin + view_page(v, s, vma);
	/* What became of absent pages is told of that one alone: not with frames of many. */
	kinds = NEED_ENTRIES |
		(vma->kind == VMA_SHMEM && !(n.kinds & NEED_FRAMES) ? NEED_ABSENT : 0);
	if (v->screen == SCREEN_PAGE) {
		uint64_t huge = snapshot_info(s->snapshot)->pmd_size / size;

		/* All of the largest folio, wherever in it the page is. */
		kinds |= NEED_FRAMES;
		step = huge > step ? huge : step;
		steps = 3;
	}
	/* In steps, so that the answer serves for a while. */
	first = page / step > 1 ? (page / step - 1) * step : 0;
	first = first > begin ? first : begin;
	needs_add(&n, kinds, first, end - first < steps * step ? end - first : steps * step);
	return n;
}

/* Whether both are below what is told apart, or not far from each other. */
static bool about(double shown, double now, double least)
{
	shown = shown > least ? shown : least;
	now = now > least ? now : least;
	return now > shown * 0.67 && now < shown * 1.5;
}

struct scan_cost view_settle_cost(const struct scan_cost *shown, const struct scan_cost *now)
{
	struct scan_cost kept = *shown;
	bool right = about((double)shown->ns, (double)now->ns, COST_LEAST_NS) &&
		about((double)shown->calls, (double)now->calls, 10) &&
		about(shown->percent, now->percent, COST_LEAST_PERCENT);

	kept.doubts = right ? 0 : kept.doubts + 1;
	return kept.ns && kept.doubts < COST_DOUBTS ? kept : *now;
}
