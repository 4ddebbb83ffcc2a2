/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding what is in a .pmv file, by walking over its zstd frames: only the beginning of each is
 * unpacked, which says what it is. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/newfile.h"
#include "model/moment.h"
#include "source/store_format.h"
#include "source/store_private.h"

/* As much of a frame's beginning as holds the line that says what is in it. */
#define BEGIN 256

const char *store_keep_name(enum store_keep k)
{
	static const char *const names[] = {
#define X(id, name) [KEEP_##id] = name,
		STORE_KEEP_LIST(X)
#undef X
	};

	return names[k];
}

bool store_next_line(const char **at, const char *to, const char **line, size_t *len)
{
	const char *end = *at < to ? memchr(*at, '\n', (size_t)(to - *at)) : NULL;

	if (!end)
		return false;
	*line = *at;
	*len = (size_t)(end - *at);
	*at = end + 1;
	return true;
}

int store_unpack(struct store *s, const struct store_unit *u, const char **from, const char **to)
{
	int r = pack_read(s->fd, &u->packed, 0, s->zstd, &s->text);

	s->damaged |= r == -1;
	if (r)
		return r;
	*from = str_text(&s->text) + u->from;
	*to = str_text(&s->text) + (u->to ? u->to : s->text.len);
	return 0;
}

bool store_base(const struct store *s, size_t i, size_t *base)
{
	if (!i || !s->level[i].depth)
		return false;
	*base = i - 1;
	return true;
}

/* --- the units of a snapshot --- */

static struct store_level *current(struct store *s)
{
	return s->n ? &s->level[s->n - 1] : NULL;
}

static void add_lines(struct store *s, const struct store_unit *u)
{
	s->lines = mem_grow(s->lines, s->n_lines, &s->lines_cap, sizeof(*s->lines));
	s->lines[s->n_lines++] = *u;
	current(s)->n_lines++;
}

/* Entries must come in the order of their addresses: others are not believed. */
static void add_group(struct store *s, const struct store_unit *u)
{
	struct store_level *l = current(s);

	if (l->n_groups && s->group[s->n_groups - 1].end > u->first) {
		s->damaged = l->lost = true;
		return;
	}
	s->group = mem_grow(s->group, s->n_groups, &s->groups_cap, sizeof(*s->group));
	s->group[s->n_groups] = *u;
	s->group[s->n_groups++].whole = !*l->base;
	l->n_groups++;
}

/* Returns 0, or -1 with e set: it is no header of ours. */
static int add_level(struct store *s, const struct store_unit *u, const char *line, size_t len,
	struct err *e)
{
	json_t *j = len <= STORE_MOST_IN_LINE ? json_loadb(line, len, 0, NULL) : NULL;
	struct store_header h;
	struct store_level *l;

	if (store_header_parse(&h, j, s->path, e) < 0 ||
		(s->n == STORE_MOST_SNAPSHOTS &&
			err_set(e, "%s holds more snapshots than pmview reads", s->path) < 0)) {
		store_header_free(&h);
		json_decref(j);
		return -1;
	}
	s->level = mem_grow(s->level, s->n, &s->cap, sizeof(*s->level));
	l = &s->level[s->n++];
	*l = (struct store_level){
		.item = { .time = h.info.time, .totals = h.totals, .page_size = h.info.page_size,
			.keep = h.keep },
		.header = *u,
		.lines = s->n_lines,
		.groups = s->n_groups,
	};
	strcpy(l->time, h.time);
	strcpy(l->base, h.base);
	/* Every STORE_WHOLE_EVERYth is whole: a longer chain is none of ours. */
	if (*l->base && s->n > 1 && !strcmp(l->base, l[-1].time) && l[-1].depth < STORE_WHOLE_EVERY)
		l->depth = l[-1].depth + 1;
	store_header_free(&h);
	json_decref(j);
	return 0;
}

/* --- what a line is --- */

enum line_kind { LINE_OTHER, LINE_HEADER, LINE_GROUP, LINE_PAGES, LINE_END };

/* By how it begins, which is how we write it; a line that others have written in another way is
 * LINE_OTHER, and is parsed with the skeleton. */
