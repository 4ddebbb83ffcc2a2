/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "model/page.h"
#include "view/look.h"
#include "view/panes.h"

/* Two columns, filled one after the other: groups of actions with their keys. */
static void keys_draw(struct cells *c, struct rect r)
{
	int column = r.w / 2, x = r.x, y = 0;
	char label[KEYMAP_LABEL];
	enum action a, group_of = ACTION_NONE;

	for (a = ACTION_NONE + 1; a < ACTIONS; a++) {
		bool new_group =
			group_of == ACTION_NONE || action_group(a) != action_group(group_of);

		if (new_group && action_group(a) == GROUP_LOOK) {
			x = r.x + column;
			y = 0;
		}
		if (new_group && y < r.h)
			cells_text(c, x + 1, r.y + y++, r.x + r.w - x - 1, ink_of(ROLE_HEADING, 0),
				0, action_group_name(action_group(a)));
		group_of = a;
		if (y >= r.h)
			continue;
		cells_text(c, x + 2, r.y + y, column < 14 ? column - 2 : 12, 0, CELL_BOLD,
			keymap_label(label, a));
		cells_text(c, x + 14, r.y + y, column - 14, 0, 0, action_help(a));
		y++;
	}
}

static void legend_draw(struct cells *c, struct rect r, const struct scene *s)
{
	static const char *const notes[] = {
		"A cell of several pages counts all of them:",
		"  its letter     all its pages are in that state",
		"  the other one  most are, or with L the rarest of them",
		"  on a colour    some pages are in that rarer state, such as swap",
		"                 (without colours: the rarer state's second letter)",
		"  underlined, or a light texture   a state changed since the last scan",
		"  bold, or a line through it       mapped by a huge entry",
		"'Changed' is said of states; contents are never looked at.",
	};
	int y = 0, i;

	for (i = 0; i < PAGE_STATES && y < r.h; i++, y++) {
		enum page_state state = (enum page_state)i;
		struct cell swatch = { .ch = (uint32_t)page_state_letter(state) };

		if (s->colour) {
			swatch.bg = ink_of((enum role)(ROLE_NONE + i), 0);
			swatch.fg = ink_of(ROLE_ON_COLOUR, 0);
		}
		cells_put(c, r.x + 2, r.y + y, swatch);
		cells_printf(c, r.x + 4, r.y + y, r.w - 4, 0, 0, "%c  %-8s %s",
			look_mixed_letter(state), page_state_name(state),
			page_state_meaning(state));
	}
	if (s->colour && y < r.h) {
		cells_put(c, r.x + 2, r.y + y,
			(struct cell){ .ch = 'F',
				.bg = ink_of(ROLE_SHMEM, 0),
				.fg = ink_of(ROLE_ON_COLOUR, 0) });
		cells_text(c, r.x + 4, r.y + y++, r.w - 4, 0, 0,
			"f  file     ... where it is shared memory");
	}
	for (i = 0; i < (int)(sizeof(notes) / sizeof(*notes)) && ++y < r.h; i++)
		cells_text(c, r.x + 1, r.y + y, r.w - 1, 0, 0, notes[i]);
}

static void bits_draw(struct cells *c, struct rect r)
{
	int y = 0;

	if (r.h < 1)
		return;
	cells_text(c, r.x + 1, r.y + y++, r.w - 1, ink_of(ROLE_HEADING, 0), 0,
		"A pagemap entry, 64 bits a page (Linux 4.3 and later)");
#define X(n, name, one, zero)                                                                      \
	if (y < r.h)                                                                               \
		cells_printf(c, r.x + 1, r.y + y++, r.w - 1, 0, 0, "  %-5d %-12s %s", n, name, one);
	ENTRY_BIT_LIST(X)
#undef X
	if (y + 1 < r.h) {
		cells_text(c, r.x + 1, r.y + y++, r.w - 1, 0, 0,
			"  54-0  PFN          if present; 0 where it is hidden (needs CAP_SYS_ADMIN)");
		cells_text(c, r.x + 1, r.y + y++, r.w - 1, 0, 0,
			"  54-5  swap offset  if swapped, with the swap type in bits 4-0");
	}
}

void help_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	static const char *const tabs[HELP_TABS] = { "1 Keys", "2 Legend", "3 Bits" };
	int x, i;

	x = cells_text(c, r.x, r.y, r.w, ink_of(ROLE_TITLE, 0), 0, " pmview help   ");
	for (i = 0; i < HELP_TABS; i++) {
		x += cells_printf(c, r.x + x, r.y, r.w - x, 0, i == v->help_tab ? CELL_REVERSE : 0,
			" %s ", tabs[i]);
		x++;
	}
	cells_text(c, r.x + x, r.y, r.w - x, 0, 0, "  Esc or q closes");
	r.y += 2;
	r.h -= 2;
	if (v->help_tab == HELP_KEYS)
		keys_draw(c, r);
	else if (v->help_tab == HELP_LEGEND)
		legend_draw(c, r, s);
	else
		bits_draw(c, r);
}
