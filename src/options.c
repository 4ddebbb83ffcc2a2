/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "model/wss.h"
#include "source/store.h"

enum {
	OPT_PID = 1,
	OPT_LIST,
	OPT_PAGES,
	OPT_DECODE,
	OPT_SNAPSHOT,
	OPT_RECORD,
	OPT_KEEP,
	OPT_COUNT,
	OPT_WHO,
	OPT_FAMILY,
	OPT_RSS,
	OPT_BRIEF,
	OPT_WSS,
	OPT_DIFF,
	OPT_FORMAT,
	OPT_JSON,
	OPT_INTERVAL,
	OPT_ENGINE,
	OPT_COLOR,
	OPT_THEMES,
	OPT_VERSION,
	OPT_HELP,
};

#define FLAG(field)       POPT_ARG_NONE, &parsed.field, 0
#define TEXT(field)       POPT_ARG_STRING, &parsed.field, 0
#define VALUE(opt)        POPT_ARG_STRING, NULL, opt
#define SWITCH(opt)       POPT_ARG_NONE, NULL, opt

/* popt writes ints and strings through pointers that the tables hold. */
static struct {
	char *output, *theme, *proc, *at;
	int checkpoint, bytes, no_pfn, freeze, force, ascii, yes;
} parsed;

/* clang-format off */
static const struct poptOption look_options[] = {
	{ "pid", 'p', VALUE(OPT_PID), "the process to look at", "PID" },
	{ "interval", 'i', VALUE(OPT_INTERVAL),
	  "seconds between scans, 0.1 to 3600 (default 1)", "SECONDS" },
	{ "engine", 0, VALUE(OPT_ENGINE),
	  "how to scan: PAGEMAP_SCAN or plain reads", "auto|scan|read" },
	{ "at", 'a', TEXT(at),
	  "which snapshot of a recording: from 1, negative from the end, or a time (default the last)",
	  "N|TIME" },
	{ "proc", 0, TEXT(proc),
	  "another procfs, such as a host's inside a container", "DIR" },
	{ "freeze", 0, FLAG(freeze),
	  "stop the process while it is scanned (its blocking calls may return EINTR)", NULL },
	{ "no-pfn", 0, FLAG(no_pfn),
	  "do not show page frame numbers and swap slots", NULL },
	POPT_TABLEEND
};

static const struct poptOption print_options[] = {
	{ "list", 'l', SWITCH(OPT_LIST), "print the mappings with their page counts", NULL },
	{ "pages", 'P', VALUE(OPT_PAGES),
	  "print every page of RANGE: ADDR, START-END, START+BYTES, a mapping's name, "
	  "or 'all'", "RANGE" },
	{ "decode", 'd', VALUE(OPT_DECODE), "explain a raw 64-bit pagemap entry", "ENTRY" },
	{ "who", 'w', VALUE(OPT_WHO),
	  "print every process that maps the page at ADDR of TARGET, or page frame N", "ADDR|pfn:N" },
	{ "family", 0, SWITCH(OPT_FAMILY),
	  "what the process and its relatives by fork share and have copied", NULL },
	{ "checkpoint", 0, FLAG(checkpoint),
	  "with --list and --pages: what a checkpointer must save (reads smaps, which "
	  "stalls the target)", NULL },
	{ "brief", 'b', SWITCH(OPT_BRIEF),
	  "print its memory in fifteen lines, for a ticket", NULL },
	{ "rss", 0, SWITCH(OPT_RSS),
	  "print where the RSS is, and why counts differ (reads smaps, which stalls the target)", NULL },
	{ "wss", 0, VALUE(OPT_WSS),
	  "print what is referenced in SECONDS, 0.1 to 3600 (clears referenced bits; asks)", "SECONDS" },
	{ "yes", 0, FLAG(yes), "with --wss: do not ask", NULL },
	{ "diff", 'D', VALUE(OPT_DIFF),
	  "print what changed in TARGET since the snapshot OLD", "FILE|FILE@N" },
	{ "format", 'f', VALUE(OPT_FORMAT),
	  "how to print (default text); svg: a picture of --list or --pages", "text|json|csv|svg" },
	{ "json", 'J', SWITCH(OPT_JSON), "the same as --format=json", NULL },
	{ "bytes", 0, FLAG(bytes), "exact numbers of bytes instead of 4.2M", NULL },
	{ "output", 'o', TEXT(output), "print to FILE, which is whole or not there", "FILE" },
	POPT_TABLEEND
};

