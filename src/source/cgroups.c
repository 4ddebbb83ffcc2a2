/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/cgroups.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

/* How long a walk is believed; one that did not find what it was for, each time twice as long, up to
 * some minutes: pages stay charged to cgroups that were removed. */
#define WALK_AGAIN_NS UINT64_C(5000000000)
#define WALK_MOST_NS  (WALK_AGAIN_NS * 64)

struct cgroup {
	uint64_t inode;    /* 0: it is not there any more, but somebody may hold the path */
	char *path;        /* in the hierarchy; NULL: it was not found */
	size_t number;     /* of the walk that met it */
	uint64_t again_at; /* not found: when to look for it again, and how long that was */
	uint64_t wait_ns;
};

struct cgroups {
	char *mount;     /* directory; NULL: not mounted */
	char *root;      /* the path in the hierarchy of what is mounted there */
	struct cgroup *known; /* in order of inode, but while it is walked */
	size_t n, cap;
	size_t walks;
	uint64_t walked_at;
};

/* The next blank-separated word of a line; the words of mountinfo have no blanks. */
static size_t word(const char **at, const char *end)
{
	size_t len;

	while (*at < end && **at == ' ')
		++*at;
	len = 0;
	while (*at + len < end && (*at)[len] != ' ')
		len++;
	return len;
}

static char *copy_path(const char *s, size_t len)
{
	struct str t = { 0 };

	str_add_path(&t, s, len);
	return str_take(&t);
}

/* Whether word w is one of those that commas separate in s[0..len). */
static bool has_word(const char *s, size_t len, const char *w)
{
	size_t i, n = strlen(w), part;

	for (i = 0; i < len; i += part + 1) {
		const char *comma = memchr(s + i, ',', len - i);

		part = comma ? (size_t)(comma - (s + i)) : len - i;
		if (part == n && !memcmp(s + i, w, n))
			return true;
	}
	return false;
}

/* "36 35 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory": keep where it is, if it is the
 * hierarchy that is looked for. */
static void parse_mount(struct cgroups *c, const char *line, const char *end, bool version1)
{
	const char *at = line, *root, *mount, *type = memmem(line, (size_t)(end - line), " - ", 3);
	size_t len, root_len, mount_len;
	int i;

	if (!type)
		return;
	for (i = 0; i < 3; i++)
		at += word(&at, end);
	root_len = word(&at, end);
	root = at;
	at += root_len;
	mount_len = word(&at, end);
	mount = at;
	at = type + 3;
	len = word(&at, end);
	if (version1 ? len != 6 || memcmp(at, "cgroup", 6) : len != 7 || memcmp(at, "cgroup2", 7))
		return;
	at += len;
	at += word(&at, end); /* the source */
	len = word(&at, end);
	if (!root_len || !mount_len || (version1 && !has_word(at, len, "memory")))
		return;
	c->root = copy_path(root, root_len);
	c->mount = copy_path(mount, mount_len);
}

/* The path behind "4:memory:", or behind "0::" in version 2, in the text of a process's cgroup
 * file. NULL: it has no such line. *len: up to the end of the line. */
static const char *own_path(const char *text, bool version1, size_t *len)
{
	const char *line, *end, *first, *second;

	for (line = text; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		first = memchr(line, ':', (size_t)(end - line));
		second = first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;
		if (!second)
			continue;
		*len = (size_t)(end - second - 1);
		if (version1 ? has_word(first + 1, (size_t)(second - first - 1), "memory")
			     : second == first + 1)
			return second + 1;
	}
	return NULL;
}

void cgroups_own(struct str *path, const char *own)
{
	const char *at;
	size_t len;

	at = own_path(own, true, &len);
	if (!at)
		at = own_path(own, false, &len);
	if (at)
		str_addn(path, at, len);
}

static void remember(struct cgroups *c, uint64_t inode, const char *path)
{
	c->known = mem_grow(c->known, c->n, &c->cap, sizeof(*c->known));
	c->known[c->n++] = (struct cgroup){ .inode = inode, .path = path ? mem_strdup(path) : NULL,
		.number = c->walks, .wait_ns = WALK_AGAIN_NS };
}

