/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/gather.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/objects.h"
#include "source/procfs.h"
#include "source/smaps.h"

static void measure_objects(
	struct checkpoint_set *c, const struct procfs *p, const struct snapshot *s)
{
	uint64_t pages;
	size_t i;

	for (i = 0; i < c->objects; i++)
		if (objects_data(p, snapshot_info(s)->page_size, c->object[i].vma, &pages))
			c->object[i].pages = pages;
}

/* Whether the link in the open directory says that this descriptor is a userfaultfd. */
static bool is_userfaultfd(int dir, const char *name)
{
	static const char text[] = "anon_inode:[userfaultfd]";
	char link[sizeof(text)];
	ssize_t len = readlinkat(dir, name, link, sizeof(link));

	return len == sizeof(text) - 1 && !memcmp(link, text, (size_t)len);
}

static void find_userfaultfds(struct checkpoint_set *c, const struct procfs *p)
{
	struct refusal r = { .reason = REFUSES_USERFAULTFD, .fd = -1 };
	struct str path = { 0 };
	struct dirent *d;
	DIR *dir;
	int fd;

	procfs_path(p, "fd", &path);
	fd = openat(p->dir, str_text(&path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	str_free(&path);
	dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		if (fd >= 0)
			close(fd);
		checkpoint_refuse(c, r); /* nobody can say */
		return;
	}
	r.certain = true;
	while ((d = readdir(dir))) {
		if (!is_userfaultfd(fd, d->d_name))
			continue;
		r.fd = atoi(d->d_name);
		checkpoint_refuse(c, r);
	}
	closedir(dir);
}

int gather_checkpoint(const char *proc, const struct snapshot *s, const struct entry_reader *reader,
	bool list, const atomic_bool *cancel, struct checkpoint_set *c, uint64_t *took_ns,
	struct err *e)
{
	const struct snapshot_info *info = snapshot_info(s);
	struct vma_smaps *vma;
	struct smaps_sums sums;
	struct procfs p;

	if (procfs_open_same(&p, proc, info->pid, info->start_time, e) < 0)
		return -1;
	vma = smaps_read(&p, s, cancel, &sums, took_ns, e);
	if (vma) {
		checkpoint_set_init(c, s, vma);
		c->smaps_swap = sums.kb[SMAPS_SWAP] * 1024 / snapshot_info(s)->page_size;
	}
	if (vma && list) {
		measure_objects(c, &p, s);
		checkpoint_find_poison(c, s, reader);
		find_userfaultfds(c, &p);
	}
	procfs_close(&p);
	return vma ? 0 : -1;
}
