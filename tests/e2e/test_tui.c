/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the end-to-end test harness itself, on programs every machine has. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tui.h"

#define ROWS	10
#define COLS	40

static char *self;		/* this program, for test_macros() */

/* Start sh -c script; o may hold anything but argv and the size. */
static struct tui *sh_with(struct tui_options o, const char *script)
{
	char *argv[] = { "sh", "-c", (char *)script, NULL };
	struct tui *t;

	o.rows = ROWS;
	o.cols = COLS;
	o.argv = argv;
	t = tui_start_with(&o);
	assert_non_null(t);
	return t;
}

static struct tui *sh(const char *script)
{
	return sh_with((struct tui_options){ 0 }, script);
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Send stderr to a file, for failures that belong to the test; returns the old one. */
static int hide_stderr(FILE *to)
{
	int old;

	fflush(stderr);
	old = dup(2);
	assert_true(old >= 0);
	assert_int_equal(dup2(fileno(to), 2), 2);
	return old;
}

/* Undo hide_stderr() and read into text what was printed meanwhile. */
static void show_stderr(FILE *from, int old, char *text, size_t size)
{
	size_t len;

	fflush(stderr);
	dup2(old, 2);
	close(old);
	rewind(from);
	len = fread(text, 1, size - 1, from);
	text[len] = '\0';
	fclose(from);
}

static FILE *temporary(void)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	return f;
}

static void test_text(void **state)
{
	struct tui *t = sh("printf 'one\\n\\n  two, %s  \\n' three; read x");
	int row, col;

	(void)state;
	tui_expect_text(t, "two, three");
	tui_expect_row(t, 0, "one");
	tui_expect_row(t, 2, "two");
	assert_string_equal(tui_row(t, 0), "one");
	assert_string_equal(tui_row(t, 1), "");
	assert_string_equal(tui_row(t, 2), "  two, three");
	assert_string_equal(tui_row(t, -1), "");
	assert_string_equal(tui_row(t, ROWS), "");
	assert_true(tui_find(t, "three", &row, &col));
	assert_int_equal(row, 2);
	assert_int_equal(col, 7);
	assert_false(tui_find(t, "four", &row, &col));
	tui_expect_row(t, 2, "three");
	tui_cursor(t, &row, &col);
	assert_int_equal(row, 3);
	assert_int_equal(col, 0);
	assert_int_equal(tui_rows(t), ROWS);
	assert_int_equal(tui_cols(t), COLS);
	tui_free(t);
}

static void test_no_text(void **state)
{
	struct tui *t = sh("printf shown; read x; printf '\\033[2J\\033[Hgone'; read x");

	(void)state;
	tui_expect_text(t, "shown");
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_no_text(t, "shown");
	tui_expect_row(t, 0, "gone");
	tui_free(t);
}

static bool cursor_in_row(struct tui *t, void *arg)
{
	int row;

	tui_cursor(t, &row, NULL);
	return row == *(int *)arg;
}

static void test_predicate(void **state)
{
	struct tui *t = sh("printf '\\033[5;3H'; read x; printf '\\033[7;3H'; read x");
	int row = 4;

	(void)state;
	tui_expect(t, cursor_in_row, &row);
	row = 6;
	tui_key(t, TUI_KEY_ENTER);
	tui_expect(t, cursor_in_row, &row);
	tui_free(t);
}

