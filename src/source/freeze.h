/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every thread of a process stopped for a while (ptrace(2): PTRACE_SEIZE and PTRACE_INTERRUPT).
 *
 * Only the thread that seized another may let it go, and only one that has stopped. So this is done
 * by a thread of our own, which ends when the process is to run on: the kernel releases all that an
 * ending thread has seized, stopped or not, also when it ends by SIGKILL. Nothing can be left
 * behind.
 *
 * What the process notices: time is missing, and blocking calls may return EINTR. What was stopped
 * by SIGSTOP stays stopped afterwards, and signals that came meanwhile are delivered then. */
#ifndef SOURCE_FREEZE_H
#define SOURCE_FREEZE_H

#include <stdbool.h>

#include "base/err.h"
#include "source/procfs.h"

struct freeze;

/* Stop process p. between (may be NULL) is called every few ms and gives up when it returns false.
 * Waits for threads at most a second, each time anew: what has not stopped by then does so before
 * it runs another instruction of its own, and freeze_note() names it. Meanwhile, and until
 * freeze_end(), ^Z does not stop the calling thread: the process would stand still for as long as
 * we do.
 *
 * NULL with e set, and then nothing is stopped: ended (ESRCH), no permission (EPERM), a debugger
 * has it (EBUSY), PIDs of that procfs are not ours (EINVAL), given up (ECANCELED). */
struct freeze *freeze_start(
	const struct procfs *p, bool (*between)(void *ctx), void *ctx, struct err *e);

/* Let it run on. NULL is fine. */
void freeze_end(struct freeze *f);

/* What could not be stopped, a sentence; "" if all was. */
const char *freeze_note(const struct freeze *f);

#endif
