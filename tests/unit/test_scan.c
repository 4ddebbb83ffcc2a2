/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scanner against a kernel of our own, which answers as the real one does and sometimes worse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "source/scan.h"

#define PAGE 4096
#define BASE UINT64_C(0x7f0000000000)
#define MASK (SCAN_PRESENT | SCAN_SWAPPED | SCAN_FILE | SCAN_PFNZERO | SCAN_HUGE | SCAN_GUARD)

/* What walk_end says. All of these have been seen or are allowed. */
enum walk_end { EXACT, SKIPS_EMPTY, STALE, BEYOND, UNTOUCHED };

struct fake {
	const uint16_t *page;  /* categories of each page, 0: nothing */
	size_t n;              /* from BASE on */
	struct scanner *s;
	enum walk_end walk_end;
	bool goes_back;        /* regions before the start are given again */
	bool changes_limits;   /* the scanner's slices get other sizes after each call */
	int interrupts;        /* calls that end with EINTR before anything is told */
	unsigned calls;
};

static uint64_t address_of(size_t page)
{
	return BASE + page * PAGE;
}

/* Fill vec from page `from` on; *at is where the walk ended. Returns the number of regions. */
static int walk_pages(const struct fake *f, const struct scan_arg *arg, size_t from, size_t *at)
{
	struct scan_region *vec = (struct scan_region *)(uintptr_t)arg->vec;
	size_t end = (size_t)((arg->end - BASE) / PAGE), i;
	uint64_t pages = 0;
	int n = 0;

	for (i = from; i < end; i++) {
		uint64_t categories = f->page[i] & arg->return_mask;

		if (!(f->page[i] & arg->category_anyof_mask))
			continue;
		if (arg->max_pages && pages == arg->max_pages)
			break;
		if (n && vec[n - 1].end == address_of(i) && vec[n - 1].categories == categories) {
			vec[n - 1].end += PAGE;
		} else if ((uint64_t)n == arg->vec_len) {
			break;
		} else {
			vec[n++] = (struct scan_region){ address_of(i), address_of(i + 1),
				categories };
		}
		pages++;
	}
	*at = i;
	return n;
}

static int fake_call(void *ctx, struct scan_arg *arg)
{
	struct fake *f = ctx;
	struct scan_region *vec = (struct scan_region *)(uintptr_t)arg->vec;
	size_t start = (size_t)((arg->start - BASE) / PAGE), from = start, at,
	       back = (size_t)rand() % 6;
	int n;

	f->calls++;
	assert_int_equal(arg->size, 96);
	assert_int_equal(arg->flags, 0); /* anything else would change the target */
	assert_true(BASE <= arg->start && arg->start < arg->end && arg->end <= address_of(f->n));
	assert_int_equal(arg->start % PAGE, 0);
	assert_int_equal(arg->category_mask | arg->category_inverted, 0);
	assert_int_equal(arg->category_anyof_mask, SCAN_PRESENT | SCAN_SWAPPED);
	if (f->s->span)
		assert_true(arg->end - arg->start <= f->s->span);
	if (f->interrupts) {
		f->interrupts--;
		errno = EINTR;
		return -1;
	}
	if (f->goes_back && back < start)
		from -= back;
	n = walk_pages(f, arg, from, &at);
	/* A kernel that gets nowhere is another test. */
	if (!n || vec[n - 1].end <= arg->start)
		n = walk_pages(f, arg, start, &at);

	switch (f->walk_end) {
	case EXACT:
		arg->walk_end = at < (size_t)((arg->end - BASE) / PAGE) ? vec[n - 1].end : arg->end;
		break;
	case SKIPS_EMPTY:
		arg->walk_end = address_of(at);
		break;
	case STALE:
		arg->walk_end = n > 1 ? vec[rand() % (n - 1)].end : arg->start;
		break;
	case BEYOND:
		arg->walk_end = arg->end + 5 * PAGE;
		break;
	case UNTOUCHED:
		break;
	}
	if (f->changes_limits) {
		f->s->max_pages = 1 + (uint64_t)rand() % 5;
		f->s->span = rand() % 4 ? (1 + (uint64_t)rand() % 9) * PAGE : 0;
	}
	return n;
}

/* What was reported: each page at most once, in order. */
struct report {
	uint16_t *page;
	size_t n;
	uint64_t last, regions, most;
};

