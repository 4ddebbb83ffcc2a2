/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time bar: how much there was in RAM and in swap in each of the snapshots that one can step
 * through, which of them is shown, and from when to when they are. */
#ifndef VIEW_TIMEBAR_H
#define VIEW_TIMEBAR_H

#include "view/cells.h"
#include "view/state.h"

/* Rows of plots, and in the last of several a caption. Each plot is of one sum, named at its left,
 * the oldest snapshot at the left; a column of several shows the largest of them. The heights are
 * from the least to the most, which stand at its right; nothing is a blank. One plot is of the sum
 * that changes most, three are of anon, file and swap. */
void timebar_draw(struct cells *c, struct rect r, const struct scene *s);

/* How high it is in a plot from least to most: 0 if it is 0, else 1 to levels. */
int timebar_level(uint64_t pages, uint64_t least, uint64_t most, int levels);

#endif
