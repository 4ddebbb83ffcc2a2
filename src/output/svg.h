/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages of a process, or of a range, as a picture that any browser opens: rows of cells aligned
 * to addresses as on the screen, and for each run of equal cells its addresses and counts, shown when
 * it is pointed at. No scripts, nothing from elsewhere, and never more than SVG_MOST bytes: where it
 * would be, cells stand for more pages. */
#ifndef OUTPUT_SVG_H
#define OUTPUT_SVG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "model/query.h"
#include "model/snapshot.h"

#define SVG_MOST 2000000

/* Shares of a state in a cell: 0 is all of it, 1 to 4 from the least to the most. */
#define SVG_SHARES 5

/* Colours as 0xRRGGBB. */
struct svg_style {
	uint32_t background, text, faint;
	uint32_t state[PAGE_STATES][SVG_SHARES];
	uint32_t shared[SVG_SHARES]; /* file pages of shared memory */
};

struct svg_options {
	const struct query_range *range; /* NULL: all */
	const struct svg_style *style;
	bool ascii;                      /* no byte above 0x7e */
};

/* The same snapshot and options make the same bytes. Errors of the stream are left for the caller to
 * find (ferror()). */
void svg_print(FILE *f, const struct snapshot *s, const struct svg_options *o);

#endif
