/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots in files: what saving costs beside the same reads alone, how large files are, how soon
 * one is open. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "bench/floor.h"
#include "bench/parts.h"
#include "bench/program.h"
#include "bench/report.h"
#include "helpers.h"
#include "source/live.h"
#include "source/pace.h"
#include "source/record.h"

#define PAGE UINT64_C(4096)

static void give_up(const char *text)
{
	fprintf(stderr, "bench: %s\n", text);
	exit(2);
}

static double size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? NAN : (double)st.st_size;
}

/* --- what saving costs --- */

/* The frames of n entries, in batches of consecutive ones, from the three files. */
static void read_frames(const int fd[3], const uint64_t *entry, uint64_t n)
{
	static uint64_t word[512];
	uint64_t i, k, pfn;
	int f;

	for (i = 0; i < n; i += k) {
		pfn = entry[i] & ((UINT64_C(1) << 55) - 1);
		for (k = 1; i + k < n && k < 512 && entry[i + k] == entry[i] - k; k++)
			;
		if (k > 1)
			pfn -= k - 1;
		else
			for (; i + k < n && k < 512 && entry[i + k] == entry[i] + k; k++)
				;
		for (f = 0; f < 3; f++)
			if (pread(fd[f], word, k * 8, (off_t)(pfn * 8)) < 0)
				give_up("page frames cannot be read");
	}
}

/* Read all entries of the target's memory, their frames, and the entries again. */
static void read_all(const struct target *t)
{
	static const char *const names[] = { "/proc/kpageflags", "/proc/kpagecount", "/proc/kpagecgroup" };
	static uint64_t entry[4096];
	uint64_t at, n, began;
	char path[64];
	int fd[3], pagemap, f;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)t->pid);
	pagemap = open(path, O_RDONLY | O_CLOEXEC);
	for (f = 0; f < 3; f++)
		fd[f] = open(names[f], O_RDONLY | O_CLOEXEC);
	for (at = t->shared->start; at < t->shared->end; at += n * PAGE) {
		n = (t->shared->end - at) / PAGE;
		n = n < 4096 ? n : 4096;
		began = units_now_ns();
		if (pread(pagemap, entry, n * 8, (off_t)(at / PAGE * 8)) != (ssize_t)n * 8)
			give_up("entries cannot be read");
		if (units_now_ns() - began > PACE_HELD_NS)
			nanosleep(&(struct timespec){ .tv_nsec = PACE_PAUSE_NS }, NULL);
		read_frames(fd, entry, n);
		if (pread(pagemap, entry, n * 8, (off_t)(at / PAGE * 8)) != (ssize_t)n * 8)
			give_up("entries cannot be read");
	}
	for (f = 0; f < 3; f++)
		close(fd[f]);
	close(pagemap);
}

static void save_full(const struct target *t, struct live *l, const char *path)
{
	struct entry_reader er = live_entries(l);
	struct frame_reader fr;
	struct store_what what = { .keep = KEEP_FULL, .entries = &er, .frames = &fr };
	struct err e;
	struct snapshot *s = live_scan(l, NULL, NULL, NULL, &e);

	(void)t;
	fr = live_frames(l);
	if (!s || store_write(path, s, &what, true, &e))
		give_up(e.text);
	snapshot_unref(s);
}

void keep_cost(struct target *t)
{
	struct samples ours = { 0 }, floor = { 0 };
	struct live_options o = { .proc = "/proc" };
	char path[] = "/tmp/pmview-bench-XXXXXX";
	struct live *l;
	struct err e;
	double began, middle;
	int i;

	report_progress("CPU of a full snapshot", t->name);
	close(mkstemp(path));
	unlink(path);
	l = live_open(t->pid, &o, &e);
	if (!l)
		give_up(e.text);
	for (i = 0; i < report_rounds(); i++) {
		began = floor_cpu_ms();
		save_full(t, l, path);
		middle = floor_cpu_ms();
		samples_add(&ours, middle - began);
		if (!floor_scan(t, false))
			give_up("the floor");
		read_all(t);
		samples_add(&floor, floor_cpu_ms() - middle);
	}
	report_row("CPU of a full snapshot", t->name, "ms", samples_median(&ours),
		samples_median(&floor), "floor: the same reads alone");
	report_figure("keep-full", samples_median(&ours) / samples_median(&floor), 2.5);
	report_row("bytes a page of it", t->name, "B",
		size_of(path) / (double)((t->shared->end - t->shared->start) / PAGE), NAN, "");
	live_close(l);
	unlink(path);
	samples_free(&ours);
	samples_free(&floor);
}

