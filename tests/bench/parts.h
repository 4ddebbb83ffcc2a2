/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is measured. Each part adds its rows and figures to the report. */
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

#include "bench/target.h"

/* cost.c: a scan of the library, against bare system calls */
void cost_of_scan(struct target *t);
void cost_without_file(struct target *t);  /* against asking for FILE everywhere */
void cost_in_memory(struct target *t);     /* bytes of a snapshot */

/* delay.c: what looking does to the target, and what other tools do */
void delay_of_target(struct target *t);

/* screen.c: the program on a terminal, from its start to what it shows */
void screen_first(struct target *t);
void screen_whole(struct target *t);

/* keys.c: from a key to its finished screen, while it scans and while it does not */
void keys_answered(struct target *t);

/* running.c: the program on a terminal for a while; these make targets of their own */
void running_steadily(void);
void running_memory(void);

/* who.c: who maps a page, of processes of its own */
void who_maps(void);

/* keep.c: snapshots in files: the cost of saving one; of made-up memory, sizes and opening */
void keep_cost(struct target *t);
void keep_files(void);

#endif
