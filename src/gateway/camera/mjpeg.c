/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Moving pictures for whatever shows an image: one answer whose parts are JPEGs, each of which
 * replaces the one before. A watcher is given the newest when his socket takes more: who reads
 * slowly gets fewer, and nothing waits for him but the one that he reads.
 */

#define BOUNDARY    "flagship-picture"
#define STREAM_TYPE "multipart/x-mixed-replace; boundary=" BOUNDARY
#define FPS_SIZE    8
#define HEAD_SIZE   128
#define MS_PER_S    1000

struct mjpeg_watcher {
	struct follower follower;
	struct camera *camera;
	struct http_request *request;
	uint64_t pause_ms;
	uint64_t due_ms; /* of the next picture */
	bool waits;      /* for it */
	bool ended;
	struct camera_jpeg *jpeg; /* the last that he was given; NULL: none */
	char head[HEAD_SIZE];     /* what stands before it */
	size_t head_length;
	size_t sent; /* of head, JPEG and tail */
};

/* A boundary that comes at once: whoever waits for it shows the picture without the next one. */
static const char tail[] = "\r\n--" BOUNDARY "\r\n";
#define TAIL_LENGTH (sizeof(tail) - 1)

bool mjpeg_read_fps(const struct http_request *request, unsigned int *fps)
{
	char text[FPS_SIZE];

	*fps = MJPEG_FPS_DEFAULT;
	if (!http_request_query_value(request, "fps", text, sizeof(text))) {
		return true;
	}
	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0') {
		return false;
	}
	*fps = (unsigned int)strtoul(text, NULL, 10);
	return *fps > 0 && *fps <= MJPEG_FPS_MAX;
}

uint64_t mjpeg_pause_ms(const struct camera *camera)
{
	uint64_t least = 0;

	for (const struct list *at = camera->watchers.next; at != &camera->watchers;
	     at = at->next) {
		uint64_t pause_ms = LIST_OF(at, struct mjpeg_watcher, follower.place)->pause_ms;

		least = least == 0 || pause_ms < least ? pause_ms : least;
	}
	return least;
}

/* --- what is read of it --- */

/* Half a pause early is not too early: the next one would be too late, and the mean is kept. */
static bool has_newer(const struct mjpeg_watcher *watcher)
{
	return watcher->camera->jpeg && watcher->camera->jpeg != watcher->jpeg &&
	       uv_now(watcher->camera->cameras->loop) + watcher->pause_ms / 2 >= watcher->due_ms;
}

static void take_newer(struct mjpeg_watcher *watcher)
{
	uint64_t now_ms = uv_now(watcher->camera->cameras->loop);
	bool first = watcher->jpeg == NULL;

	camera_jpeg_release(watcher->jpeg);
	watcher->jpeg = camera_jpeg_hold(watcher->camera->jpeg);
	watcher->head_length = (size_t)snprintf(
		watcher->head, sizeof(watcher->head),
		"%sContent-Type: image/jpeg\r\nContent-Length: %zu\r\n\r\n",
		first ? "--" BOUNDARY "\r\n" : "", watcher->jpeg->length);
	watcher->sent = 0;
	/* Pictures come when the camera sends them: the mean is to be what was wanted. */
	watcher->due_ms += watcher->pause_ms;
	if (watcher->due_ms < now_ms) {
		watcher->due_ms = now_ms;
	}
}

/* Some of `from`, which stands at `at` in what is sent. */
static size_t copy_part(struct mjpeg_watcher *watcher, const void *from, size_t length, size_t at,
			char *out, size_t capacity)
{
	if (watcher->sent < at || watcher->sent >= at + length) {
		return 0;
	}
	size_t done = watcher->sent - at;
	size_t some = length - done < capacity ? length - done : capacity;
	memcpy(out, (const char *)from + done, some);
	watcher->sent += some;
	return some;
}

