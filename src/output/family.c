/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/family.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "model/describe.h"
#include "output/csv.h"

static void set(json_t *j, const char *key, json_t *value)
{
	json_object_set_new(j, key, value);
}

static void set_count(json_t *j, const char *key, bool known, uint64_t n)
{
	set(j, key, json_count(known, n));
}

static json_t *member_json(const struct family *f, const struct family_member *m)
{
	const struct snapshot_info *info = snapshot_info(m->snapshot);
	json_t *j = json_object(), *same = json_array();
	bool known = f->sharing_known;
	size_t i;

	for (i = 0; i < m->n_same; i++)
		json_array_append_new(same, json_integer(m->same[i]));
	set(j, "pid", json_integer(m->pid));
	set(j, "ppid", json_integer(m->ppid));
	set(j, "parent", m->parent == FAMILY_NONE ? json_null() :
		json_integer(f->member[m->parent].pid));
	set(j, "same_memory", same);
	set(j, "comm", json_readable(info->comm, strlen(info->comm)));
	set(j, "cmdline", describe_cmdline(info));
	set_count(j, "own", family_knows_own(m), m->own);
	set_count(j, "private", known, m->private);
	set_count(j, "copied", known, m->copied);
	set_count(j, "shared", known, m->shared);
	set_count(j, "swap", family_knows_swap(m), m->swap);
	set_count(j, "moving", known, m->moving);
	set_count(j, "file", true, m->file);
	set_count(j, "shmem", true, m->shmem);
	set(j, "ended", json_boolean(m->ended));
	return j;
}

static json_t *object_json(const struct family_object *o)
{
	json_t *j = json_object();

	set(j, "dev", json_sprintf("%02x:%02x", o->vma->dev_major, o->vma->dev_minor));
	set(j, "inode", json_u64(o->vma->inode));
	set(j, "kind", json_string(vma_kind_name((enum vma_kind)o->vma->kind)));
	set(j, "name", json_readable(o->vma->name, strlen(o->vma->name)));
	set_count(j, "processes", true, o->members);
	set_count(j, "pages", true, o->pages);
	set_count(j, "mapped", true, o->mapped);
	return j;
}

static json_t *mapping_json(
	const struct family *f, const struct family_member *m, const struct family_mapping *map)
{
	const struct vma *v = snapshot_vma(m->snapshot, map->vma);
	bool known = f->sharing_known;
	json_t *j = json_object();
	char perms[5];

	set(j, "start", json_hex(v->start));
	set(j, "end", json_hex(v->end));
	set(j, "perms", json_string(vma_perms(v, perms)));
	set(j, "kind", json_string(vma_kind_name((enum vma_kind)v->kind)));
	set(j, "name", json_readable(v->name, strlen(v->name)));
	set_count(j, "own", family_knows_own(m), map->own);
	set_count(j, "swap", family_knows_swap(m), map->swap);
#define X(count) set_count(j, #count, known, map->count);
	X(private) X(shared) X(copied) X(shared_parent) X(copied_parent) X(shared_children)
	X(copied_children) X(lost)
#undef X
	return j;
}

static json_t *totals_json(const struct family *f)
{
	json_t *j = json_object();

#define X(count) set_count(j, #count, f->sharing_known, f->count);
	X(held) X(distinct) X(saved) X(lost) X(mixed)
#undef X
	return j;
}

static json_t *unseen_json(const struct family *f)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < f->n_unseen; i++) {
		json_t *j = json_object();

		set(j, "pid", json_integer(f->unseen[i].pid));
		set(j, "comm", json_readable(f->unseen[i].comm, strlen(f->unseen[i].comm)));
		set(j, "why", json_readable(f->unseen[i].why, strlen(f->unseen[i].why)));
		json_array_append_new(all, j);
	}
	return all;
}

void json_family(FILE *out, const struct family *f, pid_t of, bool ascii)
{
	size_t at = family_find(f, of), i;
	const struct family_member *m = &f->member[at == FAMILY_NONE ? 0 : at];
	json_t *j = describe_header(m->snapshot, "pmview-family", 1), *list;

	set(j, "sharing_known", json_boolean(f->sharing_known));
	set(j, "same_memory_known", json_boolean(f->same_known));
	set(j, "took_seconds", json_real((double)f->took_ns / 1e9));
	list = json_array();
	for (i = 0; i < f->n; i++)
		json_array_append_new(list, member_json(f, &f->member[i]));
	set(j, "processes", list);
	set(j, "totals", totals_json(f));
	list = json_array();
	for (i = 0; i < f->objects; i++)
		json_array_append_new(list, object_json(&f->object[i]));
	set(j, "objects", list);
	set(j, "files", json_pack("{s:I, s:I, s:I}", "files", (json_int_t)f->files, "pages",
		(json_int_t)f->file_pages, "mapped", (json_int_t)f->file_mapped));
	list = json_array();
	for (i = 0; i < m->mappings; i++)
		if (m->mapping[i].own)
			json_array_append_new(list, mapping_json(f, m, &m->mapping[i]));
	set(j, "mappings", list);
	set(j, "unseen", unseen_json(f));
	set_count(j, "hidden", true, f->hidden);
	set_count(j, "ended", true, f->ended);
	json_dumpf(j, out, JSON_INDENT(1) | (ascii ? JSON_ENSURE_ASCII : 0));
	fputc('\n', out);
	json_decref(j);
}

void csv_family(FILE *out, const struct family *f, bool ascii)
{
	size_t i, k;

	fputs("pid,ppid,parent,same_memory,comm,own,private,copied,shared,swap,moving,file,shmem\n",
		out);
	for (i = 0; i < f->n; i++) {
		const struct family_member *m = &f->member[i];
		const char *comm = snapshot_info(m->snapshot)->comm;
		bool known = f->sharing_known;

		fprintf(out, "%d,%d", (int)m->pid, (int)m->ppid);
		csv_count(out, m->parent != FAMILY_NONE,
			m->parent == FAMILY_NONE ? 0 : (uint64_t)f->member[m->parent].pid);
		fputc(',', out);
		for (k = 0; k < m->n_same; k++)
			fprintf(out, "%s%d", k ? " " : "", (int)m->same[k]);
		fputc(',', out);
		csv_name(out, comm, ascii);
		csv_count(out, family_knows_own(m), m->own);
		csv_count(out, known, m->private);
		csv_count(out, known, m->copied);
		csv_count(out, known, m->shared);
		csv_count(out, family_knows_swap(m), m->swap);
		csv_count(out, known, m->moving);
		csv_count(out, true, m->file);
		csv_count(out, true, m->shmem);
		fputc('\n', out);
	}
}
