/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two snapshots made up at random, of which the second is much like the first. */
#ifndef PAIRS_HELP_H
#define PAIRS_HELP_H

#include <stdlib.h>

#include "helpers.h"

static inline struct runs *random_runs(uint64_t pages)
{
	struct runs_builder b = { 0 };
	struct runs *r;

	while (b.pages < pages) {
		uint64_t n = 1 + (uint64_t)rand() % 3;

		runs_builder_add(&b, n < pages - b.pages ? n : pages - b.pages,
			(enum page_state)("\0\1\1\2\3\10"[rand() % 6]), !(rand() % 5));
	}
	r = runs_builder_finish(&b);
	runs_builder_free(&b);
	return r;
}

/* Mappings in 64 pages at random; some are those of old, with the same or other pages. */
static inline struct snapshot *random_snapshot(const struct snapshot *old)
{
	static const char *const names[] = { "", "", "[heap]", "/a" };
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b = snapshot_builder_new(&info);
	uint64_t at = (uint64_t)rand() % 4;

	while (at < 64) {
		struct vma v = {
			.start = at << 12, .page_size = 4096, .perms = rand() % 6 ? 3 : 11
		};
		size_t i = old ? snapshot_find(old, v.start) : 0;

		if (old && i < snapshot_vmas(old) && rand() % 2) {
			v = *snapshot_vma(old, i);
			v.start = v.start < at << 12 ? at << 12 : v.start;
			v.offset += v.start - snapshot_vma(old, i)->start;
			if (v.start == snapshot_vma(old, i)->start && rand() % 2) {
				snapshot_builder_add(b, &v, runs_ref(v.runs));
				at = v.end >> 12;
				continue;
			}
		} else {
			v.end = v.start + ((1 + (uint64_t)rand() % 9) << 12);
			v.name = names[rand() % 4];
			v.inode = *v.name == '/' ? 5 : 0;
			v.offset = rand() % 2 ? v.start : 0;
		}
		snapshot_builder_add(b, &v, random_runs((v.end - v.start) >> 12));
		at = (v.end >> 12) + (uint64_t)rand() % 3;
	}
	return snapshot_builder_finish(b);
}

#endif
