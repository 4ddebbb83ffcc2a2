/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/view/changed: the list and the grid of what changed, and moving in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "helpers.h"
#include "pairs_help.h"
#include "view/changed.h"
#include "view/panes.h"

#define PAGE UINT64_C(4096)

/* Two snapshots, their changes, and a scene of them. */
struct pictures {
	struct snapshot *old, *new;
	struct changes *changes;
	struct scene scene;
	struct view v;
};

static void compare_them(struct pictures *p)
{
	struct changes_options o = { .keep_pages = true };
	struct err e;

	assert_int_equal(changes_make(&p->changes, p->old, p->new, &o, &e), 0);
	p->scene = (struct scene){ .snapshot = p->new,
		.changes = p->changes,
		.changes_old = p->old,
		.process = "test",
		.has_last = true,
		.has_mark = true,
		.interval = 1 };
	p->v = (struct view){ .against = AGAINST_MARK, .glyphs = GLYPHS_LETTERS };
	if (snapshot_vmas(p->new))
		p->v.cursor = snapshot_vma(p->new, 0)->start;
}

static struct pictures pictures_of(const char *old, const char *new)
{
	struct pictures p = { .old = snapshot_of(old, NULL), .new = snapshot_of(new, NULL) };

	compare_them(&p);
	return p;
}

static void end(struct pictures *p)
{
	changes_free(p->changes);
	snapshot_unref(p->old);
	snapshot_unref(p->new);
}

static char *screen(struct pictures *p, int w, int h)
{
	struct layout l = layout_make(w, h);
	struct cells c = { .ascii = true };
	char *text;

	cells_resize(&c, w, h);
	view_settle(&p->v, &p->scene, &l);
	screen_draw(&c, &p->v, &p->scene);
	text = cells_to_text(&c);
	cells_free(&c);
	return text;
}

#define OLD                                                          \
	"400000 r-xp file /bin/x F20\n"                              \
	"428000 rw-p heap [heap] A20 .20 S20 A20 .20 04 A16 .4 A512h .388\n" \
	"7f0000000000 rw-s shmem /dev/zero F10 .54\n"                \
	"7f1000000000 rw-p anon - A64\n"                             \
	"7f2000000000 rw-p file /lib F16\n"                          \
	"7ff000000000 rw-p stack [stack] .30 A3\n"
#define NEW                                                          \
	"400000 r-xp file /bin/x F20\n"                              \
	"428000 rw-p heap [heap] A10 .10 A10 .10 A20 S20 .20 A4 A16 #4 A512 .388\n" \
	"7f0000000000 rw-s shmem /dev/zero .64\n"                    \
	"7f2000000000 r--p file /lib F14 A2\n"                       \
	"7f3000000000 rw-p anon - A3 .61\n"                          \
	"7ff000000000 rw-p stack [stack] .30 A3\n"

static void screens(void **state)
{
	struct pictures p = pictures_of(OLD, NEW);
	char *text;

	(void)state;
	p.v.cursor = 0x428000 + 12 * PAGE;
	p.v.pane = PANE_GRID;
	text = screen(&p, 80, 30);
	compare("diff-80x30.txt", text);
	free(text);
	p.v.zoom = 4;
	p.v.unchanged = true;
	text = screen(&p, 160, 40);
	compare("diff-160x40-zoomed.txt", text);
	free(text);
	p.v.screen = SCREEN_HELP;
	p.v.help_tab = HELP_LEGEND;
	text = screen(&p, 80, 24);
	compare("help-diff.txt", text);
	free(text);
	end(&p);
}

static void cells_have_the_letter_of_what_happened(void **state)
{
	struct pictures p = pictures_of("1000 rw-p file /x .2 A2 A2 S2 F2 A2 A2h 02 .2 A2 ?2",
		"1000 rw-p file /x A2 .2 S2 A2 A2 A2h A2 A2 #2 A2 A2");
	static const char want[] = "++--ssaacchhttzzoo....";
	size_t i;

	(void)state;
	for (i = 0; i < strlen(want); i++)
		assert_int_equal(changed_cell(&p.scene, 0, i, 1).ch, want[i]);
	assert_int_equal(changed_cell(&p.scene, 0, i, 1).ch, ' ');
	/* Several kinds in a cell; one kind and pages without a change. */
	assert_int_equal(changed_cell(&p.scene, 0, 0, 3).ch, '%');
	assert_int_equal(changed_cell(&p.scene, 0, 17, 5).ch, 'o');
	assert_int_equal(changed_cell(&p.scene, 0, 18, 100).ch, '.');
	/* Of several the colour is that of most. */
	assert_int_equal(ink_role(changed_cell(&p.scene, 0, 3, 3).fg), ROLE_SWAP);
	assert_int_equal(ink_role(changed_cell(&p.scene, 0, 2, 3).fg), ROLE_UNKNOWN);
	end(&p);
}

