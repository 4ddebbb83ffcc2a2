/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One page: what its raw 64-bit pagemap entry says, and which of nine states it is in. */
#ifndef MODEL_PAGE_H
#define MODEL_PAGE_H

#include <stdbool.h>
#include <stdint.h>

/* The states of a page: every page is in exactly one. X(NAME, letter, "name", "meaning"). */
#define PAGE_STATE_LIST(X)                                                                         \
	X(NONE, '.', "none", "nothing mapped")                                                     \
	X(ANON, 'A', "anon", "private to the process: anonymous, or its own copy of a file page")  \
	X(FILE, 'F', "file", "a page of a file or of shared memory")                               \
	X(SWAP, 'S', "swap", "swapped out")                                                        \
	X(ZERO, '0', "zero", "the shared zero page: reads as zeros, costs nothing")                \
	X(GUARD, '#', "guard", "a guard marker: touching it is a SIGSEGV")                         \
	X(MOVING, 'm', "moving", "on its way to another frame, in a device, or poisoned")        \
	X(MARKER, '!', "marker", "no page but a note: userfaultfd or poison marker")         \
	X(UNKNOWN, '?', "unknown", "the kernel does not say")

enum page_state {
#define X(name, letter, text, meaning) PAGE_##name,
	PAGE_STATE_LIST(X)
#undef X
	PAGE_STATES
};

/* "anon", 'A', and the sentence for it. */
const char *page_state_name(enum page_state s);
char page_state_letter(enum page_state s);
const char *page_state_meaning(enum page_state s);
/* The state whose letter is c, or PAGE_STATES. */
enum page_state page_state_of_letter(char c);

/* Bits of a pagemap entry since Linux 4.3 (Documentation/admin-guide/mm/pagemap.rst,
 * fs/proc/task_mmu.c). */
#define ENTRY_SOFT_DIRTY (UINT64_C(1) << 55)
#define ENTRY_EXCLUSIVE  (UINT64_C(1) << 56)
#define ENTRY_UFFD_WP    (UINT64_C(1) << 57)
#define ENTRY_GUARD      (UINT64_C(1) << 58)
#define ENTRY_FILE       (UINT64_C(1) << 61)
#define ENTRY_SWAP       (UINT64_C(1) << 62)
#define ENTRY_PRESENT    (UINT64_C(1) << 63)
#define ENTRY_PFN_MASK   ((UINT64_C(1) << 55) - 1)

/* Among entries, one that was not kept, or could not be read. The kernel never says this: present
 * and swapped exclude each other. */
#define ENTRY_UNKNOWN    UINT64_MAX

/* X(bit, "name", "what 1 says", "what 0 says"); reserved bits too, so that all nine are explained.
 */
#define ENTRY_BIT_LIST(X)                                                                         \
	X(63, "present", "in RAM", "not in RAM")                                                  \
	X(62, "swap", "a swap entry, or a marker that looks like one", "no swap entry")           \
	X(61, "file/shared", "a page of a file or of shared memory", "not a file page")           \
	X(60, "reserved", "not defined", "")                                                      \
	X(59, "reserved", "not defined", "")                                                      \
	X(58, "guard", "a guard marker (Linux 6.15)", "no guard marker")                          \
	X(57, "uffd-wp", "write-protected through userfaultfd (Linux 5.14)",                      \
		"not write-protected")                                                            \
	X(56, "exclusive", "mapped once (Linux 4.3; a hint)", "not known to be mapped only once") \
	X(55, "soft-dirty", "written since clear_refs (Linux 3.11)", "not soft-dirty")

/* The PFN of a present entry; the type and offset of a swap entry (both 0 when the kernel hides
 * them). */
uint64_t entry_pfn(uint64_t entry);
unsigned entry_swap_type(uint64_t entry);
uint64_t entry_swap_offset(uint64_t entry);

/* What the kernel may be asked about, as far as one snapshot could. A thing that is not known is
 * neither 0 nor 1 but unknown wherever it is shown. */
struct page_known {
	bool pfn;        /* page frame numbers, swap types and slots */
	bool zero;       /* the zero page is told from other anonymous memory */
	bool guard;      /* guard markers are told from swap */
	bool huge;       /* mapped by a PMD or hugetlb entry */
	bool swap_kind;  /* swap is told from markers and moving pages */
	bool exclusive;  /* bit 56 */
	bool soft_dirty; /* bit 55 */
};

/* Below this, a swap type is that of a swap area in every configuration. */
#define SWAP_TYPES_SURE 22

/* How swap types are laid out above the swap files (include/linux/swap.h, checked in 6.1, 6.12 and
 * 6.18): files, hwpoison, migration, device, marker. Where the special ones begin depends on the
 * kernel's configuration, but not below 22; so hwpoison cannot be told from migration. */
struct swap_layout {
	unsigned marker_type; /* 31; 30 before Linux 6.2, where 31 is a swap-in error; none before 5.19 */
};
struct swap_layout swap_layout_of(const char *kernel_release);

/* Whether a kernel release such as "6.18.44-x" is major.minor or later. */
bool kernel_at_least(const char *release, int major, int minor);

/* What is known of a page besides its entry. */
struct page_hints {
	bool shared;           /* MAP_SHARED mapping: whatever is present is of the object */
	bool object;           /* the mapping has a file or shared-memory object behind it */
	bool special; /* named by the kernel ([vdso] ...): may map pages that are not anonymous */
	bool hugetlb;
	bool pfn_known;
	uint64_t zero_pfn;     /* the 4 KiB zero page's PFN, 0 if not known */
	struct swap_layout swap;
};

/* The state an entry says, in the order of tests that every kernel since 4.3 needs. A page that is
 * being moved is PAGE_MOVING: the caller reads it again once before it believes that. With hidden
 * PFNs a swap-like entry without bit 58 is PAGE_UNKNOWN: whether it is in swap must be proved
 * elsewhere. */
enum page_state entry_state(uint64_t entry, const struct page_hints *h);

/* Sums of pages by state; huge counts those mapped by a PMD or hugetlb entry, whatever their state.
 */
struct page_counts {
	uint64_t state[PAGE_STATES];
	uint64_t huge;
};
void page_counts_add(struct page_counts *to, const struct page_counts *more);
uint64_t page_counts_total(const struct page_counts *c);
/* Pages in RAM: anon, file and moving. This is what smaps calls Rss, except that smaps leaves
 * hugetlb mappings out. */
uint64_t page_counts_rss(const struct page_counts *c);

#endif
