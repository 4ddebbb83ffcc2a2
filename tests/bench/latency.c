/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What looking costs the process that is looked at: how long its mmap() and munmap() take at worst while
 * it is scanned back to back, by pmview, by one unsliced PAGEMAP_SCAN, by plain reads of pagemap, and by
 * smaps_rollup. Rounds are interleaved, because machines are noisy; medians of the rounds are printed.
 *
 * usage: latency [MiB] [rounds] [seconds a round]
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "source/live.h"
#include "source/uapi.h"

enum way { NOTHING, PMVIEW, UNSLICED_SCAN, UNSLICED_READ, SMAPS_ROLLUP, WAYS };
static const char *const way_names[WAYS] = { "not looked at", "pmview", "one PAGEMAP_SCAN",
	"reads of 2 MiB", "smaps_rollup" };

#define ROUNDS_MOST 64
#define SAMPLES (1u << 22)

/* Shared with the target. */
struct shared {
	_Atomic int go, ready;
	_Atomic uint32_t n;
	uint32_t ns[SAMPLES];
};

static void target(struct shared *s, size_t bytes)
{
	char *m = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (m == MAP_FAILED)
		_exit(1);
	madvise(m, bytes, MADV_NOHUGEPAGE);
	for (i = 0; i < bytes; i += 4096)
		m[i] = 1;
	s->ready = 1;
	for (;;) {
		uint64_t began = units_now_ns(), took;
		char *p;

		if (!s->go) {
			usleep(1000);
			continue;
		}
		p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		p[0] = 1;
		munmap(p, 8192);
		took = units_now_ns() - began;
		if (s->n < SAMPLES)
			s->ns[s->n++] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
	}
}

static bool once(enum way way, struct live *l, pid_t pid, size_t bytes, uint64_t start)
{
	static char buf[2 << 20];
	static struct scan_region vec[1 << 16];
	struct err e;
	char path[64];
	int fd;

	switch (way) {
	case NOTHING:
		usleep(1000);
		return true;
	case PMVIEW: {
		struct snapshot *s = live_scan(l, NULL, NULL, NULL, &e);

		snapshot_unref(s);
		return s;
	}
	default:
		break;
	}
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, way == SMAPS_ROLLUP ? "smaps_rollup" : "pagemap");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (way == UNSLICED_SCAN) {
		struct scan_arg arg = {
			.size = sizeof(arg),
			.start = start,
			.end = start + bytes,
			.vec = (uintptr_t)vec,
			.vec_len = sizeof(vec) / sizeof(*vec),
			.category_anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
			.return_mask = SCAN_PRESENT | SCAN_SWAPPED,
		};

		if (ioctl(fd, SCAN_IOCTL, &arg) < 0)
			return false;
	} else if (way == UNSLICED_READ) {
		uint64_t at, n = bytes / 4096 * 8;

		for (at = 0; at < n; at += sizeof(buf))
			if (pread(fd, buf, sizeof(buf), (off_t)(start / 4096 * 8 + at)) < 0)
				return false;
	} else {
		while (read(fd, buf, sizeof(buf)) > 0)
			;
	}
	close(fd);
	return true;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v, int n)
{
	int i, j;

	for (i = 1; i < n; i++)
		for (j = i; j > 0 && v[j] < v[j - 1]; j--) {
			double t = v[j];

			v[j] = v[j - 1];
			v[j - 1] = t;
		}
	return v[n / 2];
}

int main(int argc, char **argv)
{
	size_t bytes = (size_t)(argc > 1 ? atol(argv[1]) : 2048) << 20;
	int rounds = argc > 2 ? atoi(argv[2]) : 5, round, way;
	double seconds = argc > 3 ? atof(argv[3]) : 2;
	static double worst[WAYS][ROUNDS_MOST], p999[WAYS][ROUNDS_MOST], wall[WAYS][ROUNDS_MOST];
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t start = 0;
	struct live_options o = { .proc = "/proc" };
	struct snapshot *first;
	struct live *l;
	struct err e;
	size_t i;
	pid_t pid;

	rounds = rounds > ROUNDS_MOST ? ROUNDS_MOST : rounds;
	pid = fork();
	if (!pid)
		target(s, bytes);
	while (!s->ready && waitpid(pid, NULL, WNOHANG) == 0)
		usleep(1000);
	l = live_open(pid, &o, &e);
	first = l ? live_scan(l, NULL, NULL, NULL, &e) : NULL;
	if (!first) {
		fprintf(stderr, "latency: %s\n", e.text);
		return 2;
	}
	for (i = 0; i < snapshot_vmas(first); i++)
		if (snapshot_vma(first, i)->end - snapshot_vma(first, i)->start >= bytes)
			start = snapshot_vma(first, i)->end - bytes;
	snapshot_unref(first);
	for (round = 0; round < rounds; round++) {
		for (way = 0; way < WAYS; way++) {
			uint64_t began = units_now_ns(), looks = 0;

			s->n = 0;
			s->go = 1;
			while ((double)(units_now_ns() - began) < seconds * 1e9) {
				if (!once((enum way)way, l, pid, bytes, start)) {
					fprintf(stderr, "latency: cannot look by %s\n", way_names[way]);
					return 2;
				}
				looks++;
			}
			wall[way][round] = (double)(units_now_ns() - began) / 1e6 / (double)looks;
			s->go = 0;
			usleep(10000);
			qsort(s->ns, s->n, sizeof(*s->ns), by_size);
			worst[way][round] = s->ns[s->n - 1] / 1e6;
			p999[way][round] = s->ns[(uint64_t)s->n * 999 / 1000] / 1e6;
		}
	}
	printf("a target with %zu MiB that maps and unmaps in a loop; medians of %d rounds of %g s\n",
		bytes >> 20, rounds, seconds);
	printf("%-18s %14s %14s %14s\n", "looked at by", "p99.9 ms", "worst ms", "one look ms");
	for (way = 0; way < WAYS; way++)
		printf("%-18s %14.3f %14.3f %14.1f\n", way_names[way], median(p999[way], rounds),
			median(worst[way], rounds), median(wall[way], rounds));
	live_close(l);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}
