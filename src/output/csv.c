/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists and pages as CSV (RFC 4180 quoting, but lines end with \n alone). */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "model/slots.h"
#include "output/list.h"
#include "output/pages.h"

static void quoted(FILE *f, const char *s)
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

/* A count, or nothing where it is not known. */
static void count(FILE *f, bool known, uint64_t n)
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
	fputs(",cow,huge,checkpoint,smaps_swap,slots_huge,slots_full,slots_partly,slots_empty\n", f);
	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct vma *v = snapshot_vma(s, i);
		struct page_counts counts = vma_counts(v);
		struct slots slots = { 0 };
		bool known = slots_of_all(s, v, &slots);

		fprintf(f,
			"0x%" PRIx64 ",0x%" PRIx64 ",%s,%" PRIu64 ",%02x:%02x,%" PRIu64 ",%s,%s,",
			v->start, v->end, vma_perms(v, perms), v->offset, v->dev_major,
			v->dev_minor, v->inode, vma_kind_name((enum vma_kind)v->kind),
			v->deleted ? "true" : "false");
		str_clear(&name);
		utf8_readable(&name, v->name, strlen(v->name), o->ascii ? UTF8_ASCII : 0);
		quoted(f, str_text(&name));
		count(f, true, v->page_size);
		count(f, true, snapshot_vma_pages(s, v));
		for (k = 0; k < PAGE_STATES; k++)
			count(f, snapshot_knows(s, (enum page_state)k), counts.state[k]);
		count(f, true, vma_cow(v));
		count(f, snapshot_info(s)->known.huge, counts.huge);
		count(f, c && c->pages[i] != CHECKPOINT_UNKNOWN, c ? c->pages[i] : 0);
		count(f, c && c->vma[i].swap_known, c ? c->vma[i].swap : 0);
		count(f, known, slots.of[SLOT_HUGE]);
		count(f, known, slots.of[SLOT_FULL]);
		count(f, known, slots_partly(&slots));
		count(f, known, slots.of[SLOT_EMPTY]);
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
	fputs(",kpageflags,mapcount,cgroup\n", f);
}

void csv_page(FILE *f, const struct page_row *r, uint64_t index)
{
	(void)index;
	fprintf(f, "0x%" PRIx64 ",", r->address);
	if (r->entry.known)
		fprintf(f, "%016" PRIx64, r->entry.value);
	fprintf(f, ",%s", page_state_name(r->state));
#define X(name, kind) count(f, r->name.known, r->name.value);
	PAGE_COLUMNS(X)
#undef X
	fputs(",,,\n", f);
}
