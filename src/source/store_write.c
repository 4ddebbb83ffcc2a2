/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a snapshot's lines, and a file that holds one. Reading is in store_read.c. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/newfile.h"
#include "base/str.h"
#include "model/describe.h"
#include "source/store_format.h"
#include "source/store_text.h"
#include "source/store_writer.h"

/* --- mappings --- */

static bool same_description(const struct vma *a, const struct vma *b)
{
	return a->start == b->start && a->end == b->end && a->offset == b->offset &&
		a->inode == b->inode && a->dev_major == b->dev_major &&
		a->dev_minor == b->dev_minor && a->page_size == b->page_size &&
		a->perms == b->perms && a->kind == b->kind && a->deleted == b->deleted &&
		!strcmp(a->name, b->name);
}

#define NONE SIZE_MAX

/* Which mapping of the snapshot before mapping v is, NONE if it is new. *at: where those begin that
 * end behind v's start, which only grows from mapping to mapping. */
static size_t find_before(const struct snapshot *before, size_t *at, const struct vma *v)
{
	size_t i;

	while (*at < snapshot_vmas(before) && snapshot_vma(before, *at)->end <= v->start)
		++*at;
	for (i = *at; i < snapshot_vmas(before) && snapshot_vma(before, i)->start < v->end; i++)
		if (vma_same(snapshot_vma(before, i), v))
			return i;
	return NONE;
}

static void put_same(struct packer *p, size_t first, size_t count)
{
	json_t *j;

	if (!count)
		return;
	j = json_object();
	json_object_set_new(j, "type", json_string("same"));
	json_object_set_new(j, "first", json_integer((json_int_t)first));
	json_object_set_new(j, "count", json_integer((json_int_t)count));
	packer_json(p, j);
}

/* The VmFlags that pmview goes by, and the swap of shared memory. */
static void add_smaps(json_t *vma, const struct vma_smaps *m)
{
	json_t *flags = json_array();

	if (m->droppable)
		json_array_append_new(flags, json_string("dp"));
	if (m->io)
		json_array_append_new(flags, json_string("io"));
	if (m->mixed)
		json_array_append_new(flags, json_string("mm"));
	json_object_set_new(vma, "vm_flags", flags);
	if (m->swap_known)
		json_object_set_new(vma, "smaps_swap", json_integer((json_int_t)m->swap));
}

/* Write the mappings. was[i], where there is a snapshot before: which of its mappings mapping i is, NONE,
 * or SAME: and nothing of it has changed. */
#define SAME (SIZE_MAX - 1)
static void put_vmas(struct packer *p, const struct snapshot *s, const struct snapshot *before,
	const struct vma_smaps *smaps, size_t *was)
{
	size_t i, at = 0, k, first = 0, count = 0;
	json_t *j, *described;

	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct vma *v = snapshot_vma(s, i), *o;

		k = before ? find_before(before, &at, v) : NONE;
		o = k == NONE ? NULL : snapshot_vma(before, k);
		was[i] = k;
		if (o && same_description(o, v) && runs_equal(o->runs, v->runs)) {
			was[i] = SAME;
			if (count && k != first + count) {
				put_same(p, first, count);
				count = 0;
			}
			first = count ? first : k;
			count++;
			continue;
		}
		put_same(p, first, count);
		count = 0;
		j = json_object();
		json_object_set_new(j, "type", json_string("vma"));
		described = describe_vma(s, v, NO_COUNT);
		json_object_del(described, "checkpoint");
		json_object_update(j, described);
		json_decref(described);
		if (smaps && smaps[i].known)
			add_smaps(j, &smaps[i]);
		if (o)
			json_object_set_new(j, "was", json_integer((json_int_t)k));
		packer_json(p, j);
	}
	put_same(p, first, count);
	packer_end_frame(p);
}

/* --- runs --- */

struct runs_lines {
	struct packer *p;
	struct str text;
	size_t vma, pieces;
	uint64_t first, pages; /* where the line begins; where the next piece does */
	uint64_t total;
	struct run_piece last; /* which may go on */
};

