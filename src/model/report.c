/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

_Static_assert(REPORT_SIZE >= UNITS_SIZE_LEN, "a size fits");

struct report *report_new(bool exact)
{
	struct report *r = mem_zero(1, sizeof(*r));

	r->exact = exact;
	return r;
}

void report_free(struct report *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->n; i++)
		free(r->line[i].text);
	free(r->line);
	free(r);
}

void report_add(struct report *r, enum report_kind kind, const char *fmt, ...)
{
	struct str t = { 0 };
	va_list ap;

	va_start(ap, fmt);
	str_addv(&t, fmt, ap);
	va_end(ap);
	r->line = mem_grow(r->line, r->n, &r->cap, sizeof(*r->line));
	r->line[r->n++] = (struct report_line){ .kind = kind, .text = mem_strdup(str_text(&t)) };
	str_free(&t);
}

/* Put what stands in t behind the last line. */
static void append(struct report *r, struct str *t)
{
	struct report_line *last = &r->line[r->n - 1];
	struct str whole = { 0 };

	str_add(&whole, last->text);
	str_add(&whole, str_text(t));
	free(last->text);
	last->text = mem_strdup(str_text(&whole));
	str_free(&whole);
	str_free(t);
}

void report_more(struct report *r, const char *fmt, ...)
{
	struct str t = { 0 };
	va_list ap;

	va_start(ap, fmt);
	str_addv(&t, fmt, ap);
	va_end(ap);
	append(r, &t);
}

void report_name(struct report *r, const char *s, size_t n)
{
	struct str t = { 0 };

	utf8_readable(&t, s, n, 0);
	append(r, &t);
}

void report_place(struct report *r, pid_t pid, uint64_t address)
{
	r->line[r->n - 1].pid = pid;
	r->line[r->n - 1].address = address;
}

const char *report_size(char buf[REPORT_SIZE], const struct report *r, bool known, uint64_t bytes)
{
	if (!known)
		snprintf(buf, REPORT_SIZE, "?");
	else if (!bytes)
		snprintf(buf, REPORT_SIZE, "-");
	else if (r->exact)
		snprintf(buf, REPORT_SIZE, "%" PRIu64, bytes);
	else
		units_size(buf, bytes);
	return buf;
}
