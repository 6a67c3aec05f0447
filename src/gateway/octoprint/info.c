/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "gateway/octoprint/internal.h"
#include "gateway/webcam/address.h"
#include "printer/profile.h"

#include <cjson/cJSON.h>
#include <flagship/flagship.h>

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SECRET_BYTES 16
#define USER         "flagship" /* whoever asks where there are no users; "_api" is refused by some */
#define FEED_MM_MIN  6000
#define NOZZLE_MM    0.4

/* --- version --- */

struct shown_version {
	bool digest; /* a client of PrusaLink asks */
	bool newer;  /* as from OctoPrint 2.0 on: without `api` */
};

static void write_version(struct json_writer *writer, const void *context)
{
	const struct shown_version *shown = context;
	char text[OCTO_DETAIL_SIZE];

	snprintf(text, sizeof(text), "%s (flagship %s)", shown->digest ? "PrusaLink" : "OctoPrint",
		 flagship_version());
	json_object_begin(writer);
	if (!shown->newer) {
		json_member_string(writer, "api", shown->digest ? "2.0.0" : "0.1");
	}
	json_member_string(writer, "server", OCTO_VERSION);
	json_member_string(writer, "text", text);
	json_key(writer, "capabilities");
	json_object_begin(writer);
	json_member_bool(writer, "upload-by-put", true);
	json_object_end(writer);
	json_object_end(writer);
}

void octo_get_version(struct http_request *request, void *context)
{
	static const char digest[] = "digest ";
	const char *authorization = http_request_header(request, "authorization");
	const char *wanted = http_request_header(request, "x-octoprint-api-version");
	const struct shown_version shown = {
		/* OctoPrint has no such login, and PrusaLink's clients look for its name. */
		.digest = authorization &&
			  strncasecmp(authorization, digest, sizeof(digest) - 1) == 0,
		.newer = wanted && wanted[0] >= '2' && wanted[0] <= '9',
	};

	if (octo_find_printer(request, context)) {
		octo_respond(request, OCTO_OK, NULL, write_version, &shown);
	}
}

static void write_server(struct json_writer *writer, const void *context)
{
	(void)context;
	json_object_begin(writer);
	json_member_string(writer, "version", OCTO_VERSION);
	json_member_string(writer, "safemode", NULL);
	json_object_end(writer);
}

void octo_get_server(struct http_request *request, void *context)
{
	if (octo_find_printer(request, context)) {
		octo_respond(request, OCTO_OK, NULL, write_server, NULL);
	}
}

/* --- users --- */

struct shown_user {
	const char *name;
	const char *session; /* NULL: none */
};

static void write_list(struct json_writer *writer, const char *name, const char *const *texts,
		       size_t count)
{
	json_key(writer, name);
	json_array_begin(writer);
	for (size_t i = 0; i < count; i++) {
		json_string(writer, texts[i]);
	}
	json_array_end(writer);
}

static void write_user(struct json_writer *writer, const void *context)
{
	static const char *const groups[] = {"users"};
	static const char *const permissions[] = {
		"STATUS",       "CONNECTION",   "CONTROL",        "PRINT",        "FILES_LIST",
		"FILES_UPLOAD", "FILES_DELETE", "FILES_DOWNLOAD", "SETTINGS_READ"};
	const struct shown_user *shown = context;

	json_object_begin(writer);
	json_member_string(writer, "name", shown->name);
	write_list(writer, "groups", groups, sizeof(groups) / sizeof(groups[0]));
	write_list(writer, "permissions", permissions,
		   sizeof(permissions) / sizeof(permissions[0]));
	if (shown->session) {
		json_member_string(writer, "session", shown->session);
		json_member_bool(writer, "active", true);
		json_member_bool(writer, "user", true);
		json_member_bool(writer, "admin", false);
		json_member_string(writer, "apikey", NULL);
		/* Some fail where the group is not there. */
		json_key(writer, "needs");
		json_object_begin(writer);
		write_list(writer, "group", groups, sizeof(groups) / sizeof(groups[0]));
		write_list(writer, "role", permissions,
			   sizeof(permissions) / sizeof(permissions[0]));
		json_object_end(writer);
		json_member_bool(writer, "_is_external_client", false);
		json_member_string(writer, "_login_mechanism", "apikey");
	}
	json_object_end(writer);
}

static const char *user_of(const struct http_request *request)
{
	const char *user = http_request_user(request);

	return user[0] != '\0' ? user : USER;
}

/* The oldest one gives way. */
static const struct octo_session *begin_session(struct octoprint *octoprint,
						const struct access_identity *identity,
						const char *serial)
{
	struct octo_session *session = octoprint->sessions;
	unsigned char secret[SECRET_BYTES];

	struct access_identity *copy = identity ? access_identity_copy(identity) : NULL;
	if (!copy || RAND_bytes(secret, sizeof(secret)) != 1) {
		access_identity_free(copy);
		return NULL;
	}
	for (size_t i = 1; i < OCTO_SESSIONS; i++) {
		if (octoprint->sessions[i].until_ms < session->until_ms) {
			session = &octoprint->sessions[i];
		}
	}
	access_identity_free(session->identity);
	session->identity = copy;
	session->until_ms = uv_now(octoprint->timer.loop) + OCTO_SESSION_MS;
	hex_encode(secret, sizeof(secret), HEX_LOWER, session->secret);
	snprintf(session->serial, sizeof(session->serial), "%s", serial);
	return session;
}

