/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The floor: what it costs to know the same with bare system calls, and to keep nothing. */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "bench/target.h"

/* Open and read stat and maps to their ends, open pagemap, and find all present or swapped pages
 * by PAGEMAP_SCAN: in the target's memory in slices and with pauses of the same lengths as
 * pmview's (source/pace.h, source/scan.c), below and above it in one call each. Nothing is parsed
 * and nothing kept. file: ask for FILE too in the target's memory, which cannot be any. False: a
 * call failed, errno says why. */
bool floor_scan(const struct target *t, bool file);

/* Find what is present or swapped in [start, end) of the process whose pagemap that is, and read
 * the entries of it, in the same slices and with the same pauses. */
bool floor_entries(int fd, uint64_t start, uint64_t end);

/* CPU time of the calling thread, user and system, in ms. */
double floor_cpu_ms(void);

#endif
