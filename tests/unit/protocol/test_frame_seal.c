/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>
#include <flagship/frame.h>

#include "shapes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define GUID          "651c863a-6bfe-103b-9b47-5b549343f75a"
#define MA_SIZE_LIMIT 65535
#define MB_SIZE_LIMIT 4294967295
#define BLOCK         16

static void init_makes_a_client_frame(void **state)
{
	static const char too_long[] = GUID "-and-more";
	struct flagship_frame frame;

	(void)state;
	memset(&frame, 0x55, sizeof(frame));
	flagship_frame_init(&frame, GUID);
	assert_int_equal(frame.signature, FLAGSHIP_SIGNATURE_MA);
	assert_int_equal(frame.device_type, FLAGSHIP_DEVICE_TYPE_M5);
	assert_int_equal(frame.packet_type, FLAGSHIP_PACKET_TYPE_SINGLE);
	assert_int_equal(frame.packet_number, 0);
	assert_int_equal(frame.time, 0);
	assert_int_equal(frame.version, 5);
	assert_int_equal(frame.product_type, 1);
	assert_int_equal(frame.data_source, 5);
	assert_int_equal(frame.command_code, 0x46);
	assert_string_equal(frame.guid, GUID);
	flagship_frame_init(&frame, too_long);
	assert_string_equal(frame.guid, GUID);
	flagship_frame_init(&frame, "short");
	assert_string_equal(frame.guid, "short");
	flagship_frame_init(&frame, NULL);
	assert_string_equal(frame.guid, "");
}

static void the_header_is_written_as_documented(void **state)
{
	static const uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256] = {0};
	static const uint8_t start[] = {'M', 'A',  97, 0, 5,    1,    2,    5,
					'F', 0xc1, 2,  1, 0x44, 0x33, 0x22, 0x11};
	/* Three bytes belong to the GUID. */
	static const uint8_t zero[3 + FLAGSHIP_DETAILS_LONG_RESERVED_SIZE];
	struct flagship_frame frame;
	struct flagship_key *key;
	uint8_t data[97];
	size_t size;

	(void)state;
	assert_int_equal(flagship_key_create(bytes, sizeof(bytes), &key), 0);
	flagship_frame_init(&frame, GUID);
	frame.packet_type = FLAGSHIP_PACKET_TYPE_MULTI_BEGIN;
	frame.packet_number = 0x0102;
	frame.time = 0x11223344;
	memset(data, 0xff, sizeof(data));
	assert_int_equal(flagship_frame_seal(key, &frame, "0123456789abcdef", BLOCK, data,
					     sizeof(data), &size),
			 0);
	assert_int_equal(size, sizeof(data));
	assert_memory_equal(data, start, sizeof(start));
	assert_memory_equal(data + sizeof(start), GUID, sizeof(GUID));
	assert_memory_equal(data + sizeof(start) + sizeof(GUID), zero, sizeof(zero));
	/* A GUID without a NUL, as a caller may have copied it, does not reach the padding. */
	memset(frame.guid, 'g', sizeof(frame.guid));
	assert_int_equal(flagship_frame_seal(key, &frame, "", 0, data, sizeof(data), &size), 0);
	assert_memory_equal(data + sizeof(start) + FLAGSHIP_GUID_LENGTH, zero, sizeof(zero));
	flagship_key_destroy(key);
}

static void sizes_end_at_the_size_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		const enum flagship_signature signature = shapes[i].signature;
		const enum flagship_device_type type = shapes[i].device_type;
		const bool is_long = signature == FLAGSHIP_SIGNATURE_MB;
		const size_t limit = is_long ? (size_t)MB_SIZE_LIMIT : MA_SIZE_LIMIT;
		const size_t overhead = shapes[i].header_size + 1;
		const size_t blocks = (limit - overhead) / BLOCK;
		const size_t longest = blocks * BLOCK - 1;

		assert_int_equal(flagship_frame_sealed_size(signature, type, 0), overhead + BLOCK);
		assert_int_equal(flagship_frame_sealed_size(signature, type, BLOCK - 1),
				 overhead + BLOCK);
		assert_int_equal(flagship_frame_sealed_size(signature, type, BLOCK),
				 overhead + 2 * BLOCK);
		assert_int_equal(flagship_frame_sealed_size(signature, type, longest),
				 overhead + blocks * BLOCK);
		assert_int_equal(flagship_frame_sealed_size(signature, type, longest + 1), 0);
		assert_int_equal(flagship_frame_sealed_size(signature, type, limit), 0);
		if (limit < SIZE_MAX) {
			assert_int_equal(flagship_frame_sealed_size(signature, type, limit + 1), 0);
		}
		assert_int_equal(flagship_frame_sealed_size(signature, type, SIZE_MAX), 0);
	}
	assert_int_equal(
		flagship_frame_sealed_size(FLAGSHIP_SIGNATURE_MA, (enum flagship_device_type)4, 1),
		0);
	assert_int_equal(flagship_frame_sealed_size((enum flagship_signature)0x4d43,
						    FLAGSHIP_DEVICE_TYPE_M5, 1),
			 0);
}

