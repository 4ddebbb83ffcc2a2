/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lenses on a terminal, on a process whose pages are known: against kpagecount, kpageflags and the
 * list as it is printed. */
#include "e2e/screen_help.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/str.h"
#include "model/frame.h"
#include "model/page.h"

static uint64_t page_size;

/* A word of a file of /proc for a page of the fixture; false where it cannot be read. */
static bool word_at(const char *path, uint64_t index, uint64_t *word)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool read_it = fd >= 0 && pread(fd, word, 8, (off_t)(index * 8)) == 8;

	if (fd >= 0)
		close(fd);
	return read_it;
}

/* The same for the frame behind an address: 0 if nothing is there. */
static bool frame_word(const char *file, uint64_t address, uint64_t *word)
{
	char pagemap[64];
	uint64_t entry;

	snprintf(pagemap, sizeof(pagemap), "/proc/%s/pagemap", pid);
	*word = 0;
	if (!word_at(pagemap, address / page_size, &entry))
		return false;
	if (!(entry & ENTRY_PRESENT))
		return true;
	return entry_pfn(entry) && word_at(file, entry_pfn(entry), word);
}

static bool present(uint64_t address)
{
	char pagemap[64];
	uint64_t entry;

	snprintf(pagemap, sizeof(pagemap), "/proc/%s/pagemap", pid);
	return word_at(pagemap, address / page_size, &entry) && entry & ENTRY_PRESENT;
}

/* Skips where frames cannot be looked at, or a region is not to be had. */
static const struct fixture_region *needed(const char *name)
{
	const struct fixture_region *r = fixture_region(fixture, name);
	uint64_t word;

	if (!frame_word("/proc/kpagecount", fixture_region(fixture, "anon")->address, &word) || !word)
		print_message("PFNs or /proc/kpagecount are not shown to this user\n");
	else if (!r)
		print_message("%s: %s\n", name, fixture_skip_reason(fixture, name));
	else
		return r;
	skip();
	return NULL;
}

/* What stands in the grid for the pages of a region, one a cell of --ascii. */
struct letters {
	uint64_t address;
	size_t n;
	const char *expected;
};

static bool grid_shows(struct tui *t, void *arg)
{
	const struct letters *l = arg;
	size_t i;

	for (i = 0; i < l->n; i++) {
		uint64_t at = l->address + i * page_size, row_bytes = 64 * page_size;
		char label[16];
		int row, col;

		snprintf(label, sizeof(label), "%012" PRIx64 " ", at / row_bytes * row_bytes);
		for (row = 11; row < 22 && strncmp(tui_row(t, row), label, 13); row++)
			;
		col = 13 + (int)(at % row_bytes / page_size);
		if (row == 22 || (char)tui_cell(t, row, col).ch != l->expected[i])
			return false;
	}
	return true;
}

static struct tui *look_through(const char *keys)
{
	struct tui *t = START(.target = pid, .options = { "--ascii", "--color=never" });

	tui_expect_text(t, "LIVE");
	tui_key(t, keys);
	return t;
}

static void check_sharing(const char *name)
{
	const struct fixture_region *r = fixture_region(fixture, name);
	struct str expected = { 0 };
	struct letters l;
	struct tui *t;
	uint64_t i, n;

	if (!r) {
		print_message("%s: %s\n", name, fixture_skip_reason(fixture, name));
		return;
	}
	for (i = 0; i < r->pages; i++) {
		assert_true(frame_word("/proc/kpagecount", r->address + i * page_size, &n));
		str_addc(&expected, !present(r->address + i * page_size) ? '.'
			: n == 0 ? '0' : n == 1 ? '1' : n == 2 ? '2' : n < 16 ? '3' : 'M');
	}
	t = look_through("c");
	tui_expect_row(t, 1, "sharing on screen:");
	go_to(t, pid, r);
	l = (struct letters){ r->address, r->pages, str_text(&expected) };
	tui_expect(t, grid_shows, &l);
	str_free(&expected);
	quit(t, "q");
}