static const struct poptOption keep_options[] = {
	{ "snapshot", 's', VALUE(OPT_SNAPSHOT),
	  "save a snapshot to FILE; '-' is standard output", "FILE" },
	{ "record", 'r', VALUE(OPT_RECORD),
	  "add snapshots to FILE, one every --interval", "FILE" },
	{ "count", 'n', VALUE(OPT_COUNT), "with --record: how many (default: until it ends)", "N" },
	{ "keep", 0, VALUE(OPT_KEEP),
	  "how much is kept of each: runs of states; and raw entries (default of --snapshot); "
	  "and what is told of page frames", "skeleton|entries|full" },
	{ "force", 0, FLAG(force), "overwrite a snapshot file", NULL },
	POPT_TABLEEND
};

static const struct poptOption draw_options[] = {
	{ "theme", 't', TEXT(theme), "colours to draw with", "NAME" },
	{ "list-themes", 0, SWITCH(OPT_THEMES), "print the themes there are", NULL },
	{ "color", 0, VALUE(OPT_COLOR),
	  "whether to use colour (default auto; NO_COLOR is honoured)", "auto|always|never" },
	{ "ascii", 0, FLAG(ascii), "draw with letters and ASCII alone", NULL },
	POPT_TABLEEND
};

static const struct poptOption help_options[] = {
	{ "version", 'V', SWITCH(OPT_VERSION),
	  "print the version and what this kernel offers", NULL },
	{ "help", 'h', SWITCH(OPT_HELP), "show this help", NULL },
	POPT_TABLEEND
};
/* clang-format on */

#define INCLUDE(table, title) { NULL, 0, POPT_ARG_INCLUDE_TABLE, (void *)table, 0, title, NULL }

static const struct poptOption tables[] = {
	INCLUDE(look_options, "Look:"),
	INCLUDE(print_options, "Print instead:"),
	INCLUDE(keep_options, "Keep:"),
	INCLUDE(draw_options, "Draw:"),
	INCLUDE(help_options, "Help:"),
	{ NULL, '?', POPT_ARG_NONE | POPT_ARGFLAG_DOC_HIDDEN, NULL, OPT_HELP, NULL, NULL },
	{ "usage", 0, POPT_ARG_NONE, NULL, 'u', "show the options in brief", NULL },
	POPT_TABLEEND
};

static const char intro[] =
	"[OPTION...] [TARGET]\n\n"
	"Explore the memory of a process page by page. TARGET is a PID, a process name, or a\n"
	"snapshot file (with a / or .pmv in its name, or - for standard input). Where stdout is\n"
	"not a terminal, the list is printed.";

/* The index of value in a NULL-terminated list, or -1 with e set. */
static int choose(const char *option, const char *value, const char *const names[], struct err *e)
{
	char list[128] = "";
	int i;

	for (i = 0; names[i]; i++) {
		if (!strcmp(value, names[i]))
			return i;
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			names[i]);
	}
	return err_set(e, "--%s=%s: it takes one of %s", option, value, list);
}

/* The options that say what to do: only one of them. */
static const char *const mode_names[] = {
	[MODE_LIST] = "--list",
	[MODE_PAGES] = "--pages",
	[MODE_DECODE] = "--decode",
	[MODE_SNAPSHOT] = "--snapshot",
	[MODE_RECORD] = "--record",
	[MODE_WHO] = "--who",
	[MODE_FAMILY] = "--family",
	[MODE_RSS] = "--rss",
	[MODE_BRIEF] = "--brief",
	[MODE_WSS] = "--wss",
	[MODE_DIFF] = "--diff",
	[MODE_VERSION] = "--version",
	[MODE_THEMES] = "--list-themes",
};

static int set_mode(struct options *o, enum mode mode, struct err *e)
{
	if (o->mode != MODE_LOOK && o->mode != mode)
		return err_set(
			e, "%s and %s exclude each other", mode_names[o->mode], mode_names[mode]);
	o->mode = mode;
	return 0;
}

static int set_target(struct options *o, const char *target, struct err *e)
{
	if (o->target)
		return err_set(
			e, "one process or file at a time: '%s' or '%s'?", o->target, target);
	o->target = target;
	return 0;
}

static const char *const formats[] = { "text", "json", "csv", "svg", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };
static const char *const keeps[] = { "skeleton", "entries", "full", NULL };
static const char *const engines[] = { "auto", "scan", "read", NULL };

/* Texts that options point to, for as long as the program runs. */
static char *keep(char *text)
{
	static char **kept;
	static size_t n, cap;

	kept = mem_grow(kept, n, &cap, sizeof(*kept));
	return kept[n++] = text;
}

