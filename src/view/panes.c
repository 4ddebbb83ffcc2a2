/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several panes draw. */
#include "view/panes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "view/changed.h"
#include "view/look.h"

_Static_assert(PANE_SIZE >= UNITS_SIZE_LEN, "a size fits");

const char *pane_size(char buf[PANE_SIZE], const struct scene *s, bool known, uint64_t pages)
{
	if (!known)
		snprintf(buf, PANE_SIZE, "?");
	else if (!pages)
		snprintf(buf, PANE_SIZE, "-");
	else
		units_size(buf, pages * snapshot_info(s->snapshot)->page_size);
	return buf;
}

const char *pane_size_least(
	char buf[PANE_SIZE], const struct scene *s, bool known, bool missing, uint64_t pages)
{
	if (!known || !missing)
		return pane_size(buf, s, known, pages);
	units_size(buf, pages * snapshot_info(s->snapshot)->page_size);
	strcat(buf, "+");
	return buf;
}

const char *pane_address(char buf[PANE_ADDRESS], uint64_t address)
{
	if (address >> 48)
		snprintf(buf, PANE_ADDRESS, "%04x..%06x", (unsigned)(address >> 48),
			(unsigned)(address & 0xffffff));
	else
		snprintf(buf, PANE_ADDRESS, "%012" PRIx64, address);
	return buf;
}

void strip_draw(
	struct cells *c, int x, int y, int w, size_t i, const struct view *v, const struct scene *s)
{
	uint64_t pages = snapshot_vma_pages(s->snapshot, snapshot_vma(s->snapshot, i));
	uint64_t n = pages < (uint64_t)w ? pages : (uint64_t)w, k, first, next;
	bool blocks = view_blocks(v, s);

	if (changed_shown(v, s)) {
		changed_strip_draw(c, x, y, w, i, s);
		return;
	}
	for (k = 0; k < n; k++) {
		struct look look;

		/* pages * k can pass 64 bits: a mapping has up to 2^52 pages, a strip few cells. */
		first = pages / n * k + pages % n * k / n;
		next = pages / n * (k + 1) + pages % n * (k + 1) / n;
		look = look_roughly(s, v, i, first, next - first);
		cells_put(c, x + (int)k, y, look_cell(&look, s, blocks));
	}
}

struct list_columns list_columns_fit(int w, int indent, int number)
{
	struct list_columns c = { -1, -1, -1, -1, -1, -1, 0 };
	int at = indent + 12;

	if (w >= at + 7) {
		c.size = at + 1;
		at += 7;
	}
	if (w >= at + number + 11) {
		c.rss = at + 1;
		at += number + 1;
	}
	if (w >= at + number + 11) {
		c.swap = at + 1;
		at += number + 1;
	}
	if (w >= at + 5 + 10) {
		c.perm = at + 1;
		at += 5;
	}
	if (w >= at + LIST_STRIP + 3 + 12) {
		c.strip = at + 1;
		at += LIST_STRIP + 3;
	}
	c.name = at + 1;
	c.name_w = w - c.name;
	return c;
}