static void test_colours(void **state)
{
	struct tui *t = sh("printf 'a\\033[38;5;196;48;5;21mb\\033[0;31;1mc\\033[0;92;104md';"
			   "printf '\\033[0;38;2;1;2;3me\\033[0;7mf\\033[0;4mg\\033[0;3;9mh';"
			   "tput sgr0; tput setaf 208; tput setab 17; tput bold; printf i;"
			   "tput sgr0; printf 'j.'; read x");
	struct tui_cell c;

	(void)state;
	tui_expect_row(t, 0, "abcdefghij.");
	c = tui_cell(t, 0, 0);
	assert_int_equal(c.ch, 'a');
	assert_int_equal(c.width, 1);
	assert_int_equal(c.fg, TUI_DEFAULT);
	assert_int_equal(c.bg, TUI_DEFAULT);
	assert_false(c.bold || c.underline || c.italic || c.blink || c.reverse || c.strike);
	c = tui_cell(t, 0, 1);
	assert_int_equal(c.fg, 196);
	assert_int_equal(c.bg, 21);
	c = tui_cell(t, 0, 2);
	assert_int_equal(c.fg, 1);
	assert_int_equal(c.bg, TUI_DEFAULT);
	assert_true(c.bold);
	assert_false(c.underline || c.reverse);
	c = tui_cell(t, 0, 3);
	assert_int_equal(c.fg, 10);
	assert_int_equal(c.bg, 12);
	assert_false(c.bold);
	c = tui_cell(t, 0, 4);
	assert_int_equal(c.fg, TUI_RGB(1, 2, 3));
	c = tui_cell(t, 0, 5);
	assert_true(c.reverse);
	assert_int_equal(c.fg, TUI_DEFAULT);
	assert_int_equal(c.bg, TUI_DEFAULT);
	c = tui_cell(t, 0, 6);
	assert_true(c.underline);
	assert_false(c.reverse);
	c = tui_cell(t, 0, 7);
	assert_true(c.italic && c.strike);
	c = tui_cell(t, 0, 8);
	assert_int_equal(c.fg, 208);
	assert_int_equal(c.bg, 17);
	assert_true(c.bold);
	c = tui_cell(t, 0, 9);
	assert_int_equal(c.fg, TUI_DEFAULT);
	assert_false(c.bold);
	c = tui_cell(t, 1, 0);
	assert_int_equal(c.ch, ' ');
	assert_int_equal(c.combining[0], 0);
	c = tui_cell(t, ROWS, 0);
	assert_int_equal(c.ch, 0);
	tui_free(t);
}

static void test_wide(void **state)
{
	struct tui *t = sh("printf 'a\\344\\270\\226b e\\314\\201 \\342\\224\\200 "
			   "\\360\\237\\230\\200.'; read x");
	int row, col;

	(void)state;
	tui_expect_row(t, 0, ".");
	assert_string_equal(tui_row(t, 0), "a\u4e16b e\u0301 \u2500 \U0001f600.");
	assert_int_equal(tui_cell(t, 0, 1).ch, 0x4e16);
	assert_int_equal(tui_cell(t, 0, 1).width, 2);
	assert_int_equal(tui_cell(t, 0, 2).ch, 0);
	assert_int_equal(tui_cell(t, 0, 2).width, 0);
	assert_int_equal(tui_cell(t, 0, 3).ch, 'b');
	assert_int_equal(tui_cell(t, 0, 5).ch, 'e');
	assert_int_equal(tui_cell(t, 0, 5).combining[0], 0x301);
	assert_int_equal(tui_cell(t, 0, 5).combining[1], 0);
	assert_int_equal(tui_cell(t, 0, 7).ch, 0x2500);
	assert_int_equal(tui_cell(t, 0, 9).ch, 0x1f600);
	assert_true(tui_find(t, "b", &row, &col));
	assert_int_equal(col, 3);
	assert_true(tui_find(t, "\u2500", &row, &col));
	assert_int_equal(col, 7);
	tui_free(t);
}

static void test_keys(void **state)
{
	struct tui *t = sh("stty raw -echo; echo ready; exec cat -v");

	(void)state;
	tui_expect_text(t, "ready");
	tui_key(t, "x" TUI_KEY_UP TUI_KEY_PGDN TUI_KEY_F1 TUI_KEY_F10);
	tui_expect_text(t, "x^[OA^[[6~^[OP^[[21~");
	tui_key(t, TUI_KEY_CTRL_C TUI_KEY_CTRL_Z TUI_KEY_ENTER TUI_KEY_BACKSPACE "|");
	tui_expect_text(t, "^C^Z^M^?|");
	tui_send(t, "\0!", 2);
	tui_expect_text(t, "|^@!");
	tui_free(t);
}

