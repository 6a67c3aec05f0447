/* SPDX-License-Identifier: MIT */
#ifndef PICTURE_ENCODER_H
#define PICTURE_ENCODER_H

#include "picture/decoder.h"

#include <stddef.h>
#include <stdint.h>

/* Samples to H.264, by openh264: each picture is one that decoding can begin with, so that a film
 * may be made of any of them. */
struct encoder;

/* NULL where there is no memory. */
struct encoder *encoder_create(void);

/*
 * Sides are even. *unit is an access unit in annex B form with its parameter sets, which are the
 * same for all pictures of one size; it belongs to the encoder, until the next picture. Returns its
 * bytes; 0 where it cannot be encoded.
 */
size_t encoder_write(struct encoder *encoder, const struct decoded_picture *picture,
		     const uint8_t **unit);

void encoder_destroy(struct encoder *encoder);

#endif
