/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists and pages as JSON: objects made by jansson, the long arrays around them written by hand so
 * that only one object is in memory at a time. */
#include "base/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/describe.h"
#include "model/slots.h"
#include "output/list.h"
#include "output/owners.h"
#include "output/pages.h"

/* Flags for jansson: --ascii writes what is above U+007F as \uXXXX. */
static size_t flags(bool ascii)
{
	return ascii ? JSON_ENSURE_ASCII : 0;
}

static void write_object(FILE *f, json_t *j, bool ascii)
{
	json_dumpf(j, f, flags(ascii));
	json_decref(j);
}

/* Write the members of j without their braces: `"a": 1, "b": 2`. */
static void write_members(FILE *f, json_t *j, bool ascii)
{
	char *text = json_dumps(j, flags(ascii));
	size_t len = strlen(text);

	fwrite(text + 1, 1, len - 2, f);
	free(text);
	json_decref(j);
}

static json_t *json_object_of(const struct shared_object *o)
{
	json_t *j = json_object();

	json_object_set_new(
		j, "dev", json_sprintf("%02x:%02x", o->vma->dev_major, o->vma->dev_minor));
	json_object_set_new(j, "inode", json_u64(o->vma->inode));
	json_object_set_new(j, "kind", json_string(shared_object_kind(o)));
	json_object_set_new(j, "name", json_readable(o->vma->name, strlen(o->vma->name)));
	json_object_set_new(j, "mappings", json_integer((json_int_t)o->mappings));
	json_object_set_new(j, "pages", json_count(o->pages != CHECKPOINT_UNKNOWN, o->pages));
	return j;
}

static json_t *json_refusal(const struct refusal *r)
{
	json_t *j = json_object();

	json_object_set_new(j, "reason", json_string(refusal_name(r->reason)));
	json_object_set_new(j, "certain", json_boolean(r->certain));
	json_object_set_new(j, "address", r->vma ? json_hex(r->address) : json_null());
	json_object_set_new(j, "pages", json_count(r->vma, r->pages));
	json_object_set_new(j, "fd", json_count(r->fd >= 0, (uint64_t)r->fd));
	return j;
}

/* How full the mapping's PMD-sized slots are, and how many are mapped huge; null where that is not
 * known of all of them. */
static json_t *json_slots(const struct snapshot *s, const struct vma *v)
{
	json_t *j;
	struct slots n;

	if (!slots_of_all(s, v, &n))
		return json_null();
	j = json_object();
	json_object_set_new(j, "huge", json_u64(n.of[SLOT_HUGE]));
	json_object_set_new(j, "full", json_u64(n.of[SLOT_FULL]));
	json_object_set_new(j, "partly", json_u64(slots_partly(&n)));
	json_object_set_new(j, "empty", json_u64(n.of[SLOT_EMPTY]));
	return j;
}

/* The objects and refusals, or null where they were not asked for. */
static void write_beside(FILE *f, const struct list_options *o)
{
	const struct checkpoint_set *c = o->checkpoint;
	size_t i;

	if (!c) {
		fputs(",\n \"objects\": null, \"refusals\": null", f);
		return;
	}
	fputs(",\n \"objects\": [", f);
	for (i = 0; i < c->objects; i++) {
		fputs(i ? ",\n  " : "\n  ", f);
		write_object(f, json_object_of(&c->object[i]), o->ascii);
	}
	fputs("],\n \"refusals\": [", f);
	for (i = 0; i < c->refusals; i++) {
		fputs(i ? ",\n  " : "\n  ", f);
		write_object(f, json_refusal(&c->refusal[i]), o->ascii);
	}
	fputc(']', f);
}

