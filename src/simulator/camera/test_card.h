/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_CAMERA_TEST_CARD_H
#define SIMULATOR_CAMERA_TEST_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the camera of a simulated printer shows: a test card with a running clock, as H.264 of the
 * baseline profile. Blocks of 16 samples have one colour each, so that a picture costs next to
 * nothing: what does not change is skipped, and most of the rest is predicted. Pure.
 *
 * Above are bars; in the middle the time of day in UTC, hh:mm:ss.t; below a row that programs read:
 * TEST_CARD_BITS blocks, white for 1 and black for 0, most significant first, of the milliseconds
 * since 1970.
 */
#define TEST_CARD_BLOCK 16 /* samples a side */
#define TEST_CARD_BITS  41

/* In blocks; a camera's 1280×720 and 848×480. */
#define TEST_CARD_COLUMNS_MAX 80
#define TEST_CARD_ROWS_MAX    45
#define TEST_CARD_COLUMNS_HD  80
#define TEST_CARD_ROWS_HD     45
#define TEST_CARD_COLUMNS_SD  53
#define TEST_CARD_ROWS_SD     30

/* Where the row of bits begins: in the last row but one of blocks, at the second block. */
#define TEST_CARD_BITS_COLUMN 1

/* Bytes of a picture at most: all of it as samples. */
#define TEST_CARD_PICTURE_MAX ((size_t)TEST_CARD_COLUMNS_MAX * TEST_CARD_ROWS_MAX * 400 + 256)

struct test_card {
	unsigned int columns;
	unsigned int rows;
	unsigned int frame_number; /* since the last key picture */
	unsigned int key_count;
	bool begun;
	uint8_t shown[TEST_CARD_COLUMNS_MAX * TEST_CARD_ROWS_MAX]; /* colours */
};

/* At least 53 by 30 blocks, and at most the numbers above. */
void test_card_init(struct test_card *card, unsigned int columns, unsigned int rows);

/*
 * The picture of a moment, in annex B form with its parameter sets where it is a key one; the first
 * always is. A lit card is brighter. Returns the bytes, of which `capacity` are written at most.
 */
size_t test_card_write(struct test_card *card, int64_t unix_ms, bool lit, bool key, uint8_t *out,
		       size_t capacity);

#endif
