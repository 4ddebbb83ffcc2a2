/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who maps a page: of a file, of a forked process, and, where that does not suffice, all pages of
 * all processes against the same calls alone. */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "bench/floor.h"
#include "bench/parts.h"
#include "bench/report.h"
#include "source/maps.h"
#include "source/owners.h"

#define PAGE      UINT64_C(4096)
#define RELATIVES 100
#define LARGE     8
#define LARGE_MIB 192

static struct {
	char *file, *page;  /* a mapping in each child; a page they inherit */
	pid_t pid[RELATIVES + LARGE];
	atomic_int *ready;
	char dir[32];       /* a procfs without kpagecount */
} here;

static void live(bool large)
{
	char *m;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)*(volatile char *)here.file;
	if (large) {
		m = mmap(NULL, LARGE_MIB << 20, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		madvise(m, LARGE_MIB << 20, MADV_NOHUGEPAGE);
		memset(m, 1, LARGE_MIB << 20);
	}
	atomic_fetch_add(here.ready, 1);
	for (;;)
		pause();
}

static bool begin(void)
{
	FILE *f = tmpfile();
	int i;

	here.page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	here.ready = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!f || here.page == MAP_FAILED || here.ready == MAP_FAILED || ftruncate(fileno(f), PAGE))
		return false;
	here.file = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fileno(f), 0);
	here.page[0] = 1;
	fclose(f);
	for (i = 0; i < RELATIVES + LARGE; i++) {
		here.pid[i] = fork();
		if (!here.pid[i])
			live(i >= RELATIVES);
	}
	while (atomic_load(here.ready) < RELATIVES + LARGE)
		usleep(1000);
	return true;
}

static void end_children(int from, int to)
{
	for (; from < to; from++) {
		kill(here.pid[from], SIGKILL);
		waitpid(here.pid[from], NULL, 0);
	}
}

static void end(void)
{
	end_children(RELATIVES, RELATIVES + LARGE);
	munmap(here.file, PAGE);
	munmap(here.page, PAGE);
}

/* ms that the search took; NAN if it did not find so many. */
static double search_ms(const char *proc, const char *address, size_t expected)
{
	struct owners_query q = { .proc = proc, .pid = here.pid[RELATIVES], .address = (uintptr_t)address };
	uint64_t began = units_now_ns(), took;
	struct owners o;
	struct err e;
	bool good;

	if (owners_find(&q, NULL, NULL, NULL, &o, &e) < 0) {
		fprintf(stderr, "bench: %s\n", e.text);
		return NAN;
	}
	took = units_now_ns() - began;
	good = owners_found(&o) == expected && owners_complete(&o);
	if (!good)
		fprintf(stderr, "bench: %zu found of %zu\n", owners_found(&o), expected);
	owners_free(&o);
	return good ? (double)took / 1e6 : NAN;
}

static void measure(const char *what, const char *figure, const char *address, size_t owners)
{
	struct samples s = { 0 };
	char target[64];
	int i;

	snprintf(target, sizeof(target), "%zu processes", owners);
	report_progress(what, target);
	for (i = 0; i < report_rounds(); i++)
		samples_add(&s, search_ms("/proc", address, owners));
	report_row(what, target, "ms", samples_median(&s), NAN, "");
	report_figure(figure, samples_median(&s), 100);
	samples_free(&s);
}

/* --- all pages of all processes --------------------------------------------------------------- */

/* What is to be scanned of a process, found out before. */
struct job {
	pid_t pid;
	struct maps maps;
};

/* The private mappings, those close to each other together, as pmview does. */
static bool scan_private(int fd, const struct maps *m)
{
	uint64_t start = 0, stop = 0;
	size_t i;

	for (i = 0; i < m->n; i++) {
		const struct vma *v = &m->vma[i];

		if (v->perms & VMA_SHARED || v->end > INT64_MAX)
			continue;
		if (v->start - stop > 32 * PAGE && !(i && v[-1].end == stop && v->start - stop <= 64u << 20)) {
			if (!floor_entries(fd, start, stop))
				return false;
			start = v->start;
		}
		stop = v->end;
	}
	return floor_entries(fd, start, stop);
}

static double bare_ms(const struct job *job, size_t n)
{
	uint64_t began = units_now_ns();
	char path[64];
	size_t i;
	int fd;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)job[i].pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && !scan_private(fd, &job[i].maps))
			return NAN;
		if (fd >= 0)
			close(fd);
	}
	return (double)(units_now_ns() - began) / 1e6;
}

/* Link name into the procfs of ours. */
static void show(const char *name)
{
	char from[300], to[300];

	snprintf(from, sizeof(from), "/proc/%s", name);
	snprintf(to, sizeof(to), "%s/%s", here.dir, name);
	if (symlink(from, to))
		perror("bench: symlink");
}

/* Every process that may be looked at; with memory, its mappings. The count is left out, so that
 * nothing ends the search early. */
static struct job *make_procfs(size_t *n)
{
	struct job *jobs = NULL;
	DIR *dir = opendir("/proc");
	struct dirent *d;
	size_t cap = 0;

	strcpy(here.dir, "/tmp/pmview-bench-XXXXXX");
	*n = 0;
	if (!dir || !mkdtemp(here.dir))
		return NULL;
	show("self");
	show("kpageflags");
	while ((d = readdir(dir))) {
		struct job j = { .pid = (pid_t)atoi(d->d_name) };
		char path[64], buf[16384];
		ssize_t got;
		int fd, denied;

		snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)j.pid);
		denied = j.pid > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		if (denied < 0)
			continue;
		close(denied);
		snprintf(path, sizeof(path), "/proc/%d/maps", (int)j.pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		while (fd >= 0 && (got = read(fd, buf, sizeof(buf))) > 0)
			str_addn(&j.maps.text, buf, (size_t)got);
		if (fd >= 0)
			close(fd);
		maps_parse(&j.maps);
		jobs = mem_grow(jobs, *n, &cap, sizeof(*jobs));
		jobs[(*n)++] = j;
		show(d->d_name);
	}
	closedir(dir);
	return jobs;
}

static void remove_procfs(struct job *jobs, size_t n)
{
	char path[300];
	DIR *dir = opendir(here.dir);
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", here.dir, d->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
	rmdir(here.dir);
	while (n)
		maps_free(&jobs[--n].maps);
	free(jobs);
}

static void measure_everything(void)
{
	struct samples ours = { 0 }, bare = { 0 };
	size_t n;
	struct job *jobs = make_procfs(&n);
	char target[64];
	int i;

	snprintf(target, sizeof(target), "%zu processes, %d of %d MiB", n, LARGE, LARGE_MIB);
	report_progress("all pages of all", target);
	for (i = 0; jobs && i < 4 * report_rounds() + 1; i++) {
		samples_add(&ours, search_ms(here.dir, here.page, LARGE + 1));
		samples_add(&bare, bare_ms(jobs, n));
	}
	report_row("all pages of all", target, "ms", samples_median(&ours), samples_median(&bare),
		"floor: the same calls alone");
	report_figure("who-everywhere", samples_median(&ours) / samples_median(&bare), 1.3);
	samples_free(&ours);
	samples_free(&bare);
	remove_procfs(jobs, n);
}

void who_maps(void)
{
	if (!begin()) {
		perror("bench: who");
		return;
	}
	measure("who maps: a file's page", "who-file-ms", here.file, RELATIVES + LARGE);
	measure("who maps: a forked page", "who-fork-ms", here.page, RELATIVES + LARGE + 1);
	/* Many small processes would hide what it costs to look at pages. */
	end_children(0, RELATIVES);
	measure_everything();
	end();
}
