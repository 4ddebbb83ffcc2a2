/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/brief.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

static const struct {
	const char *name, *one, *several;
} odds[ODDS] = {
#define X(id, text, singular, plural) [ODD_##id] = { text, singular, plural },
	ODD_LIST(X)
#undef X
};

const char *odd_name(enum odd_id o)
{
	return odds[o].name;
}

static void note_odd(struct brief *b, enum odd_id o, uint64_t n, const struct vma *v)
{
	if (n && !b->odd[o])
		b->first[o] = v;
	b->odd[o] += n;
}

/* Whether it is the first mapping of the file in a group of libraries: they follow each other. */
static bool is_same_file(const struct vma *a, const struct vma *b)
{
	return a && a->inode == b->inode && a->dev_major == b->dev_major &&
		a->dev_minor == b->dev_minor;
}

static void look_at_mapping(struct brief *b, const struct vma *v, enum group g,
	const struct vma **last_deleted)
{
	const struct snapshot *s = b->snapshot;
	struct page_counts c = vma_counts(v);

	if ((v->perms & (VMA_WRITE | VMA_EXEC)) == (VMA_WRITE | VMA_EXEC))
		note_odd(b, ODD_WRITE_EXEC, 1, v);
	if (g == GROUP_LIBRARY && v->deleted && !is_same_file(*last_deleted, v)) {
		note_odd(b, ODD_DELETED, 1, v);
		*last_deleted = v;
	}
	if (snapshot_knows(s, PAGE_SWAP)) {
		note_odd(b, ODD_SWAPPED, c.state[PAGE_SWAP], v);
		note_odd(b, ODD_MARKERS, c.state[PAGE_MARKER], v);
		note_odd(b, ODD_MOVING, c.state[PAGE_MOVING], v);
	}
	if (!vma_is_opaque(v) || !(g == GROUP_SPECIAL || g == GROUP_DEVICE))
		note_odd(b, ODD_UNKNOWN, c.state[PAGE_UNKNOWN], v);
}

/* What is counted more than once is worth a word from this part of the RSS on: a page here and there
 * is mapped twice in nearly every process. */
#define REPEATED_PART 20

static void note_repeated(struct brief *b)
{
	uint64_t rss = page_counts_rss(snapshot_totals(b->snapshot));
	struct mapped_object *o;
	size_t i, n = objects_mapped_again(b->snapshot, &o);

	for (i = 0; i < n; i++)
		if ((o[i].entries - o[i].distinct) * REPEATED_PART > rss)
			note_odd(b, ODD_REPEATED, 1, o[i].vma);
	free(o);
}

/* From this many percent of max_map_count on, mappings are worth a word. */
#define MANY_PERCENT 80

void brief_make(struct brief *b, const struct snapshot *s, const struct rss_status *status)
{
	const struct snapshot_info *info = snapshot_info(s);
	const struct vma *last_deleted = NULL;
	uint8_t *of = groups_of(s);
	size_t i, n = snapshot_vmas(s);

	*b = (struct brief){ .snapshot = s };
	for (i = 0; i < STATUS_FIELDS; i++)
		b->status.bytes[i] = status ? status->bytes[i] : RSS_UNKNOWN;
	groups_sum(s, of, b->sum);
	for (i = 0; i < n; i++)
		look_at_mapping(b, snapshot_vma(s, i), (enum group)of[i], &last_deleted);
	free(of);
	note_repeated(b);
	note_odd(b, ODD_INCOMPLETE, !info->complete, NULL);
	note_odd(b, ODD_STOPPED, info->standing == STANDING_STOPPED, NULL);
	note_odd(b, ODD_FROZEN, info->standing == STANDING_FROZEN, NULL);
	note_odd(b, ODD_NOTE, info->note && *info->note, NULL);
	note_odd(b, ODD_MAPPINGS,
		info->max_map_count && n * 100 > info->max_map_count * MANY_PERCENT, NULL);
}

/* --- the lines --- */

static const char *size_of(
	char buf[REPORT_SIZE], const struct report *r, const struct brief *b, uint64_t pages)
{
	return report_size(buf, r, true, pages * snapshot_info(b->snapshot)->page_size);
}

static void add_sums(struct report *r, const struct brief *b)
{
	const struct snapshot *s = b->snapshot;
	const struct page_counts *c = snapshot_totals(s);
	char rss[REPORT_SIZE], vm_rss[REPORT_SIZE], swap[REPORT_SIZE], vm_swap[REPORT_SIZE];
	char n[UNITS_COUNT_LEN], most[UNITS_COUNT_LEN];
	const uint64_t *status = b->status.bytes;

	report_add(r, REPORT_TEXT, "rss %s (VmRSS %s)  swap %s (VmSwap %s)  mappings %s",
		size_of(rss, r, b, page_counts_rss(c)),
		report_size(vm_rss, r, status[STATUS_VM_RSS] != RSS_UNKNOWN, status[STATUS_VM_RSS]),
		report_size(swap, r, snapshot_knows(s, PAGE_SWAP),
			c->state[PAGE_SWAP] * snapshot_info(s)->page_size),
		report_size(
			vm_swap, r, status[STATUS_VM_SWAP] != RSS_UNKNOWN, status[STATUS_VM_SWAP]),
		units_count(n, snapshot_vmas(s)));
	if (snapshot_info(s)->max_map_count)
		report_more(r, " of %s", units_count(most, snapshot_info(s)->max_map_count));
}

