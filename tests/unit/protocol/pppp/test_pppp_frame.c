/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pppp_stream.h"
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH(a)   (sizeof(a) / sizeof((a)[0]))
#define LIMIT       8192
#define STREAM_SIZE 65536

/* What a reader found in a stream, written down. */
struct found {
	unsigned int begun;
	unsigned int ended;
	unsigned int damaged;
	struct flagship_xzyh xzyh;
	struct flagship_aabb aabb;
	uint8_t data[STREAM_SIZE];
	size_t length;
};

static void note(void *context, enum flagship_pppp_found what, uint32_t length,
		 const struct flagship_pppp_piece *piece)
{
	struct found *found = context;

	(void)length;
	found->begun += what == FLAGSHIP_PPPP_FOUND_BEGIN;
	found->ended += what == FLAGSHIP_PPPP_FOUND_END;
	found->damaged += what == FLAGSHIP_PPPP_FOUND_DAMAGE;
	if (what == FLAGSHIP_PPPP_FOUND_DATA) {
		memcpy(found->data + found->length, piece->data, piece->length);
		found->length += piece->length;
	}
}

static void read_xzyh(struct flagship_xzyh_reader *reader, const uint8_t *stream, size_t length,
		      size_t step, struct found *found)
{
	const struct pppp_stream_reader by = {.xzyh = reader};

	pppp_stream_read(&by, stream, length, step, note, found);
	found->xzyh = reader->header;
}

static void read_aabb(struct flagship_aabb_reader *reader, const uint8_t *stream, size_t length,
		      size_t step, struct found *found)
{
	const struct pppp_stream_reader by = {.aabb = reader};

	pppp_stream_read(&by, stream, length, step, note, found);
	found->aabb = reader->header;
}

static size_t put_xzyh(uint8_t *out, uint16_t command, const uint8_t *data, size_t length)
{
	struct flagship_xzyh header = {.command = command, .length = (uint32_t)length};

	flagship_xzyh_write(&header, out);
	if (length > 0) {
		memcpy(out + FLAGSHIP_XZYH_HEADER_SIZE, data, length);
	}
	return FLAGSHIP_XZYH_HEADER_SIZE + length;
}

static size_t put_aabb(uint8_t *out, const struct flagship_aabb *header, const uint8_t *data)
{
	uint16_t crc = flagship_aabb_write(header, out);

	if (header->length > 0) {
		memcpy(out + FLAGSHIP_AABB_HEADER_SIZE, data, header->length);
	}
	crc = flagship_crc16(crc, data, header->length);
	flagship_aabb_write_crc(crc, out + FLAGSHIP_AABB_HEADER_SIZE + header->length);
	return header->length + FLAGSHIP_AABB_OVERHEAD;
}

static void check_xzyh_vector(const cJSON *vector)
{
	struct bytes bytes = vectors_decode_hex(vectors_string(vector, "bytes"));
	struct bytes data = vectors_decode_hex(vectors_string(vector, "data"));
	uint8_t *out = malloc(bytes.length);

	assert_int_equal(
		put_xzyh(out, (uint16_t)vectors_number(vector, "cmd"), data.data, data.length),
		bytes.length);
	assert_memory_equal(out, bytes.data, bytes.length);
	for (size_t step = 1; step <= bytes.length; step += step < 40 ? 1 : 97) {
		static struct found found;
		struct flagship_xzyh_reader reader;

		memset(&found, 0, sizeof(found));
		flagship_xzyh_reader_init(&reader, LIMIT);
		read_xzyh(&reader, bytes.data, bytes.length, step, &found);
		assert_int_equal(found.begun, 1);
		assert_int_equal(found.ended, 1);
		assert_int_equal(found.length, data.length);
		assert_memory_equal(found.data, data.data, data.length);
		assert_int_equal(found.xzyh.command, (uint16_t)vectors_number(vector, "cmd"));
		assert_int_equal(found.xzyh.channel, (uint8_t)vectors_number(vector, "chan"));
		assert_int_equal(reader.skipped, 0);
	}
	free(out);
	free(data.data);
	free(bytes.data);
}