static bool take(void *ctx, const struct scan_region *r)
{
	struct report *report = ctx;
	size_t i;

	if (r->start < report->last || r->end <= r->start || r->end > address_of(report->n))
		fail_msg("0x%llx-0x%llx is reported after 0x%llx", (unsigned long long)r->start,
			(unsigned long long)r->end, (unsigned long long)report->last);
	for (i = (size_t)((r->start - BASE) / PAGE); address_of(i) < r->end; i++)
		report->page[i] = (uint16_t)r->categories;
	report->last = r->end;
	return ++report->regions != report->most;
}

static struct scanner scanner_of(struct fake *f, struct pace *pace)
{
	return (struct scanner){ .call = fake_call,
		.ctx = f,
		.pace = pace,
		.page_size = PAGE,
		.vec_len = 512,
		.max_pages = 4096 };
}

/* Scan pages [first, end) and compare with the naive answer. */
static void check_scan(struct fake *f, struct scanner *s, size_t first, size_t end, uint64_t mask)
{
	struct report report = {
		.page = mem_zero(f->n, sizeof(uint16_t)), .n = f->n, .last = BASE
	};
	struct err e;
	size_t i;

	f->s = s;
	if (scanner_run(s, address_of(first), address_of(end), mask, take, &report, &e) < 0)
		fail_msg("%s", e.text);
	for (i = 0; i < f->n; i++) {
		bool there = i >= first && i < end && f->page[i] & (SCAN_PRESENT | SCAN_SWAPPED);

		if (report.page[i] != (there ? f->page[i] & mask : 0))
			fail_msg("page %zu: 0x%x instead of 0x%x", i, report.page[i], f->page[i]);
	}
	free(report.page);
}

static void random_space(uint16_t *page, size_t n)
{
	static const uint16_t kinds[] = { 0, 0, SCAN_PRESENT, SCAN_PRESENT | SCAN_FILE,
		SCAN_SWAPPED, SCAN_SWAPPED | SCAN_GUARD, SCAN_PRESENT | SCAN_PFNZERO,
		SCAN_PRESENT | SCAN_HUGE, SCAN_HUGE };
	size_t i = 0, len;

	while (i < n) {
		uint16_t kind = kinds[rand() % 9];

		for (len = 1 + (size_t)rand() % (rand() % 4 ? 3 : 40); len && i < n; len--)
			page[i++] = kind;
	}
}

static void random_spaces_are_scanned_whole(void **state)
{
	static const uint64_t vec_lens[] = { 1, 2, 3, 7, 512 };
	uint16_t page[300];
	int round;

	(void)state;
	srand(1);
	for (round = 0; round < 4000; round++) {
		struct fake f = { .page = page, .n = 1 + (size_t)rand() % 300 };
		struct pace pace = { 0 };
		struct scanner s = scanner_of(&f, &pace);
		size_t first = (size_t)rand() % f.n,
		       end = first + (size_t)rand() % (f.n - first + 1);

		random_space(page, f.n);
		s.vec_len = vec_lens[rand() % 5];
		if (rand() % 2)
			s.max_pages = 1 + (uint64_t)rand() % 5;
		if (rand() % 2)
			s.span = (1 + (uint64_t)rand() % 9) * PAGE;
		f.walk_end = (enum walk_end)(round % 5);
		f.goes_back = rand() % 2;
		f.changes_limits = rand() % 2;
		f.interrupts = rand() % 3;
		check_scan(&f, &s, first, end, rand() % 2 ? MASK : SCAN_PRESENT);
		if (first == end)
			assert_int_equal(f.calls, 0);
	}
}

/* Each page of its own kind, so that every limit is met: more regions than fit, exactly as many,
 * ... */
static void full_vectors_are_continued(void **state)
{
	uint16_t page[1600];
	size_t n, i;
	int end;

	(void)state;
	for (i = 0; i < 1600; i++)
		page[i] = i % 2 ? SCAN_PRESENT : SCAN_SWAPPED;
	for (n = 509; n <= 1600; n += n % 512 < 3 || n % 512 > 508 ? 1 : 37) {
		for (end = EXACT; end <= UNTOUCHED; end++) {
			struct fake f = { .page = page, .n = n, .walk_end = (enum walk_end)end };
			struct pace pace = { 0 };
			struct scanner s = scanner_of(&f, &pace);

			check_scan(&f, &s, 0, n, MASK);
			assert_true(f.calls <= n / 512 + 1);
		}
	}
}

