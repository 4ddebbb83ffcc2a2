/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/vma.h"

#include <string.h>

static const char *const kind_names[VMA_KINDS] = {
#define X(id, text, what) [VMA_##id] = text,
	VMA_KIND_LIST(X)
#undef X
};

const char *vma_kind_name(enum vma_kind k)
{
	return kind_names[k];
}

enum vma_kind vma_kind_of_name(const char *name)
{
	int k;

	for (k = 0; k < VMA_KINDS; k++)
		if (!strcmp(kind_names[k], name))
			break;
	return (enum vma_kind)k;
}

const char *vma_perms(const struct vma *v, char buf[5])
{
	buf[0] = v->perms & VMA_READ ? 'r' : '-';
	buf[1] = v->perms & VMA_WRITE ? 'w' : '-';
	buf[2] = v->perms & VMA_EXEC ? 'x' : '-';
	buf[3] = v->perms & VMA_SHARED ? 's' : 'p';
	buf[4] = '\0';
	return buf;
}

bool vma_parse_perms(const char *s, uint8_t *perms)
{
	static const char set[] = "rwxs", unset[] = "---p";
	int i;

	*perms = 0;
	for (i = 0; i < 4; i++) {
		if (s[i] == set[i])
			*perms |= (uint8_t)(1 << i);
		else if (s[i] != unset[i])
			return false;
	}
	return true;
}

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

enum vma_kind vma_guess_kind(const struct vma *v)
{
	const char *n = v->name;

	if (!*n || (starts(n, "[anon:") && !v->inode))
		return v->perms & VMA_SHARED ? VMA_SHMEM : VMA_ANON;
	if (!strcmp(n, "[heap]"))
		return VMA_HEAP;
	if (starts(n, "[stack") || !strcmp(n, "[shadow stack]"))
		return VMA_STACK;
	if (starts(n, "[anon_shmem:"))
		return VMA_SHMEM;
	if (n[0] == '[')
		return VMA_SPECIAL;
	if (!strcmp(n, "/dev/zero"))
		return v->perms & VMA_SHARED ? VMA_SHMEM : VMA_ANON;
	if (starts(n, "/anon_hugepage") && v->deleted)
		return VMA_HUGETLB;
	if (starts(n, "/memfd:") || starts(n, "/SYSV") || starts(n, "/dev/shm/"))
		return VMA_SHMEM;
	if (!strcmp(n, "/secretmem") && v->deleted && !v->dev_major)
		return VMA_SHMEM;
	if (starts(n, "anon_inode:") || starts(n, "socket:") || starts(n, "/dev/") ||
		starts(n, "/[aio]") || starts(n, "/sys/"))
		return VMA_DEVICE;
	return VMA_FILE;
}

bool vma_has_object(const struct vma *v)
{
	if (!v->inode || v->kind == VMA_ANON)
		return false;
	if (v->kind == VMA_HUGETLB && starts(v->name, "/anon_hugepage") && v->deleted)
		return v->perms & VMA_SHARED;
	return true;
}

bool vma_mixes_file_and_anon(const struct vma *v)
{
	return vma_cow_possible(v) || (v->kind == VMA_SPECIAL && !(v->perms & VMA_SHARED));
}

struct page_hints vma_hints(const struct vma *v)
{
	return (struct page_hints){
		.shared = v->perms & VMA_SHARED,
		.object = vma_has_object(v),
		.special = v->kind == VMA_SPECIAL,
		.hugetlb = v->kind == VMA_HUGETLB,
	};
}

bool vma_cow_possible(const struct vma *v)
{
	return vma_has_object(v) && !(v->perms & VMA_SHARED);
}

struct page_counts vma_counts(const struct vma *v)
{
	return runs_total(v->runs);
}

uint64_t vma_cow(const struct vma *v)
{
	return vma_cow_possible(v) ? vma_counts(v).state[PAGE_ANON] : 0;
}

uint64_t vma_rss(const struct vma *v)
{
	struct page_counts c = vma_counts(v);

	return page_counts_rss(&c);
}

bool vma_is_opaque(const struct vma *v)
{
	return runs_length(v->runs) == 1 && runs_at(v->runs, 0).state == PAGE_UNKNOWN;
}

bool vma_same(const struct vma *a, const struct vma *b)
{
	if (a->start >= b->end || b->start >= a->end)
		return false;
	if ((a->perms ^ b->perms) & VMA_SHARED)
		return false;
	if (a->inode || b->inode)
		return a->inode == b->inode && a->dev_major == b->dev_major &&
			a->dev_minor == b->dev_minor &&
			a->offset - a->start == b->offset - b->start;
	return !strcmp(a->name, b->name);
}

/* The kernel gives a SysV segment its shmid for an inode number, on the device that shared
 * anonymous memory and memfds have too (ipc/shm.c, newseg()). */
static bool is_sysv(const struct vma *v)
{
	return starts(v->name, "/SYSV");
}

int vma_compare_objects(const struct vma *a, const struct vma *b)
{
#define BY(field)                                                                                  \
	if (a->field != b->field)                                                                  \
		return a->field < b->field ? -1 : 1;
	BY(dev_major)
	BY(dev_minor)
	BY(inode)
#undef BY
	return is_sysv(a) - is_sysv(b);
}
