/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checkpoint set: which pages a checkpointer must save for this process, so that it can be
 * restored elsewhere; which objects of shared memory it saves beside the processes; and what it
 * would refuse. Agrees page for page with what CRIU 4.2 dumps (criu/mem.c, criu/proc_parse.c,
 * criu/pagemap-cache.c), uffd markers excepted. */
#ifndef MODEL_CHECKPOINT_H
#define MODEL_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/entries.h"
#include "model/smaps.h"
#include "model/snapshot.h"

/* Not to be known: some of the mapping's pages are of an unknown state. */
#define CHECKPOINT_UNKNOWN UINT64_MAX

/* Whether a page in this state of mapping v belongs to the set. CHECKPOINT_MAYBE: that depends on
 * what is not known. */
enum checkpoint { CHECKPOINT_NO, CHECKPOINT_YES, CHECKPOINT_MAYBE };
enum checkpoint checkpoint_page(const struct snapshot *s, const struct vma *v,
	const struct vma_smaps *m, enum page_state state);

/* The same of a page whose entry was read: it can tell a zero page, and a page of a file that
 * moves. */
enum checkpoint checkpoint_entry(const struct snapshot *s, const struct vma *v,
	const struct vma_smaps *m, enum page_state state, uint64_t entry);

/* Pages of mapping v that must be saved, or CHECKPOINT_UNKNOWN. Shared mappings are saved once for
 * each object, not for each process: they count 0. */
uint64_t checkpoint_pages(
	const struct snapshot *s, const struct vma *v, const struct vma_smaps *m);

/* What smaps, read for snapshot `old`, said of the mappings of another snapshot that are the same
 * (vma_same()): an array by mapping of it, to be freed by the caller. Numbers do not stay known. */
struct vma_smaps *vma_smaps_carry(
	const struct vma_smaps *m, const struct snapshot *old, const struct snapshot *new);

/* Whether the set depends on what only smaps tells: not before Linux 6.11, which brought
 * MAP_DROPPABLE. */
bool checkpoint_needs_smaps(const struct snapshot *s);

/* What a checkpointer saves by leaving out what it need not save: against all pages that are
 * present or swapped, zero pages aside. Pages that are CHECKPOINT_UNKNOWN make it so, but for `of`,
 * which is unknown where swap is. */
struct checkpoint_saving {
	uint64_t save, of;
	unsigned percent; /* less, rounded down; of use where both are known */
};
struct checkpoint_saving checkpoint_saving(const struct snapshot *s, uint64_t save);

/* An object of memory that several processes may share: it is saved once, whoever maps it. */
struct shared_object {
	const struct vma *vma;  /* the first mapping of it */
	size_t mappings;        /* how many of this process */
	uint64_t pages;         /* of data in the whole object, or CHECKPOINT_UNKNOWN */
};
/* "shared-anon", "memfd", "sysv", "tmpfs", "secretmem" or "hugetlb". */
const char *shared_object_kind(const struct shared_object *o);

/* What CRIU would refuse to dump. X(NAME, "name", "what it is"). */
#define REFUSAL_LIST(X)                                                                            \
	X(IO, "io", "device memory (VmFlags io or pf)")                                            \
	X(POISON, "poison", "userfaultfd poison markers")                                          \
	X(USERFAULTFD, "userfaultfd", "an open userfaultfd")

enum refusal_reason {
#define X(name, text, what) REFUSES_##name,
	REFUSAL_LIST(X)
#undef X
};
const char *refusal_name(enum refusal_reason r);
const char *refusal_meaning(enum refusal_reason r);

struct refusal {
	enum refusal_reason reason;
	bool certain;           /* false: it could not be found out */
	const struct vma *vma;  /* NULL: of no mapping, or not known where */
	uint64_t address, pages; /* in vma: the first such page, and how many there are */
	int fd;                 /* of the process; -1 if it is about none */
};

/* All of it. Mappings belong to the snapshot, which must stay. */
struct checkpoint_set {
	struct vma_smaps *vma;  /* by mapping */
	uint64_t *pages;        /* by mapping, as checkpoint_pages() */
	uint64_t total;         /* their sum; CHECKPOINT_UNKNOWN if one of them is */
	uint64_t smaps_swap;    /* of all mappings that smaps lists, in system pages, or
	                         * CHECKPOINT_UNKNOWN */
	struct shared_object *object;
	size_t objects;
	struct refusal *refusal;
	size_t refusals, refusals_cap;
};

/* From what smaps said (an array by mapping, taken over): the pages, the objects (what they hold is
 * not known yet) and the refusals that follow from VmFlags. */
void checkpoint_set_init(struct checkpoint_set *c, const struct snapshot *s, struct vma_smaps *vma);
void checkpoint_set_free(struct checkpoint_set *c);
void checkpoint_refuse(struct checkpoint_set *c, struct refusal r);

/* Find poison markers among the markers, by their entries; r NULL: those are not known. */
void checkpoint_find_poison(
	struct checkpoint_set *c, const struct snapshot *s, const struct entry_reader *r);

#endif
