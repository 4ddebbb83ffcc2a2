/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/changed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "model/change_words.h"
#include "view/panes.h"

#define STRIP 16

bool changed_shown(const struct view *v, const struct scene *s)
{
	return v->against && s->changes && s->snapshot;
}

/* --- what is compared with --- */

void changed_turn(struct view *v, const struct scene *s)
{
	static const char *const names[] = {
		"nothing: states are shown", "the scan before", "the mark" };
	const char *missing = "";
	int i;

	for (i = 1; i <= AGAINSTS; i++) {
		enum against next = (enum against)((v->against + i) % AGAINSTS);

		if (next == AGAINST_LAST && !s->has_last)
			missing = "; there is no scan before";
		else if (next == AGAINST_MARK && !s->has_mark)
			missing = "; there is no mark: m sets it";
		else
			break;
	}
	i = (v->against + i) % AGAINSTS;
	if (i == AGAINST_NOTHING && v->against == AGAINST_NOTHING)
		snprintf(v->message, sizeof(v->message),
			"there is nothing to compare with yet: m marks what is shown now");
	else
		snprintf(v->message, sizeof(v->message), "compared with %s%s", names[i], missing);
	v->against = (enum against)i;
}

void changed_turn_unchanged(struct view *v, const struct scene *s)
{
	if (!changed_shown(v, s)) {
		snprintf(v->message, sizeof(v->message),
			"all mappings are shown: z is for comparisons (d)");
		return;
	}
	v->unchanged = !v->unchanged;
	snprintf(v->message, sizeof(v->message), "mappings without a change are %s",
		v->unchanged ? "shown too" : "hidden");
}

/* --- which mapping stands in which line --- */

