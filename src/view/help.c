/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include <string.h>
#include <time.h>

#include "base/units.h"
#include "model/page.h"
#include "view/changed.h"
#include "view/look.h"
#include "view/panes.h"

/* The keys of an action, and of those that are said with it. */
static const char *keys_of(char buf[2 * KEYMAP_LABEL], enum action a)
{
	char label[KEYMAP_LABEL];
	size_t len = (size_t)snprintf(buf, KEYMAP_LABEL, "%s", keymap_label(label, a));

	for (a++; a < ACTIONS && !*action_help(a) && len < KEYMAP_LABEL; a++)
		len += (size_t)snprintf(buf + len, KEYMAP_LABEL, " %s", keymap_label(label, a));
	return buf;
}

/* Two columns, filled one after the other: groups of actions with their keys. */
static void keys_draw(struct cells *c, struct rect r)
{
	int column = r.w / 2, x = r.x, y = 0;
	char label[2 * KEYMAP_LABEL];
	enum action a, group_of = ACTION_NONE;

	for (a = ACTION_NONE + 1; a < ACTIONS; a++) {
		bool new_group =
			group_of == ACTION_NONE || action_group(a) != action_group(group_of);

		if (new_group && action_group(a) == ACTION_GROUP_LOOK) {
			x = r.x + column;
			y = 0;
		}
		if (new_group && y < r.h)
			cells_text(c, x + 1, r.y + y++, r.x + r.w - x - 1, ink_of(ROLE_HEADING, 0),
				0, action_group_name(action_group(a)));
		group_of = a;
		if (y >= r.h || !*action_help(a))
			continue;
		cells_text(c, x + 2, r.y + y, column < 14 ? column - 2 : 12, 0, CELL_BOLD,
			keys_of(label, a));
		cells_text(c, x + 14, r.y + y, column - 14, 0, 0, action_help(a));
		y++;
	}
}

/* The classes of states, and where one of them has a colour of its own. */
static int states_draw(struct cells *c, struct rect r, const struct scene *s)
{
	int y = 0, i;

	for (i = 0; i < PAGE_STATES && y < r.h; i++, y++) {
		enum page_state state = (enum page_state)i;

		cells_put(c, r.x + 2, r.y + y, look_swatch(LENS_STATE, state, s));
		cells_printf(c, r.x + 4, r.y + y, r.w - 4, 0, 0, "%c  %-8s %s",
			lens_class(LENS_STATE, state)->mixed, page_state_name(state),
			page_state_meaning(state));
	}
	if (s->colour && y < r.h) {
		cells_put(c, r.x + 2, r.y + y,
			(struct cell){ .ch = 'F',
				.bg = ink_of(ROLE_SHMEM, 0),
				.fg = ink_of(ROLE_ON_COLOUR, 0) });
		cells_text(c, r.x + 4, r.y + y++, r.w - 4, 0, 0,
			"f  file     ... where it is shared memory");
	}
	return y;
}

static void legend_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	static const char *const notes[] = {
		"A cell of several pages counts all of them:",
		"  its letter     all its pages are in that state",
		"  the other one  most are, or with L the rarest of them",
		"  on a colour    some pages are in that rarer state, such as swap",
		"                 (without colours: the rarer state's second letter)",
		"  underlined, or a light texture   a state changed since the last scan",
		"  bold, or a line through it       mapped by a huge entry",
		"'Changed' is said of states; contents are never looked at.",
	};
	int y, i;

	if (changed_shown(v, s)) {
		changed_help_draw(c, r, s);
		return;
	}
	y = v->lens == LENS_STATE ? states_draw(c, r, s) : lens_help_draw(c, r, v->lens, s);
	for (i = 0; i < (int)(sizeof(notes) / sizeof(*notes)) && ++y < r.h; i++)
		cells_text(c, r.x + 1, r.y + y, r.w - 1, 0, 0, notes[i]);
}

