/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/wss.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "base/utf8.h"
#include "source/procfs.h"
#include "source/smaps.h"

/* Measured with Linux 6.18: 41 where nothing else runs, 46 to 110 where other work goes on. */
#define ENTRY_NS 80

uint64_t wss_clear_estimate_ns(const struct snapshot *s)
{
	return smaps_pages(s) * ENTRY_NS;
}

const char *wss_warning(char *text, size_t size, const struct snapshot *s)
{
	const struct snapshot_info *info = snapshot_info(s);
	char clear[UNITS_DURATION_LEN], smaps[UNITS_DURATION_LEN], n[UNITS_COUNT_LEN];
	struct str name = { 0 };

	utf8_readable(&name, info->comm, strnlen(info->comm, 64), 0);
	snprintf(text, size,
		"this clears the referenced bit of every page of %s[%d] (%s pages), so that the kernel may "
		"take other pages from it when memory is short; contents and pagemap stay as they are. "
		"Clearing stalls the process for %s or more, reading smaps afterwards for %s or more",
		str_text(&name), (int)info->pid, units_count(n, smaps_pages(s)),
		units_duration(clear, wss_clear_estimate_ns(s)),
		units_duration(smaps, smaps_estimate_ns(s)));
	str_free(&name);
	return text;
}

static int clear_bits(struct procfs *p, uint64_t *took_ns, struct err *e)
{
	struct str path = { 0 };
	uint64_t began = units_now_ns();
	int fd, r = 0;

	procfs_path(p, "clear_refs", &path);
	fd = openat(p->dir, str_text(&path), O_WRONLY | O_CLOEXEC);
	str_free(&path);
	if (fd < 0 || write(fd, "1", 1) != 1)
		r = err_errno(e, "cannot clear the referenced bits of process %d (clear_refs)",
			(int)p->pid);
	if (fd >= 0)
		close(fd);
	*took_ns = units_now_ns() - began;
	return r;
}

static bool is_cancelled(const struct job_control *c)
{
	return c && atomic_load(&c->cancel);
}

static bool not_cancelled(void *c)
{
	return !is_cancelled(c);
}

#define STEP_NS 10000000

/* How often to see whether the process still lives. */
#define LOOK_NS 200000000

/* Returns 0; 1 if given up; or -1 with e set: it has ended or exec'd. */
static int wait_for(struct live *l, double seconds, struct job_control *c, struct err *e)
{
	uint64_t began = units_now_ns(), all = (uint64_t)(seconds * 1e9), past = 0;
	uint64_t look = LOOK_NS;

	if (c)
		atomic_store(&c->all, all / 1000000);
	while (past < all && !is_cancelled(c)) {
		uint64_t step = all - past < STEP_NS ? all - past : STEP_NS;

		if (past >= look) {
			if (!live_is_same(l, e))
				return -1;
			look = past + LOOK_NS;
		}
		nanosleep(&(struct timespec){ .tv_nsec = (long)step }, NULL);
		past = units_now_ns() - began;
		if (c)
			atomic_store(&c->done, (past < all ? past : all) / 1000000);
	}
	return is_cancelled(c);
}

static int give_up(bool cleared, struct err *e)
{
	err_set(e, "measuring the working set was given up%s",
		cleared ? "; the referenced bits are cleared" : "");
	e->code = ECANCELED;
	return -1;
}

/* Clear, wait and look. p is of the process. */
static int measure(struct procfs *p, struct live *l, const struct snapshot *s, double seconds,
	struct job_control *c, struct wss *w, atomic_bool *cleared, struct err *e)
{
	uint64_t began;
	int r;

	if (is_cancelled(c))
		return give_up(false, e);
	if (!live_is_same(l, e) || clear_bits(p, &w->clear_ns, e) < 0)
		return -1;
	began = units_now_ns();
	if (cleared)
		atomic_store(cleared, true);
	r = wait_for(l, seconds, c, e);
	if (r)
		return r < 0 ? -1 : give_up(true, e);
	/* The newest mappings, which smaps is then matched against. */
	w->snapshot = live_scan(l, NULL, not_cancelled, c, e);
	if (!w->snapshot)
		return e->code == ECANCELED ? give_up(true, e) : -1;
	if (snapshot_info(w->snapshot)->program != snapshot_info(s)->program)
		return err_set(e, "process %d has exec'd meanwhile: it has another memory now",
			(int)p->pid);
	w->waited_ns = units_now_ns() - began;
	w->smaps = smaps_read(p, w->snapshot, c ? &c->cancel : NULL, &w->sums, &w->smaps_ns, e);
	if (!w->smaps)
		return e->code == ECANCELED ? give_up(true, e) : -1;
	w->group = groups_of(w->snapshot);
	return live_is_same(l, e) ? 0 : -1;
}

int wss_measure(const char *proc, struct live *l, const struct snapshot *s, double seconds,
	struct job_control *c, struct wss *w, atomic_bool *cleared, struct err *e)
{
	const struct snapshot_info *info = snapshot_info(s);
	struct procfs p;
	int r;

	*w = (struct wss){ 0 };
	if (cleared)
		atomic_store(cleared, false);
	if (procfs_open_same(&p, proc, info->pid, info->start_time, e) < 0)
		return -1;
	r = measure(&p, l, s, seconds, c, w, cleared, e);
	procfs_close(&p);
	if (r < 0)
		wss_free(w);
	return r;
}
