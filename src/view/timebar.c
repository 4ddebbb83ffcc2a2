/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/timebar.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/units.h"

static const struct {
	enum page_state state;
	enum role role;
} sums[] = { { PAGE_ANON, ROLE_ANON }, { PAGE_FILE, ROLE_FILE }, { PAGE_SWAP, ROLE_SWAP } };
#define SUMS (sizeof(sums) / sizeof(*sums))

struct range {
	uint64_t least, most;
};

static uint64_t pages_of(const struct scene *s, size_t i, size_t sum)
{
	return s->moments[i].totals->state[sums[sum].state];
}

static struct range range_of(const struct scene *s, size_t sum)
{
	struct range r = { UINT64_MAX, 0 };
	size_t i;

	for (i = 0; i < s->moment_count; i++) {
		uint64_t n = pages_of(s, i, sum);

		r.least = n < r.least ? n : r.least;
		r.most = n > r.most ? n : r.most;
	}
	return r;
}

int timebar_level(uint64_t pages, uint64_t least, uint64_t most, int levels)
{
	if (!pages)
		return 0;
	if (most == least)
		return (levels + 1) / 2;
	/* As floating point: a product of pages can pass 64 bits. */
	return 1 + (int)((double)(pages - least) / (double)(most - least) * (levels - 1) + 0.5);
}

static struct cell cell_of(const struct cells *c, uint64_t pages, struct range r, enum role role)
{
	static const char ascii[] = " .:-=+*#";
	int level;

	if (c->ascii) {
		level = timebar_level(pages, r.least, r.most, (int)sizeof(ascii) - 2);
		return (struct cell){ .ch = (uint32_t)ascii[level], .fg = ink_of(role, 0) };
	}
	/* U+2581 is an eighth of a block, U+2588 a whole one. */
	level = timebar_level(pages, r.least, r.most, 8);
	return (struct cell){ .ch = level ? 0x2580 + (uint32_t)level : ' ', .fg = ink_of(role, 0) };
}

/* What of w columns shows snapshots [*first, *end), at least one. */
static void column_of(size_t n, size_t w, size_t x, size_t *first, size_t *end)
{
	*first = n * x / w;
	*end = n * (x + 1) / w;
	if (*end <= *first)
		*end = *first + 1;
}

/* " anon " at the left, " 1.2G-1.4G" at the right: left out where there is no room. */
#define NAMES  6
#define RANGES 13
#define LEAST  16

static void plot_draw(struct cells *c, struct rect r, const struct scene *s, size_t sum)
{
	struct range range = range_of(s, sum);
	uint64_t size = snapshot_info(s->snapshot)->page_size;
	char least[UNITS_SIZE_LEN], most[UNITS_SIZE_LEN];
	size_t x, i, first, end;

	if (r.w >= NAMES + LEAST) {
		cells_text(c, r.x + 1, r.y, NAMES - 2, ink_of(sums[sum].role, 0), 0,
			page_state_name(sums[sum].state));
		r.x += NAMES;
		r.w -= NAMES;
	}
	if (r.w >= RANGES + LEAST) {
		r.w -= RANGES;
		cells_printf(c, r.x + r.w + 1, r.y, RANGES - 1, 0, 0,
			range.least == range.most ? "%s" : "%s-%s",
			units_size(least, range.least * size), units_size(most, range.most * size));
	}
	for (x = 0; x < (size_t)r.w; x++) {
		uint64_t pages = 0;
		struct cell cell;

		column_of(s->moment_count, (size_t)r.w, x, &first, &end);
		for (i = first; i < end; i++)
			pages = pages_of(s, i, sum) > pages ? pages_of(s, i, sum) : pages;
		cell = cell_of(c, pages, range, sums[sum].role);
		if (s->moment_at >= first && s->moment_at < end)
			cell.attr = CELL_REVERSE;
		cells_put(c, r.x + (int)x, r.y, cell);
	}
}

/* Both of one day: the clock; else with the day. */
static void clocks(char a[24], char b[24], time_t from, time_t to)
{
	struct tm x, y;
	bool same;

	localtime_r(&from, &x);
	localtime_r(&to, &y);
	same = x.tm_year == y.tm_year && x.tm_yday == y.tm_yday;
	strftime(a, 24, same ? "%H:%M:%S" : "%m-%d %H:%M:%S", &x);
	strftime(b, 24, same ? "%H:%M:%S" : "%m-%d %H:%M:%S", &y);
}

static void caption_draw(struct cells *c, struct rect r, const struct scene *s)
{
	static const char *const keys[] = { " t/T step   : go to a time   F newest ", " t/T step " };
	ink fg = ink_of(ROLE_ADDRESS, 0);
	char from[24], to[24];
	int left, right, i;

	clocks(from, to, s->moments[0].time.tv_sec, s->moments[s->moment_count - 1].time.tv_sec);
	left = cells_text(c, r.x + 1, r.y, r.w - 1, fg, 0, from) + 2;
	right = (int)strlen(to) + 1;
	if (left + right > r.w)
		return;
	cells_text(c, r.x + r.w - right, r.y, right, fg, 0, to);
	for (i = 0; i < 2; i++) {
		int w = (int)strlen(keys[i]);

		if (left + w + right > r.w)
			continue;
		cells_text(c, r.x + left + (r.w - left - right - w) / 2, r.y, w, fg, 0, keys[i]);
		break;
	}
}

/* The sum that changes by most pages. */
static size_t most_lively(const struct scene *s)
{
	size_t best = 0, i;

	for (i = 1; i < SUMS; i++) {
		struct range a = range_of(s, i), b = range_of(s, best);

		if (a.most - a.least > b.most - b.least)
			best = i;
	}
	return best;
}

void timebar_draw(struct cells *c, struct rect r, const struct scene *s)
{
	int plots = r.h > 1 ? r.h - 1 : r.h, i;

	if (!s->moment_count || r.w < 1 || r.h < 1)
		return;
	for (i = 0; i < plots && i < (int)SUMS; i++) {
		struct rect row = { r.x, r.y + i, r.w, 1 };

		plot_draw(c, row, s, plots < (int)SUMS ? most_lively(s) : (size_t)i);
		if (plots < (int)SUMS)
			break;
	}
	if (r.h > 1)
		caption_draw(c, (struct rect){ r.x, r.y + r.h - 1, r.w, 1 }, s);
}
