/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keep.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/units.h"
#include "model/checkpoint.h"
#include "print.h"
#include "source/record.h"
#include "source/store.h"

/* Work that takes longer says how far it is, this often. */
#define PATIENCE_NS UINT64_C(2000000000)
#define AGAIN_NS    UINT64_C(200000000)

/* As the interface: no more than 5 % of a core (source/sampler.c). */
#define REST_AFTER(cost_ns) ((cost_ns) * 1000 / 45)

struct keeping {
	struct store_what what;
	struct entry_reader entries;
	struct frame_reader frames;
	struct checkpoint_set set; /* what smaps said, where that is kept */
	struct live *live;
	uint64_t began, told; /* ns */
	int signals;          /* a signalfd(2), or -1 */
	int signal;           /* that came; 0: none */
	bool terminal;        /* progress can be shown */
	bool line;            /* and is, in a line that is not ended */
};

static void see_signals(struct keeping *k)
{
	struct signalfd_siginfo si;

	if (k->signals >= 0 && read(k->signals, &si, sizeof(si)) == sizeof(si))
		k->signal = (int)si.ssi_signo;
}

/* Between the slices of a scan. */
static bool go_on_scanning(void *ctx)
{
	struct keeping *k = ctx;

	see_signals(k);
	return !k->signal;
}

static bool go_on(void *ctx, uint64_t done, uint64_t all)
{
	struct keeping *k = ctx;
	uint64_t now = units_now_ns();
	char left[UNITS_DURATION_LEN];

	see_signals(k);
	if (k->signal)
		return false;
	if (!k->terminal || now - k->began < PATIENCE_NS || now - k->told < AGAIN_NS)
		return true;
	k->told = now;
	k->line = true;
	fprintf(stderr, "\rpmview: %" PRIu64 " %% of its pages saved, about %s to go\033[K",
		all ? done * 100 / all : 0,
		units_duration(left, done ? (now - k->began) / done * (all - done) : 0));
	return true;
}

/* Nothing more is to be read of the process. */
static void let_go(void *ctx)
{
	struct keeping *k = ctx;

	live_thaw(k->live);
}

static void begin(struct keeping *k, const struct options *o, const struct target *t)
{
	enum store_keep keep;

	k->began = units_now_ns();
	k->told = 0;
	k->entries = target_entries(t);
	/* Of a file all that it has, unless less was asked for. */
	keep = t->store && !o->keep_said ? store_keep(t->store) : (enum store_keep)o->keep;
	k->frames = keep == KEEP_FULL ? target_frames(t) : (struct frame_reader){ 0 };
	k->what = (struct store_what){
		.keep = keep,
		.entries = &k->entries,
		.frames = &k->frames,
		.from = t->store,
		.smaps = t->store ? store_smaps(t->store) : k->set.vma,
		.go_on = go_on,
		.read_all = o->freeze && t->live ? let_go : NULL,
		.ctx = k,
	};
}

static void end_line(struct keeping *k)
{
	if (k->line)
		fputs("\r\033[K", stderr);
	k->line = false;
}

/* What was asked for and cannot be had, in one line. Returns 0, or -1 with e set. */
static int check_keep(const struct options *o, const struct target *t, const struct snapshot *s,
	struct err *e)
{
	const struct page_known *known = &snapshot_info(s)->known;

	if (t->store && (int)store_keep(t->store) < o->keep && o->keep_said)
		return err_set(e, "--keep=%s: %s holds no more than --keep=%s",
			store_keep_name((enum store_keep)o->keep), o->target,
			store_keep_name(store_keep(t->store)));
	if (o->keep == KEEP_FULL && o->keep_said && !known->pfn)
		return err_set(e, "--keep=full needs PFNs, which are %s; --keep=entries keeps the rest",
			snapshot_info(s)->pfn_withheld ? "withheld (--no-pfn)"
						       : "hidden (needs CAP_SYS_ADMIN)");
	return 0;
}

