/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *units_size(char buf[UNITS_SIZE_LEN], uint64_t bytes)
{
	static const char unit[] = "KMGTPE";
	int shift = 0;
	uint64_t whole, tenths;

	if (bytes < 1024) {
		snprintf(buf, UNITS_SIZE_LEN, "%" PRIu64, bytes);
		return buf;
	}
	while (shift < 60 && bytes >> shift >= 1024)
		shift += 10;
	whole = bytes >> shift;
	tenths = ((bytes >> (shift - 10) & 1023) * 10) >> 10;
	if (whole < 10)
		snprintf(buf, UNITS_SIZE_LEN, "%" PRIu64 ".%" PRIu64 "%c", whole, tenths,
			unit[shift / 10 - 1]);
	else
		snprintf(buf, UNITS_SIZE_LEN, "%" PRIu64 "%c", whole, unit[shift / 10 - 1]);
	return buf;
}

const char *units_count(char buf[UNITS_COUNT_LEN], uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n), i, k = 0;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf[k++] = ',';
		buf[k++] = digits[i];
	}
	buf[k] = '\0';
	return buf;
}

bool units_parse_hex(const char *s, size_t n, uint64_t *out)
{
	uint64_t v = 0;
	size_t i = 0;

	if (n > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		i = 2;
	if (i == n)
		return false;
	for (; i < n; i++) {
		int digit = units_hex_digit(s[i]);

		if (digit < 0 || v >> 60)
			return false;
		v = v << 4 | (uint64_t)digit;
	}
	*out = v;
	return true;
}

bool units_parse_u64(const char *s, uint64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	*out = strtoull(s, &end, 10);
	return !errno && !*end;
}

bool units_parse_size(const char *s, uint64_t *out)
{
	static const char unit[] = "KMGT";
	const char *u;
	char *end;
	int shift = 0;
	uint64_t v;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	v = strtoull(s, &end, s[0] == '0' && (s[1] == 'x' || s[1] == 'X') ? 16 : 10);
	if (errno)
		return false;
	if (*end && (u = strchr(unit, toupper((unsigned char)*end)))) {
		shift = 10 * (int)(u - unit + 1);
		end++;
		if (*end == 'i' && end[1] == 'B')
			end++;
	}
	if (*end == 'B')
		end++;
	if (*end || (shift && v >> (64 - shift)))
		return false;
	*out = v << shift;
	return true;
}

bool units_parse_seconds(const char *s, double least, double most, double *out)
{
	char *end;
	double v;

	if (!isdigit((unsigned char)*s) && *s != '.')
		return false;
	errno = 0;
	v = strtod(s, &end);
	if (errno || *end || !isfinite(v) || v < least || v > most)
		return false;
	*out = v;
	return true;
}

const char *units_time(char buf[UNITS_TIME_LEN], struct timespec t)
{
	struct tm tm;
	size_t n;

	gmtime_r(&t.tv_sec, &tm);
	n = strftime(buf, UNITS_TIME_LEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, UNITS_TIME_LEN - n, ".%03ldZ", t.tv_nsec / 1000000);
	return buf;
}

bool units_parse_time(const char *s, struct timespec *t)
{
	struct tm tm = { 0 };
	const char *p = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
	long ms = 0, weight = 100;

	if (!p)
		return false;
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p); p++, weight /= 10)
			ms += (*p - '0') * weight;
	if (strcmp(p, "Z") != 0)
		return false;
	t->tv_sec = timegm(&tm);
	t->tv_nsec = ms * 1000000;
	return true;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t units_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t units_cpu_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t units_process_cpu_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

const char *units_duration(char buf[UNITS_DURATION_LEN], uint64_t ns)
{
	if (ns < 9950000)
		snprintf(buf, UNITS_DURATION_LEN, "%.1f ms", (double)ns / 1e6);
	else if (ns < 999500000)
		snprintf(buf, UNITS_DURATION_LEN, "%.0f ms", (double)ns / 1e6);
	else
		snprintf(buf, UNITS_DURATION_LEN, "%.1f s", (double)ns / 1e9);
	return buf;
}
