/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal around the program: its modes, signals, sizes, kinds, and the bytes sent to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "e2e/screen_help.h"
#include "e2e/tui.h"
#include "fixture/fixture.h"

/* --- the terminal -------------------------------------------------------------------------- */

static bool same_modes(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_lflag == b->c_lflag &&
		a->c_cflag == b->c_cflag;
}

/* Settings of a terminal that nothing has touched. */
static struct termios plain_modes(void)
{
	char *argv[] = { "true", NULL };
	struct tui *t = tui_start(24, 80, NULL, argv);
	struct termios modes;

	assert_non_null(t);
	tui_expect_exit(t, 0);
	assert_true(tui_termios(t, &modes));
	tui_free(t);
	return modes;
}

static void test_signals(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };
	struct termios plain = plain_modes(), modes;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		struct tui *t = i % 2 ? START(.target = NULL) : START(.target = pid);

		tui_expect_row(t, 0, "rss ");
		tui_expect_row(t, 23, "?Help");
		assert_true(tui_altscreen(t) && tui_termios(t, &modes));
		assert_false(same_modes(&modes, &plain));
		assert_true(tui_signal(t, signals[i]));
		tui_expect_exit(t, 128 + signals[i]);
		assert_true(tui_termios(t, &modes));
		assert_true(same_modes(&modes, &plain));
		assert_false(tui_altscreen(t));
		assert_true(tui_cursor_visible(t));
		tui_free(t);
	}
}

static bool on_alternate_screen(struct tui *t, void *arg)
{
	(void)arg;
	return tui_altscreen(t);
}

static void test_suspend(void **state)
{
	struct termios plain = plain_modes(), modes;
	struct tui *t = START(.options = { "--ascii" });
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		tui_expect_row(t, 0, "SNAPSHOT");
		tui_expect_row(t, 23, "?Help");
		tui_key(t, TUI_KEY_CTRL_Z);
		tui_expect_stopped(t);
		assert_false(tui_altscreen(t));
		assert_true(tui_termios(t, &modes));
		assert_true(same_modes(&modes, &plain));
		tui_resize(t, 24, 90 + i);
		tui_continue(t);
		tui_expect(t, on_alternate_screen, NULL);
	}
	tui_expect_row(t, 0, "SNAPSHOT");
	tui_expect_text(t, "[FFFFFFFFFFFF....]");
	tui_key(t, "j");
	tui_expect_row(t, 4, "> ");
	quit(t, "q");
}

static void test_resize(void **state)
{
	struct tui *t = START(.options = { "--ascii" });

	(void)state;
	tui_expect_row(t, 23, "?Help");
	tui_key(t, "j");
	tui_expect_row(t, 4, "> ");
	tui_resize(t, 1, 1);
	tui_expect_row(t, 0, "t");
	tui_resize(t, 4, 20);
	tui_expect_row(t, 0, "test[4242]");
	tui_expect_row(t, 1, "> 000000600000");
	tui_expect_row(t, 3, "@600000");
	tui_resize(t, 50, 160);
	tui_expect_row(t, 49, "?Help");
	tui_expect_row(t, 2, "|-- [heap]");
	tui_expect_row(t, 48, "@600000 +0x0 #0");
	tui_resize(t, 3, 300);
	tui_expect_row(t, 0, "test[4242] ");
	tui_resize(t, 24, 80);
	tui_expect_row(t, 23, "?Help");
	tui_expect_row(t, 4, "> 000000600000");
	tui_expect_row(t, 10, "-- [heap]");
	quit(t, "q");
}

/* Whether a control sequence sets a colour: SGR 30 to 49 or 90 to 107. */
static bool sets_colour(const char *raw, size_t len)
{
	size_t i, k;

	for (i = 0; i + 2 < len; i++) {
		if (raw[i] != '\033' || raw[i + 1] != '[')
			continue;
		for (k = i + 2; k < len && raw[k] >= '0' && raw[k] <= ';'; k++)
			;
		if (k == len || raw[k] != 'm')
			continue;
		for (k = i + 2; raw[k] != 'm'; k += strspn(raw + k, ";:")) {
			long n = strtol(raw + k, NULL, 10);

			if ((n >= 30 && n < 50) || (n >= 90 && n < 108))
				return true;
			k += strspn(raw + k, "0123456789");
		}
	}
	return false;
}

