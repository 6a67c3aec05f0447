/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_NETWORK_SIMULATION_INTERNAL_H
#define SIMULATOR_NETWORK_SIMULATION_INTERNAL_H

#include "simulator/network/simulated_printer.h"
#include "simulator/network/simulation.h"
#include "transport/tls/trust.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#define RUN_ID_BYTES 6
#define RUN_ID_SIZE  (2 * RUN_ID_BYTES + 1)

/* What simulation.c, simulation_events.c and the printers share: one process, one loop. */
struct simulation {
	const struct simulate_options *options;
	const struct connection *connection;
	const struct simulator_model *model;
	struct playback *playback; /* or NULL; of a single printer */
	struct simulated_printer *printers;
	size_t count;
	size_t started;   /* printers that were told to connect, from the first on */
	size_t opening;   /* of them, the first try is not over */
	size_t ready;     /* have published at least once */
	size_t connected; /* now */
	size_t cursor;    /* whose time passes next */
	size_t told;      /* how many were connected when that was last told */
	uint64_t told_ms; /* of the loop's clock */
	struct trust trust;
	/* In client ids: of this process, so that two that simulate the same printer do not throw
	 * each other out by accident. */
	char run_id[RUN_ID_SIZE];
	char address[TRUST_HOST_MAX]; /* of the broker, once the first printer found it */
	uv_loop_t loop;
	uv_timer_t clock;
	uv_timer_t end;
	uv_signal_t interrupted;
	uv_signal_t terminated;
	uv_signal_t asked; /* for the counts */
	bool stopping;
	int exit_status;
};

/* Ends everything; the loop ends with the last connection. */
void simulation_stop(struct simulation *simulation, int exit_status);

/* What a printer tells of its connection. */
void simulation_on_event(struct simulation *simulation, struct simulated_printer *printer,
			 const struct mqtt_session_event *event);

/* A printer dropped its connection itself. */
void simulation_on_left(struct simulation *simulation);

/* Connects more printers where few are connecting. */
void simulation_connect_more(struct simulation *simulation);

/* Now and then says how many of many printers are connected, where that has changed. */
void simulation_tell_connected(struct simulation *simulation);

/* One line of JSON on standard output: what was received and done. */
void simulation_print_counts(const struct simulation *simulation);

#endif
