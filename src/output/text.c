/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists and pages as columns of text. */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "base/units.h"
#include "base/utf8.h"
#include "output/list.h"
#include "output/pages.h"

struct column {
	FILE *f;
	const struct snapshot *s;
	bool exact;
};

/* A number of pages as a size: '-' for none, '?' for unknown, and a '+' behind what may be more. */
static const char *size_text(char cell[UNITS_SIZE_LEN + 1], const struct column *c, bool known,
	bool more, uint64_t pages)
{
	uint64_t bytes = pages * snapshot_info(c->s)->page_size;
	char buf[UNITS_SIZE_LEN];

	if (!known)
		snprintf(cell, UNITS_SIZE_LEN + 1, "?");
	else if (!pages && !more)
		snprintf(cell, UNITS_SIZE_LEN + 1, "-");
	else if (c->exact)
		snprintf(cell, UNITS_SIZE_LEN + 1, "%" PRIu64 "%s", bytes, more ? "+" : "");
	else
		snprintf(cell, UNITS_SIZE_LEN + 1, "%s%s", units_size(buf, bytes), more ? "+" : "");
	return cell;
}

static void size_column(const struct column *c, bool known, bool more, uint64_t pages)
{
	char cell[UNITS_SIZE_LEN + 1];

	fprintf(c->f, " %*s", c->exact ? 15 : 6, size_text(cell, c, known, more, pages));
}

