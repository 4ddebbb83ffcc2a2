/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any size and any names: everything is drawn in its place, and nothing that a terminal would obey.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "helpers.h"
#include "view/panes.h"

static const char *const hostile[] = {
	"/tmp/\x1b[31mred\x1b[0m",
	"/tmp/a\nb\rc\td",
	"/tmp/\xe2\x80\xaegnp.exe",
	"/tmp/\xe2\x81\xa6x\xe2\x81\xa9",
	"/tmp/\xff\xfe\xc0\x80",
	"/tmp/\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87"
	"\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87.so",
	"/x\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6"
	"\x96\x87"
	"\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87.so",
	"/e\xcc\x81\xcc\x82\xcc\x83"
	"accents",
	"/tmp/\x9b"
	"31m",
	"/tmp/\xc2\x9b"
	"31m",
	"\x7f\x01\x02",
	"/tmp/"
	"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f"
	"\x98\x80"
	"\xf0\x9f\x98\x80",
	"/%s%n%d%s",
	"\xe2\x80\xa8line\xe2\x80\xa9paragraph\xef\xbb\xbf",
};
#define HOSTILE (sizeof(hostile) / sizeof(*hostile))

static struct snapshot *hostile_snapshot(size_t comm)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b;
	size_t i;

	info.comm = hostile[comm];
	b = snapshot_builder_new(&info);
	for (i = 0; i < HOSTILE; i++) {
		struct vma v = { .start = (i + 1) << 20,
			.end = ((i + 1) << 20) + 0x35000,
			.inode = i,
			.kind = VMA_FILE,
			.page_size = 4096,
			.perms = VMA_READ,
			.name = hostile[i],
			.deleted = i & 1 };

		snapshot_builder_add(b, &v, runs_of("F20 A20 .6 S6 #1"));
	}
	return snapshot_builder_finish(b);
}

/* Nothing that a terminal would obey, and as many columns as there are. */
static void assert_clean(const struct cells *c)
{
	int x, y;

	for (y = 0; y < c->h; y++) {
		for (x = 0; x < c->w; x++) {
			uint32_t ch = c->cell[y * c->w + x].ch;

			if (!ch) {
				assert_true(x > 0 && utf8_width(c->cell[y * c->w + x - 1].ch) == 2);
				continue;
			}
			if (!utf8_safe(ch) || (c->ascii && ch > 0x7e))
				fail_msg("U+%04x at column %d of row %d, %dx%d", (unsigned)ch, x, y,
					c->w, c->h);
			assert_in_range(utf8_width(ch), 1, 2);
			if (utf8_width(ch) == 2)
				assert_true(x + 1 < c->w && !c->cell[y * c->w + x + 1].ch);
		}
	}
}

#define SCENES 9

/* Everything that can stand on the screen, in turn. */
static void draw_all(struct cells *c, struct scene *s)
{
	struct layout l = view_layout(s, c->w, c->h);
	int i;

	for (i = 0; i < SCENES; i++) {
		struct view v = { .glyphs = GLYPHS_BLOCKS, .cursor = 0x100000 };

		v.pane = i & 1 ? PANE_GRID : PANE_LIST;
		v.zoom = i == 2 ? 3 : 0;
		if (i >= 3 && i < 3 + HELP_TABS) {
			v.screen = SCREEN_HELP;
			v.help_tab = i - 3;
		}
		if (i == 7) {
			v.prompting = true;
			snprintf(v.prompt, sizeof(v.prompt), "%s%0200d", hostile[1], 7);
		}
		if (i == 8)
			snprintf(v.message, sizeof(v.message), "%s", hostile[c->w % (int)HOSTILE]);
		view_settle(&v, s, &l);
		screen_draw(c, &v, s);
		assert_clean(c);
		v.screen = SCREEN_PAGE;
		screen_draw(c, &v, s);
		assert_clean(c);
	}
}

/* A row of snapshots, of a process or (file) of a file with a hostile name. */
static void add_times(struct scene *s, bool file, struct moment moments[30])
{
	size_t i;

	for (i = 0; i < 30; i++)
		moments[i] = (struct moment){ { (time_t)(i * 86400), 0 },
			snapshot_totals(s->snapshot), file ? NULL : s->snapshot };
	s->moments = moments;
	s->moment_count = 30;
	s->moment_at = 7;
	s->replay = true;
	s->past = !file;
	s->file = file ? hostile[0] : NULL;
	s->recording = !file;
}

