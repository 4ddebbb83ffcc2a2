/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/changes_data.h"

static const struct {
	char mark;
	const char *name;
} vma_changes[VMA_CHANGES] = {
#define X(id, m, n) [VMA_CHANGE_##id] = { m, n },
	VMA_CHANGE_LIST(X)
#undef X
};

const char *vma_change_name(enum vma_change c)
{
	return vma_changes[c].name;
}

char vma_change_mark(enum vma_change c)
{
	return vma_changes[c].mark;
}

uint64_t change_counts_total(const struct change_counts *n)
{
	uint64_t sum = 0;
	int i;

	for (i = CHANGE_NONE + 1; i < CHANGES; i++)
		sum += n->of[i];
	return sum;
}

size_t changes_rows(const struct changes *c)
{
	return c->n;
}

const struct change_row *changes_row(const struct changes *c, size_t i)
{
	return &c->row[i]->r;
}

size_t changes_find(const struct changes *c, size_t j)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct change_row *r = &c->row[mid]->r;

		if (r->place < j || (r->place == j && r->what == VMA_CHANGE_GONE))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static const struct change_pages *find(const struct changes *c, size_t j)
{
	size_t i = c ? changes_find(c, j) : 0;

	return c && i < c->n && c->row[i]->r.place == j ? c->row[i] : NULL;
}

const struct change_row *changes_of(const struct changes *c, size_t j)
{
	const struct change_pages *row = find(c, j);

	return row ? &row->r : NULL;
}

size_t changes_gone(const struct changes *c)
{
	return c->n_gone;
}

size_t changes_gone_row(const struct changes *c, size_t i)
{
	return c->gone[i];
}

const struct change_row *changes_sums(const struct changes *c)
{
	return &c->sums;
}

size_t changes_mappings(const struct changes *c, enum vma_change what)
{
	return c->mappings[what];
}

const char *changes_no_frames(const struct changes *c)
{
	return c->no_frames;
}

const char *changes_no_huge(const struct changes *c)
{
	return c->no_huge;
}

bool changes_in_part(const struct changes *c)
{
	return c->in_part;
}

/* The first span that ends behind `page`. */
static size_t find_span(const struct change_pages *row, uint64_t page)
{
	size_t lo = 0, hi = row->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (row->span[mid].end <= page)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The changed pages before `page`. */
static struct change_counts count_upto(const struct change_pages *row, uint64_t page)
{
	struct change_counts n = { { 0 } };
	size_t to = find_span(row, page), i = row->upto ? to / CHANGES_STRIDE * CHANGES_STRIDE : 0;

	/* There is none kept behind the last span, where their number is a multiple. */
	if (row->upto && to && to == row->n && to % CHANGES_STRIDE == 0)
		i = to - CHANGES_STRIDE;
	if (row->upto)
		n = row->upto[i / CHANGES_STRIDE];
	for (; i < to; i++)
		n.of[row->span[i].change] += row->span[i].end - row->span[i].first;
	if (to < row->n && row->span[to].first < page)
		n.of[row->span[to].change] += page - row->span[to].first;
	return n;
}

struct change_counts changes_count(
	const struct changes *c, size_t j, uint64_t first, uint64_t pages)
{
	const struct change_pages *row = find(c, j);
	struct change_counts n = { { 0 } }, before;
	int i;

	if (!row || !row->n)
		return n;
	before = count_upto(row, first);
	n = count_upto(row, first + pages);
	for (i = 0; i < CHANGES; i++)
		n.of[i] -= before.of[i];
	return n;
}

enum change changes_at(const struct changes *c, size_t j, uint64_t page)
{
	const struct change_pages *row = find(c, j);
	size_t i = row ? find_span(row, page) : 0;

	return row && i < row->n && row->span[i].first <= page ? (enum change)row->span[i].change
							       : CHANGE_NONE;
}

bool changes_next(const struct changes *c, size_t j, uint64_t page, bool back, uint64_t *first)
{
	const struct change_pages *row = find(c, j);
	size_t i;

	if (!row)
		return false;
	i = find_span(row, page);
	if (!back)
		i += i < row->n && row->span[i].first <= page;
	else if (i < row->n && row->span[i].first < page)
		i++; /* to the beginning of the one that it is in */
	if (back ? !i : i == row->n)
		return false;
	*first = row->span[back ? i - 1 : i].first;
	return true;
}

int changes_same_process(
	const struct snapshot_info *old, const struct snapshot_info *new, struct err *e)
{
	const char *missing = NULL;

	if (old->pid != new->pid)
		return err_set(e, "OLD is of another process: %s[%d], not %s[%d]", old->comm,
			(int)old->pid, new->comm, (int)new->pid);
	if (*old->boot_id && *new->boot_id && strcmp(old->boot_id, new->boot_id))
		return err_set(e, "OLD is of another process: %s[%d] of another boot, or host",
			old->comm, (int)old->pid);
	if (old->start_time && new->start_time && old->start_time != new->start_time)
		return err_set(e,
			"OLD is of another process: %s[%d], which ended before this one of its number began",
			old->comm, (int)old->pid);
	if (!*old->boot_id || !*new->boot_id)
		missing = "which boot it was";
	if (!old->start_time || !new->start_time)
		missing = "when it began";
	if (!missing)
		return 1;
	err_set(e, "OLD may be of another process: %s is not known of both", missing);
	return 0;
}
