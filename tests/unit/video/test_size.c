/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "video/bits.h"
#include "video/h264.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

/* Sequence parameter sets that no encoder at hand writes: built bit by bit (H.264 7.3.2.1.1). */
#define SET_MAX      512
#define PROFILE_BASE 66
#define PROFILE_HIGH 100
#define LISTS        8
#define LISTS_444    12

struct set {
	uint8_t bytes[SET_MAX];
	size_t bits;
};

static void put(struct set *set, uint32_t value, unsigned int count)
{
	while (count-- > 0) {
		assert_in_range(set->bits / 8, 0, SET_MAX - 1);
		set->bytes[set->bits / 8] |= (uint8_t)((value >> count & 1U)
						       << (7 - set->bits % 8));
		set->bits++;
	}
}

static void put_unsigned(struct set *set, uint32_t value)
{
	unsigned int length = 0;

	while ((value + 1) >> (length + 1) != 0) {
		length++;
	}
	put(set, 0, length);
	put(set, value + 1, length + 1);
}

static void put_signed(struct set *set, int32_t value)
{
	put_unsigned(set, value > 0 ? 2 * (uint32_t)value - 1 : 2 * (uint32_t)-value);
}

/* What varies; the rest is 0. */
struct shape {
	uint32_t profile;
	uint32_t chroma;     /* of PROFILE_HIGH */
	int32_t list_change; /* 0: no scaling lists; else the first step of each */
	uint32_t order;      /* type of the order of pictures */
	uint32_t cycle;      /* of type 1 */
	uint32_t columns;    /* macroblocks less one */
	uint32_t rows;
	bool fields;
	bool cropped;
	uint32_t crop[4];
};

static void put_lists(struct set *set, const struct shape *shape)
{
	put(set, shape->list_change != 0, 1);
	for (size_t i = 0; shape->list_change != 0 && i < (shape->chroma == 3 ? LISTS_444 : LISTS);
	     i++) {
		put(set, i != 1, 1); /* the second is not there */
		if (i == 1) {
			continue;
		}
		put_signed(set, shape->list_change);
		/* The next value is 0: the list ends. */
		put_signed(set, -((8 + shape->list_change) % 256));
	}
}

static void build(const struct shape *shape, struct set *set)
{
	memset(set, 0, sizeof(*set));
	put(set, 0x67, 8);
	put(set, shape->profile, 8);
	put(set, 31, 16);
	put_unsigned(set, 0);
	if (shape->profile == PROFILE_HIGH) {
		put_unsigned(set, shape->chroma);
		if (shape->chroma == 3) {
			put(set, 0, 1);
		}
		put_unsigned(set, 0);
		put_unsigned(set, 0);
		put(set, 0, 1);
		put_lists(set, shape);
	}
	put_unsigned(set, 0);
	put_unsigned(set, shape->order);
	if (shape->order == 0) {
		put_unsigned(set, 4);
	} else if (shape->order == 1) {
		put(set, 0, 1);
		put_signed(set, -1);
		put_signed(set, 2);
		put_unsigned(set, shape->cycle);
		for (uint32_t i = 0; i < shape->cycle && i < 256; i++) {
			put_signed(set, 1);
		}
	}
	put_unsigned(set, 1);
	put(set, 0, 1);
	put_unsigned(set, shape->columns);
	put_unsigned(set, shape->rows);
	put(set, !shape->fields, 1);
	if (shape->fields) {
		put(set, 0, 1);
	}
	put(set, 1, 1);
	put(set, shape->cropped, 1);
	for (size_t i = 0; shape->cropped && i < 4; i++) {
		put_unsigned(set, shape->crop[i]);
	}
	put(set, 1, 1);
}

static void reads_what_a_set_may_hold(void **state)
{
	static const struct {
		struct shape shape;
		uint32_t width;
		uint32_t height;
	} cases[] = {
		{{.profile = PROFILE_BASE, .columns = 3, .rows = 2}, 64, 48},
		{{.profile = PROFILE_BASE, .columns = 3, .rows = 2, .order = 2}, 64, 48},
		{{.profile = PROFILE_BASE, .columns = 3, .rows = 2, .order = 1, .cycle = 3},
		 64,
		 48},
		{{.profile = PROFILE_BASE, .columns = 3, .rows = 2, .fields = true}, 64, 96},
		/* One sample of chroma is one, two or four of luma. */
		{{.profile = PROFILE_HIGH,
		  .chroma = 0,
		  .columns = 3,
		  .rows = 2,
		  .cropped = true,
		  .crop = {1, 2, 3, 4}},
		 61,
		 41},
		{{.profile = PROFILE_HIGH,
		  .chroma = 1,
		  .columns = 3,
		  .rows = 2,
		  .cropped = true,
		  .crop = {1, 2, 3, 4}},
		 58,
		 34},
		{{.profile = PROFILE_HIGH,
		  .chroma = 2,
		  .columns = 3,
		  .rows = 2,
		  .cropped = true,
		  .crop = {1, 2, 3, 4}},
		 58,
		 41},
		{{.profile = PROFILE_HIGH, .chroma = 3, .columns = 3, .rows = 2, .list_change = 5},
		 64,
		 48},
		{{.profile = PROFILE_HIGH, .chroma = 1, .columns = 3, .rows = 2, .list_change = -3},
		 64,
		 48},
		{{.profile = PROFILE_HIGH,
		  .chroma = 1,
		  .columns = 3,
		  .rows = 2,
		  .list_change = 256},
		 64,
		 48},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct set set;
		uint32_t width;
		uint32_t height;

		build(&cases[i].shape, &set);
		assert_int_equal(h264_read_size(set.bytes, set.bits / 8 + 1, &width, &height), 0);
		assert_int_equal(width, cases[i].width);
		assert_int_equal(height, cases[i].height);
	}
}

