/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/rss.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "model/describe.h"

static json_t *bytes(uint64_t n)
{
	return json_count(n != RSS_UNKNOWN, n);
}

static void finish(FILE *f, json_t *j, bool ascii)
{
	json_dumpf(j, f, JSON_INDENT(1) | (ascii ? JSON_ENSURE_ASCII : 0));
	fputc('\n', f);
	json_decref(j);
}

/* --- where the RSS is --- */

/* Null where a part of it is not known. */
static json_t *difference(const struct rss_line *l)
{
	if (l->kernel == RSS_UNKNOWN || l->pmview == RSS_UNKNOWN)
		return json_null();
	return json_integer((json_int_t)(l->kernel - l->pmview));
}

static json_t *line_object(const struct rss *r, enum rss_line_id id)
{
	const struct rss_line *l = &r->line[id];
	json_t *j = json_object(), *items = json_object();
	int i;

	for (i = 0; i < RSS_ITEMS; i++)
		if (l->item[i])
			json_object_set_new(items, rss_item_name((enum rss_item_id)i),
				json_integer(l->item[i]));
	json_object_set_new(j, "source", json_string(rss_line_where(id)));
	json_object_set_new(j, "name", json_string(rss_line_name(id)));
	json_object_set_new(j, "kernel", bytes(l->kernel));
	json_object_set_new(j, "pmview", bytes(l->pmview));
	json_object_set_new(j, "difference", difference(l));
	json_object_set_new(j, "explained", items);
	json_object_set_new(
		j, "unexplained", l->certain ? json_integer(l->unexplained) : json_null());
	return j;
}

/* The columns of a group: X(name, value). */
#define SUM_COLUMNS(X)                                                                             \
	X("size", g->size) X("rss", g->rss) X("swap", g->swap) X("uss", g->uss) X("pss", g->pss)   \
	X("smaps_private", g->private) X("smaps_pss", g->smaps_pss)

static json_t *sum_object(const char *name, const struct rss_sum *g)
{
	json_t *j = json_object();

	json_object_set_new(j, "group", json_string(name));
	json_object_set_new(j, "mappings", json_integer((json_int_t)g->mappings));
#define X(key, value) json_object_set_new(j, key, bytes(value));
	SUM_COLUMNS(X)
#undef X
	return j;
}

static json_t *object_of(const struct rss *r, const struct mapped_object *o)
{
	json_int_t page = snapshot_info(r->snapshot)->page_size;
	json_t *j = json_object();

	json_object_set_new(j, "address", json_hex(o->vma->start));
	json_object_set_new(
		j, "dev", json_sprintf("%02x:%02x", o->vma->dev_major, o->vma->dev_minor));
	json_object_set_new(j, "inode", json_u64(o->vma->inode));
	json_object_set_new(j, "name", json_readable(o->vma->name, strlen(o->vma->name)));
	json_object_set_new(j, "mappings", json_integer((json_int_t)o->mappings));
	json_object_set_new(j, "rss", json_integer((json_int_t)o->entries * page));
	json_object_set_new(j, "distinct", json_integer((json_int_t)o->distinct * page));
	return j;
}

void json_rss(FILE *f, const struct rss *r, bool ascii)
{
	json_t *j = describe_header(r->snapshot, "pmview-rss", 1), *lines = json_array();
	json_t *groups = json_array(), *objects = json_array();
	size_t i;

	for (i = 0; i < RSS_LINES; i++)
		json_array_append_new(lines, line_object(r, (enum rss_line_id)i));
	for (i = 0; i < GROUPS; i++)
		if (r->sum[i].mappings)
			json_array_append_new(
				groups, sum_object(group_name((enum group)i), &r->sum[i]));
	for (i = 0; i < r->objects; i++)
		json_array_append_new(objects, object_of(r, &r->object[i]));
	json_object_set_new(j, "stood_still", json_boolean(r->held_ns || r->stands));
	json_object_set_new(j, "lines", lines);
	json_object_set_new(j, "groups", groups);
	json_object_set_new(j, "total", sum_object("all", &r->total));
	json_object_set_new(j, "objects", objects);
	json_object_set_new(j, "zero", bytes(r->zero));
	json_object_set_new(j, "not_counted", json_u64(r->changed));
	json_object_set_new(j, "smaps_ns", json_u64(r->smaps_ns));
	json_object_set_new(j, "frames_ns", json_u64(r->frames_ns));
	finish(f, j, ascii);
}

static void csv_number(FILE *f, uint64_t n)
{
	fputc(',', f);
	if (n != RSS_UNKNOWN)
		fprintf(f, "%" PRIu64, n);
}

void csv_rss(FILE *f, const struct rss *r)
{
	int i;

	fputs("group,mappings", f);
#define X(key, value) fputs("," key, f);
	SUM_COLUMNS(X)
#undef X
	fputc('\n', f);
	for (i = 0; i < GROUPS; i++) {
		const struct rss_sum *g = &r->sum[i];

		if (!g->mappings)
			continue;
		fprintf(f, "%s,%zu", group_name((enum group)i), g->mappings);
#define X(key, value) csv_number(f, value);
		SUM_COLUMNS(X)
#undef X
		fputc('\n', f);
	}
}

