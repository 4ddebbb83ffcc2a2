/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/look.h"

/* Rare first: what a person must not miss. The first five leave a mark wherever they are. */
static const enum page_state rarest[] = { PAGE_SWAP, PAGE_MOVING, PAGE_MARKER, PAGE_GUARD,
	PAGE_UNKNOWN, PAGE_ZERO, PAGE_ANON, PAGE_FILE, PAGE_NONE };
#define MARKED 5

/* Decide by the counts what is shown. */
static void decide(struct look *l, bool rare_first)
{
	uint64_t total = page_counts_total(&l->counts), most = 0;
	int s, i;

	l->outside = !total;
	l->shown = PAGE_NONE;
	l->rare = PAGE_STATES;
	l->huge = total && l->counts.huge == total;
	/* Of two that are as many, what is there rather than what is not. */
	for (s = PAGE_STATES - 1; s >= 0; s--) {
		if (l->counts.state[s] > most) {
			most = l->counts.state[s];
			l->shown = (enum page_state)s;
		}
	}
	l->mixed = most < total;
	if (!l->mixed) {
		l->share = 0;
		return;
	}
	for (i = 0; rare_first && i < PAGE_STATES; i++) {
		if (l->counts.state[rarest[i]]) {
			l->shown = rarest[i];
			break;
		}
	}
	most = l->counts.state[l->shown];
	l->share = 1 + (unsigned)(most * 4 / total);
	if (l->share >= SHARES)
		l->share = SHARES - 1;
	for (i = 0; i < MARKED; i++) {
		if (l->counts.state[rarest[i]] && rarest[i] != l->shown) {
			l->rare = rarest[i];
			break;
		}
	}
}

struct look look_at(
	const struct scene *s, const struct view *v, size_t i, uint64_t first, uint64_t pages)
{
	const struct vma *vma = snapshot_vma(s->snapshot, i);
	uint64_t all = runs_pages(vma->runs);
	struct look l = { .shared_memory = vma->kind == VMA_SHMEM };

	if (first >= all) {
		l.outside = true;
		l.rare = PAGE_STATES;
		return l;
	}
	if (pages > all - first)
		pages = all - first;
	l.counts = runs_count(vma->runs, first, pages);
	l.changed = diff_changed(s->diff, i, first, pages);
	decide(&l, v->rare_first);
	return l;
}

struct look look_join(const struct look *a, const struct look *b, bool rare_first)
{
	struct look l = *a;

	page_counts_add(&l.counts, &b->counts);
	l.changed |= b->changed;
	l.shared_memory |= b->shared_memory;
	decide(&l, rare_first);
	return l;
}

char look_mixed_letter(enum page_state s)
{
	static const char letters[PAGE_STATES] = {
		[PAGE_NONE] = ':', [PAGE_ANON] = 'a', [PAGE_FILE] = 'f', [PAGE_SWAP] = 's',
		[PAGE_ZERO] = 'o', [PAGE_GUARD] = '%', [PAGE_MOVING] = ';', [PAGE_MARKER] = ',',
		[PAGE_UNKNOWN] = '~',
	};

	return letters[s];
}

char look_letter(const struct look *l)
{
	return l->mixed ? look_mixed_letter(l->shown) : page_state_letter(l->shown);
}

enum role look_role(const struct look *l, enum page_state state)
{
	if (state == PAGE_FILE && l->shared_memory)
		return ROLE_SHMEM;
	return (enum role)(ROLE_NONE + state);
}

static bool rarer(enum page_state a, enum page_state b)
{
	int i;

	for (i = 0; rarest[i] != a && rarest[i] != b; i++)
		;
	return rarest[i] == a;
}

/* The state that is most frequent but for absent pages. */
static enum page_state most_present(const struct look *l)
{
	enum page_state most = PAGE_NONE;
	int s;

	for (s = PAGE_NONE + 1; s < PAGE_STATES; s++)
		if (l->counts.state[s] &&
			(most == PAGE_NONE || l->counts.state[s] > l->counts.state[most]))
			most = (enum page_state)s;
	return most;
}

static ink look_ink(const struct look *l)
{
	/* Where most is absent, a trace of what is not. */
	if (l->mixed && l->shown == PAGE_NONE)
		return ink_of(look_role(l, most_present(l)), 1);
	return ink_of(look_role(l, l->shown), l->share);
}

