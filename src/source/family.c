/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/family.h"

#include <dirent.h>
#include <errno.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "source/live.h"
#include "source/procfs.h"

/* A process, as far as its stat goes. */
struct kin {
	pid_t pid, ppid;
	pid_t thread; /* one that lives */
	char comm[65];
	uint64_t start_time;
	uint64_t start_code, start_stack;
	size_t same; /* index of the first with the same memory; its own if it is that */
};

struct search {
	const struct family_query *q;
	struct job_control *c;
	struct kin target;
	dev_t exe_dev;
	ino_t exe_ino;         /* 0: the target's could not be read */
	struct kin *kin;       /* the family: the target first, then by pid */
	size_t n, cap;
	struct kin *hidden;    /* of which it does not show */
	size_t n_hidden, hidden_cap;
	struct live **live;    /* by member */
	size_t lives, lives_cap;
	struct family *f;
	bool pids_are_ours;
};

static bool is_cancelled(const struct search *s)
{
	return s->c && atomic_load(&s->c->cancel);
}

static int set_cancelled(struct err *e)
{
	err_set(e, "looking at the family was given up");
	e->code = ECANCELED;
	return -1;
}

/* --- who ----------------------------------------------------------------------------------- */

/* What the process is, and its executable file; *ino 0 if that may not be known. Returns 0, or -1
 * with e set where there is no memory to look at. */
static int look(const char *proc, pid_t pid, struct kin *k, dev_t *dev, ino_t *ino, struct err *e)
{
	struct procfs p;
	struct proc_stat st;
	struct stat exe;
	int r;

	if (procfs_open(&p, proc, pid, e) < 0)
		return -1;
	r = procfs_look(&p, &st, e);
	*ino = 0;
	if (!r && !fstatat(p.dir, "exe", &exe, 0)) {
		*dev = exe.st_dev;
		*ino = exe.st_ino;
	}
	procfs_close(&p);
	if (r < 0)
		return -1;
	*k = (struct kin){ .pid = pid, .ppid = st.ppid, .thread = p.thread ? p.thread : pid,
		.start_time = st.start_time, .start_code = st.start_code,
		.start_stack = st.start_stack };
	memcpy(k->comm, st.comm, sizeof(k->comm));
	return 0;
}

/* The kernel writes 1 and 0 for who may not know (fs/proc/array.c, do_task_stat()). */
static bool is_hidden(const struct kin *k)
{
	return k->start_code <= 1 && !k->start_stack;
}

static bool same_start(const struct kin *a, const struct kin *b)
{
	return a->start_code == b->start_code && a->start_stack == b->start_stack;
}

static void add_kin(struct search *s, const struct kin *k)
{
	s->kin = mem_grow(s->kin, s->n, &s->cap, sizeof(*s->kin));
	s->kin[s->n++] = *k;
}

static void judge(struct search *s, pid_t pid)
{
	struct err ignored;
	struct kin k;
	dev_t dev = 0;
	ino_t ino;

	if (pid == s->target.pid || look(s->q->proc, pid, &k, &dev, &ino, &ignored) < 0)
		return;
	if (is_hidden(&k)) {
		/* 0 is that of a process in an exec: it is nobody's relative any more. */
		if (!k.start_code)
			return;
		s->hidden = mem_grow(s->hidden, s->n_hidden, &s->hidden_cap, sizeof(*s->hidden));
		s->hidden[s->n_hidden++] = k;
		return;
	}
	if (!same_start(&k, &s->target) ||
		(ino && s->exe_ino && (ino != s->exe_ino || dev != s->exe_dev)))
		return;
	add_kin(s, &k);
}

