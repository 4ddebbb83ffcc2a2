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

/* One with memory, when it was listed. */
struct proc_known {
	pid_t pid;
	uint64_t start_time;
	uint64_t start_code, start_stack; /* equal for those that fork() made of one another, since
	                                   * the last exec */
	bool ended;                       /* since */
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

/* Add those that are not listed yet; kernel threads and zombies are left out. goes_on (may be NULL)
 * is asked before each, and ends it when false. Returns how many are new, or -1 with e set. */
ssize_t procs_list(
	struct procs *ps, bool (*goes_on)(void *ctx), void *ctx, struct err *e);

/* Put first process pid, then its relatives: those of the same program, by fork. */
void procs_order(struct procs *ps, pid_t pid);
bool procs_related(const struct proc_known *a, const struct proc_known *b);

/* Open one that is listed, and look at it. Returns 0, or -1 with it marked as ended. */
int procs_open(
	const struct procs *ps, struct proc_known *k, struct procfs *p, struct proc_stat *st);

/* The process, asked about before, whose memory p shares; 0 if there is none, or it cannot be told.
 * p was looked at (procfs_look()). */
pid_t procs_shares(struct procs *ps, const struct procfs *p);

#endif
