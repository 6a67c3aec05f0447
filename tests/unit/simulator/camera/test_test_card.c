/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulator/camera/test_card.h"
#include "video/h264.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PICTURES    30
#define KEY_EVERY   12
#define BEGIN_MS    INT64_C(1795870799850) /* 12:59:59.85 */
#define INTERVAL_MS 40
#define MIDDLE      128 /* of luma: brighter is a one */
#define PLANES      3 / 2

struct card_size {
	unsigned int columns;
	unsigned int rows;
};

static const struct card_size sizes[] = {
	{TEST_CARD_COLUMNS_HD, TEST_CARD_ROWS_HD},
	{TEST_CARD_COLUMNS_SD, TEST_CARD_ROWS_SD},
};

static void count_unit(void *context, const struct h264_unit *unit)
{
	size_t *counts = context;

	counts[unit->key ? 1 : 0]++;
}

static uint8_t *write_film(const struct card_size *size, size_t *length)
{
	uint8_t *film = malloc(PICTURES * TEST_CARD_PICTURE_MAX);
	struct test_card card;

	assert_non_null(film);
	*length = 0;
	test_card_init(&card, size->columns, size->rows);
	for (int i = 0; i < PICTURES; i++) {
		size_t written = test_card_write(&card, BEGIN_MS + i * INTERVAL_MS, i % 2,
						 i % KEY_EVERY == 0, film + *length,
						 TEST_CARD_PICTURE_MAX);
		assert_true(written <= TEST_CARD_PICTURE_MAX);
		*length += written;
	}
	return film;
}

static void is_a_stream_of_pictures(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t counts[2] = {0};
		struct h264_reader reader;
		size_t length;
		uint8_t *film = write_film(&sizes[i], &length);

		h264_reader_init(&reader, count_unit, counts);
		assert_int_equal(h264_reader_feed(&reader, film, length), 0);
		h264_reader_flush(&reader);
		assert_int_equal(reader.parameters.width, sizes[i].columns * TEST_CARD_BLOCK);
		assert_int_equal(reader.parameters.height, sizes[i].rows * TEST_CARD_BLOCK);
		assert_int_equal(counts[1], (PICTURES + KEY_EVERY - 1) / KEY_EVERY);
		assert_int_equal(counts[0], PICTURES - counts[1]);
		h264_reader_finish(&reader);
		free(film);
	}
}

/* What does not change costs nearly nothing, and what is lit is. */
static void skips_what_stays(void **state)
{
	static uint8_t out[TEST_CARD_PICTURE_MAX];
	struct test_card card;

	(void)state;
	test_card_init(&card, TEST_CARD_COLUMNS_HD, TEST_CARD_ROWS_HD);
	size_t first = test_card_write(&card, BEGIN_MS, false, false, out, sizeof(out));
	size_t same = test_card_write(&card, BEGIN_MS, false, false, out, sizeof(out));
	size_t lit = test_card_write(&card, BEGIN_MS, true, false, out, sizeof(out));
	assert_true(same < 32);
	assert_true(first > 100 * same && lit > 100 * same);
}

static void writes_nothing_beyond_the_buffer(void **state)
{
	struct test_card card;
	uint8_t out[3] = {0xa5, 0xa5, 0xa5};

	(void)state;
	test_card_init(&card, TEST_CARD_COLUMNS_SD, TEST_CARD_ROWS_SD);
	assert_true(test_card_write(&card, BEGIN_MS, false, true, out, 2) > 2);
	assert_int_equal(out[2], 0xa5);
}

/* --- as another decoder sees it --- */

static int64_t read_bits(const uint8_t *luma, const struct card_size *size)
{
	size_t line = (size_t)size->columns * TEST_CARD_BLOCK;
	size_t row = (size_t)(size->rows - 2) * TEST_CARD_BLOCK + TEST_CARD_BLOCK / 2;
	int64_t value = 0;

	for (size_t bit = 0; bit < TEST_CARD_BITS; bit++) {
		size_t column = (TEST_CARD_BITS_COLUMN + bit) * TEST_CARD_BLOCK;

		value = value << 1 | (luma[row * line + column + TEST_CARD_BLOCK / 2] > MIDDLE);
	}
	return value;
}

static void check_decoded(const struct card_size *size)
{
	const size_t luma_size = (size_t)size->columns * size->rows * TEST_CARD_BLOCK *
				 TEST_CARD_BLOCK;
	const size_t picture_size = luma_size * PLANES;
	char path[] = "/tmp/flagship-card-XXXXXX";
	char command[256];
	size_t length;
	uint8_t *film = write_film(size, &length);
	uint8_t *picture = malloc(picture_size);
	FILE *file = fdopen(mkstemp(path), "wb");
	int count = 0;

	assert_true(file && picture);
	assert_int_equal(fwrite(film, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
	free(film);
	snprintf(command, sizeof(command),
		 "ffmpeg -v error -f h264 -i %s -fps_mode passthrough -f rawvideo -pix_fmt yuv420p "
		 "- 2>&1",
		 path);
	FILE *decoded = popen(command, "r");
	assert_non_null(decoded);
	while (fread(picture, 1, picture_size, decoded) == picture_size) {
		assert_int_equal(read_bits(picture, size), BEGIN_MS + count * INTERVAL_MS);
		count++;
	}
	assert_int_equal(pclose(decoded), 0);
	assert_int_equal(count, PICTURES);
	remove(path);
	free(picture);
}

static void is_decoded_by_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		check_decoded(&sizes[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_a_stream_of_pictures),
		cmocka_unit_test(skips_what_stays),
		cmocka_unit_test(writes_nothing_beyond_the_buffer),
		cmocka_unit_test(is_decoded_by_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("simulator_test_card", tests, NULL, NULL);
}
