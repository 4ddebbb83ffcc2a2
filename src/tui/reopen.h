/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job that needs entries of a file's snapshot opens the file for itself: the store that is open
 * already belongs to the thread that reads for the screen. */
#ifndef TUI_REOPEN_H
#define TUI_REOPEN_H

#include "source/store.h"

/* Open the file again, and read the snapshot that is shown of it, by its time: the readers of the
 * store are of that. *again, if again is not NULL, is the snapshot, the caller's. NULL with e set: it
 * cannot be, or is another file by now. */
struct store *reopen(
	const char *file, const struct snapshot *shown, struct snapshot **again, struct err *e);

#endif
