/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wander: the record of what each page can be. What is recorded of a page is a set of states: one
 * where it is certain, several where the kernel is free to choose. The rules are those of
 * fault-around, transparent huge pages, reclaim and page-table markers; shortage of memory, when
 * anything may go, is the looker's affair.
 */
#define _GNU_SOURCE 1

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../fixture/mkpages.h"
#include "wander.h"

/* A read may map pages around it that the object has: 64 KiB, unless debugfs was told otherwise. */
#define FAULT_AROUND	(65536 / page_size)

struct page pages[PAGES];
struct object objects[N_OBJECTS];
char *arena;

static const struct {
	const char *kind, *name;
	bool shared;
} whats[N_WHATS] = {
#define X(id, is_shared, of_kind, ours) [id] = { of_kind, ours, is_shared },
	WHATS(X)
#undef X
};

bool is_shared(enum what what)
{
	return whats[what].shared;
}

bool is_hugetlb(enum what what)
{
	return what == HUGETLB_PRIVATE || what == HUGETLB_SHARED;
}

const char *name_of(enum what what)
{
	return whats[what].name;
}

size_t segment_end(size_t first)
{
	size_t i = first + 1;

	while (i < PAGES && pages[i].what == pages[first].what &&
	       pages[i].mapping == pages[first].mapping && pages[i].prot == pages[first].prot &&
	       (!pages[first].object ||
		pages[i].in_object == pages[first].in_object + (i - first)))
		i++;
	return i;
}

bool all_are(size_t first, size_t n, unsigned int states)
{
	for (size_t i = first; i < first + n; i++)
		if (pages[i].may & ~states)
			return false;
	return true;
}

/* Call f for each mapped page of the object between these of its pages. */
static void each_mapped(size_t object, size_t first, size_t n, void (*f)(struct page *))
{
	for (size_t i = 0; object && i < PAGES; i++)
		if (pages[i].object == object && pages[i].in_object >= first &&
		    pages[i].in_object < first + n)
			f(&pages[i]);
}

static void may_be_unmapped(struct page *p)
{
	if (p->may & IS_FILE)
		p->may |= IS_NONE;
	p->huge = false;
}

static void may_be_either(struct page *p)
{
	if (p->may & (IS_FILE | IS_NONE))
		p->may |= IS_FILE | IS_NONE;
}

/* Pages left the object: those of a large folio are unmapped together when that is split. What is
 * read back of a disk's file may come in large folios. */
static void recorded_object_split(size_t object)
{
	if (!object)
		return;
	objects[object].large |= !objects[object].shmem;
	if (objects[object].large)
		each_mapped(object, 0, OBJECT_PAGES, may_be_unmapped);
}

/* A huge entry of private memory becomes small ones; one of an object is removed, until a fault. */
void recorded_split(size_t first, size_t n)
{
	size_t end = (first + n + HUGE - 1) / HUGE * HUGE;

	for (size_t i = first / HUGE * HUGE; i < end && i < PAGES; i++) {
		pages[i].huge = false;
		if (objects[pages[i].object].large)
			may_be_unmapped(&pages[i]);
	}
}

void recorded_fork(void)
{
	recorded_split(0, PAGES);
}

void recorded_gone(size_t first, size_t n)
{
	recorded_split(first, n);
	for (size_t i = first; i < first + n; i++)
		pages[i] = (struct page){ .may = IS_NONE };
}

/* A fault on page i of an object may map its neighbours, too: around a read, and (since 6.11, and
 * 6.18 for files: mm/memory.c, finish_fault()) those of its folio. */
static void around(size_t i, bool read)
{
	const struct page *p = &pages[i];
	size_t reach = objects[p->object].large ? HUGE : read ? FAULT_AROUND : 0;
	size_t from = i > reach ? i - reach : 0;

	for (size_t k = from; k < PAGES && k <= i + reach; k++)
		if (pages[k].object == p->object && pages[k].may & IS_NONE &&
		    objects[p->object].has[pages[k].in_object])
			pages[k].may |= IS_FILE;
}

static void object_has(struct page *p)
{
	if (!p->object)
		return;
	objects[p->object].has[p->in_object] = true;
	if (!objects[p->object].large)
		objects[p->object].left[p->in_object] = false;
}

/* Whole huge pages of hugetlb are touched at once. */
static void touched_hugetlb(size_t i)
{
	size_t first = i / HUGE * HUGE;

	for (i = first; i < first + HUGE; i++) {
		pages[i].may = is_shared(pages[i].what) ? IS_FILE : IS_ANON;
		pages[i].huge = true;
	}
}

