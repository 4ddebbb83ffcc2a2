/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lenses: their classes, which page is in which, what is read for them, and what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "look_help.h"
#include "view/panes.h"

#define START UINT64_C(0x200000)
#define FIRST (START / 4096)

/* --- the classes --- */

/* Letters tell all: no two classes of a lens share one, whether all of a cell or a mixture. */
static void letters_tell_classes_apart(void **state)
{
	int l;

	(void)state;
	for (l = 0; l < LENSES; l++) {
		const char *used = "-"; /* what is not read */
		char seen[64];
		size_t n = (size_t)snprintf(seen, sizeof(seen), "%s", used);
		unsigned i, n_classes = lens_classes((enum lens)l), ranks = 0;

		assert_in_range(n_classes, 2, LENS_CLASSES);
		for (i = 0; i < n_classes; i++) {
			const struct lens_class *c = lens_class((enum lens)l, i);

			assert_null(strchr(seen, c->letter));
			seen[n++] = c->letter;
			seen[n] = '\0';
			assert_null(strchr(seen, c->mixed));
			seen[n++] = c->mixed;
			seen[n] = '\0';
			if (isupper((unsigned char)c->letter))
				assert_int_equal(c->mixed, tolower((unsigned char)c->letter));
			assert_true(*c->name && *c->meaning);
			assert_int_equal(lens_of_rarity((enum lens)l, c->rarity), i);
			ranks |= 1u << c->rarity;
		}
		assert_int_equal(ranks, (1u << n_classes) - 1);
		assert_int_equal(lens_class((enum lens)l, LENS_NONE)->letter, '.');
		assert_true(lens_marks((enum lens)l) < n_classes);
	}
}

/* In blocks, classes that share a colour show their letters. */
static void colours_tell_classes_apart(void **state)
{
	int l;
	unsigned i, k;

	(void)state;
	for (l = LENS_STATE + 1; l < LENSES; l++) {
		for (i = 0; i < lens_classes((enum lens)l); i++) {
			const struct lens_class *a = lens_class((enum lens)l, i);

			for (k = 0; k < i; k++)
				if (lens_class((enum lens)l, k)->role == a->role)
					assert_true(a->lettered);
		}
	}
}

/* --- page frames --- */

/* A pageset of n pages from START on. */
static struct pageset *frames_of(
	const struct frame *f, const uint64_t *entries, uint64_t n, const int error[FRAME_FILES])
{
	struct needs needs = { 0 };
	uint64_t got[NEEDS_MAX] = { n };
	struct pageset_content content = { .entries = entries, .frames = f };

	if (error)
		memcpy(content.frame_error, error, sizeof(content.frame_error));
	needs_add(&needs, NEED_ENTRIES | NEED_FRAMES, FIRST, n);
	return pageset_new(7, (struct timespec){ 0 }, &needs, got, &content);
}

static struct frame frame(uint64_t flags, uint64_t mapcount, int node)
{
	return (struct frame){ .flags = flags, .mapcount = mapcount, .node = (int16_t)node,
		.known = FRAME_HAS_FLAGS | FRAME_HAS_MAPCOUNT };
}

static struct view view_of(enum lens lens)
{
	return (struct view){ .lens = lens, .cursor = START, .top = START, .bottom = START + 0x100000 };
}

/* The letters of a mapping's pages through a lens. */
static const char *letters(enum lens lens, const struct scene *scene, uint64_t n)
{
	static char text[1024];
	struct view v = view_of(lens);
	uint64_t i;

	for (i = 0; i < n; i++) {
		struct look l = look_at(scene, &v, 0, i, 1);

		text[i] = l.counts.unread ? '-' : look_letter(&l);
		assert_int_equal(lens_counts_total(&l.counts), 1);
		assert_int_equal(look_cell(&l, scene, false).ch, text[i]);
	}
	text[n] = '\0';
	return text;
}

#define LRU  (FRAME_LRU | FRAME_UPTODATE)
#define ANON (LRU | FRAME_ANON | FRAME_SWAPBACKED)