void octo_post_login(struct http_request *request, void *context)
{
	struct octoprint *octoprint = context;
	const struct fleet_printer *printer = octo_find_printer(request, octoprint);

	if (!printer) {
		return;
	}
	const struct octo_session *session = begin_session(octoprint, access_identity(request),
							   fleet_printer_serial(printer));
	if (!session) {
		octoprint_refuse(request, OCTO_FAILED,
				 "no session can be made: memory or randomness is short");
		return;
	}
	const struct shown_user shown = {.name = user_of(request), .session = session->secret};

	octo_respond(request, OCTO_OK, NULL, write_user, &shown);
}

void octo_post_logout(struct http_request *request, void *context)
{
	if (octo_find_printer(request, context)) {
		http_respond(request, &(struct http_response){.status = OCTO_NO_CONTENT});
	}
}

void octo_get_currentuser(struct http_request *request, void *context)
{
	const struct shown_user shown = {.name = user_of(request)};

	if (octo_find_printer(request, context)) {
		octo_respond(request, OCTO_OK, NULL, write_user, &shown);
	}
}

/* --- settings --- */

struct shown_settings {
	const struct fleet_printer *printer;
	char stream[WEBCAM_URL_SIZE]; /* "": it has no camera */
	char snapshot[WEBCAM_URL_SIZE];
};

/* Clients take a path as one of the host that they talk to, and make the address of single pictures
 * of that of moving ones; others fetch that of single pictures as it stands. */
static void write_webcam(struct json_writer *writer, const struct shown_settings *shown)
{
	json_object_begin(writer);
	json_member_bool(writer, "webcamEnabled", shown->stream[0] != '\0');
	json_member_string(writer, "streamUrl", shown->stream);
	json_member_string(writer, "snapshotUrl", shown->snapshot);
	json_member_string(writer, "streamRatio", "16:9");
	json_member_bool(writer, "flipH", false);
	json_member_bool(writer, "flipV", false);
	json_member_bool(writer, "rotate90", false);
	json_object_end(writer);
}

static void write_settings(struct json_writer *writer, const void *context)
{
	const struct shown_settings *shown = context;
	const struct fleet_printer *printer = shown->printer;

	json_object_begin(writer);
	json_key(writer, "api");
	json_object_begin(writer);
	json_member_string(writer, "key", NULL);
	json_member_bool(writer, "allowCrossOrigin", false);
	json_object_end(writer);
	json_key(writer, "appearance");
	json_object_begin(writer);
	json_member_string(writer, "name", octo_name(printer));
	json_member_string(writer, "color", "default");
	json_object_end(writer);
	json_key(writer, "feature");
	json_object_begin(writer);
	json_member_bool(writer, "sdSupport", false);
	json_member_bool(writer, "temperatureGraph", true);
	json_member_bool(writer, "modelSizeDetection", false);
	json_object_end(writer);
	json_key(writer, "plugins");
	json_object_begin(writer);
	json_object_end(writer);
	json_key(writer, "temperature");
	json_object_begin(writer);
	json_key(writer, "profiles");
	json_array_begin(writer);
	json_array_end(writer);
	json_object_end(writer);
	json_key(writer, "webcam");
	write_webcam(writer, shown);
	json_object_end(writer);
}

void octo_get_settings(struct http_request *request, void *context)
{
	const struct octoprint *octoprint = context;
	struct shown_settings shown = {.printer = octo_find_printer(request, octoprint)};
	struct webcam_place place = {0};

	if (!shown.printer) {
		return;
	}
	if (webcam_exists(octoprint->webcams, shown.printer)) {
		const char *serial = fleet_printer_serial(shown.printer);
		const struct access_identity *identity = access_identity(request);

		webcam_place_of(octoprint->access, request, &place);
		webcam_write_url(&place, false, serial, WEBCAM_STREAM, identity, shown.stream);
		webcam_write_url(&place, true, serial, WEBCAM_SNAPSHOT, identity, shown.snapshot);
	}
	octo_respond(request, OCTO_OK, NULL, write_settings, &shown);
}

static void write_axis(struct json_writer *writer, const char *name)
{
	json_key(writer, name);
	json_object_begin(writer);
	json_member_int(writer, "speed", FEED_MM_MIN);
	json_member_bool(writer, "inverted", false);
	json_object_end(writer);
}

