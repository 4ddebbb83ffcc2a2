/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing. Reading is in store_read.c. */
#include "source/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/newfile.h"
#include "base/str.h"
#include "model/describe.h"
#include "source/store_format.h"

struct writer {
	FILE *f;
	ZSTD_CCtx *zstd;
	struct str lines; /* of the frame being filled */
	void *packed;
	size_t packed_size;
	bool failed;
};

static void end_frame(struct writer *w)
{
	size_t n;

	if (!w->lines.len)
		return;
	if (ZSTD_compressBound(w->lines.len) > w->packed_size) {
		w->packed_size = ZSTD_compressBound(w->lines.len);
		w->packed = mem_resize(w->packed, w->packed_size, 1);
	}
	n = ZSTD_compress2(w->zstd, w->packed, w->packed_size, w->lines.s, w->lines.len);
	if (ZSTD_isError(n))
		w->failed = true;
	else
		fwrite(w->packed, 1, n, w->f);
	str_clear(&w->lines);
}

static void add_line(struct writer *w, json_t *j)
{
	char *text = json_dumps(j, JSON_LINE);

	json_decref(j);
	str_add(&w->lines, text);
	str_addc(&w->lines, '\n');
	free(text);
	if (w->lines.len >= STORE_FRAME)
		end_frame(w);
}

static json_t *header(const struct snapshot *s)
{
	const struct snapshot_info *i = snapshot_info(s);
	json_t *j = json_object(), *common = describe_header(s, STORE_FORMAT, STORE_VERSION);

	json_object_set_new(j, "type", json_string("header"));
	json_object_update(j, common);
	json_decref(common);
	json_object_set_new(json_object_get(j, "process"), "start_time",
		json_integer((json_int_t)i->start_time));
	json_object_set_new(j, "host", json_readable(i->host, strlen(i->host)));
	json_object_set_new(j, "boot_id", json_readable(i->boot_id, strlen(i->boot_id)));
	json_object_set_new(j, "pmd_size", json_count(i->pmd_size, i->pmd_size));
	json_object_set_new(j, "max_map_count", json_count(i->max_map_count, i->max_map_count));
	json_object_set_new(j, "scan_ns", json_integer((json_int_t)i->scan_ns));
	json_object_set_new(j, "longest_call_ns", json_integer((json_int_t)i->longest_call_ns));
	json_object_set_new(j, "keep", json_string("skeleton"));
	return j;
}

/* "A212 .3 S512h": letter, pages, h for huge. */
static void add_runs(struct writer *w, size_t vma, const struct runs *r, uint64_t *total)
{
	struct str text = { 0 };
	size_t i, n = runs_length(r), in_line = 0;
	uint64_t first = 0;
	json_t *j;

	for (i = 0; i < n; i++) {
		struct run run = runs_at(r, i);

		if (!in_line)
			first = run.first;
		str_addf(&text, "%s%c%" PRIu64 "%s", in_line ? " " : "",
			page_state_letter(run.state), run.pages, run.huge ? "h" : "");
		++*total;
		if (++in_line < STORE_RUNS_PER_LINE && i + 1 < n)
			continue;
		j = json_object();
		json_object_set_new(j, "type", json_string("runs"));
		json_object_set_new(j, "vma", json_integer((json_int_t)vma));
		json_object_set_new(j, "first", json_integer((json_int_t)first));
		json_object_set_new(j, "runs", json_string_nocheck(str_text(&text)));
		add_line(w, j);
		str_clear(&text);
		in_line = 0;
	}
	str_free(&text);
}

static void write_snapshot(struct writer *w, const struct snapshot *s)
{
	uint64_t runs = 0;
	json_t *j;
	size_t i;

	add_line(w, header(s));
	end_frame(w); /* so that it can be read without the rest */
	for (i = 0; i < snapshot_vmas(s); i++) {
		j = describe_vma(s, snapshot_vma(s, i), NO_COUNT);
		json_object_set_new(j, "type", json_string("vma"));
		json_object_del(j, "checkpoint");
		add_line(w, j);
	}
	end_frame(w);
	for (i = 0; i < snapshot_vmas(s); i++)
		add_runs(w, i, snapshot_vma(s, i)->runs, &runs);
	j = json_object();
	end_frame(w); /* a file that lacks its last bytes lacks no more than this line */
	json_object_set_new(j, "type", json_string("end"));
	json_object_set_new(j, "vmas", json_integer((json_int_t)snapshot_vmas(s)));
	json_object_set_new(j, "runs", json_integer((json_int_t)runs));
	json_object_set_new(j, "complete", json_boolean(snapshot_info(s)->complete));
	add_line(w, j);
	end_frame(w);
}

/* Whether the file at path may be replaced: it is a .pmv, and its user said so. */
static int check_place(const char *path, bool replace, struct err *e)
{
	struct stat st;

	if (!strcmp(path, "-"))
		return 0;
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(e, "cannot write %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, "%s exists and is not a regular file; give another name", path);
	if (!store_is_snapshot(path))
		return err_set(e,
			"%s exists and is no pmview snapshot: it is left alone; give another name", path);
	if (replace)
		return 0;
	err_set(e, "%s exists already; --force replaces it", path);
	e->code = EEXIST;
	return -1;
}

int store_write(const char *path, const struct snapshot *s, const struct store_what *what,
	bool replace, struct err *e)
{
	struct writer w = { .zstd = ZSTD_createCCtx() };
	struct newfile n;

	(void)what;
	if (check_place(path, replace, e) < 0 || newfile_open(&n, path, 0600, replace, e) < 0) {
		ZSTD_freeCCtx(w.zstd);
		return -1;
	}
	w.f = n.f;
	ZSTD_CCtx_setParameter(w.zstd, ZSTD_c_checksumFlag, 1);
	write_snapshot(&w, s);
	ZSTD_freeCCtx(w.zstd);
	str_free(&w.lines);
	free(w.packed);
	if (w.failed) {
		newfile_abandon(&n);
		return err_set(e, "cannot compress the snapshot for %s", path);
	}
	return newfile_commit(&n, e);
}
