/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_memory.h"
#include "picture/decoder.h"
#include "picture/jpeg.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wels/codec_api.h>

#include <jpeglib.h>

#define SAMPLE_MAX    65536
#define VIDEO_WIDTH   160
#define VIDEO_HEIGHT  120
#define SAMPLE_WIDTH  320
#define SAMPLE_HEIGHT 180
#define QUALITY       80
#define FINEST        100
#define WHITE         235 /* as cameras have it */
#define GREY          128
#define NEAR          3

long __real_WelsCreateDecoder(ISVCDecoder **decoder);
long __wrap_WelsCreateDecoder(ISVCDecoder **decoder);
long __wrap_WelsCreateDecoder(ISVCDecoder **decoder)
{
	return failing_memory_due() ? 1 : __real_WelsCreateDecoder(decoder);
}

/* --- from samples to JPEG --- */

static uint8_t samples[SAMPLE_WIDTH * SAMPLE_HEIGHT];

/* Of one brightness, without colour. */
static struct decoded_picture plain(uint32_t width, uint32_t height, uint8_t luma)
{
	static uint8_t colours[SAMPLE_WIDTH * SAMPLE_HEIGHT];

	memset(samples, luma, sizeof(samples));
	memset(colours, GREY, sizeof(colours));
	return (struct decoded_picture){.width = width,
					.height = height,
					.planes = {samples, colours, colours},
					.strides = {SAMPLE_WIDTH, SAMPLE_WIDTH, SAMPLE_WIDTH}};
}

/* The brightness of the last sample of the last row. */
static uint8_t read_back(const uint8_t *jpeg, size_t length, uint32_t width, uint32_t height)
{
	struct jpeg_decompress_struct library;
	struct jpeg_error_mgr errors;
	uint8_t row[SAMPLE_WIDTH];
	JSAMPROW rows[] = {row};

	library.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&library);
	jpeg_mem_src(&library, jpeg, length);
	assert_int_equal(jpeg_read_header(&library, TRUE), JPEG_HEADER_OK);
	assert_int_equal(library.image_width, width);
	assert_int_equal(library.image_height, height);
	library.out_color_space = JCS_GRAYSCALE;
	jpeg_start_decompress(&library);
	while (library.output_scanline < library.output_height) {
		assert_int_equal(jpeg_read_scanlines(&library, rows, 1), 1);
	}
	jpeg_finish_decompress(&library);
	jpeg_destroy_decompress(&library);
	return row[width - 1];
}

static void writes_pictures_of_any_size(void **state)
{
	static const struct {
		uint32_t width;
		uint32_t height;
	} sizes[] = {{16, 16}, {17, 9}, {1, 1}, {SAMPLE_WIDTH, SAMPLE_HEIGHT}, {31, 33}};
	struct jpeg_writer *writer = jpeg_writer_create(QUALITY);

	(void)state;
	assert_non_null(writer);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct decoded_picture picture = plain(sizes[i].width, sizes[i].height, WHITE);
		const uint8_t *jpeg;
		size_t length = jpeg_write(writer, &picture, &jpeg);

		assert_true(length > 0);
		assert_in_range(read_back(jpeg, length, sizes[i].width, sizes[i].height),
				UINT8_MAX - NEAR, UINT8_MAX);
		/* Beyond what a camera calls black it stays black. */
		picture = plain(sizes[i].width, sizes[i].height, 0);
		length = jpeg_write(writer, &picture, &jpeg);
		assert_in_range(read_back(jpeg, length, sizes[i].width, sizes[i].height), 0, NEAR);
	}
	jpeg_writer_destroy(writer);
}

