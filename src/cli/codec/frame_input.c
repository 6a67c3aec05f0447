/* SPDX-License-Identifier: MIT */
#include "cli/codec/frame_input.h"

#include "base/bytes.h"
#include "base/hex.h"
#include "base/text_encoding.h"

#include <flagship/mqtt.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAME_INPUT_CHUNK ((size_t)64 * 1024)

void frame_input_init(struct frame_input *input, int descriptor, bool whole)
{
	*input = (struct frame_input){.descriptor = descriptor, .whole = whole};
}

void frame_input_finish(struct frame_input *input)
{
	free(input->buffer);
	input->buffer = NULL;
}

static size_t frame_input_available(const struct frame_input *input)
{
	return input->end - input->start;
}

static uint8_t *frame_input_data(const struct frame_input *input)
{
	return input->buffer + input->start;
}

/* Nothing more is to be had from the file. */
static enum frame_input_result frame_input_give_up(struct frame_input *input, const char *problem,
						   size_t offset)
{
	input->ended = true;
	input->start = input->end;
	input->problem = problem;
	input->offset = offset;
	return FRAME_INPUT_BAD;
}

static bool frame_input_make_room(struct frame_input *input)
{
	size_t capacity = input->capacity;

	if (input->start > 0) {
		memmove(input->buffer, frame_input_data(input), frame_input_available(input));
		input->end -= input->start;
		input->start = 0;
	}
	if (input->end + FRAME_INPUT_CHUNK <= capacity) {
		return true;
	}
	capacity = 2 * (capacity + FRAME_INPUT_CHUNK);
	uint8_t *larger = realloc(input->buffer, capacity);
	if (!larger) {
		return false;
	}
	input->buffer = larger;
	input->capacity = capacity;
	return true;
}

/* Reads once. False at the end of the file; a failure counts as the end and sets problem. */
static bool frame_input_read(struct frame_input *input)
{
	ssize_t got;

	if (input->ended) {
		return false;
	}
	if (!frame_input_make_room(input)) {
		frame_input_give_up(input, "out of memory", 0);
		return false;
	}
	do {
		got = read(input->descriptor, input->buffer + input->end, FRAME_INPUT_CHUNK);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		frame_input_give_up(input, strerror(errno), 0);
		return false;
	}
	input->end += (size_t)got;
	input->ended = got == 0;
	return got > 0;
}

static bool frame_input_fill(struct frame_input *input, size_t wanted)
{
	while (frame_input_available(input) < wanted) {
		if (!frame_input_read(input)) {
			return false;
		}
	}
	return true;
}

static bool frame_input_is_signature(const uint8_t *data)
{
	unsigned int signature = bytes_read_u16be(data);

	return signature == FLAGSHIP_SIGNATURE_MA || signature == FLAGSHIP_SIGNATURE_MB;
}

static bool frame_input_is_binary(const uint8_t *data, size_t length)
{
	if (length >= FLAGSHIP_PREFIX_SHORT_SIGNATURE_SIZE && frame_input_is_signature(data)) {
		return true;
	}
	for (size_t i = 0; i < length; i++) {
		bool is_space = data[i] >= '\t' && data[i] <= '\r';

		if ((data[i] < ' ' && !is_space) || data[i] > '~') {
			return true;
		}
	}
	return false;
}

/* What the size field says, or 0 where there is none. */
static size_t frame_input_size_field(struct frame_input *input)
{
	if (!frame_input_fill(input, FLAGSHIP_PREFIX_SHORT_SIZE)) {
		return 0;
	}
	const uint8_t *data = frame_input_data(input);
	if (bytes_read_u16be(data) == FLAGSHIP_SIGNATURE_MA) {
		return bytes_read_u16le(data + FLAGSHIP_PREFIX_SHORT_SIZE_OFFSET);
	}
	if (bytes_read_u16be(data) != FLAGSHIP_SIGNATURE_MB ||
	    !frame_input_fill(input, FLAGSHIP_PREFIX_LONG_SIZE)) {
		return 0;
	}
	return bytes_read_u32le(frame_input_data(input) + FLAGSHIP_PREFIX_LONG_SIZE_OFFSET);
}

