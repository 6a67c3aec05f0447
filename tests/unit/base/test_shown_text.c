/* SPDX-License-Identifier: MIT */
#include "base/shown_text.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SIZE        64
#define REPLACEMENT "\xef\xbf\xbd"

static const struct {
	const char *text;
	const char *shown;
} texts[] = {
	{"plain", "plain"},
	{"", ""},
	{"a\033[2Jb", "a" REPLACEMENT "[2Jb"},
	{"a\tb\r\n", "a" REPLACEMENT "b" REPLACEMENT REPLACEMENT},
	{"\x7f", REPLACEMENT},
	/* C1, as UTF-8 and raw. */
	{"\xc2\x80\xc2\x9b"
	 "31m\xc2\x9f",
	 REPLACEMENT REPLACEMENT "31m" REPLACEMENT},
	{"\x9b"
	 "31m",
	 REPLACEMENT "31m"},
	/* ESC written too long, which some decoders take. */
	{"\xc0\x9b", REPLACEMENT REPLACEMENT},
	{"\xe0\x80\x9b", REPLACEMENT REPLACEMENT REPLACEMENT},
	/* Cut. */
	{"a\xe2\x82", "a" REPLACEMENT REPLACEMENT},
	{"\xf0\x9f\x98", REPLACEMENT REPLACEMENT REPLACEMENT},
	/* A surrogate, and beyond the last character. */
	{"\xed\xa0\x80", REPLACEMENT REPLACEMENT REPLACEMENT},
	{"\xf4\x90\x80\x80", REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT},
	/* What turns the order: U+202E, U+2066, U+200F, U+061C; and U+2028, U+200B, U+FEFF. */
	{"\xe2\x80\xae", REPLACEMENT},
	{"\xe2\x81\xa6", REPLACEMENT},
	{"\xe2\x80\x8f", REPLACEMENT},
	{"\xd8\x9c", REPLACEMENT},
	{"\xe2\x80\xa8", REPLACEMENT},
	{"\xe2\x80\x8b", REPLACEMENT},
	{"\xef\xbb\xbf", REPLACEMENT},
	{"\xf3\xa0\x81\x81", REPLACEMENT}, /* a tag */
	/* Of every other people. */
	{"\xc3\x9f \xe8\x88\xb9 \xd9\x85 \xf0\x9f\x98\x80 \xc2\xa0",
	 "\xc3\x9f \xe8\x88\xb9 \xd9\x85 "
	 "\xf0\x9f\x98\x80 \xc2\xa0"},
	{"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
	 "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"},
};

static void shows_what_is_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char out[SIZE];
		size_t length = strlen(texts[i].text);

		assert_int_equal(shown_text_copy(texts[i].text, length, out, sizeof(out)),
				 strlen(texts[i].shown));
		assert_string_equal(out, texts[i].shown);
		assert_int_equal(shown_text_is_clean(texts[i].text, length),
				 strcmp(texts[i].text, texts[i].shown) == 0);
	}
}

static void cuts_at_a_character(void **state)
{
	char out[] = "......";

	(void)state;
	assert_int_equal(shown_text_copy("ab\033\033", 4, out, 6), 8);
	assert_string_equal(out, "ab" REPLACEMENT);
	assert_int_equal(shown_text_copy("ab\033\033", 4, out, 5), 8);
	assert_string_equal(out, "ab");
	assert_int_equal(shown_text_copy("ab", 2, out, 0), 2);
	assert_string_equal(out, "ab");
	assert_int_equal(shown_text_copy("a\0b", 3, out, 6), 5);
	assert_string_equal(out, "a" REPLACEMENT "b");
}

/* The list, character by character. */
static bool is_named(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void refuses_each_that_commands(void **state)
{
	size_t refused = 0;

	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		refused += !shown_text_is_plain(c);
		if (is_named(c)) {
			assert_false(shown_text_is_plain(c));
		}
	}
	/* The rest are letters and signs: not more are refused than the header says. */
	assert_true(refused < 0x800 + 0x1000 + 256);
	assert_true(shown_text_is_plain(0xa0));
	assert_true(shown_text_is_plain(0x2027));
	assert_true(shown_text_is_plain(0x202f));
	assert_true(shown_text_is_plain(UTF8_REPLACEMENT));
}

static void escapes_as_json(void **state)
{
	char out[SHOWN_TEXT_ESCAPE_MAX];

	(void)state;
	assert_int_equal(shown_text_escape(0x1b, out), 6);
	assert_memory_equal(out, "\\u001b", 6);
	assert_int_equal(shown_text_escape(0x202e, out), 6);
	assert_memory_equal(out, "\\u202e", 6);
	assert_int_equal(shown_text_escape(0xe0041, out), 12);
	assert_memory_equal(out, "\\udb40\\udc41", 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_what_is_plain),
		cmocka_unit_test(cuts_at_a_character),
		cmocka_unit_test(refuses_each_that_commands),
		cmocka_unit_test(escapes_as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
