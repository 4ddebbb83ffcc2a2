/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison as text, JSON and CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "helpers.h"
#include "output/diff.h"

#define OLD                                                            \
	"400000 r-xp file /usr/bin/cat F4 .1\n"                        \
	"600000 rw-p heap [heap] A1000 .20 S300 04 A512h\n"            \
	"7f0000000000 rw-p anon - A64\n"                               \
	"7f1000000000 rw-p file /lib/\"a,b\" F16\n"                    \
	"7f2000000000 rw-p anon - A3\n"                                \
	"7ff000000000 rw-p stack [stack] .30 A3\n"
#define NEW                                                            \
	"400000 r-xp file /usr/bin/cat F4 .1\n"                        \
	"600000 rw-p heap [heap] S1000 A20 A300 A4 A512 A100 .28\n"    \
	"7f1000000000 r--p file /lib/\"a,b\" F14 A2\n"                 \
	"7f2000000000 r--p anon - A3\n"                                \
	"7f3000000000 rw-s shmem /memfd:\xc3\xa9\x1b[31m F3 .61\n"     \
	"7ff000000000 rw-p stack [stack] .30 A3\n"

static char *printed(void (*print)(FILE *, const struct diff_output *), struct diff_output *d)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	print(f, d);
	fclose(f);
	return text;
}

static struct changes *changes_between(const struct snapshot *old, const struct snapshot *new)
{
	struct changes_options o = { 0 };
	struct changes *c;
	struct err e;

	assert_int_equal(changes_make(&c, old, new, &o, &e), 0);
	return c;
}

static void check(const char *name, void (*print)(FILE *, const struct diff_output *),
	struct diff_output *d)
{
	char *text = printed(print, d);

	compare(name, text);
	free(text);
}

static void each_format(void **state)
{
	struct snapshot_info later = info_for_tests();
	struct snapshot *old = snapshot_of(OLD, NULL), *new;
	struct changes *c;
	struct diff_output d;
	char *text;
	json_t *j;
	size_t i;

	(void)state;
	later.time.tv_sec += 36;
	later.comm = "other\x1b";
	new = snapshot_of(NEW, &later);
	c = changes_between(old, new);
	d = (struct diff_output){ .old = old, .new = new, .changes = c };
	check("diff.txt", text_diff, &d);
	check("diff.csv", csv_diff, &d);
	check("diff.json", json_diff, &d);
	d.exact = d.ascii = true;
	check("diff-bytes.txt", text_diff, &d);
	text = printed(json_diff, &d);
	for (i = 0; text[i]; i++)
		assert_in_range((unsigned char)text[i], 1, 0x7e);
	j = json_loads(text, 0, NULL);
	assert_non_null(j);
	/* The rows sum up to the totals. */
	{
		const json_t *vmas = json_object_get(j, "vmas"), *vma;
		json_int_t rss = 0, swap = 0;

		json_array_foreach(vmas, i, vma) {
			rss += json_integer_value(json_object_get(vma, "rss"));
			swap += json_integer_value(json_object_get(vma, "swap"));
		}
		vma = json_object_get(j, "totals");
		assert_int_equal(rss, json_integer_value(json_object_get(vma, "rss")));
		assert_int_equal(swap, json_integer_value(json_object_get(vma, "swap")));
		/* As the two lists would say. */
		assert_int_equal(rss, (int64_t)page_counts_rss(snapshot_totals(new)) -
				(int64_t)page_counts_rss(snapshot_totals(old)));
		assert_int_equal(swap, 700);
	}
	json_decref(j);
	free(text);
	changes_free(c);
	snapshot_unref(old);
	snapshot_unref(new);
}

/* What could not be known is null, not 0. */
static void little_is_known(void **state)
{
	struct snapshot_info little = info_for_tests();
	struct snapshot *old, *new = snapshot_of(NEW, NULL);
	struct changes *c;
	struct diff_output d;
	char *text;

	(void)state;
	little.known = (struct page_known){ 0 };
	little.complete = false;
	old = snapshot_of(OLD, &little);
	c = changes_between(old, new);
	d = (struct diff_output){ .old = old, .new = new, .changes = c };
	check("diff-little-known.txt", text_diff, &d);
	text = printed(json_diff, &d);
	assert_non_null(strstr(text, "\"another_frame\": null"));
	assert_non_null(strstr(text, "\"became_huge\": null"));
	assert_non_null(strstr(text, "\"swap\": null"));
	assert_non_null(strstr(text, "\"complete\": false"));
	assert_null(strstr(text, "\"what\": \"new\""));
	free(text);
	changes_free(c);
	c = changes_between(new, new);
	d = (struct diff_output){ .old = new, .new = new, .changes = c };
	text = printed(text_diff, &d);
	assert_non_null(strstr(text, "\nno change\n"));
	free(text);
	changes_free(c);
	snapshot_unref(old);
	snapshot_unref(new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_format),
		cmocka_unit_test(little_is_known),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
