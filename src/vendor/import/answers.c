/* SPDX-License-Identifier: MIT */
#include "base/json/reader.h"
#include "store/broker_url.h"
#include "vendor/import/import.h"
#include "vendor/import/json.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

#define COUNTRY_LENGTH 2

struct answer_field {
	const char *name;
	size_t offset; /* in struct store_printer */
};

static const struct answer_field answer_fields[] = {
	{"station_id", offsetof(struct store_printer, station_id)},
	{"station_model", offsetof(struct store_printer, model_code)},
	{"p2p_did", offsetof(struct store_printer, p2p_did)},
	{"p2p_conn", offsetof(struct store_printer, p2p_conn)},
	{"app_conn", offsetof(struct store_printer, app_conn)},
	{"wifi_mac", offsetof(struct store_printer, wifi_mac)},
	{"ip_addr", offsetof(struct store_printer, address)},
	{"main_sw_version", offsetof(struct store_printer, firmware)},
	{"p2p_license", offsetof(struct store_printer, p2p_license)},
};

static const struct answer_field right_fields[] = {
	{"is_query", offsetof(struct store_printer, may_query)},
	{"is_command", offsetof(struct store_printer, may_command)},
	{"is_camera", offsetof(struct store_printer, may_camera)},
};

static const char **place_of(struct store_printer *printer, const struct answer_field *field)
{
	return (const char **)(void *)((char *)printer + field->offset);
}

static int read_answered_printer(struct flagship_json object, struct store_account *account,
				 struct store_printer *printer)
{
	int error = import_json_keep_name(object, "station_name", account, &printer->name);

	for (size_t i = 0; !error && i < sizeof(answer_fields) / sizeof(answer_fields[0]); i++) {
		error = import_json_keep(object, answer_fields[i].name, account,
					 place_of(printer, &answer_fields[i]));
	}
	for (size_t i = 0; i < sizeof(right_fields) / sizeof(right_fields[0]); i++) {
		import_json_right(object, right_fields[i].name,
				  place_of(printer, &right_fields[i]));
	}
	if (!error) {
		error = import_json_keep_number(object, "member_type", account,
						&printer->member_type);
	}
	if (!error) {
		error = import_json_keep_key(object, "secret_key", account, &printer->key_hex);
	}
	printer->model = flagship_model_from_name(printer->model_code);
	printer->created_at = import_json_time(object, "create_time");
	printer->updated_at = import_json_time(object, "update_time");
	return error;
}

static int read_list(const struct json_value *list, struct store_account *account, size_t *skipped)
{
	struct json_value value;
	struct store_printer *printer;
	struct json_walk walk;

	if (list->kind == JSON_NULL) {
		/* The service writes an empty list so (protocol.md 4). */
		return 0;
	}
	if (list->kind != JSON_ARRAY) {
		return FLAGSHIP_ERROR_JSON;
	}
	json_walk_init(&walk, list);
	while (json_walk_item(&walk, &value)) {
		if (value.kind != JSON_OBJECT) {
			return FLAGSHIP_ERROR_JSON;
		}
		int error = import_json_printer(value.json, "station_sn", account, &printer);
		if (!error && printer) {
			error = read_answered_printer(value.json, account, printer);
		} else {
			*skipped += !error;
		}
		if (error) {
			return error;
		}
	}
	return walk.error;
}

int import_printer_list(struct flagship_json list, struct store_account *account, size_t *skipped)
{
	struct json_value value;
	int error = import_json_parse(list.data, list.length, &value);

	*skipped = 0;
	return error ? error : read_list(&value, account, skipped);
}

int import_printer_file(const char *text, size_t length, struct store_account *account,
			size_t *skipped)
{
	struct json_value root;
	struct json_value data;
	int error = import_json_parse(text, length, &root);

	*skipped = 0;
	if (error) {
		return error;
	}
	if (root.kind == JSON_OBJECT) {
		return json_object_find(root.json, "data", &data)
			       ? read_list(&data, account, skipped)
			       : FLAGSHIP_ERROR_JSON;
	}
	return root.kind == JSON_ARRAY ? read_list(&root, account, skipped) : FLAGSHIP_ERROR_JSON;
}

static int set_dsk_key(struct flagship_json object, struct store_account *account)
{
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];

	if (!import_json_text(object, "station_sn", serial, sizeof(serial))) {
		return 0;
	}
	struct store_printer *printer = store_account_find_printer(account, serial);
	return printer ? import_json_keep(object, "dsk_key", account, &printer->dsk_key) : 0;
}

int import_dsk_keys(struct flagship_json data, struct store_account *account)
{
	struct json_value keys;
	struct json_value value;
	struct json_walk walk;

	if (data.length == 0 || !json_object_find(data, "dsk_keys", &keys) ||
	    (keys.kind != JSON_ARRAY && keys.kind != JSON_NULL)) {
		return FLAGSHIP_ERROR_JSON;
	}
	if (keys.kind == JSON_NULL) {
		return 0;
	}
	json_walk_init(&walk, &keys);
	int error = 0;
	while (!error && json_walk_item(&walk, &value)) {
		if (value.kind == JSON_OBJECT) {
			error = set_dsk_key(value.json, account);
		}
	}
	return error ? error : walk.error;
}

int import_profile(struct flagship_json data, struct flagship_account *login)
{
	struct json_value country;

	if (data.length == 0 || data.data[0] != '{') {
		return FLAGSHIP_ERROR_JSON;
	}
	if (!login->email[0]) {
		import_json_text(data, "email", login->email, sizeof(login->email));
	}
	if (!login->nick_name[0]) {
		import_json_name(data, "nick_name", login->nick_name, sizeof(login->nick_name));
	}
	if (!login->country[0] && json_object_find(data, "country", &country) &&
	    country.kind == JSON_OBJECT &&
	    import_json_text(country.json, "code", login->country, sizeof(login->country)) &&
	    strlen(login->country) == COUNTRY_LENGTH) {
		login->region = flagship_region_from_country(login->country);
	}
	return 0;
}

static void read_broker(struct flagship_json own, const char *host, struct store_account *account)
{
	struct json_value value;
	char url[STORE_TEXT_MAX];
	int64_t port;

	if (!json_object_find(own, "broker_port", &value) || value.kind != JSON_NUMBER ||
	    !json_value_to_int(&value, &port) || port < 1 || port > UINT16_MAX) {
		return;
	}
	if (broker_url_write(host, (uint16_t)port, url, sizeof(url))) {
		memcpy(account->broker, url, sizeof(account->broker));
	}
}

void import_local_cloud(struct flagship_json data, const char *host, struct store_account *account)
{
	struct json_value own;

	if (data.length == 0 || !json_object_find(data, "flagship", &own) ||
	    own.kind != JSON_OBJECT) {
		return;
	}
	if (host && !account->broker[0]) {
		read_broker(own.json, host, account);
	}
	if (!account->mqtt_username[0]) {
		import_json_text(own.json, "mqtt_username", account->mqtt_username,
				 sizeof(account->mqtt_username));
	}
	if (!account->mqtt_password[0]) {
		import_json_text(own.json, "mqtt_password", account->mqtt_password,
				 sizeof(account->mqtt_password));
	}
}

bool import_service_key(struct flagship_json data, char out[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE])
{
	return data.length > 0 &&
	       import_json_text(data, "public_key", out, FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE);
}

bool import_server_secret_key(struct flagship_json data, char out[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE])
{
	struct json_value secret;

	return data.length > 0 && json_object_find(data, "server_secret_info", &secret) &&
	       secret.kind == JSON_OBJECT &&
	       import_json_text(secret.json, "public_key", out, FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE);
}
