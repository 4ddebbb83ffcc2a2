/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person has chosen to see, as a value. Cursor and scroll positions are addresses, so that
 * they stay where they were when mappings come and go. */
#ifndef VIEW_STATE_H
#define VIEW_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/ages.h"
#include "model/changes.h"
#include "model/checkpoint.h"
#include "model/diff.h"
#include "model/moment.h"
#include "model/pageset.h"
#include "model/report.h"
#include "model/snapshot.h"
#include "view/action.h"
#include "view/dialog.h"
#include "view/keymap.h"
#include "view/layout.h"
#include "view/lens.h"

enum view_screen { SCREEN_MAIN, SCREEN_PAGE, SCREEN_REPORT, SCREEN_HELP };
enum view_pane { PANE_LIST, PANE_GRID };
enum view_glyphs { GLYPHS_BLOCKS, GLYPHS_LETTERS };
enum { HELP_KEYS, HELP_LEGEND, HELP_BITS, HELP_SCAN, HELP_TABS };

/* Questions whose answer is a report, made by a job. X(NAME, "title of the report"). */
#define QUESTION_LIST(X)                                                                           \
	X(OWNERS, "who else maps this page")                                                       \
	X(RSS, "where the RSS is")                                                                 \
	X(FAMILY, "fork family")                                                                   \
	X(WSS, "working set")

enum question {
#define X(id, title) QUESTION_##id,
	QUESTION_LIST(X)
#undef X
};
const char *question_title(enum question q);

/* What the snapshot shown is compared with (DIFF): the one that was marked, or the one before it in
 * time. In the order in which they are gone through. */
enum against { AGAINST_NOTHING, AGAINST_MARK, AGAINST_LAST, AGAINSTS };

/* What a line is typed for. */
enum prompt { PROMPT_NONE, PROMPT_SAVE, PROMPT_WSS, PROMPT_GO_TO, PROMPT_RECORD };

/* Which snapshot to show next. */
enum step { STEP_NEXT, STEP_PREVIOUS, STEP_NEWEST, STEP_TO };

#define VIEW_TEXT 256

struct view {
	enum view_screen screen, below_help, below_report;
	enum view_pane pane;
	enum view_glyphs glyphs;
	int help_tab;
	uint64_t cursor;         /* address; its mapping is the selected one */
	uint64_t top;            /* address of the first row of the grid ... */
	uint64_t bottom;         /* ... and behind the last one that is on the screen */
	size_t list_top;         /* mapping in the first line of the list */
	unsigned zoom;           /* a dot is 2^zoom pages */
	enum lens lens;
	bool rare_first, paused;
	enum against against;    /* what of scene->changes shows is asked for */
	bool unchanged;          /* mappings without a change are listed too */
	char message[VIEW_TEXT]; /* instead of the page line until the next key; "" for none ... */
#define MESSAGE_PATH "\1"       /* ... what follows is a path, which is cut at its beginning */
	enum prompt prompting;   /* a line is being typed, into prompt */
	char prompt[VIEW_TEXT];
	bool dialog;             /* of exports (view/dialog.h); the line typed is the file's name ... */
	enum choice choice;      /* ... and this is what goes into it */
	char unsaved[VIEW_TEXT]; /* the name that was typed last, until it is written; "" for none ... */
	enum choice unsaved_choice; /* ... and what should go into it */
	unsigned asking;         /* y or n is asked for: what follows (FOLLOW_...) on y; else 0 ... */
	char ask[VIEW_TEXT];     /* ... and the question */
	double wss_seconds;      /* how long to watch for the working set */
	enum question wanted;    /* what the question or the typed line is for */
	enum question question;  /* which one SCREEN_REPORT answers */
	size_t report_at, report_top; /* the line it has the cursor on, and the first one shown */
	bool report_moved;       /* the cursor was moved: else it is on the first line about a place */
	enum step step;          /* of FOLLOW_STEP ... */
	struct moment_wish moment; /* ... and where to, with STEP_TO */
};

/* What a live scan costs. Less than the least is shown as less than that. */
#define COST_LEAST_NS      1000000
#define COST_LEAST_PERCENT 0.1
struct scan_cost {
	uint64_t ns;             /* pauses included */
	uint64_t calls;          /* that read page tables or mappings of the target */
	double percent;          /* of a core, at the interval kept */
	int doubts;              /* scans in a row that cost something else */
};

