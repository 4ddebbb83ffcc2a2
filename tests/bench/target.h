/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes that are looked at: made here, so that it is known what they hold. */
#ifndef BENCH_TARGET_H
#define BENCH_TARGET_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

/* X(NAME, "figure's name", sixteenths of the largest target, "what it is") */
#define TARGET_LIST(X)                                                                             \
	X(DENSE, "dense", 16, "dense anon")                                                        \
	X(THP, "thp", 16, "THP")                                                                   \
	X(STRIPES, "stripes", 8, "every second page touched")                                      \
	X(SPARSE, "16tib", 0, "16 TiB reserved, 4,096 islands")                                    \
	X(MANY, "60000vmas", 0, "60,000 VMAs")                                                     \
	X(PAIR, "pair", 4, "forked pair")                                                          \
	X(ORDINARY, "1gib", 4, "dense anon")                                                       \
	X(SMALL, "small", 0, "ordinary small process")

enum target_kind {
#define X(name, short_name, sixteenths, what) TARGET_##name,
	TARGET_LIST(X)
#undef X
	TARGET_KINDS
};

#define TARGET_LOOPS_MOST (1u << 22)

/* What the target and the benchmark share. */
struct target_shared {
	uint64_t start, end;                /* addresses of the memory it was made for */
	_Atomic int ready;
	_Atomic int looping;
	_Atomic uint32_t loops;
	uint32_t loop_ns[TARGET_LOOPS_MOST]; /* how long each took; the first so many of them */
};

struct target {
	enum target_kind kind;
	const char *figure;                  /* what figures call it, such as "dense" */
	char name[64];                       /* what it is, with its size */
	pid_t pid;
	struct target_shared *shared;
	int begin;                           /* a byte written here starts a loop */
};

/* Bytes of the largest target: 4 GiB, $BENCH_MIB, or what half of MemAvailable holds. */
uint64_t target_largest(void);

/* Start one. It sleeps in the kernel when it is ready, and dies with the benchmark, which ends here
 * when the target cannot be made. */
struct target target_make(enum target_kind kind);
void target_end(struct target *t);

/* The kilobytes behind a key ("VmHWM:") in a file of procfs, in bytes; 0 if there are none. */
uint64_t target_kilobytes(const char *path, const char *key);

/* Have it map, touch and unmap two pages in a loop, recording how long each time took. */
void target_loop_begin(struct target *t);
/* Ends that; how many loops were recorded. */
uint32_t target_loop_end(struct target *t);

#endif
