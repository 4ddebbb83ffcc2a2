/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where page frames are, and to whom they are charged: nodes and zones of machines whose description is
 * in tests/data/zones, memory cgroups in a tree that is made here, and both on this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "helpers.h"
#include "source/cgroups.h"
#include "source/kpage.h"
#include "source/zones.h"

/* --- nodes and zones --- */

static struct zones *machine(const char *name)
{
	const char *source = getenv("PMVIEW_SOURCE");
	char path[4096], *zoneinfo;
	struct zones *z;

	snprintf(path, sizeof(path), "%s/tests/data/zones/%s/zoneinfo", source ? source : ".", name);
	zoneinfo = read_file(path, NULL);
	if (!zoneinfo)
		fail_msg("there is no %s", path);
	*strrchr(path, '/') = '\0';
	strcat(path, "/sys");
	z = zones_new(zoneinfo, path);
	free(zoneinfo);
	return z;
}

static void check(struct zones *z, uint64_t pfn, int node, enum zone zone)
{
	int16_t n = 77;
	uint8_t k = 77;

	zones_find(z, pfn, &n, &k);
	if (n != node || k != zone)
		fail_msg("PFN 0x%llx: node %d zone %s, not node %d zone %s", (unsigned long long)pfn, n,
			zone_name((enum zone)k), node, zone_name(zone));
}

/* Blocks of 128 MiB: 0x8000 pages of 4 KiB. */
#define BLOCK(n) (UINT64_C(0x8000) * (n) * 4096 / (uint64_t)sysconf(_SC_PAGESIZE))

static void blocks_of_two_nodes(void **state)
{
	struct zones *z = machine("two-nodes");

	(void)state;
	/* Below its start there is nothing of DMA; block 0 holds two zones. */
	check(z, 5, 0, ZONE_DMA);
	check(z, 0x1000, 0, ZONE_DMA32);
	check(z, BLOCK(1), 0, ZONE_DMA32);
	/* In the span of one node, but in no block. */
	check(z, BLOCK(2), -1, ZONE_UNKNOWN);
	/* From here on the spans of both nodes overlap: the blocks tell. */
	check(z, BLOCK(32), 0, ZONE_NORMAL);
	check(z, BLOCK(33) - 1, 0, ZONE_NORMAL);
	check(z, BLOCK(33), 1, ZONE_NORMAL);
	check(z, BLOCK(34), 0, ZONE_NORMAL);
	/* Those of one node's zones do, too. */
	check(z, BLOCK(35), 1, ZONE_MOVABLE);
	check(z, BLOCK(36), 1, ZONE_NORMAL);
	/* Offline; not there; two nodes in one block, whose spans both hold it. */
	check(z, BLOCK(37), -1, ZONE_UNKNOWN);
	check(z, BLOCK(38), -1, ZONE_UNKNOWN);
	check(z, BLOCK(39) + 7, -1, ZONE_UNKNOWN);
	/* Block 40 is of two nodes as well, but only one has a zone there. */
	check(z, BLOCK(40), 1, ZONE_MOVABLE);
	check(z, UINT64_MAX, -1, ZONE_UNKNOWN);
	zones_free(z);
}

static void spans_alone(void **state)
{
	struct zones *z = machine("no-blocks");

	(void)state;
	check(z, 0, -1, ZONE_UNKNOWN);
	check(z, 1, 0, ZONE_DMA);
	check(z, 0xfff, 0, ZONE_DMA);
	check(z, 0x1000, 0, ZONE_DMA32);
	check(z, 0xfffff, 0, ZONE_DMA32);
	check(z, 0x100000, 0, ZONE_NORMAL);
	/* Both nodes' spans. */
	check(z, 0x120000, -1, ZONE_UNKNOWN);
	check(z, 0x13ffff, -1, ZONE_UNKNOWN);
	/* One node, two of its zones. */
	check(z, 0x140000, 1, ZONE_UNKNOWN);
	check(z, 0x150000, 1, ZONE_NORMAL);
	check(z, 0x160000, -1, ZONE_UNKNOWN);
	zones_free(z);
}

static void nothing_is_described(void **state)
{
	struct zones *z = zones_new("", scratch("no-such-directory"));

	(void)state;
	check(z, 0, -1, ZONE_UNKNOWN);
	check(z, 0x100000, -1, ZONE_UNKNOWN);
	zones_free(z);
}

/* --- cgroups --- */

static struct str mountinfo;
static uint64_t seconds = 100;

static uint64_t make(const char *path)
{
	struct stat st;

	if (mkdir(scratch(path), 0777) && errno != EEXIST)
		fail_msg("%s: %s", path, strerror(errno));
	assert_int_equal(stat(scratch(path), &st), 0);
	return st.st_ino;
}

static const char *find(struct cgroups *c, uint64_t inode)
{
	const char *path = cgroups_find(c, inode, seconds * 1000000000);

	return path ? path : "-";
}