static void frames_give_the_class(void **state)
{
	static const struct {
		uint64_t flags, mapcount;
		int node;
		char flag, sharing, place, size;
	} rows[] = {
		{ ANON, 1, 0, 'I', '1', '0', 'B' },
		{ ANON | FRAME_REFERENCED, 2, 1, 'R', '2', '1', 'B' },
		{ ANON | FRAME_ACTIVE | FRAME_REFERENCED, 3, 7, 'A', '3', '7', 'B' },
		{ ANON | FRAME_KSM | FRAME_ACTIVE, 15, 8, 'K', '3', '+', 'B' },
		{ LRU | FRAME_ANON | FRAME_ACTIVE, 16, -1, 'L', 'M', '?', 'B' },
		{ ANON | FRAME_UNEVICTABLE | FRAME_ACTIVE, 1, 0, 'U', '1', '0', 'B' },
		{ FRAME_MLOCKED, 1, 0, 'U', '1', '0', 'B' },
		{ LRU | FRAME_DIRTY | FRAME_ACTIVE, 4000, 0, 'D', 'M', '0', 'B' },
		{ LRU | FRAME_DIRTY | FRAME_WRITEBACK, 1, 0, 'W', '1', '0', 'B' },
		{ ANON | FRAME_LARGE, 1, 0, 'I', '1', '0', 'L' },
		{ FRAME_ZERO | FRAME_RESERVED, 0, 0, 'N', '0', '0', 'B' },
		/* Huge pages of hugetlbfs are anonymous and not swap-backed: not lazyfree. */
		{ FRAME_ANON | FRAME_UPTODATE | FRAME_HUGETLB, 1, 0, 'N', '1', '0', 'B' },
	};
	enum { N = sizeof(rows) / sizeof(*rows) };
	struct snapshot *s = one_mapping(START, "A12");
	struct scene scene = scene_of(s, LETTERS);
	struct frame f[N];
	uint64_t entry[N];
	struct pageset *set;
	int i;

	(void)state;
	for (i = 0; i < N; i++) {
		f[i] = frame(rows[i].flags, rows[i].mapcount, rows[i].node);
		entry[i] = ENTRY_PRESENT | (uint64_t)(i + 1);
	}
	set = frames_of(f, entry, N, NULL);
	scene.pages = set;
	scene.serial = 7;
	for (i = 0; i < N; i++) {
		assert_int_equal(letters(LENS_FLAGS, &scene, N)[i], rows[i].flag);
		assert_int_equal(letters(LENS_SHARING, &scene, N)[i], rows[i].sharing);
		assert_int_equal(letters(LENS_NODE, &scene, N)[i], rows[i].place);
		assert_int_equal(letters(LENS_SIZE, &scene, N)[i], rows[i].size);
	}
	pageset_unref(set);
	snapshot_unref(s);
}

/* What was not read is never a class; nor is what the entry says not to be there any more. */
static void what_is_not_read_is_not_counted(void **state)
{
	struct snapshot *s = one_mapping(START, "A4 .1 S1 #1 ?1 A3");
	struct scene scene = scene_of(s, LETTERS);
	struct frame f[8] = { frame(ANON, 1, 0), { .node = -1, .known = FRAME_HAS_CHANGED },
		{ .node = -1 }, frame(ANON, 2, 0) };
	uint64_t entry[8] = { ENTRY_PRESENT | 1, ENTRY_PRESENT | 2, 0, ENTRY_PRESENT | 3 };
	struct pageset *set = frames_of(f, entry, 8, NULL);
	struct view v = view_of(LENS_SHARING);
	struct look l;

	(void)state;
	assert_string_equal(letters(LENS_SHARING, &scene, 11), "----...?---");
	/* Page sizes are known as far as the scan tells. */
	assert_string_equal(letters(LENS_SIZE, &scene, 11), "TTTT...?TTT");
	scene.pages = set;
	scene.serial = 7;
	assert_string_equal(letters(LENS_SHARING, &scene, 11), "1?.2...?---");
	/* A cell counts all of its pages or says that it is not read. */
	l = look_at(&scene, &v, 0, 0, 11);
	assert_int_equal(l.counts.unread, 3);
	assert_int_equal(look_cell(&l, &scene, false).ch, '-');
	l = look_at(&scene, &v, 0, 0, 4);
	assert_int_equal(look_cell(&l, &scene, false).ch, '~');
	scene.utf8 = true;
	l = look_at(&scene, &v, 0, 8, 1);
	assert_int_equal(look_cell(&l, &scene, true).ch, 0xb7);
	assert_int_equal(look_cell(&l, &scene, true).bg, 0);
	scene.utf8 = false;
	/* An answer for another snapshot says nothing. */
	scene.serial = 8;
	assert_string_equal(letters(LENS_SHARING, &scene, 11), "----...?---");
	pageset_unref(set);
	snapshot_unref(s);
}

