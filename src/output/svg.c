/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/svg.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/units.h"
#include "base/utf8.h"
#include "output/bands.h"
#include "output/svg_look.h"

/* Where things stand, in pixels. */
enum {
	LEFT = 130,                       /* the grid, behind 16 digits */
	GRID_W = BAND_CELLS * SVG_CELL_W,
	LABEL = LEFT + GRID_W + 12,
	WIDTH = 1280,
	/* Of a name in a label, and of one that more stands behind. */
	LABEL_CHARS = 54,
	PART_CHARS = 24,
	GAP = 4,                          /* between bands */
	MARGIN = 12,
};

/* Pictures much higher than this are not drawn by everything that draws pictures. */
#define ROWS_MOST 2000
/* Rows of a mapping, where there is no other, and where there are. */
#define ROWS_ALONE 400
#define ROWS_AMONG 64
/* Of a name in a tooltip. */
#define NAME_CHARS 200

struct picture {
	const struct svg_options *o;
	struct parts parts;
	uint64_t page_size;
	struct str body;
	uint64_t y, rows;    /* where the next band stands; rows so far */
	bool used[SVG_LOOKS];
	bool grouped, zoomed;
};

/* --- text ------------------------------------------------------------------------------------- */

/* Add text that is clean, as XML. Some characters that a file may hold cannot be in XML at all. */
static void add_xml(struct str *t, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] == '&')
			str_add(t, "&amp;");
		else if (s[i] == '<')
			str_add(t, "&lt;");
		else if (s[i] == '>')
			str_add(t, "&gt;");
		else if (s[i] == '"')
			str_add(t, "&quot;");
		else if (!strncmp(s + i, "\xef\xbf\xbe", 3) || !strncmp(s + i, "\xef\xbf\xbf", 3))
			str_addf(t, "\\xef\\xbf\\x%02x", (unsigned char)s[(i += 2)]);
		else
			str_addc(t, s[i]);
	}
}

/* Add bytes from outside, of which no more than the last `most` characters are shown. */
static void add_name(struct str *t, const char *name, size_t most, bool ascii)
{
	struct str clean = { 0 };
	size_t at, chars = 0;

	utf8_readable(&clean, name, strlen(name), ascii ? UTF8_ASCII : 0);
	for (at = clean.len; at && chars < most; chars++)
		do
			at--;
		while (at && (clean.s[at] & 0xc0) == 0x80);
	if (at)
		str_add(t, "..");
	add_xml(t, str_text(&clean) + at, clean.len - at);
	str_free(&clean);
}

static void add_pages(struct str *t, const struct picture *p, uint64_t pages)
{
	char size[UNITS_SIZE_LEN];

	str_addf(t, "%" PRIu64 " page%s (%s)", pages, pages == 1 ? "" : "s",
		units_size(size, pages * p->page_size));
}

static void add_counts(struct str *t, const struct picture *p, const struct page_counts *c)
{
	const char *comma = "";
	unsigned i, state;

	for (i = 1; i <= PAGE_STATES; i++) {
		state = i % PAGE_STATES; /* what is not there is said last */
		if (!c->state[state])
			continue;
		str_addf(t, "%s%s ", comma, page_state_name((enum page_state)state));
		add_pages(t, p, c->state[state]);
		comma = ", ";
	}
	if (c->huge && c->huge == page_counts_total(c))
		str_add(t, ", huge");
	else if (c->huge)
		str_addf(t, ", %" PRIu64 " of them huge", c->huge);
}

/* --- bands ------------------------------------------------------------------------------------ */

/* A rectangle of cells of equal look that follow each other. */
struct block {
	struct svg_look look;
	uint64_t x, y, w, h;   /* in cells; w 0: none */
	uint64_t first, end;   /* places */
	struct page_counts counts;
};

