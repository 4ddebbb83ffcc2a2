/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of looks and grids share: scenes of three kinds, and mappings made up. */
#ifndef LOOK_HELP_H
#define LOOK_HELP_H

#include <inttypes.h>
#include <stdio.h>

#include "helpers.h"
#include "view/look.h"

enum { LETTERS, MONO, BLOCKS, MODES };

static inline struct scene scene_of(const struct snapshot *s, int mode)
{
	return (struct scene){ .snapshot = s,
		.colour = mode != MONO,
		.shades = mode != MONO,
		.utf8 = mode == BLOCKS,
		.process = "test",
		.interval = 1 };
}

static inline void random_runs(char *text, size_t size, unsigned runs, uint64_t longest)
{
	size_t len = 0;
	unsigned i;

	for (i = 0; i < runs && len + 32 < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%c%" PRIu64 "%s ",
			page_state_letter((enum page_state)random_below(PAGE_STATES)),
			1 + random_below(longest), random_below(4) ? "" : "h");
}

static inline struct snapshot *one_mapping(uint64_t start, const char *runs)
{
	char text[4096];

	snprintf(text, sizeof(text), "%" PRIx64 " rw-p anon - %s\n", start, runs);
	return snapshot_of(text, NULL);
}

#endif
