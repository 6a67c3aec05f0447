/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vendor/import/import.h"

#include <flagship/codes.h>
#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

#define KEY_LONG  "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define KEY_SHORT "00112233445566778899aabbccddeeff"

static struct flagship_json json(const char *text)
{
	return (struct flagship_json){text, (uint32_t)strlen(text)};
}

static const char list[] =
	"[{\"station_id\":\"12345\",\"station_sn\":\"AK7ABC0123456789\",\"station_name\":"
	"\"K\\u00fcche\","
	"\"station_model\":\"V8111\",\"secret_key\":\"" KEY_LONG "\","
	"\"wifi_mac\":\"aabbccddeeff\",\"ip_addr\":\"192.0.2.7\","
	"\"p2p_did\":\"EUPRAKM-012345-ABCDE\",\"p2p_conn\":\"AB\",\"app_conn\":\"CD\","
	"\"create_time\":1680000000,\"update_time\":\"1680000001.75\","
	"\"main_sw_version\":\"V3.1.56\",\"unknown\":{\"a\":[1]}},"
	"{\"station_sn\":\"AK7DEF0123456789\",\"station_model\":\"V9999\",\"secret_key\":"
	"\"" KEY_SHORT "\",\"create_time\":-5,\"update_time\":null}]";

static void reads_printers(void **state)
{
	struct store_account account = {0};
	size_t skipped = 7;

	(void)state;
	assert_int_equal(import_printer_list(json(list), &account, &skipped), 0);
	assert_int_equal(skipped, 0);
	assert_int_equal(account.printer_count, 2);
	const struct store_printer *first = &account.printers[0];
	assert_string_equal(first->serial, "AK7ABC0123456789");
	assert_string_equal(first->name, "K\xc3\xbc"
					 "che");
	assert_int_equal(first->model, FLAGSHIP_MODEL_M5);
	assert_string_equal(first->model_code, "V8111");
	assert_string_equal(first->key_hex, KEY_LONG);
	assert_string_equal(first->wifi_mac, "aabbccddeeff");
	assert_string_equal(first->address, "192.0.2.7");
	assert_string_equal(first->p2p_did, "EUPRAKM-012345-ABCDE");
	assert_string_equal(first->station_id, "12345");
	assert_string_equal(first->p2p_conn, "AB");
	assert_string_equal(first->app_conn, "CD");
	assert_string_equal(first->firmware, "V3.1.56");
	assert_int_equal(first->created_at, 1680000000);
	assert_int_equal(first->updated_at, 1680000001);
	const struct store_printer *second = &account.printers[1];
	assert_int_equal(second->model, FLAGSHIP_MODEL_UNKNOWN);
	assert_string_equal(second->model_code, "V9999");
	assert_string_equal(second->key_hex, KEY_SHORT);
	assert_string_equal(second->name, "");
	assert_int_equal(second->created_at, 0);
	assert_int_equal(second->updated_at, 0);
	store_account_finish(&account);
}

static void completes_what_is_there(void **state)
{
	struct store_account account = {0};
	size_t skipped;

	(void)state;
	assert_int_equal(import_printer_list(json(list), &account, &skipped), 0);
	assert_int_equal(import_printer_list(json("[{\"station_sn\":\"AK7DEF0123456789\","
						  "\"station_name\":\"New\"}]"),
					     &account, &skipped),
			 0);
	assert_int_equal(account.printer_count, 2);
	assert_string_equal(account.printers[1].name, "New");
	assert_string_equal(account.printers[1].key_hex, KEY_SHORT);
	store_account_finish(&account);
}

static void leaves_out_what_is_no_printer(void **state)
{
	static const char text[] =
		"[{},{\"station_sn\":5},{\"station_sn\":\"\"},{\"station_sn\":\"a b\"},"
		"{\"station_sn\":\"AK7ABC0123456789\",\"secret_key\":\"xyz\","
		"\"station_name\":9,\"station_model\":null}]";
	struct store_account account = {0};
	size_t skipped;

	(void)state;
	assert_int_equal(import_printer_list(json(text), &account, &skipped), 0);
	assert_int_equal(skipped, 4);
	assert_int_equal(account.printer_count, 1);
	assert_string_equal(account.printers[0].key_hex, "");
	assert_string_equal(account.printers[0].name, "");
	store_account_finish(&account);
}

struct name_case {
	const char *part; /* of which the name is made, again and again */
	size_t parts;
	size_t kept; /* bytes */
};

