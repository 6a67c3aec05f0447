/* SPDX-License-Identifier: MIT */
#ifndef PICTURE_JPEG_READER_H
#define PICTURE_JPEG_READER_H

#include "picture/decoder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * JPEG to samples as cameras have them (BT.601, 16 to 235), by libjpeg-turbo, for an encoder: sides
 * are even. What a camera sends is taken for anything at all.
 */
struct jpeg_reader;

#define JPEG_READER_SIDE_MAX 1920 /* what is larger is halved until it fits */
#define JPEG_READER_SIDE_MIN 32

/* NULL where there is no memory. */
struct jpeg_reader *jpeg_reader_create(void);

/* *picture belongs to the reader, until the next one. False where it is no JPEG, one without the
 * usual colours, one that is cut, too small, or too large to be halved, or there is no memory. */
bool jpeg_read(struct jpeg_reader *reader, const uint8_t *jpeg, size_t length,
	       struct decoded_picture *picture);

void jpeg_reader_destroy(struct jpeg_reader *reader);

#endif