static void add_block(struct picture *p, const struct band *b, struct block *k, bool folded)
{
	unsigned n = svg_look_number(&k->look);

	if (!k->w)
		return;
	p->used[n] = true;
	str_addf(&p->body,
		"<rect class=\"c%u%s\" x=\"%" PRIu64 "\" y=\"%" PRIu64 "\" width=\"%" PRIu64
		"\" height=\"%" PRIu64 "\"><title>%" PRIx64 "-%" PRIx64 ": ",
		n, folded ? " f" : "", k->x * SVG_CELL_W, k->y * SVG_CELL_H, k->w * SVG_CELL_W, k->h * SVG_CELL_H,
		band_address(b, k->first), band_address_end(b, k->end));
	add_counts(&p->body, p, &k->counts);
	str_add(&p->body, "</title></rect>\n");
	k->w = 0;
}

/* Cells of a row, added to the block before as long as they look the same: to one in the same row,
 * or as a whole row below whole rows. */
static void draw_row(struct picture *p, const struct band *b, const struct band_row *r, uint64_t y,
	struct block *k)
{
	uint64_t first = r->first, end;
	struct block row = { 0 };

	for (; first < r->end; first = end) {
		uint64_t cell = first >> b->zoom;
		struct block now = { .x = cell - r->row * BAND_CELLS, .y = y, .w = 1, .h = 1,
			.first = first };

		end = (cell + 1) << b->zoom < r->end ? (cell + 1) << b->zoom : r->end;
		now.end = end;
		now.counts = band_counts(b, first, end);
		now.look = svg_look_of(&now.counts, band_vma(b, first)->kind == VMA_SHMEM);
		if (row.w && svg_look_number(&row.look) == svg_look_number(&now.look)) {
			row.w++;
			row.end = end;
			page_counts_add(&row.counts, &now.counts);
			continue;
		}
		if (row.w) {
			add_block(p, b, k, false);
			*k = row;
		}
		row = now;
	}
	if (k->w == BAND_CELLS && row.w == BAND_CELLS && k->y + k->h == y &&
		svg_look_number(&k->look) == svg_look_number(&row.look)) {
		k->h++;
		k->end = row.end;
		page_counts_add(&k->counts, &row.counts);
		return;
	}
	add_block(p, b, k, false);
	*k = row;
}

static void draw_fold(struct picture *p, const struct band *b, const struct band_row *r, uint64_t y,
	struct str *captions)
{
	char size[UNITS_SIZE_LEN], count[UNITS_COUNT_LEN];
	struct block k = { .y = y, .w = BAND_CELLS, .h = 1, .first = r->first, .end = r->end };

	k.counts.state[PAGE_NONE] = r->end - r->first;
	k.look = svg_look_of(&k.counts, false);
	add_block(p, b, &k, true);
	str_addf(captions, "<text class=\"f\" x=\"%d\" y=\"%" PRIu64 "\">%s absent (%s rows)</text>\n",
		GRID_W / 2, y * SVG_CELL_H + 9, units_size(size, (r->end - r->first) * p->page_size),
		units_count(count, r->folded));
}

/* Whether a band is all of a mapping, or of several. */
static bool is_whole(const struct picture *p, const struct band *b)
{
	const struct part *part = &p->parts.part[b->from];

	return b->n > 1 || part->pages == snapshot_vma_pages(p->parts.s, snapshot_vma(p->parts.s, part->vma));
}

static void add_label(struct picture *p, const struct band *b, size_t name_chars, struct str *t)
{
	const struct part *part = &p->parts.part[b->from];
	const struct vma *v = snapshot_vma(p->parts.s, part->vma);
	char size[UNITS_SIZE_LEN], perms[5];

	str_addf(t, "%-5s ", units_size(size, (b->end - b->begin) * p->page_size));
	if (b->n > 1) {
		str_addf(t, "%zu mappings", b->n);
		return;
	}
	str_addf(t, "%s ", vma_perms(v, perms));
	add_name(t, *v->name ? v->name : "[anon]", name_chars, p->o->ascii);
	if (v->deleted)
		str_add(t, " (deleted)");
	if (!is_whole(p, b))
		str_addf(t, ", a part of %" PRIx64 "-%" PRIx64, v->start, v->end);
}

static void add_scale(struct picture *p, const struct band *b, struct str *t)
{
	char count[UNITS_COUNT_LEN], size[UNITS_SIZE_LEN];

	str_addf(t, "1 cell = %s pages (%s)", units_count(count, UINT64_C(1) << b->zoom),
		units_size(size, p->page_size << b->zoom));
}