static void seal_refuses_what_cannot_be(void **state)
{
	static const uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256] = {0};
	static uint8_t plain[MA_SIZE_LIMIT];
	static uint8_t out[MA_SIZE_LIMIT + 1];
	struct flagship_frame frame;
	struct flagship_key *key;
	size_t size = 0;

	(void)state;
	assert_int_equal(flagship_key_create(bytes, sizeof(bytes), &key), 0);
	flagship_frame_init(&frame, GUID);
	frame.device_type = 0;
	assert_int_equal(flagship_frame_seal(key, &frame, plain, 1, out, sizeof(out), &size),
			 FLAGSHIP_ERROR_DEVICE_TYPE);
	frame.signature = (enum flagship_signature)0;
	assert_int_equal(flagship_frame_seal(key, &frame, plain, 1, out, sizeof(out), &size),
			 FLAGSHIP_ERROR_SIGNATURE);
	flagship_frame_init(&frame, GUID);
	assert_int_equal(
		flagship_frame_seal(key, &frame, plain, sizeof(plain), out, sizeof(out), &size),
		FLAGSHIP_ERROR_TOO_LARGE);
	assert_int_equal(flagship_frame_seal(key, &frame, plain, 65455, out, 65520, &size),
			 FLAGSHIP_ERROR_BUFFER);
	assert_int_equal(size, 0);
	assert_int_equal(flagship_frame_seal(key, &frame, plain, 65455, out, 65521, &size), 0);
	assert_int_equal(size, 65521);
	assert_int_equal(flagship_frame_seal(key, &frame, plain, 65456, out, sizeof(out), &size),
			 FLAGSHIP_ERROR_TOO_LARGE);
	frame.signature = FLAGSHIP_SIGNATURE_MB;
	assert_int_equal(flagship_frame_seal(key, &frame, plain, 65456, out, sizeof(out), &size),
			 FLAGSHIP_ERROR_BUFFER);
	flagship_key_destroy(key);
}

/* Longer than the pieces that OpenSSL is given, which must not show. */
static void a_long_payload_comes_back(void **state)
{
	static const uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256] = {9};
	const size_t length = 3 * (1u << 20) + 5;
	uint8_t *plain = malloc(length);
	uint8_t *out = malloc(length + 128);
	struct flagship_frame frame;
	struct flagship_key *key;
	size_t size;

	(void)state;
	assert_non_null(plain);
	assert_non_null(out);
	for (size_t i = 0; i < length; i++) {
		plain[i] = (uint8_t)(i >> 8 ^ i);
	}
	assert_int_equal(flagship_key_create(bytes, sizeof(bytes), &key), 0);
	flagship_frame_init(&frame, GUID);
	frame.signature = FLAGSHIP_SIGNATURE_MB;
	assert_int_equal(flagship_frame_seal(key, &frame, plain, length, out, length + 128, &size),
			 0);
	assert_int_equal(flagship_frame_open(key, out, size, &frame), 0);
	assert_int_equal(frame.payload_length, length);
	assert_int_equal(memcmp(frame.payload, plain, length), 0);
	flagship_key_destroy(key);
	free(out);
	free(plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(init_makes_a_client_frame),
		cmocka_unit_test(the_header_is_written_as_documented),
		cmocka_unit_test(sizes_end_at_the_size_field),
		cmocka_unit_test(seal_refuses_what_cannot_be),
		cmocka_unit_test(a_long_payload_comes_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
