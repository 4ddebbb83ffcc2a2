/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scanner thread: keeps looking at a live process and hands over snapshots, and reads the
 * entries that a screen needs. It alone uses the struct live. */
#ifndef SOURCE_SAMPLER_H
#define SOURCE_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "model/diff.h"
#include "model/pageset.h"
#include "model/snapshot.h"
#include "source/live.h"

struct sampler;

/* What is new since the last time; NULL where nothing is. It all belongs to the caller. */
struct news {
	struct snapshot *snapshot; /* scanning: the first scan goes on, this is what it has so far */
	struct diff *diff;       /* of that snapshot against the one before; NULL after an exec */
	uint64_t serial;         /* of the snapshot, from 1 */
	struct pageset *pages;
	double interval;         /* seconds from this scan to the next: longer than asked for where a
	                          * scan costs too much */
	bool ended;              /* the process is gone: there will be no more */
	struct err err;          /* why there is no snapshot, or no more; text "" if all is well.
	                          * Where it has not ended, the next scan may do better */
};

/* Begin to scan every interval seconds. The live belongs to the sampler until sampler_stop().
 * Signals must be blocked before, so that they go to the caller's thread. */
struct sampler *sampler_start(struct live *l, double interval);
/* Ends within a slice of a scan. */
void sampler_stop(struct sampler *s);

/* Readable when there is news (eventfd(2)). */
int sampler_fd(const struct sampler *s);
struct news sampler_take(struct sampler *s);

/* Which entries to keep reading: now, and again after each scan. Copied. */
void sampler_need(struct sampler *s, const struct needs *n);
void sampler_pause(struct sampler *s, bool paused);
/* Give up a scan that is under way, if any, and begin none until sampler_go_on(): with --freeze, we
 * must not be stopped while the process is. */
void sampler_hold(struct sampler *s);
void sampler_go_on(struct sampler *s);
void sampler_scan_now(struct sampler *s);

#endif
