/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_PLAYBACK_H
#define SIMULATOR_PRINTER_PLAYBACK_H

#include "base/json/writer.h"

#include <flagship/text.h>

#include <stddef.h>
#include <stdint.h>

#define PLAYBACK_NOTICE_MS 10 /* objects that are no further apart came in one notice */

/* One recorded object. */
struct playback_object {
	struct flagship_json json;
	int64_t type;
	int64_t ms; /* since the first one */
};

/* A recording that is played again: lines of JSON, objects or arrays of them. */
struct playback {
	char *text; /* owned; the objects lead into it */
	struct playback_object *objects;
	size_t count;
	size_t capacity;
	size_t played;
};

/*
 * Copies text and reads it. Objects without commandType are left out; `_t` is in seconds, and an
 * object without it came with the one before. Errors: JSON and NOT_OBJECT, with *bad_line counted
 * from 1; MEMORY; ARGUMENT where there is nothing to play. playback_finish releases it either way.
 */
int playback_init(struct playback *playback, const char *text, size_t length, size_t *bad_line);

void playback_finish(struct playback *playback);

/* When the next notice is due, since the first one; INT64_MAX after the last. */
int64_t playback_next_ms(const struct playback *playback);

/* Writes the next notice, an array; keys that begin with _ are the recorder's and left out. */
void playback_write_next(struct playback *playback, struct json_writer *writer);

/* Writes what all that was played amounts to, an array with one object of each type. */
void playback_write_burst(const struct playback *playback, struct json_writer *writer);

#endif
