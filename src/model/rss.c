/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/rss.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *rss_status_name(enum rss_status_field f)
{
	static const char *const names[STATUS_FIELDS] = {
#define X(id, name) [STATUS_##id] = name,
		RSS_STATUS_LIST(X)
#undef X
	};

	return names[f];
}

static const struct {
	const char *where, *name;
} lines[RSS_LINES] = {
#define X(id, from, text) [LINE_##id] = { from, text },
	RSS_LINE_LIST(X)
#undef X
};

const char *rss_line_where(enum rss_line_id l)
{
	return lines[l].where;
}

const char *rss_line_name(enum rss_line_id l)
{
	return lines[l].name;
}

static const struct {
	const char *name, *words;
} items[RSS_ITEMS] = {
#define X(id, text, what) [ITEM_##id] = { text, what },
	RSS_ITEM_LIST(X)
#undef X
};

const char *rss_item_name(enum rss_item_id i)
{
	return items[i].name;
}

const char *rss_item_words(enum rss_item_id i)
{
	return items[i].words;
}

bool rss_line_is_there(const struct rss_line *l)
{
	return (l->kernel && l->kernel != RSS_UNKNOWN) || (l->pmview && l->pmview != RSS_UNKNOWN);
}

uint64_t smaps_private(const struct vma_smaps *m)
{
	return (m->kb[SMAPS_PRIVATE_CLEAN] + m->kb[SMAPS_PRIVATE_DIRTY] +
		       m->kb[SMAPS_PRIVATE_HUGETLB]) *
		1024;
}

void vma_frames_add(struct vma_frames *to, enum page_state state, uint64_t entry,
	const struct frame *f, uint32_t page_size)
{
	if (state == PAGE_MOVING) {
		++*(entry & ENTRY_FILE ? &to->moving_file : &to->moving_anon);
		return;
	}
	if (state != PAGE_ANON && state != PAGE_FILE)
		return;
	if (f->known & FRAME_HAS_MAPCOUNT) {
		to->counted++;
		to->once += f->mapcount == 1;
		to->unmapped += !f->mapcount;
		to->pss += f->mapcount ? ((uint64_t)page_size << PSS_SHIFT) / f->mapcount : 0;
	} else {
		to->changed++;
	}
	if (!(f->known & FRAME_HAS_FLAGS) || f->flags & FRAME_HUGETLB)
		return;
	if (state == PAGE_FILE)
		++*(f->flags & FRAME_SWAPBACKED ? &to->swap_backed : &to->not_swap_backed);
	else
		to->lazyfree += frame_is_lazyfree(f);
}

/* --- what the mappings have, in pages --- */

/* Sums over the mappings, of pages unless it says. A flag of doubt says that a number above it is
 * not all. */
struct parts {
	uint64_t anon, file, shmem;     /* by pmview: anonymous, and of objects by kind of mapping */
	uint64_t moving, moving_anon, moving_file, moving_shmem;
	uint64_t hugetlb;               /* in RAM; not in those above */
	uint64_t swap;
	uint64_t zero;                  /* among anon: found by smaps, where pmview could not */
	uint64_t device_anon, device_file; /* among anon and file, not counted by the kernel */
	uint64_t secret, tmpfs;         /* among shmem, among file, and the other to the kernel */
	uint64_t shmem_swap;
	uint64_t hidden;                /* that may be in RAM, or not */
	uint64_t lazyfree, rewritten;
	uint64_t uss, pss_bytes, cut_bytes, unmapped, hugetlb_pss_bytes;
	bool moving_doubt, zero_doubt, shmem_swap_doubt, lazyfree_doubt;
};

/* Pages that smaps counts so. */
static uint64_t smaps_count(const struct rss *r, size_t i, enum smaps_field f)
{
	return r->smaps[i].kb[f] * 1024 / snapshot_info(r->snapshot)->page_size;
}

static bool has_smaps(const struct rss *r, size_t i)
{
	return r->smaps && r->smaps[i].known && r->smaps[i].swap_known;
}

