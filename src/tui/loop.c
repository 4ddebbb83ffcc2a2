/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "base/utf8.h"
#include "source/sampler.h"
#include "source/store.h"
#include "tui/compare.h"
#include "tui/lenses.h"
#include "tui/questions.h"
#include "tui/recording.h"
#include "tui/saving.h"
#include "tui/times.h"
#include "view/panes.h"
#include "view/state.h"

/* How long to wait for the first snapshot before a screen without one is drawn. */
#define FIRST_WAIT_MS 100

struct loop {
	struct terminal *term;
	struct live *live;       /* what is looked at; NULL for a file */
	struct live_options live_options; /* how to open another one */
	struct kernel kernel;
	struct sampler *sampler; /* NULL for a file */
	struct questions questions;
	struct place {
		pid_t pid;
		uint64_t address;
	} *left;                 /* what was looked at before going elsewhere; the latest is last */
	size_t lefts, lefts_cap;
	char process[32];
	struct saving saving;
	const char *theme;       /* its user's; NULL: by the terminal */
	bool ascii;              /* as its user said */
	struct times times;      /* what is looked at, and what was before ... */
	struct snapshot *snapshot; /* ... and of that what is shown */
	struct recording *recording; /* NULL: nothing is recorded */
	struct lenses lenses;
	struct compare compare;
	struct scene scene;
	struct view view;
	struct cells cells;
	char ended[64];
	double interval;         /* seconds between scans, as asked for */
	int status;              /* to exit with; -1 while it runs */
};

static void settle(struct loop *l)
{
	struct layout layout = view_layout(&l->scene, l->cells.w, l->cells.h);
	struct needs needs;

	compare_tell(&l->compare, l->snapshot, &l->view, &l->scene);
	view_settle(&l->view, &l->scene, &layout);
	lenses_tell(&l->lenses, &l->view, &l->scene);
	needs = view_needs(&l->view, &l->scene);
	if (l->sampler)
		sampler_need(l->sampler, &needs);
	else
		times_need(&l->times, &needs);
}

/* The scene is of what the times show, and so is all else in it: more keys may be waiting. */
static void tell_times(struct loop *l)
{
	times_tell(&l->times, &l->scene);
	if (l->snapshot == l->times.shown && l->compare.last == l->times.before)
		return;
	compare_before(&l->compare, l->times.before);
	l->snapshot = l->times.shown;
	compare_tell(&l->compare, l->snapshot, &l->view, &l->scene);
	lenses_tell(&l->lenses, &l->view, &l->scene);
}

/* Begin to record, or stop. */
static void toggle_recording(struct loop *l)
{
	struct view *v = &l->view;
	struct err e;

	if (l->recording) {
		recording_stop(l->recording);
		return;
	}
	/* It may have ended while the name was typed. */
	if (l->scene.ended || !strcmp(v->prompt, "-")) {
		snprintf(v->message, sizeof(v->message), "%s",
			l->scene.ended ? "the process has ended: there is nothing to record"
				       : "the screen is no place for a recording: name a file");
		return;
	}
	l->recording = recording_start(v->prompt, l->times.newest, &e);
	if (!l->recording)
		snprintf(v->message, sizeof(v->message), "%.*s", VIEW_TEXT - 1, e.text);
	l->scene.recording = l->recording;
	l->scene.recorded = 0;
}

static void finish_recording(struct loop *l)
{
	recording_finish(l->recording, l->view.message, sizeof(l->view.message));
	l->recording = NULL;
	l->scene.recording = false;
}

/* Some of it was written, or it has ended. */
static void take_recording(struct loop *l)
{
	struct recording_state s = recording_take(l->recording);

	if (!l->scene.recorded && s.written && s.had)
		snprintf(l->view.message, sizeof(l->view.message), "adding to %zu snapshot%s", s.had,
			s.had == 1 ? "" : "s");
	l->scene.recorded = s.written;
	if (s.done)
		finish_recording(l);
}

static void draw(struct loop *l)
{
	screen_draw(&l->cells, &l->view, &l->scene);
	term_blit(l->term, &l->cells);
}

