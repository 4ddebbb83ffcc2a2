/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front end that prints: a source's snapshot or answer goes to output/ in the format asked for. */
#ifndef PRINT_H
#define PRINT_H

#include <stdio.h>

#include "base/err.h"
#include "model/checkpoint.h"
#include "model/report.h"
#include "options.h"
#include "target.h"

/* Exit status, as cmp(1) and diff(1) do. */
enum { EXIT_FINE = 0, EXIT_DIFFERENT = 1, EXIT_TROUBLE = 2, EXIT_PARTIAL = 3 };

/* Say e on stderr. Returns EXIT_TROUBLE. */
int trouble(const struct err *e);

/* Read smaps of the process that was scanned, and say how long that took. As gather_checkpoint(). */
int print_smaps_read(const struct options *o, const struct snapshot *s, struct checkpoint_set *set,
	struct err *e);

/* Print an answer to where the options say. Returns the status, or EXIT_TROUBLE. */
int print_answer(const struct options *o, const void *answer, int status,
	void (*print)(FILE *f, const struct options *o, const void *answer));

/* Print a report, which is freed. */
void print_report(FILE *f, const struct options *o, struct report *r);

/* Print the list or the pages of the snapshot. Returns the exit status. */
int print_snapshot(const struct options *o, const struct target *t);

#endif
