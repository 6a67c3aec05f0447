/* SPDX-License-Identifier: MIT */
#include "gcode/internal.h"
#include "gcode/kind.h"
#include "gcode/unpack.h"

#include <flagship/error.h>

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <string.h>

#define MARK_LENGTH   3 /* of UTF-8 */
#define HOMING_LENGTH 3 /* of "G28" */
#define GZIP_FIRST    0x1f

_Static_assert(offsetof(struct gcode_metadata, slicer) == GCODE_NUMBERS * sizeof(double),
	       "the numbers stand first");

static double *number_at(struct gcode_reader *reader, size_t index)
{
	return (double *)(void *)&reader->metadata + index;
}

void gcode_reader_init(struct gcode_reader *reader)
{
	memset(reader, 0, sizeof(*reader));
	for (size_t i = 0; i < GCODE_NUMBERS; i++) {
		*number_at(reader, i) = (double)NAN;
	}
	reader->metadata.gcode_start = -1;
}

void gcode_set_number(struct gcode_reader *reader, size_t offset, double number,
		      enum gcode_rank rank)
{
	size_t index = offset / sizeof(double);

	assert(index < GCODE_NUMBERS);
	if (reader->ranks[index] < rank) {
		reader->ranks[index] = (uint8_t)rank;
		*number_at(reader, index) = number;
	}
}

/* --- lines --- */

static bool is_command(struct gcode_slice line)
{
	char letter = line.length > 1 ? (char)(line.data[0] | ' ') : '\0';

	return (letter == 'g' || letter == 'm') && line.data[1] >= '0' && line.data[1] <= '9';
}

static bool is_homing(struct gcode_slice line)
{
	return gcode_slice_begins(line, "G28") &&
	       (line.length == HOMING_LENGTH || !isdigit((unsigned char)line.data[HOMING_LENGTH]));
}

static bool gives_number(struct gcode_slice line, const char *name)
{
	size_t length = strlen(name);

	return line.length > length && memcmp(line.data, name, length) == 0 &&
	       isdigit((unsigned char)line.data[length]);
}

static void pass_on(struct gcode_reader *reader, struct gcode_slice line)
{
	size_t start = (size_t)(line.data - reader->line);

	if (reader->on_line && line.length > 0) {
		reader->line[start + line.length] = '\0';
		bool whole = reader->line_length <= GCODE_LINE_MAX &&
			     strlen(line.data) == line.length;

		reader->on_line(reader->context, reader->lines, line.data, whole);
	}
}

/* The printer itself reads these two, and as they stand here alone (protocol.md 8). */
static void receive_promise(struct gcode_reader *reader, struct gcode_slice line)
{
	struct gcode_metadata *metadata = &reader->metadata;

	if (!reader->homed) {
		metadata->tells_time |= gives_number(line, ";TIME:");
		metadata->tells_layers |= gives_number(line, ";LAYER_COUNT:");
	}
}

static void receive_code(struct gcode_reader *reader, struct gcode_slice line, int64_t end)
{
	struct gcode_metadata *metadata = &reader->metadata;

	reader->homed = reader->homed || is_homing(line);
	if (is_command(line)) {
		reader->in_thumbnail = false;
		metadata->gcode_start = metadata->gcode_start < 0 ? reader->line_start
								  : metadata->gcode_start;
		metadata->gcode_end = end;
		gcode_receive_command(reader, line);
	}
	pass_on(reader, line);
}

/* `end` is behind the line, with its line feed. */
static void receive_line(struct gcode_reader *reader, int64_t end)
{
	size_t length = reader->line_length < GCODE_LINE_MAX ? reader->line_length : GCODE_LINE_MAX;
	struct gcode_slice line = {reader->line, length};

	reader->lines++;
	if (reader->lines == 1 && gcode_slice_begins(line, "\xef\xbb\xbf")) {
		line.data += MARK_LENGTH;
		line.length -= MARK_LENGTH;
	}
	line = gcode_slice_trim(line);
	if (line.length > 0 && line.data[0] == ';') {
		struct gcode_slice text = gcode_slice_trim(
			(struct gcode_slice){line.data + 1, line.length - 1});

		if (!gcode_receive_thumbnail(reader, text, end)) {
			receive_promise(reader, line);
			gcode_receive_comment(reader, text);
		}
	} else {
		receive_code(reader, line, end);
	}
	reader->line_start = end;
	reader->line_length = 0;
}

static void add_to_line(struct gcode_reader *reader, const char *data, size_t length)
{
	if (reader->line_length < GCODE_LINE_MAX) {
		size_t room = GCODE_LINE_MAX - reader->line_length;

		memcpy(reader->line + reader->line_length, data, length < room ? length : room);
	}
	/* Beyond the buffer only that it is longer counts, and no line makes it overflow. */
	reader->line_length = length > GCODE_LINE_MAX ? GCODE_LINE_MAX + 1
						      : reader->line_length + length;
	if (reader->line_length > GCODE_LINE_MAX) {
		reader->line_length = GCODE_LINE_MAX + 1;
	}
}