static uint64_t above(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* Pages that page tables have and the kernel does not count, having no struct page for them: where
 * that can be, smaps says how many. */
static void take_device(
	struct parts *p, const struct rss *r, size_t i, const struct page_counts *c)
{
	const struct vma *v = snapshot_vma(r->snapshot, i);
	uint64_t anon, all;

	if (!has_smaps(r, i) ||
		!(v->kind == VMA_DEVICE || r->smaps[i].io || r->smaps[i].mixed))
		return;
	all = above(page_counts_rss(c), smaps_count(r, i, SMAPS_RSS));
	anon = above(c->state[PAGE_ANON], smaps_count(r, i, SMAPS_ANONYMOUS));
	anon = anon < all ? anon : all;
	p->device_anon += anon;
	p->device_file += all - anon;
}

static void take_moving(
	struct parts *p, const struct rss *r, size_t i, const struct page_counts *c)
{
	const struct vma *v = snapshot_vma(r->snapshot, i);
	uint64_t moving = c->state[PAGE_MOVING], file = 0;

	if (!moving)
		return;
	p->moving += moving;
	if (v->perms & VMA_SHARED)
		file = moving;
	else if (vma_has_object(v) && r->frames &&
		r->frames[i].moving_anon + r->frames[i].moving_file == moving)
		file = r->frames[i].moving_file;
	else if (vma_has_object(v))
		p->moving_doubt = true;
	p->moving_anon += moving - file;
	*(v->kind == VMA_SHMEM ? &p->moving_shmem : &p->moving_file) += file;
}

/* Pages of objects that are another kind to the kernel: it goes by the frame's flag, which only
 * root is told. */
static void take_object_pages(struct parts *p, const struct rss *r, size_t i, uint64_t file)
{
	const struct vma *v = snapshot_vma(r->snapshot, i);
	const struct vma_frames *f = r->frames ? &r->frames[i] : NULL;

	if (v->kind == VMA_SHMEM) {
		p->shmem += file;
		p->secret += f && r->flags ? f->not_swap_backed
			: !strcmp(v->name, "/secretmem") ? file : 0;
	} else {
		p->file += file;
		p->tmpfs += f && r->flags ? f->swap_backed : 0;
	}
}

/* Pages of which the kernel hides what they are may be on their way to another frame, and so in RAM;
 * not if smaps counts as many there as we do without them. */
static void take_hidden(
	struct parts *p, const struct rss *r, size_t i, const struct page_counts *c)
{
	if (!has_smaps(r, i) || smaps_count(r, i, SMAPS_RSS) != page_counts_rss(c))
		p->hidden += c->state[PAGE_UNKNOWN];
}

static void take_zero(struct parts *p, const struct rss *r, size_t i, uint64_t anon)
{
	if (snapshot_knows(r->snapshot, PAGE_ZERO) || !anon)
		return;
	if (has_smaps(r, i) && !r->smaps[i].io && !r->smaps[i].mixed)
		p->zero += above(anon, smaps_count(r, i, SMAPS_ANONYMOUS));
	else
		p->zero_doubt = true;
}

static void take_shmem_swap(struct parts *p, const struct rss *r, size_t i, uint64_t swap)
{
	const struct vma *v = snapshot_vma(r->snapshot, i);

	if (v->kind != VMA_SHMEM)
		return;
	if (r->shmem_swap && r->shmem_swap[i] != RSS_UNKNOWN)
		p->shmem_swap += r->shmem_swap[i];
	else if (has_smaps(r, i))
		p->shmem_swap += above(smaps_count(r, i, SMAPS_SWAP), swap);
	else
		p->shmem_swap_doubt = true;
}

static void take_frames(struct parts *p, const struct rss *r, size_t i, bool hugetlb)
{
	const struct vma_frames *f = r->frames ? &r->frames[i] : NULL;
	uint64_t bytes, dirty;

	if (!f)
		return;
	bytes = f->pss >> PSS_SHIFT;
	p->uss += f->once;
	p->pss_bytes += bytes;
	p->unmapped += f->unmapped;
	if (hugetlb)
		p->hugetlb_pss_bytes += bytes;
	else
		p->cut_bytes += bytes % 1024;
	/* MAP_DROPPABLE memory looks the same, but was never given back. */
	if (!has_smaps(r, i))
		p->lazyfree_doubt |= f->lazyfree > 0;
	else if (!r->smaps[i].droppable) {
		uint64_t more = above(f->lazyfree, smaps_count(r, i, SMAPS_LAZYFREE));

		/* Only the dirty bit of the page table tells, which nobody shows; smaps counts it. */
		dirty = smaps_count(r, i, SMAPS_PRIVATE_DIRTY) +
			smaps_count(r, i, SMAPS_SHARED_DIRTY);
		p->lazyfree += f->lazyfree;
		p->rewritten += more < dirty ? more : dirty;
	}
}

static void take_mapping(struct parts *p, const struct rss *r, size_t i)
{
	const struct vma *v = snapshot_vma(r->snapshot, i);
	struct page_counts c = vma_counts(v);
	bool hugetlb = v->kind == VMA_HUGETLB;

	take_frames(p, r, i, hugetlb);
	if (hugetlb) {
		p->hugetlb += page_counts_rss(&c);
		return;
	}
	if (!vma_is_opaque(v))
		take_hidden(p, r, i, &c);
	p->anon += c.state[PAGE_ANON];
	p->swap += c.state[PAGE_SWAP];
	take_object_pages(p, r, i, c.state[PAGE_FILE]);
	take_moving(p, r, i, &c);
	take_device(p, r, i, &c);
	take_zero(p, r, i, c.state[PAGE_ANON]);
	take_shmem_swap(p, r, i, c.state[PAGE_SWAP]);
}

/* --- the lines --- */

struct reckoning {
	struct rss *r;
	uint64_t page;
};

static struct rss_line *set(
	const struct reckoning *k, enum rss_line_id id, uint64_t kernel, bool known, uint64_t pages)
{
	struct rss_line *l = &k->r->line[id];

	*l = (struct rss_line){ .kernel = kernel, .pmview = known ? pages * k->page : RSS_UNKNOWN };
	l->certain = known && kernel != RSS_UNKNOWN;
	return l;
}

static void explain(
	const struct reckoning *k, enum rss_line_id id, enum rss_item_id item, int sign, uint64_t pages)
{
	k->r->line[id].item[item] += sign * (int64_t)(pages * k->page);
}

static void doubt(const struct reckoning *k, enum rss_line_id id, bool is)
{
	k->r->line[id].certain &= !is;
}

/* What is left, if the kernel's counters cannot be that far off; counters: how many of them it is
 * the sum of. */
static void finish(const struct reckoning *k, enum rss_line_id id, int counters)
{
	struct rss_line *l = &k->r->line[id];
	int64_t slack = counters * (int64_t)k->r->status.slack;
	int i;

	if (!l->certain)
		return;
	l->unexplained = (int64_t)(l->kernel - l->pmview);
	for (i = 0; i < RSS_ITEMS; i++)
		l->unexplained -= l->item[i];
	if (l->unexplained && l->unexplained <= slack && l->unexplained >= -slack) {
		l->item[ITEM_COUNTERS] = l->unexplained;
		l->unexplained = 0;
	}
}

static uint64_t of_smaps(const struct rss *r, enum smaps_field f)
{
	return r->smaps ? r->smaps_sums.kb[f] * 1024 : RSS_UNKNOWN;
}

static uint64_t hugetlb_of_smaps(const struct rss *r)
{
	return !r->smaps ? RSS_UNKNOWN
		: of_smaps(r, SMAPS_SHARED_HUGETLB) + of_smaps(r, SMAPS_PRIVATE_HUGETLB);
}

static uint64_t private_of_smaps(const struct rss *r)
{
	struct vma_smaps all = { 0 };

	memcpy(all.kb, r->smaps_sums.kb, sizeof(all.kb));
	return r->smaps ? smaps_private(&all) : RSS_UNKNOWN;
}

/* Lines that go by where pages are. */
static void reckon_residence(const struct reckoning *k, const struct parts *p)
{
	const uint64_t *status = k->r->status.bytes;
	uint64_t rss = p->anon + p->file + p->shmem + p->moving + p->hugetlb;
	static const enum rss_line_id sums[] = { LINE_VM_RSS, LINE_RSS },
		anon[] = { LINE_RSS_ANON, LINE_ANONYMOUS };
	int i;

	set(k, LINE_VM_RSS, status[STATUS_VM_RSS], true, rss);
	set(k, LINE_RSS, of_smaps(k->r, SMAPS_RSS), true, rss);
	set(k, LINE_RSS_ANON, status[STATUS_RSS_ANON], true, p->anon);
	set(k, LINE_ANONYMOUS, of_smaps(k->r, SMAPS_ANONYMOUS), true, p->anon);
	set(k, LINE_RSS_FILE, status[STATUS_RSS_FILE], true, p->file);
	set(k, LINE_RSS_SHMEM, status[STATUS_RSS_SHMEM], true, p->shmem);
	for (i = 0; i < 2; i++) {
		explain(k, sums[i], ITEM_HUGETLB, -1, p->hugetlb);
		explain(k, sums[i], ITEM_ZERO, -1, p->zero);
		explain(k, sums[i], ITEM_DEVICE, -1, p->device_anon + p->device_file);
		doubt(k, sums[i], p->zero_doubt);
		explain(k, anon[i], ITEM_ZERO, -1, p->zero);
		explain(k, anon[i], ITEM_DEVICE, -1, p->device_anon);
		explain(k, anon[i], ITEM_MOVING, 1, p->moving_anon);
		doubt(k, anon[i], p->zero_doubt || p->moving_doubt);
	}
	explain(k, LINE_RSS_FILE, ITEM_DEVICE, -1, p->device_file);
	explain(k, LINE_RSS_FILE, ITEM_MOVING, 1, p->moving_file);
	explain(k, LINE_RSS_FILE, ITEM_SECRET, 1, p->secret);
	explain(k, LINE_RSS_FILE, ITEM_TMPFS, -1, p->tmpfs);
	doubt(k, LINE_RSS_FILE, p->moving_doubt);
	explain(k, LINE_RSS_SHMEM, ITEM_MOVING, 1, p->moving_shmem);
	explain(k, LINE_RSS_SHMEM, ITEM_SECRET, -1, p->secret);
	explain(k, LINE_RSS_SHMEM, ITEM_TMPFS, 1, p->tmpfs);
	doubt(k, LINE_RSS_SHMEM, p->moving_doubt);
}

static void reckon_swap(const struct reckoning *k, const struct parts *p)
{
	bool known = snapshot_knows(k->r->snapshot, PAGE_SWAP);

	set(k, LINE_VM_SWAP, k->r->status.bytes[STATUS_VM_SWAP], known, p->swap);
	set(k, LINE_SWAP, of_smaps(k->r, SMAPS_SWAP), known, p->swap);
	explain(k, LINE_SWAP, ITEM_SHMEM_SWAP, 1, p->shmem_swap);
	doubt(k, LINE_SWAP, p->shmem_swap_doubt);
}

/* Lines that go by frames. */
static void reckon_frames(const struct reckoning *k, const struct parts *p)
{
	struct rss *r = k->r;
	struct rss_line *pss;

	set(k, LINE_LAZYFREE, of_smaps(r, SMAPS_LAZYFREE),
		r->frames && r->flags && !p->lazyfree_doubt, p->lazyfree);
	explain(k, LINE_LAZYFREE, ITEM_REWRITTEN, -1, p->rewritten);
	set(k, LINE_USS, private_of_smaps(r), r->frames && r->counts, p->uss);
	explain(k, LINE_USS, ITEM_UNMAPPED, 1, p->unmapped);
	doubt(k, LINE_USS, r->changed);
	pss = set(k, LINE_PSS, of_smaps(r, SMAPS_PSS), r->frames && r->counts, 0);
	if (pss->pmview != RSS_UNKNOWN)
		pss->pmview = p->pss_bytes;
	pss->item[ITEM_CUT] = -(int64_t)p->cut_bytes;
	pss->item[ITEM_HUGETLB] = -(int64_t)p->hugetlb_pss_bytes;
	explain(k, LINE_PSS, ITEM_UNMAPPED, 1, p->unmapped);
	explain(k, LINE_PSS, ITEM_MOVING, 1, p->moving);
	doubt(k, LINE_PSS, r->changed);
}

static void reckon_lines(struct rss *r)
{
	struct reckoning k = { r, snapshot_info(r->snapshot)->page_size };
	static const int counters[RSS_LINES] = {
		[LINE_VM_RSS] = 3,
		[LINE_RSS_ANON] = 1,
		[LINE_RSS_FILE] = 1,
		[LINE_RSS_SHMEM] = 1,
		[LINE_VM_SWAP] = 1,
	};
	struct parts p = { 0 };
	size_t i;
	int l;

	for (i = 0; i < snapshot_vmas(r->snapshot); i++)
		take_mapping(&p, r, i);
	reckon_residence(&k, &p);
	reckon_swap(&k, &p);
	set(&k, LINE_HUGETLB, r->status.bytes[STATUS_HUGETLB], true, p.hugetlb);
	set(&k, LINE_SMAPS_HUGETLB, hugetlb_of_smaps(r), true, p.hugetlb);
	reckon_frames(&k, &p);
	for (l = 0; l < RSS_LINES; l++) {
		doubt(&k, (enum rss_line_id)l, p.hidden || !snapshot_info(r->snapshot)->complete);
		finish(&k, (enum rss_line_id)l, counters[l]);
	}
}

/* --- the groups --- */

static void add_known(uint64_t *to, bool known, uint64_t bytes)
{
	*to = !known || *to == RSS_UNKNOWN ? RSS_UNKNOWN : *to + bytes;
}

static void sum_mapping(const struct rss *r, size_t i, struct rss_sum *sum)
{
	const struct vma_frames *f = r->frames ? &r->frames[i] : NULL;
	const struct vma_smaps *m = r->smaps ? &r->smaps[i] : NULL;

	add_known(&sum->uss, f && r->counts,
		f ? f->once * snapshot_info(r->snapshot)->page_size : 0);
	add_known(&sum->pss, f && r->counts, f ? f->pss >> PSS_SHIFT : 0);
	add_known(&sum->private, has_smaps(r, i), m ? smaps_private(m) : 0);
	add_known(&sum->smaps_pss, has_smaps(r, i),
		m ? m->kb[SMAPS_PSS] * 1024 : 0);
}

static void reckon_groups(struct rss *r)
{
	uint64_t page = snapshot_info(r->snapshot)->page_size;
	bool swap = snapshot_knows(r->snapshot, PAGE_SWAP);
	struct group_sum sum[GROUPS];
	size_t i;
	int g;

	groups_sum(r->snapshot, r->group, sum);
	for (g = 0; g < GROUPS; g++) {
		struct rss_sum *to = &r->sum[g];

		*to = (struct rss_sum){ .mappings = sum[g].mappings, .largest = sum[g].largest,
			.size = sum[g].pages * page, .rss = page_counts_rss(&sum[g].counts) * page };
		add_known(&to->swap, swap, sum[g].counts.state[PAGE_SWAP] * page);
		r->total.mappings += to->mappings;
		r->total.size += to->size;
		r->total.rss += to->rss;
		add_known(&r->total.swap, swap, sum[g].counts.state[PAGE_SWAP] * page);
	}
	for (i = 0; i < snapshot_vmas(r->snapshot); i++) {
		sum_mapping(r, i, &r->sum[r->group[i]]);
		sum_mapping(r, i, &r->total);
	}
}

void rss_reckon(struct rss *r)
{
	const struct snapshot *s = r->snapshot;
	size_t i;

	r->group = groups_of(s);
	r->total = (struct rss_sum){ 0 };
	r->objects = objects_mapped_again(s, &r->object);
	r->zero = snapshot_knows(s, PAGE_ZERO)
		? snapshot_totals(s)->state[PAGE_ZERO] * snapshot_info(s)->page_size
		: RSS_UNKNOWN;
	for (i = 0; r->frames && i < snapshot_vmas(s); i++)
		r->changed += r->frames[i].changed;
	reckon_groups(r);
	reckon_lines(r);
}

void rss_free(struct rss *r)
{
	free(r->smaps);
	free(r->frames);
	free(r->shmem_swap);
	free(r->group);
	free(r->object);
	*r = (struct rss){ 0 };
}
