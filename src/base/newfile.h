/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that is whole or absent: written beside its place and moved there when it is complete. */
#ifndef BASE_NEWFILE_H
#define BASE_NEWFILE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/err.h"

struct newfile {
	FILE *f;          /* write here */
	char *path;       /* where it goes; NULL for standard output */
	char *temporary;  /* its name until then */
	bool replace;     /* an existing file of that name may be replaced */
};

/* Open a new file for path ("-": standard output) with the permissions of mode (umask applies).
 * Where a device or a pipe has that name and replace is set, it is written to as it is.
 * Returns 0, or -1 with e set. A symbolic link of that name is replaced, never followed. */
int newfile_open(struct newfile *n, const char *path, mode_t mode, bool replace, struct err *e);

/* Flush, sync and move into place. Everything is freed, whatever happens; on failure (disk full, or
 * the name exists and may not be replaced: code EEXIST) nothing is left behind but what was there before. */
int newfile_commit(struct newfile *n, struct err *e);
void newfile_abandon(struct newfile *n);

/* A file without a name, to be written and read back, in $TMPDIR or /tmp: it is gone when it is
 * closed. NULL with e set. */
FILE *newfile_unnamed(struct err *e);

#endif
