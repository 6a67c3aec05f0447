/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/account.h>
#include <flagship/error.h>

#include "account_vectors.h"

#include <stdio.h>
#include <string.h>

#define FILE_SIZE 2048
#define FILL      0x5a

struct region_case {
	const char *country;
	enum flagship_region region;
};

static void knows_the_region_of_a_country(void **state)
{
	static const struct region_case cases[] = {
		{"US", FLAGSHIP_REGION_US},  {"CA", FLAGSHIP_REGION_US}, {"MX", FLAGSHIP_REGION_US},
		{"BR", FLAGSHIP_REGION_US},  {"AR", FLAGSHIP_REGION_US}, {"CU", FLAGSHIP_REGION_US},
		{"BS", FLAGSHIP_REGION_US},  {"AU", FLAGSHIP_REGION_US}, {"NZ", FLAGSHIP_REGION_US},
		{"us", FLAGSHIP_REGION_US},  {"au", FLAGSHIP_REGION_US}, {"mx", FLAGSHIP_REGION_US},
		{"nZ", FLAGSHIP_REGION_US},  {"Nz", FLAGSHIP_REGION_US}, {"DE", FLAGSHIP_REGION_EU},
		{"GB", FLAGSHIP_REGION_EU},  {"UA", FLAGSHIP_REGION_EU}, {"U", FLAGSHIP_REGION_EU},
		{"USA", FLAGSHIP_REGION_EU}, {"", FLAGSHIP_REGION_EU},   {"{z", FLAGSHIP_REGION_EU},
		{NULL, FLAGSHIP_REGION_EU},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(flagship_region_from_country(cases[i].country), cases[i].region);
	}
}

static void names_the_hosts_of_a_region(void **state)
{
	(void)state;
	assert_string_equal(flagship_region_name(FLAGSHIP_REGION_US), "us");
	assert_string_equal(flagship_region_name(FLAGSHIP_REGION_EU), "eu");
	assert_string_equal(flagship_region_mqtt_host(FLAGSHIP_REGION_US),
			    "make-mqtt.ankermake.com");
	assert_string_equal(flagship_region_mqtt_host(FLAGSHIP_REGION_EU),
			    "make-mqtt-eu.ankermake.com");
	assert_string_equal(flagship_region_api_host(FLAGSHIP_REGION_US), "make-app.ankermake.com");
	assert_string_equal(flagship_region_api_host(FLAGSHIP_REGION_EU),
			    "make-app-eu.ankermake.com");
	assert_string_equal(flagship_region_name((enum flagship_region)FILL), "eu");
	assert_int_equal(strlen(FLAGSHIP_VENDOR_CERTIFICATE_SHA256), 64);
}

struct shape_case {
	const char *file;
	struct flagship_account account;
};

/* Commands carry it; a login is good without it, and with a strange one. */
static void reads_the_nick_name(void **state)
{
	static const struct {
		const char *file;
		const char *nick_name;
	} cases[] = {
		{"{\"user_id\":\"u\",\"nick_name\":\"Eve \\u00e9\"}", "Eve \xc3\xa9"},
		{"{\"user_id\":\"u\",\"nick_name\":null}", ""},
		{"{\"user_id\":\"u\",\"nick_name\":7}", ""},
		{"{\"user_id\":\"u\"}", ""},
	};
	struct flagship_account account;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(
			flagship_account_parse(cases[i].file, strlen(cases[i].file), &account), 0);
		assert_string_equal(account.nick_name, cases[i].nick_name);
	}
}