static void end_runs_line(struct runs_lines *l)
{
	json_t *j;

	if (l->text.len) {
		j = json_object();
		json_object_set_new(j, "type", json_string("runs"));
		json_object_set_new(j, "vma", json_integer((json_int_t)l->vma));
		json_object_set_new(j, "first", json_integer((json_int_t)l->first));
		json_object_set_new(j, "runs", json_string_nocheck(str_text(&l->text)));
		packer_json(l->p, j);
	}
	str_clear(&l->text);
	l->pieces = 0;
	l->first = l->pages;
}

static void end_piece(struct runs_lines *l)
{
	if (!l->last.pages)
		return;
	store_add_run(&l->text, &l->last);
	l->pages += l->last.pages;
	l->last.pages = 0;
	l->total++;
	if (++l->pieces == STORE_RUNS_PER_LINE)
		end_runs_line(l);
}

static void add_piece(struct runs_lines *l, const struct run *run, uint64_t pages, bool same)
{
	if (l->last.pages && l->last.same == same &&
		(same || (l->last.state == run->state && l->last.huge == run->huge))) {
		l->last.pages += pages;
		return;
	}
	end_piece(l);
	l->last = (struct run_piece){ pages, run->state, run->huge, same };
}

/* The runs of mapping v, or where it was o before, those that have changed. */
static void put_runs(struct runs_lines *l, const struct vma *v, const struct vma *o, uint64_t page_size)
{
	/* Pages of v that o had too. */
	uint64_t from = o && o->start > v->start ? (o->start - v->start) / page_size : 0;
	uint64_t to = o ? ((o->end < v->end ? o->end : v->end) - v->start) / page_size : 0;
	size_t i, n = runs_length(v->runs);

	l->first = l->pages = 0;
	for (i = 0; i < n; i++) {
		struct run run = runs_at(v->runs, i), was;
		uint64_t page = run.first, left = run.pages, part;

		while (left) {
			part = left;
			if (page < from && from - page < part)
				part = from - page;
			if (page >= from && page < to) {
				uint64_t at = (v->start + page * page_size - o->start) / page_size;

				was = runs_at(o->runs, runs_find(o->runs, at));
				if (was.first + was.pages - at < part)
					part = was.first + was.pages - at;
				add_piece(l, &run, part,
					was.state == run.state && was.huge == run.huge);
			} else {
				add_piece(l, &run, part, false);
			}
			page += part;
			left -= part;
		}
	}
	end_piece(l);
	end_runs_line(l);
}

/* Returns how many pieces. */
static uint64_t put_all_runs(struct packer *p, const struct snapshot *s, const struct snapshot *before,
	const size_t *was)
{
	struct runs_lines l = { .p = p };

	for (l.vma = 0; l.vma < snapshot_vmas(s); l.vma++)
		if (was[l.vma] != SAME)
			put_runs(&l, snapshot_vma(s, l.vma),
				was[l.vma] == NONE ? NULL : snapshot_vma(before, was[l.vma]),
				snapshot_info(s)->page_size);
	str_free(&l.text);
	return l.total;
}

/* --- a snapshot --- */

/* How much can be kept of what was asked for. */
static enum store_keep keep_of(const struct store_what *what)
{
	if (!what || what->keep == KEEP_SKELETON || !what->entries || !what->entries->read)
		return KEEP_SKELETON;
	return what->keep == KEEP_FULL && what->frames && what->frames->read ? KEEP_FULL : KEEP_ENTRIES;
}

