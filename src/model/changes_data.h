/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changes.c makes, and changes_ask.c answers from. Nobody else includes this. */
#ifndef MODEL_CHANGES_DATA_H
#define MODEL_CHANGES_DATA_H

#include "model/changes.h"

/* Counts up to every so many spans are kept, so that those of any pages cost little. */
#define CHANGES_STRIDE 64

struct change_span {
	uint64_t first;
	uint64_t end : 56, change : 8;
};

/* A row and its pages. */
struct change_pages {
	struct change_row r;
	struct change_span *span;
	size_t n, cap;
	struct change_counts *upto; /* before span i * CHANGES_STRIDE */
};

struct changes {
	struct change_pages **row;
	size_t n, cap;
	size_t *gone; /* indexes of rows */
	size_t n_gone, gone_cap;
	struct change_row sums;
	size_t mappings[VMA_CHANGES];
	const char *no_frames, *no_huge;
	bool in_part;
};

#endif
