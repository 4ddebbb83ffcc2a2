/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing the entries of a snapshot, what is told of their page frames, and the names that go with
 * these: group by group, so that neither the file nor we need room for all of them. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "source/store_format.h"
#include "source/store_text.h"
#include "source/store_writer.h"

/* --- what is remembered --- */

struct stretch {
	uint64_t page, n;
	uint64_t *entry;
	struct frame *frame; /* NULL: not kept */
};

struct store_memory {
	struct stretch *stretch; /* in order */
	size_t n, cap;
};

struct store_memory *store_memory_new(void)
{
	return mem_zero(1, sizeof(struct store_memory));
}

void store_memory_free(struct store_memory *m)
{
	size_t i;

	if (!m)
		return;
	for (i = 0; i < m->n; i++) {
		free(m->stretch[i].entry);
		free(m->stretch[i].frame);
	}
	free(m->stretch);
	free(m);
}

static void remember(struct store_memory *m, uint64_t page, uint64_t n, const uint64_t *entry,
	const struct frame *frame)
{
	m->stretch = mem_grow(m->stretch, m->n, &m->cap, sizeof(*m->stretch));
	m->stretch[m->n++] = (struct stretch){
		.page = page,
		.n = n,
		.entry = mem_dup(entry, n * sizeof(*entry)),
		.frame = frame ? mem_dup(frame, n * sizeof(*frame)) : NULL,
	};
}

/* What is remembered of n pages: ENTRY_UNKNOWN where nothing is. */
static void recall(const struct store_memory *m, uint64_t page, uint64_t n, uint64_t *entry,
	struct frame *frame)
{
	size_t lo = 0, hi = m->n;
	uint64_t i;

	for (i = 0; i < n; i++)
		entry[i] = ENTRY_UNKNOWN;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->stretch[mid].page + m->stretch[mid].n <= page)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < m->n && m->stretch[lo].page < page + n; lo++) {
		const struct stretch *s = &m->stretch[lo];

		for (i = s->page > page ? s->page : page; i < page + n && i < s->page + s->n; i++) {
			entry[i - page] = s->entry[i - s->page];
			if (frame && s->frame)
				frame[i - page] = s->frame[i - s->page];
			else if (frame)
				frame[i - page] = (struct frame){ .node = -1 };
		}
	}
}

/* --- a group --- */

struct chunk {
	uint64_t page, n;
	size_t at; /* of its first entry */
};

struct pfn_of {
	uint64_t pfn;
	uint32_t at;
};

struct grouping {
	struct packer *p;
	const char *time;
	const struct store_what *what;
	const struct entry_reader *reader;
	const struct frame_reader *frames; /* NULL: nothing is kept of frames */
	uint32_t page_size;
	const struct store_memory *before;
	struct store_memory *memory; /* of this snapshot; NULL: not wanted */
	/* The group being filled. */
	uint64_t entry[STORE_GROUP_PAGES], was[STORE_GROUP_PAGES];
	struct frame frame[STORE_GROUP_PAGES];
	bool listed[STORE_GROUP_PAGES]; /* its frame is to be told of */
	struct pfn_of sorted[STORE_GROUP_PAGES], other[STORE_GROUP_PAGES];
	struct frames_piece piece[STORE_GROUP_PAGES];
	struct str text;
	struct chunk *chunk;
	size_t n, chunks, chunks_cap;
	uint64_t pages, done, all;
	bool ended;                  /* the process has: there is no more to be read */
	uint64_t cgroup[4096];       /* those of the frames, as far as there is room */
	size_t cgroups;
	struct err *e;
};

static void note_cgroup(struct grouping *g, const struct frame *f)
{
	size_t i;

	if (!(f->known & FRAME_HAS_CGROUP) || !f->cgroup)
		return;
	/* Most frames are of the same one: the latest is the first. */
	for (i = g->cgroups; i && g->cgroup[i - 1] != f->cgroup; i--)
		;
	if (!i && g->cgroups < sizeof(g->cgroup) / sizeof(*g->cgroup))
		g->cgroup[g->cgroups++] = f->cgroup;
}

/* Sort by PFN, a digit of 11 bits at a time. */
static struct pfn_of *sort(struct pfn_of *a, struct pfn_of *b, size_t n, uint64_t most)
{
	unsigned shift;

	for (shift = 0; shift < 64 && most >> shift; shift += 11) {
		size_t at[2049] = { 0 }, i;
		struct pfn_of *c = a;

		for (i = 0; i < n; i++)
			at[(a[i].pfn >> shift & 2047) + 1]++;
		for (i = 0; i < 2048; i++)
			at[i + 1] += at[i];
		for (i = 0; i < n; i++)
			b[at[a[i].pfn >> shift & 2047]++] = a[i];
		a = b;
		b = c;
	}
	return a;
}

