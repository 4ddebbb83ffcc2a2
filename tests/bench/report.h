/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples, and the one table that is printed when all has been measured. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

/* How often things are measured: medians are taken of this many rounds ($BENCH_ROUNDS, 7). */
int report_rounds(void);

struct samples {
	double *v;
	size_t n, cap;
};
void samples_add(struct samples *s, double v); /* NAN is left out */
/* The value that `share` of the samples do not exceed: 0.5 is the median. NAN if there are none. */
double samples_at(struct samples *s, double share);
double samples_median(struct samples *s);
void samples_free(struct samples *s);

/* A line of the table: pmview's figure beside a reference's on the same target. NAN for the
 * reference: it cannot be had here. Texts are copied. */
void report_row(const char *what, const char *target, const char *unit, double ours,
	double reference, const char *reference_is);

/* One of the figures that are promised: it must not exceed the limit. */
void report_figure(const char *name, double value, double limit);

/* What is under way, on stderr. */
void report_progress(const char *what, const char *target);

/* The machine, the table, and a line for each figure, on stdout. */
void report_print(void);

#endif
