/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lenses need that is kept from snapshot to snapshot: when states changed, what smaps once
 * said, and the sums for the legend. */
#ifndef TUI_LENSES_H
#define TUI_LENSES_H

#include "source/job.h"
#include "view/state.h"

struct lenses {
	const char *proc;
	struct ages *ages;
	struct vma_smaps *smaps;   /* by mapping of the snapshot shown; NULL: never read */
	struct lens_sums sums;
	uint64_t summed;           /* the snapshot's serial for which they are right ... */
	bool sums_old;             /* ... but something else has changed */
	struct job *job;           /* reading smaps ... */
	struct snapshot *asked;    /* ... of these mappings */
	struct vma_smaps *read;    /* what it found */
	uint64_t took_ns;
};

/* A new snapshot is about to be shown in the place of old (NULL: there was none), with a diff
 * against the one that was taken before it, or NULL. in_row: that is old. */
void lenses_go_on(struct lenses *l, const struct snapshot *old, const struct snapshot *new,
	const struct diff *d, bool in_row);

/* Read smaps once, in a job: begin, and take what it has found once job_is_done(). A message for
 * the user goes to the view. */
void lenses_read_smaps(struct lenses *l, struct snapshot *s, struct view *v);
void lenses_take_smaps(struct lenses *l, const struct snapshot *shown, struct view *v);

/* Bring the scene in line. */
void lenses_tell(struct lenses *l, const struct view *v, struct scene *s);

/* Waits for a job. */
void lenses_free(struct lenses *l);

#endif
