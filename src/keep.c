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
};

static void see_signals(struct keeping *k)
{
	struct signalfd_siginfo si;

	if (k->signals >= 0 && read(k->signals, &si, sizeof(si)) == sizeof(si))
		k->signal = (int)si.ssi_signo;
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
	k->began = units_now_ns();
	k->told = 0;
	k->entries = target_entries(t);
	k->frames = o->keep == KEEP_FULL ? target_frames(t) : (struct frame_reader){ 0 };
	k->what = (struct store_what){
		.smaps = t->store ? store_smaps(t->store) : k->set.vma,
		.keep = k->entries.read ? (enum store_keep)o->keep : KEEP_SKELETON,
		.entries = &k->entries,
		.frames = &k->frames,
		.go_on = go_on,
		.read_all = o->freeze && t->live ? let_go : NULL,
		.ctx = k,
	};
	if (k->what.keep == KEEP_FULL && !k->frames.read)
		k->what.keep = KEEP_ENTRIES;
}

static void end_progress(const struct keeping *k)
{
	if (k->told)
		fputs("\r\033[K", stderr);
}

/* What was asked for and cannot be had, in one line. Returns 0, or -1 with e set. */
static int check_keep(const struct options *o, const struct target *t, struct err *e)
{
	const struct page_known *known = &snapshot_info(t->snapshot)->known;

	if (t->store && (int)store_keep(t->store) < o->keep && o->keep_said)
		return err_set(e, "--keep=%s: %s holds no more than --keep=%s",
			store_keep_name((enum store_keep)o->keep), o->target, store_keep_name(store_keep(t->store)));
	if (o->keep == KEEP_FULL && !known->pfn)
		return err_set(e, "--keep=full needs PFNs, which are %s; --keep=entries keeps the rest",
			snapshot_info(t->snapshot)->pfn_withheld ? "withheld (--no-pfn)"
								 : "hidden (needs CAP_SYS_ADMIN)");
	return 0;
}

int keep_snapshot(const struct options *o, struct target *t)
{
	struct keeping k = { .live = t->live, .signals = -1, .terminal = isatty(STDERR_FILENO) };
	struct err e;
	int r;

	if (!strcmp(o->snapshot, "-") && isatty(STDOUT_FILENO)) {
		err_set(&e, "a snapshot is not for a terminal: redirect it, or name a file");
		live_thaw(t->live);
		return trouble(&e);
	}
	if (check_keep(o, t, &e) < 0) {
		live_thaw(t->live);
		return trouble(&e);
	}
	if (o->checkpoint && t->live && print_smaps_read(o, t->snapshot, &k.set, &e) < 0) {
		live_thaw(t->live);
		return trouble(&e);
	}
	begin(&k, o, t);
	r = store_write(o->snapshot, t->snapshot, &k.what, o->force, &e);
	end_progress(&k);
	live_thaw(t->live);
	checkpoint_set_free(&k.set);
	if (r < 0)
		return trouble(&e);
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

	while (!k->signal && (now = units_now_ns()) < when) {
		poll(&p, 1, (int)((when - now) / 1000000 + 1));
		see_signals(k);
	}
	return !k->signal;
}

static int take_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Take one snapshot and add it. As recorder_add(), but also 1 where there was no more to be scanned. */
static int add_one(struct keeping *k, const struct options *o, struct target *t,
	struct recorder **recorder, struct err *e)
{
	struct snapshot *s = live_freeze(t->live, e) < 0 ? NULL : live_scan(t->live, t->snapshot, NULL, NULL, e);
	int r;

	if (!s) {
		live_thaw(t->live);
		/* Between two execs there may be nothing to be seen. */
		return e->code == EAGAIN ? 0 : t->snapshot && e->code == ESRCH ? 1 : -1;
	}
	snapshot_unref(t->snapshot);
	t->snapshot = s;
	if (!*recorder) {
		if (check_keep(o, t, e) < 0) {
			live_thaw(t->live);
			return -1;
		}
		*recorder = recorder_open(o->record, s, o->force, e);
	}
	begin(k, o, t);
	r = *recorder ? recorder_add(*recorder, s, &k->what, e) : -1;
	end_progress(k);
	live_thaw(t->live);
	return r;
}

int keep_recording(const struct options *o, struct target *t)
{
	struct keeping k = { .live = t->live, .signals = take_signals(), .terminal = isatty(STDERR_FILENO) };
	uint64_t n = 0, next = units_now_ns(), cpu, size;
	struct recorder *recorder = NULL;
	char text[UNITS_SIZE_LEN];
	struct err e, close_err;
	int r = 0;

	while (!r && wait_until(&k, next)) {
		uint64_t began = units_now_ns();

		cpu = units_process_cpu_ns();
		e.code = 0;
		r = add_one(&k, o, t, &recorder, &e);
		n += r >= 0 && recorder;
		if (o->count && n >= o->count)
			break;
		cpu = units_process_cpu_ns() - cpu;
		next = began + (uint64_t)(o->interval * 1e9);
		if (next < began + REST_AFTER(cpu))
			next = began + REST_AFTER(cpu);
	}
	/* What a signal has interrupted is left out; all before that is written. */
	if (r < 0 && k.signal && e.code == ECANCELED)
		r = 0;
	size = recorder ? recorder_size(recorder) : 0;
	if (recorder_close(recorder, &close_err) < 0 && r >= 0) {
		e = close_err;
		r = -1;
	}
	if (k.signals >= 0)
		close(k.signals);
	if (k.terminal && n)
		fprintf(stderr, "pmview: %" PRIu64 " snapshot%s added; %s has %s\n", n, n == 1 ? "" : "s",
			o->record, units_size(text, size));
	if (r < 0)
		return trouble(&e);
	return k.signal == SIGHUP ? 128 + SIGHUP : EXIT_FINE;
}
