/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <stdlib.h>
#include <string.h>

/*
 * JPEGs of what a camera sends, by a child that decodes it. Single ones are made of key pictures
 * alone. Moving ones need all units, since pictures build on each other: those go to the child
 * while somebody watches, and as many come back as the fastest who watches wants.
 */

#define FRESH_MS     5000 /* older pictures are not shown to who comes */
#define START_CODE   "\0\0\0\1"
#define START_LENGTH 4
#define KEYS_ONLY_MS 1000              /* who wants pictures no faster gets key pictures */
#define BACKLOG_MAX  ((size_t)4 << 20) /* of a child that is slower than the camera */
#define NO_PICTURE   "no picture could be made of what the camera sends"

/* --- JPEGs --- */

struct camera_jpeg *camera_jpeg_hold(struct camera_jpeg *jpeg)
{
	if (jpeg) {
		jpeg->references++;
	}
	return jpeg;
}

void camera_jpeg_release(struct camera_jpeg *jpeg)
{
	if (jpeg && --jpeg->references == 0) {
		free(jpeg);
	}
}

static struct camera_jpeg *create_jpeg(const uint8_t *data, size_t length, uint64_t at_ms)
{
	struct camera_jpeg *jpeg = malloc(sizeof(*jpeg) + length);

	if (jpeg) {
		jpeg->references = 1;
		jpeg->at_ms = at_ms;
		jpeg->length = length;
		memcpy(jpeg->data, data, length);
	}
	return jpeg;
}

static bool is_recent(const struct camera *camera, uint64_t at_ms)
{
	return uv_now(camera->cameras->loop) - at_ms < FRESH_MS;
}

bool painting_is_fresh(const struct camera *camera)
{
	return camera->jpeg && is_recent(camera, camera->jpeg->at_ms) &&
	       (camera->flows || camera->jpeg->at_ms >= camera->key.at_ms);
}

static bool show_jpeg(struct camera *camera, struct camera_jpeg *jpeg)
{
	if (jpeg) {
		camera_jpeg_release(camera->jpeg);
		camera->jpeg = jpeg;
		pictures_show(camera);
	}
	return jpeg != NULL;
}

void painting_show(struct camera *camera, const uint8_t *data, size_t length)
{
	(void)show_jpeg(camera, create_jpeg(data, length, uv_now(camera->cameras->loop)));
}

/* --- the child --- */

static void on_painted(void *context, const uint8_t *data, size_t length)
{
	struct camera *camera = context;
	size_t number = camera->painted - converter_owed(camera->painter) - 1;
	struct camera_jpeg *jpeg = length > 0
					   ? create_jpeg(data, length,
							 camera->came_ms[number % CAMERA_OWED_MAX])
					   : NULL;

	if (!show_jpeg(camera, jpeg)) {
		pictures_fail(camera, NO_PICTURE);
	}
}

static void on_painter_gone(void *context)
{
	struct camera *camera = context;

	camera->painter = NULL;
	camera->flows = false;
	log_event(camera->cameras->log, LOG_LEVEL_WARNING, CAMERAS_LOG_PART,
		  "flagship-picture ended", LOG_TEXT("printer", camera->serial));
	pictures_fail(camera, NO_PICTURE);
}

void painting_beat(struct camera *camera)
{
	if (converter_is_stuck(camera->painter)) {
		converter_stop(camera->painter);
		on_painter_gone(camera);
	}
}

static bool start_painter(struct camera *camera)
{
	static const struct converter_handlers handlers = {.on_picture = on_painted,
							   .on_end = on_painter_gone};
	struct problem problem;

	if (!camera->painter &&
	    converter_start(camera->cameras->loop, camera->cameras->picture_program, NULL,
			    &handlers, camera, &camera->painter, &problem)) {
		log_bounded(camera->cameras->log, LOG_LEVEL_ERROR, CAMERAS_LOG_PART, problem.text);
		pictures_fail(camera, "flagship-picture, which makes pictures of what cameras "
				      "send, cannot be started");
	}
	return camera->painter != NULL;
}

