/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scanner thread and the job thread, from the loop's side: also run under ThreadSanitizer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "source/job.h"
#include "source/live.h"
#include "source/sampler.h"

struct watched {
	struct fixture *f;
	struct sampler *s;
	struct live *live;
	struct news last; /* the newest of each kind, and whether it ended */
};

static void forget(struct watched *w)
{
	snapshot_unref(w->last.snapshot);
	diff_free(w->last.diff);
	pageset_unref(w->last.pages);
	w->last.snapshot = NULL;
	w->last.diff = NULL;
	w->last.pages = NULL;
}

static int start(void **state, bool freeze)
{
	static struct watched w;
	struct live_options o = { .proc = "/proc", .freeze = freeze };
	struct err e;

	w = (struct watched){ 0 };
	w.f = fixture_start((const char *const[]){ "untouched:8", "stripes:2048", "guard", NULL });
	assert_non_null(w.f);
	w.live = live_open(fixture_pid(w.f), &o, &e);
	assert_non_null(w.live);
	w.s = sampler_start(w.live, 0.1);
	assert_non_null(w.s);
	*state = &w;
	return 0;
}

static int setup(void **state)
{
	return start(state, false);
}

static int setup_freezing(void **state)
{
	return start(state, true);
}

static int teardown(void **state)
{
	struct watched *w = *state;

	sampler_stop(w->s);
	live_close(w->live);
	forget(w);
	fixture_stop(w->f);
	return 0;
}

/* Take news until the condition holds; false after 20 s. */
static bool wait_for(struct watched *w, bool (*holds)(const struct watched *w, uint64_t arg), uint64_t arg)
{
	uint64_t deadline = units_now_ns() + UINT64_C(20000000000);

	while (!holds(w, arg)) {
		struct pollfd p = { sampler_fd(w->s), POLLIN, 0 };
		struct news n;

		if (units_now_ns() > deadline)
			return false;
		poll(&p, 1, 1000);
		n = sampler_take(w->s);
		if (n.snapshot) {
			snapshot_unref(w->last.snapshot);
			diff_free(w->last.diff);
			w->last.snapshot = n.snapshot;
			w->last.diff = n.diff;
			w->last.serial = n.serial;
		}
		if (n.pages) {
			pageset_unref(w->last.pages);
			w->last.pages = n.pages;
		}
		w->last.ended = n.ended;
		w->last.err = n.err;
	}
	return true;
}

static bool has_serial(const struct watched *w, uint64_t least)
{
	/* Not a part of the first one. */
	return w->last.snapshot && w->last.serial >= least &&
		!snapshot_info(w->last.snapshot)->scanning;
}

static bool has_diff(const struct watched *w, uint64_t arg)
{
	(void)arg;
	return w->last.diff != NULL;
}

static void test_snapshots_follow_each_other(void **state)
{
	struct watched *w = *state;

	assert_true(wait_for(w, has_serial, 3));
	assert_true(wait_for(w, has_diff, 0));
	assert_int_equal(snapshot_info(w->last.snapshot)->pid, fixture_pid(w->f));
}

static bool region_changed(const struct watched *w, uint64_t address)
{
	size_t i;

	if (!w->last.snapshot || !w->last.diff)
		return false;
	i = snapshot_find(w->last.snapshot, address);
	return diff_pages(w->last.diff, i) == 1 && diff_changed(w->last.diff, i, 2, 1);
}

static void test_touched_page_is_a_change(void **state)
{
	struct watched *w = *state;
	const struct fixture_region *r = fixture_region(w->f, "untouched");

	assert_true(wait_for(w, has_serial, 1));
	assert_int_equal(fixture_command(w->f, "touch 0x%" PRIx64 " 1",
				 r->address + 2 * (uint64_t)sysconf(_SC_PAGESIZE)), 0);
	assert_true(wait_for(w, region_changed, r->address));
}

static bool has_entry(const struct watched *w, uint64_t page)
{
	uint64_t entry;

	return pageset_entry(w->last.pages, page, &entry);
}

static void test_needs_are_answered_while_paused(void **state)
{
	struct watched *w = *state;
	const struct fixture_region *r = fixture_region(w->f, "stripes");
	uint64_t page = r->address / (uint64_t)sysconf(_SC_PAGESIZE), entry;
	struct needs n = { 0 };

	assert_true(wait_for(w, has_serial, 1));
	sampler_pause(w->s, true);
	needs_add(&n, NEED_ENTRIES, page, 16);
	sampler_need(w->s, &n);
	assert_true(wait_for(w, has_entry, page + 15));
	/* Touched and untouched in turn, as the fixture says. */
	assert_true(pageset_entry(w->last.pages, page, &entry));
	assert_true(entry & ENTRY_PRESENT);
	assert_true(pageset_entry(w->last.pages, page + 1, &entry));
	assert_int_equal(entry, 0);
	assert_false(pageset_entry(w->last.pages, page + 16, &entry));
}

