/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hex.h"
#include "video/h264.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNITS_MAX    32
#define SAMPLE_MAX   65536
#define SAMPLE_UNITS 10
#define SAMPLE_KEY   5 /* each fifth picture is one */

/* What x264 writes for these. */
struct size_case {
	const char *sequence;
	uint32_t width;
	uint32_t height;
};

static const struct size_case sizes[] = {
	{"6742c00cd901419f9f011000000300100000030320f142a480", 320, 180},
	{"6764001facd9405005bb011000000300100000030320f1831960", 1280, 720},
	{"674d4028eca03c0113f2e022000003000200000300641e30632c", 1920, 1080},
	{"677a001fbcd9405005bb011000000300100000030320f1831960", 1280, 720}, /* 4:2:2 */
	{"6764001eacd940d43db011000003000100000300320f162d96", 848, 480},
	{"67640028acd94078044fde0220000003002000000643e2c5b2c0", 1920, 1080}, /* fields */
	{"67f4000a919b288f6022000003000200000300641e244b2c", 64, 48},         /* 4:4:4 */
};

#define SEQUENCE_MAX 64

static void reads_the_size_of_each_profile(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t bytes[SEQUENCE_MAX];
		size_t length = strlen(sizes[i].sequence) / 2;
		uint32_t width;
		uint32_t height;

		assert_true(hex_decode(sizes[i].sequence, bytes, length));
		assert_int_equal(h264_read_size(bytes, length, &width, &height), 0);
		assert_int_equal(width, sizes[i].width);
		assert_int_equal(height, sizes[i].height);
	}
}

static void refuses_what_ends_too_early(void **state)
{
	const size_t whole = 9; /* what is behind the size is not read */

	(void)state;
	for (size_t length = 0; length < whole; length++) {
		uint8_t bytes[SEQUENCE_MAX];
		uint32_t width;
		uint32_t height;

		assert_true(hex_decode(sizes[1].sequence, bytes, length));
		assert_int_equal(h264_read_size(bytes, length, &width, &height),
				 FLAGSHIP_ERROR_ARGUMENT);
	}
}

/* --- units --- */

struct seen {
	size_t count;
	size_t lengths[UNITS_MAX];
	bool keys[UNITS_MAX];
	bool new_parameters[UNITS_MAX];
	size_t total;
};

static void on_unit(void *context, const struct h264_unit *unit)
{
	struct seen *seen = context;

	assert_true(seen->count < UNITS_MAX);
	assert_true(unit->parameters->sequence_length > 0 && unit->parameters->picture_length > 0);
	seen->lengths[seen->count] = unit->length;
	seen->keys[seen->count] = unit->key;
	seen->new_parameters[seen->count] = unit->new_parameters;
	seen->total += unit->length;
	seen->count++;
}

static size_t load_sample(uint8_t out[SAMPLE_MAX])
{
	FILE *file = fopen(VIDEO_SAMPLE, "rb");

	assert_non_null(file);
	size_t length = fread(out, 1, SAMPLE_MAX, file);
	fclose(file);
	return length;
}

static void feed_pieces(struct h264_reader *reader, const uint8_t *data, size_t length,
			size_t piece)
{
	for (size_t at = 0; at < length; at += piece) {
		size_t some = length - at < piece ? length - at : piece;

		assert_int_equal(h264_reader_feed(reader, data + at, some), 0);
	}
}

static void finds_pictures_in_pieces_of_any_size(void **state)
{
	const size_t pieces[] = {1, 2, 3, 5, 1024, SAMPLE_MAX};
	uint8_t data[SAMPLE_MAX];
	size_t length = load_sample(data);

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct seen seen = {0};
		struct h264_reader reader;

		h264_reader_init(&reader, on_unit, &seen);
		feed_pieces(&reader, data, length, pieces[i]);
		assert_int_equal(seen.count, SAMPLE_UNITS - 1);
		h264_reader_flush(&reader);
		assert_int_equal(seen.count, SAMPLE_UNITS);
		assert_int_equal(seen.total, length);
		for (size_t unit = 0; unit < SAMPLE_UNITS; unit++) {
			assert_int_equal(seen.keys[unit], unit % SAMPLE_KEY == 0);
			assert_int_equal(seen.new_parameters[unit], unit == 0);
		}
		assert_int_equal(reader.parameters.width, 160);
		assert_int_equal(reader.parameters.height, 120);
		assert_int_equal(reader.dropped, 0);
		h264_reader_finish(&reader);
	}
}

