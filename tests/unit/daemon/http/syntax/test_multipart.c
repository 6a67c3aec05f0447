/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/syntax/multipart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE     "multipart/form-data; boundary=xx"
#define LINE     "\r\n"
#define TEXT_MAX 4096

/* What came of a body, as text: "[name|file|type:content]". The last event is returned. */
static enum http_multipart_event read_in(const char *type, const char *body, size_t length,
					 size_t step, char out[TEXT_MAX])
{
	struct http_multipart multipart;
	enum http_multipart_event event = HTTP_MULTIPART_MORE;
	size_t written = 0;

	out[0] = '\0';
	assert_true(http_multipart_begin(&multipart, type));
	while (length > 0 && event == HTTP_MULTIPART_MORE) {
		size_t left = length < step ? length : step;
		/* In memory of its own, so that a tool sees who reads beyond. */
		char *piece = malloc(left);
		const char *bytes = piece;
		const char *data;
		size_t data_length;

		assert_non_null(piece);
		memcpy(piece, body, left);
		body += left;
		length -= left;
		do {
			event = http_multipart_take(&multipart, &bytes, &left, &data, &data_length);
			if (event == HTTP_MULTIPART_PART) {
				written += (size_t)snprintf(out + written, TEXT_MAX - written,
							    "[%s|%s%s|%s:", multipart.name,
							    multipart.is_file ? "@" : "",
							    multipart.file_name, multipart.type);
			} else if (event == HTTP_MULTIPART_DATA) {
				written += (size_t)snprintf(out + written, TEXT_MAX - written,
							    "%.*s", (int)data_length, data);
			} else if (event == HTTP_MULTIPART_PART_END) {
				written += (size_t)snprintf(out + written, TEXT_MAX - written, "]");
			}
		} while (event == HTTP_MULTIPART_PART || event == HTTP_MULTIPART_DATA ||
			 event == HTTP_MULTIPART_PART_END);
		free(piece);
	}
	return event;
}

#define PART(head, content) \
	"--xx" LINE "Content-Disposition: form-data; " head LINE LINE content LINE

static const struct {
	const char *body;
	const char *read; /* as read_in writes it */
} bodies[] = {
	{PART("name=\"a\"", "1") "--xx--", "[a||:1]"},
	{PART("name=a", "") "--xx--" LINE, "[a||:]"},
	{"preamble" LINE PART("name=\"a\"", "1") "--xx--" LINE "epilogue", "[a||:1]"},
	{PART("name=\"print\"", "true") PART("name=\"file\"; filename=\"x.gcode\"" LINE
					     "Content-Type: application/octet-stream",
					     "G28" LINE LINE "G1") "--xx--" LINE,
	 "[print||:true][file|@x.gcode|application/octet-stream:G28" LINE LINE "G1]"},
	{"--xx \t" LINE "CONTENT-DISPOSITION:form-data;name=\"a\"" LINE LINE "1" LINE "--xx--",
	 "[a||:1]"},
	{PART("name=\"a\"", "--xx" LINE "-" LINE "--x") "--xx--", "[a||:--xx" LINE "-" LINE "--x]"},
	{PART("name=\"a\"", LINE LINE "--x" LINE "-" LINE "--") "--xx--",
	 "[a||:" LINE LINE "--x" LINE "-" LINE "--]"},
	{PART("name=\"a\"", "\r\r\n\r\r\n-\r") "--xx--", "[a||:\r\r\n\r\r\n-\r]"},
	{PART("name=\"a\"; filename=\"\"", "") "--xx--", "[a|@|:]"},
	{PART("filename=\"a;name=b\"; name=\"c\"", "1") "--xx--", "[c|@a;name=b|:1]"},
	{PART("name=\"a\"; filename=\"q\\\"q\\\\C:\\x\"", "1") "--xx--", "[a|@q\"q\\C:\\x|:1]"},
	{PART("name=\"a\"; filename=\"x\"; filename*=UTF-8''na%C3%AFve%20x", "1") "--xx--",
	 "[a|@na\xc3\xafve x|:1]"},
};

