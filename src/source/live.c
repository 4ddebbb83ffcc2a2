/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/live.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "source/cgroups.h"
#include "source/freeze.h"
#include "source/kpage.h"
#include "source/mappings.h"
#include "source/objects.h"
#include "source/pace.h"
#include "source/pagemap.h"
#include "source/procfs.h"
#include "source/walk.h"

struct live {
	struct procfs proc;
	struct live_options options;
	struct kernel kernel;
	struct mounts mounts;
	enum engine engine;
	uint64_t start_time;
	int pagemap;      /* of the program that the last scan saw */
	uint64_t start_code, start_stack; /* of that program */
	unsigned program; /* as in struct snapshot_info */
	struct maps maps; /* as read by the last scan */
	const struct walk *walk; /* of the scan that is under way; NULL before its mappings are read */
	const struct proc_stat *stat; /* when that began */
	struct freeze *freeze; /* NULL while it runs */
	uint64_t froze_ns;     /* when that began */
	uint64_t held_ns;      /* how long it took the last time */
	enum standing standing; /* when it was frozen by us */
	struct pace pace; /* of reading entries, from one read to the next */
	struct kpage *kpage; /* NULL until it was asked for */
	struct str cgroup;   /* as it was when the process was opened */
};

static bool same_program(const struct live *l, const struct proc_stat *st)
{
	return st->start_code == l->start_code && st->start_stack == l->start_stack;
}

/* Remember the pagemap of the program that st is of. */
static void keep_pagemap(struct live *l, int fd, const struct proc_stat *st)
{
	if (fd == l->pagemap)
		return;
	if (l->pagemap >= 0) {
		close(l->pagemap);
		l->program++;
	}
	l->pagemap = fd;
	l->start_code = st->start_code;
	l->start_stack = st->start_stack;
}

static int open_target(struct live *l, pid_t pid, struct err *e)
{
	struct proc_stat st;
	struct str text = { 0 };
	int fd;

	if (l->options.kernel)
		l->kernel = *l->options.kernel;
	else if (kernel_probe(&l->kernel, e) < 0)
		return -1;
	if (procfs_open(&l->proc, l->options.proc, pid, e) < 0)
		return -1;
	if (l->options.engine == LIVE_SCAN && !l->kernel.scan)
		return err_set(e,
			"--engine=scan: this kernel (%s) has no PAGEMAP_SCAN (Linux 6.7); use --engine=read",
			l->kernel.release);
	l->engine = l->kernel.scan && l->options.engine != LIVE_READ ? ENGINE_SCAN : ENGINE_READ;
	if (procfs_look(&l->proc, &st, e) < 0)
		return -1;
	fd = procfs_open_map(&l->proc, "pagemap", e);
	if (fd < 0)
		return -1;
	l->start_time = st.start_time;
	keep_pagemap(l, fd, &st);
	if (!procfs_read_alive(&l->proc, "mountinfo", &text))
		mounts_parse(&l->mounts, str_text(&text));
	str_clear(&text);
	if (!procfs_read_alive(&l->proc, "cgroup", &text))
		cgroups_own(&l->cgroup, str_text(&text));
	str_free(&text);
	return 0;
}

struct live *live_open(pid_t pid, const struct live_options *o, struct err *e)
{
	struct live *l = mem_zero(1, sizeof(*l));

	l->options = *o;
	l->pagemap = -1;
	l->proc.dir = -1;
	if (open_target(l, pid, e) < 0) {
		live_close(l);
		return NULL;
	}
	return l;
}

void live_close(struct live *l)
{
	if (!l)
		return;
	live_thaw(l);
	if (l->pagemap >= 0)
		close(l->pagemap);
	procfs_close(&l->proc);
	kpage_close(l->kpage);
	mounts_free(&l->mounts);
	maps_free(&l->maps);
	str_free(&l->cgroup);
	free(l);
}

/* Arguments can take megabytes; this much is kept. */
#define CMDLINE_MOST (64 * 1024)

static enum standing standing(const struct live *l, const struct proc_stat *st)
{
	if (st->state == 'T' || st->state == 't')
		return STANDING_STOPPED;
	return st->state != 'R' && procfs_is_frozen(&l->proc) ? STANDING_FROZEN : STANDING_RUNS;
}