static void denied_is_said_and_unknown(void **state)
{
	static const int denied[FRAME_FILES] = { EACCES, EACCES, EACCES };
	struct snapshot_info info = info_for_tests();
	struct frame f[4] = { { .node = 0 }, { .node = 0 }, { .node = 0 }, { .node = 0 } };
	uint64_t entry[4] = { ENTRY_PRESENT | 1, ENTRY_PRESENT | 2, ENTRY_PRESENT | 3, 0 };
	struct pageset *set = frames_of(f, entry, 4, denied);
	struct snapshot *s = snapshot_of("200000 rw-p anon - A3 .1\n", &info);
	struct scene scene = scene_of(s, LETTERS);
	struct view v = view_of(LENS_SHARING);
	struct str why = { 0 };
	struct needs n = { 0 };

	(void)state;
	scene.pages = set;
	scene.serial = 7;
	assert_string_equal(letters(LENS_SHARING, &scene, 4), "???.");
	assert_true(lens_is_denied(LENS_SHARING, &scene, &why));
	assert_string_equal(str_text(&why), "/proc/kpagecount cannot be read (needs CAP_DAC_READ_SEARCH)");
	/* The node does not stand in these files. */
	assert_false(lens_is_denied(LENS_NODE, &scene, NULL));
	assert_string_equal(letters(LENS_SIZE, &scene, 4), "TTT.");
	/* Asking goes on for a few, to know that it is still so. */
	lens_needs(&n, &v, &scene);
	assert_int_equal(n.n, 0);
	assert_int_equal(n.kinds, NEED_FRAMES);
	snapshot_unref(s);

	info.known.pfn = false;
	s = snapshot_of("200000 rw-p anon - A3 .1\n", &info);
	scene.snapshot = s;
	scene.pages = NULL;
	str_clear(&why);
	assert_true(lens_is_denied(LENS_NODE, &scene, &why));
	assert_string_equal(str_text(&why), "PFNs are hidden (needs CAP_SYS_ADMIN)");
	assert_string_equal(letters(LENS_FLAGS, &scene, 4), "???.");
	n = (struct needs){ 0 };
	lens_needs(&n, &v, &scene);
	assert_int_equal(n.kinds, 0);
	str_free(&why);
	pageset_unref(set);
	snapshot_unref(s);
}

static void what_is_on_screen_is_needed(void **state)
{
	struct snapshot *s = one_mapping(START, "A200000");
	struct scene scene = scene_of(s, LETTERS);
	struct view v = view_of(LENS_FLAGS);
	struct needs n;

	(void)state;
	v.top = START + 100 * 4096;
	v.bottom = v.top + 65536 * 4096ull;
	n = view_needs(&v, &scene);
	assert_true(n.kinds & NEED_FRAMES);
	assert_int_equal(n.range[0].first, FIRST + 100);
	assert_int_equal(n.range[0].pages, 65536);
	assert_false(lens_is_too_far(&v, &scene));
	/* One more is too many: none of them is read then, and none is shown as if it were. */
	v.bottom += 4096;
	n = view_needs(&v, &scene);
	assert_true(lens_is_too_far(&v, &scene));
	assert_int_equal(n.n, 1);
	assert_true(n.range[0].pages < 2000);
	/* No more than the mapping has; and nothing where no frames are shown. */
	v.top = START + 199000 * 4096ull;
	v.bottom = v.top + 5000 * 4096ull;
	n = view_needs(&v, &scene);
	assert_int_equal(n.range[0].pages, 1000);
	v.lens = LENS_STATE;
	assert_false(view_needs(&v, &scene).kinds & NEED_FRAMES);
	v.lens = LENS_AGE;
	assert_false(view_needs(&v, &scene).kinds & NEED_FRAMES);
	snapshot_unref(s);
}

/* --- the others --- */

