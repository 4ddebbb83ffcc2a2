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
#include "base/newfile.h"
#include "source/store_format.h"
#include "source/store_private.h"
#include "source/store_writer.h"

struct recorder {
	char *path;
	FILE *f;                 /* NULL before the first snapshot of a new file, which is written to ... */
	bool replace;            /* ... a new one that may take the place of another */
	off_t end;               /* behind the last whole snapshot */
	struct snapshot *before; /* the one added last; NULL: the next one is whole */
	enum store_keep keep;    /* of that one */
	struct store_memory *memory;
	unsigned since_whole;
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

/* What becomes of what is at path: a new file takes its place (*fresh), or there is none; or it is gone
 * on with. Returns 0, or -1 with e set. */
static int check_place(const char *path, bool *fresh, struct err *e)
{
	struct stat st;

	*fresh = true;
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(e, "cannot write %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, "%s exists and is not a regular file; give another name", path);
	if (!st.st_size)
		return 0; /* there is nothing to lose */
	if (!store_is_snapshot(path))
		return err_set(e,
			"%s exists and is no pmview snapshot: it is left alone; give another name", path);
	*fresh = false;
	return 0;
}

/* Whether the open file is still the one that has the name. */
static bool has_name(int fd, const char *path)
{
	struct stat open_one, named;

	return !fstat(fd, &open_one) && !lstat(path, &named) && open_one.st_ino == named.st_ino &&
		open_one.st_dev == named.st_dev;
}

/* Open the file that is there, for us alone: two that write to it would tear it. Returns a descriptor,
 * or -1 with e set. */
static int open_locked(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return err_errno(e, "cannot write %s", path);
	/* Some network file systems know no locks. */
	if ((flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) || !has_name(fd, path)) {
		close(fd);
		return err_set(e, "%s is being recorded to by another pmview", path);
	}
	return fd;
}

/* Write behind byte `end` of the open file, which is taken. Returns 0, or -1 with e set. */
static int go_on_from(struct recorder *r, int fd, off_t end, struct err *e)
{
	r->f = ftruncate(fd, end) || lseek(fd, end, SEEK_SET) < 0 ? NULL : fdopen(fd, "r+");
	if (!r->f) {
		err_errno(e, "cannot cut the torn end off %s", r->path);
		close(fd);
		return -1;
	}
	r->end = end;
	return 0;
}

struct recorder *recorder_open(
	const char *path, const struct snapshot *of, bool replace, struct err *e)
{
	struct recorder *r;
	int fd = -1, result = 0;
	bool fresh;
	off_t end = 0;

	if (check_place(path, &fresh, e) < 0)
		return NULL;
	if (!fresh) {
		fd = open_locked(path, e);
		if (fd < 0)
			return NULL;
		result = check_recording(path, of, &end, e);
		fresh = result < 0 && replace;
	}
	r = mem_zero(1, sizeof(*r));
	r->path = mem_strdup(path);
	/* Only what was there when that was looked at may be replaced. */
	r->replace = fresh && !access(path, F_OK);
	if (fresh && fd >= 0)
		close(fd);
	else if (result < 0)
		close(fd);
	else if (!fresh)
		result = go_on_from(r, fd, end, e);
	if (fresh || result == 0)
		return r;
	free(r->path);
	free(r);
	return NULL;
}

static void begin_anew(struct recorder *r)
{
	snapshot_unref(r->before);
	store_memory_free(r->memory);
	r->before = NULL;
	r->memory = NULL;
	r->since_whole = 0;
}

/* Pack a snapshot into a stream, against the one before: where the process must not wait for that, into
 * a file of our own first. */
static int pack(struct recorder *r, FILE *f, const struct snapshot *s, const struct store_what *what,
	struct err *e)
{
	FILE *spool = what && what->read_all ? newfile_unnamed(e) : NULL, *to = spool ? spool : f;
	struct packer p;
	int result;

	if (what && what->read_all && !spool) {
		what->read_all(what->ctx);
		return -1;
	}
	packer_init(&p, to);
	result = store_pack_snapshot(&p, s, r->before, what, &r->memory, e);
	if (result >= 0 && p.failed)
		result = err_set(e, "cannot compress a snapshot for %s", r->path);
	packer_free(&p);
	if (!spool)
		return result;
	what->read_all(what->ctx);
	if (result >= 0 && store_copy(spool, f, e) < 0)
		result = -1;
	fclose(spool);
	return result;
}

/* The first one of a new file: it gets its name with that, so that what was there before stays until
 * then. */
static int begin_file(
	struct recorder *r, const struct snapshot *s, const struct store_what *what, struct err *e)
{
	struct newfile n;
	int result, fd;

	if (newfile_open(&n, r->path, 0600, r->replace, e) < 0)
		return -1;
	result = pack(r, n.f, s, what, e);
	if (result < 0) {
		newfile_abandon(&n);
		return -1;
	}
	if (newfile_commit(&n, e) < 0)
		return -1;
	fd = open_locked(r->path, e);
	return fd < 0 || go_on_from(r, fd, lseek(fd, 0, SEEK_END), e) < 0 ? -1 : result;
}

/* One more. Nothing that is half written stays. */
static int add_to_file(
	struct recorder *r, const struct snapshot *s, const struct store_what *what, struct err *e)
{
	int result;

	if (!has_name(fileno(r->f), r->path))
		return err_set(e, "%s was removed or replaced: what was recorded before is in no file",
			r->path);
	result = pack(r, r->f, s, what, e);
	if (result >= 0 && (fflush(r->f) || ferror(r->f)))
		result = err_errno(e, "cannot write to %s", r->path);
	if (result >= 0) {
		r->end = ftello(r->f);
		return result;
	}
	__fpurge(r->f);
	clearerr(r->f);
	if (ftruncate(fileno(r->f), r->end) || fseeko(r->f, r->end, SEEK_SET))
		err_set(e, "%s, and its torn end cannot be cut off", r->path);
	return -1;
}

int recorder_add(struct recorder *r, const struct snapshot *s, const struct store_what *what,
	struct err *e)
{
	enum store_keep keep = what ? what->keep : KEEP_SKELETON;
	int result;

	/* What has exec'd has nothing in common with before; nor is it said against what keeps less. */
	if (r->before && (r->since_whole == STORE_WHOLE_EVERY || keep != r->keep ||
				 snapshot_info(r->before)->program != snapshot_info(s)->program ||
				 snapshot_info(r->before)->known.pfn != snapshot_info(s)->known.pfn))
		begin_anew(r);
	result = r->f ? add_to_file(r, s, what, e) : begin_file(r, s, what, e);
	if (result < 0) {
		begin_anew(r);
		return -1;
	}
	snapshot_unref(r->before);
	r->before = snapshot_ref((struct snapshot *)s);
	r->keep = keep;
	r->since_whole++;
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
	if (r->f && fsync(fileno(r->f)) && errno != EINVAL && errno != EROFS)
		result = err_errno(e, "cannot sync %s", r->path);
	if (r->f && fclose(r->f) && !result)
		result = err_errno(e, "cannot close %s", r->path);
	begin_anew(r);
	free(r->path);
	free(r);
	return result;
}
