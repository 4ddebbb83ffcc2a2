/* SPDX-License-Identifier: GPL-2.0-or-later */
/* .pmv files: what is written is read back; what is cut, damaged or made up never hurts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/mem.h"
#include "base/str.h"
#include "helpers.h"
#include "source/store.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* --- files --- */

static void put(const char *path, const void *data, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* Append text as one zstd frame. */
static void add_frame(struct str *file, const char *text, size_t n, bool checksum)
{
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	size_t room = ZSTD_compressBound(n), packed;
	char *to = mem_alloc(room);

	ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, checksum);
	packed = ZSTD_compress2(zstd, to, room, text, n);
	assert_false(ZSTD_isError(packed));
	str_addn(file, to, packed);
	free(to);
	ZSTD_freeCCtx(zstd);
}

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

static void save(const char *path, const struct snapshot *s)
{
	struct err e;

	if (store_write(path, s, true, &e) < 0)
		fail_msg("%s", e.text);
}

static struct snapshot *load(const char *path)
{
	struct err e;
	struct snapshot *s = store_read(path, &e);

	if (!s)
		fail_msg("%s", e.text);
	return s;
}

/* --- comparing --- */

static void assert_same_info(const struct snapshot_info *a, const struct snapshot_info *b)
{
	assert_int_equal(a->pid, b->pid);
	assert_int_equal(a->start_time, b->start_time);
	assert_string_equal(a->comm, b->comm);
	assert_int_equal(a->cmdline_len, b->cmdline_len);
	assert_memory_equal(a->cmdline, b->cmdline, a->cmdline_len);
	assert_string_equal(a->host, b->host);
	assert_string_equal(a->kernel, b->kernel);
	assert_string_equal(a->boot_id, b->boot_id);
	assert_int_equal(a->time.tv_sec, b->time.tv_sec);
	assert_int_equal(a->time.tv_nsec / 1000000, b->time.tv_nsec / 1000000);
	assert_int_equal(a->page_size, b->page_size);
	assert_int_equal(a->pmd_size, b->pmd_size);
	assert_int_equal(a->engine, b->engine);
	assert_memory_equal(&a->known, &b->known, sizeof(a->known));
	assert_int_equal(a->max_map_count, b->max_map_count);
	assert_int_equal(a->scan_ns, b->scan_ns);
	assert_int_equal(a->longest_call_ns, b->longest_call_ns);
}

static void assert_same_vma(const struct vma *a, const struct vma *b)
{
	assert_int_equal(a->start, b->start);
	assert_int_equal(a->end, b->end);
	assert_int_equal(a->offset, b->offset);
	assert_int_equal(a->inode, b->inode);
	assert_int_equal(a->dev_major, b->dev_major);
	assert_int_equal(a->dev_minor, b->dev_minor);
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->page_size, b->page_size);
	assert_int_equal(a->perms, b->perms);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->deleted, b->deleted);
}

static void assert_same(const struct snapshot *a, const struct snapshot *b)
{
	size_t i;

	assert_same_info(snapshot_info(a), snapshot_info(b));
	assert_int_equal(snapshot_info(a)->complete, snapshot_info(b)->complete);
	assert_int_equal(snapshot_vmas(a), snapshot_vmas(b));
	for (i = 0; i < snapshot_vmas(a); i++) {
		assert_same_vma(snapshot_vma(a, i), snapshot_vma(b, i));
		assert_true(runs_equal(snapshot_vma(a, i)->runs, snapshot_vma(b, i)->runs));
	}
	assert_memory_equal(snapshot_totals(a), snapshot_totals(b), sizeof(struct page_counts));
}

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
	struct snapshot *s = store_read(path, &e);

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

static const char small_text[] =
	"0x400000 r-xp file  /usr/bin/cat  F3 .2 A1\n"
	"0x600000 rw-p heap  [heap]        A4 .1 S2 A512h 01 #2 m3 !4 ?5\n"
	"0x7f0000000000 rw-s shmem /memfd:x F1 .4095\n"
	"0x7f0001000000 rw-p anon -        .1099511627776\n"
	"0xffffffffff600000 --xp special [vsyscall] ?1\n";