static void check_aabb_vector(const cJSON *vector)
{
	struct bytes bytes = vectors_decode_hex(vectors_string(vector, "bytes"));
	struct bytes data = vectors_decode_hex(vectors_string(vector, "data"));
	struct flagship_aabb header = {
		.kind = (uint8_t)vectors_number(vector, "frametype"),
		.sequence = (uint8_t)vectors_number(vector, "sn"),
		.position = (uint32_t)vectors_number(vector, "pos"),
		.length = (uint32_t)data.length,
	};
	uint8_t *out = malloc(bytes.length);

	assert_int_equal(put_aabb(out, &header, data.data), bytes.length);
	assert_memory_equal(out, bytes.data, bytes.length);
	for (size_t step = 1; step <= bytes.length; step += step < 40 ? 1 : 97) {
		static struct found found;
		struct flagship_aabb_reader reader;

		memset(&found, 0, sizeof(found));
		flagship_aabb_reader_init(&reader, LIMIT);
		read_aabb(&reader, bytes.data, bytes.length, step, &found);
		assert_int_equal(found.begun, 1);
		assert_int_equal(found.ended, 1);
		assert_int_equal(found.damaged, 0);
		assert_int_equal(found.length, data.length);
		assert_memory_equal(found.data, data.data, data.length);
		assert_int_equal(found.aabb.kind, header.kind);
		assert_int_equal(found.aabb.position, header.position);
	}
	free(out);
	free(data.data);
	free(bytes.data);
}

static void the_vectors_are_written_and_read_byte_for_byte(void **state)
{
	cJSON *json = vectors_read_json(VECTORS_DIR "/pppp.json");
	const cJSON *vector;
	unsigned int count = 0;

	(void)state;
	cJSON_ArrayForEach(vector, cJSON_GetObjectItem(json, "frames"))
	{
		if (strcmp(vectors_string(vector, "frame"), "XZYH") == 0) {
			check_xzyh_vector(vector);
		} else {
			check_aabb_vector(vector);
		}
		count++;
	}
	assert_int_equal(count, 7);
	cJSON_ArrayForEach(vector, cJSON_GetObjectItem(json, "crc16_xmodem"))
	{
		struct bytes data = vectors_decode_hex(vectors_string(vector, "data"));
		struct bytes expected = vectors_decode_hex(vectors_string(vector, "crc_le"));
		uint8_t crc[FLAGSHIP_AABB_CRC_SIZE];

		flagship_aabb_write_crc(flagship_crc16(0, data.data, data.length), crc);
		assert_memory_equal(crc, expected.data, sizeof(crc));
		free(data.data);
		free(expected.data);
		count++;
	}
	assert_int_equal(count, 8);
	cJSON_Delete(json);
}

/* As the definition has it, bit by bit. */
static uint16_t plain_crc16(uint16_t crc, const uint8_t *data, size_t length)
{
	for (size_t i = 0; i < length * 8; i++) {
		bool bit = data[i / 8] >> (7 - i % 8) & 1;
		bool carry = crc >> 15;
		crc = (uint16_t)(crc << 1 ^ (bit != carry ? 0x1021 : 0));
	}
	return crc;
}

static void a_crc_is_that_of_each_bit(void **state)
{
	uint8_t data[80];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++) {
		data[i] = (uint8_t)(i * 151 + 13);
	}
	for (size_t from = 0; from < 8; from++) {
		for (size_t length = 0; from + length <= sizeof(data); length++) {
			uint16_t before = (uint16_t)(length * 4099);
			assert_int_equal(flagship_crc16(before, data + from, length),
					 plain_crc16(before, data + from, length));
		}
	}
}

static void frames_follow_each_other(void **state)
{
	static uint8_t stream[STREAM_SIZE];
	static uint8_t data[LIMIT];
	size_t length = 0;

	(void)state;
	memset(data, 'X', sizeof(data));
	length += put_xzyh(stream + length, FLAGSHIP_XZYH_COMMAND_JSON, data, 3);
	length += put_xzyh(stream + length, FLAGSHIP_XZYH_COMMAND_JSON, data, 0);
	length += put_xzyh(stream + length, FLAGSHIP_XZYH_COMMAND_SEND_FILE, data, LIMIT);
	for (size_t step = 1; step < length; step = step * 3 + 1) {
		static struct found found;
		struct flagship_xzyh_reader reader;

		memset(&found, 0, sizeof(found));
		flagship_xzyh_reader_init(&reader, LIMIT);
		read_xzyh(&reader, stream, length, step, &found);
		assert_int_equal(found.begun, 3);
		assert_int_equal(found.ended, 3);
		assert_int_equal(found.length, LIMIT + 3);
		assert_int_equal(found.xzyh.command, FLAGSHIP_XZYH_COMMAND_SEND_FILE);
		assert_int_equal(reader.skipped, 0);
	}
}