static void end_line(struct packer *p)
{
	str_add(&p->lines, "\"}\n");
}

/* The frames of the group that are to be told of, in pieces. Returns how many pieces. */
static size_t fold_frames(struct grouping *g)
{
	struct frames_piece *piece = g->piece;
	struct pfn_of *s = g->sorted;
	bool ordered = true;
	uint64_t most = 0;
	size_t n = 0, i, k = 0;

	for (i = 0; i < g->n; i++) {
		if (!g->listed[i])
			continue;
		s[n] = (struct pfn_of){ entry_pfn(g->entry[i]), (uint32_t)i };
		ordered &= !n || s[n - 1].pfn <= s[n].pfn;
		most |= s[n++].pfn;
	}
	if (!ordered)
		s = sort(s, g->other, n, most);
	for (i = 0; i < n; i++) {
		const struct frame *f = &g->frame[s[i].at];

		if (i && s[i].pfn == s[i - 1].pfn)
			continue; /* mapped twice */
		if (k && s[i].pfn == piece[k - 1].pfn + piece[k - 1].n &&
			frames_told_same(f, &piece[k - 1].told))
			piece[k - 1].n++;
		else
			piece[k++] = (struct frames_piece){ s[i].pfn, 1, *f };
	}
	return k;
}

static void put_frames(struct grouping *g)
{
	size_t n = fold_frames(g), i, in_line;

	for (i = 0; i < n; i += in_line) {
		str_addf(&g->p->lines, "{\"type\":\"pageframes\",\"first\":\"0x%" PRIx64 "\",\"frames\":\"",
			g->piece[i].pfn);
		str_clear(&g->text);
		for (in_line = 0; in_line < STORE_FRAMES_PER_LINE && i + in_line < n; in_line++)
			store_add_frames(&g->text, &g->piece[i + in_line],
				in_line ? &g->piece[i + in_line - 1] : NULL);
		str_add(&g->p->lines, str_text(&g->text));
		end_line(g->p);
	}
}

static void put_entries(struct grouping *g, const struct chunk *c)
{
	str_addf(&g->p->lines, "{\"type\":\"entries\",\"start\":\"0x%" PRIx64 "\",\"entries\":\"",
		c->page * g->page_size);
	str_clear(&g->text);
	store_add_entries(&g->text, g->entry + c->at, g->before ? g->was + c->at : NULL, c->n);
	str_add(&g->p->lines, str_text(&g->text));
	end_line(g->p);
}

static void end_group(struct grouping *g)
{
	const struct chunk *last = g->chunks ? &g->chunk[g->chunks - 1] : NULL;
	size_t i;

	if (!last)
		return;
	str_addf(&g->p->lines,
		"{\"type\":\"group\",\"time\":\"%s\",\"start\":\"0x%" PRIx64 "\",\"end\":\"0x%" PRIx64
		"\"}\n",
		g->time, g->chunk[0].page * g->page_size, (last->page + last->n) * g->page_size);
	packer_set_apart(g->p);
	for (i = 0; i < g->chunks; i++)
		put_entries(g, &g->chunk[i]);
	if (g->frames)
		put_frames(g);
	packer_end_frame(g->p);
	g->n = g->chunks = 0;
}

/* --- reading --- */

static bool is_told(uint64_t entry)
{
	return entry != ENTRY_UNKNOWN && entry & ENTRY_PRESENT && entry_pfn(entry);
}

/* Which frames of the chunk are to be told of: all, or where the page or what is told has changed. */
static void choose_frames(struct grouping *g, const struct chunk *c, const struct frame *was)
{
	size_t i, at;

	for (i = 0; i < c->n; i++) {
		at = c->at + i;
		if (is_told(g->entry[at]))
			note_cgroup(g, &g->frame[at]);
		g->listed[at] = is_told(g->entry[at]) &&
			(!g->before || g->entry[at] != g->was[at] ||
				!frames_told_same(&g->frame[at], &was[i]));
	}
}

/* Read n <= ENTRY_CHUNK pages from page number `page` on into the group. unknown: it may be that the
 * kernel tells nothing of them. Returns 0, or -1 with e set. */
