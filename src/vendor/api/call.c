/* SPDX-License-Identifier: MIT */
#include "vendor/api/call.h"

#include "base/json/writer.h"

#include <flagship/account.h>
#include <flagship/codes.h>
#include <flagship/error.h>

#include <openssl/crypto.h>

#include <string.h>

#define VENDOR_VERSIONS 2
#define DEFAULT_APP     "anker_make"
#define DEFAULT_VERSION "1.5.1"
#define CODE_BY_MAIL    2 /* 0: SMS, 1: push */

typedef int vendor_writer(struct json_writer *writer, const struct vendor_parameters *parameters);

struct call {
	const char *name;
	bool get;
	bool token;
	const char *paths[VENDOR_VERSIONS];
	vendor_writer *write; /* the members of the object; NULL: none */
};

static void write_text(struct json_writer *writer, const char *name, const char *value)
{
	json_member_string(writer, name, value ? value : "");
}

static int write_dsk_keys(struct json_writer *writer, const struct vendor_parameters *parameters)
{
	json_key(writer, "station_sns");
	json_array_begin(writer);
	for (size_t i = 0; i < parameters->serial_count; i++) {
		json_string(writer, parameters->serials[i]);
	}
	json_array_end(writer);
	json_key(writer, "invalid_dsks");
	json_object_begin(writer);
	json_object_end(writer);
	return 0;
}

static int write_login(struct json_writer *writer, const struct vendor_parameters *parameters)
{
	char encrypted[FLAGSHIP_LOGIN_ENCRYPTED_SIZE];
	char public_hex[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];

	if (!parameters->email || !parameters->password) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	int error = flagship_login_password(parameters->password, parameters->private_key,
					    parameters->service_key, encrypted, sizeof(encrypted),
					    public_hex);
	if (error) {
		return error;
	}
	write_text(writer, "email", parameters->email);
	write_text(writer, "password", encrypted);
	json_key(writer, "client_secret_info");
	json_object_begin(writer);
	write_text(writer, "public_key", public_hex);
	json_object_end(writer);
	if (parameters->signed_session) {
		write_text(writer, "ab", parameters->country);
		write_text(writer, "ab_code", parameters->country);
		write_text(writer, "login_id", "");
	}
	if (parameters->signed_session || parameters->code) {
		write_text(writer, "verify_code", parameters->code);
	}
	if (parameters->captcha_id) {
		write_text(writer, "captcha_id", parameters->captcha_id);
		write_text(writer, "answer", parameters->captcha_answer);
	}
	return 0;
}

static int write_send_code(struct json_writer *writer, const struct vendor_parameters *parameters)
{
	(void)parameters;
	json_member_int(writer, "message_type", CODE_BY_MAIL);
	return 0;
}

static int write_app_version(struct json_writer *writer, const struct vendor_parameters *parameters)
{
	write_text(writer, "app_name", parameters->app_name ? parameters->app_name : DEFAULT_APP);
	write_text(writer, "app_version",
		   parameters->app_version ? parameters->app_version : DEFAULT_VERSION);
	write_text(writer, "model", parameters->model_code);
	return 0;
}

static int write_check_code(struct json_writer *writer, const struct vendor_parameters *parameters)
{
	char code[FLAGSHIP_CHECK_CODE_SIZE];

	if (!parameters->duid || !parameters->mac) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	int error = flagship_check_code(parameters->duid, parameters->mac, code);
	if (!error) {
		write_text(writer, "check_code", code);
	}
	return error;
}

static int write_security_code(struct json_writer *writer,
			       const struct vendor_parameters *parameters)
{
	char code[FLAGSHIP_SECURITY_CODE_SIZE];
	char timestamp[FLAGSHIP_SECURITY_TS_SIZE];

	if (!parameters->duid || !parameters->mac) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	int error = flagship_security_codes(parameters->duid, parameters->mac, parameters->digits,
					    code, timestamp);
	if (!error) {
		write_text(writer, "sec_code", code);
		write_text(writer, "sec_ts", timestamp);
	}
	return error;
}

static void write_firmware(struct json_writer *writer, const struct vendor_parameters *parameters)
{
	write_text(writer, "sn", parameters->serial);
	write_text(writer, "device_type", parameters->model_code);
	write_text(writer, "current_version_name", parameters->firmware);
}

