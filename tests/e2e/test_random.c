/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random address spaces: what both engines say of them, to whoever may look, must agree with the
 * record of the process that made them (tests/soak/wander.c), with smaps, with pagemap as read
 * here, with one another, and with a snapshot saved and opened again.
 *
 * $SOAK_SECONDS: go on for so long, from $SOAK_SEED on; else some seeds, always the same.
 */
#include "e2e/random_help.h"

#include "base/units.h"

#define NS_PER_S UINT64_C(1000000000)
#define LOOKS 5 /* at each address space, with some steps between */

static bool soaking; /* and telling about it */

/* What was compared, and how often it took more than one reading. */
static struct {
	uint64_t walks, looks, pages, certain[128], again, disturbed, with_swap;
} sum;

/* --- the first disagreement ------------------------------------------------------------------ */

static char said[1024];
static uint64_t said_of; /* address, 0 if it is not of a page */

__attribute__((format(printf, 2, 3)))
static bool differ(uint64_t address, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(said, sizeof(said), format, ap);
	va_end(ap);
	said_of = address;
	return false;
}

/* --- one page -------------------------------------------------------------------------------- */

static char letter_of(const char *state)
{
	static const char letters[] = ".AFS0#m!?";
	size_t i;

	for (i = 0; strcmp(lists_states[i], state); i++)
		;
	return letters[i];
}

/* What this claim looks like with what could be known. */
static bool is_claimed(const struct view *v, const struct claim *c, const char *state)
{
	char letter = letter_of(state);

	if (strchr(c->states, letter))
		return true;
	if (letter == 'A' && !lists_knows(v->list, "zero"))
		return strchr(c->states, '0');
	if (letter != '?')
		return false;
	return (!lists_knows(v->list, "swap_kind") && strpbrk(c->states, "S!")) ||
		(!lists_knows(v->list, "guard") && strchr(c->states, '#'));
}

/* The entry that is printed against the one read here. Of pages of files others decide whether they
 * are exclusive. */
static bool check_entry(const struct look *l, const struct view *v, size_t i, size_t row)
{
	const char *entry = cell(&v->pages, row, "entry");
	uint64_t mask = l->raw_pfn && !v->uid ? ~UINT64_C(0) : ~ENTRY_PFN_MASK;

	if (!strcmp(cell(&v->pages, row, "state"), "file"))
		mask &= ~ENTRY_EXCLUSIVE;
	if (!((strtoull(entry, NULL, 16) ^ l->raw[i]) & mask))
		return true;
	return differ(l->arena + i * page_size, "entry %s, not %016" PRIx64, entry, l->raw[i]);
}

/* "" is not known. */
static bool check_attributes(
	uint64_t address, const struct claim *c, const struct view *v, size_t row)
{
	const char *state = v->mapped[row], *cow = "", *huge = "";
	bool of_object = strcmp(c->kind, "anon") && strcmp(c->kind, "hugetlb");

	if (strcmp(state, "unknown"))
		cow = !strcmp(state, "anon") && of_object && c->perms[3] == 'p' ? "1" : "0";
	if (strcmp(cell(&v->pages, row, "cow"), cow))
		return differ(address, "cow %s, not %s", cell(&v->pages, row, "cow"), cow);
	if (lists_knows(v->list, "huge"))
		huge = c->huge == '1' ? "1" : "0";
	if ((c->huge != '?' || !*huge) &&
		strcmp(cell(&v->pages, row, "huge"), huge))
		return differ(address, "huge %s, not %s (%s)", cell(&v->pages, row, "huge"), huge,
			c->kind);
	return true;
}

/* What its object says of a page that no table has. It can be asked by root alone. */
static bool check_absent(
	uint64_t address, const struct claim *c, const struct view *v, size_t row)
{
	const char *state = cell(&v->pages, row, "state");

	if (!strcmp(state, "swap") ? !!strchr(c->states, 's') : v->uid || getuid())
		return true;
	return differ(address, "%s by its object, where the record has %s", state, c->states);
}

/* A claimed page as it is printed: `row`, unless nothing is. */
static bool check_page(const struct look *l, const struct view *v, size_t i, size_t row)
{
	const struct claim *c = &l->claim[i];
	bool printed = row < v->pages.rows;
	const char *state = printed ? v->mapped[row] : "none";
	uint64_t address = l->arena + i * page_size;

	if (!is_claimed(v, c, state))
		return differ(address, "%s, where the record has %s (%s %s)", state, c->states,
			c->perms, c->kind);
	if (!printed)
		return true;
	if (!check_entry(l, v, i, row))
		return false;
	return strcmp(state, "none") ? check_attributes(address, c, v, row) :
				       check_absent(address, c, v, row);
}

