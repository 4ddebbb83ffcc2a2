/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/base: text from outside, numbers for people, errors in one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "base/utf8.h"

/* --- utf8 --- */

static void check_decode(const char *bytes, size_t n, size_t len, uint32_t want)
{
	char *exact = mem_dup(bytes, n); /* so that asan sees a read beyond the end */
	uint32_t c = 12345;

	assert_int_equal(utf8_decode(exact, n, &c), len);
	assert_int_equal(c, want);
	free(exact);
}

static void decodes_what_is_valid(void **state)
{
	(void)state;
	check_decode("\0", 1, 1, 0);
	check_decode("A", 1, 1, 'A');
	check_decode("\x7f", 1, 1, 0x7f);
	check_decode("\xc2\x80", 2, 2, 0x80);
	check_decode("\xdf\xbf", 2, 2, 0x7ff);
	check_decode("\xe0\xa0\x80", 3, 3, 0x800);
	check_decode("\xed\x9f\xbf", 3, 3, 0xd7ff);
	check_decode("\xee\x80\x80", 3, 3, 0xe000);
	check_decode("\xef\xbf\xbf", 3, 3, 0xffff);
	check_decode("\xf0\x90\x80\x80", 4, 4, 0x10000);
	check_decode("\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff);
	check_decode("\xc3\xa4rest", 6, 2, 0xe4);
}

static void refuses_what_is_malformed(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xbf",
		"\x9b", /* a continuation alone */
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x80\xaf",
		"\xe0\x9f\xbf", /* overlong */
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xed\xb0\x80", /* surrogates */
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", /* above U+10FFFF */
		"\xf8\x88\x80\x80\x80",
		"\xfe",
		"\xff",
		"\xc3",
		"\xe2\x82",
		"\xe2",
		"\xf0\x9f\x98",
		"\xf0\x9f",
		"\xf0", /* cut by the end */
		"\xc3(",
		"\xe2(\xa1",
		"\xe2\x82(",
		"\xf0(\x8c\xbc",
		"\xf0\x90(\xbc",
		"\xf0\x90\x8c(",
		"\xc3\xc3",
		"\xe2\x82\xff",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_decode(bad[i], strlen(bad[i]), 1, UTF8_BAD);
	/* The length given is what cuts, not the bytes that happen to follow. */
	check_decode("\xe2\x82\xac", 2, 1, UTF8_BAD);
	check_decode("\xe2\x82\xac", 3, 3, 0x20ac);
}

/* Every code point goes out and comes back; surrogates do not. */
static void every_code_point_round_trips(void **state)
{
	uint32_t c, back;

	(void)state;
	for (c = 0; c <= 0x10ffff; c++) {
		struct str t = { 0 };
		bool surrogate = c >= 0xd800 && c < 0xe000;

		utf8_add(&t, c);
		if (utf8_decode(t.s, t.len, &back) != (surrogate ? 1 : t.len) ||
			back != (surrogate ? UTF8_BAD : c))
			fail_msg("U+%04X comes back as U+%04X", c, back);
		str_free(&t);
	}
}

static void knows_what_a_terminal_may_see(void **state)
{
	static const uint32_t unsafe[] = { 0, 7, '\t', '\n', '\r', 0x1b, 0x1f, 0x7f, 0x80, 0x84,
		0x85, 0x9b, 0x9f, 0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c,
		0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff, 0x110000, UTF8_BAD };
	static const uint32_t safe[] = { ' ', '~', 0xa0, 0xe4, 0x61b, 0x200d, 0x2010, 0x2027,
		0x202f, 0x2065, 0x206a, 0x20ac, 0x4e2d, 0x1f600, 0x10ffff };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
		if (utf8_safe(unsafe[i]))
			fail_msg("U+%04X is called safe", unsafe[i]);
	for (i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
		if (!utf8_safe(safe[i]))
			fail_msg("U+%04X is called unsafe", safe[i]);
}

static void width_is_never_negative(void **state)
{
	uint32_t c;

	(void)state;
	for (c = 0; c <= 0x10ffff; c++)
		if (utf8_width(c) < 0 || utf8_width(c) > 2)
			fail_msg("U+%04X is %d columns wide", c, utf8_width(c));
	assert_int_equal(utf8_width('a'), 1);
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	assert_int_equal(utf8_width(0x4e2d), 2);
	assert_int_equal(utf8_width(0x301), 0);
	assert_int_equal(utf8_width(0xe4), 1);
	setlocale(LC_CTYPE, "C");
}

static void check_readable(const char *raw, unsigned flags, const char *want)
{
	struct str t = { 0 };

	utf8_readable(&t, raw, strlen(raw), flags);
	assert_string_equal(str_text(&t), want);
	str_free(&t);
}

static void makes_bytes_readable(void **state)
{
	(void)state;
	check_readable("", 0, "");
	check_readable("/usr/bin/caf\xc3\xa9", 0, "/usr/bin/caf\xc3\xa9");
	check_readable("/usr/bin/caf\xc3\xa9", UTF8_ASCII, "/usr/bin/caf\\xc3\\xa9");
	check_readable("\x1b]0;x\a", 0, "\\x1b]0;x\\x07");
	check_readable("a\\b", 0, "a\\\\b");
	check_readable("a\\b\x01", UTF8_KEEP_BACKSLASH, "a\\b\\x01");
	check_readable("\x7f~", UTF8_ASCII, "\\x7f~");
	check_readable("\xc2\x9b" "31m", 0, "\\xc2\\x9b31m");    /* C1: CSI in one character */
	check_readable("a\xe2\x80\xaeg", 0, "a\\xe2\\x80\\xaeg"); /* right-to-left override */
	check_readable("\xe2\x82", 0, "\\xe2\\x82");
	check_readable("\xe2\x82" "A", 0, "\\xe2\\x82A");
}

static void check_round_trip(const char *raw, size_t n, unsigned flags)
{
	struct str shown = { 0 }, back = { 0 };
	uint32_t c;
	size_t i;

	utf8_readable(&shown, raw, n, flags);
	for (i = 0; i < shown.len;) {
		i += utf8_decode(shown.s + i, shown.len - i, &c);
		if (c == UTF8_BAD || !utf8_safe(c) || (flags & UTF8_ASCII && c > 0x7e))
			fail_msg("what is shown holds U+%04X", c);
	}
	utf8_unreadable(&back, str_text(&shown), shown.len);
	assert_int_equal(back.len, n);
	if (n)
		assert_memory_equal(back.s, raw, n);
	str_free(&shown);
	str_free(&back);
}

static void readable_text_can_be_undone(void **state)
{
	/* Bytes of which what matters here is made. */
	static const char spice[] = "\\x0123abf\xc3\xa9\xe2\x80\xae\xf0\x9f\x98\x80\x1b\n";
	char raw[300];
	int a, b, i, n;

	(void)state;
	check_round_trip("", 0, 0);
	for (a = 0; a < 256; a++) {
		raw[0] = (char)a;
		check_round_trip(raw, 1, 0);
		for (b = 0; b < 256; b++) {
			raw[1] = (char)b;
			check_round_trip(raw, 2, 0);
		}
	}
	check_round_trip("\\x41", 4, 0);
	check_round_trip("\\\\x41\\", 6, 0);
	srand(1);
	for (i = 0; i < 20000; i++) {
		n = rand() % (int)sizeof(raw);
		for (a = 0; a < n; a++)
			raw[a] = i % 2 ? (char)rand() : spice[(size_t)rand() % (sizeof(spice) - 1)];
		check_round_trip(raw, (size_t)n, i % 3 ? 0 : UTF8_ASCII);
	}
}

static void unreadable_keeps_other_escapes(void **state)
{
	static const char *const same[] = { "\\", "\\x", "\\x4", "\\xg1", "\\x4g", "\\n", "\\u0041",
		"a\\", "\\X41", "\\x4A" };
	struct str t = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		str_clear(&t);
		utf8_unreadable(&t, same[i], strlen(same[i]));
		assert_string_equal(str_text(&t), same[i]);
	}
	/* The escape must end within what was given. */
	str_clear(&t);
	utf8_unreadable(&t, "\\x41", 3);
	assert_string_equal(str_text(&t), "\\x4");
	str_free(&t);
}

/* --- units --- */

static void sizes_are_cut_to_five_columns(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
		{ 0, "0" },
		{ 1, "1" },
		{ 999, "999" },
		{ 1023, "1023" },
		{ 1024, "1.0K" },
		{ 1126, "1.0K" },
		{ 1127, "1.1K" },
		{ 2047, "1.9K" },
		{ 4096, "4.0K" },
		{ 10239, "9.9K" },
		{ 10240, "10K" },
		{ 217088, "212K" },
		{ 1023 * 1024 + 1023, "1023K" },
		{ 1 << 20, "1.0M" },
		{ (10 << 20) - 1, "9.9M" },
		{ 10 << 20, "10M" },
		{ (UINT64_C(1) << 30) - 1, "1023M" },
		{ UINT64_C(1) << 30, "1.0G" },
		{ UINT64_C(16) << 40, "16T" },
		{ (UINT64_C(1) << 50) - 1, "1023T" },
		{ UINT64_C(1) << 50, "1.0P" },
		{ (UINT64_C(1) << 60) - 1, "1023P" },
		{ UINT64_C(1) << 60, "1.0E" },
		{ UINT64_MAX, "15E" },
	};
	char buf[UNITS_SIZE_LEN];
	uint64_t bytes;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_string_equal(units_size(buf, sizes[i].bytes), sizes[i].text);
	for (i = 0; i < 64; i++)
		for (bytes = 1; bytes < 4096; bytes++)
			assert_true(strlen(units_size(buf, bytes << i)) <= 5);
}

