/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "source/mappings.h"
#include "source/pagemap.h"

bool search_goes_on(void *ctx)
{
	struct search *s = ctx;

	if (s->c && atomic_load(&s->c->cancel))
		s->pace.cancelled = true;
	return !s->pace.cancelled;
}

/* --- one process ---------------------------------------------------------------------------- */

/* Learn of tmpfs and hugetlbfs in its mount namespace, once for each. */
void search_mounts(struct search *s)
{
	struct str text = { 0 };
	struct stat st;
	size_t i;

	procfs_path(&s->p, "ns/mnt", &text);
	if (fstatat(s->p.dir, str_text(&text), &st, 0) < 0)
		st.st_ino = 0;
	for (i = 0; i < s->ns_n && s->ns[i] != st.st_ino; i++)
		;
	if (i == s->ns_n) {
		s->ns = mem_grow(s->ns, s->ns_n, &s->ns_cap, sizeof(*s->ns));
		s->ns[s->ns_n++] = st.st_ino;
		if (!procfs_read_alive(&s->p, "mountinfo", &text))
			mounts_parse(&s->mounts, str_text(&text));
	}
	str_free(&text);
}

/* The mapping of the process that holds the address, as maps was read; NULL if there is none. */
struct vma *search_mapping(struct search *s, uint64_t address)
{
	size_t lo = 0, hi = s->maps.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->maps.vma[mid].end <= address)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->maps.n && s->maps.vma[lo].start <= address ? &s->maps.vma[lo] : NULL;
}

int search_maps(struct search *s, struct err *e)
{
	size_t lost;

	return mappings_list(&s->maps, &s->p, s->k, &s->pace, &lost, e);
}

/* The entry of one page. False if it has none: the process has ended. */
bool search_entry(struct search *s, uint64_t address, uint64_t *entry)
{
	struct err ignored;

	return pagemap_read(s->pagemap, s->k, &s->pace, address / s->k->page_size, 1, entry,
		       &ignored) == 1;
}

void search_place(struct search *s, const struct vma *v, uint64_t address)
{
	free((char *)s->place.name);
	s->place = *v;
	s->place.name = mem_strdup(v->name);
	s->place_address = address;
}

/* The page at the address of the process is one that was looked for. */
void search_found(void *ctx, uint64_t address, uint64_t entry)
{
	struct search *s = ctx;
	struct vma *v = search_mapping(s, address);
	struct owner w = {
		.pid = s->p.pid,
		.address = address,
		.entry = s->q->withhold ? entry & ~ENTRY_PFN_MASK : entry,
		.asked = s->p.pid == s->q->pid && address == s->o->address,
	};

	/* Without a mapping: it was made since maps was read. Who maps while being searched may be
	 * missed. */
	if (!v || (s->now->owns && owners_has(s->o, s->before, w.pid, address)))
		return;
	s->now->owns = true;
	search_mounts(s);
	if (!v->page_size)
		mappings_complete(v, &s->p, s->k, &s->mounts, &s->pace);
	memcpy(w.comm, s->stat.comm, sizeof(w.comm));
	w.vma = *v;
	owners_add(s->o, &w);
	if (!s->place.end)
		search_place(s, v, address);
}

/* It shares the memory of `first`: so its pages are the same. */
static void add_shared(struct search *s, pid_t first)
{
	size_t i, n = s->o->n;
	struct owner w;

	for (i = 0; i < n; i++) {
		w = s->o->owner[i];
		if (w.pid != first || w.same_as || owners_has(s->o, n, s->p.pid, w.address))
			continue;
		w.pid = s->p.pid;
		w.same_as = first;
		w.asked = s->p.pid == s->q->pid && w.address == s->o->address;
		memcpy(w.comm, s->stat.comm, sizeof(w.comm));
		owners_add(s->o, &w);
	}
}

int search_open(struct search *s, struct err *e)
{
	struct str path = { 0 };

	/* Only a failure is worth the time of looking once more. */
	procfs_path(&s->p, "pagemap", &path);
	s->pagemap = openat(s->p.dir, str_text(&path), O_RDONLY | O_CLOEXEC);
	str_free(&path);
	if (s->pagemap < 0)
		s->pagemap = procfs_open_map(&s->p, "pagemap", e);
	return s->pagemap < 0 ? -1 : 0;
}

void search_close(struct search *s)
{
	if (s->pagemap >= 0)
		close(s->pagemap);
	s->pagemap = -1;
	procfs_close(&s->p);
}

/* What a failure to look at a process means: it must not end the search where it is the process's,
 * nor where we lack files or memory for it. */
