/* SPDX-License-Identifier: GPL-2.0-or-later */
/* End-to-end test harness: a program in a pseudo-terminal, its screen read through libvterm. */
#ifndef TUI_H
#define TUI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <termios.h>

/*
 * A test starts a program, types keys and waits until the screen shows what it should. Nothing
 * sleeps: every wait ends as soon as its condition holds, and fails at the deadline (10 s, times
 * the environment variable PMVIEW_TEST_PATIENCE for slow machines and sanitizers).
 *
 * The program is run as an interactive shell would run it: in its own foreground process group
 * below a session leader (a small process forked from the test), with the pty as controlling
 * terminal. So ^C and ^Z act on it as they would for a user.
 *
 * Rows and columns count from 0. Strings handed out belong to the harness. Not thread-safe.
 *
 * A wait holds as soon as its own condition does: after a wait for one text, another may not have
 * been painted yet. Wait for each thing that is going to be looked at.
 */
struct tui;

/* Keys as xterm sends them to a program that has switched on the keypad (terminfo's kcuu1 &c.). */
#define TUI_KEY_UP		"\033OA"
#define TUI_KEY_DOWN		"\033OB"
#define TUI_KEY_RIGHT		"\033OC"
#define TUI_KEY_LEFT		"\033OD"
#define TUI_KEY_HOME		"\033OH"
#define TUI_KEY_END		"\033OF"
#define TUI_KEY_INSERT		"\033[2~"
#define TUI_KEY_DELETE		"\033[3~"
#define TUI_KEY_PGUP		"\033[5~"
#define TUI_KEY_PGDN		"\033[6~"
#define TUI_KEY_F1		"\033OP"
#define TUI_KEY_F2		"\033OQ"
#define TUI_KEY_F3		"\033OR"
#define TUI_KEY_F4		"\033OS"
#define TUI_KEY_F5		"\033[15~"
#define TUI_KEY_F6		"\033[17~"
#define TUI_KEY_F7		"\033[18~"
#define TUI_KEY_F8		"\033[19~"
#define TUI_KEY_F9		"\033[20~"
#define TUI_KEY_F10		"\033[21~"
#define TUI_KEY_ENTER		"\r"
#define TUI_KEY_ESC		"\033"
#define TUI_KEY_TAB		"\t"
#define TUI_KEY_BACKTAB		"\033[Z"
#define TUI_KEY_BACKSPACE	"\177"
#define TUI_KEY_CTRL_C		"\003"
#define TUI_KEY_CTRL_D		"\004"
#define TUI_KEY_CTRL_L		"\014"
#define TUI_KEY_CTRL_Z		"\032"

/* Where one of the program's standard streams goes. */
enum tui_stream {
	TUI_TTY,	/* the pty */
	TUI_NULL,	/* /dev/null */
	TUI_PIPE,	/* captured, see tui_stdout() and tui_stderr(); not for stdin */
	TUI_FD,		/* the descriptor given beside it, which stays the caller's */
};

/* How to start a program. All members may be left zero except argv. */
struct tui_options {
	int rows;			/* 0: 24 */
	int cols;			/* 0: 80 */
	const char *term;		/* TERM; NULL: xterm-256color */
	char *const *argv;		/* NULL-terminated; argv[0] is looked up in PATH */
	/*
	 * NULL-terminated changes to the environment: "NAME=value" sets, "NAME" removes. NULL:
	 * none. Without changes it holds TERM, LANG=C.UTF-8, HOME=/nonexistent, PATH and, where
	 * the test itself has them, TMPDIR, LD_LIBRARY_PATH and the sanitizers' and coverage
	 * tools' variables.
	 */
	const char *const *env;
	const char *cwd;		/* NULL: the test's; entered before dropping to uid */
	uid_t uid;			/* run as this user; 0: do not change. Needs root */
	gid_t gid;			/* group for uid; 0: the same number as uid */
	enum tui_stream in, out, err;
	int in_fd, out_fd, err_fd;	/* for TUI_FD */
};

