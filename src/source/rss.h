/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of a live process to tell where its RSS is (model/rss.h), beyond a snapshot of it. */
#ifndef SOURCE_RSS_H
#define SOURCE_RSS_H

#include "base/err.h"
#include "model/rss.h"
#include "source/job.h"
#include "source/live.h"

/* The numbers of its status file; all unknown where they cannot be read. proc: which procfs. */
void rss_read_status(const char *proc, const struct snapshot *s, struct rss_status *out);

/* Read status, smaps, and the frames of all pages in RAM of the process that l is of; s: the
 * newest snapshot that l has made. Then reckon. smaps cannot be paced: say before what it costs
 * (smaps_warning()). The rest holds the target up no longer than a scan does. c (may be NULL): progress in pages; cancel is looked at about
 * every millisecond, but for what one call of smaps takes. Returns 0 with *r to be freed
 * (rss_free()), or -1 with e set: smaps could not be read, the process has ended or exec'd, or
 * given up (code ECANCELED). */
int rss_gather(const char *proc, struct live *l, const struct snapshot *s, struct job_control *c,
	struct rss *r, struct err *e);

#endif