/* The question that the view shows, as one to whatever is looked at now. */
static struct ask_about about(const struct loop *l)
{
	struct ask_about a = {
		.question = l->view.question,
		/* It asks the process, not the past. */
		.snapshot = l->times.newest ? l->times.newest : l->snapshot,
		.live = l->live_options,
		.address = l->view.cursor,
		.seconds = l->view.wss_seconds,
	};

	a.live.freeze = false; /* that is for scans alone */
	return a;
}

static void save(struct loop *l)
{
	struct saving_from from = {
		.snapshot = l->snapshot,
		.live = l->live && !l->scene.ended && !l->scene.past,
		.options = l->live_options,
		.file = l->scene.file,
		.theme = l->theme,
		.ascii = l->ascii,
	};

	saving_start(&l->saving, &from, &l->view);
	saving_tell(&l->saving, &l->view, &l->scene);
}

/* Look at another process from now on, at this address (0: wherever it begins). False, with a
 * message: that cannot be done, and all stays as it is. */
static bool change_process(struct loop *l, pid_t pid, uint64_t address)
{
	struct live_options o = l->live_options;
	struct sampler *sampler = NULL;
	struct live *live;
	struct err e;

	o.freeze = false; /* that was said of another one */
	live = live_open(pid, &o, &e);
	if (live)
		sampler = sampler_start(live, l->interval);
	if (!sampler) {
		snprintf(l->view.message, sizeof(l->view.message), "%.*s", VIEW_TEXT - 1,
			live ? "no thread can be started to scan" : e.text);
		live_close(live);
		return false;
	}
	sampler_stop(l->sampler);
	live_close(l->live);
	l->sampler = sampler;
	l->live = live;
	/* Its last snapshots may still have to be written: the loop hears when that is done. */
	if (l->recording)
		recording_stop(l->recording);
	compare_forget(&l->compare);
	times_forget(&l->times);
	tell_times(l);
	snprintf(l->process, sizeof(l->process), "process %d", (int)pid);
	l->scene.changes = NULL;
	l->scene.ended = NULL;
	l->scene.cost = (struct scan_cost){ 0 };
	lenses_free(&l->lenses);
	l->lenses = (struct lenses){ .proc = l->live_options.proc };
	l->scene.freezes = l->scene.touched = false;
	l->scene.ages = NULL;
	l->scene.smaps = NULL;
	l->scene.sums = NULL;
	l->scene.process = l->process;
	l->view.cursor = address;
	l->view.paused = false;
	l->view.unsaved[0] = '\0'; /* that name was for the other one */
	return true;
}

/* To the place of the report's line. */
static void go(struct loop *l)
{
	const struct report_line *line = view_report_line(&l->view, &l->scene);
	struct report_line to;

	if (!line || !line->pid)
		return;
	to = *line;
	if (!l->snapshot)
		return;
	if (to.pid != snapshot_info(l->snapshot)->pid) {
		struct place here = { snapshot_info(l->snapshot)->pid, l->view.cursor };

		if (!change_process(l, to.pid, to.address))
			return;
		l->left = mem_grow(l->left, l->lefts, &l->lefts_cap, sizeof(*l->left));
		l->left[l->lefts++] = here;
		snprintf(l->view.message, sizeof(l->view.message),
			"this is process %d: Esc in the list goes back to %d", (int)to.pid,
			(int)here.pid);
	} else if (to.address) {
		l->view.cursor = to.address;
	}
	l->view.screen = to.address ? SCREEN_PAGE : SCREEN_MAIN;
	l->view.pane = to.address ? PANE_GRID : PANE_LIST;
	questions_stop(&l->questions, true);
}

/* Back to the process that was left last. */
static void go_back(struct loop *l)
{
	struct place to;

	if (!l->lefts)
		return;
	to = l->left[--l->lefts];
	if (!change_process(l, to.pid, to.address))
		return;
	l->view.screen = SCREEN_MAIN;
	questions_stop(&l->questions, true);
}

