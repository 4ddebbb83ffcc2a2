/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What test_family.c and test_family_random.c share: made-up entries, and totals. */
#ifndef FAMILY_HELP_H
#define FAMILY_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helpers.h"
#include "model/family.h"

/* The entries of a process, by page number from `first` on; all others are empty. */
struct memory {
	uint64_t first, n, *entry;
	uint64_t moved;      /* what an entry that moves is when read again; 0: it goes on moving */
	uint64_t ends_after; /* reads until nothing more can be read; 0: never */
	uint64_t reads;
};

#define AT 0x10000
#define MOVING_ENTRY (ENTRY_SWAP | 28 | UINT64_C(77) << 5)

static inline ssize_t read_memory(
	void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e)
{
	struct memory *m = ctx;
	uint64_t i;

	(void)e;
	if (m->ends_after && m->reads++ >= m->ends_after)
		return 0;
	for (i = 0; i < n; i++) {
		uint64_t at = page + i - m->first;

		entries[i] = page + i >= m->first && at < m->n ? m->entry[at] : 0;
		if (n == 1 && m->moved && entries[i] == MOVING_ENTRY)
			entries[i] = m->moved;
	}
	return (ssize_t)n;
}

static inline void count(struct family *f)
{
	struct err e;

	assert_int_equal(family_count(f, NULL, &e), 0);
}

static inline void check_totals(
	const struct family *f, uint64_t held, uint64_t distinct, uint64_t lost, uint64_t mixed)
{
	assert_int_equal(f->held, held);
	assert_int_equal(f->distinct, distinct);
	assert_int_equal(f->saved, held - distinct);
	assert_int_equal(f->lost, lost);
	assert_int_equal(f->mixed, mixed);
}

#endif
