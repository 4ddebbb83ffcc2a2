/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The picture of what changed between two snapshots (DIFF): the list of mappings with a change, the
 * grid of changed pages, and the words for both. It is of scene->changes, against
 * scene->changes_old. */
#ifndef VIEW_CHANGED_H
#define VIEW_CHANGED_H

#include "base/str.h"
#include "view/cells.h"
#include "view/state.h"

/* Whether it is shown: it was asked for, and there are changes to show. */
bool changed_shown(const struct view *v, const struct scene *s);

/* The next thing to compare with that there is, or nothing; a message says so. */
void changed_turn(struct view *v, const struct scene *s);
/* Show mappings without a change too, or not. */
void changed_turn_unchanged(struct view *v, const struct scene *s);

/* The list has a line for each mapping with a change (with view->unchanged for every one), those
 * that are gone too, and for the selected one in any case. How many lines, and which is the
 * selected one's. Where DIFF is not shown these are all mappings. */
size_t changed_lines(const struct view *v, const struct scene *s);
size_t changed_line(const struct view *v, const struct scene *s);
/* The number of the mapping in a line; *row: its changes, NULL if there are none. If it is gone its
 * number is that in the old snapshot. */
size_t changed_vma(const struct view *v, const struct scene *s, size_t line,
	const struct change_row **row);
/* The mapping to select so many lines from the selected one: one that is not gone. */
size_t changed_step(const struct view *v, const struct scene *s, int64_t by);

/* To the next change, or the one before, in this mapping or another one; a message where there is
 * none. */
void changed_move(struct view *v, const struct scene *s, bool back);

/* How a kind of change is coloured. */
enum role changed_role(enum change change);
/* One cell for pages [first, first + pages) of mapping i, as far as they are inside of it. */
struct cell changed_cell(const struct scene *s, size_t i, uint64_t first, uint64_t pages);
void changed_strip_draw(struct cells *c, int x, int y, int w, size_t i, const struct scene *s);
void changed_list_draw(
	struct cells *c, const struct view *v, const struct scene *s, const struct layout *l);

/* "DIFF vs mark 12:01:07", the line of sums, what became of the page or cell under the cursor, of the
 * page alone ("+ faulted in: anon, was none"), and the section of the help, of which the lines are
 * returned. */
void changed_title(struct str *t, const struct view *v, const struct scene *s);
void changed_legend_draw(struct cells *c, struct rect r, const struct scene *s);
void changed_page_words(struct str *t, const struct view *v, const struct scene *s);
void changed_one_words(struct str *t, const struct view *v, const struct scene *s);
int changed_help_draw(struct cells *c, struct rect r, const struct scene *s);

#endif
