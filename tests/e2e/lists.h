/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pmview prints, read back by other means than its own; and smaps, for an oracle. */
#ifndef LISTS_H
#define LISTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Run pmview with these arguments (NULL-terminated) and the process as its target, as this user (0:
 * no change). It must go well and say nothing on stderr. The caller frees what it printed. */
char *lists_print(uid_t uid, pid_t pid, const char *const args[]);
#define PRINT(pid, ...) lists_print(0, pid, (const char *const[]){ __VA_ARGS__, NULL })

/* JSON in a text, which is freed. */
json_t *lists_parse(char *text);

/* Members of an object, which must be there. null is -1. */
long long lists_number(const json_t *j, const char *key);
const char *lists_text(const json_t *j, const char *key);
uint64_t lists_address(const json_t *j, const char *key);

/* Of a list or its head, of a mapping or the totals. */
bool lists_knows(const json_t *list, const char *what);
long long lists_state(const json_t *vma, const char *state);
const json_t *lists_vma(const json_t *list, uint64_t address);

#define LISTS_STATES 9
extern const char *const lists_states[LISTS_STATES];

/* CSV: row 0 holds the names of the columns. The text is taken. */
struct table {
	char *text, **cell;
	size_t rows, cols;
};
struct table table_of(char *text);
void table_free(struct table *t);
const char *cell(const struct table *t, size_t row, const char *column);

/* smaps, in kB; a line each. */
struct smaps {
	uint64_t start, end;
	long rss, swap, anonymous;
	bool hugetlb, pfnmap, droppable;
};
/* The number of mappings; 0 where it cannot be read. The caller frees *out. */
size_t smaps_read(pid_t pid, struct smaps **out);

/* Whether this kernel has PAGEMAP_SCAN, as pmview says. */
bool has_scan(void);

/* Whether text has only what is harmless on a terminal: valid UTF-8, of the control characters only
 * newline, nothing that reorders text. Says on stderr what was found. */
bool text_is_clean(const char *text, size_t len);

#endif
