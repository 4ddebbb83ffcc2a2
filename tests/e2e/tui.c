/* SPDX-License-Identifier: GPL-2.0-or-later */
/* End-to-end test harness: runs the program below a session leader and keeps its screen. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "tui.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#define DEADLINE_MS	10000
#define RAW_KEPT	((size_t)1 << 20)
#define READ_AT_ONCE	(64 * 1024)	/* then look at the condition even if more is coming */
#define CELL_BYTES	(VTERM_MAX_CHARS_PER_CELL * 4)

/* What the keeper tells the test about the program. */
enum news_kind {
	NEWS_FAILED,	/* value: errno */
	NEWS_STARTED,	/* value: pid */
	NEWS_STOPPED,
	NEWS_CONTINUED,
	NEWS_ENDED,	/* value: exit status as a shell has it */
};

struct news {
	int kind;
	int value;
};

struct buf {
	char *data;
	size_t len, cap;
};

struct tui {
	struct tui *next;
	int rows, cols;
	int64_t deadline;

	VTerm *vt;
	VTermScreen *screen;
	bool altscreen, cursor_visible;

	pid_t keeper, pid;
	int master, news, control;
	int out, err;			/* -1 unless captured */

	bool ended, stopped;
	bool more;			/* the last drain() left something unread */
	int status;

	uint64_t arrived;		/* bytes from everywhere */
	size_t tty_bytes;
	struct buf raw, out_text, err_text, replies;

	char *row_text, *scan_text;
	int *scan_cols;			/* column of each byte of scan_text */
};

static struct tui *live;

