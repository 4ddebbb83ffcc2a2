/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/model/describe: mappings and counts as JSON, and mappings read back from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "model/describe.h"
#include "model/snapshot.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* What is read of v after it was written as a line of JSON. */
static void check_described(const struct vma *v)
{
	struct snapshot *s = snapshot_of("", NULL);
	struct vma counted = *v, back;
	json_t *j;
	struct err e;
	char *line, *name;

	counted.runs = runs_of("A1 .1");
	j = describe_vma(s, &counted, NO_COUNT);
	line = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	assert_non_null(line);
	j = json_loads(line, 0, NULL);
	assert_non_null(j);
	if (describe_parse_vma(j, 4096, &back, &name, &e) < 0)
		fail_msg("%s: %s", e.text, line);
	assert_string_equal(name, v->name);
	assert_ptr_equal(back.name, name);
	assert_int_equal(back.start, v->start);
	assert_int_equal(back.end, v->end);
	assert_int_equal(back.offset, v->offset);
	assert_int_equal(back.inode, v->inode);
	assert_int_equal(back.dev_major, v->dev_major);
	assert_int_equal(back.dev_minor, v->dev_minor);
	assert_int_equal(back.perms, v->perms);
	assert_int_equal(back.kind, v->kind);
	assert_int_equal(back.deleted, v->deleted);
	assert_int_equal(back.page_size, v->page_size);
	free(name);
	free(line);
	json_decref(j);
	runs_unref(counted.runs);
	snapshot_unref(s);
}

static void mappings_are_described_and_read_back(void **state)
{
	static const char *const names[] = { "", "[heap]", "/a b", "/a\nb", "/\x1b[31m\a",
		"/\"quoted\"\\", "/\\x41", "/\\\\x41", "/\xff\xfe\x80", "/caf\xc3\xa9",
		"/\xe2\x80\xae", "/\xed\xa0\x80", "/\xf4\x90\x80\x80", "/\x7f", "/\xc2\x85",
		"/\xef\xbf\xbe", "/x (deleted)", "\\", "/\\u0041" };
	struct vma v = { .start = 0x7ffff0000000, .end = 0x7ffff0002000, .offset = 0x123456789000,
		.inode = 247134, .dev_major = 0xfe, .dev_minor = 0x12345, .page_size = 2 << 20 };
	char every[257];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(names); i++) {
		v.name = names[i];
		v.perms = i & 15;
		v.kind = (uint8_t)(i % VMA_KINDS);
		v.deleted = i & 1;
		check_described(&v);
	}
	for (i = 0; i < 255; i++)
		every[i] = (char)(i + 1);
	every[255] = '\0';
	v.name = every;
	check_described(&v);
	v.start = 0xffffffffff600000;
	v.end = 0xffffffffff601000;
	v.offset = INT64_MAX;
	v.inode = INT64_MAX;
	v.dev_major = v.dev_minor = UINT32_MAX;
	check_described(&v);
}

/* Network and overlay file systems give out inode numbers of all 64 bits. */
static void large_numbers_are_described_too(void **state)
{
	struct vma v = { .start = 0x10000,
		.end = 0x12000,
		.inode = 0x8000000000000001,
		.name = "/x",
		.page_size = 4096,
		.kind = VMA_FILE };

	(void)state;
	check_described(&v);
	v.inode = UINT64_MAX;
	v.offset = UINT64_MAX - 4095;
	check_described(&v);
}

