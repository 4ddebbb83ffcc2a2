/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --freeze: every thread stands still while the process is scanned, and runs on afterwards, whatever
 * becomes of pmview meanwhile. */
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
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "e2e/lists.h"
#include "e2e/target.h"
#include "e2e/tui.h"
#include "helpers.h"
#include "source/freeze.h"
#include "source/live.h"
#include "source/procfs.h"

static char pid_text[16];

static const char *text_of(pid_t pid)
{
	snprintf(pid_text, sizeof(pid_text), "%d", (int)pid);
	return pid_text;
}

#define RUN(...) run_program((const char *const[]){ pmview_path(), __VA_ARGS__, NULL })

/* One line on stderr with these words, nothing printed, exit status 2. */
static void check_fails(struct result r, const char *words)
{
	if (!strstr(r.err, words))
		fail_msg("\"%s\" is not in: %s", words, r.err);
	assert_ptr_equal(strchr(r.err, '\n') + 1, r.err + strlen(r.err));
	assert_string_equal(r.out, "");
	assert_int_equal(r.status, 2);
	result_free(&r);
}

/* Drop the tests where nothing may be traced (a container's seccomp, say). */
static void need_ptrace(void)
{
	pid_t child = fork();
	int code;

	if (!child) {
		for (;;)
			pause();
	}
	code = ptrace(PTRACE_SEIZE, child, NULL, NULL) < 0 ? errno : 0;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (!code)
		return;
	print_message("nothing may be traced here: %s\n", strerror(code));
	skip();
}

/* --- held ----------------------------------------------------------------------------------- */

/* One at a time, so that a failing test lets go too. */
static struct procfs held;
static struct freeze *holding;

static void freeze(pid_t pid)
{
	struct err e;

	assert_int_equal(procfs_open(&held, "/proc", pid, &e), 0);
	holding = freeze_start(&held, NULL, NULL, &e);
	if (!holding)
		fail_msg("%s", e.text);
}

static void let_go(void)
{
	freeze_end(holding);
	if (holding)
		procfs_close(&held);
	holding = NULL;
}

static unsigned long all_turns(struct target *t)
{
	unsigned long n = 0;
	int i;

	for (i = 0; i <= TARGET_THREADS; i++)
		n += atomic_load(&t->turns[i]);
	return n;
}

static void check_stopped(struct target *t)
{
	int i;

	for (i = 0; i <= TARGET_THREADS; i++)
		if (t->thread[i] && !atomic_load(&t->end[i]))
			assert_int_equal(thread_state(t->pid, t->thread[i]), 't');
}

static void test_stops_all_and_lets_go(void **state)
{
	struct target *t = target_start(target_counts, TARGET_THREADS, 0);
	unsigned long before;
	uint64_t until;

	(void)state;
	freeze(t->pid);
	assert_string_equal(freeze_note(holding), "");
	check_stopped(t);
	before = all_turns(t);
	/* As long as each of them takes for many turns. */
	until = units_now_ns() + 30000000;
	while (units_now_ns() < until)
		sched_yield();
	assert_int_equal(all_turns(t), before);
	let_go();
	assert_true(target_runs_on(t));
	target_end(t);
}

static void test_without_main_thread(void **state)
{
	struct target *t = target_start(target_main_ends, TARGET_THREADS, 0);
	uint64_t began = units_now_ns();

	(void)state;
	freeze(t->pid);
	/* Nobody waited for a main thread that stops no more. */
	assert_true(units_now_ns() - began < 900000000);
	assert_string_equal(freeze_note(holding), "");
	check_stopped(t);
	let_go();
	assert_true(target_runs_on(t));
	target_end(t);
}

static bool is_stopped(void *ctx)
{
	struct target *t = ctx;
	int i;

	for (i = 0; i <= TARGET_THREADS; i++)
		if (t->thread[i] && thread_state(t->pid, t->thread[i]) != 'T')
			return false;
	return true;
}

