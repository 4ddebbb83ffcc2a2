/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that do what a fixture does not: they have threads, which count, end, map and exec. */
#ifndef TARGET_H
#define TARGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define TARGET_THREADS 4
#define TARGET_PAGES   4 /* of `memory`, all written */

/* Shared between the test and the process. */
struct target {
	pid_t pid;
	pid_t thread[TARGET_THREADS + 1];      /* [0] is the main one */
	atomic_ulong turns[TARGET_THREADS + 1]; /* how often each went round */
	atomic_bool end[TARGET_THREADS + 1];   /* tells it to end */
	atomic_int running;                    /* threads that do */
	atomic_ulong sent, signals;            /* signals: sent, and handled */
	void *memory;
	uint64_t bytes;                        /* for bodies that map more */
};

/* Start a process that runs body(t), and wait until `running` is that many. uid: as this user, 0 for
 * no change. It is killed by target_end(), or when the test ends. */
struct target *target_start(void (*body)(struct target *t), int running, uid_t uid);
/* Kill it if it lives, wait for it, forget it. Returns its wait status. */
int target_end(struct target *t);
/* All that are left: a teardown, because a failing test jumps over its own target_end(). */
void target_end_all(void);

/* In a body: start the threads, each of which goes round until it is told to end. */
void target_start_threads(struct target *t);
void target_turn(struct target *t, int i); /* one time round, if there are no threads */

/* Bodies. */
void target_counts(struct target *t);         /* threads that count, the main one waits */
void target_main_ends(struct target *t);      /* the main thread ends, others count */

/* A thread's state in /proc, 0 if it is gone; who traces it, 0 for none. */
char thread_state(pid_t pid, pid_t thread);
pid_t thread_tracer(pid_t pid, pid_t thread);

/* Wait until the condition holds; false after 20 s. */
bool wait_until(bool (*holds)(void *ctx), void *ctx);
/* Whether every thread that was not told to end goes on counting and is neither stopped nor traced:
 * waits for it. */
bool target_runs_on(struct target *t);

#endif
