/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who maps a page, for programs: the report (model/owners.h) is for people. */
#ifndef OUTPUT_OWNERS_H
#define OUTPUT_OWNERS_H

#include <stdbool.h>
#include <stdio.h>

#include "model/owners.h"

/* ascii: no byte above 0x7e. */
void json_owners(FILE *f, const struct owners *o, bool ascii);
void csv_owners(FILE *f, const struct owners *o, bool ascii);

#endif
