/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/kpage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "source/cgroups.h"
#include "source/zones.h"

struct kpage {
	const char *proc;
	uint32_t page_size;
	int fd[FRAME_FILES], error[FRAME_FILES];
	bool ksm_lies; /* kpageflags calls every anonymous page KSM (Linux 6.10 to 6.18.35) */
	struct zones *zones;
	struct cgroups *cgroups; /* NULL until one was asked for */
	struct str own_cgroup;   /* text of /proc/PID/cgroup of the process looked at */
	char *swap_name[SWAPS_MOST]; /* all that there ever were; id 1 is the first */
};

/* Frames read at a time from each file: 4 KiB. */
#define BATCH 512

/* The word of n frames; fewer at the end of memory. Returns how many. */
static uint64_t read_words(const struct kpage *k, enum frame_file f, uint64_t pfn, uint64_t n, uint64_t *word)
{
	ssize_t got;

	if (k->fd[f] < 0)
		return 0;
	got = pread(k->fd[f], word, n * 8, (off_t)(pfn * 8));
	return got < 0 ? 0 : (uint64_t)got / 8;
}

/* The flags of an ordinary page of our own; 0 if they cannot be read. */
static uint64_t flags_of_own_page(const struct kpage *k, uint32_t page_size)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	char *m = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t entry = 0, flags = 0;

	if (m != MAP_FAILED) {
		*(volatile char *)m = 1;
		if (fd >= 0 && pread(fd, &entry, 8, (off_t)((uintptr_t)m / page_size * 8)) == 8 && entry_pfn(entry))
			read_words(k, FRAME_FILE_FLAGS, entry_pfn(entry), 1, &flags);
		munmap(m, page_size);
	}
	if (fd >= 0)
		close(fd);
	return flags;
}

struct kpage *kpage_open(const char *proc, const struct kernel *kernel)
{
	struct kpage *k = mem_zero(1, sizeof(*k));
	struct str path = { 0 }, zoneinfo = { 0 };
	int f;

	k->proc = proc;
	k->page_size = kernel->page_size;
	for (f = 0; f < FRAME_FILES; f++) {
		str_clear(&path);
		str_addf(&path, "%s/%s", proc, frame_file_name((enum frame_file)f));
		k->fd[f] = open(str_text(&path), O_RDONLY | O_CLOEXEC);
		k->error[f] = k->fd[f] < 0 ? errno : 0;
	}
	procfs_read_root(proc, "zoneinfo", &zoneinfo);
	k->zones = zones_new(str_text(&zoneinfo), "/sys");
	str_free(&zoneinfo);
	str_free(&path);
	k->ksm_lies = flags_of_own_page(k, kernel->page_size) & FRAME_KSM;
	return k;
}

void kpage_close(struct kpage *k)
{
	int f;

	if (!k)
		return;
	for (f = 0; f < FRAME_FILES; f++)
		if (k->fd[f] >= 0)
			close(k->fd[f]);
	for (f = 0; f < SWAPS_MOST; f++)
		free(k->swap_name[f]);
	zones_free(k->zones);
	cgroups_free(k->cgroups);
	str_free(&k->own_cgroup);
	free(k);
}

void kpage_process(struct kpage *k, const struct procfs *p)
{
	procfs_read_alive(p, "cgroup", &k->own_cgroup);
}

/* No page that is mapped has no flag at all: of such a one (a hole, device memory) nothing is known,
 * and the 0 of the other files means nothing. Before Linux 6.18 it is NOPAGE. */
static bool is_untold(const struct frame *f)
{
	return !(f->known & FRAME_HAS_FLAGS) || f->flags & FRAME_NOPAGE;
}