static void impossible_mappings_are_refused(void **state)
{
	static const struct {
		const char *key, *value; /* value: JSON, NULL: taken away */
	} rows[] = {
		{ "start", NULL },
		{ "start", "4096" },
		{ "start", "\"1000\"" },
		{ "start", "\"0x1001\"" },
		{ "start", "\"0x3000\"" },
		{ "start", "\"0x4000\"" },
		{ "start", "\"0x\"" },
		{ "end", NULL },
		{ "end", "\"0x3001\"" },
		{ "end", "\"0x10000000000000000\"" },
		{ "end", "\"0xfffffffffffff000\"" },
		{ "perms", NULL },
		{ "perms", "\"rw-\"" },
		{ "perms", "\"rw-px\"" },
		{ "perms", "7" },
		{ "dev", NULL },
		{ "dev", "\"fe\"" },
		{ "dev", "\"fe:00:1\"" },
		{ "dev", "\"\"" },
		{ "offset", NULL },
		{ "offset", "1.5" },
		{ "offset", "\"x\"" },
		{ "inode", NULL },
		{ "inode", "true" },
		{ "deleted", NULL },
		{ "deleted", "0" },
		{ "page_size", NULL },
		{ "page_size", "4294967296" },
		{ "page_size", "-1" },
		{ "name", NULL },
		{ "name", "null" },
		{ "name", "7" },
		{ "kind", NULL },
		{ "kind", "[]" },
	};
	static const char good[] =
		"{\"start\":\"0x1000\",\"end\":\"0x3000\",\"perms\":\"rw-p\",\"offset\":0,"
		"\"dev\":\"fe:00\",\"inode\":5,\"kind\":\"novel\",\"deleted\":false,"
		"\"name\":\"/x\",\"page_size\":4096}";
	struct vma v;
	struct err e;
	char *name;
	size_t i;
	json_t *j = json_loads(good, 0, NULL);

	(void)state;
	assert_int_equal(describe_parse_vma(j, 4096, &v, &name, &e), 0);
	assert_int_equal(v.kind, VMA_FILE); /* a kind of the future */
	free(name);
	assert_int_equal(describe_parse_vma(j, 16384, &v, &name, &e), -1);
	assert_null(name);
	json_decref(j);
	for (i = 0; i < LENGTH(rows); i++) {
		j = json_loads(good, 0, NULL);
		if (rows[i].value)
			json_object_set_new(
				j, rows[i].key, json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
		else
			json_object_del(j, rows[i].key);
		e.text[0] = '\0';
		if (describe_parse_vma(j, 4096, &v, &name, &e) == 0)
			fail_msg("%s = %s is taken", rows[i].key,
				rows[i].value ? rows[i].value : "nothing");
		assert_null(name);
		assert_true(strlen(e.text) > 10);
		json_decref(j);
	}
	assert_int_equal(describe_parse_vma(NULL, 4096, &v, &name, &e), -1);
}

static void unknown_counts_are_null(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *s;
	struct page_known known;
	struct err e;
	json_t *j;

	(void)state;
	info.known = (struct page_known){ .pfn = true, .guard = true };
	s = snapshot_of("0x1000 rw-p anon - A2 01 S3h #4", &info);
	j = describe_vma(s, snapshot_vma(s, 0), 17);
	assert_int_equal(json_integer_value(json_object_get(j, "checkpoint")), 17);
	assert_true(json_is_null(json_object_get(j, "huge")));
	json_decref(j);
	j = describe_states(s, snapshot_totals(s));
	assert_int_equal(json_object_size(j), PAGE_STATES);
	assert_true(json_is_null(json_object_get(j, "zero")));
	assert_true(json_is_null(json_object_get(j, "swap")));
	assert_true(json_is_null(json_object_get(j, "marker")));
	assert_true(json_is_null(json_object_get(j, "moving")));
	assert_int_equal(json_integer_value(json_object_get(j, "guard")), 4);
	assert_int_equal(json_integer_value(json_object_get(j, "anon")), 2);
	json_decref(j);
	j = describe_header(s, "f", 3);
	memset(&known, 0xff, sizeof(known));
	assert_int_equal(describe_parse_known(json_object_get(j, "known"), &known, &e), 0);
	assert_memory_equal(&known, &info.known, sizeof(known));
	json_object_del(json_object_get(j, "known"), "soft_dirty");
	assert_int_equal(describe_parse_known(json_object_get(j, "known"), &known, &e), -1);
	assert_non_null(strstr(e.text, "soft_dirty"));
	json_decref(j);
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mappings_are_described_and_read_back),
		cmocka_unit_test(large_numbers_are_described_too),
		cmocka_unit_test(impossible_mappings_are_refused),
		cmocka_unit_test(unknown_counts_are_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
