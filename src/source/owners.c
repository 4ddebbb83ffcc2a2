/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/owners.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/units.h"
#include "model/frame.h"
#include "source/kpage.h"
#include "source/mappings.h"
#include "source/objects.h"
#include "source/search.h"

#define TELL_NS      50000000 /* between two calls of found() */
#define BEGIN_MOST   3        /* searches, where the page moves to another frame meanwhile */
#define LIST_MOST    3        /* looks for processes that began during the search */
#define MOVING_TRIES 20       /* of a millisecond, for the end of a migration */

/* --- whether all are found ------------------------------------------------------------------ */

static void read_frame(struct search *s)
{
	struct frame f;

	s->frames.read(s->frames.ctx, s->o->pfn, 1, &f);
	s->o->flags_known = f.known & FRAME_HAS_FLAGS;
	s->o->flags = f.flags;
	s->o->count_known = f.known & FRAME_HAS_MAPCOUNT;
	s->o->count = f.mapcount;
}

/* Whether the page of owner w is still what it was: 1, 0, or -1 if we cannot look. */
static int holds_still(struct search *s, const struct owner *w)
{
	uint64_t entry;
	struct err e;

	if (s->pagemap < 0 || s->p.pid != w->pid) {
		search_close(s);
		if (procfs_open(&s->p, s->q->proc, w->pid, &e) < 0 || search_open(s, &e) < 0)
			return procfs_is_end(e.code) ? 0 : -1;
	}
	return search_entry(s, w->address, &entry) && search_matches(s, entry);
}

/* Read all that was found again, forget what is no more, and read the count again. Returns whether
 * exactly as many were found as there must be. */
static bool agree(struct search *s)
{
	bool all = true;
	size_t i;

	if (s->o->what == OWNERS_OBJECT)
		return false;
	for (i = 0; i < s->o->n && search_goes_on(s);) {
		const struct owner *w = &s->o->owner[i];
		int holds = w->same_as ? 1 : holds_still(s, w);

		if (holds) {
			all &= holds > 0;
			i++;
			continue;
		}
		s->moved |= w->asked && !s->pace.cancelled;
		owners_drop(s->o, i);
	}
	search_close(s);
	s->agreed = s->o->n;
	if (s->o->what == OWNERS_FRAME)
		read_frame(s);
	return all && s->o->count_known && owners_found(s->o) == s->o->count;
}

/* Whether the search is over. */
static bool is_over(struct search *s)
{
	if (s->pace.cancelled || s->moved)
		return true;
	if (!s->o->count_known || owners_found(s->o) < s->o->count)
		return false;
	/* The page that was asked about is mapped, whatever is counted. */
	if (s->o->n ? s->o->n == s->agreed : s->q->pid)
		return false;
	if (agree(s))
		s->o->end = OWNERS_ALL_FOUND;
	return s->o->end == OWNERS_ALL_FOUND || s->moved || s->pace.cancelled;
}

/* --- all processes -------------------------------------------------------------------------- */

static void count_processes(struct search *s)
{
	size_t i;

	s->o->processes = s->o->denied = s->o->unseen = s->o->ended = 0;
	for (i = 0; i < s->procs.n; i++) {
		const struct proc_known *k = &s->procs.p[i];
		bool denied = k->denied || k->error == EACCES || k->error == EPERM;

		s->o->processes += k->looked && !k->ended && !k->error;
		s->o->denied += denied;
		s->o->unseen += k->error && !denied;
		if (k->error && !denied)
			s->o->unseen_error = k->error;
		s->o->ended += k->ended;
	}
}

static void tell(struct search *s, size_t done)
{
	uint64_t now = units_now_ns();

	if (s->c) {
		atomic_store(&s->c->all, s->procs.n);
		atomic_store(&s->c->done, done);
	}
	if (!s->found || s->told == s->o->n || now - s->told_ns < TELL_NS)
		return;
	s->told = s->o->n;
	s->told_ns = now;
	count_processes(s);
	s->found(s->ctx, s->o);
}

