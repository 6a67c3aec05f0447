/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <stdio.h>
#include <string.h>

#define BEAT_MS   500
#define RETRY_MS  5000
#define LINGER_MS 10000 /* after the last who looked */
#define SEARCH_US INT64_C(5000000)

const struct camera_claim *camera_first_claim(const struct camera *camera)
{
	return list_is_empty(&camera->claims)
		       ? NULL
		       : LIST_OF(camera->claims.next, struct camera_claim, place);
}

bool camera_is_claimed(const struct camera *camera)
{
	return !list_is_empty(&camera->claims) &&
	       !webcam_book_url(camera->cameras->book, camera->serial);
}

bool camera_is_open(const struct camera *camera)
{
	return camera->session && !camera->is_leaving;
}

static bool is_looked_at(const struct camera *camera)
{
	return !list_is_empty(&camera->askers) || !list_is_empty(&camera->viewers) ||
	       !list_is_empty(&camera->watchers);
}

/* Or is in a moment. */
static bool is_wanted(const struct camera *camera)
{
	return is_looked_at(camera) || !list_is_empty(&camera->looks) || camera->dark_until_ms != 0;
}

void camera_report(struct camera *camera, int status, const char *why)
{
	pictures_refuse(camera, status, why);
	film_tell(camera, status, why);
	looks_fail(camera, why);
}

/* --- what comes of it --- */

static void on_unit(void *context, const struct h264_unit *unit)
{
	struct camera *camera = context;

	if (camera_is_open(camera) || camera->remote) {
		film_take(camera, unit);
		pictures_heard(camera);
		painting_take(camera, unit);
		looks_take(camera, unit);
	}
}

void camera_take_unit(struct camera *camera, const uint8_t *data, size_t length)
{
	if (h264_reader_feed(&camera->reader, data, length)) {
		h264_reader_lose(&camera->reader);
	}
	h264_reader_flush(&camera->reader);
}

void camera_begin_film(struct camera *camera)
{
	h264_reader_finish(&camera->reader);
	h264_reader_init(&camera->reader, on_unit, camera);
}

static void on_session_video(void *context, const uint8_t *data, size_t length)
{
	struct camera *camera = context;

	if (h264_reader_feed(&camera->reader, data, length)) {
		h264_reader_lose(&camera->reader);
	}
}

static void on_session_frame_end(void *context)
{
	struct camera *camera = context;

	h264_reader_flush(&camera->reader);
}

static void on_session_gap(void *context)
{
	struct camera *camera = context;

	h264_reader_lose(&camera->reader);
}

static int status_of_end(enum lan_camera_end end)
{
	switch (end) {
	case LAN_CAMERA_BUSY:
		return REST_CONFLICT;
	case LAN_CAMERA_NO_PICTURE:
		return REST_GATEWAY_TIMEOUT;
	default:
		return REST_UNAVAILABLE;
	}
}

static struct camera_claim *waiting_claim(const struct camera *camera)
{
	for (struct list *at = camera->claims.next; at != &camera->claims; at = at->next) {
		struct camera_claim *claim = LIST_OF(at, struct camera_claim, place);

		if (claim->waits) {
			return claim;
		}
	}
	return NULL;
}

static void tell_claims(struct camera *camera)
{
	struct camera_claim *claim;

	while ((claim = waiting_claim(camera))) {
		claim->waits = false;
		claim->on_free(claim->context);
	}
}

static void open_anew(struct camera *camera)
{
	int status;
	const char *why;

	if (!camera_begin(camera, &status, &why)) {
		camera->retry_at_ms = uv_now(camera->cameras->loop) + RETRY_MS;
		camera_report(camera, status, why);
	}
}

/* Those who came while the last session was left, or whose camera comes back. */
static void open_for_viewers(struct camera *camera)
{
	if (!camera->is_going && !camera->cameras->stopped && !camera->session && !camera->remote &&
	    !camera_is_claimed(camera) && is_wanted(camera) &&
	    uv_now(camera->cameras->loop) >= camera->retry_at_ms) {
		open_anew(camera);
	}
}

