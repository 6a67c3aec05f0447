/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_SIMULATION_INTERNAL_H
#define SIMULATOR_SIMULATION_INTERNAL_H

#include "simulator/faults.h"
#include "simulator/sealer.h"
#include "simulator/simulation.h"
#include "simulator/virtual_printer.h"
#include "transport/mqtt_session.h"

#include <flagship/topic.h>

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/* What simulation.c and simulation_traffic.c share. */

#define SIMULATION_PUBLISHED_KINDS (FLAGSHIP_TOPIC_QUERY_REPLY + 1)

struct simulation {
	const struct simulate_options *options;
	const struct connection *connection;
	const struct simulator_model *model;
	struct playback *playback; /* or NULL */
	struct virtual_printer *printer;
	struct faults faults;
	struct sealer sealer;
	uv_loop_t loop;
	uv_timer_t clock;
	uv_timer_t end;
	uv_timer_t restart;
	uv_signal_t interrupted;
	uv_signal_t terminated;
	uv_signal_t asked; /* for the counts */
	struct mqtt_session *session;
	char published_topics[SIMULATION_PUBLISHED_KINDS][FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	char command_topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	char query_topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	bool ready;    /* once subscribed: the printer's clock runs */
	bool crashing; /* the session is being closed to be opened again */
	bool stopping;
	uint64_t last_ms;    /* of the loop's clock */
	double simulated_ms; /* since it was ready */
	int64_t played_ms;   /* of simulated_ms, given to the printer */
	uint64_t received;   /* messages, good or not */
	uint64_t malformed;  /* of them */
	uint64_t published;
	int exit_status;
};

/* One line on stderr with model and serial number; detail may be NULL. */
void simulation_tell(const struct simulation *simulation, const char *text, const char *detail);

/* One line of JSON on standard output: what was received and done. */
void simulation_print_counts(struct simulation *simulation);

/* struct faults_output's publish. */
void simulation_send(void *context, enum flagship_topic_kind kind, const char *json, size_t length);

/* struct virtual_printer_output's publish and note. */
void simulation_publish(void *context, enum flagship_topic_kind kind, const char *json,
			size_t length);
void simulation_note(void *context, const char *line);

/* Lets as much time pass for the printer as passed since the last call. */
void simulation_on_clock(uv_timer_t *timer);

/* struct mqtt_session_handlers' on_message. */
void simulation_on_message(void *context, const char *topic, uint8_t *data, size_t length);

#endif
