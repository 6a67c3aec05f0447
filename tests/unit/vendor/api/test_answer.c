/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vendor/api/answer.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

struct envelope_case {
	const char *body;
	int error;
	int64_t code;
	const char *message;
	const char *data;
};

static const struct envelope_case envelopes[] = {
	{"{\"code\":0,\"msg\":\"Succeed.\",\"data\":[1,2]}", 0, 0, "Succeed.", "[1,2]"},
	{" {\"data\" : null , \"code\" : 7 } \n", 0, 7, "", "null"},
	{"{\"code\":\"26006\",\"message\":\"no\"}", 0, 26006, "no", ""},
	{"{\"code\":-1,\"msg\":5}", 0, -1, "", ""},
	{"{\"code\":1,\"msg\":\"a\\u001b[31m\\nb\\u007f\"}", 0, 1, "a [31m b ", ""},
	{"", FLAGSHIP_ERROR_JSON, 0, NULL, NULL},
	{"{}", FLAGSHIP_ERROR_JSON, 0, NULL, NULL},
	{"[]", FLAGSHIP_ERROR_JSON, 0, NULL, NULL},
	{"{\"code\":0}x", FLAGSHIP_ERROR_JSON, 0, NULL, NULL},
	{"{\"code\":0", FLAGSHIP_ERROR_JSON, 0, NULL, NULL},
	{"{\"code\":1.5}", FLAGSHIP_ERROR_JSON, 0, NULL, NULL},
	{"{\"code\":null}", FLAGSHIP_ERROR_JSON, 0, NULL, NULL},
	{"{\"code\":0,\"data\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}", FLAGSHIP_ERROR_TOO_DEEP, 0,
	 NULL, NULL},
};

static void reads_envelopes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(envelopes) / sizeof(envelopes[0]); i++) {
		const struct envelope_case *expected = &envelopes[i];
		struct vendor_envelope envelope;

		memset(&envelope, 'Z', sizeof(envelope));
		assert_int_equal(
			vendor_answer_read(expected->body, strlen(expected->body), &envelope),
			expected->error);
		if (expected->error) {
			assert_int_equal(envelope.message[0], 'Z');
			continue;
		}
		assert_int_equal(envelope.code, expected->code);
		assert_string_equal(envelope.message, expected->message);
		assert_int_equal(envelope.data.length, strlen(expected->data));
		assert_memory_equal(envelope.data.data ? envelope.data.data : "", expected->data,
				    strlen(expected->data));
	}
}

static void cuts_a_long_message_at_a_character(void **state)
{
	char body[2 * VENDOR_MESSAGE_MAX] = "{\"code\":1,\"msg\":\"";
	struct vendor_envelope envelope;

	(void)state;
	for (int i = 0; i < VENDOR_MESSAGE_MAX / 2; i++) {
		strcat(body, "\xc3\xa9");
	}
	strcat(body, "\"}");
	assert_int_equal(vendor_answer_read(body, strlen(body), &envelope), 0);
	assert_int_equal(strlen(envelope.message), VENDOR_MESSAGE_MAX - 2);
}

struct expiry_case {
	long status;
	int64_t code;
	const char *message;
	bool expired;
};

