/* SPDX-License-Identifier: MIT */
#include "printer/command/command.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RUNS          2000
#define ACTIONS       250
#define COMMANDS_MAX  (2 * ACTIONS)
#define REPLIES_MAX   64
#define SENDS_MAX     3
#define JSON_MAX      512
#define FOREVER_MS    2000000
#define DEADLINES_MAX 100000
#define NESTED_LEFT   20

/* What is known of each command, by the number that it carries in its message. */
struct life {
	enum command_kind kind;
	uint64_t id;
	unsigned int epoch; /* of the connection, when it was submitted */
	unsigned int sends;
	unsigned int done;
	bool tagged; /* its messages carry its number */
};

struct world {
	uint32_t random;
	uint32_t seed;
	struct printer_state state;
	struct printer_profile profile;
	struct command_engine *engine;
	int64_t now_ms;
	bool connected;
	bool sending_fails;
	unsigned int epoch;
	struct life lives[COMMANDS_MAX + 1];
	size_t count;
	size_t done;
	size_t nested;
	int64_t replies[REPLIES_MAX]; /* types that are still to be answered, or 0 */
	size_t in_flight_by[4];       /* by type: who was sent last, see slot_of */
	size_t outcomes[COMMAND_FAILED + 1];
};

static uint32_t pick(struct world *world, uint32_t below)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 17;
	world->random ^= world->random << 5;
	return world->random % below;
}

static bool may_repeat(enum command_kind kind)
{
	return kind == COMMAND_RENAME || kind == COMMAND_QUERY;
}

static size_t tag_of(const struct flagship_message *message)
{
	char text[JSON_MAX] = "";
	struct flagship_text value = {0};

	switch (message->type) {
	case FLAGSHIP_MESSAGE_GCODE_COMMAND:
		value = message->as.gcode_command.command;
		break;
	case FLAGSHIP_MESSAGE_DEVICE_NAME_SET:
		value = message->as.device_name_set.device_name;
		break;
	case FLAGSHIP_MESSAGE_DELETE_GCODE_FILE:
		value = message->as.delete_gcode_file.file_path;
		break;
	case FLAGSHIP_MESSAGE_AI_SWITCH:
		return (size_t)message->as.ai_switch.ai_value;
	case FLAGSHIP_MESSAGE_GCODE_FILE_REQUEST:
		return (size_t)message->as.gcode_file_request.file_type;
	default:
		return 0;
	}
	flagship_text_copy(value, text, sizeof(text));
	const char *tag = strchr(text, '#');
	return tag != NULL ? strtoul(tag + 1, NULL, 10) : 0;
}

static size_t slot_of(int64_t type)
{
	switch (type) {
	case FLAGSHIP_MESSAGE_DEVICE_NAME_SET:
		return 0;
	case FLAGSHIP_MESSAGE_DELETE_GCODE_FILE:
		return 1;
	case FLAGSHIP_MESSAGE_AI_SWITCH:
		return 2;
	default:
		return 3;
	}
}

static void check_tagged(struct world *world, const struct flagship_message *message, size_t tag)
{
	struct life *life = &world->lives[tag];
	size_t slot = slot_of(message->type);

	assert_true(tag <= world->count);
	life->sends++;
	assert_int_equal(life->done, 0);
	assert_int_equal(life->epoch, world->epoch);
	assert_true(life->sends <= (may_repeat(life->kind) ? SENDS_MAX : 1));
	/* G-codes share their type with commands that carry no number. */
	if (message->type != FLAGSHIP_MESSAGE_GCODE_COMMAND) {
		size_t before = world->in_flight_by[slot];
		assert_true(before == 0 || before == tag || world->lives[before].done == 1);
		world->in_flight_by[slot] = tag;
	}
}

