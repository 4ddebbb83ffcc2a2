/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Themes: what is read, what is refused, and that ours can be told apart by every kind of eye. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "view/theme.h"

static void assert_refused(const char *text, const char *name_and_line, const char *what)
{
	struct theme t = { 0 };
	struct err e = { 0 };

	assert_int_equal(theme_parse(&t, "mine", text, &e), -1);
	if (!strstr(e.text, name_and_line) || (what && !strstr(e.text, what)))
		fail_msg(
			"'%s' does not say '%s' and '%s'", e.text, name_and_line, what ? what : "");
}

static void errors_name_theme_and_line(void **state)
{
	(void)state;
	assert_refused("[colours]\nanon = 3\npurple = 3\n", "theme mine, line 3", "purple");
	assert_refused("[colours]\nanon = 256\n", "theme mine, line 2", "256");
	assert_refused("[colours]\n\n# a comment\nanon = red\n", "theme mine, line 4", "red");
	assert_refused("[colours]\nanon = -1\n", "theme mine, line 2", "-1");
	assert_refused("[colours]\nanon = 1 2 3 4 5 6\n", "theme mine, line 2", "anon");
	assert_refused("[colours]\nanon =\n", "theme mine, line 2", "anon");
	assert_refused("[colours]\nanon = bold\n", "theme mine, line 2", "anon");
	assert_refused("[colours]\nanon = 3 blink\n", "theme mine, line 2", "blink");
	assert_refused("[colors]\nanon = 3\n", "theme mine, line 2", NULL);
	assert_refused("[colours]\nanon = 3\nwhat is this\nfile = 4\n", "theme mine, line 3", NULL);
	/* The first of several is named. */
	assert_refused("[colours]\nfoo = 3\nbar = 4\n", "theme mine, line 2", "foo");
}

static void the_first_error_is_named(void **state)
{
	(void)state;
	assert_refused("[colours]\nwhat is this\nbar = 4\n", "theme mine, line 2", NULL);
}

static void what_is_right_is_taken(void **state)
{
	struct theme t = { 0 };
	struct err e;

	(void)state;
	t.colour[ROLE_FILE][0] = 77;
	assert_int_equal(theme_parse(&t, "mine", "[colours]\nanon = 3\nfoo = 1\nswap = 9", &e), -1);
	assert_int_equal(t.colour[ROLE_ANON][0], 3);
	assert_int_equal(t.colour[ROLE_SWAP][0], 9);
	/* What a theme does not name stays. */
	assert_int_equal(t.colour[ROLE_FILE][0], 77);
	assert_int_equal(theme_parse(&t, "mine", "", &e), 0);
	assert_int_equal(theme_parse(&t, "mine", "# nothing\n[theme]\nname = x\n", &e), 0);
}

static void assert_shares(const char *value, int s1, int s2, int s3, int s4, int all, unsigned attr)
{
	struct theme t;
	struct err e = { 0 };
	char text[128];

	memset(&t, 0x55, sizeof(t));
	snprintf(text, sizeof(text), "[colours]\nanon = %s\n", value);
	assert_int_equal(theme_parse(&t, "mine", text, &e), 0);
	assert_int_equal(t.colour[ROLE_ANON][1], s1);
	assert_int_equal(t.colour[ROLE_ANON][2], s2);
	assert_int_equal(t.colour[ROLE_ANON][3], s3);
	assert_int_equal(t.colour[ROLE_ANON][4], s4);
	assert_int_equal(t.colour[ROLE_ANON][0], all);
	assert_int_equal(t.attr[ROLE_ANON], attr);
}

