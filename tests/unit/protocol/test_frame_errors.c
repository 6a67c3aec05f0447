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

#define BLOCK       16
#define GUID_OFFSET 16
#define GUID_END    52 /* behind the 36 characters */

/* Parses a copy of just this length, so that a sanitizer sees what lies behind it. */
static int parse_copy(const uint8_t *data, size_t length, struct flagship_frame *frame)
{
	uint8_t *copy = malloc(length ? length : 1);
	int error;

	assert_non_null(copy);
	memcpy(copy, data, length);
	memset(frame, 0x55, sizeof(*frame));
	error = flagship_frame_parse(copy, length, frame);
	free(copy);
	return error;
}

static void assert_refused(const uint8_t *data, size_t length, int error, size_t offset)
{
	struct flagship_frame frame;

	assert_int_equal(parse_copy(data, length, &frame), error);
	assert_int_equal(frame.error_offset, offset);
}

static void every_truncation_is_refused(void **state)
{
	struct flagship_key *key = shape_create_key();

	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		struct sealed sealed = shape_seal(key, &shapes[i]);
		struct flagship_frame frame;

		for (size_t length = 0; length < sealed.size; length++) {
			if (length < shapes[i].header_size + 1) {
				assert_refused(sealed.data, length, FLAGSHIP_ERROR_TOO_SHORT,
					       length);
			} else {
				assert_refused(sealed.data, length, FLAGSHIP_ERROR_SIZE, 2);
			}
		}
		assert_int_equal(parse_copy(sealed.data, sealed.size, &frame), 0);
		sealed.data[sealed.size] = 0;
		assert_refused(sealed.data, sealed.size + 1, FLAGSHIP_ERROR_SIZE, 2);
	}
	flagship_key_destroy(key);
}

static void other_signatures_are_refused(void **state)
{
	struct flagship_key *key = shape_create_key();
	struct sealed sealed = shape_seal(key, &shapes[0]);

	(void)state;
	for (unsigned int signature = 0; signature <= UINT16_MAX; signature++) {
		sealed.data[0] = (uint8_t)(signature >> 8);
		sealed.data[1] = (uint8_t)signature;
		if (signature != FLAGSHIP_SIGNATURE_MA && signature != FLAGSHIP_SIGNATURE_MB) {
			assert_refused(sealed.data, sealed.size, FLAGSHIP_ERROR_SIGNATURE, 0);
		}
	}
	assert_refused(sealed.data, 2, FLAGSHIP_ERROR_SIGNATURE, 0);
	flagship_key_destroy(key);
}

static bool is_known_type(unsigned int type)
{
	return type == 1 || type == 2 || type == 3 || type == 6;
}

/* Each header length leaves whole blocks for one remainder of the size alone. */
static void other_device_types_are_taken_by_what_fits(void **state)
{
	struct flagship_key *key = shape_create_key();

	(void)state;
	for (size_t i = 0; i < LENGTH(shapes) * (UINT8_MAX + 1); i++) {
		const struct shape *shape = &shapes[i / (UINT8_MAX + 1)];
		const size_t offset = shape->signature == FLAGSHIP_SIGNATURE_MB ? 8 : 6;
		struct sealed sealed = shape_seal(key, shape);
		struct flagship_frame frame;

		sealed.data[offset] = (uint8_t)i;
		if (is_known_type((uint8_t)i)) {
			continue;
		}
		if (shape->signature == FLAGSHIP_SIGNATURE_MA) {
			shape_correct(&sealed, sealed.size);
		} else {
			sealed.data[sealed.size - 1] ^= (uint8_t)(shape->device_type ^ (uint8_t)i);
		}
		assert_int_equal(flagship_frame_open(key, sealed.data, sealed.size, &frame), 0);
		assert_int_equal(frame.device_type, (uint8_t)i);
		assert_int_equal(frame.long_header, shape->header_size >= 64);
		assert_ptr_equal(frame.payload, sealed.data + shape->header_size);
		assert_int_equal(frame.payload_length, strlen(SHAPE_PLAINTEXT));
		assert_memory_equal(frame.payload, SHAPE_PLAINTEXT, frame.payload_length);
	}
	flagship_key_destroy(key);
}

static void other_device_types_that_nothing_fits_are_refused(void **state)
{
	struct flagship_key *key = shape_create_key();

	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		const bool is_long = shapes[i].signature == FLAGSHIP_SIGNATURE_MB;
		const size_t offset = is_long ? 8 : 6;
		const size_t fixed = is_long ? 27 : 25;
		struct sealed sealed = shape_seal(key, &shapes[i]);

		sealed.data[offset] = 4;
		for (size_t length = offset + 6; length < sealed.size; length++) {
			if ((length - fixed) % 8 != 0 || length <= fixed) {
				assert_refused(sealed.data, length, FLAGSHIP_ERROR_DEVICE_TYPE,
					       offset);
			}
		}
		assert_refused(sealed.data, offset + 5, FLAGSHIP_ERROR_TOO_SHORT, offset + 5);
	}
	flagship_key_destroy(key);
}

