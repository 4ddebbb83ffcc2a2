/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/mounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void mounts_parse(struct mounts *m, const char *text)
{
	const char *line, *end, *type;
	unsigned major, minor;
	enum vma_kind kind;

	for (line = text; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw" */
		type = memmem(line, (size_t)(end - line), " - ", 3);
		if (!type || sscanf(line, "%*u %*u %u:%u", &major, &minor) != 2)
			continue;
		type += 3;
		if (!strncmp(type, "tmpfs ", 6))
			kind = VMA_SHMEM;
		else if (!strncmp(type, "hugetlbfs ", 10))
			kind = VMA_HUGETLB;
		else
			continue;
		m->dev = mem_grow(m->dev, m->n, &m->cap, sizeof(*m->dev));
		m->dev[m->n++] = (struct mount_dev){ major, minor, kind };
	}
}

void mounts_free(struct mounts *m)
{
	free(m->dev);
	*m = (struct mounts){ 0 };
}

enum vma_kind mounts_kind(const struct mounts *m, uint32_t major, uint32_t minor)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->dev[i].major == major && m->dev[i].minor == minor)
			return m->dev[i].kind;
	return VMA_FILE;
}
