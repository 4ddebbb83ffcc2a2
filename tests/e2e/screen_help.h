/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What test_screen.c and test_terminal.c share: a process, a snapshot, and pmview on a terminal. */
#ifndef SCREEN_HELP_H
#define SCREEN_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>

#include "e2e/lists.h"
#include "e2e/tui.h"
#include "fixture/fixture.h"
#include "helpers.h"
#include "source/store.h"

/* Mappings of which every page is known, one rare page among many in the second. */
static const char picture[] =
	"0x400000 r-xp file /usr/bin/prog F12 .4\n"
	"0x600000 rw-p heap [heap] A2000 S1 A2095\n"
	"0x2000000 rw-p anon - A8 02 #1 .5\n"
	"0x3000000 rw-s shmem /dev/shm/\xe6\x97\xa5\x1b[31m F4\n"
	"0x7ff000000000 rw-p stack [stack] .30 A2\n";

static struct fixture *fixture;
static char pid[16], saved[512];

struct how {
	int rows, cols;
	const char *term;
	const char *const *env;
	const char *target;	/* NULL: the snapshot */
	const char *options[3];
	uid_t uid;
	int in;
};

static inline struct tui *start_with(struct how h)
{
	char *argv[6] = { (char *)pmview_path() };
	struct tui_options o = { .rows = h.rows, .cols = h.cols, .term = h.term, .argv = argv,
		.env = h.env, .uid = h.uid, .err = TUI_PIPE };
	struct tui *t;
	size_t n = 1, i;

	for (i = 0; i < 3 && h.options[i]; i++)
		argv[n++] = (char *)h.options[i];
	argv[n] = (char *)(h.target ? h.target : saved);
	if (h.in) {
		o.in = TUI_FD;
		o.in_fd = h.in;
	}
	t = tui_start_with(&o);
	assert_non_null(t);
	return t;
}

#define START(...) start_with((struct how){ __VA_ARGS__ })

/* Leave as a person does, and see that nothing was said and the terminal is as it was. */
static inline void quit(struct tui *t, const char *key)
{
	tui_key(t, key);
	tui_expect_exit(t, 0);
	assert_string_equal(tui_stderr(t), "");
	assert_false(tui_altscreen(t));
	assert_true(tui_cursor_visible(t));
	tui_free(t);
}

/* Where the mapping of this address is in the list, and its head in the grid's heading. */
static inline size_t index_of(const char *target, uint64_t address, char *head, size_t size)
{
	json_t *list = lists_parse(PRINT((pid_t)atol(target), "-J"));
	const json_t *v = lists_vma(list, address), *vmas = json_object_get(list, "vmas");
	size_t i = 0;

	assert_non_null(v);
	while (json_array_get(vmas, i) != v)
		i++;
	snprintf(head, size, "  %s-%s  ", lists_text(v, "start") + 2, lists_text(v, "end") + 2);
	json_decref(list);
	return i;
}

/* Go down the list to the mapping of a region. */
static inline void go_to(struct tui *t, const char *target, const struct fixture_region *r)
{
	char head[64];
	size_t n = index_of(target, r->address, head, sizeof(head));

	tui_expect_text(t, "LIVE");
	while (n--)
		tui_key(t, "j");
	tui_expect_text(t, head);
}

/* Make the snapshot's file; -1 if that fails. */
static inline int save_picture(void)
{
	struct snapshot *s = snapshot_of(picture, NULL);
	struct err e;
	int r;

	snprintf(saved, sizeof(saved), "%s", scratch("saved.pmv"));
	r = store_write(saved, s, NULL, false, &e);
	snapshot_unref(s);
	return r;
}

/* Group setup and teardown. */
static inline int screen_start(void **state)
{
	(void)state;
	fixture = fixture_start((const char *const[]){ "anon", "file-cow", "stripes", NULL });
	if (save_picture() < 0 || !fixture)
		return -1;
	process_stop(fixture_pid(fixture));
	snprintf(pid, sizeof(pid), "%d", (int)fixture_pid(fixture));
	return 0;
}

static inline int screen_stop(void **state)
{
	(void)state;
	kill(fixture_pid(fixture), SIGCONT);
	return fixture_stop(fixture);
}

#endif
