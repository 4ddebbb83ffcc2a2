/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "bench/parts.h"
#include "bench/program.h"
#include "bench/report.h"

/* Keys that were pressed during scans, in every round. */
#define KEYS_A_ROUND 15

/* The screen is finished when nothing more has come for so long. */
#define QUIET_MS 15

/* CPU that pmview uses in the time of a key: at least the one when it scans, at most the other when
 * it does not. */
#define SCANNING_MS 4
#define IDLE_MS     2

struct answer {
	uint64_t screen_before, screen;
	uint64_t at;
};

/* A number for what the screen says below its title, which changes when a scan ends. */
static uint64_t screen_text(struct tui *t)
{
	uint64_t hash = 0;
	const char *c;
	int row;

	for (row = 1; row < tui_rows(t); row++)
		for (c = tui_row(t, row); *c; c++)
			hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3) + 1;
	return hash;
}

/* Something else is shown, and no detail of it is still to come. */
static bool answered(struct tui *t, void *arg)
{
	struct answer *a = arg;
	int row, col;

	a->at = units_now_ns();
	a->screen = screen_text(t);
	return a->screen != a->screen_before && !tui_find(t, "being read", &row, &col);
}

/* ms from the key to the last change of its screen. */
static double press(struct tui *t, const char *key)
{
	struct answer a = { .screen_before = screen_text(t) };
	uint64_t began = units_now_ns();

	tui_key(t, key);
	if (!tui_wait(t, answered, &a))
		return INFINITY;
	tui_wait_quiet(t, QUIET_MS);
	if (screen_text(t) != a.screen) /* there was more */
		a.at = units_now_ns() - QUIET_MS * UINT64_C(1000000);
	return (double)(a.at - began) / 1e6;
}

/* Go down the list to the mapping of the target's memory, and into its grid. */
static bool go_to_memory(struct tui *t, const struct target *target)
{
	unsigned long long start, end;
	char path[64], line[512], heading[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)target->pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f) && sscanf(line, "%llx-%llx", &start, &end) == 2 &&
		end <= target->shared->start)
		tui_key(t, TUI_KEY_DOWN);
	if (!f)
		return false;
	fclose(f);
	snprintf(heading, sizeof(heading), "%llx-%llx", start, end);
	if (!tui_wait_text(t, heading))
		return false;
	tui_key(t, TUI_KEY_TAB);
	return tui_wait_text(t, "Tab list");
}

void keys_answered(struct target *target)
{
	static const char *const keys[] = { "j", "k", "+", "-", TUI_KEY_TAB, TUI_KEY_TAB };
	struct samples busy = { 0 }, idle = { 0 };
	struct tui *t = program_start(PMVIEW, target);
	size_t wanted = (size_t)report_rounds() * KEYS_A_ROUND, i;
	double cpu, ms;

	report_progress("keys", target->name);
	if (!t || !program_wait_whole(t, target) || !go_to_memory(t, target))
		wanted = 0;
	for (i = 0; busy.n < wanted && i < 100 * wanted; i++) {
		cpu = program_cpu_ms(t);
		ms = press(t, keys[i % (sizeof(keys) / sizeof(*keys))]);
		cpu = program_cpu_ms(t) - cpu;
		if (cpu >= SCANNING_MS)
			samples_add(&busy, ms);
		else if (cpu < IDLE_MS)
			samples_add(&idle, ms);
		/* The next scan, as soon as it may be. It draws nothing. */
		if (cpu < SCANNING_MS)
			tui_key(t, TUI_KEY_F5);
	}
	report_row("key to screen, median", target->name, "ms", samples_median(&busy),
		samples_median(&idle), "pmview while it does not scan");
	report_row("key to screen, 99th", target->name, "ms", samples_at(&busy, 0.99),
		samples_at(&idle, 0.99), "pmview while it does not scan");
	report_figure("key-99th-ms", samples_at(&busy, 0.99), 16);
	program_end(t);
	samples_free(&busy);
	samples_free(&idle);
}