static void draw_labels(struct picture *p, const struct band *b, uint64_t rows)
{
	struct page_counts c = band_counts(b, b->begin, b->end);
	uint64_t rss = page_counts_rss(&c);
	struct str line[2] = { 0 };
	char size[UNITS_SIZE_LEN];
	size_t i;

	add_label(p, b, is_whole(p, b) ? LABEL_CHARS : PART_CHARS, &line[0]);
	str_addf(&line[1], "rss %s", units_size(size, rss * p->page_size));
	if (c.state[PAGE_SWAP])
		str_addf(&line[1], ", swap %s", units_size(size, c.state[PAGE_SWAP] * p->page_size));
	if (b->zoom) {
		str_add(&line[1], ", ");
		add_scale(p, b, &line[1]);
	}
	for (i = 0; i < 2; i++) {
		if (!i || rows > 1)
			str_addf(&p->body, "<text class=\"l\" x=\"%d\" y=\"%d\">%s</text>\n",
				LABEL - LEFT, 9 + (int)i * SVG_CELL_H, str_text(&line[i]));
		str_free(&line[i]);
	}
}

static void draw_band(struct picture *p, const struct band *b)
{
	struct str captions = { 0 }, lines = { 0 };
	struct band_row r = { 0 };
	struct block k = { 0 };
	uint64_t y = 0;

	p->grouped |= b->n > 1;
	p->zoomed |= b->zoom > 0;
	str_addf(&p->body,
		"<g class=\"b\" transform=\"translate(%d %" PRIu64 ")\"><title>%" PRIx64 "-%" PRIx64 " ", LEFT, p->y, band_address(b, b->begin), band_address_end(b, b->end));
	add_label(p, b, NAME_CHARS, &p->body);
	if (b->zoom) {
		str_add(&p->body, ", ");
		add_scale(p, b, &p->body);
	}
	str_add(&p->body, "</title>\n");
	for (; band_row(b, &r) && p->body.len < SVG_MOST; y++) {
		/* The first row says where the mapping begins, the others where they do. */
		uint64_t at = band_address(b, r.first);

		str_addf(&captions, "<text class=\"a\" x=\"-8\" y=\"%" PRIu64 "\">%" PRIx64 "</text>\n",
			y * SVG_CELL_H + 9, at);
		if (r.folded) {
			add_block(p, b, &k, false);
			draw_fold(p, b, &r, y, &captions);
			continue;
		}
		draw_row(p, b, &r, y, &k);
		str_addf(&lines, "M0 %" PRIu64 "h%dv%dH0z", y * SVG_CELL_H, GRID_W, SVG_CELL_H);
	}
	add_block(p, b, &k, false);
	if (lines.len)
		str_addf(&p->body, "<path class=\"g\" d=\"%s\"/>\n", str_text(&lines));
	str_add(&p->body, str_text(&captions));
	draw_labels(p, b, y);
	str_add(&p->body, "</g>\n");
	str_free(&captions);
	str_free(&lines);
	p->rows += y;
	p->y += y * SVG_CELL_H + GAP;
}

/* --- above them ------------------------------------------------------------------------------- */

static void add_what(struct str *t, const struct picture *p)
{
	const struct snapshot_info *info = snapshot_info(p->parts.s);
	char when[UNITS_TIME_LEN];

	add_name(t, info->comm, NAME_CHARS, p->o->ascii);
	str_addf(t, "[%d] on ", (int)info->pid);
	add_name(t, info->host, NAME_CHARS, p->o->ascii);
	str_add(t, ", Linux ");
	add_name(t, info->kernel, NAME_CHARS, p->o->ascii);
	str_addf(t, ", %s", units_time(when, info->time));
}

static void add_line(struct str *t, uint64_t *y, const char *class, const char *text)
{
	*y += 16;
	str_addf(t, "<text class=\"%s\" x=\"%d\" y=\"%" PRIu64 "\">%s</text>\n", class, MARGIN, *y, text);
}