static enum line_kind kind_of(const char *line, size_t len)
{
	static const struct {
		const char *begins;
		enum line_kind kind;
	} kinds[] = {
		{ "{\"type\":\"header\"", LINE_HEADER },
		{ "{\"type\":\"group\"", LINE_GROUP },
		{ "{\"type\":\"entries\"", LINE_PAGES },
		{ "{\"type\":\"pageframes\"", LINE_PAGES },
		{ "{\"type\":\"end\"", LINE_END },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (len >= strlen(kinds[i].begins) &&
			!memcmp(line, kinds[i].begins, strlen(kinds[i].begins)))
			return kinds[i].kind;
	return LINE_OTHER;
}

/* Whether a line that names its snapshot names the current one. */
static bool is_of_current(const struct store *s, const json_t *j)
{
	const char *time = json_get_text(j, "time");

	return time && s->n && !strcmp(time, s->level[s->n - 1].time);
}

/* A frame that begins with a group line: the pages in it. False if that is not of the current
 * snapshot, or not valid. */
static bool parse_group(const struct store *s, const char *line, size_t len, struct store_unit *u)
{
	json_t *j = json_loadb(line, len, 0, NULL);
	uint64_t size = s->n ? s->level[s->n - 1].item.page_size : 1;
	bool valid = is_of_current(s, j) && json_get_hex(j, "start", &u->first) &&
		json_get_hex(j, "end", &u->end) && u->first < u->end;

	u->first /= size;
	u->end /= size;
	json_decref(j);
	return valid;
}

/* A frame may hold several kinds of lines, where another program has packed them: each stretch of
 * lines of one kind is a unit. Returns 0, or -1 with e set. */
static int split(struct store *s, const struct packed *p, const char *text, const char *to,
	struct err *e)
{
	const char *at = text, *line, *from = text;
	struct store_unit u = { .packed = *p };
	size_t len;

