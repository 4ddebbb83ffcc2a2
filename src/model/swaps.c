/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/swaps.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* "/swap\040file  file  131068  2048  -2" */
static bool parse_line(struct swap_area *a, const char *line)
{
	size_t len = strcspn(line, " \t\n");
	struct str name = { 0 };
	uint64_t size, used;
	char type[16];

	if (!len || sscanf(line + len, " %15s %" SCNu64 " %" SCNu64, type, &size, &used) != 3 ||
		(strcmp(type, "file") && strcmp(type, "partition")))
		return false;
	str_add_path(&name, line, len);
	*a = (struct swap_area){ str_take(&name), size * 1024, used, 0 };
	return true;
}

void swaps_parse(struct swaps *s, const char *text)
{
	const char *line = strchrnul(text, '\n');

	*s = (struct swaps){ 0 };
	while (*line && *++line) {
		if (s->n == SWAPS_MOST || !parse_line(&s->area[s->n], line)) {
			swaps_free(s);
			return;
		}
		s->n++;
		line = strchrnul(line, '\n');
	}
}

void swaps_free(struct swaps *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->area[i].name);
	*s = (struct swaps){ 0 };
}

int swaps_find(const struct swaps *s, unsigned type, uint64_t slot, uint32_t seen,
	uint32_t page_size)
{
	unsigned below = (unsigned)__builtin_popcount(seen & ((UINT32_C(1) << type) - 1));
	unsigned above = (unsigned)__builtin_popcount(seen & ~((UINT32_C(2) << type) - 1));
	int found = -1;
	size_t i;

	/* Slot 0 is the header: the slot is hidden. */
	for (i = below; slot && i <= type && i + above < s->n; i++) {
		const struct swap_area *a = &s->area[i];

		if (!a->used || slot > a->bytes / page_size + page_size / 4)
			continue;
		if (found >= 0)
			return -1;
		found = (int)i;
	}
	return found;
}
