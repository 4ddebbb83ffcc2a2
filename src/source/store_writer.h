/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the store that write share: store_write.c the skeleton, store_groups.c entries and
 * page frames; record.c adds one snapshot to another. */
#ifndef SOURCE_STORE_WRITER_H
#define SOURCE_STORE_WRITER_H

#include <jansson.h>

#include "base/units.h"
#include "source/store.h"
#include "source/store_pack.h"

/* The entries and frames of the snapshot before, of which only the changes are said. */
struct store_memory;
void store_memory_free(struct store_memory *m); /* NULL is fine */

/* The header line. base: the time of the snapshot that the changes are against; NULL: it is whole. */
json_t *store_header_json(const struct snapshot *s, const struct store_what *what,
	enum store_keep keep, const char *base);

/* Pack all lines of a snapshot. before: the snapshot that it follows, with what is remembered of
 * it, NULL: it is written whole. *memory is replaced by what is to be remembered of this one, unless
 * memory is NULL. Returns 0, 1 as store_write(), or -1 with e set; then *memory is as it was. */
int store_pack_snapshot(struct packer *p, const struct snapshot *s, const struct snapshot *before,
	const struct store_what *what, struct store_memory **memory, struct err *e);

/* Likewise its absent pages, then its entries and frames, then the names of what they are of. *pages:
 * how many entries. */
void store_pack_absent(struct packer *p, const struct snapshot *s, const struct entry_reader *r);
int store_pack_pages(struct packer *p, const struct snapshot *s, const char *time,
	const struct store_what *what, const struct store_memory *before,
	struct store_memory *memory, uint64_t *pages, struct err *e);
struct store_memory *store_memory_new(void);

/* Copy a temporary file from its beginning. Errors of `to` are left to be found there. Returns 0, or -1
 * with e set. */
int store_copy(FILE *from, FILE *to, struct err *e);

#endif
