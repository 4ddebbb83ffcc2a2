/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pmview costs, beside what else there is, in one run. See README.md.
 *
 *   target    the processes that are looked at
 *   floor     the reference: bare system calls
 *   peers     other tools one could look with
 *   program   pmview and pagemon on a terminal
 *   report    samples, medians, the table
 *   cost, delay, screen, keys, running, who, keep: the parts; main puts them together
 *
 * usage: bench [PART...]     all of them by default
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/parts.h"
#include "bench/report.h"

/* Which part looks at which targets. */
static const struct {
	enum target_kind kind;
	const char *part;
	void (*measure)(struct target *t);
} plan[] = {
	{ TARGET_DENSE, "cost", cost_of_scan },
	{ TARGET_DENSE, "cost", cost_without_file },
	{ TARGET_DENSE, "screen", screen_whole },
	{ TARGET_DENSE, "keys", keys_answered },
	{ TARGET_DENSE, "delay", delay_of_target },
	{ TARGET_THP, "cost", cost_of_scan },
	{ TARGET_STRIPES, "cost", cost_of_scan },
	{ TARGET_STRIPES, "bytes", cost_in_memory },
	{ TARGET_SPARSE, "cost", cost_of_scan },
	{ TARGET_SPARSE, "screen", screen_first },
	{ TARGET_MANY, "cost", cost_of_scan },
	{ TARGET_MANY, "bytes", cost_in_memory },
	{ TARGET_MANY, "screen", screen_first },
	{ TARGET_PAIR, "cost", cost_of_scan },
	{ TARGET_ORDINARY, "screen", screen_first },
	{ TARGET_ORDINARY, "keep", keep_cost },
};

/* Those that look at several targets at a time. */
static const struct {
	const char *part;
	void (*measure)(void);
} several[] = {
	{ "steady", running_steadily },
	{ "memory", running_memory },
	{ "who", who_maps },
	{ "keep", keep_files },
};

static bool wanted(const char *part, char *const only[])
{
	size_t i;

	for (i = 0; only[i]; i++)
		if (!strcmp(only[i], part))
			return true;
	return !only[0];
}

int main(int argc, char **argv)
{
	struct target t = { .kind = TARGET_KINDS };
	const char *path = getenv("PATH");
	char where[4096];
	size_t i;

	(void)argc;
	/* pagemon is installed where only root looks. */
	snprintf(where, sizeof(where), "%s:/usr/sbin:/sbin", path ? path : "/usr/bin:/bin");
	setenv("PATH", where, 1);
	for (i = 0; i < sizeof(plan) / sizeof(*plan); i++) {
		if (!wanted(plan[i].part, argv + 1))
			continue;
		if (t.kind != plan[i].kind) {
			if (t.kind != TARGET_KINDS)
				target_end(&t);
			t = target_make(plan[i].kind);
		}
		plan[i].measure(&t);
	}
	if (t.kind != TARGET_KINDS)
		target_end(&t);
	for (i = 0; i < sizeof(several) / sizeof(*several); i++)
		if (wanted(several[i].part, argv + 1))
			several[i].measure();
	report_print();
	return 0;
}
