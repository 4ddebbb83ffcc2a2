/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front end for questions that need more than a snapshot. Each prints the answer in the format
 * asked for, and returns the exit status: EXIT_PARTIAL (print.h) where some of what was asked about
 * could not be looked at, or not all was found. */
#ifndef ASK_H
#define ASK_H

#include "options.h"

/* ask.c: they look at many processes. */
int ask_who(const struct options *o);
int ask_family(const struct options *o);

/* ask_rss.c */
int ask_rss(const struct options *o);
int ask_brief(const struct options *o); /* of a file too */
int ask_wss(const struct options *o);   /* asks whether to go on, unless it was told --yes */

#endif
