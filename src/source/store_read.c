/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making snapshots of the lines of a .pmv file, which may come from anywhere: nothing in them is
 * believed before it is checked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/describe.h"
#include "source/store_format.h"
#include "source/store_private.h"
#include "source/store_text.h"

#define NO_BASE SIZE_MAX

struct reader {
	const char *path;
	const struct snapshot *base; /* what the changes are against; NULL: this one is whole */
	bool depends;                /* there are changes, whether there is that base or not */
	bool renumbered;             /* a mapping may be missing: numbers of mappings mean nothing */
	const atomic_bool *cancel;   /* may be NULL */
	const struct store_header *header;
	bool ended, complete;
	bool lost;                   /* something is missing that was there when it was written */
	uint64_t page_size;
	/* For each mapping: its name if that is ours, its runs so far, and the mapping of the base that
	 * its unchanged pages are of. */
	struct vma *vma;
	char **name;
	struct runs_builder *builder;
	size_t *was;
	struct vma_smaps *smaps;
	bool any_smaps;              /* something of them is known */
	uint64_t runs;
	size_t n, vma_cap, name_cap, builder_cap, was_cap, smaps_cap;
};

static void reader_free(struct reader *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		free(r->name[i]);
		runs_builder_free(&r->builder[i]);
		runs_unref(r->vma[i].runs);
	}
	free(r->vma);
	free(r->name);
	free(r->builder);
	free(r->was);
	free(r->smaps);
}

static bool is_cancelled(const struct reader *r)
{
	return r->cancel && atomic_load(r->cancel);
}

static int set_cancelled(struct err *e)
{
	err_set(e, "given up");
	e->code = ECANCELED;
	return -1;
}

/* Make room for one mapping more, at the end. */
static int add_vma(struct reader *r, struct err *e)
{
	if (r->n == STORE_MOST_VMAS)
		return err_set(e, "%s claims more mappings than a process can have", r->path);
	r->vma = mem_grow(r->vma, r->n, &r->vma_cap, sizeof(*r->vma));
	r->name = mem_grow(r->name, r->n, &r->name_cap, sizeof(*r->name));
	r->builder = mem_grow(r->builder, r->n, &r->builder_cap, sizeof(*r->builder));
	r->was = mem_grow(r->was, r->n, &r->was_cap, sizeof(*r->was));
	r->vma[r->n] = (struct vma){ 0 };
	r->name[r->n] = NULL;
	r->builder[r->n] = (struct runs_builder){ 0 };
	r->was[r->n] = NO_BASE;
	r->smaps = mem_grow(r->smaps, r->n, &r->smaps_cap, sizeof(*r->smaps));
	r->smaps[r->n] = (struct vma_smaps){ 0 };
	return 0;
}

static int check_order(const struct reader *r, struct err *e)
{
	if (r->n > 1 && r->vma[r->n - 1].start < r->vma[r->n - 2].end)
		return err_set(e, "the mappings in %s are not in order", r->path);
	return 0;
}

/* What smaps said of the last mapping, if it was read. */
static void read_smaps(struct reader *r, const json_t *j)
{
	const json_t *flags = json_object_get(j, "vm_flags"), *flag;
	struct vma_smaps *m = &r->smaps[r->n - 1];
	size_t i;

	if (!json_is_array(flags))
		return;
	m->known = r->any_smaps = true;
	json_array_foreach(flags, i, flag) {
		const char *name = json_string_value(flag);

		m->droppable |= name && !strcmp(name, "dp");
		m->io |= name && !strcmp(name, "io");
		m->mixed |= name && !strcmp(name, "mm");
	}
	m->swap_known = json_get_u64(j, "smaps_swap", &m->swap);
}

static int read_vma(struct reader *r, const json_t *j, struct err *e)
{
	uint64_t was;

	if (add_vma(r, e) < 0)
		return -1;
	if (describe_parse_vma(j, (uint32_t)r->page_size, &r->vma[r->n], &r->name[r->n], e) < 0)
		return -1;
	r->n++;
	if (json_get_u64(j, "was", &was) && r->base && !r->renumbered) {
		if (was >= snapshot_vmas(r->base))
			return err_set(e, "%s says of a mapping that it was one that there is not",
				r->path);
		r->was[r->n - 1] = (size_t)was;
	}
	read_smaps(r, j);
	return check_order(r, e);
}

/* Mappings that are as they were, runs and all. */
static int read_same(struct reader *r, const json_t *j, struct err *e)
{
	uint64_t first, count;

	if (!json_get_u64(j, "first", &first) || !json_get_u64(j, "count", &count))
		return err_set(e, "a line of %s does not say which mappings are the same", r->path);
	if (r->renumbered) {
		r->lost = true; /* which they were is lost */
		return 0;
	}
	if (first > snapshot_vmas(r->base) || count > snapshot_vmas(r->base) - first)
		return err_set(e, "%s says of mappings that they are the same that there are not",
			r->path);
	for (; count; count--, first++) {
		if (count % 1024 == 0 && is_cancelled(r))
			return set_cancelled(e);
		if (add_vma(r, e) < 0)
			return -1;
		r->vma[r->n] = *snapshot_vma(r->base, (size_t)first);
		runs_ref(r->vma[r->n].runs);
		r->runs += runs_length(r->vma[r->n].runs);
		r->n++;
		if (check_order(r, e) < 0)
			return -1;
	}
	return 0;
}

