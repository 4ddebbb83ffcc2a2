/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages of one mapping as runs of equal state, with cumulative counts along them: the counts of
 * any range of pages cost two binary searches, whatever the size of the mapping. Pages are numbered
 * from the start of the mapping. Seven bytes a run, and one struct page_counts every RUNS_STRIDE
 * runs. Immutable and reference-counted, because successive snapshots share the arrays that are
 * equal. */
#ifndef MODEL_RUNS_H
#define MODEL_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/page.h"

#define RUNS_STRIDE 256

/* No array of runs holds more pages; no address space has as many (with 4 KiB pages an
 * exbibyte). */
#define RUNS_PAGES_MOST ((UINT64_C(1) << 48) - 1)

struct run {
	uint64_t first, pages; /* in pages from the start of the mapping */
	enum page_state state;
	bool huge;
};

struct runs;

struct runs *runs_ref(struct runs *r);
void runs_unref(struct runs *r); /* NULL is fine */

size_t runs_length(const struct runs *r);
uint64_t runs_pages(const struct runs *r);
struct run runs_at(const struct runs *r, size_t i);

/* Index of the run that holds page, which must be < runs_pages(). O(log runs). */
size_t runs_find(const struct runs *r, uint64_t page);

/* Counts of the pages [first, first + pages), which must lie inside. O(log runs). */
struct page_counts runs_count(const struct runs *r, uint64_t first, uint64_t pages);
struct page_counts runs_total(const struct runs *r);

/* The memory it takes, in bytes. */
size_t runs_bytes(const struct runs *r);

bool runs_equal(const struct runs *a, const struct runs *b);

/* Building: add pages in order; equal neighbours become one run. */
struct runs_builder {
	struct runs *runs; /* grows; its head is filled in at the end */
	size_t n, cap;
	uint64_t pages;
	uint8_t last; /* huge and state of the last run */
};
void runs_builder_add(struct runs_builder *b, uint64_t pages, enum page_state state, bool huge);
/* The same from page `first` on: pages before that were not added hold nothing. */
void runs_builder_put(struct runs_builder *b, uint64_t first, uint64_t pages,
	enum page_state state, bool huge);
/* The runs; the builder is empty again. */
struct runs *runs_builder_finish(struct runs_builder *b);
/* The runs so far; the builder goes on. */
struct runs *runs_builder_peek(const struct runs_builder *b);
void runs_builder_free(struct runs_builder *b);

#endif
