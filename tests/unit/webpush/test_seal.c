/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>

#include "base/base64.h"
#include "webpush/seal.h"

#include <string.h>

/* RFC 8291, appendix A. */
#define TEXT   "When I grow up, I want to be a watermelon"
#define SCALAR "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
#define POINT \
	"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define SALT "DGv6ra1nlYgDCS1FRnbzlw"
#define AUTH "BTBZMqHH6r4Tts7J_aSIgg"
#define MESSAGE                                                                                  \
	"DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocIn" \
	"mYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNW" \
	"QexSgSxsj_Qulcy4a-fN"

#define OUT_SIZE 4096

static struct webpush_target read_target(void)
{
	struct webpush_target target;

	assert_true(base64_url_decode(POINT, target.point, sizeof(target.point)));
	assert_true(base64_url_decode(AUTH, target.auth, sizeof(target.auth)));
	return target;
}

static void seals_as_the_standard_shows(void **state)
{
	const struct webpush_target target = read_target();
	struct webpush_once once;
	uint8_t out[OUT_SIZE];
	char text[BASE64_URL_LENGTH(OUT_SIZE) + 1];
	size_t written;

	(void)state;
	assert_true(base64_url_decode(SCALAR, once.scalar, sizeof(once.scalar)));
	assert_true(base64_url_decode(SALT, once.salt, sizeof(once.salt)));
	assert_int_equal(
		webpush_seal(&target, &once, TEXT, strlen(TEXT), out, sizeof(out), &written), 0);
	base64_url_encode(out, written, text);
	assert_string_equal(text, MESSAGE);
}

static void takes_another_key_each_time(void **state)
{
	const struct webpush_target target = read_target();
	uint8_t one[OUT_SIZE];
	uint8_t other[OUT_SIZE];
	size_t length;
	size_t other_length;

	(void)state;
	assert_int_equal(webpush_seal(&target, NULL, "", 0, one, sizeof(one), &length), 0);
	assert_int_equal(webpush_seal(&target, NULL, "", 0, other, sizeof(other), &other_length),
			 0);
	assert_int_equal(length, WEBPUSH_OVERHEAD);
	assert_int_equal(other_length, WEBPUSH_OVERHEAD);
	assert_memory_not_equal(one, other, WEBPUSH_SALT_SIZE);
	assert_memory_not_equal(one + WEBPUSH_SALT_SIZE, other + WEBPUSH_SALT_SIZE,
				WEBPUSH_OVERHEAD - WEBPUSH_SALT_SIZE);
}

static void seals_no_more_than_services_take(void **state)
{
	static const char text[WEBPUSH_TEXT_MAX + 1];
	const struct webpush_target target = read_target();
	uint8_t out[OUT_SIZE];
	size_t written;

	(void)state;
	assert_int_equal(
		webpush_seal(&target, NULL, text, WEBPUSH_TEXT_MAX, out, sizeof(out), &written), 0);
	assert_int_equal(written, OUT_SIZE);
	assert_int_equal(
		webpush_seal(&target, NULL, text, WEBPUSH_TEXT_MAX + 1, out, sizeof(out), &written),
		FLAGSHIP_ERROR_TOO_LARGE);
	assert_int_equal(
		webpush_seal(&target, NULL, text, WEBPUSH_TEXT_MAX, out, sizeof(out) - 1, &written),
		FLAGSHIP_ERROR_BUFFER);
}

static void refuses_points_beside_the_curve(void **state)
{
	struct webpush_target target = read_target();
	uint8_t out[OUT_SIZE];
	size_t written;

	(void)state;
	assert_int_equal(webpush_point_check(target.point), 0);
	target.point[WEBPUSH_POINT_SIZE - 1] ^= 1;
	assert_int_equal(webpush_point_check(target.point), FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(webpush_seal(&target, NULL, "", 0, out, sizeof(out), &written),
			 FLAGSHIP_ERROR_ARGUMENT);
	memset(target.point, 0, sizeof(target.point));
	assert_int_equal(webpush_point_check(target.point), FLAGSHIP_ERROR_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seals_as_the_standard_shows),
		cmocka_unit_test(takes_another_key_each_time),
		cmocka_unit_test(seals_no_more_than_services_take),
		cmocka_unit_test(refuses_points_beside_the_curve),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
