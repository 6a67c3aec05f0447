/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/octoprint/frame.h"

#include <string.h>

#define SECRET "0123456789abcdef0123456789abcdef"

struct frame_case {
	const char *text;
	int throttle;
	bool has_auth;
	const char *secret;
};

static const struct frame_case cases[] = {
	{"{\"throttle\": 2}", 2, false, ""},
	{"{\"throttle\": 120}", 120, false, ""},
	{"{\"throttle\": 121}", 0, false, ""},
	{"{\"throttle\": 0.5}", 0, false, ""},
	{"{\"throttle\": -1}", 0, false, ""},
	{"{\"throttle\": \"2\"}", 0, false, ""},
	{"{\"auth\": \"anne:" SECRET "\"}", 0, true, SECRET},
	{"{\"auth\": \"a:b:" SECRET "\", \"throttle\": 1}", 1, true, SECRET},
	/* Who shows what nobody gave is told so. */
	{"{\"auth\": \"anne:" SECRET "0\"}", 0, true, ""},
	{"{\"auth\": \"" SECRET "\"}", 0, true, ""},
	{"{\"auth\": 5}", 0, true, ""},
	{"{\"subscribe\": {\"state\": true}}", 0, false, ""},
	/* What is no object of JSON alone. */
	{"", 0, false, ""},
	{"5", 0, false, ""},
	{"[{\"throttle\": 2}]", 0, false, ""},
	{"{\"throttle\": 2} x", 0, false, ""},
	{"{\"throttle\": 2", 0, false, ""},
};

static void frames_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct push_frame frame = {.throttle = -1, .has_auth = true, .secret = "before"};

		print_message("%s\n", cases[i].text);
		push_frame_read(cases[i].text, strlen(cases[i].text), &frame);
		assert_int_equal(frame.throttle, cases[i].throttle);
		assert_int_equal(frame.has_auth, cases[i].has_auth);
		assert_string_equal(frame.secret, cases[i].secret);
	}
}

static void a_long_one_is_none(void **state)
{
	static const char text[] = "{\"throttle\": 2}";
	char padded[FRAME_MAX + 1];
	struct push_frame frame;

	(void)state;
	memset(padded, ' ', sizeof(padded));
	memcpy(padded, text, sizeof(text) - 1);
	push_frame_read(padded, FRAME_MAX, &frame);
	assert_int_equal(frame.throttle, 2);
	push_frame_read(padded, FRAME_MAX + 1, &frame);
	assert_int_equal(frame.throttle, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_read),
		cmocka_unit_test(a_long_one_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