static void *must(void *p)
{
	if (!p) {
		fputs("tui: out of memory\n", stderr);
		abort();
	}
	return p;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t with_patience(int ms)
{
	const char *s = getenv("PMVIEW_TEST_PATIENCE");
	double factor = s ? strtod(s, NULL) : 1;

	if (!(factor > 0 && factor <= 1000))
		factor = 1;
	return (int64_t)(ms * factor);
}

static void buf_add(struct buf *b, const char *data, size_t len)
{
	if (b->cap - b->len <= len) {
		b->cap = (b->len + len + 1) * 2;
		b->data = must(realloc(b->data, b->cap));
	}
	memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

static void buf_drop(struct buf *b, size_t len)
{
	b->len -= len;
	memmove(b->data, b->data + len, b->len + 1);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- the child's environment ---- */

static size_t env_name_len(const char *entry)
{
	return strcspn(entry, "=");
}

/* Set ("NAME=value") or remove ("NAME"); env has room for one more. The strings are borrowed. */
static void env_change(const char **env, const char *entry)
{
	size_t len = env_name_len(entry), i, n;

	for (n = 0; env[n]; n++)
		;
	for (i = 0; i < n; i++) {
		if (env_name_len(env[i]) == len && !memcmp(env[i], entry, len)) {
			env[i] = env[--n];
			env[n] = NULL;
			break;
		}
	}
	if (entry[len]) {
		env[n] = entry;
		env[n + 1] = NULL;
	}
}

/* From nothing rather than from the test's own, so that a developer's settings change no test. */
static const char **env_new(const char *term_entry, const char *const *changes)
{
	static const char *const passed[] = {
		"PATH", "TMPDIR", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS",
		"UBSAN_OPTIONS", "LLVM_PROFILE_FILE", "GCOV_PREFIX", "GCOV_PREFIX_STRIP",
	};
	const size_t n_passed = sizeof(passed) / sizeof(passed[0]);
	size_t n = 0, i, j;
	const char **env;

	while (changes && changes[n])
		n++;
	env = must(calloc(n + n_passed + 5, sizeof(*env)));
	env_change(env, "PATH=/usr/local/bin:/usr/bin:/bin");
	for (i = 0; environ && environ[i]; i++) {
		for (j = 0; j < n_passed; j++) {
			if (env_name_len(environ[i]) == strlen(passed[j]) &&
			    !strncmp(environ[i], passed[j], strlen(passed[j])))
				env_change(env, environ[i]);
		}
	}
	env_change(env, "HOME=/nonexistent");
	env_change(env, "LANG=C.UTF-8");
	env_change(env, term_entry);
	for (i = 0; i < n; i++)
		env_change(env, changes[i]);
	return env;
}

/* ---- the keeper: session leader, parent of the program ---- */

/*
 * A program that leads its session cannot be stopped by ^Z: its process group is orphaned. So a
 * process in between plays the shell. It reports over a pipe, and leaves the ended program
 * unreaped until the test is done, so that the pid stays the program's own.
 */
struct launch {
	const struct tui_options *options;
	const char **env;
	int slave, in, out, err, news, control;
};

/* Descriptors in the keeper, after it has sorted them. */
enum {
	KEPT_TTY = 3, KEPT_IN, KEPT_OUT, KEPT_ERR, KEPT_NEWS, KEPT_CONTROL, KEPT_END,
};

static void tell(int fd, int kind, int value)
{
	struct news news = { kind, value };

	while (write(fd, &news, sizeof(news)) < 0 && errno == EINTR)
		;
}

/* Also undoes what cmocka, nohup or a background job's shell have set up for the test. */
static void default_signals(void)
{
	sigset_t none;
	int sig;

	for (sig = 1; sig <= SIGRTMAX; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Keep only what is needed: another terminal's descriptors here would keep it from hanging up. */
static int sort_fds(const struct launch *l)
{
	const int from[] = { l->slave, l->in, l->out, l->err, l->news, l->control };
	int high[KEPT_END - KEPT_TTY], i;

	for (i = 0; i < KEPT_END - KEPT_TTY; i++) {
		high[i] = fcntl(from[i], F_DUPFD, KEPT_END);
		if (high[i] < 0)
			return -1;
	}
	for (i = 0; i < KEPT_END - KEPT_TTY; i++) {
		if (dup2(high[i], KEPT_TTY + i) < 0)
			return -1;
	}
	for (i = 0; i < 3; i++) {
		if (dup2(KEPT_TTY, i) < 0)
			return -1;
	}
	return close_range(KEPT_END, ~0U, 0);
}

static int drop_to(uid_t uid, gid_t gid)
{
	if (!uid)
		return 0;
	if (setgroups(0, NULL) || setgid(gid ? gid : (gid_t)uid) || setuid(uid))
		return -1;
	return 0;
}

_Noreturn static void run_program(const struct launch *l, int failure)
{
	const struct tui_options *o = l->options;
	int error;

	if (setpgid(0, 0) || tcsetpgrp(KEPT_TTY, getpid()))
		goto failed;
	if (dup2(KEPT_IN, 0) < 0 || dup2(KEPT_OUT, 1) < 0 || dup2(KEPT_ERR, 2) < 0)
		goto failed;
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC))
		goto failed;
	if (o->cwd && chdir(o->cwd))
		goto failed;
	if (drop_to(o->uid, o->gid))
		goto failed;
	default_signals();
	environ = (char **)l->env;
	execvp(o->argv[0], o->argv);
failed:
	error = errno;
	while (write(failure, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* Pass on what happens to the program, until it has ended. */
static void watch_program(pid_t pid)
{
	siginfo_t info;

	for (;;) {
		memset(&info, 0, sizeof(info));
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED | WCONTINUED | WNOWAIT)) {
			if (errno == EINTR)
				continue;
			return;
		}
		switch (info.si_code) {
		case CLD_EXITED:
			tell(KEPT_NEWS, NEWS_ENDED, info.si_status);
			return;
		case CLD_KILLED:
		case CLD_DUMPED:
			tell(KEPT_NEWS, NEWS_ENDED, 128 + info.si_status);
			return;
		default:
			break;
		}
		/* It may be something else by now, or gone: take what there is, but no end. */
		memset(&info, 0, sizeof(info));
		if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WCONTINUED | WNOHANG))
			continue;
		if (info.si_pid && info.si_code == CLD_STOPPED)
			tell(KEPT_NEWS, NEWS_STOPPED, info.si_status);
		else if (info.si_pid && info.si_code == CLD_CONTINUED)
			tell(KEPT_NEWS, NEWS_CONTINUED, info.si_status);
	}
}

_Noreturn static void keep(const struct launch *l)
{
	int failure[2], error;
	ssize_t n;
	pid_t pid;
	char c;

	default_signals();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);	/* the program takes the foreground by itself */
	if (sort_fds(l)) {
		tell(l->news, NEWS_FAILED, errno);
		_exit(1);
	}
	if (setsid() < 0 || ioctl(KEPT_TTY, TIOCSCTTY, 0) || pipe2(failure, O_CLOEXEC)) {
		tell(KEPT_NEWS, NEWS_FAILED, errno);
		_exit(1);
	}
	pid = fork();
	if (pid < 0) {
		tell(KEPT_NEWS, NEWS_FAILED, errno);
		_exit(1);
	}
	if (!pid)
		run_program(l, failure[1]);
	close(failure[1]);
	close(KEPT_IN);
	close(KEPT_OUT);
	close(KEPT_ERR);

	/* The program's end of the pipe closes when it is executed. */
	do {
		n = read(failure[0], &error, sizeof(error));
	} while (n < 0 && errno == EINTR);
	if (n) {
		tell(KEPT_NEWS, NEWS_FAILED, n == (ssize_t)sizeof(error) ? error : EIO);
	} else {
		tell(KEPT_NEWS, NEWS_STARTED, pid);
		watch_program(pid);
		while (read(KEPT_CONTROL, &c, 1) < 0 && errno == EINTR)
			;
	}
	waitpid(pid, NULL, 0);
	_exit(0);
}

/* ---- reading and writing ---- */

static void on_reply(const char *s, size_t len, void *user)
{
	struct tui *t = user;

	buf_add(&t->replies, s, len);
}

static int on_prop(VTermProp prop, VTermValue *val, void *user)
{
	struct tui *t = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		t->altscreen = val->boolean;
	else if (prop == VTERM_PROP_CURSORVISIBLE)
		t->cursor_visible = val->boolean;
	return 1;
}

static const VTermScreenCallbacks screen_callbacks = { .settermprop = on_prop };

static void read_news(struct tui *t)
{
	struct news news;
	ssize_t n;

	while (t->news >= 0) {
		n = read(t->news, &news, sizeof(news));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n != (ssize_t)sizeof(news)) {
			/* The keeper is gone: nothing more will be known about the program. */
			close_fd(&t->news);
			if (!t->ended)
				t->status = -1;
			t->ended = true;
			return;
		}
		if (news.kind == NEWS_ENDED) {
			t->ended = true;
			t->status = news.value;
		}
		t->stopped = news.kind == NEWS_STOPPED;
	}
}