void recorded_read(size_t i)
{
	struct page *p = &pages[i];
	unsigned int was = p->may, is = 0;

	if (is_hugetlb(p->what)) {
		touched_hugetlb(i);
		return;
	}
	if (was & (IS_ANON | IS_SWAP))
		is |= IS_ANON;
	if (was & IS_FILE)
		is |= IS_FILE;
	if (was & (IS_ZERO | IS_MARKER))
		is |= IS_ZERO;
	if (was & IS_NONE)
		is |= p->object ? IS_FILE : IS_ZERO;
	if (is & IS_FILE) {
		object_has(p);
		around(i, true);
	}
	p->may = (uint8_t)is;
}

void recorded_write(size_t i)
{
	struct page *p = &pages[i];

	if (is_hugetlb(p->what)) {
		touched_hugetlb(i);
		return;
	}
	if (p->object && p->may & (IS_NONE | IS_FILE)) {
		object_has(p);
		around(i, false);
		if (!is_shared(p->what))
			recorded_split(i, 1);
	}
	p->may = is_shared(p->what) ? IS_FILE : IS_ANON;
	p->written = true;
	p->freed = false;
}

/* Guard markers stay; others are of memory that has no object here, and go. */
void recorded_dropped(size_t first, size_t n)
{
	recorded_split(first, n);
	for (size_t i = first; i < first + n; i++) {
		struct page *p = &pages[i];

		if (p->may == IS_GUARD)
			continue;
		p->may = IS_NONE;
		p->written = p->freed = p->mixed = p->poisoned = false;
	}
}

/* What is in swap, and poison, is dropped at once; what is in RAM when memory is short. */
void recorded_freed(size_t first, size_t n)
{
	recorded_split(first, n);
	for (size_t i = first; i < first + n; i++) {
		struct page *p = &pages[i];

		if (p->may & IS_SWAP)
			p->may = (uint8_t)((p->may & ~IS_SWAP) | IS_NONE);
		if (p->poisoned)
			p->may = IS_NONE;
		p->written = p->poisoned = false;
		p->freed = true;
	}
}

/* Which of the pages that may have gone have: only the kernel knows. */
static void settle(size_t first, size_t n)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	for (size_t i = first; i < first + n; i++) {
		struct page *p = &pages[i];
		off_t at = (off_t)(((uintptr_t)arena / page_size + i) * sizeof(uint64_t));
		unsigned int here;
		uint64_t entry;

		/* A page once huge can come back in company. */
		if (p->mixed || p->what == ADVISED || !(p->may & (p->may - 1)) ||
		    pread(fd, &entry, sizeof(entry), at) != sizeof(entry))
			continue;
		here = entry & ENTRY_PRESENT ? IS_ANON | IS_FILE | IS_ZERO :
		       entry & ENTRY_SWAP ? IS_SWAP : IS_NONE;
		if (p->may & here)
			p->may &= (uint8_t)here;
	}
	if (fd >= 0)
		close(fd);
}

void recorded_paged_out(size_t first, size_t n)
{
	recorded_split(first, n);
	recorded_object_split(pages[first].object);
	for (size_t i = first; i < first + n; i++) {
		struct page *p = &pages[i];

		if (p->may & IS_ANON)
			p->may |= IS_SWAP;
		if (p->may & IS_ANON && (p->freed || p->what == DROPPABLE)) {
			p->may |= IS_NONE;
			p->written = false;
		}
		if (!(p->may & IS_FILE))
			continue;
		/* Whoever else maps it, here, loses it too. */
		each_mapped(p->object, p->in_object, 1, may_be_unmapped);
		/* Large folios leave whole, and stay as a whole where one page is cut out. */
		if (objects[p->object].large)
			memset(objects[p->object].left, true, OBJECT_PAGES);
		objects[p->object].left[p->in_object] = true;
	}
	settle(first, n);
}