static void follow(struct loop *l, unsigned what)
{
	if (what & FOLLOW_SCAN && l->sampler)
		sampler_scan_now(l->sampler);
	if (what & FOLLOW_PAUSE && l->sampler)
		sampler_pause(l->sampler, l->view.paused);
	if (what & FOLLOW_MARK)
		compare_mark(&l->compare, &l->scene, l->snapshot, &l->view);
	if (what & FOLLOW_SMAPS)
		lenses_read_smaps(&l->lenses, l->times.newest, &l->view);
	if (what & FOLLOW_SAVE)
		save(l);
	if (what & FOLLOW_CANCEL)
		saving_cancel(&l->saving);
	if (what & FOLLOW_STEP) {
		times_step(&l->times, &l->view);
		tell_times(l);
	}
	if (what & FOLLOW_RECORD)
		toggle_recording(l);
	if (what & FOLLOW_REDRAW) {
		/* No signal may have told of another size. */
		term_resized(l->term);
		cells_resize(&l->cells, term_width(l->term), term_height(l->term));
		term_redraw(l->term);
	}
	if (what & FOLLOW_SUSPEND) {
		if (l->sampler)
			sampler_hold(l->sampler);
		term_suspend(l->term);
		if (l->sampler)
			sampler_go_on(l->sampler);
		cells_resize(&l->cells, term_width(l->term), term_height(l->term));
	}
	if (what & FOLLOW_ASK) {
		struct ask_about a = about(l);

		questions_ask(&l->questions, &a, &l->view);
		l->scene.report = l->questions.report; /* more keys may be waiting */
	}
	if (what & FOLLOW_STOP)
		questions_stop(&l->questions, l->view.screen != SCREEN_REPORT);
	if (what & FOLLOW_GO)
		go(l);
	if (what & FOLLOW_RETURN)
		go_back(l);
	if (what & FOLLOW_QUIT)
		l->status = 0;
}

static void take_keys(struct loop *l)
{
	uint32_t key;

	while (l->status < 0 && (key = term_key(l->term))) {
		struct layout layout = view_layout(&l->scene, l->cells.w, l->cells.h);

		follow(l, view_key(&l->view, key, &l->scene, &layout));
	}
}

static void take_signal(struct loop *l, int fd)
{
	struct signalfd_siginfo si;

	if (read(fd, &si, sizeof(si)) != sizeof(si))
		return;
	switch (si.ssi_signo) {
	case SIGWINCH:
		term_resized(l->term);
		cells_resize(&l->cells, term_width(l->term), term_height(l->term));
		break;
	case SIGTSTP:
		follow(l, FOLLOW_SUSPEND);
		break;
	default:
		l->status = 128 + (int)si.ssi_signo;
	}
}

/* What became of the process, for the title: "EXITED 12:04:11". */
static void note_end(struct loop *l, const struct err *e)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(l->ended, sizeof(l->ended), e->code == ESRCH ? "EXITED %H:%M:%S" : "LOST %H:%M:%S",
		&tm);
	l->scene.ended = l->ended;
	if (l->recording)
		recording_stop(l->recording);
	snprintf(l->view.message, sizeof(l->view.message), "%.*s%s", VIEW_TEXT - 60, e->text,
		l->snapshot ? "; the last picture stays, and e saves it" : "");
}

/* What has happened to the process between two pictures of it. was may be NULL. */
static void note_changes(
	struct view *v, const struct snapshot_info *was, const struct snapshot_info *now)
{
	if (was && was->program != now->program)
		snprintf(v->message, sizeof(v->message), "it has exec'd: %d is now %.60s",
			(int)now->pid, now->comm);
	else if (was && strcmp(was->comm, now->comm))
		snprintf(v->message, sizeof(v->message),
			"it calls itself %.60s now, and was %.60s", now->comm, was->comm);
	else if (*now->note && (!was || strcmp(was->note, now->note)))
		snprintf(v->message, sizeof(v->message), "%.*s", VIEW_TEXT - 1, now->note);
	else if (was && was->standing != now->standing)
		snprintf(v->message, sizeof(v->message), "%s",
			now->standing == STANDING_STOPPED ?
				"it was stopped, by a signal or a debugger: nothing changes until it runs on" :
			now->standing == STANDING_FROZEN ?
				"its cgroup was frozen: nothing changes until that is thawed" :
				"it runs again");
}

