/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>
#include <flagship/frame.h>

#include <stdbool.h>
#include <string.h>

#define HEX16       "00112233445566778899aabbccddeeff"
#define HEX32       HEX16 "FFEEDDCCBBAA99887766554433221100"
#define PLAINTEXT   "{\"commandType\":1027}"
#define SEALED_SIZE 256

static const uint8_t key_bytes[FLAGSHIP_KEY_SIZE_AES256] = {
	0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa,
	0xbb, 0xcc, 0xdd, 0xee, 0xff, 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa,
	0x99, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00,
};

/* Two keys are the same where one opens what the other sealed. */
static bool same_key(struct flagship_key *first, struct flagship_key *second)
{
	struct flagship_frame frame;
	uint8_t data[SEALED_SIZE];
	size_t size;

	flagship_frame_init(&frame, NULL);
	assert_int_equal(flagship_frame_seal(first, &frame, PLAINTEXT, strlen(PLAINTEXT), data,
					     sizeof(data), &size),
			 0);
	return flagship_frame_open(second, data, size, &frame) == 0 &&
	       frame.payload_length == strlen(PLAINTEXT) &&
	       memcmp(frame.payload, PLAINTEXT, frame.payload_length) == 0;
}

static void keys_have_16_or_32_bytes(void **state)
{
	(void)state;
	for (size_t size = 0; size <= sizeof(key_bytes) + 1; size++) {
		struct flagship_key *key = (struct flagship_key *)&size;
		int error = flagship_key_create(size <= sizeof(key_bytes) ? key_bytes : NULL, size,
						&key);

		if (size == FLAGSHIP_KEY_SIZE_AES128 || size == FLAGSHIP_KEY_SIZE_AES256) {
			assert_int_equal(error, 0);
			assert_non_null(key);
		} else {
			assert_int_equal(error, FLAGSHIP_ERROR_KEY);
			assert_null(key);
		}
		flagship_key_destroy(key);
	}
}

struct hex_case {
	const char *hex;
	size_t size; /* of the key; 0 where it is refused */
};

static const struct hex_case hex_cases[] = {
	{HEX16, FLAGSHIP_KEY_SIZE_AES128},
	{HEX32, FLAGSHIP_KEY_SIZE_AES256},
	{HEX32 "\n", FLAGSHIP_KEY_SIZE_AES256},
	{" \t\r\n\v\f" HEX32 "\r\n \t", FLAGSHIP_KEY_SIZE_AES256},
	{"", 0},
	{" ", 0},
	{"\n\n", 0},
	{"00", 0},
	{HEX16 "0", 0},
	{HEX16 "00", 0},
	{"0x" HEX16, 0},
	{HEX16 " " HEX16, 0},
	{HEX16 HEX16 "00", 0},
	{HEX16 HEX16 "0", 0},
	{"0011223344556677 8899aabbccddeef", 0},
	{"0011223344556677/899aabbccddeeff", 0},
	{"00112233445566778899aabbccddee:f", 0},
	{"00112233445566778899aabbccddeefg", 0},
	{"@0112233445566778899aabbccddeeff", 0},
	{"G0112233445566778899aabbccddeeff", 0},
	{"`0112233445566778899aabbccddeeff", 0},
	{"\xc3\xa9"
	 "112233445566778899aabbccddeeff",
	 0},
};

static void keys_are_read_from_hex(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hex_cases) / sizeof(hex_cases[0]); i++) {
		const struct hex_case *c = &hex_cases[i];
		struct flagship_key *key = (struct flagship_key *)&i;
		int error = flagship_key_create_hex(c->hex, strlen(c->hex), &key);

		assert_int_equal(error, c->size ? 0 : FLAGSHIP_ERROR_KEY);
		if (c->size) {
			struct flagship_key *same;

			assert_int_equal(flagship_key_create(key_bytes, c->size, &same), 0);
			assert_true(same_key(key, same));
			assert_true(same_key(same, key));
			flagship_key_destroy(same);
		} else {
			assert_null(key);
		}
		flagship_key_destroy(key);
	}
}

static void only_the_given_length_is_read(void **state)
{
	struct flagship_key *key;

	(void)state;
	assert_int_equal(flagship_key_create_hex(HEX32, strlen(HEX16), &key), 0);
	flagship_key_destroy(key);
	assert_int_equal(flagship_key_create_hex(HEX32, strlen(HEX32) - 1, &key),
			 FLAGSHIP_ERROR_KEY);
	assert_int_equal(flagship_key_create_hex(NULL, 0, &key), FLAGSHIP_ERROR_KEY);
}

static void another_key_does_not_open(void **state)
{
	struct flagship_key *key;
	struct flagship_key *other;

	(void)state;
	assert_int_equal(flagship_key_create_hex(HEX32, strlen(HEX32), &key), 0);
	assert_int_equal(flagship_key_create_hex(HEX16, strlen(HEX16), &other), 0);
	assert_true(same_key(key, key));
	assert_false(same_key(key, other));
	assert_false(same_key(other, key));
	assert_true(same_key(other, other));
	flagship_key_destroy(key);
	flagship_key_destroy(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_have_16_or_32_bytes),
		cmocka_unit_test(keys_are_read_from_hex),
		cmocka_unit_test(only_the_given_length_is_read),
		cmocka_unit_test(another_key_does_not_open),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
