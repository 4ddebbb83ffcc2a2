/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a key means: it answers a question, belongs to a line that is typed, or names an action. */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "base/utf8.h"
#include "model/smaps.h"
#include "model/wss.h"
#include "view/state.h"
#include "view/times.h"

static void say(struct view *v, const char *text)
{
	snprintf(v->message, sizeof(v->message), "%s", text);
}

/* How long the process may stand still, where very little is not nothing. */
#define STALL (UNITS_DURATION_LEN + 1)
static const char *stall(char buf[STALL], uint64_t ns)
{
	char about[UNITS_DURATION_LEN];

	if (ns < 100000)
		snprintf(buf, STALL, "<0.1 ms");
	else
		snprintf(buf, STALL, "~%s", units_duration(about, ns));
	return buf;
}

/* Have a question of the user's answered, after one of ours where that touches or stalls the
 * process: text. */
static void ask(struct view *v, unsigned follow, const char *text)
{
	v->asking = follow;
	snprintf(v->ask, sizeof(v->ask), "%s", text);
}

static unsigned show_report(struct view *v)
{
	if (v->screen != SCREEN_REPORT)
		v->below_report = v->screen == SCREEN_HELP ? v->below_help : v->screen;
	v->screen = SCREEN_REPORT;
	v->question = v->wanted;
	v->report_at = v->report_top = 0;
	v->report_moved = false;
	return FOLLOW_ASK;
}

unsigned view_ask(struct view *v, enum question q, const struct scene *s)
{
	char took[UNITS_DURATION_LEN], text[VIEW_TEXT];

	if (!s->snapshot)
		return 0;
	if (s->file || s->ended) {
		say(v, s->file ? "a file does not hold that: it takes the live process"
			       : "the process has ended");
		return 0;
	}
	if (s->past) {
		say(v, "that asks the process as it is now: F follows the newest snapshot");
		return 0;
	}
	v->wanted = q;
	if (q == QUESTION_WSS) {
		v->prompting = PROMPT_WSS;
		snprintf(v->prompt, sizeof(v->prompt), "10");
		return 0;
	}
	if (q == QUESTION_RSS && s->smaps_ns > SMAPS_SAY_NS) {
		snprintf(text, sizeof(text), "reading smaps may stall the process for %s or more: read it? y/n",
			units_duration(took, s->smaps_ns));
		ask(v, FOLLOW_ASK, text);
		return 0;
	}
	return show_report(v);
}

/* A line was typed to its end. */
static unsigned prompt_done(struct view *v, const struct scene *s)
{
	enum prompt what = v->prompting;
	char clear[STALL], smaps[STALL], text[VIEW_TEXT];

	v->prompting = PROMPT_NONE;
	if (what == PROMPT_SAVE)
		return dialog_done(v, s);
	if (!v->prompt[0])
		return 0;
	if (what == PROMPT_RECORD)
		return FOLLOW_RECORD;
	if (what == PROMPT_GO_TO)
		return times_go_to(v, s);
	if (!units_parse_seconds(v->prompt, WSS_LEAST, WSS_MOST, &v->wss_seconds)) {
		say(v, "seconds from 0.1 to 3600, please: W again");
		return 0;
	}
	snprintf(text, sizeof(text),
		"clear its referenced bits (stalls it %s), read smaps (%s)? y/n",
		stall(clear, s->clearing_ns), stall(smaps, s->smaps_ns));
	ask(v, FOLLOW_ASK, text);
	return 0;
}

/* Keys while a line is typed. */
static unsigned prompt_key(struct view *v, uint32_t key, const struct scene *s)
{
	size_t len = strlen(v->prompt);

	switch (key) {
	case PKEY_ESC:
	case PKEY_CTRL('c'):
		v->prompting = PROMPT_NONE;
		v->dialog = false;
		return 0;
	case PKEY_TAB:
	case PKEY_BACKTAB:
		if (v->dialog)
			v->prompting = PROMPT_NONE; /* back to what is chosen */
		return 0;
	case PKEY_ENTER:
		return prompt_done(v, s);
	case PKEY_CTRL('u'):
		v->prompt[0] = '\0';
		return 0;
	case PKEY_BACKSPACE:
	case PKEY_DELETE:
		while (len && (v->prompt[--len] & 0xc0) == 0x80)
			;
		v->prompt[len] = '\0';
		return 0;
	}
	if (key < KEYS_BEGIN && utf8_safe(key)) {
		struct str typed = { 0 };

		utf8_add(&typed, key);
		if (len + typed.len < sizeof(v->prompt))
			memcpy(v->prompt + len, typed.s, typed.len + 1);
		str_free(&typed);
	}
	return 0;
}

/* The key that answers a question of ours: only y is a yes. */
static unsigned answer_key(struct view *v, uint32_t key)
{
	unsigned follow = v->asking;

	v->asking = 0;
	if (key != 'y' && key != 'Y') {
		say(v, "not done");
		return 0;
	}
	return follow & FOLLOW_ASK ? show_report(v) : follow;
}

unsigned view_key(struct view *v, uint32_t key, const struct scene *s, const struct layout *l)
{
	enum action a;

	v->message[0] = '\0';
	if (v->prompting)
		return prompt_key(v, key, s);
	if (v->dialog)
		return dialog_key(v, key, s);
	if (v->asking)
		return answer_key(v, key);
	if (v->screen == SCREEN_HELP && key >= '1' && key < '1' + HELP_TABS) {
		v->help_tab = (int)(key - '1');
		return 0;
	}
	a = keymap_action(key, view_context(v));
	if (a == ACTION_NONE) {
		snprintf(v->message, sizeof(v->message), "this key does nothing here: ? for help");
		return 0;
	}
	return view_apply(v, a, s, l);
}
