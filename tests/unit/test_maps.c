/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text files of procfs: maps, mountinfo, stat. Names in them can hold anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "source/maps.h"
#include "source/mounts.h"
#include "source/procfs.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* Parse exactly these bytes, so that asan sees a look behind them. The name is compared here. */
static bool parse(const char *line, size_t len, struct vma *v, const char *name)
{
	char *exact = mem_dup(line, len);
	size_t name_len = 99999;
	bool ok = maps_parse_line(exact, len, v, &name_len);

	if (ok && (v->name < exact || v->name + name_len > exact + len))
		fail_msg("the name lies outside: %s", line);
	if (ok && name && (name_len != strlen(name) || memcmp(v->name, name, name_len) != 0))
		fail_msg("name '%.*s', not '%s'", (int)name_len, v->name, name);
	free(exact);
	return ok;
}

static void real_lines_are_parsed(void **state)
{
	static const struct {
		const char *line;
		uint64_t start, end, offset, inode;
		unsigned major, minor, perms;
		bool deleted;
		const char *name;
	} rows[] = {
		{ "55d0c8a00000-55d0c8a02000 r--p 00000000 fe:00 247134          /usr/bin/cat",
			0x55d0c8a00000, 0x55d0c8a02000, 0, 247134, 0xfe, 0, VMA_READ, false,
			"/usr/bin/cat" },
		{ "55d0c8a02000-55d0c8a07000 r-xp 00002000 fe:00 247134       /usr/bin/a b  c",
			0x55d0c8a02000, 0x55d0c8a07000, 0x2000, 247134, 0xfe, 0,
			VMA_READ | VMA_EXEC, false, "/usr/bin/a b  c" },
		{ "7f0000000000-7f0000001000 rw-p 00000000 00:00 0 ", 0x7f0000000000,
			0x7f0000001000, 0, 0, 0, 0, VMA_READ | VMA_WRITE, false, "" },
		{ "7f0000000000-7f0000001000 ---p 00000000 00:00 0", 0x7f0000000000, 0x7f0000001000,
			0, 0, 0, 0, 0, false, "" },
		{ "7ffd0000-7fff0000 rw-p 00000000 00:00 0                          [stack]",
			0x7ffd0000, 0x7fff0000, 0, 0, 0, 0, VMA_READ | VMA_WRITE, false,
			"[stack]" },
		{ "1000-2000 rw-p 00000000 00:00 0      [anon:glibc: malloc arena]", 0x1000, 0x2000,
			0, 0, 0, 0, VMA_READ | VMA_WRITE, false, "[anon:glibc: malloc arena]" },
		{ "1000-2000 rw-s 00000000 00:01 1032       /memfd:x (deleted)", 0x1000, 0x2000, 0,
			1032, 0, 1, VMA_READ | VMA_WRITE | VMA_SHARED, true, "/memfd:x" },
		{ "1000-2000 rw-s 00000000 00:01 1032       /x (deleted) (deleted)", 0x1000, 0x2000,
			0, 1032, 0, 1, VMA_READ | VMA_WRITE | VMA_SHARED, true, "/x (deleted)" },
		{ "1000-2000 rw-s 00000000 00:01 1032       /x (deleted) ", 0x1000, 0x2000, 0, 1032,
			0, 1, VMA_READ | VMA_WRITE | VMA_SHARED, false, "/x (deleted) " },
		{ "1000-2000 rw-s 00000000 00:01 1032       /x(deleted)", 0x1000, 0x2000, 0, 1032,
			0, 1, VMA_READ | VMA_WRITE | VMA_SHARED, false, "/x(deleted)" },
		{ "1000-2000 r--p 00000000 103:a0005 7      /\x1b[2J\xff\\012", 0x1000, 0x2000, 0,
			7, 0x103, 0xa0005, VMA_READ, false, "/\x1b[2J\xff\\012" },
		{ "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0      [vsyscall]",
			0xffffffffff600000, 0xffffffffff601000, 0, 0, 0, 0, VMA_EXEC, false,
			"[vsyscall]" },
		{ "0-ffffffffffffffff rwxs fffffffffffff000 ffffffff:ffffffff "
		  "18446744073709551615 x",
			0, UINT64_MAX, 0xfffffffffffff000, UINT64_MAX, UINT32_MAX, UINT32_MAX, 15,
			false, "x" },
	};
	struct vma v;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++) {
		if (!parse(rows[i].line, strlen(rows[i].line), &v, rows[i].name))
			fail_msg("not parsed: %s", rows[i].line);
		assert_int_equal(v.start, rows[i].start);
		assert_int_equal(v.end, rows[i].end);
		assert_int_equal(v.offset, rows[i].offset);
		assert_int_equal(v.inode, rows[i].inode);
		assert_int_equal(v.dev_major, rows[i].major);
		assert_int_equal(v.dev_minor, rows[i].minor);
		assert_int_equal(v.perms, rows[i].perms);
		assert_int_equal(v.deleted, rows[i].deleted);
		assert_null(v.runs);
	}
}

