/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One process in procfs: an open directory, so that a reused pid is never taken for the process. */
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
	const char *root; /* "/proc", or another procfs; the caller keeps it alive */
};

/* What /proc/PID/stat says (proc(5)). */
struct proc_stat {
	char comm[65];
	char state;          /* R S D Z T ... */
	pid_t ppid;
	bool kernel_thread;
	uint64_t start_time; /* clock ticks since boot */
};

/* Open process pid below root. Returns 0, or -1 with e set: no such process, no permission. */
int procfs_open(struct procfs *p, const char *root, pid_t pid, struct err *e);
void procfs_close(struct procfs *p);

/* Read a whole small file of the process, or (procfs_read_root) of root. Returns 0, or -1 with
 * errno. */
int procfs_read(const struct procfs *p, const char *name, struct str *out);
int procfs_read_root(const char *root, const char *name, struct str *out);

/* Returns 0, or -1 with errno: ESRCH when the process is gone. */
int procfs_stat(const struct procfs *p, struct proc_stat *st);
/* Parse the text of a stat file; the name may hold any byte, ')' included. */
bool procfs_parse_stat(const char *text, struct proc_stat *st);

/* The number behind "Key:" in /proc/PID/status, in bytes where the line says kB. */
bool procfs_status_value(const struct procfs *p, const char *key, uint64_t *out);

/* Open pagemap or maps for reading. On failure returns -1 and says in e why this process cannot be
 * looked at and what would help: ended, kernel thread, zombie, whose it is, which capabilities. */
int procfs_open_map(const struct procfs *p, const char *name, struct err *e);

/* The process that a person names by pid or by exact comm below root. Where several have the name
 * and all descend from one of them, it is that one, and *note gets a line about it. Returns the
 * pid, or -1 with e set: none, or several (listed in e). *note is freed by the caller. */
pid_t procfs_find(const char *root, const char *name, char **note, struct err *e);

#endif
