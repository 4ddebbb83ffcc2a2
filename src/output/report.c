/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/report.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

void text_report(FILE *f, const struct report *r, bool ascii)
{
	struct str line = { 0 };
	size_t i;

	for (i = 0; i < r->n; i++) {
		const char *text = r->line[i].text;

		str_clear(&line);
		utf8_readable(&line, text, strlen(text),
			UTF8_KEEP_BACKSLASH | (ascii ? UTF8_ASCII : 0));
		fprintf(f, "%s\n", str_text(&line));
	}
	str_free(&line);
}
