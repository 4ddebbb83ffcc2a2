/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/tui/compare: which snapshots are compared, and when the result is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <string.h>

#include "helpers.h"
#include "tui/compare.h"

static struct snapshot *with(const char *text, int64_t second, unsigned program, bool scanning)
{
	struct snapshot_info info = info_for_tests();

	info.time.tv_sec = second;
	info.program = program;
	info.scanning = scanning;
	return snapshot_of(text, &info);
}

static uint64_t faulted(const struct scene *s)
{
	return s->changes ? changes_sums(s->changes)->n.of[CHANGE_FAULTED_IN] : UINT64_MAX;
}

static void the_last_and_the_mark(void **state)
{
	struct snapshot *s[4];
	struct compare c = { 0 };
	struct view v = { 0 };
	struct scene scene = { 0 };
	static const char *const text[] = { "1000 rw-p anon - A1 .9", "1000 rw-p anon - A2 .8",
		"1000 rw-p anon - A5 .5", "1000 rw-p anon - A9 .1" };
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		s[i] = with(text[i], i, 0, false);
	compare_tell(&c, s[0], &v, &scene);
	assert_false(scene.has_last);
	assert_false(scene.has_mark);
	assert_null(scene.changes);
	scene.snapshot = s[0];
	compare_mark(&c, &scene, s[0], &v);
	assert_true(scene.has_mark);
	assert_non_null(strstr(v.message, ": d compares with it"));
	/* From snapshot to snapshot. */
	for (i = 1; i < 4; i++) {
		compare_before(&c, s[i - 1]);
		v.against = AGAINST_LAST;
		compare_tell(&c, s[i], &v, &scene);
		assert_true(scene.has_last);
		assert_int_equal(faulted(&scene), i == 1 ? 1 : i == 2 ? 3 : 4);
		assert_ptr_equal(scene.changes_old, s[i - 1]);
		v.against = AGAINST_MARK;
		compare_tell(&c, s[i], &v, &scene);
		assert_int_equal(faulted(&scene), i == 1 ? 1 : i == 2 ? 4 : 8);
		assert_ptr_equal(scene.changes_old, s[0]);
	}
	/* Nothing is made twice, and nothing is left when it is not asked for. */
	{
		const struct changes *made = scene.changes;

		compare_tell(&c, s[3], &v, &scene);
		assert_ptr_equal(scene.changes, made);
	}
	/* Another mark takes its place at once. */
	scene.snapshot = s[3];
	v.against = AGAINST_LAST;
	compare_mark(&c, &scene, s[3], &v);
	assert_non_null(strstr(v.message, ": d twice compares with it"));
	v.against = AGAINST_MARK;
	compare_mark(&c, &scene, s[3], &v);
	assert_null(strstr(v.message, "compares"));
	compare_tell(&c, s[3], &v, &scene);
	assert_int_equal(faulted(&scene), 0);
	assert_int_equal(changes_rows(scene.changes), 0);
	v.against = AGAINST_NOTHING;
	compare_tell(&c, s[3], &v, &scene);
	assert_null(scene.changes);
	assert_null(c.made);
	compare_forget(&c);
	compare_tell(&c, s[3], &v, &scene);
	assert_false(scene.has_last);
	assert_false(scene.has_mark);
	for (i = 0; i < 4; i++)
		snapshot_unref(s[i]);
}

static void what_cannot_be_compared(void **state)
{
	struct snapshot *a = with("1000 rw-p anon - A1", 0, 0, false);
	struct snapshot *b = with("1000 rw-p anon - A1", 1, 1, false);
	struct snapshot *part = with("1000 rw-p anon - A1", 1, 0, true);
	struct compare c = { 0 };
	struct view v = { .against = AGAINST_LAST };
	struct scene scene = { 0 };

	(void)state;
	compare_tell(&c, a, &v, &scene);
	assert_string_equal(scene.no_changes, "there is none");
	compare_before(&c, a);
	compare_tell(&c, b, &v, &scene);
	assert_null(scene.changes);
	assert_non_null(strstr(scene.no_changes, "exec"));
	compare_tell(&c, part, &v, &scene);
	assert_null(scene.changes);
	assert_non_null(strstr(scene.no_changes, "scan"));
	/* A part of a first scan is nothing to compare with. */
	compare_before(&c, part);
	compare_tell(&c, a, &v, &scene);
	assert_false(scene.has_last);
	scene.snapshot = part;
	compare_mark(&c, &scene, part, &v);
	assert_null(c.mark);
	assert_non_null(strstr(v.message, "not done yet"));
	compare_forget(&c);
	snapshot_unref(a);
	snapshot_unref(b);
	snapshot_unref(part);
}

static struct snapshot *many(size_t n, enum page_state state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b = snapshot_builder_new(&info);
	size_t i;

	for (i = 0; i < n; i++) {
		struct vma v = { .start = (i + 1) << 16, .end = ((i + 1) << 16) + 4096,
			.page_size = 4096, .perms = 3, .name = "" };
		struct runs_builder r = { 0 };

		runs_builder_add(&r, 1, state, false);
		snapshot_builder_add(b, &v, runs_builder_finish(&r));
		runs_builder_free(&r);
	}
	return snapshot_builder_finish(b);
}

/* What takes long is done elsewhere, and given up where something else is shown. */
static void large_ones_are_a_job(void **state)
{
	struct snapshot *a = many(60000, PAGE_NONE), *b = many(60000, PAGE_ANON);
	struct compare c = { 0 };
	struct view v = { .against = AGAINST_LAST };
	struct scene scene = { 0 };
	struct pollfd p = { .events = POLLIN };

	(void)state;
	compare_before(&c, a);
	compare_tell(&c, b, &v, &scene);
	assert_null(scene.changes);
	assert_null(scene.no_changes);
	p.fd = compare_fd(&c);
	assert_true(p.fd >= 0);
	while (!scene.changes) {
		assert_int_equal(poll(&p, 1, 60000), 1);
		compare_tell(&c, b, &v, &scene);
	}
	assert_int_equal(compare_fd(&c), -1);
	assert_int_equal(faulted(&scene), 60000);
	compare_before(&c, b);
	compare_tell(&c, a, &v, &scene);
	compare_before(&c, a);
	compare_tell(&c, a, &v, &scene);
	compare_forget(&c);
	assert_int_equal(compare_fd(&c), -1);
	snapshot_unref(a);
	snapshot_unref(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_and_the_mark),
		cmocka_unit_test(what_cannot_be_compared),
		cmocka_unit_test(large_ones_are_a_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
