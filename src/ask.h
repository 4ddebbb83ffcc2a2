/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front end for questions that need more than a snapshot of one process. */
#ifndef ASK_H
#define ASK_H

#include "options.h"

/* Each prints the answer in the format asked for, and returns the exit status: EXIT_PARTIAL
 * (print.h) where some of what was asked about could not be looked at, or not all was found. */
int ask_who(const struct options *o);
int ask_family(const struct options *o);

#endif
