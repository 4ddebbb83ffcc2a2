/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/reopen.h"

#include <string.h>

/* Files keep milliseconds. */
static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec / 1000000 == b.tv_nsec / 1000000;
}

struct store *reopen(
	const char *file, const struct snapshot *shown, struct snapshot **again, struct err *e)
{
	struct timespec time = snapshot_info(shown)->time;
	struct snapshot *snapshot;
	struct store *s;
	size_t i;

	if (!strcmp(file, "-")) {
		err_set(e, "standard input cannot be read again: save it to a file, and open that");
		return NULL;
	}
	s = store_open(file, e);
	if (!s)
		return NULL;
	if (snapshot_info(shown)->pfn_withheld)
		store_withhold(s);
	for (i = store_count(s); i && !same_time(store_item(s, i - 1)->time, time); i--)
		;
	snapshot = i ? store_read(s, i - 1, e) : NULL;
	if (!i)
		err_set(e, "%s is not the file any more that was opened", file);
	if (!snapshot) {
		store_close(s);
		return NULL;
	}
	if (again)
		*again = snapshot;
	else
		snapshot_unref(snapshot);
	return s;
}
