/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/family.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "source/live.h"
#include "source/procs.h"

struct kin {
	struct proc_known *p;
	size_t same; /* index of the first with the same memory; its own if it is that */
};

struct search {
	const struct family_query *q;
	struct job_control *c;
	struct procs procs;    /* the target first; denied: hidden, and named */
	struct kin *kin;       /* the family: the target first, then by pid */
	size_t n, cap;
	struct live **live;    /* by member */
	size_t lives, lives_cap;
	struct family *f;
};

static bool is_cancelled(const struct search *s)
{
	return s->c && atomic_load(&s->c->cancel);
}

static bool goes_on(void *ctx)
{
	return !is_cancelled(ctx);
}

static int set_cancelled(struct err *e)
{
	err_set(e, "looking at the family was given up");
	e->code = ECANCELED;
	return -1;
}

/* --- who ----------------------------------------------------------------------------------- */

/* Its executable file; false if that may not be known. */
static bool find_exe(const struct search *s, struct proc_known *k, struct stat *exe)
{
	struct proc_stat ignored;
	struct procfs p;
	struct err e;
	bool known;

	if (procs_open(&s->procs, k, &p, &ignored, &e) < 0)
		return false;
	known = !fstatat(p.dir, "exe", exe, 0);
	procfs_close(&p);
	return known;
}

static void add_kin(struct search *s, struct proc_known *k)
{
	s->kin = mem_grow(s->kin, s->n, &s->cap, sizeof(*s->kin));
	s->kin[s->n++] = (struct kin){ .p = k };
}

static int compare_kin(const void *a, const void *b)
{
	const struct kin *x = a, *y = b;

	return x->p->pid < y->p->pid ? -1 : x->p->pid > y->p->pid;
}

/* Not even whether it is related can be told. */
static void name_failed(struct search *s, const struct proc_known *k)
{
	struct str why = { 0 };

	str_addf(&why, "may be a relative, but could not be looked at (%s)", strerror(k->error));
	family_add_unseen(s->f, k->pid, k->stat.comm, str_text(&why));
	str_free(&why);
}

static int find_kin(struct search *s, struct err *e)
{
	struct proc_known *target;
	struct stat exe, its;
	bool known;
	size_t i;

	if (procs_add(&s->procs, s->q->pid, e) < 0)
		return -1;
	/* Who does not show is nobody's relative; why not is said when it is opened. */
	if (procs_related(s->procs.p, s->procs.p) && procs_list(&s->procs, goes_on, s, e) < 0)
		return -1;
	target = &s->procs.p[0];
	add_kin(s, target);
	known = find_exe(s, target, &exe);
	for (i = 1; i < s->procs.n && !is_cancelled(s); i++) {
		struct proc_known *k = &s->procs.p[i];

		if (k->error && !procs_is_hidden(k))
			name_failed(s, k);
		if (!procs_related(k, target))
			continue;
		if (!known || !find_exe(s, k, &its) ||
			(its.st_ino == exe.st_ino && its.st_dev == exe.st_dev))
			add_kin(s, k);
	}
	qsort(s->kin + 1, s->n - 1, sizeof(*s->kin), compare_kin);
	return is_cancelled(s) ? set_cancelled(e) : 0;
}

/* Of those that do not tell: parents and children of members that have the name of one are named,
 * the others are counted. */
static bool may_belong(const struct search *s, const struct proc_known *h)
{
	bool related = false, called = false;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct proc_known *k = s->kin[i].p;

		related |= k->stat.ppid == h->pid || k->pid == h->stat.ppid;
		called |= !strcmp(k->stat.comm, h->stat.comm);
	}
	for (i = 0; i < s->f->n_unseen; i++)
		related |= s->f->unseen[i].pid == h->stat.ppid;
	return related && called;
}

static void name_hidden(struct search *s)
{
	size_t i, before;

	do {
		before = s->f->n_unseen;
		s->f->hidden = 0;
		for (i = 1; i < s->procs.n; i++) {
			struct proc_known *h = &s->procs.p[i];

			if (!procs_is_hidden(h) || h->denied)
				continue;
			h->denied = may_belong(s, h);
			if (h->denied)
				family_add_unseen(s->f, h->pid, h->stat.comm,
					"may be a relative, but may not be asked (CAP_SYS_PTRACE)");
			else
				s->f->hidden++;
		}
	} while (s->f->n_unseen > before);
}

