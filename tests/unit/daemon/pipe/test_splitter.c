/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/pipe/splitter.h"

#include <string.h>

#define END '|'
#define MAX 5

static void put(struct splitter *splitter, const char *bytes, size_t length)
{
	char *room = splitter_room(splitter, length);

	assert_non_null(room);
	memcpy(room, bytes, length);
	splitter_add(splitter, length);
}

/* Appends what is given out, a comma behind each; "!" where one is too long. */
static enum splitter_result take_all(struct splitter *splitter, char *out)
{
	enum splitter_result result;
	const char *text;
	size_t length;

	while ((result = splitter_next(splitter, END, MAX, &text, &length)) == SPLITTER_TEXT) {
		strncat(out, text, length);
		strcat(out, ",");
	}
	if (result == SPLITTER_TOO_LONG) {
		strcat(out, "!");
	}
	return result;
}

static void test_the_same_in_whatever_pieces(void **state)
{
	static const struct {
		const char *bytes;
		const char *texts;
	} cases[] = {
		{"", ""},
		{"a", ""},
		{"|", ","},
		{"a|", "a,"},
		{"||", ",,"},
		{"a|b", "a,"},
		{"ab|c|de|", "ab,c,de,"},
		{"abcde|", "abcde,"},
		{"abcdef|", "!"},
		{"abcdef", "!"},
		{"a|abcdefgh", "a,!"},
		{"a|abcdef|b|", "a,!"},
		{"abcde|abcde|abcde|abcde|", "abcde,abcde,abcde,abcde,"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t length = strlen(cases[i].bytes);

		for (size_t piece = 1; piece <= length + 1; piece++) {
			struct splitter splitter = {0};
			enum splitter_result result = SPLITTER_MORE;
			char out[64] = "";

			print_message("# \"%s\" by %zu\n", cases[i].bytes, piece);
			for (size_t at = 0; at < length && result == SPLITTER_MORE; at += piece) {
				size_t left = length - at;

				put(&splitter, cases[i].bytes + at, left < piece ? left : piece);
				result = take_all(&splitter, out);
			}
			assert_string_equal(out, cases[i].texts);
			splitter_finish(&splitter);
		}
	}
}

/* Who is paused between two texts keeps the rest, and gets it behind what came meanwhile. */
static void test_what_is_not_taken_stays(void **state)
{
	struct splitter splitter = {0};
	const char *text;
	size_t length;
	char out[64] = "";

	(void)state;
	put(&splitter, "a|b|c", 5);
	assert_int_equal(splitter_next(&splitter, END, MAX, &text, &length), SPLITTER_TEXT);
	assert_int_equal(length, 1);
	put(&splitter, "d|e", 3);
	assert_int_equal(take_all(&splitter, out), SPLITTER_MORE);
	assert_string_equal(out, "b,cd,");
	put(&splitter, "|", 1);
	assert_int_equal(take_all(&splitter, out), SPLITTER_MORE);
	assert_string_equal(out, "b,cd,e,");
	splitter_finish(&splitter);
}

/* However much comes, no more is kept than is not given out, and the room that was asked for. */
static void test_it_keeps_no_more_than_it_must(void **state)
{
	struct splitter splitter = {0};
	char out[64] = "";

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		put(&splitter, "abc|", 4);
		out[0] = '\0';
		assert_int_equal(take_all(&splitter, out), SPLITTER_MORE);
		assert_string_equal(out, "abc,");
	}
	assert_in_range(splitter.capacity, 4, 16);
	/* A NUL is a byte like others. */
	put(&splitter, "\0|", 2);
	const char *text;
	size_t length;
	assert_int_equal(splitter_next(&splitter, END, MAX, &text, &length), SPLITTER_TEXT);
	assert_int_equal(length, 1);
	assert_int_equal(text[0], '\0');
	splitter_finish(&splitter);
	splitter_finish(&splitter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_in_whatever_pieces),
		cmocka_unit_test(test_what_is_not_taken_stays),
		cmocka_unit_test(test_it_keeps_no_more_than_it_must),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
