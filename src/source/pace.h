/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long we may bother the target. A call that reads page tables holds the target's mmap_lock,
 * and the target cannot map or unmap meanwhile; calls back to back starve it all the same. So calls
 * are kept short, and after each PACE_HELD_NS of them comes a pause. Every read of a target's page
 * tables in pmview goes through one of these. */
#ifndef SOURCE_PACE_H
#define SOURCE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_TARGET_NS \
	200000 /* a slice is sized to take this long; the promise is 500000 at most */
#define PACE_HELD_NS   150000
#define PACE_PAUSE_NS  100000

struct pace {
	uint64_t began_ns, held_ns, longest_ns, calls;
	/* Called at each pause, with the lock free; returns false to give up the work. May be NULL.
	 */
	bool (*between)(void *ctx);
	void *ctx;
	bool restless; /* nobody waits for the lock: no pauses, between() is called all the same */
	bool cancelled;
};

/* Around a call; pace_end() returns how long it took in ns and pauses when that is due. */
void pace_begin(struct pace *p);
uint64_t pace_end(struct pace *p);

#endif
