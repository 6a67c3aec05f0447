/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/chunked.h"

#include "base/hex.h"

#include <stdbool.h>

#define SIZE_BASE  16
#define SIZE_LIMIT ((size_t)1 << 31) /* of a chunk; nothing of ours is near that */
#define FRAMED_MAX 8192              /* sizes, extensions and trailers between two pieces of body */

static bool take_digit(struct chunked *chunked, char byte)
{
	int digit = hex_digit_value(byte);

	if (digit < 0 || chunked->left >= SIZE_LIMIT / SIZE_BASE) {
		return false;
	}
	chunked->left = chunked->left * SIZE_BASE + (size_t)digit;
	chunked->state = CHUNKED_SIZE_DIGITS;
	return true;
}

static void end_size_line(struct chunked *chunked)
{
	chunked->state = chunked->left > 0 ? CHUNKED_BYTES : CHUNKED_TRAILER;
}

/* What stands behind the last digit of a size. */
static bool leave_size(struct chunked *chunked, char byte)
{
	switch (byte) {
	case '\n':
		end_size_line(chunked);
		return true;
	case '\r':
	case ';':
	case ' ':
	case '\t':
		chunked->state = CHUNKED_EXTENSION;
		return true;
	default:
		return take_digit(chunked, byte);
	}
}

/* A byte that is no body. False where none such can stand there. */
static bool take_frame(struct chunked *chunked, char byte)
{
	switch (chunked->state) {
	case CHUNKED_SIZE:
		return take_digit(chunked, byte);
	case CHUNKED_SIZE_DIGITS:
		return leave_size(chunked, byte);
	case CHUNKED_EXTENSION:
		if (byte == '\n') {
			end_size_line(chunked);
		}
		return true;
	case CHUNKED_BYTES_END:
		if (byte == '\n') {
			chunked->state = CHUNKED_SIZE;
		}
		return byte == '\n' || byte == '\r';
	case CHUNKED_TRAILER:
		if (byte == '\n') {
			chunked->state = CHUNKED_DONE;
		} else if (byte != '\r') {
			chunked->state = CHUNKED_TRAILER_FIELD;
		}
		return true;
	case CHUNKED_TRAILER_FIELD:
		if (byte == '\n') {
			chunked->state = CHUNKED_TRAILER;
		}
		return true;
	default:
		return false;
	}
}

static void take_data(struct chunked *chunked, const char **bytes, size_t *length,
		      const char **data, size_t *data_length)
{
	*data = *bytes;
	*data_length = *length < chunked->left ? *length : chunked->left;
	*bytes += *data_length;
	*length -= *data_length;
	chunked->left -= *data_length;
	chunked->framed = 0;
	if (chunked->left == 0) {
		chunked->state = CHUNKED_BYTES_END;
	}
}

enum chunked_result chunked_take(struct chunked *chunked, const char **bytes, size_t *length,
				 const char **data, size_t *data_length)
{
	while (*length > 0 && chunked->state != CHUNKED_DONE) {
		if (chunked->state == CHUNKED_BYTES) {
			take_data(chunked, bytes, length, data, data_length);
			return CHUNKED_DATA;
		}
		if (++chunked->framed > FRAMED_MAX || !take_frame(chunked, **bytes)) {
			return CHUNKED_BROKEN;
		}
		++*bytes;
		--*length;
	}
	return chunked->state == CHUNKED_DONE ? CHUNKED_END : CHUNKED_MORE;
}
