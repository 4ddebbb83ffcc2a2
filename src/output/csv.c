/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists and pages as CSV (RFC 4180 quoting, but lines end with \n alone). */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "output/csv.h"
#include "output/list.h"
#include "output/pages.h"

void csv_text(FILE *f, const char *s)
{
	if (!strpbrk(s, ",\"")) {
		fputs(s, f);
		return;
	}
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '"')
			fputc('"', f);
		fputc(*s, f);
	}
	fputc('"', f);
}

void csv_count(FILE *f, bool known, uint64_t n)
{
	if (known)
		fprintf(f, ",%" PRIu64, n);
	else
		fputc(',', f);
}

void csv_list(FILE *f, const struct snapshot *s, const struct list_options *o)
{
	const struct checkpoint_set *c = o->checkpoint;
	struct str name = { 0 };
	char perms[5];
	size_t i;
	int k;

	fputs("start,end,perms,offset,dev,inode,kind,deleted,name,page_size,pages", f);
	for (k = 0; k < PAGE_STATES; k++)
		fprintf(f, ",%s", page_state_name((enum page_state)k));
	fputs(",cow,huge,checkpoint,smaps_swap\n", f);
	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct vma *v = snapshot_vma(s, i);
		struct page_counts counts = vma_counts(v);

		fprintf(f,
			"0x%" PRIx64 ",0x%" PRIx64 ",%s,%" PRIu64 ",%02x:%02x,%" PRIu64 ",%s,%s,",
			v->start, v->end, vma_perms(v, perms), v->offset, v->dev_major,
			v->dev_minor, v->inode, vma_kind_name((enum vma_kind)v->kind),
			v->deleted ? "true" : "false");
		str_clear(&name);
		utf8_readable(&name, v->name, strlen(v->name), o->ascii ? UTF8_ASCII : 0);
		csv_text(f, str_text(&name));
		csv_count(f, true, v->page_size);
		csv_count(f, true, snapshot_vma_pages(s, v));
		for (k = 0; k < PAGE_STATES; k++)
			csv_count(f, snapshot_knows(s, (enum page_state)k), counts.state[k]);
		csv_count(f, true, vma_cow(v));
		csv_count(f, snapshot_info(s)->known.huge, counts.huge);
		csv_count(f, c && c->pages[i] != CHECKPOINT_UNKNOWN, c ? c->pages[i] : 0);
		csv_count(f, c && c->vma[i].swap_known, c ? c->vma[i].swap : 0);
		fputc('\n', f);
	}
	str_free(&name);
}

void csv_pages_begin(FILE *f)
{
	fputs("address,entry,state", f);
#define X(name, kind) fputs("," #name, f);
	PAGE_COLUMNS(X)
#undef X
	fputs(",kpageflags,mapcount,cgroup,node,zone,swap_area\n", f);
}

/* A name from outside, or nothing where it is not known. */
static void name(FILE *f, const char *s, bool ascii)
{
	struct str t = { 0 };

	fputc(',', f);
	if (s) {
		utf8_readable(&t, s, strlen(s), ascii ? UTF8_ASCII : 0);
		csv_text(f, str_text(&t));
	}
	str_free(&t);
}

void csv_page(FILE *f, const struct page_row *r, uint64_t index)
{
	(void)index;
	fprintf(f, "0x%" PRIx64 ",", r->address);
	if (r->entry.known)
		fprintf(f, "%016" PRIx64, r->entry.value);
	fprintf(f, ",%s", page_state_name(r->state));
#define X(name, kind) csv_count(f, r->name.known, r->name.value);
	PAGE_COLUMNS(X)
#undef X
	fputc(',', f);
	if (r->kpageflags.known)
		fprintf(f, "%016" PRIx64, r->kpageflags.value);
	csv_count(f, r->mapcount.known, r->mapcount.value);
	if (r->cgroup_path)
		name(f, r->cgroup_path, r->ascii);
	else
		csv_count(f, r->cgroup.known, r->cgroup.value);
	csv_count(f, r->node.known, r->node.value);
	name(f, r->zone, r->ascii);
	name(f, r->swap_area, r->ascii);
	fputc('\n', f);
}
