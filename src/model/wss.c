/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/wss.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static uint64_t referenced(const struct vma_smaps *m)
{
	return m->kb[SMAPS_REFERENCED] * 1024;
}

static uint64_t rss(const struct vma_smaps *m)
{
	return m->kb[SMAPS_RSS] * 1024;
}

static bool is_known(const struct vma_smaps *m)
{
	return m->known && m->swap_known;
}

void wss_groups(const struct wss *w, struct wss_sum sum[GROUPS])
{
	size_t i;

	memset(sum, 0, GROUPS * sizeof(*sum));
	for (i = 0; i < snapshot_vmas(w->snapshot); i++) {
		struct wss_sum *g = &sum[w->group[i]];
		const struct vma_smaps *m = &w->smaps[i];

		g->mappings++;
		g->unknown += !is_known(m);
		g->referenced += is_known(m) ? referenced(m) : 0;
		g->rss += is_known(m) ? rss(m) : 0;
	}
}

static void add_row(struct report *r, uint64_t is, uint64_t of)
{
	char text[REPORT_SIZE], all[REPORT_SIZE];
	int wide = r->exact ? 16 : 10;

	report_add(r, REPORT_TEXT, "%*s %*s", wide, report_size(text, r, true, is), wide,
		report_size(all, r, true, of));
	if (of)
		report_more(r, " %3u%%  ", (unsigned)(is * 100 / of));
	else
		report_more(r, "    -  ");
}

static void add_heading(struct report *r, const char *what)
{
	int wide = r->exact ? 16 : 10;

	report_add(r, REPORT_TEXT, "%s", "");
	report_add(r, REPORT_HEADING, "%*s %*s        %s", wide, "REFERENCED", wide, "RSS", what);
}

static void add_groups(struct report *r, const struct wss *w)
{
	struct wss_sum sum[GROUPS];
	int g;

	wss_groups(w, sum);
	add_heading(r, "KIND");
	for (g = 0; g < GROUPS; g++) {
		if (!sum[g].rss && !sum[g].unknown)
			continue;
		add_row(r, sum[g].referenced, sum[g].rss);
		report_more(r, "%s", group_name((enum group)g));
		if (sum[g].unknown)
			report_more(r, " (of %zu changed mappings not known)", sum[g].unknown);
	}
	add_row(r, w->sums.kb[SMAPS_REFERENCED] * 1024, w->sums.kb[SMAPS_RSS] * 1024);
	report_more(r, "all");
}

/* The mappings with most that was referenced, these at most. */
#define MAPPINGS_SHOWN 20

struct ranked {
	uint64_t referenced;
	size_t index;
};

static int compare_ranks(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->referenced != y->referenced)
		return x->referenced > y->referenced ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static void add_mapping(struct report *r, const struct wss *w, size_t i)
{
	const struct vma *v = snapshot_vma(w->snapshot, i);
	char perms[5];

	add_row(r, referenced(&w->smaps[i]), rss(&w->smaps[i]));
	report_more(r, "%12" PRIx64 " %s ", v->start, vma_perms(v, perms));
	report_name(r, *v->name || v->kind != VMA_ANON ? v->name : "[anon]",
		*v->name || v->kind != VMA_ANON ? strlen(v->name) : 6);
	report_place(r, snapshot_info(w->snapshot)->pid, v->start);
}

static void add_mappings(struct report *r, const struct wss *w)
{
	size_t i, n = 0, all = snapshot_vmas(w->snapshot);
	struct ranked *rank = mem_zero(all + 1, sizeof(*rank));

	for (i = 0; i < all; i++)
		if (is_known(&w->smaps[i]) && referenced(&w->smaps[i]))
			rank[n++] = (struct ranked){ referenced(&w->smaps[i]), i };
	qsort(rank, n, sizeof(*rank), compare_ranks);
	add_heading(r, "MAPPING");
	for (i = 0; i < n && i < MAPPINGS_SHOWN; i++)
		add_mapping(r, w, rank[i].index);
	if (n > MAPPINGS_SHOWN)
		report_add(r, REPORT_TEXT, "and %zu mappings more of which something was referenced",
			n - MAPPINGS_SHOWN);
	free(rank);
}

struct report *wss_report(const struct wss *w, bool exact)
{
	const struct snapshot_info *info = snapshot_info(w->snapshot);
	struct report *r = report_new(exact);
	char waited[UNITS_DURATION_LEN], clear[UNITS_DURATION_LEN], smaps[UNITS_DURATION_LEN];
	char time[UNITS_TIME_LEN];

	report_add(r, REPORT_HEADING, "what ");
	report_name(r, info->comm, strlen(info->comm));
	report_more(r, "[%d] referenced in %s  %s", (int)info->pid,
		units_duration(waited, w->waited_ns), units_time(time, info->time));
	add_groups(r, w);
	add_mappings(r, w);
	report_add(r, REPORT_TEXT, "%s", "");
	report_add(r, REPORT_TEXT, "clearing the referenced bits took %s, reading smaps %s",
		units_duration(clear, w->clear_ns), units_duration(smaps, w->smaps_ns));
	report_add(r, REPORT_TEXT,
		"too low by pages a processor had cached, too high by file pages others used");
	return r;
}

void wss_free(struct wss *w)
{
	snapshot_unref(w->snapshot);
	free(w->smaps);
	free(w->group);
	*w = (struct wss){ 0 };
}
