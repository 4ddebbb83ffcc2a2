/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wander: things done to the address space. Each is chosen by random numbers alone, and as many of
 * them are drawn whatever comes of it, so that a seed does the same wherever the kernel allows it.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../fixture/mkpages.h"
#include "wander.h"

/* What the headers may not have yet (asm-generic/mman-common.h, linux/mman.h,
 * linux/userfaultfd.h). */
enum { PAGEOUT = 21, COLLAPSE = 25, GUARD_REMOVE = 103, DONTUNMAP_FLAG = 4 };
struct poison_arg {
	struct uffdio_range range;
	uint64_t mode;
	int64_t updated;
};
#define POISON_IOCTL	_IOWR(UFFDIO, 0x08, struct poison_arg)

#define MAX_CHILDREN	3
#define MOST		((size_t)4 * HUGE)	/* pages at once: stripes of them are many runs */
#define SHARED_ACCESS	(PROT_READ | PROT_WRITE)

#define BIT(what)	(1u << (what))
#define ALL_BUT(whats)	((BIT(N_WHATS) - 1) & ~BIT(HOLE) & ~(whats))
#define BARE		(BIT(PLAIN) | BIT(ADVISED) | BIT(DEV_ZERO) | BIT(DROPPABLE) | BIT(WATCHED))
#define ANY_HUGETLB	(BIT(HUGETLB_PRIVATE) | BIT(HUGETLB_SHARED))

/* Pages of one mapping, and two numbers to choose more by. */
struct piece {
	size_t first, n;
	uint64_t r, s;
};

static uint32_t mappings;
static pid_t children[MAX_CHILDREN];
static size_t n_children;
static struct piece latest;	/* what is done something to, for act_why() */

static void *at(size_t page)
{
	return arena + page * page_size;
}

static bool open_to(size_t i, int prot)
{
	return pages[i].prot & prot && pages[i].may != IS_GUARD && !pages[i].poisoned;
}

/* --- mapping and unmapping -------------------------------------------------------------------- */

/* Extend a range over the huge pages of hugetlb at its ends, which are unmapped whole or not. */
static struct piece widened(struct piece p)
{
	size_t end = p.first + p.n;

	while (is_hugetlb(pages[p.first].what) && p.first % HUGE)
		p.first--;
	while (end < PAGES && is_hugetlb(pages[end].what) && end % HUGE)
		end++;
	p.n = end - p.first;
	return p;
}

static int unmap(struct piece p)
{
	p = widened(p);
	if (munmap(at(p.first), p.n * page_size) < 0)
		return -1;
	recorded_gone(p.first, p.n);
	return 0;
}

static size_t free_object(void)
{
	bool used[N_OBJECTS] = { false };

	for (size_t i = 0; i < PAGES; i++)
		used[pages[i].object] = true;
	for (size_t i = FIRST_SHARED_ANON; i < N_OBJECTS; i++)
		if (!used[i])
			return i;
	return NO_OBJECT;
}

/* Which object, and where in it, so that n pages fit. */
static size_t choose_object(enum what what, struct piece p, size_t *in_object)
{
	size_t congruent = p.first % HUGE, room;

	*in_object = 0;
	if (what < FIRST_OF_OBJECT || what > LAST_OF_OBJECT)
		return NO_OBJECT;
	if (what == SHARED_ANON)
		return free_object();
	room = OBJECT_PAGES - p.n;
	*in_object = p.s % 2 && congruent <= room ? congruent : p.s / 2 % (room + 1);
	if (what == FILE_PRIVATE || what == FILE_SHARED)
		return THE_FILE;
	return p.s >> 32 & 1 ? MEMFD_1 : MEMFD_2;
}

static int map_flags(enum what what)
{
	int flags = is_shared(what) ? MAP_SHARED : MAP_PRIVATE;

	if (what == DROPPABLE)
		flags = DROPPABLE_FLAG;
	if (is_hugetlb(what))
		flags |= MAP_HUGETLB;
	if (what == PLAIN || what == ADVISED || what == DROPPABLE || what == WATCHED ||
	    what == SHARED_ANON || is_hugetlb(what))
		flags |= MAP_ANONYMOUS;
	return flags | MAP_FIXED;
}

static int watch(struct piece p)
{
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)at(p.first), .len = p.n * page_size },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};

	return ioctl(uffd, UFFDIO_REGISTER, &reg);
}