static void parts_are_read_in_any_pieces(void **state)
{
	char out[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		size_t length = strlen(bodies[i].body);

		for (size_t step = 1; step <= length; step++) {
			enum http_multipart_event event = read_in(TYPE, bodies[i].body, length,
								  step, out);

			if (event != HTTP_MULTIPART_END || strcmp(out, bodies[i].read) != 0) {
				fail_msg("in %zu: %s is not %s", step, out, bodies[i].read);
			}
		}
	}
}

static const char *const broken[] = {
	"--xx" LINE LINE "1" LINE "--xx--" LINE LINE "x" LINE LINE,
	"--xx" LINE "Content-Type: text/plain" LINE LINE "1",
	PART("", "1"),
	PART("name=\"a", "1"),
	PART("name=\"a\"; filename=\"b", "1"),
	PART("name=\"a\"; filename*=latin1''b", "1"),
	PART("name=\"a\"; filename*=UTF-8''b%0", "1"),
	PART("name=\"a\"; filename*=UTF-8''b%00", "1"),
	"--xxx" LINE,
	"--xx-" LINE,
	"--xx\rx",
};

static void what_is_no_part_is_refused(void **state)
{
	char out[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		if (read_in(TYPE, broken[i], strlen(broken[i]), 3, out) != HTTP_MULTIPART_BROKEN) {
			fail_msg("%s", broken[i]);
		}
	}
}

static void half_a_body_is_awaited(void **state)
{
	const char *body = PART("name=\"a\"", "1") "--xx--";
	char out[TEXT_MAX];

	(void)state;
	for (size_t length = 1; length < strlen(body); length++) {
		assert_int_equal(read_in(TYPE, body, length, 2, out), HTTP_MULTIPART_MORE);
	}
}

static void what_is_too_long_is_refused(void **state)
{
	static const char *const starts[] = {
		"",
		"--xx",
		"--xx" LINE "A: ",
		"--xx" LINE "Content-Disposition: form-data; name=\"",
	};
	size_t size = 100000;
	char *body = malloc(size);
	char out[TEXT_MAX];

	(void)state;
	assert_non_null(body);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		memset(body, ' ', size);
		memcpy(body, starts[i], strlen(starts[i]));
		assert_int_equal(read_in(TYPE, body, size, 1000, out), HTTP_MULTIPART_BROKEN);
	}
	free(body);
}

static void boundaries_are_found(void **state)
{
	static const char *const good[] = {
		"multipart/form-data; boundary=x",
		"Multipart/Form-Data;charset=utf-8; Boundary=\"a b:c\"",
		"multipart/form-data; x=\"boundary=no\"; boundary=x",
	};
	static const char *const bad[] = {
		"multipart/form-data",
		"multipart/form-data; boundary=",
		"multipart/form-data; boundary=\"x",
		"multipart/mixed; boundary=x",
		"multipart/form-data; boundary=1234567890123456789012345678901234567890123456789012"
		"3456789012345678901",
		"text/plain",
	};
	struct http_multipart multipart;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(http_multipart_begin(&multipart, good[i]));
	}
	assert_string_equal(multipart.delimiter, "\r\n--x");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *bytes = "--x";
		const char *data;
		size_t length = 3;
		size_t data_length;

		assert_false(http_multipart_begin(&multipart, bad[i]));
		assert_int_equal(
			http_multipart_take(&multipart, &bytes, &length, &data, &data_length),
			HTTP_MULTIPART_BROKEN);
	}
	assert_false(http_multipart_begin(&multipart, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_read_in_any_pieces),
		cmocka_unit_test(what_is_no_part_is_refused),
		cmocka_unit_test(half_a_body_is_awaited),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(boundaries_are_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