/* Whether after `size` bytes comes the end of the file or another frame. */
static bool frame_input_ends_there(struct frame_input *input, size_t size)
{
	if (frame_input_fill(input, size + FLAGSHIP_PREFIX_SHORT_SIGNATURE_SIZE)) {
		return frame_input_is_signature(frame_input_data(input) + size);
	}
	return frame_input_available(input) == size;
}

static enum frame_input_result frame_input_binary(struct frame_input *input, uint8_t **frame,
						  size_t *length)
{
	if (!frame_input_fill(input, 1)) {
		return input->problem ? FRAME_INPUT_BAD : FRAME_INPUT_END;
	}
	input->number++;
	size_t size = input->whole ? 0 : frame_input_size_field(input);
	if (size > FRAME_INPUT_FRAME_MAX) {
		return frame_input_give_up(input, "the frame is larger than 1 MiB",
					   FLAGSHIP_PREFIX_LONG_SIZE_OFFSET);
	}
	if (size < FLAGSHIP_PREFIX_SHORT_SIZE || !frame_input_ends_there(input, size)) {
		/* No telling where the next frame would be: this one has all the rest. */
		if (frame_input_fill(input, FRAME_INPUT_FRAME_MAX + 1)) {
			return frame_input_give_up(input, "the frame is larger than 1 MiB", 0);
		}
		size = frame_input_available(input);
	}
	if (input->problem) {
		return FRAME_INPUT_BAD;
	}
	*frame = frame_input_data(input);
	*length = size;
	input->start += size;
	return FRAME_INPUT_FRAME;
}

/* The next line without its end, or false where there is none. */
static bool frame_input_line(struct frame_input *input, uint8_t **line, size_t *length)
{
	size_t searched = 0;
	uint8_t *found = NULL;

	for (;;) {
		size_t available = frame_input_available(input);

		if (available > searched) {
			found = memchr(frame_input_data(input) + searched, '\n',
				       available - searched);
		}
		searched = available;
		if (found || available > FRAME_INPUT_LINE_MAX || !frame_input_read(input)) {
			break;
		}
	}
	*line = frame_input_data(input);
	*length = found ? (size_t)(found - *line) : frame_input_available(input);
	input->start += *length + (found != NULL);
	return found || *length > 0;
}

static enum frame_input_result frame_input_hex(struct frame_input *input, uint8_t **frame,
					       size_t *length)
{
	size_t text_length;

	while (frame_input_line(input, frame, &text_length)) {
		input->line++;
		if (text_length > FRAME_INPUT_LINE_MAX) {
			input->number++;
			return frame_input_give_up(input, "the line is too long for a frame",
						   FRAME_INPUT_LINE_MAX);
		}
		if (hex_read((const char *)*frame, text_length, *frame, length, &input->offset)) {
			input->number++;
			input->problem = input->offset == text_length
						 ? "half a byte of hex at the end of the line"
						 : "not a hex digit";
			return FRAME_INPUT_BAD;
		}
		if (*length > 0) {
			input->number++;
			return FRAME_INPUT_FRAME;
		}
	}
	return input->problem ? FRAME_INPUT_BAD : FRAME_INPUT_END;
}

/* Before hex, as editors of Windows write it: no frame begins so. */
static void frame_input_skip_mark(struct frame_input *input)
{
	size_t available = frame_input_available(input);
	size_t left = available;

	(void)text_encoding_skip_mark((const char *)frame_input_data(input), &left);
	input->start += available - left;
}

enum frame_input_result frame_input_next(struct frame_input *input, uint8_t **frame, size_t *length)
{
	if (input->ended && frame_input_available(input) == 0) {
		return FRAME_INPUT_END;
	}
	input->problem = NULL;
	if (!input->started) {
		input->started = true;
		frame_input_fill(input, TEXT_ENCODING_MARK_MAX);
		if (input->problem) {
			return FRAME_INPUT_BAD;
		}
		frame_input_skip_mark(input);
		input->binary = frame_input_is_binary(frame_input_data(input),
						      frame_input_available(input));
	}
	return input->binary ? frame_input_binary(input, frame, length)
			     : frame_input_hex(input, frame, length);
}
