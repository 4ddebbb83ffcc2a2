/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person can do, said once: the enum, the keys and the help screen all come from this list.
 */
#ifndef VIEW_ACTION_H
#define VIEW_ACTION_H

enum action_group { GROUP_MOVE, GROUP_LOOK, GROUP_TIME, GROUP_KEEP, GROUP_AND, GROUPS };

/* X(ID, "name", group, "what it does") */
#define ACTION_LIST(X)                                                                             \
	X(UP, "up", MOVE, "up")                                                                    \
	X(DOWN, "down", MOVE, "down")                                                              \
	X(LEFT, "left", MOVE, "left, previous page")                                               \
	X(RIGHT, "right", MOVE, "right, next page")                                                \
	X(PAGE_UP, "page-up", MOVE, "a screen up")                                                 \
	X(PAGE_DOWN, "page-down", MOVE, "a screen down")                                           \
	X(HALF_UP, "half-up", MOVE, "half a screen up")                                            \
	X(HALF_DOWN, "half-down", MOVE, "half a screen down")                                      \
	X(FIRST, "first", MOVE, "first")                                                           \
	X(LAST, "last", MOVE, "last")                                                              \
	X(PREV_VMA, "previous-vma", MOVE, "previous mapping")                                      \
	X(NEXT_VMA, "next-vma", MOVE, "next mapping")                                              \
	X(PREV_RUN, "previous-run", MOVE, "previous run of a state")                               \
	X(NEXT_RUN, "next-run", MOVE, "next run of a state")                                       \
	X(NEXT_PANE, "next-pane", MOVE, "other pane")                                              \
	X(ENTER, "enter", MOVE, "go in: grid, then page")                                          \
	X(BACK, "back", MOVE, "back")                                                              \
	X(ZOOM_IN, "zoom-in", LOOK, "fewer pages in a cell")                                       \
	X(ZOOM_OUT, "zoom-out", LOOK, "more pages in a cell")                                      \
	X(ZOOM_FIT, "zoom-fit", LOOK, "the whole mapping")                                         \
	X(ZOOM_PAGE, "zoom-page", LOOK, "one page a dot")                                          \
	X(GLYPHS, "glyphs", LOOK, "blocks or letters")                                             \
	X(MIXING, "mixing", LOOK, "most or rarest state first")                                    \
	X(LENS, "lens", LOOK, "colour by the next lens")                                           \
	X(LENS_BACK, "lens-back", LOOK, "colour by the lens before")                               \
	X(PAUSE, "pause", TIME, "pause, resume")                                                   \
	X(SCAN, "scan", TIME, "scan now")                                                          \
	X(SAVE, "save", KEEP, "save a snapshot")                                                   \
	X(HELP, "help", AND, "this help; next tab")                                                \
	X(REDRAW, "redraw", AND, "draw anew")                                                      \
	X(SUSPEND, "suspend", AND, "suspend")                                                      \
	X(CLOSE, "close", AND, "close; quit")                                                      \
	X(QUIT, "quit", AND, "quit")

enum action {
	ACTION_NONE,
#define X(id, name, group, help) ACTION_##id,
	ACTION_LIST(X)
#undef X
	ACTIONS
};

const char *action_name(enum action a);
const char *action_help(enum action a);
enum action_group action_group(enum action a);
const char *action_group_name(enum action_group g);

#endif
