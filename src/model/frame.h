/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One page frame: what the kernel says of the physical page behind a PFN, whoever maps it. */
#ifndef MODEL_FRAME_H
#define MODEL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "model/entries.h"
#include "model/swaps.h"

/* Flags of /proc/kpageflags (include/uapi/linux/kernel-page-flags.h, fs/proc/page.c, Linux 6.18).
 * From 32 on they are not promised to stay (include/linux/kernel-page-flags.h).
 * X(bit, NAME, "name"). */
#define FRAME_FLAG_LIST(X)                                                                         \
	X(0, LOCKED, "locked")                                                                     \
	X(1, ERROR, "error")                                                                       \
	X(2, REFERENCED, "referenced")                                                             \
	X(3, UPTODATE, "uptodate")                                                                 \
	X(4, DIRTY, "dirty")                                                                       \
	X(5, LRU, "lru")                                                                           \
	X(6, ACTIVE, "active")                                                                     \
	X(7, SLAB, "slab")                                                                         \
	X(8, WRITEBACK, "writeback")                                                               \
	X(9, RECLAIM, "reclaim")                                                                   \
	X(10, BUDDY, "buddy")                                                                      \
	X(11, MMAP, "mmap")                                                                        \
	X(12, ANON, "anon")                                                                        \
	X(13, SWAPCACHE, "swapcache")                                                              \
	X(14, SWAPBACKED, "swapbacked")                                                            \
	X(15, HEAD, "compound_head")                                                               \
	X(16, TAIL, "compound_tail")                                                               \
	X(17, HUGETLB, "huge")                                                                     \
	X(18, UNEVICTABLE, "unevictable")                                                          \
	X(19, HWPOISON, "hwpoison")                                                                \
	X(20, NOPAGE, "nopage")                                                                    \
	X(21, KSM, "ksm")                                                                          \
	X(22, LARGE, "thp")                                                                        \
	X(23, OFFLINE, "offline")                                                                  \
	X(24, ZERO, "zero_page")                                                                   \
	X(25, IDLE, "idle")                                                                        \
	X(26, PGTABLE, "pgtable")                                                                  \
	X(32, RESERVED, "reserved")                                                                \
	X(33, MLOCKED, "mlocked")                                                                  \
	X(34, OWNER_2, "owner_2")                                                                  \
	X(35, PRIVATE, "private")                                                                  \
	X(36, PRIVATE_2, "private_2")                                                              \
	X(37, OWNER_PRIVATE, "owner_private")                                                      \
	X(38, ARCH, "arch")                                                                        \
	X(39, UNCACHED, "uncached")                                                                \
	X(41, ARCH_2, "arch_2")                                                                    \
	X(42, ARCH_3, "arch_3")

#define X(bit, id, name) static const uint64_t FRAME_##id = UINT64_C(1) << bit;
FRAME_FLAG_LIST(X)
#undef X

/* Zones of memory (include/linux/mmzone.h). X(NAME, "name in /proc/zoneinfo"). */
#define ZONE_LIST(X)                                                                               \
	X(DMA, "DMA") X(DMA32, "DMA32") X(NORMAL, "Normal") X(HIGHMEM, "HighMem")                  \
	X(MOVABLE, "Movable") X(DEVICE, "Device")

enum zone {
	ZONE_UNKNOWN,
#define X(id, name) ZONE_##id,
	ZONE_LIST(X)
#undef X
	ZONES
};

/* What of a frame is known; FRAME_HAS_CHANGED: nothing of it, because the page had another entry
 * when that was read again. */
enum {
	FRAME_HAS_FLAGS = 1,
	FRAME_HAS_MAPCOUNT = 2,
	FRAME_HAS_CGROUP = 4,
	FRAME_HAS_CHANGED = 8,
};

struct frame {
	uint64_t flags;    /* FRAME_...; without KSM where this kernel sets that on every page */
	uint64_t mapcount; /* page-table mappings of this page on the whole machine */
	uint64_t cgroup;   /* inode of its memory cgroup's directory; 0: charged to none */
	int16_t node;      /* NUMA node, -1 if not known */
	uint8_t zone;      /* enum zone */
	uint8_t known;     /* FRAME_HAS_... */
	/* Of a page that is swapped out, where it is proved (model/swaps.h): the id of its area,
	 * for swap_name() of the reader. Else 0. */
	uint8_t swap_area;
};

