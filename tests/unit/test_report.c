/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers as lines: how they are built, handed over by a job, printed, shown and asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/report.h"
#include "output/report.h"
#include "source/job.h"
#include "state_help.h"
#include "view/panes.h"

static struct report *small(void)
{
	struct report *r = report_new(false);

	report_add(r, REPORT_TEXT, "2 of %d mappings found", 2);
	report_add(r, REPORT_HEADING, "PID COMMAND");
	report_add(r, REPORT_TEXT, "%d ", 41);
	report_name(r, "a\033[2J\n", 6);
	report_more(r, " at %x", 0x400000);
	report_place(r, 41, 0x400000);
	return r;
}

static void lines_are_built(void **state)
{
	struct report *r = small();
	char size[REPORT_SIZE];

	(void)state;
	assert_int_equal(r->n, 3);
	assert_string_equal(r->line[0].text, "2 of 2 mappings found");
	assert_int_equal(r->line[0].pid, 0);
	assert_int_equal(r->line[1].kind, REPORT_HEADING);
	assert_string_equal(r->line[2].text, "41 a\\x1b[2J\\x0a at 400000");
	assert_int_equal(r->line[2].pid, 41);
	assert_int_equal(r->line[2].address, 0x400000);
	assert_string_equal(report_size(size, r, true, 4096), "4.0K");
	assert_string_equal(report_size(size, r, true, 0), "-");
	assert_string_equal(report_size(size, r, false, 4096), "?");
	r->exact = true;
	assert_string_equal(report_size(size, r, true, 4096), "4096");
	report_free(r);
}

static void text_is_as_clean_as_asked(void **state)
{
	struct report *r = report_new(false);
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	report_add(r, REPORT_TEXT, "caf\xc3\xa9 \xe2\x80\xae \\x41");
	text_report(f, r, false);
	text_report(f, r, true);
	fclose(f);
	assert_string_equal(text, "caf\xc3\xa9 \\xe2\\x80\\xae \\x41\ncaf\\xc3\\xa9 \\xe2\\x80\\xae \\x41\n");
	free(text);
	report_free(r);
}

/* --- a job hands it over --- */

struct meeting {
	atomic_bool go_on;
};

static int publishes_three(void *ctx, struct job_control *c, struct err *e)
{
	struct meeting *m = ctx;

	job_publish(c, report_new(false));
	atomic_store(&c->all, 9);
	atomic_store(&c->done, 4);
	while (!atomic_load(&m->go_on) && !atomic_load(&c->cancel))
		;
	/* The first of two that nobody took is dropped. */
	job_publish(c, report_new(false));
	job_publish(c, small());
	return atomic_load(&c->cancel) ? err_set(e, "given up") : 0;
}

static void wait_for(const struct job *j)
{
	struct pollfd p = { job_fd(j), POLLIN, 0 };

	assert_int_equal(poll(&p, 1, 20000), 1);
}

static void a_job_hands_reports_over(void **state)
{
	struct meeting m = { 0 };
	struct job *j = job_start(publishes_three, &m);
	struct report *r;
	uint64_t done, all;
	struct err e;

	(void)state;
	wait_for(j);
	r = job_take(j);
	assert_non_null(r);
	assert_int_equal(r->n, 0);
	report_free(r);
	assert_false(job_is_done(j));
	/* Nothing new: not readable, nothing to take. */
	assert_null(job_take(j));
	do
		job_progress(j, &done, &all);
	while (done != 4);
	assert_int_equal(all, 9);
	atomic_store(&m.go_on, true);
	while (!job_is_done(j))
		wait_for(j);
	wait_for(j);
	r = job_take(j);
	assert_non_null(r);
	assert_int_equal(r->n, 3);
	report_free(r);
	assert_int_equal(job_finish(j, &e), 0);
}

static void a_job_is_given_up(void **state)
{
	struct meeting m = { 0 };
	struct job *j = job_start(publishes_three, &m);
	struct err e;

	(void)state;
	job_cancel(j);
	assert_int_equal(job_finish(j, &e), -1);
	assert_string_equal(e.text, "given up");
}

/* --- on the screen --- */

