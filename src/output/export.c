/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/export.h"

#include "model/query.h"
#include "output/list.h"
#include "output/pages.h"

static void print_list(FILE *f, const struct snapshot *s, const struct export *x)
{
	static void (*const print[])(
		FILE *, const struct snapshot *, const struct list_options *) = {
		[FORMAT_TEXT] = text_list,
		[FORMAT_JSON] = json_list,
		[FORMAT_CSV] = csv_list,
	};
	struct list_options lo = {
		.exact = x->exact,
		.ascii = x->ascii,
		.checkpoint = x->checkpoint,
	};

	print[x->format](f, s, &lo);
}

static int print_pages(FILE *f, const struct snapshot *s, const struct query_range *range,
	const struct export *x, struct err *e)
{
	static page_printer *const print[] = { text_page, json_page, csv_page };
	struct pages_options po = {
		.range = range,
		.reader = x->entries,
		.smaps = x->checkpoint ? x->checkpoint->vma : NULL,
		.print = print[x->format],
		.frames = x->frames,
		.ascii = x->ascii,
		.go_on = x->go_on,
		.ctx = x->ctx,
	};
	int r;

	if (x->format == FORMAT_TEXT)
		text_pages_begin(f);
	else if (x->format == FORMAT_CSV)
		csv_pages_begin(f);
	else
		json_pages_begin(f, s, x->ascii);
	r = pages_print(f, s, &po, e);
	if (r >= 0 && x->format == FORMAT_JSON)
		json_pages_end(f);
	return r;
}

int export_print(FILE *f, const struct snapshot *s, const struct export *x, struct err *e)
{
	struct query_range range;
	struct svg_options so = { .range = x->pages ? &range : NULL, .style = x->style,
		.ascii = x->ascii };

	if (x->pages && (query_parse_range(x->pages, &range, e) < 0 ||
			query_check_range(s, &range, e) < 0))
		return -1;
	if (x->format == FORMAT_SVG)
		svg_print(f, s, &so);
	else if (x->pages)
		return print_pages(f, s, &range, x, e);
	else
		print_list(f, s, x);
	return 1;
}
