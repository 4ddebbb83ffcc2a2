/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recordings, and what a snapshot keeps besides its skeleton: entries and frames come back as they
 * were, whatever is cut off or damaged; then they are unknown, and never something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/record.h"
#include "source/store_pack.h"
#include "source/store_text.h"
#include "store_help.h"
#include "world.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define TIMES 140 /* more than two that are whole, with those between them */

/* What was recorded: the worlds as they were. */
struct reel {
	struct world *world[TIMES];
	struct snapshot *snapshot[TIMES];
	char *path, *data;
	size_t size;
	enum store_keep keep;
};

static struct store_what what_of(
	struct world *w, enum store_keep keep, struct entry_reader *er, struct frame_reader *fr)
{
	*er = (struct entry_reader){ .read = world_read, .ctx = w };
	*fr = (struct frame_reader){ .read = world_frames, .cgroup = world_cgroup, .ctx = w,
		.page_size = 4096 };
	return (struct store_what){ .keep = keep, .entries = er, .frames = fr };
}

static int add(struct recorder *r, struct world *w, const struct snapshot *s, enum store_keep keep,
	struct err *e)
{
	struct entry_reader er;
	struct frame_reader fr;
	struct store_what what = what_of(w, keep, &er, &fr);

	return recorder_add(r, s, &what, e);
}

static void record(struct reel *reel, enum store_keep keep, int times, const char *name)
{
	struct world *w = world_new();
	struct recorder *r = NULL;
	struct err e;
	int i;

	*reel = (struct reel){ .path = mem_strdup(scratch(name)), .keep = keep };
	unlink(reel->path);
	for (i = 0; i < times; i++) {
		reel->snapshot[i] = world_snapshot(w);
		reel->world[i] = mem_dup(w, sizeof(*w));
		if (!r)
			r = recorder_open(reel->path, reel->snapshot[i], false, &e);
		assert_non_null(r);
		assert_int_equal(add(r, w, reel->snapshot[i], keep, &e), 0);
		world_change(w);
	}
	assert_int_equal(recorder_close(r, &e), 0);
	free(w);
	reel->data = read_file(reel->path, &reel->size);
}

static void reel_free(struct reel *reel)
{
	int i;

	for (i = 0; i < TIMES; i++) {
		free(reel->world[i]);
		snapshot_unref(reel->snapshot[i]);
	}
	free(reel->path);
	free(reel->data);
}

/* Compare the entries and frames of the snapshot read last with the world. damaged: they may be
 * unknown. Returns how many are. */
static uint64_t check_pages(struct store *s, const struct world *w, enum store_keep keep, bool damaged)
{
	struct entry_reader er = store_entries(s);
	struct frame_reader fr = store_frames(s);
	uint64_t entry[ENTRY_CHUNK], first, n, i, unknown = 0;
	static struct frame frame[ENTRY_CHUNK];
	struct err e;
	int slot;

	assert_true(!er.read == (keep < KEEP_ENTRIES));
	assert_true(!fr.read == (keep < KEEP_FULL));
	for (slot = 0; er.read && slot < WORLD_SLOTS; slot++) {
		for (first = 0; first < w->pages[slot]; first += n) {
			uint64_t most = w->pages[slot] - first;

			n = 1 + random_below(ENTRY_CHUNK);
			n = n < most ? n : most;
			if (fr.read)
				assert_int_equal(frames_read(&er, &fr, world_start(slot) / 4096 + first, n,
							 entry, frame, &e), n);
			else
				assert_int_equal(er.read(er.ctx, world_start(slot) / 4096 + first, n,
							 entry, &e), n);
			for (i = 0; i < n; i++) {
				uint64_t was = w->entry[slot][first + i];
				const struct frame *f = &w->frame[was & ENTRY_PRESENT ? entry_pfn(was) : 0];

				if (entry[i] == ENTRY_UNKNOWN) {
					unknown++;
					continue;
				}
				assert_int_equal(entry[i], was);
				if (!fr.read || !(was & ENTRY_PRESENT))
					continue;
				if (damaged && !frame[i].known && f->known) {
					unknown++;
					continue;
				}
				assert_true(frames_told_same(&frame[i], f));
			}
		}
	}
	return unknown;
}

