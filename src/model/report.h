/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer in words and figures, as lines: what --who, --family, --rss, --brief and --wss print as
 * text, and what the screen shows of the same. Lines fit 80 columns where names allow. */
#ifndef MODEL_REPORT_H
#define MODEL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/units.h"

enum report_kind { REPORT_TEXT, REPORT_HEADING, REPORT_WARNING };

struct report_line {
	enum report_kind kind;
	char *text;       /* readable (base/utf8.h) */
	pid_t pid;        /* the line is about this process, at this address: one can go there; */
	uint64_t address; /* pid 0: it is about no place. Address 0: wherever it begins */
};

struct report {
	struct report_line *line;
	size_t n, cap;
	bool exact;         /* sizes are numbers of bytes instead of 4.2M */
};

struct report *report_new(bool exact);
void report_free(struct report *r); /* NULL is fine */

/* Add a line. Texts from outside go through report_name(). */
void report_add(struct report *r, enum report_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Say more in the last line. */
void report_more(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Add bytes from outside to the last line, made readable. */
void report_name(struct report *r, const char *s, size_t n);
/* The last line is about this place. */
void report_place(struct report *r, pid_t pid, uint64_t address);

/* A size in bytes as the report wants it; "?" if it is not known, "-" for 0. Returns buf. */
#define REPORT_SIZE UNITS_COUNT_LEN
const char *report_size(
	char buf[REPORT_SIZE], const struct report *r, bool known, uint64_t bytes);

#endif