/* 255 bytes are kept; of a character that goes beyond them nothing. */
static void cuts_a_long_name_at_a_character(void **state)
{
	static const struct name_case cases[] = {
		{"n", 255, 255},
		{"n", 256, 255},
		{"\xc3\xbc", 127, 254},
		{"\xc3\xbc", 128, 254},
		{"\xe6\x89\x93", 85, 255},
		{"\xe6\x89\x93", 200, 255},
		{"\xf0\x9f\x98\x80", 63, 252},
		{"\xf0\x9f\x98\x80", 64, 252},
	};
	static const char *const forms[] = {
		"[{\"station_sn\":\"AK7ABC0123456789\",\"station_name\":\"%s\"}]",
		"{\"account\":{\"user_id\":\"u\"},\"printers\":[{\"sn\":\"AK7ABC0123456789\","
		"\"name\":\"%s\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[1024] = "";
		char text[2048];
		size_t skipped;

		for (size_t part = 0; part < cases[i].parts; part++) {
			strcat(name, cases[i].part);
		}
		for (size_t form = 0; form < sizeof(forms) / sizeof(forms[0]); form++) {
			struct store_account account = {0};

			snprintf(text, sizeof(text), forms[form], name);
			assert_int_equal(
				form == 0 ? import_printer_list(json(text), &account, &skipped)
					  : import_ankerctl(text, strlen(text), &account, &skipped),
				0);
			assert_int_equal(strlen(account.printers[0].name), cases[i].kept);
			assert_memory_equal(account.printers[0].name, name, cases[i].kept);
			store_account_finish(&account);
		}
	}
}

static void takes_keys_of_the_right_length_alone(void **state)
{
	static const char *const wrong[] = {
		"",
		"0011",
		KEY_LONG "0",
		KEY_SHORT "00",
		"g0112233445566778899aabbccddeeff",
		KEY_LONG KEY_LONG,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct store_account account = {0};
		char text[512] = "[{\"station_sn\":\"AK7ABC0123456789\",\"secret_key\":\"";
		size_t skipped;

		strcat(text, wrong[i]);
		strcat(text, "\"}]");
		assert_int_equal(import_printer_list(json(text), &account, &skipped), 0);
		assert_string_equal(account.printers[0].key_hex, "");
		store_account_finish(&account);
	}
}

struct wrong_case {
	const char *text;
	int error;
};

static void refuses_what_is_no_list(void **state)
{
	static const struct wrong_case cases[] = {
		{"", FLAGSHIP_ERROR_JSON},
		{"null", FLAGSHIP_ERROR_JSON},
		{"{\"data\":null}", 0},
		{"5", FLAGSHIP_ERROR_JSON},
		{"\"text\"", FLAGSHIP_ERROR_JSON},
		{"{}", FLAGSHIP_ERROR_JSON},
		{"[5]", FLAGSHIP_ERROR_JSON},
		{"[{}] x", FLAGSHIP_ERROR_JSON},
		{"[{\"station_sn\":\"AK7", FLAGSHIP_ERROR_JSON},
		{"{\"data\":7}", FLAGSHIP_ERROR_JSON},
		{"{\"data\":{}}", FLAGSHIP_ERROR_JSON},
		{"[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]", FLAGSHIP_ERROR_TOO_DEEP},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_account account = {0};
		size_t skipped;

		assert_int_equal(import_printer_file(cases[i].text, strlen(cases[i].text), &account,
						     &skipped),
				 cases[i].error);
		store_account_finish(&account);
	}
}

static void reads_a_list_bare_or_in_an_answer(void **state)
{
	static const char *const texts[] = {
		"[{\"station_sn\":\"AK7ABC0123456789\"}]",
		" {\"code\":0,\"data\":[{\"station_sn\":\"AK7ABC0123456789\"}]}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct store_account account = {0};
		size_t skipped;

		assert_int_equal(
			import_printer_file(texts[i], strlen(texts[i]), &account, &skipped), 0);
		assert_int_equal(account.printer_count, 1);
		store_account_finish(&account);
	}
}

