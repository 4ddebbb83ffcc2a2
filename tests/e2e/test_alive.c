/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that lives its life while it is looked at: its main thread ends, it execs, it ends, its PID
 * becomes another's, it stops, it maps and forks like mad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "e2e/lists.h"
#include "e2e/target.h"
#include "e2e/tui.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "source/live.h"

#define RUN(...) run_program((const char *const[]){ pmview_path(), __VA_ARGS__, NULL })

static char pid_text[16];

static const char *text_of(pid_t pid)
{
	snprintf(pid_text, sizeof(pid_text), "%d", (int)pid);
	return pid_text;
}

static struct tui *look_at(pid_t pid, const char *option, const char *value)
{
	const char *argv[] = { pmview_path(), "--ascii", text_of(pid), option, value, NULL };
	struct tui *t = tui_start_with(&(struct tui_options){ .cols = 120, .argv = (char *const *)argv,
		.err = TUI_PIPE });

	assert_non_null(t);
	tui_expect_row(t, 0, "LIVE");
	return t;
}

static void quit(struct tui *t)
{
	tui_key(t, "Q");
	tui_expect_exit(t, 0);
	assert_string_equal(tui_stderr(t), "");
	tui_free(t);
}

static bool is_zombie(void *ctx)
{
	struct target *t = ctx;

	return thread_state(t->pid, t->pid) == 'Z';
}

/* --- the main thread ends ------------------------------------------------------------------- */

static void check_states(const json_t *list)
{
	const json_t *v, *totals = json_object_get(list, "totals");
	size_t i;

	json_array_foreach(json_object_get(list, "vmas"), i, v)
		assert_int_equal(lists_total(v), lists_number(v, "pages"));
	assert_int_equal(lists_total(totals), lists_number(totals, "pages"));
}

static void check_main_ended(uid_t uid)
{
	struct target *t = target_start(target_main_ends, TARGET_THREADS, uid);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), address = (uintptr_t)t->memory;
	char range[64], saved[512], *const file = saved;
	struct result r;
	struct table rows;
	const json_t *v;
	json_t *list;
	size_t row;

	assert_true(wait_until(is_zombie, t));
	r = run_program_as(uid, (const char *const[]){ pmview_path(), "-J", text_of(t->pid), NULL });
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(r.err, "pmview: the main thread has ended: looked at through thread "));
	assert_ptr_equal(strchr(r.err, '\n') + 1, r.err + strlen(r.err));
	list = lists_parse(r.out);
	free(r.err);
	check_states(list);
	v = lists_vma(list, address);
	assert_non_null(v);
	assert_int_equal(lists_count(v, "anon"), TARGET_PAGES);
	/* Where PFNs are hidden, VmSwap proves what is swap: it is in a living thread's status. */
	assert_true(lists_knows(list, "swap_kind"));
	/* The arguments are those of the process. */
	assert_true(json_array_size(json_object_get(json_object_get(list, "process"), "cmdline")) > 0);
	json_decref(list);

	snprintf(range, sizeof(range), "-P%" PRIx64 "+%" PRIu64, address, TARGET_PAGES * page);
	r = run_program_as(
		uid, (const char *const[]){ pmview_path(), "-fcsv", "--checkpoint", range, pid_text, NULL });
	assert_int_equal(r.status, 0);
	rows = table_of(r.out);
	free(r.err);
	assert_int_equal(rows.rows, TARGET_PAGES + 1);
	for (row = 1; row < rows.rows; row++) {
		assert_string_equal(cell(&rows, row, "state"), "anon");
		assert_string_equal(cell(&rows, row, "checkpoint"), "1");
	}
	table_free(&rows);

	if (!uid) {
		snprintf(saved, sizeof(saved), "%s", scratch("main-ended.pmv"));
		r = RUN("-s", file, pid_text);
		assert_int_equal(r.status, 0);
		result_free(&r);
		r = RUN("-J", file);
		list = lists_parse(r.out);
		free(r.err);
		assert_int_equal(lists_count(lists_vma(list, address), "anon"), TARGET_PAGES);
		json_decref(list);
	}
	target_end(t);
}

static void test_main_ended(void **state)
{
	(void)state;
	check_main_ended(0);
}

