/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>
#include <flagship/frame.h>

#include "vectors.h"

#include <openssl/err.h>

#include <stdlib.h>
#include <string.h>

#define OVERHEAD       FLAGSHIP_GCM_OVERHEAD
#define SIZE_MAX_PLAIN 300
#define BITS           8

static void write_u32be(uint8_t *out, size_t value)
{
	out[0] = (uint8_t)(value >> 24);
	out[1] = (uint8_t)(value >> 16);
	out[2] = (uint8_t)(value >> 8);
	out[3] = (uint8_t)value;
}

static struct flagship_key *make_key(uint8_t fill, size_t size)
{
	uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256];
	struct flagship_key *key;

	memset(bytes, fill, sizeof(bytes));
	assert_int_equal(flagship_key_create(bytes, size, &key), 0);
	return key;
}

static void check_vector(const cJSON *entry)
{
	const char *hex = vectors_string(entry, "key");
	const char *expected = vectors_string(entry, "plaintext");
	struct bytes payload = vectors_decode_hex(vectors_string(entry, "payload"));
	struct flagship_key *key;
	uint8_t *sealed = malloc(payload.length);
	uint8_t *plaintext;
	size_t length;

	assert_non_null(sealed);
	assert_int_equal(flagship_key_create_hex(hex, strlen(hex), &key), 0);
	assert_int_equal(
		flagship_gcm_seal(key, expected, strlen(expected), sealed, payload.length, &length),
		0);
	assert_int_equal(length, payload.length);
	assert_memory_equal(sealed, payload.data, length);
	assert_int_equal(flagship_gcm_open(key, payload.data, payload.length, &plaintext, &length),
			 0);
	assert_ptr_equal(plaintext, payload.data + OVERHEAD);
	assert_int_equal(length, strlen(expected));
	assert_memory_equal(plaintext, expected, length);
	flagship_key_destroy(key);
	free(sealed);
	free(payload.data);
}

static void vectors_open_and_seal_byte_for_byte(void **state)
{
	cJSON *vectors = vectors_read_json(VECTORS_DIR "/gcm_payloads.json");
	const cJSON *entry;
	int count = 0;

	(void)state;
	cJSON_ArrayForEach(entry, vectors)
	{
		check_vector(entry);
		count++;
	}
	assert_true(count > 0);
	cJSON_Delete(vectors);
}

static void every_length_comes_back(void **state)
{
	struct flagship_key *key = make_key(1, FLAGSHIP_KEY_SIZE_AES256);
	uint8_t plain[SIZE_MAX_PLAIN];
	uint8_t sealed[SIZE_MAX_PLAIN + OVERHEAD];

	(void)state;
	memset(plain, 'p', sizeof(plain));
	for (size_t length = 0; length <= sizeof(plain); length++) {
		uint8_t *opened = NULL;
		size_t size = 0;

		for (size_t capacity = 0; capacity < length + OVERHEAD; capacity += 13) {
			assert_int_equal(
				flagship_gcm_seal(key, plain, length, sealed, capacity, &size),
				FLAGSHIP_ERROR_BUFFER);
		}
		assert_int_equal(
			flagship_gcm_seal(key, plain, length, sealed, length + OVERHEAD - 1, &size),
			FLAGSHIP_ERROR_BUFFER);
		assert_int_equal(flagship_gcm_seal(key, length ? plain : NULL, length, sealed,
						   length + OVERHEAD, &size),
				 0);
		assert_int_equal(size, length + OVERHEAD);
		assert_int_equal(flagship_gcm_open(key, sealed, size, &opened, &size), 0);
		assert_int_equal(size, length);
		assert_memory_equal(opened, plain, length);
	}
	flagship_key_destroy(key);
}

/* The ciphertext; with the tag, or the whole less the field, which is the same; the whole. */
static void the_length_may_count_what_it_was_seen_to_count(void **state)
{
	static const char plain[] = "{\"commandType\":1027,\"value\":0}";
	const size_t plain_length = sizeof(plain) - 1;
	const size_t whole = plain_length + OVERHEAD;
	struct flagship_key *key = make_key(2, FLAGSHIP_KEY_SIZE_AES256);
	uint8_t sealed[sizeof(plain) + OVERHEAD];
	uint8_t *opened;
	size_t size;

	(void)state;
	for (size_t field = 0; field < 2 * whole; field++) {
		const bool fits = field == plain_length || field == plain_length + 16 ||
				  field == whole - 4 || field == whole;

		assert_int_equal(
			flagship_gcm_seal(key, plain, plain_length, sealed, sizeof(sealed), &size),
			0);
		write_u32be(sealed, field);
		assert_int_equal(flagship_gcm_open(key, sealed, size, &opened, &size),
				 fits ? 0 : FLAGSHIP_ERROR_SIZE);
	}
	write_u32be(sealed, UINT32_MAX);
	assert_int_equal(flagship_gcm_open(key, sealed, whole, &opened, &size),
			 FLAGSHIP_ERROR_SIZE);
	flagship_key_destroy(key);
}

