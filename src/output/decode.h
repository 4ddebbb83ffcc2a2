/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A raw pagemap entry, explained without a process. */
#ifndef OUTPUT_DECODE_H
#define OUTPUT_DECODE_H

#include <stdint.h>
#include <stdio.h>

/* Explain the entry in today's layout and in the one before Linux 4.3, where bits 55-60 hold the
 * page shift. */
void text_decode(FILE *f, uint64_t entry);

#endif