static void read_frames(void *ctx, uint64_t pfn, uint64_t n, struct frame *frame)
{
	const struct kpage *k = ctx;
	uint64_t word[BATCH], done, got, i;

	for (i = 0; i < n; i++) {
		frame[i] = (struct frame){ 0 };
		zones_find(k->zones, pfn + i, &frame[i].node, &frame[i].zone);
	}
	for (done = 0; done < n; done += BATCH) {
		uint64_t chunk = n - done < BATCH ? n - done : BATCH;
		struct frame *f = frame + done;
		uint64_t told;

		told = read_words(k, FRAME_FILE_FLAGS, pfn + done, chunk, word);
		for (i = 0; i < told; i++) {
			f[i].flags = k->ksm_lies ? word[i] & ~FRAME_KSM : word[i];
			f[i].known |= word[i] ? FRAME_HAS_FLAGS : 0;
		}
		got = read_words(k, FRAME_FILE_MAPCOUNT, pfn + done, chunk, word);
		for (i = 0; i < got; i++) {
			if (i < told && is_untold(&f[i]))
				continue;
			f[i].mapcount = word[i];
			f[i].known |= FRAME_HAS_MAPCOUNT;
		}
		got = read_words(k, FRAME_FILE_CGROUP, pfn + done, chunk, word);
		for (i = 0; i < got; i++) {
			if (i < told && is_untold(&f[i]))
				continue;
			f[i].cgroup = word[i];
			f[i].known |= FRAME_HAS_CGROUP;
		}
	}
}

static const char *find_cgroup(void *ctx, uint64_t inode)
{
	struct kpage *k = ctx;
	struct str mountinfo = { 0 };

	if (!k->cgroups) {
		/* Our own mounts, whichever procfs the process is seen through: it is we who look
		 * into them. Without a process, our own cgroup tells the version. */
		procfs_read_root("/proc/self", "mountinfo", &mountinfo);
		if (!k->own_cgroup.len)
			procfs_read_root("/proc/self", "cgroup", &k->own_cgroup);
		k->cgroups = cgroups_new(str_text(&mountinfo), str_text(&k->own_cgroup));
		str_free(&mountinfo);
	}
	return cgroups_find(k->cgroups, inode, units_now_ns());
}

/* A number for a name, which keeps it; 0 if there have been too many. */
static uint8_t swap_id(struct kpage *k, const char *name)
{
	unsigned i;

	for (i = 0; i < SWAPS_MOST; i++) {
		if (!k->swap_name[i])
			k->swap_name[i] = mem_strdup(name);
		if (!strcmp(k->swap_name[i], name))
			return (uint8_t)(i + 1);
	}
	return 0;
}

/* One read: the lines are of one instant then. Of more of them than fit (some 40) nothing can be
 * proved. */
static void read_swaps(void *ctx, struct swaps *s)
{
	struct kpage *k = ctx;
	struct str path = { 0 };
	char text[4096], more;
	ssize_t got = -1;
	size_t i;
	int fd;

	*s = (struct swaps){ 0 };
	str_addf(&path, "%s/swaps", k->proc);
	fd = open(str_text(&path), O_RDONLY | O_CLOEXEC);
	str_free(&path);
	if (fd < 0)
		return;
	got = read(fd, text, sizeof(text) - 1);
	if (got > 0 && read(fd, &more, 1) == 0) {
		text[got] = '\0';
		swaps_parse(s, text);
	}
	close(fd);
	for (i = 0; i < s->n; i++)
		s->area[i].id = swap_id(k, s->area[i].name);
}

static const char *swap_name(void *ctx, unsigned id)
{
	const struct kpage *k = ctx;

	return id && id <= SWAPS_MOST ? k->swap_name[id - 1] : NULL;
}

struct frame_reader kpage_frames(struct kpage *k)
{
	struct frame_reader r = { .read = read_frames,
		.cgroup = find_cgroup,
		.swaps = read_swaps,
		.swap_name = swap_name,
		.ctx = k,
		.page_size = k->page_size };

	memcpy(r.error, k->error, sizeof(r.error));
	return r;
}