static bool take_sent(void *context, enum flagship_topic_kind kind, const char *json, size_t length)
{
	struct world *world = context;
	struct flagship_message message;
	size_t count;

	(void)kind;
	assert_true(world->connected);
	if (world->sending_fails) {
		return false;
	}
	assert_int_equal(flagship_payload_read(json, length, &message, 1, &count), 0);
	size_t tag = tag_of(&message);
	if (tag != 0) {
		check_tagged(world, &message, tag);
	}
	world->replies[pick(world, REPLIES_MAX)] = message.type;
	return true;
}

static void submit_any(struct world *world);

static void take_reply(void *context, uint64_t id, const struct flagship_message *message)
{
	struct world *world = context;

	assert_non_null(message);
	if (pick(world, 50) == 0) {
		command_cancel(world->engine, id, world->now_ms);
	}
}

static struct life *find_life(struct world *world, uint64_t id)
{
	/* Each submission makes one life and one id, in the same order. */
	assert_true(id >= 1 && id <= world->count);
	return &world->lives[id];
}

static void take_done(void *context, const struct command_report *report)
{
	struct world *world = context;
	struct life *life = find_life(world, report->id);
	bool sent = life->sends > 0;

	life->done++;
	world->done++;
	world->outcomes[report->outcome]++;
	assert_int_equal(life->done, 1);
	assert_int_equal(report->kind, life->kind);
	assert_true(strlen(report->detail) > 0);
	assert_true(report->elapsed_ms >= 0);
	assert_true(!report->guarded || report->outcome == COMMAND_REFUSED);
	if (report->guarded || report->outcome == COMMAND_FAILED) {
		assert_int_equal(report->attempts, 0);
		assert_false(sent);
	} else if (life->tagged && report->outcome != COMMAND_UNANSWERED) {
		assert_true(sent);
	}
	if (life->tagged) {
		assert_int_equal(report->attempts, life->sends);
	}
	if (pick(world, 10) == 0 && world->nested > 0) {
		world->nested--;
		submit_any(world);
	}
}

static void fill_untagged(struct world *world, struct command_request *request)
{
	static const struct command_request requests[] = {
		{.kind = COMMAND_PAUSE},
		{.kind = COMMAND_RESUME},
		{.kind = COMMAND_STOP},
		{.kind = COMMAND_STOP},
		{.kind = COMMAND_NOZZLE_TARGET, .value = 20000},
		{.kind = COMMAND_BED_TARGET, .value = 6000},
		{.kind = COMMAND_COOLDOWN},
		{.kind = COMMAND_FAN, .value = 50},
		{.kind = COMMAND_SPEED, .value = 100},
		{.kind = COMMAND_HOME, .value = COMMAND_AXIS_X},
		{.kind = COMMAND_MOVE, .position_mm = {1, NAN, NAN}, .relative = true},
		{.kind = COMMAND_EXTRUDE, .distance_mm = 1},
		{.kind = COMMAND_Z_OFFSET, .value = 250},
		{.kind = COMMAND_LEVEL},
		{.kind = COMMAND_FILES},
		{.kind = COMMAND_LIGHT, .value = 1},
		{.kind = COMMAND_STATUS},
		{.kind = COMMAND_START, .text = "a.gcode"},
	};

	*request = requests[pick(world, sizeof(requests) / sizeof(requests[0]))];
}

static void fill_tagged(struct world *world, struct command_request *request, char *text,
			size_t tag)
{
	switch (pick(world, 5)) {
	case 0:
		request->kind = COMMAND_GCODE;
		snprintf(text, JSON_MAX, "%s #%zu", pick(world, 2) ? "M105" : "G1 X1", tag);
		break;
	case 1:
		request->kind = COMMAND_RENAME;
		snprintf(text, JSON_MAX, "name #%zu", tag);
		break;
	case 2:
		request->kind = COMMAND_DELETE;
		snprintf(text, JSON_MAX, "file #%zu", tag);
		break;
	case 3:
		request->kind = COMMAND_SEND;
		snprintf(text, JSON_MAX, "{\"commandType\":1050,\"AIValue\":%zu}", tag);
		break;
	default:
		request->kind = COMMAND_QUERY;
		snprintf(text, JSON_MAX, "{\"commandType\":1010,\"type\":%zu}", tag);
		break;
	}
	request->text = text;
}

