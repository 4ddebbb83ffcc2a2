/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/floor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "source/pace.h"
#include "source/uapi.h"

#define REGIONS   512
#define SPAN_MOST (UINT64_C(1) << 30)
#define USER_END  UINT64_C(0x7ffffffff000)

double floor_cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int open_proc(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool read_through(pid_t pid, const char *name)
{
	static char buf[16384];
	int fd = open_proc(pid, name);
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		;
	close(fd);
	return n == 0;
}

/* After a call that held the target's lock. */
static void rest(uint64_t took)
{
	static uint64_t held;

	held += took;
	if (held < PACE_HELD_NS)
		return;
	held = 0;
	nanosleep(&(struct timespec){ .tv_nsec = PACE_PAUSE_NS }, NULL);
}

/* As many entries as pmview reads at a time, and over gaps of as many as pmview does. */
#define ENTRIES  4096
#define GAP_MOST (32 * 4096)

static bool read_entries(int fd, uint64_t at, uint64_t end)
{
	static uint64_t entry[ENTRIES];

	for (; at < end; at += ENTRIES * 4096) {
		uint64_t n = (end - at) / 4096 < ENTRIES ? (end - at) / 4096 : ENTRIES;
		uint64_t began = units_now_ns();
		ssize_t got = pread(fd, entry, n * 8, (off_t)(at / 4096 * 8));

		rest(units_now_ns() - began);
		if (got < 0)
			return false;
	}
	return true;
}

/* Scan [at, end) by calls of at most `span` bytes to begin with; entries: and read those of what is
 * found. */
static bool scan(int fd, uint64_t at, uint64_t end, uint64_t span, uint64_t return_mask, bool entries)
{
	struct scan_region vec[REGIONS];
	uint64_t most = 4096, from = 0, to = 0;

	while (at < end) {
		struct scan_arg arg = {
			.size = sizeof(arg),
			.start = at,
			.end = end - at > span ? at + span : end,
			.vec = (uintptr_t)vec,
			.vec_len = REGIONS,
			.max_pages = most,
			.category_anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
			.return_mask = return_mask,
		};
		uint64_t began = units_now_ns(), took, pages = 0;
		int n = ioctl(fd, SCAN_IOCTL, &arg), i;

		took = units_now_ns() - began;
		if (n < 0)
			return false;
		for (i = 0; i < n; i++) {
			pages += (vec[i].end - vec[i].start) / 4096;
			if (!entries)
				continue;
			if (vec[i].start - to > GAP_MOST || vec[i].end - from > ENTRIES * 4096) {
				read_entries(fd, from, to);
				from = vec[i].start;
			}
			to = vec[i].end;
		}
		at = n < REGIONS && pages < most ? arg.end : vec[n - 1].end;
		if (pages >= most && took < PACE_TARGET_NS / 2 && most < 16384)
			most *= 2;
		else if (pages >= most && took > PACE_TARGET_NS * 3 / 2 && most > 512)
			most /= 2;
		else if (pages < most && took < PACE_TARGET_NS / 4 && span < SPAN_MOST)
			span *= 2;
		rest(took);
	}
	return read_entries(fd, from, to);
}

bool floor_entries(int fd, uint64_t start, uint64_t end)
{
	return scan(fd, start, end, SPAN_MOST / 16, 0, true);
}

/* Program, libraries and stack lie around the target's memory: little, but files. */
static bool scan_all(int fd, const struct target *t, uint64_t mask, bool file)
{
	return scan(fd, 0, t->shared->start, UINT64_MAX, mask | SCAN_FILE, false) &&
		scan(fd, t->shared->start, t->shared->end, SPAN_MOST / 16,
			file ? mask | SCAN_FILE : mask, false) &&
		scan(fd, t->shared->end, USER_END, UINT64_MAX, mask | SCAN_FILE, false);
}

bool floor_scan(const struct target *t, bool file)
{
	uint64_t mask = SCAN_PRESENT | SCAN_SWAPPED | SCAN_PFNZERO | SCAN_HUGE;
	int fd = open_proc(t->pid, "pagemap");
	bool good = read_through(t->pid, "stat") && read_through(t->pid, "maps") &&
		scan_all(fd, t, mask | SCAN_GUARD, file);

	/* Linux below 6.16 knows no guard regions. */
	if (!good && errno == EINVAL)
		good = scan_all(fd, t, mask, file);
	close(fd);
	return good;
}
