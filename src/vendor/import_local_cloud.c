/* SPDX-License-Identifier: MIT */
#include "vendor/import.h"

#include "vendor/import_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void read_broker(struct flagship_json own, const char *host, struct store_account *account)
{
	struct json_value value;
	char url[STORE_TEXT_MAX];
	int64_t port;

	if (!json_object_find(own, "broker_port", &value) || value.kind != JSON_NUMBER ||
	    !json_value_to_int(&value, &port) || port < 1 || port > UINT16_MAX) {
		return;
	}
	const char *format = strchr(host, ':') ? "mqtts://[%s]:%" PRId64 : "mqtts://%s:%" PRId64;
	if (snprintf(url, sizeof(url), format, host, port) < (int)sizeof(url)) {
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
