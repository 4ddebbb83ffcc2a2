/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is there or ends the program: nothing above needs to check. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* As malloc, calloc, reallocarray and strdup, but they never return NULL: when memory runs
 * out they call the function set by mem_on_failure(), print one line on stderr and exit(2). */
void *mem_alloc(size_t size);
void *mem_zero(size_t n, size_t size);
void *mem_resize(void *old, size_t n, size_t size);
char *mem_strdup(const char *s);
void *mem_dup(const void *p, size_t size);

/* What to do before the program ends for want of memory (put the terminal back). */
void mem_on_failure(void (*fn)(void));

/* Make room for one element more in a growing array: *cap is doubled when n has reached it.
 * Returns the array, which may have moved. */
void *mem_grow(void *array, size_t n, size_t *cap, size_t size);

#endif