/* What a screen is drawn from, besides the view. The values belong to the caller. */
struct scene {
	const struct snapshot *snapshot; /* NULL until the first scan is done */
	const struct diff *diff;         /* against the scan before; may be NULL */
	const struct pageset *pages;     /* may be NULL */
	const struct ages *ages;         /* at this snapshot; may be NULL */
	const struct vma_smaps *smaps;   /* by mapping; NULL: smaps was not read */
	bool smaps_reading;              /* it is being read */
	uint64_t smaps_ns, clearing_ns;  /* for how long reading it, or clearing referenced bits, may
	                                  * stall the process */
	const struct lens_sums *sums;    /* through the view's lens; may be NULL */
	uint64_t serial; /* of the snapshot: a pageset for another one is not used */
	const char *file;                /* the snapshot file, NULL for a live process */
	const char *ended;               /* what became of the process, NULL while it lives */
	const char *process;             /* its name before the first scan is done */
	double interval;                 /* seconds between scans, as shown ... */
	double every;                    /* ... and to the last digit */
	bool freezes;                    /* each scan stops the process */
	bool slowed;                     /* they are longer than asked for, because of what a scan costs */
	const struct report *report;     /* the answer to view->question so far; NULL: none yet */
	const char *exporting;           /* how far an export is; NULL: there is none */
	const char *working;             /* how far the job is that makes it; NULL: there is none */
	bool touched;                    /* something of the process was changed */
	const struct changes *changes;   /* of the snapshot against ... */
	const struct snapshot *changes_old; /* ... this one; NULL: not asked for, or not done yet */
	const char *no_changes;          /* why there are none; NULL: they are being made */
	bool has_last, has_mark;         /* there is such a snapshot to compare with */
	struct scan_cost cost;           /* of a recent scan; ns 0 where there is none to be said */
	/* The snapshots that one can step through, in order of time, and which of them is shown. */
	const struct moment *moments;
	size_t moment_count, moment_at;
	bool replay;                     /* it is one of a row: of a file that has several, or past */
	bool past;                       /* it is not the newest one of a process: of its pages nothing
	                                  * more can be read */
	unsigned kept;                   /* NEED_...: what the file has of the snapshot besides */
	bool recording;
	size_t recorded;                 /* snapshots written to the recording so far */
	bool utf8;                       /* blocks can be drawn */
	bool colour, shades;             /* there are colours; and shades of them for shares */
};

/* What must follow an action. */
enum {
	FOLLOW_SCAN = 1,
	FOLLOW_PAUSE = 2,   /* view->paused has changed */
	FOLLOW_SAVE = 4,    /* save view->choice to view->prompt */
	FOLLOW_REDRAW = 8,  /* everything anew */
	FOLLOW_SUSPEND = 16,
	FOLLOW_QUIT = 32,
	FOLLOW_ASK = 64,    /* find an answer to view->question */
	FOLLOW_STOP = 128,  /* give that up */
	FOLLOW_GO = 256,    /* go to the place of the report's line */
	FOLLOW_SMAPS = 512, /* read smaps, once */
	FOLLOW_MARK = 2048,   /* mark the snapshot shown, to compare with */
	FOLLOW_CANCEL = 1 << 14, /* give up the export */
	FOLLOW_RETURN = 1024, /* to the process that was left for this one, if there is one */
	FOLLOW_STEP = 1 << 16, /* show another snapshot: view->step */
	FOLLOW_RECORD = 1 << 17, /* record to view->prompt, or stop if that is done already */
};

void view_init(struct view *v, const struct scene *s);

enum key_context view_context(const struct view *v);

/* Do what a key means; returns what must follow (FOLLOW_...). */
unsigned view_key(struct view *v, uint32_t key, const struct scene *s, const struct layout *l);
unsigned view_apply(struct view *v, enum action a, const struct scene *s, const struct layout *l);
/* Have a question answered, after one of ours where that touches the process, or may stall it. */
unsigned view_ask(struct view *v, enum question q, const struct scene *s);

/* The layout of a screen of that size. */
struct layout view_layout(const struct scene *s, int w, int h);

/* Bring cursor and scroll positions in line with a new snapshot or size: the cursor is then in a
 * mapping and on the screen. */
void view_settle(struct view *v, const struct scene *s, const struct layout *l);

/* The pages whose entries, and frames, the screen shows. */
struct needs view_needs(const struct view *v, const struct scene *s);

/* How many lines of a report are shown at a time; at least 1. */
int view_report_lines(const struct layout *l);
/* The line of the report under the cursor; NULL if there is none. */
const struct report_line *view_report_line(const struct view *v, const struct scene *s);

/* The selected mapping: NULL if there is none. *index may be NULL. */
const struct vma *view_vma(const struct view *v, const struct scene *s, size_t *index);

/* The page under the cursor, counted from the start of its mapping.
 */
uint64_t view_page(const struct view *v, const struct scene *s, const struct vma *vma);

/* How the grid of a mapping is divided. Rows are aligned to their own size. */
struct grid_shape {
	int cells, dots;      /* cells in a row, dots in a cell */
	uint64_t dot_bytes, row_bytes;
	uint64_t first_row;   /* address of the row in which the mapping starts */
	uint64_t rows;
};
struct grid_shape view_grid_shape(
	const struct view *v, const struct scene *s, const struct layout *l, const struct vma *vma);

/* Whether cells are drawn as blocks of four dots. */
bool view_blocks(const struct view *v, const struct scene *s);

/* The cost to show after a scan that cost `now`, where `shown` is on the screen: it stays as long
 * as it is about right for one of COST_DOUBTS scans, because digits that flicker say nothing and
 * cost output each second. */
#define COST_DOUBTS 3
struct scan_cost view_settle_cost(const struct scan_cost *shown, const struct scan_cost *now);

/* A name for a file to save to, proposed to the user. */
void view_propose_name(char *buf, size_t size, const struct snapshot *s);

#endif
