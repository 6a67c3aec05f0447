/* SPDX-License-Identifier: MIT */
#ifndef TEST_SHAPES_H
#define TEST_SHAPES_H

#include <flagship/frame.h>

#include <stddef.h>
#include <stdint.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Every kind of frame, with the length of its header as protocol.md 2 gives it. */
struct shape {
	enum flagship_signature signature;
	enum flagship_device_type device_type;
	size_t header_size;
};

static const struct shape shapes[] = {
	{FLAGSHIP_SIGNATURE_MA, FLAGSHIP_DEVICE_TYPE_M5, 64},
	{FLAGSHIP_SIGNATURE_MA, FLAGSHIP_DEVICE_TYPE_V7111, 64},
	{FLAGSHIP_SIGNATURE_MA, FLAGSHIP_DEVICE_TYPE_M5C, 24},
	{FLAGSHIP_SIGNATURE_MA, FLAGSHIP_DEVICE_TYPE_E1, 24},
	{FLAGSHIP_SIGNATURE_MB, FLAGSHIP_DEVICE_TYPE_M5, 66},
	{FLAGSHIP_SIGNATURE_MB, FLAGSHIP_DEVICE_TYPE_V7111, 66},
	{FLAGSHIP_SIGNATURE_MB, FLAGSHIP_DEVICE_TYPE_M5C, 26},
	{FLAGSHIP_SIGNATURE_MB, FLAGSHIP_DEVICE_TYPE_E1, 26},
};

#define SHAPE_PLAINTEXT "[{\"commandType\":1003,\"currentTemp\":5263,\"targetTemp\":18000}]"
#define SHAPE_GUID      "651c863a-6bfe-103b-9b47-5b549343f75a"
#define SHAPE_CAPACITY  512

extern const uint8_t shape_key_bytes[FLAGSHIP_KEY_SIZE_AES256];

/* A frame with SHAPE_PLAINTEXT, or what a test made of it. */
struct sealed {
	uint8_t data[SHAPE_CAPACITY];
	size_t size;
};

struct flagship_key *shape_create_key(void);
struct sealed shape_seal(struct flagship_key *key, const struct shape *shape);

/* Makes the frame this long and puts its size field (of an MA frame) and checksum right. */
void shape_correct(struct sealed *sealed, size_t size);

#endif