/* What a signal has stopped stays so, until SIGCONT. */
static void test_stopped_stays_stopped(void **state)
{
	struct target *t = target_start(target_counts, TARGET_THREADS, 0);
	struct result r;
	int i;

	(void)state;
	process_stop(t->pid);
	assert_true(wait_until(is_stopped, t));
	for (i = 0; i < 3; i++) {
	
		freeze(t->pid);
		check_stopped(t);
		let_go();
		assert_true(wait_until(is_stopped, t));
	}
	r = RUN("--freeze", "-l", text_of(t->pid));
	assert_int_equal(r.status, 0);
	assert_string_equal(r.err, "");
	result_free(&r);
	assert_true(wait_until(is_stopped, t));
	kill(t->pid, SIGCONT);
	assert_true(target_runs_on(t));
	target_end(t);
}

/* --- signals -------------------------------------------------------------------------------- */

static struct target *self; /* in the process */

static void *just_wait(void *ctx)
{
	for (;;)
		pause();
	return ctx;
}

static void handle(int sig)
{
	(void)sig;
	atomic_fetch_add(&self->signals, 1);
}

static void *signal_oneself(void *ctx)
{
	int i = atomic_fetch_add(&self->running, 1) + 1;

	(void)ctx;
	while (!atomic_load(&self->end[0])) {
		atomic_fetch_add(&self->sent, 1);
		raise(SIGRTMIN);
		atomic_fetch_add(&self->turns[i], 1);
	}
	atomic_fetch_sub(&self->running, 1);
	return just_wait(NULL);
}

static void handles_signals(struct target *t)
{
	pthread_t thread;
	int i;

	self = t;
	signal(SIGRTMIN, handle);
	for (i = 0; i < TARGET_THREADS; i++)
		pthread_create(&thread, NULL, signal_oneself, NULL);
	just_wait(NULL);
}

static bool all_done(void *ctx)
{
	struct target *t = ctx;

	return !atomic_load(&t->running) && atomic_load(&t->signals) >= atomic_load(&t->sent);
}

/* A signal that is on its way when a thread is stopped, or comes then, is neither lost nor doubled. */
static void test_signals_arrive_once(void **state)
{
	struct target *t = target_start(handles_signals, TARGET_THREADS, 0);
	unsigned long before;
	int i;

	(void)state;
	for (i = 0; i < 300; i++) {
		freeze(t->pid);
		assert_string_equal(freeze_note(holding), "");
		atomic_fetch_add(&t->sent, 1);
		assert_int_equal(syscall(SYS_tgkill, t->pid, t->pid, SIGRTMIN), 0);
		before = all_turns(t);
		let_go();
		while (all_turns(t) < before + 10)
			sched_yield();
	}
	atomic_store(&t->end[0], true);
	assert_true(wait_until(all_done, t));
	assert_int_equal(atomic_load(&t->signals), atomic_load(&t->sent));
	target_end(t);
}

/* Holds the process until it is killed. */
static pid_t start_holder(pid_t pid, int ready)
{
	pid_t holder = fork();

	if (holder)
		return holder;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	freeze(pid);
	if (write(ready, "", 1) == 1)
		just_wait(NULL);
	_exit(1);
}

/* Nor is it lost when who holds the thread is killed before the signal could be passed on. */
static void test_signals_survive_a_kill(void **state)
{
	struct target *t = target_start(handles_signals, TARGET_THREADS, 0);
	unsigned long before;
	int ready[2], i;
	char byte;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	for (i = 0; i < 100; i++) {
		pid_t holder = start_holder(t->pid, ready[1]);

		assert_int_equal(read(ready[0], &byte, 1), 1);
		before = all_turns(t);
		kill(holder, SIGKILL);
		assert_int_equal(waitpid(holder, NULL, 0), holder);
		while (all_turns(t) < before + 10)
			sched_yield();
	}
	close(ready[0]);
	close(ready[1]);
	atomic_store(&t->end[0], true);
	assert_true(wait_until(all_done, t));
	assert_int_equal(atomic_load(&t->signals), atomic_load(&t->sent));
	target_end(t);
}

/* --- threads come and go --------------------------------------------------------------------- */

static void *end_at_once(void *ctx)
{
	struct target *t = ctx;

	atomic_fetch_add(&t->turns[0], 1);
	return NULL;
}

