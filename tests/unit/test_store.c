/* SPDX-License-Identifier: GPL-2.0-or-later */
/* .pmv files: what is written is read back; what is cut or damaged never hurts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "base/mem.h"
#include "base/str.h"
#include "helpers.h"
#include "source/store.h"
#include "store_help.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* --- files --- */

/* The JSON lines in the file at path. */
static struct str unpack(const char *path)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	struct str text = { 0 };
	size_t n;
	char *packed = read_file(path, &n), buf[65536];
	ZSTD_inBuffer in = { packed, n, 0 };

	assert_non_null(packed);
	while (in.pos < in.size) {
		ZSTD_outBuffer out = { buf, sizeof(buf), 0 };

		assert_false(ZSTD_isError(ZSTD_decompressStream(zstd, &out, &in)));
		str_addn(&text, buf, out.pos);
	}
	ZSTD_freeDCtx(zstd);
	free(packed);
	return text;
}

/* The same lines with a frame for each, so that a small file has many. */
static struct str frame_a_line(const struct str *text)
{
	struct str file = { 0 };
	const char *line, *end;

	for (line = text->s; *line; line = end + 1) {
		end = strchr(line, '\n');
		add_frame(&file, line, (size_t)(end - line) + 1, true);
	}
	return file;
}

/* --- comparing --- */

/* part is what could be had of whole: it begins as whole does, and what follows is unknown. */
static void assert_part(const struct snapshot *part, const struct snapshot *whole)
{
	bool cut = snapshot_vmas(part) < snapshot_vmas(whole);
	size_t i, k;

	assert_same_info(snapshot_info(part), snapshot_info(whole));
	assert_true(snapshot_vmas(part) <= snapshot_vmas(whole));
	for (i = 0; i < snapshot_vmas(part); i++) {
		const struct runs *p = snapshot_vma(part, i)->runs,
				  *w = snapshot_vma(whole, i)->runs;

		assert_same_vma(snapshot_vma(part, i), snapshot_vma(whole, i));
		assert_int_equal(runs_pages(p), runs_pages(w));
		for (k = 0; k < runs_length(p); k++) {
			struct run a = runs_at(p, k), b = runs_at(w, runs_find(w, a.first));

			if (a.state == PAGE_UNKNOWN &&
				(b.state != PAGE_UNKNOWN || a.pages != b.pages)) {
				assert_true(a.first + a.pages == runs_pages(p));
				cut = true;
			} else {
				assert_true(a.first == b.first && a.pages == b.pages);
				assert_true(a.state == b.state && a.huge == b.huge);
			}
		}
	}
	if (cut)
		assert_false(snapshot_info(part)->complete);
}

/* Read what may be damaged. Returns whether anything came of it. */
static bool check_damaged(const char *path, const struct snapshot *whole)
{
	struct err e = { .text = "" };
	struct snapshot *s = store_read_last(path, &e);

	if (!s) {
		assert_true(strlen(e.text) > 10);
		return false;
	}
	assert_part(s, whole);
	snapshot_unref(s);
	return true;
}

static void check_round_trip(const struct snapshot *s)
{
	char *path = mem_strdup(scratch("round.pmv"));
	struct snapshot *back;

	save(path, s);
	back = load(path);
	assert_same(s, back);
	snapshot_unref(back);
	free(path);
}

/* --- round trips --- */

static void snapshots_come_back(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s = small_snapshot();
	int i;

	(void)state;
	check_round_trip(s);
	snapshot_unref(s);
	s = snapshot_of("", NULL);
	check_round_trip(s);
	snapshot_unref(s);
	for (i = 0; i < 7; i++) {
		bool *known = &info.known.pfn;

		memset(&info.known, 0, sizeof(info.known));
		known[i] = true;
		s = snapshot_of(small_text, &info);
		check_round_trip(s);
		snapshot_unref(s);
	}
	info = (struct snapshot_info){
		.pid = INT32_MAX,
		.start_time = INT64_MAX,
		.comm = "a\nb\x1b[2J\xff\\x41\"",
		.cmdline = "\0\0-x\\\n\xff\0\0",
		.cmdline_len = 8,
		.host = "h\xc3\xa9\x01", .kernel = "6.1.0-\x80", .boot_id = "",
		.time = { .tv_sec = 4000000000, .tv_nsec = 999000000 },
		.page_size = 65536,
		.pmd_size = 512 << 20,
		.engine = ENGINE_READ,
		.max_map_count = INT64_MAX,
		.scan_ns = INT64_MAX,
		.longest_call_ns = 123456789,
		.held_ns = 5,
		.pfn_withheld = true,
		.standing = STANDING_FROZEN,
		.cgroup = "/a\nb\xff",
		.note = "it was looked at",
		.complete = false,
	};
	s = snapshot_of("0x400000 rw-p anon - A3 .2 A1\n", &info);
	check_round_trip(s);
	snapshot_unref(s);
	info.known.pfn = true;
	info.pfn_withheld = false;
	info.zero_pfn = 0x1234567890;
	info.page_size = 512;
	info.pmd_size = 0;
	info.max_map_count = 0;
	info.cmdline_len = 0;
	info.complete = true;
	s = snapshot_of("0xfffffffffffffa00 rw-p anon - A1 .1\n", &info);
	check_round_trip(s);
	snapshot_unref(s);
}