/* --- record and entries against a view ------------------------------------------------------- */

/* That the mapping at a claimed page is as claimed, or that there is none. */
static bool check_mapping(const struct look *l, const struct view *v, size_t i)
{
	uint64_t address = l->arena + i * page_size;
	const json_t *m = lists_vma(v->list, address);
	const struct claim *c = &l->claim[i];

	if (!m || !*c->states)
		return !m == !*c->states ||
			differ(address, m ? "a mapping, where the record has none" : "no mapping");
	if (strcmp(lists_text(m, "perms"), c->perms) || strcmp(lists_text(m, "kind"), c->kind))
		return differ(address, "a mapping %s %s, where the record has %s %s",
			lists_text(m, "perms"), lists_text(m, "kind"), c->perms, c->kind);
	return true;
}

static bool check_record(const struct look *l, const struct view *v)
{
	size_t row = row_of(&v->pages, l->arena), i;

	for (i = 0; i < l->n_claims; i++) {
		const struct claim *c = &l->claim[i];
		bool printed = row < v->pages.rows &&
			cell_hex(&v->pages, row, "address") == l->arena + i * page_size;

		/* The list is searched from its start: once for a run is enough. */
		if ((!i || memcmp(c, c - 1, sizeof(*c))) && !check_mapping(l, v, i))
			return false;
		if (!*c->states && printed)
			return differ(l->arena + i * page_size, "a page, where nothing is mapped");
		if (*c->states && !check_page(l, v, i, printed ? row : v->pages.rows))
			return false;
		row += printed;
	}
	return true;
}

/* --- a view against itself: sums ------------------------------------------------------------- */

struct counts {
	uint64_t state[LISTS_STATES], cow, huge, huge_present, object_swap;
};

/* Of the rows from *row on that lie in this mapping. */
static struct counts count_rows(const struct view *v, size_t *row, const json_t *m)
{
	const struct table *t = &v->pages;
	uint64_t end = lists_address(m, "end"), rest = (uint64_t)lists_number(m, "pages");
	struct counts c = { .cow = 0 };
	size_t k;

	for (; *row < t->rows && cell_hex(t, *row, "address") < end; ++*row) {
		const char *state = v->mapped[*row];
		bool huge = !strcmp(cell(t, *row, "huge"), "1");

		for (k = 0; strcmp(lists_states[k], state); k++)
			;
		c.state[k]++;
		rest--;
		c.cow += !strcmp(cell(t, *row, "cow"), "1");
		c.object_swap += strcmp(state, "swap") && !strcmp(cell(t, *row, "state"), "swap");
		c.huge += huge;
		c.huge_present += huge && (!strcmp(state, "anon") || !strcmp(state, "file"));
	}
	c.state[0] += rest;
	return c;
}

static bool same_counts(uint64_t address, const json_t *m, const struct counts *c, const char *what)
{
	size_t k;

	for (k = 0; k < LISTS_STATES; k++)
		if (lists_has(m, lists_states[k]) && lists_count(m, lists_states[k]) != c->state[k])
			return differ(address, "the list has %s %lld, the %s %" PRIu64,
				lists_states[k], lists_state(m, lists_states[k]), what,
				c->state[k]);
	if (lists_number(m, "cow") != (long long)c->cow)
		return differ(address, "the list has cow %lld, the %s %" PRIu64,
			lists_number(m, "cow"), what, c->cow);
	if (lists_number(m, "huge") >= 0 && lists_number(m, "huge") != (long long)c->huge)
		return differ(address, "the list has huge %lld, the %s %" PRIu64,
			lists_number(m, "huge"), what, c->huge);
	return true;
}

/* Root can ask the objects of shared mappings which pages are in swap. smaps counts those behind
 * guard markers, too. */
static bool check_object_swap(const struct smaps *s, const struct view *v, const json_t *m,
	const struct counts *c)
{
	uint64_t kb = page_size / 1024, least = c->object_swap * kb;

	if (getuid() || v->uid || lists_text(m, "perms")[3] != 's')
		return true;
	if ((uint64_t)s->swap >= least &&
		(uint64_t)s->swap <= least + lists_count(m, "guard") * kb)
		return true;
	return differ(s->start, "smaps has Swap %ld kB, pmview %" PRIu64 " pages", s->swap,
		c->object_swap);
}