static void test_main_ended_as_nobody(void **state)
{
	(void)state;
	if (getuid()) {
		print_message("only root can become another user\n");
		skip();
	}
	check_main_ended(FIXTURE_NOBODY);
}

static void ends_when_told(struct target *t)
{
	target_start_threads(t);
	while (!atomic_load(&t->end[0]))
		target_turn(t, 0);
	pthread_exit(NULL);
}

/* Also in the moment of its end there are all mappings, and not those of a zombie. */
static void test_main_ends_under_scans(void **state)
{
	int i, after;

	(void)state;
	for (i = 0; i < 30; i++) {
		struct target *t = target_start(ends_when_told, TARGET_THREADS, 0);
		struct live_options o = { .proc = "/proc" };
		struct err e;
		struct live *l = live_open(t->pid, &o, &e);

		assert_non_null(l);
		atomic_store(&t->end[0], true);
		for (after = 0; after < 3; after += is_zombie(t)) {
			struct snapshot *s = live_scan(l, NULL, NULL, NULL, &e);
			size_t at;

			if (!s)
				fail_msg("%s", e.text);
			at = snapshot_find(s, (uintptr_t)t->memory);
			assert_true(snapshot_holds(s, at, (uintptr_t)t->memory));
			assert_int_equal(vma_counts(snapshot_vma(s, at)).state[PAGE_ANON], TARGET_PAGES);
			snapshot_unref(s);
		}
		live_close(l);
		target_end(t);
	}
}

static void test_main_ended_on_screen(void **state)
{
	struct target *t = target_start(target_main_ends, TARGET_THREADS, 0);
	char words[64];
	int i, row, col, first;
	struct tui *ui;

	(void)state;
	assert_true(wait_until(is_zombie, t));
	ui = look_at(t->pid, "-i", "0.1");
	tui_expect_text(ui, "the main thread has ended: looked at through thread ");
	assert_true(tui_find(ui, "through thread ", &row, &col));
	first = atoi(tui_row(ui, row) + col + strlen("through thread "));
	for (i = 1; i <= TARGET_THREADS && t->thread[i] != first; i++)
		;
	assert_true(i <= TARGET_THREADS);
	/* When that one ends too, it is another. */
	snprintf(words, sizeof(words), "through thread %d", first);
	atomic_store(&t->end[i], true);
	tui_expect_no_text(ui, words);
	tui_expect_text(ui, "the main thread has ended: looked at through thread ");
	tui_expect_row(ui, 0, "LIVE");
	for (i = 1; i <= TARGET_THREADS; i++)
		atomic_store(&t->end[i], true);
	tui_expect_row(ui, 0, "EXITED ");
	tui_expect_text(ui, "has ended and is a zombie");
	quit(ui);
	target_end(t);
}

/* --- exec ----------------------------------------------------------------------------------- */

struct becoming {
	pid_t pid;
	const char *name;
};

/* It has the name, and the new program's memory is complete: the last thing an exec does to it. */
static bool has_become(void *ctx)
{
	struct becoming *b = ctx;
	char path[64], *maps, *comm;
	bool done;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)b->pid);
	comm = read_file(path, NULL);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)b->pid);
	maps = read_file(path, NULL);
	done = comm && maps && !strncmp(comm, b->name, strlen(b->name)) && strstr(maps, "/libc") &&
		strstr(maps, "[stack]");
	free(comm);
	free(maps);
	return done;
}

static void become_cat(struct fixture *f)
{
	struct becoming b = { fixture_pid(f), "cat" };

	assert_int_equal(fixture_command(f, "exec /bin/cat"), 0);
	assert_true(wait_until(has_become, &b));
}

/* Nothing of the grid or the list's strips is marked as changed. */
static bool nothing_is_marked(struct tui *t)
{
	int row, col;

	for (row = 3; row < tui_rows(t) - 2; row++)
		for (col = 0; col < tui_cols(t); col++)
			if (tui_cell(t, row, col).underline)
				return false;
	return true;
}

