/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory cgroups by the inode of their directory, which is what /proc/kpagecgroup tells: in the
 * version 1 hierarchy that has the memory controller, or in version 2. */
#ifndef SOURCE_CGROUPS_H
#define SOURCE_CGROUPS_H

#include <stdint.h>

#include "base/str.h"

struct cgroups;

/* Add the path of the memory cgroup that the text of a /proc/PID/cgroup tells of, in the hierarchy of
 * either version; nothing if it tells of none. */
void cgroups_own(struct str *path, const char *own);

/* mountinfo: the text of our own /proc/self/mountinfo, for where the hierarchies are. own: the text
 * of /proc/PID/cgroup of a process whose cgroup is tried first; it also tells which version has the
 * memory controller. Never NULL. */
struct cgroups *cgroups_new(const char *mountinfo, const char *own);
void cgroups_free(struct cgroups *c); /* NULL is fine */

/* The path in the hierarchy, such as "/system.slice/x.service", "/" for the root, as far as it is
 * mounted; NULL: not found. It belongs to c, and stays as long as that. now_ns: the time
 * (units_now_ns()): the tree is walked when a cgroup is not known, but not again within 5 s; for one
 * that was not found, not within twice the time each time, up to 320 s. */
const char *cgroups_find(struct cgroups *c, uint64_t inode, uint64_t now_ns);

#endif