static void take_tty(struct tui *t, const char *data, size_t len)
{
	buf_add(&t->raw, data, len);
	if (t->raw.len > 2 * RAW_KEPT)
		buf_drop(&t->raw, t->raw.len - RAW_KEPT);
	t->tty_bytes += len;
	vterm_input_write(t->vt, data, len);
}

/* Read what there is; returns whether it stopped before the end of it. Sets *fd -1 at the end. */
static bool read_some(struct tui *t, int *fd, struct buf *to)
{
	size_t total = 0;
	char data[4096];
	ssize_t n;

	while (*fd >= 0) {
		if (total >= READ_AT_ONCE)
			return true;
		n = read(*fd, data, sizeof(data));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n <= 0) {
			close_fd(fd);
			return false;
		}
		total += (size_t)n;
		t->arrived += (size_t)n;
		if (to)
			buf_add(to, data, (size_t)n);
		else
			take_tty(t, data, (size_t)n);
	}
	return false;
}

static void send_replies(struct tui *t)
{
	ssize_t n;

	while (t->replies.len && t->master >= 0) {
		n = write(t->master, t->replies.data, t->replies.len);
		if (n > 0)
			buf_drop(&t->replies, (size_t)n);
		else if (n == 0 || errno != EINTR)
			return;
	}
}

