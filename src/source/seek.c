/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/seek.h"

#include "source/pagemap.h"
#include "source/scan.h"

/* To read this many empty entries costs less than another call (10 ns each). */
#define NEAR_PAGES 32

/* Mappings are scanned together where what lies between is not mapped, or not worth a call; a call
 * covers a gigabyte at most, and each mapping in it costs a quarter of a microsecond. */
#define GAP_MOST   (UINT64_C(64) << 20)
#define GROUP_MOST 512

static void read_entries(struct seek *s)
{
	uint64_t size = s->kernel->page_size, page = s->from / size, n, i;
	ssize_t got = 1;

	for (; page < s->to / size && got > 0 && !s->pace->cancelled; page += (uint64_t)got) {
		n = s->to / size - page;
		n = n < ENTRY_CHUNK ? n : ENTRY_CHUNK;
		got = pagemap_read(s->fd, s->kernel, s->pace, page, n, s->entry, &s->err);
		if (got < 0)
			s->failed = true;
		for (i = 0; got > 0 && i < (uint64_t)got; i++)
			if ((s->entry[i] & s->mask) == s->value)
				s->found(s->ctx, (page + i) * size, s->entry[i]);
	}
	s->from = s->to = 0;
}

/* Regions are read together where they lie side by side, up to a chunk. */
static bool take_region(void *ctx, const struct scan_region *r)
{
	struct seek *s = ctx;
	uint64_t size = s->kernel->page_size;

	if (s->swapped && !(r->categories & SCAN_SWAPPED))
		return true;
	if (s->to && (r->start - s->to > NEAR_PAGES * size || r->end - s->from > ENTRY_CHUNK * size))
		read_entries(s);
	if (!s->to)
		s->from = r->start;
	s->to = r->end;
	return !s->failed;
}

/* What is before the kernel's half, where [vsyscall] is and PAGEMAP_SCAN refuses to look. */
static bool is_candidate(const struct seek *s, const struct vma *v)
{
	return v->end <= INT64_MAX && s->may_hold(s->ctx, v);
}

/* How many of the mappings, from the first on, to scan with it; *end: where its last candidate
 * ends. */
static size_t group(const struct seek *s, const struct vma *v, size_t n, uint64_t *end)
{
	uint64_t skipped = 0;
	size_t i, last = 0;

	*end = v[0].end;
	for (i = 1; i < n && i < GROUP_MOST; i++) {
		if (v[i].start - v[i - 1].end > GAP_MOST)
			break;
		if (is_candidate(s, &v[i])) {
			last = i;
			*end = v[i].end;
			skipped = 0;
			continue;
		}
		skipped += v[i].end - v[i].start;
		if (skipped > NEAR_PAGES * s->kernel->page_size)
			break;
	}
	return last + 1;
}

int seek_run(struct seek *s, int fd, const struct vma *v, size_t n, struct err *e)
{
	bool plain = s->plain || !s->kernel->scan;
	struct scanner scanner;
	uint64_t end;
	size_t i, k;

	s->fd = fd;
	s->from = s->to = 0;
	s->failed = false;
	scanner_init(&scanner, &s->fd, s->pace, s->kernel->page_size, 0);
	for (i = 0; i < n && !s->failed && !s->pace->cancelled; i += k) {
		k = 1;
		if (!is_candidate(s, &v[i]))
			continue;
		if (plain) {
			s->from = v[i].start;
			s->to = v[i].end;
			read_entries(s);
			continue;
		}
		k = group(s, v + i, n - i, &end);
		if (scanner_run(&scanner, v[i].start, end, s->swapped ? SCAN_SWAPPED : 0,
			    take_region, s, e) < 0)
			return -1;
		read_entries(s);
	}
	if (s->failed)
		*e = s->err;
	return s->failed ? -1 : 0;
}
