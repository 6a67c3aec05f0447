/* SPDX-License-Identifier: MIT */
#include "vendor/import/import.h"

#include "base/json/reader.h"
#include "vendor/import/json.h"

#include <flagship/codes.h>
#include <flagship/error.h>
#include <flagship/message.h>

#include <string.h>
#include <strings.h>

#define REGION_MAX 8

struct text_field {
	const char *name;
	size_t offset; /* in struct store_printer */
};

static const struct text_field text_fields[] = {
	{"id", offsetof(struct store_printer, station_id)},
	{"model", offsetof(struct store_printer, model_code)},
	{"p2p_duid", offsetof(struct store_printer, p2p_did)},
	{"p2p_key", offsetof(struct store_printer, dsk_key)},
	{"wifi_mac", offsetof(struct store_printer, wifi_mac)},
	{"ip_addr", offsetof(struct store_printer, address)},
};

bool import_is_ankerctl(const char *text, size_t length)
{
	struct json_value root;
	struct json_value account;

	return import_json_parse(text, length, &root) == 0 && root.kind == JSON_OBJECT &&
	       json_object_find(root.json, "account", &account);
}

static int read_account(struct flagship_json object, struct flagship_account *login)
{
	char region[REGION_MAX] = "";

	if (!import_json_text(object, "user_id", login->user_id, sizeof(login->user_id)) ||
	    !login->user_id[0]) {
		return FLAGSHIP_ERROR_JSON;
	}
	import_json_text(object, "email", login->email, sizeof(login->email));
	import_json_text(object, "auth_token", login->auth_token, sizeof(login->auth_token));
	import_json_text(object, "country", login->country, sizeof(login->country));
	import_json_text(object, "region", region, sizeof(region));
	login->region = strcasecmp(region, flagship_region_name(FLAGSHIP_REGION_US)) == 0
				? FLAGSHIP_REGION_US
				: FLAGSHIP_REGION_EU;
	return 0;
}

/* Decoded there, and kept here as the service sends them. What does not fit is left out. */
static int keep_hosts(struct flagship_json object, const char *name, struct store_account *account,
		      const char **place)
{
	char text[STORE_TEXT_MAX] = "";
	char hosts[FLAGSHIP_INIT_STRING_HOSTS_MAX][FLAGSHIP_HOST_LENGTH_MAX + 1];
	struct json_value list;
	struct json_value value;
	struct json_walk walk;
	size_t count = 0;

	if (!json_object_find(object, name, &list) || list.kind != JSON_ARRAY) {
		return 0;
	}
	json_walk_init(&walk, &list);
	while (count < FLAGSHIP_INIT_STRING_HOSTS_MAX && json_walk_item(&walk, &value)) {
		if (value.kind == JSON_STRING &&
		    flagship_text_copy(value.text, NULL, 0) <= FLAGSHIP_HOST_LENGTH_MAX) {
			flagship_text_copy(value.text, hosts[count++], sizeof(hosts[0]));
		}
	}
	if (flagship_init_string_encode(hosts, count, text, sizeof(text))) {
		return 0;
	}
	return store_account_keep(account, place, text) ? 0 : FLAGSHIP_ERROR_MEMORY;
}

static int read_printer(struct flagship_json object, struct store_account *account,
			struct store_printer *printer)
{
	int error = import_json_keep_name(object, "name", account, &printer->name);

	for (size_t i = 0; !error && i < sizeof(text_fields) / sizeof(text_fields[0]); i++) {
		char *place = (char *)printer + text_fields[i].offset;

		error = import_json_keep(object, text_fields[i].name, account,
					 (const char **)(void *)place);
	}
	if (!error) {
		error = keep_hosts(object, "api_hosts", account, &printer->app_conn);
	}
	if (!error) {
		error = keep_hosts(object, "p2p_hosts", account, &printer->p2p_conn);
	}
	if (!error) {
		error = import_json_keep_key(object, "mqtt_key", account, &printer->key_hex);
	}
	printer->model = flagship_model_from_name(printer->model_code);
	printer->created_at = import_json_time(object, "create_time");
	printer->updated_at = import_json_time(object, "update_time");
	return error;
}

static int read_printers(const struct json_value *list, struct store_account *account,
			 size_t *skipped)
{
	struct store_printer *printer;
	struct json_value value;
	struct json_walk walk;

	json_walk_init(&walk, list);
	while (json_walk_item(&walk, &value)) {
		printer = NULL;
		int error = value.kind == JSON_OBJECT
				    ? import_json_printer(value.json, "sn", account, &printer)
				    : 0;
		if (!error && printer) {
			error = read_printer(value.json, account, printer);
		} else {
			*skipped += !error;
		}
		if (error) {
			return error;
		}
	}
	return walk.error;
}

int import_ankerctl(const char *text, size_t length, struct store_account *account, size_t *skipped)
{
	struct json_value root;
	struct json_value value;
	int error = import_json_parse(text, length, &root);

	*skipped = 0;
	if (error) {
		return error;
	}
	if (root.kind != JSON_OBJECT || !json_object_find(root.json, "account", &value) ||
	    value.kind != JSON_OBJECT) {
		return FLAGSHIP_ERROR_JSON;
	}
	error = read_account(value.json, &account->login);
	if (error || !json_object_find(root.json, "printers", &value) || value.kind != JSON_ARRAY) {
		return error;
	}
	return read_printers(&value, account, skipped);
}
