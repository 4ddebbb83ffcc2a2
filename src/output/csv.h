/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells of CSV (RFC 4180 quoting, but lines end with \n alone). */
#ifndef OUTPUT_CSV_H
#define OUTPUT_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes from outside, made readable (base/utf8.h), in quotes where they need them. */
void csv_name(FILE *f, const char *s, bool ascii);
/* A comma and a count, or nothing behind it where it is not known. */
void csv_count(FILE *f, bool known, uint64_t n);

#endif
