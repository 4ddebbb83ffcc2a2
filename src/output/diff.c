/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/str.h"
#include "base/units.h"
#include "base/utf8.h"
#include "model/change_words.h"
#include "model/describe.h"
#include "output/csv.h"

static uint32_t page_size(const struct diff_output *d)
{
	return snapshot_info(d->new)->page_size;
}

static const struct vma *vma_of(const struct diff_output *d, const struct change_row *r)
{
	return snapshot_vma(r->what == VMA_CHANGE_GONE ? d->old : d->new, r->vma);
}

/* Whether both sides tell swap from markers, so that a sum of it is one. */
static bool swap_known(const struct diff_output *d)
{
	return snapshot_knows(d->old, PAGE_SWAP) && snapshot_knows(d->new, PAGE_SWAP);
}

/* Whether it could have been seen that pages changed in this way. */
static bool is_told(const struct diff_output *d, enum change c)
{
	if (c == CHANGE_FRAME)
		return !changes_no_frames(d->changes);
	return (c != CHANGE_HUGE && c != CHANGE_SPLIT) || !changes_no_huge(d->changes);
}

/* --- text --- */

static void add_readable(struct str *t, const char *s, const struct diff_output *d)
{
	utf8_readable(t, s, strlen(s), d->ascii ? UTF8_ASCII : 0);
}

static void add_clock(struct str *t, struct timespec when)
{
	char buf[32];
	struct tm tm;

	localtime_r(&when.tv_sec, &tm);
	strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S", &tm);
	str_add(t, buf);
}

/* Which two pictures these are. */
static void head_words(struct str *t, const struct diff_output *d)
{
	const struct snapshot_info *old = snapshot_info(d->old), *new = snapshot_info(d->new);

	add_readable(t, new->comm, d);
	str_addf(t, "[%d]: ", (int)new->pid);
	add_clock(t, new->time);
	str_add(t, ", ");
	change_time_words(t, old->time, new->time);
	str_add(t, " than OLD (");
	add_clock(t, old->time);
	if (strcmp(old->comm, new->comm)) {
		str_add(t, ", where it was called ");
		add_readable(t, old->comm, d);
	}
	str_add(t, ")\n");
}

static void sums_words(struct str *t, const struct diff_output *d)
{
	const struct change_row *sums = changes_sums(d->changes);
	size_t before = t->len;
	char rss[CHANGE_DELTA_LEN], swap[CHANGE_DELTA_LEN];

	change_counts_words(t, &sums->n, page_size(d), d->exact);
	if (t->len > before)
		str_add(t, "; ");
	if (!change_mappings_words(t, d->changes) && t->len > before)
		t->len -= 2;
	if (t->len == before && changes_rows(d->changes))
		str_add(t, "permissions of mappings"); /* which are all that can be left */
	else if (t->len == before)
		str_add(t, "no change");
	if (changes_rows(d->changes))
		str_addf(t, "; RSS %s, swap %s",
			change_delta(rss, true, sums->rss, page_size(d), d->exact),
			change_delta(swap, swap_known(d), sums->swap, page_size(d), d->exact));
	str_addc(t, '\n');
	if (changes_no_frames(d->changes))
		str_addf(t, "not told: pages in another frame: %s\n", changes_no_frames(d->changes));
	if (changes_no_huge(d->changes))
		str_addf(t, "not told: huge entries: %s\n", changes_no_huge(d->changes));
	if (changes_in_part(d->changes))
		str_add(t, "not told: mappings that only one side has: the other is incomplete\n");
	if (sums->unknown)
		str_addf(t, "not known of both: %" PRIu64 " pages\n", sums->unknown);
}

static void text_row(FILE *f, const struct diff_output *d, const struct change_row *r)
{
	const struct vma *v = vma_of(d, r);
	uint64_t bytes = v->end - v->start;
	char size[UNITS_SIZE_LEN], delta[CHANGE_DELTA_LEN], perms[5];
	struct str name = { 0 }, words = { 0 };
	int w = d->exact ? 15 : 6;

	fprintf(f, "%c %016" PRIx64 " ", vma_change_mark(r->what), v->start);
	if (d->exact)
		fprintf(f, "%*" PRIu64, w, bytes);
	else
		fprintf(f, "%*s", w, units_size(size, bytes));
	fprintf(f, " %s", vma_perms(v, perms));
	fprintf(f, " %*s", w, change_delta(delta, true, r->rss, page_size(d), d->exact));
	fprintf(f, " %*s", w, change_delta(delta, swap_known(d), r->swap, page_size(d), d->exact));
	add_readable(&name, *v->name || v->kind != VMA_ANON ? v->name : "[anon]", d);
	change_row_words(&words, r, v, page_size(d), d->exact);
	fprintf(f, " %s%s: %s\n", str_text(&name), v->deleted ? " (deleted)" : "", str_text(&words));
	str_free(&name);
	str_free(&words);
}

void text_diff(FILE *f, const struct diff_output *d)
{
	struct str t = { 0 };
	size_t i;
	int w = d->exact ? 15 : 6;

	head_words(&t, d);
	sums_words(&t, d);
	fwrite(t.s, 1, t.len, f);
	str_free(&t);
	if (changes_rows(d->changes))
		fprintf(f, "  %-16s %*s PERM %*s %*s NAME: pages\n", "START", w, "SIZE", w, "dRES",
			w, "dSWP");
	for (i = 0; i < changes_rows(d->changes); i++)
		text_row(f, d, changes_row(d->changes, i));
}

/* --- JSON --- */

