/* SPDX-License-Identifier: GPL-2.0-or-later */
/* .pmv files that were made up: what cannot be is refused, and none takes much memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <zstd.h>

#include "base/mem.h"
#include "base/str.h"
#include "helpers.h"
#include "source/store.h"
#include "store_help.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define HEADER \
	"{\"type\":\"header\",\"format\":\"pmview-snapshot\",\"version\":1," \
	"\"process\":{\"pid\":1,\"start_time\":5,\"comm\":\"c\",\"cmdline\":[\"c\"]}," \
	"\"time\":\"2026-11-22T22:10:00.123Z\"," \
	"\"kernel\":\"6.18.0\",\"page_size\":4096,\"engine\":\"scan\",\"known\":{\"pfn\":true," \
	"\"zero\":true,\"guard\":true,\"huge\":true,\"swap_kind\":true,\"exclusive\":true," \
	"\"soft_dirty\":false}}\n"
#define VMA(start, end) \
	"{\"type\":\"vma\",\"start\":\"" start "\",\"end\":\"" end \
	"\",\"perms\":\"rw-p\",\"offset\":0," \
	"\"dev\":\"00:00\",\"inode\":0,\"kind\":\"anon\",\"deleted\":false,\"name\":\"\"," \
	"\"page_size\":4096}\n"
#define TEN VMA("0x10000", "0x1a000")
#define RUNS(vma, first, runs) \
	"{\"type\":\"runs\",\"vma\":" vma ",\"first\":" first ",\"runs\":" runs "}\n"
#define END(vmas) "{\"type\":\"end\",\"vmas\":" vmas ",\"runs\":1,\"complete\":true}\n"

/* The snapshot in a file of one frame, or NULL with e set. */
static struct snapshot *read_text(const char *text, size_t n, struct err *e)
{
	char *path = mem_strdup(scratch("made.pmv"));
	struct str file = { 0 };
	struct snapshot *s;

	add_frame(&file, text, n, true);
	put(path, file.s, file.len);
	s = store_read_last(path, e);
	str_free(&file);
	free(path);
	return s;
}

static void impossible_files_are_refused(void **state)
{
	static const char *const bad[] = {
		"x\n",
		"\n",
		"[]\n",
		"{}\n",
		"null\n",
		"{\"type\":1}\n",
		"{\"type\":\"header\"}\n",
		"{\n",
		TEN,
		END("0"),
		HEADER "{\"type\":\"vma\"}\n",
		HEADER "{\"type\":\"vma\"\n",
		HEADER "\n",
		HEADER TEN TEN, /* the same place twice */
		HEADER VMA("0x10000", "0x1a000") VMA("0x19000", "0x20000"), /* overlapping */
		HEADER VMA("0x10000", "0x1a000") VMA("0x1000", "0x2000"),   /* not in order */
		HEADER VMA("0x10000", "0x10000"),
		HEADER VMA("0x10000", "0x9000"),
		HEADER VMA("0x10001", "0x20000"),
		HEADER VMA("0x10000", "0x20800"),
		HEADER VMA("0x10000", "0x10000000000000000"),
		HEADER VMA("65536", "131072"),
		HEADER RUNS("0", "0", "\"A1\""),
		HEADER TEN RUNS("1", "0", "\"A1\""),
		HEADER TEN RUNS("-1", "0", "\"A1\""),
		HEADER TEN RUNS("\"0\"", "0", "\"A1\""),
		HEADER TEN RUNS("0.5", "0", "\"A1\""),
		HEADER TEN RUNS("18446744073709551616", "0", "\"A1\""),
		HEADER TEN RUNS("0", "-1", "\"A1\""),
		HEADER TEN RUNS("0", "11", "\"A1\""),
		HEADER TEN RUNS("0", "10", "\"A1\""),
		HEADER TEN RUNS("0", "null", "\"A1\""),
		HEADER TEN RUNS("0", "0", "[\"A1\"]"),
		HEADER TEN RUNS("0", "0", "5"),
		HEADER TEN RUNS("0", "0", "\"A11\""),
		HEADER TEN RUNS("0", "0", "\"A5 .6\""),
		HEADER TEN RUNS("0", "0", "\"A0\""),
		HEADER TEN RUNS("0", "0", "\"A\""),
		HEADER TEN RUNS("0", "0", "\"A-1\""),
		HEADER TEN RUNS("0", "0", "\"A+1\""),
		HEADER TEN RUNS("0", "0", "\"A 1\""),
		HEADER TEN RUNS("0", "0", "\"10\""),
		HEADER TEN RUNS("0", "0", "\"Z1\""),
		HEADER TEN RUNS("0", "0", "\"A1x\""),
		HEADER TEN RUNS("0", "0", "\"A1,A1\""),
		HEADER TEN RUNS("0", "0", "\"A1hh\""),
		HEADER TEN RUNS("0", "0", "\" A1\""),
		HEADER TEN RUNS("0", "0", "\"A1  A1\""),
		HEADER TEN RUNS("0", "0", "\"A1.1\""),
		HEADER TEN RUNS("0", "0", "\"A0x5\""),
		HEADER TEN RUNS("0", "0", "\"A18446744073709551616\""),
		HEADER TEN RUNS("0", "0", "\"A18446744073709551615\""),
		HEADER TEN RUNS("0", "0", "\"A1 A18446744073709551615\""),
		HEADER TEN RUNS("0", "0", "\"A5\"") RUNS("0", "4", "\"A5\""), /* back */
		HEADER TEN RUNS("0", "0", "\"A10\"") RUNS("0", "0", "\"A10\""),
		HEADER TEN RUNS("0", "0", "\"A1\\u0000\""),
		HEADER "{\"type\":\"vma\",\"type\"", /* no newline */
		HEADER END("0") "x",
		HEADER END("\"0\""),
		HEADER END("-1"),
		HEADER "{\"type\":\"end\",\"vmas\":0}\n",
	};
	struct snapshot *s;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(bad); i++) {
		e.text[0] = '\0';
		s = read_text(bad[i], strlen(bad[i]), &e);
		if (s)
			fail_msg("taken: %s", bad[i]);
		assert_true(strlen(e.text) > 10);
	}
}

