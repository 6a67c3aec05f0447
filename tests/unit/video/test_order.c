/* SPDX-License-Identifier: MIT */
#include "video/h264.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define START     0, 0, 0, 1
#define DELIMITER START, 9, 0xf0
#define REFERENCE 0x61 /* a slice of type 1 that others build on */
#define LONE      0x01 /* and one that none does */
#define KEY       0x65

/* The first macroblock, then the type of the slice, as Exp-Golomb codes. */
#define AT_0_P       0xc0 /* 1 1 */
#define AT_0_B       0xa0 /* 1 010 */
#define AT_0_P_ALL   0x98 /* 1 00110 */
#define AT_0_B_ALL   0x9c /* 1 00111 */
#define AT_0_I       0xb0 /* 1 011 */
#define AT_1_B       0x50 /* 010 1 … */
#define AT_1_B_AGAIN 0x48 /* 010 010 */

static void test_slices_that_build_on_later_ones(void **state)
{
	static const uint8_t alone[] = {DELIMITER, START, LONE, AT_0_B, 0xff};
	static const uint8_t all[] = {START, REFERENCE, AT_0_B_ALL, 0xff};
	static const uint8_t second[] = {START, REFERENCE, AT_0_P,       0xff,
					 START, REFERENCE, AT_1_B_AGAIN, 0xff};
	(void)state;

	assert_true(h264_has_b_slice(alone, sizeof(alone)));
	assert_true(h264_has_b_slice(all, sizeof(all)));
	assert_true(h264_has_b_slice(second, sizeof(second)));
}

static void test_others(void **state)
{
	static const uint8_t forward[] = {DELIMITER, START, REFERENCE, AT_0_P, 0xff};
	static const uint8_t all[] = {START, REFERENCE, AT_0_P_ALL, 0xff};
	static const uint8_t whole[] = {START, REFERENCE, AT_0_I, 0xff, START, LONE, AT_1_B, 0xff};
	static const uint8_t key[] = {START, KEY, AT_0_B, 0xff};
	(void)state;

	assert_false(h264_has_b_slice(forward, sizeof(forward)));
	assert_false(h264_has_b_slice(all, sizeof(all)));
	assert_false(h264_has_b_slice(whole, sizeof(whole)));
	assert_false(h264_has_b_slice(key, sizeof(key)));
}

/* The type is beyond the end, or none that there is. */
static void test_what_is_cut_off(void **state)
{
	static const uint8_t nothing[] = {START};
	static const uint8_t header[] = {START, LONE};
	static const uint8_t half[] = {START, LONE, 0x01};
	static const uint8_t beyond[] = {START, LONE, 0x85, 0xff}; /* 1 0000101… */
	(void)state;

	assert_false(h264_has_b_slice(NULL, 0));
	assert_false(h264_has_b_slice(nothing, sizeof(nothing)));
	assert_false(h264_has_b_slice(header, sizeof(header)));
	assert_false(h264_has_b_slice(half, sizeof(half)));
	assert_false(h264_has_b_slice(beyond, sizeof(beyond)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slices_that_build_on_later_ones),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_what_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