static void reads_every_shape(void **state)
{
	static const struct shape_case cases[] = {
		/* The slicer's. */
		{"{\"code\":0,\"data\":{\"ab_code\":\"US\",\"auth_token\":\"t0\",\"email\":"
		 "\"owner@example.org\",\"user_id\":\"u0\",\"token_expires_at\":1893456000,"
		 "\"domain\":\"make-app.ankermake.com\"},\"msg\":\"Succeed.\"}",
		 {"u0", "owner@example.org", "t0", "US", "make-app.ankermake.com", 1893456000,
		  FLAGSHIP_REGION_US, ""}},
		/* The Studio's. */
		{"{ \"data\" : { \"user_id\":\"u1\", \"email\":\"owner%2B3d%40example.org\",\n"
		 "\"auth_token\":\"t1\", \"token_expires_at\":\"1893456000\","
		 "\"country_code\":\"de\" } }",
		 {"u1", "owner+3d@example.org", "t1", "de", "", 1893456000, FLAGSHIP_REGION_EU,
		  ""}},
		/* Bare. */
		{"{\"user_id\":\"u2\",\"email\":\"a@b.c\",\"auth_token\":\"t2\",\"ab_code\":"
		 "\"nz\"}",
		 {"u2", "a@b.c", "t2", "nz", "", 0, FLAGSHIP_REGION_US, ""}},
		/* Only what must be there; data that is no object counts as a field of its own. */
		{"{\"user_id\":\"u3\"}", {"u3", "", "", "", "", 0, FLAGSHIP_REGION_EU, ""}},
		{"{\"data\":null,\"user_id\":\"u4\"}",
		 {"u4", "", "", "", "", 0, FLAGSHIP_REGION_EU, ""}},
		{"{\"data\":[{\"user_id\":\"u\"}],\"user_id\":\"u5\"}",
		 {"u5", "", "", "", "", 0, FLAGSHIP_REGION_EU, ""}},
		/* data counts, not what stands beside it. */
		{"{\"user_id\":\"outside\",\"data\":{\"user_id\":\"inside\"},\"ab_code\":\"US\"}",
		 {"inside", "", "", "", "", 0, FLAGSHIP_REGION_EU, ""}},
		/* ab_code goes before country_code, unless it is empty. */
		{"{\"user_id\":\"u\",\"country_code\":\"DE\",\"ab_code\":\"US\"}",
		 {"u", "", "", "US", "", 0, FLAGSHIP_REGION_US, ""}},
		{"{\"user_id\":\"u\",\"country_code\":\"CA\",\"ab_code\":\"\"}",
		 {"u", "", "", "CA", "", 0, FLAGSHIP_REGION_US, ""}},
		{"{\"user_id\":\"u\",\"country_code\":\"CA\",\"ab_code\":null}",
		 {"u", "", "", "CA", "", 0, FLAGSHIP_REGION_US, ""}},
		/* Escapes and other scripts. */
		{"{\"user_id\":\"\\u0075\\ud83d\\ude00\",\"auth_token\":\"\\\"\xc3\xa9\\\\\"}",
		 {"u\xf0\x9f\x98\x80", "", "\"\xc3\xa9\\", "", "", 0, FLAGSHIP_REGION_EU, ""}},
		{"{\"user\\u005fid\":\"u\",\"auth_token\":\"a\\u0000b\"}",
		 {"u", "",
		  "a\xef\xbf\xbd"
		  "b",
		  "", "", 0, FLAGSHIP_REGION_EU, ""}},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct flagship_account *expected = &cases[i].account;
		struct flagship_account account;
		memset(&account, FILL, sizeof(account));
		assert_int_equal(
			flagship_account_parse(cases[i].file, strlen(cases[i].file), &account), 0);
		assert_string_equal(account.user_id, expected->user_id);
		assert_string_equal(account.email, expected->email);
		assert_string_equal(account.auth_token, expected->auth_token);
		assert_string_equal(account.country, expected->country);
		assert_string_equal(account.domain, expected->domain);
		assert_true(account.token_expires_at == expected->token_expires_at);
		assert_int_equal(account.region, expected->region);
	}
}

/* A JSON value, and what is made of it; NULL where the file is refused. */
struct value_case {
	const char *json;
	const char *text;
};