/* How many of those that are gone stand before new mapping j. */
static size_t gone_before(const struct changes *c, size_t j)
{
	size_t lo = 0, hi = changes_gone(c);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (changes_row(c, changes_gone_row(c, mid))->place <= j)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

size_t changed_lines(const struct view *v, const struct scene *s)
{
	size_t at;

	if (!changed_shown(v, s))
		return s->snapshot ? snapshot_vmas(s->snapshot) : 0;
	if (v->unchanged)
		return snapshot_vmas(s->snapshot) + changes_gone(s->changes);
	return changes_rows(s->changes) +
		(view_vma(v, s, &at) && !changes_of(s->changes, at) ? 1 : 0);
}

size_t changed_line(const struct view *v, const struct scene *s)
{
	size_t at = 0;

	view_vma(v, s, &at);
	if (!changed_shown(v, s))
		return at;
	return v->unchanged ? at + gone_before(s->changes, at) : changes_find(s->changes, at);
}

size_t changed_vma(const struct view *v, const struct scene *s, size_t line,
	const struct change_row **row)
{
	size_t lo = 0, hi, at;

	*row = NULL;
	if (!changed_shown(v, s))
		return line;
	if (!v->unchanged) {
		at = changed_line(v, s);
		if (view_vma(v, s, &hi) && !changes_of(s->changes, hi) && line >= at) {
			if (line == at)
				return hi;
			line--;
		}
		*row = changes_row(s->changes, line);
		return (*row)->vma;
	}
	/* The first of the gone that is not above this line. */
	for (hi = changes_gone(s->changes); lo < hi;) {
		at = lo + (hi - lo) / 2;
		*row = changes_row(s->changes, changes_gone_row(s->changes, at));
		if ((*row)->place + at < line)
			lo = at + 1;
		else
			hi = at;
	}
	*row = lo < changes_gone(s->changes)
		? changes_row(s->changes, changes_gone_row(s->changes, lo))
		: NULL;
	if (*row && (*row)->place + lo == line)
		return (*row)->vma;
	*row = changes_of(s->changes, line - lo);
	return line - lo;
}

static bool is_gone(const struct change_row *row)
{
	return row && row->what == VMA_CHANGE_GONE;
}

size_t changed_step(const struct view *v, const struct scene *s, int64_t by)
{
	int64_t last = (int64_t)changed_lines(v, s) - 1, from = (int64_t)changed_line(v, s);
	int64_t to = from + by, step = by < 0 ? -1 : 1;
	const struct change_row *row;
	size_t vma;

	to = to < 0 ? 0 : to > last ? last : to;
	vma = changed_vma(v, s, (size_t)to, &row);
	/* One that is gone cannot be gone into: the next one behind it, or else before it. */
	while (is_gone(row) && to + step >= 0 && to + step <= last)
		vma = changed_vma(v, s, (size_t)(to += step), &row);
	while (is_gone(row) && to != from)
		vma = changed_vma(v, s, (size_t)(to -= step), &row);
	if (is_gone(row))
		view_vma(v, s, &vma);
	return vma;
}

void changed_move(struct view *v, const struct scene *s, bool back)
{
	size_t i;
	const struct vma *vma = view_vma(v, s, &i);
	uint64_t page;

	if (changes_next(s->changes, i, view_page(v, s, vma), back, &page))
		v->cursor = snapshot_address_of(s->snapshot, vma, page);
	else
		snprintf(v->message, sizeof(v->message), "no change %s in this mapping: %s goes to the %s one",
			back ? "before this" : "behind this", back ? "[" : "]", back ? "previous" : "next");
}

/* --- cells --- */

static enum role role_of(enum change change)
{
	static const uint8_t roles[CHANGES] = {
		[CHANGE_NONE] = ROLE_NONE,
		[CHANGE_FAULTED_IN] = ROLE_ANON,
		[CHANGE_FREED] = ROLE_UNKNOWN,
		[CHANGE_SWAPPED_OUT] = ROLE_SWAP,
		[CHANGE_SWAPPED_IN] = ROLE_FILE,
		[CHANGE_FRAME] = ROLE_MOVING,
		[CHANGE_COPIED] = ROLE_SHMEM,
		[CHANGE_HUGE] = ROLE_ZERO,
		[CHANGE_SPLIT] = ROLE_ZERO,
		[CHANGE_ZERO] = ROLE_ZERO,
		[CHANGE_OTHER] = ROLE_MARKER,
	};

	return (enum role)roles[change];
}

/* The letter of the only change there is, '%' of several, '.' of none. */
static struct cell cell_of(const struct change_counts *n)
{
	struct cell cell = { .ch = '.', .fg = ink_of(ROLE_NONE, 0) };
	uint64_t most = 0;
	int kinds = 0, i;

	for (i = CHANGE_NONE + 1; i < CHANGES; i++) {
		kinds += n->of[i] > 0;
		if (n->of[i] <= most)
			continue;
		most = n->of[i];
		cell.ch = (uint32_t)change_letter((enum change)i);
		cell.fg = ink_of(role_of((enum change)i), 0);
		cell.attr = CELL_BOLD;
	}
	if (kinds > 1)
		cell.ch = '%';
	return cell;
}

struct cell changed_cell(const struct scene *s, size_t i, uint64_t first, uint64_t pages)
{
	uint64_t all = runs_pages(snapshot_vma(s->snapshot, i)->runs);
	struct change_counts n;

	if (first >= all)
		return (struct cell){ .ch = ' ' };
	n = changes_count(s->changes, i, first, pages < all - first ? pages : all - first);
	return cell_of(&n);
}

/* Pages of a mapping that is gone: what was in them is freed. */
static struct cell gone_cell(const struct vma *vma, uint64_t first, uint64_t pages)
{
	struct page_counts was = runs_count(vma->runs, first, pages);
	struct change_counts n = { { 0 } };

	n.of[CHANGE_FREED] = was.state[PAGE_ANON] + was.state[PAGE_FILE] + was.state[PAGE_SWAP] +
		was.state[PAGE_ZERO] + was.state[PAGE_MOVING];
	n.of[CHANGE_OTHER] = was.state[PAGE_GUARD] + was.state[PAGE_MARKER];
	return cell_of(&n);
}

/* gone: mapping i is of the old snapshot. */
static void strip(
	struct cells *c, int x, int y, int w, size_t i, bool gone, const struct scene *s)
{
	const struct vma *vma = snapshot_vma(gone ? s->changes_old : s->snapshot, i);
	uint64_t pages = runs_pages(vma->runs);
	uint64_t n = pages < (uint64_t)w ? pages : (uint64_t)w, k, first, next;

	for (k = 0; k < n; k++) {
		/* As strip_draw() has it. */
		first = pages / n * k + pages % n * k / n;
		next = pages / n * (k + 1) + pages % n * (k + 1) / n;
		cells_put(c, x + (int)k, y,
			gone ? gone_cell(vma, first, next - first)
			     : changed_cell(s, i, first, next - first));
	}
}

void changed_strip_draw(struct cells *c, int x, int y, int w, size_t i, const struct scene *s)
{
	strip(c, x, y, w, i, false, s);
}

/* --- the list --- */

/* Where each column begins, relative; -1 if it has no room. */
struct columns {
	int size, perm, rss, swap, strip, name, name_w;
};

static struct columns fit_columns(int w)
{
	struct columns c = { -1, -1, -1, -1, -1, -1, 0 };
	int at = 3 + 12;

	if (w >= at + 7) {
		c.size = at + 1;
		at += 7;
	}
	if (w >= at + 8 + 10) {
		c.rss = at + 1;
		at += 8;
	}
	if (w >= at + 8 + 10) {
		c.swap = at + 1;
		at += 8;
	}
	if (w >= at + 5 + 10) {
		c.perm = at + 1;
		at += 5;
	}
	if (w >= at + STRIP + 3 + 12) {
		c.strip = at + 1;
		at += STRIP + 3;
	}
	c.name = at + 1;
	c.name_w = w - c.name;
	return c;
}

static void heading(struct cells *c, struct rect r, const struct columns *col)
{
	ink head = ink_of(ROLE_HEADING, 0);

	cells_text(c, r.x + 3, r.y, r.w - 3, head, 0, "START");
	if (col->size >= 0)
		cells_printf(c, r.x + col->size, r.y, 6, head, 0, "%6s", "SIZE");
	if (col->rss >= 0)
		cells_printf(c, r.x + col->rss, r.y, 7, head, 0, "%7s", "dRES");
	if (col->swap >= 0)
		cells_printf(c, r.x + col->swap, r.y, 7, head, 0, "%7s", "dSWP");
	if (col->perm >= 0)
		cells_text(c, r.x + col->perm, r.y, 4, head, 0, "PERM");
	if (col->strip >= 0)
		cells_printf(c, r.x + col->strip, r.y, STRIP + 2, head, 0, "[%-*s]", STRIP,
			"MAP of changes");
	cells_text(c, r.x + col->name, r.y, col->name_w, head, 0, "NAME");
}

static bool swap_known(const struct scene *s)
{
	return snapshot_knows(s->snapshot, PAGE_SWAP) && snapshot_knows(s->changes_old, PAGE_SWAP);
}

/* What became of the mapping, behind its name. */
static void what_words(struct str *t, const struct change_row *row, const struct vma *vma)
{
	struct vma was = { .perms = row->was_perms };
	char perms[5];

	if (row->what != VMA_CHANGE_SAME)
		str_addf(t, " %s", vma_change_name(row->what));
	if (row->was_perms != vma->perms)
		str_addf(t, " was %s", vma_perms(&was, perms));
}

static void row_draw(struct cells *c, struct rect r, int y, size_t i, const struct change_row *row,
	bool selected, const struct columns *col, const struct view *v, const struct scene *s)
{
	bool gone = row && row->what == VMA_CHANGE_GONE;
	const struct snapshot *of = gone ? s->changes_old : s->snapshot;
	const struct vma *vma = snapshot_vma(of, i);
	uint32_t page = snapshot_info(s->snapshot)->page_size;
	char buf[PANE_SIZE], address[PANE_ADDRESS], delta[CHANGE_DELTA_LEN], perms[5];
	unsigned attr = selected ? CELL_BOLD : gone ? CELL_DIM : 0;
	struct str what = { 0 };
	int n;

	cells_text(c, r.x, y, 1, 0, attr, selected ? ">" : " ");
	if (row)
		cells_put(c, r.x + 1, y,
			(struct cell){ .ch = (uint32_t)vma_change_mark(row->what), .attr = CELL_BOLD });
	cells_text(c, r.x + 3, y, 12, ink_of(ROLE_ADDRESS, 0), attr, pane_address(address, vma->start));
	if (col->size >= 0)
		cells_printf(c, r.x + col->size, y, 6, 0, attr, "%6s",
			pane_size(buf, s, true, snapshot_vma_pages(of, vma)));
	if (col->rss >= 0)
		cells_printf(c, r.x + col->rss, y, 7, 0, attr, "%7s",
			change_delta(delta, true, row ? row->rss : 0, page, false));
	if (col->swap >= 0)
		cells_printf(c, r.x + col->swap, y, 7, 0, attr, "%7s",
			change_delta(delta, !row || swap_known(s), row ? row->swap : 0, page, false));
	if (col->perm >= 0)
		cells_text(c, r.x + col->perm, y, 4, 0, attr, vma_perms(vma, perms));
	if (col->strip >= 0) {
		cells_text(c, r.x + col->strip, y, 1, 0, 0, "[");
		strip(c, r.x + col->strip + 1, y, STRIP, i, gone, s);
		cells_text(c, r.x + col->strip + 1 + STRIP, y, 1, 0, 0, "]");
	}
	if (row)
		what_words(&what, row, vma);
	/* What became of it must not take all the place of the name. */
	n = col->name_w - ((int)what.len < col->name_w - 6 ? (int)what.len : 0);
	n = cells_text_end(c, r.x + col->name, y, n, 0, attr,
		*vma->name ? vma->name : vma->kind == VMA_ANON ? "[anon]" : "");
	cells_text(c, r.x + col->name + n, y, col->name_w - n, 0, attr, str_text(&what));
	str_free(&what);
	if (selected && v->pane == PANE_LIST)
		cells_attr(c, r.x, y, col->strip >= 0 ? col->strip : r.w, CELL_REVERSE);
}

/* Below the last line, where there is room: what is not there. */
static void rest_draw(struct cells *c, struct rect r, int y, const struct view *v, const struct scene *s)
{
	char count[UNITS_COUNT_LEN];
	size_t hidden = snapshot_vmas(s->snapshot) + changes_gone(s->changes) - changed_lines(v, s);

	if (hidden)
		cells_printf(c, r.x, y, r.w, ink_of(ROLE_ADDRESS, 0), 0,
			"   %s mapping%s without a change: z shows %s", units_count(count, hidden),
			hidden == 1 ? "" : "s", hidden == 1 ? "it" : "them");
}

void changed_list_draw(
	struct cells *c, const struct view *v, const struct scene *s, const struct layout *l)
{
	struct columns col = fit_columns(l->list.w);
	size_t n = changed_lines(v, s), at = changed_line(v, s), line, i;
	const struct change_row *row;
	int y;

	if (l->list_head.h)
		heading(c, l->list_head, &col);
	for (y = 0; y < l->list.h; y++) {
		line = v->list_top + (size_t)y;
		if (line >= n) {
			rest_draw(c, l->list, l->list.y + y, v, s);
			break;
		}
		i = changed_vma(v, s, line, &row);
		row_draw(c, l->list, l->list.y + y, i, row, line == at, &col, v, s);
	}
}

/* --- words --- */

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
				: change == CHANGE_FRAME ? "migrations not told"
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
	if (change_mappings_words(t, s->changes))
		str_add(t, "  ");
	if (!changes_rows(s->changes))
		str_add(t, "no change  ");
}