static void note_cost(struct loop *l, double interval)
{
	const struct snapshot_info *info = snapshot_info(l->times.newest);
	struct scan_cost now = {
		.ns = info->scan_ns,
		.calls = info->calls,
		.percent = (double)info->scan_cpu_ns / 1e7 / interval,
	};

	if (!info->scanning)
		l->scene.cost = view_settle_cost(&l->scene.cost, &now);
}

static void take_news(struct loop *l)
{
	struct news n = sampler_take(l->sampler);
	const struct snapshot *was = l->times.newest;
	bool scanned = n.snapshot;

	if (scanned) {
		note_changes(&l->view, was ? snapshot_info(was) : NULL, snapshot_info(n.snapshot));
		lenses_go_on(&l->lenses, was, n.snapshot, n.diff,
			n.serial == l->times.newest_serial + 1);
		if (l->recording && !snapshot_info(n.snapshot)->scanning)
			recording_add(l->recording, n.snapshot);
	}
	times_add(&l->times, &n, &l->view);
	tell_times(l);
	if (scanned)
		note_cost(l, n.interval);
	/* In tenths, so that it does not flicker. */
	l->scene.slowed = n.interval > l->interval * 1.05;
	l->scene.interval = l->scene.slowed ? (double)(int)(n.interval * 10 + 0.9) / 10 : l->interval;
	l->scene.every = n.interval;
	if (n.ended && !l->scene.ended)
		note_end(l, &n.err);
	else if (!n.ended && n.err.text[0])
		snprintf(l->view.message, sizeof(l->view.message), "%.*s", VIEW_TEXT - 1, n.err.text);
}

static void loop(struct loop *l, int signals)
{
	struct pollfd p[10] = {
		{ term_fd(l->term), POLLIN, 0 },
		{ signals, POLLIN, 0 },
		{ -1, POLLIN, 0 },
		{ -1, POLLIN, 0 },
		{ -1, POLLOUT, 0 },
		{ -1, POLLIN, 0 },
		{ -1, POLLIN, 0 },
		{ -1, POLLIN, 0 },
		{ -1, POLLIN, 0 },
		{ -1, POLLIN, 0 },
	};
	int wait = l->sampler ? FIRST_WAIT_MS : 0;
	struct ask_about q;

	while (l->status < 0) {
		p[2].fd = l->sampler ? sampler_fd(l->sampler) : -1;
		p[3].fd = saving_fd(&l->saving);
		p[5].fd = questions_fd(&l->questions);
		p[6].fd = l->lenses.job ? job_fd(l->lenses.job) : -1;
		p[7].fd = times_fd(&l->times);
		p[8].fd = l->recording ? recording_fd(l->recording) : -1;
		p[9].fd = compare_fd(&l->compare);
		if (poll(p, 10, wait) < 0 && errno != EINTR)
			break;
		if (p[1].revents)
			take_signal(l, signals);
		if (p[0].revents & POLLIN)
			take_keys(l);
		else if (p[0].revents)
			l->status = 128 + SIGHUP; /* the terminal is gone */
		if (p[2].revents)
			take_news(l);
		saving_tell(&l->saving, &l->view, &l->scene);
		if (p[7].revents) {
			times_take(&l->times, &l->view);
			tell_times(l);
		}
		/* Keys may have gone to another process meanwhile. */
		if (l->recording && p[8].revents)
			take_recording(l);
		/* Keys may have gone to another process meanwhile. */
		if (l->lenses.job && p[6].revents && job_is_done(l->lenses.job))
			lenses_take_smaps(&l->lenses, l->times.newest, &l->view);
		q = about(l);
		if (p[5].fd >= 0 && l->questions.asked && p[5].revents)
			questions_take(&l->questions, &q, l->interval, &l->view);
		if (l->status >= 0)
			break;
		questions_tell(&l->questions, &q, &l->view, &l->scene);
		wait = questions_patience(&l->questions);
		if (wait < 0 || (saving_patience(&l->saving) >= 0 && saving_patience(&l->saving) < wait))
			wait = saving_patience(&l->saving);
		settle(l);
		/* A terminal that takes nothing must not hold up signals and keys. */
		p[4].fd = term_can_show(l->term) ? -1 : term_out_fd(l->term);
		if (p[4].fd < 0)
			draw(l);
	}
}

