/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void (*on_failure)(void);

void mem_on_failure(void (*fn)(void))
{
	on_failure = fn;
}

static void *or_die(void *p)
{
	if (p)
		return p;
	if (on_failure)
		on_failure();
	fputs("pmview: out of memory\n", stderr);
	exit(2);
}

void *mem_alloc(size_t size)
{
	return or_die(malloc(size ? size : 1));
}

void *mem_zero(size_t n, size_t size)
{
	return or_die(calloc(n ? n : 1, size ? size : 1));
}

void *mem_resize(void *old, size_t n, size_t size)
{
	return or_die(reallocarray(old, n ? n : 1, size));
}

char *mem_strdup(const char *s)
{
	return or_die(strdup(s));
}

void *mem_dup(const void *p, size_t size)
{
	void *copy = mem_alloc(size);

	if (size)
		memcpy(copy, p, size);
	return copy;
}

void *mem_grow(void *array, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 16;
	return mem_resize(array, *cap, size);
}
