/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>
#include <flagship/frame.h>

#include "shapes.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PLAINTEXT      "[{\"commandType\":1003,\"currentTemp\":5263,\"targetTemp\":18000}]"
#define GUID           "651c863a-6bfe-103b-9b47-5b549343f75a"
#define IV             "3DPrintAnkerMake"
#define CAPACITY       512
#define BLOCK          16
#define GUID_OFFSET    16
#define PADDING_OFFSET 53
#define WRONG_KEYS     20000

struct sealed {
	uint8_t data[CAPACITY];
	size_t size;
};

static const uint8_t key_bytes[FLAGSHIP_KEY_SIZE_AES256] = {0x42, 0x17};

static struct flagship_key *make_key(void)
{
	struct flagship_key *key;

	assert_int_equal(flagship_key_create(key_bytes, sizeof(key_bytes), &key), 0);
	return key;
}

static struct sealed seal(struct flagship_key *key, const struct shape *shape)
{
	struct flagship_frame frame;
	struct sealed sealed;

	flagship_frame_init(&frame, GUID);
	frame.signature = shape->signature;
	frame.format = (uint8_t)shape->format;
	memset(frame.opaque, 0xa5, sizeof(frame.opaque));
	assert_int_equal(flagship_frame_seal(key, &frame, PLAINTEXT, strlen(PLAINTEXT), sealed.data,
					     sizeof(sealed.data), &sealed.size),
			 0);
	return sealed;
}

/* The size field and the checksum for a frame that is now this long. */
static void correct(struct sealed *sealed, size_t size)
{
	uint8_t checksum = 0;

	sealed->size = size;
	sealed->data[2] = (uint8_t)size;
	sealed->data[3] = (uint8_t)(size >> 8);
	sealed->data[size - 1] = 0;
	for (size_t i = 0; i < size; i++) {
		checksum ^= sealed->data[i];
	}
	sealed->data[size - 1] = checksum;
}

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
	struct flagship_key *key = make_key();

	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		struct sealed sealed = seal(key, &shapes[i]);
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
	struct flagship_key *key = make_key();
	struct sealed sealed = seal(key, &shapes[0]);

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

static void other_formats_are_refused(void **state)
{
	struct flagship_key *key = make_key();

	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		const size_t offset = shapes[i].signature == FLAGSHIP_SIGNATURE_MB ? 8 : 6;
		struct sealed sealed = seal(key, &shapes[i]);

		for (unsigned int format = 0; format <= UINT8_MAX; format++) {
			if (format == 1 || format == 2 || format == 6) {
				continue;
			}
			sealed.data[offset] = (uint8_t)format;
			assert_refused(sealed.data, sealed.size, FLAGSHIP_ERROR_FORMAT, offset);
			assert_refused(sealed.data, offset + 6, FLAGSHIP_ERROR_FORMAT, offset);
			assert_refused(sealed.data, offset + 5, FLAGSHIP_ERROR_TOO_SHORT,
				       offset + 5);
		}
	}
	flagship_key_destroy(key);
}

static void other_sizes_are_refused(void **state)
{
	struct flagship_key *key = make_key();

	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		const size_t size_bits = shapes[i].signature == FLAGSHIP_SIGNATURE_MB ? 32 : 16;
		struct sealed sealed = seal(key, &shapes[i]);

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
	       error == FLAGSHIP_ERROR_FORMAT || error == FLAGSHIP_ERROR_SIGNATURE ||
	       error == FLAGSHIP_ERROR_TOO_SHORT;
}

