/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the screen, each drawn by a pure function of values into its rectangle. */
#ifndef VIEW_PANES_H
#define VIEW_PANES_H

#include "view/cells.h"
#include "view/layout.h"
#include "view/state.h"

/* list.c: the mappings, and the heading above them. */
void list_draw(
	struct cells *c, const struct view *v, const struct scene *s, const struct layout *l);

/* grid.c: the pages of the selected mapping, heading and overview strip included. */
void grid_draw(
	struct cells *c, const struct view *v, const struct scene *s, const struct layout *l);

/* page.c: one line about the page (or the cell) under the cursor, and the whole screen about it. */
void page_line_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s);
void page_screen_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s);

/* lens_words.c: what is said of what a lens shows. The legend, which is also the sums, for all
 * lenses but that of states; and its section in the help, of which it returns the lines. */
void lens_legend_draw(
	struct cells *c, struct rect r, const struct view *v, const struct scene *s);
int lens_help_draw(struct cells *c, struct rect r, enum lens l, const struct scene *s);
/* What stands in the grid's heading: before the scale, where it returns whether all cells are too
 * far out to be read, and in the place of the mapping's extent (then it returns true); and in the
 * line about the page under the cursor. */
bool lens_scale_words(struct str *t, const struct view *v, const struct scene *s);
bool lens_extent_words(
	struct str *t, const struct view *v, const struct scene *s, const struct vma *vma);
void lens_page_words(struct str *t, const struct view *v, const struct scene *s);

/* report.c: the answer to a question, under a line with its title. */
void report_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s);

/* help.c */
void help_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s);

/* screen.c: everything. */
void screen_draw(struct cells *c, const struct view *v, const struct scene *s);

/* panes.c: what several of them draw. */

/* Where the columns of a list of mappings begin, relative; -1 if it has no room: those are left out from
 * the right, but for the name. indent: what stands before the address; number: columns of dRES and the
 * like, rss and swap. */
#define LIST_STRIP 16
struct list_columns {
	int size, rss, swap, perm, strip, name, name_w;
};
struct list_columns list_columns_fit(int w, int indent, int number);

/* A strip of w cells for all pages of mapping i; a mapping of fewer pages than that fills fewer. */
void strip_draw(struct cells *c, int x, int y, int w, size_t i, const struct view *v,
	const struct scene *s);

/* An address in 12 columns; of one beyond 48 bits ([vsyscall]) the beginning and the end. Returns
 * buf. */
#define PANE_ADDRESS 24
const char *pane_address(char buf[PANE_ADDRESS], uint64_t address);

/* Pages as a size, "-" for none, "?" where it could not be known. Returns buf. */
#define PANE_SIZE 24
const char *pane_size(char buf[PANE_SIZE], const struct scene *s, bool known, uint64_t pages);
/* The same where some of what was to be counted may be missing: with a '+' behind it. */
const char *pane_size_least(
	char buf[PANE_SIZE], const struct scene *s, bool known, bool missing, uint64_t pages);

#endif
