/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/freeze.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"

#define WAIT_MOST_NS  UINT64_C(1000000000)
#define LOOK_LEAST_NS 50000   /* between two looks whether they have stopped: grows from one ... */
#define LOOK_MOST_NS  2000000 /* ... to the other */
#define NAMED_MOST    3       /* threads named in a note */

enum fate {
	RUNNING, /* seized and told to stop */
	STOPPED,
	GONE,    /* ended, or not of this process at all */
};

struct tracee {
	pid_t thread;
	enum fate fate;
	int signal; /* that it was about to get when it stopped, or 0 */
};

struct freeze {
	const struct procfs *proc;
	pthread_t thread;
	bool started;    /* the thread was */
	sigset_t mask;   /* the caller's */
	uint64_t deadline;
	struct err err, note;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Below: under the lock. */
	enum { STOPPING, HOLDING, FAILED } phase;
	bool release;    /* the process is to run on */
	bool converged;  /* at the end no thread was new */
	struct tracee *tracee; /* in order of their ids; only the thread changes them */
	size_t n, cap;
};

/* Where a thread is in the list, or belongs. */
static size_t place_of(const struct freeze *f, pid_t thread)
{
	size_t lo = 0, hi = f->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (f->tracee[mid].thread < thread)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void add_tracee(struct freeze *f, size_t at, pid_t thread)
{
	pthread_mutex_lock(&f->lock);
	f->tracee = mem_grow(f->tracee, f->n, &f->cap, sizeof(*f->tracee));
	memmove(&f->tracee[at + 1], &f->tracee[at], (f->n - at) * sizeof(*f->tracee));
	f->tracee[at] = (struct tracee){ thread, GONE, 0 };
	f->n++;
	pthread_mutex_unlock(&f->lock);
}

static bool is_ours(const struct freeze *f, pid_t thread)
{
	char path[32];

	snprintf(path, sizeof(path), "task/%d", (int)thread);
	return !faccessat(f->proc->dir, path, F_OK, 0);
}

static pid_t tracer_of(const struct freeze *f, pid_t thread)
{
	struct procfs p = *f->proc;
	uint64_t tracer = 0;

	p.thread = thread;
	procfs_status_value(&p, "TracerPid", &tracer);
	return (pid_t)tracer;
}

static int set_refused(struct freeze *f, pid_t tracer)
{
	int pid = (int)f->proc->pid;

	if (tracer)
		err_set(&f->err, "cannot stop process %d: process %d traces it (a debugger, strace?)", pid,
			(int)tracer);
	else if (pid == getpid())
		err_set(&f->err, "pmview cannot stop itself");
	else
		err_set(&f->err,
			"no permission to stop process %d: it takes CAP_SYS_PTRACE; without, the process must be "
			"yours, and kernel.yama.ptrace_scope 0",
			pid);
	f->err.code = tracer ? EBUSY : EPERM;
	return -1;
}

/* A thread that ends, or takes the main one's id for an exec, is refused for a moment. */
#define SEIZE_TRIES 4

/* Returns 1 if it is seized, 0 if it has ended, or -1 with err set. */
static int seize(struct freeze *f, pid_t thread)
{
	struct proc_stat st;
	pid_t tracer = 0;
	int i;

	for (i = 0; i < SEIZE_TRIES; i++) {
		if (!ptrace(PTRACE_SEIZE, thread, NULL, NULL))
			return 1;
		if (errno == ESRCH || !procfs_thread_lives(f->proc, thread, &st))
			return 0;
		tracer = tracer_of(f, thread);
		/* It was seized under another id. */
		if (tracer == gettid())
			return 1;
	}
	return set_refused(f, tracer);
}

/* Whether a thread of the list lives though it was gone: another one has its id since an exec. */
static bool has_returned(const struct freeze *f, const struct tracee *t)
{
	struct proc_stat st;

	return t->fate == GONE && procfs_thread_lives(f->proc, t->thread, &st) &&
		tracer_of(f, t->thread) == gettid();
}

/* Seize the threads that are new, and tell them to stop. Returns how many, or -1 with err set. */
static int seize_new(struct freeze *f)
{
	int fd = openat(f->proc->dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0, seized;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	while (dir && n >= 0 && (d = readdir(dir))) {
		pid_t thread = (pid_t)atoi(d->d_name);
		size_t at = place_of(f, thread);
		bool known = at < f->n && f->tracee[at].thread == thread;

		if (thread <= 0 || (known && !has_returned(f, &f->tracee[at])))
			continue;
		seized = known ? 1 : seize(f, thread);
		if (seized < 0)
			n = -1;
		if (seized <= 0)
			continue;
		if (!known)
			add_tracee(f, at, thread);
		/* A seized thread's id cannot become another's. If it had before, that one is left
		 * alone now, and let go with all others. */
		if (!is_ours(f, thread))
			continue;
		ptrace(PTRACE_INTERRUPT, thread, NULL, NULL);
		f->tracee[at].fate = RUNNING;
		n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

/* What has become of a thread that was told to stop. */
static enum fate look(const struct freeze *f, struct tracee *t)
{
	siginfo_t si = { 0 };
	struct proc_stat st;

	/* WNOWAIT, because who is told of a signal that is on its way must pass it on: it would be
	 * lost if we were killed before we could. */
	if (waitid(P_PID, (id_t)t->thread, &si, WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL))
		return GONE;
	if (si.si_pid && si.si_code != CLD_TRAPPED && si.si_code != CLD_STOPPED) {
		waitid(P_PID, (id_t)t->thread, &si, WEXITED | WNOHANG | __WALL);
		return GONE;
	}
	if (si.si_pid) {
		/* Not PTRACE_EVENT_STOP: a signal it is. */
		t->signal = si.si_status >> 8 ? 0 : si.si_status;
		return STOPPED;
	}
	/* Nobody hears of a main thread that ends while others live. */
	if (t->thread == f->proc->pid && !procfs_thread_lives(f->proc, t->thread, &st))
		return GONE;
	return RUNNING;
}

/* Look at all that were told to stop. Returns how many have not. */
static size_t count_running(struct freeze *f)
{
	size_t i, left = 0;

	for (i = 0; i < f->n; i++) {
		if (f->tracee[i].fate == RUNNING)
			f->tracee[i].fate = look(f, &f->tracee[i]);
		left += f->tracee[i].fate == RUNNING;
	}
	return left;
}

static bool is_given_up(struct freeze *f)
{
	bool release;

	pthread_mutex_lock(&f->lock);
	release = f->release;
	pthread_mutex_unlock(&f->lock);
	return release || units_now_ns() > f->deadline;
}

/* Stop all threads: until none is new and none runs, or it is too late. Also while one is waited
 * for others may be new, begun by one that had not stopped yet. Returns 0, or -1 with err set. */
static int stop_all(struct freeze *f)
{
	long pause_ns = LOOK_LEAST_NS;
	size_t left;
	int n;

	for (;;) {
		n = seize_new(f);
		if (n < 0)
			return -1;
		left = count_running(f);
		if ((!n && !left) || is_given_up(f))
			break;
		if (!left)
			continue;
		nanosleep(&(struct timespec){ .tv_nsec = pause_ns }, NULL);
		if (pause_ns < LOOK_MOST_NS)
			pause_ns *= 2;
	}
	f->converged = !n;
	return 0;
}

static void let_go(struct freeze *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->tracee[i].fate == STOPPED)
			ptrace(PTRACE_DETACH, f->tracee[i].thread, NULL, (void *)(long)f->tracee[i].signal);
	/* The kernel does so with the others, for this thread ends now. */
}

static void *run(void *ctx)
{
	struct freeze *f = ctx;
	int r = stop_all(f);

	pthread_mutex_lock(&f->lock);
	f->phase = r < 0 ? FAILED : HOLDING;
	pthread_cond_broadcast(&f->changed);
	while (r == 0 && !f->release)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
	let_go(f);
	return NULL;
}

/* An exec in a thread waits for the other threads to be gone, which those that are seized are only
 * when they were waited for; and to seize one more waits for the exec. So dead ones are waited for
 * here, by another thread than the one that may hang. Called with the lock held. */
static void reap_dead(const struct freeze *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		id_t thread = (id_t)f->tracee[i].thread;
		siginfo_t si = { 0 };

		/* Stops are reported, asked for or not: they are for the other thread to take. */
		if (waitid(P_PID, thread, &si, WEXITED | WNOHANG | WNOWAIT | __WALL) || !si.si_pid ||
			(si.si_code != CLD_EXITED && si.si_code != CLD_KILLED &&
				si.si_code != CLD_DUMPED))
			continue;
		waitid(P_PID, thread, &si, WEXITED | WNOHANG | __WALL);
	}
}

/* Wait until it has stopped, as far as it does. */
static void wait_for_thread(struct freeze *f, bool (*between)(void *ctx), void *ctx)
{
	pthread_mutex_lock(&f->lock);
	while (f->phase == STOPPING) {
		struct timespec t;

		clock_gettime(CLOCK_MONOTONIC, &t);
		t.tv_nsec += LOOK_MOST_NS;
		t.tv_sec += t.tv_nsec / 1000000000;
		t.tv_nsec %= 1000000000;
		if (pthread_cond_timedwait(&f->changed, &f->lock, &t) != ETIMEDOUT)
			continue;
		reap_dead(f);
		pthread_mutex_unlock(&f->lock);
		if (between && !f->release && !between(ctx)) {
			err_set(&f->err, "the scan was given up");
			f->err.code = ECANCELED;
			pthread_mutex_lock(&f->lock);
			f->release = true;
			continue;
		}
		pthread_mutex_lock(&f->lock);
	}
	pthread_mutex_unlock(&f->lock);
}

static void take_note(struct freeze *f)
{
	struct str names = { 0 };
	struct proc_stat st;
	size_t n = 0, i;

	for (i = 0; i < f->n; i++) {
		pid_t thread = f->tracee[i].thread;

		if (f->tracee[i].fate != RUNNING || !procfs_thread_lives(f->proc, thread, &st))
			continue;
		if (n++ < NAMED_MOST)
			str_addf(&names, "%s%d (%s)", n > 1 ? ", " : "", (int)thread, st.comm);
	}
	if (n > NAMED_MOST)
		str_addf(&names, " and %zu more", n - NAMED_MOST);
	if (n)
		err_set(&f->note,
			"%zu of its threads could not be stopped within a second, waiting in the kernel: %s", n,
			str_text(&names));
	else if (!f->converged)
		err_set(&f->note,
			"new threads kept appearing for a second: not all of them were stopped");
	str_free(&names);
}

/* ^Z and its like would stop us, and then nobody lets the process go. */
static void block_stops(struct freeze *f)
{
	sigset_t stops;

	sigemptyset(&stops);
	sigaddset(&stops, SIGTSTP);
	sigaddset(&stops, SIGTTIN);
	sigaddset(&stops, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &stops, &f->mask);
}

static struct freeze *freeze_new(const struct procfs *p)
{
	struct freeze *f = mem_zero(1, sizeof(*f));
	pthread_condattr_t attr;

	f->proc = p;
	f->deadline = units_now_ns() + WAIT_MOST_NS;
	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&f->changed, &attr);
	pthread_condattr_destroy(&attr);
	block_stops(f);
	return f;
}

struct freeze *freeze_start(
	const struct procfs *p, bool (*between)(void *ctx), void *ctx, struct err *e)
{
	struct freeze *f;

	if (!procfs_pids_are_ours(p->root)) {
		err_set(e,
			"--freeze: the PIDs in %s are of another PID namespace than ours, and would stop "
			"others", p->root);
		e->code = EINVAL;
		return NULL;
	}
	f = freeze_new(p);
	if (procfs_is_frozen(p)) {
		/* To seize a thread that has been stopped, then frozen, would wait for the thaw. */
		err_set(&f->note, "its cgroup is frozen: it stands still because of that alone");
		return f;
	}
	f->started = !pthread_create(&f->thread, NULL, run, f);
	if (f->started)
		wait_for_thread(f, between, ctx);
	else
		err_set(&f->err, "no thread can be started to stop process %d", (int)p->pid);
	if (f->err.text[0]) {
		*e = f->err;
		freeze_end(f);
		return NULL;
	}
	take_note(f);
	return f;
}

void freeze_end(struct freeze *f)
{
	if (!f)
		return;
	if (f->started) {
		pthread_mutex_lock(&f->lock);
		f->release = true;
		pthread_cond_broadcast(&f->changed);
		pthread_mutex_unlock(&f->lock);
		pthread_join(f->thread, NULL);
	}
	pthread_sigmask(SIG_SETMASK, &f->mask, NULL);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
	free(f->tracee);
	free(f);
}

const char *freeze_note(const struct freeze *f)
{
	return f->note.text;
}