void json_list(FILE *f, const struct snapshot *s, const struct list_options *o)
{
	const struct snapshot_info *info = snapshot_info(s);
	const struct page_counts *totals = snapshot_totals(s);
	const struct checkpoint_set *c = o->checkpoint;
	uint64_t of;
	json_t *j;
	size_t i;

	fputc('{', f);
	write_members(f, describe_header(s, "pmview-list", 1), o->ascii);
	fputs(",\n \"vmas\": [", f);
	for (i = 0; i < snapshot_vmas(s); i++) {
		fputs(i ? ",\n  " : "\n  ", f);
		j = describe_vma(s, snapshot_vma(s, i), c ? c->pages[i] : NO_COUNT);
		json_object_set_new(j, "smaps_swap",
			json_count(c && c->vma[i].swap_known, c ? c->vma[i].swap : 0));
		json_object_set_new(j, "slots", json_slots(s, snapshot_vma(s, i)));
		write_object(f, j, o->ascii);
	}
	j = json_object();
	json_object_set_new(j, "vmas", json_integer((json_int_t)snapshot_vmas(s)));
	json_object_set_new(
		j, "max_map_count", json_count(info->max_map_count, info->max_map_count));
	json_object_set_new(j, "pages", json_integer((json_int_t)snapshot_pages(s)));
	json_object_set_new(j, "states", describe_states(s, totals));
	json_object_set_new(j, "cow", json_integer((json_int_t)snapshot_cow(s)));
	json_object_set_new(j, "huge", json_count(info->known.huge, totals->huge));
	json_object_set_new(j, "checkpoint",
		json_count(c && c->total != CHECKPOINT_UNKNOWN, c ? c->total : 0));
	of = checkpoint_saving(s, 0).of;
	json_object_set_new(j, "checkpoint_of", json_count(c && of != CHECKPOINT_UNKNOWN, of));
	json_object_set_new(j, "smaps_swap", json_count(c && c->smaps_swap != CHECKPOINT_UNKNOWN, c ? c->smaps_swap : 0));
	fputs("],\n \"totals\": ", f);
	write_object(f, j, o->ascii);
	write_beside(f, o);
	fputs("}\n", f);
}

void json_pages_begin(FILE *f, const struct snapshot *s, bool ascii)
{
	fputc('{', f);
	write_members(f, describe_header(s, "pmview-pages", 1), ascii);
	fputs(",\n \"pages\": [", f);
}

static void member_NUMBER(FILE *f, const char *name, struct maybe m)
{
	if (m.known)
		fprintf(f, ", \"%s\": %" PRIu64, name, m.value);
	else
		fprintf(f, ", \"%s\": null", name);
}

static void member_FLAG(FILE *f, const char *name, struct maybe m)
{
	fprintf(f, ", \"%s\": %s", name, !m.known ? "null" : m.value ? "true" : "false");
}

/* A name from outside, or null where it is not known. */
static void member_name(FILE *f, const char *name, const char *s, bool ascii)
{
	json_t *j;

	fprintf(f, ", \"%s\": ", name);
	if (!s) {
		fputs("null", f);
		return;
	}
	j = json_readable(s, strlen(s));
	json_dumpf(j, f, JSON_ENCODE_ANY | flags(ascii));
	json_decref(j);
}

void json_page(FILE *f, const struct page_row *r, uint64_t index)
{
	const char *sep = index ? ",\n  " : "\n  ";

	/* Millions of these, of fixed form: printed rather than built. */
	fprintf(f, "%s{\"address\": \"0x%" PRIx64 "\", \"entry\": ", sep, r->address);
	if (r->entry.known)
		fprintf(f, "\"%016" PRIx64 "\"", r->entry.value);
	else
		fputs("null", f);
	fprintf(f, ", \"state\": \"%s\"", page_state_name(r->state));
#define X(name, kind) member_##kind(f, #name, r->name);
	PAGE_COLUMNS(X)
#undef X
	if (r->kpageflags.known)
		fprintf(f, ", \"kpageflags\": \"%016" PRIx64 "\"", r->kpageflags.value);
	else
		fputs(", \"kpageflags\": null", f);
	member_NUMBER(f, "mapcount", r->mapcount);
	if (r->cgroup_path)
		member_name(f, "cgroup", r->cgroup_path, r->ascii);
	else
		member_NUMBER(f, "cgroup", r->cgroup);
	member_NUMBER(f, "node", r->node);
	member_name(f, "zone", r->zone, r->ascii);
	member_name(f, "swap_area", r->swap_area, r->ascii);
	fputc('}', f);
}

