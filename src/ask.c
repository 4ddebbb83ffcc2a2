/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/units.h"
#include "model/family.h"
#include "model/owners.h"
#include "output/family.h"
#include "output/owners.h"
#include "print.h"
#include "source/family.h"
#include "source/job.h"
#include "source/owners.h"
#include "target.h"

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
		if (all)
			fprintf(stderr, "\rpmview: %" PRIu64 " of %" PRIu64 " %s\033[K", done, all,
				what);
		else
			fputs("\rpmview: looking\033[K", stderr);
		told = true;
	}
	if (told)
		fputs("\r\033[K", stderr);
	return job_finish(j, e);
}

/* --- --who --- */

struct who {
	struct owners_query query;
	struct owners owners;
};

static int work_who(void *ctx, struct job_control *c, struct err *e)
{
	struct who *w = ctx;

	return owners_find(&w->query, c, NULL, NULL, &w->owners, e);
}

static void print_owners(FILE *f, const struct options *o, const void *answer)
{
	if (o->format == FORMAT_JSON)
		json_owners(f, answer, o->ascii);
	else if (o->format == FORMAT_CSV)
		csv_owners(f, answer, o->ascii);
	else
		print_report(f, o, owners_report(answer, o->bytes));
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
	struct err e;
	int status;

	if (o->who_pfn)
		w.query.pfn = o->who;
	else
		w.query.address = o->who;
	if (!o->who_pfn && (w.query.pid = target_pid(o, "--who", &e)) < 0)
		return trouble(&e);
	if (run_job(work_who, &w, "processes looked at", &e) < 0)
		return trouble(&e);
	status = print_answer(o, &w.owners,
		owners_complete(&w.owners) ? EXIT_FINE : EXIT_PARTIAL, print_owners);
	owners_free(&w.owners);
	return status;
}

/* --- --family --- */

struct kin {
	struct family_query query;
	struct family *family;
};

static int work_family(void *ctx, struct job_control *c, struct err *e)
{
	struct kin *k = ctx;

	k->family = family_read(&k->query, c, e);
	return k->family ? 0 : -1;
}

static void print_family(FILE *f, const struct options *o, const void *answer)
{
	const struct kin *k = answer;

	if (o->format == FORMAT_JSON)
		json_family(f, k->family, k->query.pid, o->ascii);
	else if (o->format == FORMAT_CSV)
		csv_family(f, k->family, o->ascii);
	else
		print_report(f, o, family_report(k->family, k->query.pid, o->bytes));
}

int ask_family(const struct options *o)
{
	struct kin k = {
		.query = { .proc = o->proc, .engine = o->engine, .no_pfn = o->no_pfn },
	};
	struct err e;
	int status;

	k.query.pid = target_pid(o, "--family", &e);
	if (k.query.pid < 0 || run_job(work_family, &k, "pages compared", &e) < 0)
		return trouble(&e);
	status = print_answer(
		o, &k, k.family->n_unseen ? EXIT_PARTIAL : EXIT_FINE, print_family);
	family_free(k.family);
	return status;
}