/* Of each page that the snapshot tells of, that is what there was. */
static void assert_not_false(const struct snapshot *part, const struct snapshot *whole)
{
	size_t i, k, at;

	assert_same_info(snapshot_info(part), snapshot_info(whole));
	for (i = 0; i < snapshot_vmas(part); i++) {
		const struct vma *p = snapshot_vma(part, i), *w;

		at = snapshot_find(whole, p->start);
		assert_true(at < snapshot_vmas(whole));
		w = snapshot_vma(whole, at);
		assert_same_vma(p, w);
		for (k = 0; k < runs_length(p->runs); k++) {
			struct run run = runs_at(p->runs, k);
			struct page_counts c;

			if (run.state == PAGE_UNKNOWN) {
				assert_false(snapshot_info(part)->complete);
				continue;
			}
			c = runs_count(w->runs, run.first, run.pages);
			assert_int_equal(c.state[run.state], run.pages);
		}
	}
}

static struct store *open_store(const char *path)
{
	struct err e;
	struct store *s = store_open(path, &e);

	if (!s)
		fail_msg("%s", e.text);
	return s;
}

/* Pages in stretches of more than 4096 empty ones, whose entries are not kept. */
static uint64_t long_empty(const struct snapshot *s)
{
	uint64_t n = 0;
	size_t i, k;

	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct runs *r = snapshot_vma(s, i)->runs;

		for (k = 0; k < runs_length(r); k++)
			if (runs_at(r, k).state == PAGE_NONE && runs_at(r, k).pages > 4096)
				n += runs_at(r, k).pages;
	}
	return n;
}

static void check_all(const struct reel *reel, int times)
{
	struct store *s = open_store(reel->path);
	struct snapshot *back;
	struct err e;
	int i, k;

	assert_int_equal(store_count(s), times);
	assert_null(store_damage(s));
	for (i = 0; i < 2 * times; i++) {
		/* First one after the other, then here and there. */
		k = i < times ? i : (int)random_below((uint64_t)times);
		if (i >= times && i % 16)
			continue;
		back = store_read(s, (size_t)k, &e);
		if (!back)
			fail_msg("%s", e.text);
		assert_same(reel->snapshot[k], back);
		assert_memory_equal(&store_item(s, (size_t)k)->totals, snapshot_totals(back),
			sizeof(struct page_counts));
		if (i % 8 == 0 || i >= times)
			assert_int_equal(check_pages(s, reel->world[k], reel->keep, false),
				reel->keep < KEEP_ENTRIES ? 0 : long_empty(reel->snapshot[k]));
		snapshot_unref(back);
	}
	assert_null(store_damage(s));
	store_close(s);
}

static void recordings_come_back(void **state)
{
	static const enum store_keep keeps[] = { KEEP_SKELETON, KEEP_ENTRIES, KEEP_FULL };
	struct reel reel;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		random_seed(10 + i);
		record(&reel, keeps[i], i ? 66 : TIMES, "reel.pmv");
		check_all(&reel, i ? 66 : TIMES);
		reel_free(&reel);
	}
}

static void one_snapshot_keeps_all(void **state)
{
	struct world *w;
	struct entry_reader er;
	struct frame_reader fr;
	struct store_what what;
	struct snapshot *s, *back;
	char *path = mem_strdup(scratch("full.pmv"));
	struct store *store;
	struct err e;
	uint64_t unknown;

	(void)state;
	random_seed(3);
	w = world_new();
	for (; w->pages[1] < 4500; w->pages[1]++)
		w->entry[1][w->pages[1]] = ENTRY_PRESENT | 1;
	memset(&w->entry[1][101], 0, 4299 * sizeof(w->entry[1][0]));
	s = world_snapshot(w);
	what = what_of(w, KEEP_FULL, &er, &fr);
	assert_int_equal(store_write(path, s, &what, true, &e), 0);
	store = open_store(path);
	back = store_read(store, 0, &e);
	assert_same(s, back);
	unknown = check_pages(store, w, KEEP_FULL, false);
	/* Only those in a stretch of more than 4096 empty ones are not kept. */
	assert_int_equal(unknown, 4299);
	fr = store_frames(store);
	assert_string_equal(fr.cgroup(fr.ctx, 33), "/a\tb");
	assert_null(fr.cgroup(fr.ctx, 34));
	snapshot_unref(back);
	store_close(store);
	snapshot_unref(s);
	free(w);
	free(path);
}

