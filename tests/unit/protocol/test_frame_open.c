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

#define IV         "3DPrintAnkerMake"
#define BLOCK      16
#define WRONG_KEYS 20000

/* A frame around just these blocks, encrypted as they are. */
static struct sealed seal_blocks(struct flagship_key *key, const uint8_t *blocks, size_t length)
{
	struct sealed sealed = shape_seal(key, &shapes[0]);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int written;

	assert_non_null(context);
	assert_int_equal(EVP_EncryptInit_ex(context, EVP_aes_256_cbc(), NULL, shape_key_bytes,
					    (const unsigned char *)IV),
			 1);
	assert_int_equal(EVP_EncryptUpdate(context, sealed.data + shapes[0].header_size, &written,
					   blocks, (int)length),
			 1);
	assert_int_equal(written, (int)length);
	EVP_CIPHER_CTX_free(context);
	shape_correct(&sealed, shapes[0].header_size + length + 1);
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
	struct flagship_key *key = shape_create_key();
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

/* About one wrong key in 255 meets valid padding by chance; the JSON reader has to notice those. */
static void a_wrong_key_never_gives_the_plaintext(void **state)
{
	struct flagship_key *key = shape_create_key();
	const struct sealed sealed = shape_seal(key, &shapes[0]);
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
			assert_memory_not_equal(frame.payload, SHAPE_PLAINTEXT, BLOCK);
		}
		flagship_key_destroy(wrong);
	}
	assert_in_range(padding_errors, WRONG_KEYS * 98 / 100, WRONG_KEYS);
	flagship_key_destroy(key);
}

/* A frame that was refused, at whatever check, leaves the key as it was. */
static void the_next_frame_opens_after_an_error(void **state)
{
	struct flagship_key *key = shape_create_key();
	struct sealed whole = shape_seal(key, &shapes[0]);
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
		assert_memory_equal(frame.payload, SHAPE_PLAINTEXT, strlen(SHAPE_PLAINTEXT));
	}
	flagship_key_destroy(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_of_the_padding_counts),
		cmocka_unit_test(a_wrong_key_never_gives_the_plaintext),
		cmocka_unit_test(the_next_frame_opens_after_an_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
