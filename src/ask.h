/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front end for questions that need more than a snapshot. Each prints the answer in the format
 * asked for, and returns the exit status. */
#ifndef ASK_H
#define ASK_H

#include "options.h"

/* ask_rss.c */
int ask_rss(const struct options *o);
int ask_brief(const struct options *o); /* of a file too */
int ask_wss(const struct options *o);   /* asks whether to go on, unless it was told --yes */

#endif
