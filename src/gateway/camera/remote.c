/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cameras of others, by a URL: a child fetches JPEGs, which are shown as they come, or units of a
 * film, which are taken as those of the printer's own. */

#define RETRY_REMOTE_MS 5000
#define DOUBLINGS_MAX   3 /* of it */
#define NO_RTSP                                                                      \
	"RTSP is not spoken here: flagship was built without libavformat (Debian's " \
	"libavformat-dev), and has no flagship-rtsp"

static void on_remote_picture(void *context, const uint8_t *jpeg, size_t length)
{
	struct camera *camera = context;

	camera->failures = 0;
	painting_show(camera, jpeg, length);
	encoding_take(camera, jpeg, length);
}

static void on_remote_unit(void *context, const uint8_t *unit, size_t length)
{
	struct camera *camera = context;

	camera->failures = 0;
	camera_take_unit(camera, unit, length);
}

static void on_remote_text(void *context, const char *text, size_t length)
{
	struct camera *camera = context;

	snprintf(camera->remote_fault, sizeof(camera->remote_fault), "%.*s", (int)length, text);
}

static void on_remote_end(void *context)
{
	struct camera *camera = context;
	struct cameras *cameras = camera->cameras;
	const char *why = camera->remote_fault;

	if (why[0] == '\0') {
		snprintf(camera->remote_fault, sizeof(camera->remote_fault),
			 "what fetches the pictures of the camera's URL ended");
	}
	camera->remote = NULL;
	painting_end(camera);
	log_event(cameras->log, LOG_LEVEL_DEBUG, CAMERAS_LOG_PART, "the camera's URL gives no more",
		  LOG_TEXT("printer", camera->serial), LOG_TEXT("why", why));
	camera->retry_at_ms = uv_now(cameras->loop) +
			      ((uint64_t)RETRY_REMOTE_MS << camera->failures);
	camera->failures += camera->failures < DOUBLINGS_MAX;
	camera_report(camera, REST_UNAVAILABLE, why);
	camera_tidy(camera);
}

bool remote_rests(const struct camera *camera)
{
	return camera->remote_fault[0] != '\0' &&
	       uv_now(camera->cameras->loop) < camera->retry_at_ms;
}

bool remote_open(struct camera *camera, const char *url, int *status, const char **why)
{
	static const struct converter_handlers of_pictures = {.on_picture = on_remote_picture,
							      .on_text = on_remote_text,
							      .on_end = on_remote_end};
	static const struct converter_handlers of_film = {
		.on_picture = on_remote_unit, .on_text = on_remote_text, .on_end = on_remote_end};
	struct cameras *cameras = camera->cameras;
	bool has_film = webcam_url_has_film(url);
	struct problem problem;

	if (remote_rests(camera)) {
		*status = REST_UNAVAILABLE;
		*why = camera->remote_fault;
		return false;
	}
	*status = REST_UNAVAILABLE;
	if (has_film && cameras->rtsp_program[0] == '\0') {
		*why = NO_RTSP;
		return false;
	}
	camera->remote_fault[0] = '\0';
	camera_begin_film(camera);
	if (converter_start(
		    cameras->loop, has_film ? cameras->rtsp_program : cameras->webcam_program, NULL,
		    has_film ? &of_film : &of_pictures, camera, &camera->remote, &problem)) {
		log_bounded(cameras->log, LOG_LEVEL_ERROR, CAMERAS_LOG_PART, problem.text);
		*why = has_film ? "flagship-rtsp, which fetches films of cameras that have a URL, "
				  "cannot be started"
				: "flagship-webcam, which fetches pictures of cameras that have a "
				  "URL, cannot be started";
		return false;
	}
	converter_feed(camera->remote, (const uint8_t *)url, strlen(url), true);
	return true;
}

void remote_close(struct camera *camera)
{
	if (camera->remote) {
		converter_stop(camera->remote);
		camera->remote = NULL;
		painting_end(camera);
	}
}

/* --- which one it is --- */

struct shown_source {
	const char *source; /* NULL: there is no camera */
	const char *url;    /* NULL: none, or none of theirs who ask */
	bool film;
	const char *quality; /* NULL: it is not the printer's own */
};

static void write_source(struct json_writer *writer, const void *context)
{
	const struct shown_source *shown = context;

	json_object_begin(writer);
	json_member_string(writer, "source", shown->source);
	json_member_string(writer, "url", shown->url);
	json_member_bool(writer, "film", shown->film);
	json_member_string(writer, "quality", shown->quality);
	json_object_end(writer);
}

/* A URL may hold a password: it is for those who may set it. */
static void respond_source(struct http_request *request, const struct cameras *cameras,
			   const struct fleet_printer *printer)
{
	const char *serial = fleet_printer_serial(printer);
	const char *url = webcam_book_url(cameras->book, serial);
	bool is_own = !url && webcam_exists(cameras->book, printer);
	const struct shown_source shown = {
		.source = url      ? "url"
			  : is_own ? "printer"
				   : NULL,
		.url = access_rights(request) & ACCESS_MANAGE ? url : NULL,
		.film = cameras_have_stream(cameras, printer),
		.quality = !is_own                             ? NULL
			   : cameras_is_small(cameras, serial) ? "sd"
							       : "hd",
	};

	rest_respond(request, REST_OK, write_source, &shown);
}

void camera_get_source(struct http_request *request, void *context)
{
	const struct cameras *cameras = context;
	const struct fleet_printer *printer = web_find_printer(cameras->printers, request,
							       rest_refuse);

	if (printer) {
		respond_source(request, cameras, printer);
	}
}

static void change_source(struct http_request *request, struct cameras *cameras, const char *url)
{
	const struct fleet_printer *printer = web_find_printer(cameras->printers, request,
							       rest_refuse);
	struct problem problem;

	if (!printer) {
		return;
	}
	const char *serial = fleet_printer_serial(printer);
	int error = webcam_book_set(cameras->book, serial, url, &problem);
	access_audit(cameras->access, request, url ? "camera by URL" : "camera without URL", serial,
		     error ? "failed" : "done");
	if (error) {
		rest_respond_problem(request, REST_FAILED, "%s", problem.text);
		return;
	}
	cameras_change_source(cameras, printer);
	respond_source(request, cameras, printer);
}

/* Why not is for people. */
static bool can_show(const struct cameras *cameras, const char *url, const char **reason)
{
	if (!webcam_url_is_good(url, reason)) {
		return false;
	}
	*reason = webcam_url_has_film(url) && cameras->rtsp_program[0] == '\0' ? NO_RTSP : NULL;
	return !*reason;
}

void camera_put_source(struct http_request *request, void *context)
{
	cJSON *body = rest_read_body(request, "url");
	const cJSON *url = cJSON_GetObjectItemCaseSensitive(body, "url");
	const char *reason = NULL;

	if (body && cJSON_IsNull(url)) {
		change_source(request, context, NULL);
	} else if (body && cJSON_IsString(url) && can_show(context, url->valuestring, &reason)) {
		change_source(request, context, url->valuestring);
	} else if (body) {
		rest_respond_problem(request, REST_BAD_REQUEST, "%s",
				     reason ? reason : "'url' is to be a text, or null");
	}
	cJSON_Delete(body);
}