static int write_hub_device(struct json_writer *writer, const struct vendor_parameters *parameters)
{
	write_text(writer, "station_sn", parameters->serial);
	return write_check_code(writer, parameters);
}

static int write_hub_firmware(struct json_writer *writer,
			      const struct vendor_parameters *parameters)
{
	write_firmware(writer, parameters);
	return write_check_code(writer, parameters);
}

static int write_hub_device_2(struct json_writer *writer,
			      const struct vendor_parameters *parameters)
{
	write_text(writer, "station_sn", parameters->serial);
	return write_security_code(writer, parameters);
}

static int write_hub_firmware_2(struct json_writer *writer,
				const struct vendor_parameters *parameters)
{
	write_firmware(writer, parameters);
	return write_security_code(writer, parameters);
}

static const struct call calls[VENDOR_CALLS] = {
	[VENDOR_PROFILE] =
		{"profile", true, true, {"/v1/passport/profile", "/v3/passport/profile"}, NULL},
	[VENDOR_PRINTERS] = {"printers",
			     false,
			     true,
			     {"/v1/app/query_fdm_list", "/v3/app/query_fdm_list"},
			     NULL},
	[VENDOR_DSK_KEYS] = {"dsk-keys",
			     false,
			     true,
			     {"/v1/app/equipment/get_dsk_keys", "/v3/app/equipment/get_dsk_keys"},
			     write_dsk_keys},
	[VENDOR_LOGIN] = {"login", false, false, {"/v2/passport/login"}, write_login},
	[VENDOR_SEND_CODE] = {"send-code",
			      false,
			      true,
			      {"/v1/sms/send/verify_code", "/v3/sms/send/verify_code"},
			      write_send_code},
	[VENDOR_APP_VERSION] =
		{"app-version", false, true, {"/v1/app/ota/get_app_version"}, write_app_version},
	[VENDOR_SERVICE] = {"service", true, false, {"/v1/flagship/service"}, NULL},
	[VENDOR_HUB_DEVICE] =
		{"hub-device", false, false, {"/v1/hub/query_device_info"}, write_hub_device},
	[VENDOR_HUB_FIRMWARE] =
		{"hub-firmware", false, false, {"/v1/hub/ota/get_rom_version"}, write_hub_firmware},
	[VENDOR_HUB_DEVICE_2] =
		{"hub-device-2", false, false, {"/v2/hub/query_device_info"}, write_hub_device_2},
	[VENDOR_HUB_FIRMWARE_2] = {"hub-firmware-2",
				   false,
				   false,
				   {"/v2/hub/ota/get_rom_version"},
				   write_hub_firmware_2},
	[VENDOR_HUB_P2P] =
		{"hub-p2p", false, false, {"/v2/hub/get_p2p_connectinfo"}, write_hub_device_2},
};

const char *vendor_call_name(enum vendor_call call)
{
	return calls[call].name;
}

bool vendor_call_is_get(enum vendor_call call)
{
	return calls[call].get;
}

bool vendor_call_needs_token(enum vendor_call call)
{
	return calls[call].token;
}

bool vendor_call_can_be_signed(enum vendor_call call)
{
	return call == VENDOR_LOGIN || calls[call].token;
}

const char *vendor_call_path(enum vendor_call call, size_t version)
{
	return version < VENDOR_VERSIONS ? calls[call].paths[version] : NULL;
}

int vendor_call_body(enum vendor_call call, const struct vendor_parameters *parameters,
		     char out[VENDOR_BODY_MAX], size_t *length)
{
	struct json_writer writer;
	int error = 0;

	if (calls[call].get) {
		out[0] = '\0';
		*length = 0;
		return 0;
	}
	json_writer_init(&writer, out, VENDOR_BODY_MAX);
	json_object_begin(&writer);
	if (calls[call].write) {
		error = calls[call].write(&writer, parameters);
	}
	json_object_end(&writer);
	if (!error) {
		error = json_writer_finish(&writer, length);
	}
	if (error) {
		OPENSSL_cleanse(out, VENDOR_BODY_MAX);
	}
	return error;
}
