/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts against those in tests/data/golden, which somebody has looked at. With UPDATE=1 in the
 * environment they are written anew: look at them before they are kept. Include after cmocka.h. */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"

static inline char *path_of(const char *name)
{
	static char path[4096];
	const char *source = getenv("PMVIEW_SOURCE");

	snprintf(path, sizeof(path), "%s/tests/data/golden/%s", source ? source : ".", name);
	return path;
}

/* Lines that differ, expected and actual one below the other. */
static inline int print_difference(const char *expected, const char *actual)
{
	int line = 1, differ = 0;

	while (*expected || *actual) {
		int n = (int)strcspn(expected, "\n"), m = (int)strcspn(actual, "\n");

		if (n != m || strncmp(expected, actual, (size_t)n)) {
			print_message(
				"%4d - %.*s\n%4d + %.*s\n", line, n, expected, line, m, actual);
			differ++;
		}
		expected += n + (expected[n] == '\n');
		actual += m + (actual[m] == '\n');
		line++;
	}
	return differ;
}

static inline void compare(const char *name, const char *text)
{
	const char *update = getenv("UPDATE"), *path = path_of(name);
	char *expected;

	if (update && *update) {
		FILE *f = fopen(path, "we");

		if (!f)
			fail_msg("cannot write %s: %s", path, strerror(errno));
		fputs(text, f);
		if (fclose(f))
			fail_msg("cannot write %s: %s", path, strerror(errno));
		return;
	}
	expected = read_file(path, NULL);
	if (!expected)
		fail_msg("there is no %s: UPDATE=1 writes it", path);
	if (strcmp(expected, text)) {
		print_message("%s (- expected, + actual; UPDATE=1 writes it anew)\n", path);
		print_difference(expected, text);
		fail();
	}
	free(expected);
}

#endif