static void on_session_end(void *context, enum lan_camera_end end, const char *detail)
{
	struct camera *camera = context;
	struct cameras *cameras = camera->cameras;

	camera->session = NULL;
	camera->is_leaving = false;
	camera->dark_until_ms = 0;
	camera_begin_film(camera);
	painting_end(camera);
	log_event(cameras->log, LOG_LEVEL_DEBUG, CAMERAS_LOG_PART, "the session has ended",
		  LOG_TEXT("printer", camera->serial), LOG_TEXT("why", detail));
	if (end != LAN_CAMERA_CLOSED) {
		camera->retry_at_ms = uv_now(cameras->loop) + RETRY_MS;
		camera_report(camera, status_of_end(end), detail);
	}
	/* A claim may be the last that keeps the camera: it goes on the loop. */
	tell_claims(camera);
	open_for_viewers(camera);
	camera_tidy(camera);
}

static const struct lan_camera_handlers session_handlers = {
	.on_video = on_session_video,
	.on_frame_end = on_session_frame_end,
	.on_gap = on_session_gap,
	.on_end = on_session_end,
};

/* --- its beginning and its end --- */

/* What the files say now; false where they lack it. */
static bool locate(struct camera *camera)
{
	const struct store_printer *stored = gateway_printers_stored(camera->cameras->printers,
								     camera->serial);

	if (!stored || stored->p2p_did[0] == '\0') {
		return false;
	}
	snprintf(camera->duid, sizeof(camera->duid), "%s", stored->p2p_did);
	snprintf(camera->address, sizeof(camera->address), "%s", stored->address);
	return true;
}

/* An address that is none is as if it were not known: the DUID is searched for. */
static int create_session(struct camera *camera)
{
	struct lan_camera_options options = {
		.link = {.duid = camera->duid, .address = camera->address, .search_us = SEARCH_US},
		.hd = !cameras_is_small(camera->cameras, camera->serial),
	};
	uv_loop_t *loop = camera->cameras->loop;
	int error = lan_camera_create(loop, &options, &session_handlers, camera, &camera->session);

	if (error == UV_EINVAL) {
		options.link.address = "";
		error = lan_camera_create(loop, &options, &session_handlers, camera,
					  &camera->session);
	}
	return error;
}

bool camera_begin(struct camera *camera, int *status, const char **why)
{
	if (camera->session || camera->remote) {
		return true; /* or it begins anew once that is left */
	}
	const char *url = webcam_book_url(camera->cameras->book, camera->serial);
	if (url) {
		return remote_open(camera, url, status, why);
	}
	*status = REST_UNAVAILABLE;
	if (!locate(camera)) {
		*why = "the printer is not known in the local network (its DUID): import or log in "
		       "again, or run 'flagship lan search --save'";
		return false;
	}
	int error = create_session(camera);
	if (error) {
		camera->session = NULL;
		*why = uv_strerror(error);
		return false;
	}
	pictures_opened(camera);
	looks_opened(camera);
	return true;
}

bool camera_open(struct camera *camera, int *status, const char **why)
{
	camera->was_looked_at = true;
	camera->looked_at_ms = uv_now(camera->cameras->loop);
	return camera_begin(camera, status, why);
}

void camera_leave(struct camera *camera)
{
	if (camera_is_open(camera)) {
		camera->is_leaving = true;
		lan_camera_close(camera->session);
	}
}

void camera_tidy(struct camera *camera)
{
	bool ends = camera->cameras->stopped || !camera->was_looked_at ||
		    uv_now(camera->cameras->loop) - camera->looked_at_ms >= LINGER_MS;

	if (is_wanted(camera) || !list_is_empty(&camera->claims) || camera->is_going) {
		return;
	}
	if (ends) {
		remote_close(camera);
	}
	if (!camera->session && !camera->remote) {
		if (camera->cameras->stopped || !remote_rests(camera)) {
			camera_forget(camera);
		}
	} else if (ends) {
		camera_leave(camera);
	}
}

static void on_beat(uv_timer_t *timer)
{
	struct camera *camera = timer->data;

	if (is_looked_at(camera)) {
		camera->looked_at_ms = uv_now(timer->loop);
	}
	if (!gateway_printers_stored(camera->cameras->printers, camera->serial)) {
		camera_leave(camera); /* it is removed */
		remote_close(camera);
	}
	painting_beat(camera);
	encoding_beat(camera);
	pictures_beat(camera);
	mjpeg_beat(camera);
	film_beat(camera);
	looks_beat(camera);
	open_for_viewers(camera);
	camera_tidy(camera);
}

void camera_init_session(struct camera *camera)
{
	h264_reader_init(&camera->reader, on_unit, camera);
	uv_timer_init(camera->cameras->loop, &camera->timer);
	camera->timer.data = camera;
	uv_timer_start(&camera->timer, on_beat, BEAT_MS, BEAT_MS);
}
