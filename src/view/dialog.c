/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/dialog.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view/keymap.h"
#include "view/state.h"

static const struct {
	const char *ending, *what;
} choices[CHOICES] = {
#define X(id, e, w) [CHOICE_##id] = { e, w },
	CHOICE_LIST(X)
#undef X
};

_Static_assert(CHOICE_PAGES_TEXT - CHOICE_LIST_TEXT == 8, "four formats of each, in order");

#define ENDING 40
/* The end of the file's name. */
static const char *ending(
	char buf[ENDING], enum choice c, const struct view *v, const struct scene *s)
{
	const struct vma *vma = view_vma(v, s, NULL);

	if (choice_is_mapping(c) && vma)
		snprintf(buf, ENDING, "-%" PRIx64 "%s", vma->start, choices[c].ending);
	else
		snprintf(buf, ENDING, "%s", choices[c].ending);
	return buf;
}

/* Choose, and give the name the ending for it where it has that of the choice before. */
static void choose(struct view *v, enum choice c, const struct scene *s)
{
	char was[ENDING], now[ENDING];
	size_t len = strlen(v->prompt), old = strlen(ending(was, v->choice, v, s));

	ending(now, c, v, s);
	v->choice = c;
	if (len < old || strcmp(v->prompt + len - old, was) || len - old + strlen(now) >= VIEW_TEXT)
		return;
	strcpy(v->prompt + len - old, now);
}

/* Why it cannot be written; NULL if it can. */
static const char *denied(enum choice c, const struct scene *s)
{
	if (choice_reads_on(c) && s->file && !strcmp(s->file, "-"))
		return "standard input cannot be read again";
	if (c != CHOICE_ENTRIES && c != CHOICE_FULL)
		return NULL;
	if (c == CHOICE_FULL && !snapshot_info(s->snapshot)->known.pfn)
		return "it needs PFNs";
	if (s->file)
		return s->kept & (c == CHOICE_FULL ? NEED_FRAMES : NEED_ENTRIES) ? NULL : "not in this file";
	return s->ended ? "the process has ended" : s->past ? "of the newest scan alone" : NULL;
}

void dialog_open(struct view *v, const struct scene *s)
{
	enum choice last = v->choice;

	v->dialog = true;
	if (v->unsaved[0]) {
		memcpy(v->prompt, v->unsaved, sizeof(v->prompt));
		v->choice = v->unsaved_choice;
		return;
	}
	v->choice = CHOICE_SKELETON;
	view_propose_name(v->prompt, sizeof(v->prompt), s->snapshot);
	choose(v, last, s);
}

unsigned dialog_done(struct view *v, const struct scene *s)
{
	(void)s;
	v->dialog = false;
	memcpy(v->unsaved, v->prompt, sizeof(v->unsaved));
	v->unsaved_choice = v->choice;
	return v->prompt[0] ? FOLLOW_SAVE : 0;
}

unsigned dialog_key(struct view *v, uint32_t key, const struct scene *s)
{
	int to = v->choice;

	switch (key) {
	case PKEY_ESC:
	case PKEY_CTRL('c'):
		v->dialog = false;
		return 0;
	case PKEY_ENTER:
	case PKEY_TAB:
		if (denied(v->choice, s))
			snprintf(v->message, sizeof(v->message), "%s: %s", choices[v->choice].what,
				denied(v->choice, s));
		else
			v->prompting = PROMPT_SAVE;
		return 0;
	case PKEY_UP:
		to--;
		break;
	case PKEY_DOWN:
		to++;
		break;
	case PKEY_HOME:
	case PKEY_PGUP:
		to = 0;
		break;
	case PKEY_END:
	case PKEY_PGDN:
		to = CHOICES - 1;
		break;
	default:
		if (key < 'a' || key >= 'a' + CHOICES) {
			snprintf(v->message, sizeof(v->message), "a letter of the list, Enter or Esc");
			return 0;
		}
		to = (int)(key - 'a');
	}
	choose(v, (enum choice)(to < 0 ? 0 : to >= CHOICES ? CHOICES - 1 : to), s);
	return 0;
}

void dialog_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	const struct vma *vma = view_vma(v, s, NULL);
	ink head = ink_of(ROLE_HEADING, 0);
	/* A blank line where there is room for it. */
	int y = r.h > CHOICES + 2 ? 2 : r.h > CHOICES ? 1 : 0, top, i;

	if (y) {
		i = cells_text(c, r.x, r.y, r.w, head, 0, "-- save or export ");
		for (; i < r.w; i++)
			cells_put(c, r.x + i, r.y, (struct cell){ .ch = '-', .fg = head });
	}
	top = (int)v->choice - (r.h - y) / 2;
	top = top > CHOICES - (r.h - y) ? CHOICES - (r.h - y) : top;
	top = top < 0 ? 0 : top;
	for (i = top; i < CHOICES && y < r.h; i++, y++) {
		const char *why = denied((enum choice)i, s);
		ink fg = ink_of(why ? ROLE_ADDRESS : ROLE_TEXT, 0);
		char text[128];
		int x;

		snprintf(text, sizeof(text), "%s %c  %s %s%s%s", i == (int)v->choice ? ">" : " ",
			'a' + i, choices[i].what, why ? "(" : "", why ? why : "", why ? ")" : "");
		x = cells_text_cut(c, r.x, r.y + y, r.w, fg, why ? CELL_DIM : 0, text);
		if (choice_is_mapping((enum choice)i) && vma && r.w - x > 8)
			cells_text_end(c, r.x + x, r.y + y, r.w - x, ink_of(ROLE_ADDRESS, 0), 0,
				*vma->name ? vma->name : "[anon]");
		if (i == (int)v->choice)
			cells_attr(c, r.x, r.y + y, r.w, CELL_REVERSE);
	}
}