static void every_changed_byte_is_noticed(void **state)
{
	struct flagship_key *key = make_key();

	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		struct sealed sealed = seal(key, &shapes[i]);

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
	struct flagship_key *key = make_key();

	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		const size_t header_size = shapes[i].header_size;

		if (shapes[i].signature == FLAGSHIP_SIGNATURE_MB) {
			continue;
		}
		for (size_t length = 0; length <= 3 * BLOCK; length++) {
			struct sealed sealed = seal(key, &shapes[i]);
			struct flagship_frame frame;

			correct(&sealed, header_size + length + 1);
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

/* A frame around just these blocks, encrypted as they are. */
static struct sealed seal_blocks(struct flagship_key *key, const uint8_t *blocks, size_t length)
{
	struct sealed sealed = seal(key, &shapes[0]);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int written;

	assert_non_null(context);
	assert_int_equal(EVP_EncryptInit_ex(context, EVP_aes_256_cbc(), NULL, key_bytes,
					    (const unsigned char *)IV),
			 1);
	assert_int_equal(EVP_EncryptUpdate(context, sealed.data + shapes[0].header_size, &written,
					   blocks, (int)length),
			 1);
	assert_int_equal(written, (int)length);
	EVP_CIPHER_CTX_free(context);
	correct(&sealed, shapes[0].header_size + length + 1);
	return sealed;
}

static void assert_padding(struct flagship_key *key, const uint8_t *blocks, size_t length,
			   bool valid)
{
	struct sealed sealed = seal_blocks(key, blocks, length);
	struct flagship_frame frame;
	int error = flagship_frame_open(key, sealed.data, sealed.size, &frame);

	if (valid) {
		assert_int_equal(error, 0);
		assert_int_equal(frame.error_offset, 0);
		assert_int_equal(frame.payload_length, length - blocks[length - 1]);
		assert_memory_equal(frame.payload, blocks, frame.payload_length);
	} else {
		assert_int_equal(error, FLAGSHIP_ERROR_PADDING);
		assert_int_equal(frame.error_offset, shapes[0].header_size);
	}
}

static void every_byte_of_the_padding_counts(void **state)
{
	struct flagship_key *key = make_key();
	uint8_t blocks[2 * BLOCK];

	(void)state;
	for (unsigned int count = 0; count <= UINT8_MAX; count++) {
		const bool valid = count >= 1 && count <= BLOCK;

		memset(blocks, (int)count, sizeof(blocks));
		assert_padding(key, blocks, BLOCK, valid);
		assert_padding(key, blocks, 2 * BLOCK, valid);
		for (size_t i = 0; valid && i < sizeof(blocks); i++) {
			blocks[i] ^= 1;
			/* The last byte then asks for another count, which the others do not have.
			 */
			assert_padding(key, blocks, sizeof(blocks),
				       i < sizeof(blocks) - count ||
					       (i == sizeof(blocks) - 1 && blocks[i] == 1));
			blocks[i] ^= 1;
		}
	}
	/* Nothing may be left for the next user of the thread to take for its own. */
	assert_int_equal(ERR_peek_error(), 0);
	flagship_key_destroy(key);
}

static void the_header_padding_is_not_judged(void **state)
{
	struct flagship_key *key = make_key();

	(void)state;
	srand(2);
	for (int round = 0; round < 1000; round++) {
		struct sealed sealed = seal(key, &shapes[0]);
		struct flagship_frame frame;

		for (size_t i = PADDING_OFFSET; i < shapes[0].header_size; i++) {
			sealed.data[i] = (uint8_t)rand();
		}
		correct(&sealed, sealed.size);
		assert_int_equal(flagship_frame_open(key, sealed.data, sealed.size, &frame), 0);
		assert_string_equal(frame.guid, GUID);
		assert_memory_equal(frame.payload, PLAINTEXT, strlen(PLAINTEXT));
	}
	flagship_key_destroy(key);
}

static void a_guid_may_lack_its_nul(void **state)
{
	struct flagship_key *key = make_key();
	struct sealed sealed = seal(key, &shapes[0]);
	struct flagship_frame frame;

	(void)state;
	memset(sealed.data + GUID_OFFSET, 'g', shapes[0].header_size - GUID_OFFSET);
	correct(&sealed, sealed.size);
	assert_int_equal(parse_copy(sealed.data, sealed.size, &frame), 0);
	assert_int_equal(strlen(frame.guid), FLAGSHIP_GUID_LENGTH);
	flagship_key_destroy(key);
}

/* About one wrong key in 255 meets valid padding by chance; the JSON reader has to notice those. */
static void a_wrong_key_never_gives_the_plaintext(void **state)
{
	struct flagship_key *key = make_key();
	const struct sealed sealed = seal(key, &shapes[0]);
	int padding_errors = 0;

	(void)state;
	srand(3);
	for (int round = 0; round < WRONG_KEYS; round++) {
		uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256];
		struct sealed copy = sealed;
		struct flagship_frame frame;
		struct flagship_key *wrong;
		int error;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			bytes[i] = (uint8_t)rand();
		}
		assert_int_equal(
			flagship_key_create(bytes, round % 2 ? sizeof(bytes) : BLOCK, &wrong), 0);
		error = flagship_frame_open(wrong, copy.data, copy.size, &frame);
		if (error) {
			assert_int_equal(error, FLAGSHIP_ERROR_PADDING);
			padding_errors++;
		} else {
			assert_memory_not_equal(frame.payload, PLAINTEXT, BLOCK);
		}
		flagship_key_destroy(wrong);
	}
	assert_in_range(padding_errors, WRONG_KEYS * 98 / 100, WRONG_KEYS);
	flagship_key_destroy(key);
}

/* A frame that was refused, at whatever check, leaves the key as it was. */
static void the_next_frame_opens_after_an_error(void **state)
{
	struct flagship_key *key = make_key();
	struct sealed whole = seal(key, &shapes[0]);
	static const uint8_t zero[2 * BLOCK];

	(void)state;
	for (size_t i = 0; i < whole.size; i++) {
		struct sealed copy = whole;
		struct sealed unpadded = seal_blocks(key, zero, sizeof(zero));
		struct flagship_frame frame;

		copy.data[i] ^= 1;
		assert_int_not_equal(flagship_frame_open(key, copy.data, copy.size, &frame), 0);
		assert_int_equal(flagship_frame_open(key, unpadded.data, unpadded.size, &frame),
				 FLAGSHIP_ERROR_PADDING);
		copy = whole;
		assert_int_equal(flagship_frame_open(key, copy.data, copy.size, &frame), 0);
		assert_memory_equal(frame.payload, PLAINTEXT, strlen(PLAINTEXT));
	}
	flagship_key_destroy(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(other_signatures_are_refused),
		cmocka_unit_test(other_formats_are_refused),
		cmocka_unit_test(other_sizes_are_refused),
		cmocka_unit_test(every_changed_byte_is_noticed),
		cmocka_unit_test(the_ciphertext_is_whole_blocks),
		cmocka_unit_test(every_byte_of_the_padding_counts),
		cmocka_unit_test(the_header_padding_is_not_judged),
		cmocka_unit_test(a_guid_may_lack_its_nul),
		cmocka_unit_test(a_wrong_key_never_gives_the_plaintext),
		cmocka_unit_test(the_next_frame_opens_after_an_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
