/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/owners.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/frame.h"

const char *owners_what_name(enum owners_what w)
{
	static const char *const names[] = {
#define X(id, name) [OWNERS_##id] = name,
		OWNERS_WHAT_LIST(X)
#undef X
	};

	return names[w];
}

const char *owners_end_name(enum owners_end e)
{
	static const char *const names[] = {
#define X(id, name) [OWNERS_##id] = name,
		OWNERS_END_LIST(X)
#undef X
	};

	return names[e];
}

void owners_free(struct owners *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		free((char *)o->owner[i].vma.name);
	free(o->owner);
	*o = (struct owners){ 0 };
}

bool owners_has(const struct owners *o, size_t n, pid_t pid, uint64_t address)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (o->owner[i].pid == pid && o->owner[i].address == address)
			return true;
	return false;
}

void owners_add(struct owners *o, const struct owner *w)
{
	o->owner = mem_grow(o->owner, o->n, &o->cap, sizeof(*o->owner));
	o->owner[o->n] = *w;
	o->owner[o->n++].vma.name = mem_strdup(w->vma.name);
}

void owners_drop(struct owners *o, size_t i)
{
	pid_t pid = o->owner[i].pid;
	uint64_t address = o->owner[i].address;
	size_t kept = i, k;

	for (k = i; k < o->n; k++) {
		struct owner *w = &o->owner[k];

		if (w->address == address && (k == i || w->same_as == pid))
			free((char *)w->vma.name);
		else
			o->owner[kept++] = *w;
	}
	o->n = kept;
}

static int by_place(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->address < y->address ? -1 : x->address > y->address;
}

void owners_sort(struct owners *o)
{
	if (o->n)
		qsort(o->owner, o->n, sizeof(*o->owner), by_place);
}

size_t owners_found(const struct owners *o)
{
	size_t found = 0, i;

	for (i = 0; i < o->n; i++)
		found += !o->owner[i].same_as;
	return found;
}

bool owners_complete(const struct owners *o)
{
	if (o->what == OWNERS_ZERO || o->end == OWNERS_ALL_FOUND)
		return true;
	if (o->end != OWNERS_EXHAUSTED)
		return false;
	return o->count_known ? owners_found(o) >= o->count
		: !o->denied && !o->unseen;
}

const char *owner_entry_state(const struct owner *w)
{
	if (w->entry & ENTRY_PRESENT)
		return "present";
	return w->entry & ENTRY_SWAP ? "swap" : "none";
}

