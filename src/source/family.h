/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fork family of a process, found anywhere on the machine and looked at.
 *
 * Who belongs to it: every process whose program and stack begin where those of the process asked
 * for do (start_code and start_stack of /proc/PID/stat). Both are kept by fork(2) (kernel/fork.c,
 * dup_mm(), copies the whole mm_struct) and set anew by every exec (fs/binfmt_elf.c), at random
 * addresses; so that a relative is found whose parents have all ended, too. What runs another file
 * (/proc/PID/exe, where that can be read) is none. That is sound where addresses are random. Where
 * they are not (kernel.randomize_va_space 0, personality(2) ADDR_NO_RANDOMIZE, as under a
 * debugger), processes that were started from the same file with as many bytes of arguments and
 * environment look like relatives; they share no private pages, and what they have at the same
 * address then looks copied. A process that was restored by a checkpointer, or has changed its
 * marks by prctl(PR_SET_MM), is not recognized.
 *
 * Processes that share the very same memory (vfork(2), CLONE_VM) are found by kcmp(2), which takes
 * the right to look at both. */
#ifndef SOURCE_FAMILY_H
#define SOURCE_FAMILY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "model/family.h"
#include "source/job.h"
#include "source/kernel.h"

struct family_query {
	const char *proc;            /* which procfs, such as "/proc" */
	pid_t pid;                   /* whose family */
	const struct kernel *kernel; /* what was found out before; NULL: find out */
	int engine;                  /* as in struct live_options */
	bool no_pfn;                 /* do not read PFNs: then nothing is known of sharing */
};

/* Find the family and count what its members share. They are looked at one after the other while
 * they run on, each as gently as by a scan (source/pace.h). c may be NULL: nobody waits or cancels;
 * progress is in pages, and not known while they are scanned. Members that end or exec meanwhile
 * are left out, those that cannot be looked at are named. Raises our own limit of open files, as
 * each takes two. NULL with e set: the process asked for cannot be looked at, or code ECANCELED. */
struct family *family_read(const struct family_query *q, struct job_control *c, struct err *e);

#endif
