/* SPDX-License-Identifier: MIT */
#include "video/parts.h"

#include <flagship/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TYPE      "multipart/x-mixed-replace; boundary=frame"
#define ONE       "\xff\xd8one"
#define TWO       "\xff\xd8two\r\n-frame\n"
#define SEEN_SIZE 256

/* What came, each behind a bar. */
struct seen {
	char text[SEEN_SIZE];
	size_t length;
};

static void on_picture(void *context, const uint8_t *jpeg, size_t length)
{
	struct seen *seen = context;

	assert_true(seen->length + length + 1 < sizeof(seen->text));
	seen->text[seen->length++] = '|';
	memcpy(seen->text + seen->length, jpeg, length);
	seen->length += length;
	seen->text[seen->length] = '\0';
}

static int read_in_pieces(const char *type, const char *text, size_t length, size_t piece,
			  struct seen *seen)
{
	struct parts_reader reader;
	int error = parts_init(&reader, type, on_picture, seen);

	for (size_t at = 0; !error && at < length; at += piece) {
		size_t some = length - at < piece ? length - at : piece;

		error = parts_feed(&reader, (const uint8_t *)text + at, some);
	}
	parts_finish(&reader);
	return error;
}

/* Whatever pieces it comes in. */
static void expect(const char *type, const char *text, const char *pictures)
{
	for (size_t piece = 1; piece <= strlen(text); piece++) {
		struct seen seen = {0};

		assert_int_equal(read_in_pieces(type, text, strlen(text), piece, &seen), 0);
		assert_string_equal(seen.text, pictures);
	}
}

static void test_pictures_with_a_length(void **state)
{
	(void)state;
	expect(TYPE,
	       "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 5\r\n\r\n" ONE
	       "\r\n--frame\r\ncontent-length:14\r\nContent-Type:image/jpg\r\n\r\n" TWO
	       "\r\n--frame--\r\n",
	       "|" ONE "|" TWO);
}

static void test_pictures_without_a_length_end_with_a_boundary(void **state)
{
	(void)state;
	expect(TYPE,
	       "\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n" ONE "\r\n--frame\r\n\r\n" TWO
	       "\r\n--frame--\r\n",
	       "|" ONE "|" TWO);
}

static void test_ways_to_say_a_boundary(void **state)
{
	static const char *const types[] = {
		TYPE,
		"multipart/x-mixed-replace;boundary=--frame",
		"Multipart/X-Mixed-Replace; Boundary=\"frame\"; charset=x",
		"multipart/x-mixed-replace; a=b; boundary=----frame",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		expect(types[i], "--frame\n\n" ONE "\n--frame\n", "|" ONE);
		expect(types[i], "----frame\nContent-Length: 5\n\n" ONE "----frame\n", "|" ONE);
	}
}

static void test_what_is_no_picture_is_passed_over(void **state)
{
	(void)state;
	expect(TYPE,
	       "preamble\r\n--frame\r\nContent-Type: text/html\r\n\r\n" ONE
	       "\r\n--frame\r\n\r\nno JPEG\r\n--frame\r\n--frame\r\n\r\n" ONE "\r\n--frame\r\n",
	       "|" ONE);
}

static void test_what_is_no_stream_of_pictures(void **state)
{
	static const char *const types[] = {
		"text/html",
		"multipart/x-mixed-replace",
		"multipart/form-data; boundary=frame",
		"multipart/x-mixed-replace; boundary=",
		"multipart/x-mixed-replace; boundary=--",
		"multipart/x-mixed-replace; boundary=\"\"",
		"multipart/x-mixed-replace; "
		"boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"",
	};
	struct parts_reader reader;
	(void)state;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		assert_int_equal(parts_init(&reader, types[i], on_picture, NULL),
				 FLAGSHIP_ERROR_ARGUMENT);
	}
}

static int feed_much(const char *head, char filler, size_t count)
{
	struct seen seen = {0};
	size_t length = strlen(head) + count;
	char *text = malloc(length);

	assert_non_null(text);
	memcpy(text, head, strlen(head));
	memset(text + strlen(head), filler, count);
	int error = read_in_pieces(TYPE, text, length, length, &seen);
	free(text);
	assert_int_equal(seen.length, 0);
	return error;
}

static void test_bounds(void **state)
{
	(void)state;
	assert_int_equal(feed_much("", 'x', PARTS_LINE_MAX - 1), 0);
	assert_int_equal(feed_much("", 'x', PARTS_LINE_MAX), FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(feed_much("", '\n', PARTS_LINES_MAX), 0);
	assert_int_equal(feed_much("", '\n', PARTS_LINES_MAX + 1), FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(feed_much("--frame\n\n", 'x', PARTS_PICTURE_MAX), 0);
	assert_int_equal(feed_much("--frame\n\n", 'x', PARTS_PICTURE_MAX + 1),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(feed_much("--frame\ncontent-length: 8388608\n\n", 'x', 1), 0);
	assert_int_equal(feed_much("--frame\ncontent-length: 8388609\n\n", 'x', 0),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(feed_much("--frame\ncontent-length: 99999999999999999999999\n\n", 'x', 0),
			 FLAGSHIP_ERROR_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pictures_with_a_length),
		cmocka_unit_test(test_pictures_without_a_length_end_with_a_boundary),
		cmocka_unit_test(test_ways_to_say_a_boundary),
		cmocka_unit_test(test_what_is_no_picture_is_passed_over),
		cmocka_unit_test(test_what_is_no_stream_of_pictures),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
