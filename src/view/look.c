/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/look.h"

/* Decide by the counts what is shown. */
static void decide(struct look *l, bool rare_first)
{
	uint64_t total = lens_counts_total(&l->counts), most = 0;
	unsigned classes = lens_classes(l->lens), i;

	l->outside = !total;
	l->shown = LENS_NONE;
	l->rare = LENS_CLASSES;
	l->huge = total && l->counts.huge == total;
	/* Of two that are as many, what is there rather than what is not. */
	for (i = classes; i-- > 0;) {
		if (l->counts.of[i] > most) {
			most = l->counts.of[i];
			l->shown = i;
		}
	}
	l->mixed = most < total;
	l->share = 0;
	if (!l->mixed || l->counts.unread)
		return;
	for (i = 0; rare_first && i < classes; i++) {
		if (l->counts.of[lens_of_rarity(l->lens, i)]) {
			l->shown = lens_of_rarity(l->lens, i);
			break;
		}
	}
	most = l->counts.of[l->shown];
	l->share = 1 + (unsigned)(most * 4 / total);
	if (l->share >= SHARES)
		l->share = SHARES - 1;
	for (i = 0; i < lens_marks(l->lens); i++) {
		unsigned rare = lens_of_rarity(l->lens, i);

		if (l->counts.of[rare] && rare != l->shown) {
			l->rare = rare;
			break;
		}
	}
}

struct look look_outside(void)
{
	return (struct look){ .outside = true, .rare = LENS_CLASSES };
}

static struct look look_by(const struct scene *s, const struct view *v, size_t i, uint64_t first,
	uint64_t pages, bool roughly)
{
	const struct vma *vma = snapshot_vma(s->snapshot, i);
	uint64_t all = runs_pages(vma->runs);
	struct look l = { .lens = v->lens, .shared_memory = vma->kind == VMA_SHMEM };

	if (first >= all)
		return look_outside();
	if (pages > all - first)
		pages = all - first;
	if (roughly)
		l.lens = lens_count_roughly(v, s, i, first, pages, &l.counts);
	else
		lens_count(v, s, i, first, pages, &l.counts);
	l.changed = diff_changed(s->diff, i, first, pages);
	decide(&l, v->rare_first);
	return l;
}

struct look look_at(
	const struct scene *s, const struct view *v, size_t i, uint64_t first, uint64_t pages)
{
	return look_by(s, v, i, first, pages, false);
}

struct look look_roughly(
	const struct scene *s, const struct view *v, size_t i, uint64_t first, uint64_t pages)
{
	return look_by(s, v, i, first, pages, true);
}

struct look look_join(const struct look *a, const struct look *b, bool rare_first)
{
	struct look l = *a;

	lens_counts_add(&l.counts, &b->counts);
	l.lens = a->outside ? b->lens : a->lens;
	l.changed |= b->changed;
	l.shared_memory |= b->shared_memory;
	decide(&l, rare_first);
	return l;
}

static char mixed_letter(const struct look *l, unsigned class)
{
	return lens_class(l->lens, class)->mixed;
}

char look_letter(const struct look *l)
{
	return l->mixed ? mixed_letter(l, l->shown) : lens_class(l->lens, l->shown)->letter;
}

enum role look_role(const struct look *l, unsigned class)
{
	if (l->lens == LENS_STATE && class == PAGE_FILE && l->shared_memory)
		return ROLE_SHMEM;
	return (enum role)lens_class(l->lens, class)->role;
}

static bool rarer(const struct look *l, unsigned a, unsigned b)
{
	return lens_class(l->lens, a)->rarity <= lens_class(l->lens, b)->rarity;
}

/* The class that is most frequent but for absent pages. */
static unsigned most_present(const struct look *l)
{
	unsigned most = LENS_NONE, i;

	for (i = LENS_NONE + 1; i < lens_classes(l->lens); i++)
		if (l->counts.of[i] && (most == LENS_NONE || l->counts.of[i] > l->counts.of[most]))
			most = i;
	return most;
}

struct cell look_unread(const struct scene *s)
{
	return (struct cell){ .ch = s->utf8 ? 0xb7 : '-', .fg = ink_of(ROLE_ADDRESS, 0) };
}

struct cell look_swatch(enum lens lens, unsigned class, const struct scene *s)
{
	const struct lens_class *k = lens_class(lens, class);
	struct cell c = { .ch = (uint32_t)k->letter };

	if (!s->colour)
		return c;
	c.bg = ink_of((enum role)k->role, 0);
	if (class != LENS_NONE)
		c.fg = ink_of(ROLE_ON_COLOUR, 0);
	return c;
}

static ink look_ink(const struct look *l)
{
	/* Where most is absent, a trace of what is not. */
	if (l->mixed && l->shown == LENS_NONE)
		return ink_of(look_role(l, most_present(l)), 1);
	return ink_of(look_role(l, l->shown), l->share);
}

static struct cell letter_cell(const struct look *l, const struct scene *s)
{
	struct cell c = { .ch = (uint32_t)look_letter(l), .fg = look_ink(l) };

	if (l->rare != LENS_CLASSES && s->colour) {
		c.fg = ink_of(ROLE_ON_COLOUR, 0);
		c.bg = ink_of(look_role(l, l->rare), 0);
	} else if (l->rare != LENS_CLASSES && rarer(l, l->rare, l->shown)) {
		c.ch = (uint32_t)mixed_letter(l, l->rare);
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

	if (l->rare == LENS_CLASSES) {
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
	if (l->shown == LENS_NONE && !s->shades)
		c = (struct cell){ .ch = '.', .fg = c.bg };

	if (l->changed) {
		c.ch = 0x2591; /* light shade */
		c.fg = ink_of(ROLE_CHANGED, 0);
	} else if (l->lens == LENS_STATE && l->shown == PAGE_GUARD) {
		c.ch = 'x';
		c.fg = ink_of(ROLE_ON_COLOUR, 0);
	} else if (l->huge) {
		c.ch = 0x2500; /* a line through it */
		c.fg = ink_of(ink_role(c.bg), 2);
	}
	return c;
}

/* Whether a block can say it: not if a rare class is hidden in it, nor a mixture without shades, nor
 * a class without a colour of its own. */
static bool needs_letter(const struct look *l, const struct scene *s)
{
	return l->rare != LENS_CLASSES || (l->mixed && !s->shades) ||
		lens_class(l->lens, l->shown)->lettered;
}

struct cell look_cell(const struct look *l, const struct scene *s, bool blocks)
{
	if (l->outside)
		return (struct cell){ .ch = ' ' };
	if (l->counts.unread)
		return look_unread(s);
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
	if (all.counts.unread)
		return look_unread(s);
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
