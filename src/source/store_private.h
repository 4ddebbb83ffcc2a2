/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the store share: store_index.c finds what is in a file, store_read.c makes
 * snapshots of it, store_pages.c reads entries and frames. */
#ifndef SOURCE_STORE_PRIVATE_H
#define SOURCE_STORE_PRIVATE_H

#include <stdatomic.h>

#include "base/str.h"
#include "base/units.h"
#include "source/store.h"
#include "source/store_pack.h"

/* A header line. The texts of info are its own. */
struct store_header {
	struct snapshot_info info;
	struct str comm, cmdline, cgroup, host, kernel, boot_id, note;
	enum store_keep keep;
	bool counted;                 /* there are totals */
	struct page_counts totals;
	char time[UNITS_TIME_LEN];    /* by which its other lines name it */
	char base[UNITS_TIME_LEN];    /* that of the snapshot that it says the changes against; "" where
	                               * it is whole */
	int frame_error[FRAME_FILES];
};

/* path is for errors. Returns 0, or -1 with e set; store_header_free() is due in both cases. */
int store_header_parse(
	struct store_header *h, const json_t *j, const char *path, struct err *e);
void store_header_free(struct store_header *h);

/* Lines of a snapshot: those of a zstd frame, or bytes [from, to) of what it unpacks to. */
struct store_unit {
	struct packed packed;
	size_t from, to;      /* to 0: all of it */
	uint64_t first, end;  /* of entries: pages [first, end) have theirs there */
	bool whole;           /* and they are of a snapshot that does not say changes */
};

/* A snapshot in the file. */
struct store_level {
	struct store_item item;
	char time[UNITS_TIME_LEN], base[UNITS_TIME_LEN];
	struct store_unit header;
	size_t lines, n_lines;   /* units of the skeleton, in order */
	size_t groups, n_groups; /* units of entries, in order of their pages */
	unsigned depth;          /* snapshots that it depends on */
	bool ended, lost;        /* its end was seen; something before that could not be read */
};

struct store {
	char *path;              /* as it is called in messages */
	int fd;
	uint64_t size;           /* bytes */
	ZSTD_DCtx *zstd;
	struct str text;         /* what was unpacked last */
	struct store_level *level;
	size_t n, cap;
	struct store_unit *lines, *group;
	size_t n_lines, lines_cap, n_groups, groups_cap;
	bool cut, damaged;       /* the file ends in the middle; some of it cannot be read */
	bool left_out;           /* there is a torn snapshot at its end */
	char damage[640];
	bool withhold;           /* PFNs are not given out */
	struct snapshot *last;   /* what was read last: number last_i, as it is in the file */
	size_t last_i;
	struct vma_smaps *smaps; /* of that, by mapping; NULL: not kept */
	bool last_renumbered;    /* its mappings may have other numbers than in the file */
	const atomic_bool *cancel; /* give up reading; may be NULL */
	bool last_lost;          /* it lacks something that was there when it was written */
	struct store_header header; /* of that one */
	struct store_pages *pages;  /* of that one; NULL until entries are read */
};

/* Unpack a unit into s->text; *from and *to bound its lines there. Returns 0, -1 (damaged, which is
 * noted), or -2 (a bomb). */
int store_unpack(struct store *s, const struct store_unit *u, const char **from, const char **to);

/* The level that the changes of level i are against; false if there is none, or it is lost. */
bool store_base(const struct store *s, size_t i, size_t *base);

/* Where the last snapshot ends, or where it begins if its end is missing: whatever is behind that is
 * torn. */
uint64_t store_end(const struct store *s);

/* The lines of a text, one after the other: the next one without its newline. */
bool store_next_line(const char **at, const char *to, const char **line, size_t *len);

/* Give up what is kept of the entries of the snapshot read last. */
void store_pages_free(struct store_pages *p);

/* The pages [first, end) that the entries in a text are about; false if there are none. */
bool store_group_extent(
	const char *from, const char *to, uint32_t page_size, uint64_t *first, uint64_t *end);

#endif
