/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"

#include <flagship/pppp_frame.h>

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* What the next byte of a stream belongs to. */
enum reader_state {
	READER_HEADER,
	READER_DATA,
	READER_TRAILER,
};

/* How a kind of frame begins. */
struct frame_form {
	const char *signature;
	size_t signature_size;
	size_t header_size;
	size_t length_offset; /* of a u32le */
};

static const struct frame_form xzyh_form = {
	.signature = "XZYH",
	.signature_size = FLAGSHIP_XZYH_SIGNATURE_SIZE,
	.header_size = FLAGSHIP_XZYH_HEADER_SIZE,
	.length_offset = FLAGSHIP_XZYH_LENGTH_OFFSET,
};

static const struct frame_form aabb_form = {
	.signature = "\xaa\xbb",
	.signature_size = FLAGSHIP_AABB_SIGNATURE_SIZE,
	.header_size = FLAGSHIP_AABB_HEADER_SIZE,
	.length_offset = FLAGSHIP_AABB_LENGTH_OFFSET,
};

/* What a reader holds of a header. */
struct header_place {
	uint8_t *bytes;
	uint8_t *held;
	uint64_t *skipped;
	uint32_t *too_large;
	uint32_t limit;
};

/* Drops bytes of a header until those that remain could begin one; how many were dropped. */
static size_t drop_to_signature(const struct frame_form *form, uint8_t *bytes, uint8_t *held,
				size_t drop)
{
	for (; drop < *held; drop++) {
		size_t left = *held - drop;
		size_t compared = left < form->signature_size ? left : form->signature_size;
		if (memcmp(bytes + drop, form->signature, compared) == 0) {
			break;
		}
	}
	*held = (uint8_t)(*held - drop);
	if (drop > 0 && *held > 0) {
		memmove(bytes, bytes + drop, *held);
	}
	return drop;
}

/* Moves bytes into a header until it holds size of them. */
static bool fill_header(uint8_t *bytes, uint8_t *held, size_t size, const uint8_t **data,
			size_t *length)
{
	size_t wanted = size - *held;
	size_t count = *length < wanted ? *length : wanted;

	if (count > 0) {
		memcpy(bytes + *held, *data, count);
	}
	*held = (uint8_t)(*held + count);
	*data += count;
	*length -= count;
	return *held == size;
}

/* Jumps over what cannot begin a frame without looking at each byte in the small buffer. */
static size_t skip_noise(uint8_t first, const uint8_t **data, size_t *length)
{
	const uint8_t *found = *length > 0 ? memchr(*data, first, *length) : NULL;
	size_t count = found ? (size_t)(found - *data) : *length;

	*data += count;
	*length -= count;
	return count;
}

static struct flagship_pppp_piece take_piece(uint32_t *left, const uint8_t **data, size_t *length)
{
	const size_t count = *length < *left ? *length : *left;
	struct flagship_pppp_piece piece = {count > 0 ? *data : NULL, count};

	*data += count;
	*length -= count;
	*left -= (uint32_t)count;
	return piece;
}

/* Whether a header is whole and good; what is none is passed over. */
static bool find_header(const struct frame_form *form, const struct header_place *place,
			const uint8_t **data, size_t *length)
{
	while (*length > 0 || *place->held > 0) {
		if (*place->held == 0) {
			*place->skipped += skip_noise((uint8_t)form->signature[0], data, length);
		}
		bool whole = fill_header(place->bytes, place->held, form->header_size, data,
					 length);
		size_t dropped = drop_to_signature(form, place->bytes, place->held, 0);
		*place->skipped += dropped;
		if (dropped > 0 && *length > 0) {
			continue;
		}
		if (!whole || dropped > 0) {
			return false;
		}
		if (bytes_read_u32le(place->bytes + form->length_offset) <= place->limit) {
			*place->held = 0;
			return true;
		}
		(*place->too_large)++;
		*place->skipped += drop_to_signature(form, place->bytes, place->held, 1);
	}
	return false;
}

void flagship_xzyh_reader_init(struct flagship_xzyh_reader *reader, uint32_t limit)
{
	memset(reader, 0, sizeof(*reader));
	reader->limit = limit;
}

void flagship_xzyh_reader_resync(struct flagship_xzyh_reader *reader)
{
	reader->skipped += reader->held;
	reader->held = 0;
	reader->left = 0;
	reader->state = READER_HEADER;
}

