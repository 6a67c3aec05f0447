/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_memory.h"
#include "picture/encoder.h"
#include "picture/jpeg.h"
#include "picture/jpeg_reader.h"
#include "video/h264.h"

#include <stdlib.h>
#include <string.h>
#include <wels/codec_api.h>

/* JPEGs of a camera as pictures of a film. */

#define SIDE    2048 /* of the largest that is written here */
#define QUALITY 80
#define GREY    128
#define WHITE   235 /* as cameras have it */
#define NEAR    3
#define FIRST   20 /* bytes of a JPEG to the end of its first segment */
#define FILLING 5

int __real_WelsCreateSVCEncoder(ISVCEncoder **encoder);
int __wrap_WelsCreateSVCEncoder(ISVCEncoder **encoder);
int __wrap_WelsCreateSVCEncoder(ISVCEncoder **encoder)
{
	return failing_memory_due() ? 1 : __real_WelsCreateSVCEncoder(encoder);
}

static uint8_t luma[SIDE * SIDE];
static uint8_t colours[SIDE * SIDE];

static struct decoded_picture plain(uint32_t width, uint32_t height)
{
	memset(luma, WHITE, sizeof(luma));
	memset(colours, GREY, sizeof(colours));
	return (struct decoded_picture){.width = width,
					.height = height,
					.planes = {luma, colours, colours},
					.strides = {SIDE, SIDE, SIDE}};
}

/* To be freed. */
static uint8_t *make_jpeg(uint32_t width, uint32_t height, size_t *length)
{
	struct jpeg_writer *writer = jpeg_writer_create(QUALITY);
	struct decoded_picture picture = plain(width, height);
	const uint8_t *jpeg;

	*length = jpeg_write(writer, &picture, &jpeg);
	uint8_t *copy = malloc(*length);
	memcpy(copy, jpeg, *length);
	jpeg_writer_destroy(writer);
	return copy;
}

static void a_jpeg_has_the_samples_of_a_camera(void **state)
{
	static const struct {
		uint32_t width;
		uint32_t height;
		uint32_t read_width;
		uint32_t read_height;
	} sizes[] = {
		{32, 32, 32, 32},
		{33, 47, 32, 46}, /* sides are even */
		{JPEG_READER_SIDE_MAX, 40, JPEG_READER_SIDE_MAX, 40},
		{JPEG_READER_SIDE_MAX + 2, 80, JPEG_READER_SIDE_MAX / 2, 40}, /* 961 */
		{SIDE, SIDE, SIDE / 2, SIDE / 2},
	};
	struct jpeg_reader *reader = jpeg_reader_create();

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct decoded_picture picture;
		size_t length;
		uint8_t *jpeg = make_jpeg(sizes[i].width, sizes[i].height, &length);

		assert_true(jpeg_read(reader, jpeg, length, &picture));
		assert_int_equal(picture.width, sizes[i].read_width);
		assert_int_equal(picture.height, sizes[i].read_height);
		size_t last = (picture.height - 1) * picture.strides[0] + picture.width - 1;
		assert_in_range(picture.planes[0][last], WHITE - NEAR, WHITE + NEAR);
		last = (picture.height / 2 - 1) * picture.strides[1] + picture.width / 2 - 1;
		assert_in_range(picture.planes[1][last], GREY - NEAR, GREY + NEAR);
		assert_in_range(picture.planes[2][last], GREY - NEAR, GREY + NEAR);
		free(jpeg);
	}
	jpeg_reader_destroy(reader);
	jpeg_reader_destroy(NULL);
}

static void what_is_no_picture_leaves_the_reader_as_it_was(void **state)
{
	struct jpeg_reader *reader = jpeg_reader_create();
	struct decoded_picture picture;
	size_t length;
	uint8_t *jpeg = make_jpeg(64, 64, &length);

	(void)state;
	assert_false(jpeg_read(reader, jpeg, 0, &picture));
	for (size_t cut = 1; cut < length; cut++) {
		(void)jpeg_read(reader, jpeg, cut, &picture);
	}
	assert_false(jpeg_read(reader, jpeg, length / 2, &picture));
	free(jpeg);
	jpeg = make_jpeg(JPEG_READER_SIDE_MIN - 2, 64, &length);
	assert_false(jpeg_read(reader, jpeg, length, &picture));
	free(jpeg);
	jpeg = make_jpeg(64, 64, &length);
	assert_true(jpeg_read(reader, jpeg, length, &picture));
	free(jpeg);
	jpeg_reader_destroy(reader);
}

