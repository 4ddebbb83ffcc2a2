/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "e2e/target.h"

#include <grp.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"

#define TARGETS_MOST 8
static struct target *started[TARGETS_MOST];

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

bool wait_until(bool (*holds)(void *ctx), void *ctx)
{
	const char *patience = getenv("PMVIEW_TEST_PATIENCE");
	uint64_t deadline = units_now_ns() +
		UINT64_C(20000000000) * (patience ? (uint64_t)atoi(patience) : 1);

	while (!holds(ctx)) {
		if (units_now_ns() > deadline)
			return false;
		nap();
	}
	return true;
}

struct running {
	struct target *t;
	int n;
};

static bool is_running(void *ctx)
{
	struct running *r = ctx;

	return atomic_load(&r->t->running) >= r->n;
}

struct target *target_start(void (*body)(struct target *t), int running, uid_t uid)
{
	struct target *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		-1, 0);
	struct running r = { t, running };
	size_t i = 0, page = (size_t)sysconf(_SC_PAGESIZE);
	pid_t pid;

	while (i < TARGETS_MOST && started[i])
		i++;
	if (t == MAP_FAILED || i == TARGETS_MOST || (pid = fork()) < 0)
		abort();
	if (!pid) {
		if (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
			_exit(126);
		/* Becoming another user has cleared the one, and lost the other. */
		prctl(PR_SET_DUMPABLE, 1);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		t->thread[0] = getpid();
		/* Between pages that keep other mappings away. */
		t->memory = (char *)mmap(NULL, (TARGET_PAGES + 2) * page, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + page;
		if (mprotect(t->memory, TARGET_PAGES * page, PROT_READ | PROT_WRITE))
			_exit(124);
		memset(t->memory, 1, TARGET_PAGES * page);
		body(t);
		_exit(0);
	}
	t->pid = pid;
	started[i] = t;
	if (!wait_until(is_running, &r))
		abort();
	return t;
}

int target_end(struct target *t)
{
	int status = 0;
	size_t i;

	for (i = 0; i < TARGETS_MOST; i++)
		if (started[i] == t)
			started[i] = NULL;
	if (t->pid) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, &status, 0);
	}
	munmap(t, sizeof(*t));
	return status;
}

void target_end_all(void)
{
	size_t i;

	for (i = 0; i < TARGETS_MOST; i++)
		if (started[i])
			target_end(started[i]);
}

void target_turn(struct target *t, int i)
{
	atomic_fetch_add(&t->turns[i], 1);
	nap();
}

struct start {
	struct target *t;
	int i;
};

static void *go_round(void *ctx)
{
	struct start *s = ctx;
	struct target *t = s->t;
	int i = s->i;

	free(s);
	t->thread[i] = (pid_t)syscall(SYS_gettid);
	atomic_fetch_add(&t->running, 1);
	while (!atomic_load(&t->end[i]))
		target_turn(t, i);
	/* Not by returning: the last thread to do so runs what the test has registered for its exit. */
	syscall(SYS_exit, 0);
	return NULL;
}

void target_start_threads(struct target *t)
{
	int i;

	for (i = 1; i <= TARGET_THREADS; i++) {
		struct start *s = malloc(sizeof(*s));
		pthread_t thread;

		*s = (struct start){ t, i };
		if (pthread_create(&thread, NULL, go_round, s))
			_exit(125);
		pthread_detach(thread);
	}
}

void target_counts(struct target *t)
{
	target_start_threads(t);
	while (!atomic_load(&t->end[0]))
		target_turn(t, 0);
}

void target_main_ends(struct target *t)
{
	target_start_threads(t);
	while (atomic_load(&t->running) < TARGET_THREADS)
		sched_yield();
	atomic_store(&t->end[0], true);
	pthread_exit(NULL);
}

static bool read_line(pid_t pid, pid_t thread, const char *file, const char *key, char *buf, int size)
{
	char path[64];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", (int)pid, (int)thread, file);
	f = fopen(path, "re");
	while (f && !found && fgets(buf, size, f))
		found = !strncmp(buf, key, strlen(key));
	if (f)
		fclose(f);
	return found;
}

char thread_state(pid_t pid, pid_t thread)
{
	char line[256];

	return read_line(pid, thread, "status", "State:", line, sizeof(line)) ? line[7] : 0;
}

pid_t thread_tracer(pid_t pid, pid_t thread)
{
	char line[256];

	return read_line(pid, thread, "status", "TracerPid:", line, sizeof(line)) ?
		(pid_t)atoi(line + 10) : 0;
}

struct progress {
	struct target *t;
	unsigned long before[TARGET_THREADS + 1];
};

static bool has_gone_on(void *ctx)
{
	struct progress *p = ctx;
	int i;

	for (i = 0; i <= TARGET_THREADS; i++) {
		pid_t thread = p->t->thread[i];
		char state;

		if (!thread || atomic_load(&p->t->end[i]))
			continue;
		state = thread_state(p->t->pid, thread);
		if (state == 't' || state == 'T' || thread_tracer(p->t->pid, thread) ||
			atomic_load(&p->t->turns[i]) < p->before[i] + 3)
			return false;
	}
	return true;
}

bool target_runs_on(struct target *t)
{
	struct progress p = { .t = t };
	int i;

	for (i = 0; i <= TARGET_THREADS; i++)
		p.before[i] = atomic_load(&t->turns[i]);
	return wait_until(has_gone_on, &p);
}