/* More than the terminal buffers either way, while the program answers each byte. */
static void test_many_keys(void **state)
{
	static char keys[200 * 1000 + 1];
	struct tui *t = sh("stty raw -echo; echo ready; exec cat");
	size_t before;

	(void)state;
	tui_expect_text(t, "ready");
	before = tui_bytes(t);
	memset(keys, 'k', sizeof(keys) - 1);
	tui_key(t, keys);
	tui_key(t, "\r\nend");
	tui_expect_text(t, "end");
	assert_int_equal(tui_bytes(t) - before, sizeof(keys) - 1 + 5);
	tui_free(t);
}

static void test_resize(void **state)
{
	/* wait, unlike any other command, is interrupted by a trap. */
	struct tui *t = sh("trap 'stty size' WINCH; stty size; sleep 1000 & "
			   "while :; do wait; done");

	(void)state;
	tui_expect_row(t, 0, "10 40");
	tui_resize(t, 24, 100);
	tui_expect_row(t, 1, "24 100");
	assert_int_equal(tui_rows(t), 24);
	assert_int_equal(tui_cols(t), 100);
	assert_int_equal(tui_cell(t, 23, 99).ch, ' ');
	tui_resize(t, 5, 20);
	tui_expect_text(t, "5 20");
	assert_int_equal(tui_cell(t, 5, 0).ch, 0);
	assert_int_equal(tui_cell(t, 0, 20).ch, 0);
	tui_free(t);
}

static void test_exit_status(void **state)
{
	char *missing[] = { "/nonexistent/program", NULL };
	char text[4096];
	struct tui *t;
	FILE *f;
	int old;

	(void)state;
	t = sh("exit 0");
	tui_expect_exit(t, 0);
	tui_expect_exit(t, 0);
	tui_free(t);
	t = sh("printf last; exit 7");
	tui_expect_exit(t, 7);
	assert_string_equal(tui_row(t, 0), "last");
	/* It is not reaped yet, so its pid is still its own. */
	assert_true(tui_signal(t, 0));
	tui_free(t);
	t = sh("kill -SEGV $$");
	tui_expect_exit(t, 128 + SIGSEGV);
	tui_free(t);
	t = sh("printf ready; exec sleep 1000");
	tui_expect_text(t, "ready");
	assert_true(tui_signal(t, SIGTERM));
	tui_expect_exit(t, 128 + SIGTERM);
	tui_free(t);
	t = sh("printf ready; exec sleep 1000");
	tui_expect_text(t, "ready");
	tui_key(t, TUI_KEY_CTRL_C);
	tui_expect_exit(t, 128 + SIGINT);
	tui_free(t);

	f = temporary();
	old = hide_stderr(f);
	errno = 0;
	t = tui_start(ROWS, COLS, NULL, missing);
	show_stderr(f, old, text, sizeof(text));
	assert_null(t);
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(text, "/nonexistent/program"));
}

/* Whatever a program writes before its end is on the screen when the end is known. */
static void test_last_output(void **state)
{
	struct tui *t;
	int i;

	(void)state;
	for (i = 0; i < 30; i++) {
		t = sh("seq 1 3000; printf '\\033[3;1Hlast'");
		tui_expect_exit(t, 0);
		assert_string_equal(tui_row(t, 2), "last");
		assert_string_equal(tui_row(t, ROWS - 2), "3000");
		tui_free(t);
	}
}