static int compare_kin(const void *a, const void *b)
{
	const struct kin *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static int find_kin(struct search *s, struct err *e)
{
	struct dirent *d;
	uint64_t pid;
	DIR *dir;

	if (look(s->q->proc, s->q->pid, &s->target, &s->exe_dev, &s->exe_ino, e) < 0)
		return -1;
	/* Why it may not be looked at is said when it is opened. */
	add_kin(s, &s->target);
	if (is_hidden(&s->target))
		return 0;
	dir = opendir(s->q->proc);
	if (!dir)
		return err_errno(e, "cannot open %s", s->q->proc);
	while ((d = readdir(dir)) && !is_cancelled(s))
		if (units_parse_u64(d->d_name, &pid) && pid && pid <= INT32_MAX)
			judge(s, (pid_t)pid);
	closedir(dir);
	qsort(s->kin + 1, s->n - 1, sizeof(*s->kin), compare_kin);
	return is_cancelled(s) ? set_cancelled(e) : 0;
}

/* Of those that do not tell: parents and children of members that have the name of one are named,
 * the others are counted. */
static bool may_belong(const struct search *s, const struct kin *h)
{
	bool related = false, called = false;
	size_t i;

	for (i = 0; i < s->n; i++) {
		related |= s->kin[i].ppid == h->pid || s->kin[i].pid == h->ppid;
		called |= !strcmp(s->kin[i].comm, h->comm);
	}
	for (i = 0; i < s->f->n_unseen; i++)
		related |= s->f->unseen[i].pid == h->ppid;
	return related && called;
}

static void name_hidden(struct search *s)
{
	size_t i, before;

	do {
		before = s->f->n_unseen;
		for (i = 0; i < s->n_hidden; i++) {
			struct kin *h = &s->hidden[i];

			if (!h->pid || !may_belong(s, h))
				continue;
			family_add_unseen(s->f, h->pid, h->comm,
				"may be a relative, but may not be asked (CAP_SYS_PTRACE)");
			h->pid = 0;
		}
	} while (s->f->n_unseen > before);
	s->f->hidden = s->n_hidden - s->f->n_unseen;
}

/* --- who is the same ----------------------------------------------------------------------- */

/* Compare the memory of two processes: 0 if it is the same, 1 or 2 for an order of the kernel's own
 * that holds among all, -1 if it cannot be asked. */
static long compare_memory(const struct search *s, const struct kin *a, const struct kin *b)
{
	return s->pids_are_ours ? syscall(SYS_kcmp, a->thread, b->thread, KCMP_VM, 0, 0) : -1;
}

/* Find those that share their memory with one before, by searching the ordered ones. */
static void find_same(struct search *s)
{
	size_t *ordered = mem_zero(s->n, sizeof(*ordered)), n = 0, i;

	s->f->same_known = true;
	for (i = 0; i < s->n; i++) {
		size_t lo = 0, hi = n;
		long order = -1;

		s->kin[i].same = i;
		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;

			order = compare_memory(s, &s->kin[i], &s->kin[ordered[mid]]);
			if (order <= 0) {
				lo = mid;
				break;
			}
			if (order == 1)
				hi = mid;
			else
				lo = mid + 1;
		}
		if (lo < hi && !order) {
			s->kin[i].same = ordered[lo];
			continue;
		}
		if (lo < hi)
			s->f->same_known = false;
		memmove(&ordered[lo + 1], &ordered[lo], (n - lo) * sizeof(*ordered));
		ordered[lo] = i;
		n++;
	}
	free(ordered);
}

/* --- looking ------------------------------------------------------------------------------- */

static bool scan_goes_on(void *ctx)
{
	return !is_cancelled(ctx);
}

/* Whether it is still the program that was found; a scan takes what it meets. */
static bool is_same_program(const struct search *s, const struct kin *k)
{
	struct err ignored;
	struct kin now;
	dev_t dev;
	ino_t ino;

	return !look(s->q->proc, k->pid, &now, &dev, &ino, &ignored) && same_start(&now, k) &&
		now.start_time == k->start_time;
}

/* Open and scan one. Returns 0; 1 if it was left out, which is noted; or -1 with e set. */
static int add_member(
	struct search *s, const struct kernel *kernel, const struct kin *k, struct err *e)
{
	struct live_options o = { .proc = s->q->proc, .engine = s->q->engine,
		.no_pfn = s->q->no_pfn, .kernel = kernel };
	struct live *l = live_open(k->pid, &o, e);
	struct snapshot *snapshot = l ? live_scan(l, NULL, scan_goes_on, s, e) : NULL;

	if (!snapshot && (e->code == ECANCELED || k->pid == s->target.pid)) {
		live_close(l);
		return -1;
	}
	if (!snapshot || !is_same_program(s, k)) {
		if (snapshot || e->code == ESRCH)
			s->f->ended++;
		else
			family_add_unseen(s->f, k->pid, k->comm, e->text);
		snapshot_unref(snapshot);
		live_close(l);
		return 1;
	}
	s->live = mem_grow(s->live, s->lives, &s->lives_cap, sizeof(*s->live));
	s->live[s->lives++] = l;
	family_add(s->f, snapshot, k->ppid, live_entries(l));
	return 0;
}

