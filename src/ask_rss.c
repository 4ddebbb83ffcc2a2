/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --brief, --rss and --wss. */
#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "output/rss.h"
#include "print.h"
#include "source/rss.h"
#include "source/smaps.h"
#include "source/wss.h"
#include "target.h"

static int status_of(const struct snapshot *s)
{
	return snapshot_info(s)->complete ? EXIT_FINE : EXIT_PARTIAL;
}

/* Look at a live process; with --freeze it stands still from then on, until live_thaw(). */
static int look(struct target *t, struct err *e)
{
	if (live_freeze(t->live, e) < 0)
		return -1;
	t->snapshot = live_scan(t->live, NULL, NULL, NULL, e);
	return t->snapshot ? 0 : -1;
}

static int open_live_target(
	const struct options *o, const char *option, struct target *t, struct err *e)
{
	if (target_open(o, t, e) < 0)
		return -1;
	if (!t->live)
		return err_set(e, "%s needs the live process: %s is a file", option, o->target);
	return look(t, e);
}

/* --- --rss --- */

static void print_rss(FILE *f, const struct options *o, const void *answer)
{
	const struct rss *r = answer;

	if (o->format == FORMAT_JSON)
		json_rss(f, r, o->ascii);
	else if (o->format == FORMAT_CSV)
		csv_rss(f, r);
	else
		print_report(f, o, rss_report(r, o->bytes));
}

int ask_rss(const struct options *o)
{
	struct rss r = { 0 };
	struct target t;
	char text[256];
	struct err e;
	int status = open_live_target(o, "--rss", &t, &e);

	if (!status && smaps_warning(text, sizeof(text), t.snapshot))
		fprintf(stderr, "pmview: %s\n", text);
	if (!status)
		status = rss_gather(o->proc, t.live, t.snapshot, NULL, &r, &e);
	if (t.live)
		live_thaw(t.live);
	if (status < 0) {
		status = trouble(&e);
	} else {
		r.held_ns = live_held_ns(t.live);
		status = print_answer(o, &r, status_of(t.snapshot), print_rss);
	}
	rss_free(&r);
	target_close(&t);
	return status;
}

/* --- --brief --- */

static void print_brief(FILE *f, const struct options *o, const void *answer)
{
	const struct brief *b = answer;

	if (o->format == FORMAT_JSON)
		json_brief(f, b, o->ascii);
	else
		print_report(f, o, brief_report(b, o->bytes));
}

int ask_brief(const struct options *o)
{
	struct rss_status numbers;
	struct brief b;
	struct target t;
	struct err e;
	int status = target_open(o, &t, &e);

	if (!status && t.live)
		status = look(&t, &e);
	if (!status) {
		if (t.live)
			rss_read_status(o->proc, t.snapshot, &numbers);
		brief_make(&b, t.snapshot, t.live ? &numbers : NULL);
	}
	if (t.live)
		live_thaw(t.live);
	status = status < 0 ? trouble(&e) : print_answer(o, &b, status_of(t.snapshot), print_brief);
	target_close(&t);
	return status;
}

/* --- --wss --- */

/* Say what it does, and ask the person at the terminal. Returns 0, or -1 with e set: nobody is there, or
 * they would rather not. */
static int ask_to_go_on(const struct options *o, const struct snapshot *s, struct err *e)
{
	FILE *terminal = NULL;
	char text[512], answer[16];
	bool yes;

	if (!o->yes) {
		terminal = isatty(STDIN_FILENO) ? stdin : fopen("/dev/tty", "re");
		if (!terminal)
			return err_set(e,
				"--wss changes the process (it clears its referenced bits), and there is no terminal to ask: say --yes");
	}
	fprintf(stderr, "pmview: %s\n", wss_warning(text, sizeof(text), s));
	if (o->yes)
		return 0;
	fputs("go on? [y/N] ", stderr);
	yes = fgets(answer, sizeof(answer), terminal) && (answer[0] == 'y' || answer[0] == 'Y');
	if (terminal != stdin)
		fclose(terminal);
	return yes ? 0 : err_set(e, "nothing was measured, and nothing of the process changed");
}

static void print_wss(FILE *f, const struct options *o, const void *answer)
{
	const struct wss *w = answer;

	if (o->format == FORMAT_JSON)
		json_wss(f, w, o->ascii);
	else
		print_report(f, o, wss_report(w, o->bytes));
}

int ask_wss(const struct options *o)
{
	struct wss w = { 0 };
	struct target t;
	struct err e;
	int status = open_live_target(o, "--wss", &t, &e);

	if (!status)
		status = ask_to_go_on(o, t.snapshot, &e);
	if (!status)
		status = wss_measure(o->proc, t.live, t.snapshot, o->wss, NULL, &w, NULL, &e);
	status = status < 0 ? trouble(&e) : print_answer(o, &w, status_of(w.snapshot), print_wss);
	wss_free(&w);
	target_close(&t);
	return status;
}