static void counts_have_commas(void **state)
{
	char buf[UNITS_COUNT_LEN];

	(void)state;
	assert_string_equal(units_count(buf, 0), "0");
	assert_string_equal(units_count(buf, 999), "999");
	assert_string_equal(units_count(buf, 1000), "1,000");
	assert_string_equal(units_count(buf, 123456), "123,456");
	assert_string_equal(units_count(buf, UINT64_MAX), "18,446,744,073,709,551,615");
}

static void parses_hexadecimal(void **state)
{
	static const char *const bad[] = { "", "0x", "x1", "g", "1g", " 1", "1 ", "-1", "+1",
		"0x0x1", "1ffffffffffffffff", "0x10000000000000000" };
	uint64_t v;
	size_t i;

	(void)state;
	assert_true(units_parse_hex("0", 1, &v) && v == 0);
	assert_true(units_parse_hex("dEaDbEeF", 8, &v) && v == 0xdeadbeef);
	assert_true(units_parse_hex("0x7f00", 6, &v) && v == 0x7f00);
	assert_true(units_parse_hex("0XFf", 4, &v) && v == 0xff);
	assert_true(units_parse_hex("ffffffffffffffff", 16, &v) && v == UINT64_MAX);
	assert_true(units_parse_hex("0xffffffffffffffff", 18, &v) && v == UINT64_MAX);
	assert_true(units_parse_hex("00000000000000012", 17, &v) && v == 0x12);
	assert_true(units_parse_hex("12-34", 2, &v) && v == 0x12); /* only what was given */
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (units_parse_hex(bad[i], strlen(bad[i]), &v))
			fail_msg("'%s' is taken for a number", bad[i]);
}