/* What must follow mmap(): then nothing but what is asked for makes a page huge. */
static int prepare(enum what what, struct piece p)
{
	if (what == ADVISED)
		return madvise(at(p.first), p.n * page_size, MADV_HUGEPAGE);
	if (turn_huge_off && !is_hugetlb(what) &&
	    madvise(at(p.first), p.n * page_size, MADV_NOHUGEPAGE) < 0 && errno != EINVAL)
		return -1;
	return what == WATCHED ? watch(p) : 0;
}

static int do_map(struct piece p)
{
	static const uint8_t choice[] = {
		PLAIN, PLAIN, PLAIN, PLAIN, ADVISED, ADVISED, ADVISED, DEV_ZERO, DROPPABLE,
		WATCHED, WATCHED, FILE_PRIVATE, FILE_PRIVATE, FILE_PRIVATE, FILE_SHARED,
		FILE_SHARED, MEMFD_PRIVATE, MEMFD_PRIVATE, MEMFD_SHARED, MEMFD_SHARED,
		SHARED_ANON, SHARED_ANON, HUGETLB_PRIVATE, HUGETLB_SHARED,
	};
	enum what what = choice[p.r % sizeof(choice)];
	unsigned int access = p.r >> 32 & 15;
	size_t object, in_object;
	int fd;

	if (!have[what])
		return 0;
	if (is_hugetlb(what) || (p.r >> 40 & (what == ADVISED ? 1 : 7)) == 1) {
		p.first = p.first / HUGE * HUGE;
		p.n = (p.n + HUGE - 1) / HUGE * HUGE;
	}
	if (what >= FIRST_OF_OBJECT && what <= LAST_OF_OBJECT && p.n > OBJECT_PAGES)
		p.n = OBJECT_PAGES;
	latest = p;
	object = choose_object(what, p, &in_object);
	if (what == SHARED_ANON && !object)
		return 0;
	if (unmap(p) < 0)
		return -1;
	fd = what == DEV_ZERO ? dev_zero : objects[object].fd;
	struct page new = {
		.may = IS_NONE,
		.what = what,
		.prot = access == 0 ? PROT_NONE : access == 1 ? PROT_READ : SHARED_ACCESS,
		.object = (uint8_t)object,
		.mapping = ++mappings,
	};
	if (mmap(at(p.first), p.n * page_size, new.prot, map_flags(what), fd,
		 (off_t)(in_object * page_size)) == MAP_FAILED)
		return -1;
	if (what == SHARED_ANON)
		objects[object] = (struct object){ .fd = -1, .shmem = true };
	if (prepare(what, p) < 0) {
		munmap(at(p.first), p.n * page_size);
		return -1;
	}
	for (size_t i = 0; i < p.n; i++) {
		pages[p.first + i] = new;
		pages[p.first + i].in_object = (uint16_t)(in_object + (object ? i : 0));
	}
	return 0;
}

static int do_unmap(struct piece p)
{
	return unmap(p);
}

static int do_protect(struct piece p)
{
	static const int choice[] = { PROT_NONE, PROT_READ, SHARED_ACCESS, SHARED_ACCESS,
		SHARED_ACCESS, PROT_READ | PROT_EXEC };
	int prot = choice[p.r % 6];

	if (mprotect(at(p.first), p.n * page_size, prot) < 0)
		return -1;
	recorded_split(p.first, p.n);
	for (size_t i = p.first; i < p.first + p.n; i++)
		pages[i].prot = (uint8_t)prot;
	return 0;
}

static int do_move(struct piece p)
{
	bool stays = !(p.s & 6);
	size_t to = p.r % (PAGES - p.n + 1);
	int flags = MREMAP_MAYMOVE | MREMAP_FIXED | (stays ? DONTUNMAP_FLAG : 0);

	/* Huge entries move only where they fit. */
	if (p.s & 1 && to / HUGE * HUGE + p.first % HUGE <= PAGES - p.n)
		to = to / HUGE * HUGE + p.first % HUGE;
	if (to < p.first + p.n && p.first < to + p.n)
		return 0;
	latest.r = to;
	if (unmap((struct piece){ .first = to, .n = p.n }) < 0)
		return -1;
	if (mremap(at(p.first), p.n * page_size, p.n * page_size, flags, at(to)) != MAP_FAILED) {
		recorded_moved(p.first, to, p.n, stays);
		return 0;
	}
	return -1;
}

