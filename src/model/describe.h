/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot's parts as JSON objects: the same in --list --format=json and in a .pmv file, so that
 * both are written and read in one place. */
#ifndef MODEL_DESCRIBE_H
#define MODEL_DESCRIBE_H

#include <jansson.h>

#include "base/err.h"
#include "model/snapshot.h"

/* A count that is not there: printed as null (also CHECKPOINT_UNKNOWN). */
#define NO_COUNT UINT64_MAX

/* {"none": 1, ...}; a state that could not be known is null. */
json_t *describe_states(const struct snapshot *s, const struct page_counts *c);
/* checkpoint: pages of the checkpoint set, or NO_COUNT. */
json_t *describe_vma(const struct snapshot *s, const struct vma *v, uint64_t checkpoint);
/* The arguments, an array. */
json_t *describe_cmdline(const struct snapshot_info *info);
/* What every text of ours begins with: format, version, process, time, kernel, what is known. */
json_t *describe_header(const struct snapshot *s, const char *format, int version);

/* Read what describe_vma() wrote, but for counts and runs. *name is to be freed by the caller;
 * v->name points to it. Checks that the mapping makes sense. Returns 0, or -1 with e set. */
int describe_parse_vma(
	const json_t *j, uint32_t page_size, struct vma *v, char **name, struct err *e);
int describe_parse_known(const json_t *j, struct page_known *k, struct err *e);

#endif