static void huge_pages_are_told_by_the_scan(void **state)
{
	struct snapshot *s = one_mapping(START, "A512h A4 .4 S2 ?2 F4 04");
	struct scene scene = scene_of(s, LETTERS);
	struct view v = view_of(LENS_SIZE);
	struct look l = look_at(&scene, &v, 0, 0, 512);

	(void)state;
	assert_int_equal(look_letter(&l), 'P');
	assert_string_equal(letters(LENS_SIZE, &scene, 530) + 510, "PPTTTT......??TTTTTT");
	l = look_roughly(&scene, &v, 0, 0, 516);
	assert_int_equal(l.counts.of[SIZE_PMD], 512);
	assert_int_equal(look_letter(&l), 'p');
	snapshot_unref(s);
	s = snapshot_of("200000 rw-p hugetlb /x A512h .512\n", NULL);
	scene = scene_of(s, LETTERS);
	l = look_at(&scene, &v, 0, 0, 1024);
	assert_int_equal(l.counts.of[SIZE_HUGETLB], 512);
	assert_int_equal(l.counts.of[SIZE_NONE], 512);
	snapshot_unref(s);
}

static void the_checkpoint_set_is_marked(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct vma_smaps plain = { .known = true }, droppable = { .known = true, .droppable = true };
	struct snapshot *s;
	struct scene scene;

	(void)state;
	info.kernel = "6.18.44";
	s = snapshot_of("200000 rw-p anon - A2 S1 01 .1 #1 ?1\n", &info);
	scene = scene_of(s, LETTERS);
	assert_string_equal(letters(LENS_CHECKPOINT, &scene, 7), "???N.N?");
	assert_true(lens_save(&scene, 0) == CHECKPOINT_UNKNOWN);
	scene.smaps = &plain;
	assert_string_equal(letters(LENS_CHECKPOINT, &scene, 7), "SSSN.N?");
	scene.smaps = &droppable;
	assert_string_equal(letters(LENS_CHECKPOINT, &scene, 7), "NNNN.NN");
	snapshot_unref(s);
	s = snapshot_of("200000 rw-s shmem /memfd:x F2 .1\n", &info);
	scene = scene_of(s, LETTERS);
	scene.smaps = &plain;
	assert_string_equal(letters(LENS_CHECKPOINT, &scene, 3), "OO.");
	snapshot_unref(s);
	/* Before there was MAP_DROPPABLE no smaps is needed. */
	info.kernel = "6.1.0-18-amd64";
	s = snapshot_of("200000 rw-p anon - A2 S1 .1\n", &info);
	scene = scene_of(s, LETTERS);
	assert_string_equal(letters(LENS_CHECKPOINT, &scene, 4), "SSS.");
	assert_int_equal(lens_save(&scene, 0), 3);
	snapshot_unref(s);
}

/* A single page that must be saved is marked in whatever cell it is in. */
static void one_page_to_save_is_not_hidden(void **state)
{
	struct snapshot *s = snapshot_of("200000 r--p file /x F511 A1\n", NULL);
	struct scene scene = scene_of(s, LETTERS);
	struct vma_smaps plain = { .known = true };
	struct view v = view_of(LENS_CHECKPOINT);
	struct look l;
	struct cell c;

	(void)state;
	scene.smaps = &plain;
	l = look_at(&scene, &v, 0, 0, 512);
	c = look_cell(&l, &scene, false);
	assert_int_equal(c.ch, 'n');
	assert_int_equal(c.bg, ink_of(ROLE_ANON, 0));
	scene.colour = false;
	assert_int_equal(look_cell(&l, &scene, false).ch, 's');
	snapshot_unref(s);
}

static void ages_are_shown(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *a, *b;
	struct scene scene;
	struct ages *ages;
	struct diff *d;

	(void)state;
	a = snapshot_of("200000 rw-p anon - A3 .3 ?2\n", &info);
	info.time.tv_sec += 5;
	b = snapshot_of("200000 rw-p anon - A2 .1 .2 A1 ?2\n", &info);
	ages = ages_new(a);
	d = diff_new(a, b);
	ages_update(ages, a, b, d);
	scene = scene_of(b, LETTERS);
	scene.ages = ages;
	assert_string_equal(letters(LENS_AGE, &scene, 8), "OON..N??");
	diff_free(d);
	d = diff_new(b, b);
	info.time.tv_sec += 5;
	ages_update(ages, b, b, d);
	assert_string_equal(letters(LENS_AGE, &scene, 8), "OOS..S??");
	ages_free(ages);
	diff_free(d);
	snapshot_unref(a);
	snapshot_unref(b);
}

