/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "listener.h"

#include "base/json/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OBJECTS_MAX FLAGSHIP_PAYLOAD_OBJECTS_MAX
#define REPLY_MAX   1024
#define STEP_MS     700 /* on purpose no multiple of the printer's own step */
#define MS_A_SECOND 1000

static void hear_event(const struct printer_event *event, void *context)
{
	struct listener *listener = context;

	listener->events[event->kind]++;
}

/* What an E1 says, as the value that other models would tell. */
static int64_t state_of_status(const struct flagship_event_notify *event)
{
	struct printer_e1 e1;

	assert_false(event->present & FLAGSHIP_EVENT_NOTIFY_HAS_VALUE);
	assert_false(event->present & FLAGSHIP_EVENT_NOTIFY_HAS_SUB_TYPE);
	e1_init(&e1);
	assert_true(e1_receive_status(&e1, event->status));
	assert_int_not_equal(e1_job_state(&e1), PRINTER_NEVER);
	return e1_job_state(&e1);
}

static void receive_state(struct listener *listener, const struct flagship_message *message)
{
	const struct flagship_event_notify *event = &message->as.event_notify;
	int64_t value = event->value;
	size_t count = listener->state_count;

	if (event->present & FLAGSHIP_EVENT_NOTIFY_HAS_STATUS) {
		value = state_of_status(event);
	} else if (event->sub_type == 2) {
		listener->alerts++;
		return;
	} else {
		assert_int_equal(event->sub_type, 1);
	}
	if (count > 0 && listener->states[count - 1] == value) {
		return;
	}
	assert_true(count < LISTENER_STATES_MAX);
	listener->states[listener->state_count++] = value;
}

static void hear_nozzle(struct listener *listener, const struct flagship_message *message)
{
	const struct flagship_nozzle_temp *nozzle = &message->as.nozzle_temp;
	int64_t now_ms = listener->printer.now_ms;

	assert_true(nozzle->present & FLAGSHIP_NOZZLE_TEMP_HAS_CURRENT_CENTI_C);
	if (listener->received_ms > 0 && now_ms > listener->received_ms &&
	    now_ms - listener->received_ms < listener->fastest_gap_ms) {
		listener->fastest_gap_ms = now_ms - listener->received_ms;
	}
	listener->received_ms = now_ms;
	if (nozzle->current_centi_c > listener->nozzle_max) {
		listener->nozzle_max = nozzle->current_centi_c;
	}
	if (nozzle->current_centi_c < listener->nozzle_min) {
		listener->nozzle_min = nozzle->current_centi_c;
	}
	if ((nozzle->present & FLAGSHIP_NOZZLE_TEMP_HAS_TARGET_CENTI_C) &&
	    nozzle->current_centi_c == listener->state.nozzle.current_centi_c &&
	    nozzle->target_centi_c == listener->state.nozzle.target_centi_c) {
		listener->changed_nothing++;
	}
}

static void hear_object(struct listener *listener, const struct flagship_message *message)
{
	assert_non_null(message->info);
	assert_int_equal(message->refused, 0);
	switch (message->type) {
	case FLAGSHIP_MESSAGE_EVENT_NOTIFY:
		receive_state(listener, message);
		break;
	case FLAGSHIP_MESSAGE_NOZZLE_TEMP:
		hear_nozzle(listener, message);
		break;
	case FLAGSHIP_MESSAGE_HOTBED_TEMP:
		if (message->as.hotbed_temp.current_centi_c > listener->bed_max) {
			listener->bed_max = message->as.hotbed_temp.current_centi_c;
		}
		break;
	default:
		break;
	}
}

static void write_down(struct listener *listener, const char *json, size_t length)
{
	if (!listener->transcript) {
		return;
	}
	if (listener->transcript_length + length + 2 > listener->transcript_capacity) {
		listener->transcript_capacity = 2 * listener->transcript_capacity + length + 2;
		listener->transcript = realloc(listener->transcript, listener->transcript_capacity);
		assert_non_null(listener->transcript);
	}
	memcpy(listener->transcript + listener->transcript_length, json, length);
	listener->transcript_length += length;
	listener->transcript[listener->transcript_length++] = '\n';
	listener->transcript[listener->transcript_length] = '\0';
}