/* Look at those of the listed processes that `wanted` has; NULL: all. *over: it need not go on. */
static int visit_all(struct search *s, size_t from,
	bool (*wanted)(const struct search *s, const struct proc_known *k),
	int (*look)(struct search *s, struct err *e), bool *over, struct err *e)
{
	size_t i;

	*over = is_over(s);
	for (i = from; i < s->procs.n && !*over && search_goes_on(s); i++) {
		if (!wanted || wanted(s, &s->procs.p[i])) {
			if (search_visit(s, &s->procs.p[i], look, e) < 0)
				return -1;
			*over = is_over(s);
		}
		tell(s, i + 1);
	}
	*over |= s->pace.cancelled;
	return 0;
}

static bool is_relative(const struct search *s, const struct proc_known *k)
{
	return procs_related(k, &s->procs.p[0]);
}

/* Whether the page is one of the object behind the mapping, not of the process's own. */
static bool is_of_object(const struct search *s)
{
	if (s->o->what != OWNERS_FRAME)
		return s->o->what == OWNERS_OBJECT;
	if (s->o->flags_known && s->o->flags & FRAME_ANON)
		return false;
	return s->place.inode || s->place.name[0] == '[';
}

/* Look where the page can be expected, given one place of it. */
static int visit_likely(struct search *s, bool *over, struct err *e)
{
	if (is_of_object(s))
		return visit_all(s, 0, NULL, search_object, over, e);
	if (s->o->what == OWNERS_FRAME)
		return visit_all(s, 0, is_relative, search_address, over, e);
	return 0;
}

static int visit_everywhere(struct search *s, bool *over, struct err *e)
{
	bool expected = s->place.end;
	size_t i;

	for (i = 0; i < s->procs.n && !*over; i++) {
		struct proc_known *k = &s->procs.p[i];

		if (!k->searched && search_visit(s, k, search_everywhere, e) < 0)
			return -1;
		k->searched = true;
		*over = is_over(s) || !search_goes_on(s);
		/* Asked about by its number alone: the first place says where to expect others. */
		if (!*over && !expected && s->place.end) {
			expected = true;
			procs_order(&s->procs, k->pid);
			i = 0;
			if (visit_likely(s, over, e) < 0)
				return -1;
		}
		tell(s, i + 1);
	}
	return 0;
}

/* Whether the process may share the memory of one that was found: it then runs the same program. */
static bool may_share(const struct search *s, const struct proc_known *k)
{
	size_t i;

	for (i = 0; i < s->procs.n; i++)
		if (s->procs.p[i].owns && &s->procs.p[i] != k && procs_related(&s->procs.p[i], k))
			return true;
	return false;
}

/* Add those who share the memory of an owner and were not come to, or before it was one. */
static void find_shared(struct search *s)
{
	size_t i;

	for (i = 0; i < s->procs.n && s->procs.tells_shared; i++) {
		struct proc_known *k = &s->procs.p[i];

		if (!k->ended && !k->owns && may_share(s, k))
			search_shared(s, k);
	}
}

static int find_all(struct search *s, struct err *e)
{
	ssize_t n = procs_list(&s->procs, search_goes_on, s, e);
	bool over = false;
	int lists;

	if (n < 0)
		return -1;
	if (s->q->pid)
		procs_order(&s->procs, s->q->pid);
	if (s->place.end && visit_likely(s, &over, e) < 0)
		return -1;
	over |= is_over(s);
	for (lists = 1; !over && n; lists++) {
		size_t from = s->procs.n - (size_t)n;

		/* Of an object there is nothing to be found elsewhere. */
		if (s->o->what != OWNERS_OBJECT && visit_everywhere(s, &over, e) < 0)
			return -1;
		if (s->o->what == OWNERS_OBJECT && lists > 1 &&
			visit_all(s, from, NULL, search_object, &over, e) < 0)
			return -1;
		if (over || lists == LIST_MOST)
			break;
		n = procs_list(&s->procs, search_goes_on, s, e);
		if (n < 0)
			return -1;
	}
	return 0;
}

