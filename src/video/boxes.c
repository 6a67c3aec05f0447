/* SPDX-License-Identifier: MIT */
#include "video/boxes.h"

#include "base/bytes.h"

#include <flagship/error.h>

#include <string.h>

void boxes_put(struct boxes *boxes, const void *data, size_t length)
{
	if (boxes->length + length <= boxes->capacity && length > 0) {
		memcpy(boxes->out + boxes->length, data, length);
	}
	boxes->length += length;
}

void boxes_put_u8(struct boxes *boxes, uint8_t value)
{
	boxes_put(boxes, &value, sizeof(value));
}

void boxes_put_u16(struct boxes *boxes, uint16_t value)
{
	uint8_t bytes[sizeof(value)];

	bytes_write_u16be(bytes, value);
	boxes_put(boxes, bytes, sizeof(bytes));
}

void boxes_put_u32(struct boxes *boxes, uint32_t value)
{
	uint8_t bytes[sizeof(value)];

	bytes_write_u32be(bytes, value);
	boxes_put(boxes, bytes, sizeof(bytes));
}

void boxes_put_zeros(struct boxes *boxes, size_t count)
{
	while (count-- > 0) {
		boxes_put_u8(boxes, 0);
	}
}

size_t boxes_begin(struct boxes *boxes, const char type[BOXES_TYPE_LENGTH])
{
	size_t at = boxes->length;

	boxes_put_u32(boxes, 0);
	boxes_put(boxes, type, BOXES_TYPE_LENGTH);
	return at;
}

size_t boxes_begin_full(struct boxes *boxes, const char type[BOXES_TYPE_LENGTH], uint8_t version,
			uint32_t flags)
{
	const unsigned int version_shift = 24;
	size_t at = boxes_begin(boxes, type);

	boxes_put_u32(boxes, (uint32_t)version << version_shift | flags);
	return at;
}

void boxes_patch_u32(struct boxes *boxes, size_t at, uint32_t value)
{
	if (at + sizeof(value) <= boxes->capacity) {
		bytes_write_u32be(boxes->out + at, value);
	}
}

void boxes_end(struct boxes *boxes, size_t at)
{
	boxes_patch_u32(boxes, at, (uint32_t)(boxes->length - at));
}

int boxes_finish(const struct boxes *boxes, size_t *length)
{
	*length = boxes->length <= boxes->capacity ? boxes->length : 0;
	return *length > 0 ? 0 : FLAGSHIP_ERROR_BUFFER;
}
