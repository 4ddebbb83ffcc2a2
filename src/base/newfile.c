/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

/* The unfinished file, for a signal that ends the program; one at a time is enough. */
static char unfinished[4096];

static void clean_up(int sig)
{
	if (unfinished[0])
		unlink(unfinished);
	signal(sig, SIG_DFL);
	raise(sig);
}

/* Where a signal would end the program, have it take the unfinished file along. Programs that take
 * signals in another way (blocked, or handlers of their own) are left alone. */
static void watch(const char *temporary)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	struct sigaction old, sa = { .sa_handler = clean_up };
	size_t i;

	if (strlen(temporary) >= sizeof(unfinished))
		return;
	strcpy(unfinished, temporary);
	for (i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		if (!sigaction(ending[i], NULL, &old) && old.sa_handler == SIG_DFL)
			sigaction(ending[i], &sa, NULL);
}

int newfile_open(struct newfile *n, const char *path, mode_t mode, bool replace, struct err *e)
{
	struct str name = { 0 };
	struct stat st;
	mode_t mask;
	int fd;

	*n = (struct newfile){ .replace = replace };
	if (!strcmp(path, "-")) {
		n->f = stdout;
		return 0;
	}
	/* /dev/null must stay what it is, and a pipe has its reader. */
	if (replace && !stat(path, &st) && !S_ISREG(st.st_mode)) {
		n->f = fopen(path, "we");
		return n->f ? 0 : err_errno(e, "cannot write to %s", path);
	}
	str_addf(&name, "%s.XXXXXX", path);
	n->temporary = str_take(&name);
	fd = mkostemp(n->temporary, O_CLOEXEC);
	if (fd < 0) {
		err_errno(e, "cannot make a file in the directory of %s", path);
		free(n->temporary);
		return -1;
	}
	mask = umask(0);
	umask(mask);
	fchmod(fd, mode & ~mask);
	n->f = fdopen(fd, "w");
	if (!n->f) {
		err_errno(e, "cannot open a stream for %s", path);
		unlink(n->temporary);
		free(n->temporary);
		close(fd);
		return -1;
	}
	n->path = mem_strdup(path);
	watch(n->temporary);
	return 0;
}

FILE *newfile_unnamed(struct err *e)
{
	const char *dir = getenv("TMPDIR");
	struct str name = { 0 };
	FILE *f;
	int fd;

	dir = dir && *dir ? dir : "/tmp";
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) {
		/* Not every file system can do that. */
		str_addf(&name, "%s/pmview.XXXXXX", dir);
		fd = mkostemp(name.s, O_CLOEXEC);
		if (fd >= 0)
			unlink(name.s);
		str_free(&name);
	}
	f = fd < 0 ? NULL : fdopen(fd, "w+");
	if (!f) {
		err_errno(e, "cannot make a temporary file in %s", dir);
		if (fd >= 0)
			close(fd);
	}
	return f;
}

static void release(struct newfile *n)
{
	unfinished[0] = '\0';
	if (n->f != stdout)
		fclose(n->f);
	free(n->path);
	free(n->temporary);
	*n = (struct newfile){ 0 };
}

void newfile_abandon(struct newfile *n)
{
	if (n->temporary)
		unlink(n->temporary);
	release(n);
}

/* Give the new file its name. */
static int move_into_place(const struct newfile *n)
{
	if (n->replace)
		return rename(n->temporary, n->path);
	if (!renameat2(AT_FDCWD, n->temporary, AT_FDCWD, n->path, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL)
		return -1;
	/* A file system that cannot do that; a link does not replace anything either. */
	return link(n->temporary, n->path) ? -1 : unlink(n->temporary);
}

int newfile_commit(struct newfile *n, struct err *e)
{
	int r = 0;

	if (!n->temporary) {
		if (fflush(n->f) || ferror(n->f))
			r = err_errno(e, "cannot write to %s",
				n->f == stdout ? "standard output" : "the output file");
		release(n);
		return r;
	}
	if (fflush(n->f) || ferror(n->f) || fsync(fileno(n->f)))
		r = err_errno(e, "cannot write %s", n->path);
	else if (!move_into_place(n))
		n->temporary[0] = '\0';
	else if (errno != EEXIST)
		r = err_errno(e, "cannot rename the new file to %s", n->path);
	else {
		r = err_set(e, "%s exists already", n->path);
		e->code = EEXIST;
	}
	if (n->temporary[0])
		unlink(n->temporary);
	release(n);
	return r;
}
