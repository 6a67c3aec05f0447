/* SPDX-License-Identifier: MIT */
#include "simulator/simulation_internal.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#define COUNTS_MAX 4096

void simulation_tell(const struct simulation *simulation, const char *text, const char *detail)
{
	fprintf(stderr, "simulate: %s %s: %s%s%s\n", flagship_model_name(simulation->model->id),
		simulation->connection->serial, text, detail ? ": " : "", detail ? detail : "");
}

void simulation_print_counts(struct simulation *simulation)
{
	char out[COUNTS_MAX];
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, out, sizeof(out));
	json_object_begin(&writer);
	json_key(&writer, "serial");
	json_string(&writer, simulation->connection->serial);
	json_key(&writer, "model");
	json_string(&writer, flagship_model_name(simulation->model->id));
	json_key(&writer, "received");
	json_int(&writer, (int64_t)simulation->received);
	json_key(&writer, "malformed");
	json_int(&writer, (int64_t)simulation->malformed);
	tally_write(&simulation->printer->tally, &writer);
	json_key(&writer, "published");
	json_int(&writer, (int64_t)simulation->published);
	json_key(&writer, "replies_dropped");
	json_int(&writer, (int64_t)simulation->faults.dropped);
	json_key(&writer, "damaged");
	json_int(&writer, (int64_t)simulation->faults.damaged);
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length) == 0) {
		puts(out);
		fflush(stdout);
	}
}

void simulation_note(void *context, const char *line)
{
	const struct simulation *simulation = context;

	if (simulation->options->verbose) {
		simulation_tell(simulation, line, NULL);
	}
}

void simulation_send(void *context, enum flagship_topic_kind kind, const char *json, size_t length)
{
	struct simulation *simulation = context;
	uint8_t frame[VIRTUAL_PRINTER_JSON_MAX + FLAGSHIP_TOPIC_LENGTH_MAX];
	size_t written;
	int error = FLAGSHIP_ERROR_BUFFER;

	if (sealer_size_max(length) <= sizeof(frame)) {
		error = sealer_seal(&simulation->sealer, json, length, (uint32_t)time(NULL), frame,
				    sizeof(frame), &written);
	}
	if (error) {
		simulation_tell(simulation, "cannot seal a message", flagship_strerror(error));
		return;
	}
	if (simulation->options->verbose) {
		simulation_tell(simulation, simulation->published_topics[kind], json);
	}
	written = faults_damage(&simulation->faults, frame, written);
	if (simulation->session && mqtt_session_connected(simulation->session) &&
	    mqtt_session_publish(simulation->session, simulation->published_topics[kind], frame,
				 written, 0, NULL) == 0) {
		simulation->published++;
	}
}

void simulation_publish(void *context, enum flagship_topic_kind kind, const char *json,
			size_t length)
{
	struct simulation *simulation = context;

	faults_publish(&simulation->faults, kind, json, length);
}

typedef void write_function(struct playback *playback, struct json_writer *writer);

static void publish_recorded(struct simulation *simulation, enum flagship_topic_kind kind,
			     write_function *write)
{
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, out, sizeof(out));
	write(simulation->playback, &writer);
	if (json_writer_finish(&writer, &length)) {
		simulation_tell(simulation, "left out a notice of the recording: it is too long",
				NULL);
		return;
	}
	simulation_publish(simulation, kind, out, length);
}

static void write_burst(struct playback *playback, struct json_writer *writer)
{
	playback_write_burst(playback, writer);
}

void simulation_on_clock(uv_timer_t *timer)
{
	struct simulation *simulation = timer->data;
	uint64_t now_ms = uv_now(&simulation->loop);

	faults_advance(&simulation->faults, (int64_t)now_ms);

	simulation->simulated_ms += (double)(now_ms - simulation->last_ms) *
				    simulation->options->speed;
	simulation->last_ms = now_ms;
	int64_t simulated_ms = (int64_t)simulation->simulated_ms;
	if (simulation->playback) {
		while (playback_next_ms(simulation->playback) <= simulated_ms) {
			publish_recorded(simulation, FLAGSHIP_TOPIC_NOTICE, playback_write_next);
		}
		return;
	}
	virtual_printer_advance(simulation->printer, simulated_ms - simulation->played_ms);
	simulation->played_ms = simulated_ms;
}

static void refuse(struct simulation *simulation, int error)
{
	simulation->malformed++;
	fprintf(stderr, "simulate: %s %s: dropped a message that is no good: %s (%llu so far)\n",
		flagship_model_name(simulation->model->id), simulation->connection->serial,
		flagship_strerror(error), (unsigned long long)simulation->malformed);
}

/* A recording answers a query with what it has played so far, and commands not at all. */
static int answer_from_recording(struct simulation *simulation, enum flagship_topic_kind kind,
				 const uint8_t *payload, size_t length)
{
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	size_t count;
	int error = flagship_payload_read(payload, length, messages, FLAGSHIP_PAYLOAD_OBJECTS_MAX,
					  &count);

	for (size_t i = 0; error == 0 && i < count; i++) {
		if (kind == FLAGSHIP_TOPIC_QUERY &&
		    messages[i].type == FLAGSHIP_MESSAGE_APP_QUERY_STATUS &&
		    simulation->playback->played > 0) {
			publish_recorded(simulation, FLAGSHIP_TOPIC_QUERY_REPLY, write_burst);
			publish_recorded(simulation, FLAGSHIP_TOPIC_NOTICE, write_burst);
		}
	}
	return error;
}

void simulation_on_message(void *context, const char *topic, uint8_t *data, size_t length)
{
	struct simulation *simulation = context;
	enum flagship_topic_kind kind = strcmp(topic, simulation->query_topic) == 0
						? FLAGSHIP_TOPIC_QUERY
						: FLAGSHIP_TOPIC_COMMAND;
	const uint8_t *payload;
	size_t payload_length;
	simulation->received++;
	faults_advance(&simulation->faults, (int64_t)uv_now(&simulation->loop));
	int result = sealer_open(&simulation->sealer, data, length, &payload, &payload_length);

	if (result == 0) {
		simulation_note(simulation,
				"dropped a frame with a 24-byte header, as a printer does");
		return;
	}
	if (result > 0 && simulation->playback) {
		result = answer_from_recording(simulation, kind, payload, payload_length);
	} else if (result > 0) {
		result = faults_receive(&simulation->faults, simulation->printer, kind, payload,
					payload_length);
	}
	if (result < 0) {
		refuse(simulation, result);
	}
}
