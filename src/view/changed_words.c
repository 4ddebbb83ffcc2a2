/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a comparison: in the title, the legend, of a page, in the help. */
#include <stdio.h>
#include <time.h>

#include "base/units.h"
#include "model/change_words.h"
#include "view/changed.h"

void changed_title(struct str *t, const struct view *v, const struct scene *s)
{
	char clock[16];
	struct tm tm;

	str_addf(t, "DIFF vs %s", v->against == AGAINST_MARK ? "mark" : "last");
	if (!changed_shown(v, s)) {
		str_addf(t, ": %s", s->no_changes ? s->no_changes : "comparing ...");
		return;
	}
	localtime_r(&snapshot_info(s->changes_old)->time.tv_sec, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	str_addf(t, " %s", clock);
}

/* Whether a kind of change is in the legend: that it is not told, too. */
static bool in_legend(const struct scene *s, enum change change)
{
	return changes_sums(s->changes)->n.of[change] ||
		(change == CHANGE_FRAME && changes_no_frames(s->changes)) ||
		(change == CHANGE_HUGE && changes_no_huge(s->changes));
}

/* A kind and how much of it there is; in_words: with what the letter means. */
static void kind_words(struct str *t, const struct scene *s, enum change change, bool in_words)
{
	uint64_t pages = changes_sums(s->changes)->n.of[change];
	char count[UNITS_COUNT_LEN], size[UNITS_SIZE_LEN];

	if (!pages) {
		str_add(t, !in_words ? "?"
				: change == CHANGE_FRAME ? "other frames not told"
							 : "huge entries not told");
		return;
	}
	str_addf(t, "%s%s%s (%s)", in_words ? change_words(change) : "", in_words ? " " : "",
		units_count(count, pages),
		units_size(size, pages * snapshot_info(s->snapshot)->page_size));
}

/* The mappings that have come and gone. */
static void rest_words(struct str *t, const struct scene *s)
{
	bool in_part = changes_sums(s->changes)->unknown || changes_in_part(s->changes);

	if (change_mappings_words(t, s->changes))
		str_add(t, "  ");
	if (!changes_rows(s->changes))
		str_add(t, in_part ? "no change in what is known  " : "no change  ");
}

/* Of how many pages nothing can be said. */
static void unknown_words(struct str *t, const struct scene *s)
{
	char count[UNITS_COUNT_LEN];

	if (changes_sums(s->changes)->unknown)
		str_addf(t, "? not known %s", units_count(count, changes_sums(s->changes)->unknown));
}

void changed_legend_draw(struct cells *c, struct rect r, const struct scene *s)
{
	struct str text = { 0 }, rest = { 0 }, unknown = { 0 };
	bool in_words;
	int x = 1, all = 1, room, i;

	rest_words(&rest, s);
	/* This is said before anything else. */
	unknown_words(&unknown, s);
	room = r.w - (unknown.len ? (int)unknown.len + 2 : 0);
	for (i = CHANGE_NONE + 1; i < CHANGES; i++) {
		if (!in_legend(s, (enum change)i))
			continue;
		str_clear(&text);
		kind_words(&text, s, (enum change)i, true);
		all += 4 + (int)text.len;
	}
	in_words = all + (int)rest.len <= room;
	for (i = CHANGE_NONE + 1; i < CHANGES; i++) {
		if (!in_legend(s, (enum change)i))
			continue;
		str_clear(&text);
		kind_words(&text, s, (enum change)i, in_words);
		if (x + 2 + (int)text.len > room)
			continue;
		cells_put(c, r.x + x, r.y,
			(struct cell){ .ch = (uint32_t)change_letter((enum change)i),
				.fg = ink_of(changed_role((enum change)i), 0), .attr = CELL_BOLD });
		x += 4 + cells_text(c, r.x + x + 2, r.y, r.w - x - 2, 0, 0, str_text(&text));
	}
	if (unknown.len)
		x += 2 + cells_text(c, r.x + x, r.y, r.w - x, ink_of(ROLE_WARNING, 0), 0,
			str_text(&unknown));
	if (x < r.w)
		cells_text_cut(c, r.x + x, r.y, r.w - x, ink_of(ROLE_ADDRESS, 0), 0, str_text(&rest));
	str_free(&text);
	str_free(&rest);
	str_free(&unknown);
}

/* The state of a page in the old snapshot, "nothing" where the mapping had no counterpart. */
static const char *old_state(const struct scene *s, const struct vma *vma, uint64_t address)
{
	size_t i = snapshot_find(s->changes_old, address);
	const struct vma *o;

	if (!snapshot_holds(s->changes_old, i, address))
		return "not mapped";
	o = snapshot_vma(s->changes_old, i);
	if (!vma_same(o, vma))
		return "not mapped";
	return page_state_name(
		runs_at(o->runs, runs_find(o->runs, snapshot_page_of(s->changes_old, o, address)))
			.state);
}

void changed_one_words(struct str *t, const struct view *v, const struct scene *s)
{
	size_t i;
	const struct vma *vma = view_vma(v, s, &i);
	uint64_t page = view_page(v, s, vma);
	enum change change = changes_at(s->changes, i, page);

	str_addf(t, "%c %s: %s", change_letter(change),
		change == CHANGE_FREED && (vma->perms & VMA_SHARED || vma_has_object(vma))
			? "unmapped"
			: change_words(change),
		page_state_name(runs_at(vma->runs, runs_find(vma->runs, page)).state));
	if (change != CHANGE_HUGE && change != CHANGE_SPLIT && change != CHANGE_FRAME)
		str_addf(t, ", was %s", old_state(s, vma, v->cursor));
}

void changed_page_words(struct str *t, const struct view *v, const struct scene *s)
{
	size_t i, k;
	const struct vma *vma = view_vma(v, s, &i);
	uint64_t size = snapshot_info(s->snapshot)->page_size, bytes = size << v->zoom;
	uint64_t from = v->cursor / bytes * bytes, to = from + bytes;
	struct change_counts n;
	char count[UNITS_COUNT_LEN];

	if (!v->zoom) {
		str_add(t, "  ");
		changed_one_words(t, v, s);
		return;
	}
	from = from > vma->start ? from : vma->start;
	to = to < vma->end && to > from ? to : vma->end;
	n = changes_count(
		s->changes, i, snapshot_page_of(s->snapshot, vma, from), (to - from) / size);
	str_addf(t, "  %s pages:", units_count(count, (to - from) / size));
	for (k = CHANGE_NONE + 1; k < CHANGES; k++)
		if (n.of[k])
			str_addf(t, "  %c %s %s", change_letter((enum change)k),
				change_words((enum change)k), units_count(count, n.of[k]));
	if (!change_counts_total(&n))
		str_add(t, " no change");
}

int changed_help_draw(struct cells *c, struct rect r, const struct scene *s)
{
	int y = 0, i;

	if (y < r.h)
		cells_text(c, r.x + 1, r.y + y++, r.w - 1, ink_of(ROLE_HEADING, 0), 0,
			"What happened to each page between two snapshots");
	for (i = CHANGE_NONE + 1; i < CHANGES && y < r.h; i++, y++) {
		cells_put(c, r.x + 2, r.y + y,
			(struct cell){ .ch = (uint32_t)change_letter((enum change)i),
				.fg = ink_of(changed_role((enum change)i), 0), .attr = CELL_BOLD });
		cells_printf(c, r.x + 5, r.y + y, r.w - 5, 0, 0, "%-18s %s",
			change_words((enum change)i), change_meaning((enum change)i));
	}
	if (y < r.h) {
		cells_text(c, r.x + 2, r.y + y, 1, 0, CELL_BOLD, "%");
		cells_text(c, r.x + 5, r.y + y++, r.w - 5, 0, 0, "several of these in one cell");
	}
	if (changes_no_frames(s->changes) && y < r.h)
		cells_text(c, r.x + 2, r.y + y++, r.w - 2, 0, 0,
			"~  other frames are not told: that takes the raw entries of both");
	return y;
}