static void parses_decimal(void **state)
{
	static const char *const bad[] = { "", " 1", "-1", "+1", "1 ", "1x", "0x1",
		"18446744073709551616", "99999999999999999999999" };
	uint64_t v;
	size_t i;

	(void)state;
	assert_true(units_parse_u64("0", &v) && v == 0);
	assert_true(units_parse_u64("007", &v) && v == 7);
	assert_true(units_parse_u64("18446744073709551615", &v) && v == UINT64_MAX);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (units_parse_u64(bad[i], &v))
			fail_msg("'%s' is taken for a number", bad[i]);
}

static void parses_sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{ "0", 0 },
		{ "8192", 8192 },
		{ "0x2000", 0x2000 },
		{ "0x10B", 0x10b },
		{ "7B", 7 },
		{ "2K", 2048 },
		{ "2k", 2048 },
		{ "2KB", 2048 },
		{ "2KiB", 2048 },
		{ "3M", 3 << 20 },
		{ "0x10M", 16 << 20 },
		{ "1G", 1 << 30 },
		{ "16T", UINT64_C(16) << 40 },
		{ "16777215T", UINT64_C(16777215) << 40 },
		{ "18014398509481983K", UINT64_MAX - 1023 },
		{ "18446744073709551615", UINT64_MAX },
	};
	static const char *const bad[] = { "", "K", "-1", "+1", " 1", "1 K", "1KK", "1BB", "1iB",
		"1Ki", "1X", "1.5K", "0x", "0xg", "18446744073709551616", "18014398509481984K",
		"16777216T", "0x10000000000000000" };
	uint64_t v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!units_parse_size(good[i].text, &v) || v != good[i].bytes)
			fail_msg("'%s' is not parsed right", good[i].text);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (units_parse_size(bad[i], &v))
			fail_msg("'%s' is taken for a size", bad[i]);
}

