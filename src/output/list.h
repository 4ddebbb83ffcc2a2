/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of mappings with their counts, as text, JSON or CSV. Written as it is made, so that the
 * size of the process does not matter; errors of the stream are left for the caller to find
 * (ferror()). */
#ifndef OUTPUT_LIST_H
#define OUTPUT_LIST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "model/checkpoint.h"
#include "model/snapshot.h"

struct list_options {
	bool exact; /* bytes as numbers instead of 4.2M; text only */
	bool ascii; /* no byte above 0x7e */
	const struct checkpoint_set *checkpoint; /* NULL: not asked for */
};

void text_list(FILE *f, const struct snapshot *s, const struct list_options *o);
void json_list(FILE *f, const struct snapshot *s, const struct list_options *o);
void csv_list(FILE *f, const struct snapshot *s, const struct list_options *o);

#endif
