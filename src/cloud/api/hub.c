/* SPDX-License-Identifier: MIT */
#include "cloud/api/calls.h"

#include <flagship/flagship.h>

#include <ctype.h>
#include <openssl/crypto.h>
#include <string.h>

#define HTTP_OK     200
#define HTTP_FAILED 500
#define V2_PREFIX   "/v2/"
#define TS_PREFIX   "01"

static const char *text_of(const cJSON *body, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, name));

	return text ? text : "";
}

/* In constant time, and letters of either case. */
static bool same_code(const char *given, const char *expected)
{
	unsigned int difference = 0;
	size_t length = strlen(expected);

	if (strlen(given) != length) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		difference |= (unsigned int)(tolower((unsigned char)given[i]) ^
					     tolower((unsigned char)expected[i]));
	}
	return difference == 0;
}

static bool check_code_fits(const struct registry_printer *printer, const cJSON *body)
{
	char expected[FLAGSHIP_CHECK_CODE_SIZE];

	return flagship_check_code(printer->p2p_did, printer->wifi_mac, expected) == 0 &&
	       same_code(text_of(body, "check_code"), expected);
}

static bool security_code_fits(const struct registry_printer *printer, const cJSON *body)
{
	const char *timestamp = text_of(body, "sec_ts");
	char expected[FLAGSHIP_SECURITY_CODE_SIZE];
	char expected_timestamp[FLAGSHIP_SECURITY_TS_SIZE];

	return strlen(timestamp) == sizeof(expected_timestamp) - 1 &&
	       strncmp(timestamp, TS_PREFIX, strlen(TS_PREFIX)) == 0 &&
	       flagship_security_codes(printer->p2p_did, printer->wifi_mac,
				       timestamp + strlen(TS_PREFIX), expected,
				       expected_timestamp) == 0 &&
	       same_code(text_of(body, "sec_code"), expected);
}

static void write_printer(struct json_writer *writer, const void *context)
{
	const struct registry_printer *printer = context;

	json_object_begin(writer);
	json_member_string(writer, "station_sn", printer->serial);
	json_member_string(writer, "sn", printer->serial);
	json_member_string(writer, "station_name", printer->name);
	json_member_string(writer, "station_model", printer->model_code);
	json_member_string(writer, "p2p_did", printer->p2p_did);
	json_member_string(writer, "p2p_conn", printer->p2p_conn);
	json_member_string(writer, "app_conn", printer->app_conn);
	json_member_string(writer, "main_sw_version", printer->firmware);
	json_object_end(writer);
}

/* There is no newer firmware here. */
static void write_firmware(struct json_writer *writer, const void *context)
{
	const struct registry_printer *printer = context;

	json_object_begin(writer);
	json_member_string(writer, "sn", printer->serial);
	json_member_string(writer, "rom_version_name", printer->firmware);
	json_member_bool(writer, "force_upgrade", false);
	json_member_string(writer, "full_package", "");
	json_object_end(writer);
}

void api_hub_call(struct registry *registry, const char *path, const cJSON *body,
		  struct api_answer *answer)
{
	const char *serial = text_of(body, "station_sn");
	bool is_v2 = strncmp(path, V2_PREFIX, strlen(V2_PREFIX)) == 0;
	struct registry_printer printer = {0};

	serial = serial[0] != '\0' ? serial : text_of(body, "sn");
	int found = registry_find_printer(registry, serial, &printer);
	if (found < 0) {
		api_answer_fail(answer, HTTP_FAILED, API_BROKEN, "the registry cannot be read");
		return;
	}
	/* An unknown printer and a wrong code look the same: nobody can try out serial numbers. */
	if (found == 0 ||
	    !(is_v2 ? security_code_fits(&printer, body) : check_code_fits(&printer, body))) {
		api_answer_fail(answer, HTTP_OK, API_WRONG_CODE,
				"unknown printer, or its code is wrong");
	} else {
		struct api_data data = {0};

		api_data_add(&data,
			     strstr(path, "get_rom_version") ? write_firmware : write_printer,
			     &printer);
		api_answer_succeed(answer, &data);
	}
	OPENSSL_cleanse(&printer, sizeof(printer));
}
