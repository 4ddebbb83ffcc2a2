/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the RSS is, the brief and the working set, for programs. Numbers are bytes; null: not known.
 * Errors of the stream are left for the caller to find (ferror()). */
#ifndef OUTPUT_RSS_H
#define OUTPUT_RSS_H

#include <stdbool.h>
#include <stdio.h>

#include "model/brief.h"
#include "model/rss.h"
#include "model/wss.h"

/* ascii: no byte above 0x7e. csv_rss() has a row for each group that has mappings. */
void json_rss(FILE *f, const struct rss *r, bool ascii);
void csv_rss(FILE *f, const struct rss *r);
void json_brief(FILE *f, const struct brief *b, bool ascii);
void json_wss(FILE *f, const struct wss *w, bool ascii);

#endif
