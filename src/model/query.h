/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to a snapshot: which pages a person means by a RANGE, what a fresh entry of a page
 * says. */
#ifndef MODEL_QUERY_H
#define MODEL_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/pageset.h"
#include "model/snapshot.h"

struct query_range {
	bool all;          /* "all": every page that holds something; the rest is then unused */
	const char *name;  /* a mapping's name, all mappings of that name; NULL for addresses */
	uint64_t start, end; /* addresses, end is the first one behind */
};

/* Parse ADDR, START-END, START+BYTES, a name or "all". Addresses are hexadecimal with or without
 * 0x, sizes as units_parse_size(); what is not an address is a name and must be in the snapshot
 * later. r->name points into text. Returns 0, or -1 with e set. */
int query_parse_range(const char *text, struct query_range *r, struct err *e);

/* Whether mapping v belongs to the range, and which of its pages (from its start): a page belongs
 * when any byte of it does. */
bool query_range_pages(const struct snapshot *s, const struct vma *v, const struct query_range *r,
	uint64_t *first, uint64_t *pages);

/* Returns 0 if anything of the range is mapped, else -1 with e set. */
int query_check_range(const struct snapshot *s, const struct query_range *r, struct err *e);

/* The state of one page of mapping v: by its raw entry, and where that alone cannot tell (hidden
 * PFNs, mappings the kernel does not tell about, ENTRY_UNKNOWN) by the run in which the snapshot
 * found it. */
enum page_state query_state(const struct snapshot *s, const struct vma *v, uint64_t entry,
	enum page_state found);

#endif
