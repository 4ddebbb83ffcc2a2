/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who else maps a page. The oracles are who made the pages, and pagemap and kpagecount, read here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "e2e/lists.h"
#include "e2e/target.h"
#include "helpers.h"
#include "model/frame.h"
#include "source/job.h"
#include "source/owners.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

static size_t page_size;

/* --- the oracles ----------------------------------------------------------------------------- */

static uint64_t word_of(const char *path, uint64_t index)
{
	uint64_t word = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (pread(fd, &word, 8, (off_t)(index * 8)) != 8)
			word = 0;
		close(fd);
	}
	return word;
}

static uint64_t entry_of(pid_t pid, const void *address)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	return word_of(path, (uintptr_t)address / page_size);
}

static uint64_t mapcount_of(uint64_t pfn)
{
	return word_of("/proc/kpagecount", pfn);
}

/* Whether PFNs are told here; else the test is skipped. */
static void need_pfns(void)
{
	volatile char own = 1;

	if (entry_of(getpid(), (const void *)&own) & ENTRY_PFN_MASK)
		return;
	print_message("PFNs are hidden from this user\n");
	skip();
}

/* --- processes ------------------------------------------------------------------------------- */

#define CHILDREN_MOST 16
static pid_t child[CHILDREN_MOST];
static size_t children;
/* What children tell: addresses, and that they are ready. */
static struct {
	atomic_int ready;
	char *address[CHILDREN_MOST];
	pid_t grandchild;
} *told;

static bool all_ready(void *ctx)
{
	(void)ctx;
	return atomic_load(&told->ready) == (int)children;
}

/* A child that does body(its number), then waits. */
static pid_t start(void (*body)(size_t i))
{
	size_t i = children;
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (body)
			body(i);
		atomic_fetch_add(&told->ready, 1);
		for (;;)
			pause();
	}
	child[children++] = pid;
	assert_true(wait_until(all_ready, NULL));
	return pid;
}

static int setup(void **state)
{
	(void)state;
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	children = 0;
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return told == MAP_FAILED ? -1 : 0;
}

static void end_child(size_t i)
{
	kill(child[i], SIGKILL);
	waitpid(child[i], NULL, 0);
	child[i] = 0;
}

static int teardown(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < children; i++)
		if (child[i])
			end_child(i);
	munmap(told, sizeof(*told));
	return 0;
}

static char *map_pages(size_t n, int flags)
{
	char *p = mmap(NULL, n * page_size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	madvise(p, n * page_size, MADV_NOHUGEPAGE);
	return p;
}

/* Private pages of this process, written, with none in use for a while before and behind; its
 * children inherit them. */
static char *page;

static void make_page(void)
{
	page = map_pages(130, MAP_PRIVATE) + 64 * page_size;
	memset(page, 'p', 2 * page_size);
}

static void write_page(size_t i)
{
	(void)i;
	*(volatile char *)page = 'w';
}

/* --- the answer ------------------------------------------------------------------------------ */

struct place {
	pid_t pid;
	const void *address;
};

/* Run pmview with --who and these arguments. */
static struct result who(const char *what, pid_t pid, const char *proc)
{
	const char *argv[] = { pmview_path(), "-J", "--who", what, "--proc", proc ? proc : "/proc", NULL,
		NULL };
	char target[16];

	snprintf(target, sizeof(target), "%d", (int)pid);
	if (pid)
		argv[6] = target;
	return run_program(argv);
}

/* The answer, which must come with this exit status; WHOLE_MACHINE: what there is no count of is
 * complete if all processes of this machine may be looked at. */
#define WHOLE_MACHINE (-1)
static json_t *ask_below(const char *proc, pid_t pid, const void *address, int status)
{
	char what[32];
	struct result r;
	json_t *j;

	snprintf(what, sizeof(what), "%" PRIxPTR, (uintptr_t)address);
	r = who(what, pid, proc);
	assert_string_equal(r.err, "");
	j = lists_parse(r.out);
	free(r.err);
	if (status == WHOLE_MACHINE)
		status = lists_number(j, "denied") ? 3 : 0;
	assert_int_equal(r.status, status);
	assert_string_equal(lists_text(j, "format"), "pmview-who");
	assert_int_equal(lists_number(j, "version"), 1);
	assert_int_equal(json_is_true(json_object_get(j, "complete")), status == 0);
	return j;
}

static json_t *ask(pid_t pid, const void *address)
{
	return ask_below(NULL, pid, address, 0);
}

static json_t *ask_number(uint64_t pfn)
{
	struct result r;
	char what[32];

	snprintf(what, sizeof(what), "pfn:0x%" PRIx64, pfn);
	r = who(what, 0, NULL);
	assert_int_equal(r.status, 0);
	free(r.err);
	return lists_parse(r.out);
}

static const json_t *owner_at(const json_t *j, const struct place *p)
{
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(j, "owners"), i, o)
		if (lists_number(o, "pid") == p->pid &&
			lists_address(o, "address") == (uintptr_t)p->address)
			return o;
	return NULL;
}