/* Search, the question being clear. */
static int run(struct search *s, struct err *e)
{
	if (find_all(s, e) < 0)
		return -1;
	if (s->o->end == OWNERS_SEARCHING && !s->moved && search_goes_on(s))
		s->o->end = agree(s) ? OWNERS_ALL_FOUND : OWNERS_EXHAUSTED;
	if (s->moved)
		s->o->end = OWNERS_MOVED;
	if (!search_goes_on(s))
		s->o->end = OWNERS_CANCELLED;
	find_shared(s);
	count_processes(s);
	owners_sort(s->o);
	return 0;
}

/* --- the question --------------------------------------------------------------------------- */

static void seek_frame(struct search *s, uint64_t pfn)
{
	s->o->what = OWNERS_FRAME;
	s->o->pfn = pfn;
	s->seek.mask = ENTRY_PRESENT | ENTRY_PFN_MASK;
	s->seek.value = ENTRY_PRESENT | pfn;
	s->seek.swapped = false;
	read_frame(s);
	if (pfn == s->k->zero_pfn || (s->o->flags_known && s->o->flags & FRAME_ZERO))
		s->o->what = OWNERS_ZERO;
}

static int no_page(const struct search *s, enum page_state state, struct err *e)
{
	return err_set(e, "process %d (%s) has no page at 0x%" PRIx64 " (%s: %s)", (int)s->p.pid,
		s->o->comm, s->o->address, page_state_name(state), page_state_meaning(state));
}

/* Shared memory that its page table does not hold: perhaps its object does. */
static int ask_object(struct search *s, const struct vma *v, struct err *e)
{
	struct absent_run run;

	objects_absent(&s->p, s->k->page_size, v,
		(s->o->address - v->start) / s->k->page_size, 1, &run, 1);
	if (run.kind == ABSENT_HOLE)
		return no_page(s, PAGE_NONE, e);
	s->o->what = OWNERS_OBJECT;
	s->o->absent = run.kind;
	return 0;
}

/* Whether the kernel shows nothing of the mapping's pages, though there may be some. */
static bool is_opaque(const struct vma *v, uint64_t entry)
{
	return !entry && (v->kind == VMA_SPECIAL || v->kind == VMA_DEVICE);
}

static int set_opaque(const struct search *s, const struct vma *v, struct err *e)
{
	return err_set(e, "the kernel does not tell about pages of %s, at 0x%" PRIx64 " of process %d",
		*v->name ? v->name : "that mapping", s->o->address, (int)s->p.pid);
}

/* From the page that was asked about to what is looked for. */
static int understand(struct search *s, const struct vma *v, struct err *e)
{
	struct page_hints h = vma_hints(v);
	enum page_state state = PAGE_MOVING;
	uint64_t entry = 0;
	int i;

	h.pfn_known = true;
	h.zero_pfn = s->k->zero_pfn;
	h.swap = s->k->swap;
	for (i = 0; state == PAGE_MOVING && i < MOVING_TRIES && search_goes_on(s); i++) {
		if (i)
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		/* The kernel's half, where [vsyscall] is, has no entries. */
		if (v->start >> 63)
			return set_opaque(s, v, e);
		if (!search_entry(s, s->o->address, &entry))
			return err_set(e, "process %d has ended", (int)s->p.pid);
		state = entry_state(entry, &h);
	}
	search_place(s, v, s->o->address);
	switch (state) {
	case PAGE_ANON:
	case PAGE_FILE:
	case PAGE_ZERO:
		seek_frame(s, entry_pfn(entry));
		if (state == PAGE_ZERO)
			s->o->what = OWNERS_ZERO;
		return 0;
	case PAGE_SWAP:
		s->o->what = OWNERS_SLOT;
		s->o->swap_type = entry_swap_type(entry);
		s->o->swap_offset = entry_swap_offset(entry);
		s->seek.mask = ENTRY_PRESENT | ENTRY_SWAP | ENTRY_PFN_MASK;
		s->seek.value = ENTRY_SWAP | (entry & ENTRY_PFN_MASK);
		s->seek.swapped = true;
		return 0;
	default:
		if (is_opaque(v, entry))
			return set_opaque(s, v, e);
		return entry_is_absent(v, entry) ? ask_object(s, v, e) : no_page(s, state, e);
	}
}