	while (from < to) {
		enum line_kind kind;
		bool pages;

		if (!store_next_line(&at, to, &line, &len))
			return err_set(e,
				"%s is not a pmview snapshot (a frame does not end with a line)", s->path);
		kind = kind_of(line, len);
		if (kind == LINE_HEADER) {
			u.from = (size_t)(line - text);
			u.to = (size_t)(at - text);
			if (add_level(s, &u, line, len, e) < 0)
				return -1;
			from = at;
			continue;
		}
		if (!s->n)
			return err_set(e, "%s is not a pmview snapshot (it does not begin with a header)",
				s->path);
		pages = kind == LINE_GROUP || kind == LINE_PAGES;
		current(s)->ended |= kind == LINE_END;
		while (at < to) {
			const char *next = at;

			if (!store_next_line(&next, to, &line, &len))
				break; /* the next round says so */
			kind = kind_of(line, len);
			if (kind == LINE_HEADER || pages != (kind == LINE_GROUP || kind == LINE_PAGES))
				break;
			current(s)->ended |= kind == LINE_END;
			at = next;
		}
		u.from = (size_t)(from - text);
		u.to = (size_t)(at - text);
		if (!pages)
			add_lines(s, &u);
		else if (store_group_extent(from, at, current(s)->item.page_size, &u.first, &u.end))
			add_group(s, &u);
		from = at;
	}
	return 0;
}

/* --- walking --- */

/* Take the frame into the index. *sure: nothing was lost since the last header. Returns 0; 1: it is
 * damaged; -1 with e set: this is no snapshot. */
static int add_frame(struct store *s, const struct packed *p, bool *sure, struct err *e)
{
	struct store_unit u = { .packed = *p };
	const char *from, *to, *line;
	enum line_kind kind;
	size_t len;
	json_t *j;
	int r = pack_read(s->fd, p, BEGIN, s->zstd, &s->text);

	if (r)
		return r == -1 ? 1 : err_set(e, "%s unpacks to more than a snapshot can be", s->path);
	if (!s->text.len)
		return 0;
	kind = kind_of(str_text(&s->text), s->text.len);
	from = str_text(&s->text);
	if (kind == LINE_GROUP && store_next_line(&from, from + s->text.len, &line, &len)) {
		if (parse_group(s, line, len, &u))
			add_group(s, &u);
		return 0;
	}
	if (kind == LINE_END && !*sure && store_next_line(&from, from + s->text.len, &line, &len)) {
		j = json_loadb(line, len, 0, NULL);
		if (is_of_current(s, j)) {
			add_lines(s, &u);
			current(s)->ended = true;
		}
		json_decref(j);
		return 0;
	}
	if (s->n && kind == LINE_END)
		current(s)->ended = true;
	if (kind == LINE_OTHER || kind == LINE_END) {
		if (!s->n && *sure)
			return err_set(e, "%s is not a pmview snapshot (it does not begin with a header)",
				s->path);
		if (*sure)
			add_lines(s, &u);
		return 0;
	}
	r = store_unpack(s, &u, &from, &to);
	if (r)
		return r == -1 ? 1 : err_set(e, "%s unpacks to more than a snapshot can be", s->path);
	if (kind == LINE_PAGES && !*sure)
		return 0;
	*sure = true;
	return split(s, p, from, to, e);
}

/* Returns 0, or -1 with e set. */
static int walk(struct store *s, struct err *e)
{
	bool sure = true, cut;
	unsigned damages = 0;
	struct packed p;
	uint64_t at = 0;
	int r;

	while (at < s->size) {
		r = pack_find(s->fd, s->size, at, &p, &cut);
		if (r > 0) {
			r = add_frame(s, &p, &sure, e);
			if (r < 0)
				return -1;
			r = r ? -1 : 0;
		}
		if (r == 0) {
			at += p.size;
			continue;
		}
		/* Damaged or cut: what follows may be whole, but which snapshot it belongs to is sure
		 * only where it says so itself. */
		s->cut |= cut;
		s->damaged |= !cut;
		/* At the end it was the beginning of another snapshot, if the last one has its end. */
		if (s->n && !current(s)->ended)
			current(s)->lost = true;
		else if (cut)
			s->left_out = true;
		sure = false;
		if (++damages == STORE_MOST_DAMAGES)
			break;
		at = pack_seek(s->fd, s->size, at + 1);
	}
	return 0;
}

/* Whether the file begins as a zstd frame does. */
static bool has_magic(const struct store *s)
{
	char magic[4] = "";

	return pread(s->fd, magic, 4, 0) == 4 && !memcmp(magic, STORE_MAGIC, 4);
}

/* Say what is missing. */
static void describe_damage(struct store *s)
{
	size_t i, hurt = 0;

	for (i = 0; i < s->n; i++)
		hurt += !s->level[i].item.whole;
	s->damage[0] = '\0';
	if (s->left_out && !hurt && !s->damaged)
		snprintf(s->damage, sizeof(s->damage),
			"%s is cut off in its last snapshot: the %zu before %s what there is", s->path,
			s->n, s->n == 1 ? "is" : "are");
	else if (s->n == 1 && hurt)
		snprintf(s->damage, sizeof(s->damage),
			"%s is cut or damaged: mappings may be missing, and pages that are missing are unknown",
			s->path);
	else if (hurt || s->damaged || s->cut || s->last_lost)
		snprintf(s->damage, sizeof(s->damage),
			"%s is damaged: what is lost of its %zu snapshot%s is unknown", s->path, s->n,
			s->n == 1 ? "" : "s");
}

const char *store_damage(const struct store *s)
{
	/* More may have shown since. */
	describe_damage((struct store *)s);
	return s->damage[0] ? s->damage : NULL;
}

/* Whether what begins like this may be a snapshot: a wrong pipe is not to be copied to its end. */
static bool begins_well(const char *packed, size_t n)
{
	static const char mark[] = "\"format\":\"" STORE_FORMAT "\"";
	char text[4096];
	ZSTD_inBuffer in = { packed, n, 0 };
	ZSTD_outBuffer out = { text, sizeof(text), 0 };
	ZSTD_DCtx *zstd;
	bool ours;

	if (n < 4 || memcmp(packed, STORE_MAGIC, 4) != 0)
		return !n; /* that it is empty is said later */
	zstd = ZSTD_createDCtx();
	/* Too little for the first block tells nothing. */
	ours = !ZSTD_isError(ZSTD_decompressStream(zstd, &out, &in)) &&
		(!out.pos || memmem(text, out.pos, mark, sizeof(mark) - 1));
	ZSTD_freeDCtx(zstd);
	return ours;
}

/* A pipe cannot be read here and there: it is copied to a file of our own. Returns a descriptor, or -1
 * with e set. */
static int spool(FILE *from, const char *path, struct err *e)
{
	FILE *to = newfile_unnamed(e);
	bool first = true, bad = false;
	uint64_t all = 0;
	char buf[65536];
	size_t n;
	int fd;

	if (!to)
		return -1;
	while (!bad && (n = fread(buf, 1, sizeof(buf), from)) > 0 && !ferror(to)) {
		bad = first && !begins_well(buf, n);
		first = false;
		fwrite(buf, 1, n, to);
		all += n;
		if (!bad && all > STORE_MOST_PIPED) {
			fclose(to);
			return err_set(e, "%s is larger than %llu GiB: save it to a file, and open that", path,
				(unsigned long long)(STORE_MOST_PIPED >> 30));
		}
	}
	if (bad)
		err_set(e, "%s is not a pmview snapshot", path);
	else if (fflush(to) || ferror(to) || ferror(from))
		bad = err_errno(e, "cannot copy the snapshot to a temporary file (TMPDIR says where)");
	fd = bad ? -1 : fcntl(fileno(to), F_DUPFD_CLOEXEC, 3);
	fclose(to);
	return fd < 0 && !bad ? err_errno(e, "cannot open a temporary file") : fd;
}

/* Returns 0, or -1 with e set. */
static int open_file(struct store *s, const char *path, struct err *e)
{
	bool standard = !strcmp(path, "-");
	struct stat st;
	FILE *f;

	s->path = mem_strdup(standard ? "standard input" : path);
	s->fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st))
		return err_errno(e, "cannot open %s", s->path);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return err_errno(e, "cannot read %s", s->path);
	}
	if (!S_ISREG(st.st_mode)) {
		f = fdopen(s->fd, "r");
		if (!f)
			return err_errno(e, "cannot read %s", s->path);
		s->fd = spool(f, s->path, e);
		fclose(f);
		if (s->fd < 0 || fstat(s->fd, &st))
			return -1;
	}
	s->size = (uint64_t)st.st_size;
	return 0;
}