static int by_inode(const void *a, const void *b)
{
	const struct cgroup *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

/* Of those with one inode: one that was found before one that was not, and the one met first, whose
 * path somebody may hold. */
static int in_order(const void *a, const void *b)
{
	const struct cgroup *x = a, *y = b;
	int order = by_inode(a, b);

	if (!order)
		order = !x->path - !y->path;
	return order ? order : (x->number > y->number) - (x->number < y->number);
}

static void sort(struct cgroups *c)
{
	size_t i, kept = 0;

	if (c->n)
		qsort(c->known, c->n, sizeof(*c->known), in_order);
	for (i = 0; i < c->n; i++) {
		if (kept && c->known[i].inode && c->known[kept - 1].inode == c->known[i].inode)
			free(c->known[i].path);
		else
			c->known[kept++] = c->known[i];
	}
	c->n = kept;
}

static struct cgroup *known(const struct cgroups *c, uint64_t inode)
{
	struct cgroup key = { .inode = inode };

	return c->n ? bsearch(&key, c->known, c->n, sizeof(*c->known), by_inode) : NULL;
}

/* The directory of a path in the hierarchy. False: it lies outside of what is mounted. */
static bool directory_of(const struct cgroups *c, const char *path, struct str *dir)
{
	size_t len = strcmp(c->root, "/") ? strlen(c->root) : 0;

	/* One outside of our cgroup namespace is "/../x". */
	if (strncmp(path, c->root, len) || (path[len] && path[len] != '/') ||
		!strncmp(path, "/..", 3))
		return false;
	str_clear(dir);
	str_addf(dir, "%s%s", c->mount, path + len);
	return true;
}

/* Whether the directory at that path is this inode's. */
static bool is_at(const struct cgroups *c, const char *path, uint64_t inode)
{
	struct str dir = { 0 };
	struct stat st;
	bool is;

	is = directory_of(c, path, &dir) && !stat(str_text(&dir), &st) && st.st_ino == inode;
	str_free(&dir);
	return is;
}

/* Remember all directories below path, whose descriptor fd is, and which this closes. */
static void walk(struct cgroups *c, int fd, struct str *path)
{
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	size_t len = path->len;

	if (!d && fd >= 0)
		close(fd);
	while (d && (entry = readdir(d))) {
		if (entry->d_type != DT_DIR || !strcmp(entry->d_name, ".") ||
			!strcmp(entry->d_name, ".."))
			continue;
		str_addf(path, "/%s", entry->d_name);
		remember(c, entry->d_ino, str_text(path));
		walk(c,
			openat(dirfd(d), entry->d_name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			path);
		path->len = len;
		path->s[len] = '\0';
	}
	if (d)
		closedir(d);
}

struct cgroups *cgroups_new(const char *mountinfo, const char *own)
{
	struct cgroups *c = mem_zero(1, sizeof(*c));
	const char *line, *end, *path;
	struct str dir = { 0 }, text = { 0 };
	struct stat st;
	size_t len;
	bool version1;

	/* The line is there while the hierarchy is, mounted or not: inodes of the two versions have
	 * nothing to do with each other. */
	version1 = own_path(own, true, &len);
	for (line = mountinfo; *line && !c->mount; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		parse_mount(c, line, end, version1);
	}
	path = own_path(own, version1, &len);
	if (!c->mount || !path)
		return c;
	str_addn(&text, path, len);
	if (directory_of(c, str_text(&text), &dir) && !stat(str_text(&dir), &st))
		remember(c, st.st_ino, str_text(&text));
	str_free(&text);
	str_free(&dir);
	return c;
}

void cgroups_free(struct cgroups *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->n; i++)
		free(c->known[i].path);
	free(c->known);
	free(c->mount);
	free(c->root);
	free(c);
}

static void walk_all(struct cgroups *c)
{
	struct str path = { 0 };
	struct stat st;

	c->walks++;
	if (strcmp(c->root, "/"))
		str_add(&path, c->root);
	if (!stat(c->mount, &st))
		remember(c, st.st_ino, path.len ? str_text(&path) : "/");
	walk(c, open(c->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC), &path);
	str_free(&path);
	sort(c);
}

/* All that were not found before were not found now either. */
static void put_off(struct cgroups *c, uint64_t now_ns)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		struct cgroup *m = &c->known[i];

		if (m->path)
			continue;
		if (m->again_at && now_ns >= m->again_at && m->wait_ns < WALK_MOST_NS)
			m->wait_ns *= 2;
		m->again_at = now_ns + m->wait_ns;
	}
}

const char *cgroups_find(struct cgroups *c, uint64_t inode, uint64_t now_ns)
{
	struct cgroup *found = known(c, inode);

	if (!c->mount || !inode)
		return NULL;
	/* Version 1 lets them be renamed. */
	if (found && found->path && is_at(c, found->path, inode))
		return found->path;
	if ((c->walks && now_ns - c->walked_at < WALK_AGAIN_NS) ||
		(found && !found->path && now_ns < found->again_at))
		return NULL;
	c->walked_at = now_ns;
	if (found && found->path)
		found->inode = 0;
	if (!found || found->path)
		remember(c, inode, NULL);
	walk_all(c);
	put_off(c, now_ns);
	return known(c, inode)->path;
}