/* HEADER with one piece exchanged. */
static struct snapshot *read_with_header(const char *from, const char *to, struct err *e)
{
	struct str text = { 0 };
	const char *at = strstr(HEADER, from);
	struct snapshot *s;

	assert_non_null(at);
	str_addn(&text, HEADER, (size_t)(at - HEADER));
	str_add(&text, to);
	str_add(&text, at + strlen(from));
	str_add(&text, END("0"));
	s = read_text(text.s, text.len, e);
	str_free(&text);
	return s;
}

static void headers_are_checked(void **state)
{
	static const struct {
		const char *from, *to;
	} bad[] = {
		{ "pmview-snapshot", "pmview-list" },
		{ "\"version\":1", "\"version\":2" },
		{ "\"version\":1", "\"version\":\"1\"" },
		{ "\"version\":1", "\"version\":0" },
		{ "\"version\":1,", "" },
		{ "\"pid\":1", "\"pid\":-1" },
		{ "\"pid\":1", "\"pid\":2147483648" },
		{ "\"pid\":1", "\"pid\":1.5" },
		{ "\"pid\":1,", "" },
		{ "\"page_size\":4096", "\"page_size\":0" },
		{ "\"page_size\":4096", "\"page_size\":4095" },
		{ "\"page_size\":4096", "\"page_size\":256" },
		{ "\"page_size\":4096", "\"page_size\":2097152" },
		{ "\"page_size\":4096", "\"page_size\":-4096" },
		{ "2026-11-22T22:10:00.123Z", "yesterday" },
		{ "\"time\":", "\"tide\":" },
		{ "\"engine\":\"scan\"", "\"engine\":1" },
		{ "\"zero\":true,", "" },
		{ "\"zero\":true", "\"zero\":1" },
		{ "\"known\":", "\"unknown\":" },
		{ "\"process\":", "\"progress\":" },
	};
	static const struct {
		const char *from, *to;
	} fine[] = {
		{ "\"version\":1", "\"version\":1,\"new\":[{\"a\":null}]" },
		{ "\"cmdline\":[\"c\"]", "\"x\":1" },
		{ "\"cmdline\":[\"c\"]", "\"cmdline\":[1,null,\"\"]" },
		{ "\"start_time\":5", "\"start_time\":-5" },
		{ "\"comm\":\"c\"", "\"comm\":7" },
		{ "\"kernel\":\"6.18.0\"", "\"kernel\":null" },
		{ "\"engine\":\"scan\"", "\"engine\":\"novel\"" },
		{ "\"page_size\":4096",
			"\"page_size\":4096,\"pmd_size\":4097,\"max_map_count\":-1" },
	};
	struct snapshot *s;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(bad); i++) {
		s = read_with_header(bad[i].from, bad[i].to, &e);
		if (s)
			fail_msg("taken: %s", bad[i].to);
	}
	s = read_with_header("\"version\":1", "\"version\":2", &e);
	assert_null(s);
	assert_non_null(strstr(e.text, "version"));
	for (i = 0; i < LENGTH(fine); i++) {
		s = read_with_header(fine[i].from, fine[i].to, &e);
		if (!s)
			fail_msg("%s: %s", fine[i].to, e.text);
		assert_true(snapshot_info(s)->complete);
		assert_int_equal(snapshot_info(s)->pmd_size, 0); /* 4097 cannot be */
		snapshot_unref(s);
	}
}