static void add_sums(struct str *t, const struct picture *p)
{
	const struct snapshot_info *info = snapshot_info(p->parts.s);
	const struct page_counts *c = &p->parts.counts;
	char size[UNITS_SIZE_LEN];
	const char *least = info->complete ? "" : "+";

	str_addf(t, "%zu of %zu mappings, %s: ", p->parts.n, snapshot_vmas(p->parts.s),
		units_size(size, p->parts.pages * p->page_size));
	str_addf(t, "rss %s%s", units_size(size, page_counts_rss(c) * p->page_size), least);
	if (snapshot_knows(p->parts.s, PAGE_SWAP))
		str_addf(t, ", swap %s%s", units_size(size, c->state[PAGE_SWAP] * p->page_size), least);
	else
		str_add(t, ", swap ?");
	if (!info->complete)
		str_add(t, "; INCOMPLETE: mappings may be missing, and pages that are missing are unknown");
}

/* A state, or SVG_SHARED, in the legend: a cell of it and how much there is. */
static void add_swatch(struct str *t, struct picture *p, unsigned state, uint64_t *x, uint64_t *y)
{
	struct svg_look l = { .state = state, .mark = SVG_MARKS };
	enum page_state of = state == SVG_SHARED ? PAGE_FILE : (enum page_state)state;
	uint64_t pages = state == SVG_SHARED ? p->parts.shared_file : p->parts.counts.state[state];
	bool known = snapshot_knows(p->parts.s, of);
	char size[UNITS_SIZE_LEN];
	struct str text = { 0 };

	str_addf(&text, "%c %s %s", page_state_letter(of),
		state == SVG_SHARED ? "of it shared memory" : page_state_name(of),
		known ? units_size(size, pages * p->page_size) : "?");
	if (*x + 16 + text.len * 7 > WIDTH - MARGIN) {
		*x = MARGIN;
		*y += 16;
	}
	p->used[svg_look_number(&l)] = true;
	/* In a place of its own, so that textures fall as in cells. */
	str_addf(t,
		"<g transform=\"translate(%" PRIu64 " %" PRIu64 ")\"><title>%s</title>"
		"<path class=\"c%u\" d=\"M0 0h%dv%dH0z\"/><text x=\"14\" y=\"10\">%s</text></g>\n",
		*x, *y + 6, page_state_meaning(of), svg_look_number(&l), SVG_CELL_W - 1, SVG_CELL_H - 1,
		str_text(&text));
	*x += 14 + text.len * 7 + 14;
	str_free(&text);
}

static void add_legend(struct str *t, struct picture *p, uint64_t *y)
{
	static const unsigned order[] = { PAGE_ANON, PAGE_FILE, SVG_SHARED, PAGE_SWAP, PAGE_ZERO, PAGE_GUARD,
		PAGE_NONE, PAGE_MOVING, PAGE_MARKER, PAGE_UNKNOWN };
	uint64_t x = MARGIN;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(*order); i++) {
		bool rare = order[i] == PAGE_MOVING || order[i] == PAGE_MARKER ||
			order[i] == PAGE_UNKNOWN;

		if (order[i] == SVG_SHARED ? p->parts.shared_file
				       : !rare || p->parts.counts.state[order[i]])
			add_swatch(t, p, order[i], &x, y);
	}
	*y += 20;
}

/* What the picture is of, and how to read it. Returns the height. */
static uint64_t add_head(struct str *t, struct picture *p)
{
	struct str text = { 0 };
	uint64_t y = 8;

	add_what(&text, p);
	add_line(t, &y, "t", str_text(&text));
	str_clear(&text);
	add_sums(&text, p);
	add_line(t, &y, "l", str_text(&text));
	str_free(&text);
	add_legend(t, p, &y);
	add_line(t, &y, "n",
		"Rows are aligned to addresses; the first of a mapping says where that begins. Point at cells for "
		"addresses and counts. A line through cells: mapped by a huge entry.");
	if (p->zoomed)
		add_line(t, &y, "n",
			"1 cell = 1 page unless its mapping says otherwise. A cell of several pages has the "
			"colour of the state that most are in, by its share;");
	else
		add_line(t, &y, "n", "1 cell = 1 page.");
	if (p->zoomed)
		add_line(t, &y, "n",
			"a corner in another colour: some are swapped, moving, markers, guards or unknown.");
	if (p->grouped)
		add_line(t, &y, "n",
			"There are too many mappings for a band each: several are one behind the other, "
			"without what is between them.");
	return y + 12;
}

