/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the writer and the reader of .pmv files agree on. */
#ifndef SOURCE_STORE_FORMAT_H
#define SOURCE_STORE_FORMAT_H

#define STORE_FORMAT  "pmview-snapshot"
#define STORE_VERSION 1

/* Every zstd frame begins with these bytes (RFC 8878). */
#define STORE_MAGIC "\x28\xb5\x2f\xfd"

/* JSON text in a frame before the next one is begun. A line is never split, so frames may be
 * longer. */
#define STORE_FRAME         (64 * 1024)
#define STORE_RUNS_PER_LINE 4096

/* Entries: pages in a line, and in a zstd frame. A frame is what must be unpacked to see one of them,
 * and what is lost where a byte is damaged. */
#define STORE_ENTRIES_PER_LINE 4096
#define STORE_GROUP_PAGES      65536
#define STORE_FRAMES_PER_LINE  4096

/* Entries of a stretch of more empty pages than this are not kept. */
#define STORE_EMPTY_MOST 4096

/* Every so many snapshots of a recording are whole. */
#define STORE_WHOLE_EVERY 64

/* Limits to what is believed of a file. A frame's text is held in memory until its checksum is
 * seen. */
#define STORE_MOST_IN_FRAME  (64 * 1024 * 1024)
#define STORE_MOST_IN_LINE   (1024 * 1024) /* parsed JSON takes 20 times its text */
#define STORE_MOST_BYTES     (UINT64_C(1) << 30)
#define STORE_MOST_RUNS      (UINT64_C(1) << 26)
#define STORE_MOST_VMAS      (16 * 1024 * 1024)
#define STORE_MOST_IN_GROUP  (UINT64_C(1) << 20) /* pages, and frames */
#define STORE_MOST_PIPED     (UINT64_C(64) << 30) /* bytes, packed: they are copied */
#define STORE_MOST_BLOCKS    1024 /* of zstd in a frame: ours have 512 at most */
#define STORE_MOST_DAMAGES   256 /* places where what follows damage is looked for */
#define STORE_MOST_SNAPSHOTS (1 << 20)

#endif