static void test_stop(void **state)
{
	struct tui *t = sh("printf ready; exec cat");
	int i;

	(void)state;
	tui_expect_text(t, "ready");
	for (i = 0; i < 3; i++) {
		tui_key(t, TUI_KEY_CTRL_Z);
		tui_expect_stopped(t);
		tui_continue(t);
	}
	tui_key(t, "again" TUI_KEY_ENTER);
	tui_expect_row(t, 1, "again");	/* the first one is the terminal's echo */
	tui_key(t, TUI_KEY_CTRL_D);
	tui_expect_exit(t, 0);
	tui_free(t);

	/* Freeing a stopped program, and one stopped by another signal. */
	t = sh("printf ready; exec sleep 1000");
	tui_expect_text(t, "ready");
	assert_true(tui_signal(t, SIGSTOP));
	tui_expect_stopped(t);
	tui_free(t);
}

static void test_altscreen(void **state)
{
	struct tui *t = sh("printf main; read x; tput smcup; tput civis; tput home;"
			   "printf other; read x; tput cnorm; tput rmcup; printf '>'; read x");

	(void)state;
	tui_expect_row(t, 0, "main");
	assert_false(tui_altscreen(t));
	assert_true(tui_cursor_visible(t));
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_row(t, 0, "other");
	assert_true(tui_altscreen(t));
	assert_false(tui_cursor_visible(t));
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_text(t, ">");
	assert_false(tui_altscreen(t));
	assert_true(tui_cursor_visible(t));
	assert_string_equal(tui_row(t, 0), "main");
	tui_free(t);
}

static bool is_raw(struct tui *t)
{
	struct termios tio;

	assert_true(tui_termios(t, &tio));
	assert_int_equal(!(tio.c_lflag & ECHO), !(tio.c_lflag & ICANON));
	return !(tio.c_lflag & ECHO);
}

static void test_termios(void **state)
{
	struct tui *t = sh("stty -echo -icanon; printf raw; head -c 1; stty echo icanon");

	(void)state;
	tui_expect_text(t, "raw");
	assert_true(is_raw(t));
	tui_key(t, "x");
	tui_expect_exit(t, 0);
	assert_false(is_raw(t));
	tui_free(t);

	/* A program that does not clean up must be seen as such, also after its end. */
	t = sh("stty -echo -icanon");
	tui_expect_exit(t, 0);
	assert_true(is_raw(t));
	tui_free(t);

	t = sh(":");
	tui_expect_exit(t, 0);
	assert_false(is_raw(t));
	tui_free(t);
}

static void test_deadline(void **state)
{
	struct tui *t = sh("printf '\\n  here'; exec sleep 1000");
	long start, took, deadline;
	char text[4096];
	bool found;
	FILE *f;
	int old;

	(void)state;
	tui_expect_row(t, 1, "here");
	tui_set_deadline(t, 200);
	deadline = tui_deadline(t);
	f = temporary();
	old = hide_stderr(f);
	start = now_ms();
	found = tui_wait_text(t, "never");
	took = now_ms() - start;
	show_stderr(f, old, text, sizeof(text));
	assert_false(found);
	assert_in_range(took, deadline, deadline + 5000);
	assert_non_null(strstr(text, "the text \"never\": the deadline has passed"));
	assert_non_null(strstr(text, "main screen 10 x 40"));
	assert_non_null(strstr(text, "\n  0|\n  1|  here\n  2|\n"));
	assert_non_null(strstr(text, "\n  9|\n"));

	f = temporary();
	old = hide_stderr(f);
	assert_false(tui_wait_no_text(t, "here"));
	assert_false(tui_wait_row(t, 0, "here"));
	assert_false(tui_wait_row(t, ROWS, ""));
	assert_false(tui_wait_stopped(t));
	assert_int_equal(tui_wait_exit(t), -1);
	show_stderr(f, old, text, sizeof(text));
	tui_free(t);
}

