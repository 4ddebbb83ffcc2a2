/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A made-up process for tests of files: mappings, entries and frames that change from snapshot to
 * snapshot, of which a copy is kept to compare with. */
#ifndef TESTS_UNIT_WORLD_H
#define TESTS_UNIT_WORLD_H

#include <string.h>

#include "base/mem.h"
#include "helpers.h"
#include "model/entries.h"
#include "model/frame.h"
#include "source/store.h"

#define WORLD_SLOTS 6     /* mappings there may be, each in a place of its own ... */
#define WORLD_PAGES 5000  /* ... and the pages it may have */
#define WORLD_PFNS  20000

/* Fewer where that suffices. */
static uint64_t world_most = WORLD_PAGES;
/* A mapping comes, goes, or changes its size in every so many-th change. */
static uint64_t world_churn = 4;

struct world {
	int generation;
	uint64_t pages[WORLD_SLOTS]; /* 0: not mapped */
	uint64_t entry[WORLD_SLOTS][WORLD_PAGES];
	struct frame frame[WORLD_PFNS];
	uint64_t read_most;          /* the reader has so many entries left; then the process ends */
};

static inline uint64_t world_start(int slot)
{
	return UINT64_C(0x7f0000000000) + (uint64_t)slot * UINT64_C(0x10000000);
}

static inline uint64_t world_new_entry(void)
{
	switch (random_below(6)) {
	case 0:
		return 0;
	case 1:
		return ENTRY_SWAP | random_below(1 << 20) << 5;
	case 2:
		return ENTRY_PRESENT | ENTRY_FILE | (1 + random_below(WORLD_PFNS - 1));
	default:
		return ENTRY_PRESENT | ENTRY_EXCLUSIVE | (1 + random_below(WORLD_PFNS - 1));
	}
}

static inline void world_new_frame(struct frame *f)
{
	*f = (struct frame){
		.flags = random_below(3) ? 0x5868 : random_below(1 << 20),
		.mapcount = random_below(4) ? 1 : random_below(100),
		.cgroup = random_below(8) ? 33 : 34,
		.node = (int16_t)(random_below(3) ? 0 : (int)random_below(3) - 1),
		.zone = (uint8_t)(random_below(3) ? ZONE_NORMAL : random_below(ZONES)),
		.known = (uint8_t)random_below(8),
	};
	/* What is not known is 0, as readers leave it. */
	f->flags = f->known & FRAME_HAS_FLAGS ? f->flags : 0;
	f->mapcount = f->known & FRAME_HAS_MAPCOUNT ? f->mapcount : 0;
	f->cgroup = f->known & FRAME_HAS_CGROUP ? f->cgroup : 0;
}

static inline struct world *world_new(void)
{
	struct world *w = mem_zero(1, sizeof(*w));
	uint64_t i, k;

	w->read_most = UINT64_MAX;
	for (i = 0; i < WORLD_PFNS; i++)
		world_new_frame(&w->frame[i]);
	for (i = 0; i + 2 < WORLD_SLOTS; i++) {
		w->pages[i] = 1 + random_below(world_most);
		for (k = 0; k < w->pages[i]; k++)
			w->entry[i][k] = i == 1 && k > 100 && k < 4400 ? 0 : world_new_entry();
	}
	/* Consecutive frames, upwards and downwards, and many of the same. */
	for (k = 0; k + 600 < w->pages[0] && k < 400; k++) {
		w->entry[0][k] = ENTRY_PRESENT | (1000 + k);
		w->entry[0][k + 600] = ENTRY_PRESENT | (3000 - k);
	}
	return w;
}

/* Change a part of it: pages, what is told of frames, mappings. */
static inline void world_change(struct world *w)
{
	int slot = (int)random_below(WORLD_SLOTS);
	uint64_t n = random_below(60), i, was = w->pages[slot];

	w->generation++;
	while (n--) {
		slot = (int)random_below(WORLD_SLOTS);
		if (w->pages[slot])
			w->entry[slot][random_below(w->pages[slot])] = world_new_entry();
	}
	for (n = random_below(200); n; n--)
		world_new_frame(&w->frame[random_below(WORLD_PFNS)]);
	/* A long stretch becomes empty, or is filled. */
	if (w->pages[1] > 4400 && !random_below(3)) {
		uint64_t keep = random_below(2);

		for (i = 101; i < 4400; i++)
			w->entry[1][i] = keep ? world_new_entry() : 0;
	}
	if (random_below(world_churn))
		return;
	slot = (int)random_below(WORLD_SLOTS);
	was = w->pages[slot];
	w->pages[slot] = random_below(3) ? random_below(world_most) : 0;
	/* What is mapped anew may be where something else was. */
	for (i = random_below(2) ? 0 : was; i < w->pages[slot]; i++)
		w->entry[slot][i] = world_new_entry();
}

static inline enum page_state world_state(uint64_t entry)
{
	if (entry & ENTRY_SWAP)
		return PAGE_SWAP;
	if (!(entry & ENTRY_PRESENT))
		return PAGE_NONE;
	return entry & ENTRY_FILE ? PAGE_FILE : PAGE_ANON;
}

/* Made huge and split again, in the same state. */
static inline bool world_huge(const struct world *w, int slot, uint64_t page)
{
	return slot == 2 && page < 32 && w->generation % 3 == 1;
}

static inline struct snapshot *world_snapshot(const struct world *w)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b;
	struct runs_builder rb = { 0 };
	struct snapshot *s;
	uint64_t i;
	int slot;

	info.time.tv_sec += w->generation;
	b = snapshot_builder_new(&info);
	for (slot = 0; slot < WORLD_SLOTS; slot++) {
		struct vma v = {
			.start = world_start(slot),
			.end = world_start(slot) + w->pages[slot] * 4096,
			.name = slot % 2 ? "" : "/usr/lib/libx.so",
			.inode = slot % 2 ? 0 : (uint64_t)(7 + slot),
			.kind = slot % 2 ? VMA_ANON : VMA_FILE,
			.perms = VMA_READ | VMA_WRITE,
			.page_size = 4096,
		};

		if (!w->pages[slot])
			continue;
		for (i = 0; i < w->pages[slot]; i++)
			runs_builder_add(&rb, 1, world_state(w->entry[slot][i]),
				world_huge(w, slot, i));
		snapshot_builder_add(b, &v, runs_builder_finish(&rb));
	}
	runs_builder_free(&rb);
	s = snapshot_builder_finish(b);
	return s;
}

static inline ssize_t world_read(
	void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e)
{
	struct world *w = ctx;
	int slot = (int)((page * 4096 - world_start(0)) / UINT64_C(0x10000000));
	uint64_t first = page - world_start(slot) / 4096;

	(void)e;
	if (first >= w->pages[slot])
		return 0;
	n = n < w->pages[slot] - first ? n : w->pages[slot] - first;
	n = n < w->read_most ? n : w->read_most;
	w->read_most -= w->read_most == UINT64_MAX ? 0 : n;
	memcpy(entries, &w->entry[slot][first], n * sizeof(*entries));
	return (ssize_t)n;
}

static inline void world_frames(void *ctx, uint64_t pfn, uint64_t n, struct frame *f)
{
	const struct world *w = ctx;

	memcpy(f, &w->frame[pfn], n * sizeof(*f));
}

static inline const char *world_cgroup(void *ctx, uint64_t inode)
{
	(void)ctx;
	return inode == 33 ? "/a\tb" : NULL;
}

#endif
