/* SPDX-License-Identifier: MIT */
#ifndef PICTURE_DECODER_H
#define PICTURE_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* H.264 to samples, by openh264. What a camera sends is taken for anything at all. */
struct decoder;

#define DECODER_PLANES 3 /* luma, blue, red; the last two have half the width and height */

/* Of the decoder, until the next unit. */
struct decoded_picture {
	uint32_t width;
	uint32_t height;
	const uint8_t *planes[DECODER_PLANES];
	size_t strides[DECODER_PLANES]; /* bytes from one row to the next */
};

/* NULL where there is no memory. */
struct decoder *decoder_create(void);

/* An access unit in annex B form. Returns whether a picture came of it. */
bool decoder_feed(struct decoder *decoder, const uint8_t *unit, size_t length,
		  struct decoded_picture *out);

void decoder_destroy(struct decoder *decoder);

#endif