static void *start_many(void *ctx)
{
	atomic_fetch_add(&((struct target *)ctx)->running, 1);
	for (;;) {
		pthread_t thread[8];
		int i, n = 0;

		for (i = 0; i < 8; i++)
			n += !pthread_create(&thread[n], NULL, end_at_once, ctx);
		while (n--)
			pthread_join(thread[n], NULL);
	}
	return NULL;
}

static void starts_threads(struct target *t)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 3; i++)
		pthread_create(&thread, NULL, start_many, t);
	start_many(t);
}

static void test_thread_storm(void **state)
{
	struct target *t = target_start(starts_threads, 4, 0);
	unsigned long before;
	int i;

	(void)state;
	for (i = 0; i < 50; i++) {
			unsigned long now;
		int spins;

		freeze(t->pid);
		assert_string_equal(freeze_note(holding), "");
		now = all_turns(t);
		for (spins = 0; spins < 100; spins++)
			sched_yield();
		assert_int_equal(all_turns(t), now);
		before = all_turns(t);
		let_go();
	}
	while (all_turns(t) < before + 1000)
		sched_yield();
	target_end(t);
}

/* The program of test_exec_of_threads(): a thread of it execs it again. */
static void *exec_again(void *ctx)
{
	execl("/proc/self/exe", "storm", "storm", (char *)NULL);
	return ctx;
}

static void storm(void)
{
	pthread_t thread;
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1)
		_exit(1); /* the test had ended before */
	for (i = 0; i < 8; i++)
		pthread_create(&thread, NULL, just_wait, NULL);
	pthread_create(&thread, NULL, exec_again, NULL);
	just_wait(NULL);
}

/* An exec waits for threads that we hold, and we wait for the exec: somebody must give way. */
static void test_exec_of_threads(void **state)
{
	uint64_t end = units_now_ns() + UINT64_C(20000000000);
	pid_t child = fork();
	int done = 0, i;

	(void)state;
	if (!child) {
		execl("/proc/self/exe", "storm", "storm", (char *)NULL);
		_exit(1);
	}
	/* Each takes milliseconds; under a sanitizer, beside other load, more than a second. */
	for (i = 0; i < 200 && (i < 20 || units_now_ns() < end); i++) {
		freeze(child);
		done += !*freeze_note(holding);
		let_go();
	}
	print_message("%d of %d times all stood still\n", done, i);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* Waits in the kernel, where it cannot be stopped, for a child that shares its memory. */
static void waits_for_vfork(struct target *t)
{
	target_start_threads(t);
	if (!vfork()) {
		t->thread[0] = 0;
		atomic_fetch_add(&t->running, 1);
		while (!atomic_load(&t->end[0]))
			syscall(SYS_sched_yield);
		_exit(0);
	}
	t->thread[0] = t->pid;
	for (;;)
		target_turn(t, 0);
}

static void test_unstoppable_is_named(void **state)
{
	struct target *t = target_start(waits_for_vfork, TARGET_THREADS + 1, 0);
	uint64_t began, took;
	char words[200];
	struct result r;

	(void)state;
	began = units_now_ns();
	r = RUN("--freeze", "-l", text_of(t->pid));
	took = units_now_ns() - began;
	snprintf(words, sizeof(words),
		"pmview: 1 of its threads could not be stopped within a second, waiting in the kernel: %d "
		"(test_freeze)\n", (int)t->pid);
	assert_string_equal(r.err, words);
	assert_int_equal(r.status, 0);
	assert_true(strlen(r.out) > 100);
	assert_true(took >= 1000000000);
	result_free(&r);
	/* All others were let go, and so is this one when it wakes. */
	assert_true(target_runs_on(t));
	assert_int_equal(thread_tracer(t->pid, t->pid), 0);
	atomic_store(&t->end[0], true);
	while (!t->thread[0])
		sched_yield();
	atomic_store(&t->end[0], false);
	assert_true(target_runs_on(t));
	target_end(t);
}

/* --- pmview is killed ------------------------------------------------------------------------ */

/* So much address space that plain reads of it take a while. */
static void is_vast(struct target *t)
{
	t->bytes = UINT64_C(1) << 41;
	if (mmap(NULL, t->bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) ==
		MAP_FAILED)
		_exit(1);
	target_counts(t);
}

static bool is_frozen(void *ctx)
{
	struct target *t = ctx;
	int i;

	for (i = 0; i <= TARGET_THREADS; i++)
		if (thread_state(t->pid, t->thread[i]) != 't')
			return false;
	return true;
}

static pid_t start_freezing(struct target *t)
{
	pid_t child = fork();

	if (!child) {
		stdout = freopen("/dev/null", "w", stdout);
		/* A shell ignores it for what it runs in the background. */
		signal(SIGINT, SIG_DFL);
		/* In a process group whose parent is in another one ^Z works, whoever runs the tests. */
		signal(SIGTSTP, SIG_DFL);
		setpgid(0, 0);
		execl(pmview_path(), "pmview", "--freeze", "--engine=read", "-l", text_of(t->pid),
			(char *)NULL);
		_exit(127);
	}
	return child;
}

/* Of pmview's threads, one is the tracer. */
static bool is_traced_by(pid_t pid, pid_t thread, pid_t tracer)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)tracer, (int)thread_tracer(pid, thread));
	return !access(path, F_OK);
}

