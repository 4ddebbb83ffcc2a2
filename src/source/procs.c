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

/* Take in process pid, unless it is among the n of `sorted` and was there when it was opened last.
 */
static bool take(struct procs *ps, const struct proc_known *sorted, size_t n, pid_t pid)
{
	struct proc_known k = { .pid = pid };
	const struct proc_known *old = n ? bsearch(&k, sorted, n, sizeof(*sorted), by_pid) : NULL;
	struct proc_stat st;
	struct err ignored;
	struct procfs p;
	bool is_new;

	if ((old && !old->ended) || procfs_open(&p, ps->root, pid, &ignored) < 0)
		return false;
	is_new = !procfs_look(&p, &st, &ignored) && !(old && old->start_time == st.start_time);
	procfs_close(&p);
	if (!is_new)
		return false;
	k.start_time = st.start_time;
	k.start_code = st.start_code;
	k.start_stack = st.start_stack;
	ps->p = mem_grow(ps->p, ps->n, &ps->cap, sizeof(*ps->p));
	ps->p[ps->n++] = k;
	return true;
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

bool procs_related(const struct proc_known *a, const struct proc_known *b)
{
	return a->start_code == b->start_code && a->start_stack == b->start_stack;
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

int procs_open(
	const struct procs *ps, struct proc_known *k, struct procfs *p, struct proc_stat *st)
{
	struct err e;

	if (!procfs_open(p, ps->root, k->pid, &e)) {
		if (!procfs_look(p, st, &e) && st->start_time == k->start_time)
			return 0;
		procfs_close(p);
	}
	k->ended = true;
	return -1;
}

pid_t procs_shares(struct procs *ps, const struct procfs *p)
{
	pid_t thread = p->thread ? p->thread : p->pid;
	size_t lo = 0, hi = ps->memories;

	/* Asked about itself, it tells whether it may be asked about. */
	if (!ps->tells_shared || compare(thread, thread))
		return 0;
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
			/* One of them has ended: if it was that one, the others keep their order. */
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
	return 0;
}
