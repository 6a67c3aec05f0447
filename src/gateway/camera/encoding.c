/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

/* What a film is made of, of a camera that sends JPEGs: while a part of the gateway looks, a child
 * encodes them, one at a time. */

#define NO_ENCODER \
	"flagship-picture, which makes films of what this camera sends, cannot be started"

static void on_encoded_unit(void *context, const struct h264_unit *unit)
{
	looks_take(context, unit);
}

static void on_encoded(void *context, const uint8_t *unit, size_t length)
{
	struct camera *camera = context;

	if (length > 0 && h264_reader_feed(&camera->encoded, unit, length) == 0) {
		h264_reader_flush(&camera->encoded);
	}
}

static void forget_encoder(struct camera *camera)
{
	camera->encoder = NULL;
	h264_reader_finish(&camera->encoded);
}

static void on_encoder_gone(void *context)
{
	struct camera *camera = context;

	forget_encoder(camera);
	log_event(camera->cameras->log, LOG_LEVEL_WARNING, CAMERAS_LOG_PART,
		  "flagship-picture ended", LOG_TEXT("printer", camera->serial));
	looks_fail(camera, "no film could be made of what the camera sends");
}

static bool start_encoder(struct camera *camera)
{
	static const struct converter_handlers handlers = {.on_picture = on_encoded,
							   .on_end = on_encoder_gone};
	struct cameras *cameras = camera->cameras;
	struct problem problem;

	if (camera->encoder) {
		return true;
	}
	if (converter_start(cameras->loop, cameras->picture_program, "--film", &handlers, camera,
			    &camera->encoder, &problem)) {
		log_bounded(cameras->log, LOG_LEVEL_ERROR, CAMERAS_LOG_PART, problem.text);
		looks_fail(camera, NO_ENCODER);
		return false;
	}
	h264_reader_init(&camera->encoded, on_encoded_unit, camera);
	return true;
}

void encoding_take(struct camera *camera, const uint8_t *jpeg, size_t length)
{
	if (!list_is_empty(&camera->looks) && start_encoder(camera) &&
	    converter_owed(camera->encoder) == 0) {
		converter_feed(camera->encoder, jpeg, length, true);
	}
}

void encoding_beat(struct camera *camera)
{
	if (list_is_empty(&camera->looks)) {
		encoding_end(camera);
	} else if (converter_is_stuck(camera->encoder)) {
		converter_stop(camera->encoder);
		on_encoder_gone(camera);
	}
}

void encoding_end(struct camera *camera)
{
	if (camera->encoder) {
		converter_stop(camera->encoder);
		forget_encoder(camera);
	}
}
