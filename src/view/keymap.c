/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/keymap.h"

#include <stdio.h>
#include <string.h>

#define LIST     (1u << CONTEXT_LIST)
#define GRID     (1u << CONTEXT_GRID)
#define PAGE     (1u << CONTEXT_PAGE)
#define REPORT   (1u << CONTEXT_REPORT)
#define HELP     (1u << CONTEXT_HELP)
#define MAIN     (LIST | GRID)
#define LOOKING  (MAIN | PAGE)
#define MOVING   (LOOKING | REPORT)
#define ANYWHERE (MOVING | HELP)

/* For each action the keys in the order in which the help names them. */
static const struct binding bindings[] = {
	{ PKEY_UP, MOVING, ACTION_UP },
	{ 'k', MOVING, ACTION_UP },
	{ PKEY_DOWN, MOVING, ACTION_DOWN },
	{ 'j', MOVING, ACTION_DOWN },
	{ PKEY_LEFT, LOOKING, ACTION_LEFT },
	{ 'h', LOOKING, ACTION_LEFT },
	{ PKEY_RIGHT, GRID | PAGE, ACTION_RIGHT },
	{ 'l', GRID | PAGE, ACTION_RIGHT },
	{ PKEY_PGUP, MOVING, ACTION_PAGE_UP },
	{ PKEY_CTRL('b'), MOVING, ACTION_PAGE_UP },
	{ PKEY_PGDN, MOVING, ACTION_PAGE_DOWN },
	{ PKEY_CTRL('f'), MOVING, ACTION_PAGE_DOWN },
	{ PKEY_CTRL('u'), MOVING, ACTION_HALF_UP },
	{ PKEY_CTRL('d'), MOVING, ACTION_HALF_DOWN },
	{ PKEY_HOME, MOVING, ACTION_FIRST },
	{ 'g', MOVING, ACTION_FIRST },
	{ PKEY_END, MOVING, ACTION_LAST },
	{ 'G', MOVING, ACTION_LAST },
	{ '[', LOOKING, ACTION_PREV_VMA },
	{ ']', LOOKING, ACTION_NEXT_VMA },
	{ 'b', LOOKING, ACTION_PREV_RUN },
	{ 'w', LOOKING, ACTION_NEXT_RUN },
	{ PKEY_TAB, MAIN, ACTION_NEXT_PANE },
	{ PKEY_BACKTAB, MAIN, ACTION_NEXT_PANE },
	{ PKEY_ENTER, MAIN | REPORT, ACTION_ENTER },
	{ PKEY_RIGHT, LIST, ACTION_ENTER },
	{ 'l', LIST, ACTION_ENTER },
	{ PKEY_ESC, ANYWHERE, ACTION_BACK },
	{ '+', MAIN, ACTION_ZOOM_IN },
	{ '=', MAIN, ACTION_ZOOM_IN },
	{ PKEY_F1 + 7, MAIN, ACTION_ZOOM_IN },
	{ '-', MAIN, ACTION_ZOOM_OUT },
	{ PKEY_F1 + 6, MAIN, ACTION_ZOOM_OUT },
	{ '0', MAIN, ACTION_ZOOM_FIT },
	{ '1', MAIN, ACTION_ZOOM_PAGE },
	{ 'v', MAIN, ACTION_GLYPHS },
	{ 'L', MAIN, ACTION_MIXING },
	{ 'c', MAIN, ACTION_LENS },
	{ 'C', MAIN, ACTION_LENS_BACK },
	{ ' ', LOOKING, ACTION_PAUSE },
	{ PKEY_F1 + 4, LOOKING, ACTION_SCAN },
	{ PKEY_CTRL('r'), LOOKING, ACTION_SCAN },
	{ 'm', LOOKING, ACTION_MARK },
	{ 'd', LOOKING, ACTION_DIFF },
	{ 'z', LOOKING, ACTION_UNCHANGED },
	{ 't', LOOKING, ACTION_NEXT_SNAPSHOT },
	{ '.', LOOKING, ACTION_NEXT_SNAPSHOT },
	{ 'T', LOOKING, ACTION_PREV_SNAPSHOT },
	{ ',', LOOKING, ACTION_PREV_SNAPSHOT },
	{ 'F', LOOKING, ACTION_FOLLOW },
	{ ':', LOOKING, ACTION_GO_TO },
	{ 'o', LOOKING, ACTION_OWNERS },
	{ 'R', MOVING, ACTION_RSS },
	{ 'P', MOVING, ACTION_FAMILY },
	{ 'W', MOVING, ACTION_WSS },
	{ 'e', LOOKING, ACTION_SAVE },
	{ PKEY_F1 + 8, LOOKING, ACTION_SAVE },
	{ 'x', LOOKING, ACTION_RECORD },
	{ '?', ANYWHERE, ACTION_HELP },
	{ PKEY_F1, ANYWHERE, ACTION_HELP },
	{ PKEY_TAB, HELP, ACTION_HELP },
	{ PKEY_CTRL('l'), ANYWHERE, ACTION_REDRAW },
	{ PKEY_CTRL('z'), ANYWHERE, ACTION_SUSPEND },
	{ 'q', ANYWHERE, ACTION_CLOSE },
	{ 'Q', ANYWHERE, ACTION_QUIT },
	{ PKEY_F10, ANYWHERE, ACTION_QUIT },
	{ PKEY_CTRL('c'), ANYWHERE, ACTION_QUIT },
};

#define BINDINGS (sizeof(bindings) / sizeof(*bindings))

const struct binding *keymap_binding(size_t i)
{
	return i < BINDINGS ? &bindings[i] : NULL;
}

enum action keymap_action(uint32_t key, enum key_context context)
{
	size_t i;

	for (i = 0; i < BINDINGS; i++)
		if (bindings[i].key == key && bindings[i].contexts & 1u << context)
			return bindings[i].action;
	return ACTION_NONE;
}

static void key_name(char *buf, size_t size, uint32_t key)
{
	static const char *const names[] = { "Up", "Down", "Left", "Right", "PgUp", "PgDn", "Home",
		"End", "S-Tab", "Backspace", "Del" };

	if (key >= PKEY_F1)
		snprintf(buf, size, "F%d", (int)(key - PKEY_F1 + 1));
	else if (key > KEYS_BEGIN)
		snprintf(buf, size, "%s", names[key - PKEY_UP]);
	else if (key == PKEY_ENTER)
		snprintf(buf, size, "Enter");
	else if (key == PKEY_ESC)
		snprintf(buf, size, "Esc");
	else if (key == PKEY_TAB)
		snprintf(buf, size, "Tab");
	else if (key == ' ')
		snprintf(buf, size, "Space");
	else if (key < ' ')
		snprintf(buf, size, "^%c", (char)(key + '@'));
	else
		snprintf(buf, size, "%c", (char)key);
}

const char *keymap_label(char buf[KEYMAP_LABEL], enum action a)
{
	char name[12];
	size_t i, len = 0;

	buf[0] = '\0';
	for (i = 0; i < BINDINGS; i++) {
		if (bindings[i].action != a || bindings[i].contexts == LIST ||
			bindings[i].contexts == HELP)
			continue;
		key_name(name, sizeof(name), bindings[i].key);
		len += (size_t)snprintf(
			buf + len, KEYMAP_LABEL - len, "%s%s", len ? " " : "", name);
		if (len >= KEYMAP_LABEL)
			break;
	}
	return buf;
}