/* Lines, mappings and steps agree. */
static void check_lines(struct pictures *p)
{
	size_t n = changed_lines(&p->v, &p->scene), line, at, seen = 0, gone = 0;
	size_t selected = changed_line(&p->v, &p->scene), mine = SIZE_MAX;
	const struct change_row *row;
	uint64_t last = 0;

	view_vma(&p->v, &p->scene, &mine);
	for (line = 0; line < n; line++) {
		size_t i = changed_vma(&p->v, &p->scene, line, &row);
		bool is_gone = row && row->what == VMA_CHANGE_GONE;
		const struct vma *vma = snapshot_vma(is_gone ? p->old : p->new, i);

		assert_true(vma->start >= last);
		last = vma->start;
		gone += is_gone;
		if (is_gone) {
			assert_int_not_equal(line, selected);
			continue;
		}
		seen++;
		assert_ptr_equal(row, changes_of(p->changes, i));
		assert_true(row || p->v.unchanged || i == mine);
		assert_int_equal(line == selected, i == mine);
	}
	assert_int_equal(gone, changes_gone(p->changes));
	if (p->v.unchanged)
		assert_int_equal(seen, snapshot_vmas(p->new));
	else
		assert_int_equal(seen, changes_rows(p->changes) - gone +
				(mine != SIZE_MAX && !changes_of(p->changes, mine)));
	if (mine == SIZE_MAX)
		return;
	/* A step goes to the next line that can be selected, as the list has it. */
	for (line = selected + 1; line < n; line++) {
		at = changed_vma(&p->v, &p->scene, line, &row);
		if (!row || row->what != VMA_CHANGE_GONE)
			break;
	}
	assert_int_equal(changed_step(&p->v, &p->scene, 1), line < n ? at : mine);
	assert_int_equal(changed_step(&p->v, &p->scene, 0), mine);
}

static void random_lists(void **state)
{
	int i;

	(void)state;
	srand(3);
	for (i = 0; i < 1500; i++) {
		struct pictures p = { .old = random_snapshot(NULL) };
		size_t k;

		p.new = random_snapshot(p.old);
		compare_them(&p);
		for (k = 0; k < snapshot_vmas(p.new); k++) {
			p.v.cursor = snapshot_vma(p.new, k)->start;
			p.v.unchanged = false;
			check_lines(&p);
			p.v.unchanged = true;
			check_lines(&p);
			p.v.against = AGAINST_NOTHING;
			assert_int_equal(changed_lines(&p.v, &p.scene), snapshot_vmas(p.new));
			assert_int_equal(changed_line(&p.v, &p.scene), k);
			p.v.against = AGAINST_LAST;
		}
		end(&p);
	}
}

static void keys_go_from_change_to_change(void **state)
{
	struct pictures p = pictures_of(OLD, NEW);
	struct layout l = layout_make(80, 24);

	(void)state;
	/* From a mapping without a change, which is listed as long as it is selected. */
	assert_int_equal(p.v.cursor, 0x400000);
	assert_int_equal(changed_lines(&p.v, &p.scene), 6);
	view_key(&p.v, 'j', &p.scene, &l);
	assert_int_equal(p.v.cursor, 0x428000);
	assert_int_equal(changed_lines(&p.v, &p.scene), 5);
	view_key(&p.v, PKEY_ENTER, &p.scene, &l);
	view_key(&p.v, 'w', &p.scene, &l);
	assert_int_equal(p.v.cursor, 0x428000 + 10 * PAGE);
	view_key(&p.v, 'w', &p.scene, &l);
	assert_int_equal(p.v.cursor, 0x428000 + 20 * PAGE);
	view_key(&p.v, 'b', &p.scene, &l);
	assert_int_equal(p.v.cursor, 0x428000 + 10 * PAGE);
	view_key(&p.v, 'b', &p.scene, &l);
	assert_int_equal(p.v.cursor, 0x428000 + 10 * PAGE);
	assert_non_null(strstr(p.v.message, "no change before"));
	/* Over the one that is gone, and back. */
	view_key(&p.v, ']', &p.scene, &l);
	assert_int_equal(p.v.cursor, 0x7f0000000000);
	view_key(&p.v, ']', &p.scene, &l);
	assert_int_equal(p.v.cursor, 0x7f2000000000);
	view_key(&p.v, '[', &p.scene, &l);
	assert_int_equal(p.v.cursor, 0x7f0000000000);
	/* All of them. */
	view_key(&p.v, 'z', &p.scene, &l);
	assert_true(p.v.unchanged);
	assert_int_equal(changed_lines(&p.v, &p.scene), 7);
	end(&p);
}