static void bad_lines_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		" ",
		"-",
		"x",
		"garbage that is long enough to hold every field of a line",
		"1000 2000 rw-p 00000000 00:00 0 /x",
		"1000-2000  rw-p 00000000 00:00 0 /x",
		" 1000-2000 rw-p 00000000 00:00 0 /x",
		"-2000 rw-p 00000000 00:00 0 /x",
		"1000- rw-p 00000000 00:00 0 /x",
		"2000-1000 rw-p 00000000 00:00 0 /x",
		"1000-1000 rw-p 00000000 00:00 0 /x",
		"g000-h000 rw-p 00000000 00:00 0 /x",
		"1000-10000000000000000 rw-p 00000000 00:00 0 /x",
		"00000000000001000-2000 rw-p 00000000 00:00 0 /x",
		"1000-2000 rw- 00000000 00:00 0 /x",
		"1000-2000 rw-pp 00000000 00:00 0 /x",
		"1000-2000 rw-x 00000000 00:00 0 /x",
		"1000-2000 rw-p 10000000000000000 00:00 0 /x",
		"1000-2000 rw-p -1 00:00 0 /x",
		"1000-2000 rw-p 00000000 00-00 0 /x",
		"1000-2000 rw-p 00000000 0000 0 /x",
		"1000-2000 rw-p 00000000 100000000:00 0 /x",
		"1000-2000 rw-p 00000000 00:100000000 0 /x",
		"1000-2000 rw-p 00000000 00:00 -1 /x",
		"1000-2000 rw-p 00000000 00:00 1x /x",
		"1000-2000 rw-p 00000000 00:00 /x",
		"1000-2000 rw-p 00000000 00:00 18446744073709551616 /x",
		"1000-2000 rw-p 00000000 00:00 99999999999999999999999999 /x",
	};
	struct vma v;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(bad); i++)
		if (parse(bad[i], strlen(bad[i]), &v, NULL))
			fail_msg("taken: %s", bad[i]);
}

/* A line that is cut is refused until its last number begins. */
static void prefixes_of_a_line(void **state)
{
	static const char line[] =
		"55d0c8a00000-55d0c8a02000 r--p 00001000 fe:00 247134      /usr/b (deleted)";
	const size_t inode = (size_t)(strstr(line, "247134") - line);
	struct vma v;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(line); n++)
		assert_int_equal(parse(line, n, &v, NULL), n > inode);
}

static void random_damage_never_hurts(void **state)
{
	static const char line[] =
		"55d0c8a00000-55d0c8a02000 r--p 00001000 fe:00 247134 /usr/b (deleted)";
	char damaged[sizeof(line)];
	struct vma v;
	int i, k;

	(void)state;
	srand(1);
	for (i = 0; i < 100000; i++) {
		memcpy(damaged, line, sizeof(line));
		for (k = rand() % 4; k >= 0; k--)
			damaged[(size_t)rand() % (sizeof(line) - 1)] =
				i % 2 ? (char)rand() : "0 -:/(fr\n\x1b"[rand() % 10];
		if (parse(damaged, (size_t)rand() % sizeof(line), &v, NULL))
			assert_true(v.start < v.end);
	}
}

static void whole_files_are_parsed(void **state)
{
	struct maps m = { 0 };
	size_t i;

	(void)state;
	str_add(&m.text, "1000-2000 r--p 00000000 fe:00 7 /a (deleted)\n"
		       "garbage\n"
		       "\n"
		       "2000-3000 rw-p 00000000 00:00 0 \n"
		       "3000-4000 rw-p 00000000 00:00 0 [anon:x y]\n"
		       "4000-5000 rw-p 00000000 00:00 0\n"
		       "5000-6000 rw-p 00000000 00:00 0 /no newline (deleted)");
	assert_int_equal(maps_parse(&m), 2);
	assert_int_equal(m.n, 5);
	assert_string_equal(m.vma[0].name, "/a");
	assert_string_equal(m.vma[1].name, "");
	assert_string_equal(m.vma[2].name, "[anon:x y]");
	assert_string_equal(m.vma[3].name, "");
	assert_string_equal(m.vma[4].name, "/no newline");
	for (i = 0; i < 5; i++) {
		assert_int_equal(m.vma[i].start, 0x1000 * (i + 1));
		assert_int_equal(m.vma[i].deleted, i == 0 || i == 4);
	}
	/* The next one takes its place. */
	str_clear(&m.text);
	assert_int_equal(maps_parse(&m), 0);
	assert_int_equal(m.n, 0);
	for (i = 1; i <= 5000; i++)
		str_addf(&m.text, "%zx000-%zx000 rw-p 00000000 00:00 0 /name of mapping %zu\n", i,
			i + 1, i);
	assert_int_equal(maps_parse(&m), 0);
	assert_int_equal(m.n, 5000);
	assert_string_equal(m.vma[4999].name, "/name of mapping 5000");
	assert_int_equal(m.vma[4999].end, 5001 << 12);
	maps_free(&m);
	assert_int_equal(m.n, 0);
	assert_int_equal(maps_parse(&m), 0); /* nothing at all */
	maps_free(&m);
}

