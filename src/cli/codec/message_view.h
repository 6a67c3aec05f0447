/* SPDX-License-Identifier: MIT */
#ifndef CLI_CODEC_MESSAGE_VIEW_H
#define CLI_CODEC_MESSAGE_VIEW_H

#include "base/json/writer.h"

#include <flagship/message.h>
#include <flagship/model.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A message as people and scripts see it: our names, values in whole units (220.0 and not 22000,
 * seconds on every model, words for job states).
 */
enum message_view_kind {
	MESSAGE_VIEW_SCALED, /* number / 10^decimals */
	MESSAGE_VIEW_REAL,
	MESSAGE_VIEW_BOOL,
	MESSAGE_VIEW_WORD,
	MESSAGE_VIEW_TEXT,
	MESSAGE_VIEW_JSON,
};

struct message_view_field {
	const char *name;  /* "current_c", the key in JSON */
	const char *label; /* "current", for people */
	const char *unit;  /* " °C", with its space, or "" */
	enum message_view_kind kind;
	unsigned int decimals;
	int64_t number;
	double real;
	const char *word;
	struct flagship_text text;
	struct flagship_json json;
};

/* Every field of a message, and `reply`. */
#define MESSAGE_VIEW_FIELDS_MAX 33

/* The message's name, or NULL for a type that nobody knows. */
const char *message_view_name(const struct flagship_message *message);

/* Returns how many fields were written. Pointers lead into the payload, as in the message. */
size_t message_view_read(const struct flagship_message *message, enum flagship_model model,
			 struct message_view_field fields[MESSAGE_VIEW_FIELDS_MAX]);

/* The field's value as JSON. */
void message_view_write_value(const struct message_view_field *field, struct json_writer *writer);

/* Whether the fields tell all of it: false where its type or a member is not known, or a member is
 * of another kind than is known. */
bool message_view_is_whole(const struct flagship_message *message);

#endif
