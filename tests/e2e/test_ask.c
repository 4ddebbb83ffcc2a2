/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to a live process and their answers on the screen: who else maps a page, where the RSS
 * is, the fork family, the working set. The processes are a program of their own, this one run
 * anew, that does what it is told. Oracles: what it was told, /proc. */
#include "e2e/screen_help.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "e2e/target.h"
#include "view/keymap.h"

/* --- the processes ------------------------------------------------------------------------- */

enum { ROOT, CHILD, WHO };

#define PAGES  64
#define COPIED 8  /* which the child has written from the start: the last ones */
#define USED   16 /* which are read all the time, if so ordered: the first ones */

/* Shared by the test and both. */
struct kin {
	_Atomic pid_t pid[WHO];
	atomic_uint rounds; /* of reading */
	uint64_t region; /* PAGES pages, which the root wrote before it forked */
	int end[WHO];    /* of sockets through which they take orders, and end if these do */
};

enum what { ORDER_WRITE, ORDER_USE, ORDER_HIDE, ORDER_END };
struct order {
	enum what what;
	int first, pages;
};

static struct kin *kin;
static int kin_fd;
static uint64_t page_size;

static void write_pages(int first, int pages)
{
	for (; pages--; first++)
		((volatile char *)kin->region)[(uint64_t)first * page_size] = 1;
}

/* So that a processor looks the pages up anew, and notes that. */
static void use_pages(int pages)
{
	mprotect((void *)kin->region, PAGES * page_size, PROT_READ);
	mprotect((void *)kin->region, PAGES * page_size, PROT_READ | PROT_WRITE);
	while (pages--)
		(void)((volatile char *)kin->region)[(uint64_t)pages * page_size];
	atomic_fetch_add(&kin->rounds, 1);
}

static _Noreturn void take_orders(int who)
{
	struct pollfd p = { .fd = kin->end[who], .events = POLLIN };
	struct order o;
	int used = 0;

	close(kin->end[!who]);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* it may be stopped, which hears of no socket */
	atomic_store(&kin->pid[who], getpid());
	for (;;) {
		if (poll(&p, 1, used ? 1 : -1) == 0) {
			use_pages(used);
			continue;
		}
		if (read(p.fd, &o, sizeof(o)) != sizeof(o) || o.what == ORDER_END)
			_exit(0);
		if (o.what == ORDER_WRITE)
			write_pages(o.first, o.pages);
		else if (o.what == ORDER_USE)
			used = o.pages;
		else
			prctl(PR_SET_DUMPABLE, 0);
		if (write(p.fd, "k", 1) != 1)
			_exit(0);
	}
}

