/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A family in words. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "model/checkpoint.h"
#include "model/family.h"

struct writer {
	struct report *r;
	const struct family *f;
};

static const char *size(char buf[REPORT_SIZE], const struct writer *w, bool known, uint64_t pages)
{
	return report_size(buf, w->r, known, family_bytes(w->f, pages));
}

/* A size in a column of the last line. */
static void column(const struct writer *w, bool known, uint64_t pages)
{
	char buf[REPORT_SIZE];

	report_more(w->r, " %*s", w->r->exact ? 15 : 6, size(buf, w, known, pages));
}

static void headings(const struct writer *w, const char *const *name, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		report_more(w->r, " %*s", w->r->exact ? 15 : 6, name[i]);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static uint64_t processes(const struct family *f)
{
	uint64_t n = f->n;
	size_t i;

	for (i = 0; i < f->n; i++)
		n += f->member[i].n_same;
	return n;
}

/* --- the sentences ------------------------------------------------------------------------- */

static void sharing(const struct writer *w)
{
	const struct family *f = w->f;
	char a[REPORT_SIZE], b[REPORT_SIZE];

	if (!f->sharing_known) {
		bool withheld = f->n && snapshot_info(f->member[0].snapshot)->pfn_withheld;

		report_add(w->r, REPORT_WARNING, "what they share is not known: PFNs are %s",
			withheld ? "withheld (--no-pfn)" : "hidden (needs CAP_SYS_ADMIN)");
		return;
	}
	if (f->n < 2)
		return;
	report_add(w->r, REPORT_TEXT,
		f->n == 2 ? "%s is held once instead of twice" : "sharing saves %s",
		size(a, w, true, f->saved));
	report_more(w->r, "; %s lost to copying since the forks", size(b, w, true, f->lost));
	report_add(w->r, REPORT_TEXT, "(copied, or written by both: that cannot be told apart)");
	if (f->mixed)
		report_add(w->r, REPORT_WARNING,
			"not compared: %" PRIu64 " page%s that one has in RAM and another in swap",
			f->mixed, plural(f->mixed));
}

static void summary(const struct writer *w)
{
	const struct family *f = w->f;
	uint64_t n = processes(f), held = f->sharing_known ? f->distinct : f->held;
	bool known = f->sharing_known;
	char buf[REPORT_SIZE], took[UNITS_DURATION_LEN];
	size_t i;

	for (i = 0; i < f->n && !known; i++)
		if (!family_knows_own(&f->member[i]))
			break;
	known |= i == f->n;
	if (n == 1)
		report_add(w->r, REPORT_TEXT,
			f->n_unseen ? "1 process: no relatives could be looked at"
				    : "1 process: it has no relatives that were forked without exec");
	else
		report_add(w->r, REPORT_TEXT,
			"%" PRIu64 " processes, forked from each other without exec", n);
	report_more(w->r, "; private memory %s%s", f->sharing_known ? "" : "at most ",
		size(buf, w, known, held));
	sharing(w);
	report_add(w->r, REPORT_TEXT, "looked at for %s, while they went on: not of one instant",
		units_duration(took, f->took_ns));
}

static void missing(const struct writer *w)
{
	const struct family *f = w->f;
	size_t i, moving = 0;

	for (i = 0; i < f->n; i++)
		moving += f->member[i].moving;
	for (i = 0; i < f->n_unseen; i++) {
		report_add(w->r, REPORT_WARNING, "not counted: %d%s", (int)f->unseen[i].pid,
			*f->unseen[i].comm ? " " : "");
		report_name(w->r, f->unseen[i].comm, strlen(f->unseen[i].comm));
		report_more(w->r, ": %s", f->unseen[i].why);
	}
	if (f->n_unseen && f->sharing_known)
		report_add(w->r, REPORT_WARNING, "what is private may be shared with these");
	if (f->ended)
		report_add(w->r, REPORT_WARNING, "%zu ended or exec'd meanwhile, and %s left out",
			f->ended, f->ended == 1 ? "is" : "are");
	if (!f->same_known)
		report_add(w->r, REPORT_WARNING,
			"not known (kcmp): whether some have the same memory, and count twice");
	if (moving)
		report_add(w->r, REPORT_WARNING,
			"%zu page%s moved to other frames just then: not counted", moving,
			plural(moving));
}

/* --- the rows ------------------------------------------------------------------------------ */

/* The fattest first. */
static int compare_members(const void *a, const void *b)
{
	const struct family_member *x = *(const struct family_member *const *)a;
	const struct family_member *y = *(const struct family_member *const *)b;

	if (x->private != y->private)
		return x->private > y->private ? -1 : 1;
	if (x->own != y->own)
		return x->own > y->own ? -1 : 1;
	return x->pid < y->pid ? -1 : 1;
}

#define COMMAND_MOST 512 /* bytes */

/* The arguments with spaces between, as ps(1) has them; comm if there are none. */
static void command(struct report *r, const struct family_member *m)
{
	const struct snapshot_info *info = snapshot_info(m->snapshot);
	size_t n = info->cmdline_len < COMMAND_MOST ? info->cmdline_len : COMMAND_MOST, i;
	char text[COMMAND_MOST];

	for (i = 0; i < n; i++)
		text[i] = info->cmdline[i] ? info->cmdline[i] : ' ';
	while (n && text[n - 1] == ' ')
		n--;
	if (n)
		report_name(r, text, n);
	else
		report_name(r, info->comm, strlen(info->comm));
	if (m->ended)
		report_more(r, " (ended in the middle)");
}

static void member_row(const struct writer *w, const struct family_member *m, bool marked)
{
	const struct family *f = w->f;
	size_t i;

	report_add(w->r, REPORT_TEXT, "%c%7d", marked ? '*' : ' ', (int)m->pid);
	if (m->parent == FAMILY_NONE)
		report_more(w->r, " %7s", "-");
	else
		report_more(w->r, " %7d", (int)m->ppid);
	column(w, family_knows_own(m), m->own);
	column(w, f->sharing_known, m->private);
	column(w, f->sharing_known, m->copied);
	column(w, f->sharing_known, m->shared);
	column(w, family_knows_swap(m), m->swap);
	column(w, true, m->file + m->shmem);
	report_more(w->r, " ");
	command(w->r, m);
	report_place(w->r, m->pid, 0);
	for (i = 0; i < m->n_same; i++) {
		report_add(w->r, REPORT_TEXT, " %7d has the very same memory as %d",
			(int)m->same[i], (int)m->pid);
		report_place(w->r, m->same[i], 0);
	}
}

static void member_rows(const struct writer *w, size_t of)
{
	static const char *const names[] = { "OWN", "PRIV", "COPIED", "SHARED", "SWAP", "FILE" };
	const struct family *f = w->f;
	const struct family_member **order = mem_zero(f->n, sizeof(*order));
	size_t i;

	for (i = 0; i < f->n; i++)
		order[i] = &f->member[i];
	if (f->n)
		qsort(order, f->n, sizeof(*order), compare_members);
	report_add(w->r, REPORT_TEXT, "%s", "");
	report_add(w->r, REPORT_HEADING, "%8s %7s", "PID", "PARENT");
	headings(w, names, sizeof(names) / sizeof(*names));
	report_more(w->r, " COMMAND");
	for (i = 0; i < f->n; i++)
		member_row(w, order[i], of != FAMILY_NONE && order[i] == &f->member[of]);
	free(order);
}

/* --- objects ------------------------------------------------------------------------------- */

#define OBJECTS_MOST 16

static void object_row(const struct writer *w, const struct family_object *o)
{
	struct shared_object object = { .vma = o->vma };

	report_add(w->r, REPORT_TEXT, "%17s", "");
	column(w, true, o->pages);
	report_more(w->r, " %6zu %-11s ", o->members, shared_object_kind(&object));
	report_name(w->r, o->vma->name, strlen(o->vma->name));
}

/* Each once for the whole family, those with present pages alone. */
static void object_rows(const struct writer *w)
{
	const struct family *f = w->f;
	uint64_t rest = 0;
	size_t i, more = 0;

	report_add(w->r, REPORT_TEXT, "%s", "");
	report_add(w->r, REPORT_HEADING, "%-17s", "once for all");
	report_more(w->r, " %*s %6s KIND        NAME", w->r->exact ? 15 : 6, "RAM", "PROCS");
	report_add(w->r, REPORT_TEXT, "%17s", "");
	column(w, true, f->file_pages);
	report_more(w->r, " %6s %-11s %" PRIu64 " file%s: pages that any has mapped", "",
		"file", f->files, plural(f->files));
	for (i = 0; i < f->objects && f->object[i].pages; i++) {
		if (i < OBJECTS_MOST) {
			object_row(w, &f->object[i]);
			continue;
		}
		rest += f->object[i].pages;
		more++;
	}
	if (!more)
		return;
	report_add(w->r, REPORT_TEXT, "%17s", "");
	column(w, true, rest);
	report_more(w->r, " %6s %-11s %zu more", "", "", more);
}

/* --- mappings ------------------------------------------------------------------------------ */

static void mapping_row(const struct writer *w, const struct family_member *m,
	const struct family_mapping *map)
{
	const struct vma *v = snapshot_vma(m->snapshot, map->vma);
	const uint64_t count[] = { map->private, map->shared_parent, map->copied_parent,
		map->shared_children, map->copied_children, map->lost };
	size_t i;

	report_add(w->r, REPORT_TEXT, "%012" PRIx64, v->start);
	column(w, family_knows_own(m), map->own);
	for (i = 0; i < sizeof(count) / sizeof(*count); i++)
		column(w, w->f->sharing_known, count[i]);
	report_more(w->r, " ");
	report_name(w->r, *v->name ? v->name : "[anon]", strlen(*v->name ? v->name : "[anon]"));
	report_place(w->r, m->pid, v->start);
}

static void mapping_rows(const struct writer *w, const struct family_member *m)
{
	static const char *const over[] = { "PARENT", "PARENT", "CHILD", "CHILD" };
	static const char *const names[] = { "OWN", "PRIV", "SHARED", "COPIED", "SHARED", "COPIED",
		"LOST" };
	size_t i;

	report_add(w->r, REPORT_TEXT, "%s", "");
	report_add(w->r, REPORT_HEADING, "by mapping of %-*d", w->r->exact ? 30 : 12, (int)m->pid);
	headings(w, over, sizeof(over) / sizeof(*over));
	report_add(w->r, REPORT_HEADING, "%-12s", "START");
	headings(w, names, sizeof(names) / sizeof(*names));
	report_more(w->r, " NAME");
	for (i = 0; i < m->mappings; i++)
		if (m->mapping[i].own)
			mapping_row(w, m, &m->mapping[i]);
}

/* Nearly always one at least, and nearly never of the family: last. */
static void hidden(const struct writer *w)
{
	const struct family *f = w->f;

	if (!f->hidden)
		return;
	report_add(w->r, REPORT_TEXT, "%s", "");
	report_add(w->r, REPORT_WARNING,
		"%zu other process%s may not be asked what %s (CAP_SYS_PTRACE)", f->hidden,
		f->hidden == 1 ? "" : "es", f->hidden == 1 ? "it runs" : "they run");
}

struct report *family_report(const struct family *f, pid_t of, bool exact)
{
	struct writer w = { .r = report_new(exact), .f = f };
	size_t i = family_find(f, of);

	summary(&w);
	missing(&w);
	member_rows(&w, i);
	object_rows(&w);
	if (i != FAMILY_NONE)
		mapping_rows(&w, &f->member[i]);
	hidden(&w);
	return w.r;
}
