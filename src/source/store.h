/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots in files: a .pmv is JSON lines in checksummed zstd frames, so that it streams, survives
 * being cut, and is read by zstdcat and jq without us. It holds one snapshot, or a recording: one
 * after another. man/pmview-snapshot.5 says what is in it. */
#ifndef SOURCE_STORE_H
#define SOURCE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"
#include "model/entries.h"
#include "model/frame.h"
#include "model/smaps.h"
#include "model/snapshot.h"

/* How much is kept of a snapshot: X(NAME, "name"). The runs; and the raw entries; and what is told
 * of page frames. */
#define STORE_KEEP_LIST(X) X(SKELETON, "skeleton") X(ENTRIES, "entries") X(FULL, "full")

enum store_keep {
#define X(id, name) KEEP_##id,
	STORE_KEEP_LIST(X)
#undef X
	KEEPS
};
const char *store_keep_name(enum store_keep k);

/* What goes into a file besides the snapshot, and where it comes from. */
struct store;
struct store_what {
	enum store_keep keep;
	const struct entry_reader *entries; /* NULL with KEEP_SKELETON */
	const struct frame_reader *frames;  /* of use with KEEP_FULL */
	struct store *from;                 /* the file that they read; NULL: a live process */
	const struct vma_smaps *smaps;      /* by mapping; NULL: smaps was not read */
	/* Called now and then with the pages done so far and in all; gives up (errno ECANCELED) when
	 * it returns false. May be NULL. */
	bool (*go_on)(void *ctx, uint64_t done, uint64_t all);
	/* Called when nothing more is to be read of the process, before anything is written to where
	 * it may have to wait. May be NULL. */
	void (*read_all)(void *ctx);
	void *ctx;
};

/* Write a snapshot to path, "-" for standard output, mode 0600. what may be NULL: the skeleton.
 * A file that is there is kept, unless it is a .pmv and replace is set. Returns 0, or -1 with e
 * set; then path is as it was before. Returns 1 where the process ended meanwhile: what was read
 * before is kept, and the file says so; but it does not replace another file (-1); and where what
 * it is from is damaged. */
int store_write(const char *path, const struct snapshot *s, const struct store_what *what,
	bool replace, struct err *e);

/* Whether the file at path begins as a snapshot does. */
bool store_is_snapshot(const char *path);

/* struct store: an open file. One thread at a time may use it. */

/* What is known of a snapshot of the file before it is read. */
struct store_item {
	struct timespec time;
	struct page_counts totals; /* in system pages */
	uint32_t page_size;        /* bytes */
	enum store_keep keep;
	bool whole;                /* it was found with its end */
};

/* Open a file, "-" for standard input, and find what is in it, without reading more than that
 * takes. NULL with e set: it cannot be read, or is no snapshot at all. */
struct store *store_open(const char *path, struct err *e);
void store_close(struct store *s); /* NULL is fine */

/* How many snapshots it holds, at least 1, and what is known of number i, from 0. */
size_t store_count(const struct store *s);
const struct store_item *store_item(const struct store *s, size_t i);

/* One line about what is missing where the file is cut or damaged; NULL if nothing was seen to
 * be. */
const char *store_damage(const struct store *s);

/* Have store_read() give up (errno ECANCELED) when that becomes true. */
void store_cancel_by(struct store *s, const atomic_bool *cancel);

/* From now on PFNs, swap types and slots are not given out, as if they had not been told. */
void store_withhold(struct store *s);

/* Which snapshot a person means: a number from 1, negative from the end, or a time, local HH:MM:SS
 * or ISO 8601: the last snapshot that is not later. Returns 0, or -1 with e set. */
int store_find(const struct store *s, const char *at, size_t *i, struct err *e);

/* Read snapshot i, the caller's. What a cut or damaged file lacks is `unknown`, and the snapshot is
 * then marked incomplete. NULL with e set: an impossible one. */
struct snapshot *store_read(struct store *s, size_t i, struct err *e);

/* How much is kept of the snapshot that was read last. */
enum store_keep store_keep(const struct store *s);

/* What smaps said when the snapshot that was read last was saved, by mapping, as far as that is kept:
 * VmFlags and Swap. Lives until the next is read. NULL: it was not read. */
const struct vma_smaps *store_smaps(const struct store *s);

/* Readers of the entries and frames of the snapshot that was read last. Where they were not kept
 * the function that reads them is NULL. What is not in the file is not known. */
struct entry_reader store_entries(struct store *s);
struct frame_reader store_frames(struct store *s);

#endif