struct store *store_open(const char *path, struct err *e)
{
	struct store *s = mem_zero(1, sizeof(*s));
	size_t i;

	s->zstd = ZSTD_createDCtx();
	if (open_file(s, path, e) < 0 || walk(s, e) < 0) {
		store_close(s);
		return NULL;
	}
	if (!s->n) {
		if (s->size && !has_magic(s))
			err_set(e, "%s is not a pmview snapshot", s->path);
		else
			err_set(e,
				"%s is empty, or cut or damaged before its first mapping: nothing can be had of it",
				s->path);
		store_close(s);
		return NULL;
	}
	for (; s->n > 1 && !s->level[s->n - 1].ended; s->n--)
		s->left_out = true;
	for (i = 0; i < s->n; i++)
		s->level[i].item.whole = s->level[i].ended && !s->level[i].lost;
	return s;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	ZSTD_freeDCtx(s->zstd);
	store_pages_free(s->pages);
	store_header_free(&s->header);
	snapshot_unref(s->last);
	free(s->smaps);
	str_free(&s->text);
	free(s->path);
	free(s->level);
	free(s->lines);
	free(s->group);
	free(s);
}

size_t store_count(const struct store *s)
{
	return s->n;
}

uint64_t store_end(const struct store *s)
{
	const struct store_level *l = &s->level[s->n - 1];
	const struct packed *p = &l->header.packed;

	if (!l->ended)
		return p->at;
	if (l->n_lines)
		p = &s->lines[l->lines + l->n_lines - 1].packed;
	return p->at + p->size;
}

const struct store_item *store_item(const struct store *s, size_t i)
{
	return &s->level[i].item;
}

void store_cancel_by(struct store *s, const atomic_bool *cancel)
{
	s->cancel = cancel;
}

void store_withhold(struct store *s)
{
	s->withhold = true;
}

static struct timespec time_of(const void *ctx, size_t i)
{
	const struct store *s = ctx;

	return s->level[i].item.time;
}

int store_find(const struct store *s, const char *at, size_t *i, struct err *e)
{
	struct moment_wish wish;

	return moment_parse(at, &wish, e) < 0 ? -1 : moment_find(&wish, s->n, time_of, s, i, e);
}

bool store_is_snapshot(const char *path)
{
	struct store s = { .path = (char *)path };
	bool ours = false, cut;
	struct packed p;
	struct stat st;

	s.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (s.fd < 0)
		return false;
	s.zstd = ZSTD_createDCtx();
	if (!fstat(s.fd, &st) && S_ISREG(st.st_mode)) {
		/* The end of the first frame may be missing. */
		if (pack_find(s.fd, (uint64_t)st.st_size, 0, &p, &cut) < 0)
			p.size = (uint64_t)st.st_size;
		ours = !pack_read(s.fd, &p, BEGIN, s.zstd, &s.text) && s.text.len &&
			memmem(s.text.s, s.text.len, "\"format\":\"" STORE_FORMAT "\"",
				sizeof("\"format\":\"" STORE_FORMAT "\"") - 1);
	}
	ZSTD_freeDCtx(s.zstd);
	str_free(&s.text);
	close(s.fd);
	return ours;
}
