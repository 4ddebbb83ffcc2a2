/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The export dialog: what can be written to a file, and the name of that file. */
#ifndef VIEW_DIALOG_H
#define VIEW_DIALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "view/cells.h"

/* What can be written: X(ID, "ending of the file's name", "what"). `map` are pages of the selected
 * mapping, whose address goes into the name. */
#define CHOICE_LIST(X)                                                                             \
	X(SKELETON, ".pmv", "snapshot: the states of all pages, as shown")                         \
	X(ENTRIES, ".pmv", "snapshot, and raw entries")                                            \
	X(FULL, ".pmv", "snapshot, entries and page frames")                                       \
	X(LIST_TEXT, "-list.txt", "list of mappings, text")                                        \
	X(LIST_JSON, "-list.json", "list of mappings, JSON")                                       \
	X(LIST_CSV, "-list.csv", "list of mappings, CSV")                                          \
	X(LIST_SVG, "-list.svg", "picture of all mappings, SVG")                                   \
	X(MAP_TEXT, ".txt", "pages of this mapping, text")                                         \
	X(MAP_JSON, ".json", "pages of this mapping, JSON")                                        \
	X(MAP_CSV, ".csv", "pages of this mapping, CSV")                                           \
	X(MAP_SVG, ".svg", "picture of this mapping, SVG")                                         \
	X(PAGES_TEXT, "-pages.txt", "pages of all mappings, text")                                 \
	X(PAGES_JSON, "-pages.json", "pages of all mappings, JSON")                                \
	X(PAGES_CSV, "-pages.csv", "pages of all mappings, CSV")

enum choice {
#define X(id, ending, what) CHOICE_##id,
	CHOICE_LIST(X)
#undef X
	CHOICES
};

static inline bool choice_is_snapshot(enum choice c)
{
	return c <= CHOICE_FULL;
}
static inline bool choice_is_list(enum choice c)
{
	return c >= CHOICE_LIST_TEXT && c <= CHOICE_LIST_SVG;
}
static inline bool choice_is_mapping(enum choice c)
{
	return c >= CHOICE_MAP_TEXT && c <= CHOICE_MAP_SVG;
}
/* Whether it takes more than the snapshot that is shown. */
static inline bool choice_reads_on(enum choice c)
{
	return c == CHOICE_ENTRIES || c == CHOICE_FULL ||
		(c >= CHOICE_MAP_TEXT && c != CHOICE_MAP_SVG);
}
/* 0 text, 1 JSON, 2 CSV, 3 SVG; of no use with snapshots. */
static inline int choice_format(enum choice c)
{
	return ((int)c - CHOICE_LIST_TEXT) % 4;
}

struct view;
struct scene;

/* Show it, with a name proposed: the one of before where that could not be written. */
void dialog_open(struct view *v, const struct scene *s);
/* A key while something is chosen (view->dialog, and no line is typed): returns what must follow. */
unsigned dialog_key(struct view *v, uint32_t key, const struct scene *s);
/* A name was typed to its end: returns what must follow, FOLLOW_SAVE if all is well. */
unsigned dialog_done(struct view *v, const struct scene *s);

void dialog_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s);

#endif
