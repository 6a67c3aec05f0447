/* SPDX-License-Identifier: MIT */
#include "video/h264.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>

#define START_LENGTH   3 /* 0 0 1; a zero before it belongs to what is behind it */
#define LOOK_LENGTH    (START_LENGTH + 2)
#define TYPE_MASK      0x1f
#define FIRST_BLOCK    0x80 /* the code of macroblock 0, which begins a picture's first slice */
#define CAPACITY_FIRST ((size_t)65536)

/* Where the next start code is at or after `at`; length where there is none. */
static size_t find_start(const uint8_t *data, size_t length, size_t at)
{
	for (; at + START_LENGTH <= length; at++) {
		if (data[at + 2] > 1) {
			at += 2;
		} else if (data[at] == 0 && data[at + 1] == 0 && data[at + 2] == 1) {
			return at;
		}
	}
	return length;
}

bool h264_next_nal(const uint8_t *unit, size_t length, size_t *at, struct h264_nal *nal)
{
	size_t start = find_start(unit, length, *at);

	if (start + START_LENGTH >= length) {
		*at = length;
		return false;
	}
	start += START_LENGTH;
	size_t end = find_start(unit, length, start);

	*at = end;
	while (end > start + 1 && unit[end - 1] == 0) {
		end--;
	}
	*nal = (struct h264_nal){
		.data = unit + start, .length = end - start, .type = unit[start] & TYPE_MASK};
	return true;
}

/* --- what a unit holds --- */

static bool is_slice(uint8_t type)
{
	return type >= H264_SLICE && type <= H264_SLICE_KEY;
}

static void take_set(struct h264_reader *reader, const struct h264_nal *nal, uint8_t *set,
		     size_t *set_length)
{
	if (nal->length > H264_PARAMETERS_MAX ||
	    (nal->length == *set_length && memcmp(set, nal->data, nal->length) == 0)) {
		return;
	}
	memcpy(set, nal->data, nal->length);
	*set_length = nal->length;
	reader->changed = true;
}

static void take_sequence(struct h264_reader *reader, const struct h264_nal *nal)
{
	struct h264_parameters *parameters = &reader->parameters;
	uint32_t width;
	uint32_t height;

	/* The size is that of the set that is kept. */
	if (nal->length <= H264_PARAMETERS_MAX &&
	    !h264_read_size(nal->data, nal->length, &width, &height)) {
		take_set(reader, nal, parameters->sequence, &parameters->sequence_length);
		parameters->width = width;
		parameters->height = height;
	}
}

/* Keeps parameter sets. Returns whether decoding can begin with it. */
static bool take_nals(struct h264_reader *reader, const uint8_t *unit, size_t length)
{
	struct h264_parameters *parameters = &reader->parameters;
	struct h264_nal nal;
	size_t at = 0;
	bool key = false;

	while (h264_next_nal(unit, length, &at, &nal)) {
		if (nal.type == H264_SEQUENCE) {
			take_sequence(reader, &nal);
		} else if (nal.type == H264_PICTURE) {
			take_set(reader, &nal, parameters->picture, &parameters->picture_length);
		}
		key = key || nal.type == H264_SLICE_KEY;
	}
	return key && parameters->sequence_length > 0 && parameters->picture_length > 0;
}

/* Gives what is collected up to `length`, and keeps the rest. */
static void end_unit(struct h264_reader *reader, size_t length)
{
	bool had_picture = reader->has_picture;
	bool key = take_nals(reader, reader->buffer, length);

	reader->flowing = reader->flowing || key;
	if (had_picture && reader->flowing) {
		const struct h264_unit unit = {.data = reader->buffer,
					       .length = length,
					       .key = key,
					       .parameters = &reader->parameters,
					       .new_parameters = reader->changed};

		reader->changed = false;
		reader->on_unit(reader->context, &unit);
	} else if (had_picture) {
		reader->dropped++;
	}
	reader->length -= length;
	memmove(reader->buffer, reader->buffer + length, reader->length);
	reader->scanned = 0;
	reader->has_picture = false;
}

/* --- where one ends --- */

/* Whether the NAL unit behind the start code at `start` belongs to another picture than the slices
 * before it (7.4.1.2.3). */
static bool begins_unit(const uint8_t *start)
{
	uint8_t type = start[START_LENGTH] & TYPE_MASK;

	if (is_slice(type)) {
		return (start[START_LENGTH + 1] & FIRST_BLOCK) != 0;
	}
	return type >= H264_SUPPLEMENT && type <= H264_DELIMITER;
}

static void scan(struct h264_reader *reader)
{
	for (;;) {
		size_t start = find_start(reader->buffer, reader->length, reader->scanned);

		if (start + LOOK_LENGTH > reader->length) {
			/* A start code, or its beginning, may be in the last bytes. */
			size_t open = start < reader->length ? reader->length - start
							     : START_LENGTH - 1;
			reader->scanned = reader->length > open ? reader->length - open : 0;
			return;
		}
		if (reader->has_picture && begins_unit(reader->buffer + start)) {
			end_unit(reader, start);
			continue;
		}
		reader->has_picture = reader->has_picture ||
				      is_slice(reader->buffer[start + START_LENGTH] & TYPE_MASK);
		reader->scanned = start + START_LENGTH;
	}
}

void h264_reader_init(struct h264_reader *reader, h264_on_unit *on_unit, void *context)
{
	*reader = (struct h264_reader){.on_unit = on_unit, .context = context};
}

static int make_room(struct h264_reader *reader, size_t length)
{
	size_t capacity = reader->capacity ? reader->capacity : CAPACITY_FIRST;

	if (length <= reader->capacity) {
		return 0;
	}
	while (capacity < length) {
		capacity *= 2;
	}
	uint8_t *larger = realloc(reader->buffer, capacity);
	if (!larger) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	reader->buffer = larger;
	reader->capacity = capacity;
	return 0;
}

int h264_reader_feed(struct h264_reader *reader, const uint8_t *data, size_t length)
{
	while (length > 0) {
		if (reader->length == H264_UNIT_MAX) {
			h264_reader_lose(reader);
		}
		size_t room = H264_UNIT_MAX - reader->length;
		size_t some = length < room ? length : room;
		int error = make_room(reader, reader->length + some);

		if (error) {
			return error;
		}
		memcpy(reader->buffer + reader->length, data, some);
		reader->length += some;
		data += some;
		length -= some;
		scan(reader);
	}
	return 0;
}

void h264_reader_flush(struct h264_reader *reader)
{
	if (reader->length > 0) {
		/* A slice so short that its start code was not looked behind is none. */
		end_unit(reader, reader->length);
	}
}

void h264_reader_lose(struct h264_reader *reader)
{
	reader->dropped += reader->has_picture ? 1 : 0;
	reader->length = 0;
	reader->scanned = 0;
	reader->has_picture = false;
	reader->flowing = false;
}

void h264_reader_finish(struct h264_reader *reader)
{
	free(reader->buffer);
	*reader = (struct h264_reader){0};
}
