/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a picture of pages is divided: a mapping is a band of rows of cells, aligned to addresses as in
 * the grid. Where there are more mappings than a picture can hold, several that follow each other
 * make one band, their pages one behind the other.
 *
 * Within a band a page has a place: its page number (address / page size), or in a band of several
 * mappings its number from the first one's first page on. */
#ifndef OUTPUT_BANDS_H
#define OUTPUT_BANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/query.h"
#include "model/snapshot.h"

#define BAND_CELLS 64 /* in a row */

/* What is drawn of one mapping, in pages from its start. */
struct part {
	size_t vma;
	uint64_t first, pages;
	uint64_t before;       /* pages of all parts before this one */
};

struct parts {
	const struct snapshot *s;
	struct part *part;
	size_t n;
	struct page_counts counts; /* of all of them */
	uint64_t shared_file;      /* those of the file pages that are of shared memory */
	uint64_t pages;
};

/* The parts of a range, NULL for all. Free with parts_free(). */
struct parts parts_of(const struct snapshot *s, const struct query_range *range);
void parts_free(struct parts *p);

struct band {
	const struct parts *parts;
	size_t from, n;        /* which parts */
	uint64_t begin, end;   /* places */
	unsigned zoom;         /* a cell is 2^zoom pages */
};

/* The band of n parts, with the least zoom at which it has at most `rows` > 1 rows. */
struct band band_of(const struct parts *p, size_t from, size_t n, uint64_t rows);

/* Rows of a band in order: begin with *row = 0 and *folded = 0, until it returns false. *folded: how
 * many rows there are that all say "none" and are drawn as one, 0 for a row of cells. */
struct band_row {
	uint64_t row;          /* the cell at its left is row * BAND_CELLS */
	uint64_t folded;
	uint64_t first, end;   /* places of its pages, of all rows that are folded */
};
bool band_row(const struct band *b, struct band_row *r);

/* Counts of the pages at [first, end); the address of a place, and of the end of the page before
 * one. */
struct page_counts band_counts(const struct band *b, uint64_t first, uint64_t end);
uint64_t band_address(const struct band *b, uint64_t place);
uint64_t band_address_end(const struct band *b, uint64_t place);
/* The mapping of a place. */
const struct vma *band_vma(const struct band *b, uint64_t place);

#endif
