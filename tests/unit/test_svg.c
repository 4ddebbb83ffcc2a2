/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures: XML whatever names there are, every page in one place, never too large. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "golden.h"
#include "helpers.h"
#include "output/svg.h"
#include "output/svg_look.h"
#include "tui/picture.h"
#include "view/look.h"
#include "view/theme.h"

static char *picture(const struct snapshot *s, const char *range, bool ascii)
{
	struct svg_style style;
	struct query_range r;
	struct svg_options o = { .range = range ? &r : NULL, .style = &style, .ascii = ascii };
	struct err e;
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(picture_style(&style, NULL, &e), 0);
	if (range)
		assert_int_equal(query_parse_range(range, &r, &e), 0);
	svg_print(f, s, &o);
	fclose(f);
	assert_int_equal(strlen(text), len);
	return text;
}

/* --- XML ------------------------------------------------------------------------------------- */

/* Text up to `end`: characters that XML 1.0 knows, and entities that all readers know. */
static const char *check_text(const char *at, char end)
{
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;" };
	size_t i;

	while (*at && *at != end) {
		uint32_t c;
		size_t len = utf8_decode(at, strnlen(at, 4), &c);

		if (c == UTF8_BAD || (c < 0x20 && c != '\n'))
			fail_msg("not a character of XML: %u", c);
		if (c == 0xfffe || c == 0xffff || c == '<')
			fail_msg("U+%04X in XML", c);
		if (c == '&') {
			for (i = 0; i < 4 && strncmp(at, entities[i], strlen(entities[i])); i++)
				;
			if (i == 4)
				fail_msg("not an entity: %.10s", at);
		}
		if (c == ']' && !strncmp(at, "]]>", 3))
			fail_msg("%s", "]]> in text");
		at += len;
	}
	return at;
}

/* Elements within each other, attributes in quotes. */
static void check_xml(const char *text)
{
	char open[16][16];
	int depth = 0, roots = 0;
	const char *at = strstr(text, "?>");

	assert_true(at && !strncmp(text, "<?xml ", 6));
	for (at += 2; *(at = check_text(at, '<'));) {
		char name[16];
		bool close = at[1] == '/';
		int n = 0;

		at += 1 + close;
		assert_int_equal(sscanf(at, "%15[a-z]%n", name, &n), 1);
		at += n;
		if (close) {
			assert_true(depth > 0 && *at == '>');
			assert_string_equal(name, open[--depth]);
			at++;
			continue;
		}
		while (*at == ' ') {
			/* Nothing from elsewhere. */
			assert_true(strncmp(at, " href", 5) && strncmp(at, " xlink", 6) &&
				strncmp(at, " src", 4) && strncmp(at, " on", 3));
			at += 1 + strcspn(at + 1, "= >");
			assert_int_equal(at[0], '=');
			assert_int_equal(at[1], '"');
			at = check_text(at + 2, '"');
			assert_int_equal(*at++, '"');
		}
		roots += !depth;
		if (!strncmp(at, "/>", 2)) {
			at += 2;
			continue;
		}
		assert_int_equal(*at++, '>');
		assert_true(depth < 16);
		strcpy(open[depth++], name);
	}
	assert_int_equal(depth, 0);
	assert_int_equal(roots, 1);
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "@import"));
}

/* --- what it says ---------------------------------------------------------------------------- */

static enum page_state state_called(const char *name, size_t n)
{
	int i;

	for (i = 0; i < PAGE_STATES; i++)
		if (strlen(page_state_name((enum page_state)i)) == n &&
			!strncmp(page_state_name((enum page_state)i), name, n))
			return (enum page_state)i;
	fail_msg("no state: %.20s", name);
	return PAGE_STATES;
}

/* "anon 2 pages (8.0K), none 1 page (4.0K), huge": added to *c. */
static void add_title(const char *at, const char *end, struct page_counts *c)
{
	while (at < end) {
		size_t n = strcspn(at, " <");
		char *rest;
		uint64_t pages;

		if (n == 4 && !strncmp(at, "huge", 4))
			return;
		if (*at >= '0' && *at <= '9')
			return; /* "512 of them huge" */
		pages = strtoull(at + n, &rest, 10);
		assert_true(pages > 0);
		c->state[state_called(at, n)] += pages;
		at = rest + strcspn(rest, ")") + 1;
		at += !strncmp(at, ", ", 2) ? 2 : 0;
	}
}

