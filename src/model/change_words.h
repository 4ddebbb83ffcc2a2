/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a comparison found, in words: the same in print and on the screen. */
#ifndef MODEL_CHANGE_WORDS_H
#define MODEL_CHANGE_WORDS_H

#include "base/str.h"
#include "model/changes.h"

/* "faulted in 1,204 (4.7M), swapped out 288 (1.1M)": added to t, which stays as it is if there are
 * no pages. page_size: that of the system, for the sizes; 0: without them. exact: sizes as numbers
 * of bytes. Returns whether anything was added. */
bool change_counts_words(
	struct str *t, const struct change_counts *n, uint32_t page_size, bool exact);

/* The same of a row and its mapping: "grown by 64K, was rw-p, faulted in 12". vma: its mapping. */
void change_row_words(struct str *t, const struct change_row *r, const struct vma *vma,
	uint32_t page_size, bool exact);

/* How many mappings are new, gone and so on: "1 mapping new, 2 gone". */
bool change_mappings_words(struct str *t, const struct changes *c);

/* So many pages more or fewer as a size: "+1.1M", "-88K", "0", and "?" where it is not known. */
#define CHANGE_DELTA_LEN 32
const char *change_delta(char buf[CHANGE_DELTA_LEN], bool known, int64_t pages, uint32_t page_size,
	bool exact);

/* How much later the second time is: "36 s later". */
void change_time_words(struct str *t, struct timespec old, struct timespec new);

#endif
