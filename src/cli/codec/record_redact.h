/* SPDX-License-Identifier: MIT */
#ifndef CLI_CODEC_RECORD_REDACT_H
#define CLI_CODEC_RECORD_REDACT_H

#include "base/json/writer.h"

#include <flagship/text.h>

#include <stddef.h>

/*
 * Messages without what is private. Of the texts in them only those pass that are known to be
 * harmless: units, codes, filaments, G-code and its replies, and numbers that are written as text.
 * Each other becomes "text-1", "text-2" …, the same one the same again, so that a job is still told
 * from the next; ".gcode" at its end stays. Numbers pass but for those of an account (userId). What
 * holds the serial number, the printer's name or the user id is replaced wherever it stands.
 */
struct record_redact {
	char **texts; /* those that were replaced, in the order of their numbers */
	size_t count;
	const char *private_texts[4]; /* NULL-terminated; longer than a character */
};

/* private_texts: at most three, NULL and "" are passed over. Borrowed. */
void record_redact_init(struct record_redact *redact, const char *const *private_texts,
			size_t count);
void record_redact_finish(struct record_redact *redact);

/* Writes the members of the object: json_object_begin and _end are the caller's. */
void record_redact_members(struct record_redact *redact, struct flagship_json object,
			   struct json_writer *writer);

#endif
