/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys: each means one thing where it is pressed, and the help screen tells them all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "view/panes.h"

static void each_key_means_one_thing(void **state)
{
	const struct binding *a, *b;
	size_t i, k;
	int context;

	(void)state;
	for (i = 0; (a = keymap_binding(i)); i++) {
		assert_true(a->action > ACTION_NONE && a->action < ACTIONS);
		assert_true(a->contexts && a->contexts < 1u << CONTEXTS);
		for (k = 0; k < i; k++) {
			b = keymap_binding(k);
			if (a->key == b->key && a->contexts & b->contexts)
				fail_msg("%s and %s have the same key", action_name(a->action),
					action_name(b->action));
		}
		for (context = 0; context < CONTEXTS; context++)
			if (a->contexts >> context & 1)
				assert_int_equal(keymap_action(a->key, (enum key_context)context),
					a->action);
	}
	assert_true(i > ACTIONS);
	assert_null(keymap_binding(i));
}

static void other_keys_mean_nothing(void **state)
{
	int context;

	(void)state;
	for (context = 0; context < CONTEXTS; context++) {
		assert_int_equal(keymap_action('~', (enum key_context)context), ACTION_NONE);
		assert_int_equal(keymap_action(KEYS_BEGIN, (enum key_context)context), ACTION_NONE);
		assert_int_equal(keymap_action(0x1f600, (enum key_context)context), ACTION_NONE);
	}
	/* A context is a context: zooming is for grids. */
	assert_int_equal(keymap_action('+', CONTEXT_PAGE), ACTION_NONE);
	assert_int_equal(keymap_action('e', CONTEXT_HELP), ACTION_NONE);
	assert_int_equal(keymap_action('l', CONTEXT_LIST), ACTION_ENTER);
	assert_int_equal(keymap_action('l', CONTEXT_GRID), ACTION_RIGHT);
}

static void each_action_has_a_key(void **state)
{
	int a, with_key, with_letter;
	const struct binding *b;
	size_t i;

	(void)state;
	for (a = ACTION_NONE + 1; a < ACTIONS; a++) {
		with_key = with_letter = 0;
		for (i = 0; (b = keymap_binding(i)); i++) {
			with_key += (int)b->action == a;
			/* Not every terminal sends function keys. */
			with_letter += (int)b->action == a && b->key < PKEY_F1;
		}
		if (!with_key || !with_letter)
			fail_msg(
				"%s has no key, or none but an F-key", action_name((enum action)a));
	}
}

static void ways_out_work_everywhere(void **state)
{
	static const struct {
		uint32_t key;
		enum action a;
	} keys[] = { { 'Q', ACTION_QUIT }, { PKEY_F10, ACTION_QUIT },
		{ PKEY_CTRL('c'), ACTION_QUIT }, { 'q', ACTION_CLOSE }, { PKEY_ESC, ACTION_BACK },
		{ '?', ACTION_HELP }, { PKEY_F1, ACTION_HELP }, { PKEY_CTRL('z'), ACTION_SUSPEND },
		{ PKEY_CTRL('l'), ACTION_REDRAW } };
	size_t i;
	int context;

	(void)state;
	for (context = 0; context < CONTEXTS; context++)
		for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			assert_int_equal(
				keymap_action(keys[i].key, (enum key_context)context), keys[i].a);
}

static void actions_have_names_of_their_own(void **state)
{
	int a, b;

	(void)state;
	for (a = ACTION_NONE + 1; a < ACTIONS; a++) {
		const char *name = action_name((enum action)a);

		/* They are typed into a configuration file. */
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		/* What is said with the one before is of the same group. */
		if (!*action_help((enum action)a)) {
			assert_true(a > ACTION_NONE + 1);
			assert_int_equal(action_group((enum action)a), action_group((enum action)(a - 1)));
		}
		for (b = ACTION_NONE + 1; b < a; b++)
			assert_string_not_equal(name, action_name((enum action)b));
	}
}

