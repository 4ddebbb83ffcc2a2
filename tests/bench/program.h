/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pmview, or pagemon beside it, on a terminal of 160x50, as a user would run them. */
#ifndef BENCH_PROGRAM_H
#define BENCH_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/target.h"
#include "e2e/tui.h"

enum program { PMVIEW, PAGEMON };

bool program_installed(const char *name);

/* Look at the target. NULL: it cannot be started (said on stderr). */
struct tui *program_start(enum program p, const struct target *t);
/* pmview with a file. */
struct tui *program_start_file(const char *path);
void program_end(struct tui *t); /* NULL is fine */

/* Take what it prints for ms milliseconds or so, as a terminal does. */
void program_watch(struct tui *t, int ms);

/* Wait for the first screen: of pmview the list with the target's first mapping, the grid and the
 * footer; of pagemon its map and its footer. False: not within 10 s. */
bool program_wait_first(struct tui *t, enum program p, const struct target *target);
/* Wait until pmview shows all of the target, so that nothing is left to be filled in. */
bool program_wait_whole(struct tui *t, const struct target *target);

/* Wait until it shows a file's first mapping, at 0x7f0000000000, the grid and the footer. */
bool program_wait_file(struct tui *t);

/* CPU time so far, in ms, and the most memory that was resident (VmHWM), in bytes. */
double program_cpu_ms(const struct tui *t);
uint64_t program_memory(const struct tui *t);

#endif