static void check_read(const char *text, const char *runs, bool complete)
{
	struct err e;
	struct snapshot *s = read_text(text, strlen(text), &e);
	char *got;

	if (!s)
		fail_msg("%s: %s", e.text, text);
	assert_int_equal(snapshot_vmas(s), 1);
	got = runs_text(snapshot_vma(s, 0)->runs);
	assert_string_equal(got, runs);
	assert_int_equal(runs_pages(snapshot_vma(s, 0)->runs), 10);
	if (snapshot_info(s)->complete != complete)
		fail_msg("%s complete: %s", complete ? "not" : "called", text);
	free(got);
	snapshot_unref(s);
}

static void lines_of_the_future_are_skipped(void **state)
{
	(void)state;
	check_read(HEADER TEN RUNS("0", "0", "\"A10\"") END("1"), "A10", true);
	check_read(HEADER
		"{\"type\":\"entries\",\"x\":[1,2]}\n" TEN "{\"type\":\"\"}\n"
		"{\"vma\":0,\"type\":\"runs\",\"first\":0,\"new\":{},\"runs\":\"A9 .1 \"}\n"
		"{\"type\":\"pageframes\"}\n" END("1"),
		"A9 .1", true);
	/* Several lines for one mapping; an empty one says nothing. */
	check_read(HEADER TEN RUNS("0", "0", "\"A5\"") RUNS("0", "5", "\"\"")
			   RUNS("0", "5", "\"A2 .3\"") END("1"),
		"A7 .3", true);
}

static void what_is_missing_is_unknown(void **state)
{
	(void)state;
	check_read(HEADER TEN END("1"), "?10", false);
	check_read(HEADER TEN RUNS("0", "0", "\"A4\"") END("1"), "A4 ?6", false);
	check_read(HEADER TEN RUNS("0", "0", "\"A10\""), "A10", false);
	check_read(HEADER TEN RUNS("0", "0", "\"A10\"") END("2"), "A10", false);
	check_read(HEADER TEN RUNS("0", "0",
			   "\"A10\"") "{\"type\":\"end\",\"vmas\":1,\"complete\":false}\n",
		"A10", false);
}

static void a_gap_in_the_middle_is_missing_too(void **state)
{
	(void)state;
	check_read(HEADER TEN RUNS("0", "0", "\"A4\"") RUNS("0", "6", "\"A4\"") END("1"),
		"A4 ?2 A4", false);
	check_read(HEADER TEN RUNS("0", "9", "\"A1\"") END("1"), "?9 A1", false);
}

static void empty_frames_are_nothing(void **state)
{
	char *path = mem_strdup(scratch("empty.pmv"));
	struct str file = { 0 };
	struct snapshot *s;
	struct err e;

	(void)state;
	put(path, "", 0);
	assert_null(store_read_last(path, &e));
	add_frame(&file, "", 0, true);
	put(path, file.s, file.len);
	assert_null(store_read_last(path, &e));
	add_frame(&file, HEADER END("0"), strlen(HEADER END("0")), true);
	put(path, file.s, file.len);
	s = load(path);
	assert_true(snapshot_info(s)->complete);
	snapshot_unref(s);
	str_free(&file);
	free(path);
}

