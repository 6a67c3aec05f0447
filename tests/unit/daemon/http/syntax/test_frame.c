/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/syntax/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 300
#define OUT_MAX     4096
#define MASK        "\x11\x22\x33\x44"

/* A frame as a client sends it. */
static size_t put(char *out, unsigned int first, const char *payload, size_t length)
{
	static const char mask[] = MASK;
	size_t size = http_frame_head((uint8_t *)out, HTTP_OPCODE_TEXT, length);

	out[0] = (char)first;
	out[1] = (char)((unsigned char)out[1] | 0x80);
	memcpy(out + size, mask, 4);
	size += 4;
	for (size_t i = 0; i < length; i++) {
		out[size + i] = (char)(payload[i] ^ mask[i % 4]);
	}
	return size + length;
}

/* What was read, as text: "1:content;" for each piece that ends, "+" for others. */
static enum http_frame_event read_in(const char *bytes, size_t length, size_t step,
				     char out[OUT_MAX], enum http_close *code)
{
	struct http_frame_reader reader = {.message_max = MESSAGE_MAX};
	enum http_frame_event event = HTTP_FRAME_MORE;
	size_t written = 0;

	out[0] = '\0';
	while (length > 0 && event == HTTP_FRAME_MORE) {
		size_t left = length < step ? length : step;
		char *copy = malloc(left);
		char *at = copy;
		struct http_frame_piece piece;

		assert_non_null(copy);
		memcpy(copy, bytes, left);
		bytes += left;
		length -= left;
		while ((event = http_frame_take(&reader, &at, &left, &piece)) == HTTP_FRAME_DATA ||
		       event == HTTP_FRAME_CONTROL) {
			written += (size_t)snprintf(out + written, OUT_MAX - written, "%.*s%s",
						    (int)piece.length, piece.bytes,
						    piece.ends ? ";" : "");
			if (event == HTTP_FRAME_CONTROL) {
				written += (size_t)snprintf(out + written, OUT_MAX - written, "^%x",
							    piece.opcode);
			}
		}
		free(copy);
	}
	*code = reader.code;
	return event;
}

static void check(const char *bytes, size_t length, const char *expected, int code)
{
	char out[OUT_MAX];
	enum http_close got;

	for (size_t step = 1; step <= length; step++) {
		enum http_frame_event event = read_in(bytes, length, step, out, &got);

		assert_int_equal(event, code ? HTTP_FRAME_BROKEN : HTTP_FRAME_MORE);
		assert_int_equal(got, code);
		if (expected) {
			assert_string_equal(out, expected);
		}
	}
}

static void messages_are_read_in_any_pieces(void **state)
{
	char bytes[OUT_MAX];
	size_t length = put(bytes, 0x81, "hello", 5);

	(void)state;
	length += put(bytes + length, 0x02, "a", 1);
	length += put(bytes + length, 0x89, "ping", 4);
	length += put(bytes + length, 0x00, "", 0);
	length += put(bytes + length, 0x80, "b", 1);
	length += put(bytes + length, 0x81, "", 0);
	length += put(bytes + length, 0x88, "", 0);
	check(bytes, length, "hello;aping;^9b;;;^8", 0);
}

static void longer_ones_have_longer_lengths(void **state)
{
	char payload[MESSAGE_MAX + 1];
	char bytes[OUT_MAX];

	(void)state;
	memset(payload, 'x', sizeof(payload));
	for (size_t length = 120; length < 130; length++) {
		char expected[256];

		snprintf(expected, sizeof(expected), "%.*s;", (int)length, payload);
		check(bytes, put(bytes, 0x81, payload, length), expected, 0);
	}
	check(bytes, put(bytes, 0x81, payload, MESSAGE_MAX), NULL, 0);
	check(bytes, put(bytes, 0x81, payload, MESSAGE_MAX + 1), "", HTTP_CLOSE_TOO_LARGE);
}