static char *drawn(const struct view *v, const struct scene *s)
{
	struct cells c = { 0 };
	char *text;

	cells_resize(&c, 60, 12);
	screen_draw(&c, v, s);
	text = cells_to_text(&c);
	cells_free(&c);
	return text;
}

static void assert_shows(const struct view *v, const struct scene *s, const char *what, bool shown)
{
	char *text = drawn(v, s);

	if (!!strstr(text, what) != shown)
		fail_msg("'%s' is %s:\n%s", what, shown ? "missing" : "there", text);
	free(text);
}

static void it_is_shown(void **state)
{
	struct layout l = layout_make(60, 12);
	struct snapshot *snap = snapshot_of(THREE, NULL);
	struct scene s = scene_of(snap);
	struct report *r = small();
	struct view v;

	(void)state;
	start(&v, &s, &l);
	v.pane = PANE_GRID;
	assert_int_equal(view_key(&v, 'o', &s, &l), FOLLOW_ASK);
	assert_int_equal(v.screen, SCREEN_REPORT);
	s.working = "3 of 9 processes";
	assert_shows(&v, &s, "-- who else maps this page 3 of 9 processes ---", true);
	s.report = r;
	s.working = NULL;
	assert_shows(&v, &s, "-- who else maps this page -----", true);
	assert_shows(&v, &s, " 41 a\\x1b[2J\\x0a at 400000", true);
	assert_shows(&v, &s, ">", false);
	/* Only a line about a place can be gone to. */
	assert_int_equal(view_key(&v, PKEY_ENTER, &s, &l), 0);
	assert_shows(&v, &s, "this line is about no place", true);
	view_key(&v, 'G', &s, &l);
	assert_shows(&v, &s, ">41 a", true);
	assert_int_equal(view_key(&v, PKEY_ENTER, &s, &l), FOLLOW_GO);
	assert_int_equal(view_report_line(&v, &s)->pid, 41);
	view_key(&v, 'j', &s, &l);
	assert_int_equal(v.report_at, 2);
	view_key(&v, PKEY_PGUP, &s, &l);
	assert_int_equal(v.report_at, 0);
	/* Esc first stops what goes on, then goes back to where it was asked. */
	s.working = "3 of 9 processes";
	assert_int_equal(view_key(&v, PKEY_ESC, &s, &l), FOLLOW_STOP);
	assert_int_equal(v.screen, SCREEN_REPORT);
	s.working = NULL;
	assert_int_equal(view_key(&v, PKEY_ESC, &s, &l), FOLLOW_STOP);
	assert_int_equal(v.screen, SCREEN_MAIN);
	report_free(r);
	snapshot_unref(snap);
}

static void it_scrolls(void **state)
{
	struct layout l = layout_make(60, 12);
	struct snapshot *snap = snapshot_of(THREE, NULL);
	struct scene s = scene_of(snap);
	struct report *r = report_new(false);
	struct view v;
	int i;

	(void)state;
	start(&v, &s, &l);
	for (i = 0; i < 100; i++)
		report_add(r, REPORT_TEXT, "line %d.", i);
	view_key(&v, 'P', &s, &l);
	s.report = r;
	view_settle(&v, &s, &l);
	assert_shows(&v, &s, "line 0.", true);
	for (i = 1; i < 100; i++) {
		char text[24];

		view_key(&v, PKEY_DOWN, &s, &l);
		snprintf(text, sizeof(text), "line %d.", i);
		assert_shows(&v, &s, text, true);
	}
	assert_shows(&v, &s, "line 0.", false);
	/* An answer with fewer lines than the one before. */
	while (r->n > 4)
		free(r->line[--r->n].text);
	view_settle(&v, &s, &l);
	assert_int_equal(v.report_at, 3);
	assert_shows(&v, &s, "line 3.", true);
	report_free(r);
	snapshot_unref(snap);
}