int store_pack_snapshot(struct packer *p, const struct snapshot *s, const struct snapshot *before,
	const struct store_what *what, struct store_memory **memory, struct err *e)
{
	enum store_keep keep = keep_of(what);
	char time[UNITS_TIME_LEN], base[UNITS_TIME_LEN];
	size_t *was = mem_alloc((snapshot_vmas(s) + 1) * sizeof(*was));
	struct store_memory *new = NULL;
	uint64_t runs, pages = 0;
	int r = 0;
	json_t *j;

	units_time(time, snapshot_info(s)->time);
	if (before)
		units_time(base, snapshot_info(before)->time);
	packer_json(p, store_header_json(s, what, keep, before ? base : NULL));
	packer_end_frame(p); /* so that it can be read without the rest */
	put_vmas(p, s, before, what ? what->smaps : NULL, was);
	runs = put_all_runs(p, s, before, was);
	packer_end_frame(p);
	free(was);
	if (keep >= KEEP_ENTRIES) {
		store_pack_absent(p, s, what->entries);
		new = memory ? store_memory_new() : NULL;
		r = store_pack_pages(
			p, s, time, what, before ? *memory : NULL, new, &pages, e);
		if (r < 0) {
			store_memory_free(new);
			return -1;
		}
	}
	j = json_object();
	packer_end_frame(p); /* a file that lacks its last bytes lacks no more than this line */
	json_object_set_new(j, "type", json_string("end"));
	json_object_set_new(j, "time", json_string(time));
	json_object_set_new(j, "vmas", json_integer((json_int_t)snapshot_vmas(s)));
	json_object_set_new(j, "runs", json_integer((json_int_t)runs));
	json_object_set_new(j, "entries", json_integer((json_int_t)pages));
	/* What a damaged file did not have is not there in this one either. */
	if (what && what->from && store_damage(what->from))
		r = 1;
	json_object_set_new(j, "complete", json_boolean(snapshot_info(s)->complete && !r));
	packer_json(p, j);
	packer_end_frame(p);
	if (memory) {
		store_memory_free(*memory);
		*memory = new;
	}
	return r;
}

/* How much would be lost is said. */
static void say_exists(const char *path, struct err *e)
{
	struct err ignored;
	struct store *s = store_open(path, &ignored);
	size_t n = s ? store_count(s) : 1;

	store_close(s);
	if (n > 1)
		err_set(e, "%s exists already, and holds %zu snapshots; --force replaces it", path, n);
	else
		err_set(e, "%s exists already; --force replaces it", path);
}

/* Whether the file at path may be replaced: it is a .pmv, and its user said so. */
static int check_place(const char *path, bool replace, bool *is_there, struct err *e)
{
	struct stat st;

	*is_there = false;
	if (!strcmp(path, "-"))
		return 0;
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(e, "cannot write %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, "%s exists and is not a regular file; give another name", path);
	*is_there = true;
	if (!st.st_size)
		return 0; /* there is nothing to lose */
	if (!store_is_snapshot(path))
		return err_set(e,
			"%s exists and is no pmview snapshot: it is left alone; give another name", path);
	if (replace)
		return 0;
	say_exists(path, e);
	e->code = EEXIST;
	return -1;
}

int store_copy(FILE *from, FILE *to, struct err *e)
{
	char buf[65536];
	size_t n;

	if (fflush(from) || ferror(from) || fseek(from, 0, SEEK_SET))
		return err_errno(e, "cannot write a temporary file");
	while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
		fwrite(buf, 1, n, to);
	return ferror(from) ? err_set(e, "a temporary file cannot be read back") : 0;
}

/* As store_pack_snapshot(), into a stream. */
static int pack(FILE *f, const struct snapshot *s, const struct store_what *what, struct err *e)
{
	struct packer p;
	int r;

	packer_init(&p, f);
	r = store_pack_snapshot(&p, s, NULL, what, NULL, e);
	if (r >= 0 && p.failed)
		r = err_set(e, "cannot compress the snapshot");
	packer_free(&p);
	return r;
}

int store_write(const char *path, const struct snapshot *s, const struct store_what *what,
	bool replace, struct err *e)
{
	bool spool = what && what->read_all, is_there;
	struct newfile n;
	FILE *f;
	int r;

	/* What comes there meanwhile is not replaced. */
	if (check_place(path, replace, &is_there, e) < 0 ||
		newfile_open(&n, path, 0600, is_there, e) < 0)
		return -1;
	f = spool ? newfile_unnamed(e) : n.f;
	r = f ? pack(f, s, what, e) : -1;
	if (spool) {
		what->read_all(what->ctx);
		if (r >= 0 && store_copy(f, n.f, e) < 0)
			r = -1;
		if (f)
			fclose(f);
	}
	if (r > 0 && is_there && !(what && what->from))
		r = err_set(e,
			"process %d ended or exec'd while it was saved: %s is left as it was; give another name to keep what was read",
			(int)snapshot_info(s)->pid, path);
	if (r < 0) {
		newfile_abandon(&n);
		return -1;
	}
	return newfile_commit(&n, e) < 0 ? -1 : r;
}
