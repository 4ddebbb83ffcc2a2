/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests share: snapshots written as text, and programs run to their end. */
#ifndef TESTS_HELPERS_H
#define TESTS_HELPERS_H

#include <stddef.h>
#include <sys/types.h>

#include "model/snapshot.h"

/* A snapshot from a text, a line a mapping: address, permissions, kind, name ("-" for none), runs.
 *
 *	0x400000 r-xp file /usr/bin/cat F3 .2
 *	0x600000 rw-p heap [heap]       A4 .1 S2 A512h
 *
 * The end follows from the runs. Every kind but anon, heap, stack and special gets an inode. info may be
 * NULL: then pages have 4096 bytes and everything is known. */
struct snapshot *snapshot_of(const char *text, const struct snapshot_info *info);
struct snapshot_info info_for_tests(void);

/* Runs as in a snapshot file: "A4 .1 S2h". */
struct runs *runs_of(const char *text);
/* And back; the caller frees it. */
char *runs_text(const struct runs *r);

/* Numbers below n made up from a seed: the same on every machine. */
void random_seed(uint64_t seed);
uint64_t random_below(uint64_t n);

/* A program's end. Free with result_free(). */
struct result {
	int status; /* as a shell says it: 128 + n after signal n */
	char *out, *err;
	size_t out_len;
};
/* Run argv (NULL-terminated) with nothing on stdin, at most 60 s; uid: as this user, 0 for no change,
 * or (for root) with all that root may do but CAP_SYS_ADMIN: then the kernel hides PFNs. */
#define RUN_WITHOUT_SYS_ADMIN ((uid_t)-2)
struct result run_program_as(uid_t uid, const char *const argv[]);
struct result run_program(const char *const argv[]);
void result_free(struct result *r);

/* The pmview under test ($PMVIEW). */
const char *pmview_path(void);

/* A path below a directory of this test's own, which is removed at exit. Static buffer. */
const char *scratch(const char *name);

/* The whole file, zero-terminated; the caller frees it. NULL if it cannot be read. */
char *read_file(const char *path, size_t *len);

#endif
