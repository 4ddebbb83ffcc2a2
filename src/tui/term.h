/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal: the only code that knows curses. It shows cells and names keys. */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "view/cells.h"
#include "view/theme.h"

struct terminal;

struct term_options {
	enum { TERM_COLOUR_AUTO, TERM_COLOUR_ALWAYS, TERM_COLOUR_NEVER } colour;
	const char *theme; /* NULL: by what the terminal can do */
	bool ascii;
};

/* Take over the terminal: keys come from stdin if it is one, else from /dev/tty. NULL with e set:
 * no terminal, or one that cannot place a cursor; nothing was written to it then. */
struct terminal *term_open(const struct term_options *o, struct err *e);
/* Give it back as it was. NULL is fine. */
void term_close(struct terminal *t);

/* To poll for keys. */
int term_fd(const struct terminal *t);
/* The next key (view/keymap.h), or 0 if there is none yet. */
uint32_t term_key(struct terminal *t);

int term_width(const struct terminal *t);
int term_height(const struct terminal *t);
bool term_utf8(const struct terminal *t);   /* blocks can be shown */
bool term_colour(const struct terminal *t);
bool term_shades(const struct terminal *t); /* the theme tells shares of a state apart */
const char *term_notice(const struct terminal *t); /* something to tell the user once, or NULL */

/* Whether the terminal takes output now, or how to poll for that (POLLOUT). */
bool term_can_show(const struct terminal *t);
int term_out_fd(const struct terminal *t);

/* After SIGWINCH. */
void term_resized(struct terminal *t);

/* Show the cells: only what differs from what is shown already is sent. */
void term_blit(struct terminal *t, const struct cells *c);
/* Forget what is shown, so that the next blit sends everything. */
void term_redraw(struct terminal *t);

/* Stop as ^Z does in other programs, and come back with fg. */
void term_suspend(struct terminal *t);

#endif