static _Noreturn void run_kin(int fd)
{
	char *p;

	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	kin = mmap(NULL, sizeof(*kin), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	/* Between pages that keep other mappings away. */
	p = mmap(NULL, (PAGES + 2) * page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (kin == MAP_FAILED || p == MAP_FAILED ||
		mprotect(p + page_size, PAGES * page_size, PROT_READ | PROT_WRITE))
		_exit(121);
	madvise(p + page_size, PAGES * page_size, MADV_NOHUGEPAGE);
	kin->region = (uintptr_t)p + page_size;
	write_pages(0, PAGES);
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_NAME, "kin");
	signal(SIGCHLD, SIG_IGN); /* it is gone when it ends */
	switch (fork()) {
	case -1:
		_exit(122);
	case 0:
		write_pages(PAGES - COPIED, COPIED);
		take_orders(CHILD);
	}
	take_orders(ROOT);
}

static pid_t started;
static int held[WHO] = { -1, -1 }; /* the test's ends of the sockets */
static char target[16];

static pid_t pid_of(int who)
{
	return atomic_load(&kin->pid[who]);
}

static bool are_ready(void *unused)
{
	(void)unused;
	return pid_of(ROOT) && pid_of(CHILD);
}

/* Start them as this user, 0 for no change. */
static void start_kin(uid_t uid)
{
	char number[16];
	int ends[2], i;

	memset(kin, 0, sizeof(*kin));
	for (i = 0; i < WHO; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
		held[i] = ends[0];
		kin->end[i] = ends[1];
	}
	snprintf(number, sizeof(number), "%d", kin_fd);
	started = fork();
	if (!started) {
		fcntl(kin->end[ROOT], F_SETFD, 0);
		fcntl(kin->end[CHILD], F_SETFD, 0);
		if (uid && (setgroups(0, NULL) || setgid(uid) || setuid(uid)))
			_exit(120);
		execl("/proc/self/exe", "kin", "kin", number, NULL);
		_exit(119);
	}
	close(kin->end[ROOT]);
	close(kin->end[CHILD]);
	assert_true(started > 0);
	assert_true(wait_until(are_ready, NULL));
	snprintf(target, sizeof(target), "%d", (int)started);
}

/* Returns when it is done, or the process gone. */
static void order(int who, enum what what, int first, int pages)
{
	struct order o = { what, first, pages };
	struct pollfd p = { .fd = held[who], .events = POLLIN };
	char answer;

	assert_int_equal(send(held[who], &o, sizeof(o), MSG_NOSIGNAL), sizeof(o));
	assert_int_equal(poll(&p, 1, 20000), 1);
	assert_int_equal(recv(held[who], &answer, 1, 0), what != ORDER_END);
	if (who == ROOT && what == ORDER_END) {
		assert_int_equal(waitpid(started, NULL, 0), started);
		started = 0;
	}
}

/* After each test, however it ended: nothing is left. */
static int end_all(void **state)
{
	bool ended = true;
	int i;

	tui_teardown(state);
	if (started > 0) {
		kill(started, SIGKILL);
		waitpid(started, NULL, 0);
	}
	started = 0;
	for (i = 0; i < WHO; i++) {
		struct pollfd p = { .fd = held[i], .events = POLLIN };

		if (held[i] < 0)
			continue;
		shutdown(held[i], SHUT_WR);
		ended = poll(&p, 1, 10000) > 0 && ended;
		close(held[i]);
		held[i] = -1;
	}
	if (!ended)
		print_error("not all processes ended\n");
	return ended ? 0 : -1;
}

/* --- on the screen ------------------------------------------------------------------------- */

static void need_root(void)
{
	if (!geteuid())
		return;
	print_message("what is shared is told to root alone\n");
	skip();
}

#define LINE 192

#define LOOK(...) START(.target = target, .options = { "--ascii" }, __VA_ARGS__)

static double patience(void)
{
	const char *p = getenv("PMVIEW_TEST_PATIENCE");

	return p ? atof(p) : 1;
}

/* The row that the cursor is on; -1 if there is none. */
static int row_at(struct tui *t)
{
	int row;

	for (row = 2; row < tui_rows(t); row++)
		if (tui_cell(t, row, 1).reverse)
			return row;
	return -1;
}

static bool is_at(struct tui *t, void *row)
{
	return row_at(t) == *(int *)row;
}

/* Go down to the report's line with this text. */
static void select_line(struct tui *t, const char *text)
{
	int row, col, at, i;

	tui_expect_text(t, text);
	/* It begins on the first line about a place. */
	tui_key(t, "g");
	tui_expect(t, is_at, &(int){ 2 });
	at = row_at(t);
	assert_true(tui_find(t, text, &row, &col));
	for (i = at; i < row; i++)
		tui_key(t, "j");
	tui_expect(t, is_at, &row);
}

static bool has_badge(struct tui *t, void *unused)
{
	const char *row = tui_row(t, 0), *at = strstr(row, "  RO");

	(void)unused;
	return *row && at && (!at[4] || at[4] == ' ');
}

static bool has_no_badge(struct tui *t, void *unused)
{
	return *tui_row(t, 0) && !has_badge(t, unused);
}

/* Answer the questions before the working set is measured: the last one with this key. */
static void ask_for_wss(struct tui *t, const char *seconds, const char *answer)
{
	tui_key(t, "W");
	tui_expect_text(t, "working set: seconds to watch: 10");
	tui_key(t, "\025");
	tui_key(t, seconds);
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_text(t, "clear its referenced bits (stalls it ");
	tui_key(t, answer);
}

/* Press Escape, and see that what is being done ends within two seconds. */
static void stop_waiting(struct tui *t)
{
	uint64_t began = units_now_ns();

	tui_key(t, TUI_KEY_ESC);
	tui_expect_text(t, "measuring the working set was given up; the referenced bits are cleared");
	assert_true((double)(units_now_ns() - began) < 2e9 * patience());
	tui_expect_no_text(t, "Esc stops it");
	tui_expect_row(t, 1, "-- working set ---");
}

/* --- who else maps this page --------------------------------------------------------------- */

static void expect_both(struct tui *t, int asked, uint64_t address)
{
	char line[LINE];
	int who;

	tui_expect_row(t, 1, "-- who else maps this page ---");
	tui_expect_row(t, 2, "2 of 2 mappings found");
	snprintf(line, sizeof(line), "asked about %" PRIx64 " of %d kin", address, (int)pid_of(asked));
	tui_expect_row(t, 3, line);
	for (who = 0; who < WHO; who++) {
		snprintf(line, sizeof(line), "%c%7d %-15s %12" PRIx64 " rw-p",
			who == asked ? '*' : ' ', (int)pid_of(who), "kin", address);
		tui_expect_text(t, line);
	}
}

static void test_owners(void **state)
{
	struct fixture_region r;
	uint64_t address;
	char line[LINE];
	struct tui *t;

	(void)state;
	need_root();
	start_kin(0);
	r = (struct fixture_region){ .address = kin->region };
	address = kin->region + 3 * page_size;
	t = LOOK(0);
	go_to(t, target, &r);
	tui_key(t, TUI_KEY_ENTER);
	tui_key(t, TUI_KEY_ENTER);
	tui_key(t, "lll");
	snprintf(line, sizeof(line), " address %016" PRIx64, address);
	tui_expect_row(t, 1, line);
	tui_key(t, "o");
	expect_both(t, ROOT, address);
	snprintf(line, sizeof(line), "%7d %-15s %12" PRIx64, (int)pid_of(CHILD), "kin", address);
	select_line(t, line);
	tui_key(t, TUI_KEY_ENTER);
	snprintf(line, sizeof(line), "kin[%d]", (int)pid_of(CHILD));
	tui_expect_row(t, 0, line);
	snprintf(line, sizeof(line), " address %016" PRIx64, address);
	tui_expect_row(t, 1, line);
	tui_expect_text(t, " entry   0x");
	tui_key(t, "o");
	expect_both(t, CHILD, address);
	/* Of a page that was copied there is one. */
	tui_key(t, "q");
	tui_expect_row(t, 1, line);
	order(CHILD, ORDER_WRITE, 3, 1);
	tui_key(t, "o");
	tui_expect_row(t, 2, "1 of 1 mapping found");
	tui_key(t, "q");
	tui_expect_row(t, 1, line);
	quit(t, "Q");
}

/* --- the fork family ----------------------------------------------------------------------- */

/* What is said of the region when the child has written so many pages. */
static const char *region_line(char line[LINE], int copied)
{
	char all[UNITS_SIZE_LEN], own[UNITS_SIZE_LEN], shared[UNITS_SIZE_LEN];

	units_size(all, PAGES * page_size);
	units_size(own, (uint64_t)copied * page_size);
	units_size(shared, (uint64_t)(PAGES - copied) * page_size);
	snprintf(line, LINE, "%012" PRIx64 " %6s %6s %6s %6s %6s %6s %6s [anon]", kin->region, all, own,
		"-", "-", shared, own, own);
	return line;
}

static void expect_family(struct tui *t)
{
	char line[LINE];

	tui_expect_text(t, "2 processes, forked from each other without exec");
	snprintf(line, sizeof(line), "* %6d       - ", (int)pid_of(ROOT));
	tui_expect_text(t, line);
	snprintf(line, sizeof(line), "  %6d %7d ", (int)pid_of(CHILD), (int)pid_of(ROOT));
	tui_expect_text(t, line);
}

static void test_family(void **state)
{
	char line[LINE];
	struct tui *t;

	(void)state;
	need_root();
	start_kin(0);
	t = LOOK(.rows = 60, .cols = 100);
	tui_expect_text(t, "LIVE");
	tui_key(t, "P");
	tui_expect_row(t, 1, "-- fork family ---");
	expect_family(t);
	tui_expect_text(t, region_line(line, COPIED));
	/* Watched without a key. */
	order(CHILD, ORDER_WRITE, 20, 5);
	tui_expect_text(t, region_line(line, COPIED + 5));
	order(CHILD, ORDER_WRITE, 40, 1);
	tui_expect_text(t, region_line(line, COPIED + 6));
	expect_family(t);
	select_line(t, line);
	tui_key(t, TUI_KEY_ENTER);
	snprintf(line, sizeof(line), " address %016" PRIx64, kin->region);
	tui_expect_row(t, 1, line);
	snprintf(line, sizeof(line), "kin[%d]", (int)pid_of(ROOT));
	tui_expect_row(t, 0, line);
	quit(t, "Q");
}

/* One that may not be looked at any more: why is said, and nothing else happens. */
static void test_denied(void **state)
{
	uid_t uid = geteuid() ? 0 : FIXTURE_NOBODY;
	char line[LINE];
	struct tui *t;

	(void)state;
	start_kin(uid);
	/* It is not looked at again before the test is over. */
	t = START(.target = target, .options = { "--ascii", "--interval=3600" }, .uid = uid);
	tui_expect_text(t, "LIVE");
	tui_key(t, "P");
	expect_family(t);
	order(CHILD, ORDER_HIDE, 0, 0);
	snprintf(line, sizeof(line), "  %6d %7d ", (int)pid_of(CHILD), (int)pid_of(ROOT));
	select_line(t, line);
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_row(t, 22, "ermi");
	snprintf(line, sizeof(line), "process %d", (int)pid_of(CHILD));
	tui_expect_row(t, 22, line);
	tui_expect_row(t, 1, "-- fork family ---");
	expect_family(t);
	tui_key(t, "g");
	tui_expect(t, is_at, &(int){ 2 });
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_row(t, 22, "this line is about no place");
	snprintf(line, sizeof(line), "kin[%d]", (int)pid_of(ROOT));
	tui_expect_row(t, 0, line);
	quit(t, "Q");
}

/* --- where the RSS is ---------------------------------------------------------------------- */

/* A figure in kB, of the first line of the file that begins with name, behind a line that begins
 * with the address, if it is not 0. */
static long figure_of(const char *file, uint64_t address, const char *name)
{
	char path[64], begin[32], *text, *at;
	long figure = -1;

	snprintf(path, sizeof(path), "/proc/%s/%s", target, file);
	text = read_file(path, NULL);
	assert_non_null(text);
	snprintf(begin, sizeof(begin), "%" PRIx64 "-", address);
	at = address ? strstr(text, begin) : text;
	at = at ? strstr(at, name) : NULL;
	assert_true(at && sscanf(at + strlen(name), ": %ld", &figure) == 1);
	free(text);
	return figure;
}

static bool rss_or_question(struct tui *t, void *unused)
{
	int row, col;

	(void)unused;
	return tui_find(t, "read it? y/n", &row, &col) || tui_find(t, "status VmRSS", &row, &col);
}

static void test_rss(void **state)
{
	char number[UNITS_COUNT_LEN], line[LINE];
	struct tui *t;
	int row, col;

	(void)state;
	start_kin(0);
	process_stop(started);
	t = LOOK(.rows = 60);
	tui_expect_text(t, "LIVE");
	tui_key(t, "R");
	/* A sanitizer's process is large. */
	tui_expect(t, rss_or_question, NULL);
	if (tui_find(t, "read it? y/n", &row, &col))
		tui_key(t, "y");
	tui_expect_row(t, 1, "-- where the RSS is ---");
	units_count(number, (uint64_t)figure_of("status", 0, "VmRSS"));
	snprintf(line, sizeof(line), "%-20s %14s %14s %13s %13s", "status VmRSS", number, number, "-",
		"-");
	tui_expect_text(t, line);
	units_count(number, (uint64_t)figure_of("status", 0, "RssAnon"));
	snprintf(line, sizeof(line), "%-20s %14s %14s %13s %13s", "status RssAnon", number, number,
		"-", "-");
	tui_expect_text(t, line);
	tui_expect_text(t, "smaps Rss ");
	assert_true(tui_find(t, "smaps Rss ", &row, &col));
	assert_string_equal(tui_row(t, row) + strlen(tui_row(t, row)) - 2, " -");
	tui_expect(t, has_badge, NULL);
	tui_key(t, "q");
	tui_expect_row(t, 2, "START");
	quit(t, "q");
}

/* --- the working set ----------------------------------------------------------------------- */

static long referenced(void)
{
	return figure_of("smaps", kin->region, "Referenced");
}

static bool is_used(void *since)
{
	return atomic_load(&kin->rounds) > *(unsigned *)since;
}

static void use(int pages)
{
	unsigned since;

	order(ROOT, ORDER_USE, 0, pages);
	since = atomic_load(&kin->rounds);
	if (pages)
		assert_true(wait_until(is_used, &since));
}

static void test_wss(void **state)
{
	char is[UNITS_SIZE_LEN], of[UNITS_SIZE_LEN], line[LINE];
	long all = PAGES * (long)page_size / 1024, used;
	struct tui *t;

	(void)state;
	start_kin(0);
	t = LOOK(.rows = 60, .cols = 100);
	tui_expect_text(t, "LIVE");
	tui_expect(t, has_badge, NULL);
	/* Not without a yes. */
	assert_int_equal(referenced(), all);
	ask_for_wss(t, "0.5", "n");
	tui_expect_row(t, 58, "not done");
	ask_for_wss(t, "0.5", TUI_KEY_ENTER);
	tui_expect_row(t, 58, "not done");
	tui_expect(t, has_badge, NULL);
	tui_expect_row(t, 2, "START");
	assert_int_equal(referenced(), all);

	use(USED);
	ask_for_wss(t, "0.5", "y");
	tui_expect_row(t, 1, "-- working set ---");
	tui_expect_row(t, 2, "what kin[");
	tui_expect_row(t, 2, "] referenced in ");
	use(0);
	/* They stay as they were: nothing else is read there. */
	used = referenced();
	assert_in_range(used, USED * (long)page_size / 1024, all - 1);
	snprintf(line, sizeof(line), "%10s %10s %3ld%%  %12" PRIx64 " rw-p",
		units_size(is, (uint64_t)used * 1024), units_size(of, (uint64_t)all * 1024),
		used * 100 / all, kin->region);
	tui_expect_text(t, line);
	tui_expect(t, has_no_badge, NULL);
	select_line(t, line);
	tui_key(t, TUI_KEY_ENTER);
	snprintf(line, sizeof(line), " address %016" PRIx64, kin->region);
	tui_expect_row(t, 1, line);
	tui_expect(t, has_no_badge, NULL);
	quit(t, "Q");
}

/* What goes on until it is stopped. */
static void wait_for_wss(struct tui *t)
{
	ask_for_wss(t, "3600", "y");
	tui_expect_row(t, 1, " of 3600000 ms, Esc stops it");
}

static struct tui *start_waiting(void)
{
	struct tui *t;

	start_kin(0);
	t = LOOK(0);
	tui_expect_text(t, "LIVE");
	wait_for_wss(t);
	return t;
}

static void test_stop(void **state)
{
	struct tui *t = start_waiting();

	(void)state;
	stop_waiting(t);
	tui_key(t, TUI_KEY_ESC);
	tui_expect_row(t, 2, "START");
	/* q closes it at once, and another answer is not kept up by that. */
	wait_for_wss(t);
	tui_key(t, "q");
	tui_expect_row(t, 2, "START");
	tui_key(t, "P");
	tui_expect_row(t, 1, "-- fork family ---");
	tui_expect_text(t, "2 processes, forked from each other");
	tui_key(t, "q");
	tui_expect_row(t, 2, "START");
	quit(t, "q");
}

static void test_quit(void **state)
{
	struct termios before, after;
	uint64_t began;
	struct tui *t;

	(void)state;
	t = START(.target = "--version");
	tui_expect_exit(t, 0);
	assert_true(tui_termios(t, &before));
	tui_free(t);
	t = start_waiting();
	assert_true(tui_termios(t, &after));
	assert_int_not_equal(after.c_lflag, before.c_lflag);
	began = units_now_ns();
	tui_key(t, "Q");
	tui_expect_exit(t, 0);
	assert_true((double)(units_now_ns() - began) < 2e9 * patience());
	assert_true(tui_termios(t, &after));
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_int_equal(after.c_iflag, before.c_iflag);
	assert_int_equal(after.c_oflag, before.c_oflag);
	assert_false(tui_altscreen(t));
	assert_true(tui_cursor_visible(t));
	assert_string_equal(tui_stderr(t), "");
	tui_free(t);
}

/* --- the process ends ---------------------------------------------------------------------- */

static void test_end(void **state)
{
	char line[LINE];
	struct tui *t;

	(void)state;
	start_kin(0);
	t = LOOK(0);
	tui_expect_text(t, "LIVE");
	tui_key(t, "P");
	expect_family(t);
	order(ROOT, ORDER_END, 0, 0);
	tui_expect_row(t, 0, "EXITED");
	snprintf(line, sizeof(line), "  %6d %7d ", (int)pid_of(CHILD), (int)pid_of(ROOT));
	tui_key(t, "G");
	tui_key(t, "g");
	select_line(t, line);
	tui_key(t, "R");
	tui_expect_row(t, 22, "the process has ended");
	tui_key(t, "?");
	tui_expect_text(t, "Esc back");
	tui_key(t, "q");
	tui_expect_row(t, 1, "-- fork family ---");
	tui_key(t, "q");
	tui_expect_row(t, 2, "START");
	tui_expect_row(t, 0, "EXITED");
	quit(t, "q");
}

/* Also where both have: Enter says so. The child's end is bound to the root's. */
static void test_end_of_other(void **state)
{
	char line[LINE];
	struct tui *t;

	(void)state;
	start_kin(0);
	t = START(.target = target, .options = { "--ascii", "--interval=3600" });
	tui_expect_text(t, "LIVE");
	tui_key(t, "P");
	expect_family(t);
	order(CHILD, ORDER_END, 0, 0);
	snprintf(line, sizeof(line), "  %6d %7d ", (int)pid_of(CHILD), (int)pid_of(ROOT));
	select_line(t, line);
	tui_key(t, TUI_KEY_ENTER);
	snprintf(line, sizeof(line), "process %d", (int)pid_of(CHILD));
	tui_expect_row(t, 22, line);
	tui_expect_row(t, 1, "-- fork family ---");
	snprintf(line, sizeof(line), "kin[%d]", (int)pid_of(ROOT));
	tui_expect_row(t, 0, line);
	quit(t, "Q");
}

static void test_end_while_waiting(void **state)
{
	struct tui *t = start_waiting();

	(void)state;
	order(ROOT, ORDER_END, 0, 0);
	tui_expect_row(t, 0, "EXITED");
	/* It does not go on waiting for one that is gone. */
	tui_expect_row(t, 2, "has ended");
	tui_expect_no_text(t, "Esc stops it");
	tui_key(t, "P");
	tui_expect_row(t, 22, "the process has ended");
	tui_key(t, TUI_KEY_ESC);
	tui_expect_row(t, 2, "START");
	quit(t, "q");
}

/* --- and else ------------------------------------------------------------------------------ */

static void test_file(void **state)
{
	static const char keys[] = "RPWo";
	struct tui *t = START(.options = { "--ascii" });
	size_t i;

	(void)state;
	tui_expect_row(t, 0, "SNAPSHOT");
	tui_key(t, TUI_KEY_TAB);
	tui_expect_row(t, 23, "Tab list");
	for (i = 0; i < strlen(keys); i++) {
		tui_key(t, (char[]){ keys[i], '\0' });
		tui_expect_row(t, 22, "a file does not hold that: it takes the live process");
		tui_expect_row(t, 2, "START");
		tui_key(t, "0");
		tui_expect_row(t, 22, " @");
	}
	quit(t, "q");
}

static void test_resize(void **state)
{
	char line[LINE];
	struct tui *t;
	int row;

	(void)state;
	start_kin(0);
	t = LOOK(0);
	tui_expect_text(t, "LIVE");
	tui_key(t, "P");
	expect_family(t);
	tui_key(t, "gjjjjjjjjjjjj");
	tui_expect(t, is_at, &(int){ 14 });
	tui_resize(t, 10, 40);
	tui_expect_row(t, 1, "-- fork family -----");
	tui_expect_row(t, 9, "?Help");
	/* The line stays on the screen. */
	tui_expect(t, is_at, &(int){ 7 });
	/* Not what the terminal made of the picture before. */
	tui_resize(t, 4, 20);
	tui_expect_row(t, 1, " 13-13 of ");
	tui_expect(t, is_at, &(int){ 2 });
	snprintf(line, sizeof(line), "kin[%d]", (int)pid_of(ROOT));
	tui_expect_row(t, 0, line);
	tui_resize(t, 3, 20);
	tui_expect_no_text(t, " 13-13 of ");
	tui_expect_row(t, 0, line);
	tui_key(t, "k");
	tui_resize(t, 24, 80);
	tui_expect_row(t, 1, "-- fork family -----");
	tui_expect_row(t, 23, "?Help");
	for (row = row_at(t); row > 2; row--)
		tui_key(t, "k");
	tui_key(t, "g");
	tui_expect(t, is_at, &(int){ 2 });
	expect_family(t);
	quit(t, "Q");
}

#define RANDOM_KEYS 2000
#define AT_ONCE     25

/* As a terminal sends it, NULL for one that ends or stops the program. */
static const char *bytes_of(char buf[2], const struct binding *b)
{
	static const char *const sent[] = { TUI_KEY_UP, TUI_KEY_DOWN, TUI_KEY_LEFT, TUI_KEY_RIGHT,
		TUI_KEY_PGUP, TUI_KEY_PGDN, TUI_KEY_HOME, TUI_KEY_END, TUI_KEY_BACKTAB,
		TUI_KEY_BACKSPACE, TUI_KEY_DELETE, TUI_KEY_F1, TUI_KEY_F2, TUI_KEY_F3, TUI_KEY_F4,
		TUI_KEY_F5, TUI_KEY_F6, TUI_KEY_F7, TUI_KEY_F8, TUI_KEY_F9, TUI_KEY_F10 };

	if (b->action == ACTION_QUIT || b->action == ACTION_SUSPEND)
		return NULL;
	if (b->key > KEYS_BEGIN)
		return sent[b->key - PKEY_UP];
	snprintf(buf, 2, "%c", (char)b->key);
	return buf;
}

static struct tui *start_random(void)
{
	char *argv[] = { (char *)pmview_path(), "--interval=0.1", target, NULL };
	struct tui_options o = { .argv = argv, .cwd = scratch("."), .err = TUI_PIPE };
	struct tui *t = tui_start_with(&o);

	assert_non_null(t);
	tui_expect_text(t, "LIVE");
	return t;
}

static void end_random(struct tui *t)
{
	tui_expect_exit(t, 0);
	assert_string_equal(tui_stderr(t), "");
	tui_free(t);
}

static bool has_quit(const struct tui *t)
{
	return thread_state(tui_pid(t), tui_pid(t)) == 'Z';
}

/* Never a y, which might clear bits of other processes of this machine: but first of our own. */
static void test_random_keys(void **state)
{
	static const char *const often[] = { "o", "R", "P", "P", "o", TUI_KEY_ENTER, "j", "G" };
	size_t bindings = 0, asked[4] = { 0 }, i;
	struct tui *t = NULL;
	int sent = 0;

	(void)state;
	start_kin(0);
	use(USED);
	while (keymap_binding(bindings))
		bindings++;
	random_seed(4);
	while (sent < RANDOM_KEYS) {
		const char *key;
		char buf[2] = "";

		if (!t) {
			t = start_random();
			ask_for_wss(t, sent % 2 ? "3600" : "0.1", "y");
		}
		for (i = 0; i < AT_ONCE; i++) {
			/* The questions are asked more often than others. */
			size_t k = random_below(bindings + sizeof(often) / sizeof(*often));

			key = k < bindings ? bytes_of(buf, keymap_binding(k)) : often[k - bindings];
			if (!key)
				continue;
			tui_key(t, key);
			sent++;
			for (k = 0; k < 4; k++)
				asked[k] += *key == "oRPW"[k] && !key[1];
			/* It stands alone, and these may have ended the program. */
			if (!strcmp(key, TUI_KEY_ESC) || *key == 'q')
				break;
		}
		tui_wait_quiet(t, 50);
		if (has_quit(t)) {
			end_random(t);
			t = NULL;
		}
	}
	for (i = 0; i < 4; i++)
		assert_true(asked[i] > 20);
	if (!t)
		return;
	tui_key(t, TUI_KEY_ESC); /* out of what may be typed */
	tui_wait_quiet(t, 200);
	tui_key(t, "Q");
	end_random(t);
}

static int start(void **state)
{
	(void)state;
	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	kin_fd = memfd_create("kin", 0);
	if (save_picture() < 0 || kin_fd < 0 || ftruncate(kin_fd, (off_t)page_size) < 0)
		return -1;
	kin = mmap(NULL, sizeof(*kin), PROT_READ | PROT_WRITE, MAP_SHARED, kin_fd, 0);
	return kin == MAP_FAILED ? -1 : 0;
}

#define TEST(test) cmocka_unit_test_teardown(test, end_all)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_owners), TEST(test_family), TEST(test_denied), TEST(test_rss),
		TEST(test_wss), TEST(test_stop), TEST(test_quit), TEST(test_end),
		TEST(test_end_of_other), TEST(test_end_while_waiting), TEST(test_file),
		TEST(test_resize), TEST(test_random_keys),
	};

	if (argc == 3 && !strcmp(argv[1], "kin"))
		run_kin(atoi(argv[2]));
	return cmocka_run_group_tests(tests, start, NULL);
}