static bool beyond_ascii(const char *raw, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)raw[i] > 0x7f)
			return true;
	return false;
}

/* Everything drawn that there is, in this terminal; *ascii: and not a byte above 0x7f. */
static bool coloured(const char *term, const char *env, bool *ascii)
{
	const char *const changes[] = { env, NULL };
	struct tui *t = START(.term = term, .env = env ? changes : NULL);
	const char *raw;
	size_t len;
	bool yes;

	tui_expect_row(t, 23, "?Help");
	tui_key(t, "jj");
	tui_expect_text(t, "-- [anon]");
	tui_key(t, "?2");
	tui_expect_text(t, "nothing mapped");
	tui_key(t, "Q");
	tui_expect_exit(t, 0);
	raw = tui_raw(t, &len);
	yes = sets_colour(raw, len);
	*ascii = !beyond_ascii(raw, len);
	tui_free(t);
	return yes;
}

static void test_terminals(void **state)
{
	bool ascii;

	(void)state;
	assert_true(coloured(NULL, NULL, &ascii));
	assert_false(ascii);
	assert_true(coloured(NULL, "NO_COLOR=", &ascii));
	assert_false(coloured(NULL, "NO_COLOR=1", &ascii));
	assert_false(coloured("vt100", NULL, &ascii));
	assert_true(coloured(NULL, "LANG=C", &ascii));
	assert_true(ascii);
	assert_false(coloured("vt100", "LANG=C", &ascii));
	assert_true(ascii);
}

static void test_unknown_terminal(void **state)
{
	struct tui *t = START(.term = "xterm-from-tomorrow");

	(void)state;
	tui_expect_text(t, "terminal type 'xterm-from-tomorrow' is not known here");
	tui_key(t, "j");
	tui_expect_row(t, 4, "> ");
	tui_expect_no_text(t, "is not known here");
	quit(t, "q");
}

static void test_stdin(void **state)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int file = open(saved, O_RDONLY | O_CLOEXEC);
	struct tui *t;

	(void)state;
	assert_true(null > 0 && file > 0);
	/* Keys come from the terminal all the same. */
	t = START(.target = pid, .in = null);
	tui_expect_row(t, 0, "LIVE");
	tui_key(t, TUI_KEY_TAB);
	tui_expect_text(t, "Tab list");
	quit(t, "q");
	t = START(.target = "-", .in = file);
	tui_expect_row(t, 0, " test[4242]");
	tui_key(t, "j");
	tui_expect_row(t, 4, "> ");
	quit(t, TUI_KEY_CTRL_C);
	close(null);
	close(file);
}

/* --- bytes --------------------------------------------------------------------------------- */

static void test_quiet(void **state)
{
	struct tui *t = START(.rows = 50, .cols = 160);
	size_t bytes;

	(void)state;
	tui_expect_row(t, 49, "?Help");
	tui_expect_quiet(t, 200);
	bytes = tui_bytes(t);
	assert_true(bytes > 1000 && bytes < 20000);
	tui_expect_quiet(t, 1500);
	assert_int_equal(tui_bytes(t), bytes);
	quit(t, "q");
}

/* Nor does a process send anything that stands still, but for the minutes of the clock. */
static void test_quiet_process(void **state)
{
	struct tui *t = START(.rows = 50, .cols = 160, .target = pid, .options = { "-i", "0.2" });
	size_t bytes;

	(void)state;
	tui_expect_row(t, 49, "?Help");
	/* Of a page of a file others may change something. */
	go_to(t, pid, fixture_region(fixture, "anon"));
	tui_expect_row(t, 48, "PFN");
	tui_expect_row(t, 48, "A anon");
	tui_expect_quiet(t, 100);
	bytes = tui_bytes(t);
	assert_true(bytes > 1000 && bytes < 20000);
	tui_expect_quiet(t, 1500);
	/* On a busy machine the cost of a scan may settle once more. */
	assert_in_range(tui_bytes(t), bytes, bytes + 100);
	quit(t, "q");
}

/* ------------------------------------------------------------------------------------------- */

#define TEST(f) cmocka_unit_test_teardown(f, tui_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_signals), TEST(test_suspend), TEST(test_resize), TEST(test_terminals),
		TEST(test_unknown_terminal), TEST(test_stdin), TEST(test_quiet),
		TEST(test_quiet_process),
	};

	return cmocka_run_group_tests(tests, screen_start, screen_stop);
}
