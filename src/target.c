/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/procfs.h"
#include "source/store.h"

static bool is_file_name(const char *target)
{
	size_t len = strlen(target);

	return !strcmp(target, "-") || strchr(target, '/') ||
		(len > 4 && !strcmp(target + len - 4, ".pmv"));
}

static int open_live(const struct options *o, struct target *t, struct err *e)
{
	struct live_options lo = {
		.proc = o->proc,
		.engine = o->engine,
		.no_pfn = o->no_pfn,
		.freeze = o->freeze,
	};
	char *note;
	pid_t pid = procfs_find(o->proc, o->target, &note, e);

	if (pid < 0 && !access(o->target, F_OK))
		return err_set(e, "no process is called '%s'; the file of that name is './%s'", o->target,
			o->target);
	if (pid < 0)
		return -1;
	if (note)
		fprintf(stderr, "pmview: %s\n", note);
	free(note);
	t->live = live_open(pid, &lo, e);
	return t->live ? 0 : -1;
}

int target_open(const struct options *o, struct target *t, struct err *e)
{
	*t = (struct target){ 0 };
	if (!o->target)
		return err_set(e,
			"which process? Give its PID or name, or a snapshot file ('pmview --help' tells more)");
	if (!is_file_name(o->target))
		return open_live(o, t, e);
	if (o->freeze)
		return err_set(e, "--freeze stops a live process: %s is a file", o->target);
	t->snapshot = store_read(o->target, e);
	return t->snapshot ? 0 : -1;
}

void target_close(struct target *t)
{
	snapshot_unref(t->snapshot);
	live_close(t->live);
}