static void test_exec_on_screen(void **state)
{
	struct fixture *f = fixture_start((const char *const[]){ "anon", "stripes", NULL });
	struct tui *t;
	char words[64];

	(void)state;
	assert_non_null(f);
	/* One scan, and then one each time it is asked for. */
	t = look_at(fixture_pid(f), "-i", "3600");
	snprintf(words, sizeof(words), "mkpages[%d]", (int)fixture_pid(f));
	tui_expect_row(t, 0, words);
	tui_key(t, TUI_KEY_DOWN TUI_KEY_DOWN TUI_KEY_ENTER TUI_KEY_RIGHT);
	become_cat(f);
	/* The old picture stays as it is, and what was not read of it is not read of another. */
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_row(t, 0, words);
	tui_key(t, TUI_KEY_ESC);
	tui_expect_text(t, "START");
	tui_key(t, TUI_KEY_F5);
	snprintf(words, sizeof(words), "it has exec'd: %d is now cat", (int)fixture_pid(f));
	tui_expect_text(t, words);
	snprintf(words, sizeof(words), "cat[%d]", (int)fixture_pid(f));
	tui_expect_row(t, 0, words);
	tui_expect_no_text(t, "mkpages");
	assert_true(nothing_is_marked(t));
	/* It can be walked through as before. */
	tui_key(t, TUI_KEY_TAB "g");
	tui_expect_row(t, 3, "> ");
	tui_expect_row(t, 3, "/cat");
	tui_key(t, TUI_KEY_ENTER TUI_KEY_ENTER);
	tui_expect_text(t, "/cat");
	tui_expect_text(t, "63 present 1");
	quit(t);
	assert_int_equal(fixture_stop(f), 0);
}

static void run_shell(struct target *t)
{
	int go[2];

	if (pipe(go))
		_exit(1);
	/* A line that never comes. */
	dup2(go[0], 0);
	atomic_store(&t->running, 1);
	while (!atomic_load(&t->end[0]))
		target_turn(t, 0);
	execl("/bin/sh", "sh", "-c", "read line", (char *)NULL);
}

/* Not by its name is an exec known. */
static void test_exec_of_the_same_name(void **state)
{
	struct target *t;
	struct tui *ui;
	char words[64];

	(void)state;
	prctl(PR_SET_NAME, "sh");
	t = target_start(run_shell, 1, 0);
	prctl(PR_SET_NAME, "test_alive");
	ui = look_at(t->pid, "-i", "0.1");
	tui_expect_row(ui, 0, "sh[");
	atomic_store(&t->end[0], true);
	snprintf(words, sizeof(words), "it has exec'd: %d is now sh", (int)t->pid);
	tui_expect_text(ui, words);
	quit(ui);
	target_end(t);
}

struct plan {
	struct fixture *f;
	int calls;
};

/* The first time that a scan lets others have a go. */
static bool exec_now(void *ctx)
{
	struct plan *p = ctx;

	if (!p->calls++)
		become_cat(p->f);
	return true;
}

static void check_exec_under_scan(int engine)
{
	struct live_options o = { .proc = "/proc", .engine = engine };
	struct fixture *f = fixture_start((const char *const[]){ "stripes:200000", NULL });
	struct plan p = { f, 0 };
	const struct snapshot_info *info;
	struct entry_reader reader;
	struct snapshot *s, *before;
	struct live *l;
	uint64_t entry;
	struct err e;
	size_t i;

	assert_non_null(f);
	l = live_open(fixture_pid(f), &o, &e);
	assert_non_null(l);
	before = live_scan(l, NULL, NULL, NULL, &e);
	assert_non_null(before);
	assert_int_equal(snapshot_info(before)->program, 0);
	s = live_scan(l, before, exec_now, &p, &e);
	if (!s)
		fail_msg("%s", e.text);
	assert_true(p.calls > 0);
	info = snapshot_info(s);
	assert_string_equal(info->comm, "cat");
	assert_int_equal(info->program, 1);
	assert_true(snapshot_vmas(s) > 5);
	for (i = 0; i < snapshot_vmas(s); i++)
		assert_null(strstr(snapshot_vma(s, i)->name, "mkpages"));
	/* What is read now is of cat, too: the first page of its program is in memory. */
	reader = live_entries(l);
	assert_int_equal(reader.read(reader.ctx, snapshot_vma(s, 0)->start / info->page_size, 1, &entry, &e), 1);
	assert_true(entry & ENTRY_PRESENT);
	assert_true(live_is_same(l, &e));
	snapshot_unref(before);
	snapshot_unref(s);
	live_close(l);
	assert_int_equal(fixture_stop(f), 0);
}