static ssize_t read_mjpeg(void *context, char *out, size_t capacity)
{
	struct mjpeg_watcher *watcher = context;
	size_t head = watcher->head_length;
	size_t picture = watcher->jpeg ? watcher->jpeg->length : 0;

	if (watcher->sent == head + picture + (watcher->jpeg ? TAIL_LENGTH : 0)) {
		if (watcher->ended) {
			return 0;
		}
		if (!has_newer(watcher)) {
			watcher->waits = true;
			return HTTP_SOURCE_WAIT;
		}
		take_newer(watcher);
		head = watcher->head_length;
		picture = watcher->jpeg->length;
	}
	size_t count = copy_part(watcher, watcher->head, head, 0, out, capacity);

	count += copy_part(watcher, watcher->jpeg->data, picture, head, out + count,
			   capacity - count);
	count += copy_part(watcher, tail, TAIL_LENGTH, head + picture, out + count,
			   capacity - count);
	return (ssize_t)count;
}

static void release_watcher(void *context)
{
	struct mjpeg_watcher *watcher = context;
	struct camera *camera = watcher->camera;

	followers_drop(&watcher->follower);
	camera->looked_at_ms = uv_now(camera->cameras->loop);
	camera_jpeg_release(watcher->jpeg);
	free(watcher);
	camera_tidy(camera);
}

/* --- who watches --- */

/* NULL: it is answered. */
static struct mjpeg_watcher *create_watcher(struct camera *camera, struct http_request *request,
					    unsigned int fps)
{
	struct mjpeg_watcher *watcher = calloc(1, sizeof(*watcher));

	if (!watcher) {
		rest_respond_problem(request, REST_UNAVAILABLE, "out of memory");
		return NULL;
	}
	if (!followers_admit(&camera->watchers, request, &watcher->follower)) {
		free(watcher);
		return NULL;
	}
	watcher->camera = camera;
	watcher->request = request;
	watcher->pause_ms = MS_PER_S / fps;
	watcher->due_ms = uv_now(camera->cameras->loop);
	return watcher;
}

void mjpeg_begin(struct camera *camera, struct http_request *request, unsigned int fps)
{
	static const struct http_source source = {.read = read_mjpeg, .release = release_watcher};
	static const struct http_header headers[] = {{"cache-control", "no-store"}};
	static const struct http_response response = {
		.status = REST_OK,
		.content_type = STREAM_TYPE,
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
		.close = true,
	};
	struct mjpeg_watcher *watcher = create_watcher(camera, request, fps);

	if (watcher) {
		http_respond_stream(request, &response, -1, &source, watcher);
	}
}

static void wake_watcher(struct mjpeg_watcher *watcher)
{
	if (watcher->waits) {
		watcher->waits = false;
		http_respond_resume(watcher->request);
	}
}

void mjpeg_show(struct camera *camera)
{
	for (struct list *at = camera->watchers.next; at != &camera->watchers; at = at->next) {
		struct mjpeg_watcher *watcher = LIST_OF(at, struct mjpeg_watcher, follower.place);

		if (has_newer(watcher)) {
			wake_watcher(watcher);
		}
	}
}

static void end_watcher(struct mjpeg_watcher *watcher)
{
	watcher->ended = true;
	wake_watcher(watcher);
}

void mjpeg_beat(struct camera *camera)
{
	const struct cameras *cameras = camera->cameras;
	bool removed = !gateway_printers_stored(cameras->printers, camera->serial);

	for (struct list *at = camera->watchers.next; at != &camera->watchers; at = at->next) {
		struct mjpeg_watcher *watcher = LIST_OF(at, struct mjpeg_watcher, follower.place);

		if (removed ||
		    (watcher->follower.identity &&
		     !access_identity_holds(cameras->access, watcher->follower.identity))) {
			end_watcher(watcher);
		}
	}
}

void mjpeg_end(struct camera *camera)
{
	for (struct list *at = camera->watchers.next; at != &camera->watchers; at = at->next) {
		end_watcher(LIST_OF(at, struct mjpeg_watcher, follower.place));
	}
}