/* Two hierarchies of both versions, and another controller's, whose directories look alike. */
static void tell_mounts(const char *memory, const char *root)
{
	str_clear(&mountinfo);
	str_addf(&mountinfo, "22 1 0:20 / / rw - ext4 /dev/root rw\n");
	str_addf(&mountinfo, "32 31 0:29 / %s rw,relatime - cgroup cgroup rw,cpu\n", scratch("cpu"));
	if (memory)
		str_addf(&mountinfo, "35 31 0:32 %s %s rw shared:9 - cgroup cgroup rw,hugetlb,memory\n",
			root, scratch(memory));
	str_addf(&mountinfo, "41 31 0:38 / %s rw - cgroup2 cgroup2 rw,nsdelegate\n", scratch("unified"));
}

static void version_1(void **state)
{
	uint64_t root = make("memory"), a = make("memory/a"), b = make("memory/a/b b"), cpu, late;
	struct cgroups *c;
	const char *kept;
	char *from;

	(void)state;
	make("cpu");
	cpu = make("cpu/x");
	make("unified");
	tell_mounts("memory", "/");
	c = cgroups_new(str_text(&mountinfo),
		"9:name=systemd:/\n4:hugetlb,memory:/a/b b\n1:cpu:/x\n0::/\n");
	/* That of the process is known without a walk, which would find what is made meanwhile. */
	assert_string_equal(find(c, b), "/a/b b");
	late = make("memory/late");
	assert_string_equal(find(c, a), "/a");
	assert_string_equal(find(c, root), "/");
	assert_string_equal(find(c, late), "/late");
	assert_string_equal(find(c, cpu), "-");
	assert_string_equal(find(c, 0), "-");
	/* What was not found is not looked for again at once. */
	late = make("memory/later");
	seconds += 4;
	assert_string_equal(find(c, late), "-");
	assert_string_equal(find(c, a), "/a");
	seconds += 2;
	kept = find(c, late);
	assert_string_equal(kept, "/later");
	/* Renamed: the old path is nobody's, but whoever holds it may read it. */
	from = strdup(scratch("memory/later"));
	assert_int_equal(rename(from, scratch("memory/a/moved")), 0);
	free(from);
	assert_string_equal(find(c, late), "-");
	seconds += 6;
	assert_string_equal(find(c, late), "/a/moved");
	assert_string_equal(kept, "/later");
	cgroups_free(c);
}

/* Whether the tree is walked for that inode, which is not there: then it is not at once walked again
 * for one that is made now. */
static bool is_walked_for(struct cgroups *c, uint64_t inode)
{
	static int made;
	char name[32];

	assert_string_equal(find(c, inode), "-");
	snprintf(name, sizeof(name), "memory/new%d", made++);
	return !strcmp(find(c, make(name)), "-");
}

static void removed(void **state)
{
	uint64_t a = make("memory/a"), wait;
	const uint64_t gone = UINT64_C(1) << 60; /* no file of ours has that */
	struct cgroups *c;

	(void)state;
	tell_mounts("memory", "/");
	c = cgroups_new(str_text(&mountinfo), "4:memory:/a\n");
	assert_true(is_walked_for(c, gone));
	for (wait = 5; wait < 320; wait *= 2) {
		seconds += wait;
		assert_true(is_walked_for(c, gone));
		/* It has to wait twice as long now, from whichever walk. */
		seconds += 2 * wait - 1;
		assert_false(is_walked_for(c, gone));
	}
	seconds += 320;
	assert_true(is_walked_for(c, gone));
	seconds += 320;
	assert_true(is_walked_for(c, gone));
	assert_string_equal(find(c, a), "/a");
	cgroups_free(c);
}

/* Only a part of the hierarchy is mounted, as in a container; the process is outside of it. */
static void a_part_is_mounted(void **state)
{
	uint64_t root = make("part"), inner = make("part/inner"), beside;
	struct cgroups *c;

	(void)state;
	tell_mounts("part", "/docker/0a");
	c = cgroups_new(str_text(&mountinfo), "4:memory:/docker/0a/inner\n");
	assert_string_equal(find(c, inner), "/docker/0a/inner");
	assert_string_equal(find(c, root), "/docker/0a");
	cgroups_free(c);
	make("partb");
	beside = make("partb/inner");
	c = cgroups_new(str_text(&mountinfo), "4:memory:/docker/0ab/inner\n");
	assert_string_equal(find(c, inner), "/docker/0a/inner");
	assert_string_equal(find(c, beside), "-");
	cgroups_free(c);
	tell_mounts("part", "/");
	c = cgroups_new(str_text(&mountinfo), "4:memory:/../part/inner\n");
	assert_string_equal(find(c, inner), "/inner");
	cgroups_free(c);
}

