/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/floor.h"
#include "bench/parts.h"
#include "bench/report.h"
#include "source/live.h"

/* A scan is short beside the other parts: more of them cost little. */
#define SCANS_A_ROUND 3

static struct live *look_at(const struct target *t)
{
	struct live_options o = { .proc = "/proc" };
	struct err e;
	struct live *l = live_open(t->pid, &o, &e);

	if (!l) {
		fprintf(stderr, "bench: %s\n", e.text);
		exit(2);
	}
	return l;
}

static struct snapshot *scan(struct live *l)
{
	struct err e;
	struct snapshot *s = live_scan(l, NULL, NULL, NULL, &e);

	if (!s) {
		fprintf(stderr, "bench: %s\n", e.text);
		exit(2);
	}
	return s;
}

/* Scan by pmview and by the floor in turn; CPU time of each in ms. */
static void compare(struct target *t, bool file, struct samples *ours, struct samples *floor)
{
	struct live *l = look_at(t);
	int i;

	snapshot_unref(scan(l)); /* the first one also makes the heap grow */
	for (i = 0; i < report_rounds() * SCANS_A_ROUND; i++) {
		double began = floor_cpu_ms(), middle;
		struct snapshot *s = scan(l);

		middle = floor_cpu_ms();
		samples_add(ours, middle - began);
		snapshot_unref(s);
		middle = floor_cpu_ms();
		if (!floor_scan(t, file)) {
			perror("bench: the floor");
			exit(2);
		}
		samples_add(floor, floor_cpu_ms() - middle);
	}
	live_close(l);
}

static double limit_of(enum target_kind kind)
{
	switch (kind) {
	case TARGET_STRIPES:
		return 1.4;
	case TARGET_PAIR:
		return NAN; /* nothing is promised */
	default:
		return 1.15;
	}
}

void cost_of_scan(struct target *t)
{
	struct samples ours = { 0 }, floor = { 0 };
	char name[64];

	report_progress("CPU of a scan", t->name);
	compare(t, false, &ours, &floor);
	report_row("CPU of one full scan", t->name, "ms", samples_median(&ours),
		samples_median(&floor), "floor: bare system calls");
	snprintf(name, sizeof(name), "cpu-%s", t->figure);
	if (!isnan(limit_of(t->kind)))
		report_figure(name, samples_median(&ours) / samples_median(&floor),
			limit_of(t->kind));
	samples_free(&ours);
	samples_free(&floor);
}

void cost_without_file(struct target *t)
{
	struct samples ours = { 0 }, all = { 0 };

	report_progress("CPU of a scan for every category", t->name);
	compare(t, true, &ours, &all);
	report_row("CPU of one full scan", t->name, "ms", samples_median(&ours),
		samples_median(&all), "the same calls, FILE asked for everywhere");
	report_figure("cpu-every-category", samples_median(&ours) / samples_median(&all), 0.65);
	samples_free(&ours);
	samples_free(&all);
}

static size_t allocated(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

void cost_in_memory(struct target *t)
{
	struct live *l = look_at(t);
	struct snapshot *s = scan(l);
	size_t before, i;
	double bytes, allowed = 0;
	char name[64];

	report_progress("bytes of a snapshot", t->name);
	snapshot_unref(s);
	before = allocated();
	s = scan(l);
	bytes = (double)(allocated() - before);
	for (i = 0; i < snapshot_vmas(s); i++)
		allowed += 160 + 8 * (double)runs_length(snapshot_vma(s, i)->runs);
	report_row("bytes of a snapshot", t->name, "MiB", bytes / (1 << 20), allowed / (1 << 20),
		"160 bytes a VMA and 8 a run");
	snprintf(name, sizeof(name), "snapshot-bytes-%s", t->figure);
	report_figure(name, bytes / allowed, 1);
	snapshot_unref(s);
	live_close(l);
}