/* Whatever their size, and wherever the second one begins. */
static void two_files_joined_are_two_snapshots(void **state)
{
	/* A frame that readers skip: the second one is then far behind the end of the first. */
	static char skipped[8 + (256 << 10)] = "\x50\x2a\x4d\x18\0\0\4";
	static const size_t runs[] = { 10, 1000, 100000 };
	char *path = mem_strdup(scratch("two.pmv"));
	struct err e;
	size_t i, k;

	(void)state;
	srand(6);
	for (i = 0; i < 2 * LENGTH(runs); i++) {
		struct snapshot *s = random_snapshot(2, runs[i / 2]), *back;
		struct str file = { 0 };
		struct store *both;
		char *data;
		size_t n;

		save(path, s);
		data = read_file(path, &n);
		str_addn(&file, data, n);
		if (i % 2)
			str_addn(&file, skipped, sizeof(skipped));
		str_addn(&file, data, n);
		put(path, file.s, file.len);
		free(data);
		str_free(&file);
		both = store_open(path, &e);
		assert_non_null(both);
		assert_int_equal(store_count(both), 2);
		assert_null(store_damage(both));
		for (k = 0; k < 2; k++) {
			back = store_read(both, k, &e);
			assert_same(s, back);
			snapshot_unref(back);
		}
		store_close(both);
		snapshot_unref(s);
	}
	free(path);
}

/* --- changes, entries and frames --- */

#define AT(time) HEADER_FROM "\"time\":\"2026-11-22T22:10:00." time "Z\",\"keep\":\"full\"," HEADER_TO
#define HEADER_FROM \
	"{\"type\":\"header\",\"format\":\"pmview-snapshot\",\"version\":1," \
	"\"process\":{\"pid\":1},"
#define HEADER_TO \
	"\"page_size\":4096,\"engine\":\"scan\",\"known\":{\"pfn\":true,\"zero\":true,\"guard\":true," \
	"\"huge\":true,\"swap_kind\":true,\"exclusive\":true,\"soft_dirty\":false}}\n"
#define BASED(time, base) HEADER_FROM "\"time\":\"2026-11-22T22:10:00." time "Z\"," \
	"\"base\":\"2026-11-22T22:10:00." base "Z\",\"keep\":\"full\"," HEADER_TO
#define WHOLE AT("001") TEN RUNS("0", "0", "\"A10\"") END("1")
#define TEN_WAS(k) \
	"{\"type\":\"vma\",\"start\":\"0x10000\",\"end\":\"0x1a000\",\"perms\":\"rw-p\",\"offset\":0," \
	"\"dev\":\"00:00\",\"inode\":0,\"kind\":\"anon\",\"deleted\":false,\"name\":\"\"," \
	"\"page_size\":4096,\"was\":" k "}\n"
#define PAGES(text) "{\"type\":\"entries\",\"start\":\"0x10000\",\"entries\":\"" text "\"}\n"
#define FRAMES(text) "{\"type\":\"pageframes\",\"first\":\"0x5\",\"frames\":\"" text "\"}\n"

/* Open it, and read all there is; whether the last snapshot could be read. */
static bool read_everything(const char *text)
{
	char *path = mem_strdup(scratch("hostile.pmv"));
	struct str file = { 0 };
	struct store *s;
	struct err e = { .text = "" };
	bool last = false;
	size_t i, k;

	add_frame(&file, text, strlen(text), true);
	put(path, file.s, file.len);
	str_free(&file);
	s = store_open(path, &e);
	free(path);
	if (!s) {
		assert_true(strlen(e.text) > 10);
		return false;
	}
	for (i = 0; i < store_count(s); i++) {
		struct snapshot *snapshot = store_read(s, i, &e);
		struct entry_reader er = store_entries(s);
		struct frame_reader fr = store_frames(s);
		uint64_t entry[64];
		struct frame frame[64];
		struct absent_run run[4];

		last = snapshot;
		if (!snapshot)
			continue;
		for (k = 0; er.read && k < snapshot_vmas(snapshot); k++) {
			const struct vma *v = snapshot_vma(snapshot, k);
			uint64_t n = snapshot_vma_pages(snapshot, v);

			n = n < 64 ? n : 64;
			assert_int_equal(frames_read(&er, &fr, v->start / 4096, n, entry, frame, &e), n);
			assert_true(er.absent(er.ctx, v, 0, n, run, 4) > 0);
		}
		snapshot_unref(snapshot);
	}
	store_close(s);
	return last;
}

