/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Requests that a picture of the camera answers: JPEGs, and the light. */

#define JPEG_TYPE "image/jpeg"
#define ASK_MS    30000 /* a printer may take 20 s to take another session */

/* --- who waits --- */

static struct http_request *take_request(struct asker *asker)
{
	struct http_request *request = asker->request;

	http_request_watch(request, NULL, NULL);
	list_remove(&asker->place);
	free(asker);
	return request;
}

static void audit_light(const struct asker *asker, const char *outcome)
{
	access_audit(asker->camera->cameras->access, asker->request,
		     asker->kind == ASKER_LIGHT_ON ? "camera light on" : "camera light off",
		     asker->camera->serial, outcome);
}

static bool wants_jpeg(const struct asker *asker)
{
	return asker->kind == ASKER_SNAPSHOT || asker->kind == ASKER_MJPEG;
}

static void refuse_asker(struct asker *asker, int status, const char *why)
{
	if (!wants_jpeg(asker)) {
		audit_light(asker, "failed");
	}
	rest_respond_problem(take_request(asker), status, "%s", why);
}

void pictures_refuse(struct camera *camera, int status, const char *why)
{
	while (!list_is_empty(&camera->askers)) {
		refuse_asker(LIST_OF(camera->askers.next, struct asker, place), status, why);
	}
}

void pictures_beat(struct camera *camera)
{
	struct list *next;

	for (struct list *at = camera->askers.next; at != &camera->askers; at = next) {
		struct asker *asker = LIST_OF(at, struct asker, place);

		next = at->next;
		if (uv_now(camera->cameras->loop) >= asker->due_ms) {
			refuse_asker(asker, REST_GATEWAY_TIMEOUT, "no picture came in time");
		}
	}
}

static void on_picture_asker_gone(void *context)
{
	struct asker *asker = context;

	list_remove(&asker->place);
	free(asker);
}

bool pictures_are_awaited(const struct camera *camera)
{
	for (const struct list *at = camera->askers.next; at != &camera->askers; at = at->next) {
		if (wants_jpeg(LIST_OF(at, struct asker, place))) {
			return true;
		}
	}
	return false;
}

static void respond_jpeg(struct http_request *request, const struct camera_jpeg *jpeg)
{
	static const struct http_header headers[] = {{"cache-control", "no-store"}};
	const struct http_response response = {
		.status = REST_OK,
		.content_type = JPEG_TYPE,
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
		.body = jpeg->data,
		.length = jpeg->length,
	};

	http_respond(request, &response);
}

/* Those of this kind, with the JPEG that there is; fault: that none could be made. */
static void answer_jpegs(struct camera *camera, const char *fault)
{
	struct list *next;

	for (struct list *at = camera->askers.next; at != &camera->askers; at = next) {
		struct asker *asker = LIST_OF(at, struct asker, place);
		unsigned int fps = asker->fps;

		next = at->next;
		if (!wants_jpeg(asker)) {
			continue;
		}
		if (fault) {
			refuse_asker(asker, REST_GATEWAY_TIMEOUT, fault);
		} else if (asker->kind == ASKER_SNAPSHOT) {
			respond_jpeg(take_request(asker), camera->jpeg);
		} else {
			mjpeg_begin(camera, take_request(asker), fps);
		}
	}
}

void pictures_show(struct camera *camera)
{
	answer_jpegs(camera, NULL);
	mjpeg_show(camera);
}

void pictures_fail(struct camera *camera, const char *why)
{
	answer_jpegs(camera, why);
}

static void write_light(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	json_member_bool(writer, "on", *(const bool *)context);
	json_object_end(writer);
}

/* The printer heard what was told before the picture. */
static void answer_lights(struct camera *camera)
{
	struct list *next;

	for (struct list *at = camera->askers.next; at != &camera->askers; at = next) {
		struct asker *asker = LIST_OF(at, struct asker, place);
		bool on = asker->kind == ASKER_LIGHT_ON;

		next = at->next;
		if (!wants_jpeg(asker)) {
			audit_light(asker, "done");
			rest_respond(take_request(asker), REST_OK, write_light, &on);
		}
	}
}

