/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which colour a role has. Themes are INI texts (themes/ in the source); all of ours are compiled
 * in, so that a lone binary has them. */
#ifndef VIEW_THEME_H
#define VIEW_THEME_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "view/cells.h"

#define COLOUR_DEFAULT (-1)

struct theme {
	/* A palette index 0 to 255 or COLOUR_DEFAULT, by role and share; index 0 is all of it. */
	int16_t colour[ROLE_COUNT][SHARES];
	uint8_t attr[ROLE_COUNT]; /* CELL_... added to what is drawn in this role */
};

/* Read a theme from its text over what t holds already. name is for messages, which also name the
 * line. Returns 0, or -1 with e set; what was right is taken all the same. */
int theme_parse(struct theme *t, const char *name, const char *text, struct err *e);

/* One of the themes compiled in: 0, or -1 with e set (there is none of that name). */
int theme_builtin(struct theme *t, const char *name, struct err *e);

/* An index of the 256-colour palette as 0xRRGGBB; the first 16, which a terminal's user may have
 * changed, as xterm has them. */
uint32_t theme_rgb(int16_t colour);

/* The names of all themes, one a line with what they are for. */
void theme_print_names(FILE *f);

/* Made from themes/ when pmview is built. */
struct builtin_theme {
	const char *name, *text;
};
extern const struct builtin_theme builtin_themes[]; /* ends with a NULL name */

#endif
