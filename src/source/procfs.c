/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "base/utf8.h"

int procfs_open(struct procfs *p, const char *root, pid_t pid, struct err *e)
{
	char path[32];
	int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*p = (struct procfs){ .dir = -1, .pid = pid, .root = root };
	if (top < 0)
		return err_errno(e, "cannot open %s", root);
	snprintf(path, sizeof(path), "%d", (int)pid);
	p->dir = openat(top, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(top);
	if (p->dir >= 0)
		return 0;
	if (errno == ENOENT) {
		err_set(e, "no process %d in %s (it may have ended; 'ps -e' lists those there are)",
			(int)pid, root);
		e->code = ESRCH;
		return -1;
	}
	return err_errno(e, "cannot open %s/%d", root, (int)pid);
}

void procfs_close(struct procfs *p)
{
	if (p->dir >= 0)
		close(p->dir);
	p->dir = -1;
}

static int read_fd(int fd, struct str *out)
{
	char buf[4096];
	ssize_t n;
	int saved;

	if (fd < 0)
		return -1;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		str_addn(out, buf, (size_t)n);
	saved = errno;
	close(fd);
	errno = saved;
	return n < 0 ? -1 : 0;
}

static int read_file(const struct procfs *p, const char *name, struct str *out)
{
	str_clear(out);
	return read_fd(openat(p->dir, name, O_RDONLY | O_CLOEXEC), out);
}

void procfs_path(const struct procfs *p, const char *name, struct str *path)
{
	str_clear(path);
	if (p->thread)
		str_addf(path, "task/%d/", (int)p->thread);
	str_add(path, name);
}

int procfs_read_alive(const struct procfs *p, const char *name, struct str *out)
{
	struct str path = { 0 };
	int r;

	procfs_path(p, name, &path);
	r = read_file(p, str_text(&path), out);
	str_free(&path);
	return r;
}

int procfs_read_root(const char *root, const char *name, struct str *out)
{
	struct str path = { 0 };
	int r;

	str_clear(out);
	str_addf(&path, "%s/%s", root, name);
	r = read_fd(open(str_text(&path), O_RDONLY | O_CLOEXEC), out);
	str_free(&path);
	return r;
}

bool procfs_pids_are_ours(const char *root)
{
	struct str text = { 0 };
	const char *line = NULL;
	long own = 0;
	char *end;

	if (!procfs_read_root(root, "self/status", &text))
		line = strstr(str_text(&text), "\nNSpid:");
	if (line) {
		own = strtol(line + strlen("\nNSpid:"), &end, 10);
		own = *end == '\n' ? own : 0;
	}
	str_free(&text);
	return own == getpid();
}

/* PF_KTHREAD of include/linux/sched.h, field 9 of stat. */
#define KERNEL_THREAD_FLAG 0x00200000u

bool procfs_parse_stat(const char *text, struct proc_stat *st)
{
	const char *open_paren = strchr(text, '('), *close_paren = strrchr(text, ')');
	uint64_t size = 0;
	unsigned flags;
	int ppid;

	if (!open_paren || !close_paren || close_paren < open_paren)
		return false;
	snprintf(st->comm, sizeof(st->comm), "%.*s", (int)(close_paren - open_paren - 1),
		open_paren + 1);
	st->start_code = st->start_stack = 0;
	/* Fields 3 (state) to 22 (starttime), 23 (vsize), 26 (startcode) and 28 (startstack). */
	if (sscanf(close_paren + 1,
		    " %c %d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %" SCNu64
		    " %" SCNu64 " %*d %*u %" SCNu64 " %*u %" SCNu64,
		    &st->state, &ppid, &flags, &st->start_time, &size, &st->start_code,
		    &st->start_stack) < 4)
		return false;
	st->ppid = ppid;
	st->kernel_thread = flags & KERNEL_THREAD_FLAG;
	st->has_memory = size && !st->kernel_thread;
	return true;
}

static int read_stat(const struct procfs *p, const char *name, struct proc_stat *st)
{
	struct str text = { 0 };
	int r = read_file(p, name, &text);

	if (r < 0 && errno == ENOENT)
		errno = ESRCH;
	if (!r && !procfs_parse_stat(str_text(&text), st)) {
		errno = EPROTO;
		r = -1;
	}
	str_free(&text);
	return r;
}

int procfs_stat(const struct procfs *p, struct proc_stat *st)
{
	return read_stat(p, "stat", st);
}

bool procfs_status_value(const struct procfs *p, const char *key, uint64_t *out)
{
	struct str text = { 0 };
	size_t len = strlen(key);
	bool found = false;
	char *line, *rest;

	if (procfs_read_alive(p, "status", &text) < 0) {
		str_free(&text);
		return false;
	}
	for (line = text.s; line && *line; line = rest) {
		rest = strchrnul(line, '\n');
		if (*rest)
			*rest++ = '\0';
		if (strncmp(line, key, len) != 0 || line[len] != ':')
			continue;
		*out = strtoull(line + len + 1, NULL, 10);
		if (strstr(line, " kB"))
			*out *= 1024;
		found = true;
		break;
	}
	str_free(&text);
	return found;
}

/* Why pagemap or maps of a process that is there cannot be opened. */
static int explain_denied(
	const struct procfs *p, const struct proc_stat *st, int code, struct err *e)
{
	if (code != EACCES && code != EPERM) {
		errno = code;
		return err_errno(
			e, "cannot read the memory map of process %d (%s)", (int)p->pid, st->comm);
	}
	if (!geteuid())
		err_set(e,
			"no permission to look at process %d (%s), not even for root here: it takes CAP_SYS_PTRACE and "
			"CAP_DAC_READ_SEARCH, and no security module or outer container against it",
			(int)p->pid, st->comm);
	else
		err_set(e,
			"no permission to look at process %d (%s): it is another user's or has made itself "
			"undumpable; use sudo (CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH would do)",
			(int)p->pid, st->comm);
	e->code = code;
	return -1;
}

bool procfs_thread_lives(const struct procfs *p, pid_t thread, struct proc_stat *st)
{
	char path[64];

	snprintf(path, sizeof(path), "task/%d/stat", (int)thread);
	return !read_stat(p, path, st) && st->has_memory;
}

bool procfs_is_end(int code)
{
	return code == ESRCH || code == ENOENT;
}

/* A thread of the process that has not ended; 0: there is none, -1 with errno: not known. */
static pid_t living_thread(const struct procfs *p, struct proc_stat *st)
{
	int fd = openat(p->dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC), code = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	pid_t found = 0;

	if (!dir) {
		code = errno;
		if (fd >= 0)
			close(fd);
		errno = code;
		return procfs_is_end(code) ? 0 : -1;
	}
	while (!found && (d = readdir(dir))) {
		pid_t thread = (pid_t)atoi(d->d_name);

		errno = 0;
		if (thread > 0 && procfs_thread_lives(p, thread, st))
			found = thread;
		else if (errno && !procfs_is_end(errno))
			code = errno;
	}
	closedir(dir);
	errno = code;
	return found || !code ? found : -1;
}

static int set_ended(const struct procfs *p, struct err *e)
{
	struct procfs other;
	bool reused = !procfs_open(&other, p->root, p->pid, e);

	if (reused)
		procfs_close(&other);
	err_set(e, "process %d has ended%s", (int)p->pid,
		reused ? ", and another one has its PID now" : "");
	e->code = ESRCH;
	return -1;
}

/* Why its stat cannot be read, by errno: it has ended, most often. */
static int set_lost(const struct procfs *p, struct err *e)
{
	if (procfs_is_end(errno))
		return set_ended(p, e);
	return err_errno(e, "cannot look at process %d", (int)p->pid);
}

int procfs_look(struct procfs *p, struct proc_stat *st, struct err *e)
{
	struct proc_stat thread;

	if (procfs_stat(p, st) < 0)
		return set_lost(p, e);
	if (st->kernel_thread) {
		err_set(e,
			"process %d (%s) is a kernel thread: it has no memory of its own to show",
			(int)p->pid, st->comm);
		e->code = EINVAL;
		return -1;
	}
	if (st->has_memory) {
		p->thread = 0;
		return 0;
	}
	if (!p->thread || !procfs_thread_lives(p, p->thread, &thread))
		p->thread = living_thread(p, &thread);
	if (p->thread < 0) {
		p->thread = 0;
		return set_lost(p, e);
	}
	if (p->thread) {
		st->state = thread.state;
		st->has_memory = true;
		st->start_code = thread.start_code;
		st->start_stack = thread.start_stack;
		return 0;
	}
	err_set(e, "process %d (%s) has ended%s", (int)p->pid, st->comm,
		st->state == 'Z' ? " and is a zombie: its memory is gone" : "");
	e->code = ESRCH;
	return -1;
}

/* A thread may end, or the process exec, between looking and opening. */
#define OPEN_TRIES 3

int procfs_open_map(struct procfs *p, const char *name, struct err *e)
{
	struct str path = { 0 };
	struct proc_stat st;
	int fd = -1, code = 0, i;

	for (i = 0; fd < 0 && i < OPEN_TRIES; i++) {
		if (procfs_look(p, &st, e) < 0)
			break;
		procfs_path(p, name, &path);
		fd = openat(p->dir, str_text(&path), O_RDONLY | O_CLOEXEC);
		code = errno;
	}
	str_free(&path);
	return fd < 0 && i == OPEN_TRIES ? explain_denied(p, &st, code, e) : fd;
}

/* Where systemd and its like mount them. */
static const struct {
	const char *hierarchy, *mount, *file, *frozen;
} freezers[] = {
	{ "0::", "/sys/fs/cgroup", "cgroup.events", "frozen 1" },
	{ "0::", "/sys/fs/cgroup/unified", "cgroup.events", "frozen 1" },
	{ ":freezer:", "/sys/fs/cgroup/freezer", "freezer.state", "FROZEN" },
};

/* Whether the cgroup of a line of /proc/PID/cgroup, "0::/a" or "7:freezer:/a", is frozen. */
static bool line_is_frozen(const char *line)
{
	struct str name = { 0 }, text = { 0 };
	const char *path = strchr(line, '/');
	bool frozen = false;
	size_t i;

	/* The root of a hierarchy cannot be frozen. */
	for (i = 0; path && path[1] && !frozen && i < sizeof(freezers) / sizeof(*freezers); i++) {
		const char *mark = strstr(line, freezers[i].hierarchy);

		if (!mark || mark > path)
			continue;
		str_clear(&name);
		str_addf(&name, "%s/%s", path, freezers[i].file);
		frozen = !procfs_read_root(freezers[i].mount, str_text(&name) + 1, &text) &&
			strstr(str_text(&text), freezers[i].frozen);
	}
	str_free(&name);
	str_free(&text);
	return frozen;
}

bool procfs_is_frozen(const struct procfs *p)
{
	struct str text = { 0 };
	bool frozen = false;
	char *line, *rest;

	if (!procfs_read_alive(p, "cgroup", &text)) {
		for (line = text.s; line && *line && !frozen; line = rest) {
			rest = strchrnul(line, '\n');
			if (*rest)
				*rest++ = '\0';
			frozen = line_is_frozen(line);
		}
	}
	str_free(&text);
	return frozen;
}

/* Whether `at` is the process `from` or descends from it. */
static bool descends(const char *root, pid_t at, pid_t from)
{
	int depth;

	for (depth = 0; depth < 64 && at > 0; depth++) {
		struct procfs p;
		struct proc_stat st;
		struct err ignored;

		if (at == from)
			return true;
		if (procfs_open(&p, root, at, &ignored) < 0)
			return false;
		at = procfs_stat(&p, &st) < 0 ? 0 : st.ppid;
		procfs_close(&p);
	}
	return false;
}

pid_t procfs_find(const char *root, const char *name, char **note, struct err *e)
{
	pid_t *found = NULL, pid = -1;
	size_t n = 0, cap = 0, i, j;
	struct str list = { 0 };
	struct dirent *d;
	uint64_t number;
	DIR *dir;

	*note = NULL;
	if (*name && !name[strspn(name, "0123456789")]) {
		if (!units_parse_u64(name, &number) || !number || number > INT32_MAX)
			return err_set(e, "%s is not a process id", name);
		return (pid_t)number;
	}
	dir = opendir(root);
	if (!dir)
		return err_errno(e, "cannot open %s", root);
	while ((d = readdir(dir))) {
		struct procfs p;
		struct proc_stat st;
		struct err ignored;

		if (!units_parse_u64(d->d_name, &number) || number > INT32_MAX ||
			((pid_t)number == getpid() && !strcmp(root, "/proc")) ||
			procfs_open(&p, root, (pid_t)number, &ignored) < 0)
			continue;
		if (!procfs_stat(&p, &st) && !strcmp(st.comm, name)) {
			found = mem_grow(found, n, &cap, sizeof(*found));
			found[n++] = (pid_t)number;
		}
		procfs_close(&p);
	}
	closedir(dir);
	for (i = 0; i < n && pid < 0; i++) {
		for (j = 0; j < n && descends(root, found[j], found[i]); j++)
			;
		if (j == n)
			pid = found[i];
	}
	for (i = 0; i < n; i++)
		str_addf(&list, "%s%d", i ? " " : "", (int)found[i]);
	if (!n)
		err_set(e, "no process is called '%s' (names are exact; a PID will do too)",
			name);
	else if (pid < 0)
		err_set(e, "%zu processes are called '%s': %s; give one of these PIDs", n, name,
			str_text(&list));
	else if (n > 1) {
		struct str line = { 0 };

		str_addf(&line,
			"%zu processes are called '%s'; showing %d, from which the others descend",
			n, name, (int)pid);
		*note = str_take(&line);
	}
	str_free(&list);
	free(found);
	return pid;
}

int procfs_open_same(
	struct procfs *p, const char *root, pid_t pid, uint64_t start_time, struct err *e)
{
	struct proc_stat st;

	if (procfs_open(p, root, pid, e) < 0)
		return -1;
	if (procfs_look(p, &st, e) == 0) {
		if (st.start_time == start_time)
			return 0;
		set_ended(p, e);
	}
	procfs_close(p);
	return -1;
}
