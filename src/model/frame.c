/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/frame.h"

const char *frame_flag_name(unsigned bit)
{
	switch (bit) {
#define X(n, id, name)                                                                             \
	case n:                                                                                    \
		return name;
		FRAME_FLAG_LIST(X)
#undef X
	}
	return NULL;
}

const char *frame_file_name(enum frame_file f)
{
	static const char *const names[FRAME_FILES] = {
#define X(id, name) [FRAME_FILE_##id] = name,
		FRAME_FILE_LIST(X)
#undef X
	};

	return names[f];
}

const char *zone_name(enum zone z)
{
	static const char *const names[ZONES] = {
		[ZONE_UNKNOWN] = "",
#define X(id, name) [ZONE_##id] = name,
		ZONE_LIST(X)
#undef X
	};

	return names[z];
}

static bool has_frame(uint64_t entry)
{
	return entry & ENTRY_PRESENT && entry_pfn(entry);
}

/* How many of n entries, the first of which has a frame, have frames that follow each other: upwards
 * (step 1) or downwards (-1). */
static uint64_t in_a_row(const uint64_t *entries, uint64_t n, uint64_t step)
{
	uint64_t k = 1;

	while (k < n && has_frame(entries[k]) &&
		entry_pfn(entries[k]) == entry_pfn(entries[0]) + k * step)
		k++;
	return k;
}

static void reverse(struct frame *f, uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n / 2; i++) {
		struct frame other = f[i];

		f[i] = f[n - 1 - i];
		f[n - 1 - i] = other;
	}
}

void frames_of_entries(
	const struct frame_reader *r, const uint64_t *entries, uint64_t n, struct frame *frames)
{
	uint64_t i, k;

	for (i = 0; i < n; i += k) {
		k = 1;
		frames[i] = (struct frame){ .node = -1 };
		if (!r->read || !has_frame(entries[i]))
			continue;
		/* Pages that are touched upwards are often given frames downwards, one by one from the
		 * end of a free block. */
		k = in_a_row(entries + i, n - i, (uint64_t)-1);
		if (k > 1) {
			r->read(r->ctx, entry_pfn(entries[i]) - (k - 1), k, frames + i);
			reverse(frames + i, k);
			continue;
		}
		k = in_a_row(entries + i, n - i, 1);
		r->read(r->ctx, entry_pfn(entries[i]), k, frames + i);
	}
}

/* Whether two entries are of the same page in the same state. Soft-dirty and exclusive change while
 * it stays. */
static bool same_page(uint64_t a, uint64_t b)
{
	const uint64_t changes = ENTRY_SOFT_DIRTY | ENTRY_EXCLUSIVE | ENTRY_UFFD_WP;

	return !((a ^ b) & ~changes);
}

ssize_t frames_read(const struct entry_reader *er, const struct frame_reader *fr, uint64_t page,
	uint64_t n, uint64_t *entries, struct frame *frames, struct err *e)
{
	ssize_t got = er->read(er->ctx, page, n, entries, e), again, i;
	uint64_t now[ENTRY_CHUNK];

	if (got <= 0)
		return got;
	frames_of_entries(fr, entries, (uint64_t)got, frames);
	if (!fr->read)
		return got;
	again = er->read(er->ctx, page, (uint64_t)got, now, e);
	if (again < 0)
		return -1;
	for (i = 0; i < got; i++) {
		if (i < again && same_page(entries[i], now[i]))
			continue;
		if (i < again)
			entries[i] = now[i];
		frames[i] = (struct frame){ .node = -1, .known = FRAME_HAS_CHANGED };
	}
	return got;
}
