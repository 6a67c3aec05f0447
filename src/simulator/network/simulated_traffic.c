/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "simulator/network/simulated_printer.h"

#include "cli/output/print.h"
#include "simulator/network/simulation.h"
#include "simulator/printer/commands.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <stdio.h>
#include <string.h>

#define ECHO_CODE "M118 "

void simulated_printer_report(const struct simulated_printer *printer, const char *text,
			      const char *detail)
{
	print_to(stderr, "simulate: %s %s: %s%s%s\n",
		 flagship_model_name(printer->simulation->model->id), printer->serial, text,
		 detail ? ": " : "", detail ? detail : "");
}

void simulated_printer_note(void *context, const char *line)
{
	const struct simulated_printer *printer = context;

	if (printer->simulation->options->verbose) {
		simulated_printer_report(printer, line, NULL);
	}
}

static uint32_t clock_of(const struct simulated_printer *printer)
{
	return (uint32_t)(clock_unix_s() + printer->simulation->options->faults.clock_skew_s);
}

void simulated_printer_send(void *context, enum flagship_topic_kind kind, const char *json,
			    size_t length)
{
	struct simulated_printer *printer = context;
	uint8_t frame[VIRTUAL_PRINTER_JSON_MAX + FLAGSHIP_TOPIC_LENGTH_MAX];
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	size_t written;
	int error = flagship_topic_build(kind, printer->serial, topic, sizeof(topic));

	if (!error && sealer_size_max(length) > sizeof(frame)) {
		error = FLAGSHIP_ERROR_BUFFER;
	}
	if (!error) {
		error = sealer_seal(&printer->sealer, json, length, clock_of(printer), frame,
				    sizeof(frame), &written);
	}
	if (error) {
		simulated_printer_report(printer, "cannot seal a message",
					 flagship_strerror(error));
		return;
	}
	if (printer->simulation->options->verbose) {
		simulated_printer_report(printer, topic, json);
	}
	written = faults_damage(&printer->faults, frame, written);
	if (printer->session && mqtt_session_connected(printer->session) &&
	    mqtt_session_publish(printer->session, topic, frame, written, 0, NULL) == 0) {
		printer->published++;
	}
}

void simulated_printer_publish(void *context, enum flagship_topic_kind kind, const char *json,
			       size_t length)
{
	struct simulated_printer *printer = context;

	faults_publish(&printer->faults, kind, json, length);
}

typedef void write_function(struct playback *playback, struct json_writer *writer);

static void publish_recorded(struct simulated_printer *printer, enum flagship_topic_kind kind,
			     write_function *write)
{
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, out, sizeof(out));
	write(printer->simulation->playback, &writer);
	if (json_writer_finish(&writer, &length)) {
		simulated_printer_report(
			printer, "left out a notice of the recording: it is too long", NULL);
		return;
	}
	simulated_printer_publish(printer, kind, out, length);
}

void simulated_printer_play(struct simulated_printer *printer, int64_t simulated_ms)
{
	while (playback_next_ms(printer->simulation->playback) <= simulated_ms) {
		publish_recorded(printer, FLAGSHIP_TOPIC_NOTICE, playback_write_next);
	}
}

static void write_burst(struct playback *playback, struct json_writer *writer)
{
	playback_write_burst(playback, writer);
}

static void refuse(struct simulated_printer *printer, int error)
{
	printer->malformed++;
	print_to(stderr, "simulate: %s %s: dropped a message that is no good: %s (%llu so far)\n",
		 flagship_model_name(printer->simulation->model->id), printer->serial,
		 flagship_strerror(error), (unsigned long long)printer->malformed);
}

/* Whose printer it is has to be seen by a cloud that asks, whatever is played. */
static bool is_echo(enum flagship_topic_kind kind, const struct flagship_message *message)
{
	const struct flagship_text *line = &message->as.gcode_command.command;

	return kind == FLAGSHIP_TOPIC_COMMAND && message->type == FLAGSHIP_MESSAGE_GCODE_COMMAND &&
	       line->length > strlen(ECHO_CODE) &&
	       memcmp(line->data, ECHO_CODE, strlen(ECHO_CODE)) == 0;
}

/* A recording answers a query with what it has played so far, and of commands an echo alone. */
static int answer_from_recording(struct simulated_printer *printer, enum flagship_topic_kind kind,
				 const uint8_t *payload, size_t length)
{
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	size_t count;
	int error = flagship_payload_read(payload, length, messages, FLAGSHIP_PAYLOAD_OBJECTS_MAX,
					  &count);

	for (size_t i = 0; !error && i < count; i++) {
		if (kind == FLAGSHIP_TOPIC_QUERY &&
		    messages[i].type == FLAGSHIP_MESSAGE_APP_QUERY_STATUS &&
		    printer->simulation->playback->played > 0) {
			publish_recorded(printer, FLAGSHIP_TOPIC_QUERY_REPLY, write_burst);
			publish_recorded(printer, FLAGSHIP_TOPIC_NOTICE, write_burst);
		} else if (is_echo(kind, &messages[i])) {
			commands_run_gcode(&printer->printer, &messages[i]);
		}
	}
	return error;
}

/* The broker sends what was subscribed to, and nothing else: the kind tells the two apart. */
static enum flagship_topic_kind kind_of(const char *topic)
{
	struct flagship_topic parsed;

	return flagship_topic_parse(topic, strlen(topic), &parsed) == 0 ? parsed.kind
									: FLAGSHIP_TOPIC_COMMAND;
}

void simulated_printer_receive(void *context, const char *topic, uint8_t *data, size_t length)
{
	struct simulated_printer *printer = context;
	enum flagship_topic_kind kind = kind_of(topic);
	const uint8_t *payload;
	size_t payload_length;

	if (kind == FLAGSHIP_TOPIC_SMART_COMMAND || kind == FLAGSHIP_TOPIC_SERVER_COMMAND) {
		simulated_printer_note(printer, "left a message of the vendor's cloud alone: what "
						"those hold was never seen");
		return;
	}
	printer->received++;
	faults_advance(&printer->faults, (int64_t)uv_now(&printer->simulation->daemon.loop));
	int result = sealer_open(&printer->sealer, data, length, &payload, &payload_length);
	if (result == 0) {
		simulated_printer_note(printer,
				       "dropped a frame with a 24-byte header, as a printer does");
		return;
	}
	if (result > 0 && printer->simulation->playback) {
		result = answer_from_recording(printer, kind, payload, payload_length);
	} else if (result > 0) {
		result = faults_receive(&printer->faults, &printer->printer, kind, payload,
					payload_length);
	}
	if (result < 0) {
		refuse(printer, result);
	}
}