static void withheld_pfns_are_not_given_out(void **state)
{
	struct reel reel;
	struct store *s;
	struct snapshot *back;
	struct entry_reader er;
	uint64_t entry[64];
	struct err e;
	int i;

	(void)state;
	random_seed(4);
	record(&reel, KEEP_FULL, 3, "withheld.pmv");
	s = open_store(reel.path);
	store_withhold(s);
	back = store_read(s, 2, &e);
	assert_false(snapshot_info(back)->known.pfn);
	assert_true(snapshot_info(back)->pfn_withheld);
	assert_int_equal(snapshot_info(back)->zero_pfn, 0);
	assert_null(store_frames(s).read);
	er = store_entries(s);
	er.read(er.ctx, world_start(0) / 4096, 64, entry, &e);
	for (i = 0; i < 64; i++)
		assert_int_equal(entry[i], reel.world[2]->entry[0][i] & ~ENTRY_PFN_MASK);
	snapshot_unref(back);
	store_close(s);
	reel_free(&reel);
}

/* --- cut and damaged --- */

/* How many snapshots of the reel are whole in its first n bytes: found by trying. */
static void check_cut(const struct reel *reel, size_t n, size_t *least)
{
	struct err e = { .text = "" };
	struct store *s;
	struct snapshot *back;
	size_t count, k;

	put(reel->path, reel->data, n);
	s = store_open(reel->path, &e);
	if (!s) {
		assert_true(strlen(e.text) > 10);
		assert_int_equal(*least, 0);
		return;
	}
	count = store_count(s);
	assert_true(count >= *least);
	*least = count;
	for (k = 0; k < count; k += 1 + random_below(9)) {
		back = store_read(s, k, &e);
		assert_non_null(back);
		if (count > 1)
			assert_same(reel->snapshot[k], back);
		else
			assert_not_false(back, reel->snapshot[k]);
		check_pages(s, reel->world[k], reel->keep, count == 1);
		snapshot_unref(back);
	}
	store_close(s);
}