/* MADV_COLLAPSE of one huge page's room. What a child shares still is split when it is written. */
void recorded_collapsed(size_t first, bool done, bool alone)
{
	size_t object = pages[first].object;

	for (size_t i = first; i < first + HUGE; i++) {
		struct page *p = &pages[i];

		if (!object && done) {
			p->may = IS_ANON;
			p->mixed = true;
			p->huge = alone;
		} else if (p->may & IS_SWAP) {
			p->may |= IS_ANON;	/* swapped in before something was in the way */
		}
	}
	if (!object)
		return;
	/* Also if mapping the new folio was refused then. */
	objects[object].large = true;
	memset(objects[object].has, true, OBJECT_PAGES);
	each_mapped(object, 0, OBJECT_PAGES, may_be_either);
	for (size_t i = first; done && i < first + HUGE; i++)
		pages[i].may = IS_FILE;
}

static bool copies_go;

static void unmap_punched(struct page *p)
{
	p->huge = false;
	if (p->may == IS_GUARD)
		return;
	if (copies_go || !(p->may & (IS_ANON | IS_SWAP)))
		p->may = IS_NONE;
	else if (p->may & IS_FILE)
		p->may = (uint8_t)((p->may & ~IS_FILE) | IS_NONE);
}

/* These pages of the object were cut out; by truncation private copies go, too. */
void recorded_punched(size_t object, size_t first, size_t n, bool copies_too)
{
	recorded_object_split(object);
	copies_go = copies_too;
	each_mapped(object, first, n, unmap_punched);
	/* What lies around may be read ahead into these pages of a disk's file at any time, and a
	 * large folio may stay there, zeroed in part, if it cannot be split. */
	memset(objects[object].has + first, objects[object].large, n);
	if (!objects[object].large)
		memset(objects[object].left + first, 0, n);
}

void recorded_moved(size_t from, size_t to, size_t n, bool stays_mapped)
{
	recorded_split(from, n);
	recorded_split(to, n);
	memmove(&pages[to], &pages[from], n * sizeof(*pages));
	for (size_t i = from; i < from + n; i++) {
		struct page was = pages[i];

		pages[i] = (struct page){ .may = IS_NONE };
		if (!stays_mapped)
			continue;
		was.may = IS_NONE;
		was.written = was.freed = was.mixed = false;
		pages[i] = was;
	}
}

/* --- printing --------------------------------------------------------------------------------- */

/* What can have become of it without our doing: khugepaged fills advised memory up, and the split
 * of a huge page makes the zero page of what holds only zeros. */
static unsigned int states_of(const struct page *p)
{
	unsigned int may = p->may;

	if (may & (IS_GUARD | IS_MARKER) || p->written)
		return may;
	if (p->what == ADVISED)
		return may | IS_NONE | IS_ANON | IS_ZERO;
	return p->mixed && may & IS_ANON ? may | IS_ZERO : may;
}

/* '1', '0', or '?' if that is up to the kernel. */
static char huge_of(const struct page *p)
{
	if (is_hugetlb(p->what))
		return '1';
	if (p->huge)
		return p->object || !p->written ? '?' : '1';
	if (p->what == ADVISED || p->mixed)
		return '?';
	return objects[p->object].large || !objects[p->object].shmem ? '?' : '0';
}

static void describe(const struct page *p, char out[64])
{
	static const char letters[] = {
#define X(name, letter) [NUMBER_##name] = letter,
		STATES(X)
#undef X
	};
	const char *kind = whats[p->what].kind;
	unsigned int may = states_of(p);
	char set[16];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(letters); i++)
		if (may & 1u << i)
			set[n++] = letters[i];
	/* A page that no table maps, of an object that may have it in swap. */
	if (p->object && may & IS_NONE && objects[p->object].shmem &&
	    objects[p->object].left[p->in_object])
		set[n++] = 's';
	set[n] = '\0';
	if (!kind)
		kind = objects[p->object].shmem ? "shmem" : "file";
	if (p->what == HOLE)
		snprintf(out, 64, "-");
	else
		snprintf(out, 64, "%c%c%c%c:%s:%s:%c", p->prot & PROT_READ ? 'r' : '-',
			 p->prot & PROT_WRITE ? 'w' : '-', p->prot & PROT_EXEC ? 'x' : '-',
			 is_shared(p->what) ? 's' : 'p', kind, set, huge_of(p));
}

void record_print(void)
{
	char last[64], this[64];
	size_t n = 0;

	printf("0x%" PRIxPTR, (uintptr_t)arena);
	for (size_t i = 0; i < PAGES; i++) {
		describe(&pages[i], this);
		if (n && strcmp(this, last)) {
			printf(" %zu:%s", n, last);
			n = 0;
		}
		memcpy(last, this, sizeof(last));
		n++;
	}
	printf(" %zu:%s", n, last);
}