/* --- made-up memory --- */

#define MEMORY_PAGES (UINT64_C(4) << 20)
#define MEMORY_START UINT64_C(0x7f0000000000)
#define MEMORY_PFNS  (UINT64_C(1) << 23) /* 32 GiB */

static uint64_t *made_entry;

static ssize_t made_read(void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e)
{
	(void)ctx, (void)e;
	memcpy(entries, made_entry + (page - MEMORY_START / PAGE), n * 8);
	return (ssize_t)n;
}

static void made_frames(void *ctx, uint64_t pfn, uint64_t n, struct frame *f)
{
	uint64_t i, mixed;

	(void)ctx;
	/* One in eight was referenced, whichever it happens to be. */
	for (i = 0; i < n; i++) {
		mixed = (pfn + i) * 0x9e3779b97f4a7c15;
		mixed = (mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9;
		f[i] = (struct frame){ .flags = (mixed ^ mixed >> 32) % 8 ? 0x5868 : 0x586c,
			.mapcount = 1, .cgroup = 3104, .node = 0, .zone = ZONE_NORMAL, .known = 7 };
	}
}

static struct frame_reader made_frame_reader(void)
{
	return (struct frame_reader){ .read = made_frames, .page_size = PAGE };
}

/* A snapshot of one mapping with so many runs. */
static struct snapshot *made_snapshot(uint64_t pages, uint64_t runs, int seconds)
{
	struct snapshot_info info = info_for_tests();
	struct vma v = { .start = MEMORY_START, .end = MEMORY_START + pages * PAGE, .name = "",
		.kind = VMA_ANON, .perms = VMA_READ | VMA_WRITE, .page_size = PAGE };
	struct runs_builder b = { 0 };
	struct snapshot_builder *sb;
	uint64_t i;

	info.time.tv_sec += seconds;
	for (i = 0; i < runs; i++)
		runs_builder_add(&b, pages / runs + (i < pages % runs), i % 2 ? PAGE_SWAP : PAGE_ANON, false);
	sb = snapshot_builder_new(&info);
	snapshot_builder_add(sb, &v, runs_builder_finish(&b));
	runs_builder_free(&b);
	return snapshot_builder_finish(sb);
}

/* Entries whose frames follow each other, or come in any order. */
static void make_entries(uint64_t pages, bool shuffled)
{
	uint64_t i, *pfn = mem_alloc(MEMORY_PFNS * 8), k;

	random_seed(1);
	for (i = 0; i < MEMORY_PFNS; i++)
		pfn[i] = i + 1;
	for (i = 0; shuffled && i < pages; i++) {
		uint64_t was = pfn[i];

		k = i + random_below(MEMORY_PFNS - i);
		pfn[i] = pfn[k];
		pfn[k] = was;
	}
	for (i = 0; i < pages; i++)
		made_entry[i] = UINT64_C(0x8100000000000000) | pfn[i];
	free(pfn);
}

static void save_made(const char *path, const struct snapshot *s, enum store_keep keep)
{
	struct entry_reader er = { .read = made_read };
	struct frame_reader fr = made_frame_reader();
	struct store_what what = { .keep = keep, .entries = &er, .frames = &fr };
	struct err e;

	if (store_write(path, s, &what, true, &e))
		give_up(e.text);
}

static void measure_sizes(const char *path)
{
	const uint64_t pages = UINT64_C(1) << 20;
	struct snapshot *s = made_snapshot(pages, 1, 0);

	report_progress("bytes of a full snapshot", "a million made-up pages");
	make_entries(pages, true);
	save_made(path, s, KEEP_FULL);
	report_row("bytes a page, full", "frames in any order", "B", size_of(path) / (double)pages, NAN, "");
	report_figure("keep-shuffled-bytes", size_of(path) / (double)pages, 8);
	make_entries(pages, false);
	save_made(path, s, KEEP_FULL);
	report_row("bytes a page, full", "frames in order", "B", size_of(path) / (double)pages, NAN, "");
	report_figure("keep-in-order-bytes", size_of(path) / (double)pages, 1.5);
	snapshot_unref(s);
}

/* One page in a hundred gets another frame. */
static void measure_changes(const char *path)
{
	static const enum store_keep keeps[] = { KEEP_ENTRIES, KEEP_FULL };
	const uint64_t pages = UINT64_C(1) << 20;
	struct snapshot *s[2] = { made_snapshot(pages, 1, 0), made_snapshot(pages, 1, 1) };
	struct entry_reader er = { .read = made_read };
	struct frame_reader fr = made_frame_reader();
	double first, both;
	char figure[64];
	size_t i;

	for (i = 0; i < 2; i++) {
		struct store_what what = { .keep = keeps[i], .entries = &er, .frames = &fr };
		struct recorder *r;
		struct err e;
		uint64_t k;

		report_progress("bytes of changes", store_keep_name(keeps[i]));
		unlink(path);
		make_entries(pages, true);
		r = recorder_open(path, s[0], false, &e);
		if (!r || recorder_add(r, s[0], &what, &e))
			give_up(e.text);
		first = (double)recorder_size(r);
		for (k = 0; k < pages / 100; k++)
			made_entry[random_below(pages)] =
				UINT64_C(0x8100000000000000) | (1 + random_below(MEMORY_PFNS));
		if (recorder_add(r, s[1], &what, &e))
			give_up(e.text);
		both = (double)recorder_size(r);
		recorder_close(r, &e);
		report_row("1 % changed, recorded", store_keep_name(keeps[i]), "KiB", (both - first) / 1024,
			first / 1024, "all of it");
		snprintf(figure, sizeof(figure), "keep-changes-%s", store_keep_name(keeps[i]));
		report_figure(figure, (both - first) / first, 0.05);
	}
	snapshot_unref(s[0]);
	snapshot_unref(s[1]);
}

/* --- opening --- */

/* ms from just before fork and exec to the first screen, and the most memory resident then, in MiB. */
static void open_once(const char *path, double *ms, double *mib)
{
	uint64_t began = units_now_ns();
	struct tui *t = program_start_file(path);

	*ms = INFINITY;
	*mib = NAN;
	if (t && program_wait_file(t)) {
		*ms = (double)(units_now_ns() - began) / 1e6;
		*mib = (double)program_memory(t) / (1 << 20);
	}
	program_end(t);
}

static void measure_opening(const char *path)
{
	struct snapshot *s = made_snapshot(MEMORY_PAGES, 100000, 0);
	struct samples ms = { 0 }, mib = { 0 };
	int i;

	report_progress("opening a file", "4 million pages, 100,000 runs");
	make_entries(MEMORY_PAGES, true);
	save_made(path, s, KEEP_FULL);
	snapshot_unref(s);
	for (i = 0; i < report_rounds(); i++) {
		double took, memory;

		open_once(path, &took, &memory);
		samples_add(&ms, took);
		samples_add(&mib, memory);
	}
	report_row("first screen of a file", "4M pages, 100,000 runs, full", "ms", samples_median(&ms), NAN, "");
	report_figure("keep-open-ms", samples_median(&ms), 100);
	report_row("most memory resident", "4M pages, 100,000 runs, full", "MiB", samples_median(&mib), NAN, "");
	report_figure("keep-open-mib", samples_median(&mib), 32);
	samples_free(&ms);
	samples_free(&mib);
}

static void measure_skeleton(const char *path)
{
	struct target t = target_make(TARGET_SMALL);
	struct live_options o = { .proc = "/proc" };
	struct err e;
	struct live *l = live_open(t.pid, &o, &e);
	struct snapshot *s = l ? live_scan(l, NULL, NULL, NULL, &e) : NULL;

	if (!s || store_write(path, s, NULL, true, &e))
		give_up(e.text);
	report_row("bytes of a skeleton", t.name, "KiB", size_of(path) / 1024, NAN, "");
	report_figure("keep-skeleton-kib", size_of(path) / 1024, 64);
	snapshot_unref(s);
	live_close(l);
	target_end(&t);
}

void keep_files(void)
{
	char path[] = "/tmp/pmview-bench-XXXXXX.pmv";

	close(mkstemps(path, 4));
	unlink(path);
	made_entry = mem_alloc(MEMORY_PAGES * 8);
	measure_skeleton(path);
	measure_sizes(path);
	measure_changes(path);
	measure_opening(path);
	free(made_entry);
	unlink(path);
}