static void shares_go_from_least_to_all(void **state)
{
	(void)state;
	assert_shares("214", 214, 214, 214, 214, 214, 0);
	assert_shares("58 94 136 178 214", 58, 94, 136, 178, 214, 0);
	assert_shares("94 136 178 214", 94, 94, 136, 178, 214, 0);
	assert_shares("0", 0, 0, 0, 0, 0, 0);
	assert_shares("255", 255, 255, 255, 255, 255, 0);
	assert_shares("default", -1, -1, -1, -1, -1, 0);
	assert_shares("default dim", -1, -1, -1, -1, -1, CELL_DIM);
	assert_shares("bold 3", 3, 3, 3, 3, 3, CELL_BOLD);
	assert_shares("3 bold underline reverse", 3, 3, 3, 3, 3,
		CELL_BOLD | CELL_UNDERLINE | CELL_REVERSE);
	assert_shares("1 2 3 4 5 dim", 1, 2, 3, 4, 5, CELL_DIM);
}

/* What a theme does not say is what it was, and here that is a value that no colour has. */
#define UNSAID 0x5555

static void our_themes_define_every_role(void **state)
{
	const struct builtin_theme *b;
	struct theme t;
	struct err e = { 0 };
	int r, k;
	size_t n = 0;

	(void)state;
	for (b = builtin_themes; b->name; b++, n++) {
		memset(&t, 0x55, sizeof(t));
		if (theme_parse(&t, b->name, b->text, &e))
			fail_msg("%s", e.text);
		for (r = 0; r < ROLE_COUNT; r++)
			for (k = 0; k < SHARES; k++)
				if (t.colour[r][k] == UNSAID)
					fail_msg("theme %s: no '%s'", b->name,
						role_name((enum role)r));
		assert_int_equal(theme_builtin(&t, b->name, &e), 0);
		/* The first line says what it is for. */
		assert_int_equal(strncmp(b->text, "# ", 2), 0);
	}
	assert_int_equal(n, 5);
}

static void themes_are_found_by_name(void **state)
{
	static const char *const names[] = { "dark", "light", "mono", "ansi8", "okabe-ito" };
	struct theme t;
	struct err e = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(theme_builtin(&t, names[i], &e), 0);
	assert_int_equal(theme_builtin(&t, "drak", &e), -1);
	assert_non_null(strstr(e.text, "drak"));
	assert_int_equal(theme_builtin(&t, "", &e), -1);
}

static void mono_has_no_colours_and_ansi8_has_eight(void **state)
{
	struct theme t;
	struct err e;
	int r, k;

	(void)state;
	assert_int_equal(theme_builtin(&t, "mono", &e), 0);
	for (r = 0; r < ROLE_COUNT; r++)
		for (k = 0; k < SHARES; k++)
			assert_int_equal(t.colour[r][k], COLOUR_DEFAULT);
	assert_int_equal(theme_builtin(&t, "ansi8", &e), 0);
	for (r = 0; r < ROLE_COUNT; r++)
		for (k = 0; k < SHARES; k++)
			assert_in_range(t.colour[r][k] + 1, 0, 8);
}

/* The others leave the sixteen colours alone that a terminal's user may have changed. */
static void palettes_are_those_that_nobody_changes(void **state)
{
	static const char *const names[] = { "dark", "light", "okabe-ito" };
	struct theme t;
	struct err e;
	size_t i;
	int r, k;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(theme_builtin(&t, names[i], &e), 0);
		for (r = 0; r < ROLE_COUNT; r++)
			for (k = 0; k < SHARES; k++)
				assert_true(
					t.colour[r][k] == COLOUR_DEFAULT || t.colour[r][k] >= 16);
		assert_int_equal(t.colour[ROLE_TEXT][0], COLOUR_DEFAULT);
	}
}

struct rgb {
	double r, g, b; /* linear, 0 to 1 */
};

