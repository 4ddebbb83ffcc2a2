/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/mem.h"
#include "bench/report.h"
#include "bench/target.h"

struct row {
	char *what, *target, *unit, *reference_is;
	double ours, reference;
};

struct figure {
	char *name;
	double value, limit;
};

static struct row *rows;
static struct figure *figures;
static size_t row_count, row_cap, figure_count, figure_cap;

int report_rounds(void)
{
	const char *text = getenv("BENCH_ROUNDS");
	int n = text ? atoi(text) : 7;

	return n > 0 ? n : 7;
}

void samples_add(struct samples *s, double v)
{
	if (isnan(v))
		return;
	s->v = mem_grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = v;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double samples_at(struct samples *s, double share)
{
	size_t at = (size_t)((double)s->n * share);

	if (!s->n)
		return NAN;
	qsort(s->v, s->n, sizeof(*s->v), by_value);
	return s->v[at < s->n ? at : s->n - 1];
}

double samples_median(struct samples *s)
{
	return samples_at(s, 0.5);
}

void samples_free(struct samples *s)
{
	free(s->v);
	*s = (struct samples){ 0 };
}

void report_row(const char *what, const char *target, const char *unit, double ours,
	double reference, const char *reference_is)
{
	rows = mem_grow(rows, row_count, &row_cap, sizeof(*rows));
	rows[row_count++] = (struct row){
		.what = mem_strdup(what),
		.target = mem_strdup(target),
		.unit = mem_strdup(unit),
		.reference_is = mem_strdup(reference_is),
		.ours = ours,
		.reference = reference,
	};
}

void report_figure(const char *name, double value, double limit)
{
	figures = mem_grow(figures, figure_count, &figure_cap, sizeof(*figures));
	figures[figure_count++] =
		(struct figure){ .name = mem_strdup(name), .value = value, .limit = limit };
}

void report_progress(const char *what, const char *target)
{
	fprintf(stderr, "measuring: %s, %s\n", what, target);
}

static void machine_print(void)
{
	struct utsname u;

	uname(&u);
	printf("Linux %s %s, %ld CPUs, %ld MiB of memory.\n"
	       "The largest target has %llu MiB (half of MemAvailable at most; 4 GiB are asked for).\n"
	       "Medians of %d rounds or more, pmview's and the reference's in turn.\n\n",
		u.release, u.machine, sysconf(_SC_NPROCESSORS_ONLN),
		sysconf(_SC_PHYS_PAGES) / 256 * (sysconf(_SC_PAGESIZE) / 4096),
		(unsigned long long)(target_largest() >> 20), report_rounds());
}

/* Three digits that mean something, whatever the size. */
static const char *number(char buf[24], double v)
{
	if (isnan(v))
		return "-";
	snprintf(buf, 24, "%.*f",
		fabs(v) >= 100 ? 0
		: fabs(v) >= 10 ? 1
		: fabs(v) >= 1	? 2
				: 3,
		v);
	return buf;
}

void report_print(void)
{
	static const char format[] = "%-25s %-34s %8s %9s %6s %-5s %s\n";
	char ours[24], reference[24], ratio[24];
	bool missed;
	size_t i;

	machine_print();
	printf(format, "FIGURE", "TARGET", "PMVIEW", "REFERENCE", "RATIO", "UNIT",
		"REFERENCE IS");
	for (i = 0; i < row_count; i++) {
		const struct row *r = &rows[i];

		printf(format, r->what, r->target, number(ours, r->ours),
			number(reference, r->reference),
			number(ratio, r->reference > 0 ? r->ours / r->reference : NAN), r->unit,
			r->reference_is);
	}
	printf("\n");
	for (i = 0; i < figure_count; i++) {
		/* What could not be measured was not reached. */
		missed = !(figures[i].value <= figures[i].limit);
		printf("%s %.3f %g %s\n", figures[i].name, figures[i].value, figures[i].limit,
			missed ? "MISS" : "ok");
	}
}
