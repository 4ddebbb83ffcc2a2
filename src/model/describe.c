/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/describe.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/units.h"
#include "base/utf8.h"

/* The members of struct page_known, said once. */
#define KNOWN_LIST(X) X(pfn) X(zero) X(guard) X(huge) X(swap_kind) X(exclusive) X(soft_dirty)

static json_t *describe_known(const struct page_known *k)
{
	json_t *j = json_object();

#define X(name) json_object_set_new(j, #name, json_boolean(k->name));
	KNOWN_LIST(X)
#undef X
	return j;
}

int describe_parse_known(const json_t *j, struct page_known *k, struct err *e)
{
#define X(name)                                                                                    \
	if (!json_get_bool(j, #name, &k->name))                                                    \
		return err_set(e, "\"known\" has no \"" #name "\"");
	KNOWN_LIST(X)
#undef X
	return 0;
}

json_t *describe_states(const struct snapshot *s, const struct page_counts *c)
{
	json_t *j = json_object();
	int i;

	for (i = 0; i < PAGE_STATES; i++)
		json_object_set_new(j, page_state_name((enum page_state)i),
			json_count(snapshot_knows(s, (enum page_state)i), c->state[i]));
	return j;
}

json_t *describe_cmdline(const struct snapshot_info *info)
{
	json_t *j = json_array();
	size_t at = 0, len;

	while (at < info->cmdline_len) {
		len = strnlen(info->cmdline + at, info->cmdline_len - at);
		json_array_append_new(j, json_readable(info->cmdline + at, len));
		at += len + 1;
	}
	return j;
}

json_t *describe_header(const struct snapshot *s, const char *format, int version)
{
	const struct snapshot_info *info = snapshot_info(s);
	json_t *j = json_object(), *p = json_object();
	char time[UNITS_TIME_LEN];

	json_object_set_new(p, "pid", json_integer(info->pid));
	json_object_set_new(p, "comm", json_readable(info->comm, strlen(info->comm)));
	json_object_set_new(p, "cmdline", describe_cmdline(info));
	json_object_set_new(j, "format", json_string(format));
	json_object_set_new(j, "version", json_integer(version));
	json_object_set_new(j, "process", p);
	json_object_set_new(j, "time", json_string(units_time(time, info->time)));
	json_object_set_new(j, "kernel", json_readable(info->kernel, strlen(info->kernel)));
	json_object_set_new(j, "page_size", json_integer(info->page_size));
	json_object_set_new(j, "engine", json_string(engine_name(info->engine)));
	json_object_set_new(j, "known", describe_known(&info->known));
	return j;
}

json_t *describe_vma(const struct snapshot *s, const struct vma *v, uint64_t checkpoint)
{
	const struct page_known *known = &snapshot_info(s)->known;
	struct page_counts counts = vma_counts(v);
	json_t *j = json_object();
	char perms[5];

	json_object_set_new(j, "start", json_hex(v->start));
	json_object_set_new(j, "end", json_hex(v->end));
	json_object_set_new(j, "perms", json_string(vma_perms(v, perms)));
	json_object_set_new(j, "offset", json_u64(v->offset));
	json_object_set_new(j, "dev", json_sprintf("%02x:%02x", v->dev_major, v->dev_minor));
	json_object_set_new(j, "inode", json_u64(v->inode));
	json_object_set_new(j, "kind", json_string(vma_kind_name((enum vma_kind)v->kind)));
	json_object_set_new(j, "deleted", json_boolean(v->deleted));
	json_object_set_new(j, "name", json_readable(v->name, strlen(v->name)));
	json_object_set_new(j, "page_size", json_integer(v->page_size));
	json_object_set_new(j, "pages", json_integer((json_int_t)snapshot_vma_pages(s, v)));
	json_object_set_new(j, "states", describe_states(s, &counts));
	json_object_set_new(j, "cow", json_integer((json_int_t)vma_cow(v)));
	json_object_set_new(j, "huge", json_count(known->huge, counts.huge));
	json_object_set_new(j, "checkpoint", json_count(checkpoint != NO_COUNT, checkpoint));
	return j;
}

static bool parse_dev(const char *dev, struct vma *v)
{
	unsigned major, minor;
	char rest;

	if (!dev || sscanf(dev, "%8x:%8x%c", &major, &minor, &rest) != 2)
		return false;
	v->dev_major = major;
	v->dev_minor = minor;
	return true;
}

int describe_parse_vma(
	const json_t *j, uint32_t page_size, struct vma *v, char **name, struct err *e)
{
	const char *perms = json_get_text(j, "perms"), *kind = json_get_text(j, "kind");
	const char *text = json_get_text(j, "name");
	uint64_t backing;
	struct str raw = { 0 };

	*v = (struct vma){ 0 };
	*name = NULL;
	if (!json_get_hex(j, "start", &v->start) || !json_get_hex(j, "end", &v->end) ||
		v->end <= v->start || v->start % page_size || v->end % page_size ||
		(v->end - v->start) / page_size > RUNS_PAGES_MOST)
		return err_set(e, "a mapping has no proper addresses");
	if (!perms || strlen(perms) != 4 || !vma_parse_perms(perms, &v->perms) ||
		!parse_dev(json_get_text(j, "dev"), v) || !json_get_u64(j, "offset", &v->offset) ||
		!json_get_u64(j, "inode", &v->inode) || !json_get_bool(j, "deleted", &v->deleted) ||
		!json_get_u64(j, "page_size", &backing) || backing > UINT32_MAX || !text || !kind)
		return err_set(e, "the mapping at 0x%llx is not described fully",
			(unsigned long long)v->start);
	v->page_size = (uint32_t)backing;
	v->kind = (uint8_t)vma_kind_of_name(kind);
	if (v->kind == VMA_KINDS)
		v->kind = VMA_FILE; /* a kind that a later version knows */
	utf8_unreadable(&raw, text, strlen(text));
	*name = str_take(&raw);
	v->name = *name;
	return 0;
}
