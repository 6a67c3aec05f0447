/* SPDX-License-Identifier: MIT */
#include "simulator/camera/bit_writer.h"

#define BYTE_BITS   8
#define GUARD_BYTE  3
#define GUARD_ZEROS 2

void bit_writer_init(struct bit_writer *writer, uint8_t *out, size_t capacity)
{
	*writer = (struct bit_writer){.out = out, .capacity = capacity};
}

static void put_raw(struct bit_writer *writer, unsigned int byte)
{
	if (writer->length < writer->capacity) {
		writer->out[writer->length] = (uint8_t)byte;
	}
	writer->length++;
}

static void put_byte(struct bit_writer *writer, unsigned int byte)
{
	if (writer->zeros >= GUARD_ZEROS && byte <= GUARD_BYTE) {
		put_raw(writer, GUARD_BYTE);
		writer->zeros = 0;
	}
	put_raw(writer, byte);
	writer->zeros = byte == 0 ? writer->zeros + 1 : 0;
}

void bit_writer_begin_nal(struct bit_writer *writer, uint8_t header)
{
	put_raw(writer, 0);
	put_raw(writer, 0);
	put_raw(writer, 0);
	put_raw(writer, 1);
	writer->zeros = 0;
	put_byte(writer, header);
}

void bit_writer_put(struct bit_writer *writer, uint32_t value, unsigned int count)
{
	while (count-- > 0) {
		writer->byte = writer->byte << 1 | (value >> count & 1U);
		writer->bits++;
		if (writer->bits == BYTE_BITS) {
			put_byte(writer, writer->byte);
			writer->byte = 0;
			writer->bits = 0;
		}
	}
}

void bit_writer_put_unsigned(struct bit_writer *writer, uint32_t value)
{
	unsigned int length = 0;

	while ((value + 1) >> length > 1) {
		length++;
	}
	bit_writer_put(writer, 0, length);
	bit_writer_put(writer, value + 1, length + 1);
}

void bit_writer_put_signed(struct bit_writer *writer, int32_t value)
{
	bit_writer_put_unsigned(writer, value > 0 ? 2 * (uint32_t)value - 1 : 2 * (uint32_t)-value);
}

void bit_writer_align(struct bit_writer *writer)
{
	if (writer->bits > 0) {
		bit_writer_put(writer, 0, BYTE_BITS - writer->bits);
	}
}

void bit_writer_end_nal(struct bit_writer *writer)
{
	bit_writer_put(writer, 1, 1);
	bit_writer_align(writer);
}
