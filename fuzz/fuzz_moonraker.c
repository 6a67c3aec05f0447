/* SPDX-License-Identifier: MIT */
#include "gateway/klipper/gcode.h"
#include "gateway/klipper/rpc.h"
#include "gateway/klipper/status.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE 512

/*
 * A message of a client of Moonraker. Each request of it is read, its id is JSON that was in the
 * message, and its parameters are asked for as methods do; a script is read line by line. What
 * comes out as a command has values that can be sent.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_action(const struct gcode_action *action)
{
	const struct command_request *request = &action->request;

	assert(memchr(action->text, '\0', sizeof(action->text)));
	assert(memchr(action->reason, '\0', sizeof(action->reason)));
	assert((action->kind == GCODE_REFUSED) == (action->reason[0] != '\0'));
	if (action->kind != GCODE_COMMAND) {
		return;
	}
	assert(!request->force && !request->no_wait && !request->text);
	assert(isfinite(request->distance_mm) && isfinite(request->feed_mm_s));
	assert(request->feed_mm_s >= 0);
	/* A line is one line, and one command. */
	assert(request->kind != COMMAND_GCODE ||
	       (action->text[0] != '\0' && !strchr(action->text, '\n') &&
		!strchr(action->text, ';')));
}

static void read_script(const char *text, size_t length)
{
	struct gcode_modes modes = {0};
	struct gcode_action action;

	while (length > 0) {
		const char *newline = memchr(text, '\n', length);
		size_t line = newline ? (size_t)(newline - text) : length;

		gcode_read_line(text, line, &modes, &action);
		assert(modes.saved_count <= GCODE_SAVED_MAX);
		check_action(&action);
		text += line + (newline != NULL);
		length -= line + (newline != NULL);
	}
}

static void read_request(const struct rpc_request *request, const char *text, size_t length)
{
	char buffer[TEXT_SIZE];
	struct json_value value;
	status_set wanted;
	int64_t number;

	if (request->error) {
		assert(request->text);
		return;
	}
	assert(request->id.length <= RPC_ID_MAX);
	assert(request->params.length == 0 ||
	       (request->params.data >= text &&
		request->params.data + request->params.length <= text + length));
	(void)rpc_param_text(request->params, "namespace", buffer, sizeof(buffer));
	(void)rpc_param_int(request->params, "limit", &number);
	(void)rpc_param_flag(request->params, "extended");
	if (rpc_param(request->params, "objects", &value)) {
		(void)status_read_wanted(&value, &wanted);
	}
	if (rpc_param(request->params, "script", &value) && value.kind == JSON_STRING) {
		char script[TEXT_SIZE * 4];
		size_t whole = flagship_text_copy(value.text, script, sizeof(script));

		read_script(script, whole < sizeof(script) ? whole : sizeof(script) - 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct rpc_message message;
	struct rpc_request request;
	struct json_value item;
	struct json_walk walk;
	size_t count = 0;

	if (!text) {
		return 0;
	}
	memcpy(text, data, size);
	text[size] = '\0';
	if (!rpc_read(text, size, &message, &request)) {
		assert(request.error && request.text && request.wants_answer);
	} else if (!message.batch) {
		rpc_read_request(&message.value, &request);
		read_request(&request, text, size);
	} else {
		json_walk_init_valid(&walk, &message.value);
		while (json_walk_item(&walk, &item)) {
			rpc_read_request(&item, &request);
			read_request(&request, text, size);
			count++;
		}
		assert(count > 0 && count <= RPC_BATCH_MAX);
	}
	read_script(text, size);
	free(text);
	return 0;
}
