/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots in a row, by the time at which they were made, and which of them a person means. */
#ifndef MODEL_MOMENT_H
#define MODEL_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"
#include "model/snapshot.h"

/* One of a row. What it points to belongs to whoever keeps the snapshots. */
struct moment {
	struct timespec time;
	const struct page_counts *totals; /* in system pages */
	const struct snapshot *snapshot;  /* NULL: it is not in memory */
};

/* What was typed. */
struct moment_wish {
	enum { MOMENT_NUMBER, MOMENT_CLOCK, MOMENT_DATE } kind;
	long long number;         /* from 1, or negative from the end */
	int hour, minute, second; /* local time, of a day that is not said */
	struct timespec date;
};

/* Parse "3", "#3" or "-3" (numbers), "HH:MM", "HH:MM:SS" (local time), or ISO 8601:
 * "2026-11-22T22:10[:00[.5]]", local time unless "Z" or "+01:00" follows; a blank may stand for
 * the T. Returns 0, or -1 with e set. */
int moment_parse(const char *text, struct moment_wish *w, struct err *e);

/* Which of n > 0 snapshots that is, in order of time; time(ctx, i) tells that of number i. Of a time:
 * the last one that is not later; where only the clock is given, on the last day on which that is
 * not behind the last snapshot, if there was a snapshot before it then, else on the last one's day.
 * Returns 0, or -1 with e set: there is none. */
int moment_find(const struct moment_wish *w, size_t n,
	struct timespec (*time)(const void *ctx, size_t i), const void *ctx, size_t *i,
	struct err *e);

#endif
