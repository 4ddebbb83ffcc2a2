/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a screen needs beyond the snapshot, and the answer to it: view names the pages, the sampler
 * reads them, view draws from the answer. What is not in it yet is drawn as being read, never as 0.
 */
#ifndef MODEL_PAGESET_H
#define MODEL_PAGESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "model/entries.h"

struct page_range {
	uint64_t first, pages; /* page numbers: address / page size */
};

/* NEED_ABSENT: also what became of the pages of shared memory whose entries are empty. */
enum { NEED_ENTRIES = 1, NEED_ABSENT = 2 };

/* A handful of ranges: a screen shows few. */
#define NEEDS_MAX 8
#define NEEDS_MAX_PAGES 65536
struct needs {
	unsigned kinds; /* NEED_ENTRIES ... */
	size_t n;
	struct page_range range[NEEDS_MAX];
};

/* Add a range; what does not fit any more is left out (and so stays "being read"). */
void needs_add(struct needs *n, unsigned kinds, uint64_t first, uint64_t pages);
bool needs_equal(const struct needs *a, const struct needs *b);

/* Immutable and reference-counted. */
struct pageset;

/* serial: which snapshot it was read for (the sampler counts them). entries: those of all ranges in
 * order, with `got` saying how many of each range were read. absent: an enum absent for each of
 * them, NULL where that was not asked for. Copies what it is given. */
struct pageset *pageset_new(uint64_t serial, struct timespec when, const struct needs *needs,
	const uint64_t got[NEEDS_MAX], const uint64_t *entries, const uint8_t *absent);
struct pageset *pageset_ref(struct pageset *p);
void pageset_unref(struct pageset *p); /* NULL is fine */

uint64_t pageset_serial(const struct pageset *p);
struct timespec pageset_time(const struct pageset *p);
/* The entry of a page; false if it is not in the set (p may be NULL). */
bool pageset_entry(const struct pageset *p, uint64_t page, uint64_t *entry);
/* What became of a page of shared memory whose entry is empty; unknown if it is not in the set. */
enum absent pageset_absent(const struct pageset *p, uint64_t page);

#endif