static int bad_runs(const struct reader *r, uint64_t vma, struct err *e)
{
	return err_set(e, "the runs of mapping %llu in %s are not valid", (unsigned long long)vma,
		r->path);
}

/* Add pages of mapping i that are as they were. Without that base they are unknown. */
static int add_same(struct reader *r, size_t i, uint64_t pages, struct err *e)
{
	struct runs_builder *b = &r->builder[i];
	uint64_t address = r->vma[i].start + b->pages * r->page_size, first;
	const struct vma *was;
	size_t k;

	if (r->was[i] == NO_BASE) {
		r->lost = true;
		runs_builder_add(b, pages, PAGE_UNKNOWN, false);
		return 0;
	}
	was = snapshot_vma(r->base, r->was[i]);
	if (address < was->start || address >= was->end ||
		pages > (was->end - address) / r->page_size)
		return bad_runs(r, i, e);
	first = (address - was->start) / r->page_size;
	for (k = runs_find(was->runs, first); pages; k++) {
		struct run run = runs_at(was->runs, k);
		uint64_t part = run.first + run.pages - first;

		part = part < pages ? part : pages;
		runs_builder_add(b, part, run.state, run.huge);
		first += part;
		pages -= part;
		r->runs++;
	}
	return 0;
}

static int read_runs(struct reader *r, const json_t *j, struct err *e)
{
	const char *s = json_get_text(j, "runs");
	uint64_t vma = 0, first, all;
	struct runs_builder *b;
	struct run_piece p;
	int more;

	if (r->renumbered)
		return 0; /* nobody knows of which mapping */
	if (!json_get_u64(j, "vma", &vma) || vma >= r->n || !json_get_u64(j, "first", &first) || !s)
		return bad_runs(r, vma, e);
	b = &r->builder[vma];
	all = (r->vma[vma].end - r->vma[vma].start) / r->page_size;
	if (first < b->pages || first > all || r->vma[vma].runs)
		return bad_runs(r, vma, e);
	/* A line that was lost before this one: what it said is unknown. */
	r->lost |= first > b->pages;
	runs_builder_add(b, first - b->pages, PAGE_UNKNOWN, false);
	while ((more = store_next_run(&s, &p)) > 0) {
		if (p.pages > all - b->pages || (p.same && !r->depends))
			return bad_runs(r, vma, e);
		if (p.same) {
			if (add_same(r, (size_t)vma, p.pages, e) < 0)
				return -1;
		} else {
			runs_builder_add(b, p.pages, p.state, p.huge);
			r->runs++;
		}
		if (r->runs > STORE_MOST_RUNS)
			return err_set(e, "%s holds more runs than pmview reads", r->path);
	}
	return more < 0 ? bad_runs(r, vma, e) : 0;
}

static int read_end(struct reader *r, const json_t *j, struct err *e)
{
	uint64_t vmas;

	if (!json_get_u64(j, "vmas", &vmas) || !json_get_bool(j, "complete", &r->complete))
		return err_set(e, "the last line of %s is not valid", r->path);
	r->ended = true;
	if (vmas != r->n)
		r->lost = r->renumbered = true;
	return 0;
}

/* Whether a line that is written as we do is of a type that tells nothing of the skeleton: then it need
 * not be parsed. */
static bool is_of_no_use(const char *line, size_t len)
{
	static const char *const used[] = { "vma\"", "same\"", "runs\"", "end\"" };
	static const char begin[] = "{\"type\":\"";
	size_t head = sizeof(begin) - 1, i;

	if (len < head || memcmp(line, begin, head) != 0)
		return false;
	for (i = 0; i < sizeof(used) / sizeof(*used); i++)
		if (len - head >= strlen(used[i]) && !memcmp(line + head, used[i], strlen(used[i])))
			return false;
	return true;
}

static int read_line(struct reader *r, const char *line, size_t len, struct err *e)
{
	const char *type;
	int result = 0;
	json_t *j;

	if (len > STORE_MOST_IN_LINE)
		return err_set(e, "%s has a line longer than any of a snapshot", r->path);
	if (is_of_no_use(line, len))
		return 0;
	j = json_loadb(line, len, 0, NULL);
	type = json_get_text(j, "type");

	if (!type)
		result = err_set(e,
			"%s is not a pmview snapshot (a line of it is no JSON object with a type)",
			r->path);
	else if (!strcmp(type, "vma"))
		result = read_vma(r, j, e);
	else if (!strcmp(type, "same"))
		result = read_same(r, j, e);
	else if (!strcmp(type, "runs"))
		result = read_runs(r, j, e);
	else if (!strcmp(type, "end"))
		result = read_end(r, j, e);
	json_decref(j);
	return result;
}