static void set_counts(json_t *j, const struct diff_output *d, const struct change_row *r)
{
	json_t *n = json_object();
	int i;

	for (i = CHANGE_NONE + 1; i < CHANGES; i++)
		json_object_set_new(n, change_name((enum change)i),
			json_count(is_told(d, (enum change)i), r->n.of[i]));
	json_object_set_new(j, "changes", n);
	json_object_set_new(j, "gained", json_u64(r->gained));
	json_object_set_new(j, "lost", json_u64(r->lost));
	json_object_set_new(j, "rss", json_integer((json_int_t)r->rss));
	json_object_set_new(
		j, "swap", swap_known(d) ? json_integer((json_int_t)r->swap) : json_null());
	json_object_set_new(j, "unknown", json_u64(r->unknown));
}

static json_t *json_row(const struct diff_output *d, const struct change_row *r)
{
	const struct vma *v = vma_of(d, r);
	struct vma was = { .perms = r->was_perms };
	json_t *j = json_object();
	char perms[5];

	json_object_set_new(j, "what", json_string(vma_change_name(r->what)));
	json_object_set_new(j, "start", json_hex(v->start));
	json_object_set_new(j, "end", json_hex(v->end));
	json_object_set_new(j, "perms", json_string(vma_perms(v, perms)));
	json_object_set_new(j, "old_perms",
		r->what == VMA_CHANGE_NEW ? json_null() : json_string(vma_perms(&was, perms)));
	json_object_set_new(j, "kind", json_string(vma_kind_name((enum vma_kind)v->kind)));
	json_object_set_new(j, "name", json_readable(v->name, strlen(v->name)));
	json_object_set_new(j, "pages", json_u64((v->end - v->start) / page_size(d)));
	set_counts(j, d, r);
	return j;
}

static json_t *json_reason(const char *why_not)
{
	return why_not ? json_string(why_not) : json_null();
}

static json_t *json_head(const struct diff_output *d)
{
	json_t *j = describe_header(d->new, "pmview-diff", 1);
	json_t *old = describe_header(d->old, "", 0);

	json_object_del(old, "format");
	json_object_del(old, "version");
	json_object_set_new(j, "old", old);
	json_object_set_new(j, "frames_told", json_boolean(!changes_no_frames(d->changes)));
	json_object_set_new(j, "no_frames", json_reason(changes_no_frames(d->changes)));
	json_object_set_new(j, "huge_told", json_boolean(!changes_no_huge(d->changes)));
	json_object_set_new(j, "no_huge", json_reason(changes_no_huge(d->changes)));
	json_object_set_new(j, "complete", json_boolean(!changes_in_part(d->changes)));
	return j;
}

static json_t *json_totals(const struct diff_output *d)
{
	json_t *j = json_object(), *n = json_object();
	int i;

	json_object_set_new(j, "vmas", json_u64(changes_rows(d->changes)));
	for (i = VMA_CHANGE_SAME + 1; i < VMA_CHANGES; i++)
		json_object_set_new(n, vma_change_name((enum vma_change)i),
			json_u64(changes_mappings(d->changes, (enum vma_change)i)));
	json_object_set_new(j, "mappings", n);
	set_counts(j, d, changes_sums(d->changes));
	return j;
}

/* skip: without the braces around it. */
static void write_json(FILE *f, json_t *j, const struct diff_output *d, size_t skip)
{
	char *text = json_dumps(j, d->ascii ? JSON_ENSURE_ASCII : 0);

	fwrite(text + skip, 1, strlen(text) - 2 * skip, f);
	free(text);
	json_decref(j);
}

void json_diff(FILE *f, const struct diff_output *d)
{
	size_t i;

	fputc('{', f);
	write_json(f, json_head(d), d, 1);
	fputs(",\n \"vmas\": [", f);
	for (i = 0; i < changes_rows(d->changes); i++) {
		fputs(i ? ",\n  " : "\n  ", f);
		write_json(f, json_row(d, changes_row(d->changes, i)), d, 0);
	}
	fputs("],\n \"totals\": ", f);
	write_json(f, json_totals(d), d, 0);
	fputs("}\n", f);
}

/* --- CSV --- */

void csv_diff(FILE *f, const struct diff_output *d)
{
	char perms[5];
	size_t i;
	int k;

	fputs("what,start,end,perms,old_perms,kind,name,pages", f);
	for (k = CHANGE_NONE + 1; k < CHANGES; k++)
		fprintf(f, ",%s", change_name((enum change)k));
	fputs(",gained,lost,rss,swap,unknown\n", f);
	for (i = 0; i < changes_rows(d->changes); i++) {
		const struct change_row *r = changes_row(d->changes, i);
		const struct vma *v = vma_of(d, r);
		struct vma was = { .perms = r->was_perms };

		fprintf(f, "%s,0x%" PRIx64 ",0x%" PRIx64 ",%s", vma_change_name(r->what), v->start,
			v->end, vma_perms(v, perms));
		fprintf(f, ",%s,%s,", r->what == VMA_CHANGE_NEW ? "" : vma_perms(&was, perms),
			vma_kind_name((enum vma_kind)v->kind));
		csv_name(f, v->name, d->ascii);
		fprintf(f, ",%" PRIu64, (v->end - v->start) / page_size(d));
		for (k = CHANGE_NONE + 1; k < CHANGES; k++)
			csv_count(f, is_told(d, (enum change)k), r->n.of[k]);
		fprintf(f, ",%" PRIu64 ",%" PRIu64 ",%" PRId64 ",", r->gained, r->lost, r->rss);
		if (swap_known(d))
			fprintf(f, "%" PRId64, r->swap);
		fprintf(f, ",%" PRIu64 "\n", r->unknown);
	}
}
