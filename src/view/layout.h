/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where everything stands, for any size of terminal. A pane that has no room has height 0. */
#ifndef VIEW_LAYOUT_H
#define VIEW_LAYOUT_H

#include <stdbool.h>

#include "view/cells.h"

/* Side by side from this many columns. */
#define LAYOUT_WIDE 120
/* Below this a single line of text is shown. */
#define LAYOUT_LEAST_W 20
#define LAYOUT_LEAST_H 4

struct layout {
	bool tiny;           /* one line of text, nothing else */
	bool side_by_side;
	struct rect title, legend, list_head, list, grid_head, grid, strip, times, page, footer;
	int address_digits;  /* of the grid's address column */
	int row_cells;       /* of the grid: 16, 32, 64 or 128; fewer where there is no room */
};

struct layout layout_make(int w, int h);
/* The same with the time bar, where it has room: one row, or more with a caption in the last. */
struct layout layout_with_times(int w, int h);

/* Where a screen other than the main one stands, between title and time bar or page line. */
struct rect layout_middle(const struct layout *l);

#endif
