/* SPDX-License-Identifier: MIT */
#include "cloud/api/calls.h"

#include <flagship/flagship.h>

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "store/file/json.h"

#define HTTP_OK           200
#define HTTP_BAD_REQUEST  400
#define HTTP_UNAUTHORIZED 401
#define HTTP_NOT_FOUND    404
#define HTTP_NOT_ALLOWED  405
#define HTTP_TOO_LARGE    413
#define HTTP_FAILED       500
#define MD5_SIZE          16
#define DSK_KEYS_MAX      3000 /* in one call: each is looked up */

struct call_context {
	struct registry *registry;
	const char *service_public_hex;
	uint16_t mqtt_port;
	const struct api_request *request;
	const cJSON *body;               /* NULL for a GET */
	struct registry_account account; /* whose token it is, for calls that need one */
	bool note_due;                   /* of its use */
	struct api_answer *answer;
};

struct call {
	const char *method;
	const char *path;
	bool needs_login; /* which a registry is needed for, too */
	void (*run)(struct call_context *call);
};

static void succeed(struct call_context *call,
		    void (*write)(struct json_writer *writer, const void *context))
{
	struct api_data data = {0};

	api_data_add(&data, write, call);
	api_answer_succeed(call->answer, &data);
}

static void fail_registry(struct call_context *call)
{
	api_answer_fail(call->answer, HTTP_FAILED, API_BROKEN, "the registry cannot be read");
}

void api_write_login(struct json_writer *writer, const struct registry_account *account,
		     uint16_t mqtt_port)
{
	char username[REGISTRY_TEXT_MAX + sizeof(FLAGSHIP_USERNAME_PREFIX)];

	snprintf(username, sizeof(username), FLAGSHIP_USERNAME_PREFIX "%s", account->user_id);
	json_key(writer, "flagship");
	json_object_begin(writer);
	json_member_int(writer, "broker_port", mqtt_port);
	json_member_string(writer, "mqtt_username", username);
	json_member_string(writer, "mqtt_password",
			   account->mqtt_password[0] != '\0' ? account->mqtt_password
							     : account->email);
	json_object_end(writer);
	OPENSSL_cleanse(username, sizeof(username));
}

static void write_profile(struct json_writer *writer, const void *context)
{
	const struct call_context *call = context;

	json_object_begin(writer);
	json_member_string(writer, "user_id", call->account.user_id);
	json_member_string(writer, "email", call->account.email);
	json_member_string(writer, "nick_name", call->account.nick_name);
	json_key(writer, "country");
	json_object_begin(writer);
	json_member_string(writer, "code", call->account.country);
	json_object_end(writer);
	api_write_login(writer, &call->account, call->mqtt_port);
	json_object_end(writer);
}

static void answer_profile(struct call_context *call)
{
	succeed(call, write_profile);
}

/* Who reaches a printer here may do all with it, which peers look for where it is shared. */
static void write_rights(struct json_writer *writer)
{
	static const char *const rights[] = {"is_query", "is_command", "is_camera"};

	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		json_member_int(writer, rights[i], 1);
	}
}

/* More than a brief call may look at: whoever called calls again, with time. */
static void postpone(struct call_context *call)
{
	call->answer->postponed = true;
}

/* A list is written element by element; "," and the brackets are pieces of their own. */
static void write_piece(struct json_writer *writer, const void *context)
{
	json_raw(writer, context, strlen(context));
}

static void add_element(struct api_data *list,
			void (*write)(struct json_writer *writer, const void *context),
			const void *context)
{
	api_data_add(list, write_piece,
		     list->length > 0 && list->text[list->length - 1] != '[' ? "," : "");
	api_data_add(list, write, context);
}

struct devices {
	struct api_data list;
	size_t room;
};

static void write_device(struct json_writer *writer, const void *context)
{
	const struct registry_printer *printer = context;

	json_object_begin(writer);
	json_member_string(writer, "station_id",
			   printer->station_id[0] != '\0' ? printer->station_id : printer->serial);
	json_member_string(writer, "station_sn", printer->serial);
	json_member_string(writer, "station_name",
			   printer->name[0] != '\0' ? printer->name : printer->serial);
	json_member_string(writer, "station_model", printer->model_code);
	json_member_string(writer, "secret_key", printer->key_hex);
	json_member_string(writer, "wifi_mac", printer->wifi_mac);
	json_member_string(writer, "ip_addr", printer->address);
	json_member_string(writer, "p2p_did", printer->p2p_did);
	json_member_string(writer, "p2p_conn", printer->p2p_conn);
	json_member_string(writer, "app_conn", printer->app_conn);
	json_member_string(writer, "main_sw_version", printer->firmware);
	json_member_int(writer, "create_time", printer->created_at);
	json_member_int(writer, "update_time", printer->updated_at);
	write_rights(writer);
	json_object_end(writer);
}