/* Noise needs more room than other pictures. */
static void has_room_for_any_picture(void **state)
{
	struct jpeg_writer *writer = jpeg_writer_create(FINEST);
	const struct decoded_picture picture = plain(SAMPLE_WIDTH, SAMPLE_HEIGHT, 0);
	uint32_t noise = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(samples); i++) {
		noise = noise * 1664525 + 1013904223;
		samples[i] = (uint8_t)(noise >> 24);
	}
	samples[sizeof(samples) - 1] = WHITE;
	for (int i = 0; i < 2; i++) {
		const uint8_t *jpeg;
		size_t length = jpeg_write(writer, &picture, &jpeg);

		assert_true(length > 65536);
		assert_in_range(read_back(jpeg, length, SAMPLE_WIDTH, SAMPLE_HEIGHT),
				UINT8_MAX - 2 * NEAR, UINT8_MAX);
	}
	jpeg_writer_destroy(writer);
	writer = jpeg_writer_create(FINEST);
	failing_memory_arm(3);
	const uint8_t *jpeg = NULL;
	assert_int_equal(jpeg_write(writer, &picture, &jpeg), 0);
	assert_true(failing_memory_fell());
	failing_memory_arm(0);
	assert_true(jpeg_write(writer, &picture, &jpeg) > 65536);
	jpeg_writer_destroy(writer);
}

static void goes_on_after_a_picture_that_cannot_be(void **state)
{
	struct jpeg_writer *writer = jpeg_writer_create(QUALITY);
	struct decoded_picture picture = plain(70000, 16, WHITE); /* no JPEG is so wide */
	const uint8_t *jpeg = NULL;

	(void)state;
	assert_int_equal(jpeg_write(writer, &picture, &jpeg), 0);
	assert_null(jpeg);
	picture = plain(16, 16, WHITE);
	size_t length = jpeg_write(writer, &picture, &jpeg);
	assert_in_range(read_back(jpeg, length, 16, 16), UINT8_MAX - NEAR, UINT8_MAX);
	jpeg_writer_destroy(writer);
	jpeg_writer_destroy(NULL);
}

static void a_writer_needs_memory(void **state)
{
	struct decoded_picture picture = plain(16, 16, WHITE);
	const uint8_t *jpeg;

	(void)state;
	failing_memory_arm(1);
	assert_null(jpeg_writer_create(QUALITY));
	failing_memory_arm(0);
	struct jpeg_writer *writer = jpeg_writer_create(QUALITY);
	failing_memory_arm(1);
	assert_int_equal(jpeg_write(writer, &picture, &jpeg), 0);
	assert_true(failing_memory_fell());
	failing_memory_arm(0);
	assert_true(jpeg_write(writer, &picture, &jpeg) > 0);
	jpeg_writer_destroy(writer);
}

/* --- from H.264 to samples --- */

static size_t read_sample(uint8_t data[SAMPLE_MAX])
{
	FILE *file = fopen(VIDEO_SAMPLE, "rb");

	assert_non_null(file);
	size_t length = fread(data, 1, SAMPLE_MAX, file);
	fclose(file);
	assert_in_range(length, 1, SAMPLE_MAX - 1);
	return length;
}

static void decodes_what_a_camera_sends(void **state)
{
	static uint8_t data[SAMPLE_MAX];
	size_t length = read_sample(data);
	struct decoder *decoder = decoder_create();
	struct decoded_picture picture;

	(void)state;
	assert_non_null(decoder);
	assert_false(decoder_feed(decoder, (const uint8_t *)"no video", 8, &picture));
	assert_false(decoder_feed(decoder, data, (size_t)INT_MAX + 1, &picture));
	assert_true(decoder_feed(decoder, data, length, &picture));
	assert_int_equal(picture.width, VIDEO_WIDTH);
	assert_int_equal(picture.height, VIDEO_HEIGHT);
	assert_true(picture.strides[0] >= VIDEO_WIDTH && picture.strides[1] >= VIDEO_WIDTH / 2);
	decoder_destroy(decoder);
	decoder_destroy(NULL);
}

static void a_decoder_needs_memory(void **state)
{
	(void)state;
	for (unsigned int number = 1; number <= 2; number++) {
		failing_memory_arm(number);
		assert_null(decoder_create());
		assert_true(failing_memory_fell());
		failing_memory_arm(0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_pictures_of_any_size),
		cmocka_unit_test(has_room_for_any_picture),
		cmocka_unit_test(goes_on_after_a_picture_that_cannot_be),
		cmocka_unit_test(a_writer_needs_memory),
		cmocka_unit_test(decodes_what_a_camera_sends),
		cmocka_unit_test(a_decoder_needs_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