static void what_stalls_is_asked_first(void **state)
{
	struct layout l = layout_make(80, 24);
	struct snapshot *snap = snapshot_of(THREE, NULL);
	struct scene s = scene_of(snap);
	struct view v;

	(void)state;
	start(&v, &s, &l);
	s.smaps_ns = SMAPS_SAY_NS;
	assert_int_equal(view_key(&v, 'R', &s, &l), FOLLOW_ASK);
	assert_int_equal(view_key(&v, 'q', &s, &l), FOLLOW_STOP);
	s.smaps_ns = 220000000;
	assert_int_equal(view_key(&v, 'R', &s, &l), 0);
	assert_int_equal(v.screen, SCREEN_MAIN);
	assert_shows(&v, &s, "may stall the process for 220 ms or more", true);
	/* What is said meanwhile does not take the place of the question. */
	snprintf(v.message, sizeof(v.message), "it was stopped");
	assert_shows(&v, &s, "220 ms", true);
	assert_int_equal(view_key(&v, 'n', &s, &l), 0);
	assert_shows(&v, &s, "not done", true);
	assert_int_equal(view_key(&v, 'y', &s, &l), 0);
	view_key(&v, 'R', &s, &l);
	assert_int_equal(view_key(&v, 'y', &s, &l), FOLLOW_ASK);
	assert_int_equal(v.question, QUESTION_RSS);
	assert_int_equal(v.screen, SCREEN_REPORT);
	snapshot_unref(snap);
}

static void the_working_set_takes_a_yes(void **state)
{
	struct layout l = layout_make(80, 24);
	struct snapshot *snap = snapshot_of(THREE, NULL);
	struct scene s = scene_of(snap);
	struct view v;

	(void)state;
	start(&v, &s, &l);
	s.clearing_ns = 86000000;
	assert_int_equal(view_key(&v, 'W', &s, &l), 0);
	assert_shows(&v, &s, "seconds to watch: 10", true);
	view_key(&v, PKEY_BACKSPACE, &s, &l);
	view_key(&v, PKEY_BACKSPACE, &s, &l);
	view_key(&v, '0', &s, &l);
	assert_int_equal(view_key(&v, PKEY_ENTER, &s, &l), 0);
	assert_false(v.asking);
	assert_shows(&v, &s, "0.1 to 3600", true);
	view_key(&v, 'W', &s, &l);
	assert_int_equal(view_key(&v, PKEY_ENTER, &s, &l), 0);
	assert_shows(&v, &s, "86 ms", true);
	assert_int_equal(view_key(&v, PKEY_ENTER, &s, &l), 0);
	assert_false(v.asking);
	assert_int_equal(v.screen, SCREEN_MAIN);
	view_key(&v, 'W', &s, &l);
	view_key(&v, PKEY_ENTER, &s, &l);
	assert_int_equal(view_key(&v, 'y', &s, &l), FOLLOW_ASK);
	assert_int_equal(v.question, QUESTION_WSS);
	assert_true(v.wss_seconds == 10);
	/* The badge goes with it. */
	v.screen = SCREEN_MAIN;
	assert_shows(&v, &s, "  RO  ", true);
	s.touched = true;
	assert_shows(&v, &s, "  RO  ", false);
	snapshot_unref(snap);
}

static void only_the_living_are_asked(void **state)
{
	static const char keys[] = "oRPW";
	struct layout l = layout_make(80, 24);
	struct snapshot *snap = snapshot_of(THREE, NULL);
	struct scene s = scene_of(snap);
	struct view v;
	size_t i;

	(void)state;
	start(&v, &s, &l);
	v.pane = PANE_GRID;
	for (i = 0; i < strlen(keys); i++) {
		s.file = "x.pmv";
		assert_int_equal(view_key(&v, (uint32_t)keys[i], &s, &l), 0);
		assert_shows(&v, &s, "it takes the live process", true);
		s.file = NULL;
		s.ended = "EXITED";
		assert_int_equal(view_key(&v, (uint32_t)keys[i], &s, &l), 0);
		assert_shows(&v, &s, "the process has ended", true);
		s.ended = NULL;
	}
	assert_int_equal(v.screen, SCREEN_MAIN);
	assert_int_equal(v.prompting, PROMPT_NONE);
	snapshot_unref(snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_built),
		cmocka_unit_test(text_is_as_clean_as_asked),
		cmocka_unit_test(a_job_hands_reports_over),
		cmocka_unit_test(a_job_is_given_up),
		cmocka_unit_test(it_is_shown),
		cmocka_unit_test(it_scrolls),
		cmocka_unit_test(what_stalls_is_asked_first),
		cmocka_unit_test(the_working_set_takes_a_yes),
		cmocka_unit_test(only_the_living_are_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
