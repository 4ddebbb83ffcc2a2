/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/scan.h"

#include <errno.h>
#include <stdlib.h>

/* The kernel collects 512 regions before it copies them out and drops the lock. */
#define VEC_LEN 512

#define PAGES_START 4096
#define PAGES_LEAST 512
#define PAGES_MOST  16384

#define MIB         (UINT64_C(1) << 20)
#define SPAN_START  (64 * MIB)
#define SPAN_LEAST  (16 * MIB)
#define SPAN_MOST   (1024 * MIB)

/* Walking an existing but empty page table costs 2 ns an entry (6.18, x86-64; 3 for slower
 * machines), and max_pages does not count those: a gigabyte of them takes 0.5 ms. Where all tables
 * together are walked within a slice's time, the span needs no limit. */
#define WALK_NS_PER_ENTRY 3

static int kernel_call(void *ctx, struct scan_arg *arg)
{
	return ioctl(*(int *)ctx, SCAN_IOCTL, arg);
}

void scanner_init(struct scanner *s, int *fd, struct pace *pace, uint32_t page_size,
	uint64_t page_table_bytes)
{
	*s = (struct scanner){
		.call = kernel_call,
		.ctx = fd,
		.pace = pace,
		.page_size = page_size,
		.max_span = SPAN_MOST,
		.vec_len = VEC_LEN,
		.max_pages = PAGES_START,
		.span = SPAN_START,
	};
	if (page_table_bytes && page_table_bytes / 8 * WALK_NS_PER_ENTRY <= PACE_TARGET_NS)
		s->max_span = s->span = 0;
}

/* Make the next slice as long as a call may take. The span only grows while calls cost next to
 * nothing, because what follows may be denser. */
static void adapt(struct scanner *s, uint64_t took, bool found_most)
{
	if (took > PACE_TARGET_NS * 3 / 2) {
		if (found_most && s->max_pages > PAGES_LEAST)
			s->max_pages /= 2;
		if (!found_most && s->span > SPAN_LEAST)
			s->span /= 2;
	} else if (took < PACE_TARGET_NS / 2) {
		if (found_most && s->max_pages < PAGES_MOST)
			s->max_pages *= 2;
		if (!found_most && took < PACE_TARGET_NS / 4 && s->span < s->max_span)
			s->span *= 2;
	}
}

int scanner_run(struct scanner *s, uint64_t start, uint64_t end, uint64_t return_mask,
	bool (*found)(void *ctx, const struct scan_region *r), void *found_ctx, struct err *e)
{
	struct scan_region vec[VEC_LEN];
	unsigned shift = (unsigned)__builtin_ctzll(s->page_size); /* a division costs more than all else */
	uint64_t at = start;

	while (at < end && !s->pace->cancelled) {
		uint64_t stop = s->span && end - at > s->span ? at + s->span : end;
		struct scan_arg arg = {
			.size = sizeof(arg),
			.start = at,
			.end = stop,
			.vec = (uintptr_t)vec,
			.vec_len = s->vec_len,
			.max_pages = s->max_pages,
			.category_anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
			.return_mask = return_mask,
		};
		uint64_t pages = 0, took, before = at;
		int n, i;

		pace_begin(s->pace);
		n = s->call(s->ctx, &arg);
		took = pace_end(s->pace);
		if (n < 0 && errno == EINTR)
			continue;
		if (n >= 0 && (uint64_t)n > s->vec_len) {
			n = -1;
			errno = EPROTO;
		}
		if (n < 0)
			return err_errno(
				e, "PAGEMAP_SCAN failed at 0x%llx", (unsigned long long)at);
		for (i = 0; i < n; i++) {
			pages += (vec[i].end - vec[i].start) >> shift;
			/* What was reported before, or lies outside, is not reported: each page
			 * once, whatever the kernel says. */
			if (vec[i].end > stop)
				vec[i].end = stop;
			if (vec[i].start < at)
				vec[i].start = at;
			if (vec[i].start >= vec[i].end)
				continue;
			if (!found(found_ctx, &vec[i]))
				return 0;
			at = vec[i].end;
		}
		adapt(s, took, pages >= arg.max_pages);
		/* walk_end can name the end of an earlier round of 512 regions (seen on 6.18): it
		 * is only good for skipping what is empty behind the last region of a call that was
		 * cut short. */
		if ((uint64_t)n < s->vec_len && pages < arg.max_pages)
			at = stop;
		else if (arg.walk_end > at && arg.walk_end <= stop)
			at = arg.walk_end;
		if (at == before) {
			errno = EPROTO;
			return err_errno(e, "PAGEMAP_SCAN makes no progress at 0x%llx",
				(unsigned long long)at);
		}
	}
	return 0;
}

int scanner_tells(struct scanner *s, uint64_t address)
{
	struct scan_region r;
	struct scan_arg arg = {
		.size = sizeof(arg),
		.start = address,
		.end = address + s->page_size,
		.vec = (uintptr_t)&r,
		.vec_len = 1,
	};
	int n;

	pace_begin(s->pace);
	n = s->call(s->ctx, &arg);
	pace_end(s->pace);
	/* Beyond the end of user space ([vsyscall]) the range itself is refused. */
	if (n < 0)
		return errno == EFAULT ? 0 : -1;
	return n;
}