static void bits_draw(struct cells *c, struct rect r)
{
	int y = 0;

	if (r.h < 1)
		return;
	cells_text(c, r.x + 1, r.y + y++, r.w - 1, ink_of(ROLE_HEADING, 0), 0,
		"A pagemap entry, 64 bits a page (Linux 4.3 and later)");
#define X(n, name, one, zero)                                                                      \
	if (y < r.h)                                                                               \
		cells_printf(c, r.x + 1, r.y + y++, r.w - 1, 0, 0, "  %-5d %-12s %s", n, name, one);
	ENTRY_BIT_LIST(X)
#undef X
	if (y + 1 < r.h) {
		cells_text(c, r.x + 1, r.y + y++, r.w - 1, 0, 0,
			"  54-0  PFN          if present; 0 where it is hidden (needs CAP_SYS_ADMIN)");
		cells_text(c, r.x + 1, r.y + y++, r.w - 1, 0, 0,
			"  54-5  swap offset  if swapped, with the swap type in bits 4-0");
	}
}

struct writer {
	struct cells *c;
	struct rect r;
	int y;
};

static void say(struct writer *w, ink fg, const char *text)
{
	if (w->y < w->r.h)
		cells_text_cut(w->c, w->r.x + 1, w->r.y + w->y++, w->r.w - 1, fg, 0, text);
}

static void cost_draw(struct writer *w, const struct scene *s)
{
	const struct snapshot_info *info = snapshot_info(s->snapshot);
	char a[UNITS_DURATION_LEN], b[UNITS_DURATION_LEN], n[UNITS_COUNT_LEN], line[128];

	if (info->scanning) {
		snprintf(line, sizeof(line), "  goes on    %u%% of what is mapped is done", info->percent);
		say(w, 0, line);
		return;
	}
	snprintf(line, sizeof(line), "  took       %s", units_duration(a, info->scan_ns));
	say(w, 0, line);
	if (info->held_ns) {
		snprintf(line, sizeof(line), "  held       the process stood still for %s",
			units_duration(a, info->held_ns));
		say(w, 0, line);
	}
	snprintf(line, sizeof(line), "  longest    call %s: so long the process could not map memory",
		units_duration(b, info->longest_call_ns));
	say(w, 0, line);
	if (s->file || s->past || !s->cost.ns)
		return;
	snprintf(line, sizeof(line), "  calls      %s that read page tables or mappings",
		units_count(n, info->calls));
	say(w, 0, line);
	snprintf(line, sizeof(line), "  processor  %s, %.2f%% of a core at a scan every %.1f s",
		units_duration(a, info->scan_cpu_ns), (double)info->scan_cpu_ns / 1e7 / s->every,
		s->every);
	say(w, 0, line);
}