/* --- touching --------------------------------------------------------------------------------- */

static size_t stride_of(struct piece p)
{
	static const size_t choice[] = { 1, 1, 1, 2, 3, 7, 64, 100 };

	return is_hugetlb(pages[p.first].what) ? HUGE : choice[p.r % 8];
}

static int do_write(struct piece p)
{
	/* Now and then equal pages, for KSM. */
	bool alike = p.s % 8 == 0;

	for (size_t i = p.first; i < p.first + p.n; i += stride_of(p)) {
		if (!open_to(i, PROT_WRITE))
			continue;
		if (is_hugetlb(pages[i].what)) {
			/* A store of ours would be fatal if no huge page is left. */
			if (try_write_page(at(i)) < 0)
				return -1;
		} else if (alike) {
			memset(at(i), 'a', page_size);
		} else {
			write_pages(at(i), 1);
		}
		recorded_write(i);
	}
	return 0;
}

static int do_read(struct piece p)
{
	for (size_t i = p.first; i < p.first + p.n; i += stride_of(p)) {
		if (!open_to(i, PROT_READ))
			continue;
		if (!is_hugetlb(pages[i].what))
			read_pages(at(i), 1);
		else if (try_read_page(at(i)) < 0)
			return -1;
		recorded_read(i);
	}
	return 0;
}

/* --- advice ----------------------------------------------------------------------------------- */

static int advise(struct piece p, int advice)
{
	return madvise(at(p.first), p.n * page_size, advice);
}

static int do_drop(struct piece p)
{
	if (advise(p, MADV_DONTNEED) < 0)
		return -1;
	recorded_dropped(p.first, p.n);
	return 0;
}

static int do_free(struct piece p)
{
	if (advise(p, MADV_FREE) < 0)
		return -1;
	recorded_freed(p.first, p.n);
	return 0;
}

static int do_page_out(struct piece p)
{
	/* Refused or not, some of it may be gone. */
	int result = advise(p, PAGEOUT);

	recorded_paged_out(p.first, p.n);
	return result;
}

/* Without effect on what is mapped; but a part of a huge page is split off. */
static int do_cool(struct piece p)
{
	int result = advise(p, p.r % 2 ? MADV_COLD : MADV_MERGEABLE);

	recorded_split(p.first, p.n);
	return result;
}

static int do_collapse(struct piece p)
{
	size_t first = p.first / HUGE * HUGE, i;
	int result, error;

	/* The next huge page's room that is all of one mapping. */
	for (i = 0; i < PAGES / HUGE; i++, first = (first + HUGE) % PAGES)
		if (BIT(pages[first].what) & (BARE | BIT(MEMFD_SHARED) | BIT(SHARED_ANON)) &&
		    segment_end(first) >= first + HUGE)
			break;
	if (i == PAGES / HUGE)
		return 0;
	latest.first = first;
	latest.n = HUGE;
	result = madvise(at(first), HUGE * page_size, COLLAPSE);
	error = errno;
	recorded_collapsed(first, !result, !n_children);
	errno = error;
	return result;
}

static int do_guard(struct piece p)
{
	if (advise(p, GUARD_INSTALL) < 0)
		return -1;
	recorded_dropped(p.first, p.n);
	for (size_t i = p.first; i < p.first + p.n; i++)
		pages[i].may = IS_GUARD;
	return 0;
}

static int do_unguard(struct piece p)
{
	if (advise(p, GUARD_REMOVE) < 0)
		return -1;
	recorded_split(p.first, p.n);
	for (size_t i = p.first; i < p.first + p.n; i++)
		if (pages[i].may == IS_GUARD)
			pages[i].may = IS_NONE;
	return 0;
}

/* As many changes from page to page as there can be. */
static int do_stripes(struct piece p)
{
	static int (*const choice[])(struct piece) = { do_write, do_write, do_drop, do_guard,
		do_page_out };
	size_t end = segment_end(p.first);

	if (end > p.first + MOST)
		end = p.first + MOST;
	latest.n = end - p.first;
	for (size_t i = p.first; i < end; i += 2)
		if (choice[p.r % 5]((struct piece){ .first = i, .n = 1, .s = 1 }) < 0)
			return -1;
	return 0;
}

/* --- userfaultfd ------------------------------------------------------------------------------ */

