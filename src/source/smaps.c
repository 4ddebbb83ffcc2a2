/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/smaps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "source/maps.h"

/* Whether a line of VmFlags has this one: two letters each, a space before and behind. */
static bool has_flag(const char *line, const char flag[2])
{
	const char *at = strchr(line, ':');

	while (at && (at = strchr(at, ' ')) && at[1]) {
		at++;
		if (!strncmp(at, flag, 2))
			return true;
	}
	return false;
}

/* Exchange two buffers of getline(). */
static void swap_lines(char **a, size_t *a_size, char **b, size_t *b_size)
{
	char *text = *a;
	size_t size = *a_size;

	*a = *b;
	*a_size = *b_size;
	*b = text;
	*b_size = size;
}

/* One mapping as smaps has it. */
struct block {
	struct vma head;
	uint64_t swap;
	bool droppable, io;
};

/* Tell what was read of a mapping. It may have grown, merged or split since the snapshot: its flags
 * hold for all that it is the same as, its numbers only where nothing has changed. */
static void tell(const struct snapshot *s, struct vma_smaps *all, const struct block *b)
{
	size_t i = snapshot_find(s, b->head.start);

	for (; i < snapshot_vmas(s) && snapshot_vma(s, i)->start < b->head.end; i++) {
		const struct vma *v = snapshot_vma(s, i);

		if (!vma_same(v, &b->head))
			continue;
		all[i].known = true;
		all[i].droppable = b->droppable;
		all[i].io = b->io;
		all[i].swap_known = v->start == b->head.start && v->end == b->head.end;
		all[i].swap = b->swap;
	}
}

struct vma_smaps *smaps_read(struct procfs *p, const struct snapshot *s, uint64_t *swap,
	uint64_t *took_ns, struct err *e)
{
	uint64_t began = units_now_ns(), kib = snapshot_info(s)->page_size / 1024;
	struct block b = { 0 };
	struct vma_smaps *all;
	size_t size = 0, name_len, room = 0;
	char *line = NULL, *head = NULL;
	bool failed;
	struct vma v;
	ssize_t len;
	FILE *f;
	int fd = procfs_open_map(p, "smaps", e);

	if (fd < 0)
		return NULL;
	f = fdopen(fd, "r");
	all = mem_zero(snapshot_vmas(s), sizeof(*all));
	*swap = 0;
	while ((len = getline(&line, &size, f)) > 0) {
		if (maps_parse_line(line, (size_t)len - (line[len - 1] == '\n'), &v, &name_len)) {
			b = (struct block){ .head = v };
			/* The name points into the line, which must stay for a while. */
			((char *)b.head.name)[name_len] = '\0';
			swap_lines(&line, &size, &head, &room);
		} else if (!strncmp(line, "Swap:", 5)) {
			b.swap = strtoull(line + 5, NULL, 10) / kib;
			*swap += b.swap;
		} else if (head && !strncmp(line, "VmFlags:", 8)) {
			b.droppable = has_flag(line, "dp");
			b.io = has_flag(line, "io") || has_flag(line, "pf");
			tell(s, all, &b);
		}
	}
	/* A process that ends meanwhile reads as an error or as nothing. */
	failed = ferror(f) || !head;
	free(line);
	free(head);
	fclose(f);
	*took_ns = units_now_ns() - began;
	if (!failed)
		return all;
	free(all);
	err_set(e, "smaps of process %d could not be read to its end", (int)p->pid);
	return NULL;
}

uint64_t smaps_estimate_ns(const struct snapshot *s)
{
	const struct page_counts *n = snapshot_totals(s);
	const struct snapshot_info *info = snapshot_info(s);
	uint64_t present = page_counts_rss(n) + n->state[PAGE_ZERO];
	uint64_t huge = n->huge < present ? n->huge : present;

	if (info->pmd_size > info->page_size)
		present -= huge - huge / (info->pmd_size / info->page_size);
	return present * 105;
}
