/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/lens.h"

#include <stdio.h>

#include "base/units.h"
#include "view/state.h"

/* --- the classes --- */

/* Of states, what PAGE_STATE_LIST does not say: the letter of a mixture, and which are rare, that
 * is what a person must not miss. */
enum {
	MIXED_NONE = ':', MIXED_ANON = 'a', MIXED_FILE = 'f', MIXED_SWAP = 's', MIXED_ZERO = 'o',
	MIXED_GUARD = '%', MIXED_MOVING = ';', MIXED_MARKER = ',', MIXED_UNKNOWN = '~',
};
enum {
	RARITY_SWAP, RARITY_MOVING, RARITY_MARKER, RARITY_GUARD, RARITY_UNKNOWN, RARITY_ZERO,
	RARITY_ANON, RARITY_FILE, RARITY_NONE,
};

static const struct lens_class state_classes[] = {
#define X(id, letter, name, meaning)                                                               \
	[PAGE_##id] = { letter, MIXED_##id, ROLE_##id, RARITY_##id, false, name, meaning },
	PAGE_STATE_LIST(X)
#undef X
};

#define CLASS(n, letter, mixed, hue, name, meaning)                                                \
	{ letter, mixed, ROLE_##hue, n, ROLE_##hue == ROLE_MARKER || ROLE_##hue == ROLE_UNKNOWN,   \
		name, meaning },

static const struct lens_class sharing_classes[] = {
#define X(id, ...) CLASS(SHARING_CLASSES - 1 - SHARING_##id, __VA_ARGS__)
	SHARING_LIST(X)
#undef X
};
static const struct lens_class size_classes[] = {
#define X(id, ...) CLASS(SIZE_CLASSES - 1 - SIZE_##id, __VA_ARGS__)
	SIZE_LIST(X)
#undef X
};
static const struct lens_class flags_classes[] = {
#define X(id, ...) CLASS(FLAGS_CLASSES - 1 - FLAGS_##id, __VA_ARGS__)
	FLAGS_LIST(X)
#undef X
};
static const struct lens_class node_classes[] = {
#define X(id, ...) CLASS(NODE_CLASSES - 1 - NODE_##id, __VA_ARGS__)
	NODE_LIST(X)
#undef X
};
static const struct lens_class checkpoint_classes[] = {
#define X(id, ...) CLASS(CHECKPOINT_CLASSES - 1 - CHECKPOINT_CLASS_##id, __VA_ARGS__)
	CHECKPOINT_LIST(X)
#undef X
};
static const struct lens_class age_classes[] = {
#define X(id, ...) CLASS(AGE_CLASSES - 1 - AGE_CLASS_##id, __VA_ARGS__)
	AGE_LIST(X)
#undef X
};

_Static_assert(FLAGS_CLASSES <= LENS_CLASSES && NODE_CLASSES <= LENS_CLASSES, "there is room");
_Static_assert((int)PAGE_STATES <= LENS_CLASSES && PAGE_NONE == LENS_NONE, "for states too");

static const struct {
	const char *name, *what;
	const struct lens_class *class;
	unsigned classes, marks;
	bool frames; /* all that it tells are page frames */
} lenses[LENSES] = {
#define X(id, name, what) [LENS_##id] = { name, what, LENS_##id##_IS },
#define LENS_STATE_IS      state_classes, PAGE_STATES, 5, false
#define LENS_SHARING_IS    sharing_classes, SHARING_CLASSES, 1, true
#define LENS_SIZE_IS       size_classes, SIZE_CLASSES, 1, false
#define LENS_FLAGS_IS      flags_classes, FLAGS_CLASSES, 3, true
#define LENS_NODE_IS       node_classes, NODE_CLASSES, 1, true
#define LENS_CHECKPOINT_IS checkpoint_classes, CHECKPOINT_CLASSES, 2, false
#define LENS_AGE_IS        age_classes, AGE_CLASSES, 2, false
	LENS_LIST(X)
#undef X
};

const char *lens_name(enum lens l)
{
	return lenses[l].name;
}

const char *lens_what(enum lens l)
{
	return lenses[l].what;
}

unsigned lens_classes(enum lens l)
{
	return lenses[l].classes;
}

const struct lens_class *lens_class(enum lens l, unsigned class)
{
	return &lenses[l].class[class];
}

unsigned lens_of_rarity(enum lens l, unsigned rarity)
{
	unsigned i;

	if (l != LENS_STATE)
		return lenses[l].classes - 1 - rarity;
	for (i = 0; state_classes[i].rarity != rarity; i++)
		;
	return i;
}

unsigned lens_marks(enum lens l)
{
	return lenses[l].marks;
}

void lens_counts_add(struct lens_counts *to, const struct lens_counts *more)
{
	unsigned i;

	for (i = 0; i < LENS_CLASSES; i++)
		to->of[i] += more->of[i];
	to->unread += more->unread;
	to->huge += more->huge;
}

uint64_t lens_counts_total(const struct lens_counts *c)
{
	uint64_t sum = c->unread;
	unsigned i;

	for (i = 0; i < LENS_CLASSES; i++)
		sum += c->of[i];
	return sum;
}

enum lens lens_of_strips(enum lens l)
{
	return lenses[l].frames ? LENS_STATE : l;
}

/* --- turning --- */

/* Why a lens can show nothing here, ever; NULL if it can. */
static const char *nothing_to_show(enum lens l, const struct scene *s)
{
	const struct snapshot_info *info = snapshot_info(s->snapshot);

	if (l == LENS_SIZE && !info->known.huge)
		return "only the scan engine tells huge entries";
	if (lenses[l].frames && s->file && !(s->kept & NEED_FRAMES))
		return "no page frames are kept";
	if (lenses[l].frames && s->past)
		return "page frames are those of the newest snapshot";
	if (lenses[l].frames && s->ended)
		return "the process has ended";
	if (l == LENS_AGE && s->file)
		return "ages are told of a live process";
	if (l == LENS_AGE && s->past)
		return "age is told at the newest scan";
	if (l == LENS_CHECKPOINT && !s->smaps && (s->file || s->ended || s->past) &&
		checkpoint_needs_smaps(s->snapshot))
		return s->file   ? "kept with -s --checkpoint only"
			: s->past ? "what smaps says is told of the newest snapshot"
				  : "smaps was not read before";
	return NULL;
}

/* Whether smaps tells of all mappings. */
static bool knows_smaps(const struct scene *s)
{
	size_t i;

	if (!checkpoint_needs_smaps(s->snapshot))
		return true;
	for (i = 0; s->smaps && i < snapshot_vmas(s->snapshot); i++)
		if (!s->smaps[i].known && snapshot_vma(s->snapshot, i)->kind != VMA_SPECIAL)
			return false;
	return s->smaps;
}

static unsigned want_smaps(struct view *v, const struct scene *s)
{
	char took[UNITS_DURATION_LEN];

	if (s->file || s->ended || s->past || s->smaps_reading || knows_smaps(s))
		return 0;
	if (s->smaps_ns <= SMAPS_SAY_NS)
		return FOLLOW_SMAPS;
	v->asking = FOLLOW_SMAPS;
	snprintf(v->ask, sizeof(v->ask),
		"reading smaps may stall the process for %s or more: read it? y/n",
		units_duration(took, s->smaps_ns));
	return 0;
}

unsigned lens_turn(struct view *v, const struct scene *s, bool back)
{
	const char *why, *last = NULL;
	struct str skipped = { 0 };

	if (!s->snapshot)
		return 0;
	do {
		v->lens = (enum lens)((v->lens + (back ? LENSES - 1 : 1)) % LENSES);
		why = nothing_to_show(v->lens, s);
		if (!why)
			break;
		if (last && why != last)
			str_addf(&skipped, " (%s)", last);
		str_addf(&skipped, "%s%s", last ? ", " : "not here: ", lens_name(v->lens));
		last = why;
	} while (true);
	if (last)
		snprintf(v->message, sizeof(v->message), "%s (%s)", str_text(&skipped), last);
	str_free(&skipped);
	return v->lens == LENS_CHECKPOINT ? want_smaps(v, s) : 0;
}
