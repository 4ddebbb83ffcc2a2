/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/objects.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "source/uapi.h"

/* Whether a swap area is active. Not by /proc/swaps, which containers may replace (lxcfs). */
static bool is_swap_on(void)
{
	struct sysinfo s;

	return sysinfo(&s) < 0 || s.totalswap;
}

static enum absent not_asked(void)
{
	return is_swap_on() ? ABSENT_UNKNOWN : ABSENT_NOT_SWAPPED;
}

/* Whether the path handle is of the regular file that the snapshot saw there. */
static bool is_same_file(int handle, const struct vma *v)
{
	struct stat st;

	return !fstat(handle, &st) && S_ISREG(st.st_mode) && st.st_ino == v->inode &&
		major(st.st_dev) == v->dev_major && minor(st.st_dev) == v->dev_minor;
}

/* Open the object for reading. Returns -1 if that cannot be done, and in *why what that says of its
 * pages: what is not on tmpfs, such as secret memory, never goes to swap. */
static int open_object(const struct procfs *p, const struct vma *v, enum absent *why)
{
	struct statfs fs;
	char path[64];
	int handle, fd = -1;

	*why = not_asked();
	if (v->kind != VMA_SHMEM)
		return -1;
	snprintf(path, sizeof(path), "map_files/%" PRIx64 "-%" PRIx64, v->start, v->end);
	/* A handle opens nothing: look first at what it is. */
	handle = openat(p->dir, path, O_PATH | O_CLOEXEC);
	if (handle < 0)
		return -1;
	if (!is_same_file(handle, v) || fstatfs(handle, &fs) < 0) {
		close(handle);
		return -1;
	}
	if (fs.f_type == TMPFS_MAGIC) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", handle);
		/* Not to wait for a lease (fcntl(2), F_SETLEASE). */
		fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	} else {
		*why = ABSENT_NOT_SWAPPED;
	}
	close(handle);
	return fd;
}

struct bisection {
	int fd;
	uint64_t page_size;
	struct absent_run *run;
	size_t n, most;
	bool full;
};

static void emit(struct bisection *b, uint64_t pages, enum absent kind)
{
	if (b->n && b->run[b->n - 1].kind == kind)
		b->run[b->n - 1].pages += pages;
	else if (b->n < b->most)
		b->run[b->n++] = (struct absent_run){ pages, kind };
	else
		b->full = true;
}

/* Pages of the object from page `first` (of the object) on. */
static void bisect(struct bisection *b, uint64_t first, uint64_t n)
{
	struct cachestat_range range = { first * b->page_size, n * b->page_size };
	struct cachestat_counts c;

	if (b->full)
		return;
	if (syscall(CACHESTAT_SYSCALL, b->fd, &range, &c, 0) < 0) {
		emit(b, n, not_asked());
	} else if (!c.cached && !c.evicted) {
		emit(b, n, ABSENT_HOLE);
	} else if (c.cached == n && !c.evicted) {
		emit(b, n, ABSENT_CACHED);
	} else if (c.evicted == n && !c.cached) {
		emit(b, n, ABSENT_SWAPPED);
	} else if (n == 1) {
		/* It moved between the two while it was counted. */
		emit(b, n, ABSENT_UNKNOWN);
	} else {
		bisect(b, first, n / 2);
		bisect(b, first + n / 2, n - n / 2);
	}
}

size_t objects_absent(const struct procfs *p, uint32_t page_size, const struct vma *v,
	uint64_t first, uint64_t n, struct absent_run *run, size_t most)
{
	enum absent why;
	struct bisection b = { open_object(p, v, &why), page_size, run, 0, most, false };

	if (b.fd < 0) {
		emit(&b, n, why);
		return b.n;
	}
	bisect(&b, v->offset / page_size + first, n);
	close(b.fd);
	return b.n;
}

bool objects_swapped(const struct procfs *p, uint32_t page_size, const struct vma *v,
	uint64_t first, uint64_t n, uint64_t *pages)
{
	struct cachestat_range range = { v->offset + first * page_size, n * page_size };
	struct cachestat_counts c;
	enum absent why;
	int fd = open_object(p, v, &why);
	bool known;

	*pages = 0;
	if (fd < 0)
		return why == ABSENT_NOT_SWAPPED;
	known = syscall(CACHESTAT_SYSCALL, fd, &range, &c, 0) == 0;
	close(fd);
	if (!known)
		return not_asked() == ABSENT_NOT_SWAPPED;
	*pages = c.evicted;
	return true;
}

bool objects_data(
	const struct procfs *p, uint32_t page_size, const struct vma *v, uint64_t *pages)
{
	enum absent why;
	int fd = open_object(p, v, &why);
	off_t data = 0, hole;
	bool known;

	if (fd < 0)
		return false;
	*pages = 0;
	while ((data = lseek(fd, data, SEEK_DATA)) >= 0) {
		hole = lseek(fd, data, SEEK_HOLE);
		if (hole <= data)
			break; /* it was cut shorter */
		*pages += ((uint64_t)(hole - data) + page_size - 1) / page_size;
		data = hole;
	}
	/* ENXIO: no data up to the end. */
	known = data < 0 && errno == ENXIO;
	close(fd);
	return known;
}