static int do_watch(struct piece p)
{
	bool protect = p.r % 3;
	struct uffdio_writeprotect wp = {
		.range = { .start = (uintptr_t)at(p.first), .len = p.n * page_size },
		.mode = protect ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	if (ioctl(uffd, UFFDIO_WRITEPROTECT, &wp) < 0)
		return -1;
	for (size_t i = p.first; i < p.first + p.n; i++) {
		struct page *page = &pages[i];
		unsigned int from = protect ? IS_NONE : IS_MARKER;
		unsigned int to = protect ? IS_MARKER : IS_NONE;

		if (page->may & from && !page->poisoned)
			page->may = (uint8_t)((page->may & ~from) | to);
	}
	return 0;
}

/* Only where nothing is, or it is refused. */
static int do_poison(struct piece p)
{
	while (p.n && pages[p.first].may != IS_NONE) {
		p.first++;
		p.n--;
	}
	for (size_t i = 0; i < p.n; i++)
		if (pages[p.first + i].may != IS_NONE)
			p.n = i;
	if (!p.n)
		return 0;
	struct poison_arg arg = {
		.range = { .start = (uintptr_t)at(p.first), .len = p.n * page_size },
	};
	if (ioctl(uffd, POISON_IOCTL, &arg) < 0)
		return -1;
	for (size_t i = p.first; i < p.first + p.n; i++) {
		pages[i].may = IS_MARKER;
		pages[i].poisoned = true;
	}
	return 0;
}

/* --- objects ---------------------------------------------------------------------------------- */

static int do_punch(struct piece p)
{
	size_t object = pages[p.first].object, first = pages[p.first].in_object;
	off_t start = (off_t)(first * page_size), bytes = (off_t)(p.n * page_size);
	int result = is_shared(pages[p.first].what) ? advise(p, MADV_REMOVE) :
		     fallocate(objects[object].fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       start, bytes);

	if (!result)
		recorded_punched(object, first, p.n, false);
	return result;
}

/* Cut the end off, and let it grow again. */
static int do_truncate(struct piece p)
{
	size_t object = pages[p.first].object, first = pages[p.first].in_object;

	if (objects[object].fd < 0)
		return 0;
	if (ftruncate(objects[object].fd, (off_t)(first * page_size)) < 0 ||
	    ftruncate(objects[object].fd, (off_t)(OBJECT_PAGES * page_size)) < 0)
		return -1;
	recorded_punched(object, first, OBJECT_PAGES - first, true);
	return 0;
}

/* --- children --------------------------------------------------------------------------------- */

__attribute__((noreturn))
static void be_child(struct piece p, int done)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	/* An object's page that is not there yet would be made. */
	for (size_t i = p.first; i < p.first + p.n; i++)
		if (!is_shared(pages[i].what) && !is_hugetlb(pages[i].what) &&
		    open_to(i, PROT_WRITE) && (!pages[i].object || pages[i].may == IS_ANON))
			write_pages(at(i), 1);
	close(done);
	for (;;)
		pause();
}

