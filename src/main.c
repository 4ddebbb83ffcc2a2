/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmview: explore the memory of a Linux process, page by page.
 *
 * The map of src/. Everything is a snapshot: an immutable value that says who the process is, when
 * it was looked at, what could be known, its mappings, and the state of each of their pages.
 *
 *   /proc ---> source/live --+                       +--> view --> cells --> tui (curses)
 *                            +--> model/snapshot ----+--> output: text, json, csv, svg
 *   x.pmv ---> source/store -+     (immutable)       +--> source/store --> x.pmv
 *
 *   base/    memory, text, errors, units: nothing about pages
 *   model/   pages, mappings, runs, snapshots and questions to them: values, no files, no clock
 *   source/  makes snapshots from a live process or a file, and keeps them
 *   output/  prints them
 *   view/    draws them into cells; pure functions of values
 *   tui/     the terminal and the event loop; the only folder that knows curses
 *   print.c  the front end that prints: lists and pages
 *   keep.c   the front end that keeps: snapshots and recordings
 *   target.c what the command line names: a process, or a file
 *   ask.c    the front end for questions that need more than a snapshot
 *   compare.c the front end that compares two snapshots
 *
 * Includes point one way: base <- model <- { source, output, view } <- tui <- main. This file turns
 * options into a source and hands it to a front end.
 */
#include <jansson.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "base/mem.h"
#include "base/units.h"
#include "compare.h"
#include "keep.h"
#include "options.h"
#include "output/decode.h"
#include "print.h"
#include "source/live.h"
#include "target.h"
#include "tui/loop.h"
#include "view/theme.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

static const char *yes(bool b)
{
	return b ? "yes" : "no";
}

static int version(void)
{
	struct page_known known;
	struct kernel k;
	struct err e;

	printf("pmview %s\n", VERSION);
	if (kernel_probe(&k, &e) < 0)
		return trouble(&e);
	known = kernel_known(&k, k.scan ? ENGINE_SCAN : ENGINE_READ);
	printf("kernel %s, pages of %u bytes\n"
	       "  PAGEMAP_SCAN %s, its guard category %s, PROCMAP_QUERY %s\n"
	       "  entries: layout %s, exclusive (bit 56) %s, soft-dirty (bit 55) %s\n"
	       "  told to you: PFNs %s, zero pages %s, guard markers %s, swap told from markers %s\n",
		k.release, k.page_size, yes(k.scan), yes(k.scan_guard), yes(k.map_query),
		k.old_layout ? "before Linux 4.3" : "since Linux 4.3", yes(k.exclusive),
		yes(k.soft_dirty), k.pfn ? "yes" : "no (hidden: needs CAP_SYS_ADMIN)",
		yes(known.zero), k.guards ? yes(known.guard) : "there are none in this kernel",
		k.pfn ? "yes" : k.exact_vm_swap ? "where VmSwap proves it" : "no");
	return EXIT_FINE;
}

static int run(const struct options *o)
{
	char held[UNITS_DURATION_LEN];
	struct target t;
	struct err e;
	int status;

	if (target_open(o, &t, &e) < 0) {
		target_close(&t);
		return trouble(&e);
	}
	if (o->mode == MODE_LOOK) {
		struct loop_options lo = {
			.term = { .theme = o->theme, .ascii = o->ascii, .colour = o->colour },
			.interval = o->interval,
			.file = t.live ? NULL : o->target,
			.store = t.store,
			.index = t.index,
			.target = o->target,
			.live = target_live_options(o),
		};

		/* That it may not be stopped is said here, not on a screen. */
		status = t.live ? live_freeze(t.live, &e) : 0;
		if (t.live)
			live_thaw(t.live);
		if (status == 0) {
			status = loop_run(t.live, t.snapshot, &lo, &e);
			t.live = NULL;
		}
		if (status < 0)
			status = trouble(&e);
		target_close(&t);
		return status;
	}
	if (o->mode == MODE_RECORD) {
		status = keep_recording(o, &t);
		target_close(&t);
		return status;
	}
	/* The pages that are printed or kept shall be those that were scanned. */
	if (t.live && (o->mode == MODE_LIST || live_freeze(t.live, &e) == 0))
		t.snapshot = live_scan(t.live, NULL, NULL, NULL, &e);
	if (!t.snapshot && t.live)
		live_thaw(t.live);
	if (!t.snapshot)
		status = trouble(&e);
	else if (o->mode == MODE_SNAPSHOT)
		status = keep_snapshot(o, &t);
	else
		status = print_snapshot(o, &t);
	if (t.live && live_held_ns(t.live) && isatty(STDERR_FILENO))
		fprintf(stderr, "pmview: the process stood still for %s\n",
			units_duration(held, live_held_ns(t.live)));
	if (t.snapshot && t.live && *snapshot_info(t.snapshot)->note)
		fprintf(stderr, "pmview: %s\n", snapshot_info(t.snapshot)->note);
	target_close(&t);
	return status;
}

int main(int argc, char **argv)
{
	struct options o;
	struct err e;

	setlocale(LC_CTYPE, "");
	json_set_alloc_funcs(mem_alloc, free);
	if (options_parse(&o, argc, argv, &e) < 0)
		return trouble(&e);
	switch (o.mode) {
	case MODE_DECODE:
		text_decode(stdout, o.entry);
		break;
	case MODE_VERSION:
		if (version() != EXIT_FINE)
			return EXIT_TROUBLE;
		break;
	case MODE_HELP:
		break;
	case MODE_WHO:
		return ask_who(&o);
	case MODE_THEMES:
		theme_print_names(stdout);
		break;
	case MODE_FAMILY:
		return ask_family(&o);
	case MODE_RSS:
		return ask_rss(&o);
	case MODE_BRIEF:
		return ask_brief(&o);
	case MODE_WSS:
		return ask_wss(&o);
	case MODE_DIFF:
		return compare_print(&o);
	case MODE_LOOK:
		if (!isatty(STDOUT_FILENO))
			o.mode = MODE_LIST;
		return run(&o);
	default:
		return run(&o);
	}
	if (fflush(stdout) || ferror(stdout)) {
		err_errno(&e, "cannot write to standard output");
		return trouble(&e);
	}
	return EXIT_FINE;
}
