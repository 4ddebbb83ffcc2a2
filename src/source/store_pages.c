/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries, page frames and absent pages of a snapshot in a .pmv file, read when they are asked for.
 * They are in groups (zstd frames), a few of which are kept unpacked. What a recording leaves out
 * because it did not change is looked up in the snapshot before, and so on back to a whole one. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/pageset.h"
#include "source/store_format.h"
#include "source/store_private.h"
#include "source/store_text.h"

/* Entries that follow each other in a group: word[at] and on; or pages that are as they were. */
struct span {
	uint64_t page;
	uint32_t pages, at;
	bool same;
};

struct group {
	size_t unit;        /* which one of the file's */
	uint64_t used;      /* when it was asked for the last time, in times asked */
	struct span *span;
	uint64_t *word;
	struct frames_piece *frames; /* by PFN */
	uint64_t pages;     /* of all entries, those that did not change included */
	size_t n_spans, spans_cap, n_words, words_cap, n_frames, frames_cap;
};

/* Enough for what is on a screen; each takes a megabyte or two at most. */
#define GROUPS_KEPT 6
/* In a recording the changes of many snapshots lie over each other: those are small. */
#define CHANGES_KEPT 128

struct absent_piece {
	uint64_t page, pages;
	enum absent kind;
};

struct store_pages {
	struct group *group[GROUPS_KEPT + CHANGES_KEPT];
	struct group **of_unit; /* for each unit of the file, where it is kept; else NULL */
	uint64_t asked;
	uint64_t first, end; /* the pages whose entries were asked for last: frames are looked for there */
	bool side_read;      /* the rest was read: */
	struct absent_piece *absent;
	size_t n_absent, absent_cap;
	struct swaps swaps;
	struct cgroup_name *cgroup;
	size_t n_cgroups, cgroups_cap;
};

static void group_free(struct group *g)
{
	if (!g)
		return;
	free(g->span);
	free(g->word);
	free(g->frames);
	free(g);
}

void store_pages_free(struct store_pages *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < GROUPS_KEPT + CHANGES_KEPT; i++)
		group_free(p->group[i]);
	for (i = 0; i < p->n_cgroups; i++)
		free((char *)p->cgroup[i].path);
	free(p->of_unit);
	free(p->cgroup);
	free(p->absent);
	swaps_free(&p->swaps);
	free(p);
}

/* --- unpacking a group --- */

/* Where a line of pages begins: page number. */
static bool line_start(const json_t *j, uint32_t page_size, uint64_t *page)
{
	uint64_t start;

	if (!json_get_hex(j, "start", &start) || start % page_size)
		return false;
	*page = start / page_size;
	return true;
}

static void add_words(struct group *g, uint64_t page, const struct entries_piece *p)
{
	struct span *last = g->n_spans ? &g->span[g->n_spans - 1] : NULL;
	uint64_t i;

	if (!last || last->page + last->pages != page || last->same != p->same) {
		g->span = mem_grow(g->span, g->n_spans, &g->spans_cap, sizeof(*g->span));
		last = &g->span[g->n_spans++];
		*last = (struct span){
			.page = page, .at = (uint32_t)g->n_words, .same = p->same };
	}
	for (i = 0; i < p->n && !p->same; i++) {
		g->word = mem_grow(g->word, g->n_words, &g->words_cap, sizeof(*g->word));
		g->word[g->n_words++] = p->word + i * p->step;
	}
	last->pages += (uint32_t)p->n;
}

/* False: not valid. */
static bool take_entries(struct group *g, const json_t *j, uint32_t page_size)
{
	const char *s = json_get_text(j, "entries");
	struct entries_piece p;
	uint64_t page;
	int more;

	if (!s || !line_start(j, page_size, &page))
		return false;
	if (g->n_spans && page < g->span[g->n_spans - 1].page + g->span[g->n_spans - 1].pages)
		return false;
	while ((more = store_next_entries(&s, &p)) > 0) {
		if (p.n > STORE_MOST_IN_GROUP || g->pages + p.n > STORE_MOST_IN_GROUP)
			return false;
		add_words(g, page, &p);
		g->pages += p.n;
		page += p.n;
	}
	return !more;
}

static bool take_frames(struct group *g, const json_t *j)
{
	const char *s = json_get_text(j, "frames");
	struct frames_piece p = { .n = 0 };
	int more;

	if (!s || !json_get_hex(j, "first", &p.pfn) || p.pfn > ENTRY_PFN_MASK)
		return false;
	while ((more = store_next_frames(&s, &p)) > 0) {
		if (g->n_frames == STORE_MOST_IN_GROUP ||
			(g->n_frames &&
				p.pfn < g->frames[g->n_frames - 1].pfn + g->frames[g->n_frames - 1].n))
			return false;
		g->frames = mem_grow(g->frames, g->n_frames, &g->frames_cap, sizeof(*g->frames));
		g->frames[g->n_frames++] = p;
	}
	return !more;
}