/* Every cut of a file: what was whole is there. */
static void cut_files_are_parsed(void **state)
{
	static const char file[] =
		"1000-2000 r--p 00000000 fe:00 7 /a\n2000-3000 rw-p 00000000 00:00 0 \n";
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(file); n++) {
		struct maps m = { 0 };
		size_t whole = (n >= 35) + (n >= 70), bad;

		str_addn(&m.text, file, n);
		bad = maps_parse(&m);
		assert_true(bad <= 1);
		assert_true(m.n >= whole && m.n <= 2);
		if (whole)
			assert_string_equal(m.vma[0].name, "/a");
		maps_free(&m);
	}
}

/* --- mountinfo --- */

static void mounts_tell_shared_memory(void **state)
{
	struct mounts m = { 0 };

	(void)state;
	mounts_parse(&m,
		"22 27 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
		"26 27 0:23 / /dev/shm rw,nosuid shared:4 master:2 - tmpfs tmpfs rw,size=1k\n"
		"27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
		"30 27 0:25 /sub /tm\\040p rw - tmpfs - rw\n"
		"31 27 0:5 / /dev rw - devtmpfs udev rw\n"
		"32 27 0:27 / /dev/hugepages rw - hugetlbfs hugetlbfs rw\n"
		"33 27 4095:1048575 / /x rw - tmpfs x rw\n"
		"34 27 0:77 / /y rw - tmpfsx x rw\n"
		"nonsense - tmpfs x rw\n"
		"\n"
		" - \n"
		"35 27 0:78 / /cut rw\n"
		"36 27 0:79 / /z rw - tmpfs last rw");
	assert_int_equal(mounts_kind(&m, 0, 20), VMA_FILE);
	assert_int_equal(mounts_kind(&m, 0, 23), VMA_SHMEM);
	assert_int_equal(mounts_kind(&m, 254, 0), VMA_FILE);
	assert_int_equal(mounts_kind(&m, 0, 25), VMA_SHMEM);
	assert_int_equal(mounts_kind(&m, 0, 5), VMA_FILE);
	assert_int_equal(mounts_kind(&m, 0, 27), VMA_HUGETLB);
	assert_int_equal(mounts_kind(&m, 27, 0), VMA_FILE);
	assert_int_equal(mounts_kind(&m, 4095, 1048575), VMA_SHMEM);
	assert_int_equal(mounts_kind(&m, 0, 77), VMA_FILE);
	assert_int_equal(mounts_kind(&m, 0, 78), VMA_FILE);
	assert_int_equal(mounts_kind(&m, 0, 79), VMA_SHMEM);
	assert_int_equal(m.n, 5);
	mounts_free(&m);
	assert_int_equal(mounts_kind(&m, 0, 23), VMA_FILE);
	mounts_parse(&m, "");
	assert_int_equal(m.n, 0);
}

static void cut_mounts_never_hurt(void **state)
{
	static const char line[] =
		"26 27 0:23 / /dev/shm rw,nosuid shared:4 - tmpfs tmpfs rw,size=1k\n";
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(line); n++) {
		char *cut = strndup(line, n);
		struct mounts m = { 0 };

		mounts_parse(&m, cut);
		assert_int_equal(m.n, n >= (size_t)(strstr(line, "tmpfs ") - line) + 6);
		mounts_free(&m);
		free(cut);
	}
}

/* --- stat --- */

#define FIELDS \
	" S 1 4242 4242 0 -1 4194560 100 0 0 0 7 8 0 0 20 0 1 0 987654321 12345 67 18446744"

