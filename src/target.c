/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/procfs.h"
#include "source/store.h"

struct live_options target_live_options(const struct options *o)
{
	return (struct live_options){
		.proc = o->proc,
		.engine = o->engine,
		.no_pfn = o->no_pfn,
		.freeze = o->freeze,
	};
}

static pid_t find_process(const struct options *o, struct err *e)
{
	char *note;
	pid_t pid = procfs_find(o->proc, o->target, &note, e);

	if (pid < 0 && !access(o->target, F_OK))
		return err_set(e, "no process is called '%s'; the file of that name is './%s'", o->target,
			o->target);
	if (pid >= 0 && note)
		fprintf(stderr, "pmview: %s\n", note);
	free(note);
	return pid;
}

pid_t target_pid(const struct options *o, const char *option, struct err *e)
{
	if (!o->target)
		return err_set(e, "which process? %s takes its PID or name", option);
	if (options_name_file(o->target))
		return err_set(e, "%s needs the live process: %s is a file", option, o->target);
	return find_process(o, e);
}

int target_open(const struct options *o, struct target *t, struct err *e)
{
	struct live_options lo = target_live_options(o);
	pid_t pid;

	*t = (struct target){ 0 };
	if (!o->target)
		return err_set(e,
			"which process? Give its PID or name, or a snapshot file ('pmview --help' tells more)");
	if (!options_name_file(o->target)) {
		if (o->at)
			return err_set(e, "--at chooses from a recording: %s is a process", o->target);
		pid = find_process(o, e);
		t->live = pid < 0 ? NULL : live_open(pid, &lo, e);
		return t->live ? 0 : -1;
	}
	if (o->freeze)
		return err_set(e, "--freeze stops a live process: %s is a file", o->target);
	if (!strcmp(o->target, "-") && isatty(STDIN_FILENO))
		return err_set(e, "standard input is a terminal: pipe a snapshot into it, or name a file");
	t->store = store_open(o->target, e);
	if (!t->store)
		return -1;
	if (o->no_pfn)
		store_withhold(t->store);
	t->index = store_count(t->store) - 1;
	if (o->at && store_find(t->store, o->at, &t->index, e) < 0)
		return -1;
	t->snapshot = store_read(t->store, t->index, e);
	return t->snapshot ? 0 : -1;
}

struct entry_reader target_entries(const struct target *t)
{
	return t->live ? live_entries(t->live) : store_entries(t->store);
}

struct frame_reader target_frames(const struct target *t)
{
	return t->live ? live_frames(t->live) : store_frames(t->store);
}

void target_close(struct target *t)
{
	snapshot_unref(t->snapshot);
	store_close(t->store);
	live_close(t->live);
}
