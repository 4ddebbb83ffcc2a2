/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what the kernel says of an address space to the runs of each mapping, by either engine. */
#ifndef SOURCE_WALK_H
#define SOURCE_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/snapshot.h"
#include "source/kernel.h"
#include "source/pace.h"
#include "source/procfs.h"
#include "source/scan.h"

struct walk {
	const struct kernel *kernel;
	const struct procfs *proc;
	enum engine engine;
	int *pagemap;
	struct pace *pace;
	unsigned page_shift;
	struct scanner scanner;
	const struct vma *vma;        /* the mappings, in order of addresses; not ours */
	struct runs **runs;           /* one for each, NULL until it is finished */
	size_t n, at;                 /* how many, and which one is being filled */
	struct runs_builder builder;  /* the pages of mapping `at` so far */
	struct page_hints hints;      /* of mapping `at` */
	uint64_t last_categories;     /* of the region before, and their state in mapping `at` */
	enum page_state last_state;
	uint64_t unproved; /* swap-like pages whose kind is hidden, counted as swap for now */
	bool swap_kind_known;
	bool failed;
	struct err err;
};

void walk_init(struct walk *w, const struct kernel *k, const struct procfs *p, enum engine engine,
	int *pagemap, struct pace *pace, const struct vma *vma, size_t n);

/* Fill all runs. Returns 0 (also when cancelled through the pace), or -1 with e set. */
int walk_run(struct walk *w, struct err *e);

/* While walk_run() runs (from pace->between()): the runs of mapping i as far as they were found,
 * the rest unknown. The caller's. */
struct runs *walk_so_far(const struct walk *w, size_t i);

/* The runs of mapping i, which are now the caller's. */
struct runs *walk_take(struct walk *w, size_t i);
void walk_free(struct walk *w);

#endif