static void empty_space_costs_one_call(void **state)
{
	static uint16_t page[100000];
	struct fake f = { .page = page, .n = 100000, .walk_end = EXACT };
	struct pace pace = { 0 };
	struct scanner s = scanner_of(&f, &pace);

	(void)state;
	check_scan(&f, &s, 0, f.n, MASK);
	assert_int_equal(f.calls, 1);
	assert_int_equal(pace.calls, 1);
	page[50000] = SCAN_PRESENT;
	check_scan(&f, &s, 0, f.n, MASK);
	assert_int_equal(f.calls, 2);
	page[50000] = 0;
}

/* A vector that is full says where to go on behind what is empty; that must be believed. */
static void walk_end_skips_what_is_empty(void **state)
{
	static uint16_t page[100000];
	struct fake f = { .page = page, .n = 100000, .walk_end = SKIPS_EMPTY };
	struct pace pace = { 0 };
	struct scanner s = scanner_of(&f, &pace);

	(void)state;
	s.vec_len = 1;
	s.span = 16 * PAGE;
	page[0] = SCAN_PRESENT;
	page[2] = SCAN_SWAPPED;
	page[13] = SCAN_SWAPPED;
	check_scan(&f, &s, 0, 16, MASK);
	assert_int_equal(f.calls, 3);
}

/* A region that goes beyond what was asked for must not lead the scanner back. */
static int overshooting_call(void *ctx, struct scan_arg *arg)
{
	struct scan_region *vec = (struct scan_region *)(uintptr_t)arg->vec;
	unsigned *calls = ctx;

	++*calls;
	vec[0] = (struct scan_region){ arg->start, arg->end + 3 * PAGE, SCAN_PRESENT };
	arg->walk_end = arg->end;
	return 1;
}

static void regions_beyond_the_end_are_not_repeated(void **state)
{
	unsigned calls = 0;
	struct pace pace = { 0 };
	struct scanner s = { .call = overshooting_call,
		.ctx = &calls,
		.pace = &pace,
		.page_size = PAGE,
		.vec_len = 512,
		.max_pages = 4096,
		.span = 10 * PAGE };
	struct report report = { .page = mem_zero(200, sizeof(uint16_t)), .n = 200, .last = BASE };
	struct err e;

	(void)state;
	assert_int_equal(scanner_run(&s, BASE, address_of(100), MASK, take, &report, &e), 0);
	assert_true(report.last >= address_of(100));
	assert_in_range(calls, 1, 10);
	free(report.page);
}

static void found_may_stop_the_scan(void **state)
{
	static const uint16_t page[] = { SCAN_PRESENT, SCAN_SWAPPED, SCAN_PRESENT, SCAN_SWAPPED,
		SCAN_PRESENT };
	uint64_t most;

	(void)state;
	for (most = 1; most <= 5; most++) {
		struct fake f = { .page = page, .n = 5, .walk_end = EXACT };
		struct pace pace = { 0 };
		struct scanner s = scanner_of(&f, &pace);
		uint16_t got[5] = { 0 };
		struct report report = { .page = got, .n = 5, .last = BASE, .most = most };
		struct err e;

		f.s = &s;
		s.vec_len = 2;
		assert_int_equal(scanner_run(&s, BASE, address_of(5), MASK, take, &report, &e), 0);
		assert_int_equal(report.regions, most);
		assert_int_equal(f.calls, (most + 1) / 2);
	}
}

/* --- errors --- */

struct failing {
	unsigned calls;
	int code;      /* errno, or 0: */
	int regions;   /* so many regions that lead nowhere */
	struct pace *pace;
};

static int failing_call(void *ctx, struct scan_arg *arg)
{
	struct scan_region *vec = (struct scan_region *)(uintptr_t)arg->vec;
	struct failing *f = ctx;
	int i;

	if (++f->calls > 1000)
		fail_msg("it does not end");
	if (f->pace)
		f->pace->held_ns = PACE_HELD_NS; /* as if the call had been a long one */
	errno = f->code;
	if (f->code)
		return -1;
	for (i = 0; i < f->regions && (uint64_t)i < arg->vec_len; i++)
		vec[i] = (struct scan_region){ arg->start - PAGE, arg->start, SCAN_PRESENT };
	arg->walk_end = arg->start;
	return f->regions;
}