/* ADDR in hexadecimal, or pfn:N in decimal or 0x hexadecimal. */
static int parse_who(struct options *o, const char *value, struct err *e)
{
	const char *n = value + 4;

	o->who_pfn = !strncmp(value, "pfn:", 4);
	if (!o->who_pfn ? units_parse_hex(value, strlen(value), &o->who)
	    : !strncmp(n, "0x", 2) ? units_parse_hex(n, strlen(n), &o->who)
				   : units_parse_u64(n, &o->who))
		return set_mode(o, MODE_WHO, e);
	return err_set(e,
		"--who=%s: it takes an address in hexadecimal, or pfn:N with a number or 0x...", value);
}

/* One option that the tables do not store by themselves. value belongs to the options from now on.
 */
static int take(struct options *o, poptContext ctx, int opt, char *value, struct err *e)
{
	uint64_t number;
	int i = 0;

	keep(value);
	switch (opt) {
	case OPT_PID:
		if (!units_parse_u64(value, &number) || !number || number > INT32_MAX)
			return err_set(e, "--pid=%s: a process id is a number above 0", value);
		return set_target(o, value, e);
	case OPT_LIST:
		return set_mode(o, MODE_LIST, e);
	case OPT_PAGES:
		o->pages = value;
		return set_mode(o, MODE_PAGES, e);
	case OPT_DECODE:
		if (!units_parse_hex(value, strlen(value), &o->entry))
			return err_set(e,
				"--decode=%s: an entry is 64 bits in hexadecimal, such as 0x8600000000012345",
				value);
		return set_mode(o, MODE_DECODE, e);
	case OPT_SNAPSHOT:
		o->snapshot = value;
		return set_mode(o, MODE_SNAPSHOT, e);
	case OPT_WHO:
		return parse_who(o, value, e);
	case OPT_RECORD:
		o->record = value;
		return set_mode(o, MODE_RECORD, e);
	case OPT_KEEP:
		i = choose("keep", value, keeps, e);
		o->keep = i;
		o->keep_said = true;
		break;
	case OPT_COUNT:
		if (!units_parse_u64(value, &o->count) || !o->count)
			return err_set(e, "--count=%s: it takes a number above 0", value);
		break;
	case OPT_FAMILY:
		return set_mode(o, MODE_FAMILY, e);
	case OPT_RSS:
		return set_mode(o, MODE_RSS, e);
	case OPT_BRIEF:
		return set_mode(o, MODE_BRIEF, e);
	case OPT_WSS:
		if (!units_parse_seconds(value, WSS_LEAST, WSS_MOST, &o->wss))
			return err_set(e, "--wss=%s: it takes seconds from 0.1 to 3600", value);
		return set_mode(o, MODE_WSS, e);
	case OPT_DIFF:
		if (o->diff)
			return err_set(e, "--diff compares with one snapshot: '%s' or '%s'?", o->diff, value);
		o->diff = value;
		return set_mode(o, MODE_DIFF, e);
	case OPT_FORMAT:
		i = choose("format", value, formats, e);
		o->format = (enum format)i;
		break;
	case OPT_JSON:
		o->format = FORMAT_JSON;
		break;
	case OPT_COLOR:
		i = choose("color", value, colors, e);
		o->colour = i;
		break;
	case OPT_ENGINE:
		i = choose("engine", value, engines, e);
		o->engine = i;
		break;
	case OPT_INTERVAL:
		if (!units_parse_seconds(value, 0.1, 3600, &o->interval))
			return err_set(
				e, "--interval=%s: it takes seconds from 0.1 to 3600", value);
		break;
	case OPT_THEMES:
		return set_mode(o, MODE_THEMES, e);
	case OPT_VERSION:
		return set_mode(o, MODE_VERSION, e);
	case OPT_HELP:
		o->mode = MODE_HELP;
		poptPrintHelp(ctx, stdout, 0);
		break;
	case 'u':
		o->mode = MODE_HELP;
		poptPrintUsage(ctx, stdout, 0);
		break;
	}
	return i < 0 ? -1 : 0;
}

