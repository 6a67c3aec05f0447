/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>
#include <flagship/frame.h>

#include "shapes.h"
#include "vectors.h"

#include <openssl/sha.h>

#include <stdlib.h>
#include <string.h>

#define LONG_FRAME_LIMIT (1 << 20)
#define GUID             "651c863a-6bfe-103b-9b47-5b549343f75a"
#define VECTOR_COUNT     49
#define BLOCK            16

static struct flagship_key *key_of(const cJSON *entry)
{
	const char *hex = vectors_string(entry, "key");
	struct flagship_key *key;

	assert_int_equal(flagship_key_create_hex(hex, strlen(hex), &key), 0);
	return key;
}

static struct bytes frame_of(const cJSON *entry)
{
	if (cJSON_HasObjectItem(entry, "frame")) {
		return vectors_decode_hex(vectors_string(entry, "frame"));
	}
	return vectors_decode_gzip_base64(vectors_string(entry, "frame_gz_b64"), LONG_FRAME_LIMIT);
}

static void check_header(const cJSON *entry, const struct flagship_frame *frame, size_t size)
{
	const bool is_long = cJSON_IsTrue(cJSON_GetObjectItem(entry, "long"));

	assert_int_equal(frame->signature, is_long ? FLAGSHIP_SIGNATURE_MB : FLAGSHIP_SIGNATURE_MA);
	assert_int_equal(frame->device_type, (int)vectors_number(entry, "format"));
	assert_int_equal(frame->packet_type, (int)vectors_number(entry, "packet_type"));
	assert_int_equal(frame->packet_number, (int)vectors_number(entry, "packet_num"));
	assert_int_equal(frame->version, 5);
	assert_int_equal(frame->product_type, 1);
	assert_int_equal(frame->data_source, 5);
	assert_int_equal(frame->command_code, 'F');
	assert_int_equal(frame->size, size);
	assert_int_equal(frame->error_offset, 0);
	if (cJSON_HasObjectItem(entry, "opaque")) {
		struct bytes opaque = vectors_decode_hex(vectors_string(entry, "opaque"));

		assert_int_equal(opaque.length, sizeof(frame->opaque));
		assert_memory_equal(opaque.data, frame->opaque, opaque.length);
		assert_int_equal(frame->time, 0);
		assert_string_equal(frame->guid, "");
		free(opaque.data);
	} else {
		static const uint8_t zero[sizeof(frame->opaque)];

		assert_memory_equal(frame->opaque, zero, sizeof(zero));
		assert_int_equal(frame->time, (uint32_t)vectors_number(entry, "time"));
		assert_string_equal(frame->guid, vectors_string(entry, "guid"));
	}
}

static void check_plaintext(const cJSON *entry, const struct flagship_frame *frame)
{
	if (cJSON_HasObjectItem(entry, "plaintext")) {
		const char *plaintext = vectors_string(entry, "plaintext");

		assert_int_equal(frame->payload_length, strlen(plaintext));
		assert_memory_equal(frame->payload, plaintext, frame->payload_length);
	} else {
		struct bytes hash = vectors_decode_hex(vectors_string(entry, "plaintext_sha256"));
		uint8_t actual[SHA256_DIGEST_LENGTH];

		assert_int_equal(frame->payload_length,
				 (int)vectors_number(entry, "plaintext_len"));
		SHA256(frame->payload, frame->payload_length, actual);
		assert_int_equal(hash.length, sizeof(actual));
		assert_memory_equal(hash.data, actual, sizeof(actual));
		free(hash.data);
	}
}

