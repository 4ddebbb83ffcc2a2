/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A screen as a value: what stands in each cell and what it means. Colours come later, from a
 * theme; what a terminal can show is tui's business. */
#ifndef VIEW_CELLS_H
#define VIEW_CELLS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/page.h"

/* What a cell's foreground or background means. X(NAME, "name in a theme"). ROLE_TEXT comes first:
 * it is the terminal's own colour, fore or back. Page states follow in the order of enum
 * page_state. */
#define ROLE_LIST(X)                                                                               \
	X(TEXT, "text")                                                                            \
	X(NONE, "none")                                                                            \
	X(ANON, "anon")                                                                            \
	X(FILE, "file")                                                                            \
	X(SWAP, "swap")                                                                            \
	X(ZERO, "zero")                                                                            \
	X(GUARD, "guard")                                                                          \
	X(MOVING, "moving")                                                                        \
	X(MARKER, "marker")                                                                        \
	X(UNKNOWN, "unknown")                                                                      \
	X(SHMEM, "shared")                                                                         \
	X(CHANGED, "changed")                                                                      \
	X(CURSOR, "cursor")                                                                        \
	X(ADDRESS, "address")                                                                      \
	X(ON_COLOUR, "on-colour")                                                                  \
	X(TITLE, "title")                                                                          \
	X(HEADING, "heading")                                                                      \
	X(WARNING, "warning")

enum role {
#define X(id, name) ROLE_##id,
	ROLE_LIST(X)
#undef X
	ROLE_COUNT
};

_Static_assert(ROLE_NONE + PAGE_UNKNOWN == ROLE_UNKNOWN, "a role for each page state, in order");

const char *role_name(enum role r);

/* An ink is a role and how much of it: shares 1 to 4 are a fifth each, 0 is all of it. */
#define SHARES 5
typedef uint8_t ink;
static inline ink ink_of(enum role r, unsigned share)
{
	return (ink)((unsigned)r * SHARES + share);
}
static inline enum role ink_role(ink i)
{
	return (enum role)(i / SHARES);
}
static inline unsigned ink_share(ink i)
{
	return i % SHARES;
}

enum { CELL_BOLD = 1, CELL_UNDERLINE = 2, CELL_REVERSE = 4, CELL_DIM = 8 };

struct cell {
	uint32_t ch; /* a code point; 0 in the right half of a wide character */
	ink fg, bg;
	uint8_t attr;
};

struct rect {
	int x, y, w, h;
};

struct cells {
	int w, h;
	bool ascii; /* nothing above U+007E may be drawn */
	struct cell *cell;
};

/* Make room for w x h cells, all blank. Free with cells_free(). */
void cells_resize(struct cells *c, int w, int h);
void cells_clear(struct cells *c);
void cells_free(struct cells *c);

/* One cell; outside of the screen nothing happens. */
void cells_put(struct cells *c, int x, int y, struct cell cell);

/* Text at (x, y) in at most w columns: cleaned (base/utf8.h), cut where it does not fit. Returns
 * how many columns it took. */
int cells_text(struct cells *c, int x, int y, int w, ink fg, unsigned attr, const char *text);
int cells_printf(struct cells *c, int x, int y, int w, ink fg, unsigned attr, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));

/* As cells_text(), but where text is cut the last column says so with a '~'. */
int cells_text_cut(struct cells *c, int x, int y, int w, ink fg, unsigned attr, const char *text);

/* As cells_text(), but what does not fit is left out at the beginning, marked "..". */
int cells_text_end(struct cells *c, int x, int y, int w, ink fg, unsigned attr, const char *text);

/* Fill a part of a row with an attribute, keeping its text (a selected row). */
void cells_attr(struct cells *c, int x, int y, int w, unsigned attr);

/* The screen as lines of UTF-8 text, trailing blanks cut: for tests. The caller frees it. */
char *cells_to_text(const struct cells *c);

#endif
