/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said in words and figures of what a lens shows. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "model/slots.h"
#include "view/look.h"
#include "view/panes.h"

/* --- the legend --- */

/* What of a lens is for all mappings and what for the screen. */
static void legend_head(struct str *t, const struct view *v, const struct scene *s)
{
	char clock[16];
	struct tm tm;

	str_add(t, lens_name(v->lens));
	if (v->lens == LENS_AGE && s->ages) {
		time_t began = ages_began(s->ages).tv_sec;

		localtime_r(&began, &tm);
		strftime(clock, sizeof(clock), "%H:%M", &tm);
		str_addf(t, ", seen since %s", clock);
	}
	str_add(t, lens_of_strips(v->lens) != v->lens ? " on screen:" : ":");
}

/* Whether a class stands in the legend only if there are such pages. */
static bool only_if_any(enum lens l, unsigned class)
{
	return l == LENS_NODE || lens_class(l, class)->letter == '?' ||
		(l == LENS_SHARING && class == SHARING_UNCOUNTED);
}

/* A class's pages could be counted: not those that only page frames tell apart, of all mappings. */
static bool is_counted(enum lens l, unsigned class)
{
	return l != LENS_SIZE || (class != SIZE_BASE && class != SIZE_LARGE);
}

/* What a checkpointer saves, and what not. */
static void saving_words(struct str *t, const struct scene *s, const struct lens_counts *n)
{
	struct checkpoint_saving c =
		checkpoint_saving(s->snapshot, n->of[CHECKPOINT_CLASS_SAVE]);
	bool missing = n->of[CHECKPOINT_CLASS_UNKNOWN] || !snapshot_info(s->snapshot)->complete;
	char save[PANE_SIZE], of[PANE_SIZE];

	str_addf(t, "save %s of %s", pane_size_least(save, s, true, missing, c.save),
		pane_size(of, s, c.of != CHECKPOINT_UNKNOWN, c.of));
	if (!missing && c.of != CHECKPOINT_UNKNOWN)
		str_addf(t, ": %u%% less", c.percent);
}

static void class_words(struct str *t, const struct view *v, const struct scene *s,
	unsigned class, const struct lens_counts *n)
{
	char size[PANE_SIZE];

	if (v->lens == LENS_CHECKPOINT && class == CHECKPOINT_CLASS_SAVE) {
		saving_words(t, s, n);
		return;
	}
	str_add(t, lens_class(v->lens, class)->name);
	/* Of what is not read yet each class may have more, or some. */
	if (is_counted(v->lens, class) && (n->of[class] || !n->unread))
		str_addf(t, " %s", pane_size_least(size, s, true,
			!snapshot_info(s->snapshot)->complete || n->unread, n->of[class]));
}

/* What could not be had, and what would help. */
static void legend_note(struct str *t, const struct view *v, const struct scene *s,
	const struct lens_counts *n)
{
	if (v->lens == LENS_CHECKPOINT && s->smaps_reading)
		str_add(t, "reading smaps ...");
	else if (v->lens == LENS_CHECKPOINT && n->of[CHECKPOINT_CLASS_UNKNOWN] &&
		checkpoint_needs_smaps(s->snapshot) && !s->file && !s->ended && !s->past)
		str_add(t, s->smaps ? "new mappings need smaps: C c asks"
				    : "needs smaps: C c asks");
	else if (v->lens == LENS_CHECKPOINT && s->past && n->of[CHECKPOINT_CLASS_UNKNOWN])
		str_add(t, "smaps is told of the newest scan: F");
	else if (v->lens == LENS_SIZE && lens_is_denied(v->lens, s, t))
		str_add(t, ": no large folios");
	else if (v->lens == LENS_AGE && s->past)
		str_add(t, "age is told at the newest scan: F");
	else if (n->unread && s->past)
		str_add(t, "page frames are read of the newest scan: F");
	else if (n->unread && s->ended)
		str_add(t, "the rest was not read before the process ended");
}

void lens_legend_draw(
	struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	bool frames = lens_of_strips(v->lens) != v->lens;
	struct lens_counts n = frames ? lens_on_screen(v, s)
		: s->sums && s->sums->lens == v->lens ? s->sums->counts
						      : (struct lens_counts){ 0 };
	unsigned classes = lens_classes(v->lens), i;
	struct str head = { 0 }, note = { 0 }, text[LENS_CLASSES] = { 0 };
	int x = 1, all;
	bool ascending = v->lens == LENS_SHARING || v->lens == LENS_NODE;

	legend_head(&head, v, s);
	x += 1 + cells_text(c, r.x + x, r.y, r.w - x, ink_of(ROLE_HEADING, 0), 0, str_text(&head));
	str_free(&head);
	if (frames && lens_is_denied(v->lens, s, &note)) {
		cells_text_cut(c, r.x + x, r.y, r.w - x, 0, 0, str_text(&note));
		str_free(&note);
		return;
	}
	legend_note(&note, v, s, &n);
	all = x + (int)note.len + (note.len ? 2 : 0);
	for (i = 0; i < classes; i++) {
		class_words(&text[i], v, s, i, &n);
		if (n.of[i] || !only_if_any(v->lens, i))
			all += 3 + (int)text[i].len;
	}
	if (note.len)
		x += 2 + cells_text_cut(c, r.x + x, r.y, r.w - x, ink_of(ROLE_WARNING, 0), 0,
			str_text(&note));
	for (i = 1; i <= classes; i++) {
		/* What is there first, the rare before the usual; what is not there last. */
		unsigned k = i == classes ? LENS_NONE : ascending ? i : classes - i;
		bool must = n.of[k] || !is_counted(v->lens, k) ||
			(all - 1 <= r.w && !only_if_any(v->lens, k));

		if (must && x + 2 + (int)text[k].len <= r.w) {
			cells_put(c, r.x + x, r.y, look_swatch(v->lens, k, s));
			x += 3 + cells_text(c, r.x + x + 2, r.y, r.w - x - 2, 0, 0,
				str_text(&text[k]));
		}
		str_free(&text[k]);
	}
	str_free(&note);
}

