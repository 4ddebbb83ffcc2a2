/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/family.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct family *family_new(void)
{
	return mem_zero(1, sizeof(struct family));
}

static void release(struct family_member *m)
{
	snapshot_unref(m->snapshot);
	free(m->same);
	free(m->mapping);
}

void family_free(struct family *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < f->n; i++)
		release(&f->member[i]);
	for (i = 0; i < f->n_unseen; i++) {
		free(f->unseen[i].comm);
		free(f->unseen[i].why);
	}
	free(f->member);
	free(f->object);
	free(f->unseen);
	free(f);
}

size_t family_add(struct family *f, struct snapshot *s, pid_t ppid, struct entry_reader reader)
{
	f->member = mem_grow(f->member, f->n, &f->cap, sizeof(*f->member));
	f->member[f->n] = (struct family_member){
		.pid = snapshot_info(s)->pid,
		.ppid = ppid,
		.parent = FAMILY_NONE,
		.snapshot = s,
		.reader = reader,
	};
	return f->n++;
}

void family_add_same(struct family *f, size_t i, pid_t pid)
{
	struct family_member *m = &f->member[i];

	m->same = mem_grow(m->same, m->n_same, &m->same_cap, sizeof(*m->same));
	m->same[m->n_same++] = pid;
}

void family_drop(struct family *f, size_t i)
{
	release(&f->member[i]);
	f->n--;
	memmove(&f->member[i], &f->member[i + 1], (f->n - i) * sizeof(*f->member));
}

void family_add_unseen(struct family *f, pid_t pid, const char *comm, const char *why)
{
	f->unseen = mem_grow(f->unseen, f->n_unseen, &f->unseen_cap, sizeof(*f->unseen));
	f->unseen[f->n_unseen++] =
		(struct family_unseen){ pid, mem_strdup(comm), mem_strdup(why) };
}

static bool is_of(const struct family_member *m, pid_t pid)
{
	size_t i;

	if (m->pid == pid)
		return true;
	for (i = 0; i < m->n_same; i++)
		if (m->same[i] == pid)
			return true;
	return false;
}

size_t family_find(const struct family *f, pid_t pid)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (is_of(&f->member[i], pid))
			return i;
	return FAMILY_NONE;
}

bool family_knows_own(const struct family_member *m)
{
	return snapshot_knows(m->snapshot, PAGE_ZERO) && family_knows_swap(m);
}

bool family_knows_swap(const struct family_member *m)
{
	return snapshot_knows(m->snapshot, PAGE_SWAP);
}

uint64_t family_bytes(const struct family *f, uint64_t pages)
{
	return f->n ? pages * snapshot_info(f->member[0].snapshot)->page_size : 0;
}

