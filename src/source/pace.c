/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/pace.h"

#include <time.h>

#include "base/units.h"

void pace_begin(struct pace *p)
{
	p->began_ns = units_now_ns();
}

uint64_t pace_end(struct pace *p)
{
	uint64_t took = units_now_ns() - p->began_ns;

	p->calls++;
	p->held_ns += took;
	if (took > p->longest_ns)
		p->longest_ns = took;
	if (p->held_ns >= PACE_HELD_NS) {
		p->held_ns = 0;
		if (!p->restless)
			nanosleep(&(struct timespec){ .tv_nsec = PACE_PAUSE_NS }, NULL);
		if (p->between && !p->between(p->ctx))
			p->cancelled = true;
	}
	return took;
}
