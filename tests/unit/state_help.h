/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of moving share: three mappings, and a view of them. */
#ifndef STATE_HELP_H
#define STATE_HELP_H

#include "helpers.h"
#include "view/state.h"

#define PAGE UINT64_C(4096)

/* Three mappings and a gap between the last two. */
#define THREE                                     \
	"400000 r-xp file /bin/x F10 A5 S5 .20\n" \
	"428000 rw-p heap [heap] A2000\n"         \
	"7ff000000000 rw-p stack [stack] .30 A3\n"

static inline struct scene scene_of(const struct snapshot *s)
{
	return (struct scene){ .snapshot = s, .process = "test", .interval = 1 };
}

static inline void start(struct view *v, const struct scene *s, const struct layout *l)
{
	view_init(v, s);
	if (s->snapshot && snapshot_vmas(s->snapshot))
		v->cursor = snapshot_vma(s->snapshot, 0)->start;
	view_settle(v, s, l);
}

#endif
