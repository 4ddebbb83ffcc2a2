/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "output/export.h"

enum mode {
	MODE_LOOK,
	MODE_LIST,
	MODE_PAGES,
	MODE_DECODE,
	MODE_SNAPSHOT,
	MODE_RECORD,
	MODE_WHO,
	MODE_FAMILY,
	MODE_RSS,
	MODE_BRIEF,
	MODE_WSS,
	MODE_DIFF,
	MODE_VERSION,
	MODE_THEMES,
	MODE_HELP, /* was printed */
};

struct options {
	enum mode mode;
	const char *target;      /* NULL: none was given */
	const char *pages;       /* RANGE */
	const char *snapshot;    /* FILE to save to */
	const char *record;      /* FILE to record to */
	int keep;                /* how much those keep: enum store_keep of source/store.h ... */
	bool keep_said;          /* ... as was said */
	uint64_t count;          /* snapshots to record; 0: no limit */
	const char *at;          /* which snapshot of a file; NULL: the last */
	const char *diff;        /* FILE or FILE@N to compare with */
	uint64_t who;            /* the page's address, or */
	bool who_pfn;            /* its page frame number */
	const char *output;      /* NULL: standard output */
	const char *theme;       /* NULL: by the terminal */
	const char *proc;
	int engine;              /* LIVE_AUTO, SCAN, READ of source/live.h */
	uint64_t entry;          /* to decode */
	enum format format;
	int colour;              /* TERM_COLOUR_AUTO, ALWAYS, NEVER of tui/term.h */
	double interval;         /* seconds */
	double wss;              /* seconds */
	bool checkpoint, bytes, no_pfn, freeze, force, ascii, yes;
};

/* Parse the command line. Texts live as long as the program. For --help and
 * --usage it prints them (MODE_HELP). Returns 0, or -1 with e set. */
int options_parse(struct options *o, int argc, char **argv, struct err *e);

/* Whether a TARGET names a file, not a process. */
bool options_name_file(const char *target);

#endif
