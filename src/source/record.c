/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "source/store_format.h"
#include "source/store_private.h"
#include "source/store_writer.h"

struct recorder {
	char *path;
	FILE *f;
	off_t end;               /* behind the last whole snapshot */
	struct snapshot *before; /* the one added last; NULL: the next one is whole */
	enum store_keep keep;    /* of that one */
	struct store_memory *memory;
	unsigned since_whole;
	bool made;               /* there was no file before */
};

/* Whether the file is of the process that the snapshot is of, and where its last whole snapshot ends.
 * Returns 0, or -1 with e set. */
static int check_recording(const char *path, const struct snapshot *of, off_t *end, struct err *e)
{
	const struct snapshot_info *mine = snapshot_info(of), *its;
	struct store *s = store_open(path, e);
	struct snapshot *last;
	int r = 0;

	if (!s)
		return -1;
	last = store_read(s, store_count(s) - 1, e);
	if (!last) {
		store_close(s);
		return -1;
	}
	its = snapshot_info(last);
	if (its->pid != mine->pid || its->start_time != mine->start_time ||
		strcmp(its->boot_id, mine->boot_id) != 0)
		r = err_set(e,
			"%s is of another process (%s[%d]): it is left alone; give another name, or --force to begin it anew",
			path, its->comm, (int)its->pid);
	*end = (off_t)store_end(s);
	snapshot_unref(last);
	store_close(s);
	return r;
}

/* Open the file that is there, or make it. *end: where to go on. Returns a descriptor, or -1 with e
 * set. */
static int open_place(const char *path, const struct snapshot *of, bool replace, off_t *end,
	bool *made, struct err *e)
{
	struct stat st;
	int fd;

	*end = 0;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	*made = fd >= 0;
	if (fd >= 0)
		return fd;
	if (errno != EEXIST)
		return err_errno(e, "cannot make %s", path);
	if (lstat(path, &st) < 0)
		return err_errno(e, "cannot write %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, "%s exists and is not a regular file; give another name", path);
	if (!store_is_snapshot(path))
		return err_set(e,
			"%s exists and is no pmview snapshot: it is left alone; give another name", path);
	if (check_recording(path, of, end, e) < 0) {
		if (!replace)
			return -1;
		*end = 0;
	}
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? err_errno(e, "cannot write %s", path) : fd;
}

struct recorder *recorder_open(
	const char *path, const struct snapshot *of, bool replace, struct err *e)
{
	struct recorder *r;
	off_t end;
	bool made;
	int fd = open_place(path, of, replace, &end, &made, e);

	if (fd < 0)
		return NULL;
	/* Two that write to one file would tear it. */
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		err_set(e, "%s is being recorded to by another pmview", path);
		close(fd);
		return NULL;
	}
	if (ftruncate(fd, end) || lseek(fd, end, SEEK_SET) < 0) {
		err_errno(e, "cannot cut the torn end off %s", path);
		close(fd);
		return NULL;
	}
	r = mem_zero(1, sizeof(*r));
	r->path = mem_strdup(path);
	r->f = fdopen(fd, "r+");
	r->end = end;
	r->made = made;
	if (!r->f) {
		err_errno(e, "cannot open a stream for %s", path);
		close(fd);
		free(r->path);
		free(r);
		return NULL;
	}
	return r;
}

static void begin_anew(struct recorder *r)
{
	snapshot_unref(r->before);
	store_memory_free(r->memory);
	r->before = NULL;
	r->memory = NULL;
	r->since_whole = 0;
}

int recorder_add(struct recorder *r, const struct snapshot *s, const struct store_what *what,
	struct err *e)
{
	enum store_keep keep = what ? what->keep : KEEP_SKELETON;
	struct packer p;
	int result;

	/* What has exec'd has nothing in common with before; nor is it said against what keeps less. */
	if (r->before && (r->since_whole == STORE_WHOLE_EVERY || keep != r->keep ||
				 snapshot_info(r->before)->program != snapshot_info(s)->program ||
				 snapshot_info(r->before)->known.pfn != snapshot_info(s)->known.pfn))
		begin_anew(r);
	packer_init(&p, r->f);
	result = store_pack_snapshot(&p, s, r->before, what, &r->memory, e);
	if (result >= 0 && (p.failed || fflush(r->f) || ferror(r->f)))
		result = err_errno(e, "cannot write to %s", r->path);
	packer_free(&p);
	if (result < 0) {
		/* Nothing that is half written stays; the next one is whole. */
		__fpurge(r->f);
		clearerr(r->f);
		if (ftruncate(fileno(r->f), r->end) || fseeko(r->f, r->end, SEEK_SET))
			err_set(e, "%s, and its torn end cannot be cut off", r->path);
		begin_anew(r);
		return -1;
	}
	snapshot_unref(r->before);
	r->before = snapshot_ref((struct snapshot *)s);
	r->keep = keep;
	r->since_whole++;
	r->end = ftello(r->f);
	return result;
}

uint64_t recorder_size(const struct recorder *r)
{
	return (uint64_t)r->end;
}

int recorder_close(struct recorder *r, struct err *e)
{
	int result = 0;

	if (!r)
		return 0;
	if (!r->end && r->made)
		unlink(r->path);
	else if (fsync(fileno(r->f)) && errno != EINVAL && errno != EROFS)
		result = err_errno(e, "cannot sync %s", r->path);
	if (fclose(r->f) && !result)
		result = err_errno(e, "cannot close %s", r->path);
	begin_anew(r);
	free(r->path);
	free(r);
	return result;
}
