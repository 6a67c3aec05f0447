/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/text.h>

#include "base/text.h"

#include <string.h>

#define OUT_SIZE    64
#define REPLACEMENT "\xef\xbf\xbd"

struct text_case {
	const char *data;
	bool escaped;
	const char *plain;
};

static const struct text_case cases[] = {
	{"", false, ""},
	{"b\xc3\xa2teau", false, "b\xc3\xa2teau"},
	{"\\n", false, "\\n"},
	{"B\\u00e2teau \\\"\\u00e9t\\u00e9\\\" \\u8239", true,
	 "B\xc3\xa2teau \"\xc3\xa9t\xc3\xa9\" \xe8\x88\xb9"},
	{"\\\\ \\/ \\b\\f\\n\\r\\t", true, "\\ / \b\f\n\r\t"},
	{"\\uD83D\\uDE00", true, "\xf0\x9f\x98\x80"},
	{"\\ud83d", true, REPLACEMENT},
	{"\\ud83dx", true, REPLACEMENT "x"},
	{"\\ud83d\\u0041", true, REPLACEMENT "A"},
	{"\\ude00\\ud83d", true, REPLACEMENT REPLACEMENT},
	{"a\\u0000b", true, "a" REPLACEMENT "b"},
	{"\xff", false, REPLACEMENT},
	{"\xc3", false, REPLACEMENT},
	{"\xc3(", false, REPLACEMENT "("},
	{"\xc0\xaf", false, REPLACEMENT REPLACEMENT},
	{"\xe0\x80\xaf", false, REPLACEMENT REPLACEMENT REPLACEMENT},
	{"\xed\xa0\x80", false, REPLACEMENT REPLACEMENT REPLACEMENT},
	{"\xf4\x90\x80\x80", false, REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT},
	{"\xf4\x8f\xbf\xbf", false, "\xf4\x8f\xbf\xbf"},
	{"\\", true, REPLACEMENT},
	{"\\u12", true, REPLACEMENT},
};

static struct flagship_text text_of(const struct text_case *c)
{
	struct flagship_text text = flagship_text_from(c->data);

	text.escaped = c->escaped;
	return text;
}

static void copies_as_valid_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[OUT_SIZE];
		size_t length = flagship_text_copy(text_of(&cases[i]), out, sizeof(out));
		assert_string_equal(out, cases[i].plain);
		assert_int_equal(length, strlen(cases[i].plain));
	}
}

static void cuts_at_a_character(void **state)
{
	struct flagship_text text = flagship_text_from("a\xc3\xa9\xe8\x88\xb9z");
	static const char *const expected[] = {"",
					       "",
					       "a",
					       "a",
					       "a\xc3\xa9",
					       "a\xc3\xa9",
					       "a\xc3\xa9",
					       "a\xc3\xa9\xe8\x88\xb9",
					       "a\xc3\xa9\xe8\x88\xb9z"};

	(void)state;
	for (size_t capacity = 0; capacity < sizeof(expected) / sizeof(expected[0]); capacity++) {
		char out[OUT_SIZE] = "";
		out[capacity] = '#';
		assert_int_equal(flagship_text_copy(text, out, capacity), text.length);
		assert_int_equal(out[capacity], '#');
		if (capacity > 0) {
			assert_string_equal(out, expected[capacity]);
		}
	}
}

static void compares_unescaped(void **state)
{
	struct text_case name = {"\\u0061\\\"\\u00e9", true, NULL};

	(void)state;
	assert_true(flagship_text_equals(text_of(&name), "a\"\xc3\xa9"));
	assert_false(flagship_text_equals(text_of(&name), "a\"\xc3\xa9z"));
	assert_false(flagship_text_equals(text_of(&name), "a\""));
	assert_false(flagship_text_equals(text_of(&name), "b\"\xc3\xa9"));
	assert_true(flagship_text_equals(flagship_text_from("PLA"), "PLA"));
	assert_false(flagship_text_equals(flagship_text_from("PLA"), "PLA+"));
	assert_false(flagship_text_equals(flagship_text_from("PLA"), "ABS"));
}

struct array_case {
	const char *json;
	size_t count;
};

static void walks_arrays_of_strings(void **state)
{
	static const struct array_case arrays[] = {
		{"[\"PLA\",\"PETG\"]", 2},
		{"[ \"PLA\" , \"PETG\" , \"x\" ]", 3},
		{"[]", 0},
		{"[1]", 0},
		{"[\"PLA\",1,\"x\"]", 1},
		{"{\"a\":1}", 0},
		{"", 0},
		{"[\"PLA\"", 1},
		{"\"PLA\"", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		struct flagship_json cursor = {arrays[i].json, (uint32_t)strlen(arrays[i].json)};
		struct flagship_text text;
		size_t count = 0;
		while (flagship_json_next_text(&cursor, &text)) {
			count++;
		}
		assert_int_equal(count, arrays[i].count);
	}
}

static void encodes_what_it_decodes(void **state)
{
	static const uint32_t characters[] = {1,      0x7f,   0x80,   0x7ff,   0x800,
					      0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};

	(void)state;
	for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
		char bytes[UTF8_BYTES_MAX];
		uint32_t back;
		size_t length = utf8_encode(characters[i], bytes);
		assert_int_equal(utf8_decode(bytes, length, &back), length);
		assert_int_equal(back, characters[i]);
		for (size_t cut = 1; cut < length; cut++) {
			assert_int_equal(utf8_decode(bytes, cut, &back), 1);
			assert_int_equal(back, UTF8_REPLACEMENT);
		}
	}
}

/* Each byte at each place of texts of each length, so that each is once in a word and once in what
 * is left. */
static void finds_where_plain_text_ends(void **state)
{
	char text[20];

	(void)state;
	for (unsigned int byte = 0; byte <= UINT8_MAX; byte++) {
		bool printable = byte >= ' ' && byte <= '~';
		bool literal = printable && byte != '"' && byte != '\\';

		for (size_t length = 1; length <= sizeof(text); length++) {
			for (size_t at = 0; at < length; at++) {
				memset(text, 'a', sizeof(text));
				text[at] = (char)byte;
				assert_int_equal(text_ascii_span(text, length),
						 printable ? length : at);
				assert_int_equal(text_literal_span(text, length),
						 literal ? length : at);
			}
		}
	}
	assert_int_equal(text_ascii_span(text, 0), 0);
	assert_int_equal(text_literal_span(text, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_as_valid_utf8),
		cmocka_unit_test(cuts_at_a_character),
		cmocka_unit_test(compares_unescaped),
		cmocka_unit_test(walks_arrays_of_strings),
		cmocka_unit_test(encodes_what_it_decodes),
		cmocka_unit_test(finds_where_plain_text_ends),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
