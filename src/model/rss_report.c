/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the RSS is, as lines for a person. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/rss.h"

/* A number of bytes in kB with separators, or exactly; "?" and "-" as report_size() has them.
 * Negative numbers have a sign, and with_plus positive ones too. */
#define NUMBER_LEN (UNITS_COUNT_LEN + 1)
static const char *number(char buf[NUMBER_LEN], const struct report *r, bool known, int64_t bytes,
	bool with_plus)
{
	char digits[UNITS_COUNT_LEN];
	uint64_t n = (uint64_t)(bytes < 0 ? -bytes : bytes);

	if (!known)
		return "?";
	if (!bytes)
		return "-";
	if (r->exact)
		snprintf(digits, sizeof(digits), "%" PRIu64, n);
	else
		units_count(digits, n / 1024);
	snprintf(buf, NUMBER_LEN, "%s%s", bytes < 0 ? "-" : with_plus ? "+" : "", digits);
	return buf;
}

static const char *count(char buf[NUMBER_LEN], const struct report *r, uint64_t bytes)
{
	return number(buf, r, bytes != RSS_UNKNOWN, (int64_t)bytes, false);
}

static void add_line(struct report *out, const struct rss *r, enum rss_line_id id)
{
	const struct rss_line *l = &r->line[id];
	char kernel[NUMBER_LEN], pmview[NUMBER_LEN], difference[NUMBER_LEN], rest[NUMBER_LEN];
	char name[32];
	bool both = l->kernel != RSS_UNKNOWN && l->pmview != RSS_UNKNOWN;
	int i;

	snprintf(name, sizeof(name), "%s %s", rss_line_where(id), rss_line_name(id));
	report_add(out, l->certain && l->unexplained ? REPORT_WARNING : REPORT_TEXT,
		"%-20s %14s %14s %13s %13s", name, count(kernel, out, l->kernel),
		count(pmview, out, l->pmview),
		number(difference, out, both, (int64_t)(l->kernel - l->pmview), true),
		number(rest, out, l->certain, l->unexplained, true));
	for (i = 0; both && i < RSS_ITEMS; i++)
		if (l->item[i])
			report_add(out, REPORT_TEXT, "  %14s  %s",
				number(rest, out, true, l->item[i], true),
				rss_item_words((enum rss_item_id)i));
}

static void add_table(struct report *out, const struct rss *r)
{
	int l;

	report_add(out, REPORT_HEADING, "%-20s %14s %14s %13s %13s",
		out->exact ? "bytes" : "kB (1,024 bytes)", "KERNEL", "PMVIEW", "DIFFERENCE",
		"UNEXPLAINED");
	for (l = 0; l < RSS_LINES; l++)
		if (rss_line_is_there(&r->line[l]))
			add_line(out, r, (enum rss_line_id)l);
}

static void add_sum(struct report *out, const char *name, const struct rss_sum *g)
{
	const uint64_t column[] = { g->size, g->rss, g->swap, g->uss, g->pss, g->private,
		g->smaps_pss };
	int wide = out->exact ? 15 : 7;
	char text[REPORT_SIZE];
	size_t i;

	report_add(out, REPORT_TEXT, "%-13s %6zu", name, g->mappings);
	for (i = 0; i < sizeof(column) / sizeof(*column); i++)
		report_more(out, " %*s", wide,
			report_size(text, out, column[i] != RSS_UNKNOWN, column[i]));
}

static void add_groups(struct report *out, const struct rss *r)
{
	static const char *const names[] = { "SIZE", "RSS", "SWAP", "USS", "PSS", "PRIVATE",
		"SMPSS" };
	int wide = out->exact ? 15 : 7, g;
	size_t i;

	report_add(out, REPORT_TEXT, "%s", "");
	report_add(out, REPORT_HEADING, "%-13s %6s", "KIND", "VMAS");
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		report_more(out, " %*s", wide, names[i]);
	for (g = 0; g < GROUPS; g++) {
		if (!r->sum[g].mappings)
			continue;
		add_sum(out, group_name((enum group)g), &r->sum[g]);
		report_place(out, snapshot_info(r->snapshot)->pid,
			snapshot_vma(r->snapshot, r->sum[g].largest)->start);
	}
	add_sum(out, "all", &r->total);
	report_add(out, REPORT_TEXT,
		"USS: frames mapped once; PSS: each by its mappings; PRIVATE and SMPSS: of smaps");
}

#define OBJECTS_SHOWN 8

/* Whether it is mapped several times to some purpose: a page or two at the seams of a program's mappings
 * are not worth a line. */
