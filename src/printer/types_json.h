/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_TYPES_JSON_H
#define PRINTER_TYPES_JSON_H

#include "base/json/writer.h"

#include <flagship/field.h>

/* What mqtt.stf says of a type of messages, as an object (docs/json.md, `types`). */
void types_json_write(struct json_writer *writer, const struct flagship_message_info *info);

/* Of all of them, in an array. */
void types_json_write_all(struct json_writer *writer);

/* The n-th direction that these bits hold, from 0 on: "notice", "command", "query", "reply"; NULL
 * behind the last. */
const char *types_direction_name(unsigned int bits, size_t at);

/* "int", "real", "text", "json" */
const char *types_kind_name(const struct flagship_field_info *field);

#endif
