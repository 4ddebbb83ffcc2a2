/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/procs.h"

#include <dirent.h>
#include <errno.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"

/* 0: the same memory; 1 and 2: they have an order; -1: it cannot be told. */
static int compare(pid_t a, pid_t b)
{
	return (int)syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0);
}

void procs_init(struct procs *ps, const char *root)
{
	*ps = (struct procs){ .root = root };
	ps->tells_shared = procfs_pids_are_ours(root) && !compare(getpid(), getpid());
}

void procs_free(struct procs *ps)
{
	free(ps->p);
	free(ps->memory);
	*ps = (struct procs){ 0 };
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = ((const struct proc_known *)a)->pid, y = ((const struct proc_known *)b)->pid;

	return x < y ? -1 : x > y;
}

/* Whether procfs_look() says that there is no such process with memory. */
static bool is_none(int code)
{
	return procfs_is_end(code) || code == EINVAL;
}

static void add(struct procs *ps, const struct proc_known *k)
{
	ps->p = mem_grow(ps->p, ps->n, &ps->cap, sizeof(*ps->p));
	ps->p[ps->n++] = *k;
}

int procs_add(struct procs *ps, pid_t pid, struct err *e)
{
	struct proc_known k = { .pid = pid };
	struct procfs p;
	int r;

	if (procfs_open(&p, ps->root, pid, e) < 0)
		return -1;
	r = procfs_look(&p, &k.stat, e);
	procfs_close(&p);
	if (r < 0)
		return -1;
	add(ps, &k);
	return 0;
}

/* Take in process pid, unless it is among the n of `sorted` and was there when it was opened last.
 */
static void take(struct procs *ps, const struct proc_known *sorted, size_t n, pid_t pid)
{
	struct proc_known k = { .pid = pid };
	const struct proc_known *old = n ? bsearch(&k, sorted, n, sizeof(*sorted), by_pid) : NULL;
	struct err e;

	if (old && !old->ended)
		return;
	if (procs_add(ps, pid, &e) < 0) {
		if (!is_none(e.code))
			add(ps, &(struct proc_known){ .pid = pid, .error = e.code });
		return;
	}
	if (old && old->stat.start_time == ps->p[ps->n - 1].stat.start_time)
		ps->n--;
}

ssize_t procs_list(
	struct procs *ps, bool (*goes_on)(void *ctx), void *ctx, struct err *e)
{
	struct proc_known *sorted = ps->n ? mem_dup(ps->p, ps->n * sizeof(*ps->p)) : NULL;
	size_t before = ps->n;
	DIR *dir = opendir(ps->root);
	struct dirent *d;
	uint64_t pid;

	if (sorted)
		qsort(sorted, before, sizeof(*sorted), by_pid);
	while (dir && (d = readdir(dir)) && (!goes_on || goes_on(ctx)))
		if (units_parse_u64(d->d_name, &pid) && pid && pid <= INT32_MAX)
			take(ps, sorted, before, (pid_t)pid);
	free(sorted);
	if (!dir)
		return err_errno(e, "cannot open %s", ps->root);
	closedir(dir);
	return (ssize_t)(ps->n - before);
}

bool procs_is_hidden(const struct proc_known *k)
{
	return (k->stat.start_code == 1 && !k->stat.start_stack) || k->error == EACCES ||
		k->error == EPERM;
}

bool procs_related(const struct proc_known *a, const struct proc_known *b)
{
	return (a->stat.start_code > 1 || a->stat.start_stack) &&
		a->stat.start_code == b->stat.start_code &&
		a->stat.start_stack == b->stat.start_stack;
}

void procs_order(struct procs *ps, pid_t pid)
{
	struct proc_known *all = ps->n ? mem_dup(ps->p, ps->n * sizeof(*ps->p)) : NULL;
	const struct proc_known *first = NULL;
	size_t i, at = 0;
	int turn;

	for (i = 0; i < ps->n && !first; i++)
		if (all[i].pid == pid)
			first = &all[i];
	for (turn = 0; first && turn < 3; turn++) {
		for (i = 0; i < ps->n; i++) {
			int its = &all[i] == first ? 0 : procs_related(&all[i], first) ? 1 : 2;

			if (its == turn)
				ps->p[at++] = all[i];
		}
	}
	free(all);
}

int procs_open(const struct procs *ps, struct proc_known *k, struct procfs *p, struct proc_stat *st,
	struct err *e)
{
	int code = procfs_open(p, ps->root, k->pid, e) < 0 ? e->code : 0;

	if (!code && procfs_look(p, st, e) < 0)
		code = e->code;
	/* Nothing of it was known when it was listed. */
	if (!code && k->error && !k->stat.start_time)
		k->stat = *st;
	if (!code && st->start_time != k->stat.start_time) {
		err_set(e, "process %d has ended, and another one has its PID now", (int)k->pid);
		code = e->code = ESRCH;
	}
	k->ended = is_none(code);
	k->error = k->ended ? 0 : code;
	if (!code)
		return 0;
	e->code = k->ended ? ESRCH : code;
	procfs_close(p);
	return -1;
}

pid_t procs_shares(struct procs *ps, const struct procfs *p)
{
	pid_t thread = p->thread ? p->thread : p->pid;
	size_t lo = 0, hi = ps->memories;
	pid_t none = 0;

	/* Asked about itself, it tells whether it may be asked about. */
	if (!ps->tells_shared || compare(thread, thread))
		return -1;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		struct proc_memory *m = &ps->memory[mid];
		int order = m->pid == p->pid ? 0 : compare(m->thread, thread);

		if (!order)
			return m->pid == p->pid ? 0 : m->pid;
		if (order == 1) {
			lo = mid + 1;
		} else if (order == 2) {
			hi = mid;
		} else {
			/* One of them has ended, or may not be asked about any more: it may have had
			 * the memory of p. The others keep their order. */
			if (compare(thread, thread))
				return -1;
			none = -1;
			memmove(m, m + 1, (ps->memories - mid - 1) * sizeof(*m));
			ps->memories--;
			lo = 0;
			hi = ps->memories;
		}
	}
	ps->memory = mem_grow(ps->memory, ps->memories, &ps->memory_cap, sizeof(*ps->memory));
	memmove(&ps->memory[lo + 1], &ps->memory[lo], (ps->memories - lo) * sizeof(*ps->memory));
	ps->memory[lo] = (struct proc_memory){ p->pid, thread };
	ps->memories++;
	return none;
}
