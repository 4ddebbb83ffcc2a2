/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/changed.h"

#include <stdio.h>

#include "base/units.h"
#include "model/change_words.h"
#include "view/panes.h"

#define STRIP LIST_STRIP

bool changed_shown(const struct view *v, const struct scene *s)
{
	return v->against && s->changes && s->snapshot;
}

/* --- what is compared with --- */

void changed_turn(struct view *v, const struct scene *s)
{
	static const char *const names[] = {
		"nothing: states are shown", "the mark", "the scan before" };
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

/* The next mapping with a change behind mapping i, or before it, that is not gone; NULL: none. */
static const struct change_row *next_row(const struct scene *s, size_t i, bool back)
{
	size_t n = changes_rows(s->changes), k = changes_find(s->changes, i);
	const struct change_row *row;

	/* Where there is nothing more before the first row k goes beyond n. */
	k = back ? k - 1 : k;
	for (; k < n; k = back ? k - 1 : k + 1) {
		row = changes_row(s->changes, k);
		if (!is_gone(row) && row->vma != i)
			return row;
	}
	return NULL;
}

/* The page of its first change, or the last one; the first page where none of its pages has changed,
 * but the mapping has. */
static uint64_t first_change(const struct scene *s, size_t i, bool back)
{
	uint64_t pages = runs_pages(snapshot_vma(s->snapshot, i)->runs), page = 0;

	if (!back && changes_at(s->changes, i, 0) != CHANGE_NONE)
		return 0;
	return changes_next(s->changes, i, back ? pages : 0, back, &page) ? page : 0;
}

void changed_move(struct view *v, const struct scene *s, bool back)
{
	size_t i;
	const struct vma *vma = view_vma(v, s, &i);
	const struct change_row *row;
	uint64_t page;

	if (changes_next(s->changes, i, view_page(v, s, vma), back, &page)) {
		v->cursor = snapshot_address_of(s->snapshot, vma, page);
		return;
	}
	row = next_row(s, i, back);
	if (!row) {
		snprintf(v->message, sizeof(v->message), "no change %s",
			back ? "before this" : "behind this");
		return;
	}
	v->cursor = snapshot_address_of(s->snapshot, snapshot_vma(s->snapshot, row->vma),
		first_change(s, row->vma, back));
	v->top = 0;
}

/* --- cells --- */

enum role changed_role(enum change change)
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
		cell.fg = ink_of(changed_role((enum change)i), 0);
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

static void heading(struct cells *c, struct rect r, const struct list_columns *col)
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
	bool selected, const struct list_columns *col, const struct view *v, const struct scene *s)
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
	struct list_columns col = list_columns_fit(l->list.w, 3, 7);
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