static void labels_name_the_keys(void **state)
{
	char buf[KEYMAP_LABEL];
	int a;

	(void)state;
	assert_string_equal(keymap_label(buf, ACTION_UP), "Up k");
	assert_string_equal(keymap_label(buf, ACTION_PAGE_DOWN), "PgDn ^F");
	assert_string_equal(keymap_label(buf, ACTION_NEXT_PANE), "Tab S-Tab");
	assert_string_equal(keymap_label(buf, ACTION_PAUSE), "Space");
	assert_string_equal(keymap_label(buf, ACTION_BACK), "Esc");
	assert_string_equal(keymap_label(buf, ACTION_HELP), "? F1");
	assert_string_equal(keymap_label(buf, ACTION_QUIT), "Q F10 ^C");
	assert_string_equal(keymap_label(buf, ACTION_FIRST), "Home g");
	for (a = ACTION_NONE + 1; a < ACTIONS; a++) {
		keymap_label((char *)buf, (enum action)a);
		/* A blank must stay between them and what they do. */
		assert_in_range(strlen(buf), 1, 11);
	}
}

/* Whether text stands in row y from column x on, with a blank or the end of the line behind it. */
static bool stands_at(const struct cells *c, int x, int y, const char *text)
{
	size_t n = strlen(text), i;

	if (x + (int)n > c->w)
		return false;
	for (i = 0; i < n; i++)
		if (c->cell[y * c->w + x + (int)i].ch != (unsigned char)text[i])
			return false;
	return x + (int)n == c->w || c->cell[y * c->w + x + (int)n].ch == ' ';
}

static void help_tells_every_action(void **state)
{
	struct snapshot *s = snapshot_of("400000 rw-p heap [heap] A4\n", NULL);
	struct scene scene = { .snapshot = s, .process = "test", .interval = 1 };
	struct view v = { .screen = SCREEN_HELP };
	struct cells c = { 0 };
	int a, g, x, y, at;

	(void)state;
	cells_resize(&c, 80, 24);
	screen_draw(&c, &v, &scene);
	for (a = ACTION_NONE + 1; a < ACTIONS; a++) {
		const char *help = action_help((enum action)a);
		char label[2 * KEYMAP_LABEL], also[KEYMAP_LABEL];
		int found = 0, b;

		if (!*help)
			continue; /* stands with the one before */
		keymap_label(label, (enum action)a);
		for (b = a + 1; b < ACTIONS && !*action_help((enum action)b); b++)
			snprintf(label + strlen(label), KEYMAP_LABEL, " %s", keymap_label(also, (enum action)b));
		for (y = 0; y < 24; y++)
			for (x = 0; x < 80; x++)
				/* The label left of its text, in the same column of the screen. */
				for (at = x + 1; stands_at(&c, x, y, label) && at < x + 16; at++)
					found += stands_at(&c, at, y, help);
		if (!found)
			fail_msg("'%s  %s' is not on the help screen as a whole", label, help);
	}
	for (g = 0; g < ACTION_GROUPS; g++) {
		int found = 0;

		for (y = 0; y < 24; y++)
			for (x = 0; x < 80; x++)
				found += stands_at(
					&c, x, y, action_group_name((enum action_group)g));
		assert_int_equal(found, 1);
	}
	cells_free(&c);
	snapshot_unref(s);
}

