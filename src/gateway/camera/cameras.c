/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAMERA REST_ROOT "/printers/{printer}/camera"
#define ENDING "the gateway ends"

static const struct http_route routes[] = {
	{.methods = HTTP_GET, .path = CAMERA, .rights = WEB_VIEW, .handle = camera_get_source},
	{.methods = HTTP_PUT,
	 .path = CAMERA,
	 .rights = WEB_ADMIN,
	 .handle = camera_put_source,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_GET,
	 .path = CAMERA "/snapshot.jpg",
	 .rights = WEB_VIEW,
	 .handle = camera_get_snapshot},
	{.methods = HTTP_GET,
	 .path = CAMERA "/stream.mjpg",
	 .rights = WEB_VIEW,
	 .handle = camera_get_mjpeg},
	{.methods = HTTP_GET,
	 .path = CAMERA "/stream",
	 .rights = WEB_VIEW,
	 .handle = camera_get_film},
	{.methods = HTTP_POST,
	 .path = CAMERA "/light",
	 .rights = WEB_OPERATE,
	 .handle = camera_post_light,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_POST,
	 .path = CAMERA "/quality",
	 .rights = WEB_OPERATE,
	 .handle = camera_post_quality,
	 .body_max = REST_BODY_MAX},
};

bool cameras_have_film(const struct cameras *cameras, const struct fleet_printer *printer)
{
	return webcam_exists(cameras->book, printer);
}

bool cameras_have_stream(const struct cameras *cameras, const struct fleet_printer *printer)
{
	const char *url = webcam_book_url(cameras->book, fleet_printer_serial(printer));

	return webcam_exists(cameras->book, printer) && (!url || webcam_url_has_film(url));
}

void cameras_fill_api(struct cameras *cameras, struct web_api *api)
{
	*api = (struct web_api){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.context = cameras,
		.prefixes = REST_ROOT,
		.refuse = rest_refuse,
		.json_only = true,
	};
}

/* --- those that are looked at --- */

static struct camera *find_camera(const struct cameras *cameras, const char *serial)
{
	for (struct list *at = cameras->all.next; at != &cameras->all; at = at->next) {
		struct camera *camera = LIST_OF(at, struct camera, place);

		if (!camera->is_going && strcmp(camera->serial, serial) == 0) {
			return camera;
		}
	}
	return NULL;
}

struct camera *cameras_of(struct cameras *cameras, const char *serial)
{
	struct camera *camera = find_camera(cameras, serial);

	if (camera) {
		return camera;
	}
	camera = calloc(1, sizeof(*camera));
	if (!camera) {
		return NULL;
	}
	camera->cameras = cameras;
	snprintf(camera->serial, sizeof(camera->serial), "%s", serial);
	list_init(&camera->askers);
	list_init(&camera->claims);
	list_init(&camera->looks);
	list_init(&camera->viewers);
	list_init(&camera->watchers);
	camera_init_session(camera);
	list_insert(&cameras->all, &camera->place);
	return camera;
}

static void tell_closed(struct cameras *cameras)
{
	if (cameras->closing && list_is_empty(&cameras->all)) {
		cameras->closing = false;
		cameras->on_closed(cameras->context);
	}
}

static void on_camera_timer_closed(uv_handle_t *handle)
{
	struct camera *camera = handle->data;
	struct cameras *cameras = camera->cameras;

	list_remove(&camera->place);
	encoding_end(camera);
	h264_reader_finish(&camera->reader);
	free(camera->key.data);
	free(camera);
	tell_closed(cameras);
}

void camera_forget(struct camera *camera)
{
	camera->is_going = true;
	painting_end(camera);
	uv_close((uv_handle_t *)&camera->timer, on_camera_timer_closed);
}

void cameras_change_source(struct cameras *cameras, const struct fleet_printer *printer)
{
	struct camera *camera = find_camera(cameras, fleet_printer_serial(printer));

	if (!camera) {
		return;
	}
	remote_close(camera);
	camera_leave(camera);
	camera->retry_at_ms = 0;
	camera->failures = 0;
	/* A film is of one camera; moving JPEGs go on with whatever there is. */
	film_end(camera, "the camera is another one from now on");
	if (!webcam_exists(cameras->book, printer)) {
		pictures_refuse(camera, REST_NOT_FOUND, "the printer has no camera any more");
		mjpeg_end(camera);
	}
}

/* --- how large pictures are --- */

/* One that was asked to show small pictures: remembered as long as the gateway runs. */
struct small_camera {
	struct list place;
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
};