/* That the owners are these and no others. The answer is kept. */
static void check_owners(const json_t *j, const struct place *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!owner_at(j, &p[i]))
			fail_msg("%d at %p is not among the owners", (int)p[i].pid, p[i].address);
	assert_int_equal(json_array_size(json_object_get(j, "owners")), n);
}

/* A page frame with these owners, each a page table of its own. */
static void check_frame(pid_t pid, const void *address, const struct place *p, size_t n)
{
	uint64_t pfn = entry_of(pid, address) & ENTRY_PFN_MASK;
	json_t *j;
	size_t i;

	for (i = 0; i < n; i++)
		assert_int_equal(entry_of(p[i].pid, p[i].address) & ENTRY_PFN_MASK, pfn);
	assert_int_equal(mapcount_of(pfn), n);
	j = ask(pid, address);
	check_owners(j, p, n);
	assert_string_equal(lists_text(j, "what"), "frame");
	assert_int_equal(lists_number(j, "pfn"), pfn);
	assert_int_equal(lists_number(j, "mapcount"), n);
	assert_int_equal(lists_number(j, "found"), n);
	assert_string_equal(lists_text(j, "search"), "all_found");
	for (i = 0; i < n; i++) {
		const json_t *o = owner_at(j, &p[i]);

		assert_string_equal(lists_text(o, "entry_state"), "present");
		assert_int_equal(json_is_true(json_object_get(o, "asked")),
			p[i].pid == pid && p[i].address == address);
		assert_true(lists_address(o, "start") <= (uintptr_t)p[i].address);
		assert_true(lists_address(o, "end") > (uintptr_t)p[i].address);
	}
	json_decref(j);
}

/* --- private pages --------------------------------------------------------------------------- */

static void forked(void **state)
{
	json_t *j;

	(void)state;
	need_pfns();
	make_page();
	start(NULL);
	start(write_page);
	start(NULL);
	start(write_page);
	check_frame(getpid(), page, (struct place[]){ { getpid(), page }, { child[0], page },
		{ child[2], page } }, 3);
	check_frame(child[0], page, (struct place[]){ { getpid(), page }, { child[0], page },
		{ child[2], page } }, 3);
	check_frame(child[1], page, (struct place[]){ { child[1], page } }, 1);
	/* Nobody wrote the other one. */
	check_frame(child[3], page + page_size, (struct place[]){ { getpid(), page + page_size },
		{ child[0], page + page_size }, { child[1], page + page_size },
		{ child[2], page + page_size }, { child[3], page + page_size } }, 5);
	/* None but relatives had to be looked at. */
	j = ask(child[2], page);
	assert_true(lists_number(j, "processes") <= 5);
	json_decref(j);
	munmap(page, 2 * page_size);
}

