/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Requests that a picture of the camera answers: JPEGs, and what it is told. */

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

static void audit_order(const struct asker *asker, const char *outcome)
{
	static const char *const actions[] = {
		[CAMERA_LIGHT_OFF] = "camera light off",
		[CAMERA_LIGHT_ON] = "camera light on",
		[CAMERA_SD] = "camera quality sd",
		[CAMERA_HD] = "camera quality hd",
	};

	access_audit(asker->camera->cameras->access, asker->request, actions[asker->order],
		     asker->camera->serial, outcome);
}

static void refuse_asker(struct asker *asker, int status, const char *why)
{
	if (asker->kind == ASKER_ORDER) {
		audit_order(asker, status == REST_GATEWAY_TIMEOUT ? "unanswered" : "failed");
	}
	rest_respond_problem(take_request(asker), status, "%s", why);
}

void pictures_refuse(struct camera *camera, int status, const char *why)
{
	while (!list_is_empty(&camera->askers)) {
		/* It is in the list still. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		refuse_asker(LIST_OF(camera->askers.next, struct asker, place), status, why);
	}
}

void pictures_beat(struct camera *camera)
{
	struct list *next;

	pictures_heard(camera);
	for (struct list *at = camera->askers.next; at != &camera->askers; at = next) {
		struct asker *asker = LIST_OF(at, struct asker, place);

		next = at->next;
		if (uv_now(camera->cameras->loop) >= asker->due_ms) {
			refuse_asker(asker, REST_GATEWAY_TIMEOUT,
				     asker->kind == ASKER_ORDER
					     ? "the printer did not acknowledge it in time: "
					       "whether it does it is not known"
					     : "no picture came in time");
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
		if (LIST_OF(at, struct asker, place)->kind != ASKER_ORDER) {
			return true;
		}
	}
	return false;
}

/* Who reads slowly, and there may be many of them, has no copy of his own. */
struct sent_jpeg {
	struct camera_jpeg *jpeg;
	size_t sent;
};

static ssize_t read_sent(void *context, char *out, size_t capacity)
{
	struct sent_jpeg *sent = context;
	size_t left = sent->jpeg->length - sent->sent;
	size_t some = left < capacity ? left : capacity;

	memcpy(out, sent->jpeg->data + sent->sent, some);
	sent->sent += some;
	return (ssize_t)some;
}

static void release_sent(void *context)
{
	struct sent_jpeg *sent = context;

	camera_jpeg_release(sent->jpeg);
	free(sent);
}

static void respond_jpeg(struct http_request *request, struct camera_jpeg *jpeg)
{
	static const struct http_source source = {.read = read_sent, .release = release_sent};
	static const struct http_header headers[] = {{"cache-control", "no-store"}};
	const struct http_response response = {
		.status = REST_OK,
		.content_type = JPEG_TYPE,
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
	};
	struct sent_jpeg *sent = malloc(sizeof(*sent));

	if (!sent) {
		rest_respond_problem(request, REST_UNAVAILABLE, "out of memory");
		return;
	}
	*sent = (struct sent_jpeg){.jpeg = camera_jpeg_hold(jpeg)};
	http_respond_stream(request, &response, (int64_t)jpeg->length, &source, sent);
}

/* Those of this kind, with the JPEG that there is; fault: that none could be made. */
static void answer_jpegs(struct camera *camera, const char *fault)
{
	struct list *next;

	for (struct list *at = camera->askers.next; at != &camera->askers; at = next) {
		struct asker *asker = LIST_OF(at, struct asker, place);
		unsigned int fps = asker->fps;

		next = at->next;
		if (asker->kind == ASKER_ORDER) {
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

/* --- orders --- */

static void write_order(struct json_writer *writer, const void *context)
{
	enum camera_order order = *(const enum camera_order *)context;

	json_object_begin(writer);
	if (order == CAMERA_SD || order == CAMERA_HD) {
		json_member_string(writer, "quality", order == CAMERA_SD ? "sd" : "hd");
	} else {
		json_member_bool(writer, "on", order == CAMERA_LIGHT_ON);
	}
	json_object_end(writer);
}

/* What it does from now on, also in sessions to come. */
static void note_order(struct camera *camera, enum camera_order order)
{
	struct cameras *cameras = camera->cameras;

	if (order == CAMERA_LIGHT_ON || order == CAMERA_LIGHT_OFF) {
		looks_note_light(cameras, camera->serial, order == CAMERA_LIGHT_ON);
	} else if (!cameras_set_small(cameras, camera->serial, order == CAMERA_SD)) {
		log_event(cameras->log, LOG_LEVEL_WARNING, CAMERAS_LOG_PART,
			  "out of memory: the next session shows large pictures again",
			  LOG_TEXT("printer", camera->serial));
	}
}

void pictures_heard(struct camera *camera)
{
	struct list *next;

	if (!camera_is_open(camera) || !lan_camera_is_heard(camera->session)) {
		return;
	}
	for (struct list *at = camera->askers.next; at != &camera->askers; at = next) {
		struct asker *asker = LIST_OF(at, struct asker, place);
		enum camera_order order = asker->order;

		next = at->next;
		if (asker->kind == ASKER_ORDER) {
			audit_order(asker, "accepted");
			note_order(camera, order);
			rest_respond(take_request(asker), REST_OK, write_order, &order);
		}
	}
}

static void give_order(const struct camera *camera, enum camera_order order)
{
	if (order == CAMERA_SD || order == CAMERA_HD) {
		lan_camera_set_quality(camera->session, order == CAMERA_HD);
	} else {
		lan_camera_set_light(camera->session, order == CAMERA_LIGHT_ON);
	}
}

void pictures_opened(struct camera *camera)
{
	for (struct list *at = camera->askers.next; at != &camera->askers; at = at->next) {
		const struct asker *asker = LIST_OF(at, struct asker, place);

		if (asker->kind == ASKER_ORDER) {
			give_order(camera, asker->order);
		}
	}
}

/* --- requests --- */

static struct camera *pictures_open_camera(struct http_request *request, struct cameras *cameras)
{
	const struct fleet_printer *printer = web_find_printer(cameras->printers, request,
							       rest_refuse);
	int status;
	const char *why;

	if (!printer) {
		return NULL;
	}
	if (!webcam_exists(cameras->book, printer)) {
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
		rest_respond_problem(request, REST_CONFLICT, "%s: its camera comes back after that",
				     camera_first_claim(camera)->why);
		return NULL;
	}
	if (!camera_open(camera, &status, &why)) {
		rest_respond_problem(request, status, "%s", why);
		camera_tidy(camera);
		return NULL;
	}
	return camera;
}

struct camera *pictures_open_film(struct http_request *request, struct cameras *cameras)
{
	const struct fleet_printer *printer = web_find_printer(cameras->printers, request,
							       rest_refuse);

	if (printer && webcam_exists(cameras->book, printer) &&
	    !cameras_have_stream(cameras, printer)) {
		rest_respond_problem(request, REST_NOT_FOUND,
				     "the camera has a URL that gives JPEGs: it has no film, but "
				     "snapshot.jpg and stream.mjpg");
		return NULL;
	}
	return printer ? pictures_open_camera(request, cameras) : NULL;
}

/* Where it is the printer's own. */
static struct camera *open_own(struct http_request *request, struct cameras *cameras)
{
	const struct fleet_printer *printer = web_find_printer(cameras->printers, request,
							       rest_refuse);

	if (printer && webcam_book_url(cameras->book, fleet_printer_serial(printer))) {
		rest_respond_problem(request, REST_NOT_FOUND,
				     "the camera is not the printer's own: it has neither light "
				     "nor quality here");
		return NULL;
	}
	return printer ? pictures_open_camera(request, cameras) : NULL;
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

static void take_order(struct http_request *request, struct cameras *cameras,
		       enum camera_order order)
{
	struct camera *camera = open_own(request, cameras);
	struct asker *asker = camera ? await_picture(request, camera) : NULL;

	if (asker) {
		asker->kind = ASKER_ORDER;
		asker->order = order;
		if (camera_is_open(camera)) {
			give_order(camera, order);
		}
	}
}

void camera_post_light(struct http_request *request, void *context)
{
	cJSON *body = rest_read_body(request, "on");
	const cJSON *on = cJSON_GetObjectItemCaseSensitive(body, "on");

	if (body && cJSON_IsBool(on)) {
		take_order(request, context, cJSON_IsTrue(on) ? CAMERA_LIGHT_ON : CAMERA_LIGHT_OFF);
	} else if (body) {
		rest_respond_problem(request, REST_BAD_REQUEST, "'on' is to be true or false");
	}
	cJSON_Delete(body);
}

void camera_post_quality(struct http_request *request, void *context)
{
	cJSON *body = rest_read_body(request, "quality");
	const char *quality = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(body, "quality"));
	bool is_sd = quality && strcmp(quality, "sd") == 0;

	if (body && (is_sd || (quality && strcmp(quality, "hd") == 0))) {
		take_order(request, context, is_sd ? CAMERA_SD : CAMERA_HD);
	} else if (body) {
		rest_respond_problem(request, REST_BAD_REQUEST, "'quality' is to be sd or hd");
	}
	cJSON_Delete(body);
}