static bool add_device(void *context, const struct registry_printer *printer)
{
	struct devices *devices = context;

	if (devices->room == 0) {
		return false;
	}
	devices->room--;
	add_element(&devices->list, write_device, printer);
	return true;
}

static void answer_devices(struct call_context *call)
{
	struct devices devices = {
		.room = call->request->brief ? API_BRIEF_PRINTERS + 1 : SIZE_MAX,
	};
	size_t room = devices.room;

	api_data_add(&devices.list, write_piece, "[");
	if (registry_each_printer(call->registry, call->account.user_id, add_device, &devices) <
	    0) {
		fail_registry(call);
	} else if (devices.room == 0) {
		postpone(call);
	} else {
		api_data_add(&devices.list, write_piece, "]");
		if (devices.room == room) {
			/* An empty list comes as null, as with the vendor. */
			api_data_release(&devices.list);
		}
		api_answer_succeed(call->answer, &devices.list);
	}
	api_data_release(&devices.list);
}

static void write_dsk_key(struct json_writer *writer, const void *context)
{
	const struct registry_printer *printer = context;

	json_object_begin(writer);
	json_member_string(writer, "station_sn", printer->serial);
	json_member_string(writer, "dsk_key", printer->dsk_key);
	json_object_end(writer);
}

/* Printers that the account does not reach are left out, as if they were not there. */
static void add_dsk_key(struct call_context *call, const char *serial, struct api_data *keys)
{
	struct registry_printer printer;

	if (registry_reaches(call->registry, call->account.user_id, serial) != 1 ||
	    registry_find_printer(call->registry, serial, &printer) != 1) {
		return;
	}
	add_element(keys, write_dsk_key, &printer);
	OPENSSL_cleanse(&printer, sizeof(printer));
}

static void answer_dsk_keys(struct call_context *call)
{
	const cJSON *serials = cJSON_GetObjectItemCaseSensitive(call->body, "station_sns");
	const cJSON *serial;
	struct api_data data = {0};

	if (!cJSON_IsArray(serials)) {
		api_answer_fail(call->answer, HTTP_OK, API_BAD_REQUEST,
				"station_sns is missing: an array of serial numbers");
		return;
	}
	if (cJSON_GetArraySize(serials) > DSK_KEYS_MAX) {
		api_answer_fail(call->answer, HTTP_OK, API_BAD_REQUEST,
				"station_sns names too many printers for one call");
		return;
	}
	if (call->request->brief && cJSON_GetArraySize(serials) > API_BRIEF_PRINTERS) {
		postpone(call);
		return;
	}
	api_data_add(&data, write_piece, "{\"dsk_keys\":[");
	cJSON_ArrayForEach(serial, serials)
	{
		if (cJSON_IsString(serial)) {
			add_dsk_key(call, serial->valuestring, &data);
		}
	}
	api_data_add(&data, write_piece, "]}");
	api_answer_succeed(call->answer, &data);
}

/* There is nothing newer than what asks. */
static void write_app_version(struct json_writer *writer, const void *context)
{
	static const char *const fields[] = {"app_name", "app_version", "model"};
	const struct call_context *call = context;

	json_object_begin(writer);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *text = cJSON_GetStringValue(
			cJSON_GetObjectItemCaseSensitive(call->body, fields[i]));

		json_member_string(writer, fields[i], text ? text : "");
	}
	json_member_bool(writer, "force_upgrade", false);
	json_member_string(writer, "download_url", "");
	json_object_end(writer);
}

static void answer_app_version(struct call_context *call)
{
	succeed(call, write_app_version);
}

static void answer_hub(struct call_context *call)
{
	api_hub_call(call->registry, call->request->path, call->body, call->answer);
}

/* Ours: what a client has to know before it can log in. */
static void write_service(struct json_writer *writer, const void *context)
{
	const struct call_context *call = context;

	json_object_begin(writer);
	json_member_string(writer, "public_key", call->service_public_hex);
	json_member_int(writer, "broker_port", call->mqtt_port);
	json_object_end(writer);
}

static void answer_service(struct call_context *call)
{
	succeed(call, write_service);
}

static const struct call calls[] = {
	{"GET", "/v1/passport/profile", true, answer_profile},
	{"GET", "/v3/passport/profile", true, answer_profile},
	{"POST", "/v1/app/query_fdm_list", true, answer_devices},
	{"POST", "/v3/app/query_fdm_list", true, answer_devices},
	{"POST", "/v1/app/equipment/get_dsk_keys", true, answer_dsk_keys},
	{"POST", "/v3/app/equipment/get_dsk_keys", true, answer_dsk_keys},
	{"POST", "/v1/app/ota/get_app_version", false, answer_app_version},
	{"POST", "/v1/hub/query_device_info", false, answer_hub},
	{"POST", "/v1/hub/ota/get_rom_version", false, answer_hub},
	{"POST", "/v2/hub/query_device_info", false, answer_hub},
	{"POST", "/v2/hub/ota/get_rom_version", false, answer_hub},
	{"POST", "/v2/hub/get_p2p_connectinfo", false, answer_hub},
	{"GET", "/v1/flagship/service", false, answer_service},
};

