/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/store_text.h"

#include <string.h>

#include "base/units.h"

/* --- numbers: there are millions of them, so neither printf nor strtoull --- */

static void add_hex(struct str *t, uint64_t v)
{
	char digits[16];
	int at = 16;

	do {
		digits[--at] = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v);
	str_addn(t, digits + at, (size_t)(16 - at));
}

static void add_decimal(struct str *t, uint64_t v)
{
	char digits[20];
	int at = 20;

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	str_addn(t, digits + at, (size_t)(20 - at));
}

static bool take_hex(const char **s, uint64_t *v)
{
	const char *from = *s;
	int digit;

	*v = 0;
	while ((digit = units_hex_digit(**s)) >= 0 && *s - from < 16) {
		*v = *v << 4 | (unsigned)digit;
		++*s;
	}
	return *s > from && units_hex_digit(**s) < 0;
}

/* 1 or more, of at most 48 bits: no array has more pages. */
static bool take_count(const char **s, uint64_t *v)
{
	*v = 0;
	while (**s >= '0' && **s <= '9') {
		*v = *v * 10 + (unsigned)(*(*s)++ - '0');
		if (*v > RUNS_PAGES_MOST)
			return false;
	}
	return *v > 0;
}

static void separate(struct str *t)
{
	if (t->len)
		str_addc(t, ' ');
}

/* The end of a piece: a blank, or that of the string. */
static int piece_ends(const char **s)
{
	if (**s == ' ')
		++*s;
	else if (**s)
		return -1;
	return 1;
}

/* --- runs --- */

void store_add_run(struct str *t, const struct run_piece *p)
{
	separate(t);
	str_addc(t, p->same ? '=' : page_state_letter(p->state));
	add_decimal(t, p->pages);
	if (p->huge && !p->same)
		str_addc(t, 'h');
}

int store_next_run(const char **s, struct run_piece *p)
{
	if (!**s)
		return 0;
	*p = (struct run_piece){ .same = **s == '=' };
	p->state = p->same ? PAGE_UNKNOWN : page_state_of_letter(**s);
	++*s;
	if (p->state == PAGE_STATES || !take_count(s, &p->pages))
		return -1;
	if (**s == 'h' && !p->same) {
		p->huge = true;
		++*s;
	}
	return piece_ends(s);
}

/* --- entries --- */

static void add_many(struct str *t, char how, uint64_t n)
{
	str_addc(t, how);
	add_decimal(t, n);
}

/* How many of n entries follow each other by this step; where before is not NULL, only of those that
 * did change. */
static uint64_t in_step(
	const uint64_t *entry, const uint64_t *before, uint64_t n, uint64_t step)
{
	uint64_t k = 1;

	while (k < n && entry[k] == entry[k - 1] + step && entry[k] != ENTRY_UNKNOWN &&
		(!before || entry[k] != before[k]))
		k++;
	return k;
}

static uint64_t count_equal(const uint64_t *a, const uint64_t *b, uint64_t n)
{
	uint64_t k = 0;

	while (k < n && a[k] == b[k])
		k++;
	return k;
}

static uint64_t count_unknown(const uint64_t *entry, uint64_t n)
{
	uint64_t k = 0;

	while (k < n && entry[k] == ENTRY_UNKNOWN)
		k++;
	return k;
}

void store_add_entries(
	struct str *t, const uint64_t *entry, const uint64_t *before, uint64_t n)
{
	static const struct {
		char how;
		uint64_t step;
	} steps[] = { { '*', 0 }, { '+', 1 }, { '-', (uint64_t)-1 } };
	uint64_t i, k;
	size_t how;

	for (i = 0; i < n; i += k) {
		separate(t);
		k = count_unknown(entry + i, n - i);
		if (k) {
			add_many(t, '?', k);
			continue;
		}
		k = before ? count_equal(entry + i, before + i, n - i) : 0;
		if (k) {
			add_many(t, '=', k);
			continue;
		}
		add_hex(t, entry[i]);
		k = 1;
		for (how = 0; k == 1 && how < 3; how++) {
			k = in_step(entry + i, before ? before + i : NULL, n - i, steps[how].step);
			if (k > 1)
				add_many(t, steps[how].how, k);
		}
	}
}