/* --- the brief --- */

static json_t *odd_object(const struct brief *b, enum odd_id o)
{
	const struct vma *v = b->first[o];
	json_t *j = json_object();

	json_object_set_new(j, "what", json_string(odd_name(o)));
	json_object_set_new(j, "count", json_u64(b->odd[o]));
	json_object_set_new(j, "address", v ? json_hex(v->start) : json_null());
	json_object_set_new(
		j, "name", v ? json_readable(v->name, strlen(v->name)) : json_null());
	if (o == ODD_NOTE)
		json_object_set_new(j, "note",
			json_readable(snapshot_info(b->snapshot)->note,
				strlen(snapshot_info(b->snapshot)->note)));
	return j;
}

void json_brief(FILE *f, const struct brief *b, bool ascii)
{
	const struct snapshot *s = b->snapshot;
	const struct snapshot_info *info = snapshot_info(s);
	json_t *j = describe_header(s, "pmview-brief", 1), *status = json_object();
	json_t *groups = json_array(), *odd = json_array(), *g;
	uint64_t page = info->page_size;
	bool swap = snapshot_knows(s, PAGE_SWAP);
	int i;

	for (i = 0; i < STATUS_FIELDS; i++)
		json_object_set_new(status, rss_status_name((enum rss_status_field)i),
			bytes(b->status.bytes[i]));
	for (i = 0; i < GROUPS; i++) {
		if (!b->sum[i].mappings)
			continue;
		g = json_object();
		json_object_set_new(g, "group", json_string(group_name((enum group)i)));
		json_object_set_new(g, "mappings", json_integer((json_int_t)b->sum[i].mappings));
		json_object_set_new(g, "size", json_u64(b->sum[i].pages * page));
		json_object_set_new(g, "rss", json_u64(page_counts_rss(&b->sum[i].counts) * page));
		json_object_set_new(
			g, "swap", json_count(swap, b->sum[i].counts.state[PAGE_SWAP] * page));
		json_array_append_new(groups, g);
	}
	for (i = 0; i < ODDS; i++)
		if (b->odd[i])
			json_array_append_new(odd, odd_object(b, (enum odd_id)i));
	json_object_set_new(j, "rss", json_u64(page_counts_rss(snapshot_totals(s)) * page));
	json_object_set_new(
		j, "swap", json_count(swap, snapshot_totals(s)->state[PAGE_SWAP] * page));
	json_object_set_new(j, "status", status);
	json_object_set_new(j, "mappings", json_integer((json_int_t)snapshot_vmas(s)));
	json_object_set_new(
		j, "max_map_count", json_count(info->max_map_count, info->max_map_count));
	json_object_set_new(j, "groups", groups);
	json_object_set_new(j, "odd", odd);
	finish(f, j, ascii);
}

/* --- the working set --- */

static void set_pair(json_t *j, bool known, uint64_t referenced, uint64_t rss)
{
	json_object_set_new(j, "referenced", json_count(known, referenced));
	json_object_set_new(j, "rss", json_count(known, rss));
}

static json_t *wss_mapping(const struct wss *w, size_t i)
{
	const struct vma *v = snapshot_vma(w->snapshot, i);
	const struct vma_smaps *m = &w->smaps[i];
	json_t *j = json_object();

	json_object_set_new(j, "start", json_hex(v->start));
	json_object_set_new(j, "end", json_hex(v->end));
	json_object_set_new(j, "name", json_readable(v->name, strlen(v->name)));
	json_object_set_new(j, "group", json_string(group_name((enum group)w->group[i])));
	set_pair(j, m->known && m->swap_known, m->kb[SMAPS_REFERENCED] * 1024,
		m->kb[SMAPS_RSS] * 1024);
	return j;
}

void json_wss(FILE *f, const struct wss *w, bool ascii)
{
	json_t *j = describe_header(w->snapshot, "pmview-wss", 1), *groups = json_array();
	json_t *vmas = json_array(), *g;
	struct wss_sum sum[GROUPS];
	size_t i;

	wss_groups(w, sum);
	for (i = 0; i < GROUPS; i++) {
		if (!sum[i].mappings)
			continue;
		g = json_object();
		json_object_set_new(g, "group", json_string(group_name((enum group)i)));
		json_object_set_new(g, "mappings", json_integer((json_int_t)sum[i].mappings));
		json_object_set_new(g, "unknown", json_integer((json_int_t)sum[i].unknown));
		set_pair(g, true, sum[i].referenced, sum[i].rss);
		json_array_append_new(groups, g);
	}
	for (i = 0; i < snapshot_vmas(w->snapshot); i++)
		json_array_append_new(vmas, wss_mapping(w, i));
	json_object_set_new(j, "waited_ns", json_u64(w->waited_ns));
	json_object_set_new(j, "clear_ns", json_u64(w->clear_ns));
	json_object_set_new(j, "smaps_ns", json_u64(w->smaps_ns));
	set_pair(j, true, w->sums.kb[SMAPS_REFERENCED] * 1024, w->sums.kb[SMAPS_RSS] * 1024);
	json_object_set_new(j, "groups", groups);
	json_object_set_new(j, "vmas", vmas);
	finish(f, j, ascii);
}