static void knows_an_expired_token(void **state)
{
	static const struct expiry_case cases[] = {
		{200, 0, "", false},
		{401, 0, "", true},
		{401, 5, "anything", true},
		{200, 401, "", true},
		{200, 26084, "", true},
		{200, 9, "Token has EXPIRED", true},
		{200, 9, "invalid token", true},
		{200, 9, "token", false},
		{200, 9, "invalid e-mail", false},
		{200, 0, "invalid token", false},
		{403, 9, "forbidden", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vendor_envelope envelope = {.code = cases[i].code};

		strcpy(envelope.message, cases[i].message);
		assert_int_equal(vendor_answer_token_expired(cases[i].status, &envelope),
				 cases[i].expired);
	}
}

static struct flagship_json json(const char *text)
{
	return (struct flagship_json){text, (uint32_t)strlen(text)};
}

static void reads_a_captcha(void **state)
{
	struct vendor_captcha captcha;
	struct flagship_json data = json("{\"captcha_id\":\"abc\","
					 "\"item\":\"data:image\\/png;base64,iVBORw==\"}");

	(void)state;
	assert_true(vendor_answer_wants_captcha(data));
	assert_int_equal(vendor_captcha_read(data, &captcha), 0);
	assert_string_equal(captcha.id, "abc");
	assert_string_equal(captcha.media_type, "image/png");
	assert_int_equal(captcha.size, 4);
	assert_memory_equal(captcha.picture, "\x89PNG", 4);
	vendor_captcha_finish(&captcha);
	vendor_captcha_finish(&captcha);
}

static void refuses_what_is_no_captcha(void **state)
{
	static const char *const texts[] = {
		"",
		"null",
		"[]",
		"{}",
		"{\"captcha_id\":\"\",\"item\":\"data:image/png;base64,AAAA\"}",
		"{\"captcha_id\":5,\"item\":\"data:image/png;base64,AAAA\"}",
		"{\"captcha_id\":\"a\"}",
		"{\"captcha_id\":\"a\",\"item\":7}",
		"{\"captcha_id\":\"a\",\"item\":\"https://example.org/a.png\"}",
		"{\"captcha_id\":\"a\",\"item\":\"data:image/png;base64,\"}",
		"{\"captcha_id\":\"a\",\"item\":\"data:image/png;base64,#\"}",
		"{\"captcha_id\":\"a\",\"item\":\"data:image/png,AAAA\"}",
		"{\"captcha_id\":\"a\",\"item\":\"data:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaa;base64,AAAA\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct vendor_captcha captcha = {.size = 7};

		assert_int_equal(vendor_captcha_read(json(texts[i]), &captcha),
				 FLAGSHIP_ERROR_JSON);
		assert_int_equal(captcha.size, 7);
		assert_null(captcha.picture);
	}
}

static void reads_the_token_of_a_second_factor(void **state)
{
	struct vendor_factor_token token;

	(void)state;
	assert_int_equal(vendor_factor_token_read(
				 json("{\"auth_token\":\"half\",\"user_id\":\"abc\"}"), &token),
			 0);
	assert_string_equal(token.auth_token, "half");
	assert_string_equal(token.user_id, "abc");
	assert_int_equal(
		vendor_factor_token_read(json("{\"user_id\":5,\"auth_token\":\"half\"}"), &token),
		0);
	assert_string_equal(token.user_id, "");
}

static void refuses_what_is_no_token(void **state)
{
	static const char *const texts[] = {
		"", "null", "[]", "{}", "{\"auth_token\":\"\"}", "{\"auth_token\":7}",
	};
	char long_one[2 * FLAGSHIP_ACCOUNT_FIELD_MAX];
	struct vendor_factor_token token = {.auth_token = "before"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(vendor_factor_token_read(json(texts[i]), &token),
				 FLAGSHIP_ERROR_JSON);
	}
	snprintf(long_one, sizeof(long_one), "{\"auth_token\":\"%0*d\"}",
		 FLAGSHIP_ACCOUNT_FIELD_MAX, 7);
	assert_int_equal(vendor_factor_token_read(json(long_one), &token), FLAGSHIP_ERROR_JSON);
	assert_string_equal(token.auth_token, "before");
}

static void judges_a_code(void **state)
{
	(void)state;
	assert_int_equal(vendor_factor_verdict_of(26050), VENDOR_FACTOR_WRONG);
	assert_int_equal(vendor_factor_verdict_of(26051), VENDOR_FACTOR_EXPIRED);
	assert_int_equal(vendor_factor_verdict_of(26054), VENDOR_FACTOR_WRONG);
	assert_int_equal(vendor_factor_verdict_of(26006), VENDOR_FACTOR_OTHER);
	assert_int_equal(vendor_factor_verdict_of(0), VENDOR_FACTOR_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_envelopes),
		cmocka_unit_test(cuts_a_long_message_at_a_character),
		cmocka_unit_test(knows_an_expired_token),
		cmocka_unit_test(reads_a_captcha),
		cmocka_unit_test(refuses_what_is_no_captcha),
		cmocka_unit_test(reads_the_token_of_a_second_factor),
		cmocka_unit_test(refuses_what_is_no_token),
		cmocka_unit_test(judges_a_code),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
