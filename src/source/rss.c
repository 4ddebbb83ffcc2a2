/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/rss.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "model/query.h"
#include "source/objects.h"
#include "source/procfs.h"
#include "source/smaps.h"

static int open_same(struct procfs *p, const char *proc, const struct snapshot *s, struct err *e)
{
	const struct snapshot_info *info = snapshot_info(s);

	return procfs_open_same(p, proc, info->pid, info->start_time, e);
}

/* How far each counter of status may be off: what threads (64 pages each; include/linux/mm_types_task.h,
 * mm/memory.c of 6.1) or CPUs (lib/percpu_counter.c; 6.2 to 6.15) have not added yet. */
static uint64_t slack_of(const char *release, uint64_t threads, uint64_t page_size)
{
	uint64_t cpus = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN), batch = 2 * cpus > 32 ? 2 * cpus : 32;

	if (kernel_at_least(release, 6, 16))
		return 0;
	if (kernel_at_least(release, 6, 2))
		return batch * cpus * page_size;
	return 64 * threads * page_size;
}

void rss_read_status(const char *proc, const struct snapshot *s, struct rss_status *out)
{
	uint64_t threads = 1;
	struct err ignored;
	struct procfs p;
	int i;

	for (i = 0; i < STATUS_FIELDS; i++)
		out->bytes[i] = RSS_UNKNOWN;
	out->slack = 0;
	if (open_same(&p, proc, s, &ignored) < 0)
		return;
	for (i = 0; i < STATUS_FIELDS; i++)
		procfs_status_value(
			&p, rss_status_name((enum rss_status_field)i), &out->bytes[i]);
	procfs_status_value(&p, "Threads", &threads);
	procfs_close(&p);
	out->slack = slack_of(snapshot_info(s)->kernel, threads, snapshot_info(s)->page_size);
}

/* --- frames --- */

struct pass {
	const struct snapshot *s;
	struct entry_reader entries;
	struct frame_reader frames;
	struct job_control *control; /* may be NULL */
	uint64_t *entry;             /* room for ENTRY_CHUNK */
	struct frame *frame;
	struct vma_frames *to;
};

static int give_up(struct err *e)
{
	err_set(e, "given up");
	e->code = ECANCELED;
	return -1;
}

/* Add the pages [first, end) of mapping v. Returns 0, or -1 with e set. */
static int read_range(struct pass *p, const struct vma *v, struct vma_frames *to, uint64_t first,
	uint64_t end, struct err *e)
{
	uint32_t size = snapshot_info(p->s)->page_size;
	ssize_t got, i;

	for (; first < end; first += (uint64_t)got) {
		uint64_t n = end - first < ENTRY_CHUNK ? end - first : ENTRY_CHUNK;

		if (p->control && atomic_load(&p->control->cancel))
			return give_up(e);
		got = frames_read(&p->entries, &p->frames, v->start / size + first, n, p->entry,
			p->frame, e);
		if (got < 0)
			return -1;
		if (!got)
			break; /* it has ended: found by live_is_same() */
		for (i = 0; i < got; i++) {
			enum page_state found = runs_at(v->runs,
				runs_find(v->runs, first + (uint64_t)i)).state;

			vma_frames_add(to, query_state(p->s, v, p->entry[i], found), p->entry[i],
				&p->frame[i], size);
		}
		if (p->control)
			atomic_fetch_add(&p->control->done, (uint_fast64_t)got);
	}
	return 0;
}

static bool is_in_ram(enum page_state s)
{
	return s == PAGE_ANON || s == PAGE_FILE || s == PAGE_MOVING;
}

/* Runs with a gap of fewer pages between them are read at once: a call costs as much as some tens of
 * entries. */
#define GAP 64

/* Call range() for the parts of mapping v that hold pages in RAM. */
static int each_range(struct pass *p, const struct vma *v, struct vma_frames *to,
	int (*range)(struct pass *p, const struct vma *v, struct vma_frames *to, uint64_t first,
		uint64_t end, struct err *e),
	struct err *e)
{
	uint64_t first = 0, end = 0;
	size_t i;

	for (i = 0; i < runs_length(v->runs); i++) {
		struct run r = runs_at(v->runs, i);

		if (!is_in_ram(r.state))
			continue;
		if (end && r.first - end >= GAP) {
			if (range(p, v, to, first, end, e) < 0)
				return -1;
			end = 0;
		}
		first = end ? first : r.first;
		end = r.first + r.pages;
	}
	return end ? range(p, v, to, first, end, e) : 0;
}

