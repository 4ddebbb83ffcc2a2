/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a number of pages looks in one cell: it counts all of them, says when they are mixed, and
 * never hides a rare state such as swap. */
#ifndef VIEW_LOOK_H
#define VIEW_LOOK_H

#include <stdbool.h>

#include "model/diff.h"
#include "model/snapshot.h"
#include "view/cells.h"
#include "view/state.h"

struct look {
	struct page_counts counts;
	enum page_state shown;  /* the state whose letter and hue it has */
	enum page_state rare;   /* a rare state that is in it besides, or PAGE_STATES */
	bool mixed, changed, huge;
	bool outside;           /* no page of the mapping */
	unsigned share;         /* for ink_of(): how much of it is in the state shown */
	bool shared_memory;     /* file pages are of shared memory */
};

/* The look of pages [first, first + pages) of mapping i, as far as they are inside of it. */
struct look look_at(
	const struct scene *s, const struct view *v, size_t i, uint64_t first, uint64_t pages);

/* The pages of two looks together. */
struct look look_join(const struct look *a, const struct look *b, bool rare_first);

/* The letter of a look: its state's if all its pages are in it, else that for a mixture: lower case
 * where the letter has one, and ':' where most is absent. */
char look_letter(const struct look *l);
char look_mixed_letter(enum page_state s);

enum role look_role(const struct look *l, enum page_state state);

/* A cell that shows one look: coloured if blocks is set, else a letter. */
struct cell look_cell(const struct look *l, const struct scene *s, bool blocks);

/* A cell of four looks in reading order. */
struct cell look_quadrants(const struct look l[4], const struct scene *s, bool rare_first);

/* The same with the cursor on dot `at` of it. */
struct cell look_cursor(const struct look *l, int at);

#endif