static void names_of_any_bytes_come_back(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b = snapshot_builder_new(&info);
	struct snapshot *s;
	char name[600];
	int i, k, n;

	(void)state;
	srand(1);
	for (i = 0; i < 1000; i++) {
		struct vma v = { .start = (uint64_t)i << 14,
			.end = ((uint64_t)i << 14) + 4096,
			.name = name,
			.kind = (uint8_t)(i % VMA_KINDS),
			.perms = (uint8_t)(i % 16),
			.deleted = i % 3,
			.inode = (uint64_t)i,
			.offset = (uint64_t)i << 12,
			.page_size = 4096,
			.dev_major = (uint32_t)i,
			.dev_minor = UINT32_MAX };

		n = i < 256 ? 1 : rand() % 599;
		for (k = 0; k < n; k++)
			name[k] = (char)(i < 256 ? i
					: i % 2  ? 1 + rand() % 255
						 : "\\x0afe\xc3\xa9\n"[rand() % 9]);
		name[n] = '\0';
		snapshot_builder_add(b, &v, runs_of("A1"));
	}
	s = snapshot_builder_finish(b);
	check_round_trip(s);
	snapshot_unref(s);
}

/* Network and overlay file systems give out inode numbers of all 64 bits. */
static void large_inode_numbers_come_back(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b = snapshot_builder_new(&info);
	struct vma v = { .start = 0x1000, .end = 0x2000, .name = "/x", .kind = VMA_FILE,
		.inode = 0x8000000000000001, .page_size = 4096 };
	struct snapshot *s;

	(void)state;
	snapshot_builder_add(b, &v, runs_of("F1"));
	s = snapshot_builder_finish(b);
	check_round_trip(s);
	snapshot_unref(s);
}

static void big_snapshots_come_back(void **state)
{
	struct snapshot *s;

	(void)state;
	srand(1);
	s = random_snapshot(10000, 3);
	check_round_trip(s);
	snapshot_unref(s);
	s = random_snapshot(2, 150000);
	assert_true(runs_length(snapshot_vma(s, 1)->runs) == 150000);
	check_round_trip(s);
	snapshot_unref(s);
}

static void other_tools_may_pack_the_lines_anew(void **state)
{
	char *path = mem_strdup(scratch("packed.pmv"));
	struct snapshot *s, *back;
	struct str text, file = { 0 };

	(void)state;
	srand(2);
	s = random_snapshot(3, 40000);
	save(path, s);
	text = unpack(path);
	add_frame(&file, text.s, text.len, true);
	put(path, file.s, file.len);
	back = load(path);
	assert_same(s, back);
	snapshot_unref(back);
	str_clear(&file);
	add_frame(&file, text.s, text.len, false);
	put(path, file.s, file.len);
	check_damaged(path, s);
	str_free(&file);
	file = frame_a_line(&text);
	put(path, file.s, file.len);
	back = load(path);
	assert_same(s, back);
	snapshot_unref(back);
	snapshot_unref(s);
	str_free(&file);
	str_free(&text);
	free(path);
}

static void standard_input_and_output(void **state)
{
	char *path = mem_strdup(scratch("stream.pmv"));
	struct snapshot *s = small_snapshot(), *back;
	int saved, fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), r;
	struct err e;

	(void)state;
	fflush(stdout);
	saved = dup(1);
	dup2(fd, 1);
	r = store_write("-", s, NULL, false, &e);
	fflush(stdout);
	dup2(saved, 1);
	close(saved);
	close(fd);
	assert_int_equal(r, 0);
	assert_non_null(freopen(path, "r", stdin));
	back = load("-");
	assert_same(s, back);
	snapshot_unref(s);
	snapshot_unref(back);
	free(path);
}

/* --- cut and damaged --- */

static void files_cut_at_any_byte(void **state)
{
	char *path = mem_strdup(scratch("cut.pmv"));
	struct snapshot *s = small_snapshot();
	struct str text, file;
	size_t n, opened = 0;
	bool before = false, now;

	(void)state;
	save(path, s);
	text = unpack(path);
	file = frame_a_line(&text);
	for (n = 0; n < file.len; n++) {
		put(path, file.s, n);
		now = check_damaged(path, s);
		assert_true(now || !before); /* more of the file is never less */
		before = now;
		opened += now;
	}
	assert_true(opened > file.len / 2);
	/* As it is written, in one frame: all or nothing. */
	str_free(&file);
	add_frame(&file, text.s, text.len, true);
	for (n = 0; n < file.len; n++) {
		put(path, file.s, n);
		assert_false(check_damaged(path, s));
	}
	snapshot_unref(s);
	str_free(&file);
	str_free(&text);
	free(path);
}