/* What is to be said of a look at the process. */
static void take_note(const struct live *l, struct str *note)
{
	if (l->proc.thread)
		str_addf(note, "the main thread has ended: looked at through thread %d",
			(int)l->proc.thread);
	if (l->freeze && *freeze_note(l->freeze))
		str_addf(note, "%s%s", note->len ? "; " : "", freeze_note(l->freeze));
}

/* The snapshot so far: who and when. comm and cmdline may change with an exec, so they are read
 * anew. */
static struct snapshot_builder *begin_snapshot(
	struct live *l, const struct proc_stat *st, int pagemap)
{
	struct snapshot_builder *b;
	struct str cmdline = { 0 }, note = { 0 };
	const struct kernel *k = &l->kernel;
	struct snapshot_info info;

	procfs_read_alive(&l->proc, "cmdline", &cmdline);
	take_note(l, &note);
	if (cmdline.len > CMDLINE_MOST)
		cmdline.len = CMDLINE_MOST;
	info = (struct snapshot_info){
		.pid = l->proc.pid,
		.start_time = l->start_time,
		.comm = st->comm,
		.cmdline = str_text(&cmdline),
		.cmdline_len = cmdline.len,
		.cgroup = str_text(&l->cgroup),
		.host = k->host,
		.kernel = k->release,
		.boot_id = k->boot_id,
		.page_size = k->page_size,
		.pmd_size = k->pmd_size,
		.swap = k->swap,
		.engine = l->engine,
		.zero_pfn = l->options.no_pfn ? 0 : k->zero_pfn,
		.pfn_withheld = l->options.no_pfn,
		.max_map_count = k->max_map_count,
		.standing = l->freeze ? l->standing : standing(l, st),
		.program = l->program + (pagemap != l->pagemap),
		.note = str_text(&note),
		.complete = true,
		.known = kernel_known(k, l->engine),
	};
	info.known.pfn &= !l->options.no_pfn;
	clock_gettime(CLOCK_REALTIME, &info.time);
	b = snapshot_builder_new(&info);
	str_free(&cmdline);
	str_free(&note);
	return b;
}

/* Hand the runs over to the builder, sharing those that are equal to the ones before. Both
 * snapshots are in order: *at is how far prev was looked at. */
static void keep_runs(struct snapshot_builder *b, const struct snapshot *prev, size_t *at,
	const struct vma *v, struct runs *runs)
{
	const struct vma *old = NULL;

	while (prev && *at < snapshot_vmas(prev)) {
		old = snapshot_vma(prev, *at);
		if (old->start >= v->start)
			break;
		++*at;
	}
	if (old && old->start == v->start && runs_equal(old->runs, runs)) {
		runs_unref(runs);
		runs = runs_ref(old->runs);
	}
	snapshot_builder_add(b, v, runs);
}

/* Whether the memory behind a pagemap descriptor is still used: the descriptor pins the mm, not its
 * contents, and reads as empty after an exec or exit. */
static bool memory_lives(int pagemap)
{
	uint64_t entry;

	return pread(pagemap, &entry, sizeof(entry), 0) == sizeof(entry);
}

static int set_execing(const struct live *l, struct err *e)
{
	err_set(e, "process %d exec'd again and again while it was scanned", (int)l->proc.pid);
	e->code = EAGAIN;
	return -1;
}

/* The pagemap of the program that the process runs now: the one we have, or a new one. That the old
 * memory lives does not suffice: a process that was vforked shares it until it execs. */
static int pagemap_now(struct live *l, struct proc_stat *st, struct err *e)
{
	if (procfs_look(&l->proc, st, e) < 0)
		return -1;
	if (!st->start_code && !st->start_stack)
		return set_execing(l, e);
	if (same_program(l, st) && memory_lives(l->pagemap))
		return l->pagemap;
	return procfs_open_map(&l->proc, "pagemap", e);
}

/* Whether fd is still of the program that st was of. Returns 0, or -1 with e set; code EAGAIN: it
 * has exec'd meanwhile. */