/*
 * Take in all that has arrived. News come first: once they tell of the end, what is read
 * afterwards includes all the program wrote (Linux delivers a pty's data before EAGAIN).
 */
static void drain(struct tui *t)
{
	read_news(t);
	t->more = read_some(t, &t->master, NULL);
	t->more |= read_some(t, &t->out, &t->out_text);
	t->more |= read_some(t, &t->err, &t->err_text);
	send_replies(t);
}

/* Wait until something arrives, at most ms; with writing, also until the terminal takes input. */
static void wait_input(struct tui *t, int64_t ms, bool writing)
{
	/* poll() passes over descriptors of -1. */
	struct pollfd p[] = {
		{ .fd = t->master, .events = POLLIN },
		{ .fd = t->news, .events = POLLIN },
		{ .fd = t->out, .events = POLLIN },
		{ .fd = t->err, .events = POLLIN },
	};

	if (writing || t->replies.len)
		p[0].events |= POLLOUT;
	if (ms > INT_MAX)
		ms = INT_MAX;
	if (ms > 0)
		poll(p, sizeof(p) / sizeof(p[0]), (int)ms);
}

/* ---- start and end ---- */

static int open_stream(enum tui_stream kind, int fd, int slave, int flags, int *captured)
{
	int p[2];

	switch (kind) {
	case TUI_TTY:
		return fcntl(slave, F_DUPFD_CLOEXEC, 3);
	case TUI_NULL:
		return open("/dev/null", flags | O_CLOEXEC);
	case TUI_FD:
		return fcntl(fd, F_DUPFD_CLOEXEC, 3);
	case TUI_PIPE:
		if (!captured)
			break;
		if (pipe2(p, O_CLOEXEC))
			return -1;
		if (fcntl(p[0], F_SETFL, O_NONBLOCK)) {
			close(p[0]);
			close(p[1]);
			return -1;
		}
		*captured = p[0];
		return p[1];
	}
	errno = EINVAL;
	return -1;
}

static int open_pty(int rows, int cols, const struct tui_options *o, int *slave)
{
	struct winsize ws = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
	struct termios tio;
	char name[64];
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (master < 0)
		return -1;
	if (grantpt(master) || unlockpt(master) || ptsname_r(master, name, sizeof(name)))
		goto failed;
	*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave < 0)
		goto failed;
	/* As login does, for programs that open their terminal by name. */
	if (o->uid && fchown(*slave, o->uid, (gid_t)-1))
		goto failed;
	if (tcgetattr(*slave, &tio))
		goto failed;
	tio.c_iflag |= IUTF8;
	if (tcsetattr(*slave, TCSANOW, &tio) || ioctl(*slave, TIOCSWINSZ, &ws))
		goto failed;
	return master;
failed:
	close(master);
	return -1;
}

static void alloc_rows(struct tui *t)
{
	size_t size = (size_t)t->cols * CELL_BYTES + 1;

	t->row_text = must(realloc(t->row_text, size));
	t->scan_text = must(realloc(t->scan_text, size));
	t->scan_cols = must(realloc(t->scan_cols, size * sizeof(*t->scan_cols)));
	t->row_text[0] = '\0';
}