static void short_payloads_are_refused(void **state)
{
	struct flagship_key *key = make_key(3, FLAGSHIP_KEY_SIZE_AES256);
	uint8_t *opened = NULL;
	size_t size;

	(void)state;
	for (size_t length = 0; length <= OVERHEAD; length++) {
		uint8_t *data = calloc(1, length ? length : 1);

		assert_non_null(data);
		assert_int_equal(flagship_gcm_open(key, data, length, &opened, &size),
				 length < OVERHEAD ? FLAGSHIP_ERROR_TOO_SHORT
						   : FLAGSHIP_ERROR_AUTHENTICATION);
		free(data);
	}
	assert_null(opened);
	flagship_key_destroy(key);
}

static void every_changed_bit_is_noticed(void **state)
{
	static const char plain[] = "{\"commandType\":1027}";
	struct flagship_key *key = make_key(4, FLAGSHIP_KEY_SIZE_AES256);
	uint8_t sealed[sizeof(plain) + OVERHEAD];
	uint8_t changed[sizeof(plain) + OVERHEAD];
	uint8_t *opened = NULL;
	size_t size;
	size_t ignored;

	(void)state;
	assert_int_equal(
		flagship_gcm_seal(key, plain, sizeof(plain) - 1, sealed, sizeof(sealed), &size), 0);
	for (size_t bit = 0; bit < size * BITS; bit++) {
		const size_t byte = bit / BITS;

		memcpy(changed, sealed, size);
		changed[byte] ^= (uint8_t)(1u << bit % BITS);
		assert_int_equal(flagship_gcm_open(key, changed, size, &opened, &ignored),
				 byte < 4 ? FLAGSHIP_ERROR_SIZE : FLAGSHIP_ERROR_AUTHENTICATION);
	}
	assert_null(opened);
	/* What is left there would be taken by the next user of the thread for its own. */
	assert_int_equal(ERR_peek_error(), 0);
	assert_int_equal(flagship_gcm_open(key, sealed, size, &opened, &size), 0);
	flagship_key_destroy(key);
}

static void wrong_keys_are_refused(void **state)
{
	static const char plain[] = "{\"commandType\":1027}";
	struct flagship_key *key = make_key(5, FLAGSHIP_KEY_SIZE_AES256);
	struct flagship_key *wrong = make_key(6, FLAGSHIP_KEY_SIZE_AES256);
	struct flagship_key *narrow = make_key(5, FLAGSHIP_KEY_SIZE_AES128);
	uint8_t sealed[sizeof(plain) + OVERHEAD];
	uint8_t *opened = NULL;
	size_t size;
	size_t ignored;

	(void)state;
	assert_int_equal(
		flagship_gcm_seal(key, plain, sizeof(plain) - 1, sealed, sizeof(sealed), &size), 0);
	assert_int_equal(flagship_gcm_open(narrow, sealed, size, &opened, &ignored),
			 FLAGSHIP_ERROR_KEY);
	assert_int_equal(flagship_gcm_open(wrong, sealed, size, &opened, &ignored),
			 FLAGSHIP_ERROR_AUTHENTICATION);
	assert_null(opened);
	assert_int_equal(
		flagship_gcm_seal(narrow, plain, sizeof(plain) - 1, sealed, sizeof(sealed), &size),
		FLAGSHIP_ERROR_KEY);
	assert_int_equal(
		flagship_gcm_seal(key, plain, UINT32_MAX - OVERHEAD + 1, sealed, SIZE_MAX, &size),
		FLAGSHIP_ERROR_TOO_LARGE);
	assert_int_equal(
		flagship_gcm_seal(key, plain, UINT32_MAX - OVERHEAD, sealed, sizeof(sealed), &size),
		FLAGSHIP_ERROR_BUFFER);
	assert_int_equal(flagship_gcm_seal(key, plain, SIZE_MAX, sealed, sizeof(sealed), &size),
			 FLAGSHIP_ERROR_TOO_LARGE);
	flagship_key_destroy(narrow);
	flagship_key_destroy(wrong);
	flagship_key_destroy(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_open_and_seal_byte_for_byte),
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(the_length_may_count_what_it_was_seen_to_count),
		cmocka_unit_test(short_payloads_are_refused),
		cmocka_unit_test(every_changed_bit_is_noticed),
		cmocka_unit_test(wrong_keys_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
