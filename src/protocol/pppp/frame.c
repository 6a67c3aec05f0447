/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"
#include "protocol/pppp/crc16_table.h"

#include <flagship/pppp_frame.h>

#include <string.h>

uint16_t flagship_crc16(uint16_t crc, const uint8_t *data, size_t length)
{
	const uint16_t(*tables)[UINT8_MAX + 1] = crc16_tables;

	/* All of a file passes through here, on both sides. */
	for (; length >= CRC16_SLICES; length -= CRC16_SLICES, data += CRC16_SLICES) {
		crc ^= bytes_read_u16be(data);
		crc = tables[7][crc >> 8] ^ tables[6][crc & UINT8_MAX] ^ tables[5][data[2]] ^
		      tables[4][data[3]] ^ tables[3][data[4]] ^ tables[2][data[5]] ^
		      tables[1][data[6]] ^ tables[0][data[7]];
	}
	for (size_t i = 0; i < length; i++) {
		crc = (uint16_t)(crc << 8 ^ tables[0][crc >> 8 ^ data[i]]);
	}
	return crc;
}

void flagship_xzyh_write(const struct flagship_xzyh *header, uint8_t out[FLAGSHIP_XZYH_HEADER_SIZE])
{
	memset(out, 0, FLAGSHIP_XZYH_HEADER_SIZE);
	bytes_write_u32be(out + FLAGSHIP_XZYH_SIGNATURE_OFFSET, FLAGSHIP_XZYH_SIGNATURE_MAGIC);
	bytes_write_u16le(out + FLAGSHIP_XZYH_COMMAND_OFFSET, header->command);
	bytes_write_u32le(out + FLAGSHIP_XZYH_LENGTH_OFFSET, header->length);
	out[FLAGSHIP_XZYH_CHANNEL_OFFSET] = header->channel;
	out[FLAGSHIP_XZYH_SIGN_CODE_OFFSET] = header->sign_code;
	out[FLAGSHIP_XZYH_DEVICE_TYPE_OFFSET] = header->device_type;
}

uint16_t flagship_aabb_write(const struct flagship_aabb *header,
			     uint8_t out[FLAGSHIP_AABB_HEADER_SIZE])
{
	bytes_write_u16be(out + FLAGSHIP_AABB_SIGNATURE_OFFSET, FLAGSHIP_AABB_SIGNATURE_MAGIC);
	out[FLAGSHIP_AABB_KIND_OFFSET] = header->kind;
	out[FLAGSHIP_AABB_SEQUENCE_OFFSET] = header->sequence;
	bytes_write_u32le(out + FLAGSHIP_AABB_POSITION_OFFSET, header->position);
	bytes_write_u32le(out + FLAGSHIP_AABB_LENGTH_OFFSET, header->length);
	return flagship_crc16(0, out + FLAGSHIP_AABB_KIND_OFFSET,
			      FLAGSHIP_AABB_HEADER_SIZE - FLAGSHIP_AABB_KIND_OFFSET);
}

void flagship_aabb_write_crc(uint16_t crc, uint8_t out[FLAGSHIP_AABB_CRC_SIZE])
{
	bytes_write_u16le(out, crc);
}