static int receive_content(void *context, const unsigned char *data, size_t length,
			   struct problem *problem)
{
	struct gcode_reader *reader = context;
	const char *at = (const char *)data;
	const char *end = at + length;

	size_t room = GCODE_FRONT_MAX - reader->front_length;
	if (reader->content_position == 0) {
		reader->content_position = reader->archive.offset;
		reader->line_start = reader->archive.offset;
	}
	if (room > 0) {
		size_t some = length < room ? length : room;

		memcpy(reader->front + reader->front_length, data, some);
		reader->front_length += some;
		int error = gcode_kind_check(reader->front, reader->front_length, -1, problem);
		if (error) {
			return error;
		}
	}
	while (at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		const char *stop = feed ? feed : end;

		add_to_line(reader, at, (size_t)(stop - at));
		at = feed ? feed + 1 : end;
		if (feed) {
			receive_line(reader,
				     reader->content_position + (int64_t)(at - (const char *)data));
		}
	}
	reader->content_position += (int64_t)length;
	return 0;
}

static int receive_unpacked(void *context, const unsigned char *data, size_t length,
			    struct problem *problem)
{
	struct gcode_reader *reader = context;

	reader->metadata.unpacked_size += (int64_t)length;
	return gcode_archive_feed(&reader->archive, data, length, receive_content, reader, problem);
}

/* --- the file --- */

static int feed_packed(struct gcode_reader *reader, const void *data, size_t length,
		       struct problem *problem)
{
	if (!reader->unpacker) {
		reader->unpacker = gcode_unpacker_create();
		if (!reader->unpacker) {
			return problem_memory(problem);
		}
	}
	return gcode_unpacker_feed(reader->unpacker, data, length, receive_unpacked, reader,
				   problem);
}

/* Both bytes of its magic are needed; a first piece may be of one. */
static int feed_first(struct gcode_reader *reader, const unsigned char *data, size_t length,
		      struct problem *problem)
{
	size_t before = (size_t)reader->metadata.size;

	if (before == 0) {
		reader->held = length == 1 && data[0] == GZIP_FIRST;
		if (reader->held) {
			return 0;
		}
		reader->metadata.compressed = gcode_kind_is_gzip(data, length);
	} else if (reader->held) {
		const unsigned char both[] = {GZIP_FIRST, data[0]};

		reader->held = false;
		reader->metadata.compressed = gcode_kind_is_gzip(both, sizeof(both));
		int error = reader->metadata.compressed
				    ? feed_packed(reader, both, 1, problem)
				    : receive_unpacked(reader, both, 1, problem);
		if (error) {
			return error;
		}
	}
	return reader->metadata.compressed ? feed_packed(reader, data, length, problem)
					   : receive_unpacked(reader, data, length, problem);
}

int gcode_reader_feed(struct gcode_reader *reader, const void *data, size_t length,
		      struct problem *problem)
{
	if (length == 0) {
		return 0;
	}
	int error = feed_first(reader, data, length, problem);
	reader->metadata.size += (int64_t)length;
	return error;
}

static void conclude(struct gcode_reader *reader)
{
	if (reader->layers_counted > 0) {
		GCODE_SET(reader, layer_count, (double)reader->layers_counted, GCODE_RANK_GUESS);
	}
	if (reader->height_reached_mm > 0) {
		GCODE_SET(reader, object_height_mm, reader->height_reached_mm, GCODE_RANK_GUESS);
	}
	double layers = reader->metadata.layer_count;
	if (!isnan(layers) && layers != floor(layers)) {
		reader->metadata.layer_count = (double)NAN;
	}
}

int gcode_reader_end(struct gcode_reader *reader, struct gcode_metadata *metadata,
		     struct problem *problem)
{
	if (reader->unpacker) {
		int error = gcode_unpacker_end(reader->unpacker, problem);
		if (error) {
			return error;
		}
	}
	if (reader->held) {
		const unsigned char only = GZIP_FIRST;
		int error = receive_unpacked(reader, &only, 1, problem);
		if (error) {
			return error;
		}
	}
	int error = gcode_archive_end(&reader->archive, receive_content, reader, problem);
	if (error) {
		return error;
	}
	struct gcode_metadata *found = &reader->metadata;
	found->archived = gcode_archive_is_tar(&reader->archive);
	found->content_start = reader->archive.offset;
	found->content_size = found->archived ? reader->archive.size : found->unpacked_size;
	if (reader->line_length > 0) {
		receive_line(reader, reader->content_position);
	}
	error = gcode_kind_check(reader->front, reader->front_length, found->content_size, problem);
	if (error) {
		return error;
	}
	if (reader->metadata.gcode_start < 0) {
		problem_set(problem, "this is no G-code: no command (G or M) is in it");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	conclude(reader);
	*metadata = reader->metadata;
	return 0;
}

void gcode_reader_finish(struct gcode_reader *reader)
{
	gcode_unpacker_destroy(reader->unpacker);
	reader->unpacker = NULL;
}
