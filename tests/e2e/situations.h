/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fixture with all its recipes in three situations: looked at as we are, by a user without
 * privileges whose own process it is, and by root without CAP_SYS_ADMIN. What test_record.c and
 * test_judges.c share. */
#ifndef SITUATIONS_H
#define SITUATIONS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "model/page.h"

static struct situation {
	uid_t reader;
	struct fixture *fixture;
} situations[] = { { 0, NULL }, { FIXTURE_NOBODY, NULL }, { RUN_WITHOUT_SYS_ADMIN, NULL } };

/* Where the test that runs is. */
static struct fixture *fixture;
static uid_t reader;
static pid_t pid;
static bool pfn_shown;

static uint64_t page_size;
static bool scan_here;
static struct utsname kernel;

/* The entry of a page of our own that was just written. */
static inline uint64_t own_entry(void)
{
	volatile char *p = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	assert_true(p != MAP_FAILED && fd >= 0);
	*p = 1;
	assert_int_equal(pread(fd, &entry, 8, (off_t)((uintptr_t)p / page_size * 8)), 8);
	munmap((void *)p, page_size);
	close(fd);
	assert_true(entry & ENTRY_PRESENT);
	return entry;
}

static inline void enter(void **state)
{
	const struct situation *s = *state;

	if (!s->fixture) {
		print_message("only root can take other privileges\n");
		skip();
	}
	fixture = s->fixture;
	reader = s->reader;
	pid = fixture_pid(fixture);
	pfn_shown = !reader && own_entry() & ENTRY_PFN_MASK;
}

static inline json_t *list_by(const char *engine)
{
	return lists_parse(PRINT_AS(reader, pid, "-J", "--engine", engine));
}

/* Every page that is not none, a row each in the order of addresses. */
static inline struct table all_pages(const char *engine)
{
	struct table t =
		table_of(PRINT_AS(reader, pid, "--pages=all", "-f", "csv", "--engine", engine));
	size_t i;

	for (i = 2; i < t.rows; i++)
		assert_true(cell_hex(&t, i, "address") > cell_hex(&t, i - 1, "address"));
	return t;
}

static inline void need_scan(void)
{
	if (scan_here)
		return;
	print_message("this kernel has no PAGEMAP_SCAN\n");
	skip();
}

static inline void need_reads(void)
{
	if (reads_are_cheap(pid))
		return;
	print_message("the process reserves too much for plain reads\n");
	skip();
}

static inline bool since(int major, int minor)
{
	return kernel_at_least(kernel.release, major, minor);
}

/* Group setup and teardown. Stopped, so that what is asked twice is the same. */
static inline struct fixture *stopped(struct fixture *f)
{
	if (f)
		process_stop(fixture_pid(f));
	return f;
}

static inline int situations_start(void **state)
{
	static const char *const all[] = { "all", NULL };

	(void)state;
	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	scan_here = has_scan();
	uname(&kernel);
	situations[0].fixture = stopped(fixture_start(all));
	if (geteuid() == 0) {
		situations[1].fixture = stopped(fixture_start_as(FIXTURE_NOBODY, all));
		situations[2].fixture = situations[0].fixture;
	}
	return situations[0].fixture && (geteuid() || situations[1].fixture) ? 0 : -1;
}

static inline int situations_stop(void **state)
{
	int result = 0, i;

	(void)state;
	for (i = 0; i < 2; i++) {
		if (!situations[i].fixture)
			continue;
		kill(fixture_pid(situations[i].fixture), SIGCONT);
		result |= fixture_stop(situations[i].fixture);
	}
	return result;
}

/* Entries of a struct CMUnitTest array. */
#define IN_EVERY_SITUATION(test)                                                \
	{ #test, test, NULL, NULL, &situations[0] },                            \
	{ #test " of an unprivileged user", test, NULL, NULL, &situations[1] }, \
	{ #test " without CAP_SYS_ADMIN", test, NULL, NULL, &situations[2] }

#endif