void pictures_opened(struct camera *camera)
{
	for (struct list *at = camera->askers.next; at != &camera->askers; at = at->next) {
		const struct asker *asker = LIST_OF(at, struct asker, place);

		if (!wants_jpeg(asker)) {
			lan_camera_set_light(camera->session, asker->kind == ASKER_LIGHT_ON);
		}
	}
}

void pictures_came(struct camera *camera)
{
	answer_lights(camera);
}

/* --- requests --- */

struct camera *pictures_open_camera(struct http_request *request, struct cameras *cameras)
{
	const struct fleet_printer *printer = web_find_printer(cameras->printers, request,
							       rest_refuse);
	int status;
	const char *why;

	if (!printer) {
		return NULL;
	}
	if (!webcam_exists(printer)) {
		rest_respond_problem(request, REST_NOT_FOUND, "an %s has no camera",
				     flagship_model_name(fleet_printer_state(printer)->model));
		return NULL;
	}
	struct camera *camera = cameras->stopped
					? NULL
					: cameras_of(cameras, fleet_printer_serial(printer));
	if (!camera) {
		rest_respond_problem(request, REST_UNAVAILABLE,
				     "the gateway ends, or is out of "
				     "memory");
		return NULL;
	}
	if (camera_is_claimed(camera)) {
		rest_respond_problem(request, REST_CONFLICT,
				     "a file is being sent to the printer: its camera comes back "
				     "after that");
		return NULL;
	}
	if (!camera_open(camera, &status, &why)) {
		rest_respond_problem(request, status, "%s", why);
		camera_tidy(camera);
		return NULL;
	}
	return camera;
}

static struct asker *await_picture(struct http_request *request, struct camera *camera)
{
	struct asker *asker = calloc(1, sizeof(*asker));

	if (!asker) {
		rest_respond_problem(request, REST_UNAVAILABLE, "out of memory");
		return NULL;
	}
	*asker = (struct asker){.camera = camera,
				.request = request,
				.due_ms = uv_now(camera->cameras->loop) + ASK_MS};
	list_insert(&camera->askers, &asker->place);
	http_request_watch(request, on_picture_asker_gone, asker);
	return asker;
}

void camera_get_snapshot(struct http_request *request, void *context)
{
	struct camera *camera = pictures_open_camera(request, context);

	if (!camera) {
		return;
	}
	if (painting_is_fresh(camera)) {
		respond_jpeg(request, camera->jpeg);
	} else if (await_picture(request, camera)) {
		painting_begin(camera);
	}
}

void camera_get_mjpeg(struct http_request *request, void *context)
{
	unsigned int fps;

	if (!mjpeg_read_fps(request, &fps)) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "'fps' is to be a whole number from 1 to %d", MJPEG_FPS_MAX);
		return;
	}
	struct camera *camera = pictures_open_camera(request, context);
	if (!camera) {
		return;
	}
	if (painting_is_fresh(camera)) {
		mjpeg_begin(camera, request, fps);
		return;
	}
	struct asker *asker = await_picture(request, camera);
	if (asker) {
		asker->kind = ASKER_MJPEG;
		asker->fps = fps;
		painting_begin(camera);
	}
}

void camera_post_light(struct http_request *request, void *context)
{
	cJSON *body = rest_read_body(request, "on");
	const cJSON *on = cJSON_GetObjectItemCaseSensitive(body, "on");

	if (!body) {
		return;
	}
	bool is_on = cJSON_IsTrue(on);
	bool is_good = cJSON_IsBool(on);
	cJSON_Delete(body);
	if (!is_good) {
		rest_respond_problem(request, REST_BAD_REQUEST, "'on' is to be true or false");
		return;
	}
	struct camera *camera = pictures_open_camera(request, context);
	struct asker *asker = camera ? await_picture(request, camera) : NULL;
	if (asker) {
		asker->kind = is_on ? ASKER_LIGHT_ON : ASKER_LIGHT_OFF;
		if (camera_is_open(camera)) {
			lan_camera_set_light(camera->session, is_on);
		}
	}
}
