/* SPDX-License-Identifier: MIT */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdint.h>

/* Integers of the wire, at any alignment, whatever the byte order of the machine. */

static inline uint16_t bytes_read_u16be(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint16_t bytes_read_u16le(const uint8_t *bytes)
{
	return (uint16_t)(bytes[1] << 8 | bytes[0]);
}

static inline uint32_t bytes_read_u32be(const uint8_t *bytes)
{
	return (uint32_t)bytes_read_u16be(bytes) << 16 | bytes_read_u16be(bytes + 2);
}

static inline uint32_t bytes_read_u32le(const uint8_t *bytes)
{
	return (uint32_t)bytes_read_u16le(bytes + 2) << 16 | bytes_read_u16le(bytes);
}

static inline void bytes_write_u16be(uint8_t *bytes, uint16_t value)
{
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
}

static inline void bytes_write_u16le(uint8_t *bytes, uint16_t value)
{
	bytes[0] = (uint8_t)value;
	bytes[1] = (uint8_t)(value >> 8);
}

static inline void bytes_write_u32be(uint8_t *bytes, uint32_t value)
{
	bytes_write_u16be(bytes, (uint16_t)(value >> 16));
	bytes_write_u16be(bytes + 2, (uint16_t)value);
}

static inline void bytes_write_u32le(uint8_t *bytes, uint32_t value)
{
	bytes_write_u16le(bytes, (uint16_t)value);
	bytes_write_u16le(bytes + 2, (uint16_t)(value >> 16));
}

#endif
