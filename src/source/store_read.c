/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading .pmv files, which may come from anywhere: nothing in them is believed before it is
 * checked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "base/utf8.h"
#include "model/describe.h"
#include "source/store.h"
#include "source/store_format.h"

struct reader {
	const char *path;
	bool have_header, ended, complete, gaps;
	struct snapshot_info info; /* texts are in `text` */
	struct str comm, cmdline, host, kernel, boot_id;
	struct vma *vma;
	char **name;
	struct runs_builder *builder;
	uint64_t runs;
	size_t n, vma_cap, name_cap, builder_cap;
};

static void reader_free(struct reader *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		free(r->name[i]);
		runs_builder_free(&r->builder[i]);
	}
	free(r->vma);
	free(r->name);
	free(r->builder);
	str_free(&r->comm);
	str_free(&r->cmdline);
	str_free(&r->host);
	str_free(&r->kernel);
	str_free(&r->boot_id);
}

static void raw_text(struct str *out, const json_t *j, const char *key)
{
	const char *s = json_get_text(j, key);

	if (s)
		utf8_unreadable(out, s, strlen(s));
}

static int read_header(struct reader *r, const json_t *j, struct err *e)
{
	const json_t *process = json_object_get(j, "process"), *known = json_object_get(j, "known"),
		     *arg;
	const char *format = json_get_text(j, "format"), *engine = json_get_text(j, "engine");
	const char *time = json_get_text(j, "time");
	uint64_t version, pid, page_size, pmd = 0;
	size_t i;

	if (!format || strcmp(format, STORE_FORMAT) != 0)
		return err_set(e, "%s is not a pmview snapshot", r->path);
	if (!json_get_u64(j, "version", &version) || version != STORE_VERSION)
		return err_set(e, "%s is of another version than this pmview reads (%d)", r->path,
			STORE_VERSION);
	if (!json_get_u64(process, "pid", &pid) || pid > INT32_MAX ||
		!json_get_u64(j, "page_size", &page_size) || page_size < 512 ||
		page_size > (1 << 20) || page_size & (page_size - 1) || !engine || !time ||
		!units_parse_time(time, &r->info.time) || !known)
		return err_set(e, "the header of %s is not valid", r->path);
	if (describe_parse_known(known, &r->info.known, e) < 0)
		return -1;
	r->info.pid = (pid_t)pid;
	r->info.page_size = (uint32_t)page_size;
	if (json_get_u64(j, "pmd_size", &pmd) && pmd <= UINT32_MAX && pmd % page_size == 0)
		r->info.pmd_size = (uint32_t)pmd;
	r->info.engine = strcmp(engine, "read") ? ENGINE_SCAN : ENGINE_READ;
	json_get_u64(process, "start_time", &r->info.start_time);
	json_get_u64(j, "max_map_count", &r->info.max_map_count);
	json_get_u64(j, "scan_ns", &r->info.scan_ns);
	json_get_u64(j, "longest_call_ns", &r->info.longest_call_ns);
	raw_text(&r->comm, process, "comm");
	raw_text(&r->host, j, "host");
	raw_text(&r->kernel, j, "kernel");
	raw_text(&r->boot_id, j, "boot_id");
	json_array_foreach(json_object_get(process, "cmdline"), i, arg) {
		if (json_is_string(arg))
			utf8_unreadable(
				&r->cmdline, json_string_value(arg), json_string_length(arg));
		str_addc(&r->cmdline, '\0');
	}
	r->have_header = true;
	return 0;
}

static int read_vma(struct reader *r, const json_t *j, struct err *e)
{
	if (r->n == STORE_MOST_VMAS)
		return err_set(e, "%s claims more mappings than a process can have", r->path);
	r->vma = mem_grow(r->vma, r->n, &r->vma_cap, sizeof(*r->vma));
	r->name = mem_grow(r->name, r->n, &r->name_cap, sizeof(*r->name));
	r->builder = mem_grow(r->builder, r->n, &r->builder_cap, sizeof(*r->builder));
	if (describe_parse_vma(j, r->info.page_size, &r->vma[r->n], &r->name[r->n], e) < 0)
		return -1;
	r->builder[r->n] = (struct runs_builder){ 0 };
	r->n++;
	if (r->n > 1 && r->vma[r->n - 1].start < r->vma[r->n - 2].end)
		return err_set(e, "the mappings in %s are not in order", r->path);
	return 0;
}

static int bad_runs(const struct reader *r, uint64_t vma, struct err *e)
{
	return err_set(e, "the runs of mapping %llu in %s are not valid", (unsigned long long)vma,
		r->path);
}