/* --- turning, and words --- */

static void c_goes_round_through_what_there_is(void **state)
{
	struct snapshot *s = one_mapping(START, "A4");
	struct scene scene = scene_of(s, LETTERS);
	struct layout l = layout_make(80, 24);
	struct view v;
	int i;

	(void)state;
	view_init(&v, &scene);
	for (i = 1; i <= LENSES; i++) {
		view_key(&v, 'c', &scene, &l);
		assert_int_equal(v.lens, i % LENSES);
		assert_string_equal(v.message, "");
	}
	view_key(&v, 'C', &scene, &l);
	assert_int_equal(v.lens, LENSES - 1);
	/* In a file there are neither frames nor what smaps says, nor a time before. */
	scene.file = "x.pmv";
	v.lens = LENS_STATE;
	view_key(&v, 'c', &scene, &l);
	assert_int_equal(v.lens, LENS_SIZE);
	assert_string_equal(v.message, "not here: sharing (no page frames are kept)");
	view_key(&v, 'c', &scene, &l);
	assert_int_equal(v.lens, LENS_STATE);
	assert_string_equal(v.message, "not here: flags, node (no page frames are kept), "
		"checkpoint (kept with -s --checkpoint only), age (ages are told of a live process)");
	snapshot_unref(s);
}

static void smaps_is_asked_about(void **state)
{
	struct snapshot *s = one_mapping(START, "A4");
	struct scene scene = scene_of(s, LETTERS);
	struct layout l = layout_make(80, 24);
	struct vma_smaps known = { .known = true };
	struct view v;

	(void)state;
	view_init(&v, &scene);
	v.lens = LENS_NODE;
	scene.smaps_ns = SMAPS_SAY_NS;
	assert_int_equal(view_key(&v, 'c', &scene, &l), FOLLOW_SMAPS);
	v.lens = LENS_NODE;
	scene.smaps_ns = 12000000;
	assert_int_equal(view_key(&v, 'c', &scene, &l), 0);
	assert_non_null(strstr(v.ask, "12 ms"));
	/* Any key but y does not, and does nothing else either. */
	assert_int_equal(view_key(&v, 'q', &scene, &l), 0);
	assert_int_equal(v.asking, 0);
	assert_int_equal(v.lens, LENS_CHECKPOINT);
	v.lens = LENS_AGE;
	assert_int_equal(view_key(&v, 'C', &scene, &l), 0);
	assert_int_equal(view_key(&v, 'y', &scene, &l), FOLLOW_SMAPS);
	/* What is known already is not read again. */
	scene.smaps = &known;
	v.lens = LENS_NODE;
	assert_int_equal(view_key(&v, 'c', &scene, &l), 0);
	assert_int_equal(v.asking, 0);
	snapshot_unref(s);
}

/* A row of the screen. */
static const char *row(const struct view *v, const struct scene *s, int y)
{
	static char text[256];
	struct cells c = { .ascii = true };
	char *all, *line;
	int i;

	cells_resize(&c, 100, 24);
	screen_draw(&c, v, s);
	all = line = cells_to_text(&c);
	for (i = 0; i < y; i++)
		line = strchr(line, '\n') + 1;
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
	free(all);
	cells_free(&c);
	return text;
}