static void stat_is_parsed(void **state)
{
	static const struct {
		const char *text, *comm;
		char run_state;
		int ppid;
		bool kernel;
		uint64_t start;
	} rows[] = {
		{ "4242 (cat)" FIELDS, "cat", 'S', 1, false, 987654321 },
		{ "4242 (a) R 1 2 3)" FIELDS, "a) R 1 2 3", 'S', 1, false, 987654321 },
		{ "4242 (((()" FIELDS, "(((", 'S', 1, false, 987654321 },
		{ "4242 ())" FIELDS, ")", 'S', 1, false, 987654321 },
		{ "4242 ()" FIELDS, "", 'S', 1, false, 987654321 },
		{ "4242 (a\nb\x1b[2J\xff)" FIELDS, "a\nb\x1b[2J\xff", 'S', 1, false, 987654321 },
		{ "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0", "kthreadd",
			'S', 0, true, 5 },
		{ "9 (z) Z 7 9 9 0 -1 4228364 0 0 0 0 0 0 0 0 20 0 1 0 18446744073709551615", "z",
			'Z', 7, false, UINT64_MAX },
	};
	struct proc_stat st;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++) {
		assert_true(procfs_parse_stat(rows[i].text, &st));
		assert_string_equal(st.comm, rows[i].comm);
		assert_int_equal(st.state, rows[i].run_state);
		assert_int_equal(st.ppid, rows[i].ppid);
		assert_int_equal(st.kernel_thread, rows[i].kernel);
		assert_int_equal(st.start_time, rows[i].start);
	}
}

static void stat_tells_of_memory(void **state)
{
	static const char rest[] = " S 1 4242 4242 0 -1 4194560 100 0 0 0 7 8 0 0 20 0 1 0 987654321 ";
	static const struct {
		const char *fields;
		bool memory;
		uint64_t code, stack;
	} rows[] = {
		{ "2531328 67 18446744073709551615 94233946603520 94233947392925 140724201555216 0 0",
			true, UINT64_C(94233946603520), UINT64_C(140724201555216) },
		{ "2531328 67 1844674407370955161 1 1 0 0", true, 1, 0 }, /* we may not know */
		{ "2531328 -3 18446744073709551615 0 0 0 0", true, 0, 0 }, /* in an exec */
		{ "0 0 18446744073709551615 0 0 0 0", false, 0, 0 },
		{ "", false, 0, 0 },
	};
	struct str text = { 0 };
	struct proc_stat st;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++) {
		str_clear(&text);
		str_addf(&text, "4242 (cat)%s%s", rest, rows[i].fields);
		memset(&st, 0xff, sizeof(st));
		assert_true(procfs_parse_stat(str_text(&text), &st));
		assert_int_equal(st.has_memory, rows[i].memory);
		assert_int_equal(st.start_code, rows[i].code);
		assert_int_equal(st.start_stack, rows[i].stack);
	}
	str_free(&text);
}

static void short_stat_is_refused(void **state)
{
	static const char text[] = "4242 (a b)" FIELDS;
	/* Everything behind the start time may be missing. */
	const size_t start = (size_t)(strstr(text, "987654321") - text);
	static const char *const bad[] = { "", "4242", "4242 (cat", "4242 cat) S 1", ")(",
		"4242 )a( S 1 1 1", "4242 )" FIELDS " (",
		"4242 (cat)", "4242 (cat) S", "1 (c) S x 1 1 0 -1 4 1 0 0 0 7 8 0 0 20 0 1 0 9" };
	struct proc_stat st;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(text); n++) {
		char *cut = strndup(text, n);

		assert_int_equal(procfs_parse_stat(cut, &st), n > start);
		free(cut);
	}
	for (n = 0; n < LENGTH(bad); n++)
		assert_false(procfs_parse_stat(bad[n], &st));
}

static void a_long_name_is_cut(void **state)
{
	struct str text = { 0 };
	struct proc_stat st;

	(void)state;
	str_add(&text, "1 (");
	while (text.len < 500)
		str_addc(&text, 'x');
	str_add(&text, ")" FIELDS);
	assert_true(procfs_parse_stat(str_text(&text), &st));
	assert_int_equal(strlen(st.comm), sizeof(st.comm) - 1);
	assert_int_equal(st.start_time, 987654321);
	str_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_lines_are_parsed),
		cmocka_unit_test(bad_lines_are_refused),
		cmocka_unit_test(prefixes_of_a_line),
		cmocka_unit_test(random_damage_never_hurts),
		cmocka_unit_test(whole_files_are_parsed),
		cmocka_unit_test(cut_files_are_parsed),
		cmocka_unit_test(mounts_tell_shared_memory),
		cmocka_unit_test(cut_mounts_never_hurt),
		cmocka_unit_test(stat_is_parsed),
		cmocka_unit_test(stat_tells_of_memory),
		cmocka_unit_test(short_stat_is_refused),
		cmocka_unit_test(a_long_name_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