/* Only count what there is to read. */
static int plan_range(struct pass *p, const struct vma *v, struct vma_frames *to, uint64_t first,
	uint64_t end, struct err *e)
{
	(void)v;
	(void)to;
	(void)e;
	atomic_fetch_add(&p->control->all, end - first);
	return 0;
}

static int read_frames(struct pass *p, struct err *e)
{
	size_t i, n = snapshot_vmas(p->s);
	int r = 0;

	for (i = 0; i < n && p->control; i++)
		each_range(p, snapshot_vma(p->s, i), NULL, plan_range, e);
	p->entry = mem_alloc(ENTRY_CHUNK * sizeof(*p->entry));
	p->frame = mem_alloc(ENTRY_CHUNK * sizeof(*p->frame));
	for (i = 0; i < n && !r; i++)
		r = each_range(p, snapshot_vma(p->s, i), &p->to[i], read_range, e);
	free(p->entry);
	free(p->frame);
	return r;
}

/* --- shared memory in swap --- */

/* Pages of mapping v that smaps counts as the object's in swap: all of them, or, where the mapping
 * may have copies, only those that no page table holds (smap_gather_stats(), Linux 6.18). */
static uint64_t swapped_of_object(
	const struct procfs *p, const struct snapshot *s, const struct vma *v)
{
	uint32_t size = snapshot_info(s)->page_size;
	uint64_t swapped, pages = 0;
	size_t i;

	if (!objects_swapped(p, size, v, 0, snapshot_vma_pages(s, v), &swapped))
		return RSS_UNKNOWN;
	if (!swapped || v->perms & VMA_SHARED || !(v->perms & VMA_WRITE))
		return swapped;
	for (i = 0; i < runs_length(v->runs); i++) {
		struct run r = runs_at(v->runs, i);

		if (r.state != PAGE_NONE)
			continue;
		if (!objects_swapped(p, size, v, r.first, r.pages, &swapped))
			return RSS_UNKNOWN;
		pages += swapped;
	}
	return pages;
}

static uint64_t *read_shmem_swap(
	const struct procfs *p, const struct snapshot *s, const struct job_control *c)
{
	uint64_t *pages = mem_zero(snapshot_vmas(s) + 1, sizeof(*pages));
	size_t i;

	for (i = 0; i < snapshot_vmas(s) && !(c && atomic_load(&c->cancel)); i++)
		if (snapshot_vma(s, i)->kind == VMA_SHMEM)
			pages[i] = swapped_of_object(p, s, snapshot_vma(s, i));
	return pages;
}

/* --- all of it --- */

static int gather(struct rss *r, const char *proc, struct live *l, struct job_control *c,
	struct err *e)
{
	const struct snapshot *s = r->snapshot;
	struct pass pass = { .s = s, .entries = live_entries(l), .frames = live_frames(l),
		.control = c };
	struct procfs p;
	uint64_t began;
	int result;

	rss_read_status(proc, s, &r->status);
	if (open_same(&p, proc, s, e) < 0)
		return -1;
	r->smaps = smaps_read(&p, s, c ? &c->cancel : NULL, &r->smaps_sums, &r->smaps_ns, e);
	if (r->smaps)
		r->shmem_swap = read_shmem_swap(&p, s, c);
	procfs_close(&p);
	if (!r->smaps)
		return -1;
	r->frames = pass.to = mem_zero(snapshot_vmas(s) + 1, sizeof(*r->frames));
	r->counts = pass.frames.read && snapshot_info(s)->known.pfn &&
		!pass.frames.error[FRAME_FILE_MAPCOUNT];
	r->flags = pass.frames.read && snapshot_info(s)->known.pfn &&
		!pass.frames.error[FRAME_FILE_FLAGS];
	began = units_now_ns();
	result = r->counts || r->flags || snapshot_totals(s)->state[PAGE_MOVING]
		? read_frames(&pass, e) : 0;
	r->frames_ns = units_now_ns() - began;
	return result < 0 || !live_is_same(l, e) ? -1 : 0;
}

int rss_gather(const char *proc, struct live *l, const struct snapshot *s, struct job_control *c,
	struct rss *r, struct err *e)
{
	*r = (struct rss){ .snapshot = s };
	if (gather(r, proc, l, c, e) < 0) {
		rss_free(r);
		return -1;
	}
	r->stands = snapshot_info(s)->standing != STANDING_RUNS;
	rss_reckon(r);
	return 0;
}
