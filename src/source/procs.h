/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of a procfs, which come and go, and which of them share one memory. */
#ifndef SOURCE_PROCS_H
#define SOURCE_PROCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "source/procfs.h"

/* One with memory. */
struct proc_known {
	pid_t pid;
	struct proc_stat stat; /* when it was listed */
	bool ended;            /* since */
	int error;             /* it is there, but could not be looked at: an errno, else 0 */
	bool denied, looked, searched, owns; /* for whoever goes through them */
};

struct procs {
	const char *root;       /* the caller keeps it alive */
	struct proc_known *p;   /* in the order in which they were found */
	size_t n, cap;
	bool tells_shared;      /* kcmp(2) can be asked */
	/* One process (and the thread to ask of) for each memory, in the order of kcmp(2). */
	struct proc_memory {
		pid_t pid, thread;
	} *memory;
	size_t memories, memory_cap;
};

void procs_init(struct procs *ps, const char *root);
void procs_free(struct procs *ps);

/* Add process pid, which is not listed yet. Returns 0, or -1 with e set as by procfs_open() and
 * procfs_look(). */
int procs_add(struct procs *ps, pid_t pid, struct err *e);
/* Add those that are not listed yet; kernel threads and zombies are left out. Of one that could not
 * be looked at nothing is known but its PID and its error: it may be a kernel thread. goes_on (may
 * be NULL) is asked before each, and ends it when false. Returns how many are new, or -1 with e set.
 */
ssize_t procs_list(
	struct procs *ps, bool (*goes_on)(void *ctx), void *ctx, struct err *e);

/* Whether they came from each other by fork(2) without an exec since: their programs and stacks
 * begin at the same places. Who does not show where is nobody's relative, nor its own: one that is
 * in an exec, and one that is hidden from us: we may not ask. */
bool procs_related(const struct proc_known *a, const struct proc_known *b);
bool procs_is_hidden(const struct proc_known *k);

/* Put first process pid, then its relatives. */
void procs_order(struct procs *ps, pid_t pid);

/* Open one that is listed, and look at it. Returns 0, or -1 with e set and it marked: as ended (code
 * ESRCH), or with its error. */
int procs_open(const struct procs *ps, struct proc_known *k, struct procfs *p, struct proc_stat *st,
	struct err *e);

/* The process whose memory p shares, the first of them that was asked about; 0 if p is that or there
 * is none, -1 if it cannot be told. p was looked at (procfs_look()). */
pid_t procs_shares(struct procs *ps, const struct procfs *p);

#endif