static void submit_any(struct world *world)
{
	struct command_request request = {0};
	char text[JSON_MAX];
	size_t tag = ++world->count;
	struct life *life = &world->lives[tag];

	assert_true(tag <= COMMANDS_MAX);
	if (pick(world, 2)) {
		fill_tagged(world, &request, text, tag);
		life->tagged = true;
	} else {
		fill_untagged(world, &request);
	}
	request.force = pick(world, 4) == 0;
	request.no_wait = pick(world, 20) == 0;
	request.timeout_ms = pick(world, 3) == 0 ? 1 + pick(world, 5000) : 0;
	life->kind = request.kind;
	life->epoch = world->epoch;
	assert_int_equal(command_submit(world->engine, &request, world->now_ms), tag);
}

static void hear(struct world *world, enum flagship_topic_kind kind, const char *json)
{
	struct flagship_message message;
	size_t count;

	assert_int_equal(flagship_payload_read(json, strlen(json), &message, 1, &count), 0);
	job_await_states(&world->state.job,
			 command_awaited_states(world->engine, kind, world->now_ms));
	printer_state_merge(&world->state, &message, 1, world->now_ms, NULL, NULL);
	command_receive(world->engine, kind, &message, world->now_ms);
}

/* In any order, with any result, sometimes with another type, sometimes twice. */
static void answer_any(struct world *world)
{
	static const char *const texts[] = {
		"ok\\n",
		"+ringbuf:0,512,1\\nok\\n",
		"T:20 /0\\nok\\n",
		"cut in the mid",
		"echo:Unknown command: \\\"M355\\\"\\nok\\n",
		"ok\\n\\nok\\n\\n",
		"",
		"echo:Case light: 255\\n+ringbuf:0,512,1\\nok\\n",
	};
	int64_t *slot = &world->replies[pick(world, REPLIES_MAX)];
	char json[JSON_MAX];
	long long type = *slot;
	bool gcode = type == FLAGSHIP_MESSAGE_GCODE_COMMAND;

	if (type == 0) {
		return;
	}
	type += pick(world, 10) == 0;
	int reply = pick(world, 10) == 0 ? 5 : 0;
	if (gcode) {
		snprintf(json, sizeof(json),
			 "{\"commandType\":%lld,\"reply\":%d,\"resData\":\"%s\"}", type, reply,
			 texts[pick(world, sizeof(texts) / sizeof(texts[0]))]);
	} else {
		snprintf(json, sizeof(json), "{\"commandType\":%lld,\"reply\":%d}", type, reply);
	}
	if (pick(world, 5) != 0) {
		*slot = 0;
	}
	hear(world, pick(world, 3) ? FLAGSHIP_TOPIC_COMMAND_REPLY : FLAGSHIP_TOPIC_QUERY_REPLY,
	     json);
}

static void notice_any(struct world *world)
{
	static const char *const notices[] = {
		"{\"commandType\":1000,\"subType\":1,\"value\":0}",
		"{\"commandType\":1000,\"subType\":1,\"value\":1}",
		"{\"commandType\":1000,\"subType\":1,\"value\":2}",
		"{\"commandType\":1000,\"subType\":1,\"value\":4}",
		"{\"commandType\":1001,\"name\":\"a.gcode\",\"progress\":5000}",
		"{\"commandType\":1003,\"currentTemp\":2000,\"targetTemp\":0}",
		"{\"commandType\":1003,\"currentTemp\":2000,\"targetTemp\":20000}",
		"{\"commandType\":1004,\"currentTemp\":2000,\"targetTemp\":6000}",
		"{\"commandType\":1004,\"currentTemp\":2000}",
		"{\"commandType\":1006,\"value\":100}",
		"{\"commandType\":1021,\"value\":250}",
		"{\"commandType\":1021,\"value\":-9223372036854775807}",
		"{\"commandType\":1026,\"value\":2}",
		"{\"commandType\":77777}",
	};

	hear(world, pick(world, 4) ? FLAGSHIP_TOPIC_NOTICE : FLAGSHIP_TOPIC_QUERY_REPLY,
	     notices[pick(world, sizeof(notices) / sizeof(notices[0]))]);
}