static int run_failing(struct failing *f, struct pace *pace, struct err *e)
{
	struct scanner s = { .call = failing_call,
		.ctx = f,
		.pace = pace,
		.page_size = PAGE,
		.vec_len = 2,
		.max_pages = 4096 };
	uint16_t got[16] = { 0 };
	struct report report = { .page = got, .n = 16, .last = BASE };
	int r = scanner_run(&s, address_of(3), address_of(16), MASK, take, &report, e);

	assert_int_equal(report.regions, 0);
	return r;
}

static void errors_end_the_scan(void **state)
{
	static const int codes[] = { ESRCH, EINVAL, ENOTTY, EFAULT, ENOMEM, EPERM };
	struct pace pace = { 0 };
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct failing f = { .code = codes[i] };

		assert_int_equal(run_failing(&f, &pace, &e), -1);
		assert_int_equal(e.code, codes[i]);
		assert_int_equal(f.calls, 1);
		assert_non_null(strstr(e.text, "0x7f0000003000"));
	}
}

static void no_progress_is_an_error(void **state)
{
	struct failing f = { .regions = 2 };
	struct pace pace = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(run_failing(&f, &pace, &e), -1);
	assert_int_not_equal(e.code, ESRCH); /* the process has not gone */
	assert_non_null(strstr(e.text, "progress"));
	assert_in_range(f.calls, 1, 3);
	/* More regions than there was room for. */
	f = (struct failing){ .regions = 3 };
	assert_int_equal(run_failing(&f, &pace, &e), -1);
	assert_int_equal(f.calls, 1);
	assert_non_null(strstr(e.text, "failed"));
}

/* --- the pace --- */

static bool count_down(void *ctx)
{
	int *left = ctx;

	return --*left > 0;
}

static void the_pace_can_end_an_interrupted_scan(void **state)
{
	int left = 4;
	struct pace pace = { .between = count_down, .ctx = &left };
	struct failing f = { .code = EINTR, .pace = &pace };
	struct err e;

	(void)state;
	assert_int_equal(run_failing(&f, &pace, &e), 0);
	assert_true(pace.cancelled);
	assert_int_equal(left, 0);
	assert_in_range(f.calls, 4, 1000);
}

static void cancelling_stops_between_calls(void **state)
{
	uint16_t page[64], got[64] = { 0 };
	int left = 1;
	struct pace pace = { .between = count_down, .ctx = &left, .held_ns = PACE_HELD_NS };
	struct fake f = { .page = page, .n = 64, .walk_end = EXACT };
	struct scanner s = scanner_of(&f, &pace);
	struct report report = { .page = got, .n = 64, .last = BASE };
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < 64; i++)
		page[i] = SCAN_PRESENT;
	f.s = &s;
	s.span = 8 * PAGE;
	assert_int_equal(scanner_run(&s, BASE, address_of(64), MASK, take, &report, &e), 0);
	assert_true(pace.cancelled);
	assert_int_equal(f.calls, 1);
	assert_true(report.last <= address_of(8));
	/* Nothing more is asked for by one who has been told to stop. */
	assert_int_equal(scanner_run(&s, BASE, address_of(64), MASK, take, &report, &e), 0);
	assert_int_equal(f.calls, 1);
}

static void spin(uint64_t ns)
{
	uint64_t until = units_now_ns() + ns;

	while (units_now_ns() < until)
		;
}

static void the_pace_counts_and_pauses(void **state)
{
	int left = 1000;
	struct pace pace = { .between = count_down, .ctx = &left };
	uint64_t took;

	(void)state;
	pace_begin(&pace);
	spin(PACE_HELD_NS + 1000);
	took = pace_end(&pace);
	assert_true(took > PACE_HELD_NS);
	assert_int_equal(pace.longest_ns, took);
	assert_int_equal(pace.calls, 1);
	assert_int_equal(pace.held_ns, 0); /* paused: counting starts anew */
	assert_int_equal(left, 999);
	assert_false(pace.cancelled);
	pace.held_ns = PACE_HELD_NS - 1; /* short calls add up */
	pace_begin(&pace);
	spin(100);
	pace_end(&pace);
	assert_int_equal(left, 998);
	assert_int_equal(pace.calls, 2);
	assert_true(pace.longest_ns >= took);
}

/* A dense space: each call finds all it may, and takes `ns`. */
struct dense {
	uint64_t ns, least, most;
};

