/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The working set: what a process has referenced since its referenced bits were cleared, as smaps
 * tells (Referenced), against what it has in RAM. A value: source/wss.h measures it. */
#ifndef MODEL_WSS_H
#define MODEL_WSS_H

#include <stddef.h>
#include <stdint.h>

#include "model/report.h"
#include "model/group.h"
#include "model/smaps.h"
#include "model/snapshot.h"

/* Seconds to watch for a working set. */
#define WSS_LEAST 0.1
#define WSS_MOST  3600

struct wss {
	struct snapshot *snapshot;    /* of the end */
	struct vma_smaps *smaps;      /* by mapping of it */
	struct smaps_sums sums;
	uint8_t *group;               /* of each mapping */
	uint64_t waited_ns;           /* from clearing to the beginning of reading */
	uint64_t clear_ns, smaps_ns;  /* how long clearing and reading smaps took */
};

/* Referenced and Rss of a group's mappings, in bytes; of `unknown` mappings smaps could not tell,
 * because they had changed by then. */
struct wss_sum {
	size_t mappings, unknown;
	uint64_t referenced, rss;
};
void wss_groups(const struct wss *w, struct wss_sum sum[GROUPS]);

struct report *wss_report(const struct wss *w, bool exact);
void wss_free(struct wss *w);

#endif