static void write_volume(struct json_writer *writer, const struct printer_profile *profile)
{
	static const char *const names[] = {"width", "depth", "height"};

	json_key(writer, "volume");
	json_object_begin(writer);
	for (size_t i = 0; i < PRINTER_PROFILE_AXES; i++) {
		json_key(writer, names[i]);
		json_real(writer, profile->range_mm[i][1]);
	}
	json_member_string(writer, "formFactor", "rectangular");
	json_member_string(writer, "origin", "lowerleft");
	json_member_bool(writer, "custom_box", false);
	json_object_end(writer);
}

static void write_profile(struct json_writer *writer, const struct fleet_printer *printer)
{
	enum flagship_model kind = fleet_printer_state(printer)->model;
	const char *model = flagship_model_name(kind);

	json_object_begin(writer);
	json_member_string(writer, "id", "_default");
	json_member_string(writer, "name", octo_name(printer));
	json_member_string(writer, "model", model ? model : "AnkerMake");
	json_member_string(writer, "color", "default");
	json_member_bool(writer, "default", true);
	json_member_bool(writer, "current", true);
	json_member_bool(writer, "heatedBed", kind != FLAGSHIP_MODEL_E1);
	json_member_bool(writer, "heatedChamber", false);
	write_volume(writer, fleet_printer_profile(printer));
	json_key(writer, "axes");
	json_object_begin(writer);
	write_axis(writer, "x");
	write_axis(writer, "y");
	write_axis(writer, "z");
	write_axis(writer, "e");
	json_object_end(writer);
	json_key(writer, "extruder");
	json_object_begin(writer);
	json_member_int(writer, "count", 1);
	json_key(writer, "nozzleDiameter");
	json_real(writer, NOZZLE_MM);
	json_member_bool(writer, "sharedNozzle", false);
	json_object_end(writer);
	json_object_end(writer);
}

static void write_profiles(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	json_key(writer, "profiles");
	json_object_begin(writer);
	json_key(writer, "_default");
	write_profile(writer, context);
	json_object_end(writer);
	json_object_end(writer);
}

void octo_get_profiles(struct http_request *request, void *context)
{
	const struct fleet_printer *printer = octo_find_printer(request, context);

	if (printer) {
		octo_respond(request, OCTO_OK, NULL, write_profiles, printer);
	}
}

/* --- the connection: MQTT in place of a serial port --- */

struct shown_connection {
	const struct fleet_printer *printer;
	enum octoprint_mode mode;
};

static void write_connection(struct json_writer *writer, const void *context)
{
	static const char *const ports[] = {"MQTT"};
	const struct shown_connection *shown = context;
	bool connected = shown->mode != OCTOPRINT_OFFLINE;

	json_object_begin(writer);
	json_key(writer, "current");
	json_object_begin(writer);
	json_member_string(writer, "state", octoprint_mode_text(shown->mode));
	json_member_string(writer, "port", connected ? ports[0] : NULL);
	json_member_string(writer, "baudrate", NULL);
	json_member_string(writer, "printerProfile", "_default");
	json_object_end(writer);
	json_key(writer, "options");
	json_object_begin(writer);
	write_list(writer, "ports", ports, sizeof(ports) / sizeof(ports[0]));
	write_list(writer, "baudrates", NULL, 0);
	json_key(writer, "printerProfiles");
	json_array_begin(writer);
	json_object_begin(writer);
	json_member_string(writer, "id", "_default");
	json_member_string(writer, "name", octo_name(shown->printer));
	json_object_end(writer);
	json_array_end(writer);
	json_member_string(writer, "portPreference", ports[0]);
	json_member_string(writer, "baudratePreference", NULL);
	json_member_string(writer, "printerProfilePreference", "_default");
	json_member_bool(writer, "autoconnect", true);
	json_object_end(writer);
	json_object_end(writer);
}

void octo_get_connection(struct http_request *request, void *context)
{
	const struct octoprint *octoprint = context;
	struct shown_connection shown = {.printer = octo_find_printer(request, octoprint)};

	if (shown.printer) {
		shown.mode = octo_mode(octoprint, shown.printer);
		octo_respond(request, OCTO_OK, NULL, write_connection, &shown);
	}
}

void octo_post_connection(struct http_request *request, void *context)
{
	const struct octoprint *octoprint = context;
	struct fleet_printer *printer = octo_find_printer(request, octoprint);
	cJSON *json;

	if (!printer || !web_read_json(request, octoprint_refuse, &json)) {
		return;
	}
	const char *command = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(json, "command"));
	if (command && strcmp(command, "connect") == 0) {
		/* It is connected whenever it can be: it is asked how it is. */
		(void)fleet_ask_status(printer);
		http_respond(request, &(struct http_response){.status = OCTO_NO_CONTENT});
	} else if (command && strcmp(command, "disconnect") == 0) {
		octoprint_refuse(request, OCTO_CONFLICT,
				 "the gateway keeps its printers connected");
	} else {
		octoprint_refuse(request, OCTO_BAD_REQUEST,
				 "the body is to be {\"command\": \"connect\"}");
	}
	cJSON_Delete(json);
}