static void bytes_of_no_frame_are_passed_over(void **state)
{
	static const char *const noises[] = {"",         "X",       "XZ",      "XZY",    "XXZY",
					     "XZYXZYXZ", "abcXZab", "zyhXZYh", "XZYHXZY"};
	static uint8_t stream[STREAM_SIZE];

	(void)state;
	/* The last noise begins a frame whose length is made of what follows: too large. */
	for (size_t i = 0; i < LENGTH(noises); i++) {
		size_t noise = strlen(noises[i]);
		memcpy(stream, noises[i], noise);
		size_t length = noise + put_xzyh(stream + noise, FLAGSHIP_XZYH_COMMAND_JSON,
						 (const uint8_t *)"data", 4);
		for (size_t step = 1; step <= length; step++) {
			static struct found found;
			struct flagship_xzyh_reader reader;

			memset(&found, 0, sizeof(found));
			flagship_xzyh_reader_init(&reader, LIMIT);
			read_xzyh(&reader, stream, length, step, &found);
			assert_int_equal(found.ended, 1);
			assert_int_equal(found.length, 4);
			assert_int_equal(reader.skipped, noise);
			assert_int_equal(reader.too_large, i == LENGTH(noises) - 1 ? 1 : 0);
		}
	}
}

static void a_lost_piece_costs_its_frame_alone(void **state)
{
	static uint8_t stream[STREAM_SIZE];
	static struct found found;
	struct flagship_xzyh_reader reader;
	size_t length = put_xzyh(stream, FLAGSHIP_XZYH_COMMAND_JSON, (const uint8_t *)"12345", 5);
	size_t second = put_xzyh(stream + length, FLAGSHIP_XZYH_COMMAND_JSON, (const uint8_t *)"67",
				 2);

	(void)state;
	memset(&found, 0, sizeof(found));
	flagship_xzyh_reader_init(&reader, LIMIT);
	read_xzyh(&reader, stream, length - 2, length, &found);
	flagship_xzyh_reader_resync(&reader);
	read_xzyh(&reader, stream + length - 1, second + 1, second + 1, &found);
	assert_int_equal(found.begun, 2);
	assert_int_equal(found.ended, 1);
	assert_memory_equal(found.data, "12367", 5);
	assert_int_equal(reader.skipped, 1);
}

static void a_damaged_frame_is_told(void **state)
{
	static uint8_t stream[STREAM_SIZE];
	const struct flagship_aabb header = {.kind = FLAGSHIP_AABB_KIND_DATA, .length = 5};
	size_t length = put_aabb(stream, &header, (const uint8_t *)"12345");

	(void)state;
	length += put_aabb(stream + length, &header, (const uint8_t *)"67890");
	/* Any byte behind the signature and before the length, or of data and CRC. */
	for (size_t at = 2; at < header.length + FLAGSHIP_AABB_OVERHEAD; at++) {
		static struct found found;
		struct flagship_aabb_reader reader;

		if (at >= FLAGSHIP_AABB_LENGTH_OFFSET && at < FLAGSHIP_AABB_DATA_OFFSET) {
			continue;
		}
		memset(&found, 0, sizeof(found));
		flagship_aabb_reader_init(&reader, LIMIT);
		stream[at] ^= 0x20;
		read_aabb(&reader, stream, length, 7, &found);
		stream[at] ^= 0x20;
		assert_int_equal(found.begun, 2);
		assert_int_equal(found.ended, 1);
		assert_int_equal(found.damaged, 1);
		assert_int_equal(reader.damaged, 1);
	}
}

static void a_frame_above_the_limit_is_not_begun(void **state)
{
	static uint8_t stream[STREAM_SIZE];
	static const uint8_t data[LIMIT + 1];
	static struct found found;
	struct flagship_aabb_reader reader;
	struct flagship_aabb header = {.kind = FLAGSHIP_AABB_KIND_DATA, .length = LIMIT + 1};
	size_t length = put_aabb(stream, &header, data);

	(void)state;
	header.length = LIMIT;
	length += put_aabb(stream + length, &header, data);
	memset(&found, 0, sizeof(found));
	flagship_aabb_reader_init(&reader, LIMIT);
	read_aabb(&reader, stream, length, 1000, &found);
	assert_int_equal(reader.too_large, 1);
	assert_int_equal(found.begun, 1);
	assert_int_equal(found.ended, 1);
	assert_int_equal(found.length, LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_are_written_and_read_byte_for_byte),
		cmocka_unit_test(a_crc_is_that_of_each_bit),
		cmocka_unit_test(frames_follow_each_other),
		cmocka_unit_test(bytes_of_no_frame_are_passed_over),
		cmocka_unit_test(a_lost_piece_costs_its_frame_alone),
		cmocka_unit_test(a_damaged_frame_is_told),
		cmocka_unit_test(a_frame_above_the_limit_is_not_begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
