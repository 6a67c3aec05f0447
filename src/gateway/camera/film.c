/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"
#include "gateway/sentences/sentences.h"
#include "video/mp4.h"

#include <stdio.h>
#include <stdlib.h>

/* The film, as fragments of MP4 by WebSockets: each is made once, for all who follow. */

#define UPGRADE_REQUIRED 426
#define GOING_AWAY       1001

#define QUEUE_MESSAGES   128
#define QUEUE_BYTES      ((size_t)2 << 20)
#define TEXT_SIZE        1024
#define MIME_SIZE        64

struct film_viewer {
	struct follower follower;
	struct camera *camera; /* NULL: he was let go */
	struct http_websocket *websocket;
	uint32_t head; /* that it has; 0: none */
	bool flows;    /* it has all since a key picture */
};

/* --- what is sent --- */

/* Messages of one turn; NULL: not made yet, or no memory. */
struct film_messages {
	struct http_message *text; /* what the head is, in words */
	struct http_message *head;
	struct http_message *fragment;
};

static struct http_message *make_text(const struct h264_parameters *parameters)
{
	char codec[MP4_CODEC_SIZE];
	char mime[MIME_SIZE];
	char text[TEXT_SIZE];
	struct json_writer writer;
	size_t length;

	mp4_codec(parameters, codec);
	snprintf(mime, sizeof(mime), "video/mp4; codecs=\"%s\"", codec);
	json_writer_init(&writer, text, sizeof(text));
	json_object_begin(&writer);
	json_member_string(&writer, "type", "head");
	json_member_string(&writer, "mime", mime);
	json_member_int(&writer, "width", parameters->width);
	json_member_int(&writer, "height", parameters->height);
	json_object_end(&writer);
	return json_writer_finish(&writer, &length)
		       ? NULL
		       : http_message_create(HTTP_MESSAGE_TEXT, text, length);
}

static struct http_message *make_head(const struct h264_parameters *parameters)
{
	uint8_t head[MP4_HEAD_MAX];
	size_t length;

	return mp4_write_head(parameters, head, sizeof(head), &length)
		       ? NULL
		       : http_message_create(HTTP_MESSAGE_BINARY, head, length);
}

static struct http_message *make_fragment(struct camera *camera, const struct h264_unit *unit)
{
	size_t capacity = unit->length + MP4_FRAGMENT_OVERHEAD;
	uint8_t *bytes = malloc(capacity);
	struct http_message *message = NULL;
	uint64_t time = pace_next(&camera->pace, uv_now(camera->cameras->loop), unit->key);
	const struct mp4_picture picture = {
		.sequence = camera->fragments + 1,
		.time = time,
		.duration = camera->pace.duration,
		.key = unit->key,
		.data = unit->data,
		.length = unit->length,
	};
	size_t length;

	if (bytes && !mp4_write_fragment(&picture, bytes, capacity, &length)) {
		camera->fragments++;
		message = http_message_create(HTTP_MESSAGE_BINARY, bytes, length);
	}
	free(bytes);
	return message;
}

static bool send_head(struct film_viewer *viewer, const struct h264_unit *unit,
		      struct film_messages *messages)
{
	if (!messages->head) {
		messages->text = make_text(unit->parameters);
		messages->head = make_head(unit->parameters);
	}
	return messages->text && messages->head &&
	       http_websocket_send(viewer->websocket, messages->text) == HTTP_SENT &&
	       http_websocket_send(viewer->websocket, messages->head) == HTTP_SENT;
}

/* Who reads too slowly misses pictures up to the next key picture, which all that follow need. */
static void send_unit(struct film_viewer *viewer, const struct h264_unit *unit,
		      struct film_messages *messages)
{
	struct camera *camera = viewer->camera;

