/* SPDX-License-Identifier: MIT */
#include "simulator/camera/camera.h"

#include "base/json/reader.h"

#include <stdlib.h>
#include <string.h>

#define VIDEO_CHANNEL 1
#define KEY_EVERY     50 /* pictures: each two seconds */
#define LIMIT         (64u * 1024)

void camera_init(struct camera *camera)
{
	*camera = (struct camera){.hd = true};
	flagship_xzyh_reader_init(&camera->commands, LIMIT);
}

static void switch_off(struct camera *camera)
{
	free(camera->frame);
	camera->frame = NULL;
	camera->on = false;
	camera->length = 0;
	camera->sent = 0;
}

void camera_finish(struct camera *camera)
{
	switch_off(camera);
}

static void begin_card(struct camera *camera)
{
	if (camera->hd) {
		test_card_init(&camera->card, TEST_CARD_COLUMNS_HD, TEST_CARD_ROWS_HD);
	} else {
		test_card_init(&camera->card, TEST_CARD_COLUMNS_SD, TEST_CARD_ROWS_SD);
	}
}

static void switch_on(struct camera *camera, int64_t now_ms)
{
	if (camera->on) {
		return;
	}
	camera->frame = malloc(FLAGSHIP_XZYH_HEADER_SIZE + TEST_CARD_PICTURE_MAX);
	camera->on = camera->frame != NULL;
	camera->due_ms = now_ms;
	begin_card(camera);
}

static int64_t member_number(struct flagship_json object, const char *name, int64_t otherwise)
{
	struct json_value value;
	int64_t number;

	return json_object_find(object, name, &value) && json_value_to_int(&value, &number)
		       ? number
		       : otherwise;
}

static void obey(struct camera *camera, int64_t now_ms)
{
	const struct flagship_json command = {camera->command, (uint32_t)camera->command_length};
	struct json_value data;
	struct json_value open;

	if (!json_object_find(command, "data", &data) || data.kind != JSON_OBJECT) {
		data.json = (struct flagship_json){"{}", 2};
	}
	switch (member_number(command, "commandType", 0)) {
	case FLAGSHIP_CAMERA_COMMAND_START_VIDEO:
		switch_on(camera, now_ms);
		break;
	case FLAGSHIP_CAMERA_COMMAND_STOP_VIDEO:
		switch_off(camera);
		break;
	case FLAGSHIP_CAMERA_COMMAND_LIGHT:
		camera->lit = json_object_find(data.json, "open", &open) && open.kind == JSON_TRUE;
		break;
	case FLAGSHIP_CAMERA_COMMAND_QUALITY:
		camera->hd = camera->is_large || member_number(data.json, "mode", 1) == 1;
		begin_card(camera);
		break;
	default:
		break;
	}
}

void camera_take(struct camera *camera, const uint8_t *data, size_t length, int64_t now_ms)
{
	for (;;) {
		struct flagship_pppp_piece piece;

		switch (flagship_xzyh_reader_push(&camera->commands, &data, &length, &piece)) {
		case FLAGSHIP_PPPP_FOUND_BEGIN:
			camera->command_length = 0;
			break;
		case FLAGSHIP_PPPP_FOUND_DATA:
			if (piece.length <= CAMERA_COMMAND_MAX - camera->command_length) {
				memcpy(camera->command + camera->command_length, piece.data,
				       piece.length);
				camera->command_length += piece.length;
			}
			break;
		case FLAGSHIP_PPPP_FOUND_END:
			if (camera->commands.header.command == FLAGSHIP_XZYH_COMMAND_JSON) {
				obey(camera, now_ms);
			}
			break;
		default:
			return;
		}
	}
}

int64_t camera_due_ms(const struct camera *camera)
{
	return camera->on ? camera->due_ms : INT64_MAX;
}

static void draw_picture(struct camera *camera, int64_t unix_ms)
{
	struct flagship_xzyh header = {.command = FLAGSHIP_XZYH_COMMAND_JSON,
				       .channel = VIDEO_CHANNEL};
	bool key = camera->pictures % KEY_EVERY == 0;
	size_t length = test_card_write(&camera->card, unix_ms, camera->lit, key,
					camera->frame + FLAGSHIP_XZYH_HEADER_SIZE,
					TEST_CARD_PICTURE_MAX);

	header.length = (uint32_t)length;
	flagship_xzyh_write(&header, camera->frame);
	camera->pictures++;
	camera->length = FLAGSHIP_XZYH_HEADER_SIZE + length;
	camera->sent = 0;
}

size_t camera_pending(struct camera *camera, int64_t now_ms, int64_t unix_ms)
{
	if (!camera->on) {
		return 0;
	}
	if (camera->sent == camera->length && now_ms >= camera->due_ms) {
		draw_picture(camera, unix_ms);
		camera->due_ms += CAMERA_INTERVAL_MS;
		if (camera->due_ms < now_ms) {
			camera->due_ms = now_ms; /* what the network did not take is left out */
		}
	}
	return camera->length - camera->sent;
}
