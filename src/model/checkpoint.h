/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checkpoint set: which pages a checkpointer must save for this process, so that it can be
 * restored elsewhere. Agrees page for page with what CRIU 4.2 dumps, uffd markers excepted. */
#ifndef MODEL_CHECKPOINT_H
#define MODEL_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

/* Not to be known: some of the mapping's pages are of an unknown state. */
#define CHECKPOINT_UNKNOWN UINT64_MAX

/* Pages of mapping v that must be saved, or CHECKPOINT_UNKNOWN. droppable: it was made with MAP_DROPPABLE (VmFlags dp).
 * Shared mappings are saved once for each object, not for each process: they count 0. */
uint64_t checkpoint_pages(const struct vma *v, bool droppable);

/* The sum of n such numbers, unknown if one of them is. */
uint64_t checkpoint_sum(const uint64_t *pages, size_t n);

/* Whether a page of mapping v that is in this state belongs to the set. */
bool checkpoint_has(const struct vma *v, enum page_state state, bool droppable);

#endif
