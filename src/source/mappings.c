/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/mappings.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "source/uapi.h"

/* Ask the kernel about one mapping (PROCMAP_QUERY): its page size and the raw bytes of its name.
 * Returns false where it cannot be asked. */
static bool query_map(int maps_fd, struct pace *pace, const struct vma *v, uint32_t *page_size,
	char *name, uint32_t name_size)
{
	struct map_query q = {
		.size = sizeof(q),
		.query_addr = v->start,
		.vma_name_addr = (uintptr_t)name,
		.vma_name_size = name_size,
	};
	int failed;

	pace_begin(pace);
	failed = ioctl(maps_fd, MAP_QUERY_IOCTL, &q);
	pace_end(pace);
	if (failed)
		return false;
	*page_size = (uint32_t)q.vma_page_size;
	return q.vma_start == v->start && q.vma_end == v->end;
}

/* What the line in maps does not say: hugetlb (only mappings that could be are asked about), tmpfs,
 * and a name with a newline in it, which maps writes as \012 without escaping backslashes. */
static void complete_vma(struct vma *v, const struct kernel *k, const struct mounts *mounts,
	int maps_fd, struct pace *pace)
{
	char name[4096];
	uint32_t size = 0;
	enum vma_kind mounted = VMA_FILE;
	bool hugetlb_shaped = v->inode && !v->dev_major && k->pmd_size &&
		!((v->start | v->end) & (64 * 1024 - 1));
	char *escape = strstr(v->name, "\\012");
	size_t mark = v->deleted ? sizeof(MAPS_DELETED) - 1 : 0;

	v->page_size = k->page_size;
	v->kind = (uint8_t)vma_guess_kind(v);
	if (v->kind == VMA_FILE || v->kind == VMA_DEVICE)
		mounted = mounts_kind(mounts, v->dev_major, v->dev_minor);
	if (mounted != VMA_FILE)
		v->kind = (uint8_t)mounted;
	if (k->map_query && (hugetlb_shaped || escape) &&
		query_map(maps_fd, pace, v, &size, escape ? name : NULL,
			escape ? sizeof(name) : 0)) {
		if (size > k->page_size) {
			v->kind = VMA_HUGETLB;
			v->page_size = size;
		}
		/* The raw name is never longer than the escaped one. */
		if (escape && strlen(name) <= strlen(v->name) + mark) {
			size_t len = strlen(name) - mark;

			memcpy((char *)v->name, name, len);
			((char *)v->name)[len] = '\0';
		}
	}
	if (v->kind == VMA_HUGETLB && v->page_size == k->page_size)
		v->page_size = k->pmd_size;
}

/* A file can be called "x (deleted)" and be there: then the mapping is of it, and that is its
 * name. */
static void check_deleted(struct vma *v, const struct procfs *p)
{
	struct str name = { 0 }, path = { 0 };
	struct stat st;

	str_addf(&name, "root%s%s", v->name, MAPS_DELETED);
	procfs_path(p, str_text(&name), &path);
	if (v->name[0] == '/' && !fstatat(p->dir, str_text(&path), &st, AT_NO_AUTOMOUNT) &&
		st.st_ino == v->inode && major(st.st_dev) == v->dev_major &&
		minor(st.st_dev) == v->dev_minor) {
		/* The parser has cut the name where the mark begins: undo it. */
		((char *)v->name)[strlen(v->name)] = MAPS_DELETED[0];
		v->deleted = false;
	}
	str_free(&name);
	str_free(&path);
}

/* A page of maps. */
static ssize_t read_some(
	const struct kernel *k, int fd, struct pace *pace, char *buf, size_t size)
{
	ssize_t n;

	if (k->maps_unlocked) {
		pace->calls++;
		return read(fd, buf, size);
	}
	pace_begin(pace);
	n = read(fd, buf, size);
	pace_end(pace);
	return n;
}

static int open_maps(struct procfs *p, struct err *e)
{
	struct str path = { 0 };
	int fd;

	/* Only a failure is worth the time of looking once more. */
	procfs_path(p, "maps", &path);
	fd = openat(p->dir, str_text(&path), O_RDONLY | O_CLOEXEC);
	str_free(&path);
	return fd < 0 ? procfs_open_map(p, "maps", e) : fd;
}

/* As mappings_list(), and leaves maps open: returns its descriptor. ask: look at pace->between()
 * after each read, also where that does not hold the process up. */
static int list(struct maps *m, struct procfs *p, const struct kernel *k, struct pace *pace,
	bool ask, size_t *lost, struct err *e)
{
	int fd = open_maps(p, e);
	char buf[16384];
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	str_clear(&m->text);
	while (!pace->cancelled && (n = read_some(k, fd, pace, buf, sizeof(buf))) > 0) {
		str_addn(&m->text, buf, (size_t)n);
		if (ask && pace->between && !pace->between(pace->ctx))
			pace->cancelled = true;
	}
	if (n < 0) {
		err_errno(e, "cannot read the mappings of process %d", (int)p->pid);
		close(fd);
		return -1;
	}
	*lost = maps_parse(m);
	return fd;
}

int mappings_list(struct maps *m, struct procfs *p, const struct kernel *k, struct pace *pace,
	size_t *lost, struct err *e)
{
	int fd = list(m, p, k, pace, true, lost, e);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

void mappings_complete(struct vma *v, struct procfs *p, const struct kernel *k,
	const struct mounts *mounts, struct pace *pace)
{
	struct err ignored;
	int fd = open_maps(p, &ignored);

	complete_vma(v, k, mounts, fd, pace);
	if (v->deleted)
		check_deleted(v, p);
	if (fd >= 0)
		close(fd);
}

int mappings_read(struct maps *m, struct procfs *p, const struct kernel *k,
	const struct mounts *mounts, struct pace *pace, size_t *lost, struct err *e)
{
	int fd = list(m, p, k, pace, false, lost, e);
	size_t i;

	if (fd < 0)
		return -1;
	for (i = 0; i < m->n; i++) {
		complete_vma(&m->vma[i], k, mounts, fd, pace);
		if (m->vma[i].deleted)
			check_deleted(&m->vma[i], p);
	}
	close(fd);
	return 0;
}