static void hostile_changes_are_refused_or_unknown(void **state)
{
	static const char *const refused[] = {
		WHOLE BASED("002", "001") "{\"type\":\"same\",\"first\":0,\"count\":2}\n" END("2"),
		WHOLE BASED("002", "001") "{\"type\":\"same\",\"first\":2,\"count\":0}\n" END("0"),
		WHOLE BASED("002", "001") "{\"type\":\"same\",\"first\":0,\"count\":-1}\n" END("1"),
		WHOLE BASED("002", "001") "{\"type\":\"same\",\"first\":0}\n" END("1"),
		WHOLE BASED("002", "001") "{\"type\":\"same\",\"first\":0,\"count\":1}\n"
					  "{\"type\":\"same\",\"first\":0,\"count\":1}\n" END("2"),
		WHOLE BASED("002", "001") TEN_WAS("1") RUNS("0", "0", "\"=10\"") END("1"),
		WHOLE BASED("002", "001") TEN_WAS("0") RUNS("0", "0", "\"=11\"") END("1"),
		WHOLE BASED("002", "001") TEN_WAS("0") RUNS("0", "0", "\"A5 =6\"") END("1"),
		WHOLE BASED("002", "001") "{\"type\":\"same\",\"first\":0,\"count\":1}\n"
			RUNS("0", "0", "\"A10\"") END("1"),
		WHOLE BASED("002", "001") VMA("0x1a000", "0x1b000") "{\"type\":\"same\",\"first\":0,\"count\":1}\n" END("2"),
		AT("001") TEN RUNS("0", "0", "\"=10\"") END("1"), /* nothing is before it */
	};
	static const char *const unknown[] = {
		BASED("002", "001") TEN_WAS("0") RUNS("0", "0", "\"=10\"") END("1"),
		BASED("002", "001") "{\"type\":\"same\",\"first\":7,\"count\":1000000000}\n" END("1"),
		WHOLE BASED("003", "002") TEN_WAS("9") RUNS("0", "0", "\"=10\"") END("1"),
		WHOLE BASED("001", "001") TEN_WAS("0") RUNS("0", "0", "\"=10\"") END("1"),
		WHOLE PAGES("x"),
		WHOLE PAGES("81*281474976710655"),
		WHOLE PAGES("81+1048577"),
		WHOLE PAGES("=10"),
		WHOLE PAGES("81*9") PAGES("81*9"),
		WHOLE PAGES("8000000000000005*10") FRAMES("0+281474976710655:1,1,1,0,DMA"),
		WHOLE PAGES("8000000000000005*10") FRAMES("0:1 0:1,1"),
		WHOLE PAGES("8000000000000005*10") FRAMES("0:,,,,Nowhere"),
		WHOLE "{\"type\":\"group\",\"time\":\"x\",\"start\":\"0x0\",\"end\":\"0xffffffffffffffff\"}\n" PAGES("81"),
		WHOLE "{\"type\":\"entries\",\"start\":\"0xfffffffffffff000\",\"entries\":\"0*1048576\"}\n",
		WHOLE "{\"type\":\"entries\",\"start\":\"0x10001\",\"entries\":\"0\"}\n",
		WHOLE "{\"type\":\"absent\",\"start\":\"0x10000\",\"absent\":\"h281474976710655 h281474976710655\"}\n",
		WHOLE "{\"type\":\"absent\",\"start\":\"0x10000\",\"absent\":\"z\"}\n",
		WHOLE "{\"type\":\"swap\",\"name\":7}\n{\"type\":\"cgroup\",\"inode\":-1}\n",
		"{\"type\":\"group\"}\n" WHOLE,
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(refused); i++)
		if (read_everything(refused[i]))
			fail_msg("taken: %s", refused[i]);
	for (i = 0; i < LENGTH(unknown); i++)
		read_everything(unknown[i]);
	/* Where the one before is torn, what it lacks is not an error. */
	assert_true(read_everything(AT("001") TEN BASED("002", "001")
			"{\"type\":\"same\",\"first\":0,\"count\":2}\n" END("2")));
	/* The same, as they should be. */
	assert_true(read_everything(WHOLE PAGES("8000000000000005*10") FRAMES("0:1,1,1,0,DMA")
		BASED("002", "001") TEN_WAS("0") RUNS("0", "0", "\"=9 S1\"") END("1") PAGES("=10")));
}

