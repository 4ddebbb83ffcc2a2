/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/smaps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "source/maps.h"
#include "source/procfs.h"

int smaps_droppable(const char *proc, const struct snapshot *s, bool **droppable, uint64_t *took_ns,
	struct err *e)
{
	uint64_t began = units_now_ns();
	struct procfs p;
	struct proc_stat st;
	struct vma v = { 0 };
	char *line = NULL;
	size_t size = 0, name_len, i;
	ssize_t len;
	bool failed;
	FILE *f;
	int fd;

	*droppable = NULL;
	if (procfs_open(&p, proc, snapshot_info(s)->pid, e) < 0)
		return -1;
	fd = procfs_open_map(&p, "smaps", e);
	if (fd >= 0 && (procfs_stat(&p, &st) < 0 || st.start_time != snapshot_info(s)->start_time)) {
		close(fd);
		fd = err_set(e, "process %d has ended", (int)p.pid);
	}
	procfs_close(&p);
	if (fd < 0)
		return -1;
	f = fdopen(fd, "r");
	*droppable = mem_zero(snapshot_vmas(s), sizeof(bool));
	while ((len = getline(&line, &size, f)) > 0) {
		struct vma head;

		if (maps_parse_line(line, (size_t)len - (line[len - 1] == '\n'), &head, &name_len))
			v = head;
		if (strncmp(line, "VmFlags:", 8) != 0)
			continue;
		i = snapshot_find(s, v.start);
		if (strstr(line, " dp") && snapshot_holds(s, i, v.start))
			(*droppable)[i] = true;
	}
	/* A process that ends meanwhile reads as an error or as nothing. */
	failed = ferror(f) || !v.end;
	free(line);
	fclose(f);
	*took_ns = units_now_ns() - began;
	if (!failed)
		return 0;
	free(*droppable);
	*droppable = NULL;
	return err_set(e, "smaps of process %d could not be read to its end", (int)snapshot_info(s)->pid);
}
