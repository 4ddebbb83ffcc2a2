/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fork family: processes that came from each other by fork(2) without an exec since, and what of
 * their private memory they still have in common. After a fork each has all pages of the other;
 * whoever writes to one gets a copy of its own, and the page is then held twice.
 *
 * What is counted are OWN pages: pages of private mappings in state anon or swap (model/page.h).
 * Zero pages, pages of files and of shared memory are not own and cost nothing more when shared.
 * Own pages are compared at the same address, in mappings that both have (vma_same()): they are the
 * same page if they have the same PFN in RAM, or the same slot of the same swap area. A page in RAM
 * and one in swap cannot be compared: they may hold the same data or not.
 *
 *   private         own pages that no other member has at that address
 *   shared          own pages that another member has at that address; private + shared = own
 *   copied          own pages where another member has another page of its own at that address
 *                   (both in RAM, or both in swap). A page can be shared with one relative and
 *                   copied against another
 *   swap            own pages in swap
 *
 * `copied` is what copy-on-write leaves behind, on both sides: who wrote it does not show. Pages
 * that were empty at the fork and were written by both since look the same, hence the words
 * "copied, or written by both". Nor does it show that a page of one was moved since (mremap(2)): it
 * counts as private, even where the frame is still that of a relative at the old address. KSM can
 * make pages the same again.
 *
 * Of the whole family, by address:
 *   held            own pages of all members: the sum of `own`
 *   distinct        different pages among them, by address: what they cost
 *   saved           held - distinct
 *   lost            of the different pages at one address, in RAM and in swap each, all but one:
 *                   what would not be there if nothing had been written since the forks
 *   mixed           addresses that one member has in RAM and another in swap
 *
 * A page of 2 MiB and the like counts as the pages of the system's size in it. */
#ifndef MODEL_FAMILY_H
#define MODEL_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "model/entries.h"
#include "model/report.h"
#include "model/snapshot.h"

#define FAMILY_NONE SIZE_MAX

/* One private mapping of a member that has own pages; all counts in system pages. Parent and
 * children are those of the member; a page can be shared with one child and copied against
 * another. */
struct family_mapping {
	size_t vma; /* index in the member's snapshot */
	uint64_t own, private, shared, copied, swap;
	uint64_t shared_parent, copied_parent;
	uint64_t shared_children, copied_children; /* with or against any of them */
	uint64_t lost; /* as above, at the addresses where this member has a page */
};

/* A process; or several that share the very same memory (CLONE_VM), which are counted once. */
struct family_member {
	pid_t pid, ppid;
	pid_t *same;              /* the others with this memory */
	size_t n_same, same_cap;
	size_t parent;            /* the member that ppid is of; FAMILY_NONE: it was reparented, or
	                           * its parent is no relative */
	struct snapshot *snapshot;
	struct entry_reader reader;
	bool ended;               /* in the middle: what was read of it before is counted */
	/* In system pages. */
	uint64_t own, swap;               /* known where family_knows_own() and _swap() say so */
	uint64_t private, shared, copied; /* known with the family's sharing_known */
	uint64_t moving;          /* were on their way to another frame twice: not counted */
	uint64_t file, shmem;     /* present pages of files and devices; of shared memory */
	struct family_mapping *mapping; /* in order of addresses */
	size_t mappings, mappings_cap;
};

/* A file, or an object of shared memory, that members map. */
struct family_object {
	const struct vma *vma; /* the first mapping of it; belongs to a member's snapshot */
	size_t members;        /* that map it */
	uint64_t pages;        /* present in one of them at least, each page once */
	uint64_t mapped;       /* the sum over the members */
};

/* A process that is or may be of the family, and could not be looked at. */
struct family_unseen {
	pid_t pid;
	char *comm, *why;
};

struct family {
	struct family_member *member;
	size_t n, cap;
	bool sharing_known;       /* PFNs and swap slots were told */
	bool same_known;          /* processes that share the very same memory were found out */
	uint64_t held, distinct, saved, lost, mixed;
	struct family_object *object; /* of shared memory, the largest first */
	size_t objects;
	uint64_t files, file_pages, file_mapped; /* how many, and sums as in struct family_object */
	struct family_unseen *unseen;
	size_t n_unseen, unseen_cap;
	size_t hidden;            /* other processes that do not show whether they belong */
	size_t ended;             /* members that ended or exec'd meanwhile, and were left out */
	uint64_t took_ns;         /* from the first look at a member to the last */
};

struct family *family_new(void);
void family_free(struct family *f); /* NULL is fine */

/* Add a member. The snapshot belongs to the family from now on; the reader is of its entries, and
 * may be asked until family_count() is done for the last time. Returns its index. */
size_t family_add(struct family *f, struct snapshot *s, pid_t ppid, struct entry_reader reader);
/* Process pid has the same memory as member i. */
void family_add_same(struct family *f, size_t i, pid_t pid);
void family_drop(struct family *f, size_t i);
void family_add_unseen(struct family *f, pid_t pid, const char *comm, const char *why);

/* The index of the member that pid is of, or FAMILY_NONE. */
size_t family_find(const struct family *f, pid_t pid);

/* Asked often: false gives up. done: own pages that were looked at, of all. */
struct family_watch {
	bool (*go_on)(void *ctx, uint64_t done, uint64_t all);
	void *ctx;
};

/* Fill in all counts, from the start: from the snapshots which pages are own, from the entries
 * which they are. A chunk of addresses at a time, of all members that have something there. A
 * member whose entries end is marked as ended. Returns 0, or -1 with e set: code ECANCELED, or
 * entries could not be read. */
int family_count(struct family *f, const struct family_watch *w, struct err *e);

/* Part of it, which needs no entries: pages of files and shared memory (model/family_objects.c).
 * Returns false when given up. */
bool family_count_objects(struct family *f, const struct family_watch *w);

/* Whether own and swap of the member are known: without PFNs, zero pages or markers may be among
 * them. */
bool family_knows_own(const struct family_member *m);
bool family_knows_swap(const struct family_member *m);

/* Pages as bytes, of the page size all members have. */
uint64_t family_bytes(const struct family *f, uint64_t pages);

/* The family in words, a row a process, the one with most private memory first; and for process
 * `of` a row for each mapping with own pages. */
struct report *family_report(const struct family *f, pid_t of, bool exact);

#endif