/* What is not valid is as if it were not there: then so is all of the group. */
static struct group *parse_group(struct store *s, const char *at, const char *to)
{
	uint32_t page_size = s->header.info.page_size;
	struct group *g = mem_zero(1, sizeof(*g));
	const char *line, *type;
	bool valid = true;
	size_t len;
	json_t *j;

	while (valid && store_next_line(&at, to, &line, &len)) {
		j = len <= STORE_MOST_IN_LINE ? json_loadb(line, len, 0, NULL) : NULL;
		type = json_get_text(j, "type");
		if (!type)
			valid = false;
		else if (!strcmp(type, "entries"))
			valid = take_entries(g, j, page_size);
		else if (!strcmp(type, "pageframes"))
			valid = take_frames(g, j);
		json_decref(j);
	}
	if (valid)
		return g;
	s->damaged = true;
	group_free(g);
	return NULL;
}

bool store_group_extent(
	const char *from, const char *to, uint32_t page_size, uint64_t *first, uint64_t *end)
{
	struct entries_piece p;
	const char *line, *text;
	bool any = false;
	uint64_t page;
	size_t len;
	json_t *j;

	while (store_next_line(&from, to, &line, &len)) {
		j = len <= STORE_MOST_IN_LINE ? json_loadb(line, len, 0, NULL) : NULL;
		text = json_get_text(j, "entries");
		if (text && line_start(j, page_size, &page)) {
			if (!any)
				*first = page;
			while (store_next_entries(&text, &p) > 0)
				page += p.n;
			*end = page;
			any = true;
		}
		json_decref(j);
	}
	return any && *end > *first;
}

/* --- keeping groups --- */

static struct store_pages *pages_of(struct store *s)
{
	if (!s->pages) {
		s->pages = mem_zero(1, sizeof(*s->pages));
		s->pages->of_unit = mem_zero(s->n_groups + 1, sizeof(*s->pages->of_unit));
	}
	return s->pages;
}

/* Unit `unit` of the file, unpacked; NULL where it is damaged. It stays until so many others were
 * asked for. */
static const struct group *get_group(struct store *s, size_t unit)
{
	struct store_pages *p = pages_of(s);
	bool whole = s->group[unit].whole;
	size_t from = whole ? 0 : GROUPS_KEPT, to = whole ? GROUPS_KEPT : GROUPS_KEPT + CHANGES_KEPT;
	size_t i, oldest = from;
	const char *at, *end;
	struct group *g;

	p->asked++;
	g = p->of_unit[unit];
	if (!g) {
		if (store_unpack(s, &s->group[unit], &at, &end))
			return NULL;
		g = parse_group(s, at, end);
		if (!g)
			return NULL;
		for (i = from; i < to && p->group[oldest]; i++)
			if (!p->group[i] || p->group[i]->used < p->group[oldest]->used)
				oldest = i;
		if (p->group[oldest])
			p->of_unit[p->group[oldest]->unit] = NULL;
		group_free(p->group[oldest]);
		p->group[oldest] = p->of_unit[unit] = g;
		g->unit = unit;
	}
	g->used = p->asked;
	return g;
}

/* The first unit of a level that may hold pages from `page` on; one behind its last if none. */
static size_t first_unit(const struct store *s, const struct store_level *l, uint64_t page)
{
	size_t lo = l->groups, hi = l->groups + l->n_groups;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->group[mid].end <= page)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* --- entries --- */

/* What is known of a page's entry when some snapshots were looked into, from the newest on. */
enum looking { NOT_TOLD, FOUND, SAME_AS_BEFORE };

/* Take what a group tells of n entries from page on that are still looked for. */
static void look_into(const struct group *g, uint64_t page, uint64_t n, uint64_t *entry, uint8_t *now)
{
	size_t lo = 0, hi = g->n_spans;
	uint64_t at;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (g->span[mid].page + g->span[mid].pages <= page)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < g->n_spans && g->span[lo].page < page + n; lo++) {
		const struct span *span = &g->span[lo];

		at = span->page > page ? span->page : page;
		for (; at < span->page + span->pages && at < page + n; at++) {
			if (now[at - page] == FOUND)
				continue;
			now[at - page] = span->same ? SAME_AS_BEFORE : FOUND;
			if (!span->same)
				entry[at - page] = g->word[span->at + (at - span->page)];
		}
	}
}

/* Only what a snapshot says to be as before is looked for in the one before: of what it does not
 * mention, or what is damaged, nothing is known. */