static void version_2(void **state)
{
	uint64_t memory, x = (make("unified"), make("unified/x.slice")), y = make("unified/x.slice/y");
	struct cgroups *c;

	(void)state;
	make("memory");
	memory = make("memory/a");
	tell_mounts(NULL, NULL);
	c = cgroups_new(str_text(&mountinfo), "1:cpu:/x\n0::/x.slice/y\n");
	assert_string_equal(find(c, y), "/x.slice/y");
	assert_string_equal(find(c, x), "/x.slice");
	assert_string_equal(find(c, memory), "-");
	cgroups_free(c);
	/* Version 1 has the controller, but is not mounted: the same inode in version 2 is another. */
	c = cgroups_new(str_text(&mountinfo), "4:memory:/a\n0::/x.slice/y\n");
	assert_string_equal(find(c, x), "-");
	assert_string_equal(find(c, y), "-");
	cgroups_free(c);
	/* Nothing is mounted, or nothing is said. */
	c = cgroups_new("", "0::/x.slice/y\n");
	assert_string_equal(find(c, y), "-");
	cgroups_free(c);
	c = cgroups_new("garbage\n\n1 2 3 - cgroup2\n", "garbage");
	assert_string_equal(find(c, y), "-");
	cgroups_free(c);
}

/* --- this machine --- */

/* The three files as a kernel with 1200 frames has them, the third missing. */
static void batches_of_frames(void **state)
{
	static uint64_t words[2][1200];
	static const char *const files[] = { "proc/kpageflags", "proc/kpagecount" };
	static struct frame f[1300];
	struct kernel kernel = { .page_size = 4096 };
	struct frame_reader r;
	struct kpage *k;
	uint64_t i;
	int file;

	(void)state;
	make("proc");
	for (file = 0; file < 2; file++) {
		FILE *out = fopen(scratch(files[file]), "we");

		for (i = 0; i < 1200; i++)
			words[file][i] = file ? 7 * i : i % 5 ? i << 20 | FRAME_MMAP : 0;
		fwrite(words[file], 8, 1200, out);
		fclose(out);
	}
	k = kpage_open(scratch("proc"), &kernel);
	r = kpage_frames(k);
	assert_int_equal(r.error[FRAME_FILE_FLAGS], 0);
	assert_int_equal(r.error[FRAME_FILE_MAPCOUNT], 0);
	assert_int_equal(r.error[FRAME_FILE_CGROUP], ENOENT);
	r.read(r.ctx, 3, 1300, f);
	for (i = 0; i < 1300; i++) {
		uint64_t pfn = i + 3, flags = pfn < 1200 ? words[0][pfn] : 0;
		bool counted = flags && !(flags & FRAME_NOPAGE);

		/* No flags at all is nothing known, nor is a count where there is no page; so is
		 * what is behind the end of memory. */
		assert_int_equal(f[i].known, (flags ? FRAME_HAS_FLAGS : 0) |
			(counted ? FRAME_HAS_MAPCOUNT : 0));
		assert_int_equal(f[i].flags, flags);
		assert_int_equal(f[i].mapcount, counted ? words[1][pfn] : 0);
		assert_int_equal(f[i].cgroup, 0);
	}
	kpage_close(k);
}

static void a_page_of_our_own(void **state)
{
	struct kernel kernel;
	struct kpage *k;
	struct frame_reader r;
	struct frame f;
	struct err e;
	char *own = read_file("/proc/self/cgroup", NULL), *line;
	uint64_t entry = 0, size = (uint64_t)sysconf(_SC_PAGESIZE);
	char *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	(void)state;
	*m = 1;
	assert_int_equal(kernel_probe(&kernel, &e), 0);
	assert_int_equal(pread(fd, &entry, 8, (off_t)((uintptr_t)m / size * 8)), 8);
	close(fd);
	k = kpage_open("/proc", &kernel);
	r = kpage_frames(k);
	if (!entry_pfn(entry) || r.error[FRAME_FILE_FLAGS] || r.error[FRAME_FILE_CGROUP]) {
		print_message("PFNs and the kpage files are root's\n");
		kpage_close(k);
		free(own);
		skip();
	}
	r.read(r.ctx, entry_pfn(entry), 1, &f);
	assert_true(f.flags & FRAME_ANON);
	assert_false(f.flags & FRAME_KSM);
	assert_int_equal(f.mapcount, 1);
	assert_true(f.node >= 0);
	assert_true(f.zone != ZONE_UNKNOWN);
	/* The cgroup is the one that /proc/self/cgroup names. */
	line = strstr(own, ":memory:") ? strstr(own, ":memory:") + 8 : strstr(own, "0::") + 3;
	line[strcspn(line, "\n")] = '\0';
	if (r.cgroup(r.ctx, f.cgroup))
		assert_string_equal(r.cgroup(r.ctx, f.cgroup), line);
	assert_null(r.cgroup(r.ctx, UINT64_MAX));
	kpage_close(k);
	free(own);
	munmap(m, size);
}

static int end(void **state)
{
	(void)state;
	str_free(&mountinfo);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_two_nodes),
		cmocka_unit_test(spans_alone),
		cmocka_unit_test(nothing_is_described),
		cmocka_unit_test(version_1),
		cmocka_unit_test(removed),
		cmocka_unit_test(a_part_is_mounted),
		cmocka_unit_test(version_2),
		cmocka_unit_test(batches_of_frames),
		cmocka_unit_test(a_page_of_our_own),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