/* Fork the keeper and hear whether the program runs. Returns 0 or an errno value. */
static int launch(struct tui *t, struct launch *l)
{
	struct news news = { NEWS_FAILED, ETIMEDOUT };
	int up[2] = { -1, -1 }, down[2] = { -1, -1 }, error, n;
	struct pollfd p = { .events = POLLIN };

	if (pipe2(up, O_CLOEXEC) || pipe2(down, O_CLOEXEC)) {
		error = errno;
		goto out;
	}
	l->news = up[1];
	l->control = down[0];
	t->keeper = fork();
	if (t->keeper < 0) {
		error = errno;
		goto out;
	}
	if (!t->keeper)
		keep(l);
	close_fd(&up[1]);	/* so that the keeper's death shows */
	t->news = p.fd = up[0];
	t->control = down[1];
	up[0] = down[1] = -1;

	do {
		n = poll(&p, 1, (int)t->deadline);
	} while (n < 0 && errno == EINTR);
	if (n == 1 && read(t->news, &news, sizeof(news)) != (ssize_t)sizeof(news))
		news.value = EIO;
	if (news.kind == NEWS_STARTED) {
		t->pid = news.value;
		error = fcntl(t->news, F_SETFL, O_NONBLOCK) ? errno : 0;
	} else {
		error = news.value;
	}
out:
	close_fd(&up[0]);
	close_fd(&up[1]);
	close_fd(&down[0]);
	close_fd(&down[1]);
	return error;
}

struct tui *tui_start_with(const struct tui_options *options)
{
	const char *term = options->term ? options->term : "xterm-256color";
	struct launch l = { .options = options, .slave = -1, .in = -1, .out = -1, .err = -1 };
	struct tui *t = must(calloc(1, sizeof(*t)));
	char *term_entry = must(malloc(strlen(term) + sizeof("TERM=")));
	int error;

	t->next = live;
	live = t;
	t->rows = options->rows ? options->rows : 24;
	t->cols = options->cols ? options->cols : 80;
	t->master = t->news = t->control = t->out = t->err = -1;
	t->keeper = t->pid = -1;
	t->deadline = with_patience(DEADLINE_MS);
	buf_add(&t->raw, "", 0);
	buf_add(&t->out_text, "", 0);
	buf_add(&t->err_text, "", 0);

	t->vt = must(vterm_new(t->rows, t->cols));
	vterm_set_utf8(t->vt, 1);
	vterm_output_set_callback(t->vt, on_reply, t);
	t->screen = must(vterm_obtain_screen(t->vt));
	vterm_screen_set_callbacks(t->screen, &screen_callbacks, t);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_reset(t->screen, 1);
	alloc_rows(t);

	strcpy(term_entry, "TERM=");
	strcat(term_entry, term);
	l.env = env_new(term_entry, options->env);

	t->master = open_pty(t->rows, t->cols, options, &l.slave);
	error = t->master < 0 ? errno : 0;
	if (!error) {
		l.in = open_stream(options->in, options->in_fd, l.slave, O_RDONLY, NULL);
		error = l.in < 0 ? errno : 0;
	}
	if (!error) {
		l.out = open_stream(options->out, options->out_fd, l.slave, O_WRONLY, &t->out);
		error = l.out < 0 ? errno : 0;
	}
	if (!error) {
		l.err = open_stream(options->err, options->err_fd, l.slave, O_WRONLY, &t->err);
		error = l.err < 0 ? errno : 0;
	}
	if (!error)
		error = launch(t, &l);

	close_fd(&l.slave);
	close_fd(&l.in);
	close_fd(&l.out);
	close_fd(&l.err);
	free(l.env);
	free(term_entry);
	if (error) {
		fprintf(stderr, "tui: cannot start %s: %s\n", options->argv[0], strerror(error));
		tui_free(t);
		errno = error;
		return NULL;
	}
	return t;
}

struct tui *tui_start(int rows, int cols, const char *term, char *const argv[])
{
	struct tui_options options = { .rows = rows, .cols = cols, .term = term, .argv = argv };

	return tui_start_with(&options);
}

static void end_program(struct tui *t)
{
	/* Not t's deadline: a test may have made that as short as it likes. */
	int64_t end = now_ms() + with_patience(DEADLINE_MS);

	if (t->pid > 0) {
		drain(t);
		if (!t->ended)
			kill(t->pid, SIGKILL);
		while (!t->ended && now_ms() < end) {
			wait_input(t, end - now_ms(), false);
			drain(t);
		}
		/* Have the keeper reap the program; if that cannot die, leave it to init. */
		if (!t->ended || t->news < 0 || write(t->control, "q", 1) != 1)
			kill(t->keeper, SIGKILL);
	} else if (t->keeper > 0) {
		kill(t->keeper, SIGKILL);
	}
	if (t->keeper > 0) {
		while (waitpid(t->keeper, NULL, 0) < 0 && errno == EINTR)
			;
	}
}