static void check_vector(const cJSON *entry)
{
	struct flagship_key *key = key_of(entry);
	struct bytes original = frame_of(entry);
	uint8_t *data = malloc(original.length);
	uint8_t *sealed = malloc(original.length);
	struct flagship_frame frame;
	size_t size;

	assert_non_null(data);
	assert_non_null(sealed);
	memcpy(data, original.data, original.length);
	assert_int_equal(flagship_frame_open(key, data, original.length, &frame), 0);
	check_header(entry, &frame, original.length);
	check_plaintext(entry, &frame);
	assert_int_equal(flagship_frame_sealed_size(frame.signature,
						    (enum flagship_device_type)frame.device_type,
						    frame.payload_length),
			 original.length);
	assert_int_equal(flagship_frame_seal(key, &frame, frame.payload, frame.payload_length,
					     sealed, original.length - 1, &size),
			 FLAGSHIP_ERROR_BUFFER);
	assert_int_equal(flagship_frame_seal(key, &frame, frame.payload, frame.payload_length,
					     sealed, original.length, &size),
			 0);
	assert_int_equal(size, original.length);
	assert_memory_equal(sealed, original.data, size);
	free(sealed);
	free(data);
	free(original.data);
	flagship_key_destroy(key);
}

static void vectors_open_and_seal_byte_for_byte(void **state)
{
	cJSON *vectors = vectors_read_json(VECTORS_DIR "/frames.json");
	const cJSON *entry;
	int count = 0;

	(void)state;
	cJSON_ArrayForEach(entry, vectors)
	{
		check_vector(entry);
		count++;
	}
	assert_int_equal(count, VECTOR_COUNT);
	cJSON_Delete(vectors);
}

static void check_round_trip(struct flagship_key *key, const struct flagship_frame *frame,
			     size_t header_size, const uint8_t *plain, size_t length)
{
	uint8_t data[512];
	struct flagship_frame opened;
	size_t size;

	assert_int_equal(flagship_frame_seal(key, frame, length ? plain : NULL, length, data,
					     sizeof(data), &size),
			 0);
	assert_int_equal(size, header_size + (length / BLOCK + 1) * BLOCK + 1);
	assert_int_equal(flagship_frame_open(key, data, size, &opened), 0);
	assert_int_equal(opened.payload_length, length);
	assert_memory_equal(opened.payload, plain, length);
	assert_int_equal(opened.signature, frame->signature);
	assert_int_equal(opened.version, frame->version);
	assert_int_equal(opened.product_type, frame->product_type);
	assert_int_equal(opened.device_type, frame->device_type);
	assert_int_equal(opened.data_source, frame->data_source);
	assert_int_equal(opened.command_code, frame->command_code);
	assert_int_equal(opened.packet_type, frame->packet_type);
	assert_int_equal(opened.packet_number, frame->packet_number);
	assert_int_equal(opened.long_header, header_size >= 64);
	if (opened.long_header) {
		assert_int_equal(opened.time, frame->time);
		assert_string_equal(opened.guid, frame->guid);
	} else {
		assert_memory_equal(opened.opaque, frame->opaque, sizeof(opened.opaque));
	}
}

/* Frames of all lengths through one key: none depends on the one before. */
static void every_length_comes_back(void **state)
{
	static const uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256] = {1, 2, 3};
	static const size_t sizes[] = {FLAGSHIP_KEY_SIZE_AES128, FLAGSHIP_KEY_SIZE_AES256};
	uint8_t plain[200];

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++) {
		plain[i] = (uint8_t)(i % 17);
	}
	for (size_t i = 0; i < LENGTH(shapes) * LENGTH(sizes); i++) {
		struct flagship_frame frame;
		struct flagship_key *key;

		assert_int_equal(flagship_key_create(bytes, sizes[i % 2], &key), 0);
		flagship_frame_init(&frame, GUID);
		frame.signature = shapes[i / 2].signature;
		frame.device_type = (uint8_t)shapes[i / 2].device_type;
		frame.version = 0xff;
		frame.product_type = 0xfe;
		frame.data_source = 0xfd;
		frame.command_code = 0xfc;
		frame.packet_type = 0xab;
		frame.packet_number = 0x1234;
		frame.time = 0xfedcba98;
		memset(frame.opaque, 0xfb, sizeof(frame.opaque));
		for (size_t length = 0; length <= sizeof(plain); length++) {
			check_round_trip(key, &frame, shapes[i / 2].header_size, plain, length);
		}
		flagship_key_destroy(key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_open_and_seal_byte_for_byte),
		cmocka_unit_test(every_length_comes_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
