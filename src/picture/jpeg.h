/* SPDX-License-Identifier: MIT */
#ifndef PICTURE_JPEG_H
#define PICTURE_JPEG_H

#include "picture/decoder.h"

#include <stddef.h>
#include <stdint.h>

/* Samples to JPEG, by libjpeg-turbo, without a change of colours in between. */
struct jpeg_writer;

/* Quality 1 to 100. NULL where there is no memory. */
struct jpeg_writer *jpeg_writer_create(int quality);

/*
 * *out belongs to the writer, until the next picture. Returns its bytes; 0 where it cannot be
 * written (no memory).
 */
size_t jpeg_write(struct jpeg_writer *writer, const struct decoded_picture *picture,
		  const uint8_t **out);

void jpeg_writer_destroy(struct jpeg_writer *writer);

#endif