void tui_free(struct tui *t)
{
	int error = errno;
	struct tui **p;

	if (!t)
		return;
	for (p = &live; *p; p = &(*p)->next) {
		if (*p == t) {
			*p = t->next;
			break;
		}
	}
	end_program(t);
	close_fd(&t->master);
	close_fd(&t->news);
	close_fd(&t->control);
	close_fd(&t->out);
	close_fd(&t->err);
	vterm_free(t->vt);
	free(t->raw.data);
	free(t->out_text.data);
	free(t->err_text.data);
	free(t->replies.data);
	free(t->row_text);
	free(t->scan_text);
	free(t->scan_cols);
	free(t);
	errno = error;
}

int tui_teardown(void **state)
{
	(void)state;
	while (live)
		tui_free(live);
	return 0;
}

void tui_set_deadline(struct tui *t, int ms)
{
	t->deadline = with_patience(ms);
}

int tui_deadline(const struct tui *t)
{
	return (int)t->deadline;
}

/* ---- keys ---- */

void tui_send(struct tui *t, const char *bytes, size_t len)
{
	int64_t end = now_ms() + t->deadline;
	ssize_t n;

	/* Answers to the program's questions were due before these keys. */
	drain(t);
	while (len && t->master >= 0) {
		n = write(t->master, bytes, len);
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if ((n < 0 && errno != EAGAIN) || now_ms() >= end)
			break;
		/* It may read no keys before its own output has been taken. */
		wait_input(t, end - now_ms(), true);
		drain(t);
	}
	if (len)
		fprintf(stderr, "tui: the terminal did not take the last %zu bytes typed\n", len);
}

void tui_key(struct tui *t, const char *bytes)
{
	tui_send(t, bytes, strlen(bytes));
}

/* ---- the screen ---- */

int tui_rows(const struct tui *t)
{
	return t->rows;
}

int tui_cols(const struct tui *t)
{
	return t->cols;
}

static size_t put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | (c >> 18 & 7));
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static int color(const VTermColor *c)
{
	if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
		return TUI_DEFAULT;
	if (VTERM_COLOR_IS_INDEXED(c))
		return c->indexed.idx;
	return TUI_RGB(c->rgb.red, c->rgb.green, c->rgb.blue);
}

struct tui_cell tui_cell(struct tui *t, int row, int col)
{
	VTermPos pos = { .row = row, .col = col };
	struct tui_cell cell = { 0 };
	VTermScreenCell c;
	int i;

	if (row < 0 || row >= t->rows || col < 0 || col >= t->cols)
		return cell;
	if (!vterm_screen_get_cell(t->screen, pos, &c))
		return cell;
	cell.ch = c.chars[0] ? c.chars[0] : ' ';
	cell.width = c.width;
	if (c.chars[0] == (uint32_t)-1) {
		cell.ch = 0;
		cell.width = 0;
	}
	/* Behind the first 0 libvterm leaves chars as it was: uninitialized. */
	for (i = 1; c.chars[0] && cell.ch && i < VTERM_MAX_CHARS_PER_CELL && c.chars[i]; i++)
		cell.combining[i - 1] = c.chars[i];
	cell.fg = color(&c.fg);
	cell.bg = color(&c.bg);
	cell.bold = c.attrs.bold;
	cell.underline = c.attrs.underline != VTERM_UNDERLINE_OFF;
	cell.italic = c.attrs.italic;
	cell.blink = c.attrs.blink;
	cell.reverse = c.attrs.reverse;
	cell.strike = c.attrs.strike;
	return cell;
}