static int check(const struct options *o, struct err *e)
{
	bool prints = o->mode == MODE_LIST || o->mode == MODE_PAGES;
	bool many = o->mode == MODE_WHO || o->mode == MODE_FAMILY;
	bool asks = many || o->mode == MODE_RSS || o->mode == MODE_BRIEF || o->mode == MODE_WSS ||
		o->mode == MODE_DIFF;

	if (o->format != FORMAT_TEXT && !prints && !asks && o->mode != MODE_LOOK)
		return err_set(e, "--format goes with what prints a process, such as --list");
	if (o->format == FORMAT_CSV && (o->mode == MODE_BRIEF || o->mode == MODE_WSS))
		return err_set(e, "--brief and --wss have no csv: take text or json");
	if (o->format == FORMAT_SVG && !prints && o->mode != MODE_LOOK)
		return err_set(e, "--format=svg is a picture of --list or --pages: take text or json");
	if (o->format == FORMAT_SVG && parsed.checkpoint)
		return err_set(e, "--checkpoint is not in a picture: take text, json or csv");
	if (o->freeze && many)
		return err_set(e, "--freeze stops one process: --who and --family look at many");
	if (o->freeze && o->mode == MODE_WSS)
		return err_set(e, "--wss measures what a process does: --freeze would stop it");
	if (o->keep_said && o->mode != MODE_SNAPSHOT && o->mode != MODE_RECORD)
		return err_set(e, "--keep goes with --snapshot and --record");
	if (o->count && o->mode != MODE_RECORD)
		return err_set(e, "--count goes with --record");
	if ((o->record && !*o->record) || (o->snapshot && !*o->snapshot) || (o->output && !*o->output))
		return err_set(e, "'' is no name of a file");
	if (o->record && !strcmp(o->record, "-"))
		return err_set(e, "--record adds to a file: '-' is none; --snapshot=- streams one");
	if (o->yes && o->mode != MODE_WSS)
		return err_set(e, "--yes goes with --wss");
	if (parsed.checkpoint && !prints && o->mode != MODE_LOOK && o->mode != MODE_SNAPSHOT)
		return err_set(e, "--checkpoint goes with --list, --pages and --snapshot");
	if (o->output && !prints && !asks)
		return err_set(e, "--output goes with what prints a process, such as --list");
	if (o->mode == MODE_DIFF && o->target && !strcmp(o->target, "-") && !strcmp(o->diff, "-"))
		return err_set(e, "--diff: only one of OLD and TARGET can be standard input");
	if (o->mode == MODE_WHO && o->who_pfn && o->target)
		return err_set(e, "'%s': --who=pfn:N needs no process", o->target);
	if (o->target &&
		(o->mode == MODE_DECODE || o->mode == MODE_VERSION || o->mode == MODE_THEMES))
		return err_set(e, "'%s': this needs no process", o->target);
	return 0;
}

bool options_name_file(const char *target)
{
	size_t len = strlen(target);

	return !strcmp(target, "-") || strchr(target, '/') ||
		(len > 4 && !strcmp(target + len - 4, ".pmv"));
}

int options_parse(struct options *o, int argc, char **argv, struct err *e)
{
	poptContext ctx = poptGetContext("pmview", argc, (const char **)argv, tables, 0);
	const char *arg;
	int opt = -1, result = 0;

	*o = (struct options){ .proc = "/proc", .interval = 1 };
	poptSetOtherOptionHelp(ctx, intro);
	while (!result && o->mode != MODE_HELP && (opt = poptGetNextOpt(ctx)) > 0)
		result = take(o, ctx, opt, poptGetOptArg(ctx), e);
	if (!result && opt < -1)
		result = err_set(e, "%s: %s ('pmview --help' lists the options)",
			poptBadOption(ctx, POPT_BADOPTION_NOALIAS), poptStrerror(opt));
	while (!result && (arg = poptGetArg(ctx)))
		result = set_target(o, keep(mem_strdup(arg)), e);
	poptFreeContext(ctx);
	if (result || o->mode == MODE_HELP)
		return result;
	o->output = parsed.output;
	o->at = parsed.at;
	if (o->mode == MODE_SNAPSHOT && !o->keep_said)
		o->keep = KEEP_ENTRIES;
	o->theme = parsed.theme;
	o->proc = parsed.proc ? parsed.proc : o->proc;
	o->checkpoint = parsed.checkpoint;
	o->bytes = parsed.bytes;
	o->no_pfn = parsed.no_pfn;
	o->freeze = parsed.freeze;
	o->force = parsed.force;
	o->ascii = parsed.ascii;
	o->yes = parsed.yes;
	/* A format, a file to print to or the checkpoint column ask for the list. */
	if (o->mode == MODE_LOOK &&
		(o->format != FORMAT_TEXT || o->output || o->checkpoint || o->bytes))
		o->mode = MODE_LIST;
	return check(o, e);
}
