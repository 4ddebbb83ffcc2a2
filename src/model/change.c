/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/change.h"

#include <string.h>

static const struct {
	char letter;
	const char *name, *words, *meaning;
} changes[CHANGES] = {
#define X(id, l, n, w, m) [CHANGE_##id] = { l, n, w, m },
	CHANGE_LIST(X)
#undef X
};

char change_letter(enum change c)
{
	return changes[c].letter;
}

const char *change_name(enum change c)
{
	return changes[c].name;
}

const char *change_words(enum change c)
{
	return changes[c].words;
}

const char *change_meaning(enum change c)
{
	return changes[c].meaning;
}

/* The change from the state of the line to that of the column, in the order of PAGE_STATE_LIST:
 * none anon file swap zero guard moving marker unknown. Moving pages may be poisoned: that they
 * have come to rest, or into RAM, is not said of them. */
static const char by_state[PAGE_STATES][PAGE_STATES + 1] = {
	[PAGE_NONE]    = ".++s+o+o.",
	[PAGE_ANON]    = "-.oso-oo.",
	[PAGE_FILE]    = "-c.so-oo.",
	[PAGE_SWAP]    = "-ao.o-oo.",
	[PAGE_ZERO]    = "-zos.-oo.",
	[PAGE_GUARD]   = "o++s+.+o.",
	[PAGE_MOVING]  = "-ooso-.o.",
	[PAGE_MARKER]  = "o++s+o+..",
	[PAGE_UNKNOWN] = ".........",
};

static enum change of_letter(char letter)
{
	int c;

	for (c = 0; c < CHANGES; c++)
		if (changes[c].letter == letter)
			break;
	return (enum change)c;
}

/* Whether a page that one side calls `state` may be what the other calls `other`. */
static bool may_be(const struct change_side *side, enum page_state other)
{
	if (other == PAGE_ZERO)
		return side->state == PAGE_ANON && !side->zero_known;
	return other == PAGE_GUARD && !side->guard_known &&
		(side->state == PAGE_SWAP || side->state == PAGE_MARKER);
}

enum change change_of(const struct change_side *old, const struct change_side *new, bool cow)
{
	enum change c;

	if (old->state != new->state) {
		if (may_be(old, new->state) || may_be(new, old->state))
			return CHANGE_NONE;
		c = of_letter(by_state[old->state][new->state]);
		return c == CHANGE_COPIED && !cow ? CHANGE_OTHER : c;
	}
	if (old->state == PAGE_UNKNOWN)
		return CHANGE_NONE;
	if (old->huge_known && new->huge_known && old->huge != new->huge)
		return new->huge ? CHANGE_HUGE : CHANGE_SPLIT;
	return old->pfn && new->pfn && old->pfn != new->pfn ? CHANGE_FRAME : CHANGE_NONE;
}