static void test_exec_under_scan(void **state)
{
	(void)state;
	if (has_scan())
		check_exec_under_scan(LIVE_SCAN);
	check_exec_under_scan(LIVE_READ);
}

/* An exec between two scans: what is read then is nothing, and not of the new program. */
static void test_entries_after_exec(void **state)
{
	struct live_options o = { .proc = "/proc" };
	struct fixture *f = fixture_start((const char *const[]){ "anon", NULL });
	struct entry_reader reader;
	struct snapshot *s;
	struct live *l;
	uint64_t entry;
	struct err e;
	char words[64];
	size_t i;

	(void)state;
	assert_non_null(f);
	l = live_open(fixture_pid(f), &o, &e);
	assert_non_null(l);
	s = live_scan(l, NULL, NULL, NULL, &e);
	assert_non_null(s);
	reader = live_entries(l);
	become_cat(f);
	for (i = 0; i < snapshot_vmas(s); i++)
		assert_int_equal(reader.read(reader.ctx, snapshot_vma(s, i)->start / 4096, 1, &entry, &e), 0);
	assert_false(live_is_same(l, &e));
	snprintf(words, sizeof(words), "process %d has exec'd: it is cat now", (int)fixture_pid(f));
	assert_string_equal(e.text, words);
	snapshot_unref(s);
	live_close(l);
	fixture_stop(f);
}

/* A child that shares this process's memory until it execs. */
static void vforks(struct target *t)
{
	int go[2];

	if (pipe(go))
		_exit(1);
	if (!vfork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(go[0], 0);
		t->thread[1] = (pid_t)syscall(SYS_getpid);
		atomic_fetch_add(&t->running, 1);
		while (!atomic_load(&t->end[1]))
			syscall(SYS_sched_yield);
		execl("/bin/cat", "cat", (char *)NULL);
		_exit(1);
	}
	for (;;)
		target_turn(t, 0);
}

/* The memory that was looked at lives on in the parent: it is not the child's any more. */
static void test_exec_after_vfork(void **state)
{
	struct live_options o = { .proc = "/proc" };
	struct target *t = target_start(vforks, 1, 0);
	struct becoming b = { t->thread[1], "cat" };
	struct snapshot *s, *after;
	struct live *l;
	struct err e;
	size_t i;

	(void)state;
	l = live_open(t->thread[1], &o, &e);
	assert_non_null(l);
	s = live_scan(l, NULL, NULL, NULL, &e);
	assert_non_null(s);
	i = snapshot_find(s, (uintptr_t)t->memory);
	assert_true(snapshot_holds(s, i, (uintptr_t)t->memory));
	atomic_store(&t->end[1], true);
	assert_true(wait_until(has_become, &b));
	assert_false(live_is_same(l, &e));
	after = live_scan(l, s, NULL, NULL, &e);
	assert_non_null(after);
	assert_int_equal(snapshot_info(after)->program, 1);
	assert_string_equal(snapshot_info(after)->comm, "cat");
	i = snapshot_find(after, (uintptr_t)t->memory);
	assert_false(snapshot_holds(after, i, (uintptr_t)t->memory));
	/* Entries are of the new program: as much of each mapping is in memory as was scanned. */
	for (i = 0; i < snapshot_vmas(after); i++) {
		const struct vma *v = snapshot_vma(after, i);
		struct entry_reader reader = live_entries(l);
		uint64_t page = snapshot_info(after)->page_size, entry;

		if (runs_at(v->runs, 0).state != PAGE_ANON)
			continue;
		assert_int_equal(reader.read(reader.ctx, v->start / page, 1, &entry, &e), 1);
		assert_true(entry & ENTRY_PRESENT);
	}
	snapshot_unref(after);
	snapshot_unref(s);
	live_close(l);
	target_end(t);
}

/* pmview printing into a pipe that nobody reads. */
struct printing {
	pid_t pid;
	int out, err;
};

