/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer who maps a page: what counts, and what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/frame.h"
#include "model/owners.h"
#include "model/report.h"

static void add(struct owners *o, pid_t pid, pid_t same_as, uint64_t address, const char *name)
{
	struct owner w = {
		.pid = pid,
		.same_as = same_as,
		.comm = "a b\t",
		.address = address,
		.entry = ENTRY_PRESENT | 0x1234,
		.vma = { .start = address & ~UINT64_C(0xffff), .end = address + 0x10000, .name = name,
			.perms = VMA_READ | VMA_WRITE, .kind = VMA_ANON },
		.asked = pid == o->pid && address == o->address,
	};

	owners_add(o, &w);
}

/* Three processes, of which one shares the memory of another. */
static struct owners some(void)
{
	struct owners o = {
		.what = OWNERS_FRAME,
		.end = OWNERS_ALL_FOUND,
		.pid = 7,
		.comm = "seven",
		.address = 0x7f0000003000,
		.pfn = 0x1234,
		.flags_known = true,
		.flags = FRAME_LRU | FRAME_ANON | UINT64_C(1) << 50,
		.count_known = true,
		.shared_known = true,
		.count = 3,
		.processes = 4,
	};

	add(&o, 7, 0, 0x7f0000003000, "");
	add(&o, 9, 7, 0x7f0000003000, "");
	add(&o, 8, 0, 0x7f0000005000, "/tmp/x\n");
	add(&o, 8, 0, 0x7f0000003000, "/tmp/x\n");
	return o;
}

static void check_line(const struct report *r, size_t i, const char *text, pid_t pid, uint64_t address)
{
	assert_true(i < r->n);
	assert_string_equal(r->line[i].text, text);
	assert_int_equal(r->line[i].pid, pid);
	assert_int_equal(r->line[i].address, address);
}

/* The first line of the report, and of which kind it is. */
static void check_first(const struct owners *o, enum report_kind kind, const char *text)
{
	struct report *r = owners_report(o, false);

	check_line(r, 0, text, 0, 0);
	assert_int_equal(r->line[0].kind, kind);
	report_free(r);
}

static void lines(void **state)
{
	struct owners o = some();
	struct report *r;

	(void)state;
	owners_sort(&o);
	r = owners_report(&o, false);
	check_line(r, 0, "3 of 3 mappings found", 0, 0);
	check_line(r, 1, "asked about 7f0000003000 of 7 seven", 7, 0x7f0000003000);
	check_line(r, 2, "page frame 0x1234: lru anon bit 50", 0, 0);
	check_line(r, 3, "     PID COMMAND              ADDRESS PERM MAPPING", 0, 0);
	check_line(r, 4,
		"*      7 a b\\x09            7f0000003000 rw-p 7f0000000000-7f0000013000 [anon]", 7,
		0x7f0000003000);
	check_line(r, 5,
		"       8 a b\\x09            7f0000003000 rw-p 7f0000000000-7f0000013000 /tmp/x\\x0a", 8,
		0x7f0000003000);
	check_line(r, 6,
		"       8 a b\\x09            7f0000005000 rw-p 7f0000000000-7f0000015000 /tmp/x\\x0a", 8,
		0x7f0000005000);
	check_line(r, 7,
		"       9 a b\\x09            7f0000003000 rw-p 7f0000000000-7f0000013000 [anon]"
		", memory shared with 7: counted once", 9, 0x7f0000003000);
	assert_int_equal(r->n, 8);
	report_free(r);
	o.withheld = true;
	r = owners_report(&o, false);
	check_line(r, 2, "page frame withheld: lru anon bit 50", 0, 0);
	report_free(r);
	owners_free(&o);
}

static void verdicts(void **state)
{
	struct owners o = some();

	(void)state;
	o.end = OWNERS_SEARCHING;
	o.count = 31;
	assert_false(owners_complete(&o));
	check_first(&o, REPORT_HEADING, "3 of 31 mappings found so far");
	o.end = OWNERS_CANCELLED;
	check_first(&o, REPORT_WARNING, "3 of 31 mappings found, then the search was cancelled");
	o.end = OWNERS_MOVED;
	assert_false(owners_complete(&o));
	o.end = OWNERS_EXHAUSTED;
	o.denied = 3;
	assert_false(owners_complete(&o));
	check_first(&o, REPORT_WARNING,
		"3 found, kpagecount says 31; 3 processes could not be looked at (no permission)");
	o.denied = 1;
	o.ended = 2;
	check_first(&o, REPORT_WARNING,
		"3 found, kpagecount says 31; 1 process could not be looked at (no permission); 2 ended meanwhile");
	o.count = 2;
	assert_true(owners_complete(&o));
	check_first(&o, REPORT_HEADING,
		"3 found, kpagecount says 2; 1 process could not be looked at (no permission); 2 ended meanwhile");
	/* Without a count, nobody must have been left out. */
	o.count_known = false;
	assert_false(owners_complete(&o));
	check_first(&o, REPORT_WARNING,
		"3 found in 4 processes; 1 process could not be looked at (no permission); 2 ended meanwhile");
	o.denied = 0;
	o.ended = 0;
	o.unseen = 1;
	o.unseen_error = EMFILE;
	assert_false(owners_complete(&o));
	check_first(&o, REPORT_WARNING,
		"3 found in 4 processes; 1 process could not be looked at (Too many open files)");
	o.unseen = 0;
	assert_true(owners_complete(&o));
	check_first(&o, REPORT_HEADING, "3 found in 4 processes");
	o.what = OWNERS_ZERO;
	check_first(&o, REPORT_HEADING,
		"the shared zero page: nobody owns it, and nobody was looked for");
	owners_free(&o);
}

/* Who ends takes those along that share its memory, and no others. */
static void dropped(void **state)
{
	struct owners o = some();

	(void)state;
	assert_int_equal(owners_found(&o), 3);
	assert_true(owners_has(&o, o.n, 9, 0x7f0000003000));
	assert_false(owners_has(&o, 1, 9, 0x7f0000003000));
	assert_false(owners_has(&o, o.n, 9, 0x7f0000005000));
	owners_drop(&o, 0);
	assert_int_equal(o.n, 2);
	assert_int_equal(o.owner[0].pid, 8);
	assert_int_equal(o.owner[0].address, 0x7f0000005000);
	assert_int_equal(owners_found(&o), 2);
	owners_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