/* Of which file it is, of what, where and when. */
static void file_draw(struct writer *w, const struct scene *s)
{
	const struct snapshot_info *info = snapshot_info(s->snapshot);
	struct str text = { 0 };
	char when[32];
	struct tm tm;
	size_t i;

	say(w, ink_of(ROLE_HEADING, 0), "The file");
	if (w->y < w->r.h)
		cells_text_end(w->c, w->r.x + 14, w->r.y + w->y, w->r.w - 14, 0, 0, s->file);
	say(w, 0, "  path");
	localtime_r(&info->time.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	str_addf(&text, "  snapshot   %zu of %zu, of %s%s", s->moment_count ? s->moment_at + 1 : 1,
		s->moment_count ? s->moment_count : 1, when, info->complete ? "" : ", incomplete");
	say(w, 0, str_text(&text));
	str_clear(&text);
	str_addf(&text, "  host       %s, Linux %s", *info->host ? info->host : "not known",
		*info->kernel ? info->kernel : "of a version not known");
	say(w, 0, str_text(&text));
	str_clear(&text);
	str_addf(&text, "  command    ");
	for (i = 0; i < info->cmdline_len; i += strlen(info->cmdline + i) + 1)
		str_addf(&text, "%s%s", i ? " " : "", info->cmdline + i);
	if (!info->cmdline_len)
		str_addf(&text, "not known (%s)", info->comm);
	say(w, 0, str_text(&text));
	say(w, 0, s->kept & NEED_FRAMES ? "  kept       states, raw entries and page frames (--keep=full)"
			: s->kept & NEED_ENTRIES
			? "  kept       states and raw entries (--keep=entries)"
			: "  kept       states of pages (--keep=skeleton)");
	str_free(&text);
	w->y++;
}

/* What the snapshot says nothing about, and why. */
static void unknown_draw(struct writer *w, const struct scene *s)
{
	const struct page_known *k = &snapshot_info(s->snapshot)->known;
	uint64_t pages = snapshot_totals(s->snapshot)->state[PAGE_UNKNOWN];
	char size[PANE_SIZE], line[128];

	if (s->file && (!(s->kept & NEED_FRAMES) || !s->smaps)) {
		snprintf(line, sizeof(line), "  not in this file:%s%s%s",
			s->kept & NEED_ENTRIES ? "" : " raw entries,",
			s->kept & NEED_FRAMES ? "" : s->smaps ? " page frames" : " page frames,",
			s->smaps ? "" : " what smaps says");
		say(w, 0, line);
	}
	if (!k->pfn)
		say(w, 0, snapshot_info(s->snapshot)->pfn_withheld
				? "  PFNs and swap slots: withheld (--no-pfn)"
				: "  PFNs and swap slots: hidden (needs CAP_SYS_ADMIN)");
	if (!k->zero)
		say(w, 0, "  zero pages: not told from anon, and counted there");
	if (!k->guard)
		say(w, 0, "  guard markers: not told from swap");
	if (!k->swap_kind)
		say(w, 0, "  swap: not told from markers and moving pages");
	if (!k->huge)
		say(w, 0, "  huge entries: only the scan engine tells (Linux 6.7)");
	if (!k->exclusive)
		say(w, 0, "  exclusive: this kernel has no bit 56 (Linux 4.3)");
	if (!k->soft_dirty)
		say(w, 0, "  soft-dirty: this kernel does not track it");
	if (pages && snapshot_info(s->snapshot)->scanning) {
		say(w, 0, "  what is not scanned yet");
	} else if (pages) {
		snprintf(line, sizeof(line), "  %s of pages the kernel does not tell about ([vvar], devices)",
			pane_size(size, s, true, pages));
		say(w, 0, line);
	}
	say(w, 0, "  swapped shared memory: page tables do not show it, it counts as none");
}

static void scan_draw(struct cells *c, struct rect r, const struct scene *s)
{
	struct writer w = { c, r, 0 };
	ink heading = ink_of(ROLE_HEADING, 0);

	if (!s->snapshot)
		return;
	if (s->file)
		file_draw(&w, s);
	say(&w, heading, s->file || s->past || snapshot_info(s->snapshot)->scanning ? "The scan" : "The last scan");
	say(&w, 0, snapshot_info(s->snapshot)->engine == ENGINE_SCAN
			? "  engine     PAGEMAP_SCAN"
			: "  engine     plain reads of pagemap");
	cost_draw(&w, s);
	w.y++;
	say(&w, heading, "Not known");
	unknown_draw(&w, s);
}

void help_draw(struct cells *c, struct rect r, const struct view *v, const struct scene *s)
{
	static const char *const tabs[HELP_TABS] = { "1 Keys", "2 Legend", "3 Bits", "4 Scan" };
	int x, i;

	x = cells_text(c, r.x, r.y, r.w, ink_of(ROLE_TITLE, 0), 0, " pmview help   ");
	for (i = 0; i < HELP_TABS; i++) {
		x += cells_printf(c, r.x + x, r.y, r.w - x, 0, i == v->help_tab ? CELL_REVERSE : 0,
			" %s ", tabs[i]);
		x++;
	}
	cells_text(c, r.x + x, r.y, r.w - x, 0, 0, "  Esc or q closes");
	r.y += 2;
	r.h -= 2;
	if (v->help_tab == HELP_KEYS)
		keys_draw(c, r);
	else if (v->help_tab == HELP_LEGEND)
		legend_draw(c, r, v, s);
	else if (v->help_tab == HELP_BITS)
		bits_draw(c, r);
	else
		scan_draw(c, r, s);
}
