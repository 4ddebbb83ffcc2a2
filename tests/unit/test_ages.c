/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/model/ages: how long ago the state of each page was seen to change, against a look at every
 * page of every snapshot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "model/ages.h"

#define BEGAN 1000000

static struct snapshot *at_time(const char *text, double seconds)
{
	struct snapshot_info info = info_for_tests();

	info.time.tv_sec = BEGAN + (time_t)seconds;
	info.time.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9);
	return snapshot_of(text, &info);
}

/* A look that goes on. */
struct look_on {
	struct ages *ages;
	struct snapshot *s;
};

static void go_on(struct look_on *l, const char *text, double seconds)
{
	struct snapshot *new = at_time(text, seconds);
	struct diff *d;

	if (!l->s) {
		l->ages = ages_new(new);
	} else {
		d = diff_new(l->s, new);
		ages_update(l->ages, l->s, new, d);
		diff_free(d);
		snapshot_unref(l->s);
	}
	l->s = new;
}

static void end(struct look_on *l)
{
	ages_free(l->ages);
	snapshot_unref(l->s);
	*l = (struct look_on){ 0 };
}

/* The ages of a mapping's pages as a text of letters; and that its runs fit together. */
static const char *ages_text(const struct look_on *l, size_t i)
{
	static char text[4096];
	uint64_t n = runs_pages(snapshot_vma(l->s, i)->runs), page;

	for (page = 0; page < n; page++) {
		struct age_run r = ages_at(l->ages, i, page);

		assert_true(r.first <= page && page < r.end && r.end <= n);
		text[page] = "OTMSN"[r.age];
	}
	text[n] = '\0';
	return text;
}

static void a_change_grows_old(void **state)
{
	struct look_on l = { 0 };

	(void)state;
	go_on(&l, "10000 rw-p anon - A4 .4\n", 0);
	assert_string_equal(ages_text(&l, 0), "OOOOOOOO");
	go_on(&l, "10000 rw-p anon - A4 .2 A1 .1\n", 1);
	assert_string_equal(ages_text(&l, 0), "OOOOOONO");
	go_on(&l, "10000 rw-p anon - A4 .2 A1 .1\n", 2);
	assert_string_equal(ages_text(&l, 0), "OOOOOOSO");
	go_on(&l, "10000 rw-p anon - A2 S1 A1 .2 A1 .1\n", 10.9);
	assert_string_equal(ages_text(&l, 0), "OONOOOSO");
	go_on(&l, "10000 rw-p anon - A2 S1 A1 .2 A1 .1\n", 11);
	assert_string_equal(ages_text(&l, 0), "OOSOOOMO");
	go_on(&l, "10000 rw-p anon - A2 S1 A1 .2 A1 .1\n", 61);
	assert_string_equal(ages_text(&l, 0), "OOMOOOTO");
	go_on(&l, "10000 rw-p anon - A2 S1 A1 .2 A1 .1\n", 601);
	assert_string_equal(ages_text(&l, 0), "OOTOOOOO");
	/* What is older than the oldest class is forgotten, before long. */
	assert_true(ages_runs(l.ages) > 0);
	go_on(&l, "10000 rw-p anon - A2 S1 A1 .2 A1 .1\n", 680);
	assert_string_equal(ages_text(&l, 0), "OOOOOOOO");
	assert_int_equal(ages_runs(l.ages), 0);
	assert_int_equal(ages_began(l.ages).tv_sec, BEGAN);
	end(&l);
}