/* The last line promises keys: they must be bound there. */
static void footers_name_keys_that_work(void **state)
{
	static const struct {
		struct view v;
		const char *text;
		enum key_context context;
		uint32_t key;
		int snapshots; /* of a file; 0: of a process */
	} cases[] = {
		{ { .pane = PANE_LIST }, "?Help", CONTEXT_LIST, '?', 0 },
		{ { .pane = PANE_LIST }, "Tab", CONTEXT_LIST, PKEY_TAB, 0 },
		{ { .pane = PANE_LIST }, "zoom", CONTEXT_LIST, '+', 0 },
		{ { .pane = PANE_LIST }, "Space", CONTEXT_LIST, ' ', 0 },
		{ { .pane = PANE_LIST }, "c colour", CONTEXT_LIST, 'c', 0 },
		{ { .pane = PANE_LIST }, "R,P,W", CONTEXT_LIST, 'R', 0 },
		{ { .pane = PANE_LIST }, "P,W ask", CONTEXT_LIST, 'P', 0 },
		{ { .pane = PANE_LIST }, "W ask", CONTEXT_LIST, 'W', 0 },
		{ { .pane = PANE_LIST }, "q quit", CONTEXT_LIST, 'q', 0 },
		{ { .pane = PANE_GRID }, "Enter page", CONTEXT_GRID, PKEY_ENTER, 0 },
		{ { .pane = PANE_GRID }, "b,w run", CONTEXT_GRID, 'w', 0 },
		{ { .pane = PANE_GRID }, "c colour", CONTEXT_GRID, 'c', 0 },
		{ { .pane = PANE_GRID }, "o who", CONTEXT_GRID, 'o', 0 },
		{ { .pane = PANE_GRID }, "q quit", CONTEXT_GRID, 'q', 0 },
		{ { .screen = SCREEN_PAGE }, "Esc back", CONTEXT_PAGE, PKEY_ESC, 0 },
		{ { .screen = SCREEN_PAGE }, "b,w run", CONTEXT_PAGE, 'b', 0 },
		{ { .screen = SCREEN_PAGE }, "o who", CONTEXT_PAGE, 'o', 0 },
		{ { .screen = SCREEN_PAGE }, "e save", CONTEXT_PAGE, 'e', 0 },
		{ { .screen = SCREEN_PAGE }, "q close", CONTEXT_PAGE, 'q', 0 },
		{ { .screen = SCREEN_REPORT }, "Enter go", CONTEXT_REPORT, PKEY_ENTER, 0 },
		{ { .screen = SCREEN_REPORT }, "R rss", CONTEXT_REPORT, 'R', 0 },
		{ { .screen = SCREEN_REPORT }, "P family", CONTEXT_REPORT, 'P', 0 },
		{ { .screen = SCREEN_REPORT }, "q close", CONTEXT_REPORT, 'q', 0 },
		{ { .screen = SCREEN_HELP }, "Esc back", CONTEXT_HELP, PKEY_ESC, 0 },
		{ { .screen = SCREEN_HELP }, "Q quit", CONTEXT_HELP, 'Q', 0 },
		{ { .pane = PANE_LIST }, "m,d compare", CONTEXT_LIST, 'd', 1 },
		{ { .pane = PANE_LIST }, "q quit", CONTEXT_LIST, 'q', 1 },
		{ { .pane = PANE_LIST }, "q quit", CONTEXT_LIST, 'q', 2 },
		{ { .pane = PANE_LIST }, "t,T step", CONTEXT_LIST, 'T', 2 },
		{ { .pane = PANE_GRID }, "e export", CONTEXT_GRID, 'e', 1 },
		{ { .pane = PANE_GRID }, "q quit", CONTEXT_GRID, 'q', 1 },
		{ { .pane = PANE_GRID }, "q quit", CONTEXT_GRID, 'q', 2 },
		{ { .pane = PANE_GRID }, "t,T step", CONTEXT_GRID, 't', 2 },
		{ { .screen = SCREEN_PAGE }, "m,d compare", CONTEXT_PAGE, 'm', 1 },
		{ { .screen = SCREEN_PAGE }, "q close", CONTEXT_PAGE, 'q', 1 },
		{ { .screen = SCREEN_PAGE }, "q close", CONTEXT_PAGE, 'q', 2 },
		{ { .screen = SCREEN_PAGE }, "t,T step", CONTEXT_PAGE, 't', 2 },
	};
	struct snapshot *s = snapshot_of("400000 rw-p heap [heap] A4\n", NULL);
	struct scene scene = { .snapshot = s, .process = "test", .interval = 1 };
	struct cells c = { 0 };
	size_t i;

	(void)state;
	cells_resize(&c, 80, 24);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int x, found = 0;

		assert_int_equal(view_context(&cases[i].v), cases[i].context);
		scene.file = cases[i].snapshots ? "x.pmv" : NULL;
		scene.replay = cases[i].snapshots > 1;
		screen_draw(&c, &cases[i].v, &scene);
		for (x = 0; x < 80; x++) {
			size_t n;

			for (n = 0; cases[i].text[n] && x + (int)n < 80; n++)
				if (c.cell[23 * 80 + x + (int)n].ch !=
					(unsigned char)cases[i].text[n])
					break;
			found += !cases[i].text[n];
		}
		if (!found)
			fail_msg("'%s' is not in the last line as a whole", cases[i].text);
		assert_int_not_equal(keymap_action(cases[i].key, cases[i].context), ACTION_NONE);
	}
	cells_free(&c);
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_means_one_thing),
		cmocka_unit_test(other_keys_mean_nothing),
		cmocka_unit_test(each_action_has_a_key),
		cmocka_unit_test(ways_out_work_everywhere),
		cmocka_unit_test(actions_have_names_of_their_own),
		cmocka_unit_test(labels_name_the_keys),
		cmocka_unit_test(help_tells_every_action),
		cmocka_unit_test(footers_name_keys_that_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