static struct printing start_printing(const char *const argv[])
{
	struct printing p;
	int out[2], err[2];

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	p.pid = fork();
	if (!p.pid) {
		dup2(out[1], 1);
		dup2(err[1], 2);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(out[1]);
	close(err[1]);
	p.out = out[0];
	p.err = err[0];
	return p;
}

static bool pipe_is_full(void *ctx)
{
	struct printing *p = ctx;
	int n = 0;

	return !ioctl(p->out, FIONREAD, &n) && n > 60000;
}

static char *read_all(int fd)
{
	char *text = malloc(64 << 20);
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, 65536)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fd);
	return text;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}

static void check_cut(bool by_exec, const char *words)
{
	struct fixture *f = fixture_start((const char *const[]){ "stripes:200000", NULL });
	const char *argv[] = { pmview_path(), "-Pall", "-fcsv", text_of(fixture_pid(f)), NULL };
	struct printing p = start_printing(argv);
	char *out, *err;
	int status;

	assert_non_null(f);
	assert_true(wait_until(pipe_is_full, &p));
	if (by_exec)
		become_cat(f);
	else
		kill(fixture_pid(f), SIGKILL);
	out = read_all(p.out);
	err = read_all(p.err);
	assert_int_equal(waitpid(p.pid, &status, 0), p.pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	if (!strstr(err, words))
		fail_msg("\"%s\" is not in: %s", words, err);
	assert_int_equal(count_lines(err), 1);
	assert_true(count_lines(out) > 100 && count_lines(out) < 100000);
	free(out);
	free(err);
	fixture_stop(f);
}

static void test_pages_cut(void **state)
{
	(void)state;
	check_cut(true, "has exec'd: it is cat now: what was read of its pages before is printed");
	check_cut(false, "has ended");
}

/* A process that execs all the time: it is seen whole, or said to do so. */
static void test_exec_storm(void **state)
{
	char path[512], script[600];
	int whole = 0, i;
	pid_t child;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s", scratch("storm"));
	snprintf(script, sizeof(script), "#!/bin/sh\nexec %s\n", path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(script, f);
	fclose(f);
	chmod(path, 0755);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(path, path, (char *)NULL);
		_exit(1);
	}
	for (i = 0; i < 20; i++) {
		struct result r = RUN("-J", text_of(child));

		if (!r.status) {
			json_t *list = lists_parse(r.out);

			check_states(list);
			whole += json_array_size(json_object_get(list, "vmas")) > 0;
			json_decref(list);
			free(r.err);
			continue;
		}
		assert_int_equal(r.status, 2);
		if (!strstr(r.err, "exec'd again and again"))
			fail_msg("%s", r.err);
		result_free(&r);
	}
	print_message("%d of 20 were whole\n", whole);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* --- the end -------------------------------------------------------------------------------- */

static void test_end_on_screen(void **state)
{
	struct fixture *f = fixture_start((const char *const[]){ "anon", "stripes", NULL });
	char path[512], *live;
	struct result r;
	struct tui *t;

	(void)state;
	assert_non_null(f);
	process_stop(fixture_pid(f));
	live = PRINT(fixture_pid(f), "-fcsv");
	t = look_at(fixture_pid(f), "-i", "0.1");
	kill(fixture_pid(f), SIGKILL);
	tui_expect_row(t, 0, "EXITED ");
	tui_expect_text(t, "has ended and is a zombie: its memory is gone; the last picture stays, and e saves it");
	fixture_stop(f);
	/* Keys work, down to the page. */
	tui_key(t, TUI_KEY_F5);
	tui_expect_text(t, "the process has ended");
	tui_key(t, TUI_KEY_END);
	tui_expect_text(t, "[vsyscall]");
	tui_key(t, "gj");
	tui_expect_row(t, 4, "> ");
	tui_key(t, TUI_KEY_ENTER TUI_KEY_RIGHT TUI_KEY_ENTER);
	tui_expect_text(t, " state ");
	tui_expect_text(t, "(+0x1000)");
	tui_key(t, TUI_KEY_ESC);
	tui_expect_text(t, "START");
	tui_key(t, "e\r\025");
	snprintf(path, sizeof(path), "%s", scratch("ended.pmv"));
	tui_key(t, path);
	tui_key(t, TUI_KEY_ENTER);
	tui_expect_text(t, "saved ");
	quit(t);
	r = RUN("-fcsv", path);
	assert_int_equal(r.status, 0);
	assert_string_equal(r.out, live);
	result_free(&r);
	free(live);
}

/* A child with a PID of our choice; -1 with errno. */
static pid_t fork_as(pid_t pid)
{
	struct clone_args a = { .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&pid, .set_tid_size = 1 };
	pid_t child = (pid_t)syscall(SYS_clone3, &a, sizeof(a));

	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "foreigner");
		for (;;)
			pause();
	}
	return child;
}