static struct snapshot *small_snapshot(void)
{
	return snapshot_of(small_text, NULL);
}

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
		.complete = false,
	};
	s = snapshot_of("0x400000 rw-p anon - A3 .2 A1\n", &info);
	check_round_trip(s);
	snapshot_unref(s);
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

static struct snapshot *random_snapshot(size_t vmas, size_t runs_each)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot_builder *b = snapshot_builder_new(&info);
	struct runs_builder rb = { 0 };
	uint64_t at = 0x10000;
	size_t i, k;

	for (i = 0; i < vmas; i++) {
		struct vma v = { .start = at,
			.name = i % 3 ? "/usr/lib/libx.so" : "",
			.inode = i % 3 ? 7 : 0,
			.kind = i % 3 ? VMA_FILE : VMA_ANON,
			.perms = 3,
			.page_size = 4096 };

		for (k = 0; k < runs_each; k++)
			runs_builder_add(&rb, 1 + (uint64_t)rand() % 1000,
				(enum page_state)(rand() % 3 * 2 + k % 2), !(rand() % 5));
		v.end = at + rb.pages * 4096;
		at = v.end + (uint64_t)rand() % 3 * 4096;
		snapshot_builder_add(b, &v, runs_builder_finish(&rb));
	}
	runs_builder_free(&rb);
	return snapshot_builder_finish(b);
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
	r = store_write("-", s, false, &e);
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
		assert_null(store_read(path, &e));
		assert_non_null(strstr(e.text, path));
	}
	assert_null(store_read(scratch("missing.pmv"), &e));
	assert_int_equal(e.code, ENOENT);
	assert_null(store_read("/", &e));
	free(path);
}

/* --- made up --- */

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
	s = store_read(path, e);
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
		HEADER HEADER,
		HEADER TEN HEADER,
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
	assert_null(store_read(path, &e));
	add_frame(&file, "", 0, true);
	put(path, file.s, file.len);
	assert_null(store_read(path, &e));
	add_frame(&file, HEADER END("0"), strlen(HEADER END("0")), true);
	put(path, file.s, file.len);
	s = load(path);
	assert_true(snapshot_info(s)->complete);
	snapshot_unref(s);
	str_free(&file);
	free(path);
}

/* Whatever their size, and wherever the second one begins. */
static void two_snapshots_are_refused(void **state)
{
	/* A frame that readers skip: the second one is then far behind the end of the first. */
	static char skipped[8 + (256 << 10)] = "\x50\x2a\x4d\x18\0\0\4";
	static const size_t runs[] = { 10, 1000, 100000 };
	char *path = mem_strdup(scratch("two.pmv"));
	struct err e;
	size_t i;

	(void)state;
	srand(6);
	for (i = 0; i < 2 * LENGTH(runs); i++) {
		struct snapshot *s = random_snapshot(2, runs[i / 2]), *both;
		struct str file = { 0 };
		char *data;
		size_t n;

		save(path, s);
		snapshot_unref(s);
		data = read_file(path, &n);
		str_addn(&file, data, n);
		if (i % 2)
			str_addn(&file, skipped, sizeof(skipped));
		str_addn(&file, data, n);
		put(path, file.s, file.len);
		free(data);
		str_free(&file);
		both = store_read(path, &e);
		if (both)
			fail_msg("two snapshots of %zu bytes each are taken for one", n);
		assert_non_null(strstr(e.text, "more than one"));
	}
	free(path);
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
	assert_null(store_read(path, &e));
	assert_true(resident_mib() - before < 400);
	assert_non_null(strstr(e.text, "unpacks to more"));
	/* Behind a header as well, and in blanks that JSON would take. */
	str_clear(&file);
	add_frame(&file, HEADER, strlen(HEADER), true);
	add_bomb(&file, ' ', 100);
	put(path, file.s, file.len);
	assert_null(store_read(path, &e));
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
	s = store_read(path, &e);
	snapshot_unref(s); /* whether it is refused or skipped */
	free(path);
	assert_true(resident_mib() - before < 200);
}

/* --- where it is written --- */

static void check_kept(const char *path, bool replace, const char *why)
{
	struct snapshot *s = small_snapshot();
	struct err e = { .text = "" };
	int r = store_write(path, s, replace, &e);

	snapshot_unref(s);
	if (r == 0)
		fail_msg("%s was replaced", path);
	assert_non_null(strstr(e.text, why));
	assert_non_null(strstr(e.text, path));
}

