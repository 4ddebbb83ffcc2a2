/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of .pmv files share: writing, reading, making up and comparing them. */
#ifndef TESTS_UNIT_STORE_HELP_H
#define TESTS_UNIT_STORE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/mem.h"
#include "base/str.h"
#include "helpers.h"
#include "source/store.h"

static inline void put(const char *path, const void *data, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* Append text as one zstd frame. */
static inline void add_frame(struct str *file, const char *text, size_t n, bool checksum)
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

static inline void save(const char *path, const struct snapshot *s)
{
	struct err e;

	if (store_write(path, s, NULL, true, &e) < 0)
		fail_msg("%s", e.text);
}

/* The last snapshot of the file at path. As store_read(). */
static inline struct snapshot *store_read_last(const char *path, struct err *e)
{
	struct store *store = store_open(path, e);
	struct snapshot *s = store ? store_read(store, store_count(store) - 1, e) : NULL;

	store_close(store);
	return s;
}

static inline struct snapshot *load(const char *path)
{
	struct err e;
	struct snapshot *s = store_read_last(path, &e);

	if (!s)
		fail_msg("%s", e.text);
	return s;
}

static inline void assert_same_info(const struct snapshot_info *a, const struct snapshot_info *b)
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
	assert_int_equal(a->held_ns, b->held_ns);
	assert_int_equal(a->zero_pfn, b->zero_pfn);
	assert_int_equal(a->pfn_withheld, b->pfn_withheld);
	assert_int_equal(a->standing, b->standing);
	assert_string_equal(a->cgroup, b->cgroup);
	assert_string_equal(a->note, b->note);
}

static inline void assert_same_vma(const struct vma *a, const struct vma *b)
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

static inline void assert_same(const struct snapshot *a, const struct snapshot *b)
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

static const char small_text[] =
	"0x400000 r-xp file  /usr/bin/cat  F3 .2 A1\n"
	"0x600000 rw-p heap  [heap]        A4 .1 S2 A512h 01 #2 m3 !4 ?5\n"
	"0x7f0000000000 rw-s shmem /memfd:x F1 .4095\n"
	"0x7f0001000000 rw-p anon -        .1099511627776\n"
	"0xffffffffff600000 --xp special [vsyscall] ?1\n";

static inline struct snapshot *small_snapshot(void)
{
	return snapshot_of(small_text, NULL);
}

static inline struct snapshot *random_snapshot(size_t vmas, size_t runs_each)
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

#endif
