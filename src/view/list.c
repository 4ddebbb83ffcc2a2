/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "view/changed.h"
#include "view/look.h"
#include "view/panes.h"

#define STRIP LIST_STRIP

static void heading(
	struct cells *c, struct rect r, const struct list_columns *col, const struct view *v)
{
	ink head = ink_of(ROLE_HEADING, 0);

	cells_text(c, r.x + 2, r.y, r.w - 2, head, 0, "START");
	if (col->size >= 0)
		cells_printf(c, r.x + col->size, r.y, 6, head, 0, "%6s", "SIZE");
	if (col->rss >= 0)
		cells_printf(c, r.x + col->rss, r.y, 6, head, 0, "%6s", "RSS");
	if (col->swap >= 0)
		cells_printf(c, r.x + col->swap, r.y, 6, head, 0, "%6s",
			v->lens == LENS_CHECKPOINT ? "SAVE" : "SWAP");
	if (col->perm >= 0)
		cells_text(c, r.x + col->perm, r.y, 4, head, 0, "PERM");
	if (col->strip >= 0)
		cells_printf(c, r.x + col->strip, r.y, STRIP + 2, head, 0, "[%-*s]", STRIP,
			lens_of_strips(v->lens) != v->lens ? "MAP: state" : "MAP");
	cells_text(c, r.x + col->name, r.y, col->name_w, head, 0, "NAME");
}

/* What a checkpointer must save of mapping i. Returns buf. */
static const char *pane_save(char buf[PANE_SIZE], const struct scene *s, size_t i)
{
	uint64_t pages = lens_save(s, i);

	return pane_size(buf, s, pages != CHECKPOINT_UNKNOWN, pages);
}

static void row(struct cells *c, struct rect r, int y, size_t i, bool selected,
	const struct list_columns *col, const struct view *v, const struct scene *s)
{
	const struct vma *vma = snapshot_vma(s->snapshot, i);
	struct page_counts counts = vma_counts(vma);
	bool opaque = vma_is_opaque(vma);
	bool missing = counts.state[PAGE_UNKNOWN] && !snapshot_info(s->snapshot)->complete;
	struct str name = { 0 };
	char buf[PANE_SIZE], address[PANE_ADDRESS], perms[5];
	/* What is selected stays bold when the keys go to the grid. */
	unsigned attr = selected ? CELL_BOLD : 0;

	cells_text(c, r.x, y, 1, 0, attr, selected ? ">" : " ");
	cells_text(c, r.x + 2, y, 12, ink_of(ROLE_ADDRESS, 0), attr, pane_address(address, vma->start));
	if (col->size >= 0)
		cells_printf(c, r.x + col->size, y, 6, 0, attr, "%6s",
			pane_size(buf, s, true, snapshot_vma_pages(s->snapshot, vma)));
	if (col->rss >= 0)
		cells_printf(c, r.x + col->rss, y, 6, 0, attr, "%6s",
			pane_size_least(buf, s, !opaque, missing, page_counts_rss(&counts)));
	if (col->swap >= 0)
		cells_printf(c, r.x + col->swap, y, 6, 0, attr, "%6s",
			v->lens == LENS_CHECKPOINT
				? pane_save(buf, s, i)
				: pane_size_least(buf, s,
					  !opaque && snapshot_knows(s->snapshot, PAGE_SWAP), missing,
					  counts.state[PAGE_SWAP]));
	if (col->perm >= 0)
		cells_text(c, r.x + col->perm, y, 4, 0, attr, vma_perms(vma, perms));
	if (col->strip >= 0) {
		cells_text(c, r.x + col->strip, y, 1, 0, 0, "[");
		strip_draw(c, r.x + col->strip + 1, y, STRIP, i, v, s);
		cells_text(c, r.x + col->strip + 1 + STRIP, y, 1, 0, 0, "]");
	}
	str_add(&name, *vma->name ? vma->name : vma->kind == VMA_ANON ? "[anon]" : "");
	/* That it is deleted must not take the place of the name. */
	if (vma->deleted && col->name_w >= 24) {
		int n = cells_text_end(
			c, r.x + col->name, y, col->name_w - 10, 0, attr, str_text(&name));

		cells_text(c, r.x + col->name + n, y, 10, 0, attr, " (deleted)");
	} else {
		cells_text_end(c, r.x + col->name, y, col->name_w, 0, attr, str_text(&name));
	}
	str_free(&name);
	if (selected && v->pane == PANE_LIST)
		cells_attr(c, r.x, y, col->strip >= 0 ? col->strip : r.w, CELL_REVERSE);
}

void list_draw(struct cells *c, const struct view *v, const struct scene *s, const struct layout *l)
{
	struct list_columns col = list_columns_fit(l->list.w, 2, 6);
	size_t at = 0, i;
	int y;

	if (changed_shown(v, s)) {
		changed_list_draw(c, v, s, l);
		return;
	}
	if (l->list_head.h)
		heading(c, l->list_head, &col, v);
	view_vma(v, s, &at);
	for (y = 0; y < l->list.h; y++) {
		i = v->list_top + (size_t)y;
		if (i >= snapshot_vmas(s->snapshot))
			break;
		row(c, l->list, l->list.y + y, i, i == at, &col, v, s);
	}
}