static void pass_until(struct world *world, int64_t t_ms)
{
	for (size_t i = 0; i < DEADLINES_MAX; i++) {
		int64_t due_ms = command_next_deadline_ms(world->engine);
		if (due_ms > t_ms) {
			world->now_ms = t_ms;
			return;
		}
		assert_true(due_ms >= world->now_ms);
		world->now_ms = due_ms;
		command_advance(world->engine, due_ms);
		assert_true(command_next_deadline_ms(world->engine) > due_ms);
	}
	fail_msg("seed %u: the deadlines do not end", world->seed);
}

static void set_connected(struct world *world, bool connected)
{
	if (world->connected && !connected) {
		world->epoch++;
		printer_state_connection_lost(&world->state);
	}
	world->connected = connected;
	command_set_connected(world->engine, connected, world->now_ms);
}

static void act(struct world *world)
{
	switch (pick(world, 16)) {
	case 0:
	case 1:
	case 2:
		submit_any(world);
		break;
	case 3:
		set_connected(world, pick(world, 4) != 0);
		break;
	case 4:
		command_cancel(world->engine, 1 + pick(world, (uint32_t)world->count + 1),
			       world->now_ms);
		break;
	case 5:
	case 6:
		notice_any(world);
		break;
	case 7:
		pass_until(world, world->now_ms + pick(world, 6000));
		break;
	case 8:
		pass_until(world, world->now_ms + pick(world, 60));
		break;
	case 9:
		world->sending_fails = pick(world, 10) == 0;
		break;
	default:
		answer_any(world);
		break;
	}
}

static void run(uint32_t seed, size_t outcomes[COMMAND_FAILED + 1])
{
	struct world *world = calloc(1, sizeof(*world));
	struct command_output output = {take_sent, take_reply, take_done, world};
	enum flagship_model model = seed % 2 ? FLAGSHIP_MODEL_M5 : FLAGSHIP_MODEL_M5C;

	assert_non_null(world);
	world->seed = seed;
	world->random = seed * UINT32_C(2654435761) + 1;
	world->nested = NESTED_LEFT;
	printer_state_init(&world->state, NULL, NULL, model);
	printer_profile_init(&world->profile, model);
	world->engine = command_engine_create(&world->state, &world->profile, &output);
	set_connected(world, true);
	for (size_t i = 0; i < ACTIONS; i++) {
		act(world);
	}
	pass_until(world, world->now_ms + FOREVER_MS);
	assert_int_equal(command_next_deadline_ms(world->engine), INT64_MAX);
	assert_int_equal(world->done, world->count);
	for (size_t i = 1; i <= world->count; i++) {
		assert_int_equal(world->lives[i].done, 1);
	}
	for (size_t i = 0; i <= COMMAND_FAILED; i++) {
		outcomes[i] += world->outcomes[i];
	}
	command_engine_destroy(world->engine);
	free(world);
}

static void test_any_order(void **context)
{
	size_t outcomes[COMMAND_FAILED + 1] = {0};

	(void)context;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		run(seed, outcomes);
	}
	/* Each way to end was seen, or the test has grown blind. */
	for (size_t i = 0; i <= COMMAND_FAILED; i++) {
		print_message("# %s: %zu\n", command_outcome_name((enum command_outcome)i),
			      outcomes[i]);
		assert_true(outcomes[i] > RUNS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
