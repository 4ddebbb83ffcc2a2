/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/maps.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"

/* The next field of line[*at..len), ended by `end`; leaves *at behind it. */
static bool hex_field(const char *line, size_t len, size_t *at, char end, uint64_t *out)
{
	size_t i = *at, most = len - i < 17 ? len : i + 17;
	uint64_t v = 0;
	int digit;

	for (; i < most && (digit = units_hex_digit(line[i])) >= 0; i++)
		v = v << 4 | (uint64_t)digit;
	if (i == *at || i == most || line[i] != end)
		return false;
	*at = i + 1;
	*out = v;
	return true;
}

static bool decimal_field(const char *line, size_t len, size_t *at, uint64_t *out)
{
	size_t i = *at;
	uint64_t v = 0;

	for (; i < len && line[i] >= '0' && line[i] <= '9'; i++) {
		if (__builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, line[i] - '0', &v))
			return false;
	}
	if (i == *at || (i < len && line[i] != ' '))
		return false;
	*at = i;
	*out = v;
	return true;
}

bool maps_parse_line(const char *line, size_t len, struct vma *out, size_t *name_len)
{
	uint64_t major, minor;
	size_t at = 0, mark = sizeof(MAPS_DELETED) - 1;

	*out = (struct vma){ 0 };
	if (!hex_field(line, len, &at, '-', &out->start) ||
		!hex_field(line, len, &at, ' ', &out->end) || out->end <= out->start)
		return false;
	if (len - at < 5 || !vma_parse_perms(line + at, &out->perms) || line[at + 4] != ' ')
		return false;
	at += 5;
	if (!hex_field(line, len, &at, ' ', &out->offset) ||
		!hex_field(line, len, &at, ':', &major) ||
		!hex_field(line, len, &at, ' ', &minor) || major > UINT32_MAX ||
		minor > UINT32_MAX || !decimal_field(line, len, &at, &out->inode))
		return false;
	out->dev_major = (uint32_t)major;
	out->dev_minor = (uint32_t)minor;
	while (at < len && line[at] == ' ')
		at++;
	out->name = line + at;
	*name_len = len - at;
	if (*name_len >= mark && !memcmp(line + len - mark, MAPS_DELETED, mark)) {
		out->deleted = true;
		*name_len -= mark;
	}
	return true;
}

/* Cut a mapping to what lies at or behind `from`; false if nothing is left. */
static bool behind(struct vma *v, uint64_t from)
{
	if (v->end <= from)
		return false;
	if (v->start < from) {
		v->offset += v->inode ? from - v->start : 0;
		v->start = from;
	}
	return true;
}

size_t maps_parse(struct maps *m)
{
	size_t bad = 0, name_len;
	char *line, *end, *last;

	m->n = 0;
	last = m->text.s + m->text.len;
	for (line = m->text.s; line < last; line = end + 1) {
		end = memchr(line, '\n', (size_t)(last - line));
		if (!end)
			end = last;
		m->vma = mem_grow(m->vma, m->n, &m->cap, sizeof(*m->vma));
		if (!maps_parse_line(line, (size_t)(end - line), &m->vma[m->n], &name_len)) {
			bad++;
			continue;
		}
		if (!behind(&m->vma[m->n], m->n ? m->vma[m->n - 1].end : 0))
			continue;
		/* The name ends at the newline, or already at " (deleted)". */
		if (end < last)
			*end = '\0';
		((char *)m->vma[m->n].name)[name_len] = '\0';
		m->n++;
	}
	return bad;
}

void maps_free(struct maps *m)
{
	free(m->vma);
	str_free(&m->text);
	*m = (struct maps){ 0 };
}