static void a_message_of_many_frames_is_bounded(void **state)
{
	char payload[MESSAGE_MAX];
	char bytes[OUT_MAX];
	size_t length;

	(void)state;
	memset(payload, 'x', sizeof(payload));
	length = put(bytes, 0x01, payload, MESSAGE_MAX - 1);
	length += put(bytes + length, 0x00, payload, 1);
	check(bytes, length, NULL, 0);
	length += put(bytes + length, 0x00, payload, 1);
	check(bytes, length, NULL, HTTP_CLOSE_TOO_LARGE);
	memcpy(bytes, "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff" MASK, 14);
	check(bytes, 14, "", HTTP_CLOSE_TOO_LARGE);
}

static void what_is_no_frame_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} bad[] = {
		{"\x81\x00", 2},                       /* not masked */
		{"\x80\x80" MASK, 6},                  /* goes on with nothing */
		{"\x01\x80" MASK "\x01\x80" MASK, 12}, /* another one within */
		{"\xc1\x80" MASK, 6},                  /* a reserved bit */
		{"\x83\x80" MASK, 6},                  /* a reserved opcode */
		{"\x8b\x80" MASK, 6},
		{"\x09\x80" MASK, 6},         /* a control frame in pieces */
		{"\x89\xfe\x00\x7e" MASK, 8}, /* a long one */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		check(bad[i].bytes, bad[i].length, NULL, HTTP_CLOSE_PROTOCOL);
	}
}

static void codes_of_close_frames(void **state)
{
	(void)state;
	assert_int_equal(http_close_code("", 0), HTTP_CLOSE_NONE);
	assert_int_equal(http_close_code("\x03", 1), 0);
	assert_int_equal(http_close_code("\x03\xe8", 2), 1000);
	assert_int_equal(http_close_code("\x0f\xa0why", 5), 4000);
	assert_int_equal(http_close_code("\x03\xe7", 2), 0);
	assert_int_equal(http_close_code("\x03\xed", 2), 0);
	assert_int_equal(http_close_code("\x03\xee", 2), 0);
	assert_int_equal(http_close_code("\x07\xd0", 2), 0);
	assert_int_equal(http_close_code("\x13\x88", 2), 0);
}

static void keys_are_answered(void **state)
{
	char out[HTTP_ACCEPT_KEY_SIZE];

	(void)state;
	/* RFC 6455, 1.3 */
	assert_true(http_accept_key("dGhlIHNhbXBsZSBub25jZQ==", out));
	assert_string_equal(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	assert_false(http_accept_key("short", out));
	assert_false(http_accept_key("dGhlIHNhbXBsZSBub25jZQ===", out));
	assert_false(http_accept_key("dGhlIHNhbXBsZSBub25jZQaa", out));
	assert_false(http_accept_key(NULL, out));
}

static void heads_of_our_own(void **state)
{
	uint8_t out[HTTP_FRAME_OWN_MAX];

	(void)state;
	assert_int_equal(http_frame_head(out, HTTP_OPCODE_TEXT, 125), 2);
	assert_memory_equal(out, "\x81\x7d", 2);
	assert_int_equal(http_frame_head(out, HTTP_OPCODE_BINARY, 126), 4);
	assert_memory_equal(out, "\x82\x7e\x00\x7e", 4);
	assert_int_equal(http_frame_head(out, HTTP_OPCODE_TEXT, 65536), 10);
	assert_memory_equal(out, "\x81\x7f\0\0\0\0\0\1\0\0", 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_read_in_any_pieces),
		cmocka_unit_test(longer_ones_have_longer_lengths),
		cmocka_unit_test(a_message_of_many_frames_is_bounded),
		cmocka_unit_test(what_is_no_frame_is_refused),
		cmocka_unit_test(codes_of_close_frames),
		cmocka_unit_test(keys_are_answered),
		cmocka_unit_test(heads_of_our_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