/* The row's text without the blanks at its end; cols (or NULL) gets the column of each byte. */
static void get_row(struct tui *t, int row, char *text, int *cols)
{
	const size_t n_combining = VTERM_MAX_CHARS_PER_CELL - 1;
	size_t len = 0, end = 0, start, i;
	struct tui_cell cell;
	int col;

	for (col = 0; row >= 0 && row < t->rows && col < t->cols; col++) {
		cell = tui_cell(t, row, col);
		if (!cell.ch)
			continue;
		start = len;
		len += put_utf8(text + len, cell.ch);
		for (i = 0; i < n_combining && cell.combining[i]; i++)
			len += put_utf8(text + len, cell.combining[i]);
		for (i = start; cols && i < len; i++)
			cols[i] = col;
		if (cell.ch != ' ' || cell.combining[0])
			end = len;
	}
	text[end] = '\0';
}

const char *tui_row(struct tui *t, int row)
{
	get_row(t, row, t->row_text, NULL);
	return t->row_text;
}

bool tui_find(struct tui *t, const char *text, int *row, int *col)
{
	const char *at;
	int r;

	for (r = 0; r < t->rows; r++) {
		get_row(t, r, t->scan_text, t->scan_cols);
		at = strstr(t->scan_text, text);
		if (!at)
			continue;
		*row = r;
		*col = *at ? t->scan_cols[at - t->scan_text] : 0;
		return true;
	}
	return false;
}

void tui_cursor(struct tui *t, int *row, int *col)
{
	VTermPos pos;

	vterm_state_get_cursorpos(vterm_obtain_state(t->vt), &pos);
	if (row)
		*row = pos.row;
	if (col)
		*col = pos.col;
}

bool tui_cursor_visible(const struct tui *t)
{
	return t->cursor_visible;
}

bool tui_altscreen(const struct tui *t)
{
	return t->altscreen;
}

static void dump_captured(FILE *f, const char *name, const struct buf *b)
{
	if (b->len)
		fprintf(f, "tui: %s so far, %zu bytes:\n%s\n", name, b->len, b->data);
}

void tui_dump(struct tui *t, FILE *f)
{
	int row, col;

	tui_cursor(t, &row, &col);
	fprintf(f, "tui: %s screen %d x %d, cursor %s at row %d column %d, program ",
		t->altscreen ? "alternate" : "main", t->rows, t->cols,
		t->cursor_visible ? "shown" : "hidden", row, col);
	if (t->ended)
		fprintf(f, "ended with status %d\n", t->status);
	else
		fprintf(f, "%s\n", t->stopped ? "stopped" : "running");
	for (row = 0; row < t->rows; row++) {
		get_row(t, row, t->scan_text, NULL);
		fprintf(f, "%3d|%s\n", row, t->scan_text);
	}
	dump_captured(f, "stdout", &t->out_text);
	dump_captured(f, "stderr", &t->err_text);
	fflush(f);
}

/* ---- waiting ---- */

static bool wait_failed(struct tui *t, const char *what, const char *detail, const char *why)
{
	fprintf(stderr, "tui: waited for %s%s%s%s: %s\n", what, detail ? " \"" : "",
		detail ? detail : "", detail ? "\"" : "", why);
	tui_dump(t, stderr);
	return false;
}

static bool wait_for(struct tui *t, tui_predicate *holds, void *arg, const char *what,
		     const char *detail)
{
	int64_t end = now_ms() + t->deadline;
	int64_t left;

	for (;;) {
		drain(t);
		if (holds(t, arg))
			return true;
		if (t->ended && !t->more)
			return wait_failed(t, what, detail, "the program has ended");
		left = end - now_ms();
		if (left <= 0)
			return wait_failed(t, what, detail, "the deadline has passed");
		if (!t->more)
			wait_input(t, left, false);
	}
}

struct place {
	int row;
	const char *text;
};