/* Groups in order of what they have in RAM and in swap, then of their size. */
struct ranked {
	enum group group;
	uint64_t weight, pages;
};

static int compare_ranks(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	if (x->pages != y->pages)
		return x->pages > y->pages ? -1 : 1;
	return (int)x->group - (int)y->group;
}

static void add_group(
	struct report *r, const struct brief *b, const char *name, const struct group_sum *g)
{
	char size[REPORT_SIZE], rss[REPORT_SIZE], swap[REPORT_SIZE];
	int wide = r->exact ? 18 : 9;

	report_add(r, REPORT_TEXT, "%-13s %8zu %*s %*s %*s", name, g->mappings, wide,
		size_of(size, r, b, g->pages), wide, size_of(rss, r, b, page_counts_rss(&g->counts)),
		wide,
		report_size(swap, r, snapshot_knows(b->snapshot, PAGE_SWAP),
			g->counts.state[PAGE_SWAP] * snapshot_info(b->snapshot)->page_size));
}

/* Lines for groups at most: the small ones are merged into the last. */
#define GROUPS_SHOWN 7

static void add_groups(struct report *r, const struct brief *b)
{
	struct ranked rank[GROUPS];
	struct group_sum rest = { 0 };
	size_t n = 0, i, shown;
	int wide = r->exact ? 18 : 9, g;

	for (g = 0; g < GROUPS; g++) {
		const struct page_counts *c = &b->sum[g].counts;

		if (b->sum[g].mappings)
			rank[n++] = (struct ranked){ (enum group)g,
				page_counts_rss(c) + c->state[PAGE_SWAP], b->sum[g].pages };
	}
	qsort(rank, n, sizeof(*rank), compare_ranks);
	shown = n > GROUPS_SHOWN ? GROUPS_SHOWN - 1 : n;
	report_add(r, REPORT_HEADING, "%-13s %8s %*s %*s %*s", "KIND", "MAPPINGS", wide, "SIZE", wide,
		"RSS", wide, "SWAP");
	for (i = 0; i < shown; i++) {
		const struct group_sum *sum = &b->sum[rank[i].group];

		add_group(r, b, group_name(rank[i].group), sum);
		report_place(r, snapshot_info(b->snapshot)->pid,
			snapshot_vma(b->snapshot, sum->largest)->start);
	}
	for (; i < n; i++) {
		rest.mappings += b->sum[rank[i].group].mappings;
		rest.pages += b->sum[rank[i].group].pages;
		page_counts_add(&rest.counts, &b->sum[rank[i].group].counts);
	}
	if (rest.mappings)
		add_group(r, b, "the rest", &rest);
}

static void describe_odd(struct str *t, const struct brief *b, enum odd_id o)
{
	const struct vma *v = b->first[o];
	char n[UNITS_COUNT_LEN];

	str_clear(t);
	if (o == ODD_NOTE)
		utf8_readable(t, snapshot_info(b->snapshot)->note,
			strlen(snapshot_info(b->snapshot)->note), 0);
	else if (b->odd[o] == 1)
		str_add(t, odds[o].one);
	else
		str_addf(t, "%s %s", units_count(n, b->odd[o]), odds[o].several);
	if (v && *v->name) {
		str_add(t, ": ");
		utf8_readable(t, v->name, strlen(v->name), 0);
	} else if (v) {
		str_addf(t, ": %" PRIx64, v->start);
	}
}

static void add_odds(struct report *r, const struct brief *b)
{
	struct str t = { 0 };
	size_t left = 0;
	int o;

	for (o = 0; o < ODDS; o++)
		left += b->odd[o] > 0;
	for (o = 0; o < ODDS; o++) {
		if (!b->odd[o])
			continue;
		if (r->n == BRIEF_LINES - 1 && left > 1) {
			report_add(r, REPORT_WARNING, "and %zu oddities more", left);
			break;
		}
		describe_odd(&t, b, (enum odd_id)o);
		report_add(r, REPORT_WARNING, "! %s", str_text(&t));
		if (b->first[o])
			report_place(r, snapshot_info(b->snapshot)->pid, b->first[o]->start);
		left--;
	}
	str_free(&t);
}

struct report *brief_report(const struct brief *b, bool exact)
{
	const struct snapshot_info *info = snapshot_info(b->snapshot);
	struct report *r = report_new(exact);
	char time[UNITS_TIME_LEN];

	report_add(r, REPORT_HEADING, "%s", "");
	report_name(r, info->comm, strlen(info->comm));
	report_more(r, "[%d]  Linux ", (int)info->pid);
	report_name(r, info->kernel, strlen(info->kernel));
	report_more(r, "  %s", units_time(time, info->time));
	add_sums(r, b);
	add_groups(r, b);
	add_odds(r, b);
	return r;
}
