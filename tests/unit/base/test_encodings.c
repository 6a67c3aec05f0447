/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>

#include "account_vectors.h"
#include "base/base64.h"
#include "base/hex.h"
#include "base/text_encoding.h"

#include <stdbool.h>
#include <string.h>

#define OUT_SIZE 64

struct good_base64 {
	const char *text;
	const char *bytes;
	size_t size;
};

static void decodes_base64(void **state)
{
	static const struct good_base64 cases[] = {
		{"", "", 0},
		{" \t\r\n\v\f", "", 0},
		{"AA==", "\0", 1},
		{"Zg==", "f", 1},
		{"Zm8=", "fo", 2},
		{"Zm9v", "foo", 3},
		{"Zm9vYmFy", "foobar", 6},
		{" Zm9v\r\nYm\tFy\n", "foobar", 6},
		{"Zg = =", "f", 1},
		{"AZaz09+/", "\x01\x96\xb3\xd3\xdf\xbf", 6},
		{"////", "\xff\xff\xff", 3},
		/* Without the padding. */
		{"Zg", "f", 1},
		{"Zm8", "fo", 2},
		{"Zm9vYmE \n", "fooba", 5},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		uint8_t out[OUT_SIZE];
		size_t size;
		assert_int_equal(base64_decode(cases[i].text, strlen(cases[i].text), out,
					       cases[i].size, &size),
				 0);
		assert_int_equal(size, cases[i].size);
		assert_memory_equal(out, cases[i].bytes, size);
		if (size > 0) {
			assert_int_equal(base64_decode(cases[i].text, strlen(cases[i].text), out,
						       size - 1, &size),
					 FLAGSHIP_ERROR_BUFFER);
		}
	}
}

static void refuses_what_is_no_base64(void **state)
{
	static const char *const cases[] = {
		"Z",    "Zh",    "Zg=",   "Zm9vY",    "Zh==",   "Zm9=",  "Z===", "====",
		"=AAA", "A=AA",  "AA=A",  "AA==AAAA", "AA==A",  "AA===", "Zm9",  "Zm9-",
		"Zm9_", "Zm9v.", "Zm9\"", "Zm9\x80",  "[m9v",   "`m9v",  "{m9v", "@m9v",
		":m9v", "Zm9*",  "Zm9,",  "AA==\x01", "Zm9v\b",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		uint8_t out[OUT_SIZE];
		size_t size;
		assert_int_equal(base64_decode(cases[i], strlen(cases[i]), out, sizeof(out), &size),
				 FLAGSHIP_ERROR_ARGUMENT);
	}
}