static void every_size_can_be_drawn(void **state)
{
	static const int steps[][2] = { { 91, 31 }, { 100, 5 }, { 119, 40 }, { 120, 15 },
		{ 120, 16 }, { 120, 50 }, { 143, 24 }, { 160, 50 }, { 199, 80 }, { 200, 4 },
		{ 300, 100 }, { 1000, 3 }, { 3, 500 }, { 20, 200 }, { 512, 300 } };
	struct snapshot *s = hostile_snapshot(0);
	struct scene scene = {
		.snapshot = s, .process = hostile[0], .interval = 1, .colour = true, .shades = true
	};
	struct cells c = { 0 };
	struct moment moments[30];
	struct scene replay;
	int w, h;
	size_t i;

	(void)state;
	for (w = 1; w <= 90; w++) {
		for (h = 1; h <= 30; h++) {
			c.ascii = w & 1;
			scene.utf8 = !c.ascii;
			scene.ended = h & 1 ? "EXITED 12:00:00" : NULL;
			cells_resize(&c, w, h);
			draw_all(&c, &scene);
			replay = scene;
			add_times(&replay, w % 3 == 0, moments);
			draw_all(&c, &replay);
		}
	}
	for (i = 0; i < sizeof(steps) / sizeof(*steps) * 2; i++) {
		c.ascii = i & 1;
		scene.utf8 = !c.ascii;
		cells_resize(&c, steps[i / 2][0], steps[i / 2][1]);
		draw_all(&c, &scene);
	}
	/* Before there is anything to see. */
	scene.snapshot = NULL;
	for (w = 1; w <= 90; w += 7) {
		cells_resize(&c, w, 1 + w % 5);
		draw_all(&c, &scene);
	}
	cells_free(&c);
	snapshot_unref(s);
}

static void hostile_names_leave_columns_aligned(void **state)
{
	static const int sizes[][2] = { { 80, 24 }, { 81, 30 }, { 160, 50 }, { 170, 40 } };
	struct cells c = { 0 };
	size_t i, k;
	int x, y, brackets;

	(void)state;
	for (i = 0; i < HOSTILE; i++) {
		struct snapshot *s = hostile_snapshot(i);
		struct scene scene = { .snapshot = s, .process = hostile[i], .interval = 1 };

		for (k = 0; k < 8; k++) {
			struct layout l = layout_make(sizes[k / 2][0], sizes[k / 2][1]);
			struct view v = { .cursor = (i + 1) << 20 };

			c.ascii = k & 1;
			cells_resize(&c, sizes[k / 2][0], sizes[k / 2][1]);
			view_settle(&v, &scene, &l);
			screen_draw(&c, &v, &scene);
			assert_clean(&c);
			/* The strips stand below one another, as their heading says. */
			for (x = brackets = 0; x < l.list.w; x++) {
				uint32_t head = c.cell[l.list_head.y * c.w + x].ch;

				if (head != '[' && head != ']')
					continue;
				brackets++;
				for (y = l.list.y;
					y < l.list.y + l.list.h && y - l.list.y < (int)HOSTILE; y++)
					assert_int_equal(c.cell[y * c.w + x].ch, head);
			}
			assert_int_equal(brackets, 2);
			for (y = l.list.y; l.side_by_side && y < l.page.y; y++)
				assert_int_equal(c.cell[y * c.w + l.list.w].ch, '|');
		}
		snapshot_unref(s);
	}
	cells_free(&c);
}

#define UNTOUCHED 0x2603

static void fill(struct cells *c)
{
	int i;

	for (i = 0; i < c->w * c->h; i++)
		c->cell[i] = (struct cell){ .ch = UNTOUCHED };
}

static void assert_only_inside(
	const struct cells *c, const struct rect *r, int n, const char *what, int w, int h)
{
	int x, y, i;

	for (y = 0; y < c->h; y++) {
		for (x = 0; x < c->w; x++) {
			if (c->cell[y * c->w + x].ch == UNTOUCHED)
				continue;
			for (i = 0; i < n; i++)
				if (x >= r[i].x && x < r[i].x + r[i].w && y >= r[i].y &&
					y < r[i].y + r[i].h)
					break;
			if (i == n)
				fail_msg("at %dx%d the %s draws on column %d of row %d, which is "
					 "not its own",
					w, h, what, x, y);
		}
	}
}

/* On a larger canvas than they know of: what a pane draws beyond its place would be seen. */
static void panes_draw_only_where_they_are(int what)
{
	static const char *const names[] = { "list", "grid", "page line", "page screen", "help" };
	struct snapshot *s = snapshot_of(
		"400000 rw-p heap a-long-name-that-does-not-fit-anywhere A53 S900 .100\n"
		"800000 r-xp file /usr/lib/x86_64-linux-gnu/libexample.so.1 F100\n",
		NULL);
	struct scene scene = {
		.snapshot = s, .interval = 1, .colour = true, .shades = true, .utf8 = true
	};
	struct cells c = { 0 };
	int w, h;

	for (w = 20; w <= 170; w += w < 90 ? 1 : 7) {
		for (h = 4; h <= 50; h += h < 30 ? 1 : 5) {
			struct layout l = layout_make(w, h);
			struct view v = { .cursor = 0x400000,
				.screen = what == 4 ? SCREEN_HELP : SCREEN_MAIN,
				.zoom = w & 1,
				.help_tab = h % HELP_TABS };
			struct rect r[3] = { l.list_head, l.list },
				    rest = { 0, 1, w, l.page.y - 1 };
			struct rect all = { 0, 0, w, h - l.footer.h };
			int n = 1;

			cells_resize(&c, w + 60, h + 40);
			fill(&c);
			view_settle(&v, &scene, &l);
			if (what == 0) {
				list_draw(&c, &v, &scene, &l);
				n = 2;
			} else if (what == 1) {
				grid_draw(&c, &v, &scene, &l);
				r[0] = l.grid_head;
				r[1] = l.grid;
				r[2] = l.strip;
				n = 3;
			} else if (what == 2) {
				page_line_draw(&c, l.page, &v, &scene);
				r[0] = l.page;
			} else if (what == 3) {
				page_screen_draw(&c, rest, &v, &scene);
				r[0] = rest;
			} else {
				help_draw(&c, all, &v, &scene);
				r[0] = all;
			}
			assert_only_inside(&c, r, n, names[what], w, h);
		}
	}
	cells_free(&c);
	snapshot_unref(s);
}

