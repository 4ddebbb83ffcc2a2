/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name for a file is proposed and typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "helpers.h"
#include "view/panes.h"

#define HEAP "400000 rw-p heap [heap] A20\n"

static struct scene scene_of(const struct snapshot *s)
{
	return (struct scene){ .snapshot = s, .process = "test", .interval = 1 };
}

static void start(struct view *v, const struct scene *s, const struct layout *l)
{
	view_init(v, s);
	v->cursor = snapshot_vma(s->snapshot, 0)->start;
	view_settle(v, s, l);
}

static unsigned press(struct view *v, uint32_t key, const struct scene *s, const struct layout *l)
{
	unsigned follow = view_key(v, key, s, l);

	assert_non_null(memchr(v->prompt, 0, VIEW_TEXT));
	return follow;
}

/* The export dialog, and on to the file's name. */
static void prompt(struct view *v, const struct scene *s, const struct layout *l)
{
	assert_int_equal(press(v, 'e', s, l), 0);
	assert_true(v->dialog);
	assert_int_equal(press(v, PKEY_ENTER, s, l), 0);
}

static void type(struct view *v, const char *text, const struct scene *s, const struct layout *l)
{
	size_t n = strlen(text), i;
	uint32_t c;

	for (i = 0; i < n;) {
		i += utf8_decode(text + i, n - i, &c);
		assert_int_equal(press(v, c, s, l), 0);
	}
}

static void a_name_is_typed(void **state)
{
	static const uint32_t refused[] = { 1, 7, 0x0e, 0x1f, 0x7f, 0x9b, 0x202e, 0x2028,
		KEYS_BEGIN, PKEY_UP, PKEY_F10, PKEY_HOME };
	struct layout l = layout_make(80, 24);
	struct snapshot *s = snapshot_of(HEAP, NULL);
	struct scene scene = scene_of(s);
	struct view v;
	size_t i;

	(void)state;
	start(&v, &scene, &l);
	prompt(&v, &scene, &l);
	assert_true(v.prompting);
	assert_non_null(strstr(v.prompt, ".pmv"));
	press(&v, PKEY_CTRL('u'), &scene, &l);
	assert_string_equal(v.prompt, "");
	/* Backspace takes characters, not bytes, and stops at the beginning. */
	type(&v, "a\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80z", &scene, &l);
	press(&v, PKEY_BACKSPACE, &scene, &l);
	assert_string_equal(v.prompt, "a\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80");
	press(&v, PKEY_BACKSPACE, &scene, &l);
	assert_string_equal(v.prompt, "a\xc3\xa9\xe4\xb8\xad");
	press(&v, PKEY_BACKSPACE, &scene, &l);
	press(&v, PKEY_BACKSPACE, &scene, &l);
	assert_string_equal(v.prompt, "a");
	press(&v, PKEY_BACKSPACE, &scene, &l);
	press(&v, PKEY_BACKSPACE, &scene, &l);
	assert_string_equal(v.prompt, "");
	for (i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		assert_int_equal(press(&v, refused[i], &scene, &l), 0);
		assert_string_equal(v.prompt, "");
		assert_true(v.prompting);
	}
	/* Keys that do something elsewhere are letters here. */
	type(&v, "qQ? l.pmv", &scene, &l);
	assert_string_equal(v.prompt, "qQ? l.pmv");
	assert_int_equal(press(&v, PKEY_ENTER, &scene, &l), FOLLOW_SAVE);
	assert_false(v.prompting);
	assert_string_equal(v.prompt, "qQ? l.pmv");
	/* Esc and ^C save nothing, nor does an empty name. */
	prompt(&v, &scene, &l);
	assert_int_equal(press(&v, PKEY_ESC, &scene, &l), 0);
	assert_false(v.prompting);
	prompt(&v, &scene, &l);
	assert_int_equal(press(&v, PKEY_CTRL('c'), &scene, &l), 0);
	assert_false(v.prompting);
	prompt(&v, &scene, &l);
	press(&v, PKEY_CTRL('u'), &scene, &l);
	assert_int_equal(press(&v, PKEY_ENTER, &scene, &l), 0);
	assert_false(v.prompting);
	snapshot_unref(s);
}

static void a_name_ends_somewhere(void **state)
{
	struct layout l = layout_make(80, 24);
	struct snapshot *s = snapshot_of(HEAP, NULL);
	struct scene scene = scene_of(s);
	struct view v;
	int i, lead;

	(void)state;
	for (lead = 0; lead < 4; lead++) {
		start(&v, &scene, &l);
		prompt(&v, &scene, &l);
		press(&v, PKEY_CTRL('u'), &scene, &l);
		type(&v, &"xxx"[3 - lead], &scene, &l);
		for (i = 0; i < 300; i++)
			press(&v, 0x1f600, &scene, &l);
		/* Full, and no character is cut. */
		assert_in_range(strlen(v.prompt), VIEW_TEXT - 4, VIEW_TEXT - 1);
		assert_int_equal(((int)strlen(v.prompt) - lead) % 4, 0);
	}
	snapshot_unref(s);
}

static void proposed_names_are_safe(void **state)
{
	static const char *const comms[] = { "cat", "", "-rf", "..", ".", "a/b", "../../etc",
		"$(reboot)", "a b\tc\nd", "`x`;'\"", "\x1b]0;x\a", "\xff\xfe\x80",
		"\xe2\x80\xae"
		"abc",
		"*?[x]", "~root", "kworker/u8:2-ev", "exactly15bytes!",
		"0123456789012345678901234567890123456789" };
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(comms) / sizeof(*comms); i++) {
		struct snapshot_info info = info_for_tests();
		struct snapshot *s;
		char buf[VIEW_TEXT];

		info.comm = comms[i];
		s = snapshot_of(HEAP, &info);
		view_propose_name(buf, sizeof(buf), s);
		for (k = 0; buf[k]; k++)
			assert_non_null(
				strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789._-",
					buf[k]));
		assert_true(k > 8 && k < 128);
		assert_string_equal(buf + k - 4, ".pmv");
		/* Neither an option nor hidden. */
		assert_true(buf[0] != '-' && buf[0] != '.');
		assert_non_null(strstr(buf, "-4242-"));
		snapshot_unref(s);
	}
}

/* Who cannot see that a line is being typed wonders why no key works. */
static void a_prompt_is_seen(void **state)
{
	static const int sizes[][2] = { { 80, 24 }, { 20, 4 }, { 19, 24 }, { 80, 3 }, { 12, 1 } };
	struct snapshot *s = snapshot_of(HEAP, NULL);
	struct scene scene = scene_of(s);
	struct cells c = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		struct layout l = layout_make(sizes[i][0], sizes[i][1]);
		struct view v;
		char *text;

		start(&v, &scene, &l);
		prompt(&v, &scene, &l);
		if (!v.prompting)
			continue;
		cells_resize(&c, sizes[i][0], sizes[i][1]);
		screen_draw(&c, &v, &scene);
		text = cells_to_text(&c);
		if (!strstr(text, "save to"))
			fail_msg(
				"at %dx%d nothing is seen of the prompt", sizes[i][0], sizes[i][1]);
		free(text);
	}
	cells_free(&c);
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_typed),
		cmocka_unit_test(a_name_ends_somewhere),
		cmocka_unit_test(proposed_names_are_safe),
		cmocka_unit_test(a_prompt_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