static int judge(struct search *s, const struct err *e)
{
	struct proc_known *k = s->now;
	uint64_t word;

	k->looked = false;
	k->denied = e->code == EACCES || e->code == EPERM;
	if (k->denied)
		return 0;
	if (e->code == EMFILE || e->code == ENFILE || e->code == ENOMEM)
		k->error = e->code;
	else
		k->ended = e->code == ESRCH || !search_entry(s, 0, &word);
	return k->error || k->ended ? 0 : -1;
}

/* Whether that process could be looked at. */
static bool was_looked_at(const struct search *s, pid_t pid)
{
	size_t i;

	for (i = 0; i < s->procs.n; i++)
		if (s->procs.p[i].pid == pid && s->procs.p[i].looked)
			return !s->procs.p[i].denied && !s->procs.p[i].ended &&
				!s->procs.p[i].error;
	return false;
}

int search_visit(struct search *s, struct proc_known *k,
	int (*look)(struct search *s, struct err *e), struct err *e)
{
	struct err ignored;
	pid_t shares;
	int r = 0;

	if (k->ended || k->denied || procs_open(&s->procs, k, &s->p, &s->stat, &ignored) < 0)
		return 0;
	s->now = k;
	s->before = s->o->n;
	shares = procs_shares(&s->procs, &s->p);
	if (shares > 0 && was_looked_at(s, shares)) {
		add_shared(s, shares);
		k->looked = true;
	} else {
		k->looked = true;
		r = search_open(s, e) < 0 ? -1 : look(s, e);
		if (r < 0)
			r = judge(s, e);
	}
	search_close(s);
	return r;
}

void search_shared(struct search *s, struct proc_known *k)
{
	struct err ignored;
	pid_t shares;

	if (procs_open(&s->procs, k, &s->p, &s->stat, &ignored) < 0)
		return;
	shares = procs_shares(&s->procs, &s->p);
	if (shares > 0)
		add_shared(s, shares);
	search_close(s);
}

/* --- where to look in it -------------------------------------------------------------------- */

/* Whether mapping v is of the object of the place, and covers the same page of it. */
static bool covers(const struct search *s, const struct vma *v, uint64_t *address)
{
	const struct vma *o = &s->place;
	uint64_t offset = s->place_address - o->start + (o->inode ? o->offset : 0);
	uint64_t base = o->inode ? v->offset : 0;

	if (v->inode != o->inode || v->dev_major != o->dev_major || v->dev_minor != o->dev_minor)
		return false;
	if (!o->inode && strcmp(v->name, o->name) != 0)
		return false;
	*address = v->start + (offset - base);
	return offset >= base && offset - base < v->end - v->start;
}

bool search_matches(const struct search *s, uint64_t entry)
{
	return (entry & s->seek.mask) == s->seek.value;
}

/* Of a page that no page table need hold: whether this mapping would show it. One with a copy of
 * its own would not. */
static bool shows_object(const struct vma *v, uint64_t entry)
{
	if (v->perms & VMA_SHARED)
		return true;
	return entry & ENTRY_PRESENT ? entry & ENTRY_FILE : !(entry & ENTRY_SWAP);
}

int search_object(struct search *s, struct err *e)
{
	bool any = s->o->what == OWNERS_OBJECT;
	uint64_t address, entry;
	size_t i;

	if (search_maps(s, e) < 0)
		return -1;
	for (i = 0; i < s->maps.n; i++)
		if (covers(s, &s->maps.vma[i], &address) && search_entry(s, address, &entry) &&
			(any ? shows_object(&s->maps.vma[i], entry) : search_matches(s, entry)))
			search_found(s, address, entry);
	return 0;
}

int search_address(struct search *s, struct err *e)
{
	uint64_t entry;

	if (!search_entry(s, s->place_address, &entry) || !search_matches(s, entry))
		return 0;
	if (search_maps(s, e) < 0)
		return -1;
	search_found(s, s->place_address, entry);
	return 0;
}

/* Shared mappings hold no anonymous pages, and private ones without a file nothing else. */
bool search_may_hold(void *ctx, const struct vma *v)
{
	const struct search *s = ctx;
	enum vma_kind kind;

	if (s->o->what == OWNERS_SLOT || (s->o->flags_known && s->o->flags & FRAME_ANON))
		return !(v->perms & VMA_SHARED);
	if (!s->o->flags_known || v->perms & VMA_SHARED)
		return true;
	kind = vma_guess_kind(v);
	return kind != VMA_ANON && kind != VMA_HEAP && kind != VMA_STACK;
}

int search_everywhere(struct search *s, struct err *e)
{
	if (search_maps(s, e) < 0)
		return -1;
	return seek_run(&s->seek, s->pagemap, s->maps.vma, s->maps.n, e);
}

