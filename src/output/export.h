/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list or pages in any format: what the command line prints, and the interface exports. */
#ifndef OUTPUT_EXPORT_H
#define OUTPUT_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "model/checkpoint.h"
#include "model/entries.h"
#include "model/frame.h"
#include "model/snapshot.h"
#include "output/svg.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMAT_SVG };

struct export {
	enum format format;
	const char *pages;                 /* RANGE (model/query.h); NULL: the list of mappings */
	bool exact, ascii;                 /* as in struct list_options */
	const struct checkpoint_set *checkpoint; /* NULL: not asked for */
	const struct entry_reader *entries; /* of the snapshot, for pages; NULL: none can be read */
	const struct frame_reader *frames;  /* likewise; NULL: nothing is to be told of frames */
	const struct svg_style *style;     /* with FORMAT_SVG */
	/* Called now and then with the pages done so far; gives up (ECANCELED) when it returns false.
	 * May be NULL. */
	bool (*go_on)(void *ctx, uint64_t done);
	void *ctx;
};

/* Print it. Returns 1 when all was there, 0 when the process ended in the middle (what could be read
 * was printed), or -1 with e set: a bad range, or reading failed. Errors of the stream are left for
 * the caller to find (ferror()). */
int export_print(FILE *f, const struct snapshot *s, const struct export *x, struct err *e);

#endif
