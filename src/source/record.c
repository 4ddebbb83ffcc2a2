/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/record.h"

#include <stdlib.h>

#include "base/mem.h"

struct recorder {
	char *path;
};

struct recorder *recorder_open(
	const char *path, const struct snapshot *of, bool replace, struct err *e)
{
	struct recorder *r = mem_zero(1, sizeof(*r));

	(void)of, (void)replace, (void)e;
	r->path = mem_strdup(path);
	return r;
}

int recorder_add(struct recorder *r, const struct snapshot *s, const struct store_what *what,
	struct err *e)
{
	return store_write(r->path, s, what, true, e);
}

int recorder_close(struct recorder *r, struct err *e)
{
	(void)e;
	if (r)
		free(r->path);
	free(r);
	return 0;
}