static void ages_follow_their_mapping(void **state)
{
	struct look_on l = { 0 };

	(void)state;
	go_on(&l, "10000 rw-p anon - A8\n20000 rw-p heap [heap] A2\n", 0);
	go_on(&l, "10000 rw-p anon - A2 S2 A4\n20000 rw-p heap [heap] A1 .1\n", 1);
	assert_string_equal(ages_text(&l, 1), "ON");
	/* It grows at both ends; what is empty there has not changed. */
	go_on(&l, "e000 rw-p anon - .2 A2 S2 A4 .1 A1\n20000 rw-p heap [heap] A1 .1\n", 5);
	assert_string_equal(ages_text(&l, 0), "OOOOSSOOOOON");
	/* It splits in two, the first of which begins later. */
	go_on(&l, "f000 rw-p anon - .1 A2 S1\n13000 rw-p anon - S1 A4 .1 A1\n"
		  "20000 rw-p heap [heap] A1 .1\n", 6);
	assert_string_equal(ages_text(&l, 0), "OOOS");
	assert_string_equal(ages_text(&l, 1), "SOOOOOS");
	assert_string_equal(ages_text(&l, 2), "OS");
	/* They merge again. */
	go_on(&l, "f000 rw-p anon - .1 A2 S2 A4 .1 A1\n20000 rw-p heap [heap] A1 .1\n", 7);
	assert_string_equal(ages_text(&l, 0), "OOOSSOOOOOS");
	/* What is empty behind a changed end has not changed with it. */
	go_on(&l, "f000 rw-p anon - .1 A2 S2 A4 .1 A1 .2\n20000 rw-p heap [heap] A1 .1\n", 7.5);
	assert_string_equal(ages_text(&l, 0), "OOOSSOOOOOSOO");
	go_on(&l, "f000 rw-p anon - .1 A2 S2 A4 .1 A1\n20000 rw-p heap [heap] A1 .1\n", 7.6);
	/* One that is gone and comes again is new. */
	go_on(&l, "f000 rw-p anon - .1 A2 S2 A4 .1 A1\n", 8);
	go_on(&l, "f000 rw-p anon - .1 A2 S2 A4 .1 A1\n20000 rw-p heap [heap] A1 .1\n", 9);
	assert_string_equal(ages_text(&l, 1), "NO");
	end(&l);
}

/* The clock is set back: what changed later is still the younger. */
static void a_clock_set_back_does_no_harm(void **state)
{
	struct look_on l = { 0 };

	(void)state;
	go_on(&l, "10000 rw-p anon - A4\n", 100);
	go_on(&l, "10000 rw-p anon - A3 S1\n", 50);
	assert_string_equal(ages_text(&l, 0), "OOON");
	go_on(&l, "10000 rw-p anon - A2 S2\n", 50);
	assert_string_equal(ages_text(&l, 0), "OONS");
	end(&l);
}

#define PAGES 60

static void random_text(char *text, size_t size, const char *states)
{
	size_t len = (size_t)snprintf(text, size, "10000 rw-p anon -");
	int i;

	for (i = 0; i < PAGES; i++)
		len += (size_t)snprintf(text + len, size - len, " %c1", states[i]);
	snprintf(text + len, size - len, "\n");
}

/* Many snapshots, against the time at which each page changed. */
static void every_page_is_as_old_as_its_change(void **state)
{
	char states[PAGES + 1], text[PAGES * 4 + 64];
	double now = 0, when[PAGES];
	struct look_on l = { 0 };
	int i, round;

	(void)state;
	memset(states, 'A', PAGES);
	for (i = 0; i < PAGES; i++)
		when[i] = -1e9;
	random_text(text, sizeof(text), states);
	go_on(&l, text, 0);
	for (round = 0; round < 300; round++) {
		int changes = (int)random_below(6);

		now += 1 + (double)random_below(round % 50 ? 4 : 400);
		while (changes--) {
			int first = (int)random_below(PAGES), n = 1 + (int)random_below(9);

			for (i = first; i < first + n && i < PAGES; i++) {
				if (when[i] == now)
					continue; /* once at a time */
				states[i] = states[i] == 'A' ? 'S' : states[i] == 'S' ? '.' : 'A';
				when[i] = now;
			}
		}
		random_text(text, sizeof(text), states);
		go_on(&l, text, now);
		for (i = 0; i < PAGES; i++) {
			double age = now - when[i];

			assert_int_equal(ages_text(&l, 0)[i], age == 0 ? 'N' : age < 10 ? 'S' :
				age < 60 ? 'M' : age < 600 ? 'T' : 'O');
		}
		assert_true(ages_runs(l.ages) <= PAGES);
	}
	end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_grows_old),
		cmocka_unit_test(ages_follow_their_mapping),
		cmocka_unit_test(a_clock_set_back_does_no_harm),
		cmocka_unit_test(every_page_is_as_old_as_its_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