/* The line of text at `at`, because sscanf(3) measures all that follows. Static buffer. */
static const char *line_of(const char *at)
{
	static char line[8192];

	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	return line;
}

/* Every page of a band is in one rectangle, no cell is painted twice, and the rectangles follow each
 * other in addresses. Returns what they count, and in *end where the band ends. */
static struct page_counts check_band(const char *at, const char *stop, uint64_t *begin, uint64_t *end)
{
	static unsigned char cell[4000][64];
	struct page_counts sum = { 0 };
	unsigned rows = 0, i, k;
	uint64_t next = 0;

	memset(cell, 0, sizeof(cell));
	assert_int_equal(sscanf(line_of(strstr(at, "<title>")), "<title>%" SCNx64 "-%" SCNx64, begin, end), 2);
	for (at = strstr(at, "<rect "); at && at < stop; at = strstr(at + 1, "<rect ")) {
		unsigned x, y, w, h;
		uint64_t from, to;
		const char *line = line_of(at), *title = strstr(line, "<title>");

		assert_non_null(title);
		assert_int_equal(sscanf(strstr(line, " x="), " x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"",
			&x, &y, &w, &h), 4);
		assert_int_equal(x % 10 + y % 12 + w % 10 + h % 12, 0);
		assert_true(w > 0 && h > 0 && (x + w) / 10 <= 64 && (y + h) / 12 <= 4000);
		for (i = y / 12; i < (y + h) / 12; i++)
			for (k = x / 10; k < (x + w) / 10; k++)
				if (cell[i][k]++)
					fail_msg("row %u, cell %u is painted twice", i, k);
		assert_int_equal(sscanf(title, "<title>%" SCNx64 "-%" SCNx64, &from, &to), 2);
		assert_true(from < to);
		assert_true(!next ? from == *begin : from >= next);
		next = to;
		rows = (y + h) / 12;
		add_title(strstr(title, ": ") + 2, strstr(title, "</title>"), &sum);
	}
	assert_int_equal(next, *end);
	/* No row but the first and the last may have room left. */
	for (i = 1; i + 1 < rows; i++)
		for (k = 0; k < 64; k++)
			if (!cell[i][k])
				fail_msg("row %u, cell %u is not painted", i, k);
	return sum;
}

/* All bands together count what the snapshot does. Returns how many there are. */
static size_t check_sums(const char *text, const struct snapshot *s)
{
	struct page_counts all = { 0 };
	const char *at = strstr(text, "<g class=\"b\""), *next;
	size_t bands = 0, i;

	for (; at; at = next, bands++) {
		uint64_t begin, end;
		struct page_counts sum;

		next = strstr(at + 1, "<g class=\"b\"");
		sum = check_band(at, next ? next : text + strlen(text), &begin, &end);
		page_counts_add(&all, &sum);
		i = snapshot_find(s, begin);
		if (snapshot_vma(s, i)->end == end) {
			struct page_counts one = vma_counts(snapshot_vma(s, i));

			assert_int_equal(snapshot_vma(s, i)->start, begin);
			assert_memory_equal(one.state, sum.state, sizeof(sum.state));
		}
	}
	assert_memory_equal(all.state, snapshot_totals(s)->state, sizeof(all.state));
	return bands;
}

static size_t check_picture(const struct snapshot *s)
{
	char *text = picture(s, NULL, false);
	size_t bands;

	assert_true(strlen(text) <= SVG_MOST);
	check_xml(text);
	bands = check_sums(text, s);
	free(text);
	return bands;
}

/* --- tests ----------------------------------------------------------------------------------- */

#define SMALL                                                          \
	"400000 r-xp file /usr/bin/cat F3 .2 A1\n"                     \
	"600000 rw-p heap [heap] A4 .1 S2 A512h 01 #2 m3 !4 ?5\n"      \
	"7f0000000000 rw-s shmem /memfd:x F1 .4095\n"                  \
	"7f0001000000 rw-p anon - .16777216\n"                         \
	"7fff00000000 rw-p stack [stack] .30 A2\n"                     \
	"ffffffffff600000 --xp special [vsyscall] ?1\n"

