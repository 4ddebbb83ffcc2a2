/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/newfile.h"
#include "output/family.h"
#include "output/report.h"
#include "print.h"
#include "source/family.h"
#include "source/procfs.h"

/* The live process that is asked about, or -1 with e set. */
static pid_t find_target(const struct options *o, const char *option, struct err *e)
{
	char *note;
	pid_t pid;

	if (!o->target)
		return err_set(e, "which process? %s takes its PID or name", option);
	if (options_name_file(o->target))
		return err_set(e, "%s needs the live process: %s is a file", option, o->target);
	pid = procfs_find(o->proc, o->target, &note, e);
	if (pid > 0 && note)
		fprintf(stderr, "pmview: %s\n", note);
	free(note);
	return pid;
}

static void print_family(FILE *f, const struct options *o, const struct family *family, pid_t of)
{
	struct report *r;

	if (o->format == FORMAT_JSON) {
		json_family(f, family, of, o->ascii);
		return;
	}
	if (o->format == FORMAT_CSV) {
		csv_family(f, family, o->ascii);
		return;
	}
	r = family_report(family, of, o->bytes);
	text_report(f, r, o->ascii);
	report_free(r);
}

int ask_family(const struct options *o)
{
	struct family_query q = { .proc = o->proc, .engine = o->engine, .no_pfn = o->no_pfn };
	struct family *family = NULL;
	struct newfile out;
	struct err e;
	int status;

	q.pid = find_target(o, "--family", &e);
	if (q.pid > 0)
		family = family_read(&q, NULL, &e);
	if (!family || newfile_open(&out, o->output ? o->output : "-", 0666, true, &e) < 0) {
		family_free(family);
		return trouble(&e);
	}
	print_family(out.f, o, family, q.pid);
	status = newfile_commit(&out, &e) < 0 ? trouble(&e) :
		family->n_unseen ? EXIT_PARTIAL : EXIT_FINE;
	family_free(family);
	return status;
}
