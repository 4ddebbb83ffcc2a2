/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot: who the process is, when it was looked at, what could be known, its mappings, and the
 * states of their pages. A live scan makes one, a saved file makes one; everything else only reads
 * it. Immutable once built, and reference-counted. */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "model/page.h"
#include "model/vma.h"

/* Whether the process stood still when it was looked at: by a signal or a debugger, or by the
 * cgroup freezer. */
enum standing { STANDING_RUNS, STANDING_STOPPED, STANDING_FROZEN };

enum engine { ENGINE_SCAN, ENGINE_READ }; /* PAGEMAP_SCAN, or plain reads of pagemap */
const char *engine_name(enum engine e);

struct snapshot_info {
	pid_t pid;
	uint64_t start_time;      /* of the process, in clock ticks since boot (/proc/PID/stat) */
	const char *comm;         /* as the kernel gives it: any bytes but NUL */
	const char *cmdline;      /* arguments, each ended by NUL; any bytes */
	size_t cmdline_len;       /* bytes of cmdline, the last NUL included */
	const char *cgroup;       /* path of its memory cgroup in the hierarchy; "" if not known */
	const char *host, *kernel,
		*boot_id;         /* nodename, release, /proc/sys/kernel/random/boot_id */
	struct timespec time;     /* when the scan began (real time) */
	uint32_t page_size;       /* bytes */
	uint32_t pmd_size;        /* bytes a PMD entry maps; 0 if not known */
	struct swap_layout swap;
	enum engine engine;
	struct page_known known;
	bool pfn_withheld;        /* PFNs could have been known, but were not to be given out */
	uint64_t zero_pfn; /* of the 4 KiB zero page; 0 if not known or not to be given out */
	uint64_t max_map_count;   /* of the system; 0 if not known */
	uint64_t scan_ns;         /* how long the scan took, pauses included */
	uint64_t scan_cpu_ns;     /* processor time it took */
	uint64_t calls;           /* system calls that read page tables or mappings of the target */
	uint64_t held_ns;         /* how long the process was stopped for it; 0 if it was not */
	uint64_t longest_call_ns; /* the longest single call that can hold the target's mmap_lock */
	enum standing standing;   /* STANDING_RUNS where it is not known (a file) */
	unsigned program;         /* counts the programs that the process exec'd while it was looked
				   * at: two snapshots that differ here have no page in common */
	const char *note; /* a sentence about how it was looked at; "" if all was as usual */
	bool complete; /* false: the target ended or changed in the middle, a file was cut, or the
	                * scan is not done yet */
	bool scanning;            /* it is not done yet: this much was found so far ... */
	unsigned percent;         /* ... in this part of the address space that is mapped */
};

struct snapshot;

struct snapshot *snapshot_ref(struct snapshot *s);
void snapshot_unref(struct snapshot *s); /* NULL is fine */

const struct snapshot_info *snapshot_info(const struct snapshot *s);
size_t snapshot_vmas(const struct snapshot *s);
/* Mapping i, in order of addresses; lives as long as the snapshot. */
const struct vma *snapshot_vma(const struct snapshot *s, size_t i);
/* Index of the mapping that holds the address, or of the first one above it; snapshot_vmas() if
 * none. */
size_t snapshot_find(const struct snapshot *s, uint64_t address);
/* Whether mapping i holds the address. */
bool snapshot_holds(const struct snapshot *s, size_t i, uint64_t address);
/* Sums over all mappings, in system pages. */
const struct page_counts *snapshot_totals(const struct snapshot *s);
uint64_t snapshot_pages(const struct snapshot *s);
uint64_t snapshot_cow(const struct snapshot *s);

/* The memory it takes, in bytes, without the run arrays that it shares with prev (may be NULL). */
size_t snapshot_bytes(const struct snapshot *s, const struct snapshot *prev);

/* Sizes of a mapping in system pages, and the page at an address of it (counted from its start). */
uint64_t snapshot_vma_pages(const struct snapshot *s, const struct vma *v);
uint64_t snapshot_page_of(const struct snapshot *s, const struct vma *v, uint64_t address);
uint64_t snapshot_address_of(const struct snapshot *s, const struct vma *v, uint64_t page);

/* Whether the count of a state (or of huge pages) could be known. */
bool snapshot_knows(const struct snapshot *s, enum page_state state);

struct snapshot_builder;

/* The texts of info are copied. */
struct snapshot_builder *snapshot_builder_new(const struct snapshot_info *info);
/* There will be n mappings: memory for them is had at once. */
void snapshot_builder_expect(struct snapshot_builder *b, size_t n);
/* Add the next mapping (address order). Its name is copied; the runs now belong to the
 * builder. */
void snapshot_builder_add(struct snapshot_builder *b, const struct vma *v, struct runs *runs);
/* For what is known only at the end (time taken, complete, known). Texts must not be changed. */
struct snapshot_info *snapshot_builder_info(struct snapshot_builder *b);
struct snapshot *snapshot_builder_finish(struct snapshot_builder *b);
void snapshot_builder_abandon(struct snapshot_builder *b); /* NULL is fine */

#endif