/*
 * Start a program (argv, NULL-terminated) on a terminal of rows x cols; term NULL means
 * xterm-256color. Returns a handle for tui_free(), or NULL with errno set and a message on stderr,
 * also when the program could not be executed.
 */
struct tui *tui_start(int rows, int cols, const char *term, char *const argv[]);
struct tui *tui_start_with(const struct tui_options *options);

/* Kill the program if it still lives, reap it and free everything. NULL is fine; keeps errno. */
void tui_free(struct tui *t);

/*
 * Free every handle still in use; shaped as a cmocka teardown function, because a failing test
 * jumps over its own tui_free(). Returns 0; state is not looked at.
 */
int tui_teardown(void **state);

/*
 * Change t's deadline for waits, in ms before multiplying by PMVIEW_TEST_PATIENCE;
 * tui_deadline() returns it multiplied.
 */
void tui_set_deadline(struct tui *t, int ms);
int tui_deadline(const struct tui *t);

/*
 * Send bytes as if typed; tui_send() can also send NUL bytes. Both return once the terminal has
 * taken all of them; when it does not before the deadline they say so on stderr and drop the rest.
 * After TUI_KEY_ESC on its own wait for its effect: the next key would join it to a sequence.
 */
void tui_key(struct tui *t, const char *bytes);
void tui_send(struct tui *t, const char *bytes, size_t len);

/*
 * Wait until a condition holds: row contains text, any row contains text, no row contains text,
 * the predicate returns true. Texts are UTF-8 and do not reach across rows. Returns true when it
 * holds. Returns false at the deadline, or when the program has ended and all it wrote has been
 * read without the condition holding; the screen is then printed to stderr.
 * "No text" holds at once while the text has not appeared yet: wait for the text before.
 */
typedef bool tui_predicate(struct tui *t, void *arg);
bool tui_wait_row(struct tui *t, int row, const char *text);
bool tui_wait_text(struct tui *t, const char *text);
bool tui_wait_no_text(struct tui *t, const char *text);
bool tui_wait(struct tui *t, tui_predicate *predicate, void *arg);

/*
 * Wait until the program has sent nothing for ms milliseconds (not multiplied), or has ended.
 * Returns false, with the screen on stderr, when it has not been quiet by ms after the deadline.
 * For measuring, not for synchronizing: a busy machine makes any program quiet.
 */
bool tui_wait_quiet(struct tui *t, int ms);

/*
 * Wait for the program's end and the rest of its output. Returns the status as a shell has it
 * (128 + n after signal n), or -1 with the screen on stderr at the deadline.
 */
int tui_wait_exit(struct tui *t);

/* Wait until the program is stopped by a signal (^Z). Returns false as tui_wait() does. */
bool tui_wait_stopped(struct tui *t);

/* Continue the stopped program as fg does. The terminal's settings are left as they are. */
void tui_continue(struct tui *t);

/*
 * The program's process id (valid until tui_free(), also after its end), and sending it a signal.
 * tui_signal() returns false with errno set when the signal cannot be sent; a program that has
 * ended takes any signal without effect.
 */
pid_t tui_pid(const struct tui *t);
bool tui_signal(struct tui *t, int sig);

/* Change the terminal's size; the kernel then sends SIGWINCH. Output sent so far is read first. */
void tui_resize(struct tui *t, int rows, int cols);

/*
 * The functions below that look at the screen show it as of the last wait; none of them reads
 * more from the program, except tui_stdout() and tui_stderr().
 */

/* The size of the screen. */
int tui_rows(const struct tui *t);
int tui_cols(const struct tui *t);

/*
 * The text of a row as UTF-8, blanks at its end cut. A wide character takes two columns but
 * appears once. Belongs to t, valid until the next tui_row(). "" for a row outside the screen.
 */
const char *tui_row(struct tui *t, int row);

/* Find the first place of text: returns whether it is there and sets *row and *col (cells). */
bool tui_find(struct tui *t, const char *text, int *row, int *col);

