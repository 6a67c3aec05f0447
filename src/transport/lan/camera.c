/* SPDX-License-Identifier: MIT */
#include "transport/lan/camera.h"

#include "base/json/writer.h"

#include <flagship/pppp_frame.h>

#include <stdlib.h>
#include <string.h>

#define COMMAND_CHANNEL 0
#define VIDEO_CHANNEL   1
#define COMMAND_MAX     256
#define VIDEO_FRAME_MAX (1u << 20)
#define PICTURE_MS      10000
#define MODE_HD         1 /* 0 is SD on an M5; 2 is untested (protocol.md 5) */
#define MODE_SD         0

/* A printer takes whatever stands in these on the local network. */
#define KEY_PLACEHOLDER     "x"
#define ACCOUNT_PLACEHOLDER "y"

enum light {
	LIGHT_AS_IT_IS,
	LIGHT_ON,
	LIGHT_OFF,
};

struct lan_camera {
	struct lan_camera_options options;
	const struct lan_camera_handlers *handlers;
	void *context;
	struct lan_link *link;
	uv_timer_t timer; /* for the first picture */
	struct flagship_xzyh_reader frames;
	enum light light;
	bool open;
	bool is_untold; /* something it was to be told found no room */
	bool seen;      /* a picture */
	bool closing;
	enum lan_camera_end end;
	const char *detail;
};

/* --- what is told the printer --- */

static void write_data(struct json_writer *writer, enum flagship_camera_command command,
		       const struct lan_camera *camera)
{
	json_key(writer, "data");
	json_object_begin(writer);
	switch (command) {
	case FLAGSHIP_CAMERA_COMMAND_START_VIDEO:
		json_member_string(writer, "encryptkey", KEY_PLACEHOLDER);
		json_member_string(writer, "accountId", ACCOUNT_PLACEHOLDER);
		break;
	case FLAGSHIP_CAMERA_COMMAND_LIGHT:
		json_member_bool(writer, "open", camera->light == LIGHT_ON);
		break;
	case FLAGSHIP_CAMERA_COMMAND_QUALITY:
		json_member_int(writer, "mode", camera->options.hd ? MODE_HD : MODE_SD);
		break;
	default:
		break;
	}
	json_object_end(writer);
}

static void send_camera_command(struct lan_camera *camera, enum flagship_camera_command command)
{
	uint8_t frame[FLAGSHIP_XZYH_HEADER_SIZE + COMMAND_MAX];
	struct flagship_xzyh header = {.command = FLAGSHIP_XZYH_COMMAND_JSON,
				       .channel = COMMAND_CHANNEL};
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, (char *)frame + FLAGSHIP_XZYH_HEADER_SIZE, COMMAND_MAX);
	json_object_begin(&writer);
	json_member_int(&writer, "commandType", command);
	write_data(&writer, command, camera);
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length)) {
		return;
	}
	header.length = (uint32_t)length;
	flagship_xzyh_write(&header, frame);
	size_t size = FLAGSHIP_XZYH_HEADER_SIZE + length;
	camera->is_untold = lan_link_write(camera->link, COMMAND_CHANNEL, frame, size) < size ||
			    camera->is_untold;
}

void lan_camera_set_light(struct lan_camera *camera, bool on)
{
	camera->light = on ? LIGHT_ON : LIGHT_OFF;
	if (camera->open) {
		send_camera_command(camera, FLAGSHIP_CAMERA_COMMAND_LIGHT);
	}
}

void lan_camera_set_quality(struct lan_camera *camera, bool hd)
{
	camera->options.hd = hd;
	if (camera->open) {
		send_camera_command(camera, FLAGSHIP_CAMERA_COMMAND_QUALITY);
	}
}

bool lan_camera_is_heard(const struct lan_camera *camera)
{
	return camera->open && !camera->is_untold &&
	       lan_link_pending(camera->link, COMMAND_CHANNEL) == 0;
}

/* --- what comes of it --- */

static void end_camera(struct lan_camera *camera, enum lan_camera_end end, const char *detail)
{
	if (camera->closing) {
		return;
	}
	camera->closing = true;
	camera->end = end;
	camera->detail = detail;
	uv_timer_stop(&camera->timer);
	if (camera->open) {
		send_camera_command(camera, FLAGSHIP_CAMERA_COMMAND_STOP_VIDEO);
	}
	lan_link_close(camera->link);
}

