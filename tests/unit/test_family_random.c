/* SPDX-License-Identifier: GPL-2.0-or-later */
/* src/model/family on families made at random, against a count that is slow and simple. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/mem.h"
#include "family_help.h"

#define PAGES_MOST 9000
#define MEMBERS_MOST 140

static struct memory made[MEMBERS_MOST];
static uint64_t *keys[MEMBERS_MOST];

static struct snapshot *one_mapping(pid_t pid, const char *name, const char *runs)
{
	struct snapshot_info info = info_for_tests();
	struct vma v = { .start = AT, .perms = VMA_READ | VMA_WRITE, .name = name,
		.page_size = 4096 };
	struct snapshot_builder *b;
	struct runs *r = runs_of(runs);

	info.pid = pid;
	v.end = AT + runs_pages(r) * 4096;
	b = snapshot_builder_new(&info);
	snapshot_builder_add(b, &v, r);
	return snapshot_builder_finish(b);
}

/* A member whose pages are runs of a few kinds. Keys are few, so that they meet. */
static void make_member(struct family *f, size_t i, size_t pages, bool dense)
{
	static const char kinds[] = "AASm..";
	struct memory *m = &made[i];
	char *text = mem_alloc(pages * 8 + 64);
	size_t at = 0, len = 0, k;

	*m = (struct memory){ .first = AT / 4096, .n = pages, .entry = mem_zero(pages, 8) };
	m->moved = random_below(2) ? ENTRY_PRESENT | 3 : 0;
	while (at < pages) {
		size_t n = 1 + random_below(dense ? 9 : 300);
		char kind = kinds[random_below(6)];

		n = n < pages - at ? n : pages - at;
		len += (size_t)sprintf(text + len, " %c%zu", kind, n);
		for (k = at; k < at + n; k++) {
			uint64_t key = 1 + random_below(3);

			/* What was read may be newer than the runs. */
			switch (random_below(20) ? kind : kinds[random_below(6)]) {
			case 'A':
				m->entry[k] = ENTRY_PRESENT | key |
					(random_below(2) ? ENTRY_EXCLUSIVE : 0);
				break;
			case 'S':
				m->entry[k] = ENTRY_SWAP | 1 | key << 5;
				break;
			case 'm':
				m->entry[k] = MOVING_ENTRY;
				break;
			}
		}
		at += n;
	}
	/* One in eight has mapped something else there. */
	family_add(f, one_mapping((pid_t)(10 + i), random_below(8) ? "" : "[anon:x]", text + 1),
		i ? (pid_t)(10 + random_below(i)) : 1,
		(struct entry_reader){ .read = read_memory, .ctx = m });
	free(text);
}

/* The key of a page by definition; 0 where it is not own. */
static uint64_t find_key(const struct family *f, size_t i, uint64_t page)
{
	const struct vma *v = snapshot_vma(f->member[i].snapshot, 0);
	enum page_state s = runs_at(v->runs, runs_find(v->runs, page)).state;
	uint64_t e = made[i].entry[page];

	if (s != PAGE_ANON && s != PAGE_SWAP && s != PAGE_MOVING)
		return 0;
	if (e == MOVING_ENTRY)
		e = made[i].moved;
	return e & ~ENTRY_EXCLUSIVE;
}

static uint64_t key_at(size_t i, uint64_t page)
{
	return keys[i][page];
}

static bool same_mapping(const struct family *f, size_t i, size_t k)
{
	return !strcmp(snapshot_vma(f->member[i].snapshot, 0)->name,
		snapshot_vma(f->member[k].snapshot, 0)->name);
}

static void check_naively(const struct family *f, size_t pages)
{
	uint64_t held = 0, lost = 0, mixed = 0, distinct = 0, page;
	size_t i, k;

	for (i = 0; i < f->n; i++) {
		struct family_mapping want = { 0 }, got = { 0 };
		const struct family_member *m = &f->member[i];

		for (page = 0; page < pages; page++) {
			uint64_t key = key_at(i, page), seen[2] = { 0, 0 }, in[2] = { 0, 0 };
			bool shared = false, copied = false, sc = false, cc = false, first = true;

			if (!key)
				continue;
			want.own++;
			want.swap += !(key & ENTRY_PRESENT);
			for (k = 0; k < f->n; k++) {
				uint64_t other = same_mapping(f, i, k) ? key_at(k, page) : 0;
				bool ram = other & ENTRY_PRESENT;
				bool like = ram == !!(key & ENTRY_PRESENT);

				if (!other)
					continue;
				first &= k >= i;
				/* Keys are 1, 2 and 3. */
				if (!(seen[ram] >> (ram ? other & 3 : other >> 5 & 3) & 1))
					in[ram]++;
				seen[ram] |= 1u << (ram ? other & 3 : other >> 5 & 3);
				if (k == i)
					continue;
				shared |= other == key;
				copied |= like && other != key;
				if (f->member[k].pid == m->ppid) {
					want.shared_parent += other == key;
					want.copied_parent += like && other != key;
				}
				if (f->member[k].ppid == m->pid) {
					sc |= other == key;
					cc |= like && other != key;
				}
			}
			want.shared += shared;
			want.private += !shared;
			want.copied += copied;
			want.shared_children += sc;
			want.copied_children += cc;
			want.lost += (in[0] ? in[0] - 1 : 0) + (in[1] ? in[1] - 1 : 0);
			held++;
			if (first) {
				lost += (in[0] ? in[0] - 1 : 0) + (in[1] ? in[1] - 1 : 0);
				mixed += in[0] && in[1];
				distinct += in[0] + in[1];
			}
		}
		if (m->mappings)
			got = m->mapping[0];
		assert_memory_equal(&got, &want, sizeof(got));
		assert_int_equal(m->shared + m->private, m->own);
	}
	check_totals(f, held, distinct, lost, mixed);
}

static void check_random(uint64_t seed, size_t members, size_t pages, bool dense)
{
	struct family *f = family_new();
	uint64_t page;
	size_t i;

	random_seed(seed);
	for (i = 0; i < members; i++) {
		make_member(f, i, pages, dense);
		keys[i] = mem_zero(pages, sizeof(*keys[i]));
		for (page = 0; page < pages; page++)
			keys[i][page] = find_key(f, i, page);
	}
	count(f);
	check_naively(f, pages);
	/* From the start again: nothing is added up twice. */
	count(f);
	check_naively(f, pages);
	family_free(f);
	for (i = 0; i < members; i++) {
		free(made[i].entry);
		free(keys[i]);
	}
}

static void test_random(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 60; seed++)
		check_random(seed, 1 + seed % 6, 1 + seed * 7 % 300, true);
	/* Several segments; and so many members that these are shorter. */
	for (seed = 100; seed < 106; seed++)
		check_random(seed, 3, PAGES_MOST, seed % 2);
	check_random(200, MEMBERS_MOST, 2500, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
