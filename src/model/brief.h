/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process's memory in at most fifteen lines, to paste into a ticket: sums by kind of memory, and
 * what is odd. From a snapshot, and what status says if the process is alive. */
#ifndef MODEL_BRIEF_H
#define MODEL_BRIEF_H

#include <stddef.h>
#include <stdint.h>

#include "model/group.h"
#include "model/report.h"
#include "model/rss.h"
#include "model/snapshot.h"

#define BRIEF_LINES 15

/* What is odd: only what is certain. X(NAME, "name", "one", "several"): in words, said of a number
 * of things. */
#define ODD_LIST(X)                                                                                \
	X(INCOMPLETE, "incomplete", "not all of it could be seen", NULL)                           \
	X(STOPPED, "stopped", "stopped by a signal or a debugger", NULL)                           \
	X(FROZEN, "frozen", "frozen by its cgroup", NULL)                                          \
	X(NOTE, "note", NULL, NULL)                                                                \
	X(MAPPINGS, "mappings", "mappings near max_map_count", NULL)                               \
	X(REPEATED, "repeated",                                                                    \
		"an object is mapped again at other addresses: RSS counts it each time (--rss)",   \
		"objects are mapped again at other addresses: RSS counts them each time (--rss)")  \
	X(SWAPPED, "swapped", "a page is in swap", "pages are in swap")                            \
	X(WRITE_EXEC, "write_exec", "a mapping is writable and executable",                        \
		"mappings are writable and executable")                                            \
	X(DELETED, "deleted", "a deleted library or program is mapped",                            \
		"deleted libraries or programs are mapped")                                        \
	X(MARKERS, "markers", "a userfaultfd or poison marker",                                    \
		"userfaultfd or poison markers")                                                   \
	X(MOVING, "moving", "a page is moving, in a device, or poisoned",                          \
		"pages are moving, in a device, or poisoned")                                      \
	X(UNKNOWN, "unknown", "a page of unknown state", "pages of unknown state")

enum odd_id {
#define X(id, name, one, several) ODD_##id,
	ODD_LIST(X)
#undef X
	ODDS
};
const char *odd_name(enum odd_id o);

struct brief {
	const struct snapshot *snapshot;  /* must stay */
	struct rss_status status;         /* all unknown where it is not alive */
	struct group_sum sum[GROUPS];
	uint64_t odd[ODDS];               /* how many; 0: there is nothing odd about that */
	const struct vma *first[ODDS];    /* the first mapping it is about; NULL: about none */
};

/* status may be NULL: the process is not alive. */
void brief_make(struct brief *b, const struct snapshot *s, const struct rss_status *status);
struct report *brief_report(const struct brief *b, bool exact);

#endif