static int parse_field(const char *name, const char *json, struct flagship_account *account)
{
	char file[FILE_SIZE];
	const char *user_id = strcmp(name, "user_id") ? "\"user_id\":\"u\"," : "";
	int length = snprintf(file, sizeof(file), "{%s\"%s\":%s}", user_id, name, json);

	assert_in_range(length, 1, sizeof(file) - 1);
	return flagship_account_parse(file, (size_t)length, account);
}

static void reads_user_ids(void **state)
{
	static const struct value_case cases[] = {
		{"\"88c05c\"", "88c05c"},
		{"\"0012\"", "0012"},
		{"12", "12"},
		{"0", "0"},
		{"123456789012345678901234567890", "123456789012345678901234567890"},
		{"-1", NULL},
		{"1e3", NULL},
		{"1.0", NULL},
		{"\"\"", NULL},
		{"null", NULL},
		{"true", NULL},
		{"[1]", NULL},
		{"{}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct flagship_account account;
		int error = parse_field("user_id", cases[i].json, &account);
		if (cases[i].text) {
			assert_int_equal(error, 0);
			assert_string_equal(account.user_id, cases[i].text);
		} else {
			assert_int_equal(error, FLAGSHIP_ERROR_LOGIN_CACHE);
		}
	}
}

static void decodes_the_address(void **state)
{
	static const struct value_case cases[] = {
		{"\"owner@example.org\"", "owner@example.org"},
		{"\"owner%40example.org\"", "owner@example.org"},
		{"\"owner%2btag%2Btag%40example.org\"", "owner+tag+tag@example.org"},
		{"\"owner+tag%40example.org\"", "owner+tag@example.org"},
		{"\"%c3%A9@x\"", "\xc3\xa9@x"},
		{"\"%2540\"", "%40"},
		{"\"%\"", "%"},
		{"\"%4\"", "%4"},
		{"\"%%40\"", "%@"},
		{"\"%4g%g4%-1\"", "%4g%g4%-1"},
		{"\"100%\"", "100%"},
		{"\"a%00b\"", "a%00b"},
		{"\"a%ffb\"", "a\xef\xbf\xbd"
			      "b"},
		{"\"\"", ""},
		{"null", ""},
		{"7", NULL},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct flagship_account account;
		int error = parse_field("email", cases[i].json, &account);
		if (cases[i].text) {
			assert_int_equal(error, 0);
			assert_string_equal(account.email, cases[i].text);
		} else {
			assert_int_equal(error, FLAGSHIP_ERROR_LOGIN_CACHE);
		}
	}
}

static void refuses_fields_that_are_no_text(void **state)
{
	static const char *const names[] = {"email", "auth_token", "ab_code", "country_code",
					    "domain"};
	static const char *const values[] = {"1", "true", "{}", "[]", "[\"x\"]"};

	(void)state;
	for (size_t i = 0; i < LENGTH(names); i++) {
		struct flagship_account account;
		for (size_t j = 0; j < LENGTH(values); j++) {
			assert_int_equal(parse_field(names[i], values[j], &account),
					 FLAGSHIP_ERROR_LOGIN_CACHE);
		}
		assert_int_equal(parse_field(names[i], "null", &account), 0);
	}
}

static void refuses_fields_that_are_too_long(void **state)
{
	static const char *const names[] = {"user_id", "email",        "auth_token",
					    "ab_code", "country_code", "domain"};

	(void)state;
	for (size_t i = 0; i < LENGTH(names); i++) {
		struct flagship_account account;
		char value[FLAGSHIP_ACCOUNT_FIELD_MAX + 3] = "\"";
		memset(value + 1, 'x', FLAGSHIP_ACCOUNT_FIELD_MAX - 1);
		strcat(value, "\"");
		assert_int_equal(parse_field(names[i], value, &account), 0);
		value[FLAGSHIP_ACCOUNT_FIELD_MAX] = 'x';
		strcat(value, "\"");
		assert_int_equal(parse_field(names[i], value, &account),
				 FLAGSHIP_ERROR_LOGIN_CACHE);
	}
}

static void refuses_a_number_that_is_too_long(void **state)
{
	struct flagship_account account;
	char value[FLAGSHIP_ACCOUNT_FIELD_MAX + 1] = "";

	(void)state;
	memset(value, '9', FLAGSHIP_ACCOUNT_FIELD_MAX - 1);
	assert_int_equal(parse_field("user_id", value, &account), 0);
	assert_string_equal(account.user_id, value);
	strcat(value, "9");
	assert_int_equal(parse_field("user_id", value, &account), FLAGSHIP_ERROR_LOGIN_CACHE);
}

/* The limit holds for the address itself, not for how long it is written. */
static void measures_the_decoded_address(void **state)
{
	struct flagship_account account;
	char value[3 * FLAGSHIP_ACCOUNT_FIELD_MAX + 3] = "\"";

	(void)state;
	for (int i = 0; i < FLAGSHIP_ACCOUNT_FIELD_MAX - 1; i++) {
		strcat(value, "%78");
	}
	strcat(value, "\"");
	assert_int_equal(parse_field("email", value, &account), 0);
	assert_int_equal(strlen(account.email), FLAGSHIP_ACCOUNT_FIELD_MAX - 1);
	value[strlen(value) - 1] = '\0';
	strcat(value, "x\"");
	assert_int_equal(parse_field("email", value, &account), FLAGSHIP_ERROR_LOGIN_CACHE);
}

struct expiry_case {
	const char *json;
	int64_t seconds;
};

static void reads_the_expiry(void **state)
{
	static const struct expiry_case cases[] = {
		{"1893456000", 1893456000},
		{"\"1893456000\"", 1893456000},
		{"1.893456e9", 1893456000},
		{"9223372036854775807", INT64_MAX},
		{"9223372036854775808", 0},
		{"0", 0},
		{"-1", 0},
		{"1.5", 0},
		{"\"\"", 0},
		{"\"soon\"", 0},
		{"true", 0},
		{"null", 0},
		{"[1]", 0},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct flagship_account account;
		assert_int_equal(parse_field("token_expires_at", cases[i].json, &account), 0);
		assert_true(account.token_expires_at == cases[i].seconds);
	}
}

static void refuses_logins_of_nobody(void **state)
{
	static const char *const files[] = {
		"{}",
		"{\"data\":{}}",
		"{\"code\":26006,\"msg\":\"no\",\"data\":null}",
		"{\"user_id\":\"u\",\"data\":{}}",
		"{\"USER_ID\":\"u\"}",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(files); i++) {
		struct flagship_account account;
		struct flagship_account before;
		memset(&account, FILL, sizeof(account));
		memcpy(&before, &account, sizeof(account));
		assert_int_equal(flagship_account_parse(files[i], strlen(files[i]), &account),
				 FLAGSHIP_ERROR_LOGIN_CACHE);
		assert_memory_equal(&account, &before, sizeof(account));
	}
}

static void wipes_an_account(void **state)
{
	struct flagship_account account;
	static const struct flagship_account zero;

	(void)state;
	memset(&account, FILL, sizeof(account));
	flagship_account_wipe(&account);
	assert_memory_equal(&account, &zero, sizeof(account));
	flagship_account_wipe(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_region_of_a_country),
		cmocka_unit_test(names_the_hosts_of_a_region),
		cmocka_unit_test(reads_the_nick_name),
		cmocka_unit_test(reads_every_shape),
		cmocka_unit_test(reads_user_ids),
		cmocka_unit_test(decodes_the_address),
		cmocka_unit_test(refuses_fields_that_are_no_text),
		cmocka_unit_test(refuses_fields_that_are_too_long),
		cmocka_unit_test(refuses_a_number_that_is_too_long),
		cmocka_unit_test(measures_the_decoded_address),
		cmocka_unit_test(reads_the_expiry),
		cmocka_unit_test(refuses_logins_of_nobody),
		cmocka_unit_test(wipes_an_account),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
