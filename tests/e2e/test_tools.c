/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is exported, read by the tools that people have: jq, sqlite3, zstdcat. And that printing the
 * pages of a large process takes no more memory than those of a small one. */
#include "e2e/cli_help.h"

#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "source/store.h"

extern char **environ;

/* Names that a reader may stumble over. */
static const char picture[] =
	"0x400000 r-xp file /usr/bin/a,\"b\"'c'|d F12 .4\n"
	"0x600000 rw-p heap [heap] A2000 S5 A2095\n"
	"0x2000000 rw-p anon - A8 02 #1 .5\n"
	"0x3000000 rw-s shmem /dev/shm/\xe6\x97\xa5\x1b[31m\\n F4\n"
	"0x4000000 rw-p anon - S7 .16777216 A1\n"
	"0x7ff000000000 rw-p stack [stack] .30 A2\n";

static char saved[512];
static struct snapshot *snapshot;

/* Skip where a tool is missing. */
static void need(const char *tool)
{
	struct result r = run_program((const char *const[]){ "sh", "-c", "command -v \"$0\"", tool, NULL });
	bool there = r.status == 0;

	result_free(&r);
	if (there)
		return;
	print_message("%s is not installed ('make deps' does that)\n", tool);
	skip();
}

/* What a script prints: $0 is pmview, $1 the target, $2 a place for files. */
static char *run(const char *target, const char *script)
{
	char path[512];
	struct result r;

	snprintf(path, sizeof(path), "%s", scratch("tools"));
	r = run_program((const char *const[]){ "sh", "-ec", script, pmview_path(), target, path, NULL });
	if (r.status || *r.err)
		fail_msg("status %d: %s\n%s", r.status, script, r.err);
	free(r.err);
	return r.out;
}

static void prints(const char *target, const char *script, const char *expected)
{
	char *out = run(target, script);

	if (strcmp(out, expected))
		fail_msg("%s\nprints\n%sinstead of\n%s", script, out, expected);
	free(out);
}

/* A line for each mapping: start, and how many pages in this state. */
static char *by_mapping(enum page_state state)
{
	char *text = NULL;
	size_t len, i;
	FILE *f = open_memstream(&text, &len);

	for (i = 0; i < snapshot_vmas(snapshot); i++) {
		const struct vma *v = snapshot_vma(snapshot, i);

		fprintf(f, "0x%" PRIx64 "|%" PRIu64 "\n", v->start, vma_counts(v).state[state]);
	}
	fclose(f);
	return text;
}