void json_pages_end(FILE *f)
{
	fputs("]}\n", f);
}

static json_t *json_owner(const struct owner *w)
{
	json_t *j = json_object();
	char perms[5];

	json_object_set_new(j, "pid", json_integer(w->pid));
	json_object_set_new(j, "comm", json_readable(w->comm, strlen(w->comm)));
	json_object_set_new(j, "address", json_hex(w->address));
	json_object_set_new(j, "entry_state", json_string(owner_entry_state(w)));
	json_object_set_new(j, "asked", json_boolean(w->asked));
	json_object_set_new(j, "same_memory_as", json_count(w->same_as, (uint64_t)w->same_as));
	json_object_set_new(j, "start", json_hex(w->vma.start));
	json_object_set_new(j, "end", json_hex(w->vma.end));
	json_object_set_new(j, "perms", json_string(vma_perms(&w->vma, perms)));
	json_object_set_new(j, "kind", json_string(vma_kind_name((enum vma_kind)w->vma.kind)));
	json_object_set_new(j, "deleted", json_boolean(w->vma.deleted));
	json_object_set_new(j, "name", json_readable(w->vma.name, strlen(w->vma.name)));
	return j;
}

void json_owners(FILE *f, const struct owners *o, bool ascii)
{
	static const char *const absent[] = {
		[ABSENT_UNKNOWN] = "unknown",
		[ABSENT_NOT_SWAPPED] = "not_swapped",
		[ABSENT_HOLE] = "hole",
		[ABSENT_CACHED] = "cached",
		[ABSENT_SWAPPED] = "swapped",
	};
	bool frame = o->what == OWNERS_FRAME || o->what == OWNERS_ZERO, slot = o->what == OWNERS_SLOT;
	json_t *j = json_object();
	size_t i;

	json_object_set_new(j, "format", json_string("pmview-who"));
	json_object_set_new(j, "version", json_integer(1));
	json_object_set_new(j, "what", json_string(owners_what_name(o->what)));
	json_object_set_new(j, "pid", json_count(o->pid, (uint64_t)o->pid));
	json_object_set_new(j, "comm", o->pid ? json_readable(o->comm, strlen(o->comm)) : json_null());
	json_object_set_new(j, "address", o->pid ? json_hex(o->address) : json_null());
	json_object_set_new(j, "pfn", json_count(frame && !o->withheld, o->pfn));
	json_object_set_new(j, "swap_type", json_count(slot && !o->withheld, o->swap_type));
	json_object_set_new(j, "swap_offset", json_count(slot && !o->withheld, o->swap_offset));
	json_object_set_new(j, "object_page",
		o->what == OWNERS_OBJECT ? json_string(absent[o->absent]) : json_null());
	json_object_set_new(j, "kpageflags",
		o->flags_known ? json_sprintf("%016" PRIx64, o->flags) : json_null());
	json_object_set_new(j, "mapcount", json_count(o->count_known, o->count));
	json_object_set_new(j, "found", json_u64(owners_found(o)));
	json_object_set_new(j, "complete", json_boolean(owners_complete(o)));
	json_object_set_new(j, "search", json_string(owners_end_name(o->end)));
	json_object_set_new(j, "processes", json_u64(o->processes));
	json_object_set_new(j, "denied", json_u64(o->denied));
	json_object_set_new(j, "unseen", json_u64(o->unseen));
	json_object_set_new(j, "ended", json_u64(o->ended));
	fputc('{', f);
	write_members(f, j, ascii);
	fputs(",\n \"owners\": [", f);
	for (i = 0; i < o->n; i++) {
		fputs(i ? ",\n  " : "\n  ", f);
		write_object(f, json_owner(&o->owner[i]), ascii);
	}
	fputs("]}\n", f);
}
