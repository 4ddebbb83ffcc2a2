/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front end of --diff: what changed in a process since a snapshot of it was saved. */
#ifndef COMPARE_H
#define COMPARE_H

#include "options.h"

/* Print it. Returns the exit status: EXIT_FINE where nothing has changed, EXIT_DIFFERENT, and before
 * these EXIT_TROUBLE and EXIT_PARTIAL. */
int compare_print(const struct options *o);

#endif