static void foreign_files_are_left_alone(void **state)
{
	static const char *const texts[] = { "", "x", "\x28\xb5\x2f", "some notes\n",
		"{\"type\":\"header\"}\n" };
	char *path = mem_strdup(scratch("foreign")), *text;
	size_t i, n;

	(void)state;
	for (i = 0; i < LENGTH(texts); i++) {
		put(path, texts[i], strlen(texts[i]));
		check_kept(path, true, "no pmview snapshot");
		check_kept(path, false, "no pmview snapshot");
		text = read_file(path, &n);
		assert_int_equal(n, strlen(texts[i]));
		assert_memory_equal(text, texts[i], n);
		free(text);
	}
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	check_kept(path, true, "not a regular file");
	rmdir(path);
	assert_int_equal(mkfifo(path, 0600), 0); /* opening it would wait for ever */
	check_kept(path, true, "not a regular file");
	unlink(path);
	free(path);
}

/* Not everything that zstd has packed is ours: backup.tar.zst is not. */
static void foreign_zstd_files_are_left_alone(void **state)
{
	char *path = mem_strdup(scratch("backup.tar.zst"));
	struct str file = { 0 };

	(void)state;
	add_frame(&file, "precious", 8, true);
	put(path, file.s, file.len);
	check_kept(path, true, "no pmview snapshot");
	str_free(&file);
	free(path);
}

static void symbolic_links_are_refused(void **state)
{
	char *path = mem_strdup(scratch("target.pmv")), *link = mem_strdup(scratch("link.pmv"));
	struct snapshot *s = small_snapshot(), *back;

	(void)state;
	save(path, s);
	assert_int_equal(symlink(path, link), 0);
	check_kept(link, true, "not a regular file");
	back = load(link); /* reading through it is fine */
	assert_same(s, back);
	snapshot_unref(back);
	unlink(path);
	check_kept(link, true, "not a regular file"); /* dangling */
	unlink(link);
	snapshot_unref(s);
	free(path);
	free(link);
}

static void snapshots_are_replaced_if_that_was_asked(void **state)
{
	char *path = mem_strdup(scratch("mine.pmv"));
	struct snapshot *s = small_snapshot(), *other = snapshot_of("", NULL), *back;
	struct stat st;
	mode_t mask = umask(0);

	(void)state;
	save(path, s);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600); /* it may hold PFNs and file names */
	check_kept(path, false, "--force");
	back = load(path);
	assert_same(back, s);
	snapshot_unref(back);
	chmod(path, 0666);
	save(path, other);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	back = load(path);
	assert_same(back, other);
	snapshot_unref(back);
	umask(mask);
	snapshot_unref(s);
	snapshot_unref(other);
	free(path);
}

static void places_that_cannot_be(void **state)
{
	char *file = mem_strdup(scratch("plain")), *path = mem_strdup(scratch("plain/x.pmv"));
	struct snapshot *s = small_snapshot();
	struct err e;

	(void)state;
	put(file, "x", 1);
	assert_int_equal(store_write(path, s, false, &e), -1);
	assert_null(strstr(e.text, "exists"));
	assert_int_equal(e.code, ENOTDIR);
	assert_int_equal(store_write(scratch("no/where.pmv"), s, false, &e), -1);
	assert_int_equal(e.code, ENOENT);
	snapshot_unref(s);
	free(file);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enormous_lines_are_refused), /* these measure memory */
		cmocka_unit_test(bombs_are_refused),
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
		cmocka_unit_test(impossible_files_are_refused),
		cmocka_unit_test(headers_are_checked),
		cmocka_unit_test(lines_of_the_future_are_skipped),
		cmocka_unit_test(what_is_missing_is_unknown),
		cmocka_unit_test(a_gap_in_the_middle_is_missing_too),
		cmocka_unit_test(empty_frames_are_nothing),
		cmocka_unit_test(two_snapshots_are_refused),
		cmocka_unit_test(foreign_files_are_left_alone),
		cmocka_unit_test(foreign_zstd_files_are_left_alone),
		cmocka_unit_test(symbolic_links_are_refused),
		cmocka_unit_test(snapshots_are_replaced_if_that_was_asked),
		cmocka_unit_test(places_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