static int read_runs(struct reader *r, const json_t *j, struct err *e)
{
	const char *s = json_get_text(j, "runs");
	uint64_t vma = 0, first, pages, all;
	struct runs_builder *b;

	if (!json_get_u64(j, "vma", &vma) || vma >= r->n || !json_get_u64(j, "first", &first) || !s)
		return bad_runs(r, vma, e);
	b = &r->builder[vma];
	all = (r->vma[vma].end - r->vma[vma].start) / r->info.page_size;
	if (first < b->pages || first > all)
		return bad_runs(r, vma, e);
	/* A line that was lost before this one: what it said is unknown. */
	r->gaps |= first > b->pages;
	runs_builder_add(b, first - b->pages, PAGE_UNKNOWN, false);
	while (*s) {
		enum page_state state = page_state_of_letter(*s);
		char *end;

		if (state == PAGE_STATES || s[1] < '0' || s[1] > '9')
			return bad_runs(r, vma, e);
		errno = 0;
		pages = strtoull(s + 1, &end, 10);
		if (errno || !pages || pages > all - b->pages)
			return bad_runs(r, vma, e);
		runs_builder_add(b, pages, state, *end == 'h');
		if (++r->runs > STORE_MOST_RUNS)
			return err_set(e, "%s holds more runs than pmview reads", r->path);
		s = end + (*end == 'h');
		if (*s == ' ')
			s++;
		else if (*s)
			return bad_runs(r, vma, e);
	}
	return 0;
}

static int read_end(struct reader *r, const json_t *j, struct err *e)
{
	uint64_t vmas;

	if (!json_get_u64(j, "vmas", &vmas) || !json_get_bool(j, "complete", &r->complete))
		return err_set(e, "the last line of %s is not valid", r->path);
	r->ended = true;
	if (vmas != r->n)
		r->complete = false;
	return 0;
}

static int read_line(struct reader *r, const char *line, size_t len, struct err *e)
{
	const char *type;
	int result = 0;
	json_t *j;

	if (len > STORE_MOST_IN_LINE)
		return err_set(e, "%s has a line longer than any of a snapshot", r->path);
	j = json_loadb(line, len, 0, NULL);
	type = json_get_text(j, "type");

	if (!type)
		result = err_set(e,
			"%s is not a pmview snapshot (a line of it is no JSON object with a type)",
			r->path);
	else if (!strcmp(type, "header") && r->have_header)
		result = err_set(e, "%s holds more than one snapshot", r->path);
	else if (!strcmp(type, "header"))
		result = read_header(r, j, e);
	else if (!r->have_header)
		result = err_set(e, "%s is not a pmview snapshot (it does not begin with a header)",
			r->path);
	else if (!strcmp(type, "vma"))
		result = read_vma(r, j, e);
	else if (!strcmp(type, "runs"))
		result = read_runs(r, j, e);
	else if (!strcmp(type, "end"))
		result = read_end(r, j, e);
	json_decref(j);
	return result;
}

static int read_frame(struct reader *r, const struct str *text, struct err *e)
{
	const char *line = str_text(text), *last = line + text->len, *end;

	for (; line < last; line = end + 1) {
		end = memchr(line, '\n', (size_t)(last - line));
		if (!end)
			return err_set(e,
				"%s is not a pmview snapshot (a frame does not end with a line)",
				r->path);
		if (read_line(r, line, (size_t)(end - line), e) < 0)
			return -1;
	}
	return 0;
}

/* Decompress and read frame by frame. A frame counts only when its checksum was seen: what a cut or
 * damaged one holds is left out. Returns 0 at the end or at the damage, -1 with e set. */
static int read_frames(struct reader *r, FILE *f, ZSTD_DCtx *zstd, struct err *e)
{
	static char in_buf[128 * 1024], out_buf[128 * 1024];
	struct str text = { 0 };
	uint64_t all = 0;
	size_t n, left = 0;
	int result = 0;

	while (!result && (n = fread(in_buf, 1, sizeof(in_buf), f)) > 0) {
		ZSTD_inBuffer in = { in_buf, n, 0 };

		if (!all && !left && !r->have_header && !text.len &&
			(n < 4 || memcmp(in_buf, STORE_MAGIC, 4) != 0)) {
			result = err_set(e, "%s is not a pmview snapshot", r->path);
			break;
		}
		while (in.pos < in.size && !result) {
			ZSTD_outBuffer out = { out_buf, sizeof(out_buf), 0 };

			left = ZSTD_decompressStream(zstd, &out, &in);
			if (ZSTD_isError(left)) {
				if (!r->have_header)
					result = err_set(e, "%s is damaged: %s", r->path,
						ZSTD_getErrorName(left));
				str_free(&text);
				return result;
			}
			str_addn(&text, out_buf, out.pos);
			all += out.pos;
			if (text.len > STORE_MOST_IN_FRAME || all > STORE_MOST_BYTES)
				result = err_set(
					e, "%s unpacks to more than a snapshot can be", r->path);
			if (!left && !result) {
				result = read_frame(r, &text, e);
				str_clear(&text);
			}
		}
	}
	if (!result && ferror(f))
		result = err_errno(e, "cannot read %s", r->path);
	str_free(&text);
	return result;
}

