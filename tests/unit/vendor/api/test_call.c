/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vendor/api/call.h"

#include <flagship/codes.h>
#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

/* The first of vectors/sec_codes.json. */
#define DUID       "EUPRAKM-854199-AAFDE"
#define MAC        "5a92bc951772"
#define CHECK_CODE "d55a54ed9863d1d66e787d09ddb59057"
#define DIGITS     "12345678"
#define SERIAL     "AK7ABC0123456789"

static const char *const serials[] = {SERIAL, "AK7DEF\"0123"};

static const struct vendor_parameters full = {
	.serials = serials,
	.serial_count = 2,
	.serial = SERIAL,
	.duid = DUID,
	.mac = MAC,
	.digits = DIGITS,
	.model_code = "V8111",
	.firmware = "V3.1.56",
	.app_version = "2.0",
};

struct body_case {
	enum vendor_call call;
	const char *path;
	const char *newer_path;
	bool token;
	const char *body; /* %s: the security code */
};

static const struct body_case bodies[] = {
	{VENDOR_PROFILE, "/v1/passport/profile", "/v3/passport/profile", true, ""},
	{VENDOR_PRINTERS, "/v1/app/query_fdm_list", "/v3/app/query_fdm_list", true, "{}"},
	{VENDOR_DSK_KEYS, "/v1/app/equipment/get_dsk_keys", "/v3/app/equipment/get_dsk_keys", true,
	 "{\"station_sns\":[\"" SERIAL "\",\"AK7DEF\\\"0123\"],\"invalid_dsks\":{}}"},
	{VENDOR_APP_VERSION, "/v1/app/ota/get_app_version", NULL, true,
	 "{\"app_name\":\"anker_make\",\"app_version\":\"2.0\",\"model\":\"V8111\"}"},
	{VENDOR_HUB_DEVICE, "/v1/hub/query_device_info", NULL, false,
	 "{\"station_sn\":\"" SERIAL "\",\"check_code\":\"" CHECK_CODE "\"}"},
	{VENDOR_HUB_FIRMWARE, "/v1/hub/ota/get_rom_version", NULL, false,
	 "{\"sn\":\"" SERIAL "\",\"device_type\":\"V8111\",\"current_version_name\":\"V3.1.56\","
	 "\"check_code\":\"" CHECK_CODE "\"}"},
	{VENDOR_HUB_DEVICE_2, "/v2/hub/query_device_info", NULL, false,
	 "{\"station_sn\":\"" SERIAL "\",\"sec_code\":\"%s\",\"sec_ts\":\"01" DIGITS "\"}"},
	{VENDOR_HUB_FIRMWARE_2, "/v2/hub/ota/get_rom_version", NULL, false,
	 "{\"sn\":\"" SERIAL "\",\"device_type\":\"V8111\",\"current_version_name\":\"V3.1.56\","
	 "\"sec_code\":\"%s\",\"sec_ts\":\"01" DIGITS "\"}"},
	{VENDOR_SEND_CODE, "/v1/sms/send/verify_code", "/v3/sms/send/verify_code", true,
	 "{\"message_type\":2}"},
	{VENDOR_HUB_P2P, "/v2/hub/get_p2p_connectinfo", NULL, false,
	 "{\"station_sn\":\"" SERIAL "\",\"sec_code\":\"%s\",\"sec_ts\":\"01" DIGITS "\"}"},
};

static void write_expected(const char *pattern, char out[VENDOR_BODY_MAX])
{
	char code[FLAGSHIP_SECURITY_CODE_SIZE];
	char timestamp[FLAGSHIP_SECURITY_TS_SIZE];
	const char *place = strstr(pattern, "%s");

	assert_int_equal(flagship_security_codes(DUID, MAC, DIGITS, code, timestamp), 0);
	if (!place) {
		snprintf(out, VENDOR_BODY_MAX, "%s", pattern);
		return;
	}
	snprintf(out, VENDOR_BODY_MAX, "%.*s%s%s", (int)(place - pattern), pattern, code,
		 place + 2);
}

static void makes_bodies_and_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const struct body_case *expected = &bodies[i];
		char body[VENDOR_BODY_MAX];
		char wanted[VENDOR_BODY_MAX];
		size_t length;

		assert_string_equal(vendor_call_path(expected->call, 0), expected->path);
		if (expected->newer_path) {
			assert_string_equal(vendor_call_path(expected->call, 1),
					    expected->newer_path);
		} else {
			assert_null(vendor_call_path(expected->call, 1));
		}
		assert_null(vendor_call_path(expected->call, 2));
		assert_int_equal(vendor_call_needs_token(expected->call), expected->token);
		assert_int_equal(vendor_call_is_get(expected->call), expected->body[0] == '\0');
		assert_int_equal(vendor_call_body(expected->call, &full, body, &length), 0);
		write_expected(expected->body, wanted);
		assert_string_equal(body, wanted);
		assert_int_equal(length, strlen(wanted));
	}
}

