/* SPDX-License-Identifier: MIT */
#include "video/bits.h"

#define BYTE_BITS   8
#define GOLOMB_MAX  31 /* leading zeros of a code that fits into 32 bits */
#define GUARD_BYTE  3
#define GUARD_ZEROS 2

void bits_init(struct bits *bits, const uint8_t *data, size_t length)
{
	*bits = (struct bits){.data = data, .length = length};
}

static void next_byte(struct bits *bits)
{
	bits->zeros = bits->data[bits->byte] == 0 ? bits->zeros + 1 : 0;
	bits->byte++;
	bits->bit = 0;
	if (bits->zeros >= GUARD_ZEROS && bits->byte < bits->length &&
	    bits->data[bits->byte] == GUARD_BYTE) {
		bits->zeros = 0;
		bits->byte++;
	}
}

static uint32_t read_bit(struct bits *bits)
{
	if (bits->byte >= bits->length) {
		bits->failed = true;
		return 0;
	}
	uint32_t value = bits->data[bits->byte] >> (BYTE_BITS - 1 - bits->bit) & 1U;

	bits->bit++;
	if (bits->bit == BYTE_BITS) {
		next_byte(bits);
	}
	return value;
}

uint32_t bits_read(struct bits *bits, unsigned int count)
{
	uint32_t value = 0;

	while (count-- > 0) {
		value = value << 1 | read_bit(bits);
	}
	return value;
}

bool bits_read_flag(struct bits *bits)
{
	return read_bit(bits) != 0;
}

uint32_t bits_read_unsigned(struct bits *bits)
{
	unsigned int zeros = 0;

	while (!bits->failed && read_bit(bits) == 0) {
		zeros++;
	}
	if (zeros > GOLOMB_MAX) {
		bits->failed = true;
	}
	return bits->failed ? 0 : (UINT32_C(1) << zeros) - 1 + bits_read(bits, zeros);
}

int32_t bits_read_signed(struct bits *bits)
{
	uint32_t code = bits_read_unsigned(bits);
	int32_t half = (int32_t)(code / 2 + code % 2);

	return code % 2 ? half : -half;
}