static void check_killed(int sig)
{
	struct target *t = target_start(is_vast, TARGET_THREADS, 0);
	pid_t child = start_freezing(t);
	int status;

	assert_true(wait_until(is_frozen, t));
	assert_true(is_traced_by(t->pid, t->pid, child));
	kill(child, sig);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), sig);
	assert_true(target_runs_on(t));
	target_end(t);
}

static void test_killed(void **state)
{
	(void)state;
	check_killed(SIGKILL);
	check_killed(SIGTERM);
	check_killed(SIGINT);
}

/* ^Z does not take effect while the process stands still. */
static void test_suspended(void **state)
{
	struct target *t;
	pid_t child;
	int status;

	(void)state;
	if (getenv("PMVIEW_TEST_PATIENCE")) {
		print_message("what a sanitizer reserves takes minutes to be read\n");
		skip();
	}
	t = target_start(is_vast, TARGET_THREADS, 0);
	child = start_freezing(t);
	assert_true(wait_until(is_frozen, t));
	kill(child, SIGTSTP);
	/* In this order: it is let go, then stopped. */
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	assert_true(WIFSTOPPED(status));
	assert_true(target_runs_on(t));
	kill(child, SIGCONT);
	/* To the end of what a sanitizer has reserved it would take minutes. */
	kill(child, SIGTERM);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(target_runs_on(t));
	target_end(t);
}

static void test_suspended_on_screen(void **state)
{
	struct target *t = target_start(is_vast, TARGET_THREADS, 0);
	const char *argv[] = { pmview_path(), "--freeze", "--engine=read", text_of(t->pid), NULL };
	struct tui *ui = tui_start_with(&(struct tui_options){ .cols = 120, .argv = (char *const *)argv,
		.err = TUI_PIPE });
	int i;

	(void)state;
	assert_non_null(ui);
	for (i = 0; i < 2; i++) {
		assert_true(wait_until(is_frozen, t));
		tui_key(ui, TUI_KEY_CTRL_Z);
		tui_expect_stopped(ui);
		assert_true(target_runs_on(t));
		tui_continue(ui);
	}
	assert_true(wait_until(is_frozen, t));
	tui_key(ui, "Q");
	tui_expect_exit(ui, 0);
	tui_free(ui);
	assert_true(target_runs_on(t));
	target_end(t);
}

/* --- scans ----------------------------------------------------------------------------------- */

#define CHURN_PAGES 4096

/* Pages come and go all the time. */
static void churns(struct target *t)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i;
	char *p = mmap(NULL, CHURN_PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0);

	madvise(p, CHURN_PAGES * page, MADV_NOHUGEPAGE);
	t->memory = p;
	atomic_store(&t->running, 1);
	for (i = 0;; i = (i + 7) % CHURN_PAGES) {
		p[i * page] = 1;
		madvise(p + (i + CHURN_PAGES / 2) % CHURN_PAGES * page, page, MADV_DONTNEED);
		atomic_fetch_add(&t->turns[0], 1);
	}
}

