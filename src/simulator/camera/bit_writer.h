/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_CAMERA_BIT_WRITER_H
#define SIMULATOR_CAMERA_BIT_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Writes NAL units of an H.264 stream bit by bit (ITU-T H.264 7.3, 9.1), each with its start code,
 * and with the byte 3 wherever the body would look like one. What does not fit is counted, and not
 * written.
 */
struct bit_writer {
	uint8_t *out;
	size_t capacity;
	size_t length;
	unsigned int byte;  /* its bits so far */
	unsigned int bits;  /* how many there are of it */
	unsigned int zeros; /* bytes of the body in a row */
};

void bit_writer_init(struct bit_writer *writer, uint8_t *out, size_t capacity);

void bit_writer_begin_nal(struct bit_writer *writer, uint8_t header);
/* With the bit that ends a body, and zeros up to a whole byte. */
void bit_writer_end_nal(struct bit_writer *writer);

/* Of up to 32 bits, most significant first. */
void bit_writer_put(struct bit_writer *writer, uint32_t value, unsigned int count);
/* Exp-Golomb codes. */
void bit_writer_put_unsigned(struct bit_writer *writer, uint32_t value);
void bit_writer_put_signed(struct bit_writer *writer, int32_t value);
/* Zeros up to a whole byte. */
void bit_writer_align(struct bit_writer *writer);

#endif