static int take_chunk(struct grouping *g, uint64_t page, uint64_t n, bool unknown)
{
	struct frame was[ENTRY_CHUNK];
	struct chunk c = { .page = page };
	ssize_t got;
	uint64_t i;

	if (g->what->go_on && !g->what->go_on(g->what->ctx, g->done < g->all ? g->done : g->all, g->all)) {
		err_set(g->e, "given up");
		g->e->code = ECANCELED;
		return -1;
	}
	if (g->n + n > STORE_GROUP_PAGES)
		end_group(g);
	c.at = g->n;
	got = g->frames ? frames_read(g->reader, g->frames, page, n, g->entry + c.at,
				  g->frame + c.at, g->e)
			: g->reader->read(g->reader->ctx, page, n, g->entry + c.at, g->e);
	if (got < 0)
		return -1;
	g->ended |= got < (ssize_t)n && !unknown;
	for (i = (uint64_t)got; unknown && i < n; i++) {
		g->entry[c.at + i] = ENTRY_UNKNOWN;
		g->frame[c.at + i] = (struct frame){ .node = -1 };
	}
	c.n = unknown ? n : (uint64_t)got;
	if (!c.n)
		return 0;
	if (g->before)
		recall(g->before, page, c.n, g->was + c.at, g->frames ? was : NULL);
	if (g->frames)
		choose_frames(g, &c, was);
	if (g->memory)
		remember(g->memory, page, c.n, g->entry + c.at, g->frames ? g->frame + c.at : NULL);
	g->chunk = mem_grow(g->chunk, g->chunks, &g->chunks_cap, sizeof(*g->chunk));
	g->chunk[g->chunks++] = c;
	g->n += c.n;
	g->pages += c.n;
	g->done += c.n;
	return 0;
}

static int take_pages(struct grouping *g, const struct vma *v, uint64_t first, uint64_t pages,
	bool unknown)
{
	while (pages && !g->ended) {
		uint64_t n = pages < STORE_ENTRIES_PER_LINE ? pages : STORE_ENTRIES_PER_LINE;

		if (take_chunk(g, v->start / g->page_size + first, n, unknown) < 0)
			return -1;
		first += n;
		pages -= n;
	}
	return 0;
}

/* --- absent pages --- */

/* Call with each run of absent pages [first, first + pages) of mapping v. Whole stretches are asked
 * about at once, so that holes of terabytes cost nothing. Returns 0, or what each() did. */
static int each_absent(const struct entry_reader *r, const struct vma *v, uint64_t first,
	uint64_t pages, int (*each)(void *ctx, uint64_t first, const struct absent_run *run), void *ctx)
{
	uint64_t window = ENTRY_CHUNK;
	struct absent_run run[64];
	size_t n, i;
	int result = 0;

	while (pages && !result) {
		n = r->absent(r->ctx, v, first, window < pages ? window : pages, run, 64);
		if (n == 1)
			window *= 2;
		else if (n == 64 && window > n)
			window /= 2;
		for (i = 0; i < n && !result; i++) {
			result = each(ctx, first, &run[i]);
			first += run[i].pages;
			pages -= run[i].pages;
		}
	}
	return result;
}

struct absent_line {
	struct packer *p;
	struct str text;
	uint64_t start;       /* address of its first page */
	size_t pieces;
	struct absent_run run; /* the last, which may go on */
	uint64_t base, next, page_size;
};

static void end_absent(struct absent_line *l)
{
	if (l->run.pages)
		store_add_absent(&l->text, &l->run);
	if (l->text.len) {
		str_addf(&l->p->lines, "{\"type\":\"absent\",\"start\":\"0x%" PRIx64 "\",\"absent\":\"",
			l->start);
		str_add(&l->p->lines, str_text(&l->text));
		end_line(l->p);
		if (l->p->lines.len >= STORE_FRAME)
			packer_end_frame(l->p);
	}
	str_clear(&l->text);
	l->run.pages = 0;
	l->pieces = 0;
}

static int add_absent(void *ctx, uint64_t first, const struct absent_run *run)
{
	struct absent_line *l = ctx;

	if (l->run.pages && first == l->next && run->kind == l->run.kind) {
		l->run.pages += run->pages;
	} else {
		if (l->run.pages && (first != l->next || l->pieces == STORE_RUNS_PER_LINE))
			end_absent(l);
		if (l->run.pages)
			store_add_absent(&l->text, &l->run);
		else
			l->start = l->base + first * l->page_size;
		l->run = *run;
		l->pieces++;
	}
	l->next = first + run->pages;
	return 0;
}

void store_pack_absent(struct packer *p, const struct snapshot *s, const struct entry_reader *r)
{
	struct absent_line l = { .p = p, .page_size = snapshot_info(s)->page_size };
	size_t i, k;

	for (i = 0; r->absent && i < snapshot_vmas(s); i++) {
		const struct vma *v = snapshot_vma(s, i);

		if (!entry_is_absent(v, 0))
			continue;
		l.base = v->start;
		for (k = 0; k < runs_length(v->runs); k++) {
			struct run run = runs_at(v->runs, k);

			if (run.state == PAGE_NONE)
				each_absent(r, v, run.first, run.pages, add_absent, &l);
		}
		end_absent(&l);
	}
	str_free(&l.text);
	packer_end_frame(p);
}

