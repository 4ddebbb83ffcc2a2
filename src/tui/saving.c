/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/saving.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/newfile.h"
#include "output/export.h"
#include "source/store.h"
#include "tui/picture.h"
#include "tui/reopen.h"

/* How often progress is shown. */
#define PROGRESS_MS 250

/* What a job has open. */
struct work {
	struct saving *saving;
	struct job_control *control;
	struct live *live;
	struct store *store;
	struct snapshot *snapshot;
	struct entry_reader entries;
	struct frame_reader frames;
};

static bool goes_on(void *ctx)
{
	const struct work *w = ctx;

	return !atomic_load(&w->control->cancel);
}

static bool pages_done(void *ctx, uint64_t done)
{
	struct work *w = ctx;

	atomic_store(&w->control->done, done);
	return goes_on(w);
}

static bool stored(void *ctx, uint64_t done, uint64_t all)
{
	struct work *w = ctx;

	atomic_store(&w->control->all, all);
	return pages_done(w, done);
}

/* Entries are of now: scan anew, so that the pages that go with them are those. */
static int open_live(struct work *w, struct err *e)
{
	const struct snapshot_info *shown = snapshot_info(w->snapshot), *now;
	struct saving *s = w->saving;
	struct snapshot *fresh;
	struct tm tm;

	w->live = live_open(shown->pid, &s->from.options, e);
	fresh = w->live ? live_scan(w->live, NULL, goes_on, w, e) : NULL;
	if (!fresh)
		return -1;
	now = snapshot_info(fresh);
	if (now->start_time != shown->start_time) {
		snapshot_unref(fresh);
		return err_set(e, "process %d has ended, and its number is another one's", (int)shown->pid);
	}
	snapshot_unref(w->snapshot);
	w->snapshot = fresh;
	w->entries = live_entries(w->live);
	if (now->known.pfn)
		w->frames = live_frames(w->live);
	localtime_r(&now->time.tv_sec, &tm);
	strftime(s->anew, sizeof(s->anew), " (scanned anew at %H:%M:%S):", &tm);
	return 0;
}

/* The snapshot that is shown, in its file again. */
static int open_store(struct work *w, struct err *e)
{
	struct snapshot *again;

	w->store = reopen(w->saving->from.file, w->snapshot, &again, e);
	if (!w->store)
		return -1;
	snapshot_unref(w->snapshot);
	w->snapshot = again;
	w->entries = store_entries(w->store);
	if (snapshot_info(again)->known.pfn)
		w->frames = store_frames(w->store);
	return 0;
}

static int write_snapshot(struct work *w, struct err *e)
{
	struct saving *s = w->saving;
	struct store_what what = {
		.keep = s->choice == CHOICE_FULL ? KEEP_FULL : KEEP_ENTRIES,
		.entries = &w->entries,
		.frames = &w->frames,
		.from = w->store,
		.smaps = w->store ? store_smaps(w->store) : NULL,
		.go_on = stored,
		.ctx = w,
	};
	int r;

	if (s->choice == CHOICE_SKELETON)
		return store_write(s->path, w->snapshot, NULL, false, e);
	if (!w->entries.read)
		return err_set(e, "%s", s->from.file
				? "this snapshot keeps no entries"
				: "entries are of now: a past picture has none (F follows the newest)");
	r = store_write(s->path, w->snapshot, &what, false, e);
	s->partial = r > 0;
	return r < 0 ? -1 : 0;
}

static int write_export(struct work *w, struct err *e)
{
	struct saving *s = w->saving;
	const struct page_counts *totals = snapshot_totals(w->snapshot);
	struct svg_style style;
	struct export x = {
		.format = (enum format)choice_format(s->choice),
		.pages = *s->range ? s->range : NULL,
		.ascii = s->from.ascii,
		.entries = w->entries.read ? &w->entries : NULL,
		.frames = w->entries.read && w->frames.read ? &w->frames : NULL,
		.style = &style,
		.go_on = pages_done,
		.ctx = w,
	};
	struct newfile out;
	int r;

	if (picture_style(&style, s->from.theme, e) < 0)
		return -1;
	if (!choice_is_list(s->choice) && !choice_is_mapping(s->choice))
		atomic_store(&w->control->all, snapshot_pages(w->snapshot) - totals->state[PAGE_NONE]);
	/* Entries and PFNs are for who may see them. */
	if (newfile_open(&out, s->path, choice_reads_on(s->choice) ? 0600 : 0666, false, e) < 0)
		return -1;
	r = export_print(out.f, w->snapshot, &x, e);
	if (r < 0) {
		newfile_abandon(&out);
		return -1;
	}
	s->partial = !r;
	return newfile_commit(&out, e);
}

