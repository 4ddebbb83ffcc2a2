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
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
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
	/* What reading smaps may cost is said of large processes. */
	if (strncmp(r.err, "pmview: reading smaps of ", 25) != 0)
		assert_string_equal(r.err, "");
	assert_int_equal(r.status, 0);
	free(r.err);
	return r.out;
}

void process_stop(pid_t pid)
{
	siginfo_t si;

	kill(pid, SIGSTOP);
	/* Looked at, not taken: whoever waits for its end must not see this. */
	assert_int_equal(waitid(P_PID, (id_t)pid, &si, WSTOPPED | WNOWAIT), 0);
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

bool lists_has(const json_t *vma, const char *state)
{
	return lists_state(vma, state) >= 0;
}

uint64_t lists_count(const json_t *vma, const char *state)
{
	return lists_has(vma, state) ? (uint64_t)lists_state(vma, state) : 0;
}

uint64_t lists_total(const json_t *vma)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < LISTS_STATES; i++)
		sum += lists_count(vma, lists_states[i]);
	return sum;
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

uint64_t cell_hex(const struct table *t, size_t row, const char *column)
{
	return strtoull(cell(t, row, column), NULL, 16);
}

size_t row_of(const struct table *t, uint64_t address)
{
	size_t low = 1, high = t->rows;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (cell_hex(t, middle, "address") < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
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

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s ", &new.start, &new.end,
			    perms) == 3) {
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
			else if (!strcmp(key, "AnonHugePages") || !strcmp(key, "ShmemPmdMapped") ||
				!strcmp(key, "FilePmdMapped") || !strcmp(key, "Shared_Hugetlb") ||
				!strcmp(key, "Private_Hugetlb"))
				m->huge += atol(line + at);
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

static bool differs(const struct smaps *m, const char *what, long smaps, uint64_t pages)
{
	uint64_t kb = pages * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;

	if ((uint64_t)smaps == kb)
		return false;
	fprintf(stderr, "%" PRIx64 ": smaps has %s %ld kB, pmview %" PRIu64 " kB\n", m->start, what,
		smaps, kb);
	return true;
}

/* Zero pages are in no sum of smaps. Where they cannot be told, some of what is called anonymous may
 * be zero pages. */
static bool anon_agrees(const struct smaps *m, const char *what, long smaps, uint64_t others,
	uint64_t anon, bool zero_known)
{
	uint64_t kb = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;

	if (!zero_known && (uint64_t)smaps >= others * kb && (uint64_t)smaps <= (others + anon) * kb)
		return true;
	return !differs(m, what, smaps, others + anon);
}

static bool mapping_agrees(const struct smaps *m, const json_t *v, bool zero_known, bool huge_known)
{
	bool private = lists_text(v, "perms")[3] == 'p', agree = true;
	uint64_t moving = lists_count(v, "moving"), anon = lists_count(v, "anon");
	uint64_t file = lists_count(v, "file");

	/* Of the huge zero page smaps does not say how it is mapped. */
	if (huge_known && !lists_count(v, "zero"))
		agree = !differs(m, "huge pages", m->huge, (uint64_t)lists_number(v, "huge"));
	if (m->hugetlb)
		return agree && !differs(m, "hugetlb", m->huge, anon + file);
	agree &= anon_agrees(m, "Rss", m->rss, file + moving, anon, zero_known);
	/* What moves may be either. */
	if (!moving)
		agree &= anon_agrees(m, "Anonymous", m->anonymous, 0, anon, zero_known);
	/* smaps adds the whole object's swap to private mappings of shared memory. */
	if (private && strcmp(lists_text(v, "kind"), "shmem") && lists_has(v, "swap"))
		agree &= !differs(m, "Swap", m->swap, lists_count(v, "swap"));
	return agree;
}

bool smaps_agree(const struct smaps *m, size_t n, const json_t *list)
{
	const json_t *vmas = json_object_get(list, "vmas");
	bool zero_known = lists_knows(list, "zero"), huge_known = lists_knows(list, "huge");
	bool agree = n == json_array_size(vmas);
	size_t i;

	for (i = 0; i < n && agree; i++, m++) {
		const json_t *v = json_array_get(vmas, i);

		if (lists_address(v, "start") != m->start || lists_address(v, "end") != m->end)
			return false;
		if (!m->pfnmap)
			agree = mapping_agrees(m, v, zero_known, huge_known);
	}
	return agree;
}

static bool same_smaps(const struct smaps *a, size_t n_a, const struct smaps *b, size_t n_b)
{
	size_t i;

	for (i = 0; n_a == n_b && i < n_a; i++)
		if (a[i].start != b[i].start || a[i].end != b[i].end || a[i].rss != b[i].rss ||
			a[i].swap != b[i].swap || a[i].anonymous != b[i].anonymous ||
			a[i].huge != b[i].huge)
			return false;
	return n_a == n_b;
}

int smaps_compare(pid_t other)
{
	int attempt, result = -1;

	for (attempt = 0; attempt < 4 && result < 0; attempt++) {
		char arg[16], *path = (char *)pmview_path();
		const char *const argv[] = { path, "-J", arg, NULL };
		struct smaps *before, *after;
		size_t n, n_after;
		struct result r;
		json_t *list;

		snprintf(arg, sizeof(arg), "%d", (int)other);
		n = smaps_read(other, &before);
		r = run_program(argv);
		n_after = smaps_read(other, &after);
		if (n && !r.status && same_smaps(before, n, after, n_after)) {
			list = json_loads(r.out, 0, NULL);
			result = smaps_agree(before, n, list);
			json_decref(list);
		}
		result_free(&r);
		free(before);
		free(after);
	}
	return result;
}

/* A size as printed: exact, or the first digits of it; '-' is none and '?' not known (-1). */
static void check_size(const char *text, long long pages, bool exact)
{
	uint64_t bytes = (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE), unit = 1;
	char *end;
	double n = strtod(text, &end);

	if (pages <= 0) {
		assert_string_equal(text, pages ? "?" : "-");
		return;
	}
	if (exact) {
		assert_int_equal(strtoull(text, &end, 10), bytes);
		assert_string_equal(end, "");
		return;
	}
	while (*end && unit <= bytes) {
		static const char units[] = "KMGTPE";

		unit = UINT64_C(1) << 10 * (strchr(units, *end) - units + 1);
		assert_true(strchr(units, *end++) && !*end);
	}
	/* One decimal below ten, so that at least two digits tell. */
	assert_int_equal(!!strchr(text, '.'), unit > 1 && n < 10);
	assert_true(n * (double)unit <= (double)bytes);
	assert_true((n + (strchr(text, '.') ? 0.1 : 1)) * (double)unit > (double)bytes);
}

/* The columns of a line from SIZE on. Returns what is behind them. */
static const char *check_columns(const char *at, const json_t *v, bool exact, bool checkpoint)
{
	static const char *const shown[] = { "swap", "anon", "file", "zero", "guard" };
	bool opaque = lists_state(v, "unknown") == lists_number(v, "pages");
	long long rss = (long long)(lists_count(v, "anon") + lists_count(v, "file") +
		lists_count(v, "moving"));
	char word[9][32] = { "" };
	size_t i, n = checkpoint ? 9 : 7;
	int len;

	for (i = 0; i < n; i++, at += len)
		assert_int_equal(sscanf(at, " %31s%n", word[i], &len), 1);
	check_size(word[0], lists_number(v, "pages"), exact);
	check_size(word[1], opaque ? -1 : rss, exact);
	for (i = 0; i < 5; i++)
		check_size(word[i + 2], opaque ? -1 : lists_state(v, shown[i]), exact);
	if (checkpoint) {
		check_size(word[7], lists_number(v, "checkpoint"), exact);
		check_size(word[8], lists_number(v, "smaps_swap"), exact);
	}
	return at;
}

/* The lines behind the totals: an object or a refusal each. */
static void check_beside(char **rest, const json_t *list)
{
	const json_t *j;
	char start[128], *line;
	size_t i;

	json_array_foreach(json_object_get(list, "objects"), i, j) {
		line = strtok_r(NULL, "\n", rest);
		assert_non_null(line);
		snprintf(start, sizeof(start), "object   %s:%lld ", lists_text(j, "dev"),
			lists_number(j, "inode"));
		assert_int_equal(strncmp(line, start, strlen(start)), 0);
		assert_non_null(strstr(line, lists_text(j, "kind")));
		assert_non_null(strstr(line, lists_text(j, "name")));
	}
	json_array_foreach(json_object_get(list, "refusals"), i, j) {
		line = strtok_r(NULL, "\n", rest);
		assert_non_null(line);
		assert_int_equal(strncmp(line, "refused", 7) == 0,
			json_is_true(json_object_get(j, "certain")));
		if (!json_is_null(json_object_get(j, "address")))
			assert_non_null(strstr(line, lists_text(j, "address") + 2));
	}
}

/* "to save: 12M of 35M present or swapped, 65% less", with the figures of the totals. */
static void check_saving(char *line, const json_t *totals, bool exact)
{
	long long save = lists_number(totals, "checkpoint");
	long long of = lists_number(totals, "checkpoint_of");
	char a[32], b[32], rest[64] = "", expected[64] = "";

	assert_non_null(line);
	assert_int_equal(sscanf(line, "to save: %31s of %31s present or swapped%63[^\n]", a, b, rest) >= 2, 1);
	check_size(a, save, exact);
	check_size(b, of, exact);
	if (save >= 0 && of >= 0)
		snprintf(expected, sizeof(expected), ", %lld%% less",
			save < of ? (of - save) * 100 / of : 0);
	assert_string_equal(rest, expected);
}

void lists_check_text(char *text, const json_t *list, bool exact, bool checkpoint)
{
	char *line, *rest, name[4096], start[20];
	const json_t *v;
	long long vmas;
	int at;
	size_t i;

	line = strtok_r(text, "\n", &rest);
	assert_non_null(strstr(line, "START"));
	assert_int_equal(!!strstr(line, "CHKPT"), checkpoint);
	json_array_foreach(json_object_get(list, "vmas"), i, v) {
		const char *after;

		line = strtok_r(NULL, "\n", &rest);
		assert_non_null(line);
		snprintf(start, sizeof(start), "%016" PRIx64 " ", lists_address(v, "start"));
		assert_int_equal(strncmp(line, start, 17), 0);
		assert_int_equal(strtoull(line + 17, NULL, 16), lists_address(v, "end"));
		assert_int_equal(strncmp(line + 34, lists_text(v, "perms"), 4), 0);
		after = check_columns(line + 38, v, exact, checkpoint);
		snprintf(name, sizeof(name), "%s%s%s", *lists_text(v, "name") ? " " : "",
			lists_text(v, "name"),
			json_is_true(json_object_get(v, "deleted")) ? " (deleted)" : "");
		assert_string_equal(after, name);
	}
	line = strtok_r(NULL, "\n", &rest);
	assert_non_null(line);
	v = json_object_get(list, "totals");
	assert_int_equal(sscanf(line, "total %lld mappings%n", &vmas, &at), 1);
	assert_int_equal(vmas, lists_number(v, "vmas"));
	assert_string_equal(check_columns(line + at, v, exact, checkpoint), "");
	if (checkpoint)
		check_saving(strtok_r(NULL, "\n", &rest), v, exact);
	check_beside(&rest, list);
	assert_null(strtok_r(NULL, "\n", &rest));
	free(text);
}

bool has_scan(void)
{
	const char *argv[] = { pmview_path(), "-V", NULL };
	struct result r = run_program(argv);
	bool has = strstr(r.out, "PAGEMAP_SCAN yes");

	result_free(&r);
	return has;
}

bool reads_are_cheap(pid_t pid)
{
	char path[32], *statm;
	uint64_t pages;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	statm = read_file(path, NULL);
	assert_non_null(statm);
	pages = strtoull(statm, NULL, 10);
	free(statm);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE) >> 40 == 0;
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

pid_t process_large(size_t bytes)
{
	pid_t child;
	int ready[2];
	char c = 0;

	if (pipe(ready))
		return 0;
	child = fork();
	if (!child) {
		char *m = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (m == MAP_FAILED || write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1 || child < 0)
		fail_msg("%s", "there is no memory for a large process");
	close(ready[0]);
	return child;
}

void process_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