static bool check_sums(const struct look *l, const struct view *v)
{
	const json_t *m, *totals = json_object_get(v->list, "totals");
	struct counts all = { .cow = 0 };
	size_t row = 1, i, k;

	json_array_foreach(json_object_get(v->list, "vmas"), i, m) {
		struct counts c = count_rows(v, &row, m);
		uint64_t address = lists_address(m, "start");

		if (!same_counts(address, m, &c, "pages"))
			return false;
		/* What is mapped by huge entries; smaps leaves the huge zero page out. */
		if (lists_knows(v->list, "huge") && i < l->n_smaps &&
			(uint64_t)l->smaps[i].huge != c.huge_present * page_size / 1024)
			return differ(address,
				"smaps has %ld kB in huge pages, pmview %" PRIu64 " pages",
				l->smaps[i].huge, c.huge_present);
		if (i < l->n_smaps && !check_object_swap(&l->smaps[i], v, m, &c))
			return false;
		for (k = 0; k < LISTS_STATES; k++)
			all.state[k] += c.state[k];
		all.cow += c.cow;
		all.huge += c.huge;
	}
	return same_counts(0, totals, &all, "mappings together");
}

/* --- one view against another ---------------------------------------------------------------- */

/* Whether a view may show as `state` what another shows as `other`. */
static bool may_show(const struct view *v, const char *state, const char *other)
{
	if (!strcmp(state, other))
		return true;
	if (!strcmp(state, "anon"))
		return !lists_knows(v->list, "zero") && !strcmp(other, "zero");
	if (strcmp(state, "unknown"))
		return false;
	return (!lists_knows(v->list, "swap_kind") &&
		       (!strcmp(other, "swap") || !strcmp(other, "marker"))) ||
		(!lists_knows(v->list, "guard") && !strcmp(other, "guard"));
}

static bool same_pages(const struct view *a, const struct view *b)
{
	size_t i = 1, k = 1;

	while (i < a->pages.rows || k < b->pages.rows) {
		uint64_t x = i < a->pages.rows ? cell_hex(&a->pages, i, "address") : UINT64_MAX;
		uint64_t y = k < b->pages.rows ? cell_hex(&b->pages, k, "address") : UINT64_MAX;
		const char *s = x <= y ? a->mapped[i] : "none";
		const char *t = y <= x ? b->mapped[k] : "none";

		if (!may_show(a, s, t) && !may_show(b, t, s))
			return differ(x < y ? x : y, "%s by %s of user %d, %s by %s of user %d", s,
				a->engine, (int)a->uid, t, b->engine, (int)b->uid);
		i += x <= y;
		k += y <= x;
	}
	return true;
}

/* Whoever sees less, and the engine that sees less, knows nothing that the other does not. */
static bool knows_less(const struct view *less, const struct view *more)
{
	const json_t *v;
	const char *key;

	json_object_foreach(json_object_get(less->list, "known"), key, v)
		if (json_is_true(v) && !lists_knows(more->list, key))
			return differ(0, "%s is known by %s to user %d, not by %s to user %d", key,
				less->engine, (int)less->uid, more->engine, (int)more->uid);
	return true;
}

/* --- a snapshot against the list ------------------------------------------------------------- */

/* Whether a cell is the same in the snapshot, which does not keep everything (then it is empty), as
 * far as the process alone decides that. */
static bool same_cell(
	const struct table *a, size_t row, const struct table *b, size_t k, const char *column)
{
	const char *x = cell(a, row, column), *y = cell(b, k, column);
	bool file = !strcmp(cell(a, row, "state"), "file");

	if (!strcmp(x, y) || (file && !strcmp(column, "exclusive")))
		return true;
	if (file && *y && !strcmp(column, "entry"))
		return !((strtoull(x, NULL, 16) ^ strtoull(y, NULL, 16)) & ~ENTRY_EXCLUSIVE);
	return !*y && strcmp(column, "state") && strcmp(column, "cow") && strcmp(column, "huge");
}

/* The next row of a page that is in a table of the process. */
static size_t next_mapped(const struct view *v, size_t row)
{
	do
		row++;
	while (row < v->pages.rows && !strcmp(v->mapped[row], "none"));
	return row;
}

static bool same_table(const struct view *a, const struct view *b)
{
	const struct table *s = &a->pages, *t = &b->pages;
	size_t row = next_mapped(a, 0), k = next_mapped(b, 0), c;

	for (; row < s->rows && k < t->rows; row = next_mapped(a, row), k = next_mapped(b, k))
		for (c = 0; c < s->cols; c++)
			if (!same_cell(s, row, t, k, s->cell[c]))
				return differ(cell_hex(s, row, "address"),
					"%s \"%s\", \"%s\" in the snapshot", s->cell[c],
					cell(s, row, s->cell[c]), cell(t, k, s->cell[c]));
	if (row < s->rows || k < t->rows)
		return differ(0, "the snapshot does not have as many pages");
	return true;
}