/* --- what of a snapshot is kept --- */

struct empty {
	struct grouping *g;
	const struct vma *v;
};

/* In a long stretch of empty pages, those of shared memory that are swapped out, or may be. */
static int take_swapped(void *ctx, uint64_t first, const struct absent_run *run)
{
	const struct empty *e = ctx;

	return absent_state(run->kind) == PAGE_NONE
		? 0
		: take_pages(e->g, e->v, first, run->pages, false);
}

static int take_vma(struct grouping *g, const struct vma *v)
{
	uint64_t from = 0, to = 0; /* pages that are to be read, with those between them */
	size_t i;

	for (i = 0; i < runs_length(v->runs); i++) {
		struct run run = runs_at(v->runs, i);
		bool empty = run.state == PAGE_NONE && run.pages > STORE_EMPTY_MOST;

		if (!empty && run.state != PAGE_UNKNOWN) {
			from = to > from ? from : run.first;
			to = run.first + run.pages;
			continue;
		}
		if (to > from && take_pages(g, v, from, to - from, false) < 0)
			return -1;
		from = to = 0;
		if (run.state == PAGE_UNKNOWN) {
			if (take_pages(g, v, run.first, run.pages, true) < 0)
				return -1;
		} else if (g->reader->absent && entry_is_absent(v, 0)) {
			struct empty e = { g, v };

			if (each_absent(g->reader, v, run.first, run.pages, take_swapped, &e) < 0)
				return -1;
		}
	}
	return to > from ? take_pages(g, v, from, to - from, false) : 0;
}

/* The swap areas, if they were the same before and after: then they were so meanwhile. */
static void put_swaps(struct packer *p, const struct swaps *before, const struct swaps *after)
{
	size_t i;
	json_t *j;

	if (before->n != after->n)
		return;
	for (i = 0; i < before->n; i++)
		if (strcmp(before->area[i].name, after->area[i].name) != 0 ||
			before->area[i].bytes != after->area[i].bytes)
			return;
	for (i = 0; i < before->n; i++) {
		const struct swap_area *a = &before->area[i];

		j = json_object();
		json_object_set_new(j, "type", json_string("swap"));
		json_object_set_new(j, "name", json_readable(a->name, strlen(a->name)));
		json_object_set_new(j, "bytes", json_u64(a->bytes));
		json_object_set_new(j, "used", json_boolean(a->used || after->area[i].used));
		packer_json(p, j);
	}
}

static void put_cgroups(struct grouping *g)
{
	size_t i;

	for (i = 0; g->frames->cgroup && i < g->cgroups; i++) {
		const char *path = g->frames->cgroup(g->frames->ctx, g->cgroup[i]);
		json_t *j;

		if (!path)
			continue;
		j = json_object();
		json_object_set_new(j, "type", json_string("cgroup"));
		json_object_set_new(j, "inode", json_u64(g->cgroup[i]));
		json_object_set_new(j, "path", json_readable(path, strlen(path)));
		packer_json(g->p, j);
	}
}

int store_pack_pages(struct packer *p, const struct snapshot *s, const char *time,
	const struct store_what *what, const struct store_memory *before,
	struct store_memory *memory, uint64_t *pages, struct err *e)
{
	struct grouping *g = mem_zero(1, sizeof(*g));
	const struct page_counts *n = snapshot_totals(s);
	bool full = what->keep == KEEP_FULL && what->frames && what->frames->read; /* as keep_of() */
	struct swaps at_first = { 0 }, at_last = { 0 };
	int r = 0;
	size_t i;

	g->p = p;
	g->time = time;
	g->what = what;
	g->reader = what->entries;
	g->frames = full ? what->frames : NULL;
	g->page_size = snapshot_info(s)->page_size;
	g->before = before;
	g->memory = memory;
	g->e = e;
	g->all = page_counts_total(n) - n->state[PAGE_NONE];
	if (full && what->frames->swaps)
		what->frames->swaps(what->frames->ctx, &at_first);
	for (i = 0; i < snapshot_vmas(s) && !r && !g->ended; i++)
		r = take_vma(g, snapshot_vma(s, i));
	if (!r)
		end_group(g);
	if (!r && full) {
		if (what->frames->swaps)
			what->frames->swaps(what->frames->ctx, &at_last);
		put_swaps(p, &at_first, &at_last);
		put_cgroups(g);
		packer_end_frame(p);
	}
	swaps_free(&at_first);
	swaps_free(&at_last);
	*pages = g->pages;
	if (!r && g->ended)
		r = 1;
	str_free(&g->text);
	free(g->chunk);
	free(g);
	return r;
}