static void bytes_between_segments_are_passed_over(void **state)
{
	struct jpeg_reader *reader = jpeg_reader_create();
	struct decoded_picture picture;
	size_t length;
	uint8_t *jpeg = make_jpeg(64, 64, &length);
	uint8_t *filled = calloc(1, length + FILLING);

	(void)state;
	memcpy(filled, jpeg, FIRST);
	memcpy(filled + FIRST + FILLING, jpeg + FIRST, length - FIRST);
	assert_true(jpeg_read(reader, filled, length + FILLING, &picture));
	assert_in_range(picture.planes[0][0], WHITE - NEAR, WHITE + NEAR);
	free(filled);
	free(jpeg);
	jpeg_reader_destroy(reader);
}

static void each_picture_is_one_that_decoding_can_begin_with(void **state)
{
	static const uint32_t sides[] = {64, 64, 128};
	struct encoder *encoder = encoder_create();
	struct decoder *decoder = decoder_create();

	(void)state;
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		struct decoded_picture picture = plain(sides[i], sides[i]);
		struct decoded_picture shown;
		struct h264_nal nal;
		const uint8_t *unit = NULL;
		size_t at = 0;
		size_t length = encoder_write(encoder, &picture, &unit);

		assert_true(length > 0);
		assert_true(h264_next_nal(unit, length, &at, &nal));
		assert_int_equal(nal.type, H264_SEQUENCE);
		assert_true(decoder_feed(decoder, unit, length, &shown));
		assert_int_equal(shown.width, sides[i]);
		assert_in_range(shown.planes[0][0], WHITE - NEAR, WHITE + NEAR);
	}
	decoder_destroy(decoder);
	encoder_destroy(encoder);
	encoder_destroy(NULL);
}

static void what_cannot_be_encoded_is_told(void **state)
{
	struct encoder *encoder = encoder_create();
	struct decoded_picture picture = plain(0, 64);
	const uint8_t *unit;

	(void)state;
	assert_int_equal(encoder_write(encoder, &picture, &unit), 0);
	picture = plain(64, 64);
	assert_true(encoder_write(encoder, &picture, &unit) > 0);
	encoder_destroy(encoder);
}

static void both_need_memory(void **state)
{
	struct decoded_picture picture = plain(64, 64);
	const uint8_t *unit;
	size_t length;
	uint8_t *jpeg = make_jpeg(64, 64, &length);

	(void)state;
	failing_memory_arm(1);
	assert_null(jpeg_reader_create());
	failing_memory_arm(1);
	assert_null(encoder_create());
	failing_memory_arm(0);
	struct encoder *encoder = encoder_create();
	failing_memory_arm(1);
	assert_int_equal(encoder_write(encoder, &picture, &unit), 0);
	failing_memory_arm(0);
	assert_true(encoder_write(encoder, &picture, &unit) > 0);
	encoder_destroy(encoder);
	struct jpeg_reader *reader = jpeg_reader_create();
	for (unsigned int number = 1; number <= 2; number++) {
		failing_memory_arm(number);
		assert_false(jpeg_read(reader, jpeg, length, &picture));
		assert_true(failing_memory_fell());
	}
	failing_memory_arm(0);
	assert_true(jpeg_read(reader, jpeg, length, &picture));
	jpeg_reader_destroy(reader);
	free(jpeg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_jpeg_has_the_samples_of_a_camera),
		cmocka_unit_test(what_is_no_picture_leaves_the_reader_as_it_was),
		cmocka_unit_test(bytes_between_segments_are_passed_over),
		cmocka_unit_test(each_picture_is_one_that_decoding_can_begin_with),
		cmocka_unit_test(what_cannot_be_encoded_is_told),
		cmocka_unit_test(both_need_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
