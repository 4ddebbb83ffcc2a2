/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wander: what this system has to map. What it has not is said in the record. */
#define _GNU_SOURCE 1

#include <fcntl.h>
#include <limits.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../fixture/mkpages.h"
#include "wander.h"

/* What the headers may not have yet (linux/magic.h, linux/userfaultfd.h). */
#define TMPFS		0x01021994
#define WP_FEATURES	(1 << 0 | 1 << 13 | 1 << 14 | 1 << 15)	/* _UNPOPULATED, POISON, _ASYNC */
#define USER_MODE_ONLY	1

bool have[N_WHATS];
bool turn_huge_off;
int dev_zero = -1, uffd = -1;

static int scratch_file(void)
{
	const char *dir = getenv("TMPDIR");
	char path[PATH_MAX], *page;
	struct statfs fs;
	int fd;

	snprintf(path, sizeof(path), "%s/wander-XXXXXX", dir && *dir ? dir : "/tmp");
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -1;
	unlink(path);
	page = calloc(1, page_size);
	for (size_t i = 0; page && i < OBJECT_PAGES; i++)
		if (pwrite(fd, page, page_size, (off_t)(i * page_size)) != (ssize_t)page_size) {
			free(page);
			close(fd);
			return -1;
		}
	free(page);
	objects[THE_FILE].shmem = !fstatfs(fd, &fs) && fs.f_type == TMPFS;
	memset(objects[THE_FILE].has, true, OBJECT_PAGES);
	return fd;
}

static int memory_file(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, (off_t)(OBJECT_PAGES * page_size)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Whether such a file of "[always] madvise never", of any size of huge pages, says what. */
static bool some_setting_is(const char *what)
{
	static const char *const files[] = { "enabled", "shmem_enabled" };
	static const char base[] = "/sys/kernel/mm/transparent_hugepage";
	bool yes = false;

	for (size_t kb = 0; kb <= 2048; kb = kb ? 2 * kb : 8)
		for (size_t i = 0; i < 2; i++) {
			char path[128], text[128] = "", sub[32] = "";
			FILE *f;

			if (kb)
				snprintf(sub, sizeof(sub), "/hugepages-%zukB", kb);
			snprintf(path, sizeof(path), "%s%s/%s", base, sub, files[i]);
			f = fopen(path, "re");
			if (!f)
				continue;
			yes |= fgets(text, sizeof(text), f) && strstr(text, what);
			fclose(f);
		}
	return yes;
}

static int open_uffd(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = WP_FEATURES };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | USER_MODE_ONLY);

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool can_map(int flags)
{
	void *p = mmap(NULL, page_size, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (p != MAP_FAILED)
		munmap(p, page_size);
	return p != MAP_FAILED;
}

static bool have_guards(void)
{
	void *p = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool yes = p != MAP_FAILED && !madvise(p, page_size, GUARD_INSTALL);

	if (p != MAP_FAILED)
		munmap(p, page_size);
	return yes;
}

static bool swap_is_on(void)
{
	FILE *f = fopen("/proc/swaps", "re");
	char line[512];
	int lines = 0;

	while (f && fgets(line, sizeof(line), f))
		lines++;
	if (f)
		fclose(f);
	return lines > 1;
}

void have_init(void)
{
	bool huge = pmd_size == HUGE * page_size;

	for (size_t i = 0; i < N_OBJECTS; i++)
		objects[i] = (struct object){ .fd = -1, .shmem = true };
	dev_zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
	objects[THE_FILE].fd = scratch_file();
	objects[MEMFD_1].fd = memory_file("wander-1");
	objects[MEMFD_2].fd = memory_file("wander-2");
	uffd = open_uffd();
	turn_huge_off = some_setting_is("[always]") || some_setting_is("[within_size]") ||
			some_setting_is("[force]");

	memset(have, true, sizeof(have));
	have[DEV_ZERO] = dev_zero >= 0;
	have[DROPPABLE] = can_map(DROPPABLE_FLAG | MAP_ANONYMOUS);
	have[WATCHED] = uffd >= 0;
	have[FILE_PRIVATE] = have[FILE_SHARED] = objects[THE_FILE].fd >= 0;
	have[MEMFD_PRIVATE] = have[MEMFD_SHARED] =
		objects[MEMFD_1].fd >= 0 && objects[MEMFD_2].fd >= 0;
	have[ADVISED] = huge;
	have[HUGETLB_PRIVATE] = have[HUGETLB_SHARED] =
		proc_number("/proc/meminfo", "Hugepagesize") * 1024 == (long)(HUGE * page_size) &&
		proc_number("/proc/meminfo", "HugePages_Free") >
			proc_number("/proc/meminfo", "HugePages_Rsvd");
	for (size_t i = 1; i < N_WHATS; i++)
		if (!have[i])
			cannot_have(name_of(i), "it cannot be mapped here");
	if (!have_guards())
		cannot_have("guard", "this kernel has no guard markers");
	if (!swap_is_on())
		cannot_have("swap", "no swap area is active");
}