static void counts_columns(const struct column *c, uint64_t pages, bool opaque,
	const struct page_counts *n, bool total)
{
	static const enum page_state shown[] = { PAGE_SWAP, PAGE_ANON, PAGE_FILE, PAGE_ZERO,
		PAGE_GUARD };
	/* What a cut file lacks can have been anything. */
	bool more = !snapshot_info(c->s)->complete && (total || n->state[PAGE_UNKNOWN]);
	size_t i;

	size_column(c, true, more && total, pages);
	size_column(c, !opaque, more, page_counts_rss(n));
	for (i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		size_column(c, !opaque && snapshot_knows(c->s, shown[i]), more, n->state[shown[i]]);
}

/* What a checkpointer must save, and Swap of smaps. */
static void checkpoint_columns(
	const struct column *c, uint64_t pages, bool swap_known, uint64_t swap)
{
	size_column(c, pages != CHECKPOINT_UNKNOWN, false, pages);
	size_column(c, swap_known, false, swap);
}

/* A name, and that it is gone, behind a space. */
static void name_column(FILE *f, const struct vma *v, bool ascii)
{
	struct str name = { 0 };

	utf8_readable(&name, v->name, strlen(v->name), ascii ? UTF8_ASCII : 0);
	fprintf(f, "%s%s%s\n", name.len ? " " : "", str_text(&name),
		v->deleted ? " (deleted)" : "");
	str_free(&name);
}

/* What the set saves against all that is there. */
static void saving(const struct column *c, const struct checkpoint_set *set)
{
	struct checkpoint_saving n = checkpoint_saving(c->s, set->total);
	char save[UNITS_SIZE_LEN + 1], of[UNITS_SIZE_LEN + 1];

	fprintf(c->f, "to save: %s of %s present or swapped",
		size_text(save, c, n.save != CHECKPOINT_UNKNOWN, false, n.save),
		size_text(of, c, n.of != CHECKPOINT_UNKNOWN, false, n.of));
	if (n.save != CHECKPOINT_UNKNOWN && n.of != CHECKPOINT_UNKNOWN)
		fprintf(c->f, ", %u%% less", n.percent);
	fputc('\n', c->f);
}

/* A line for each object of shared memory, and for each thing that would be refused. */
static void beside(const struct column *c, const struct checkpoint_set *set, bool ascii)
{
	size_t i;

	for (i = 0; i < set->objects; i++) {
		const struct shared_object *o = &set->object[i];

		fprintf(c->f, "object   %02x:%02x:%-12" PRIu64 " %-7s %5zu mapping%s",
			o->vma->dev_major, o->vma->dev_minor, o->vma->inode, shared_object_kind(o),
			o->mappings, o->mappings == 1 ? " " : "s");
		size_column(c, o->pages != CHECKPOINT_UNKNOWN, false, o->pages);
		name_column(c->f, o->vma, ascii);
	}
	for (i = 0; i < set->refusals; i++) {
		const struct refusal *r = &set->refusal[i];

		fprintf(c->f, "%s  %s", r->certain ? "refused" : "unknown",
			refusal_meaning(r->reason));
		if (r->fd >= 0)
			fprintf(c->f, ": descriptor %d", r->fd);
		if (r->vma)
			fprintf(c->f, ": %" PRIu64 " page%s from %" PRIx64, r->pages,
				r->pages == 1 ? "" : "s", r->address);
		if (r->vma)
			name_column(c->f, r->vma, ascii);
		else
			fputc('\n', c->f);
	}
}

void text_list(FILE *f, const struct snapshot *s, const struct list_options *o)
{
	static const char *const heads[] = { "SIZE", "RSS", "SWAP", "ANON", "FILE", "ZERO", "GUARD",
		"CHKPT", "SMSWAP" };
	const struct checkpoint_set *set = o->checkpoint;
	struct column c = { f, s, o->exact };
	size_t i, n = sizeof(heads) / sizeof(*heads) - (set ? 0 : 2);
	char perms[5];

	fprintf(f, "%-16s %-16s PERM", "START", "END");
	for (i = 0; i < n; i++)
		fprintf(f, " %*s", o->exact ? 15 : 6, heads[i]);
	fputs(" NAME\n", f);
	for (i = 0; i < snapshot_vmas(s); i++) {
		const struct vma *v = snapshot_vma(s, i);
		struct page_counts counts = vma_counts(v);

		fprintf(f, "%016" PRIx64 " %016" PRIx64 " %s", v->start, v->end,
			vma_perms(v, perms));
		counts_columns(&c, snapshot_vma_pages(s, v), vma_is_opaque(v), &counts, false);
		if (set)
			checkpoint_columns(&c, set->pages[i], set->vma[i].swap_known,
				set->vma[i].swap);
		name_column(f, v, o->ascii);
	}
	fprintf(f, "%-16s %-11zu mappings ", "total", snapshot_vmas(s));
	fprintf(f, " ");
	counts_columns(&c, snapshot_pages(s), false, snapshot_totals(s), true);
	if (set)
		checkpoint_columns(&c, set->total, set->smaps_swap != CHECKPOINT_UNKNOWN,
			set->smaps_swap);
	fputc('\n', f);
	if (!set)
		return;
	saving(&c, set);
	beside(&c, set, o->ascii);
}

void text_pages_begin(FILE *f)
{
	fputs("ADDRESS          ENTRY            STATE   PFN/SWAP          MAPS NODE ZONE    FLAGS"
	      " KPAGEFLAGS CGROUP/SWAP-AREA\n", f);
}

static void word(struct str *t, bool say, const char *name)
{
	if (say)
		str_addf(t, "%s%s", t->len ? "," : "", name);
}

static void flag(struct str *t, struct maybe m, const char *name)
{
	word(t, m.known && m.value, name);
}

/* PFN or slot. */
static void frame_column(FILE *f, const struct page_row *r)
{
	struct str t = { 0 };

	if (r->pfn.known)
		str_addf(&t, "0x%" PRIx64, r->pfn.value);
	else if (r->swap_type.known && r->swap_offset.known)
		str_addf(&t, "%" PRIu64 ":0x%" PRIx64, r->swap_type.value, r->swap_offset.value);
	else if (r->entry.known && r->entry.value & (ENTRY_PRESENT | ENTRY_SWAP))
		str_add(&t, r->pfn_withheld ? "withheld (--no-pfn)" : "hidden (needs CAP_SYS_ADMIN)");
	else
		str_add(&t, r->entry.known && r->state == PAGE_NONE ? "-" : "?");
	fprintf(f, " %-16s", str_text(&t));
	str_free(&t);
}

/* A word without blanks; '?' where it is not known, '-' where the page has no such thing. */
static void known_column(FILE *f, int width, bool has, bool known, const char *text)
{
	fprintf(f, " %*s", width, !has ? "-" : known ? text : "?");
}

static void flags_column(FILE *f, const struct page_row *r)
{
	uint64_t kpf = r->kpageflags.known ? r->kpageflags.value : 0;
	struct str t = { 0 };

	flag(&t, r->exclusive, "exclusive");
	flag(&t, r->soft_dirty, "soft-dirty");
	flag(&t, r->uffd_wp, "uffd-wp");
	flag(&t, r->huge, "huge");
	flag(&t, r->cow, "cow");
	flag(&t, r->checkpoint, "checkpoint");
	word(&t, r->lazyfree,
		r->lazyfree && strchr(r->lazyfree, ' ') ? "lazyfree/droppable" : "lazyfree");
	word(&t, kpf & FRAME_KSM, "ksm");
	word(&t, kpf & FRAME_MLOCKED, "mlocked");
	word(&t, kpf & FRAME_LARGE, "large-folio");
	word(&t, r->changed, "changed-meanwhile");
	fprintf(f, " %s", t.len ? str_text(&t) : "-");
	str_free(&t);
}

/* kpageflags by name, "bit-40" for one that has none. */
static void kpageflags_column(FILE *f, const struct page_row *r, bool present)
{
	struct str t = { 0 };
	char *c;

	if (r->kpageflags.known)
		frame_flags_text(&t, r->kpageflags.value, ",");
	for (c = t.s; c && *c; c++)
		*c = *c == ' ' ? '-' : *c;
	known_column(f, 0, present, r->kpageflags.known, str_text(&t));
	str_free(&t);
}

/* The cgroup of a frame, or the area of a slot: the last column, because names can be long. */
static void owner_column(FILE *f, const struct page_row *r, bool present)
{
	const char *name = present ? r->cgroup_path : r->swap_area;
	struct str t = { 0 };

	if (name)
		utf8_readable(&t, name, strlen(name), r->ascii ? UTF8_ASCII : 0);
	else if (r->cgroup.known && r->cgroup.value)
		str_addf(&t, "inode:%" PRIu64, r->cgroup.value);
	else if (r->cgroup.known)
		str_add(&t, "-");
	known_column(f, 0, present || r->state == PAGE_SWAP, t.len, str_text(&t));
	str_free(&t);
}

void text_page(FILE *f, const struct page_row *r, uint64_t index)
{
	bool present = r->entry.known && r->entry.value & ENTRY_PRESENT;
	char number[UNITS_COUNT_LEN];

	(void)index;
	fprintf(f, "%016" PRIx64 " ", r->address);
	if (r->entry.known)
		fprintf(f, "%016" PRIx64, r->entry.value);
	else
		fprintf(f, "%-16s", "?");
	fprintf(f, " %-7s", page_state_name(r->state));
	frame_column(f, r);
	snprintf(number, sizeof(number), "%" PRIu64, r->mapcount.value);
	known_column(f, 5, present, r->mapcount.known, number);
	snprintf(number, sizeof(number), "%" PRIu64, r->node.value);
	known_column(f, 4, present, r->node.known, number);
	known_column(f, -7, present, r->zone, r->zone);
	flags_column(f, r);
	kpageflags_column(f, r, present);
	owner_column(f, r, present);
	fputc('\n', f);
}