static struct cell letter_cell(const struct look *l, const struct scene *s)
{
	struct cell c = { .ch = (uint32_t)look_letter(l), .fg = look_ink(l) };

	if (l->rare != PAGE_STATES && s->colour) {
		c.fg = ink_of(ROLE_ON_COLOUR, 0);
		c.bg = ink_of(look_role(l, l->rare), 0);
	} else if (l->rare != PAGE_STATES && rarer(l->rare, l->shown)) {
		c.ch = (uint32_t)look_mixed_letter(l->rare);
	}
	if (l->huge)
		c.attr |= CELL_BOLD;
	if (l->changed)
		c.attr |= CELL_UNDERLINE;
	return c;
}

/* A letter on its colour: for what blocks alone cannot say. */
static struct cell letter_on_colour(const struct look *l, const struct scene *s)
{
	struct cell c = letter_cell(l, s);

	if (l->rare == PAGE_STATES) {
		c.bg = look_ink(l);
		c.fg = ink_of(ROLE_ON_COLOUR, 0);
	}
	return c;
}

/* A cell all of one colour, with the textures for guard, huge and changed. */
static struct cell plain_block(const struct look *l, const struct scene *s)
{
	struct cell c = { .ch = ' ', .bg = look_ink(l) };

	/* With few colours absent pages have none of their own: not to be taken for the end. */
	if (l->shown == PAGE_NONE && !s->shades)
		c = (struct cell){ .ch = '.', .fg = c.bg };

	if (l->changed) {
		c.ch = 0x2591; /* light shade */
		c.fg = ink_of(ROLE_CHANGED, 0);
	} else if (l->shown == PAGE_GUARD) {
		c.ch = 'x';
		c.fg = ink_of(ROLE_ON_COLOUR, 0);
	} else if (l->huge) {
		c.ch = 0x2500; /* a line through it */
		c.fg = ink_of(ink_role(c.bg), 2);
	}
	return c;
}

/* Whether a block can say it: not if a rare state is hidden in it, nor a mixture without shades. */
static bool needs_letter(const struct look *l, const struct scene *s)
{
	return l->rare != PAGE_STATES || (l->mixed && !s->shades);
}

struct cell look_cell(const struct look *l, const struct scene *s, bool blocks)
{
	if (l->outside)
		return (struct cell){ .ch = ' ' };
	if (!blocks)
		return letter_cell(l, s);
	if (needs_letter(l, s))
		return letter_on_colour(l, s);
	return plain_block(l, s);
}

/* The glyph in which the dots of the mask (1 upper left, 2 upper right, 4 lower left, 8 lower
 * right) are in the foreground. */
static uint32_t quadrant(unsigned mask)
{
	static const uint16_t glyph[16] = { ' ', 0x2598, 0x259d, 0x2580, 0x2596, 0x258c, 0x259e,
		0x259b, 0x2597, 0x259a, 0x2590, 0x259c, 0x2584, 0x2599, 0x259f, 0x2588 };

	return glyph[mask];
}

struct cell look_quadrants(const struct look l[4], const struct scene *s, bool rare_first)
{
	ink inks[4], other = 0;
	unsigned mask = 0;
	bool letter = false, changed = false;
	struct look all = l[0];
	struct cell c;
	int i;

	for (i = 0; i < 4; i++) {
		inks[i] = l[i].outside ? ink_of(ROLE_TEXT, 0) : look_ink(&l[i]);
		letter |= !l[i].outside && needs_letter(&l[i], s);
		changed |= l[i].changed;
		if (inks[i] == inks[0])
			continue;
		if (mask && inks[i] != other)
			letter = true;
		other = inks[i];
		mask |= 1u << i;
	}
	for (i = 1; i < 4; i++)
		all = look_join(&all, &l[i], rare_first);
	if (all.outside)
		return (struct cell){ .ch = ' ' };
	if (letter)
		return letter_on_colour(&all, s);
	all.changed = changed;
	if (!mask)
		return plain_block(&all, s);
	c = (struct cell){ .ch = quadrant(mask), .fg = other, .bg = inks[0] };
	if (changed)
		c.attr = CELL_UNDERLINE;
	return c;
}

struct cell look_cursor(const struct look *l, int at)
{
	struct cell c = {
		.ch = quadrant(1u << at), .fg = look_ink(l), .bg = ink_of(ROLE_CURSOR, 0)
	};

	return c;
}
