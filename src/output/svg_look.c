/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/svg_look.h"

const enum page_state svg_marks[SVG_MARKS] = { PAGE_SWAP, PAGE_MOVING, PAGE_MARKER, PAGE_GUARD,
	PAGE_UNKNOWN };

struct svg_look svg_look_of(const struct page_counts *c, bool shared)
{
	uint64_t total = page_counts_total(c), most = 0;
	struct svg_look l = { .state = PAGE_NONE, .mark = SVG_MARKS, .huge = c->huge == total };
	unsigned i, shown;

	for (i = PAGE_STATES; i-- > 0;) {
		if (c->state[i] > most) {
			most = c->state[i];
			l.state = i;
		}
	}
	shown = l.state;
	if (most < total) {
		l.share = 1 + (unsigned)(most * 4 / total);
		l.share = l.share < SVG_SHARES ? l.share : SVG_SHARES - 1;
		for (i = SVG_MARKS; i-- > 0;)
			if (c->state[svg_marks[i]] && svg_marks[i] != shown)
				l.mark = i;
	}
	/* Where most is absent, a trace of what is not. */
	_Static_assert(PAGE_NONE == 0, "the others follow");
	for (i = PAGE_NONE + 1, most = 0; l.share && shown == PAGE_NONE && i < PAGE_STATES; i++) {
		if (c->state[i] > most) {
			most = c->state[i];
			l.state = i;
			l.share = 1;
		}
	}
	if (l.state == PAGE_FILE && shared)
		l.state = SVG_SHARED;
	return l;
}

unsigned svg_look_number(const struct svg_look *l)
{
	return ((l->state * SVG_SHARES + l->share) * (SVG_MARKS + 1) + l->mark) * 2 + l->huge;
}

static struct svg_look svg_look_numbered(unsigned n)
{
	return (struct svg_look){
		.huge = n % 2,
		.mark = n / 2 % (SVG_MARKS + 1),
		.share = n / 2 / (SVG_MARKS + 1) % SVG_SHARES,
		.state = n / 2 / (SVG_MARKS + 1) / SVG_SHARES,
	};
}

static uint32_t look_colour(const struct svg_style *s, const struct svg_look *l)
{
	return l->state == SVG_SHARED ? s->shared[l->share] : s->state[l->state][l->share];
}

/* Black or white, whichever is seen on a colour. */
static const char *against(uint32_t colour)
{
	unsigned light = (colour >> 16) * 3 + (colour >> 8 & 0xff) * 6 + (colour & 0xff);

	return light > 1280 ? "#000" : "#fff";
}

/* What tells a state from others without its colour; "" where the colour is enough. */
static void add_texture(struct str *t, unsigned state, const char *ink)
{
	static const char *const path[PAGE_STATES + 1] = {
		[PAGE_SWAP] = "M-2 14.4L12 -2.4M-7 8.4L7 -8.4M3 20.4L17 3.6",
		[PAGE_GUARD] = "M2.5 3.5l4.5 4.5M7 3.5l-4.5 4.5",
		[PAGE_ZERO] = "M4 5.5h1.5",
		[PAGE_MOVING] = "M2.5 0v12M6.5 0v12",
		[PAGE_MARKER] = "M4.75 2v4.5M4.75 8v1.5",
		[PAGE_UNKNOWN] = "M2 5.5h5.5",
	};

	if (path[state])
		str_addf(t, "<path d=\"%s\" stroke=\"%s\" stroke-opacity=\".6\" fill=\"none\"/>",
			path[state], ink);
}

void svg_look_add(struct str *css, struct str *defs, const struct svg_style *s, unsigned n)
{
	struct svg_look l = svg_look_numbered(n);
	uint32_t colour = look_colour(s, &l);
	struct str more = { 0 };

	add_texture(&more, l.state, against(colour));
	if (l.huge)
		str_addf(&more, "<path d=\"M0 5.5h10\" stroke=\"%s\" stroke-opacity=\".5\"/>",
			against(colour));
	if (l.mark < SVG_MARKS)
		str_addf(&more, "<path d=\"M0 11L9 3v8z\" fill=\"#%06x\"/>", s->state[svg_marks[l.mark]][0]);
	if (!more.len) {
		str_addf(css, ".c%u{fill:#%06x}", n, colour);
	} else {
		str_addf(css, ".c%u{fill:url(#p%u)}", n, n);
		str_addf(defs,
			"<pattern id=\"p%u\" width=\"%d\" height=\"%d\" patternUnits=\"userSpaceOnUse\">"
			"<path d=\"M0 0h%dv%dH0z\" fill=\"#%06x\"/>%s</pattern>\n",
			n, SVG_CELL_W, SVG_CELL_H, SVG_CELL_W, SVG_CELL_H, colour, str_text(&more));
	}
	str_free(&more);
}
