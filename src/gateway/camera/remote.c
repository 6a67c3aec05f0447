/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cameras of others, by a URL: a child fetches JPEGs, which are shown as they come. */

#define RETRY_REMOTE_MS 5000

static void on_remote_picture(void *context, const uint8_t *jpeg, size_t length)
{
	painting_show(context, jpeg, length);
	encoding_take(context, jpeg, length);
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
			 "flagship-webcam ended");
	}
	camera->remote = NULL;
	painting_end(camera);
	log_event(cameras->log, LOG_LEVEL_DEBUG, CAMERAS_LOG_PART, "the camera's URL gives no more",
		  LOG_TEXT("printer", camera->serial), LOG_TEXT("why", why));
	camera->retry_at_ms = uv_now(cameras->loop) + RETRY_REMOTE_MS;
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
	static const struct converter_handlers handlers = {.on_picture = on_remote_picture,
							   .on_text = on_remote_text,
							   .on_end = on_remote_end};
	struct cameras *cameras = camera->cameras;
	struct problem problem;

	if (remote_rests(camera)) {
		*status = REST_UNAVAILABLE;
		*why = camera->remote_fault;
		return false;
	}
	camera->remote_fault[0] = '\0';
	if (converter_start(cameras->loop, cameras->webcam_program, NULL, &handlers, camera,
			    &camera->remote, &problem)) {
		log_bounded(cameras->log, LOG_LEVEL_ERROR, CAMERAS_LOG_PART, problem.text);
		*status = REST_UNAVAILABLE;
		*why = "flagship-webcam, which fetches pictures of cameras that have a URL, cannot "
		       "be started";
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
};

static void write_source(struct json_writer *writer, const void *context)
{
	const struct shown_source *shown = context;

	json_object_begin(writer);
	json_member_string(writer, "source", shown->source);
	json_member_string(writer, "url", shown->url);
	json_object_end(writer);
}

/* A URL may hold a password: it is for those who may set it. */
static void respond_source(struct http_request *request, const struct cameras *cameras,
			   const struct fleet_printer *printer)
{
	const char *url = webcam_book_url(cameras->book, fleet_printer_serial(printer));
	const struct shown_source shown = {
		.source = url                                     ? "url"
			  : webcam_exists(cameras->book, printer) ? "printer"
								  : NULL,
		.url = access_rights(request) & ACCESS_MANAGE ? url : NULL,
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

void camera_put_source(struct http_request *request, void *context)
{
	cJSON *body = rest_read_body(request, "url");
	const cJSON *url = cJSON_GetObjectItemCaseSensitive(body, "url");
	const char *reason = NULL;

	if (body && cJSON_IsNull(url)) {
		change_source(request, context, NULL);
	} else if (body && cJSON_IsString(url) && webcam_url_is_good(url->valuestring, &reason)) {
		change_source(request, context, url->valuestring);
	} else if (body) {
		rest_respond_problem(request, REST_BAD_REQUEST, "%s",
				     reason ? reason : "'url' is to be a text, or null");
	}
	cJSON_Delete(body);
}