/* Where several have one memory, the first stands for them, or the target. Its parent is the one
 * from which the memory was forked: not one of them. */
static pid_t parent_of(const struct search *s, size_t i)
{
	size_t k;

	for (k = 0; k < s->n; k++) {
		size_t j;

		if (s->kin[k].same != i)
			continue;
		for (j = 0; j < s->n; j++)
			if (s->kin[j].same == i && s->kin[j].pid == s->kin[k].ppid)
				break;
		if (j == s->n)
			return s->kin[k].ppid;
	}
	return s->kin[i].ppid;
}

static int look_at_all(struct search *s, const struct kernel *kernel, struct err *e)
{
	size_t i, k;

	for (i = 0; i < s->n; i++) {
		int r;

		if (s->kin[i].same != i)
			continue;
		r = add_member(s, kernel, &s->kin[i], e);
		if (r < 0)
			return -1;
		if (r)
			continue;
		s->f->member[s->f->n - 1].ppid = parent_of(s, i);
		for (k = i + 1; k < s->n; k++)
			if (s->kin[k].same == i)
				family_add_same(s->f, s->f->n - 1, s->kin[k].pid);
	}
	return 0;
}

static bool count_goes_on(void *ctx, uint64_t done, uint64_t all)
{
	struct search *s = ctx;

	if (s->c) {
		atomic_store(&s->c->all, all);
		atomic_store(&s->c->done, done);
	}
	return !is_cancelled(s);
}

static void drop_ended(struct search *s)
{
	size_t i = 0;

	while (i < s->f->n) {
		if (!s->f->member[i].ended) {
			i++;
			continue;
		}
		live_close(s->live[i]);
		s->lives--;
		memmove(&s->live[i], &s->live[i + 1], (s->lives - i) * sizeof(*s->live));
		family_drop(s->f, i);
		s->f->ended++;
	}
}

static bool has_ended(const struct family *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->member[i].ended)
			return true;
	return false;
}

/* Where members end under the count it is begun anew without them; where they keep ending, those of
 * the last time stay, with what was read of them. */
#define COUNT_TRIES 4

static int count(struct search *s, struct err *e)
{
	struct family_watch w = { count_goes_on, s };
	int i;

	for (i = 0; i < COUNT_TRIES; i++) {
		drop_ended(s);
		if (family_find(s->f, s->target.pid) == FAMILY_NONE) {
			err_set(e, "process %d has ended or exec'd while its family was looked at",
				(int)s->target.pid);
			e->code = ESRCH;
			return -1;
		}
		if (family_count(s->f, &w, e) < 0)
			return -1;
		if (!has_ended(s->f))
			break;
	}
	return 0;
}

/* Two files a member, and some for the rest of us. */
static void allow_files(size_t members)
{
	struct rlimit l;
	rlim_t need = members * 2 + 256;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= need)
		return;
	l.rlim_cur = l.rlim_max < need ? l.rlim_max : need;
	setrlimit(RLIMIT_NOFILE, &l);
}

static int read_family(struct search *s, struct err *e)
{
	const struct kernel *kernel = s->q->kernel;
	uint64_t began = units_now_ns();
	struct kernel own;

	if (!kernel && kernel_probe(&own, e) < 0)
		return -1;
	if (find_kin(s, e) < 0)
		return -1;
	s->pids_are_ours = procfs_pids_are_ours(s->q->proc);
	find_same(s);
	name_hidden(s);
	allow_files(s->n);
	if (look_at_all(s, kernel ? kernel : &own, e) < 0 || count(s, e) < 0)
		return -1;
	s->f->took_ns = units_now_ns() - began;
	return 0;
}

struct family *family_read(const struct family_query *q, struct job_control *c, struct err *e)
{
	struct search s = { .q = q, .c = c, .f = family_new() };
	int r = read_family(&s, e);
	size_t i;

	for (i = 0; i < s.lives; i++)
		live_close(s.live[i]);
	for (i = 0; i < s.f->n; i++)
		s.f->member[i].reader = (struct entry_reader){ 0 };
	free(s.live);
	free(s.kin);
	free(s.hidden);
	if (r < 0) {
		family_free(s.f);
		return NULL;
	}
	return s.f;
}
