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
	enum lens lens;
	struct lens_counts counts;
	unsigned shown;         /* the class whose letter and hue it has */
	unsigned rare;          /* a rare class that is in it besides, or LENS_CLASSES */
	bool mixed, changed, huge;
	bool outside;           /* no page of the mapping */
	unsigned share;         /* for ink_of(): how much of it is in the class shown */
	bool shared_memory;     /* file pages are of shared memory */
};

/* The look of no page. */
struct look look_outside(void);

/* The look of pages [first, first + pages) of mapping i, as far as they are inside of it, through
 * the view's lens. */
struct look look_at(
	const struct scene *s, const struct view *v, size_t i, uint64_t first, uint64_t pages);

/* The same for a strip, as lens_count_roughly() has it. */
struct look look_roughly(
	const struct scene *s, const struct view *v, size_t i, uint64_t first, uint64_t pages);

/* The pages of two looks together. */
struct look look_join(const struct look *a, const struct look *b, bool rare_first);

/* The letter of a look: its class's if all its pages are in it, else that for a mixture: lower case
 * where the letter has one, and ':' where most is absent. */
char look_letter(const struct look *l);

enum role look_role(const struct look *l, unsigned class);

/* What stands for pages that are not read yet. */
struct cell look_unread(const struct scene *s);

/* The letter of a class on its colour: for legends. */
struct cell look_swatch(enum lens lens, unsigned class, const struct scene *s);

/* A cell that shows one look: coloured if blocks is set, else a letter. */
struct cell look_cell(const struct look *l, const struct scene *s, bool blocks);

/* A cell of four looks in reading order. */
struct cell look_quadrants(const struct look l[4], const struct scene *s, bool rare_first);

/* The same with the cursor on dot `at` of it. */
struct cell look_cursor(const struct look *l, int at);

#endif