/* Say what the file it is from lacks, and what of it was not asked for. Returns the exit status. */
static int say_source(const struct options *o, const struct target *t)
{
	const char *damage = store_damage(t->store);

	if (damage)
		fprintf(stderr, "pmview: %s\n", damage);
	if (store_count(t->store) > 1 && !o->at)
		fprintf(stderr,
			"pmview: %s holds %zu snapshots: the last one is saved (--at takes another, --record=FILE all)\n",
			o->target, store_count(t->store));
	return damage ? EXIT_PARTIAL : EXIT_FINE;
}

int keep_snapshot(const struct options *o, struct target *t)
{
	struct keeping k = { .live = t->live, .signals = -1, .terminal = isatty(STDERR_FILENO) };
	struct err e;
	int r = 0;

	if (!strcmp(o->snapshot, "-") && isatty(STDOUT_FILENO))
		r = err_set(&e, "a snapshot is not for a terminal: redirect it, or name a file");
	if (!r)
		r = check_keep(o, t, t->snapshot, &e);
	if (!r && o->checkpoint && t->live)
		r = print_smaps_read(o, t->snapshot, &k.set, &e);
	if (!r) {
		begin(&k, o, t);
		r = store_write(o->snapshot, t->snapshot, &k.what, o->force, &e);
	}
	end_line(&k);
	live_thaw(t->live);
	checkpoint_set_free(&k.set);
	if (r < 0)
		return trouble(&e);
	if (t->store)
		return say_source(o, t);
	if (r > 0)
		fprintf(stderr,
			"pmview: process %d ended or exec'd while it was saved: what was read before is kept\n",
			(int)snapshot_info(t->snapshot)->pid);
	return r > 0 ? EXIT_PARTIAL : EXIT_FINE;
}

/* --- recording --- */

/* Wait until then. False: a signal has come. */
static bool wait_until(struct keeping *k, uint64_t when)
{
	struct pollfd p = { .fd = k->signals, .events = POLLIN };
	uint64_t now;

	see_signals(k);
	while (!k->signal && (now = units_now_ns()) < when) {
		poll(&p, 1, (int)((when - now) / 1000000 + 1));
		see_signals(k);
	}
	return !k->signal;
}

/* Signals become something to be looked at, so that what is being written is written to its end. */
static int take_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		sigprocmask(SIG_UNBLOCK, &set, NULL);
	return fd;
}

/* What became of one round. */
enum round { ROUND_ADDED, ROUND_NOTHING, ROUND_ENDED, ROUND_FAILED };

/* Scan, and add what was found. */
static enum round add_live(struct keeping *k, const struct options *o, struct target *t,
	struct recorder *recorder, bool *partial, struct err *e)
{
	struct snapshot *s = live_freeze(t->live, e) < 0
		? NULL
		: live_scan(t->live, t->snapshot, go_on_scanning, k, e);
	int r;

	if (!s) {
		live_thaw(t->live);
		/* Between two execs there may be nothing to be seen. */
		return e->code == EAGAIN ? ROUND_NOTHING : e->code == ESRCH ? ROUND_ENDED : ROUND_FAILED;
	}
	snapshot_unref(t->snapshot);
	t->snapshot = s;
	begin(k, o, t);
	r = recorder_add(recorder, s, &k->what, e);
	end_line(k);
	live_thaw(t->live);
	*partial = r > 0;
	return r < 0 ? ROUND_FAILED : ROUND_ADDED;
}

/* Of which process a recording is must be known before: a scan that is not kept. */
static struct recorder *open_for(struct keeping *k, const struct options *o, struct target *t,
	struct err *e)
{
	if (t->live)
		t->snapshot = live_scan(t->live, NULL, go_on_scanning, k, e);
	if (!t->snapshot || check_keep(o, t, t->snapshot, e) < 0)
		return NULL;
	return recorder_open(o->record, t->snapshot, o->force, e);
}

static void say_so_far(
	struct keeping *k, const struct options *o, const struct recorder *r, uint64_t n)
{
	char size[UNITS_SIZE_LEN];

	if (!k->terminal)
		return;
	fprintf(stderr, "\rpmview: %" PRIu64 " snapshot%s added, %s has %s; ^C ends it\033[K", n,
		n == 1 ? "" : "s", o->record, units_size(size, recorder_size(r)));
	k->line = true;
}

/* Take snapshots until the end. *n: how many; *slowest: the longest time from one to the next, in
 * ns. */