/* A child that copies some pages, and holds on to all the others as they are now. */
static int do_fork(struct piece p)
{
	int done[2];
	pid_t child;
	char byte;

	if (n_children == MAX_CHILDREN)
		return 0;
	if (pipe2(done, O_CLOEXEC) < 0)
		return -1;
	child = fork();
	if (!child)
		be_child(p, done[1]);
	close(done[1]);
	while (child > 0 && read(done[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(done[0]);
	if (child < 0)
		return -1;
	children[n_children++] = child;
	recorded_fork();
	return 0;
}

static int do_kill(struct piece p)
{
	size_t i;

	if (!n_children)
		return 0;
	i = p.r % n_children;
	kill(children[i], SIGKILL);
	while (waitpid(children[i], NULL, 0) < 0 && errno == EINTR)
		;
	children[i] = children[--n_children];
	return 0;
}

/* --- choosing --------------------------------------------------------------------------------- */

static const struct act {
	const char *name;
	int (*function)(struct piece p);	/* -1 and errno if the kernel refused */
	unsigned int weight;
	unsigned int whats;			/* what it is done to; 0: anything, holes too */
} acts[] = {
	{ "map", do_map, 14, 0 },
	{ "unmap", do_unmap, 5, 0 },
	{ "protect", do_protect, 8, ALL_BUT(0) },
	{ "move", do_move, 8, ALL_BUT(ANY_HUGETLB | BIT(WATCHED)) },
	{ "write", do_write, 22, ALL_BUT(0) },
	{ "read", do_read, 16, ALL_BUT(0) },
	{ "drop", do_drop, 8, ALL_BUT(0) },
	{ "free", do_free, 6, BARE },
	{ "page-out", do_page_out, 9, ALL_BUT(ANY_HUGETLB) },
	{ "cool", do_cool, 2, BARE },
	{ "collapse", do_collapse, 5, ALL_BUT(0) },
	{ "guard", do_guard, 6, ALL_BUT(ANY_HUGETLB) },
	{ "unguard", do_unguard, 3, ALL_BUT(ANY_HUGETLB) },
	{ "stripes", do_stripes, 4, ALL_BUT(ANY_HUGETLB) },
	{ "watch", do_watch, 5, BIT(WATCHED) },
	{ "poison", do_poison, 2, BIT(WATCHED) },
	{ "punch", do_punch, 4, BIT(FILE_PRIVATE) | BIT(FILE_SHARED) | BIT(MEMFD_PRIVATE) |
				BIT(MEMFD_SHARED) | BIT(SHARED_ANON) },
	{ "truncate", do_truncate, 1, BIT(FILE_PRIVATE) | BIT(FILE_SHARED) | BIT(MEMFD_PRIVATE) |
				      BIT(MEMFD_SHARED) },
	{ "fork", do_fork, 3, ALL_BUT(0) },
	{ "kill", do_kill, 2, 0 },
};
#define N_ACTS		(sizeof(acts) / sizeof(*acts))
#define FIRST_MAPS	16		/* steps that only map */

/* What was done, for act_why(). */
static struct {
	const struct act *act;
	unsigned int step;
	struct piece p;
	int error;
} done[4096];
static size_t n_done;

static const struct act *choose(uint64_t r)
{
	unsigned int sum = 0;
	size_t i;

	for (i = 0; i < N_ACTS; i++)
		sum += acts[i].weight;
	r %= sum;
	for (i = 0; r >= acts[i].weight; i++)
		r -= acts[i].weight;
	return &acts[i];
}

static size_t length_of(uint64_t r)
{
	static const size_t most[] = { 8, 8, 8, 8, 64, 64, HUGE, MOST };

	return 1 + r / 8 % most[r % 8];
}

/* Where to do it: false if there is no such memory. */
static bool place(const struct act *a, const uint64_t random[5], struct piece *p)
{
	size_t first = random[1] % PAGES, n = length_of(random[2]), i;

	for (i = 0; i < PAGES && a->whats && !(a->whats & BIT(pages[first].what)); i++)
		first = (first + 1) % PAGES;
	if (i == PAGES)
		return false;
	if (n > PAGES - first)
		n = PAGES - first;
	if (a->whats && n > segment_end(first) - first)
		n = segment_end(first) - first;
	*p = (struct piece){ first, n, random[3], random[4] };
	if (a->whats && is_hugetlb(pages[first].what)) {
		p->first = first / HUGE * HUGE;
		p->n = HUGE;
	}
	return true;
}

void act(unsigned int step, const uint64_t random[5])
{
	const struct act *a = step <= FIRST_MAPS ? &acts[0] : choose(random[0]);
	size_t i = n_done % (sizeof(done) / sizeof(*done));
	struct piece p;
	int result;

	if (!place(a, random, &p))
		return;
	errno = 0;
	latest = p;
	result = a->function(p);
	done[i].act = a;
	done[i].step = step;
	done[i].p = latest;
	done[i].error = result < 0 ? errno : 0;
	n_done++;
}

void act_why(size_t page)
{
	size_t kept = sizeof(done) / sizeof(*done);

	for (size_t i = n_done > kept ? n_done - kept : 0; i < n_done; i++) {
		size_t k = i % kept;

		if (done[k].p.first / HUGE > page / HUGE ||
		    (done[k].p.first + done[k].p.n - 1) / HUGE < page / HUGE)
			continue;
		printf(" %u:%s(%zu+%zu,%llx,%llx)%s", done[k].step, done[k].act->name,
		       done[k].p.first, done[k].p.n, (unsigned long long)done[k].p.r,
		       (unsigned long long)done[k].p.s,
		       done[k].error ? strerror(done[k].error) : "");
	}
}
