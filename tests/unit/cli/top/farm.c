/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apply.h"
#include "farm.h"

#include <string.h>

void farm_hear(struct printer_state *state, const char *json, int64_t now_ms)
{
	assert_int_equal(apply_json(state, json, now_ms, NULL, NULL), 0);
}

void farm_set_up(struct farm *farm)
{
	static const char *const serials[PRINTERS] = {"AK7LEFT", "AK7RIGHT", "AK7THIRD", "AK7GONE"};
	static const char *const names[PRINTERS] = {"Left", "Right", NULL, "Attic"};

	memset(farm, 0, sizeof(*farm));
	for (size_t i = 0; i < PRINTERS; i++) {
		printer_state_init(&farm->states[i], serials[i], names[i], FLAGSHIP_MODEL_M5);
		farm->rows[i] = (struct top_row){
			.number = i + 1, .label = serials[i], .state = &farm->states[i]};
	}
	farm_hear(&farm->states[0],
		  "[{\"commandType\":1000,\"subType\":1,\"value\":1},"
		  "{\"commandType\":1001,\"time\":3900,\"totalTime\":363,\"progress\":3971,"
		  "\"realSpeed\":124,\"name\":\"boat.gcode\"},"
		  "{\"commandType\":1052,\"real_print_layer\":17,\"total_layer\":43},"
		  "{\"commandType\":1003,\"currentTemp\":21980,\"targetTemp\":22000},"
		  "{\"commandType\":1004,\"currentTemp\":6006,\"targetTemp\":0}]",
		  NOW - SECOND);
	farm_hear(&farm->states[1],
		  "[{\"commandType\":1000,\"subType\":1,\"value\":2},"
		  "{\"commandType\":1001,\"time\":60,\"totalTime\":363,\"progress\":9000,"
		  "\"name\":\"gear.gcode\"},"
		  "{\"commandType\":1085,\"errorCode\":\"0xFF01030001\",\"errorLevel\":\"P0\"}]",
		  NOW - 20 * SECOND);
	farm_hear(&farm->states[2], "{\"commandType\":1000,\"subType\":1,\"value\":0}",
		  NOW - SECOND);
	top_model_init(&farm->model, farm->rows, farm->shown, PRINTERS);
}

struct top_view farm_view(size_t width, size_t height)
{
	return (struct top_view){.width = width,
				 .height = height,
				 .now = {.now_ms = NOW, .unix_ms = UNIX_NOW},
				 .live = true};
}

const char *farm_line(struct farm *farm, size_t width, size_t height, size_t index)
{
	static struct top_line line;
	struct top_view view = farm_view(width, height);
	struct top_screen screen;

	top_screen_init(&screen, &farm->model, &view, 0);
	top_screen_line(&screen, index, &line);
	return line.text;
}

enum top_action farm_press(struct farm *farm, unsigned long key, struct top_row **row)
{
	return top_model_press(&farm->model, key, row);
}

void farm_type(struct farm *farm, const char *keys)
{
	struct top_row *row;

	for (; *keys != '\0'; keys++) {
		assert_int_equal(farm_press(farm, (unsigned long)*keys, &row), TOP_ACTION_NONE);
	}
}

void farm_assert_selected(const struct farm *farm, const char *serial)
{
	assert_string_equal(top_model_selected(&farm->model)->state->serial, serial);
}
