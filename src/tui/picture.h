/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The colours of a theme for a picture: output draws pictures and view knows themes. */
#ifndef TUI_PICTURE_H
#define TUI_PICTURE_H

#include "base/err.h"
#include "output/svg.h"

/* theme NULL: dark. Where a theme leaves a colour to the terminal, which a picture has not got, that
 * of dark is taken. Returns 0, or -1 with e set: there is no such theme. */
int picture_style(struct svg_style *s, const char *theme, struct err *e);

#endif
