/* SPDX-License-Identifier: MIT */
#include "printer/command/command.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES  4
#define TOPICS        3
#define WAIT_MS       10
#define FOREVER_MS    INT64_C(1000000)
#define DEADLINES_MAX 10000

/*
 * A command and what the printer says after it: kind, model, flags and value in a byte each, then
 * the text and, line by line, payloads: the first byte of each is its topic and how long it took.
 * Whatever they are, the command ends once.
 */
struct world {
	struct printer_state state;
	struct printer_profile profile;
	struct command_engine *engine;
	const char *file; /* of a start */
	int64_t now_ms;
	unsigned int done;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No file is started but the one that was named. */
static void check_start(const struct world *world, const struct flagship_message *message)
{
	const struct flagship_print_control *control = &message->as.print_control;

	if (world->file != NULL && message->type == FLAGSHIP_MESSAGE_PRINT_CONTROL) {
		assert(control->value == 1);
		assert(world->file[0] != '/' ||
		       flagship_text_equals(control->file_path, world->file));
	}
}

static bool take_sent(void *context, enum flagship_topic_kind kind, const char *json, size_t length)
{
	struct flagship_message message;
	size_t count;

	(void)kind;
	assert(flagship_payload_read(json, length, &message, 1, &count) == 0 && count == 1);
	check_start(context, &message);
	return true;
}

static void take_done(void *context, const struct command_report *report)
{
	struct world *world = context;

	world->done++;
	assert(report->detail[0] != '\0');
	assert(report->text_length == 0 || memchr(report->text, 0, report->text_length) == NULL);
}

static void wait_until(struct world *world, int64_t t_ms)
{
	for (size_t i = 0; i < DEADLINES_MAX; i++) {
		int64_t due_ms = command_next_deadline_ms(world->engine);
		if (due_ms > t_ms) {
			world->now_ms = t_ms;
			return;
		}
		world->now_ms = due_ms;
		command_advance(world->engine, due_ms);
		assert(command_next_deadline_ms(world->engine) > due_ms);
	}
	abort();
}

static void receive(struct world *world, const uint8_t *line, size_t length)
{
	static const enum flagship_topic_kind topics[TOPICS] = {
		FLAGSHIP_TOPIC_COMMAND_REPLY, FLAGSHIP_TOPIC_QUERY_REPLY, FLAGSHIP_TOPIC_NOTICE};
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	size_t count;

	if (length < 2 || flagship_payload_read(line + 1, length - 1, messages,
						FLAGSHIP_PAYLOAD_OBJECTS_MAX, &count) != 0) {
		return;
	}
	wait_until(world, world->now_ms + line[0] / TOPICS * WAIT_MS);
	job_await_states(
		&world->state.job,
		command_awaited_states(world->engine, topics[line[0] % TOPICS], world->now_ms));
	printer_state_merge(&world->state, messages, count, world->now_ms, NULL, NULL);
	for (size_t i = 0; i < count; i++) {
		command_receive(world->engine, topics[line[0] % TOPICS], &messages[i],
				world->now_ms);
	}
}

/* NUL-terminated, to be freed; *rest is behind its line. */
static char *take_text(const uint8_t *data, size_t size, size_t *rest)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t length = end != NULL ? (size_t)(end - data) : size;
	char *text = malloc(length + 1);

	assert(text != NULL);
	memcpy(text, data, length);
	text[length] = '\0';
	*rest = end != NULL ? length + 1 : length;
	return text;
}

static void run(struct world *world, const uint8_t *data, size_t size)
{
	size_t rest;
	char *text = take_text(data + HEADER_BYTES, size - HEADER_BYTES, &rest);
	struct command_request request = {
		.kind = (enum command_kind)(data[0] % (COMMAND_STATUS + 1)),
		.value = (int8_t)data[3],
		.text = text,
		.user_id = data[2] & 8 ? text : NULL,
		.user_name = text,
		.position_mm = {data[3], data[3] / 2.0, -1},
		.distance_mm = data[3],
		.force = data[2] & 1,
		.relative = data[2] & 2,
		.no_wait = data[2] & 4,
	};

	world->file = request.kind == COMMAND_START ? text : NULL;
	command_submit(world->engine, &request, 0);
	data += HEADER_BYTES + rest;
	size -= HEADER_BYTES + rest;
	while (size > 0) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t length = end != NULL ? (size_t)(end - data) : size;
		receive(world, data, length);
		length += end != NULL;
		data += length;
		size -= length;
	}
	wait_until(world, world->now_ms + FOREVER_MS);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world world = {0};
	struct command_output output = {.send = take_sent, .done = take_done, .context = &world};

	if (size < HEADER_BYTES) {
		return 0;
	}
	enum flagship_model model = data[1] % 2 ? FLAGSHIP_MODEL_M5 : FLAGSHIP_MODEL_M5C;
	printer_state_init(&world.state, NULL, NULL, model);
	printer_profile_init(&world.profile, model);
	world.engine = command_engine_create(&world.state, &world.profile, &output);
	assert(world.engine != NULL);
	command_set_connected(world.engine, true, 0);
	run(&world, data, size);
	assert(world.done == 1);
	assert(command_next_deadline_ms(world.engine) == INT64_MAX);
	command_engine_destroy(world.engine);
	return 0;
}
