/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person can do, said once: the enum, the keys and the help screen all come from this list.
 */
#ifndef VIEW_ACTION_H
#define VIEW_ACTION_H

enum action_group {
	ACTION_GROUP_MOVE,
	ACTION_GROUP_TIME,
	ACTION_GROUP_LOOK,
	ACTION_GROUP_ASK,
	ACTION_GROUP_KEEP,
	ACTION_GROUP_AND,
	ACTION_GROUPS
};

/* X(ID, "name", group, "what it does"): "" if that is said with the action before it. */
#define ACTION_LIST(X)                                                                             \
	X(UP, "up", MOVE, "up, down")                                                              \
	X(DOWN, "down", MOVE, "")                                                                  \
	X(LEFT, "left", MOVE, "left, previous page")                                               \
	X(RIGHT, "right", MOVE, "right, next page")                                                \
	X(PAGE_UP, "page-up", MOVE, "a screen up")                                                 \
	X(PAGE_DOWN, "page-down", MOVE, "a screen down")                                           \
	X(HALF_UP, "half-up", MOVE, "half a screen up, down")                                      \
	X(HALF_DOWN, "half-down", MOVE, "")                                                        \
	X(FIRST, "first", MOVE, "first")                                                           \
	X(LAST, "last", MOVE, "last")                                                              \
	X(PREV_VMA, "previous-vma", MOVE, "previous, next mapping")                                \
	X(NEXT_VMA, "next-vma", MOVE, "")                                                          \
	X(PREV_RUN, "previous-run", MOVE, "previous, next run")                                    \
	X(NEXT_RUN, "next-run", MOVE, "")                                                          \
	X(NEXT_PANE, "next-pane", MOVE, "other pane")                                              \
	X(ENTER, "enter", MOVE, "go in: grid, then page")                                          \
	X(BACK, "back", MOVE, "back")                                                              \
	X(PAUSE, "pause", TIME, "pause, resume")                                                   \
	X(SCAN, "scan", TIME, "scan now")                                                          \
	X(MARK, "mark", TIME, "mark; compare; all shown")                                          \
	X(DIFF, "diff", TIME, "")                                                                  \
	X(UNCHANGED, "unchanged", TIME, "")                                                        \
	X(NEXT_SNAPSHOT, "next-snapshot", TIME, "next, previous snapshot")                         \
	X(PREV_SNAPSHOT, "previous-snapshot", TIME, "")                                            \
	X(FOLLOW, "follow", TIME, "follow the newest")                                             \
	X(GO_TO, "go-to", TIME, "go to a time, an address")                                        \
	X(ZOOM_IN, "zoom-in", LOOK, "fewer pages in a cell")                                       \
	X(ZOOM_OUT, "zoom-out", LOOK, "more pages in a cell")                                      \
	X(ZOOM_FIT, "zoom-fit", LOOK, "whole mapping, one page")                                   \
	X(ZOOM_PAGE, "zoom-page", LOOK, "")                                                        \
	X(GLYPHS, "glyphs", LOOK, "blocks or letters")                                             \
	X(MIXING, "mixing", LOOK, "most or rarest state first")                                    \
	X(LENS, "lens", LOOK, "colour by: next, previous")                                         \
	X(LENS_BACK, "lens-back", LOOK, "")                                                        \
	X(OWNERS, "owners", ASK, "who else maps this page")                                        \
	X(RSS, "rss", ASK, "where the RSS is")                                                     \
	X(FAMILY, "family", ASK, "fork family")                                                    \
	X(WSS, "working-set", ASK, "working set (asks first)")                                     \
	X(SAVE, "save", KEEP, "save or export")                                                    \
	X(RECORD, "record", KEEP, "record: on, off")                                               \
	X(HELP, "help", AND, "this help; next tab")                                                \
	X(REDRAW, "redraw", AND, "draw anew, suspend")                                             \
	X(SUSPEND, "suspend", AND, "")                                                             \
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