static long resident_mib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss / 1024;
}

/* Append a small frame that unpacks to so many MiB of c. */
static void add_bomb(struct str *file, char c, int mib)
{
	static char chunk[1 << 20], to[1 << 16];
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	size_t left;

	memset(chunk, c, sizeof(chunk));
	do {
		ZSTD_inBuffer in = { chunk, mib ? sizeof(chunk) : 0, 0 };

		do {
			ZSTD_outBuffer out = { to, sizeof(to), 0 };

			left = ZSTD_compressStream2(
				zstd, &out, &in, mib ? ZSTD_e_continue : ZSTD_e_end);
			assert_false(ZSTD_isError(left));
			str_addn(file, to, out.pos);
		} while (in.pos < in.size || (!mib && left));
	} while (mib--);
	ZSTD_freeCCtx(zstd);
}

/* The sanitizers' own memory is why the limit is no tighter. */
static void bombs_are_refused(void **state)
{
	char *path = mem_strdup(scratch("bomb.pmv"));
	struct str file = { 0 };
	struct err e;
	long before;

	(void)state;
	add_bomb(&file, 0, 800);
	assert_true(file.len < 200000);
	put(path, file.s, file.len);
	before = resident_mib();
	assert_null(store_read_last(path, &e));
	assert_true(resident_mib() - before < 400);
	assert_non_null(strstr(e.text, "nothing can be had of it"));
	/* Behind a header as well, and in blanks that JSON would take. */
	str_clear(&file);
	add_frame(&file, HEADER, strlen(HEADER), true);
	add_bomb(&file, ' ', 100);
	put(path, file.s, file.len);
	assert_null(store_read_last(path, &e));
	assert_non_null(strstr(e.text, "unpacks to more"));
	str_free(&file);
	free(path);
}

/* What JSON makes of a line takes twenty times its room: a line of ours is never that long. */
static void enormous_lines_are_refused(void **state)
{
	const size_t size = 16 << 20;
	char *line = mem_alloc(size), *path = mem_strdup(scratch("line.pmv"));
	struct str file = { 0 };
	struct snapshot *s;
	struct err e;
	long before;
	size_t i;

	(void)state;
	for (i = 0; i < size; i += 2)
		memcpy(line + i, "1,", 2);
	memcpy(line, "{\"type\":\"new\",\"aa\":[0", 21);
	memcpy(line + size - 4, "1]}\n", 4);
	add_frame(&file, HEADER, strlen(HEADER), true);
	add_frame(&file, line, size, true);
	add_frame(&file, END("0"), strlen(END("0")), true);
	free(line);
	put(path, file.s, file.len);
	str_free(&file);
	before = resident_mib();
	s = store_read_last(path, &e);
	snapshot_unref(s); /* whether it is refused or skipped */
	free(path);
	assert_true(resident_mib() - before < 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enormous_lines_are_refused), /* these measure memory */
		cmocka_unit_test(bombs_are_refused),
		cmocka_unit_test(impossible_files_are_refused),
		cmocka_unit_test(headers_are_checked),
		cmocka_unit_test(lines_of_the_future_are_skipped),
		cmocka_unit_test(what_is_missing_is_unknown),
		cmocka_unit_test(a_gap_in_the_middle_is_missing_too),
		cmocka_unit_test(empty_frames_are_nothing),
		cmocka_unit_test(two_files_joined_are_two_snapshots),
		cmocka_unit_test(hostile_changes_are_refused_or_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