static struct small_camera *find_small(const struct cameras *cameras, const char *serial)
{
	for (struct list *at = cameras->small.next; at != &cameras->small; at = at->next) {
		struct small_camera *camera = LIST_OF(at, struct small_camera, place);

		if (strcmp(camera->serial, serial) == 0) {
			return camera;
		}
	}
	return NULL;
}

static void forget_small(struct small_camera *camera)
{
	list_remove(&camera->place);
	free(camera);
}

bool cameras_is_small(const struct cameras *cameras, const char *serial)
{
	return find_small(cameras, serial) != NULL;
}

bool cameras_set_small(struct cameras *cameras, const char *serial, bool is_small)
{
	struct small_camera *camera = find_small(cameras, serial);

	if (camera && !is_small) {
		forget_small(camera);
	}
	if (camera || !is_small) {
		return true;
	}
	camera = calloc(1, sizeof(*camera));
	if (camera) {
		snprintf(camera->serial, sizeof(camera->serial), "%s", serial);
		list_insert(&cameras->small, &camera->place);
	}
	return camera != NULL;
}

/* --- precedence of others --- */

enum camera_claimed cameras_claim(struct cameras *cameras, const char *serial,
				  struct camera_claim *claim)
{
	struct camera *camera = cameras_of(cameras, serial);

	if (!camera) {
		return CAMERA_FAILED;
	}
	claim->camera = camera;
	claim->waits = camera->session != NULL;
	list_insert(&camera->claims, &claim->place);
	if (camera_is_claimed(camera)) {
		camera_report(camera, REST_CONFLICT, claim->why);
	}
	camera_leave(camera);
	return claim->waits ? CAMERA_LEAVES : CAMERA_FREE;
}

void cameras_release(struct camera_claim *claim)
{
	struct camera *camera = claim->camera;

	if (camera) {
		claim->camera = NULL;
		list_remove(&claim->place);
		camera_tidy(camera);
	}
}

const struct camera_claim *cameras_claimed_by(const struct cameras *cameras, const char *serial)
{
	const struct camera *camera = find_camera(cameras, serial);

	return camera ? camera_first_claim(camera) : NULL;
}

/* A camera whose session is not made yet has shown nothing. */
const char *cameras_holder(const struct cameras *cameras, const char *serial)
{
	const struct camera *camera = find_camera(cameras, serial);
	const struct camera_claim *claim = camera ? camera_first_claim(camera) : NULL;

	if (claim) {
		return claim->holder;
	}
	return camera && camera->session && camera->key.length > 0
		       ? "this gateway, where somebody looks at its camera"
		       : NULL;
}

/* --- life --- */

int cameras_create(uv_loop_t *loop, const struct cameras_options *options, struct cameras **out)
{
	struct cameras *cameras = calloc(1, sizeof(*cameras));

	*out = cameras;
	if (!cameras) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	cameras->loop = loop;
	cameras->mjpg_streamer.cameras = cameras;
	cameras->book = options->book;
	snprintf(cameras->webcam_program, sizeof(cameras->webcam_program), "%s",
		 options->webcam_program);
	snprintf(cameras->rtsp_program, sizeof(cameras->rtsp_program), "%s", options->rtsp_program);
	cameras->printers = options->printers;
	cameras->access = options->access;
	cameras->log = options->log;
	cameras->on_closed = options->on_closed;
	cameras->context = options->context;
	snprintf(cameras->picture_program, sizeof(cameras->picture_program), "%s",
		 options->picture_program);
	list_init(&cameras->all);
	list_init(&cameras->small);
	list_init(&cameras->lights);
	return 0;
}

void cameras_stop(struct cameras *cameras)
{
	struct list *next;

	if (!cameras) {
		return;
	}
	cameras->stopped = true;
	for (struct list *at = cameras->all.next; at != &cameras->all; at = next) {
		struct camera *camera = LIST_OF(at, struct camera, place);

		next = at->next;
		pictures_refuse(camera, REST_UNAVAILABLE, ENDING);
		mjpeg_end(camera);
		looks_fail(camera, ENDING);
		camera_tidy(camera);
	}
}

void cameras_close(struct cameras *cameras)
{
	cameras->closing = true;
	tell_closed(cameras);
}

void cameras_destroy(struct cameras *cameras)
{
	while (cameras && !list_is_empty(&cameras->small)) {
		/* It is in the list still. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		forget_small(LIST_OF(cameras->small.next, struct small_camera, place));
	}
	if (cameras) {
		looks_forget_lights(cameras);
	}
	free(cameras);
}
