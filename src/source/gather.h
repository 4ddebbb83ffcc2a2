/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must be asked of a live process for its checkpoint set, beyond a snapshot of it. */
#ifndef SOURCE_GATHER_H
#define SOURCE_GATHER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"
#include "model/checkpoint.h"

/* Read smaps, which stalls the target; and, for a list, ask what the shared objects hold and
 * what a checkpointer would refuse, with the reader of the process's entries. Returns 0 with *c
 * to be freed (checkpoint_set_free()) and in *took_ns how long smaps took, or -1 with e set:
 * smaps could not be read, the process has ended, or given up by cancel (may be NULL;
 * ECANCELED). */
int gather_checkpoint(const char *proc, const struct snapshot *s, const struct entry_reader *reader,
	bool list, const atomic_bool *cancel, struct checkpoint_set *c, uint64_t *took_ns,
	struct err *e);

#endif
