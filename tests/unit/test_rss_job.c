/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/rss and source/wss as jobs on this very process: how far they are, and that they can be given
 * up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "source/job.h"
#include "source/live.h"
#include "source/rss.h"
#include "source/smaps.h"
#include "source/wss.h"

static struct live *live;
static struct snapshot *snapshot;

static int look(void **state)
{
	struct live_options o = { .proc = "/proc" };
	struct err e;

	(void)state;
	live = live_open(getpid(), &o, &e);
	snapshot = live ? live_scan(live, NULL, NULL, NULL, &e) : NULL;
	return snapshot ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	snapshot_unref(snapshot);
	live_close(live);
	return 0;
}

static void progress_reaches_its_end(void **state)
{
	struct job_control c = { 0 };
	struct rss r;
	struct err e;

	(void)state;
	assert_int_equal(rss_gather("/proc", live, snapshot, &c, &r, &e), 0);
	assert_int_equal(r.status.bytes[STATUS_VM_RSS] % 4096, 0);
	if (r.counts) {
		assert_true(c.done > 0);
		assert_int_equal(c.done, c.all);
	}
	assert_true(r.smaps_sums.kb[SMAPS_RSS] > 0);
	rss_free(&r);
	/* Given up before it begins: nothing is left behind. */
	c.cancel = true;
	assert_int_equal(rss_gather("/proc", live, snapshot, &c, &r, &e), -1);
	assert_int_equal(e.code, ECANCELED);
}

struct work {
	struct job_control *control; /* once it has begun */
	atomic_bool cleared;
};

static int measure(void *ctx, struct job_control *c, struct err *e)
{
	struct work *w = ctx;
	struct wss wss;

	__atomic_store_n(&w->control, c, __ATOMIC_RELEASE);
	return wss_measure("/proc", live, snapshot, 3600, c, &wss, &w->cleared, e);
}

static void waiting_can_be_given_up(void **state)
{
	struct work w = { 0 };
	struct job_control *c, given_up = { .cancel = true };
	struct job *j;
	struct err e;
	uint64_t began;

	(void)state;
	/* Before it began: nothing has changed. */
	assert_int_equal(measure(&w, &given_up, &e), -1);
	assert_int_equal(e.code, ECANCELED);
	assert_false(w.cleared);
	w.control = NULL;
	j = job_start(measure, &w);
	assert_non_null(j);
	while (!(c = __atomic_load_n(&w.control, __ATOMIC_ACQUIRE)) || !atomic_load(&c->done)) {
		assert_false(job_is_done(j));
		sched_yield();
	}
	assert_int_equal(atomic_load(&c->all), 3600 * 1000);
	job_cancel(j);
	began = units_now_ns();
	assert_int_equal(job_finish(j, &e), -1);
	assert_int_equal(e.code, ECANCELED);
	assert_true(w.cleared);
	assert_true(units_now_ns() - began < UINT64_C(5000000000));
}

/* A process that has ended, whose PID another one has. */
static void another_process_is_left_alone(void **state)
{
	struct snapshot_info info = *snapshot_info(snapshot);
	struct snapshot *other;
	struct rss_status status;
	struct wss wss;
	atomic_bool cleared = true;
	struct err e;
	int i;

	(void)state;
	info.start_time++;
	other = snapshot_builder_finish(snapshot_builder_new(&info));
	assert_int_equal(wss_measure("/proc", live, other, 0.1, NULL, &wss, &cleared, &e), -1);
	assert_false(cleared);
	rss_read_status("/proc", other, &status);
	for (i = 0; i < STATUS_FIELDS; i++)
		assert_int_equal(status.bytes[i], RSS_UNKNOWN);
	snapshot_unref(other);
}

static struct snapshot *made_up(const char *const runs[], uint32_t page_size)
{
	struct snapshot_info info = { .page_size = page_size, .pmd_size = 2 << 20, .comm = "a\033b",
		.pid = 7, .kernel = "6.18", .known = { .huge = true } };
	struct snapshot_builder *b;
	uint64_t at = 2 << 20;
	size_t i;

	b = snapshot_builder_new(&info);
	for (i = 0; runs[i]; i++) {
		struct runs_builder rb = { 0 };
		uint64_t pages = (uint64_t)atoll(runs[i] + 1);
		struct vma v = { .start = at, .end = at + pages * page_size, .name = "",
			.page_size = page_size };

		runs_builder_add(&rb, pages, page_state_of_letter(runs[i][0]),
			strchr(runs[i], 'h') != NULL);
		at = v.end;
		snapshot_builder_add(b, &v, runs_builder_finish(&rb));
		runs_builder_free(&rb);
	}
	return snapshot_builder_finish(b);
}

/* The lock is let go after two or three mappings, and a huge page is one entry. */
static void what_it_costs_is_said_before(void **state)
{
	static const char *const small[] = { "A4000", NULL }, *const large[] = { "A2097152", NULL },
		*const huge[] = { "A2097152h", NULL }, *const none[] = { ".2097152", "02097152", NULL },
		*const many[] = { "A4000", "A4000", "A4000", "A4000", "A4000", "A4000", NULL };
	static const struct {
		const char *const *runs;
		uint64_t least, most; /* ms */
		const char *pages;
	} rows[] = {
		{ small, 0, 0, NULL },
		{ large, 200, 240, "2,097,152" },
		{ huge, 0, 0, NULL },
		{ none, 0, 0, NULL },
		{ many, 1, 1, "24,000" },
	};
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct snapshot *s = made_up(rows[i].runs, 4096);
		uint64_t ms = smaps_estimate_ns(s) / 1000000;

		assert_in_range(ms, rows[i].least, rows[i].most);
		assert_int_equal(smaps_warning(text, sizeof(text), s), rows[i].pages != NULL);
		if (rows[i].pages)
			assert_non_null(strstr(text, rows[i].pages));
		assert_non_null(strstr(wss_warning(text, sizeof(text), s), "a\\x1bb[7]"));
		snapshot_unref(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(progress_reaches_its_end, look, end),
		cmocka_unit_test_setup_teardown(waiting_can_be_given_up, look, end),
		cmocka_unit_test_setup_teardown(another_process_is_left_alone, look, end),
		cmocka_unit_test(what_it_costs_is_said_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
