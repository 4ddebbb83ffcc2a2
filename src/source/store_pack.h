/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The zstd frames of a .pmv file: lines are packed into them, they are found in a file without
 * unpacking it, and unpacked. RFC 8878 is the format. */
#ifndef SOURCE_STORE_PACK_H
#define SOURCE_STORE_PACK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <zstd.h>

#include "base/err.h"
#include "base/str.h"

/* Writing. The stream's errors are left for the caller to find (ferror()). */
struct packer {
	FILE *f;
	ZSTD_CCtx *zstd;
	struct str lines; /* of the frame being filled */
	size_t apart;     /* bytes of its beginning that are to be read without the rest */
	void *packed;
	size_t packed_size;
	bool failed;      /* zstd did */
};

void packer_init(struct packer *p, FILE *f);
void packer_free(struct packer *p);
/* Add a line: a JSON object, which is taken. Ends the frame where it has become large enough. */
void packer_json(struct packer *p, json_t *j);
/* The line or lines in p->lines that the caller has added are what a reader needs to know whether to
 * read on: they can be unpacked alone. */
void packer_set_apart(struct packer *p);
void packer_end_frame(struct packer *p);

/* Reading. */
struct packed {
	uint64_t at, size; /* bytes: where in the file, and how many */
};

/* The frame that begins at byte `at` of a file of so many bytes. Returns 1; 0: it is no frame of
 * ours but one that every reader skips, or padding; -1: it is damaged, or (*cut) not all there. */
int pack_find(int fd, uint64_t file_size, uint64_t at, struct packed *p, bool *cut);

/* Where the next frame may begin, from `at` on: the end of the file if nowhere. */
uint64_t pack_seek(int fd, uint64_t file_size, uint64_t at);

/* Unpack a frame; of the beginning only, if begin is not 0, as much as the first block holds and at
 * most so many bytes. Returns 0; -1: damaged; -2: it unpacks to more than a frame of a snapshot
 * can. */
int pack_read(int fd, const struct packed *p, size_t begin, ZSTD_DCtx *zstd, struct str *text);

#endif
