/* SPDX-License-Identifier: MIT */
#include "cli/output/json.h"

#include "base/memory/wiping.h"
#include "cli/output/message.h"
#include "cli/output/print.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <time.h>

#define MS_PER_S    1000
#define YEAR_BASE   1900
#define YEAR_MAX    9999
#define SECONDS_MAX INT64_C(100000000000)

const char *time_text_write(int64_t unix_ms, char out[TIME_TEXT_MAX])
{
	struct tm utc;
	time_t seconds = (time_t)(unix_ms / MS_PER_S);

	if (unix_ms < 0 || !gmtime_r(&seconds, &utc) || utc.tm_year > YEAR_MAX - YEAR_BASE) {
		return NULL;
	}
	snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + YEAR_BASE,
		 utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
		 (int)(unix_ms % MS_PER_S));
	return out;
}

int json_line_print(json_write *write, const void *context, FILE *out)
{
	size_t length;
	char *line = json_compose(write, context, &length);

	if (!line) {
		cli_error("out of memory");
		return FLAGSHIP_ERROR_MEMORY;
	}
	print_json_line(out, line, length);
	wiping_free(line);
	return 0;
}

void member_time(struct json_writer *writer, const char *name, int64_t unix_s)
{
	char text[TIME_TEXT_MAX];

	json_member_known(writer, name,
			  unix_s > 0 && unix_s < SECONDS_MAX
				  ? time_text_write(unix_s * MS_PER_S, text)
				  : NULL);
}

#define JSON_ARRAY_CAPACITY ((size_t)32768)

/* What was written of an array and is not printed yet. */
struct pieces {
	FILE *out;
	char *buffer;
	size_t capacity;
	struct json_writer writer;
};

static void print_pieces(struct pieces *pieces, size_t length)
{
	print_json(pieces->out, pieces->buffer, length);
	pieces->writer.length = 0;
}

static bool make_room(struct pieces *pieces, size_t capacity)
{
	wiping_free(pieces->buffer);
	pieces->buffer = malloc(capacity);
	pieces->capacity = pieces->buffer ? capacity : 0;
	pieces->writer.out = pieces->buffer;
	pieces->writer.capacity = pieces->capacity;
	return pieces->buffer != NULL;
}

/* Behind what is there already, or in its place once that is printed. */
static bool put_item(struct pieces *pieces,
		     void (*write)(struct json_writer *writer, size_t index, const void *context),
		     size_t index, const void *context)
{
	const struct json_writer before = pieces->writer;

	write(&pieces->writer, index, context);
	if (pieces->writer.length < pieces->capacity) {
		return true;
	}
	const size_t needed = pieces->writer.length - before.length + 1;

	pieces->writer = before;
	print_pieces(pieces, before.length);
	if (needed > pieces->capacity && !make_room(pieces, needed)) {
		return false;
	}
	write(&pieces->writer, index, context);
	return true;
}

int json_array_print(void (*write)(struct json_writer *writer, size_t index, const void *context),
		     size_t count, const void *context, FILE *out)
{
	struct pieces pieces = {.out = out};
	bool done = make_room(&pieces, JSON_ARRAY_CAPACITY);

	json_array_begin(&pieces.writer);
	for (size_t i = 0; done && i < count; i++) {
		done = put_item(&pieces, write, i, context);
	}
	if (!done) {
		cli_error("out of memory");
		return FLAGSHIP_ERROR_MEMORY;
	}
	print_pieces(&pieces, pieces.writer.length);
	print_json_line(out, "]", 1);
	wiping_free(pieces.buffer);
	return 0;
}