static enum round record(struct keeping *k, const struct options *o, struct target *t,
	struct recorder *recorder, uint64_t *n, uint64_t *slowest, struct err *e)
{
	uint64_t next = units_now_ns(), began, cpu, rest;
	enum round round = ROUND_NOTHING;
	bool partial = false;

	while (wait_until(k, next)) {
		began = units_now_ns();
		cpu = units_process_cpu_ns();
		e->code = 0;
		round = add_live(k, o, t, recorder, &partial, e);
		*n += round == ROUND_ADDED;
		if (round > ROUND_NOTHING || partial || (o->count && *n >= o->count))
			break;
		say_so_far(k, o, recorder, *n);
		rest = REST_AFTER(units_process_cpu_ns() - cpu);
		next = began + (uint64_t)(o->interval * 1e9);
		if (next < began + rest)
			next = began + rest;
		*slowest = next - began > *slowest ? next - began : *slowest;
	}
	return partial ? ROUND_ENDED : round;
}

/* Copy all snapshots of a file. */
static enum round copy_all(struct keeping *k, const struct options *o, struct target *t,
	struct recorder *recorder, uint64_t *n, struct err *e)
{
	size_t i;

	for (i = 0; i < store_count(t->store); i++) {
		see_signals(k);
		if (k->signal)
			return ROUND_NOTHING;
		snapshot_unref(t->snapshot);
		t->snapshot = store_read(t->store, i, e);
		if (!t->snapshot)
			return ROUND_FAILED;
		begin(k, o, t);
		if (recorder_add(recorder, t->snapshot, &k->what, e) < 0)
			return ROUND_FAILED;
		++*n;
	}
	return ROUND_ADDED;
}

/* What came of it, for a person. */
static void say_end(const struct keeping *k, const struct options *o, enum round round, uint64_t n,
	uint64_t size, uint64_t slowest)
{
	char text[UNITS_SIZE_LEN], took[UNITS_DURATION_LEN];

	if (!k->terminal)
		return;
	fprintf(stderr, "pmview: %s%" PRIu64 " snapshot%s added; %s has %s\n",
		round == ROUND_ENDED ? "the process has ended; " : "", n, n == 1 ? "" : "s", o->record,
		units_size(text, size));
	if ((double)slowest > o->interval * 1.2e9)
		fprintf(stderr, "pmview: up to %s from one to the next, so as to take no more than 5 %% of a core\n",
			units_duration(took, slowest));
}

int keep_recording(const struct options *o, struct target *t)
{
	struct keeping k = { .live = t->live, .signals = take_signals(), .terminal = isatty(STDERR_FILENO) };
	uint64_t n = 0, slowest = 0, size = 0;
	enum round round = ROUND_FAILED;
	struct err e = { 0 }, close_err;
	struct recorder *recorder = open_for(&k, o, t, &e);
	const char *damage;

	if (recorder) {
		round = t->live ? record(&k, o, t, recorder, &n, &slowest, &e)
				: copy_all(&k, o, t, recorder, &n, &e);
		size = recorder_size(recorder);
	}
	end_line(&k);
	/* What a signal has interrupted is left out; all before that is written. */
	if (round == ROUND_FAILED && k.signal && e.code == ECANCELED)
		round = ROUND_NOTHING;
	if (recorder_close(recorder, &close_err) < 0 && round != ROUND_FAILED) {
		e = close_err;
		round = ROUND_FAILED;
	}
	if (k.signals >= 0)
		close(k.signals);
	if (round == ROUND_ENDED && !n)
		round = ROUND_FAILED; /* e says that it has ended */
	if (round != ROUND_FAILED && !n) {
		err_set(&e, "stopped before the first snapshot was taken: nothing is recorded");
		round = ROUND_FAILED;
	}
	if (n)
		say_end(&k, o, round, n, size, slowest);
	if (round == ROUND_FAILED)
		return trouble(&e);
	damage = t->store ? store_damage(t->store) : NULL;
	if (damage)
		fprintf(stderr, "pmview: %s\n", damage);
	return damage ? EXIT_PARTIAL : k.signal == SIGHUP ? 128 + SIGHUP : EXIT_FINE;
}
