/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_SHOW_MEMBERS_H
#define CLOUD_COMMANDS_SHOW_MEMBERS_H

#include "base/json/writer.h"

#include <stdint.h>

/* Members of the JSON that the cloud's commands print, in the style of docs/json.md. */

/* null where the text is "" or NULL. */
void member_text(struct json_writer *writer, const char *name, const char *text);

void member_bool(struct json_writer *writer, const char *name, bool value);
void member_int(struct json_writer *writer, const char *name, int64_t value);

/* RFC 3339 of Unix seconds; null of 0, and of what is no time. */
void member_time(struct json_writer *writer, const char *name, int64_t unix_s);

#endif
