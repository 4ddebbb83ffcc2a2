/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time on a terminal: stepping back while scanning goes on, and recording while one looks. */
#include "e2e/screen_help.h"

#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include "e2e/target.h"

#define PAGES 64

/* Has PAGES pages that it touches one after the other, when it is told to: `sent` of them. */
static void touches(struct target *t)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	volatile char *p = mmap(NULL, PAGES * size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	unsigned long done = 0;

	madvise((void *)p, PAGES * size, MADV_NOHUGEPAGE);
	t->memory = (void *)p;
	atomic_fetch_add(&t->running, 1);
	for (;;) {
		while (done < atomic_load(&t->sent))
			p[done++ * size] = 1;
		atomic_store(&t->turns[0], done);
		usleep(1000);
	}
}

static struct target *target;
static char target_pid[16];

static struct tui *look(enum tui_stream err)
{
	struct tui_options o = { .err = err };
	struct tui *t;
	char keys[32];

	target = target_start(touches, 1, 0);
	assert_non_null(target);
	snprintf(target_pid, sizeof(target_pid), "%d", (int)target->pid);
	o.argv = (char *[]){ (char *)(uintptr_t)pmview_path(), (char *)"--ascii", (char *)"-i0.1", target_pid,
		NULL };
	t = tui_start_with(&o);
	assert_non_null(t);
	tui_expect_row(t, 0, "LIVE");
	snprintf(keys, sizeof(keys), ":%" PRIxPTR "\r", (uintptr_t)target->memory);
	tui_key(t, keys);
	snprintf(keys, sizeof(keys), " @%" PRIxPTR " ", (uintptr_t)target->memory);
	tui_expect_row(t, 22, keys);
	tui_expect_row(t, 22, ". none");
	return t;
}

static int end_all(void **state)
{
	target_end_all();
	return tui_teardown(state);
}

/* The number behind a text of the title; 0 if it is not there. */
static unsigned number_behind(struct tui *t, const char *text)
{
	const char *at = strstr(tui_row(t, 0), text);

	return at ? (unsigned)strtoul(at + strlen(text), NULL, 10) : 0;
}

static bool first_of_more_than(struct tui *t, void *arg)
{
	return number_behind(t, "REPLAY 1/") > *(unsigned *)arg;
}

static void stepping_back(void **state)
{
	struct tui *t = look(TUI_PIPE);
	unsigned so_far;

	(void)state;
	atomic_store(&target->sent, 1);
	tui_expect_row(t, 22, "A anon");
	tui_expect_row(t, 0, "LIVE");
	/* What was before is still there, and nothing of now is said of it. */
	tui_key(t, ":#1\r");
	tui_expect_row(t, 0, "REPLAY 1/");
	tui_expect_row(t, 22, ". none");
	tui_expect_row(t, 22, "no entry: of a past snapshot");
	tui_expect_row(t, 21, "t/T step");
	/* Scanning goes on. */
	so_far = number_behind(t, "REPLAY 1/") + 3;
	tui_expect(t, first_of_more_than, &so_far);
	tui_expect_row(t, 22, ". none");
	tui_key(t, "t");
	tui_expect_row(t, 0, "REPLAY 2/");
	tui_key(t, ",");
	tui_expect_row(t, 0, "REPLAY 1/");
	tui_key(t, "T");
	tui_expect_row(t, 22, "this is the oldest snapshot that is kept");
	tui_key(t, "o");
	tui_expect_row(t, 22, "F follows the newest");
	tui_key(t, "\t\r");
	tui_expect_text(t, "entry   not read: entries are those of the newest snapshot");
	tui_expect_text(t, "history, newest right");
	tui_key(t, "F");
	tui_expect_text(t, "state   A anon");
	tui_expect_row(t, 0, "LIVE");
	tui_expect_text(t, "entry   0x");
	tui_key(t, "q");
	tui_expect_row(t, 22, "A anon");
	tui_key(t, "T");
	tui_expect_row(t, 0, "REPLAY");
	tui_key(t, " ");
	tui_expect_row(t, 0, "LIVE");
	tui_key(t, ":99:99\r");
	tui_expect_row(t, 22, "'99:99' is no time");
	quit(t, "q");
}

