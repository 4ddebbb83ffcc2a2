/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/str.h"
#include "source/procfs.h"
#include "source/uapi.h"

static uint64_t number_in(const char *root, const char *name)
{
	struct str text = { 0 };
	uint64_t n = 0;

	if (!procfs_read_root(root, name, &text))
		n = strtoull(str_text(&text), NULL, 10);
	str_free(&text);
	return n;
}

static bool read_own(int fd, const void *address, uint32_t page_size, uint64_t *entry)
{
	return pread(fd, entry, sizeof(*entry), (off_t)((uintptr_t)address / page_size * 8)) ==
		sizeof(*entry);
}

static bool scan_accepts(int fd, uint64_t return_mask)
{
	struct scan_arg arg = { .size = sizeof(arg), .return_mask = return_mask };

	return ioctl(fd, SCAN_IOCTL, &arg) == 0;
}

static bool map_query_works(void)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	struct map_query q = { .size = sizeof(q), .query_addr = (uintptr_t)&number_in };
	bool works = fd >= 0 && ioctl(fd, MAP_QUERY_IOCTL, &q) == 0;

	if (fd >= 0)
		close(fd);
	return works;
}

void kernel_judge(struct kernel *k, const struct kernel_words *w)
{
	const uint64_t shift = (uint64_t)__builtin_ctz(k->page_size);
	uint64_t zero = w->read;

	/* Until somebody clears soft-dirty bits, kernels before 4.3 put the page shift even into
	 * the entry of a page that is not there. */
	k->old_layout = (w->untouched >> 55 & 63) == shift;
	k->pfn = w->written & ENTRY_PRESENT && entry_pfn(w->written);
	k->exclusive = !k->old_layout && w->written & ENTRY_EXCLUSIVE;
	k->soft_dirty = !k->old_layout && w->written & ENTRY_SOFT_DIRTY;
	/* x86 and most others have one zero page; where there are several (s390, MIPS) this finds
	 * only one of them. */
	if (k->old_layout)
		zero &= ~(shift << 55);
	if (k->pfn && zero & ENTRY_PRESENT && !(zero & (ENTRY_EXCLUSIVE | ENTRY_FILE)))
		k->zero_pfn = entry_pfn(zero);
	k->guards = w->guards;
	k->guard_bit = w->guards && w->guard & ENTRY_GUARD;
	/* A guard is a marker: where its type is told, it is the marker's. */
	if (w->guards && k->pfn && entry_swap_offset(w->guard))
		k->swap.marker_type = entry_swap_type(w->guard);
}

struct page_known kernel_known(const struct kernel *k, enum engine engine)
{
	bool scan = engine == ENGINE_SCAN;

	return (struct page_known){
		.pfn = k->pfn,
		.zero = scan || (k->pfn && k->zero_pfn && k->huge_zero_bit),
		.guard = !k->guards || k->pfn || k->guard_bit || (scan && k->scan_guard),
		.huge = scan,
		.swap_kind = k->pfn,
		.exclusive = k->exclusive,
		.soft_dirty = k->soft_dirty,
	};
}

/* MADV_GUARD_INSTALL of include/uapi/asm-generic/mman-common.h, Linux 6.13 */
#define MADV_GUARD 102

/* Four pages of our own: one never touched, one written, one only read, one guarded. */
static void probe_entries(struct kernel *k, int fd)
{
	volatile char *m = mmap(NULL, 4 * (size_t)k->page_size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t entry[4];
	struct kernel_words w = { 0 };
	int i;

	if (m == MAP_FAILED)
		return;
	madvise((void *)m, 4 * (size_t)k->page_size, MADV_NOHUGEPAGE);
	m[k->page_size] = 1;
	(void)m[2 * k->page_size];
	w.guards = !madvise((void *)(m + 3 * k->page_size), k->page_size, MADV_GUARD);
	for (i = 0; i < 4; i++)
		if (!read_own(fd, (void *)(m + i * k->page_size), k->page_size, &entry[i]))
			break;
	if (i == 4) {
		w.untouched = entry[0];
		w.written = entry[1];
		w.read = entry[2];
		w.guard = entry[3];
		kernel_judge(k, &w);
	}
	munmap((void *)m, 4 * (size_t)k->page_size);
}

int kernel_probe(struct kernel *k, struct err *e)
{
	struct utsname u;
	struct str text = { 0 };
	int fd;

	*k = (struct kernel){ .page_size = (uint32_t)sysconf(_SC_PAGESIZE) };
	uname(&u);
	snprintf(k->release, sizeof(k->release), "%s", u.release);
	snprintf(k->host, sizeof(k->host), "%s", u.nodename);
	k->swap = swap_layout_of(k->release);
	k->huge_zero_bit = kernel_at_least(k->release, 6, 11) && !kernel_at_least(k->release, 7, 3);
	/* Between these, /proc/PID/status shows an approximation (percpu_counter). */
	k->exact_vm_swap = !kernel_at_least(k->release, 6, 2) || kernel_at_least(k->release, 6, 16);
	k->maps_unlocked = kernel_at_least(k->release, 6, 18);
	k->pmd_size = (uint32_t)number_in("/sys", "kernel/mm/transparent_hugepage/hpage_pmd_size");
	k->max_map_count = number_in("/proc", "sys/vm/max_map_count");
	if (!procfs_read_root("/proc", "sys/kernel/random/boot_id", &text))
		snprintf(k->boot_id, sizeof(k->boot_id), "%.*s",
			(int)strcspn(str_text(&text), "\n"), str_text(&text));
	str_free(&text);

	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == EPERM)
		return err_errno(e,
			"cannot open /proc/self/pagemap (Linux 4.0 to 4.2 give it only to CAP_SYS_ADMIN: use "
			"sudo)");
	if (fd < 0)
		return err_errno(e,
			"cannot open /proc/self/pagemap (is this Linux built with CONFIG_PROC_PAGE_MONITOR, "
			"and /proc mounted?)");
	probe_entries(k, fd);
	k->scan = scan_accepts(
		fd, SCAN_PRESENT | SCAN_SWAPPED | SCAN_FILE | SCAN_PFNZERO | SCAN_HUGE);
	k->scan_guard = k->scan && scan_accepts(fd, SCAN_GUARD);
	close(fd);
	k->map_query = map_query_works();
	return 0;
}