static int dense_call(void *ctx, struct scan_arg *arg)
{
	struct scan_region *vec = (struct scan_region *)(uintptr_t)arg->vec;
	uint64_t end = arg->start + arg->max_pages * PAGE;
	struct dense *d = ctx;

	if (arg->max_pages < d->least)
		d->least = arg->max_pages;
	if (arg->max_pages > d->most)
		d->most = arg->max_pages;
	spin(d->ns);
	arg->walk_end = end < arg->end ? end : arg->end;
	vec[0] = (struct scan_region){ arg->start, arg->walk_end, SCAN_PRESENT };
	return 1;
}

static bool ignore(void *ctx, const struct scan_region *r)
{
	(void)ctx;
	(void)r;
	return true;
}

static void slices_adapt_to_what_they_cost(void **state)
{
	struct dense slow = { .ns = PACE_TARGET_NS * 2, .least = UINT64_MAX };
	struct dense fast = { .least = UINT64_MAX };
	struct pace pace = { 0 };
	struct scanner s;
	struct err e;
	int fd = -1;

	(void)state;
	scanner_init(&s, &fd, &pace, PAGE, 0);
	s.call = dense_call;
	s.ctx = &slow;
	assert_int_equal(scanner_run(&s, BASE, BASE + 20000 * PAGE, MASK, ignore, NULL, &e), 0);
	assert_in_range(slow.least, 1, 1000);
	s.ctx = &fast;
	assert_int_equal(scanner_run(&s, BASE, BASE + 2000000ul * PAGE, MASK, ignore, NULL, &e), 0);
	assert_true(fast.most > 8000);
	assert_true(fast.most < 100000);
}

static void small_page_tables_need_no_span(void **state)
{
	struct pace pace = { 0 };
	struct scanner s;
	int fd = -1;

	(void)state;
	scanner_init(&s, &fd, &pace, PAGE, 0); /* not known: careful */
	assert_true(s.span > 0 && s.span <= s.max_span);
	scanner_init(&s, &fd, &pace, PAGE, UINT64_C(1) << 30);
	assert_true(s.span > 0 && s.span <= s.max_span);
	scanner_init(&s, &fd, &pace, PAGE, 64 << 10);
	assert_int_equal(s.span, 0);
	assert_int_equal(s.max_span, 0);
}

/* --- one page --- */

static int telling_call(void *ctx, struct scan_arg *arg)
{
	assert_int_equal(arg->start, BASE);
	assert_int_equal(arg->end, BASE + PAGE);
	assert_int_equal(arg->size, 96);
	assert_int_equal(arg->flags, 0);
	assert_int_equal(arg->category_mask | arg->category_anyof_mask | arg->category_inverted, 0);
	assert_int_equal(arg->vec_len, 1);
	errno = *(int *)ctx < 0 ? -*(int *)ctx : 0;
	return *(int *)ctx < 0 ? -1 : *(int *)ctx;
}

static void one_page_is_asked_about(void **state)
{
	struct pace pace = { 0 };
	int answer;
	struct scanner s = {
		.call = telling_call, .ctx = &answer, .pace = &pace, .page_size = PAGE
	};

	(void)state;
	answer = 0;
	assert_int_equal(scanner_tells(&s, BASE), 0);
	answer = 1;
	assert_int_equal(scanner_tells(&s, BASE), 1);
	answer = -EFAULT; /* the kernel's half of the addresses */
	assert_int_equal(scanner_tells(&s, BASE), 0);
	answer = -ESRCH;
	assert_int_equal(scanner_tells(&s, BASE), -1);
	assert_int_equal(pace.calls, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_spaces_are_scanned_whole),
		cmocka_unit_test(full_vectors_are_continued),
		cmocka_unit_test(empty_space_costs_one_call),
		cmocka_unit_test(walk_end_skips_what_is_empty),
		cmocka_unit_test(regions_beyond_the_end_are_not_repeated),
		cmocka_unit_test(found_may_stop_the_scan),
		cmocka_unit_test(errors_end_the_scan),
		cmocka_unit_test(no_progress_is_an_error),
		cmocka_unit_test(the_pace_can_end_an_interrupted_scan),
		cmocka_unit_test(cancelling_stops_between_calls),
		cmocka_unit_test(the_pace_counts_and_pauses),
		cmocka_unit_test(slices_adapt_to_what_they_cost),
		cmocka_unit_test(small_page_tables_need_no_span),
		cmocka_unit_test(one_page_is_asked_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