static bool is_foreigner(void *ctx)
{
	char path[64], *comm;
	bool is;

	snprintf(path, sizeof(path), "/proc/%d/comm", *(pid_t *)ctx);
	comm = read_file(path, NULL);
	is = comm && !strcmp(comm, "foreigner\n");
	free(comm);
	return is;
}

/* End the process and give its PID to another. Skips where that is not possible. */
static pid_t replace(pid_t pid)
{
	pid_t new = -1;
	int i;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* The kernel may hold on to it for a moment. */
	for (i = 0; i < 1000 && new < 0; i++) {
		new = fork_as(pid);
		if (new < 0 && errno != EEXIST)
			break;
	}
	if (new < 0) {
		print_message("clone3 with set_tid: %s\n", strerror(errno));
		tui_teardown(NULL);
		skip();
	}
	assert_int_equal(new, pid);
	assert_true(wait_until(is_foreigner, &new));
	return new;
}

static pid_t start_child(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

static void test_reused_pid(void **state)
{
	struct live_options o = { .proc = "/proc" };
	pid_t pid = start_child();
	struct entry_reader reader;
	struct snapshot *s;
	uint64_t entry;
	struct live *l;
	struct err e;

	(void)state;
	l = live_open(pid, &o, &e);
	assert_non_null(l);
	s = live_scan(l, NULL, NULL, NULL, &e);
	assert_non_null(s);
	reader = live_entries(l);
	assert_int_equal(replace(pid), pid);
	assert_int_equal(reader.read(reader.ctx, snapshot_vma(s, 0)->start / 4096, 1, &entry, &e), 0);
	assert_null(live_scan(l, s, NULL, NULL, &e));
	assert_int_equal(e.code, ESRCH);
	assert_non_null(strstr(e.text, "has ended, and another one has its PID now"));
	assert_false(live_is_same(l, &e));
	snapshot_unref(s);
	live_close(l);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_reused_pid_on_screen(void **state)
{
	pid_t pid = start_child();
	struct tui *t = look_at(pid, "-i", "3600");

	(void)state;
	tui_expect_row(t, 0, "test_alive[");
	assert_int_equal(replace(pid), pid);
	tui_key(t, TUI_KEY_F5);
	tui_expect_row(t, 0, "EXITED ");
	tui_expect_text(t, "has ended, and another one has its PID now; the last picture stays");
	tui_expect_row(t, 0, "test_alive[");
	tui_key(t, "j" TUI_KEY_ENTER TUI_KEY_ENTER);
	tui_expect_text(t, " state ");
	tui_expect_no_text(t, "foreigner");
	quit(t);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* What has no memory is said in a line, with no screen. */
static void test_nothing_to_show(void **state)
{
	char *const argv[] = { (char *)pmview_path(), "2", NULL };
	char *stat = read_file("/proc/2/stat", NULL);
	struct tui *t;
	pid_t child;
	siginfo_t si;

	(void)state;
	if (stat && strstr(stat, "(kthreadd)")) {
		t = tui_start(24, 80, NULL, argv);
		tui_expect_exit(t, 2);
		assert_true(tui_wait_row(t, 0, "pmview: process 2 (kthreadd) is a kernel thread"));
		tui_free(t);
	} else {
		print_message("process 2 is no kernel thread here\n");
	}
	free(stat);
	child = fork();
	if (!child)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)child, &si, WEXITED | WNOWAIT), 0);
	t = tui_start(24, 80, NULL, (char *const[]){ (char *)pmview_path(), (char *)text_of(child), NULL });
	tui_expect_exit(t, 2);
	assert_true(tui_wait_row(t, 0, "has ended and is a zombie: its memory is gone"));
	tui_free(t);
	waitpid(child, NULL, 0);
}