static const char *plural(size_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

/* What may be missing, and why. */
static void add_gaps(struct report *r, const struct owners *o)
{
	if (o->denied)
		report_more(r, "; %zu %s could not be looked at (no permission)", o->denied,
			plural(o->denied, "process", "processes"));
	if (o->unseen)
		report_more(r, "; %zu %s could not be looked at (%s)", o->unseen,
			plural(o->unseen, "process", "processes"), strerror(o->unseen_error));
	if (o->ended)
		report_more(r, "; %zu ended meanwhile", o->ended);
}

static void add_verdict(struct report *r, const struct owners *o)
{
	size_t found = owners_found(o);
	enum report_kind kind = o->end == OWNERS_SEARCHING || owners_complete(o) ? REPORT_HEADING
										 : REPORT_WARNING;

	if (o->what == OWNERS_ZERO) {
		report_add(r, kind,
			"the shared zero page: nobody owns it, and nobody was looked for");
		return;
	}
	if (o->count_known && o->end == OWNERS_EXHAUSTED && found != o->count) {
		report_add(r, kind, "%zu found, kpagecount says %" PRIu64, found, o->count);
		add_gaps(r, o);
		return;
	}
	if (o->count_known)
		report_add(r, kind, "%zu of %" PRIu64 " %s found", found, o->count,
			plural((size_t)o->count, "mapping", "mappings"));
	else
		report_add(r, kind, "%zu found", found);
	if (o->end == OWNERS_SEARCHING)
		report_more(r, " so far");
	else if (o->end == OWNERS_CANCELLED)
		report_more(r, ", then the search was cancelled");
	else if (o->end == OWNERS_MOVED)
		report_more(r, ", but the page moved from frame to frame meanwhile: try again");
	else if (!o->count_known)
		report_more(r, " in %zu %s", o->processes, plural(o->processes, "process", "processes"));
	if (!owners_complete(o) && o->end != OWNERS_SEARCHING)
		add_gaps(r, o);
}

static void add_flags(struct report *r, uint64_t flags)
{
	struct str names = { 0 };

	frame_flags_text(&names, flags, " ");
	if (names.len)
		report_more(r, ": %s", str_text(&names));
	str_free(&names);
}

static void add_frame(struct report *r, const struct owners *o)
{
	if (o->withheld)
		report_add(r, REPORT_TEXT, "page frame withheld");
	else
		report_add(r, REPORT_TEXT, "page frame 0x%" PRIx64, o->pfn);
	if (o->flags_known)
		add_flags(r, o->flags);
}

static void add_slot(struct report *r, const struct owners *o)
{
	if (o->withheld)
		report_add(r, REPORT_TEXT, "swap slot withheld");
	else
		report_add(r, REPORT_TEXT, "swap type %u, slot 0x%" PRIx64, o->swap_type, o->swap_offset);
	report_more(r, " (nothing counts who holds a slot: all processes are looked at)");
}

/* What the object behind shared memory says of a page that the page table does not hold. */
static void add_absence(struct report *r, const struct owners *o)
{
	static const char *const words[] = {
		[ABSENT_UNKNOWN] = "swapped out, cached or never written: that could not be asked",
		[ABSENT_NOT_SWAPPED] = "not in swap",
		[ABSENT_HOLE] = "never written",
		[ABSENT_CACHED] = "in the page cache",
		[ABSENT_SWAPPED] = "swapped out",
	};

	report_add(r, REPORT_TEXT, "a page of shared memory, not in the page table there: %s",
		words[o->absent]);
	report_add(r, REPORT_TEXT,
		"these mappings of the object cover it (page tables hold no swapped shared page)");
}

static void add_question(struct report *r, const struct owners *o)
{
	if (o->pid) {
		report_add(r, REPORT_TEXT, "asked about %" PRIx64 " of %d ", o->address, (int)o->pid);
		report_name(r, o->comm, strlen(o->comm));
		report_place(r, o->pid, o->address);
	}
	if (o->what == OWNERS_SLOT)
		add_slot(r, o);
	else if (o->what == OWNERS_OBJECT)
		add_absence(r, o);
	else
		add_frame(r, o);
}

/* Why the numbers may not agree. */
static void add_doubts(struct report *r, const struct owners *o)
{
	size_t found = owners_found(o);

	if (o->what == OWNERS_FRAME && !o->count_known)
		report_add(r, REPORT_WARNING,
			"how many there must be is not known: kpagecount needs CAP_DAC_READ_SEARCH, and tells nothing of device memory");
	if (o->count_known && o->end == OWNERS_EXHAUSTED && found > o->count)
		report_add(r, REPORT_WARNING,
			"more than counted: kernels may round the count, or the page moved");
	else if (o->count_known && o->end == OWNERS_EXHAUSTED && found < o->count &&
		!o->denied && !o->unseen)
		report_add(r, REPORT_WARNING,
			"the others are in no process that /proc shows, or came and went meanwhile");
	if (!o->shared_known && o->n > 1)
		report_add(r, REPORT_WARNING,
			"processes that share all memory could not be told (kcmp(2)): each counts");
}

static void add_owner(struct report *r, const struct owners *o, const struct owner *w)
{
	const struct vma *v = &w->vma;
	char perms[5];
	size_t width = strlen(w->comm), pad = width < 15 ? 15 - width : 0;

	report_add(r, REPORT_TEXT, "%c%7d ", w->asked ? '*' : ' ', (int)w->pid);
	report_name(r, w->comm, width);
	report_more(r, "%*s %12" PRIx64 " %s %" PRIx64 "-%" PRIx64, (int)pad, "", w->address,
		vma_perms(v, perms), v->start, v->end);
	report_more(r, " ");
	if (*v->name)
		report_name(r, v->name, strlen(v->name));
	else
		report_more(r, "[%s]", vma_kind_name((enum vma_kind)v->kind));
	if (v->deleted)
		report_more(r, " (deleted)");
	if (o->what == OWNERS_OBJECT)
		report_more(r, ", %sin the page table", w->entry & ENTRY_PRESENT ? "" : "not ");
	if (w->same_as)
		report_more(r, ", memory shared with %d: counted once", (int)w->same_as);
	report_place(r, w->pid, w->address);
}

struct report *owners_report(const struct owners *o, bool exact)
{
	struct report *r = report_new(exact);
	size_t i;

	add_verdict(r, o);
	add_question(r, o);
	add_doubts(r, o);
	if (o->n)
		report_add(r, REPORT_HEADING, " %7s %-15s %12s PERM MAPPING", "PID", "COMMAND", "ADDRESS");
	for (i = 0; i < o->n; i++)
		add_owner(r, o, &o->owner[i]);
	return r;
}