static void assert_says(struct pictures *p, const char *words)
{
	char *text = screen(p, 160, 30);

	if (!strstr(text, words))
		fail_msg("\"%s\" is not in:\n%s", words, text);
	free(text);
}

/* Through all mappings: those that are gone are left out. */
static void changes_lie_behind_each_other(void **state)
{
	static const uint64_t at[] = { 0x428000 + 10 * PAGE, 0x428000 + 20 * PAGE,
		0x7f0000000000, 0x7f2000000000 + 14 * PAGE, 0x7f3000000000 };
	struct pictures p = pictures_of(
		OLD, NEW), q = pictures_of("1000 rw-p anon - A2\n3000 rw-p anon /y A2\n6000 rw-p anon - A2",
		"1000 r--p anon - A2\n3000 r--p anon /y A2\n6000 rw-p anon - A2");
	struct layout l = layout_make(80, 24);
	int i;

	(void)state;
	p.v.pane = PANE_GRID;
	/* From a mapping without a change. */
	for (i = 0; i < 2; i++) {
		view_key(&p.v, 'w', &p.scene, &l);
		assert_int_equal(p.v.cursor, at[i]);
	}
	p.v.cursor = 0x428000 + 130 * PAGE;
	for (i = 2; i < 5; i++) {
		view_key(&p.v, 'w', &p.scene, &l);
		assert_int_equal(p.v.cursor, at[i]);
		assert_string_equal(p.v.message, "");
		assert_true(p.v.top <= p.v.cursor);
	}
	view_key(&p.v, 'w', &p.scene, &l);
	assert_int_equal(p.v.cursor, at[4]);
	assert_string_equal(p.v.message, "no change behind this");
	for (i = 3; i > 1; i--) {
		view_key(&p.v, 'b', &p.scene, &l);
		assert_int_equal(p.v.cursor, at[i]);
	}
	view_key(&p.v, 'b', &p.scene, &l);
	assert_int_equal(p.v.cursor, 0x428000 + 124 * PAGE);
	/* On the screen of a page, too, where the change is told. */
	p.v.cursor = at[4];
	p.v.screen = SCREEN_PAGE;
	p.v.zoom = 2;
	assert_says(&p, " change  + faulted in: anon, was not mapped");
	assert_says(&p, "b/w previous/next change");
	assert_says(&p, "b,w change");
	view_key(&p.v, 'b', &p.scene, &l);
	assert_says(&p, " change  c copied on write: anon, was file");
	p.v.against = AGAINST_NOTHING;
	assert_says(&p, "b/w previous/next run");
	/* Of mappings that have changed as such, the beginning. */
	q.v.cursor = 0x6000;
	view_key(&q.v, 'b', &q.scene, &l);
	assert_int_equal(q.v.cursor, 0x3000);
	view_key(&q.v, 'b', &q.scene, &l);
	assert_int_equal(q.v.cursor, 0x1000);
	view_key(&q.v, 'w', &q.scene, &l);
	assert_int_equal(q.v.cursor, 0x3000);
	view_key(&q.v, 'w', &q.scene, &l);
	assert_string_equal(q.v.message, "no change behind this");
	end(&p);
	end(&q);
}

/* What is not known is not the same. */
static void what_is_not_known_is_said(void **state)
{
	struct pictures p = pictures_of("1000 rw-p anon - A1 .3", "1000 rw-p anon - A1 ?3");
	struct pictures q = pictures_of("1000 rw-p anon - A1 .3", "1000 rw-p anon - A1 .3");
	struct pictures r = pictures_of("1000 rw-p anon - A1 .3\n", "1000 rw-p anon - S1 ?3");
	char *text;

	(void)state;
	assert_says(&p, "? not known 3  no change in what is known");
	assert_says(&q, "no change\n");
	text = screen(&q, 80, 24);
	assert_null(strstr(text, "not known"));
	assert_null(strstr(text, "in what is known"));
	free(text);
	assert_says(&r, "~ other frames not told");
	/* It is said wherever there is room for anything. */
	text = screen(&r, 40, 24);
	assert_non_null(strstr(text, "? not known 3"));
	assert_null(strstr(text, "other frames"));
	free(text);
	end(&p);
	end(&q);
	end(&r);
}