static void a_cut_leaves_what_was_whole(void **state)
{
	static const char *const lines[] = { /* of small_text: known pages after so many lines */
		"header", "vma", "vma", "vma", "vma", "vma", "runs", "runs", "runs", "runs", "runs",
		"end"
	};
	char *path = mem_strdup(scratch("cut.pmv"));
	struct snapshot *s = small_snapshot(), *part;
	struct str text, file = { 0 };
	char *line, *end;
	size_t n = 0, i;

	(void)state;
	save(path, s);
	text = unpack(path);
	for (line = text.s; *line; line = end + 1, n++) {
		end = strchr(line, '\n');
		assert_true(n < LENGTH(lines) &&
			memmem(line, (size_t)(end - line), lines[n], strlen(lines[n])));
		add_frame(&file, line, (size_t)(end - line) + 1, true);
		put(path, file.s, file.len);
		part = load(path);
		assert_part(part, s);
		assert_int_equal(snapshot_info(part)->complete, n == LENGTH(lines) - 1);
		assert_int_equal(snapshot_vmas(part), n < 5 ? n : 5);
		for (i = 0; i < snapshot_vmas(part); i++)
			assert_int_equal(vma_is_opaque(snapshot_vma(part, i)), n < 6 + i || i == 4);
		snapshot_unref(part);
	}
	assert_int_equal(n, LENGTH(lines));
	snapshot_unref(s);
	str_free(&file);
	str_free(&text);
	free(path);
}

/* A bigger file, as it is written. */
static struct snapshot *medium(char **path, char **data, size_t *n)
{
	struct snapshot *s;

	srand(3);
	s = random_snapshot(1500, 20);
	*path = mem_strdup(scratch("medium.pmv"));
	save(*path, s);
	*data = read_file(*path, n);
	assert_non_null(*data);
	assert_true((*data)[4] & 4); /* the frame carries a checksum (RFC 8878, 3.1.1.1.1) */
	return s;
}

static void big_files_cut_anywhere(void **state)
{
	char *path, *data;
	size_t n, opened = 0;
	struct snapshot *s = medium(&path, &data, &n);
	int i;

	(void)state;
	for (i = 0; i < 60; i++) {
		put(path, data, (size_t)rand() % n);
		opened += check_damaged(path, s);
	}
	assert_true(opened > 20);
	snapshot_unref(s);
	free(path);
	free(data);
}

static void flipped_bits(void **state)
{
	char *path = mem_strdup(scratch("flipped.pmv"));
	struct snapshot *s;
	struct str text, file;
	int i, opened = 0;

	(void)state;
	srand(4);
	s = random_snapshot(12, 8);
	save(path, s);
	text = unpack(path);
	file = frame_a_line(&text);
	for (i = 0; i < 2000; i++) {
		size_t at = (size_t)rand() % file.len;
		char was = file.s[at];

		file.s[at] = (char)(was ^ 1 << rand() % 8);
		put(path, file.s, file.len);
		opened += check_damaged(path, s);
		file.s[at] = was;
	}
	assert_in_range(opened, 500, 1999);
	snapshot_unref(s);
	str_free(&file);
	str_free(&text);
	free(path);
}

static void bytes_of_no_kind(void **state)
{
	char *path = mem_strdup(scratch("noise.pmv")), noise[5000];
	struct err e;
	size_t i;
	int k;

	(void)state;
	srand(5);
	for (k = 0; k < 300; k++) {
		for (i = 0; i < sizeof(noise); i++)
			noise[i] = (char)rand();
		memcpy(noise, "\x28\xb5\x2f\xfd", k % 2 ? 4 : 0);
		put(path, noise, (size_t)rand() % sizeof(noise));
		assert_null(store_read_last(path, &e));
		assert_non_null(strstr(e.text, path));
	}
	assert_null(store_read_last(scratch("missing.pmv"), &e));
	assert_int_equal(e.code, ENOENT);
	assert_null(store_read_last("/", &e));
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(snapshots_come_back),
		cmocka_unit_test(names_of_any_bytes_come_back),
		cmocka_unit_test(large_inode_numbers_come_back),
		cmocka_unit_test(big_snapshots_come_back),
		cmocka_unit_test(other_tools_may_pack_the_lines_anew),
		cmocka_unit_test(standard_input_and_output),
		cmocka_unit_test(files_cut_at_any_byte),
		cmocka_unit_test(a_cut_leaves_what_was_whole),
		cmocka_unit_test(big_files_cut_anywhere),
		cmocka_unit_test(flipped_bits),
		cmocka_unit_test(bytes_of_no_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
