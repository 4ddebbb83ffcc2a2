/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/action.h"

static const struct {
	const char *name, *help;
	enum action_group group;
} actions[ACTIONS] = {
#define X(id, n, g, h) [ACTION_##id] = { .name = n, .help = h, .group = ACTION_GROUP_##g },
	ACTION_LIST(X)
#undef X
};

const char *action_name(enum action a)
{
	return actions[a].name;
}

const char *action_help(enum action a)
{
	return actions[a].help;
}

enum action_group action_group(enum action a)
{
	return actions[a].group;
}

const char *action_group_name(enum action_group g)
{
	static const char *const names[ACTION_GROUPS] = { "MOVE", "TIME", "LOOK", "ASK", "KEEP", "AND" };

	return names[g];
}