static bool check_snapshot(const struct view *v)
{
	static const char *const same[] = { "vmas", "totals", "known", "engine", "page_size",
		"process" };
	char file[64], pid[16];
	struct result r, list, pages;
	struct view saved;
	bool good = true;
	size_t i;

	snprintf(file, sizeof(file), "%s", scratch("s.pmv"));
	snprintf(pid, sizeof(pid), "%d", (int)fixture_pid(wander));
	unlink(file);
	r = run_program((const char *const[]){
		pmview_path(), "--engine", v->engine, "-s", file, pid, NULL });
	assert_string_equal(r.err, "");
	assert_int_equal(r.status, 0);
	result_free(&r);
	list = run_program((const char *const[]){ pmview_path(), "-J", file, NULL });
	pages = run_program(
		(const char *const[]){ pmview_path(), "--pages=all", "-f", "csv", file, NULL });
	free(list.err);
	free(pages.err);
	view_read(&saved, list.out, pages.out);
	for (i = 0; i < sizeof(same) / sizeof(*same) && good; i++)
		if (!json_equal(json_object_get(saved.list, same[i]),
			    json_object_get(v->list, same[i])))
			good = differ(0, "\"%s\" of the snapshot is not that of the list", same[i]);
	good = good && same_table(v, &saved);
	view_free(&saved);
	return good;
}

/* --- all of it ------------------------------------------------------------------------------- */

static bool compare(const struct look *l)
{
	size_t i;

	for (i = 0; i < l->views; i++) {
		const struct view *v = &l->view[i];

		if (!check_record(l, v) || !check_sums(l, v))
			return false;
		/* Zero pages that a view cannot see are not in smaps' sums. */
		if (lists_knows(v->list, "zero") && !smaps_agree(l->smaps, l->n_smaps, v->list))
			return differ(0, "smaps says something else");
		if (!same_pages(&l->view[0], v) || !knows_less(v, &l->view[0]))
			return false;
	}
	return check_snapshot(&l->view[0]);
}

/* What the record does not foresee: how many pages the kernel took because memory was short, from
 * us or others, and which swap areas are in use. */
static uint64_t circumstances(void)
{
	char *text = read_file("/proc/vmstat", NULL), *line, *rest;
	uint64_t value = 0;

	assert_non_null(text);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!strncmp(line, "pgsteal_kswapd ", 15) ||
			!strncmp(line, "pgsteal_direct ", 15) ||
			!strncmp(line, "pgsteal_khugepaged ", 19))
			value += strtoull(strchr(line, ' '), NULL, 10);
	free(text);
	text = read_file("/proc/swaps", NULL);
	for (line = text ? strtok_r(text, "\n", &rest) : NULL; line;
		line = strtok_r(NULL, "\n", &rest))
		for (; *line && !strchr(" \t", *line); line++)
			value = value * 31 + (unsigned char)*line;
	free(text);
	return value;
}

/* When memory is short anything may go that can be had again or swapped; swapoff(8) brings it back.
 */
static void allow_reclaim(struct look *l)
{
	size_t i;

	for (i = 0; i < l->n_claims; i++)
		if (strpbrk(l->claim[i].states, strcmp(l->claim[i].kind, "file") ? "AFS" : "AFS."))
			strcpy(l->claim[i].states, ".AFS0s");
	sum.disturbed++;
}

static void count_claims(const struct look *l)
{
	size_t i;

	sum.looks++;
	for (i = 0; i < l->n_claims; i++) {
		const char *states = l->claim[i].states;

		sum.pages += !!*states;
		if (*states && !states[1])
			sum.certain[(unsigned char)*states]++;
	}
}

/* Not by cmocka's functions, which cut long lines. */
static void disagree(uint64_t seed, unsigned steps, const struct look *l)
{
	fprintf(stderr, "seed %" PRIu64 ", step %u, %" PRIx64, seed, steps, said_of);
	if (said_of >= l->arena && said_of < l->arena + l->n_claims * page_size)
		fprintf(stderr, ", entry %016" PRIx64, l->raw[(said_of - l->arena) / page_size]);
	fprintf(stderr, ": %s\n", said);
	if (!fixture_command(wander, "why %" PRIx64, said_of))
		fprintf(stderr, "near it was done (step:what(page+pages,...)): %s\n",
			fixture_answer(wander));
	fail_msg("rerun it: make soak SECONDS=0 SEED=%" PRIu64, seed);
}