static void on_no_picture(uv_timer_t *timer)
{
	end_camera(timer->data, LAN_CAMERA_NO_PICTURE,
		   "the printer sends no picture: it has no camera, or the camera is switched off "
		   "there");
}

static void on_camera_open(void *context)
{
	struct lan_camera *camera = context;
	uint64_t wait_ms = camera->options.picture_ms > 0 ? (uint64_t)camera->options.picture_ms
							  : PICTURE_MS;

	camera->open = true;
	/* Without memory for it every gap would be waited for: slower, and not wrong. */
	(void)!flagship_pppp_session_allow_gaps(lan_link_session(camera->link), VIDEO_CHANNEL);
	send_camera_command(camera, FLAGSHIP_CAMERA_COMMAND_START_VIDEO);
	if (!camera->options.untold) {
		send_camera_command(camera, FLAGSHIP_CAMERA_COMMAND_QUALITY);
	}
	if (camera->light != LIGHT_AS_IT_IS) {
		send_camera_command(camera, FLAGSHIP_CAMERA_COMMAND_LIGHT);
	}
	uv_timer_start(&camera->timer, on_no_picture, wait_ms, 0);
}

static void take_video(struct lan_camera *camera, const uint8_t *data, size_t length)
{
	while (!camera->closing) {
		struct flagship_pppp_piece piece;

		switch (flagship_xzyh_reader_push(&camera->frames, &data, &length, &piece)) {
		case FLAGSHIP_PPPP_FOUND_DATA:
			camera->handlers->on_video(camera->context, piece.data, piece.length);
			break;
		case FLAGSHIP_PPPP_FOUND_END:
			camera->seen = true;
			uv_timer_stop(&camera->timer);
			camera->handlers->on_frame_end(camera->context);
			break;
		case FLAGSHIP_PPPP_FOUND_NOTHING:
			return;
		default:
			break;
		}
	}
}

static void on_camera_data(void *context, uint8_t channel, const struct flagship_pppp_piece_in *in)
{
	struct lan_camera *camera = context;

	if (channel != VIDEO_CHANNEL) {
		return; /* answers to commands say nothing that the picture does not */
	}
	if (in->gap) {
		flagship_xzyh_reader_resync(&camera->frames);
		camera->handlers->on_gap(camera->context);
	}
	take_video(camera, in->data, in->length);
}

static void on_camera_timer_closed(uv_handle_t *handle)
{
	struct lan_camera *camera = handle->data;
	const struct lan_camera_handlers *handlers = camera->handlers;
	void *context = camera->context;
	const char *detail = camera->detail;
	enum lan_camera_end end = camera->end;

	free(camera);
	handlers->on_end(context, end, detail);
}

static void on_camera_link_end(void *context, enum flagship_pppp_end end)
{
	struct lan_camera *camera = context;

	if (!camera->closing) {
		camera->closing = true;
		camera->detail = lan_link_explain(end);
		camera->end = end == FLAGSHIP_PPPP_END_REFUSED     ? LAN_CAMERA_BUSY
			      : end == FLAGSHIP_PPPP_END_NOT_FOUND ? LAN_CAMERA_UNREACHABLE
								   : LAN_CAMERA_LOST;
	}
	uv_close((uv_handle_t *)&camera->timer, on_camera_timer_closed);
}

int lan_camera_create(uv_loop_t *loop, const struct lan_camera_options *options,
		      const struct lan_camera_handlers *handlers, void *context,
		      struct lan_camera **out)
{
	static const struct lan_link_handlers link_handlers = {
		.on_open = on_camera_open, .on_data = on_camera_data, .on_end = on_camera_link_end};
	struct lan_camera *camera = calloc(1, sizeof(*camera));

	if (!camera) {
		return UV_ENOMEM;
	}
	camera->options = *options;
	camera->handlers = handlers;
	camera->context = context;
	camera->detail = "";
	flagship_xzyh_reader_init(&camera->frames, VIDEO_FRAME_MAX);
	int error = lan_link_create(loop, &options->link, &link_handlers, camera, &camera->link);
	if (error) {
		free(camera);
		return error;
	}
	uv_timer_init(loop, &camera->timer);
	camera->timer.data = camera;
	*out = camera;
	return 0;
}

void lan_camera_close(struct lan_camera *camera)
{
	end_camera(camera, LAN_CAMERA_CLOSED, "");
}