static void test_sharing(void **state)
{
	(void)state;
	needed("anon");
	check_sharing("fork");
	check_sharing("anon");
	check_sharing("file-shared");
	check_sharing("zero");
}

/* A child has all but the first page still in common: that is known without kpagecount. */
static void test_fork(void **state)
{
	const struct fixture_region *r = needed("fork");
	struct letters l;
	struct tui *t;

	(void)state;
	t = look_through("c");
	l = (struct letters){ r->address, r->pages, "12222222" };
	go_to(t, pid, r);
	tui_expect(t, grid_shows, &l);
	tui_expect_row(t, 1, "2 twice 28K");
	tui_expect_row(t, 1, "1 once 4.0K");
	tui_key(t, TUI_KEY_TAB "l");
	tui_expect_row(t, 22, "2 mapped twice");
	quit(t, "q");
}

static void test_flags(void **state)
{
	const struct fixture_region *locked = needed("mlock"), *lazy = needed("lazyfree");
	struct letters l;
	struct tui *t;

	(void)state;
	t = look_through("ccc");
	tui_expect_row(t, 1, "flags on screen:");
	go_to(t, pid, locked);
	l = (struct letters){ locked->address, locked->pages, "UUUUUUUU" };
	tui_expect(t, grid_shows, &l);
	tui_expect_row(t, 22, "U locked: ");
	quit(t, "q");
	t = look_through("ccc");
	go_to(t, pid, lazy);
	l = (struct letters){ lazy->address, lazy->pages, "LLLLLLLL" };
	tui_expect(t, grid_shows, &l);
	quit(t, "q");
}

static void test_size(void **state)
{
	const struct fixture_region *huge = needed("thp"), *pte = needed("thp-pte");
	char expected[65], line[64];
	uint64_t flags, i;
	struct letters l;
	struct tui *t;

	(void)state;
	if (!has_scan()) {
		print_message("no PAGEMAP_SCAN in this kernel: it tells what is huge\n");
		skip();
	}
	t = look_through("");
	go_to(t, pid, huge);
	tui_key(t, "cc");
	tui_expect_row(t, 1, "page size:");
	memset(expected, 'P', 64);
	l = (struct letters){ huge->address, 64, expected };
	tui_expect(t, grid_shows, &l);
	tui_expect_text(t, " huge 100%, 2 of 2 slots ");
	tui_expect_row(t, 22, ": mapped huge");
	quit(t, "q");

	/* The first of its huge pages is mapped by pages, of which one is gone. */
	t = look_through("");
	go_to(t, pid, pte);
	tui_key(t, "cc");
	for (i = 0; i < 64; i++) {
		assert_true(frame_word("/proc/kpageflags", pte->address + i * page_size, &flags));
		expected[i] = flags & FRAME_LARGE ? 'L' : 'B';
	}
	l = (struct letters){ pte->address, 64, expected };
	tui_expect(t, grid_shows, &l);
	tui_expect_text(t, " huge 50%, 1 of 2 slots ");
	snprintf(line, sizeof(line), "slot %" PRIx64 ": 511 of 512, not huge: 1 abs", pte->address);
	tui_expect_row(t, 22, line);
	quit(t, "q");
}

