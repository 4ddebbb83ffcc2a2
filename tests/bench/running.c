/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdio.h>

#include "base/units.h"
#include "bench/parts.h"
#include "bench/program.h"
#include "bench/report.h"

#define WINDOW_NS UINT64_C(3000000000) /* of steady state, in every round */
#define SETTLE_NS UINT64_C(3000000000) /* for some scans after the first */

struct running {
	enum program program;
	struct target *target;
	struct tui *tui;        /* NULL: cannot be run here */
	double before_ms, whole_ms;
	struct samples share;   /* of a core, in percent, in each window */
};

static void start(struct running *r, enum program p, struct target *t)
{
	*r = (struct running){ .program = p, .target = t };
	if (p == PAGEMON && !program_installed("pagemon"))
		return;
	r->tui = program_start(p, t);
	if (r->tui && !(p == PMVIEW ? program_wait_whole(r->tui, t)
				    : program_wait_first(r->tui, p, t))) {
		program_end(r->tui);
		r->tui = NULL;
	}
}

/* Be the terminal of all of them for a while; it sleeps between, because a terminal that takes each
 * byte at once would only cost CPU. */
static void watch(struct running *r, size_t n, uint64_t ns)
{
	uint64_t began = units_now_ns();
	size_t i;

	while (units_now_ns() - began < ns)
		for (i = 0; i < n; i++)
			if (r[i].tui)
				program_watch(r[i].tui, 2);
}

/* All run at the same time, each looking at a target of its own. */
void running_steadily(void)
{
	struct target t[] = { target_make(TARGET_ORDINARY), target_make(TARGET_STRIPES),
		target_make(TARGET_MANY) };
	struct running r[4];
	double window_ms, all_ms = 0;
	uint64_t began;
	char name[64];
	size_t i;
	int round;

	for (i = 0; i < 3; i++)
		start(&r[i], PMVIEW, &t[i]);
	start(&r[3], PAGEMON, &t[0]);
	watch(r, 4, SETTLE_NS);
	for (round = 0; round < report_rounds(); round++) {
		report_progress("CPU in steady state", "three of them");
		for (i = 0; i < 4; i++)
			r[i].before_ms = r[i].tui ? program_cpu_ms(r[i].tui) : NAN;
		began = units_now_ns();
		watch(r, 4, WINDOW_NS);
		window_ms = (double)(units_now_ns() - began) / 1e6;
		all_ms += window_ms;
		for (i = 0; i < 4; i++) {
			double took = r[i].tui ? program_cpu_ms(r[i].tui) - r[i].before_ms : NAN;

			r[i].whole_ms += took;
			samples_add(&r[i].share, took / window_ms * 100);
		}
	}
	for (i = 0; i < 3; i++) {
		/* A scan may come less than once a window: the mean of all says what it costs. */
		double share = r[i].whole_ms / all_ms * 100;

		report_row("CPU, steady, of a core", t[i].name, "%", share,
			i ? NAN : samples_median(&r[3].share),
			i ? "" : r[3].tui ? "pagemon" : "pagemon (not installed)");
		snprintf(name, sizeof(name), "steady-%s-percent", t[i].figure);
		report_figure(name, share, i ? 5 : 1);
	}
	for (i = 0; i < 4; i++) {
		program_end(r[i].tui);
		samples_free(&r[i].share);
	}
	for (i = 0; i < 3; i++)
		target_end(&t[i]);
}

static double memory_of(struct running *r)
{
	return r->tui ? (double)program_memory(r->tui) / (1 << 20) : NAN;
}

void running_memory(void)
{
	struct target t[] = { target_make(TARGET_SMALL), target_make(TARGET_SPARSE) };
	struct samples mib[3] = { 0 };
	struct running r[3];
	bool other = program_installed("pagemon");
	size_t i;
	int round;

	for (round = 0; round < report_rounds(); round++) {
		report_progress("memory of its own", t[0].name);
		start(&r[0], PMVIEW, &t[0]);
		start(&r[1], PMVIEW, &t[1]);
		start(&r[2], PAGEMON, &t[0]);
		watch(r, 3, SETTLE_NS);
		for (i = 0; i < 3; i++) {
			samples_add(&mib[i], memory_of(&r[i]));
			program_end(r[i].tui);
		}
	}
	report_row("most memory resident", t[0].name, "MiB", samples_median(&mib[0]),
		samples_median(&mib[2]), other ? "pagemon" : "pagemon (not installed)");
	report_row("most memory resident", t[1].name, "MiB", samples_median(&mib[1]),
		samples_median(&mib[0]), "pmview on the small process");
	report_figure("memory-small-mib", samples_median(&mib[0]), 12);
	/* The islands are runs, which the small process has not: 8,193 of them a snapshot. */
	report_figure("memory-16tib", samples_median(&mib[1]) / samples_median(&mib[0]), 1.1);
	for (i = 0; i < 3; i++)
		samples_free(&mib[i]);
	for (i = 0; i < 2; i++)
		target_end(&t[i]);
}