/* Signals become events, and no thread started later gets them. Returns a signalfd(2). */
static int take_signals(sigset_t *old)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP };
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		sigaddset(&set, wanted[i]);
	sigprocmask(SIG_BLOCK, &set, old);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Without the folders of the file, which leave no room for the rest. */
static void say_damage(struct view *v, const char *damage, const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t folders = slash ? (size_t)(slash + 1 - file) : 0;

	if (!strncmp(damage, file, strlen(file)))
		damage += folders;
	snprintf(v->message, sizeof(v->message), "%.*s", VIEW_TEXT - 1, damage);
}

/* To whoever has left, where that is a person. */
static void say_recorded(const char *recorded)
{
	struct str text = { 0 };

	if (!isatty(STDERR_FILENO))
		return;
	utf8_readable(&text, recorded, strlen(recorded), UTF8_KEEP_BACKSLASH);
	fprintf(stderr, "pmview: %s\n", str_text(&text));
	str_free(&text);
}

int loop_run(
	struct live *live, struct snapshot *snapshot, const struct loop_options *o, struct err *e)
{
	char recorded[VIEW_TEXT];
	struct loop l = {
		.interval = o->interval,
		.status = -1,
		.live = live,
		.theme = o->term.theme,
		.ascii = o->term.ascii,
		.lenses.proc = o->live.proc,
	};
	sigset_t old;
	bool started;
	int signals = take_signals(&old);

	l.term = term_open(&o->term, e);
	if (!l.term) {
		live_close(live);
		close(signals);
		sigprocmask(SIG_SETMASK, &old, NULL);
		return -1;
	}
	l.cells.ascii = !term_utf8(l.term);
	cells_resize(&l.cells, term_width(l.term), term_height(l.term));
	l.scene = (struct scene){
		.file = o->file,
		.process = o->target,
		.freezes = o->live.freeze,
		.interval = o->interval,
		.every = o->interval,
		.utf8 = term_utf8(l.term),
		.colour = term_colour(l.term),
		.shades = term_shades(l.term),
	};
	view_init(&l.view, &l.scene);
	if (term_notice(l.term))
		snprintf(l.view.message, sizeof(l.view.message), "%s", term_notice(l.term));
	if (live) {
		l.kernel = *live_kernel(live);
		l.live_options = o->live;
		l.live_options.kernel = &l.kernel;
		l.sampler = sampler_start(live, o->interval);
		started = l.sampler;
		if (!started)
			err_set(e, "no thread can be started to scan");
	} else {
		/* From then on the file belongs to a thread. */
		if (store_damage(o->store))
			say_damage(&l.view, store_damage(o->store), o->file);
		else if (!snapshot_info(snapshot)->complete)
			snprintf(l.view.message, sizeof(l.view.message),
				"the file is cut or damaged: mappings may be missing, and pages are unknown");
		started = times_open(&l.times, o->store, snapshot, o->index, e) == 0;
		tell_times(&l);
	}
	if (started)
		loop(&l, signals);
	term_close(l.term);
	/* What was asked for is still written. */
	if (saving_end(&l.saving, signals, l.status >= 128, e) < 0 &&
		(l.status < 128 || e->code != ECANCELED))
		l.status = -1;
	/* So is what was recorded. */
	if (l.recording && recording_finish(l.recording, recorded, sizeof(recorded)) < 0) {
		err_set(e, "%s", recorded);
		l.status = -1;
	} else if (l.recording) {
		say_recorded(recorded);
	}
	/* What is left only has to be given up: whoever will not wait for that may kill us. */
	close(signals);
	sigprocmask(SIG_SETMASK, &old, NULL);
	lenses_free(&l.lenses);
	compare_forget(&l.compare);
	questions_free(&l.questions);
	free(l.left);
	sampler_stop(l.sampler);
	live_close(l.live);
	times_free(&l.times);
	cells_free(&l.cells);
	return l.status;
}
