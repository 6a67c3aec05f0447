/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shapes.h"

#include <string.h>

const uint8_t shape_key_bytes[FLAGSHIP_KEY_SIZE_AES256] = {0x42, 0x17};

struct flagship_key *shape_create_key(void)
{
	struct flagship_key *key;

	assert_int_equal(flagship_key_create(shape_key_bytes, sizeof(shape_key_bytes), &key), 0);
	return key;
}

struct sealed shape_seal(struct flagship_key *key, const struct shape *shape)
{
	struct flagship_frame frame;
	struct sealed sealed;

	flagship_frame_init(&frame, SHAPE_GUID);
	frame.signature = shape->signature;
	frame.device_type = (uint8_t)shape->device_type;
	memset(frame.opaque, 0xa5, sizeof(frame.opaque));
	assert_int_equal(flagship_frame_seal(key, &frame, SHAPE_PLAINTEXT, strlen(SHAPE_PLAINTEXT),
					     sealed.data, sizeof(sealed.data), &sealed.size),
			 0);
	return sealed;
}

void shape_correct(struct sealed *sealed, size_t size)
{
	uint8_t checksum = 0;

	sealed->size = size;
	sealed->data[2] = (uint8_t)size;
	sealed->data[3] = (uint8_t)(size >> 8);
	sealed->data[size - 1] = 0;
	for (size_t i = 0; i < size; i++) {
		checksum ^= sealed->data[i];
	}
	sealed->data[size - 1] = checksum;
}
