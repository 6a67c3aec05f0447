/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Requests that a picture of the camera answers: JPEGs of key pictures, and the light. */

#define JPEG_TYPE    "image/jpeg"
#define ASK_MS       30000 /* a printer may take 20 s to take another session */
#define FRESH_MS     5000  /* older pictures are not shown to who comes */
#define START_CODE   "\0\0\0\1"
#define START_LENGTH 4

static bool keep(struct camera_picture *picture, const struct camera *camera, size_t capacity)
{
	picture->length = 0;
	if (capacity > picture->capacity) {
		free(picture->data);
		picture->data = malloc(capacity);
		picture->capacity = picture->data ? capacity : 0;
	}
	picture->at_ms = uv_now(camera->cameras->loop);
	return picture->data != NULL;
}

static void add_bytes(struct camera_picture *picture, const void *data, size_t length)
{
	memcpy(picture->data + picture->length, data, length);
	picture->length += length;
}

static bool is_fresh(const struct camera *camera, const struct camera_picture *picture)
{
	return picture->length > 0 && uv_now(camera->cameras->loop) - picture->at_ms < FRESH_MS;
}

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

static void refuse_asker(struct asker *asker, int status, const char *why)
{
	if (asker->kind != ASKER_SNAPSHOT) {
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

static bool wants_jpeg(const struct camera *camera)
{
	for (const struct list *at = camera->askers.next; at != &camera->askers; at = at->next) {
		if (LIST_OF(at, struct asker, place)->kind == ASKER_SNAPSHOT) {
			return true;
		}
	}
	return false;
}

/* --- painting --- */

static void respond_jpeg(struct http_request *request, const struct camera_picture *jpeg)
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

/* Those of this kind, with the JPEG that there is; NULL: that none could be made. */
static void answer_snapshots(struct camera *camera, const char *fault)
{
	struct list *next;

	for (struct list *at = camera->askers.next; at != &camera->askers; at = next) {
		struct asker *asker = LIST_OF(at, struct asker, place);

		next = at->next;
		if (asker->kind != ASKER_SNAPSHOT) {
			continue;
		}
		if (fault) {
			refuse_asker(asker, REST_GATEWAY_TIMEOUT, fault);
		} else {
			respond_jpeg(take_request(asker), &camera->jpeg);
		}
	}
}

static void on_painted(void *context, const uint8_t *jpeg, size_t length)
{
	struct camera *camera = context;

	if (length == 0 || !keep(&camera->jpeg, camera, length)) {
		answer_snapshots(camera, "no picture could be made of what the camera sends");
		return;
	}
	add_bytes(&camera->jpeg, jpeg, length);
	camera->jpeg.at_ms = camera->painted_at_ms;
	answer_snapshots(camera, NULL);
}

static void on_painter_gone(void *context)
{
	struct camera *camera = context;

	camera->painter = NULL;
	log_event(camera->cameras->log, LOG_LEVEL_WARNING, CAMERAS_LOG_PART,
		  "flagship-picture ended", LOG_TEXT("printer", camera->serial));
	answer_snapshots(camera, "no picture could be made of what the camera sends");
}

static bool start_painter(struct camera *camera)
{
	static const struct painter_handlers handlers = {.on_picture = on_painted,
							 .on_end = on_painter_gone};
	struct problem problem;

	if (!camera->painter &&
	    painter_start(camera->cameras->loop, camera->cameras->picture_program, &handlers,
			  camera, &camera->painter, &problem)) {
		log_event(camera->cameras->log, LOG_LEVEL_ERROR, CAMERAS_LOG_PART, problem.text);
	}
	return camera->painter != NULL;
}

static void paint_key(struct camera *camera)
{
	if (!start_painter(camera)) {
		answer_snapshots(camera, "flagship-picture, which makes pictures of what cameras "
					 "send, cannot be started");
		return;
	}
	if (painter_owed(camera->painter) == 0) {
		camera->painted_at_ms = camera->key.at_ms;
		painter_feed(camera->painter, camera->key.data, camera->key.length);
	}
}

/* --- what comes --- */

static void keep_key(struct camera *camera, const struct h264_unit *unit)
{
	const struct h264_parameters *parameters = unit->parameters;
	size_t length = 2 * START_LENGTH + parameters->sequence_length +
			parameters->picture_length + unit->length;

	if (keep(&camera->key, camera, length)) {
		add_bytes(&camera->key, START_CODE, START_LENGTH);
		add_bytes(&camera->key, parameters->sequence, parameters->sequence_length);
		add_bytes(&camera->key, START_CODE, START_LENGTH);
		add_bytes(&camera->key, parameters->picture, parameters->picture_length);
		add_bytes(&camera->key, unit->data, unit->length);
	}
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
		if (asker->kind != ASKER_SNAPSHOT) {
			audit_light(asker, "done");
			rest_respond(take_request(asker), REST_OK, write_light, &on);
		}
	}
}

void pictures_opened(struct camera *camera)
{
	for (struct list *at = camera->askers.next; at != &camera->askers; at = at->next) {
		const struct asker *asker = LIST_OF(at, struct asker, place);

		if (asker->kind != ASKER_SNAPSHOT) {
			lan_camera_set_light(camera->session, asker->kind == ASKER_LIGHT_ON);
		}
	}
}

void pictures_take(struct camera *camera, const struct h264_unit *unit)
{
	if (unit->key) {
		keep_key(camera, unit);
	}
	answer_lights(camera);
	if (unit->key && camera->key.length > 0 && wants_jpeg(camera)) {
		paint_key(camera);
	}
}

void pictures_end(struct camera *camera)
{
	painter_stop(camera->painter);
	camera->painter = NULL;
	camera->key.length = 0;
	camera->jpeg.length = 0;
}

/* --- requests --- */

static bool has_camera(const struct fleet_printer *printer)
{
	enum flagship_model model = fleet_printer_state(printer)->model;

	return model != FLAGSHIP_MODEL_M5C && model != FLAGSHIP_MODEL_E1;
}

struct camera *pictures_open_camera(struct http_request *request, struct cameras *cameras)
{
	const struct fleet_printer *printer = web_find_printer(cameras->printers, request,
							       rest_refuse);
	int status;
	const char *why;

	if (!printer) {
		return NULL;
	}
	if (!has_camera(printer)) {
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
	if (is_fresh(camera, &camera->jpeg) && camera->jpeg.at_ms >= camera->key.at_ms) {
		respond_jpeg(request, &camera->jpeg);
		return;
	}
	if (await_picture(request, camera) && is_fresh(camera, &camera->key)) {
		paint_key(camera);
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