int store_next_entries(const char **s, struct entries_piece *p)
{
	char how;

	if (!**s)
		return 0;
	*p = (struct entries_piece){ .n = 1 };
	how = **s;
	if (how == '=' || how == '?') {
		++*s;
		p->same = how == '=';
		p->word = ENTRY_UNKNOWN;
		return take_count(s, &p->n) ? piece_ends(s) : -1;
	}
	if (!take_hex(s, &p->word))
		return -1;
	how = **s;
	if (how == '*' || how == '+' || how == '-') {
		++*s;
		p->step = how == '+' ? 1 : how == '-' ? (uint64_t)-1 : 0;
		if (!take_count(s, &p->n))
			return -1;
	}
	return piece_ends(s);
}

/* --- page frames --- */

bool frames_told_same(const struct frame *a, const struct frame *b)
{
	return a->known == b->known && a->flags == b->flags && a->mapcount == b->mapcount &&
		a->cgroup == b->cgroup && a->node == b->node && a->zone == b->zone;
}

void store_add_frames(
	struct str *t, const struct frames_piece *p, const struct frames_piece *before)
{
	const struct frame *f = &p->told;

	separate(t);
	add_hex(t, before ? p->pfn - (before->pfn + before->n) : 0);
	if (p->n > 1)
		add_many(t, '+', p->n);
	if (before && frames_told_same(f, &before->told))
		return;
	str_addc(t, ':');
	if (f->known & FRAME_HAS_FLAGS)
		add_hex(t, f->flags);
	str_addc(t, ',');
	if (f->known & FRAME_HAS_MAPCOUNT)
		add_hex(t, f->mapcount);
	str_addc(t, ',');
	if (f->known & FRAME_HAS_CGROUP)
		add_hex(t, f->cgroup);
	str_addc(t, ',');
	if (f->node >= 0)
		add_hex(t, (uint64_t)f->node);
	str_addc(t, ',');
	str_add(t, zone_name((enum zone)f->zone));
}

static bool take_told(const char **s, struct frame *f)
{
	uint64_t *const value[] = { &f->flags, &f->mapcount, &f->cgroup };
	static const uint8_t known[] = { FRAME_HAS_FLAGS, FRAME_HAS_MAPCOUNT, FRAME_HAS_CGROUP };
	uint64_t node;
	size_t i, len;
	int z;

	*f = (struct frame){ .node = -1 };
	for (i = 0; i < 3; i++) {
		if (**s != ',') {
			if (!take_hex(s, value[i]))
				return false;
			f->known |= known[i];
		}
		if (*(*s)++ != ',')
			return false;
	}
	if (**s != ',') {
		if (!take_hex(s, &node) || node > INT16_MAX)
			return false;
		f->node = (int16_t)node;
	}
	if (*(*s)++ != ',')
		return false;
	len = strcspn(*s, " ");
	/* A zone that a later kernel has is one that we do not know. */
	for (z = 1; z < ZONES; z++)
		if (strlen(zone_name((enum zone)z)) == len &&
			!memcmp(*s, zone_name((enum zone)z), len))
			f->zone = (uint8_t)z;
	*s += len;
	return true;
}

int store_next_frames(const char **s, struct frames_piece *p)
{
	uint64_t gap, first = p->pfn + p->n;

	if (!**s)
		return 0;
	if (!take_hex(s, &gap) || gap > ENTRY_PFN_MASK)
		return -1;
	p->pfn = first + gap;
	p->n = 1;
	if (**s == '+') {
		++*s;
		if (!take_count(s, &p->n))
			return -1;
	}
	if (p->pfn + p->n - 1 > ENTRY_PFN_MASK)
		return -1;
	if (**s == ':') {
		++*s;
		if (!take_told(s, &p->told))
			return -1;
	}
	return piece_ends(s);
}

/* --- absent pages of shared memory --- */

static const char absent_letters[] = {
	[ABSENT_UNKNOWN] = '?',
	[ABSENT_NOT_SWAPPED] = 'n',
	[ABSENT_HOLE] = 'h',
	[ABSENT_CACHED] = 'c',
	[ABSENT_SWAPPED] = 's',
};

void store_add_absent(struct str *t, const struct absent_run *r)
{
	separate(t);
	add_many(t, absent_letters[r->kind], r->pages);
}

int store_next_absent(const char **s, struct absent_run *r)
{
	const char *letter;

	if (!**s)
		return 0;
	letter = memchr(absent_letters, *(*s)++, sizeof(absent_letters));
	if (!letter || !take_count(s, &r->pages))
		return -1;
	r->kind = (enum absent)(letter - absent_letters);
	return piece_ends(s);
}
