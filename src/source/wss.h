/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Measuring the working set of a live process. This changes something about it: its referenced
 * bits. Never to be done unless its user asked for just this and was told what it does
 * (wss_warning()). */
#ifndef SOURCE_WSS_H
#define SOURCE_WSS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/wss.h"
#include "source/job.h"
#include "source/live.h"

/* How long clearing will stall the target at most: the kernel locks its address space against
 * everything, page faults too, for all of it (clear_refs_write(), Linux 6.18). */
uint64_t wss_clear_estimate_ns(const struct snapshot *s);

/* The sentence to say before asking: what it changes of the process, and what it costs it. Returns
 * text. */
const char *wss_warning(char *text, size_t size, const struct snapshot *s);

/* Clear the referenced bits of the process that l is of, wait, look at it anew and read smaps. s: the
 * newest snapshot that l has made; proc: which procfs. c (may be NULL): progress in ms, cancel is looked at every
 * 10 ms. Returns 0 with *w to be freed (wss_free()), or -1 with e set: no permission, it has ended
 * or exec'd meanwhile, or given up (code ECANCELED). Only *cleared (may be NULL) tells whether the
 * bits have been cleared. */
int wss_measure(const char *proc, struct live *l, const struct snapshot *s, double seconds,
	struct job_control *c, struct wss *w, atomic_bool *cleared, struct err *e);

#endif
