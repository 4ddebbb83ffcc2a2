/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/kpageflags, kpagecount and kpagecgroup: a 64-bit word for each page frame (pagemap.rst in
 * the kernel's Documentation/admin-guide/mm). They take the right to read a file of root's
 * (CAP_DAC_READ_SEARCH), which is another one than that to see PFNs. What they do not tell is
 * added: node and zone (source/zones.h), the paths of memory cgroups (source/cgroups.h), swap
 * areas. */
#ifndef SOURCE_KPAGE_H
#define SOURCE_KPAGE_H

#include "model/frame.h"
#include "source/kernel.h"
#include "source/procfs.h"

struct kpage;

/* Open what can be opened below a procfs such as "/proc", which the caller keeps alive as it does
 * k. Never NULL. One thread at a time may use it. */
struct kpage *kpage_open(const char *proc, const struct kernel *k);
void kpage_close(struct kpage *k); /* NULL is fine */

/* Try the cgroup of that process first when one is looked for. */
void kpage_process(struct kpage *k, const struct procfs *p);

struct frame_reader kpage_frames(struct kpage *k);

#endif
