/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "helpers.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <linux/capability.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"

struct snapshot_info info_for_tests(void)
{
	return (struct snapshot_info){
		.pid = 4242,
		.start_time = 1000,
		.comm = "test",
		.cmdline = "test\0--run\0",
		.cmdline_len = 11,
		.host = "host",
		.kernel = "6.18.0",
		.boot_id = "00000000-0000-0000-0000-000000000000",
		.time = { .tv_sec = 1780000000, .tv_nsec = 123000000 },
		.page_size = 4096,
		.pmd_size = 2 << 20,
		.swap = swap_layout_of("6.18.0"),
		.engine = ENGINE_SCAN,
		.known = { true, true, true, true, true, true, true },
		.max_map_count = 65530,
		.complete = true,
	};
}

static void add_runs(struct runs_builder *b, const char *text)
{
	while (*text) {
		char *end;
		enum page_state state = page_state_of_letter(*text);
		uint64_t n = strtoull(text + 1, &end, 10);

		if (state == PAGE_STATES || !n) {
			fprintf(stderr, "bad runs in a test: %s\n", text);
			abort();
		}
		runs_builder_add(b, n, state, *end == 'h');
		text = end + (*end == 'h');
		text += strspn(text, " ,");
	}
}

struct runs *runs_of(const char *text)
{
	struct runs_builder b = { 0 };
	struct runs *r;

	add_runs(&b, text);
	r = runs_builder_finish(&b);
	runs_builder_free(&b);
	return r;
}

char *runs_text(const struct runs *r)
{
	struct str s = { 0 };
	size_t i;

	for (i = 0; i < runs_length(r); i++) {
		struct run run = runs_at(r, i);

		str_addf(&s, "%s%c%" PRIu64 "%s", i ? " " : "", page_state_letter(run.state), run.pages,
			run.huge ? "h" : "");
	}
	return str_take(&s);
}

struct snapshot *snapshot_of(const char *text, const struct snapshot_info *info)
{
	struct snapshot_info standard = info_for_tests();
	struct snapshot_builder *b;
	const char *line, *end;
	uint64_t inode = 100;

	info = info ? info : &standard;
	b = snapshot_builder_new(info);
	for (line = text; *line; line = *end ? end + 1 : end) {
		char copy[4096], perms[8], kind[16], name[256];
		struct vma v = { 0 };
		struct runs *r;
		unsigned long long start;
		int at;

		end = strchrnul(line, '\n');
		snprintf(copy, sizeof(copy), "%.*s", (int)(end - line), line);
		if (!copy[strspn(copy, " \t")])
			continue;
		if (sscanf(copy, "%llx %7s %15s %255s %n", &start, perms, kind, name, &at) != 4 ||
			!vma_parse_perms(perms, &v.perms) || vma_kind_of_name(kind) == VMA_KINDS) {
			fprintf(stderr, "bad mapping in a test: %s\n", copy);
			abort();
		}
		r = runs_of(copy + at);
		v.start = start;
		v.end = start + runs_pages(r) * info->page_size;
		v.kind = (uint8_t)vma_kind_of_name(kind);
		v.name = strcmp(name, "-") ? name : "";
		v.page_size = info->page_size;
		if (v.kind != VMA_ANON && v.kind != VMA_HEAP && v.kind != VMA_STACK && v.kind != VMA_SPECIAL)
			v.inode = inode++;
		snapshot_builder_add(b, &v, r);
	}
	return snapshot_builder_finish(b);
}

static uint64_t random_state = 1;

void random_seed(uint64_t seed)
{
	random_state = seed;
}

/* splitmix64 */
uint64_t random_below(uint64_t n)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

const char *pmview_path(void)
{
	const char *path = getenv("PMVIEW");

	return path ? path : "./pmview";
}

/* What root gets by exec is what the bounding set holds, and what is inheritable. */
static int drop_sys_admin(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN) < 0 || syscall(SYS_capget, &head, data) < 0)
		return -1;
	data[0].inheritable &= ~(1u << CAP_SYS_ADMIN);
	return (int)syscall(SYS_capset, &head, data);
}

static int become(uid_t uid)
{
	if (uid == RUN_WITHOUT_SYS_ADMIN)
		return drop_sys_admin();
	return uid && (setgroups(0, NULL) || setgid(uid) || setuid(uid)) ? -1 : 0;
}

static void child(uid_t uid, const char *const argv[], int out, int err)
{
	int null = open("/dev/null", O_RDONLY);

	dup2(null, 0);
	dup2(out, 1);
	dup2(err, 2);
	if (become(uid) < 0)
		_exit(126);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

struct result run_program_as(uid_t uid, const char *const argv[])
{
	size_t out_len;
	uint64_t deadline = units_now_ns() + 60u * 1000000000u;
	struct str text[2] = { 0 };
	struct pollfd p[2];
	int out[2], err[2], status = -1, open_ends = 2, i;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC) || (pid = fork()) < 0) {
		perror("cannot run a program");
		abort();
	}
	if (!pid)
		child(uid, argv, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	p[0] = (struct pollfd){ out[0], POLLIN, 0 };
	p[1] = (struct pollfd){ err[0], POLLIN, 0 };
	while (open_ends && units_now_ns() < deadline) {
		if (poll(p, 2, 1000) <= 0)
			continue;
		for (i = 0; i < 2; i++) {
			char buf[65536];
			ssize_t n;

			if (!p[i].revents)
				continue;
			n = read(p[i].fd, buf, sizeof(buf));
			if (n > 0) {
				str_addn(&text[i], buf, (size_t)n);
			} else {
				close(p[i].fd);
				p[i].fd = -1;
				open_ends--;
			}
		}
	}
	if (open_ends) {
		fprintf(stderr, "%s did not end: it is killed\n", argv[0]);
		kill(pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	out_len = text[0].len;
	return (struct result){
		.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
		.out_len = out_len,
		.out = str_take(&text[0]),
		.err = str_take(&text[1]),
	};
}

struct result run_program(const char *const argv[])
{
	return run_program_as(0, argv);
}

void result_free(struct result *r)
{
	free(r->out);
	free(r->err);
	*r = (struct result){ 0 };
}

static char directory[64];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_scratch(void)
{
	nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *scratch(const char *name)
{
	static char path[512];

	if (!directory[0]) {
		snprintf(directory, sizeof(directory), "/tmp/pmview-test-XXXXXX");
		if (!mkdtemp(directory)) {
			perror("cannot make a directory in /tmp");
			abort();
		}
		atexit(remove_scratch);
	}
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

char *read_file(const char *path, size_t *len)
{
	struct str s = { 0 };
	char buf[65536];
	size_t n;
	FILE *f = fopen(path, "re");

	if (!f)
		return NULL;
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		str_addn(&s, buf, n);
	fclose(f);
	if (len)
		*len = s.len;
	return str_take(&s);
}