/* Once the program has ended there is nothing to wait for. */
static void test_wait_ends(void **state)
{
	struct tui *t = sh("printf bye; exit 3");
	char text[4096];
	bool found;
	long start;
	FILE *f;
	int old;

	(void)state;
	f = temporary();
	old = hide_stderr(f);
	start = now_ms();
	found = tui_wait_text(t, "never");
	show_stderr(f, old, text, sizeof(text));
	assert_false(found);
	assert_true(now_ms() - start < tui_deadline(t));
	assert_non_null(strstr(text, "the program has ended"));
	assert_non_null(strstr(text, "ended with status 3"));
	assert_true(tui_wait_text(t, "bye"));
	tui_free(t);
}

static void test_patience(void **state)
{
	const char *set = getenv("PMVIEW_TEST_PATIENCE");
	char *old = set ? strdup(set) : NULL;
	struct tui *t;

	(void)state;
	setenv("PMVIEW_TEST_PATIENCE", "2.5", 1);
	t = sh(":");
	assert_int_equal(tui_deadline(t), 25000);
	tui_set_deadline(t, 100);
	assert_int_equal(tui_deadline(t), 250);
	tui_free(t);
	setenv("PMVIEW_TEST_PATIENCE", "rubbish", 1);
	t = sh(":");
	assert_int_equal(tui_deadline(t), 10000);
	tui_free(t);
	if (old)
		setenv("PMVIEW_TEST_PATIENCE", old, 1);
	else
		unsetenv("PMVIEW_TEST_PATIENCE");
	free(old);
}

static void test_quiet(void **state)
{
	struct tui *t = sh("printf x; exec cat");
	char text[4096];
	long start;
	bool quiet;
	FILE *f;
	int old;

	(void)state;
	tui_expect_text(t, "x");
	start = now_ms();
	tui_expect_quiet(t, 150);
	assert_true(now_ms() - start >= 150);
	tui_free(t);

	t = sh("exec yes");
	tui_expect_row(t, ROWS - 1, "");
	tui_set_deadline(t, 200);
	f = temporary();
	old = hide_stderr(f);
	quiet = tui_wait_quiet(t, 150);
	show_stderr(f, old, text, sizeof(text));
	assert_false(quiet);
	assert_non_null(strstr(text, "silence"));
	tui_free(t);
}

static void test_bytes(void **state)
{
	struct tui *t = sh("printf 'ab\\033[1mc'; read x;"
			   "stty -opost; head -c 3000000 /dev/zero | tr '\\0' z; printf 'end'");
	const char *raw;
	size_t len;

	(void)state;
	tui_expect_text(t, "abc");
	assert_int_equal(tui_bytes(t), 7);
	raw = tui_raw(t, &len);
	assert_int_equal(len, 7);
	assert_string_equal(raw, "ab\033[1mc");
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_exit(t, 0);
	/* Enter is echoed as CR LF. */
	assert_int_equal(tui_bytes(t), 7 + 2 + 3000000 + 3);
	raw = tui_raw(t, &len);
	assert_int_equal(len, 1 << 20);
	assert_int_equal(strlen(raw), len);
	assert_string_equal(raw + len - 5, "zzend");
	assert_int_equal(raw[0], 'z');
	tui_free(t);
}

static void test_stdin_null(void **state)
{
	struct tui *t = sh_with((struct tui_options){ .in = TUI_NULL },
				"read a; echo \"stdin $?\"; test -t 0 || echo 'no tty';"
				"read b </dev/tty; echo \"key $b\"");

	(void)state;
	tui_expect_row(t, 0, "stdin 1");
	tui_expect_row(t, 1, "no tty");
	tui_key(t, "hello" TUI_KEY_ENTER);
	tui_expect_text(t, "key hello");
	tui_expect_exit(t, 0);
	tui_free(t);
}

