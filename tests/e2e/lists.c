/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <wchar.h>

#include "e2e/lists.h"
#include "helpers.h"

const char *const lists_states[LISTS_STATES] = { "none", "anon", "file", "swap", "zero", "guard",
	"moving", "marker", "unknown" };

char *lists_print(uid_t uid, pid_t pid, const char *const args[])
{
	const char *argv[16] = { pmview_path() };
	char target[16];
	struct result r;
	size_t n = 1;

	for (; *args; args++)
		argv[n++] = *args;
	snprintf(target, sizeof(target), "%d", (int)pid);
	argv[n] = target;
	r = run_program_as(uid, argv);
	assert_string_equal(r.err, "");
	assert_int_equal(r.status, 0);
	free(r.err);
	return r.out;
}

json_t *lists_parse(char *text)
{
	json_error_t e;
	json_t *j = json_loads(text, 0, &e);

	if (!j)
		fail_msg("not JSON, line %d: %s", e.line, e.text);
	free(text);
	return j;
}

long long lists_number(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);

	if (!json_is_integer(v) && !json_is_null(v))
		fail_msg("no number: %s", key);
	return json_is_null(v) ? -1 : json_integer_value(v);
}

const char *lists_text(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	if (!s)
		fail_msg("no text: %s", key);
	return s;
}

uint64_t lists_address(const json_t *j, const char *key)
{
	const char *s = lists_text(j, key);

	assert_int_equal(strncmp(s, "0x", 2), 0);
	return strtoull(s, NULL, 16);
}

bool lists_knows(const json_t *list, const char *what)
{
	const json_t *v = json_object_get(json_object_get(list, "known"), what);

	assert_true(json_is_boolean(v));
	return json_is_true(v);
}

long long lists_state(const json_t *vma, const char *state)
{
	return lists_number(json_object_get(vma, "states"), state);
}

const json_t *lists_vma(const json_t *list, uint64_t address)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(list, "vmas"), i, v)
		if (address >= lists_address(v, "start") && address < lists_address(v, "end"))
			return v;
	return NULL;
}

struct table table_of(char *text)
{
	struct table t = { .text = text };
	size_t n = 0, room = 0;
	char *at = text, *to = text;

	while (*at) {
		char end;

		if (n == room)
			t.cell = realloc(t.cell, (room = 2 * room + 64) * sizeof(*t.cell));
		t.cell[n++] = to;
		if (*at == '"') {
			for (at++; *at && (*at != '"' || at[1] == '"'); *to++ = *at++)
				at += *at == '"';
			assert_int_equal(*at, '"');
			at++;
		} else {
			while (!strchr(",\n", *at))
				*to++ = *at++;
		}
		end = *at++;
		assert_true(end == ',' || end == '\n');
		*to++ = '\0';
		if (end == ',')
			continue;
		if (!t.rows++)
			t.cols = n;
		assert_int_equal(n, t.rows * t.cols);
	}
	return t;
}

void table_free(struct table *t)
{
	free(t->text);
	free(t->cell);
	*t = (struct table){ 0 };
}

const char *cell(const struct table *t, size_t row, const char *column)
{
	size_t c;

	assert_true(row < t->rows);
	for (c = 0; c < t->cols; c++)
		if (!strcmp(t->cell[c], column))
			return t->cell[row * t->cols + c];
	fail_msg("no column %s", column);
	return NULL;
}

size_t smaps_read(pid_t pid, struct smaps **out)
{
	char path[32], *line = NULL;
	size_t size = 0, n = 0, room = 0;
	FILE *f;

	*out = NULL;
	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	f = fopen(path, "re");
	while (f && getline(&line, &size, f) > 0) {
		struct smaps *m = n ? &(*out)[n - 1] : NULL, new = { 0 };
		char perms[5], key[40];
		int at = 0;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s ", &new.start, &new.end, perms) == 3) {
			if (n == room)
				*out = realloc(*out, (room = 2 * room + 32) * sizeof(**out));
			(*out)[n++] = new;
		} else if (m && sscanf(line, "%39[^:]: %n", key, &at) == 1 && at) {
			if (!strcmp(key, "Rss"))
				m->rss = atol(line + at);
			else if (!strcmp(key, "Swap"))
				m->swap = atol(line + at);
			else if (!strcmp(key, "Anonymous"))
				m->anonymous = atol(line + at);
			else if (!strcmp(key, "VmFlags")) {
				m->hugetlb = strstr(line, " ht");
				m->pfnmap = strstr(line, " pf");
				m->droppable = strstr(line, " dp");
			}
		}
	}
	free(line);
	if (f)
		fclose(f);
	return n;
}

bool has_scan(void)
{
	const char *argv[] = { pmview_path(), "-V", NULL };
	struct result r = run_program(argv);
	bool has = strstr(r.out, "PAGEMAP_SCAN yes");

	result_free(&r);
	return has;
}

static bool is_harmless(wchar_t c)
{
	return c != 0x200e && c != 0x200f && c != 0x061c && c != 0xfeff &&
		!(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) &&
		!(c >= 0x7f && c < 0xa0) && (c >= 0x20 || c == '\n');
}

bool text_is_clean(const char *text, size_t len)
{
	mbstate_t state = { 0 };
	size_t at = 0, n;
	wchar_t c;

	/* The C library decodes: another judge than the program's own decoder. */
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	for (; at < len; at += n) {
		n = mbrtowc(&c, text + at, len - at, &state);
		if (!n || n > 4 || !is_harmless(c)) {
			fprintf(stderr, "byte %zu: 0x%02x\n", at, (unsigned char)text[at]);
			return false;
		}
	}
	return true;
}