static struct snapshot *make_snapshot(struct reader *r)
{
	struct snapshot_builder *b;
	size_t i;

	r->info.comm = str_text(&r->comm);
	r->info.cmdline = str_text(&r->cmdline);
	r->info.cmdline_len = r->cmdline.len;
	r->info.host = str_text(&r->host);
	r->info.kernel = str_text(&r->kernel);
	r->info.swap = swap_layout_of(r->info.kernel);
	r->info.boot_id = str_text(&r->boot_id);
	r->info.complete = r->ended && r->complete && !r->gaps;
	b = snapshot_builder_new(&r->info);
	snapshot_builder_expect(b, r->n);
	for (i = 0; i < r->n; i++) {
		const struct vma *v = &r->vma[i];
		uint64_t missing = (v->end - v->start) / r->info.page_size - r->builder[i].pages;

		if (missing)
			snapshot_builder_info(b)->complete = false;
		runs_builder_add(&r->builder[i], missing, PAGE_UNKNOWN, false);
		snapshot_builder_add(b, v, runs_builder_finish(&r->builder[i]));
	}
	return snapshot_builder_finish(b);
}

bool store_is_snapshot(const char *path)
{
	size_t room = ZSTD_DStreamInSize();
	char *packed = mem_alloc(room), *text = mem_alloc(ZSTD_DStreamOutSize());
	ZSTD_inBuffer in = { packed, 0, 0 };
	ZSTD_outBuffer out = { text, ZSTD_DStreamOutSize(), 0 };
	FILE *f = fopen(path, "re");
	ZSTD_DCtx *zstd;
	static const char mark[] = "\"format\":\"" STORE_FORMAT "\"";
	bool ours = false;

	/* The first block is enough, of which there must be all. */
	if (f) {
		in.size = fread(packed, 1, room, f);
		fclose(f);
		zstd = ZSTD_createDCtx();
		ours = !ZSTD_isError(ZSTD_decompressStream(zstd, &out, &in)) &&
			memmem(text, out.pos, mark, sizeof(mark) - 1);
		ZSTD_freeDCtx(zstd);
	}
	free(packed);
	free(text);
	return ours;
}

struct snapshot *store_read_last(const char *path, struct err *e)
{
	bool standard = !strcmp(path, "-");
	FILE *f = standard ? stdin : fopen(path, "re");
	struct reader r = { .path = standard ? "standard input" : path };
	struct snapshot *s = NULL;
	ZSTD_DCtx *zstd;
	int result;

	if (!f) {
		err_errno(e, "cannot open %s", path);
		return NULL;
	}
	zstd = ZSTD_createDCtx();
	result = read_frames(&r, f, zstd, e);
	if (!result && !r.have_header)
		result = err_set(e,
			"%s is empty or cut off before its first mapping: nothing can be had of it",
			r.path);
	if (!result)
		s = make_snapshot(&r);
	ZSTD_freeDCtx(zstd);
	if (!standard)
		fclose(f);
	reader_free(&r);
	return s;
}

struct store {
	struct snapshot *snapshot;
	struct store_item item;
};

const char *store_keep_name(enum store_keep k)
{
	static const char *const names[] = {
#define X(id, name) [KEEP_##id] = name,
		STORE_KEEP_LIST(X)
#undef X
	};

	return names[k];
}

struct store *store_open(const char *path, struct err *e)
{
	struct snapshot *snapshot = store_read_last(path, e);
	struct store *s;

	if (!snapshot)
		return NULL;
	s = mem_zero(1, sizeof(*s));
	s->snapshot = snapshot;
	s->item.time = snapshot_info(snapshot)->time;
	s->item.totals = *snapshot_totals(snapshot);
	s->item.page_size = snapshot_info(snapshot)->page_size;
	s->item.whole = snapshot_info(snapshot)->complete;
	return s;
}

void store_close(struct store *s)
{
	if (s)
		snapshot_unref(s->snapshot);
	free(s);
}

size_t store_count(const struct store *s)
{
	(void)s;
	return 1;
}

const struct store_item *store_item(const struct store *s, size_t i)
{
	(void)i;
	return &s->item;
}

const char *store_damage(const struct store *s)
{
	return s->item.whole ? NULL : "it is cut or damaged: mappings may be missing, and pages that are missing are unknown";
}

int store_find(const struct store *s, const char *at, size_t *i, struct err *e)
{
	(void)s;
	if (strcmp(at, "1"))
		return err_set(e, "there is no snapshot %s", at);
	*i = 0;
	return 0;
}

struct snapshot *store_read(struct store *s, size_t i, struct err *e)
{
	(void)i, (void)e;
	return snapshot_ref(s->snapshot);
}

struct entry_reader store_entries(struct store *s)
{
	(void)s;
	return (struct entry_reader){ 0 };
}

struct frame_reader store_frames(struct store *s)
{
	(void)s;
	return (struct frame_reader){ 0 };
}
