/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/smaps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "source/maps.h"
#include "source/pace.h"

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
	struct vma_smaps said;
	int field; /* the last one that was read: they come in order */
};

/* Take a line "Name:   123 kB". */
static void take_number(struct block *b, const char *line)
{
	static const char *const names[SMAPS_FIELDS] = {
#define X(id, name) [SMAPS_##id] = name ":",
		SMAPS_FIELD_LIST(X)
#undef X
	};
	int i;

	for (i = b->field + 1; i < SMAPS_FIELDS; i++) {
		size_t len = strlen(names[i]);

		if (strncmp(line, names[i], len) != 0)
			continue;
		b->said.kb[i] = strtoull(line + len, NULL, 10);
		b->field = i;
		break;
	}
}

/* Tell what was read of a mapping. It may have grown, merged or split since the snapshot: its flags
 * hold for all that it is the same as, its numbers only where nothing has changed. */
static void tell(const struct snapshot *s, struct vma_smaps *all, struct block *b)
{
	size_t i = snapshot_find(s, b->head.start);

	b->said.known = true;
	b->said.swap = b->said.kb[SMAPS_SWAP] * 1024 / snapshot_info(s)->page_size;
	for (; i < snapshot_vmas(s) && snapshot_vma(s, i)->start < b->head.end; i++) {
		const struct vma *v = snapshot_vma(s, i);

		if (!vma_same(v, &b->head))
			continue;
		all[i] = b->said;
		all[i].swap_known = v->start == b->head.start && v->end == b->head.end;
	}
}

static void add(struct smaps_sums *sums, const struct block *b)
{
	int i;

	for (i = 0; i < SMAPS_FIELDS; i++)
		sums->kb[i] += b->said.kb[i];
}

/* Read it to its end. Returns whether there was anything. */
static bool read_blocks(FILE *f, const struct snapshot *s, const atomic_bool *cancel,
	struct vma_smaps *all, struct smaps_sums *sums)
{
	char *line = NULL, *head = NULL;
	size_t size = 0, name_len, room = 0;
	struct block b = { 0 };
	struct vma v;
	ssize_t len;
	bool any;

	while ((!cancel || !atomic_load(cancel)) && (len = getline(&line, &size, f)) > 0) {
		if (maps_parse_line(line, (size_t)len - (line[len - 1] == '\n'), &v, &name_len)) {
			b = (struct block){ .head = v, .field = -1 };
			/* The name points into the line, which must stay for a while. */
			((char *)b.head.name)[name_len] = '\0';
			swap_lines(&line, &size, &head, &room);
		} else if (head && !strncmp(line, "VmFlags:", 8)) {
			b.said.droppable = has_flag(line, "dp");
			b.said.io = has_flag(line, "io") || has_flag(line, "pf");
			b.said.mixed = has_flag(line, "mm");
			tell(s, all, &b);
			add(sums, &b);
		} else {
			take_number(&b, line);
		}
	}
	any = head;
	free(line);
	free(head);
	return any;
}

/* smaps as a stream whose reads are paced: many small mappings are as many reads, and without a pause
 * between them the target would hardly come to map anything. */
struct paced {
	int fd;
	struct pace pace;
};

static ssize_t paced_read(void *ctx, char *buf, size_t size)
{
	struct paced *p = ctx;
	ssize_t n;

	pace_begin(&p->pace);
	n = read(p->fd, buf, size);
	pace_end(&p->pace);
	return n;
}

struct vma_smaps *smaps_read(struct procfs *p, const struct snapshot *s, const atomic_bool *cancel,
	struct smaps_sums *sums, uint64_t *took_ns, struct err *e)
{
	uint64_t began = units_now_ns();
	struct paced from = { .fd = procfs_open_map(p, "smaps", e) };
	char buffer[SMAPS_READ];
	struct vma_smaps *all;
	bool failed;
	FILE *f;

	if (from.fd < 0)
		return NULL;
	f = fopencookie(&from, "r", (cookie_io_functions_t){ .read = paced_read });
	if (!f) {
		err_errno(e, "cannot read smaps of process %d", (int)p->pid);
		close(from.fd);
		return NULL;
	}
	setvbuf(f, buffer, _IOFBF, sizeof(buffer));
	all = mem_zero(snapshot_vmas(s), sizeof(*all));
	*sums = (struct smaps_sums){ 0 };
	/* A process that ends meanwhile reads as an error or as nothing. */
	failed = !read_blocks(f, s, cancel, all, sums) || ferror(f);
	fclose(f);
	close(from.fd);
	*took_ns = units_now_ns() - began;
	if (cancel && atomic_load(cancel)) {
		err_set(e, "reading smaps was given up");
		e->code = ECANCELED;
	} else if (failed) {
		err_set(e, "smaps of process %d could not be read to its end", (int)p->pid);
	} else {
		return all;
	}
	free(all);
	return NULL;
}

/* Entries that smaps looks at in a mapping. */
static uint64_t visited(const struct snapshot *s, const struct vma *v)
{
	struct page_counts c = vma_counts(v);
	uint64_t pmd = snapshot_info(s)->pmd_size / snapshot_info(s)->page_size;
	uint64_t all = page_counts_rss(&c) + c.state[PAGE_SWAP];

	if (v->kind == VMA_HUGETLB)
		return all / (v->page_size / snapshot_info(s)->page_size);
	if (!snapshot_info(s)->known.huge || !pmd || c.huge > all)
		return all;
	return all - c.huge + c.huge / pmd;
}

uint64_t smaps_pages(const struct snapshot *s)
{
	uint64_t pages = 0;
	size_t i;

	for (i = 0; i < snapshot_vmas(s); i++)
		pages += visited(s, snapshot_vma(s, i));
	return pages;
}

/* Measured with Linux 6.18: for each entry, and the fewest bytes that smaps writes of a mapping. */
#define ENTRY_NS    105
#define BLOCK_BYTES 400

uint64_t smaps_estimate_ns(const struct snapshot *s)
{
	enum { MAPPINGS = SMAPS_READ / BLOCK_BYTES + 1 };
	uint64_t last[MAPPINGS] = { 0 }, sum = 0, most = 0;
	size_t i;

	for (i = 0; i < snapshot_vmas(s); i++) {
		uint64_t *oldest = &last[i % MAPPINGS];

		sum -= *oldest;
		*oldest = visited(s, snapshot_vma(s, i));
		sum += *oldest;
		most = sum > most ? sum : most;
	}
	return most * ENTRY_NS;
}

bool smaps_warning(char *text, size_t size, const struct snapshot *s)
{
	char pages[UNITS_COUNT_LEN], time[UNITS_DURATION_LEN];
	uint64_t ns = smaps_estimate_ns(s);

	if (ns <= SMAPS_SAY_NS)
		return false;
	snprintf(text, size, "reading smaps of %s pages: may stall the process for %s or more",
		units_count(pages, smaps_pages(s)), units_duration(time, ns));
	return true;
}