static const char *const login_paths[] = {"/v2/passport/login", "/v3/passport/login"};

bool api_is_login(const char *method, const char *path)
{
	for (size_t i = 0; i < sizeof(login_paths) / sizeof(login_paths[0]); i++) {
		if (strcmp(path, login_paths[i]) == 0) {
			return strcmp(method, "POST") == 0;
		}
	}
	return false;
}

static const struct call *find_call(const char *method, const char *path, bool *path_known)
{
	*path_known = false;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(calls[i].path, path) != 0) {
			continue;
		}
		*path_known = true;
		if (strcmp(calls[i].method, method) == 0) {
			return &calls[i];
		}
	}
	return NULL;
}

bool api_call_reads(const char *method, const char *path)
{
	bool path_known;
	const struct call *call = find_call(method, path, &path_known);

	return call && (call->needs_login || call->run == answer_hub);
}

/* MD5 of the user id, which a client that has the token knows. */
static bool gtoken_fits(const char *gtoken, const char *user_id)
{
	uint8_t digest[MD5_SIZE];
	char expected[2 * MD5_SIZE + 1];
	char given[2 * MD5_SIZE + 1] = "";

	if (gtoken[0] == '\0') {
		return true;
	}
	if (strlen(gtoken) != sizeof(expected) - 1 ||
	    EVP_Digest(user_id, strlen(user_id), digest, NULL, EVP_md5(), NULL) != 1) {
		return false;
	}
	hex_encode(digest, sizeof(digest), HEX_LOWER, expected);
	for (size_t i = 0; i < sizeof(given) - 1; i++) {
		given[i] = (char)tolower((unsigned char)gtoken[i]);
	}
	return CRYPTO_memcmp(given, expected, sizeof(expected)) == 0;
}

static bool log_in(struct call_context *call)
{
	char user_id[REGISTRY_TEXT_MAX] = "";
	int found = registry_look_token(call->registry, call->request->token, call->request->now_s,
					user_id, &call->note_due);

	if (found > 0) {
		found = registry_find_user(call->registry, user_id, &call->account);
	}
	if (found < 0) {
		fail_registry(call);
	} else if (found == 0 || !gtoken_fits(call->request->gtoken, user_id)) {
		found = 0;
		api_answer_fail(call->answer, HTTP_UNAUTHORIZED, API_NOT_LOGGED_IN,
				"the token is unknown, expired or revoked: log in again");
	}
	OPENSSL_cleanse(user_id, sizeof(user_id));
	return found > 0;
}

static void run_call(struct call_context *call, const struct call *known)
{
	if (!known->needs_login || log_in(call)) {
		known->run(call);
	}
	call->answer->note_due = call->note_due;
	registry_account_wipe(&call->account);
}

/* An empty body counts as {}: some clients send none. */
static cJSON *parse_body(const struct api_request *request)
{
	cJSON *body = request->length ? store_json_parse(request->body, request->length)
				      : store_json_parse("{}", 2);

	if (!cJSON_IsObject(body)) {
		cJSON_Delete(body);
		return NULL;
	}
	return body;
}

void api_call(struct registry *registry, const char *service_public_hex, uint16_t mqtt_port,
	      const struct api_request *request, struct api_answer *answer)
{
	struct call_context call = {
		.registry = registry,
		.service_public_hex = service_public_hex,
		.mqtt_port = mqtt_port,
		.request = request,
		.answer = answer,
	};
	bool path_known;
	const struct call *known = find_call(request->method, request->path, &path_known);
	cJSON *body = NULL;

	*answer = (struct api_answer){0};
	if (!known) {
		api_answer_fail(answer, path_known ? HTTP_NOT_ALLOWED : HTTP_NOT_FOUND,
				API_BAD_REQUEST,
				path_known ? "this call wants another method" : "no such call");
		return;
	}
	if (request->length > API_BODY_MAX) {
		api_answer_fail(answer, HTTP_TOO_LARGE, API_BAD_REQUEST, "the body is too large");
		return;
	}
	if (strcmp(request->method, "POST") == 0) {
		body = parse_body(request);
		if (!body) {
			api_answer_fail(answer, HTTP_BAD_REQUEST, API_BAD_REQUEST,
					"the body is no JSON object");
			return;
		}
	}
	call.body = body;
	run_call(&call, known);
	cJSON_Delete(body);
}