/* Colours of a cell: a palette index 0..255, or one of these. */
#define TUI_DEFAULT	(-1)
#define TUI_RGB(r, g, b) (0x1000000 | (r) << 16 | (g) << 8 | (b))

struct tui_cell {
	uint32_t ch;		/* code point; ' ' if blank, 0 for the right half of a wide one */
	uint32_t combining[5];	/* code points on top of ch, 0 after the last */
	int width;		/* 1, 2, or 0 for the right half of a wide character */
	int fg, bg;		/* as written: reverse does not swap them here */
	bool bold, underline, italic, blink, reverse, strike;
	/* libvterm 0.1.4 drops SGR 2 (dim): look for it in tui_raw(). */
};

/* One cell of the screen; outside the screen everything is 0. */
struct tui_cell tui_cell(struct tui *t, int row, int col);

/* The cursor: its place (either pointer may be NULL) and whether it is shown. */
void tui_cursor(struct tui *t, int *row, int *col);
bool tui_cursor_visible(const struct tui *t);

/* Whether the alternate screen is on. */
bool tui_altscreen(const struct tui *t);

/*
 * The terminal's settings now, also after the program's end, to check that it restored them.
 * Returns false with errno set on an error.
 */
bool tui_termios(struct tui *t, struct termios *out);

/* How many bytes have come through the terminal since the start. */
size_t tui_bytes(const struct tui *t);

/*
 * The last bytes (at most 1 MiB) that came through the terminal, *len of them, and a NUL byte.
 * Belongs to t, valid until the next function that waits.
 */
const char *tui_raw(struct tui *t, size_t *len);

/*
 * What has come so far through the separate stdout or stderr (TUI_PIPE), "" without one; complete
 * after tui_wait_exit(). Belongs to t, valid until the next function that waits. A NUL byte
 * follows the end; if the program wrote NUL bytes itself, tui_stdout_size() tells the length.
 */
const char *tui_stdout(struct tui *t);
const char *tui_stderr(struct tui *t);
size_t tui_stdout_size(struct tui *t);

/* Print the screen with row numbers, the cursor's place and the program's state. */
void tui_dump(struct tui *t, FILE *f);

/*
 * The waits as cmocka checks: fail the test at this line, saying what did not come true. Include
 * cmocka.h before using them.
 */
#define tui_expect_row(t, row, text) do {						\
	const char *tui_text_ = (text);							\
	int tui_row_ = (row);								\
	if (!tui_wait_row((t), tui_row_, tui_text_))					\
		fail_msg("row %d does not contain \"%s\"", tui_row_, tui_text_);	\
} while (0)

#define tui_expect_text(t, text) do {							\
	const char *tui_text_ = (text);							\
	if (!tui_wait_text((t), tui_text_))						\
		fail_msg("not on the screen: \"%s\"", tui_text_);			\
} while (0)

#define tui_expect_no_text(t, text) do {						\
	const char *tui_text_ = (text);							\
	if (!tui_wait_no_text((t), tui_text_))						\
		fail_msg("still on the screen: \"%s\"", tui_text_);			\
} while (0)

#define tui_expect(t, predicate, arg) do {						\
	if (!tui_wait((t), (predicate), (arg)))						\
		fail_msg("does not hold: %s(%s)", #predicate, #arg);			\
} while (0)

#define tui_expect_quiet(t, ms) do {							\
	int tui_ms_ = (ms);								\
	if (!tui_wait_quiet((t), tui_ms_))						\
		fail_msg("never quiet for %d ms", tui_ms_);				\
} while (0)

#define tui_expect_stopped(t) do {							\
	if (!tui_wait_stopped(t))							\
		fail_msg("%s", "the program did not stop");				\
} while (0)

#define tui_expect_exit(t, status) do {							\
	int tui_want_ = (status), tui_got_ = tui_wait_exit(t);				\
	if (tui_got_ != tui_want_)							\
		fail_msg("exit status %d instead of %d", tui_got_, tui_want_);		\
} while (0)

#endif