/* What the shell says of slots. */
static void test_slots_in_lists(void **state)
{
	const struct fixture_region *huge = fixture_region(fixture, "thp");
	const struct fixture_region *pte = fixture_region(fixture, "thp-pte");
	json_t *list = lists_parse(PRINT((pid_t)atol(pid), "-J"));
	const json_t *slots;

	(void)state;
	if (!huge || !pte || !lists_knows(list, "huge")) {
		print_message("no huge pages, or they are not told\n");
		json_decref(list);
		skip();
	}
	slots = json_object_get(lists_vma(list, huge->address), "slots");
	assert_int_equal(lists_number(slots, "huge"), 2);
	assert_int_equal(lists_number(slots, "partly"), 0);
	slots = json_object_get(lists_vma(list, pte->address), "slots");
	assert_int_equal(lists_number(slots, "huge"), 1);
	assert_int_equal(lists_number(slots, "partly"), 1);
	json_decref(list);
	if (!reads_are_cheap((pid_t)atol(pid)))
		return;
	/* Plain reads do not know what is huge. */
	list = lists_parse(PRINT((pid_t)atol(pid), "-J", "--engine=read"));
	assert_true(json_is_null(json_object_get(lists_vma(list, huge->address), "slots")));
	json_decref(list);
}

/* The sums of the screen are those of the list. */
static void test_checkpoint(void **state)
{
	char *text = PRINT((pid_t)atol(pid), "--list", "--checkpoint");
	char save[32], of[32], legend[96];
	const char *line = strstr(text, "\nto save: ");
	struct tui *t;
	unsigned less;

	(void)state;
	assert_non_null(line);
	assert_int_equal(sscanf(line, "\nto save: %31s of %31s present or swapped, %u%% less", save,
		of, &less), 3);
	snprintf(legend, sizeof(legend), "S save %s of %s: %u%% less", save, of, less);
	free(text);
	t = look_through("CC");
	tui_expect_row(t, 1, legend);
	tui_expect_row(t, 2, "SAVE");
	tui_expect_text(t, "reading smaps took ");
	quit(t, "q");
}

/* Reading smaps of what is larger is asked about, and not done unless with y. */
static void test_question(void **state)
{
	struct fixture *f = fixture_start((const char *const[]){ "anon:12000", NULL });
	char large[16];
	struct tui *t;

	(void)state;
	assert_non_null(f);
	snprintf(large, sizeof(large), "%d", (int)fixture_pid(f));
	t = START(.target = large, .options = { "--ascii" });
	tui_expect_text(t, "LIVE");
	tui_key(t, "CC");
	tui_expect_row(t, 22, "reading smaps may stall the process for ");
	tui_key(t, "n");
	tui_expect_row(t, 1, "checkpoint: needs smaps: C c asks");
	tui_expect_row(t, 1, "? unknown 4");
	tui_key(t, "Cc");
	tui_expect_row(t, 22, "reading smaps may stall the process for ");
	tui_key(t, "y");
	tui_expect_row(t, 22, "reading smaps took ");
	tui_expect_row(t, 1, "checkpoint: S save 4");
	/* It stays known: entered again, nothing is asked. */
	tui_key(t, "Cc");
	tui_expect_row(t, 22, " @");
	quit(t, "q");
	assert_int_equal(fixture_stop(f), 0);
}

static void test_ages(void **state)
{
	struct fixture *f = fixture_start((const char *const[]){ "untouched", NULL });
	const struct fixture_region *r;
	char target[16];
	struct letters l;
	struct tui *t;

	(void)state;
	assert_non_null(f);
	r = fixture_region(f, "untouched");
	snprintf(target, sizeof(target), "%d", (int)fixture_pid(f));
	t = START(.target = target, .options = { "--ascii", "--color=never" });
	go_to(t, target, r);
	tui_key(t, "C");
	tui_expect_row(t, 1, "age, seen since ");
	l = (struct letters){ r->address, r->pages, "........" };
	tui_expect(t, grid_shows, &l);
	assert_int_equal(fixture_command(f, "touch 0x%" PRIx64 " 1", r->address + 2 * page_size), 0);
	l.expected = "..N.....";
	tui_expect(t, grid_shows, &l);
	l.expected = "..S.....";
	tui_expect(t, grid_shows, &l);
	quit(t, "q");
	assert_int_equal(fixture_stop(f), 0);
}