/* How many rows do not say whether the page is huge: those whose page has changed since the scan. */
static size_t rows_that_differ(struct target *t, const char *option)
{
	char range[64];
	struct table rows;
	size_t row, n = 0;

	snprintf(range, sizeof(range), "-P%" PRIxPTR "+16M", (uintptr_t)t->memory);
	rows = table_of(PRINT(t->pid, "-fcsv", range, option));
	assert_int_equal(rows.rows, CHURN_PAGES + 1);
	for (row = 1; row < rows.rows; row++)
		n += !*cell(&rows, row, "huge");
	table_free(&rows);
	return n;
}

static bool changes_unfrozen(void *ctx)
{
	return rows_that_differ(ctx, "--engine=auto") > 0;
}

static void test_pages_agree_with_the_scan(void **state)
{
	struct target *t;
	int i;

	(void)state;
	if (!has_scan() || sysconf(_SC_PAGESIZE) != 4096) {
		print_message("this asks for PAGEMAP_SCAN and pages of 4 KiB\n");
		skip();
	}
	t = target_start(churns, 1, 0);
	assert_true(wait_until(changes_unfrozen, t));
	for (i = 0; i < 20; i++)
		assert_int_equal(rows_that_differ(t, "--freeze"), 0);
	target_end(t);
}

static bool pipe_is_full(void *ctx)
{
	int n = 0;

	return !ioctl(*(int *)ctx, FIONREAD, &n) && n > 60000;
}

