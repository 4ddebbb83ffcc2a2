/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/target.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"

#define PAGE UINT64_C(4096)
#define MIB  (UINT64_C(1) << 20)
#define GIB  (UINT64_C(1) << 30)
#define TIB  (UINT64_C(1) << 40)

#define ISLANDS      4096
#define ISLAND_PAGES 4
#define VMAS         60000

static const struct {
	const char *figure, *what;
	unsigned sixteenths;
} kinds[TARGET_KINDS] = {
#define X(name, short_name, part, text) { short_name, text, part },
	TARGET_LIST(X)
#undef X
};

uint64_t target_kilobytes(const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	char line[256];
	uint64_t n = 0;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			n = strtoull(line + strlen(key), NULL, 10) << 10;
	if (f)
		fclose(f);
	return n;
}

uint64_t target_largest(void)
{
	static uint64_t bytes;
	const char *mib = getenv("BENCH_MIB");

	if (bytes)
		return bytes;
	bytes = mib && atol(mib) >= 16 ? (uint64_t)atol(mib) * MIB : 4 * GIB;
	while (bytes > 16 * MIB && bytes > target_kilobytes("/proc/meminfo", "MemAvailable:") / 2)
		bytes /= 2;
	return bytes;
}

static char *map(uint64_t bytes, int flags)
{
	char *m = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags,
		-1, 0);

	if (m == MAP_FAILED) {
		perror("bench: a target cannot have its memory");
		_exit(1);
	}
	return m;
}

static void touch(char *m, uint64_t bytes, uint64_t step)
{
	uint64_t i;

	for (i = 0; i < bytes; i += step)
		m[i] = 1;
}

static char *touched(uint64_t bytes, uint64_t step)
{
	char *m = map(bytes, 0);

	madvise(m, bytes, MADV_NOHUGEPAGE);
	touch(m, bytes, step);
	return m;
}

static char *huge(uint64_t bytes)
{
	char *m = map(bytes + 2 * MIB, 0);

	m += -(uintptr_t)m % (2 * MIB);
	madvise(m, bytes, MADV_HUGEPAGE);
	touch(m, bytes, PAGE);
	return m;
}

static char *islands(void)
{
	char *m = map(16 * TIB, MAP_NORESERVE);
	uint64_t i;

	madvise(m, 16 * TIB, MADV_NOHUGEPAGE);
	for (i = 0; i < ISLANDS; i++)
		touch(m + i * (16 * TIB / ISLANDS), ISLAND_PAGES * PAGE, PAGE);
	return m;
}

/* Neighbours that differ in their permissions are not merged. */
static char *many(void)
{
	char *m = touched(VMAS * PAGE, PAGE);
	uint64_t i;

	for (i = 0; i < VMAS; i += 2)
		if (mprotect(m + i * PAGE, PAGE, PROT_READ)) {
			perror("bench: a target cannot have its 60,000 mappings");
			_exit(1);
		}
	return m;
}

static void die_with_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

static void twin(void)
{
	pid_t self = getpid();

	if (fork())
		return;
	die_with_parent(self);
	for (;;)
		pause();
}

static void fill(enum target_kind kind, uint64_t bytes, struct target_shared *s)
{
	char *m = NULL;

	switch (kind) {
	case TARGET_DENSE:
	case TARGET_ORDINARY:
		m = touched(bytes, PAGE);
		break;
	case TARGET_STRIPES:
		m = touched(bytes, 2 * PAGE);
		break;
	case TARGET_PAIR:
		m = touched(bytes, PAGE);
		twin();
		break;
	case TARGET_THP:
		m = huge(bytes);
		break;
	case TARGET_SPARSE:
		m = islands();
		bytes = 16 * TIB;
		break;
	case TARGET_MANY:
		m = many();
		bytes = VMAS * PAGE;
		break;
	default:
		bytes = 0;
	}
	s->start = (uintptr_t)m;
	s->end = s->start + bytes;
}

static void loop(struct target_shared *s)
{
	while (s->looping) {
		uint64_t began = units_now_ns(), took;
		char *p = map(2 * PAGE, 0);

		p[0] = 1;
		munmap(p, 2 * PAGE);
		took = units_now_ns() - began;
		if (s->loops < TARGET_LOOPS_MOST)
			s->loop_ns[s->loops++] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
	}
}

_Noreturn static void live(
	enum target_kind kind, uint64_t bytes, struct target_shared *s, int begin, pid_t parent)
{
	char byte;

	die_with_parent(parent);
	prctl(PR_SET_NAME, "bench-target");
	fill(kind, bytes, s);
	s->ready = 1;
	while (read(begin, &byte, 1) == 1)
		loop(s);
	_exit(0);
}

static void name_target(struct target *t, uint64_t bytes)
{
	char path[64], size[UNITS_SIZE_LEN];

	t->figure = kinds[t->kind].figure;
	snprintf(t->name, sizeof(t->name), "%s%s%s", bytes ? units_size(size, bytes) : "",
		bytes ? " " : "", kinds[t->kind].what);
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)t->pid);
	if (t->kind == TARGET_THP && target_kilobytes(path, "AnonHugePages:") < bytes / 10 * 9)
		strcat(t->name, ", mostly refused");
}

struct target target_make(enum target_kind kind)
{
	struct target t = { .kind = kind };
	uint64_t bytes = target_largest() / 16 * kinds[kind].sixteenths;
	pid_t self = getpid();
	int begin[2];

	t.shared = mmap(NULL, sizeof(*t.shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t.shared == MAP_FAILED || pipe(begin)) {
		perror("bench");
		exit(2);
	}
	t.pid = fork();
	if (!t.pid) {
		close(begin[1]);
		live(kind, bytes, t.shared, begin[0], self);
	}
	close(begin[0]);
	t.begin = begin[1];
	while (!t.shared->ready && waitpid(t.pid, NULL, WNOHANG) == 0)
		usleep(1000);
	if (!t.shared->ready)
		exit(2);
	name_target(&t, bytes);
	return t;
}

void target_end(struct target *t)
{
	kill(t->pid, SIGKILL);
	waitpid(t->pid, NULL, 0);
	close(t->begin);
	munmap(t->shared, sizeof(*t->shared));
}

void target_loop_begin(struct target *t)
{
	t->shared->loops = 0;
	t->shared->looping = 1;
	if (write(t->begin, "", 1) != 1)
		perror("bench: the target does not loop");
}

uint32_t target_loop_end(struct target *t)
{
	t->shared->looping = 0;
	/* The loop that is under way is over soon; it is not counted. */
	return t->shared->loops;
}
