/* SPDX-License-Identifier: MIT */
#ifndef CLI_CODEC_RECORD_H
#define CLI_CODEC_RECORD_H

#include "cli/codec/record_redact.h"

#include <flagship/message.h>
#include <flagship/model.h>
#include <flagship/topic.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * A recording of what one printer says, as `flagship replay` and `simulate --replay` read it
 * (printer/state/recording.h): a line a payload, with the time in `_t` and the topic in `_topic`.
 * Its first line is the recorder's own and says which model it was.
 */
struct record {
	const char *path;
	FILE *file;
	bool begun;
	bool redacted;
	struct record_redact redact;
	const char *serial; /* for the first line, but not where it is redacted */
	const char *name;
};

struct record_options {
	const char *path;
	bool overwrite; /* a file that is there already */
	bool redact;
	const char *serial;
	const char *name;    /* of the printer, or NULL */
	const char *user_id; /* of the account, or NULL */
};

/* Makes the file, of mode 0600. Returns OPTIONS_RUN, or an exit status after telling what is wrong.
 * record_close is due either way. Strings are borrowed. */
int record_open(struct record *record, const struct record_options *options);

/* Adds the messages of one payload. False, told, where it cannot be written. */
bool record_add(struct record *record, enum flagship_model model, enum flagship_topic_kind topic,
		const struct flagship_message *messages, size_t count, int64_t now_ms);

/* False, told, where something could not be written. */
bool record_close(struct record *record);

#endif