static void hear(void *context, enum flagship_topic_kind kind, const char *json, size_t length)
{
	struct listener *listener = context;
	struct flagship_message messages[OBJECTS_MAX];
	size_t count;

	assert_true(length < sizeof(listener->last[kind]));
	memcpy(listener->last[kind], json, length + 1);
	listener->published[kind]++;
	write_down(listener, json, length);
	assert_int_equal(flagship_payload_read(json, length, messages, OBJECTS_MAX, &count), 0);
	assert_true(count > 0);
	if (kind == FLAGSHIP_TOPIC_COMMAND_REPLY) {
		assert_true(messages[0].has_reply);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		hear_object(listener, &messages[i]);
	}
	printer_state_merge(&listener->state, messages, count, listener->printer.now_ms, hear_event,
			    listener);
}

static void hear_crash(void *context)
{
	struct listener *listener = context;

	listener->crashes++;
}

void listener_start(struct listener *listener, enum flagship_model model,
		    enum virtual_printer_scenario scenario, uint64_t seed)
{
	struct virtual_printer_output output = {
		.publish = hear, .crashed = hear_crash, .context = listener};

	memset(listener, 0, sizeof(*listener));
	listener->fastest_gap_ms = INT64_MAX;
	listener->nozzle_min = INT64_MAX;
	printer_state_init(&listener->state, "SIM", NULL, model);
	virtual_printer_init(&listener->printer, simulator_model_find(model), scenario, seed,
			     "Simulated", &output);
}

void listener_keep_transcript(struct listener *listener)
{
	listener->transcript = calloc(1, 1);
	listener->transcript_capacity = 1;
	assert_non_null(listener->transcript);
}

void listener_finish(struct listener *listener)
{
	free(listener->transcript);
	listener->transcript = NULL;
}

static void step(struct listener *listener)
{
	virtual_printer_advance(&listener->printer, STEP_MS);
	printer_state_check_online(&listener->state, listener->printer.now_ms, hear_event,
				   listener);
}

void listener_wait_s(struct listener *listener, int64_t seconds)
{
	int64_t end_ms = listener->printer.now_ms + seconds * MS_A_SECOND;

	while (listener->printer.now_ms < end_ms) {
		step(listener);
	}
}

bool listener_wait_for_state(struct listener *listener, int64_t state, int64_t limit_s)
{
	int64_t end_ms = listener->printer.now_ms + limit_s * MS_A_SECOND;

	while (listener->state_count == 0 || listener->states[listener->state_count - 1] != state) {
		if (listener->printer.now_ms >= end_ms) {
			return false;
		}
		step(listener);
	}
	return true;
}

int listener_command(struct listener *listener, const char *json)
{
	return virtual_printer_receive(&listener->printer, FLAGSHIP_TOPIC_COMMAND, json,
				       strlen(json));
}

int listener_query(struct listener *listener, const char *json)
{
	return virtual_printer_receive(&listener->printer, FLAGSHIP_TOPIC_QUERY, json,
				       strlen(json));
}

static void read_reply(const struct listener *listener, struct flagship_message *message)
{
	const char *json = listener->last[FLAGSHIP_TOPIC_COMMAND_REPLY];
	size_t count;

	assert_int_equal(flagship_payload_read(json, strlen(json), message, 1, &count), 0);
	assert_int_equal(count, 1);
}

const char *listener_gcode(struct listener *listener, const char *line)
{
	static char result[REPLY_MAX];
	struct flagship_message message;
	char json[REPLY_MAX];
	size_t length;
	size_t before = listener->published[FLAGSHIP_TOPIC_COMMAND_REPLY];

	assert_int_equal(flagship_build_gcode(line, json, sizeof(json), &length), 0);
	assert_int_equal(listener_command(listener, json), 0);
	assert_int_equal(listener->published[FLAGSHIP_TOPIC_COMMAND_REPLY], before + 1);
	read_reply(listener, &message);
	assert_int_equal(message.type, FLAGSHIP_MESSAGE_GCODE_COMMAND);
	assert_int_equal(message.reply, 0);
	length = flagship_text_copy(message.as.gcode_command.result, result, sizeof(result));
	assert_int_equal(message.as.gcode_command.result_length, length);
	return result;
}

int64_t listener_reply(const struct listener *listener, int64_t type)
{
	struct flagship_message message;

	read_reply(listener, &message);
	assert_int_equal(message.type, type);
	return message.reply;
}

size_t listener_last_count(const struct listener *listener, enum flagship_topic_kind kind,
			   int64_t type)
{
	struct flagship_message messages[OBJECTS_MAX];
	const char *json = listener->last[kind];
	size_t count;
	size_t found = 0;

	assert_int_equal(flagship_payload_read(json, strlen(json), messages, OBJECTS_MAX, &count),
			 0);
	for (size_t i = 0; i < count; i++) {
		found += messages[i].type == type ? 1 : 0;
	}
	return found;
}
