/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which swap area a slot is in, with two areas of our own: what is in which is known by their
 * priorities. Needs root, and puts everything back. */
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
#include <sys/swap.h>
#include <unistd.h>

#include "e2e/lists.h"
#include "e2e/target.h"
#include "fixture/fixture.h"
#include "helpers.h"

#define PAGES 16

/* The name of the second is escaped in /proc/swaps; printed, its backslash is doubled. */
static char area[2][64], printed[2][64];
static bool on[2];
static struct fixture *holder[2]; /* has pages in it */

static bool make_area(int i, int priority)
{
	const char *dir = getenv("TMPDIR") ? getenv("TMPDIR") : "/var/tmp";
	const char *argv[] = { "mkswap", area[i], NULL };
	static const char zeros[65536];
	struct result r;
	int fd, n;

	snprintf(area[i], sizeof(area[i]), "%.30s/pmview-areas%s%d", dir, i ? " \\" : "-", (int)getpid());
	snprintf(printed[i], sizeof(printed[i]), "%.30s/pmview-areas%s%d", dir, i ? " \\\\" : "-",
		(int)getpid());
	fd = open(area[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	for (n = 0; n < 32; n++)
		assert_int_equal(write(fd, zeros, sizeof(zeros)), sizeof(zeros));
	close(fd);
	r = run_program(argv);
	assert_int_equal(r.status, 0);
	result_free(&r);
	on[i] = !swapon(area[i], SWAP_FLAG_PREFER | priority);
	return on[i];
}

static int put_back(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		fixture_stop(holder[i]);
		holder[i] = NULL;
		if (on[i])
			swapoff(area[i]);
		on[i] = false;
		if (area[i][0])
			unlink(area[i]);
	}
	return 0;
}

/* How many rows of the holder name its area; none names another one. */
static size_t named(int i)
{
	const struct fixture_region *r = fixture_region(holder[i], "swap");
	char range[64];
	size_t row, n = 0;
	struct table t;

	snprintf(range, sizeof(range), "%" PRIx64 "+%" PRIu64, r->address,
		r->pages * (uint64_t)sysconf(_SC_PAGESIZE));
	t = table_of(PRINT(fixture_pid(holder[i]), "--pages", range, "-f", "csv"));
	for (row = 1; row < t.rows; row++) {
		const char *name = cell(&t, row, "swap_area");

		assert_string_equal(cell(&t, row, "state"), "swap");
		if (!*name)
			continue;
		assert_string_equal(name, printed[i]);
		n++;
	}
	table_free(&t);
	return n;
}

/* The lines of /proc/swaps; and whether the first area of ours has no page in it. */
static size_t areas(bool *first_empty)
{
	char *text = read_file("/proc/swaps", NULL), *line, *rest, type[16];
	unsigned long size, used;
	size_t n = 0;

	*first_empty = false;
	strtok_r(text, "\n", &rest);
	for (; (line = strtok_r(NULL, "\n", &rest)); n++)
		if (!strncmp(line, area[0], strlen(area[0])) &&
			sscanf(line + strlen(area[0]), " %15s %lu %lu", type, &size, &used) == 3)
			*first_empty = !used;
	free(text);
	return n;
}

static bool first_is_empty(void *ctx)
{
	bool empty;

	(void)ctx;
	areas(&empty);
	return empty;
}

static struct fixture *hold(void)
{
	struct fixture *f = fixture_start((const char *const[]){ "swap:16", NULL });

	assert_non_null(f);
	if (!fixture_region(f, "swap"))
		fail_msg("%s", fixture_skip_reason(f, "swap"));
	return f;
}

static void test_areas(void **state)
{
	bool empty;
	size_t before = areas(&empty);

	(void)state;
	if (geteuid() || !make_area(0, 32000)) {
		print_message("no swap file can be used here\n");
		skip();
	}
	holder[0] = hold();
	if (!before)
		assert_int_equal(named(0), PAGES);
	assert_true(make_area(1, 32001));
	holder[1] = hold();
	if (!before) {
		/* Lines 0 and 1, and they are of types 0 and 1; but an entry of type 1 could be
		 * of line 0, if that had type 1. */
		assert_int_equal(named(0), PAGES);
		assert_int_equal(named(1), 0);
	} else {
		named(0);
		named(1);
	}
	fixture_stop(holder[0]);
	holder[0] = NULL;
	assert_true(wait_until(first_is_empty, NULL));
	if (!before)
		assert_int_equal(named(1), PAGES);
	assert_int_equal(swapoff(area[0]), 0);
	on[0] = false;
	/* The only line is of type 1 now. */
	assert_int_equal(areas(&empty), before + 1);
	if (!before)
		assert_int_equal(named(1), PAGES);
	else
		named(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_areas, put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
