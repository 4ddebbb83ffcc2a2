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

/* What maps writes behind the name of a file that is gone. */
#define MAPS_DELETED " (deleted)"

struct maps {
	struct str text; /* a whole maps file */
	struct vma *vma; /* names point into text */
	size_t n, cap;
};

/* Parse m->text, which is changed by that; what m held before is dropped, but its memory is used
 * again. The kernel writes the text a page at a time, and what was merged meanwhile appears again,
 * longer: of a mapping only what lies behind the one before it is taken. Lines that cannot be
 * parsed are left out and counted in the result. */
size_t maps_parse(struct maps *m);
void maps_free(struct maps *m);

#endif