static void read_chunk(struct store *s, uint64_t page, uint64_t n, uint64_t *entry)
{
	uint8_t now[ENTRY_CHUNK]; /* enum looking */
	size_t level = s->last_i, unit;
	uint64_t i, left = n;
	bool deeper = true;

	for (i = 0; i < n; i++)
		entry[i] = ENTRY_UNKNOWN;
	memset(now, NOT_TOLD, n);
	while (left && deeper) {
		const struct store_level *l = &s->level[level];

		for (unit = first_unit(s, l, page);
			unit < l->groups + l->n_groups && s->group[unit].first < page + n; unit++) {
			const struct group *g = get_group(s, unit);

			if (g)
				look_into(g, page, n, entry, now);
		}
		deeper = store_base(s, level, &level);
		for (left = i = 0; i < n; i++) {
			left += now[i] == SAME_AS_BEFORE;
			now[i] = now[i] == SAME_AS_BEFORE ? NOT_TOLD : FOUND;
		}
	}
}

static ssize_t read_entries(void *ctx, uint64_t page, uint64_t n, uint64_t *entries, struct err *e)
{
	struct store *s = ctx;
	struct store_pages *p = pages_of(s);
	uint64_t done, part, i;

	(void)e;
	p->first = page;
	p->end = page + n;
	for (done = 0; done < n; done += part) {
		part = n - done < ENTRY_CHUNK ? n - done : ENTRY_CHUNK;
		read_chunk(s, page + done, part, entries + done);
	}
	for (i = 0; s->withhold && i < n; i++)
		if (entries[i] != ENTRY_UNKNOWN && entries[i] & (ENTRY_PRESENT | ENTRY_SWAP))
			entries[i] &= ~ENTRY_PFN_MASK;
	return (ssize_t)n;
}

/* --- the rest: absent pages, swap areas, names of cgroups --- */

static void take_absent(struct store *s, const json_t *j)
{
	struct store_pages *p = s->pages;
	const char *text = json_get_text(j, "absent");
	struct absent_run run;
	uint64_t page;

	if (!text || !line_start(j, s->header.info.page_size, &page))
		return;
	while (store_next_absent(&text, &run) > 0) {
		if (p->n_absent && page < p->absent[p->n_absent - 1].page + p->absent[p->n_absent - 1].pages)
			return;
		p->absent = mem_grow(p->absent, p->n_absent, &p->absent_cap, sizeof(*p->absent));
		p->absent[p->n_absent++] = (struct absent_piece){ page, run.pages, run.kind };
		page += run.pages;
	}
}

static void take_swap(struct store_pages *p, const json_t *j)
{
	const char *name = json_get_text(j, "name");
	struct str raw = { 0 };
	uint64_t bytes;
	bool used;

	if (!name || !json_get_u64(j, "bytes", &bytes) || !json_get_bool(j, "used", &used) ||
		p->swaps.n == SWAPS_MOST)
		return;
	utf8_unreadable(&raw, name, strlen(name));
	p->swaps.area[p->swaps.n] = (struct swap_area){ .name = str_take(&raw),
		.bytes = bytes,
		.used = used,
		.id = (uint8_t)(p->swaps.n + 1) };
	p->swaps.n++;
}

static void take_cgroup(struct store_pages *p, const json_t *j)
{
	const char *path = json_get_text(j, "path");
	struct str raw = { 0 };
	uint64_t inode;

	if (!path || !json_get_u64(j, "inode", &inode))
		return;
	utf8_unreadable(&raw, path, strlen(path));
	p->cgroup = mem_grow(p->cgroup, p->n_cgroups, &p->cgroups_cap, sizeof(*p->cgroup));
	p->cgroup[p->n_cgroups++] = (struct cgroup_name){ inode, str_take(&raw) };
}

/* Whether a line may be one of these, by how it begins. */
static bool is_side_line(const char *line, size_t len)
{
	static const char *const begins[] = { "{\"type\":\"absent\"", "{\"type\":\"swap\"",
		"{\"type\":\"cgroup\"" };
	size_t i;

	for (i = 0; i < 3; i++)
		if (len > strlen(begins[i]) && !memcmp(line, begins[i], strlen(begins[i])))
			return true;
	return false;
}

/* Read them once, from among the lines of the snapshot. */
static struct store_pages *side(struct store *s)
{
	struct store_pages *p = pages_of(s);
	const struct store_level *l = &s->level[s->last_i];
	const char *at, *to, *line, *type;
	size_t i, len;
	json_t *j;

	if (p->side_read)
		return p;
	p->side_read = true;
	for (i = 0; i < l->n_lines; i++) {
		if (store_unpack(s, &s->lines[l->lines + i], &at, &to))
			break;
		while (store_next_line(&at, to, &line, &len)) {
			/* Mappings and runs were read before. */
			if (!is_side_line(line, len))
				continue;
			j = len <= STORE_MOST_IN_LINE ? json_loadb(line, len, 0, NULL) : NULL;
			type = json_get_text(j, "type");
			if (type && !strcmp(type, "absent"))
				take_absent(s, j);
			else if (type && !strcmp(type, "swap"))
				take_swap(p, j);
			else if (type && !strcmp(type, "cgroup"))
				take_cgroup(p, j);
			json_decref(j);
		}
	}
	return p;
}

