/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first line of a snapshot in a .pmv file: of what it is, and what could be known. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "model/describe.h"
#include "source/store_format.h"
#include "source/store_private.h"
#include "source/store_writer.h"

static const char *const standing_names[] = {
	[STANDING_RUNS] = "runs",
	[STANDING_STOPPED] = "stopped",
	[STANDING_FROZEN] = "frozen",
};

json_t *store_header_json(const struct snapshot *s, const struct store_what *what,
	enum store_keep keep, const char *base)
{
	const struct snapshot_info *i = snapshot_info(s);
	json_t *j = json_object(), *common = describe_header(s, STORE_FORMAT, STORE_VERSION), *process,
	       *errors;
	const struct frame_reader *r = keep == KEEP_FULL ? what->frames : NULL;
	int f;

	json_object_set_new(j, "type", json_string("header"));
	json_object_update(j, common);
	json_decref(common);
	process = json_object_get(j, "process");
	json_object_set_new(process, "start_time", json_integer((json_int_t)i->start_time));
	json_object_set_new(process, "cgroup", json_readable(i->cgroup, strlen(i->cgroup)));
	json_object_set_new(process, "standing", json_string(standing_names[i->standing]));
	json_object_set_new(j, "host", json_readable(i->host, strlen(i->host)));
	json_object_set_new(j, "boot_id", json_readable(i->boot_id, strlen(i->boot_id)));
	json_object_set_new(j, "pmd_size", json_count(i->pmd_size, i->pmd_size));
	json_object_set_new(j, "max_map_count", json_count(i->max_map_count, i->max_map_count));
	json_object_set_new(j, "scan_ns", json_integer((json_int_t)i->scan_ns));
	json_object_set_new(j, "held_ns", json_integer((json_int_t)i->held_ns));
	json_object_set_new(j, "longest_call_ns", json_integer((json_int_t)i->longest_call_ns));
	json_object_set_new(j, "note", json_readable(i->note, strlen(i->note)));
	json_object_set_new(j, "pfns", json_string(i->known.pfn ? "told" :
					       i->pfn_withheld  ? "withheld" :
								  "hidden"));
	if (i->zero_pfn)
		json_object_set_new(j, "zero_pfn", json_hex(i->zero_pfn));
	json_object_set_new(j, "keep", json_string(store_keep_name(keep)));
	if (r) {
		errors = json_object();
		for (f = 0; f < FRAME_FILES; f++)
			if (r->error[f])
				json_object_set_new(errors, frame_file_name((enum frame_file)f),
					json_integer(r->error[f]));
		json_object_set_new(j, "frame_errors", errors);
	}
	if (base)
		json_object_set_new(j, "base", json_string(base));
	json_object_set_new(j, "states", describe_states(s, snapshot_totals(s)));
	json_object_set_new(j, "huge", json_count(i->known.huge, snapshot_totals(s)->huge));
	return j;
}

static void raw_text(struct str *out, const json_t *j, const char *key)
{
	const char *s = json_get_text(j, key);

	if (s)
		utf8_unreadable(out, s, strlen(s));
}

static void parse_cmdline(struct store_header *h, const json_t *process)
{
	const json_t *arg;
	size_t i;

	json_array_foreach(json_object_get(process, "cmdline"), i, arg) {
		if (json_is_string(arg))
			utf8_unreadable(
				&h->cmdline, json_string_value(arg), json_string_length(arg));
		str_addc(&h->cmdline, '\0');
	}
}

/* What the sums, the standing, what is kept and what files could not be read are: none of it must be
 * there. */
