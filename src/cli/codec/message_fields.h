/* SPDX-License-Identifier: MIT */
#ifndef CLI_CODEC_MESSAGE_FIELDS_H
#define CLI_CODEC_MESSAGE_FIELDS_H

#include <flagship/field.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGE_FIELDS_DOUBT_MAX 256

/* A message as it is written on the command line: TYPE [NAME=VALUE...]. */
struct message_fields {
	int64_t type;
	const struct flagship_message_info *info; /* NULL for a type that mqtt.stf does not know */
	char *json;                               /* one object */
	size_t length;
	char doubt[MESSAGE_FIELDS_DOUBT_MAX]; /* why it should not be sent without force; or empty
					       */
};

/*
 * words[0] is the type: a name or a number; the rest are fields. The value of a field that mqtt.stf
 * knows must be of its kind and range; that of another one is taken as JSON, or where it is none,
 * as text. direction: FLAGSHIP_DIRECTION_COMMAND or _QUERY, or 0 where any will do; a type that
 * does not go that way, a required field that is missing and a value out of range are a doubt, the
 * first of which is kept in `doubt`, unless `force` is set. Mistakes are reported on stderr.
 * Returns OPTIONS_RUN or CLI_USAGE, CLI_FAILED; message_fields_finish is due either way.
 */
int message_fields_build(struct message_fields *message, char *const *words, size_t count,
			 unsigned int direction, bool force);

void message_fields_finish(struct message_fields *message);

#endif
