/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hex.h"

#include <stdio.h>
#include <string.h>

#define OUT_SIZE 64

static const struct {
	const char *text;
	const char *bytes;
	size_t length;
} readable[] = {
	{"", "", 0},
	{"  \t\r\n:,", "", 0},
	{"4d41", "MA", 2},
	{"4D 41", "MA", 2},
	{"4d:41:00", "MA\0", 3},
	{"0x4d41", "MA", 2},
	{"0x4d, 0X41,", "MA", 2},
	{"0x4d0x41", "MA", 2},
	{" ff\v7f\f", "\xff\x7f", 2},
	{"00", "\0", 1},
};

static void reads_what_people_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++) {
		uint8_t out[OUT_SIZE];
		size_t written;
		size_t bad;

		assert_int_equal(
			hex_read(readable[i].text, strlen(readable[i].text), out, &written, &bad),
			0);
		assert_int_equal(written, readable[i].length);
		assert_memory_equal(out, readable[i].bytes, written);
	}
}

static const struct {
	const char *text;
	size_t bad;
} unreadable[] = {
	{"4", 1},     {"4d4", 3},   {"4 d", 1},    {"4:d", 1},      {"4d4g", 3},
	{"zz", 0},    {"0x", 2},    {"0x4", 3},    {"x4d", 0},      {"4d;41", 2},
	{"4d-41", 2}, {"0x 4d", 2}, {"0x0x4d", 3}, {"\xc3\xa9", 0},
};

static void tells_where_it_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]); i++) {
		uint8_t out[OUT_SIZE];
		size_t written;
		size_t bad = SIZE_MAX;

		assert_int_equal(hex_read(unreadable[i].text, strlen(unreadable[i].text), out,
					  &written, &bad),
				 -1);
		assert_int_equal(bad, unreadable[i].bad);
	}
}

static void refuses_a_nul(void **state)
{
	uint8_t out[OUT_SIZE];
	size_t written;
	size_t bad;

	(void)state;
	assert_int_equal(hex_read("4d\0", 3, out, &written, &bad), -1);
	assert_int_equal(bad, 2);
}

static void reads_in_place(void **state)
{
	char text[] = "0x4d 0x41 c1 00";
	size_t written;
	size_t bad;

	(void)state;
	assert_int_equal(hex_read(text, strlen(text), (uint8_t *)text, &written, &bad), 0);
	assert_int_equal(written, 4);
	assert_memory_equal(text, "MA\xc1\0", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_people_write),
		cmocka_unit_test(tells_where_it_fails),
		cmocka_unit_test(refuses_a_nul),
		cmocka_unit_test(reads_in_place),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
