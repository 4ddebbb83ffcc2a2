/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fork family as JSON or CSV, in pages; as text it is a report. */
#ifndef OUTPUT_FAMILY_H
#define OUTPUT_FAMILY_H

#include <stdbool.h>
#include <stdio.h>

#include "model/family.h"

/* Everything, and the mappings of the member that process `of` is. */
void json_family(FILE *f, const struct family *family, pid_t of, bool ascii);

/* A row a member, in the order of the family: the process asked for, then by pid. */
void csv_family(FILE *f, const struct family *family, bool ascii);

#endif
