/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What test_random.c compares, and how it is read: the record of tests/soak/wander.c, what pmview
 * prints, smaps and pagemap. */
#ifndef RANDOM_HELP_H
#define RANDOM_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "model/page.h"

/* What the record claims of a page; states[0] is 0 where nothing is mapped. */
struct claim {
	char perms[5], kind[10], states[12], huge;
};

/* What is said of the process by one engine to one user. */
struct view {
	uid_t uid;
	const char *engine;
	json_t *list;
	struct table pages;
	const char **mapped; /* of each row of pages: see view_read() */
};

/* All that is compared, read while the process does nothing. */
struct look {
	uint64_t arena;
	size_t n_claims;
	struct claim *claim;
	struct view view[4];
	size_t views;
	struct smaps *smaps;
	size_t n_smaps;
	uint64_t *raw; /* the entries of the claimed pages, read here */
	bool raw_pfn;  /* with PFNs */
};

static uint64_t page_size;
static struct fixture *wander;

/* "0x300000000000 12:rw-p:anon:A:0 5:- ...", a claim for each page. */
static inline void parse_record(struct look *l, const char *at)
{
	size_t room = 0;
	char *end;

	l->arena = strtoull(at, &end, 16);
	for (at = end; *at == ' ';) {
		struct claim c = { .perms = "" };
		size_t n = strtoull(at + 1, &end, 10);
		int len = 0;

		if (!strncmp(end, ":-", 2) && (!end[2] || end[2] == ' '))
			len = 2;
		else if (sscanf(end, ":%4[^:]:%9[^:]:%11[^:]:%c%n", c.perms, c.kind, c.states,
				 &c.huge, &len) != 4)
			fail_msg("the record says: %.40s", at);
		for (; n; n--) {
			if (l->n_claims == room)
				l->claim = realloc(l->claim, (room = 2 * room + 1024) * sizeof(c));
			l->claim[l->n_claims++] = c;
		}
		at = end + len;
	}
	assert_string_equal(at, "");
	assert_true(l->n_claims > 1000);
}

static inline uint64_t *read_entries(const struct look *l)
{
	size_t bytes = l->n_claims * sizeof(uint64_t);
	uint64_t *raw = malloc(bytes);
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)fixture_pid(wander));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, raw, bytes, (off_t)(l->arena / page_size * 8)), bytes);
	close(fd);
	return raw;
}

/* Take what was printed. What a row says of the page tables alone, as lists and engines do, is its
 * state, but "none" for a page of shared memory that no table has: there the object tells whether
 * it is in swap, or that is unknown. */
static inline void view_read(struct view *v, char *list, char *pages)
{
	const json_t *m;
	size_t row = 1, i;

	v->list = lists_parse(list);
	v->pages = table_of(pages);
	v->mapped = calloc(v->pages.rows + 1, sizeof(*v->mapped));
	json_array_foreach(json_object_get(v->list, "vmas"), i, m) {
		uint64_t end = lists_address(m, "end");
		bool shmem = !strcmp(lists_text(m, "kind"), "shmem");

		for (; row < v->pages.rows && cell_hex(&v->pages, row, "address") < end; row++) {
			const char *state = cell(&v->pages, row, "state");
			const char *entry = cell(&v->pages, row, "entry");
			bool absent = *entry ?
				!(strtoull(entry, NULL, 16) & (ENTRY_PRESENT | ENTRY_SWAP)) :
				!strcmp(state, "unknown");

			v->mapped[row] = shmem && absent ? "none" : state;
		}
	}
	if (row < v->pages.rows)
		fail_msg("%s: a page outside of all mappings", cell(&v->pages, row, "address"));
}

static inline void view_free(struct view *v)
{
	table_free(&v->pages);
	free(v->mapped);
	json_decref(v->list);
}

static inline void read_views(struct look *l, uid_t nobody)
{
	static const char *const engines[] = { "scan", "read" };
	pid_t pid = fixture_pid(wander);
	size_t i, users = nobody ? 2 : 1;
	static int scan = -1;

	if (scan < 0)
		scan = has_scan();
	l->raw = read_entries(l);
	l->n_smaps = smaps_read(pid, &l->smaps);
	l->views = 0;
	for (i = 0; i < 2 * users; i++) {
		struct view *v = &l->view[l->views];

		v->engine = engines[i % 2];
		v->uid = i / 2 ? nobody : 0;
		if (i % 2 == 0 && !scan)
			continue;
		view_read(v,
			lists_print(v->uid, pid,
				(const char *const[]){ "-J", "--engine", v->engine, NULL }),
			lists_print(v->uid, pid,
				(const char *const[]){
					"--pages=all", "-f", "csv", "--engine", v->engine, NULL }));
		l->views++;
	}
	l->raw_pfn = lists_knows(l->view[0].list, "pfn");
}

static inline void free_views(struct look *l)
{
	while (l->views)
		view_free(&l->view[--l->views]);
	free(l->smaps);
	free(l->raw);
}

#endif