/* The process ends while one looks at its past: both are still there. */
static void the_past_outlives_the_process(void **state)
{
	struct tui *t = look(TUI_PIPE);

	(void)state;
	atomic_store(&target->sent, 1);
	tui_expect_row(t, 22, "A anon");
	tui_key(t, ":#1\r");
	tui_expect_row(t, 0, "REPLAY 1/");
	tui_expect_row(t, 22, ". none");
	target_end(target);
	tui_expect_row(t, 22, "has ended");
	tui_expect_row(t, 0, "REPLAY 1/");
	tui_key(t, "F");
	tui_expect_row(t, 0, "EXITED");
	tui_expect_row(t, 22, "A anon");
	tui_key(t, "T");
	tui_expect_row(t, 0, "REPLAY");
	quit(t, "q");
}

/* Now it has many mappings, now few. */
static void body_of_tides(struct target *t)
{
	char *m = mmap(NULL, 400 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i, k;

	atomic_store(&t->running, 1);
	for (k = 0;; k++) {
		for (i = 0; i < 400; i += 2)
			mprotect(m + i * 4096, 4096, k % 2 ? PROT_NONE : PROT_READ | PROT_WRITE);
		nanosleep(&(struct timespec){ .tv_nsec = 230000000 }, NULL);
	}
}

/* Keys that come together with a step: they are for the snapshot that is shown by then. */
static void steps_and_moves_in_one_burst(void **state)
{
	static const char *const bursts[] = { "TGk", "tGkk", "TTGjk", "FGk", "TzGkz", "TGT", "Tbww", "tGbb",
		":#1\rGk", "FTGkc" };
	struct target *tides = target_start(body_of_tides, 1, 0);
	char pid_of[16];
	struct tui *t;
	unsigned enough = 8, i;

	(void)state;
	snprintf(pid_of, sizeof(pid_of), "%d", (int)tides->pid);
	t = START(.target = pid_of, .options = { "--ascii", "--interval=0.1" });
	tui_expect_row(t, 0, "LIVE");
	/* There must be one to go back to. */
	for (i = 0; i < 100 && !strstr(tui_row(t, 0), "REPLAY"); i++) {
		tui_key(t, ":#1\r");
		tui_wait_quiet(t, 50);
	}
	tui_expect(t, first_of_more_than, &enough);
	tui_key(t, "Fd");
	tui_expect_row(t, 0, "DIFF");
	for (i = 0; i < 40; i++) {
		tui_key(t, bursts[i % (sizeof(bursts) / sizeof(*bursts))]);
		/* What comes next comes in another burst. */
		tui_wait_quiet(t, 10);
	}
	tui_key(t, "F");
	tui_expect_row(t, 0, "LIVE");
	tui_key(t, "Q");
	tui_expect_exit(t, 0);
	tui_free(t);
	target_end(tides);
}

/* --- recording --- */

static bool recorded_more_than(struct tui *t, void *arg)
{
	return number_behind(t, "REC ") > *(unsigned *)arg;
}

static void start_recording(struct tui *t, const char *path)
{
	tui_key(t, "x");
	tui_expect_row(t, 22, "record to: ");
	tui_expect_row(t, 22, "-rec.pmv");
	tui_key(t, "\025"); /* ^U */
	tui_expect_no_text(t, "-rec.pmv");
	tui_key(t, path);
	tui_key(t, TUI_KEY_ENTER);
}

/* Open what was recorded, and see the page that was touched meanwhile, at the end and not at the
 * beginning, if the beginning is there. */
static void check_recording(const char *path, uintptr_t address)
{
	char at[32];
	struct err e;
	struct store *s = store_open(path, &e);
	size_t n;
	struct tui *t;

	assert_non_null(s);
	n = store_count(s);
	store_close(s);
	t = START(.target = path, .options = { "--ascii" });
	tui_expect_row(t, 0, n > 1 ? "REPLAY " : "SNAPSHOT ");
	snprintf(at, sizeof(at), ":%" PRIxPTR "\r", address);
	tui_key(t, at);
	tui_expect_row(t, 22, "A anon  entry not kept");
	if (n > 1) {
		tui_key(t, ":#1\r");
		tui_expect_row(t, 0, " 1/");
		tui_expect_row(t, 22, ". none");
		tui_key(t, "F");
		tui_expect_row(t, 22, "A anon");
	}
	quit(t, "q");
}

static void recording_while_one_looks(void **state)
{
	const char *path = scratch("while.pmv");
	struct tui *t = look(TUI_PIPE);
	unsigned enough = 3;

	(void)state;
	start_recording(t, path);
	tui_expect(t, recorded_more_than, &enough);
	/* The past may be looked at meanwhile. */
	tui_key(t, "T");
	tui_expect_row(t, 0, "REPLAY");
	enough = number_behind(t, "REC ") + 2;
	tui_expect(t, recorded_more_than, &enough);
	tui_key(t, "F");
	tui_expect_row(t, 0, "LIVE");
	atomic_store(&target->sent, 1);
	tui_expect_row(t, 22, "A anon");
	enough = number_behind(t, "REC ") + 2;
	tui_expect(t, recorded_more_than, &enough);
	tui_key(t, "x");
	tui_expect_row(t, 22, "recorded ");
	tui_expect_row(t, 0, "LIVE");
	assert_null(strstr(tui_row(t, 0), "REC"));
	quit(t, "q");
	check_recording(path, (uintptr_t)target->memory);
}

/* Who quits keeps what was recorded, and is told so. */
static void quitting_ends_a_recording(void **state)
{
	const char *path = scratch("quit.pmv");
	struct tui *t = look(TUI_TTY);
	unsigned enough = 1, before;
	char adding[40];

	(void)state;
	start_recording(t, path);
	tui_expect(t, recorded_more_than, &enough);
	atomic_store(&target->sent, 1);
	tui_expect_row(t, 22, "A anon");
	enough = number_behind(t, "REC ") + 1;
	tui_expect(t, recorded_more_than, &enough);
	tui_key(t, "x");
	tui_expect_row(t, 22, "recorded ");
	before = (unsigned)strtoul(strstr(tui_row(t, 22), "recorded ") + 9, NULL, 10);
	/* To the same file: it says how many are there. */
	start_recording(t, path);
	snprintf(adding, sizeof(adding), "adding to %u snapshots", before);
	tui_expect_row(t, 22, adding);
	tui_key(t, "Q");
	tui_expect_exit(t, 0);
	tui_expect_text(t, "pmview: recorded ");
	assert_false(tui_altscreen(t));
	tui_free(t);
	check_recording(path, (uintptr_t)target->memory);
}

static void what_is_no_recording_stays(void **state)
{
	const char *path = scratch("mine.txt");
	FILE *f = fopen(path, "w");
	struct tui *t;
	char *text;

	(void)state;
	assert_non_null(f);
	fputs("precious", f);
	fclose(f);
	t = look(TUI_PIPE);
	start_recording(t, path);
	tui_expect_row(t, 22, "mine.txt");
	tui_expect_row(t, 22, "exists");
	tui_expect_row(t, 0, "LIVE");
	assert_null(strstr(tui_row(t, 0), "REC"));
	quit(t, "q");
	text = read_file(path, NULL);
	assert_string_equal(text, "precious");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(stepping_back, end_all),
		cmocka_unit_test_teardown(the_past_outlives_the_process, end_all),
		cmocka_unit_test_teardown(steps_and_moves_in_one_burst, end_all),
		cmocka_unit_test_teardown(recording_while_one_looks, end_all),
		cmocka_unit_test_teardown(quitting_ends_a_recording, end_all),
		cmocka_unit_test_teardown(what_is_no_recording_stays, end_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