static void test_scan_now_while_paused(void **state)
{
	struct watched *w = *state;
	uint64_t serial;

	assert_true(wait_for(w, has_serial, 1));
	sampler_pause(w->s, true);
	sampler_scan_now(w->s);
	serial = w->last.serial;
	assert_true(wait_for(w, has_serial, serial + 1));
}

static bool has_ended(const struct watched *w, uint64_t arg)
{
	(void)arg;
	return w->last.ended;
}

static void test_end_is_told(void **state)
{
	struct watched *w = *state;

	assert_true(wait_for(w, has_serial, 1));
	assert_int_equal(fixture_stop(w->f), 0);
	w->f = NULL;
	assert_true(wait_for(w, has_ended, 0));
	assert_int_equal(w->last.err.code, ESRCH);
	/* The last picture stays. */
	assert_true(snapshot_vmas(w->last.snapshot) > 0);
}

static bool is_cat(const struct watched *w, uint64_t arg)
{
	(void)arg;
	return w->last.snapshot && !strcmp(snapshot_info(w->last.snapshot)->comm, "cat");
}

/* All is another's after an exec, so nothing has changed; the next scan is compared again. */
static void test_no_changes_by_exec(void **state)
{
	struct watched *w = *state;
	uint64_t serial;

	assert_true(wait_for(w, has_serial, 1));
	sampler_pause(w->s, true);
	sampler_scan_now(w->s);
	serial = w->last.serial;
	assert_true(wait_for(w, has_serial, serial + 1));
	assert_int_equal(fixture_command(w->f, "exec /bin/cat"), 0);
	do {
		serial = w->last.serial;
		sampler_scan_now(w->s);
		assert_true(wait_for(w, has_serial, serial + 1));
	} while (!is_cat(w, 0));
	assert_null(w->last.diff);
	assert_true(snapshot_info(w->last.snapshot)->program > 0);
	serial = w->last.serial;
	sampler_scan_now(w->s);
	assert_true(wait_for(w, has_serial, serial + 1));
	assert_non_null(w->last.diff);
}

/* While it is held, no scan is under way, and so the process is not stopped. */
static void test_hold(void **state)
{
	struct watched *w = *state;
	char path[64], *status;
	uint64_t serial;
	int i;

	for (i = 0; i < 6; i++) {
		serial = w->last.serial;
		assert_true(wait_for(w, has_serial, serial + 1));
		sampler_scan_now(w->s);
		sampler_hold(w->s);
		snprintf(path, sizeof(path), "/proc/%d/status", (int)fixture_pid(w->f));
		status = read_file(path, NULL);
		assert_non_null(status);
		assert_non_null(strstr(status, "TracerPid:\t0\n"));
		free(status);
		/* It answers. */
		assert_int_equal(fixture_command(w->f, "map 1"), 0);
		sampler_go_on(w->s);
	}
}

static int count_to_cancel(void *ctx, struct job_control *c, struct err *e)
{
	uint64_t *counted = ctx;

	while (!atomic_load(&c->cancel)) {
		++*counted;
		atomic_fetch_add(&c->done, 1);
	}
	return err_set(e, "cancelled");
}

static void test_job_can_be_cancelled(void **state)
{
	uint64_t counted = 0;
	struct job *j = job_start(count_to_cancel, &counted);
	struct pollfd p;
	struct err e;

	(void)state;
	assert_non_null(j);
	p = (struct pollfd){ job_fd(j), POLLIN, 0 };
	assert_int_equal(poll(&p, 1, 0), 0);
	job_cancel(j);
	assert_int_equal(poll(&p, 1, 20000), 1);
	assert_int_equal(job_finish(j, &e), -1);
	assert_string_equal(e.text, "cancelled");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_snapshots_follow_each_other, setup, teardown),
		cmocka_unit_test_setup_teardown(test_touched_page_is_a_change, setup, teardown),
		cmocka_unit_test_setup_teardown(test_needs_are_answered_while_paused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scan_now_while_paused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_end_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_changes_by_exec, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hold, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hold, setup_freezing, teardown),
		cmocka_unit_test(test_job_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
