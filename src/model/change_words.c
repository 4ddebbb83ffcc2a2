/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/change_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

static void size_words(struct str *t, uint64_t bytes, bool exact)
{
	char size[UNITS_SIZE_LEN];

	if (exact)
		str_addf(t, "%" PRIu64, bytes);
	else
		str_add(t, units_size(size, bytes));
}

bool change_counts_words(
	struct str *t, const struct change_counts *n, uint32_t page_size, bool exact)
{
	char count[UNITS_COUNT_LEN];
	bool any = false;
	int i;

	for (i = CHANGE_NONE + 1; i < CHANGES; i++) {
		if (!n->of[i])
			continue;
		str_addf(t, "%s%s ", any ? ", " : "", change_words((enum change)i));
		if (exact)
			str_addf(t, "%" PRIu64, n->of[i]);
		else
			str_add(t, units_count(count, n->of[i]));
		any = true;
		if (!page_size)
			continue;
		str_add(t, " (");
		size_words(t, n->of[i] * page_size, exact);
		str_addc(t, ')');
	}
	return any;
}

/* The beginning of one more thing. */
static void next(struct str *t, size_t begin)
{
	if (t->len > begin)
		str_add(t, ", ");
}

void change_row_words(struct str *t, const struct change_row *r, const struct vma *vma,
	uint32_t page_size, bool exact)
{
	static const char *const words[VMA_CHANGES] = { [VMA_CHANGE_NEW] = "new",
		[VMA_CHANGE_GONE] = "gone",
		[VMA_CHANGE_SPLIT] = "split off",
		[VMA_CHANGE_JOINED] = "joined of several" };
	struct vma was = { .perms = r->was_perms };
	struct change_counts none = { { 0 } };
	size_t begin = t->len;
	char perms[5];

	if (words[r->what])
		str_add(t, words[r->what]);
	if (r->what != VMA_CHANGE_NEW && r->gained) {
		next(t, begin);
		str_add(t, "grown by ");
		size_words(t, r->gained * page_size, exact);
	}
	if (r->what != VMA_CHANGE_GONE && r->lost) {
		next(t, begin);
		str_add(t, "shrunk by ");
		size_words(t, r->lost * page_size, exact);
	}
	if (r->was_perms != vma->perms) {
		next(t, begin);
		str_addf(t, "was %s", vma_perms(&was, perms));
	}
	if (memcmp(&none, &r->n, sizeof(none))) {
		next(t, begin);
		change_counts_words(t, &r->n, 0, exact);
	}
	if (r->unknown) {
		next(t, begin);
		str_addf(t, "not known %" PRIu64, r->unknown);
	}
}

bool change_mappings_words(struct str *t, const struct changes *c)
{
	static const enum vma_change told[] = { VMA_CHANGE_NEW, VMA_CHANGE_GONE, VMA_CHANGE_GROWN,
		VMA_CHANGE_SHRUNK, VMA_CHANGE_SPLIT, VMA_CHANGE_JOINED };
	bool any = false;
	size_t i, n;

	for (i = 0; i < sizeof(told) / sizeof(*told); i++) {
		n = changes_mappings(c, told[i]);
		if (!n)
			continue;
		str_addf(t, "%s%zu%s %s", any ? ", " : "", n,
			any ? "" : n == 1 ? " mapping" : " mappings", vma_change_name(told[i]));
		any = true;
	}
	return any;
}

const char *change_delta(char buf[CHANGE_DELTA_LEN], bool known, int64_t pages, uint32_t page_size,
	bool exact)
{
	uint64_t bytes = (uint64_t)(pages < 0 ? -pages : pages) * page_size;
	char size[UNITS_SIZE_LEN];

	if (!known)
		snprintf(buf, CHANGE_DELTA_LEN, "?");
	else if (!pages)
		snprintf(buf, CHANGE_DELTA_LEN, "0");
	else if (exact)
		snprintf(buf, CHANGE_DELTA_LEN, "%c%" PRIu64, pages < 0 ? '-' : '+', bytes);
	else
		snprintf(buf, CHANGE_DELTA_LEN, "%c%s", pages < 0 ? '-' : '+', units_size(size, bytes));
	return buf;
}

void change_time_words(struct str *t, struct timespec old, struct timespec new)
{
	int64_t ns = (int64_t)(new.tv_sec - old.tv_sec) * 1000000000 + (new.tv_nsec - old.tv_nsec);
	double s = (double)(ns < 0 ? -ns : ns) / 1e9;

	if (s < 60)
		str_addf(t, "%.1f s", s);
	else
		str_addf(t, "%.0f s", s);
	str_add(t, ns < 0 ? " earlier" : " later");
}