static void list_stays_in_its_place(void **state)
{
	(void)state;
	panes_draw_only_where_they_are(0);
}

static void grid_stays_in_its_place(void **state)
{
	(void)state;
	panes_draw_only_where_they_are(1);
}

static void page_stays_in_its_place(void **state)
{
	(void)state;
	panes_draw_only_where_they_are(2);
	panes_draw_only_where_they_are(3);
}

static void help_stays_in_its_place(void **state)
{
	(void)state;
	panes_draw_only_where_they_are(4);
}

/* A number without its last digits or its unit is another number. */
static void assert_whole(const char *text, const char *number, size_t from, int w)
{
	const char *at = text;
	size_t n = strlen(number), len;

	for (; (at = strchr(at, number[0])); at++) {
		for (len = 0; len < n && at[len] == number[len]; len++)
			;
		/* What is cut may say so. */
		if (len >= from && len < n && (!at[len] || at[len] == '\n'))
			fail_msg("at %d columns '%s' stands as '%.*s'", w, number, (int)len, at);
	}
}

static void numbers_are_whole_or_left_out(void **state)
{
	struct snapshot *s = snapshot_of("55d2ca4e1000 rw-p heap [heap] A53\n", NULL);
	struct needs needs = { .kinds = NEED_ENTRIES, .n = 1, .range = { { 0x55d2ca4e1, 1 } } };
	uint64_t got[NEEDS_MAX] = { 1 }, entry = ENTRY_PRESENT | ENTRY_SOFT_DIRTY | 0x12c7f75;
	struct pageset *p = pageset_new(0, (struct timespec){ 0 }, &needs, got,
		&(struct pageset_content){ .entries = &entry });
	struct scene scene = { .snapshot = s, .interval = 1, .process = "test", .pages = p };
	struct cells c = { 0 };
	int w, h, screen;

	(void)state;
	for (w = 20; w <= 170; w++) {
		for (h = 4; h <= 50; h += 4) {
			for (screen = SCREEN_MAIN; screen <= SCREEN_PAGE; screen++) {
				struct layout l = layout_make(w, h);
				struct view v = { .cursor = 0x55d2ca4e1000,
					.screen = (enum view_screen)screen };
				char *text;

				cells_resize(&c, w, h);
				view_settle(&v, &scene, &l);
				screen_draw(&c, &v, &scene);
				text = cells_to_text(&c);
				assert_whole(text, "212K", 2, w);
				assert_whole(text, "PFN 0x12c7f75", 8, w);
				assert_whole(text, "55d2ca4e1000", 5, w);
				assert_whole(text, "0x808000000", 4, w);
				free(text);
			}
		}
	}
	cells_free(&c);
	pageset_unref(p);
	snapshot_unref(s);
}

/* A picture that no longer changes must not look like one that does. */
static void the_end_of_a_process_is_always_said(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s;
	struct scene scene = { .interval = 1, .process = "test", .ended = "EXITED 12:04:11" };
	struct cells c = { 0 };
	int w;

	(void)state;
	info.comm = "postgres";
	info.pid = 12345;
	s = snapshot_of("400000 rw-p heap [heap] A53 S7\n", &info);
	scene.snapshot = s;
	for (w = 40; w <= 170; w++) {
		struct layout l = layout_make(w, 10);
		struct view v = { .cursor = 0x400000 };
		char *text;

		cells_resize(&c, w, 10);
		view_settle(&v, &scene, &l);
		screen_draw(&c, &v, &scene);
		text = cells_to_text(&c);
		if (!strstr(text, "EXITED"))
			fail_msg("at %d columns the title is '%.*s'", w, (int)strcspn(text, "\n"),
				text);
		free(text);
	}
	cells_free(&c);
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_can_be_drawn),
		cmocka_unit_test(hostile_names_leave_columns_aligned),
		cmocka_unit_test(list_stays_in_its_place),
		cmocka_unit_test(grid_stays_in_its_place),
		cmocka_unit_test(page_stays_in_its_place),
		cmocka_unit_test(help_stays_in_its_place),
		cmocka_unit_test(numbers_are_whole_or_left_out),
		cmocka_unit_test(the_end_of_a_process_is_always_said),
	};

	/* Wide and combining characters are known only in a UTF-8 locale. */
	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
