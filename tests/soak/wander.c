/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wander SEED: a process whose pages are known although it does to its address space what random
 * numbers say. Tests look at it with the program under test, and compare.
 *
 *	pid 1234
 *	skip hugetlb-private REASON	what this system does not have
 *	ready
 *
 * Then it answers commands on stdin, each by a line, and does nothing between two of them:
 *
 *	walk N		do N things more
 *			ok 0x300000000000 12:rw-p:anon:A:0 5:- 1:r--p:file:.F:? ...
 *	why ADDRESS	ok and what was done near this page
 *
 * The runs of pages: how many; access, kind of the mapping ("-" alone: nothing is mapped); the
 * states they may be in; whether they are mapped by a huge entry, ? if that is not known. States
 * are letters: . none, A anon, F file, S swap, 0 zero, # guard, ! marker; and s: no page table has
 * it, but its object may have it in swap.
 *
 * It ends with its stdin, and changes no setting of the system.
 */
#define _GNU_SOURCE 1

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../fixture/mkpages.h"
#include "wander.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* Far from where the kernel puts mappings, which otherwise might get into our holes. */
#define ARENA	UINT64_C(0x300000000000)

void cannot_have(const char *what, const char *why)
{
	printf("skip %s %s\n", what, why);
}

/* splitmix64 */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Where an address space is smaller, it is somewhere else, and a huge page's room is kept free
 * around it. */
static int make_arena(void)
{
	size_t bytes = PAGES * page_size, step = HUGE * page_size;
	char *p = mmap((void *)(uintptr_t)ARENA, bytes, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED) {
		p = mmap(NULL, bytes + 3 * step, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (p == MAP_FAILED)
			return -1;
		p = (char *)(((uintptr_t)p + 2 * step) / step * step);
	}
	arena = p;
	munmap(p, bytes);
	recorded_gone(0, PAGES);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t seed, random[5], number;
	unsigned int step = 0;
	char *line = NULL;
	size_t room = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: wander SEED\n");
		return 2;
	}
	/* Whoever started us may be killed without a chance to close our stdin. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	seed = strtoull(argv[1], NULL, 0);
	self_init();
	if (make_arena() < 0) {
		perror("wander: mmap");
		return 1;
	}
	printf("pid %d\n", (int)getpid());
	have_init();
	puts("ready");
	while (!fflush(stdout) && getline(&line, &room, stdin) > 0) {
		if (sscanf(line, "walk %" SCNu64, &number) == 1) {
			while (number--) {
				for (size_t i = 0; i < 5; i++)
					random[i] = random_next(&seed);
				act(++step, random);
			}
			printf("ok ");
			record_print();
			putchar('\n');
		} else if (sscanf(line, "why %" SCNx64, &number) == 1 &&
			   (number - (uintptr_t)arena) / page_size < PAGES) {
			printf("ok");
			act_why((number - (uintptr_t)arena) / page_size);
			putchar('\n');
		} else {
			puts("error what?");
		}
	}
	free(line);
	return 0;
}