static int work(void *ctx, struct job_control *control, struct err *e)
{
	struct work w = { .saving = ctx, .control = control };
	struct saving *s = ctx;
	int r = 0;

	w.snapshot = snapshot_ref(s->from.snapshot);
	/* Long work for a name that is taken would be in vain. */
	if (!access(s->path, F_OK)) {
		r = err_set(e, "%s exists already", s->path);
		e->code = EEXIST;
	}
	if (!r && choice_reads_on(s->choice) && s->from.file)
		r = open_store(&w, e);
	else if (!r && choice_reads_on(s->choice) && s->from.live)
		r = open_live(&w, e);
	if (!r && choice_is_snapshot(s->choice))
		r = write_snapshot(&w, e);
	else if (!r)
		r = write_export(&w, e);
	snapshot_unref(w.snapshot);
	store_close(w.store);
	live_close(w.live);
	return r;
}

/* The RANGE of pages that a choice stands for; "" for none, or all of a list. */
static void range_of(struct saving *s, const struct view *v)
{
	size_t i = snapshot_find(s->from.snapshot, v->cursor);

	s->range[0] = '\0';
	if (choice_is_mapping(s->choice) && i < snapshot_vmas(s->from.snapshot)) {
		const struct vma *vma = snapshot_vma(s->from.snapshot, i);

		snprintf(s->range, sizeof(s->range), "%" PRIx64 "-%" PRIx64, vma->start, vma->end);
	} else if (!choice_is_snapshot(s->choice) && !choice_is_list(s->choice)) {
		snprintf(s->range, sizeof(s->range), "all");
	}
}

void saving_start(struct saving *s, const struct saving_from *from, struct view *v)
{
	if (s->job) {
		snprintf(v->message, sizeof(v->message), "still writing %.*s", VIEW_TEXT - 32,
			s->path);
		return;
	}
	if (!strcmp(v->prompt, "-")) {
		snprintf(v->message, sizeof(v->message), "the screen is no place for it: name a file");
		return;
	}
	*s = (struct saving){ .from = *from, .choice = v->choice };
	snprintf(s->path, sizeof(s->path), "%s", v->prompt);
	range_of(s, v);
	s->from.options.freeze = false; /* that is for scans alone */
	snapshot_ref(s->from.snapshot);
	s->job = job_start(work, s);
	if (s->job)
		return;
	snapshot_unref(s->from.snapshot);
	snprintf(v->message, sizeof(v->message), "cannot save: no thread can be started");
}

void saving_cancel(struct saving *s)
{
	if (s->job)
		job_cancel(s->job);
}

int saving_fd(const struct saving *s)
{
	return s->job ? job_fd(s->job) : -1;
}

int saving_patience(const struct saving *s)
{
	return s->job ? PROGRESS_MS : -1;
}

/* Returns what the job did, e as well. */
static int finish(struct saving *s, char *message, size_t size, struct err *e)
{
	int r = job_finish(s->job, e), len = (int)strlen(s->path), most = VIEW_TEXT - 96;
	const char *path = len > most ? s->path + len - most : s->path;

	/* What matters comes first: a path may be long. */
	if (r < 0 && e->code == EEXIST)
		snprintf(message, size, "exists already: e again, with another name: " MESSAGE_PATH "%.*s", most,
			path);
	else if (r < 0 && e->code == ECANCELED)
		snprintf(message, size, "given up: nothing is written");
	else if (r < 0)
		snprintf(message, size, "%.*s", VIEW_TEXT - 1, e->text);
	else if (s->partial)
		snprintf(message, size, "saved in part (the process ended meanwhile): " MESSAGE_PATH "%.*s",
			most, path);
	else
		snprintf(message, size, "saved%s " MESSAGE_PATH "%.*s", s->anew, most, path);
	s->job = NULL;
	snapshot_unref(s->from.snapshot);
	return r;
}

void saving_tell(struct saving *s, struct view *v, struct scene *scene)
{
	uint64_t done, all;
	struct err e;

	if (s->job && job_is_done(s->job) && finish(s, v->message, sizeof(v->message), &e) >= 0)
		v->unsaved[0] = '\0';
	scene->exporting = NULL;
	if (!s->job)
		return;
	job_progress(s->job, &done, &all);
	if (all)
		snprintf(s->progress, sizeof(s->progress), "writing %" PRIu64 " %%   Esc gives it up",
			done < all ? (uint64_t)((double)done * 100 / (double)all) : 99);
	else if (done)
		snprintf(s->progress, sizeof(s->progress), "writing, %" PRIu64 " pages so far   Esc gives it up",
			done);
	else
		snprintf(s->progress, sizeof(s->progress), "writing   Esc gives it up");
	scene->exporting = s->progress;
}

int saving_end(struct saving *s, int signals, bool hurry, struct err *e)
{
	char message[VIEW_TEXT];
	int r;

	if (!s->job)
		return 0;
	if (hurry && choice_reads_on(s->choice))
		job_cancel(s->job);
	while (!job_is_done(s->job)) {
		struct pollfd p[2] = { { job_fd(s->job), POLLIN, 0 }, { signals, POLLIN, 0 } };

		/* The job is told of by what is published, too: look again. */
		if (poll(p, 2, PROGRESS_MS) > 0 && p[1].revents) {
			job_cancel(s->job);
			break;
		}
	}
	r = finish(s, message, sizeof(message), e);
	if (r < 0 && e->code == ECANCELED) {
		err_set(e, "given up: %s is not written", s->path);
		e->code = ECANCELED;
	}
	return r;
}
