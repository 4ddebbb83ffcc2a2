/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keys about time do, and what is said of the time that is shown. */
#ifndef VIEW_TIMES_H
#define VIEW_TIMES_H

#include "base/str.h"
#include "view/cells.h"
#include "view/state.h"

/* Another snapshot, the prompt for a place to go to, recording. Returns what must follow. */
unsigned times_apply(struct view *v, enum action a, const struct scene *s);

/* Back to the newest one, and on. */
unsigned times_resume(struct view *v);

/* Where the typed line leads: to an address, which the cursor then has, or to a time or number,
 * which must follow. */
struct go_to {
	enum { GO_TO_ADDRESS, GO_TO_MOMENT } kind;
	uint64_t address;
	struct moment_wish moment;
};
/* Parse "7f0e2000" (hexadecimal, with or without 0x), or what moment_parse() takes but for a plain
 * number, which is an address. Returns 0, or -1 with e set. */
int times_parse(const char *text, struct go_to *to, struct err *e);
unsigned times_go_to(struct view *v, const struct scene *s);

/* The letters of the states that the page was in, in each snapshot that is in memory, the newest at
 * the right, the one that is shown in reverse; a blank where its mapping was not there. Draws
 * nothing, and returns false, where there are too few snapshots to tell a history. */
bool times_history_draw(struct cells *c, struct rect r, const struct vma *vma, uint64_t address,
	const struct scene *s);

/* The name of the file without its folders, cut where it is long, and a blank. narrow: room is
 * needed for more than that. */
void times_file(struct str *t, const struct scene *s, bool narrow);

/* "REPLAY 37/120 12:01:43 (-36 s)": which of the snapshots is shown, and how far it is from the
 * newest one, or in a file from the first (not if it is narrow). */
void times_status(struct str *t, const struct scene *s, bool narrow);

#endif
