/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a cell of a picture looks like: which colour, and what is drawn over it, so that states can be
 * told apart without colours. */
#ifndef OUTPUT_SVG_LOOK_H
#define OUTPUT_SVG_LOOK_H

#include <stdbool.h>

#include "base/str.h"
#include "model/page.h"
#include "output/svg.h"

enum { SVG_CELL_W = 10, SVG_CELL_H = 12 }; /* pixels */

/* Instead of PAGE_FILE where it is shared memory. */
#define SVG_SHARED PAGE_STATES
/* States of which even a few pages leave a mark, the rarest first. */
#define SVG_MARKS 5
extern const enum page_state svg_marks[SVG_MARKS];

struct svg_look {
	unsigned state;  /* enum page_state, or SVG_SHARED */
	unsigned share;  /* of it in the cell */
	unsigned mark;   /* which rare state is in it besides; SVG_MARKS: none */
	bool huge;
};

/* As on the screen: the state of most pages, and of two that are as many what is there. shared: file
 * pages are of shared memory. */
struct svg_look svg_look_of(const struct page_counts *c, bool shared);

/* Looks are equal if their numbers are; the class of look n is "cn". */
#define SVG_LOOKS ((PAGE_STATES + 1) * SVG_SHARES * (SVG_MARKS + 1) * 2)
unsigned svg_look_number(const struct svg_look *l);

/* How look n is drawn: a colour in css, or a pattern in defs where there is more to it. */
void svg_look_add(struct str *css, struct str *defs, const struct svg_style *s, unsigned n);

#endif
