/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/peers.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "bench/program.h"
#include "helpers.h"
#include "source/live.h"
#include "source/uapi.h"

static bool look_away(struct peer *p)
{
	(void)p;
	usleep(1000);
	return true;
}

static void open_live(struct peer *p)
{
	struct live_options o = { .proc = "/proc" };
	struct err e;

	p->own = live_open(p->target->pid, &o, &e);
}

static void close_live(struct peer *p)
{
	live_close(p->own);
}

/* Harsher than the program, which rests between scans. */
static bool look_with_pmview(struct peer *p)
{
	struct err e;
	struct snapshot *s = p->own ? live_scan(p->own, NULL, NULL, NULL, &e) : NULL;

	snapshot_unref(s);
	return s;
}

static int open_proc(const struct peer *p, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)p->target->pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* One call for all. */
static bool scan_unsliced(struct peer *p)
{
	static struct scan_region vec[1 << 16];
	struct scan_arg arg = {
		.size = sizeof(arg),
		.start = p->target->shared->start,
		.end = p->target->shared->end,
		.vec = (uintptr_t)vec,
		.vec_len = sizeof(vec) / sizeof(*vec),
		.category_anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
		.return_mask = SCAN_PRESENT | SCAN_SWAPPED,
	};
	int fd = open_proc(p, "pagemap"), n = ioctl(fd, SCAN_IOCTL, &arg);

	close(fd);
	return n >= 0;
}

static bool read_pagemap(struct peer *p)
{
	static char buf[2 << 20];
	off_t at = (off_t)(p->target->shared->start / 4096 * 8);
	off_t end = (off_t)(p->target->shared->end / 4096 * 8);
	int fd = open_proc(p, "pagemap");
	ssize_t n = 0;

	for (; at < end; at += n) {
		n = pread(fd, buf, sizeof(buf), at);
		if (n <= 0)
			break;
	}
	close(fd);
	return n > 0;
}

static bool read_smaps_rollup(struct peer *p)
{
	char buf[4096];
	int fd = open_proc(p, "smaps_rollup");
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		;
	close(fd);
	return n == 0;
}

static bool run_on(struct peer *p, const char *option)
{
	char pid[16];
	struct result r;
	bool good;

	snprintf(pid, sizeof(pid), "%d", (int)p->target->pid);
	r = run_program((const char *const[]){ p->kind->program, option, pid, NULL });
	good = r.status == 0;
	result_free(&r);
	return good;
}

static bool run_pmap(struct peer *p)
{
	return run_on(p, "-X");
}

static bool run_page_types(struct peer *p)
{
	return run_on(p, "-p");
}

static void start_pagemon(struct peer *p)
{
	p->own = program_start(PAGEMON, p->target);
}

static bool watch_pagemon(struct peer *p)
{
	if (p->own)
		program_watch(p->own, 1);
	return p->own;
}

static void stop_pagemon(struct peer *p)
{
	program_end(p->own);
}

const struct peer_kind peer_kinds[PEERS] = {
	{ .name = "not looked at", .look = look_away },
	{ .name = "pmview", .look = look_with_pmview, .begin = open_live, .end = close_live },
	{ .name = "one PAGEMAP_SCAN", .look = scan_unsliced },
	{ .name = "2 MiB reads of pagemap", .look = read_pagemap },
	{ .name = "smaps_rollup", .look = read_smaps_rollup },
	{ .name = "pmap -X", .look = run_pmap, .program = "pmap" },
	{ .name = "page-types", .look = run_page_types, .program = "page-types" },
	{ .name = "pagemon", .look = watch_pagemon, .begin = start_pagemon, .end = stop_pagemon,
	  .program = "pagemon" },
};

bool peer_installed(const struct peer_kind *k)
{
	return !k->program || program_installed(k->program);
}