static void move_page(size_t i)
{
	char *to = map_pages(5, MAP_PRIVATE);

	told->address[i] = mremap(page, page_size, page_size, MREMAP_MAYMOVE | MREMAP_FIXED,
		to + 2 * page_size);
}

static void moved(void **state)
{
	(void)state;
	need_pfns();
	make_page();
	start(move_page);
	start(NULL);
	assert_ptr_not_equal(told->address[0], page);
	check_frame(getpid(), page, (struct place[]){ { getpid(), page },
		{ child[0], told->address[0] }, { child[1], page } }, 3);
	munmap(page, 2 * page_size);
}

/* The child's child, which outlives it. */
static void orphan(size_t i)
{
	pid_t pid = fork();

	while (!pid)
		pause();
	told->grandchild = pid;
	(void)i;
}

static bool has_no_parent(void *ctx)
{
	char path[64], *text, *at;
	int ppid = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", *(pid_t *)ctx);
	text = read_file(path, NULL);
	at = text ? strrchr(text, ')') : NULL;
	if (at)
		sscanf(at, ") %*c %d", &ppid);
	free(text);
	return at && ppid != child[0];
}

static void orphaned(void **state)
{
	pid_t pid;

	(void)state;
	need_pfns();
	make_page();
	start(orphan);
	pid = told->grandchild;
	kill(child[0], SIGKILL);
	assert_true(wait_until(has_no_parent, &pid));
	end_child(0);
	check_frame(getpid(), page, (struct place[]){ { getpid(), page }, { pid, page } }, 2);
	kill(pid, SIGKILL);
	munmap(page, 2 * page_size);
}