/* The files of /proc that tell of frames. X(NAME, "name"). */
#define FRAME_FILE_LIST(X)                                                                         \
	X(FLAGS, "kpageflags") X(MAPCOUNT, "kpagecount") X(CGROUP, "kpagecgroup")

enum frame_file {
#define X(id, name) FRAME_FILE_##id,
	FRAME_FILE_LIST(X)
#undef X
	FRAME_FILES
};

struct frame_reader {
	/* Fill in what is told of n frames from pfn on. What cannot be read is not known. NULL:
	 * nothing can be asked. */
	void (*read)(void *ctx, uint64_t pfn, uint64_t n, struct frame *f);
	/* The path of the memory cgroup with that inode, below the mount of its hierarchy; it
	 * belongs to the reader, and stays as long as that. NULL: not found. */
	const char *(*cgroup)(void *ctx, uint64_t inode);
	/* Fill in the active swap areas, each with its id, which is not 0; the caller frees them.
	 * NULL: they cannot be read. */
	void (*swaps)(void *ctx, struct swaps *s);
	/* The name of the area with that id; it belongs to the reader, and stays as long. */
	const char *(*swap_name)(void *ctx, unsigned id);
	void *ctx;
	uint32_t page_size; /* bytes */
	/* Why a file cannot be read: an errno, 0 if it can. */
	int error[FRAME_FILES];
};

/* "lru" for 5; NULL for a bit that has no name. */
const char *frame_flag_name(unsigned bit);
const char *frame_file_name(enum frame_file f);
const char *zone_name(enum zone z); /* "" for ZONE_UNKNOWN */

/* Add the names of all flags that are set, a separator between them; one without a name is
 * "bit 40". */
void frame_flags_text(struct str *t, uint64_t flags, const char *separator);

/* Whether the page was given to MADV_FREE and may be dropped at any time unless it was written since:
 * the kernel goes by the dirty bit of the page table, which shows nowhere (LazyFree of smaps leaves
 * such pages out), until it puts that into the frame's flags. False if not known. */
bool frame_is_lazyfree(const struct frame *f);

/* "lazyfree" if it is that; NULL if not, or not known. MAP_DROPPABLE memory (Linux 6.11) looks the same, which is said where the mapping may be
 * such: it has no file, and is neither heap nor stack (mmap(2) refuses that). */
const char *frame_lazyfree(const struct frame *f, const struct vma *v, const char *kernel_release);

/* Consecutive pages of a mapping that were read in one go, and one of them. */
struct frame_window {
	const uint64_t *entries;
	const struct frame *frames; /* NULL: not read */
	uint64_t n, at;
	bool begins, ends;  /* the mapping begins, ends where the window does */
	uint64_t folio_most; /* pages of a huge entry (PMD), which no folio is larger than that is
			      * FRAME_LARGE (MAX_PAGECACHE_ORDER, Linux 6.18); 0: not known */
};

/* A number of pages, and which of them (from 0) it is about; "least" where it may be more because
 * the window does not show all. */
struct frame_place {
	uint64_t index, pages;
	bool index_least, pages_least;
};

/* Where the page is in its large folio or other compound page. A folio's size is a power of two,
 * and it is aligned to that, so that what is seen of it says how much there is at least. False: it
 * is in none, or that is not known. */
bool frames_folio(const struct frame_window *w, struct frame_place *p);

/* The pages around it whose PFNs are consecutive, as their addresses are. False: it has no PFN, or
 * that is hidden. */
bool frames_run(const struct frame_window *w, struct frame_place *p);

/* Fill in the frames of n pages, given their entries: those that are present and whose PFN is told
 * are read in batches of consecutive PFNs, a row of the same PFN once; of the others nothing is
 * known. Returns whether there was any to be read. */
bool frames_of_entries(
	const struct frame_reader *r, const uint64_t *entries, uint64_t n, struct frame *frames);

/* Read the entries of n <= ENTRY_CHUNK pages from page number `page` on (as struct entry_reader),
 * then their frames and swap areas, then, if there was any, the entries again: where a page is
 * another one by then, its newer entry is kept, and its frame is FRAME_HAS_CHANGED. Returns how
 * many entries were read, or -1 with e set. */
ssize_t frames_read(const struct entry_reader *er, const struct frame_reader *fr, uint64_t page,
	uint64_t n, uint64_t *entries, struct frame *frames, struct err *e);

#endif
