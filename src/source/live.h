/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A live process as a source of snapshots and entries. One thread at a time may use a struct live.
 */
#ifndef SOURCE_LIVE_H
#define SOURCE_LIVE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "model/entries.h"
#include "model/frame.h"
#include "model/snapshot.h"
#include "source/kernel.h"

struct live_options {
	const char *proc;                             /* which procfs, such as "/proc" */
	enum { LIVE_AUTO, LIVE_SCAN, LIVE_READ } engine;
	bool freeze; /* stop the process while it is scanned (source/freeze.h) */
	bool no_pfn; /* do not give out PFNs, swap types and slots */
	const struct kernel *kernel; /* what was found out before (kernel_probe()); NULL: find out */
};

struct live;

/* Open process pid. The options' texts must live as long as the result. NULL with e set: no such
 * process, kernel thread, zombie, no permission, or an engine that this kernel does not have. */
struct live *live_open(pid_t pid, const struct live_options *o, struct err *e);
void live_close(struct live *l); /* NULL is fine */

/* Look at the whole address space. prev (may be NULL): the snapshot before, whose run arrays are
 * shared where they are equal. between (may be NULL) is called every 0.2 ms or so and gives up when
 * it returns false. Nothing is kept locked in the target for longer than about 0.5 ms
 * (source/pace.h). Returns NULL with e set; code ESRCH: the process has ended, ECANCELED: between()
 * gave up, EAGAIN: it exec'd again and again meanwhile. */
struct snapshot *live_scan(struct live *l, const struct snapshot *prev, bool (*between)(void *ctx),
	void *ctx, struct err *e);

/* To be called from between(): what the scan has found so far, as a snapshot that is not complete
 * and whose other pages are unknown. NULL with e set: not even the mappings are read. */
struct snapshot *live_so_far(struct live *l, struct err *e);

/* With options.freeze, live_scan() stops the process and lets it run on when it returns, unless it
 * was stopped before by live_freeze(), and so is until live_thaw(). Without, these do nothing.
 * Nothing that may wait for long, such as printing, may be done in between. live_freeze() returns
 * 0, or -1 with e set as freeze_start() says. */
int live_freeze(struct live *l, struct err *e);
void live_thaw(struct live *l); /* NULL is fine */
/* How long the process was stopped the last time, in ns. */
uint64_t live_held_ns(const struct live *l);

/* Reads entries of the process as it is now, of the program that the last live_scan() saw: none
 * after an exec; and asks the objects behind its shared memory (source/objects.h). */
struct entry_reader live_entries(struct live *l);

/* Reads what is told of page frames, through files that are opened the first time; with
 * options.no_pfn it can read nothing. */
struct frame_reader live_frames(struct live *l);

const struct kernel *live_kernel(const struct live *l);

/* Whether the process still runs the program that the last live_scan() saw; else e says what became
 * of it. */
bool live_is_same(struct live *l, struct err *e);

#endif