static bool is_worth_a_line(const struct mapped_object *o)
{
	return (o->entries - o->distinct) * 100 >= o->entries;
}

static void add_objects(struct report *out, const struct rss *r)
{
	uint64_t page = snapshot_info(r->snapshot)->page_size;
	char entries[REPORT_SIZE], distinct[REPORT_SIZE];
	size_t i, worth = 0;

	for (i = 0; i < r->objects; i++) {
		const struct mapped_object *o = &r->object[i];

		if (!is_worth_a_line(o) || worth++ >= OBJECTS_SHOWN)
			continue;
		if (worth == 1) {
			report_add(out, REPORT_TEXT, "%s", "");
			report_add(out, REPORT_HEADING,
				"MAPPED SEVERAL TIMES: RSS counts each time (VMAS  RSS  FRAMES)");
		}
		report_add(out, REPORT_TEXT, "%5zu %9s %9s  ", o->mappings,
			report_size(entries, out, true, o->entries * page),
			report_size(distinct, out, true, o->distinct * page));
		if (*o->vma->name)
			report_name(out, o->vma->name, strlen(o->vma->name));
		else
			report_more(out, "[shared memory]");
		report_place(out, snapshot_info(r->snapshot)->pid, o->vma->start);
	}
	if (worth > OBJECTS_SHOWN)
		report_add(out, REPORT_TEXT, "and %zu objects more", worth - OBJECTS_SHOWN);
}

/* A line that begins with a size, if there is any. */
static void add_size(struct report *out, uint64_t bytes, const char *words)
{
	char text[REPORT_SIZE];

	if (bytes && bytes != RSS_UNKNOWN)
		report_add(out, REPORT_TEXT, "%s %s", report_size(text, out, true, bytes), words);
}

/* Whether a line of [first, end) has something that is not explained. */
static bool is_unexplained(const struct rss *r, int first, int end)
{
	for (; first < end; first++)
		if (r->line[first].certain && r->line[first].unexplained)
			return true;
	return false;
}

static void add_notes(struct report *out, const struct rss *r)
{
	const struct snapshot_info *info = snapshot_info(r->snapshot);
	char smaps[UNITS_DURATION_LEN], frames[UNITS_DURATION_LEN];
	char n[UNITS_COUNT_LEN];

	report_add(out, REPORT_TEXT, "%s", "");
	add_size(out, r->zero, "of zero pages: read but never written, in no RSS");
	if (r->changed)
		report_add(out, REPORT_TEXT,
			"%s pages in RAM are not in USS and PSS: changed while read, or frame not told",
			units_count(n, r->changed));
	if (!r->counts && info->pfn_withheld)
		report_add(out, REPORT_TEXT, "USS and PSS are unknown: they need PFNs (--no-pfn)");
	else if (!r->counts)
		report_add(out, REPORT_TEXT,
			"USS and PSS are unknown: PFNs and kpagecount are shown to root alone");
	if (r->smaps && r->frames && r->counts)
		report_add(out, REPORT_TEXT, "reading smaps took %s, the frames %s",
			units_duration(smaps, r->smaps_ns), units_duration(frames, r->frames_ns));
	else if (r->smaps)
		report_add(out, REPORT_TEXT, "reading smaps took %s",
			units_duration(smaps, r->smaps_ns));
	if (r->held_ns)
		report_add(out, REPORT_TEXT, "the process stood still for %s",
			units_duration(smaps, r->held_ns));
	else if (is_unexplained(r, 0, LINE_USS) && !r->stands)
		report_add(out, REPORT_TEXT,
			"it ran meanwhile, which may be what is unexplained: --freeze stops it");
	if (is_unexplained(r, LINE_USS, RSS_LINES))
		report_add(out, REPORT_TEXT,
			"USS and PSS also change when others map or unmap the same pages");
	if (!info->complete)
		report_add(out, REPORT_WARNING, "not all of the process could be seen");
}

struct report *rss_report(const struct rss *r, bool exact)
{
	const struct snapshot_info *info = snapshot_info(r->snapshot);
	struct report *out = report_new(exact);
	char time[UNITS_TIME_LEN];

	report_add(out, REPORT_HEADING, "where the RSS is: ");
	report_name(out, info->comm, strlen(info->comm));
	report_more(out, "[%d]  %s", (int)info->pid, units_time(time, info->time));
	add_table(out, r);
	add_groups(out, r);
	add_objects(out, r);
	add_notes(out, r);
	return out;
}