static int by_size(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

static void recordings_cut_anywhere(void **state)
{
	struct reel reel;
	size_t cut[30], least = 0, i;
	struct store *s;

	(void)state;
	random_seed(5);
	record(&reel, KEEP_FULL, 24, "cut.pmv");
	for (i = 0; i < LENGTH(cut); i++)
		cut[i] = random_below(reel.size);
	qsort(cut, LENGTH(cut), sizeof(*cut), by_size);
	for (i = 0; i < LENGTH(cut); i++)
		check_cut(&reel, cut[i], &least);
	assert_true(least > 18);
	/* That something is missing is said, but where the cut is between two snapshots. */
	put(reel.path, reel.data, reel.size - 1);
	s = open_store(reel.path);
	assert_int_equal(store_count(s), 23);
	assert_non_null(store_damage(s));
	assert_non_null(strstr(store_damage(s), "cut off"));
	store_close(s);
	reel_free(&reel);
}

static void damage_costs_itself_and_what_depends_on_it(void **state)
{
	struct reel reel;
	int round, good = 0, said = 0, shown = 0;

	(void)state;
	random_seed(6);
	record(&reel, KEEP_FULL, 70, "flip.pmv");
	for (round = 0; round < 40; round++) {
		size_t at = random_below(reel.size), k;
		char was = reel.data[at];
		struct err e = { .text = "" };
		struct store *s;

		reel.data[at] = (char)(was ^ 1 << random_below(8));
		put(reel.path, reel.data, reel.size);
		reel.data[at] = was;
		s = store_open(reel.path, &e);
		assert_non_null(s);
		for (k = 0; k < store_count(s); k += 1 + random_below(20)) {
			const struct timespec t = store_item(s, k)->time;
			size_t n = (size_t)(t.tv_sec - snapshot_info(reel.snapshot[0])->time.tv_sec);
			struct snapshot *back = store_read(s, k, &e);

			assert_true(n < 70);
			if (!back)
				continue;
			shown++;
			assert_not_false(back, reel.snapshot[n]);
			good += snapshot_info(back)->complete &&
				!check_pages(s, reel.world[n], KEEP_FULL, true);
			snapshot_unref(back);
		}
		said += store_damage(s) != NULL;
		store_close(s);
	}
	assert_true(shown > 150);
	assert_true(good > shown / 4); /* a flip costs one run of changes at most */
	assert_true(said > 20);
	reel_free(&reel);
}

/* Each zstd frame in its turn, and some behind it, are overwritten, and so not even found: what belongs
 * to whom must be told by what is left. */
static void every_frame_is_missed_in_turn(void **state)
{
	struct reel reel;
	uint64_t at, next, frames = 0, good = 0, all = 0;
	struct packed p;
	bool cut;
	int fd;

	(void)state;
	random_seed(11);
	world_most = 400;
	world_churn = 1;
	record(&reel, KEEP_FULL, 8, "missed.pmv");
	world_most = WORLD_PAGES;
	world_churn = 4;
	for (at = 0; at < reel.size; at = next) {
		uint64_t more, to;
		char *file = mem_dup(reel.data, reel.size);
		struct err e = { .text = "" };
		struct store *s;
		size_t k;

		put(reel.path, reel.data, reel.size);
		fd = open(reel.path, O_RDONLY);
		assert_int_equal(pack_find(fd, reel.size, at, &p, &cut), 1);
		next = to = at + p.size;
		for (more = frames % 6; more && to < reel.size; more--, to += p.size)
			assert_int_equal(pack_find(fd, reel.size, to, &p, &cut), 1);
		close(fd);
		memset(file + at, 0, to - at);
		put(reel.path, file, reel.size);
		free(file);
		frames++;
		s = store_open(reel.path, &e);
		assert_non_null(s);
		assert_non_null(store_damage(s));
		for (k = 0; k < store_count(s); k++) {
			const struct timespec t = store_item(s, k)->time;
			size_t n = (size_t)(t.tv_sec - snapshot_info(reel.snapshot[0])->time.tv_sec);
			struct snapshot *back = store_read(s, k, &e);

			assert_true(n < 8);
			all++;
			if (!back)
				continue;
			assert_not_false(back, reel.snapshot[n]);
			good += snapshot_info(back)->complete &&
				!check_pages(s, reel.world[n], KEEP_FULL, true);
			snapshot_unref(back);
		}
		store_close(s);
	}
	assert_true(frames > 30);
	assert_true(good > all / 5);
	reel_free(&reel);
}

static void a_lost_beginning_costs_up_to_the_next_whole_one(void **state)
{
	struct reel reel;
	struct snapshot *back;
	struct store *s;
	struct err e;
	size_t k;

	(void)state;
	random_seed(12);
	world_most = 300;
	record(&reel, KEEP_SKELETON, 130, "whole.pmv");
	world_most = WORLD_PAGES;
	memset(reel.data, 0, 60);
	put(reel.path, reel.data, reel.size);
	s = open_store(reel.path);
	assert_int_equal(store_count(s), 129);
	for (k = 0; k < 129; k++) {
		back = store_read(s, k, &e);
		assert_non_null(back);
		assert_not_false(back, reel.snapshot[k + 1]);
		assert_int_equal(snapshot_info(back)->complete, k + 1 >= 64);
		snapshot_unref(back);
	}
	assert_non_null(store_damage(s));
	store_close(s);
	reel_free(&reel);
}

/* --- going on --- */

static void a_torn_end_is_cut_off_and_gone_on_from(void **state)
{
	struct reel reel;
	struct recorder *r;
	struct store *s;
	struct snapshot *back;
	struct err e;

	(void)state;
	random_seed(7);
	record(&reel, KEEP_ENTRIES, 10, "torn.pmv");
	put(reel.path, reel.data, reel.size - 3);
	r = recorder_open(reel.path, reel.snapshot[9], false, &e);
	assert_non_null(r);
	assert_int_equal(add(r, reel.world[9], reel.snapshot[9], KEEP_ENTRIES, &e), 0);
	assert_int_equal(recorder_close(r, &e), 0);
	check_all(&reel, 10);
	/* The one that was added does not depend on the others. */
	s = open_store(reel.path);
	back = store_read(s, 9, &e);
	assert_same(reel.snapshot[9], back);
	snapshot_unref(back);
	store_close(s);
	reel_free(&reel);
}

/* What is torn, or garbage, behind a whole snapshot is cut off, and no more. */
static void garbage_behind_the_last_one(void **state)
{
	static const char garbage[] = "garbage that is no frame of zstd";
	struct reel reel;
	struct recorder *r;
	struct store *s;
	struct err e;
	int i;

	(void)state;
	random_seed(13);
	world_most = 300;
	record(&reel, KEEP_ENTRIES, 6, "garbage.pmv");
	world_most = WORLD_PAGES;
	for (i = 0; i < 2; i++) {
		char *file = mem_alloc(reel.size + 40);

		/* The beginning of another header; or something else. */
		memcpy(file, reel.data, reel.size);
		memcpy(file + reel.size, i ? garbage : reel.data, 32);
		put(reel.path, file, reel.size + 32);
		free(file);
		s = open_store(reel.path);
		assert_int_equal(store_count(s), 6);
		assert_non_null(store_damage(s));
		assert_true(store_item(s, 5)->whole);
		store_close(s);
		r = recorder_open(reel.path, reel.snapshot[5], false, &e);
		assert_non_null(r);
		assert_int_equal(recorder_close(r, &e), 0);
		check_all(&reel, 6);
	}
	reel_free(&reel);
}

/* Entries that were not read before the process ended are not those of the snapshot before. */
static void an_end_in_the_middle_of_changes(void **state)
{
	struct reel reel;
	struct recorder *r;
	struct store *s;
	struct snapshot *back;
	struct entry_reader er;
	uint64_t entry[2];
	struct err e;

	(void)state;
	random_seed(14);
	record(&reel, KEEP_ENTRIES, 1, "end.pmv");
	r = recorder_open(reel.path, reel.snapshot[0], false, &e);
	reel.world[0]->generation++;
	snapshot_unref(reel.snapshot[0]);
	reel.snapshot[0] = world_snapshot(reel.world[0]);
	assert_int_equal(add(r, reel.world[0], reel.snapshot[0], KEEP_ENTRIES, &e), 0);
	reel.world[0]->generation++;
	snapshot_unref(reel.snapshot[0]);
	reel.snapshot[0] = world_snapshot(reel.world[0]);
	reel.world[0]->read_most = 100;
	assert_int_equal(add(r, reel.world[0], reel.snapshot[0], KEEP_ENTRIES, &e), 1);
	assert_int_equal(recorder_close(r, &e), 0);
	s = open_store(reel.path);
	assert_int_equal(store_count(s), 3);
	back = store_read(s, 2, &e);
	er = store_entries(s);
	er.read(er.ctx, world_start(0) / 4096 + 99, 2, entry, &e);
	assert_int_equal(entry[0], reel.world[0]->entry[0][99]);
	assert_true(entry[1] == ENTRY_UNKNOWN);
	snapshot_unref(back);
	store_close(s);
	reel_free(&reel);
}

static bool give_up(void *ctx, uint64_t done, uint64_t all)
{
	int *times = ctx;

	assert_true(done <= all);
	return (*times)-- > 0;
}

static void others_are_not_added_to(void **state)
{
	struct snapshot_info info = info_for_tests();
	struct snapshot *mine = snapshot_of("0x1000 rw-p anon - A1\n", &info), *other;
	char *path = mem_strdup(scratch("other.pmv")), *link = mem_strdup(scratch("link.pmv"));
	struct recorder *r;
	struct err e;
	struct stat st;

	(void)state;
	unlink(path);
	unlink(link);
	r = recorder_open(path, mine, false, &e);
	assert_non_null(r);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(recorder_add(r, mine, NULL, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* Nor twice at a time. */
	assert_null(recorder_open(path, mine, false, &e));
	assert_non_null(strstr(e.text, "another pmview"));
	assert_int_equal(recorder_close(r, &e), 0);
	info.start_time++;
	other = snapshot_of("0x1000 rw-p anon - A1\n", &info);
	assert_null(recorder_open(path, other, false, &e));
	assert_non_null(strstr(e.text, "another process"));
	r = recorder_open(path, other, true, &e);
	assert_non_null(r);
	assert_int_equal(recorder_add(r, other, NULL, &e), 0);
	assert_int_equal(recorder_close(r, &e), 0);
	assert_int_equal(symlink(path, link), 0);
	assert_null(recorder_open(link, other, true, &e));
	put(path, "mine\n", 5);
	assert_null(recorder_open(path, other, true, &e));
	assert_non_null(strstr(e.text, "left alone"));
	unlink(path);
	/* It is replaced with the first snapshot, not before: here that fails. */
	save(path, mine);
	{
		struct world *w = world_new();
		struct entry_reader er;
		struct frame_reader fr;
		struct store_what what = what_of(w, KEEP_FULL, &er, &fr);
		struct snapshot *s = world_snapshot(w), *back;
		int times = 0;

		what.go_on = give_up;
		what.ctx = &times;
		r = recorder_open(path, other, true, &e);
		assert_non_null(r);
		assert_int_equal(recorder_add(r, s, &what, &e), -1);
		assert_int_equal(recorder_close(r, &e), 0);
		back = load(path);
		assert_same(mine, back);
		snapshot_unref(back);
		snapshot_unref(s);
		free(w);
	}
	/* Somebody else takes the name away: what is written would be in no file. */
	r = recorder_open(path, mine, false, &e);
	assert_non_null(r);
	assert_int_equal(recorder_add(r, mine, NULL, &e), 0);
	save(path, other);
	assert_int_equal(recorder_add(r, mine, NULL, &e), -1);
	assert_non_null(strstr(e.text, "removed or replaced"));
	assert_int_equal(recorder_close(r, &e), 0);
	unlink(path);
	/* Nothing was added: nothing is left. */
	r = recorder_open(path, other, false, &e);
	assert_int_equal(recorder_close(r, &e), 0);
	assert_int_equal(access(path, F_OK), -1);
	snapshot_unref(mine);
	snapshot_unref(other);
	free(path);
	free(link);
}

static void giving_up_leaves_all_as_it_was(void **state)
{
	struct reel reel;
	struct entry_reader er;
	struct frame_reader fr;
	struct store_what what;
	struct recorder *r;
	int times = 2;
	struct err e;
	char *data;
	size_t n;

	(void)state;
	random_seed(8);
	record(&reel, KEEP_FULL, 5, "give-up.pmv");
	what = what_of(reel.world[4], KEEP_FULL, &er, &fr);
	what.go_on = give_up;
	what.ctx = &times;
	assert_int_equal(store_write(reel.path, reel.snapshot[4], &what, true, &e), -1);
	assert_int_equal(e.code, ECANCELED);
	r = recorder_open(reel.path, reel.snapshot[4], false, &e);
	times = 2;
	assert_int_equal(recorder_add(r, reel.snapshot[4], &what, &e), -1);
	assert_int_equal(e.code, ECANCELED);
	assert_int_equal(recorder_close(r, &e), 0);
	data = read_file(reel.path, &n);
	assert_int_equal(n, reel.size);
	assert_memory_equal(data, reel.data, n);
	free(data);
	check_all(&reel, 5);
	reel_free(&reel);
}

static void an_end_in_the_middle_is_said(void **state)
{
	struct world *w;
	struct entry_reader er;
	struct frame_reader fr;
	struct store_what what;
	struct snapshot *s, *back;
	char *path = mem_strdup(scratch("ended.pmv")), *other = mem_strdup(scratch("before.pmv"));
	struct store *store;
	uint64_t entry[1];
	struct err e;

	(void)state;
	random_seed(9);
	w = world_new();
	s = world_snapshot(w);
	what = what_of(w, KEEP_ENTRIES, &er, &fr);
	w->read_most = 100;
	assert_int_equal(store_write(path, s, &what, true, &e), 1);
	/* What is whole is not replaced by that. */
	save(other, s);
	w->read_most = 100;
	assert_int_equal(store_write(other, s, &what, true, &e), -1);
	assert_non_null(strstr(e.text, "left as it was"));
	back = load(other);
	assert_same(s, back);
	snapshot_unref(back);
	free(other);
	store = open_store(path);
	back = store_read(store, 0, &e);
	assert_false(snapshot_info(back)->complete);
	er = store_entries(store);
	er.read(er.ctx, world_start(0) / 4096 + 99, 1, entry, &e);
	assert_int_equal(entry[0], w->entry[0][99]);
	er.read(er.ctx, world_start(0) / 4096 + 100, 1, entry, &e);
	assert_true(entry[0] == ENTRY_UNKNOWN);
	snapshot_unref(back);
	store_close(store);
	snapshot_unref(s);
	free(w);
	free(path);
}

/* --- files of before --- */

static char *data_file(const char *name)
{
	const char *source = getenv("PMVIEW_SOURCE");
	struct str path = { 0 };

	str_addf(&path, "%s/tests/data/%s", source ? source : ".", name);
	return str_take(&path);
}

/* UPDATE=1 writes it anew, which is right only where a new version of the format begins. */
static void a_recording_of_version_1_still_opens(void **state)
{
	struct reel reel;
	char *kept = data_file("v1-recording.pmv");
	size_t n;

	(void)state;
	random_seed(77);
	world_most = 60;
	record(&reel, KEEP_FULL, 4, "v1.pmv");
	world_most = WORLD_PAGES;
	if (getenv("UPDATE"))
		put(kept, reel.data, reel.size);
	free(reel.path);
	reel.path = kept;
	free(read_file(kept, &n));
	assert_true(n > 1000);
	check_all(&reel, 4);
	reel_free(&reel);
}

/* By a pmview that kept skeletons only, and wrote no `type` first. */
static void a_skeleton_of_version_1_still_opens(void **state)
{
	char *path = data_file("v1-skeleton.pmv");
	struct snapshot *was = small_snapshot(), *s = load(path);

	(void)state;
	assert_same(was, s);
	snapshot_unref(was);
	snapshot_unref(s);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_snapshot_keeps_all),
		cmocka_unit_test(recordings_come_back),
		cmocka_unit_test(withheld_pfns_are_not_given_out),
		cmocka_unit_test(recordings_cut_anywhere),
		cmocka_unit_test(damage_costs_itself_and_what_depends_on_it),
		cmocka_unit_test(every_frame_is_missed_in_turn),
		cmocka_unit_test(a_lost_beginning_costs_up_to_the_next_whole_one),
		cmocka_unit_test(a_torn_end_is_cut_off_and_gone_on_from),
		cmocka_unit_test(garbage_behind_the_last_one),
		cmocka_unit_test(an_end_in_the_middle_of_changes),
		cmocka_unit_test(others_are_not_added_to),
		cmocka_unit_test(giving_up_leaves_all_as_it_was),
		cmocka_unit_test(an_end_in_the_middle_is_said),
		cmocka_unit_test(a_recording_of_version_1_still_opens),
		cmocka_unit_test(a_skeleton_of_version_1_still_opens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