/* Without privileges: what is not told is unknown, and the legend says what would help. */
static void test_denied(void **state)
{
	struct fixture *f;
	char target[16];
	struct letters l;
	struct tui *t;

	(void)state;
	if (geteuid()) {
		print_message("takes root, to become nobody\n");
		skip();
	}
	f = fixture_start_as(FIXTURE_NOBODY, (const char *const[]){ "anon", NULL });
	assert_non_null(f);
	snprintf(target, sizeof(target), "%d", (int)fixture_pid(f));
	t = START(.target = target, .options = { "--ascii", "--color=never" }, .uid = FIXTURE_NOBODY);
	tui_expect_text(t, "LIVE");
	tui_key(t, "c");
	tui_expect_row(t, 1, "sharing on screen: PFNs are hidden (needs CAP_SYS_ADMIN)");
	l = (struct letters){ fixture_region(f, "anon")->address, 8, "????????" };
	go_to(t, target, fixture_region(f, "anon"));
	tui_expect(t, grid_shows, &l);
	quit(t, "q");
	assert_int_equal(fixture_stop(f), 0);
}

static void test_file(void **state)
{
	struct tui *t = START(.options = { "--ascii" });

	(void)state;
	tui_expect_row(t, 0, "SNAPSHOT");
	tui_key(t, "c");
	tui_expect_row(t, 22, "not here: sharing (no page frames are kept)");
	tui_expect_row(t, 1, "page size:");
	tui_expect_row(t, 3, "[TTTTTTTTTTTT....]");
	tui_key(t, "C");
	tui_expect_row(t, 1, "A anon 16M");
	tui_expect_row(t, 22, "not here: sharing (no page frames are kept)");
	tui_key(t, "C");
	tui_expect_row(t, 1, "page size:");
	tui_expect_row(t, 22, "not here: age (ages are told of a live process), checkpoint ");
	quit(t, "q");
}

static void test_end(void **state)
{
	struct fixture *f = fixture_start((const char *const[]){ "anon", NULL });
	char target[16];
	struct tui *t;

	(void)state;
	assert_non_null(f);
	snprintf(target, sizeof(target), "%d", (int)fixture_pid(f));
	t = START(.target = target, .options = { "--ascii" });
	tui_expect_text(t, "LIVE");
	tui_key(t, "c");
	tui_expect_row(t, 1, "sharing on screen:");
	assert_int_equal(fixture_stop(f), 0);
	tui_expect_row(t, 0, "EXITED");
	tui_key(t, "j");
	tui_key(t, "C");
	tui_expect_row(t, 1, "A anon");
	tui_key(t, "c");
	tui_expect_row(t, 22, "not here: sharing (the process has ended)");
	quit(t, "q");
}

static int start(void **state)
{
	(void)state;
	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	fixture = fixture_start((const char *const[]){ "anon", "fork", "zero", "file-shared", "mlock",
		"lazyfree", "thp", "thp-pte", NULL });
	if (save_picture() < 0 || !fixture)
		return -1;
	process_stop(fixture_pid(fixture));
	snprintf(pid, sizeof(pid), "%d", (int)fixture_pid(fixture));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_sharing, tui_teardown),
		cmocka_unit_test_teardown(test_fork, tui_teardown),
		cmocka_unit_test_teardown(test_flags, tui_teardown),
		cmocka_unit_test_teardown(test_size, tui_teardown),
		cmocka_unit_test(test_slots_in_lists),
		cmocka_unit_test_teardown(test_checkpoint, tui_teardown),
		cmocka_unit_test_teardown(test_question, tui_teardown),
		cmocka_unit_test_teardown(test_ages, tui_teardown),
		cmocka_unit_test_teardown(test_denied, tui_teardown),
		cmocka_unit_test_teardown(test_file, tui_teardown),
		cmocka_unit_test_teardown(test_end, tui_teardown),
	};

	return cmocka_run_group_tests(tests, start, screen_stop);
}
