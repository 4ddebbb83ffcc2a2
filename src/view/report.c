/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "view/panes.h"

/* "22-42 of 114" at the right, where not all is shown. */
static void where_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	size_t n = s->report ? s->report->n : 0, shown = r.h > 1 ? (size_t)r.h - 1 : 1;
	size_t end = v->report_top + shown < n ? v->report_top + shown : n;
	char text[64];
	int w;

	if (n <= shown)
		return;
	w = snprintf(text, sizeof(text), " %zu-%zu of %zu ", v->report_top + 1, end, n);
	cells_text(c, r.x + r.w - w - 1, r.y, w, ink_of(ROLE_HEADING, 0), 0, text);
}

static void heading(struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	ink head = ink_of(ROLE_HEADING, 0);
	int x = cells_printf(c, r.x, r.y, r.w, head, 0, "-- %s ", question_title(v->question));

	if (s->working)
		x += cells_printf(c, r.x + x, r.y, r.w - x, ink_of(ROLE_WARNING, 0), 0, "%s ", s->working);
	for (; x < r.w; x++)
		cells_put(c, r.x + x, r.y, (struct cell){ .ch = '-', .fg = head });
	where_draw(c, r, v, s);
}

void report_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	static const enum role roles[] = {
		[REPORT_TEXT] = ROLE_TEXT,
		[REPORT_HEADING] = ROLE_HEADING,
		[REPORT_WARNING] = ROLE_WARNING,
	};
	size_t i;
	int y;

	if (r.h > 0)
		heading(c, r, v, s);
	for (y = 1; s->report && y < r.h; y++) {
		const struct report_line *line;

		i = v->report_top + (size_t)y - 1;
		if (i >= s->report->n)
			break;
		line = &s->report->line[i];
		/* A place one can go to is marked. */
		if (line->pid)
			cells_text(c, r.x, r.y + y, 1, 0, 0, i == v->report_at ? ">" : " ");
		cells_text_cut(c, r.x + 1, r.y + y, r.w - 1, ink_of(roles[line->kind], 0), 0, line->text);
		if (i == v->report_at)
			cells_attr(c, r.x, r.y + y, r.w, CELL_REVERSE);
	}
}