static void carries_base64_of_urls(void **state)
{
	static const struct good_base64 cases[] = {
		{"", "", 0},
		{"Zg", "f", 1},
		{"Zm8", "fo", 2},
		{"Zm9v", "foo", 3},
		{"-_-_", "\xfb\xff\xbf", 3},
		{"AA", "\0", 1},
		{"_w", "\xff", 1},
	};
	static const char *const wrong[] = {"Z", "Zg==", "Zh", "Zg ", "+w", "/w", "Zgg"};
	uint8_t out[OUT_SIZE];
	char text[OUT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(base64_url_decode(cases[i].text, out, cases[i].size));
		assert_memory_equal(out, cases[i].bytes, cases[i].size);
		assert_int_equal(base64_url_encode(out, cases[i].size, text),
				 strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(base64_url_decode(wrong[i], out, 1));
	}
}

static void counts_base64_characters(void **state)
{
	(void)state;
	assert_int_equal(BASE64_LENGTH(0), 0);
	assert_int_equal(BASE64_LENGTH(1), 4);
	assert_int_equal(BASE64_LENGTH(3), 4);
	assert_int_equal(BASE64_LENGTH(4), 8);
}

struct text_case {
	const char *file;
	size_t length;
	bool utf16;
	const char *text;
};

#define FILE_OF(literal) literal, sizeof(literal) - 1

static void reads_texts_of_other_systems(void **state)
{
	static const struct text_case cases[] = {
		{FILE_OF(""), false, ""},
		{FILE_OF("a"), false, "a"},
		{FILE_OF("abc\n"), false, "abc\n"},
		{FILE_OF("\xef\xbb\xbf"), false, ""},
		{FILE_OF("\xef\xbb\xbf{}"), false, "{}"},
		{FILE_OF("\xef\xbb{}"), false, "\xef\xbb{}"},
		{FILE_OF("\xff\xfe"), true, ""},
		{FILE_OF("\xfe\xff"), true, ""},
		{FILE_OF("\xff\xfe{\0}\0"), true, "{}"},
		{FILE_OF("\xfe\xff\0{\0}"), true, "{}"},
		{FILE_OF("{\0}\0"), true, "{}"},
		{FILE_OF("\0{\0}"), true, "{}"},
		{FILE_OF("\xff\xfe\xe9\0\x16\x53\x3d\xd8\x00\xde"), true,
		 "\xc3\xa9\xe5\x8c\x96\xf0\x9f\x98\x80"},
		{FILE_OF("\xfe\xff\0\xe9\x53\x16\xd8\x3d\xde\x00"), true,
		 "\xc3\xa9\xe5\x8c\x96\xf0\x9f\x98\x80"},
		/* Halves: a high one before another character and at the end, a low one alone. */
		{FILE_OF("\xff\xfe\x3d\xd8"
			 "a\0"),
		 true,
		 "\xef\xbf\xbd"
		 "a"},
		{FILE_OF("\xff\xfe"
			 "a\0\x3d\xd8"),
		 true, "a\xef\xbf\xbd"},
		{FILE_OF("\xff\xfe\x00\xde"
			 "a\0b"),
		 true,
		 "\xef\xbf\xbd"
		 "a\xef\xbf\xbd"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char out[OUT_SIZE];
		size_t wanted = strlen(cases[i].text);
		size_t written;
		assert_int_equal(text_encoding_is_utf16(cases[i].file, cases[i].length),
				 cases[i].utf16);
		assert_int_equal(text_encoding_to_utf8(cases[i].file, cases[i].length, out, wanted,
						       &written),
				 0);
		assert_int_equal(written, wanted);
		assert_memory_equal(out, cases[i].text, wanted);
		assert_true(wanted <= TEXT_ENCODING_MAX(cases[i].length));
		if (wanted > 0) {
			assert_int_equal(text_encoding_to_utf8(cases[i].file, cases[i].length, out,
							       wanted - 1, &written),
					 FLAGSHIP_ERROR_BUFFER);
		}
	}
}

/* Zeros that fill up a text are no halves of characters. */
static void zeros_behind_a_text_make_it_no_utf16(void **state)
{
	(void)state;
	assert_false(text_encoding_is_utf16("a\0\0\0", 4));
	assert_false(text_encoding_is_utf16("a\0", 2));
	assert_false(text_encoding_is_utf16("\0\0\0\0", 4));
	assert_false(text_encoding_is_utf16("{}\0\0", 4));
}

static void knows_hex_digits(void **state)
{
	(void)state;
	for (int c = 0; c <= UINT8_MAX; c++) {
		const char *lower = c ? strchr(HEX_LOWER, c) : NULL;
		const char *upper = c ? strchr(HEX_UPPER, c) : NULL;
		int expected = -1;
		if (lower) {
			expected = (int)(lower - HEX_LOWER);
		} else if (upper) {
			expected = (int)(upper - HEX_UPPER);
		}
		assert_int_equal(hex_digit_value((char)c), expected);
	}
}

static void converts_hex_both_ways(void **state)
{
	static const uint8_t bytes[] = {0x00, 0x0f, 0xf0, 0x9a, 0xff};
	char text[2 * sizeof(bytes) + 1];
	uint8_t back[sizeof(bytes)];

	(void)state;
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, text);
	assert_string_equal(text, "000ff09aff");
	assert_true(hex_decode(text, back, sizeof(back)));
	assert_memory_equal(back, bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), HEX_UPPER, text);
	assert_string_equal(text, "000FF09AFF");
	assert_true(hex_decode(text, back, sizeof(back)));
	assert_memory_equal(back, bytes, sizeof(bytes));
	assert_false(hex_decode("0g", back, 1));
	assert_false(hex_decode("g0", back, 1));
	hex_encode(bytes, 0, HEX_LOWER, text);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_base64),
		cmocka_unit_test(refuses_what_is_no_base64),
		cmocka_unit_test(carries_base64_of_urls),
		cmocka_unit_test(counts_base64_characters),
		cmocka_unit_test(reads_texts_of_other_systems),
		cmocka_unit_test(zeros_behind_a_text_make_it_no_utf16),
		cmocka_unit_test(knows_hex_digits),
		cmocka_unit_test(converts_hex_both_ways),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
