/* SPDX-License-Identifier: MIT */
#ifndef VIDEO_BITS_H
#define VIDEO_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bits of the body of a NAL unit, most significant first, without the bytes 3 that stand between
 * two zeros and what could be taken for a start code (ITU-T H.264 7.4.1). Beyond the end all bits
 * are 0, and `failed` is set.
 */
struct bits {
	const uint8_t *data;
	size_t length;
	size_t byte;
	unsigned int bit;   /* of it, from the highest */
	unsigned int zeros; /* bytes in a row before this one */
	bool failed;
};

void bits_init(struct bits *bits, const uint8_t *data, size_t length);

/* Of up to 32 bits. */
uint32_t bits_read(struct bits *bits, unsigned int count);
bool bits_read_flag(struct bits *bits);

/* Exp-Golomb codes, unsigned and signed (9.1). */
uint32_t bits_read_unsigned(struct bits *bits);
int32_t bits_read_signed(struct bits *bits);

#endif