	if (!viewer->flows && !unit->key) {
		return;
	}
	viewer->flows = false;
	if (viewer->head != camera->head) {
		if (!send_head(viewer, unit, messages)) {
			return;
		}
		viewer->head = camera->head;
	}
	if (!messages->fragment) {
		messages->fragment = make_fragment(camera, unit);
	}
	viewer->flows = messages->fragment &&
			http_websocket_send(viewer->websocket, messages->fragment) == HTTP_SENT;
}

void film_take(struct camera *camera, const struct h264_unit *unit)
{
	struct film_messages messages = {0};

	if (unit->new_parameters) {
		camera->head++;
	}
	for (struct list *at = camera->viewers.next; at != &camera->viewers; at = at->next) {
		send_unit(LIST_OF(at, struct film_viewer, follower.place), unit, &messages);
	}
	http_message_release(messages.text);
	http_message_release(messages.head);
	http_message_release(messages.fragment);
}

void film_tell(struct camera *camera, int status, const char *why)
{
	char text[TEXT_SIZE];
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, text, sizeof(text));
	json_object_begin(&writer);
	json_member_string(&writer, "type", "pause");
	json_member_int(&writer, "status", status);
	sentence_member(&writer, "detail", why);
	json_object_end(&writer);
	struct http_message *message = json_writer_finish(&writer, &length)
					       ? NULL
					       : http_message_create(HTTP_MESSAGE_TEXT, text,
								     length);
	for (struct list *at = camera->viewers.next; at != &camera->viewers; at = at->next) {
		struct film_viewer *viewer = LIST_OF(at, struct film_viewer, follower.place);

		viewer->flows = false;
		if (message) {
			(void)http_websocket_send(viewer->websocket, message);
		}
	}
	http_message_release(message);
}

/* --- who follows --- */

static void detach_viewer(struct film_viewer *viewer)
{
	followers_drop(&viewer->follower);
	viewer->camera = NULL;
}

static void on_film_closed(void *context, int code)
{
	struct film_viewer *viewer = context;
	struct camera *camera = viewer->camera;

	(void)code;
	if (camera) {
		detach_viewer(viewer);
		camera->looked_at_ms = uv_now(camera->cameras->loop);
	}
	free(viewer);
	if (camera) {
		camera_tidy(camera);
	}
}

void film_end(struct camera *camera, const char *why)
{
	film_tell(camera, REST_UNAVAILABLE, why);
	while (!list_is_empty(&camera->viewers)) {
		struct film_viewer *viewer = LIST_OF(camera->viewers.next, struct film_viewer,
						     follower.place);

		detach_viewer(viewer);
		http_websocket_close(viewer->websocket, GOING_AWAY, why);
	}
}

void film_beat(struct camera *camera)
{
	if (!list_is_empty(&camera->viewers) &&
	    !gateway_printers_stored(camera->cameras->printers, camera->serial)) {
		film_end(camera, "the printer is removed");
	}
}

void camera_get_film(struct http_request *request, void *context)
{
	static const struct http_websocket_handler handler = {.closed = on_film_closed};
	static const struct http_stream_options options = {.queue_messages = QUEUE_MESSAGES,
							   .queue_bytes = QUEUE_BYTES,
							   .overflow = HTTP_OVERFLOW_REFUSE};

	if (!http_request_is_websocket(request)) {
		http_request_add_header(request, "upgrade", "websocket");
		rest_respond_problem(request, UPGRADE_REQUIRED, "films are for WebSockets");
		return;
	}
	struct camera *camera = pictures_open_film(request, context);
	if (!camera) {
		return;
	}
	struct film_viewer *viewer = calloc(1, sizeof(*viewer));
	if (!viewer) {
		rest_respond_problem(request, REST_UNAVAILABLE, "out of memory");
		return;
	}
	if (!followers_admit(&camera->viewers, request, &viewer->follower)) {
		free(viewer);
		return;
	}
	viewer->websocket = http_websocket_accept(request, &options, &handler, viewer);
	if (!viewer->websocket) {
		followers_drop(&viewer->follower);
		free(viewer);
		return;
	}
	viewer->camera = camera;
}
