/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways to look at a process again and again: pmview's, and those a user could pick instead. */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include <stdbool.h>

#include "bench/target.h"

struct peer;

struct peer_kind {
	const char *name;
	/* Look once, on from begin() to end(). False with errno: it cannot be done. */
	bool (*look)(struct peer *p);
	void (*begin)(struct peer *p); /* may be NULL, as end() */
	void (*end)(struct peer *p);
	const char *program;           /* that must be installed for it; NULL: none */
};

struct peer {
	const struct peer_kind *kind;
	const struct target *target;
	void *own;
};

/* The first is not to look at all, the second pmview. */
#define PEERS 8
extern const struct peer_kind peer_kinds[PEERS];

bool peer_installed(const struct peer_kind *k);

#endif
