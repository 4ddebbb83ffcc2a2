/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The question that is being answered on the screen, and what became of it. */
#ifndef TUI_QUESTIONS_H
#define TUI_QUESTIONS_H

#include "tui/ask.h"

struct questions {
	struct asked *asked;     /* NULL: nobody is at it */
	bool next;               /* another one is to be asked when that is over */
	bool dropped;            /* its answer is not wanted any more */
	bool stopped;            /* its user has stopped it: it is not asked again by itself */
	uint64_t again_ns;       /* when to ask the same again; 0: not */
	struct report *report;   /* what is known of the answer */
	char working[ASK_PROGRESS];
	struct touched {
		pid_t pid;
		uint64_t start_time;
	} *touched;              /* processes of which something was changed */
	size_t touches, cap;
};

/* about: the question that the view shows, of what is looked at now. What was known of an answer
 * is forgotten. A message for the user goes to the view. */
void questions_ask(struct questions *q, const struct ask_about *about, struct view *v);
/* Esc while it is answered; or the report is closed, or another process is gone to (closed). */
void questions_stop(struct questions *q, bool closed);

/* To poll for news: a descriptor, or -1; and for how many ms at most, or -1. */
int questions_fd(const struct questions *q);
int questions_patience(const struct questions *q);
/* There is some. interval: seconds between scans. */
void questions_take(struct questions *q, const struct ask_about *about, double interval,
	struct view *v);

/* Ask again what is watched, and bring the scene in line. */
void questions_tell(struct questions *q, const struct ask_about *about, struct view *v,
	struct scene *s);

/* Gives up what is being answered, and waits for that. */
void questions_free(struct questions *q);

#endif