static void completes_dsk_keys(void **state)
{
	static const char keys[] =
		"{\"dsk_keys\":[{\"station_sn\":\"AK7DEF0123456789\",\"dsk_key\":"
		"\"01234567890123456789\"},5,{\"station_sn\":\"AK7UNKNOWN\","
		"\"dsk_key\":\"x\"},{\"dsk_key\":\"y\"}]}";
	struct store_account account = {0};
	size_t skipped;

	(void)state;
	assert_int_equal(import_printer_list(json(list), &account, &skipped), 0);
	assert_int_equal(import_dsk_keys(json(keys), &account), 0);
	assert_string_equal(account.printers[0].dsk_key, "");
	assert_string_equal(account.printers[1].dsk_key, "01234567890123456789");
	assert_int_equal(import_dsk_keys(json(""), &account), FLAGSHIP_ERROR_JSON);
	assert_int_equal(import_dsk_keys(json("[]"), &account), FLAGSHIP_ERROR_JSON);
	assert_int_equal(import_dsk_keys(json("{\"dsk_keys\":{}}"), &account), FLAGSHIP_ERROR_JSON);
	store_account_finish(&account);
}

static void a_profile_fills_what_is_unknown(void **state)
{
	static const char profile[] =
		"{\"user_id\":\"u\",\"email\":\"new@b.c\",\"country\":{\"code\":\"CA\"}}";
	struct flagship_account login = {.region = FLAGSHIP_REGION_EU};

	(void)state;
	assert_int_equal(import_profile(json(profile), &login), 0);
	assert_string_equal(login.email, "new@b.c");
	assert_string_equal(login.country, "CA");
	assert_int_equal(login.region, FLAGSHIP_REGION_US);
	login = (struct flagship_account){
		.email = "old@b.c", .country = "DE", .region = FLAGSHIP_REGION_EU};
	assert_int_equal(import_profile(json(profile), &login), 0);
	assert_string_equal(login.email, "old@b.c");
	assert_string_equal(login.country, "DE");
	assert_int_equal(login.region, FLAGSHIP_REGION_EU);
	assert_int_equal(import_profile(json("[]"), &login), FLAGSHIP_ERROR_JSON);
	assert_int_equal(import_profile(json(""), &login), FLAGSHIP_ERROR_JSON);
	assert_int_equal(import_profile(json("{\"country\":5,\"email\":null}"), &login), 0);
}

struct local_case {
	const char *data;
	const char *host; /* or NULL */
	const char *broker;
	const char *username;
};