static void add_styles(struct str *t, const struct picture *p)
{
	const struct svg_style *s = p->o->style;
	struct str css = { 0 }, defs = { 0 };
	unsigned i;

	for (i = 0; i < SVG_LOOKS; i++)
		if (p->used[i])
			svg_look_add(&css, &defs, s, i);
	str_addf(t,
		"<style>text{font:11px monospace;fill:#%06x}.t{font-size:15px;font-weight:bold}"
		".n,.a{fill:#%06x}.a{text-anchor:end}text.f{text-anchor:middle}"
		".g{fill:url(#g);pointer-events:none}text.f{pointer-events:none}%s</style>\n",
		s->text, s->faint, str_text(&css));
	str_addf(t,
		"<defs><pattern id=\"g\" width=\"%d\" height=\"%d\" patternUnits=\"userSpaceOnUse\">"
		"<path d=\"M%d.5 0v%dM0 %d.5h%d\" stroke=\"#%06x\"/></pattern>\n%s</defs>\n",
		SVG_CELL_W, SVG_CELL_H, SVG_CELL_W - 1, SVG_CELL_H, SVG_CELL_H - 1, SVG_CELL_W, s->background,
		str_text(&defs));
	str_free(&css);
	str_free(&defs);
}

/* Draw with so many mappings in a band, and rows in a band. Returns the text, NULL where it would be
 * too large. */
static char *draw(struct picture *p, size_t group, uint64_t rows)
{
	struct str t = { 0 }, head = { 0 };
	size_t i;

	p->y = p->rows = 0;
	p->grouped = p->zoomed = false;
	memset(p->used, 0, sizeof(p->used));
	str_clear(&p->body);
	for (i = 0; i < p->parts.n; i += group) {
		size_t n = p->parts.n - i < group ? p->parts.n - i : group;
		struct band b = band_of(&p->parts, i, n, rows);

		draw_band(p, &b);
		if (p->body.len > SVG_MOST || p->rows > ROWS_MOST)
			return NULL;
	}
	i = add_head(&head, p);
	str_addf(&t,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%" PRIu64
		"\" viewBox=\"0 0 %d %" PRIu64 "\" role=\"img\" aria-labelledby=\"what\" xml:space=\"preserve\">\n"
		"<title id=\"what\">pages of ",
		WIDTH, p->y + i + MARGIN, WIDTH, p->y + i + MARGIN);
	add_what(&t, p);
	str_add(&t, "</title>\n");
	add_styles(&t, p);
	str_addf(&t,
		"<path d=\"M0 0h%dv%" PRIu64 "H0z\" fill=\"#%06x\"/>\n%s<g transform=\"translate(0 %zu)\">\n",
		WIDTH, p->y + i + MARGIN, p->o->style->background, str_text(&head), i);
	str_addn(&t, str_text(&p->body), p->body.len);
	str_add(&t, "</g>\n</svg>\n");
	str_free(&head);
	if (t.len <= SVG_MOST)
		return str_take(&t);
	str_free(&t);
	return NULL;
}

void svg_print(FILE *f, const struct snapshot *s, const struct svg_options *o)
{
	struct picture p = { .o = o, .parts = parts_of(s, o->range),
		.page_size = snapshot_info(s)->page_size };
	uint64_t rows = p.parts.n > 1 ? ROWS_AMONG : ROWS_ALONE;
	size_t group = 1;
	char *text;

	while (p.parts.n / group > ROWS_MOST)
		group *= 2;
	/* One band of two rows fits, so this ends. */
	while (!(text = draw(&p, group, rows))) {
		if (rows > 2)
			rows /= 2;
		else
			group *= 2;
	}
	fputs(text, f);
	free(text);
	str_free(&p.body);
	parts_free(&p.parts);
}