static void parses_seconds(void **state)
{
	static const char *const bad[] = { "", "-1", " 1", "1s", "nan", "inf", "1e999", ".", "0.09",
		"3600.5", "1,5" };
	double v;
	size_t i;

	(void)state;
	assert_true(units_parse_seconds("0.1", 0.1, 3600, &v) && v == 0.1);
	assert_true(units_parse_seconds(".5", 0.1, 3600, &v) && v == 0.5);
	assert_true(units_parse_seconds("3600", 0.1, 3600, &v) && v == 3600);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (units_parse_seconds(bad[i], 0.1, 3600, &v))
			fail_msg("'%s' is taken for seconds", bad[i]);
}

static void times_round_trip(void **state)
{
	static const char *const bad[] = { "", "2026-11-22", "2026-11-22T22:10:00",
		"2026-11-22T22:10:00.5", "2026-13-22T22:10:00Z", "2026-11-22T22:10:00ZZ",
		"2026-11-22T22:10:00+01:00", "x" };
	struct timespec t = { .tv_sec = 1780000000, .tv_nsec = 123999999 }, back;
	char buf[UNITS_TIME_LEN];
	size_t i;

	(void)state;
	setenv("TZ", "America/New_York", 1); /* it must not matter */
	assert_string_equal(units_time(buf, t), "2026-05-28T20:26:40.123Z");
	for (t.tv_sec = 0; t.tv_sec < 5000000000; t.tv_sec += 86399 * 37) {
		t.tv_nsec = t.tv_sec % 1000 * 1000000;
		assert_true(units_parse_time(units_time(buf, t), &back));
		assert_int_equal(back.tv_sec, t.tv_sec);
		assert_int_equal(back.tv_nsec, t.tv_nsec);
	}
	assert_true(units_parse_time("1970-01-01T00:00:01Z", &back));
	assert_true(back.tv_sec == 1 && back.tv_nsec == 0);
	assert_true(units_parse_time("1970-01-01T00:00:01.5Z", &back) && back.tv_nsec == 500000000);
	assert_true(
		units_parse_time("1970-01-01T00:00:01.0019999Z", &back) && back.tv_nsec == 1000000);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (units_parse_time(bad[i], &back))
			fail_msg("'%s' is taken for a time", bad[i]);
}

static void durations_are_short(void **state)
{
	char buf[UNITS_DURATION_LEN];

	(void)state;
	assert_string_equal(units_duration(buf, 0), "0.0 ms");
	assert_string_equal(units_duration(buf, 400000), "0.4 ms");
	assert_string_equal(units_duration(buf, 9949999), "9.9 ms");
	assert_string_equal(units_duration(buf, 9950000), "10 ms");
	assert_string_equal(units_duration(buf, 68000000), "68 ms");
	assert_string_equal(units_duration(buf, 1000000000), "1.0 s");
	assert_string_equal(units_duration(buf, UINT64_MAX), "18446744073.7 s");
}

