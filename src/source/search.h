/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What owners.c and search.c share: the search for the owners of a page, and how one process is
 * looked at for it. */
#ifndef SOURCE_SEARCH_H
#define SOURCE_SEARCH_H

#include "model/frame.h"
#include "source/maps.h"
#include "source/mounts.h"
#include "source/owners.h"
#include "source/pace.h"
#include "source/procfs.h"
#include "source/procs.h"
#include "source/seek.h"

struct search {
	const struct owners_query *q;
	const struct kernel *k;
	struct job_control *c;
	void (*found)(void *ctx, const struct owners *so_far);
	void *ctx;
	struct owners *o;
	struct kpage *kpage;
	struct frame_reader frames;
	struct pace pace;
	struct procs procs;
	struct mounts mounts;    /* of all mount namespaces that were met: */
	uint64_t *ns;
	size_t ns_n, ns_cap;
	struct vma place;        /* a mapping of the page, whose name is ours; end 0: none is known */
	uint64_t place_address;
	struct seek seek;
	size_t told;             /* owners when found() was called last, */
	uint64_t told_ns;        /* and when */
	size_t agreed;           /* owners when they were looked at again */
	bool moved;              /* the page that was asked about is another one now */

	/* The process that is looked at. */
	struct proc_known *now;
	size_t before;           /* owners when we came to it */
	struct procfs p;
	struct proc_stat stat;   /* when it was opened */
	struct maps maps;
	int pagemap;
};

/* Whether to go on: not cancelled. A between() of struct pace. */
bool search_goes_on(void *ctx);

/* The process of s->p: open its pagemap. Returns 0, or -1 with e set. */
int search_open(struct search *s, struct err *e);
/* The process that s->p and s->pagemap are of: read its mappings into s->maps; its entry at an
 * address (false: there is none, it has ended); its mounts; close it. */
int search_maps(struct search *s, struct err *e);
bool search_entry(struct search *s, uint64_t address, uint64_t *entry);
void search_mounts(struct search *s);
void search_close(struct search *s);
/* The mapping in s->maps that holds the address; NULL if there is none. */
struct vma *search_mapping(struct search *s, uint64_t address);

/* Where the page is mapped, so as to expect it elsewhere. */
void search_place(struct search *s, const struct vma *v, uint64_t address);

/* Whether the entry is one that is looked for. */
bool search_matches(const struct search *s, uint64_t entry);

/* Look at one process with look(), which returns 0, or -1 with e set; those that share another's
 * memory are taken to be as that one. Returns 0 unless it is we who cannot go on. */
int search_visit(struct search *s, struct proc_known *k,
	int (*look)(struct search *s, struct err *e), struct err *e);
/* Only see whether it shares the memory of one that was found. */
void search_shared(struct search *s, struct proc_known *k);

/* Ways to look: in the mappings of the object of s->place, at the offset of the page; at the same
 * address; at all pages. */
int search_object(struct search *s, struct err *e);
int search_address(struct search *s, struct err *e);
int search_everywhere(struct search *s, struct err *e);
/* For struct seek: whether the mapping can hold the page, and that it was found. */
bool search_may_hold(void *ctx, const struct vma *v);
void search_found(void *ctx, uint64_t address, uint64_t entry);

#endif