/* Nothing is done meanwhile, but the kernel may do something of its own: compaction moves pages,
 * KSM merges them, khugepaged and the swap cache change their frames. So it is a disagreement only
 * if reading again does not help for a while. */
static void look_at(uint64_t seed, unsigned steps, uid_t nobody, uint64_t before)
{
	uint64_t deadline = units_now_ns() + 3 * NS_PER_S;
	struct look l = { .arena = 0 };
	bool agree = false, last = false;

	parse_record(&l, fixture_answer(wander));
	while (!agree) {
		if (last && circumstances() != before)
			allow_reclaim(&l);
		read_views(&l, nobody);
		agree = compare(&l);
		if (!agree && last)
			disagree(seed, steps, &l);
		free_views(&l);
		if (!agree && soaking)
			print_message("seed %" PRIu64 ", step %u: read again: %" PRIx64 " %s\n",
				seed, steps, said_of, said);
		sum.again += !agree;
		last = units_now_ns() > deadline;
	}
	count_claims(&l);
	free(l.claim);
}

static void walk(uint64_t seed)
{
	const char *program = getenv("PMVIEW_WANDER");
	bool as_nobody = seed % 4 == 3 && !getuid();
	uint64_t before = circumstances();
	char number[24];
	unsigned steps = 0, more, i;

	assert_non_null(program);
	snprintf(number, sizeof(number), "%" PRIu64, seed);
	wander = fixture_start_program(program, as_nobody ? FIXTURE_NOBODY : FIXTURE_SAME_USER,
		(const char *const[]){ number, NULL });
	assert_non_null(wander);
	random_seed(seed);
	for (i = 0; i < LOOKS; i++) {
		more = 10 + (unsigned)random_below(i ? 60 : 200);
		steps += more;
		if (fixture_command(wander, "walk %u", more))
			fail_msg("seed %" PRIu64 ", after step %u: the process has died", seed,
				steps - more);
		look_at(seed, steps, as_nobody ? FIXTURE_NOBODY : 0, before);
	}
	sum.walks++;
	sum.with_swap += !fixture_skip_reason(wander, "swap") && circumstances() == before;
}

static void stop(void)
{
	assert_int_equal(fixture_stop(wander), 0);
	wander = NULL;
}

static void report(void)
{
	static const char letters[] = ".AFS0#!";
	size_t i;

	print_message("%" PRIu64 " address spaces, %" PRIu64 " looks, %" PRIu64 " pages; certain:",
		sum.walks, sum.looks, sum.pages);
	for (i = 0; letters[i]; i++)
		print_message(" %c%" PRIu64, letters[i], sum.certain[(unsigned char)letters[i]]);
	print_message(
		"; read again: %" PRIu64 ", disturbed: %" PRIu64 "\n", sum.again, sum.disturbed);
}

/* That the walks came by pages of this state, where this system has it. */
static void check_seen(char state, bool possible)
{
	if (possible && !sum.certain[(unsigned char)state])
		fail_msg("no page was certain to be %c", state);
}

/* Every fourth is another user's, and 7 has more runs than one call of PAGEMAP_SCAN returns. */
#define SEEDS 12

static void test_some(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= SEEDS; seed++) {
		if (seed > 1)
			stop();
		walk(seed);
	}
	check_seen('.', true);
	check_seen('A', true);
	check_seen('F', true);
	check_seen('0', true);
	check_seen('S', sum.with_swap == sum.walks);
	check_seen('#', !fixture_skip_reason(wander, "guard"));
	check_seen('!', !fixture_skip_reason(wander, "uffd"));
	stop();
}

static void test_soak(void **state)
{
	uint64_t seconds = strtoull(getenv("SOAK_SECONDS"), NULL, 10), seed;
	uint64_t end = units_now_ns() + seconds * NS_PER_S;
	const char *first = getenv("SOAK_SEED");

	(void)state;
	seed = first && *first ? strtoull(first, NULL, 0) : units_now_ns() >> 8 & 0xffffffff;
	print_message("from seed %" PRIu64 " on\n", seed);
	do {
		walk(seed++);
		stop();
	} while (units_now_ns() < end);
	report();
}

int main(void)
{
	const struct CMUnitTest some[] = { cmocka_unit_test(test_some) };
	const struct CMUnitTest soak[] = { cmocka_unit_test(test_soak) };
	const char *seconds = getenv("SOAK_SECONDS");

	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	soaking = seconds && *seconds;
	return soaking ? cmocka_run_group_tests(soak, NULL, NULL) :
			 cmocka_run_group_tests(some, NULL, NULL);
}
