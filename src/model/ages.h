/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long ago the state of each page last changed, as far as that was seen: a look at a process
 * begins with one snapshot, and each that follows says by its diff what has changed. What did not
 * change since the look began is old: older than what was seen of it. Time is that of the
 * snapshots; ages are those at the newest one. */
#ifndef MODEL_AGES_H
#define MODEL_AGES_H

#include <stddef.h>
#include <stdint.h>

#include "model/diff.h"
#include "model/snapshot.h"

/* AGE_NOW: the newest snapshot found it changed. */
enum age { AGE_OLD, AGE_TEN_MINUTES, AGE_MINUTE, AGE_SECONDS, AGE_NOW, AGES };

/* Sixteen bytes for each run of pages that changed at the same time; those that are old are
 * forgotten within a minute. */
struct ages;

/* The look begins with this snapshot. */
struct ages *ages_new(const struct snapshot *s);
void ages_free(struct ages *a); /* NULL is fine */

/* Go on to the next snapshot, with its diff against the one before. Mappings are matched as
 * vma_same() does. O(mappings, and runs of those that differ). */
void ages_update(struct ages *a, const struct snapshot *old, const struct snapshot *new,
	const struct diff *d);

/* The pages of one age around `page` of mapping i of the newest snapshot. O(log runs). */
struct age_run {
	uint64_t first, end; /* pages from the start of the mapping; end is the first one behind */
	enum age age;
};
struct age_run ages_at(const struct ages *a, size_t i, uint64_t page);

/* When the look began. */
struct timespec ages_began(const struct ages *a);

/* Runs that are kept of all mappings, for tests. */
size_t ages_runs(const struct ages *a);

#endif