static void test_streams(void **state)
{
	struct tui_options o = { .in = TUI_FD, .out = TUI_PIPE, .err = TUI_PIPE };
	struct tui *t;
	char text[32];
	int p[2];

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(write(p[1], "from a pipe\n", 12), 12);
	close(p[1]);
	o.in_fd = p[0];
	t = sh_with(o, "cat; echo error >&2; echo screen >/dev/tty;"
		       "test -t 1 || test -t 2 || echo 'no tty'");
	tui_expect_exit(t, 0);
	close(p[0]);
	assert_string_equal(tui_stdout(t), "from a pipe\nno tty\n");
	assert_int_equal(tui_stdout_size(t), 19);
	assert_string_equal(tui_stderr(t), "error\n");
	assert_string_equal(tui_row(t, 0), "screen");
	assert_string_equal(tui_row(t, 1), "");
	tui_free(t);

	/* More than a pipe holds. */
	t = sh_with((struct tui_options){ .out = TUI_PIPE },
		    "head -c 1000000 /dev/zero; printf x");
	tui_expect_exit(t, 0);
	assert_int_equal(tui_stdout_size(t), 1000001);
	assert_int_equal(tui_stdout(t)[1000000], 'x');
	assert_int_equal(tui_bytes(t), 0);
	tui_free(t);

	/* A descriptor of the test's, here the write end of a pipe. */
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	t = sh_with((struct tui_options){ .out = TUI_FD, .out_fd = p[1], .err = TUI_NULL },
		    "printf hello; printf nothing >&2");
	tui_expect_exit(t, 0);
	assert_int_equal(read(p[0], text, sizeof(text)), 5);
	assert_memory_equal(text, "hello", 5);
	close(p[0]);
	close(p[1]);
	assert_string_equal(tui_stdout(t), "");
	assert_string_equal(tui_stderr(t), "");
	assert_int_equal(tui_bytes(t), 0);
	tui_free(t);
}

static bool has_line(const char *text, const char *line)
{
	const char *at = text;
	size_t len = strlen(line);

	for (; (at = strstr(at, line)); at++) {
		if ((at == text || at[-1] == '\n') && (!at[len] || at[len] == '\n'))
			return true;
	}
	return false;
}

static void test_environment(void **state)
{
	const char *const env[] = { "LANG=C", "EXTRA=a=b", "HOME", NULL };
	struct tui_options o = { .out = TUI_PIPE };
	const char *out;
	struct tui *t;

	(void)state;
	setenv("NO_COLOR", "1", 1);
	setenv("COLORTERM", "truecolor", 1);
	setenv("LC_ALL", "C", 1);
	t = sh_with(o, "env");
	tui_expect_exit(t, 0);
	out = tui_stdout(t);
	assert_true(has_line(out, "TERM=xterm-256color"));
	assert_true(has_line(out, "LANG=C.UTF-8"));
	assert_true(has_line(out, "HOME=/nonexistent"));
	assert_non_null(strstr(out, "PATH="));
	assert_null(strstr(out, "COLOR="));
	assert_null(strstr(out, "COLORTERM"));
	assert_null(strstr(out, "LC_ALL"));
	tui_free(t);
	unsetenv("NO_COLOR");
	unsetenv("COLORTERM");
	unsetenv("LC_ALL");

	o.env = env;
	o.term = "vt100";
	o.cwd = "/usr";
	t = sh_with(o, "tr '\\0' '\\n' </proc/$$/environ; echo \"in $(pwd)\"");
	tui_expect_exit(t, 0);
	out = tui_stdout(t);
	assert_true(has_line(out, "TERM=vt100"));
	assert_true(has_line(out, "LANG=C"));
	assert_true(has_line(out, "EXTRA=a=b"));
	assert_true(has_line(out, "in /usr"));
	assert_null(strstr(out, "C.UTF-8"));
	assert_null(strstr(out, "HOME"));
	tui_free(t);
}

