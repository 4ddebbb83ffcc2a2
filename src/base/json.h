/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every JSON text of ours has in common, over jansson. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Flags for json_dumps() and friends: one line, no spaces to spare. */
#define JSON_LINE (JSON_COMPACT)

/* "0x7f00..." : 64 bits do not fit a JSON number (readers round them through a double). */
json_t *json_hex(uint64_t v);

/* Bytes from outside as a readable string (base/utf8.h), never failing. */
json_t *json_readable(const char *s, size_t n);

/* A number of up to 64 bits: as a number where readers keep it exact (below 2^53), else
 * json_hex(). */
json_t *json_u64(uint64_t v);

/* A count that is known, or null. */
json_t *json_count(bool known, uint64_t n);

/* Read members of obj: true when it is there with the right type and range. Numbers must be whole
 * and not negative. json_get_text returns NULL where there is no string. */
bool json_get_hex(const json_t *obj, const char *key, uint64_t *out);
bool json_get_u64(const json_t *obj, const char *key, uint64_t *out);
bool json_get_bool(const json_t *obj, const char *key, bool *out);
const char *json_get_text(const json_t *obj, const char *key);

#endif