/* Whoever reads what is printed may take his time: the process does not wait for him. */
static void test_slow_reader(void **state)
{
	struct target *t = target_start(churns, 1, 0);
	unsigned long before;
	char range[64];
	int out[2], status;
	pid_t child;

	(void)state;
	snprintf(range, sizeof(range), "-P%" PRIxPTR "+16M", (uintptr_t)t->memory);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	child = fork();
	if (!child) {
		dup2(out[1], 1);
		execl(pmview_path(), "pmview", "--freeze", range, text_of(t->pid), (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	assert_true(wait_until(pipe_is_full, &out[0]));
	before = all_turns(t);
	while (all_turns(t) < before + 10000)
		sched_yield();
	assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
	close(out[0]);
	waitpid(child, &status, 0);
	target_end(t);
}

static void test_on_screen(void **state)
{
	struct target *t = target_start(target_counts, TARGET_THREADS, 0);
	const char *argv[] = { pmview_path(), "--freeze", "-i", "0.1", text_of(t->pid), NULL };
	struct tui *ui = tui_start_with(&(struct tui_options){ .cols = 120, .argv = (char *const *)argv,
		.err = TUI_PIPE });

	(void)state;
	assert_non_null(ui);
	tui_expect_row(ui, 0, " FREEZES  ");
	assert_null(strstr(tui_row(ui, 0), "  RO  "));
	/* It is not said to have been stopped: it was, by us. */
	tui_key(ui, TUI_KEY_F5);
	tui_expect_row(ui, 0, "LIVE");
	assert_null(strstr(tui_row(ui, 0), "STOPPED"));
	assert_true(target_runs_on(t));
	kill(t->pid, SIGKILL);
	tui_expect_row(ui, 0, "EXITED ");
	tui_key(ui, "Q");
	tui_expect_exit(ui, 0);
	assert_string_equal(tui_stderr(ui), "");
	tui_free(ui);
	target_end(t);
}

/* --- what cannot be frozen -------------------------------------------------------------------- */

static void test_traced_already(void **state)
{
	struct target *t = target_start(target_counts, TARGET_THREADS, 0);
	const char *argv[] = { pmview_path(), "--freeze", text_of(t->pid), NULL };
	struct tui *ui;
	char words[64];

	(void)state;
	/* The last of its threads, so that others were seized before this is found out. */
	assert_int_equal(ptrace(PTRACE_SEIZE, t->thread[TARGET_THREADS], NULL, NULL), 0);
	snprintf(words, sizeof(words), "process %d traces it", (int)getpid());
	check_fails(RUN("--freeze", "-l", pid_text), words);
	check_fails(RUN("--freeze", "-Pall", pid_text), words);
	ui = tui_start(24, 120, NULL, (char *const *)argv);
	assert_non_null(ui);
	tui_expect_exit(ui, 2);
	assert_true(tui_wait_text(ui, words));
	tui_free(ui);
	assert_int_equal(thread_tracer(t->pid, t->thread[TARGET_THREADS]), getpid());
	assert_int_equal(ptrace(PTRACE_INTERRUPT, t->thread[TARGET_THREADS], NULL, NULL), 0);
	assert_int_equal(waitpid(t->thread[TARGET_THREADS], NULL, __WALL), t->thread[TARGET_THREADS]);
	assert_int_equal(ptrace(PTRACE_DETACH, t->thread[TARGET_THREADS], NULL, NULL), 0);
	assert_true(target_runs_on(t));
	target_end(t);
}

/* As where Yama, or a container, does not allow it. */
static void forbid_ptrace(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(77);
}

/* Run pmview --freeze -l on the process after prepare() in a process of its own. */
static struct result run_after(const char *prepare, const char *proc, pid_t pid)
{
	return run_program((const char *const[]){ "/proc/self/exe", prepare, pmview_path(), "--freeze", "-l",
		proc, text_of(pid), NULL });
}

/* The other side of run_after(). */
static int prepare_and_run(char **argv)
{
	pid_t child;
	int status;

	/* LeakSanitizer wants to trace. */
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	if (!strcmp(argv[1], "forbid")) {
		forbid_ptrace();
	} else {
		if (unshare(CLONE_NEWPID))
			return 77;
		child = fork();
		if (child) {
			waitpid(child, &status, 0);
			return WEXITSTATUS(status);
		}
	}
	execv(argv[2], argv + 2);
	return 127;
}

static void test_not_permitted(void **state)
{
	struct target *t = target_start(target_counts, TARGET_THREADS, 0);
	struct result r = run_after("forbid", "--proc=/proc", t->pid);

	(void)state;
	if (r.status == 77) {
		result_free(&r);
		print_message("no seccomp filters here\n");
		skip();
	}
	check_fails(r, "no permission to stop process");
	assert_true(target_runs_on(t));
	target_end(t);
}

static void test_other_pid_namespace(void **state)
{
	struct target *t = target_start(target_counts, TARGET_THREADS, 0);
	struct result r = run_after("unshare", "--proc=/proc", t->pid);

	(void)state;
	if (r.status == 77) {
		result_free(&r);
		print_message("no PID namespace can be made here\n");
		skip();
	}
	check_fails(r, "the PIDs in /proc are of another PID namespace");
	target_end(t);
}

static void test_no_process_to_stop(void **state)
{
	struct result r;
	pid_t child;
	siginfo_t si;

	(void)state;
	check_fails(RUN("--freeze", "-l", "./x.pmv"), "--freeze stops a live process: ./x.pmv is a file");
	r = run_program((const char *const[]){ "sh", "-c", "exec $0 --freeze -l $$", pmview_path(), NULL });
	check_fails(r, "pmview cannot stop itself");
	child = fork();
	if (!child)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)child, &si, WEXITED | WNOWAIT), 0);
	check_fails(RUN("--freeze", "-l", text_of(child)), "zombie");
	waitpid(child, NULL, 0);
}

/* --------------------------------------------------------------------------------------------- */

static int setup(void **state)
{
	(void)state;
	need_ptrace();
	return 0;
}

static int teardown(void **state)
{
	let_go();
	target_end_all();
	return tui_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stops_all_and_lets_go), TEST(test_without_main_thread),
		TEST(test_stopped_stays_stopped), TEST(test_signals_arrive_once),
		TEST(test_signals_survive_a_kill),
		TEST(test_thread_storm), TEST(test_exec_of_threads), TEST(test_unstoppable_is_named),
		TEST(test_killed), TEST(test_suspended), TEST(test_suspended_on_screen),
		TEST(test_pages_agree_with_the_scan), TEST(test_slow_reader), TEST(test_on_screen),
		TEST(test_traced_already), TEST(test_not_permitted), TEST(test_other_pid_namespace),
		TEST(test_no_process_to_stop),
	};

	if (argc == 2 && !strcmp(argv[1], "storm")) {
		storm();
		return 1;
	}
	if (argc > 2)
		_exit(prepare_and_run(argv));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
