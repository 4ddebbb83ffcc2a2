/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/moment.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Exactly n digits at *s, which goes on behind them; -1 if they are not there. */
static int digits(const char **s, int n)
{
	int value = 0;

	for (; n; n--, ++*s) {
		if (!isdigit((unsigned char)**s))
			return -1;
		value = value * 10 + (**s - '0');
	}
	return value;
}

static bool skip(const char **s, const char *one_of)
{
	if (!**s || !strchr(one_of, **s))
		return false;
	++*s;
	return true;
}

static bool parse_clock(const char **s, int *hour, int *minute, int *second)
{
	*hour = digits(s, 2);
	*minute = *hour >= 0 && skip(s, ":") ? digits(s, 2) : -1;
	*second = 0;
	if (*minute >= 0 && skip(s, ":"))
		*second = digits(s, 2);
	/* 60: a leap second. */
	return *hour >= 0 && *hour < 24 && *minute >= 0 && *minute < 60 && *second >= 0 &&
		*second <= 60;
}

/* ".25" at *s, if it is there; as nanoseconds, cut. */
static bool parse_fraction(const char **s, long *ns)
{
	long unit = 100000000;

	*ns = 0;
	if (!skip(s, ".,"))
		return true;
	if (!isdigit((unsigned char)**s))
		return false;
	for (; isdigit((unsigned char)**s); ++*s, unit /= 10)
		*ns += unit * (**s - '0');
	return true;
}

/* "Z", "+01:00", "-0130": seconds east of Greenwich. *local: there is none of them. */
static bool parse_zone(const char **s, bool *local, long *east)
{
	bool west = **s == '-';
	int hour, minute;

	*east = 0;
	*local = !**s;
	if (*local || skip(s, "Zz"))
		return true;
	if (!skip(s, "+-"))
		return false;
	hour = digits(s, 2);
	skip(s, ":");
	minute = **s ? digits(s, 2) : 0;
	*east = (west ? -60 : 60) * (hour * 60 + minute);
	return hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
}

static bool days_in_month(int year, int month, int day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);

	return month >= 1 && month <= 12 && day >= 1 &&
		day <= days[month - 1] + (month == 2 && leap);
}

static bool parse_date(const char *s, struct timespec *date)
{
	struct tm tm = { .tm_isdst = -1 };
	bool local;
	long east;
	int year = digits(&s, 4);

	tm.tm_year = year - 1900;
	tm.tm_mon = year >= 0 && skip(&s, "-") ? digits(&s, 2) - 1 : -1;
	tm.tm_mday = tm.tm_mon >= 0 && skip(&s, "-") ? digits(&s, 2) : -1;
	if (!days_in_month(year, tm.tm_mon + 1, tm.tm_mday) || !skip(&s, "Tt ") ||
		!parse_clock(&s, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) ||
		!parse_fraction(&s, &date->tv_nsec) || !parse_zone(&s, &local, &east) || *s)
		return false;
	date->tv_sec = local ? mktime(&tm) : timegm(&tm) - east;
	return true;
}

static bool parse_number(const char *s, long long *number)
{
	bool back;

	skip(&s, "#");
	back = skip(&s, "-");
	if (!isdigit((unsigned char)*s) || strlen(s) > 15)
		return false;
	for (*number = 0; isdigit((unsigned char)*s); s++)
		*number = *number * 10 + (*s - '0');
	if (back)
		*number = -*number;
	return !*s;
}

int moment_parse(const char *text, struct moment_wish *w, struct err *e)
{
	const char *s = text;

	*w = (struct moment_wish){ .kind = MOMENT_NUMBER };
	if (parse_number(text, &w->number)) {
		if (w->number)
			return 0;
		return err_set(e, "snapshots are counted from 1, or from -1 at the end");
	}
	w->kind = MOMENT_CLOCK;
	if (parse_clock(&s, &w->hour, &w->minute, &w->second) && !*s)
		return 0;
	w->kind = MOMENT_DATE;
	if (parse_date(text, &w->date))
		return 0;
	return err_set(e,
		"'%s' is no time: HH:MM:SS, 2026-11-22T22:10:00, or a number, negative from the end",
		text);
}

static bool is_later(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* That time of the clock on the day of t, or so many days before. */
static struct timespec on_day(const struct moment_wish *w, struct timespec t, int before)
{
	struct tm tm;

	localtime_r(&t.tv_sec, &tm);
	tm.tm_mday -= before;
	tm.tm_hour = w->hour;
	tm.tm_min = w->minute;
	tm.tm_sec = w->second;
	tm.tm_isdst = -1;
	return (struct timespec){ .tv_sec = mktime(&tm) };
}

/* What is shown of a time is its second: all of it is meant. */
static struct timespec whole_second(struct timespec t)
{
	if (!t.tv_nsec)
		t.tv_nsec = 999999999;
	return t;
}

int moment_find(const struct moment_wish *w, size_t n,
	struct timespec (*time)(const void *ctx, size_t i), const void *ctx, size_t *i,
	struct err *e)
{
	struct timespec first = time(ctx, 0), last = time(ctx, n - 1), when;
	unsigned long long count = n;
	char clock[32];
	struct tm tm;
	size_t lo = 0, hi = n;

	if (w->kind == MOMENT_NUMBER) {
		unsigned long long number =
			(unsigned long long)(w->number < 0 ? -w->number : w->number);

		if (number > count)
			return err_set(e, "there is no snapshot %lld: there %s %llu", w->number,
				n == 1 ? "is" : "are", count);
		*i = w->number < 0 ? n - (size_t)number : (size_t)number - 1;
		return 0;
	}
	when = w->kind == MOMENT_CLOCK ? on_day(w, last, 0) : w->date;
	if (w->kind == MOMENT_CLOCK && is_later(when, last)) {
		struct timespec before = whole_second(on_day(w, last, 1));

		if (!is_later(first, before))
			when = before;
	}
	when = whole_second(when);
	/* The first one that is later; the clock may have been set back meanwhile. */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (is_later(time(ctx, mid), when))
			hi = mid;
		else
			lo = mid + 1;
	}
	if (lo) {
		*i = lo - 1;
		return 0;
	}
	localtime_r(&first.tv_sec, &tm);
	strftime(clock, sizeof(clock), "%Y-%m-%d %H:%M:%S", &tm);
	return err_set(e, "no snapshot is that old: the first is of %s", clock);
}