static int ask_process(struct search *s, struct err *e)
{
	struct vma *v;
	int r = -1;

	s->o->pid = s->q->pid;
	s->o->address = s->q->address / s->k->page_size * s->k->page_size;
	if (procfs_open(&s->p, s->q->proc, s->q->pid, e) < 0)
		return -1;
	if (!procfs_stat(&s->p, &s->stat))
		memcpy(s->o->comm, s->stat.comm, sizeof(s->o->comm));
	search_mounts(s);
	if (search_open(s, e) == 0 && search_maps(s, e) == 0) {
		v = search_mapping(s, s->o->address);
		if (v) {
			mappings_complete(v, &s->p, s->k, &s->mounts, &s->pace);
			r = understand(s, v, e);
		} else {
			err_set(e, "process %d (%s) maps nothing at 0x%" PRIx64, (int)s->p.pid,
				s->o->comm, s->o->address);
		}
	}
	search_close(s);
	return r;
}

static int ask_frame(struct search *s, struct err *e)
{
	if (s->q->pfn <= ENTRY_PFN_MASK)
		seek_frame(s, s->q->pfn);
	if (s->q->pfn > ENTRY_PFN_MASK ||
		(!s->o->count_known && !s->frames.error[FRAME_FILE_MAPCOUNT]) ||
		(!s->o->flags_known && !s->frames.error[FRAME_FILE_FLAGS]))
		return err_set(e,
			"there is no page frame 0x%" PRIx64
			" in this machine, or the kernel tells nothing of it (a hole, device memory, its own)",
			s->q->pfn);
	return 0;
}

static int search_once(struct search *s, struct err *e)
{
	int r;

	owners_free(s->o);
	s->o->withheld = s->q->withhold;
	s->moved = false;
	s->agreed = s->told = 0;
	search_place(s, &(struct vma){ .name = "" }, 0);
	procs_free(&s->procs);
	procs_init(&s->procs, s->q->proc);
	s->o->shared_known = s->procs.tells_shared;
	r = s->q->pid ? ask_process(s, e) : ask_frame(s, e);
	if (!r && s->o->what != OWNERS_ZERO)
		r = run(s, e);
	return r;
}

int owners_find(const struct owners_query *q, struct job_control *c,
	void (*found)(void *ctx, const struct owners *so_far), void *ctx, struct owners *out,
	struct err *e)
{
	struct kernel own;
	struct search *s;
	int r, i = 0;

	*out = (struct owners){ 0 };
	if (!q->kernel && kernel_probe(&own, e) < 0)
		return -1;
	if (!(q->kernel ? q->kernel : &own)->pfn)
		return err_set(e,
			"who maps a page cannot be told: page frame numbers are hidden (needs CAP_SYS_ADMIN; use sudo)");
	s = mem_zero(1, sizeof(*s));
	*s = (struct search){ .q = q, .k = q->kernel ? q->kernel : &own, .c = c, .found = found,
		.ctx = ctx, .o = out, .p = { .dir = -1 }, .pagemap = -1 };
	s->pace = (struct pace){ .between = search_goes_on, .ctx = s };
	s->kpage = kpage_open(q->proc, s->k);
	s->frames = kpage_frames(s->kpage);
	s->seek = (struct seek){ .kernel = s->k, .pace = &s->pace, .plain = q->plain,
		.may_hold = search_may_hold, .found = search_found, .ctx = s };
	do
		r = search_once(s, e);
	while (!r && s->moved && ++i < BEGIN_MOST && search_goes_on(s));
	if (r < 0 && !search_goes_on(s)) {
		err_set(e, "the search was given up");
		e->code = ECANCELED;
	}
	if (r < 0)
		owners_free(out);
	kpage_close(s->kpage);
	procs_free(&s->procs);
	mounts_free(&s->mounts);
	maps_free(&s->maps);
	free(s->ns);
	free((char *)s->place.name);
	free(s);
	return r;
}
