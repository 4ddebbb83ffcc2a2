/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front end that keeps: --snapshot saves one, --record one after another. */
#ifndef KEEP_H
#define KEEP_H

#include "options.h"
#include "target.h"

/* Save the target, which is scanned first where it is live (and then thawed). Returns the exit
 * status. */
int keep_snapshot(const struct options *o, struct target *t);

/* Record the live target until the count is reached, a signal comes or it ends; of a file copy all
 * snapshots. Returns the exit status. */
int keep_recording(const struct options *o, struct target *t);

#endif