/* The program must get clean signals and nothing but its three streams. */
static void test_inherited(void **state)
{
	struct tui_options o = { .out = TUI_PIPE };
	void (*old)(int) = signal(SIGTERM, SIG_IGN);
	unsigned long long blocked, ignored;
	sigset_t set, old_set;
	struct tui *t;
	int i;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old_set);
	for (i = 0; i < 4; i++)
		sh("exec cat");	/* freed by the teardown */
	t = sh_with(o, "exec grep -E '^Sig(Ign|Blk):' /proc/self/status");
	signal(SIGTERM, old);
	sigprocmask(SIG_SETMASK, &old_set, NULL);
	tui_expect_exit(t, 0);
	assert_int_equal(sscanf(tui_stdout(t), "SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2);
	assert_int_equal(blocked, 0);
	/* 32 and 33 are the C library's own: whatever was started by posix_spawn() ignores them. */
	assert_int_equal(ignored & ~0x180000000ull, 0);
	tui_free(t);
	/* 3 is the directory itself. */
	t = sh_with(o, "exec ls /proc/self/fd");
	tui_expect_exit(t, 0);
	assert_string_equal(tui_stdout(t), "0\n1\n2\n3\n");
	tui_free(t);
	/* Nor may the process in between hold on to other terminals: it needs no more than 10. */
	t = sh_with(o, "ls /proc/$PPID/fd | grep -Ecx '1[1-9]|[2-9][0-9]'");
	tui_expect_exit(t, 1);
	assert_string_equal(tui_stdout(t), "0\n");
	tui_free(t);
}

static void test_uid(void **state)
{
	struct tui_options o = { .uid = 65534, .out = TUI_PIPE };
	const gid_t extra = 4242;
	gid_t groups[256];
	struct tui *t;
	int n;

	(void)state;
	if (geteuid())
		skip();
	n = getgroups(256, groups);
	assert_true(n >= 0);
	assert_int_equal(setgroups(1, &extra), 0);
	t = sh_with(o, "id -u; id -G; : <\"$(tty)\" && : >/dev/tty && echo opened");
	tui_expect_exit(t, 0);
	assert_string_equal(tui_stdout(t), "65534\n65534\nopened\n");
	tui_free(t);
	o.gid = 12345;
	t = sh_with(o, "id -u; id -G");
	tui_expect_exit(t, 0);
	assert_string_equal(tui_stdout(t), "65534\n12345\n");
	tui_free(t);
	assert_int_equal(setgroups((size_t)n, groups), 0);
}

/* libvterm answers "what are you" and "where is the cursor". */
static void test_replies(void **state)
{
	struct tui *t = sh("stty raw -echo; printf '\\033[c'; dd bs=1 count=7 2>/dev/null | cat -v;"
			   "printf '\\033[4;9H\\033[6n'; dd bs=1 count=6 2>/dev/null | cat -v");

	(void)state;
	tui_expect_exit(t, 0);
	assert_string_equal(tui_row(t, 0), "^[[?1;2c");
	assert_string_equal(tui_row(t, 3), "        ^[[4;9R");
	tui_free(t);
}

static int open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void test_freeing(void **state)
{
	const char *stubborn = "trap '' HUP TERM INT; printf ready; while :; do read x; done";
	int before = open_fds();
	struct tui *t, *u;
	pid_t pid;
	long start = now_ms();

	(void)state;
	t = sh_with((struct tui_options){ .in = TUI_NULL }, stubborn);
	tui_expect_text(t, "ready");
	pid = tui_pid(t);
	assert_int_equal(kill(pid, 0), 0);
	tui_free(t);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	tui_free(NULL);

	/* Two at once do not hold on to each other, whichever goes first. */
	t = sh("exec cat");
	u = sh("exec cat");
	tui_free(t);
	tui_key(u, "still here");
	tui_expect_text(u, "still here");
	t = sh("exec cat");
	tui_free(t);
	tui_free(u);

	/* All that a failed test has left behind. */
	t = sh("exec cat");
	pid = tui_pid(t);
	t = sh("exec cat");
	tui_teardown(NULL);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(open_fds(), before);
	assert_true(now_ms() - start < 10000);
}

/* The macros: each of these tests must fail, see test_macros(). */
static struct tui *doomed(void)
{
	struct tui *t = sh("printf here; exec sleep 1000");

	tui_expect_text(t, "here");
	tui_set_deadline(t, 50);
	return t;
}

static bool never(struct tui *t, void *arg)
{
	(void)t;
	(void)arg;
	return false;
}

static void fail_row(void **state)
{
	(void)state;
	tui_expect_row(doomed(), 1, "here");
}

static void fail_text(void **state)
{
	(void)state;
	tui_expect_text(doomed(), "100%s");
}

static void fail_no_text(void **state)
{
	(void)state;
	tui_expect_no_text(doomed(), "here");
}

static void fail_predicate(void **state)
{
	(void)state;
	tui_expect(doomed(), never, NULL);
}

static void fail_quiet(void **state)
{
	struct tui *t = sh("exec yes");

	(void)state;
	tui_set_deadline(t, 50);
	tui_expect_quiet(t, 500);
}

static void fail_stopped(void **state)
{
	(void)state;
	tui_expect_stopped(doomed());
}

static void fail_exit(void **state)
{
	(void)state;
	tui_expect_exit(sh("exit 4"), 5);
}

static int run_failing(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(fail_row, tui_teardown),
		cmocka_unit_test_teardown(fail_text, tui_teardown),
		cmocka_unit_test_teardown(fail_no_text, tui_teardown),
		cmocka_unit_test_teardown(fail_predicate, tui_teardown),
		cmocka_unit_test_teardown(fail_quiet, tui_teardown),
		cmocka_unit_test_teardown(fail_stopped, tui_teardown),
		cmocka_unit_test_teardown(fail_exit, tui_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

static void test_macros(void **state)
{
	static const char *const messages[] = {
		"row 1 does not contain \"here\"", "not on the screen: \"100%s\"",
		"still on the screen: \"here\"", "does not hold: never(NULL)",
		"never quiet for 500 ms", "the program did not stop",
		"exit status 4 instead of 5",
	};
	char *argv[] = { self, "--failing", NULL };
	const char *patience = getenv("PMVIEW_TEST_PATIENCE");
	char set[64] = "PMVIEW_TEST_PATIENCE";
	const char *const env[] = { set, NULL };
	struct tui_options o = { .argv = argv, .env = env, .out = TUI_PIPE, .err = TUI_PIPE };
	size_t i, n = sizeof(messages) / sizeof(messages[0]);
	struct tui *t;

	(void)state;
	if (patience)
		snprintf(set, sizeof(set), "PMVIEW_TEST_PATIENCE=%s", patience);
	t = tui_start_with(&o);
	assert_non_null(t);
	tui_expect_exit(t, (int)n);
	for (i = 0; i < n; i++) {
		if (!strstr(tui_stderr(t), messages[i]) && !strstr(tui_stdout(t), messages[i]))
			fail_msg("missing: %s", messages[i]);
	}
	tui_free(t);
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_teardown(f, tui_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_text),
		TEST(test_no_text),
		TEST(test_predicate),
		TEST(test_colours),
		TEST(test_wide),
		TEST(test_keys),
		TEST(test_many_keys),
		TEST(test_resize),
		TEST(test_exit_status),
		TEST(test_last_output),
		TEST(test_stop),
		TEST(test_altscreen),
		TEST(test_termios),
		TEST(test_deadline),
		TEST(test_wait_ends),
		TEST(test_patience),
		TEST(test_quiet),
		TEST(test_bytes),
		TEST(test_stdin_null),
		TEST(test_streams),
		TEST(test_environment),
		TEST(test_inherited),
		TEST(test_uid),
		TEST(test_replies),
		TEST(test_freeing),
		TEST(test_macros),
	};

	self = argv[0];
	if (argc > 1 && !strcmp(argv[1], "--failing"))
		return run_failing();
	return cmocka_run_group_tests_name("tui", tests, NULL, NULL);
}