static void logs_in(void **state)
{
	struct vendor_parameters parameters = {.email = "a@b.c", .password = "secret"};
	char body[VENDOR_BODY_MAX];
	char again[VENDOR_BODY_MAX];
	size_t length;

	(void)state;
	assert_false(vendor_call_needs_token(VENDOR_LOGIN));
	assert_int_equal(vendor_call_body(VENDOR_LOGIN, &parameters, body, &length), 0);
	assert_non_null(strstr(body, "{\"email\":\"a@b.c\",\"password\":\""));
	assert_non_null(strstr(body, "\"client_secret_info\":{\"public_key\":\"04"));
	assert_null(strstr(body, "secret\""));
	assert_null(strstr(body, "captcha"));
	/* A fresh key each time. */
	parameters.captcha_id = "id";
	parameters.captcha_answer = "x\"y";
	assert_int_equal(vendor_call_body(VENDOR_LOGIN, &parameters, again, &length), 0);
	assert_string_not_equal(body, again);
	assert_non_null(strstr(again, "},\"captcha_id\":\"id\",\"answer\":\"x\\\"y\"}"));
}

static void gives_a_code(void **state)
{
	struct vendor_parameters parameters = {.email = "a@b.c", .password = "x"};
	char body[VENDOR_BODY_MAX];
	size_t length;

	(void)state;
	assert_int_equal(vendor_call_body(VENDOR_LOGIN, &parameters, body, &length), 0);
	assert_null(strstr(body, "verify_code"));
	parameters.code = "0\"1";
	assert_int_equal(vendor_call_body(VENDOR_LOGIN, &parameters, body, &length), 0);
	assert_non_null(strstr(body, "},\"verify_code\":\"0\\\"1\"}"));
	parameters.signed_session = true;
	assert_int_equal(vendor_call_body(VENDOR_LOGIN, &parameters, body, &length), 0);
	assert_non_null(strstr(body, "\"login_id\":\"\",\"verify_code\":\"0\\\"1\"}"));
	parameters.code = NULL;
	assert_int_equal(vendor_call_body(VENDOR_LOGIN, &parameters, body, &length), 0);
	assert_non_null(strstr(body, "\"verify_code\":\"\"}"));
}

struct wrong_case {
	enum vendor_call call;
	struct vendor_parameters parameters;
};

static void refuses_what_it_cannot_make(void **state)
{
	static const struct wrong_case cases[] = {
		{VENDOR_LOGIN, {.email = "a@b.c"}},
		{VENDOR_LOGIN, {.password = "x"}},
		{VENDOR_LOGIN, {.email = "a@b.c", .password = "x", .service_key = "04"}},
		{VENDOR_HUB_DEVICE, {.serial = SERIAL, .mac = MAC}},
		{VENDOR_HUB_DEVICE, {.serial = SERIAL, .duid = DUID}},
		{VENDOR_HUB_DEVICE, {.serial = SERIAL, .duid = "nonsense", .mac = MAC}},
		{VENDOR_HUB_P2P, {.serial = SERIAL, .duid = DUID}},
		{VENDOR_HUB_P2P, {.serial = SERIAL, .duid = DUID, .mac = "nonsense"}},
	};
	char body[VENDOR_BODY_MAX];
	size_t length;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(body, 'Z', sizeof(body));
		assert_int_equal(
			vendor_call_body(cases[i].call, &cases[i].parameters, body, &length),
			FLAGSHIP_ERROR_ARGUMENT);
		assert_int_equal(body[0], '\0');
	}
}

static void refuses_more_than_fits(void **state)
{
	static const char *many[2000];
	struct vendor_parameters parameters = {.serials = many, .serial_count = 2000};
	char body[VENDOR_BODY_MAX];
	size_t length;

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		many[i] = SERIAL;
	}
	assert_int_equal(vendor_call_body(VENDOR_DSK_KEYS, &parameters, body, &length),
			 FLAGSHIP_ERROR_BUFFER);
}

static void each_call_has_a_name_and_a_path(void **state)
{
	(void)state;
	for (enum vendor_call call = 0; call < VENDOR_CALLS; call++) {
		assert_true(strlen(vendor_call_name(call)) > 0);
		assert_int_equal(vendor_call_path(call, 0)[0], '/');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_bodies_and_paths),
		cmocka_unit_test(logs_in),
		cmocka_unit_test(gives_a_code),
		cmocka_unit_test(refuses_what_it_cannot_make),
		cmocka_unit_test(refuses_more_than_fits),
		cmocka_unit_test(each_call_has_a_name_and_a_path),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