static size_t read_absent(void *ctx, const struct vma *v, uint64_t first, uint64_t n,
	struct absent_run *run, size_t most)
{
	struct store *s = ctx;
	const struct store_pages *p = side(s);
	uint64_t page = v->start / s->header.info.page_size + first, end = page + n, part;
	size_t lo = 0, hi = p->n_absent, runs = 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->absent[mid].page + p->absent[mid].pages <= page)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; page < end && runs < most; page += part) {
		const struct absent_piece *a = lo < p->n_absent ? &p->absent[lo] : NULL;
		bool inside = a && a->page <= page;

		part = end - page;
		if (inside && a->page + a->pages - page < part)
			part = a->page + a->pages - page;
		else if (!inside && a && a->page - page < part)
			part = a->page - page;
		run[runs++] = (struct absent_run){ part, inside ? a->kind : ABSENT_UNKNOWN };
		lo += inside;
	}
	return runs;
}

enum store_keep store_keep(const struct store *s)
{
	/* Frames without PFNs are of no page. */
	return s->withhold && s->header.keep == KEEP_FULL ? KEEP_ENTRIES : s->header.keep;
}

struct entry_reader store_entries(struct store *s)
{
	if (!s->last || s->header.keep < KEEP_ENTRIES)
		return (struct entry_reader){ 0 };
	return (struct entry_reader){ .read = read_entries, .absent = read_absent, .ctx = s };
}

/* --- page frames --- */

static const struct frames_piece *find_frame(const struct group *g, uint64_t pfn)
{
	size_t lo = 0, hi = g->n_frames;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (g->frames[mid].pfn + g->frames[mid].n <= pfn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < g->n_frames && g->frames[lo].pfn <= pfn ? &g->frames[lo] : NULL;
}

/* What is told of a frame by the groups of the pages whose entries were read last, in the newest
 * snapshot that tells something: *level. What was damaged above that would have made the entries
 * unknown, and nobody would ask. */
static const struct frames_piece *look_up(struct store *s, uint64_t pfn, size_t *level)
{
	const struct store_pages *p = pages_of(s);
	size_t unit;

	*level = s->last_i;
	do {
		const struct store_level *l = &s->level[*level];

		for (unit = first_unit(s, l, p->first);
			unit < l->groups + l->n_groups && s->group[unit].first < p->end; unit++) {
			const struct group *g = get_group(s, unit);
			const struct frames_piece *found = g ? find_frame(g, pfn) : NULL;

			if (found)
				return found;
		}
	} while (store_base(s, *level, level));
	return NULL;
}

static void read_frames(void *ctx, uint64_t pfn, uint64_t n, struct frame *f)
{
	struct store *s = ctx;
	uint64_t i = 0, part;
	size_t level;

	while (i < n) {
		const struct frames_piece *piece = look_up(s, pfn + i, &level);

		/* Of the frames behind it in an older piece, something newer may be told. */
		part = piece && level == s->last_i ? piece->pfn + piece->n - (pfn + i) : 1;
		for (; part && i < n; part--, i++)
			f[i] = piece ? piece->told : (struct frame){ .node = -1 };
	}
}

static const char *cgroup_path(void *ctx, uint64_t inode)
{
	const struct store_pages *p = side(ctx);
	size_t i;

	for (i = 0; i < p->n_cgroups; i++)
		if (p->cgroup[i].inode == inode)
			return p->cgroup[i].path;
	return NULL;
}

static void read_swaps(void *ctx, struct swaps *s)
{
	const struct store_pages *p = side(ctx);
	size_t i;

	*s = p->swaps;
	for (i = 0; i < s->n; i++)
		s->area[i].name = mem_strdup(s->area[i].name);
}

static const char *swap_name(void *ctx, unsigned id)
{
	const struct store_pages *p = side(ctx);

	return id && id <= p->swaps.n ? p->swaps.area[id - 1].name : NULL;
}

struct frame_reader store_frames(struct store *s)
{
	struct frame_reader r = {
		.read = read_frames,
		.cgroup = cgroup_path,
		.swaps = read_swaps,
		.swap_name = swap_name,
		.ctx = s,
		.page_size = s->header.info.page_size,
	};

	if (!s->last || s->header.keep < KEEP_FULL || s->withhold)
		return (struct frame_reader){ 0 };
	memcpy(r.error, s->header.frame_error, sizeof(r.error));
	return r;
}