static void other_sizes_are_refused(void **state)
{
	struct flagship_key *key = shape_create_key();

	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		const size_t size_bits = shapes[i].signature == FLAGSHIP_SIGNATURE_MB ? 32 : 16;
		struct sealed sealed = shape_seal(key, &shapes[i]);

		for (size_t bit = 0; bit < size_bits; bit++) {
			sealed.data[2 + bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_refused(sealed.data, sealed.size, FLAGSHIP_ERROR_SIZE, 2);
			sealed.data[2 + bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
	flagship_key_destroy(key);
}

static bool is_checksum_or_earlier(int error)
{
	return error == FLAGSHIP_ERROR_CHECKSUM || error == FLAGSHIP_ERROR_SIZE ||
	       error == FLAGSHIP_ERROR_DEVICE_TYPE || error == FLAGSHIP_ERROR_SIGNATURE ||
	       error == FLAGSHIP_ERROR_TOO_SHORT;
}

static void every_changed_byte_is_noticed(void **state)
{
	struct flagship_key *key = shape_create_key();

	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		struct sealed sealed = shape_seal(key, &shapes[i]);

		for (size_t byte = 0; byte < sealed.size; byte++) {
			for (unsigned int change = 1; change <= UINT8_MAX; change++) {
				struct flagship_frame frame;
				int error;

				sealed.data[byte] ^= (uint8_t)change;
				error = parse_copy(sealed.data, sealed.size, &frame);
				sealed.data[byte] ^= (uint8_t)change;
				assert_true(is_checksum_or_earlier(error));
				if (error == FLAGSHIP_ERROR_CHECKSUM) {
					assert_int_equal(frame.error_offset, sealed.size - 1);
				}
			}
		}
	}
	flagship_key_destroy(key);
}

static void the_ciphertext_is_whole_blocks(void **state)
{
	struct flagship_key *key = shape_create_key();

	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		const size_t header_size = shapes[i].header_size;

		if (shapes[i].signature == FLAGSHIP_SIGNATURE_MB) {
			continue;
		}
		for (size_t length = 0; length <= 3 * BLOCK; length++) {
			struct sealed sealed = shape_seal(key, &shapes[i]);
			struct flagship_frame frame;

			shape_correct(&sealed, header_size + length + 1);
			if (length > 0 && length % BLOCK == 0) {
				assert_int_equal(parse_copy(sealed.data, sealed.size, &frame), 0);
				assert_int_equal(frame.payload_length, length);
			} else {
				assert_refused(sealed.data, sealed.size,
					       FLAGSHIP_ERROR_CIPHERTEXT_LENGTH, header_size);
			}
		}
	}
	flagship_key_destroy(key);
}

static void what_follows_the_guid_is_not_judged(void **state)
{
	struct flagship_key *key = shape_create_key();

	(void)state;
	srand(2);
	for (int round = 0; round < 1000; round++) {
		struct sealed sealed = shape_seal(key, &shapes[0]);
		struct flagship_frame frame;

		for (size_t i = GUID_END; i < shapes[0].header_size; i++) {
			sealed.data[i] = (uint8_t)rand();
		}
		shape_correct(&sealed, sealed.size);
		assert_int_equal(flagship_frame_open(key, sealed.data, sealed.size, &frame), 0);
		assert_string_equal(frame.guid, SHAPE_GUID);
		assert_memory_equal(frame.payload, SHAPE_PLAINTEXT, strlen(SHAPE_PLAINTEXT));
	}
	flagship_key_destroy(key);
}

static void a_guid_may_lack_its_nul(void **state)
{
	struct flagship_key *key = shape_create_key();
	struct sealed sealed = shape_seal(key, &shapes[0]);
	struct flagship_frame frame;

	(void)state;
	memset(sealed.data + GUID_OFFSET, 'g', shapes[0].header_size - GUID_OFFSET);
	shape_correct(&sealed, sealed.size);
	assert_int_equal(parse_copy(sealed.data, sealed.size, &frame), 0);
	assert_int_equal(strlen(frame.guid), FLAGSHIP_GUID_LENGTH);
	flagship_key_destroy(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(other_signatures_are_refused),
		cmocka_unit_test(other_device_types_are_taken_by_what_fits),
		cmocka_unit_test(other_device_types_that_nothing_fits_are_refused),
		cmocka_unit_test(other_sizes_are_refused),
		cmocka_unit_test(every_changed_byte_is_noticed),
		cmocka_unit_test(the_ciphertext_is_whole_blocks),
		cmocka_unit_test(what_follows_the_guid_is_not_judged),
		cmocka_unit_test(a_guid_may_lack_its_nul),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
