/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The long arrays of a .pmv file are compact strings: pieces with a blank between them. Here they are
 * written and parsed, without files. Numbers of pages are decimal, everything else hexadecimal.
 *
 *	runs        A212 .3 S512h   letter of the state, pages, h where huge
 *	entries     81800000012c7f75 a180000000000010+4 0*20
 *	            a word; N words that count up, count down (-), are all the same (*)
 *	pageframes  0+512:5868,1,33,0,Normal 3 a+2
 *	            distance of the PFN from the end of the piece before, frames, and what is told of
 *	            each: flags, mapcount, cgroup, node, zone; as for the piece before where it is not said
 *	absent      h4096 c20 s5    kind, pages
 *
 * Where a snapshot says only what changed against the one before, =N are N pages as they were; ?N are
 * pages whose entry is not known.
 *
 * A parser takes the next piece from *s: it returns 1; 0 at the end; -1 where it is malformed. */
#ifndef SOURCE_STORE_TEXT_H
#define SOURCE_STORE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/entries.h"
#include "model/frame.h"
#include "model/runs.h"

/* same: not a state but pages that did not change. */
struct run_piece {
	uint64_t pages;
	enum page_state state;
	bool huge, same;
};
void store_add_run(struct str *t, const struct run_piece *p);
int store_next_run(const char **s, struct run_piece *p);

/* Add n entries; where before is not NULL, those that are as before[i] only as such. */
void store_add_entries(
	struct str *t, const uint64_t *entry, const uint64_t *before, uint64_t n);
struct entries_piece {
	uint64_t n;
	bool same;
	uint64_t word, step; /* the first word, and what to add to get the next; ENTRY_UNKNOWN, 0 */
};
int store_next_entries(const char **s, struct entries_piece *p);

/* A piece of frames: n of them from pfn on, of each of which the same is told. */
struct frames_piece {
	uint64_t pfn, n;
	struct frame told; /* known, flags, mapcount, cgroup, node, zone */
};
bool frames_told_same(const struct frame *a, const struct frame *b);
/* before: the piece added before, NULL for the first of a string, whose distance is 0. */
void store_add_frames(
	struct str *t, const struct frames_piece *p, const struct frames_piece *before);
/* *p: the piece before; at first pfn of the line, n 0, and told all 0. */
int store_next_frames(const char **s, struct frames_piece *p);

void store_add_absent(struct str *t, const struct absent_run *r);
int store_next_absent(const char **s, struct absent_run *r);

#endif
