/* SPDX-License-Identifier: MIT */
#include "gateway/octoprint/internal.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define ACCEPTED 202
#define TOO_MANY 429
#define REQUEST  "/plugin/appkeys/request/"

/*
 * As OctoPrint's plugin of that name: a program asks for a key, and asks on until somebody who may
 * manage the gateway has decided (GET and POST /api/v1/app-keys). Also where there are no users yet
 * nobody is granted a key by himself: it would outlast that.
 */

void octo_probe_keys(struct http_request *request, void *context)
{
	if (octo_find_printer(request, context)) {
		http_respond(request, &(struct http_response){.status = OCTO_NO_CONTENT});
	}
}

static void write_token(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	json_member_string(writer, "app_token", context);
	json_object_end(writer);
}

static void ask_for_key(struct http_request *request, const struct octoprint *octoprint,
			const struct fleet_printer *printer, const char *app)
{
	const char *serial = fleet_printer_serial(printer);
	char token[SESSION_TOKEN_SIZE];
	char location[OCTO_BASE_SIZE + sizeof(REQUEST) + sizeof(token)];

	if (!access_ask_key(octoprint->access, request, app, serial, token)) {
		octoprint_refuse(request, TOO_MANY,
				 "too many programs ask for a key: wait until they are decided");
		return;
	}
	octo_write_base(request, serial, location);
	snprintf(location + strlen(location), sizeof(location) - strlen(location), REQUEST "%s",
		 token);
	octo_respond(request, OCTO_CREATED, location, write_token, token);
	OPENSSL_cleanse(location, sizeof(location));
	OPENSSL_cleanse(token, sizeof(token));
}

void octo_request_key(struct http_request *request, void *context)
{
	const struct fleet_printer *printer = octo_find_printer(request, context);
	cJSON *json;

	if (!printer || !web_read_json(request, octoprint_refuse, &json)) {
		return;
	}
	const char *app = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "app"));

	if (app && key_request_app_valid(app)) {
		ask_for_key(request, context, printer, app);
	} else {
		octoprint_refuse(
			request, OCTO_BAD_REQUEST,
			"the body is to be {\"app\": \"the name of the program\"}, with 63 "
			"bytes at most");
	}
	cJSON_Delete(json);
}

static void write_secret(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	json_member_string(writer, "api_key", context);
	json_object_end(writer);
}

static void write_waiting(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	json_member_string(writer, "message", context);
	json_object_end(writer);
}

void octo_get_key(struct http_request *request, void *context)
{
	struct octoprint *octoprint = context;
	const struct fleet_printer *printer = octo_find_printer(request, octoprint);
	char secret[ACCESS_SECRET_SIZE];

	if (!printer) {
		return;
	}
	switch (access_asked_key(octoprint->access, request,
				 http_request_parameter(request, "token"),
				 fleet_printer_serial(printer), secret)) {
	case KEY_REQUEST_GRANTED:
		octo_respond(request, OCTO_OK, NULL, write_secret, secret);
		OPENSSL_cleanse(secret, sizeof(secret));
		break;
	case KEY_REQUEST_PENDING:
		octo_respond(request, ACCEPTED, NULL, write_waiting,
			     "an admin has not decided yet");
		break;
	case KEY_REQUEST_FAILED:
		octoprint_refuse(request, OCTO_FAILED,
				 "an admin has granted it, but no key can be made now: the "
				 "gateway's log says why");
		break;
	default:
		octoprint_refuse(request, OCTO_NOT_FOUND,
				 "no such request waits: it was denied, or its time is over");
		break;
	}
}