/* --- it stands still, or does not ------------------------------------------------------------ */

static void test_stopped_on_screen(void **state)
{
	struct fixture *f = fixture_start((const char *const[]){ "anon", NULL });
	struct tui *t;

	(void)state;
	assert_non_null(f);
	t = look_at(fixture_pid(f), "-i", "0.1");
	assert_null(strstr(tui_row(t, 0), "STOPPED"));
	process_stop(fixture_pid(f));
	tui_expect_row(t, 0, " STOPPED");
	tui_expect_text(t, "it was stopped, by a signal or a debugger: nothing changes until it runs on");
	kill(fixture_pid(f), SIGCONT);
	tui_expect_text(t, "it runs again");
	assert_null(strstr(tui_row(t, 0), "STOPPED"));
	quit(t);
	assert_int_equal(fixture_stop(f), 0);
}

static void *map_and_unmap(void *ctx)
{
	struct target *t = ctx;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n;
	unsigned seed = (unsigned)(uintptr_t)&n;

	atomic_fetch_add(&t->running, 1);
	for (;;) {
		char *p;

		n = 1 + (size_t)rand_r(&seed) % 200;
		p = mmap(NULL, n * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			continue;
		memset(p, 1, n / 2 * page);
		mprotect(p + n / 3 * page, (n / 3 + 1) * page > n * page ? page : (n / 3) * page + page,
			PROT_READ);
		munmap(p, n * page);
		atomic_fetch_add(&t->turns[0], 1);
	}
	return NULL;
}

/* Threads that map and unmap, and children that come and go. */
static void maps_like_mad(struct target *t)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 3; i++)
		pthread_create(&thread, NULL, map_and_unmap, t);
	atomic_fetch_add(&t->running, 1);
	for (;;) {
		pid_t child = fork();

		if (!child) {
			execl("/bin/true", "true", (char *)NULL);
			_exit(1);
		}
		waitpid(child, NULL, 0);
	}
}

static void test_mapping_storm(void **state)
{
	struct target *t = target_start(maps_like_mad, 4, 0);
	bool cheap = reads_are_cheap(t->pid);
	uint64_t address = (uintptr_t)t->memory;
	struct tui *ui;
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		json_t *list = lists_parse(PRINT(t->pid, "-J", cheap && i % 2 ? "--engine=read" :
			"--engine=auto"));

		check_states(list);
		/* What is always there is always seen. */
		assert_int_equal(lists_count(lists_vma(list, address), "anon"), TARGET_PAGES);
		json_decref(list);
	}
	ui = look_at(t->pid, "-i", "0.1");
	for (i = 0; i < 10; i++) {
		tui_key(ui, TUI_KEY_F5 "G");
		tui_expect_text(ui, "[vsyscall]");
		tui_key(ui, "g" TUI_KEY_ENTER TUI_KEY_ENTER);
		tui_expect_text(ui, " state ");
		tui_key(ui, TUI_KEY_ESC);
		tui_expect_text(ui, "START");
		tui_key(ui, TUI_KEY_ESC);
	}
	tui_expect_row(ui, 0, "LIVE");
	quit(ui);
	assert_int_equal(target_end(t), SIGKILL);
}

/* --------------------------------------------------------------------------------------------- */

static int teardown(void **state)
{
	target_end_all();
	return tui_teardown(state);
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_main_ended), TEST(test_main_ended_as_nobody),
		TEST(test_main_ends_under_scans), TEST(test_main_ended_on_screen),
		TEST(test_exec_on_screen), TEST(test_exec_of_the_same_name), TEST(test_exec_under_scan),
		TEST(test_entries_after_exec), TEST(test_exec_after_vfork),
		TEST(test_pages_cut), TEST(test_exec_storm),
		TEST(test_end_on_screen), TEST(test_reused_pid), TEST(test_reused_pid_on_screen),
		TEST(test_nothing_to_show), TEST(test_stopped_on_screen), TEST(test_mapping_storm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
