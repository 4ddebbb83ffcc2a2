/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/mem.h"
#include "view/keymap.h"

struct terminal {
	SCREEN *screen;
	FILE *keys, *out; /* keys: /dev/tty where stdin is no terminal, else stdin */
	struct theme theme;
	bool utf8, colour, shades;
	const char *notice;
	struct cell *shown; /* what the terminal shows, w x h; ch UNSHOWN where it is not known */
	int w, h;
	short *pair;        /* curses pair by colours: [(fg + 1) * 257 + bg + 1] */
	int pairs;
};

#define UNSHOWN 0xffffffffu
#define PAIR_KEYS (257 * 257)

/* For a crash: everything needed to restore the terminal, prepared, because nothing can be computed
 * then. */
static struct {
	char text[256];
	size_t len;
	int fd, keys_fd;
	struct termios modes;
	bool armed;
} rescue;

static void crashed(int sig)
{
	if (rescue.armed) {
		if (write(rescue.fd, rescue.text, rescue.len) < 0)
			rescue.armed = false; /* nothing more can be done */
		tcsetattr(rescue.keys_fd, TCSANOW, &rescue.modes);
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

static void add_reset(const char *capability)
{
	const char *s = tigetstr(capability);

	if (!s || s == (char *)-1 || rescue.len + strlen(s) >= sizeof(rescue.text))
		return;
	memcpy(rescue.text + rescue.len, s, strlen(s));
	rescue.len += strlen(s);
}

static void arm_rescue(struct terminal *t)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	struct sigaction sa = { .sa_handler = crashed, .sa_flags = (int)SA_RESETHAND };
	size_t i;

	rescue.len = 0;
	add_reset("sgr0");
	add_reset("op");
	add_reset("rmkx");
	add_reset("rmcup");
	add_reset("cnorm"); /* see leave_screen() */
	rescue.fd = fileno(t->out);
	rescue.keys_fd = fileno(t->keys);
	rescue.armed = true;
	for (i = 0; i < sizeof(fatal) / sizeof(*fatal); i++)
		sigaction(fatal[i], &sa, NULL);
}

/* Give the terminal back. Some restore with the screen whether the cursor was shown when curses
 * last saved its place: that was while it was hidden. */
static void leave_screen(void)
{
	const char *shown = tigetstr("cnorm");

	endwin();
	if (!shown || shown == (char *)-1)
		return;
	tputs(shown, 1, putchar);
	fflush(stdout);
}

/* Out of memory: the message goes to a terminal that can show it. */
static void leave_curses(void)
{
	if (rescue.armed)
		leave_screen();
}

static int open_keys(struct terminal *t, struct err *e)
{
	if (isatty(STDIN_FILENO)) {
		t->keys = stdin;
		return 0;
	}
	t->keys = fopen("/dev/tty", "r+e");
	if (!t->keys)
		return err_errno(
			e, "no keyboard: stdin is not a terminal, and /dev/tty cannot be opened");
	return 0;
}

/* Start curses for $TERM, or for xterm-256color where the system does not know it: most terminals
 * that are new understand that one. */
static int open_screen(struct terminal *t, struct err *e)
{
	bool places;
	int known = 0;
	const char *name = getenv("TERM");
	static char notice[128];

	if (!name || !*name)
		return err_set(e,
			"TERM is not set: pmview needs a terminal; --list prints the mappings without one");
	/* known is 1 for a terminal that is described but prints on paper, say. */
	places = setupterm(name, fileno(t->out), &known) == OK && tigetstr("cup");
	if (cur_term)
		del_curterm(cur_term);
	if ((known == 1 && !places) || !strcmp(name, "dumb") || !strcmp(name, "unknown"))
		return err_set(e,
			"the terminal is dumb (TERM=%s): it cannot show a screen; --list prints the mappings",
			name);
	t->screen = newterm(places ? name : "xterm-256color", t->out, t->keys);
	if (!places) {
		snprintf(notice, sizeof(notice),
			"terminal type '%.40s' is not known here: treated as xterm-256color", name);
		t->notice = notice;
	}
	if (!t->screen)
		return err_set(e,
			"the terminal type '%s' is not known here (TERM); --list prints the mappings",
			name);
	return 0;
}

static int choose_theme(struct terminal *t, const struct term_options *o, struct err *e)
{
	const char *no_color = getenv("NO_COLOR"), *fgbg = getenv("COLORFGBG"), *name = o->theme;
	bool wanted = o->colour == TERM_COLOUR_ALWAYS ||
		(o->colour == TERM_COLOUR_AUTO && !(no_color && *no_color));
	const char *background = fgbg ? strrchr(fgbg, ';') : NULL;
	int r, n;

	t->colour = wanted && has_colors();
	if (t->colour && start_color() == OK)
		use_default_colors();
	if (!t->colour)
		name = "mono";
	else if (COLORS < 256)
		name = name && !strcmp(name, "mono") ? name : "ansi8";
	else if (!name)
		name = background && (!strcmp(background, ";15") || !strcmp(background, ";7"))
			? "light"
			: "dark";
	if (theme_builtin(&t->theme, name, e) < 0)
		return -1;
	t->colour = t->colour && strcmp(name, "mono") != 0;
	for (r = ROLE_NONE; r <= ROLE_UNKNOWN; r++)
		for (n = 1; n < SHARES; n++)
			t->shades |= t->theme.colour[r][n] != t->theme.colour[r][0];
	return 0;
}

struct terminal *term_open(const struct term_options *o, struct err *e)
{
	struct terminal *t = mem_zero(1, sizeof(*t));
	struct theme ignored;

	t->out = stdout;
	/* A wrong name is an error before the screen is taken. */
	if ((o->theme && theme_builtin(&ignored, o->theme, e) < 0) || open_keys(t, e) < 0) {
		term_close(t);
		return NULL;
	}
	tcgetattr(fileno(t->keys), &rescue.modes);
	if (open_screen(t, e) < 0) {
		term_close(t);
		return NULL;
	}
	arm_rescue(t);
	mem_on_failure(leave_curses);
	if (choose_theme(t, o, e) < 0) {
		term_close(t);
		return NULL;
	}
	/* ^C, ^Z and ^\ are keys like others. */
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	/* A terminal behind ssh sends a key's bytes together; ESCDELAY can ask for more patience.
	 */
	if (!getenv("ESCDELAY"))
		set_escdelay(25);
	curs_set(0);
	leaveok(stdscr, TRUE);
	/* Two columns for a block glyph: a CJK locale, where blocks would fall apart. */
	t->utf8 = !o->ascii && !strcmp(nl_langinfo(CODESET), "UTF-8") && wcwidth(0x2588) == 1 &&
		strcmp(getenv("TERM"), "linux") != 0;
	t->pair = mem_zero(PAIR_KEYS, sizeof(*t->pair));
	term_resized(t);
	return t;
}

void term_close(struct terminal *t)
{
	if (!t)
		return;
	if (t->screen) {
		leave_screen();
		rescue.armed = false;
		delscreen(t->screen);
	}
	if (t->keys && t->keys != stdin)
		fclose(t->keys);
	free(t->shown);
	free(t->pair);
	free(t);
}

int term_fd(const struct terminal *t)
{
	return fileno(t->keys);
}

int term_out_fd(const struct terminal *t)
{
	return fileno(t->out);
}

bool term_can_show(const struct terminal *t)
{
	struct pollfd p = { fileno(t->out), POLLOUT, 0 };

	return poll(&p, 1, 0) == 1 && p.revents & POLLOUT;
}

int term_width(const struct terminal *t)
{
	return t->w;
}

int term_height(const struct terminal *t)
{
	return t->h;
}

bool term_utf8(const struct terminal *t)
{
	return t->utf8;
}

bool term_colour(const struct terminal *t)
{
	return t->colour;
}

bool term_shades(const struct terminal *t)
{
	return t->shades;
}

const char *term_notice(const struct terminal *t)
{
	return t->notice;
}

void term_redraw(struct terminal *t)
{
	int i;

	for (i = 0; i < t->w * t->h; i++)
		t->shown[i].ch = UNSHOWN;
	clearok(stdscr, TRUE);
}

void term_resized(struct terminal *t)
{
	struct winsize ws;
	int i;

	if (!ioctl(fileno(t->out), TIOCGWINSZ, &ws) && ws.ws_row && ws.ws_col)
		resizeterm(ws.ws_row, ws.ws_col);
	getmaxyx(stdscr, t->h, t->w);
	t->shown = mem_resize(t->shown, (size_t)t->w * (size_t)t->h, sizeof(*t->shown));
	for (i = 0; i < t->w * t->h; i++)
		t->shown[i].ch = UNSHOWN;
}

/* The curses pair for two colours, made when it is first wanted. */
static short pair_of(struct terminal *t, int fg, int bg)
{
	int key = (fg + 1) * 257 + bg + 1;

	if (fg < 0 && bg < 0)
		return 0;
	if (!t->pair[key] && t->pairs + 1 < COLOR_PAIRS && t->pairs + 1 < 32767 &&
		init_pair((short)(t->pairs + 1), (short)fg, (short)bg) == OK)
		t->pair[key] = (short)++t->pairs;
	return t->pair[key];
}

static attr_t curses_attr(unsigned attr)
{
	return (attr & CELL_BOLD ? A_BOLD : 0) | (attr & CELL_UNDERLINE ? A_UNDERLINE : 0) |
		(attr & CELL_REVERSE ? A_REVERSE : 0) | (attr & CELL_DIM ? A_DIM : 0);
}

static void put(struct terminal *t, int x, int y, const struct cell *c)
{
	wchar_t text[2] = { (wchar_t)c->ch, 0 };
	unsigned attr = c->attr | t->theme.attr[ink_role(c->fg)];
	short pair = 0;
	cchar_t cc;

	if (t->colour) {
		int fg = t->theme.colour[ink_role(c->fg)][ink_share(c->fg)];
		/* The background of ROLE_TEXT is the terminal's own, whatever its text colour is.
		 */
		int bg =
			c->bg ? t->theme.colour[ink_role(c->bg)][ink_share(c->bg)] : COLOUR_DEFAULT;

		/* Text for a coloured background, on a role that has none. */
		if (ink_role(c->fg) == ROLE_ON_COLOUR && bg == COLOUR_DEFAULT)
			fg = COLOUR_DEFAULT;
		pair = pair_of(t, fg, bg);
	}
	if (setcchar(&cc, text, curses_attr(attr), pair, NULL) == OK)
		mvadd_wch(y, x, &cc);
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
	return a->ch == b->ch && a->fg == b->fg && a->bg == b->bg && a->attr == b->attr;
}

void term_blit(struct terminal *t, const struct cells *c)
{
	int x, y, i;

	for (y = 0; y < t->h && y < c->h; y++) {
		for (x = 0; x < t->w && x < c->w; x++) {
			const struct cell *cell = &c->cell[y * c->w + x];

			i = y * t->w + x;
			if (same_cell(cell, &t->shown[i]))
				continue;
			t->shown[i] = *cell;
			if (cell->ch)
				put(t, x, y, cell);
		}
	}
	refresh();
}

static uint32_t key_of_curses(wint_t k)
{
	static const struct {
		wint_t curses;
		uint32_t key;
	} table[] = {
		{ KEY_UP, PKEY_UP },
		{ KEY_DOWN, PKEY_DOWN },
		{ KEY_LEFT, PKEY_LEFT },
		{ KEY_RIGHT, PKEY_RIGHT },
		{ KEY_PPAGE, PKEY_PGUP },
		{ KEY_NPAGE, PKEY_PGDN },
		{ KEY_HOME, PKEY_HOME },
		{ KEY_END, PKEY_END },
		{ KEY_BTAB, PKEY_BACKTAB },
		{ KEY_BACKSPACE, PKEY_BACKSPACE },
		{ KEY_DC, PKEY_DELETE },
		{ KEY_ENTER, PKEY_ENTER },
	};
	size_t i;

	if (k >= KEY_F(1) && k <= KEY_F(10))
		return PKEY_F1 + (k - KEY_F(1));
	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].curses == k)
			return table[i].key;
	return KEYS_BEGIN; /* one we have no name for */
}

uint32_t term_key(struct terminal *t)
{
	wint_t k;
	int r;

	(void)t; /* curses has one terminal at a time */
	/* A KEY_RESIZE is what resizeterm() left: the signal has told us already. */
	do
		r = get_wch(&k);
	while (r == KEY_CODE_YES && k == KEY_RESIZE);
	if (r == ERR)
		return 0;
	if (r == KEY_CODE_YES)
		return key_of_curses(k);
	if (k == '\n')
		return PKEY_ENTER;
	if (k == 0x7f || k == 0x08)
		return PKEY_BACKSPACE;
	return k ? (uint32_t)k : KEYS_BEGIN;
}

void term_suspend(struct terminal *t)
{
	sigset_t set, old;

	leave_screen();
	/* The whole job stops, as it would by the terminal's own ^Z: sudo or a pipe's other end
	 * with us. */
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	term_resized(t);
	clearok(stdscr, TRUE);
}