static void takes_what_a_local_cloud_tells(void **state)
{
	static const struct local_case cases[] = {
		{"{\"flagship\":{\"broker_port\":8789,\"mqtt_username\":\"u\"}}", "printers.lan",
		 "mqtts://printers.lan:8789", "u"},
		{"{\"flagship\":{\"broker_port\":1,\"mqtt_username\":7}}", "fd00::1",
		 "mqtts://[fd00::1]:1", ""},
		{"{\"flagship\":{\"broker_port\":8789,\"mqtt_username\":\"u\"}}", NULL, "", "u"},
		{"{\"flagship\":{\"broker_port\":0}}", "a", "", ""},
		{"{\"flagship\":{\"broker_port\":65536}}", "a", "", ""},
		{"{\"flagship\":{\"broker_port\":\"8789\"}}", "a", "", ""},
		{"{\"flagship\":[8789]}", "a", "", ""},
		{"{}", "a", "", ""},
		{"", "a", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_account account = {0};

		import_local_cloud(json(cases[i].data), cases[i].host, &account);
		assert_string_equal(account.broker, cases[i].broker);
		assert_string_equal(account.mqtt_username, cases[i].username);
		assert_string_equal(account.mqtt_password, "");
	}
}

static void a_local_cloud_changes_nothing_that_is_known(void **state)
{
	static const char data[] = "{\"flagship\":{\"broker_port\":8789,\"mqtt_username\":\"u\","
				   "\"mqtt_password\":\"p\"}}";
	struct store_account account = {.broker = "mqtts://a:1", .mqtt_username = "b"};

	(void)state;
	import_local_cloud(json(data), "host", &account);
	assert_string_equal(account.broker, "mqtts://a:1");
	assert_string_equal(account.mqtt_username, "b");
	assert_string_equal(account.mqtt_password, "p");
}

static void reads_a_service_key(void **state)
{
	char key[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE] = "before";

	(void)state;
	assert_false(import_service_key(json(""), key));
	assert_false(import_service_key(json("[]"), key));
	assert_false(import_service_key(json("{\"public_key\":5}"), key));
	assert_string_equal(key, "before");
	assert_true(import_service_key(json("{\"public_key\":\"04ab\"}"), key));
	assert_string_equal(key, "04ab");
}

static const char ankerctl[] =
	"{\"__type__\":\"Config\",\"account\":{\"__type__\":\"Account\",\"auth_token\":\"t\","
	"\"region\":\"US\",\"user_id\":\"u\",\"email\":\"a@b.c\"},"
	"\"printers\":[{\"__type__\":\"Printer\",\"id\":\"1\",\"sn\":\"AK7ABC0123456789\","
	"\"name\":\"Left\",\"model\":\"V8110\",\"create_time\":1680000000.25,"
	"\"update_time\":1680000001,\"wifi_mac\":\"aabbccddeeff\",\"ip_addr\":\"\","
	"\"mqtt_key\":\"" KEY_LONG "\",\"api_hosts\":[\"a.example\",\"192.0.2.7\"],"
	"\"p2p_hosts\":[\"no host\"],"
	"\"p2p_duid\":\"EUPRAKM-012345-ABCDE\",\"p2p_key\":\"01234567890123456789\"},5]}";

static void reads_ankerctl(void **state)
{
	struct store_account account = {0};
	size_t skipped;

	(void)state;
	assert_true(import_is_ankerctl(ankerctl, strlen(ankerctl)));
	assert_int_equal(import_ankerctl(ankerctl, strlen(ankerctl), &account, &skipped), 0);
	assert_int_equal(skipped, 1);
	assert_string_equal(account.login.user_id, "u");
	assert_string_equal(account.login.email, "a@b.c");
	assert_string_equal(account.login.auth_token, "t");
	assert_int_equal(account.login.region, FLAGSHIP_REGION_US);
	assert_int_equal(account.printer_count, 1);
	assert_int_equal(account.printers[0].model, FLAGSHIP_MODEL_M5C);
	assert_string_equal(account.printers[0].key_hex, KEY_LONG);
	assert_string_equal(account.printers[0].dsk_key, "01234567890123456789");
	assert_int_equal(account.printers[0].created_at, 1680000000);
	assert_string_equal(account.printers[0].station_id, "1");
	char hosts[FLAGSHIP_INIT_STRING_HOSTS_MAX][FLAGSHIP_HOST_LENGTH_MAX + 1];
	const char *encoded = account.printers[0].app_conn;
	assert_int_equal(flagship_init_string_decode(encoded, strlen(encoded), hosts,
						     FLAGSHIP_INIT_STRING_HOSTS_MAX),
			 2);
	assert_string_equal(hosts[0], "a.example");
	assert_string_equal(hosts[1], "192.0.2.7");
	assert_string_equal(account.printers[0].p2p_conn, "");
	store_account_finish(&account);
}

static void refuses_what_is_no_ankerctl(void **state)
{
	static const char *const texts[] = {
		"",
		"{}",
		"[]",
		"{\"account\":null}",
		"{\"account\":{}}",
		"{\"account\":{\"user_id\":5}}",
		"{\"account\":{\"user_id\":\"\"}}",
		"{\"account\":{\"user_id\":\"u\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct store_account account = {0};
		size_t skipped;

		assert_int_equal(import_ankerctl(texts[i], strlen(texts[i]), &account, &skipped),
				 FLAGSHIP_ERROR_JSON);
		store_account_finish(&account);
	}
	assert_false(import_is_ankerctl("{\"data\":{}}", 11));
	assert_false(import_is_ankerctl("{", 1));
	assert_true(import_is_ankerctl("{\"account\":null}", 16));
}

static void ankerctl_may_have_no_printers(void **state)
{
	static const char text[] =
		"{\"account\":{\"user_id\":\"u\",\"region\":\"eu\"},\"printers\":null}";
	struct store_account account = {0};
	size_t skipped;

	(void)state;
	assert_int_equal(import_ankerctl(text, strlen(text), &account, &skipped), 0);
	assert_int_equal(account.printer_count, 0);
	assert_int_equal(account.login.region, FLAGSHIP_REGION_EU);
	store_account_finish(&account);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_printers),
		cmocka_unit_test(completes_what_is_there),
		cmocka_unit_test(leaves_out_what_is_no_printer),
		cmocka_unit_test(cuts_a_long_name_at_a_character),
		cmocka_unit_test(takes_keys_of_the_right_length_alone),
		cmocka_unit_test(refuses_what_is_no_list),
		cmocka_unit_test(reads_a_list_bare_or_in_an_answer),
		cmocka_unit_test(completes_dsk_keys),
		cmocka_unit_test(a_profile_fills_what_is_unknown),
		cmocka_unit_test(takes_what_a_local_cloud_tells),
		cmocka_unit_test(a_local_cloud_changes_nothing_that_is_known),
		cmocka_unit_test(reads_a_service_key),
		cmocka_unit_test(reads_ankerctl),
		cmocka_unit_test(refuses_what_is_no_ankerctl),
		cmocka_unit_test(ankerctl_may_have_no_printers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