static int check_same(struct live *l, int fd, const struct proc_stat *st, struct err *e)
{
	struct proc_stat now;

	if (procfs_look(&l->proc, &now, e) < 0)
		return -1;
	if (!memory_lives(fd) || now.start_code != st->start_code ||
		now.start_stack != st->start_stack)
		return set_execing(l, e);
	return 0;
}

/* One attempt. Returns NULL with e set; code EAGAIN: the mm went away under the scan. */
static struct snapshot *scan_once(struct live *l, const struct snapshot *prev, struct pace *pace,
	struct err *e)
{
	uint64_t began = units_now_ns(), cpu = units_cpu_ns();
	struct snapshot_builder *b = NULL;
	struct snapshot *s = NULL;
	struct snapshot_info *info;
	const struct maps *m = &l->maps;
	struct proc_stat st;
	struct walk w;
	size_t i, lost, at = 0;
	int fd;

	fd = pagemap_now(l, &st, e);
	if (fd < 0)
		return NULL;
	if (mappings_read(&l->maps, &l->proc, &l->kernel, &l->mounts, pace, &lost, e) < 0)
		goto out;
	/* What it was looked at through has ended, or is in an exec. */
	if (!m->n && !pace->cancelled) {
		set_execing(l, e);
		goto out;
	}
	b = begin_snapshot(l, &st, fd);
	walk_init(&w, &l->kernel, &l->proc, l->engine, &fd, pace, m->vma, m->n);
	l->walk = &w;
	l->stat = &st;
	if (walk_run(&w, e) < 0) {
		struct err why;

		if (check_same(l, fd, &st, &why) < 0)
			*e = why;
		goto out_walk;
	}
	if (pace->cancelled) {
		err_set(e, "the scan was given up");
		e->code = ECANCELED;
		goto out_walk;
	}
	if (check_same(l, fd, &st, e) < 0)
		goto out_walk;
	snapshot_builder_expect(b, m->n);
	for (i = 0; i < m->n; i++)
		keep_runs(b, prev, &at, &m->vma[i], walk_take(&w, i));
	info = snapshot_builder_info(b);
	info->known.swap_kind = w.swap_kind_known;
	info->complete = !lost;
	info->scan_ns = units_now_ns() - began;
	info->scan_cpu_ns = units_cpu_ns() - cpu;
	info->calls = pace->calls;
	info->held_ns = l->freeze ? units_now_ns() - l->froze_ns : 0;
	info->longest_call_ns = pace->longest_ns;
	s = snapshot_builder_finish(b);
	b = NULL;
	keep_pagemap(l, fd, &st);
out_walk:
	l->walk = NULL;
	walk_free(&w);
out:
	if (fd != l->pagemap)
		close(fd);
	snapshot_builder_abandon(b);
	return s;
}

struct snapshot *live_so_far(struct live *l, struct err *e)
{
	struct snapshot_builder *b;
	uint64_t done = 0, all = 0;
	struct snapshot_info *info;
	size_t i;

	if (!l->walk) {
		err_set(e, "nothing is found yet");
		return NULL;
	}
	if (check_same(l, *l->walk->pagemap, l->stat, e) < 0)
		return NULL;
	b = begin_snapshot(l, l->stat, *l->walk->pagemap);
	for (i = 0; i < l->maps.n; i++) {
		const struct vma *v = &l->maps.vma[i];

		snapshot_builder_add(b, v, walk_so_far(l->walk, i));
		all += v->end - v->start;
		if (i < l->walk->at)
			done += v->end - v->start;
	}
	done += l->walk->builder.pages * l->kernel.page_size;
	info = snapshot_builder_info(b);
	info->known.swap_kind &= !l->walk->unproved;
	info->complete = false;
	info->scanning = true;
	info->percent = (unsigned)(done / (all / 100 + 1));
	return snapshot_builder_finish(b);
}

/* How often to begin anew when it execs under the scan. An exec takes a millisecond or so, in which
 * the process has no program, and looks like a stranger's. The pauses double: 127 ms in all. */
#define EXEC_ATTEMPTS 7
#define EXEC_PAUSE_NS 1000000

static bool may_pass(int code)
{
	return code == EAGAIN || code == EACCES || code == EPERM;
}