static void legends_tell_the_sums(void **state)
{
	struct snapshot *s = snapshot_of("200000 rw-p anon - A512h A100 .412\n"
					 "800000 r--p file /x F60 A10 S30\n", NULL);
	struct scene scene = scene_of(s, LETTERS);
	struct vma_smaps known[2] = { { .known = true }, { .known = true } };
	struct layout l = layout_make(100, 24);
	struct lens_sums sums;
	struct view v = view_of(LENS_SIZE);

	(void)state;
	scene.every = 1;
	view_settle(&v, &scene, &l);
	sums = lens_sum_up(&v, &scene);
	scene.sums = &sums;
	assert_string_equal(row(&v, &scene, 1),
		" page size: H hugetlb - P PMD 2.0M L large T small 680K B base . none 1.7M");
	assert_non_null(strstr(row(&v, &scene, l.grid_head.y), " huge 83%, 1 of 2 slots "));
	assert_non_null(strstr(row(&v, &scene, 22), "P PMD  slot 200000: mapped huge"));
	v.lens = LENS_CHECKPOINT;
	scene.smaps = known;
	sums = lens_sum_up(&v, &scene);
	assert_string_equal(row(&v, &scene, 1),
		" checkpoint: S save 2.5M of 2.7M: 8% less O shared - N not needed 240K . none 1.6M");
	assert_non_null(strstr(row(&v, &scene, 2), "  SAVE"));
	known[1].known = false;
	sums = lens_sum_up(&v, &scene);
	assert_non_null(strstr(row(&v, &scene, 1), "new mappings need smaps: C c asks"));
	assert_non_null(strstr(row(&v, &scene, 1), " S save 2.3M+ of 2.7M "));
	v.lens = LENS_SHARING;
	/* Nothing is read yet: no class is said to be empty. */
	assert_string_equal(row(&v, &scene, 1),
		" sharing on screen: 1 once 2 twice 3 3-15 M 16+ . not mapped 112K+");

	snapshot_unref(s);
}

static void the_help_tells_each_lens(void **state)
{
	struct snapshot *s = one_mapping(START, "A4");
	struct scene scene = scene_of(s, LETTERS);
	int l, i;

	(void)state;
	for (l = LENS_STATE + 1; l < LENSES; l++) {
		struct view v = { .lens = (enum lens)l, .screen = SCREEN_HELP,
			.help_tab = HELP_LEGEND };

		assert_non_null(strstr(row(&v, &scene, 2), lens_what((enum lens)l)));
		for (i = 0; i < (int)lens_classes((enum lens)l); i++) {
			const struct lens_class *k = lens_class((enum lens)l, (unsigned)i);
			const char *line = row(&v, &scene, 3 + i);

			assert_int_equal(line[2], k->letter);
			assert_int_equal(line[4], k->mixed);
			assert_non_null(strstr(line, k->meaning));
			assert_true(strlen(line) <= 80);
		}
	}
	snapshot_unref(s);
}

/* Every lens on every size of screen. */
static void any_size_will_do(void **state)
{
	struct snapshot *s = snapshot_of("200000 rw-p anon - A512h A100 .412 S3 ?1\n"
					 "800000 r--p file /x F60 A10 S30\n", NULL);
	struct cells c = { 0 };
	int w, h, lens, mode;

	(void)state;
	for (lens = 0; lens < LENSES; lens++) {
		for (w = 1; w <= 200; w += w < 90 ? 1 : 11) {
			for (h = 1; h <= 80; h += h < 26 ? 1 : 9) {
				for (mode = 0; mode < MODES; mode += 2) {
					struct scene scene = scene_of(s, mode);
					struct view v = { .lens = (enum lens)lens, .cursor = START };
					struct layout l = layout_make(w, h);

					v.glyphs = mode == BLOCKS ? GLYPHS_BLOCKS : GLYPHS_LETTERS;
					cells_resize(&c, w, h);
					view_settle(&v, &scene, &l);
					screen_draw(&c, &v, &scene);
				}
			}
		}
	}
	cells_free(&c);
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_tell_classes_apart),
		cmocka_unit_test(colours_tell_classes_apart),
		cmocka_unit_test(frames_give_the_class),
		cmocka_unit_test(what_is_not_read_is_not_counted),
		cmocka_unit_test(denied_is_said_and_unknown),
		cmocka_unit_test(what_is_on_screen_is_needed),
		cmocka_unit_test(huge_pages_are_told_by_the_scan),
		cmocka_unit_test(the_checkpoint_set_is_marked),
		cmocka_unit_test(one_page_to_save_is_not_hidden),
		cmocka_unit_test(ages_are_shown),
		cmocka_unit_test(c_goes_round_through_what_there_is),
		cmocka_unit_test(smaps_is_asked_about),
		cmocka_unit_test(legends_tell_the_sums),
		cmocka_unit_test(the_help_tells_each_lens),
		cmocka_unit_test(any_size_will_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
