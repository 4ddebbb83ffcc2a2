/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/program.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "helpers.h"

bool program_installed(const char *name)
{
	char command[128];
	struct result r;
	bool found;

	snprintf(command, sizeof(command), "command -v %s", name);
	r = run_program((const char *const[]){ "sh", "-c", command, NULL });
	found = r.status == 0;
	result_free(&r);
	return found;
}

struct tui *program_start(enum program p, const struct target *t)
{
	char pid[16];
	char *const pmview[] = { (char *)pmview_path(), "-p", pid, NULL };
	char *const pagemon[] = { "pagemon", "-p", pid, NULL };

	snprintf(pid, sizeof(pid), "%d", (int)t->pid);
	return tui_start(50, 160, NULL, p == PMVIEW ? pmview : pagemon);
}

struct tui *program_start_file(const char *path)
{
	char *const argv[] = { (char *)pmview_path(), (char *)path, NULL };

	return tui_start(50, 160, NULL, argv);
}

void program_end(struct tui *t)
{
	tui_free(t);
}

void program_watch(struct tui *t, int ms)
{
	tui_wait_quiet(t, ms);
}

static bool shown(struct tui *t, const char *text)
{
	int row, col;

	return tui_find(t, text, &row, &col);
}

/* What stands in the list's first row. */
static void first_address(const struct target *t, char buf[32])
{
	unsigned long long address = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)t->pid);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%llx", &address) != 1)
		fprintf(stderr, "bench: cannot read %s\n", path);
	if (f)
		fclose(f);
	snprintf(buf, 32, "%llx ", address);
}

static bool first_of_pmview(struct tui *t, void *address)
{
	return strstr(tui_row(t, tui_rows(t) - 1), "?Help") && shown(t, " START") &&
		shown(t, address) && (shown(t, "1 cell=") || shown(t, "1 dot="));
}

static bool whole_of_pmview(struct tui *t, void *address)
{
	return strstr(tui_row(t, 0), "LIVE") && first_of_pmview(t, address);
}

/* It gives up on what is too large for it. */
static bool first_of_pagemon(struct tui *t, void *gave_up)
{
	*(bool *)gave_up = !program_memory(t);
	return *(bool *)gave_up || (shown(t, "Pagemon 0x") && shown(t, "KEY:"));
}

bool program_wait_first(struct tui *t, enum program p, const struct target *target)
{
	char address[32];
	bool gave_up = false;

	if (p == PAGEMON)
		return tui_wait(t, first_of_pagemon, &gave_up) && !gave_up;
	first_address(target, address);
	return tui_wait(t, first_of_pmview, address);
}

bool program_wait_whole(struct tui *t, const struct target *target)
{
	char address[32];

	first_address(target, address);
	return tui_wait(t, whole_of_pmview, address);
}

bool program_wait_file(struct tui *t)
{
	return tui_wait(t, first_of_pmview, "7f0000000000");
}

double program_cpu_ms(const struct tui *t)
{
	struct timespec now;
	clockid_t clock;

	if (clock_getcpuclockid(tui_pid(t), &clock) || clock_gettime(clock, &now))
		return NAN;
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

uint64_t program_memory(const struct tui *t)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tui_pid(t));
	return target_kilobytes(path, "VmHWM:");
}
