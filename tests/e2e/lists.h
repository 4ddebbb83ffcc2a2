/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pmview prints, read back by other means than its own; and smaps, for an oracle. */
#ifndef LISTS_H
#define LISTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Run pmview with these arguments (NULL-terminated) and the process as its target, as this user (as
 * run_program_as() has it; 0: no change). It must go well and say nothing on stderr. The caller frees what it printed. */
char *lists_print(uid_t uid, pid_t pid, const char *const args[]);
#define PRINT_AS(uid, pid, ...) lists_print(uid, pid, (const char *const[]){ __VA_ARGS__, NULL })
#define PRINT(pid, ...) PRINT_AS(0, pid, __VA_ARGS__)

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
bool lists_has(const json_t *vma, const char *state);	/* that it is not null */
/* As a sum can use it: what is not known is counted under another state. */
uint64_t lists_count(const json_t *vma, const char *state);
uint64_t lists_total(const json_t *vma);

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
uint64_t cell_hex(const struct table *t, size_t row, const char *column);
/* Of pages: the first row at this address or above; t->rows if there is none. */
size_t row_of(const struct table *t, uint64_t address);

/* smaps, in kB; a line each. */
struct smaps {
	uint64_t start, end;
	long rss, swap, anonymous;
	long huge;	/* mapped by a PMD or hugetlb entry */
	bool hugetlb, pfnmap, droppable;
};
/* The number of mappings; 0 where it cannot be read. The caller frees *out. */
size_t smaps_read(pid_t pid, struct smaps **out);
/* Whether it says the same as the list, where both can; what differs is said on stderr. */
bool smaps_agree(const struct smaps *m, size_t n, const json_t *list);
/* The same for a live process: 1 and 0; -1 if it is gone or never stood still meanwhile. */
int smaps_compare(pid_t pid);

/* Check every line of a list as text, which is freed, against the list as JSON. exact: --bytes. */
void lists_check_text(char *text, const json_t *list, bool exact, bool checkpoint);

/* Send SIGSTOP to a child, and wait until it is stopped. */
void process_stop(pid_t pid);

/* Start a child that has so many bytes in use and does nothing; it ends with the test. And end it. */
pid_t process_large(size_t bytes);
void process_end(pid_t pid);

/* Whether this kernel has PAGEMAP_SCAN, as pmview says. */
bool has_scan(void);

/* Whether plain reads of all of it are done in no time: not where it has terabytes of reservations,
 * as everything that a sanitizer is built into. */
bool reads_are_cheap(pid_t pid);

/* Whether text has only what is harmless on a terminal: valid UTF-8, of the control characters only
 * newline, nothing that reorders text. Says on stderr what was found. */
bool text_is_clean(const char *text, size_t len);

#endif
