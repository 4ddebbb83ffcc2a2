/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as people write and read them. */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define UNITS_SIZE_LEN 24

/* A size in bytes in at most five columns: "0", "999", "4.0K", "212K", "5.9M", "16T". Powers of
 * 1024, cut (not rounded) to the digits shown, so that a part never looks like the whole. Returns
 * buf. */
const char *units_size(char buf[UNITS_SIZE_LEN], uint64_t bytes);

/* A count of things with a thin separator every three digits: "1,945". Returns buf. */
#define UNITS_COUNT_LEN 32
const char *units_count(char buf[UNITS_COUNT_LEN], uint64_t n);

/* The value of a hexadecimal digit, or -1. */
static inline int units_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Parse all of s[0..n) as a hexadecimal number, with or without 0x; at most 64 bits. */
bool units_parse_hex(const char *s, size_t n, uint64_t *out);

/* Parse all of s as a decimal number of at most 64 bits. */
bool units_parse_u64(const char *s, uint64_t *out);

/* Parse all of s as a size in bytes: hexadecimal with 0x, else decimal, then optionally K, M, G or
 * T (powers of 1024; an "iB" or "B" may follow). False when malformed or above 64 bits. */
bool units_parse_size(const char *s, uint64_t *out);

/* Parse seconds with a fraction ("0.5"), within [least, most]. */
bool units_parse_seconds(const char *s, double least, double most, double *out);

/* UTC time as in ISO 8601 with milliseconds: "2026-11-22T22:10:00.123Z". Returns buf. */
#define UNITS_TIME_LEN 32
const char *units_time(char buf[UNITS_TIME_LEN], struct timespec t);

/* The inverse of units_time(); the fraction may be missing. */
bool units_parse_time(const char *s, struct timespec *t);

/* Nanoseconds of the monotonic clock, and of processor time used by this thread, by all of them. */
uint64_t units_now_ns(void);
uint64_t units_cpu_ns(void);
uint64_t units_process_cpu_ns(void);

/* A duration for a person: "0.4 ms", "68 ms", "1.7 s". Returns buf. */
#define UNITS_DURATION_LEN 24
const char *units_duration(char buf[UNITS_DURATION_LEN], uint64_t ns);

#endif
