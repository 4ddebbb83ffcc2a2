/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/theme.h"

#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

struct parse {
	struct theme *theme;
	const char *name, *at; /* at: what is left to be read */
	int line, bad_line; /* being read; of the first that was wrong, or 0 */
	struct err *e;
};

static bool parse_colour(const char *word, int16_t *out)
{
	uint64_t n;

	if (!strcmp(word, "default")) {
		*out = COLOUR_DEFAULT;
		return true;
	}
	if (!units_parse_u64(word, &n) || n > 255)
		return false;
	*out = (int16_t)n;
	return true;
}

static unsigned attr_of(const char *word)
{
	static const struct {
		const char *word;
		unsigned attr;
	} words[] = {
		{ "bold", CELL_BOLD },
		{ "underline", CELL_UNDERLINE },
		{ "reverse", CELL_REVERSE },
		{ "dim", CELL_DIM },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i].word, word))
			return words[i].attr;
	return 0;
}

/* "214", "default dim", or with shares from the least to all: "58 94 136 178 214". */
static bool parse_role(struct theme *t, enum role r, char *value)
{
	int16_t colour[SHARES];
	int n = 0, i;
	char *word, *rest;
	unsigned attr = 0;

	for (word = strtok_r(value, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
		if (attr_of(word))
			attr |= attr_of(word);
		else if (n == SHARES || !parse_colour(word, &colour[n++]))
			return false;
	}
	if (n == 0)
		return false;
	/* The last one is for all of it; without shares of their own the others look the same. Four
	 * colours leave the least two shares alike. */
	t->colour[r][0] = colour[n - 1];
	for (i = 1; i < SHARES; i++) {
		int at = n == 1 ? 0 : i - 1 - (SHARES - n);

		t->colour[r][i] = colour[at < 0 ? 0 : at];
	}
	t->attr[r] = (uint8_t)attr;
	return true;
}

static int handle(void *user, const char *section, const char *key, const char *value)
{
	struct parse *p = user;
	char copy[128];
	int r;

	if (!strcmp(section, "theme"))
		return 1;
	for (r = 0; r < ROLE_COUNT; r++)
		if (!strcmp(role_name((enum role)r), key))
			break;
	snprintf(copy, sizeof(copy), "%s", value);
	if (r < ROLE_COUNT && !strcmp(section, "colours") &&
		parse_role(p->theme, (enum role)r, copy))
		return 1;
	if (p->bad_line)
		return 1;
	p->bad_line = p->line;
	err_set(p->e,
		"theme %s, line %d: '%s = %s' is not a role with a colour from 0 to 255 or 'default'",
		p->name, p->line, key, value);
	return 1;
}

static char *next_line(char *buf, int size, void *stream)
{
	struct parse *p = stream;
	size_t len = strcspn(p->at, "\n"), keep = len;

	if (!*p->at)
		return NULL;
	p->line++;
	if (keep > (size_t)size - 1)
		keep = (size_t)size - 1;
	memcpy(buf, p->at, keep);
	buf[keep] = '\0';
	p->at += len + (p->at[len] == '\n');
	return buf;
}

int theme_parse(struct theme *t, const char *name, const char *text, struct err *e)
{
	struct parse p = { .theme = t, .name = name, .at = text, .e = e };
	int bad = ini_parse_stream(next_line, &p, handle, &p);

	/* Of the two kinds of errors, the one that comes first. */
	if (p.bad_line && (bad <= 0 || p.bad_line < bad))
		return -1;
	if (bad > 0)
		return err_set(
			e, "theme %s, line %d: not 'name = value' or '[section]'", name, bad);
	return 0;
}

int theme_builtin(struct theme *t, const char *name, struct err *e)
{
	const struct builtin_theme *b;

	memset(t, 0, sizeof(*t));
	for (b = builtin_themes; b->name; b++)
		if (!strcmp(b->name, name))
			return theme_parse(t, name, b->text, e);
	return err_set(e, "there is no theme '%s' ('pmview --list-themes' names them)", name);
}

uint32_t theme_rgb(int16_t colour)
{
	static const uint32_t first[16] = { 0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
		0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff,
		0xffffff };
	static const uint32_t step[6] = { 0, 0x5f, 0x87, 0xaf, 0xd7, 0xff };
	unsigned c = (unsigned)colour;

	if (c < 16)
		return first[c];
	if (c >= 232)
		return (8 + (c - 232) * 10) * 0x10101;
	c -= 16;
	return step[c / 36] << 16 | step[c / 6 % 6] << 8 | step[c % 6];
}

void theme_print_names(FILE *f)
{
	const struct builtin_theme *b;

	for (b = builtin_themes; b->name; b++) {
		/* The first line of each says what it is for. */
		const char *about = b->text + strspn(b->text, "# ");

		fprintf(f, "%-10s %.*s\n", b->name, (int)strcspn(about, "\n"), about);
	}
}