static void begins_with_a_picture_that_stands_alone(void **state)
{
	uint8_t data[SAMPLE_MAX];
	size_t length = load_sample(data);
	struct seen all = {0};
	struct seen seen = {0};
	struct h264_reader reader;

	(void)state;
	h264_reader_init(&reader, on_unit, &all);
	feed_pieces(&reader, data, length, SAMPLE_MAX);
	h264_reader_finish(&reader);

	h264_reader_init(&reader, on_unit, &seen);
	feed_pieces(&reader, data + all.lengths[0], length - all.lengths[0], SAMPLE_MAX);
	h264_reader_flush(&reader);
	assert_int_equal(seen.count, SAMPLE_UNITS - SAMPLE_KEY);
	assert_true(seen.keys[0]);
	assert_int_equal(reader.dropped, SAMPLE_KEY - 1);
	h264_reader_finish(&reader);
}

static void goes_on_with_such_a_one_after_a_loss(void **state)
{
	uint8_t data[SAMPLE_MAX];
	size_t length = load_sample(data);
	struct seen seen = {0};
	struct h264_reader reader;

	(void)state;
	h264_reader_init(&reader, on_unit, &seen);
	feed_pieces(&reader, data, length / 2, SAMPLE_MAX);
	size_t before = seen.count;
	h264_reader_lose(&reader);
	assert_true(before > 0);
	feed_pieces(&reader, data, length, SAMPLE_MAX);
	h264_reader_flush(&reader);
	assert_int_equal(seen.count, before + SAMPLE_UNITS);
	assert_true(seen.keys[before]);
	/* The parameters are those of before. */
	assert_false(seen.new_parameters[before]);
	h264_reader_finish(&reader);
}

static void bounds_what_never_ends(void **state)
{
	uint8_t data[SAMPLE_MAX];
	size_t length = load_sample(data);
	uint8_t *noise = malloc(H264_UNIT_MAX);
	struct seen seen = {0};
	struct h264_reader reader;

	(void)state;
	assert_non_null(noise);
	memset(noise, 0x55, H264_UNIT_MAX);
	h264_reader_init(&reader, on_unit, &seen);
	feed_pieces(&reader, data, length, SAMPLE_MAX);
	for (int i = 0; i < 3; i++) {
		feed_pieces(&reader, noise, H264_UNIT_MAX, H264_UNIT_MAX);
		assert_true(reader.length <= H264_UNIT_MAX);
	}
	assert_int_equal(seen.count, SAMPLE_UNITS - 1);
	assert_int_equal(reader.dropped, 1);
	feed_pieces(&reader, data, length, SAMPLE_MAX);
	h264_reader_flush(&reader);
	assert_int_equal(seen.count, SAMPLE_UNITS - 1 + SAMPLE_UNITS);
	h264_reader_finish(&reader);
	free(noise);
}

static void finds_nal_units(void **state)
{
	static const uint8_t unit[] = {0, 0, 0, 1, 9, 16, 0, 0, 0, 0, 1, 0x65, 7, 0, 0, 1};
	struct h264_nal nal;
	size_t at = 0;

	(void)state;
	assert_true(h264_next_nal(unit, sizeof(unit), &at, &nal));
	assert_int_equal(nal.type, H264_DELIMITER);
	assert_int_equal(nal.length, 2);
	assert_true(h264_next_nal(unit, sizeof(unit), &at, &nal));
	assert_int_equal(nal.type, H264_SLICE_KEY);
	assert_int_equal(nal.length, 2);
	assert_false(h264_next_nal(unit, sizeof(unit), &at, &nal));
	at = 0;
	assert_false(h264_next_nal(unit, 3, &at, &nal));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_size_of_each_profile),
		cmocka_unit_test(refuses_what_ends_too_early),
		cmocka_unit_test(finds_pictures_in_pieces_of_any_size),
		cmocka_unit_test(begins_with_a_picture_that_stands_alone),
		cmocka_unit_test(goes_on_with_such_a_one_after_a_loss),
		cmocka_unit_test(bounds_what_never_ends),
		cmocka_unit_test(finds_nal_units),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("video_h264", tests, NULL, NULL);
}
