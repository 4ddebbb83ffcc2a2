/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/answer.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

/* What became of the pages whose entries were read, as far as one mapping holds them: a range
 * lies in one unless the mappings have changed. */
static void ask_absent(const struct snapshot *s, const struct entry_reader *r,
	const struct page_range *range, const uint64_t *entries, uint8_t *absent)
{
	uint64_t size = snapshot_info(s)->page_size, address = range->first * size;
	uint64_t first, n, i;
	size_t vma = snapshot_find(s, address);
	const struct vma *v;

	if (!snapshot_holds(s, vma, address))
		return;
	v = snapshot_vma(s, vma);
	first = snapshot_page_of(s, v, address);
	n = snapshot_vma_pages(s, v) - first;
	n = n < range->pages ? n : range->pages;
	for (i = 0; i < n; i += ENTRY_CHUNK)
		entries_absent(r, v, first + i, n - i < ENTRY_CHUNK ? n - i : ENTRY_CHUNK,
			entries + i, absent + i);
}

/* Read pages of one range, and their frames where those are wanted. Returns how many were read. */
static uint64_t read_range(const struct entry_reader *er, const struct frame_reader *fr,
	const struct page_range *range, uint64_t *entries, struct frame *frames)
{
	struct err ignored;
	uint64_t done = 0;

	while (done < range->pages) {
		uint64_t n = range->pages - done < ENTRY_CHUNK ? range->pages - done : ENTRY_CHUNK;
		uint64_t page = range->first + done;
		ssize_t got = frames ?
			frames_read(er, fr, page, n, entries + done, frames + done, &ignored) :
			er->read(er->ctx, page, n, entries + done, &ignored);

		done += got > 0 ? (uint64_t)got : 0;
		if (got < (ssize_t)n)
			break;
	}
	return done;
}

/* Find the names of the swap areas of n frames. */
static void name_areas(struct pageset_content *c, const struct frame_reader *fr, uint64_t n)
{
	uint64_t i;

	for (i = 0; fr->swap_name && i < n; i++)
		if (c->frames[i].swap_area)
			c->swap_name[c->frames[i].swap_area - 1] =
				fr->swap_name(fr->ctx, c->frames[i].swap_area);
}

/* Find the paths of the cgroups of n frames. */
static void name_cgroups(struct pageset_content *c, const struct frame_reader *fr, uint64_t n)
{
	uint64_t i, last = 0;
	size_t k;

	for (i = 0; fr->cgroup && i < n; i++) {
		uint64_t inode = c->frames[i].cgroup;

		if (!(c->frames[i].known & FRAME_HAS_CGROUP) || !inode || inode == last)
			continue;
		last = inode;
		for (k = 0; k < c->cgroups && c->cgroup[k].inode != inode; k++)
			;
		if (k == c->cgroups && k < PAGESET_CGROUPS)
			c->cgroup[c->cgroups++] =
				(struct cgroup_name){ inode, fr->cgroup(fr->ctx, inode) };
	}
}

struct pageset *answer_needs(const struct snapshot *s, uint64_t serial, const struct needs *n,
	const struct entry_reader *er, const struct frame_reader *fr)
{
	uint64_t got[NEEDS_MAX] = { 0 }, *entries, at = 0, all = 0;
	struct pageset_content content = { 0 };
	struct frame *frames = NULL;
	uint8_t *absent = NULL;
	struct pageset *set;
	struct timespec now;
	size_t i;

	for (i = 0; i < n->n; i++)
		all += n->range[i].pages;
	content.entries = entries = mem_zero(all, sizeof(*entries));
	if (n->kinds & NEED_ABSENT)
		content.absent = absent = mem_zero(all, sizeof(*absent));
	if (n->kinds & NEED_FRAMES && fr) {
		memcpy(content.frame_error, fr->error, sizeof(content.frame_error));
		content.frames = frames = mem_zero(all, sizeof(*frames));
	}
	clock_gettime(CLOCK_REALTIME, &now);
	for (i = 0; er->read && i < n->n; i++) {
		got[i] = read_range(er, fr, &n->range[i], entries + at,
			frames ? frames + at : NULL);
		if (absent)
			ask_absent(s, er, &n->range[i], entries + at, absent + at);
		at += n->range[i].pages;
	}
	if (frames) {
		name_cgroups(&content, fr, all);
		name_areas(&content, fr, all);
	}
	set = pageset_new(serial, now, n, got, &content);
	free(entries);
	free(absent);
	free(frames);
	return set;
}