/* --- str, mem --- */

static void text_grows(void **state)
{
	struct str t = { 0 };
	char *taken;
	int i;

	(void)state;
	assert_string_equal(str_text(&t), "");
	taken = str_take(&t);
	assert_string_equal(taken, "");
	free(taken);
	str_addn(&t, NULL, 0);
	assert_string_equal(str_text(&t), "");
	for (i = 0; i < 1000; i++) {
		str_add(&t, "ab");
		str_addc(&t, 'c');
		str_addf(&t, "%03d", i);
		assert_int_equal(t.len, 6 * (i + 1));
		assert_int_equal(strlen(str_text(&t)), t.len);
	}
	assert_memory_equal(t.s + 6 * 999, "abc999", 7);
	str_addn(&t, "x\0y", 3);
	assert_int_equal(t.len, 6003);
	assert_memory_equal(t.s + 6000, "x\0y", 4);
	str_clear(&t);
	assert_int_equal(t.len, 0);
	assert_string_equal(str_text(&t), "");
	str_add(&t, "again");
	taken = str_take(&t);
	assert_string_equal(taken, "again");
	assert_null(t.s);
	assert_int_equal(t.len + t.cap, 0);
	free(taken);
	str_free(&t);
}

static void arrays_grow(void **state)
{
	size_t cap = 0, n;
	int *a = NULL;

	(void)state;
	for (n = 0; n < 5000; n++) {
		a = mem_grow(a, n, &cap, sizeof(*a));
		assert_true(cap > n);
		a[n] = (int)n;
	}
	for (n = 0; n < 5000; n++)
		assert_int_equal(a[n], n);
	free(a);
}

/* --- err --- */

static void errors_are_one_clean_line(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(err_set(&e, "cannot open %s", "a\n\x1b[2J\x7f\xff\\b"), -1);
	assert_string_equal(e.text, "cannot open a\\x0a\\x1b[2J\\x7f\\xff\\b");
	assert_int_equal(e.code, 0);
	errno = ENOENT;
	assert_int_equal(err_errno(&e, "cannot open %s", "x"), -1);
	assert_string_equal(e.text, "cannot open x: No such file or directory");
	assert_int_equal(e.code, ENOENT);
	err_set(&e, "new");
	assert_int_equal(e.code, 0);
}

/* A long text is cut, but not inside a character. */
static void long_errors_are_cut_cleanly(void **state)
{
	char name[2048] = "";
	struct err e;
	size_t i, at;
	uint32_t c;

	(void)state;
	for (i = 0; i < 4; i++) {
		memset(name, 'x', i);
		name[i] = '\0';
		while (strlen(name) + 4 < sizeof(name))
			strcat(name, "\xe2\x82\xac");
		err_set(&e, "%s", name);
		assert_true(strlen(e.text) >= sizeof(e.text) - 4);
		for (at = 0; e.text[at];) {
			at += utf8_decode(e.text + at, strlen(e.text + at), &c);
			assert_int_not_equal(c, UTF8_BAD);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_what_is_valid),
		cmocka_unit_test(refuses_what_is_malformed),
		cmocka_unit_test(every_code_point_round_trips),
		cmocka_unit_test(knows_what_a_terminal_may_see),
		cmocka_unit_test(width_is_never_negative),
		cmocka_unit_test(makes_bytes_readable),
		cmocka_unit_test(readable_text_can_be_undone),
		cmocka_unit_test(unreadable_keeps_other_escapes),
		cmocka_unit_test(sizes_are_cut_to_five_columns),
		cmocka_unit_test(counts_have_commas),
		cmocka_unit_test(parses_hexadecimal),
		cmocka_unit_test(parses_decimal),
		cmocka_unit_test(parses_sizes),
		cmocka_unit_test(parses_seconds),
		cmocka_unit_test(times_round_trip),
		cmocka_unit_test(durations_are_short),
		cmocka_unit_test(text_grows),
		cmocka_unit_test(arrays_grow),
		cmocka_unit_test(errors_are_one_clean_line),
		cmocka_unit_test(long_errors_are_cut_cleanly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
