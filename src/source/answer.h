/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers what a screen needs: entries and frames, through whatever reads them. */
#ifndef SOURCE_ANSWER_H
#define SOURCE_ANSWER_H

#include "model/entries.h"
#include "model/frame.h"
#include "model/pageset.h"
#include "model/snapshot.h"

/* Read the pages that n names of snapshot s, whose serial goes into the answer. er->read may be
 * NULL: nothing can be read. Frames are in the answer where n asks for them and fr is not NULL.
 * Returns the caller's set; what could not be read is not in it. */
struct pageset *answer_needs(const struct snapshot *s, uint64_t serial, const struct needs *n,
	const struct entry_reader *er, const struct frame_reader *fr);

#endif
