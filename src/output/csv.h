/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells of CSV (RFC 4180 quoting, but lines end with \n alone). */
#ifndef OUTPUT_CSV_H
#define OUTPUT_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A readable text, in quotes where it needs them. */
void csv_text(FILE *f, const char *s);
/* A comma and a count, or nothing behind it where it is not known. */
void csv_count(FILE *f, bool known, uint64_t n);

#endif