/* A line for each state but none, in the order of their names, with its pages. */
static char *by_state(const struct page_counts *c)
{
	static const enum page_state order[] = { PAGE_ANON, PAGE_FILE, PAGE_GUARD, PAGE_MARKER,
		PAGE_MOVING, PAGE_SWAP, PAGE_UNKNOWN, PAGE_ZERO };
	char *text = NULL;
	size_t len, i;
	FILE *f = open_memstream(&text, &len);

	for (i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (c->state[order[i]])
			fprintf(f, "%s|%" PRIu64 "\n", page_state_name(order[i]), c->state[order[i]]);
	fclose(f);
	return text;
}

/* --- of a file ------------------------------------------------------------------------------- */

static void test_jq(void **state)
{
	char *swap = by_mapping(PAGE_SWAP), *anon = by_mapping(PAGE_ANON),
	     *pages = by_state(snapshot_totals(snapshot));

	(void)state;
	need("jq");
	prints(saved, "$0 -J $1 | jq -r '.vmas[]|\"\\(.start)|\\(.states.swap)\"'", swap);
	prints(saved, "$0 -lfjson $1 | jq -r '.vmas[]|\"\\(.start)|\\(.states.anon)\"'", anon);
	prints(saved, "$0 -J $1 | jq '([.vmas[].states|add]|add) == .totals.pages'", "true\n");
	prints(saved, "$0 -J $1 | jq -c '.totals.states == (reduce .vmas[].states as $s ({}; "
		"reduce ($s|keys[]) as $k (.; .[$k] += $s[$k])))'", "true\n");
	prints(saved, "$0 -J $1 | jq -r '.vmas|sort_by(-(.states.swap // 0))[:2][]"
		"|\"\\(.states.swap) \\(.start)\"'", "7 0x4000000\n5 0x600000\n");
	/* Names are readable, and can be told back. */
	prints(saved, "$0 -J $1 | jq -r '.vmas[0].name'", "/usr/bin/a,\"b\"'c'|d\n");
	prints(saved, "$0 -J $1 | jq -r '.vmas[3].name'", "/dev/shm/\xe6\x97\xa5\\x1b[31m\\\\n\n");
	prints(saved, "$0 -J -P all $1 | jq -r '.pages|group_by(.state)[]|\"\\(.[0].state)|\\(length)\"'",
		pages);
	prints(saved, "$0 -J -P '[heap]' $1 | jq -r '.pages[]|select(.state==\"swap\").address' | tail -n 1",
		"0xdd4000\n");
	prints(saved, "$0 -J -P all $1 | jq -r '.format, .process.pid, .pages[0].entry'",
		"pmview-pages\n4242\nnull\n");
	free(swap);
	free(anon);
	free(pages);
}

static void test_zstdcat(void **state)
{
	char *swap = by_mapping(PAGE_SWAP), *names;

	(void)state;
	need("jq");
	need("zstdcat");
	prints(saved, "zstdcat $1 | jq -r 'select(.type==\"vma\")|\"\\(.start)|\\(.states.swap)\"'", swap);
	names = run(saved, "zstdcat $1 | jq -r 'select(.type==\"vma\")|\"\\(.states.swap) \\(.name)\"'");
	assert_non_null(strstr(names, "5 [heap]\n"));
	free(names);
	free(swap);
}

static void test_sqlite(void **state)
{
	char *swap = by_mapping(PAGE_SWAP), *pages = by_state(snapshot_totals(snapshot)), sums[128];
	const struct page_counts *c = snapshot_totals(snapshot);

	(void)state;
	need("sqlite3");
	snprintf(sums, sizeof(sums), "%zu|%" PRIu64 "|%" PRIu64 "|%" PRIu64 "|%" PRIu64 "\n",
		snapshot_vmas(snapshot), snapshot_pages(snapshot), c->state[PAGE_ANON],
		c->state[PAGE_FILE], c->state[PAGE_NONE]);
	prints(saved, "$0 -fcsv $1 > $2.csv\n"
		"sqlite3 :memory: \".import --csv $2.csv vmas\" "
		"'select count(*), sum(pages), sum(anon), sum(file), sum(none) from vmas'", sums);
	prints(saved, "$0 -fcsv -o $2.csv $1\n"
		"sqlite3 :memory: \".import --csv $2.csv vmas\" 'select start, swap from vmas'", swap);
	prints(saved, "sqlite3 :memory: \".import --csv $2.csv vmas\" "
		"\"select name from vmas where start = '0x400000'\"", "/usr/bin/a,\"b\"'c'|d\n");
	prints(saved, "$0 -P all -fcsv $1 > $2.csv\n"
		"sqlite3 :memory: \".import --csv $2.csv pages\" "
		"'select state, count(*) from pages group by state order by state'", pages);
	/* What is not known is empty, not 0. */
	prints(saved, "sqlite3 :memory: \".import --csv $2.csv pages\" "
		"\"select count(*) from pages where entry <> '' or pfn <> '' or checkpoint <> ''\"", "0\n");
	free(swap);
	free(pages);
}

/* --- of a process ---------------------------------------------------------------------------- */

/* It stands still: its pages, read one by one, are those of its list. */
static void test_of_a_process(void **state)
{
	(void)state;
	need("jq");
	need("sqlite3");
	prints(pid, "$0 -fcsv $1 > $2-l.csv; $0 -P all -fcsv $1 > $2-p.csv\n"
		"sqlite3 :memory: \".import --csv $2-l.csv vmas\" \".import --csv $2-p.csv pages\" "
		"\"select (select sum(anon) from vmas) > 256, "
		"(select sum(anon) from vmas) = (select count(*) from pages where state = 'anon'), "
		"(select sum(file) from vmas) = (select count(*) from pages where state = 'file'), "
		"(select count(*) from pages where state = 'anon' and entry = '')\"", "1|1|1|0\n");
	prints(pid, "$0 -J $1 > $2-l.json; $0 -P all -J $1 > $2-p.json\n"
		"jq -n --slurpfile l $2-l.json --slurpfile p $2-p.json "
		"'[$p[0].pages[]|select(.state==\"anon\")]|length == $l[0].totals.states.anon'", "true\n");
	/* Pages of a mapping, joined by their addresses: 64 bits stay 64 bits as text. */
	prints(pid, "sqlite3 :memory: \".import --csv $2-l.csv vmas\" \".import --csv $2-p.csv pages\" "
		"\"select (select anon from vmas where name = '[stack]') = (select count(*) from pages, vmas "
		"where name = '[stack]' and state = 'anon' and length(address) = length(start) "
		"and address >= start and address < end)\"", "1\n");
}

/* The most memory that pmview had for the pages of a process, in KiB. */
static long memory_for(const char *target, const char *format)
{
	char *const argv[] = { (char *)pmview_path(), (char *)"-P", (char *)"all", (char *)"-f",
		(char *)format, (char *)target, NULL };
	posix_spawn_file_actions_t to_null;
	struct rusage used;
	pid_t child;
	int status;

	posix_spawn_file_actions_init(&to_null);
	posix_spawn_file_actions_addopen(&to_null, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	assert_int_equal(posix_spawn(&child, argv[0], &to_null, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&to_null);
	assert_int_equal(wait4(child, &status, 0, &used), child);
	assert_int_equal(status, 0);
	return used.ru_maxrss;
}

static void test_memory(void **state)
{
	static const char *const formats[] = { "text", "json", "csv" };
	char large[16];
	pid_t child;
	size_t i;

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	print_message("sanitizers keep what was freed\n");
	skip();
#endif
	child = process_large((size_t)1 << 30);
	snprintf(large, sizeof(large), "%d", (int)child);
	for (i = 0; i < 3; i++) {
		long few = memory_for(pid, formats[i]), many = memory_for(large, formats[i]);

		print_message("%s: %ld KiB for a small process, %ld KiB for 1 GiB\n", formats[i], few, many);
		assert_true(few > 1000);
		assert_true(many < few + 16 * 1024);
	}
	process_end(child);
}

/* --------------------------------------------------------------------------------------------- */

static int start(void **state)
{
	struct err e;

	snapshot = snapshot_of(picture, NULL);
	snprintf(saved, sizeof(saved), "%s", scratch("tools.pmv"));
	if (store_write(saved, snapshot, NULL, true, &e) < 0)
		return -1;
	return cli_start(state);
}

static int stop(void **state)
{
	snapshot_unref(snapshot);
	return cli_stop(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jq),
		cmocka_unit_test(test_zstdcat),
		cmocka_unit_test(test_sqlite),
		cmocka_unit_test(test_of_a_process),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
