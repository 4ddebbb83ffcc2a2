/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front end for questions that need more than a snapshot. */
#ifndef ASK_H
#define ASK_H

#include "options.h"

/* Each prints the answer in the format asked for, and returns the exit status. */

/* --who. EXIT_PARTIAL: it could not be complete. */
int ask_who(const struct options *o);

#endif