static void every_page_has_its_place(void **state)
{
	struct snapshot *s = snapshot_of(SMALL, NULL);
	char *text = picture(s, NULL, false), *again;

	(void)state;
	assert_int_equal(check_picture(s), 6);
	/* The same makes the same. */
	again = picture(s, NULL, false);
	assert_string_equal(text, again);
	free(again);
	compare("picture.svg", text); /* somebody has looked at it in a browser */
	/* Runs, in the words that people read. */
	assert_non_null(strstr(text, "<title>400000-403000: file 3 pages (12K)</title>"));
	assert_non_null(strstr(text, "<title>605000-607000: swap 2 pages (8.0K)</title>"));
	assert_non_null(strstr(text, "<title>7f0001000000-7f1001000000: none 16777216 pages (64G)"));
	assert_non_null(strstr(text, ">64G absent (262,144 rows)<"));
	assert_non_null(strstr(text, "6 of 6 mappings"));
	assert_non_null(strstr(text, "role=\"img\""));
	assert_non_null(strstr(text, "test[4242] on host, Linux 6.18.0, 2026-"));
	free(text);
	snapshot_unref(s);
}

static void a_range_is_a_part(void **state)
{
	struct snapshot *s = snapshot_of(SMALL, NULL);
	char *text = picture(s, "601000-603000", false);
	const char *rect = strstr(text, "<rect ");

	(void)state;
	check_xml(text);
	assert_non_null(strstr(rect, "<title>601000-603000: anon 2 pages (8.0K)</title>"));
	assert_null(strstr(rect + 1, "<rect "));
	assert_non_null(strstr(text, "1 of 6 mappings"));
	assert_non_null(strstr(text, "a part of 600000-81"));
	free(text);
	text = picture(s, "[stack]", false);
	assert_non_null(strstr(text, "1 of 6 mappings"));
	assert_non_null(strstr(text, "<title>7fff0001e000-7fff00020000: anon 2 pages (8.0K)</title>"));
	free(text);
	snapshot_unref(s);
}

static struct snapshot *named(const char *const name[], size_t n, const struct snapshot_info *info)
{
	struct snapshot_builder *b = snapshot_builder_new(info);
	size_t i;

	for (i = 0; i < n; i++) {
		struct vma v = { .start = (i + 1) << 20, .end = ((i + 1) << 20) + 4096, .name = name[i],
			.perms = VMA_READ, .kind = VMA_FILE, .page_size = 4096, .inode = 7 };

		snapshot_builder_add(b, &v, runs_of(i % 2 ? "A1" : "F1"));
	}
	return snapshot_builder_finish(b);
}

