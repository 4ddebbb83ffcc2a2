/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One mapping (VMA) of a process: where it is, what it maps, and the states of its pages. */
#ifndef MODEL_VMA_H
#define MODEL_VMA_H

#include <stdbool.h>
#include <stdint.h>

#include "model/page.h"
#include "model/runs.h"

/* What a mapping is made of. X(NAME, "name", "what it is"). */
#define VMA_KIND_LIST(X)                                                                           \
	X(ANON, "anon", "private anonymous memory")                                                \
	X(HEAP, "heap", "the brk heap")                                                            \
	X(STACK, "stack", "the main thread's stack, or a shadow stack")                                               \
	X(FILE, "file", "a file")                                                                  \
	X(SHMEM, "shmem", "shared memory: shared anonymous, memfd, SysV or tmpfs")                 \
	X(HUGETLB, "hugetlb", "huge pages of hugetlbfs")                                           \
	X(DEVICE, "device", "a device or a kernel object")                                         \
	X(SPECIAL, "special", "made by the kernel: [vdso], [vvar] and the like")

enum vma_kind {
#define X(name, text, what) VMA_##name,
	VMA_KIND_LIST(X)
#undef X
	VMA_KINDS
};

enum { VMA_READ = 1, VMA_WRITE = 2, VMA_EXEC = 4, VMA_SHARED = 8 };

struct vma {
	uint64_t start, end;  /* addresses; end is the first one behind */
	uint64_t offset;      /* bytes into the file */
	uint64_t inode;       /* 0: none */
	uint32_t dev_major, dev_minor;
	const char *name;     /* the bytes of the name without " (deleted)"; "" if none */
	struct runs *runs;    /* the states of its pages; NULL until they were scanned */
	uint32_t page_size; /* bytes: that of the system, or of the huge pages of a hugetlb mapping
	                     */
	uint8_t perms;        /* VMA_READ ... */
	uint8_t kind;         /* enum vma_kind */
	bool deleted;         /* the file's name is gone */
};

const char *vma_kind_name(enum vma_kind k);
/* The kind with that name, or VMA_KINDS. */
enum vma_kind vma_kind_of_name(const char *name);

/* "rw-p". Returns buf. */
const char *vma_perms(const struct vma *v, char buf[5]);
/* The inverse, of s[0..4). */
bool vma_parse_perms(const char *s, uint8_t *perms);

/* What the mapping is, by what /proc/PID/maps says of it. hugetlb and tmpfs files that do not show
 * by name are found by the source and set afterwards. */
enum vma_kind vma_guess_kind(const struct vma *v);

/* Whether a file or shared-memory object stands behind the mapping: a private page of it is then a
 * copy. False for private /dev/zero and private anonymous huge pages, which only look like files.
 */
bool vma_has_object(const struct vma *v);

/* Whether the scan must ask for FILE, which costs a look at every struct page: a private mapping
 * without an object cannot hold file pages and a shared one holds nothing else. */
bool vma_mixes_file_and_anon(const struct vma *v);

/* What entry_state() needs to know of a page of this mapping. */
struct page_hints vma_hints(const struct vma *v);

/* Whether an anonymous page of the mapping is a copy of a page of a file or object. */
bool vma_cow_possible(const struct vma *v);

/* The sums of its pages. Not kept, because a process can have 60,000 mappings: counted along the
 * runs. */
struct page_counts vma_counts(const struct vma *v);

/* Present pages that are the process's own copies of pages of a file or object. */
uint64_t vma_cow(const struct vma *v);

/* page_counts_rss() of its pages. */
uint64_t vma_rss(const struct vma *v);

/* Whether the kernel tells nothing about the mapping's pages. */
bool vma_is_opaque(const struct vma *v);

/* Whether two mappings of different snapshots are the same one: they overlap and agree in sharing
 * and in (file, offset - start), or in the name if there is no file. */
bool vma_same(const struct vma *a, const struct vma *b);

/* Order by the object behind them, file or shared memory: 0 if it is the same one. Only for mappings
 * that have one (inode). */
int vma_compare_objects(const struct vma *a, const struct vma *b);

#endif