static struct snapshot *scan(struct live *l, const struct snapshot *prev,
	bool (*between)(void *ctx), void *ctx, struct err *e)
{
	long pause_ns = EXEC_PAUSE_NS;
	struct snapshot *s;
	int attempt;

	for (attempt = 0;; attempt++, pause_ns *= 2) {
		struct pace pace = { .between = between, .ctx = ctx };

		/* Nobody is kept waiting where all stand still, and the pauses would prolong
		 * that. */
		pace.restless = l->freeze && !*freeze_note(l->freeze);
		s = scan_once(l, prev, &pace, e);
		if (s || !may_pass(e->code) || attempt == EXEC_ATTEMPTS || pace.restless)
			return s;
		nanosleep(&(struct timespec){ .tv_nsec = pause_ns }, NULL);
		if (between && !between(ctx)) {
			err_set(e, "the scan was given up");
			e->code = ECANCELED;
			return NULL;
		}
	}
}

/* Another pmview stops it for some milliseconds: not yet a reason to give up. */
#define BUSY_TRIES    20
#define BUSY_PAUSE_NS 5000000

static int freeze(struct live *l, bool (*between)(void *ctx), void *ctx, struct err *e)
{
	struct proc_stat st;
	int i;

	if (procfs_look(&l->proc, &st, e) < 0)
		return -1;
	l->standing = standing(l, &st);
	for (i = 0; i < BUSY_TRIES; i++) {
		l->froze_ns = units_now_ns();
		l->freeze = freeze_start(&l->proc, between, ctx, e);
		if (l->freeze)
			return 0;
		if (e->code != EBUSY)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = BUSY_PAUSE_NS }, NULL);
	}
	return -1;
}

int live_freeze(struct live *l, struct err *e)
{
	return !l->options.freeze || l->freeze ? 0 : freeze(l, NULL, NULL, e);
}

void live_thaw(struct live *l)
{
	if (!l || !l->freeze)
		return;
	freeze_end(l->freeze);
	l->freeze = NULL;
	l->held_ns = units_now_ns() - l->froze_ns;
}

uint64_t live_held_ns(const struct live *l)
{
	return l->held_ns;
}

struct snapshot *live_scan(struct live *l, const struct snapshot *prev, bool (*between)(void *ctx),
	void *ctx, struct err *e)
{
	bool own = l->options.freeze && !l->freeze;
	struct snapshot *s;

	if (own && freeze(l, between, ctx, e) < 0)
		return NULL;
	s = scan(l, prev, between, ctx, e);
	if (own)
		live_thaw(l);
	return s;
}

static ssize_t read_entries(void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e)
{
	struct live *l = ctx;
	ssize_t got = pagemap_read(l->pagemap, &l->kernel, &l->pace, page, n, entries, e), i;

	if (l->options.no_pfn)
		for (i = 0; i < got; i++)
			entries[i] &= ~ENTRY_PFN_MASK;
	return got;
}

static size_t ask_absent(void *ctx, const struct vma *v, uint64_t first, uint64_t n,
	struct absent_run *run, size_t most)
{
	const struct live *l = ctx;

	return objects_absent(&l->proc, l->kernel.page_size, v, first, n, run, most);
}

struct entry_reader live_entries(struct live *l)
{
	return (struct entry_reader){ .read = read_entries, .absent = ask_absent, .ctx = l };
}

struct frame_reader live_frames(struct live *l)
{
	if (l->options.no_pfn)
		return (struct frame_reader){ 0 };
	if (!l->kpage) {
		l->kpage = kpage_open(l->options.proc, &l->kernel);
		kpage_process(l->kpage, &l->proc);
	}
	return kpage_frames(l->kpage);
}

const struct kernel *live_kernel(const struct live *l)
{
	return &l->kernel;
}

bool live_is_same(struct live *l, struct err *e)
{
	struct proc_stat st;

	if (procfs_look(&l->proc, &st, e) < 0)
		return false;
	if (same_program(l, &st) && memory_lives(l->pagemap))
		return true;
	err_set(e, "process %d has exec'd: it is %s now", (int)l->proc.pid, st.comm);
	return false;
}
