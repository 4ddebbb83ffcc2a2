/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/newfile.h"
#include "base/units.h"
#include "model/owners.h"
#include "output/owners.h"
#include "output/report.h"
#include "print.h"
#include "source/job.h"
#include "source/live.h"
#include "source/owners.h"
#include "source/procfs.h"

/* Work that takes longer says how far it is, on a terminal, this often. */
#define PATIENCE_NS UINT64_C(1000000000)
#define PROGRESS_MS 200

/* Run work(ctx) and wait for it; `what` its progress counts. As job_finish(). */
static int run_job(int (*work)(void *ctx, struct job_control *c, struct err *e), void *ctx,
	const char *what, struct err *e)
{
	struct job *j = job_start(work, ctx);
	uint64_t began = units_now_ns(), done, all;
	bool told = false;

	if (!j)
		return err_set(e, "cannot start a thread");
	while (!job_is_done(j)) {
		struct pollfd p = { .fd = job_fd(j), .events = POLLIN };

		poll(&p, 1, PROGRESS_MS);
		if (units_now_ns() - began < PATIENCE_NS || !isatty(STDERR_FILENO))
			continue;
		job_progress(j, &done, &all);
		fprintf(stderr, "\rpmview: %" PRIu64 " of %" PRIu64 " %s\033[K", done, all, what);
		told = true;
	}
	if (told)
		fputs("\r\033[K", stderr);
	return job_finish(j, e);
}

/* The live process that is meant, or -1 with e set. */
static pid_t find_target(const struct options *o, struct err *e)
{
	char *note;
	pid_t pid;

	if (strchr(o->target, '/') || !strcmp(o->target, "-"))
		return err_set(e, "%s is a file: this question needs a live process", o->target);
	pid = procfs_find(o->proc, o->target, &note, e);
	if (note)
		fprintf(stderr, "pmview: %s\n", note);
	free(note);
	return pid;
}

struct who {
	struct owners_query query;
	struct owners owners;
};

static int work_who(void *ctx, struct job_control *c, struct err *e)
{
	struct who *w = ctx;

	return owners_find(&w->query, c, NULL, NULL, &w->owners, e);
}

static void print_owners(FILE *f, const struct options *o, const struct owners *owners)
{
	struct report *r;

	if (o->format == FORMAT_JSON) {
		json_owners(f, owners, o->ascii);
	} else if (o->format == FORMAT_CSV) {
		csv_owners(f, owners, o->ascii);
	} else {
		r = owners_report(owners, o->bytes);
		text_report(f, r, o->ascii);
		report_free(r);
	}
}

int ask_who(const struct options *o)
{
	struct who w = {
		.query = {
			.proc = o->proc,
			.plain = o->engine == LIVE_READ,
			.withhold = o->no_pfn,
		},
	};
	struct newfile out;
	struct err e;
	int status;

	if (o->who_pfn)
		w.query.pfn = o->who;
	else
		w.query.address = o->who;
	if (!o->who_pfn && (w.query.pid = find_target(o, &e)) < 0)
		return trouble(&e);
	if (run_job(work_who, &w, "processes looked at", &e) < 0)
		return trouble(&e);
	status = owners_complete(&w.owners) ? EXIT_FINE : EXIT_PARTIAL;
	if (newfile_open(&out, o->output ? o->output : "-", 0666, true, &e) < 0) {
		status = trouble(&e);
	} else {
		print_owners(out.f, o, &w.owners);
		if (newfile_commit(&out, &e) < 0)
			status = trouble(&e);
	}
	owners_free(&w.owners);
	return status;
}
