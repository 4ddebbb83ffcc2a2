/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdio.h>

#include "base/units.h"
#include "bench/parts.h"
#include "bench/program.h"
#include "bench/report.h"

/* Each start is short: more of them cost little. */
#define STARTS_A_ROUND 2

/* ms from just before the program is forked and executed. */
static double start_to_screen(enum program p, const struct target *target, bool whole)
{
	uint64_t began = units_now_ns();
	struct tui *t = program_start(p, target);
	double ms = p == PMVIEW ? INFINITY : NAN;

	if (t && (whole ? program_wait_whole(t, target) : program_wait_first(t, p, target)))
		ms = (double)(units_now_ns() - began) / 1e6;
	program_end(t);
	return ms;
}

static void measure(
	const char *what, const char *figure, struct target *t, bool whole, double limit)
{
	struct samples ours = { 0 }, theirs = { 0 };
	bool other = program_installed("pagemon");
	int i;

	report_progress(what, t->name);
	for (i = 0; i < report_rounds() * STARTS_A_ROUND; i++) {
		samples_add(&ours, start_to_screen(PMVIEW, t, whole));
		if (other)
			samples_add(&theirs, start_to_screen(PAGEMON, t, false));
	}
	report_row(what, t->name, "ms", samples_median(&ours), samples_median(&theirs),
		!other	       ? "pagemon (not installed)"
		: theirs.n ? "pagemon's first screen"
			   : "pagemon (gives up on it)");
	report_figure(figure, samples_median(&ours), limit);
	samples_free(&ours);
	samples_free(&theirs);
}

void screen_first(struct target *t)
{
	char figure[64];

	snprintf(figure, sizeof(figure), "first-screen-%s-ms", t->figure);
	measure("first screen after exec", figure, t, false, t->kind == TARGET_ORDINARY ? 60 : 120);
}

void screen_whole(struct target *t)
{
	measure("all shown after exec", "whole-dense-ms", t, true, 250);
}