/* --- who is the same ----------------------------------------------------------------------- */

/* Find those that share their memory with one before. */
static void find_same(struct search *s)
{
	size_t i, k;

	s->f->same_known = true;
	for (i = 0; i < s->n; i++) {
		struct proc_stat ignored;
		struct procfs p;
		struct err e;
		pid_t first;

		s->kin[i].same = i;
		if (procs_open(&s->procs, s->kin[i].p, &p, &ignored, &e) < 0) {
			s->f->same_known &= s->kin[i].p->ended || s->n == 1;
			continue;
		}
		first = procs_shares(&s->procs, &p);
		procfs_close(&p);
		for (k = 0; first > 0 && k < i; k++)
			if (s->kin[k].p->pid == first)
				s->kin[i].same = k;
		/* One alone is no other's. */
		if (first < 0 && s->n > 1)
			s->f->same_known = false;
	}
}

/* --- looking ------------------------------------------------------------------------------- */

/* Whether it is still the program that was found; a scan takes what it meets. Returns 0, or -1 with e
 * set: code ESRCH if it is not. */
static int check_same(const struct search *s, struct proc_known *k, struct err *e)
{
	struct proc_stat now;
	struct procfs p;

	if (!procs_open(&s->procs, k, &p, &now, e)) {
		procfs_close(&p);
		if (now.start_code == k->stat.start_code && now.start_stack == k->stat.start_stack)
			return 0;
		e->code = ESRCH;
	}
	if (e->code == ESRCH) {
		err_set(e, "process %d has ended or exec'd while its family was looked at",
			(int)k->pid);
		e->code = ESRCH;
	}
	return -1;
}

/* Open and scan one. Returns 0; 1 if it was left out, which is noted; or -1 with e set. */
static int add_member(
	struct search *s, const struct kernel *kernel, struct proc_known *k, struct err *e)
{
	struct live_options o = { .proc = s->q->proc, .engine = s->q->engine,
		.no_pfn = s->q->no_pfn, .kernel = kernel };
	struct live *l = live_open(k->pid, &o, e);
	struct snapshot *snapshot = l ? live_scan(l, NULL, goes_on, s, e) : NULL;

	if (!snapshot || check_same(s, k, e) < 0) {
		snapshot_unref(snapshot);
		live_close(l);
		if (e->code == ECANCELED || k->pid == s->q->pid)
			return -1;
		if (e->code == ESRCH)
			s->f->ended++;
		else
			family_add_unseen(s->f, k->pid, k->stat.comm, e->text);
		return 1;
	}
	s->live = mem_grow(s->live, s->lives, &s->lives_cap, sizeof(*s->live));
	s->live[s->lives++] = l;
	family_add(s->f, snapshot, k->stat.ppid, live_entries(l));
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
			if (s->kin[j].same == i && s->kin[j].p->pid == s->kin[k].p->stat.ppid)
				break;
		if (j == s->n)
			return s->kin[k].p->stat.ppid;
	}
	return s->kin[i].p->stat.ppid;
}

static int look_at_all(struct search *s, const struct kernel *kernel, struct err *e)
{
	size_t i, k;

	for (i = 0; i < s->n; i++) {
		int r;

		if (s->kin[i].same != i)
			continue;
		r = add_member(s, kernel, s->kin[i].p, e);
		if (r < 0)
			return -1;
		if (r)
			continue;
		s->f->member[s->f->n - 1].ppid = parent_of(s, i);
		for (k = i + 1; k < s->n; k++)
			if (s->kin[k].same == i)
				family_add_same(s->f, s->f->n - 1, s->kin[k].p->pid);
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
		if (family_find(s->f, s->q->pid) == FAMILY_NONE) {
			err_set(e, "process %d has ended or exec'd while its family was looked at",
				(int)s->q->pid);
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
	size_t i;
	int r;

	procs_init(&s.procs, q->proc);
	r = read_family(&s, e);
	for (i = 0; i < s.lives; i++)
		live_close(s.live[i]);
	for (i = 0; i < s.f->n; i++)
		s.f->member[i].reader = (struct entry_reader){ 0 };
	free(s.live);
	free(s.kin);
	procs_free(&s.procs);
	if (r < 0) {
		family_free(s.f);
		return NULL;
	}
	return s.f;
}
