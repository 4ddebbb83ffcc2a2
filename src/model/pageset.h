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
#include "model/frame.h"

struct page_range {
	uint64_t first, pages; /* page numbers: address / page size */
};

/* NEED_ABSENT: also what became of the pages of shared memory whose entries are empty.
 * NEED_FRAMES: also the page frames of those that are present. */
enum { NEED_ENTRIES = 1, NEED_ABSENT = 2, NEED_FRAMES = 4 };

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

/* The path of a memory cgroup by its inode; NULL: not found. */
struct cgroup_name {
	uint64_t inode;
	const char *path;
};
#define PAGESET_CGROUPS 16

/* What was read: of all pages of all ranges, in order. */
struct pageset_content {
	const uint64_t *entries;
	const uint8_t *absent;            /* enum absent; NULL: not asked for */
	const struct frame *frames;       /* NULL: not asked for */
	int frame_error[FRAME_FILES];     /* as in struct frame_reader; of use with frames */
	struct cgroup_name cgroup[PAGESET_CGROUPS]; /* those of the frames ... */
	size_t cgroups;                   /* ... as far as there is room */
	const char *swap_name[SWAPS_MOST]; /* of the swap area with id i + 1; NULL: of no frame */
};

/* serial: which snapshot it was read for (the sampler counts them). got: how many pages of each
 * range were read. Copies what it is given. */
struct pageset *pageset_new(uint64_t serial, struct timespec when, const struct needs *needs,
	const uint64_t got[NEEDS_MAX], const struct pageset_content *content);
struct pageset *pageset_ref(struct pageset *p);
void pageset_unref(struct pageset *p); /* NULL is fine */

uint64_t pageset_serial(const struct pageset *p);
struct timespec pageset_time(const struct pageset *p);
/* The entry of a page; false if it is not in the set (p may be NULL), or not known. */
bool pageset_entry(const struct pageset *p, uint64_t page, uint64_t *entry);
/* Whether the page was asked for, but could not be read. */
bool pageset_missing(const struct pageset *p, uint64_t page);
/* What became of a page of shared memory whose entry is empty; unknown if it is not in the set. */
enum absent pageset_absent(const struct pageset *p, uint64_t page);
/* The frame of a page: NULL if frames were not asked for, or it is not in the set. Lives as long as
 * the set. */
const struct frame *pageset_frame(const struct pageset *p, uint64_t page);
/* Why a file that tells of frames cannot be read: an errno, 0 if it can. */
int pageset_frame_error(const struct pageset *p, enum frame_file f);
/* The path of a memory cgroup; NULL if it was not found, or (*looked is false) not looked for, as the
 * set has as many as it keeps. */
const char *pageset_cgroup(const struct pageset *p, uint64_t inode, bool *looked);
/* The name of a frame's swap area; NULL if it is not proved. */
const char *pageset_swap_name(const struct pageset *p, const struct frame *f);
/* The range that holds the page, which lives as long as the set; false if none does. What is not of
 * the set (begins, ends, folio_most) is left 0. */
bool pageset_window(const struct pageset *p, uint64_t page, struct frame_window *w);

#endif