static double linear(int byte)
{
	double c = byte / 255.0;

	return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* xterm's: a cube of 6 x 6 x 6 from 16 on, greys from 232 on. */
static struct rgb palette(int index)
{
	static const int level[] = { 0, 95, 135, 175, 215, 255 };
	int n = index - 16, grey = 8 + 10 * (index - 232);

	assert_in_range(index, 16, 255);
	if (index >= 232)
		return (struct rgb){ linear(grey), linear(grey), linear(grey) };
	return (struct rgb){ linear(level[n / 36]), linear(level[n / 6 % 6]),
		linear(level[n % 6]) };
}

enum vision { NORMAL, PROTAN, DEUTAN, TRITAN, VISIONS };
static const char *const vision_names[] = { "normal", "protan", "deutan", "tritan" };

static double within(double x)
{
	return x < 0 ? 0 : x > 1 ? 1 : x;
}

/* Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB. */
static struct rgb seen(struct rgb c, enum vision v)
{
	static const double m[VISIONS][9] = {
		{ 1, 0, 0, 0, 1, 0, 0, 0, 1 },
		{ 0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116,
			1.051998 },
		{ 0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940,
			0.968881 },
		{ 1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367,
			0.303900 },
	};
	const double *k = m[v];

	return (struct rgb){
		within(k[0] * c.r + k[1] * c.g + k[2] * c.b),
		within(k[3] * c.r + k[4] * c.g + k[5] * c.b),
		within(k[6] * c.r + k[7] * c.g + k[8] * c.b),
	};
}

struct lab {
	double l, a, b;
};

static double lab_f(double t)
{
	return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

static struct lab lab_of(struct rgb c)
{
	double x = lab_f((0.4124564 * c.r + 0.3575761 * c.g + 0.1804375 * c.b) / 0.95047);
	double y = lab_f(0.2126729 * c.r + 0.7151522 * c.g + 0.0721750 * c.b);
	double z = lab_f((0.0193339 * c.r + 0.1191920 * c.g + 0.9503041 * c.b) / 1.08883);

	return (struct lab){ 116 * y - 16, 500 * (x - y), 200 * (y - z) };
}

static double radians(double degrees)
{
	return degrees * M_PI / 180;
}

/* Degrees, 0 to 360. */
static double hue(double a, double b)
{
	double h = a == 0 && b == 0 ? 0 : atan2(b, a) * 180 / M_PI;

	return h < 0 ? h + 360 : h;
}

/* CIEDE2000, after Sharma, Wu and Dalal 2005. */
static double difference(struct lab x, struct lab y)
{
	double c_mean = (hypot(x.a, x.b) + hypot(y.a, y.b)) / 2, c7 = pow(c_mean, 7);
	double g = 0.5 * (1 - sqrt(c7 / (c7 + pow(25, 7))));
	double a1 = (1 + g) * x.a, a2 = (1 + g) * y.a;
	double c1 = hypot(a1, x.b), c2 = hypot(a2, y.b);
	double h1 = hue(a1, x.b), h2 = hue(a2, y.b), dh = h2 - h1, h = h1 + h2;
	double dl = y.l - x.l, dc = c2 - c1, l = (x.l + y.l) / 2, c = (c1 + c2) / 2, t, rt, sl, sc,
	       sh;

	if (c1 * c2 == 0)
		dh = 0;
	else if (dh > 180)
		dh -= 360;
	else if (dh < -180)
		dh += 360;
	dh = 2 * sqrt(c1 * c2) * sin(radians(dh / 2));
	if (c1 * c2 != 0)
		h = fabs(h1 - h2) <= 180 ? h / 2 : h < 360 ? (h + 360) / 2 : (h - 360) / 2;
	t = 1 - 0.17 * cos(radians(h - 30)) + 0.24 * cos(radians(2 * h)) +
	    0.32 * cos(radians(3 * h + 6)) - 0.20 * cos(radians(4 * h - 63));
	c7 = pow(c, 7);
	rt = -2 * sqrt(c7 / (c7 + pow(25, 7))) * sin(radians(60 * exp(-pow((h - 275) / 25, 2))));
	sl = 1 + 0.015 * pow(l - 50, 2) / sqrt(20 + pow(l - 50, 2));
	sc = 1 + 0.045 * c;
	sh = 1 + 0.015 * c * t;
	dl /= sl;
	dc /= sc;
	dh /= sh;
	return sqrt(dl * dl + dc * dc + dh * dh + rt * dc * dh);
}

/* The authors' own data, so that the yardstick is right. */
static void the_yardstick_is_right(void **state)
{
	static const struct {
		struct lab x, y;
		double d;
	} cases[] = {
		{ { 50, 2.6772, -79.7751 }, { 50, 0, -82.7485 }, 2.0425 },
		{ { 50, -1.3802, -84.2814 }, { 50, 0, -82.7485 }, 1.0000 },
		{ { 50, 2.5, 0 }, { 50, 0, -2.5 }, 4.3065 },
		{ { 50, 2.5, 0 }, { 73, 25, -18 }, 27.1492 },
		{ { 50, 2.5, 0 }, { 61, -5, 29 }, 22.8977 },
		{ { 50, 2.49, -0.001 }, { 50, -2.49, 0.0011 }, 7.2195 },
		{ { 50, -1, 2 }, { 50, 0, 0 }, 2.3669 },
		{ { 60.2574, -34.0099, 36.2677 }, { 60.4626, -34.1751, 39.4387 }, 1.2644 },
		{ { 22.7233, 20.0904, -46.6940 }, { 23.0331, 14.9730, -42.5619 }, 2.0373 },
		{ { 2.0776, 0.0795, -1.1350 }, { 0.9033, -0.0636, -0.5514 }, 0.9082 },
	};
	struct lab white = lab_of(palette(231)), red = lab_of(palette(196));
	size_t i;
	int v;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_true(fabs(difference(cases[i].x, cases[i].y) - cases[i].d) < 0.0001);
	assert_true(fabs(white.l - 100) < 0.01 && fabs(white.a) < 0.05 && fabs(white.b) < 0.05);
	assert_true(fabs(red.l - 53.24) < 0.02 && fabs(red.a - 80.09) < 0.05 &&
		    fabs(red.b - 67.20) < 0.05);
	/* White is white to everybody. */
	for (v = 0; v < VISIONS; v++)
		assert_true(difference(lab_of(seen(palette(231), (enum vision)v)), white) < 0.1);
}

static void check_apart(const char *name)
{
	static const enum role roles[] = { ROLE_ANON, ROLE_FILE, ROLE_SWAP };
	struct theme t;
	struct err e;
	int i, k, v, bad = 0;

	assert_int_equal(theme_builtin(&t, name, &e), 0);
	for (v = 0; v < VISIONS; v++) {
		for (i = 0; i < 3; i++) {
			for (k = 0; k < i; k++) {
				struct rgb a = palette(t.colour[roles[k]][0]);
				struct rgb b = palette(t.colour[roles[i]][0]);
				double d = difference(lab_of(seen(a, (enum vision)v)),
					lab_of(seen(b, (enum vision)v)));

				if (d >= 20)
					continue;
				print_message("%s, %s vision: %s and %s are %.1f apart\n", name,
					vision_names[v], role_name(roles[k]), role_name(roles[i]),
					d);
				bad++;
			}
		}
	}
	assert_int_equal(bad, 0);
}

static void states_of_dark_are_apart(void **state)
{
	(void)state;
	check_apart("dark");
}

static void states_of_light_are_apart(void **state)
{
	(void)state;
	check_apart("light");
}

static void states_of_okabe_ito_are_apart(void **state)
{
	(void)state;
	check_apart("okabe-ito");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_name_theme_and_line),
		cmocka_unit_test(the_first_error_is_named),
		cmocka_unit_test(what_is_right_is_taken),
		cmocka_unit_test(shares_go_from_least_to_all),
		cmocka_unit_test(our_themes_define_every_role),
		cmocka_unit_test(themes_are_found_by_name),
		cmocka_unit_test(mono_has_no_colours_and_ansi8_has_eight),
		cmocka_unit_test(palettes_are_those_that_nobody_changes),
		cmocka_unit_test(the_yardstick_is_right),
		cmocka_unit_test(states_of_dark_are_apart),
		cmocka_unit_test(states_of_light_are_apart),
		cmocka_unit_test(states_of_okabe_ito_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