static bool row_has(struct tui *t, void *arg)
{
	const struct place *p = arg;

	if (p->row < 0 || p->row >= t->rows)
		return false;
	get_row(t, p->row, t->scan_text, NULL);
	return strstr(t->scan_text, p->text);
}

static bool has_text(struct tui *t, void *arg)
{
	const struct place *p = arg;
	int row, col;

	return tui_find(t, p->text, &row, &col);
}

static bool has_no_text(struct tui *t, void *arg)
{
	return !has_text(t, arg);
}

static bool has_ended(struct tui *t, void *arg)
{
	(void)arg;
	return t->ended && !t->more;
}

static bool has_stopped(struct tui *t, void *arg)
{
	(void)arg;
	return t->stopped;
}

bool tui_wait_row(struct tui *t, int row, const char *text)
{
	struct place place = { row, text };
	char what[32];

	snprintf(what, sizeof(what), "row %d to show", row);
	return wait_for(t, row_has, &place, what, text);
}

bool tui_wait_text(struct tui *t, const char *text)
{
	struct place place = { 0, text };

	return wait_for(t, has_text, &place, "the text", text);
}

bool tui_wait_no_text(struct tui *t, const char *text)
{
	struct place place = { 0, text };

	return wait_for(t, has_no_text, &place, "the disappearance of", text);
}

bool tui_wait(struct tui *t, tui_predicate *predicate, void *arg)
{
	return wait_for(t, predicate, arg, "a condition", NULL);
}

bool tui_wait_quiet(struct tui *t, int ms)
{
	int64_t last = now_ms();
	int64_t end = last + t->deadline + ms;
	uint64_t before;
	int64_t now;

	for (;;) {
		before = t->arrived;
		drain(t);
		now = now_ms();
		if (t->arrived != before)
			last = now;
		if (now - last >= ms || (t->ended && !t->more))
			return true;
		if (now >= end)
			return wait_failed(t, "silence", NULL, "the deadline has passed");
		wait_input(t, (last + ms < end ? last + ms : end) - now, false);
	}
}

int tui_wait_exit(struct tui *t)
{
	if (!wait_for(t, has_ended, NULL, "the program's end", NULL))
		return -1;
	return t->status;
}

bool tui_wait_stopped(struct tui *t)
{
	return wait_for(t, has_stopped, NULL, "the program to stop", NULL);
}

void tui_continue(struct tui *t)
{
	/* Not when the news come: a wait for the next stop must not see this one. */
	drain(t);
	t->stopped = false;
	kill(-t->pid, SIGCONT);
}

pid_t tui_pid(const struct tui *t)
{
	return t->pid;
}

bool tui_signal(struct tui *t, int sig)
{
	return !kill(t->pid, sig);
}

void tui_resize(struct tui *t, int rows, int cols)
{
	struct winsize ws = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
	int i;

	/* What was written for the old size belongs on the old screen; but do not wait forever. */
	drain(t);
	for (i = 0; t->more && i < 16; i++)
		drain(t);
	t->rows = rows;
	t->cols = cols;
	alloc_rows(t);
	vterm_set_size(t->vt, rows, cols);
	if (t->master < 0 || ioctl(t->master, TIOCSWINSZ, &ws))
		fprintf(stderr, "tui: cannot resize the terminal: %s\n", strerror(errno));
}

bool tui_termios(struct tui *t, struct termios *out)
{
	/* On Linux the master answers for the terminal side. */
	return !tcgetattr(t->master, out);
}

size_t tui_bytes(const struct tui *t)
{
	return t->tty_bytes;
}

const char *tui_raw(struct tui *t, size_t *len)
{
	*len = t->raw.len < RAW_KEPT ? t->raw.len : RAW_KEPT;
	return t->raw.data + t->raw.len - *len;
}

const char *tui_stdout(struct tui *t)
{
	drain(t);
	return t->out_text.data;
}

const char *tui_stderr(struct tui *t)
{
	drain(t);
	return t->err_text.data;
}

size_t tui_stdout_size(struct tui *t)
{
	drain(t);
	return t->out_text.len;
}