static void xzyh_read_header(struct flagship_xzyh_reader *reader)
{
	const uint8_t *bytes = reader->bytes;

	reader->header.command = bytes_read_u16le(bytes + FLAGSHIP_XZYH_COMMAND_OFFSET);
	reader->header.length = bytes_read_u32le(bytes + FLAGSHIP_XZYH_LENGTH_OFFSET);
	reader->header.channel = bytes[FLAGSHIP_XZYH_CHANNEL_OFFSET];
	reader->header.sign_code = bytes[FLAGSHIP_XZYH_SIGN_CODE_OFFSET];
	reader->header.device_type = bytes[FLAGSHIP_XZYH_DEVICE_TYPE_OFFSET];
}

/* Whether a header is whole and good; what is no header is dropped. */
enum flagship_pppp_found flagship_xzyh_reader_push(struct flagship_xzyh_reader *reader,
						   const uint8_t **data, size_t *length,
						   struct flagship_pppp_piece *piece)
{
	*piece = (struct flagship_pppp_piece){NULL, 0};
	if (reader->state == READER_HEADER) {
		const struct header_place place = {reader->bytes, &reader->held, &reader->skipped,
						   &reader->too_large, reader->limit};
		if (!find_header(&xzyh_form, &place, data, length)) {
			return FLAGSHIP_PPPP_FOUND_NOTHING;
		}
		xzyh_read_header(reader);
		reader->left = reader->header.length;
		reader->state = READER_DATA;
		return FLAGSHIP_PPPP_FOUND_BEGIN;
	}
	if (reader->left == 0) {
		reader->state = READER_HEADER;
		return FLAGSHIP_PPPP_FOUND_END;
	}
	*piece = take_piece(&reader->left, data, length);
	return piece->length > 0 ? FLAGSHIP_PPPP_FOUND_DATA : FLAGSHIP_PPPP_FOUND_NOTHING;
}

void flagship_aabb_reader_init(struct flagship_aabb_reader *reader, uint32_t limit)
{
	memset(reader, 0, sizeof(*reader));
	reader->limit = limit;
}

static void aabb_read_header(struct flagship_aabb_reader *reader)
{
	const uint8_t *bytes = reader->bytes;

	reader->header.kind = bytes[FLAGSHIP_AABB_KIND_OFFSET];
	reader->header.sequence = bytes[FLAGSHIP_AABB_SEQUENCE_OFFSET];
	reader->header.position = bytes_read_u32le(bytes + FLAGSHIP_AABB_POSITION_OFFSET);
	reader->header.length = bytes_read_u32le(bytes + FLAGSHIP_AABB_LENGTH_OFFSET);
	reader->crc = flagship_crc16(0, bytes + FLAGSHIP_AABB_KIND_OFFSET,
				     FLAGSHIP_AABB_HEADER_SIZE - FLAGSHIP_AABB_KIND_OFFSET);
}

static enum flagship_pppp_found aabb_take_trailer(struct flagship_aabb_reader *reader,
						  const uint8_t **data, size_t *length)
{
	if (!fill_header(reader->bytes, &reader->held, FLAGSHIP_AABB_CRC_SIZE, data, length)) {
		return FLAGSHIP_PPPP_FOUND_NOTHING;
	}
	reader->held = 0;
	reader->state = READER_HEADER;
	if (bytes_read_u16le(reader->bytes) == reader->crc) {
		return FLAGSHIP_PPPP_FOUND_END;
	}
	reader->damaged++;
	return FLAGSHIP_PPPP_FOUND_DAMAGE;
}

enum flagship_pppp_found flagship_aabb_reader_push(struct flagship_aabb_reader *reader,
						   const uint8_t **data, size_t *length,
						   struct flagship_pppp_piece *piece)
{
	*piece = (struct flagship_pppp_piece){NULL, 0};
	if (reader->state == READER_HEADER) {
		const struct header_place place = {reader->bytes, &reader->held, &reader->skipped,
						   &reader->too_large, reader->limit};
		if (!find_header(&aabb_form, &place, data, length)) {
			return FLAGSHIP_PPPP_FOUND_NOTHING;
		}
		aabb_read_header(reader);
		reader->left = reader->header.length;
		reader->state = reader->left > 0 ? READER_DATA : READER_TRAILER;
		return FLAGSHIP_PPPP_FOUND_BEGIN;
	}
	if (reader->state == READER_TRAILER) {
		return aabb_take_trailer(reader, data, length);
	}
	*piece = take_piece(&reader->left, data, length);
	if (piece->length == 0) {
		return FLAGSHIP_PPPP_FOUND_NOTHING;
	}
	reader->crc = flagship_crc16(reader->crc, piece->data, piece->length);
	if (reader->left == 0) {
		reader->state = READER_TRAILER;
	}
	return FLAGSHIP_PPPP_FOUND_DATA;
}
