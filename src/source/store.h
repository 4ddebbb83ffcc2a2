/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots in files: a .pmv is JSON lines in checksummed zstd frames, so that it streams, survives
 * being cut, and is read by zstdcat and jq without us. */
#ifndef SOURCE_STORE_H
#define SOURCE_STORE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "model/snapshot.h"

/* Write the snapshot's skeleton (header, mappings, runs, end) to path, "-" for standard output,
 * mode 0600. A file that is there is kept, unless it is a .pmv and replace is set. Returns 0, or -1
 * with e set; then path is as it was before. */
int store_write(const char *path, const struct snapshot *s, bool replace, struct err *e);

/* Whether the file at path begins as a snapshot does. */
bool store_is_snapshot(const char *path);

/* Read the snapshot of a file, "-" for standard input. What a cut or damaged file lacks is
 * `unknown`, and the snapshot is then marked incomplete. NULL with e set: not a snapshot at all, or
 * an impossible one. */
struct snapshot *store_read(const char *path, struct err *e);

#endif