/* --- the grid's heading --- */

bool lens_scale_words(struct str *t, const struct view *v, const struct scene *s)
{
	bool far = lens_is_too_far(v, s) && v->lens != LENS_SIZE && !lens_is_denied(v->lens, s, NULL);
	char most[UNITS_COUNT_LEN];

	if (v->lens == LENS_STATE)
		return false;
	str_addf(t, " %s%s", lens_name(v->lens), far ? ": " : ",");
	if (far)
		str_addf(t, "zoom in, at most %s pages are read at a time,",
			units_count(most, NEEDS_MAX_PAGES));
	return far;
}

bool lens_extent_words(
	struct str *t, const struct view *v, const struct scene *s, const struct vma *vma)
{
	struct slots n;

	if (v->lens != LENS_SIZE || !slots_of(s->snapshot, vma, &n))
		return false;
	str_add(t, "  ");
	slots_words(t, &n);
	str_addc(t, ' ');
	return true;
}

/* --- the line about the page, or the cell, under the cursor --- */

/* One page of the class. */
static void one_page_words(struct str *t, const struct view *v, const struct scene *s,
	const struct vma *vma, unsigned class)
{
	const struct lens_class *k = lens_class(v->lens, class);
	const struct frame *f = s->pages && pageset_serial(s->pages) == s->serial
		? pageset_frame(s->pages, v->cursor / snapshot_info(s->snapshot)->page_size)
		: NULL;

	str_addf(t, "  %c ", k->letter);
	if (v->lens == LENS_SHARING && f && f->known & FRAME_HAS_MAPCOUNT && f->mapcount > 2)
		str_addf(t, "mapped %" PRIu64 " times", f->mapcount);
	else if (v->lens == LENS_FLAGS || v->lens == LENS_SIZE)
		str_add(t, k->name);
	else
		str_add(t, k->meaning);
	if (v->lens == LENS_FLAGS && f && f->known & FRAME_HAS_FLAGS) {
		str_add(t, ": ");
		frame_flags_text(t, f->flags, " ");
	}
	if (v->lens != LENS_SIZE)
		return;
	str_add(t, "  ");
	slot_words(t, s->snapshot, vma, v->cursor);
}

void lens_page_words(struct str *t, const struct view *v, const struct scene *s)
{
	size_t i, k;
	const struct vma *vma = view_vma(v, s, &i);
	uint64_t size = snapshot_info(s->snapshot)->page_size, bytes = size << v->zoom;
	uint64_t from = v->cursor / bytes * bytes, to = from + bytes;
	char count[UNITS_COUNT_LEN];
	struct lens_counts n;

	from = from > vma->start ? from : vma->start;
	to = to < vma->end && to > from ? to : vma->end;
	lens_count(v, s, i, snapshot_page_of(s->snapshot, vma, from),
		(to - from) / snapshot_info(s->snapshot)->page_size, &n);
	if (n.unread) {
		str_add(t, v->lens == LENS_AGE   ? "  age is told at the newest scan"
			: s->past                ? "  not read: of a past snapshot"
			: lens_is_too_far(v, s)  ? "  not read: zoom in"
			: s->file && pageset_missing(s->pages, v->cursor / size) ? "  not kept"
			: s->ended               ? "  was not read before the process ended"
						 : "  is being read");
		return;
	}
	if (v->zoom && v->lens == LENS_SIZE)
		str_addc(t, ' '); /* the slot needs the room */
	else if (v->zoom)
		str_addf(t, "  %s pages:", units_count(count, lens_counts_total(&n)));
	for (k = 0; k < lens_classes(v->lens); k++) {
		if (n.of[k] && v->zoom)
			str_addf(t, " %c %s", lens_class(v->lens, (unsigned)k)->letter,
				units_count(count, n.of[k]));
		else if (n.of[k])
			one_page_words(t, v, s, vma, (unsigned)k);
	}
	if (v->zoom && v->lens == LENS_SIZE) {
		str_add(t, "  ");
		slot_words(t, s->snapshot, vma, v->cursor);
	}
}

/* --- help --- */

int lens_help_draw(struct cells *c, struct rect r, enum lens l, const struct scene *s)
{
	unsigned i;
	int y = 0;

	if (y < r.h)
		cells_printf(c, r.x + 1, r.y + y++, r.w - 1, ink_of(ROLE_HEADING, 0), 0, "%s: %s",
			lens_name(l), lens_what(l));
	for (i = 0; i < lens_classes(l) && y < r.h; i++, y++) {
		const struct lens_class *k = lens_class(l, i);

		cells_put(c, r.x + 2, r.y + y, look_swatch(l, i, s));
		cells_printf(c, r.x + 4, r.y + y, r.w - 4, 0, 0, "%c  %-10s %s", k->mixed, k->name,
			k->meaning);
	}
	if (lens_of_strips(l) != l && y < r.h) {
		cells_put(c, r.x + 2, r.y + y, look_unread(s));
		cells_text(c, r.x + 7, r.y + y++, r.w - 7, 0, 0,
			"not read (yet); strips show the states of pages");
	}
	return y;
}