static void refuses_what_makes_no_sense(void **state)
{
	static const struct shape cases[] = {
		{.profile = PROFILE_HIGH, .chroma = 4, .columns = 3, .rows = 2},
		{.profile = PROFILE_HIGH, .chroma = 1, .columns = 3, .rows = 2, .list_change = 257},
		{.profile = PROFILE_HIGH,
		 .chroma = 1,
		 .columns = 3,
		 .rows = 2,
		 .list_change = -257},
		{.profile = PROFILE_BASE, .columns = 3, .rows = 2, .order = 1, .cycle = 256},
		{.profile = PROFILE_BASE, .columns = H264_SIDE_MAX, .rows = 2},
		{.profile = PROFILE_BASE, .columns = 3, .rows = H264_SIDE_MAX},
		{.profile = PROFILE_BASE, .columns = H264_SIDE_MAX - 1, .rows = 2},
		{.profile = PROFILE_BASE, .columns = 3, .rows = H264_SIDE_MAX - 1},
		{.profile = PROFILE_BASE, .columns = 3, .rows = 2, .cropped = true, .crop = {32}},
		{.profile = PROFILE_BASE,
		 .columns = 3,
		 .rows = 2,
		 .cropped = true,
		 .crop = {0, 0, 24}},
	};
	uint32_t width;
	uint32_t height;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct set set;

		build(&cases[i], &set);
		assert_int_equal(h264_read_size(set.bytes, set.bits / 8 + 1, &width, &height),
				 FLAGSHIP_ERROR_ARGUMENT);
	}
	assert_int_equal(h264_read_size((const uint8_t *)"", 0, &width, &height),
			 FLAGSHIP_ERROR_ARGUMENT);
}

static void refuses_a_set_that_is_cut(void **state)
{
	const struct shape shape = {.profile = PROFILE_HIGH,
				    .chroma = 3,
				    .list_change = 5,
				    .order = 1,
				    .cycle = 3,
				    .columns = 3,
				    .rows = 2,
				    .cropped = true,
				    .crop = {1, 2, 3, 4}};
	struct set set;
	uint32_t width;
	uint32_t height;

	(void)state;
	build(&shape, &set);
	/* The bit behind the last one that is read stands in the last byte or begins it. */
	for (size_t length = 1; length < (set.bits - 1) / 8; length++) {
		assert_int_equal(h264_read_size(set.bytes, length, &width, &height),
				 FLAGSHIP_ERROR_ARGUMENT);
	}
}

static void reads_codes_up_to_32_bits(void **state)
{
	static const uint8_t longest[] = {0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe};
	static const uint8_t too_long[] = {0, 0, 0, 0, 0x80, 0, 0, 0, 0};
	static const uint8_t guarded[] = {0, 0, 3, 0x80, 0, 0};
	struct bits bits;

	(void)state;
	bits_init(&bits, longest, sizeof(longest));
	assert_true(bits_read_unsigned(&bits) == UINT32_C(0xfffffffe));
	assert_false(bits.failed);
	bits_init(&bits, longest, sizeof(longest));
	assert_int_equal(bits_read_signed(&bits), -INT32_MAX);
	bits_init(&bits, too_long, sizeof(too_long));
	assert_int_equal(bits_read_unsigned(&bits), 0);
	assert_true(bits.failed);
	/* The 3 between two zeros and what follows is none of the body's. */
	bits_init(&bits, guarded, 4);
	assert_int_equal(bits_read(&bits, 24), 0x80);
	assert_false(bits.failed);
	assert_int_equal(bits_read(&bits, 1), 0);
	assert_true(bits.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_a_set_may_hold),
		cmocka_unit_test(refuses_what_makes_no_sense),
		cmocka_unit_test(refuses_a_set_that_is_cut),
		cmocka_unit_test(reads_codes_up_to_32_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
