/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/maps (proc(5), fs/proc/task_mmu.c): which mappings there are. */
#ifndef SOURCE_MAPS_H
#define SOURCE_MAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "model/vma.h"

/* Parse one line, without its newline: line[0..len). On success out is filled but for runs
 * and page_size; its name points to line, its length is in *name_len (it is not zero-terminated).
 * A newline inside a name reads \012 in maps and is left so. */
bool maps_parse_line(const char *line, size_t len, struct vma *out, size_t *name_len);

struct maps {
	struct vma *vma; /* names point into text */
	size_t n;
	struct str text;
};

/* Parse a whole maps file, which is taken from text. The kernel writes it a page at a time, and what
 * was merged meanwhile appears again, longer: of a mapping only what lies behind the one before it is
 * taken. Lines that cannot be parsed are left out and counted in the result. */
size_t maps_parse(struct maps *m, struct str *text);
void maps_free(struct maps *m);

#endif
