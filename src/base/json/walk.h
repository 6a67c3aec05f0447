/* SPDX-License-Identifier: MIT */
#ifndef BASE_JSON_WALK_H
#define BASE_JSON_WALK_H

#include "base/json/reader.h"

#include <stdbool.h>

/* Goes once over the members of an object or the items of an array, without heap. */
struct json_walk {
	struct json_reader reader;
	bool begun;
	bool valid; /* what it goes over was read before */
	int error;  /* what ended it before its end: FLAGSHIP_ERROR_JSON or _TOO_DEEP */
};

/* value: of kind JSON_OBJECT or JSON_ARRAY. */
void json_walk_init(struct json_walk *walk, const struct json_value *value);

/* The same, of JSON that was read as a whole before: what is inside of a member or an item is
 * passed over without being read again, so that a walk inside of a walk does not read it once a
 * level. */
void json_walk_init_valid(struct json_walk *walk, const struct json_value *value);

/* The next one; false at the end, and where what follows is no JSON: see walk->error. */
bool json_walk_member(struct json_walk *walk, struct flagship_text *name, struct json_value *value);
bool json_walk_item(struct json_walk *walk, struct json_value *value);

#endif