static void parse_extras(struct store_header *h, const json_t *j)
{
	const char *standing = json_get_text(json_object_get(j, "process"), "standing");
	const char *pfns = json_get_text(j, "pfns"), *keep = json_get_text(j, "keep");
	const char *base = json_get_text(j, "base");
	const json_t *states = json_object_get(j, "states"), *errors = json_object_get(j, "frame_errors");
	uint64_t error;
	int i;

	for (i = 0; standing && i <= STANDING_FROZEN; i++)
		if (!strcmp(standing, standing_names[i]))
			h->info.standing = (enum standing)i;
	for (i = 0; keep && i < KEEPS; i++)
		if (!strcmp(keep, store_keep_name((enum store_keep)i)))
			h->keep = (enum store_keep)i;
	h->info.pfn_withheld = pfns && !strcmp(pfns, "withheld") && !h->info.known.pfn;
	if (h->info.known.pfn)
		json_get_hex(j, "zero_pfn", &h->info.zero_pfn);
	for (i = 0; i < PAGE_STATES; i++)
		json_get_u64(states, page_state_name((enum page_state)i), &h->totals.state[i]);
	json_get_u64(j, "huge", &h->totals.huge);
	for (i = 0; i < FRAME_FILES; i++)
		if (json_get_u64(errors, frame_file_name((enum frame_file)i), &error) && error < 4096)
			h->frame_error[i] = (int)error;
	/* No time is as long as that: then there is no such snapshot. */
	if (base)
		snprintf(h->base, sizeof(h->base), "%s", *base ? base : "?");
}

int store_header_parse(struct store_header *h, const json_t *j, const char *path, struct err *e)
{
	const json_t *process = json_object_get(j, "process"), *known = json_object_get(j, "known");
	const char *format = json_get_text(j, "format"), *engine = json_get_text(j, "engine");
	const char *time = json_get_text(j, "time");
	uint64_t version, pid, page_size, pmd = 0;

	*h = (struct store_header){ 0 };
	if (!format || strcmp(format, STORE_FORMAT) != 0)
		return err_set(e, "%s is not a pmview snapshot", path);
	if (!json_get_u64(j, "version", &version) || version != STORE_VERSION)
		return err_set(e, "%s is of another version than this pmview reads (%d)", path,
			STORE_VERSION);
	if (!json_get_u64(process, "pid", &pid) || pid > INT32_MAX ||
		!json_get_u64(j, "page_size", &page_size) || page_size < 512 ||
		page_size > (1 << 20) || page_size & (page_size - 1) || !engine || !time ||
		strlen(time) >= sizeof(h->time) || !units_parse_time(time, &h->info.time) || !known)
		return err_set(e, "the header of %s is not valid", path);
	if (describe_parse_known(known, &h->info.known, e) < 0)
		return -1;
	strcpy(h->time, time);
	h->info.pid = (pid_t)pid;
	h->info.page_size = (uint32_t)page_size;
	if (json_get_u64(j, "pmd_size", &pmd) && pmd <= UINT32_MAX && pmd % page_size == 0)
		h->info.pmd_size = (uint32_t)pmd;
	h->info.engine = strcmp(engine, "read") ? ENGINE_SCAN : ENGINE_READ;
	json_get_u64(process, "start_time", &h->info.start_time);
	json_get_u64(j, "max_map_count", &h->info.max_map_count);
	json_get_u64(j, "scan_ns", &h->info.scan_ns);
	json_get_u64(j, "held_ns", &h->info.held_ns);
	json_get_u64(j, "longest_call_ns", &h->info.longest_call_ns);
	raw_text(&h->comm, process, "comm");
	raw_text(&h->cgroup, process, "cgroup");
	raw_text(&h->host, j, "host");
	raw_text(&h->kernel, j, "kernel");
	raw_text(&h->boot_id, j, "boot_id");
	raw_text(&h->note, j, "note");
	parse_cmdline(h, process);
	parse_extras(h, j);
	h->info.comm = str_text(&h->comm);
	h->info.cmdline = str_text(&h->cmdline);
	h->info.cmdline_len = h->cmdline.len;
	h->info.cgroup = str_text(&h->cgroup);
	h->info.host = str_text(&h->host);
	h->info.kernel = str_text(&h->kernel);
	h->info.swap = swap_layout_of(h->info.kernel);
	h->info.boot_id = str_text(&h->boot_id);
	h->info.note = str_text(&h->note);
	return 0;
}

void store_header_free(struct store_header *h)
{
	str_free(&h->comm);
	str_free(&h->cmdline);
	str_free(&h->cgroup);
	str_free(&h->host);
	str_free(&h->kernel);
	str_free(&h->boot_id);
	str_free(&h->note);
}
