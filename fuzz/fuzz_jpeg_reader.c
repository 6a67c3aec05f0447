/* SPDX-License-Identifier: MIT */
#include "picture/jpeg_reader.h"

#include <assert.h>

/* What a camera that has a URL sends, on its way into a film: samples that are there, or none. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PIXELS_MAX ((size_t)1 << 22) /* larger ones cost time, and go the same way */
#define SEGMENT    9                 /* bytes of a frame's head: what its sides are read of */

/* Whether no frame in it says that it is large. */
static bool is_small(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i + SEGMENT <= size; i++) {
		const uint8_t *side = data + i + SEGMENT - 4;

		if (data[i] == 0xFF && (data[i + 1] & 0xF0) == 0xC0 &&
		    (size_t)(side[0] << 8 | side[1]) * (size_t)(side[2] << 8 | side[3]) >
			    PIXELS_MAX) {
			return false;
		}
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jpeg_reader *reader = jpeg_reader_create();
	struct decoded_picture picture;
	volatile uint8_t sample;

	assert(reader);
	if (is_small(data, size) && jpeg_read(reader, data, size, &picture)) {
		assert(picture.width % 2 == 0 && picture.height % 2 == 0);
		assert(picture.width >= JPEG_READER_SIDE_MIN &&
		       picture.width <= JPEG_READER_SIDE_MAX);
		sample = picture.planes[0][picture.strides[0] * picture.height - 1];
		sample = picture.planes[2][picture.strides[2] * picture.height / 2 - 1];
		(void)sample;
	}
	jpeg_reader_destroy(reader);
	return 0;
}