static void hostile_names_are_text(void **state)
{
	static char all[300], long_one[4096];
	static const char *const name[] = { "]]>", "<script>alert(1)</script>", "&amp;&#0;&bogus;",
		"\"/><a href='x'>", "\xef\xbf\xbe\xef\xbf\xbf", "\xed\xa0\x80", "\xff\xc0\xaf",
		"\xe2\x80\xae" "abc", "a\nb\tc\x1b[31m\x7f", "\xc2\x85\xe2\x80\xa8", "-->", "<!--",
		"<![CDATA[", "%s%n", "\xf0\x9f\x98\x80", all, long_one };
	struct snapshot_info info = info_for_tests();
	struct snapshot *s;
	size_t i;
	int ascii;

	(void)state;
	for (i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	for (i = 0; i < sizeof(long_one) - 1; i++)
		long_one[i] = "<&>"[i % 3];
	info.comm = "]]><&\x01\xff\"";
	info.host = "<h&\x02>";
	info.kernel = "6.18<&\xef\xbf\xbf>";
	s = named(name, sizeof(name) / sizeof(*name), &info);
	check_picture(s);
	for (ascii = 0; ascii < 2; ascii++) {
		char *text = picture(s, NULL, ascii), *c;

		check_xml(text);
		for (c = text; ascii && *c; c++)
			assert_true((unsigned char)*c < 0x7f);
		free(text);
	}
	snapshot_unref(s);
}

/* Pages whose states are these letters, again and again, and then once those of `last`. */
static struct snapshot *one_mapping(const char *unit, int times, const char *last)
{
	struct runs_builder b = { 0 };
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *sb = snapshot_builder_new(&info);
	struct vma v = { .start = 0x7f0000000000, .name = "", .perms = 3, .page_size = 4096 };
	int i;

	for (i = 0; i <= times; i++) {
		const char *c;

		for (c = i < times ? unit : last; *c; c++)
			runs_builder_add(&b, 1, page_state_of_letter(*c), false);
	}
	v.end = v.start + b.pages * 4096;
	snapshot_builder_add(sb, &v, runs_builder_finish(&b));
	runs_builder_free(&b);
	return snapshot_builder_finish(sb);
}

/* Cells of 16 pages: 12 anon and 4 none; in the last one, one is in swap. */
static void cells_of_many_pages_count_all(void **state)
{
	struct snapshot *s = one_mapping("AAA.", 65535, "AAS.");
	char *svg, fill[64];
	unsigned class;

	(void)state;
	check_picture(s);
	svg = picture(s, NULL, false);
	assert_non_null(strstr(svg, "rss 767M, swap 4.0K, 1 cell = 16 pages (64K)"));
	assert_non_null(strstr(svg, "<title>7f003fff0000-7f0040000000: "
		"anon 11 pages (44K), swap 1 page (4.0K), none 4 pages (16K)</title>"));
	/* By its share: three quarters here, a half below. What is rare leaves a mark in its own colour. */
	assert_int_equal(sscanf(strstr(svg, "<rect"), "<rect class=\"c%u\"", &class), 1);
	snprintf(fill, sizeof(fill), ".c%u{fill:#%06x}", class, (unsigned)theme_rgb(178));
	assert_non_null(strstr(svg, fill));
	snprintf(fill, sizeof(fill), "<path d=\"M0 11L9 3v8z\" fill=\"#%06x\"/>", (unsigned)theme_rgb(160));
	assert_non_null(strstr(svg, fill));
	free(svg);
	snapshot_unref(s);
	s = one_mapping("A.", 131072, "");
	svg = picture(s, NULL, false);
	assert_int_equal(sscanf(strstr(svg, "<rect"), "<rect class=\"c%u\"", &class), 1);
	snprintf(fill, sizeof(fill), ".c%u{fill:#%06x}", class, (unsigned)theme_rgb(136));
	assert_non_null(strstr(svg, fill));
	free(svg);
	snapshot_unref(s);
}

/* --- how large ------------------------------------------------------------------------------- */

/* Each page another state by chance, or each few. */
static struct snapshot *confetti(uint64_t pages, uint64_t longest, size_t vmas)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *sb = snapshot_builder_new(&info);
	size_t i;

	random_seed(7);
	for (i = 0; i < vmas; i++) {
		struct runs_builder b = { 0 };
		struct vma v = { .start = 0x10000000 + (i << 34), .name = "<confetti & co.>", .perms = 3,
			.page_size = 4096 };

		while (b.pages < pages)
			runs_builder_add(&b, 1 + random_below(longest),
				(enum page_state)random_below(PAGE_STATES), random_below(2));
		v.end = v.start + b.pages * 4096;
		snapshot_builder_add(sb, &v, runs_builder_finish(&b));
		runs_builder_free(&b);
	}
	return snapshot_builder_finish(sb);
}

static struct snapshot *many_mappings(size_t n, size_t name_len)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *sb = snapshot_builder_new(&info);
	char *name = calloc(1, name_len + 1);
	size_t i;

	memset(name, '&', name_len);
	for (i = 0; i < n; i++) {
		struct vma v = { .start = 0x7f0000000000 + (i << 15), .name = name, .perms = 3,
			.page_size = 4096, .kind = VMA_FILE, .inode = 3 };

		v.end = v.start + 4 * 4096;
		snapshot_builder_add(sb, &v, runs_of(i % 2 ? "A1 .1 S1 01" : "F2 #1 .1"));
	}
	free(name);
	return snapshot_builder_finish(sb);
}

static void none_is_too_large(void **state)
{
	struct snapshot *s[] = {
		one_mapping("A.", 262144, ""), /* 2 GiB, every second page */
		one_mapping("A.AASF0#..S?", 43690, "F"),
		confetti(524288, 1, 1),
		confetti(524288, 200, 1),
		confetti(65536, 3, 40),
		confetti(300, 2, 3000),
		many_mappings(60000, 4000),
		many_mappings(1999, 250),
		snapshot_of("100000000000 rw-p anon - A1 .4294967296 A1 .64 S1\n", NULL),
		snapshot_of("100000000000 rw-p anon - .4294967296\n", NULL),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(s) / sizeof(*s); i++) {
		check_picture(s[i]);
		snapshot_unref(s[i]);
	}
}