static void feed_painter(struct camera *camera, const uint8_t *data, size_t length, uint64_t at_ms,
			 bool shown)
{
	if (shown) {
		camera->came_ms[camera->painted++ % CAMERA_OWED_MAX] = at_ms;
	}
	converter_feed(camera->painter, data, length, shown);
}

/* --- key pictures --- */

static void add_bytes(struct camera_picture *picture, const void *data, size_t length)
{
	memcpy(picture->data + picture->length, data, length);
	picture->length += length;
}

static void keep_key(struct camera *camera, const struct h264_unit *unit)
{
	const struct h264_parameters *parameters = unit->parameters;
	struct camera_picture *key = &camera->key;
	size_t length = 2 * START_LENGTH + parameters->sequence_length +
			parameters->picture_length + unit->length;

	key->length = 0;
	if (length > key->capacity) {
		free(key->data);
		key->data = malloc(length);
		key->capacity = key->data ? length : 0;
	}
	if (key->data) {
		key->at_ms = uv_now(camera->cameras->loop);
		add_bytes(key, START_CODE, START_LENGTH);
		add_bytes(key, parameters->sequence, parameters->sequence_length);
		add_bytes(key, START_CODE, START_LENGTH);
		add_bytes(key, parameters->picture, parameters->picture_length);
		add_bytes(key, unit->data, unit->length);
	}
}

static void paint_key(struct camera *camera)
{
	if (camera->key.length > 0 && start_painter(camera) &&
	    converter_owed(camera->painter) == 0) {
		feed_painter(camera, camera->key.data, camera->key.length, camera->key.at_ms, true);
	}
}

void painting_begin(struct camera *camera)
{
	/* In the middle of a sequence an older picture would be the wrong one to build on. */
	if (!camera->flows && camera->key.length > 0 && is_recent(camera, camera->key.at_ms)) {
		paint_key(camera);
	}
}

/* --- moving pictures --- */

static bool is_due(struct camera *camera, uint64_t pause_ms)
{
	uint64_t now_ms = uv_now(camera->cameras->loop);

	if (now_ms < camera->paint_at_ms || converter_owed(camera->painter) == CAMERA_OWED_MAX) {
		return false;
	}
	camera->paint_at_ms += pause_ms;
	if (camera->paint_at_ms < now_ms) {
		camera->paint_at_ms = now_ms;
	}
	return true;
}

/* Who is too slow for all of them begins anew with the next key picture. */
static void flow_on(struct camera *camera, const struct h264_unit *unit, uint64_t pause_ms)
{
	bool is_key = unit->key && camera->key.length > 0;

	camera->flows = (is_key || (camera->flows && !unit->key)) && start_painter(camera) &&
			converter_backlog(camera->painter) <= BACKLOG_MAX;
	if (!camera->flows) {
		return;
	}
	bool shown = is_due(camera, pause_ms);
	if (is_key) {
		feed_painter(camera, camera->key.data, camera->key.length, camera->key.at_ms,
			     shown);
	} else {
		feed_painter(camera, unit->data, unit->length, uv_now(camera->cameras->loop),
			     shown);
	}
}

void painting_take(struct camera *camera, const struct h264_unit *unit)
{
	uint64_t pause_ms = mjpeg_pause_ms(camera);

	if (unit->key) {
		keep_key(camera, unit);
	}
	if (pause_ms > 0 && pause_ms < KEYS_ONLY_MS) {
		flow_on(camera, unit, pause_ms);
		return;
	}
	camera->flows = false;
	if (unit->key && (pause_ms > 0 || pictures_are_awaited(camera))) {
		paint_key(camera);
	}
}

void painting_end(struct camera *camera)
{
	converter_stop(camera->painter);
	camera->painter = NULL;
	camera->flows = false;
	camera->key.length = 0;
	camera_jpeg_release(camera->jpeg);
	camera->jpeg = NULL;
}
