/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/newfile.h"
#include "base/units.h"
#include "model/changes.h"
#include "output/diff.h"
#include "print.h"
#include "target.h"

/* Both sides, as far as they are opened. */
struct sides {
	struct store *store;
	struct snapshot *old;
	struct target target;
	struct changes *changes;
};

static void close_sides(struct sides *s)
{
	changes_free(s->changes);
	snapshot_unref(s->old);
	store_close(s->store);
	target_close(&s->target);
}

/* OLD is FILE, or FILE@N where there is no file of the whole name. */
static int open_old(struct sides *s, const char *old, bool no_pfn, struct err *e)
{
	char *path = mem_strdup(old), *at = strrchr(path, '@');
	size_t i;
	int r = 0;

	if (at && access(old, F_OK))
		*at++ = '\0';
	else
		at = NULL;
	s->store = store_open(path, e);
	if (s->store && no_pfn)
		store_withhold(s->store);
	if (!s->store)
		r = -1;
	else if (at)
		r = store_find(s->store, at, &i, e);
	else
		i = store_count(s->store) - 1;
	if (!r)
		s->old = store_read(s->store, i, e);
	free(path);
	return r || !s->old ? -1 : 0;
}

static int open_target(struct sides *s, const struct options *o, struct err *e)
{
	struct target *t = &s->target;

	if (target_open(o, t, e) < 0)
		return -1;
	/* The entries shall be of what was scanned. */
	if (t->live && live_freeze(t->live, e) == 0)
		t->snapshot = live_scan(t->live, NULL, NULL, NULL, e);
	return t->snapshot ? 0 : -1;
}

/* Whether the two can be compared, and what stands in the way. */
static int check(const struct sides *s, struct err *e)
{
	const struct snapshot_info *old = snapshot_info(s->old);
	const struct snapshot_info *new = snapshot_info(s->target.snapshot);
	int same = changes_same_process(old, new, e);

	if (same < 0)
		return -1;
	if (old->page_size != new->page_size)
		return err_set(e, "OLD has pages of %u bytes, and TARGET of %u: they cannot be compared",
			old->page_size, new->page_size);
	if (!same)
		fprintf(stderr, "pmview: %s\n", e->text);
	return 0;
}

static int print(const struct options *o, const struct sides *s, struct err *e)
{
	static void (*const printer[])(FILE *, const struct diff_output *) = {
		[FORMAT_TEXT] = text_diff,
		[FORMAT_JSON] = json_diff,
		[FORMAT_CSV] = csv_diff,
	};
	struct diff_output d = { s->old, s->target.snapshot, s->changes, o->bytes, o->ascii };
	struct newfile out;

	if (newfile_open(&out, o->output ? o->output : "-", 0666, true, e) < 0)
		return -1;
	printer[o->format](out.f, &d);
	return newfile_commit(&out, e);
}

/* Say what is missing. Returns whether anything is. */
static bool say_missing(const struct options *o, const struct sides *s, bool ended)
{
	const struct target *t = &s->target;
	const char *damage, *target_damage;
	bool old = snapshot_info(s->old)->complete, new = snapshot_info(t->snapshot)->complete;

	if (ended)
		fprintf(stderr, "pmview: the process has ended: pages in another frame are told as far as they were read before\n");
	if (!old)
		fprintf(stderr, "pmview: OLD (%s) is cut or damaged: pages that are missing are unknown\n",
			o->diff);
	if (!new && t->live)
		fprintf(stderr, "pmview: some lines of maps could not be understood, and were left out\n");
	else if (!new)
		fprintf(stderr, "pmview: %s is cut or damaged: pages that are missing are unknown\n",
			o->target);
	damage = store_damage(s->store);
	if (damage && old)
		fprintf(stderr, "pmview: OLD: %s\n", damage);
	target_damage = t->store ? store_damage(t->store) : NULL;
	if (target_damage && new)
		fprintf(stderr, "pmview: %s\n", target_damage);
	return ended || !old || !new || damage || target_damage;
}

int compare_print(const struct options *o)
{
	struct sides s = { 0 };
	struct entry_reader old_entries, new_entries;
	struct changes_options co = { &old_entries, &new_entries, false, NULL };
	char held[UNITS_DURATION_LEN];
	struct err e;
	int r = -1, status;

	if (open_old(&s, o->diff, o->no_pfn, &e) == 0 && open_target(&s, o, &e) == 0 && check(&s, &e) == 0) {
		old_entries = store_entries(s.store);
		new_entries = target_entries(&s.target);
		r = changes_make(&s.changes, s.old, s.target.snapshot, &co, &e);
	}
	if (s.target.live) {
		live_thaw(s.target.live);
		if (live_held_ns(s.target.live) && isatty(STDERR_FILENO))
			fprintf(stderr, "pmview: the process stood still for %s\n",
				units_duration(held, live_held_ns(s.target.live)));
		if (s.target.snapshot && *snapshot_info(s.target.snapshot)->note)
			fprintf(stderr, "pmview: %s\n", snapshot_info(s.target.snapshot)->note);
	}
	if (r < 0 || print(o, &s, &e) < 0) {
		close_sides(&s);
		return trouble(&e);
	}
	status = say_missing(o, &s, r == 1) ? EXIT_PARTIAL
		: changes_rows(s.changes) ? EXIT_DIFFERENT
					  : EXIT_FINE;
	close_sides(&s);
	return status;
}
