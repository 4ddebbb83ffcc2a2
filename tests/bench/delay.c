/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/units.h"
#include "bench/parts.h"
#include "bench/peers.h"
#include "bench/report.h"

/* How long each way of looking goes on, in every round. */
#define LOOKING_NS UINT64_C(1000000000)

struct delay {
	double p999, worst; /* ms a loop took */
};

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static struct delay delay_under(const struct peer_kind *kind, struct target *t)
{
	struct peer p = { .kind = kind, .target = t };
	uint32_t *ns = t->shared->loop_ns, n;
	uint64_t began;

	if (kind->begin)
		kind->begin(&p);
	target_loop_begin(t);
	for (began = units_now_ns(); units_now_ns() - began < LOOKING_NS;)
		if (!kind->look(&p)) {
			fprintf(stderr, "bench: cannot look by %s\n", kind->name);
			exit(2);
		}
	n = target_loop_end(t);
	if (kind->end)
		kind->end(&p);
	qsort(ns, n, sizeof(*ns), by_size);
	return (struct delay){ ns[(uint64_t)n * 999 / 1000] / 1e6, ns[n - 1] / 1e6 };
}

void delay_of_target(struct target *t)
{
	struct samples p999[PEERS] = { 0 }, worst[PEERS] = { 0 }; /* above its own without */
	struct delay alone, d;
	double ours[2];
	int round, i;

	for (round = 0; round < report_rounds(); round++) {
		report_progress("the target's worst delay", t->name);
		alone = delay_under(&peer_kinds[0], t);
		for (i = 1; i < PEERS; i++) {
			if (!peer_installed(&peer_kinds[i]))
				continue;
			d = delay_under(&peer_kinds[i], t);
			samples_add(&p999[i], d.p999 - alone.p999);
			samples_add(&worst[i], d.worst - alone.worst);
		}
	}
	ours[0] = samples_median(&p999[1]);
	ours[1] = samples_median(&worst[1]);
	for (i = 2; i < PEERS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s%s", peer_kinds[i].name,
			peer_installed(&peer_kinds[i]) ? "" : " (not installed)");
		report_row("delay added, p99.9", t->name, "ms", ours[0],
			samples_median(&p999[i]), name);
		report_row("delay added, worst", t->name, "ms", ours[1],
			samples_median(&worst[i]), name);
		samples_free(&p999[i]);
		samples_free(&worst[i]);
	}
	samples_free(&p999[1]);
	samples_free(&worst[1]);
	report_figure("delay-p99.9-ms", ours[0], 1);
	report_figure("delay-worst-ms", ours[1], 1);
}
