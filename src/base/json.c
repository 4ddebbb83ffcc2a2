/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "base/units.h"
#include "base/utf8.h"

json_t *json_hex(uint64_t v)
{
	return json_sprintf("0x%" PRIx64, v);
}

json_t *json_readable(const char *s, size_t n)
{
	struct str t = { 0 };
	json_t *j;

	utf8_readable(&t, s, n, 0);
	j = json_string_nocheck(str_text(&t));
	str_free(&t);
	return j;
}

json_t *json_u64(uint64_t v)
{
	return v >> 53 ? json_hex(v) : json_integer((json_int_t)v);
}

json_t *json_count(bool known, uint64_t n)
{
	return known ? json_integer((json_int_t)n) : json_null();
}

bool json_get_hex(const json_t *obj, const char *key, uint64_t *out)
{
	const char *s = json_get_text(obj, key);

	return s && !strncmp(s, "0x", 2) && units_parse_hex(s, strlen(s), out);
}

bool json_get_u64(const json_t *obj, const char *key, uint64_t *out)
{
	const json_t *j = json_object_get(obj, key);

	if (json_is_string(j))
		return json_get_hex(obj, key, out);
	if (!json_is_integer(j) || json_integer_value(j) < 0)
		return false;
	*out = (uint64_t)json_integer_value(j);
	return true;
}

bool json_get_bool(const json_t *obj, const char *key, bool *out)
{
	const json_t *j = json_object_get(obj, key);

	if (!json_is_boolean(j))
		return false;
	*out = json_is_true(j);
	return true;
}

const char *json_get_text(const json_t *obj, const char *key)
{
	return json_string_value(json_object_get(obj, key));
}
