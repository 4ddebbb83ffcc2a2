/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What test_cli.c and test_files.c share: a process, and pmview run to its end on it. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>

#include "e2e/lists.h"
#include "fixture/fixture.h"
#include "helpers.h"

/* A stopped process: what is printed twice is the same. */
static struct fixture *fixture;
static char pid[16];

#define RUN(...) run_program((const char *const[]){ pmview_path(), __VA_ARGS__, NULL })

/* In a shell, with pmview as $0 and the process as $1; path, if any, is $2. */
static inline struct result shell(const char *script, const char *path)
{
	return run_program(
		(const char *const[]){ "sh", "-c", script, pmview_path(), pid, path, NULL });
}

/* One line for a person: "pmview: ...", with these words in it. */
static inline void check_line(const char *err, const char *words)
{
	const char *end = strchr(err, '\n');

	if (strncmp(err, "pmview: ", 8) || !end || end[1] || !strstr(err, words))
		fail_msg("not one line with \"%s\": \"%s\"", words, err);
}

static inline void check_fails(struct result r, const char *words)
{
	check_line(r.err, words);
	assert_string_equal(r.out, "");
	assert_int_equal(r.status, 2);
	result_free(&r);
}

#define FAILS(words, ...) check_fails(RUN(__VA_ARGS__), words)

/* What was printed; it must have gone well, with nothing on stderr. The caller frees it. */
static inline char *good(struct result r)
{
	assert_string_equal(r.err, "");
	assert_int_equal(r.status, 0);
	free(r.err);
	return r.out;
}

static inline void check_prints(struct result r, const char *words)
{
	char *out = good(r);

	if (*words && !strstr(out, words))
		fail_msg("\"%s\" is not in: %s", words, out);
	free(out);
}

#define PRINTS(words, ...) check_prints(RUN(__VA_ARGS__), words)

/* Group setup and teardown. */
static inline int cli_start(void **state)
{
	(void)state;
	fixture = fixture_start((const char *const[]){ "anon", "zero", "file-cow", "shared-anon",
		"names", "stripes:512", NULL });
	if (!fixture)
		return -1;
	process_stop(fixture_pid(fixture));
	snprintf(pid, sizeof(pid), "%d", (int)fixture_pid(fixture));
	return 0;
}

static inline int cli_stop(void **state)
{
	(void)state;
	kill(fixture_pid(fixture), SIGCONT);
	return fixture_stop(fixture);
}

#endif
