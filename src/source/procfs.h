/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One process in procfs: an open directory, so that a reused pid is never taken for the process.
 *
 * Where its main thread has ended while others run, /proc/PID shows a zombie without memory; what
 * belongs to the memory is then read through /proc/PID/task/TID of a thread that lives. */
#ifndef SOURCE_PROCFS_H
#define SOURCE_PROCFS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct procfs {
	int dir;          /* of /proc/PID */
	pid_t pid;
	pid_t thread;     /* read through this one, as procfs_look() has chosen; 0: the main thread */
	const char *root; /* "/proc", or another procfs; the caller keeps it alive */
};

/* What /proc/PID/stat says (proc(5)). */
struct proc_stat {
	char comm[65];
	char state;          /* R S D Z T ... */
	pid_t ppid;
	bool kernel_thread;
	bool has_memory;     /* not so of a kernel thread, a zombie, and one that is about to be */
	uint64_t start_time; /* clock ticks since boot */
	/* Where its program and its stack begin: an exec sets both to 0, and to others when it is
	 * done. Those who may not know are told 1 and 0 (fs/proc/array.c, do_task_stat()). */
	uint64_t start_code, start_stack;
};

/* Open process pid below root. Returns 0, or -1 with e set: no such process, no permission. */
int procfs_open(struct procfs *p, const char *root, pid_t pid, struct err *e);
void procfs_close(struct procfs *p);
/* Open it and choose a thread (procfs_look()), if it is still the one that began at start_time: else
 * -1 with e set, code ESRCH. */
int procfs_open_same(
	struct procfs *p, const char *root, pid_t pid, uint64_t start_time, struct err *e);

/* Read a whole small file: of the process, through the thread that was chosen (status, cmdline and
 * mountinfo are shown of the living alone), or of root. Returns 0, or -1 with errno. */
int procfs_read_alive(const struct procfs *p, const char *name, struct str *out);
int procfs_read_root(const char *root, const char *name, struct str *out);

/* Whether PIDs of that procfs are those of our system calls: it then knows us by one PID, not by
 * one in its own PID namespace and others further down (proc(5), NSpid). */
bool procfs_pids_are_ours(const char *root);

/* Whether an errno tells that the process has ended. Any other, such as EMFILE, tells nothing of it.
 */
bool procfs_is_end(int code);

/* Returns 0, or -1 with errno: ESRCH when the process is gone. */
int procfs_stat(const struct procfs *p, struct proc_stat *st);
/* Parse the text of a stat file; the name may hold any byte, ')' included. */
bool procfs_parse_stat(const char *text, struct proc_stat *st);

/* A path below p->dir for openat(2) and its like, of the thread that was chosen. */
void procfs_path(const struct procfs *p, const char *name, struct str *path);

/* Look how the process is, and choose the thread to read through (p->thread): the main one if it
 * lives. What *st says of state, memory and exec is of that thread, the rest of the process.
 * Returns 0, or -1 with e set where there is no memory to look at: ended or a zombie (code ESRCH),
 * a kernel thread (EINVAL); or where that cannot be told (any other code). */
int procfs_look(struct procfs *p, struct proc_stat *st, struct err *e);

/* Whether the process has a thread of this id that has not ended. *st is of that thread. */
bool procfs_thread_lives(const struct procfs *p, pid_t thread, struct proc_stat *st);

/* The number behind "Key:" in its status file, in bytes where the line says kB. */
bool procfs_status_value(const struct procfs *p, const char *key, uint64_t *out);

/* Open pagemap, maps or smaps for reading. On failure returns -1 and says in e why this process
 * cannot be looked at and what would help: as procfs_look(), or whose it is, which capabilities. */
int procfs_open_map(struct procfs *p, const char *name, struct err *e);

/* Whether the cgroup freezer holds it, of either version, where cgroups are in their usual place.
 * The kernel shows it nowhere else: such a process sleeps, or waits (D), as far as stat goes. */
bool procfs_is_frozen(const struct procfs *p);

/* The process that a person names by pid or by exact comm below root. Where several have the name
 * and all descend from one of them, it is that one, and *note gets a line about it. Returns the
 * pid, or -1 with e set: none, or several (listed in e). *note is freed by the caller. */
pid_t procfs_find(const char *root, const char *name, char **note, struct err *e);

#endif