/* Read the lines of a level up to damage. Returns 0, or -1 with e set. */
static int read_level(struct store *s, const struct store_level *l, struct reader *r, struct err *e)
{
	uint64_t all = 0;
	size_t i, len;

	for (i = 0; i < l->n_lines; i++) {
		const char *at, *to, *line;
		int got;

		if (is_cancelled(r))
			return set_cancelled(e);
		got = store_unpack(s, &s->lines[l->lines + i], &at, &to);
		if (got == -1)
			break;
		all += s->text.len;
		if (got || all > STORE_MOST_BYTES)
			return err_set(e, "%s unpacks to more than a snapshot can be", s->path);
		while (store_next_line(&at, to, &line, &len))
			if (read_line(r, line, len, e) < 0)
				return -1;
		if (at < to)
			return err_set(e,
				"%s is not a pmview snapshot (a frame does not end with a line)", s->path);
	}
	return 0;
}

static struct snapshot *make_snapshot(struct reader *r, bool withhold)
{
	struct snapshot_info info = r->header->info;
	struct snapshot_builder *b;
	size_t i;

	/* Without its end it may lack mappings. */
	if (!r->ended)
		r->lost = r->renumbered = true;
	if (withhold) {
		info.known.pfn = false;
		info.pfn_withheld = true;
		info.zero_pfn = 0;
	}
	b = snapshot_builder_new(&info);
	snapshot_builder_expect(b, r->n);
	for (i = 0; i < r->n; i++) {
		struct vma *v = &r->vma[i];
		struct runs *runs = v->runs;
		uint64_t missing;

		v->runs = NULL;
		if (!runs) {
			missing = (v->end - v->start) / r->page_size - r->builder[i].pages;
			r->lost |= missing > 0;
			runs_builder_add(&r->builder[i], missing, PAGE_UNKNOWN, false);
			runs = runs_builder_finish(&r->builder[i]);
		}
		snapshot_builder_add(b, v, runs);
	}
	snapshot_builder_info(b)->complete = r->complete && !r->lost;
	return snapshot_builder_finish(b);
}

/* Read the header of a level anew: the index keeps little of it. */
static int read_header(struct store *s, const struct store_level *l, struct err *e)
{
	const char *at, *to, *line;
	size_t len;
	json_t *j;
	int r;

	store_header_free(&s->header);
	s->header = (struct store_header){ 0 };
	r = store_unpack(s, &l->header, &at, &to);
	if (r || !store_next_line(&at, to, &line, &len))
		return err_set(e, "a header of %s cannot be read any more", s->path);
	j = json_loadb(line, len, 0, NULL);
	r = store_header_parse(&s->header, j, s->path, e);
	json_decref(j);
	return r;
}

/* Read level i, given the snapshot that its changes are against; NULL: it is lost, or there is none.
 * *lost: whether something of that is missing; then, whether something of this one is. Leaves its
 * header in s->header. */
static struct snapshot *read_one(struct store *s, size_t i, const struct snapshot *base, bool *lost,
	struct err *e)
{
	const struct store_level *l = &s->level[i];
	struct snapshot *snapshot = NULL;
	struct reader r = {
		.path = s->path,
		.base = base,
		.depends = *l->base,
		.lost = *l->base && (*lost || !base),
		.renumbered = *l->base && (!base || s->last_renumbered),
		.cancel = s->cancel,
		.header = &s->header,
	};

	if (read_header(s, l, e) < 0)
		return NULL;
	r.page_size = s->header.info.page_size;
	if (base && r.page_size != snapshot_info(base)->page_size)
		r.renumbered = r.lost = true;
	if (!read_level(s, l, &r, e))
		snapshot = make_snapshot(&r, s->withhold);
	*lost = r.lost;
	s->last_renumbered = r.renumbered;
	free(s->smaps);
	s->smaps = NULL;
	if (snapshot && r.any_smaps) {
		s->smaps = r.smaps;
		r.smaps = NULL;
	}
	reader_free(&r);
	return snapshot;
}

struct snapshot *store_read(struct store *s, size_t i, struct err *e)
{
	struct snapshot *base = NULL, *now = NULL;
	size_t from = i, before;

	store_pages_free(s->pages);
	s->pages = NULL;
	/* Reading on from what was read last is what stepping through time is. */
	while (!(s->last && from == s->last_i) && store_base(s, from, &before))
		from = before;
	if (!s->last || from != s->last_i)
		s->last_lost = false;
	if (s->last && from == s->last_i && from < i) {
		base = snapshot_ref(s->last);
		from++;
	} else if (s->last && from == s->last_i) {
		now = snapshot_ref(s->last);
		from++;
	}
	for (; from <= i; from++) {
		now = read_one(s, from, base, &s->last_lost, e);
		snapshot_unref(base);
		base = now;
		if (!now) {
			snapshot_unref(s->last);
			s->last = NULL;
			return NULL;
		}
	}
	snapshot_unref(s->last);
	s->last = snapshot_ref(now);
	s->last_i = i;
	return now;
}

const struct vma_smaps *store_smaps(const struct store *s)
{
	return s->smaps;
}