void changed_legend_draw(struct cells *c, struct rect r, const struct scene *s)
{
	struct str text = { 0 }, rest = { 0 };
	bool in_words;
	int x = 1, all = 1, i;

	rest_words(&rest, s);
	for (i = CHANGE_NONE + 1; i < CHANGES; i++) {
		if (!in_legend(s, (enum change)i))
			continue;
		str_clear(&text);
		kind_words(&text, s, (enum change)i, true);
		all += 4 + (int)text.len;
	}
	in_words = all + (int)rest.len <= r.w;
	for (i = CHANGE_NONE + 1; i < CHANGES; i++) {
		if (!in_legend(s, (enum change)i))
			continue;
		str_clear(&text);
		kind_words(&text, s, (enum change)i, in_words);
		if (x + 2 + (int)text.len > r.w)
			continue;
		cells_put(c, r.x + x, r.y,
			(struct cell){ .ch = (uint32_t)change_letter((enum change)i),
				.fg = ink_of(role_of((enum change)i), 0), .attr = CELL_BOLD });
		x += 4 + cells_text(c, r.x + x + 2, r.y, r.w - x - 2, 0, 0, str_text(&text));
	}
	if (x < r.w)
		cells_text_cut(c, r.x + x, r.y, r.w - x, ink_of(ROLE_ADDRESS, 0), 0, str_text(&rest));
	str_free(&text);
	str_free(&rest);
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

void changed_page_words(struct str *t, const struct view *v, const struct scene *s)
{
	size_t i, k;
	const struct vma *vma = view_vma(v, s, &i);
	uint64_t size = snapshot_info(s->snapshot)->page_size, bytes = size << v->zoom;
	uint64_t from = v->cursor / bytes * bytes, to = from + bytes;
	uint64_t page = view_page(v, s, vma);
	struct change_counts n;
	char count[UNITS_COUNT_LEN];
	enum change change;

	if (!v->zoom) {
		change = changes_at(s->changes, i, page);
		str_addf(t, "  %c %s: %s", change_letter(change),
			change == CHANGE_FREED && (vma->perms & VMA_SHARED || vma_has_object(vma))
				? "unmapped"
				: change_words(change),
			page_state_name(runs_at(vma->runs, runs_find(vma->runs, page)).state));
		if (change != CHANGE_HUGE && change != CHANGE_SPLIT && change != CHANGE_FRAME)
			str_addf(t, ", was %s", old_state(s, vma, v->cursor));
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
				.fg = ink_of(role_of((enum change)i), 0), .attr = CELL_BOLD });
		cells_printf(c, r.x + 5, r.y + y, r.w - 5, 0, 0, "%-18s %s",
			change_words((enum change)i), change_meaning((enum change)i));
	}
	if (y < r.h) {
		cells_text(c, r.x + 2, r.y + y, 1, 0, CELL_BOLD, "%");
		cells_text(c, r.x + 5, r.y + y++, r.w - 5, 0, 0, "several of these in one cell");
	}
	if (changes_no_frames(s->changes) && y < r.h)
		cells_text(c, r.x + 2, r.y + y++, r.w - 2, 0, 0,
			"~  is not told: that takes the raw entries of both snapshots");
	return y;
}
