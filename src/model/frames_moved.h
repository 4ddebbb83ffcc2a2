/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages that are in another frame than before, told by the entries of both sides. For changes.c:
 * pairs of pages go in, and come out again in the same order, cut where the frames say more. */
#ifndef MODEL_FRAMES_MOVED_H
#define MODEL_FRAMES_MOVED_H

#include "base/err.h"
#include "model/change.h"
#include "model/entries.h"
#include "model/pairs.h"

struct frames_moved;

/* What is given out is told to take(ctx, ...). */
struct frames_moved *frames_moved_new(const struct snapshot *old, const struct snapshot *new,
	const struct entry_reader *old_entries, const struct entry_reader *new_entries,
	void (*take)(void *ctx, const struct pair *p, enum change change), void *ctx);
void frames_moved_free(struct frames_moved *f); /* NULL is fine */

/* Pages of which it is known without frames what happened. Those of a mapping come in order. */
void frames_moved_add(struct frames_moved *f, const struct pair *p, enum change change);

/* The mapping is at its end: give out what is left. Returns 0, or -1 with e set where entries could
 * not be read, now or before. */
int frames_moved_flush(struct frames_moved *f, struct err *e);

/* Whether fewer entries were had than asked for: a process has ended. */
bool frames_moved_cut(const struct frames_moved *f);

#endif
