/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front end that prints: a source's snapshot or answer goes to output/ in the format asked for. */
#ifndef PRINT_H
#define PRINT_H

#include "base/err.h"
#include "options.h"
#include "source/live.h"

/* Exit status, as cmp(1) and diff(1) do. */
enum { EXIT_FINE = 0, EXIT_TROUBLE = 2, EXIT_PARTIAL = 3 };

/* What is looked at: a live process, or a file (then live is NULL). */
struct target {
	struct live *live;
	struct snapshot *snapshot;
};

/* Say e on stderr. Returns EXIT_TROUBLE. */
int trouble(const struct err *e);

/* Print the list or the pages of the snapshot. Returns the exit status. */
int print_snapshot(const struct options *o, const struct target *t);

#endif