static void what_there_is_to_compare_with(void **state)
{
	struct pictures p = pictures_of(OLD, NEW);
	struct layout l = layout_make(80, 24);

	(void)state;
	p.v.against = AGAINST_NOTHING;
	view_key(&p.v, 'd', &p.scene, &l);
	assert_int_equal(p.v.against, AGAINST_MARK);
	assert_string_equal(p.v.message, "compared with the mark");
	view_key(&p.v, 'd', &p.scene, &l);
	assert_int_equal(p.v.against, AGAINST_LAST);
	assert_string_equal(p.v.message, "compared with the scan before");
	view_key(&p.v, 'd', &p.scene, &l);
	assert_int_equal(p.v.against, AGAINST_NOTHING);
	p.scene.has_mark = false;
	view_key(&p.v, 'd', &p.scene, &l);
	assert_int_equal(p.v.against, AGAINST_LAST);
	assert_non_null(strstr(p.v.message, "no mark"));
	p.v.against = AGAINST_NOTHING;
	p.scene.has_last = false;
	view_key(&p.v, 'd', &p.scene, &l);
	assert_int_equal(p.v.against, AGAINST_NOTHING);
	assert_non_null(strstr(p.v.message, "nothing to compare with"));
	assert_int_equal(view_key(&p.v, 'm', &p.scene, &l), FOLLOW_MARK);
	end(&p);
}

static void words(void **state)
{
	struct pictures p = pictures_of(OLD, NEW);

	(void)state;
	p.v.pane = PANE_GRID;
	p.v.cursor = 0x428000 + 10 * PAGE;
	assert_says(&p, "- freed: none, was anon");
	p.v.cursor = 0x428000 + 45 * PAGE;
	assert_says(&p, "a swapped in: anon, was swap");
	p.v.cursor = 0x428000;
	assert_says(&p, ". no change: anon, was anon");
	p.v.cursor = 0x428000 + 130 * PAGE;
	assert_says(&p, "t split: anon");
	p.v.cursor = 0x7f0000000000;
	assert_says(&p, "- unmapped: none, was file");
	p.v.cursor = 0x7f3000000000;
	assert_says(&p, "+ faulted in: anon, was not mapped");
	p.v.zoom = 1;
	assert_says(&p, "2 pages:  + faulted in 2");
	assert_says(&p, "1 mapping new, 1 gone");
	assert_says(&p, "DIFF vs mark ");
	p.v.against = AGAINST_LAST;
	assert_says(&p, "DIFF vs last ");
	/* Being made, or not to be had: the states are shown. */
	p.scene.changes = NULL;
	assert_says(&p, "DIFF vs last: comparing ...");
	p.scene.no_changes = "it has exec'd since";
	assert_says(&p, "DIFF vs last: it has exec'd since");
	assert_says(&p, "anon 2.2M");
	end(&p);
}

/* Of any size, with and without mappings, whatever is selected. */
static void every_size_can_be_drawn(void **state)
{
	int w, h;

	(void)state;
	srand(4);
	for (w = 1; w < 170; w += w < 90 ? 1 : 13) {
		for (h = 1; h < 40; h += h < 30 ? 1 : 7) {
			struct pictures p = { .old = random_snapshot(NULL) };
			struct layout l = layout_make(w, h);
			size_t n, k;

			p.new = random_snapshot(p.old);
			compare_them(&p);
			n = snapshot_vmas(p.new);
			p.v.cursor = n ? snapshot_vma(p.new, (size_t)rand() % n)->start : 0;
			p.v.unchanged = rand() % 2;
			p.v.pane = rand() % 2 ? PANE_GRID : PANE_LIST;
			p.v.zoom = (unsigned)rand() % 3;
			free(screen(&p, w, h));
			for (k = 0; k < 9; k++) {
				view_key(&p.v, (uint32_t) "jjkGgzwbd"[k], &p.scene, &l);
				free(screen(&p, w, h));
			}
			end(&p);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens),
		cmocka_unit_test(cells_have_the_letter_of_what_happened),
		cmocka_unit_test(random_lists),
		cmocka_unit_test(keys_go_from_change_to_change),
		cmocka_unit_test(changes_lie_behind_each_other),
		cmocka_unit_test(what_is_not_known_is_said),
		cmocka_unit_test(what_there_is_to_compare_with),
		cmocka_unit_test(words),
		cmocka_unit_test(every_size_can_be_drawn),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