_Noreturn static int sits(void *ctx)
{
	(void)ctx;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

/* A process that shares all memory, as after vfork(2): one page table. */
static void shared_memory(void **state)
{
	static char stack[65536];
	struct place both[2];
	json_t *j;

	(void)state;
	need_pfns();
	make_page();
	child[children++] = clone(sits, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	assert_true(child[0] > 0);
	both[0] = (struct place){ getpid(), page };
	both[1] = (struct place){ child[0], page };
	assert_int_equal(mapcount_of(entry_of(getpid(), page) & ENTRY_PFN_MASK), 1);
	j = ask(getpid(), page);
	check_owners(j, both, 2);
	assert_int_equal(lists_number(j, "found"), 1);
	assert_int_equal(lists_number(j, "mapcount"), 1);
	assert_int_equal(lists_number(owner_at(j, &both[0]), "same_memory_as"), -1);
	assert_int_equal(lists_number(owner_at(j, &both[1]), "same_memory_as"), getpid());
	json_decref(j);
	munmap(page, 2 * page_size);
}

#define KSM_PAGES 6
static bool merged(void *ctx)
{
	uint64_t first = entry_of(child[0], told->address[0]);
	size_t i;

	(void)ctx;
	for (i = 1; i < KSM_PAGES; i++)
		if ((entry_of(child[0], told->address[0] + i * page_size) ^ first) & ENTRY_PFN_MASK)
			return false;
	return first & ENTRY_PFN_MASK;
}

static void make_mergeable(size_t i)
{
	told->address[i] = map_pages(KSM_PAGES, MAP_PRIVATE);
	memset(told->address[i], 0x6b, KSM_PAGES * page_size);
	memcpy(told->address[i], "who maps this", 13);
	for (i = 1; i < KSM_PAGES; i++)
		memcpy(told->address[0] + i * page_size, told->address[0], page_size);
	madvise(told->address[0], KSM_PAGES * page_size, MADV_MERGEABLE);
}

static void same_page_merging(void **state)
{
	char *run = read_file("/sys/kernel/mm/ksm/run", NULL);
	struct place p[KSM_PAGES];
	bool runs = run && *run == '1';
	size_t i;

	(void)state;
	free(run);
	need_pfns();
	if (!runs) {
		print_message("KSM does not run\n");
		skip();
	}
	start(make_mergeable);
	assert_true(wait_until(merged, NULL));
	for (i = 0; i < KSM_PAGES; i++)
		p[i] = (struct place){ child[0], told->address[0] + i * page_size };
	check_frame(child[0], p[3].address, p, KSM_PAGES);
}

/* --- files and shared memory ------------------------------------------------------------------ */

static int object;

/* Each child maps the object elsewhere; the third twice, from other offsets. */
static void map_object(size_t i)
{
	char *p, *q;

	p = mmap(map_pages(64, MAP_PRIVATE) + 9 * i * page_size, 8 * page_size, PROT_READ,
		MAP_SHARED | MAP_FIXED, object, 0);
	told->address[i] = p + 5 * page_size;
	(void)*(volatile char *)told->address[i];
	if (i != 2)
		return;
	q = mmap(NULL, 4 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, object,
		(off_t)(3 * page_size));
	told->address[3] = q + 2 * page_size;
	(void)*(volatile char *)told->address[3];
	/* Its own copy of another page of it. */
	*q = 'c';
}

static void map_private(size_t i)
{
	told->address[i] = mmap(NULL, page_size, PROT_READ, MAP_PRIVATE, object,
		(off_t)(7 * page_size));
	(void)*(volatile char *)told->address[i];
}

static void check_object(const char *kind)
{
	struct place p[4];
	json_t *j;
	size_t i;

	for (i = 0; i < 3; i++) {
		start(map_object);
		p[i] = (struct place){ child[i], told->address[i] };
	}
	p[3] = (struct place){ child[2], told->address[3] };
	assert_ptr_not_equal(p[0].address, p[1].address);
	check_frame(child[1], told->address[1], p, 4);
	check_frame(child[2], told->address[3], p, 4);
	check_frame(child[2], told->address[3] - 2 * page_size,
		(struct place[]){ { child[2], told->address[3] - 2 * page_size } }, 1);
	j = ask(child[0], told->address[0]);
	assert_string_equal(lists_text(owner_at(j, &p[0]), "kind"), kind);
	assert_string_equal(lists_text(owner_at(j, &p[3]), "perms"), "rw-p");
	json_decref(j);
	j = ask_number(entry_of(child[0], told->address[0]) & ENTRY_PFN_MASK);
	check_owners(j, p, 4);
	json_decref(j);
	close(object);
}

/* Asked by number, it has to be sought in private mappings too. */
static void check_private(void)
{
	struct place p;
	json_t *j;

	start(map_private);
	p = (struct place){ child[0], told->address[0] };
	j = ask_number(entry_of(child[0], told->address[0]) & ENTRY_PFN_MASK);
	check_owners(j, &p, 1);
	json_decref(j);
	end_child(0);
	children = 0;
	atomic_store(&told->ready, 0);
}

static void file(void **state)
{
	char text[256];
	size_t i;

	(void)state;
	need_pfns();
	/* /tmp can be a tmpfs: then it is shared memory, and so the other test. */
	snprintf(text, sizeof(text), "/var/tmp/pmview-who-%d", (int)getpid());
	object = open(text, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(object >= 0);
	unlink(text);
	for (i = 0; i < 8; i++)
		assert_int_equal(pwrite(object, "file", 4, (off_t)(i * page_size)), 4);
	check_private();
	check_object("file");
}

static void shared_object(void **state)
{
	(void)state;
	need_pfns();
	object = memfd_create("who", MFD_CLOEXEC);
	assert_int_equal(ftruncate(object, (off_t)(8 * page_size)), 0);
	assert_int_equal(pwrite(object, "data", 4, (off_t)(5 * page_size)), 4);
	check_object("shmem");
}

/* --- swap ------------------------------------------------------------------------------------ */

static bool need_swap(void)
{
	char *text = read_file("/proc/swaps", NULL), *second = text ? strchr(text, '\n') : NULL;
	bool on = second && second[1];

	free(text);
	if (!on)
		print_message("no swap area is active\n");
	return on;
}

static bool is_swapped(void *ctx)
{
	madvise(ctx, page_size, MADV_PAGEOUT);
	return (entry_of(getpid(), ctx) & (ENTRY_SWAP | ENTRY_PRESENT)) == ENTRY_SWAP;
}

static void slot(void **state)
{
	struct place p[3];
	json_t *j;
	size_t i;

	(void)state;
	need_pfns();
	if (!need_swap())
		skip();
	make_page();
	assert_true(wait_until(is_swapped, page));
	start(NULL);
	start(write_page);
	start(move_page);
	p[0] = (struct place){ getpid(), page };
	p[1] = (struct place){ child[0], page };
	p[2] = (struct place){ child[2], told->address[2] };
	for (i = 0; i < 3; i++)
		assert_int_equal(entry_of(p[i].pid, p[i].address), entry_of(getpid(), page));
	j = ask_below(NULL, child[0], page, WHOLE_MACHINE);
	check_owners(j, p, 3);
	assert_string_equal(lists_text(j, "what"), "swap");
	assert_int_equal(lists_number(j, "swap_offset"),
		(entry_of(getpid(), page) & ENTRY_PFN_MASK) >> 5);
	assert_int_equal(lists_number(j, "mapcount"), -1);
	assert_string_equal(lists_text(j, "search"), "exhausted");
	assert_string_equal(lists_text(owner_at(j, &p[2]), "entry_state"), "swap");
	json_decref(j);
	munmap(page, 2 * page_size);
}

static void map_object_untouched(size_t i)
{
	told->address[i] = mmap(NULL, 8 * page_size, PROT_READ | PROT_WRITE, MAP_SHARED, object, 0);
}

static bool is_swapped_shared(void *ctx)
{
	struct stat st;

	madvise(ctx, page_size, MADV_PAGEOUT);
	/* Swapped pages of a memfd stay allocated; that it left the page table says the rest. */
	return !fstat(object, &st) && !entry_of(getpid(), ctx);
}

static void shared_in_swap(void **state)
{
	struct place p[3];
	char *own;
	json_t *j;

	(void)state;
	need_pfns();
	if (!need_swap())
		skip();
	object = memfd_create("who", MFD_CLOEXEC);
	assert_int_equal(ftruncate(object, (off_t)(8 * page_size)), 0);
	start(map_object_untouched);
	start(map_object_untouched);
	own = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, object, (off_t)(2 * page_size));
	*own = 's';
	assert_true(wait_until(is_swapped_shared, own));
	p[0] = (struct place){ getpid(), own };
	p[1] = (struct place){ child[0], told->address[0] + 2 * page_size };
	p[2] = (struct place){ child[1], told->address[1] + 2 * page_size };
	j = ask_below(NULL, child[1], p[2].address, WHOLE_MACHINE);
	check_owners(j, p, 3);
	assert_string_equal(lists_text(j, "what"), "object");
	assert_string_equal(lists_text(j, "object_page"), "swapped");
	assert_int_equal(lists_number(j, "mapcount"), -1);
	assert_string_equal(lists_text(owner_at(j, &p[0]), "entry_state"), "none");
	json_decref(j);
	munmap(own, page_size);
	close(object);
}

/* --- nothing to be found ---------------------------------------------------------------------- */

static void check_text(const char *what, pid_t pid, uid_t uid, int status, const char *said)
{
	char target[16];
	const char *argv[] = { pmview_path(), "-w", what, pid ? target : NULL, NULL };
	struct result r;

	snprintf(target, sizeof(target), "%d", (int)pid);
	r = run_program_as(uid, argv);
	assert_int_equal(r.status, status);
	if (!strstr(status == 2 ? r.err : r.out, said))
		fail_msg("'%s' is not said in: %s%s", said, r.out, r.err);
	result_free(&r);
}

static void zero_page(void **state)
{
	char *p = map_pages(1, MAP_PRIVATE), what[32];

	(void)state;
	need_pfns();
	(void)*(volatile char *)p;
	snprintf(what, sizeof(what), "%" PRIxPTR, (uintptr_t)p);
	check_text(what, getpid(), 0, 0, "the shared zero page");
	snprintf(what, sizeof(what), "pfn:%" PRIu64, entry_of(getpid(), p) & ENTRY_PFN_MASK);
	check_text(what, 0, 0, 0, "the shared zero page");
	munmap(p, page_size);
}

/* A frame below 4 GiB of which kpageflags says 0, as it does of holes, and kpagecount too; the last of
 * many, which no use of memory changes. 0: there is none. */
static uint64_t hole(void)
{
	int flags = open("/proc/kpageflags", O_RDONLY), count = open("/proc/kpagecount", O_RDONLY);
	uint64_t word[512], n[512], pfn, found = 0;

	for (pfn = 0; !found && pfn < (UINT64_C(1) << 32) / page_size; pfn += 512) {
		bool empty = pread(flags, word, sizeof(word), (off_t)(pfn * 8)) == sizeof(word) &&
			pread(count, n, sizeof(n), (off_t)(pfn * 8)) == sizeof(n);
		size_t i;

		for (i = 0; empty && i < 512; i++)
			empty = !word[i] && !n[i];
		if (empty)
			found = pfn + 511;
	}
	close(flags);
	close(count);
	return found;
}

static void no_page(void **state)
{
	char *p = map_pages(2, MAP_PRIVATE), what[32];
	uint64_t pfn;

	(void)state;
	need_pfns();
	snprintf(what, sizeof(what), "0x%" PRIxPTR, (uintptr_t)p);
	check_text(what, getpid(), 0, 2, "has no page at");
	munmap(p, 2 * page_size);
	check_text(what, getpid(), 0, 2, "maps nothing at");
	check_text("pfn:0x7fffffffffffff", 0, 0, 2, "no page frame");
	pfn = hole();
	if (pfn) {
		snprintf(what, sizeof(what), "pfn:%" PRIu64, pfn);
		check_text(what, 0, 0, 2, "tells nothing of it");
	}
	check_text("pfn:x", 0, 0, 2, "--who=pfn:x");
	check_text("1000", 0, 0, 2, "which process?");
	check_text("pfn:1", getpid(), 0, 2, "needs no process");
	/* The kernel's own, which nobody maps. */
	for (pfn = 1; pfn < 65536; pfn++)
		if (word_of("/proc/kpageflags", pfn) == FRAME_RESERVED && !mapcount_of(pfn))
			break;
	snprintf(what, sizeof(what), "pfn:%" PRIu64, pfn);
	check_text(what, 0, 0, 0, "0 of 0 mappings found");
}

static void hidden(void **state)
{
	char what[32];

	(void)state;
	make_page();
	snprintf(what, sizeof(what), "%" PRIxPTR, (uintptr_t)page);
	if (geteuid()) {
		check_text(what, getpid(), 0, 2, "CAP_SYS_ADMIN");
	} else {
		check_text(what, getpid(), RUN_WITHOUT_SYS_ADMIN, 2, "CAP_SYS_ADMIN");
		check_text(what, getpid(), 65534, 2, "CAP_SYS_ADMIN");
	}
	munmap(page, 2 * page_size);
}

/* --- by number, and where not all can be seen -------------------------------------------------- */

static void by_number(void **state)
{
	struct place p[3];
	json_t *j;

	(void)state;
	need_pfns();
	make_page();
	start(NULL);
	start(move_page);
	p[0] = (struct place){ getpid(), page };
	p[1] = (struct place){ child[0], page };
	p[2] = (struct place){ child[1], told->address[1] };
	j = ask_number(entry_of(getpid(), page) & ENTRY_PFN_MASK);
	check_owners(j, p, 3);
	assert_int_equal(lists_number(j, "mapcount"), 3);
	assert_int_equal(lists_number(j, "pid"), -1);
	assert_true(json_is_false(json_object_get(owner_at(j, &p[0]), "asked")));
	json_decref(j);
	munmap(page, 2 * page_size);
}

static void link_to(const char *dir, const char *name)
{
	char from[64], to[600];

	snprintf(from, sizeof(from), "/proc/%s", name);
	snprintf(to, sizeof(to), "%s/%s", dir, name);
	assert_int_equal(symlink(from, to), 0);
}

static void link_to_pid(const char *dir, pid_t pid)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", (int)pid);
	link_to(dir, name);
}

/* A /proc that shows two processes of three, then without the count. */
static void another_procfs(void **state)
{
	char dir[512], path[600];
	struct place p[2];
	json_t *j;

	(void)state;
	need_pfns();
	make_page();
	start(NULL);
	start(NULL);
	snprintf(dir, sizeof(dir), "%s", scratch("proc"));
	assert_int_equal(mkdir(dir, 0755), 0);
	link_to(dir, "self");
	link_to(dir, "kpageflags");
	link_to(dir, "kpagecount");
	link_to_pid(dir, child[0]);
	link_to_pid(dir, child[1]);
	p[0] = (struct place){ child[0], page };
	p[1] = (struct place){ child[1], page };
	j = ask_below(dir, child[0], page, 3);
	check_owners(j, p, 2);
	assert_int_equal(lists_number(j, "mapcount"), 3);
	assert_int_equal(lists_number(j, "found"), 2);
	assert_int_equal(lists_number(j, "processes"), 2);
	assert_string_equal(lists_text(j, "search"), "exhausted");
	json_decref(j);
	snprintf(path, sizeof(path), "%s/kpagecount", dir);
	unlink(path);
	j = ask_below(dir, child[0], page, 0);
	check_owners(j, p, 2);
	assert_int_equal(lists_number(j, "mapcount"), -1);
	json_decref(j);
	munmap(page, 2 * page_size);
}

static void become_nobody(size_t i)
{
	(void)i;
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		_exit(1);
	prctl(PR_SET_DUMPABLE, 1);
}

/* Without the capabilities to read others' files, root may not look at nobody's process. */
static void denied(void **state)
{
	char what[32], target[16];
	const char *argv[] = { "setpriv", "--inh-caps=-dac_override,-dac_read_search",
		"--bounding-set=-dac_override,-dac_read_search", pmview_path(), "-w", what, target,
		NULL };
	struct result r;

	(void)state;
	need_pfns();
	make_page();
	start(NULL);
	start(become_nobody);
	snprintf(what, sizeof(what), "%" PRIxPTR, (uintptr_t)page);
	snprintf(target, sizeof(target), "%d", (int)child[0]);
	r = run_program(argv);
	if (r.status == 127) {
		print_message("setpriv is not installed\n");
		skip();
	}
	if (strncmp(r.out, "2 found, kpagecount says 3; ", 28) || !strstr(r.out, "(no permission)"))
		fail_msg("this was said: %s%s", r.out, r.err);
	assert_int_equal(r.status, 3);
	result_free(&r);
	munmap(page, 2 * page_size);
}

/* --- while it searches ------------------------------------------------------------------------ */

static pid_t killed;

static void kill_first(void *ctx, const struct owners *so_far)
{
	(void)ctx;
	if (killed)
		return;
	assert_int_equal(so_far->end, OWNERS_SEARCHING);
	assert_int_equal(so_far->n, 1);
	killed = so_far->owner[0].pid;
	assert_int_equal(killed, child[0]);
	end_child(0);
}

/* One that was found ends: it is not among those that are told in the end. */
static void ends_meanwhile(void **state)
{
	struct owners_query q = { .proc = "/proc" };
	struct owners o;
	struct err e;

	(void)state;
	need_pfns();
	make_page();
	start(NULL);
	start(NULL);
	start(NULL);
	q.pfn = entry_of(getpid(), page) & ENTRY_PFN_MASK;
	/* So that a child is the first to be found. */
	munmap(page, 2 * page_size);
	killed = 0;
	assert_int_equal(owners_find(&q, NULL, kill_first, NULL, &o, &e), 0);
	assert_int_equal(killed != 0, 1);
	assert_int_equal(owners_found(&o), 2);
	assert_int_equal(o.owner[0].pid, child[1]);
	assert_int_equal(o.owner[1].pid, child[2]);
	assert_int_equal(o.count, 2);
	assert_int_equal(o.end, OWNERS_ALL_FOUND);
	owners_free(&o);
	/* The very one that is asked about: then there is nobody to ask. */
	q.pid = child[1];
	q.address = (uintptr_t)page;
	killed = 0;
	child[0] = child[1];
	child[1] = 0;
	assert_int_equal(owners_find(&q, NULL, kill_first, NULL, &o, &e), -1);
	assert_int_equal(e.code, ESRCH);
}

static void fork_once(void *ctx, const struct owners *so_far)
{
	(void)ctx;
	(void)so_far;
	if (children == 1)
		start(NULL);
}

static void begins_meanwhile(void **state)
{
	struct owners_query q = { .proc = "/proc", .pid = getpid() };
	struct owners o;
	struct err e;

	(void)state;
	need_pfns();
	make_page();
	/* One elsewhere, so that the search does not end with the first; the callback starts
	 * another. */
	q.address = (uintptr_t)page;
	start(move_page);
	assert_int_equal(owners_find(&q, NULL, fork_once, NULL, &o, &e), 0);
	assert_int_equal(owners_found(&o), 3);
	assert_int_equal(o.count, 3);
	assert_true(owners_has(&o, o.n, child[1], (uintptr_t)page));
	owners_free(&o);
	munmap(page, 2 * page_size);
}

static int search_for(void *ctx, struct job_control *c, struct err *e)
{
	struct owners_query q = { .proc = "/proc", .pid = getpid(), .address = (uintptr_t)page };

	return owners_find(&q, c, NULL, NULL, ctx, e);
}

#define BULK (UINT64_C(192) << 20)

static void hold_bulk(size_t i)
{
	char *p = map_pages(BULK / page_size, MAP_PRIVATE);

	(void)i;
	memset(p, 1, BULK);
}

/* Cancelled at any time, it ends within 10 ms; the best of five tries, because the machine has
 * other things to do. */
static void cancelled(void **state)
{
	uint64_t after, began, took, best;
	unsigned cancels = 0, i;
	struct owners o;
	struct job *j;
	struct err e;

	(void)state;
	need_pfns();
	make_page();
	start(hold_bulk);
	start(move_page);
	for (after = 0; after < 12; after += 2) {
		for (i = 0, best = UINT64_MAX; i < 5; i++) {
			began = units_now_ns();
			j = job_start(search_for, &o);
			while (units_now_ns() - began < after * 1000000)
				;
			began = units_now_ns();
			job_cancel(j);
			if (job_finish(j, &e) < 0) {
				assert_int_equal(e.code, ECANCELED);
				o = (struct owners){ .end = OWNERS_CANCELLED };
			}
			took = units_now_ns() - began;
			best = took < best ? took : best;
			cancels += o.end == OWNERS_CANCELLED;
			assert_true(o.end == OWNERS_CANCELLED || owners_found(&o) == 3);
			owners_free(&o);
		}
		assert_true(best < 10000000);
	}
	assert_true(cancels);
	munmap(page, 2 * page_size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(forked),
		TEST(moved),
		TEST(orphaned),
		TEST(shared_memory),
		TEST(same_page_merging),
		TEST(file),
		TEST(shared_object),
		TEST(slot),
		TEST(shared_in_swap),
		TEST(zero_page),
		TEST(no_page),
		TEST(hidden),
		TEST(by_number),
		TEST(another_procfs),
		TEST(denied),
		TEST(ends_meanwhile),
		TEST(begins_meanwhile),
		TEST(cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