/* --- colours --------------------------------------------------------------------------------- */

static void colours_are_the_theme_s(void **state)
{
	static const char *const themes[] = { "dark", "light", "okabe-ito" };
	struct snapshot *s = snapshot_of("400000 rw-p anon - A2\n800000 rw-s shmem /x F2", NULL);
	size_t i;

	(void)state;
	assert_int_equal(theme_rgb(16), 0x000000);
	assert_int_equal(theme_rgb(231), 0xffffff);
	assert_int_equal(theme_rgb(214), 0xffaf00);
	assert_int_equal(theme_rgb(67), 0x5f87af);
	assert_int_equal(theme_rgb(232), 0x080808);
	assert_int_equal(theme_rgb(255), 0xeeeeee);
	assert_int_equal(theme_rgb(1), 0xcd0000);
	for (i = 0; i < 3; i++) {
		struct svg_style style;
		struct svg_options o = { .style = &style };
		struct theme theme;
		char *text, fill[32];
		unsigned class;
		size_t len;
		struct err e;
		FILE *f = open_memstream(&text, &len);

		assert_int_equal(picture_style(&style, themes[i], &e), 0);
		assert_int_equal(theme_builtin(&theme, themes[i], &e), 0);
		assert_int_equal(style.state[PAGE_SWAP][1], theme_rgb(theme.colour[ROLE_SWAP][1]));
		svg_print(f, s, &o);
		fclose(f);
		/* The first rectangle's class has the colour of anon, the second's that of shared memory. */
		assert_int_equal(sscanf(strstr(text, "<rect"), "<rect class=\"c%u\"", &class), 1);
		snprintf(fill, sizeof(fill), ".c%u{fill:#%06x}", class,
			(unsigned)theme_rgb(theme.colour[ROLE_ANON][0]));
		assert_non_null(strstr(text, fill));
		assert_int_equal(sscanf(strstr(strstr(text, "<rect") + 1, "<rect"),
			"<rect class=\"c%u\"", &class), 1);
		snprintf(fill, sizeof(fill), ".c%u{fill:#%06x}", class,
			(unsigned)theme_rgb(theme.colour[ROLE_SHMEM][0]));
		assert_non_null(strstr(text, fill));
		free(text);
	}
	snapshot_unref(s);
}

/* A cell of a picture looks as one of the screen with the same pages: colour, share, rare state. */
static void cells_look_as_on_the_screen(void **state)
{
	struct snapshot *s = confetti(4096, 40, 1);
	struct scene scene = { .snapshot = s, .colour = true, .shades = true, .utf8 = true };
	const struct vma *vma = snapshot_vma(s, 0);
	struct view v = { 0 };
	int i, plain = 0;

	(void)state;
	for (i = 0; i < 20000; i++) {
		uint64_t first = random_below(4096), pages = 1 + random_below(1 + random_below(64));
		struct page_counts c;
		struct svg_look l;
		struct look k;
		unsigned role;

		pages = pages < 4096 - first ? pages : 4096 - first;
		c = runs_count(vma->runs, first, pages);
		l = svg_look_of(&c, false);
		k = look_at(&scene, &v, 0, first, pages);
		assert_int_equal(l.huge, k.huge);
		if (k.rare != LENS_CLASSES) {
			assert_int_equal(svg_marks[l.mark], k.rare);
			continue;
		}
		assert_int_equal(l.mark, SVG_MARKS);
		role = ROLE_NONE + l.state;
		assert_int_equal(ink_of((enum role)role, l.share), look_cell(&k, &scene, true).bg);
		plain++;
	}
	assert_true(plain > 1000);
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_page_has_its_place),
		cmocka_unit_test(a_range_is_a_part),
		cmocka_unit_test(hostile_names_are_text),
		cmocka_unit_test(cells_of_many_pages_count_all),
		cmocka_unit_test(none_is_too_large),
		cmocka_unit_test(colours_are_the_theme_s),
		cmocka_unit_test(cells_look_as_on_the_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
