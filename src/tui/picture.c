/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/picture.h"

#include "view/theme.h"

_Static_assert(SVG_SHARES == SHARES, "a colour for each share");

static uint32_t colour(const struct theme *t, const struct theme *dark, enum role r, unsigned share)
{
	int16_t c = t->colour[r][share];

	return theme_rgb(c == COLOUR_DEFAULT ? dark->colour[r][share] : c);
}

int picture_style(struct svg_style *s, const char *theme, struct err *e)
{
	struct theme dark, t;
	unsigned share;
	bool light;
	int i;

	if (theme_builtin(&dark, "dark", e) < 0 ||
		theme_builtin(&t, theme ? theme : "dark", e) < 0)
		return -1;
	for (share = 0; share < SHARES; share++) {
		for (i = 0; i < PAGE_STATES; i++)
			s->state[i][share] = colour(&t, &dark, (enum role)(ROLE_NONE + i), share);
		s->shared[share] = colour(&t, &dark, ROLE_SHMEM, share);
	}
	/* Themes do not paint the background: absent pages are close to it. */
	light = (s->state[PAGE_NONE][0] >> 8 & 0xff) >= 0x80;
	s->background = light ? 0xffffff : 0x121212;
	s->text = light ? 0x1c1c1c : 0xe4e4e4;
	s->faint = colour(&t, &dark, ROLE_ADDRESS, 0);
	return 0;
}
