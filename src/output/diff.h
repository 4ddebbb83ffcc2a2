/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison of two snapshots, as text, JSON or CSV: only mappings with a change. Written as it is
 * made; errors of the stream are left for the caller to find (ferror()). */
#ifndef OUTPUT_DIFF_H
#define OUTPUT_DIFF_H

#include <stdbool.h>
#include <stdio.h>

#include "model/changes.h"
#include "model/snapshot.h"

struct diff_output {
	const struct snapshot *old, *new;
	const struct changes *changes; /* of these */
	bool exact; /* bytes as numbers instead of 4.2M; text only */
	bool ascii; /* no byte above 0x7e */
};

void text_diff(FILE *f, const struct diff_output *d);
void json_diff(FILE *f, const struct diff_output *d);
void csv_diff(FILE *f, const struct diff_output *d);

#endif
