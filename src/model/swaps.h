/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which swap area a swap entry is of, where that can be proved.
 *
 * /proc/swaps has a line for each active area, in the order of their types, but not the types: an
 * area gets the lowest type that is free when it is switched on, and keeps it when one of a lower
 * type is switched off (mm/swapfile.c, Linux 6.18). What is sound, for an entry that was there
 * before and after the lines were read, so that its area is among them:
 *
 *  - The areas in front of a line have lower types, all different, so line i has type i or more. A
 *    single area is that of every entry.
 *  - Every type of which an entry was seen in the same look has a line. So as many lines as types
 *    below were seen come before, and as many as types above come behind.
 *  - A slot that is used counts in Used, so an area with Used 0 is not it.
 *  - A slot lies in its area. Size is the area without its first page and without bad pages, of
 *    which a header has room for less than a quarter of a page's bytes (union swap_header).
 *
 * One line left: that is it. */
#ifndef MODEL_SWAPS_H
#define MODEL_SWAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Types are five bits. */
#define SWAPS_MOST 32

struct swap_area {
	char *name;     /* the bytes of the path */
	uint64_t bytes; /* Size */
	bool used;      /* Used is not 0 */
	uint8_t id;     /* the reader's (struct frame_reader) */
};

struct swaps {
	struct swap_area area[SWAPS_MOST]; /* in the order of their types */
	size_t n;
};

/* Parse the text of /proc/swaps into *s, to be freed with swaps_free(). No area where a line is not
 * as the kernel writes them (lxcfs makes lines up): then nothing can be proved. */
void swaps_parse(struct swaps *s, const char *text);
void swaps_free(struct swaps *s);

/* The area (0 to n - 1) of the swap entry of that type and slot, or -1 if it cannot be proved.
 * seen: bit t for each type t of which there was an entry when *s was read. */
int swaps_find(const struct swaps *s, unsigned type, uint64_t slot, uint32_t seen,
	uint32_t page_size);

#endif
