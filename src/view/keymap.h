/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which key means which action where. A key is a code point, or one of these; only tui/term knows
 * what a terminal sends for it. */
#ifndef VIEW_KEYMAP_H
#define VIEW_KEYMAP_H

#include <stddef.h>
#include <stdint.h>

#include "view/action.h"

enum {
	KEYS_BEGIN = 0x110000, /* beyond the last code point */
	PKEY_UP,
	PKEY_DOWN,
	PKEY_LEFT,
	PKEY_RIGHT,
	PKEY_PGUP,
	PKEY_PGDN,
	PKEY_HOME,
	PKEY_END,
	PKEY_BACKTAB,
	PKEY_BACKSPACE,
	PKEY_DELETE,
	PKEY_F1,
	PKEY_F10 = PKEY_F1 + 9,
};

#define PKEY_CTRL(c) ((c) & 0x1f)
#define PKEY_ENTER   '\r'
#define PKEY_ESC     0x1b
#define PKEY_TAB     '\t'

enum key_context {
	CONTEXT_LIST,
	CONTEXT_GRID,
	CONTEXT_PAGE,
	CONTEXT_REPORT,
	CONTEXT_HELP,
	CONTEXTS
};

enum action keymap_action(uint32_t key, enum key_context context);

/* The keys of an action, as the help screen names them: "Up k". Returns buf. */
#define KEYMAP_LABEL 40
const char *keymap_label(char buf[KEYMAP_LABEL], enum action a);

/* Binding i of all, for tests; NULL when there are no more. */
struct binding {
	uint32_t key;
	unsigned contexts; /* bits 1 << CONTEXT_... */
	enum action action;
};
const struct binding *keymap_binding(size_t i);

#endif
